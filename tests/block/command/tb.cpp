// Bench of the command unit. SEED chooses programs, stalls and faults; what must come out is worked
// out here from the descriptors alone.
#include "tests/block/command/bench.h"
#include "verilated.h"
#include <cstdio>
#include <cstdlib>
#include <cstring>

double sc_time_stamp() {
  return 0;
}

static Bench *b;

static const shira_completion &record(uint32_t seq) {
  static const shira_completion none = {};
  expect(seq < b->record_of.size() && b->record_of[seq] >= 0, "descriptor %u has no record", seq);
  if (seq >= b->record_of.size() || b->record_of[seq] < 0)
    return none;
  return b->records[(size_t)b->record_of[seq]].c;
}

static void expect_status(uint32_t seq, unsigned status, uint64_t where) {
  const shira_completion &c = record(seq);
  expect(c.status == status, "descriptor %u: status %u, wanted %u", seq, c.status, status);
  expect(c.where == where, "descriptor %u: where %llx, wanted %llx", seq,
         (unsigned long long)c.where, (unsigned long long)where);
}

// The device is halted with this error, and has drained.
static void expect_error(unsigned status, uint32_t seq, uint64_t where) {
  expect(b->wait_status(6, 2, 20000), "status %x: not halted and drained",
         b->read(SHIRA_REG_STATUS));
  expect(b->read(SHIRA_REG_ERROR_STATUS) == status, "error_status %u, wanted %u",
         b->read(SHIRA_REG_ERROR_STATUS), status);
  expect(b->read(SHIRA_REG_ERROR_SEQ) == seq, "error_seq %u, wanted %u",
         b->read(SHIRA_REG_ERROR_SEQ), seq);
  expect(b->read64(SHIRA_REG_ERROR_WHERE_LO) == where, "error_where %llx, wanted %llx",
         (unsigned long long)b->read64(SHIRA_REG_ERROR_WHERE_LO), (unsigned long long)where);
  expect(b->read(SHIRA_REG_IRQ_STATUS) & SHIRA_REG_IRQ_STATUS_ERROR_MASK, "no error interrupt");
  expect(b->top->irq_o, "irq_o is low");
  expect(b->reaped == b->tail, "%u records of %u descriptors", b->reaped, b->tail);
}

// After an error was acknowledged a NOP and a command run.
static void expect_usable() {
  expect(b->wait_status(6, 2, 2000), "does not drain");
  b->ack();
  b->write(SHIRA_REG_IRQ_STATUS, 3);
  expect(b->read(SHIRA_REG_STATUS) == 1, "status %x after ack", b->read(SHIRA_REG_STATUS));
  expect(b->read(SHIRA_REG_ERROR_STATUS) == 0, "error_status after ack");
  uint32_t nop = b->post(make(SHIRA_OPCODE_NOP)), copy = b->post(make(SHIRA_OPCODE_COPY, 5));
  b->doorbell();
  expect(b->wait_records(b->tail, 2000), "not usable after ack");
  expect_status(nop, SHIRA_STATUS_OK, 0);
  expect_status(copy, SHIRA_STATUS_OK, 0);
}

// A record that belongs to its descriptor and ended ok.
static void expect_ok(uint32_t seq) {
  const Desc &d = b->posted[seq];
  const shira_completion &c = record(seq);
  expect_status(seq, SHIRA_STATUS_OK, d.opcode == SHIRA_OPCODE_NOP ? 0 : d.where);
  expect(c.opcode == d.opcode, "descriptor %u: opcode %u", seq, c.opcode);
  expect(c.engine == d.opcode - 1u, "descriptor %u: engine %u", seq, c.engine);
  expect(c.t_queued > 0 && c.t_start > c.t_queued, "descriptor %u: times", seq);
  if (d.opcode == SHIRA_OPCODE_NOP)
    return;
  expect(c.count == d.count, "descriptor %u: count %u", seq, c.count);
  expect(c.end_delta >= d.work, "descriptor %u: ended after %u cycles of %u", seq, c.end_delta,
         d.work);
  expect(c.first_data_delta == 0, "descriptor %u: first_data", seq);
  expect(c.first_work_delta >= 1 && c.last_work_delta == c.first_work_delta + 1 &&
             c.last_work_delta <= c.end_delta + 1,
         "descriptor %u: work from %u to %u", seq, c.first_work_delta, c.last_work_delta);
  if (d.opcode != SHIRA_OPCODE_SCATTER) // which may be queued in the engine first
    expect(c.starved == d.work / 3 && c.stalled >= d.work - d.work / 3 * 2,
           "descriptor %u: starved %u, stalled %u of %u", seq, c.starved, c.stalled, d.work);
}

