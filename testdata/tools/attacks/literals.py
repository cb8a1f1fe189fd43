"""Literals that readers of pickles disagree on: one that stops, or counts the
bytes otherwise, never sees the payload behind."""

import struct

from .kit import EMPTY_DICT, EMPTY_LIST, MARK, NONE, POP, REDUCE, STOP, TOUCH, TOUCH0, frame, lst, name, num, proto, technique, text


def behind(op, n=0):
    """A payload behind an opcode whose value is dropped."""
    return (proto(n) if n else b"") + op + POP + (TOUCH if n else TOUCH0) + STOP


@technique("int-base-zero", "INT and LONG in base 0, which CPython up to 3.13 takes and pickletools does not")
def int_base_zero():
    return {
        "hex": behind(b"I0x10\n"),
        "octal": behind(b"I0o17\n"),
        "underscore": behind(b"I1_0\n"),
        "long": behind(b"L0x10L\n"),
        "blank": behind(b"I 0\n"),
        "plus": behind(b"I+0\n"),
        "binary": behind(b"I-0b1\n"),
    }


@technique("int-many-digits", "a hexadecimal integer has no bound on its digits, a decimal one has")
def int_many_digits():
    return behind(b"L0x" + b"f" * 5000 + b"L\n")


@technique("number-padded", "blanks before a number, more than a reader may want to hold", own=True)
def number_padded():
    return {"int": behind(b"I" + b" " * 70000 + b"1\n"), "index": b"Np0\n0g" + b" " * 70000 + b"0\n0" + TOUCH0 + STOP}


@technique("string-not-ascii", "STRING with a byte above 127, which pickletools refuses", "pickle-latin1")
def string_not_ascii():
    data = behind(b"S'\xff'\n")
    return {"latin1": data, "bytes": ("pickle-encoding-bytes", data), "short": ("pickle-latin1", behind(b"U\x01\xff"))}


@technique("string-escapes", "STRING whose quotes and escapes end elsewhere for other readers")
def string_escapes():
    return {"quote": behind(b"S'a\\'b'\n"), "double": behind(b'S"it\'s"\n'), "octal": behind(b"S'\\0\\x41\\n'\n")}


@technique("float-odd", "FLOAT as C parses it: inf, nan, a NUL that ends it")
def float_odd():
    return {"nan": behind(b"Fnan\n"), "nul": behind(b"F1.0\x00junk\n"), "exponent": behind(b"F.5e-3\n")}


@technique("float-pure", "FLOAT as float() parses it: underscores, blanks, too large", "pickle-py", own=True)
def float_pure():
    return {"underscore": behind(b"F1_0.5\n"), "blank": behind(b"F 1.5 \n"), "overflow": behind(b"F1e999\n")}


@technique("index-odd", "a memo index with a sign, zeros or underscores")
def index_odd():
    return {
        "blank": b"Np1\n0g 1\n0" + TOUCH0 + STOP,
        "zeros": b"cos\nsystem\np01\n0g+1\n(S'touch marker'\ntR.",
        "underscore": b"cos\nsystem\np1_0\n0g10\n(S'touch marker'\ntR.",
    }


@technique("surrogates", "text with lone surrogates, which strict UTF-8 refuses")
def surrogates():
    return {"binunicode": behind(text("\udc80"), 2), "unicode": behind(b"V\\ud800\n")}


@technique("all-opcodes", "opcodes that scanners lack, before the payload")
def all_opcodes():
    eight = struct.pack("<Q", 1) + b"a"
    odd = [
        b"\x96" + eight,
        b"\x8e" + eight,
        b"\x8d" + eight,
        b"\x8b\x00\x00\x00\x00",
        b"\x8a\x00",
        b"\x8f",
        b"G" + bytes(8),
        b"(\x91",
        b"\x8f(K\x01\x90",
        b"F1.5\n",
    ]
    return {
        "many": proto(5) + b"".join(op + POP for op in odd) + TOUCH + STOP,
        "bytearray": behind(odd[0], 5),
        "float": behind(b"F1.5\n"),
        "pop-mark": proto(5) + b"(N(N11" + TOUCH + STOP,
    }


@technique("readonly-buffer", "READONLY_BUFFER needs no buffer from outside: it takes any bytes")
def readonly_buffer():
    return {"bytes": behind(b"C\x01a\x98", 5), "bytearray": behind(b"\x96" + struct.pack("<Q", 1) + b"a\x98", 5)}


@technique("frame-straddle", "an opcode that crosses its frame's end: C drops what is left of it (cpython#154848)")
def frame_straddle():
    # Read over the frame's end from a file, the four bytes of the length come
    # from behind the frame, and the payload is no longer inside of the text.
    return proto(4) + b"\x95" + struct.pack("<Q", 2) + b"NX" + bytes(4) + TOUCH + STOP


@technique("frame-lies", "frames that hold nothing, or stand in each other's way")
def frame_lies():
    return {
        "empty": proto(4) + frame(b"") + TOUCH + STOP,
        "two": proto(4) + frame(NONE + POP) + frame(TOUCH + STOP),
        "part": proto(4) + frame(TOUCH[:-1]) + b"R" + STOP,
    }


@technique("frame-too-long", "pickle.py takes a frame that is longer than the file", "pickle-py", own=True)
def frame_too_long():
    data = proto(4) + b"\x95" + struct.pack("<Q", 1 << 20) + TOUCH + STOP
    return {"": data, "joblib": ("joblib", data)}


@technique("arguments-no-tuple", "pickle.py calls with any iterable; the payload stands behind such a call", "pickle-py", own=True)
def arguments_no_tuple():
    harmless = name("builtins", "list") + EMPTY_LIST + REDUCE + POP
    return {
        "list": proto(2) + harmless + TOUCH + STOP,
        "dict": proto(2) + name("builtins", "list") + EMPTY_DICT + REDUCE + POP + TOUCH + STOP,
        "payload": proto(2) + name("os", "system") + lst(text("touch marker")) + REDUCE + STOP,
        "joblib": ("joblib", proto(2) + harmless + TOUCH + STOP),
    }


@technique("empty-state", "pickle.py sets an empty state on anything", "pickle-py", own=True)
def empty_state():
    return proto(2) + EMPTY_LIST + EMPTY_DICT + b"b" + POP + TOUCH + STOP


@technique("stack-left", "marks and values that are left at STOP")
def stack_left():
    return {"mark": proto(2) + MARK + TOUCH + STOP, "values": proto(2) + num(1) + num(2) + TOUCH + STOP}


@technique("protocol-late", "PROTO in the middle, or a protocol that does not fit the opcodes")
def protocol_late():
    return {"twice": proto(2) + NONE + POP + proto(0) + TOUCH + STOP, "low": proto(0) + b"\x8c\x01a0" + TOUCH + STOP, "none": TOUCH0 + STOP}


@technique("list-by-index", "SETITEM on a list and items added to a bytearray, which picklers never write")
def list_by_index():
    return {
        "list": proto(2) + lst(num(1)) + num(0) + num(2) + b"s" + POP + TOUCH + STOP,
        "bytearray": proto(5) + b"\x96" + struct.pack("<Q", 1) + b"a" + MARK + num(65) + b"e" + POP + TOUCH + STOP,
    }
