#!/usr/bin/env python3
"""Measures depickle beside other converters, and beside equal work by cp, openssl and cmp.

    bench.py [--dir DIR] [--only zip2g,…] [--reps 5] [--scale 1.0] [--hf-convert FILE] [--json FILE]

Needs Go, openssl, GNU time and a Python with torch, numpy and safetensors:
this one, or DEPICKLE_PYTHON. The inputs, 6 GB at full scale, are made once in
DIR (default ~/.cache/depickle-bench), on the disk that is to be measured. Peers
that cannot be built or found are left out, and named: burn's reader and
anamnesis need cargo; Hugging Face's convert.py is bindings/python/convert.py of
their safetensors repository.

Every tool of an input runs in turn, so that they share the machine's moods;
medians of wall time count, with all cores, the files in the cache. Nobody
waits for the disk, but depickle with the thousand files. Every output is
compared with what torch sees in the source.
"""

import argparse
import glob
import hashlib
import json
import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
INPUTS = ["zip2g", "legacy1g", "strided1g", "tensors20k", "files1000", "adam500m", "deflated1g"]

# Equal work by separate programs.
FLOOR = 'cp "$1" "$2" && { openssl dgst -sha256 "$1" & openssl dgst -sha256 "$2"; wait; } && cmp "$1" "$2"'


def say(*text):
    print(*text, file=sys.stderr, flush=True)


