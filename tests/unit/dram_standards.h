// The figures of the DRAM standards, typed once more beside configs/dram, and arithmetic of
// the tests' own: what is tested is not asked what it should be.
#ifndef DRAM_STANDARDS_H
#define DRAM_STANDARDS_H

#include <stdbool.h>
#include <stdint.h>

// Every time of a standard, by its key in the file.
#define DRAM_TIMES(X)                                                                              \
  X(taad)                                                                                          \
  X(trcd)                                                                                          \
  X(trcd_write)                                                                                    \
  X(tppd)                                                                                          \
  X(trp)                                                                                           \
  X(trp_all)                                                                                       \
  X(tras)                                                                                          \
  X(trc)                                                                                           \
  X(cl)                                                                                            \
  X(cwl)                                                                                           \
  X(tccd_s)                                                                                        \
  X(tccd_l)                                                                                        \
  X(tccd_l_write)                                                                                  \
  X(tccd_masked)                                                                                   \
  X(tccd_masked_l)                                                                                 \
  X(trrd_s)                                                                                        \
  X(trrd_l)                                                                                        \
  X(tfaw)                                                                                          \
  X(twr)                                                                                           \
  X(twtr_s)                                                                                        \
  X(twtr_l)                                                                                        \
  X(trtp)                                                                                          \
  X(trtw_s)                                                                                        \
  X(trtw_l)                                                                                        \
  X(twckpst) X(trtrs) X(trefi) X(trfc) X(trfc_bank) X(trefpb_act) X(trefpb)

struct figure {
  double ns;
  uint32_t ck;
};

struct figures {
  const char *file, *name;
  uint32_t data_rate, transfers_per_clock, channel_bits, burst_length, bank_groups, banks, rows,
      page_bytes;
  uint32_t activate_clocks, column_clocks, precharge_clocks, refresh_clocks, cas_clocks;
  bool two_command_buses;
  uint32_t pseudo_channels, refresh_banks;
#define X(key) struct figure key;
  DRAM_TIMES(X)
#undef X
};

