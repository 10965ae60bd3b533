#!/usr/bin/env bash
# Where machines, DRAM standards and models are looked for that are named and not given by a path.
. tests/cli/common
shirasim=$(realpath "$B/shirasim")
tree() { # FOLDER: a tree with a machine `mine`, a DRAM standard `own` and an experiment that names the machine
  mkdir -p "$dir/$1/configs/hw" "$dir/$1/configs/experiments" "$dir/$1/configs/dram"
  sed 's/standard: .*/standard: own/' configs/hw/tiny-dram.yaml >"$dir/$1/configs/hw/mine.yaml"
  cp configs/dram/lpddr4x-4266.yaml "$dir/$1/configs/dram/own.yaml"
  sed 's/^machine: .*/machine: mine/' configs/experiments/tiny.yaml >"$dir/$1/configs/experiments/e.yaml"
}
tree one
tree two
tree share
mkdir "$dir/empty"
# found FOLDER EXPERIMENT: the machine that is found from there
found() {
  (cd "$dir/$1" && "$shirasim" machines "$2" 2>&1 | plain)
}
echo "In the tree of the experiment:" && found empty "$dir/one/configs/experiments/e.yaml"
echo "In the current folder before it:" && found two "$dir/one/configs/experiments/e.yaml"
echo "In SHIRA_SHARE before both:" && SHIRA_SHARE=$dir/share found two "$dir/one/configs/experiments/e.yaml"
cp "$dir/one/configs/experiments/e.yaml" "$dir/empty/e.yaml"
echo "Nowhere:" && found empty e.yaml
echo "A DRAM standard in the tree of its machine, and nowhere:"
run machine hash "$dir/one/configs/hw/mine.yaml"
rm "$dir/one/configs/dram/own.yaml"
run machine hash "$dir/one/configs/hw/mine.yaml"
echo "On the command line:"
SHIRA_SHARE=$dir/share run machine hash mine
run machine hash nosuch
run adapter make --model nosuch --rank 1 "$dir/adapter"
run adapter make --model stories260k --rank 1 "$dir/adapter"
