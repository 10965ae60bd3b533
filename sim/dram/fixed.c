// Fixed latency and a shared peak rate.
#include <errno.h>
#include <stdlib.h>

#include "sim/dram/dram.h"

struct entry {
  uint64_t done; // first cycle in which it may be popped
  uint32_t tag;
  bool read;
};

struct fixed {
  struct shira_dram base; // first
  uint64_t now;           // cycles ticked since it was opened or settled
  uint64_t settled;       // cycles before that
  int64_t credit;         // accepts while >= 0
  int64_t earn, cost;     // credits a cycle, credits a burst
  uint32_t latency;
  uint32_t most; // bursts in flight
  struct shira_dram_stats stats;
  uint32_t mask, head; // ring of bursts in flight, oldest at head; base.in_flight of them
  struct entry *ring;
  uint32_t told; // of them, the oldest, that `certain` named
};

static bool fixed_push(struct shira_dram *base, uint64_t addr, enum shira_dram_kind kind,
                       unsigned traffic, uint32_t tag) {
  struct fixed *d = (struct fixed *)base;
  (void)addr;
  if (d->credit < 0 || base->in_flight >= d->most)
    return false;
  shira_dram_stats_burst(&d->stats, kind, traffic);
  d->credit -= d->cost;
  d->ring[(d->head + base->in_flight++) & d->mask] =
      (struct entry){.done = d->now + d->latency, .tag = tag, .read = kind == SHIRA_DRAM_READ};
  return true;
}

static void fixed_tick(struct shira_dram *base) {
  struct fixed *d = (struct fixed *)base;
  d->now++;
  d->credit += d->earn;
  // A bus that had work is at most earn - 1 after this, so the cap never costs bandwidth.
  if (d->credit >= d->earn)
    d->credit = d->earn - 1;
}

static bool fixed_pop(struct shira_dram *base, uint32_t *tag) {
  struct fixed *d = (struct fixed *)base;
  if (base->in_flight == 0 || d->ring[d->head].done > d->now)
    return false;
  *tag = d->ring[d->head].tag;
  if (d->ring[d->head].read)
    shira_dram_stats_latency(&d->stats, d->latency + d->now - d->ring[d->head].done);
  d->head = (d->head + 1) & d->mask;
  d->told -= d->told != 0;
  base->in_flight--;
  return true;
}

static bool fixed_certain(struct shira_dram *base, uint32_t *tag, uint64_t *cycles) {
  struct fixed *d = (struct fixed *)base;
  if (d->told == base->in_flight)
    return false;
  const struct entry *e = &d->ring[(d->head + d->told++) & d->mask];
  *tag = e->tag;
  *cycles = e->done > d->now ? e->done - d->now : 0;
  return true;
}

static void fixed_clear(struct shira_dram *base) {
  struct fixed *d = (struct fixed *)base;
  d->head = d->told = 0;
  base->in_flight = 0;
}

static void fixed_settle(struct shira_dram *base, unsigned eighth) {
  struct fixed *d = (struct fixed *)base;
  (void)eighth;
  d->settled += d->now;
  d->now = 0;
  d->credit = d->earn - 1;
  d->stats.longest = d->latency;
}

static void fixed_close(struct shira_dram *base) {
  struct fixed *d = (struct fixed *)base;
  free(d->ring);
  free(d);
}

static const struct shira_dram_stats *fixed_stats(struct shira_dram *base) {
  struct fixed *d = (struct fixed *)base;
  d->stats.clocks = d->settled + d->now;
  return &d->stats;
}

static const struct shira_dram_ops fixed_ops = {
    .push = fixed_push,
    .tick = fixed_tick,
    .pop = fixed_pop,
    .certain = fixed_certain,
    .clear = fixed_clear,
    .settle = fixed_settle,
    .close = fixed_close,
    .stats = fixed_stats,
};

int shira_dram_fixed_open(const struct shira_machine *m, enum shira_mem_kind kind,
                          struct shira_dram **dram, struct shira_error *error) {
  *dram = NULL;
  const bool host = kind == SHIRA_MEM_HOST;
  const uint32_t latency = host ? m->host_latency : m->memory_latency;
  const uint64_t earn = host ? m->host_peak_mb_s : m->memory_peak_mb_s;
  const uint64_t cost = (uint64_t)m->memory_burst_bytes * m->clock_mhz;
  if (latency == 0 || latency > 100000)
    return shira_fail(error, EINVAL, "machine: memory latency of %u cycles, allowed: 1 to 100000",
                      latency);
  if (host && m->host_credits == 0)
    return shira_fail(error, EINVAL, "machine: the host link has no credits, allowed: 1 or more");
  if (earn == 0 || cost == 0)
    return shira_fail(error, EINVAL, "machine: memory peak, memory burst and clock must not be 0");
  // Little's law: more than this are never in flight.
  const uint64_t most = (latency + 2) * earn / cost + earn / cost + 4;
  uint64_t size = 4;
  while (size < most)
    size *= 2;
  if (size > 1u << 24)
    return shira_fail(error, EINVAL, "machine: memory peak of %llu MB/s is too much for its burst",
                      (unsigned long long)earn);
  struct fixed *d = calloc(1, sizeof *d);
  if (d == NULL || (d->ring = calloc(size, sizeof *d->ring)) == NULL) {
    free(d);
    return shira_fail(error, ENOMEM, "no memory for the memory model");
  }
  d->base.ops = &fixed_ops;
  d->earn = (int64_t)earn;
  d->cost = (int64_t)cost;
  d->credit = d->earn - 1;
  d->latency = latency;
  d->mask = (uint32_t)size - 1;
  d->most = host && m->host_credits < size ? m->host_credits : (uint32_t)size;
  d->stats.longest = latency;
  *dram = &d->base;
  return 0;
}
