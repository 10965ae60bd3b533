#!/usr/bin/env bash
# What layout, merge, ECC and ports of the weight SRAM are worth to shira-scatter: a switch from A to B
# of a resident 2048 x 2048 on variants of edge16, random and struct masks, 1 % and 2 %, each beside
# its bound. Prints a table. environment: B build folder
set -eu
B=${B:-build}
dir=$B/worth
mkdir -p "$dir"

# variant NAME SED: a machine file from edge16's.
variant() {
  sed -E "s/^name: .*/name: $1/; $2" configs/hw/edge16.yaml >"$dir/$1.yaml"
  if [ "$1" != edge16 ] && cmp -s <(tail -n +4 "$dir/$1.yaml") <(tail -n +4 "$dir/edge16.yaml"); then
    echo "worth.sh: $1 changes nothing" >&2
    exit 1
  fi
  variants+=("$1")
}

variants=()
weight='/^weight_sram:/,/^activation_sram:/'
variant edge16 ''
variant row-layout 's/^layout: tile/layout: row/'
variant no-merge 's/merge: true/merge: false/'
variant row-no-merge 's/^layout: tile/layout: row/; s/merge: true/merge: false/'
variant ecc "$weight s/ecc: none/ecc: word/"
variant one-port "$weight s/ports: 1r1w/ports: 1rw/"
variant ecc-one-port "$weight {s/ecc: none/ecc: word/; s/ports: 1r1w/ports: 1rw/}"

make --no-print-directory rtl MACHINES="$(printf "$dir/%s.yaml " "${variants[@]}")" >&2
printf '%-14s %8s  %-8s %10s %10s %9s  %s\n' machine density mask cycles bound reached limiter
for v in "${variants[@]}"; do
  for density in 0.01 0.02; do
    cat >"$dir/experiment.yaml" <<END
name: worth
machine: ./$v.yaml
seed: 1
tokens: [1]
strategies: [base, shira-scatter]
switches: [other]
workloads:
  - square: [2048]
adapters:
  strength: 0.05
  shira: {density: $density, masks: [rand, struct]}
END
    "$B/shirasim" run "$dir/experiment.yaml" --out "$dir/$v-$density" 2>/dev/null |
      awk -v v="$v" -v d="$density" '$1 == "shira-scatter" && $4 == "->" {
        cycles = $6; gsub(",", "", cycles)
        limit = $10; for (i = 11; i <= NF && $i !~ /^[0-9]/; i++) limit = limit " " $i
        printf "%-14s %7s%%  %-8s %10s %10.0f %7s %%  %s\n", v, 100 * d, $2, cycles, cycles * $8 / 100, $8, limit }'
  done
done
