// Weights and outputs by the numeric rules alone; see shira/reference.h. The formulas are those of
// shira/numeric.h, written down independently: nothing of host/pack is used here.
#include "shira/reference.h"

#include <cblas.h>
#include <errno.h>
#include <fenv.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/blas.h"

// Inner dimension up to which a sum of INT8 products cannot leave INT32.
#define INNER_LIMIT 131072u

// A scale as a fraction numerator / 2^shift.
struct fraction {
  int64_t numerator;
  int64_t denominator;
};

// The fraction with a 24-bit numerator that is nearest to s: the shift is the one of 1..62 that
// puts the numerator into [2^23, 2^24), found by trying.
static struct fraction fraction_of(double s) {
  const double low = 8388608, high = 16777216;
  if (isnan(s) || s <= 0)
    return (struct fraction){0, 1};
  for (int shift = 1; shift <= 62; shift++) {
    double numerator = nearbyint(s * (double)((int64_t)1 << shift));
    if (numerator >= high) // larger than any word: the largest
      return (struct fraction){16777215, 2};
    if (numerator >= low)
      return (struct fraction){(int64_t)numerator, (int64_t)1 << shift};
  }
  return (struct fraction){(int64_t)nearbyint(ldexp(s, 62)), (int64_t)1 << 62};
}

// v * f rounded to the nearest whole number, halves upward.
static int64_t scaled(int64_t v, struct fraction f) {
  int64_t dividend = v * f.numerator + f.denominator / 2;
  int64_t quotient = dividend / f.denominator;
  return quotient * f.denominator > dividend ? quotient - 1 : quotient;
}

static int64_t clamp(int64_t v, int64_t low, int64_t high) {
  if (v < low)
    return low;
  return v > high ? high : v;
}

static int64_t to_int32(int64_t v) {
  return clamp(v, INT32_MIN, INT32_MAX);
}

static int8_t to_int8(int64_t v) {
  return (int8_t)clamp(v, INT8_MIN, INT8_MAX);
}

// Rounds half to even and clamps to -127..127.
static double to_step(double v) {
  return fmax(-127, fmin(127, nearbyint(v)));
}

// What one of 127 steps is worth that reach `max`.
static double step_of(double max) {
  return max / 127 > 0 ? max / 127 : 1;
}

static bool finite_all(const float *v, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!isfinite(v[i]))
      return false;
  return true;
}

static double largest(const float *v, size_t count) {
  double max = 0;
  for (size_t i = 0; i < count; i++)
    if (fabs((double)v[i]) > max)
      max = fabs((double)v[i]);
  return max;
}

static double largest_of(const double *v, size_t count) {
  double max = 0;
  for (size_t i = 0; i < count; i++)
    if (fabs(v[i]) > max)
      max = fabs(v[i]);
  return max;
}

// An array of rows x columns doubles, NULL where it is too large.
static double *matrix(uint32_t rows, uint32_t columns) {
  return calloc((size_t)rows * columns, sizeof(double));
}

static double *from_int8(const int8_t *v, uint32_t rows, uint32_t columns) {
  double *d = matrix(rows, columns);
  for (size_t i = 0; d && i < (size_t)rows * columns; i++)
    d[i] = v[i];
  return d;
}

static double *from_float(const float *v, uint32_t rows, uint32_t columns) {
  double *d = matrix(rows, columns);
  for (size_t i = 0; d && i < (size_t)rows * columns; i++)
    d[i] = (double)v[i];
  return d;
}

// c [m][n] = a [m][k] * b^T, b [n][k].
static void multiply_t(const double *a, const double *b, uint32_t m, uint32_t n, uint32_t k,
                       double *c) {
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, 1, a, (int)k, b,
              (int)k, 0, c, (int)n);
}

// c [m][n] = a [m][k] * b, b [k][n].
static void multiply(const double *a, const double *b, uint32_t m, uint32_t n, uint32_t k,
                     double *c) {
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, a, (int)k, b,
              (int)n, 0, c, (int)n);
}

