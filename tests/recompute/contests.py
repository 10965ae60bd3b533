"""Figures, overheads and comparisons, made from samples: what host/report/keys.md says of them."""
import math

SHIRA = ("shira-scatter", "shira-overlay", "shira-dram")
LORA = ("reload", "lora-fused", "lora-unfused")
OWN_PASS = ("lora-unfused", "shira-overlay")  # the others' passes run as with base weights
SAME = 1e-9  # costs that differ by less are equal


class Cost:
    """Cycles: the figure, and by the eighth of the refresh interval in which a program began."""

    def __init__(self, figure, at):
        self.figure, self.at = figure, at

    def plus(self, times, other):
        both = self.at.keys() & other.at.keys()
        return Cost(self.figure + times * other.figure,
                    {e: self.at[e] + times * other.at[e] for e in both})

    def pairs(self, other):
        return [(self.at[e], other.at[e]) for e in sorted(self.at.keys() & other.at.keys())]


def figure_of(result):
    cycles = sorted(s["cycles"] for s in result["samples"])
    return cycles[len(cycles) // 2] if cycles else 0


def cost_of(result):
    at = {s["eighth"]: s["cycles"] for s in result["samples"]}
    if [s["cycles"] for s in result["samples"]] == [0]:  # what takes no cycle does so at any time
        at = dict.fromkeys(range(8), 0)
    return Cost(figure_of(result), at)


def winner(shira, lora):
    pairs = shira.pairs(lora)
    if pairs and all(s < l for s, l in pairs):
        return "shira"
    return "lora" if pairs and all(s > l for s, l in pairs) else "same"


def ratio(a, b):
    """a / b of the figures, least and most of it by eighths; None where b takes no cycle."""
    each = [x / y for x, y in a.pairs(b) if y > 0]
    return (a.figure / b.figure if b.figure > 0 else None, min(each, default=None),
            max(each, default=None))


class Results:
    """The results of a report by what they are."""

    def __init__(self, report):
        self.report = report
        self.by_id = {r["id"]: r for r in report["results"]}
        self.pairs = {(p["workload"], p["name"], p["kind"]): p for p in report["pairs"]}
        self.passes = {}
        for r in report["results"]:
            if r["work"] == "pass":
                self.passes.setdefault((r["machine"], r["workload"], r["placement"],
                                        r["strategy"], r["pair"], r["to"], r["tokens"],
                                        r["kept"] == "chip"), r)

    def pair(self, r):
        kind = "shira" if r["strategy"] in SHIRA else "lora"
        return self.pairs[r["workload"], r["pair"], kind]

    def pass_after(self, switch, tokens):
        own = switch["strategy"] in OWN_PASS
        return self.find_pass(switch, tokens, switch["strategy"] if own else "base",
                              switch["pair"] if own else None, switch["to"] if own else "base",
                              own and switch["kept"] == "chip")

    def base_pass(self, r, tokens):
        return self.find_pass(r, tokens, "base", None, "base", False)

    def find_pass(self, r, tokens, *what):
        strategy, pair, active, chip = what
        found = self.passes.get((r["machine"], r["workload"], r["placement"], strategy, pair,
                                 active, tokens, chip))
        return found if found and found["done"] and found["timed"] else None


def check_samples(check, results):
    """What is made of a result's own samples."""
    mhz = {m["name"]: m["clock_mhz"] for m in results.report["machines"]}
    for r in results.report["results"]:
        if not r["done"] or not r["timed"]:
            continue
        c, cycles = check.of(r["id"]), figure_of(r)
        c.equal("cycles", r["cycles"], cycles)
        c.equal("low", r["low"], min(s["cycles"] for s in r["samples"]))
        c.equal("high", r["high"], max(s["cycles"] for s in r["samples"]))
        c.close("us", r["us"], cycles / mhz[r["machine"]])
        c.near("of_bound", r["of_bound"], r["bound_cycles"] / cycles if cycles else None)
        c.holds("it takes no less than its bound", cycles >= r["bound_cycles"] * (1 - 1e-9))
        if r["work"] == "switch":
            check_overheads(c, results, r)


def check_overheads(check, results, switch):
    for p in switch["passes"]:
        of, base = (results.pass_after(switch, p["tokens"]), results.base_pass(switch, p["tokens"]))
        key = "passes, M = %d: " % p["tokens"]
        if of is None:
            continue
        check.equal(key + "id", p["id"], of["id"])
        if base is None:
            check.equal(key + "overhead", p["overhead"], None)
            continue
        a, b = cost_of(of), cost_of(base)
        for name, value in zip(("overhead", "overhead_low", "overhead_high"), ratio(a, b)):
            check.near(key + name, p[name], None if value is None else value - 1, 2e-9)
        check.equal(key + "same", p["same"], winner(a, b) == "same")


# ---- comparisons ----


class Side:
    """A switch that may be the best of its side, with its pass of some tokens."""

    def __init__(self, result, pass_):
        self.id, self.result, self.switch = result["id"], result, cost_of(result)
        self.passes = cost_of(pass_) if pass_ else None

    def at(self, passes):
        return self.switch.figure + passes * self.passes.figure


def size_of(shira, lora):
    if lora["size"] == "equal":
        return "equal"
    return "given" if "given" in (shira["size"], lora["size"]) else "papers"


def sides(results, c, tokens):
    """Switches of both sides that take part in comparison `c`."""
    found = {"shira": [], "lora": []}
    for r in results.report["results"]:
        same = all(r[key] == c[key] for key in ("machine", "workload", "placement", "from", "to"))
        if (not same or r["work"] != "switch" or not r["done"] or not r["timed"]
                or r["pair"] is None or (r["kept"] == "host") != (c["kept"] == "host")):
            continue
        pass_ = results.pass_after(r, tokens) if tokens else None
        found["shira" if r["strategy"] in SHIRA else "lora"].append(Side(r, pass_))
    if found["shira"]:
        of = results.pair(found["shira"][0].result)
        found["lora"] = [s for s in found["lora"]
                         if size_of(of, results.pair(s.result)) == c["size"]]
    return found


def check_contest(check, c, key, found):
    """The quickest switch of each side, whatever their passes cost, or as with base weights."""
    told = c[key]
    if key == "written":
        found = {side: [s for s in of if s.result["strategy"] not in OWN_PASS]
                 for side, of in found.items()}
    if not found["shira"] or not found["lora"]:
        check.equal(key, told, None)
        return
    best = {}
    for side, of in found.items():
        least = min(s.switch.figure for s in of)
        best[side] = next((s for s in of if s.id == told[side]), None)
        check.holds("%s.%s is one of its side's quickest" % (key, side),
                    best[side] is not None and best[side].switch.figure == least)
    if None in best.values():
        return
    a, b = best["lora"].switch, best["shira"].switch
    for name, value in zip(("ratio", "ratio_low", "ratio_high"), ratio(a, b)):
        check.near("%s.%s" % (key, name), told[name], value)
    check.equal("%s.winner" % key, told["winner"], winner(b, a))


def break_evens(found):
    """Passes above 0 at which the cheapest of both sides change places."""
    shira, lora = ([s for s in found[side] if s.passes] for side in ("shira", "lora"))

    def cheapest(of, passes):
        return min(s.at(passes) for s in of)

    places = set()
    for s in shira:
        for l in lora:
            slope = l.passes.figure - s.passes.figure
            at = (s.switch.figure - l.switch.figure) / slope if slope else -1
            if at > 0 and math.isclose(s.at(at), cheapest(shira, at), rel_tol=SAME) and \
                    math.isclose(l.at(at), cheapest(lora, at), rel_tol=SAME):
                places.add(at)
    distinct = []
    for at in sorted(places):
        if not distinct or not math.isclose(at, distinct[-1], rel_tol=1e-7):
            distinct.append(at)
    return distinct


def check_spans(check, told, found, tokens):
    """Who is cheaper, from one break-even to the next."""
    ends = [0.0] + [passes * tokens for passes in break_evens(found)]
    spans = told["spans"]
    key = "spans of M = %d" % tokens
    check.equal("number of " + key, len(spans), len(ends))
    if len(spans) != len(ends):
        return
    for span, begin, end in zip(spans, ends, ends[1:] + [None]):
        check.near(key + ": from_tokens", span["from_tokens"], begin)
        check.near(key + ": to_tokens", span["to_tokens"], end)
        middle = (begin + end) / 2 / tokens if end is not None else 2 * begin / tokens + 100
        costs = {}
        for side in ("shira", "lora"):
            of = [s for s in found[side] if s.passes]
            it = next((s for s in of if s.id == span[side]), None)
            check.holds("%s: %s is its side's cheapest" % (key, side), it is not None and
                        math.isclose(it.at(middle), min(s.at(middle) for s in of), rel_tol=1e-9))
            if it is not None:
                costs[side] = it.switch.plus(middle, it.passes)
        if len(costs) == 2:
            check.equal(key + ": winner", span["winner"], winner(costs["shira"], costs["lora"]))


def check_like(check, results, c):
    """Both sides change the same linears."""
    pairs = [results.pair(results.by_id[c["any"][side]]) for side in ("shira", "lora")]
    used = {"A": "a", "B": "b"}
    like = all(pairs[0][used[w]]["targets_hash"] == pairs[1][used[w]]["targets_hash"]
               for w in (c["from"], c["to"]) if w in used)
    check.equal("like", c["like"], like)
    check.holds("differs says how", (c["differs"] is None) == like)


def check_comparisons(check, results):
    for c in results.report["comparisons"]:
        at = check.of("comparison %s" % "/".join(
            c[key] for key in ("machine", "workload", "placement", "kept", "size")))
        found = sides(results, c, None)
        if not found["shira"] or not found["lora"]:
            at.holds("both sides were measured", False)
            continue
        check_contest(at, c, "any", found)
        check_contest(at, c, "written", found)
        check_like(at, results, c)
        for p in c["passes"]:
            check_spans(at, p, sides(results, c, p["tokens"]), p["tokens"])
    check_complete(check.of("comparisons"), results)


def check_complete(check, results):
    """There is a comparison for every case that has both sides."""
    told = {tuple(c[k] for k in ("machine", "workload", "placement", "kept", "size"))
            for c in results.report["comparisons"]}
    want = set()
    timed = [r for r in results.report["results"]
             if r["work"] == "switch" and r["done"] and r["timed"] and r["pair"] is not None]
    groups = {}
    for r in timed:
        groups.setdefault((r["machine"], r["workload"], r["placement"]), []).append(r)
    for group, of in groups.items():
        main = [r for r in of if (r["from"], r["to"]) == ("A", "B")]
        main = main or [r for r in of if (r["from"], r["to"]) == ("base", "A")]
        for host in (False, True):
            here = [r for r in main if (r["kept"] == "host") == host]
            shira = [results.pair(r) for r in here if r["strategy"] in SHIRA]
            want |= {group + ("host" if host else "memory", size_of(shira[0], results.pair(r)))
                     for r in here if r["strategy"] in LORA and shira}
    check.equal("cases", sorted(told), sorted(want))


def check_models(check, results):
    """A whole model from measured blocks."""
    for m in results.report.get("models") or []:
        of = [results.by_id[i] for i in m["results"]]
        at = check.of("model %s: %s" % (m["model"], m["results"][0]))
        counts = {w["name"]: w["blocks"]["count"] for w in results.report["workloads"]
                  if w["blocks"]}
        scale = m["blocks"] / counts[of[0]["workload"]] / len(of)
        figures = [figure_of(r) for r in of]
        at.close("cycles", m["cycles"], sum(figures) * scale)
        mean = sum(figures) / len(figures)
        at.close("differ", m["differ"], (max(figures) - min(figures)) / mean if mean else 0)
        at.close("kept_bytes", m["kept_bytes"], sum(r.get("kept_bytes") or 0 for r in of) * scale)
        mhz = next(x["clock_mhz"] for x in results.report["machines"]
                   if x["name"] == of[0]["machine"])
        at.close("us", m["us"], m["cycles"] / mhz)
