#!/usr/bin/env bash
# Runs that cannot start or do not end: adapters and weights that do not fit the model, models that
# do not fit the machine, devices, folders. Each stops with one sentence; then good input works.
. tests/cli/common

# experiment SED: runs an experiment of two pairs of adapters for 4 x 4 weights, changed by sed -E,
# after $first.
first=''
experiment() {
  sed -E "$first;$1" >"$dir/mine.yaml" <<EOF
name: mine
machine: tiny
seed: 1
tokens: [1]
strategies: [base, lora-unfused, shira-scatter]
switches: [other]
workloads:
  - square: [4]
adapters:
  shira: {a: shira-a, b: shira-b}
  lora: {a: lora-a, b: lora-b}
EOF
  echo "$1"
  run run "$dir/mine.yaml" --device golden --out "$dir/out"
}

echo "Adapters:"
for name in a b; do
  run adapter make --square 4 --rank 1 "$dir/shira-$name"
  run adapter make --square 4 --rank 2 --kind lora "$dir/lora-$name"
done
run adapter make --square 5 --rank 2 --kind lora "$dir/lora-5"
run adapter make --square 4 --rank 1 --kind lora "$dir/lora-r1"
sparse='{"peft_type": "SHIRA", "r": 1}'
entries=$(tensor linear.shira_weight F32 2 0 8),$(tensor linear.shira_indices I32 2,2 8 24)
values=$(i32 0x3f800000 0x3f800000)
adapter far "$sparse" "$entries" "$values$(i32 0 4 2 3)"
adapter twice "$sparse" "$entries" "$values$(i32 1 1 2 2)"
adapter few "$sparse" "$entries" "$values$(i32 0 1 2 3)"
adapter elsewhere "$sparse" "${entries//linear/mlp.up_proj}" "$values$(i32 0 1 2 3)"
adapter none "$sparse" \
  "$(tensor linear.shira_weight F32 0 0 0),$(tensor linear.shira_indices I32 2,0 0 0)" ''
experiment 's/shira-a/far/'
experiment 's/shira-b/twice/'
experiment 's/shira-a/elsewhere/'
experiment 's/shira-a/lora-a/'
experiment 's/lora-b/shira-b/'
experiment 's/shira-b/nosuch/'
experiment 's/lora-a/lora-5/'

echo "Odd, but legal adapters:"
experiment 's/shira-a/few/'
experiment 's/shira-a/none/'
experiment 's/lora-b/lora-r1/'

echo "Weights:"
safetensors "$dir/w.safetensors" "$(tensor linear.weight F32 2,2 0 16)" "$(i32 1 1 1 1)"
experiment 's/^  lora.*/&\nweights: nosuch.safetensors/'
experiment 's/^  lora.*/&\nweights: w.safetensors/'

echo "What does not fit the machine:"
first='s/shira: .*/shira: {density: 0.5, masks: [rand]}/'
first+='; s/lora: .*/lora: {rank: 4}\n  strength: 0.05/'
experiment 's/\[4\]/[16, 512]/'
experiment 's/\[4\]/[256]/'
experiment 's/square.*/{model: stories260k, blocks: 1}/'
experiment 's/square.*/{model: stories260k, blocks: 6}/'
experiment 's/\[4\]/[160]/; s/rank: 4/rank: 64/; s/lora-unfused/lora-fused/'
sed -E 's/64 MiB/1 MiB/' configs/hw/tiny.yaml >"$dir/small.yaml"
experiment 's/machine: .*/machine: .\/small.yaml/; s/\[4\]/[512]/; s/^workloads/placements: [streamed]\n&/; s/shira-scatter/shira-dram/'
sed -E "s/64 KiB /512 /" configs/hw/edge16.yaml >"$dir/small.yaml" # accumulators
experiment 's/machine: .*/machine: .\/small.yaml/; s/lora-unfused/lora-fused/'
sed -E 's/counters: full/counters: basic/' configs/hw/tiny.yaml >"$dir/small.yaml"
experiment 's/machine: .*/machine: .\/small.yaml/'

echo "Devices:"
tiny=configs/experiments/tiny.yaml
run run "$tiny" --rtl-dir "$dir/nosuch" --out "$dir/out"
run run "$tiny" --rtl-dir "$dir/rtl" --max-cycles 1 --out "$dir/out"

echo "Folders:"
mkdir -p "$dir/taken/report.json"
run run "$tiny" --device golden --out "$dir/mine.yaml/out"
run run "$tiny" --device golden --out "$dir/mine.yaml"
run run "$tiny" --device golden --out "$dir/taken"
run run "$dir/nosuch.yaml" --out "$dir/out"

echo "And all is well:"
first=''
experiment ''
