// Tests of the command unit's watchdog: dead memory, engines that hang, signals that never come.
#include "tests/block/command/checks.h"

void test_dead_memory() {
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

void test_engine_hang() {
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

void test_missing_signal() {
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

void test_watchdog_edge() {
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
