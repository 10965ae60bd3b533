// Norms in double, summed in a fixed order, so that files made from them are the same everywhere.
#ifndef SHIRA_ADAPTER_NORM_H
#define SHIRA_ADAPTER_NORM_H

#include <stddef.h>
#include <stdint.h>

// sum of x[i] y[i].
double shira_dot(const float *x, const float *y, size_t n);

// ||B A||_F for B [out][rank], A [rank][in], without the product: the sum over p, q of
// (B^T B)[p][q] (A A^T)[p][q] is its square. NAN when memory is out.
double shira_product_norm(const float *a, const float *b, uint32_t out, uint32_t in, uint32_t rank);

#endif
