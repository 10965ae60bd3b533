// What a DRAM's commands must wait for, as a list of pairs of commands: the test's own reading of
// the standards, in clocks of its own arithmetic. It keeps the whole history and looks through all
// of it.
#ifndef DRAM_RULES_H
#define DRAM_RULES_H

#include <string.h>

#include "sim/dram/timing.h"

#include "dram_standards.h"

#define RANKS 2u
#define MOST_RULES 64
#define MOST_STEPS 20000u
#define BIT(command) (1u << SHIRA_DRAM_##command)
#define READS BIT(RD)
#define WRITES (BIT(WR) | BIT(MWR))
#define COLUMNS (READS | WRITES)
#define ALL_COMMANDS ((1u << SHIRA_DRAM_COMMANDS) - 1)

enum scope { SAME_BANK, OTHER_BANK, SAME_GROUP, OTHER_GROUP, SAME_RANK, OTHER_RANK, ANYWHERE };

// `second` waits `clocks` from `first` where the scope fits.
struct rule {
  const char *name;
  unsigned first, second; // sets of commands
  enum scope scope;
  uint64_t clocks;
  // What tests saw of it, see dram_rules_look.
  unsigned tried, decided, elsewhere, free;
  const char *covered;
};

struct step {
  uint64_t clock;
  enum shira_dram_command command;
  struct shira_dram_place place;
};

struct rules {
  const struct figures *figures;
  uint32_t banks;  // of a rank
  uint64_t window; // clocks of the longest rule
  struct rule rule[MOST_RULES];
  unsigned n;
  struct rule *tfaw; // of five commands, not of two
  uint32_t row[RANKS][SHIRA_DRAM_BANKS];
  struct step step[MOST_STEPS];
  unsigned n_steps;
};

static inline struct rule *dram_add_rule(struct rules *r, struct rule rule) {
  if (rule.clocks > r->window)
    r->window = rule.clocks;
  r->rule[r->n] = rule;
  return &r->rule[r->n++];
}

static inline int64_t dram_length(const struct figures *f, unsigned commands) {
  return commands & BIT(ACT)                  ? f->activate_clocks
         : commands & COLUMNS                 ? f->column_clocks
         : commands & (BIT(PRE) | BIT(PREA))  ? f->precharge_clocks
         : commands & (BIT(REF) | BIT(REFPB)) ? f->refresh_clocks
                                              : 0;
}

// Standards count from the last clock of a command to the last of the other, here clocks are from
// first to first. A constraint of no clocks is none. Commands of a set are equally long.
static inline struct rule *dram_rule(struct rules *r, const char *name, unsigned first,
                                     unsigned second, enum scope scope, int64_t clocks) {
  const int64_t n = clocks + dram_length(r->figures, first) - dram_length(r->figures, second);
  if (clocks <= 0 || n <= 0)
    return NULL;
  return dram_add_rule(r, (struct rule){name, first, second, scope, (uint64_t)n, 0, 0, 0, 0, NULL});
}

static inline void dram_rules_bus(struct rules *r) {
  static const struct {
    const char *name;
    unsigned commands;
  } buses[] = {{"command bus after ACT", BIT(ACT)},
               {"command bus after PRE", BIT(PRE) | BIT(PREA)},
               {"command bus after REF", BIT(REF) | BIT(REFPB)},
               {"command bus after RD, WR", COLUMNS}};
  for (unsigned i = 0; i < 4; i++) {
    const unsigned first = buses[i].commands;
    const unsigned same = first == COLUMNS ? COLUMNS : ALL_COMMANDS & ~COLUMNS;
    const unsigned second = r->figures->two_command_buses ? same : ALL_COMMANDS;
    dram_add_rule(r, (struct rule){buses[i].name, first, second, ANYWHERE,
                                   (uint64_t)dram_length(r->figures, first), 0, 0, 0, 0, NULL});
  }
}

