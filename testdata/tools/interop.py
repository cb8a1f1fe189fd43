#!/usr/bin/env python3
"""Do the programs that people use load what depickle writes?

    DEPICKLE=./depickle interop.py

Converts tiny random models of transformers, state_dicts and whole modules of
torch, and every fixture of testdata/checkpoints; loads the results with
transformers, safetensors and torch; compares every bit. With DEPICKLE_CORPUS
set to a directory of checkpoints, each of its files is converted too and
compared with what truth.py sees. Ends with "N passed, N failed".
"""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import traceback
import warnings

import safetensors
import safetensors.torch
import torch
import transformers

import truth
import verify
from fixtures import modules
from oracle import tensors

CHECKPOINTS = pathlib.Path(__file__).resolve().parent.parent / "checkpoints"
BEYOND = (b"\x1f\x8b", b"\x93N", b"x\x9c", b"x\x01", b"x\xda")  # gzip, npy, zlib: not read by the oracle
EXITS = {"converted": 0, "refused": 1, "unsupported": 2, "no-tensors": 2, "malformed": 2}


class Failed(Exception):
    """A difference between what was expected and what happened."""


def want(true, message):
    if not true:
        raise Failed(message)


def run(*args):
    return subprocess.run([os.environ["DEPICKLE"], *map(str, args)], capture_output=True, text=True, timeout=600)


def convert(source, *options):
    """Convert a file in place; the output beside it, verified with its record."""
    done = run("convert", *options, source)
    want(done.returncode == 0, f"exit {done.returncode}: {done.stderr.strip()}")
    stem = "model" if source.name == "pytorch_model.bin" else source.stem
    made = source.with_name(stem + ".safetensors")
    want(made.exists(), f"no {made.name}")
    want(pathlib.Path(f"{made}.json").exists(), f"no record beside {made.name}")
    verify.check(str(made))
    return made


def header(data):
    """The header of a SafeTensors file, and where its data begin."""
    end = 8 + int.from_bytes(data[:8], "little")
    return json.loads(data[8:end]), end


def contents(made):
    """{name: (dtype, shape, sha256)}, read without any library."""
    data = made.read_bytes()
    entries, base = header(data)
    want(entries.pop("__metadata__", {}).get("format") == "pt", "no format: pt in the header")
    found = {}
    for name, t in entries.items():
        begin, end = t["data_offsets"]
        digest = hashlib.sha256(data[base + begin : base + end]).hexdigest()
        found[name] = (t["dtype"], t["shape"], digest)
    return found


def same(mine, theirs, what):
    """Two state dicts are alike in names and bits."""
    want(sorted(mine) == sorted(theirs), f"{what}: names differ: {sorted(set(mine) ^ set(theirs))[:5]}")
    for name in mine:
        want(tensors.describe(mine[name]) == tensors.describe(theirs[name]), f"{what}: {name} differs")


# transformers: a model saved the old way must load again, as itself and as its base

def pretrained():
    t = transformers
    gpt2 = t.GPT2Config(vocab_size=32, n_positions=8, n_embd=8, n_layer=1, n_head=2)
    size = dict(vocab_size=32, hidden_size=8, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2)
    t5 = t.T5Config(vocab_size=32, d_model=8, d_kv=4, d_ff=16, num_layers=1, num_heads=2)
    yield "gpt2", t.GPT2LMHeadModel(gpt2), (t.GPT2LMHeadModel, t.GPT2Model)
    yield "gpt2 base", t.GPT2Model(gpt2), (t.GPT2Model, t.GPT2LMHeadModel)
    for tied in (True, False):
        llama = t.LlamaConfig(**size, num_key_value_heads=1, tie_word_embeddings=tied)
        yield f"llama tied={tied}", t.LlamaForCausalLM(llama), (t.LlamaForCausalLM, t.LlamaModel)
    yield "t5", t.T5ForConditionalGeneration(t5), (t.T5ForConditionalGeneration, t.T5EncoderModel, t.T5Model)
    yield "t5 encoder", t.T5EncoderModel(t5), (t.T5EncoderModel,)
    bert = t.BertConfig(**size, max_position_embeddings=8)
    yield "bert", t.BertForMaskedLM(bert), (t.BertForMaskedLM, t.BertModel)
    yield "bert base", t.BertModel(bert), (t.BertModel,)


