// What an experiment measured: the only thing that host/report reads.
#ifndef SHIRA_RESULT_H
#define SHIRA_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "shira/config.h"
#include "shira/dram_stats.h"
#include "shira/regs.h"

#define SHIRA_MAX_PASSES 8

// Cycles of a switch by what the device waited for; they sum to the switch's cycles.
struct shira_phases {
  uint64_t fetch;  // doorbell -> first engine starts: descriptor fetch
  uint64_t stream; // -> first data from memory of any engine
  uint64_t decode; // -> first update, product or beat
  uint64_t work;   // -> last update, product or beat
  uint64_t drain;  // -> last completion record written
};

// One measured program run: a switch or a pass.
struct shira_measure {
  uint64_t cycles;                        // doorbell -> last completion written
  double bound_cycles;                    // least cycles that physics allows (D7)
  double sustained_cycles;                // the bound at what memory gives, sequential_mb_s
  const char *limit;                      // name of the bound's limiter
  uint64_t counters[SHIRA_COUNTER_COUNT]; // all device counters of that run
  struct shira_dram_stats memory;         // what the device's memory did in it
};

struct shira_pass {
  uint32_t tokens;
  struct shira_measure m;
  double overhead; // cycles / cycles of the same pass with base weights - 1
  double error_l2; // relative L2 error of the outputs against FP64 of the unquantised
  bool reference;  // outputs equal the reference, bit for bit
  bool golden;     // outputs equal the golden model, bit for bit
};

struct shira_weight_stats {
  uint64_t total;   // weights of the targeted linears
  uint64_t touched; // weights that the adapter has a delta for
  uint64_t changed; // bytes that differ from the base
  uint64_t zeroed;  // deltas that round to nothing
  uint64_t clipped; // saturated
};

enum shira_restore { SHIRA_RESTORE_EXACT, SHIRA_RESTORE_DRIFT, SHIRA_RESTORE_NONE };

// Which blocks of its model a workload is; all 0 of a square.
struct shira_blocks {
  uint32_t first, n, all; // blocks `first` to `first + n - 1` of `all`
  uint32_t hidden, vocab; // of the model
};

struct shira_result {
  char id[256];       // unique in a report
  char model[64];     // model's name, or "square"
  char layer[80];     // "2048x2048", "42 linears of 6 blocks" or "7 linears of block 13"
  char placement[16]; // "resident", "streamed"
  char strategy[24];  // D6
  char undo[16];      // how the adapter before goes: "transition", "in-place"; "" where it need not
  char kept[16];      // where adapters are while they are not active: "memory", "chip"
  char adapter[96];   // e.g. "shira rand 1.00 %", "lora rank 32", "-"
  char mask[16];      // "rand", "struct", "wm", "" where it has none
  char from[32], to[32]; // "base", "A", "B"
  char device[16];       // backend
  bool timed;            // it has cycles; without, nothing that is counted in them means anything
  struct shira_blocks blocks;
  uint32_t dim;           // side of a square tensor, 0 for a model
  uint64_t weights_total; // weights of all linears of the workload
  double density;         // touched / targeted weights, of a SHiRA adapter
  uint32_t rank;          // of a LoRA adapter, the largest of its modules; 0 otherwise
  uint64_t parameters;    // that the adapter stores: K of SHiRA, the sum of r (in + out) of LoRA
  uint64_t adapter_bytes; // that are kept of an adapter while it is not active
  uint64_t updates;       // of the switch (undo included)
  uint64_t stream_bytes;  // of the switch's streams, all included
  uint32_t streams;       // that the switch applies to each linear, one after another
  uint64_t image_bytes;   // of the adapter's linears, as they lie in memory
  bool has_switch;
  struct shira_measure sw;
  struct shira_phases phases;
  uint32_t n_passes;
  struct shira_pass pass[SHIRA_MAX_PASSES];
  bool reference;             // weights equal the reference after the switch
  bool golden;                // memories and completions equal the golden model
  enum shira_restore restore; // after base -> A -> B -> base
  double restore_drift;       // relative L2 of the difference where it is not exact
  struct shira_weight_stats weights;
};

// Wall-clock times live apart from results, so that results are the same bytes on each run.
struct shira_host_times {
  char id[256];
  double prepare_s;  // adapters made and read, weights quantised and packed
  double simulate_s; // device
  double golden_s;   // golden model
  double total_s;    // all, with the reference
  uint64_t simulated_cycles;
};

// What the RTL takes on an FPGA, where `make area` has synthesised it.
enum shira_area_figure {
  SHIRA_AREA_CELLS,       // word-level cells before mapping
  SHIRA_AREA_FF_BITS,     // flip-flops before mapping
  SHIRA_AREA_MEMORY_BITS, // memories as written
  SHIRA_AREA_LUT,         // those used as memory included
  SHIRA_AREA_LUT_RAM,     // LUTs used as memory or shift register
  SHIRA_AREA_FF,
  SHIRA_AREA_DSP,
  SHIRA_AREA_RAMB36,
  SHIRA_AREA_RAMB18,
  SHIRA_AREA_URAM,
  SHIRA_AREA_COUNT
};

#define SHIRA_MAX_BLOCKS 32

struct shira_area_block {
  char name[32];
  uint64_t figure[SHIRA_AREA_COUNT];
};

struct shira_area {
  char tool[64];     // "Yosys ..."
  uint32_t n_blocks; // 0: there is none
  struct shira_area_block block[SHIRA_MAX_BLOCKS];
  uint64_t total[SHIRA_AREA_COUNT];
};

struct shira_report {
  char program[64]; // version
  struct shira_experiment experiment;
  struct shira_machine machine;
  struct shira_area area; // of the machine's RTL
  double sequential_mb_s; // that the memory was measured to give, of its peak
  uint64_t seed;
  uint32_t stall_percent; // random stalls on every AXI channel
  uint32_t n_results;
  struct shira_result *results;
  struct shira_host_times *times; // one per workload
  uint32_t n_times;
};

#endif
