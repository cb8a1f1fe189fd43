#!/usr/bin/env python3
"""The oracle: what tensors a pickle checkpoint holds, read by real torch.

    truth.py FILE [FILE…] [--root auto|none|POINTER] [--all]

It prints one JSON object for each file:

    {"file", "root", "tensors": [{"path", "name", "dtype", "shape", "sha256"}],
     "skipped": [{"path", "name", "reason"}]}

or {"file", "error"}, and then exits 1. --all adds "not_selected": the paths of
tensors that stand outside the root. It needs torch 2.15 and numpy 2, and never
imports what a file names. The rules of names and roots are those of section 5
of the design, written independently of the Go code. Where it is silent:

- Paths are JSON pointers into the values as the pickle built them (/model/
  _modules/0/_parameters/weight); keys stand in them as they are spelled.
- Keys: True, False, None; float as repr; bytes as latin-1; a tuple as (a, b),
  (a,) or () of spelled parts; a class or function as <module.Class>; any other
  object as <module.Class> of its class. Modules are spelled as Python 3 does.
- A mapping is a dict or an object with keyed items (a dict subclass). Objects
  with attributes only (Namespace) are not looked into for a root.
- "Holding tensors": any tensor that the walk below would name, at any depth.
- After a single key is unwrapped, all of it is tried again: the table, direct
  tensors, module. It is unwrapped only if its value is a mapping or a module.
  If nothing is found the names are full paths from the top, not from within.
- Walk order is that of the stream: REDUCE arguments, list items, keyed items,
  state. The first place names a container. Modules are the exception: a module
  that stands twice in _modules is named twice, as state_dict() does.
- The attributes of an OrderedDict are walked after its items.
- State that is neither a dict nor a pair of dicts is __state__; keyword
  arguments of NEWOBJ_EX are __kwargs__.NAME; members of sets are not walked.
- defaultdict's factory is dropped. Object arrays are flat lists in C order.
- Tensors among the Python attributes of a tensor or parameter are not selected.
- A pointer to a tensor, like a bare tensor, gives the name "tensor".
- '*' becomes emb_params only where the root is a string_to_param.
- Of several streams each has its own root; "root" is then empty, and paths and
  names start with the number of the stream among all streams of the file. A
  pointer is resolved within each stream that holds tensors.
- Tensors that SafeTensors cannot hold (quantized, sparse, nested, meta,
  complex128, bits, subclasses without dense data; string, datetime, structured
  and longdouble arrays) are in "skipped" under the name that they would have.
- Python 2 strings are read as latin-1. Of TorchScript only data.pkl is read.
"""

import argparse
import json
import pathlib
import sys

from oracle import load, names, tensors


def streams(values):
    """(prefix or None, value) of the streams that hold tensors, or of the first."""
    holding = [(i, v) for i, v in enumerate(values) if any(True for _ in names.walk(v))]
    if len(holding) > 1:
        return [(str(i), v) for i, v in holding]
    return [(None, holding[0][1] if holding else values[0])]


def outside(values, leaves):
    """Paths of the leaves that were not selected."""
    chosen = {id(leaf) for leaf in leaves}
    found = []
    for prefix, value in values:
        for path, _, leaf in names.walk(value, raw=True):
            if id(leaf) not in chosen:
                chosen.add(id(leaf))
                found.append(names.pointer(((prefix,) if prefix else ()) + path))
    return sorted(found)


def examine(data, root="auto", everything=False):
    """The truth about a file's bytes, without its name."""
    found, leaves = [], []
    values = streams(load.load(data))
    for prefix, value in values:
        path, named = names.select(value, root)
        lead = (prefix,) if prefix is not None else ()
        for parts, name, leaf in named:
            found.append((".".join(lead + (name,)), names.pointer(lead + parts), leaf))
            leaves.append(leaf)
    names.check(name for name, _, _ in found)
    result = {"root": names.pointer(path) if len(values) == 1 else "", "tensors": [], "skipped": []}
    for name, where, leaf in sorted(found, key=lambda entry: entry[0].encode()):
        dtype, shape, digest = tensors.describe(leaf)
        if dtype is None:
            result["skipped"].append({"path": where, "name": name, "reason": digest})
        else:
            result["tensors"].append(
                {"path": where, "name": name, "dtype": dtype, "shape": shape, "sha256": digest}
            )
    if everything:
        result["not_selected"] = outside(values, leaves)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--root", default="auto", help="auto, none or a JSON pointer")
    parser.add_argument("--all", action="store_true", help="list tensors outside the root too")
    args = parser.parse_args()
    status = 0
    for file in args.files:
        report = {"file": file}
        try:
            report.update(examine(pathlib.Path(file).read_bytes(), args.root, args.all))
        except Exception as error:  # whatever a bad file makes torch or pickle raise is the answer
            report["error"] = f"{type(error).__name__}: {error}"
            status = 1
        print(json.dumps(report, indent=1))
    return status


if __name__ == "__main__":
    sys.exit(main())
