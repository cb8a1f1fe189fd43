"""Zip archives that stand behind something else, where readers of zips find them."""

import struct
import zipfile

from .kit import pickled, technique, zipped
from .ziptricks import BENIGN, halves, torch_zip


@technique(
    "zip-shifted-comment",
    "Python takes a directory to stand right before its end record: with zeros between them it finds the one in a comment of the other",
    "numpy",
    own=True,
)
def shifted():
    from .numpyfiles import OBJECTS, header, npy

    pad = bytes(80)  # no offset may be negative
    inner, hidden, end = halves(zipped([("a.npy", OBJECTS)]))
    gap = len(hidden)
    data = npy(header("'|u1'", f"({len(pad + inner)},)"), pad + inner)
    outer, directory, _ = halves(zipped([("a.npy", data)]))
    # Its comment is as long as the zeros behind the directory.
    hidden = hidden[:32] + struct.pack("<H", gap) + hidden[34:42] + struct.pack("<I", outer.index(inner) - gap) + hidden[46:]
    directory = directory[:32] + struct.pack("<H", gap) + directory[34:] + hidden
    return outer + directory + bytes(gap) + end[:12] + struct.pack("<II", len(directory), len(outer)) + end[20:]


FRONTS = {
    "gguf": b"GGUF\x03\0\0\0" + bytes(24),
    "hdf5": b"\x89HDF\r\n\x1a\n" + bytes(24),
    "html": b"<!doctype html><title>model</title>",
    "onnx": b"\x08\x07\x12\x07pytorch",
    "safetensors": struct.pack("<Q", 2) + b"{}",
    "npy": b"\x93NUMPY\x01\0\x76\0" + b"{'descr': '|u1', 'fortran_order': False, 'shape': (1,), }".ljust(117) + b"\n\x01",
}


@technique("zip-behind-magic", "an archive behind the first bytes of a format without pickles: its readers begin at the end", "zip-members")
def behind():
    out = {}
    for key, front in FRONTS.items():
        out[key] = front + zipped([("model.pkl", pickled())])
        out[key + "-deflated"] = front + zipped([("model.pkl", pickled())], zipfile.ZIP_DEFLATED)
    return out


@technique("zip-behind-empty-magic", "an archive behind an empty one and another format's first bytes", "numpy", own=True)
def behind_empty():
    from .numpyfiles import OBJECTS

    return zipped([]) + FRONTS["gguf"] + zipped([("a.npy", OBJECTS)], zipfile.ZIP_DEFLATED)


@technique("dcp", "the files of torch.distributed.checkpoint: its metadata, and torch archives one behind the other", "distcp")
def sharded():
    good, bad = torch_zip(BENIGN), torch_zip()
    packed = torch_zip(compression=zipfile.ZIP_DEFLATED)
    return {
        "metadata": ("dcp-metadata", pickled(n=4)),
        "first": bad + good,
        "middle": good + bad + good,
        "last": good + bad,
        "deflated": good + packed + good,
    }