static void test_latency() {
  b->log2 = 4;
  b->reset();
  b->read_latency = b->write_latency = 1;
  b->tick(20);
  b->forget();
  b->post(make(SHIRA_OPCODE_GEMM, 30));
  b->doorbell();
  expect(b->wait_records(1, 500), "no record");
  uint64_t ar = b->first_ar_cycle - b->doorbell_cycle, cmd = b->first_cmd_cycle - b->last_r_cycle;
  uint64_t aw = b->first_aw_cycle - b->first_done_cycle;
  printf("# doorbell to AR %llu, descriptor to command %llu, done to AW %llu cycles\n",
         (unsigned long long)ar, (unsigned long long)cmd, (unsigned long long)aw);
  expect(ar <= 3 && cmd <= 3 && aw <= 3, "slower than 3 cycles");
  b->tick(5);
  expect(b->read64(SHIRA_REG_DOORBELL_CYCLE_LO) == b->doorbell_cycle, "doorbell_cycle");
  expect(b->read64(SHIRA_REG_COMPLETION_CYCLE_LO) == b->first_b_cycle, "completion_cycle");
  expect(b->read(SHIRA_REG_RING_HEAD) == 1 && b->read(SHIRA_REG_COMPLETION_COUNT) == 1, "counts");
  expect(b->read(SHIRA_REG_STATUS) == 1, "not idle at the end");
  expect(b->read(SHIRA_REG_IRQ_STATUS) == 0, "an interrupt that nobody asked for");
  expect_ok(0);
  report("latency: doorbell to fetch, descriptor to engine, done to completion within 3 cycles");
}

static void test_throughput() {
  b->log2 = 8;
  b->reset();
  b->read_latency = 1;
  b->write_latency = 100;
  b->write(SHIRA_REG_CTRL, 0);
  for (unsigned i = 0; i < 200; i++)
    b->post(make(SHIRA_OPCODE_NOP));
  b->doorbell();
  b->tick(50);
  expect(b->ar_count == 0 && b->read(SHIRA_REG_STATUS) == 1, "fetched while not enabled");
  b->write(SHIRA_REG_CTRL, 1);
  uint64_t begin = b->top->cycle_o;
  expect(b->wait_records(200, 10000), "not all ended");
  double each = (double)(b->top->cycle_o - begin) / 200;
  // a fetch of one descriptor takes 128 bytes and a record 64: at most the 8 writes in flight limit
  printf("# %.1f cycles a descriptor, up to %u records in flight\n", each, b->most_writes);
  expect(each < (Bench::kBeat == 8 ? 19 : 14), "%.1f cycles a NOP", each);
  expect(b->most_writes >= 6, "only %u records in flight", b->most_writes);
  for (unsigned i = 0; i < 200; i++)
    expect_ok(i);
  report("throughput: completions overlap; nothing is fetched while not enabled");
}

static void test_irq_flag() {
  b->log2 = 2;
  b->reset();
  Desc d = make(SHIRA_OPCODE_COPY, 3);
  b->post(d);
  d.flags = 1;
  b->post(d);
  b->doorbell();
  expect(b->wait_records(1, 500), "first");
  expect(!b->top->irq_o, "an interrupt without the flag");
  expect(b->wait_records(2, 500), "second");
  b->tick(b->write_latency + 5);
  expect(b->top->irq_o && b->read(SHIRA_REG_IRQ_STATUS) == 1, "no interrupt with the flag");
  expect(b->first_irq_cycle > b->first_b_cycle, "interrupt before the write response");
  b->write(SHIRA_REG_IRQ_STATUS, 1);
  expect(!b->top->irq_o, "interrupt was not cleared");
  report("completion interrupt: only for descriptors that ask, after the write response");
}

