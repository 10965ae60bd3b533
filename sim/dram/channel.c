#include "sim/dram/channel.h"

#include <stdlib.h>
#include <string.h>

#include "shira/config.h"
#include "sim/dram/refresh.h"
#include "sim/dram/trace.h"
#include "sim/dram/window.h"

#define DONE 4096u // done and not taken, of a direction; more stop the channel

struct done_ring {
  struct shira_dram_done *done;
  uint32_t mask, head, n;
  uint32_t told; // of them, the oldest, that were looked at ahead
};

struct shira_dram_channel {
  struct shira_dram_timing *timing;
  struct shira_dram_stats *stats;
  FILE *trace;
  uint64_t settled;      // clock of the trace that is 0 here
  uint32_t index, banks; // banks of a rank
  uint32_t per_group;    // of them, in a bank group
  uint32_t batch, cap, idle_close;
  uint32_t high, low; // marks of the queue of writes
  bool marks, split;  // split: an ACT is two commands
  bool leave_behind;  // nothing is finished before a turn
  uint32_t bl, turn[2];
  struct shira_dram_window window;
  bool writing;
  uint32_t served;  // in this direction since it changed
  bool turning;     // it is about to change, and does what finds its row open
  uint64_t turn_at; // ... up to that request
  bool activating;  // between the two commands of an ACT
  struct shira_dram_place activation;
  uint64_t wake;
  uint64_t open;                    // banks that have a row open
  uint64_t used[SHIRA_DRAM_PLACES]; // clock of a bank's last command
  uint32_t ranks;
  uint64_t open_from[SHIRA_DRAM_RANKS]; // clock up to which the time of open rows is counted
  struct shira_dram_refresher refresh;
  struct done_ring done[2];
  uint64_t data_end;
  bool data_write; // the last data were written
};

static uint32_t bank_of(const struct shira_dram_channel *c, const struct shira_dram_place *p) {
  return shira_dram_bank_of(&c->window, p);
}

// ---- Open rows -------------------------------------------------------------------------------

static void count_open(struct shira_dram_channel *c, uint32_t rank, uint64_t now) {
  const uint64_t banks = c->banks < 64 ? ((uint64_t)1 << c->banks) - 1 : UINT64_MAX;
  if ((c->open >> rank * c->banks & banks) != 0)
    c->stats->open_clocks += now - c->open_from[rank];
  c->open_from[rank] = now;
}

void shira_dram_channel_count_open(struct shira_dram_channel *c, uint64_t now) {
  for (uint32_t r = 0; r < c->ranks; r++)
    count_open(c, r, now);
}

// A row was opened at clock `now`, or closed (row = SHIRA_DRAM_CLOSED).
static void row_changed(struct shira_dram_channel *c, uint32_t bank, uint32_t row, uint64_t now) {
  const uint64_t bit = (uint64_t)1 << bank;
  count_open(c, bank / c->banks, now);
  c->open = row == SHIRA_DRAM_CLOSED ? c->open & ~bit : c->open | bit;
  shira_dram_window_row(&c->window, bank, row);
}

bool shira_dram_channel_push(struct shira_dram_channel *c, uint64_t burst,
                             const struct shira_dram_place *place, enum shira_dram_kind kind,
                             unsigned traffic, uint32_t tag, uint64_t came, uint64_t now) {
  if (!shira_dram_window_push(&c->window, burst, place, kind, traffic, tag, came, now))
    return false;
  if (c->wake > now)
    c->wake = now;
  return true;
}

// ---- Commands --------------------------------------------------------------------------------

