#!/usr/bin/env bash
# Each adapter is charged for its own modules and ranks: base -> A takes the same cycles and bytes and has
# the same bound whatever B is, for random sets of modules, ranks 4 and 8 mixed, both kinds, all placements.
# SETS: how many sets (3); SEED: which.
. tests/cli/common
python3 tests/cli/beside.py "$dir" "${SEED:-1}" "${SETS:-3}" || exit 1
cat >"$dir/same.py" <<'END'
import json, sys
def cold(path):
    keys = ("samples", "bound_cycles", "limit", "traffic", "updates", "stream_bytes", "kept_bytes", "weights")
    return {r["id"]: [r.get(k) for k in keys] for r in json.load(open(path))["results"]
            if (r["work"], r["from"], r["to"]) == ("switch", "base", "A") or (r["work"], r["to"]) == ("pass", "A")}
alone, beside = cold(sys.argv[1]), cold(sys.argv[2])
for name in sorted(set(alone) | set(beside)):
    if alone.get(name) != beside.get(name):
        print("differs:", name, alone.get(name), beside.get(name))
print(len(alone), "points of A")
END
for s in $(seq 0 $((${SETS:-3} - 1))); do
  for e in alone beside; do
    "$B/shirasim" run "$dir/$e$s.yaml" --rtl-dir "$dir/rtl" --samples 2 --no-store --out "$dir/$e" >"$dir/log" 2>&1 ||
      cat "$dir/log"
  done
  python3 "$dir/same.py" "$dir/alone/report.json" "$dir/beside/report.json"
done | sort | uniq -c
