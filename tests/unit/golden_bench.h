// A golden device with rings and memory to work on, for the tests of it.
#ifndef TEST_GOLDEN_BENCH_H
#define TEST_GOLDEN_BENCH_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shira/wire.h"
#include "shira/device.h"

#define RING_LOG2 3
#define ENTRIES (1u << RING_LOG2)

static const struct shira_machine machine = {
    .name = "test",
    .clock_mhz = 1000,
    .array_n = 4,
    .array_k = 4,
    .weight_bytes = 65536,
    .weight_banks = 4,
    .activation_bytes = 16384,
    .accumulator_bytes = 8192,
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
    .memory_bytes = 1 << 24,
    .memory_latency = 100,
    .memory_peak_mb_s = 3200,
    .memory_burst_bytes = 32,
};

struct bench {
  struct shira_device *dev;
  struct shira_mem ring, completions, data;
  uint32_t tail;
};

static uint64_t random_state = 88172645463325252u;

static inline uint64_t random64(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  return random_state ^= random_state << 17;
}

static inline uint32_t below(uint32_t n) {
  return (uint32_t)(random64() >> 16) % n;
}

static inline void fill(void *p, size_t bytes) {
  for (size_t i = 0; i < bytes; i++)
    ((uint8_t *)p)[i] = (uint8_t)(random64() >> 24);
}

static inline uint32_t rd(struct bench *b, uint32_t offset) {
  uint32_t v;
  assert_int_equal(b->dev->ops->read32(b->dev, offset, &v), 0);
  return v;
}

static inline void wr(struct bench *b, uint32_t offset, uint32_t v) {
  assert_int_equal(b->dev->ops->write32(b->dev, offset, v), 0);
}

static inline void configure(struct bench *b) {
  wr(b, SHIRA_REG_RING_BASE_LO, (uint32_t)b->ring.addr);
  wr(b, SHIRA_REG_RING_BASE_HI, (uint32_t)(b->ring.addr >> 32));
  wr(b, SHIRA_REG_COMPLETION_BASE_LO, (uint32_t)b->completions.addr);
  wr(b, SHIRA_REG_COMPLETION_BASE_HI, (uint32_t)(b->completions.addr >> 32));
  wr(b, SHIRA_REG_RING_LOG2, RING_LOG2);
  wr(b, SHIRA_REG_IRQ_ENABLE, 3);
  wr(b, SHIRA_REG_CTRL, SHIRA_REG_CTRL_ENABLE_MASK);
}

static inline void open_with(struct bench *b, struct shira_device_options options) {
  memset(b, 0, sizeof *b);
  options.machine = &machine;
  assert_int_equal(shira_device_open("golden", &options, &b->dev, NULL), 0);
  const struct shira_device_ops *ops = b->dev->ops;
  assert_int_equal(ops->map(b->dev, ENTRIES * SHIRA_DESCRIPTOR_BYTES, SHIRA_MEM_LOCAL, &b->ring),
                   0);
  assert_int_equal(
      ops->map(b->dev, ENTRIES * SHIRA_COMPLETION_BYTES, SHIRA_MEM_LOCAL, &b->completions), 0);
  assert_int_equal(ops->map(b->dev, 128 * 1024, SHIRA_MEM_LOCAL, &b->data), 0);
}

static inline void open_bench(struct bench *b) {
  open_with(b, (struct shira_device_options){0});
  configure(b);
}

static inline void close_bench(struct bench *b) {
  b->dev->ops->close(b->dev);
}

static inline void put(struct bench *b, const void *descriptor) {
  memcpy((uint8_t *)b->ring.host + b->tail++ % ENTRIES * SHIRA_DESCRIPTOR_BYTES, descriptor,
         SHIRA_DESCRIPTOR_BYTES);
}

static inline void ring_bell(struct bench *b) {
  wr(b, SHIRA_REG_RING_TAIL, b->tail);
}

static inline struct shira_completion completion(struct bench *b, uint32_t index) {
  struct shira_completion c;
  memcpy(&c, (uint8_t *)b->completions.host + index % ENTRIES * sizeof c, sizeof c);
  assert_int_equal(c.phase, ~(index / ENTRIES) & 1);
  return c;
}

