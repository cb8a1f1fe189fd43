#!/usr/bin/env python3
"""Which globals does CPython ask for in each file of a corpus?

    globals.py CORPUS > globals.tsv

CORPUS has the folders malicious and benign. Each file is opened as its likely
loaders would: pickles one after the other, torch's legacy files, the members
of a zip archive, the object arrays of numpy; xz around a file is taken off. 7z
and encrypted members are left out. The C unpickler and pickle.py both run it,
and ask for nothing that exists: each global becomes a stand-in that takes any
call, state and item. That happens in a child process, in an empty directory,
with bounds on time and memory, since the files are hostile.

The table, of names alone, is sorted and has four columns:

    file    its path in CORPUS
    loader  what opened it; then, where they differ, which unpickler: py is
            pickle.py, C the one in C on a file, C stream on what has no peek
    globals module.name as Python 3 imports them, with spaces between; a
            space, a backslash and what is not printable ASCII are escaped
    error   what ended the run before the file's end: the number of the pickle
            and the exception

The standard library is all it needs. scan/corpus_globals_test.go reads the
table. It was written with Python 3.11; what C makes of a frame that cuts an
opcode in two changes between versions.
"""

import _compat_pickle
import ast
import io
import json
import lzma
import os
import pathlib
import pickle
import resource
import struct
import subprocess
import sys
import tempfile
import warnings
import zipfile

SECONDS = 20
MEMORY = 1 << 30
FOLDERS = ("benign", "malicious")
TORCH_MAGIC = 0x1950A86A20F9469CFC6C
TORCH_PICKLES = 5  # magic number, protocol, system, object, keys; then storages


class Anything:
    """A method that takes any arguments, of a class and of its instances."""

    def __get__(self, obj, cls):
        return lambda *args, **kwargs: None


class Meta(type):
    def __setitem__(cls, key, value):
        pass


class Inert(tuple, metaclass=Meta):
    """A global, and whatever it returns. As a tuple it also passes for the
    arguments of the next call, so that a run gets further."""

    append = extend = add = __setstate__ = Anything()
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __new__(cls, *args, **kwargs):
        return tuple.__new__(cls)

    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        return Inert()

    def __setitem__(self, key, value):
        pass


def renamed(proto, module, name):
    """What find_class does to the names of Python 2."""
    if proto >= 3:
        return module, name
    if (module, name) in _compat_pickle.NAME_MAPPING:
        return _compat_pickle.NAME_MAPPING[module, name]
    return _compat_pickle.IMPORT_MAPPING.get(module, module), name


def recorder(base, found):
    """An unpickler that notes (protocol, module, name) and imports nothing."""

    class Unpickler(base):
        def find_class(self, module, name):
            found.append((getattr(self, "proto", None), module, name))
            return type("Found", (Inert,), {})

        def persistent_load(self, pid):
            # Legacy torch: a class with its source stands for the class.
            if isinstance(pid, tuple) and len(pid) == 4 and pid[0] == "module":
                return pid[1]
            return Inert()

    return Unpickler


def run(base, wrap, data, most):
    """All pickles of data: what was found, the error, whether it is torch's."""
    found, error, torch = [], "", False
    unpickler, file, n = recorder(base, found), wrap(io.BytesIO(data)), 0
    while n < (TORCH_PICKLES if torch else most) and (n == 0 or file.tell() < len(data)):
        n += 1
        try:
            # Any byte is text in latin1, so no text ends a run.
            value = unpickler(file, encoding="latin1").load()
        except Exception as e:
            return found, "%d %s" % (n, type(e).__name__), torch
        torch = torch or n == 1 and type(value) is int and value == TORCH_MAGIC
    return found, error, torch


READERS = (
    ("py", pickle._Unpickler, lambda f: f),
    # C reads ahead where the file can peek, as one from open() does.
    ("C", pickle.Unpickler, io.BufferedReader),
    ("C stream", pickle.Unpickler, lambda f: f),
)


