// Throughput of shira_copy against theory, within a command and from one to the next.
#include "tests/block/copy/harness.h"

// Cycles from the first beat to the last of one big move with a fast memory.
static double beats_per_cycle(Bench &b, unsigned src, unsigned dst, unsigned row_beats, bool apart,
                              double bytes_per_cycle) {
  Job j = {};
  const uint64_t beats = std::min(Bench::size_of(src), Bench::size_of(dst)) / kBeat / 2;
  j.d.src_space = uint8_t(src), j.d.dst_space = uint8_t(dst);
  j.d.traffic = SHIRA_TRAFFIC_WEIGHT;
  j.d.row_bytes = row_beats * kBeat;
  j.d.rows = uint32_t(beats / row_beats);
  j.d.src_addr = Bench::base_of(src), j.d.dst_addr = Bench::base_of(dst);
  if (src == dst)
    j.d.dst_addr += Bench::size_of(dst) / 2;
  j.d.src_stride = j.d.dst_stride = j.d.row_bytes;
  if (apart) {
    j.d.rows /= 2;
    j.d.src_stride = 2 * j.d.row_bytes;
  }
  j.d.win_lo = 0, j.d.win_hi = ~0ull;
  b.mem.t = MemoryTiming{};
  b.mem.t.latency = kBeat == 32 ? 120 : 12;
  b.mem.t.outstanding = kOutstanding;
  b.mem.t.bytes_per_cycle = bytes_per_cycle;
  b.sram_stall = 0;
  b.results.clear();
  b.queue.push_back(j);
  if (!b.run(1))
    return 0;
  const Result &r = b.results[0];
  return double(r.count - 1) / (r.last_work - r.first_work);
}

void test_rate(Bench &b) {
  struct {
    const char *name;
    unsigned src, dst, row;
    bool apart;
    double least, bytes;
  } cases[] = {{"memory to SRAM", 0, 1, 16, false, 0.99, 1e9},
               {"memory to SRAM, 17 of 32 bytes a cycle", 0, 1, 16, false, 0.99 * 17 / 32,
                17.0 / 32 * kBeat},
               {"SRAM to memory", 1, 0, 16, false, 0.99, 1e9},
               {"SRAM to SRAM", 1, 1, 16, false, 0.99, 1e9},
               {"memory to memory", 0, 0, 16, false, 0.98, 1e9},
               {"SRAM to SRAM, rows of one beat", 1, 1, 1, true, 0.99, 1e9},
               {"SRAM to memory, joined rows of one beat", 1, 0, 1, false, 0.99, 1e9}};
  for (auto &c : cases) {
    const double rate = beats_per_cycle(b, c.src, c.dst, c.row, c.apart, c.bytes);
    printf("# %s: %.3f beats a cycle\n", c.name, rate);
    if (rate < c.least)
      b.tap.fail("%s: %.3f beats a cycle, %.3f wanted", c.name, rate, c.least);
  }
}

// Loads that follow each other: the next one's latency hides behind the data of the one before.
void test_gap(Bench &b) {
  b.mem.t = MemoryTiming{};
  b.mem.t.latency = kBeat == 32 ? 120 : 12;
  b.mem.t.outstanding = kOutstanding;
  b.sram_stall = 0;
  b.results.clear();
  const unsigned n = 20, rows = 4;
  for (unsigned i = 0; i < n; i++) {
    Job j = {};
    j.d.src_space = 0, j.d.dst_space = uint8_t(1 + i % 2);
    j.d.rows = rows, j.d.row_bytes = kBurst * 2;
    j.d.src_addr = Mem::base + 4096 * i, j.d.src_stride = j.d.dst_stride = kBurst * 2;
    j.d.win_hi = ~0ull;
    b.queue.push_back(j);
  }
  if (!b.run(n))
    return;
  const uint32_t beats = rows * 2 * kBurst / kBeat;
  const uint32_t span = b.results[n - 1].last_work - b.results[0].first_work + 1;
  const double gap = double(span - n * beats) / (n - 1);
  printf("# %.1f cycles lost between two loads of %u beats at a latency of %u\n", gap, beats,
         b.mem.t.latency);
  if (gap > (kBeat == 32 ? 8 : 12))
    b.tap.fail("%.1f cycles lost between loads", gap);
}
