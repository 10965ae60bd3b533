#!/usr/bin/env bash
# What `make coverage` says, and that it can fail: on a module and counts that are made for this test.
. tests/cli/common
root=$PWD
mkdir -p "$dir/rtl-made/rtl/unit"
cd "$dir/rtl-made" || exit 1
cat >rtl/unit/shira_unit.sv <<'EOF'
  typedef enum logic {
    UnitIdle,  // nothing
    UnitRun
  } unit_e;
  output logic a_ready_o,
  output logic b_ready_o,
  if (a) x = 1;
  else y = shira_regs_pkg::StatusWindow;
  `SHIRA_COVER(state_idle, state_q == UnitIdle)
  `SHIRA_COVER(state_run, state_q == UnitRun)
  `SHIRA_COVER(error_window, done_o.status == shira_regs_pkg::StatusWindow)
  `SHIRA_COVER(stall_a, a_valid_i && !a_ready_o)
  `SHIRA_COVER(stall_b, b_valid_i && !b_ready_o)
EOF

# point KIND LINE LINES COUNT: as Verilator writes it
point() {
  local page=v_line
  [ "$1" = cover ] && page=v_user
  printf "C '\\001f\\002%s\\001l\\002%s\\001n\\0023\\001page\\002%s/shira_unit\\001o\\002%s\\001S\\002%s\\001h\\002TOP' %s\n" \
    "$PWD/rtl/unit/shira_unit.sv" "$2" "$page" "$1" "$3" "$4"
}

# report WHAT ELSE-COUNT STALL-COUNT [EXCLUDED POINT [PROPERTIES]]
report() {
  echo "# $1"
  { point if 7 1-7 5 && point if 7 1-7 0 && point else 7 8 "$2" && point cover 9 9 1 && point cover 13 13 "$3"; } >dat
  { [ -z "${4:-}" ] || printf 'file: rtl/unit/shira_unit.sv\npoint: %s\nwhy: because\n' "$4"; } >exclude
  awk -v root="$PWD/" -v least=95 -v properties="${5:-2}" -f "$root/tests/coverage/report.awk" exclude dat
  echo "exit $?"
  echo
}
report "all is hit" 3 1
report "a branch is not, and 87.5 % are too little" 0 1
report "it is left out" 0 1 "else: if (a)"
report "a stall is not hit" 3 0
report "what is left out is hit" 3 1 "else: if (a)"
report "a property was not built" 3 1 "" 3

missing() { # WHAT SED
  echo "# $1"
  sed -i.bak "$2" rtl/unit/shira_unit.sv
  awk -f "$root/tests/coverage/missing.awk" rtl/unit/shira_unit.sv
  echo "exit $?"
  echo
  mv rtl/unit/shira_unit.sv.bak rtl/unit/shira_unit.sv
}
missing "nothing is missing" ''
missing "a state, an error and a stall are" '/(state_run\|(error_window\|(stall_b/d'
