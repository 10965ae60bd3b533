#!/usr/bin/env python3
"""Prints a report.json with numbers that could be true, made from a seed: for tests of the page, which need
more results than can be simulated, and names and holes that no experiment has.

usage: tests/page/sample.py [--results N] [--machines N] [--hostile] [--missing N] [--seed N] > report.json
--results  at least so many, by more workloads; default: what the default experiment has
--hostile  names with markup in them
--missing  so many points were not measured
"""
import argparse
import json
import random
import sys

CLASSES = "descriptor weight index value parameter factor activation output undo completion check".split()
ENGINES = "command copy scatter gemm".split()
STATES = "busy starved stalled waiting idle".split()
SRAMS = "weight activation accumulator parameter".split()
TOKENS = [1, 128]
PEAK = 17.064  # bytes a cycle of memory
LINK = 3.938  # bytes a cycle of the host link
HOSTILE = "</script><img src=x onerror=alert(1)>&amp;'\"--><!--"


def machine(name, clock):
    port = {"arbitration": "copy-first", "ecc": "none", "ports": "1r1w", "latency_cycles": 1}
    dram = {
        "name": "LPDDR4X-4266", "source": "a sample", "data_rate": 4266, "transfers_per_clock": 8, "channels": 2,
        "channel_bits": 16, "burst_length": 16, "ranks": 1, "mapping": "ro-ra-co-bg-ba-c4-ch", "hash": "column",
        "refresh": "per-bank", "refresh_rate": 1, "refresh_postpone": 7, "ecc": "none", "queue": 64, "window": 64,
        "writes": "batch", "batch": 48, "cap_clocks": 4000, "idle_close_clocks": 200, "energy_source": "a sample",
        "bit_pj": None, "activate_pj": 1193, "read_pj": 2168, "write_pj": 1288, "refresh_pj": 23436,
        "refresh_bank_pj": 2050, "closed_mw": 34.1, "open_mw": 37.9,
    }
    return {
        "name": name, "clock_mhz": clock, "process": "16nm", "array_n": 16, "array_k": 16, "layout": "tile", "weight_sram_bytes": 8388608,
        "weight_sram_banks": 16, "activation_sram_bytes": 1048576, "accumulator_sram_bytes": 65536,
        "parameter_sram_bytes": 262144, **{f"{s}_sram": port for s in SRAMS}, "scatter_lanes": 8,
        "scatter_decode_bytes": 16, "scatter_fifo_depth": 8, "scatter_merge": True, "scatter_block_updates": 768,
        "counters": "full", "axi_data_bits": 256, "axi_burst_bytes": 512, "axi_outstanding": 128, "command_queue_depth": 4,
        "memory_bytes": 2147483648, "memory_latency_cycles": 30, "memory_peak_mb_s": 17064, "memory_burst_bytes": 32,
        "memory_sequential_mb_s": 17024.8251, "refresh_cycles": 488, "host_link_bytes": 536870912,
        "host_link_latency_cycles": 1000, "host_link_peak_mb_s": 3938, "host_link_credits": 256, "dram": dram,
        "area": None, "timing": timing(clock),
    }


ALLOWED = 1200  # MHz at 16 nm


def timing(clock):
    depth = round(1e6 / ALLOWED / 10.4 - 0.005, 2)
    place = {"cells": 40, "from": "u_copy.a_q[0]", "to": "u_scatter.b_q (SRAM)", "through": "copy memories scatter"}
    blocks = [{"name": n, "fo4": f, "ns": f / 10, **place} for n, f in (("copy", 31.5), ("scatter", depth), ("gemm", 64))]
    fast = f"{clock} MHz is more than its RTL allows at 16nm: scatter is {depth:.1f} FO4 of 10.4 ps deep, {ALLOWED} MHz."
    return {
        "tool": "a sample", "library": "cells", "fo4_ns": 0.1, "deepest_fo4": depth, "blocks": blocks,
        "clocks": [{"process": "16nm", "fo4_ps": 10.4, "clock_mhz": ALLOWED, "source": "a sample"}],
        "too_fast": fast if clock > ALLOWED else None,
    }


