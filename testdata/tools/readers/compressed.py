"""Compressed files that are cut, joined, padded and damaged, and Python's readers.

They give what they unpacked up to where they give up, and pickle.load runs a
pickle whose end has been read. (joblib's own reader of zlib is left out: it
fills the memory where a file is cut off.)
"""

import bz2
import gzip
import io
import lzma
import zlib

from attacks.kit import pickled

try:
    import lz4.frame
    import zstandard
except ImportError:
    lz4 = None

PAYLOAD = pickled()


def raw(data, wbits):
    c = zlib.compressobj(wbits=wbits)
    return c.compress(data) + c.flush()


WRITERS = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "zlib": zlib.compress,
    "zlib-small": lambda data: raw(data, 10),
}
if lz4:
    WRITERS["lz4"] = lz4.frame.compress
    WRITERS["zstd"] = lambda data: zstandard.ZstdCompressor().compress(data)

SKIPPABLE = b"\x50\x2a\x4d\x18\x04\0\0\0junk"  # to lz4 and zstd
PADDINGS = [b"\0", bytes(4), bytes(8), b"junk", b"\n", SKIPPABLE, b"\x1f\x8b", b"\x1f\x8b\x08\0"]


class Maker:
    """One file; each choice is random."""

    def __init__(self, rng):
        self.rng, self.pick = rng, rng.choice

    def gzip(self, data):
        """A member with the fields that few writers have."""
        flags = self.rng.randrange(32) & self.pick([0, 31])
        head = b"\x1f\x8b\x08" + bytes([flags | self.pick([0, 0, 0, 0x20, 0x80])]) + bytes(6)
        head += b"\x03\0abc" * bool(flags & 4) + b"name\0" * bool(flags & 8) + b"text\0" * bool(flags & 16)
        head += (zlib.crc32(head) & 0xFFFF).to_bytes(2, "little") * bool(flags & 2)
        end = zlib.crc32(data).to_bytes(4, "little") + len(data).to_bytes(4, "little")
        return head + raw(data, -15) + self.pick([end, end, bytes(8), b""])

    def stream(self, kind, data):
        if kind == "gzip" and self.pick([False, True]):
            return self.gzip(data)
        return WRITERS[kind](data)

    def make(self):
        kind = self.pick(list(WRITERS))
        data = self.pick([b"\x80\x02}.", PAYLOAD, PAYLOAD, PAYLOAD + bytes(self.rng.randrange(40)), PAYLOAD + self.rng.randbytes(200)])
        at = sorted(self.rng.randrange(len(data) + 1) for _ in range(self.pick([0, 0, 1, 2])))
        pieces = [data[a:b] for a, b in zip([0, *at], [*at, len(data)])]
        out = [self.stream(self.pick([kind] * 9 + list(WRITERS)), piece) for piece in pieces]
        between = self.pick([b""] * 3 + PADDINGS)
        data = between.join(out)
        data = self.pick([b""] * 8 + [SKIPPABLE, self.stream(kind, b"")]) + data + self.pick([b""] * 3 + PADDINGS)
        if self.rng.random() < 0.2:
            data = data[: -self.rng.randrange(1, 20)]
        if self.rng.random() < 0.2:
            data = bytearray(data)
            data[self.rng.randrange(min(24, len(data)))] ^= 1 << self.rng.randrange(8)
        return bytes(data)


def read(opened):
    """What a file gives, a little at a time."""
    out = b""
    try:
        with opened() as f:
            while len(out) < len(PAYLOAD) and (more := f.read(7)):
                out += more
    except Exception:
        pass
    return out[: len(PAYLOAD)]


def zlib_all(data):
    try:
        yield zlib.decompressobj().decompress(data)[: len(PAYLOAD)]
    except zlib.error:
        pass


def also(module):
    return lambda data: [read(lambda: module.open(io.BytesIO(data)))]


PAYLOADS = {PAYLOAD}
READERS = {"gzip": also(gzip), "bz2": also(bz2), "lzma": also(lzma), "zlib": zlib_all}
if lz4:
    READERS["lz4"] = also(lz4.frame)
    READERS["zstd"] = lambda data: [read(lambda: zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data), read_across_frames=True))]


def make(rng):
    return Maker(rng).make()
