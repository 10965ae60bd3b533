#!/usr/bin/env bash
# The depth of tiny's RTL: blocks that are quick to map, the sentence where one is too deep, and the report that reads
# it. What planted paths do is make timing-gate's.
. tests/cli/common
hash=$("$B/shirasim" machine hash configs/hw/tiny.yaml)
timing() { # BLOCKS: prints the table
  TIMING_DIR=$dir/timing BLOCKS=$1 make -s timing B="$B" MACHINE=configs/hw/tiny.yaml 2>&1 | plain
}

timing "axi_read gate" >"$dir/table"
awk '{ print $1 }' "$dir/table" | sed '/^[0-9]/d'
awk '$1 == "axi_read" { ok = $2 > 5 && $2 < 70 && $3 / $2 > 0.098 && $3 / $2 < 0.101 && $4 > 3 && $6 == "->" }
  END { print ok ? "axi_read has a depth" : "axi_read has none" }' "$dir/table"
touch "$dir/before"
timing "axi_read gate" | cmp - "$dir/table" && [ "$dir/timing/$hash-part.json" -ot "$dir/before" ] &&
  echo "nothing changed, nothing made anew"
cp "$dir/timing/$hash-part.json" "$dir/made.json"
echo

echo "Too deep:"
MOST_FO4=5 timing "axi_read gate" | grep '^shirasim' | sed 's/ is [0-9.]* FO4 deep, more than 5: u_axi_read.*/ is too deep/'
timing nosuch | grep '^shirasim'
echo

tiny=$dir/tiny.yaml
sed "s|^machine: .*|machine: $PWD/configs/hw/tiny.yaml|" configs/experiments/tiny.yaml >"$tiny"
cp "$dir/made.json" "$dir/timing/$hash.json"
run run "$tiny" --device golden --timing-dir "$dir/timing" --out "$dir/out" | tail -n 3
grep -o '"too_fast":[^,]*' "$dir/out/report.json"
echo
sed 's/"fo4": [0-9.]*/"fo4": 1000.0/' "$dir/made.json" >"$dir/timing/$hash.json"
run run "$tiny" --device golden --timing-dir "$dir/timing" --out "$dir/out" | tail -n 3
grep -o '"too_fast":"[^"]*' "$dir/out/report.json"
echo
sed '$d' "$dir/made.json" >"$dir/timing/$hash.json"
run run "$tiny" --device golden --timing-dir "$dir/timing" --out "$dir/out" | sed "s/$hash/HASH/g"
