// The driver against a mock device: what it writes, in which order, and what it makes of answers.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/driver/internal.h"
#include "shira/driver.h"
#include "tests/unit/mock_device.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LONG 1000000u // cycles that are always enough

static struct mock *mock;

static struct shira_driver *attach(uint32_t entries) {
  const struct shira_driver_options o = {.ring_entries = entries};
  struct shira_driver *drv;
  struct shira_error error;
  mock = mock_new();
  assert_int_equal(shira_attach(&mock->base, NULL, &o, &drv, &error), 0);
  return drv;
}

static union shira_descriptor descriptor(unsigned opcode) {
  union shira_descriptor d;
  memset(&d, 0, sizeof(d));
  d.header.opcode = (uint8_t)opcode;
  return d;
}

static void submit_nops(struct shira_driver *drv, unsigned n) {
  const union shira_descriptor nop = descriptor(SHIRA_OPCODE_NOP);
  for (unsigned i = 0; i < n; i++)
    assert_int_equal(shira_submit(drv, &nop, 1, NULL), 0);
}

static void assert_contains(const char *text, const char *part) {
  if (!strstr(text, part))
    fail_msg("'%s' is not in '%s'", part, text);
}

static struct shira_machine tiny(void) {
  return (struct shira_machine){.name = "tiny",
                                .clock_mhz = 1000,
                                .array_n = 4,
                                .array_k = 4,
                                .weight_bytes = 65536,
                                .weight_banks = 4,
                                .activation_bytes = 16384,
                                .accumulator_bytes = 4096,
                                .parameter_bytes = 4096,
                                .scatter_lanes = 2,
                                .scatter_decode_bytes = 4,
                                .scatter_fifo_depth = 4,
                                .scatter_merge = true,
                                .scatter_block_updates = 16,
                                .axi_data_bits = 64,
                                .axi_burst_bytes = 64,
                                .axi_outstanding = 4,
                                .command_queue_depth = 2,
                                .memory_burst_bytes = 32};
}

// ---- Opening --------------------------------------------------------------------------------

static void test_open_writes_in_order(void **state) {
  (void)state;
  struct shira_driver *drv = attach(8);
  const struct mock_write expected[] = {
      {SHIRA_REG_RING_BASE_LO, (uint32_t)mock->maps[0].addr},
      {SHIRA_REG_RING_BASE_HI, (uint32_t)(mock->maps[0].addr >> 32)},
      {SHIRA_REG_COMPLETION_BASE_LO, (uint32_t)mock->maps[1].addr},
      {SHIRA_REG_COMPLETION_BASE_HI, (uint32_t)(mock->maps[1].addr >> 32)},
      {SHIRA_REG_RING_LOG2, 3},
      {SHIRA_REG_IRQ_ENABLE, 3},
      {SHIRA_REG_CTRL, SHIRA_REG_CTRL_ENABLE_MASK},
  };
  assert_int_equal(mock->n_log, COUNT(expected));
  assert_memory_equal(mock->log, expected, sizeof(expected));
  assert_int_equal(mock->maps[0].bytes, 8 * SHIRA_DESCRIPTOR_BYTES);
  assert_int_equal(mock->maps[1].bytes, 8 * SHIRA_COMPLETION_BYTES);
  shira_close(drv);
}

