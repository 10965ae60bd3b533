// Appends descriptors to a program.
#ifndef SHIRA_PLAN_EMIT_H
#define SHIRA_PLAN_EMIT_H

#include "shira/plan.h"

// The semaphores of the plans: who counts what.
enum {
  SEM_NONE = 0,
  SEM_LOADED = 1,   // inputs or tiles loaded
  SEM_COMPUTED = 2, // products done
  SEM_STORED = 3,   // outputs stored
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

static inline uint32_t ceil_div(uint32_t a, uint32_t b) {
  return (a + b - 1) / b;
}

static inline uint32_t round_up(uint32_t a, uint32_t b) {
  return ceil_div(a, b) * b;
}

#endif
