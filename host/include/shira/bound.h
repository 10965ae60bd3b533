// The bound: the least cycles that a machine needs for a switch or a pass, whatever the plan. It is
// computed from the experiment and the declared encoding and layout alone, never from a plan or a
// counter: add up the demands of all work of the switch or pass, then divide each by what the
// machine can do in a cycle; the largest quotient is the bound. Left out because a better plan
// avoids them: padding, descriptors, completions, the first latency, a second read of anything.
//
// All functions are reentrant and touch no device.
#ifndef SHIRA_BOUND_H
#define SHIRA_BOUND_H

#include <stdbool.h>
#include <stdint.h>

#include "shira/adapter.h"
#include "shira/config.h"
#include "shira/regs.h"

// Row classes that weight words are counted in.
#define SHIRA_BOUND_CLASSES 64
// Banks of a DRAM, of all its channels and ranks.
#define SHIRA_BOUND_BANKS 1024

// What a piece of work needs; zero it, then let builders add to it, all with the same machine.
// A word of row r of an image lies in a bank b with b mod n = r mod n, wherever the image starts,
// so accesses are counted by r mod min(n, SHIRA_BOUND_CLASSES): the banks of a class share its
// accesses.
struct shira_demand {
  double read_bytes, written_bytes;           // memory
  double adapter_read, adapter_written;       // of them, where adapters are kept
  bool adapters_in_host;                      // those cross the host link
  double macs;                                // products without padding
  double results;                             // dot products that leave the array
  double updates;                             // of streams
  double gap_bytes;                           // of streams; coo32: bytes of positions
  double activation_reads, activation_writes; // bytes of the activation SRAM
  double weight_reads[SHIRA_BOUND_CLASSES];   // words of the weight SRAM
  double weight_writes[SHIRA_BOUND_CLASSES];  //
  double masked[SHIRA_BOUND_BANKS];           // masked writes of a DRAM's bank
  uint64_t last_burst;                        // of memory that a scatter touched, + 1; 0: none
  uint32_t last_bytes;                        // of it, that were updated
};

// The updates of a linear as a stream of `format` in the order of the machine's layout: 16 header
// bytes for every scatter_block_updates updates, the bytes of values and of gaps where no gap is
// dearer than the start of a block (coo32: of positions). With two modules of the same shape, from
// one adapter to another: a position of both needs one update. One of them may be NULL. Each
// distinct word of the weight SRAM is written once where the machine merges, else once an update;
// where `home` is the device address of the linear's image in memory, updates that follow one
// another in a memory burst share it, and a burst that is not covered is a masked write: with ECC
// of the DRAM it is read too. An `op` other than SET reads what it writes too, as does ECC a word
// of the weight SRAM that is not covered, and SWAP writes values and CRCs back. A set of streams in
// memory is its linears in the order of their addresses, which may share a burst, and then
// shira_demand_end_set. Returns 0, -EINVAL where an index is out of
// range, shapes differ or sizes are 0, -ENOMEM.
int shira_demand_scatter(const struct shira_machine *machine, enum shira_stream_format format,
                         const struct shira_adapter_module *from,
                         const struct shira_adapter_module *to, enum shira_scatter_op op,
                         const uint64_t *home, struct shira_demand *d);

// Ends a set of streams in memory, all of one `op`: the next shares no burst with it.
void shira_demand_end_set(const struct shira_machine *machine, enum shira_scatter_op op,
                          struct shira_demand *d);

// Full weights from memory into the weight SRAM.
void shira_demand_reload(const struct shira_machine *machine, uint32_t out, uint32_t in,
                         struct shira_demand *d);

// Full weights from the weight SRAM to memory.
void shira_demand_store(const struct shira_machine *machine, uint32_t out, uint32_t in,
                        struct shira_demand *d);

// The product B A on the device, whose results are added to weights: factors from memory, MACs.
void shira_demand_lora_product(const struct shira_machine *machine, uint32_t out, uint32_t in,
                               uint32_t rank, struct shira_demand *d);

// A read and a write of every weight in the weight SRAM, for whatever is added to it.
void shira_demand_update(const struct shira_machine *machine, uint32_t out, uint32_t in,
                         struct shira_demand *d);

// Switch of an unfused LoRA: its factors from memory.
void shira_demand_lora_fetch(const struct shira_machine *machine, uint32_t out, uint32_t in,
                             uint32_t rank, struct shira_demand *d);

// A linear of a pass whose weights are in the weight SRAM: inputs from memory (`fetch_input`; false
// where another linear of the same pass fetched the same inputs), outputs to memory, each weight
// read once. With ECC on the activation SRAM n results in a wider word cost a read of the word.
void shira_demand_pass(const struct shira_machine *machine, uint32_t out, uint32_t in,
                       uint32_t tokens, bool fetch_input, struct shira_demand *d);

// The same with an unfused LoRA on chip: plus its two products.
void shira_demand_pass_unfused(const struct shira_machine *machine, uint32_t out, uint32_t in,
                               uint32_t rank, uint32_t tokens, bool fetch_input,
                               struct shira_demand *d);

// What sets a bound.
enum shira_limit {
  SHIRA_LIMIT_NONE,                  // the demand is empty
  SHIRA_LIMIT_MEMORY,                // its peak rate
  SHIRA_LIMIT_MEMORY_LATENCY,        // AXI bursts in flight, each of them for a latency
  SHIRA_LIMIT_MASKED_WRITES,         // the gap between two of one DRAM bank
  SHIRA_LIMIT_HOST_LINK,             // its peak rate, or its credits, each of them for its latency
  SHIRA_LIMIT_AXI_READ,              //
  SHIRA_LIMIT_AXI_WRITE,             //
  SHIRA_LIMIT_MACS,                  //
  SHIRA_LIMIT_RESULTS,               // that leave the array
  SHIRA_LIMIT_LANES,                 // of the scatter unit
  SHIRA_LIMIT_DECODER,               //
  SHIRA_LIMIT_WEIGHT_READ_PORT,      //
  SHIRA_LIMIT_WEIGHT_WRITE_PORT,     //
  SHIRA_LIMIT_WEIGHT_PORT,           // 1rw: reads and writes add up
  SHIRA_LIMIT_ACTIVATION_READ_PORT,  //
  SHIRA_LIMIT_ACTIVATION_WRITE_PORT, //
  SHIRA_LIMIT_ACTIVATION_PORT,       // 1rw
  SHIRA_LIMIT_COUNT
};

// Name as reports have it, a constant: "none", "memory", "memory latency", "masked writes", "host
// link", "axi read", "axi write", "macs", "results", "lanes", "decoder", "weight read port",
// "weight write port", "weight port", "activation read port", "activation write port", "activation
// port"; NULL if out of range.
const char *shira_limit_name(unsigned limit);

// Least cycles of an AXI burst of the machine's longest kind, from its request to its last beat
// (read) or its response (write): the latency of memory.fixed, or what a DRAM needs for a burst of
// an open row and its controller adds, then a beat a cycle. axi.outstanding of them are in flight
// in each direction, so that no machine moves more than outstanding x burst bytes in that time.
double shira_least_latency(const struct shira_machine *machine, bool write);

// Least cycles for the demand. *limit (may be NULL) becomes the limiter; of equal ones the first.
double shira_bound(const struct shira_machine *machine, const struct shira_demand *d,
                   enum shira_limit *limit);

// The same for a memory that gives no more than `mb_s` (10^6 bytes a second), as what it was
// measured to give.
double shira_bound_at(const struct shira_machine *machine, const struct shira_demand *d,
                      double mb_s, enum shira_limit *limit);

#endif
