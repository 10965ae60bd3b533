// What the golden model cannot foresee. Where engines run beside one that fails, the device decides
// which descriptors are cancelled: the golden model executes those that were not, one after the
// other, and each must have ended as it says. A reset takes what was in flight: of that any part
// may be done, and nothing outside its windows.
#include <string.h>

#include "tests/system/programs/run.h"

static bool is_error(const struct shira_completion *c) {
  return c->status != SHIRA_STATUS_OK && c->status != SHIRA_STATUS_CANCELLED;
}

static bool was_begun(const struct item *item) {
  return item->got.t_start != 0;
}

// ---- Records ----------------------------------------------------------------------------------

// Each descriptor has one; those of an engine come in order.
static bool take_records(struct run *n) {
  uint32_t last[ENGINES] = {0};
  for (uint32_t i = n->reaped; i != n->tail; i++) {
    struct shira_completion c;
    if (!read_record(n, TESTED, i, &c))
      return false;
    struct item *item = item_of(n, c.seq);
    if (!item || item->ended)
      return complain(n, "completion of descriptor %u, which is not in flight", c.seq - n->base);
    item->ended = true;
    item->got = c;
    if (c.engine >= ENGINES)
      return complain(n, "descriptor %u ends on engine %u", c.seq - n->base, c.engine);
    const bool in_order = c.engine != SHIRA_ENGINE_COMMAND && c.status != SHIRA_STATUS_CANCELLED;
    if (in_order && c.seq < last[c.engine])
      return complain(n, "descriptor %u ends behind its successor", c.seq - n->base);
    if (in_order)
      last[c.engine] = c.seq;
    if (is_error(&c) && !n->halted)
      n->error = c;
    n->halted |= is_error(&c);
  }
  return true;
}

static bool check_cancelled(struct run *n, const struct item *item) {
  const struct shira_completion *c = &item->got;
  const struct op *op = op_of(item->d.header.opcode);
  const bool own = c->engine == SHIRA_ENGINE_COMMAND || (op && c->engine == op->engine);
  const bool fetched = c->opcode == item->d.header.opcode;
  if (!n->halted)
    return complain(n, "descriptor %u is cancelled, and nothing failed", c->seq - n->base);
  return (own && c->where == 0 && (fetched || c->opcode == 0) &&
          (was_begun(item) || c->count == 0)) ||
         complain(n, "descriptor %u is cancelled: opcode %u, engine %u, where 0x%llx, count %u",
                  c->seq - n->base, c->opcode, c->engine, (unsigned long long)c->where, c->count);
}

// ---- The golden model -------------------------------------------------------------------------

// What it executes in a descriptor's place: it waits for nothing and signals nothing.
static union shira_descriptor stand_in(const struct item *item) {
  union shira_descriptor d = item->d;
  if (item->got.status == SHIRA_STATUS_CANCELLED)
    d = (union shira_descriptor){.header = {.opcode = SHIRA_OPCODE_NOP}};
  uint8_t *const sems[] = {&d.header.wait0_sem, &d.header.wait1_sem, &d.header.signal_sem};
  for (unsigned i = 0; i < 3; i++)
    if (*sems[i] < SHIRA_SEMAPHORES)
      *sems[i] = 0;
  return d;
}

static bool golden_executes(struct run *n, struct item *item, uint32_t seq) {
  union shira_descriptor *at =
      (union shira_descriptor *)n->ring[GOLDEN].host + (seq & (n->entries - 1));
  *at = stand_in(item);
  const bool cancelled = item->got.status == SHIRA_STATUS_CANCELLED;
  const bool ok =
      write_one(n, GOLDEN, SHIRA_REG_CANCEL_FIRST, seq) &&
      write_one(n, GOLDEN, SHIRA_REG_CANCEL_COUNT, cancelled) &&
      write_one(n, GOLDEN, SHIRA_REG_RING_TAIL, seq + 1) &&
      write_one(n, GOLDEN, SHIRA_REG_CANCEL_COUNT, 0) &&
      write_one(n, GOLDEN, SHIRA_REG_CTRL, SHIRA_REG_CTRL_ENABLE_MASK | SHIRA_REG_CTRL_ACK_MASK) &&
      read_record(n, GOLDEN, seq, &item->want);
  *at = item->d;
  n->seen = seq + 1;
  return ok;
}

