"""What `shirasim run --keep-data` wrote: safetensors files and adapters as PEFT writes them."""
import json
import math
import os
import re

import numpy as np

TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I32": "<i4", "I8": "<i1"}


def read_safetensors(path):
    """Tensors by name, and the file's metadata."""
    with open(path, "rb") as f:
        data = f.read()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, t in header.items():
        begin, end = (8 + size + offset for offset in t["data_offsets"])
        tensors[name] = decode(t["dtype"], data[begin:end]).reshape(t["shape"])
    return tensors, metadata


def decode(dtype, data):
    if dtype == "BF16":  # the upper half of an F32
        return (np.frombuffer(data, "<u2").astype("<u4") << 16).view("<f4")
    return np.frombuffer(data, TYPES[dtype])


class Shira:
    """Updates of one linear, sorted by row, then column."""

    def __init__(self, weight, indices):
        order = np.lexsort((indices[1].astype(np.int64), indices[0].astype(np.int64)))
        self.row = indices[0].astype(np.int64)[order]
        self.col = indices[1].astype(np.int64)[order]
        self.value = weight.astype(np.float64)[order]
        self.count = len(order)

    def parameters(self):
        return self.count


class Lora:
    """Factors of one linear: the change is scale * b @ a."""

    def __init__(self, a, b, scale):
        self.a = a.astype(np.float64)
        self.b = b.astype(np.float64)
        self.scale = scale
        self.rank = len(a)

    def parameters(self):
        return self.rank * (self.a.shape[1] + self.b.shape[0])


def first_match(patterns, module, otherwise):
    for key, value in (patterns or {}).items():
        if re.fullmatch(r"(.*\.)?(%s)" % key, module):
            return value
    return otherwise


def same_tail(a, b):
    return a == b or a.endswith("." + b) or b.endswith("." + a)


def find_linear(names, module):
    """The number of the linear that a module's name means."""
    if module in names:
        return names.index(module)
    found = [i for i, name in enumerate(names) if same_tail(name, module)]
    if len(found) != 1:
        raise ValueError("'%s' means %d linears" % (module, len(found)))
    return found[0]


def read_adapter(folder, names):
    """Modules of an adapter by the number of their linear, in the order of the linears."""
    with open(os.path.join(folder, "adapter_config.json")) as f:
        config = json.load(f)
    tensors, _ = read_safetensors(os.path.join(folder, "adapter_model.safetensors"))
    modules = {}
    for name, tensor in tensors.items():
        full = name.removeprefix("base_model.model.")
        for ending in (".shira_weight", ".lora_A.weight"):
            if not full.endswith(ending):
                continue
            module = full.removesuffix(ending)
            number = find_linear(names, module)
            if ending == ".shira_weight":
                other = name.removesuffix("weight") + "indices"
                modules[number] = Shira(tensor, tensors[other])
            else:
                other = name.removesuffix("A.weight") + "B.weight"
                modules[number] = Lora(tensor, tensors[other], lora_scale(config, module))
    return dict(sorted(modules.items()))


def lora_scale(config, module):
    rank = first_match(config.get("rank_pattern"), module, config["r"])
    alpha = first_match(config.get("alpha_pattern"), module, config["lora_alpha"])
    return alpha / math.sqrt(rank) if config.get("use_rslora") else alpha / rank
