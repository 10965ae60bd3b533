#include "sim/dram/timing.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define NONE UINT32_MAX

struct bank {
  uint32_t row;
  uint64_t act, pre, rd, wr, masked, refpb; // earliest clock of that command here
};

struct group {
  uint64_t act, rd, wr, masked;
};

struct rank {
  uint64_t act, pre, rd, wr, ref, refpb;
  uint64_t wck;      // first clock at which WCK stands still
  uint64_t acts[4];  // first clock of a further ACT by the last four, a ring
  uint32_t act_at;   // oldest of them
  uint32_t open;     // banks
  uint32_t begun;    // bank between ACT1 and ACT, NONE
  uint64_t begun_by; // last clock of its ACT
};

struct shira_dram_timing {
  uint32_t ranks, banks, per_group;
  uint32_t upper; // REFPB: to the bank of the upper half that it refreshes as well, 0 for none
  uint32_t cas;   // clocks of a CAS, 0 for none
  uint32_t taad, tppd, trcd, trcd_write, trp, trp_all, tras, trc, tccd_s, tccd_l, tccd_l_write,
      tccd_masked, tccd_masked_l, trrd_s, trrd_l, tfaw, trtp, trtw_s, trtw_l, twckpst, trfc,
      trfc_bank, trefpb_act, trefpb;
  uint32_t read, write;                            // command to end of data
  uint32_t write_pre, write_read_s, write_read_l;  // command to command
  uint32_t other_rr, other_rw, other_wr, other_ww; // the same, to another rank
  uint32_t bus_clocks[SHIRA_DRAM_COMMANDS];
  uint32_t edge[SHIRA_DRAM_COMMANDS];   // from a command's first clock to its last, which counts
  uint32_t bus_of[SHIRA_DRAM_COMMANDS]; // command bus
  uint64_t *bus;                        // of both: first clock at which it is free
  // From here on what commands change.
  uint64_t own_bus[2];
  struct rank rank[SHIRA_DRAM_RANKS];
  struct group group[SHIRA_DRAM_RANKS][SHIRA_DRAM_BANKS];
  struct bank bank[SHIRA_DRAM_RANKS][SHIRA_DRAM_BANKS];
};

static void later(uint64_t *earliest, uint64_t clock) {
  if (*earliest < clock)
    *earliest = clock;
}

static uint64_t most(uint64_t a, uint64_t b) {
  return a > b ? a : b;
}

const char *shira_dram_command_name(enum shira_dram_command command) {
  static const char *const names[] = {"ACT", "PRE", "PREA",  "RD",  "WR",
                                      "MWR", "REF", "REFPB", "ACT1"};
  return names[command];
}

void shira_dram_leave_out(struct shira_dram_standard *s, unsigned rules) {
  const struct shira_timing none = {0, 0};
  if (rules & SHIRA_DRAM_MASKED_GAPS)
    s->tccd_masked = s->tccd_masked_l = none;
  if (rules & SHIRA_DRAM_CAS)
    s->cas_clocks = 0;
  if (rules & SHIRA_DRAM_SPLIT_ACT && shira_dram_clocks(s, s->taad) != 0) {
    s->activate_clocks *= 2;
    s->taad = none;
  }
}

static bool is_column(enum shira_dram_command c) {
  return c == SHIRA_DRAM_RD || c == SHIRA_DRAM_WR || c == SHIRA_DRAM_MWR;
}

static void set_buses(struct shira_dram_timing *t, const struct shira_dram_standard *s) {
  for (unsigned c = 0; c < SHIRA_DRAM_COMMANDS; c++) {
    const bool column = is_column((enum shira_dram_command)c);
    t->bus_clocks[c] = column                                        ? s->column_clocks
                       : c == SHIRA_DRAM_ACT || c == SHIRA_DRAM_ACT1 ? s->activate_clocks
                       : c == SHIRA_DRAM_PRE || c == SHIRA_DRAM_PREA ? s->precharge_clocks
                                                                     : s->refresh_clocks;
    t->edge[c] = t->bus_clocks[c] - 1;
    t->bus_of[c] = s->two_command_buses && !column;
  }
  t->edge[SHIRA_DRAM_ACT1] += s->activate_clocks; // to the last clock of the ACT behind it
}

