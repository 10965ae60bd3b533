#!/usr/bin/env bash
# Who includes what: sim/ of host/ only the contracts that tests/contracts lists, host/ nothing of sim/ (host/cli
# may), and nobody reaches a header by way of '..'. Each public header compiles by itself, as C and as C++.
set -eu
cd "$(dirname "$0")/.."
bad=$(mktemp)
trap 'rm -f "$bad"' EXIT

# includes FOLDER...: lines `FILE:LINE: HEADER`, whatever the form of the include
includes() {
  find "$@" \( -name '*.[ch]' -o -name '*.cpp' -o -name '*.inc' \) -print0 | sort -z |
    xargs -0 grep -nHE '^[[:space:]]*#[[:space:]]*include\b' |
    sed -E 's/^([^:]*:[0-9]+):[[:space:]]*#[[:space:]]*include[[:space:]]*["<]?([^">]*).*/\1: \2/'
}

listed=$(sed -nE 's/^([a-z_]+\.h).*/\1/p' tests/contracts)
includes sim | while read -r at header; do
  case $header in
  *..*) echo "$at $header: by way of '..'" ;;
  host/*) echo "$at $header: sim may include contracts of shira/ only" ;;
  shira/*)
    case $at in sim/tlm/example/*) continue ;; esac
    grep -qxF "${header#shira/}" <<<"$listed" ||
      echo "$at $header: not listed in tests/contracts as one that sim may include"
    ;;
  esac
done >>"$bad"
includes host | while read -r at header; do
  case $header in
  *..*) echo "$at $header: by way of '..'" ;;
  sim/*)
    case $at in host/cli/*) continue ;; esac
    echo "$at $header: host may include nothing of sim"
    ;;
  esac
done >>"$bad"
for h in host/include/shira/*.h; do
  gcc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -Ihost/include -x c "$h" || echo "$h: not as C"
  g++ -std=c++17 -Wall -Wextra -Werror -fsyntax-only -Ihost/include -x c++ "$h" || echo "$h: not as C++"
done >>"$bad" 2>&1
if [ -s "$bad" ]; then
  cat "$bad"
  exit 1
fi
echo "includes: clean"
