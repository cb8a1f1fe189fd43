#!/usr/bin/env python3
"""A differential fuzzer: where torch takes a changed checkpoint and depickle
converts it, every element is the same.

    DEPICKLE=./depickle DEPICKLE_PYTHON=python differ.py [--seconds N] [--count N]
        [--seed N] [--first N] [--out DIR] [FILE…]

It changes the checkpoints of testdata/checkpoints, and with DEPICKLE_CORPUS the
small ones of that directory's real/ too (or the FILEs), by opcodes, members,
storages and bytes. Each mutant is converted, and loaded by torch in a child
process, by weights_only=True alone; what torch does not take is read by the
oracle of truth.py. It is a difference if

- depickle ends with another status than 0, 1 or 2, or takes more than 10 s;
- a tensor is missing, too much, or has another dtype, shape, or any other byte;
- depickle verify does not say that an output matches its source, or the
  reference library safetensors does not read from it what stands there;
- a change that only spells the same in another way is refused.

Then the mutant goes to DIR (./differences by default) with a line that says
why, and the exit status is 1. What only one side takes is counted by reason.
Number N of a seed is the same wherever the same files are changed: --first N
--count 1 makes it again.
DEPICKLE_PYTHON is the Python that has torch, by default this one.
"""

import argparse
import collections
import os
import pathlib
import sys
import tempfile
import time

from differ import compare, mutants, sides

HERE = pathlib.Path(__file__).resolve().parent
LARGEST = 128 << 10
BATCH = 32


def files():
    """The checkpoints that are changed. Hostile ones lend nothing to others."""
    found = sorted(p for p in (HERE.parent / "checkpoints").iterdir() if p.suffix != ".json")
    corpus = os.environ.get("DEPICKLE_CORPUS")
    if corpus:
        found += sorted(p for p in pathlib.Path(corpus, "real").rglob("*") if p.is_file())
    return [p for p in found if p.stat().st_size <= LARGEST and not p.name.startswith("hostile_")]


def sources(paths):
    made = [mutants.Source(path.name, path.read_bytes()) for path in paths]
    return [source for source in made if source.parts]


class Run:
    """One run: what was seen so far."""

    def __init__(self, folder, out):
        self.folder, self.out = folder, out
        self.child = sides.Child()
        self.counts = collections.Counter()
        self.reasons = collections.defaultdict(collections.Counter)
        self.bases = {}
        self.aside = folder / "unchanged"
        self.aside.mkdir()
        self.differences = 0

    def batch(self, many):
        """Convert mutants together, and compare each."""
        for root in ("none", "auto"):
            some = [m for m in many if m.root == root]
            for m, made in zip(some, sides.convert(self.folder, some, root)):
                self.one(m, made)

    def one(self, m, made):
        seen = self.child.ask(file=str(made.source), root=m.root)
        verdict = compare.compare(m, made, seen)
        if m.harmless and compare.refused(made, seen):
            verdict.wrong = compare.harmed(made, seen, self.base(m.source, m.root))
        if made.output and not verdict.wrong:
            verdict.wrong = self.reread(made)
        self.counts[verdict.outcome] += 1
        if seen.get("by") == "child":
            print("LOST", m.number, m.source.name, m.steps, seen["error"], flush=True)
        for reason in verdict.reasons:
            self.reasons[verdict.outcome][reason] += 1
        if verdict.wrong:
            self.keep(m, verdict.wrong)

    def base(self, source, root):
        """What both sides make of a source as it is."""
        key = source.name, root
        if key not in self.bases:
            (made,) = sides.convert(self.aside, [source], root)
            self.bases[key] = made, self.child.ask(file=str(made.source), root=root)
        return self.bases[key]

    def reread(self, made):
        """What is wrong with an output that seems right."""
        return sides.verify(made) or compare.reference(made, self.child.ask(output=str(made.output)))

    def keep(self, m, wrong):
        self.differences += 1
        self.out.mkdir(parents=True, exist_ok=True)
        (self.out / f"{m.number}.pt").write_bytes(m.data)
        line = f"{m.number} {m.source.name} --root {m.root} [{', '.join(m.steps)}]: {wrong}"
        (self.out / f"{m.number}.txt").write_text(line + "\n")
        print("DIFFERENCE", line, flush=True)

    def report(self, most):
        for outcome, count in self.counts.most_common():
            print(f"{count:8} {outcome}")
            for reason, n in self.reasons[outcome].most_common(most):
                print(f"         {n:7} {reason}")
        print(f"{sum(self.counts.values())} files, {self.differences} differences, {self.child.lost} children lost")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="*", type=pathlib.Path, metavar="FILE", help="checkpoints to change")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--count", type=int, default=1 << 62, help="mutants")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the first mutant's number")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("differences"))
    parser.add_argument("--reasons", type=int, default=8, help="how many reasons are shown of each kind")
    args = parser.parse_args()
    ends = time.monotonic() + args.seconds
    base = sources(args.files or files())
    pool = mutants.Pool(base)
    with tempfile.TemporaryDirectory() as folder:
        run = Run(pathlib.Path(folder), args.out)
        number, last = args.first, args.first + args.count
        while number < last and time.monotonic() < ends:
            some = range(number, min(last, number + BATCH))
            run.batch([mutants.mutant(args.seed, n, base, pool) for n in some])
            number = some.stop
        run.child.stop()
    run.report(args.reasons)
    return 1 if run.differences else 0


if __name__ == "__main__":
    sys.exit(main())
