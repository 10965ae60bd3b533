// The DRAM model under random traffic: no request is lost or doubled, two of one address of which
// one writes are done in their order, none waits for ever, and the commands keep the standard: the
// checker of tests/dram, which shares no code with the model, reads them as they are given.
//
// Environment: REQUESTS in all (5,000,000), SEED. One TAP line a set-up; the longest wait is in
// it.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/dram/dram.h"
#include "tests/dram/check.h"

#define TAGS 4096u
#define HOT 256u // addresses that most conflicts are about

static const char *const standards[] = {"lpddr4x-4266", "lpddr5-6400", "ddr4-3200", "hbm2",
                                        "lpddr5x-8533", "ddr5-4800",   "hbm3"};
#define STANDARDS (sizeof(standards) / sizeof *standards)

static uint64_t rng;

static uint32_t below(uint32_t n) {
  rng ^= rng << 13, rng ^= rng >> 7, rng ^= rng << 17;
  return (uint32_t)((rng >> 32) * n >> 32);
}

// ---- The checker as a file
// -----------------------------------------------------------------------

struct reader {
  struct dram_check *check;
  char line[128];
  size_t n;
  uint64_t commands, violations;
  char why[200]; // of the first
};

static ssize_t take(void *cookie, const char *text, size_t size) {
  struct reader *r = cookie;
  for (size_t i = 0; i < size; i++) {
    if (text[i] != '\n') {
      if (r->n + 1 < sizeof(r->line))
        r->line[r->n++] = text[i];
      continue;
    }
    r->line[r->n] = '\0';
    r->n = 0;
    r->commands++;
    char why[200] = "";
    if (dram_check_line(r->check, r->line, why, sizeof(why)) && r->violations++ == 0)
      snprintf(r->why, sizeof(r->why), "%s", why);
  }
  return (ssize_t)size;
}

// ---- Traffic
// -------------------------------------------------------------------------------------

struct entry {
  bool used;
  uint64_t burst, order, tick;
  enum shira_dram_kind kind;
  unsigned traffic; // class
};

struct traffic {
  struct shira_machine m;
  struct shira_dram *dram;
  struct entry entry[TAGS];
  uint32_t free[TAGS], n_free;
  uint64_t pushed, popped, tick;
  uint64_t span; // bursts
  uint64_t done[SHIRA_DRAM_CLASSES][SHIRA_DRAM_KINDS];
  char why[200];
};

static void blame(struct traffic *t, const char *what, const struct entry *e) {
  if (t->why[0] == '\0')
    snprintf(t->why, sizeof(t->why), "%s: burst %" PRIu64 " of tick %" PRIu64, what, e->burst,
             e->tick);
}

static void pop(struct traffic *t, uint32_t tag) {
  struct entry *e = &t->entry[tag];
  if (tag >= TAGS || !e->used) {
    blame(t, "a request is done twice", e);
    return;
  }
  // An older one may be popped in the same tick, but no later.
  for (uint32_t i = 0; i < TAGS; i++) {
    const struct entry *o = &t->entry[i];
    if (o->used && o->burst == e->burst && o->order < e->order &&
        (o->kind != SHIRA_DRAM_READ || e->kind != SHIRA_DRAM_READ))
      blame(t, "done before an older one of its address", e);
  }
  e->used = false;
  t->done[e->traffic][e->kind]++;
  t->free[t->n_free++] = tag;
  t->popped++;
}

// All that is done in a tick, writes and reads of one address in their order.
static void pop_all(struct traffic *t) {
  uint32_t done[TAGS], n = 0;
  while (n < TAGS && shira_dram_pop(t->dram, &done[n]))
    n++;
  for (uint32_t i = 1; i < n; i++)
    for (uint32_t k = i; k > 0 && t->entry[done[k - 1]].order > t->entry[done[k]].order; k--) {
      const uint32_t swap = done[k];
      done[k] = done[k - 1];
      done[k - 1] = swap;
    }
  for (uint32_t i = 0; i < n; i++)
    pop(t, done[i]);
}

// A burst: of a run, of a few hot ones, or any.
static uint64_t some_burst(const struct traffic *t, unsigned phase, uint64_t *run) {
  if (phase == 0 || below(4) != 0)
    return phase == 1 ? below(HOT) * 977 % t->span : (*run)++ % t->span;
  return (uint64_t)below(1u << 30) * 7919 % t->span;
}

