// What a DRAM is, as files of configs/dram have it: geometry and timings of one channel.
#ifndef SHIRA_DRAM_CONFIG_H
#define SHIRA_DRAM_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "shira/error.h"

#ifdef __cplusplus
extern "C" {
#endif

// A time as standards give it: the longer of `ps` picoseconds and `clocks` clocks, in a file
// "18 ns", "4 ck" or "18 ns, 4 ck".
struct shira_timing {
  uint32_t ps, clocks;
};

// Energies as somebody published them: `bit` alone, an average over all that a DRAM does, or all
// the others; NAN where nobody did.
struct shira_dram_energies {
  char source[256];
  double bit;                   // pJ a bit that is read or written
  double activate;              // pJ, an ACT and its PRE
  double read, write;           // pJ a burst, beyond that of an open row
  double refresh, refresh_bank; // pJ, beyond that of closed banks
  double closed, open;          // mW of a rank: all banks closed, a row open
};

// One DRAM standard at one speed. `bl` below: clocks of a burst's data, burst_length /
// transfers_per_clock.
struct shira_dram_standard {
  char name[64];
  char source[512];             // where the numbers come from
  uint32_t data_rate;           // of a pin, 10^6 transfers a second
  uint32_t transfers_per_clock; // of the command clock, in which all is counted
  uint32_t channel_bits;        // data pins of a channel
  uint32_t burst_length;        // transfers of a burst
  uint32_t bank_groups;         // of a rank; 1 where there are none
  uint32_t banks;               // of a group
  uint32_t rows;                // of a bank
  uint32_t page_bytes;          // of a row
  // Clocks for which a command takes the command bus; cas: of the CAS that starts WCK right before
  // a RD or WR, 0 where there is none.
  uint32_t activate_clocks, column_clocks, precharge_clocks, refresh_clocks, cas_clocks;
  bool two_command_buses;   // ACT, PRE and REF have a bus of their own
  uint32_t pseudo_channels; // channels that share the command buses
  uint32_t refresh_banks;   // that a REFpb refreshes: a bank of the lower half, and with 2 its
                            // like of the upper half
  struct shira_timing taad; // ACT-1 to ACT-2 at most; "0 ck": ACT is one command
  struct shira_timing trcd; // ACT to RD
  struct shira_timing trcd_write; // ACT to WR
  struct shira_timing tppd;       // PRE to PRE of a rank; "0 ck": none
  struct shira_timing trp;        // PRE to ACT, REFpb of that bank
  struct shira_timing trp_all;    // PREab to ACT, REFab
  struct shira_timing tras;       // ACT to PRE
  struct shira_timing trc;        // ACT to ACT of a bank
  struct shira_timing cl;         // RD to its first data, with all that the standard adds (tDQSCK)
  struct shira_timing cwl;        // WR to its first data, with all that the standard adds (tDQSS)
  struct shira_timing tccd_s;     // RD to RD, WR to WR, other bank group (or no groups)
  struct shira_timing tccd_l;     // RD to RD, same bank group
  struct shira_timing tccd_l_write;  // WR to WR, same bank group
  struct shira_timing tccd_masked;   // WR to masked WR of the same bank; "0 ck": as any other
  struct shira_timing tccd_masked_l; // the same, same bank group
  struct shira_timing trrd_s;        // ACT to ACT, other bank group
  struct shira_timing trrd_l;        // ACT to ACT, same bank group
  struct shira_timing tfaw;          // any five ACTs of a rank
  struct shira_timing twr;           // end of a write's data (cwl + bl) to PRE
  struct shira_timing twtr_s;        // end of a write's data to RD, other bank group
  struct shira_timing twtr_l;        // the same, same bank group
  struct shira_timing trtp;          // RD to PRE
  struct shira_timing trtw_s;        // RD to WR, other bank group
  struct shira_timing trtw_l;        // the same, same bank group
  struct shira_timing twckpst;       // end of the data to the end of WCK, where there is a CAS
  struct shira_timing trtrs;         // gap between data of two ranks
  struct shira_timing trefi;         // average from REFab to REFab
  struct shira_timing trfc;          // REFab to ACT, REFab, REFpb
  struct shira_timing trfc_bank; // REFpb to ACT, REFpb of that bank, and to REFab; "0 ck": no REFpb
  struct shira_timing trefpb_act; // REFpb to ACT of another bank, ACT to REFpb of another bank
  struct shira_timing trefpb;     // REFpb to REFpb of another bank
  struct shira_dram_energies energy;
};

// Parts of an address, with their names in a mapping.
enum shira_dram_field {
  SHIRA_DRAM_ROW,     // ro
  SHIRA_DRAM_RANK,    // ra
  SHIRA_DRAM_GROUP,   // bg
  SHIRA_DRAM_BANK,    // ba: bank within its group
  SHIRA_DRAM_COLUMN,  // co: burst of a row
  SHIRA_DRAM_CHANNEL, // ch
  SHIRA_DRAM_LOW,     // c1 to c4: that many lowest bits of the column, which co then has not
  SHIRA_DRAM_FIELDS
};

// What is XORed onto the number of a bank (group and bank) and of a channel, so that strides
// spread.
enum shira_dram_hash {
  SHIRA_DRAM_HASH_NONE,
  SHIRA_DRAM_HASH_ROW,    // the low bits of the row, onto the bank
  SHIRA_DRAM_HASH_COLUMN, // row and column, folded, onto bank and channel
};

enum shira_dram_refresh { SHIRA_DRAM_REFRESH_ALL, SHIRA_DRAM_REFRESH_BANK };

// When writes are done: `batch` requests of one direction in turn, or between two marks of their
// queue.
enum shira_dram_writes { SHIRA_DRAM_WRITES_BATCH, SHIRA_DRAM_WRITES_MARKS };

// Marks of the queue of writes, in fifths: above the high one they are done, below the low one
// reads.
#define SHIRA_DRAM_HIGH_FIFTHS 4u
#define SHIRA_DRAM_LOW_FIFTHS 1u

// Then 8 are owed, as many as the standards allow.
#define SHIRA_DRAM_MOST_POSTPONED 7

// The DRAM of a machine: channels of one standard and their controllers.
struct shira_dram_setup {
  char file[512]; // of the standard
  struct shira_dram_standard standard;
  uint32_t channels, ranks;
  char mapping[32];                  // as the file has it: "ro-ra-bg-ba-co-ch"
  uint8_t fields[SHIRA_DRAM_FIELDS]; // enum shira_dram_field, the most significant first
  uint32_t n_fields, low_bits;       // low_bits: of SHIRA_DRAM_LOW, 0 without it
  uint32_t hash;                     // enum shira_dram_hash
  uint32_t queue;                    // requests of each direction that a channel holds
  uint32_t window;                   // the oldest of them, among which the scheduler chooses
  uint32_t writes;                   // enum shira_dram_writes
  uint32_t batch;            // WRITES_BATCH: requests of a direction before the other's turn
  uint32_t cap;              // clocks after which a request goes before all younger ones
  uint32_t idle_close;       // clocks after which a row that is idle is closed; 0: never
  uint32_t refresh;          // enum shira_dram_refresh
  uint32_t refresh_rate;     // 1, 2, 4: refreshes in tREFI, by the DRAM's temperature
  uint32_t refresh_postpone; // intervals by which a refresh may be late
  uint32_t ecc;              // enum shira_ecc: a masked write is a read-modify-write
  bool leave_behind;         // no key: a turn leaves requests behind whose row is open, as peers do
};

// Reads a file of configs/dram and checks its rules, as loaders of shira/config.h do.
int shira_dram_standard_load(const char *path, struct shira_dram_standard *standard,
                             struct shira_error *error);

// Bytes of a burst of a channel; of all that a rank of a channel holds.
static inline uint32_t shira_dram_burst_bytes(const struct shira_dram_standard *s) {
  return s->channel_bits / 8 * s->burst_length;
}

static inline uint64_t shira_dram_rank_bytes(const struct shira_dram_standard *s) {
  return (uint64_t)s->rows * s->page_bytes * s->bank_groups * s->banks;
}

// Clocks of a time, rounded up: ps * data_rate / (transfers_per_clock * 10^6), at least t.clocks.
static inline uint32_t shira_dram_clocks(const struct shira_dram_standard *s,
                                         struct shira_timing t) {
  const uint64_t unit = (uint64_t)s->transfers_per_clock * 1000000;
  const uint64_t clocks = ((uint64_t)t.ps * s->data_rate + unit - 1) / unit;
  return clocks > t.clocks ? (uint32_t)clocks : t.clocks;
}

// Clocks from one refresh of all banks to the next, at the DRAM's temperature.
static inline uint32_t shira_dram_refresh_interval(const struct shira_dram_setup *d) {
  return shira_dram_clocks(&d->standard, d->standard.trefi) / d->refresh_rate;
}

// REFpb that make a round of all banks.
static inline uint32_t shira_dram_refresh_round(const struct shira_dram_standard *s) {
  return s->banks * s->bank_groups / s->refresh_banks;
}

#ifdef __cplusplus
}
#endif

#endif