// Gives a command, with its CAS where it needs one; returns its own clock.
static uint64_t give(struct shira_dram_channel *c, enum shira_dram_command command,
                     const struct shira_dram_place *p, uint64_t now) {
  const uint64_t at = shira_dram_issue(c->timing, command, p, now);
  c->used[bank_of(c, p)] = at;
  if (c->trace != NULL && at != now)
    shira_dram_trace_cas(c->trace, c->settled + now, c->index, p);
  if (c->trace != NULL)
    shira_dram_trace(c->trace, c->settled + at, c->index, command, p);
  switch (command) {
  case SHIRA_DRAM_ACT1:
    c->activating = true;
    c->activation = *p;
    break;
  case SHIRA_DRAM_ACT:
    c->activating = false;
    c->stats->activates++;
    row_changed(c, bank_of(c, p), p->row, now);
    break;
  case SHIRA_DRAM_PRE:
    c->stats->precharges++;
    row_changed(c, bank_of(c, p), SHIRA_DRAM_CLOSED, now);
    break;
  case SHIRA_DRAM_PREA:
    c->stats->precharges++;
    for (uint32_t b = 0; b < c->banks; b++)
      row_changed(c, p->rank * c->banks + b, SHIRA_DRAM_CLOSED, now);
    break;
  case SHIRA_DRAM_REF:
  case SHIRA_DRAM_REFPB:
    c->stats->refreshes++;
    break;
  default:
    break;
  }
  return at;
}

// Counts the data of `r`, on the bus from clock `start`, and why the bus was empty before.
static void count_data(struct shira_dram_channel *c, const struct shira_dram_request *r, bool write,
                       uint64_t start) {
  struct shira_dram_stats *n = c->stats;
  const uint64_t waited = c->data_end > r->arrived ? c->data_end : r->arrived;
  const uint64_t gap = start > waited ? start - waited : 0;
  if (r->closed)
    n->row_conflicts++;
  else if (r->opened)
    n->row_misses++;
  else
    n->row_hits++;
  n->bus_clocks += c->bl;
  n->refresh_clocks += shira_dram_refresh_held(&c->refresh, &r->place, waited, start);
  if (write != c->data_write && c->data_end != 0) {
    n->turnarounds++;
    n->turnaround_clocks += gap < c->turn[write] ? gap : c->turn[write];
  }
  c->data_end = start + c->bl;
  c->data_write = write;
}

// RD or WR of `r`, which leaves the window. Returns its clock.
static uint64_t serve(struct shira_dram_channel *c, struct shira_dram_request *r,
                      enum shira_dram_command command, uint64_t now) {
  const bool write = command != SHIRA_DRAM_RD;
  const uint64_t at = give(c, command, &r->place, now);
  const uint64_t end =
      at + (write ? shira_dram_write_clocks(c->timing) : shira_dram_read_clocks(c->timing));
  count_data(c, r, write, end - c->bl);
  c->served++;
  if (!r->fetch) {
    struct done_ring *d = &c->done[write];
    d->done[(d->head + d->n++) & d->mask] =
        (struct shira_dram_done){.clock = end, .came = r->came, .tag = r->tag, .read = !write};
    shira_dram_stats_burst(c->stats, r->kind, r->traffic);
  }
  shira_dram_window_served(&c->window, r, write, end);
  return at;
}

// ---- Refresh ---------------------------------------------------------------------------------

// Gives a command of a refresh if one is wanted. *wake: when to look again.
static bool do_refresh(struct shira_dram_channel *c, uint64_t now, uint64_t *wake) {
  enum shira_dram_command command;
  struct shira_dram_place p;
  if (!shira_dram_refresh_wants(&c->refresh, c->window.waiting, c->window.busy, now, &command, &p,
                                wake))
    return false;
  give(c, command, &p, now);
  if (command == SHIRA_DRAM_REF || command == SHIRA_DRAM_REFPB)
    shira_dram_refresh_given(&c->refresh, &p, now);
  return true;
}

// ---- The scheduler ---------------------------------------------------------------------------

struct choice {
  struct shira_dram_request *request;
  enum shira_dram_command command;
  unsigned grade; // 0: RD, WR; 1: ACT; 2: PRE
};