static void test_open_checks_every_capability(void **state) {
  (void)state;
  const struct shira_machine m = tiny();
  static const uint32_t checked[] = {
      SHIRA_REG_VERSION,
      SHIRA_REG_BUILD,
      SHIRA_REG_CAP_ARRAY_N,
      SHIRA_REG_CAP_ARRAY_K,
      SHIRA_REG_CAP_BANKS,
      SHIRA_REG_CAP_LAYOUT,
      SHIRA_REG_CAP_WEIGHT_BYTES,
      SHIRA_REG_CAP_ACTIVATION_BYTES,
      SHIRA_REG_CAP_ACCUMULATOR_BYTES,
      SHIRA_REG_CAP_PARAMETER_BYTES,
      SHIRA_REG_CAP_DTYPES,
      SHIRA_REG_CAP_FORMATS,
      SHIRA_REG_CAP_LANES,
      SHIRA_REG_CAP_STREAM_ALIGN,
      SHIRA_REG_CAP_BLOCK_UPDATES,
      SHIRA_REG_CAP_BLOCK_GAPS,
      SHIRA_REG_CAP_BEAT_BYTES,
  };
  for (size_t i = 0; i <= COUNT(checked); i++) { // the last round changes nothing
    struct shira_driver *drv;
    struct shira_error error = {""};
    bool closed = false;
    mock = mock_new();
    mock->closed = &closed;
    *mock_reg(mock, SHIRA_REG_BUILD) = shira_machine_rtl_hash(&m);
    if (i < COUNT(checked))
      *mock_reg(mock, checked[i]) ^= 0x10003;
    int rc = shira_attach(&mock->base, &m, NULL, &drv, &error);
    if (i == COUNT(checked)) {
      assert_int_equal(rc, 0);
      assert_false(closed);
      shira_close(drv);
    } else {
      assert_int_equal(rc, -EPROTO);
      assert_null(drv);
      assert_true(strlen(error.text) > 20);
    }
    assert_true(closed);
  }
}

static void test_open_refuses(void **state) {
  (void)state;
  struct shira_driver *drv;
  struct shira_error error;
  const uint32_t bad_rings[] = {1, 3, 100, 131072};
  for (size_t i = 0; i < COUNT(bad_rings); i++) {
    const struct shira_driver_options o = {.ring_entries = bad_rings[i]};
    mock = mock_new();
    assert_int_equal(shira_attach(&mock->base, NULL, &o, &drv, &error), -EINVAL);
    assert_contains(error.text, "power of two");
  }
  mock = mock_new();
  *mock_reg(mock, SHIRA_REG_ID) = 0xdeadbeef;
  assert_int_equal(shira_attach(&mock->base, NULL, NULL, &drv, &error), -ENODEV);
  assert_contains(error.text, "0xdeadbeef");
  mock = mock_new();
  mock->no_memory = true;
  assert_int_equal(shira_attach(&mock->base, NULL, NULL, &drv, &error), -ENOMEM);
  assert_contains(error.text, "descriptor ring");
  assert_int_equal(shira_open("golden", NULL, NULL, &drv, &error), -EINVAL);
  const struct shira_machine m = tiny();
  const struct shira_device_options o = {.machine = &m};
  assert_int_equal(shira_open("no-such-device", &o, NULL, &drv, &error), -ENODEV);
  assert_contains(error.text, "no-such-device");
  assert_null(drv);
}

static void test_memory(void **state) {
  (void)state;
  struct shira_driver *drv = attach(8);
  struct shira_mem mem;
  const unsigned n = mock->n_log, reads = mock->n_reads;
  assert_int_equal(shira_alloc(drv, 100, &mem), 0);
  assert_int_equal(mem.bytes, 100);
  assert_int_equal(shira_free(drv, &mem), 0);
  assert_null(mem.host);
  assert_int_equal(shira_free(drv, &mem), 0);
  assert_int_equal(shira_alloc(drv, 0, &mem), -EINVAL);
  assert_null(mem.host);
  assert_int_equal(mock->n_log, n);
  assert_int_equal(mock->n_reads, reads);
  shira_close(drv);
}

// ---- Submitting -----------------------------------------------------------------------------

static void test_submit_writes_one_doorbell(void **state) {
  (void)state;
  struct shira_driver *drv = attach(16);
  union shira_descriptor d[4] = {descriptor(SHIRA_OPCODE_COPY), descriptor(SHIRA_OPCODE_COPY),
                                 descriptor(SHIRA_OPCODE_GEMM), descriptor(SHIRA_OPCODE_NOP)};
  for (unsigned i = 0; i < 4; i++)
    d[i].header.wait1_value = 100 + i; // of no semaphore: it is copied as it is
  const unsigned n = mock->n_log;
  uint32_t seq = 99;
  assert_int_equal(shira_submit(drv, d, 4, &seq), 0);
  assert_int_equal(seq, 0);
  assert_int_equal(mock->n_log, n + 1);
  assert_int_equal(mock->log[n].offset, SHIRA_REG_RING_TAIL);
  assert_int_equal(mock->log[n].value, 4);
  const uint8_t irq[] = {0, 1, 1, 1}; // the last one of each engine
  for (unsigned i = 0; i < 4; i++) {
    assert_int_equal(mock_descriptor(mock, i)->header.flags, irq[i]);
    d[i].header.flags = irq[i];
    assert_memory_equal(mock_descriptor(mock, i), &d[i], sizeof(d[i]));
  }
  shira_close(drv);
}

