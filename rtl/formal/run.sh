#!/usr/bin/env bash
# Runs the proofs of rtl/formal/proofs with Yosys' own SAT solver, planted errors that each must refute, and
# covers: situations that each must reach, so that no proof is empty. As many at a time as there are processors;
# one TAP line each, in the files' order. A proof without a cover fails.
# usage: rtl/formal/run.sh [NAME ...]     environment: B build folder
#
# A proof is a file NAME.sv with a module formal_NAME and these lines in its comment:
#   rtl: FILE ...                       what is read beside it; any number of them
#   proof: METHOD [PARAMETER=VALUE ...] any number of them; METHOD is
#     induction N    base case and induction step, k searched from 1 to N: holds forever
#     bounded N      holds in the first N cycles after power-up, for all inputs
#     exhaustive     holds for all inputs; for what has no state
#   cover: NAME N                       the proof's wire cover_NAME (with the attribute keep) is 1 in one of the
#                                       first N cycles, under its assumptions; for each `proof` above it
#   mutant: WHAT                        an error; the proof above it has a counterexample then
#   file: FILE                          where it is planted; the first RTL file where it is not said
#   sed: SCRIPT                         `sed -E` that changes exactly one line of the file
# Memories and registers of the RTL that an induction needs are named in the proof by wires with the
# attribute `hierconn`, which Yosys joins with them when it flattens. Beware: Yosys 0.23 takes the
# width of a narrowing cast inside a comparison, as in `a == b + 2'(wide)`, to be that of `wide`.
set -u
B=${B:-build}
deepest=15 # cycles within which a planted error must show, where the proof itself does not look further

# plant FILE SED OUT: the file with the error in OUT; fails unless exactly one line is another.
plant() {
  sed -E "$2" "$1" >"$3" || return 1
  [ "$(diff "$1" "$3" | grep -c '^>')" = 1 ] && [ "$(diff "$1" "$3" | grep -c '^<')" = 1 ]
}

# solve DIR NAME PARAMETERS GOAL RTL...: runs Yosys, whose command GOAL begins with is `sat` at last; writes
# DIR/log, and DIR/trace.vcd where there is a counterexample.
solve() {
  local dir=$1 name=$2 params=$3 goal=$4 p chparam=''
  shift 4
  for p in $params; do chparam+=" -chparam ${p%=*} ${p#*=}"; done
  timeout --foreground 300 yosys -Q -T -p "read_verilog -sv $* rtl/formal/proofs/$name.sv
    hierarchy -check -top formal_$name$chparam
    proc; opt_clean; memory_collect; memory_map; flatten; opt -full; check -assert
    $goal -set-assumes -show-ports -show-public \
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

# prove DIR EXPECTED WHAT NAME PARAMETERS GOAL RTL...: prints a TAP line without its number.
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

# reach DIR NAME WIRE PARAMETERS METHOD CYCLES RTL...: the same for a cover, which an example shows.
reach() {
  local dir=$1 name=$2 wire=$3 params=$4 method=$5 cycles=$6
  shift 6
  prove "$dir" refuted "$name${params:+ $params} reaches: $wire" "$name" "$params" \
    "chformal -assert -remove; sat $(search "$method" "$cycles") -prove cover_$wire 1'0" "$@" |
    sed 's/counterexample/example/'
}

# mutant DIR WHAT FILE SED NAME PARAMETERS GOAL RTL...: the same for a planted error.
mutant() {
  local dir=$1 what=$2 file=$3 sed=$4 name=$5 params=$6 goal=$7 rtl
  shift 7
  if ! plant "$file" "$sed" "$dir/$(basename "$file")"; then
    echo "not ok - $name refutes: $what: does not change one line of $file"
    return
  fi
  rtl=" $* "
  # shellcheck disable=SC2086
  prove "$dir" refuted "$name refutes: $what" "$name" "$params" "$goal" \
    ${rtl/" $file "/" $dir/$(basename "$file") "}
}

# uncovered DIR NAME: the line of a proof without cover.
uncovered() {
  echo "not ok - $2 has a cover: none"
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

# search METHOD N: the options that search the first N cycles, or all inputs of what has no state.
search() {
  [ "$1" = exhaustive ] || echo "-tempinduct-baseonly -maxsteps $2"
}

# proof TEXT: starts a proof.
proof() {
  local text=$1 options
  read -r method steps params <<<"$text"
  case $method in
  induction) options="-tempinduct -maxsteps $steps" ;;
  bounded) options=$(search bounded "$steps") ;;
  exhaustive) options='' params="$steps $params" steps=0 ;;
  *) echo "rtl/formal/proofs/$name.sv: unknown method '$method'" >&2 && exit 2 ;;
  esac
  params=${params% }
  proofs+=("$params")
  start prove proven "$name${params:+ $params}" "$name" "$params" "sat $options -prove-asserts" "${rtl[@]}"
}

# cover TEXT: starts the search for a situation in each proof so far.
cover() {
  local wire cycles p
  read -r wire cycles <<<"$1"
  covers=$((covers + 1))
  for p in "${proofs[@]}"; do
    start reach "$name" "$wire" "$p" "$method" "$cycles" "${rtl[@]}"
  done
}

# One line `key: value` of a proof's comment.
line() {
  local key=$1 value=$2
  case $key in
  rtl)
    read -ra more <<<"$value"
    rtl+=("${more[@]}")
    ;;
  proof) proof "$value" ;;
  cover) cover "$value" ;;
  mutant) what=$value file=${rtl[0]} ;;
  file) file=$value ;;
  sed)
    start mutant "$what" "$file" "$value" "$name" "$params" \
      "sat $(search "$method" $((steps > deepest ? steps : deepest))) -prove-asserts" "${rtl[@]}"
    ;;
  esac
}

for source in rtl/formal/proofs/*.sv; do
  name=$(basename "$source" .sv) rtl=() proofs=() covers=0
  [ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
  while IFS= read -r text; do
    line "${text%%: *}" "${text#*: }"
  done < <(sed -nE 's|^// (rtl\|proof\|cover\|mutant\|file\|sed): |\1: |p' "$source")
  [ "$covers" -gt 0 ] || start uncovered "$name"
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
