#!/usr/bin/env bash
# Plants the errors of tests/mutants/list, one at a time, each in a copy of one source file, and
# shows that a test catches it. One TAP line each. Needs shirasim, libshira.a, the system tests and
# the RTL of `tiny` in the build folder.
# usage: tests/mutants/run.sh [NAME ...]     environment: B build folder
set -u
export B=${B:-build}
export SEED=${SEED:-1}
experiment=configs/experiments/tiny.yaml
tests=0 failed=0

pass() { tests=$((tests + 1)) && echo "ok $tests - $1"; }
fail() { tests=$((tests + 1)) failed=$((failed + 1)) && echo "not ok $tests - $1"; }

# plant FILE SED OUT: the file with the error in OUT; fails unless exactly one line is another.
plant() {
  sed -E "$2" "$1" >"$3" || return 1
  [ "$(diff "$1" "$3" | grep -c '^>')" = 1 ] && [ "$(diff "$1" "$3" | grep -c '^<')" = 1 ]
}

# host DIR FILE: links a shirasim with the mutated file before the library.
host() {
  local packages="yaml-0.1 jansson openblas libisal"
  # shellcheck disable=SC2046,SC2086
  gcc -std=c11 -O1 -march=native -w -D_GNU_SOURCE -I. -Ihost/include $(pkg-config --cflags $packages) \
    -o "$1/shirasim" "$B"/obj/host/cli/*.o "$1/$(basename "$2")" "$B/libshira.a" \
    $(pkg-config --libs $packages) -ldl -lm -lpthread >"$1/build.log" 2>&1
}

# rtl DIR FILE: builds tiny's RTL library with the mutated file in place of its original.
rtl() {
  local sources flags hash
  sources=$(make -s --no-print-directory --eval='rtl-src: ; @echo $(RTL_SRC)' rtl-src) || return 1
  hash=$("$B/shirasim" machine hash configs/hw/tiny.yaml)
  flags=$("$B/shirasim" machine flags configs/hw/tiny.yaml)
  # shellcheck disable=SC2086
  RTL_OPT=-O1 sim/rtl/build.sh "$1/rtl/$hash" "$flags" \
    ${sources/"$2"/"$1/$(basename "$2")"} >"$1/build.log" 2>&1
}

# run_test DIR DEVICE TEST: exit code of the test with the mutant.
run_test() {
  local shirasim=$B/shirasim rtl=$B/rtl
  [ -x "$1/shirasim" ] && shirasim=$1/shirasim
  [ -d "$1/rtl" ] && rtl=$1/rtl
  case $3 in
  experiment)
    timeout 120 "$shirasim" run "$experiment" --device "$2" --rtl-dir "$rtl" --max-cycles 2000000 \
      --out "$1/report" >"$1/out" 2>"$1/log"
    ;;
  *) BAIL=1 SHIRA_RTL_DIR=$rtl timeout 120 "$B/tests/system/$3" "$2" >"$1/log" 2>&1 ;;
  esac
}

# What the test said, in one line.
message() {
  { grep -m1 '^not ok' "$1/log" || grep '^shirasim: ' "$1/log" | tail -n 1; } | cut -c1-150
}

mutant() { # NAME WHAT FILE SED TEST EXIT
  local dir=$B/mutants/$1 kind=host device=golden code said
  case $3 in rtl/*) kind=rtl device=rtl ;; sim/golden/*) device=rtl ;; esac
  rm -rf "$dir/shirasim" "$dir/report" && mkdir -p "$dir"
  plant "$3" "$4" "$dir/$(basename "$3")" || { fail "$1: does not change one line of $3" && return; }
  "$kind" "$dir" "$3" || { fail "$1: does not build: $(tail -n 1 "$dir/build.log")" && return; }
  run_test "$dir" "$device" "$5"
  code=$? said=$(message "$dir")
  if [ "$code" = "$6" ] && [ -n "$said" ]; then
    pass "$1: $2: $5 on $device says: $said"
  else
    fail "$1: $2: not caught by $5 on $device (exit code $code)"
  fi
}

# Nothing is caught where nothing is wrong.
clean() { # DEVICE
  local dir=$B/mutants/none
  mkdir -p "$dir"
  if run_test "$dir" "$1" experiment; then
    pass "without an error, experiment on $1 passes"
  else
    fail "without an error, experiment on $1 fails: $(message "$dir")"
  fi
}

clean golden
clean rtl
name='' what='' file='' sed='' exit=1
while IFS= read -r line <&3; do
  key=${line%%: *} value=${line#*: }
  case $key in
  name) name=$value exit=1 ;;
  what) what=$value ;;
  file) file=$value ;;
  sed) sed=$value ;;
  exit) exit=$value ;;
  test)
    if [ $# -eq 0 ] || [[ " $* " == *" $name "* ]]; then
      mutant "$name" "$what" "$file" "$sed" "$value" "$exit"
    fi
    ;;
  '' | '#'*) ;;
  *) fail "tests/mutants/list: '$line' is not understood" ;;
  esac
done 3<tests/mutants/list
echo "1..$tests"
[ "$failed" -eq 0 ]
