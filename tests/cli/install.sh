#!/usr/bin/env bash
# What is installed is enough to build and run the driver's program, and to run an experiment from any folder;
# it runs on every machine of its kind and offers nothing that is not its own.
. tests/cli/common
make -s install PREFIX="$dir/usr" B="$B" >"$dir/log" 2>&1 || tail -n 5 "$dir/log"
(cd "$dir/usr" && find . -mindepth 1 ! -type d ! -path './share/shirasim/*' | LC_ALL=C sort | sed 's/0\.[0-9.]*[0-9]$/VERSION/')
diff -r -x keys.md configs "$dir/usr/share/shirasim/configs"
diff -r models "$dir/usr/share/shirasim/models" && echo "all models"
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
echo "$(objdump -d "$dir/usr/bin/shirasim" "$dir/usr/lib/libshira.so" | grep -c '%[yz]mm') instructions of AVX"

echo "From another folder, with a machine of DRAM by its name:"
mkdir "$dir/elsewhere"
sed 's/^machine: .*/machine: edge16/; s/square: .*/model: stories260k\n    blocks: 1/; s/^switches.*/&\nplacements: [streamed]/
  s/^strategies.*/strategies: [base, reload, shira-overlay]/' configs/experiments/tiny.yaml >"$dir/elsewhere/mine.yaml"
(cd "$dir/elsewhere" && "$dir/usr/bin/shirasim" machines mine.yaml | plain
"$dir/usr/bin/shirasim" run mine.yaml --device golden >"$dir/log" 2>&1 || tail -n 1 "$dir/log")
ls "$dir/elsewhere/build/report/report.json" | plain

echo "The man page names every command, and the version is one:"
"$dir/usr/bin/shirasim" --help | sed -n 's/^  \([a-z]*\) .*/\1/p' | sort -u | while read -r command; do
  grep -qE "^\.It Cm $command( |\$)" "$dir/usr/share/man/man1/shirasim.1" || echo "no $command"
done
[ "$("$dir/usr/bin/shirasim" --version)" = "shirasim $(pkg-config --modversion shira)" ] && echo "the same"
