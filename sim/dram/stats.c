#include "shira/dram_stats.h"

#include <stddef.h>
#include <string.h>

#define NUMBERS (sizeof(struct shira_dram_stats) / sizeof(uint64_t))

static const char *const names[] = {
    "clocks",      "reads",         "whole_writes",      "masked_writes",  "row_hits",
    "row_misses",  "row_conflicts", "activates",         "precharges",     "refreshes",
    "turnarounds", "bus_clocks",    "turnaround_clocks", "refresh_clocks", "open_clocks",
};
#define NAMES (sizeof names / sizeof *names)

_Static_assert(offsetof(struct shira_dram_stats, longest) == NAMES * sizeof(uint64_t),
               "a name for each number");

const char *shira_dram_stats_name(unsigned i) {
  return i < NAMES ? names[i] : NULL;
}

static unsigned bucket(uint64_t cycles) {
  if (cycles < 16)
    return (unsigned)cycles;
  const unsigned octave = 63u - (unsigned)__builtin_clzll(cycles); // 4 or more
  const unsigned at = 16 + (octave - 4) * 8 + (unsigned)(cycles >> (octave - 3) & 7);
  return at < SHIRA_DRAM_BUCKETS ? at : SHIRA_DRAM_BUCKETS - 1;
}

uint64_t shira_dram_stats_bucket_end(unsigned at) {
  if (at < 16)
    return at;
  const unsigned octave = 4 + (at - 16) / 8, part = (at - 16) % 8;
  return ((uint64_t)1 << octave) + ((uint64_t)(part + 1) << (octave - 3)) - 1;
}

void shira_dram_stats_burst(struct shira_dram_stats *s, enum shira_dram_kind kind,
                            unsigned traffic) {
  s->bursts[kind]++;
  s->traffic[traffic < SHIRA_DRAM_UNCLASSED ? traffic : SHIRA_DRAM_UNCLASSED][kind]++;
}

void shira_dram_stats_latency(struct shira_dram_stats *s, uint64_t cycles) {
  s->latency[bucket(cycles)]++;
}

void shira_dram_stats_since(const struct shira_dram_stats *now,
                            const struct shira_dram_stats *before, struct shira_dram_stats *s) {
  uint64_t a[NUMBERS], b[NUMBERS];
  memcpy(a, now, sizeof a);
  memcpy(b, before, sizeof b);
  for (size_t i = 0; i < NUMBERS; i++)
    a[i] -= b[i];
  memcpy(s, a, sizeof a);
  s->longest = now->longest;
}

void shira_dram_stats_add(struct shira_dram_stats *sum, const struct shira_dram_stats *part) {
  uint64_t a[NUMBERS], b[NUMBERS];
  const uint64_t longest = sum->longest > part->longest ? sum->longest : part->longest;
  memcpy(a, sum, sizeof a);
  memcpy(b, part, sizeof b);
  for (size_t i = 0; i < NUMBERS; i++)
    a[i] += b[i];
  memcpy(sum, a, sizeof a);
  sum->longest = longest;
}

uint64_t shira_dram_stats_percentile(const struct shira_dram_stats *s, double share) {
  uint64_t all = 0, seen = 0;
  for (unsigned i = 0; i < SHIRA_DRAM_BUCKETS; i++)
    all += s->latency[i];
  for (unsigned i = 0; i < SHIRA_DRAM_BUCKETS; i++) {
    seen += s->latency[i];
    if (seen != 0 && (double)seen >= share * (double)all)
      return shira_dram_stats_bucket_end(i);
  }
  return 0;
}
