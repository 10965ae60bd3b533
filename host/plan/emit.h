// Appends descriptors to a program.
#ifndef SHIRA_PLAN_EMIT_H
#define SHIRA_PLAN_EMIT_H

#include "shira/plan.h"

// The semaphores of the plans: who counts what.
enum {
  SEM_NONE = 0,
  SEM_LOADED = 1,   // inputs or tiles loaded
  SEM_COMPUTED = 2, // products done
  SEM_STORED = 3,   // outputs or tiles stored
  SEM_PATCHED = 4,  // tiles patched
};

struct wait {
  uint8_t sem;
  uint32_t value;
};

// A new zeroed descriptor with its header filled, or NULL when memory is out. Waits with value 0
// are dropped, since they always hold.
union shira_descriptor *emit(struct shira_program *p, uint8_t opcode, struct wait w0,
                             struct wait w1, uint8_t signal);

#define NO_WAIT ((struct wait){0, 0})

// A COPY of one contiguous run; the window is exactly the destination.
int emit_copy(struct shira_program *p, uint8_t src_space, uint64_t src, uint8_t dst_space,
              uint64_t dst, uint32_t bytes, uint8_t traffic, struct wait w0, struct wait w1,
              uint8_t signal);

// A SCATTER to the image at `base` of the weight SRAM, or of s->home in memory.
int emit_scatter(struct shira_program *p, const struct shira_scatter *s, uint32_t base,
                 uint64_t win_lo, uint64_t win_hi, struct wait wait, uint8_t signal);

// Bytes of a row of tiles of a linear's image.
static inline uint32_t tile_row_bytes(const struct shira_placement *r,
                                      const struct shira_place *pl) {
  return pl->k_tiles * r->hw->array_n * r->hw->array_k;
}

// The first linear after those that share the inputs of linear `i`.
static inline uint32_t group_end(const struct shira_placement *r, uint32_t i) {
  uint32_t group = r->place[i].group;
  while (i < r->n && r->place[i].group == group)
    i++;
  return i;
}

// Linear `i` reads what the one before it reads.
static inline bool same_input(const struct shira_model *model, uint32_t i) {
  return i && model->linears[i].input_group == model->linears[i - 1].input_group;
}

// The adapter has a module for linear `i`; NULL has none.
static inline bool has_module(const struct shira_factors *f, uint32_t i) {
  return f && f->of[i].rank;
}

// What shira_plan_fuse divides its SRAMs into: two linears take turns, each with a part for every
// product. Number of products, and bytes of a part of the weight SRAM.
static inline uint32_t fuse_products(const struct shira_factors *a, const struct shira_factors *b) {
  return (a != NULL) + (b != NULL);
}

static inline uint32_t fuse_part(const struct shira_factors *a, const struct shira_factors *b) {
  const uint32_t x = a ? a->at_bytes : 0, y = b ? b->at_bytes : 0;
  return x > y ? x : y;
}

static inline uint32_t ceil_div(uint32_t a, uint32_t b) {
  return (a + b - 1) / b;
}

static inline uint32_t round_up(uint32_t a, uint32_t b) {
  return ceil_div(a, b) * b;
}

#endif