static void test_semaphores_are_rebased(void **state) {
  (void)state;
  struct shira_driver *drv = attach(16);
  union shira_descriptor d[3] = {descriptor(SHIRA_OPCODE_NOP), descriptor(SHIRA_OPCODE_NOP),
                                 descriptor(SHIRA_OPCODE_NOP)};
  d[0].header.signal_sem = d[1].header.signal_sem = 5;
  d[2].header.wait0_sem = d[2].header.wait1_sem = 5;
  d[2].header.wait0_value = 2;
  d[2].header.wait1_value = 0; // all before this call
  d[2].header.signal_sem = 15;
  for (uint32_t round = 0; round < 4; round++) {
    uint32_t seq;
    assert_int_equal(shira_submit(drv, d, 3, &seq), 0);
    assert_int_equal(mock_descriptor(mock, seq + 2)->header.wait0_value, 2 * round + 2);
    assert_int_equal(mock_descriptor(mock, seq + 2)->header.wait1_value, 2 * round);
    assert_int_equal(shira_wait(drv, seq + 2, LONG, NULL), 0);
    assert_int_equal(mock->sems[5], 2 * round + 2);
    assert_int_equal(mock->sems[15], round + 1);
  }
  shira_close(drv);
}

static void test_submit_refuses_what_cannot_work(void **state) {
  (void)state;
  struct shira_driver *drv = attach(16);
  const union shira_descriptor good[2] = {descriptor(SHIRA_OPCODE_NOP),
                                          descriptor(SHIRA_OPCODE_NOP)};
  static const struct {
    size_t offset;
    uint8_t value;
    const char *text;
  } bad[] = {
      {128 + 0, 0, "descriptor 1 has opcode 0"},
      {128 + 0, 5, "descriptor 1 has opcode 5"},
      {128 + 1, 2, "unknown flags 0x02"},
      {128 + 2, 16, "waits for semaphore 16"},
      {128 + 3, 255, "waits for semaphore 255"},
      {128 + 4, 16, "signals semaphore 16"},
      {128 + 8, 2, "waits for signal 2 of semaphore 3, but only 1"},
      {128 + 12, 2, "waits for signal 2 of semaphore 3, but only 1"},
      {8, 1, "descriptor 0 waits for signal 1 of semaphore 3, but only 0"}, // a later signal
      {12, 1, "descriptor 0 waits for signal 1 of semaphore 3, but only 0"},
  };
  const unsigned n = mock->n_log, reads = mock->n_reads;
  for (size_t i = 0; i < COUNT(bad); i++) {
    union shira_descriptor d[2] = {good[0], good[1]};
    for (unsigned k = 0; k < 2; k++) {
      d[k].header.wait0_sem = d[k].header.wait1_sem = d[k].header.signal_sem = 3;
      d[k].header.wait0_value = d[k].header.wait1_value = k;
    }
    ((uint8_t *)d)[bad[i].offset] = bad[i].value;
    assert_int_equal(shira_submit(drv, d, 2, NULL), -EINVAL);
    assert_contains(shira_driver_error(drv), bad[i].text);
  }
  assert_int_equal(shira_submit(drv, good, 0, NULL), -EINVAL);
  assert_int_equal(mock->n_log, n);
  assert_int_equal(mock->n_reads, reads);
  shira_close(drv);
}

