#!/usr/bin/env bash
# Builds the RTL of a machine file, as its user's `shirasim` and build.sh's environment say.
# usage: sim/rtl/machine.sh MACHINE.yaml RTL...     environment: B build folder with shirasim; build.sh's
set -euo pipefail
machine=$1
shift
hash=$("$B/shirasim" machine hash "$machine")
flags=$("$B/shirasim" machine flags "$machine")
TRAIN="sim/rtl/train.sh $B/shirasim $machine" sim/rtl/build.sh "$B/rtl/$hash" "$flags" "$@"