// What follows from the places of two bursts on the data bus.
static void set_turnarounds(struct shira_dram_timing *t, const struct shira_dram_standard *s) {
  const uint32_t bl = s->burst_length / s->transfers_per_clock;
  const uint32_t cl = shira_dram_clocks(s, s->cl), cwl = shira_dram_clocks(s, s->cwl);
  const uint32_t gap = shira_dram_clocks(s, s->trtrs);
  t->read = cl + bl;
  t->write = cwl + bl;
  t->write_pre = t->write + shira_dram_clocks(s, s->twr);
  t->write_read_s = t->write + shira_dram_clocks(s, s->twtr_s);
  t->write_read_l = t->write + shira_dram_clocks(s, s->twtr_l);
  t->other_rr = t->other_ww = bl + gap;
  t->other_rw = t->read + gap > cwl ? t->read + gap - cwl : 0;
  t->other_wr = t->write + gap > cl ? t->write + gap - cl : 0;
}

struct shira_dram_timing *shira_dram_timing_new(const struct shira_dram_standard *s,
                                                uint32_t ranks) {
  if (ranks == 0 || ranks > SHIRA_DRAM_RANKS || s->banks == 0 || s->bank_groups == 0 ||
      s->refresh_banks == 0 || (uint64_t)s->banks * s->bank_groups > SHIRA_DRAM_BANKS)
    return NULL;
  struct shira_dram_timing *t = calloc(1, sizeof *t);
  if (t == NULL)
    return NULL;
  t->ranks = ranks;
  t->banks = s->banks * s->bank_groups;
  t->per_group = s->banks;
  t->upper = s->refresh_banks == 2 ? t->banks / 2 : 0;
  t->cas = s->cas_clocks;
  t->bus = t->own_bus;
#define CLOCKS(name) t->name = shira_dram_clocks(s, s->name)
  CLOCKS(taad), CLOCKS(tppd), CLOCKS(trcd), CLOCKS(trcd_write), CLOCKS(twckpst);
  CLOCKS(trp), CLOCKS(trp_all), CLOCKS(tras), CLOCKS(trc), CLOCKS(tccd_s);
  CLOCKS(tccd_l), CLOCKS(tccd_l_write), CLOCKS(tccd_masked), CLOCKS(tccd_masked_l), CLOCKS(trrd_s),
      CLOCKS(trrd_l), CLOCKS(tfaw), CLOCKS(trtp);
  CLOCKS(trtw_s), CLOCKS(trtw_l), CLOCKS(trfc), CLOCKS(trfc_bank), CLOCKS(trefpb_act),
      CLOCKS(trefpb);
#undef CLOCKS
  set_buses(t, s);
  set_turnarounds(t, s);
  shira_dram_timing_clear(t);
  return t;
}

void shira_dram_timing_share(struct shira_dram_timing *t, struct shira_dram_timing *with) {
  t->bus = with->bus;
}

void shira_dram_timing_clear(struct shira_dram_timing *t) {
  const size_t constant = offsetof(struct shira_dram_timing, own_bus);
  memset((char *)t + constant, 0, sizeof *t - constant);
  for (uint32_t r = 0; r < t->ranks; r++) {
    t->rank[r].begun = NONE;
    for (uint32_t b = 0; b < t->banks; b++)
      t->bank[r][b].row = SHIRA_DRAM_CLOSED;
  }
}

static uint64_t earliest_prea(const struct shira_dram_timing *t, uint32_t rank) {
  uint64_t clock = t->rank[rank].pre;
  if (t->rank[rank].begun != NONE)
    return UINT64_MAX;
  for (uint32_t b = 0; b < t->banks; b++)
    if (t->bank[rank][b].row != SHIRA_DRAM_CLOSED)
      clock = most(clock, t->bank[rank][b].pre);
  return clock;
}

static uint64_t earliest_refpb(const struct shira_dram_timing *t,
                               const struct shira_dram_place *p) {
  const struct rank *r = &t->rank[p->rank];
  const struct bank *b = &t->bank[p->rank][p->bank], *upper = b + t->upper;
  if (t->trfc_bank == 0 || r->begun != NONE || (t->upper != 0 && p->bank >= t->upper) ||
      b->row != SHIRA_DRAM_CLOSED || upper->row != SHIRA_DRAM_CLOSED)
    return UINT64_MAX;
  return most(r->refpb, most(b->refpb, upper->refpb));
}

// Whether a row may be opened in a bank by `command`, where it is closed.
static bool may_activate(const struct shira_dram_timing *t, enum shira_dram_command command,
                         const struct shira_dram_place *p) {
  const uint32_t begun = t->rank[p->rank].begun;
  if (t->taad == 0)
    return command == SHIRA_DRAM_ACT;
  return command == SHIRA_DRAM_ACT ? begun == p->bank : begun == NONE;
}

