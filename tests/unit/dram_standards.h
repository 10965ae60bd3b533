// The figures of the four DRAM standards, typed once more beside configs/dram, and arithmetic of
// the tests' own: what is tested is not asked what it should be.
#ifndef DRAM_STANDARDS_H
#define DRAM_STANDARDS_H

#include <stdbool.h>
#include <stdint.h>

// Every time of a standard, by its key in the file.
#define DRAM_TIMES(X)                                                                              \
  X(trcd)                                                                                          \
  X(trp)                                                                                           \
  X(trp_all)                                                                                       \
  X(tras)                                                                                          \
  X(trc)                                                                                           \
  X(cl)                                                                                            \
  X(cwl)                                                                                           \
  X(tccd_s)                                                                                        \
  X(tccd_l)                                                                                        \
  X(tccd_masked)                                                                                   \
  X(trrd_s)                                                                                        \
  X(trrd_l)                                                                                        \
  X(tfaw)                                                                                          \
  X(twr)                                                                                           \
  X(twtr_s) X(twtr_l) X(trtp) X(trtw) X(trtrs) X(trefi) X(trfc) X(trfc_bank) X(trefpb_act) X(trefpb)

struct figure {
  double ns;
  uint32_t ck;
};

struct figures {
  const char *file, *name;
  uint32_t data_rate, transfers_per_clock, channel_bits, burst_length, bank_groups, banks, rows,
      page_bytes;
  uint32_t activate_clocks, column_clocks, precharge_clocks, refresh_clocks;
  bool two_command_buses;
#define X(key) struct figure key;
  DRAM_TIMES(X)
#undef X
};

