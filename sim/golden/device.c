// The golden device's operations and registers.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/golden/ring.h"

static struct golden *self(struct shira_device *dev) {
  return (struct golden *)dev;
}

// Lets `cycles` go by; the device does nothing in them.
static int pass_time(struct golden *g, uint64_t cycles) {
  const uint64_t left = g->max_cycles != 0 ? g->max_cycles - g->cycles : UINT64_MAX;
  g->cycles += cycles < left ? cycles : left;
  return left == 0 || cycles > left ? -ETIME : 0;
}

static void clear_counters(struct golden *g) {
  memset(g->counters, 0, sizeof g->counters);
  memset(g->snapshot, 0, sizeof g->snapshot);
}

static void reset_state(struct golden *g) {
  memset(g->sem, 0, sizeof g->sem);
  clear_counters(g);
  g->enable = g->halted = g->draining = g->stuck = false;
  g->error_status = 0;
  g->error_seq = g->error_count = 0;
  g->error_where = 0;
  g->irq_status = g->irq_enable = 0;
  g->ring_base = g->completion_base = 0;
  g->ring_log2 = 1;
  g->ring_tail = g->ring_head = g->completion_count = 0;
  g->watchdog = 65536;
  g->cancel_first = g->cancel_count = 0;
  shira_fault_reset(&g->fault);
  golden_irq(g);
}

static int golden_reset(struct shira_device *dev) {
  reset_state(self(dev));
  return pass_time(self(dev), 1);
}

static void golden_close(struct shira_device *dev) {
  if (dev == NULL)
    return;
  struct golden *g = self(dev);
  for (unsigned s = 0; s < GOLDEN_SPACES; s++)
    free(g->sram[s]);
  free(g->rows);
  shira_memory_close(&g->mem);
  free(g);
}

static int golden_open(const struct shira_device_options *options, struct shira_device **dev,
                       struct shira_error *error) {
  *dev = NULL;
  if (options->waves != NULL)
    return shira_fail(error, EINVAL, "device 'golden' has no waves");
  const struct shira_machine *m = options->machine;
  if (m->array_n == 0 || m->array_k == 0 || m->axi_data_bits < 8 || m->axi_burst_bytes == 0 ||
      m->memory_burst_bytes == 0)
    return shira_fail(error, EINVAL, "machine '%s' is not complete", m->name);
  struct golden *g = calloc(1, sizeof *g);
  if (g == NULL)
    return shira_fail(error, ENOMEM, "no memory for the golden device");
  g->base.ops = &shira_golden_backend;
  g->m = *m;
  g->fault.fault = options->fault;
  g->max_cycles = options->max_cycles;
  g->sram_bytes[SHIRA_SPACE_WEIGHT] = m->weight_bytes;
  g->sram_bytes[SHIRA_SPACE_ACTIVATION] = m->activation_bytes;
  g->sram_bytes[SHIRA_SPACE_ACCUMULATOR] = m->accumulator_bytes;
  g->sram_bytes[SHIRA_SPACE_PARAMETER] = m->parameter_bytes;
  int ret = shira_memory_open(&g->mem, m->memory_bytes, m->host_bytes, error);
  if (ret != 0)
    goto fail;
  ret = -ENOMEM;
  g->rows = malloc(m->weight_bytes);
  bool ok = g->rows != NULL;
  for (unsigned s = 1; s < GOLDEN_SPACES; s++) {
    g->sram[s] = calloc(1, g->sram_bytes[s]);
    ok = ok && g->sram[s] != NULL;
  }
  if (!ok) {
    shira_fail(error, ENOMEM, "no memory for the golden device's SRAMs");
    goto fail;
  }
  reset_state(g);
  *dev = &g->base;
  return 0;
fail:
  golden_close(&g->base);
  return ret;
}

