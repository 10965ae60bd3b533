// Runs a program on the golden model and on the device under test, step by step, and compares:
// completions, registers of status, and in the end all of memory and of the SRAMs.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/programs/run.h"

#define DEADLINE 1000000u // cycles within which everything that was submitted has ended
#define STEP 48u          // cycles between two looks

// ---- Completions ------------------------------------------------------------------------------

struct item *item_of(struct run *n, uint32_t seq) {
  if (!n->tracking || seq - n->base >= n->r->n)
    return NULL;
  return &n->r->items[seq - n->base];
}

bool read_record(struct run *n, unsigned i, uint32_t count, struct shira_completion *c) {
  const uint8_t *at = n->records[i].host;
  memcpy(c, at + (size_t)(count & (n->entries - 1)) * SHIRA_COMPLETION_BYTES, sizeof(*c));
  const uint32_t phase = ~(count >> n->p->ring_log2) & 1;
  return c->phase == phase || complain(n, "completion %u of %s has phase %u", count,
                                       i == GOLDEN ? "golden" : "the device", c->phase);
}

static bool same_cancelled(const struct item *item, const struct shira_completion *got) {
  const struct op *op = op_of(item->d.header.opcode);
  const bool engine =
      got->engine == SHIRA_ENGINE_COMMAND || (op != NULL && got->engine == op->engine);
  // It may or may not have been fetched, or reached its queue.
  return (got->opcode == 0 || got->opcode == item->d.header.opcode) && engine && got->where == 0 &&
         got->count == 0;
}

// `last`: nothing was submitted behind it.
static bool same_record(const struct item *item, const struct shira_completion *got, bool last) {
  const struct shira_completion *want = &item->want;
  if (got->seq != want->seq || got->status != want->status)
    return false;
  if (want->status == SHIRA_STATUS_CANCELLED)
    return same_cancelled(item, got);
  // Those behind it may have reached their queues: their engines are not idle either.
  const bool where = want->status == SHIRA_STATUS_NO_PROGRESS && !last
                         ? (got->where & want->where) == want->where && got->where < UINT64_C(1)
                                                                                         << ENGINES
                         : got->where == want->where;
  const bool torn = want->status <= SHIRA_STATUS_WRITE_DECERR &&
                    want->status >= (want->opcode == SHIRA_OPCODE_COPY ? SHIRA_STATUS_READ_SLVERR
                                                                       : SHIRA_STATUS_WRITE_SLVERR);
  return where && got->opcode == want->opcode && got->engine == want->engine &&
         (torn || got->count == want->count);
}

bool compare_record(struct run *n, struct item *item, uint32_t seq) {
  const struct shira_completion *a = &item->want, *b = &item->got;
  if (same_record(item, b, seq + 1 == n->tail))
    return true;
  return complain(
      n,
      "descriptor %u (%s%s%s): status %s, golden %s; where 0x%llx, golden 0x%llx; count "
      "%u, golden %u; opcode %u, golden %u; engine %u, golden %u",
      seq - n->base, item->op->name, item->spoiled[0] ? ", bad " : "", item->spoiled,
      shira_status_name(b->status), shira_status_name(a->status), (unsigned long long)b->where,
      (unsigned long long)a->where, b->count, a->count, b->opcode, a->opcode, b->engine, a->engine);
}

// Takes the records of the device under test up to the tail.
static bool reap(struct run *n) {
  for (; n->reaped != n->tail; n->reaped++) {
    struct shira_completion c;
    if (!read_record(n, TESTED, n->reaped, &c))
      return false;
    if (!n->tracking) {
      if (c.status != SHIRA_STATUS_OK)
        return complain(n, "SRAMs cannot be moved: %s", shira_status_name(c.status));
      continue;
    }
    struct item *item = item_of(n, c.seq);
    if (!item || item->ended)
      return complain(n, "completion of descriptor %u, which is not in flight", c.seq - n->base);
    // What is cancelled ends in any order, also before the descriptor that the watchdog names.
    if (n->p->order == CHAIN && c.status != SHIRA_STATUS_CANCELLED) {
      if (c.seq < n->last_ended)
        return complain(n, "descriptor %u ends behind its successor", c.seq - n->base);
      n->last_ended = c.seq;
    }
    item->ended = true;
    item->got = c;
    if (n->plant == PLANT_COMPLETION)
      item->got.where ^= 1;
    if (!compare_record(n, item, c.seq))
      return false;
  }
  return true;
}

