#include "shira/dram_energy.h"

#include <math.h>

#include "shira/config.h"

#define PJ_OF_NJ 1000.0 // mW x us are nJ

static const char *const names[] = {"activate", "read", "write", "refresh",
                                    "closed",   "open", "total"};
#define NAMES (sizeof names / sizeof *names)
_Static_assert(NAMES * sizeof(double) == sizeof(struct shira_dram_energy), "a name for each");

const char *shira_dram_energy_name(unsigned i) {
  return i < NAMES ? names[i] : NULL;
}

void shira_dram_energy(const struct shira_dram_setup *d, const struct shira_dram_stats *n,
                       double us, struct shira_dram_energy *e) {
  const struct shira_dram_standard *s = &d->standard;
  const struct shira_dram_energies *of = &s->energy;
  const double reads = (double)n->bursts[SHIRA_DRAM_READ];
  const double writes = (double)(n->bursts[SHIRA_DRAM_WRITE] + n->bursts[SHIRA_DRAM_MASKED_WRITE]);
  // ECC: a masked write is read as well.
  const double fetches = d->ecc == SHIRA_ECC_WORD ? (double)n->bursts[SHIRA_DRAM_MASKED_WRITE] : 0;
  const double of_ranks = us * d->ranks * d->channels;
  const double open_us = (double)n->open_clocks * s->transfers_per_clock / s->data_rate;
  const double open = open_us < of_ranks ? open_us : of_ranks;
  *e = (struct shira_dram_energy){
      .activate = (double)n->activates * of->activate,
      .read = (reads + fetches) * of->read,
      .write = writes * of->write,
      .refresh = (double)n->refreshes *
                 (d->refresh == SHIRA_DRAM_REFRESH_BANK ? of->refresh_bank : of->refresh),
      .closed = PJ_OF_NJ * of->closed * (of_ranks - open),
      .open = PJ_OF_NJ * of->open * open};
  e->total = e->activate + e->read + e->write + e->refresh + e->closed + e->open;
  if (!isnan(of->bit))
    e->total = (reads + fetches + writes) * 8 * shira_dram_burst_bytes(s) * of->bit;
}
