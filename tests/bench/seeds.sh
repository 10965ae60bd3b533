#!/usr/bin/env bash
# A winner that one seed names loses under no other: SEEDS seeds of seeds.yaml, every comparison of their
# reports. Prints winners that contradict each other, and the share in which neither is named; TAP.
# usage: tests/bench/seeds.sh    environment: B, SEED (the first), SEEDS (30), SHIRA_RTL_DIR
set -u
B=${B:-build}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
first=${SEED:-1}
for seed in $(seq "$first" $((first + ${SEEDS:-30} - 1))); do
  "$B/shirasim" run tests/bench/seeds.yaml --seed "$seed" --no-store --rtl-dir "${SHIRA_RTL_DIR:-$B/rtl}" \
    --out "$dir/$seed" >"$dir/log" 2>&1 || { cat "$dir/log" && echo "not ok - seed $seed" && exit 1; }
done
python3 - "$dir"/*/report.json <<'END'
import collections, json, sys
named = collections.defaultdict(lambda: collections.defaultdict(list))
for path in sys.argv[1:]:
    report = json.load(open(path))
    seed = report["experiment"]["seed"]
    for c in report["comparisons"]:
        case = tuple(c[k] for k in ("machine", "workload", "placement", "kept", "size"))
        for what in ("any", "written"):
            if c[what]:
                named[case + (what,)][c[what]["winner"]].append(seed)
        for p in c["passes"]:
            for tokens in (0, 1, 10, 100, 1000, 10000):
                for s in p["spans"]:
                    if s["from_tokens"] <= tokens and (s["to_tokens"] is None or tokens < s["to_tokens"]):
                        named[case + ("M=%d" % p["tokens"], tokens)][s["winner"]].append(seed)
bad = {k: dict(v) for k, v in named.items() if v["shira"] and v["lora"]}
for k, v in bad.items():
    print("#", k, {w: len(s) for w, s in v.items()}, {w: s[:5] for w, s in v.items()})
all_ = sum(len(s) for v in named.values() for s in v.values())
same = sum(len(v["same"]) for v in named.values())
print("# %d seeds, %d cases, %d comparisons: %.1f %% name no winner" % (len(sys.argv) - 1, len(named), all_, 100 * same / all_))
print("%sok - winners do not contradict each other: %d of %d cases do" % ("not " if bad else "", len(bad), len(named)))
END
