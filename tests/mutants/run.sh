#!/usr/bin/env bash
# Plants the errors of tests/mutants/list, each in a copy of one source file, and shows that a test
# catches it and says what it should. As many at a time as there are processors; one TAP line each,
# in the list's order. Needs shirasim, libshira.a, the system tests, the RTL of `tiny` and the files of
# machines in the build folder.
# usage: tests/mutants/run.sh [NAME ...]     environment: B build folder, MUTANT_SEED, SOAK=1 those of `make soak` too
set -u
export B=${B:-build}
# The same draw each time: what is planted must be found in every run, not in most of them.
export SEED=${MUTANT_SEED:-1}
experiment=configs/experiments/tiny.yaml
# shellcheck disable=SC2016 # make expands it
sources=$(make -s --no-print-directory --eval='rtl-src: ; @echo $(RTL_SRC)' rtl-src) || exit 2

# plant FILE SED OUT: the file with the error in OUT; fails unless exactly one line is another.
plant() {
  sed -E "$2" "$1" >"$3" || return 1
  [ "$(diff "$1" "$3" | grep -c '^>')" = 1 ] && [ "$(diff "$1" "$3" | grep -c '^<')" = 1 ]
}

# host DIR FILE: links a shirasim with the mutated file before the library.
host() {
  local packages="yaml-0.1 jansson openblas libisal libmd zlib"
  # shellcheck disable=SC2046,SC2086
  gcc -std=c11 -O1 -march=native -w -D_GNU_SOURCE -I. -Ihost/include \
    $(pkg-config --cflags $packages) -o "$1/shirasim" "$B"/obj/host/cli/*.o \
    "$1/$(basename "$2")" "$B/libshira.a" $(pkg-config --libs $packages) -ldl -lm -lpthread \
    >"$1/build.log" 2>&1
}

# memory DIR FILE: links test_dram_traffic with the mutated file before the library.
memory() {
  local packages="yaml-0.1 jansson openblas libisal libmd zlib"
  # shellcheck disable=SC2046,SC2086
  gcc -std=c11 -O1 -march=native -w -D_GNU_SOURCE -I. -Ihost/include -o "$1/test_dram_traffic" \
    tests/system/test_dram_traffic.c "$1/$(basename "$2")" "$B"/obj/tests/dram/{check,rules}.o "$B/libshira.a" \
    $(pkg-config --cflags --libs $packages) -ldl -lm -lpthread >"$1/build.log" 2>&1
}

# rtl DIR FILE MACHINE: builds the machine's RTL library with the mutated file in place of its original.
rtl() {
  local flags hash machine=configs/hw/$3.yaml
  [ -e "$machine" ] || machine=$B/machines/$3.yaml
  hash=$("$B/shirasim" machine hash "$machine")
  flags=$("$B/shirasim" machine flags "$machine")
  # shellcheck disable=SC2086
  RTL_OPT=-O0 RTL_SHARED=$B/rtl/shared sim/rtl/build.sh "$1/rtl/$hash" "$flags" \
    ${sources/"$2"/"$1/$(basename "$2")"} >"$1/build.log" 2>&1
}

# run_test DIR DEVICE TEST MACHINE [FILE]: exit code of the test with the mutant.
run_test() {
  local shirasim=$B/shirasim rtl=$B/rtl
  [ -x "$1/shirasim" ] && shirasim=$1/shirasim
  [ -d "$1/rtl" ] && rtl=$1/rtl
  case $3 in
  experiment)
    timeout 120 "$shirasim" run "$experiment" --device "$2" --rtl-dir "$rtl" --max-cycles 2000000 \
      --no-store --out "$1/report" >"$1/out" 2>"$1/log"
    local code=$?
    sed -n 's/.*"id":"\([^"]*\)".*"reason":"\([^"]*\)".*/shirasim: \1: \2/p' "$1/report/report.partial.json" \
      >>"$1/log" 2>&1 # each point that failed
    return $code
    ;;
  block\ *)
    REPLACE="$5=$1/$(basename "$5")" OUT=$1/bench SEED=$SEED SEEDS=0 timeout 600 \
      tests/block/run.sh "tests/block/${3#block }" >"$1/log" 2>&1
    ;;
  test_dram_traffic)
    REQUESTS=140000 timeout 120 "$1/$3" >"$1/log" 2>&1
    ;;
  test_random)
    BAIL=1 CASES=0 VARIANT_CASES=16 VARIANT=$4 SHIRA_RTL_DIR=$rtl SHIRA_RTL_LIBRARY=libshira_rtl.so \
      timeout 120 "$B/tests/system/$3" >"$1/log" 2>&1
    ;;
  test_programs)
    local machine=configs/hw/tiny-dram.yaml
    [ "$4" = tiny ] || machine=$B/machines/$4.yaml
    BAIL=1 VARIANT_PROGRAMS=0 MACHINE=$machine SHIRA_RTL_DIR=$rtl SHIRA_RTL_LIBRARY=libshira_rtl.so timeout 120 \
      "$B/tests/system/$3" "$2" >"$1/log" 2>&1
    ;;
  *)
    BAIL=1 SHIRA_RTL_DIR=$rtl SHIRA_RTL_LIBRARY=libshira_rtl.so timeout 120 \
      "$B/tests/system/$3" "$2" >"$1/log" 2>&1
    ;;
  esac
}

