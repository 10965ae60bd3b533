// A device for driver tests: registers, rings and semaphores, no engines. It executes descriptors
// in order, each in a fixed time, keeps a log of register writes, and lies on request.
#ifndef TESTS_MOCK_DEVICE_H
#define TESTS_MOCK_DEVICE_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "shira/wire.h"
#include "shira/device.h"

#define MOCK_LOG 4096
#define MOCK_MAPS 16
#define MOCK_COST 100u // cycles a descriptor

struct mock_write {
  uint32_t offset, value;
};

struct mock {
  struct shira_device base;
  uint32_t regs[1024];
  struct mock_write log[MOCK_LOG];
  unsigned n_log, n_reads;
  struct shira_mem maps[MOCK_MAPS];
  unsigned n_maps;
  uint64_t cycles, next_at; // now, and when the next descriptor ends
  uint32_t head, count, most_in_flight;
  uint32_t sems[SHIRA_SEMAPHORES];
  bool halted;
  uint64_t halted_at;
  unsigned resets;
  // What goes wrong:
  bool dead;        // no register access is answered
  bool stuck;       // nothing is executed
  bool never_drain; // an error never ends
  bool stuck_irq;   // interrupts cannot be cleared
  uint32_t drain;   // cycles that an error takes to end, records written or not
  bool no_memory;   // map fails
  bool budget_gone; // waits return -ETIME
  bool lose_irq;    // hides the interrupt until it is cleared
  bool late_irq;    // the interrupt comes one wait late
  bool drop_record; // counts a completion that it does not write
  uint32_t pair;    // 1: neighbours (2i, 2i+1) end in reverse order
  int64_t fail_seq; // descriptor that fails, -1 = none
  unsigned fail_status;
  void (*tamper)(struct shira_completion *c); // lies in every completion
  bool *closed;                               // set at close
};

static inline struct mock *mock_of(struct shira_device *dev) {
  return (struct mock *)dev;
}

static inline uint32_t *mock_reg(struct mock *m, uint32_t offset) {
  return &m->regs[offset / 4];
}

static void *mock_host(struct mock *m, uint64_t addr) {
  for (unsigned i = 0; i < m->n_maps; i++)
    if (m->maps[i].host && addr >= m->maps[i].addr && addr - m->maps[i].addr < m->maps[i].bytes)
      return (uint8_t *)m->maps[i].host + (addr - m->maps[i].addr);
  return NULL;
}

static uint64_t mock_base(struct mock *m, uint32_t lo) {
  return (uint64_t)*mock_reg(m, lo + 4) << 32 | *mock_reg(m, lo);
}

static uint32_t mock_entries(struct mock *m) {
  return 1u << *mock_reg(m, SHIRA_REG_RING_LOG2);
}

static union shira_descriptor *mock_descriptor(struct mock *m, uint32_t seq) {
  return (union shira_descriptor *)mock_host(m, mock_base(m, SHIRA_REG_RING_BASE_LO)) +
         seq % mock_entries(m);
}

// Writes the next completion record.
static void mock_record(struct mock *m, uint32_t seq, unsigned status, uint64_t where) {
  static const uint8_t engines[] = {0, SHIRA_ENGINE_COMMAND, SHIRA_ENGINE_COPY,
                                    SHIRA_ENGINE_SCATTER, SHIRA_ENGINE_GEMM};
  const union shira_descriptor *d = mock_descriptor(m, seq);
  struct shira_completion c = {.seq = seq, .status = (uint8_t)status, .opcode = d->header.opcode};
  c.engine = d->header.opcode < sizeof(engines) ? engines[d->header.opcode] : 0;
  c.where = where;
  c.t_start = m->cycles;
  c.phase = ~(m->count >> *mock_reg(m, SHIRA_REG_RING_LOG2)) & 1u;
  if (m->tamper)
    m->tamper(&c);
  if (!m->drop_record) {
    struct shira_completion *ring = mock_host(m, mock_base(m, SHIRA_REG_COMPLETION_BASE_LO));
    memcpy(&ring[m->count % mock_entries(m)], &c, sizeof(c));
  }
  m->count++;
  if (d->header.flags & 1u || (status != SHIRA_STATUS_OK && status != SHIRA_STATUS_CANCELLED))
    *mock_reg(m, SHIRA_REG_IRQ_STATUS) |= SHIRA_REG_IRQ_STATUS_COMPLETION_MASK;
  *mock_reg(m, SHIRA_REG_COMPLETION_CYCLE_LO) = (uint32_t)m->cycles;
}

static bool mock_wait_met(const struct mock *m, unsigned sem, uint32_t value) {
  return sem == 0 || sem >= SHIRA_SEMAPHORES || (int32_t)(m->sems[sem] - value) >= 0;
}

