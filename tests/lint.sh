#!/usr/bin/env bash
# Verilator -Wall on the whole accelerator and elaboration in Yosys, with the default SRAMs and with
# others (modes: bit 0 1rw, bit 1 engine-first, bit 2 ECC). usage: tests/lint.sh RTL...
set -eu
verilator --lint-only -Wall --top-module shira_top -GRowLayout=1 -GMerge=0 "$@"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for mode in 0 1 2 4 7; do
  verilator --lint-only -Wall --top-module shira_top -GWeightMode=$mode -GActMode=$mode \
    -GAccMode=$mode -GParamMode=$mode "$@"
done

# Yosys keeps a history at home. A small machine: elaboration of every module is what is asked, not area.
elaborate() { # SCRIPT
  HOME=$dir yosys -q -p "$1; proc; check" >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
}
small='.WeightBytes(65536), .ActBytes(16384), .AccBytes(4096), .ParamBytes(4096)'
for mode in 4 7; do
  echo "module srams$mode; shira_memories #($small, .WeightMode($mode), .ActMode($mode), .AccMode($mode),
    .ParamMode($mode)) i_memories (); endmodule"
done >"$dir/srams.sv"
for more in "" "-chparam RowLayout 1 -chparam Merge 0"; do
  elaborate "read_verilog -defer -sv $*; hierarchy -check -top shira_top -chparam WeightBytes 65536 \
    -chparam ActBytes 16384 -chparam AccBytes 4096 -chparam ParamBytes 4096 $more"
done
for mode in 4 7; do
  elaborate "read_verilog -defer -sv $* $dir/srams.sv; hierarchy -check -top srams$mode"
done
echo "lint: clean"