// What a request, the first of its bank that matters, needs next.
static enum shira_dram_command needs(const struct shira_dram_channel *c,
                                     const struct shira_dram_request *r) {
  const uint32_t row = shira_dram_open_row(c->timing, r->place.rank, r->place.bank);
  if (row == SHIRA_DRAM_CLOSED)
    return c->split ? SHIRA_DRAM_ACT1 : SHIRA_DRAM_ACT;
  if (row != r->place.row)
    return SHIRA_DRAM_PRE;
  return r->kind == SHIRA_DRAM_READ || r->fetch                 ? SHIRA_DRAM_RD
         : r->kind == SHIRA_DRAM_MASKED_WRITE && !c->window.ecc ? SHIRA_DRAM_MWR
                                                                : SHIRA_DRAM_WR;
}

// Inline wherever it is called, as most of the model's time is spent here: a fifth of it is saved.
static inline __attribute__((always_inline)) void consider(const struct shira_dram_channel *c,
                                                           struct shira_dram_request *r,
                                                           bool prepare, uint64_t now,
                                                           struct choice *best, uint64_t *wake) {
  const enum shira_dram_command command = needs(c, r);
  const bool activate = command == SHIRA_DRAM_ACT || command == SHIRA_DRAM_ACT1;
  const unsigned grade = activate ? 1 : command == SHIRA_DRAM_PRE ? 2 : 0;
  if (prepare && grade == 0)
    return;
  const uint64_t at = shira_dram_earliest(c->timing, command, &r->place);
  if (at > now) {
    if (at < *wake)
      *wake = at;
    return;
  }
  if (best->request == NULL || grade < best->grade ||
      (grade == best->grade && r->seq < best->request->seq))
    *best = (struct choice){.request = r, .command = command, .grade = grade};
}

// Looks at one request of each bank. prepare: only ACT and PRE. Between the two commands of an ACT
// only at those that find their row open.
static void consider_all(const struct shira_dram_channel *c, const struct shira_dram_side *s,
                         uint64_t banks, bool prepare, uint64_t now, struct choice *best,
                         uint64_t *wake) {
  for (uint64_t left = s->banks & banks & ~c->refresh.blocked; left != 0; left &= left - 1) {
    const unsigned b = (unsigned)__builtin_ctzll(left);
    struct shira_dram_request *r = s->bank[b].hit;
    if (r == NULL && c->activating)
      continue;
    r = r != NULL ? r : s->bank[b].head;
    consider(c, r, prepare, now, best, wake);
  }
}

// Looks at the oldest request to the open row of each bank, of those that came before the turn was
// due or soon after it: as each may hold up what is to be finished, there must be an end of them.
static void consider_hits(const struct shira_dram_channel *c, const struct shira_dram_side *s,
                          uint64_t banks, uint64_t now, struct choice *best, uint64_t *wake) {
  const uint64_t last = c->turn_at + c->window.queue;
  for (uint64_t left = s->banks & banks & c->open & ~c->refresh.blocked; left != 0;
       left &= left - 1) {
    struct shira_dram_request *r = s->bank[__builtin_ctzll(left)].hit;
    if (r != NULL && r->seq <= last)
      consider(c, r, false, now, best, wake);
  }
}

static bool aged(const struct shira_dram_channel *c, const struct shira_dram_side *s,
                 uint64_t now) {
  return s->oldest != NULL && s->oldest->arrived + c->cap < now;
}

// Whether all of these banks are of one bank group of several.
static bool one_group(const struct shira_dram_channel *c, uint64_t banks) {
  if (banks == 0 || c->per_group == c->banks)
    return false;
  const uint32_t group = (uint32_t)__builtin_ctzll(banks) / c->per_group;
  const uint64_t all = (((uint64_t)1 << c->per_group) - 1) << group * c->per_group;
  return (banks & ~all) == 0;
}

