#!/usr/bin/env bash
# Verilator -Wall on the whole accelerator and elaboration in Yosys. usage: tests/lint.sh RTL...
set -eu
verilator --lint-only -Wall --top-module shira_top "$@"
verilator --lint-only -Wall --top-module shira_top -GRowLayout=1 -GMerge=0 "$@"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
log=$dir/log
# Yosys keeps a history at home. A small machine: elaboration of every module is what is asked, not area.
for more in "" "-chparam RowLayout 1 -chparam Merge 0"; do
  HOME=$dir yosys -q -p "read_verilog -sv $*; hierarchy -check -top shira_top -chparam WeightBytes 65536 \
    -chparam ActBytes 16384 -chparam AccBytes 4096 -chparam ParamBytes 4096 $more; proc; check" \
    >"$log" 2>&1 || { cat "$log"; exit 1; }
done
echo "lint: clean"