def run(command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def attempt(what, f):
    """What f returns, or None with a line that says why not."""
    try:
        return f()
    except (OSError, subprocess.CalledProcessError) as e:
        say(f"left out: {what}: {e}")
        return None


class Tools:
    """The programs that are measured, built where they must be."""

    def __init__(self, a):
        self.python = os.environ.get("DEPICKLE_PYTHON", sys.executable)
        self.bin = os.path.join(a.dir, "bin")
        os.makedirs(self.bin, exist_ok=True)
        self.depickle = os.path.join(self.bin, "depickle")
        run(["go", "build", "-trimpath", "-o", self.depickle, "./cmd/depickle"], cwd=ROOT)
        self.bench = os.path.join(self.bin, "convert.test")
        run(["go", "test", "-c", "-o", self.bench, "./convert"], cwd=ROOT)
        self.burn = attempt("burn's reader", self.build_burn)
        self.anamnesis = attempt("anamnesis", self.build_anamnesis)
        self.hf = a.hf_convert
        if not self.hf:
            say("left out: Hugging Face's convert.py: --hf-convert does not name it")
        self.script = os.path.join(HERE, "bench", "torch_peers.py")

    def build_burn(self):
        target = os.path.join(self.bin, "burn")
        run(["cargo", "build", "-q", "--release", "--target-dir", target],
            cwd=os.path.join(HERE, "bench", "burn"), env=dict(os.environ, CARGO_INCREMENTAL="0"))
        return os.path.join(target, "release", "burn-convert")

    def build_anamnesis(self):
        path = os.path.join(self.bin, "bin", "amn")
        if not os.path.exists(path):
            run(["cargo", "install", "-q", "anamnesis", "--version", "0.7.10", "--features", "cli,pth,npz", "--root", self.bin])
        return path

    def of(self, name):
        """The commands for an input: tool → function of sources and outputs."""
        many = name == "files1000"
        tools = {}
        if not many:
            tools["cp + 2 digests + cmp"] = lambda s, o: ["sh", "-c", FLOOR, "sh", s[0], o[0]]
            tools["cp"] = lambda s, o: ["cp", s[0], o[0]]
        if many:
            tools["depickle"] = lambda s, o: [self.depickle, "convert", "-o", os.path.dirname(o[0]) + "/", *s]
        else:
            root = "none" if name == "adam500m" else "auto"  # the others take everything
            tools["depickle"] = lambda s, o: [self.depickle, "convert", "--no-sync", "--root", root, "-o", o[0], s[0]]
            tools["depickle: copying alone"] = "bench"
        if self.burn:
            tools["burn"] = each(lambda s, o: [self.burn, s, o])
        if self.anamnesis:
            tools["anamnesis"] = each(lambda s, o: [self.anamnesis, "convert", "--to", "safetensors", "-o", o, s])
        tools["torch mmap + save_file"] = lambda s, o: [self.python, self.script, "save", *pairs(s, o)]
        tools["torch + 2 digests"] = lambda s, o: ["env", "DIGESTS=1", self.python, self.script, "save", *pairs(s, o)]
        if self.hf:
            tools["HF convert.py"] = lambda s, o: [self.python, self.script, "hf", self.hf, *pairs(s, o)]
        return tools


def pairs(sources, outputs):
    return [x for pair in zip(sources, outputs) for x in pair]


def each(command):
    """A tool that takes one file: as a script of one call for each."""
    def of(sources, outputs):
        if len(sources) == 1:
            return command(sources[0], outputs[0])
        calls = "\n".join(shlex.join(command(s, o)) + " || exit" for s, o in zip(sources, outputs))
        path = os.path.join(os.path.dirname(outputs[0]), ".run.sh")
        with open(path, "w") as f:
            f.write(calls)
        return ["sh", path]
    return of


def measure(command, source, outdir):
    """Wall seconds, CPU seconds, peak MiB and exit status of one run."""
    os.sync()  # what was written before is no burden to this one
    if command == "bench":
        return measure_bench(source, outdir)
    note = os.path.join(outdir, ".time")
    full = ["/usr/bin/time", "-q", "-f", "%U %S %M", "-o", note, *command]
    start = time.perf_counter()
    done = subprocess.run(full, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wall = time.perf_counter() - start
    with open(note) as f:
        user, system, kib = f.read().split()[-3:]
    os.remove(note)
    error = done.stderr.decode("utf-8", "replace").strip().split("\n")[-1][:160]
    return {"wall": wall, "cpu": float(user) + float(system), "mib": int(kib) / 1024, "exit": done.returncode, "error": error}


def measure_bench(source, outdir):
    """One round of the Go benchmark that leaves hashing and comparison out."""
    binary = os.path.join(os.path.dirname(outdir), "..", "bin", "convert.test")
    env = dict(os.environ, DEPICKLE_BENCH_INPUT=source, DEPICKLE_BENCH_OUTPUT=outdir,
               DEPICKLE_BENCH_ROOT="none" if "adam" in source else "auto")
    out = subprocess.run([binary, "-test.run", "^$", "-test.bench", "CopyAlone", "-test.benchtime", "1x"],
                         env=env, stdout=subprocess.PIPE, text=True, cwd=os.path.join(ROOT, "convert"))
    found = re.search(r"([\d.]+) ns/op", out.stdout)
    return {"wall": float(found[1]) / 1e9 if found else 0, "cpu": 0, "mib": 0, "exit": out.returncode, "error": out.stdout[-160:] if not found else ""}


def tensors(path):
    """name → [dtype, shape, digest] of a SafeTensors file."""
    with open(path, "rb") as f:
        start = 8 + int.from_bytes(f.read(8), "little")
        header = json.loads(f.read(start - 8))
        header.pop("__metadata__", None)
        out = {}
        for name, t in header.items():
            begin, end = t["data_offsets"]
            f.seek(start + begin)
            out[name] = [t["dtype"], t["shape"], hashlib.sha256(f.read(end - begin)).hexdigest()]
        return out


def verdict(truth, outputs):
    """What is wrong with outputs, "" for nothing."""
    for key, path in outputs.items():
        want = truth if key is None else truth[key]
        try:
            have = tensors(path)
        except (OSError, ValueError) as e:
            return f"no output: {e}"
        if have == want:
            continue
        # Where a checkpoint has more than its model, taking everything is right too.
        whole = {n.removeprefix("model."): t for n, t in have.items() if n.startswith("model.")}
        if whole != want:
            missing = sum(n not in have for n in want)
            return f"{missing} of {len(want)} tensors missing" if missing else "wrong tensors"
    return ""


def measure_input(a, tools, name):
    directory = os.path.join(a.dir, "inputs")
    source = os.path.join(directory, name + ("" if name == "files1000" else ".pt"))
    sources = sorted(glob.glob(source + "/*.pt")) if name == "files1000" else [source]
    with open(os.path.join(directory, name + ".truth.json")) as f:
        truth = json.load(f)
    for path in sources:  # into the cache
        with open(path, "rb") as f:
            while f.read(1 << 24):
                pass
    commands = tools.of(name)
    if a.tools:
        commands = {t: c for t, c in commands.items() if t in a.tools.split(",")}
    runs = {tool: [] for tool in commands}
    wrong = {}
    base = os.path.join(a.dir, "out")
    shutil.rmtree(base, ignore_errors=True)
    names = list(commands)
    for rep in range(a.reps):
        for tool in names[rep % len(names):] + names[: rep % len(names)]:
            if runs[tool] and runs[tool][0]["exit"]:
                continue  # it refuses
            # A new folder for each: ext4 makes files slowly where others were just removed.
            outdir = os.path.join(base, f"{rep}-{names.index(tool)}")
            os.makedirs(outdir)
            outputs = [os.path.join(outdir, os.path.splitext(os.path.basename(s))[0] + ".safetensors") for s in sources]
            command = commands[tool] if commands[tool] == "bench" else commands[tool](sources, outputs)
            runs[tool].append(measure(command, source, outdir))
            say(f"{name}  {tool}  {runs[tool][-1]['wall']:.3f} s")
            if not rep and command != "bench" and not tool.startswith("cp") and not runs[tool][0]["exit"]:
                keys = [os.path.splitext(os.path.basename(s))[0] for s in sources] if name == "files1000" else [None]
                wrong[tool] = verdict(truth, dict(zip(keys, outputs)))
            if name != "files1000":
                shutil.rmtree(outdir)
    shutil.rmtree(base, ignore_errors=True)
    return {tool: dict(summary(r), wrong=wrong.get(tool, "")) for tool, r in runs.items()}


def summary(runs):
    return {"wall": statistics.median(r["wall"] for r in runs), "cpu": statistics.median(r["cpu"] for r in runs),
            "mib": max(r["mib"] for r in runs), "exit": runs[0]["exit"], "error": runs[0]["error"],
            "runs": [r["wall"] for r in runs]}


def start_up(tools):
    walls = []
    for _ in range(21):
        start = time.perf_counter()
        subprocess.run([tools.depickle, "version"], stdout=subprocess.DEVNULL, check=True)
        walls.append(time.perf_counter() - start)
    return statistics.median(walls)


def show(name, result):
    print(f"\n### {name}\n\n| tool | wall s | × depickle | CPU s | peak MiB | |\n|---|---|---|---|---|---|")
    ours = result["depickle"]["wall"] if "depickle" in result else None
    for tool, r in sorted(result.items(), key=lambda item: item[1]["wall"]):
        if r["exit"]:
            print(f"| {tool} | – | – | – | – | refuses: {r['error']} |")
            continue
        ratio = f"{r['wall'] / ours:.2f}" if ours else ""
        cpu, mib = (f"{r['cpu']:.2f}", f"{r['mib']:.0f}") if r["cpu"] else ("", "")
        print(f"| {tool} | {r['wall']:.3f} | {ratio} | {cpu} | {mib} | {r['wrong']} |")
    sys.stdout.flush()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--dir", default=os.path.expanduser("~/.cache/depickle-bench"))
    p.add_argument("--only", default=",".join(INPUTS), help="inputs, by commas")
    p.add_argument("--tools", help="tools, by commas")
    p.add_argument("--reps", type=int, default=5)
    p.add_argument("--scale", type=float, default=1.0, help="of the inputs; a directory keeps one scale")
    p.add_argument("--hf-convert", help="convert.py of huggingface/safetensors")
    p.add_argument("--json", help="write all figures there")
    a = p.parse_args()
    tools = Tools(a)
    run([tools.python, os.path.join(HERE, "bench", "inputs.py"), "--scale", str(a.scale), os.path.join(a.dir, "inputs"), *a.only.split(",")])
    results = {}
    print(f"start-up: {start_up(tools) * 1000:.1f} ms")
    for name in a.only.split(","):
        results[name] = measure_input(a, tools, name)
        show(name, results[name])
        if a.json:
            with open(a.json, "w") as f:
                json.dump(results, f, indent=1)
    ours = [r.get("depickle", {}) for r in results.values()]
    bad = any(r.get("exit") or r.get("wrong") for r in ours)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
