// The golden device's ring: fetch, order, completions, errors.
#include "sim/golden/ring.h"

#include <string.h>

#include "sim/golden/engines.h"

void golden_irq(struct golden *g) {
  const bool line = (g->irq_status & g->irq_enable) != 0;
  g->irq_seen = shira_fault_irq(&g->fault, g->irq_line, line);
  g->irq_line = line;
}

static void halt(struct golden *g, uint32_t seq, const struct outcome *o) {
  g->error_count++;
  if (!g->halted) {
    g->halted = true;
    g->error_status = o->status;
    g->error_seq = seq;
    g->error_where = o->where;
  }
  g->irq_status |= SHIRA_REG_IRQ_STATUS_ERROR_MASK;
}

// Memory does not answer: with a watchdog an error that never finishes draining, else silence.
static void mute(struct golden *g, uint32_t seq, uint8_t engine) {
  g->stuck = true;
  if (g->watchdog == 0)
    return;
  const struct outcome o = failed(SHIRA_STATUS_NO_PROGRESS, (uint64_t)1 << engine);
  halt(g, seq, &o);
  g->draining = true;
}

// Writes the completion of descriptor `seq`.
static void complete(struct golden *g, uint32_t seq, uint8_t opcode, uint8_t engine, uint8_t flags,
                     const struct outcome *o) {
  const uint32_t entries = 1u << g->ring_log2;
  const struct shira_completion c = {
      .seq = seq,
      .status = o->status,
      .opcode = opcode,
      .engine = engine,
      .where = o->where,
      .count = o->count,
      .phase = (~(g->completion_count >> g->ring_log2)) & 1,
  };
  const uint64_t addr =
      g->completion_base + (uint64_t)(g->completion_count & (entries - 1)) * sizeof c;
  struct outcome w = {0};
  uint8_t *at = golden_access(g, true, addr, sizeof c, SHIRA_TRAFFIC_COMPLETION, &w);
  if (at == NULL) {
    if (w.mute)
      mute(g, seq, SHIRA_ENGINE_COMMAND);
    else if (!g->halted)
      halt(g, seq, &w);
    return;
  }
  memcpy(at, &c, sizeof c);
  g->completion_count++;
  if (o->status != SHIRA_STATUS_OK || (flags & 1) != 0)
    g->irq_status |= SHIRA_REG_IRQ_STATUS_COMPLETION_MASK;
  if (o->status == SHIRA_STATUS_OK)
    g->counters[SHIRA_COUNTER_DESCRIPTORS]++;
}

static bool wait_holds(const struct golden *g, uint8_t sem, uint32_t value) {
  return sem == 0 || (int32_t)(g->sem[sem] - value) >= 0;
}

static bool check_header(const union shira_descriptor *d, uint8_t *engine, struct outcome *o) {
  const struct shira_desc_header *h = &d->header;
  static const uint8_t engines[] = {0, SHIRA_ENGINE_COMMAND, SHIRA_ENGINE_COPY,
                                    SHIRA_ENGINE_SCATTER, SHIRA_ENGINE_GEMM};
  if (h->opcode == 0 || h->opcode >= sizeof engines) {
    *o = failed(SHIRA_STATUS_BAD_OPCODE, h->opcode);
    return false;
  }
  const struct check fields[] = {
      {h->wait0_sem >= SHIRA_SEMAPHORES, SHIRA_STATUS_BAD_FIELD, 2},
      {h->wait1_sem >= SHIRA_SEMAPHORES, SHIRA_STATUS_BAD_FIELD, 3},
      {h->signal_sem >= SHIRA_SEMAPHORES, SHIRA_STATUS_BAD_FIELD, 4},
      {(h->flags & ~1u) != 0, SHIRA_STATUS_BAD_FIELD, 1},
  };
  if (!golden_checks(fields, 4, o))
    return false;
  const int reserved = shira_reserved_byte(d);
  if (reserved >= 0) {
    *o = failed(SHIRA_STATUS_BAD_FIELD, (uint64_t)reserved);
    return false;
  }
  *engine = engines[h->opcode];
  return true;
}

// The host asked that descriptor `seq` is not executed.
static bool cancelled(const struct golden *g, uint32_t seq) {
  return seq - g->cancel_first < g->cancel_count;
}

static struct outcome execute(struct golden *g, const union shira_descriptor *d) {
  switch (d->header.opcode) {
  case SHIRA_OPCODE_COPY:
    return golden_copy(g, &d->copy);
  case SHIRA_OPCODE_SCATTER:
    return golden_scatter(g, &d->scatter);
  case SHIRA_OPCODE_GEMM:
    return golden_gemm(g, &d->gemm);
  default:
    return (struct outcome){0};
  }
}

// Fetches and executes the descriptor at the head.
static void step(struct golden *g) {
  const uint32_t seq = g->ring_head;
  const uint32_t entry = seq & ((1u << g->ring_log2) - 1);
  const uint64_t addr = g->ring_base + (uint64_t)entry * SHIRA_DESCRIPTOR_BYTES;
  union shira_descriptor d;
  memset(&d, 0, sizeof d);
  uint8_t engine = SHIRA_ENGINE_COMMAND;
  struct outcome o = {0};
  bool dropped = false;
  const uint8_t *at = golden_access(g, false, addr, sizeof d, SHIRA_TRAFFIC_DESCRIPTOR, &o);
  g->ring_head++;
  if (at != NULL) {
    memcpy(&d, at, sizeof d);
    if (!check_header(&d, &engine, &o)) {
      // reported below
    } else if (wait_holds(g, d.header.wait0_sem, d.header.wait0_value) &&
               wait_holds(g, d.header.wait1_sem, d.header.wait1_value)) {
      dropped = cancelled(g, seq);
      o = dropped ? failed(SHIRA_STATUS_CANCELLED, 0) : execute(g, &d);
    } else if (g->watchdog != 0) {
      o = failed(SHIRA_STATUS_NO_PROGRESS, (uint64_t)1 << engine);
    } else {
      g->stuck = true;
      return;
    }
  }
  if (o.mute) {
    mute(g, seq, engine);
    return;
  }
  if (o.status != SHIRA_STATUS_OK && !dropped)
    halt(g, seq, &o);
  else if (d.header.signal_sem != 0)
    g->sem[d.header.signal_sem]++;
  complete(g, seq, d.header.opcode, engine, d.header.flags, &o);
}

void golden_run(struct golden *g) {
  while (!g->stuck && g->ring_head != g->ring_tail) {
    if (g->halted) {
      const struct outcome o = failed(SHIRA_STATUS_CANCELLED, 0);
      complete(g, g->ring_head++, 0, SHIRA_ENGINE_COMMAND, 0, &o);
    } else if (g->enable) {
      step(g);
    } else {
      break;
    }
  }
  golden_irq(g);
}
