// What a memory did, counted since it was opened.
#ifndef SHIRA_DRAM_STATS_H
#define SHIRA_DRAM_STATS_H

#include <stdint.h>

#include "shira/regs.h"

#ifdef __cplusplus
extern "C" {
#endif

enum shira_dram_kind {
  SHIRA_DRAM_READ,
  SHIRA_DRAM_WRITE,        // of a whole burst
  SHIRA_DRAM_MASKED_WRITE, // of some of its bytes
  SHIRA_DRAM_KINDS
};

// Traffic of which nobody said what class it is, beside those of enum shira_traffic.
#define SHIRA_DRAM_UNCLASSED SHIRA_TRAFFIC_COUNT
#define SHIRA_DRAM_CLASSES (SHIRA_DRAM_UNCLASSED + 1u)

// Latencies of 0 to 15 cycles have a bucket each, above that eight share each octave.
#define SHIRA_DRAM_BUCKETS 240u

// Name of a class at the memory: "stream" for SHIRA_TRAFFIC_VALUE, which here has gaps in it,
// "unclassed", or shira_traffic_name.
static inline const char *shira_dram_class_name(unsigned traffic) {
  return traffic == SHIRA_TRAFFIC_VALUE   ? "stream"
         : traffic < SHIRA_DRAM_UNCLASSED ? shira_traffic_name(traffic)
                                          : "unclassed";
}

// Only numbers, all of uint64_t. A memory of a fixed rate has no rows: it counts bursts and
// latencies.
struct shira_dram_stats {
  uint64_t clocks;                      // of the command clock that passed, times channels
  uint64_t bursts[SHIRA_DRAM_KINDS];    // done
  uint64_t row_hits;                    // bursts that found their row open
  uint64_t row_misses;                  // ... their bank closed
  uint64_t row_conflicts;               // ... another row open
  uint64_t activates, precharges;       // commands; PREA is one
  uint64_t refreshes;                   // commands, of all banks or of one
  uint64_t turnarounds;                 // changes between reads and writes on a data bus
  uint64_t bus_clocks;                  // with data on the bus, of all channels
  uint64_t turnaround_clocks;           // that such changes kept it empty
  uint64_t refresh_clocks;              // that refreshes kept it empty while requests waited
  uint64_t open_clocks;                 // in which a rank had a row open, of all ranks
  uint64_t longest;                     // device cycles from push to done, any kind
  uint64_t latency[SHIRA_DRAM_BUCKETS]; // reads by device cycles from push to done
  // `bursts` by class. A read of a stream may hold gaps and values: it counts as
  // SHIRA_TRAFFIC_VALUE (or UNDO), where the device's counters tell the bytes apart.
  uint64_t traffic[SHIRA_DRAM_CLASSES][SHIRA_DRAM_KINDS];
};

// Names of what can be added, in the structure's order, up to `longest`; NULL behind the last.
const char *shira_dram_stats_name(unsigned i);

// Counts a burst that is done; a class that does not exist counts as unclassed.
void shira_dram_stats_burst(struct shira_dram_stats *s, enum shira_dram_kind kind,
                            unsigned traffic);

// Largest number of cycles that is counted in latency[bucket].
uint64_t shira_dram_stats_bucket_end(unsigned bucket);

// Largest number of cycles that is counted in latency[bucket].
uint64_t shira_dram_stats_bucket_end(unsigned bucket);

// Adds a read's latency.
void shira_dram_stats_latency(struct shira_dram_stats *s, uint64_t cycles);

// Sets *s to what happened between `before` and `now`; `longest` is that of `now`.
void shira_dram_stats_since(const struct shira_dram_stats *now,
                            const struct shira_dram_stats *before, struct shira_dram_stats *s);

// Adds `part` to *sum; `longest` is the larger.
void shira_dram_stats_add(struct shira_dram_stats *sum, const struct shira_dram_stats *part);

// Cycles that a share of the reads (0 to 1) were done in, to the upper end of a bucket; 0 for none.
uint64_t shira_dram_stats_percentile(const struct shira_dram_stats *s, double share);

#ifdef __cplusplus
}
#endif

#endif
