"""Runs one scanner on many files, in children of one process that has it imported.

    python worker.py TOOL SECONDS      with the scanner installed

Reads paths, one a line; writes the verdict and the exit status of each. A
scanner is started hundreds of times so, and imported once; each file still has
a process of its own, so that a crash or a leak stays with it.
"""

import importlib
import os
import resource
import signal
import sys
import tempfile

FAILED = 70  # an exception that the scanner let out

# What is called, with which arguments, and what its exit statuses mean. All are
# the defaults, but for what would send telemetry or keep a cache.
TOOLS = {
    "picklescan": ("picklescan.cli:main", ["-p", "{}"], {0: "clean", 1: "flagged"}),
    "picklescan --strict": ("picklescan.cli:main", ["--strict", "-p", "{}"], {0: "clean", 1: "flagged"}),
    "fickling": ("fickling.__main__:main", ["--check-safety", "{}"], {0: "clean", 1: "flagged"}),
    "modelscan": ("modelscan.cli:main", ["scan", "-p", "{}"], {0: "clean", 1: "flagged"}),
    "modelaudit": ("modelaudit.cli:main", ["scan", "--no-cache", "{}"], {0: "clean", 1: "flagged"}),
    "hayward": ("hayward.cli:main", ["scan", "{}"], {0: "clean", 1: "flagged"}),
    "pickleguard": ("pickle_scanner.cli:main", ["scan", "{}"], {0: "clean", 1: "flagged", 2: "flagged"}),
}


def call(main, arguments):
    """In the child: the scanner's exit status."""
    sys.argv = ["scanner", *arguments]
    try:
        code = main()
    except SystemExit as e:
        code = e.code
    except BaseException:  # whatever it is, the scanner did not judge the file
        return FAILED
    return code if isinstance(code, int) else 0 if code is None else 1


def run(main, arguments, seconds):
    child = os.fork()
    if child == 0:
        with tempfile.TemporaryDirectory() as here:
            os.chdir(here)
            null = os.open(os.devnull, os.O_RDWR)
            for fd in (0, 1, 2):
                os.dup2(null, fd)
            resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
            code = call(main, arguments)
            os.chdir("/")
        os._exit(code & 0xFF)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    _, status = os.waitpid(child, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    return os.waitstatus_to_exitcode(status)


def main():
    tool, seconds = sys.argv[1], float(sys.argv[2])
    where, arguments, meaning = TOOLS[tool]
    os.environ.update(PROMPTFOO_DISABLE_TELEMETRY="1", NO_ANALYTICS="1", NO_COLOR="1", CI="1")
    module, name = where.split(":")
    entry = getattr(importlib.import_module(module), name)
    for line in sys.stdin:
        path = line.rstrip("\n")
        code = run(entry, [a.replace("{}", path) for a in arguments], seconds)
        print(meaning.get(code, "unread"), code, flush=True)


if __name__ == "__main__":
    main()
