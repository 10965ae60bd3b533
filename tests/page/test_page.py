#!/usr/bin/env python3
"""The page in a browser, judged by what a reader sees: positions in pictures are turned back into values by the
labels of their own axes and looked up in report.json. Prints TAP.

usage: tests/page/test_page.py TEMPLATE KEYS.md FOLDER [SHIRASIM]
With SHIRASIM pages are made by `shirasim report`, from reports that it has read; else by fill.py.
"""
import base64
import json
import math
import os
import re
import subprocess
import sys
import time

import readback
import sample
from browser import Browser
from fill import fill

FIRST_TABLE = """
  new MutationObserver((_, me) => {
    if (!document.querySelector("tbody td")) return;
    me.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => (window.painted = performance.now())));
  }).observe(document, {childList: true, subtree: true});"""
A4 = 269 / 25.4 * 96  # pixels between its margins, from top to bottom


def put(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def got(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


class Maker:
    """Makes pages of reports."""

    def __init__(self, template, keys, folder, program=None):
        self.template, self.keys, self.folder, self.program = got(template), got(keys), folder, program

    def fill(self, name, text):
        """A page of the text of a report, without the program."""
        page = fill(self.template, text, self.keys, "# The answer\n\n<b> & so on")
        return put(os.path.join(self.folder, name + ".html"), page)

    def make(self, name, report):
        """(path of the page, the report that is in it)"""
        text = json.dumps(report, separators=(",", ":"), sort_keys=True)
        if not self.program:
            return self.fill(name, text), report
        out = os.path.join(self.folder, name)
        given = put(out + ".json", text)
        made = subprocess.run([self.program, "report", given, "--out", out], capture_output=True, text=True)
        page = "report.partial" if report["missing"] else "report"
        assert os.path.exists(f"{out}/{page}.html"), made.stderr
        return f"{out}/{page}.html", json.loads(got(f"{out}/{page}.json"))

    def plant(self, path, old, new):
        text = got(path)
        assert text.count(old) == 1, f"nothing to plant an error in: {old}"
        return put(os.path.join(self.folder, "planted.html"), text.replace(old, new))


def test(number, name, check):
    began = time.monotonic()
    try:
        said = check()
        print(f"ok {number} - {name}{f' ({said})' if said else ''} # {time.monotonic() - began:.1f} s", flush=True)
        return True
    except Exception as e:  # whatever went wrong, the test has failed
        print(f"not ok {number} - {name}\n# " + f"{type(e).__name__}: {e}".replace("\n", "\n# "), flush=True)
        return False


CHOICES = [
    {},
    {"placement": "streamed", "tokens": "128", "kept": "host", "size": "equal"},
    {"workload": "stories15m", "change": "base-A"},
    {"placement": "streamed", "workload": "256x256", "parts": "pass"},
    {"parts": "engines", "tokens": "128"},
]


class Checks:
    def __init__(self, browser, maker):
        self.b, self.maker = browser, maker
        self.path, self.report = maker.make("default", sample.report())

    def open(self, path, width=1280, height=800, color="light"):
        self.b.color(color)
        self.b.size(width, height)
        self.b.open(path)
        if height > 5000:
            self.b.wait("document.querySelector('.drawing') && [...document.querySelectorAll('.drawing')].every((d) => d.querySelector('svg'))")

    def pictures(self, report, path, choices):
        """Marks of all pictures and choices that were found in the report."""
        self.open(path, height=9000)
        found = 0
        for choice in choices:
            readback.choose(self.b, choice)
            found += readback.check(report, self.b)
        return found

    def positions(self):
        return f"{self.pictures(self.report, self.path, CHOICES)} positions"

    def positions_of_holes(self):
        path, report = self.maker.make("holes", sample.report(machines=2, missing=60))
        return f"{self.pictures(report, path, CHOICES[:2] + [{'machine': 'mobile4'}])} positions"

    def narrow_positions(self):
        self.open(self.path, width=390, height=12000)
        return f"{readback.check(self.report, self.b)} positions"

    def planted(self, old, new, complaint):
        try:
            self.pictures(self.report, self.maker.plant(self.path, old, new), CHOICES[:2])
        except readback.Wrong as e:
            assert re.search(complaint, str(e)), f"another complaint: {e}"
            return str(e)[:100]
        raise AssertionError("nobody noticed")

    def quiet(self):
        self.open(self.path, height=9000)
        self.b.run("document.querySelector('#theme').click()")
        self.b.run("document.querySelector('tbody .open').click()")
        assert self.b.run("document.querySelectorAll('#detail dd').length") > 100, "a row does not open"
        assert not self.b.console, f"console: {self.b.console}"
        assert len(self.b.requests) == 1, f"requests: {self.b.requests}"

    def column(self, title):
        """What the rows of the results table say in a column, from the top, as far as they are in the document."""
        return self.b.run(f"""(() => {{
          const heads = [...document.querySelectorAll('#results-table th')].map((h) => h.textContent);
          const i = heads.indexOf({json.dumps(title)});
          return [...document.querySelectorAll('#results-table tbody tr')].filter((r) => r.cells.length).map((r) => r.cells[i].textContent);
        }})()""")

    def click(self, title):
        self.b.run(f"""[...document.querySelectorAll('#results-table th button')].find((b) => b.textContent === {json.dumps(title)}).click()""")

    def sorting(self):
        self.open(self.path)
        number = lambda t: float(re.sub(r"[^0-9.e-]", "", t))
        all_us = sorted(r["us"] for r in self.report["results"])
        for title, values in (("time (us)", all_us), ("of bound", None), ("updates", None)):
            self.click(title)
            up = [number(t) for t in self.column(title) if t]
            self.click(title)
            down = [number(t) for t in self.column(title) if t]
            assert up == sorted(up) and down == sorted(down, reverse=True) and len(up) > 10, f"{title}: {up} {down}"
            if values:
                assert abs(down[0] - values[-1]) <= values[-1] * 0.005 and abs(up[0] - values[0]) <= values[0] * 0.005 + 1e-9
        sort = self.b.run("document.querySelector('#results-table th[aria-sort=descending]').textContent")
        assert sort == "updates", sort

    def filtering(self):
        self.open(self.path)
        count = "document.querySelector('#results-table .count').textContent"
        total = len(self.report["results"])
        assert self.b.run(count) == f"{total} rows", self.b.run(count)
        self.b.run("""(() => { const i = document.querySelector('#results-table input'); i.value = 'overlay host';
                      i.dispatchEvent(new Event('input')); })()""")
        wanted = sum(r["strategy"] == "shira-overlay" and r["kept"] == "host" for r in self.report["results"])
        assert self.b.run(count) == f"{wanted} of {total} rows", (self.b.run(count), wanted)
        assert set(self.column("strategy")) == {"shira-overlay"}
        self.b.run("""(() => { const s = [...document.querySelectorAll('#results-table select')].find((s) => [...s.options].some((o) => o.value === '512x512'));
                      s.value = '512x512'; s.dispatchEvent(new Event('change')); })()""")
        wanted = sum(r["strategy"] == "shira-overlay" and r["kept"] == "host" and r["workload"] == "512x512" for r in self.report["results"])
        assert self.b.run(count) == f"{wanted} of {total} rows", (self.b.run(count), wanted)

    def scrolling(self):
        self.open(self.path)
        rows = self.b.run("document.querySelectorAll('#results-table tbody tr').length")
        assert 16 < rows < 60, f"{rows} rows in the document"
        self.b.run("document.querySelector('#results-table .rows').scrollTop = 1e9")
        self.b.wait("[...document.querySelectorAll('#results-table tbody tr')].some((r) => r.ariaRowIndex == document.querySelector('#results-table table').ariaRowCount)")
        rows = self.b.run("document.querySelectorAll('#results-table tbody tr').length")
        assert rows < 60, f"{rows} rows in the document"

    def themes(self):
        paper = "getComputedStyle(document.body).backgroundColor"
        mark = "document.querySelector('#picture-cost .switch path').getAttribute('stroke')"
        seen = {}
        for color in ("light", "dark"):
            self.open(self.path, height=9000, color=color)
            seen[color] = self.b.run(f"[{paper}, {mark}]")
            self.b.run("document.querySelector('#theme').click()")
            self.b.wait(f"{mark} !== {json.dumps(seen[color][1])}", 5)
            seen[color + " turned"] = self.b.run(f"[{paper}, {mark}]")
        assert seen["light"] == seen["dark turned"] and seen["dark"] == seen["light turned"], seen
        assert seen["light"][0] != seen["dark"][0] and seen["light"][1] != seen["dark"][1], seen

    def narrow(self):
        for width in (390, 320):
            self.open(self.path, width=width, height=9000)
            assert self.b.run("document.documentElement.scrollWidth") <= width, f"{width} pixels are not enough"
            wide = self.b.run("[...document.querySelectorAll('.drawing')].filter((d) => d.scrollWidth > d.clientWidth + 1).map((d) => d.parentElement.id)")
            assert not wide, f"{wide} are cut at {width} pixels"

    def paper(self):
        self.open(self.path)
        pdf = base64.b64decode(self.b.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])
        pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
        assert 1 < pages <= 15, f"{pages} pages"
        self.b.size(685, 1000)
        self.b.call("Emulation.setEmulatedMedia", media="print")
        self.b.run("dispatchEvent(new Event('beforeprint'))")
        time.sleep(0.2)
        heights = self.b.run("[...document.querySelectorAll('figure')].map((f) => [f.id, f.getBoundingClientRect().height, getComputedStyle(f).breakInside])")
        self.b.call("Emulation.setEmulatedMedia", media="")
        assert len(heights) == 6 and all(h < A4 and inside == "avoid" for _, h, inside in heights), heights
        return f"{pages} pages"

    def first_screen(self):
        self.open(self.path)
        text = self.b.run("[...document.querySelectorAll('header h1, header dd, .figure *')].map((e) => e.childElementCount ? '' : e.textContent)")
        low = self.b.run("document.querySelector('#figures').getBoundingClientRect().bottom")
        assert low <= 800, f"the figures end at {low} pixels"
        answer = self.report["answer"]
        strings = {answer["headline"], *(f[k] for f in answer["figures"] for k in ("label", "text", "note"))}
        assert strings <= set(text), strings - set(text)
        by_id = {r["id"]: r for r in self.report["results"]}
        values = [m[k] for m in self.report["machines"] for k in ("clock_mhz", "memory_peak_mb_s")]
        values += [len(self.report["results"]), self.report["experiment"]["seed"]]
        shares = [100 * by_id[f["id"]]["of_bound"] for f in answer["figures"] if f["of_bound"] is not None]
        names = {self.report["program"], *(n for m in self.report["machines"] for n in (m["name"], m["dram"]["name"]))}
        for t in text:
            if t in strings or t in names:
                continue
            for name in names:
                t = t.replace(name, "")
            for n in re.findall(r"-?\d[\d,]*\.?\d*", t):
                v = float(n.replace(",", ""))
                step = 10.0 ** -len(n.partition(".")[2]) / 2
                assert any(abs(v - w) <= step + 1e-9 for w in values + shares), f"'{n}' of '{t}' is not in the report"
        assert sum("of its bound" in t for t in text) == len(shares)

    def clocks(self):
        path, report = self.maker.make("clocks", sample.report(machines=3))
        self.open(path, height=9000)
        texts = lambda where: self.b.run(f"[...document.querySelectorAll('{where}')].map((e) => e.textContent)")
        fast = [f"{m['name']}: {m['timing']['too_fast']}" for m in report["machines"] if m["timing"]["too_fast"]]
        assert len(fast) == 1 and "1250 MHz is more" in fast[0] and texts("#too-fast p") == fast, texts("#too-fast p")
        cells = texts("#depth-table td")
        for block in report["machines"][0]["timing"]["blocks"]:
            assert {block["name"], block["from"], block["through"], f"{block['fo4']:.3g}"} <= set(cells), (block, cells)
        rows = texts("#clock-table tbody tr")
        own = [r for r in rows if r.startswith("card64") and "16nm" in r]
        assert len(own) == 1 and "1,200" in own[0] and "1,250" in own[0] and "weight 1" in own[0], rows
        path, _ = self.maker.make("untimed", sample.report(timed=False))
        self.open(path)
        assert self.b.run("document.querySelector('#timing').hidden"), "a section without figures"

    def hostile(self):
        path, report = self.maker.make("hostile", sample.report(hostile=True, missing=20))
        self.open(path, height=9000)
        assert not self.b.run("document.querySelectorAll('#page img, #page script').length"), "a name has become markup"
        name = report["experiment"]["name"]
        assert self.b.run("document.title") == "shirasim: " + name
        assert report["workloads"][0]["name"] in self.column("workload")
        assert sample.HOSTILE in self.b.run("document.querySelector('#missing-table').textContent")
        assert not self.b.console and len(self.b.requests) == 1, (self.b.console, self.b.requests)
        return f"{readback.check(report, self.b)} positions"

    def holes(self):
        path, report = self.maker.make("missing", sample.report(missing=20))
        self.open(path)
        said = self.b.run("(() => { const e = document.querySelector('#incomplete'); return e.offsetHeight ? e.textContent : ''; })()")
        assert "20 of 620" in said, said
        rows = self.b.run("document.querySelectorAll('#missing-table tbody td').length")
        assert rows >= 20, rows
        self.open(self.path)
        assert self.b.run("document.querySelector('#incomplete').hidden && document.querySelector('#missing').hidden")

    def odd(self):
        for name, report in sample.odd():
            self.open(self.maker.fill("odd", json.dumps(report)), height=9000)
            assert not self.b.console, f"{name}: {self.b.console}"

    def hovers(self):
        self.open(self.path)
        heads = self.b.run("[...document.querySelectorAll('#results-table th button')].map((b) => [b.textContent, b.title])")
        plain = [t for t, hint in heads if hint == t]
        assert not plain, f"no meaning of {plain}"
        self.b.run("document.querySelector('tbody .open').click()")
        silent = self.b.run("[...document.querySelectorAll('#detail .keys > div')].filter((d) => !d.title).map((d) => d.textContent)")
        assert not silent, f"no meaning of {silent}"

    def labels(self):
        self.open(self.path, height=9000)
        bare = self.b.run("[...document.querySelectorAll('select, input')].filter((e) => !e.labels.length).length")
        unnamed = self.b.run("[...document.querySelectorAll('button')].filter((e) => !e.textContent).length")
        told = self.b.run("[...document.querySelectorAll('.drawing')].map((e) => e.getAttribute('aria-label'))")
        assert (bare, unnamed) == (0, 0) and len(set(told)) == 6, (bare, unnamed, told)

    def without_script(self):
        self.b.call("Emulation.setScriptExecutionDisabled", value=True)
        try:
            self.b.call("Page.navigate", url="file://" + os.path.abspath(self.path))
            time.sleep(0.5)
            root = self.b.call("DOM.getDocument", depth=-1)["root"]
            pre = self.b.call("DOM.querySelector", nodeId=root["nodeId"], selector="noscript pre")["nodeId"]
            said = self.b.call("DOM.getOuterHTML", nodeId=pre)["outerHTML"]
            words = "&lt;b&gt; &amp; so on" if not self.maker.program else self.report["answer"]["headline"]
            assert words in said, said[:300]
        finally:
            self.b.call("Emulation.setScriptExecutionDisabled", value=False)

    def size_of_file(self):
        size = os.path.getsize(self.path)
        assert size <= 2_000_000, f"{size} bytes"
        return f"{size / 1e6:.2f} MB"

    def speed(self):
        ident = self.b.call("Page.addScriptToEvaluateOnNewDocument", source=FIRST_TABLE)["identifier"]
        self.b.color("light")
        self.b.size(1280, 800)
        seconds = {}
        for count in (500, 5000, 50000):
            path = self.maker.fill("many", sample.many(count))
            best = math.inf
            for _ in range(3):
                self.b.open(path, ready="window.painted", seconds=120)
                best = min(best, self.b.run("window.painted") / 1000)
            seconds[count] = best
            rows = self.b.run("document.querySelector('#results-table .count').textContent")
            assert int(re.sub(r"\D", "", rows)) >= count, rows
            self.b.wait("document.querySelector('#picture-cost svg')", 120)
        self.b.call("Page.removeScriptToEvaluateOnNewDocument", identifier=ident)
        os.remove(path)
        assert seconds[5000] < 3, seconds
        # What a result takes does not grow. Of 180 MB of JSON the browser's garbage collector adds to it.
        assert seconds[5000] / 5000 <= 1.5 * seconds[500] / 500, seconds
        assert seconds[50000] / 50000 <= 2.5 * seconds[5000] / 5000, seconds
        return ", ".join(f"{n:,} results {s:.2f} s" for n, s in seconds.items())


# What is planted: its name, text of the page, what takes its place, what the complaint must say.
PLANTED = [
    ("an axis that is 5 % off", "const axes = spec.axes.map((a) => ({ ...a }));",
     "const axes = spec.axes.map((a) => ({ ...a, scale: a.scale + 'Off' })); for (const s of [...spec.scales]) "
     "spec.scales.push({ ...s, name: s.name + 'Off', domain: s.domain.map((v) => (v > 0 ? v * 1.05 : v)) });",
     r"^cost: switch of edge16.* is drawn at .*, the report says"),
    ("bounds in the place of figures", "us: r.us, boundUs:", "us: report.boundUs(r), boundUs:", r"^cost: switch of .* is drawn at"),
    ("a mean of two figures", "s.cost = (T) => s.us + (T / M)", "s.cost = (T) => (s.us + series[0].us) / 2 + (T / M)",
     r"^cost: first-pass of .* is drawn at"),
    ("tokens not divided by M", "s.cost = (T) => s.us + (T / M)", "s.cost = (T) => s.us + T", r"^cost: first-pass of .* is drawn at"),
    ("a series that is dropped", "    .sort(byName);\n}", "    .sort(byName).slice(1);\n}",
     r"^cost: switch draws 5 of 6 results"),
    ("a break-even that moved", "row, tokens: s.from_tokens, text", "row, tokens: s.from_tokens * 1.03, text", r"^cost: a break-even is drawn at"),
    ("a legend that names a series twice", "const legendOf = (series) => [...", "const legendOf = (series) => [series[0], ...", r"^cost: its legend names"),
]


def main():
    passed = True
    with Browser() as browser:
        checks = Checks(browser, Maker(*sys.argv[1:5]))
        tests = [
            ("every position of every picture is a value of the report", checks.positions),
            ("so it is with two machines and points that were not measured", checks.positions_of_holes),
            ("so it is 390 pixels wide", checks.narrow_positions),
            *((f"noticed: {name}", lambda of=of: checks.planted(*of)) for name, *of in PLANTED),
            ("no error on the console, no request", checks.quiet),
            ("columns sort by their numbers", checks.sorting), ("words and selects filter", checks.filtering),
            ("only rows that are seen are in the document", checks.scrolling), ("light and dark", checks.themes),
            ("390 and 320 pixels are enough", checks.narrow), ("paper", checks.paper),
            ("all that the first screen says is in the report", checks.first_screen),
            ("depth of the RTL and the clock that follows", checks.clocks), ("names are text, never markup", checks.hostile), ("what was not measured is told", checks.holes),
            ("reports of which most is not there", checks.odd),
            ("every heading and key says what it means", checks.hovers), ("everything has a label", checks.labels),
            ("without script the words are there", checks.without_script), ("at most 2 MB", checks.size_of_file),
            ("many results", checks.speed),
        ]
        print(f"1..{len(tests)}")
        for number, (name, check) in enumerate(tests, 1):
            passed &= test(number, name, check)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