static inline void dram_rules_rows(struct rules *r) {
#define CK(key) dram_clocks_of(r->figures, r->figures->key)
  dram_rule(r, "tRCD", BIT(ACT), READS, SAME_BANK, CK(trcd));
  dram_rule(r, "tRCDWR", BIT(ACT), WRITES, SAME_BANK, CK(trcd_write));
  dram_rule(r, "tPPD", BIT(PRE) | BIT(PREA), BIT(PRE) | BIT(PREA), SAME_RANK, CK(tppd));
  dram_rule(r, "tRP PRE-ACT", BIT(PRE), BIT(ACT), SAME_BANK, CK(trp));
  dram_rule(r, "tRP PRE-REF", BIT(PRE), BIT(REF), SAME_RANK, CK(trp));
  dram_rule(r, "tRPab PREA-ACT", BIT(PREA), BIT(ACT), SAME_RANK, CK(trp_all));
  dram_rule(r, "tRPab PREA-REF", BIT(PREA), BIT(REF), SAME_RANK, CK(trp_all));
  dram_rule(r, "tRAS ACT-PRE", BIT(ACT), BIT(PRE), SAME_BANK, CK(tras));
  dram_rule(r, "tRAS ACT-PREA", BIT(ACT), BIT(PREA), SAME_RANK, CK(tras));
  dram_rule(r, "tRC", BIT(ACT), BIT(ACT), SAME_BANK, CK(trc));
  dram_rule(r, "tRRD_L", BIT(ACT), BIT(ACT), SAME_GROUP, CK(trrd_l));
  if (r->figures->bank_groups > 1)
    dram_rule(r, "tRRD_S", BIT(ACT), BIT(ACT), OTHER_GROUP, CK(trrd_s));
  r->tfaw = dram_rule(r, "tFAW", 0, 0, SAME_RANK, CK(tfaw));
  dram_rule(r, "tRFC REF-ACT", BIT(REF), BIT(ACT), SAME_RANK, CK(trfc));
  dram_rule(r, "tRFC REF-REF", BIT(REF), BIT(REF), SAME_RANK, CK(trfc));
  if (r->figures->trfc_bank.ns == 0)
    return;
  dram_rule(r, "tRP PRE-REFPB", BIT(PRE), BIT(REFPB), SAME_BANK, CK(trp));
  dram_rule(r, "tRPab PREA-REFPB", BIT(PREA), BIT(REFPB), SAME_RANK, CK(trp_all));
  dram_rule(r, "tRFC REF-REFPB", BIT(REF), BIT(REFPB), SAME_RANK, CK(trfc));
  dram_rule(r, "tRFCpb REFPB-ACT", BIT(REFPB), BIT(ACT), SAME_BANK, CK(trfc_bank));
  dram_rule(r, "tRFCpb REFPB-REFPB", BIT(REFPB), BIT(REFPB), SAME_BANK, CK(trfc_bank));
  dram_rule(r, "tRFCpb REFPB-REF", BIT(REFPB), BIT(REF), SAME_RANK, CK(trfc_bank));
  dram_rule(r, "tREFPB", BIT(REFPB), BIT(REFPB), OTHER_BANK, CK(trefpb));
  dram_rule(r, "tREFPB_ACT REFPB-ACT", BIT(REFPB), BIT(ACT), OTHER_BANK, CK(trefpb_act));
  dram_rule(r, "tREFPB_ACT ACT-REFPB", BIT(ACT), BIT(REFPB), OTHER_BANK, CK(trefpb_act));
}

static inline void dram_rules_columns(struct rules *r) {
  const int64_t bl = r->figures->burst_length / r->figures->transfers_per_clock;
  const int64_t read = CK(cl), write = CK(cwl), gap = CK(trtrs), written = write + bl;
  dram_rule(r, "tCCD_L RD-RD", READS, READS, SAME_GROUP, CK(tccd_l));
  dram_rule(r, "tCCD_L_WR", WRITES, WRITES, SAME_GROUP, CK(tccd_l_write));
  dram_rule(r, "tCCDMW", WRITES, BIT(MWR), SAME_BANK, CK(tccd_masked));
  dram_rule(r, "tCCDMW_L", WRITES, BIT(MWR), SAME_GROUP, CK(tccd_masked_l));
  dram_rule(r, "tRTP RD-PRE", READS, BIT(PRE), SAME_BANK, CK(trtp));
  dram_rule(r, "tRTP RD-PREA", READS, BIT(PREA), SAME_RANK, CK(trtp));
  dram_rule(r, "tWR WR-PRE", WRITES, BIT(PRE), SAME_BANK, written + CK(twr));
  dram_rule(r, "tWR WR-PREA", WRITES, BIT(PREA), SAME_RANK, written + CK(twr));
  dram_rule(r, "tWTR_L", WRITES, READS, SAME_GROUP, written + CK(twtr_l));
  dram_rule(r, "tRTW_L", READS, WRITES, SAME_GROUP, CK(trtw_l));
  dram_rule(r, "tRTRS RD-RD", READS, READS, OTHER_RANK, bl + gap);
  dram_rule(r, "tRTRS WR-WR", WRITES, WRITES, OTHER_RANK, bl + gap);
  dram_rule(r, "tRTRS RD-WR", READS, WRITES, OTHER_RANK, read + bl + gap - write);
  dram_rule(r, "tRTRS WR-RD", WRITES, READS, OTHER_RANK, written + gap - read);
  if (r->figures->bank_groups == 1)
    return;
  dram_rule(r, "tCCD_S RD-RD", READS, READS, OTHER_GROUP, CK(tccd_s));
  dram_rule(r, "tCCD_S WR-WR", WRITES, WRITES, OTHER_GROUP, CK(tccd_s));
  dram_rule(r, "tRTW_S", READS, WRITES, OTHER_GROUP, CK(trtw_s));
  dram_rule(r, "tWTR_S", WRITES, READS, OTHER_GROUP, written + CK(twtr_s));
#undef CK
}

