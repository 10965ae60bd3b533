// The numeric rules of the device; see shira/numeric.h for the formulas.
#include "shira/numeric.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MULT_BITS 24
#define MULT_MASK ((1u << MULT_BITS) - 1)
#define SHIFT_MAX 62

uint32_t shira_scale_word(double s) {
  if (!(s > 0))
    return 0;
  if (!(s < ldexp(1.0, MULT_BITS - 1)))
    return 1u << MULT_BITS | MULT_MASK;
  int exponent;
  frexp(s, &exponent); // s in [2^(exponent-1), 2^exponent)
  int shift = MULT_BITS - exponent;
  if (shift > SHIFT_MAX)
    shift = SHIFT_MAX;
  double mult = rint(ldexp(s, shift));
  if (mult > MULT_MASK) { // rounded up to 2^24: one bit less
    if (shift == 1)
      return 1u << MULT_BITS | MULT_MASK;
    mult = rint(ldexp(s, --shift));
  }
  return (uint32_t)shift << MULT_BITS | (uint32_t)mult;
}

double shira_scale_value(uint32_t word) {
  return ldexp(word & MULT_MASK, -(int)(word >> MULT_BITS & 63));
}

int64_t shira_requant(int64_t acc, uint32_t word) {
  unsigned shift = word >> MULT_BITS & 63;
  int64_t round = shift ? (int64_t)1 << (shift - 1) : 0;
  return (acc * (int64_t)(word & MULT_MASK) + round) >> shift;
}

int8_t shira_requant8(int32_t acc, int32_t bias, uint32_t word) {
  return shira_sat8(shira_requant((int64_t)acc + bias, word));
}

int32_t shira_requant32(int32_t acc, int32_t bias, uint32_t word) {
  int64_t v = shira_requant((int64_t)acc + bias, word);
  return (int32_t)(v < INT32_MIN ? INT32_MIN : v > INT32_MAX ? INT32_MAX : v);
}

// Largest |v[i]|; NAN where one is not finite.
static double max_abs(const float *v, size_t n) {
  float max = 0;
  bool finite = true;
  for (size_t i = 0; i < n; i++) {
    float a = fabsf(v[i]);
    finite &= a <= 3.402823466e+38f;
    max = a > max ? a : max;
  }
  return finite ? (double)max : NAN;
}

// Rounds v to -127..127.
static int8_t quant(double v) {
  double q = rint(v);
  return (int8_t)(q < -127 ? -127 : q > 127 ? 127 : q);
}

int shira_quant_weights(const float *w, uint32_t out, uint32_t in, int8_t *q, double *scale) {
  for (uint32_t r = 0; r < out; r++) {
    const float *row = w + (size_t)r * in;
    int8_t *qrow = q + (size_t)r * in;
    double max = max_abs(row, in);
    if (isnan(max))
      return -EDOM;
    scale[r] = max > 0 ? max / 127 : 1;
    for (uint32_t c = 0; c < in; c++)
      qrow[c] = quant((double)row[c] / scale[r]);
  }
  return 0;
}

int32_t shira_delta(double value, double scale) {
  double d = rint(value / scale);
  if (isnan(d))
    return 0;
  return (int32_t)(d < -256 ? -256 : d > 256 ? 256 : d);
}

// B' of the module into bp [out][rank]; returns max|B'|, NAN where one is not finite.
static double scaled_b(const struct shira_adapter_module *m, const double *scale,
                       const double *a_scale, double *bp) {
  double max = 0;
  bool finite = true;
  for (uint32_t r = 0; r < m->out; r++)
    for (uint32_t q = 0; q < m->rank; q++) {
      size_t i = (size_t)r * m->rank + q;
      bp[i] = m->scale * (double)m->b[i] * a_scale[q] / scale[r];
      finite &= isfinite(bp[i]);
      max = fabs(bp[i]) > max ? fabs(bp[i]) : max;
    }
  return finite ? max : NAN;
}

int shira_lora_quant(const struct shira_adapter_module *m, const double *scale,
                     struct shira_lora_quant *lora) {
  *lora = (struct shira_lora_quant){.out = m->out, .in = m->in, .rank = m->rank};
  if (!m->out || !m->in || !m->rank || m->in > SHIRA_MAX_INNER || m->rank > SHIRA_MAX_INNER)
    return -EINVAL;
  size_t nb = (size_t)m->out * m->rank;
  int err = -ENOMEM;
  double *bp = malloc(nb * sizeof *bp);
  lora->aq = malloc((size_t)m->rank * m->in);
  lora->bq = malloc(nb);
  lora->a_scale = malloc(m->rank * sizeof *lora->a_scale);
  if (!bp || !lora->aq || !lora->bq || !lora->a_scale)
    goto fail;
  err = shira_quant_weights(m->a, m->rank, m->in, lora->aq, lora->a_scale);
  if (err)
    goto fail;
  double max = scaled_b(m, scale, lora->a_scale, bp);
  err = -EDOM;
  if (isnan(max))
    goto fail;
  // max / 127 is 0 where max is the smallest number of all; a step of 1 then gives zeros as well
  lora->b = max / 127 > 0 ? max / 127 : 1;
  for (size_t i = 0; i < nb; i++)
    lora->bq[i] = quant(bp[i] / lora->b);
  free(bp);
  return 0;
fail:
  free(bp);
  shira_lora_quant_free(lora);
  return err;
}