// Semaphores as the ring's order would have them: waits refer only to earlier signals.
static void random_program(unsigned n, unsigned *signals) {
  for (unsigned i = 0; i < n; i++) {
    Desc d = make(1 + b->rnd(4), b->rnd(3) ? b->rnd(20) : b->rnd(200));
    d.count = (uint32_t)b->rng();
    d.where = b->rng();
    d.flags = (uint8_t)(b->rnd(4) == 0);
    unsigned sem0 = b->rnd(16), sem1 = b->rnd(16);
    if (b->rnd(2)) {
      d.wait0_sem = (uint8_t)sem0;
      d.wait0_value =
          signals[sem0] - (signals[sem0] ? b->rnd(signals[sem0] < 3 ? signals[sem0] : 3) : 0);
    }
    if (b->rnd(4) == 0) {
      d.wait1_sem = (uint8_t)sem1;
      d.wait1_value = signals[sem1];
    }
    d.signal_sem = (uint8_t)(b->rnd(3) ? b->rnd(16) : 0);
    signals[d.signal_sem]++;
    b->post(d);
  }
  signals[0] = 0;
}

// Each wait was met by signals that came before the descriptor started.
static void expect_waits(uint32_t from, uint32_t to) {
  for (uint32_t s = from; s < to; s++) {
    const Desc &d = b->posted[s];
    const shira_completion &c = record(s);
    if (c.status != SHIRA_STATUS_OK)
      continue;
    uint8_t sems[] = {d.wait0_sem, d.wait1_sem};
    uint32_t values[] = {d.wait0_value, d.wait1_value};
    for (unsigned k = 0; k < 2; k++) {
      unsigned seen = 0;
      for (uint32_t t = from; t < to && sems[k]; t++) {
        const shira_completion &e = record(t);
        seen += b->posted[t].signal_sem == sems[k] && e.status == SHIRA_STATUS_OK &&
                e.t_start + e.end_delta < c.t_start;
      }
      expect(!sems[k] || (int32_t)(seen - values[k]) >= 0,
             "descriptor %u started before its semaphore", s);
    }
  }
}

// Records of an engine come in the ring's order.
static void expect_order() {
  uint32_t last[4] = {};
  bool any[4] = {};
  for (const Record &r : b->records) {
    unsigned e = r.c.engine & 3;
    if (e == 0)
      continue;
    expect(!any[e] || r.c.seq > last[e], "engine %u: descriptor %u after %u", e, r.c.seq, last[e]);
    last[e] = r.c.seq;
    any[e] = true;
  }
}

static void test_random() {
  for (unsigned round = 0; round < 12; round++) {
    unsigned signals[16] = {}, left = 150 + b->rnd(100);
    b->log2 = 1 + b->rnd(6);
    b->reset();
    b->random_stalls();
    b->write(SHIRA_REG_CTRL, SHIRA_REG_CTRL_ENABLE_MASK | SHIRA_REG_CTRL_CLEAR_COUNTERS_MASK);
    unsigned limit = 400000;
    while ((left || b->reaped < b->tail) && --limit) {
      unsigned n = b->space() < left ? b->space() : left;
      if (n && b->rnd(20) == 0) {
        n = 1 + b->rnd(n);
        random_program(n, signals);
        left -= n;
        b->doorbell();
      }
      b->tick();
    }
    expect(limit > 0, "round %u: %u records of %u", round, b->reaped, b->tail);
    for (uint32_t s = 0; s < b->tail; s++)
      expect_ok(s);
    expect_waits(0, b->tail);
    expect_order();
    expect(b->wait_status(7, 1, 500), "not idle");
    expect(b->read(SHIRA_REG_COMPLETION_COUNT) == b->tail, "completion_count");
    expect(b->read(SHIRA_REG_RING_HEAD) == b->tail, "ring_head");
    expect(b->counter(SHIRA_COUNTER_READ_BYTES_DESCRIPTOR) == 128ull * b->tail, "descriptor bytes");
    expect(b->counter(SHIRA_COUNTER_WRITTEN_BYTES_COMPLETION) == 64ull * b->tail,
           "completion bytes");
    expect(b->counter(SHIRA_COUNTER_DESCRIPTORS) == b->tail, "descriptors");
    expect(b->read(SHIRA_REG_ERROR_COUNT) == 0, "errors");
  }
  report("random programs with semaphores, small rings, stalls: all end, in order, waits kept");
}