def hash_of(*parts):
    return random.Random("/".join(map(str, parts))).randbytes(32).hex()


def workload(name, side):
    weights = side * side if side else 5971968
    return {
        "name": name, "model": "square" if side else "stories15m", "side": side, "linears": 1 if side else 42,
        "layer": f"{side}x{side}" if side else "42 linears of 6 blocks", "weights": weights,
        "blocks": None if side else {"first": 0, "count": 6, "all": 6, "hidden": 288, "vocab": 32000},
        "weights_hash": hash_of(name), "inputs": [{"tokens": M, "hash": hash_of(name, M)} for M in TOKENS],
    }


def pair(work, name, kind, mask, size, parameters, rank):
    side = {
        "modules": work["linears"], "targeted_weights": work["weights"], "parameters": parameters,
        "density": parameters / work["weights"], "rank_min": rank, "rank_max": rank,
        "targets_hash": hash_of(work["name"], "targets"),
    }
    percent = f"{100 * parameters / work['weights']:.2f} %"
    label = f"LoRA rank {rank}" if kind == "lora" else f"SHiRA {mask} {percent}"
    return {"workload": work["name"], "name": name, "label": label, "kind": kind, "mask": mask, "size": size,
            "a": side, "b": side}


def pairs_of(work):
    ends = 2 * work["weights"] ** 0.5 if work["side"] else 2 * 288 * 42
    sparse = int(work["weights"] * 0.01)
    equal = max(1, round(sparse / ends))
    return [
        pair(work, "rand", "shira", "rand", "papers", sparse, 0),
        pair(work, "struct", "shira", "struct", "papers", sparse, 0),
        pair(work, "rank-32", "lora", None, "papers", int(32 * ends), 32),
        pair(work, f"rank-{equal}-equal", "lora", None, "equal", int(equal * ends), equal),
    ]


def split(rng, total, names, shares):
    parts = {n: int(total * s * rng.uniform(0.9, 1)) for n, s in zip(names, shares)}
    rest = names[shares.index(max(shares))]
    parts[rest] = total - sum(v for n, v in parts.items() if n != rest)
    return parts


