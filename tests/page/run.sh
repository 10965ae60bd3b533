#!/usr/bin/env bash
# The page of the report in headless Chromium, TAP.
# usage: tests/page/run.sh     environment: B build folder, KEYS the file that describes report.json's keys
set -eu
cd "$(dirname "$0")/../.."
B=${B:-build}
out=$B/tests/page
mkdir -p "$out"
host/report/page/make.sh >"$out/template.html"
program=()
[ -x "$B/shirasim" ] && program=("$B/shirasim")
exec /usr/bin/python3 -B tests/page/test_page.py "$out/template.html" "${KEYS:-host/report/keys.md}" "$out" "${program[@]}"
