// Bench of shira_scatter: random streams and operations against a software model, bad descriptors,
// spoilt streams, windows, AXI errors, halts, and throughput against its bound.
#include "sim/rtl/coverage.h"
#include "tests/block/scatter/harness.h"
#include "verilated.h"

static void test_random(Bench &b) {
  for (int batch = 0; batch < 80 && b.tap.why.empty(); batch++) {
    b.random_timing();
    b.results.clear();
    memset(b.traffic, 0, sizeof b.traffic);
    memset(b.asked, 0, sizeof b.asked);
    b.updates = 0;
    uint64_t count = 0, value = 0, index = 0, undo = 0;
    std::vector<Verdict> e;
    for (uint64_t n = b.rnd.range(1, 6); n > 0; n--) {
      Job j = b.random_job();
      b.submit(j);
      e.push_back(b.expect(j));
      count += e.back().count;
      if (e.back().status != SHIRA_STATUS_OK)
        return b.tap.fail("the model refuses a good stream: %u", e.back().status);
      if (j.d.traffic == SHIRA_TRAFFIC_UNDO)
        undo += j.stream.size();
      else
        value += j.d.updates, index += j.stream.size() - j.d.updates;
    }
    if (!b.run(e.size()))
      return;
    for (size_t i = 0; i < e.size(); i++)
      b.compare(b.results[i], e[i]);
    b.compare_weights();
    if (b.updates != count)
      b.tap.fail("%llu updates counted, %llu made", (unsigned long long)b.updates,
                 (unsigned long long)count);
    if (b.traffic[SHIRA_TRAFFIC_VALUE] != value || b.traffic[SHIRA_TRAFFIC_INDEX] != index ||
        b.traffic[SHIRA_TRAFFIC_UNDO] != undo)
      b.tap.fail("traffic: value %llu of %llu, index %llu of %llu, undo %llu of %llu",
                 (unsigned long long)b.traffic[3], (unsigned long long)value,
                 (unsigned long long)b.traffic[2], (unsigned long long)index,
                 (unsigned long long)b.traffic[8], (unsigned long long)undo);
    if (b.asked[SHIRA_TRAFFIC_VALUE] != value + index || b.asked[SHIRA_TRAFFIC_UNDO] != undo)
      b.tap.fail("requests: value %llu of %llu, undo %llu of %llu", (unsigned long long)b.asked[3],
                 (unsigned long long)(value + index), (unsigned long long)b.asked[8],
                 (unsigned long long)undo);
  }
}

// The same bytes again and again in one row of each bank: each descriptor finds what the one before
// it left.
static void test_later_wins(Bench &b) {
  for (int batch = 0; batch < 30 && b.tap.why.empty(); batch++) {
    b.random_timing();
    b.bank_stall = 80;
    b.results.clear();
    for (int i = 0; i < 6; i++) {
      std::vector<Update> u;
      for (uint32_t p = 0; p < kBanks * kWord; p++)
        if (b.rnd.percent(50))
          u.push_back({p, uint8_t(b.rnd.engine())});
      if (u.empty())
        u.push_back({3, 9});
      // The first row of tiles, whose positions and bytes are the same in both layouts.
      shira_desc_scatter d = b.random_desc(0, 0);
      Job j = b.make_job(cut(kLimits, u, b.rnd, false, d.format), d);
      b.submit(j);
      b.expect(j);
    }
    if (!b.run(6))
      return;
    b.compare_weights();
  }
}

int main(int argc, char **argv) {
  Verilated::commandArgs(argc, argv);
  Bench b(seed_from_environment());
  const struct {
    const char *name;
    void (*run)(Bench &);
  } tests[] = {{"random streams equal the model", test_random},
               {"the same bytes again and again", test_later_wins},
               {"SWAP twice restores weights and stream", test_swap_twice},
               {"SUB undoes ADD", test_add_sub},
               {"bad descriptors change nothing", test_descriptors},
               {"spoilt streams and windows", test_streams},
               {"AXI errors", test_axi_errors},
               {"write errors of SWAP", test_write_errors},
               {"halt at any time, then work again", test_halt},
               {"random streams after all that", test_random},
               {"throughput", test_rate},
               {"throughput of ADD and SWAP", test_op_rate}};
  for (auto &t : tests) {
    t.run(b);
    b.tap.end(t.name);
  }
  shira_coverage_write(Verilated::threadContextp());
  return b.tap.finish();
}