// Nothing happened, all banks closed. What was seen of the rules stays.
static inline void dram_rules_restart(struct rules *r) {
  r->n_steps = 0;
  for (uint32_t rank = 0; rank < RANKS; rank++)
    for (uint32_t b = 0; b < SHIRA_DRAM_BANKS; b++)
      r->row[rank][b] = SHIRA_DRAM_CLOSED;
}

static inline void dram_rules_init(struct rules *r, const struct figures *f) {
  r->figures = f;
  r->banks = f->bank_groups * f->banks;
  r->n = 0;
  r->window = 0;
  dram_rules_bus(r);
  dram_rules_rows(r);
  dram_rules_columns(r);
  dram_rules_restart(r);
}

// Banks that a REFPB refreshes together have the same number here.
static inline uint32_t dram_like(const struct rules *r, uint32_t bank) {
  return bank % (r->banks / r->figures->refresh_banks);
}

static inline bool dram_in_scope(const struct rules *r, const struct rule *rule,
                                 const struct shira_dram_place *a,
                                 const struct shira_dram_place *b) {
  const enum scope scope = rule->scope;
  const bool refpb = rule->first == BIT(REFPB) || rule->second == BIT(REFPB);
  const bool alike = refpb ? dram_like(r, a->bank) == dram_like(r, b->bank) : a->bank == b->bank;
  const bool rank = a->rank == b->rank, bank = rank && alike;
  const bool group = rank && a->bank / r->figures->banks == b->bank / r->figures->banks;
  switch (scope) {
  case SAME_BANK:
    return bank;
  case OTHER_BANK:
    return rank && !bank;
  case SAME_GROUP:
    return group;
  case OTHER_GROUP:
    return rank && !group;
  case SAME_RANK:
    return rank;
  case OTHER_RANK:
    return !rank;
  default:
    return true;
  }
}

// What the banks' state says, whatever the clock.
static inline bool dram_legal(const struct rules *r, enum shira_dram_command command,
                              const struct shira_dram_place *p) {
  const uint32_t *row = r->row[p->rank];
  switch (command) {
  case SHIRA_DRAM_RD:
  case SHIRA_DRAM_WR:
  case SHIRA_DRAM_MWR:
    return row[p->bank] == p->row;
  case SHIRA_DRAM_ACT:
    return row[p->bank] == SHIRA_DRAM_CLOSED;
  case SHIRA_DRAM_ACT1: // of figures that are plain there is none
    return false;
  case SHIRA_DRAM_REFPB:
    for (uint32_t b = 0; b < r->banks; b++)
      if (dram_like(r, b) == p->bank && row[b] != SHIRA_DRAM_CLOSED)
        return false;
    return r->figures->trfc_bank.ns != 0 && dram_like(r, p->bank) == p->bank;
  case SHIRA_DRAM_REF:
    for (uint32_t b = 0; b < r->banks; b++)
      if (row[b] != SHIRA_DRAM_CLOSED)
        return false;
    return true;
  default:
    return true;
  }
}

// Clock of the fourth ACT of the rank before now; false: there were not four.
static inline bool dram_fourth_act(const struct rules *r, uint32_t rank, uint64_t *clock) {
  unsigned seen = 0;
  for (unsigned i = r->n_steps; i-- > 0;)
    if (r->step[i].command == SHIRA_DRAM_ACT && r->step[i].place.rank == rank && ++seen == 4) {
      *clock = r->step[i].clock;
      return true;
    }
  return false;
}

