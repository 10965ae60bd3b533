// Tests of shira_scatter where AXI errors or a halt cut its streams short.
#include "tests/block/scatter/harness.h"

void test_axi_errors(Bench &b) {
  for (int round = 0; round < 150 && b.tap.why.empty(); round++) {
    b.random_timing();
    Job j = b.random_job();
    b.results.clear();
    b.submit(j);
    const uint64_t addr = b.queue.back().d.stream_addr;
    j.d.stream_addr = addr;
    b.mem.fault_lo = addr + b.rnd.below(j.d.stream_bytes);
    b.mem.fault_hi = b.mem.fault_lo + b.rnd.range(1, 100);
    b.mem.fault_resp = b.rnd.percent(50) ? 2 : 3;
    b.mem.fault_beats = b.rnd.percent(50);
    const uint64_t bad = first_bad(b.mem.fault_beats ? kBeat : kLimits.burst, addr,
                                   j.d.stream_bytes, b.mem.fault_lo, b.mem.fault_hi);
    std::vector<Verdict> e = {b.expect(j, bad, SHIRA_STATUS_READ_SLVERR + b.mem.fault_resp - 2)};
    const bool behind = b.rnd.percent(50) && b.place + 4 * kBurst < kMemory;
    b.place = align_up(b.place + kBurst, kBurst); // the next stream has no burst in common
    b.run_submitted(e, behind);
  }
}

void test_halt(Bench &b) {
  int cut_short = 0;
  for (int round = 0; round < 250 && b.tap.why.empty(); round++) {
    b.random_timing();
    b.results.clear();
    const size_t n = b.rnd.range(1, 4);
    std::vector<Job> jobs;
    for (size_t i = 0; i < n; i++) {
      jobs.push_back(b.random_job());
      b.submit(jobs.back());
    }
    b.updates = 0;
    for (uint64_t k = b.rnd.below(1500); k > 0; k--)
      b.step();
    const size_t taken = n - b.queue.size(), whole = b.results.size();
    b.queue.clear();
    b.halt = true;
    if (!b.run(taken))
      return;
    b.halt = false;
    b.step();
    uint64_t count = 0;
    for (size_t i = 0; i < b.results.size(); i++) {
      const unsigned s = b.results[i].status;
      count += b.results[i].count;
      cut_short += s == SHIRA_STATUS_CANCELLED;
      if (s != SHIRA_STATUS_OK && (i < whole || s != SHIRA_STATUS_CANCELLED))
        b.tap.fail("status %u around a halt", s);
      model_stream(kLimits, jobs[i].d, &b.streams[jobs[i].d.stream_addr - Mem::base], b.model,
                   UINT64_MAX, 0, b.results[i].count);
    }
    if (count != b.updates || b.results.size() != taken)
      b.tap.fail("%llu updates reported, %llu written", (unsigned long long)count,
                 (unsigned long long)b.updates);
    b.compare_weights();
    b.results.clear();
    Job j = b.random_job();
    b.submit(j);
    const Verdict e = b.expect(j);
    if (!b.run(1))
      return;
    b.compare(b.results[0], e);
    b.compare_weights();
  }
  printf("# %d commands cut\n", cut_short);
  if (cut_short < 20)
    b.tap.fail("only %d commands were cut", cut_short);
}
