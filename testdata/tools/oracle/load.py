"""Containers: torch zip, legacy torch, plain pickle streams.

torch.load is not used: it cannot read its own legacy files of newer dtypes, it
does not swap untyped storages of big-endian archives, and it would import the
classes of the file. Records and storages still come from torch's own reader,
and tensors from torch's own rebuild functions.
"""

import io
import pickle
import re
import struct

import numpy as np
import torch

from . import inert

MAGIC = 0x1950A86A20F9469CFC6C
TEXT_ID = re.compile(r"\('storage', <class '([\w.]+)\.(\w+)'>, '(\d+)', '([\w:]+)', (\d+)(?:, None)?\)")


class Malformed(Exception):
    """The file cannot be read as what it claims to be."""


class Reader(pickle.Unpickler):
    """An unpickler whose globals are inert, and whose storages come from a Source."""

    def __init__(self, file, source):
        super().__init__(file, encoding="latin1")
        self.source = source

    def find_class(self, module, name):
        return self.source.find(module, name)

    def persistent_load(self, pid):
        return self.source.persistent(pid)


class Source:
    """What the streams of one file share: their globals and their storages."""

    def __init__(self):
        self.classes = {}
        self.storages = {}
        self.views = {}
        self.swapped = {}
        self.big_endian = False

    def paddle(self, *args):
        """eval, in the form that Paddle's tensors have, and no other."""
        if len(args) == 2 and args[0] == "data" and type(args[1]) is dict and "data" in args[1]:
            return args[1]["data"]
        return self.classes.setdefault(("builtins", "eval"), inert.inert_class("builtins", "eval"))(*args)

    def find(self, module, name):
        module, name = inert.modern(module, name)
        if (module, name) == ("torch.storage", "_load_from_bytes"):
            return lambda data: load_one(bytes(data))
        if (module, name) == ("torch._utils", "_rebuild_tensor_v3"):
            return self.rebuild_v3
        if (module, name) == ("builtins", "getattr"):
            return self.attribute
        if (module, name) == ("builtins", "eval"):
            return self.paddle
        if (module, name) in inert.FIXED:
            return inert.FIXED[module, name]
        if module == "torch" and name.endswith("Storage"):
            raise Malformed(f"unknown storage class {name}")
        return self.classes.setdefault((module, name), inert.inert_class(module, name))

    def attribute(self, owner, name):
        """Protocols below 4 write a nested class, and a bound method, as getattr(owner, name)."""
        inside = owner if isinstance(owner, type) else type(owner)
        return self.classes.setdefault((inside, name), inert.inert_class(inside.__module__, f"{inside.__name__}.{name}"))

    def rebuild_v3(self, storage, offset, size, stride, grad, hooks, dtype, metadata=None):
        """The real function, after the swap that torch leaves out (formats F.6)."""
        data = storage._untyped_storage
        if self.big_endian and data.nbytes():
            done = self.swapped.get(data.data_ptr())
            if done is None:
                swap(data, dtype)
                self.swapped[data.data_ptr()] = dtype
            elif done is not dtype:
                raise Malformed("one big-endian storage under two dtypes")
        return torch._utils._rebuild_tensor_v3(storage, offset, size, stride, grad, hooks, dtype, metadata)

    def written(self, pid):
        """A persistent id that protocol 0 wrote as text, which torch cannot read."""
        found = TEXT_ID.fullmatch(pid)
        if not found:
            raise Malformed(f"persistent id {pid!r}")
        module, name, key, location, numel = found.groups()
        return "storage", self.find(module, name), key, location, int(numel), *([None] if pid.endswith("None)") else [])

    def persistent(self, pid):
        if isinstance(pid, str):
            pid = self.written(pid)
        if not isinstance(pid, tuple) or not pid:
            raise Malformed(f"persistent id {pid!r}")
        if pid[0] == "module":
            return pid[1]
        if pid[0] != "storage" or not isinstance(pid[1], inert.StorageType):
            raise Malformed(f"persistent id {pid!r}")
        return self.storage(*pid[1:])

    def storage(self, *_):
        raise Malformed("a storage in a plain pickle")


