#!/usr/bin/env bash
# What is installed is enough to build and run the README's program, and offers nothing that is not its own.
. tests/cli/common
make -s install PREFIX="$dir/usr" B="$B" >"$dir/log" 2>&1 || tail -n 5 "$dir/log"
(cd "$dir/usr" && find . -mindepth 1 ! -type d | LC_ALL=C sort | sed 's/0\.[0-9.]*[0-9]$/VERSION/')
export PKG_CONFIG_PATH=$dir/usr/lib/pkgconfig LD_LIBRARY_PATH=$dir/usr/lib
# shellcheck disable=SC2046
gcc -std=c11 -o "$dir/shared" tests/system/example.c $(pkg-config --cflags --libs shira)
# shellcheck disable=SC2046
gcc -std=c11 -o "$dir/static" tests/system/example.c $(pkg-config --cflags shira) "$dir/usr/lib/libshira.a" \
  $(pkg-config --libs yaml-0.1 jansson openblas libisal libmd) -ldl -lm -lpthread
for program in shared static; do
  "$dir/$program" golden | sed "s/^/$program: /; s/, [0-9]* cycles//"
done
echo "$(ldd "$dir/shared" | grep -c libshira.so.0) library named libshira.so.0"
echo "$(nm -D --defined-only "$dir/usr/lib/libshira.so" | grep -vc ' shira_[a-z0-9_]*@@SHIRA_0$\| A SHIRA_0$') other symbols"
