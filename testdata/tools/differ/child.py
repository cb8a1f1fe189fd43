"""The child of differ.py: what torch and safetensors see in a file.

It answers one JSON line for each that it is asked, and may crash or hang: its
parent then starts another one. A file is loaded by torch.load with
weights_only=True, never without; where torch does not take it, by the oracle of
truth.py, which imports nothing that a file names.

Nothing here stops a file from exhausting the child but a limit on its memory.
"""

import hashlib
import json
import os
import re
import sys
import warnings

import safetensors
import safetensors.torch
import torch

import truth
from oracle import names, tensors

ROOM = 1 << 30  # bytes beyond what the libraries take


def bound():
    """Limit the address space, where the system can."""
    try:
        import resource

        with open("/proc/self/statm") as f:
            used = int(f.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + ROOM, used + ROOM))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError):
        pass


def answer(look, *args):
    """What look sees, or its error: whatever a bad file makes torch raise is the answer."""
    try:
        return look(*args)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:2000]}


def by_torch(path, root):
    """The tensors of a file that torch takes, under the names that they should have."""
    value = torch.load(path, map_location="cpu", weights_only=True)
    _, named = names.select(value, root)
    names.check(name for _, name, _ in named)
    seen = {"tensors": [], "skipped": []}
    for parts, name, leaf in named:
        dtype, shape, digest = tensors.describe(leaf)
        if dtype is None:
            seen["skipped"].append({"name": name, "reason": digest})
        else:
            seen["tensors"].append(
                {"path": names.pointer(parts), "name": name, "dtype": dtype, "shape": shape, "sha256": digest}
            )
    return seen


def unswapped(path):
    """The storage classes of a big-endian archive that torch does not swap: where a
    tensor's dtype is not its storage's. Empty for any other file."""
    with open(path, "rb") as f:
        if f.read(4) != b"PK\x03\x04":
            return set()
    file = torch._C.PyTorchFileReader(path)
    if not file.has_record("byteorder") or file.get_record("byteorder") != b"big":
        return set()
    pickled = file.get_record("data.pkl")
    classes = set(re.findall(rb"\w+Storage", pickled))
    return classes if b"UntypedStorage" in classes or b"_rebuild_tensor_v3" in pickled else set()


def by_oracle(path, root):
    with open(path, "rb") as f:
        return truth.examine(f.read(), root)


def by_reference(path):
    """The tensors of an output, as the reference library reads them: [name, dtype, shape, sha256]."""
    found = []
    with safetensors.safe_open(path, "pt") as opened:
        for name in opened.keys():
            part = opened.get_slice(name)
            # torch has no view of a float4 tensor's bytes from this library.
            digest = None if part.get_dtype() == "F4" else hashlib.sha256(tensors.content(opened.get_tensor(name))).hexdigest()
            found.append([name, part.get_dtype(), part.get_shape(), digest])
    return {"tensors": found}


def examine(ask):
    if "output" in ask:
        return answer(by_reference, ask["output"])
    seen = answer(by_torch, ask["file"], ask["root"])
    seen["by"] = "torch"
    if "error" not in seen and (classes := unswapped(ask["file"])):
        seen = {"error": "untyped storages of a big-endian archive"}
        if classes != {b"UntypedStorage"}:
            # The oracle swaps a storage once, also for those who see bytes in it.
            return {"error": "and typed ones", "by": "oracle", "torch": seen["error"]}
    if "error" in seen:
        other = answer(by_oracle, ask["file"], ask["root"])
        other["by"], other["torch"] = "oracle", seen["error"]
        seen = other
    return seen


def main():
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    bound()
    for line in sys.stdin:
        json.dump(examine(json.loads(line)), replies)
        replies.write("\n")
        replies.flush()


if __name__ == "__main__":
    main()
