// Timing of memory: bursts go in, their tags come out when they are done. It knows nothing of data.
//
// One cycle is: any number of push, then tick, then pop until nothing is left. A model may complete
// bursts in any order, but for two of one address of which one writes: those are done in the order
// of their push. Single-threaded, never blocks.
#ifndef SHIRA_SIM_DRAM_H
#define SHIRA_SIM_DRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "shira/config.h"
#include "shira/error.h"
#include "shira/device.h"
#include "shira/dram_stats.h"

#ifdef __cplusplus
extern "C" {
#endif

struct shira_dram;

struct shira_dram_ops {
  // Hands over one burst of burst_bytes at `addr`, a device address and a multiple of burst_bytes,
  // that counts as `traffic`: an enum shira_traffic, or any other number, which is no class. false:
  // full in this cycle, try again in the next.
  bool (*push)(struct shira_dram *d, uint64_t addr, enum shira_dram_kind kind, unsigned traffic,
               uint32_t tag);
  // Ends the cycle.
  void (*tick)(struct shira_dram *d);
  // Takes a burst that is done by now: its data may be used (read) or its response sent (write) in
  // the cycle that follows. false: none.
  bool (*pop)(struct shira_dram *d, uint32_t *tag);
  // Names a burst, each at most once and before its pop, of which it is certain already when it
  // will be done: in *cycles ticks from now, 0 for what can be popped now. false: none. To look
  // ahead; it changes nothing.
  bool (*certain)(struct shira_dram *d, uint32_t *tag, uint64_t *cycles);
  // Forgets all bursts in flight. Time goes on.
  void (*clear)(struct shira_dram *d);
  // As after open, with the next refreshes due as they would be `eighth` eighths (0 to 7) of tREFI
  // after it, in a moment: no time goes by. Nothing is in flight. Statistics go on, but for
  // `longest`, which starts anew.
  void (*settle)(struct shira_dram *d, unsigned eighth);
  void (*close)(struct shira_dram *d);
  // What it did since it was opened; valid until the next call.
  const struct shira_dram_stats *(*stats)(struct shira_dram *d);
};

// What every model starts with.
struct shira_dram {
  const struct shira_dram_ops *ops;
  uint32_t in_flight; // bursts accepted and not popped
};

// The device's memory as the machine file has it: memory.dram or memory.fixed. `trace`: file that
// gets a line for each command of a DRAM (sim/dram/trace.h), NULL for none; it stays the caller's.
// Errors: -EINVAL a parameter makes no sense, or a trace of a memory without commands; -ENOMEM.
int shira_dram_open(const struct shira_machine *machine, FILE *trace, struct shira_dram **dram,
                    struct shira_error *error);

// A fixed rate and latency: the device's memory (memory.fixed), or the host's behind the link with
// its own latency, peak and credits (bursts in flight; the device's memory has no limit of that
// kind): every burst takes `latency` cycles from the cycle of its push to the cycle in which its
// data is there (pop after that many ticks), and reads and writes share a peak, in integers: a
// cycle earns peak_mb_s credits, a burst costs burst_bytes * clock_mhz and is accepted while
// credits are not negative. Unused credits are lost but for less than one cycle's worth, so that in
// any T cycles less than T * peak + one burst + one cycle's worth of bytes is accepted, and exactly
// the peak in the long run. Errors: -EINVAL a parameter is 0 or too large, -ENOMEM.
int shira_dram_fixed_open(const struct shira_machine *machine, enum shira_mem_kind kind,
                          struct shira_dram **dram, struct shira_error *error);

// Two models as one: bursts at `host_addr` and above go to `host`, others to `local`. Both are the
// result's from now on, also where it fails; statistics are those of `local`. Errors: -ENOMEM.
int shira_dram_split_open(struct shira_dram *local, struct shira_dram *host, uint64_t host_addr,
                          struct shira_dram **dram, struct shira_error *error);

// All memory of a machine, by these three: its own (`trace` as above), and the host's behind it.
int shira_dram_both_open(const struct shira_machine *machine, FILE *trace, struct shira_dram **dram,
                         struct shira_error *error);

// The rate (10^6 bytes a second) at which the device's memory gives bursts that lie one after
// another, as fast as it takes them, refresh included: what an architect may hope for, where the
// peak is what the pins can do. Measured on a model of its own. Errors: those of shira_dram_open.
int shira_dram_sequential(const struct shira_machine *machine, double *mb_s,
                          struct shira_error *error);

// Device cycles of tREFI, rounded; 0 where the device's memory is not refreshed.
uint32_t shira_dram_refresh_cycles(const struct shira_machine *machine);

static inline bool shira_dram_push(struct shira_dram *d, uint64_t addr, enum shira_dram_kind kind,
                                   unsigned traffic, uint32_t tag) {
  return d->ops->push(d, addr, kind, traffic, tag);
}
static inline void shira_dram_tick(struct shira_dram *d) {
  d->ops->tick(d);
}
static inline bool shira_dram_pop(struct shira_dram *d, uint32_t *tag) {
  return d->in_flight != 0 && d->ops->pop(d, tag);
}
static inline bool shira_dram_certain(struct shira_dram *d, uint32_t *tag, uint64_t *cycles) {
  return d->in_flight != 0 && d->ops->certain(d, tag, cycles);
}
static inline void shira_dram_clear(struct shira_dram *d) {
  d->ops->clear(d);
}
static inline void shira_dram_settle(struct shira_dram *d, unsigned eighth) {
  d->ops->settle(d, eighth);
}
static inline void shira_dram_close(struct shira_dram *d) {
  if (d != NULL)
    d->ops->close(d);
}
static inline const struct shira_dram_stats *shira_dram_stats(struct shira_dram *d) {
  return d->ops->stats(d);
}

#ifdef __cplusplus
}
#endif

#endif
