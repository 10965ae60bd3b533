"""Random LoRA and SHiRA adapters of a model with modules and ranks of their own, as PEFT folders, and
an experiment for A beside each B. usage: beside.py DIR SEED SETS

Set 0 of each A has B = A, so that A is alone; what is told of base -> A must be the same beside any."""
import json
import random
import struct
import sys

LINEARS = {"q": (24, 40), "k": (8, 40), "o": (40, 24), "up": (56, 40), "down": (40, 56)}


def write(folder, config, tensors):
    header, data, at = {}, b"", 0
    for name, (dtype, shape, values) in sorted(tensors.items(), key=lambda t: (t[1][0] != "I32", t[0])):
        raw = struct.pack("<%d%s" % (len(values), "i" if dtype == "I32" else "f"), *values)
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(raw)]}
        data += raw
        at += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(folder + "/adapter_model.safetensors", "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)
    with open(folder + "/adapter_config.json", "w") as f:
        json.dump(config, f)


def lora(draw, folder, modules):
    tensors, ranks = {}, {m: draw.choice([4, 8]) for m in modules}
    for m, r in ranks.items():
        out, inner = LINEARS[m]
        name = "base_model.model.b.0." + m
        tensors[name + ".lora_A.weight"] = ("F32", [r, inner], [draw.gauss(0, 0.1) for _ in range(r * inner)])
        tensors[name + ".lora_B.weight"] = ("F32", [out, r], [draw.gauss(0, 0.1) for _ in range(out * r)])
    pattern = {m: 8 for m, r in ranks.items() if r == 8}
    write(folder, {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "rank_pattern": pattern,
                   "target_modules": sorted(modules)}, tensors)


def shira(draw, folder, modules):
    tensors, r = {}, 1
    for m in modules:
        out, inner = LINEARS[m]
        places = sorted(draw.sample(range(out * inner), r * (out + inner)))
        name = "base_model.model.b.0." + m
        tensors[name + ".shira_weight"] = ("F32", [len(places)], [draw.gauss(0, 0.1) for _ in places])
        tensors[name + ".shira_indices"] = ("I32", [2, len(places)],
                                            [p // inner for p in places] + [p % inner for p in places])
    write(folder, {"peft_type": "SHIRA", "r": r, "target_modules": sorted(modules)}, tensors)


def main():
    import os
    top, draw, sets = sys.argv[1], random.Random(int(sys.argv[2])), int(sys.argv[3])
    with open(top + "/model.yaml", "w") as f:
        f.write('name: five\nsource: "made for this test"\nhidden: 1\nintermediate: 1\nheads: 1\nkv_heads: 1\n'
                'head_dim: 1\nblocks: 1\nvocab: 1\nprefix: "b.{}."\nlinears:\n')
        for m, (out, inner) in LINEARS.items():
            f.write("  - {name: %s, out: %d, in: %d, input: %s, target: true}\n"
                    % (m, out, inner, "x" if m in "qk" else m))
    for s in range(sets):
        for which in ("a", "b"):
            for kind, make in (("lora", lora), ("shira", shira)):
                folder = "%s/%s-%s%d" % (top, kind, which, s)
                os.mkdir(folder)
                make(draw, folder, draw.sample(sorted(LINEARS), draw.randint(1, len(LINEARS))))
        for b in ("a", "b"):
            with open("%s/%s%d.yaml" % (top, "alone" if b == "a" else "beside", s), "w") as f:
                f.write("name: beside\nmachine: tiny\nseed: 1\ntokens: [1, 5]\n"
                        "placements: [resident, streamed]\nstrategies: [base, reload, lora-fused, lora-unfused, "
                        "shira-scatter, shira-overlay, shira-dram]\nswitches: [base, other]\n"
                        "workloads:\n  - {model: ./model.yaml, blocks: all}\nadapters:\n"
                        "  kept: [memory, host]\n  undo: [transition, set, swap, sub, clean, in-place]\n"
                        "  shira: {a: shira-a%d, b: shira-%s%d}\n  lora: {a: lora-a%d, b: lora-%s%d}\n"
                        % (s, b, s, s, b, s))


main()
