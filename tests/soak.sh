#!/usr/bin/env bash
# The random tests at length, one seed for all. Ends with `N passed, N failed`; prints what failed, and how to
# run it alone.
# usage: tests/soak.sh     environment: B build folder, SEED, PROGRAMS, VARIANT_PROGRAMS, CASES, VARIANT_CASES,
#                          WIDEST_CASES, MEMORY_CASES, REQUESTS, BLOCK_SEEDS, REPORT_SEEDS, SETS
set -u
B=${B:-build}
export B SEED=${SEED:-$RANDOM} SHIRA_RTL_DIR=$B/rtl JOBS
JOBS=$(nproc)
log=$B/tests/log/soak.log
mkdir -p "$B/tests/log"
: >"$log"
echo "seed $SEED (SEED=$SEED repeats this run)"

run() { # NAME COMMAND...: keeps what fails, and the line that counts
  local name=$1 began=$SECONDS out=$log.$1 ok bad code=0
  shift
  "$@" >"$out" 2>&1 </dev/null || code=$?
  ok=$(grep -cE '^ok ' "$out")
  bad=$(grep -cE '^not ok ' "$out")
  [ "$bad" -eq 0 ] && { [ "$code" -ne 0 ] || [ "$ok" -eq 0 ]; } && bad=1
  printf '%-40s %5d ok %5d not ok  %4ds\n' "$name" "$ok" "$bad" $((SECONDS - began))
  [ "$bad" -eq 0 ] || { grep -vE '^ok ' "$out" | tail -n 20; echo "  whole output: $out"; }
  echo "$ok $bad" >>"$log"
}
beside() { # its lines are counts of sets: one line where all are alike
  [ "$(SETS=${SETS:-20} bash tests/cli/beside.sh | awk '{ $1 = ""; print }')" = " 40 points of A" ] && echo "ok - ${SETS:-20} sets"
}
clocks() { # without stalls and with them
  for stall in 0 30; do
    if STALL=$stall bash tests/cli/clocks.sh | diff tests/cli/clocks.out -; then
      echo "ok - $stall % of stalls"
    else
      echo "not ok - $stall % of stalls"
    fi
  done
}
block() { tests/block/run.sh "tests/block/$1"; }

run test_programs env PROGRAMS="${PROGRAMS:-10000}" VARIANT_PROGRAMS="${VARIANT_PROGRAMS:-500}" "$B/tests/system/test_programs"
run test_random env CASES="${CASES:-1000}" VARIANT_CASES="${VARIANT_CASES:-100}" "$B/tests/system/test_random"
run random-widest env CASES=0 VARIANT=random-widest VARIANT_CASES="${WIDEST_CASES:-3}" "$B/tests/system/test_random"
run test_scatter_memory env CASES="${MEMORY_CASES:-3000}" "$B/tests/system/test_scatter_memory"
run test_dram_traffic env REQUESTS="${REQUESTS:-30000000}" "$B/tests/system/test_dram_traffic"
run seeds env SEEDS="${REPORT_SEEDS:-30}" tests/bench/seeds.sh
run beside beside
run clocks clocks
run mutants env SOAK=1 tests/mutants/run.sh
export SEEDS=${BLOCK_SEEDS:-20}
for f in tests/block/*/files; do
  name=$(basename "$(dirname "$f")")
  run "block_$name" block "$name"
done
run block_sram_other env FLAGS=-GSlowParity=1 tests/block/run.sh tests/block/sram
awk '{ ok += $1; bad += $2 } END { print ok " passed, " bad " failed"; exit bad > 0 || ok == 0 }' "$log"
