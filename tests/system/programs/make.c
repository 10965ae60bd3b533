// Programs and their descriptors, drawn at random: most are good or nearly so.
#include <string.h>

#include "tests/system/programs/program.h"

#define TRIES 100u

// A generator of its own for each part, so that a program without some descriptors keeps the rest.
static struct rng part_rng(const struct program *p, unsigned part) {
  struct rng r = {p->seed};
  r.state = rng_next(&r) + p->number;
  r.state = rng_next(&r) + part;
  return r;
}

// Engines side by side of which some fail.
static void draw_beside(struct program *p) {
  struct rng r = part_rng(p, LONGEST + 1);
  if (p->order != FREE || one_in(&r, 3))
    return;
  p->order = BESIDE;
  p->bad = one_in(&r, 6) ? 0 : between(&r, 3, 8);
  if (!one_in(&r, 3)) {
    p->fault_at = FAULT_TRAP;
    p->kind = (enum shira_fault_kind)(SHIRA_FAULT_READ_SLVERR + below(&r, 4));
    p->fault_skip = below(&r, 8);
    p->trap_op = one_in(&r, 2) ? SHIRA_OPCODE_COPY : SHIRA_OPCODE_SCATTER;
  }
}

// Where data lie, how long moves and streams are, and whether a reset comes.
static void draw_dimensions(struct program *p) {
  struct rng r = part_rng(p, LONGEST + 2);
  const bool host = one_in(&r, 5);
  for (unsigned i = 0; i < BUFFERS; i++)
    p->host[i] = host && !one_in(&r, 3);
  p->credits = between(&r, 1, 16);
  p->long_rows = one_in(&r, 5);
  p->long_at = one_in(&r, 12) ? below(&r, p->n) : LONGEST;
  p->reset_at = p->fault_at != FAULT_FETCH && one_in(&r, 8) ? between(&r, 1, 3) : 0;
}

void program_draw(struct program *p) {
  static const uint8_t bad[] = {0, 2, 2, 3, 4, 5};
  static const uint32_t peaks[] = {64000, 64000, 64000, 6000};
  struct rng r = part_rng(p, 0);
  p->order = one_in(&r, 5) ? FREE : CHAIN;
  p->n = between(&r, one_in(&r, 4) ? 1 : LONGEST / 3, LONGEST);
  p->bad = p->order == CHAIN ? bad[below(&r, sizeof(bad))] : 0;
  p->ring_log2 = between(&r, 1, 5);
  p->stall = one_in(&r, 2) ? 0 : between(&r, 1, 60);
  p->latency = one_in(&r, 16) ? 100 : between(&r, 1, 20); // long ones only cost time
  p->peak = peaks[below(&r, 4)];
  p->dram = one_in(&r, 3);
  p->dram_ecc = one_in(&r, 2);
  p->watchdog = between(&r, 600, 2500);
  if (p->bad == 0 && one_in(&r, 4))
    p->watchdog = 0;
  p->irqs = below(&r, 4);
  if (p->order == CHAIN && one_in(&r, 2)) {
    p->fault_at = one_in(&r, 5) ? FAULT_FETCH : FAULT_TRAP;
    p->kind = (enum shira_fault_kind)(SHIRA_FAULT_READ_SLVERR +
                                      below(&r, p->fault_at == FAULT_FETCH ? 2 : 4));
    p->fault_skip = one_in(&r, 2) ? 0 : below(&r, 8);
    p->fault_index = below(&r, p->n);
    p->trap_op = one_in(&r, 2) ? SHIRA_OPCODE_COPY : SHIRA_OPCODE_SCATTER;
    if ((p->kind == SHIRA_FAULT_WRITE_SLVERR || p->kind == SHIRA_FAULT_WRITE_DECERR) &&
        SCATTER_OPS <= SHIRA_SCATTER_OP_SWAP)
      p->trap_op = SHIRA_OPCODE_COPY;
  }
  draw_beside(p);
  draw_dimensions(p);
}

void maker_acknowledged(struct maker *m) {
  memset(m->signals, 0, sizeof(m->signals));
  m->last_sem = 0;
}

// ---- Spoiling ---------------------------------------------------------------------------------

static uint64_t other_value(struct rng *r, uint64_t v, unsigned bytes) {
  static const uint32_t sizes[] = {0x10000, 0x4000, 0x1000};
  switch (below(r, 11)) {
  case 0:
    return v + 1;
  case 1:
    return v - 1;
  case 2:
    return v + (UINT64_C(1) << below(r, 7));
  case 3:
    return v - (UINT64_C(1) << below(r, 7));
  case 4:
    return 0;
  case 5:
    return UINT64_MAX - (one_in(r, 2) ? 0 : below(r, 300));
  case 6:
    return UINT64_C(1) << below(r, 8 * bytes);
  case 7:
    return below(r, 32);
  case 8:
    return v ^ UINT64_C(1) << below(r, 8 * bytes);
  case 9:
    return sizes[below(r, 3)] - 8 * below(r, 9);
  default:
    return rng_next(r);
  }
}

