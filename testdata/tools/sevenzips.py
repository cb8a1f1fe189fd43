#!/usr/bin/env python3
"""Writes small 7z archives with the programs that people use.

    sevenzips.py DIR       writes them

Needs 7zz (7-Zip 26.02 wrote what is checked in) and py7zr (1.1.4). Each has
the same members: a pickle that would make a file if it were loaded, one of data
alone, an empty file and a directory. What a scan must say of each is in
../sevenzip/expected.tsv, which is written by hand.
"""

import os
import pathlib
import pickle
import random
import subprocess
import sys
import tempfile

import py7zr


class Evil:
    """What runs when it is loaded."""

    def __reduce__(self):
        return os.system, ("touch depickle-was-here",)


METHODS = {
    "copy": ["-m0=Copy", "-mhc=off"],
    "lzma": ["-m0=LZMA"],
    "lzma_literals": ["-m0=LZMA:lc=8:lp=4"],
    "lzma2": ["-m0=LZMA2"],
    "lzma2_each": ["-m0=LZMA2", "-ms=off"],
    "delta_lzma2": ["-m0=Delta:4", "-m1=LZMA2"],
    "deflate": ["-m0=Deflate"],
    "bzip2": ["-m0=BZip2"],
    "deflate64": ["-m0=Deflate64"],
    "ppmd": ["-m0=PPMd"],
    "bcj": ["-m0=BCJ", "-m1=LZMA2"],
    "bcj2": ["-m0=BCJ2", "-m1=LZMA", "-m2=LZMA", "-m3=LZMA"],
    "aes": ["-m0=LZMA2", "-psecret"],
    "aes_header": ["-m0=LZMA2", "-psecret", "-mhe=on"],
}

# Of those that no scan reads there is no harmless one.
UNREAD = {"lzma_literals", "deflate64", "ppmd", "bcj2", "aes", "aes_header", "py7zr_brotli"}

FILTERS = {
    "py7zr": None,
    "py7zr_zstd": [{"id": py7zr.FILTER_ZSTD, "level": 3}],
    "py7zr_brotli": [{"id": py7zr.FILTER_BROTLI, "level": 3}],
}


def members(folder, harm):
    """The files that are packed."""
    (folder / "weights").mkdir()
    (folder / "nothing").mkdir()
    (folder / "weights" / "модель.pkl").write_bytes(pickle.dumps({"e": Evil() if harm else 1}))
    (folder / "plain.pkl").write_bytes(pickle.dumps(list(range(40))))
    (folder / "empty.txt").write_bytes(b"")
    for path in [*folder.rglob("*"), folder]:
        os.utime(path, (0, 0))


def calls():
    """Bytes that look like calls on x86, inside of each other too."""
    choose = random.Random(7)
    return b"".join(choose.choice([b"\xe8", b"\xe9", b"\x00", b"\xff", b"\x01", b"\xe8\x00", b"\x12"]) for _ in range(3000))


def main():
    into = pathlib.Path(sys.argv[1]).resolve()
    into.mkdir(exist_ok=True)
    for kind, harm in ("bad", True), ("good", False):
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            members(folder, harm)
            for name, options in METHODS.items():
                if name in UNREAD and not harm:
                    continue
                (folder / "code.bin").unlink(missing_ok=True)
                if name == "bcj":
                    (folder / "code.bin").write_bytes(calls())
                out = into / f"{kind}_{name}.7z"
                out.unlink(missing_ok=True)
                subprocess.run(["7zz", "a", "-bso0", "-bsp0", *options, str(out), "."], cwd=folder, check=True)
            for name, filters in FILTERS.items():
                if name in UNREAD and not harm:
                    continue
                with py7zr.SevenZipFile(into / f"{kind}_{name}.7z", "w", filters=filters) as z:
                    for path in sorted(folder.iterdir()):
                        z.writeall(path, path.name)


if __name__ == "__main__":
    main()
