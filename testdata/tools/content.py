#!/usr/bin/env python3
"""content_sha256 of SafeTensors files, by the standard library alone.

    content.py FILE.safetensors [FILE.safetensors…]

Prints "DIGEST  FILE" for each, as sha256sum does. The digest is that of the
weights, whatever the file's layout and metadata: SHA-256 over

    "depickle.content.v1" and a zero byte, the number of tensors, and then for
    every tensor, sorted by the bytes of its name: the length of the name, the
    name, the length of the dtype, the dtype, the rank, each dimension, and the
    SHA-256 of the tensor's bytes

where every number is 8 bytes, little-endian. A name that the metadata gives to
another tensor ("dropped": "kept") is a tensor too, with the same bytes.
"""

import hashlib
import json
import sys


def number(n):
    return n.to_bytes(8, "little")


def text(s):
    return number(len(s.encode())) + s.encode()


def digest(file, begin, end):
    file.seek(begin)
    left, hashed = end - begin, hashlib.sha256()
    while left:
        part = file.read(min(left, 1 << 20))
        if not part:
            raise ValueError("the file is shorter than its header says")
        hashed.update(part)
        left -= len(part)
    return hashed.digest()


def content(path):
    with open(path, "rb") as file:
        start = 8 + int.from_bytes(file.read(8), "little")
        tensors = json.loads(file.read(start - 8))
        names = tensors.pop("__metadata__", {})
        parts = {}
        for name, t in tensors.items():
            begin, end = t["data_offsets"]
            shape = number(len(t["shape"])) + b"".join(map(number, t["shape"]))
            parts[name] = text(t["dtype"]) + shape + digest(file, start + begin, start + end)
    for dropped, kept in names.items():
        if dropped != "format" and not dropped.startswith("depickle.") and dropped not in tensors and kept in tensors:
            parts[dropped] = parts[kept]
    hashed = hashlib.sha256(b"depickle.content.v1\0" + number(len(parts)))
    for name in sorted(parts, key=str.encode):
        hashed.update(text(name) + parts[name])
    return hashed.hexdigest()


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        print(__doc__.split("\n\n")[1], file=sys.stderr)
        return 2
    for path in sys.argv[1:]:
        print(f"{content(path)}  {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
