// Plans: a strategy for a set of linears, as a program of descriptors.
//
// A plan says what the device does; it does nothing itself. All functions append to a program and
// return 0, -ENOMEM, or -ENOSPC where an SRAM is too small (the program is then unusable). They
// do not block, allocate only the program, and touch no hardware; one thread a program.
//
// Semaphore values are relative to the program's first descriptor; the driver rebases them.
#ifndef SHIRA_PLAN_H
#define SHIRA_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "shira/config.h"
#include "shira/error.h"
#include "shira/regs.h"
#include "shira/wire.h"

struct shira_program {
  union shira_descriptor *d;
  uint32_t n, capacity;
  uint32_t signals[SHIRA_SEMAPHORES]; // signals emitted so far, by semaphore
};

void shira_program_free(struct shira_program *p);

// ---- Where things lie -----------------------------------------------------------------------

// The base of one linear: where it lies, whatever adapters do to it.
struct shira_place {
  uint32_t out, in;
  uint32_t group;            // linears with the same number read the same inputs and are neighbours
  uint32_t n_tiles, k_tiles; // of the image: output tiles x input tiles
  uint32_t image_bytes;
  uint32_t weight_addr; // offset in the blob of all images; resident: in the weight SRAM too
  uint32_t param_addr;  // parameter SRAM; also the offset in the blob of all parameters
};

// All linears of a workload. It depends on the machine, the model, on where the weights live and on
// the room for factors, and on nothing else of an adapter or a strategy: a pass with base weights
// is the same program for all of them.
//
// Weight SRAM, resident: all images from address 0 on, then the room for factors. Streamed: a ring
// of slots from address 0 on, through which chunks of weights pass, then the room for factors. The
// ring has the same size with and without factors wherever there is room for both; it takes at most
// half of the SRAM, unless a slot has to be larger for a row of tiles.
struct shira_placement {
  const struct shira_machine *hw;
  bool streamed; // the weights live in memory and pass through the weight SRAM
  uint32_t n;
  struct shira_place *place;
  uint32_t weight_bytes;                 // all images
  uint32_t param_bytes;                  // all parameter records
  uint32_t slot_addr, slot_bytes, slots; // streamed: ring of chunks on their way
  uint32_t factor_addr, factor_bytes;    // weight SRAM: room for LoRA factors
};

// Places `model`'s linears, with room for `factor_bytes` bytes of LoRA factors in the weight SRAM:
// shira_fuse_bytes(), or the unfused_bytes of all adapters that lie there together. Errors: -ENOSPC
// with the memory, what is needed and what there is, when they do not fit, -ENOMEM.
int shira_placement_init(struct shira_placement *r, const struct shira_machine *hw,
                         const struct shira_model *model, bool streamed, uint32_t factor_bytes,
                         struct shira_error *err);
void shira_placement_free(struct shira_placement *r);

// The factors of one linear's LoRA module. Offsets are into the adapter's two blobs; each part is a
// whole number of tiles and beats.
struct shira_factor {
  uint32_t rank;     // 0: the adapter has no module for this linear, and the rest is 0
  uint32_t rank_pad; // rank rounded up to whole tiles and beats: a row of B as activations
  uint32_t h_pad;    // rank rounded up to whole tiles: its part of a token's h, behind those of the
                     // linears before it in its group
  uint32_t a_off, b_off;   // unfused blob: image of A [rank][in], of B [out][rank]. The A's of a
                           // group follow one another, so that they are one image
  uint32_t at_off, bt_off; // fused blob: image of A^T [in][rank], rows of B [out][rank_pad]
};

// The layout of one LoRA adapter. The unfused blob is the same bytes in memory and in the weight
// SRAM; the fused one lies in memory only.
struct shira_factors {
  uint32_t n;
  struct shira_factor *of; // by linear
  uint32_t unfused_bytes, fused_bytes;
  uint32_t at_bytes; // of the largest A^T
};

// Lays out an adapter with modules of `rank[i]` for linear i of `model`, 0: none; ranks may differ.
// Errors: -ENOSPC where a blob does not fit 32 bits, -ENOMEM; on error nothing is owned.
int shira_factors_init(struct shira_factors *f, const struct shira_machine *hw,
                       const struct shira_model *model, const uint32_t *rank,
                       struct shira_error *err);
void shira_factors_free(struct shira_factors *f);

// Bytes of weight SRAM that shira_plan_fuse needs for its products, of which one may be NULL.
uint64_t shira_fuse_bytes(const struct shira_factors *remove, const struct shira_factors *add);

// Padded bytes of one token's inputs (`in`) or outputs (`out`) in memory and activation SRAM.
uint32_t shira_token_bytes(const struct shira_machine *hw, uint32_t features);

