// When a DRAM channel may take a command, by its standard's timings: the earliest clock, and what a
// command changes. It decides nothing, keeps no queue, and may be used without the rest.
//
// Clocks are those of the command clock, counted from 0. A command is named by its first clock; the
// timings of the standards count from the last clock of one command to the last of the other, and
// to the data. Ranks are told apart where the standard does: tCCD, tWTR, tRRD within a rank, the
// data bus (tRTRS) between ranks, the command bus by all.
//
// Where a standard has taad, ACT is its second command and follows an ACT1 of that bank; one bank
// of a rank at a time is between the two. Where it has a CAS and WCK stands still, RD, WR and MWR
// begin with a CAS: that is their first clock here.
#ifndef SHIRA_DRAM_TIMING_H
#define SHIRA_DRAM_TIMING_H

#include <stdbool.h>
#include <stdint.h>

#include "shira/dram_map.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SHIRA_DRAM_RANKS 4u
#define SHIRA_DRAM_BANKS 64u // of a rank, all groups
#define SHIRA_DRAM_CLOSED UINT32_MAX

enum shira_dram_command {
  SHIRA_DRAM_ACT,
  SHIRA_DRAM_PRE,
  SHIRA_DRAM_PREA, // all banks of a rank
  SHIRA_DRAM_RD,
  SHIRA_DRAM_WR,
  SHIRA_DRAM_MWR,   // masked write
  SHIRA_DRAM_REF,   // all banks of a rank
  SHIRA_DRAM_REFPB, // a bank, or one and its like of the upper half (refresh_banks)
  SHIRA_DRAM_ACT1,  // first of the two commands of an ACT
  SHIRA_DRAM_COMMANDS
};

// Name as traces have it: "ACT", "PRE", "PREA", "RD", "WR", "MWR", "REF", "REFPB", "ACT1".
const char *shira_dram_command_name(enum shira_dram_command command);

// Rules that other simulators lack, sets of them.
enum shira_dram_rules {
  SHIRA_DRAM_MASKED_GAPS = 1, // before masked writes
  SHIRA_DRAM_CAS = 2,         // that starts WCK
  SHIRA_DRAM_SPLIT_ACT = 4,   // an ACT of two commands
  SHIRA_DRAM_EVERY_RULE = 7
};

// Takes rules out of a standard, to see what they cost. An ACT is then one command, as long as
// both.
void shira_dram_leave_out(struct shira_dram_standard *standard, unsigned rules);

struct shira_dram_timing;

// A channel with `ranks` ranks, as shira_dram_timing_clear leaves it. NULL: no memory, or more than
// SHIRA_DRAM_RANKS or SHIRA_DRAM_BANKS. Free with free().
struct shira_dram_timing *shira_dram_timing_new(const struct shira_dram_standard *standard,
                                                uint32_t ranks);

// From now on `t` has the command buses of `with`, another pseudo channel, which must live as long.
void shira_dram_timing_share(struct shira_dram_timing *t, struct shira_dram_timing *with);

// All banks closed, nothing before it: every command that finds its bank as it needs it may be
// given at clock 0.
void shira_dram_timing_clear(struct shira_dram_timing *t);

// First clock at which `command` may be given to `place`, command bus included. UINT64_MAX where
// the bank's state forbids it whatever the clock: RD and WR need the row open, ACT, ACT1, REF and
// REFPB closed banks. PRE and PREA of closed banks are allowed. Rows matter to RD and WR alone. A
// bank between ACT1 and ACT is closed; of its rank only it may be activated, and none refreshed.
uint64_t shira_dram_earliest(const struct shira_dram_timing *t, enum shira_dram_command command,
                             const struct shira_dram_place *place);

// Gives the command at `clock`, which must be shira_dram_earliest or later, and not before that of
// an earlier call. Returns its clock without a CAS before it.
uint64_t shira_dram_issue(struct shira_dram_timing *t, enum shira_dram_command command,
                          const struct shira_dram_place *place, uint64_t clock);

// Row that is open, SHIRA_DRAM_CLOSED for none.
uint32_t shira_dram_open_row(const struct shira_dram_timing *t, uint32_t rank, uint32_t bank);

// Last clock at which a bank between ACT1 and ACT may get its ACT.
uint64_t shira_dram_activate_by(const struct shira_dram_timing *t, uint32_t rank);

// Most clocks for which a command, with its CAS, takes the command bus.
uint32_t shira_dram_longest_command(const struct shira_dram_timing *t);

// Clocks from a command's first clock, a CAS left out, to the end of its data.
uint32_t shira_dram_read_clocks(const struct shira_dram_timing *t);
uint32_t shira_dram_write_clocks(const struct shira_dram_timing *t);

#ifdef __cplusplus
}
#endif

#endif
