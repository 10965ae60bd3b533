// The driver against a mock device that fails, lies, loses things or is silent.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shira/driver.h"
#include "tests/unit/mock_device.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LONG 1000000u // cycles that are always enough

static struct mock *mock;

static struct shira_driver *attach(void) {
  const struct shira_driver_options o = {.ring_entries = 8};
  struct shira_driver *drv;
  mock = mock_new();
  assert_int_equal(shira_attach(&mock->base, NULL, &o, &drv, NULL), 0);
  return drv;
}

static const union shira_descriptor nops[6] = {
    {.header = {.opcode = SHIRA_OPCODE_NOP}}, {.header = {.opcode = SHIRA_OPCODE_NOP}},
    {.header = {.opcode = SHIRA_OPCODE_NOP}}, {.header = {.opcode = SHIRA_OPCODE_NOP}},
    {.header = {.opcode = SHIRA_OPCODE_NOP}}, {.header = {.opcode = SHIRA_OPCODE_NOP}},
};

static void assert_contains(const char *text, const char *part) {
  if (!strstr(text, part))
    fail_msg("'%s' is not in '%s'", part, text);
}

static void assert_works(struct shira_driver *drv) {
  union shira_descriptor d[2] = {nops[0], nops[0]};
  d[0].header.signal_sem = d[1].header.wait0_sem = 7;
  d[1].header.wait0_value = 1;
  struct shira_run_result r = {0};
  for (unsigned i = 0; i < 10; i++)
    assert_int_equal(shira_run(drv, d, 2, LONG, &r), 0);
}

static unsigned count_writes(uint32_t offset, uint32_t value) {
  unsigned n = 0;
  for (unsigned i = 0; i < mock->n_log; i++)
    n += mock->log[i].offset == offset && mock->log[i].value == value;
  return n;
}

#define ACK_AND_ENABLE (SHIRA_REG_CTRL_ACK_MASK | SHIRA_REG_CTRL_ENABLE_MASK)

// ---- Errors of descriptors ------------------------------------------------------------------

static void test_status_table(void **state) {
  (void)state;
  assert_int_equal(shira_status_errno(SHIRA_STATUS_OK), 0);
  for (unsigned s = 1; s < SHIRA_STATUS_COUNT; s++) {
    assert_true(shira_status_errno(s) < 0);
    assert_int_not_equal(shira_status_errno(s), -ETIMEDOUT); // those are the driver's own
    assert_int_not_equal(shira_status_errno(s), -ENODEV);
    for (unsigned t = 0; t < s; t++)
      assert_string_not_equal(shira_status_text(s), shira_status_text(t));
  }
  assert_int_equal(shira_status_errno(SHIRA_STATUS_COUNT), -EPROTO);
  assert_int_equal(shira_status_errno(~0u), -EPROTO);
  assert_non_null(shira_status_text(~0u));
}

static void test_every_error_is_reported_and_recovered(void **state) {
  (void)state;
  for (unsigned s = 1; s < SHIRA_STATUS_CANCELLED; s++) {
    struct shira_driver *drv = attach();
    assert_works(drv);
    mock->fail_seq = 22;
    mock->fail_status = s;
    mock->drain = 5000;
    uint32_t seq;
    assert_int_equal(shira_submit(drv, nops, 6, &seq), 0);
    assert_int_equal(seq, 20);
    struct shira_completion c;
    assert_int_equal(shira_wait(drv, 21, LONG, &c), 0);
    assert_int_equal(shira_wait(drv, 22, LONG, &c), shira_status_errno(s));
    assert_int_equal(c.status, s);
    assert_int_equal(c.where, 0x1234);
    assert_contains(shira_driver_error(drv), "descriptor 22 (nop)");
    assert_contains(shira_driver_error(drv), shira_status_name(s));
    assert_contains(shira_driver_error(drv), shira_status_text(s));
    assert_int_equal(shira_submit(drv, nops, 1, NULL), -ESHUTDOWN);
    assert_int_equal(count_writes(SHIRA_REG_CTRL, ACK_AND_ENABLE), 0);
    assert_int_equal(shira_recover(drv, LONG), 0);
    assert_int_equal(count_writes(SHIRA_REG_CTRL, ACK_AND_ENABLE), 1);
    for (seq = 23; seq < 26; seq++) {
      assert_int_equal(shira_wait(drv, seq, 0, &c), -ECANCELED);
      assert_int_equal(c.status, SHIRA_STATUS_CANCELLED);
    }
    assert_works(drv);
    assert_int_equal(mock->resets, 0);
    shira_close(drv);
  }
}

