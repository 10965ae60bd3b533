#!/usr/bin/env bash
# Builds one block bench and runs it with several seeds: 0, and three from SEED on (default: random).
# usage: tests/block/run.sh tests/block/NAME     environment: B build folder, SEED, COVER
# NAME/files: `top: MODULE`, optional `flags: ...`, then one source a line, tb.cpp last.
# With COVER=1 the bench counts what it covers (`make coverage`).
set -eu
dir=$1
B=${B:-build} SEED=${SEED:-$RANDOM}
out=$B/tests/block/$(basename "$dir")
top=$(sed -n 's/^top: *//p' "$dir/files")
flags=$(sed -n 's/^flags: *//p' "$dir/files")
mapfile -t sources < <(grep -vE '^(top|flags):|^#|^ *$' "$dir/files")
if [ "${COVER:-0}" = 1 ]; then # without -fno-split a branch that changes its own condition is not counted
  flags+=" --coverage-line --coverage-user -fno-split"
  sources=(rtl/common/shira_cover.svh "${sources[@]}")
fi
mkdir -p "$out"
# shellcheck disable=SC2086
verilator --cc --exe --build -j 2 -Wall --assert -O3 --top-module "$top" $flags \
  -CFLAGS "-O2 -I$PWD -I$PWD/host/include" --Mdir "$out" -o bench "${sources[@]/#/$PWD/}" >"$out/build.log" 2>&1 || {
  cat "$out/build.log"
  exit 1
}
failed=0
for seed in 0 "$SEED" $((SEED + 1)) $((SEED + 2)); do
  SEED=$seed timeout 600 "$out/bench" || failed=1
done
exit "$failed"