# What the test complained about: its first line that matches, else its first.
complaint() { # DIR SAYS
  local all
  all=$(grep -E '^(not ok|shirasim: |AXI: |.*Assertion failed)' "$1/log")
  { grep -m1 -E "$2" <<<"$all" || head -n 1 <<<"$all"; } | cut -c1-400
}

mutant() { # DIR WHAT FILE SED TEST EXIT SAYS MACHINE; prints a TAP line without its number
  local dir=$1 name=${1##*/} kind=host device=golden code said
  case $3 in
  rtl/*) kind=rtl device=rtl ;;
  sim/golden/*) device=rtl ;;
  sim/dram/*) kind=memory device=memory ;;
  esac
  case $5 in block\ *) kind=true device=bench ;; esac # run_test builds it
  rm -rf "$dir/shirasim" "$dir/report"
  if ! plant "$3" "$4" "$dir/$(basename "$3")"; then
    echo "not ok - $name: does not change one line of $3"
    return
  elif ! "$kind" "$dir" "$3" "$8"; then
    echo "not ok - $name: does not build: $(tail -n 1 "$dir/build.log")"
    return
  fi
  run_test "$dir" "$device" "$5" "$8" "$3"
  code=$? said=$(complaint "$dir" "$7")
  if [ "$code" = "$6" ] && [[ $said =~ $7 ]]; then
    echo "ok - $name: $2: $5 on $device says: $said"
  else
    echo "not ok - $name: $2: $5 on $device: exit code $code, expected $6, '$7': $said"
  fi
}

# Nothing is caught where nothing is wrong.
clean() { # DIR DEVICE
  if run_test "$1" "$2" experiment; then
    echo "ok - without an error, experiment on $2 passes"
  else
    echo "not ok - without an error, experiment on $2 fails: $(complaint "$1" .)"
  fi
}

# start NAME FUNCTION ARGUMENT...: in the background, when a processor is free.
dirs=()
start() {
  local dir=$B/mutants/$1 function=$2
  shift 2
  dirs+=("$dir")
  mkdir -p "$dir"
  while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
  "$function" "$dir" "$@" >"$dir/result" &
}

start none-golden clean golden
start none-rtl clean rtl
while IFS= read -r line <&3; do
  key=${line%%: *} value=${line#*: }
  case $key in
  name) name=$value what='' file='' sed='' says='' exit=1 machine=tiny when=test ;;
  when) when=$value ;;
  what) what=$value ;;
  file) file=$value ;;
  sed) sed=$value ;;
  says) says=$value ;;
  exit) exit=$value ;;
  machine) machine=$value ;;
  test)
    if { [ $# -eq 0 ] && [[ $when = test || ${SOAK:-0} = 1 ]]; } || [[ " $* " == *" $name "* ]]; then
      start "$name" mutant "$what" "$file" "$sed" "$value" "$exit" "$says" "$machine"
    fi
    ;;
  '' | '#'*) ;;
  *) echo "tests/mutants/list: '$line' is not understood" >&2 && exit 2 ;;
  esac
done 3<tests/mutants/list
wait

n=0 failed=0
for dir in "${dirs[@]}"; do
  n=$((n + 1)) result=$(cat "$dir/result")
  echo "${result/ - / $n - }"
  [[ $result == 'ok '* ]] || failed=$((failed + 1))
done
echo "1..$n"
[ "$failed" -eq 0 ]