static void test_run_reports_the_first_error(void **state) {
  (void)state;
  enum { N = 40 };
  union shira_descriptor d[N];
  struct shira_completion done[N];
  struct shira_driver *drv = attach();
  assert_works(drv);
  for (unsigned i = 0; i < N; i++)
    d[i] = nops[0];
  mock->fail_seq = 20 + 9;
  mock->fail_status = SHIRA_STATUS_STREAM_CRC;
  struct shira_run_result r = {.completions = done};
  assert_int_equal(shira_run(drv, d, N, LONG, &r), -EBADMSG);
  assert_int_equal(r.status, SHIRA_STATUS_STREAM_CRC);
  assert_int_equal(r.error_index, 9);
  assert_int_equal(r.error_seq, 29);
  assert_int_equal(r.error_where, 0x1234);
  assert_in_range(r.submitted, 10, N - 1);
  assert_int_equal(r.ended, r.submitted);
  for (unsigned i = 0; i < r.ended; i++)
    assert_int_equal(done[i].status, i < 9    ? SHIRA_STATUS_OK
                                     : i == 9 ? SHIRA_STATUS_STREAM_CRC
                                              : SHIRA_STATUS_CANCELLED);
  for (unsigned i = r.ended; i < N; i++)
    assert_int_equal(done[i].seq, 0);
  assert_contains(shira_driver_error(drv), "byte 4660 of the stream");
  assert_int_equal(shira_run(drv, d, N, LONG, &r), -ESHUTDOWN);
  assert_int_equal(shira_recover(drv, LONG), 0);
  assert_works(drv);
  shira_close(drv);
}

static void test_recover_without_trouble_does_nothing(void **state) {
  (void)state;
  struct shira_driver *drv = attach();
  assert_int_equal(shira_submit(drv, nops, 3, NULL), 0);
  const unsigned n = mock->n_log;
  assert_int_equal(shira_recover(drv, LONG), 0); // waits for what is in flight
  assert_int_equal(mock->n_log, n);
  assert_int_equal(shira_wait(drv, 2, 0, NULL), 0);
  shira_close(drv);
}

static void test_recover_resets_what_does_not_drain(void **state) {
  (void)state;
  struct shira_driver *drv = attach();
  mock->fail_seq = 1;
  mock->fail_status = SHIRA_STATUS_READ_SLVERR;
  mock->never_drain = true;
  assert_int_equal(shira_submit(drv, nops, 4, NULL), 0);
  assert_int_equal(shira_wait(drv, 3, 30000, NULL), -ETIMEDOUT);
  assert_contains(shira_driver_error(drv), "halted (read_slverr at 0x0), draining");
  // Nobody waits for ever for it, however long they would.
  assert_int_equal(shira_wait(drv, 3, UINT64_MAX, NULL), -EIO);
  assert_contains(shira_driver_error(drv), "halted and did not drain within 65536 cycles");
  assert_contains(shira_driver_error(drv), "read_slverr at 0x0");
  assert_int_equal(shira_recover(drv, 10000), 1);
  assert_int_equal(mock->resets, 1);
  assert_works(drv);
  shira_close(drv);
}

// ---- A device that lies ---------------------------------------------------------------------

static void lie_seq_ahead(struct shira_completion *c) {
  c->seq += 6;
}
static void lie_seq_old(struct shira_completion *c) {
  c->seq -= 1;
}
static void lie_seq_twice(struct shira_completion *c) {
  c->seq = 0;
}
static void lie_seq_huge(struct shira_completion *c) {
  c->seq ^= 0x80000000u;
}
static void lie_status(struct shira_completion *c) {
  c->status = SHIRA_STATUS_COUNT;
}
static void lie_engine(struct shira_completion *c) {
  c->engine = SHIRA_ENGINE_COUNT;
}
static void lie_other_engine(struct shira_completion *c) {
  c->engine = SHIRA_ENGINE_GEMM;
}
static void lie_opcode(struct shira_completion *c) {
  c->opcode = SHIRA_OPCODE_COPY;
}
static void lie_opcode_none(struct shira_completion *c) {
  c->opcode = 0;
}