static void test_unchecked_passes_everything_on(void **state) {
  (void)state;
  const struct shira_driver_options o = {.ring_entries = 4, .unchecked = true};
  struct shira_driver *drv;
  mock = mock_new();
  assert_int_equal(shira_attach(&mock->base, NULL, &o, &drv, NULL), 0);
  union shira_descriptor d;
  memset(&d, 0xff, sizeof(d));
  mock->fail_seq = 0;
  mock->fail_status = SHIRA_STATUS_BAD_OPCODE;
  assert_int_equal(shira_submit(drv, &d, 1, NULL), 0);
  assert_memory_equal(mock_descriptor(mock, 0), &d, sizeof(d));
  assert_int_equal(shira_wait(drv, 0, LONG, NULL), -ENOSYS);
  shira_close(drv);
}

static void test_full_ring_is_eagain(void **state) {
  (void)state;
  struct shira_driver *drv = attach(4);
  const union shira_descriptor d[5] = {descriptor(SHIRA_OPCODE_NOP), descriptor(SHIRA_OPCODE_NOP),
                                       descriptor(SHIRA_OPCODE_NOP), descriptor(SHIRA_OPCODE_NOP),
                                       descriptor(SHIRA_OPCODE_NOP)};
  assert_int_equal(shira_submit(drv, d, 5, NULL), -EMSGSIZE);
  assert_int_equal(shira_submit(drv, d, 3, NULL), 0);
  const unsigned n = mock->n_log;
  assert_int_equal(shira_submit(drv, d, 2, NULL), -EAGAIN);
  assert_contains(shira_driver_error(drv), "1 free entries of 4, 2 are needed");
  assert_int_equal(shira_submit(drv, d, 1, NULL), 0); // N-1 refused, N taken
  assert_int_equal(shira_submit(drv, d, 1, NULL), -EAGAIN);
  assert_int_equal(mock->n_log, n + 1);
  assert_int_equal(shira_wait(drv, 0, LONG, NULL), 0);
  uint32_t seq;
  assert_int_equal(shira_submit(drv, d, 1, &seq), 0);
  assert_int_equal(seq, 4);
  shira_close(drv);
}

// ---- Waiting --------------------------------------------------------------------------------

static void test_ring_wraps_and_phase_toggles(void **state) {
  (void)state;
  for (unsigned polling = 0; polling < 2; polling++) {
    const struct shira_driver_options o = {.ring_entries = 4, .polling = polling};
    struct shira_driver *drv;
    mock = mock_new();
    assert_int_equal(shira_attach(&mock->base, NULL, &o, &drv, NULL), 0);
    assert_int_equal(*mock_reg(mock, SHIRA_REG_IRQ_ENABLE), polling ? 0 : 3);
    for (uint32_t i = 0; i < 50; i++) {
      submit_nops(drv, 1 + i % 4);
      assert_int_equal(mock_descriptor(mock, drv->tail - 1)->header.flags, polling ? 0 : 1);
      for (uint32_t seq = drv->tail - 1 - i % 4; seq != drv->tail; seq++) {
        struct shira_completion c;
        assert_int_equal(shira_wait(drv, seq, LONG, &c), 0);
        assert_int_equal(c.seq, seq);
        assert_int_equal(c.engine, SHIRA_ENGINE_COMMAND);
      }
    }
    struct shira_driver_stats stats;
    shira_driver_stats(drv, &stats);
    assert_int_equal(stats.lost_interrupts, 0);
    assert_true(polling ? stats.interrupts == 0 : stats.interrupts > 0);
    assert_int_equal(shira_wait(drv, drv->tail - 4, 0, NULL), 0); // kept, asked again
    assert_int_equal(shira_wait(drv, drv->tail - 5, 0, NULL), -ENOENT);
    assert_int_equal(shira_wait(drv, drv->tail, 0, NULL), -EINVAL);
    shira_close(drv);
  }
}

static void test_counts_wrap_at_32_bits(void **state) {
  (void)state;
  struct shira_driver *drv = attach(4);
  const uint32_t start = UINT32_MAX - 15; // begins a round in which 1 is new
  drv->tail = drv->reaped = drv->oldest = mock->head = mock->count = start;
  *mock_reg(mock, SHIRA_REG_RING_TAIL) = start;
  drv->signals[2] = mock->sems[2] = UINT32_MAX - 3;
  struct shira_completion c;
  for (uint32_t seq = start; seq != 12; seq++) {
    union shira_descriptor d[2] = {descriptor(SHIRA_OPCODE_NOP), descriptor(SHIRA_OPCODE_NOP)};
    d[0].header.signal_sem = d[1].header.wait0_sem = 2;
    d[1].header.wait0_value = 1;
    uint32_t first;
    assert_int_equal(shira_submit(drv, d, 2, &first), 0);
    assert_int_equal(first, seq++);
    assert_int_equal(shira_wait(drv, seq, LONG, &c), 0);
    assert_int_equal(c.seq, seq);
  }
  shira_close(drv);
}

