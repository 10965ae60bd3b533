// What all simulated devices share: opening, registers, DMA memory, order, errors, faults. Shown on
// the golden device.
#include "tests/unit/golden_bench.h"

// ---- Opening, registers, memory ---------------------------------------------------------------

static void test_open(void **state) {
  (void)state;
  struct shira_device *dev;
  struct shira_error error;
  struct shira_device_options o = {.machine = &machine};
  assert_int_equal(shira_device_open("silver", &o, &dev, &error), -ENODEV);
  assert_non_null(strstr(error.text, "silver"));
  assert_null(dev);
  assert_int_equal(shira_device_open("rtl", &o, &dev, &error), -EINVAL);
  o.rtl_library = "/nowhere/libshira_rtl.so";
  assert_int_equal(shira_device_open("rtl", &o, &dev, &error), -ENOENT);
  assert_non_null(strstr(error.text, "/nowhere/libshira_rtl.so"));
  o.waves = "w.fst";
  assert_int_equal(shira_device_open("rtl", &o, &dev, &error), -ENOENT);
  assert_non_null(strstr(error.text, "/nowhere/libshira_rtl_trace.so"));
  assert_int_equal(shira_device_open("golden", &o, &dev, &error), -EINVAL);
  o.waves = NULL;
  o.stall_percent = 91;
  assert_int_equal(shira_device_open("golden", &o, &dev, &error), -EINVAL);
  // Only its own memory has commands.
  struct shira_port *port = (struct shira_port *)&o;
  o = (struct shira_device_options){.machine = &machine, .port = port, .dram_trace = "trace"};
  assert_int_equal(shira_device_open("golden", &o, &dev, &error), -EINVAL);
  assert_non_null(strstr(error.text, "traced"));
  o = (struct shira_device_options){0};
  assert_int_equal(shira_device_open("golden", &o, &dev, &error), -EINVAL);
  // A file that is no library.
  char path[] = "/tmp/test_golden_XXXXXX";
  const int fd = mkstemp(path);
  assert_true(fd >= 0);
  FILE *f = fdopen(fd, "w");
  fputs("not a library\n", f);
  fclose(f);
  o = (struct shira_device_options){.machine = &machine, .rtl_library = path};
  assert_int_equal(shira_device_open("rtl", &o, &dev, &error), -ENOENT);
  remove(path);
}

static void test_registers(void **state) {
  (void)state;
  struct bench b;
  open_bench(&b);
  assert_int_equal(rd(&b, SHIRA_REG_ID), SHIRA_DEVICE_ID);
  assert_int_equal(rd(&b, SHIRA_REG_VERSION), SHIRA_INTERFACE_VERSION);
  assert_int_equal(rd(&b, SHIRA_REG_BUILD), shira_machine_rtl_hash(&machine));
  assert_int_equal(rd(&b, SHIRA_REG_CAP_ARRAY_N), 4);
  assert_int_equal(rd(&b, SHIRA_REG_CAP_WEIGHT_BYTES), 65536);
  assert_int_equal(rd(&b, SHIRA_REG_CAP_FORMATS), 6);
  assert_int_equal(rd(&b, SHIRA_REG_CAP_LAYOUT), SHIRA_LAYOUT_TILE);
  assert_int_equal(rd(&b, SHIRA_REG_CAP_BEAT_BYTES), 8);
  assert_int_equal(rd(&b, SHIRA_REG_CAP_BLOCK_GAPS), 64);
  assert_int_equal(rd(&b, SHIRA_REG_WATCHDOG), 65536);
  assert_int_equal(rd(&b, SHIRA_REG_RING_BASE_LO), (uint32_t)b.ring.addr);
  assert_int_equal(rd(&b, SHIRA_REG_CYCLE_LO), 0);
  uint32_t v;
  const struct shira_device_ops *ops = b.dev->ops;
  assert_int_equal(ops->read32(b.dev, 0x00c, &v), -ENXIO);
  assert_int_equal(v, UINT32_MAX);
  assert_int_equal(ops->write32(b.dev, 0x16c, 1), -ENXIO);
  assert_int_equal(ops->read32(b.dev, 2, &v), -EINVAL);
  assert_int_equal(ops->write32(b.dev, 4096, 0), -EINVAL);
  assert_int_equal(ops->read32(b.dev, SHIRA_COUNTER_OFFSET + 8 * SHIRA_COUNTER_COUNT, &v), -ENXIO);
  wr(&b, SHIRA_REG_ID, 0); // read-only: no effect
  assert_int_equal(rd(&b, SHIRA_REG_ID), SHIRA_DEVICE_ID);
  close_bench(&b);
}