static void test_wrap_compare() {
  b->log2 = 4;
  b->reset();
  Desc d = make(SHIRA_OPCODE_NOP);
  d.wait0_sem = 3;
  d.wait0_value = 0xfffffff0; // behind 0: met
  b->post(d);
  d.wait0_value = 0x80000001; // (int32)(0 - value) = 0x7fffffff: met
  b->post(d);
  d.wait0_value = 0;
  b->post(d);
  d.wait1_sem = 4;
  d.wait1_value = 1; // only the COPY below gives it
  uint32_t waits = b->post(d);
  Desc c = make(SHIRA_OPCODE_COPY, 60);
  c.signal_sem = 4;
  uint32_t copy = b->post(c);
  b->doorbell();
  expect(b->wait_records(5, 2000), "not all ended");
  expect(b->record_of[waits] > b->record_of[copy], "the second wait was ignored");
  const shira_completion &x = record(waits), &y = record(copy);
  expect(x.t_start - (y.t_start + y.end_delta) <= 2, "the signal took %llu cycles",
         (unsigned long long)(x.t_start - (y.t_start + y.end_delta)));
  expect(b->counter(SHIRA_COUNTER_COMMAND_WAITING) > 20, "waiting was not counted");
  b->ack(); // not halted: no effect
  Desc n = make(SHIRA_OPCODE_NOP);
  n.wait0_sem = 4;
  n.wait0_value = 1;
  b->post(n);
  b->doorbell();
  expect(b->wait_records(6, 2000), "ack cleared semaphores although nothing was wrong");
  report("semaphores: wrapping compare, both waits, ack without an error does nothing");
}

static void test_waiting_counter() {
  b->log2 = 4;
  b->reset();
  Desc g = make(SHIRA_OPCODE_GEMM, 9), c = make(SHIRA_OPCODE_COPY, 300);
  g.wait0_sem = 1;
  g.wait0_value = 1;
  c.signal_sem = 1;
  b->post(g);
  b->post(c);
  b->doorbell();
  expect(b->wait_records(2, 2000), "not all ended");
  uint64_t waiting = b->counter(SHIRA_COUNTER_GEMM_WAITING);
  expect(waiting >= 295 && waiting <= 320, "GEMM waited %llu cycles", (unsigned long long)waiting);
  expect(b->counter(SHIRA_COUNTER_COPY_STARVED) == 100, "COPY starved");
  expect(b->counter(SHIRA_COUNTER_COPY_WAITING) == 0, "COPY waiting");
  report("counters: an engine whose next descriptor waits for a semaphore is waiting");
}

static void test_engine_error() {
  b->log2 = 3;
  b->reset();
  b->write(SHIRA_REG_CTRL, 0);
  Desc ok = make(SHIRA_OPCODE_NOP), bad = make(SHIRA_OPCODE_SCATTER, 20);
  bad.status = SHIRA_STATUS_STREAM_CRC;
  bad.where = 0x123456789abull;
  bad.count = 17;
  Desc after = make(SHIRA_OPCODE_COPY, 1000);
  after.signal_sem = 2;
  b->post(ok);
  uint32_t seq = b->post(bad);
  for (unsigned i = 0; i < 6; i++)
    b->post(after);
  b->doorbell();
  b->write(SHIRA_REG_CTRL, 1);
  expect_error(SHIRA_STATUS_STREAM_CRC, seq, bad.where);
  expect_ok(0);
  expect_status(seq, SHIRA_STATUS_STREAM_CRC, bad.where);
  expect(record(seq).count == 17 && record(seq).engine == 2, "count of the failed one");
  for (uint32_t s = 2; s < 8; s++)
    expect_status(s, SHIRA_STATUS_CANCELLED, 0);
  expect(b->read(SHIRA_REG_ERROR_COUNT) == 1, "error_count");
  expect(record(7).opcode == 0 || record(7).opcode == SHIRA_OPCODE_COPY, "opcode");
  // one more doorbell while halted
  b->post(ok);
  b->post(after);
  unsigned ars = b->ar_count;
  b->doorbell();
  expect(b->wait_records(10, 500), "descriptors of a doorbell while halted are not cancelled");
  for (uint32_t s = 8; s < 10; s++) {
    expect_status(s, SHIRA_STATUS_CANCELLED, 0);
    expect(record(s).opcode == 0 && record(s).t_queued == 0, "never fetched, but known");
  }
  expect(b->ar_count == ars, "fetched while halted");
  expect_usable();
  Desc wait = ok; // semaphores are 0 again
  wait.wait0_sem = 2;
  wait.wait0_value = 1;
  b->write(SHIRA_REG_WATCHDOG, 100);
  uint32_t w = b->post(wait);
  b->doorbell();
  expect_error(SHIRA_STATUS_NO_PROGRESS, w, 1);
  report("an engine's error: registers, interrupt, the rest cancelled, usable after ack");
}

