// Tests of the command unit with random programs, without errors and with some.
#include "tests/block/command/checks.h"
#include <cstdio>
#include <cstring>

// Semaphores as the ring's order would have them: waits refer only to earlier signals.
static void random_program(unsigned n, unsigned *signals) {
  for (unsigned i = 0; i < n; i++) {
    Desc d = make(1 + b->rnd(4), b->rnd(3) ? b->rnd(20) : b->rnd(200));
    if (d.opcode != SHIRA_OPCODE_NOP) {
      d.count = (uint32_t)b->rng();
      d.where = b->rng();
    }
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

void test_random() {
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

// Lets some of the descriptors from `first` on fail by themselves.
static void plant_errors(uint32_t first) {
  for (uint32_t s = first; s < b->tail; s++) {
    Desc &d = b->posted[s];
    if (b->rnd(25) == 0 && d.opcode != SHIRA_OPCODE_NOP)
      d.status = (uint8_t)(2 + b->rnd(12));
    if (b->rnd(150) == 0 && d.opcode != SHIRA_OPCODE_NOP)
      d.how = HOW_HANGS;
    if (b->rnd(100) == 0)
      d.opcode = (uint8_t)(b->rnd(2) ? 0 : 77);
  }
  b->rewrite(first);
}

// Posts `left` descriptors, fewer where the device halts, and waits for a record of each.
static void run_batch(unsigned batch, unsigned left, unsigned *signals) {
  unsigned limit = 60000;
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
      plant_errors(first);
      left -= n;
      b->doorbell();
    }
    b->tick();
  }
  expect(limit > 0, "batch %u: %u records of %u", batch, b->reaped, b->tail);
}

// A descriptor ended as its own bytes say, or by an error of another.
static void expect_own_end(uint32_t s) {
  const shira_completion &c = record(s);
  const Desc &d = b->posted[s];
  if (c.status == SHIRA_STATUS_OK) {
    expect(d.status == 0 || d.opcode == SHIRA_OPCODE_NOP, "descriptor %u did not fail", s);
    expect_ok(s);
  } else if (c.status == SHIRA_STATUS_BAD_OPCODE) {
    expect(d.opcode == 0 || d.opcode == 77, "descriptor %u: opcode %u is good", s, d.opcode);
  } else if (c.status == SHIRA_STATUS_NO_PROGRESS) {
    expect(c.seq == b->read(SHIRA_REG_ERROR_SEQ) || d.status == c.status, "no_progress of %u", s);
  } else if (c.status != SHIRA_STATUS_CANCELLED) {
    expect(c.status == d.status && c.where == d.where, "descriptor %u: status %u", s, c.status);
  }
}

// Each descriptor from `from` on has its end, counted in `ends`, and the error registers name one
// that failed. The semaphores count from `epoch` on. Returns whether one failed.
static bool expect_batch(uint32_t from, uint32_t epoch, unsigned *ends) {
  bool failed = false, first_seen = false;
  for (uint32_t s = from; s < b->tail; s++) {
    const shira_completion &c = record(s);
    ends[c.status & 15]++;
    expect_own_end(s);
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
  return failed;
}

// A program in which some descriptors fail by themselves; any of them may be the first to do so.
void test_random_errors() {
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
      run_batch(batch, 1 + b->rnd(40), signals);
      for (unsigned i = 0; i < 400 && (b->read(SHIRA_REG_STATUS) & 5) != 1; i++)
        ;
      if (!expect_batch(from, epoch, ends))
        continue;
      halts++;
      expect(b->top->irq_o, "no interrupt");
      b->ack();
      b->write(SHIRA_REG_IRQ_STATUS, 3);
      epoch = b->tail;
      memset(signals, 0, sizeof signals);
    }
  }
  printf("# %u halts; %u ok, %u bad opcode, %u no progress, %u cancelled\n", halts,
         ends[SHIRA_STATUS_OK], ends[SHIRA_STATUS_BAD_OPCODE], ends[SHIRA_STATUS_NO_PROGRESS],
         ends[SHIRA_STATUS_CANCELLED]);
  expect(halts > 20, "only %u halts", halts);
  report(
      "random programs with errors: each descriptor has one record, first error named, recovery");
}
