// Plans: a strategy for a set of resident linears, as a program of descriptors.
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
#include "shira/wire.h"

struct shira_program {
  union shira_descriptor *d;
  uint32_t n, capacity;
  uint32_t signals[SHIRA_SEMAPHORES]; // signals emitted so far, by semaphore
};

void shira_program_free(struct shira_program *p);

// One linear in the SRAMs. Byte offsets of LoRA's parts are into the blobs named in
// struct shira_resident, which are the same bytes in memory and in the weight SRAM.
struct shira_place {
  uint32_t out, in;
  bool target;
  uint32_t n_tiles, k_tiles; // of the image: output tiles x input tiles
  uint32_t image_bytes;
  uint32_t weight_addr;    // weight SRAM; also the offset in the blob of all images
  uint32_t param_addr;     // parameter SRAM; also the offset in the blob of all parameters
  uint32_t a_off, b_off;   // unfused blob: image of A [rank][in], of B [out][rank]
  uint32_t at_off, bt_off; // fused blob: image of A^T [in][rank], rows of B [out][rank padded]
};

// All linears of a workload, resident together, and the scratch beside them.
struct shira_resident {
  const struct shira_machine *hw;
  uint32_t n;
  struct shira_place *place;
  uint32_t weight_bytes;  // all images, from weight SRAM address 0
  uint32_t param_bytes;   // all parameter records
  uint32_t rank;          // of the LoRA adapters, 0 = none
  uint32_t rank_pad;      // rank rounded up to whole tiles and beats
  uint32_t factor_addr;   // weight SRAM: unfused blob
  uint32_t unfused_bytes; // size of the unfused blob
  uint32_t fused_bytes;   // size of the fused blob (memory only)
  uint32_t at_addr[2];    // weight SRAM: scratch for A^T, two so that the next loads behind
};

// Places `model`'s linears for LoRA adapters of `rank` (0: none). Errors: -ENOSPC with the
// memory, what is needed and what there is, when they do not fit.
int shira_resident_init(struct shira_resident *r, const struct shira_machine *hw,
                        const struct shira_model *model, uint32_t rank, struct shira_error *err);
void shira_resident_free(struct shira_resident *r);

// Padded bytes of one token's inputs (`in`) or outputs (`out`) in memory and activation SRAM.
uint32_t shira_token_bytes(const struct shira_machine *hw, uint32_t features);

// Bytes of the activations of all linears for `tokens`, as the pass expects them in memory:
// linear after linear, each [tokens][shira_token_bytes()].
uint64_t shira_inputs_bytes(const struct shira_resident *r, uint32_t tokens);
uint64_t shira_outputs_bytes(const struct shira_resident *r, uint32_t tokens);

// A stream in memory.
struct shira_stream_ref {
  uint64_t addr;    // device address
  uint32_t bytes;   // multiple of the stream alignment
  uint32_t updates; // updates in it
};

// Images, memory -> weight SRAM, neighbours as one move: of all linears, or of the targeted ones
// only, which are all that an adapter can have changed. `base`, `reload`.
int shira_plan_images(struct shira_program *p, const struct shira_resident *r, uint64_t images,
                      bool targets_only);
// Parameters of all linears, memory -> parameter SRAM.
int shira_plan_params(struct shira_program *p, const struct shira_resident *r, uint64_t params);
// Images of all linears, weight SRAM -> memory, to verify (traffic class check).
int shira_plan_readback(struct shira_program *p, const struct shira_resident *r, uint64_t dst);
// lora-unfused switch: all factors, memory -> weight SRAM, as one move.
int shira_plan_factors(struct shira_program *p, const struct shira_resident *r, uint64_t unfused);
// lora-fused switch: W' = W + BA for every targeted linear. `clean`: address of the base images in
// memory, copied in tile rows ahead of the products; 0: the weight SRAM holds clean weights.
// scale: requantisation word of each targeted linear's delta, by linear.
int shira_plan_fuse(struct shira_program *p, const struct shira_resident *r, uint64_t fused,
                    uint64_t clean, const uint32_t *scale);
// shira-scatter switch: the updates of one stream, counted as `traffic` (value or undo). A stream
// without updates: nothing is done.
int shira_plan_scatter(struct shira_program *p, const struct shira_resident *r,
                       const struct shira_stream_ref *stream, enum shira_traffic traffic);

// Scale words of the unfused products of one linear.
struct shira_unfused_scale {
  uint32_t h;    // requantises Ax
  uint32_t seed; // scales B h to the accumulator's units
};
// One forward of `tokens` tokens through every linear, memory to memory. unfused: by linear, or
// NULL for a pass without adapter products.
int shira_plan_pass(struct shira_program *p, const struct shira_resident *r, uint32_t tokens,
                    uint64_t inputs, uint64_t outputs, const struct shira_unfused_scale *unfused);

#endif