// ---- Reserved bytes and cancelling ------------------------------------------------------------

static void test_reserved_bytes_are_refused(void **state) {
  (void)state;
  struct shira_driver *drv = attach(8);
  for (unsigned opcode = SHIRA_OPCODE_NOP; opcode <= SHIRA_OPCODE_GEMM; opcode++) {
    unsigned reserved = 0;
    for (unsigned byte = 16; byte < SHIRA_DESCRIPTOR_BYTES; byte++) {
      union shira_descriptor d[2] = {descriptor(SHIRA_OPCODE_NOP), descriptor((uint8_t)opcode)};
      d[1].raw[byte] = 0x80;
      const uint32_t tail = *mock_reg(mock, SHIRA_REG_RING_TAIL);
      const int rc = shira_submit(drv, d, 2, NULL);
      if (rc == 0) {
        assert_int_equal(shira_wait(drv, tail + 1, LONG, NULL), 0);
        continue;
      }
      char text[64];
      snprintf(text, sizeof(text), "descriptor 1: byte %u is reserved", byte);
      assert_int_equal(rc, -EINVAL);
      assert_contains(shira_driver_error(drv), text);
      assert_int_equal(*mock_reg(mock, SHIRA_REG_RING_TAIL), tail);
      reserved++;
    }
    static const unsigned expected[] = {0, 112, 61, 59, 33}; // counted in registers.md
    assert_int_equal(reserved, expected[opcode]);
  }
  shira_close(drv);
}

static void test_cancel(void **state) {
  (void)state;
  struct shira_driver *drv = attach(8);
  assert_int_equal(shira_cancel(drv, 0, 1), -EINVAL); // not submitted
  mock->stuck = true;
  submit_nops(drv, 6);
  assert_int_equal(shira_cancel(drv, 2, 0), -EINVAL);
  assert_int_equal(shira_cancel(drv, 2, 5), -EINVAL); // one too many
  const unsigned before = mock->n_log;
  assert_int_equal(shira_cancel(drv, 2, 3), 0);
  const struct mock_write expected[] = {{SHIRA_REG_CANCEL_FIRST, 2}, {SHIRA_REG_CANCEL_COUNT, 3}};
  assert_int_equal(mock->n_log - before, COUNT(expected));
  assert_memory_equal(mock->log + before, expected, sizeof(expected));
  assert_int_equal(shira_cancel(drv, 5, 1), -EBUSY);
  assert_contains(shira_driver_error(drv), "descriptors 2 to 4 are being cancelled");
  mock->stuck = false;
  for (uint32_t seq = 0; seq < 6; seq++) {
    struct shira_completion c;
    const bool cancelled = seq >= 2 && seq <= 4;
    assert_int_equal(shira_wait(drv, seq, LONG, &c), cancelled ? -ECANCELED : 0);
    assert_int_equal(c.status, cancelled ? SHIRA_STATUS_CANCELLED : SHIRA_STATUS_OK);
  }
  assert_int_equal(shira_cancel(drv, 2, 3), -EALREADY);
  // The handle goes on, and the range is forgotten before anything new is submitted.
  submit_nops(drv, 1);
  assert_int_equal(*mock_reg(mock, SHIRA_REG_CANCEL_COUNT), 0);
  assert_int_equal(shira_wait(drv, 6, LONG, NULL), 0);
  shira_close(drv);
}

