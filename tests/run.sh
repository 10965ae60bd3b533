#!/usr/bin/env bash
# Runs tests, as many at a time as there are processors, and ends with `N passed, N failed`. Tests are
# found by pattern:
#   unit    $B/tests/unit/test_*     cmocka programs, TAP
#   block   tests/block/*/files      a Verilator bench each, TAP
#   system  $B/tests/system/test_*   programs, TAP
#   cli     tests/cli/*.sh           a script each; its stdout must equal the .out beside it
#   recompute tests/recompute/run.sh a report's numbers computed a second time, TAP
#   page    tests/page/run.sh        the report's page in a browser, TAP
#   mutants tests/mutants/list       planted errors, each of which a test must catch, TAP
# usage: tests/run.sh [unit|block|system|cli|recompute|page|mutants ...]   environment: B build folder, SEED
set -u
B=${B:-build}
groups=("$@")
[ ${#groups[@]} -eq 0 ] && groups=(unit block system cli recompute page mutants)
export CMOCKA_MESSAGE_OUTPUT=TAP SEED=${SEED:-$RANDOM} B SHIRA_RTL_DIR=$B/rtl
log_dir=$B/tests/log
mkdir -p "$log_dir"
rm -f "$log_dir"/*.count
echo "seed $SEED (SEED=$SEED repeats this run)"

# tally NAME EXIT SECONDS: counts TAP lines of NAME's log; a program that crashes or prints no test has
# failed once. Seconds are of wall time, then of processor time.
tally() {
  local ok bad log=$log_dir/$1.log
  ok=$(grep -cE '^ok ' "$log")
  bad=$(grep -cE '^not ok ' "$log")
  [ "$bad" -eq 0 ] && { [ "$2" -ne 0 ] || [ "$ok" -eq 0 ]; } && bad=1
  echo "$ok $bad" >"$log_dir/$1.count"
  printf '%-40s %5d ok %5d not ok  %4ds %6.1fs\n' "$1" "$ok" "$bad" "$3" "$(processor "$log_dir/$1.time")"
  [ "$bad" -eq 0 ] || { grep -vE '^ok ' "$log" | tail -n 20; echo "  whole output: $log"; }
}

processor() { awk '{ print $1 + $2 }' "$1"; } # FILE: of its user and system time, the sum

run_one() { # NAME COMMAND...
  local name=$1 began=$SECONDS code TIMEFORMAT='%U %S'
  shift
  {
    time "$@" >"$log_dir/$name.log" 2>&1 </dev/null
    code=$?
  } 2>"$log_dir/$name.time"
  tally "$name" $code $((SECONDS - began))
}

# In the background, when a processor is free.
start() {
  while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
  run_one "$@" &
}

start_programs() {
  local t
  for t in "$@"; do
    case $t in *.d) continue ;; esac
    [ -x "$t" ] && start "$(basename "$t")" timeout 900 "$t"
  done
}

start_blocks() {
  local f dir
  for f in tests/block/*/files; do
    dir=$(dirname "$f")
    start "block_$(basename "$dir")" tests/block/run.sh "$dir"
  done
}

# A script's output, then its TAP line.
compare_cli() {
  if timeout 600 bash "$1" 2>&1 </dev/null | diff -u "${1%.sh}.out" -; then
    echo "ok - $1"
  else
    echo "not ok - $1"
  fi
}

start_cli() {
  local t
  for t in tests/cli/*.sh; do
    start "cli_$(basename "$t" .sh)" compare_cli "$t"
  done
}

for g in "${groups[@]}"; do
  case $g in
  unit) start_programs "$B"/tests/unit/test_* ;;
  block) start_blocks ;;
  system) start_programs "$B"/tests/system/test_* ;;
  cli) start_cli ;;
  recompute) start recompute timeout 900 tests/recompute/run.sh ;;
  page) start page timeout 600 tests/page/run.sh ;;
  mutants)
    wait
    run_one mutants timeout 900 tests/mutants/run.sh # as many at a time as there are processors
    ;;
  *) echo "tests/run.sh: unknown group '$g'" >&2 && exit 2 ;;
  esac
done
wait
passed=0 failed=0
while read -r ok bad; do
  passed=$((passed + ok)) failed=$((failed + bad))
done < <(cat "$log_dir"/*.count)
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
