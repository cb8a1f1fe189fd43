#!/usr/bin/env python3
"""Writes the inputs of bench.py, with real torch, and the truth of each.

    inputs.py DIR [--scale 1.0] [NAME…]

NAME.pt, or the folder NAME, with NAME.truth.json: tensor name → [dtype, shape,
SHA-256 of its bytes].
"""

import argparse
import hashlib
import json
import os
import zipfile

import torch

DTYPES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64"}


def randn(*shape, dtype=torch.float32):
    out = torch.empty(shape, dtype=dtype)
    flat, step = out.view(-1), 1 << 24
    for i in range(0, flat.numel(), step):
        flat[i : i + step] = (torch.randn(min(step, flat.numel() - i)) * 0.02).to(dtype)
    return out


def truth(state):
    out = {}
    for name, t in state.items():
        b = t.detach().contiguous().reshape(-1).view(torch.uint8).numpy()
        out[name] = [DTYPES[t.dtype], list(t.shape), hashlib.sha256(b).hexdigest()]
    return out


def write(directory, name, state, whole=None, **options):
    path = f"{directory}/{name}.pt"
    torch.save(state if whole is None else whole, path, **options)
    with open(f"{directory}/{name}.truth.json", "w") as f:
        json.dump(truth(state), f)
    return path


def zip2g(d, scale):
    hidden, inner, vocab = 2048, 5632, 32000
    state = {"model.embed_tokens.weight": randn(vocab, hidden, dtype=torch.bfloat16)}
    shapes = {"self_attn.q_proj": (hidden, hidden), "self_attn.k_proj": (256, hidden), "self_attn.v_proj": (256, hidden),
              "self_attn.o_proj": (hidden, hidden), "mlp.gate_proj": (inner, hidden), "mlp.up_proj": (inner, hidden),
              "mlp.down_proj": (hidden, inner), "input_layernorm": (hidden,), "post_attention_layernorm": (hidden,)}
    for i in range(max(1, int(22 * scale))):
        for name, shape in shapes.items():
            state[f"model.layers.{i}.{name}.weight"] = randn(*shape, dtype=torch.bfloat16)
    state["lm_head.weight"] = randn(vocab, hidden, dtype=torch.bfloat16)
    write(d, "zip2g", state)


def legacy1g(d, scale):
    state = {}
    for i in range(max(1, int(64 * scale))):
        state[f"layer.{i}.weight"] = randn(2048, 2048)
        state[f"layer.{i}.bias"] = randn(2048)
    write(d, "legacy1g", state, _use_new_zipfile_serialization=False)


def strided1g(d, scale):
    state = {}
    for i in range(max(5, int(200 * scale))):
        kind = i % 5
        if kind < 3:
            t = randn(1024, 1280).t()
        elif kind == 3:
            t = randn(1024, 128, 2, 5).permute(0, 3, 1, 2)
        else:
            t = randn(1024, 1280)[:, ::2]
        state[f"layers.{i}.w"] = t
    write(d, "strided1g", state)


def tensors20k(d, scale):
    state = {}
    for i in range(max(20, int(20000 * scale))):
        state[f"blocks.{i // 20}.adapter.{i % 20}.weight"] = randn(4, 4) if i % 2 else randn(16, dtype=torch.float16)
    write(d, "tensors20k", state)


def files1000(d, scale):
    folder, merged = f"{d}/files1000", {}
    os.makedirs(folder, exist_ok=True)
    for k in range(max(4, int(1000 * scale))):
        state = {}
        for i in range(6):
            state[f"block{i}.conv.weight"] = randn(32, 15, 3, 3)
            for name in ("weight", "bias", "running_mean", "running_var"):
                state[f"block{i}.bn.{name}"] = randn(32)
            state[f"block{i}.bn.num_batches_tracked"] = torch.tensor(i)
        torch.save(state, f"{folder}/m{k:04d}.pt")
        merged[f"m{k:04d}"] = truth(state)
    with open(f"{folder}.truth.json", "w") as f:
        json.dump(merged, f)


def adam500m(d, scale):
    model = torch.nn.Sequential(*[torch.nn.Linear(2048, 2048) for _ in range(max(1, int(10 * scale)))])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for p in model.parameters():
        p.grad = randn(*p.shape)
    optimizer.step()
    state = model.state_dict()
    write(d, "adam500m", state, {"model": state, "optimizer": optimizer.state_dict(), "epoch": 3, "args": {"lr": 1e-3}})


def deflated1g(d, scale):
    state = {}
    for i in range(max(2, int(64 * scale))):
        t = randn(2048, 2048)
        if i % 2:
            t[:, ::3] = 0
        state[f"layer.{i}.weight"] = t
    path = write(d, "deflated1g", state)
    os.rename(path, path + ".stored")
    with zipfile.ZipFile(path + ".stored") as stored, zipfile.ZipFile(path, "w") as out:
        for member in stored.infolist():
            out.writestr(zipfile.ZipInfo(member.filename), stored.read(member), zipfile.ZIP_DEFLATED, 1)
    os.remove(path + ".stored")


ALL = [zip2g, legacy1g, strided1g, tensors20k, files1000, adam500m, deflated1g]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("dir")
    p.add_argument("names", nargs="*")
    p.add_argument("--scale", type=float, default=1.0)
    a = p.parse_args()
    os.makedirs(a.dir, exist_ok=True)
    for make in ALL:
        done = f"{a.dir}/{make.__name__}.truth.json"
        if (not a.names or make.__name__ in a.names) and not os.path.exists(done):
            torch.manual_seed(20261125)
            make(a.dir, a.scale)
            print(make.__name__, flush=True)


if __name__ == "__main__":
    main()
