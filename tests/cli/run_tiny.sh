#!/usr/bin/env bash
# A whole run on the golden model, which knows no time, and on the RTL, whose cycles are not shown
# here, since they change with it.
. tests/cli/common
tiny=configs/experiments/tiny.yaml
without_rows() { grep -E '^(\$|exit|shirasim: |DIR/|All [0-9]+ results)'; }

run run "$tiny" --device golden --out "$dir/golden"
(cd "$dir/golden" && find . -type f | sort)
echo

run run "$tiny" --device golden --out "$dir/again" | without_rows
run run "$tiny" --device golden --seed 2 --out "$dir/seed" | without_rows
cmp "$dir/golden/report.json" "$dir/again/report.json" && echo "The same seed, the same report."
sed 's/^seed: 1$/seed: 0/' "$tiny" >"$dir/tiny.yaml"
for seed in 0 1; do "$B/shirasim" run "$dir/tiny.yaml" --device golden --seed $seed --out "$dir/zero$seed" >"$dir/log" 2>&1; done
"$B/shirasim" run "$dir/tiny.yaml" --device golden --out "$dir/zero" >"$dir/log" 2>&1
cmp "$dir/zero/report.json" "$dir/zero0/report.json" && cmp "$dir/golden/report.json" "$dir/zero1/report.json" && echo "Seed 0 is one."
cmp -s "$dir/golden/report.json" "$dir/seed/report.json" || echo "Another seed, another report."
echo

run run "$tiny" --rtl-dir "$dir/rtl" --out "$dir/whole" | without_rows
run run "$tiny" --rtl-dir "$dir/rtl" --stall 30 --out "$dir/stalled" | without_rows

echo "A result below its bound, here the bound times 1000, fails the run; there is no report:"
run run "$tiny" --rtl-dir "$dir/rtl" --bound-scale 1000 --out "$dir/below" |
  sed -E 's/took [0-9]+/took N/'
(cd "$dir/below" && find . -maxdepth 1 -type f)
