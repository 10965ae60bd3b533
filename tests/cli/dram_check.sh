#!/usr/bin/env bash
# The checker of DRAM command traces: what it prints, and how it exits.
. tests/cli/common
check() { # STANDARD TRACE
  "$B/tests/dram/check_main" "$@" 2>&1 | plain
  echo "exit ${PIPESTATUS[0]}"
}

cat >"$dir/clean" <<'END'
# DDR4-3200 1 channels 1 ranks 1 rate
0 0 ACT 0 5 77 0
22 0 RD 0 5 77 3
52 0 PRE 0 5 0 0
74 0 REF 0 0 0 0
END
sed 's/^22 /21 /; s/^74 /73 /' "$dir/clean" >"$dir/early"
sed 's/^22 0 RD/22 0 READ/' "$dir/clean" >"$dir/bad"
check configs/dram/ddr4-3200.yaml "$dir/clean"
check configs/dram/ddr4-3200.yaml "$dir/early"
check configs/dram/ddr4-3200.yaml "$dir/bad"
check configs/dram/hbm2.yaml "$dir/clean"
check configs/dram/ddr4-3200.yaml "$dir/none"
check configs/dram/none.yaml "$dir/clean"
check