def figure(rng, m, cycles, bound, limit, read, written, phases):
    """What every timed point has. The median is a sample; the others lie within 2 % of it."""
    cycles, bound = int(cycles), float(min(bound, cycles))
    count = (8 if cycles < 32 * m["refresh_cycles"] else 2) if cycles else 1
    jitter = [1 + rng.uniform(-0.01, 0.01) for _ in range(count)]
    values = sorted(int(cycles * j) for j in jitter)
    values[count // 2] = cycles
    rng.shuffle(values)
    samples = [{"eighth": i * 8 // count, "cycles": v} for i, v in enumerate(values)]
    states = {e: split(rng, cycles, STATES, w) for e, w in zip(ENGINES, (
        [0.02, 0.03, 0.01, 0.04, 0.9], [0.6, 0.2, 0.05, 0.05, 0.1], [0.05, 0.1, 0.05, 0.3, 0.5], [0.1, 0.1, 0.1, 0.2, 0.5]))}
    traffic = {"read": read, "written": written, "read_bytes": sum(read.values()), "written_bytes": sum(written.values()),
               "bursts": {"read": sum(read.values()) // 32, "written": sum(written.values()) // 32}}
    counters = {f"{e}_{s}": v for e, of in states.items() for s, v in of.items()}
    counters |= {f"read_bytes_{c}": read.get(c, 0) for c in CLASSES}
    counters |= {f"written_bytes_{c}": written.get(c, 0) for c in CLASSES}
    counters |= {f"{s}_{w}": rng.randrange(cycles + 1) for s in SRAMS for w in ("reads", "writes")}
    counters |= {"cycles": cycles, "read_bursts": traffic["bursts"]["read"], "written_bursts": traffic["bursts"]["written"],
                 "port_conflicts": 0, "updates": 0, "bank_stalls": 0, "macs": 0, "descriptors": 3}
    reads, writes = counters["read_bursts"], counters["written_bursts"]
    energy = {"activate": 4772, "read": reads * 2168, "write": writes * 1288, "refresh": cycles // 488 * 2050,
              "closed": 0, "open": cycles * 38}
    energy["total"] = sum(energy.values())
    memory = {
        "clocks": int(cycles * 4.3), "reads": reads, "whole_writes": writes, "masked_writes": 0, "row_hits": reads,
        "row_misses": 4, "row_conflicts": 0, "activates": 4, "precharges": 4, "refreshes": cycles // 488,
        "turnarounds": 4, "bus_clocks": reads * 2, "turnaround_clocks": 138, "refresh_clocks": 0,
        "open_clocks": cycles, "energy_pj": energy,
        "bytes_read": reads * 32, "bytes_written": writes * 32, "row_hit_rate": 0.98, "bus_utilisation": 0.9,
        "refresh_share": 0.001, "turnaround_share": 0.002,
        "read_latency_cycles": {"p50": 79, "p90": 95, "p99": 127, "longest": 255}, "read_latencies": [[79, reads]],
        "traffic": {c: {"reads": v // 32, "whole_writes": 0, "masked_writes": 0, "bytes": v} for c, v in read.items()},
    }
    return {
        "done": True, "reason": None, "timed": True, "cycles": cycles, "us": cycles / m["clock_mhz"],
        "low": min(values), "high": max(values), "samples": samples,
        "figure_eighth": next(s["eighth"] for s in samples if s["cycles"] == cycles), "bound_cycles": bound,
        "sustained_bound_cycles": bound, "of_bound": bound / cycles if cycles else None, "limit": limit,
        "phases": split(rng, cycles, "descriptor_fetch stream_fetch decode work drain".split(), phases),
        "states": states, "counters": counters, "traffic": traffic, "memory": memory,
        "exact": {"reference": True, "golden": True, "restore": None, "restore_drift": None},
    }


class Place:
    """One machine, workload and placement: its passes and switches."""

    def __init__(self, seed, m, work, pairs, placement):
        self.rng = random.Random(f"{seed}/{m['name']}/{work['name']}/{placement}")
        self.m, self.work, self.pairs, self.placement = m, work, pairs, placement
        self.passes, self.switches = {}, []

    def key(self, **parts):
        return {"machine": self.m["name"], "workload": self.work["name"], "placement": self.placement, **parts}

    def add_pass(self, strategy, pair, kept, active, more):
        """The id of the pass of each M; made at the first call. `more` is its overhead at M = 1 and at many."""
        ids = []
        for M, extra in zip(TOKENS, more):
            parts = [self.m["name"], self.work["name"], self.placement, strategy, pair, kept, active, f"M{M}"]
            ident = "/".join(p for p in parts if p)
            ids.append(ident)
            if ident in self.passes:
                continue
            weights = self.work["weights"]
            base = max(weights / (PEAK if self.placement == "streamed" else 256) * 1.02, weights * M / 256) + 600
            read = {"activation": 16 * M, "weight": weights if self.placement == "streamed" else 0}
            f = figure(self.rng, self.m, base * (1 + extra), base * 0.98 * (1 + extra), "memory" if M == 1 else "macs",
                       read, {"output": 16 * M}, [0.1, 0.1, 0.05, 0.7, 0.05])
            del f["phases"]
            self.passes[ident] = {"id": ident, "work": "pass", **self.key(strategy=strategy, pair=pair, undo=None, kept=kept),
                                  "from": active, "to": active, "tokens": M, **f, "outputs_hash": hash_of(ident)}
        return ids

    def overheads(self, ids):
        out = []
        for M, ident in zip(TOKENS, ids):
            mine = self.passes[ident]
            base = next(p for p in self.passes.values() if p["strategy"] == "base" and p["tokens"] == M)
            both = {s["eighth"]: s["cycles"] for s in base["samples"]}
            over = [s["cycles"] / both[s["eighth"]] - 1 for s in mine["samples"] if s["eighth"] in both]
            out.append({"tokens": M, "id": ident, "overhead": mine["cycles"] / base["cycles"] - 1, "overhead_low": min(over),
                        "overhead_high": max(over), "same": not (min(over) > 0 or max(over) < 0)})
        return out

    def add_switch(self, strategy, p, undo, kept, change, cycles, bound, limit, size, own_pass):
        active = change[1]
        if own_pass:
            where = None if strategy == "shira-overlay" else "chip" if kept == "chip" else "memory"
            ids = self.add_pass(strategy, p["name"], where, active, own_pass)
        else:
            ids = self.add_pass("base", None, None, "base", [0, 0])
        parts = [self.m["name"], self.work["name"], self.placement, strategy, p["name"], undo, kept, "-".join(change)]
        ident = "/".join(x for x in parts if x)
        moved = size if cycles else 0
        f = figure(self.rng, self.m, cycles, bound, limit, {"descriptor": 128, "value": moved}, {"completion": 64},
                   [0.05, 0.1, 0.02, 0.8, 0.03])
        touched = p["b"]["parameters"] if p["kind"] == "shira" else self.work["weights"]
        self.switches.append({
            "id": ident, "work": "switch", **self.key(strategy=strategy, pair=p["name"], undo=undo, kept=kept),
            "from": change[0], "to": change[1], "tokens": 0, **f, "updates": p["b"]["parameters"] if p["kind"] == "shira" else 0,
            "streams": 1, "stream_bytes": moved, "kept_bytes": size, "pair_bytes": size if undo == "transition" else 0,
            "weights": {"targeted": self.work["weights"], "touched": touched, "changed": touched * 95 // 100, "zeroed": touched // 20, "clipped": 0},
            "weights_hash": hash_of(ident), "error_l2": [{"tokens": M, "value": 0.0117} for M in TOKENS],
            "passes": self.overheads(ids),
        })

    def fill(self):
        rng, weights = self.rng, self.work["weights"]
        streamed = self.placement == "streamed"
        self.add_pass("base", None, None, "base", [0, 0])
        for change in (("base", "A"), ("A", "B")):
            both = 2 if change[0] == "A" else 1
            for p in self.pairs:
                count = p["b"]["parameters"]
                for kept in ("memory", "host"):
                    way, limit = (PEAK, "memory") if kept == "memory" else (LINK, "host link")
                    delay = 250 if kept == "memory" else 1200
                    fetch = lambda size, share: (size / way / share * rng.uniform(1, 1.01) + delay, size / way, limit)
                    if p["kind"] == "lora":
                        pointer = streamed and kept == "memory"
                        self.add_switch("reload", p, None, kept, change, *((0, 0, "none") if pointer else fetch(weights, 0.99)), weights, None)
                        macs = weights * max(p["b"]["rank_max"], 16) / 256
                        self.add_switch("lora-fused", p, "clean", kept, change, macs / 0.95 + delay, macs, "macs", count, None)
                        self.add_switch("lora-unfused", p, None, kept, change, *fetch(count, 0.97), count, [0.031, 0.03])
                    elif streamed:
                        pointer = kept == "memory"
                        size = int(count * 2.13)
                        self.add_switch("shira-overlay", p, None, kept, change, *((0, 0, "none") if pointer else fetch(size, 0.97)), size, [0.0235, 0.0003])
                        spread = weights * (0.54 if p["mask"] == "rand" else 0.2) / PEAK * both / 2
                        self.add_switch("shira-dram", p, "transition", kept, change, spread / 0.9, spread, "memory", size, None)
                    else:
                        size = int(count * 2.13 * both)
                        self.add_switch("shira-scatter", p, "transition", kept, change, *fetch(size, 0.965), int(count * 4.3), None)
                if p["kind"] == "lora":
                    self.add_switch("lora-unfused", p, None, "chip", change, 0, 0, "none", count, [0.034, 0.031])
        return list(self.passes.values()) + self.switches


def cost(by_id, r, M, T):
    after = next(p["id"] for p in r["passes"] if p["tokens"] == M)
    return r["cycles"] + T / M * by_id[after]["cycles"]


def spans(by_id, shira, lora, M):
    """Break-evens of the cheapest of both sides, found between the points where lines cross."""
    lines = [(s["cycles"], cost(by_id, s, M, 1) - s["cycles"]) for s in shira + lora]
    turns = {0.0}
    for a in lines[: len(shira)]:
        for b in lines[len(shira):]:
            if a[1] != b[1] and (b[0] - a[0]) / (a[1] - b[1]) > 0:
                turns.add((b[0] - a[0]) / (a[1] - b[1]))
    best = lambda side, T: min(side, key=lambda r: cost(by_id, r, M, T))
    out, turns = [], sorted(turns)
    for i, start in enumerate(turns):
        end = turns[i + 1] if i + 1 < len(turns) else None
        T = (start + end) / 2 if end else 2 * start + 100 * M
        s, l = best(shira, T), best(lora, T)
        d = cost(by_id, l, M, T) - cost(by_id, s, M, T)
        winner = "shira" if d > 0 else "lora" if d < 0 else "same"
        if out and out[-1]["winner"] == winner:
            out[-1]["to_tokens"] = end
        else:
            out.append({"from_tokens": start, "to_tokens": end, "winner": winner, "shira": s["id"], "lora": l["id"]})
    return out


def against(shira, lora):
    if not shira or not lora:
        return None
    s, l = (min(side, key=lambda r: r["cycles"]) for side in (shira, lora))
    ratio = l["cycles"] / s["cycles"] if s["cycles"] else None
    winner = "same" if l["cycles"] == s["cycles"] else "shira" if l["cycles"] > s["cycles"] else "lora"
    return {"shira": s["id"], "lora": l["id"], "ratio": ratio, "ratio_low": ratio, "ratio_high": ratio, "winner": winner}


def compare(by_id, sizes, place):
    out = []
    for kept in ("memory", "host"):
        for size in ("papers", "equal"):
            here = [r for r in place.switches if r["done"] and r["from"] == "A" and (r["kept"] == "host") == (kept == "host")
                    and all(by_id[p["id"]]["done"] for p in r["passes"])]
            shira = [r for r in here if r["strategy"].startswith("shira")]
            lora = [r for r in here if r not in shira and sizes[r["workload"], r["pair"]] == size]
            if not shira or not lora:
                continue
            written = [[r for r in side if r["strategy"] not in ("lora-unfused", "shira-overlay")] for side in (shira, lora)]
            out.append({**place.key(), "kept": kept, "size": size, "from": "A", "to": "B", "like": True, "differs": None,
                        "any": against(shira, lora), "written": against(*written),
                        "passes": [{"tokens": M, "spans": spans(by_id, shira, lora, M)} for M in TOKENS]})
    return out


def answer(by_id, comparisons, missing):
    c = comparisons[-8] if len(comparisons) >= 8 else comparisons[0]
    us = lambda ident: by_id[ident]["us"]
    pick = []
    for label, ident in (("SHiRA's best switch", c["any"]["shira"]), ("LoRA's best switch", c["any"]["lora"]),
                         ("LoRA's best in the weights", c["written"]["lora"])):
        r = by_id[ident]
        pick.append({"label": label, "value": r["us"], "text": f"{r['us']:.3g} us", "note": r["strategy"], "id": ident, "of_bound": r["of_bound"]})
    last = next(p for r in by_id.values() if r["id"].endswith("A-B") and r["strategy"] == "lora-unfused" and r["done"] for p in r["passes"])
    over = last["overhead"]
    pick.append({"label": "Then on every pass, LoRA unfused", "value": over, "text": f"{over * 100:+.1f} %", "note": "M = 1",
                 "id": last["id"], "of_bound": by_id[last["id"]]["of_bound"]})
    headline = (f"On {c['machine']}, switching a {c['workload']} takes SHiRA {us(c['any']['shira']):.3g} us and LoRA "
                f"{us(c['written']['lora']):.3g} us at best where it is written into the weights.")
    say = "This paragraph stands for the words that shirasim makes. It has two sentences, as those have, and some length."
    text = [{"title": t, "text": say} for t in ("Resident", "Streamed", "Adapters in the host's memory", "Passes", "Exactness")]
    if missing:
        text.append({"title": "Missing", "text": f"{missing} points were not measured."})
    return {"headline": headline, "figures": pick, "text": text}


def report(wanted=0, machines=1, missing=0, hostile=False, seed=1, timed=True):
    made = [machine(n, c) for n, c in (("edge16", 1000), ("mobile4", 800), ("card64", 1250), ("edge32", 1000))[:machines]]
    if not timed:
        for m in made:
            m["timing"] = None
    tail = HOSTILE if hostile else ""
    works, places, pairs, count, i = [], [], [], 0, 0
    sides = [256, 512, 1024, 0, 2048]
    while i < len(sides) or count < wanted:
        side = sides[i] if i < len(sides) else 256 + 16 * i
        work = workload(("stories15m" if not side else f"{side}x{side}") + tail, side)
        works.append(work)
        pairs += (mine := pairs_of(work))
        for m in made:
            for placement in ("resident", "streamed"):
                place = Place(seed, m, work, mine, placement)
                count += len(place.fill())
                places.append(place)
        i += 1
    results = [r for p in places for r in list(p.passes.values()) + p.switches]
    holes = random.Random(seed).sample([r for r in results if missing > 500 or r["strategy"] != "base"], missing)
    for r in holes:
        keep = ("id", "work", "machine", "workload", "placement", "strategy", "pair", "undo", "kept", "from", "to", "tokens")
        rest = {k: r[k] for k in keep}
        r.clear()
        r.update(rest, done=False, reason="the worker was ended by signal 9" + tail)
    by_id = {r["id"]: r for r in results}
    sizes = {(p["workload"], p["name"]): p["size"] for p in pairs}
    comparisons = [c for p in places for c in compare(by_id, sizes, p)]
    experiment = {"name": "sample" + tail, "seed": seed, "stall_percent": 0, "tokens": TOKENS, "strength": 0.05, "weights": None,
                  "shira_format": "gap8", "shira": {"a": None, "b": None}, "lora": {"a": None, "b": None}}
    return {"schema": 2, "program": "shirasim 0.2.0", "complete": not missing, "missing": missing, "device": "rtl",
            "experiment": experiment, "machines": made, "workloads": works, "pairs": pairs, "results": results,
            "comparisons": comparisons, "models": [], "answer": answer(by_id, comparisons, missing) if comparisons else {"headline": "", "figures": [], "text": []}}


FIGURE = ("cycles us low high samples figure_eighth bound_cycles sustained_bound_cycles of_bound limit phases states "
          "counters traffic memory").split()


def odd():
    """Reports of which most is not there: (name, report)."""
    golden = report()  # a device that keeps no time
    for r in golden["results"]:
        r["timed"] = False
        for key in FIGURE:
            r.pop(key, None)
    passes = report()  # no switch, no pair
    passes["results"] = [r for r in passes["results"] if r["work"] == "pass" and r["strategy"] == "base"]
    passes["pairs"] = []
    one = report()  # one strategy, whose switches only change a pointer
    one["results"] = [r for r in one["results"] if r["work"] == "pass" or r["kept"] == "chip"]
    one["pairs"] = [p for p in one["pairs"] if p["kind"] == "lora"]
    nothing = report(missing=600)
    for r in (golden, passes, one, nothing):
        r["comparisons"], r["answer"]["figures"] = [], []
    empty = {**passes, "results": [], "workloads": []}
    return {"golden": golden, "passes": passes, "one": one, "nothing": nothing, "empty": empty}.items()


def many(count):
    """The text of a report of so many results: above 5,000 the same ones again, each time of another machine."""
    one = report(wanted=min(count, 5000))
    copies = -(-count // len(one["results"]))
    dump = lambda v: json.dumps(v, separators=(",", ":"), sort_keys=True)
    again = lambda text: [text] + [text.replace("edge16", f"edge16-{k}") for k in range(1, copies)]
    lists = {key: ",".join(again(dump(one.pop(key))[1:-1])) for key in ("machines", "results", "comparisons")}
    return dump(one)[:-1] + "".join(f',"{key}":[{text}]' for key, text in lists.items()) + "}"


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--results", type=int, default=0)
    p.add_argument("--machines", type=int, default=1)
    p.add_argument("--missing", type=int, default=0)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--hostile", action="store_true")
    a = p.parse_args()
    json.dump(report(a.results, a.machines, a.missing, a.hostile, a.seed), sys.stdout, separators=(",", ":"), sort_keys=True)


if __name__ == "__main__":
    main()
