"""Numbers as people read them: every number of the answer's words must be one that was computed."""
import re

import contests
from contests import OWN_PASS, figure_of

MANY = (2, 4, 16)  # adapters that an answer about many is given for


def three(v):
    digits = 2 if abs(v) < 9.995 else 1 if abs(v) < 99.95 else 0
    return "%.*f" % (digits, v)


def us_text(us):
    if us == 0:
        return "0 us"
    return three(us) + " us" if us < 99999.5 else three(us / 1000) + " ms"


def bytes_text(v):
    if v < 999.5:
        return "%.0f B" % v
    for unit in ("kB", "MB", "GB", "TB", "PB", "EB"):
        v /= 1000
        if v < 999.5 or unit == "EB":
            return "%s %s" % (three(v), unit)


def share_text(share):
    p = 100 * share
    if abs(p) < 0.005 and p:
        return "%.1g %%" % p
    return ("%.2f %%" if abs(p) < 99.995 else "%.0f %%") % p


def overhead_text(share):
    return ("%+.2f %%" if abs(share) < 9.9995 else "%+.0f %%") % (100 * share)


def tokens_text(tokens):
    return three(tokens) if tokens < 999.5 else "{:,}".format(int(tokens + 0.5))


def ratio_text(ratio):
    return three(ratio) if ratio else "0"


NUMBER = r"[+-]?\d[\d,]*(?:\.\d+)?(?:e[+-]\d+)?"
UNITS = ("us", "ms", "B", "kB", "MB", "GB", "TB", "%", "tokens", "times faster", "MHz")