// JESD209-4 at 4266 (8 Gb a channel), JESD209-5 at 6400 (8 Gb, bank groups), JESD79-4 at 3200AA
// (8 Gb, x8), HBM2 at 2.0 Gb/s (pseudo channel; the maker's times); LPDDR5X at 8533, JESD79-5 at
// 4800 (16 Gb, x8, 40-40-40), HBM3 at 6.4 Gb/s by half clocks (pseudo channel).
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
     .pseudo_channels = 1,
     .refresh_banks = 1,
     .trcd = {18, 4},
     .trcd_write = {18, 4},
     .tppd = {0, 4},
     .trp = {18, 4},
     .trp_all = {21, 4},
     .tras = {42, 3},
     .trc = {60, 0},
     .cl = {0, 36 + 8},  // RL, tDQSCK of 3.5 ns
     .cwl = {0, 18 + 1}, // WL, tDQSS
     .tccd_s = {0, 8},
     .tccd_l = {0, 8},
     .tccd_l_write = {0, 8},
     .tccd_masked = {0, 4 * 8},
     .trrd_s = {7.5, 4},
     .trrd_l = {7.5, 4},
     .tfaw = {30, 0},
     .twr = {18, 6},
     .twtr_s = {10, 8},
     .twtr_l = {10, 8},
     .trtp = {7.5, 8},
     .trtw_s = {0, 36 + 8 + 8 + 2 - 18}, // RL + tDQSCK + BL/2 + tWPRE - WL
     .trtw_l = {0, 36 + 8 + 8 + 2 - 18},
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
     .activate_clocks = 1, // ACT-1 and ACT-2 each
     .column_clocks = 1,
     .precharge_clocks = 1,
     .refresh_clocks = 1,
     .cas_clocks = 1,
     .pseudo_channels = 1,
     .refresh_banks = 2,
     .taad = {0, 8},
     .trcd = {18, 2},
     .trcd_write = {18, 2},
     .tppd = {0, 2},
     .trp = {18, 2},
     .trp_all = {21, 2},
     .tras = {42, 3},
     .trc = {60, 0},
     .cl = {0, 17 + 2}, // RL, tWCK2DQO of 1.6 ns
     .cwl = {0, 9},
     .tccd_s = {0, 2}, // BL/n_min
     .tccd_l = {0, 4}, // BL/n_max
     .tccd_l_write = {0, 4},
     .tccd_masked = {0, 4 * 4},
     .trrd_s = {5, 2},
     .trrd_l = {5, 2},
     .tfaw = {20, 0},
     .twr = {0, 28 + 1}, // nWR
     .twtr_s = {6.25, 4},
     .twtr_l = {0, 2 + 10}, // BL/n_max - BL/n_min, 12 ns
     .trtp = {7.5, 2},
     .trtw_s = {0, 17 + 2 + 2 - 9}, // RL + BL/n_min + tWCK2DQO - WL
     .trtw_l = {0, 17 + 4 + 2 - 9}, // BL/n_max
     .twckpst = {0, 1},
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
     .pseudo_channels = 1,
     .refresh_banks = 1,
     .trcd = {13.75, 0},
     .trcd_write = {13.75, 0},
     .trp = {13.75, 0},
     .trp_all = {13.75, 0},
     .tras = {32, 0},
     .trc = {32 + 13.75, 0},
     .cl = {0, 22},
     .cwl = {0, 16},
     .tccd_s = {0, 4},
     .tccd_l = {5, 5},
     .tccd_l_write = {5, 5},
     .trrd_s = {2.5, 4},
     .trrd_l = {4.9, 4},
     .tfaw = {21, 20},
     .twr = {15, 0},
     .twtr_s = {2.5, 2},
     .twtr_l = {7.5, 4},
     .trtp = {7.5, 4},
     .trtw_s = {0, 22 + 4 + 2 - 16}, // CL + BL/2 + 2 - CWL
     .trtw_l = {0, 22 + 4 + 2 - 16},
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
     .pseudo_channels = 2,
     .refresh_banks = 1,
     .trcd = {14, 0},
     .trcd_write = {10, 0},
     .trp = {14, 0},
     .trp_all = {14, 0},
     .tras = {33, 0},
     .trc = {33 + 14, 0},
     .cl = {0, 20 + 1}, // RL, tDQSCK
     .cwl = {0, 8},
     .tccd_s = {0, 2},
     .tccd_l = {0, 4},
     .tccd_l_write = {0, 4},
     .trrd_s = {4, 0},
     .trrd_l = {6, 0},
     .tfaw = {16, 0},
     .twr = {16, 0},
     .twtr_s = {4, 0},
     .twtr_l = {9, 0},
     .trtp = {5, 0},
     .trtw_s = {0, 20 + 2 + 2 - 8}, // RL + BL/2 + 2 - WL
     .trtw_l = {0, 20 + 2 + 2 - 8},
     .trtrs = {0, 1},
     .trefi = {3900, 0},
     .trfc = {260, 0}, // 4 Gb a channel
     .trfc_bank = {160, 0},
     .trefpb_act = {8, 0},
     .trefpb = {8, 0}},
    {.file = "configs/dram/lpddr5x-8533.yaml",
     .name = "LPDDR5X-8533",
     .data_rate = 8533,
     .transfers_per_clock = 8,
     .channel_bits = 16,
     .burst_length = 16,
     .bank_groups = 4,
     .banks = 4,
     .rows = 32768,
     .page_bytes = 2048,
     .activate_clocks = 1,
     .column_clocks = 1,
     .precharge_clocks = 1,
     .refresh_clocks = 1,
     .cas_clocks = 1,
     .pseudo_channels = 1,
     .refresh_banks = 2,
     .taad = {0, 8},
     .trcd = {18, 2},
     .trcd_write = {18, 2},
     .tppd = {0, 2},
     .trp = {18, 2},
     .trp_all = {21, 2},
     .tras = {42, 3},
     .trc = {60, 0},
     .cl = {0, 23 + 2}, // RL, tWCK2DQO of 1.6 ns
     .cwl = {0, 12},
     .tccd_s = {0, 2},
     .tccd_l = {0, 4},
     .tccd_l_write = {0, 4},
     .tccd_masked = {0, 4 * 4},
     .trrd_s = {3.75, 2},
     .trrd_l = {3.75, 2},
     .tfaw = {15, 0},
     .twr = {0, 37 + 1}, // nWR
     .twtr_s = {6.25, 4},
     .twtr_l = {0, 2 + 13}, // BL/n_max - BL/n_min, 12 ns
     .trtp = {0, 2 + 6},    // BL/n_min + nRBTP
     .trtw_s = {0, 23 + 2 + 2 - 12},
     .trtw_l = {0, 23 + 4 + 2 - 12},
     .twckpst = {0, 1},
     .trtrs = {0, 2},
     .trefi = {3906, 0},
     .trfc = {210, 0},
     .trfc_bank = {120, 0},
     .trefpb_act = {7.5, 0},
     .trefpb = {90, 0}},
    {.file = "configs/dram/ddr5-4800.yaml",
     .name = "DDR5-4800",
     .data_rate = 4800,
     .transfers_per_clock = 2,
     .channel_bits = 32,
     .burst_length = 16,
     .bank_groups = 8,
     .banks = 4,
     .rows = 65536,
     .page_bytes = 4 * 1024, // of four devices
     .activate_clocks = 2,
     .column_clocks = 2,
     .precharge_clocks = 1,
     .refresh_clocks = 1,
     .pseudo_channels = 1,
     .refresh_banks = 1,
     .trcd = {16.64, 0},
     .trcd_write = {16.64, 0},
     .tppd = {0, 2},
     .trp = {16.64, 0},
     .trp_all = {16.64, 0},
     .tras = {32, 0},
     .trc = {32 + 16.64, 0},
     .cl = {0, 40},
     .cwl = {0, 40 - 2},
     .tccd_s = {0, 8},
     .tccd_l = {5, 8},
     .tccd_l_write = {10, 16},
     .tccd_masked = {20, 32},
     .tccd_masked_l = {20, 32},
     .trrd_s = {0, 8},
     .trrd_l = {5, 8},
     .tfaw = {13.333, 32},
     .twr = {30, 0},
     .twtr_s = {2.5, 4},
     .twtr_l = {10, 16},
     .trtp = {7.5, 12},
     .trtw_s = {0, 40 + 8 + 2 - 38 + 2}, // CL + BL/2 + 2 - CWL + 2
     .trtw_l = {0, 40 + 8 + 2 - 38 + 2},
     .trtrs = {0, 2},
     .trefi = {3900, 0},
     .trfc = {295, 0}},
    {.file = "configs/dram/hbm3.yaml",
     .name = "HBM3-6400",
     .data_rate = 6400,
     .transfers_per_clock = 2, // of half a clock
     .channel_bits = 32,
     .burst_length = 8,
     .bank_groups = 4,
     .banks = 4,
     .rows = 16384,
     .page_bytes = 1024,
     .activate_clocks = 3, // 1.5 CK
     .column_clocks = 2,
     .precharge_clocks = 1,
     .refresh_clocks = 1,
     .two_command_buses = true,
     .pseudo_channels = 2,
     .refresh_banks = 1,
     .trcd = {0, 2 * 31},
     .trcd_write = {0, 2 * 15},
     .tppd = {0, 2 * 2},
     .trp = {0, 2 * 26},
     .trp_all = {0, 2 * 26},
     .tras = {0, 2 * 45},
     .trc = {0, 2 * 72},
     .cl = {0, 2 * 20},
     .cwl = {0, 2 * 10},
     .tccd_s = {0, 2 * 2},
     .tccd_l = {0, 2 * 4},
     .tccd_l_write = {0, 2 * 4},
     .trrd_s = {0, 2 * 4},
     .trrd_l = {0, 2 * 5},
     .tfaw = {0, 2 * 24},
     .twr = {0, 2 * 33},
     .twtr_s = {0, 2 * 7},
     .twtr_l = {0, 2 * 10},
     .trtp = {0, 2 * 9},
     .trtw_s = {0, 2 * 20},
     .trtw_l = {0, 2 * 20},
     .trtrs = {0, 2 * (3 - 2)},
     .trefi = {3900, 0},
     .trfc = {260, 0},
     .trfc_bank = {200, 0},
     .trefpb_act = {8, 2 * 3},
     .trefpb = {8, 2 * 3}},
};

#define N_DRAM_STANDARDS (sizeof dram_standards / sizeof *dram_standards)

// Clocks of a time: nanoseconds rounded up to whole periods of the command clock.
static inline uint32_t dram_clocks_of(const struct figures *f, struct figure t) {
  const uint64_t ps = (uint64_t)(t.ns * 1000 + 0.5);
  const uint64_t parts = ps * f->data_rate, clock = f->transfers_per_clock * 1000000ull;
  const uint64_t clocks = parts / clock + (parts % clock != 0);
  return clocks > t.ck ? (uint32_t)clocks : t.ck;
}

// With one command for an ACT, and WCK that runs always.
static inline struct figures dram_plain(const struct figures *f) {
  struct figures plain = *f;
  plain.activate_clocks *= 1 + (f->taad.ck != 0);
  plain.taad = plain.twckpst = (struct figure){0, 0};
  plain.cas_clocks = 0;
  return plain;
}

#endif