static void test_memory(void **state) {
  (void)state;
  struct bench b;
  open_bench(&b);
  const struct shira_device_ops *ops = b.dev->ops;
  struct shira_mem m[64];
  assert_int_equal(ops->map(b.dev, 0, SHIRA_MEM_LOCAL, &m[0]), -EINVAL);
  assert_int_equal(ops->map(b.dev, (size_t)machine.memory_bytes, SHIRA_MEM_LOCAL, &m[0]), -ENOMEM);
  for (int round = 0; round < 20; round++) {
    uint32_t n = 1 + below(64);
    for (uint32_t i = 0; i < n; i++) {
      assert_int_equal(ops->map(b.dev, 1 + below(20000), SHIRA_MEM_LOCAL, &m[i]), 0);
      assert_int_equal(m[i].addr % SHIRA_PAGE_BYTES, 0);
      assert_int_equal((uintptr_t)m[i].host % SHIRA_PAGE_BYTES, 0);
      for (size_t k = 0; k < m[i].bytes; k++)
        assert_int_equal(((uint8_t *)m[i].host)[k], 0);
      memset(m[i].host, 0xa5, m[i].bytes);
      for (uint32_t j = 0; j < i; j++) // apart by at least a page
        assert_true(m[j].addr >= m[i].addr + m[i].bytes + SHIRA_PAGE_BYTES - 4095 ||
                    m[i].addr >= m[j].addr + m[j].bytes + SHIRA_PAGE_BYTES - 4095);
    }
    while (n > 0) {
      const uint32_t i = below(n);
      struct shira_mem again = m[i];
      assert_int_equal(ops->unmap(b.dev, &m[i]), 0);
      assert_null(m[i].host);
      assert_int_equal(ops->unmap(b.dev, &again), -EINVAL);
      m[i] = m[--n];
    }
  }
  close_bench(&b);
}

// ---- Order, errors, interrupts ----------------------------------------------------------------

