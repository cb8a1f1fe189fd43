"""Mutants: number N of a seed is the same on every machine.

A mutant is a checkpoint with a few mutations of its pickle, of what is around
the pickle, or of its bytes. It knows which of them there were, and whether all
of them are harmless: then it must still convert to what its source does.
"""

import copy
import random

from . import archives, pickles


class Pool:
    """What other files lend to a mutant: opcodes, runs of them, globals."""

    def __init__(self, sources):
        seen, self.runs = {}, []
        for source in sources:
            self.runs.append(source.parts.ops)
            for op in source.parts.ops:
                if len(op.raw) <= 200:
                    seen.setdefault(op.raw, op.name)
        self.ops = list(seen)
        self.globals = [raw for raw, name in seen.items() if name == "GLOBAL"]


class Source:
    """A checkpoint, whole and in parts."""

    def __init__(self, name, data):
        self.name, self.data = name, data
        self.parts = archives.take_apart(data)


class Mutant:
    """The bytes of a changed checkpoint, and how they came about."""

    def __init__(self, number, source, data, steps, harmless, root):
        self.number, self.source, self.data = number, source, data
        self.steps, self.harmless, self.root = steps, harmless, root


def weighted(rng, table):
    return rng.choices([f for f, _ in table], [weight for _, weight in table])[0]


def choose(rng, parts, harmless):
    """A mutation, and what of the parts it works on."""
    inside = rng.random() < (0.65 if parts.kind != "pickle" else 1)
    if harmless:
        return rng.choice(pickles.HARMLESS if inside else archives.HARMLESS[parts.kind]), inside
    return weighted(rng, pickles.CHANGES if inside else archives.CHANGES[parts.kind]), inside


def raw(rng, data, sources):
    """Bytes change without regard for what they are."""
    data = bytearray(data)
    i = rng.randrange(len(data) + 1)
    n = rng.choice((1, 2, 4, 8, 64))
    kind = rng.choice(("flip", "flip", "flip", "set", "delete", "insert", "splice", "cut"))
    if kind == "flip" and i < len(data):
        data[i] ^= 1 << rng.randrange(8)
    elif kind == "set":
        data[i : i + n] = rng.choice((b"\xff", b"\0", b"\x80")) * n
    elif kind == "delete":
        del data[i : i + n]
    elif kind == "insert":
        data[i:i] = bytes(rng.randrange(256) for _ in range(n))
    elif kind == "splice":
        other = rng.choice(sources).data
        k = rng.randrange(len(other) + 1)
        data[i : i + n] = other[k : k + n]
    elif kind == "cut":
        del data[i:]
    return bytes(data), kind


def mutant(seed, number, sources, pool):
    """Mutant number `number` of a seed."""
    rng = random.Random(f"{seed}:{number}")
    source = rng.choice(sources)
    parts, steps = copy.deepcopy(source.parts), []
    root = rng.choice(("none", "none", "auto"))
    harmless = rng.random() < 0.2
    if harmless or rng.random() < 0.8:
        pickles.unframe(parts.ops)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3))):
        mutate, inside = choose(rng, parts, harmless)
        if len(parts.ops) < 2:
            break
        if mutate(rng, parts.ops if inside else parts, pool):
            steps.append(mutate.__name__)
    data = parts.join()
    if not harmless and rng.random() < 0.12:
        data, kind = raw(rng, data, sources)
        steps.append(f"raw {kind}")
    return Mutant(number, source, data, steps, harmless, root)
