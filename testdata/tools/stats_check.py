#!/usr/bin/env python3
"""Does depickle inspect --stats count and compute what numpy does?

    DEPICKLE=./depickle stats_check.py

Inspects every fixture of testdata/checkpoints, its output where it converts,
and, with DEPICKLE_CORPUS set, every file of that directory that torch or numpy
can read; compares each tensor's statistics with those of the elements as the
oracle reads them. Counts and extremes must be equal, mean and deviation within
1e-12. Ends with "N tensors agree, N differ".
"""

import json
import os
import pathlib
import pickle
import subprocess
import sys
import tempfile

import numpy as np
import torch

from oracle import inert, load, names, tensors

CHECKPOINTS = pathlib.Path(__file__).resolve().parent.parent / "checkpoints"
FLOAT4 = [0, 0.5, 1, 1.5, 2, 3, 4, 6]
CLOSE = 1e-12


def inspect(file, *options):
    done = subprocess.run([os.environ["DEPICKLE"], "inspect", "--json", *options, str(file)], capture_output=True, text=True, timeout=600)
    return json.loads(done.stdout)


def numbers(leaf):
    """The elements of a tensor or array as real numbers; None for what has none."""
    if isinstance(leaf, inert.OldTensor):
        leaf = leaf.tensor()
    if isinstance(leaf, inert.Unbuilt):
        return None
    if isinstance(leaf, torch.Tensor):
        return torch_numbers(leaf.detach())
    if leaf.dtype.kind not in "biufc" or leaf.dtype.itemsize > 16 or leaf.dtype == np.longdouble:
        return None
    leaf = np.ascontiguousarray(leaf).reshape(-1)
    if leaf.dtype.kind == "c":
        return leaf.view(leaf.real.dtype)
    return leaf.view(np.uint8) != 0 if leaf.dtype.kind == "b" else leaf


def torch_numbers(t):
    name = str(t.dtype).removeprefix("torch.")
    if t.is_quantized or t.is_nested or t.layout is not torch.strided or t.device.type == "meta" or "bits" in name:
        return None
    raw = bytearray(tensors.content(t))
    if not raw:
        return np.zeros(0)
    codes = torch.frombuffer(raw, dtype=torch.uint8)
    if name == "bool":
        return codes.numpy() != 0
    if name == "float4_e2m1fn_x2":
        both = np.concatenate([codes.numpy() & 15, codes.numpy() >> 4])
        return np.array(FLOAT4)[both & 7] * np.where(both & 8, -1, 1)
    parts = {"complex32": "float16", "bcomplex32": "bfloat16", "complex64": "float32", "complex128": "float64"}
    flat = codes.view(getattr(torch, parts.get(name, name)))
    return flat.to(torch.float64).numpy() if flat.dtype.is_floating_point else flat.numpy()


def summary(a):
    """What stats should say of an array."""
    if a.dtype.kind == "b":
        a = a.astype(np.uint8)
    real = a.dtype.kind == "f"
    finite = a[np.isfinite(a)] if real else a
    s = {
        "count": a.size, "nan": int(np.isnan(a).sum()) if real else 0,
        "inf": int(np.isinf(a).sum()) if real else 0, "zeros": int((a == 0).sum()),
        "min": None, "max": None, "mean": None, "std": None,
    }
    if finite.size:
        exact = finite.astype(np.longdouble)
        s.update(min=finite.min().item(), max=finite.max().item(), mean=float(exact.mean()), std=float(exact.std()))
    return s


def differences(have, should):
    """The fields that differ."""
    if should["mean"] is None or have["mean"] is None:
        return [k for k in should if have[k] != should[k]]
    near = CLOSE * (abs(should["mean"]) + should["std"]) + 1e-300
    return [k for k in should if (abs(have[k] - should[k]) > near if k in ("mean", "std") else have[k] != should[k])]


class Check:
    agree = differ = 0

    def fail(self, message):
        self.differ += 1
        print(f"FAIL {message}")

    def compare(self, where, have, should):
        wrong = differences(have, should)
        if wrong:
            self.fail(f"{where}: {', '.join(wrong)}: {have}, want {should}")
        else:
            self.agree += 1

    def checkpoint(self, file):
        """Every tensor of a checkpoint, by its path."""
        seen = inspect(file, "--stats")
        if not seen["tensors"]:
            return
        if any(f["id"] == "zip-duplicate" for f in seen["scan"]["findings"]):
            return  # which of two members is meant, readers differ about
        leaves = {}
        values = load.load(file.read_bytes())
        several = sum(any(True for _ in names.walk(v)) for v in values) > 1
        for index, value in enumerate(values):
            for raw in (False, True):
                for path, _, leaf in names.walk(value, raw=raw):
                    leaves[names.pointer(((str(index),) if several else ()) + path)] = leaf
        for t in seen["tensors"]:
            where, should = f"{file.name} {t['path']}", None
            if t["path"] in leaves:
                should = numbers(leaves[t["path"]])
            elif "/__state__/" in t["path"] or not t["path"].isascii() or "\\x" in t["path"]:
                continue  # what a tensor carries, and a path that JSON cannot spell
            elif "stats" in t:
                self.fail(f"{where}: the oracle has no such tensor")
                continue
            if should is None or "stats" not in t:
                if should is not None or "stats" in t:
                    self.fail(f"{where}: {t.get('no_stats')}, and the oracle {'reads' if should is not None else 'does not read'} it")
                continue
            self.compare(where, t["stats"], summary(should))

    def unread(self, file, error):
        """A file that the oracle does not read is one that inspect calls unread."""
        if "error" not in inspect(file):
            self.fail(f"{file.name}: the oracle says {error}")

    def output(self, file, folder):
        """The tensors of the output have the statistics of the source's."""
        made = pathlib.Path(folder) / "out.safetensors"
        run = [os.environ["DEPICKLE"], "convert", "--force", "-o", str(made), str(file)]
        if subprocess.run(run, capture_output=True, timeout=600).returncode:
            return
        source = {t["name"]: t["stats"] for t in inspect(file, "--stats")["tensors"] if t["selected"] and "stats" in t}
        for t in inspect(made, "--stats")["tensors"]:
            if t["name"] not in source or "stats" not in t:
                self.fail(f"{file.name}: output {t['name']!r} has no statistics on both sides")
            else:
                self.compare(f"{file.name}: output {t['name']}", t["stats"], source[t["name"]])


def main():
    check = Check()
    with tempfile.TemporaryDirectory() as folder:
        for side in sorted(CHECKPOINTS.glob("*.truth.json")):
            file = side.with_name(side.name.removesuffix(".truth.json"))
            try:
                check.checkpoint(file)
                if json.loads(side.read_text())["expect"] == "converted":
                    check.output(file, folder)
            except (load.Malformed, pickle.UnpicklingError) as error:
                check.unread(file, error)
            except Exception as error:  # whatever else goes wrong is a difference
                check.fail(f"{file.name}: {type(error).__name__}: {error}")
        corpus = os.environ.get("DEPICKLE_CORPUS")
        for file in sorted(p for p in pathlib.Path(corpus).rglob("*") if p.is_file()) if corpus else ():
            try:
                load.load(file.read_bytes())
            except Exception:  # a file that the oracle cannot read decides nothing
                continue
            check.checkpoint(file)
    print(f"{check.agree} tensors agree, {check.differ} differ")
    return 1 if check.differ or not check.agree else 0


if __name__ == "__main__":
    sys.exit(main())
