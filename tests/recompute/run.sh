#!/usr/bin/env bash
# Measures small experiments and computes every number of their reports a second time (recompute.py); then plants
# errors in a report, each of which must be found. TAP. usage: tests/recompute/run.sh   environment: B build folder,
# SEED of the golden model's experiments
set -u
cd "$(dirname "$0")/../.." || exit 1
here=tests/recompute B=${B:-build}
out=$B/$here
# numpy is Debian's, so the interpreter is too; one thread, as others work beside it
python=/usr/bin/python3
export OPENBLAS_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
rm -rf "$out"
mkdir -p "$out"

ok() { echo "ok - $*"; }
not_ok() { # NAME LOG
  echo "not ok - $1"
  head -n 20 "$2" | sed 's/^/# /'
}

# measure NAME EXPERIMENT DEVICE SEED: a report and its data
measure() {
  "$B/shirasim" run "$2" --device "$3" --seed "$4" --no-store --out "$out/$1" \
    --keep-data "$out/$1/data" >"$out/$1.log" 2>&1
}

# recompute NAME: every point of its report
recompute() {
  $python $here/recompute.py "$out/$1/report.json" "$out/$1/data" --points 0 >"$out/$1.recompute" 2>&1
}

# agrees NAME EXPERIMENT DEVICE SEED
agrees() {
  measure "$@" || { not_ok "$1 on $3 is measured" "$out/$1.log"; return; }
  if recompute "$1"; then
    ok "$1 on $3: $(tail -n 1 "$out/$1.recompute")"
  else
    not_ok "$1 on $3 is computed a second time" "$out/$1.recompute"
  fi
}

# variant NAME EXPERIMENT SED: tiny with another hardware, as the experiment's machine
variant() {
  mkdir -p "$out/$1"
  sed -e "s/^name: .*/name: $1/" -e "$3" configs/hw/tiny.yaml >"$out/$1/machine.yaml"
  sed 's|^machine: .*|machine: ./machine.yaml|' "$here/$2" >"$out/$1/experiment.yaml"
  cp $here/odd.yaml $here/thin.yaml "$out/$1/"
}

# A DRAM of two channels whose banks are hashed.
dram() {
  variant dram experiment.yaml '/^memory:/,$d'
  sed -n '/^memory:/,$p' configs/hw/tiny-dram.yaml |
    sed -e "s|standard: .*|standard: $PWD/configs/dram/lpddr4x-4266.yaml|" -e 's/channels: 1/channels: 2/' \
      -e 's/mapping: .*/mapping: ro-ra-co-bg-ba-c2-ch/' -e 's/hash: none/hash: column/' \
      >>"$out/dram/machine.yaml"
}

# make_given: adapters A and B with other linears and ranks than each other
make_given() {
  local o=$out/given a="$B/shirasim adapter make --model"
  mkdir -p "$o"
  cp $here/odd.yaml $here/given.yaml "$o"
  sed -e '/k_proj\|router/s/true/false/' -e '/v_proj/s/false/true/' $here/odd.yaml >"$o/other.yaml"
  sed -e 's/^name: .*/name: given/' -e "$fast" -e '/^parameter_sram:/,/ports/s/4 KiB/8 KiB/' configs/hw/tiny.yaml \
    >"$o/machine.yaml"
  sed -i "s|^machine: .*|machine: ./machine.yaml|" "$o/given.yaml"
  { $a "$o/odd.yaml" --rank 3 --seed 1 --kind lora "$o/lora-a" &&
    $a "$o/other.yaml" --rank 6 --seed 2 --kind lora "$o/lora-b" &&
    $a "$o/odd.yaml" --density 0.05 --seed 1 "$o/shira-a" &&
    $a "$o/other.yaml" --density 0.1 --mask struct --seed 2 "$o/shira-b"; } >"$out/given.make" 2>&1
}

seed=${SEED:-1}
agrees experiment $here/experiment.yaml rtl 3
fast='s/latency: .*/latency: 1/; s/peak_mb_s: .*/peak_mb_s: 1000000/; s/outstanding: 4/outstanding: 256/
      s/credits: .*/credits: 65536/; s/data_bits: 64/data_bits: 128/'
variant row experiment.yaml 's/layout: tile/layout: row/; s/merge: true/merge: false/; s/ecc: none/ecc: word/'
variant narrow experiment.yaml 's/ports: 1r1w/ports: 1rw/; s/ecc: none/ecc: word/; s/outstanding: 4/outstanding: 1/
                                s/block_updates: 16/block_updates: 4/'
variant ports experiment.yaml "$fast; s/ports: 1r1w/ports: 1rw/; s/lanes: 2/lanes: 16/; s/decode_bytes: 4/decode_bytes: 256/"
variant writes experiment.yaml "$fast; s/merge: true/merge: false/; s/lanes: 2/lanes: 16/; s/decode_bytes: 4/decode_bytes: 256/"
variant thin passes.yaml "$fast; s/ecc: none/ecc: word/"
variant thin1rw passes.yaml "$fast; s/ecc: none/ecc: word/; s/ports: 1r1w/ports: 1rw/"
dram
for v in row narrow ports writes thin thin1rw dram; do
  agrees $v "$out/$v/experiment.yaml" golden "$seed"
done
if make_given; then
  agrees given "$out/given/given.yaml" golden "$seed"
else
  not_ok "adapters are made" "$out/given.make"
fi

$python $here/limits.py "$out"/*/report.json || echo "not ok - limits are read"
$python $here/plant.py "$out/experiment/report.json" "$out/experiment/data" ||
  echo "not ok - errors are planted"
