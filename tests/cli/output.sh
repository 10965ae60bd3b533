#!/usr/bin/env bash
# Output that cannot be written: one sentence, exit code 4, and nothing old is lost. (A full file system:
# tests/unit/test_whole.c.)
. tests/cli/common
tiny=configs/experiments/tiny.yaml

# said COMMAND...: what it says on stderr, and its exit code; where its stdout goes is the caller's.
said() {
  "$@" 2>"$dir/.said" </dev/null
  local code=$?
  plain <"$dir/.said" >&5
  echo "exit $code" >&5
}
exec 5>&1

echo "Standard output, full and closed:"
said "$B/shirasim" machine hash configs/hw/tiny.yaml >/dev/full
said "$B/shirasim" machine hash configs/hw/tiny.yaml >&-
said "$B/shirasim" --help >/dev/full
said "$B/shirasim" --help >&-
said "$B/shirasim" run --help >/dev/full
said "$B/shirasim" run "$tiny" --device golden --out "$dir/out" >/dev/full
said "$B/shirasim" run "$tiny" --device golden --out "$dir/out2" >&-
cmp "$dir/out/report.json" "$dir/out2/report.json" && echo "both reports are there and whole"

# A file that a command opens must not become its standard output: here the store's lock.
mkdir -p "$dir/store/00"
for i in $(seq 200); do
  printf '{"schema":2,"id":"a result with a long name, %d","result":{"cycles":1}}' "$i" \
    >"$dir/store/00/$(printf '%064x' "$i").json"
done
said "$B/shirasim" store list --store "$dir/store" >&-
[ -s "$dir/store/.lock" ] && echo "what was printed went into the lock"

echo "Files that may not grow:"
run adapter make --square 64 --rank 4 "$dir/adapter"
cp -r "$dir/adapter" "$dir/was"
said bash -c 'ulimit -f 8; exec "$@"' - "$B/shirasim" adapter make --square 64 --rank 8 "$dir/adapter"
diff -r "$dir/adapter" "$dir/was" && echo "the old adapter is as it was"
said bash -c 'ulimit -f 8; exec "$@"' - "$B/shirasim" run "$tiny" --device golden --out "$dir/out"
