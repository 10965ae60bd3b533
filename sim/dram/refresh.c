#include "sim/dram/refresh.h"

#include <string.h>

#define NONE UINT32_MAX

void shira_dram_refresh_init(struct shira_dram_refresher *f, const struct shira_dram_setup *d,
                             const struct shira_dram_timing *timing) {
  const struct shira_dram_standard *s = &d->standard;
  const uint32_t trefi = shira_dram_refresh_interval(d);
  *f = (struct shira_dram_refresher){.timing = timing,
                                     .ranks = d->ranks,
                                     .banks = s->banks * s->bank_groups,
                                     .per_bank = d->refresh == SHIRA_DRAM_REFRESH_BANK,
                                     .postpone = (uint64_t)d->refresh_postpone * trefi};
  const uint32_t trp = shira_dram_clocks(s, s->trp);
  f->upper = s->refresh_banks == 2 ? f->banks / 2 : 0;
  f->every = f->per_bank ? trefi / shira_dram_refresh_round(s) : trefi;
  f->lasts = shira_dram_clocks(s, f->per_bank ? s->trfc_bank : s->trfc);
  f->apart = f->per_bank ? shira_dram_clocks(s, s->trefpb) : f->lasts;
  f->apart -= f->apart > trp ? trp : f->apart;
  shira_dram_refresh_start(f, 0);
}

// A bit for each bank of a rank, in the place that it has among those of all ranks.
static uint64_t banks_of(const struct shira_dram_refresher *f, uint32_t rank) {
  return (f->banks < 64 ? ((uint64_t)1 << f->banks) - 1 : UINT64_MAX) << rank * f->banks;
}

// Those that a round counts, in the place of bank 0.
static uint64_t round_of(const struct shira_dram_refresher *f) {
  const uint32_t n = f->upper != 0 ? f->upper : f->banks;
  return n < 64 ? ((uint64_t)1 << n) - 1 : UINT64_MAX;
}

// The same banks and those that are refreshed with them.
static uint64_t with_upper(const struct shira_dram_refresher *f, uint64_t banks) {
  return f->upper != 0 ? banks | banks << f->upper : banks;
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
      f->rank[r].round = (((uint64_t)1 << given % (f->upper != 0 ? f->upper : f->banks)) - 1)
                         << r * f->banks;
  }
}

static bool is_open(const struct shira_dram_refresher *f, uint32_t rank, uint32_t bank) {
  return shira_dram_open_row(f->timing, rank, bank) != SHIRA_DRAM_CLOSED;
}

// REFPB: of the banks of `among`, bits, the one with the least to do, its like counted with it.
static uint32_t idlest_bank(const struct shira_dram_refresher *f, uint32_t rank, uint64_t among,
                            const uint16_t *waiting) {
  uint32_t best = NONE, least = UINT32_MAX;
  for (uint64_t left = among; left != 0; left &= left - 1) {
    const uint32_t at = (uint32_t)__builtin_ctzll(left), b = at - rank * f->banks;
    uint32_t work = 2u * waiting[at] + is_open(f, rank, b);
    if (f->upper != 0)
      work += 2u * waiting[at + f->upper] + is_open(f, rank, b + f->upper);
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
    const uint64_t places = round_of(f) << rank * f->banks & ~r->round;
    const uint64_t free = f->upper != 0 ? idle & idle >> f->upper : idle;
    r->bank = idlest_bank(f, rank, forced ? places : places & free, waiting);
    chosen = r->bank == NONE ? 0 : with_upper(f, (uint64_t)1 << (rank * f->banks + r->bank));
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
    if (is_open(f, rank, p->bank))
      return SHIRA_DRAM_PRE;
    if (f->upper == 0 || !is_open(f, rank, p->bank + f->upper))
      return SHIRA_DRAM_REFPB;
    p->bank += f->upper;
    return SHIRA_DRAM_PRE;
  }
  for (uint32_t b = 0; b < f->banks; b++)
    if (is_open(f, rank, b))
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
  r->round |= given & round_of(f) << place->rank * f->banks;
  if (r->round == round_of(f) << place->rank * f->banks)
    r->round = 0;
}

uint64_t shira_dram_refresh_held(const struct shira_dram_refresher *f,
                                 const struct shira_dram_place *place, uint64_t start,
                                 uint64_t end) {
  const struct shira_dram_held *h = &f->held[place->rank * f->banks + place->bank];
  const uint64_t from = h->from > start ? h->from : start, to = h->to < end ? h->to : end;
  return to > from ? to - from : 0;
}
