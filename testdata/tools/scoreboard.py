#!/usr/bin/env python3
"""The scoreboard: pickle scanners side by side, for what they find and how long
they take.

    DEPICKLE=./depickle scoreboard.py [--corpus DIR] [--attacks DIR] [--peers PYTHON]
                 [--tools NAME,…] [--sets NAME,…] [--speed DIR] [--reps N] [--out DIR]

PYTHON is an interpreter that has picklescan, fickling, modelscan, modelaudit,
hayward and pickleguard installed; without it, ours runs alone. The sets:

    malicious   the corpus's files that do harm
    attacks     the catalogue of attacks.py, which writes it to DIR
    benign      the corpus's files that hold data alone
    real        the corpus's real checkpoints

A file is flagged, clean (exit status 0) or unread (any other end: an error, a
refusal, an exception, a minute without an answer). Each scanner runs with its
defaults, and its exit status is what counts, as it does for a pipeline.
--speed also measures scanning large files, which are made in DIR where they are
not there. With --out, scoreboard.md and techniques.tsv are written there: the
second says, for each public technique, how many of its files each scanner calls
clean. Exits 1 if depickle calls a harmful file clean, or data dangerous.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

from scoreboard import files, speed, worker

OURS = "depickle"
SECONDS = 60
SLOW = ["modelaudit", "modelscan", "fickling", "pickleguard", "picklescan", "picklescan --strict", "hayward", OURS]


def ours(paths):
    meaning = {0: "clean", 1: "flagged"}
    for path in paths:
        done = subprocess.run([os.environ["DEPICKLE"], "scan", str(path)], stdin=subprocess.DEVNULL, capture_output=True)
        yield meaning.get(done.returncode, "unread")


def theirs(tool, python, paths):
    child = subprocess.Popen([python, worker.__file__, tool, str(SECONDS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, text=True)
    feed = threading.Thread(target=lambda: (child.stdin.write("".join(f"{p}\n" for p in paths)), child.stdin.close()))
    feed.start()
    done = 0
    for line in child.stdout:
        done += 1
        yield line.split()[0]
    feed.join()
    if done != len(paths) or child.wait() != 0:
        sys.exit(f"{tool} judged {done} of {len(paths)} files")


def collect(args, into):
    """{set: [(path, technique)]}"""
    out = collections.OrderedDict()
    for name in args.sets.split(","):
        here = into / name
        here.mkdir()
        if name == "attacks":
            out[name] = list(files.attacks(pathlib.Path(args.attacks), here))
            continue
        found = list(files.corpus(pathlib.Path(args.corpus, name), here))
        if name == "malicious":
            harmful = files.harmful(pathlib.Path(args.corpus))
            found = [p for p in found if p.name in harmful]
        out[name] = [(p, "") for p in found]
    return out


def judge_by(tool, args, sets):
    out = {}
    for name, rows in sets.items():
        paths = [p for p, _ in rows]
        out[name] = got = list(ours(paths) if tool == OURS else theirs(tool, args.peers, paths))
        count = collections.Counter(got)
        print(f"{tool}: {name}: {count['flagged']} flagged, {count['unread']} unread, {count['clean']} clean, of {len(got)}", flush=True)
    return out


def judge(args, sets):
    """{tool: {set: [verdict]}}; as many scanners at once as there are processors."""
    tools = args.tools.split(",")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        # The slowest first.
        jobs = {tool: pool.submit(judge_by, tool, args, sets) for tool in sorted(tools, key=SLOW.index)}
        return {tool: jobs[tool].result() for tool in tools}


HEADS = {"malicious": "harmful files called clean", "attacks": "attacks called clean", "benign": "harmless files flagged or unread", "real": "real checkpoints flagged or unread"}


def cell(name, got):
    count = collections.Counter(got)
    if name in ("malicious", "attacks"):
        return f"{count['clean']} of {len(got)}"
    return f"{count['flagged']} + {count['unread']} of {len(got)}"


def found_table(results, sets):
    yield "| scanner | " + " | ".join(HEADS[s] for s in sets) + " |"
    yield "|---|" + "---|" * len(sets)
    for tool, got in results.items():
        yield f"| {tool} | " + " | ".join(cell(s, got[s]) for s in sets) + " |"


def techniques(results, rows):
    """What each scanner calls clean, by technique; only public ones."""
    tools = list(results)
    yield "\t".join(["technique", "files", *tools])
    seen = collections.OrderedDict()
    for i, (_, technique) in enumerate(rows):
        seen.setdefault(technique, []).append(i)
    for technique, which in seen.items():
        if technique:
            yield "\t".join([technique, str(len(which)), *(str(sum(results[t]["attacks"][i] == "clean" for i in which)) for t in tools)])


def speed_table(measured, tools):
    yield "| scanner | " + " | ".join(measured) + " |"
    yield "|---|" + "---|" * len(measured)
    for tool in tools:
        cells = []
        for name in measured:
            got, base = measured[name][tool], measured[name][OURS]
            if got is None:
                cells.append(f"> {speed.SECONDS} s")
            elif tool != OURS and int(got[3]) not in worker.TOOLS[tool][2]:
                cells.append("not read")
            else:
                cells.append(f"{got[0]:.2f} s ({got[0] / base[0]:.1f}×), {int(got[2]) >> 20} MiB")
        yield f"| {tool} | " + " | ".join(cells) + " |"


def commands(args):
    out = {}
    for tool in args.tools.split(","):
        if tool == OURS:
            out[tool] = [str(pathlib.Path(os.environ["DEPICKLE"]).resolve()), "scan", "{}"]
        elif " " not in tool:  # a program beside PYTHON; another mode of it takes as long
            out[tool] = [str(pathlib.Path(args.peers).parent / tool), *worker.TOOLS[tool][1]]
    return out


def wrong(results):
    """What ours has wrong."""
    got = results.get(OURS, {})
    bad = [f"{s}: {got[s].count('clean')} called clean" for s in ("malicious", "attacks") if "clean" in got.get(s, [])]
    if "benign" in got and got["benign"].count("clean") < 0.9 * len(got["benign"]):
        bad.append("benign: too few are clean")
    return bad


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--corpus"), arguments.add_argument("--attacks"), arguments.add_argument("--peers")
    arguments.add_argument("--tools"), arguments.add_argument("--sets")
    arguments.add_argument("--speed"), arguments.add_argument("--reps", type=int, default=3), arguments.add_argument("--out")
    args = arguments.parse_args()
    args.tools = args.tools or ",".join([OURS, *worker.TOOLS] if args.peers else [OURS])
    if args.sets is None:
        args.sets = ",".join(["malicious", "benign", "real"] * bool(args.corpus) + ["attacks"] * bool(args.attacks))

    lines, bad = [], []
    if args.sets:
        with tempfile.TemporaryDirectory() as here:
            sets = collect(args, pathlib.Path(here))
            results = judge(args, sets)
        lines += found_table(results, sets)
        bad = wrong(results)
        if args.out and "attacks" in sets:
            pathlib.Path(args.out, "techniques.tsv").write_text("\n".join(techniques(results, sets["attacks"])) + "\n")
    if args.speed:
        chosen = commands(args)
        lines += ["", *speed_table(speed.table(chosen, pathlib.Path(args.speed), args.reps), chosen)]
    print("\n" + "\n".join(lines))
    if args.out:
        pathlib.Path(args.out, "scoreboard.md").write_text("\n".join(lines) + "\n")
    print("\n".join(bad) or "nothing that does harm is called clean")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