// What the host cancelled says nothing of the device's health; what an error cancelled does.
static void test_cancel_beside_an_error(void **state) {
  (void)state;
  struct shira_driver *drv = attach(8);
  mock->stuck = true;
  submit_nops(drv, 4);
  assert_int_equal(shira_cancel(drv, 0, 1), 0);
  mock->fail_seq = 1;
  mock->fail_status = SHIRA_STATUS_WINDOW;
  mock->stuck = false;
  assert_int_equal(shira_wait(drv, 0, LONG, NULL), -ECANCELED);
  assert_int_equal(shira_wait(drv, 1, LONG, NULL), -EACCES);
  assert_int_equal(shira_wait(drv, 3, LONG, NULL), -ECANCELED);
  assert_int_equal(shira_cancel(drv, 3, 1), -ESHUTDOWN);
  assert_int_equal(shira_recover(drv, LONG), 0);
  submit_nops(drv, 1);
  assert_int_equal(shira_wait(drv, 4, LONG, NULL), 0);
  shira_close(drv);
}

static void test_timeout_says_what_it_waited_for(void **state) {
  (void)state;
  struct shira_driver *drv = attach(8);
  const union shira_descriptor copy = descriptor(SHIRA_OPCODE_COPY);
  submit_nops(drv, 1);
  assert_int_equal(shira_wait(drv, 0, LONG, NULL), 0);
  mock->stuck = true;
  uint32_t seq;
  assert_int_equal(shira_submit(drv, &copy, 1, &seq), 0);
  *mock_reg(mock, SHIRA_COUNTER_OFFSET + 8 * SHIRA_COUNTER_COPY_STARVED) = 4711;
  const uint64_t before = mock->cycles;
  struct shira_completion c = {.seq = 77};
  assert_int_equal(shira_wait(drv, seq, 200000, &c), -ETIMEDOUT);
  assert_int_equal(mock->cycles - before, 200000);
  assert_int_equal(c.seq, 0);
  assert_contains(shira_driver_error(drv), "descriptor 1 (copy) did not end within 200000 cycles");
  assert_contains(shira_driver_error(drv), "head 1, tail 2, completed 1");
  assert_contains(shira_driver_error(drv), "copy 0/4711/0/0/0");
  mock->stuck = false;
  assert_int_equal(shira_wait(drv, seq, LONG, NULL), 0); // nothing was lost by giving up
  shira_close(drv);
}

static void test_deadline_is_exact(void **state) {
  (void)state;
  for (uint32_t polling = 0; polling < 2; polling++)
    for (uint32_t late = 0; late < 2; late++) {
      const struct shira_driver_options o = {.polling = polling};
      struct shira_driver *drv;
      mock = mock_new();
      assert_int_equal(shira_attach(&mock->base, NULL, &o, &drv, NULL), 0);
      submit_nops(drv, 1);
      const int rc = shira_wait(drv, 0, MOCK_COST - late, NULL); // at N and at N-1
      assert_int_equal(rc, late ? -ETIMEDOUT : 0);
      shira_close(drv);
    }
}

static void test_lost_interrupt_is_survived(void **state) {
  (void)state;
  struct shira_driver *drv = attach(8);
  struct shira_driver_stats stats;
  mock->lose_irq = true;
  submit_nops(drv, 1);
  assert_int_equal(shira_wait(drv, 0, LONG, NULL), 0);
  shira_driver_stats(drv, &stats);
  assert_int_equal(stats.lost_interrupts, 1);
  assert_true(mock->cycles < 2 * SHIRA_IRQ_SLICE_CYCLES);
  submit_nops(drv, 1); // the next one comes
  const uint64_t before = mock->cycles;
  assert_int_equal(shira_wait(drv, 1, LONG, NULL), 0);
  assert_in_range(mock->cycles - before, 1, 2 * MOCK_COST);
  mock->late_irq = true; // late is not lost
  submit_nops(drv, 1);
  assert_int_equal(shira_wait(drv, 2, LONG, NULL), 0);
  shira_driver_stats(drv, &stats);
  assert_int_equal(stats.lost_interrupts, 1);
  shira_close(drv);
}

// ---- Programs -------------------------------------------------------------------------------