// Notes how the golden model ended what was submitted.
static bool observe(struct run *n) {
  n->halted = read_one(n, GOLDEN, SHIRA_REG_STATUS) & SHIRA_REG_STATUS_HALTED_MASK;
  for (; n->seen != n->tail; n->seen++) {
    struct shira_completion c;
    if (!read_record(n, GOLDEN, n->seen, &c))
      return false;
    if (c.seq != n->seen)
      return complain(n, "golden ends descriptor %u, not %u", c.seq, n->seen);
    struct item *item = item_of(n, c.seq);
    if (!item)
      continue;
    item->want = c;
    const bool did = c.status == SHIRA_STATUS_OK ||
                     (c.status >= SHIRA_STATUS_STREAM_CRC && c.status <= SHIRA_STATUS_WRITE_DECERR);
    if (item->refused && did && c.opcode != 0)
      return complain(n,
                      "the test is wrong: descriptor %u (%s, bad %s) must do nothing, but ends %s",
                      c.seq - n->base, item->op->name, item->spoiled, shira_status_name(c.status));
    const bool cancelled =
        c.status == SHIRA_STATUS_CANCELLED && c.seq - n->cancel_first < n->cancel_count;
    if (n->p->order == FREE && c.status != SHIRA_STATUS_OK && !cancelled)
      return complain(n, "the test is wrong: descriptor %u (%s) must be good, but ends %s",
                      c.seq - n->base, item->op->name, shira_status_name(c.status));
    const bool memory =
        c.status >= SHIRA_STATUS_READ_SLVERR && c.status <= SHIRA_STATUS_WRITE_DECERR;
    n->maker.fault_over |= memory && !item->nowhere;
    world_ended(n->w, item);
  }
  memcpy(n->w->planned, n->w->loose, n->w->bytes);
  return true;
}

// ---- Waiting ----------------------------------------------------------------------------------

static bool compare_registers(struct run *n) {
  static const struct {
    uint32_t offset;
    const char *name;
  } regs[] = {
      {SHIRA_REG_STATUS, "status"},         {SHIRA_REG_ERROR_STATUS, "error_status"},
      {SHIRA_REG_ERROR_SEQ, "error_seq"},   {SHIRA_REG_ERROR_COUNT, "error_count"},
      {SHIRA_REG_RING_HEAD, "ring_head"},   {SHIRA_REG_COMPLETION_COUNT, "completion_count"},
      {SHIRA_REG_IRQ_STATUS, "irq_status"},
  };
  for (size_t i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
    const uint32_t want = read_one(n, GOLDEN, regs[i].offset);
    const uint32_t got = read_one(n, TESTED, regs[i].offset) ^ (n->plant == PLANT_REGISTER);
    if (got != want)
      return complain(n, "register %s is 0x%x, golden 0x%x", regs[i].name, got, want);
  }
  // error_where is the completion's, which was compared.
  const struct item *item = n->halted ? item_of(n, read_one(n, TESTED, SHIRA_REG_ERROR_SEQ)) : NULL;
  const uint64_t where = read_one(n, TESTED, SHIRA_REG_ERROR_WHERE_LO) |
                         (uint64_t)read_one(n, TESTED, SHIRA_REG_ERROR_WHERE_HI) << 32;
  const uint64_t want = item ? item->got.where : 0;
  return where == want || complain(n, "register error_where is 0x%llx, the completion says 0x%llx",
                                   (unsigned long long)where, (unsigned long long)want);
}

// The interrupt line is as the registers say.
bool compare_irq(struct run *n) {
  const bool high = read_one(n, GOLDEN, SHIRA_REG_IRQ_STATUS) & n->p->irqs;
  for (unsigned i = 0; i < DEVICES; i++) {
    const int rc = n->dev[i]->ops->wait_irq(n->dev[i], 4);
    if (rc != (high ? 0 : -ETIMEDOUT))
      return complain(n, "the interrupt line of %s is %s", i == GOLDEN ? "golden" : "the device",
                      high ? "low" : "high");
  }
  return one_in(&n->rng, 2) || write_both(n, SHIRA_REG_IRQ_STATUS, 3);
}

