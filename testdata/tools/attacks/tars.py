"""Tar archives that Python's tarfile takes apart, and other readers do not."""

from .kit import pickled, technique
from .polyglots import checksum

BLOCK = 512
END = bytes(2 * BLOCK)


def padded(data):
    return data + bytes(-len(data) % BLOCK)


def header(name, size, kind=b"0", **fields):
    h = bytearray(BLOCK)
    h[0:100] = name.ljust(100, b"\0")
    h[100:124] = b"0000644\0" + b"0000000\0" * 2
    h[124:148] = (size if isinstance(size, bytes) else b"%011o\0" % size).ljust(12, b"\0") + b"%011o\0" % 0
    h[156:157] = kind
    h[257:265] = b"ustar\00000"
    for at, value in fields.items():
        at = int(at[1:])
        h[at : at + len(value)] = value
    return checksum(h, lambda unsigned, signed: b"%06o\0 " % unsigned)


FIRST = header(b"README", 2) + padded(b"hi")


def evil(kind=b"0", size=None, **fields):
    data = pickled()
    return header(b"model.pkl", len(data) if size is None else size, kind, **fields) + padded(data)


@technique("tar-odd-type", "a member of a type that nobody knows is a file to Python", "tar-members", own=True)
def kinds():
    return {f"{kind}": FIRST + evil(kind.encode()) + END for kind in "79AMVZ"}


@technique("tar-odd-number", "a number in a header as Python's int() reads it, and few others do", "tar-members", own=True)
def numbers():
    size = len(pickled())
    return {
        "underscore": FIRST + evil(size=b"0_%o" % size) + END,
        "plus": FIRST + evil(size=b"+%o" % size) + END,
        "prefix": FIRST + evil(size=b"0o%o" % size) + END,
        "time": FIRST + evil(b"0", _136=b"-1\0") + END,
    }


@technique("tar-extended-size", "extended headers that give a member a size, as Python takes them", "tar-members", own=True)
def sizes():
    def extended(kind, records):
        return header(b"pax", len(records), kind) + padded(records)

    record = b"12 size=512\n"
    return {
        "solaris": extended(b"X", record) + evil(size=0) + END,
        "global": extended(b"g", record) + header(b"model.pkl", 0) + padded(pickled()) + END,
        "sparse": extended(b"x", b"23 GNU.sparse.map=0,60\n22 GNU.sparse.size=60\n") + evil() + END,
    }


@technique("tar-one-empty-block", "one empty block ends an archive for Python, and a torn header does", "tar-members", own=True)
def ends():
    return {"one": FIRST + evil() + bytes(BLOCK) + b"junk" * 128, "torn": FIRST + evil() + b"junk" * 128}
