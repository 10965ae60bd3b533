// What the tests of the command unit expect of records and errors.
#include "tests/block/command/checks.h"

const shira_completion &record(uint32_t seq) {
  static const shira_completion none = {};
  expect(seq < b->record_of.size() && b->record_of[seq] >= 0, "descriptor %u has no record", seq);
  if (seq >= b->record_of.size() || b->record_of[seq] < 0)
    return none;
  return b->records[(size_t)b->record_of[seq]].c;
}

void expect_status(uint32_t seq, unsigned status, uint64_t where) {
  const shira_completion &c = record(seq);
  expect(c.status == status, "descriptor %u: status %u, wanted %u", seq, c.status, status);
  expect(c.where == where, "descriptor %u: where %llx, wanted %llx", seq,
         (unsigned long long)c.where, (unsigned long long)where);
}

void expect_ok(uint32_t seq) {
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

void expect_error(unsigned status, uint32_t seq, uint64_t where) {
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

void expect_usable() {
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