// Lets the device end all that was submitted.
static bool wait_idle(struct run *n) {
  struct shira_device *dev = n->dev[TESTED];
  uint32_t status;
  for (unsigned cycles = 0;; cycles += STEP) {
    status = read_one(n, TESTED, SHIRA_REG_STATUS);
    if (n->r->why[0])
      return false;
    if ((status & SHIRA_REG_STATUS_IDLE_MASK) && !(status & SHIRA_REG_STATUS_DRAINING_MASK))
      return true;
    if (cycles > DEADLINE)
      return complain(n, "it hangs: status 0x%x, %u of %u descriptors ended", status,
                      read_one(n, TESTED, SHIRA_REG_COMPLETION_COUNT), n->tail);
    if (!device_ok(n, dev->ops->advance(dev, STEP), "advance"))
      return false;
  }
}

// The same, then compares.
static bool settle(struct run *n) {
  if (!wait_idle(n))
    return false;
  if (n->p->order == BESIDE && n->tracking)
    return settle_beside(n);
  return reap(n) && compare_registers(n) && compare_irq(n);
}

static bool acknowledge(struct run *n) {
  n->halted = false;
  maker_acknowledged(&n->maker);
  world_forget(n->w);
  return write_both(n, SHIRA_REG_CTRL, SHIRA_REG_CTRL_ENABLE_MASK | SHIRA_REG_CTRL_ACK_MASK);
}

// ---- Submitting -------------------------------------------------------------------------------

static bool submit(struct run *n, const union shira_descriptor *d) {
  if (n->tail - n->reaped == n->entries && !settle(n))
    return false;
  for (unsigned i = 0; i < DEVICES; i++)
    memcpy((union shira_descriptor *)n->ring[i].host + (n->tail & (n->entries - 1)), d, sizeof(*d));
  n->tail++;
  return true;
}

// Moves all SRAMs: filled from the image, or read back.
static bool move_srams(struct run *n, bool fill) {
  n->tracking = false;
  for (unsigned s = 1; s < SPACES; s++) {
    union shira_descriptor d = {.copy = {.opcode = SHIRA_OPCODE_COPY, .rows = 1}};
    const uint64_t sram = n->w->first[s] - DATA_BYTES;
    d.copy.src_space = (uint8_t)(fill ? SHIRA_SPACE_MEMORY : s);
    d.copy.dst_space = (uint8_t)(fill ? s : SHIRA_SPACE_MEMORY);
    d.copy.traffic = SHIRA_TRAFFIC_CHECK;
    d.copy.row_bytes = n->w->size[s];
    d.copy.src_addr = fill ? world_addr(n->w, DATA_IMAGE + (uint32_t)sram) : 0;
    d.copy.dst_addr = d.copy.win_lo = fill ? 0 : n->back[0].addr + sram;
    d.copy.win_hi = d.copy.win_lo + d.copy.row_bytes;
    if (!submit(n, &d) || !write_both(n, SHIRA_REG_RING_TAIL, n->tail) || !observe(n))
      return false;
  }
  return settle(n);
}

// The next item, if it was not dropped, and its stream.
static bool submit_item(struct run *n, unsigned index) {
  struct item *item = &n->r->items[n->r->n];
  make_item(&n->maker, index, item);
  uint32_t at = 0;
  if (item->streams && world_room(n->w, item->slot, &at) != 0) {
    memcpy(n->w->start + at, n->maker.stream, item->room);
    for (unsigned i = 0; i < DEVICES; i++)
      memcpy(data_byte(n, i, at), n->maker.stream, item->room);
  }
  if (!submit(n, &item->d))
    return false;
  item->seq = n->tail - 1;
  n->r->n++;
  world_plan(n->w, item);
  return true;
}

// ---- Cancelling -------------------------------------------------------------------------------

// The end of the piece that was submitted, so that nothing behind it reads what it would have
// written.
static void draw_cancel(struct run *n) {
  n->cancel_first = n->reaped + below(&n->rng, n->tail - n->reaped);
  n->cancel_count = n->tail - n->cancel_first;
}