// What it left: of a descriptor that was cut off, and of one that read what such a one left, nobody
// knows.
static void note_effects(struct run *n, struct item *item) {
  const bool cancelled = item->got.status == SHIRA_STATUS_CANCELLED;
  const bool unknown = cancelled ? was_begun(item) : world_tainted(n->w, item);
  if (!cancelled)
    world_ended(n->w, item);
  if (unknown)
    world_torn(n->w, item);
  if (cancelled && was_begun(item))
    n->r->met |= 1u << DIM_CUT;
  n->maker.fault_over |= item->trapped && item->got.status != SHIRA_STATUS_OK;
}

static bool replay(struct run *n) {
  for (uint32_t seq = n->reaped; seq != n->tail; seq++) {
    struct item *item = item_of(n, seq);
    const bool cancelled = item->got.status == SHIRA_STATUS_CANCELLED;
    if (!golden_executes(n, item, seq) ||
        !(cancelled ? check_cancelled(n, item) : compare_record(n, item, seq)))
      return false;
    note_effects(n, item);
    const bool write = item->got.status == SHIRA_STATUS_WRITE_SLVERR ||
                       item->got.status == SHIRA_STATUS_WRITE_DECERR;
    if (write && n->tail - n->reaped > 1)
      n->r->met |= 1u << DIM_BESIDE_WRITE;
    if (n->halted && seq > n->error.seq && item->got.status == SHIRA_STATUS_OK)
      n->r->met |= 1u << DIM_BESIDE;
  }
  return true;
}

// ---- Registers --------------------------------------------------------------------------------

static bool compare_status(struct run *n) {
  static const uint32_t same[] = {SHIRA_REG_ERROR_COUNT, SHIRA_REG_RING_HEAD,
                                  SHIRA_REG_COMPLETION_COUNT, SHIRA_REG_IRQ_STATUS};
  for (unsigned i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
    const uint32_t want = read_one(n, GOLDEN, same[i]), got = read_one(n, TESTED, same[i]);
    if (got != want)
      return complain(n, "register 0x%x is 0x%x, golden 0x%x", same[i], got, want);
  }
  const struct shira_completion none = {.seq = 0}, *e = n->halted ? &n->error : &none;
  const uint32_t status =
      SHIRA_REG_STATUS_IDLE_MASK | (n->halted ? SHIRA_REG_STATUS_HALTED_MASK : 0);
  const struct {
    uint32_t offset, want;
  } first[] = {{SHIRA_REG_STATUS, status},
               {SHIRA_REG_ERROR_STATUS, e->status},
               {SHIRA_REG_ERROR_SEQ, e->seq},
               {SHIRA_REG_ERROR_WHERE_LO, (uint32_t)e->where},
               {SHIRA_REG_ERROR_WHERE_HI, (uint32_t)(e->where >> 32)}};
  for (unsigned i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
    const uint32_t got = read_one(n, TESTED, first[i].offset);
    if (got != first[i].want)
      return complain(n, "register 0x%x is 0x%x, the first error says 0x%x", first[i].offset, got,
                      first[i].want);
  }
  return true;
}

bool settle_beside(struct run *n) {
  if (!take_records(n) || !replay(n) || !compare_status(n))
    return false;
  n->reaped = n->tail;
  memcpy(n->w->planned, n->w->loose, n->w->bytes);
  return compare_irq(n);
}

// ---- Resets -----------------------------------------------------------------------------------

// Sequence numbers begin anew; nothing is known of what was in flight.
static void forget_flight(struct run *n) {
  for (uint32_t seq = n->reaped; seq != n->tail; seq++) {
    struct item *item = item_of(n, seq);
    world_torn(n->w, item);
    n->maker.fault_over |= item->trapped;
    n->r->met |= 1u << DIM_RESET;
  }
  memcpy(n->w->planned, n->w->loose, n->w->bytes);
  world_forget(n->w);
  maker_acknowledged(&n->maker);
  n->tail = n->reaped = n->seen = n->last_ended = 0;
  n->base = 0 - n->r->n;
  n->halted = false;
}

bool reset_in_flight(struct run *n) {
  const uint32_t most[] = {10, 200, 3000};
  struct shira_device *dev = n->dev[TESTED];
  const uint32_t cycles = below(&n->rng, most[below(&n->rng, 3)]);
  if (!device_ok(n, dev->ops->advance(dev, cycles), "advance"))
    return false;
  forget_flight(n);
  for (unsigned i = 0; i < DEVICES; i++)
    if (!device_ok(n, n->dev[i]->ops->reset(n->dev[i]), "a reset"))
      return false;
  return start_both(n);
}
