# The RTL of a machine for Yosys, cut into the blocks that shira_top instantiates. Sourced by area/run.sh and
# timing/run.sh, which set `what` (area, timing) and `machine` (its file).
# environment: B build folder (build); BLOCKS: only these, into <hash>-part.*
B=${B:-build}

# made_already OUT INPUTS FILES...: sets hash, flags, name, result (a path without ending) and dir (for logs), all
# below OUT. Succeeds where result.json was made of the same inputs and files; else removes what is old.
made_already() {
  local out=$1 inputs=$2
  shift 2
  hash=$("$B/shirasim" machine hash "$machine")
  flags=$("$B/shirasim" machine flags "$machine")
  name=$(sed -nE 's/^name: *([A-Za-z0-9._-]+).*/\1/p' "$machine")
  result=$out/$hash${BLOCKS:+-part} dir=$out/$hash
  mkdir -p "$out"
  exec 9>"$out/$hash.lock"
  flock 9
  stamp=$({ echo "$flags $name $inputs ${BLOCKS:-}" && cat "$@"; } | sha256sum)
  if [ "$(cat "$result.stamp" 2>/dev/null)" = "$stamp" ] && [ -e "$result.json" ]; then return 0; fi
  rm -rf "$dir" "$result".*
  mkdir -p "$dir"
  export HOME=$dir # Yosys keeps a history at home
  return 1
}

# run_yosys NAME: Yosys on $dir/NAME.ys; where it fails one line says why.
run_yosys() {
  yosys -q -l "$dir/$1.log" -s "$dir/$1.ys" >/dev/null 2>&1 || {
    { { [ -s "$dir/$1.error" ] && cat "$dir/$1.error"; } || grep '^ERROR' "$dir/$1.log" ||
      echo "Yosys failed"; } |
      sed "1!d;s|^|shirasim: $what of $1: |;s|\$| (log: $dir/$1.log)|" >&2
    return 1
  }
}

# elaborate RTL...: writes $dir/elaborated.il and sets blocks, of lines NAME MODULE.
# Yosys knows no 0x. A module is elaborated where it is used, with its parameters, instead of with its defaults first,
# which takes ten times as long; so shira_top must be used, and gets its name back.
elaborate() {
  local params
  params=$(sed -E "s/-G([A-Za-z]+)=([^ ]*)/.\1(\2), /g;s/\(0x([0-9a-f]+)/(32'h\1/g;s/, *$//" <<<"$flags")
  echo "module blocks_top; shira_top #($params) u_top (); endmodule" >"$dir/blocks_top.sv"
  cat >"$dir/elaborate.ys" <<END
read_verilog -defer -sv $* $dir/blocks_top.sv
hierarchy -check -top blocks_top
delete blocks_top
write_rtlil $dir/elaborated.il
END
  run_yosys elaborate || return
  sed -i -E 's/^(module )\$paramod[^ ]*\\shira_top$/\1\\shira_top/' "$dir/elaborated.il"
  # What is left of shira_top where all other modules are black boxes is `top`.
  mapfile -t blocks < <(awk '$1 == "module" { top = $2 == "\\shira_top" }
    top && $1 == "cell" && $3 ~ /^\\/ { sub(/^\\(u_)?/, "", $3); print $3, $2 }' "$dir/elaborated.il")
  blocks+=('top \shira_top')
}

# each_block COMMAND: runs COMMAND NAME MODULE for the blocks, as many at a time as there are processors, from the
# last, since SCATTER and GEMM take longest; sets names to what was run.
each_block() {
  local i block module job jobs=() failed=0
  names=()
  for ((i = ${#blocks[@]} - 1; i >= 0; i--)); do
    read -r block module <<<"${blocks[i]}"
    [[ -z ${BLOCKS:-} || " $BLOCKS " == *" $block "* ]] || continue
    while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n || failed=1; done
    [ "$failed" = 0 ] || break
    "$1" "$block" "$module" &
    jobs+=($!) names=("$block" "${names[@]}")
  done
  for job in "${jobs[@]}"; do wait "$job" || failed=1; done
  [ "$failed" = 0 ] || return 1
  [ ${#names[@]} -gt 0 ] || { echo "shirasim: $what: no block is named '$BLOCKS'" >&2 && return 1; }
}
