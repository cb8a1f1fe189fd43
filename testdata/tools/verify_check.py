#!/usr/bin/env python3
"""Does verify.py, which knows the specification alone, agree with depickle?

    DEPICKLE=./depickle verify_check.py

For every fixture that converts: both verify the output and compute one
content_sha256. For every byte of some outputs and of their records, changed and
put back: verify.py refuses it, but where the documentation says that nothing
protects it, and so does depickle, which is asked about every byte that a record
does not protect and about each eighth of the others (its own tests go through
all). For sets of shards written by huggingface_hub: their content_sha256 is that
of the file that depickle makes of the same tensors. Ends with "N passed, N
failed".
"""

import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import huggingface_hub
import torch

import verify

CHECKPOINTS = pathlib.Path(__file__).resolve().parent.parent / "checkpoints"
# Outputs of all kinds: plain, with names dropped, with tensors without elements, and disarmed.
FLIPPED = [("tiny.pt",), ("tied.pt", "--aliases", "drop"), ("views.pt",), ("hostile_torch.pt", "--disarm", "--values", "all")]
CASES = (0x01, 0x80, 0x20)


class Failed(Exception):
    """A difference between the two."""


def want(true, message):
    if not true:
        raise Failed(message)


def run(*args):
    return subprocess.run([os.environ["DEPICKLE"], *map(str, args)], capture_output=True, text=True, timeout=600)


def convert(source, made, *options):
    done = run("convert", "-o", made, *options, source)
    want(done.returncode == 0, f"exit {done.returncode}: {done.stderr.strip()}")
    return made


def ours(made, *options):
    """What depickle verify says: its exit code and the content_sha256."""
    done = run("verify", "--json", *options, made)
    said = json.loads(done.stdout)
    want(said["exit"] == done.returncode, f"exits {done.returncode} and says {said['exit']}")
    return done.returncode, said["content_sha256"], said.get("error", "")


def theirs(made):
    try:
        return verify.check(str(made))
    except Exception:
        return None


# fixtures: both compute one digest

def check_fixture(file, folder):
    made = convert(file, folder / "out.safetensors", "--aliases", "drop", "--values", "all")
    code, content, error = ours(made, "--source", file)
    want(code == 0, f"depickle verify: exit {code}: {error}")
    want(verify.check(str(made)) == content, f"depickle says {content}, verify.py {verify.check(str(made))}")
    os.remove(f"{made}.json")
    want(verify.check(str(made)) == content, "another content_sha256 without the record")


def fixture_cases():
    for sidecar in sorted(CHECKPOINTS.glob("*.truth.json")):
        if json.loads(sidecar.read_text())["expect"] == "converted":
            file = sidecar.with_name(sidecar.name.removesuffix(".truth.json"))
            yield f"fixture: {file.name}", check_fixture, file


# flips: both refuse the same ones

def unprotected(data, at):
    """Where nothing protects a header that has no record, as go doc depickle/convert/verify lists."""
    for key in (b"depickle.version", b"depickle.source_sha256"):
        value = re.search(b'"' + re.escape(key) + b'":"([^"]*)"', data)
        if value and value.start(1) <= at < value.end(1):
            return True
    return False


def check_flips(source, options, part, folder):
    """Changes each byte of the output, of its record, or of the output that has none."""
    made = convert(CHECKPOINTS / source, folder / "out.safetensors", *options)
    record = pathlib.Path(f"{made}.json")
    if part == "bare":
        record.unlink()
    changed = record if part == "record" else made
    data = bytearray(changed.read_bytes())
    good = bytes(data)
    left = 0
    for at in range(len(data)):
        accepted = []
        for x in CASES:
            data[at] ^= x
            changed.write_bytes(data)
            if theirs(made) is not None:
                accepted.append(x)
            if x == CASES[at % len(CASES)] and (part == "bare" or at % 8 == 0):  # each is a process
                code, _, error = ours(made)
                want((code == 0) == (x in accepted), f"byte {at}, ^{x:#x}: verify.py {'takes' if x in accepted else 'refuses'} it, depickle exits {code}: {error}")
                want(code in (0, 1), f"byte {at}, ^{x:#x}: depickle exits {code}: {error}")
            data[at] ^= x
        want(not accepted or part == "bare" and unprotected(good, at), f"byte {at}: verify.py takes {accepted}")
        left += len(accepted)
    changed.write_bytes(good)
    want(theirs(made) and ours(made)[0] == 0, "put back, it does not verify")
    want((left > 0) == (part == "bare"), f"{left} changes are not protected")


def flip_cases():
    for source, *options in FLIPPED:
        for part in ("output", "record", "bare"):
            yield f"flips: {source} {' '.join(options)}, {part}", check_flips, source, options, part


# shards: the same weights, however huggingface_hub lays them out

def states():
    w = torch.arange(64, dtype=torch.float32)
    yield "plain", {f"layers.{i}.weight": w.reshape(8, 8) + i for i in range(9)}
    yield "dtypes", {str(d): w.to(d) for d in (torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.uint8, torch.bool, torch.complex64)}
    yield "strides and nothing", {"t": (w + 1).reshape(8, 8).t(), "none": torch.empty(3, 0), "scalar": torch.tensor(5.0), "é": w}
    yield "tied", {"embed.weight": w, "lm_head.weight": w, "b": w.clone()}


def check_shards(state, size, folder):
    torch.save(state, folder / "whole.pt")
    made = convert(folder / "whole.pt", folder / "whole.safetensors")
    content = verify.check(str(made))
    want(ours(made)[1] == content, "depickle says otherwise")
    sharded = folder / "sharded"
    sharded.mkdir()
    huggingface_hub.save_torch_state_dict(dict(state), sharded, max_shard_size=size)
    index = sharded / "model.safetensors.index.json"
    files = sorted(sharded.glob("*.safetensors"))
    want((len(files) > 1) == index.exists(), f"{files} were written")
    want(verify.check(str(index if index.exists() else files[0])) == content, "another content_sha256")
    if index.exists():
        check_set(index, files)


def check_set(index, files):
    """What the set holds is protected by nobody but the caller, who knows its content_sha256; its form is checked."""
    for made in (index, files[0]):
        code, _, error = ours(made)
        want(code == 2 and ("index of shards" in error or "names no content_sha256" in error), f"depickle verify {made.name}: exit {code}: {error}")
    good = verify.check(str(index))
    data = bytearray(files[0].read_bytes())
    data[-1] ^= 1
    files[0].write_bytes(data)
    want(theirs(index) != good, "a changed element is not seen")
    files[0].write_bytes(data[:-1])
    want(theirs(index) is None, "a shard that was cut is taken")
    shutil.copyfile(files[1], files[0])
    want(theirs(index) is None, "a shard in the place of another is taken")


def shard_cases():
    for name, state in states():
        for size in (1, 600, "1GB"):
            yield f"shards of {size}: {name}", check_shards, state, size


def attempt(case):
    name, check, *args = case
    with tempfile.TemporaryDirectory() as folder:
        try:
            check(*args, pathlib.Path(folder))
        except Exception as difference:
            return f"FAIL {name}: {type(difference).__name__}: {difference}"


def main():
    if "DEPICKLE" not in os.environ:
        print("set DEPICKLE to the path of the program", file=sys.stderr)
        return 2
    cases = [*fixture_cases(), *flip_cases(), *shard_cases()]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        failures = list(filter(None, pool.map(attempt, cases)))
    print(*failures, sep="\n", end="\n" if failures else "")
    print(f"{len(cases) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
