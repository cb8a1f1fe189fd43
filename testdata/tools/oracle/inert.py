"""Values that an unpickler may build without running anyone's code.

Every global of a pickle is looked up here. The exact allow-list gives real
torch and numpy constructors of tensors and arrays and the plain containers of
Python; any other global becomes a fresh class that only keeps what it is given.
Nothing is imported by name, so a file cannot reach code that is not listed.

What this does not defend against: torch and numpy themselves. The oracle reads
files that the tests made or that were looked at before; it is no gate.
"""

import _compat_pickle
import builtins
import collections
import warnings

import numpy as np
import torch


class Unbuilt:
    """A tensor that has no dense data of its own, with the reason."""

    def __init__(self, reason):
        self.reason = reason


class Inert:
    """An instance of a class that was not imported.

    It takes any arguments, state and items, and compares by identity.
    """

    module = name = ""

    def __new__(cls, *args, **kwargs):
        self = object.__new__(cls)
        object.__setattr__(self, "kept_args", args)
        object.__setattr__(self, "kept_kwargs", kwargs)
        object.__setattr__(self, "kept_elems", [])
        object.__setattr__(self, "kept_items", {})
        object.__setattr__(self, "kept_attrs", {})
        object.__setattr__(self, "kept_states", [])
        return self

    def __init__(self, *args, **kwargs):
        pass

    def __setstate__(self, state):
        if isinstance(state, tuple) and len(state) == 2 and all(
            part is None or isinstance(part, dict) for part in state
        ):
            parts = [part for part in state if part]
        elif isinstance(state, dict):
            parts = [state]
        else:
            self.kept_states.append(state)
            return
        for part in parts:
            self.kept_attrs.update(part)

    def __setitem__(self, key, value):
        self.kept_items[key] = value

    def append(self, value):
        self.kept_elems.append(value)

    def extend(self, values):
        self.kept_elems.extend(values)

    def add(self, value):
        self.kept_elems.append(value)

    def __call__(self, *args, **kwargs):
        return Inert(self, *args, **kwargs)

    def is_module(self):
        return all(
            isinstance(self.kept_attrs.get(part), dict)
            for part in ("_modules", "_parameters", "_buffers")
        )


def inert_class(module, name):
    return type("Inert", (Inert,), {"module": module, "name": name})


class StorageType:
    """What stands for torch.FloatStorage and its kin in persistent ids."""

    def __init__(self, dtype, untyped):
        self.dtype = dtype
        self.untyped = untyped


def storage_types():
    types = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # reading a typed storage's dtype warns of its age
        found = {name: getattr(getattr(torch, name), "dtype", None)
                 for name in dir(torch)
                 if name.endswith("Storage") and name != "Storage"}
    for name, dtype in found.items():
        if isinstance(dtype, torch.dtype):
            types["torch", name] = types["torch.cuda", name] = StorageType(dtype, False)
    for module in ("torch", "torch.storage"):
        for name in ("UntypedStorage", "_UntypedStorage"):
            types[module, name] = StorageType(torch.uint8, True)
    return types


def reconstruct_array(_kind, shape, code):
    """numpy's _reconstruct, with every subclass taken for a plain ndarray."""
    return np.ndarray.__new__(np.ndarray, shape, code)


def encode_latin1(text, encoding="utf-8"):
    if encoding not in ("latin1", "latin-1"):
        raise ValueError(f"_codecs.encode to {encoding!r}")
    return text.encode("latin1")


def make_bytes(values=()):
    """bytes() and bytes([1, 2]): how protocols 0 to 2 spell an empty bytes object."""
    if not isinstance(values, (tuple, list, bytes)):
        raise ValueError(f"bytes of {type(values).__name__}")
    return bytes(values)


def reconstructor(cls, base, state):
    """copyreg._reconstructor: how protocols 0 and 1 spell an instance."""
    made = cls.__new__(cls) if isinstance(cls, type) else Inert(cls)
    if isinstance(made, Inert) and isinstance(state, dict):
        made.kept_items.update(state)
    elif isinstance(made, Inert) and isinstance(state, (list, tuple)):
        made.kept_elems.extend(state)
    return made


def from_type(func, kind, args, state=None):
    """torch's _rebuild_from_type and _v2 without the type: F.8 of the formats."""
    made = func(*args)
    if isinstance(made, torch.Tensor):
        return made
    what = f"{kind.module}.{kind.name}" if isinstance(kind, type) and issubclass(kind, Inert) else str(kind)
    return Unbuilt(f"tensor subclass without dense data: {what}")


