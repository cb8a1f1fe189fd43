#!/usr/bin/env python3
"""The attacker's catalogue: files that execute under a real loader, by technique.

    attacks.py DIR                              writes the files, and DIR/table.tsv
    attacks.py --prove DIR                      loads each with its loader, in a child process
    DEPICKLE=./depickle attacks.py --scan DIR   scans each, and prints what does not exit 1

A payload makes a file named marker in the current directory, which for --prove
is an empty one, and does nothing else. Needs numpy, torch, joblib, lz4,
py7zr and zstandard. Some files execute on some versions only: the table in
../attacks/table.tsv is of what did on CPython 3.11, torch 2.15, numpy 2.4 and
joblib 1.6. The techniques are in attacks/, by kind.

    attacks.py DIR PREFIX…    only techniques whose name begins so
"""

import importlib
import os
import pathlib
import pkgutil
import sys

import attacks
from attacks import kit, prove

SKIP = {"kit", "loaders", "prove"}


def write(directory, prefixes):
    for module in pkgutil.iter_modules(attacks.__path__):
        if module.name not in SKIP:
            importlib.import_module("attacks." + module.name)
    directory.mkdir(parents=True, exist_ok=True)
    rows = ["file\ttechnique\tloader\tabout\tcatalogue"]
    for technique in sorted(kit.TECHNIQUES.values(), key=lambda t: t.ident):
        if prefixes and not technique.ident.startswith(prefixes):
            continue
        for name, loader, data in technique.files():
            (directory / name).write_bytes(data)
            rows.append("\t".join([name, technique.ident, loader, technique.about, "own" if technique.own else "public"]))
    (directory / "table.tsv").write_text("\n".join(rows) + "\n")
    written = {row.split("\t")[1] for row in rows[1:]}
    own = sum(kit.TECHNIQUES[ident].own for ident in written)
    print(f"{len(rows) - 1} files, {len(written)} techniques, {own} of them in no public catalogue")


def main():
    args = sys.argv[1:]
    mode = args.pop(0) if args and args[0].startswith("--") else ""
    if not args or mode not in ("", "--prove", "--scan"):
        sys.exit(__doc__)
    directory = pathlib.Path(args[0]).resolve()
    if mode == "--prove":
        sys.exit(1 if prove.prove(directory) else 0)
    if mode == "--scan":
        program = os.path.abspath(os.environ["DEPICKLE"])
        sys.exit(1 if prove.missed(directory, program) else 0)
    write(directory, tuple(args[1:]))


if __name__ == "__main__":
    main()