// Registers whose value follows from the machine alone. false: not one of them.
static bool read_constant(const struct shira_machine *m, uint32_t offset, uint32_t *v) {
  switch (offset) {
  case SHIRA_REG_ID:
    *v = SHIRA_DEVICE_ID;
    return true;
  case SHIRA_REG_VERSION:
    *v = SHIRA_INTERFACE_VERSION;
    return true;
  case SHIRA_REG_BUILD:
    *v = shira_machine_rtl_hash(m);
    return true;
  case SHIRA_REG_CAP_ARRAY_N:
    *v = m->array_n;
    return true;
  case SHIRA_REG_CAP_ARRAY_K:
    *v = m->array_k;
    return true;
  case SHIRA_REG_CAP_BANKS:
    *v = m->weight_banks;
    return true;
  case SHIRA_REG_CAP_LAYOUT:
    *v = m->layout;
    return true;
  case SHIRA_REG_CAP_WEIGHT_BYTES:
    *v = m->weight_bytes;
    return true;
  case SHIRA_REG_CAP_ACTIVATION_BYTES:
    *v = m->activation_bytes;
    return true;
  case SHIRA_REG_CAP_ACCUMULATOR_BYTES:
    *v = m->accumulator_bytes;
    return true;
  case SHIRA_REG_CAP_PARAMETER_BYTES:
    *v = m->parameter_bytes;
    return true;
  case SHIRA_REG_CAP_DTYPES:
    *v = 1;
    return true;
  case SHIRA_REG_CAP_FORMATS:
    *v = 1u << SHIRA_STREAM_FORMAT_GAP8 | 1u << SHIRA_STREAM_FORMAT_COO32;
    return true;
  case SHIRA_REG_CAP_LANES:
    *v = m->scatter_lanes;
    return true;
  case SHIRA_REG_CAP_STREAM_ALIGN:
    *v = m->memory_burst_bytes;
    return true;
  case SHIRA_REG_CAP_BLOCK_UPDATES:
    *v = m->scatter_block_updates;
    return true;
  case SHIRA_REG_CAP_BLOCK_GAPS:
    *v = 4 * m->scatter_block_updates;
    return true;
  case SHIRA_REG_CAP_BEAT_BYTES:
    *v = m->axi_data_bits / 8;
    return true;
  case SHIRA_REG_CAP_COUNTERS:
    *v = m->counters;
    return true;
  default:
    return false;
  }
}

static uint32_t status_bits(const struct golden *g) {
  const bool idle = !g->stuck && (g->ring_head == g->ring_tail || (!g->enable && !g->halted));
  return (idle ? SHIRA_REG_STATUS_IDLE_MASK : 0) | (g->halted ? SHIRA_REG_STATUS_HALTED_MASK : 0) |
         (g->draining ? SHIRA_REG_STATUS_DRAINING_MASK : 0);
}

static bool read_state(const struct golden *g, uint32_t offset, uint32_t *v) {
  switch (offset) {
  case SHIRA_REG_CTRL:
    *v = g->enable ? SHIRA_REG_CTRL_ENABLE_MASK : 0;
    return true;
  case SHIRA_REG_STATUS:
    *v = status_bits(g);
    return true;
  case SHIRA_REG_ERROR_STATUS:
    *v = g->error_status;
    return true;
  case SHIRA_REG_ERROR_SEQ:
    *v = g->error_seq;
    return true;
  case SHIRA_REG_ERROR_WHERE_LO:
    *v = (uint32_t)g->error_where;
    return true;
  case SHIRA_REG_ERROR_WHERE_HI:
    *v = (uint32_t)(g->error_where >> 32);
    return true;
  case SHIRA_REG_IRQ_STATUS:
    *v = g->irq_status;
    return true;
  case SHIRA_REG_IRQ_ENABLE:
    *v = g->irq_enable;
    return true;
  case SHIRA_REG_RING_BASE_LO:
    *v = (uint32_t)g->ring_base;
    return true;
  case SHIRA_REG_RING_BASE_HI:
    *v = (uint32_t)(g->ring_base >> 32);
    return true;
  case SHIRA_REG_RING_LOG2:
    *v = g->ring_log2;
    return true;
  case SHIRA_REG_RING_TAIL:
    *v = g->ring_tail;
    return true;
  case SHIRA_REG_RING_HEAD:
    *v = g->ring_head;
    return true;
  case SHIRA_REG_COMPLETION_BASE_LO:
    *v = (uint32_t)g->completion_base;
    return true;
  case SHIRA_REG_COMPLETION_BASE_HI:
    *v = (uint32_t)(g->completion_base >> 32);
    return true;
  case SHIRA_REG_COMPLETION_COUNT:
    *v = g->completion_count;
    return true;
  case SHIRA_REG_WATCHDOG:
    *v = g->watchdog;
    return true;
  case SHIRA_REG_ERROR_COUNT:
    *v = g->error_count;
    return true;
  case SHIRA_REG_CANCEL_FIRST:
    *v = g->cancel_first;
    return true;
  case SHIRA_REG_CANCEL_COUNT:
    *v = g->cancel_count;
    return true;
  case SHIRA_REG_COUNTER_SNAPSHOT:
    *v = 0;
    return true;
  default:
    return false;
  }
}

