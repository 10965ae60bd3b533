#!/usr/bin/env bash
# A change of compiler, flags or prefix builds again what depends on it; the same ones build nothing.
. tests/cli/common
unset MAKEFLAGS MFLAGS MAKELEVEL CC CXX OPT CFLAGS CPPFLAGS CXXFLAGS LDFLAGS SANITIZE PREFIX
objects() { # ARGUMENT...: what make compiles of two objects
  echo "make $*"
  make B="$dir/b" "$@" "$dir/b/obj/host/base/error.o" "$dir/b/obj/host/machine/find.o" 2>&1 | grep -E '^  CC|Error'
}
objects
objects
objects OPT=-O0
objects OPT=-O0
objects OPT=-O0 CFLAGS=-DX="'a b'"
objects OPT=-O0 CFLAGS=-DX="'a b'"
objects SANITIZE=-fsanitize=undefined
objects SANITIZE=-fsanitize=undefined PREFIX=/opt
objects SANITIZE=-fsanitize=undefined PREFIX=/opt
objects CC="gcc -pipe" PREFIX=/opt
