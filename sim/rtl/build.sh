#!/bin/bash
# Builds the RTL backend for one set of RTL parameters.
#
#   sim/rtl/build.sh DIR "-GArrayN=16 ... -GBuildHash=..." rtl/a.sv rtl/b.sv ...
#
# Writes DIR/libshira_rtl.so. With TRACE=1 it is DIR/libshira_rtl_trace.so (can write waves), with
# ASSERT=1 DIR/libshira_rtl_assert.so (assertions on, memories and registers start at random). With
# COVER=1 any of them counts what it covers, for coverage.h to write.
# With TRAIN, a command that runs the library in the folder it is given (sim/rtl/train.sh), the plain library
# is compiled for what that run does most, which is worth a third of its speed.
# With RTL_OPT, flags for the compiler instead of -O3 -march=native, it is built to be built quickly: for tests,
# which run many machines for few cycles each. Loops of many turns stay loops then.
# Does nothing when the library was made from the same inputs by the same tools. DEFINES and
# VERILATOR_FLAGS are handed on to Verilator. Packages (*_pkg.sv) are read first, in the
# order given. What does not depend on the machine, Verilator's runtime and the memory, is compiled once for all
# libraries that share RTL_SHARED (DIR/../shared).
set -euo pipefail

if [ $# -lt 3 ]; then
  sed -n '2,18s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
out=$1 flags=$2
shift 2
packages=() modules=()
for f in "$@"; do
  case $f in *_pkg.sv) packages+=("$f") ;; *) modules+=("$f") ;; esac
done
set -- "${packages[@]}" "${modules[@]}"
root=$(cd "$(dirname "$0")/../.." && pwd)

name=libshira_rtl
variant=(--x-assign fast --x-initial fast --noassert)
if [ "${ASSERT:-0}" = 1 ]; then
  name+=_assert
  # Copies of very wide signals that Verilator samples do not compile as loops.
  variant=(--x-assign unique --x-initial unique --assert -DSHIRA_ASSERT --reloop-limit 100000)
fi
if [ "${TRACE:-0}" = 1 ]; then
  name+=_trace
  variant+=(--trace-fst --trace-structs)
fi
if [ "${COVER:-0}" = 1 ]; then
  variant+=(--coverage-line --coverage-user -fno-split)
  set -- "$root/rtl/common/shira_cover.svh" "$@"
fi