def loaded(cls, folder):
    """(state, what was missing or unexpected); new weights are seeded, so that they agree."""
    torch.manual_seed(3)
    model, info = cls.from_pretrained(folder, output_loading_info=True)
    return model, {key: sorted(map(str, info[key])) for key in ("missing_keys", "unexpected_keys", "mismatched_keys")}


def save_old(model, folder):
    model.config.save_pretrained(folder)
    source = folder / "pytorch_model.bin"
    torch.save(model.state_dict(), source)
    return source


def check_pretrained(model, classes, folder):
    source = save_old(model, folder)
    before = [loaded(cls, folder) for cls in classes]
    made = convert(source)
    source.unlink()
    for cls, (old, complaints) in zip(classes, before):
        new, now = loaded(cls, folder)
        want(now == complaints, f"{cls.__name__} complains {now}, of the original {complaints}")
        same(old.state_dict(), new.state_dict(), cls.__name__)
    same(model.state_dict(), before[0][0].state_dict(), "the original itself")
    same(model.state_dict(), safetensors.torch.load_file(made), "load_file")


def check_dropped(model, classes, folder):
    made = convert(save_old(model, folder), "--aliases", "drop")
    fresh = classes[0](model.config)
    missing, unexpected = safetensors.torch.load_model(fresh, made)
    want(not missing and not unexpected, f"load_model: missing {missing}, unexpected {unexpected}")
    same(model.state_dict(), fresh.state_dict(), "load_model")


def transformers_cases(case):
    for name, model, classes in pretrained():
        case(f"transformers: {name}", check_pretrained, model, classes)
        case(f"transformers, aliases dropped: {name}", check_dropped, model, classes)


# torch: state_dicts and whole modules load strictly

def check_strict(module, whole, folder):
    source = folder / "net.pt"
    torch.save(module if whole else module.state_dict(), source)
    state = safetensors.torch.load_file(convert(source))
    same(module.state_dict(), state, "the file")
    with torch.no_grad():
        kept = {name: t.clone() for name, t in module.state_dict().items()}
        for t in module.state_dict().values():
            t.zero_()
        module.load_state_dict(state, strict=True)
    same(kept, module.state_dict(), "after load_state_dict")


def module_cases(case):
    for name, module, _ in modules.kinds():
        for whole in (False, True):
            case(f"{'module' if whole else 'state_dict'}: {name}", check_strict, modules.fill(module), whole)


# fixtures: the outcome that their truth names, and the same bits

def check_fixture(file, expected, folder):
    source = folder / file.name
    shutil.copyfile(file, source)
    made = folder / "out.safetensors"
    done = run("convert", "-o", made, source)
    code = EXITS[expected["expect"]]
    want(done.returncode == code, f"exit {done.returncode}, not {code}: {done.stderr.strip()[-300:]}")
    if code:
        want(not made.exists(), "an output in spite of the exit code")
        reason = expected.get("reason", "")
        want(reason.lower() in (done.stdout + done.stderr).lower(), f"no {reason!r} in: {done.stderr.strip()[-300:]}")
        return
    theirs = contents(made)
    for t in expected["tensors"]:
        have = theirs.pop(t["name"], None)
        want(have == (t["dtype"], t["shape"], t["sha256"]), f"{t['name']!r} is {have}, not {t}")
    want(not theirs, f"more than expected: {sorted(theirs)}")
    check_libraries(made, expected["tensors"])