// Banks that have a request to their open row, of those that came before the turn was due. By
// marks, of writes only where a read will want the bank: writes whose row stays open wait for their
// next turn. And after as many requests as there are from mark to mark, a bank group alone, which
// goes at half the rate or less, is not waited for where the other direction's queue is full:
// nothing to go between its requests can come in.
static uint64_t left_behind(const struct shira_dram_channel *c) {
  const struct shira_dram_side *s = &c->window.side[c->writing],
                               *other = &c->window.side[!c->writing];
  const uint64_t wanted = c->marks && c->writing ? c->window.side[0].banks : UINT64_MAX;
  uint64_t banks = 0;
  for (uint64_t left = s->banks & wanted & c->open & ~c->refresh.blocked; left != 0;
       left &= left - 1) {
    const unsigned b = (unsigned)__builtin_ctzll(left);
    if (s->bank[b].hit != NULL && s->bank[b].hit->seq <= c->turn_at)
      banks |= (uint64_t)1 << b;
  }
  const bool enough = c->marks && c->served >= c->high - c->low;
  return enough && other->held == c->window.queue && one_group(c, banks) ? 0 : banks;
}

// Whether it is the other direction's turn by batch or mark; `old`: it has a request older than
// cap. By marks a direction that was turned to does something first: the mark of the other one may
// be passed still, where the turn was for an old request.
static bool turn_due(const struct shira_dram_channel *c, bool old) {
  const struct shira_dram_side *mine = &c->window.side[c->writing],
                               *other = &c->window.side[!c->writing];
  if (!c->marks)
    return c->served >= c->batch && (old || other->held >= c->batch);
  if (old && c->served >= c->window.queue)
    return true;
  return c->served != 0 && (c->writing ? mine->held < c->low : other->held > c->high);
}

// Which direction is served now. Returns the banks in which it may do anything: all, but where it
// is about to change those in which it has something to finish.
static uint64_t set_direction(struct shira_dram_channel *c, uint64_t now) {
  const struct shira_dram_side *mine = &c->window.side[c->writing],
                               *other = &c->window.side[!c->writing];
  if (other->seen == 0) {
    c->turning = false;
    return UINT64_MAX;
  }
  const bool old = aged(c, other, now), at_once = old && !aged(c, mine, now);
  if (!c->turning && turn_due(c, old)) {
    c->turning = true;
    c->turn_at = c->window.seq;
  }
  const uint64_t finish = c->turning && !at_once && !c->leave_behind ? left_behind(c) : 0;
  if (finish != 0)
    return finish;
  if (mine->seen == 0 || c->turning || at_once) {
    c->writing = !c->writing;
    c->turning = false;
    c->served = 0;
  }
  return UINT64_MAX;
}

static bool done_full(const struct shira_dram_channel *c) {
  return c->done[0].n > c->done[0].mask || c->done[1].n > c->done[1].mask;
}

// Closes a row that no request of the window has wanted for idle_close clocks. *wake: when to look
// again.
static bool close_idle(struct shira_dram_channel *c, uint64_t now, uint64_t *wake) {
  uint64_t left = c->open & ~c->window.busy & ~c->refresh.blocked;
  for (; c->idle_close != 0 && left != 0; left &= left - 1) {
    const uint32_t b = (uint32_t)__builtin_ctzll(left);
    const struct shira_dram_place p = {.rank = b / c->banks, .bank = b % c->banks};
    uint64_t at = c->used[b] + c->idle_close;
    if (at <= now)
      at = shira_dram_earliest(c->timing, SHIRA_DRAM_PRE, &p);
    if (at <= now) {
      give(c, SHIRA_DRAM_PRE, &p, now);
      return true;
    }
    if (at < *wake)
      *wake = at;
  }
  return false;
}

// Whether a command now could make the second one of an ACT too late.
static bool must_activate(const struct shira_dram_channel *c, uint64_t now) {
  return c->activating && now + shira_dram_longest_command(c->timing) >
                              shira_dram_activate_by(c->timing, c->activation.rank);
}

