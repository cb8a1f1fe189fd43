"""joblib writes the elements of an array raw behind the BUILD of a wrapper. Who
knows that skips them; who does not runs them as opcodes; and who skips another
number of bytes than joblib goes on elsewhere."""

import struct

from .kit import (
    BUILD,
    EMPTY_TUPLE,
    FALSE,
    MARK,
    NEWOBJ,
    NONE,
    POP,
    STACK_GLOBAL,
    STOP,
    TOUCH,
    call,
    dic,
    get,
    made,
    name,
    num,
    pickled,
    proto,
    put,
    short,
    technique,
    text,
    tup,
    unlisted,
)

WRAPPER = name("joblib.numpy_pickle", "NumpyArrayWrapper")
ORDER = (text("subclass"), name("numpy", "ndarray"), text("order"), text("C"), text("allow_mmap"), FALSE)


def dtype(spec="u1", *state):
    made = call("numpy", "dtype", spec if isinstance(spec, bytes) else text(spec), FALSE, b"\x88")
    return made + state[0] + BUILD if state else made


def state_of(kind, shape, *more):
    return dic(*ORDER, text("dtype"), kind, text("shape"), shape, *more)


def array(state, raw, wrapper=WRAPPER + EMPTY_TUPLE + NEWOBJ):
    """An array by its wrapper, and what stands behind it."""
    return wrapper + state + BUILD + raw


def plain(raw):
    """An ordinary array of bytes."""
    return array(state_of(dtype(), tup(num(len(raw)))), raw)


# Whoever runs the elements of such an array as opcodes stops here.
NOISE = plain(b"\xff\xff") + POP


@technique("joblib-behind-array", "a payload behind the elements, which break a walk over opcodes", "joblib")
def behind_array():
    return {
        "noise": proto(4) + NOISE + TOUCH + STOP,
        "stop": proto(4) + plain(b".") + POP + TOUCH + STOP,
        "aligned": proto(4)
        + array(state_of(dtype(), tup(num(2)), text("numpy_array_alignment_bytes"), num(16)), b"\x03...\xff\xff")
        + POP
        + TOUCH
        + STOP,
    }


@technique("joblib-in-array", "the payload is the elements: plain pickle runs them, joblib does not", "pickle")
def in_array():
    return {"": proto(4) + plain(POP + TOUCH + STOP) + STOP, "unlisted": proto(4) + plain(POP + unlisted() + STOP) + STOP}


@technique("joblib-object-array", "an array of objects is a pickle of its own behind the wrapper", "joblib")
def object_array():
    objects = state_of(dtype("O"), tup(num(1)))
    return {
        "": proto(4) + array(objects, proto(2) + TOUCH + STOP) + STOP,
        "noise": proto(4) + NOISE + array(objects, proto(2) + TOUCH + STOP) + STOP,
    }


@technique("joblib-inner-wrapper", "inside of an object array's pickle a wrapper is no array: nothing is skipped there", "joblib", own=True)
def inner_wrapper():
    payload = POP + TOUCH
    inner = proto(2) + array(state_of(dtype(), tup(num(len(payload)))), payload) + STOP
    return proto(4) + NOISE + array(state_of(dtype("O"), tup(num(1))), inner) + STOP


def wrong_skip(kind, shape, seen, real, *more):
    """An array of which one reader skips fewer bytes than joblib does: what it
    reads as the payload of BINBYTES is opcodes to joblib."""
    payload = POP + TOUCH + STOP
    rest = real - seen - 5
    inside = b"A" * rest + payload
    raw = bytes(seen) + b"B" + struct.pack("<I", len(inside)) + inside
    # The reader that skipped too little ends here.
    return proto(4) + NOISE + array(state_of(kind, shape, *more), raw) + POP + STOP


@technique("joblib-dtype-size", "a dtype's state declares an element's size; numpy ignores it for a plain number", "joblib", own=True)
def dtype_size():
    # One byte an element by the state, eight by the type.
    state = tup(num(3), text("<"), NONE, NONE, NONE, num(1), num(-1), num(0))
    return wrong_skip(dtype("f8", state), tup(num(1)), 1, 8)


