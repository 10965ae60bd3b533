#!/usr/bin/env bash
# Work for every engine of a machine, for the compiler to count where its RTL's code spends its time: the
# largest of some squares that the machine takes.
# usage: sim/rtl/train.sh SHIRASIM MACHINE.yaml RTL_DIR     RTL_DIR has the library, as build/rtl
# Exit code: that of `shirasim run`; 2 where no square fits.
set -euo pipefail
for side in 512 256 128 64 32; do
  cat >"$3/train.yaml" <<EOF
name: train
machine: $(realpath "$2")
seed: 1
tokens: [1, 32]
placements: [resident, streamed]
strategies: [base, lora-fused, lora-unfused, shira-scatter, shira-dram]
switches: [other]
workloads:
  - square: [$side]
adapters:
  strength: 0.05
  shira:
    density: 0.05
    masks: [rand]
  lora:
    rank: 4
EOF
  "$1" run "$3/train.yaml" --device rtl --rtl-dir "$3" --out "$3/report" --jobs 0 --no-store >"$3/log" 2>&1 && exit
  code=$?
  [ $code = 2 ] || exit $code
done
exit 2