int shira_reference_open(struct shira_reference *ref, const float *w, const int32_t *bias,
                         uint32_t out, uint32_t in, double sx) {
  *ref = (struct shira_reference){0};
  if (!out || !in || in >= INNER_LIMIT || out > INT32_MAX || !(sx > 0))
    return -EINVAL;
  if (!finite_all(w, (size_t)out * in))
    return -EDOM;
  int rc = shira_blas_ready(NULL);
  if (rc)
    return rc;
  struct shira_reference r = {.out = out, .in = in, .w = w, .bias = bias, .sx = sx};
  r.wq = malloc((size_t)out * in);
  r.scale = malloc(out * sizeof *r.scale);
  if (!r.wq || !r.scale) {
    shira_reference_close(&r);
    return -ENOMEM;
  }
  for (size_t i = 0; i < (size_t)out * in; i++) {
    size_t row = i / in;
    if (i % in == 0)
      r.scale[row] = step_of(largest(w + i, in));
    r.wq[i] = (int8_t)to_step((double)w[i] / r.scale[row]);
  }
  *ref = r;
  return 0;
}

void shira_reference_close(struct shira_reference *ref) {
  free(ref->wq);
  free(ref->scale);
  *ref = (struct shira_reference){0};
}

// Sums of weights and x, without bias: a new array [tokens][rows], NULL where memory is short.
static double *sums(const int8_t *weights, uint32_t rows, uint32_t in, const int8_t *x,
                    uint32_t tokens) {
  double *dw = from_int8(weights, rows, in), *dx = from_int8(x, tokens, in);
  double *sum = matrix(tokens, rows);
  if (dw && dx && sum)
    multiply_t(dx, dw, tokens, rows, in, sum);
  bool done = dw && dx && sum;
  free(dw);
  free(dx);
  if (!done) {
    free(sum);
    sum = NULL;
  }
  return sum;
}

static double bias_of(const struct shira_reference *ref, uint32_t r) {
  return ref->bias ? ref->bias[r] : 0;
}

int shira_reference_calibrate(struct shira_reference *ref, const int8_t *x, uint32_t tokens) {
  if (!tokens)
    return -EINVAL;
  double *sum = sums(ref->wq, ref->out, ref->in, x, tokens);
  if (!sum)
    return -ENOMEM;
  double max = 0;
  for (uint32_t t = 0; t < tokens; t++)
    for (uint32_t r = 0; r < ref->out; r++) {
      double steps = sum[(size_t)t * ref->out + r] + bias_of(ref, r);
      max = fmax(max, fabs(steps * ref->scale[r] * ref->sx));
    }
  ref->sy = max > 0 ? max / 127 : 1;
  free(sum);
  return 0;
}

// Requantises sums [tokens][out] to y.
static void to_outputs(const struct shira_reference *ref, const double *sum, uint32_t tokens,
                       int8_t *y) {
  for (uint32_t r = 0; r < ref->out; r++) {
    struct fraction f = fraction_of(ref->scale[r] * ref->sx / ref->sy);
    for (uint32_t t = 0; t < tokens; t++) {
      size_t i = (size_t)t * ref->out + r;
      y[i] = to_int8(scaled((int64_t)(sum[i] + bias_of(ref, r)), f));
    }
  }
}

int shira_reference_output(const struct shira_reference *ref, const int8_t *weights,
                           const int8_t *x, uint32_t tokens, int8_t *y) {
  if (!tokens || !(ref->sy > 0))
    return -EINVAL;
  double *sum = sums(weights, ref->out, ref->in, x, tokens);
  if (!sum)
    return -ENOMEM;
  to_outputs(ref, sum, tokens, y);
  free(sum);
  return 0;
}

static bool same_shape(const struct shira_reference *ref, const struct shira_adapter_module *m) {
  return m->out == ref->out && m->in == ref->in;
}

static bool indices_fit(const struct shira_reference *ref, const struct shira_adapter_module *m) {
  for (uint32_t i = 0; i < m->count; i++)
    if (m->row[i] >= ref->out || m->col[i] >= ref->in)
      return false;
  return true;
}

int shira_reference_shira(const struct shira_reference *ref, const struct shira_adapter_module *m,
                          int8_t *weights, struct shira_reference_stats *stats) {
  struct shira_reference_stats s = {.touched = m->count};
  if (!same_shape(ref, m) || !indices_fit(ref, m))
    return -EINVAL;
  if (!finite_all(m->value, m->count))
    return -EDOM;
  memcpy(weights, ref->wq, (size_t)ref->out * ref->in);
  for (uint32_t i = 0; i < m->count; i++) {
    int8_t *weight = weights + (size_t)m->row[i] * ref->in + m->col[i], old = *weight;
    double delta = nearbyint((double)m->value[i] / ref->scale[m->row[i]]), sum = old + delta;
    *weight = (int8_t)fmax(INT8_MIN, fmin(INT8_MAX, sum));
    s.changed += *weight != old;
    s.zeroed += delta == 0;
    s.clipped += sum < INT8_MIN || sum > INT8_MAX;
  }
  if (stats)
    *stats = s;
  return 0;
}

