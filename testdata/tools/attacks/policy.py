"""Functions that run, write or load what they are told: those of the public
advisories on scanners, and others that no list has. A file for each."""

import marshal

from .kit import EMPTY_DICT, EMPTY_TUPLE, FALSE, POP, STOP, TRUE, apply, blob, call, lst, name, num, proto, technique, text, tup

CODE = "import os; os.system('touch marker')"
EXPRESSION = "__import__('os').system('touch marker')"
CMD, MARKER = text("touch marker"), text("marker")
ARGV = lst(text("touch"), text("marker"))


def files(*calls):
    """A file for each (module, function, arguments)."""
    return {f"{m}-{f}": proto(4) + call(m, f, *args) + STOP for m, f, *args in calls}


@technique("runs-command", "functions that run a command")
def commands():
    return files(
        ("os", "system", CMD),
        ("posix", "system", CMD),
        ("os", "popen", CMD),
        ("os", "spawnlp", num(0), text("touch"), text("touch"), text("marker")),
        ("os", "execvp", text("touch"), ARGV),
        ("posix", "posix_spawn", text("/usr/bin/touch"), ARGV, EMPTY_DICT),
        ("subprocess", "Popen", ARGV),
        ("subprocess", "run", ARGV),
        ("subprocess", "check_output", ARGV),
        ("subprocess", "getoutput", CMD),
        ("pty", "spawn", ARGV),
        ("pydoc", "pipepager", text(""), CMD),
        ("pydoc", "tempfilepager", text(""), CMD),
        ("imaplib", "IMAP4_stream", CMD),
        ("uuid", "_get_command_stdout", text("touch"), text("marker")),
        ("_osx_support", "_read_output", CMD),
        ("_bootsubprocess", "check_output", ARGV),
        ("distutils.spawn", "spawn", ARGV),
        ("webbrowser", "os.system", CMD),
        ("multiprocessing.util", "spawnv_passfds", blob(b"/usr/bin/touch"), lst(blob(b"touch"), blob(b"marker")), EMPTY_TUPLE),
        ("torch.utils.collect_env", "run", CMD),
        ("torch.utils.collect_env", "run_and_read_all", name("torch.utils.collect_env", "run"), CMD),
        ("setuptools._distutils.spawn", "spawn", ARGV),
    )


@technique("runs-python", "functions that run text as Python")
def python():
    c, e = text(CODE), text(EXPRESSION)
    return files(
        ("builtins", "eval", e),
        ("builtins", "exec", c),
        ("timeit", "timeit", c),
        ("timeit", "repeat", c, c),
        ("cProfile", "run", c),
        ("profile", "run", c),
        ("runpy", "_run_code", c, EMPTY_DICT),
        ("doctest", "run_docstring_examples", text(">>> " + CODE), EMPTY_DICT),
        ("trace", "Trace.run", call("trace", "Trace", FALSE, FALSE), c),
        ("numpy.f2py.crackfortran", "getlincoef", e, EMPTY_DICT),
        ("numpy.testing._private.utils", "runstring", c, EMPTY_DICT),
        ("torch.jit.unsupported_tensor_ops", "execWrapper", c, EMPTY_DICT, EMPTY_DICT),
        ("torch.fx.graph_module", "_exec_with_source", c, EMPTY_DICT),
        ("code", "InteractiveInterpreter.runsource", call("code", "InteractiveInterpreter"), c),
        ("typing", "_eval_type", call("typing", "ForwardRef", e), EMPTY_DICT, EMPTY_DICT),
        ("sympy", "sympify", e),
        ("sympy.parsing.sympy_parser", "eval_expr", e, EMPTY_DICT, EMPTY_DICT),
        ("sympy.core.sympify", "sympify", e),
    )


@technique("makes-code", "code and functions made of data")
def code():
    compiled = blob(marshal.dumps(compile(CODE, "x", "exec")))
    loads = call("marshal", "loads", compiled)
    return {
        "function": proto(2) + apply(call("types", "FunctionType", loads, EMPTY_DICT)) + STOP,
        "exec": proto(2) + call("builtins", "exec", loads) + STOP,
        "compile": proto(2) + call("builtins", "exec", call("builtins", "compile", text(CODE), text("x"), text("exec"))) + STOP,
        "codeop": proto(2) + call("builtins", "exec", call("codeop", "compile_command", text(CODE))) + STOP,
        "run": proto(2) + call("runpy", "_run_code", loads, EMPTY_DICT) + STOP,
    }