static const char *spoil_field(struct maker *m, const struct op *op, union shira_descriptor *d) {
  unsigned n = 0;
  while (op->fields[n].name)
    n++;
  const struct field *f = &op->fields[below(&m->rng, n)];
  uint64_t v = 0;
  memcpy(&v, d->raw + f->offset, f->bytes);
  v = other_value(&m->rng, v, f->bytes);
  memcpy(d->raw + f->offset, &v, f->bytes);
  return f->name;
}

// The window loses a little, or all.
static const char *spoil_window(struct maker *m, const struct op *op, union shira_descriptor *d) {
  uint64_t *bound[2] = {NULL, NULL};
  for (const struct field *f = op->fields; f->name; f++) {
    if (strcmp(f->name, "win_lo") == 0)
      bound[0] = (uint64_t *)(void *)(d->raw + f->offset);
    if (strcmp(f->name, "win_hi") == 0)
      bound[1] = (uint64_t *)(void *)(d->raw + f->offset);
  }
  if (!bound[0] || !bound[1])
    return "";
  const uint64_t units[] = {1, 4, 8, 16, *bound[1] - *bound[0]};
  const uint64_t by = units[below(&m->rng, 5)];
  if (one_in(&m->rng, 2))
    *bound[0] += by;
  else
    *bound[1] -= by;
  return "window";
}

// An address in memory where nothing is, or where it ends.
static const char *spoil_nowhere(struct maker *m, union shira_descriptor *d) {
  struct rng *r = &m->rng;
  const uint64_t end = world_addr(m->world, DATA_BYTES);
  const uint64_t places[] = {
      0,   0x1000,   SHIRA_MEMORY_BASE - 128,     UINT64_C(1) << 63, UINT64_MAX - 511,
      end, end - 64, end - 32 * between(r, 1, 16)};
  const uint64_t at = places[below(r, 8)];
  if (d->header.opcode == SHIRA_OPCODE_SCATTER && d->scatter.space == SHIRA_SPACE_MEMORY &&
      one_in(r, 2)) {
    d->scatter.mem_base = d->scatter.win_lo = at & ~(uint64_t)(m->hw->memory_burst_bytes - 1);
    d->scatter.win_hi = d->scatter.win_lo + 0x10000;
  } else if (d->header.opcode == SHIRA_OPCODE_SCATTER) {
    d->scatter.stream_addr = at;
  } else if (d->header.opcode == SHIRA_OPCODE_COPY && one_in(r, 2)) {
    d->copy.src_space = SHIRA_SPACE_MEMORY;
    d->copy.src_addr = at;
  } else if (d->header.opcode == SHIRA_OPCODE_COPY) {
    d->copy.dst_space = SHIRA_SPACE_MEMORY;
    d->copy.dst_addr = d->copy.win_lo = at;
    d->copy.win_hi = UINT64_MAX;
  }
  return "nowhere";
}

static const char *spoil_body(struct maker *m, const struct op *op, union shira_descriptor *d) {
  const unsigned way = below(&m->rng, op->spoil ? 25 : 10);
  if (way < 6) {
    const char *name = spoil_field(m, op, d);
    return one_in(&m->rng, 4) ? spoil_field(m, op, d) : name;
  }
  if (way < 8)
    return spoil_window(m, op, d);
  if (way < 9)
    return spoil_nowhere(m, d);
  if (way < 10) {
    for (unsigned i = 16; i < sizeof(d->raw); i++)
      d->raw[i] = (uint8_t)rng_next(&m->rng);
    for (int i; (i = shira_reserved_byte(d)) >= 0;)
      d->raw[i] = 0;
    return "noise";
  }
  return op->spoil(m, d);
}

// ---- The fault in the trap --------------------------------------------------------------------

// Lets the descriptor, of the opcode that the trap is for, run into it: a stream is made there, a
// COPY reads or writes there.
static void into_trap(struct maker *m, union shira_descriptor *d) {
  const uint64_t at = world_addr(m->world, DATA_TRAP) + 8 * below(&m->rng, 9);
  const bool write =
      m->program->kind == SHIRA_FAULT_WRITE_SLVERR || m->program->kind == SHIRA_FAULT_WRITE_DECERR;
  if (d->header.opcode != SHIRA_OPCODE_COPY) {
    d->scatter.op = write ? SHIRA_SCATTER_OP_SWAP : d->scatter.op;
  } else if (write) {
    d->copy.dst_space = SHIRA_SPACE_MEMORY;
    d->copy.win_hi += at - d->copy.dst_addr;
    d->copy.win_lo += at - d->copy.dst_addr;
    d->copy.dst_addr = at;
  } else {
    d->copy.src_space = SHIRA_SPACE_MEMORY;
    d->copy.src_addr = at;
  }
}