// Quantises the factors of a module; sh stays 0.
static int quantise_lora(const struct shira_reference *ref, const struct shira_adapter_module *m,
                         struct shira_reference_lora *lora) {
  uint32_t rank = m->rank;
  *lora = (struct shira_reference_lora){.rank = rank};
  if (!same_shape(ref, m) || !rank || rank >= INNER_LIMIT || !m->a || !m->b)
    return -EINVAL;
  size_t na = (size_t)rank * ref->in, nb = (size_t)ref->out * rank;
  if (!finite_all(m->a, na) || !finite_all(m->b, nb))
    return -EDOM;
  lora->a = from_float(m->a, rank, ref->in);
  lora->b = from_float(m->b, ref->out, rank);
  if (!lora->a || !lora->b) {
    shira_reference_lora_close(lora);
    return -ENOMEM;
  }
  for (uint32_t q = 0; q < rank; q++) {
    double *row = lora->a + (size_t)q * ref->in, step = step_of(largest_of(row, ref->in));
    for (uint32_t c = 0; c < ref->in; c++)
      row[c] = to_step(row[c] / step);
    // B' = s * B * step / scale, rounded after each operation from left to right
    for (uint32_t r = 0; r < ref->out; r++) {
      double *b = lora->b + (size_t)r * rank + q;
      *b = m->scale * *b;
      *b = *b * step;
      *b = *b / ref->scale[r];
    }
  }
  double max = largest_of(lora->b, nb);
  lora->step = step_of(max);
  for (size_t i = 0; i < nb; i++)
    if (!isfinite(lora->b[i])) {
      shira_reference_lora_close(lora);
      return -EDOM;
    } else {
      lora->b[i] = to_step(lora->b[i] / lora->step);
    }
  return 0;
}

void shira_reference_lora_close(struct shira_reference_lora *lora) {
  free(lora->a);
  free(lora->b);
  *lora = (struct shira_reference_lora){0};
}

// The module's delta [out][in] in FP64 without quantisation; NULL where memory is short.
static double *exact_delta(const struct shira_reference *ref,
                           const struct shira_adapter_module *m) {
  double *delta = matrix(ref->out, ref->in);
  if (!delta)
    return NULL;
  if (!m->rank) {
    for (uint32_t i = 0; i < m->count; i++)
      delta[(size_t)m->row[i] * ref->in + m->col[i]] += (double)m->value[i];
    return delta;
  }
  double *a = from_float(m->a, m->rank, ref->in), *b = from_float(m->b, ref->out, m->rank);
  if (a && b) {
    multiply(b, a, ref->out, ref->in, m->rank, delta);
    cblas_dscal((int)((size_t)ref->out * ref->in), m->scale, delta, 1);
  } else {
    free(delta);
    delta = NULL;
  }
  free(a);
  free(b);
  return delta;
}

int shira_reference_fused(const struct shira_reference *ref, const struct shira_adapter_module *m,
                          int sign, const int8_t *from, int8_t *weights,
                          struct shira_reference_stats *stats) {
  struct shira_reference_lora lora;
  struct shira_reference_stats s = {0};
  int err = quantise_lora(ref, m, &lora);
  if (err)
    return err;
  double *sum = matrix(ref->out, ref->in), *exact = exact_delta(ref, m);
  err = sum && exact ? 0 : -ENOMEM;
  if (!err)
    multiply(lora.b, lora.a, ref->out, ref->in, lora.rank, sum);
  struct fraction f = fraction_of(lora.step);
  for (size_t i = 0; !err && i < (size_t)ref->out * ref->in; i++) {
    int64_t delta = to_int32(scaled(sign * (int64_t)sum[i], f)), fused = from[i] + delta;
    weights[i] = to_int8(fused);
    s.touched += exact[i] != 0;
    s.changed += weights[i] != ref->wq[i];
    s.zeroed += exact[i] != 0 && delta == 0;
    s.clipped += weights[i] != fused;
  }
  free(sum);
  free(exact);
  shira_reference_lora_close(&lora);
  if (!err && stats)
    *stats = s;
  return err;
}

