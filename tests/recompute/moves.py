"""Bytes that switches and passes move, by class of traffic; streams and what is kept of an adapter."""
from collections import Counter

import numpy as np

from layout import FUSE_ROWS, Factors, Placement, ceil_div, round_up, stream
import rules

DESCRIPTOR, COMPLETION = 128, 64  # bytes
BY_STREAM = ("shira-scatter", "shira-dram")


class Moves:
    """Counts of one program."""

    def __init__(self):
        self.read, self.written = Counter(), Counter()
        self.updates = self.streams = self.stream_bytes = 0

    def descriptors(self, n):
        self.read["descriptor"] += n * DESCRIPTOR
        self.written["completion"] += n * COMPLETION


class Point:
    """What a result is about: its workload, placement, strategy and adapters."""

    def __init__(self, workload, result):
        self.w, self.machine, self.r = workload, workload.machine, result
        self.strategy = result["strategy"]
        self.streamed = result["placement"] == "streamed"
        self.undo, self.kept = result["undo"], result["kept"]
        self.src = workload.adapter(result["pair"], result["from"])
        self.to = workload.adapter(result["pair"], result["to"])
        self.place = Placement(self.machine, workload.linears, self.streamed, self.room())

    def room(self):
        """Bytes of weight SRAM for LoRA factors, enough for both adapters of the pair."""
        if self.strategy not in ("lora-fused", "lora-unfused"):
            return 0
        both = [self.factors(self.w.adapter(self.r["pair"], which)).values() for which in "AB"]
        if self.strategy == "lora-fused":
            largest = max(f.at for factors in both for f in factors)
            return 2 * (2 if self.undo == "in-place" else 1) * largest
        sizes = [sum(f.unfused for f in factors) for factors in both]
        return sum(sizes) if self.kept == "chip" else max(sizes)

    def by_pointer(self):
        return (self.streamed and self.kept == "memory"
                and self.strategy in ("reload", "shira-overlay"))

    def factors(self, modules):
        return {i: Factors(self.machine, self.w.linears[i], m.rank) for i, m in modules.items()}

    # ---- streams ----

    def positions(self, modules):
        """Positions of each stream: one of all linears, or in layout row one a linear."""
        parts = {}
        for i, m in modules.items():
            l = self.w.linears[i]
            p = self.machine.position(m.row, m.col, l.columns)
            key = i if self.machine.row_layout else 0
            base = 0 if self.machine.row_layout else self.place.addr[i]
            parts.setdefault(key, []).append(p + base)
        return {key: np.unique(np.concatenate(p)) for key, p in parts.items()}

    def streams(self, modules):
        return {key: stream(self.machine, self.w.form, p)
                for key, p in self.positions(modules).items()}

    def transition(self):
        """Streams from A to B: every position of either, once."""
        old, new = self.positions(self.src), self.positions(self.to)
        empty = np.empty(0, np.int64)
        return {key: stream(self.machine, self.w.form,
                            np.union1d(old.get(key, empty), new.get(key, empty)))
                for key in {**new, **old}}

    def segments(self, modules):
        """Streams of each chunk of streamed weights, linear after linear."""
        made = []
        for i, l in enumerate(self.w.linears):
            rows = self.place.chunk_rows(l) * self.machine.n
            for c in range(self.place.chunks(l)):
                made.append(self.segment(modules.get(i), l, c * rows, rows))
        return made

    def segment(self, module, linear, first, rows):
        if module is None:
            return stream(self.machine, self.w.form, np.empty(0, np.int64))
        here = (module.row >= first) & (module.row < first + rows)
        p = self.machine.position(module.row[here] - first, module.col[here], linear.columns)
        return stream(self.machine, self.w.form, np.unique(p))

    def applied(self):
        """Streams of a switch in their order: sets of them, operation, class of traffic."""
        op = {"swap": "swap", "sub": "add"}.get(self.undo, "set")
        if self.src and self.to and self.undo == "transition":
            return [(self.transition(), self.src, self.to, op, "value")]
        made = []
        if self.src:
            made.append((self.streams(self.src), self.src, {}, op, "undo"))
        if self.to:
            made.append((self.streams(self.to), {}, self.to, op, "value"))
        return made

    def lines(self, old, new):
        """Runs of updates that share a burst of memory, stream after stream."""
        n = 0
        for key, positions in self.positions_of(old, new).items():
            columns = self.w.linears[key].columns
            base = self.place.addr[key] if self.machine.row_layout else 0
            byte = base + (self.machine.byte_of(positions, columns)
                           if self.machine.row_layout else positions)
            burst = byte // self.machine.align
            n += 1 + int((np.diff(burst) != 0).sum()) if len(burst) else 0
        return n

    def positions_of(self, old, new):
        a, b = self.positions(old), self.positions(new)
        empty = np.empty(0, np.int64)
        return {key: np.union1d(a.get(key, empty), b.get(key, empty)) for key in {**b, **a}}

    # ---- switches ----

    def switch(self):
        m = Moves()
        if self.strategy in BY_STREAM:
            self.scatter(m)
        elif self.strategy == "reload" and not self.by_pointer():
            self.reload(m, set(self.to))
            self.reload(m, set(self.src) - set(self.to))
        elif self.strategy == "shira-overlay" and not self.by_pointer():
            size = sum(s.bytes for s in self.segments(self.to))
            self.copy(m, "value", size, True)
        elif self.strategy == "lora-fused":
            self.fuse(m)
        elif self.strategy == "lora-unfused" and self.kept != "chip":
            self.copy(m, "factor", sum(f.unfused for f in self.factors(self.to).values()), False)
        return m

    def copy(self, m, kind, size, back):
        """One move from memory; `back`: to memory too."""
        if not size:
            return
        m.descriptors(1)
        m.read[kind] += size
        m.written[kind] += size if back else 0

    def scatter(self, m):
        for streams, old, new, op, kind in self.applied():
            m.streams += 1
            for s in streams.values():
                self.apply(m, s, op, kind)
            if self.strategy == "shira-dram":
                lines = self.lines(old, new) * self.machine.align
                m.written["weight"] += lines
                m.read["weight"] += lines if op != "set" else 0

    def apply(self, m, s, op, kind):
        m.updates += s.updates
        m.stream_bytes += s.bytes
        m.descriptors(1 if s.updates else 0)
        if kind == "undo":
            m.read["undo"] += s.bytes
        else:
            m.read["index"] += s.index
            m.read["value"] += s.updates
        if op == "swap":
            m.written["undo"] += sum(round_up(n, self.machine.align) + self.machine.beat
                                     for n in s.blocks)

    def reload(self, m, numbers):
        """Images of these linears; those of neighbours are one move, and what lies between them."""
        for i in sorted(numbers):
            begin = self.place.addr[i]
            if i - 1 in numbers:
                begin = self.place.end(i - 1)
            else:
                m.descriptors(1)
            size = self.place.end(i) - begin
            m.read["weight"] += size
            m.written["weight"] += size if self.streamed else 0

    def fuse(self, m):
        remove = self.factors(self.src) if self.undo == "in-place" else {}
        replace = self.src if self.undo == "clean" else {}
        add = self.factors(self.to)
        all_steps = 0
        for i in sorted(set(remove) | set(add)):
            l = self.w.linears[i]
            products = [f[i] for f in (remove, add) if i in f]
            source = self.streamed or i in replace
            steps = ceil_div(l.out, self.fuse_rows(l))
            size = self.place.image_bytes(l)
            m.read["factor"] += sum(f.fused for f in products)
            m.read["weight"] += size if source else 0
            m.written["weight"] += size if self.streamed else 0
            m.descriptors(len(products) * (1 + 2 * steps))  # A^T; B's rows and the product
            m.descriptors((source + self.streamed) * steps)
            all_steps += steps
        self.restore(m, [i for i in sorted(replace) if i not in add], all_steps)

    def restore(self, m, numbers, steps):
        """Linears that only lose a product, from the clean copy, spread between the steps."""
        pieces = []  # begin and end
        for i in numbers:
            l, row = self.w.linears[i], self.machine.tile_row_bytes(self.w.linears[i].columns)
            step = self.fuse_rows(l) // self.machine.n * row
            pieces += [(at, min(at + step, self.place.end(i)))
                       for at in range(self.place.addr[i], self.place.end(i), step)]
            m.read["weight"] += self.place.image_bytes(l)
            m.written["weight"] += self.place.image_bytes(l) if self.streamed else 0
        done = 0
        for s in range(1, steps + 1) if steps else [1]:
            until = len(pieces) * s // max(steps, 1)
            for p in range(done, until):
                m.descriptors(0 if p > done and pieces[p][0] == pieces[p - 1][1] else 1)
            done = until

    def fuse_rows(self, l):
        """Rows of W of one step."""
        n = self.machine.n
        most = self.machine["accumulator_sram_bytes"] // (4 * n)
        want = self.place.chunk_rows(l) * n if self.streamed else FUSE_ROWS
        rows = min(want, most)
        return rows - rows % n

    # ---- passes ----

    def unfused(self):
        return self.to if self.strategy == "lora-unfused" else {}

    def hidden_bytes(self, run):
        """Bytes of a token's h of the linears of a run."""
        return sum(round_up(m.rank, self.machine.n) for i, m in self.unfused().items()
                   if self.w.linears[i].run == run)

    def tokens_a_step(self, tokens):
        bytes_ = self.machine.token_bytes
        x = max(bytes_(l.columns) for l in self.w.linears)
        y = max(bytes_(l.out) for l in self.w.linears)
        h = max(self.hidden_bytes(l.run) for l in self.w.linears)
        most = min(tokens, self.machine["accumulator_sram_bytes"] // (4 * self.machine.n))
        room = self.machine["activation_sram_bytes"]
        one = len(self.w.linears) == 1 and most * (x + y + h) <= room
        return min(most, room // ((1 if one else 2) * (x + y) + h))

    def pass_(self, tokens):
        m = Moves()
        overlay = self.segments(self.to) if self.strategy == "shira-overlay" else None
        most, chunk = self.tokens_a_step(tokens), 0
        for i, l in enumerate(self.w.linears):
            chunks = self.place.chunks(l) if self.streamed else 1
            for t in range(0, tokens, most):
                piece = min(most, tokens - t)
                self.pass_linear(m, i, piece)
                for c in range(chunk, chunk + chunks if overlay else chunk):
                    if overlay[c].updates:
                        self.apply(m, overlay[c], "set", "value")
            chunk += chunks
        return m

    def pass_linear(self, m, i, tokens):
        """A linear with some tokens, its streams apart; the first of a run fetches the inputs."""
        l, machine = self.w.linears[i], self.machine
        rows = ceil_div(l.out, machine.n)
        per = self.place.chunk_rows(l) if self.streamed else rows
        pieces = [min(per, rows - r) for r in range(0, rows, per)]
        if l.run == i:
            m.read["activation"] += tokens * machine.token_bytes(l.columns)
            m.descriptors(1 + bool(self.hidden_bytes(l.run)))
        if self.streamed:
            m.read["weight"] += self.place.image_bytes(l)
            m.descriptors(len(pieces))
        if i in self.unfused():
            fit = machine["accumulator_sram_bytes"] // (4 * machine.n) // tokens
            m.descriptors(sum(2 * ceil_div(p, fit) for p in pieces))
        else:
            m.descriptors(len(pieces))
        m.written["output"] += tokens * machine.token_bytes(l.out)
        m.descriptors(1)

    # ---- kept ----

    def kept_bytes(self):
        """Bytes that are kept of adapter `to` while it is not active."""
        if self.strategy == "reload":
            numbers = range(len(self.w.linears)) if self.by_pointer() else self.to
            return sum(self.place.image_bytes(self.w.linears[i]) for i in numbers)
        if self.strategy == "lora-fused":
            return sum(f.fused for f in self.factors(self.to).values())
        if self.strategy == "lora-unfused":
            return sum(f.unfused for f in self.factors(self.to).values())
        if self.strategy == "shira-overlay":
            return sum(s.bytes for s in self.segments(self.to))
        one = sum(s.bytes for s in self.streams(self.to).values())
        return one if self.undo in ("swap", "sub") else 2 * one

    def pair_bytes(self):
        """Bytes of a stream that is made for this ordered pair; 0: there is none."""
        if self.strategy in BY_STREAM and self.undo == "transition" and self.src:
            return sum(s.bytes for s in self.transition().values())
        return 0