static void test_semaphores(void **state) {
  (void)state;
  struct bench b;
  open_bench(&b);
  struct shira_desc_header nop = {.opcode = SHIRA_OPCODE_NOP, .signal_sem = 3};
  put(&b, &nop);
  put(&b, &nop);
  nop = (struct shira_desc_header){
      .opcode = SHIRA_OPCODE_NOP, .wait0_sem = 3, .wait0_value = 2, .wait1_sem = 4};
  put(&b, &nop);
  nop.wait0_value = 0xfffffff0; // long ago: holds, wrapping
  put(&b, &nop);
  ring_bell(&b);
  assert_int_equal(rd(&b, SHIRA_REG_COMPLETION_COUNT), 4);
  for (uint32_t i = 0; i < 4; i++)
    assert_int_equal(completion(&b, i).status, SHIRA_STATUS_OK);
  assert_int_equal(rd(&b, SHIRA_REG_IRQ_STATUS), 0);
  // One too many: it ends with no_progress, the rest is cancelled.
  struct shira_desc_copy c = copy(0, b.data.addr, SHIRA_SPACE_WEIGHT, 0, 64);
  c.wait1_sem = 3;
  c.wait1_value = 3;
  put(&b, &c);
  put(&b, &nop);
  put(&b, &nop);
  ring_bell(&b);
  assert_int_equal(rd(&b, SHIRA_REG_COMPLETION_COUNT), 7);
  assert_int_equal(completion(&b, 4).status, SHIRA_STATUS_NO_PROGRESS);
  assert_int_equal(completion(&b, 4).where, 1 << SHIRA_ENGINE_COPY);
  for (uint32_t i = 5; i < 7; i++) {
    assert_int_equal(completion(&b, i).status, SHIRA_STATUS_CANCELLED);
    assert_int_equal(completion(&b, i).seq, i);
    assert_int_equal(completion(&b, i).opcode, 0);
  }
  // Halted: doorbells are cancelled; an acknowledgement clears the semaphores.
  put(&b, &nop);
  ring_bell(&b);
  assert_int_equal(completion(&b, 7).status, SHIRA_STATUS_CANCELLED);
  acknowledge(&b);
  assert_int_equal(rd(&b, SHIRA_REG_RING_HEAD), b.tail);
  nop = (struct shira_desc_header){.opcode = SHIRA_OPCODE_NOP, .wait0_sem = 3, .wait0_value = 1};
  run_bad(&b, &nop, SHIRA_STATUS_NO_PROGRESS, 1 << SHIRA_ENGINE_COMMAND);
  close_bench(&b);
}

static void test_stuck_without_watchdog(void **state) {
  (void)state;
  struct bench b;
  open_bench(&b);
  wr(&b, SHIRA_REG_WATCHDOG, 0);
  const struct shira_desc_header nop = {
      .opcode = SHIRA_OPCODE_NOP, .wait0_sem = 1, .wait0_value = 1};
  put(&b, &nop);
  ring_bell(&b);
  assert_int_equal(rd(&b, SHIRA_REG_STATUS), 0);
  assert_int_equal(b.dev->ops->wait_irq(b.dev, 1000), -ETIMEDOUT);
  assert_int_equal(b.dev->ops->reset(b.dev), 0);
  assert_int_equal(rd(&b, SHIRA_REG_STATUS), SHIRA_REG_STATUS_IDLE_MASK);
  b.tail = 0;
  configure(&b);
  const struct shira_desc_copy c = copy(0, b.data.addr, SHIRA_SPACE_WEIGHT, 0, 64);
  run_ok(&b, &c, 8);
  close_bench(&b);
}

static void test_reserved_bytes(void **state) {
  (void)state;
  struct bench b;
  open_bench(&b);
  static const struct {
    uint8_t opcode, byte;
  } reserved[] = {
      {SHIRA_OPCODE_NOP, 5},      {SHIRA_OPCODE_NOP, 16},     {SHIRA_OPCODE_NOP, 127},
      {SHIRA_OPCODE_COPY, 19},    {SHIRA_OPCODE_COPY, 55},    {SHIRA_OPCODE_COPY, 72},
      {SHIRA_OPCODE_SCATTER, 41}, {SHIRA_OPCODE_SCATTER, 48}, {SHIRA_OPCODE_SCATTER, 80},
      {SHIRA_OPCODE_GEMM, 7},     {SHIRA_OPCODE_GEMM, 19},    {SHIRA_OPCODE_GEMM, 96}};
  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
    union shira_descriptor d = {.header = {.opcode = reserved[i].opcode}};
    d.raw[reserved[i].byte] = 1;
    d.raw[126] |= i % 2 != 0; // a later one is not named
    const struct shira_completion c = run(&b, &d);
    assert_int_equal(c.status, SHIRA_STATUS_BAD_FIELD);
    assert_int_equal(c.where, reserved[i].byte);
    assert_int_equal(c.engine, SHIRA_ENGINE_COMMAND);
    acknowledge(&b);
  }
  const struct shira_desc_header flags = {.opcode = SHIRA_OPCODE_NOP, .flags = 0x40};
  union shira_descriptor d = {.header = flags};
  const struct shira_completion c = run(&b, &d);
  assert_int_equal(c.status, SHIRA_STATUS_BAD_FIELD);
  assert_int_equal(c.where, 1);
  close_bench(&b);
}

