#!/usr/bin/env python3
"""Verifies SafeTensors files and their conversion records, by the standard library alone.

    verify.py FILE.safetensors|INDEX.safetensors.index.json…

Prints "CONTENT_SHA256  FILE" for each that holds; exits with 1 if one does not. `go doc
depickle/convert/provenance` specifies what is checked. That a file holds says nothing of where
it came from: for that, compare the SHA-256 of the source with the header's depickle.source_sha256.
"""

import hashlib
import json
import mmap
import os
import re
import sys

BITS = {"F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
        **dict.fromkeys("BOOL U8 I8 F8_E5M2 F8_E4M3 F8_E8M0 F8_E4M3FNUZ F8_E5M2FNUZ".split(), 8),
        **dict.fromkeys("I16 U16 F16 BF16".split(), 16), **dict.fromkeys("I32 U32 F32".split(), 32),
        **dict.fromkeys("C64 F64 I64 U64".split(), 64)}


def want(true, message):
    if not true:
        raise ValueError(message)


def unique(pairs):
    want(len(dict(pairs)) == len(pairs), "a name stands twice")
    return dict(pairs)


def parse(data):
    return json.loads(bytes(data).decode(), object_pairs_hook=unique)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def read(path):
    """Bytes, length of the header, metadata and tensors of a file, with every byte of it accounted for."""
    with open(path, "rb") as file:
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    start = 8 + int.from_bytes(data[:8], "little")
    want(10 <= start <= min(len(data), 8 + 100_000_000) and data[8:9] == b"{", "the file does not begin with a header")
    header = bytes(data[8:start]).rstrip(b" ")
    want(header.endswith(b"}"), "something other than spaces follows the header's object")
    tensors = parse(header)
    meta = tensors.pop("__metadata__", {})
    want(all(isinstance(v, str) for v in meta.values()), "the metadata are not text")
    at = 0
    for name, t in ordered(tensors):
        want(t.keys() == {"dtype", "shape", "data_offsets"}, f"{name!r} has other fields")
        bits, (begin, end) = BITS[t["dtype"]], t["data_offsets"]
        want(all(type(n) is int and n >= 0 for n in [begin, end, *t["shape"]]), f"{name!r} has what is no size")
        for n in t["shape"]:
            bits *= n
        want(begin == at and (end - begin) * 8 == bits, f"{name!r} leaves a hole, overlaps or has another size")
        t["sha256"], at = sha256(data[start + begin:start + end]), end
    want(start + at == len(data), "the file does not end where its data do")
    return data, start, meta, tensors


def ordered(tensors):
    return sorted(tensors.items(), key=lambda item: item[1]["data_offsets"])


def aliases(meta, tensors):
    """The names that were dropped, each with the tensor that stands for it."""
    return {k: v for k, v in meta.items() if isinstance(v, str) and v in tensors and k not in tensors
            and k != "format" and not k.startswith("depickle.")}


def content(tensors, dropped):
    """content_sha256: the identity of the weights, whatever files they are in."""
    number = lambda n: n.to_bytes(8, "little")
    named = {**tensors, **{name: tensors[of] for name, of in dropped.items()}}
    h = hashlib.sha256(b"depickle.content.v1\0" + number(len(named)))
    for name in sorted(named, key=str.encode):
        dtype, shape = named[name]["dtype"], named[name]["shape"]
        h.update(number(len(name.encode())) + name.encode() + number(len(dtype)) + dtype.encode())
        h.update(b"".join(map(number, [len(shape), *shape])) + bytes.fromhex(named[name]["sha256"]))
    return h.hexdigest()


def check_header(meta, found):
    """The header of depickle, if it is one: its digests, as far as they can be checked."""
    if any(k.startswith("depickle.") for k in meta):
        want(meta["depickle.content_sha256"] == found, f"the header names another content_sha256, and the tensors have {found}")
        want(re.fullmatch("[0-9a-f]{64}", meta["depickle.source_sha256"]), "source_sha256 is no SHA-256")
        want(meta["depickle.version"] and meta["format"] == "pt", "the header's version or format is none")


def check_record(raw, data, start, meta, tensors):
    """The record of a file: its own digest, and all that it says of the file."""
    r, end = parse(raw), len(raw) - len('"\n}\n')
    want(r["schema"] == "depickle.record/1", "the record is of another schema")
    want(raw[end - 64:] == r["record_sha256"].encode() + b'"\n}\n', "the record does not end with its digest")
    want(sha256(raw[:end - 64] + b"0" * 64 + raw[end:]) == r["record_sha256"], "the record's digest does not match")
    out, dropped, named = r["output"], aliases(meta, tensors), unique([(a["name"], a["of"]) for a in r["aliases"]])
    want((out["size"], out["sha256"]) == (len(data), sha256(data)), "the record is of another file")
    want(out["header_sha256"] == sha256(data[:start]), "the record is of another header")
    listed = [(t["name"], t["dtype"], t["shape"], t["sha256"]) for t in r["tensors"]]
    want(listed == [(name, t["dtype"], t["shape"], t["sha256"]) for name, t in ordered(tensors)], "the record lists other tensors")
    want(dropped == {k: v for k, v in named.items() if k not in tensors}, "the record lists other aliases")
    # An alias that was written differs from its tensor, if the content changes with that in its place.
    want(out["content_sha256"] == content(tensors, dropped) == content(tensors, named), "the record is of another content")
    want(r["source"]["sha256"] == meta["depickle.source_sha256"], "header and record name different sources")
    want(r["version"] == meta["depickle.version"], "header and record name different versions")


def check_set(path):
    """The shards that an index names. Dropped names stand in its metadata or in those of the shards."""
    with open(path, "rb") as file:
        index = parse(file.read())
    where, tensors, metas = index["weight_map"], {}, [index.get("metadata", {})]
    for shard in sorted(set(where.values())):
        want(shard == os.path.basename(shard), f"{shard!r} stands in another folder")
        _, _, meta, part = read(os.path.join(os.path.dirname(path), shard))
        want(part.keys() == {name for name, s in where.items() if s == shard}, f"{shard!r} holds other tensors than the index says")
        tensors.update(part)
        metas.append(meta)
    found = content(tensors, {k: v for meta in metas for k, v in aliases(meta, tensors).items()})
    for meta in metas[1:]:
        check_header(meta, found)
    return found


def check(path):
    if path.endswith(".index.json"):
        return check_set(path)
    data, start, meta, tensors = read(path)
    found = content(tensors, aliases(meta, tensors))
    check_header(meta, found)
    if os.path.exists(path + ".json"):
        with open(path + ".json", "rb") as file:
            check_record(file.read(), data, start, meta, tensors)
    return found


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        print(__doc__.split("\n\n")[1], file=sys.stderr)
        return 2
    code = 0
    for path in sys.argv[1:]:
        try:
            print(f"{check(path)}  {path}")
        except Exception as error:  # whatever stops a check, the file was not found to hold
            print(f"{path}: {type(error).__name__}: {error}", file=sys.stderr)
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
