#!/usr/bin/env bash
# Short memory: a run ends well or with one sentence and exit code 2, in time, whatever it gets. (What
# the loader and the RTL library need is more than the least of these; below, the loader gives up.)
. tests/cli/common
declare -A seen
for device in golden rtl; do
  for kib in $(seq 150000 30000 600000); do
    (
      ulimit -v "$kib"
      timeout 30 "$B/shirasim" run configs/experiments/tiny.yaml --device $device --rtl-dir "$dir/rtl" \
        --out "$dir/out" >"$dir/stdout" 2>"$dir/stderr" </dev/null
    )
    code=$?
    said=$(plain <"$dir/stderr" | grep -cv ' points are missing: ')
    case $code/$said in
    0/0) seen[$device done]=1 ;;
    2/1) seen[$device refused]=1 ;;
    *) echo "$device with $kib KiB: exit $code: $(plain <"$dir/stderr")" ;;
    esac
  done
  ulimit -S -v 160000
  run run configs/experiments/tiny.yaml --device $device --rtl-dir "$dir/rtl" --out "$dir/out"
  ulimit -S -v unlimited
done
printf '%s\n' "${!seen[@]}" | sort