static void test_bad_headers() {
  static const struct {
    unsigned opcode, wait0, wait1, signal, status;
    uint64_t where;
  } list[] = {
      {0, 0, 0, 0, SHIRA_STATUS_BAD_OPCODE, 0},
      {5, 0, 0, 0, SHIRA_STATUS_BAD_OPCODE, 5},
      {255, 16, 16, 16, SHIRA_STATUS_BAD_OPCODE, 255},
      {SHIRA_OPCODE_NOP, 16, 0, 99, SHIRA_STATUS_BAD_FIELD, 2},
      {SHIRA_OPCODE_COPY, 15, 16, 0, SHIRA_STATUS_BAD_FIELD, 3},
      {SHIRA_OPCODE_SCATTER, 0, 0, 16, SHIRA_STATUS_BAD_FIELD, 4},
      {SHIRA_OPCODE_GEMM, 0, 15, 255, SHIRA_STATUS_BAD_FIELD, 4},
  };
  for (const auto &l : list) {
    b->log2 = 4;
    b->reset();
    for (unsigned e = 1; e <= 4; e++)
      b->post(make(e, 150));
    Desc d = make(l.opcode);
    d.wait0_sem = (uint8_t)l.wait0;
    d.wait1_sem = (uint8_t)l.wait1;
    d.signal_sem = (uint8_t)l.signal;
    uint32_t seq = b->post(d);
    b->post(make(SHIRA_OPCODE_NOP));
    b->doorbell();
    expect_error(l.status, seq, l.where);
    for (uint32_t s = 0; s < seq; s++)
      expect_ok(s); // what was before it is not harmed
    expect_status(seq, l.status, l.where);
    expect(record(seq).opcode == l.opcode && record(seq).engine == 0, "opcode or engine");
    expect_status(seq + 1, SHIRA_STATUS_CANCELLED, 0);
    expect_usable();
  }
  report("a bad opcode or semaphore: its own error, what was before it ends ok");
}

static void test_fetch_error() {
  for (unsigned resp = 2; resp <= 3; resp++) {
    for (unsigned bad = 0; bad < 6; bad++) {
      b->log2 = 3;
      b->reset();
      b->random_stalls();
      // any beat of the descriptor; where = address of the burst that held it
      uint64_t addr = b->ring_base + 128 * bad + Bench::kBeat * b->rnd(128 / Bench::kBeat);
      b->read_fault[addr] = resp;
      for (unsigned i = 0; i < 6; i++)
        b->post(make(1 + i % 4, 5));
      b->doorbell();
      unsigned status = resp == 2 ? SHIRA_STATUS_READ_SLVERR : SHIRA_STATUS_READ_DECERR;
      expect(b->wait_records(6, 20000), "no records");
      expect_error(status, bad, b->burst_of(addr));
      expect_status(bad, status, b->burst_of(addr));
      for (uint32_t s = 0; s < bad; s++)
        expect_ok(s);
      expect(record(bad).opcode == 0, "opcode of a descriptor that could not be read");
      for (uint32_t s = bad + 1; s < 6; s++)
        expect_status(s, SHIRA_STATUS_CANCELLED, 0);
      b->read_fault.clear();
      expect_usable();
    }
  }
  report("SLVERR and DECERR on the ring: that descriptor's error, with the burst's address");
}

