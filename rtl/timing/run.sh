#!/usr/bin/env bash
# How deep the RTL of a machine is between registers: Yosys maps each block that shira_top instantiates to the cells
# of an open library, OpenSTA links all of them and finds the deepest path that ends in each block, through whatever
# blocks it goes. Depth is counted in FO4, the delay of an inverter that drives four of its kind, which the same
# run measures in that library. README.md says what is in the figures.
#
#   rtl/timing/run.sh MACHINE RTL...
#
# Writes $TIMING_DIR/<hash>.json and prints it as a table; does neither again when the file was made of the same
# inputs by the same tools. Netlists, logs and the paths, cell by cell, stay in $TIMING_DIR/<hash>/. Fails where a block
# is deeper than MOST_FO4; a sentence names each.
# environment: B build folder (build); TIMING_DIR ($B/timing); MOST_FO4 (70);
#              BLOCKS: only these, into <hash>-part.json; paths through others are not seen then
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,14s/^# \{0,1\}//p' "$0" >&2 && exit 2; }
here=$(dirname "$0") what=timing machine=$1
shift
. "$here/../blocks.sh"
TIMING_DIR=${TIMING_DIR:-$B/timing} MOST_FO4=${MOST_FO4:-70}
library=osu018 period=1000 # ns, longer than any path
cells=/usr/share/qflow/tech/$library/${library}_stdcells.lib
processes=$("$B/shirasim" machine processes)
tool="$(yosys -V | sed 's/ (.*//'), OpenSTA $(sta -version)"

# Prints the table; fails where a block is too deep.
show() {
  cat "$result.txt"
  awk -v most="$MOST_FO4" '$2 + 0 > most && / -> / {
    block = $1; fo4 = $2; bad = 1
    sub(/^[^ ]+ +[^ ]+ +[^ ]+ +[^ ]+ +/, "")
    printf "shirasim: timing: %s is %s FO4 deep, more than %s: %s\n", block, fo4, most, $0 }
    END { exit bad }' "$result.txt" >&2
}
if made_already "$TIMING_DIR" "$tool $processes" "$@" "$here"/* "$here/../blocks.sh" "$cells"; then
  show
  exit
fi
elaborate "$@"

# Arrays of SRAMs and RAM FIFOs become macros. opt_reduce finds the bits with one enable, opt_dff the enable of the register at their output.
cat >"$dir/prepare.ys" <<END
read_rtlil $dir/elaborated.il
read_liberty -lib $cells
proc
opt_clean
select -set sram =*shira_sram_bank* =*shira_ram_fifo*
opt_expr @sram
opt_reduce @sram
opt_dff @sram
opt_clean @sram
memory_dff @sram
memory_share @sram
memory_collect @sram
techmap -map $here/macro.v @sram
select -assert-none =*shira_sram_bank*/t:\$mem* =*shira_ram_fifo*/t:\$mem*
write_rtlil $dir/prepared.il
END
run_yosys prepare
printf 'set_driving_cell INVX4\nset_load 0.05\n' >"$dir/constraints"

asked=("${blocks[@]}")
if [ -n "${BLOCKS:-}" ]; then
  mapfile -t asked < <(printf '%s\n' "${blocks[@]}" | awk -v asked=" $BLOCKS " 'index(asked, " " $1 " ")')
  [ ${#asked[@]} -gt 0 ] || { echo "shirasim: timing: no block is named '$BLOCKS'" >&2 && exit 1; }
fi

# A module that another has four times or more (a lane, a bank) is mapped once and linked as often as it is there: a
# unit of its own beside the blocks. Everything else is flattened into its block.
mapfile -t repeated < <(roots=$(printf '%s\n' "${asked[@]}" | awk '$1 != "top" { print $2 }') \
  awk -f "$here/repeated.awk" "$dir/elaborated.il")

# map_unit NAME MODULE: maps MODULE to the library, into $dir/NAME.v. Cells have the name of the wire they drive.
map_unit() {
  local apart=() other
  for other in "${repeated[@]}"; do [ "$other" = "$2" ] || apart+=("blackbox $other"); done
  [ "$1" != top ] || apart=('blackbox * shira_top %d')
  {
    echo "read_rtlil $dir/prepared.il"
    printf '%s\n' "${apart[@]}"
    cat <<END
hierarchy -top $2
flatten
opt
memory_collect
memory_share
memory_map
opt -full
wreduce
peepopt
opt_clean
alumacc
techmap
opt_expr
opt_clean
dfflegalize -cell \$_DFF_P_ 01 -mince 99999 -minsrst 99999
opt_clean
dfflibmap -liberty $cells
abc -script +strash;dch;map;topo;buffer;upsize;dnsize -constr $dir/constraints -liberty $cells
splitnets
opt_clean -purge
rename -wire
write_verilog -noexpr -noattr $dir/$1.yosys.v
END
  } >"$dir/$1.ys"
  run_yosys "$1" && awk -f "$here/assigns.awk" "$dir/$1.yosys.v" >"$dir/$1.v" && rm "$dir/$1.yosys.v"
}
mapfile -t blocks < <(printf '%s\n' "${asked[@]}" 'top \shira_top' | sort -u)
for i in "${!repeated[@]}"; do blocks=("unit$i ${repeated[i]}" "${blocks[@]}"); done
BLOCKS='' each_block map_unit

# timed NAME TOP NETLISTS...: runs NAME.tcl of this folder on TOP, linked; what it says goes to $dir/NAME.log.
timed() {
  local script=$1 top=$2
  shift 2
  {
    echo "set dir $dir"
    echo "set period $period"
    echo "set blocks {$(printf '%s\n' "${asked[@]}" | awk '$1 != "top" { print $1 }' | xargs)}"
    echo "read_liberty $cells"
    printf 'read_verilog %s\n' "$@"
    echo "link_design $top"
    echo "source $here/$script.tcl"
  } >"$dir/$script.tcl"
  sta -no_splash -exit "$dir/$script.tcl" >"$dir/$script.log" 2>&1
  if grep -m 1 '^Error' "$dir/$script.log" >"$dir/$script.error"; then
    sed 's/^/shirasim: timing: OpenSTA: /' "$dir/$script.error" >&2
    return 1
  fi
}

# A chain of inverters, each of which drives the next and three more.
{
  echo 'module fo4 (input in, output at10, output at20);'
  echo 'wire [22:0] n; assign n[0] = in; assign at10 = n[10]; assign at20 = n[20];'
  for i in {0..21}; do
    echo "INVX1 stage$i (.A(n[$i]), .Y(n[$((i + 1))]));"
    for load in a b c; do echo "wire $load$i; INVX1 load$load$i (.A(n[$((i + 1))]), .Y($load$i));"; done
  done
  echo endmodule
} >"$dir/fo4.v"
timed fo4 fo4 "$dir/fo4.v"
echo "$processes" >"$dir/processes"
netlists=("${names[@]/#/$dir/}")
timed paths shira_top "${netlists[@]/%/.v}"
awk -v machine="$name" -v hash="$hash" -v tool="$tool" -v library=$library -v period=$period -v json="$result.json" \
  -v blocks="$(printf '%s\n' "${asked[@]}" | awk '{ print $1 }' | xargs)" -f "$here/collect.awk" \
  "$dir/processes" "$dir/fo4.ends" "$dir/paths" >"$result.txt"
rm "$dir"/*.il
echo "$stamp" >"$result.stamp"
show
