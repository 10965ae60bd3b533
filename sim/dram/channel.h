// A DRAM channel and its controller: requests in, commands out. Clocks are those of the command
// clock; the caller says how far it may go.
//
// - Open page, first-ready first-come-first-served among the oldest `window` requests of one
//   direction: reads and writes that find their row open go first, then ACT, then PRE, the oldest
//   of each first.
// - One direction at a time. It changes where it has nothing left, and at once where only the other
//   has a request older than `cap`; `batch`: after as many requests, where the other has as many or
//   one so old; `marks`: to writes where their queue is full above its high mark, to reads where it
//   is below its low mark. Where it changes by batch or mark, requests whose row is open are
//   done before, but none that come meanwhile, and by mark of writes only those in banks that reads
//   want. A request older than `cap` goes before the others of its
//   direction.
// - Where an ACT is two commands, RD and WR may come between, as long as the second is in time.
// - Where nothing else can be given, a row that no request of the window has wanted for
// `idle_close`
//   clocks is closed, so that the next one finds its bank ready.
// - Refresh (sim/dram/refresh.h) before all else: of what is idle as soon as it is due, of what is
//   busy when it may be postponed no longer.
// - Two requests to one burst, of which one writes, keep their order.
// - ECC: a masked write is a read, and a write when the data is there.
#ifndef SHIRA_DRAM_CHANNEL_H
#define SHIRA_DRAM_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "shira/dram.h"
#include "shira/dram_stats.h"
#include "sim/dram/timing.h"

struct shira_dram_channel;

// A request that has its data, or whose data is written.
struct shira_dram_done {
  uint64_t clock; // end of its data
  uint64_t came;  // as given at push
  uint32_t tag;
  bool read;
};

// Channel `index` of a machine's DRAM. Counts to *stats, traces to `trace` (NULL: not). NULL: no
// memory.
struct shira_dram_channel *shira_dram_channel_new(const struct shira_dram_setup *setup,
                                                  uint32_t index, FILE *trace,
                                                  struct shira_dram_stats *stats);
void shira_dram_channel_free(struct shira_dram_channel *c);

// A request for burst number `burst` (of all memory) at `place`, seen from clock `now` on; `came`
// is the caller's. false: its queue is full.
bool shira_dram_channel_push(struct shira_dram_channel *c, uint64_t burst,
                             const struct shira_dram_place *place, enum shira_dram_kind kind,
                             unsigned traffic, uint32_t tag, uint64_t came, uint64_t now);

// Gives all commands of clocks below `until`; returns the first clock at which there may be one.
uint64_t shira_dram_channel_run(struct shira_dram_channel *c, uint64_t until);

// The oldest read (write) that is done or will be, NULL for none; drop takes it away.
const struct shira_dram_done *shira_dram_channel_done(const struct shira_dram_channel *c,
                                                      bool write);
void shira_dram_channel_drop(struct shira_dram_channel *c, bool write);

// The same behind those that this function returned before.
const struct shira_dram_done *shira_dram_channel_certain(struct shira_dram_channel *c, bool write);

// From now on `c` has the command buses of `with`, another pseudo channel, which must live as long,
// and both are run a clock at a time, in the order of clocks.
void shira_dram_channel_share(struct shira_dram_channel *c, struct shira_dram_channel *with);

// Counts the clocks below `now` in which rows were open.
void shira_dram_channel_count_open(struct shira_dram_channel *c, uint64_t now);

// Forgets all requests; banks stay as they are.
void shira_dram_channel_clear(struct shira_dram_channel *c);

// Of a channel without requests: as shira_dram_channel_new left it, and clocks count from 0 again,
// rows closed, all timings satisfied; refreshes as shira_dram_refresh_start has them. `now` is the
// clock that is 0 from now on. Statistics go on. The trace gets a line of it, and its clocks go on.
void shira_dram_channel_settle(struct shira_dram_channel *c, uint64_t refresh_clocks, uint64_t now);

#endif
