#!/usr/bin/python3
"""Computes the numbers of a report.json a second time, from the rules in host/pack/numeric.md, the meanings in
host/report/keys.md and the data that `shirasim run --keep-data` wrote; report.csv and report.md too, where they lie
beside it. Nothing of the program is used.

Exit code: 0 where all agree, 1 with a list of those that do not, 2 for a wrong call.
"""
import argparse
import json
import os
import random
import sys

import bounds
import contests
import points
import reading
import tables
from workload import Workload

STRATEGIES = ("base", "reload", "lora-fused", "lora-unfused", "shira-scatter", "shira-overlay",
              "shira-dram")


class Check:
    """Compares, and remembers what differs."""

    def __init__(self):
        self.compared, self.wrong, self.what = 0, [], ""

    def of(self, what):
        self.what = what
        return self

    def equal(self, key, told, computed):
        self.compared += 1
        if told != computed:
            self.wrong.append("%s: %s: told %r, computed %r" % (self.what, key, told, computed))

    def close(self, key, told, computed, least=0.0):
        """Numbers of 9 digits, equal to 1e-6; `least`: a difference that is none."""
        self.compared += 1
        same = told is not None and abs(told - computed) <= max(
            1e-6 * max(abs(told), abs(computed)), least)
        if not same:
            self.wrong.append("%s: %s: told %r, computed %.9g" % (self.what, key, told, computed))

    def near(self, key, told, computed, least=0.0):
        """The same, or both null."""
        if told is None or computed is None:
            self.equal(key, told, computed)
        else:
            self.close(key, told, computed, least)

    def holds(self, what, true):
        self.compared += 1
        if not true:
            self.wrong.append("%s: not true: %s" % (self.what, what))


def choose(report, count, seed):
    """`count` points of every strategy, drawn by the seed; 0: all of them."""
    draw = random.Random(seed)
    chosen = []
    for strategy in STRATEGIES:
        of = [r for r in report["results"] if r["done"] and r["strategy"] == strategy]
        chosen += of if count == 0 or count >= len(of) else draw.sample(of, count)
    return chosen


def load(report, data):
    """All workloads of all machines, by their names."""
    return {(m["name"], facts["name"]): Workload(report, m, facts, data)
            for m in report["machines"] for facts in report["workloads"]}


def check_points(check, loaded, chosen):
    for r in chosen:
        w = loaded[r["machine"], r["workload"]]
        of = points.check_switch if r["work"] == "switch" else points.check_pass
        of(check.of(r["id"]), w, r)


def check_report(check, report):
    """What is made from results: figures, comparisons, words."""
    results = contests.Results(report)
    contests.check_samples(check, results)
    contests.check_comparisons(check, results)
    contests.check_models(check, results)
    reading.check_words(check, results)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", help="report.json")
    parser.add_argument("data", nargs="?", help="folder that run --keep-data wrote; without it only "
                        "what is made from the report itself is computed")
    parser.add_argument("--points", type=int, default=20, help="of every strategy; 0: all (20)")
    parser.add_argument("--seed", type=int, default=1, help="of the choice of points (1)")
    parser.add_argument("--dram", default="configs/dram", help="DRAM standards (configs/dram)")
    args = parser.parse_args()
    bounds.Dram.folder = args.dram
    with open(args.report) as f:
        report = json.load(f)
    if report.get("schema") != 2:
        parser.error("'%s': schema %r is not read" % (args.report, report.get("schema")))
    check = Check()
    chosen = []
    if args.data:
        loaded = load(report, args.data)
        for (machine, name), w in loaded.items():
            points.check_workload(check.of("%s on %s" % (name, machine)), w)
        chosen = choose(report, args.points, args.seed)
        check_points(check, loaded, chosen)
    results = check_report(check, report)
    tables.check_tables(check, results, os.path.dirname(args.report))
    for line in check.wrong:
        print(line)
    print("%d points, %d numbers compared, %d differ" % (len(chosen), check.compared, len(check.wrong)))
    return 1 if check.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
