// Tests of the read and write sides with all clients at once: random stalls, and fairness.
#include "tests/block/axi/bench.h"
#include "host/include/shira/regs.h"

static Burst random_burst() {
  Burst b = {};
  unsigned beats = 1 + rnd(8);
  uint64_t base = rnd(12) == 0 ? kErrBase : rnd(12) == 0 ? kDecBase : 0x100000000ull * rnd(4);
  uint64_t page = base + 4096ull * rnd(64);
  b.addr = page + kBeat * rnd(4096 / kBeat - beats + 1);
  b.len = beats - 1;
  return b;
}

static Stalls random_stalls() {
  static const unsigned level[] = {0, 0, 20, 60, 90};
  Stalls s;
  unsigned *p[] = {&s.client, &s.ar, &s.r, &s.aw, &s.w, &s.b, &s.data};
  for (unsigned *x : p)
    *x = level[rnd(5)];
  return s;
}

void test_traffic() {
  uint64_t rd = 0, wr = 0;
  unsigned ahead = 0;
  reset();
  for (unsigned round = 0; round < 40; round++) {
    ReadBench r;
    WriteBench w;
    Stalls s = random_stalls();
    unsigned latency = rnd(3) * 20;
    for (unsigned i = 0; i < 60; i++) {
      r.wanted[rnd(kRd)].push_back(random_burst());
      w.want(rnd(kWr), random_burst());
    }
    unsigned limit = 200000;
    while ((!r.done() || !w.done()) && --limit) {
      r.drive(s);
      w.drive(s);
      top->eval();
      r.sample(latency);
      w.sample(latency);
      tick();
      expect(r.most <= kOutstanding, "%u reads in flight", r.most);
      expect(w.most <= kOutstanding, "%u writes in flight", w.most);
    }
    quiet();
    top->eval();
    expect(limit > 0, "round %u did not end", round);
    expect(top->rd_idle_o && top->wr_idle_o, "not idle at the end");
    expect(w.memory == w.model, "memory differs from what was sent");
    rd += r.bursts;
    wr += w.bursts;
    ahead += w.w_before_aw;
  }
  snapshot();
  expect(counter(SHIRA_COUNTER_READ_BURSTS) == rd, "read bursts");
  expect(counter(SHIRA_COUNTER_WRITTEN_BURSTS) == wr, "written bursts");
  expect(ahead > 0, "W never came before AW: the bench did not try it");
  report("reads and writes of all clients, random stalls: data, order, responses, bursts counted");
}

void test_fair() {
  ReadBench r;
  WriteBench w;
  Stalls s = {};
  Burst b = {0x1000, 3, 0, 0};
  reset();
  for (unsigned i = 0; i < 300; i++) {
    for (unsigned c = 0; c < kRd; c++)
      r.wanted[c].push_back(b);
    for (unsigned c = 0; c < kWr; c++)
      w.want(c, b);
  }
  for (unsigned i = 0; i < 400; i++) {
    r.drive(s);
    w.drive(s);
    top->eval();
    r.sample(0);
    w.sample(0);
    tick();
    for (unsigned c = 1; c < kRd; c++)
      expect(r.taken[c] + 1 >= r.taken[0] && r.taken[0] + 1 >= r.taken[c], "reads: not fair");
    expect(w.taken[1] + 1 >= w.taken[0] && w.taken[0] + 1 >= w.taken[1], "writes: not fair");
  }
  expect(r.beats >= 380, "%u read beats in 400 cycles", r.beats);
  expect(w.beats >= 380, "%u written beats in 400 cycles", w.beats);
  expect(r.most == kOutstanding, "only %u reads in flight", r.most);
  report("clients share the channels in turn; a beat a cycle");
}
