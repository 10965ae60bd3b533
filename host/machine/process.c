// How quick logic and SRAM are at a node of manufacture.
#include <math.h>

#include "host/machine/tables.h"
#include "shira/config.h"

// Logic that a synthesis makes of RTL is slower than the best that is published for a node, so of
// several figures these are slow ones: slow conditions, low-power devices.
//
// The rule of 500 ps a um is as others cite it: the paper itself was not there to check it. It was
// held against CACTI 7 (github.com/HewlettPackard/cacti, 1ffd8dfb, itrs-lop at 330 K), whose FO4 is
// 19.6, 10.4 and 8.7 ps at 45, 28 and 22 nm: by the rule logic is 1.15 to 1.35 times as slow. (Its
// itrs-hp: 9.1, 4.8, 3.2; its itrs-lstp: 35.4, 22.4, 16.9.)
// Of the scaling equations the coefficients were read in github.com/wromaszkan/nodeScale, 0676b74e,
// which are those of github.com/EPFL-LAP/fpga21-scaled-tech, 46d6fb71, where both have them:
//   16 nm LP: -114.6 V^3 + 366.7 V^2 - 397.4 V + 153.6, 10.4 at 0.85 V (high performance: 6.4)
//    7 nm LP: -61.79 V^3 + 196.1 V^2 - 210.3 V + 79.55, 7.2 at 0.7 V (high performance: 3.2)
// That they are ps of an FO4 is taken from their value at 180 nm and 1.8 V, 79, which by the rule
// is 65 to 90. The second of these projects has 4.96 ps from ASAP7's 7 nm models.
#define HO                                                                                         \
  "R. Ho, K. W. Mai, M. A. Horowitz: The Future of Wires, Proc. IEEE 89 (4), 2001: 500 ps a um "   \
  "of gate length, slow conditions (as cited; CACTI 7 has 0.74 to 0.87 of it)"
#define STILLMAKER                                                                                 \
  "A. Stillmaker, B. Baas: Scaling equations for the accurate prediction of CMOS device "          \
  "performance from 180 nm to 7 nm, Integration 58, 2017, pp. 74-81: low-power devices"

// X(name, delay of an inverter that drives four, ps, source)
#define PROCESSES(X)                                                                               \
  X("45nm", 22.5, HO)                                                                              \
  X("28nm", 14.0, HO)                                                                              \
  X("22nm", 11.0, HO)                                                                              \
  X("16nm", 10.4, STILLMAKER " at 0.85 V")                                                         \
  X("7nm", 7.2, STILLMAKER " at 0.7 V")                                                            \
  X("fpga", 0, "place and route says what clock an FPGA reaches")

#define PROCESS(name, fo4_ps, source) {name, fo4_ps, source},
static const struct shira_process processes[] = {PROCESSES(PROCESS)};

#define NAME(name, fo4_ps, source) name,
const char *const cfg_processes[] = {PROCESSES(NAME) NULL};

_Static_assert(sizeof processes / sizeof *processes == SHIRA_PROCESSES, "all are counted");

const struct shira_process *shira_process(uint32_t i) {
  return i < SHIRA_PROCESSES ? &processes[i] : NULL;
}

uint32_t shira_process_mhz(const struct shira_process *process) {
  return process->fo4_ps > 0 ? (uint32_t)(1e6 / (SHIRA_DEEPEST_FO4 * process->fo4_ps)) : 0;
}

// CACTI 7 (as above; ram, 1 bank, its cache.cfg else) at 22 nm: access times of macros whose words
// are up to 128 bits wide, in log2 of their bytes; the last has 256. At other nodes they are scaled
// by the FO4 above, which is slower than CACTI's own: 512 KiB between 256 KiB and 1 MiB, 28 nm: 1.8
// ns for 1.6.
static const struct {
  double log2_bytes, ns;
} macros[] = {{13, .36}, {15, .54}, {16, .67}, {18, 1.08}, {20, 1.86}};
#define N_MACROS (sizeof macros / sizeof *macros)
#define MACRO_FO4_PS 11.0 // at 22 nm, as above

double shira_sram_ns(const struct shira_process *process, uint32_t bytes, uint32_t word_bytes) {
  // Wider words lie in macros side by side.
  const uint32_t beside = word_bytes > SHIRA_MACRO_BYTES ? word_bytes / SHIRA_MACRO_BYTES : 1;
  const double size = log2((double)bytes / beside);
  double ns = macros[0].ns; // smaller ones are no quicker
  for (unsigned i = 1; i < N_MACROS && size > macros[i - 1].log2_bytes; i++) {
    const double from = macros[i - 1].log2_bytes, to = macros[i].log2_bytes;
    const double part = size < to ? (size - from) / (to - from) : 1;
    ns = macros[i - 1].ns * pow(macros[i].ns / macros[i - 1].ns, part);
  }
  // Beyond the largest wires rule, whose length grows with the side.
  if (size > macros[N_MACROS - 1].log2_bytes)
    ns *= exp2((size - macros[N_MACROS - 1].log2_bytes) / 2);
  return ns * process->fo4_ps / MACRO_FO4_PS;
}
