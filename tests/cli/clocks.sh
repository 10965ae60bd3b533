#!/usr/bin/env bash
# Parts that get no clock edge while they need none take no cycle more or less for it: with assertions
# all clocks run, without only those that are needed (sim/rtl/harness.cpp). With stalls or without, as drawn, or STALL
# percent of them.
. tests/cli/common
export SEED=$RANDOM STALL=${STALL:-$((RANDOM % 2 * 30))} CASES=10 VARIANT_CASES=0
for t in test_faults test_device_faults test_random; do
  for library in libshira_rtl.so libshira_rtl_assert.so; do
    SHIRA_RTL_LIBRARY=$library "$B/tests/system/$t" >"$dir/$library.out" 2>&1
  done
  if diff "$dir"/*.out >"$dir/different" && grep -q '^ok 10 ' "$dir/libshira_rtl.so.out"; then
    echo "$t: the same cycles"
  else
    echo "$t, SEED=$SEED STALL=$STALL:" && head -n 5 "$dir/different"
  fi
done
