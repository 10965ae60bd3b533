// Tests of the command unit's errors: of engines, descriptors, memory and the tail.
#include "tests/block/command/checks.h"
#include <cstring>

void test_engine_error() {
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

void test_bad_headers() {
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

// Every reserved byte of every opcode, and no other, is refused by its number.
void test_reserved_bytes() {
  b->log2 = 6;
  for (unsigned opcode = 1; opcode <= 4; opcode++) {
    b->reset();
    for (unsigned byte = 0; byte < 128; byte++) {
      shira_descriptor d = {};
      d.raw[0] = (uint8_t)opcode;
      if (byte != 1)
        d.raw[byte] |= (uint8_t)(1u << b->rnd(8));
      const int wrong = shira_reserved_byte(&d);
      if (wrong < 0)
        continue;
      d.raw[120 + b->rnd(8)] |= (uint8_t)(byte < 120 ? b->rnd(2) : 0); // a later one is not named
      Desc desc;
      memcpy(&desc, &d, sizeof desc);
      uint32_t seq = b->post(desc);
      b->doorbell();
      expect(b->wait_records(seq + 1, 2000), "no record");
      expect_status(seq, SHIRA_STATUS_BAD_FIELD, (unsigned)wrong);
      expect(record(seq).engine == 0, "engine %u", record(seq).engine);
      expect(b->wait_status(6, 2, 2000), "does not drain");
      b->ack();
    }
  }
  b->reset();
  Desc flags = make(SHIRA_OPCODE_COPY, 5);
  flags.flags = 3;
  b->post(make(SHIRA_OPCODE_COPY, 50));
  uint32_t seq = b->post(flags);
  b->doorbell();
  expect_error(SHIRA_STATUS_BAD_FIELD, seq, 1);
  expect_ok(0);
  report("a reserved byte, or flag, that is not 0: its own error, which names the first byte");
}

void test_fetch_error() {
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

void test_completion_error() {
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

void test_bad_tail() {
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