// Both devices know before the doorbell what is cancelled.
static bool cancel_early(struct run *n) {
  draw_cancel(n);
  return write_both(n, SHIRA_REG_CANCEL_COUNT, 0) &&
         write_both(n, SHIRA_REG_CANCEL_FIRST, n->cancel_first) &&
         write_both(n, SHIRA_REG_CANCEL_COUNT, n->cancel_count) &&
         write_both(n, SHIRA_REG_RING_TAIL, n->tail);
}

// The device under test is told at any moment; the golden model then cancels what that one's
// records say.
static bool cancel_late(struct run *n) {
  struct shira_device *dev = n->dev[TESTED];
  bool cancelled[LONGEST] = {false};
  draw_cancel(n);
  if (!write_one(n, TESTED, SHIRA_REG_CANCEL_COUNT, 0) ||
      !write_one(n, TESTED, SHIRA_REG_CANCEL_FIRST, n->cancel_first) ||
      !write_one(n, TESTED, SHIRA_REG_RING_TAIL, n->tail) ||
      !device_ok(n, dev->ops->advance(dev, below(&n->rng, 800)), "advance") ||
      !write_one(n, TESTED, SHIRA_REG_CANCEL_COUNT, n->cancel_count) || !wait_idle(n))
    return false;
  for (uint32_t i = n->reaped; i != n->tail; i++) {
    struct shira_completion c;
    if (!read_record(n, TESTED, i, &c))
      return false;
    if (c.seq - n->reaped < LONGEST)
      cancelled[c.seq - n->reaped] = c.status == SHIRA_STATUS_CANCELLED;
  }
  for (uint32_t seq = n->reaped; seq != n->tail; seq++)
    if (!write_one(n, GOLDEN, SHIRA_REG_CANCEL_FIRST, seq) ||
        !write_one(n, GOLDEN, SHIRA_REG_CANCEL_COUNT, cancelled[seq - n->reaped]) ||
        !write_one(n, GOLDEN, SHIRA_REG_RING_TAIL, seq + 1))
      return false;
  return write_both(n, SHIRA_REG_CANCEL_COUNT, 0);
}

// What was submitted begins; the golden model executes it at once, but where it cannot know what
// will be cancelled.
static bool ring_doorbell(struct run *n, bool cancel) {
  if (n->p->order == BESIDE)
    return write_one(n, TESTED, SHIRA_REG_RING_TAIL, n->tail);
  if (!(!cancel              ? write_both(n, SHIRA_REG_RING_TAIL, n->tail)
        : one_in(&n->rng, 2) ? cancel_early(n)
                             : cancel_late(n)))
    return false;
  return observe(n);
}

// Rings the doorbell for the program piece by piece, acknowledging errors in between.
static bool run_pieces(struct run *n) {
  n->tracking = true;
  n->base = n->tail;
  for (unsigned index = 0; index < n->p->n;) {
    const unsigned most = n->entries < 8 ? n->entries : 8;
    unsigned piece = between(&n->rng, 1, most);
    const bool wait = one_in(&n->rng, 3) || n->p->fault_at == FAULT_TRAP;
    if ((wait || (n->halted && !one_in(&n->rng, 5))) && !settle(n))
      return false;
    if (n->tail - n->reaped + piece > n->entries && !settle(n))
      return false;
    if (n->halted && n->reaped == n->tail && !one_in(&n->rng, 6) && !acknowledge(n))
      return false;
    const bool cancel = !n->halted && n->p->order != BESIDE && one_in(&n->rng, 8);
    if (cancel && !settle(n))
      return false;
    for (; piece > 0 && index < n->p->n; index++)
      if (!n->p->dropped[index]) {
        if (!submit_item(n, index))
          return false;
        piece--;
      }
    if (!ring_doorbell(n, cancel && n->tail != n->reaped))
      return false;
    const unsigned rest = one_in(&n->rng, 2) ? 0 : below(&n->rng, 200);
    if (!device_ok(n, n->dev[TESTED]->ops->advance(n->dev[TESTED], rest), "advance"))
      return false;
    if (++n->doorbells == n->p->reset_at && !reset_in_flight(n))
      return false;
  }
  return settle(n) && (!n->halted || acknowledge(n));
}

