// Timing of memory, behind an interface that a model of a real DRAM can take over: bursts go in,
// their tags come out when they are done. It knows nothing of data.
//
// One cycle is: any number of push, then tick, then pop until nothing is left. A model may complete
// bursts in any order. Single-threaded, never blocks.
#ifndef SHIRA_SIM_DRAM_H
#define SHIRA_SIM_DRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "shira/config.h"
#include "shira/error.h"
#include "sim/device.h"

#ifdef __cplusplus
extern "C" {
#endif

struct shira_dram;

struct shira_dram_ops {
  // Hands over one burst of burst_bytes at `addr` (a multiple of burst_bytes). false: full in this
  // cycle, try again in the next. A masked write is a burst like any other.
  bool (*push)(struct shira_dram *d, uint64_t addr, bool write, uint32_t tag);
  // Ends the cycle.
  void (*tick)(struct shira_dram *d);
  // Takes a burst that is done by now: its data may be used (read) or its response sent (write) in
  // the cycle that follows. false: none.
  bool (*pop)(struct shira_dram *d, uint32_t *tag);
  // Forgets all bursts in flight. Time goes on.
  void (*clear)(struct shira_dram *d);
  void (*close)(struct shira_dram *d);
};

// What every model starts with.
struct shira_dram {
  const struct shira_dram_ops *ops;
  uint32_t in_flight; // bursts accepted and not popped
};

// The first model, of the device's memory, or of the host's behind the link with its own latency
// and peak: every burst takes memory_latency cycles from the cycle of its push to the cycle in
// which its data is there (pop after that many ticks), and reads and writes share a rate of
// memory_peak_mb_s, in integers: a cycle earns peak_mb_s credits, a burst costs
// burst_bytes * clock_mhz and is accepted while credits are not negative. Unused credits are lost
// but for less than one cycle's worth, so that in any T cycles less than
// T * peak + one burst + one cycle's worth of bytes is accepted, and exactly the peak in the long
// run. Errors: -EINVAL a parameter is 0 or too large, -ENOMEM.
int shira_dram_fixed_open(const struct shira_machine *machine, enum shira_mem_kind kind,
                          struct shira_dram **dram, struct shira_error *error);

// Two models as one: bursts at `host_addr` and above go to `host`, others to `local`. Both are the
// result's from now on, also where it fails. Errors: -ENOMEM.
int shira_dram_split_open(struct shira_dram *local, struct shira_dram *host, uint64_t host_addr,
                          struct shira_dram **dram, struct shira_error *error);

static inline bool shira_dram_push(struct shira_dram *d, uint64_t addr, bool write, uint32_t tag) {
  return d->ops->push(d, addr, write, tag);
}
static inline void shira_dram_tick(struct shira_dram *d) {
  d->ops->tick(d);
}
static inline bool shira_dram_pop(struct shira_dram *d, uint32_t *tag) {
  return d->in_flight != 0 && d->ops->pop(d, tag);
}
static inline void shira_dram_clear(struct shira_dram *d) {
  d->ops->clear(d);
}
static inline void shira_dram_close(struct shira_dram *d) {
  if (d != NULL)
    d->ops->close(d);
}

#ifdef __cplusplus
}
#endif

#endif