// First clock, not before the last command, at which every rule lets `command` through; UINT64_MAX:
// none. *by: a rule that decided, NULL for none.
static inline uint64_t dram_needed(struct rules *r, enum shira_dram_command command,
                                   const struct shira_dram_place *p, const struct rule **by) {
  uint64_t needed = r->n_steps ? r->step[r->n_steps - 1].clock : 0, fourth;
  const uint64_t now = needed;
  *by = NULL;
  if (!dram_legal(r, command, p))
    return UINT64_MAX;
  for (unsigned i = r->n_steps; i-- > 0 && r->step[i].clock + r->window > now;)
    for (unsigned k = 0; k < r->n; k++) {
      const struct rule *rule = &r->rule[k];
      const struct step *s = &r->step[i];
      if (rule->first >> s->command & rule->second >> command & 1 &&
          s->clock + rule->clocks > needed && dram_in_scope(r, rule, &s->place, p)) {
        needed = s->clock + rule->clocks;
        *by = rule;
      }
    }
  if (command == SHIRA_DRAM_ACT && dram_fourth_act(r, p->rank, &fourth) &&
      fourth + r->tfaw->clocks > needed) {
    needed = fourth + r->tfaw->clocks;
    *by = r->tfaw;
  }
  return needed;
}

// Until when each rule makes `command` wait, 0: not at all; and where a rule has these commands but
// does not hold, whether its clocks were not waited for.
static inline void dram_rules_until(struct rules *r, enum shira_dram_command command,
                                    const struct shira_dram_place *p, uint64_t needed,
                                    uint64_t until[MOST_RULES]) {
  uint64_t fourth;
  for (unsigned k = 0; k < r->n; k++)
    until[k] = 0;
  for (unsigned i = r->n_steps; i-- > 0 && r->step[i].clock + r->window >= needed;)
    for (unsigned k = 0; k < r->n; k++) {
      struct rule *rule = &r->rule[k];
      const struct step *s = &r->step[i];
      const uint64_t end = s->clock + rule->clocks;
      if (!(rule->first >> s->command & rule->second >> command & 1))
        continue;
      if (!dram_in_scope(r, rule, &s->place, p))
        rule->elsewhere++, rule->free += end > needed;
      else if (until[k] < end)
        until[k] = end;
    }
  if (command == SHIRA_DRAM_ACT && dram_fourth_act(r, p->rank, &fourth))
    until[r->tfaw - r->rule] = fourth + r->tfaw->clocks;
  if (command == SHIRA_DRAM_ACT && dram_fourth_act(r, 1 - p->rank, &fourth))
    r->tfaw->elsewhere++, r->tfaw->free += fourth + r->tfaw->clocks > needed;
}

// Notes of each rule whether it was tried by `command`, and whether it alone decided on `needed`,
// or which other took as long or longer. `by` as from dram_needed.
static inline void dram_rules_look(struct rules *r, enum shira_dram_command command,
                                   const struct shira_dram_place *p, uint64_t needed,
                                   const struct rule *by) {
  uint64_t until[MOST_RULES];
  dram_rules_until(r, command, p, needed, until);
  for (unsigned k = 0; k < r->n; k++) {
    const struct rule *other = NULL;
    for (unsigned o = 0; o < r->n; o++)
      if (o != k && until[o] == needed)
        other = &r->rule[o];
    r->rule[k].tried += until[k] != 0;
    r->rule[k].decided += by && until[k] == needed && !other;
    if (by && until[k] != 0 && other)
      r->rule[k].covered = other->name;
  }
}

// Takes the command into the history.
static inline void dram_rules_take(struct rules *r, enum shira_dram_command command,
                                   const struct shira_dram_place *p, uint64_t clock) {
  r->step[r->n_steps++] = (struct step){clock, command, *p};
  if (command == SHIRA_DRAM_ACT)
    r->row[p->rank][p->bank] = p->row;
  else if (command == SHIRA_DRAM_PRE)
    r->row[p->rank][p->bank] = SHIRA_DRAM_CLOSED;
  else if (command == SHIRA_DRAM_PREA)
    for (uint32_t b = 0; b < r->banks; b++)
      r->row[p->rank][b] = SHIRA_DRAM_CLOSED;
}

#endif
