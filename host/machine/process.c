// How quick logic and SRAM are at a node of manufacture.
#include <math.h>

#include "host/machine/tables.h"
#include "shira/config.h"

// Logic that a synthesis makes of RTL is slower than the best that is published for a node, so of
// several figures these are slow ones: slow conditions, low-power devices.
#define HO                                                                                         \
  "R. Ho, K. W. Mai, M. A. Horowitz: The Future of Wires, Proc. IEEE 89 (4), 2001: 500 ps a um "   \
  "of "                                                                                            \
  "gate length, slow conditions"
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

// CACTI 7 (ram, 330 K, itrs-lop) at 22 nm: access times of macros whose words are up to 128 bits
// wide, in log2 of their bytes; the last has 256.
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
