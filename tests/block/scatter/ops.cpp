// Tests of shira_scatter for ADD, SUB and SWAP: what undoes what, and write errors of SWAP.
#include "tests/block/scatter/harness.h"

// Twice on the same stream, back to back: weights and stream are as before.
void test_swap_twice(Bench &b) {
  for (int round = 0; round < 40 && b.tap.why.empty(); round++) {
    b.random_timing();
    b.results.clear();
    b.one_op = SHIRA_SCATTER_OP_SWAP;
    Job j = b.random_job();
    b.submit(j);
    const std::vector<uint8_t> weights = b.model, streams = b.streams;
    b.queue.push_back(j);
    std::vector<Verdict> e = {b.expect(j)};
    const bool changed = b.streams != streams;
    e.push_back(b.expect(j));
    if (b.model != weights || b.streams != streams)
      b.tap.fail("the model's SWAP does not undo itself");
    const uint64_t written = b.written[SHIRA_TRAFFIC_UNDO], beats = b.mem.beats_written;
    const uint64_t asked = b.asked_wr[SHIRA_TRAFFIC_UNDO];
    if (!b.run(2))
      return;
    for (size_t i = 0; i < e.size(); i++)
      b.compare(b.results[i], e[i]);
    b.compare_weights();
    const uint64_t bytes = (b.mem.beats_written - beats) * kBeat;
    if (b.written[SHIRA_TRAFFIC_UNDO] - written != bytes ||
        b.asked_wr[SHIRA_TRAFFIC_UNDO] - asked != bytes)
      b.tap.fail("bytes written are not counted as undo");
    if (!changed && j.d.updates > 8)
      b.tap.fail("SWAP left its stream alone");
  }
  b.one_op = 4;
}

void test_add_sub(Bench &b) {
  for (int round = 0; round < 40 && b.tap.why.empty(); round++) {
    b.random_timing();
    b.results.clear();
    b.one_op = SHIRA_SCATTER_OP_ADD;
    Job j = b.random_job();
    const std::vector<uint8_t> weights = b.model;
    b.submit(j);
    std::vector<Verdict> e = {b.expect(j)};
    j.d.op = SHIRA_SCATTER_OP_SUB;
    b.queue.push_back(j);
    e.push_back(b.expect(j));
    if (b.model != weights)
      b.tap.fail("the model's SUB does not undo ADD");
    if (!b.run(2))
      return;
    for (size_t i = 0; i < e.size(); i++)
      b.compare(b.results[i], e[i]);
    b.compare_weights();
  }
  b.one_op = 4;
}

// Address of the first burst of the written blocks of `s` that touches [lo, hi), in the order in
// which SWAP writes, and the updates up to the end of its block; UINT64_MAX where there is none.
static uint64_t first_bad_write(uint64_t addr, const std::vector<uint8_t> &s, uint64_t lo,
                                uint64_t hi, uint32_t *updates) {
  *updates = 0;
  for (size_t at = 0; at < s.size();) {
    shira_block_header h;
    memcpy(&h, &s[at], sizeof h);
    const uint64_t values = addr + at + align_up(16 + h.gap_bytes, kLimits.align);
    const uint64_t end = values + align_up(h.updates, kLimits.align);
    *updates += h.updates;
    for (uint64_t a = values; a < end;) {
      const uint64_t next = std::min<uint64_t>(end, (a / kBurst + 1) * kBurst);
      if (a < hi && next > lo)
        return a;
      a = next;
    }
    if (addr + at < hi && addr + at + kBeat > lo)
      return addr + at;
    at = end - addr;
  }
  return UINT64_MAX;
}

void test_write_errors(Bench &b) {
  int failed = 0;
  for (int round = 0; round < 150 && b.tap.why.empty(); round++) {
    b.random_timing();
    b.results.clear();
    b.one_op = SHIRA_SCATTER_OP_SWAP;
    Job j = b.random_job();
    b.one_op = 4;
    b.submit(j);
    const uint64_t addr = j.d.stream_addr, at = addr - Mem::base,
                   lo = addr + b.rnd.below(j.stream.size());
    uint32_t least;
    const uint64_t where = first_bad_write(addr, j.stream, lo, lo + 1, &least);
    b.mem.fault_lo = lo;
    b.mem.fault_hi = lo + 1;
    b.mem.fault_reads = false;
    b.mem.fault_resp = b.rnd.percent(50) ? 2 : 3;
    const bool behind = b.rnd.percent(50);
    Job last = b.random_job(kLimits.block_updates);
    if (behind)
      b.submit(last);
    const bool fails = where != UINT64_MAX;
    const uint64_t deadline = b.cycle + 200000;
    while (b.results.empty() && b.cycle < deadline)
      b.step();
    if (!fails && behind)
      b.run(2);
    const size_t taken = 1 + behind - b.queue.size();
    b.halt_and_recover(taken);
    b.mem.fault_reads = true;
    if (b.results.size() != taken)
      return b.tap.fail("%zu of %zu results", b.results.size(), taken);
    const Result &r = b.results[0];
    const unsigned status = fails ? SHIRA_STATUS_WRITE_SLVERR + b.mem.fault_resp - 2 : 0;
    if (r.status != status || r.where != (fails ? where : 0) || r.count < (fails ? least : 0))
      b.tap.fail("write error: status %u where %llx count %u instead of %u, %llx, %u or more",
                 r.status, (unsigned long long)r.where, r.count, status, (unsigned long long)where,
                 least);
    model_stream(kLimits, j.d, &b.streams[at], b.model, UINT64_MAX, 0, r.count);
    if (fails) // bursts behind the one that failed were on their way
      memcpy(&b.streams[at], &b.mem.bytes[at], j.stream.size());
    if (taken > 1)
      b.compare(b.results[1], fails ? Verdict{SHIRA_STATUS_CANCELLED, 0, 0} : b.expect(last));
    failed += fails;
    b.compare_weights();
  }
  printf("# %d write errors\n", failed);
  if (failed < 20)
    b.tap.fail("only %d write errors", failed);
}
