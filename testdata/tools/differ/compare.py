"""What both sides say of a mutant, held against each other."""

import hashlib
import json
import re


class Verdict:
    """The outcome, the reasons by which it is counted, and what is wrong, or ""."""

    def __init__(self, outcome, reasons=(), wrong=""):
        self.outcome, self.reasons, self.wrong = outcome, reasons, wrong


def contents(output):
    """{name: (dtype, shape, sha256)} of an output, read without any library."""
    data = output.read_bytes()
    base = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:base])
    header.pop("__metadata__", None)
    return {
        name: (t["dtype"], t["shape"], hashlib.sha256(data[base + t["data_offsets"][0] : base + t["data_offsets"][1]]).hexdigest())
        for name, t in header.items()
    }


def general(reason):
    """A reason without what is of one file only."""
    reason = reason.split("WeightsUnpickler error: ")[-1]
    reason = re.sub(r'"(\\.|[^"\\])*"|\'(\\.|[^\'\\])*\'', "…", reason.split("\n")[0])
    return re.sub(r"-?\b(0x[0-9a-f]+|\d[\d.]*)\b", "N", reason)[:150]


def compare(m, made, seen):
    """The verdict on a mutant."""
    if made.wrong:
        return Verdict("depickle fails", wrong=made.wrong)
    if "error" in seen:
        why = [general(seen["error"])]
        if seen["by"] == "child":
            return Verdict("torch is lost, and depickle " + ("converts" if made.output else "refuses"), why)
        if made.output is None:
            return Verdict("neither takes it")
        return Verdict("only depickle takes it", [f"oracle: {why[0]} | torch: {general(seen['torch'])[:60]}"])
    by = seen["by"]
    if made.output is None:
        if not seen["tensors"]:
            return Verdict(f"{by} finds no tensors, and depickle refuses")
        return Verdict(f"only {by} takes it", [general(made.error)])
    wrong = different(made, seen)
    return Verdict(f"{by} and depickle take it", wrong=f"{wrong} (by {by})" if wrong else "")


def plain(name):
    """A name without what both sides spell apart: keys that are objects, and what
    stands below the "*" of a textual inversion, where a tensor should."""
    return re.sub(r"<[^<>]*>", "<>", re.sub(r"^emb_params\.", "*.", name))


def different(made, seen):
    """How an output is not what torch sees, or ""."""
    record = json.loads(made.output.with_name(made.output.name + ".json").read_text())
    # numpy gives such an array no elements; depickle says that it leaves it out.
    unset = {plain(s["path"]) for s in record["skipped"] if s["reason"] == "its state was never set"}
    tensors = [t for t in seen["tensors"] if plain(t["path"]) not in unset]
    have = {plain(name): t for name, t in contents(made.output).items()}
    want = {plain(t["name"]): (t["dtype"], t["shape"], t["sha256"]) for t in tensors}
    for name in sorted(have.keys() | want.keys()):
        if name not in have:
            return f"no tensor {name!r}"
        if name not in want:
            return f"a tensor {name!r} that is none"
        if have[name] != want[name]:
            return f"{name!r} is {have[name]}, not {want[name]}"
    paths = {plain(t["name"]): plain(t["path"]) for t in record["tensors"]}
    for t in tensors:
        if paths[plain(t["name"])] != plain(t["path"]):
            return f"{t['name']!r} comes from {paths[plain(t['name'])]!r}, not {t['path']!r}"
    if seen["skipped"] and not record["skipped"]:
        return f"nothing is said of {seen['skipped'][0]}"
    return ""


def refused(made, seen):
    """Whether depickle refuses a file in which there are tensors."""
    return made.output is None and not made.wrong and bool(seen.get("tensors"))


def harmed(made, seen, base):
    """Whether a file is refused though it holds what its source does, which is not;
    base is what was made and seen of that."""
    if base[0].output is not None and seen["tensors"] == base[1].get("tensors"):
        return f"refused though harmless: {made.error}"
    return ""


def reference(made, seen):
    """How the reference library reads an output otherwise, or ""."""
    if "error" in seen:
        return f"safetensors: {seen['error']}"
    have = contents(made.output)
    found = {name: (dtype, shape, digest) for name, dtype, shape, digest in seen["tensors"]}
    if found.keys() != have.keys():
        return "safetensors finds other names"
    for name, (dtype, shape, digest) in found.items():
        if (dtype, shape) != have[name][:2] or digest not in (None, have[name][2]):
            return f"safetensors reads {name!r} otherwise"
    return ""
