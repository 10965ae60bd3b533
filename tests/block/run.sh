#!/usr/bin/env bash
# Builds one block bench and runs it with several seeds: 0, and SEEDS (1) from SEED on (default: random).
# usage: tests/block/run.sh tests/block/NAME     environment: B build folder, SEED, SEEDS, COVER,
# OUT folder of the bench, REPLACE=ORIGINAL=OTHER reads another file in a source's place, FLAGS for Verilator
# NAME/files: `top: MODULE`, optional `flags: ...`, then one source a line, tb.cpp last.
# With COVER=1 the bench counts what it covers (`make coverage`).
set -eu
dir=$1
B=${B:-build} SEED=${SEED:-$RANDOM} REPLACE=${REPLACE:-=}
out=${OUT:-$B/tests/block/$(basename "$dir")}
top=$(sed -n 's/^top: *//p' "$dir/files")
flags="$(sed -n 's/^flags: *//p' "$dir/files") ${FLAGS:-}"
mapfile -t sources < <(grep -vE '^(top|flags):|^#|^ *$' "$dir/files")
for i in "${!sources[@]}"; do
  [ "${sources[i]}" != "${REPLACE%%=*}" ] || sources[i]=${REPLACE#*=}
done
if [ "${COVER:-0}" = 1 ]; then # without -fno-split a branch that changes its own condition is not counted
  flags+=" --coverage-line --coverage-user -fno-split"
  sources=(rtl/common/shira_cover.svh "${sources[@]}")
fi
mkdir -p "$out" "$B/tests/block"
# Verilator's runtime is the same in every bench: the first one compiles it.
(
  runtime=$B/tests/block/runtime${COVER:-0} include=$(verilator --getenv VERILATOR_ROOT)/include
  mkdir -p "$runtime"
  flock 9
  for v in verilated verilated_threads $([ "${COVER:-0}" = 0 ] || echo verilated_cov); do
    [ "$runtime/$v.o" -nt "$include/$v.cpp" ] || g++ -std=c++17 -O2 -I"$include" -I"$include/vltstd" -DVM_COVERAGE="${COVER:-0}" \
      -DVM_SC=0 -DVM_TRACE=0 -c -o "$runtime/$v.o" "$include/$v.cpp"
  done
  cp -p "$runtime"/*.o "$out"
) 9>"$B/tests/block/.lock"
# shellcheck disable=SC2086
verilator --cc --exe --build -j 2 -Wall --assert -O3 --top-module "$top" $flags \
  -CFLAGS "-O2 -I$PWD -I$PWD/host/include" --Mdir "$out" -o bench \
  -MAKEFLAGS "OPT_FAST=-Og OPT_SLOW=-O0 -o verilated.o -o verilated_threads.o -o verilated_cov.o" "${sources[@]/#/$PWD/}" >"$out/build.log" 2>&1 || {
  cat "$out/build.log"
  exit 1
}
failed=0
for seed in 0 $(seq "$SEED" $((SEED + ${SEEDS:-1} - 1))); do
  SEED=$seed timeout 600 "$out/bench" || failed=1
done
exit "$failed"