static void test_completion_error() {
  for (unsigned resp = 2; resp <= 3; resp++) {
    b->log2 = 3;
    b->reset();
    uint64_t addr = b->completion_base + 64 * 2;
    b->write_fault[addr] = resp;
    for (unsigned i = 0; i < 8; i++)
      b->post(make(SHIRA_OPCODE_COPY, 40));
    b->doorbell();
    // the third record never reaches memory, so records are counted by the register
    for (unsigned i = 0; i < 2000 && b->read(SHIRA_REG_COMPLETION_COUNT) < 8; i++)
      ;
    expect(b->read(SHIRA_REG_COMPLETION_COUNT) == 8, "records stopped");
    expect(b->wait_status(6, 2, 2000), "not halted and drained");
    expect(b->read(SHIRA_REG_ERROR_STATUS) ==
               (resp == 2 ? SHIRA_STATUS_WRITE_SLVERR : SHIRA_STATUS_WRITE_DECERR),
           "error_status %u", b->read(SHIRA_REG_ERROR_STATUS));
    expect(b->read(SHIRA_REG_ERROR_SEQ) == 2, "error_seq %u", b->read(SHIRA_REG_ERROR_SEQ));
    expect(b->read64(SHIRA_REG_ERROR_WHERE_LO) == addr, "error_where");
    expect(b->top->irq_o && (b->read(SHIRA_REG_IRQ_STATUS) & 2), "no interrupt");
    b->ack();
    expect(b->read(SHIRA_REG_STATUS) == 1, "status after ack");
  }
  report("a completion that cannot be written: sticky error and interrupt, no hang");
}

static void test_dead_memory() {
  for (unsigned kind = 0; kind < 2; kind++) {
    b->log2 = 4;
    b->reset();
    b->write(SHIRA_REG_WATCHDOG, 300);
    (kind ? b->mute_write : b->mute_read) = true;
    for (unsigned i = 0; i < 5; i++)
      b->post(make(SHIRA_OPCODE_COPY, 10));
    b->doorbell();
    b->tick(600 + 100);
    expect(b->top->irq_o, "no interrupt from a device without memory");
    expect(b->read(SHIRA_REG_ERROR_STATUS) == SHIRA_STATUS_NO_PROGRESS, "error_status");
    expect(b->read(SHIRA_REG_STATUS) == 6, "status %x", b->read(SHIRA_REG_STATUS));
    uint64_t mask = b->read64(SHIRA_REG_ERROR_WHERE_LO);
    expect(mask & 1, "where %llx: the command unit is not idle", (unsigned long long)mask);
    // memory comes back: everything drains, and the device is usable
    b->mute_read = b->mute_write = false;
    expect(b->wait_status(6, 2, 5000), "does not drain when memory is back");
    expect(b->reaped == b->tail, "%u records of %u", b->reaped, b->tail);
    if (!kind)
      expect_status(0, SHIRA_STATUS_NO_PROGRESS, mask);
    expect_usable();
  }
  report("watchdog: dead memory gives an error and an interrupt, and drains when it is back");
}

static void test_engine_hang() {
  b->log2 = 4;
  b->reset();
  b->write(SHIRA_REG_WATCHDOG, 200);
  Desc d = make(SHIRA_OPCODE_GEMM, 0);
  d.how = HOW_HANGS;
  b->post(make(SHIRA_OPCODE_NOP));
  uint32_t seq = b->post(d);
  b->post(make(SHIRA_OPCODE_GEMM, 4));
  b->doorbell();
  expect_error(SHIRA_STATUS_NO_PROGRESS, seq, 8);
  expect_status(seq, SHIRA_STATUS_NO_PROGRESS, 8);
  expect_status(seq + 1, SHIRA_STATUS_CANCELLED, 0);
  expect(b->read(SHIRA_REG_ERROR_COUNT) == 1, "counted %u times", b->read(SHIRA_REG_ERROR_COUNT));
  expect_usable();
  // busy is movement
  b->reset();
  b->write(SHIRA_REG_WATCHDOG, 50);
  d = make(SHIRA_OPCODE_GEMM, 1000);
  d.how = HOW_BUSY;
  b->post(d);
  b->doorbell();
  expect(b->wait_records(1, 3000), "a busy engine was stopped");
  expect_status(0, SHIRA_STATUS_OK, 0);
  // an engine that does not even wind down: the registers still tell
  d.how = HOW_HANGS | HOW_DEAF;
  uint32_t deaf = b->post(d);
  b->post(make(SHIRA_OPCODE_COPY, 1));
  b->doorbell();
  b->tick(300);
  expect(b->read(SHIRA_REG_ERROR_STATUS) == SHIRA_STATUS_NO_PROGRESS, "error_status");
  expect(b->read(SHIRA_REG_ERROR_SEQ) == deaf, "error_seq");
  expect(b->read(SHIRA_REG_STATUS) == 6 && b->top->irq_o, "status");
  report("watchdog: an engine that stands still, one that is busy, one that does not wind down");
}