def old_tensor(*state):
    storage, offset, size, stride = state[:4]
    return torch._utils._rebuild_tensor(storage, offset, size, stride)


class OldTensor(Inert):
    """torch.Tensor, FloatTensor or Parameter built by NEWOBJ and BUILD (before 0.4)."""

    def tensor(self):
        for state in self.kept_states:
            if isinstance(state, tuple) and len(state) >= 4:
                return old_tensor(*state)
            if isinstance(state, tuple) and state and isinstance(state[0], torch.Tensor):
                return state[0]
        for arg in self.kept_args:
            if isinstance(arg, torch.Tensor):
                return arg
        return Unbuilt("tensor without data")


def fixed_globals():
    """The allow-list: (module, name) after Python 3's renaming -> object."""
    utils = torch._utils
    table = dict(storage_types())
    for name in dir(torch):
        value = getattr(torch, name)
        if isinstance(value, (torch.dtype, torch.qscheme, torch.layout, torch.memory_format)):
            table["torch", name] = value
    for name in (
        "_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_qtensor", "_rebuild_sparse_tensor",
        "_rebuild_nested_tensor", "_rebuild_meta_tensor_no_storage",
        "_rebuild_device_tensor_from_numpy", "_rebuild_device_tensor_from_cpu_tensor",
    ):
        table["torch._utils", name] = getattr(utils, name)
    table["torch._utils", "_rebuild_xla_tensor"] = utils._rebuild_device_tensor_from_numpy
    table["torch._utils", "_rebuild_parameter"] = lambda data, *rest: data
    table["torch._utils", "_rebuild_parameter_with_state"] = lambda data, *rest: data
    table["torch._utils", "_rebuild_sparse_csr_tensor"] = lambda *args: Unbuilt("sparse layout of torch 1.x")
    table["torch._utils", "_rebuild_wrapper_subclass"] = lambda *args: None
    for module in ("torch._tensor", "torch.tensor"):
        table[module, "_rebuild_from_type"] = from_type
        table[module, "_rebuild_from_type_v2"] = from_type
    for name in ("UninitializedParameter", "UninitializedBuffer"):
        table["torch.nn.parameter", name] = lambda *args, **kw: Unbuilt("uninitialized parameter")
    old = type("OldTensor", (OldTensor,), {"module": "torch", "name": "Tensor"})
    for name in dir(torch):
        if name.endswith("Tensor") and isinstance(getattr(torch, name), type):
            table["torch", name] = old
    table["torch._tensor", "Tensor"] = table["torch.tensor", "Tensor"] = old
    table["torch.nn.parameter", "Parameter"] = old
    table["torch.autograd.variable", "Variable"] = table["torch.autograd", "Variable"] = old
    table["torch", "Size"] = torch.Size
    table["torch", "device"] = torch.device
    table["torch.serialization", "_get_layout"] = torch.serialization._get_layout
    for name in ("build_intlist", "build_tensorlist", "build_doublelist", "build_boollist"):
        table["torch.jit._pickle", name] = lambda data: data
    table["torch.jit._pickle", "restore_type_tag"] = lambda value, tag: value
    for package in ("numpy.core", "numpy._core"):
        table[package + ".multiarray", "_reconstruct"] = reconstruct_array
        table[package + ".multiarray", "scalar"] = np._core.multiarray.scalar
        table[package + ".numeric", "_frombuffer"] = np._core.numeric._frombuffer
    table["numpy", "dtype"] = np.dtype
    table["numpy", "ndarray"] = np.ndarray
    table["_codecs", "encode"] = encode_latin1
    table["copyreg", "_reconstructor"] = reconstructor
    table["collections", "OrderedDict"] = collections.OrderedDict
    table["collections", "defaultdict"] = lambda *args: collections.OrderedDict(*args[1:])
    table["collections", "Counter"] = collections.Counter
    for name in ("dict", "list", "tuple", "set", "frozenset", "bytearray", "complex", "object"):
        table["builtins", name] = getattr(builtins, name)
    table["builtins", "bytes"] = make_bytes
    return table


FIXED = fixed_globals()


def modern(module, name):
    """The name that Python 3 gives to a Python 2 global."""
    if (module, name) in _compat_pickle.NAME_MAPPING:
        return _compat_pickle.NAME_MAPPING[module, name]
    return _compat_pickle.IMPORT_MAPPING.get(module, module), name
