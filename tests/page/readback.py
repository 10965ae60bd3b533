"""Reads pictures back: positions become values by the labels of the axes beside them, and are held against
report.json, from which all that should be drawn is worked out here a second time."""
import json
import math

# Axes and marks of all pictures that are drawn, with positions in pixels of the picture.
COLLECT = r"""
(() => {
  const place = (e, x = 0, y = 0) => { const p = new DOMPoint(x, y).matrixTransform(e.getCTM()); return [p.x, p.y]; };
  const axis = (g) => {
    const ticks = [...g.querySelectorAll('.role-axis-tick line')].map((l) => place(l));
    const labels = [...g.querySelectorAll('.role-axis-label text')].map((t) => t.textContent);
    const line = g.querySelector('.role-axis-domain line');
    const ends = line && [place(line), place(line, +line.getAttribute('x2'), +line.getAttribute('y2'))];
    return { name: g.getAttribute('aria-label') || '', ticks, labels, ends };
  };
  const item = (e) => {
    const label = e.getAttribute('aria-label') || '';
    const d = e.getAttribute('d') || '';
    if (e.parentNode.classList.contains('mark-line'))
      return { label, points: d.replace(/^M|Z$/g, '').split('L').map((p) => place(e, ...p.split(',').map(Number))) };
    if (e.tagName === 'line') return { label, points: [place(e), place(e, +e.getAttribute('x2'), +e.getAttribute('y2'))] };
    if (e.parentNode.classList.contains('mark-rect')) { const b = e.getBBox(); return { label, points: [place(e, b.x, b.y), place(e, b.x + b.width, b.y + b.height)] }; }
    return { label, points: [place(e)] };
  };
  return [...document.querySelectorAll('figure')].map((f) => ({
    name: f.id.replace('picture-', ''),
    axes: [...f.querySelectorAll('.mark-group.role-axis')].map((g) => axis(g.querySelector('[aria-label]') || g)).filter((a) => a.ticks.length),
    marks: [...f.querySelectorAll('.mark-symbol, .mark-line, .mark-rule, .mark-rect')]
      .map((g) => ({ name: [...g.classList].find((c) => !/^(mark|role)-/.test(c)), items: [...g.children].map(item) })).filter((m) => m.name),
    legend: [...f.querySelectorAll('.legend li')].map((l) => l.textContent),
    notes: [...f.querySelectorAll('.note')].map((n) => n.textContent),
  }));
})()"""

CHOICE = """Object.fromEntries([...document.querySelectorAll('#choice select, .extra select')].map((s) => [s.name, s.value]))"""


class Wrong(AssertionError):
    """A picture does not say what the report says."""


def choose(browser, choice):
    for name, value in choice.items():
        browser.run(f"""(() => {{ const s = document.querySelector('select[name={name}]'); s.value = {json.dumps(value)};
                     s.dispatchEvent(new Event('change')); }})()""")
    browser.run("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60)))")


def number(label):
    label = label.replace(",", "").replace("\u2212", "-")
    unit = {"k": 1e3, "M": 1e6, "G": 1e9, "m": 1e-3, "\u00b5": 1e-6}.get(label[-1:], 1)
    return float(label.rstrip("kMGm\u00b5")) * unit


class Axis:
    def __init__(self, found):
        self.upright = found["name"].startswith("Y")
        self.kind = next((k for k in ("symlog", "log", "linear") if f"{k} scale" in found["name"]), "point")
        along = 1 if self.upright else 0
        self.across = found["ticks"][0][1 - along]
        self.ticks = [t[along] for t in found["ticks"]]
        self.labels = found["labels"]
        if len(self.labels) != len(self.ticks):
            raise Wrong(f"{found['name']}: {len(self.ticks)} ticks, {len(self.labels)} labels")
        ends = [e[along] for e in found["ends"]] if found["ends"] else self.ticks
        self.low, self.high = min(ends) - 0.6, max(ends) + 0.6
        self.name = found["name"]
        if self.kind != "point":
            self.numbers = [number(t) for t in self.labels]
            self.check()

    def warp(self, v):
        return math.log(v) if self.kind == "log" else math.copysign(math.log1p(abs(v)), v) if self.kind == "symlog" else v

    def unwarp(self, w):
        return math.exp(w) if self.kind == "log" else math.copysign(math.expm1(abs(w)), w) if self.kind == "symlog" else w

    def slope(self):
        a, b = self.numbers[0], self.numbers[-1]
        return (self.warp(b) - self.warp(a)) / (self.ticks[-1] - self.ticks[0])

    def value(self, pixel):
        if self.kind == "point":
            return float(self.labels[0]) if self.labels[0] == "0" else self.labels[0]
        return self.unwarp(self.warp(self.numbers[0]) + (pixel - self.ticks[0]) * self.slope())

    def check(self):
        """Each label stands where those of both ends say that it should."""
        if len(self.ticks) < 2:
            raise Wrong(f"{self.name}: one tick")
        for tick, v in zip(self.ticks, self.numbers):
            if abs(self.warp(self.value(tick)) - self.warp(v)) > abs(self.slope()) * 0.05:
                raise Wrong(f"{self.name}: label {v} stands at {self.value(tick)}")

    def near(self, v):
        """What a hundredth of a pixel is in values at v."""
        return abs(self.unwarp(self.warp(v) + 0.01 * abs(self.slope())) - v) + 1e-9


