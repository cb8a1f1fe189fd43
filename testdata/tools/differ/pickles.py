"""Mutations of a pickle, opcode by opcode.

A pickle is a list of Ops, so that most of what comes out is still a pickle, and
often one that torch takes. The harmless mutations spell the same values in
another way; the others change them.
"""

import pickletools
import struct
import types

INTS = {"INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4"}
TEXTS = {"UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"}
PUTS = {"PUT", "BINPUT", "LONG_BINPUT"}
GETS = {"GET", "BINGET", "LONG_BINGET"}
CONSTANTS = {"NONE": b"N", "NEWTRUE": b"\x88", "NEWFALSE": b"\x89"}
STORAGES = (
    "FloatStorage", "DoubleStorage", "HalfStorage", "BFloat16Storage", "LongStorage", "IntStorage",
    "ShortStorage", "CharStorage", "ByteStorage", "BoolStorage", "ComplexFloatStorage", "UntypedStorage",
)
WIDTHS = types.MappingProxyType({
    "DoubleStorage": 8, "LongStorage": 8, "ComplexFloatStorage": 8, "FloatStorage": 4, "IntStorage": 4, "HalfStorage": 2,
    "BFloat16Storage": 2, "ShortStorage": 2, "CharStorage": 1, "ByteStorage": 1, "BoolStorage": 1,
})
DTYPES = (
    "float32", "float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool", "complex64",
    "float8_e5m2", "float8_e4m3fn", "uint16", "uint32", "uint64",
)
NUMPY = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1", "c8", "c16", "<f4", ">f4", "V4", "O8", "S4")
KEYS = (
    "state_dict", "model", "ema", "module", "params", "weight", "a.b", "a/b", "a~b", "", " ", "0", "1", "*", "é", "\U0001f600",
    "__metadata__", "format", "depickle.version", "_metadata", "__args__.0", "string_to_param", "\ud800", 'a"b\\c', "\x00",
)
WIDE = (0, 1, 2, 3, 127, 255, 256, 65535, 2**31 - 1, 2**31, 2**32, 2**53, 2**62, 2**63 - 1, 2**63, 2**64)


class Op:
    """One opcode: its name, its argument as pickletools reads it, its bytes."""

    def __init__(self, name, arg, raw):
        self.name, self.arg, self.raw = name, arg, raw


def one(raw):
    """The Op that these bytes spell."""
    code, arg, _ = next(pickletools.genops(raw))
    return Op(code.name, arg, raw)


def parse(data):
    """(ops, bytes behind STOP) of the first pickle in data; ValueError if there is none."""
    ops, last = [], None
    for code, arg, at in pickletools.genops(data):
        if last:
            ops.append(Op(*last[:2], data[last[2] : at]))
        last = (code.name, arg, at)
    end = last[2] + 1
    return ops + [Op(*last[:2], data[last[2] : end])], data[end:]


def join(ops):
    return b"".join(op.raw for op in ops)


def unframe(ops):
    """Leave frames out, whose lengths would be wrong after any change."""
    ops[:] = [op for op in ops if op.name != "FRAME"]


# spelling