// Whether another bank has to be activated as well: then the second command of an ACT goes before
// RD and WR, as nothing else can be activated until it is given.
static bool more_to_activate(const struct shira_dram_channel *c) {
  const struct shira_dram_side *mine = &c->window.side[c->writing];
  const uint64_t this = (uint64_t)1 << bank_of(c, &c->activation);
  for (uint64_t left = mine->banks & ~this; left != 0; left &= left - 1)
    if (mine->bank[__builtin_ctzll(left)].hit == NULL)
      return true;
  return false;
}

// Gives the second command of an ACT, if it may be given. *wake: when to look again.
static bool activate(struct shira_dram_channel *c, uint64_t now, uint64_t *wake) {
  const uint64_t at = shira_dram_earliest(c->timing, SHIRA_DRAM_ACT, &c->activation);
  if (at <= now) {
    give(c, SHIRA_DRAM_ACT, &c->activation, now);
    return true;
  }
  if (at < *wake)
    *wake = at;
  return false;
}

// The best command that may be given now, for a request of the window.
static struct choice choose(const struct shira_dram_channel *c, uint64_t banks, uint64_t now,
                            uint64_t *wake) {
  const struct shira_dram_side *mine = &c->window.side[c->writing],
                               *other = &c->window.side[!c->writing];
  struct choice best = {0};
  uint64_t others = UINT64_MAX; // banks that others than an old one may use
  if (aged(c, mine, now)) {
    const uint64_t bank = (uint64_t)1 << bank_of(c, &mine->oldest->place);
    others = ~bank;
    if ((bank & banks & ~c->refresh.blocked) != 0 &&
        !(c->activating && mine->bank[__builtin_ctzll(bank)].hit != mine->oldest))
      consider(c, mine->oldest, false, now, &best, wake);
  }
  if (best.request == NULL)
    consider_all(c, mine, banks & others, false, now, &best, wake);
  if (best.request == NULL && c->marks && c->turning) // between those that are to be finished
    consider_hits(c, mine, others & ~banks, now, &best, wake);
  if (best.request == NULL && !c->activating)
    consider_all(c, other, others & ~(mine->banks & banks), true, now, &best, wake);
  return best;
}

// One clock: at most one command. Returns when to look again.
static uint64_t step(struct shira_dram_channel *c, uint64_t now) {
  uint64_t wake = UINT64_MAX;
  shira_dram_window_return(&c->window, now, &wake);
  if (must_activate(c, now))
    return activate(c, now, &wake) ? now + 1 : wake;
  if (do_refresh(c, now, &wake) || done_full(c))
    return now + 1;
  const uint64_t banks = set_direction(c, now);
  if (c->activating && more_to_activate(c) && activate(c, now, &wake))
    return now + 1;
  const struct choice best = choose(c, banks, now, &wake);
  if (best.request != NULL && best.grade == 0)
    return serve(c, best.request, best.command, now) + 1;
  if (c->activating && activate(c, now, &wake))
    return now + 1;
  if (best.request == NULL)
    return close_idle(c, now, &wake) ? now + 1 : wake;
  best.request->opened |= best.grade == 1;
  best.request->closed |= best.command == SHIRA_DRAM_PRE;
  give(c, best.command, &best.request->place, now);
  return now + 1;
}

uint64_t shira_dram_channel_run(struct shira_dram_channel *c, uint64_t until) {
  while (c->wake < until)
    c->wake = step(c, c->wake);
  return c->wake;
}

// ---- Life ------------------------------------------------------------------------------------

const struct shira_dram_done *shira_dram_channel_done(const struct shira_dram_channel *c,
                                                      bool write) {
  const struct done_ring *d = &c->done[write];
  return d->n != 0 ? &d->done[d->head] : NULL;
}

void shira_dram_channel_drop(struct shira_dram_channel *c, bool write) {
  struct done_ring *d = &c->done[write];
  d->head = (d->head + 1) & d->mask;
  d->n--;
  d->told -= d->told != 0;
}

