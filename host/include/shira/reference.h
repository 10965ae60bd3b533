// The reference: what weights and outputs must be, computed from the adapters and the numeric rules
// alone. It shares no code with the packer, the planner or the device's models: the rules are
// written here a second time, and integer products are done in double by cblas_dgemm, which is
// exact because every partial sum stays below 2^53.
//
// Arrays are plain and row-major: W [out][in], x [tokens][in], y [tokens][out].
// Functions return 0 or -errno: -EINVAL for sizes of 0 or beyond INT32 sums or a module of another
// shape or kind, -EDOM where an input is not finite, -EOVERFLOW where an accumulator would leave
// INT32, -ENOMEM. On error nothing is owned and outputs are undefined. No function touches a
// device. Threads: each object by one thread at a time; cblas may use threads of its own.
#ifndef SHIRA_REFERENCE_H
#define SHIRA_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

#include "shira/adapter.h"

// One linear with its base weights.
struct shira_reference {
  uint32_t out, in;
  const float *w;      // [out][in], the caller's, must outlive the struct
  const int32_t *bias; // [out] in steps of the accumulator, the caller's, or NULL for none
  double sx;           // what one step of an input is worth
  double sy;           // what one step of an output is worth; 0 until calibrated
  int8_t *wq;          // [out][in] quantised base weights, owned
  double *scale;       // [out] what one step of a weight is worth, owned
};

// What an adapter did to the quantised weights.
struct shira_reference_stats {
  uint64_t touched; // weights that the adapter has a delta for (LoRA: nonzero in FP64)
  uint64_t changed; // bytes that differ from the base
  uint64_t zeroed;  // of the touched, those whose quantised delta is 0
  uint64_t clipped; // sums that saturate
};

// A LoRA module in quantised units over one linear, owns its arrays.
struct shira_reference_lora {
  uint32_t rank;
  double *a;   // [rank][in], whole numbers -127..127
  double *b;   // [out][rank], whole numbers -127..127
  double step; // what one step of b * a is worth, in steps of a quantised weight
  double sh;   // what one step of h is worth in steps of sum(a * x); 0 until calibrated
};

// Sums for the error of outputs; add over linears, then shira_reference_l2.
struct shira_reference_error {
  double difference2; // sum of (y - exact)^2
  double exact2;      // sum of exact^2
};

// Quantises w. `ref` is the caller's, freed by shira_reference_close.
int shira_reference_open(struct shira_reference *ref, const float *w, const int32_t *bias,
                         uint32_t out, uint32_t in, double sx);

// Frees what ref owns; safe on a zeroed struct.
void shira_reference_close(struct shira_reference *ref);

// Sets ref->sy from a calibration batch x [tokens][in], with the base weights.
int shira_reference_calibrate(struct shira_reference *ref, const int8_t *x, uint32_t tokens);

// Base weights with a SHiRA module: weights [out][in]. stats may be NULL.
int shira_reference_shira(const struct shira_reference *ref,
                          const struct shira_adapter_module *module, int8_t *weights,
                          struct shira_reference_stats *stats);

// Weights `from` (ref->wq: the base) with a LoRA module's rounded product added, or its negative
// (sign -1, rounded after the sign): weights [out][in], may be `from`. stats may be NULL; they
// count what differs from the base.
int shira_reference_fused(const struct shira_reference *ref,
                          const struct shira_adapter_module *module, int sign, const int8_t *from,
                          int8_t *weights, struct shira_reference_stats *stats);

// Outputs y [tokens][out] of weights [out][in] (ref->wq for the base) for x; ref is calibrated.
int shira_reference_output(const struct shira_reference *ref, const int8_t *weights,
                           const int8_t *x, uint32_t tokens, int8_t *y);

// Quantises a LoRA module for unfused use and calibrates sh with the batch x [tokens][in].
int shira_reference_lora_open(const struct shira_reference *ref,
                              const struct shira_adapter_module *module, const int8_t *x,
                              uint32_t tokens, struct shira_reference_lora *lora);

void shira_reference_lora_close(struct shira_reference_lora *lora);

// Outputs y [tokens][out] of the base weights and the unfused adapter; ref is calibrated.
int shira_reference_unfused(const struct shira_reference *ref,
                            const struct shira_reference_lora *lora, const int8_t *x,
                            uint32_t tokens, int8_t *y);

// Adds to `error` how far y * sy is from the FP64 product of the unquantised weights, the module
// (either kind, NULL for none) and x * sx, with the bias.
int shira_reference_measure(const struct shira_reference *ref,
                            const struct shira_adapter_module *module, const int8_t *x,
                            uint32_t tokens, const int8_t *y, struct shira_reference_error *error);

// Relative L2 error: sqrt(difference2 / exact2); 0 where both are 0.
double shira_reference_l2(const struct shira_reference_error *error);

#endif