static void test_cancel(void **state) {
  (void)state;
  struct bench b;
  open_bench(&b);
  wr(&b, SHIRA_REG_CTRL, 0);
  union shira_descriptor d = {.header = {.opcode = SHIRA_OPCODE_NOP, .signal_sem = 3}};
  for (unsigned i = 0; i < 5; i++) {
    d.header.wait0_sem = 3;
    d.header.wait0_value = i;
    put(&b, &d);
  }
  ring_bell(&b);
  wr(&b, SHIRA_REG_CANCEL_FIRST, 1);
  wr(&b, SHIRA_REG_CANCEL_COUNT, 2);
  wr(&b, SHIRA_REG_CTRL, SHIRA_REG_CTRL_ENABLE_MASK);
  for (unsigned i = 0; i < 5; i++) { // all of them, so that the cancelled ones signalled
    const struct shira_completion c = completion(&b, i);
    assert_int_equal(c.seq, i);
    assert_int_equal(c.status, i == 1 || i == 2 ? SHIRA_STATUS_CANCELLED : SHIRA_STATUS_OK);
  }
  assert_int_equal(rd(&b, SHIRA_REG_STATUS), SHIRA_REG_STATUS_IDLE_MASK);
  // An error comes first, and its acknowledgement ends the cancelling.
  wr(&b, SHIRA_REG_CANCEL_FIRST, 5);
  wr(&b, SHIRA_REG_CANCEL_COUNT, 100);
  d.header.opcode = 77;
  assert_int_equal(run(&b, &d).status, SHIRA_STATUS_BAD_OPCODE);
  assert_int_equal(rd(&b, SHIRA_REG_CANCEL_COUNT), 100);
  acknowledge(&b);
  assert_int_equal(rd(&b, SHIRA_REG_CANCEL_COUNT), 0);
  d.header.opcode = SHIRA_OPCODE_NOP;
  d.header.wait0_sem = 0;
  assert_int_equal(run(&b, &d).status, SHIRA_STATUS_OK);
  close_bench(&b);
}

static void test_interrupts_and_wrap(void **state) {
  (void)state;
  struct bench b;
  open_bench(&b);
  const struct shira_device_ops *ops = b.dev->ops;
  struct shira_desc_header nop = {.opcode = SHIRA_OPCODE_NOP};
  for (uint32_t i = 0; i < 5 * ENTRIES; i++) { // phases are checked in completion()
    nop.flags = i % 3 == 0;
    assert_int_equal(run(&b, &nop).status, SHIRA_STATUS_OK);
    assert_int_equal(ops->wait_irq(b.dev, 100), i % 3 == 0 ? 0 : -ETIMEDOUT);
    assert_int_equal(rd(&b, SHIRA_REG_IRQ_STATUS), i % 3 == 0 ? 1 : 0);
    wr(&b, SHIRA_REG_IRQ_STATUS, 2); // the other bit: no effect
    assert_int_equal(rd(&b, SHIRA_REG_IRQ_STATUS), i % 3 == 0 ? 1 : 0);
    wr(&b, SHIRA_REG_IRQ_STATUS, 1);
  }
  wr(&b, SHIRA_REG_IRQ_ENABLE, 0);
  nop.flags = 1;
  run(&b, &nop);
  assert_int_equal(ops->wait_irq(b.dev, 100), -ETIMEDOUT);
  wr(&b, SHIRA_REG_IRQ_ENABLE, 1);
  assert_int_equal(ops->wait_irq(b.dev, 100), 0);
  // Not enabled: nothing is fetched until it is.
  wr(&b, SHIRA_REG_CTRL, 0);
  put(&b, &nop);
  const uint32_t before = rd(&b, SHIRA_REG_COMPLETION_COUNT);
  ring_bell(&b);
  assert_int_equal(rd(&b, SHIRA_REG_COMPLETION_COUNT), before);
  wr(&b, SHIRA_REG_CTRL, 1);
  assert_int_equal(rd(&b, SHIRA_REG_COMPLETION_COUNT), before + 1);
  close_bench(&b);
}

