// Bandwidth, latency and speed of the DRAM model alone: one channel of each standard, refresh on, a
// tick a command clock, no latency but the DRAM's own.
//
// dram                                     all of configs/dram
// dram --stream NAME STANDARD.yaml N       prints a stream of N requests of 64 bytes, `R|W
// 0xADDRESS`
//                                          a line, for other simulators; NAME: sequential, mixed,
//                                          random
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/dram/dram.h"
#include "sim/dram/timing.h"

#define REQUEST 64u // bytes
#define REQUESTS 400000u
#define IN_FLIGHT 32u // requests

static const char *const standards[] = {"lpddr4x-4266", "lpddr5-6400", "ddr4-3200", "hbm2"};
static const char *const streams[] = {"sequential", "mixed", "random"};

// A request of a stream: reads one after the other; reads and writes in two streams of 4 KiB
// pieces; reads at random over 1 GiB, or all of the channel.
static uint64_t request(unsigned stream, uint64_t i, uint64_t span, uint64_t *rng, bool *write) {
  *write = stream == 1 && i % 2;
  if (stream == 0)
    return i * REQUEST % span;
  if (stream ==
      1) { // pieces of each stream follow one another; the streams lie half the span apart
    const uint64_t n = i / 2;
    return (n * REQUEST + (*write ? span / 2 : 0)) % span;
  }
  *rng = *rng * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (*rng >> 20) % (span / REQUEST) * REQUEST;
}

static int machine(const char *file, const char *mapping, struct shira_machine *m) {
  static const uint8_t by_bank[] = {SHIRA_DRAM_ROW,  SHIRA_DRAM_RANK,   SHIRA_DRAM_GROUP,
                                    SHIRA_DRAM_BANK, SHIRA_DRAM_COLUMN, SHIRA_DRAM_CHANNEL};
  static const uint8_t by_group[] = {SHIRA_DRAM_ROW,    SHIRA_DRAM_RANK,  SHIRA_DRAM_BANK,
                                     SHIRA_DRAM_COLUMN, SHIRA_DRAM_GROUP, SHIRA_DRAM_CHANNEL};
  struct shira_error error;
  memset(m, 0, sizeof *m);
  struct shira_dram_setup *d = &m->dram;
  if (shira_dram_standard_load(file, &d->standard, &error))
    return fprintf(stderr, "dram: %s\n", error.text), -1;
  const bool groups = d->standard.bank_groups > 1;
  memcpy(d->fields, groups ? by_group : by_bank, sizeof by_bank);
  (void)mapping;
  snprintf(d->mapping, sizeof d->mapping, groups ? "ro-ra-ba-co-bg-ch" : "ro-ra-bg-ba-co-ch");
  m->has_dram = true;
  m->clock_mhz = d->standard.data_rate / d->standard.transfers_per_clock;
  m->memory_burst_bytes = shira_dram_burst_bytes(&d->standard);
  m->memory_bytes = shira_dram_rank_bytes(&d->standard);
  d->channels = d->ranks = 1;
  d->queue = d->window = 64;
  d->batch = 32;
  d->cap = 4000;
  d->refresh = getenv("PB") ? SHIRA_DRAM_REFRESH_BANK : SHIRA_DRAM_REFRESH_ALL;
  return 0;
}

struct outcome {
  double peak, seconds; // share of the peak, wall clock
  struct shira_dram_stats stats;
};

static int run(const struct shira_machine *m, unsigned stream, struct outcome *o) {
  struct shira_dram *d;
  struct shira_error error;
  FILE *trace = getenv("TRACE") ? fopen(getenv("TRACE"), "w") : NULL;
  if (shira_dram_open(m, trace, &d, &error))
    return fprintf(stderr, "dram: %s\n", error.text), -1;
  const uint32_t parts = REQUEST / m->memory_burst_bytes;
  const uint64_t gib = UINT64_C(1) << 30, span = m->memory_bytes < gib ? m->memory_bytes : gib;
  uint64_t bursts = 0, done = 0, cycles = 0, rng = 1, addr = 0;
  const uint64_t all = (uint64_t)REQUESTS * parts;
  bool write = false;
  struct timespec t0, t1;
  clock_gettime(CLOCK_MONOTONIC, &t0);
  for (; done < all; cycles++) {
    while (bursts < all && d->in_flight < IN_FLIGHT * parts) {
      if (bursts % parts == 0 && addr == UINT64_MAX)
        addr = 0;
      static uint64_t made = UINT64_MAX;
      if (made != bursts / parts || bursts == 0)
        addr = request(stream, bursts / parts, span, &rng, &write);
      made = bursts / parts;
      if (!shira_dram_push(d, SHIRA_MEMORY_BASE + addr + bursts % parts * m->memory_burst_bytes,
                           write ? SHIRA_DRAM_WRITE : SHIRA_DRAM_READ, 0))
        break;
      bursts++;
    }
    shira_dram_tick(d);
    for (uint32_t tag; shira_dram_pop(d, &tag);)
      done++;
  }
  clock_gettime(CLOCK_MONOTONIC, &t1);
  const struct shira_dram_standard *s = &m->dram.standard;
  const double clocks = (double)all * s->burst_length / s->transfers_per_clock;
  o->peak = clocks / (double)cycles;
  o->seconds = (double)(t1.tv_sec - t0.tv_sec) + 1e-9 * (double)(t1.tv_nsec - t0.tv_nsec);
  o->stats = *shira_dram_stats(d);
  shira_dram_close(d);
  if (trace)
    fclose(trace);
  return 0;
}

int main(void) {
  for (unsigned i = 0; i < 4; i++) {
    char file[100];
    struct shira_machine m;
    snprintf(file, sizeof file, "configs/dram/%s.yaml", standards[i]);
    if (machine(file, NULL, &m))
      continue;
    printf("%s\n", standards[i]);
    for (unsigned k = 0; k < 3; k++) {
      struct outcome o;
      if (run(&m, k, &o))
        return 1;
      printf("  %-10s %5.1f %% of peak, %.2f M requests/s; hits %" PRIu64 " misses %" PRIu64
             " conflicts %" PRIu64 " ref %" PRIu64 " turn %" PRIu64 " p50 %" PRIu64 " p99 %" PRIu64
             " max %" PRIu64 "; lost to refresh %.1f %%, turn %.1f %%\n",
             streams[k], 100 * o.peak, REQUESTS / o.seconds / 1e6, o.stats.row_hits,
             o.stats.row_misses, o.stats.row_conflicts, o.stats.refreshes, o.stats.turnarounds,
             shira_dram_stats_percentile(&o.stats, .5), shira_dram_stats_percentile(&o.stats, .99),
             o.stats.longest, 100. * (double)o.stats.refresh_clocks / (double)o.stats.clocks,
             100. * (double)o.stats.turnaround_clocks / (double)o.stats.clocks);
    }
  }
  return 0;
}