def numbers(text, names):
    """Numbers of a text with their units, names left out."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "#")
    text = re.sub(r"\bN \(N - 1\)|\b2 N\b|\bFP64\b", "#", text)
    unit = "|".join(re.escape(u) for u in UNITS)
    found = []
    for m in re.finditer(r"(?<![\w#.-])(%s)(?: (%s)(?!\w))?" % (NUMBER, unit), text):
        number = m.group(1).rstrip(",")
        found.append(number + (" " + m.group(2) if m.group(2) else ""))
    return found


class Known:
    """What may be read of some results."""

    def __init__(self, results, of, comparisons):
        self.results, self.report = results, results.report
        self.texts = set()
        for r in of:
            self.add_result(r)
        for c in comparisons:
            self.add_comparison(c)
        self.add_facts()

    def add(self, *texts):
        self.texts.update(texts)

    def add_result(self, r):
        if not r["timed"]:
            return
        machine = next(m for m in self.report["machines"] if m["name"] == r["machine"])
        cycles = figure_of(r)
        for c in (cycles, *(s["cycles"] for s in r["samples"])):
            self.add(us_text(c / machine["clock_mhz"]))
            self.add(us_text(c / machine["clock_mhz"]).split()[0])  # "10.4 to 10.7 us"
        if cycles:
            self.add("%.1f %%" % (100 * r["bound_cycles"] / cycles))
        if r["work"] != "switch":
            return
        for n in (1, *MANY):
            self.add(bytes_text(r["kept_bytes"] * n))
        for n in MANY:
            self.add(bytes_text(r["pair_bytes"] * n * (n - 1)))
        self.add_overheads(r)
        if r["strategy"] == "shira-dram":
            self.add_bursts(r, machine)

    def add_overheads(self, r):
        for tokens in self.report["experiment"]["tokens"]:
            a, b = self.results.pass_after(r, tokens), self.results.base_pass(r, tokens)
            if a and b:
                for value in contests.ratio(contests.cost_of(a), contests.cost_of(b)):
                    self.add(overhead_text(value - 1))

    def add_bursts(self, r, machine):
        if not r["streams"] or not r["weights"]["targeted"]:
            return
        burst = machine["memory_burst_bytes"]
        all_ = -(-r["weights"]["targeted"] // burst) * r["streams"]
        self.add(share_text(r["traffic"]["written"].get("weight", 0) / burst / all_))
        self.add(share_text(r["updates"] / (r["weights"]["targeted"] * r["streams"])))

    def add_comparison(self, c):
        for key in ("any", "written"):
            if not c[key]:
                continue
            lora, shira = (contests.figure_of(self.results.by_id[c[key][side]])
                           for side in ("lora", "shira"))
            if shira:
                self.add(ratio_text(lora / shira), ratio_text(lora / shira) + " times faster")
            if lora:
                self.add(ratio_text(shira / lora) + " times faster")
        for p in c["passes"]:
            found = contests.sides(self.results, c, p["tokens"])
            for passes in contests.break_evens(found):
                self.add(tokens_text(passes * p["tokens"]) + " tokens")

    def add_facts(self):
        e, results = self.report["experiment"], self.report["results"]
        done = [r for r in results if r["done"]]
        switches = [r for r in done if r["work"] == "switch"]
        exact = sum(r["exact"]["restore"] is True for r in switches)
        asked = sum(r["exact"]["restore"] is not None for r in switches)
        counts = [*MANY, *e["tokens"], len(results), len(done), len(results) - len(done), exact,
                  asked, sum(not r["exact"]["reference"] for r in done),
                  sum(r["exact"]["golden"] is False for r in done), *self.tallies()]
        for m in self.report["machines"]:
            counts.append(m["memory_burst_bytes"])
            self.add("{:,} MHz".format(m["clock_mhz"]))
        for p in self.report["pairs"]:
            for a in (p["a"], p["b"]):
                counts += [a["modules"], a["targeted_weights"], a["rank_min"], a["rank_max"]]
                self.add(share_text(a["parameters"] / a["targeted_weights"]))
        drifts = [r["exact"]["restore_drift"] for r in switches if r["exact"]["restore_drift"]]
        if drifts:
            self.add("%.1e" % max(drifts))
        self.add(*("{:,}".format(n) for n in counts), *(str(n) for n in counts))
        self.add(*("%d tokens" % n for n in e["tokens"]))

    def tallies(self):
        """Winners of all comparisons of like with like, and how many are of unlike."""
        made = [sum(not c["like"] for c in self.report["comparisons"])]
        for key in ("any", "written"):
            of = [c for c in self.report["comparisons"] if c["like"] and c[key]]
            won = []
            for c in of:
                shira, lora = (self.results.by_id[c[key][s]] for s in ("shira", "lora"))
                won.append(contests.winner(contests.cost_of(shira), contests.cost_of(lora)))
            made += [len(of)] + [won.count(w) for w in ("shira", "lora", "same")]
        return made


def names_of(report):
    """Words with digits in them that are names."""
    names = {report["program"], report["device"], report["experiment"]["name"]}
    for m in report["machines"]:
        names |= {m["name"], *( [m["dram"]["name"]] if m["dram"] else [])}
    for w in report["workloads"]:
        names |= {w["name"], w["model"], w["layer"]}
    return {n for n in names if re.search(r"\d", n)} | {p["name"] for p in report["pairs"]
                                                        if re.search(r"\d", p["name"])}


def context(results, title):
    """Results and comparisons that a paragraph with this title is about: all, where it names none."""
    report = results.report
    of = [r for r in report["results"] if r["done"]]
    comparisons = report["comparisons"]
    words = [part.strip() for part in title.split(",")]
    for key, values in (("workload", [w["name"] for w in report["workloads"]]),
                        ("machine", [m["name"] for m in report["machines"]]),
                        ("placement", ["resident", "streamed"])):
        named = [v for v in values if v in words]
        if named:
            of = [r for r in of if r[key] in named]
            comparisons = [c for c in comparisons if c[key] in named]
    if "host's memory" in title:
        of = [r for r in of if r["kept"] == "host"]
        comparisons = [c for c in comparisons if c["kept"] == "host"]
    return of, comparisons


def check_words(check, results):
    names = names_of(results.report)
    answer = results.report["answer"]
    texts = [("headline", "", answer["headline"])]
    texts += [("paragraph '%s'" % t["title"], t["title"], t["text"]) for t in answer["text"]]
    for what, title, text in texts:
        known = Known(results, *context(results, title)).texts
        for number in numbers(text, names):
            check.of(what).holds("'%s' is a number of the report" % number, number in known)
    for f in answer["figures"]:
        check_figure(check.of("figure '%s'" % f["label"]), results, f)


def check_figure(check, results, f):
    r = results.by_id.get(f["id"])
    if r is None:
        check.holds("its point is there", False)
        return
    if r["work"] == "switch":
        value = figure_of(r) / next(m["clock_mhz"] for m in results.report["machines"]
                                    if m["name"] == r["machine"])
        text = us_text(value)
    else:
        base = results.base_pass(r, r["tokens"])
        value = figure_of(r) / figure_of(base) - 1
        text = overhead_text(value)
        check.holds("a pass of its own", r["strategy"] in OWN_PASS)
    check.near("value", f["value"], value, 2e-9)
    check.equal("text", f["text"], text)
    cycles = figure_of(r)
    check.near("of_bound", f["of_bound"], r["bound_cycles"] / cycles if cycles else None)
