#!/usr/bin/python3
"""Plants an error in a report.json: plant.py ERROR IN OUT. The recomputation must find each of them."""
import json
import sys


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
    first(report, strategy="shira-dram", work="switch")["bound_cycles"] *= 0.9


def wrong_limit(report):
    first(report, strategy="reload", work="switch", limit="memory latency")["limit"] = "memory"


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
    first(report, strategy="shira-overlay", work="switch")["kept_bytes"] *= 2


def traffic(report):
    first(report, strategy="lora-fused", work="switch")["traffic"]["read"]["factor"] += 32


def changed(report):
    first(report, strategy="shira-scatter", work="switch")["weights"]["changed"] -= 1


def weights_hash(report):
    r = first(report, strategy="lora-fused", undo="in-place")
    r["weights_hash"] = report["workloads"][0]["weights_hash"]


def outputs_hash(report):
    a = first(report, strategy="lora-unfused", work="pass", to="A")
    b = first(report, strategy="lora-unfused", work="pass", to="B")
    a["outputs_hash"] = b["outputs_hash"]


def error(report):
    first(report, strategy="shira-overlay", work="switch")["error_l2"][0]["value"] *= 1.01


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


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    with open(sys.argv[2]) as f:
        told = json.load(f)
    globals()[sys.argv[1]](told)
    with open(sys.argv[3], "w") as f:
        json.dump(told, f)
