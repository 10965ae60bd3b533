#!/usr/bin/env bash
# Installs what `make install` built. usage: host/install.sh BUILD VERSION PREFIX DESTDIR
set -eu
B=$1 version=$2 prefix=$3 root=$4$3
case $prefix in /*) ;; *) echo "install: PREFIX '$prefix' is not an absolute path" >&2 && exit 1 ;; esac
include=$root/include/shirasim share=$root/share/shirasim doc=$root/share/doc/shirasim

install -d "$root/bin" "$root/lib/pkgconfig" "$include/shira" "$root/share/man/man1" "$doc" "$share/models" \
  "$share"/configs/{hw,dram,experiments}
install -m 755 "$B/shirasim" "$root/bin"
install -m 644 "$B/libshira.a" "$root/lib"
install -m 755 "$B/libshira.so" "$root/lib/libshira.so.$version"
ln -sf "libshira.so.$version" "$root/lib/libshira.so.0"
ln -sf libshira.so.0 "$root/lib/libshira.so"
install -m 644 host/include/shira/*.h "$include/shira"
sed -e "s|@PREFIX@|$prefix|" -e "s|@VERSION@|$version|" host/shira.pc.in >"$root/lib/pkgconfig/shira.pc"

# Where the command finds machines, standards and models by their names.
install -m 644 models/*.yaml "$share/models"
for folder in hw dram experiments; do
  install -m 644 configs/$folder/*.yaml "$share/configs/$folder"
done
install -m 644 configs/keys.md LICENSE "$doc"
sed -e "s|@SHARE@|$prefix/share/shirasim|" host/cli/shirasim.1 >"$root/share/man/man1/shirasim.1"