static void run_long(uint32_t pair, bool polling) {
  enum { N = 1000 };
  const struct shira_driver_options o = {.ring_entries = 16, .polling = polling};
  struct shira_driver *drv;
  mock = mock_new();
  mock->pair = pair;
  assert_int_equal(shira_attach(&mock->base, NULL, &o, &drv, NULL), 0);
  static union shira_descriptor d[N];
  static struct shira_completion done[N];
  for (unsigned i = 0; i < N; i++) {
    d[i] = descriptor(i % 3 ? SHIRA_OPCODE_NOP : SHIRA_OPCODE_COPY);
    d[i].header.signal_sem = 1;
    d[i].header.wait0_sem = pair ? 0 : 1; // counts on over all pieces
    d[i].header.wait0_value = i;
  }
  mock->cycles = 5000;
  struct shira_run_result r = {.completions = done};
  assert_int_equal(shira_run(drv, d, N, LONG, &r), 0);
  assert_int_equal(r.submitted, N);
  assert_int_equal(r.ended, N);
  assert_int_equal(r.status, SHIRA_STATUS_OK);
  assert_int_equal(mock->most_in_flight, 16);
  assert_in_range(r.doorbells, N / 16, N / 4);
  assert_int_equal(r.doorbell_cycle, 5000);
  assert_int_equal(r.cycles, r.completion_cycle - 5000);
  // The device never ran dry, so the time is the work's alone.
  assert_int_equal(r.cycles, (uint64_t)MOCK_COST * (pair ? N / 2 : N));
  for (unsigned i = 0; i < N; i++) {
    assert_int_equal(done[i].seq, i);
    assert_int_equal(done[i].opcode, d[i].header.opcode);
  }
  shira_close(drv);
}

static void test_run_longer_than_the_ring(void **state) {
  (void)state;
  run_long(0, false);
  run_long(1, false);
  run_long(0, true);
}

static void test_run_is_one_doorbell_if_it_fits(void **state) {
  (void)state;
  struct shira_driver *drv = attach(16);
  union shira_descriptor d[16];
  for (unsigned i = 0; i < COUNT(d); i++)
    d[i] = descriptor(SHIRA_OPCODE_GEMM);
  struct shira_run_result r = {0};
  for (unsigned round = 0; round < 3; round++) {
    assert_int_equal(shira_run(drv, d, 16, LONG, &r), 0);
    assert_int_equal(r.doorbells, 1);
    assert_int_equal(r.first_seq, 16 * round);
  }
  submit_nops(drv, 1);
  assert_int_equal(shira_run(drv, d, 16, LONG, &r), -EBUSY);
  assert_int_equal(shira_run(drv, d, 0, LONG, &r), -EINVAL);
  mock->stuck = true;
  assert_int_equal(shira_recover(drv, 5000), 1); // nothing moves: only a reset helps
  assert_int_equal(shira_run(drv, d, 16, LONG, &r), 0);
  mock->stuck = true;
  assert_int_equal(shira_run(drv, d, 16, 5000, &r), -ETIMEDOUT);
  assert_int_equal(r.submitted, 16);
  assert_int_equal(r.ended, 0);
  shira_close(drv);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_open_writes_in_order),
      cmocka_unit_test(test_open_checks_every_capability),
      cmocka_unit_test(test_open_refuses),
      cmocka_unit_test(test_memory),
      cmocka_unit_test(test_submit_writes_one_doorbell),
      cmocka_unit_test(test_semaphores_are_rebased),
      cmocka_unit_test(test_submit_refuses_what_cannot_work),
      cmocka_unit_test(test_unchecked_passes_everything_on),
      cmocka_unit_test(test_full_ring_is_eagain),
      cmocka_unit_test(test_ring_wraps_and_phase_toggles),
      cmocka_unit_test(test_counts_wrap_at_32_bits),
      cmocka_unit_test(test_reserved_bytes_are_refused),
      cmocka_unit_test(test_cancel),
      cmocka_unit_test(test_cancel_beside_an_error),
      cmocka_unit_test(test_timeout_says_what_it_waited_for),
      cmocka_unit_test(test_deadline_is_exact),
      cmocka_unit_test(test_lost_interrupt_is_survived),
      cmocka_unit_test(test_run_longer_than_the_ring),
      cmocka_unit_test(test_run_is_one_doorbell_if_it_fits),
  };
  return cmocka_run_group_tests_name("driver", tests, NULL, NULL);
}
