// Bench of shira_scatter_memory: random commands against the model, windows and ends of streams,
// AXI errors, halts, and throughput.
#include "sim/rtl/coverage.h"
#include "tests/block/scatter_memory/harness.h"
#include "verilated.h"

// The unit forgets an error while it is told to stop, as the engine does after each.
static void recover(Bench &b) {
  b.bundles.clear();
  b.offered = false;
  b.clear = true;
  do
    b.step();
  while (b.top.busy_o);
  b.step();
  b.clear = false;
}

static void test_random(Bench &b) {
  uint64_t updates = 0, lines = 0, windows = 0;
  for (int round = 0; round < 600 && b.tap.why.empty(); round++) {
    b.random_timing();
    std::vector<uint8_t> bytes = b.mem.bytes;
    const Command c = b.random_command();
    const Outcome e = b.expect(c, bytes);
    b.start(c);
    if (!b.run())
      return;
    b.compare(e, bytes);
    updates += e.count, lines += e.written_lines.size();
    windows += e.status == SHIRA_STATUS_WINDOW;
    if (e.status != SHIRA_STATUS_OK)
      recover(b);
  }
  printf("# %llu updates in %llu lines, %llu windows left\n", (unsigned long long)updates,
         (unsigned long long)lines, (unsigned long long)windows);
  if (windows < 10 || updates < 3 * lines / 2)
    b.tap.fail("too few windows or runs");
}

static void test_read_errors(Bench &b) {
  for (int round = 0; round < 200 && b.tap.why.empty(); round++) {
    b.random_timing();
    Command c = b.random_command();
    if (c.op == SHIRA_SCATTER_OP_SET || c.updates.empty())
      continue;
    b.mem.fault = (c.base + c.updates[b.rnd.below(c.updates.size())].offset) / kLine * kLine;
    b.mem.fault_write = false;
    b.mem.fault_resp = b.rnd.percent(50) ? 2 : 3;
    std::vector<uint8_t> bytes = b.mem.bytes;
    const Outcome e = b.expect(c, bytes);
    b.start(c);
    if (!b.run())
      return;
    b.compare(e, bytes);
    recover(b);
    b.mem.fault_resp = 0;
  }
}

// Lines behind the one that failed may have been written meanwhile and count no update, those
// before it are and do.
static void test_write_errors(Bench &b) {
  int failed = 0;
  for (int round = 0; round < 200 && b.tap.why.empty(); round++) {
    b.random_timing();
    const Command c = b.random_command();
    if (c.updates.empty())
      continue;
    b.mem.fault = (c.base + c.updates[b.rnd.below(c.updates.size())].offset) / kLine * kLine;
    b.mem.fault_write = true;
    b.mem.fault_resp = b.rnd.percent(50) ? 2 : 3;
    const std::vector<uint8_t> before = b.mem.bytes;
    std::vector<uint8_t> least = before;
    const Outcome e = b.expect(c, least);
    b.start(c);
    if (!b.run())
      return;
    if (b.got.status != e.status || b.got.where != e.where || b.got.count != e.count)
      b.tap.fail("status %u where %llx count %llu instead of %u, %llx, %llu", b.got.status,
                 (unsigned long long)b.got.where, (unsigned long long)b.got.count, e.status,
                 (unsigned long long)e.where, (unsigned long long)e.count);
    failed += e.status >= SHIRA_STATUS_WRITE_SLVERR;
    b.got.strobes.resize(e.strobes.size());
    if (b.got.strobes != e.strobes)
      b.tap.fail("op %u: strobes are not the bytes that were updated", c.op);
    std::vector<bool> touched(kBytes);
    for (size_t i = e.count; i < c.updates.size(); i++)
      if (c.base + c.updates[i].offset - kBase < kBytes)
        touched[c.base + c.updates[i].offset - kBase] = true;
    for (size_t i = 0; i < kBytes; i++) {
      const uint64_t at = kBase + i;
      if (b.mem.bytes[i] != least[i] && (!touched[i] || at < c.lo || at >= c.hi))
        b.tap.fail("byte %zx is %02x instead of %02x", i, b.mem.bytes[i], least[i]);
    }
    recover(b);
    b.mem.fault_resp = 0;
  }
  if (failed < 50)
    b.tap.fail("only %d commands failed", failed);
}

// Whatever was counted is written, and nothing else.
static void test_halt(Bench &b) {
  int cut = 0;
  for (int round = 0; round < 400 && b.tap.why.empty(); round++) {
    b.random_timing();
    std::vector<uint8_t> bytes = b.mem.bytes;
    const Command c = b.random_command();
    b.start(c);
    if (!b.run(b.rnd.below(600)))
      return;
    const bool whole = b.ended;
    recover(b);
    const Outcome e = b.expect(c, bytes, b.got.count);
    b.got.written_lines = b.mem.written_lines;
    if (b.got.count != e.count || b.got.old != e.old || b.got.written_lines != e.written_lines ||
        b.mem.strobes != e.strobes || b.mem.bytes != bytes)
      b.tap.fail("op %u: halted after %llu updates, memory holds something else", c.op,
                 (unsigned long long)b.got.count);
    cut += !whole && b.got.count != 0;
  }
  if (cut < 50)
    b.tap.fail("only %d commands were cut", cut);
}

int main(int argc, char **argv) {
  Verilated::commandArgs(argc, argv);
  Bench b(seed_from_environment());
  const struct {
    const char *name;
    void (*run)(Bench &);
  } tests[] = {{"random commands equal the model, line by line", test_random},
               {"read errors", test_read_errors},
               {"write errors", test_write_errors},
               {"halt at any time", test_halt},
               {"random commands after all that", test_random},
               {"throughput", test_rate}};
  for (auto &t : tests) {
    t.run(b);
    b.tap.end(t.name);
  }
  shira_coverage_write(Verilated::threadContextp());
  return b.tap.finish();
}
