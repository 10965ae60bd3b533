#!/usr/bin/env bash
# Who includes what, Verilator -Wall on the whole accelerator and elaboration in Yosys, with the default SRAMs
# and with others (modes: bit 0 1rw, bit 1 engine-first, bit 2 ECC; latencies). usage: tests/lint.sh RTL...
set -eu
"$(dirname "$0")/includes.sh"
verilator --lint-only -Wall --top-module shira_top -GRowLayout=1 -GMerge=0 "$@"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
for mode in 0 1 2 4 7; do
  verilator --lint-only -Wall --top-module shira_top -GWeightMode=$mode -GActMode=$mode \
    -GAccMode=$mode -GParamMode=$mode "$@"
  verilator --lint-only -Wall --top-module shira_memories -GWeightMode=$mode -GActMode=$mode \
    -GAccMode=$mode -GParamMode=$mode -GWeightLatency=2 -GActLatency=3 -GCopyLatency=3 "$@"
done

# Yosys keeps a history at home. A small machine: elaboration of every module is what is asked, not area.
elaborate() { # SCRIPT
  HOME=$dir yosys -q -p "$1; proc; check" >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
}
srams='.WeightBytes(65536), .WeightBanks(4), .ActBytes(16384), .AccBytes(4096), .ParamBytes(4096)'
small=".ArrayN(4), .ArrayK(4), .BeatBytes(8), $srams"
engines='.StreamAlign(32), .BurstBytes(64), .Outstanding(4), .Lanes(2), .DecodeBytes(4), .FifoDepth(4), .BlockUpdates(16)'
modes() { echo ".WeightMode($1), .ActMode($1), .AccMode($1), .ParamMode($1)"; }
slow='.WeightLatency(2), .ActLatency(3), .CopyLatency(3)'
{
  echo "module default_top; shira_top #($small, $engines) i_top (); endmodule"
  echo "module row_top; shira_top #($small, $engines, .RowLayout(1), .Merge(0)) i_top (); endmodule"
  echo "module srams4; shira_memories #($small, $slow, $(modes 4)) i_memories (); endmodule"
  echo "module srams7; shira_memories #($small, $slow, $(modes 7)) i_memories (); endmodule"
} >"$dir/tops.sv"
for top in default_top row_top srams4 srams7; do
  elaborate "read_verilog -defer -sv $* $dir/tops.sv; hierarchy -check -top $top"
done
echo "lint: clean"