// Ends the next descriptor, or pair of them.
static bool mock_execute(struct mock *m) {
  const uint32_t tail = *mock_reg(m, SHIRA_REG_RING_TAIL);
  if (m->stuck || m->head == tail)
    return false;
  if (m->halted) {
    if (m->never_drain)
      return false;
    mock_record(m, m->head++, SHIRA_STATUS_CANCELLED, 0);
    return true;
  }
  if (m->pair && m->head + 1 != tail && m->head % 2 == 0) {
    mock_record(m, m->head + 1, SHIRA_STATUS_OK, 0);
    mock_record(m, m->head, SHIRA_STATUS_OK, 0);
    m->head += 2;
    return true;
  }
  const struct shira_desc_header *h = &mock_descriptor(m, m->head)->header;
  if (!mock_wait_met(m, h->wait0_sem, h->wait0_value) ||
      !mock_wait_met(m, h->wait1_sem, h->wait1_value))
    return false;
  if (m->head - *mock_reg(m, SHIRA_REG_CANCEL_FIRST) < *mock_reg(m, SHIRA_REG_CANCEL_COUNT)) {
    if (h->signal_sem < SHIRA_SEMAPHORES)
      m->sems[h->signal_sem]++;
    mock_record(m, m->head++, SHIRA_STATUS_CANCELLED, 0);
    return true;
  }
  if ((int64_t)m->head == m->fail_seq) {
    mock_record(m, m->head++, m->fail_status, 0x1234);
    m->halted = true;
    m->halted_at = m->cycles;
    *mock_reg(m, SHIRA_REG_ERROR_STATUS) = m->fail_status;
    *mock_reg(m, SHIRA_REG_IRQ_STATUS) |= SHIRA_REG_IRQ_STATUS_ERROR_MASK;
    return true;
  }
  if (h->signal_sem < SHIRA_SEMAPHORES)
    m->sems[h->signal_sem]++;
  mock_record(m, m->head++, SHIRA_STATUS_OK, 0);
  return true;
}

static bool mock_irq(struct mock *m) {
  return !m->lose_irq && (*mock_reg(m, SHIRA_REG_IRQ_STATUS) & *mock_reg(m, SHIRA_REG_IRQ_ENABLE));
}

// Runs until `until`, or until an interrupt if `stop_at_irq`.
static bool mock_run(struct mock *m, uint64_t until, bool stop_at_irq) {
  for (;;) {
    if (stop_at_irq && mock_irq(m))
      return true;
    if (m->next_at <= m->cycles)
      m->next_at = m->cycles + MOCK_COST;
    if (m->next_at > until) {
      m->cycles = until;
      return false;
    }
    m->cycles = m->next_at;
    mock_execute(m);
  }
}

static bool mock_draining(struct mock *m) {
  return m->halted &&
         (m->head != *mock_reg(m, SHIRA_REG_RING_TAIL) || m->cycles - m->halted_at < m->drain);
}

static int mock_read32(struct shira_device *dev, uint32_t offset, uint32_t *value) {
  struct mock *m = mock_of(dev);
  *value = ~0u;
  m->n_reads++;
  if (m->dead)
    return -ETIMEDOUT;
  *mock_reg(m, SHIRA_REG_STATUS) =
      (m->halted ? SHIRA_REG_STATUS_HALTED_MASK : 0) |
      (mock_draining(m) ? SHIRA_REG_STATUS_DRAINING_MASK : 0) |
      (m->head == *mock_reg(m, SHIRA_REG_RING_TAIL) ? SHIRA_REG_STATUS_IDLE_MASK : 0);
  *mock_reg(m, SHIRA_REG_RING_HEAD) = m->head;
  *mock_reg(m, SHIRA_REG_COMPLETION_COUNT) = m->count;
  *value = *mock_reg(m, offset);
  return 0;
}

static void mock_ctrl(struct mock *m, uint32_t value) {
  if (value & SHIRA_REG_CTRL_ACK_MASK && m->halted && !mock_draining(m)) {
    m->halted = false;
    m->fail_seq = -1;
    memset(m->sems, 0, sizeof(m->sems));
    *mock_reg(m, SHIRA_REG_CANCEL_COUNT) = 0;
  }
  if (value & SHIRA_REG_CTRL_CLEAR_COUNTERS_MASK)
    memset(mock_reg(m, SHIRA_COUNTER_OFFSET), 0, 8 * SHIRA_COUNTER_COUNT);
}

static int mock_write32(struct shira_device *dev, uint32_t offset, uint32_t value) {
  struct mock *m = mock_of(dev);
  if (m->dead)
    return -ETIMEDOUT;
  if (m->n_log < MOCK_LOG)
    m->log[m->n_log++] = (struct mock_write){offset, value};
  if (offset == SHIRA_REG_IRQ_STATUS) {
    if (!m->stuck_irq)
      *mock_reg(m, offset) &= ~value;
    m->lose_irq = false;
    return 0;
  }
  *mock_reg(m, offset) = value;
  if (offset == SHIRA_REG_CTRL)
    mock_ctrl(m, value);
  if (offset == SHIRA_REG_RING_TAIL) {
    *mock_reg(m, SHIRA_REG_DOORBELL_CYCLE_LO) = (uint32_t)m->cycles;
    if (value - m->count > m->most_in_flight)
      m->most_in_flight = value - m->count;
  }
  return 0;
}

