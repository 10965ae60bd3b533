"""report.csv and the tables of report.md: every cell is a number of report.json, told as people read it."""
import csv
import os
import re

import contests
import reading


def check_tables(check, results, folder):
    """Those of the two files that lie beside the report."""
    path = os.path.join(folder, "report.csv")
    if os.path.exists(path):
        with open(path, newline="") as f:
            check_csv(check, results, list(csv.DictReader(f)))
    path = os.path.join(folder, "report.md")
    if os.path.exists(path):
        with open(path) as f:
            tables = read_tables(f.read())
        check_switches(check, results, tables)
        check_contests(check, results, tables)


# ---- report.csv ----


def check_csv(check, results, rows):
    check.of("report.csv").equal("ids", [r["id"] for r in rows],
                                 [r["id"] for r in results.report["results"]])
    for row in rows:
        r = results.by_id.get(row["id"], {})
        for key, cell in row.items():
            value = r
            for part in key.split("."):
                value = value.get(part) if isinstance(value, dict) else None
            check.of("report.csv: %s" % row["id"]).holds("%s is %r" % (key, cell),
                                                         same_cell(cell, value))


def same_cell(cell, value):
    if value is None:
        return cell == ""
    if isinstance(value, bool):
        return cell == str(value).lower()
    if isinstance(value, (int, float)):
        return abs(float(cell) - value) <= 1e-8 * abs(value)
    return cell == value


# ---- report.md ----


def read_tables(text):
    """Titles of tables with their rows, by column."""
    tables, title, head = [], "", None
    for line in text.split("\n"):
        if line.startswith("### "):
            title, head = line[4:], None
        elif line.startswith("|-"):
            continue
        elif line.startswith("| "):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            if head is None:
                head = cells
                tables.append((title, []))
            else:
                tables[-1][1].append(dict(zip(head, cells)))
    return tables


def label(r):
    undo = r["undo"] if r["undo"] not in ("transition", "clean") else None
    kept = r["kept"] if r["kept"] != "memory" else None
    return " ".join(part for part in (r["strategy"], r["pair"], undo, kept) if part)


def row_of(results, r, tokens):
    """The cells of a switch."""
    machine = next(m for m in results.report["machines"] if m["name"] == r["machine"])
    cells = {"limit": r["limit"], "kept": reading.bytes_text(r["kept_bytes"]), "us": "-",
             "range": "-", "bound": "-"}
    cycles = contests.figure_of(r)
    if r["timed"]:
        cells["us"] = "%.2f" % (cycles / machine["clock_mhz"])
        least, most = (f(s["cycles"] for s in r["samples"]) for f in (min, max))
        if most > least:
            cells["range"] = "%.1f %%" % (100 * (most - least) / least)
        if cycles:
            cells["bound"] = "%.0f %%" % (100 * r["bound_cycles"] / cycles)
    for n in tokens:
        of, base = results.pass_after(r, n), results.base_pass(r, n)
        if not of or not base:
            cells["M=%d" % n] = "-"
            continue
        a, b = contests.cost_of(of), contests.cost_of(base)
        same = contests.winner(a, b) == "same"
        cells["M=%d" % n] = "same" if same else reading.overhead_text(a.figure / b.figure - 1)
    return cells


def check_switches(check, results, tables):
    """There is a row for every switch that was measured, with its numbers."""
    tokens = results.report["experiment"]["tokens"]
    want = {}
    for r in results.report["results"]:
        if r["work"] == "switch" and r["done"]:
            way = "%s to %s" % (r["from"], r["to"])
            want[r["workload"], r["placement"], r["machine"], label(r), way] = r
    for title, rows in tables:
        m = re.match(r"(.+), [\d,]+ weights, (resident|streamed), on ([^;]+)", title)
        for row in rows if m else []:
            at = check.of("report.md: %s: %s %s" % (title.split(";")[0], row["switch"], row["from"]))
            r = want.pop(m.groups() + (row["switch"], row["from"]), None)
            at.holds("there is such a switch", r is not None)
            for key, text in row_of(results, r, tokens).items() if r else []:
                at.equal(key, row[key], text)
    check.of("report.md").equal("switches without a row", [r["id"] for r in want.values()], [])


def ratio_text(told):
    """The ratio, with its range where its ends read differently."""
    of, low, high = told
    if of is None:
        return "-"
    ends = [None if v is None else reading.ratio_text(v) for v in (low, high)]
    one = reading.ratio_text(of)
    return one if ends[0] == ends[1] else "%s (%s to %s)" % (one, *ends)


def check_contests(check, results, tables):
    """There is a row for every comparison, and one more where passes as base change it."""
    want = {}
    for c in results.report["comparisons"]:
        case = (c["machine"], "%s %s %s" % (c["workload"], c["placement"][0], c["kept"]), c["size"])
        want[case + ("any",)] = c["any"], c
        if c["written"] and any(c["written"][s] != c["any"][s] for s in ("shira", "lora")):
            want[case + ("as base",)] = c["written"], c
    mhz = {m["name"]: m["clock_mhz"] for m in results.report["machines"]}
    for title, rows in tables:
        for row in rows if "quicker" in (rows[0] if rows else ()) else []:
            machine, _, case = row["case"].partition(" ")
            if machine not in mhz:  # one machine needs no name
                machine, case = next(iter(mhz)), row["case"]
            at = check.of("report.md: %s %s %s" % (row["case"], row["pairs"], row["passes"]))
            told = want.pop((machine, case, row["pairs"], row["passes"]), None)
            at.holds("there is such a comparison", told is not None)
            if told:
                check_contest(at, results, row, *told, mhz[machine])
    check.of("report.md").equal("comparisons without a row", sorted(want), [])


def check_contest(check, results, row, told, comparison, mhz):
    shira, lora = (contests.cost_of(results.by_id[told[side]]) for side in ("shira", "lora"))
    check.equal("SHiRA us", row["SHiRA us"], "%.2f" % (shira.figure / mhz))
    check.equal("LoRA us", row["LoRA us"], "%.2f" % (lora.figure / mhz))
    like = comparison["like"]
    check.equal("LoRA / SHiRA", row["LoRA / SHiRA"],
                ratio_text(contests.ratio(lora, shira)) if like else "other layers")
    check.equal("quicker", row["quicker"], contests.winner(shira, lora) if like else "-")
