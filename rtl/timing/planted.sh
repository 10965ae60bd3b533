#!/usr/bin/env bash
# Shows that the gate of run.sh can fail: plants five multipliers in a row between two registers into a copy of each
# block of MACHINE, and in shira_top beside them, and looks for a sentence of run.sh that names the block and them.
#
#   rtl/timing/planted.sh MACHINE RTL...
#
# environment: B build folder (build), in which timing/planted/ stays where a block is not named; BLOCKS: only these
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
here=$(dirname "$0") machine=$1
shift
B=${B:-build} dir=$B/timing/planted
rm -rf "$dir"
mkdir -p "$dir"
files=()
for file in "$@"; do
  mkdir -p "$dir/$(dirname "$file")"
  cp "$file" "$dir/$file"
  files+=("$dir/$file")
done
modules=(shira_top $(sed -nE 's/^  (shira_[a-z_]+) (#\(|u_).*/\1/p' "$dir/rtl/shira_top.sv" | sort -u))
[ -z "${BLOCKS:-}" ] || modules=($(printf 'shira_%s ' $BLOCKS))
for module in "${modules[@]}"; do
  file=$(printf '%s\n' "${files[@]}" | grep "/$module\.sv$")
  sed -i 's|^endmodule.*|\
  (* keep *) logic [15:0] planted_q;\
  always_ff @(posedge clk_i) planted_q <= planted_q * planted_q * planted_q * planted_q * planted_q * planted_q;\
endmodule|' "$file"
done
TIMING_DIR=$dir "$here/run.sh" "$machine" "${files[@]}" >"$dir/table" 2>"$dir/says" &&
  { echo "shirasim: timing: the gate passes with planted paths (log: $dir/table)" >&2 && exit 1; }
failed=0
for module in "${modules[@]}"; do
  block=${module#shira_}
  grep -q "^shirasim: timing: $block is .* FO4 deep, more than .*planted_q" "$dir/says" ||
    { echo "shirasim: timing: the path planted in $block is not named (log: $dir/says)" >&2 && failed=1; }
done
[ "$failed" = 0 ] || exit 1
echo "planted paths: ${#modules[@]} blocks, each named"
rm -rf "$dir"