// ---- Headers ----------------------------------------------------------------------------------

// Waits for the descriptor before, and for something that is there already.
static void chain_header(struct maker *m, struct shira_desc_header *h, bool *second) {
  struct rng *r = &m->rng;
  static const uint32_t back[] = {0, 1, 5, 0x7fffffff};
  const uint8_t sem = (uint8_t)between(r, 0, SHIRA_SEMAPHORES - 1);
  uint8_t sems[2] = {m->last_sem, sem};
  uint32_t values[2] = {m->signals[m->last_sem], m->signals[sem] - back[below(r, 4)]};
  const unsigned first = below(r, 2);
  h->wait0_sem = sems[first];
  h->wait0_value = values[first];
  h->wait1_sem = sems[!first];
  h->wait1_value = values[!first];
  *second = first;
  h->signal_sem = m->last_sem = (uint8_t)between(r, 1, SHIRA_SEMAPHORES - 1);
  m->signals[h->signal_sem]++;
}

// Semaphore 1 + e counts what engine e has ended. Waits for the other engines' descriptors that
// stand in the way; those of its own run in order.
static void free_header(struct maker *m, struct item *item, unsigned index) {
  struct shira_desc_header *h = &item->d.header;
  const unsigned engine = item->op->engine;
  unsigned after[ENGINES], waits = 0;
  uint8_t sems[2] = {0, 0};
  uint32_t values[2] = {0, 0};
  m->engine_of[index] = (uint8_t)engine;
  world_depend(m->world, item, index, m->engine_of, after);
  for (unsigned e = 0; e < ENGINES; e++)
    if (e != engine && after[e] != 0) { // at most two: NOP stands in nobody's way
      sems[waits] = (uint8_t)(1 + e);
      values[waits++] = m->ordinal[after[e] - 1];
    }
  const unsigned first = below(&m->rng, 2);
  h->wait0_sem = sems[first];
  h->wait0_value = values[first];
  h->wait1_sem = sems[!first];
  h->wait1_value = values[!first];
  h->signal_sem = (uint8_t)(1 + engine);
  m->ordinal[index] = ++m->signals[h->signal_sem];
}

// One of the bytes that must be zero is not.
static void spoil_reserved(struct rng *r, union shira_descriptor *d) {
  union shira_descriptor probe;
  unsigned byte;
  do {
    byte = between(r, 5, sizeof(d->raw) - 1);
    memset(&probe, 0, sizeof(probe));
    probe.header.opcode = d->header.opcode;
    probe.raw[byte] = 1;
  } while (shira_reserved_byte(&probe) < 0);
  d->raw[byte] = (uint8_t)between(r, 1, 255);
}

// What no engine ever sees. `second`: the chain is in wait1.
static void spoil_header(struct maker *m, struct item *item, bool second) {
  struct rng *r = &m->rng;
  struct shira_desc_header *h = &item->d.header;
  static const uint32_t ahead[] = {1, 2, 0x7fffffff, 0x80000000};
  uint8_t *const sems[] = {&h->wait0_sem, &h->wait1_sem, &h->signal_sem};
  uint8_t *sem = second ? &h->wait0_sem : &h->wait1_sem;
  uint32_t *value = second ? &h->wait0_value : &h->wait1_value;
  item->refused = true;
  // Beside others a wait that never ends is not the only thing that moves.
  const bool stuck = m->program->watchdog && m->program->order != BESIDE;
  switch (below(r, stuck ? 7 : 5)) {
  case 0:
    item->spoiled = "zeroed";
    memset(&item->d, 0, sizeof(item->d));
    break;
  case 1:
    item->spoiled = "opcode";
    h->opcode = (uint8_t)between(r, SHIRA_OPCODE_COUNT, 255);
    break;
  case 2:
    item->spoiled = "semaphore";
    *sems[below(r, 3)] = (uint8_t)between(r, SHIRA_SEMAPHORES, 255);
    break;
  case 3:
    item->spoiled = "reserved";
    spoil_reserved(r, &item->d);
    break;
  case 4:
    item->spoiled = "flags";
    h->flags |= (uint8_t)(1u << between(r, 1, 7));
    break;
  default:
    item->spoiled = "wait";
    *sem = (uint8_t)between(r, 1, SHIRA_SEMAPHORES - 1);
    *value = m->signals[*sem] - (*sem == h->signal_sem) + ahead[below(r, 4)];
  }
}

