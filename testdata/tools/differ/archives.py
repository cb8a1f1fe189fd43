"""Checkpoints taken apart, and mutations of what is around their pickle.

A Zip is a torch archive, a Legacy a file from before torch 1.6, a Plain one a
pickle and nothing else. Each has ops, the opcodes of its object, and joins to
the bytes of a file.
"""

import io
import pickle
import struct
import types
import zlib

from fixtures import zipcraft

from . import pickles

MAGIC = b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
MORE = types.MappingProxyType({"UInt32Storage": 4, "UInt64Storage": 8, "ComplexDoubleStorage": 16, "UInt16Storage": 2, "QInt32Storage": 4})


class Plain:
    kind = "pickle"

    def __init__(self, data):
        self.ops, self.tail = pickles.parse(data)

    def join(self):
        return pickles.join(self.ops) + self.tail


class Zip:
    kind = "zip"

    def __init__(self, data):
        self.members = [zipcraft.Member(name, content) for name, content in zipcraft.members(data)]
        self.pickle = next(m for m in self.members if m.name.endswith(b"/data.pkl"))
        self.ops, self.behind = pickles.parse(self.pickle.data)
        self.zip64, self.comment, self.lead = False, b"", b""

    def storages(self):
        return [m for m in self.members if b"/data/" in m.name]

    def join(self):
        refill(self.pickle, pickles.join(self.ops) + self.behind)
        return zipcraft.write(self.members, self.zip64, self.comment)


def refill(member, data):
    """Give a member other bytes, declared rightly."""
    member.data, member.size, member.crc, member.method = data, len(data), zlib.crc32(data), 0


class Inert:
    """What stands for any class and instance while a legacy file is measured."""

    def __new__(cls, *args, **kwargs):
        return object.__new__(cls)

    def __init__(self, *args, **kwargs):
        pass

    def __setstate__(self, state):
        pass

    def __setitem__(self, key, value):
        pass

    def append(self, value):
        pass


class Measure(pickle.Unpickler):
    """Collects the storages that a pickle declares; it imports nothing."""

    def __init__(self, file):
        super().__init__(file, encoding="latin1")
        self.sizes = {}

    def find_class(self, module, name):
        width = pickles.WIDTHS.get(name) or MORE.get(name, 1)
        return type("Inert", (Inert,), {"width": width})

    def persistent_load(self, pid):
        if pid[0] == "storage":
            self.sizes.setdefault(pid[2], pid[1].width * pid[4])
        return Inert()


class Legacy:
    kind = "legacy"

    def __init__(self, data):
        file = io.BytesIO(data)
        self.pickles, self.sizes = [], {}
        for _ in range(5):
            start = file.tell()
            reader = Measure(file)
            keys = reader.load()
            self.sizes.update(reader.sizes)
            self.pickles.append(data[start : file.tell()])
        self.head, self.keys = self.pickles[:3], list(keys)
        self.ops, _ = pickles.parse(self.pickles[3])
        self.blocks = []
        for key in self.keys:
            (count,) = struct.unpack("<q", file.read(8))
            self.blocks.append([count, file.read(self.sizes[key])])
        self.tail = file.read()

    def join(self):
        keys = pickle.dumps(self.keys, 2)
        body = b"".join(struct.pack("<q", count) + data for count, data in self.blocks)
        return b"".join(self.head) + pickles.join(self.ops) + keys + body + self.tail


def take_apart(data):
    """The file's parts; None for what is no checkpoint that can be mutated."""
    try:
        if data[:4] == b"PK\x03\x04":
            return Zip(data)
        if MAGIC in data[:16]:
            return Legacy(data)
        return Plain(data)
    except Exception:  # fixtures are broken in many ways, and any reader may stumble
        return None


# Mutations of a Zip: harmless ones, then others.

def deflate(rng, z, pool):
    for i, m in enumerate(z.members):
        if rng.random() < 0.5 and m is not z.pickle and not m.method:
            z.members[i] = zipcraft.Member(m.name.decode(), m.data, deflate=True)
    return True


def wide(rng, z, pool):
    z.zip64 = True
    for m in z.members:
        m.zip64 = True
    return True


def descriptors(rng, z, pool):
    for m in z.members:
        m.descriptor = rng.random() < 0.5
    return True


def comment(rng, z, pool):
    z.comment = bytes(rng.randrange(32, 127) for _ in range(rng.randrange(1, 40)))
    return True


def shuffle(rng, z, pool):
    """torch takes the archive's name from the first member, whichever it is."""
    rng.shuffle(z.members)
    return True


def more(rng, z, pool):
    root = z.pickle.name.split(b"/")[0].decode()
    name = rng.choice(("notes", "extra/config.json", "data/9999"))
    z.members.append(zipcraft.Member(f"{root}/{name}{len(z.members)}", b"{}"))
    return True


def some_storage(rng, z):
    found = z.storages()
    return rng.choice(found) if found else None