// Registers of time, which read 0, and the counters as they were at the last snapshot.
static bool read_counter(const struct golden *g, uint32_t offset, uint32_t *v) {
  *v = 0;
  if (offset >= SHIRA_REG_CYCLE_LO && offset <= SHIRA_REG_COMPLETION_CYCLE_HI)
    return true;
  const uint32_t i = (offset - SHIRA_COUNTER_OFFSET) / 8;
  if (offset < SHIRA_COUNTER_OFFSET || i >= SHIRA_COUNTER_COUNT)
    return false;
  if (g->m.counters == SHIRA_COUNTER_SET_FULL || shira_counter_basic(i))
    *v = (uint32_t)(g->snapshot[i] >> (offset % 8 != 0 ? 32 : 0));
  return true;
}

// What both register operations start with.
static int access_register(struct golden *g, uint32_t offset) {
  if (offset % 4 != 0 || offset >= SHIRA_PAGE_BYTES)
    return -EINVAL;
  if (!shira_fault_register(&g->fault))
    return pass_time(g, 1);
  const int ret = pass_time(g, SHIRA_REGISTER_DEADLINE);
  return ret != 0 ? ret : -ETIMEDOUT;
}

static int golden_read32(struct shira_device *dev, uint32_t offset, uint32_t *value) {
  struct golden *g = self(dev);
  *value = UINT32_MAX;
  const int ret = access_register(g, offset);
  if (ret != 0)
    return ret;
  uint32_t v;
  if (!read_constant(&g->m, offset, &v) && !read_state(g, offset, &v) &&
      !read_counter(g, offset, &v))
    return -ENXIO;
  *value = v;
  return 0;
}

static void write_ctrl(struct golden *g, uint32_t v) {
  if ((v & SHIRA_REG_CTRL_ACK_MASK) != 0 && g->halted && !g->draining) {
    g->halted = false;
    g->error_status = 0;
    g->error_seq = 0;
    g->error_where = 0;
    memset(g->sem, 0, sizeof g->sem);
    g->ring_head = g->ring_tail;
    g->cancel_count = 0;
  }
  if ((v & SHIRA_REG_CTRL_CLEAR_COUNTERS_MASK) != 0)
    clear_counters(g);
  g->enable = (v & SHIRA_REG_CTRL_ENABLE_MASK) != 0;
}

static void set_half(uint64_t *v, bool high, uint32_t half) {
  *v = high ? (*v & UINT32_MAX) | (uint64_t)half << 32 : (*v >> 32 << 32) | half;
}