class Drawing:
    def __init__(self, found):
        self.name = found["name"]
        self.axes = [Axis(a) for a in found["axes"]]
        self.marks = found["marks"]
        self.legend, self.notes = found["legend"], found["notes"]

    def items(self, prefix):
        """(name, label, points) of marks whose name is the prefix, with or without a number of a panel."""
        for m in self.marks:
            if m["name"] == prefix or (m["name"].startswith(prefix + "-") and m["name"][len(prefix) + 1:].isdigit()):
                for i in m["items"]:
                    yield m["name"], i["label"], i["points"]

    def axis(self, point, upright):
        along = 1 if upright else 0
        of = [a for a in self.axes if a.upright == upright and a.low <= point[along] <= a.high]
        # Of panels one below the other the axis is the next one below, of panels beside one another the next to the left.
        before = [a for a in of if (a.across <= point[0] + 1 if upright else a.across >= point[1] - 1)]
        if not before:
            raise Wrong(f"{self.name}: no axis for {point}")
        return min(before, key=lambda a: abs(a.across - point[1 - along]))

    def holds(self, what, point, upright, expected):
        axis = self.axis(point, upright)
        value = axis.value(point[1 if upright else 0])
        good = value == expected if isinstance(value, str) or axis.kind == "point" else abs(value - expected) <= axis.near(expected)
        if not good:
            raise Wrong(f"{self.name}: {what} is drawn at {value}, the report says {expected}")