def integer(rng, n):
    """An opcode for n, of those that can hold it."""
    width = max(1, (n.bit_length() + 8) // 8)
    forms = [b"I%d\n" % n, b"L%dL\n" % n]
    if width < 256:
        forms += [b"\x8a" + bytes([width]) + n.to_bytes(width, "little", signed=True)] * 4
    if -(2**31) <= n < 2**31:
        forms += [b"J" + struct.pack("<i", n)] * 8
    if 0 <= n < 256:
        forms += [b"K" + bytes([n])] * 8
    if 0 <= n < 65536:
        forms += [b"M" + struct.pack("<H", n)] * 8
    return one(rng.choice(forms))


def text(rng, s):
    """An opcode for s."""
    raw = s.encode("utf-8", "surrogatepass")
    forms = [b"X" + struct.pack("<I", len(raw)) + raw] * 6
    forms.append(b"\x8d" + struct.pack("<Q", len(raw)) + raw)
    if len(raw) < 256:
        forms += [b"\x8c" + bytes([len(raw)]) + raw] * 2
    escaped = s.replace("\\", "\\u005c").replace("\0", "\\u0000").replace("\n", "\\u000a").replace("\r", "\\u000d")
    forms.append(b"V" + escaped.replace("\x1a", "\\u001a").encode("raw-unicode-escape") + b"\n")
    return one(rng.choice(forms))


def reach(rng, slot, forms):
    """An opcode that puts or gets a memo slot: forms are its text, short and long code."""
    spelled = [forms[0] + b"%d\n" % slot, forms[2] + struct.pack("<I", slot)]
    if slot < 256:
        spelled.append(forms[1] + bytes([slot]))
    return one(rng.choice(spelled))


def put(rng, slot):
    return reach(rng, slot, (b"p", b"q", b"r"))


def get(rng, slot):
    return reach(rng, slot, (b"g", b"h", b"j"))


def places(ops, names):
    return [i for i, op in enumerate(ops) if op.name in names]


def numbers(ops):
    """Where whole numbers stand; I00 and I01 are booleans."""
    return [i for i in places(ops, INTS) if not isinstance(ops[i].arg, bool)]


# Each mutation changes ops in place, and returns False where it has nothing to
# change. pool is what the fixtures' pickles hold.

def respell_numbers(rng, ops, pool):
    at = numbers(ops)
    for i in at:
        if rng.random() < 0.5:
            ops[i] = integer(rng, ops[i].arg)
    return bool(at)


def respell_texts(rng, ops, pool):
    at = places(ops, TEXTS)
    for i in at:
        if rng.random() < 0.5:
            ops[i] = text(rng, ops[i].arg)
    return bool(at)


def respell_tuples(rng, ops, pool):
    """TUPLE1 is MARK and TUPLE only where its value is one opcode."""
    at = [i for i in places(ops, {"TUPLE1"}) if i and ops[i - 1].name in TEXTS | INTS]
    for i in reversed(at):
        ops[i] = one(b"t")
        ops.insert(i - 1, one(b"("))
    return bool(at)


def renumber_memo(rng, ops, pool):
    at = places(ops, PUTS)
    if not at or places(ops, {"MEMOIZE"}):
        return False
    slots = sorted({int(ops[i].arg) for i in at})
    new = rng.sample(range(2 * len(slots) + rng.choice((0, 300))), len(slots))
    to = dict(zip(slots, new))
    for i in at:
        ops[i] = put(rng, to[int(ops[i].arg)])
    for i in places(ops, GETS):
        ops[i] = get(rng, to.get(int(ops[i].arg), 1 << 20))
    return True


def respell_globals(rng, ops, pool):
    at = [i for i in places(ops, {"GLOBAL"}) if rng.random() < 0.5]
    for i in reversed(at):
        module, name = ops[i].arg.split(" ", 1)
        ops[i : i + 1] = [text(rng, module), text(rng, name), one(b"\x93")]
    return bool(at)


def protocol(rng, ops, pool):
    ops[:] = [op for op in ops if op.name != "PROTO"]
    ops.insert(0, one(b"\x80" + bytes([rng.randrange(2, 6)])))
    return True


def push_and_pop(rng, ops, pool):
    """A value that is popped at once."""
    i = rng.randrange(1, len(ops))
    ops[i:i] = [one(b"N"), one(b"0")]
    return True


def near(rng, ops, pool):
    at = numbers(ops)
    if not at:
        return False
    i = rng.choice(at)
    n = ops[i].arg
    ops[i] = integer(rng, rng.choice((n + 1, n - 1, 0, 1, 2, 3, 4, n * 2, n // 2, n + 2, -1, -n)))
    return True


def far(rng, ops, pool):
    at = numbers(ops)
    if at:
        ops[rng.choice(at)] = integer(rng, rng.choice(WIDE) * rng.choice((1, 1, 1, -1)))
    return bool(at)


def exchange_numbers(rng, ops, pool):
    at = numbers(ops)
    if len(at) < 2:
        return False
    k = rng.randrange(len(at) - 1)
    i, j = at[k], at[min(len(at) - 1, k + rng.randrange(1, 4))]
    ops[i], ops[j] = ops[j], ops[i]
    return True


def another_slot(rng, ops, pool):
    gets, puts = places(ops, GETS), places(ops, PUTS | {"MEMOIZE"})
    if not gets or not puts:
        return False
    slot = ops[rng.choice(puts)].arg
    ops[rng.choice(gets)] = get(rng, int(slot) if slot is not None else rng.randrange(len(puts)))
    return True


def another_name(rng, ops, pool):
    """A storage class, dtype or numpy's spelling of one becomes another."""
    at = [i for i in places(ops, TEXTS | {"GLOBAL", "SHORT_BINSTRING"}) if named(ops[i])]
    if not at:
        return False
    i = rng.choice(at)
    module, _, name = str(ops[i].arg).rpartition(" ")
    new = rng.choice(next(group for group in (STORAGES, DTYPES, NUMPY) if name in group))
    ops[i] = one(f"c{module}\n{new}\n".encode()) if ops[i].name == "GLOBAL" else text(rng, new)
    return True


def named(op):
    return str(op.arg).rpartition(" ")[2] in STORAGES + DTYPES + NUMPY


def another_width(rng, ops, pool):
    """A storage's class becomes another one, with as many bytes."""
    at = [i for i in places(ops, {"GLOBAL"}) if ops[i].arg.rpartition(" ")[2] in STORAGES]
    if not at:
        return False
    i = rng.choice(at)
    count = next((k for k in numbers(ops) if i < k < i + 10), None)
    if count is None:
        return False
    old, new = ops[i].arg.rpartition(" ")[2], rng.choice(list(WIDTHS))
    ops[i] = one(f"ctorch\n{new}\n".encode())
    ops[count] = integer(rng, ops[count].arg * WIDTHS.get(old, 1) // WIDTHS[new])
    return True


def another_global(rng, ops, pool):
    at = places(ops, {"GLOBAL"})
    if not at or not pool.globals:
        return False
    ops[rng.choice(at)] = one(rng.choice(pool.globals))
    return True


def another_key(rng, ops, pool):
    """A storage's key becomes another storage's."""
    at = [i for i in places(ops, TEXTS) if ops[i].arg.isdigit()]
    if not at:
        return False
    ops[rng.choice(at)] = text(rng, ops[rng.choice(at)].arg if rng.random() < 0.8 else rng.choice(("00", "-1", "9", "0 ", "../0")))
    return True


def another_text(rng, ops, pool):
    at = places(ops, TEXTS)
    if not at:
        return False
    ops[rng.choice(at)] = text(rng, rng.choice(KEYS) if rng.random() < 0.5 else ops[rng.choice(at)].arg)
    return True


def another_constant(rng, ops, pool):
    at = places(ops, CONSTANTS)
    if not at:
        return False
    ops[rng.choice(at)] = one(rng.choice(list(CONSTANTS.values())))
    return True


def another_type(rng, ops, pool):
    """A number becomes a text, a boolean or a float, or a text a number."""
    at = numbers(ops) + places(ops, TEXTS)
    if not at:
        return False
    i = rng.choice(at)
    n = ops[i].arg
    choices = [one(b"\x88"), one(b"N"), one(b")"), one(b"]"), text(rng, str(n)), one(b"G" + struct.pack(">d", 2.0))]
    if isinstance(n, str) and n.isdigit():
        choices = [integer(rng, int(n))]
    ops[i] = rng.choice(choices)
    return True


def drop(rng, ops, pool):
    del ops[rng.randrange(len(ops))]
    return len(ops) > 1


def repeat(rng, ops, pool):
    i = rng.randrange(len(ops))
    ops.insert(i, ops[i])
    return True


def exchange(rng, ops, pool):
    i, j = rng.randrange(len(ops)), rng.randrange(len(ops))
    ops[i], ops[j] = ops[j], ops[i]
    return True


def move(rng, ops, pool):
    i = rng.randrange(len(ops))
    run = ops[i : i + rng.randrange(1, 9)]
    del ops[i : i + len(run)]
    k = rng.randrange(len(ops) + 1)
    ops[k:k] = run
    return True


def insert(rng, ops, pool):
    ops.insert(rng.randrange(len(ops)), one(rng.choice(pool.ops)))
    return True


def splice(rng, ops, pool):
    """A run of another file's opcodes."""
    other = rng.choice(pool.runs)
    i, k = rng.randrange(len(ops)), rng.randrange(len(other))
    ops[i : i + rng.randrange(4)] = other[k : k + rng.randrange(1, 12)]
    return True


def argument(rng, ops, pool):
    """A byte of an argument changes."""
    at = [i for i, op in enumerate(ops) if len(op.raw) > 1]
    if not at:
        return False
    i = rng.choice(at)
    raw = bytearray(ops[i].raw)
    raw[rng.randrange(1, len(raw))] = rng.randrange(256)
    ops[i] = Op("?", None, bytes(raw))
    return True


HARMLESS = (respell_numbers, respell_texts, respell_tuples, renumber_memo, respell_globals, protocol)
# Those that torch often takes come up more often.
CHANGES = (
    (near, 8), (far, 2), (exchange_numbers, 8), (another_slot, 6), (another_name, 4), (another_width, 5), (another_global, 2),
    (another_key, 4), (another_text, 6), (another_constant, 3), (another_type, 2), (drop, 2), (repeat, 2),
    (exchange, 1), (move, 2), (insert, 2), (splice, 3), (argument, 2), (push_and_pop, 1),
)
