// The command trace of a DRAM: text, a line a command in the order of time of its channel,
//
//   CLOCK CHANNEL COMMAND RANK BANK ROW COLUMN
//
// numbers in decimal, 0 where a command has none of it; CLOCK counts command clocks, COMMAND is as
// shira_dram_command_name, or CAS, BANK is group * banks + bank within the group, COLUMN counts
// bursts. SETTLE is no command: from that clock on the channel is as if nothing had been before,
// rows closed and every timing satisfied. First line: "# NAME CHANNELS channels RANKS ranks RATE
// rate", NAME of the standard, RATE refreshes in its tREFI (dram.refresh_rate).
#ifndef SHIRA_DRAM_TRACE_H
#define SHIRA_DRAM_TRACE_H

#include <inttypes.h>
#include <stdio.h>

#include "sim/dram/timing.h"

static inline void shira_dram_trace_start(FILE *f, const struct shira_dram_setup *d) {
  fprintf(f, "# %s %u channels %u ranks %u rate\n", d->standard.name, d->channels, d->ranks,
          d->refresh_rate);
}

static inline void shira_dram_trace(FILE *f, uint64_t clock, uint32_t channel,
                                    enum shira_dram_command command,
                                    const struct shira_dram_place *p) {
  const bool column = command >= SHIRA_DRAM_RD && command <= SHIRA_DRAM_MWR;
  const bool row = column || command == SHIRA_DRAM_ACT || command == SHIRA_DRAM_ACT1;
  fprintf(f, "%" PRIu64 " %u %s %u %u %u %u\n", clock, channel, shira_dram_command_name(command),
          p->rank, command == SHIRA_DRAM_PREA || command == SHIRA_DRAM_REF ? 0 : p->bank,
          row ? p->row : 0, column ? p->column : 0);
}

static inline void shira_dram_trace_cas(FILE *f, uint64_t clock, uint32_t channel,
                                        const struct shira_dram_place *p) {
  fprintf(f, "%" PRIu64 " %u CAS %u 0 0 0\n", clock, channel, p->rank);
}

static inline void shira_dram_trace_settle(FILE *f, uint64_t clock, uint32_t channel) {
  fprintf(f, "%" PRIu64 " %u SETTLE 0 0 0 0\n", clock, channel);
}

#endif
