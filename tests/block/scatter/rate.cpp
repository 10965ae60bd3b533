// Throughput of shira_scatter against the bound of updates / lanes, and of the memory's peak.
#include "tests/block/scatter/harness.h"

// Positions in the tile layout of an n x n matrix, sorted, of those that `in` chooses.
template <class F> static std::vector<Update> mask(unsigned n, F in, Random &rnd) {
  std::vector<Update> u;
  for (unsigned r = 0; r < n; r++)
    for (unsigned c = 0; c < n; c++)
      if (in(r, c)) {
        const uint32_t tile = r / kBanks * (n / kWord) + c / kWord;
        u.push_back({(tile * kBanks + r % kBanks) * kWord + c % kWord, uint8_t(rnd.engine())});
      }
  std::sort(u.begin(), u.end(), [](auto &a, auto &b) { return a.position < b.position; });
  return u;
}

struct Rate {
  double of_lanes, of_bound, gap, bytes;
};

// A stream thrice, at a memory latency and peak. Rate within a stream, cycles lost between two.
static Rate measure(Bench &b, const std::vector<Update> &u, double bytes_per_cycle) {
  b.mem.t = MemoryTiming{};
  b.mem.t.latency = kBeat == 32 ? 120 : 20;
  b.mem.t.outstanding = kOutstanding;
  b.mem.t.bytes_per_cycle = bytes_per_cycle;
  b.bank_stall = 0;
  b.results.clear();
  b.place = 0;
  Job j = b.make_job(cut(kLimits, u, b.rnd, true), 0);
  for (int i = 0; i < 3; i++) {
    b.submit(j);
    b.expect(j);
  }
  if (!b.run(3))
    return {};
  b.compare_weights();
  const Result &r = b.results[1];
  const double cycles = r.last_work - r.first_work + 1;
  const double lanes = double(u.size()) / kLanes,
               memory = double(j.stream.size()) / bytes_per_cycle;
  const double gap = (b.results[1].first_work - b.results[0].last_work - 1 +
                      b.results[2].first_work - b.results[1].last_work - 1) /
                     2.0;
  return {lanes / cycles, std::max(lanes, memory) / (cycles + gap), gap,
          double(j.stream.size()) / double(u.size())};
}

void test_rate(Bench &b) {
  const unsigned n = kBeat == 32 ? 1024 : 128;
  const double fast = 1e9, slow = 17.0 / 32 * kBeat;
  Random &rnd = b.rnd;
  struct {
    const char *name;
    std::vector<Update> u;
    double bytes, lanes, bound;
  } cases[] = {{"1 % random, fast memory",
                mask(
                    n, [&](unsigned, unsigned) { return rnd.below(100) == 0; }, rnd),
                fast, 0.98, 0},
               {"1 % random, 17 of 32 bytes a cycle",
                mask(
                    n, [&](unsigned, unsigned) { return rnd.below(100) == 0; }, rnd),
                slow, 0, 0.97},
               {"2 % random, 17 of 32 bytes a cycle",
                mask(
                    n, [&](unsigned, unsigned) { return rnd.below(50) == 0; }, rnd),
                slow, 0, 0.97},
               {"struct rows and diagonal, fast memory",
                mask(
                    n, [](unsigned r, unsigned c) { return r % 100 == 7 || r == c; }, rnd),
                fast, 0.83, 0},
               {"struct columns and diagonal, fast memory",
                mask(
                    n, [](unsigned r, unsigned c) { return c % 100 == 7 || r == c; }, rnd),
                fast, 0.92, 0},
               {"struct rows and diagonal, 17 of 32 bytes a cycle",
                mask(
                    n, [](unsigned r, unsigned c) { return r % 100 == 7 || r == c; }, rnd),
                slow, 0, 0.92},
               {"every byte, fast memory",
                mask(
                    n / 4, [](unsigned, unsigned) { return true; }, rnd),
                fast, 0.98, 0}};
  for (auto &c : cases) {
    const Rate r = measure(b, c.u, c.bytes);
    printf(
        "# %s: %.4f of updates / lanes within, %.4f of the bound with gaps, %.1f cycles between, "
        "%.3f bytes an update\n",
        c.name, r.of_lanes, r.of_bound, r.gap, r.bytes);
    if (kBeat != 32)
      continue;
    if (r.of_lanes < c.lanes || r.of_bound < c.bound)
      b.tap.fail("%s: too slow", c.name);
    if (c.bytes == fast && r.gap > 12)
      b.tap.fail("%s: %.1f cycles between descriptors", c.name, r.gap);
  }
}