static void test_missing_signal() {
  b->log2 = 4;
  b->reset();
  b->write(SHIRA_REG_WATCHDOG, 150);
  Desc g = make(SHIRA_OPCODE_GEMM, 5), s = make(SHIRA_OPCODE_SCATTER, 5);
  g.wait0_sem = 5;
  g.wait0_value = 1;
  s.wait1_sem = 6;
  s.wait1_value = 1;
  b->post(make(SHIRA_OPCODE_COPY, 5));
  uint32_t older = b->post(s), newer = b->post(g), queued = b->post(g);
  b->doorbell();
  expect_error(SHIRA_STATUS_NO_PROGRESS, older, 12);
  expect_ok(0);
  expect_status(older, SHIRA_STATUS_NO_PROGRESS, 12);
  expect(record(older).t_start == 0 && record(older).engine == 2, "never started");
  expect_status(newer, SHIRA_STATUS_CANCELLED, 0);
  expect_status(queued, SHIRA_STATUS_CANCELLED, 0);
  expect_usable();
  static const uint32_t ahead[] = {1, 2, 1000, 0x7fffffff, 0x80000000};
  for (uint32_t value : ahead) { // none of these is met by 0
    b->reset();
    b->write(SHIRA_REG_WATCHDOG, 50);
    Desc n = make(SHIRA_OPCODE_NOP);
    n.wait0_sem = n.wait1_sem = 9;
    (value & 1 ? n.wait0_value : n.wait1_value) = value;
    b->post(n);
    b->doorbell();
    expect_error(SHIRA_STATUS_NO_PROGRESS, 0, 1);
  }
  report("watchdog: a semaphore that never comes ends the oldest waiting descriptor");
}

static void test_watchdog_edge() {
  // COPY is starved for 150 cycles: 149 is too short, 152 is enough; 0 is off
  static const struct {
    unsigned limit;
    bool fires;
  } list[] = {{140, true}, {149, true}, {152, false}, {0, false}};
  for (const auto &l : list) {
    b->log2 = 4;
    b->reset();
    b->write(SHIRA_REG_WATCHDOG, l.limit);
    Desc d = make(SHIRA_OPCODE_COPY, 450);
    b->post(d);
    b->doorbell();
    unsigned want = l.fires ? SHIRA_STATUS_NO_PROGRESS : SHIRA_STATUS_OK;
    // its last third is stalled as long, and the middle busy
    expect(b->wait_records(1, 3000), "no record");
    expect(record(0).status == want, "watchdog %u: status %u", l.limit, record(0).status);
  }
  report("watchdog: fires at its limit and not below, never when it is 0");
}

static void test_bad_tail() {
  b->log2 = 3;
  b->reset();
  for (unsigned i = 0; i < 3; i++)
    b->post(make(SHIRA_OPCODE_NOP));
  b->doorbell();
  expect(b->wait_records(3, 500), "records");
  b->write(SHIRA_REG_RING_TAIL, 3 + 9);
  b->tick(20);
  expect(b->wait_status(6, 2, 500), "not halted and drained");
  expect(b->read(SHIRA_REG_ERROR_STATUS) == SHIRA_STATUS_BAD_FIELD, "error_status");
  expect(b->read64(SHIRA_REG_ERROR_WHERE_LO) == SHIRA_REG_RING_TAIL, "error_where");
  expect(b->read(SHIRA_REG_RING_HEAD) == 12, "head");
  expect(b->reaped == 3, "records of descriptors that do not exist");
  expect(b->read(SHIRA_REG_ERROR_COUNT) == 1, "error_count");
  b->write(SHIRA_REG_RING_TAIL, 2); // backwards, while halted
  expect(b->wait_status(6, 2, 500), "not drained");
  b->ack();
  expect(b->read(SHIRA_REG_STATUS) == 1, "status after ack");
  report("a tail that cannot be: refused, nothing fetched, nothing cancelled without end");
}