// JESD209-4 at 4266 (8 Gb a channel), JESD209-5 at 6400 (8 Gb, bank groups), JESD79-4 at 3200AA
// (8 Gb, x8), HBM2 at 2.0 Gb/s (pseudo channel; the maker's times).
static const struct figures dram_standards[] = {
    {.file = "configs/dram/lpddr4x-4266.yaml",
     .name = "LPDDR4X-4266",
     .data_rate = 4266,
     .transfers_per_clock = 2,
     .channel_bits = 16,
     .burst_length = 16,
     .bank_groups = 1,
     .banks = 8,
     .rows = 65536,
     .page_bytes = 2048,
     .activate_clocks = 4, // ACT-1 and ACT-2, two clocks each
     .column_clocks = 4,   // RD-1 and CAS-2
     .precharge_clocks = 2,
     .refresh_clocks = 2,
     .trcd = {18, 4},
     .trp = {18, 4},
     .trp_all = {21, 4},
     .tras = {42, 3},
     .trc = {60, 0},
     .cl = {0, 36 + 8},  // RL, tDQSCK of 3.5 ns
     .cwl = {0, 18 + 1}, // WL, tDQSS
     .tccd_s = {0, 8},
     .tccd_l = {0, 8},
     .tccd_masked = {0, 4 * 8},
     .trrd_s = {7.5, 4},
     .trrd_l = {7.5, 4},
     .tfaw = {30, 0},
     .twr = {18, 6},
     .twtr_s = {10, 8},
     .twtr_l = {10, 8},
     .trtp = {7.5, 8},
     .trtw = {0, 36 + 8 + 8 + 2 - 18}, // RL + tDQSCK + BL/2 + tWPRE - WL
     .trtrs = {0, 4},
     .trefi = {3904, 0},
     .trfc = {280, 0},
     .trfc_bank = {140, 0},
     .trefpb_act = {7.5, 4},
     .trefpb = {90, 0}},
    {.file = "configs/dram/lpddr5-6400.yaml",
     .name = "LPDDR5-6400",
     .data_rate = 6400,
     .transfers_per_clock = 8,
     .channel_bits = 16,
     .burst_length = 16,
     .bank_groups = 4,
     .banks = 4,
     .rows = 32768,
     .page_bytes = 2048,
     .activate_clocks = 2, // ACT-1 and ACT-2
     .column_clocks = 1,
     .precharge_clocks = 1,
     .refresh_clocks = 1,
     .trcd = {18, 2},
     .trp = {18, 2},
     .trp_all = {21, 2},
     .tras = {42, 3},
     .trc = {60, 0},
     .cl = {0, 17 + 2}, // RL, tWCK2DQO of 1.6 ns
     .cwl = {0, 9},
     .tccd_s = {0, 2}, // BL/n_min
     .tccd_l = {0, 4}, // BL/n_max
     .tccd_masked = {0, 4 * 4},
     .trrd_s = {5, 2},
     .trrd_l = {5, 2},
     .tfaw = {20, 0},
     .twr = {0, 28 + 1}, // nWR
     .twtr_s = {6.25, 4},
     .twtr_l = {0, 2 + 10}, // BL/n_max - BL/n_min, 12 ns
     .trtp = {7.5, 2},
     .trtw = {0, 17 + 4 + 2 - 9}, // RL + BL/n_max + tWCK2DQO - WL
     .trtrs = {0, 2},
     .trefi = {3906, 0},
     .trfc = {210, 0},
     .trfc_bank = {120, 0},
     .trefpb_act = {7.5, 0},
     .trefpb = {90, 0}},
    {.file = "configs/dram/ddr4-3200.yaml",
     .name = "DDR4-3200",
     .data_rate = 3200,
     .transfers_per_clock = 2,
     .channel_bits = 64,
     .burst_length = 8,
     .bank_groups = 4,
     .banks = 4,
     .rows = 65536,
     .page_bytes = 8 * 1024, // of eight devices
     .activate_clocks = 1,
     .column_clocks = 1,
     .precharge_clocks = 1,
     .refresh_clocks = 1,
     .trcd = {13.75, 0},
     .trp = {13.75, 0},
     .trp_all = {13.75, 0},
     .tras = {32, 0},
     .trc = {32 + 13.75, 0},
     .cl = {0, 22},
     .cwl = {0, 16},
     .tccd_s = {0, 4},
     .tccd_l = {5, 5},
     .trrd_s = {2.5, 4},
     .trrd_l = {4.9, 4},
     .tfaw = {21, 20},
     .twr = {15, 0},
     .twtr_s = {2.5, 2},
     .twtr_l = {7.5, 4},
     .trtp = {7.5, 4},
     .trtw = {0, 22 + 4 + 2 - 16}, // CL + BL/2 + 2 - CWL
     .trtrs = {0, 2},
     .trefi = {7800, 0},
     .trfc = {350, 0}},
    {.file = "configs/dram/hbm2.yaml",
     .name = "HBM2-2000",
     .data_rate = 2000,
     .transfers_per_clock = 2,
     .channel_bits = 64,
     .burst_length = 4,
     .bank_groups = 4,
     .banks = 4,
     .rows = 16384,
     .page_bytes = 1024,
     .activate_clocks = 2,
     .column_clocks = 1,
     .precharge_clocks = 1,
     .refresh_clocks = 1,
     .two_command_buses = true,
     .trcd = {14, 0},
     .trp = {14, 0},
     .trp_all = {14, 0},
     .tras = {33, 0},
     .trc = {33 + 14, 0},
     .cl = {0, 20 + 1}, // RL, tDQSCK
     .cwl = {0, 8},
     .tccd_s = {0, 2},
     .tccd_l = {0, 4},
     .trrd_s = {4, 0},
     .trrd_l = {6, 0},
     .tfaw = {16, 0},
     .twr = {16, 0},
     .twtr_s = {4, 0},
     .twtr_l = {9, 0},
     .trtp = {5, 0},
     .trtw = {0, 20 + 2 + 2 - 8}, // RL + BL/2 + 2 - WL
     .trtrs = {0, 1},
     .trefi = {3900, 0},
     .trfc = {350, 0},
     .trfc_bank = {160, 0},
     .trefpb_act = {8, 0},
     .trefpb = {8, 0}},
};

#define N_DRAM_STANDARDS (sizeof dram_standards / sizeof *dram_standards)

// Clocks of a time: nanoseconds rounded up to whole periods of the command clock.
static inline uint32_t dram_clocks_of(const struct figures *f, struct figure t) {
  const uint64_t ps = (uint64_t)(t.ns * 1000 + 0.5);
  const uint64_t mhz = f->data_rate / f->transfers_per_clock; // whole in all four
  const uint64_t clocks = ps * mhz / 1000000 + (ps * mhz % 1000000 != 0);
  return clocks > t.ck ? (uint32_t)clocks : t.ck;
}

#endif
