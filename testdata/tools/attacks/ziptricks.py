"""Zip archives that readers take apart in different ways."""

import struct
import zipfile

from .kit import POP, STOP, TOUCH0, pickled, proto, technique, unlisted, zipped

BENIGN = proto(2) + b"}" + STOP
VERSION = ("archive/version", b"3\n")


def torch_zip(data=None, *more, compression=zipfile.ZIP_STORED):
    return zipped([("archive/data.pkl", pickled() if data is None else data), VERSION, *more], compression)


def patched(data, signature, offset, value, which=0):
    """Overwrites two bytes of the nth structure with that signature."""
    at = -1
    for _ in range(which + 1):
        at = data.index(signature, at + 1)
    return data[: at + offset] + value + data[at + offset + len(value) :]


LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def both(data, local, central, value):
    return patched(patched(data, LOCAL, local, value), CENTRAL, central, value)


@technique("zip-torch", "torch's archive, stored and deflated", "torch")
def plain():
    return {
        "": torch_zip(),
        "deflated": torch_zip(compression=zipfile.ZIP_DEFLATED),
        "nested-name": zipped([("a b/data.pkl", pickled()), ("a b/version", b"3\n")]),
    }


@technique("zip-duplicate-first", "two members of one name: torch takes the first, Python the last", "torch")
def duplicate():
    evil, good = ("archive/data.pkl", pickled()), ("archive/data.pkl", BENIGN)
    return {"": zipped([evil, good, VERSION]), "python": ("zip-members", zipped([good, VERSION, evil]))}


@technique("zip-case-twin", "torch finds a member in any case", "torch")
def case():
    return {
        "alone": zipped([("archive/DATA.PKL", pickled()), VERSION]),
        "twin": zipped([("archive/Data.pkl", pickled()), ("archive/data.pkl", BENIGN), VERSION]),
    }


@technique("zip-flags", "flag bits that some readers stop at (CVE-2025-1945)", "torch")
def flags():
    data = torch_zip()
    return {
        "local": patched(data, LOCAL, 6, b"\x01\x00"),
        "descriptor": both(data, 6, 8, b"\x08\x00"),
        "text": both(data, 6, 8, b"\x00\x08"),
        "unused": both(data, 6, 8, b"\x10\x00"),
    }


@technique("zip-crc", "a wrong checksum (CVE-2025-10156)", "torch")
def crc():
    data = torch_zip()
    return {
        "both": both(data, 14, 16, b"\xde\xad\xbe\xef"),
        "local": patched(data, LOCAL, 14, b"\xde\xad\xbe\xef"),
        "zero": both(data, 14, 16, bytes(4)),
    }


@technique("zip-local-name", "the local header has another name than the directory (CVE-2025-1944)", "torch")
def local_name():
    return patched(torch_zip(), LOCAL, 30, b"archive/data.txt")


@technique("zip-local-fields", "the local header has another method, size or version", "torch")
def local_fields():
    data = torch_zip()
    return {
        "method": patched(data, LOCAL, 8, b"\x63\x00"),
        "size": patched(data, LOCAL, 22, b"\x01\x00\x00\x00"),
        "version": both(data, 4, 6, b"\xff\x00"),
    }


def halves(data):
    """What stands before the directory, the directory, the end record."""
    at, end = data.index(CENTRAL), data.index(END)
    return data[:at], data[at:end], data[end:]


def moved(directory, by):
    """A directory whose members stand so many bytes later."""
    out, at = bytearray(directory), 0
    while at < len(out):
        struct.pack_into("<I", out, at + 42, struct.unpack_from("<I", out, at + 42)[0] + by)
        at += 46 + sum(struct.unpack_from("<HHH", out, at + 28))
    return bytes(out)


def ended(end, size, offset):
    """An end record for a directory of that size, there."""
    return end[:12] + struct.pack("<II", size, offset) + end[20:]


