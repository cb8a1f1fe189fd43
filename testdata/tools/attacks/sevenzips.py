"""7z archives: what the models named nullifAI on the Hugging Face Hub hid a broken pickle in."""

import bz2
import lzma
import struct
import zlib

from .kit import STOP, TOUCH0, pickled, technique, zipped

MAGIC = b"7z\xbc\xaf\x27\x1c"
DICTIONARY = 1 << 16
LZMA1 = [{"id": lzma.FILTER_LZMA1, "dict_size": DICTIONARY}]
LZMA2 = [{"id": lzma.FILTER_LZMA2, "dict_size": DICTIONARY}]


def deflate(data):
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    return c.compress(data) + c.flush()


# A coder as the header has it, and what packs for it.
COPY = b"\x01\x00", bytes
LZMA = b"\x23\x03\x01\x01\x05\x5d" + struct.pack("<I", DICTIONARY), lambda d: lzma.compress(d, lzma.FORMAT_RAW, filters=LZMA1)
LZMA_2 = b"\x21\x21\x01\x08", lambda d: lzma.compress(d, lzma.FORMAT_RAW, filters=LZMA2)
DEFLATE = b"\x03\x04\x01\x08", deflate
BZIP2 = b"\x03\x04\x02\x02", bz2.compress


def number(n):
    """As 7zFormat.txt has it, in its longest form."""
    return b"\xff" + struct.pack("<Q", n)


def listed(ident, data):
    return ident + number(len(data)) + data


def streams(at, packs, coder, sizes):
    """PackInfo and CodersInfo of folders of one coder."""
    out = b"\x06" + number(at) + number(len(packs)) + b"\x09" + b"".join(number(len(p)) for p in packs) + b"\x00"
    out += b"\x07\x0b" + number(len(packs)) + b"\x00" + (b"\x01" + coder) * len(packs)
    return out + b"\x0c" + b"".join(map(number, sizes)) + b"\x00"


def sevenzipped(members, method=LZMA_2, solid=True, header=None):
    """A 7z archive of pairs of names and bytes: in one folder, or in one each.
    header is the method that packs the header, if one does."""
    coder, pack = method
    data = [d for _, d in members if d]
    folders = [b"".join(data)] if solid else data
    packs = [pack(f) for f in folders]
    head = b"\x01\x04" + streams(0, packs, coder, map(len, folders)) + b"\x08"
    if solid:
        head += b"\x0d" + number(len(data)) + b"\x09" + b"".join(number(len(d)) for d in data[:-1])
    head += b"\x0a\x01" + b"".join(struct.pack("<I", zlib.crc32(d)) for d in data) + b"\x00\x00"
    empty = "".join("0" if d else "1" for _, d in members).ljust(-(-len(members) // 8) * 8, "0")
    head += b"\x05" + number(len(members)) + listed(b"\x0e", int(empty, 2).to_bytes(len(empty) // 8, "big"))
    head += listed(b"\x11", b"\x00" + b"".join(name.encode("utf-16-le") + b"\0\0" for name, _ in members)) + b"\x00\x00"
    body = b"".join(packs)
    if header:
        packed = header[1](head)
        head = b"\x17" + streams(len(body), [packed], header[0], [len(head)]) + b"\x00"
        body += packed
    start = struct.pack("<QQI", len(body), len(head), zlib.crc32(head))
    return MAGIC + b"\x00\x04" + struct.pack("<I", zlib.crc32(start)) + start + body + head


CONFIG = "config.json", b'{"name": "model"}'


@technique("sevenzip", "a pickle in a 7z archive", "7z-members")
def plain():
    members = [CONFIG, ("empty.txt", b""), ("weights/model.pkl", pickled())]
    return {
        "copy": sevenzipped(members, COPY),
        "lzma": sevenzipped(members, LZMA, header=LZMA),
        "lzma2": sevenzipped(members, header=LZMA),
        "lzma2-each": sevenzipped(members, solid=False),
        "zipped": sevenzipped([("model.pkl", pickled()), ("model.zip", zipped([("model.pkl", pickled())]))]),
    }


@technique("sevenzip-broken-pickle", "a pickle in a 7z archive that breaks behind its payload, as nullifAI's did", "7z-members")
def broken():
    garbage = bytes(range(0xA0, 0xFF)) * 8
    cut = [("model/data.pkl", TOUCH0 + garbage)]
    return {
        "copy": sevenzipped(cut, COPY),
        "lzma2": sevenzipped(cut, header=LZMA),
        "protocol2": sevenzipped([("data.pkl", pickled()[: -len(STOP)] + garbage)]),
    }