// The earliest last clock of a command, the command bus left out.
static uint64_t earliest_edge(const struct shira_dram_timing *t, enum shira_dram_command command,
                              const struct shira_dram_place *p) {
  const struct rank *r = &t->rank[p->rank];
  const struct bank *b = &t->bank[p->rank][p->bank];
  const struct group *g = &t->group[p->rank][p->bank / t->per_group];
  const bool closed = b->row == SHIRA_DRAM_CLOSED;
  switch (command) {
  case SHIRA_DRAM_ACT:
  case SHIRA_DRAM_ACT1:
    return !closed || !may_activate(t, command, p)
               ? UINT64_MAX
               : most(most(b->act, r->acts[r->act_at]), most(g->act, r->act));
  case SHIRA_DRAM_PRE:
    return r->begun == p->bank ? UINT64_MAX : most(r->pre, closed ? 0 : b->pre);
  case SHIRA_DRAM_PREA:
    return earliest_prea(t, p->rank);
  case SHIRA_DRAM_REF:
    return r->open != 0 || r->begun != NONE ? UINT64_MAX : r->ref;
  case SHIRA_DRAM_REFPB:
    return earliest_refpb(t, p);
  case SHIRA_DRAM_RD:
    return closed || b->row != p->row ? UINT64_MAX : most(b->rd, most(g->rd, r->rd));
  default:
    if (closed || b->row != p->row)
      return UINT64_MAX;
    return most(command == SHIRA_DRAM_MWR ? most(b->masked, g->masked) : 0,
                most(b->wr, most(g->wr, r->wr)));
  }
}

uint64_t shira_dram_earliest(const struct shira_dram_timing *t, enum shira_dram_command command,
                             const struct shira_dram_place *p) {
  const uint64_t last = earliest_edge(t, command, p), edge = t->edge[command];
  if (last == UINT64_MAX)
    return last;
  const uint64_t bus = t->bus[t->bus_of[command]], clock = most(bus, last > edge ? last - edge : 0);
  const uint64_t wck = t->rank[p->rank].wck;
  if (t->cas == 0 || !is_column(command) || clock < wck)
    return clock;
  return most(most(bus, wck), clock - bus > t->cas ? clock - t->cas : bus);
}

static void activate(struct shira_dram_timing *t, const struct shira_dram_place *p, uint64_t now) {
  struct rank *r = &t->rank[p->rank];
  struct bank *b = &t->bank[p->rank][p->bank];
  b->row = p->row;
  r->open++;
  r->begun = NONE;
  later(&b->rd, now + t->trcd);
  later(&b->wr, now + t->trcd_write);
  later(&b->pre, now + t->tras);
  later(&b->act, now + t->trc);
  later(&t->group[p->rank][p->bank / t->per_group].act, now + t->trrd_l);
  later(&r->act, now + t->trrd_s);
  later(&r->refpb, now + t->trefpb_act);
  r->acts[r->act_at] = now + t->tfaw;
  r->act_at = (r->act_at + 1) % 4;
}

static void precharge(struct shira_dram_timing *t, uint32_t rank, uint32_t bank, uint64_t ready) {
  struct bank *b = &t->bank[rank][bank];
  t->rank[rank].open -= b->row != SHIRA_DRAM_CLOSED;
  b->row = SHIRA_DRAM_CLOSED; // a closed bank's time starts anew too
  later(&b->act, ready);
  later(&b->refpb, ready);
  later(&t->rank[rank].ref, ready);
}

static void read_burst(struct shira_dram_timing *t, const struct shira_dram_place *p,
                       uint64_t now) {
  struct rank *r = &t->rank[p->rank];
  struct group *g = &t->group[p->rank][p->bank / t->per_group];
  later(&g->rd, now + t->tccd_l);
  later(&r->rd, now + t->tccd_s);
  later(&g->wr, now + t->trtw_l);
  later(&r->wr, now + t->trtw_s);
  later(&r->wck, now + t->read + t->twckpst);
  later(&t->bank[p->rank][p->bank].pre, now + t->trtp);
  for (uint32_t o = 0; o < t->ranks; o++)
    if (o != p->rank) {
      later(&t->rank[o].rd, now + t->other_rr);
      later(&t->rank[o].wr, now + t->other_rw);
    }
}