static void test_hostile_completions(void **state) {
  (void)state;
  static const struct {
    void (*lie)(struct shira_completion *);
    const char *text;
  } lies[] = {
      {lie_seq_ahead, "not in flight"},
      {lie_seq_old, "not in flight"},
      {lie_seq_twice, "not in flight"},
      {lie_seq_huge, "not in flight"},
      {lie_status, "status does not exist"},
      {lie_engine, "engine does not exist"},
      {lie_other_engine, "does not execute its opcode"},
      {lie_opcode, "not the descriptor's"},
      {lie_opcode_none, "not the descriptor's"},
  };
  for (size_t i = 0; i < COUNT(lies); i++) {
    struct shira_driver *drv = attach();
    struct shira_completion c;
    mock->tamper = lies[i].lie;
    assert_int_equal(shira_submit(drv, nops, 6, NULL), 0);
    assert_int_equal(shira_wait(drv, 5, LONG, &c), -EPROTO);
    assert_contains(shira_driver_error(drv), "cannot be true");
    assert_contains(shira_driver_error(drv), lies[i].text);
    assert_int_equal(c.seq, 0);
    assert_int_equal(shira_submit(drv, nops, 1, NULL), -EPROTO);
    assert_int_equal(shira_wait(drv, 5, LONG, &c), -EPROTO);
    assert_int_equal(shira_recover(drv, LONG), 1);
    assert_works(drv);
    shira_close(drv);
  }
}

// Ends descriptors from the last of six back to the first, one of them twice.
static void lie_ended_before(struct shira_completion *c) {
  c->seq = c->seq == 1 ? 5 : 5 - c->seq;
}

static void test_completion_of_what_has_ended(void **state) {
  (void)state;
  struct shira_driver *drv = attach();
  mock->tamper = lie_ended_before;
  assert_int_equal(shira_submit(drv, nops, 6, NULL), 0);
  assert_int_equal(shira_wait(drv, 0, LONG, NULL), -EPROTO);
  assert_contains(shira_driver_error(drv), "has ended before");
  shira_close(drv);
}

static void test_completion_that_never_reaches_memory(void **state) {
  (void)state;
  for (unsigned polling = 0; polling < 2; polling++) {
    const struct shira_driver_options o = {.polling = polling};
    struct shira_driver *drv;
    mock = mock_new();
    assert_int_equal(shira_attach(&mock->base, NULL, &o, &drv, NULL), 0);
    mock->drop_record = true;
    assert_int_equal(shira_submit(drv, nops, 1, NULL), 0);
    assert_int_equal(shira_wait(drv, 0, LONG, NULL), -EIO);
    assert_contains(shira_driver_error(drv), "completion record 0 never came");
    assert_true(mock->cycles < LONG);
    assert_int_equal(shira_recover(drv, LONG), 1);
    assert_works(drv);
    shira_close(drv);
  }
}

// ---- A device that is silent ----------------------------------------------------------------

static void test_dead_device_at_open(void **state) {
  (void)state;
  struct shira_driver *drv;
  struct shira_error error = {""};
  mock = mock_new();
  mock->dead = true;
  assert_int_equal(shira_attach(&mock->base, NULL, NULL, &drv, &error), -ENODEV);
  assert_string_equal(error.text, "device 'mock' does not answer: no reply to a read of register "
                                  "0x000 within 10000 cycles");
}

static void test_device_dies(void **state) {
  (void)state;
  struct shira_driver *drv = attach();
  uint64_t counters[SHIRA_COUNTER_COUNT];
  mock->dead = true;
  assert_int_equal(shira_submit(drv, nops, 1, NULL), -ENODEV);
  assert_contains(shira_driver_error(drv), "no reply to a write of register 0x12c");
  const unsigned reads = mock->n_reads;
  assert_int_equal(shira_submit(drv, nops, 1, NULL), -ENODEV); // and is not asked again
  assert_int_equal(shira_wait(drv, 0, LONG, NULL), -ENODEV);
  assert_int_equal(shira_counters(drv, counters), -ENODEV);
  assert_int_equal(shira_counters_clear(drv), -ENODEV);
  FILE *null = fopen("/dev/null", "w");
  shira_dump(drv, null);
  fclose(null);
  assert_int_equal(mock->n_reads, reads);
  assert_int_equal(shira_recover(drv, LONG), 1);
  assert_works(drv);

  assert_int_equal(shira_submit(drv, nops, 1, NULL), 0);
  mock->stuck = true;
  mock->dead = true;
  assert_int_equal(shira_wait(drv, 20, LONG, NULL), -ENODEV); // found out while it waits
  shira_close(drv);
}

