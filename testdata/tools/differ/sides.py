"""The two sides: depickle, and the child that runs torch."""

import json
import os
import pathlib
import select
import subprocess
import sys
import time

HANG = 10  # seconds for a file, on either side
TOOLS = pathlib.Path(__file__).resolve().parent.parent


class Made:
    """What depickle made of a mutant."""

    def __init__(self, source, status, error, output, wrong=""):
        self.source, self.status, self.error, self.output, self.wrong = source, status, error, output, wrong


def run(*args, seconds=HANG):
    """The program's (status, output); the status is None if it hangs."""
    try:
        done = subprocess.run([os.environ["DEPICKLE"], *map(str, args)], capture_output=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return None, b"", b""
    return done.returncode, done.stdout, done.stderr


def convert(folder, some, root):
    """Convert mutants in one process; where that ends badly, one by one."""
    paths = []
    for i, m in enumerate(some):
        for old in (folder / f"{i}.safetensors", folder / f"{i}.safetensors.json"):
            old.unlink(missing_ok=True)
        paths.append(folder / f"{i}.pt")
        paths[-1].write_bytes(m.data)
    if not paths:
        return []
    status, out, _ = run("convert", "--json", "--root", root, "-o", f"{folder}/", *paths, seconds=HANG * len(paths))
    if status in (0, 1, 2):
        return [made(path, one) for path, one in zip(paths, json.loads(out)["files"], strict=True)]
    return [alone(folder, path, root) for path in paths]


def made(path, one):
    output = pathlib.Path(one["output"]) if one["output"] else None
    wrong = "" if one["exit"] in (0, 1, 2) else f"status {one['exit']}"
    if (output is not None) != path.with_suffix(".safetensors").exists():
        wrong = "there is an output, and a failure"
    return Made(path, one["exit"], one.get("error", ""), output, wrong)


def alone(folder, path, root):
    for old in (path.with_suffix(".safetensors"), path.with_suffix(".safetensors.json")):
        old.unlink(missing_ok=True)
    status, out, err = run("convert", "--json", "--root", root, "-o", f"{folder}/", path)
    if status in (0, 1, 2):
        return made(path, json.loads(out)["files"][0])
    shown = err.decode(errors="replace")[:300]
    return Made(path, status, shown, None, f"convert ends with status {status}: {shown}" if status else "convert hangs")


def verify(done):
    """What is wrong by depickle itself, or ""."""
    status, out, err = run("verify", done.output, "--source", done.source)
    if status == 0 and b"MATCHES SOURCE" in out:
        return ""
    return f"verify says {status}: {err.decode(errors='replace')[:300]}"


class Child:
    """A child process, started again when it is lost."""

    def __init__(self):
        self.process, self.lost, self.asked = None, 0, 0

    def start(self):
        python = os.environ.get("DEPICKLE_PYTHON", sys.executable)
        env = dict(os.environ, PYTHONPATH=str(TOOLS), PYTHONDONTWRITEBYTECODE="1")
        self.process = subprocess.Popen([python, "-m", "differ.child"], env=env, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def ask(self, **what):
        """The child's answer, or {"error"} with how it was lost."""
        if self.process is None:
            self.start()
            self.send({"output": ""})  # importing torch takes a while
            self.receive(120)
        try:
            self.send(what)
            return self.receive(HANG)
        except (OSError, ValueError) as error:
            self.lost += 1
            self.process.kill()
            status = self.process.wait()
            self.process = None
            return {"error": f"the child was lost: {error}, status {status}", "by": "child", "torch": ""}

    def send(self, what):
        self.process.stdin.write(json.dumps(what).encode() + b"\n")
        self.process.stdin.flush()

    def receive(self, seconds):
        """One line. Nothing else is ever on its way, so that select sees all of it."""
        data, ends = b"", time.monotonic() + seconds
        out = self.process.stdout.fileno()
        while not data.endswith(b"\n"):
            ready, _, _ = select.select([out], [], [], max(0, ends - time.monotonic()))
            if not ready:
                raise ValueError("it hangs")
            part = os.read(out, 1 << 16)
            if not part:
                raise ValueError("it crashed")
            data += part
        return json.loads(data)

    def stop(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()
