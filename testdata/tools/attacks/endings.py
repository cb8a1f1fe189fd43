"""Where a pickle ends, and what stands behind."""

from .kit import EMPTY_DICT, NONE, POP, STOP, TOUCH, TOUCH0, TOUCH4, frame, num, pickled, proto, technique, unlisted

BENIGN = proto(2) + EMPTY_DICT + STOP


@technique("behind-stop", "a second pickle behind the first", "pickle-loop")
def behind_stop():
    return {
        "": BENIGN + pickled(),
        "many": BENIGN * 300 + pickled(),
        "protocol0": BENIGN + TOUCH0 + STOP,
        "broken": BENIGN + proto(2) + TOUCH + b"\xff",
        "third": BENIGN + BENIGN + pickled() + BENIGN,
    }


@technique("behind-stop-blank", "blanks or zeros between the pickles; whoever skips them goes on", "pickle-loop")
def behind_blank():
    # An int ends the line: C and pickle.py take what follows as opcodes.
    return BENIGN + b"I1\n0" + TOUCH0 + STOP


@technique("broken-behind-payload", "the pickle breaks after the payload has run", "pickle")
def broken():
    return {
        "cut": proto(2) + TOUCH,
        "opcode": proto(2) + TOUCH + b"\xff",
        "stack": proto(2) + TOUCH + POP + POP + STOP,
        "memo": proto(2) + TOUCH + b"h\x63" + STOP,
        "text": proto(2) + TOUCH + b"X\xff\xff\xff\x7fabc",
        "protocol0": TOUCH0,
        "frame": proto(4) + frame(TOUCH4) + b"\x95\xff\xff\xff\xff\xff\xff\xff\x7f",
        "protocol": proto(2) + TOUCH + proto(200) + STOP,
        "utf8": proto(2) + TOUCH + b"X\x01\x00\x00\x00\xff" + STOP,
        "build": proto(2) + TOUCH + POP + num(1) + num(1) + b"b" + STOP,
    }


@technique("broken-before-stop-twice", "a broken pickle behind a good one", "pickle-loop")
def broken_twice():
    return {"payload": BENIGN + proto(2) + TOUCH + b"\xfe\xfe", "unlisted": BENIGN + proto(2) + unlisted() + b"\xfe\xfe"}


@technique("long-before", "a long pickle before the payload", "pickle")
def long_before():
    return {
        "opcodes": proto(2) + b"N0" * 200_000 + TOUCH + STOP,
        "bytes": proto(3) + b"B\x00\x00\x10\x00" + bytes(1 << 20) + POP + TOUCH + STOP,
        "list": proto(2) + b"](" + b"K\x01" * 100_000 + b"e" + POP + TOUCH + STOP,
        "marks": proto(2) + b"(" * 2000 + b"1" * 2000 + TOUCH + STOP,
    }


@technique("limits", "more of one thing than a reader may want to keep, before the payload", "pickle", own=True)
def limits():
    far = b"".join(b"r" + (10_000_000 + i).to_bytes(4, "little") for i in range(70_000))
    return {
        "memo": proto(2) + NONE + far + POP + TOUCH + STOP,
        "marks": proto(2) + b"(" * 60_000 + b"1" * 60_000 + TOUCH + STOP,
        "opcodes": proto(2) + b"N0" * 1_500_000 + TOUCH + STOP,
        "stack": proto(2) + b"N" * 2_000_000 + TOUCH + STOP,
    }


@technique("shared-containers", "containers that hold each other: walking them does not end", "pickle")
def laughs():
    body = b"]q\x00"
    for i in range(1, 60):
        body += b"0]q" + bytes([i]) + b"(" + (b"h" + bytes([i - 1])) * 2 + b"e"
    return proto(2) + body + TOUCH + STOP