// h = a * x before requantisation, [tokens][rank]; NULL where memory is short.
static double *hidden(const struct shira_reference *ref, const struct shira_reference_lora *lora,
                      const int8_t *x, uint32_t tokens) {
  double *dx = from_int8(x, tokens, ref->in), *h = matrix(tokens, lora->rank);
  if (dx && h) {
    multiply_t(dx, lora->a, tokens, lora->rank, ref->in, h);
  } else {
    free(h);
    h = NULL;
  }
  free(dx);
  return h;
}

int shira_reference_lora_open(const struct shira_reference *ref,
                              const struct shira_adapter_module *m, const int8_t *x,
                              uint32_t tokens, struct shira_reference_lora *lora) {
  *lora = (struct shira_reference_lora){0};
  if (!tokens)
    return -EINVAL;
  int err = quantise_lora(ref, m, lora);
  if (err)
    return err;
  double *h = hidden(ref, lora, x, tokens);
  if (!h) {
    shira_reference_lora_close(lora);
    return -ENOMEM;
  }
  lora->sh = step_of(largest_of(h, (size_t)tokens * lora->rank));
  free(h);
  return 0;
}

// Adds the requantised product of b and h to sums [tokens][out].
static int add_seed(const struct shira_reference *ref, const struct shira_reference_lora *lora,
                    double *h, uint32_t tokens, double *sum) {
  double *product = matrix(tokens, ref->out);
  if (!product)
    return -ENOMEM;
  struct fraction to_h = fraction_of(1 / lora->sh), to_acc = fraction_of(lora->step * lora->sh);
  for (size_t i = 0; i < (size_t)tokens * lora->rank; i++)
    h[i] = to_int8(scaled((int64_t)h[i], to_h));
  multiply_t(h, lora->b, tokens, ref->out, lora->rank, product);
  int err = 0;
  for (size_t i = 0; i < (size_t)tokens * ref->out; i++) {
    sum[i] += (double)to_int32(scaled((int64_t)product[i], to_acc));
    if (sum[i] < INT32_MIN || sum[i] > INT32_MAX)
      err = -EOVERFLOW;
  }
  free(product);
  return err;
}

int shira_reference_unfused(const struct shira_reference *ref,
                            const struct shira_reference_lora *lora, const int8_t *x,
                            uint32_t tokens, int8_t *y) {
  if (!tokens || !(ref->sy > 0) || !(lora->sh > 0))
    return -EINVAL;
  double *sum = sums(ref->wq, ref->out, ref->in, x, tokens);
  double *h = hidden(ref, lora, x, tokens);
  int err = sum && h ? add_seed(ref, lora, h, tokens, sum) : -ENOMEM;
  if (!err)
    to_outputs(ref, sum, tokens, y);
  free(sum);
  free(h);
  return err;
}

int shira_reference_measure(const struct shira_reference *ref, const struct shira_adapter_module *m,
                            const int8_t *x, uint32_t tokens, const int8_t *y,
                            struct shira_reference_error *error) {
  if (!tokens || (m && (!same_shape(ref, m) || !indices_fit(ref, m))))
    return -EINVAL;
  double *w = m ? exact_delta(ref, m) : matrix(ref->out, ref->in);
  double *dx = from_int8(x, tokens, ref->in), *exact = matrix(tokens, ref->out);
  int err = w && dx && exact ? 0 : -ENOMEM;
  if (!err) {
    for (size_t i = 0; i < (size_t)ref->out * ref->in; i++)
      w[i] += (double)ref->w[i];
    multiply_t(dx, w, tokens, ref->out, ref->in, exact);
    for (size_t i = 0; i < (size_t)tokens * ref->out; i++) {
      uint32_t r = (uint32_t)(i % ref->out);
      double want = (exact[i] + bias_of(ref, r) * ref->scale[r]) * ref->sx;
      double difference = y[i] * ref->sy - want;
      error->difference2 += difference * difference;
      error->exact2 += want * want;
    }
  }
  free(w);
  free(dx);
  free(exact);
  return err;
}

double shira_reference_l2(const struct shira_reference_error *error) {
  return error->difference2 > 0 ? sqrt(error->difference2 / error->exact2) : 0;
}
