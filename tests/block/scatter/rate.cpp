// Throughput of shira_scatter against what decoder, banks and the memory's peak allow.
#include "tests/block/scatter/harness.h"

// Positions of an n x n matrix, sorted, of those that `in` chooses.
template <class F> static std::vector<Update> mask(unsigned n, F in, Random &rnd) {
  std::vector<Update> u;
  for (unsigned r = 0; r < n; r++)
    for (unsigned c = 0; c < n; c++)
      if (in(r, c)) {
        const uint32_t tile = r / kBanks * (n / kWord) + c / kWord;
        u.push_back({kRow ? r * n + c : (tile * kBanks + r % kBanks) * kWord + c % kWord,
                     uint8_t(rnd.engine())});
      }
  std::sort(u.begin(), u.end(), [](auto &a, auto &b) { return a.position < b.position; });
  return u;
}

struct Rate {
  double of_bound, of_all, with_memory, rate, gap, bytes;
};

// Updates a cycle that a stream's format allows.
static double decoded(unsigned format) {
  return format == SHIRA_STREAM_FORMAT_COO32 ? std::min(kLanes, kDecode / 4) : kLanes;
}

// Updates of the fullest bank, or words of them where updates of a word merge.
static double fullest(const std::vector<Update> &u, const shira_desc_scatter &d) {
  double words[kBanks] = {}, most = 0;
  uint64_t last = UINT64_MAX;
  for (auto &x : u) {
    const uint64_t word = image_offset(kLimits, d, x.position) / kWord;
    words[word % kBanks] += !kMerge || word != last;
    last = word;
  }
  for (double w : words)
    most = std::max(most, w);
  return most;
}

// A stream thrice, at a memory latency and peak. Share of what decoder and banks allow within a
// stream, and of what memory allows too with the cycles between two.
static Rate measure(Bench &b, unsigned op, const std::vector<Update> &u, unsigned format,
                    unsigned n, double bytes_per_cycle) {
  b.mem.t = MemoryTiming{};
  b.mem.t.latency = kBeat == 32 ? 120 : 20;
  b.mem.t.outstanding = kOutstanding;
  b.mem.t.bytes_per_cycle = bytes_per_cycle;
  b.bank_stall = 0;
  b.results.clear();
  b.place = 0;
  shira_desc_scatter d = b.random_desc(0, kWeights);
  d.op = uint8_t(op);
  d.format = uint8_t(format);
  d.k_tiles = n / kWord;
  d.row_log2 = uint8_t(log2_of(n));
  Job j = b.make_job(cut(kLimits, u, b.rnd, true, format), d);
  for (int i = 0; i < 3; i++) {
    b.submit(j);
    b.expect(j);
  }
  const uint64_t before = b.mem.beats_written;
  if (!b.run(3))
    return {};
  b.compare_weights();
  const Result &r = b.results[1];
  const double cycles = r.last_work - r.first_work + 2; // a pair of bundles takes two to come
  const double inside = std::max(double(u.size()) / decoded(format), fullest(u, d)),
               moved = double(j.stream.size()) + double(b.mem.beats_written - before) * kBeat / 3,
               memory = moved / bytes_per_cycle;
  const double gap = (b.results[1].first_work - b.results[0].last_work - 1 +
                      b.results[2].first_work - b.results[1].last_work - 1) /
                     2.0;
  return {inside / cycles,
          std::max(inside, memory) / (cycles + gap),
          std::max(inside, memory) / cycles,
          double(u.size()) / cycles,
          gap,
          moved / double(u.size())};
}

