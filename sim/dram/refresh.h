// When a DRAM channel is refreshed: what is due, what may wait, and which bank is taken. It gives
// no command itself, and asks nothing of the requests but how many wait for each bank.
//
// - One REF is due each tREFI in a rank, or one REFPB each tREFI / those of a round; ranks take
//   turns. A round of REFPB has each bank once: one at a time, or a bank of the lower half with its
//   like of the upper half. tREFI is that of the DRAM's temperature.
// - One that is due goes to an idle rank or bank, one for which no request waits in the window, as
//   soon as there is one. What is owed is so paid back; nothing is given ahead.
// - Once one is `postpone` tREFI late it is forced on its rank, or on the bank of the round that
// has
//   the least to do. With 0 all are forced as they fall due.
// - A rank or bank that was taken gets no other command until it is refreshed.
//
// So no bank is ever owed more than postpone + 1 refreshes, and none waits longer than postpone + 2
// tREFI from one to the next (nearly that where it was the first of a round and then is the last).
// The standards allow 8 owed and 9 tREFI: SHIRA_DRAM_MOST_POSTPONED.
#ifndef SHIRA_SIM_DRAM_REFRESH_H
#define SHIRA_SIM_DRAM_REFRESH_H

#include <stdbool.h>
#include <stdint.h>

#include "shira/dram.h"
#include "sim/dram/timing.h"

#define SHIRA_DRAM_PLACES 64u // banks of all ranks: bits of a mask

// The refresh of a rank.
struct shira_dram_refresh_rank {
  uint64_t due;   // clock of the oldest that was not given
  uint64_t ready; // clock from which another one that is not forced may be begun
  uint32_t bank;  // REFPB: taken, and blocked, for the next; of the lower half
  uint64_t round; // REFPB: banks that had theirs, of the lower half where they go in pairs
};

// Since when the last refresh was in the way of a bank, and when it was over.
struct shira_dram_held {
  uint64_t from, to;
};

struct shira_dram_refresher {
  const struct shira_dram_timing *timing;
  uint32_t ranks, banks; // banks of a rank
  uint32_t upper;        // REFPB: to the bank that goes with one of the lower half, 0 for none
  bool per_bank;
  uint32_t every, lasts, apart; // clocks from one to the next, of one, and from one to `ready`
  uint64_t postpone;            // clocks
  uint64_t blocked;             // places that wait for their refresh
  struct shira_dram_refresh_rank rank[SHIRA_DRAM_RANKS];
  struct shira_dram_held held[SHIRA_DRAM_PLACES];
};

// As after a shira_dram_refresh_start at 0. `timing` is only read, and must live as long.
void shira_dram_refresh_init(struct shira_dram_refresher *f, const struct shira_dram_setup *setup,
                             const struct shira_dram_timing *timing);

// Clock 0 is where a DRAM without requests is `clocks` after it was opened, less than tREFI: what
// was due before was given, and nothing of it is under way any more.
void shira_dram_refresh_start(struct shira_dram_refresher *f, uint64_t clocks);

// The command that a refresh wants at clock `now`: true where it may be given now. `waiting` counts
// the requests that wait for each bank of all ranks; `busy` has a bit where that is not 0, as this
// is asked each clock. *wake: set back to when to ask again, if nothing changes before.
bool shira_dram_refresh_wants(struct shira_dram_refresher *f, const uint16_t *waiting,
                              uint64_t busy, uint64_t now, enum shira_dram_command *command,
                              struct shira_dram_place *place, uint64_t *wake);

// A REF or REFPB of it was given at `now`.
void shira_dram_refresh_given(struct shira_dram_refresher *f, const struct shira_dram_place *place,
                              uint64_t now);

// Clocks of [start, end) in which the last refresh was in the way of a request to `place`.
uint64_t shira_dram_refresh_held(const struct shira_dram_refresher *f,
                                 const struct shira_dram_place *place, uint64_t start,
                                 uint64_t end);

#endif
