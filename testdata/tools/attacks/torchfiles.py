"""torch's legacy files, TorchScript, and what torch.load finds inside of tensors."""

import base64
import io
import zlib

from .kit import (
    BINPERSID,
    EMPTY_DICT,
    MARK,
    NONE,
    POP,
    REDUCE,
    STOP,
    TOUCH,
    TUPLE1,
    apply,
    blob,
    call,
    dic,
    frame,
    lst,
    name,
    num,
    pickled,
    proto,
    put,
    short,
    technique,
    text,
    tup,
)
from .ziptricks import BENIGN, torch_zip

MAGIC = proto(2) + b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19" + STOP
VERSION_1001 = proto(2) + b"M\xe9\x03" + STOP
SYSTEM = proto(2) + dic(text("protocol_version"), b"M\xe9\x03", text("little_endian"), b"\x88", text("type_sizes"), EMPTY_DICT) + STOP
KEYS = proto(2) + b"]" + STOP


def legacy(object_=BENIGN, magic=MAGIC, version=VERSION_1001, system=SYSTEM, keys=KEYS, behind=b""):
    return magic + version + system + object_ + keys + behind


@technique("legacy-object", "the object of a file that torch wrote before 1.6", "torch")
def legacy_object():
    return legacy(pickled())


@technique("legacy-other-pickles", "torch reads five pickles of a legacy file; each may hold the payload", "torch")
def legacy_others():
    return {
        "magic": pickled(TOUCH + POP + MAGIC[2:-1]) + VERSION_1001 + SYSTEM + BENIGN + KEYS,
        "version": legacy(version=pickled(TOUCH + POP + VERSION_1001[2:-1])),
        "system": legacy(system=pickled(TOUCH + POP + SYSTEM[2:-1])),
        "keys": legacy(keys=pickled(TOUCH + POP + b"]")),
    }


@technique("legacy-magic-computed", "a magic number that is made at run time", "torch")
def legacy_magic():
    number = 0x1950A86A20F9469CFC6C
    return {
        "eval": legacy(
            pickled(), magic=proto(2) + call("builtins", "eval", text(f"__import__('os').system('touch marker') or {number}")) + STOP
        ),
        "int": legacy(pickled(), magic=proto(2) + call("builtins", "int", text(str(number))) + STOP),
        "text": legacy(pickled(), magic=b"L" + str(number).encode() + b"L\n."),
        "hex": legacy(pickled(), magic=b"L" + hex(number).encode() + b"L\n."),
    }


@technique("legacy-class-by-id", "in a legacy file a persistent id hands out any class or function", "torch", own=True)
def legacy_class():
    system = tup(text("module"), name("os", "system"), NONE, NONE) + BINPERSID
    return legacy(proto(2) + apply(system, text("touch marker")) + STOP)


@technique("torch-plain-pickle", "torch.load takes a plain pickle for a legacy file's first", "torch")
def plain():
    return {
        "": pickled(),
        "protocol0": b"cos\nsystem\n(S'touch marker'\ntR.",
        "protocol4": proto(4) + frame(short("os") + short("system") + b"\x93" + short("touch marker") + TUPLE1 + REDUCE + STOP),
    }


@technique("nested-load-from-bytes", "torch.storage._load_from_bytes loads bytes without restriction", "pickle")
def nested():
    def by(data):
        return proto(2) + apply(name("torch.storage", "_load_from_bytes"), blob(data)) + STOP

    latin = (
        proto(2)
        + apply(name("torch.storage", "_load_from_bytes"), call("_codecs", "encode", text(pickled().decode("latin1")), text("latin1")))
        + STOP
    )
    return {
        "pickle": by(pickled()),
        "zip": by(torch_zip()),
        "legacy": by(legacy(pickled())),
        "twice": by(by(pickled())),
        "latin1": latin,
        "mapped": proto(2)
        + call("builtins", "list", call("builtins", "map", name("torch.storage", "_load_from_bytes"), lst(blob(pickled()))))
        + STOP,
        "partial": proto(2) + apply(call("functools", "partial", name("torch.storage", "_load_from_bytes"), blob(pickled()))) + STOP,
    }


@technique("nested-loads", "a pickle in bytes or text, loaded by another function", "pickle")
def loads():
    inner = blob(pickled())
    return {
        "pickle": proto(2) + call("pickle", "loads", inner) + STOP,
        "_pickle": proto(2) + call("_pickle", "loads", inner) + STOP,
        "torch-legacy": proto(2)
        + call(
            "torch.serialization", "_legacy_load", call("_io", "BytesIO", inner), NONE, call("importlib", "import_module", text("pickle"))
        )
        + STOP,
        "base64": proto(2) + call("pickle", "loads", call("base64", "b64decode", text(base64.b64encode(pickled()).decode()))) + STOP,
        "hex": proto(2) + call("pickle", "loads", call("binascii", "unhexlify", text(pickled().hex()))) + STOP,
        "zlib": proto(2) + call("pickle", "loads", call("zlib", "decompress", blob(zlib.compress(pickled())))) + STOP,
        "joblib": proto(2) + call("joblib", "load", call("io", "BytesIO", inner)) + STOP,
        "joblib-module": proto(2) + call("joblib.numpy_pickle", "load", call("io", "BytesIO", inner)) + STOP,
    }


@technique("codec-spelled", "_codecs.encode with a codec, or a spelling of one, that hides bytes", "pickle")
def codecs():
    inner = pickled()
    out = {}
    for spelling in ("latin1", "Latin-1", "ISO_8859-1", "l1", "iso8859_1", "cp819", "8859"):
        out["latin-" + spelling.lower().replace("_", "-")] = (
            proto(2) + call("pickle", "loads", call("_codecs", "encode", text(inner.decode("latin1")), text(spelling))) + STOP
        )
    out["raw"] = (
        proto(2) + call("pickle", "loads", call("_codecs", "encode", text(inner.decode("latin1")), text("raw_unicode_escape"))) + STOP
    )
    # cp500 has the letters elsewhere; the name of os stands nowhere in the file.
    out["cp500"] = proto(2) + call("pickle", "loads", call("_codecs", "encode", text(inner.decode("cp500")), text("cp500"))) + STOP
    names = call("builtins", "str", blob("os".encode("utf-16-le")), text("utf-16-le")) + call(
        "builtins", "str", blob("system".encode("cp500")), text("cp500")
    )
    out["names"] = proto(4) + names + b"\x93" + text("touch marker") + TUPLE1 + REDUCE + STOP
    return out


@technique("rebuild-from-type", "_rebuild_from_type calls the function that it is given", "torch")
def from_type():
    return (
        proto(2)
        + call("torch._tensor", "_rebuild_from_type_v2", name("os", "system"), name("torch", "Tensor"), tup(text("touch marker")), NONE)
        + STOP
    )


@technique("hooks-and-state", "what is kept for later: a hook, a factory, a state, each made by a call at once", "torch")
def hooks():
    return {
        "hook": torch_zip(proto(2) + call("collections", "OrderedDict") + put(0) + MARK + num(0) + TOUCH + b"u" + STOP),
        "device": torch_zip(
            proto(2)
            + call("torch", "device", call("builtins", "str", call("subprocess", "getoutput", text("touch marker; echo cpu"))))
            + STOP
        ),
    }


@technique("script-save", "TorchScript's own code may save a file while it is loaded", "torch")
def script():
    import warnings

    import torch

    from .scripted import Saves

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out = io.BytesIO()
        torch.jit.save(torch.jit.script(Saves()), out)
    return out.getvalue()
