"""Compressed pickles, as joblib opens them by their first bytes."""

import bz2
import gzip
import lzma
import struct
import zlib

from .kit import STOP, pickled, technique, zipped
from .polyglots import tar


def lz4(data):
    import lz4.frame

    return lz4.frame.compress(data)


def zstd(data):
    import zstandard

    return zstandard.ZstdCompressor().compress(data)


def by(name):
    return {
        "gzip": lambda d: gzip.compress(d, mtime=0),
        "bz2": bz2.compress,
        "zlib": zlib.compress,
        "xz": lzma.compress,
        "lzma": lambda d: lzma.compress(d, lzma.FORMAT_ALONE),
        "lz4": lz4,
    }[name]


KINDS = ("gzip", "bz2", "zlib", "xz", "lzma", "lz4")


@technique("compressed", "a compressed pickle", "joblib")
def compressed():
    out = {kind: by(kind)(pickled()) for kind in KINDS}
    out["zstd"] = ("pickle-zstd", zstd(pickled()))
    return out


@technique("compressed-cut", "a compressed pickle that is cut off behind the payload", "joblib")
def cut():
    filler = pickled()[:-1] + b"N0" * 40000 + STOP
    return {kind: by(kind)(filler)[:-9] for kind in ("gzip", "zlib")}


@technique(
    "compressed-second-stream",
    "the payload is in the second of two compressed streams, which is the file's end for some readers",
    "joblib",
    own=True,
)
def second():
    data = pickled()
    return {kind: by(kind)(data[:9]) + by(kind)(data[9:]) for kind in ("bz2", "xz", "lzma", "lz4")}


@technique("compressed-twice", "a compressed file in a compressed file, or in an archive", "zip-members")
def twice():
    return {
        "zip": zipped([("model.pkl", pickled()), ("model.pkl.gz", by("gzip")(pickled()))]),
        "tar": ("tar-members", tar([("model.pkl", pickled())])),
        "tar-gz": ("tar-members", gzip.compress(tar([("weights", pickled())]), mtime=0)),
        "tar-xz": ("tar-members", lzma.compress(tar([("weights", pickled())]))),
    }


@technique("joblib-zfile", "the header of joblib before 0.10", "joblib")
def zfile():
    data = pickled()
    size = hex(len(data)).encode()
    bare = b"%x" % len(data)
    return {
        "": b"ZF" + size.ljust(19) + zlib.compress(data),
        "bare": b"ZF" + bare.ljust(19) + zlib.compress(data),
        "upper": b"ZF" + size.upper().ljust(19) + zlib.compress(data),
        "blank": b"ZF " + size.ljust(18) + zlib.compress(data),
    }


@technique("lzma-odd-header", "an lzma header that a decoder takes and a reader of magics does not", "joblib", own=True)
def lzma_header():
    def packed(size, **filters):
        return lzma.compress(pickled(), lzma.FORMAT_ALONE, filters=[{"id": lzma.FILTER_LZMA1, "dict_size": size, **filters}])

    return {"dictionary": packed(3 << 20), "small": packed(4096)}


@technique("bz2-named-npz", "a compressed joblib under another name", "joblib")
def misnamed():
    return bz2.compress(pickled())


@technique("gzip-extras", "gzip with every optional field of its header", "joblib")
def gzip_extras():
    body = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = pickled()
    packed = body.compress(data) + body.flush()
    head = b"\x1f\x8b\x08\x1e" + bytes(4) + b"\x00\xff" + struct.pack("<H", 4) + b"abcd" + b"name\0" + b"comment\0"
    head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    return head + packed + struct.pack("<II", zlib.crc32(data), len(data))


@technique("zlib-levels", "zlib by its other headers", "joblib")
def zlib_levels():
    return {str(level): zlib.compress(pickled(), level) for level in (0, 1, 9)}


@technique("gzip-header", "a gzip header whose checksum is wrong, and flags that mean nothing: Python skips both", "pickle-gzip", own=True)
def gzip_header():
    data = by("gzip")(pickled())
    return {
        "checksum": data[:3] + b"\x02" + data[4:10] + b"\xff\xff" + data[10:],
        "flags": data[:3] + b"\xe0" + data[4:],
        "both": data[:3] + b"\xff" + data[4:10] + b"\x01\0x" + b"name\0" + b"text\0" + b"\xff\xff" + data[10:],
    }


@technique("zlib-small-window", "zlib with a window that nobody writes", "pickle-zlib", own=True)
def small_window():
    out = {}
    for bits in (9, 10, 14):
        c = zlib.compressobj(wbits=bits)
        out[str(bits)] = c.compress(pickled()) + c.flush()
    return out


@technique("lz4-skippable", "a frame that holds nothing in front of the one that does", "pickle-lz4", own=True)
def skippable():
    return {"one": struct.pack("<II", 0x184D2A50, 4) + b"junk" + lz4(pickled()), "last": struct.pack("<II", 0x184D2A5F, 0) * 3 + lz4(pickled())}


@technique("lzma-broken-late", "lzma that is cut off behind the payload: Python gives what stands in front", "pickle-lzma", own=True)
def broken_late():
    data = by("lzma")(pickled() + bytes(range(256)) * 4)
    return data[:-40]
