"""Tar archives that readers take apart in different ways, and Python's tarfile.

A member hides another one in its data, or behind what ends the archive for
some; numbers and checksums are spelled as int() takes them, types are odd, and
extended headers change sizes.
"""

import gzip
import io
import tarfile

from attacks.kit import pickled

# Compressed, so that nobody finds it who does not take it for a member.
PAYLOAD = gzip.compress(pickled(), mtime=0)
BLOCK = 512
TYPES = [b"0"] * 6 + [b"\0", b"7", b"A", b"Z", b"5", b"1", b"2", b"3", b"S", b"V", b"M", b"D", b"9", b"X"]
MAGICS = [b"ustar\00000"] * 4 + [b"ustar  \0", bytes(8), b"ustar\0\0\0", b"GNUtar \0"]


def padded(data):
    return data + bytes(-len(data) % BLOCK)


class Maker:
    """One archive; each choice is random."""

    def __init__(self, rng):
        self.rng, self.pick = rng, rng.choice

    def number(self, n, width):
        octal = b"%o" % n
        spelled = [
            octal.rjust(width - 1, b"0"),
            octal + b" " * (width - len(octal)),
            b"0o" + octal,
            b"+" + octal,
            b"  " + octal,
            octal[:1] + b"_" + octal[1:] if n > 7 else octal,
            octal + b"7",
            b"\x80" + n.to_bytes(width - 1, "big"),
            b"\xff" * width,
            self.pick([b"", b"-1", b"x", b"\0" + b"17", b"8", octal + b"\0" + b"77"]),
        ]
        return self.pick(spelled[:1] * 5 + spelled[1:]).ljust(width, b"\0")

    def header(self, name, size, kind):
        h = bytearray(BLOCK)
        h[0:100] = name[:100].ljust(100, b"\0")
        h[100:124] = b"0000644\0" + b"0000000\0" * 2
        h[124:136] = self.number(size, 12) if self.rng.random() < 0.3 else b"%011o\0" % size
        h[136:148] = self.number(0, 12) if self.rng.random() < 0.1 else b"%011o\0" % 0
        h[156:157] = kind
        h[257:265] = self.pick(MAGICS)
        if self.rng.random() < 0.05:
            h[self.rng.randrange(265, 500)] = self.rng.randrange(256)
        h[148:156] = b" " * 8
        total = self.pick([sum(h)] * 9 + [sum(x - 256 if x > 127 else x for x in h)])
        spelled = self.pick([b"%06o\0 "] * 16 + [b"%o", b"0o%o", b" %o", b"+%o"]) % total
        h[148:156] = spelled.ljust(8, b"\0")[:8]
        return bytes(h)

    def extended(self, records, kind=b"x"):
        out = b""
        for key, value in records:
            body = b" " + key + b"=" + value + b"\n"
            n = len(body)
            while len(str(n)) + len(body) != n:
                n = len(str(n)) + len(body)
            length = b"%d" % n
            if self.rng.random() < 0.1:
                length = self.pick([b"0" + length, b"+" + length, b"%d" % (n + 1), b"%d" % (n - 1), b" " + length])
            out += length + body
        return self.header(self.pick([b"PaxHeaders/x", b"././@PaxHeader"]), len(out), kind) + padded(out)

    def before(self, name, size):
        """Headers that extend the next one."""
        other = self.pick([0, size, 512, size + 512, 1, 10**6, -1])
        sparse = [
            [(b"GNU.sparse.major", b"1"), (b"GNU.sparse.minor", b"0"), (b"GNU.sparse.realsize", b"%d" % size)],
            [(b"GNU.sparse.map", b"0,%d" % size), (b"GNU.sparse.size", b"%d" % size)],
            [(b"GNU.sparse.size", b"%d" % size), (b"GNU.sparse.numblocks", b"1"), (b"GNU.sparse.offset", b"0"), (b"GNU.sparse.numbytes", b"%d" % size)],
        ]
        return self.pick(
            [lambda: b""] * 5
            + [
                lambda: self.extended([(b"path", name)]),
                lambda: self.extended([(b"size", b"%d" % other)]),
                lambda: self.extended([(b"path", name + self.pick([b"/", b"\0x"]))]),
                lambda: self.header(b"././@LongLink", len(name) + 1, self.pick([b"L", b"K"])) + padded(name + b"\0"),
                lambda: self.extended([(b"size", self.pick([b"0", b"512"]))], b"g"),
                lambda: self.extended([(b"path", b"q")]) + self.extended([(b"size", self.pick([b"0", b"512"]))]),
                lambda: self.extended(self.pick(sparse)),
            ]
        )()

    def member(self, name, data):
        size = len(data)
        declared = self.pick([size] * 6 + [0, 512, 1024, size + 512, max(size - 512, 0)])
        head = self.header(name + self.pick([b""] * 6 + [b"/"]), declared, self.pick(TYPES))
        return self.before(name, size) + head + padded(data)

    def make(self):
        evil = self.member(b"evil.pkl", PAYLOAD) + bytes(self.pick([0, 0, 512, 1024]))
        decoy = self.pick([b"\x80\x02}.", b"hello", b""])
        hidden = self.pick([padded(decoy) + evil, padded(decoy) + evil, evil])
        out = self.pick(
            [lambda: self.member(self.pick([b"a.txt", b"b/"]), hidden)] * 5
            + [
                lambda: self.member(b"a", decoy) + bytes(self.pick([512, 1024])) + evil,
                lambda: self.member(b"a", decoy) + self.pick([b"x" * 512, bytes(511) + b"1", b""]) + evil,
            ]
        )()
        if self.rng.random() < 0.25:
            out = self.member(b"first", b"\x80\x02}.") + out
        out += bytes(self.pick([1024] * 4 + [512, 0, 10240]))
        return out[: -self.rng.randrange(1, 600)] if self.rng.random() < 0.15 else out


def python_members(data):
    """What tarfile finds, up to where it gives up."""
    try:
        archive = tarfile.open(fileobj=io.BytesIO(data))
        while (member := archive.next()) is not None:
            try:
                yield archive.extractfile(member).read()[: len(PAYLOAD)]
            except Exception:  # it has no bytes, or not all of them
                pass
    except Exception:
        pass


PAYLOADS = {PAYLOAD}
READERS = {"tarfile": python_members}


def make(rng):
    return Maker(rng).make()
