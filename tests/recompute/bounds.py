"""The least cycles of a switch or a pass, from host/pack/numeric.md."""
import os
import re

import numpy as np

from layout import HEADER, POSITION, ceil_div

MOST_CLASSES = 64
MEMORY_BASE = 0x80000000


class Demand:
    """What a piece of work needs, added up over its linears."""

    def __init__(self, machine, host):
        self.m, self.host = machine, host
        self.classes = min(machine.n, MOST_CLASSES)
        self.read = self.written = self.adapter_read = self.adapter_written = 0.0
        self.macs = self.results = self.updates = self.gap_bytes = 0.0
        self.act_reads = self.act_writes = 0.0
        self.reads, self.writes = np.zeros(self.classes), np.zeros(self.classes)
        self.masked = {}

    def spread(self, weights, counts):
        counts += weights / self.m.k / self.classes

    def load(self, out, columns):
        """Full weights from memory into the weight SRAM."""
        self.read += out * columns
        self.spread(out * columns, self.writes)

    def store(self, out, columns):
        self.written += out * columns
        self.spread(out * columns, self.reads)

    def change(self, out, columns):
        """Every weight of the weight SRAM read and written."""
        self.spread(out * columns, self.reads)
        self.spread(out * columns, self.writes)

    def lora_product(self, out, columns, rank):
        a, b = rank * columns, out * rank
        self.read += a + b
        self.adapter_read += a + b
        self.spread(a, self.writes)
        self.spread(a, self.reads)
        self.act_writes += b
        self.act_reads += b
        self.macs += out * columns * rank
        self.results += out * columns

    def lora_fetch(self, out, columns, rank):
        self.load(rank, columns)
        self.load(out, rank)
        self.adapter_read += rank * (out + columns)

    def word(self):
        """Bytes of a word of the activation SRAM."""
        return max(self.m.beat, self.m.k, self.m.n)

    def store_results(self, count):
        word = self.word()
        if self.m["activation_sram"]["ecc"] == "none" or word <= self.m.n:
            self.act_writes += count
        else:
            self.act_reads += count / self.m.n * word
            self.act_writes += count / self.m.n * word

    def product(self, out, columns, tokens):
        self.macs += out * columns * tokens
        self.results += out * tokens
        self.spread(out * columns, self.reads)

    def pass_linear(self, out, columns, tokens, fetch):
        if fetch:
            self.read += tokens * columns
            self.act_writes += tokens * columns
        self.act_reads += tokens * (columns + out)
        self.store_results(tokens * out)
        self.written += tokens * out
        self.product(out, columns, tokens)

    def pass_lora(self, out, columns, rank, tokens):
        """The two products of an unfused LoRA, beside pass_linear."""
        self.product(rank, columns, tokens)
        self.product(out, rank, tokens)
        self.store_results(tokens * rank)
        self.act_reads += tokens * rank

    # ---- streams ----

    def scatter(self, linear, form, modules, op, home):
        """The updates of one or two modules of a linear. home: where its image is in memory, and a
        list that bytes of memory are added to; None: it is in the weight SRAM."""
        columns = linear.columns
        positions = np.unique(np.concatenate(
            [self.m.position(m.row, m.col, columns) for m in modules]))
        if not len(positions):
            return
        byte = self.m.byte_of(positions, columns)
        if home is None:
            self.words(positions, byte, columns, op)
        else:
            home[1].append(home[0] + byte)
        gaps = POSITION * len(positions) if form == "coo32" else self.gaps(positions)
        blocks = len(positions) / self.m.block_updates
        self.updates += len(positions)
        self.gap_bytes += gaps
        self.read += HEADER * blocks + gaps + len(positions)
        self.adapter_read += HEADER * blocks + gaps + len(positions)
        if op == "swap":
            self.written += len(positions) + 4 * blocks
            self.adapter_written += len(positions) + 4 * blocks

    def gaps(self, positions):
        """Least gap bytes: a gap is left out where a block starts."""
        longest = HEADER + 2 * self.m.align
        updates = used = total = 0
        for gap in [0] + ((np.diff(positions) - 1) // 255 + 1).tolist():
            if (not total or updates == self.m.block_updates or used + gap > self.m.block_gaps
                    or gap > longest):
                updates, used, gap = 0, 0, 1
            updates += 1
            used += gap
            total += gap
        return total

    def words(self, positions, byte, columns, op):
        """Words of the weight SRAM that are written, and read before."""
        word = byte // self.m.k
        merge = self.m["scatter_merge"]
        first = np.ones(len(word), bool)
        if merge:
            first[1:] = positions[1:] // self.m.k != positions[:-1] // self.m.k
        np.add.at(self.writes, word[first] % self.classes, 1)
        read = np.full(len(word), op != "set")
        if op == "set" and self.m["weight_sram"]["ecc"] == "word":
            read = ~(self.whole(word, columns) if merge else np.zeros(len(word), bool))
        np.add.at(self.reads, word[first & read] % self.classes, 1)

    def whole(self, word, columns):
        """Whether all weights of an update's word are updated; padding need not be."""
        across = ceil_div(columns, self.m.k)
        column = word // self.m.n % across * self.m.k
        need = np.minimum(columns - column, self.m.k)
        _, where, count = np.unique(word, return_inverse=True, return_counts=True)
        return count[where] >= need

    def bursts(self, byte, op):
        """Bytes of memory in the order of a stream: those of one burst that follow one another share it."""
        burst = byte // self.m.align
        starts = np.flatnonzero(np.concatenate([[True], burst[1:] != burst[:-1]]))
        sizes = np.diff(np.concatenate([starts, [len(burst)]]))
        self.written += len(starts) * self.m.align
        self.read += len(starts) * self.m.align if op != "set" else 0
        dram = self.m["dram"]
        for number, size in zip(burst[starts].tolist(), sizes.tolist()):
            if not dram or size == self.m.align:
                continue
            if dram["ecc"] == "word":
                self.read += self.m.align if op == "set" else 0
            else:
                bank = Dram(self.m).bank(number - MEMORY_BASE // self.m.align)
                self.masked[bank] = self.masked.get(bank, 0) + 1

    # ---- the bound ----

    def fullest(self, *counts):
        return max(sum(counts)) * self.classes / self.m["weight_sram_banks"]

    def cycles_of(self, mb_s):
        """Cycles by resource."""
        m = self.m
        mhz, word = m["clock_mhz"], self.word()
        host_read = self.adapter_read if self.host else 0
        host_written = self.adapter_written if self.host else 0
        need = {
            "memory": (self.read + self.written - host_read - host_written) / (mb_s / mhz),
            "memory latency": max(self.in_flight(self.read, host_read, "cl"),
                                  self.in_flight(self.written, host_written, "cwl")),
            "masked writes": self.masked_gaps(),
            "host link": self.link(host_read + host_written),
            "axi read": self.read / m.beat,
            "axi write": self.written / m.beat,
            "macs": self.macs / (m.n * m.k),
            "results": self.results / m.n,
            "lanes": self.updates / m["scatter_lanes"],
            "decoder": self.gap_bytes / m["scatter_decode_bytes"],
        }
        if m["weight_sram"]["ports"] == "1rw":
            need["weight port"] = self.fullest(self.reads, self.writes)
        else:
            need["weight read port"] = self.fullest(self.reads)
            need["weight write port"] = self.fullest(self.writes)
        if m["activation_sram"]["ports"] == "1rw":
            need["activation port"] = (self.act_reads + self.act_writes) / word
        else:
            need["activation read port"] = self.act_reads / word
            need["activation write port"] = self.act_writes / word
        return need

    def in_flight(self, size, host, timing):
        """Cycles of AXI bursts in flight in one direction, `host` bytes of them over the link."""
        m = self.m
        beats = max(m["axi_burst_bytes"], m.beat) / m.beat - 1  # behind the first
        flight = m["axi_outstanding"] * m["axi_burst_bytes"]
        latency = m["memory_latency_cycles"] + beats
        if m["dram"]:
            d = Dram(m)
            clocks = d.clocks(timing) + d.setup["burst_length"] / d.per_clock - 1
            latency += clocks * d.per_clock * m["clock_mhz"] / d.rate
        link = m["host_link_latency_cycles"] + beats
        return ((size - host) * latency + host * link) / flight

    def link(self, size):
        """Cycles of the host link: its rate, or its credits."""
        m = self.m
        flight = m["host_link_credits"] * m.align
        return max(size * m["clock_mhz"] / m["host_link_peak_mb_s"],
                   size * m["host_link_latency_cycles"] / flight)

    def masked_gaps(self):
        if not self.masked:
            return 0
        d = Dram(self.m)
        clocks = (max(self.masked.values()) - 1) * d.clocks("tccd_masked")
        return clocks * d.per_clock * self.m["clock_mhz"] / d.rate

    def bound(self, mb_s):
        """The least cycles, and the name of the resource that needs them: the first of equals."""
        need = self.cycles_of(mb_s)
        name = max(need, key=need.get)
        return (need[name], name) if need[name] > 0 else (0.0, "none")


class Dram:
    """Where bursts of a machine's DRAM lie, and its timings, from configs/dram."""

    folder = "configs/dram"
    known = {}

    def __new__(cls, machine):
        name = machine["name"]
        if name not in cls.known:
            cls.known[name] = super().__new__(cls)
            cls.known[name].load(machine)
        return cls.known[name]

    def load(self, machine):
        self.setup = machine["dram"]
        self.keys = self.standard(self.setup["name"])
        self.rate = int(self.keys["data_rate"])
        self.per_clock = int(self.keys["transfers_per_clock"])
        self.banks, self.groups = int(self.keys["banks"]), int(self.keys["bank_groups"])
        burst = self.setup["channel_bits"] // 8 * self.setup["burst_length"]
        columns = size_of(self.keys["page_bytes"]) // burst
        self.map(columns)

    def standard(self, name):
        """Keys of the file whose `name` it is, timings included."""
        for file in sorted(os.listdir(self.folder)):
            with open(os.path.join(self.folder, file)) as f:
                pairs = re.findall(r"^ *(\w+): *([^#\n]*[^#\s])", f.read(), re.M)
            if dict(pairs).get("name") == name:
                return dict(pairs)
        raise ValueError("'%s': no file of %s has this name" % (name, self.folder))

    def map(self, columns):
        """Shift and mask of each part of an address."""
        fields = self.setup["mapping"].split("-")
        low = next((int(f[1:]) for f in fields if re.fullmatch(r"c\d", f)), 0)
        size = {"ro": int(self.keys["rows"]), "ra": self.setup["ranks"], "bg": self.groups,
                "ba": self.banks, "co": columns >> low, "ch": self.setup["channels"]}
        self.low, self.column_bits = low, bits(columns) - low
        self.field, shift = {"ra": (0, 0), "bg": (0, 0), "ch": (0, 0)}, 0
        for f in reversed(fields):
            n = size.get(f, 1 << low)
            self.field["low" if f not in size else f] = (shift, n - 1)
            shift += bits(n)

    def part(self, name, burst):
        shift, mask = self.field.get(name, (0, 0))
        return burst >> shift & mask

    def bank(self, burst):
        """Channel, rank and bank of a burst, hash included."""
        channel, bank = self.part("ch", burst), self.part("bg", burst) * self.banks + self.part(
            "ba", burst)
        row, column = self.part("ro", burst), self.part("co", burst)
        bank_bits = bits(self.banks * self.groups)
        if self.setup["hash"] == "row":
            bank ^= row & (1 << bank_bits) - 1
        elif self.setup["hash"] == "column":
            line = row << self.column_bits | column
            channel ^= fold(line << bank_bits | bank, bits(self.setup["channels"]))
            bank ^= fold(line, bank_bits)
        return channel, self.part("ra", burst), bank

    def clocks(self, timing):
        """A time in clocks, rounded up: the longer of its nanoseconds and its clocks."""
        longest = 0
        for number, unit in re.findall(r"([\d.]+) *(ns|ck)", self.keys[timing]):
            n = float(number)
            if unit == "ns":
                ps = round(n * 1000)
                n = ceil_div(ps * self.rate, self.per_clock * 1000000)
            longest = max(longest, int(n))
        return longest


def bits(n):
    return n.bit_length() - 1


def fold(x, width):
    total = 0
    while x and width:
        total ^= x
        x >>= width
    return total & (1 << width) - 1


def size_of(text):
    number, *unit = text.split()
    return int(number) * {"": 1, "KiB": 1024, "MiB": 1 << 20}["".join(unit)]


def scatter_demand(d, point):
    """The streams of a switch, one after the other, each linear after linear."""
    op = {"swap": "swap", "sub": "add"}.get(point.undo, "set")
    streams = [[m] for m in (point.src, point.to) if m]
    if point.undo == "transition":
        streams = [[m for m in (point.src, point.to) if m]]
    in_memory = point.strategy == "shira-dram"
    for adapters in streams:
        byte = []
        for i, l in enumerate(point.w.linears):
            modules = [a[i] for a in adapters if i in a]
            home = (point.w.home + point.place.addr[i], byte) if in_memory else None
            if modules:
                d.scatter(l, point.w.form, modules, op, home)
        if byte:
            d.bursts(np.concatenate(byte), op)


def move_weights(d, l, streamed):
    """Ready-made weights: into the weight SRAM, or to where streamed weights live."""
    if streamed:
        d.read += l.w.size
        d.written += l.w.size
    else:
        d.load(l.out, l.columns)


def fused_demand(d, point, l, old, new):
    """W + B A, from a clean copy or in place of the adapter before."""
    clean = point.undo == "clean"
    products = [m for m in (None if clean else old, new) if m is not None]
    if not products:
        if old is not None:  # it only loses a product
            move_weights(d, l, point.streamed)
        return
    for m in products:
        d.lora_product(l.out, l.columns, m.rank)
    d.change(l.out, l.columns)
    if point.streamed or (clean and old is not None):
        d.load(l.out, l.columns)
    if point.streamed:
        d.store(l.out, l.columns)


def linear_switch(d, point, i):
    l, old, new = point.w.linears[i], point.src.get(i), point.to.get(i)
    if point.strategy == "lora-fused":
        fused_demand(d, point, l, old, new)
    elif point.by_pointer():
        return
    elif point.strategy == "reload" and (old is not None or new is not None):
        d.adapter_read += l.w.size if new is not None else 0
        move_weights(d, l, point.streamed)
    elif point.strategy == "shira-overlay" and new is not None:
        s = Demand(point.machine, False)
        s.scatter(l, point.w.form, [new], "set", None)
        d.read += s.read
        d.adapter_read += s.read
        d.written += s.read
    elif point.strategy == "lora-unfused" and new is not None and point.kept != "chip":
        d.lora_fetch(l.out, l.columns, new.rank)


def switch_demand(point):
    d = Demand(point.machine, point.kept == "host")
    if point.strategy in ("shira-scatter", "shira-dram"):
        scatter_demand(d, point)
        return d
    for i in range(len(point.w.linears)):
        linear_switch(d, point, i)
    return d


def pass_demand(point, tokens):
    d = Demand(point.machine, False)
    fetched = set()
    for i, l in enumerate(point.w.linears):
        d.pass_linear(l.out, l.columns, tokens, l.group not in fetched)
        fetched.add(l.group)
        if i in point.unfused():
            d.pass_lora(l.out, l.columns, point.to[i].rank, tokens)
        if point.streamed:
            d.load(l.out, l.columns)
        if point.strategy == "shira-overlay" and i in point.to:
            d.scatter(l, point.w.form, [point.to[i]], "set", None)
    return d
