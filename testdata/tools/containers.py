#!/usr/bin/env python3
"""Writes small files in every container that hides a pickle, by the libraries that make them.

    containers.py DIR       writes them, and DIR/expected.tsv

Needs numpy, joblib, lz4, zstandard and torch. Each kind is written twice: with
data alone, and with a pickle that would make a file if it were loaded. The
table names the least that a scan must say of each.
"""

import bz2
import gzip
import io
import lzma
import os
import pathlib
import pickle
import sys
import tarfile
import tempfile
import warnings
import zipfile
import zlib

import joblib
import lz4.frame
import numpy as np
import torch
import torch.distributed.checkpoint
import zstandard

from attacks import sevenzips
from attacks.kit import zipped


class Evil:
    """What runs when it is loaded."""

    def __reduce__(self):
        return os.system, ("touch depickle-was-here",)


GOOD = {"weights": np.arange(12, dtype=np.float32).reshape(3, 4), "names": ["a", "b"], "n": 3}


def good_or_bad(bad):
    return dict(GOOD, extra=Evil()) if bad else dict(GOOD)


def pickled(bad, protocol=4):
    return pickle.dumps(good_or_bad(bad), protocol=protocol)


def torch_zip(bad):
    value = {"w": torch.arange(6.0), "extra": Evil() if bad else 1}
    out = io.BytesIO()
    torch.save(value, out)
    return out.getvalue()


def npy(bad):
    out = io.BytesIO()
    array = np.empty(2, dtype=object)
    array[:] = [Evil() if bad else "text", {"a": 1}]
    np.save(out, array, allow_pickle=True)
    return out.getvalue()


def npz(bad, save):
    out = io.BytesIO()
    array = np.empty(2, dtype=object)
    array[:] = [Evil() if bad else "text", 5]
    save(out, plain=np.arange(5), objects=array)
    return out.getvalue()


def joblib_file(bad, compress=0, objects=False):
    out = io.BytesIO()
    value = {"a": np.arange(7, dtype=np.int16), "text": np.array(["ab", "c"]), "when": np.array(["2020-01-01"], dtype="M8[D]")}
    if objects:
        array = np.empty(2, dtype=object)
        array[:] = [Evil() if bad else "text", 7]
        value["objects"] = array
    elif bad:
        value["extra"] = Evil()  # behind the arrays
    value["z"] = np.ones((2, 3), dtype=np.float64, order="F")
    joblib.dump(value, out, compress=compress)
    return out.getvalue()


def old_zfile(bad):
    """What joblib before 0.10 wrote (numpy_pickle_compat.write_zfile)."""
    data = pickled(bad, 2)
    return b"ZF" + hex(len(data)).encode().ljust(19) + zlib.compress(data)


def split_lzma(bad):
    """Two streams, as Python's lzma reads them."""
    data = pickled(bad)
    return lzma.compress(data[:40], lzma.FORMAT_ALONE) + lzma.compress(data[40:], lzma.FORMAT_ALONE)


