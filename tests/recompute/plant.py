#!/usr/bin/python3
"""Plants errors in a report.json and in the report.md beside it, one at a time, each of which the recomputation must
find and name: plant.py REPORT.json DATA. Prints TAP.
"""
import json
import os
import re
import sys

import contests
import recompute
import tables


def first(report, **keys):
    """The first result that has these keys."""
    return next(r for r in report["results"]
                if r["done"] and all(r.get(k) == v for k, v in keys.items()))


def span_of(report, tokens):
    """The first span of passes of so many tokens that ends at a break-even."""
    return next(s for c in report["comparisons"] for p in c["passes"] if p["tokens"] == tokens
                for s in p["spans"] if s["to_tokens"])


def most_tokens(report):
    return max(report["experiment"]["tokens"])


def small_bound(report):
    r = first(report, strategy="shira-dram", work="switch")
    r["bound_cycles"] *= 0.9
    return r


def wrong_limit(report):
    r = first(report, strategy="reload", work="switch", limit="memory latency")
    r["limit"] = "memory"
    return r


def break_even(report):
    """A break-even in passes, not tokens."""
    span_of(report, most_tokens(report))["to_tokens"] /= most_tokens(report)


def word(report):
    """The same in the words alone."""
    for t in report["answer"]["text"]:
        head, up, tail = t["text"].partition("up to ")
        if up:
            number, rest = tail.split(" ", 1)
            t["text"] = head + up + "%.3g" % (float(number.replace(",", "")) / 8) + " " + rest
            return
    raise ValueError("the words tell no break-even")


def kept_bytes(report):
    """An overlay that keeps its undo too."""
    r = first(report, strategy="shira-overlay", work="switch")
    r["kept_bytes"] *= 2
    return r


def traffic(report):
    r = first(report, strategy="lora-fused", work="switch")
    r["traffic"]["read"]["factor"] += 32
    return r


def changed(report):
    r = first(report, strategy="shira-scatter", work="switch")
    r["weights"]["changed"] -= 1
    return r


def weights_hash(report):
    r = first(report, strategy="lora-fused", undo="in-place")
    r["weights_hash"] = report["workloads"][0]["weights_hash"]
    return r


def outputs_hash(report):
    a = first(report, strategy="lora-unfused", work="pass", to="A")
    b = first(report, strategy="lora-unfused", work="pass", to="B")
    a["outputs_hash"] = b["outputs_hash"]
    return a


def error(report):
    r = first(report, strategy="shira-overlay", work="switch")
    r["error_l2"][0]["value"] *= 1.01
    return r


def median(report):
    r = next(r for r in report["results"] if r["done"] and r["low"] < r["high"])
    r["cycles"] = r["low"] if r["cycles"] != r["low"] else r["high"]


def overhead(report):
    r = first(report, strategy="lora-unfused", work="switch")
    r["passes"][0]["overhead"] += 0.01


def winner(report):
    c = next(c for c in report["comparisons"] if c["any"]["winner"] != "same")
    c["any"]["winner"] = "same"


def figure(report):
    report["answer"]["figures"][0]["value"] *= 1.1


# Each with what a complaint must name.
ERRORS = ((small_bound, "bound_cycles"), (wrong_limit, "limit"), (break_even, "to_tokens"),
          (word, "number of the report"), (kept_bytes, "kept_bytes"), (traffic, "traffic.read"),
          (changed, "weights"), (weights_hash, "weights_hash"), (outputs_hash, "outputs_hash"),
          (error, "error_l2"), (median, "cycles"), (overhead, "overhead"), (winner, "winner"),
          (figure, "value"))


def tell(name, found, complaints):
    print("%sok - a planted error is found: %s" % ("" if found else "not ", name))
    for line in [] if found else complaints[:20]:
        print("# " + line)


def plant_cell(path, results):
    """The first overhead of a table gets another digit."""
    with open(path) as f:
        text = f.read()
    check = recompute.Check()
    digit = re.search(r"^\| .*[+-]\d+\.\d(\d) %", text, re.M)
    at = digit.start(1)
    changed = text[:at] + str((int(digit.group(1)) + 1) % 10) + text[at + 1:]
    tables.check_switches(check, results, tables.read_tables(changed))
    tell("table", any("M=" in line for line in check.wrong), check.wrong)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1]) as f:
        text = f.read()
    loaded = recompute.load(json.loads(text), sys.argv[2])
    for plant, name in ERRORS:
        report, check = json.loads(text), recompute.Check()
        touched = plant(report)
        recompute.check_points(check, loaded, [touched] if touched else [])
        recompute.check_report(check, report)
        tell(plant.__name__, any(name in line for line in check.wrong), check.wrong)
    report = json.loads(text)
    plant_cell(os.path.join(os.path.dirname(sys.argv[1]), "report.md"), contests.Results(report))


if __name__ == "__main__":
    main()
