#!/usr/bin/env bash
# Builds and runs one block bench. usage: tests/block/run.sh tests/block/NAME
# NAME/files: `top: MODULE`, optional `flags: ...`, then one source a line, tb.cpp last.
set -eu
dir=$1
B=${B:-build}
out=$B/tests/block/$(basename "$dir")
top=$(sed -n 's/^top: *//p' "$dir/files")
flags=$(sed -n 's/^flags: *//p' "$dir/files")
mapfile -t sources < <(grep -vE '^(top|flags):|^#|^ *$' "$dir/files")
mkdir -p "$out"
# shellcheck disable=SC2086
verilator --cc --exe --build -j 2 -Wall --assert -O3 --top-module "$top" $flags \
  -CFLAGS "-O2 -I$PWD -I$PWD/host/include" --Mdir "$out" -o bench "${sources[@]/#/$PWD/}" >"$out/build.log" 2>&1 || {
  cat "$out/build.log"
  exit 1
}
timeout 600 "$out/bench"
