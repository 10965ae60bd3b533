#!/usr/bin/env bash
# Machine, model and experiment files with one error each.
. tests/cli/common

echo "Machines:"
echo
machine() {
  run_changed configs/hw/tiny.yaml "$1" machine hash
}
machine 's/^clock_mhz/clock_khz/'
machine '/^clock_mhz/d'
machine 's/^  outstanding: 4/  outstanding: 4\n  outstanding: 8/'
machine '/lanes/d'
machine 's/^layout: tile/layout: rows/'
machine 's/^clock_mhz: 1000/clock_mhz: fast/'
machine 's/^clock_mhz: 1000/clock_mhz: [1000]/'
machine 's/^clock_mhz: 1000/clock_mhz: 0/'
machine 's/^process: .*/process: 45nm/'
machine 's/bytes: 64 KiB/bytes: 2 MiB/'
machine 's/64 KiB/63 KiB/'
machine 's/64 KiB/64 KB/'
machine 's/64 KiB/99999999999999999999 GiB/'
machine 's/^  k: 4/  k: 8/'
machine 's/^  banks: 4 /  banks: 2 /'
machine 's/^  lanes: 2/  lanes: 8/'
machine 's/^  merge: true/  merge: always/'
machine 's/^command:/command/'
machine 's/^name: tiny/name: a\/b/'
machine 's/^name: tiny/name: \&here tiny/'
: >"$dir/empty.yaml"
run machine hash "$dir/empty.yaml"

echo "Models:"
echo
model() {
  run_changed models/stories260k.yaml "$1" adapter make --rank 1 "$dir/new" --model
}
model 's/^vocab/words/'
model '/^heads/d'
model 's/^hidden: 64/hidden: 64\nhidden: 64/'
model 's/^hidden: 64/hidden: 6.4/'
model 's/^blocks: 5/blocks: 0/'
model 's/^prefix: .*/prefix: "model."/'
model 's/up_proj(.*)true/up_proj\1yes/'
model 's/mlp.up_proj/mlp.gate_proj/'
model 's/(k_proj.*)in: 64/\1in: 32/'
model 's/target: true/target: false/'

echo "Experiments:"
echo
experiment() {
  run_changed configs/experiments/tiny.yaml "$1" machines
}
experiment 's/^seed/speed/'
experiment '/^tokens/d'
experiment 's/^seed: 1/seed: 1\nseed: 2/'
experiment 's/^seed: 1/seed: -1/'
experiment 's/^seed: 1/seed: one/'
experiment 's/^tokens: .*/tokens: 8/'
experiment 's/^tokens: .*/tokens: [8, 1]/'
experiment 's/^tokens: .*/tokens: [1, 100000]/'
experiment 's/^strategies: .*/strategies: [base, lora]/'
experiment 's/^strategies: .*/strategies: [reload]/'
experiment 's/^switches: .*/switches: []/'
experiment 's/16, 24/16, 16/'
experiment 's/square: .*/square: [0]/'
experiment 's/square: .*/model: stories260k/'
experiment 's/density: 0.05/density: 2/'
experiment 's/masks: .*/masks: [diagonal]/'
experiment 's/rank: 4/rank: 4\n    alpha: 8/'
experiment '/^  lora|^    rank/d'
experiment '/density/,/masks/c\    {a: here}'
experiment 's/^seed: 1/seed: [1/'
experiment 's/^machine: tiny/machine: nosuch/'
run run "$dir/tiny.yaml" --device golden --out "$dir/out"