static int golden_write32(struct shira_device *dev, uint32_t offset, uint32_t value) {
  struct golden *g = self(dev);
  const int ret = access_register(g, offset);
  if (ret != 0)
    return ret;
  switch (offset) {
  case SHIRA_REG_CTRL:
    write_ctrl(g, value);
    break;
  case SHIRA_REG_IRQ_STATUS:
    g->irq_status &= ~value;
    break;
  case SHIRA_REG_IRQ_ENABLE:
    g->irq_enable =
        value & (SHIRA_REG_IRQ_STATUS_COMPLETION_MASK | SHIRA_REG_IRQ_STATUS_ERROR_MASK);
    break;
  case SHIRA_REG_RING_BASE_LO:
  case SHIRA_REG_RING_BASE_HI:
    set_half(&g->ring_base, offset == SHIRA_REG_RING_BASE_HI, value);
    break;
  case SHIRA_REG_COMPLETION_BASE_LO:
  case SHIRA_REG_COMPLETION_BASE_HI:
    set_half(&g->completion_base, offset == SHIRA_REG_COMPLETION_BASE_HI, value);
    break;
  case SHIRA_REG_RING_LOG2:
    g->ring_log2 = value > 16 ? 16 : value < 1 ? 1 : value;
    break;
  case SHIRA_REG_RING_TAIL:
    g->ring_tail = value;
    break;
  case SHIRA_REG_WATCHDOG:
    g->watchdog = value;
    break;
  case SHIRA_REG_CANCEL_FIRST:
    g->cancel_first = value;
    break;
  case SHIRA_REG_CANCEL_COUNT:
    g->cancel_count = value;
    break;
  case SHIRA_REG_COUNTER_SNAPSHOT:
    memcpy(g->snapshot, g->counters, sizeof g->snapshot);
    break;
  default: {
    // Writes to read-only registers do nothing.
    uint32_t v;
    return read_constant(&g->m, offset, &v) || read_state(g, offset, &v) ||
                   read_counter(g, offset, &v)
               ? 0
               : -ENXIO;
  }
  }
  golden_run(g);
  return 0;
}

static int golden_map(struct shira_device *dev, size_t bytes, enum shira_mem_kind kind,
                      struct shira_mem *mem) {
  return shira_memory_map(&self(dev)->mem, bytes, kind, mem);
}

static int golden_unmap(struct shira_device *dev, struct shira_mem *mem) {
  return shira_memory_unmap(&self(dev)->mem, mem);
}

static int golden_wait_irq(struct shira_device *dev, uint64_t cycles) {
  struct golden *g = self(dev);
  if (g->irq_seen)
    return 0;
  // Everything that could raise it has been executed already.
  const int ret = pass_time(g, cycles);
  return ret != 0 ? ret : -ETIMEDOUT;
}

static int golden_advance(struct shira_device *dev, uint64_t cycles) {
  return pass_time(self(dev), cycles);
}

static int golden_settle(struct shira_device *dev, unsigned eighth) {
  (void)dev;
  return eighth > 7 ? -EINVAL : 0;
}

static int golden_sequential(struct shira_device *dev, double *mb_s) {
  *mb_s = self(dev)->m.memory_peak_mb_s;
  return 0;
}

static void golden_describe(struct shira_device *dev, struct shira_device_info *info) {
  const struct golden *g = self(dev);
  memset(info, 0, sizeof *info);
  snprintf(info->backend, sizeof info->backend, "golden");
  snprintf(info->machine, sizeof info->machine, "%s", g->m.name);
  info->clock_mhz = g->m.clock_mhz;
  info->build = shira_machine_rtl_hash(&g->m);
  info->simulated = true;
  info->timed = false;
  info->cycles = g->cycles;
}

const struct shira_device_ops shira_golden_backend = {
    .abi = SHIRA_DEVICE_ABI,
    .name = "golden",
    .open = golden_open,
    .close = golden_close,
    .read32 = golden_read32,
    .write32 = golden_write32,
    .map = golden_map,
    .unmap = golden_unmap,
    .wait_irq = golden_wait_irq,
    .advance = golden_advance,
    .reset = golden_reset,
    .settle = golden_settle,
    .describe = golden_describe,
    .sequential = golden_sequential,
};