static void test_rings_outside_memory(void **state) {
  (void)state;
  struct bench b;
  open_bench(&b);
  const struct shira_desc_header nop = {.opcode = SHIRA_OPCODE_NOP};
  wr(&b, SHIRA_REG_RING_BASE_LO, 0x1000);
  run_bad(&b, &nop, SHIRA_STATUS_READ_DECERR, 0x1000);
  wr(&b, SHIRA_REG_RING_BASE_LO, (uint32_t)b.ring.addr);
  wr(&b, SHIRA_REG_COMPLETION_BASE_LO, 0x1000);
  put(&b, &nop);
  ring_bell(&b);
  assert_int_equal(rd(&b, SHIRA_REG_ERROR_STATUS), SHIRA_STATUS_WRITE_DECERR);
  assert_int_equal(rd(&b, SHIRA_REG_ERROR_WHERE_LO), 0x1000 + 64);
  wr(&b, SHIRA_REG_COMPLETION_BASE_LO, (uint32_t)b.completions.addr);
  acknowledge(&b);
  assert_int_equal(run(&b, &nop).status, SHIRA_STATUS_OK);
  close_bench(&b);
}

// ---- Planted faults ---------------------------------------------------------------------------

static void test_fault_errors(void **state) {
  (void)state;
  static const struct {
    enum shira_fault_kind kind;
    unsigned status;
  } cases[] = {{SHIRA_FAULT_READ_SLVERR, SHIRA_STATUS_READ_SLVERR},
               {SHIRA_FAULT_READ_DECERR, SHIRA_STATUS_READ_DECERR},
               {SHIRA_FAULT_WRITE_SLVERR, SHIRA_STATUS_WRITE_SLVERR},
               {SHIRA_FAULT_WRITE_DECERR, SHIRA_STATUS_WRITE_DECERR}};
  for (unsigned i = 0; i < 4; i++) {
    struct bench b;
    // The data area is the third mapping of a fresh device: ring, completions, data.
    const uint64_t data = SHIRA_MEMORY_BASE + 4 * SHIRA_PAGE_BYTES;
    open_with(&b, (struct shira_device_options){
                      .fault = {.kind = cases[i].kind, .addr = data, .bytes = 4096, .skip = 2}});
    assert_int_equal(b.data.addr, data);
    configure(&b);
    memset(b.data.host, 0x11, 256);
    const bool write = i >= 2;
    const struct shira_desc_copy d = write ? copy(SHIRA_SPACE_WEIGHT, 0, 0, data, 256)
                                           : copy(0, data, SHIRA_SPACE_WEIGHT, 0, 256);
    const struct shira_completion c = run_bad(&b, &d, cases[i].status, data + 128);
    assert_int_equal(c.count, 16);
    if (write)
      assert_int_equal(((uint8_t *)b.data.host)[128], 0x11);
    run_ok(&b, &d, 32); // it strikes once
    close_bench(&b);
  }
}

static void test_fault_lost_irq(void **state) {
  (void)state;
  struct bench b;
  open_with(&b, (struct shira_device_options){.fault = {.kind = SHIRA_FAULT_LOST_IRQ, .skip = 1}});
  configure(&b);
  const struct shira_desc_header nop = {.opcode = SHIRA_OPCODE_NOP, .flags = 1};
  for (int i = 0; i < 4; i++) {
    run(&b, &nop);
    assert_int_equal(b.dev->ops->wait_irq(b.dev, 100), i == 1 ? -ETIMEDOUT : 0);
    assert_int_equal(rd(&b, SHIRA_REG_IRQ_STATUS), 1);
    wr(&b, SHIRA_REG_IRQ_STATUS, 1);
  }
  close_bench(&b);
}

