#!/usr/bin/env python3
"""Writes the adapters of this folder with the PEFT library, and the change each one makes.

    python3 make_vectors.py [folder]

Needs torch, peft, transformers and safetensors (versions in README.md). For each vector: a folder
as `save_pretrained` leaves it (without the model card), and `<vector>.delta.safetensors` with the
dense change of each module as PEFT computes it in FP32, rows = outputs, columns = inputs.
"""
import json
import os
import platform
import shutil
import sys
from unittest import mock

import torch
from peft import LoraConfig, ShiraConfig, get_peft_model
from safetensors.torch import save_file
from torch import nn
from transformers.pytorch_utils import Conv1D


class Mlp(nn.Module):
    """up: 24 x 16, down: 16 x 24 (outputs x inputs)."""

    def __init__(self, conv):
        super().__init__()
        self.up_proj = Conv1D(24, 16) if conv else nn.Linear(16, 24, bias=False)
        self.down_proj = Conv1D(16, 24) if conv else nn.Linear(24, 16, bias=False)

    def forward(self, x):
        return self.down_proj(self.up_proj(x))


class Block(nn.Module):
    def __init__(self, conv):
        super().__init__()
        self.mlp = Mlp(conv)

    def forward(self, x):
        return self.mlp(x)


class Inner(nn.Module):
    """Layers 2 and 10, because a file sorts "layers.10" before "layers.2"."""

    def __init__(self, conv):
        super().__init__()
        self.layers = nn.ModuleDict({"2": Block(conv), "10": Block(conv)})

    def forward(self, x):
        for layer in self.layers.values():
            x = layer(x)
        return x


class Tiny(nn.Module):
    def __init__(self, conv=False):
        super().__init__()
        self.model = Inner(conv)

    def forward(self, x):
        return self.model(x)


TARGETS = ["up_proj", "down_proj"]


def struct_mask(layer, r, **_):
    """Every third row, then the diagonal, then what is missing from the end."""
    rows, columns = layer.weight.shape
    mask = torch.zeros(rows, columns)
    count = r * (rows + columns)
    order = [(i, j) for i in range(0, rows, 3) for j in range(columns)]
    order += [(i, i) for i in range(min(rows, columns))]
    order += [(i, j) for i in reversed(range(rows)) for j in reversed(range(columns))]
    for i, j in order:
        if int(mask.sum()) == count:
            break
        mask[i, j] = 1.0
    return mask


def make(out, name, config, dtype=torch.float32, conv=False, system=None, scramble=False):
    torch.manual_seed(sum(name.encode()))
    model = get_peft_model(Tiny(conv), config)
    with torch.no_grad():  # fresh adapters are zero
        for key, parameter in model.named_parameters():
            if "lora_" in key or "shira_" in key:
                parameter.copy_(torch.randn_like(parameter) * 0.1)
    if scramble:  # indices in no order
        for module in model.modules():
            if hasattr(module, "shira_indices"):
                indices = module.shira_indices["default"]
                module.shira_indices["default"] = indices[:, torch.randperm(indices.shape[1])]
    model = model.to(dtype)
    folder = os.path.join(out, name)
    shutil.rmtree(folder, ignore_errors=True)
    with mock.patch.object(platform, "system", return_value=system or platform.system()):
        model.save_pretrained(folder)
    os.remove(os.path.join(folder, "README.md"))
    os.chmod(os.path.join(folder, "adapter_model.safetensors"), 0o644)

    model = model.float()  # exact; the sums below are then FP32
    deltas = {}
    for key, module in model.named_modules():
        if hasattr(module, "get_delta_weight"):
            delta = module.get_delta_weight("default").detach()
            delta = delta.to_dense() if delta.is_sparse else delta
            delta = delta.T if conv else delta
            deltas[key.removeprefix("base_model.model.")] = delta.contiguous().float()
    assert len(deltas) == 4
    path = os.path.join(out, name + ".delta.safetensors")
    save_file(deltas, path)
    os.chmod(path, 0o644)


def main():
    if os.environ.get("PYTHONHASHSEED") != "0":  # PEFT writes sets in the order of their hashes
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, *sys.argv])
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    shira = dict(r=2, target_modules=TARGETS, random_seed=5)
    lora = dict(r=4, lora_alpha=6, target_modules=TARGETS)
    patterns = dict(
        rank_pattern={"layers.2.mlp.up_proj": 3, r".*\.10\..*": 2},
        alpha_pattern={"down_proj": 10, r"layers\.\d+\.mlp\.up_proj": 5},
    )

    make(out, "shira_f32", ShiraConfig(**shira))
    make(out, "shira_bf16", ShiraConfig(**shira), dtype=torch.bfloat16)
    make(out, "shira_f16", ShiraConfig(**shira), dtype=torch.float16)
    make(out, "shira_windows", ShiraConfig(**shira), system="Windows")
    make(out, "shira_unsorted", ShiraConfig(**shira), scramble=True)
    struct = ShiraConfig(**shira, mask_type="every_third_row")
    struct.mask_fn = struct_mask
    make(out, "shira_struct", struct)

    make(out, "lora_f32", LoraConfig(**lora))
    make(out, "lora_bf16", LoraConfig(**lora), dtype=torch.bfloat16)
    make(out, "lora_f16", LoraConfig(**lora), dtype=torch.float16)
    make(out, "lora_rslora", LoraConfig(**lora, use_rslora=True))
    make(out, "lora_patterns", LoraConfig(**lora, **patterns))
    make(out, "lora_conv1d", LoraConfig(**lora, fan_in_fan_out=True), conv=True)
    make(out, "lora_dora", LoraConfig(**lora, use_dora=True))

    with open(os.path.join(out, "shira_f32", "adapter_config.json")) as f:
        assert json.load(f)["peft_type"] == "SHIRA"


if __name__ == "__main__":
    main()
