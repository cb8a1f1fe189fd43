"""How long scanners take, and how much memory, on files that are large."""

import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time

SECONDS = 300

# Each input is made by its function once, and kept.


def keys(path):
    with open(path, "wb") as f:
        pickle.dump({f"model.layers.{i}.weight": i for i in range(1_000_000)}, f, protocol=2)


def inputs(directory):
    """Makes what is missing; the checkpoints come from bench/inputs.py."""
    path = directory / "keys1m.pkl"
    if not path.exists():
        keys(path)
    torch = [d for d in ("tensors20k", "zip2g") if not (directory / f"{d}.pt").exists()]
    if torch:
        tool = os.path.join(os.path.dirname(__file__), "..", "bench", "inputs.py")
        subprocess.run([os.environ.get("DEPICKLE_PYTHON", sys.executable), tool, str(directory), *torch], check=True)
    return [("10^6 keys", path), ("20,000 tensors", directory / "tensors20k.pt"), ("2 GiB", directory / "zip2g.pt")]


def run(command):
    """Seconds of a clock and of the processor, bytes at the peak, and the exit
    status; None where it did not end in time."""
    env = {**os.environ, "PROMPTFOO_DISABLE_TELEMETRY": "1", "NO_ANALYTICS": "1", "CI": "1"}
    with tempfile.TemporaryDirectory() as here:
        start = time.monotonic()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=here, env=env)
        while time.monotonic() - start < SECONDS:
            pid, status, usage = os.wait4(child.pid, os.WNOHANG)
            if pid:
                child.returncode = 0
                return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10, os.waitstatus_to_exitcode(status)
            time.sleep(0.0005)
        child.kill()
        child.wait()
        return None


def table(commands, directory, reps):
    """{input: {tool: (wall, cpu, rss)}}, medians; tools take turns."""
    out = {}
    for name, path in inputs(directory):
        runs = {tool: [] for tool in commands}
        for rep in range(reps):
            for tool, command in commands.items():
                if rep and runs[tool][0] is None or rep and runs[tool][0][0] > 20:
                    continue  # once is enough to know
                runs[tool].append(run([a.replace("{}", str(path)) for a in command]))
        out[name] = {tool: middle(done) for tool, done in runs.items()}
    return out


def middle(runs):
    if None in runs:
        return None
    return tuple(statistics.median(column) for column in zip(*runs))