# What the library is made of beside the RTL.
harness=("$root"/sim/rtl/{harness.cpp,coverage.h,axi_mem.c,axi_mem.h,shira_sim.sv,build.sh,train.sh}
  "$root"/sim/{memory.c,memory.h,port.h} "$root"/sim/dram/*.[ch]
  "$root"/host/base/error.c "$root"/host/include/shira/{config.h,device.h,dram.h,dram_map.h,dram_stats.h,error.h,regs.h})
FAST='-O3 -march=native'
OPT=${RTL_OPT:-$FAST}
# What is built to be quick is compiled for the work that it does.
train=
[[ -z "${RTL_OPT:-}" && "${ASSERT:-0}${TRACE:-0}${COVER:-0}" = 000 ]] && train=${TRAIN:-}
cxx=${CXX:-g++} cc=${CC:-gcc}

mkdir -p "$out"
exec 9>"$out/.lock"
flock 9
tools() {
  verilator --version
  "$cxx" --version
  "$cxx" -march=native -Q --help=target | grep -E 'march=|mtune='
}
stamp=$({ echo "$flags ${variant[*]} $OPT ${train:+trained} ${DEFINES:-} ${VERILATOR_FLAGS:-}"
  tools
  cat "$@" "${harness[@]}"; } | sha256sum)
lib=$out/$name.so
if [ -e "$lib" ] && [ "$(cat "$out/$name.stamp" 2>/dev/null)" = "$stamp" ]; then
  exit 0
fi

echo "  RTL $lib"
obj=$out/$name.obj
rm -rf "$obj" "$lib" "$out/$name.stamp"
mkdir -p "$obj"
# shellcheck disable=SC2086
verilator --cc --top-module shira_sim --prefix Vshira_sim -Mdir "$obj" $flags "${variant[@]}" \
  -O3 --unroll-count $([ -n "${RTL_OPT:-}" ] && echo 16 || echo 64) --unroll-stmts 1 --no-timing -Wno-fatal -Wno-lint -Wno-style \
  --output-split 0 ${DEFINES:-} ${VERILATOR_FLAGS:-} \
  "$@" "$root/sim/rtl/shira_sim.sv" >"$obj/verilator.log" 2>&1 || {
  cat "$obj/verilator.log" >&2
  exit 1
}

# One clock edge needs only parts of the model's eval(), which harness.cpp calls where it knows them: in
# this version. Assertions and covers look at what signals were when eval() was entered, so there the inputs
# must have settled in an eval() of their own; waves need the falling edges.
edge=
[[ "$(verilator --version)" = "Verilator 5.006 "* && "${ASSERT:-0}${TRACE:-0}${COVER:-0}" = 000 ]] && edge=-DSHIRA_EDGE
hash=$(sed -n 's/.*-GBuildHash=\([^ ]*\).*/\1/p' <<<"$flags")
vroot=$(verilator --getenv VERILATOR_ROOT)
common=(-fPIC -fvisibility=hidden -ffp-contract=off -g1 -I"$root" -I"$root/host/include"
  -isystem "$vroot/include" -isystem "$vroot/include/vltstd" -DVM_COVERAGE="${COVER:-0}" -DVM_SC=0
  -DVM_TRACE="${TRACE:-0}" -DVM_TRACE_FST="${TRACE:-0}" -DVM_TRACE_VCD=0 -DVL_USER_FINISH
  -DVL_USER_STOP -DVL_USER_FATAL)
cflags=(-std=c11 $FAST -Wall -Wextra -Werror -D_GNU_SOURCE)
cxxflags=(-std=c++17 -fno-gnu-unique)
libs=(-lpthread)
extra=()
[ "${COVER:-0}" = 0 ] || extra+=(verilated_cov)
if [ "${TRACE:-0}" = 1 ]; then
  libs+=(-lz)
  extra+=(verilated_fst_c)
fi

jobs=()
compile() { # object without .o, command...
  local object=$1
  shift
  "$@" -c -o "$object.o" &
  jobs+=($!)
  while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n || true; done
}
finish() {
  local j
  for j in "${jobs[@]}"; do wait "$j"; done
  jobs=()
}

# What every library has: compiled by the first one that needs it.
shared=${RTL_SHARED:-$out/../shared}/$({ echo "${common[*]} ${cflags[*]} ${cxxflags[*]} ${extra[*]}" && tools &&
  cat "${harness[@]}"; } | sha256sum | cut -c1-16)
share() {
  local v c
  mkdir -p "$shared.new"
  for v in verilated verilated_threads "${extra[@]}"; do
    [ -e "$vroot/include/$v.cpp" ] && compile "$shared.new/$v" "$cxx" "${cxxflags[@]}" $FAST "${common[@]}" \
      "$vroot/include/$v.cpp"
  done
  for c in "$root"/sim/{rtl/axi_mem,memory}.c "$root"/sim/dram/*.c "$root"/host/base/error.c; do
    compile "$shared.new/$(basename "$c" .c)" "$cc" "${cflags[@]}" "${common[@]}" "$c"
  done
  finish
  mv "$shared.new" "$shared"
}
# Verilator's header, compiled into FOLDER with this OPT.
header() { # FOLDER
  mkdir -p "$1"
  echo '#include "verilated.h"' >"$1/runtime.h"
  # shellcheck disable=SC2086
  "$cxx" "${cxxflags[@]}" $OPT "${common[@]}" -x c++-header -o "$1/new.gch" "$1/runtime.h"
  mv "$1/new.gch" "$1/runtime.h.gch"
}
headers=$shared/${OPT// /}
mkdir -p "$(dirname "$shared")"
exec 8>"$shared.lock"
flock 8
[ -d "$shared" ] || share
[ -z "${RTL_OPT:-}" ] || [ -e "$headers/runtime.h.gch" ] || header "$headers"
exec 8>&-

own=("${common[@]}" -I"$obj" -DSHIRA_RTL_BUILD="${hash:-0}u" $edge)
[ "${ASSERT:-0}" = 0 ] || own+=(-DSHIRA_ASSERT)
[ "${TRACE:-0}" = 0 ] || own+=(-DSHIRA_TRACE)
# The code that runs every cycle is one unit, so that the compiler sees all of it; what runs once is
# compiled for size.
fast=("$obj"/Vshira_sim*.cpp)
: >"$obj/fast.cc" && : >"$obj/slow.cc"
for f in "${fast[@]}"; do
  case $f in
  *Slow.cpp | *__Syms.cpp | *__Trace*) echo "#include \"$(basename "$f")\"" >>"$obj/slow.cc" ;;
  *) echo "#include \"$(basename "$f")\"" >>"$obj/fast.cc" ;;
  esac
done
if [ -n "${RTL_OPT:-}" ]; then # one unit, whose headers are read once
  sed -i '1i #include "runtime.h"' "$obj/fast.cc"
  { cat "$obj/slow.cc" && echo "#include \"$root/sim/rtl/harness.cpp\""; } >>"$obj/fast.cc"
  own=(-I"$headers" "${own[@]}")
else
  compile "$obj/slow" "$cxx" "${cxxflags[@]}" $FAST -O1 "${own[@]}" "$obj/slow.cc"
  compile "$obj/harness" "$cxx" "${cxxflags[@]}" $FAST -Wall -Wextra -Werror "${own[@]}" "$root/sim/rtl/harness.cpp"
fi
link() { # library, flags: compiles what runs every cycle, and makes the library
  local library=$1
  shift
  compile "$obj/fast" "$cxx" "${cxxflags[@]}" $OPT "${own[@]}" "$@" "$obj/fast.cc"
  finish
  "$cxx" -shared -Wl,-Bsymbolic -Wl,--no-undefined -o "$library" "$obj"/*.o "$shared"/*.o "${libs[@]}" "$@"
}
profile=()
if [ -n "$train" ]; then
  trained=$obj/rtl/$(basename "$out") code=0
  mkdir -p "$trained"
  link "$trained/$name.so" -fprofile-generate
  # shellcheck disable=SC2086 # a command with its arguments
  $train "$obj/rtl" || code=$?
  if [ $code = 0 ] && [ -e "$obj/fast.gcda" ]; then
    profile=(-fprofile-use -Wno-missing-profile)
  elif [ $code = 2 ]; then
    echo "  RTL $lib: without a profile: $(tail -n 1 "$obj/rtl/log")"
  else
    tail -n 1 "$obj/rtl/log" >&2
    echo "build.sh: the run that the RTL is compiled for failed ($code)" >&2
    exit 1
  fi
fi
link "$lib.new" "${profile[@]}"
mv "$lib.new" "$lib"
[ "${KEEP:-0}" = 1 ] || rm -rf "$obj"
echo "$stamp" >"$out/$name.stamp"