static void drive(struct traffic *t, uint64_t requests) {
  uint64_t run = 0, quiet = 0;
  unsigned phase = 0, writes = 0, demand = 4;
  while (t->popped < requests && quiet < 2000000 && t->why[0] == '\0') {
    if (below(5000) == 0)
      phase = below(3), writes = below(101), demand = below(6), run = below(1u << 30);
    for (unsigned i = 0; i < demand && t->pushed < requests && t->n_free != 0; i++) {
      const uint32_t tag = t->free[t->n_free - 1];
      struct entry e = {.used = true, .order = t->pushed, .tick = t->tick};
      e.burst = some_burst(t, phase, &run);
      e.kind = below(100) >= writes ? SHIRA_DRAM_READ
               : below(2)           ? SHIRA_DRAM_WRITE
                                    : SHIRA_DRAM_MASKED_WRITE;
      e.traffic = below(SHIRA_DRAM_CLASSES);
      if (!shira_dram_push(t->dram, SHIRA_MEMORY_BASE + e.burst * t->m.memory_burst_bytes, e.kind,
                           e.traffic, tag))
        break;
      t->entry[tag] = e;
      t->n_free--;
      t->pushed++;
    }
    shira_dram_tick(t->dram);
    t->tick++;
    const uint64_t before = t->popped;
    pop_all(t);
    quiet = t->popped == before ? quiet + 1 : 0;
  }
}

// ---- Set-ups
// -------------------------------------------------------------------------------------

static int set_up(struct shira_machine *m, unsigned standard, struct shira_error *error) {
  static const uint8_t orders[2][SHIRA_DRAM_FIELDS - 1] = {
      {SHIRA_DRAM_ROW, SHIRA_DRAM_RANK, SHIRA_DRAM_GROUP, SHIRA_DRAM_BANK, SHIRA_DRAM_COLUMN,
       SHIRA_DRAM_CHANNEL},
      {SHIRA_DRAM_ROW, SHIRA_DRAM_COLUMN, SHIRA_DRAM_BANK, SHIRA_DRAM_GROUP, SHIRA_DRAM_RANK,
       SHIRA_DRAM_CHANNEL}};
  char file[100];
  memset(m, 0, sizeof(*m));
  struct shira_dram_setup *d = &m->dram;
  snprintf(file, sizeof(file), "configs/dram/%s.yaml", standards[standard]);
  const int rc = shira_dram_standard_load(file, &d->standard, error);
  if (rc)
    return rc;
  m->has_dram = true;
  m->clock_mhz = 500 + below(2000);
  m->memory_latency = 1 + below(60);
  m->memory_burst_bytes = shira_dram_burst_bytes(&d->standard);
  d->channels = 1u << below(3);
  d->ranks = d->standard.banks * d->standard.bank_groups > 16 ? 1 + below(2) : 1u << below(2);
  d->n_fields = SHIRA_DRAM_FIELDS - 1;
  memcpy(d->fields, orders[below(2)], sizeof(orders[0]));
  d->hash = below(3);
  d->queue = 4 + below(61);
  d->window = 1 + below(d->queue);
  d->writes = below(2);
  d->batch = 1 + below(d->queue);
  d->cap = 200 + below(4000);
  d->idle_close = below(3) * below(300);
  d->refresh = d->standard.trfc_bank.ps != 0 ? below(2) : SHIRA_DRAM_REFRESH_ALL;
  d->refresh_rate = 1u << below(3);
  d->refresh_postpone = below(SHIRA_DRAM_MOST_POSTPONED + 1);
  d->ecc = below(3) == 0 ? SHIRA_ECC_WORD : SHIRA_ECC_NONE;
  m->memory_bytes = shira_dram_rank_bytes(&d->standard) * d->channels * d->ranks;
  return 0;
}

