#!/usr/bin/env bash
# Wrong usage, help, and what a machine file says.
. tests/cli/common
run
run --help
run nosuch
run --nosuch

run run
run run --help
run run --nosuch configs/experiments/tiny.yaml
run run configs/experiments/tiny.yaml another.yaml
run run --device fpga configs/experiments/tiny.yaml
run run --seed -1 configs/experiments/tiny.yaml
run run --seed 1x configs/experiments/tiny.yaml
run run --stall 91 configs/experiments/tiny.yaml
run run --stall 4294967296 configs/experiments/tiny.yaml
run run --max-cycles -1 configs/experiments/tiny.yaml
run run --bound-scale 0.5 configs/experiments/tiny.yaml
run run --waves w.fst:5 configs/experiments/tiny.yaml
run run --waves w.fst:5-5 configs/experiments/tiny.yaml
run run --waves w.fst --device golden configs/experiments/tiny.yaml
SHIRA_DEVICE=fpga run run configs/experiments/tiny.yaml

run machines
run machines --help
run machines --nosuch
run machines nosuch.yaml
run machines configs/experiments/tiny.yaml

run machine
run machine --help
run machine keys
run machine processes
run machine nosuch configs/hw/tiny.yaml
run machine hash nosuch.yaml
run machine hash configs
run machine hash configs/hw/tiny.yaml
run machine flags configs/hw/tiny.yaml

run keys --help
run keys --nosuch

run dram --help
run dram --nosuch

run adapter
run adapter --help
run adapter nosuch
run adapter inspect
run adapter inspect --help
run adapter inspect --nosuch
run adapter make
run adapter make --help
