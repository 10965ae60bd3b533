#!/usr/bin/env bash
# A LoRA that changes one of two linears costs the same beside a SHiRA adapter that changes both.
. tests/cli/common
model() { # NAME TARGET: two linears, the second a target or not
  cat >"$dir/$1.yaml" <<EOF
name: two
source: "made for this test"
hidden: 1
intermediate: 1
heads: 1
kv_heads: 1
head_dim: 1
blocks: 1
vocab: 1
prefix: "b.{}."
linears:
  - {name: q, out: 16, in: 16, input: x, target: true}
  - {name: k, out: 16, in: 24, input: y, target: $2}
EOF
}
experiment() { # NAME STRATEGIES ADAPTERS
  cat >"$dir/$1.yaml" <<EOF
name: $1
machine: tiny
seed: 1
tokens: [1]
strategies: [base, $2]
switches: [base, other]
workloads: [{model: $dir/both.yaml, blocks: all}]
adapters: {$3}
EOF
}
model both true
model one false
for seed in 1 2; do
  "$B/shirasim" adapter make --model "$dir/one.yaml" --kind lora --rank 4 --seed $seed "$dir/lora$seed"
  "$B/shirasim" adapter make --model "$dir/both.yaml" --rank 1 --seed $seed "$dir/shira$seed"
done >"$dir/made"
lora="lora: {a: $dir/lora1, b: $dir/lora2}"
experiment alone "reload, lora-fused, lora-unfused" "$lora"
experiment beside "reload, lora-fused, lora-unfused, shira-scatter" "$lora, shira: {a: $dir/shira1, b: $dir/shira2}"
for e in alone beside; do
  "$B/shirasim" run "$dir/$e.yaml" --rtl-dir "$dir/rtl" --out "$dir/report" 2>"$dir/log" |
    grep -E '^(reload|lora-[a-z]+) ' | tr -s ' ' >"$dir/$e" || cat "$dir/log"
done
wc -l <"$dir/alone"
diff "$dir/alone" "$dir/beside" && echo "the same"