void shira_lora_quant_free(struct shira_lora_quant *lora) {
  free(lora->aq);
  free(lora->bq);
  free(lora->a_scale);
  *lora = (struct shira_lora_quant){0};
}

int shira_lora_fuse(const struct shira_lora_quant *lora, const int8_t *wq, int8_t *fused) {
  uint32_t word = shira_scale_word(lora->b);
  int32_t *sum = malloc(lora->in * sizeof *sum);
  if (!sum)
    return -ENOMEM;
  for (uint32_t r = 0; r < lora->out; r++) {
    memset(sum, 0, lora->in * sizeof *sum);
    for (uint32_t q = 0; q < lora->rank; q++) {
      int32_t b = lora->bq[(size_t)r * lora->rank + q];
      const int8_t *a = lora->aq + (size_t)q * lora->in;
      for (uint32_t c = 0; c < lora->in; c++)
        sum[c] += b * a[c];
    }
    size_t row = (size_t)r * lora->in;
    for (uint32_t c = 0; c < lora->in; c++)
      fused[row + c] = shira_sat8((int64_t)wq[row + c] + shira_requant32(sum[c], 0, word));
  }
  free(sum);
  return 0;
}

// v as 16-bit numbers, whose products the compiler turns into pairwise multiply-adds.
static void widen(const int8_t *v, size_t n, int16_t *wide) {
  for (size_t i = 0; i < n; i++)
    wide[i] = v[i];
}

static int32_t dot(const int16_t *a, const int16_t *b, uint32_t n) {
  int32_t sum = 0;
  for (uint32_t i = 0; i < n; i++)
    sum += (int32_t)a[i] * b[i];
  return sum;
}

// Calls visit(arg, row, sum) for each dot product of a row of w [rows][in] with a token.
typedef void visit_fn(void *arg, uint32_t row, int32_t sum);

static int products(const int8_t *w, uint32_t rows, uint32_t in, const int8_t *xq, uint32_t tokens,
                    visit_fn *visit, void *arg) {
  if (!rows || !in || !tokens || in > SHIRA_MAX_INNER)
    return -EINVAL;
  int16_t *x = malloc((size_t)tokens * in * sizeof *x);
  int16_t *row = malloc(in * sizeof *row);
  int err = x && row ? 0 : -ENOMEM;
  if (!err)
    widen(xq, (size_t)tokens * in, x);
  for (uint32_t r = 0; !err && r < rows; r++) {
    widen(w + (size_t)r * in, in, row);
    for (uint32_t t = 0; t < tokens; t++)
      visit(arg, r, dot(row, x + (size_t)t * in, in));
  }
  free(x);
  free(row);
  return err;
}

struct output_max {
  const double *scale;
  const int32_t *bias;
  double sx, max;
};

static void visit_output(void *arg, uint32_t row, int32_t sum) {
  struct output_max *o = arg;
  int64_t acc = (int64_t)sum + (o->bias ? o->bias[row] : 0);
  double y = fabs((double)acc * o->scale[row] * o->sx);
  o->max = y > o->max ? y : o->max;
}

int shira_calibrate(const int8_t *wq, const double *scale, const int32_t *bias, uint32_t out,
                    uint32_t in, const int8_t *xq, uint32_t tokens, double sx, double *sy) {
  struct output_max o = {.scale = scale, .bias = bias, .sx = sx};
  int err = products(wq, out, in, xq, tokens, visit_output, &o);
  if (!err)
    *sy = o.max > 0 ? o.max / 127 : 1;
  return err;
}

static void visit_hidden(void *arg, uint32_t row, int32_t sum) {
  (void)row;
  double *max = arg, h = fabs((double)sum);
  *max = h > *max ? h : *max;
}

int shira_calibrate_lora(const struct shira_lora_quant *lora, const int8_t *xq, uint32_t tokens,
                         double *sh) {
  double max = 0;
  int err = products(lora->aq, lora->rank, lora->in, xq, tokens, visit_hidden, &max);
  if (!err)
    *sh = max > 0 ? max / 127 : 1;
  return err;
}

void shira_output_words(const double *scale, uint32_t out, double sx, double sy, uint32_t *words) {
  for (uint32_t r = 0; r < out; r++)
    words[r] = shira_scale_word(scale[r] * sx / sy);
}

void shira_inputs(uint64_t seed, int8_t *x, size_t count) {
  uint64_t state = seed;
  for (size_t i = 0; i < count; i++) {
    // SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014)
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    x[i] = (int8_t)((int32_t)((z >> 32) * 255 >> 32) - 127);
  }
}