// The line stays high and wakes the driver at once, for ever: its deadline ends it.
static void test_stuck_interrupt_line(void **state) {
  (void)state;
  struct shira_driver *drv = attach();
  mock->stuck_irq = true;
  mock->stuck = true;
  assert_int_equal(shira_submit(drv, nops, 1, NULL), 0);
  *mock_reg(mock, SHIRA_REG_IRQ_STATUS) = SHIRA_REG_IRQ_STATUS_COMPLETION_MASK;
  assert_int_equal(shira_wait(drv, 0, LONG, NULL), -ETIMEDOUT);
  mock->stuck = false;
  assert_int_equal(shira_recover(drv, LONG), 0);
  assert_int_equal(shira_wait(drv, 0, 0, NULL), 0);
  shira_close(drv);
}

static void test_simulation_budget(void **state) {
  (void)state;
  struct shira_driver *drv = attach();
  assert_int_equal(shira_submit(drv, nops, 1, NULL), 0);
  mock->budget_gone = true;
  assert_int_equal(shira_wait(drv, 0, LONG, NULL), -ETIME);
  assert_contains(shira_driver_error(drv), "the most it was allowed");
  shira_close(drv);
}

// ---- Counters and dump ----------------------------------------------------------------------

static void test_counters(void **state) {
  (void)state;
  struct shira_driver *drv = attach();
  uint64_t counters[SHIRA_COUNTER_COUNT];
  for (uint32_t i = 0; i < SHIRA_COUNTER_COUNT; i++) {
    *mock_reg(mock, SHIRA_COUNTER_OFFSET + 8 * i) = i + 1;
    *mock_reg(mock, SHIRA_COUNTER_OFFSET + 8 * i + 4) = 2 * i;
  }
  assert_int_equal(shira_counters(drv, counters), 0);
  assert_int_equal(mock->log[mock->n_log - 1].offset, SHIRA_REG_COUNTER_SNAPSHOT);
  for (uint64_t i = 0; i < SHIRA_COUNTER_COUNT; i++)
    assert_int_equal(counters[i], (2 * i) << 32 | (i + 1));
  assert_int_equal(shira_counters_clear(drv), 0);
  assert_int_equal(mock->log[mock->n_log - 1].offset, SHIRA_REG_CTRL);
  assert_int_equal(mock->log[mock->n_log - 1].value,
                   SHIRA_REG_CTRL_ENABLE_MASK | SHIRA_REG_CTRL_CLEAR_COUNTERS_MASK);
  assert_int_equal(shira_counters(drv, counters), 0);
  assert_int_equal(counters[SHIRA_COUNTER_CYCLES], 0);
  shira_close(drv);
}

static void test_dump(void **state) {
  (void)state;
  struct shira_driver *drv = attach();
  assert_works(drv);
  mock->stuck = true;
  union shira_descriptor d[2] = {nops[0], nops[0]};
  d[0].header.signal_sem = d[1].header.wait1_sem = 7;
  d[1].header.wait1_value = 1;
  assert_int_equal(shira_submit(drv, d, 2, NULL), 0);
  *mock_reg(mock, SHIRA_COUNTER_OFFSET + 8 * SHIRA_COUNTER_MACS) = 123456;
  const unsigned n = mock->n_log;
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  shira_dump(drv, out);
  fclose(out);
  assert_contains(text, "submitted 22, completions taken 20");
  assert_contains(text, "20 nop, signals 7\n");
  assert_contains(text, "21 nop, waits for 7 >= 11\n");
  assert_contains(text, "RING_TAIL              0x00000016  22\n");
  assert_contains(text, "macs                         123456\n");
  assert_int_equal(mock->n_log, n + 1); // looked, not touched
  assert_int_equal(mock->log[n].offset, SHIRA_REG_COUNTER_SNAPSHOT);
  free(text);
  shira_close(drv);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_status_table),
      cmocka_unit_test(test_every_error_is_reported_and_recovered),
      cmocka_unit_test(test_run_reports_the_first_error),
      cmocka_unit_test(test_recover_without_trouble_does_nothing),
      cmocka_unit_test(test_recover_resets_what_does_not_drain),
      cmocka_unit_test(test_hostile_completions),
      cmocka_unit_test(test_completion_of_what_has_ended),
      cmocka_unit_test(test_completion_that_never_reaches_memory),
      cmocka_unit_test(test_dead_device_at_open),
      cmocka_unit_test(test_device_dies),
      cmocka_unit_test(test_stuck_interrupt_line),
      cmocka_unit_test(test_simulation_budget),
      cmocka_unit_test(test_counters),
      cmocka_unit_test(test_dump),
  };
  return cmocka_run_group_tests_name("driver errors", tests, NULL, NULL);
}
