#include "sim/dram/refresh.h"

#include <string.h>

#define NONE UINT32_MAX

void shira_dram_refresh_init(struct shira_dram_refresher *f, const struct shira_dram_setup *d,
                             const struct shira_dram_timing *timing) {
  const struct shira_dram_standard *s = &d->standard;
  const uint32_t trefi = shira_dram_clocks(s, s->trefi);
  *f = (struct shira_dram_refresher){.timing = timing,
                                     .ranks = d->ranks,
                                     .banks = s->banks * s->bank_groups,
                                     .per_bank = d->refresh == SHIRA_DRAM_REFRESH_BANK,
                                     .postpone = (uint64_t)d->refresh_postpone * trefi};
  const uint32_t trp = shira_dram_clocks(s, s->trp);
  f->every = f->per_bank ? trefi / f->banks : trefi;
  f->lasts = shira_dram_clocks(s, f->per_bank ? s->trfc_bank : s->trfc);
  f->apart = f->per_bank ? shira_dram_clocks(s, s->trefpb) : f->lasts;
  f->apart -= f->apart > trp ? trp : f->apart;
  shira_dram_refresh_start(f, 0);
}

// A bit for each bank of a rank, in the place that it has among those of all ranks.
static uint64_t banks_of(const struct shira_dram_refresher *f, uint32_t rank) {
  return (f->banks < 64 ? ((uint64_t)1 << f->banks) - 1 : UINT64_MAX) << rank * f->banks;
}

void shira_dram_refresh_start(struct shira_dram_refresher *f, uint64_t clocks) {
  memset(f->rank, 0, sizeof f->rank);
  memset(f->held, 0, sizeof f->held);
  f->blocked = 0;
  for (uint32_t r = 0; r < f->ranks; r++) {
    const uint64_t first = f->every + (uint64_t)f->every * r / f->ranks;
    const uint64_t given = clocks > first ? (clocks - first - 1) / f->every + 1 : 0;
    f->rank[r].due = first + given * f->every - clocks;
    f->rank[r].bank = NONE;
    // Where no bank has anything to do, the first of the round is taken.
    if (f->per_bank)
      f->rank[r].round = (((uint64_t)1 << given % f->banks) - 1) << r * f->banks;
  }
}

// REFPB: of the banks of `among`, bits, the one with the least to do.
static uint32_t idlest_bank(const struct shira_dram_refresher *f, uint32_t rank, uint64_t among,
                            const uint16_t *waiting) {
  uint32_t best = NONE, least = UINT32_MAX;
  for (uint64_t left = among; left != 0; left &= left - 1) {
    const uint32_t at = (uint32_t)__builtin_ctzll(left), b = at - rank * f->banks;
    const bool open = shira_dram_open_row(f->timing, rank, b) != SHIRA_DRAM_CLOSED;
    const uint32_t work = 2u * waiting[at] + open;
    if (work < least) {
      least = work;
      best = b;
    }
  }
  return best;
}

// Blocks what the refresh that is due in a rank takes: what is idle, or when it must be what is
// not. Nothing where it waits for an idle bank, or so soon after the one before that it would block
// for longer than it needs.
static void choose(struct shira_dram_refresher *f, uint32_t rank, const uint16_t *waiting,
                   uint64_t busy, uint64_t now) {
  struct shira_dram_refresh_rank *r = &f->rank[rank];
  const bool forced = now >= r->due + f->postpone;
  const uint64_t all = banks_of(f, rank), idle = all & ~busy;
  uint64_t chosen = all;
  if (!forced && now < r->ready)
    return;
  if (f->per_bank) {
    r->bank = idlest_bank(f, rank, (forced ? all : idle) & ~r->round, waiting);
    chosen = r->bank == NONE ? 0 : (uint64_t)1 << (rank * f->banks + r->bank);
  } else if (!forced && idle != all) {
    chosen = 0;
  }
  f->blocked |= chosen;
  for (; chosen != 0; chosen &= chosen - 1)
    f->held[__builtin_ctzll(chosen)] = (struct shira_dram_held){.from = now, .to = UINT64_MAX};
}

// What comes next of the refresh for which a rank is blocked.
static enum shira_dram_command next_step(const struct shira_dram_refresher *f, uint32_t rank,
                                         struct shira_dram_place *p) {
  *p = (struct shira_dram_place){.rank = rank};
  if (f->per_bank) {
    p->bank = f->rank[rank].bank;
    return shira_dram_open_row(f->timing, rank, p->bank) == SHIRA_DRAM_CLOSED ? SHIRA_DRAM_REFPB
                                                                              : SHIRA_DRAM_PRE;
  }
  for (uint32_t b = 0; b < f->banks; b++)
    if (shira_dram_open_row(f->timing, rank, b) != SHIRA_DRAM_CLOSED)
      return SHIRA_DRAM_PREA;
  return SHIRA_DRAM_REF;
}

bool shira_dram_refresh_wants(struct shira_dram_refresher *f, const uint16_t *waiting,
                              uint64_t busy, uint64_t now, enum shira_dram_command *command,
                              struct shira_dram_place *place, uint64_t *wake) {
  for (uint32_t rank = 0; rank < f->ranks; rank++) {
    struct shira_dram_refresh_rank *r = &f->rank[rank];
    const uint64_t banks = banks_of(f, rank);
    uint64_t at = r->due;
    if (at <= now && (f->blocked & banks) == 0)
      choose(f, rank, waiting, busy, now);
    if ((f->blocked & banks) != 0) {
      *command = next_step(f, rank, place);
      at = shira_dram_earliest(f->timing, *command, place);
      if (at <= now)
        return true;
    } else if (at <= now) {
      at += f->postpone;
      if (now < r->ready && r->ready < at)
        at = r->ready;
    }
    if (at < *wake)
      *wake = at;
  }
  return false;
}

void shira_dram_refresh_given(struct shira_dram_refresher *f, const struct shira_dram_place *place,
                              uint64_t now) {
  struct shira_dram_refresh_rank *r = &f->rank[place->rank];
  const uint64_t all = banks_of(f, place->rank), given = f->blocked & all;
  for (uint64_t left = given; left != 0; left &= left - 1)
    f->held[__builtin_ctzll(left)].to = now + f->lasts;
  f->blocked &= ~all;
  r->ready = now + f->apart;
  r->due += f->every;
  r->bank = NONE;
  r->round |= given;
  if (r->round == all)
    r->round = 0;
}

uint64_t shira_dram_refresh_held(const struct shira_dram_refresher *f,
                                 const struct shira_dram_place *place, uint64_t start,
                                 uint64_t end) {
  const struct shira_dram_held *h = &f->held[place->rank * f->banks + place->bank];
  const uint64_t from = h->from > start ? h->from : start, to = h->to < end ? h->to : end;
  return to > from ? to - from : 0;
}