// ---- Memories ---------------------------------------------------------------------------------

static const uint8_t *world_byte(const struct run *n, unsigned i, uint32_t at) {
  return at < DATA_BYTES ? data_byte(n, i, at)
                         : (const uint8_t *)n->back[i].host + (at - DATA_BYTES);
}

static bool compare_world(struct run *n) {
  static const char *const names[DEVICES] = {"golden", "the device"};
  for (uint32_t at = 0; at < n->w->bytes; at++) {
    const uint8_t a = *world_byte(n, GOLDEN, at), b = *world_byte(n, TESTED, at);
    unsigned s = SPACES - 1;
    while (at < n->w->first[s])
      s--;
    const uint32_t addr = at - n->w->first[s];
    if (a != b && !n->w->loose[at])
      return complain(n, "%s at 0x%x: %02x, golden %02x, %02x at the start", shira_space_name(s),
                      addr, b, a, n->w->start[at]);
    for (unsigned i = 0; i < DEVICES; i++)
      if (!n->w->may[at] && *world_byte(n, i, at) != n->w->start[at])
        return complain(n, "%s changed %s outside all windows at 0x%x: %02x, was %02x", names[i],
                        shira_space_name(s), addr, *world_byte(n, i, at), n->w->start[at]);
  }
  return true;
}

// What no descriptor may write, before it is read back into: rings as they were written, back
// empty.
static bool compare_kept(struct run *n) {
  if (memcmp(n->ring[GOLDEN].host, n->ring[TESTED].host, n->ring[GOLDEN].bytes) != 0)
    return complain(n, "the ring changed");
  for (unsigned i = 0; i < DEVICES; i++)
    for (size_t b = 0; b < n->back[i].bytes; b++)
      if (((const uint8_t *)n->back[i].host)[b] != 0)
        return complain(n, "memory that nobody named changed");
  return true;
}

// A byte that nothing could have changed.
static void plant_byte(struct run *n, bool both) {
  for (uint32_t at = DATA_BYTES; at < n->w->bytes; at++)
    if (!n->w->may[at] && !n->w->loose[at]) {
      for (unsigned i = both ? 0 : 1; i < DEVICES; i++)
        ((uint8_t *)n->back[i].host)[at - DATA_BYTES] ^= 1;
      return;
    }
}

void program_run(const struct program *p, const char *backend, const struct shira_machine *hw,
                 struct world *w, enum plant plant, struct result *r) {
  struct run *n = calloc(1, sizeof(*n));
  memset(r, 0, sizeof(*r));
  if (!n) {
    strcpy(r->why, "no memory");
    return;
  }
  *n = (struct run){.p = p, .r = r, .w = w, .hw = *hw, .plant = plant};
  n->rng.state = ~(p->seed * 1000003 + p->number);
  n->hw.memory_latency = p->latency;
  n->hw.memory_peak_mb_s = p->peak;
  n->hw.host_latency = 2 * p->latency;
  n->hw.host_peak_mb_s = p->peak / 2;
  n->hw.host_credits = p->credits;
  n->hw.has_dram = p->dram && hw->has_dram;
  n->hw.dram.ecc = p->dram_ecc ? SHIRA_ECC_WORD : SHIRA_ECC_NONE;
  n->entries = 1u << p->ring_log2;
  n->maker = (struct maker){.program = p, .world = w, .hw = &n->hw};
  w->hw = &n->hw;
  world_clear(w, &n->rng);
  place_world(n);
  if (open_both(n, backend) && map_world(n) && start_both(n) && move_srams(n, true) &&
      run_pieces(n) && compare_kept(n) && move_srams(n, false)) {
    if (plant == PLANT_SRAM || plant == PLANT_WINDOW)
      plant_byte(n, plant == PLANT_WINDOW);
    compare_world(n);
  }
  for (unsigned i = 0; i < DEVICES; i++) {
    struct shira_device_info info = {.cycles = 0};
    if (n->dev[i])
      n->dev[i]->ops->describe(n->dev[i], &info);
    r->cycles = info.cycles;
    if (n->dev[i])
      n->dev[i]->ops->close(n->dev[i]);
  }
  free(n);
}
