// Energy that a DRAM took, by what it did: what was counted, times what its standard's file says.
#ifndef SHIRA_DRAM_ENERGY_H
#define SHIRA_DRAM_ENERGY_H

#include "shira/dram.h"
#include "shira/dram_stats.h"

#ifdef __cplusplus
extern "C" {
#endif

// pJ. NAN: nobody published a figure.
struct shira_dram_energy {
  double activate, read, write, refresh; // commands
  double closed, open;                   // time in which ranks had no row open, some row open
  double total;
};

// Sets *e to the energy of `stats`, counted in `us` microseconds, of a DRAM; all NAN where its file
// has no energies. Where that has a figure a bit alone, only the total has one.
void shira_dram_energy(const struct shira_dram_setup *dram, const struct shira_dram_stats *stats,
                       double us, struct shira_dram_energy *e);

// Names of the members, in their order: "activate" ... "total"; NULL behind the last.
const char *shira_dram_energy_name(unsigned i);

#ifdef __cplusplus
}
#endif

#endif