@technique("writes-file", "functions that create or empty a file of any name")
def writes():
    w = text("w")
    return files(
        ("builtins", "open", MARKER, w),
        ("io", "open", MARKER, w),
        ("_io", "FileIO", MARKER, w),
        ("io", "FileIO", MARKER, w),
        ("_pyio", "open", MARKER, w),
        ("codecs", "open", MARKER, w),
        ("logging", "FileHandler", MARKER),
        ("logging.handlers", "RotatingFileHandler", MARKER),
        ("sqlite3", "connect", MARKER),
        ("zipfile", "ZipFile", MARKER, w),
        ("tarfile", "open", MARKER, w),
        ("gzip", "open", MARKER, w),
        ("bz2", "BZ2File", MARKER, w),
        ("lzma", "LZMAFile", MARKER, w),
        ("wave", "open", MARKER, text("wb")),
        ("mailbox", "mbox", MARKER),
        ("shutil", "copyfile", text("/etc/hostname"), MARKER),
        ("shutil", "copy", text("/etc/hostname"), MARKER),
        ("os", "mkdir", MARKER),
        ("os", "mknod", MARKER),
        ("pathlib", "Path.touch", call("pathlib", "Path", MARKER)),
        ("distutils.file_util", "write_file", MARKER, EMPTY_TUPLE),
        ("fileinput", "os.mkdir", MARKER),
        ("numpy", "memmap", MARKER, text("u1"), text("w+"), num(0), tup(num(1))),
        ("numpy.lib.format", "open_memmap", MARKER, text("w+"), text("u1"), tup(num(1))),
        ("numpy", "savetxt", MARKER, EMPTY_TUPLE),
        ("torch", "save", num(1), MARKER),
        ("joblib", "dump", num(1), MARKER),
        ("torch", "UntypedStorage.from_file", MARKER, TRUE, num(1)),
    )


@technique("writes-file-unlisted", "the same by functions of no list", own=True)
def writes_unlisted():
    wb = text("wb")
    return files(
        ("joblib.compressor", "BinaryZlibFile", MARKER, wb),
        ("joblib.disk", "mkdirp", MARKER),
        ("joblib.backports", "make_memmap", MARKER, text("u1"), text("w+"), num(0), tup(num(1))),
        ("uu", "decode", call("io", "BytesIO", blob(b"begin 644 marker\n \nend\n")), MARKER),
        ("plistlib", "os.mkdir", MARKER),
        ("readline", "write_history_file", MARKER),
        ("networkx", "write_gml", call("networkx", "Graph"), MARKER),
        ("networkx", "write_adjlist", call("networkx", "Graph"), MARKER),
        ("safetensors.torch", "save_file", EMPTY_DICT, MARKER),
        ("filelock", "FileLock.acquire", call("filelock", "FileLock", MARKER)),
    )


@technique("loads-module", "functions that import, and so run, a module")
def imports():
    # antigravity and this are harmless; what runs is the call behind.
    system = lambda made: proto(2) + apply(call("builtins", "getattr", made, text("system")), CMD) + STOP
    return {
        "importlib": system(call("importlib", "import_module", text("os"))),
        "__import__": system(call("builtins", "__import__", text("os"))),
        "_bootstrap": system(call("importlib._bootstrap", "_gcd_import", text("os"))),
        "pydoc": system(call("pydoc", "locate", text("os"))),
        "pkgutil": system(call("pkgutil", "resolve_name", text("os"))),
        "runpy": proto(2) + call("runpy", "run_module", text("this")) + POP + call("os", "system", CMD) + STOP,
    }


@technique("tampers-with-scanner", "a file that imports the scanner to change it")
def tampers():
    return proto(2) + call("builtins", "exec", text(CODE + "\ntry:\n import picklescan\nexcept ImportError: pass")) + STOP


@technique("harmless-lookalike", "names that begin as allowed ones do, or hold them")
def lookalike():
    return {
        "prefix": proto(4) + apply(name("os", "system"), CMD) + POP + call("collections", "OrderedDict") + STOP,
        "torch": proto(4) + apply(name("torch._utils", "sys.modules.__class__")) + POP + apply(name("torch", "os.system"), CMD) + STOP,
        "numpy": proto(4) + apply(name("numpy", "f2py.os.system"), CMD) + STOP,
        "sys-modules": proto(4)
        + apply(call("builtins", "getattr", call("operator", "getitem", name("sys", "modules"), text("os")), text("system")), CMD)
        + STOP,
    }
