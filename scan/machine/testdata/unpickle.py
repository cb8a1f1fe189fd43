"""The oracle of TestCPython: what do CPython's unpicklers reach in a pickle?

Reads frames of a little-endian uint32 length and a pickle from standard input,
and answers each with a line of JSON: for the C unpickler and for pickle.py the
globals that were asked for, in order, and the error that ended the run, null if
there was none.

No global is imported. Each becomes a fresh class that takes any call, state and
item, so the run goes on as long as the unpickler itself has no objection.
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


def run(base, data):
    found = []

    class Unpickler(base):
        def find_class(self, module, name):
            found.append([module, name])
            return type("Found", (Inert,), {})

        def persistent_load(self, pid):
            return Inert()

    copyreg._extension_cache.clear()
    error = None
    try:
        Unpickler(io.BytesIO(data), fix_imports=False, encoding="latin1").load()
    except Exception as e:
        error = "%s: %s" % (type(e).__name__, e)
    return {"found": found, "error": error}


def main():
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    for code in list(range(1, 70)) + [255, 256, 65535, 65536, 0x7FFFFFFF]:
        copyreg.add_extension("ext", str(code), code)
    print(json.dumps(sys.version_info[:3]), flush=True)
    while True:
        head = sys.stdin.buffer.read(4)
        if len(head) < 4:
            return
        data = sys.stdin.buffer.read(struct.unpack("<I", head)[0])
        answer = {"c": run(pickle.Unpickler, data), "py": run(pickle._Unpickler, data)}
        print(json.dumps(answer), flush=True)


main()
