// Machines, models and experiments: YAML files, read once into checked structures.
//
// All loaders: `path` names one YAML file. They return 0 or -errno with one sentence in *error
// (which may be NULL), `file:line: key: what is wrong, what is allowed` where a place in the file
// is to blame, and then leave nothing to free. They block on the file system, touch no hardware,
// and may run in any thread. Errors:
//   -ENOENT, -EACCES, ...  the file cannot be read
//   -EFBIG                 the file is larger than SHIRA_CONFIG_FILE_BYTES
//   -EINVAL                the file is not what it should be
//   -ENOMEM
// A file is complete: no key has a hidden default, but keys documented as optional may be left out.
#ifndef SHIRA_CONFIG_H
#define SHIRA_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shira/dram.h"
#include "shira/error.h"

#ifdef __cplusplus
extern "C" {
#endif

// Largest configuration file that is read.
#define SHIRA_CONFIG_FILE_BYTES (256u * 1024u)

#define SHIRA_PATH_BYTES 512

// Writes the path of a file that somebody named: `given` itself where it has a '/' or ends in
// ".yaml", else that of <folder>/<given>.yaml in the first place that has it of $SHIRA_SHARE, the
// current directory and what was installed. `folder`: "configs/hw", "configs/dram", "models".
// Errors: -ENOENT with a sentence that lists the places, -ENAMETOOLONG.
int shira_config_find(const char *folder, const char *given, char path[SHIRA_PATH_BYTES],
                      struct shira_error *error);

// ---- Machines: configs/hw/*.yaml ------------------------------------------------------------

// What a cycle of an SRAM bank is worth.
enum shira_ports {
  SHIRA_PORTS_1R1W, // a read and a write
  SHIRA_PORTS_1RW,  // a read or a write
};

// Who gets a port that both want.
enum shira_arbitration { SHIRA_COPY_FIRST, SHIRA_ENGINE_FIRST };

enum shira_ecc {
  SHIRA_ECC_NONE,
  SHIRA_ECC_WORD, // a write that does not cover its word is a read-modify-write
};

// A node of manufacture, or an FPGA.
struct shira_process {
  const char *name;   // "16nm", "fpga"
  double fo4_ps;      // delay of an inverter that drives four of its kind; 0: an FPGA
  const char *source; // of that figure
};

// No path between two registers of the RTL is deeper, in delays of such inverters (`make timing`).
#define SHIRA_DEEPEST_FO4 70

// Widest word of an SRAM macro, bytes; wider ones are several macros side by side.
#define SHIRA_MACRO_BYTES 16

#define SHIRA_PROCESSES 6 // that a machine file may name

// Process `i` of them; NULL behind the last one.
const struct shira_process *shira_process(uint32_t i);

// Highest clock at which SHIRA_DEEPEST_FO4 fit in a cycle, MHz; 0 for an FPGA, of which nothing is
// said.
uint32_t shira_process_mhz(const struct shira_process *process);

// Access time of an SRAM of that size with words of that width, ns: of its macros as CACTI has
// them, wires to and from them apart; 0 for an FPGA. Sizes are powers of two.
double shira_sram_ns(const struct shira_process *process, uint32_t bytes, uint32_t word_bytes);

// The ports of an on-chip memory.
struct shira_sram {
  uint32_t ports;       // enum shira_ports
  uint32_t arbitration; // enum shira_arbitration
  uint32_t ecc;         // enum shira_ecc
  uint32_t latency;     // cycles from a read to its data
};

// One accelerator and its memory. Immutable once loaded.
struct shira_machine {
  char name[64];
  uint32_t clock_mhz;
  uint32_t process;           // at which the clock is meant: index for shira_process()
  uint32_t array_n;           // dot products
  uint32_t array_k;           // length of a dot product
  uint32_t layout;            // enum shira_layout: order of positions in streams
  uint32_t weight_bytes;      // weight SRAM
  uint32_t weight_banks;      // banks of the weight SRAM
  uint32_t activation_bytes;  // activation SRAM
  uint32_t accumulator_bytes; // accumulator SRAM
  uint32_t parameter_bytes;   // parameter SRAM
  struct shira_sram weight_sram, activation_sram, accumulator_sram, parameter_sram;
  uint32_t scatter_lanes;         // updates a cycle
  uint32_t scatter_decode_bytes;  // gap bytes a cycle
  uint32_t scatter_fifo_depth;    // pairs of bundles waiting for their banks
  bool scatter_merge;             // updates of a word that follow one another share a write
  uint32_t scatter_block_updates; // most updates in a stream block
  uint32_t axi_data_bits;         // width of the AXI master
  uint32_t axi_burst_bytes;       // longest AXI burst
  uint32_t axi_outstanding;       // AXI bursts in flight
  uint32_t command_queue_depth;   // descriptors waiting at an engine
  uint32_t counters;              // enum shira_counter_set
  uint64_t memory_bytes;          // memory behind the AXI master
  uint32_t memory_latency;        // device cycles from request to first data; with a DRAM what its
                                  // controller and the way to it add
  uint32_t memory_peak_mb_s;      // peak, 10^6 bytes a second, reads and writes together
  uint32_t memory_burst_bytes;    // least that memory moves; also the alignment of streams
  uint64_t host_bytes;            // memory of the host behind the AXI master
  uint32_t host_latency;          // device cycles from request to first data
  uint32_t host_peak_mb_s;        // peak of the link, both ways together
  uint32_t host_credits;          // memory bursts in flight on the link
  bool has_dram;                  // else memory has a fixed rate and latency
  struct shira_dram_setup dram;
};

// Reads a machine file and checks every rule between its parameters.
int shira_machine_load(const char *path, struct shira_machine *machine, struct shira_error *error);

// Path of key `i` of a machine file, as "weight_sram.banks"; NULL behind the last one.
const char *shira_machine_key(unsigned i);

// Names of the values of enum shira_ports, shira_arbitration, shira_ecc, shira_dram_hash and
// shira_dram_refresh, as files have them.
const char *shira_ports_name(uint32_t ports);
const char *shira_arbitration_name(uint32_t arbitration);
const char *shira_ecc_name(uint32_t ecc);
const char *shira_dram_hash_name(uint32_t hash);
const char *shira_dram_writes_name(uint32_t writes);
const char *shira_dram_refresh_name(uint32_t refresh);

// Hash (FNV-1a, 32 bits) of the parameters that the RTL is built from, so that machines with the
// same RTL share a build. The name, the clock and the memory's size and timing are not in it.
uint32_t shira_machine_rtl_hash(const struct shira_machine *machine);

// Writes Verilator's options for this machine, "-GArrayN=16 ... -GBuildHash=0x0123abcd", to buf.
// Returns the length without the final NUL, or -ENOSPC when it does not fit into `size` bytes.
int shira_machine_rtl_flags(const struct shira_machine *machine, char *buf, size_t size);

// ---- Models: models/*.yaml ------------------------------------------------------------------

// One linear layer, weights [out][in].
struct shira_linear {
  char name[160];       // module name as PEFT writes it: "model.layers.0.self_attn.q_proj"
  uint32_t out, in;     // features
  bool target;          // adapters change it
  uint32_t input_group; // linears of a model with the same number read the same input
};

// The linears of its blocks in the order of execution: of all, or of those that were kept.
struct shira_model {
  char name[64];
  char source[256];     // where the shapes come from
  uint32_t blocks;      // that are here
  uint32_t first_block; // number of the first that is here
  uint32_t all_blocks;  // of the whole model; they have equal shapes
  uint32_t hidden, intermediate, heads, kv_heads, head_dim, vocab; // as the source says, 0 unknown
  uint32_t n_linears;
  struct shira_linear *linears;
};

// Reads a model file and expands its blocks. Free with shira_model_free.
int shira_model_load(const char *path, struct shira_model *model, struct shira_error *error);

// Makes the model "square" of one targeted linear "linear", dim x dim. Errors: -EINVAL dim is 0 or
// above SHIRA_MAX_FEATURES, -ENOMEM. Free with shira_model_free.
int shira_model_square(uint32_t dim, struct shira_model *model, struct shira_error *error);

// Keeps `blocks` blocks of a loaded model, from block `first` of it on, under their own names.
// Errors: -EINVAL blocks is 0, or the model does not have them all (it is then as it was).
int shira_model_keep(struct shira_model *model, uint32_t first, uint32_t blocks,
                     struct shira_error *error);

// Frees what a model owns and zeroes it. A zeroed model is allowed.
void shira_model_free(struct shira_model *model);

// Weights in all linears, or in the targeted ones only.
uint64_t shira_model_weights(const struct shira_model *model, bool targets_only);

#define SHIRA_MAX_FEATURES 262144u // of a linear, in or out

// ---- Experiments: configs/experiments/*.yaml ------------------------------------------------

#define SHIRA_MAX_TOKENS 8     // entries of `tokens`
#define SHIRA_MAX_WORKLOADS 32 // after `square` lists are expanded
#define SHIRA_MAX_MACHINES 8   // entries of `machine`
#define SHIRA_MAX_RANKS 8      // entries of `lora.rank`
#define SHIRA_RANK_EQUAL 0u    // the rank whose parameter count is nearest to the SHiRA adapters'
#define SHIRA_MAX_TOKEN_COUNT 65536u

enum shira_strategy {
  SHIRA_STRATEGY_BASE,
  SHIRA_STRATEGY_RELOAD,
  SHIRA_STRATEGY_LORA_FUSED,
  SHIRA_STRATEGY_LORA_UNFUSED,
  SHIRA_STRATEGY_SHIRA_SCATTER,
  SHIRA_STRATEGY_SHIRA_OVERLAY,
  SHIRA_STRATEGY_SHIRA_DRAM,
  SHIRA_STRATEGY_COUNT
};

// Where the weights live.
enum shira_placed {
  SHIRA_PLACED_RESIDENT, // in the weight SRAM
  SHIRA_PLACED_STREAMED, // in memory; they pass through the weight SRAM tile by tile
  SHIRA_PLACED_COUNT
};

// How a strategy takes away adapter A before B comes.
enum shira_undo {
  // shira-scatter, shira-dram
  SHIRA_UNDO_TRANSITION, // one stream from A to B that touches each weight once
  SHIRA_UNDO_SET,        // a stream of base weights, then B's
  SHIRA_UNDO_SWAP,       // A's own stream, into which the device swapped what it replaced
  SHIRA_UNDO_SUB,        // deltas: subtract A's, add B's
  // lora-fused
  SHIRA_UNDO_CLEAN,    // from a clean copy of the base weights
  SHIRA_UNDO_IN_PLACE, // subtract A's rounded product, add B's
  SHIRA_UNDO_COUNT
};

// Where adapters are kept while they are not active.
enum shira_kept {
  SHIRA_KEPT_MEMORY,
  SHIRA_KEPT_CHIP, // lora-unfused: the factors of both lie in the weight SRAM
  SHIRA_KEPT_HOST, // in the host's memory
  SHIRA_KEPT_COUNT
};

// From what a switch comes.
enum shira_switch_from {
  SHIRA_SWITCH_BASE,  // from base weights (cold)
  SHIRA_SWITCH_OTHER, // from another adapter, undo included
  SHIRA_SWITCH_COUNT
};

enum shira_mask { SHIRA_MASK_RAND, SHIRA_MASK_STRUCT, SHIRA_MASK_WM, SHIRA_MASK_COUNT };

// Names as in files and reports: "lora-fused", "other", "struct", "streamed", "in-place", "chip";
// NULL if out of range.
const char *shira_strategy_name(unsigned strategy);
const char *shira_switch_name(unsigned from);
const char *shira_mask_name(unsigned mask);
const char *shira_placed_name(unsigned placed);
const char *shira_undo_name(unsigned undo);
const char *shira_kept_name(unsigned kept);

// What a strategy can be measured with: whether it has this placement, this undo, this place for
// its adapters.
bool shira_strategy_placed(enum shira_strategy strategy, enum shira_placed placed);
bool shira_strategy_undo(enum shira_strategy strategy, enum shira_undo undo);
bool shira_strategy_kept(enum shira_strategy strategy, enum shira_kept kept);

// A place in an experiment file.
struct shira_where {
  uint32_t line;
  char key[96]; // "workloads[0].model"
};

// Either one square linear or a model, on some of the experiment's machines. Bit t of tokens_on[m]
// says that machine m runs passes of tokens[t]; a machine without one does not run it at all.
struct shira_workload {
  struct shira_where where;
  uint32_t square;              // side, 0 = a model
  char model[SHIRA_PATH_BYTES]; // path of the model file
  uint32_t blocks;              // blocks that are used, 0 = all
  uint32_t first;               // the first of them
  uint8_t tokens_on[SHIRA_MAX_MACHINES];
};

// Two adapters of one kind: made from a seed, or the user's own.
struct shira_adapter_pair {
  struct shira_where where;
  bool given;                                    // true: read from a and b
  char a[SHIRA_PATH_BYTES], b[SHIRA_PATH_BYTES]; // directories in the PEFT format
};

struct shira_experiment {
  char file[SHIRA_PATH_BYTES]; // as given
  char name[64];
  uint32_t n_machines;
  char machines[SHIRA_MAX_MACHINES][SHIRA_PATH_BYTES]; // paths of machine files
  struct shira_where machine_where[SHIRA_MAX_MACHINES];
  uint64_t seed;
  uint32_t n_tokens;
  uint32_t tokens[SHIRA_MAX_TOKENS]; // ascending
  bool strategy[SHIRA_STRATEGY_COUNT];
  bool from[SHIRA_SWITCH_COUNT];   // by enum shira_switch_from
  bool placed[SHIRA_PLACED_COUNT]; // optional in files: resident
  bool undo[SHIRA_UNDO_COUNT];     // optional in files: transition and clean
  bool kept[SHIRA_KEPT_COUNT];     // optional in files: memory
  uint32_t n_workloads;
  struct shira_workload workloads[SHIRA_MAX_WORKLOADS];
  // Adapters. `strength`, `density`, `masks` and `n_ranks` are 0 where nothing has to be made.
  double strength;                // ||delta|| / ||W|| of adapters that are made
  double density;                 // share of the targeted weights that a made SHiRA adapter changes
  bool mask[SHIRA_MASK_COUNT];    // SHiRA adapters that are made
  uint32_t format;                // of SHiRA streams: enum shira_stream_format
  uint32_t n_ranks;               // LoRA pairs that are made
  uint32_t rank[SHIRA_MAX_RANKS]; // their ranks, or SHIRA_RANK_EQUAL
  struct shira_adapter_pair shira, lora;
  char weights[SHIRA_PATH_BYTES]; // safetensors file with the base weights, "" = from the seed
  struct shira_where weights_where;
};

// Reads an experiment file. `machine: edge16` means configs/hw/edge16.yaml and `model: stories15m`
// means models/stories15m.yaml, in the first of these folders that has it: `root`, if not NULL;
// $SHIRA_SHARE; the current directory; the tree whose configs/experiments has the file; what was
// installed. A name with a '/' or one that ends in ".yaml" is a path, relative to the experiment
// file's directory, as are adapters and weights. The machine's and models' files are there, but
// nothing is read. Nothing to free.
int shira_experiment_load(const char *path, const char *root, struct shira_experiment *experiment,
                          struct shira_error *error);

// Puts `file:line: key: ` before the sentence in *error, which something failed with that this
// place of the file asked for: a model, adapters, a workload that does not fit. Not where a
// sentence names a place of its own, in another file; nothing where `rc` is 0. Returns `rc`.
int shira_experiment_blame(const struct shira_experiment *experiment,
                           const struct shira_where *where, int rc, struct shira_error *error);

#ifdef __cplusplus
}
#endif

#endif
