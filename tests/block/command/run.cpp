// Tests of the command unit when all goes well: latency, throughput, interrupts, semaphores,
// counters.
#include "tests/block/command/checks.h"
#include <cstdio>

void test_latency() {
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
  expect(ar <= 5 && cmd <= 5 && aw <= 5, "slower than 5 cycles"); // of them AXI one or two
  b->tick(5);
  expect(b->read64(SHIRA_REG_DOORBELL_CYCLE_LO) == b->doorbell_cycle, "doorbell_cycle");
  // The response comes to the unit a cycle after AXI.
  expect(b->read64(SHIRA_REG_COMPLETION_CYCLE_LO) == b->first_b_cycle + 1, "completion_cycle");
  expect(b->read(SHIRA_REG_RING_HEAD) == 1 && b->read(SHIRA_REG_COMPLETION_COUNT) == 1, "counts");
  expect(b->read(SHIRA_REG_STATUS) == 1, "not idle at the end");
  expect(b->read(SHIRA_REG_IRQ_STATUS) == 0, "an interrupt that nobody asked for");
  expect_ok(0);
  report("latency: doorbell to fetch, descriptor to engine, done to completion within 5 cycles");
}

void test_throughput() {
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

void test_irq_flag() {
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

void test_write_twice() {
  b->reset();
  b->write_twice(SHIRA_REG_WATCHDOG, 1234, 5678);
  const uint32_t now = b->read(SHIRA_REG_WATCHDOG);
  expect(now == 5678, "the register has %u", now);
  report("registers: a write right behind another waits for it, and both are made");
}

void test_wrap_compare() {
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
  expect(x.t_start - (y.t_start + y.end_delta) <= 3, "the signal took %llu cycles",
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

void test_waiting_counter() {
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
  expect(waiting >= 295 && waiting <= 330, "GEMM waited %llu cycles", (unsigned long long)waiting);
  expect(b->counter(SHIRA_COUNTER_COPY_STARVED) == 100, "COPY starved");
  expect(b->counter(SHIRA_COUNTER_COPY_WAITING) == 0, "COPY waiting");
  report("counters: an engine whose next descriptor waits for a semaphore is waiting");
}