void test_rate(Bench &b) {
  constexpr unsigned kGap8 = SHIRA_STREAM_FORMAT_GAP8, kCoo32 = SHIRA_STREAM_FORMAT_COO32;
  const unsigned n = kBeat == 32 ? 1024 : 128;
  const double fast = 1e9, slow = 17.0 / 32 * kBeat;
  const double kNoCycleLost = 0.99; // one a block of 64 bundles would be 0.985, one a bundle 0.5
  Random &rnd = b.rnd;
  const auto percent = [&](unsigned p) {
    return mask(
        n, [&](unsigned, unsigned) { return rnd.below(100) < p; }, rnd);
  };
  const auto rows = [](unsigned r, unsigned c) { return r % 100 == 7 || r == c; };
  const auto columns = [](unsigned r, unsigned c) { return c % 100 == 7 || r == c; };
  const auto all = [](unsigned, unsigned) { return true; };
  struct {
    const char *name;
    unsigned side;
    std::vector<Update> u;
    unsigned format;
    double bytes, within, with_gaps; // least shares, of the large parameters in tiles
  } cases[] = {
      {"1 % random, fast memory", n, percent(1), kGap8, fast, 0.98, 0},
      {"1 % random, 17 of 32 bytes a cycle", n, percent(1), kGap8, slow, 0, 0.97},
      {"2 % random, 17 of 32 bytes a cycle", n, percent(2), kGap8, slow, 0, 0.97},
      {"struct rows and diagonal, fast memory", n, mask(n, rows, rnd), kGap8, fast, 0.83, 0},
      {"struct columns and diagonal, fast memory", n, mask(n, columns, rnd), kGap8, fast, 0.92, 0},
      {"struct rows and diagonal, 17 of 32 bytes a cycle", n, mask(n, rows, rnd), kGap8, slow, 0,
       0.92},
      {"every byte, fast memory", n / 4, mask(n / 4, all, rnd), kGap8, fast, kNoCycleLost, 0},
      {"coo32, 1 % random, fast memory", n, percent(1), kCoo32, fast, 0.98, 0},
      {"coo32, 1 % random, 17 of 32 bytes a cycle", n, percent(1), kCoo32, slow, 0, 0.97},
      {"coo32, every byte, fast memory", n / 4, mask(n / 4, all, rnd), kCoo32, fast, kNoCycleLost,
       0}};
  for (auto &c : cases) {
    const Rate r = measure(b, SHIRA_SCATTER_OP_SET, c.u, c.format, c.side, c.bytes);
    printf("# %s: %.4f of what decoder (%g updates a cycle) and banks allow within, %.4f of the "
           "bound with gaps, %.1f cycles between, %.3f bytes an update\n",
           c.name, r.of_bound, decoded(c.format), r.of_all, r.gap, r.bytes);
    if (r.of_bound > 1)
      b.tap.fail("%s: quicker than can be", c.name);
    if (kBeat != 32 || kRow || !kMerge)
      continue;
    if (r.of_bound < c.within || r.of_all < c.with_gaps)
      b.tap.fail("%s: too slow", c.name);
    if (c.bytes == fast && r.gap > 12)
      b.tap.fail("%s: %.1f cycles between descriptors", c.name, r.gap);
  }
}

// ADD and SWAP beside the bound: updates / lanes, and the memory's bytes read and written. The next
// stream of a SWAP is fetched when the one before has ended, so the gap holds the memory's latency.
void test_op_rate(Bench &b) {
  const unsigned n = kBeat == 32 ? 1024 : 128;
  const double fast = 1e9, slow = 17.06 / 32 * kBeat;
  const auto random = [&](unsigned, unsigned) { return b.rnd.below(100) == 0; };
  const auto rows = [](unsigned r, unsigned c) { return r % 100 == 7 || r == c; };
  const unsigned add = SHIRA_SCATTER_OP_ADD, swap = SHIRA_SCATTER_OP_SWAP;
  const struct {
    const char *name;
    unsigned op;
    std::vector<Update> u;
    double bytes, within, whole;
  } cases[] = {{"ADD, 1 % random, fast memory", add, mask(n, random, b.rnd), fast, 0.97, 0.97},
               {"ADD, rows and diagonal, fast memory", add, mask(n, rows, b.rnd), fast, 0.8, 0.8},
               {"SWAP, 1 % random, fast memory", swap, mask(n, random, b.rnd), fast, 0.93, 0.75},
               {"SWAP, 1 % random, 17.06 of 32 bytes a cycle", swap, mask(n, random, b.rnd), slow,
                0.95, 0.85},
               {"SWAP, rows and diagonal, 17.06 of 32 bytes a cycle", swap, mask(n, rows, b.rnd),
                slow, 0.7, 0.65}};
  for (auto &c : cases) {
    const Rate r = measure(b, c.op, c.u, SHIRA_STREAM_FORMAT_GAP8, n, c.bytes);
    printf("# %s: %.4f of the bound within, %.4f with gaps, %.2f updates a cycle, %.1f cycles "
           "between, %.3f bytes an update\n",
           c.name, r.with_memory, r.of_all, r.rate, r.gap, r.bytes);
    if (kBeat == 32 && !kRow && kMerge && (r.with_memory < c.within || r.of_all < c.whole))
      b.tap.fail("%s: too slow", c.name);
  }
}