const struct shira_dram_done *shira_dram_channel_certain(struct shira_dram_channel *c, bool write) {
  struct done_ring *d = &c->done[write];
  return d->told != d->n ? &d->done[(d->head + d->told++) & d->mask] : NULL;
}

void shira_dram_channel_clear(struct shira_dram_channel *c) {
  shira_dram_window_clear(&c->window);
  c->turning = false;
  c->done[0].n = c->done[1].n = 0;
  c->done[0].told = c->done[1].told = 0;
}

void shira_dram_channel_settle(struct shira_dram_channel *c, uint64_t refresh_clocks,
                               uint64_t now) {
  shira_dram_channel_count_open(c, now);
  memset(c->open_from, 0, sizeof c->open_from);
  shira_dram_timing_clear(c->timing);
  shira_dram_refresh_start(&c->refresh, refresh_clocks);
  c->open = 0;
  c->writing = c->data_write = c->turning = c->activating = false;
  c->served = 0;
  c->data_end = c->window.seq = c->wake = 0;
  c->settled += now;
  if (c->trace != NULL)
    shira_dram_trace_settle(c->trace, c->settled, c->index);
}

static void set_timing(struct shira_dram_channel *c, const struct shira_dram_standard *s) {
  const uint32_t cl = shira_dram_clocks(s, s->cl), cwl = shira_dram_clocks(s, s->cwl);
  const uint32_t trtw = shira_dram_clocks(s, s->trtw_s);
  c->bl = s->burst_length / s->transfers_per_clock;
  c->turn[1] = trtw + cwl > cl + c->bl ? trtw + cwl - cl - c->bl : 0;
  c->turn[0] = shira_dram_clocks(s, s->twtr_l) + cl;
}

struct shira_dram_channel *shira_dram_channel_new(const struct shira_dram_setup *d, uint32_t index,
                                                  FILE *trace, struct shira_dram_stats *stats) {
  const struct shira_dram_standard *s = &d->standard;
  struct shira_dram_channel *c = calloc(1, sizeof *c);
  if (c == NULL)
    return NULL;
  c->timing = shira_dram_timing_new(s, d->ranks);
  c->stats = stats;
  c->trace = trace;
  c->index = index;
  c->banks = s->banks * s->bank_groups;
  c->per_group = s->banks;
  c->ranks = d->ranks;
  c->leave_behind = d->leave_behind;
  c->marks = d->writes == SHIRA_DRAM_WRITES_MARKS;
  c->high = d->queue * SHIRA_DRAM_HIGH_FIFTHS / 5;
  c->low = d->queue * SHIRA_DRAM_LOW_FIFTHS / 5;
  c->split = shira_dram_clocks(s, s->taad) != 0;
  c->batch = d->batch;
  c->cap = d->cap;
  c->idle_close = d->idle_close;
  set_timing(c, s);
  shira_dram_refresh_init(&c->refresh, d, c->timing);
  for (unsigned i = 0; i < 2; i++) {
    c->done[i].mask = DONE - 1;
    c->done[i].done = calloc(DONE, sizeof *c->done[i].done);
  }
  if (c->timing == NULL || !shira_dram_window_init(&c->window, d, c->timing) ||
      c->done[0].done == NULL || c->done[1].done == NULL) {
    shira_dram_channel_free(c);
    return NULL;
  }
  shira_dram_channel_clear(c);
  return c;
}

void shira_dram_channel_share(struct shira_dram_channel *c, struct shira_dram_channel *with) {
  shira_dram_timing_share(c->timing, with->timing);
}

void shira_dram_channel_free(struct shira_dram_channel *c) {
  if (c == NULL)
    return;
  free(c->timing);
  shira_dram_window_free(&c->window);
  free(c->done[0].done);
  free(c->done[1].done);
  free(c);
}
