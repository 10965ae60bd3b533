#!/usr/bin/env bash
# Points and the store: what is in it is not measured again; runs that are killed, interrupted, wrong or
# two at a time lose nothing. On the golden model, which is quick; SEED decides when runs are killed.
. tests/cli/common
RANDOM=${SEED:-1}
tiny=configs/experiments/tiny.yaml
cat >"$dir/more.yaml" <<END
name: more
machine: tiny
seed: 7
tokens: [1, 8]
placements: [resident, streamed]
strategies: [base, reload, lora-fused, lora-unfused, shira-scatter, shira-overlay, shira-dram]
switches: [base, other]
workloads:
  - square: [16, 24, 40]
adapters:
  strength: 0.05
  kept: [memory, chip, host]
  undo: [transition, set, swap, sub, clean, in-place]
  shira: {density: 0.05, masks: [rand, struct]}
  lora: {rank: [4, equal]}
END
golden() { "$B/shirasim" run "$@" --device golden </dev/null; }

echo "Any number of processes, the same bytes:"
golden "$dir/more.yaml" --out "$dir/one" --store "$dir/s1" --jobs 1 >"$dir/log" 2>&1 || cat "$dir/log"
golden "$dir/more.yaml" --out "$dir/five" --no-store --jobs 5 >"$dir/log" 2>&1 || cat "$dir/log"
golden "$dir/more.yaml" --out "$dir/here" --no-store --jobs 0 >"$dir/log" 2>&1 || cat "$dir/log"
for other in five here; do
  for f in json csv md html; do cmp "$dir/one/report.$f" "$dir/$other/report.$f"; done
done && echo equal

echo "A second run measures nothing:"
golden "$dir/more.yaml" --out "$dir/two" --store "$dir/s1" 2>&1 >"$dir/log" | grep -c points
cmp "$dir/one/report.json" "$dir/two/report.json" && echo "and tells the same"

echo "Killed at 20 random moments, then run to its end:"
for _ in $(seq 20); do
  setsid "$B/shirasim" run "$dir/more.yaml" --device golden --out "$dir/killed" --store "$dir/s2" \
    >"$dir/log" 2>&1 </dev/null &
  pid=$!
  sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
  kill -9 -- "-$pid" 2>"$dir/log"
  wait "$pid" 2>"$dir/log"
  [ ! -e "$dir/killed/.lock" ] || flock "$dir/killed/.lock" true # until its workers have gone too
  for f in "$dir"/killed/report.json; do
    [ ! -e "$f" ] || cmp "$f" "$dir/one/report.json" # under its final name it is whole
  done
done
golden "$dir/more.yaml" --out "$dir/killed" --store "$dir/s2" >"$dir/log" 2>&1 || cat "$dir/log"
for f in json csv md html; do cmp "$dir/one/report.$f" "$dir/killed/report.$f"; done && echo equal
"$B/shirasim" store gc --store "$dir/s2" >"$dir/log" 2>&1 || cat "$dir/log"
find "$dir/killed" "$dir/s2" -name '*.part' | grep -c .

echo "Interrupted: what there is, with the reason of what is not; the last whole report stays:"
golden "$tiny" --out "$dir/stop" --no-store >"$dir/log" 2>&1
"$B/shirasim" run "$dir/more.yaml" --device golden --out "$dir/stop" --no-store --jobs 1 >"$dir/log" \
  2>&1 </dev/null &
pid=$!
until grep -q ' of .* points ' "$dir/log"; do sleep 0.02; done
kill -TERM "$pid"
wait "$pid"
echo "exit $?"
grep -c '"reason": *"[^"]*signal' "$dir/stop/report.partial.json" | sed 's/^[1-9][0-9]*$/some/'
(cd "$dir/stop" && find . -maxdepth 1 -name 'report*' | sort | tr '\n' ' ')
golden "$tiny" --out "$dir/clean" --no-store >"$dir/log" 2>&1
cmp "$dir/stop/report.json" "$dir/clean/report.json" && echo "as it was"

echo "Wrong input deletes nothing:"
sed 's/square/sqare/' "$tiny" >"$dir/typo.yaml"
run run "$dir/typo.yaml" --device golden --out "$dir/stop"
cmp "$dir/stop/report.json" "$dir/clean/report.json" && echo "as it was"

echo "All that is wrong is told, before anything runs:"
cat >"$dir/odd.yaml" <<END
name: odd
source: "made up"
hidden: 1
intermediate: 1
heads: 1
kv_heads: 1
head_dim: 1
blocks: 1
vocab: 1
prefix: "b.{}."
linears:
  - {name: l, out: 0, in: 8, input: a, target: true}
END
sed -E 's/square.*/square: [16, 4096]\n  - {model: odd.yaml, blocks: all}/; s/machine: .*/machine: [tiny, nosuch]/' \
  "$tiny" >"$dir/wrong.yaml"
run run "$dir/wrong.yaml" --device golden --out "$dir/stop"
sed -i 's/, nosuch//; s/odd.yaml/stories260k/' "$dir/wrong.yaml"
run run "$dir/wrong.yaml" --device golden --out "$dir/stop"

echo "Two runs in one folder, ten times: one reports, one says who is there:"
for i in $(seq 10); do
  rm -rf "$dir/both"
  golden "$dir/more.yaml" --seed 1 --out "$dir/both" --no-store >"$dir/a" 2>&1 &
  a=$!
  golden "$dir/more.yaml" --seed 2 --out "$dir/both" --no-store >"$dir/b" 2>&1 &
  b=$!
  wait "$a"; x=$?
  wait "$b"; y=$?
  echo "$((x < y ? x : y)) $((x < y ? y : x))"
  cat "$dir/a" "$dir/b" | grep -c 'is in use by process'
  "$B/shirasim" report "$dir/both/report.json" --out "$dir/again" >"$dir/log" 2>&1 || cat "$dir/log"
  cmp "$dir/both/report.html" "$dir/again/report.html"
done | sort | uniq -c
