"""Where things lie: images, positions, stream blocks, chunks of streamed weights, LoRA factors."""
import numpy as np

HEADER = 16  # bytes of a block's header
ESCAPE = 255
POSITION = 4  # bytes of a coo32 position
TAPER_FROM, TAPER_FIRST, TAPER_LEAST = 16, 128, 64
CHUNK_BYTES, MOST_SLOTS, RING_SHARE, FUSE_ROWS = 65536, 4, 2, 64


def ceil_div(a, b):
    return -(-a // b)


def round_up(a, b):
    return ceil_div(a, b) * b


class Machine:
    """A machine of a report, with what is derived from it."""

    def __init__(self, keys):
        self.keys = keys
        self.n = keys["array_n"]
        self.k = keys["array_k"]
        self.beat = keys["axi_data_bits"] // 8
        self.align = keys["memory_burst_bytes"]
        self.row_layout = keys["layout"] == "row"
        self.block_updates = keys["scatter_block_updates"]
        self.block_gaps = 4 * self.block_updates

    def __getitem__(self, key):
        return self.keys[key]

    def token_bytes(self, features):
        return round_up(features, max(self.k, self.beat))

    def tile_row_bytes(self, columns):
        return ceil_div(columns, self.k) * self.n * self.k

    def image_bytes(self, rows, columns):
        return ceil_div(rows, self.n) * self.tile_row_bytes(columns)

    def row_log2(self, columns):
        log2 = self.k.bit_length() - 1
        while 1 << log2 < columns:
            log2 += 1
        return log2

    def image_position(self, row, col, columns):
        tile = row // self.n * ceil_div(columns, self.k) + col // self.k
        return (tile * self.n + row % self.n) * self.k + col % self.k

    def position(self, row, col, columns):
        """What a stream calls the weight, in an image at 0."""
        if self.row_layout:
            return row << self.row_log2(columns) | col
        return self.image_position(row, col, columns)

    def byte_of(self, position, columns):
        """The byte of the image that a position names."""
        if not self.row_layout:
            return position
        log2 = self.row_log2(columns)
        return self.image_position(position >> log2, position & (1 << log2) - 1, columns)


class Stream:
    """Sizes of an encoded stream."""

    def __init__(self, bytes_, updates, blocks):
        self.bytes, self.updates, self.blocks = bytes_, updates, blocks

    @property
    def index(self):
        return self.bytes - self.updates


def most_updates(machine, begin, count):
    """Most updates of the block that begins at update `begin` of `count`."""
    left, full, align = count - begin, machine.block_updates, machine.align
    most = min(left, full)
    if count // TAPER_FROM < full:
        return most
    start = begin & ~(align - 1) if begin > TAPER_FIRST else TAPER_FIRST
    if start < most:
        return start
    half = round_up(left // 2, align)
    if left > TAPER_LEAST and half < full:
        return max(half, TAPER_LEAST)
    return most


def gap8_block(machine, gaps, begin, count):
    """The end of a block, and its gap bytes. gaps[i]: bytes of the gap before update i."""
    most = most_updates(machine, begin, count)
    longest = min(HEADER + 2 * machine.align, machine.block_gaps)
    end, used = begin + 1, 1
    while end < count and end - begin < most:
        if gaps[end] > machine.block_gaps - used or gaps[end] > longest:
            break
        used += gaps[end]
        end += 1
    return end, used


def stream(machine, form, positions):
    """Encodes positions, strictly increasing: sizes alone."""
    count, size, blocks, begin = len(positions), 0, [], 0
    gaps = [0] + ((np.diff(positions) - 1) // ESCAPE + 1).tolist() if count else []
    while begin < count:
        if form == "coo32":
            end = begin + most_updates(machine, begin, count)
            used = POSITION * (end - begin)
        else:
            end, used = gap8_block(machine, gaps, begin, count)
        size += round_up(HEADER + used, machine.align) + round_up(end - begin, machine.align)
        blocks.append(end - begin)
        begin = end
    return Stream(size, count, blocks)


class Placement:
    """Linears of a workload in memory and SRAM, beside `room` bytes of weight SRAM for factors."""

    def __init__(self, machine, linears, streamed, room):
        self.machine, self.linears, self.streamed = machine, linears, streamed
        self.addr, at = [], 0
        for l in linears:
            if machine.row_layout:
                at = round_up(at, machine.align)
            self.addr.append(at)
            at += self.image_bytes(l)
        if streamed:
            self.slot_bytes = self.slot(room)

    def image_bytes(self, l):
        return self.machine.image_bytes(l.out, l.columns)

    def end(self, i):
        return self.addr[i] + self.image_bytes(self.linears[i])

    def slot(self, room):
        """Bytes of a slot: a chunk, or the longest row of tiles."""
        machine, all_ = self.machine, self.machine["weight_sram_bytes"]
        ring = min(all_ // RING_SHARE, max(all_ - room, 0))
        chunk = min(CHUNK_BYTES, ring // MOST_SLOTS)
        chunk -= chunk % (machine.n * machine.k)
        return max(chunk, *(machine.tile_row_bytes(l.columns) for l in self.linears))

    def chunk_rows(self, l):
        """Tile rows of a chunk of linear `l`."""
        rows = self.slot_bytes // self.machine.tile_row_bytes(l.columns)
        return min(rows, ceil_div(l.out, self.machine.n))

    def chunks(self, l):
        return ceil_div(ceil_div(l.out, self.machine.n), self.chunk_rows(l))


class Factors:
    """Bytes of a LoRA module's factors on the device."""

    def __init__(self, machine, linear, rank):
        tile = machine.n * machine.k
        self.padded = round_up(rank, machine.n)  # a linear's part of a row of h
        tiles = self.padded // machine.n
        self.row = machine.token_bytes(rank)  # a row of B as activations
        self.at = ceil_div(linear.columns, machine.n) * tiles * tile
        self.a = tiles * ceil_div(linear.columns, machine.k) * tile
        self.b = ceil_div(linear.out, machine.n) * tiles * tile
        self.fused = self.at + linear.out * self.row
        self.unfused = self.a + self.b