static int mock_map(struct shira_device *dev, size_t bytes, enum shira_mem_kind kind,
                    struct shira_mem *mem) {
  (void)kind;
  struct mock *m = mock_of(dev);
  if (bytes == 0)
    return -EINVAL;
  if (m->no_memory || m->n_maps == MOCK_MAPS)
    return -ENOMEM;
  mem->host = calloc(1, bytes);
  mem->addr = 0x100000000u + (uint64_t)m->n_maps * 0x10000000u;
  mem->bytes = bytes;
  m->maps[m->n_maps++] = *mem;
  return 0;
}

static int mock_unmap(struct shira_device *dev, struct shira_mem *mem) {
  struct mock *m = mock_of(dev);
  for (unsigned i = 0; i < m->n_maps; i++)
    if (m->maps[i].host && m->maps[i].host == mem->host) {
      free(mem->host);
      memset(&m->maps[i], 0, sizeof(m->maps[i]));
      memset(mem, 0, sizeof(*mem));
      return 0;
    }
  return -EINVAL;
}

static int mock_wait_irq(struct shira_device *dev, uint64_t cycles) {
  struct mock *m = mock_of(dev);
  if (m->budget_gone)
    return -ETIME;
  if (m->late_irq) { // runs, but tells only the next time
    m->late_irq = false;
    mock_run(m, m->cycles + cycles, false);
    return -ETIMEDOUT;
  }
  return mock_run(m, m->cycles + cycles, true) ? 0 : -ETIMEDOUT;
}

static int mock_advance(struct shira_device *dev, uint64_t cycles) {
  struct mock *m = mock_of(dev);
  if (m->budget_gone)
    return -ETIME;
  mock_run(m, m->cycles + cycles, false);
  return 0;
}

static void mock_capabilities(struct mock *m) {
  static const struct mock_write caps[] = {
      {SHIRA_REG_ID, SHIRA_DEVICE_ID},
      {SHIRA_REG_VERSION, SHIRA_INTERFACE_VERSION},
      {SHIRA_REG_CAP_ARRAY_N, 4},
      {SHIRA_REG_CAP_ARRAY_K, 4},
      {SHIRA_REG_CAP_BANKS, 4},
      {SHIRA_REG_CAP_LAYOUT, SHIRA_LAYOUT_TILE},
      {SHIRA_REG_CAP_WEIGHT_BYTES, 65536},
      {SHIRA_REG_CAP_ACTIVATION_BYTES, 16384},
      {SHIRA_REG_CAP_ACCUMULATOR_BYTES, 4096},
      {SHIRA_REG_CAP_PARAMETER_BYTES, 4096},
      {SHIRA_REG_CAP_DTYPES, 1},
      {SHIRA_REG_CAP_FORMATS, 1u << SHIRA_STREAM_FORMAT_GAP8 | 1u << SHIRA_STREAM_FORMAT_COO32},
      {SHIRA_REG_CAP_LANES, 2},
      {SHIRA_REG_CAP_STREAM_ALIGN, 32},
      {SHIRA_REG_CAP_BLOCK_UPDATES, 16},
      {SHIRA_REG_CAP_BLOCK_GAPS, 64},
      {SHIRA_REG_CAP_BEAT_BYTES, 8},
  };
  memset(m->regs, 0, sizeof(m->regs));
  for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++)
    *mock_reg(m, caps[i].offset) = caps[i].value;
}

static int mock_reset(struct shira_device *dev) {
  struct mock *m = mock_of(dev);
  mock_capabilities(m);
  m->head = m->count = 0;
  m->halted = m->dead = m->stuck = m->never_drain = m->drop_record = false;
  m->tamper = NULL;
  m->fail_seq = -1;
  memset(m->sems, 0, sizeof(m->sems));
  m->resets++;
  return 0;
}

static void mock_describe(struct shira_device *dev, struct shira_device_info *info) {
  *info = (struct shira_device_info){.backend = "mock", .simulated = true, .timed = true};
  info->cycles = mock_of(dev)->cycles;
}

static int mock_settle(struct shira_device *dev, unsigned eighth) {
  (void)dev;
  return eighth > 7 ? -EINVAL : 0;
}

static int mock_sequential(struct shira_device *dev, double *mb_s) {
  (void)dev;
  *mb_s = 1000;
  return 0;
}

static void mock_close(struct shira_device *dev) {
  struct mock *m = mock_of(dev);
  for (unsigned i = 0; i < m->n_maps; i++)
    free(m->maps[i].host);
  if (m->closed)
    *m->closed = true;
  free(m);
}

static const struct shira_device_ops mock_ops = {
    .abi = SHIRA_DEVICE_ABI,
    .name = "mock",
    .close = mock_close,
    .read32 = mock_read32,
    .write32 = mock_write32,
    .map = mock_map,
    .unmap = mock_unmap,
    .wait_irq = mock_wait_irq,
    .advance = mock_advance,
    .reset = mock_reset,
    .settle = mock_settle,
    .describe = mock_describe,
    .sequential = mock_sequential,
};

static struct mock *mock_new(void) {
  struct mock *m = calloc(1, sizeof(*m));
  m->base.ops = &mock_ops;
  mock_reset(&m->base);
  m->resets = 0;
  return m;
}

#endif