def elements(rng, z, pool):
    """Bytes of a storage change; its CRC is right again."""
    m = some_storage(rng, z)
    if m is None or not m.data or m.method:
        return False
    data = bytearray(m.data)
    for _ in range(rng.randrange(1, 5)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    refill(m, bytes(data))
    return True


def resize(rng, z, pool):
    m = some_storage(rng, z)
    if m is None or m.method:
        return False
    n = rng.choice((0, 1, len(m.data) - 1, len(m.data) // 2, len(m.data) + 1, len(m.data) + 8, len(m.data) * 2))
    refill(m, m.data[: max(0, n)].ljust(n, b"\x55"))
    return True


def exchange_members(rng, z, pool):
    found = z.storages()
    if len(found) < 2:
        return False
    a, b = rng.sample(found, 2)
    a.name, b.name, a.local, b.local = b.name, a.name, b.local, a.local
    return True


def rename(rng, z, pool):
    m = rng.choice(z.members)
    new = rng.choice((m.name.upper(), m.name + b"/", m.name[1:], b"x" + m.name, m.name.replace(b"/", b"\\"),
                      m.name.replace(b"data", b"Data"), rng.choice(z.members).name))
    m.name = new
    if rng.random() < 0.8:
        m.local = new
    return True


def lose(rng, z, pool):
    z.members.remove(rng.choice([m for m in z.members if m is not z.pickle] or [z.pickle]))
    return bool(z.members)


def twice(rng, z, pool):
    """A member of the same name, or of one that differs in case, with other data."""
    m = rng.choice(z.members)
    name = m.name.decode(errors="replace")
    data = bytes(b ^ 1 for b in m.data) if rng.random() < 0.7 else m.data
    copy = zipcraft.Member(rng.choice((name, name.swapcase())), data)
    z.members.insert(rng.randrange(len(z.members) + 1), copy)
    return True


def byte_order(rng, z, pool):
    root = z.pickle.name.split(b"/")[0].decode()
    z.members = [m for m in z.members if not m.name.endswith(b"/byteorder")] or z.members
    if rng.random() < 0.9:
        order = rng.choice((b"big", b"big", b"big", b"little", b"middle", b"", b"big\n", b"BIG"))
        z.members.append(zipcraft.Member(f"{root}/byteorder", order))
    return True


def wrong_crc(rng, z, pool):
    rng.choice(z.members).crc ^= 1 << rng.randrange(32)
    return True


def lying_size(rng, z, pool):
    m = rng.choice(z.members)
    m.size = max(0, rng.choice((0, m.size - 1, m.size + 1, m.size * 2, 0xFFFFFFFF, 0xFFFFFFFE)))
    return True


def flag(rng, z, pool):
    rng.choice(z.members).flags = 1 << rng.randrange(16)
    return True


# Mutations of a Legacy

def reorder(rng, f, pool):
    order = list(range(len(f.keys)))
    rng.shuffle(order)
    f.keys, f.blocks = [f.keys[i] for i in order], [f.blocks[i] for i in order]
    return len(order) > 1


def legacy_elements(rng, f, pool):
    full = [block for block in f.blocks if block[1]]
    if not full:
        return False
    block = rng.choice(full)
    data = bytearray(block[1])
    data[rng.randrange(len(data))] = rng.randrange(256)
    block[1] = bytes(data)
    return True


def keys_alone(rng, f, pool):
    """The keys change places, and the storages do not."""
    if len(f.keys) < 2:
        return False
    i, j = rng.sample(range(len(f.keys)), 2)
    f.keys[i], f.keys[j] = f.keys[j], f.keys[i]
    return True


def other_keys(rng, f, pool):
    if not f.keys:
        return False
    i = rng.randrange(len(f.keys))
    f.keys[i : i + 1] = rng.choice(([], [f.keys[i]] * 2, ["9"], [int(f.keys[i])] if str(f.keys[i]).isdigit() else [None]))
    return True


def count(rng, f, pool):
    if not f.blocks:
        return False
    block = rng.choice(f.blocks)
    block[0] = rng.choice((0, -1, block[0] % 1000 + 1, block[0] % 1000 - 1, 2**62, 2**63 - 1))
    return True


def block_size(rng, f, pool):
    if not f.blocks:
        return False
    block = rng.choice(f.blocks)
    block[1] = block[1][: rng.randrange(len(block[1]) + 1)] if rng.random() < 0.5 else block[1] + b"\x55" * rng.randrange(1, 9)
    return True


def trailing(rng, f, pool):
    f.tail += bytes(rng.randrange(1, 9)) if rng.random() < 0.5 else b"N."
    return True


def system(rng, f, pool):
    """The writer's byte order and type sizes, or the protocol version."""
    info = {"protocol_version": 1001, "little_endian": rng.random() < 0.5,
            "type_sizes": {"short": 2, "int": 4, "long": rng.choice((4, 8))}}
    f.head[2] = pickle.dumps(info, 2)
    if rng.random() < 0.2:
        f.head[1] = pickle.dumps(rng.choice((1000, 1001, 1002)), 2)
    return True


def no_change(rng, part, pool):
    return True


HARMLESS = types.MappingProxyType({
    "zip": (deflate, wide, descriptors, comment, more),
    "legacy": (reorder,),
    "pickle": (no_change,),
})
CHANGES = types.MappingProxyType({
    "zip": ((elements, 4), (resize, 3), (exchange_members, 3), (rename, 2), (lose, 1), (twice, 2), (byte_order, 3),
            (wrong_crc, 1), (lying_size, 1), (flag, 1), (shuffle, 1)),
    "legacy": ((legacy_elements, 4), (keys_alone, 3), (other_keys, 2), (count, 2), (block_size, 2), (trailing, 1), (system, 2)),
    "pickle": ((no_change, 1),),
})
