#!/usr/bin/env python3
"""Compares scan with those who read archives: what any of them finds in one is
judged.

    DEPICKLE=./depickle readers.py [--count N] [--seed N] [--keep DIR]

Writes archives that readers take apart in different ways (readers/), with a
payload hidden in each. Where Python's zipfile or tarfile, or torch's reader
where there is torch, gets the payload as a member, scan must call the file
dangerous. Exits 1 if it does not once, or if readers found the payload too
seldom, or scan found too few harmless, for the comparison to prove anything.
"""

import argparse
import json
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile

from readers import arrays, compressed, tars, zips


MEMORY = 6 << 30  # bytes; a reader may ask for as many as a header says


def write(kind, count, seed, into):
    """{path: names of the readers that get the payload}"""
    into.mkdir(parents=True, exist_ok=True)
    found = {}
    for i in range(count):
        data = kind.make(random.Random(f"{seed} {i}"))
        path = into / f"{i:06}"
        path.write_bytes(data)
        found[str(path)] = [name for name, read in kind.READERS.items() if any(got in kind.PAYLOADS for got in read(data))]
    return found


def compare(kind, found, directory):
    """Prints what is wrong, and returns whether anything is."""
    done = subprocess.run([os.environ["DEPICKLE"], "scan", "--json", str(directory)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    said = {f["path"]: f["verdict"] for f in json.loads(done.stdout)["files"]}
    wrong = [path for path, who in found.items() if who and said.get(path) != "dangerous"]
    for path in wrong:
        print(f"{path}: {' and '.join(found[path])} finds the payload, scan says {said.get(path)}")
    by = {name: sum(name in who for who in found.values()) for name in kind.READERS}
    clean = sum(said.get(path) == "clean" for path in found)
    finders = ", ".join(f"{name} finds the payload in {n}" for name, n in by.items())
    print(f"{len(found)} archives, {finders}, {clean} are clean, {len(wrong)} wrong")
    return bool(wrong) or max(by.values()) < len(found) / 200 or clean < len(found) / 400


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--count", type=int, default=3000, help="of each kind")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--keep", help="a directory for the archives")
    args = arguments.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with tempfile.TemporaryDirectory() as here:
        bad = False
        for kind in (zips, tars, compressed, arrays):
            into = pathlib.Path(args.keep or here, kind.__name__.split(".")[-1])
            bad = compare(kind, write(kind, args.count, args.seed, into), into) or bad
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
