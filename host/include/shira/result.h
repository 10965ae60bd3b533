// What an experiment measured: the only thing that host/report reads.
#ifndef SHIRA_RESULT_H
#define SHIRA_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "shira/bound.h"
#include "shira/case.h"
#include "shira/config.h"
#include "shira/dram_stats.h"
#include "shira/hash.h"
#include "shira/regs.h"

#define SHIRA_MAX_SAMPLES 8
#define SHIRA_REASON_BYTES 512

// Cycles of a switch by what the device waited for; they sum to the switch's cycles.
struct shira_phases {
  uint64_t fetch;  // doorbell -> first engine starts: descriptor fetch
  uint64_t stream; // -> first data from memory of any engine
  uint64_t decode; // -> first update, product or beat
  uint64_t work;   // -> last update, product or beat
  uint64_t drain;  // -> last completion record written
};

// One timing, from a defined state of the memory system (D7).
struct shira_sample {
  uint32_t eighth; // of the refresh interval at which it began, 0 to 7
  uint64_t cycles; // doorbell -> last completion written
};

// The timings of one program. A figure is the median: of an even number the upper of the two in the
// middle, so that it is a sample that was measured, whose counters and phases are those told here.
struct shira_measure {
  uint32_t n_samples; // 0: the device knows no time; 1 where nothing is timed but 0 cycles
  struct shira_sample sample[SHIRA_MAX_SAMPLES]; // by eighth, ascending
  uint32_t median;                               // index of the sample that is the figure
  double bound_cycles;                           // least cycles that physics allows (D7)
  double sustained_cycles;                       // the bound at what memory gives in sequence
  enum shira_limit limit;                        // what sets the bound
  struct shira_phases phases;
  uint64_t counters[SHIRA_COUNTER_COUNT]; // all device counters of that sample
  struct shira_dram_stats memory;         // what the device's memory did in it
};

// The figure: cycles of the median sample, 0 where there is none.
static inline uint64_t shira_figure(const struct shira_measure *m) {
  return m->n_samples ? m->sample[m->median].cycles : 0;
}

struct shira_weight_stats {
  uint64_t total;   // weights of the linears that the adapter targets
  uint64_t touched; // weights that the adapter has a delta for
  uint64_t changed; // bytes that differ from the base
  uint64_t zeroed;  // deltas that round to nothing
  uint64_t clipped; // saturated
};

enum shira_restore { SHIRA_RESTORE_NONE, SHIRA_RESTORE_EXACT, SHIRA_RESTORE_DRIFT };

// Wall-clock times of a point. They differ from run to run and live apart: in times.json.
struct shira_wall {
  double prepare_s;  // adapters packed, the point's share of nothing else
  double simulate_s; // device, all samples
  double golden_s;   // golden model
  double merge_s;    // host: the streams of A and B merged into the transition's
  double total_s;
  uint64_t simulated_cycles;
};

// What a switch left behind, and what it was made of.
struct shira_switch {
  uint64_t updates;      // of the switch's streams (undo included)
  uint64_t stream_bytes; // that the switch reads, all included
  uint32_t streams;      // that it applies to each linear, one after another
  // Bytes that are kept of adapter `to` while it is not active. Transition: its own stream and the
  // one that takes it away, from which the host merges the stream of an ordered pair.
  uint64_t kept_bytes;
  uint64_t pair_bytes; // of a stream that is made for the ordered pair A -> B; 0: it has none
  struct shira_weight_stats weights;
  enum shira_restore restore;     // after base -> A -> B -> base
  double restore_drift;           // relative L2 of the difference where it is not exact
  struct shira_hash weights_hash; // of all weights [out][in], linear after linear, after the switch
  uint32_t n_errors;
  // Relative L2 error of the outputs with these weights against FP64, by the experiment's tokens.
  double error_l2[SHIRA_MAX_TOKENS];
};

