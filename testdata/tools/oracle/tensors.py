"""Leaves: dtype, shape and bytes as they would stand in SafeTensors."""

import hashlib

import numpy as np
import torch

from . import inert

TORCH = {
    "bool": "BOOL", "uint8": "U8", "int8": "I8", "int16": "I16", "uint16": "U16",
    "int32": "I32", "uint32": "U32", "int64": "I64", "uint64": "U64",
    "float16": "F16", "bfloat16": "BF16", "float32": "F32", "float64": "F64",
    "complex64": "C64", "float8_e5m2": "F8_E5M2", "float8_e4m3fn": "F8_E4M3",
    "float8_e8m0fnu": "F8_E8M0", "float8_e4m3fnuz": "F8_E4M3FNUZ",
    "float8_e5m2fnuz": "F8_E5M2FNUZ", "float4_e2m1fn_x2": "F4",
}
NUMPY = {
    "b1": "BOOL", "u1": "U8", "i1": "I8", "i2": "I16", "u2": "U16", "i4": "I32", "u4": "U32",
    "i8": "I64", "u8": "U64", "f2": "F16", "f4": "F32", "f8": "F64", "c8": "C64",
}
CARRIER = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64, 16: torch.complex128}


def is_leaf(value):
    if isinstance(value, np.ndarray):
        return value.dtype != object
    return isinstance(value, (torch.Tensor, inert.Unbuilt, inert.OldTensor))


def describe(value):
    """(dtype, shape, sha256) of a leaf, or (None, None, reason) if it has no place."""
    if isinstance(value, inert.OldTensor):
        value = value.tensor()
    if isinstance(value, inert.Unbuilt):
        return None, None, value.reason
    return array(value) if isinstance(value, np.ndarray) else tensor(value)


def array(a):
    spelled = a.dtype.str.lstrip("<>|=")
    if a.dtype.names or a.dtype.subdtype or spelled not in NUMPY:
        return None, None, f"numpy dtype {a.dtype.str if not a.dtype.names else 'structured'}"
    little = np.asarray(a, order="C").astype(a.dtype.newbyteorder("<"), order="C")
    return NUMPY[spelled], list(a.shape), hashlib.sha256(little.tobytes("C")).hexdigest()


def tensor(t):
    t = t.detach()
    name = str(t.dtype).removeprefix("torch.")
    if t.is_quantized:
        return None, None, f"quantized dtype {name}"
    if t.is_nested:
        return None, None, "nested tensor"
    if t.layout is not torch.strided:
        return None, None, f"sparse layout {t.layout}"
    if t.device.type == "meta":
        return None, None, "meta tensor without data"
    if name not in TORCH:
        return None, None, f"torch dtype {name}"
    shape = list(t.shape)
    if name == "float4_e2m1fn_x2":
        if not shape:
            return None, None, "float4 scalar"
        shape[-1] *= 2
    return TORCH[name], shape, hashlib.sha256(content(t)).hexdigest()


def content(t):
    """The elements in C order. Bits travel as integers, so that a NaN stays what it is."""
    t = t.resolve_conj().resolve_neg()
    if t.numel() == 0:
        return b""
    carrier = CARRIER[t.element_size()]
    bits = torch.empty(0, dtype=carrier)
    bits.set_(t.untyped_storage(), t.storage_offset(), t.shape, t.stride())
    return bits.contiguous().numpy().tobytes()
