#!/usr/bin/env python3
"""Do hostile files cost more than they may?

    DEPICKLE=./depickle [DEPICKLE386=./depickle386] hostile.py VECTORS

VECTORS is a directory that

    go test ./convert/internal/hostile -run Dump -dump VECTORS

wrote. Runs scan, convert, inspect and verify on each file, each in a child
process, and checks the exit status, the one line on standard error, that
nothing is left behind, 2 seconds of time and 128 MiB of memory. Where a memory
cgroup can be made, the children live in one of that size, without swap; else
their peak is only measured. DEPICKLE_SLOW multiplies the time that is allowed.
Others may use the machine, whose speed then changes by half from one minute to
the next: the time of a run that takes too long is divided by how much slower a
loop of Python ran right before and behind it than LOOP, and the run is tried
once more. One that waited, but took less of the processors than is allowed, is
counted and not a failure. Ends with what failed; exits 1 if anything did. The standard
library is all it needs.

    hostile.py VECTORS NAME…    only vectors whose name begins so

DEPICKLE_COMMANDS names the commands, if not all: scan, convert, inspect, verify.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

MEMORY = 128 << 20
SECONDS = 2 * float(os.environ.get("DEPICKLE_SLOW", "1"))
COMMANDS = os.environ.get("DEPICKLE_COMMANDS", "scan,convert,inspect,verify").split(",")
HANG = 10 * SECONDS  # then it is killed
LOOP = 0.14  # seconds that pace's loop takes where the bound of time holds: 2.4 GHz, undisturbed
LINE = 4000  # bytes: 2,000 of text, some of it as escapes, and paths


class Cgroup:
    """A bound of memory for child processes: version 2, or version 1."""

    FILES = {2: ("memory.max", "memory.swap.max"), 1: ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes")}

    def __init__(self):
        self.path = None
        for root, version in self.mounts():
            path = root / f"depickle-hostile-{os.getpid()}"
            try:
                path.mkdir()
            except OSError:
                continue
            try:
                limit, swap = self.FILES[version]
                (path / limit).write_text(str(MEMORY))
                if (path / swap).exists():
                    (path / swap).write_text("0" if version == 2 else str(MEMORY))
                subprocess.run(["true"], check=True, preexec_fn=lambda: (path / "cgroup.procs").write_text(str(os.getpid())))
            except (OSError, subprocess.SubprocessError):
                path.rmdir()
                continue
            self.path, self.version = path, version
            return

    @staticmethod
    def mounts():
        """Where memory cgroups can be made: version 2 first."""
        found = []
        try:
            mounts = pathlib.Path("/proc/mounts").read_text()
        except OSError:
            return found
        for line in mounts.splitlines():
            _, at, kind, options, *_ = line.split(" ")
            if kind == "cgroup2":
                controllers = pathlib.Path(at, "cgroup.subtree_control")
                if controllers.exists() and "memory" in controllers.read_text().split():
                    found.insert(0, (pathlib.Path(at), 2))
            elif kind == "cgroup" and "memory" in options.split(","):
                found.append((pathlib.Path(at), 1))
        return found

    def join(self):
        """Runs in the child, before the program."""
        if self.path:
            (self.path / "cgroup.procs").write_text(str(os.getpid()))

    def close(self):
        if self.path:
            self.path.rmdir()

    def __str__(self):
        if self.path:
            return f"in a cgroup (version {self.version}) of {MEMORY >> 20} MiB"
        return "no cgroup can be made here: the peak of memory is measured, and not bounded"


def pace():
    """How much slower than LOOP the machine is now, at least 1."""
    start, x = time.process_time(), 0
    for i in range(2_000_000):
        x = (x * 31 + i) & 0xFFFFFF
    return max(1, (time.process_time() - start) / LOOP)


class Run:
    """One child process, and what it took."""

    pace = 1  # how much slower than it should the machine was

    def __init__(self, cgroup, command, tmp):
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            start = time.monotonic()
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                     env={**os.environ, "TMPDIR": str(tmp)}, preexec_fn=cgroup.join)
            signal.signal(signal.SIGALRM, lambda *_: os.kill(child.pid, signal.SIGKILL))
            signal.setitimer(signal.ITIMER_REAL, HANG)
            _, status, usage = os.wait4(child.pid, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
            self.seconds = time.monotonic() - start
            self.cpu = usage.ru_utime + usage.ru_stime
            child.returncode = self.exit = os.waitstatus_to_exitcode(status)
            self.peak = usage.ru_maxrss << (0 if sys.platform == "darwin" else 10)
            out.seek(0), err.seek(0)
            self.out = out.read(1 << 20).decode(errors="replace")
            self.err = err.read(1 << 20).decode(errors="replace")

    def late(self, most=SECONDS):
        return self.seconds > most

    def slow(self, most=SECONDS):
        """Too slow by itself, and not for want of a processor or of a fast one."""
        return self.late(most) and (self.cpu / self.pace > most or self.exit < 0)

    def __str__(self):
        return f"{self.seconds:.2f} s, {self.cpu:.2f} s of processor, {self.pace:.2f} times too slow a machine, {self.peak >> 20} MiB"


def timed(cgroup, command, tmp, most=SECONDS):
    """Run a command, and one that takes too long once more."""
    run = Run(cgroup, command, tmp)
    if run.late(most) and run.exit >= 0:
        before = pace()
        again = Run(cgroup, command, tmp)
        again.pace = run.pace = (before + pace()) / 2
        if again.exit != run.exit or again.seconds < run.seconds:
            run = again
    return run


class Tally:
    """Everything that was run."""

    def __init__(self):
        self.pace = 1
        self.runs, self.waited, self.failures, self.slowest, self.largest = 0, 0, [], (0, 0, ""), (0, "")

    def add(self, run, what):
        self.runs += 1
        self.waited += run.late() and not run.slow()
        self.pace = max(self.pace, run.pace)
        self.slowest = max(self.slowest, ((run.cpu if run.late() else run.seconds) / run.pace, run.seconds, what))
        self.largest = max(self.largest, (run.peak, what))

    def fail(self, what, run, text):
        line = f"FAIL {what}: {text} [{run}]"
        self.failures.append(line)
        print(line, flush=True)


def measure(tally, cgroup, command, what, exits, says, tmp):
    """Run a command and hold it against what is allowed."""
    run = timed(cgroup, command, tmp)
    tally.add(run, what)
    if run.exit not in exits:
        said = run.err.strip().splitlines()
        tally.fail(what, run, f"exit {run.exit}, not {' or '.join(map(str, exits))}: {said[0][:300] if said else '(nothing said)'}")
    if run.slow():
        tally.fail(what, run, f"takes more than {SECONDS:g} s")
    if run.peak > MEMORY:
        tally.fail(what, run, f"takes more than {MEMORY >> 20} MiB")
    lines = run.err.splitlines()
    if run.exit in exits and (len(lines) > 1 or (lines and not lines[0].startswith("depickle: ")) or len(run.err) > LINE):
        tally.fail(what, run, f"says {len(lines)} lines, {len(run.err)} characters: {lines[0][:200]}")
    if run.exit in exits and says is not None and (says not in run.err or (run.exit != 0 and not lines)):
        tally.fail(what, run, f"does not say {says!r}: {run.err.strip()[:300] or '(nothing)'}")
    if any(ord(c) < 32 and c not in "\n\t" for c in run.out + run.err):
        tally.fail(what, run, "writes control characters")
    left = sorted(p.name for p in tmp.iterdir())
    if left:
        tally.fail(what, run, f"leaves {left} in TMPDIR")
        for p in tmp.iterdir():
            p.unlink()
    return run


def one(tally, cgroup, binary, label, vector, vectors, good):
    """Every command on one vector."""
    name, path = vector["name"], vectors / vector["file"]
    with tempfile.TemporaryDirectory(dir=vectors) as folder:
        tmp, to = pathlib.Path(folder, "tmp"), pathlib.Path(folder, "out")
        tmp.mkdir(), to.mkdir()
        out = to / "out.safetensors"

        def do(command, exits, says, *args):
            return measure(tally, cgroup, [binary, command, *map(str, args)], f"{name}: {command}{label}", exits, says, tmp)

        if "scan" in COMMANDS:
            do("scan", [vector["scan"]], None, path)
        run = do("convert", [vector["convert"]], None if vector["output"] else vector["says"], "--force", "-o", out, path)
        left = sorted(p.name for p in to.iterdir())
        if run.exit >= 0 and left != (["out.safetensors", "out.safetensors.json"] if run.exit == 0 else []):
            tally.fail(f"{name}: convert{label}", run, f"leaves {left}")
        if run.exit == 0 and vector["holds"].encode() not in header(out):
            tally.fail(f"{name}: convert{label}", run, f"the header does not hold {vector['holds'][:100]!r}")
        if "inspect" in COMMANDS and inspects(binary):
            do("inspect", [0, 1, 2], None, path)
        if vector["output"]:
            do("verify", [vector["verify"]], vector["says"] if vector["verify"] else None, path)
        elif run.exit == 0:
            run = do("verify", [0], None, out, "--source", path)
            if "MATCHES SOURCE" not in run.out:
                tally.fail(f"{name}: verify{label}", run, "does not say MATCHES SOURCE")
        else:
            do("verify", [1, 2], "", path)
            do("verify", [1, 2], "", good, "--source", path)


def header(path):
    """The JSON of a SafeTensors file."""
    with path.open("rb") as f:
        return f.read(int.from_bytes(f.read(8), "little"))


known = {}


def inspects(binary):
    """Does this build have the command?"""
    if binary not in known:
        known[binary] = subprocess.run([binary, "inspect", "--help"], capture_output=True).returncode == 0
    return known[binary]


def main():
    vectors = pathlib.Path(sys.argv[1]).resolve()
    wanted = tuple(sys.argv[2:])
    index = json.loads((vectors / "index.json").read_text())
    binaries = [(os.environ["DEPICKLE"], "")]
    if os.environ.get("DEPICKLE386"):
        binaries.append((os.environ["DEPICKLE386"], " (386)"))
    binaries = [(str(pathlib.Path(b).resolve()), label) for b, label in binaries]
    cgroup, tally = Cgroup(), Tally()
    print(cgroup, flush=True)
    good = vectors / "good.safetensors"
    subprocess.run([binaries[0][0], "convert", "--force", "-o", good, vectors / "benign-zip.pt"], check=True, capture_output=True)
    chosen = [v for v in index if not wanted or v["name"].startswith(wanted)]
    try:
        for binary, label in binaries:
            for vector in chosen:
                one(tally, cgroup, binary, label, vector, vectors, good)
    finally:
        cgroup.close()
    print(f"{len(chosen)} vectors, {tally.runs} runs, {tally.waited} of which waited for a processor or had a slow one (up to {tally.pace:.2f} times), "
          f"slowest {tally.slowest[0]:.2f} s ({tally.slowest[2]}), "
          f"largest {tally.largest[0] >> 20} MiB ({tally.largest[1]}), {len(tally.failures)} failures")
    return 1 if tally.failures else 0


if __name__ == "__main__":
    sys.exit(main())
