// Tests of the command unit: the host cancels descriptors that no engine has begun.
#include "tests/block/command/checks.h"
#include <cstdio>

static void cancel(uint32_t first, uint32_t count) {
  b->write(SHIRA_REG_CANCEL_COUNT, 0);
  b->write(SHIRA_REG_CANCEL_FIRST, first);
  b->write(SHIRA_REG_CANCEL_COUNT, count);
}

// A record of a descriptor that was not executed; `from` is where its turn came.
static void expect_dropped(uint32_t seq) {
  const shira_completion &c = record(seq);
  expect_status(seq, SHIRA_STATUS_CANCELLED, 0);
  expect(c.t_queued > 0 && c.t_start == 0 && c.count == 0, "descriptor %u was begun", seq);
  expect(c.opcode == b->posted[seq].opcode && c.engine == c.opcode - 1u, "descriptor %u", seq);
  expect(c.first_work_delta == 0 && c.end_delta == 0 && c.starved == 0 && c.stalled == 0,
         "descriptor %u: it worked", seq);
}

// The second COPY and a GEMM that waits are cancelled while the first COPY works.
void test_cancel_waiting() {
  b->log2 = 4;
  b->reset();
  Desc first = make(SHIRA_OPCODE_COPY, 400), second = make(SHIRA_OPCODE_COPY, 30);
  Desc gemm = make(SHIRA_OPCODE_GEMM, 30), last = make(SHIRA_OPCODE_SCATTER, 30);
  first.signal_sem = 1;
  gemm.wait0_sem = 1;
  gemm.wait0_value = 1;
  gemm.signal_sem = 2;
  last.wait0_sem = 2;
  last.wait0_value = 1;
  b->post(first);
  b->post(second);
  b->post(gemm);
  b->post(last);
  b->post(second);
  b->doorbell();
  b->tick(100);
  expect(b->reaped == 0, "it was too late");
  cancel(1, 2);
  b->tick(100);
  expect(b->reaped == 0, "a cancelled descriptor does not wait for its turn and its semaphore");
  expect(b->wait_records(5, 2000), "what comes behind does not go on");
  expect_ok(0);
  expect_dropped(1);
  expect_dropped(2);
  expect_ok(3); // the cancelled one gave its signal
  expect_ok(4);
  expect(record(3).t_start > record(0).t_start + record(0).end_delta, "order was not kept");
  expect(b->wait_status(7, 1, 100), "not idle, or halted");
  expect(b->read(SHIRA_REG_ERROR_COUNT) == 0, "an error was counted");
  expect(b->read(SHIRA_REG_IRQ_STATUS) == 1, "no completion interrupt");
  report("cancel: what waits keeps its turn, is not executed, signals; the rest goes on");
}

void test_cancel_too_late() {
  b->log2 = 4;
  b->reset();
  b->post(make(SHIRA_OPCODE_COPY, 200));
  b->post(make(SHIRA_OPCODE_GEMM, 10));
  b->doorbell();
  expect(b->wait_records(1, 500), "GEMM did not end");
  cancel(0, 2);
  expect(b->wait_records(2, 500), "COPY did not end");
  expect_ok(0);
  expect_ok(1);
  // Of others nothing is cancelled, and the range goes over the end of the numbers.
  cancel(0xfffffffe, 5); // up to and with 2
  b->post(make(SHIRA_OPCODE_COPY, 20));
  b->post(make(SHIRA_OPCODE_COPY, 20));
  b->doorbell();
  expect(b->wait_records(4, 500), "not all ended");
  expect_dropped(2);
  expect_ok(3);
  // An error comes first; acknowledging it ends the cancelling.
  cancel(4, 100);
  uint32_t bad = b->post(make(77)), behind = b->post(make(SHIRA_OPCODE_COPY, 20));
  b->doorbell();
  expect_error(SHIRA_STATUS_BAD_OPCODE, bad, 77);
  expect_status(behind, SHIRA_STATUS_CANCELLED, 0);
  expect(b->read(SHIRA_REG_CANCEL_COUNT) == 100, "cancel_count");
  expect_usable();
  expect(b->read(SHIRA_REG_CANCEL_COUNT) == 0, "cancel_count after ack");
  report("cancel: what was begun goes on, others are not touched, errors come first");
}

// Ranges are cancelled at random moments: each descriptor of one ends ok or was dropped, whichever
// its record says; the others end ok; all signals are given.
void test_random_cancel() {
  unsigned dropped = 0, late = 0;
  const unsigned least_dropped = 20, least_late = 5;
  for (unsigned round = 0; round < 40 || dropped < least_dropped || late < least_late; round++) {
    expect(round < 400, "%u dropped, %u begun before", dropped, late);
    if (round == 400)
      break;
    b->log2 = 3 + b->rnd(3);
    b->reset();
    b->random_stalls();
    const unsigned n = 4 + b->rnd(1u << b->log2) % ((1u << b->log2) - 3);
    for (unsigned i = 0; i < n; i++) { // each waits for the one before, or runs beside it
      Desc d = make(1 + b->rnd(4), b->rnd(40));
      if (i != 0 && b->rnd(2)) {
        d.wait0_sem = 1;
        d.wait0_value = i;
      }
      d.signal_sem = 1;
      b->post(d);
    }
    const uint32_t first = b->rnd(n), count = 1 + b->rnd(n - first);
    const bool before = b->rnd(4) == 0;
    if (before)
      cancel(first, count);
    b->doorbell();
    b->tick(b->rnd(30 * n));
    if (!before)
      cancel(first, count);
    expect(b->wait_records(n, 60000), "round %u: %u records of %u", round, b->reaped, n);
    for (uint32_t s = 0; s < n; s++) {
      const bool asked = s - first < count;
      if (asked && (before || record(s).status == SHIRA_STATUS_CANCELLED)) {
        expect_dropped(s);
        dropped++;
      } else {
        expect_ok(s);
        late += asked;
      }
    }
    expect(b->wait_status(7, 1, 1000), "status %x", b->read(SHIRA_REG_STATUS));
    expect(b->read(SHIRA_REG_ERROR_COUNT) == 0, "errors");
  }
  printf("# %u dropped, %u begun before\n", dropped, late);
  report("cancel: random ranges at random moments, each record tells");
}