def read(loader, data, most=sys.maxsize):
    """The rows of a loader: one where all readers agree, else one each."""
    rows, proto = [], [0]
    for reader, base, wrap in READERS:
        found, error, torch = run(base, wrap, data, most)
        if base is pickle._Unpickler:
            proto = [p for p, _, _ in found] or proto
        # C does not say which protocol it is at: it is where pickle.py was.
        at = proto + proto[-1:] * len(found)
        names = sorted({renamed(p, m, n) for p, (_, m, n) in zip(at, found)})
        rows.append((("torch legacy" if torch else loader) + " " + reader, names, error))
    if len({(str(names), error == "") for _, names, error in rows}) == 1:
        loader, names, error = rows[1]
        return [(loader.removesuffix(" C"), names, error)]
    return rows


def npy(loader, data):
    """The pickle behind the header of an array of objects."""
    size, head = (2, "<H") if data[6] == 1 else (4, "<I")
    start = 8 + size
    end = start + struct.unpack(head, data[8:start])[0]
    if "O" not in str(ast.literal_eval(data[start:end].decode("latin1"))["descr"]):
        return []
    return read(loader, data[end:], 1)


def member(file, info):
    """A member's bytes. Names, checksum and flags that disagree are no reason
    to stop: torch's reader and others look at less than zipfile does."""
    with zipfile.ZipFile(file) as archive:
        try:
            return archive.read(info)
        except (zipfile.BadZipFile, NotImplementedError):
            pass
    file.seek(info.header_offset)
    names = struct.unpack("<HH", file.read(30)[26:])
    file.seek(info.header_offset + 30 + sum(names))
    data = file.read(info.compress_size)
    return data if info.compress_type == zipfile.ZIP_STORED else zipfile._get_decompressor(info.compress_type).decompress(data)


def archive(data):
    rows = []
    for info in zipfile.ZipFile(io.BytesIO(data)).infolist():
        if info.is_dir() or info.flag_bits & 0x41:  # encrypted
            continue
        content = member(io.BytesIO(data), info)
        rows += opened(content, "zip " + info.filename)
    return rows


def opened(data, loader="pickle"):
    if data.startswith(b"\x93NUMPY"):
        return npy("npy" if loader == "pickle" else loader, data)
    if zipfile.is_zipfile(io.BytesIO(data)) and data.startswith(b"PK"):
        return archive(data)
    if data.startswith(b"7z\xbc\xaf\x27\x1c"):
        return []
    return read(loader, data)


def child(name):
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    data = pathlib.Path(name).read_bytes()
    if name.endswith(".xz"):
        data = lzma.decompress(data)
    json.dump(opened(data), sys.stdout)


def rows(path):
    with tempfile.TemporaryDirectory() as empty:
        try:
            done = subprocess.run([sys.executable, "-I", os.path.abspath(__file__), "--child", path],
                                  cwd=empty, stdout=subprocess.PIPE, timeout=10 * SECONDS)
        except subprocess.TimeoutExpired:
            return [("any", [], "timeout")]
        if done.returncode:
            return [("any", [], "exit %d" % done.returncode)]
        return json.loads(done.stdout)


def escape(text, keep=""):
    """Each character but printable ASCII and keep as \\xNN, \\uNNNN or \\UNNNNNNNN."""
    out = ""
    for c in text:
        n = ord(c)
        form = "\\x%02x" if n < 256 else "\\u%04x" if n < 65536 else "\\U%08x"
        out += c if "!" <= c <= "~" and c != "\\" or c in keep else form % n
    return out


def main(root):
    root = pathlib.Path(root).resolve()
    print("file", "loader", "globals", "error", sep="\t")
    for path in sorted(p for f in FOLDERS for p in (root / f).rglob("*") if p.is_file()):
        for loader, names, error in rows(str(path)):
            names = " ".join(sorted(escape(m + "." + n) for m, n in names))
            print(path.relative_to(root).as_posix(), escape(loader, keep=" "), names, error, sep="\t")


if sys.argv[1:2] == ["--child"]:
    child(sys.argv[2])
elif len(sys.argv) == 2:
    main(sys.argv[1])
else:
    sys.exit(__doc__)
