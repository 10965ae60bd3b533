#!/usr/bin/env bash
# Runs the proofs of rtl/formal/proofs with Yosys' own SAT solver, and planted errors that each must
# refute. As many at a time as there are processors; one TAP line each, in the files' order.
# usage: rtl/formal/run.sh [NAME ...]     environment: B build folder
#
# A proof is a file NAME.sv with a module formal_NAME and these lines in its comment:
#   rtl: FILE ...                       what is read beside it; any number of them
#   proof: METHOD [PARAMETER=VALUE ...] any number of them; METHOD is
#     induction N    base case and induction step, k searched from 1 to N: holds forever
#     bounded N      holds in the first N cycles after power-up, for all inputs
#     exhaustive     holds for all inputs; for what has no state
#   mutant: WHAT                        an error; the proof above it has a counterexample then
#   file: FILE                          where it is planted; the first RTL file where it is not said
#   sed: SCRIPT                         `sed -E` that changes exactly one line of the file
# Memories and registers of the RTL that an induction needs are named in the proof by wires with the
# attribute `hierconn`, which Yosys joins with them when it flattens. Beware: Yosys 0.23 takes the
# width of a narrowing cast inside a comparison, as in `a == b + 2'(wide)`, to be that of `wide`.
set -u
B=${B:-build}
deepest=15 # cycles within which a planted error must show

# plant FILE SED OUT: the file with the error in OUT; fails unless exactly one line is another.
plant() {
  sed -E "$2" "$1" >"$3" || return 1
  [ "$(diff "$1" "$3" | grep -c '^>')" = 1 ] && [ "$(diff "$1" "$3" | grep -c '^<')" = 1 ]
}

# solve DIR NAME PARAMETERS SAT-OPTIONS RTL...: runs Yosys; writes DIR/log, and DIR/trace.vcd where
# the proof fails.
solve() {
  local dir=$1 name=$2 params=$3 options=$4 p chparam=''
  shift 4
  for p in $params; do chparam+=" -chparam ${p%=*} ${p#*=}"; done
  timeout --foreground 300 yosys -Q -T -p "read_verilog -sv $* rtl/formal/proofs/$name.sv
    hierarchy -check -top formal_$name$chparam
    proc; opt_clean; memory_collect; memory_map; flatten; opt -full; check -assert
    sat $options -prove-asserts -set-assumes -show-ports -show-public \
      -dump_vcd $dir/trace.vcd" >"$dir/log" 2>&1
}

# verdict DIR: what the log says: proven, refuted, or neither; and the number of cycles.
verdict() {
  local log=$1/log cycles
  cycles=$(grep -oE '^\[(base case|induction step) [0-9]+\]' "$log" | tail -n 1 | tr -dc 0-9)
  if grep -qE '^Induction step proven: SUCCESS!' "$log"; then
    echo "proven induction k=$cycles"
  elif grep -qE 'proved base case for [0-9]+ steps: SUCCESS!' "$log"; then
    echo "proven bounded, $cycles cycles"
  elif grep -qE '^SAT proof finished - no model found: SUCCESS!' "$log"; then
    echo "proven exhaustive"
  elif grep -qE '^SAT temporal induction .* model found for base case: FAIL!' "$log"; then
    echo "refuted counterexample of $cycles cycles"
  elif grep -qE '^SAT proof finished - model found: FAIL!' "$log"; then
    echo "refuted counterexample"
  else
    echo "neither $(grep -E 'ERROR|Interrupted|proof failed|Time' "$log" | tail -n 1)"
  fi
}

# prove DIR EXPECTED WHAT NAME PARAMETERS SAT-OPTIONS RTL...: prints a TAP line without its number.
prove() {
  local dir=$1 expected=$2 what=$3 began=${EPOCHREALTIME/./} said ok=ok ms
  shift 3
  solve "$dir" "$@"
  said=$(verdict "$dir")
  [ "${said%% *}" = "$expected" ] || ok='not ok' said+=" (log: $dir/log)"
  [ "$expected" = "${said%% *}" ] && said=${said#* }
  ms=$(((${EPOCHREALTIME/./} - began) / 1000))
  printf '%s - %s: %s, %d.%d s\n' "$ok" "$what" "$said" $((ms / 1000)) $((ms % 1000 / 100))
}

# mutant DIR WHAT FILE SED NAME PARAMETERS SAT-OPTIONS RTL...: the same for a planted error.
mutant() {
  local dir=$1 what=$2 file=$3 sed=$4 name=$5 params=$6 options=$7 rtl
  shift 7
  if ! plant "$file" "$sed" "$dir/$(basename "$file")"; then
    echo "not ok - $name refutes: $what: does not change one line of $file"
    return
  fi
  rtl=" $* "
  # shellcheck disable=SC2086
  prove "$dir" refuted "$name refutes: $what" "$name" "$params" "$options" \
    ${rtl/" $file "/" $dir/$(basename "$file") "}
}

# start FUNCTION ARGUMENT...: in the background, when a processor is free.
dirs=()
start() {
  local dir=$B/formal/$name-${#dirs[@]} function=$1
  shift
  dirs+=("$dir")
  rm -rf "$dir" && mkdir -p "$dir"
  while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
  "$function" "$dir" "$@" >"$dir/result" &
}

# One line `key: value` of a proof's comment.
line() {
  local key=$1 value=$2 method steps
  case $key in
  rtl)
    read -ra more <<<"$value"
    rtl+=("${more[@]}")
    ;;
  proof)
    read -r method steps params <<<"$value"
    case $method in
    induction) options="-tempinduct -maxsteps $steps" ;;
    bounded) options="-tempinduct-baseonly -maxsteps $steps" ;;
    exhaustive) options='' params="$steps $params" ;;
    *) echo "rtl/formal/proofs/$name.sv: unknown method '$method'" >&2 && exit 2 ;;
    esac
    params=${params% }
    start prove proven "$name${params:+ $params}" "$name" "$params" "$options" "${rtl[@]}"
    ;;
  mutant) what=$value file=${rtl[0]} ;;
  file) file=$value ;;
  sed)
    [ -z "$options" ] || options="-tempinduct-baseonly -maxsteps $deepest"
    start mutant "$what" "$file" "$value" "$name" "$params" "$options" "${rtl[@]}"
    ;;
  esac
}

for proof in rtl/formal/proofs/*.sv; do
  name=$(basename "$proof" .sv) rtl=()
  [ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
  while IFS= read -r text; do
    line "${text%%: *}" "${text#*: }"
  done < <(sed -nE 's|^// (rtl\|proof\|mutant\|file\|sed): |\1: |p' "$proof")
done
wait

n=0 failed=0
for dir in "${dirs[@]}"; do
  n=$((n + 1)) result=$(cat "$dir/result")
  echo "${result/ - / $n - }"
  [[ $result == 'ok '* ]] || failed=$((failed + 1))
done
echo "1..$n"
[ "$failed" -eq 0 ] && [ "$n" -gt 0 ]
