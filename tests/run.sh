#!/usr/bin/env bash
# Runs tests and ends with `N passed, N failed`. Tests are found by pattern:
#   unit    $B/tests/unit/test_*     cmocka programs, TAP
#   block   tests/block/*/files      a Verilator bench each, TAP
#   system  $B/tests/system/test_*   programs, TAP
#   cli     tests/cli/*.sh           a script each; its stdout must equal the .out beside it
#   mutants tests/mutants/list       planted errors, each of which a test must catch, TAP
# usage: tests/run.sh [unit|block|system|cli|mutants ...]   environment: B build folder, SEED
set -u
B=${B:-build}
groups=("$@")
[ ${#groups[@]} -eq 0 ] && groups=(unit block system cli mutants)
export CMOCKA_MESSAGE_OUTPUT=TAP SEED=${SEED:-$RANDOM} B SHIRA_RTL_DIR=$B/rtl
passed=0 failed=0
log_dir=$B/tests/log
mkdir -p "$log_dir"
echo "seed $SEED (SEED=$SEED repeats this run)"

# tally NAME EXIT LOG: counts TAP lines; a program that crashes or prints no test has failed once.
tally() {
  local ok bad
  ok=$(grep -cE '^ok ' "$3")
  bad=$(grep -cE '^not ok ' "$3")
  [ "$bad" -eq 0 ] && { [ "$2" -ne 0 ] || [ "$ok" -eq 0 ]; } && bad=1
  passed=$((passed + ok)) failed=$((failed + bad))
  printf '%-40s %5d ok %5d not ok  %4ds\n' "$1" "$ok" "$bad" $((SECONDS - began))
  [ "$bad" -eq 0 ] || { grep -vE '^ok ' "$3" | tail -n 20; echo "  whole output: $3"; }
}

run_programs() {
  local t log
  for t in "$@"; do
    case $t in *.d) continue ;; esac
    [ -x "$t" ] || continue
    log=$log_dir/$(basename "$t").log began=$SECONDS
    timeout 900 "$t" >"$log" 2>&1 </dev/null
    tally "$(basename "$t")" $? "$log"
  done
}

run_blocks() {
  local f dir name log
  for f in tests/block/*/files; do
    dir=$(dirname "$f") name=block_$(basename "$dir") began=$SECONDS
    log=$log_dir/$name.log
    tests/block/run.sh "$dir" >"$log" 2>&1 </dev/null
    tally "$name" $? "$log"
  done
}

run_cli() {
  local t log began=$SECONDS
  log=$log_dir/cli.log
  : >"$log"
  local n=0
  for t in tests/cli/*.sh; do
    n=$((n + 1))
    if timeout 600 bash "$t" 2>&1 </dev/null | diff -u "${t%.sh}.out" - >>"$log"; then
      echo "ok $n - $t" >>"$log"
    else
      echo "not ok $n - $t" >>"$log"
    fi
  done
  tally cli 0 "$log"
}

run_mutants() {
  local log=$log_dir/mutants.log began=$SECONDS
  timeout 900 tests/mutants/run.sh >"$log" 2>&1 </dev/null
  tally mutants $? "$log"
}

for g in "${groups[@]}"; do
  case $g in
  unit) run_programs "$B"/tests/unit/test_* ;;
  block) run_blocks ;;
  system) run_programs "$B"/tests/system/test_* ;;
  cli) run_cli ;;
  mutants) run_mutants ;;
  *) echo "tests/run.sh: unknown group '$g'" >&2 && exit 2 ;;
  esac
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
