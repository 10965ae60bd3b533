// Counters, and what is printed when something went wrong.
#include "host/driver/internal.h"

#include <inttypes.h>
#include <string.h>

// All counters are read as they stand in one cycle from now on.
static int take_snapshot(struct shira_driver *drv) {
  return write_reg(drv, SHIRA_REG_COUNTER_SNAPSHOT, 1);
}

static bool has_counter(const struct shira_driver *drv, unsigned i) {
  return drv->counters == SHIRA_COUNTER_SET_FULL || shira_counter_basic(i);
}

static int read_counter(struct shira_driver *drv, unsigned i, uint64_t *value) {
  *value = SHIRA_COUNTER_NONE;
  if (!has_counter(drv, i))
    return 0;
  return read_reg64(drv, SHIRA_COUNTER_OFFSET + 8 * i, value);
}

int shira_counters(struct shira_driver *drv, uint64_t out[SHIRA_COUNTER_COUNT]) {
  for (unsigned i = 0; i < SHIRA_COUNTER_COUNT; i++)
    out[i] = has_counter(drv, i) ? 0 : SHIRA_COUNTER_NONE;
  int rc = check_answers(drv);
  if (!rc)
    rc = take_snapshot(drv);
  for (unsigned i = 0; !rc && i < SHIRA_COUNTER_COUNT; i++)
    rc = read_counter(drv, i, &out[i]);
  return rc;
}

int shira_counters_clear(struct shira_driver *drv) {
  int rc = check_answers(drv);
  return rc ? rc
            : write_reg(drv, SHIRA_REG_CTRL,
                        SHIRA_REG_CTRL_ENABLE_MASK | SHIRA_REG_CTRL_CLEAR_COUNTERS_MASK);
}

// ", halted (window at 0x40), draining", or nothing.
static int halt_text(struct shira_driver *drv, char *buf, size_t size) {
  uint32_t status, error;
  uint64_t where;
  buf[0] = '\0';
  int rc = read_reg(drv, SHIRA_REG_STATUS, &status);
  if (rc || !(status & SHIRA_REG_STATUS_HALTED_MASK))
    return rc;
  if ((rc = read_reg(drv, SHIRA_REG_ERROR_STATUS, &error)) ||
      (rc = read_reg64(drv, SHIRA_REG_ERROR_WHERE_LO, &where)))
    return rc;
  snprintf(buf, size, ", halted (%s at 0x%" PRIx64 ")%s", shira_status_name(error), where,
           status & SHIRA_REG_STATUS_DRAINING_MASK ? ", draining" : "");
  return 0;
}

int queue_text(struct shira_driver *drv, char *buf, size_t size) {
  uint32_t head, count;
  const bool full = drv->counters == SHIRA_COUNTER_SET_FULL;
  char halt[80];
  int rc;
  if ((rc = read_reg(drv, SHIRA_REG_RING_HEAD, &head)) ||
      (rc = read_reg(drv, SHIRA_REG_COMPLETION_COUNT, &count)) ||
      (rc = halt_text(drv, halt, sizeof(halt))) || (rc = take_snapshot(drv)))
    return rc;
  size_t used = (size_t)snprintf(buf, size, "head %u, tail %u, completed %u%s; ", head, drv->tail,
                                 count, halt);
  if (used < size)
    used += (size_t)snprintf(buf + used, size - used,
                             full ? "busy/starved/stalled/waiting/idle" : "busy");
  for (unsigned e = 0; e < SHIRA_ENGINE_COUNT; e++) {
    uint64_t c[SHIRA_ENGINE_STATES];
    for (unsigned s = 0; s < SHIRA_ENGINE_STATES; s++)
      if ((rc = read_counter(drv, SHIRA_COUNTER_COMMAND_BUSY + e * SHIRA_ENGINE_STATES + s, &c[s])))
        return rc;
    if (used < size && !full)
      used += (size_t)snprintf(buf + used, size - used, " %s %" PRIu64, shira_engine_name(e), c[0]);
    else if (used < size)
      used += (size_t)snprintf(buf + used, size - used,
                               " %s %" PRIu64 "/%" PRIu64 "/%" PRIu64 "/%" PRIu64 "/%" PRIu64,
                               shira_engine_name(e), c[0], c[1], c[2], c[3], c[4]);
  }
  return 0;
}

// ---- Full dump ------------------------------------------------------------------------------

