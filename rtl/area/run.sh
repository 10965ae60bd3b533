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
B=${B:-build} AREA_DIR=${AREA_DIR:-$B/area} MOST=${MOST:-8192}
here=$(dirname "$0") machine=$1
shift
hash=$("$B/shirasim" machine hash "$machine")
flags=$("$B/shirasim" machine flags "$machine")
name=$(sed -nE 's/^name: *([A-Za-z0-9._-]+).*/\1/p' "$machine")
tool=$(yosys -V)
result=$AREA_DIR/$hash${BLOCKS:+-part} dir=$AREA_DIR/$hash
mkdir -p "$AREA_DIR"
exec 9>"$AREA_DIR/$hash.lock"
flock 9
stamp=$({ echo "$flags $name $tool $MOST ${BLOCKS:-}" && cat "$@" "$here"/*; } | sha256sum)
if [ "$(cat "$result.stamp" 2>/dev/null)" = "$stamp" ] && [ -e "$result.json" ]; then
  cat "$result.txt"
  exit 0
fi
rm -rf "$dir" "$result".*
mkdir -p "$dir"
export HOME=$dir # Yosys keeps a history at home

# run NAME: Yosys on $dir/NAME.ys; where it fails one line says why.
run() {
  yosys -q -l "$dir/$1.log" -s "$dir/$1.ys" >/dev/null 2>&1 || {
    { { [ -s "$dir/$1.error" ] && cat "$dir/$1.error"; } || grep '^ERROR' "$dir/$1.log" ||
      echo "Yosys failed"; } |
      sed "1!d;s|^|shirasim: area of $1: |;s|\$| (log: $dir/$1.log)|" >&2
    return 1
  }
}

# Yosys knows no 0x. A module is elaborated where it is used, with its parameters, instead of with its defaults first,
# which takes ten times as long; so shira_top must be used, and gets its name back.
params=$(sed -E "s/-G([A-Za-z]+)=([^ ]*)/.\1(\2), /g;s/\(0x([0-9a-f]+)/(32'h\1/g;s/, *$//" <<<"$flags")
echo "module area_top; shira_top #($params) u_top (); endmodule" >"$dir/area_top.sv"
cat >"$dir/elaborate.ys" <<END
read_verilog -defer -sv $* $dir/area_top.sv
hierarchy -check -top area_top
delete area_top
write_rtlil $dir/elaborated.il
END
run elaborate
sed -i -E 's/^(module )\$paramod[^ ]*\\shira_top$/\1\\shira_top/' "$dir/elaborated.il"

# block NAME MODULE COMMAND: synthesises MODULE, after COMMAND.
block() {
  local xilinx="synth_xilinx -family xcup -uram -noiopad -noclkbuf -top $2"
  cat >"$dir/$1.ys" <<END
read_rtlil $dir/elaborated.il
$3
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
  run "$1"
}

# NAME MODULE, by name. What is left of shira_top where all other modules are black boxes is `top`.
mapfile -t blocks < <(awk '$1 == "module" { top = $2 == "\\shira_top" }
  top && $1 == "cell" && $3 ~ /^\\/ { sub(/^\\(u_)?/, "", $3); print $3, $2 }' "$dir/elaborated.il")
blocks+=('top \shira_top')
names=() jobs=() failed=0
for ((i = ${#blocks[@]} - 1; i >= 0; i--)); do # SCATTER, which takes longest, is started early
  read -r block module <<<"${blocks[i]}"
  [[ -z ${BLOCKS:-} || " $BLOCKS " == *" $block "* ]] || continue
  while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n || failed=1; done
  [ "$failed" = 0 ] || break
  others=''
  [ "$block" != top ] || others='blackbox * shira_top %d'
  block "$block" "$module" "$others" &
  jobs+=($!) names=("$block" "${names[@]}")
done
for job in "${jobs[@]}"; do wait "$job" || failed=1; done
[ "$failed" = 0 ] || exit 1
[ ${#names[@]} -gt 0 ] || { echo "shirasim: area: no block is named '$BLOCKS'" >&2 && exit 1; }
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
