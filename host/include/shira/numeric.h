// The numeric rules of the device, as the packer and the planner use them: quantisation of weights
// and LoRA factors, SHiRA deltas, scales as multiplier and shift, requantisation, calibration.
//
// Arrays are plain and row-major: W [out][in], A [rank][in], B [out][rank], x [tokens][in]. All
// real arithmetic is double, rounding is half to even (rint, default rounding mode), divisions and
// products are done in the order that the comments write them, left to right.
//
// Every function is reentrant, touches no device and keeps no pointer to its arguments.
#ifndef SHIRA_NUMERIC_H
#define SHIRA_NUMERIC_H

#include <stddef.h>
#include <stdint.h>

#include "shira/adapter.h"

// What one step of an input byte is worth: x = xq * SHIRA_INPUT_SCALE.
#define SHIRA_INPUT_SCALE (1.0 / 32.0)

// Longest dot product of INT8 with INT8 that fits INT32 whatever the values: 131071 * 128 * 128.
#define SHIRA_MAX_INNER 131071u

// What an adapter did to the quantised weights of one linear.
struct shira_delta_stats {
  uint64_t touched; // weights that the adapter has a delta for
  uint64_t changed; // bytes that differ from the base
  uint64_t zeroed;  // deltas that round to 0
  uint64_t clipped; // sums that saturate
};

// Factors of a LoRA module in the quantised units of its weights; owns its arrays.
struct shira_lora_quant {
  uint32_t out, in, rank;
  int8_t *aq;      // [rank][in], A[q] / a_scale[q]
  int8_t *bq;      // [out][rank], B' / b
  double *a_scale; // [rank]
  double b;        // what one step of a Bq * Aq sum is worth, in steps of a quantised weight
};

// Clamps to INT8.
static inline int8_t shira_sat8(int64_t v) {
  return (int8_t)(v < -128 ? -128 : v > 127 ? 127 : v);
}

// The scale `s` as the device holds it: multiplier in bits 23:0, shift in bits 29:24, worth
// mult / 2^shift. mult = rint(s * 2^shift) lies in [2^23, 2^24) and shift in 1..62. A scale below
// that range keeps shift 62 and loses bits of mult, one above it becomes the largest word; anything
// that is not a positive number becomes 0, which scales everything to 0.
uint32_t shira_scale_word(double s);

// What a scale word is worth: mult / 2^shift, exact.
double shira_scale_value(uint32_t word);

// (acc * mult + 2^(shift-1)) >> shift with an arithmetic shift (no rounding term where shift is 0),
// unclamped. |acc| < 2^33.
int64_t shira_requant(int64_t acc, uint32_t word);

// shira_requant of acc + bias, clamped to INT8 or INT32.
int8_t shira_requant8(int32_t acc, int32_t bias, uint32_t word);
int32_t shira_requant32(int32_t acc, int32_t bias, uint32_t word);

// Quantises w: scale[r] = max|w[r]| / 127 (1 where the row is zero), q = w / scale[r], rounded and
// clamped to -127..127. q is [out][in], scale [out]. Returns 0, or -EDOM where a weight is not
// finite (q and scale are then undefined).
int shira_quant_weights(const float *w, uint32_t out, uint32_t in, int8_t *q, double *scale);

// The delta of a SHiRA update in quantised units: rint(value / scale), clamped to -256..256, which
// saturates any weight as the unclamped one would. A value that is not a number gives 0.
int32_t shira_delta(double value, double scale);

// Quantises the factors of `module` for weights with the row scales `scale` [out]:
// a_scale[q] = max|A[q]| / 127 (1 where zero), Aq = A / a_scale; B'[r][q] = s * B[r][q] *
// a_scale[q] / scale[r]; b = max|B'| / 127 (1 where zero), Bq = B' / b. `lora` is the caller's,
// freed by shira_lora_quant_free. Returns 0, -EINVAL for sizes of 0 or beyond SHIRA_MAX_INNER,
// -EDOM where a factor or B' is not finite, -ENOMEM; on error nothing is owned.
int shira_lora_quant(const struct shira_adapter_module *module, const double *scale,
                     struct shira_lora_quant *lora);

// Frees the arrays; safe on a zeroed struct.
void shira_lora_quant_free(struct shira_lora_quant *lora);

// Weights with the adapter fused in, as the device's weight add computes them:
// fused = sat8(wq + requant32(Bq * Aq, word of b)). wq and fused are [out][in] and may be the same.
// Returns 0 or -ENOMEM.
int shira_lora_fuse(const struct shira_lora_quant *lora, const int8_t *wq, int8_t *fused);

// Output scale from a calibration batch: sy = max|(sum(wq * xq) + bias) * scale[r] * sx| / 127 over
// all rows and tokens (1 where zero). wq is [out][in], bias [out] or NULL, xq [tokens][in].
// Returns 0, -EINVAL for sizes of 0 or in > SHIRA_MAX_INNER, -ENOMEM.
int shira_calibrate(const int8_t *wq, const double *scale, const int32_t *bias, uint32_t out,
                    uint32_t in, const int8_t *xq, uint32_t tokens, double sx, double *sy);

// Scale of h = A x from the same batch: sh = max|sum(aq * xq)| / 127 (1 where zero).
// Errors as shira_calibrate.
int shira_calibrate_lora(const struct shira_lora_quant *lora, const int8_t *xq, uint32_t tokens,
                         double *sh);

// Scale words of a linear's outputs: words[r] = shira_scale_word(scale[r] * sx / sy).
void shira_output_words(const double *scale, uint32_t out, double sx, double sy, uint32_t *words);

// Fills x with `count` values of -127..127, uniform, the same for the same seed everywhere.
void shira_inputs(uint64_t seed, int8_t *x, size_t count);

#endif
