#!/usr/bin/env bash
# Every number, choice and flag of a machine file, a DRAM standard and an experiment at the ends of what it
# may be: the file is refused with line and key, or its experiment runs.
. tests/cli/common
small='strategies: [base, reload, lora-fused, lora-unfused, shira-scatter, shira-overlay, shira-dram]
placements: [resident, streamed]'
experiment() { # MACHINE SED: $dir/experiment.yaml
  sed -E "s#^machine:.*#machine: $1#; s/^tokens:.*/tokens: [1, 3]/; s/\[16, 24\].*/[8, 9]/
    s/^strategies:.*/${small//$'\n'/\\n}/; s/^  strength:.*/&\n  kept: [memory, chip, host]/; $2" \
    configs/experiments/tiny.yaml >"$dir/experiment.yaml"
}

# with FILE KEY VALUE: the file with one key changed.
with() {
  awk -v key="$2" -v value="$3" '
    { line = $0 }
    /^[a-z_]+:/ { section = $1; sub(/:.*/, "", section); name = section }
    /^  [a-z_]+:/ { name = $1; sub(/:.*/, "", name); name = section "." name }
    name == key { sub(/:.*/, ": " value, line); name = "" }
    { print line }' "$1"
}

# judge WHAT: runs the experiment. Refused with file, line and key, or run to its end; anything else is told.
judge() {
  timeout 60 "$B/shirasim" run "$dir/experiment.yaml" --device golden --out "$dir/out" >"$dir/log" 2>&1 </dev/null
  local code=$?
  if [ $code = 0 ]; then
    ran=$((ran + 1))
  elif [ $code = 2 ] && grep -qE "^shirasim: $dir/(\./)*[a-z]+\.yaml:[0-9]+: [][a-z0-9_.]+: " "$dir/log"; then
    refused=$((refused + 1))
  else
    echo "$1: exit $code: $(plain <"$dir/log" | tail -n 1)"
  fi
}

"$B/shirasim" keys --ends >"$dir/ends"
ran=0 refused=0
for machine in tiny tiny-dram edge16; do
  experiment ./machine.yaml
  while IFS=$'\t' read -r kind key value; do
    if [ "$kind" = machine ]; then
      [[ $machine-$key = tiny-dram-[!dm]* ]] && continue # as on tiny
      with "configs/hw/$machine.yaml" "$key" "$value" >"$dir/machine.yaml"
      judge "$machine, $key: $value"
    elif [ "$kind" = standard ] && [ $machine = tiny-dram ]; then
      with configs/hw/tiny-dram.yaml dram.standard ./standard.yaml >"$dir/machine.yaml"
      with configs/dram/lpddr4x-4266.yaml "$key" "$value" >"$dir/standard.yaml"
      judge "LPDDR4X, $key: $value"
    fi
  done <"$dir/ends"
done
cp configs/hw/tiny.yaml "$dir/machine.yaml"
while read -r change; do
  experiment ./machine.yaml "$change"
  judge "$change"
done <<'END'
s/^seed: .*/seed: 0/
s/^seed: .*/seed: 18446744073709551615/
s/^tokens: .*/tokens: [65536]/
s/strength: .*/strength: 0.000001/
s/strength: .*/strength: 100/
s/density: .*/density: 0.000001/
s/density: .*/density: 1/
s/rank: .*/rank: 1/
s/rank: .*/rank: 4096/
s/\[8, 9\]/[1]/
s/\[8, 9\]/[2]/
s/\[8, 9\]/[3]/
END
[ $ran -gt 150 ] && [ $refused -gt 30 ] && echo "Most values run, the others are refused with key and line."

echo "And what is neither is seen:"
experiment ./machine.yaml 's/\[8, 9\]/[8]/'
B=/nonexistent judge "no command" | cut -d: -f1,2