// Runs one descriptor alone and returns its completion.
static inline struct shira_completion run(struct bench *b, const void *descriptor) {
  const uint32_t before = rd(b, SHIRA_REG_COMPLETION_COUNT);
  put(b, descriptor);
  ring_bell(b);
  assert_int_equal(rd(b, SHIRA_REG_COMPLETION_COUNT), before + 1);
  const struct shira_completion c = completion(b, before);
  assert_int_equal(c.seq, b->tail - 1);
  return c;
}

static inline void acknowledge(struct bench *b) {
  assert_int_equal(rd(b, SHIRA_REG_STATUS),
                   SHIRA_REG_STATUS_HALTED_MASK | SHIRA_REG_STATUS_IDLE_MASK);
  wr(b, SHIRA_REG_CTRL, SHIRA_REG_CTRL_ENABLE_MASK | SHIRA_REG_CTRL_ACK_MASK);
  wr(b, SHIRA_REG_IRQ_STATUS, 3);
  assert_int_equal(rd(b, SHIRA_REG_STATUS), SHIRA_REG_STATUS_IDLE_MASK);
  assert_int_equal(rd(b, SHIRA_REG_ERROR_STATUS), 0);
}

// Runs a descriptor that must fail so, and recovers.
static inline struct shira_completion run_bad(struct bench *b, const void *descriptor,
                                              unsigned status, uint64_t where) {
  const struct shira_completion c = run(b, descriptor);
  if (c.status != status || c.where != where)
    fail_msg("status %s where %llu, expected %s %llu", shira_status_name(c.status),
             (unsigned long long)c.where, shira_status_name(status), (unsigned long long)where);
  assert_int_equal(rd(b, SHIRA_REG_ERROR_STATUS), status);
  assert_int_equal(rd(b, SHIRA_REG_ERROR_SEQ), c.seq);
  assert_int_equal(rd(b, SHIRA_REG_ERROR_WHERE_LO), (uint32_t)where);
  assert_int_equal(rd(b, SHIRA_REG_ERROR_WHERE_HI), (uint32_t)(where >> 32));
  assert_int_equal(rd(b, SHIRA_REG_IRQ_STATUS), 3);
  acknowledge(b);
  return c;
}

static inline void run_ok(struct bench *b, const void *descriptor, uint32_t count) {
  const struct shira_completion c = run(b, descriptor);
  if (c.status != SHIRA_STATUS_OK)
    fail_msg("status %s where %llu", shira_status_name(c.status), (unsigned long long)c.where);
  assert_int_equal(c.count, count);
}

static inline struct shira_desc_copy copy(unsigned src_space, uint64_t src, unsigned dst_space,
                                          uint64_t dst, uint32_t bytes) {
  return (struct shira_desc_copy){.opcode = SHIRA_OPCODE_COPY,
                                  .src_space = (uint8_t)src_space,
                                  .dst_space = (uint8_t)dst_space,
                                  .traffic = SHIRA_TRAFFIC_CHECK,
                                  .rows = 1,
                                  .src_addr = src,
                                  .dst_addr = dst,
                                  .row_bytes = bytes,
                                  .src_stride = bytes,
                                  .dst_stride = bytes,
                                  .win_hi = UINT64_MAX};
}

// Moves a whole SRAM between the device and `host` through the data area's second half.
#define HALF 65536u
static inline void sram(struct bench *b, unsigned space, void *host, uint32_t bytes, bool load) {
  uint8_t *area = (uint8_t *)b->data.host + HALF;
  if (load)
    memcpy(area, host, bytes);
  const struct shira_desc_copy d =
      load ? copy(SHIRA_SPACE_MEMORY, b->data.addr + HALF, space, 0, bytes)
           : copy(space, 0, SHIRA_SPACE_MEMORY, b->data.addr + HALF, bytes);
  run_ok(b, &d, bytes / 8);
  if (!load)
    memcpy(host, area, bytes);
}

// Seeds the random numbers from SEED, 0 if it is not set.
static inline void seed_random(void) {
  const char *seed = getenv("SEED");
  random_state ^= (seed != NULL ? strtoull(seed, NULL, 0) : 0) * UINT64_C(0x9e3779b97f4a7c15);
}

#endif