// Bytes of the activations of all linears for `tokens`, as the pass expects them in memory: of
// inputs group after group, of outputs linear after linear, each [tokens][shira_token_bytes()].
uint64_t shira_inputs_bytes(const struct shira_placement *r, uint32_t tokens);
uint64_t shira_outputs_bytes(const struct shira_placement *r, uint32_t tokens);

// Streamed weights move in chunks of whole tile rows: tile rows in a chunk of this linear (its last
// may have fewer), and the number of chunks.
uint32_t shira_chunk_rows(const struct shira_placement *r, const struct shira_place *pl);
uint32_t shira_chunks(const struct shira_placement *r, const struct shira_place *pl);

// ---- Switches -------------------------------------------------------------------------------

// A stream in memory.
struct shira_stream_ref {
  uint64_t addr;    // device address
  uint32_t bytes;   // multiple of the stream alignment
  uint32_t updates; // updates in it
  enum shira_stream_format format;
  uint32_t base;              // offset, in the blob of all images, of the image of its positions
  uint32_t row_log2, k_tiles; // layout row: geometry of that image
};

// Images, memory -> weight SRAM, neighbours as one move: of the linears whose number is true in
// `linears`, NULL: of all. `base`, `reload`.
int shira_plan_images(struct shira_program *p, const struct shira_placement *r, uint64_t images,
                      const bool *linears);
// The same, memory -> memory.
int shira_plan_copy_images(struct shira_program *p, const struct shira_placement *r, uint64_t from,
                           uint64_t to, const bool *linears);
// The streams of an overlay, memory -> memory.
int shira_plan_copy_streams(struct shira_program *p, uint64_t from, uint64_t to, uint32_t bytes);
// Parameters of all linears, memory -> parameter SRAM.
int shira_plan_params(struct shira_program *p, const struct shira_placement *r, uint64_t params);
// Images of all linears, weight SRAM -> memory, to verify (traffic class check).
int shira_plan_readback(struct shira_program *p, const struct shira_placement *r, uint64_t dst);

// lora-unfused switch: an adapter's factors, memory -> weight SRAM, as one move, `at` bytes into
// the room for factors.
int shira_plan_factors(struct shira_program *p, const struct shira_placement *r,
                       const struct shira_factors *f, uint64_t unfused, uint32_t at);

// A LoRA adapter's product for shira_plan_fuse.
struct shira_fuse_product {
  const struct shira_factors *factors; // NULL: there is none
  uint64_t fused;                      // device address of its fused blob
  const uint32_t *scale;               // by linear: requantisation word of the product
};
// lora-fused switch. Each linear gets the products of the adapters that have a module for it, and
// nothing is done to a linear of none.
struct shira_fuse {
  // Rounded products that are added, one after the other: first `remove` (a blob with -B: takes
  // away the adapter before), then `add`.
  struct shira_fuse_product remove, add;
  // The adapter whose product the weights hold and which goes without `remove`: linears that it has
  // come from `source`, with `add`'s product where there is one. NULL: none.
  const struct shira_factors *replace;
  // Images in memory. Streamed: where all weights come from; resident: where those of `replace` do.
  uint64_t source;
  uint64_t home; // streamed: images in memory that are written
};
int shira_plan_fuse(struct shira_program *p, const struct shira_placement *r,
                    const struct shira_fuse *fuse);

// shira-scatter and shira-dram switch.
struct shira_scatter {
  struct shira_stream_ref stream; // without updates: nothing is done
  enum shira_scatter_op op;
  enum shira_traffic traffic; // value or undo
  uint64_t home;              // images in memory that are changed, 0: those in the weight SRAM
};
int shira_plan_scatter(struct shira_program *p, const struct shira_placement *r,
                       const struct shira_scatter *scatter);

// ---- Passes ---------------------------------------------------------------------------------

// Scale words of the unfused products of one linear.
struct shira_unfused_scale {
  uint32_t h;    // requantises Ax; the same for all linears of a group
  uint32_t seed; // scales B h to the accumulator's units
};

// An unfused LoRA adapter in the weight SRAM.
struct shira_unfused {
  const struct shira_factors *factors;
  uint32_t at;                             // of its blob, into the room for factors
  const struct shira_unfused_scale *scale; // by linear
};

struct shira_pass_plan {
  uint32_t tokens;
  uint64_t inputs, outputs;               // device addresses
  const struct shira_unfused *unfused;    // NULL: no products of an adapter
  uint64_t weights;                       // streamed: device address of the images
  const struct shira_stream_ref *overlay; // streamed: updates of each chunk, linear after linear,
                                          // positions from the chunk's start; NULL: none
};

// One forward of `tokens` tokens through every linear, memory to memory. Inputs are fetched once
// for linears of a group; linears that read the same inputs and are no neighbours fetch them again.
int shira_plan_pass(struct shira_program *p, const struct shira_placement *r,
                    const struct shira_pass_plan *plan);

#endif
