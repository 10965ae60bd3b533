#!/usr/bin/env bash
# Simulated cycles a second, all with the flags of sim/rtl/build.sh:
#   pe_array ...     the yardstick: a bare 16 x 16 array, one module instance per PE
#   gemm_block ...   the GEMM engine with its SRAMs alone
#   accelerator ...  the whole of edge16 in scatter, loading weights, and GEMM
#   fixed-rate memory ...  the same without the DRAM model
# and then the accelerator's speed over that of the array in each of its forms. Each figure is the best of
# many parts, since other work on the machine can only slow one down.
# usage: tests/bench/run.sh [SECONDS a case and round]      environment: B build folder, RTL_OPT compiler flags
set -euo pipefail
B=${B:-build}
seconds=${1:-0.5}
out=$B/tests/bench
mkdir -p "$out"

# model NAME TOP FLAGS CFLAGS OPT SOURCE...: builds $out/NAME/bench with the compiler flags OPT
model() {
  local name=$1 top=$2 flags=$3 cflags=$4 opt=$5 clock=__Vtrigrprev__TOP__clk_i
  shift 5
  rm -f "$out/$name"/*.o "$out/$name"/*.a "$out/$name/bench"
  # shellcheck disable=SC2086
  verilator --cc --exe --build --top-module "$top" $flags --x-assign fast --x-initial fast --noassert \
    -O3 --unroll-count 64 --unroll-stmts 1 --no-timing -Wno-fatal --output-split 0 \
    -CFLAGS "-I$PWD -I$PWD/host/include -DCLOCK_PREV=$clock $cflags" -LDFLAGS "$opt" \
    -MAKEFLAGS "OPT_FAST='${RTL_OPT:--O3 -march=native} $opt'" --Mdir "$out/$name" -o bench \
    "${@/#/$PWD/}" >"$out/$name.log" 2>&1 || {
    cat "$out/$name.log"
    exit 1
  }
}

# bench NAME TOP FLAGS CFLAGS SOURCE...: the same, compiled for what it does most where the accelerator is
bench() {
  if [ -n "${RTL_OPT:-}" ]; then
    model "${@:1:4}" "" "${@:5}"
    return
  fi
  rm -f "$out/$1"/*.gcda
  model "${@:1:4}" -fprofile-generate "${@:5}"
  "$out/$1/bench" 0.2 >"$out/$1.log"
  ls "$out/$1"/*.gcda >/dev/null
  model "${@:1:4}" "-fprofile-use -Wno-missing-profile" "${@:5}"
}

pe=(tests/bench/pe.sv tests/bench/pe_array.sv tests/bench/pe_array.cpp)
bench systolic pe_array -GSystolic=1 -DSYSTOLIC=1 "${pe[@]}"
bench broadcast pe_array -GSystolic=0 -DSYSTOLIC=0 "${pe[@]}"
mapfile -t gemm < <(grep -E '^rtl/' tests/block/gemm/files)
bench gemm gemm_top "" "" "${gemm[@]}" rtl/common/shira_{delay,sram_merge,sram_bank,sram_arbiter,sram,weight_sram}.sv \
  tests/bench/gemm_top.sv tests/bench/gemm_bench.cpp
make --no-print-directory B="$B" "$out/speed" >"$out/speed.log" || {
  cat "$out/speed.log"
  exit 1
}

# Round after round, so that whatever else the machine does meets all of them alike.
rounds=4
for ((r = 0; r < rounds; r++)); do
  for form in systolic broadcast; do
    "$out/$form/bench" "$seconds" | sed "s/^/pe_array $form /"
  done
  "$out/gemm/bench" "$seconds" | sed 's/^/gemm_block /'
  "$out/speed" scatter stream gemm-decode gemm-prefill |
    awk '{printf "accelerator %s: %.2f M cycles/s (engine busy %s %%)\n", $1, $4 / 1e6, $5}'
  "$out/speed" --fixed scatter stream gemm-prefill |
    awk '{printf "fixed-rate memory %s: %.2f M cycles/s (engine busy %s %%)\n", $1, $4 / 1e6, $5}'
done >"$out/result"

# The best of each, in the order in which they ran. A product with one token has new weights in every
# cycle, one with many keeps them.
awk -F ': ' '
  { if (!($1 in best)) order[++n] = $1
    if ($2 + 0 > best[$1] + 0) best[$1] = $2 }
  function ratio(form, gemm) {
    printf "accelerator / pe_array %s: %.2f in %s, %.2f in scatter\n", form,
      best["accelerator " gemm] / best["pe_array " form], gemm,
      best["accelerator scatter"] / best["pe_array " form]
  }
  END {
    for (i = 1; i <= n; i++) { sub(/ \([0-9a-f]+\)$/, "", best[order[i]]); print order[i] ": " best[order[i]] }
    ratio("systolic stay", "gemm-prefill")
    ratio("systolic load", "gemm-decode")
    ratio("broadcast stay", "gemm-prefill")
    ratio("broadcast load", "gemm-decode")
    split("scatter stream gemm-prefill", cases, " ")
    for (i = 1; i <= 3; i++)
      printf "DRAM / fixed-rate memory: %.2f in %s\n",
        best["accelerator " cases[i]] / best["fixed-rate memory " cases[i]], cases[i]
  }' "$out/result"

# The DRAM model alone.
make --no-print-directory B="$B" "$out/dram" >"$out/dram.log" || {
  cat "$out/dram.log"
  exit 1
}
"$out/dram"