static void write_burst(struct shira_dram_timing *t, const struct shira_dram_place *p,
                        uint64_t now) {
  struct rank *r = &t->rank[p->rank];
  struct group *g = &t->group[p->rank][p->bank / t->per_group];
  struct bank *b = &t->bank[p->rank][p->bank];
  later(&g->wr, now + t->tccd_l_write);
  later(&g->masked, now + t->tccd_masked_l);
  later(&r->wr, now + t->tccd_s);
  later(&b->masked, now + t->tccd_masked);
  later(&g->rd, now + t->write_read_l);
  later(&r->rd, now + t->write_read_s);
  later(&r->wck, now + t->write + t->twckpst);
  later(&b->pre, now + t->write_pre);
  for (uint32_t o = 0; o < t->ranks; o++)
    if (o != p->rank) {
      later(&t->rank[o].rd, now + t->other_wr);
      later(&t->rank[o].wr, now + t->other_ww);
    }
}

static void refresh_bank(struct shira_dram_timing *t, const struct shira_dram_place *p,
                         uint64_t now) {
  struct rank *r = &t->rank[p->rank];
  struct bank *b = &t->bank[p->rank][p->bank], *upper = b + t->upper;
  later(&b->act, now + t->trfc_bank);
  later(&b->refpb, now + t->trfc_bank);
  later(&upper->act, now + t->trfc_bank);
  later(&upper->refpb, now + t->trfc_bank);
  later(&r->ref, now + t->trfc_bank);
  later(&r->refpb, now + t->trefpb);
  later(&r->act, now + t->trefpb_act);
}

// Clocks of the CAS with which a column command at `clock` begins. Where WCK stands still it does,
// as shira_dram_earliest tells.
static uint32_t cas_before(const struct shira_dram_timing *t, enum shira_dram_command command,
                           uint32_t rank, uint64_t clock) {
  return is_column(command) && clock >= t->rank[rank].wck ? t->cas : 0;
}

uint64_t shira_dram_issue(struct shira_dram_timing *t, enum shira_dram_command command,
                          const struct shira_dram_place *p, uint64_t clock) {
  struct rank *r = &t->rank[p->rank];
  clock += cas_before(t, command, p->rank, clock);
  const uint64_t now = clock + t->edge[command];
  t->bus[t->bus_of[command]] = clock + t->bus_clocks[command];
  switch (command) {
  case SHIRA_DRAM_ACT:
    activate(t, p, now);
    break;
  case SHIRA_DRAM_ACT1:
    r->begun = p->bank;
    r->begun_by = clock + t->taad;
    break;
  case SHIRA_DRAM_PRE:
    later(&r->pre, now + t->tppd);
    precharge(t, p->rank, p->bank, now + t->trp);
    break;
  case SHIRA_DRAM_PREA:
    later(&r->pre, now + t->tppd);
    for (uint32_t b = 0; b < t->banks; b++)
      precharge(t, p->rank, b, now + t->trp_all);
    break;
  case SHIRA_DRAM_RD:
    read_burst(t, p, now);
    break;
  case SHIRA_DRAM_REF:
    later(&r->act, now + t->trfc);
    later(&r->ref, now + t->trfc);
    later(&r->refpb, now + t->trfc);
    break;
  case SHIRA_DRAM_REFPB:
    refresh_bank(t, p, now);
    break;
  default:
    write_burst(t, p, now);
  }
  return clock;
}

uint64_t shira_dram_activate_by(const struct shira_dram_timing *t, uint32_t rank) {
  return t->rank[rank].begun_by;
}

uint32_t shira_dram_longest_command(const struct shira_dram_timing *t) {
  uint32_t longest = t->cas + t->bus_clocks[SHIRA_DRAM_RD];
  for (unsigned c = 0; c < SHIRA_DRAM_COMMANDS; c++)
    if (longest < t->bus_clocks[c])
      longest = t->bus_clocks[c];
  return longest;
}

uint32_t shira_dram_open_row(const struct shira_dram_timing *t, uint32_t rank, uint32_t bank) {
  return t->bank[rank][bank].row;
}

uint32_t shira_dram_read_clocks(const struct shira_dram_timing *t) {
  return t->edge[SHIRA_DRAM_RD] + t->read;
}

uint32_t shira_dram_write_clocks(const struct shira_dram_timing *t) {
  return t->edge[SHIRA_DRAM_WR] + t->write;
}