def swap(data, dtype):
    """Turn big-endian elements of an untyped storage around, in place."""
    width = dtype.itemsize // (2 if dtype.is_complex else 1)
    if width > 1:
        view = torch.empty(0, dtype=torch.uint8).set_(data).numpy().view(f"u{width}")
        view.byteswap(inplace=True)


def typed(data, dtype):
    return torch.storage.TypedStorage(wrap_storage=data, dtype=dtype, _internal=True)


class Zip(Source):
    """A torch zip archive, or TorchScript (only data.pkl of it)."""

    def __init__(self, data):
        super().__init__()
        self.file = torch._C.PyTorchFileReader(io.BytesIO(data))
        if self.file.has_record("byteorder"):
            self.big_endian = self.file.get_record("byteorder").strip() == b"big"

    def load(self):
        return Reader(io.BytesIO(self.file.get_record("data.pkl")), self).load()

    def storage(self, kind, key, location, numel):
        if key not in self.storages:
            size = numel * kind.dtype.itemsize
            data = self.file.get_storage_from_record(f"data/{key}", size, torch.UntypedStorage)
            data = data._typed_storage()._untyped_storage if hasattr(data, "_typed_storage") else data
            if self.big_endian and not kind.untyped:
                swap(data, kind.dtype)
            self.storages[key] = (kind.dtype, typed(data, kind.dtype))
        dtype, storage = self.storages[key]
        if dtype is not kind.dtype:
            raise Malformed(f"storage {key} under two dtypes")
        return storage


class Legacy(Source):
    """The format before torch 1.6: five pickles, then the storages."""

    def load(self, file):
        for want in (MAGIC, 1001):
            if Reader(file, self).load() != want:
                raise Malformed("not a legacy torch file")
        Reader(file, self).load()  # sizes and byte order of the writer; the data is little-endian anyway
        value = Reader(file, self).load()
        keys = Reader(file, self).load()
        if set(keys) != set(self.storages):
            raise Malformed("the storages declared are not those stored")
        for key in keys:
            kind, storage = self.storages[key]
            data = storage._untyped_storage
            (numel,) = struct.unpack("<q", exactly(file, 8))
            if numel * kind.itemsize != data.nbytes():
                raise Malformed(f"storage {key} declares {data.nbytes()} bytes and has {numel} elements")
            payload = exactly(file, data.nbytes())
            if payload:
                torch.empty(0, dtype=torch.uint8).set_(data).numpy()[:] = np.frombuffer(payload, np.uint8)
        return value

    def storage(self, kind, key, location, numel, view=None):
        if key not in self.storages:
            data = torch.UntypedStorage(numel * kind.dtype.itemsize)
            self.storages[key] = (kind.dtype, typed(data, kind.dtype))
        dtype, root = self.storages[key]
        if dtype is not kind.dtype:
            raise Malformed(f"storage {key} under two dtypes")
        if view is None:
            return root
        view_key, offset, length = view
        if view_key not in self.views:
            size = dtype.itemsize
            part = root._untyped_storage[offset * size : (offset + length) * size]
            self.views[view_key] = typed(part, dtype)
        return self.views[view_key]


def exactly(file, count):
    data = file.read(count)
    if len(data) != count:
        raise Malformed("the file ends within a storage")
    return data


def load(data):
    """All streams of a file, as a list of values."""
    if data[:4] == b"PK\x03\x04":
        return [Zip(data).load()]
    try:
        first = Reader(io.BytesIO(data), Source()).load()
    except Malformed:
        first = None
    if isinstance(first, int) and first == MAGIC:
        file = io.BytesIO(data)
        value = Legacy().load(file)
        if file.read(1):
            raise Malformed("bytes after the last storage")
        return [value]
    file, values = io.BytesIO(data), []
    while file.tell() < len(data):
        values.append(Reader(file, Source()).load())
    return values


def load_one(data):
    values = load(data)
    if len(values) != 1:
        raise Malformed("a nested file of several streams")
    return values[0]
