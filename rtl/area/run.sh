#!/usr/bin/env bash
# What the RTL of a machine takes on an FPGA: Yosys synthesises each block that shira_top instantiates
# by itself, as it is instantiated there, and what shira_top has beside them as the block `top`.
#
#   rtl/area/run.sh MACHINE RTL...
#
# Writes $AREA_DIR/<hash>.json and prints it as a table; does neither again when the file was made of the same
# inputs by the same tool. Logs and the tool's own statistics stay in $AREA_DIR/<hash>/. As many blocks at
# a time as there are processors. Hierarchy inside a block is kept, so that nothing is optimised across
# modules: the figures are those of a tool that does not flatten. A memory of more than MOST bits that
# would become flip-flops is an error.
# environment: B build folder (build); AREA_DIR ($B/area); MOST (8192);
#              BLOCKS: only these, into <hash>-part.json
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,15s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
here=$(dirname "$0") what=area machine=$1
shift
. "$here/../blocks.sh"
AREA_DIR=${AREA_DIR:-$B/area} MOST=${MOST:-8192}
tool=$(yosys -V)
if made_already "$AREA_DIR" "$tool $MOST" "$@" "$here"/* "$here/../blocks.sh"; then
  cat "$result.txt"
  exit 0
fi
elaborate "$@"

# block NAME MODULE
block() {
  local xilinx="synth_xilinx -family xcup -uram -noiopad -noclkbuf -top $2" others=''
  [ "$1" != top ] || others='blackbox * shira_top %d'
  cat >"$dir/$1.ys" <<END
read_rtlil $dir/elaborated.il
$others
hierarchy -top $2
tee -q -o $dir/$1.memory stat
$xilinx -run begin:map_dsp
tee -q -o $dir/$1.generic stat -width
$xilinx -run map_dsp:map_ffram
tee -q -o $dir/$1.left dump t:\$mem_v2
exec -expect-return 0 -- awk -v most=$MOST -f $here/left.awk $dir/$1.left >$dir/$1.error
$xilinx -run map_ffram:check
tee -q -o $dir/$1.xilinx stat
END
  run_yosys "$1"
}
each_block block

# The SRAMs of the machine are memories, whatever else is.
least=0
[ -n "${BLOCKS:-}" ] || least=$(grep -oE '(Weight|Act|Acc|Param)Bytes=[0-9]+' <<<"$flags" |
  awk -F= '{ sum += 8 * $2 } END { print sum }')
files=()
for block in "${names[@]}"; do files+=("$dir/$block".{memory,generic,xilinx}); done
awk -v machine="$name" -v hash="$hash" -v tool="$tool" -v json="$result.json" -v least="$least" \
  -f "$here/collect.awk" "${files[@]}" >"$result.txt"
rm "$dir/elaborated.il"
echo "$stamp" >"$result.stamp"
cat "$result.txt"
