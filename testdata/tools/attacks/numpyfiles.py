""".npy and .npz: a header that Python evaluates, and a pickle behind it."""

import struct
import zipfile

from .kit import FALSE, STOP, TOUCH0, call, name, num, pickled, proto, text, tup, technique, unlisted, zipped


def npy(header, body=pickled(), version=1):
    head = header.encode() + b"\n"
    size = struct.pack("<H" if version == 1 else "<I", len(head))
    return b"\x93NUMPY" + bytes([version, 0]) + size + head + body


def header(descr, shape="(1,)"):
    return "{'descr': %s, 'fortran_order': False, 'shape': %s, }" % (descr, shape)


OBJECTS = npy(header("'|O'"))


@technique("npy-object", "an object array is a pickle", "numpy")
def npy_object():
    return {
        "": OBJECTS,
        "v2": npy(header("'|O'"), version=2),
        "v3": npy(header("'O'"), version=3),
        "scalar": npy(header("'|O'", "()")),
        "padded": npy(header("'|O'") + " " * 40),
    }


@technique("npy-object-field", "a structure with a field of objects", "numpy")
def npy_field():
    return npy(header("[('a', '<i4'), ('b', '|O')]"))


@technique("npy-object-spelled", "objects by another name than O: numpy.dtype takes many", "numpy", own=True)
def npy_spelled():
    out = {}
    for key, descr in (
        ("object", "[('a', 'object')]"),
        ("commas", "[('a', 'i4,O')]"),
        ("repeat", "[('a', '(2,)O')]"),
        ("name", "[('a', 'object_')]"),
        ("alone", "'object'"),
        ("nested", "[('a', [('b', 'object')])]"),
        ("shape", "[('a', '|O', (2,))]"),
        ("quotes", '[("a", "|O")]'),
        ("escape", "[('a', '\\x4f')]"),
    ):
        out[key] = npy(header(descr))
    return out


@technique("npy-header-spelled", "a header that Python reads and numpy never writes", "numpy", own=True)
def npy_header():
    return {
        "quotes": npy('{"descr": "|O", "fortran_order": False, "shape": (1,), }'),
        "order": npy("{'shape': (1,), 'fortran_order': False, 'descr': '|O'}"),
        "blanks": npy("{ 'descr':'|O','fortran_order':False,'shape':(1,)}"),
        "hex": npy(header("'|O'", "(0x1,)")),
        "joined": npy(header("'|' 'O'")),
    }


@technique("npy-plain-pickle", "numpy.load takes any pickle, whatever it is named", "numpy")
def npy_pickle():
    return {"": pickled(), "text": TOUCH0 + STOP, "unlisted": pickled(unlisted())}


@technique("npz-object", "an object array in an .npz", "numpy")
def npz_object():
    return {
        "": zipped([("a.npy", OBJECTS)]),
        "deflated": zipped([("a.npy", OBJECTS)], zipfile.ZIP_DEFLATED),
        "no-suffix": zipped([("weights", OBJECTS)]),
        "second": zipped([("a.npy", npy(header("'|u1'"), b"\x01")), ("b.npy", OBJECTS)]),
    }


@technique("npz-method", "an .npz by a compression that few readers have: bzip2, lzma", "numpy")
def npz_method():
    return {"bzip2": zipped([("a.npy", OBJECTS)], zipfile.ZIP_BZIP2), "lzma": zipped([("a.npy", OBJECTS)], zipfile.ZIP_LZMA)}


@technique("npz-in-torch-storage", "a torch archive that is an .npz too: the member stands where torch keeps elements", "numpy", own=True)
def npz_storage():
    root = ("archive/data.pkl", proto(2) + b"}" + STOP)
    key = tup(text("storage"), name("torch", "ByteStorage"), text("0"), text("cpu"), num(len(OBJECTS))) + b"Q"
    tensor = call(
        "torch._utils", "_rebuild_tensor_v2", key, num(0), tup(num(len(OBJECTS))), tup(num(1)), FALSE, call("collections", "OrderedDict")
    )
    declared = ("archive/data.pkl", proto(2) + tensor + STOP)
    rest = [("archive/data/0", OBJECTS), ("archive/version", b"3\n")]
    return {"undeclared": zipped([root, *rest]), "declared": zipped([declared, *rest])}


@technique("npz-empty-begin", "numpy takes a file for a zip that begins as an empty one does", "numpy", own=True)
def npz_begin():
    inner = zipped([("a.npy", OBJECTS)])
    return b"PK\x05\x06" + bytes(18) + inner
