// Checks a command trace of a DRAM (sim/dram/trace.h) against its standard, with no code of what
// made the trace: each command against those before it, pair by pair, and the state that they left.
//
// Rules, as sentences name them: "order", "command bus", "open row" (RD, WR, MWR), "closed bank"
// (ACT, ACT1, REF, REFPB), "REFPB", "ACT1", "CAS" (a standard without, or not where they must be),
// tAAD, tRCD, tRCDWR, tRP, tRPab, tRAS, tRC, tPPD, tRRD_S, tRRD_L, tFAW, tCCD_S, tCCD_L, tCCD_L_WR,
// tCCDMW, tCCDMW_L, tRTP, tWR, tWTR_S, tWTR_L, tRTW_S, tRTW_L, tRTRS, tRFC, tRFCpb, tREFPB,
// tREFPB_ACT, "data bus", and tREFI: of every bank no more than 9 tREFI from refresh to refresh,
// and at any time no more than 8 refreshes behind one each tREFI; no more than 8 ahead are counted.
// A REF refreshes all banks of its rank, a REFPB its bank; the first clock is 0, as if all had been
// refreshed there. From a SETTLE on its channel is held to no more than is one that begins there.
#ifndef DRAM_CHECK_H
#define DRAM_CHECK_H

#include <stdint.h>
#include <stdio.h>

#include "shira/dram.h"

struct dram_check;

// NULL: no memory, no channel, no rank, or more than 256 ranks or banks of a rank.
struct dram_check *dram_check_new(const struct shira_dram_standard *standard, uint32_t channels,
                                  uint32_t ranks);

// Takes one line of the trace, with its newline or without. 0: in order. 1: a rule is broken; `why`
// then says "RULE: ..." of the first that is, and the command counts as given. -EINVAL: not a line
// of a trace, nothing changed. -ENOMEM. Lines that begin with '#' are passed over.
int dram_check_line(struct dram_check *c, const char *line, char *why, size_t size);

// At the end of the trace: 1 where a bank was overdue for its refresh at the last clock, `why` says
// the first such one. Else 0.
int dram_check_end(const struct dram_check *c, char *why, size_t size);

// Refreshes in the standard's tREFI, by the temperature: 1 where it is not said. Before the first
// line.
void dram_check_rate(struct dram_check *c, unsigned rate);

// Of a controller that has to be better than the standard: no bank may be owed more than `most`
// refreshes, and one more tREFI is the longest from refresh to refresh. Before the first line.
void dram_check_owed(struct dram_check *c, unsigned most);

void dram_check_free(struct dram_check *c);

// Checks a whole trace, channels and ranks by its first line. Prints up to `most` sentences to
// `out`. 0, or -EINVAL with a sentence in `why`: cannot be read as a trace of that standard.
// -ENOMEM.
int dram_check_trace(const struct shira_dram_standard *standard, FILE *trace, FILE *out,
                     unsigned most, uint64_t *commands, uint64_t *violations, char *why,
                     size_t size);

#endif