// A program in which some descriptors fail by themselves; any of them may be the first to do so.
static void test_random_errors() {
  unsigned halts = 0, ends[16] = {};
  for (unsigned round = 0; round < 10; round++) {
    b->log2 = 2 + b->rnd(4);
    b->reset();
    b->random_stalls();
    b->write(SHIRA_REG_WATCHDOG, 2000);
    unsigned signals[16] = {};
    uint32_t epoch = 0; // the semaphores count from this descriptor on
    for (unsigned batch = 0; batch < 25; batch++) {
      uint32_t from = b->tail;
      unsigned limit = 60000, left = 1 + b->rnd(40);
      bool halted = false;
      b->top->eval();
      while ((left || b->reaped < b->tail) && --limit) {
        unsigned n = b->space() < left ? b->space() : left;
        halted = halted || b->top->halt_o;
        if (n && b->rnd(30) == 0) {
          uint32_t first = b->tail;
          if (halted) {
            left = 0;
            continue;
          }
          random_program(n, signals);
          for (uint32_t s = first; s < b->tail; s++) {
            Desc &d = b->posted[s];
            if (b->rnd(25) == 0)
              d.status = (uint8_t)(2 + b->rnd(12));
            if (b->rnd(150) == 0)
              d.how = HOW_HANGS;
            if (b->rnd(100) == 0)
              d.opcode = (uint8_t)(b->rnd(2) ? 0 : 77);
          }
          b->rewrite(first);
          left -= n;
          b->doorbell();
        }
        b->tick();
      }
      expect(limit > 0, "batch %u: %u records of %u", batch, b->reaped, b->tail);
      for (unsigned i = 0; i < 400 && (b->read(SHIRA_REG_STATUS) & 5) != 1; i++)
        ;
      bool failed = false, first_seen = false;
      for (uint32_t s = from; s < b->tail; s++) {
        const shira_completion &c = record(s);
        const Desc &d = b->posted[s];
        ends[c.status & 15]++;
        if (c.status == SHIRA_STATUS_OK) {
          expect(d.status == 0 || d.opcode == SHIRA_OPCODE_NOP, "descriptor %u did not fail", s);
          expect_ok(s);
        } else if (c.status == SHIRA_STATUS_BAD_OPCODE) {
          expect(d.opcode == 0 || d.opcode == 77, "descriptor %u: opcode %u is good", s, d.opcode);
        } else if (c.status == SHIRA_STATUS_NO_PROGRESS) {
          expect(c.seq == b->read(SHIRA_REG_ERROR_SEQ) || d.status == c.status, "no_progress of %u",
                 s);
        } else if (c.status != SHIRA_STATUS_CANCELLED) {
          expect(c.status == d.status && c.where == d.where, "descriptor %u: status %u", s,
                 c.status);
        }
        failed = failed || c.status != SHIRA_STATUS_OK;
        first_seen = first_seen || (c.seq == b->read(SHIRA_REG_ERROR_SEQ) &&
                                    c.status == b->read(SHIRA_REG_ERROR_STATUS));
      }
      expect_waits(epoch, b->tail);
      expect_order();
      unsigned status = b->read(SHIRA_REG_STATUS);
      expect(status == (failed ? 3 : 1), "status %x after %s", status,
             failed ? "a failure" : "success");
      expect(!failed || first_seen, "the error registers name no record");
      if (failed) {
        halts++;
        expect(b->top->irq_o, "no interrupt");
        b->ack();
        b->write(SHIRA_REG_IRQ_STATUS, 3);
        epoch = b->tail;
        memset(signals, 0, sizeof signals);
      }
    }
  }
  printf("# %u halts; %u ok, %u bad opcode, %u no progress, %u cancelled\n", halts,
         ends[SHIRA_STATUS_OK], ends[SHIRA_STATUS_BAD_OPCODE], ends[SHIRA_STATUS_NO_PROGRESS],
         ends[SHIRA_STATUS_CANCELLED]);
  expect(halts > 20, "only %u halts", halts);
  report(
      "random programs with errors: each descriptor has one record, first error named, recovery");
}

int main(int argc, char **argv) {
  Verilated::commandArgs(argc, argv);
  const char *text = getenv("SEED");
  unsigned seed = text ? (unsigned)strtoul(text, nullptr, 0) : 0;
  static void (*const tests[])() = {
      test_latency,        test_throughput,       test_irq_flag,     test_random,
      test_wrap_compare,   test_waiting_counter,  test_engine_error, test_bad_headers,
      test_fetch_error,    test_completion_error, test_dead_memory,  test_engine_hang,
      test_missing_signal, test_watchdog_edge,    test_bad_tail,     test_random_errors,
  };
  Bench bench;
  b = &bench;
  b->rng.seed(seed);
  printf("# SEED=%u\n1..%zu\n", seed, sizeof tests / sizeof *tests);
  for (auto test : tests)
    test();
  return failures() != 0;
}