@technique("joblib-dtype-class", "a dtype made of a class whose name begins as a date's does: elements are objects", "joblib", own=True)
def dtype_class():
    nested = proto(2) + TOUCH
    nested += b"N" * (-len(nested + STOP) % 8) + STOP
    return proto(4) + NOISE + array(state_of(dtype(name("numpy.random._mt19937", "MT19937")), tup(num(len(nested) // 8))), nested) + STOP


@technique("joblib-state-by-dict", "the opcode DICT makes a wrapper's state, whose items no SETITEM shows", "joblib", own=True)
def state_by_dict():
    pairs = (*ORDER, text("dtype"), dtype(), text("shape"), tup(num(2)))
    hidden = MARK + text("numpy_array_alignment_bytes") + num(16) + b"d"
    late = hidden + MARK + b"".join((*ORDER, text("dtype"), dtype(), text("shape"), tup(num(1)))) + b"u"
    payload = POP + TOUCH + STOP
    # One byte of elements for who sees no alignment; for joblib the first byte
    # is the number of bytes of padding.
    raw = b"\x05" + b"B" + struct.pack("<I", 1 + len(payload)) + b"A" + payload
    return {
        "whole": proto(4) + array(MARK + b"".join(pairs) + b"d", b"\xff\xff") + POP + TOUCH + STOP,
        "alignment": proto(4) + NOISE + array(late, raw) + POP + STOP,
    }


@technique("joblib-state-key", "a key of the wrapper's state that a call returns", "joblib", own=True)
def state_key():
    payload = POP + TOUCH + STOP
    raw = b"\x05" + b"B" + struct.pack("<I", 1 + len(payload)) + b"A" + payload
    key = call("builtins", "str", text("numpy_array_alignment_bytes"))
    shape = call("builtins", "str", text("shape"))
    return {
        "alignment": proto(4) + NOISE + array(state_of(dtype(), tup(num(1)), key, num(16)), raw) + POP + STOP,
        "shape": wrong_skip(dtype(), tup(num(1)), 1, 8, shape, tup(num(8))),
    }


@technique("joblib-masked", "numpy's constructor of masked arrays makes an object of any class, a wrapper too", "joblib", own=True)
def masked():
    wrapper = call("numpy.ma.core", "_mareconstruct", WRAPPER, name("numpy", "ndarray"), tup(num(0)), b"C\x01b")
    payload = POP + TOUCH + STOP
    raw = b"B" + struct.pack("<I", 3 + len(payload)) + b"AAA" + payload
    return proto(4) + array(state_of(dtype(), tup(num(8))), raw, wrapper) + POP + STOP


@technique("joblib-odd-shape", "a wrapper's shape or state in another form than joblib writes", "joblib", own=True)
def odd_shape():
    def by(shape):
        return proto(4) + array(state_of(dtype(), shape), b"\xff") + POP + TOUCH + STOP

    pair = WRAPPER + EMPTY_TUPLE + NEWOBJ + state_of(dtype(), tup(num(1))) + NONE + b"\x86" + BUILD + b"\xff"
    return {
        "list": by(b"](K\x01e"),
        "pair": proto(4) + pair + POP + TOUCH + STOP,
        "long": by(tup(b"\x8a\x09\x01" + bytes(8))),
        "twice": proto(4)
        + state_of(dtype(), tup(num(1)))
        + put(9)
        + POP
        + 2 * (WRAPPER + EMPTY_TUPLE + NEWOBJ + get(9) + BUILD + b"\xff" + POP)
        + TOUCH
        + STOP,
    }


@technique("joblib-module-spelled", "the wrapper's module named by opcodes that joblib does not write", "joblib", own=True)
def module_spelled():
    def by(wrapper):
        return proto(4) + array(state_of(dtype(), tup(num(2))), b"\xff\xff", wrapper + EMPTY_TUPLE + NEWOBJ) + POP + TOUCH + STOP

    return {
        "unicode": by(b"Vjoblib.numpy_pickle\n" + short("NumpyArrayWrapper") + STACK_GLOBAL),
        "string": by(b"U\x13joblib.numpy_pickle" + short("NumpyArrayWrapper") + STACK_GLOBAL),
    }


@technique("joblib-unknown-dtype", "an array of a dtype that a reader may not know the size of", "joblib", own=True)
def unknown_dtype():
    def by(kind, raw):
        return proto(4) + array(state_of(kind, tup(num(1))), raw) + POP + TOUCH + STOP

    return {
        "complex": by(dtype("c16"), b"\xff" * 16),
        "class": by(call("numpy.dtypes", "UInt8DType"), b"\xff"),
        "longdouble": by(dtype("g"), b"\xff" * 16),
        "decimal": proto(4) + NOISE + array(state_of(dtype(name("decimal", "Decimal")), tup(num(1))), proto(2) + TOUCH + STOP) + STOP,
        "char": by(dtype("B"), b"\xff"),
        "fields": by(dtype("u1,u1"), b"\xff\xff"),
        "name": by(dtype("uint8"), b"\xff"),
    }


@technique("joblib-dumps", "several dumps in one file", "joblib-loop")
def dumps():
    one = proto(4) + plain(b"\xff\xff") + STOP
    return {"two": one + one + pickled(), "three": one + one + one + one + pickled(), "first": pickled() + one}


@technique("joblib-compat-wrapper", "the wrappers of joblib before 0.10", "joblib")
def compat():
    return proto(2) + made("joblib.numpy_pickle_compat", "ZNDArrayWrapper") + POP + TOUCH + STOP
