"""The oracle of TestCPython: what do CPython's unpicklers reach in a pickle?

Reads batches from standard input: a little-endian uint32 length, then pickles,
each behind its length. It answers a batch with a line of JSON: for each pickle,
by the C unpickler, by the same on a file that it may read ahead of, and by
pickle.py, the globals that were asked for, in order, and the error that ended
the run, null if there was none. Each byte of a name in
UTF-8 is a character of the answer, so that lone surrogates survive.

No global is imported. Each becomes a class that takes any call, state and item,
so the run goes on as long as the unpickler itself has no objection.
"""

import copyreg
import io
import json
import pickle
import resource
import struct
import sys
import warnings


class Anything:
    """A method that takes any arguments, of a class and of its instances."""

    def __get__(self, obj, cls):
        return lambda *args, **kwargs: None


class Meta(type):
    def __setitem__(cls, key, value):
        pass


class Inert(metaclass=Meta):
    append = extend = add = __setstate__ = Anything()

    def __new__(cls, *args, **kwargs):
        return object.__new__(cls)

    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        return Inert()

    def __setitem__(self, key, value):
        pass


def wire(name):
    return name.encode("utf-8", "surrogatepass").decode("latin1")


class Found(Inert):
    """Every global. It keeps nothing of what is done to it, so one is enough."""


def recorder(base):
    class Unpickler(base):
        def find_class(self, module, name):
            self.found.append((wire(module), wire(name)))
            return Found

        def persistent_load(self, pid):
            return Inert()

    return Unpickler


def run(unpickler, file):
    copyreg._extension_cache.clear()
    u = unpickler(file, fix_imports=False, encoding="latin1")
    u.found = []
    error = None
    try:
        u.load()
    except Exception as e:
        error = "%s: %s" % (type(e).__name__, e)
    return {"found": u.found, "error": error}


def pickles(batch):
    at = 0
    while at < len(batch):
        end = at + 4 + struct.unpack_from("<I", batch, at)[0]
        yield batch[at + 4 : end]
        at = end


def answer(c, py, data):
    return {
        "c": run(c, io.BytesIO(data)),
        "file": run(c, io.BufferedReader(io.BytesIO(data))),
        "py": run(py, io.BytesIO(data)),
    }


def main():
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    for code in list(range(1, 70)) + [255, 256, 65535, 65536, 0x7FFFFFFF]:
        copyreg.add_extension("ext", str(code), code)
    c, py = recorder(pickle.Unpickler), recorder(pickle._Unpickler)
    print(json.dumps(sys.version_info[:3]), flush=True)
    while True:
        head = sys.stdin.buffer.read(4)
        if len(head) < 4:
            return
        batch = sys.stdin.buffer.read(struct.unpack("<I", head)[0])
        print(json.dumps([answer(c, py, p) for p in pickles(batch)]), flush=True)


main()