struct shira_result {
  struct shira_case key;
  bool done;                       // false: `reason` says why not, nothing else means anything
  char reason[SHIRA_REASON_BYTES]; // one sentence
  bool timed;                      // it has cycles
  struct shira_measure m;
  bool reference;            // weights or outputs equal the reference, bit for bit
  bool golden;               // memories and completions equal the golden model
  struct shira_switch sw;    // of a switch
  struct shira_hash outputs; // of a pass: of all outputs [tokens][out], linear after linear
  struct shira_wall wall;
};

// Which blocks of its model a workload is; all 0 of a square.
struct shira_blocks {
  uint32_t first, n, all; // blocks `first` to `first + n - 1` of `all`
  uint32_t hidden, vocab; // of the model
};

struct shira_workload_facts {
  char name[80];    // "2048x2048", "stories15m"; unique in a report
  char model[64];   // model's name, or "square"
  uint32_t side;    // of a square tensor, 0 for a model
  uint32_t linears; // how many
  uint64_t weights; // of all linears
  struct shira_blocks blocks;
  struct shira_hash weights_hash; // base weights, quantised, [out][in], linear after linear
  struct shira_hash inputs[SHIRA_MAX_TOKENS]; // by the experiment's tokens
};

// How large the adapters of a pair are.
enum shira_pair_size {
  SHIRA_PAIR_GIVEN,  // the user's own
  SHIRA_PAIR_PAPERS, // the density or rank that the experiment names
  SHIRA_PAIR_EQUAL,  // LoRA of the rank whose parameter count is nearest to SHiRA's
  SHIRA_PAIR_SIZES
};

struct shira_adapter_facts {
  uint32_t modules;            // linears that it changes
  uint64_t targeted_weights;   // of those linears
  uint64_t parameters;         // that it stores: K of SHiRA, the sum of r (in + out) of LoRA
  uint32_t rank_min, rank_max; // of a LoRA adapter, 0 otherwise
  struct shira_hash
      targets; // of the numbers of those linears: equal where the same ones are changed
};

// Two adapters of one kind, for one workload.
struct shira_pair_facts {
  uint32_t workload;
  uint32_t kind; // enum shira_adapter_kind
  uint32_t mask; // enum shira_mask; SHIRA_MASK_COUNT: given, or no SHiRA
  uint32_t size; // enum shira_pair_size
  char name[32]; // "rand", "rank-32", "rank-equal", "given-lora"; unique for its workload
  struct shira_adapter_facts adapter[2]; // A, B
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

// How deep its RTL is between registers, where `make timing` has measured it. An FO4 is the delay
// of an inverter that drives four of its kind.
struct shira_depth { // the deepest path that ends in a block
  char name[32];     // block
  double fo4;
  double ns;               // in the library that was used
  uint32_t cells;          // of that library
  char from[160], to[160]; // registers, as the RTL names them
  char through[160];       // blocks, in order
};

struct shira_rtl_timing {
  char tool[64];     // "Yosys ..., OpenSTA ..."
  char library[16];  // of cells
  double fo4_ns;     // in that library
  uint32_t n_blocks; // 0: there is none
  struct shira_depth block[SHIRA_MAX_BLOCKS];
};

struct shira_machine_facts {
  struct shira_machine hw;
  struct shira_area area;         // of its RTL
  struct shira_rtl_timing timing; // of its RTL
  double sequential_mb_s;         // that its memory was measured to give in sequence
  uint64_t refresh_cycles;        // device cycles of a refresh interval, 0: memory is not refreshed
};

struct shira_report {
  char program[64]; // version
  char device[16];  // backend
  struct shira_experiment experiment;
  uint64_t seed;
  uint32_t stall_percent; // random stalls on every AXI channel
  uint32_t n_machines, n_workloads, n_pairs, n_results;
  struct shira_machine_facts *machines;
  struct shira_workload_facts *workloads;
  struct shira_pair_facts *pairs;
  struct shira_result *results; // ascending by shira_case_compare; those that are not done too
};

#endif