class Judge:
    """One report and one choice: what should be drawn."""

    def __init__(self, report, choice):
        self.r, self.c = report, choice
        self.by_id = {r["id"]: r for r in report["results"]}
        self.mhz = {m["name"]: m["clock_mhz"] for m in report["machines"]}
        self.pairs = {(p["workload"], p["name"]): p for p in report["pairs"]}
        self.M = int(choice.get("tokens", report["experiment"]["tokens"][0]))
        self.machine = choice.get("machine", report["machines"][0]["name"])
        self.count = 0

    def bound(self, r):
        return r["bound_cycles"] / self.mhz[r["machine"]]

    def switches(self, workload=True, kept=True, machine=None):
        out = []
        for r in self.r["results"]:
            if r["work"] != "switch" or not r["done"] or r["machine"] != (machine or self.machine) or r["placement"] != self.c["placement"]:
                continue
            if f"{r['from']}-{r['to']}" != self.c["change"] or (workload and r["workload"] != self.c["workload"]):
                continue
            if kept and (r["kept"] == "host") != (self.c["kept"] == "host"):
                continue
            p = self.pairs[r["workload"], r["pair"]]
            sizes = {q["size"] for q in self.r["pairs"] if q["workload"] == r["workload"] and q["kind"] == p["kind"]}
            if p["size"] == self.c["size"] or self.c["size"] not in sizes:
                out.append(r)
        return out

    def pass_of(self, r, M):
        p = self.by_id[next(p["id"] for p in r["passes"] if p["tokens"] == M)]
        return p if p["done"] else None

    def base(self, r, M):
        found = (p for p in self.r["results"] if p["work"] == "pass" and p["strategy"] == "base" and p["tokens"] == M
                 and all(p[k] == r[k] for k in ("machine", "workload", "placement")))
        return next(found)

    def each(self, drawing, prefix, wanted):
        """The marks of a name, each with its result; they must be those of the wanted results."""
        seen = []
        for _, label, points in drawing.items(prefix):
            r = self.by_id[label.split("\n")[-1]]
            seen.append(r["id"])
            self.count += 1
            yield r, label, points
        if sorted(seen) != sorted(w["id"] for w in wanted):
            raise Wrong(f"{drawing.name}: {prefix} draws {len(seen)} of {len(wanted)} results")

    def symbols(self, drawing, prefix, wanted, x, y):
        for r, _, (p,) in self.each(drawing, prefix, wanted):
            if x is not None:
                drawing.holds(f"{prefix} of {r['id']}", p, False, x(r))
            if y is not None:
                drawing.holds(f"{prefix} of {r['id']}", p, True, y(r))

    def named(self, drawing, prefix):
        """Series name -> result, by the hovers of points."""
        return {label.split(": ")[0]: self.by_id[label.split("\n")[-1]] for _, label, _ in drawing.items(prefix)}

    def legend(self, drawing, names):
        if sorted(drawing.legend) != sorted(set(names)):
            raise Wrong(f"{drawing.name}: its legend names {drawing.legend}, drawn are {sorted(set(names))}")

    def cost(self, d):
        M, all_of = self.M, self.switches()
        wanted = [r for r in all_of if self.pass_of(r, M)]
        self.symbols(d, "switch", wanted, lambda r: "switch", lambda r: r["us"])
        self.symbols(d, "switch-bound", wanted, lambda r: "switch", self.bound)
        cost = lambda r, T: r["us"] + T / M * self.pass_of(r, M)["us"]
        bound = lambda r, T: self.bound(r) + T / M * self.bound(self.pass_of(r, M))
        more = lambda r, T: (cost(r, T) / min(cost(o, T) for o in wanted) - 1) * 100
        self.symbols(d, "first-pass", wanted, lambda r: M, lambda r: cost(r, M))
        self.symbols(d, "first-pass-more", wanted, lambda r: M, lambda r: more(r, M))
        names = self.named(d, "switch")
        self.legend(d, names)
        for name, figure in (("cost", cost), ("cost-bound", bound), ("cost-more", more)):
            drawn = list(d.items(name))
            if sorted(label for _, label, _ in drawn) != sorted(names):
                raise Wrong(f"{d.name}: lines {name} of {[label for _, label, _ in drawn]}")
            for _, label, points in drawn:
                for p in points:
                    self.count += 1
                    d.holds(f"{name} of {label}", p, True, figure(names[label], d.axis(p, False).value(p[0])))
        turns = [s["from_tokens"] for c in self.r["comparisons"] for p in c["passes"] for s in p["spans"] if s["from_tokens"] > 0
                 and p["tokens"] == M and c["machine"] == self.machine and f"{c['from']}-{c['to']}" == self.c["change"]
                 and all(c[k] == self.c[k] for k in ("workload", "placement", "kept", "size"))]
        drawn = [points for _, _, points in d.items("break-even")]
        if len(drawn) != len(turns):
            raise Wrong(f"{d.name}: {len(drawn)} break-evens drawn of {len(turns)}")
        for points, T in zip(drawn, turns):
            self.count += 1
            bottom = max(points, key=lambda p: p[1])
            d.holds("a break-even", bottom, False, T)
        self.missing(d, len(all_of) - len(wanted))

    def missing(self, d, count):
        if sum("was not measured" in n for n in d.notes) != count:
            raise Wrong(f"{d.name}: {count} series have no pass, it says {d.notes}")

    def size(self, d):
        weights = {w["name"]: w["weights"] for w in self.r["workloads"]}
        square = {w["name"]: w["side"] > 0 for w in self.r["workloads"]}
        wanted = self.switches(workload=False, kept=False)
        of = lambda r: weights[r["workload"]]
        self.symbols(d, "size", wanted, of, lambda r: r["us"])
        self.symbols(d, "size-bound", wanted, of, self.bound)
        self.legend(d, self.named(d, "size"))
        ends = {}
        for name, label, points in d.items("size-line"):
            ends.setdefault((name, label), []).extend(points)
        spots = {}
        for name, label, points in d.items("size"):
            if square[self.by_id[label.split("\n")[-1]]["workload"]]:
                spots.setdefault((name.replace("size", "size-line"), label.split(": ")[0]), []).extend(points)
        rounded = lambda of: {k: sorted([round(x, 2), round(y, 2)] for x, y in v) for k, v in of.items()}
        if rounded(ends) != rounded(spots):
            raise Wrong(f"{d.name}: lines do not join the points of their series")

    def kept(self, d):
        wanted = self.switches(kept=False)
        self.symbols(d, "kept", wanted, lambda r: r["kept_bytes"], lambda r: r["us"])
        self.symbols(d, "kept-bound", wanted, lambda r: r["kept_bytes"], self.bound)
        self.legend(d, self.named(d, "kept"))

    def clock(self, d):
        wanted = [r for m in self.mhz for r in self.switches(machine=m)]
        of = lambda r: self.mhz[r["machine"]]
        self.symbols(d, "clock", wanted, of, lambda r: r["us"])
        self.symbols(d, "clock-bound", wanted, of, self.bound)
        self.legend(d, self.named(d, "clock"))

    def roof(self, d):
        wanted = [r for r in self.r["results"] if r["done"] and r["machine"] == self.machine and r["placement"] == self.c["placement"]
                  and r["cycles"]]
        self.symbols(d, "roof", wanted, self.bound, lambda r: r["of_bound"] * 100)
        self.legend(d, [r["limit"] for r in wanted])

    def cycles(self, d):
        parts = self.c["parts"]
        wanted = []
        for r in self.switches():
            r = self.pass_of(r, self.M) if parts == "pass" else r
            if r and r["cycles"]:
                wanted.append(r)
        names = "descriptor_fetch stream_fetch decode work drain" if parts == "phases" else "busy starved stalled waiting idle"
        engines = [None] if parts == "phases" else "command copy scatter gemm".split()
        bars = [r for r in wanted for _ in engines]
        self.legend(d, [n.replace("_", " ") for n in names.split()])
        for r, _, points in self.each(d, "part-bound", bars):
            d.holds(f"bound of {r['id']}", points[0], False, r["of_bound"] * 100)
        ends = {}
        for r, label, (left, right) in self.each(d, "part", [r for r in bars for _ in names.split()]):
            head, said = label.split("\n")[0].rsplit(": ", 1)
            engine, name = head.split(", ")[-1], said.split()[0]
            of = r["phases"] if parts == "phases" else r["states"][engine]
            begun = ends.get((head, r["id"]), left[0])
            if abs(begun - left[0]) > 0.01:
                raise Wrong(f"{d.name}: {label} does not begin where the one before ends")
            ends[head, r["id"]] = right[0]
            axis = d.axis(left, False)
            share = axis.value(right[0]) - axis.value(left[0])
            if abs(share - of[name] / r["cycles"] * 100) > 0.02:
                raise Wrong(f"{d.name}: {label} is drawn {share} % wide, the report says {of[name]} of {r['cycles']}")

    def overhead(self, d):
        tokens = self.r["experiment"]["tokens"]
        holes = 0
        names = set()
        for panel, M in enumerate(tokens):
            wanted = [r for r in self.switches() if self.pass_of(r, M) and self.base(r, M)["done"]]
            holes += len(self.switches()) - len(wanted)
            over = lambda r: next(p for p in r["passes"] if p["tokens"] == M)
            self.symbols(d, f"overhead-{panel}", wanted, lambda r: over(r)["overhead"] * 100, None)
            between = lambda r: self.pass_of(r, M)["bound_cycles"] / self.base(r, M)["bound_cycles"] - 1
            self.symbols(d, f"overhead-bound-{panel}", wanted, lambda r: between(r) * 100, None)
            for r, label, points in self.each(d, f"overhead-range-{panel}", wanted):
                for p, v in zip(sorted(points), (over(r)["overhead_low"], over(r)["overhead_high"])):
                    d.holds(f"range of {label}", p, False, v * 100)
            for _, _, points in d.items(f"overhead-base-{panel}"):
                d.holds("base weights", points[0], False, 0)
            names |= {label.split(", M = ")[0] for _, label, _ in d.items(f"overhead-{panel}")}
        self.legend(d, names)
        self.missing(d, holes)


def pictures(report):
    """Names of the pictures that a report has."""
    clocks = len({m["clock_mhz"] for m in report["machines"]})
    return ["cost", "size", "kept", "overhead", "cycles", "roof"] + (["clock"] if clocks > 1 else [])


def check(report, browser):
    """The positions that were found in the report; Wrong when one was not."""
    judge = Judge(report, browser.run(CHOICE))
    drawings = {f["name"]: Drawing(f) for f in browser.run(COLLECT)}
    if sorted(drawings) != sorted(pictures(report)):
        raise Wrong(f"pictures: {sorted(drawings)}")
    for name, drawing in drawings.items():
        getattr(judge, name)(drawing)
    return judge.count
