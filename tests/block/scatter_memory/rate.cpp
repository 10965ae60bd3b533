// Throughput of shira_scatter_memory: lines a cycle where the memory is no limit, and against
// Outstanding / latency where it is.
#include "tests/block/scatter_memory/harness.h"

struct Case {
  const char *name;
  unsigned op;
  unsigned step; // bytes from an update to the next
  unsigned latency;
  double lines; // a cycle, at least; 0: not judged
};

static double measure(Bench &b, const Case &k) {
  b.mem.t = MemoryTiming{};
  b.mem.t.latency = k.latency;
  b.mem.t.outstanding = k.latency == 1 ? 1000 : kOutstanding;
  b.in_stall = b.out_stall = 0;
  Command c = {};
  c.op = k.op;
  c.base = kBase;
  c.hi = ~0ull;
  for (uint64_t p = 0; p < kBytes; p += k.step)
    c.updates.push_back({p, uint8_t(p)});
  std::vector<uint8_t> bytes = b.mem.bytes;
  const Outcome e = b.expect(c, bytes);
  b.start(c);
  const uint64_t begin = b.cycle;
  b.run();
  b.compare(e, bytes);
  return double(e.written_lines.size()) / double(b.cycle - begin);
}

void test_rate(Bench &b) {
  // A write or read is open from its request to its answer: with Beats beats, latency + Beats + 1.
  const unsigned beats = kLine / kBeat, latency = 100;
  const double limit = double(kOutstanding) / (latency + beats + 1), fast = 1.0 / beats;
  const double dense = std::min(fast, 1.0 / double((kLine + kLanes - 1) / kLanes + 1));
  const Case cases[] = {
      {"SET, an update a line, fast memory", SHIRA_SCATTER_OP_SET, kLine, 1, 0.95 * fast},
      {"SET, every byte, fast memory", SHIRA_SCATTER_OP_SET, 1, 1, 0.95 * dense},
      {"SET, an update a line, latency 100", SHIRA_SCATTER_OP_SET, kLine, latency, 0.9 * limit},
      {"ADD, an update a line, latency 100", SHIRA_SCATTER_OP_ADD, kLine, latency,
       kRow ? 0 : 0.9 * limit},
      {"SWAP, every byte, latency 100", SHIRA_SCATTER_OP_SWAP, 1, latency,
       kRow ? 0 : 0.9 * std::min(dense, limit)},
  };
  for (const Case &k : cases) {
    const double lines = measure(b, k);
    printf("# %s: %.3f lines a cycle, at least %.3f\n", k.name, lines, k.lines);
    if (lines < k.lines)
      b.tap.fail("%s: too slow", k.name);
  }
}
