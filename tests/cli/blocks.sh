#!/usr/bin/env bash
# Chosen blocks of a model: they keep their names, lie as far into memory as in the whole model, and
# give its figures. Cycles are not shown, since they change with the RTL.
. tests/cli/common

cat >"$dir/small.yaml" <<EOF
name: small
source: by hand
hidden: 16
intermediate: 32
heads: 2
kv_heads: 1
head_dim: 8
blocks: 400
vocab: 64
prefix: "model.layers.{}."
linears:
  - {name: self_attn.q_proj, out: 16, in: 16, input: attention, target: true}
  - {name: mlp.up_proj,      out: 32, in: 16, input: mlp,       target: true}
  - {name: mlp.down_proj,    out: 16, in: 32, input: activated, target: false}
EOF
# A block of 256 KiB, of which 300 are more than tiny's memory of 64 MiB.
sed -E '/_proj/d; s/^linears.*/&\n  - {name: head, out: 256, in: 1024, input: x, target: true}/' \
  "$dir/small.yaml" >"$dir/large.yaml"

# experiment SED ARGUMENT...: runs the experiment, changed by sed -E.
experiment() {
  sed -E "$1" >"$dir/mine.yaml" <<EOF
name: mine
machine: tiny
seed: 1
tokens: [1, 8]
placements: [streamed]
strategies: [base, reload, lora-fused, lora-unfused, shira-overlay, shira-dram]
switches: [other]
workloads:
  - {model: ./small.yaml, blocks: 1}
  - {model: ./small.yaml, blocks: 1, first: 131}
adapters:
  strength: 0.05
  shira: {density: 0.05, masks: [rand]}
  lora: {rank: 4}
EOF
  echo "$1"
  shift
  run run "$dir/mine.yaml" --out "$dir/out" "$@"
}

experiment '' --rtl-dir "$dir/rtl" | grep -E '^(\$|exit|shirasim: )'
models() { python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))["models"]), "models")' "$dir/out/report.json"; }
models
run adapter inspect "$dir/out/adapters/small-block131-shira-rand-A"

echo "On a device without time there are no figures of a model:"
experiment 's/tokens: .*/tokens: [1]/; s/reload.*dram/shira-dram/; /lora/d' --device golden
models

echo "What cannot be:"
experiment 's/first: 131/first: 400/' --device golden
experiment 's/blocks: 1, first: 131/blocks: 2, first: 399/' --device golden
experiment 's/first: 131/first: 0/' --device golden
experiment 's/small(.*)blocks: 1, first: 131/large\1blocks: 1, first: 300/' --device golden
