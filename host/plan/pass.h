// A pass as a list of steps, and what is emitted for one.
#ifndef SHIRA_PLAN_PASS_H
#define SHIRA_PLAN_PASS_H

#include "host/plan/emit.h"

// Some tokens of one linear, with all of its weights or with one chunk of them.
struct step {
  uint32_t linear;
  uint32_t row, rows; // tile rows
  uint32_t tokens;
  uint32_t input;  // inputs and outputs are numbered in the order of their first step; their slot
  uint32_t output; // is the number mod slots
  bool load;       // the first step with these inputs
  bool last;       // of these outputs
  uint64_t x_mem, y_mem;
  const struct shira_stream_ref *patch; // of the chunk, NULL: none
  struct wait ready;                    // holds when all of it was fetched
};

struct pass {
  struct shira_program *p;
  const struct shira_placement *r;
  const struct shira_pass_plan *plan;
  struct step *step;
  uint32_t n, capacity, inputs, outputs;
  uint32_t slots; // of inputs and outputs; 2: loads and stores overlap products, 1: they do not fit
  uint32_t x_addr[2], y_addr[2], h_addr; // activation SRAM
  uint32_t fetched;                      // steps
};

// Bytes of a token's h in the group of linear `i`: the parts of all linears that the unfused
// adapter has a module for, one after another; 0 where it has none there.
uint32_t h_stride(const struct pass *s, uint32_t i);

// Inputs, weights and updates of step `k`, when the products of the first `done` steps are done.
int pass_fetch(struct pass *s, uint32_t k, uint32_t done);

// Its products: they run in order on one engine, so only the first waits and only the last signals.
int pass_compute(struct pass *s, uint32_t k);

// Its outputs.
int pass_store(struct pass *s, uint32_t k);

#endif
