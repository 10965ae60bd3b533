#!/usr/bin/env bash
# The driver's program on both backends, and that its README quotes it as it is.
for device in golden rtl; do
  "$B"/tests/system/example $device | sed 's/, [0-9]* cycles//'
done
# shellcheck disable=SC2016 # these are marks of Markdown
sed -n '/^```c$/,/^```$/p' host/driver/README.md | sed '1d;$d' | diff - tests/system/example.c && echo quoted