// ---- Descriptors ------------------------------------------------------------------------------

static const struct op *draw_op(struct rng *r) {
  unsigned all = 0, i = 0;
  for (unsigned o = 0; o < OPS; o++)
    all += ops[o].weight;
  for (unsigned n = below(r, all); n >= ops[i].weight; i++)
    n -= ops[i].weight;
  return &ops[i];
}

// A SWAP has left in its stream what it replaced: the same again brings that back.
static bool make_again(struct maker *m, struct item *item) {
  if (!item->streams || m->swap.opcode == 0 || !one_in(&m->rng, 4))
    return false;
  item->d.scatter = m->swap;
  item->slot = m->swap.stream_addr;
  item->room = item->slot == world_addr(m->world, DATA_LONG) ? LONG_BYTES : SLOT_BYTES;
  item->streams = false;
  return true;
}

// A body, good, spoiled, or good and into the trap. false: it would not be defined.
static bool try_body(struct maker *m, unsigned index, bool bad, bool trap, struct item *item) {
  memset(item, 0, sizeof(*item));
  item->spoiled = "";
  const bool is_long = index == m->program->long_at && !trap;
  item->op = trap ? op_of(m->program->trap_op) : draw_op(&m->rng);
  // What one engine has at once is in order without a wait: that wants to be tried often.
  if (m->program->order != CHAIN && m->last_op && one_in(&m->rng, 2))
    item->op = m->last_op;
  if (is_long)
    item->op = op_of(SHIRA_OPCODE_SCATTER);
  item->trapped = trap;
  item->d.header.opcode = item->op->opcode;
  item->streams = item->op->opcode == SHIRA_OPCODE_SCATTER;
  item->slot = world_addr(m->world, trap && item->streams ? DATA_TRAP
                                    : is_long             ? DATA_LONG
                                                          : DATA_STREAMS + index * SLOT_BYTES);
  item->room = is_long ? LONG_BYTES : SLOT_BYTES;
  m->stream_addr = item->slot;
  m->stream_room = item->room;
  if (bad || trap || is_long || !make_again(m, item))
    item->op->make(m, &item->d);
  if (trap)
    into_trap(m, &item->d);
  else if (bad && item->op->fields[0].name)
    item->spoiled = spoil_body(m, item->op, &item->d);
  const enum verdict v = world_judge(m->world, item);
  item->refused = v == REFUSED;
  return v == DEFINED ? bad || !item->nowhere : v == REFUSED && bad && !trap;
}

static bool note_hot(void *context, const struct access *a) {
  struct maker *m = context;
  uint32_t at = (uint32_t)a->addr;
  uint64_t end = m->world->size[a->space];
  if (a->space == SHIRA_SPACE_MEMORY)
    end = a->addr + world_room(m->world, a->addr, &at);
  if (a->kind == WRITES || a->kind == UPDATES) {
    m->wrote.space = a->space;
    m->wrote.addr = a->addr;
    m->wrote.end = end;
  }
  m->hot[a->space][m->hot_next++ % HOT] = at;
  return true;
}

void make_item(struct maker *m, unsigned index, struct item *item) {
  const struct program *p = m->program;
  m->rng = part_rng(p, 1 + index);
  struct rng *r = &m->rng;
  const bool bad = p->bad && one_in(r, p->bad) && (p->fault_at != FAULT_FETCH || m->fault_over);
  bool bad_header = bad && one_in(r, 6);
  // A stream in the trap would be written over by another one.
  const bool trap = p->fault_at == FAULT_TRAP && !m->fault_over && !m->trap_stream && one_in(r, 3);
  unsigned tries = 0;
  while (!try_body(m, index, bad && !bad_header, trap, item) && ++tries < TRIES)
    continue;
  if (tries == TRIES) {
    memset(item, 0, sizeof(*item));
    item->spoiled = "";
    item->op = op_of(SHIRA_OPCODE_NOP);
    item->d.header.opcode = SHIRA_OPCODE_NOP;
  }
  m->last_op = item->op;
  m->trap_stream |= item->trapped && item->streams;
  if (item->streams && !bad && !trap && item->d.scatter.op == SHIRA_SCATTER_OP_SWAP)
    m->swap = item->d.scatter;                    // without its header
  bad_header |= bad && !item->op->fields[0].name; // it has no other fields
  struct shira_desc_header *h = &item->d.header;
  h->flags = (uint8_t)below(r, 2);
  if (!item->refused)
    item->op->touch(m->hw, &item->d, note_hot, m);
  bool second = false;
  if (p->order == CHAIN)
    chain_header(m, h, &second);
  else
    free_header(m, item, index);
  if (bad_header)
    spoil_header(m, item, second);
}
