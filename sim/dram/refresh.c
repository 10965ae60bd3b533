#include "sim/dram/refresh.h"

#define NONE SHIRA_DRAM_NO_BANK

void shira_dram_refresh_init(struct shira_dram_refresher *f, const struct shira_dram_setup *d,
                             const struct shira_dram_timing *timing) {
  const struct shira_dram_standard *s = &d->standard;
  const uint32_t trefi = shira_dram_clocks(s, s->trefi);
  *f = (struct shira_dram_refresher){.timing = timing,
                                     .ranks = d->ranks,
                                     .banks = s->banks * s->bank_groups,
                                     .per_bank = d->refresh == SHIRA_DRAM_REFRESH_BANK,
                                     .postpone = (uint64_t)d->refresh_postpone * trefi};
  f->every = f->per_bank ? trefi / f->banks : trefi;
  f->lasts = shira_dram_clocks(s, f->per_bank ? s->trfc_bank : s->trfc);
  for (uint32_t r = 0; r < f->ranks; r++)
    f->rank[r] =
        (struct shira_dram_refresh_rank){.due = f->every + (uint64_t)f->every * r / f->ranks,
                                         .bank = NONE,
                                         .last = f->per_bank ? 0 : NONE};
}

// A bit for each bank of a rank, from bit 0 on.
static uint64_t all_banks(const struct shira_dram_refresher *f) {
  return f->banks < 64 ? ((uint64_t)1 << f->banks) - 1 : UINT64_MAX;
}

static bool open_row(const struct shira_dram_refresher *f, uint32_t rank, uint32_t bank) {
  return shira_dram_open_row(f->timing, rank, bank) != SHIRA_DRAM_CLOSED;
}

// REFPB: of the banks that had none in this round the one with the least to do.
static uint32_t idlest_bank(const struct shira_dram_refresher *f, uint32_t rank,
                            const uint16_t *waiting) {
  uint32_t best = NONE, least = UINT32_MAX;
  for (uint32_t b = 0; b < f->banks; b++) {
    const uint32_t work = 2u * waiting[rank * f->banks + b] + open_row(f, rank, b);
    if (!(f->rank[rank].round >> b & 1) && work < least) {
      least = work;
      best = b;
    }
  }
  return best;
}

// REFPB: a bank of this round that is idle, one that is closed first; NONE.
static uint32_t idle_bank(const struct shira_dram_refresher *f, uint32_t rank, uint64_t busy) {
  uint64_t left = ~(busy >> rank * f->banks) & ~f->rank[rank].round & all_banks(f);
  uint32_t idle = NONE;
  for (; left != 0; left &= left - 1) {
    const uint32_t b = (uint32_t)__builtin_ctzll(left);
    if (!open_row(f, rank, b))
      return b;
    if (idle == NONE)
      idle = b;
  }
  return idle;
}

// From now on a forced refresh is in the way.
static void force(struct shira_dram_refresher *f, uint32_t rank, const uint16_t *waiting,
                  uint64_t now) {
  struct shira_dram_refresh_rank *r = &f->rank[rank];
  const uint32_t first = rank * f->banks;
  const uint64_t banks = all_banks(f) << first;
  if ((f->blocked & banks) != 0)
    return;
  r->from = now;
  r->to = UINT64_MAX;
  if (f->per_bank)
    r->last = r->bank = idlest_bank(f, rank, waiting);
  f->blocked |= f->per_bank ? (uint64_t)1 << (first + r->bank) : banks;
}

// What comes next of the refresh of a rank that is due. false: it waits for an idle bank.
static bool next_step(struct shira_dram_refresher *f, uint32_t rank, const uint16_t *waiting,
                      uint64_t busy, uint64_t now, enum shira_dram_command *command,
                      struct shira_dram_place *p) {
  const struct shira_dram_refresh_rank *r = &f->rank[rank];
  const bool forced = now >= r->due + f->postpone;
  *p = (struct shira_dram_place){.rank = rank};
  if (forced)
    force(f, rank, waiting, now);
  if (f->per_bank) {
    p->bank = forced ? r->bank : idle_bank(f, rank, busy);
    if (p->bank == NONE)
      return false;
    *command = open_row(f, rank, p->bank) ? SHIRA_DRAM_PRE : SHIRA_DRAM_REFPB;
    return true;
  }
  if (!forced && (busy >> rank * f->banks & all_banks(f)) != 0)
    return false;
  *command = SHIRA_DRAM_REF;
  for (uint32_t b = 0; b < f->banks; b++)
    if (open_row(f, rank, b))
      *command = SHIRA_DRAM_PREA;
  return true;
}

bool shira_dram_refresh_wants(struct shira_dram_refresher *f, const uint16_t *waiting,
                              uint64_t busy, uint64_t now, enum shira_dram_command *command,
                              struct shira_dram_place *place, uint64_t *wake) {
  for (uint32_t rank = 0; rank < f->ranks; rank++) {
    uint64_t at = f->rank[rank].due;
    if (at <= now) {
      at += f->postpone; // until then it may wait
      if (next_step(f, rank, waiting, busy, now, command, place)) {
        const uint64_t first = shira_dram_earliest(f->timing, *command, place);
        if (first <= now)
          return true;
        if (at <= now || first < at)
          at = first;
      }
    }
    if (at < *wake)
      *wake = at;
  }
  return false;
}

void shira_dram_refresh_given(struct shira_dram_refresher *f, const struct shira_dram_place *place,
                              uint64_t now) {
  struct shira_dram_refresh_rank *r = &f->rank[place->rank];
  const uint32_t first = place->rank * f->banks;
  const uint64_t banks = f->per_bank ? (uint64_t)1 << place->bank : all_banks(f);
  if ((f->blocked >> first & banks) == 0) // it was not forced
    r->from = now;
  f->blocked &= ~(banks << first);
  r->to = now + f->lasts;
  r->due += f->every;
  r->bank = NONE;
  if (!f->per_bank)
    return;
  r->last = place->bank;
  r->round |= banks;
  if (r->round == all_banks(f))
    r->round = 0;
}

uint64_t shira_dram_refresh_held(const struct shira_dram_refresher *f,
                                 const struct shira_dram_place *place, uint64_t start,
                                 uint64_t end) {
  const struct shira_dram_refresh_rank *r = &f->rank[place->rank];
  if (r->last != NONE && r->last != place->bank)
    return 0;
  const uint64_t from = r->from > start ? r->from : start, to = r->to < end ? r->to : end;
  return to > from ? to - from : 0;
}
