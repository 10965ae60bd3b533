// What a standard asks of pairs of commands, as the checker of traces reads it: clocks from the
// first clock of the one to the first clock of the other.
#ifndef DRAM_CHECK_RULES_H
#define DRAM_CHECK_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "shira/dram.h"

// CAS and SETTLE are lines of a trace without a place.
enum kind { ACT, PRE, PREA, RD, WR, MWR, REF, REFPB, ACT1, CAS, SETTLE, KINDS };

#define MOST_RULES 4 // of a pair of commands

// Where the second command is, seen from the first. Sets of these.
enum { BANK = 1, GROUP = 2, RANK = 4, ELSEWHERE = 8 }; // same bank; other of group; of rank; rank
#define WITHIN (BANK | GROUP | RANK)

struct rule {
  const char *name;
  unsigned where;
  uint64_t clocks;
};

struct rules {
  struct rule rule[KINDS][KINDS][MOST_RULES];
  unsigned n[KINDS][KINDS];
  uint64_t bus_clocks[KINDS];
  uint64_t read, write, burst; // command to data, data
  uint64_t window;             // clocks of the longest rule
};

static inline bool column_command(enum kind k) {
  return k == RD || k == WR || k == MWR;
}

// Clocks of a time, by arithmetic of the checker's own.
uint64_t rule_clocks(const struct shira_dram_standard *s, struct shira_timing t);

void rules_of(const struct shira_dram_standard *s, struct rules *r);

#endif
