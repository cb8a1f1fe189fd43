"""Files of two formats at once: clean for who takes them for the one, and loaded
as the other."""

import io
import struct
import tarfile

from .kit import POP, STOP, TOUCH0, call, name, num, pickled, proto, technique, text, tup, unlisted


def tar(members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as t:
        for member, data in members:
            info = tarfile.TarInfo(member)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def torch_tar(first=()):
    """What torch 0.1 wrote, without a tensor."""
    none = proto(2) + num(0) + STOP
    return tar([*first, ("storages", none + proto(2) + b"]" + STOP), ("tensors", none), ("pickle", pickled())])


def checksum(header, write):
    """Sets the checksum of a tar header; write spells the sum."""
    b = bytearray(header)
    b[148:156] = b" " * 8
    field = write(sum(b), sum(x - 256 if x > 127 else x for x in b))
    b[148:156] = field.ljust(8, b" ")
    return bytes(b)


def wrapped(archive, write):
    """A pickle of bytes around a tar: the first header's name begins it, the end
    of the archive's padding ends it."""
    end = b"0N."
    body = bytearray(archive)
    # BINBYTES and its length fill the name up to its first NUL.
    head = proto(4) + b"\x8e" + struct.pack("<Q", len(body) - 11 - len(end))
    body[:11] = head[:11]
    body[-len(end) :] = end
    body[257:265] = bytes(8)  # old archives have no magic
    body[:512] = checksum(body[:512], write)
    return bytes(body)


@technique("torch-tar", "torch's format before 0.2, a tar", "torch")
def plain_tar():
    none = proto(2) + num(0) + STOP
    return {
        "": torch_tar(),
        "storages": tar([("storages", pickled()), ("tensors", none), ("pickle", none)]),
        "tensors": tar([("storages", none + proto(2) + b"]" + STOP), ("tensors", pickled()), ("pickle", none)]),
    }


@technique(
    "torch-tar-in-bytes",
    "a torch tar inside of the bytes of a harmless pickle; its first checksum is written as few readers take it",
    "torch",
    own=True,
)
def tar_in_bytes():
    archive = torch_tar([("a" * 60, b"")])
    return {
        "signed": wrapped(archive, lambda unsigned, signed: b"%06o\0" % signed),
        "prefix": wrapped(archive, lambda unsigned, signed: b"0o%o\0" % unsigned),
        "underscore": wrapped(archive, lambda unsigned, signed: (b"%o" % unsigned)[:2] + b"_" + (b"%o" % unsigned)[2:] + b"\0"),
    }


@technique("tar-name-is-pickle", "the name of a tar's first member is a pickle", "pickle")
def tar_name():
    def by(payload):
        out = bytearray(tar([("x" * 99, b"data")]))
        assert len(payload) <= 100
        out[: len(payload)] = payload
        out[:512] = checksum(out[:512], lambda unsigned, signed: b"%06o\0 " % unsigned)
        return bytes(out)

    return {"": by(TOUCH0 + STOP), "unlisted": by(unlisted() + STOP)}


@technique(
    "magic-is-opcode", "a pickle that begins as another format does: GGUF is a float, the length of a SafeTensors header is bytes", "pickle"
)
def magic():
    out = {}
    for key, payload in (("listed", TOUCH0), ("unlisted", unlisted())):
        out["gguf-" + key] = b"GGUF" + bytes(5) + POP + payload + STOP
        head = b"B" + struct.pack("<I", 300) + bytes(3)
        out["safetensors-" + key] = (head + b"{}".ljust(297) + POP + payload + STOP).ljust(0x42 + (300 << 8) + 64)
    return out


@technique(
    "torch-tar-storage-type",
    "of a record that names two types of storage torch takes the last: how many bytes follow differs",
    "torch",
    own=True,
)
def storage_type():
    count = 32
    record = proto(2) + name("torch", "DoubleStorage") + POP + tup(num(1), text("cpu"), name("torch", "ByteStorage")) + STOP
    elements = bytes(count) + pickled(call("os", "system", text("touch marker")) + POP + b"]")
    storages = proto(2) + num(1) + STOP + record + struct.pack("<q", count) + elements.ljust(8 * count, b"N") + proto(2) + b"]" + STOP
    none = proto(2) + num(0) + STOP
    return tar([("storages", storages), ("tensors", none), ("pickle", none)])


@technique("tar-checksum-spelled", "a header's checksum as Python reads it, and few others do", "tar-members", own=True)
def tar_checksum():
    # The second of two members, so that the first is read without doubt.
    archive = tar([("a", b"")])[:512] + tar([("model.pkl", pickled())])
    return archive[:512] + checksum(archive[512:1024], lambda unsigned, signed: b"0o%o\0" % unsigned) + archive[1024:]


@technique("broken-early", "a pickle of protocol 0 that breaks behind its payload, so that it looks like no pickle", "pickle")
def broken_early():
    return {"listed": TOUCH0 + b"\xff" * 8, "unlisted": unlisted() + b"\xff" * 8}
