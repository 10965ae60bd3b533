#!/usr/bin/env bash
# Every number, choice and flag of a machine file, a DRAM standard and an experiment at the ends of what it
# may be: the file is refused with line and key, or its experiment runs. On the golden model, but what changes
# nothing of the RTL on the RTL, where time counts: no watchdog, nothing below its bound.
. tests/cli/common
experiment() { # STRATEGIES KEPT SED: $dir/experiment.yaml
  sed -E "$3" >"$dir/experiment.yaml" <<EOE
name: ends
machine: ./machine.yaml
seed: 1
tokens: [1, 3]
strategies: [base, $1]
placements: [resident, streamed]
switches: [base, other]
workloads: [{square: [9]}]
adapters:
  strength: 0.05
  kept: [$2]
  shira: {density: 0.05, masks: [rand]}
  lora: {rank: 4}
EOE
}
all() { # SED
  device=golden
  experiment "reload, lora-fused, lora-unfused, shira-scatter, shira-overlay, shira-dram" "memory, chip, host" "$1"
}
timed() { # KEPT
  device=rtl
  experiment "lora-fused, shira-dram, shira-overlay" "$1" 's/resident, //; s/, 3//; s/\[9\]/[8]/'
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
  timeout 60 "$B/shirasim" run "$dir/experiment.yaml" --device $device --rtl-dir "$dir/rtl" --out "$dir/out" \
    >"$dir/log" 2>&1 </dev/null
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
while IFS=$'\t' read -r kind key value; do
  case $kind-$key in
  machine-dram.* | machine-memory.[!b]* | machine-memory.bytes | machine-host_link.* | machine-clock_mhz)
    timed "$([[ $key = host_link.* ]] && echo host || echo memory)"
    with configs/hw/tiny-dram.yaml "$key" "$value" >"$dir/machine.yaml"
    judge "tiny-dram, $key: $value"
    ;;
  standard-*)
    timed memory
    with configs/hw/tiny-dram.yaml dram.standard ./standard.yaml >"$dir/machine.yaml"
    with configs/dram/lpddr4x-4266.yaml "$key" "$value" >"$dir/standard.yaml"
    judge "LPDDR4X, $key: $value"
    continue
    ;;
  machine-*) ;;
  *) continue ;;
  esac
  all
  for machine in tiny edge16; do
    [[ $key = dram.* ]] && continue
    with "configs/hw/$machine.yaml" "$key" "$value" >"$dir/machine.yaml"
    judge "$machine, $key: $value"
  done
done <"$dir/ends"
timed "memory, host"
for change in 'memory.peak_mb_s 1' 'memory.peak_mb_s 320' 'host_link.peak_mb_s 1' 'host_link.peak_mb_s 107' 'host_link.latency 1'; do
  # shellcheck disable=SC2086 # a key and a value
  with configs/hw/tiny.yaml $change >"$dir/machine.yaml"
  judge "tiny on the RTL, $change"
done
cp configs/hw/tiny.yaml "$dir/machine.yaml"
while read -r change; do
  all "$change"
  judge "$change"
done <<'END'
s/^seed: .*/seed: 0/
s/^seed: .*/seed: 18446744073709551615/
s/^tokens: .*/tokens: [65536]/
s/strength: .*/strength: 0.000001/
s/strength: .*/strength: 100/
s/density: [^,]*/density: 0.000001/
s/density: [^,]*/density: 1/
s/rank: [^}]*/rank: 1/
s/rank: [^}]*/rank: 4096/
s/\[9\]/[1]/
s/\[9\]/[2]/
s/\[9\]/[3]/
END
[ $ran -gt 150 ] && [ $refused -gt 30 ] && echo "Most values run, the others are refused with key and line."

echo "And what is neither is seen:"
all ''
B=/nonexistent judge "no command" | cut -d: -f1,2
