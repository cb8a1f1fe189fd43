"""numpy arrays whose headers are spelled as few writers do, and numpy.

Where the type has objects, numpy unpickles what follows the header. The type is
an expression of Python, in which objects hide under many names.
"""

import io
import struct

from attacks.kit import pickled

try:
    import numpy as np
except ImportError:
    np = None

PAYLOAD = pickled()
PLAIN = ["<f4", "<f4", "|u1", "|u1", "<i8", "f8", "i4", "|b1", "<U3", "|S4", "V8", "<c8", "<M8[ns]", "?", "float32", "int", "i4,f4", "(2,)i4", "2i4"]
OBJECTS = ["O", "|O", "|O", "object", "|O", "=O", "<O", ">O", "O8", "|O8", "object", "object_", "O4", "i4,O", "O,O", "(2,)O", "2O", "(1,1)O", ",O", "i4, O", " O", "O ", "f4,(2,)O"]


class Maker:
    """One file; each choice is random."""

    def __init__(self, rng):
        self.rng, self.pick = rng, rng.choice

    def quoted(self, text):
        """The text as a literal of Python."""
        escaped = "".join(self.pick(["\\x%02x", "\\%03o", "\\u%04x", "\\N{SPACE}" if c == " " else "\\U%08x"]) % ord(c) if c != " " else " " for c in text)
        halves = len(text) // 2
        return self.pick(
            [repr(text)] * 30
            + ['"%s"' % text, '"""%s"""' % text, "u'%s'" % text, "r'%s'" % text, "b'%s'" % text, "'%s'" % escaped]
            + ["'%s' '%s'" % (text[:halves], text[halves:]), "('%s')" % text, "'%s\\\n'" % text]
        )

    def field(self, depth):
        name = self.pick(["'a'", "'b'", "''", "('t', 'a')", '"c"', "u'd'"])
        shape = self.pick([""] * 8 + [", (2,)", ", 2", ", ()", ", (1, 1)", ", (0,)"])
        return self.pick(["(%s, %s%s)"] * 20 + ["[%s, %s%s]", "(%s, %s%s,)"]) % (name, self.descr(depth + 1), shape)

    def descr(self, depth=0):
        kind = self.pick(["text"] * 6 + ["fields", "fields", "sub"]) if depth < 3 else "text"
        if kind == "text":
            return self.quoted(self.pick(PLAIN + OBJECTS))
        if kind == "sub":
            return "(%s, %s)" % (self.descr(depth + 1), self.pick(["(2,)", "2", "(1,)", "{}", "()"]))
        fields = [self.field(depth) for _ in range(self.pick([1, 1, 2, 3]))]
        return self.pick(["[%s]"] * 4 + ["(%s)", "[%s,]"]) % ", ".join(fields)

    def header(self):
        shape = self.pick(["(1,)"] * 30 + ["()", "(1L,)", "(0x1,)", "[1]", "(1, )", "(True,)", "(1,1)", "(0,)", "(2,)", "1", "(1.0,)"])
        order = self.pick(["False"] * 12 + ["True", "0", "None", "1"])
        items = [("descr", self.descr()), ("fortran_order", order), ("shape", shape)]
        if self.rng.random() < 0.1:
            items.append(("descr", self.descr()))  # the last one counts
        if self.rng.random() < 0.3:
            self.rng.shuffle(items)
        out = ", ".join(f"{self.quoted(key) if self.rng.random() < 0.1 else repr(key)}: {value}" for key, value in items)
        out = "{" + out + self.pick([", ", ",", ""]) + "}"
        return self.pick([""] * 30 + [" ", "\n", "# x\n", "("]) + out + self.pick([""] * 30 + ["# x", "\n\n", ")", ", ", "\0"])

    def make(self):
        text = self.header() + " " * self.pick([0, 1, 17])
        text = text.encode(self.pick(["latin1", "utf8"])) + self.pick([b"\n"] * 20 + [b"", b" ", b"\0"])
        version = self.pick([b"\1\0"] * 12 + [b"\2\0", b"\3\0", b"\1\1", b"\4\0"])
        size = struct.pack("<H" if version[0] == 1 else "<I", max(0, len(text) + self.pick([0] * 40 + [1, -1])))
        return b"\x93NUMPY" + version + size + text + self.pick([PAYLOAD, PAYLOAD, b"\x80\x02}.", bytes(64)])


class Unpickled(Exception):
    """numpy asked for a pickle here."""


def unpickles(data):
    """What numpy hands to pickle."""
    if np is None:
        return

    class Recorder:
        @staticmethod
        def load(f, **kwargs):
            raise Unpickled(f.read())

    module = np.lib.format.read_array.__globals__
    kept, module["pickle"] = module["pickle"], Recorder
    try:
        np.lib.format.read_array(io.BytesIO(data), allow_pickle=True)
    except Unpickled as e:
        yield e.args[0][: len(PAYLOAD)]
    except Exception:
        pass
    finally:
        module["pickle"] = kept


PAYLOADS = {PAYLOAD}
READERS = {"numpy": unpickles}


def make(rng):
    return Maker(rng).make()