// Clocks after which a request is done for sure: once it is older than the cap, those that are
// older than it go first, in turn of their directions, each with a row of its own, and refreshes
// between.
static uint64_t longest_allowed(const struct shira_dram_setup *d) {
  const struct shira_dram_standard *s = &d->standard;
  const uint64_t each = shira_dram_clocks(s, s->trc) + shira_dram_clocks(s, s->trtw_l) +
                        shira_dram_clocks(s, s->twr) + shira_dram_clocks(s, s->cl) +
                        shira_dram_clocks(s, s->cwl) + 64;
  const uint64_t busy = d->cap + (4 * d->queue + 2) * each;
  const uint64_t refreshes = busy * d->ranks / shira_dram_refresh_interval(d) + 2;
  return busy + 2 * refreshes * (shira_dram_clocks(s, s->trfc) + 2 * each);
}

static void test_set_up(unsigned number, unsigned standard, uint64_t requests, unsigned *failed) {
  static struct traffic t;
  struct shira_error error = {""};
  struct reader reader = {0};
  memset(&t, 0, sizeof(t));
  for (uint32_t i = 0; i < TAGS; i++)
    t.free[t.n_free++] = i;
  FILE *trace = fopencookie(&reader, "w", (cookie_io_functions_t){.write = take});
  if (set_up(&t.m, standard, &error) || trace == NULL ||
      shira_dram_open(&t.m, trace, &t.dram, &error)) {
    printf("not ok %u - %s: %s\n", number, standards[standard], error.text);
    ++*failed;
    return;
  }
  const struct shira_dram_setup *d = &t.m.dram;
  reader.check = dram_check_new(&d->standard, d->channels, d->ranks);
  dram_check_rate(reader.check, d->refresh_rate);
  dram_check_owed(reader.check, d->refresh_postpone + 1);
  t.span = t.m.memory_bytes / t.m.memory_burst_bytes;
  drive(&t, requests);
  fclose(trace);
  const uint64_t longest = shira_dram_stats(t.dram)->longest;
  const uint64_t allowed =
      longest_allowed(d) * d->standard.transfers_per_clock * t.m.clock_mhz / d->standard.data_rate +
      t.m.memory_latency + 2;
  if (t.why[0] == '\0' && t.popped != requests)
    snprintf(t.why, sizeof(t.why), "%" PRIu64 " of %" PRIu64 " requests are done", t.popped,
             requests);
  if (t.why[0] == '\0' && memcmp(t.done, shira_dram_stats(t.dram)->traffic, sizeof(t.done)) != 0)
    snprintf(t.why, sizeof(t.why), "bursts by traffic class are not what was done");
  if (t.why[0] == '\0' && reader.violations)
    snprintf(t.why, sizeof(t.why), "%.190s", reader.why);
  if (t.why[0] == '\0' && dram_check_end(reader.check, t.why, sizeof(t.why)) == 0 &&
      longest > allowed)
    snprintf(t.why, sizeof(t.why), "a request waits %" PRIu64 " cycles", longest);
  printf("%sok %u - %s, %u channels, %u ranks, queue %u, window %u, %s %u, cap %u, idle %u, %s "
         "x%u late by %u%s: %" PRIu64 " requests, %" PRIu64 " commands, longest wait %" PRIu64
         " of %" PRIu64 " cycles%s%s\n",
         t.why[0] ? "not " : "", number, standards[standard], d->channels, d->ranks, d->queue,
         d->window, d->writes ? "marks" : "batch", d->batch, d->cap, d->idle_close,
         d->refresh ? "per-bank" : "all-bank", d->refresh_rate, d->refresh_postpone,
         d->ecc ? ", ecc" : "", t.popped, reader.commands, longest, allowed, t.why[0] ? ": " : "",
         t.why);
  *failed += t.why[0] != '\0';
  shira_dram_close(t.dram);
  dram_check_free(reader.check);
}

int main(void) {
  const char *seed = getenv("SEED"), *text = getenv("REQUESTS");
  const uint64_t requests = text ? strtoull(text, NULL, 10) : 5000000;
  const unsigned set_ups = 70;
  unsigned failed = 0;
  const uint64_t first = seed ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
  printf("# SEED=%" PRIu64 "\n", first);
  for (unsigned i = 0; i < set_ups; i++) {
    rng = (first + i + 1) * UINT64_C(0x9e3779b97f4a7c15) | 1;
    test_set_up(i + 1, i % STANDARDS, requests / set_ups, &failed);
  }
  printf("1..%u\n", set_ups);
  return failed != 0;
}