def check_libraries(made, named):
    """The reference library agrees with the raw bytes, for the dtypes that it can load."""
    with safetensors.safe_open(made, "pt") as opened:
        want(sorted(opened.keys()) == sorted(t["name"] for t in named), "safe_open: other names")
        for t in named:
            part = opened.get_slice(t["name"])
            want((part.get_dtype(), part.get_shape()) == (t["dtype"], t["shape"]), f"safe_open: {t['name']!r} differs")
    if any(t["dtype"] == "F4" for t in named):
        return
    for name, value in safetensors.torch.load_file(made).items():
        (t,) = (t for t in named if t["name"] == name)
        want(tensors.describe(value)[1:] == (t["shape"], t["sha256"]), f"load_file: {name!r} differs")


def fixture_cases(case):
    for sidecar in sorted(CHECKPOINTS.glob("*.truth.json")):
        file = sidecar.with_name(sidecar.name.removesuffix(".truth.json"))
        case(f"fixture: {file.name}", check_fixture, file, json.loads(sidecar.read_text()))


# corpus: files found in the wild, against the oracle

def check_corpus(file, shown, folder):
    source = folder / file.name
    shutil.copyfile(file, source)
    try:
        oracle = truth.examine(file.read_bytes())
    except Exception as error:  # whatever a bad file makes torch or pickle raise is the answer
        oracle = {"error": f"{type(error).__name__}: {error}"}
    done = run("convert", "-o", folder / "out.safetensors", source)
    row = [str(done.returncode), "-", "-", "-"]
    shown.append((file, row, (done.stderr.strip().splitlines() or [""])[-1] if done.returncode else ""))
    if done.returncode:
        readable = oracle.get("tensors") and not oracle["skipped"]
        # Not converted yet, as the README says: TorchScript. And hostile files
        # are refused, tensors or none.
        known = "TorchScript" in done.stderr or (done.returncode == 1 and "malicious" in file.parts)
        want(not readable or known, f"exit {done.returncode}: {done.stderr.strip()[-300:]}")
        return
    if "error" in oracle and file.read_bytes()[:2] in BEYOND:
        return
    want("error" not in oracle, f"converted, but the oracle says {oracle.get('error')}")
    mine = {t["name"]: (t["dtype"], t["shape"], t["sha256"]) for t in oracle["tensors"]}
    theirs = contents(folder / "out.safetensors")
    common = mine.keys() & theirs.keys()
    row[1:] = [
        str(len(theirs)), "same" if mine.keys() == theirs.keys() else "DIFFER",
        "same" if all(mine[name] == theirs[name] for name in common) else "DIFFER",
    ]
    want("DIFFER" not in row, f"names {sorted(mine.keys() ^ theirs.keys())[:5]}, "
         f"contents {[name for name in sorted(common) if mine[name] != theirs[name]][:5]}")


def corpus_cases(case):
    root, shown = os.environ.get("DEPICKLE_CORPUS"), []
    if not root:
        return
    for file in sorted(pathlib.Path(root).rglob("*")):
        if file.is_file() and file.suffix not in (".tsv", ".md"):
            case(f"corpus: {file.relative_to(root)}", check_corpus, file, shown)
    print(f"\n{'file':60} exit tensors names  dtypes, shapes, bytes")
    for file, (code, count, names, bits), message in shown:
        print(f"{str(file.relative_to(root))[-60:]:60} {code:>4} {count:>7} {names:6} {bits} {message[:80]}")
    print()


def main():
    if "DEPICKLE" not in os.environ:
        print("set DEPICKLE to the path of the program", file=sys.stderr)
        return 2
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    os.environ["HF_HUB_OFFLINE"] = "1"
    torch.manual_seed(0)
    counts = {True: 0, False: 0}

    def case(name, check, *args):
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(*args, pathlib.Path(folder))
                passed = True
            except Failed as difference:
                passed = False
                print(f"FAIL {name}: {difference}")
            except Exception:  # a loader that raises is a failure of the case, not of the run
                passed = False
                print(f"FAIL {name}: {traceback.format_exc()}")
        counts[passed] += 1

    for cases in (transformers_cases, module_cases, fixture_cases, corpus_cases):
        cases(case)
    print(f"{counts[True]} passed, {counts[False]} failed")
    return 1 if counts[False] else 0


if __name__ == "__main__":
    sys.exit(main())
