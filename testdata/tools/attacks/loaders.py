"""Loads one file as its victim would. prove.py runs it in a child process.

    loaders.py LOADER FILE

What the loader raises does not matter: what runs has run by then.
"""

import io
import pathlib
import pickle
import re
import shutil
import sys
import tarfile
import tempfile
import zipfile


def load(path, **options):
    with open(path, "rb") as f:
        return pickle.load(f, **options)


def from_bytes(path):
    with open(path, "rb") as f:
        return pickle.loads(f.read())


def pure(path):
    """pickle.py's own unpickler, which joblib and dill build on."""
    with open(path, "rb") as f:
        return pickle._Unpickler(f).load()


def loop(path):
    """Several pickles in one file, as logs and caches are read."""
    with open(path, "rb") as f:
        stream(f)


def stream(f):
    while True:
        pickle.load(f)


def reused(path):
    """The same with one unpickler, which keeps its memo."""
    with open(path, "rb") as f:
        unpickler = pickle.Unpickler(f)
        while True:
            unpickler.load()


def torch(path):
    import torch

    return torch.load(path, weights_only=False)


def torch_again(path):
    """What the file holds is loaded from a copy in memory, as in torch.load(BytesIO(…))."""
    import torch

    with open(path, "rb") as f:
        return torch.load(io.BytesIO(f.read()), weights_only=False)


def torch_package(path):
    from torch.package import PackageImporter

    return PackageImporter(path).load_pickle("model", "model.pkl")


def numpy(path):
    import numpy

    value = numpy.load(path, allow_pickle=True)
    for name in getattr(value, "files", ()):
        value[name]


def joblib(path):
    import joblib

    return joblib.load(path)


def joblib_loop(path):
    """Several dumps in one file: joblib takes an open file too."""
    import joblib

    with open(path, "rb") as f:
        while True:
            joblib.load(f)


def zip_members(path):
    """A reader that unpickles what is in an archive, one pickle after the other."""
    with zipfile.ZipFile(path) as z:
        for info in z.infolist():
            try:
                stream(io.BytesIO(z.read(info)))
            except Exception:
                pass


def distcp(path):
    """Each archive of a shard, as torch/distributed/checkpoint/filesystem.py
    slices it by the .metadata: they stand one behind the other."""
    import torch

    with open(path, "rb") as f:
        *archives, _ = re.split(rb"(?<=PK\x05\x06.{18})", f.read(), flags=re.DOTALL)
    for data in archives:
        torch.load(io.BytesIO(data), weights_only=False)


def dcp_metadata(path):
    from torch.distributed.checkpoint import FileSystemReader

    shutil.copy(path, ".metadata")
    FileSystemReader(".").read_metadata()


def tar_members(path):
    with tarfile.open(path) as t:
        for info in t:
            try:
                stream(io.BytesIO(t.extractfile(info).read()))
            except Exception:
                pass


def sevenzip_members(path):
    """The same for 7z, with the reader that Python has for it."""
    import py7zr

    with tempfile.TemporaryDirectory() as folder:
        with py7zr.SevenZipFile(path) as z:
            z.extractall(folder)
        for name in sorted(pathlib.Path(folder).rglob("*")):
            try:
                with open(name, "rb") as f:
                    stream(f)
            except Exception:
                pass


def zstd(path):
    import zstandard

    with open(path, "rb") as f:
        return pickle.loads(zstandard.ZstdDecompressor().stream_reader(f).read())


def unpacked(module):
    """A pickle that is read from a compressed file, a little at a time."""
    import importlib

    def read(path):
        with importlib.import_module(module).open(path) as f:
            return pickle._Unpickler(f).load()

    return read


def zlib_pickle(path):
    import zlib

    with open(path, "rb") as f:
        return pickle.loads(zlib.decompress(f.read()))


LOADERS = {
    "pickle": load,
    "pickle-bytes": from_bytes,
    "pickle-latin1": lambda path: load(path, encoding="latin1"),
    "pickle-encoding-bytes": lambda path: load(path, encoding="bytes"),
    "pickle-py": pure,
    "pickle-loop": loop,
    "pickle-reused": reused,
    "pickle-zstd": zstd,
    "pickle-gzip": unpacked("gzip"),
    "pickle-lzma": unpacked("lzma"),
    "pickle-lz4": unpacked("lz4.frame"),
    "pickle-zlib": zlib_pickle,
    "torch": torch,
    "torch-buffer": torch_again,
    "torch-package": torch_package,
    "numpy": numpy,
    "joblib": joblib,
    "joblib-loop": joblib_loop,
    "zip-members": zip_members,
    "tar-members": tar_members,
    "7z-members": sevenzip_members,
    "distcp": distcp,
    "dcp-metadata": dcp_metadata,
}

if __name__ == "__main__":
    sys.path.pop(0)  # the modules beside this one are the catalogue's
    LOADERS[sys.argv[1]](sys.argv[2])
