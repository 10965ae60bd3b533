#!/usr/bin/env bash
# Where machines, DRAM standards and models are looked for that are named and not given by a path.
. tests/cli/common
shirasim=$(realpath "$B/shirasim")
tree() { # FOLDER CLOCK: a tree with a machine `mine`, of that clock, and an experiment that names it
  mkdir -p "$dir/$1/configs/hw" "$dir/$1/configs/experiments" "$dir/$1/configs/dram"
  sed "s/^clock_mhz: .*/clock_mhz: $2/; s/standard: .*/standard: own/" configs/hw/tiny-dram.yaml >"$dir/$1/configs/hw/mine.yaml"
  cp configs/dram/lpddr4x-4266.yaml "$dir/$1/configs/dram/own.yaml"
  sed 's/^machine: .*/machine: mine/' configs/experiments/tiny.yaml >"$dir/$1/configs/experiments/e.yaml"
}
tree one 100
tree two 200
tree share 300
mkdir "$dir/empty"
# clock FOLDER EXPERIMENT: that of the machine that is found from there
clock() {
  (cd "$dir/$1" && "$shirasim" run "$2" --device golden --out "$dir/out" 2>&1 | plain | grep -E 'MHz|^shirasim')
}
echo "In the tree of the experiment:" && clock empty "$dir/one/configs/experiments/e.yaml"
echo "In the current folder before it:" && clock two "$dir/one/configs/experiments/e.yaml"
echo "In SHIRA_SHARE before both:" && SHIRA_SHARE=$dir/share clock two "$dir/one/configs/experiments/e.yaml"
cp "$dir/one/configs/experiments/e.yaml" "$dir/empty/e.yaml"
echo "Nowhere:" && clock empty e.yaml
rm "$dir/one/configs/dram/own.yaml"
echo "A DRAM standard that is not there:" && clock empty "$dir/one/configs/experiments/e.yaml"
echo "On the command line:"
SHIRA_SHARE=$dir/share run machine hash mine
run machine hash nosuch
run adapter make --model nosuch --rank 1 "$dir/adapter"
run adapter make --model stories260k --rank 1 "$dir/adapter"