def tar(members, mode="w"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as t:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def sharded(bad):
    """The files of torch.distributed.checkpoint: {name: bytes}."""
    value = {"w": torch.arange(6.0), "b": torch.ones(3), "extra": Evil() if bad else {"n": 1}}
    with tempfile.TemporaryDirectory() as here, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one process is enough
        torch.distributed.checkpoint.save(value, checkpoint_id=here)
        return {p.name: p.read_bytes() for p in pathlib.Path(here).iterdir()}


def sharded_metadata(bad):
    data = pickle.loads(sharded(False)[".metadata"])
    data.storage_meta.checkpoint_id = data.storage_meta.save_id = None  # differ each time
    if bad:
        data.planner_data = Evil()
    return pickle.dumps(data)


def sevenzip(bad, method, header=sevenzips.LZMA, **how):
    return sevenzips.sevenzipped([CONFIG, ("empty", b""), ("weights/é.pkl", pickled(bad))], method, header=header, **how)


CONFIG = ("config.json", b'{"name": "model"}')

KINDS = {
    "plain.pkl": pickled,
    "gzip.pkl.gz": lambda bad: gzip.compress(pickled(bad), mtime=0),
    "bzip2.pkl.bz2": lambda bad: bz2.compress(pickled(bad)),
    "xz.pkl.xz": lambda bad: lzma.compress(pickled(bad)),
    "lzma.pkl.lzma": lambda bad: lzma.compress(pickled(bad), lzma.FORMAT_ALONE),
    "lzma_split.pkl.lzma": split_lzma,
    "zlib.pkl.z": lambda bad: zlib.compress(pickled(bad)),
    "zstd.pkl.zst": lambda bad: zstandard.ZstdCompressor().compress(pickled(bad)),
    "lz4.pkl.lz4": lambda bad: lz4.frame.compress(pickled(bad)),
    "zfile.pkl": old_zfile,
    "objects.npy": npy,
    "arrays.npz": lambda bad: npz(bad, np.savez),
    "arrays_compressed.npz": lambda bad: npz(bad, np.savez_compressed),
    "bzip2_members.npz": lambda bad: zipped([("objects.npy", npy(bad))], zipfile.ZIP_BZIP2),
    "lzma_members.npz": lambda bad: zipped([("objects.npy", npy(bad))], zipfile.ZIP_LZMA),
    "behind_empty.npz": lambda bad: zipped([]) + zipped([("objects.npy", npy(bad))]),
    "plain.joblib": joblib_file,
    "objects.joblib": lambda bad: joblib_file(bad, objects=True),
    "zlib.joblib": lambda bad: joblib_file(bad, ("zlib", 3)),
    "gzip.joblib": lambda bad: joblib_file(bad, ("gzip", 3)),
    "bz2.joblib": lambda bad: joblib_file(bad, ("bz2", 3)),
    "xz.joblib": lambda bad: joblib_file(bad, ("xz", 3)),
    "lzma.joblib": lambda bad: joblib_file(bad, ("lzma", 3)),
    "lz4.joblib": lambda bad: joblib_file(bad, ("lz4", 3)),
    "members.tar": lambda bad: tar([CONFIG, ("weights/model.pt", torch_zip(bad))]),
    "members.tar.gz": lambda bad: gzip.compress(tar([CONFIG, ("weights/model.pkl", pickled(bad))]), mtime=0),
    "model.nemo": lambda bad: tar([CONFIG, ("model_weights.ckpt", torch_zip(bad))]),
    "model.mar": lambda bad: zipped([("MAR-INF/MANIFEST.json", b"{}"), ("model.pt", torch_zip(bad))], zipfile.ZIP_DEFLATED),
    "policy.zip": lambda bad: zipped([("data", b"{}"), ("policy.pth", torch_zip(bad)), ("_stable_baselines3_version", b"2.0")]),
    "sharded.distcp": lambda bad: sharded(bad)["__0_0.distcp"],
    "sharded.metadata": sharded_metadata,
    "nested.zip": lambda bad: zipped([("a.zip", zipped([("b.tar", tar([("c.pkl", pickled(bad, 0))]))]))]),
    "copy.7z": lambda bad: sevenzip(bad, sevenzips.COPY, header=None),
    "lzma.7z": lambda bad: sevenzip(bad, sevenzips.LZMA),
    "lzma2.7z": lambda bad: sevenzip(bad, sevenzips.LZMA_2),
    "lzma2_each.7z": lambda bad: sevenzip(bad, sevenzips.LZMA_2, solid=False),
    "deflate.7z": lambda bad: sevenzip(bad, sevenzips.DEFLATE),
    "bzip2.7z": lambda bad: sevenzip(bad, sevenzips.BZIP2),
    "inside.7z": lambda bad: sevenzips.sevenzipped([("a.tar", tar([("b.7z", sevenzip(bad, sevenzips.LZMA_2)), ("c.zip", zipped([CONFIG]))]))]),
    "odd_name.zip": lambda bad: zipped([("README.txt", pickled(bad, 0))]),
}


def main():
    directory = sys.argv[1]
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, "expected.tsv"), "w") as table:
        print("file\texit", file=table)
        for name, make in KINDS.items():
            for bad in (False, True):
                path = ("bad_" if bad else "good_") + name
                with open(os.path.join(directory, path), "wb") as f:
                    f.write(make(bad))
                print(f"{path}\t{int(bad)}", file=table)


if __name__ == "__main__":
    main()
