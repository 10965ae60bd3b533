#!/usr/bin/env bash
# Installs the named Debian packages that are missing, and asks apt for nothing where none is; one clear line
# when it cannot.
set -u
find_missing() {
  missing=()
  for p in "$@"; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || missing+=("$p")
  done
}
find_missing "$@"
[ ${#missing[@]} -eq 0 ] && exit 0
# One at a time: another target of the same make may be at it.
exec 9<"$0"
flock 9
find_missing "$@"
[ ${#missing[@]} -eq 0 ] && exit 0
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "shirasim: as root, run: apt-get install ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
echo "shirasim: installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends "${missing[@]}" >>"$log" 2>&1
}
install || { "${as_root[@]}" apt-get update -q >>"$log" 2>&1 && install; } || {
  tail -n 5 "$log" >&2
  echo "shirasim: cannot install; run as root: apt-get install ${missing[*]}" >&2
  exit 1
}