@technique("zip-two-directories", "two directories and two end records: the last one counts", "torch")
def directories():
    first, (body, directory, end) = torch_zip(BENIGN), halves(torch_zip())
    directory = moved(directory, len(first))
    return first + body + directory + ended(end, len(directory), len(first + body))


@technique(
    "zip-gap-directory",
    "Python takes the directory that stands right before the end record, others the one at its offset",
    "numpy",
    own=True,
)
def gap_directory():
    from .numpyfiles import OBJECTS, header, npy

    decoy, listed, end = halves(zipped([("a.npy", npy(header("'|u1'"), b"\x01"))]))
    body, directory, _ = halves(zipped([("a.npy", OBJECTS)]))
    # Python believes that the archive begins as much later as it is off.
    directory = moved(directory, len(decoy) - len(listed))
    return decoy + body + listed + directory + ended(end, len(listed), len(decoy + body))


@technique("zip-odd-member", "a pickle under any name in an archive (CVE-2025-1889)", "zip-members")
def odd_member():
    return {
        "txt": zipped([("README.txt", pickled())]),
        "protocol0": zipped([("config.json", TOUCH0 + STOP)]),
        "deep": zipped([("a/b/c", pickled())]),
        "beside": ("zip-members", torch_zip(BENIGN, ("archive/extra/model.bin", pickled()))),
    }


@technique("zip-late-global", "a member of protocol 0 or 1 whose payload stands behind 64 KiB of text", "zip-members", own=True)
def late_global():
    long = b"B" + struct.pack("<I", 70000) + b"a" * 70000 + POP
    lines = b"N0" * 35000
    return {
        "bytes": zipped([("weights.bin", long + TOUCH0 + STOP)]),
        "opcodes": zipped([("weights.bin", lines + TOUCH0 + STOP)]),
        "deflated": zipped([("weights.bin", long + TOUCH0 + STOP)], zipfile.ZIP_DEFLATED),
        "string": zipped([("weights.bin", b"S'" + b"a" * 70000 + b"'\n0" + TOUCH0 + STOP)]),
        "beside": torch_zip(BENIGN, ("archive/notes", long + TOUCH0 + STOP)),
    }


@technique("zip-broken-member", "a member that breaks behind its payload, so that it looks like no pickle", "zip-members", own=True)
def broken_member():
    return {"listed": zipped([("weights.bin", TOUCH0 + b"\xff")]), "unlisted": zipped([("weights.bin", unlisted() + b"\xff")])}


@technique("zip-second-pickle", "a member of two pickles of protocol 0; the payload is the second", "zip-members", own=True)
def second_pickle():
    return {"": zipped([("cache.bin", b"N." + TOUCH0 + STOP)]), "beside": torch_zip(BENIGN, ("archive/cache", b"N." + TOUCH0 + STOP))}


@technique("zip-prefix", "an archive behind other bytes, which Python finds from its end", "zip-members")
def prefix():
    inner = zipped([("weights.pkl", pickled())])
    # The archive's comment ends the pickle whose bytes the archive is.
    comment = inner[:-2] + struct.pack("<H", 3) + b"0N."
    return {
        "pickle": BENIGN + inner,
        "junk": b"\xff" * 64 + inner,
        "image": b"\x89PNG\r\n\x1a\n" + bytes(64) + inner,
        "in-bytes": proto(2) + b"B" + struct.pack("<I", len(inner)) + comment,
    }


@technique("zip-storage-is-pickle", "a pickle where torch keeps elements", "zip-members")
def storage():
    return {"undeclared": torch_zip(BENIGN, ("archive/data/0", pickled())), "named": torch_zip(BENIGN, ("archive/data/0.pkl", pickled()))}


@technique("zip-nested", "an archive in an archive, and a checkpoint in it", "zip-members")
def nested():
    # The reader that is stated opens one archive; what unpickles is its members.
    return {"deep": zipped([("a/model.pt", pickled()), ("b.zip", zipped([("c.pkl", pickled())]))])}
