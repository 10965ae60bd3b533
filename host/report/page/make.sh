#!/usr/bin/env bash
# Prints the page's template: page.html with its style, script and libraries put in. What is left to fill
# are the marks KEYS, DATA and TEXT.
# usage: host/report/page/make.sh >TEMPLATE     environment: VEGA folder of Debian's libjs-vega
set -eu
here=$(dirname "$0")
VEGA=${VEGA:-/usr/share/javascript/vega}

libraries() {
  printf '/*\n%s\n*/\n' "$(cat "$here/libraries.license")"
  cat "$here/library.js"
  grep -v '^#' "$here/libraries" | while read -r part; do
    printf 'library.add("%s", function (exports, module, require) {\n' "$part"
    grep -v '^//# sourceMappingURL' "$VEGA/$part.min.js"
    printf '\n});\n'
  done
}

script() {
  cat "$here"/{data,marks,pictures,table,page}.js
}

while IFS= read -r line; do
  case $line in
  *'<!--STYLE-->'*) cat "$here/page.css" ;;
  *'<!--LIBRARIES-->'*) libraries ;;
  *'<!--SCRIPT-->'*) script ;;
  *) printf '%s\n' "$line" ;;
  esac
done <"$here/page.html"
