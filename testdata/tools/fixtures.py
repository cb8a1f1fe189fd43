#!/usr/bin/env python3
"""Write the checkpoints of testdata/checkpoints, each with its truth beside it.

    fixtures.py OUTDIR
    fixtures.py --check OUTDIR

Run it with torch 2.15, and again with torch 1.13 for what that version writes
differently (those names begin with t113_). Contents are fixed: a second run
writes the same bytes. NAME.truth.json has

    {"expect": "converted" | "refused" | "unsupported" | "no-tensors" | "malformed",
     "reason": part of the message, "note": why the fixture is there,
     "tensors": [{"path", "name", "dtype", "shape", "sha256"}],
     "state_dict_keys": [… of a whole module, in its own order]}

refused is exit 1 of convert; unsupported, no-tensors and malformed are exit 2.
The tensors are those of the objects in memory when the file was written. Where
the outcome is not "converted" they are what the file holds all the same, as far
as SafeTensors has a dtype for it.

--check reads every fixture with truth.py and prints where the two differ.
"""

import json
import pathlib
import sys
import warnings


def generate(out):
    import torch

    from fixtures import base, containers, dtypes, layouts, modules, odd, plain, roots

    warnings.simplefilter("ignore")  # deprecated features are what the fixtures are about
    torch.manual_seed(0)
    book = base.Book(out)
    for part in (dtypes, layouts, containers, modules, roots, plain, odd):
        part.build(book)
    other = [name for name, expect in book.written.items() if expect != "converted"]
    print(f"{len(book.written)} fixtures, {len(other)} of them not to be converted")


def differences(truth, found):
    """What truth.py sees otherwise than the truth says."""
    expect = truth["expect"]
    if "error" in found:
        if expect in ("converted", "no-tensors"):
            yield found["error"]
        return
    if found["tensors"] != truth["tensors"] and (truth["tensors"] or expect in ("converted", "no-tensors")):
        mine = {t["name"]: t for t in truth["tensors"]}
        theirs = {t["name"]: t for t in found["tensors"]}
        for name in sorted(mine.keys() | theirs.keys()):
            if mine.get(name) != theirs.get(name):
                yield f"{name!r}: truth {mine.get(name)}, read {theirs.get(name)}"
    if expect == "unsupported" and not found["skipped"]:
        yield "nothing is skipped"
    if expect == "converted" and found["skipped"] and "skipped" not in truth.get("note", ""):
        yield f"skipped {found['skipped']}"
    keys = truth.get("state_dict_keys")
    if keys is not None and sorted(keys) != sorted(t["name"] for t in found["tensors"]):
        yield "names are not those of state_dict()"
    if expect == "malformed" and truth.get("reason") != "crc":  # torch checks no CRC
        yield "read without an error"


def check(out):
    import truth

    warnings.simplefilter("ignore")
    wrong = total = 0
    for sidecar in sorted(pathlib.Path(out).glob("*.truth.json")):
        expected = json.loads(sidecar.read_text())
        data = sidecar.with_name(sidecar.name.removesuffix(".truth.json")).read_bytes()
        try:
            found = truth.examine(data)
        except Exception as error:  # whatever a bad file makes torch or pickle raise is the answer
            found = {"error": f"{type(error).__name__}: {error}"}
        total += 1
        for line in differences(expected, found):
            wrong += 1
            print(f"{sidecar.name.removesuffix('.truth.json')} ({expected['expect']}): {line}")
    print(f"{total} fixtures, {wrong} differences")
    return 1 if wrong else 0


def main():
    args = sys.argv[1:]
    if len(args) == 2 and args[0] == "--check":
        return check(args[1])
    if len(args) == 1 and not args[0].startswith("-"):
        generate(args[0])
        return 0
    print(__doc__.split("\n\n")[1], file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
