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

// One linear. Byte offsets of LoRA's parts are into the blobs named in struct shira_placement,
// which are the same bytes in memory and in the weight SRAM.
struct shira_place {
  uint32_t out, in;
  bool target;
  uint32_t group;            // linears with the same number read the same inputs and are neighbours
  uint32_t n_tiles, k_tiles; // of the image: output tiles x input tiles
  uint32_t image_bytes;
  uint32_t weight_addr;    // offset in the blob of all images; resident: in the weight SRAM too
  uint32_t param_addr;     // parameter SRAM; also the offset in the blob of all parameters
  uint32_t a_off, b_off;   // unfused blob: image of A [rank][in], of B [out][rank]
  uint32_t at_off, bt_off; // fused blob: image of A^T [in][rank], rows of B [out][rank padded]
};

// What a placement is made for.
struct shira_placement_options {
  bool streamed;     // the weights live in memory and pass through the weight SRAM
  uint32_t rank;     // of the LoRA adapters, 0 = none
  uint32_t adapters; // unfused LoRA adapters that lie in the weight SRAM together, 1 or 2
  bool in_place;     // fused LoRA: one adapter goes as the other comes
};

// All linears of a workload and the scratch beside them.
struct shira_placement {
  const struct shira_machine *hw;
  bool streamed;
  uint32_t n;
  struct shira_place *place;
  uint32_t weight_bytes;  // all images
  uint32_t param_bytes;   // all parameter records
  uint32_t rank;          // of the LoRA adapters, 0 = none
  uint32_t rank_pad;      // rank rounded up to whole tiles and beats: a row of B as activations
  uint32_t h_pad;         // rank rounded up to whole tiles: a linear's part of a row of h
  uint32_t unfused_bytes; // size of the unfused blob. The A's of a group follow one another in it,
                          // so that they are one image
  uint32_t fused_bytes;   // size of the fused blob (memory only)
  // weight SRAM
  uint32_t factor_addr; // unfused blobs, one after another
  uint32_t products;    // fused LoRA: adapters whose factors are there together, 1 or 2
  uint32_t at_addr[4];  // A^T: of two linears, `products` each
  uint32_t slot_addr, slot_bytes, slots; // streamed: ring of chunks on their way
};

// Places `model`'s linears. Errors: -ENOSPC with the memory, what is needed and what there is, when
// they do not fit, -ENOMEM.
int shira_placement_init(struct shira_placement *r, const struct shira_machine *hw,
                         const struct shira_model *model,
                         const struct shira_placement_options *options, struct shira_error *err);
void shira_placement_free(struct shira_placement *r);

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

// Images, memory -> weight SRAM, neighbours as one move: of all linears, or of the targeted ones
// only, which are all that an adapter can have changed. `base`, `reload`.
int shira_plan_images(struct shira_program *p, const struct shira_placement *r, uint64_t images,
                      bool targets_only);
// The same, memory -> memory.
int shira_plan_copy_images(struct shira_program *p, const struct shira_placement *r, uint64_t from,
                           uint64_t to, bool targets_only);
// The streams of an overlay, memory -> memory.
int shira_plan_copy_streams(struct shira_program *p, uint64_t from, uint64_t to, uint32_t bytes);
// Parameters of all linears, memory -> parameter SRAM.
int shira_plan_params(struct shira_program *p, const struct shira_placement *r, uint64_t params);
// Images of all linears, weight SRAM -> memory, to verify (traffic class check).
int shira_plan_readback(struct shira_program *p, const struct shira_placement *r, uint64_t dst);

// lora-unfused switch: all factors, memory -> weight SRAM, as one move, into the place of adapter
// `which`.
int shira_plan_factors(struct shira_program *p, const struct shira_placement *r, uint64_t unfused,
                       uint32_t which);

// A LoRA adapter's product for shira_plan_fuse.
struct shira_fuse_factors {
  uint64_t fused;        // device address of its fused blob, 0: there is none
  const uint32_t *scale; // requantisation word of each targeted linear's product, by linear
};
// lora-fused switch.
struct shira_fuse {
  // Rounded products that are added to each targeted linear, one after the other: first `remove`
  // (a blob with -B: takes away the adapter before), then `add`.
  struct shira_fuse_factors remove, add;
  uint64_t source; // where the weights come from: images in memory. Resident, 0: they are in the
                   // weight SRAM
  uint64_t home;   // streamed: images in memory that are written
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

struct shira_pass_plan {
  uint32_t tokens;
  uint64_t inputs, outputs;                  // device addresses
  const struct shira_unfused_scale *unfused; // by linear; NULL: no adapter products
  uint32_t which;                            // adapter in the weight SRAM that they use
  uint64_t weights;                          // streamed: device address of the images
  const struct shira_stream_ref *overlay; // streamed: updates of each chunk, linear after linear,
                                          // positions from the chunk's start; NULL: none
};

// One forward of `tokens` tokens through every linear, memory to memory.
int shira_plan_pass(struct shira_program *p, const struct shira_placement *r,
                    const struct shira_pass_plan *plan);

#endif
