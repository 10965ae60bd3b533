#!/usr/bin/env bash
# Measures what the tests cover of the RTL, prints it and fails where that is not enough: below 95 % of
# the lines, a state, an error or a stall that no test reaches, one that has no cover property.
# Everything is built anew to count, in a folder of its own. All block benches run, and of the system
# tests those that reach what no bench does: the memories and the clock gate of the whole accelerator.
# usage: tests/coverage/run.sh RTL...   environment: B build folder with shirasim and system tests, SEED
set -u
B=${B:-build}
out=$B/coverage machine=configs/hw/tiny.yaml
export SEED=${SEED:-1} SEEDS=1 COVER=1 SHIRA_COVERAGE=$out/data # the same seed, the same coverage
unset SHIRA_RTL_LIBRARY SHIRA_DEVICE
failed=0
rm -rf "$SHIRA_COVERAGE"
mkdir -p "$SHIRA_COVERAGE"

B=$out tests/run.sh block || failed=1
sim/rtl/build.sh "$out/rtl/$("$B/shirasim" machine hash $machine)" \
  "$("$B/shirasim" machine flags $machine)" "$@" || exit 1
export SHIRA_RTL_DIR=$out/rtl
system() { # NAME: runs a system test
  "$B/tests/system/$1" >"$out/$1.log" 2>&1 || { failed=1 && grep -v '^ok ' "$out/$1.log"; }
}
system test_device_faults
SHIRA_RTL_LIBRARY=libshira_rtl.so system test_faults
CASES=10 VARIANT_CASES=0 SHIRA_RTL_LIBRARY=libshira_rtl.so system test_random
CASES=40 SHIRA_RTL_LIBRARY=libshira_rtl.so system test_scatter_memory

verilator_coverage --write "$out/merged.dat" "$SHIRA_COVERAGE"/*.dat || exit 1
awk -f tests/coverage/missing.awk "$@" || failed=1
awk -v root="$PWD/" -v least=95 -v properties="$(cat "$@" | grep -c '^  `SHIRA_COVER(')" \
  -f tests/coverage/report.awk tests/coverage/exclude "$out/merged.dat" || failed=1
[ "$failed" -eq 0 ] || echo "coverage: FAILED"
exit "$failed"