static void dump_registers(struct shira_driver *drv, FILE *out) {
#define ROW(name)                                                                                  \
  { #name, SHIRA_REG_##name }
  static const struct {
    const char *name;
    uint32_t offset;
  } rows[] = {
      ROW(ID),
      ROW(VERSION),
      ROW(BUILD),
      ROW(CTRL),
      ROW(STATUS),
      ROW(ERROR_STATUS),
      ROW(ERROR_SEQ),
      ROW(ERROR_WHERE_LO),
      ROW(ERROR_WHERE_HI),
      ROW(ERROR_COUNT),
      ROW(IRQ_STATUS),
      ROW(IRQ_ENABLE),
      ROW(RING_LOG2),
      ROW(RING_TAIL),
      ROW(RING_HEAD),
      ROW(COMPLETION_COUNT),
      ROW(WATCHDOG),
      ROW(CANCEL_FIRST),
      ROW(CANCEL_COUNT),
      ROW(CYCLE_LO),
      ROW(CYCLE_HI),
      ROW(DOORBELL_CYCLE_LO),
      ROW(DOORBELL_CYCLE_HI),
      ROW(COMPLETION_CYCLE_LO),
      ROW(COMPLETION_CYCLE_HI),
  };
#undef ROW
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
    uint32_t value;
    if (read_reg(drv, rows[i].offset, &value)) {
      fprintf(out, "  %s\n", drv->error.text);
      return;
    }
    fprintf(out, "  %-22s 0x%08" PRIx32 "  %" PRIu32 "\n", rows[i].name, value, value);
  }
  fprintf(out, "counters\n");
  if (take_snapshot(drv)) {
    fprintf(out, "  %s\n", drv->error.text);
    return;
  }
  for (unsigned i = 0; i < SHIRA_COUNTER_COUNT; i++) {
    uint64_t value;
    if (!has_counter(drv, i))
      continue;
    if (read_counter(drv, i, &value)) {
      fprintf(out, "  %s\n", drv->error.text);
      return;
    }
    fprintf(out, "  %-28s %" PRIu64 "\n", shira_counter_name(i), value);
  }
}

static void dump_in_flight(const struct shira_driver *drv, FILE *out) {
  const union shira_descriptor *ring = drv->ring.host;
  for (uint32_t seq = drv->oldest; seq != drv->tail; seq++) {
    const struct slot *slot = slot_of(drv, seq);
    const struct shira_desc_header *h = &ring[seq & (drv->entries - 1)].header;
    fprintf(out, "  %" PRIu32 " %s", seq, shira_opcode_name(slot->opcode));
    if (h->wait0_sem)
      fprintf(out, ", waits for %u >= %" PRIu32, h->wait0_sem, h->wait0_value);
    if (h->wait1_sem)
      fprintf(out, ", waits for %u >= %" PRIu32, h->wait1_sem, h->wait1_value);
    if (h->signal_sem)
      fprintf(out, ", signals %u", h->signal_sem);
    if (slot->done)
      fprintf(out, ": %s", shira_status_name(slot->completion.status));
    fprintf(out, "\n");
  }
}

void shira_dump(struct shira_driver *drv, FILE *out) {
  static const char *const healths[] = {
      [HEALTH_ALIVE] = "alive",
      [HEALTH_HALTED] = "halted",
      [HEALTH_BROKEN] = "broken",
      [HEALTH_DEAD] = "does not answer",
  };
  const struct shira_error error = drv->error; // a look changes nothing
  const enum health health = drv->health;
  struct shira_device_info info = {0};
  drv->ops->describe(drv->dev, &info);
  fprintf(out, "device '%s', machine '%s', %" PRIu64 " cycles since open: %s\n", info.backend,
          info.machine, info.cycles, healths[health]);
  fprintf(out, "ring of %" PRIu32 " entries at 0x%" PRIx64 ", completions at 0x%" PRIx64 "\n",
          drv->entries, drv->ring.addr, drv->completions.addr);
  fprintf(out,
          "submitted %" PRIu32 ", completions taken %" PRIu32 ", all before %" PRIu32 " ended\n",
          drv->tail, drv->reaped, drv->oldest);
  fprintf(
      out, "%" PRIu64 " interrupts, %" PRIu64 " lost, %" PRIu64 " recoveries, %" PRIu64 " resets\n",
      drv->stats.interrupts, drv->stats.lost_interrupts, drv->stats.recoveries, drv->stats.resets);
  fprintf(out, "in flight\n");
  dump_in_flight(drv, out);
  fprintf(out, "registers\n");
  if (health == HEALTH_DEAD)
    fprintf(out, "  the device does not answer\n");
  else
    dump_registers(drv, out);
  drv->error = error;
  drv->health = health;
}
