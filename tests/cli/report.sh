#!/usr/bin/env bash
# Reports made again without measuring, and two set side by side.
. tests/cli/common
tiny=configs/experiments/tiny.yaml

run run "$tiny" --rtl-dir "$dir/rtl" --out "$dir/one" | sed -n '1p;/^exit/p'
echo
run report "$dir/one" --out "$dir/two"
run report "$dir/one/report.json" --out "$dir/three"
for f in report.json report.html report.md report.csv; do
  cmp "$dir/one/$f" "$dir/two/$f" && cmp "$dir/one/$f" "$dir/three/$f" && echo "$f is the same."
done
[ -e "$dir/two/times.json" ] || echo "Times are not told again."
echo

run report --compare "$dir/one" "$dir/two" | sed -E 's/of [0-9]+ points/of N points/; s/^(first|second): .*/\1: .../'
# A figure that is ten times what it was.
sed -E '0,/"cycles":([0-9]+),"done":true,.*"work":"switch"/{s/"cycles":([0-9]+),"eighth"/"cycles":\10,"eighth"/g}' \
  "$dir/two/report.json" >"$dir/changed.json"
run report --compare "$dir/one" "$dir/changed.json" --tolerance 20 |
  grep -E '^(exit|[0-9]+ of)' | sed -E 's/^[1-9][0-9]* of [0-9]+/N of M/'

echo '{"version": 1, "program": "shirasim 0.1.0"}' >"$dir/old.json"
run report "$dir/old.json"
echo '{"schema": 2' >"$dir/cut.json"
run report "$dir/cut.json"
echo '[1]' >"$dir/other.json"
run report "$dir/other.json"
run report "$dir/none"
mkdir "$dir/empty"
run report "$dir/empty"
run report
run report --compare "$dir/one"
run report --compare "$dir/one" "$dir/two" --out "$dir/four"