static void test_fault_mute_memory(void **state) {
  (void)state;
  struct bench b;
  open_with(&b,
            (struct shira_device_options){.fault = {.kind = SHIRA_FAULT_MUTE_MEMORY, .skip = 1}});
  configure(&b);
  const struct shira_desc_copy d = copy(0, b.data.addr, SHIRA_SPACE_WEIGHT, 0, 64);
  put(&b, &d);
  ring_bell(&b);
  assert_int_equal(rd(&b, SHIRA_REG_COMPLETION_COUNT), 0);
  assert_int_equal(rd(&b, SHIRA_REG_ERROR_STATUS), SHIRA_STATUS_NO_PROGRESS);
  assert_int_equal(rd(&b, SHIRA_REG_STATUS),
                   SHIRA_REG_STATUS_HALTED_MASK | SHIRA_REG_STATUS_DRAINING_MASK);
  wr(&b, SHIRA_REG_CTRL, SHIRA_REG_CTRL_ENABLE_MASK | SHIRA_REG_CTRL_ACK_MASK); // too early
  assert_true(rd(&b, SHIRA_REG_STATUS) & SHIRA_REG_STATUS_HALTED_MASK);
  assert_int_equal(b.dev->ops->reset(b.dev), 0);
  b.tail = 0;
  configure(&b);
  run_ok(&b, &d, 8);
  close_bench(&b);
}

static void test_fault_dead(void **state) {
  (void)state;
  struct bench b;
  open_with(&b, (struct shira_device_options){.fault = {.kind = SHIRA_FAULT_DEAD, .skip = 2}});
  rd(&b, SHIRA_REG_ID);
  rd(&b, SHIRA_REG_ID);
  uint32_t v;
  for (int i = 0; i < 3; i++) {
    assert_int_equal(b.dev->ops->read32(b.dev, SHIRA_REG_ID, &v), -ETIMEDOUT);
    assert_int_equal(v, UINT32_MAX);
    assert_int_equal(b.dev->ops->write32(b.dev, SHIRA_REG_CTRL, 1), -ETIMEDOUT);
  }
  assert_int_equal(b.dev->ops->reset(b.dev), 0);
  assert_int_equal(rd(&b, SHIRA_REG_ID), SHIRA_DEVICE_ID);
  close_bench(&b);
}

static void test_max_cycles(void **state) {
  (void)state;
  struct bench b;
  open_with(&b, (struct shira_device_options){.max_cycles = 1000});
  const struct shira_device_ops *ops = b.dev->ops;
  struct shira_device_info info;
  assert_int_equal(ops->advance(b.dev, 1000), 0);
  ops->describe(b.dev, &info);
  assert_int_equal(info.cycles, 1000);
  assert_true(info.simulated && !info.timed);
  uint32_t v;
  assert_int_equal(ops->read32(b.dev, 0, &v), -ETIME);
  assert_int_equal(ops->advance(b.dev, 1), -ETIME);
  assert_int_equal(ops->wait_irq(b.dev, 1), -ETIME);
  ops->describe(b.dev, &info);
  assert_int_equal(info.cycles, 1000);
  close_bench(&b);
}

int main(void) {
  seed_random();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_open),
      cmocka_unit_test(test_registers),
      cmocka_unit_test(test_memory),
      cmocka_unit_test(test_semaphores),
      cmocka_unit_test(test_stuck_without_watchdog),
      cmocka_unit_test(test_reserved_bytes),
      cmocka_unit_test(test_cancel),
      cmocka_unit_test(test_interrupts_and_wrap),
      cmocka_unit_test(test_rings_outside_memory),
      cmocka_unit_test(test_fault_errors),
      cmocka_unit_test(test_fault_lost_irq),
      cmocka_unit_test(test_fault_mute_memory),
      cmocka_unit_test(test_fault_dead),
      cmocka_unit_test(test_max_cycles),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
