#include "host/adapter/norm.h"

#include <math.h>
#include <stdlib.h>

#include "shira/adapter.h"

double shira_dot(const float *x, const float *y, size_t n) {
  double lane[8] = {0}; // independent sums, which the compiler keeps in vector registers
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (size_t j = 0; j < 8; j++)
      lane[j] += (double)x[i + j] * y[i + j];
  }
  for (; i < n; i++)
    lane[i % 8] += (double)x[i] * y[i];
  return ((lane[0] + lane[1]) + (lane[2] + lane[3])) + ((lane[4] + lane[5]) + (lane[6] + lane[7]));
}

double shira_product_norm(const float *a, const float *b, uint32_t out, uint32_t in,
                          uint32_t rank) {
  size_t r = rank;
  double *gram = calloc(r * r + 1, sizeof *gram); // B^T B, upper triangle
  double sum = 0;
  if (!gram)
    return NAN;
  for (size_t o = 0; o < out; o++) {
    const float *row = b + o * r;
    for (size_t p = 0; p < r; p++) {
      double f = row[p];
      for (size_t q = p; q < r; q++)
        gram[p * r + q] += f * row[q];
    }
  }
  for (size_t p = 0; p < r; p++) {
    sum += gram[p * r + p] * shira_dot(a + p * in, a + p * in, in);
    for (size_t q = p + 1; q < r; q++)
      sum += 2 * gram[p * r + q] * shira_dot(a + p * in, a + q * in, in);
  }
  free(gram);
  return sqrt(fmax(sum, 0)); // rounding may leave a zero product just below 0
}

double shira_adapter_norm(const struct shira_adapter_module *m) {
  if (m->rank)
    return fabs(m->scale) * shira_product_norm(m->a, m->b, m->out, m->in, m->rank);
  return sqrt(shira_dot(m->value, m->value, m->count));
}
