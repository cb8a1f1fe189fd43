#!/usr/bin/env python3
"""Converters that run on PyTorch, as peers of bench.py.

    torch_peers.py save SRC DST [SRC DST…]     torch.load(mmap=True) and save_file
    torch_peers.py hf CONVERT.PY SRC DST […]   convert_file of Hugging Face's convert.py
"""

import hashlib
import importlib.util
import os
import sys
import types


def save(pairs):
    import torch
    from safetensors.torch import save_file

    for src, dst in pairs:
        try:
            state = torch.load(src, map_location="cpu", mmap=True, weights_only=True)
        except RuntimeError:  # legacy files cannot be mapped
            state = torch.load(src, map_location="cpu", weights_only=True)
        save_file({k: v.contiguous() for k, v in state.items()}, dst, metadata={"format": "pt"})
        if os.environ.get("DIGESTS"):
            for path in (src, dst):
                with open(path, "rb") as f:
                    hashlib.file_digest(f, "sha256")


def stub_hub():
    """convert.py imports huggingface_hub for what it uploads, which is nothing here."""
    hub, download = types.ModuleType("huggingface_hub"), types.ModuleType("huggingface_hub.file_download")
    for name in ("CommitInfo", "CommitOperationAdd", "Discussion", "HfApi", "hf_hub_download"):
        setattr(hub, name, object)
    download.repo_folder_name = None
    sys.modules.update({"huggingface_hub": hub, "huggingface_hub.file_download": download})


def hf(script, pairs):
    stub_hub()
    spec = importlib.util.spec_from_file_location("hf_convert", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for src, dst in pairs:
        module.convert_file(src, dst, [])


if __name__ == "__main__":
    rest = sys.argv[2:]
    if sys.argv[1] == "hf":
        hf(rest[0], zip(rest[1::2], rest[2::2]))
    else:
        save(list(zip(rest[::2], rest[1::2])))
