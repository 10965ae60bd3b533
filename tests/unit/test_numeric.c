// Numeric rules: scales, requantisation, quantisation, calibration. Expected values are worked out
// by hand or by exact arithmetic in the test.
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "shira/numeric.h"

#define WORD(mult, shift) ((uint32_t)(shift) << 24 | (uint32_t)(mult))

static uint64_t state = 1;

static uint64_t random64(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

static double random_unit(void) {
  return (double)(random64() >> 11) * 0x1p-53;
}

static void scale_words(void **unused) {
  (void)unused;
  assert_int_equal(shira_scale_word(1), WORD(1 << 23, 23));
  assert_int_equal(shira_scale_word(0.5), WORD(1 << 23, 24));
  assert_int_equal(shira_scale_word(0.75), WORD(3 << 22, 24));
  // 1 - 2^-26 rounds up to 2^24 at shift 24, so it takes shift 23
  assert_int_equal(shira_scale_word(1 - 0x1p-26), WORD(1 << 23, 23));
  assert_int_equal(shira_scale_word(1 - 0x1p-24), WORD((1 << 24) - 1, 24));
  // ends of the range, and beyond
  assert_int_equal(shira_scale_word(0x1p22), WORD(1 << 23, 1));
  assert_int_equal(shira_scale_word(0x1p-39), WORD(1 << 23, 62));
  assert_int_equal(shira_scale_word(0x1p-40), WORD(1 << 22, 62));
  assert_int_equal(shira_scale_word(0x1p-63), WORD(0, 62)); // a half, to even
  assert_int_equal(shira_scale_word(0x1p23 - 0.5), WORD((1 << 24) - 1, 1));
  assert_int_equal(shira_scale_word(0x1p23), WORD((1 << 24) - 1, 1));
  assert_int_equal(shira_scale_word(0x1p23 - 0.2), WORD((1 << 24) - 1, 1));
  assert_int_equal(shira_scale_word(INFINITY), WORD((1 << 24) - 1, 1));
  assert_int_equal(shira_scale_word(0), 0);
  assert_int_equal(shira_scale_word(-1), 0);
  assert_int_equal(shira_scale_word(NAN), 0);
  assert_true(shira_scale_value(WORD(3 << 22, 24)) == 0.75);
  for (int i = 0; i < 100000; i++) {
    double s = ldexp(0.5 + random_unit() / 2, (int)(random64() % 60) - 38);
    uint32_t word = shira_scale_word(s);
    assert_true((word & 0xffffff) >= 1 << 23);
    assert_in_range(word >> 24, 1, 62);
    assert_true(fabs(shira_scale_value(word) - s) <= s * 0x1p-24);
  }
}

static void requantisation(void **unused) {
  (void)unused;
  uint32_t half = shira_scale_word(0.5), one = shira_scale_word(1);
  // halves go upward, on both sides of zero
  assert_int_equal(shira_requant8(1, 0, half), 1);
  assert_int_equal(shira_requant8(-1, 0, half), 0);
  assert_int_equal(shira_requant8(3, 0, half), 2);
  assert_int_equal(shira_requant8(-3, 0, half), -1);
  assert_int_equal(shira_requant8(-5, 0, half), -2);
  // saturation at both ends, and the last values before
  assert_int_equal(shira_requant8(127, 0, one), 127);
  assert_int_equal(shira_requant8(128, 0, one), 127);
  assert_int_equal(shira_requant8(-128, 0, one), -128);
  assert_int_equal(shira_requant8(-129, 0, one), -128);
  assert_int_equal(shira_requant8(INT32_MIN, 0, one), -128);
  // bias is added before the scale, without wrapping
  assert_int_equal(shira_requant8(100, -37, one), 63);
  assert_int_equal(shira_requant8(INT32_MAX, INT32_MAX, one), 127);
  assert_int_equal(shira_requant32(INT32_MAX, INT32_MAX, half), INT32_MAX);
  assert_int_equal(shira_requant32(INT32_MIN, INT32_MIN, half), INT32_MIN);
  assert_int_equal(shira_requant32(INT32_MAX, 1, one), INT32_MAX);
  assert_int_equal(shira_requant32(INT32_MIN, -1, one), INT32_MIN);
  // shift 0 has no rounding term
  assert_int_equal(shira_requant8(-7, 0, WORD(3, 0)), -21);
  // the largest shift
  assert_int_equal(shira_requant32(INT32_MAX, 0, WORD((1 << 24) - 1, 62)), 0);
  for (int i = 0; i < 100000; i++) {
    int32_t acc = (int32_t)random64();
    uint32_t word = WORD(1 << 23 | (random64() & 0x7fffff), 1 + random64() % 62);
    unsigned shift = word >> 24;
    __int128 p = (__int128)acc * (word & 0xffffff) * 2 + ((__int128)1 << shift);
    __int128 d = (__int128)2 << shift, q = p / d - (p % d < 0);
    assert_true(shira_requant(acc, word) == (int64_t)q);
  }
}

static void weights(void **unused) {
  (void)unused;
  // steps of 1/2: halves to even; a row of zeros has scale 1
  const float w[] = {63.5f, -63.5f, 0.25f, 0.75f, -0.25f, -1.25f, 0, 0, 0, 0, 0, 0};
  int8_t q[12];
  double scale[2];
  assert_int_equal(shira_quant_weights(w, 2, 6, q, scale), 0);
  assert_true(scale[0] == 0.5 && scale[1] == 1);
  const int8_t want[] = {127, -127, 0, 2, 0, -2, 0, 0, 0, 0, 0, 0};
  assert_memory_equal(q, want, sizeof want);
  const float bad[][2] = {{1, NAN}, {INFINITY, 1}, {-INFINITY, 0}};
  for (int i = 0; i < 3; i++)
    assert_int_equal(shira_quant_weights(bad[i], 1, 2, q, scale), -EDOM);
  const float tiny[] = {1e-45f, -1e-45f};
  assert_int_equal(shira_quant_weights(tiny, 1, 2, q, scale), 0);
  assert_true(q[0] == 127 && q[1] == -127);
}

static void deltas(void **unused) {
  (void)unused;
  assert_int_equal(shira_delta(1.25, 0.5), 2); // 2.5 to even
  assert_int_equal(shira_delta(1.75, 0.5), 4);
  assert_int_equal(shira_delta(-1.25, 0.5), -2);
  assert_int_equal(shira_delta(0.25, 0.5), 0);
  assert_int_equal(shira_delta(-0.25, 0.5), 0);
  assert_int_equal(shira_delta(1e30, 0.5), 256);
  assert_int_equal(shira_delta(-INFINITY, 0.5), -256);
  assert_int_equal(shira_delta(NAN, 0.5), 0);
  for (int w = -128; w <= 127; w++) { // the clamp of the delta changes no sum
    assert_int_equal(shira_sat8(w + 256), 127);
    assert_int_equal(shira_sat8(w - 256), -128);
  }
}

// out 2, in 2, rank 1, weights' scales 1 and 2.
static struct shira_adapter_module small_lora(float *a, float *b) {
  return (struct shira_adapter_module){
      .name = "m", .out = 2, .in = 2, .rank = 1, .scale = 2, .a = a, .b = b};
}

static void lora_factors(void **unused) {
  (void)unused;
  float a[] = {127, -64}, b[] = {127, 127};
  const double scale[] = {1, 2};
  struct shira_adapter_module m = small_lora(a, b);
  struct shira_lora_quant lora;
  assert_int_equal(shira_lora_quant(&m, scale, &lora), 0);
  assert_true(lora.a_scale[0] == 1);
  assert_true(lora.b == 2); // B' = {254, 127}
  assert_true(lora.aq[0] == 127 && lora.aq[1] == -64);
  assert_true(lora.bq[0] == 127 && lora.bq[1] == 64); // 63.5 to even
  // delta = 2 * Bq * Aq = {32258, ...}: saturates; then a smaller one that does not
  int8_t wq[] = {1, 2, 3, 4}, fused[4];
  assert_int_equal(shira_lora_fuse(&lora, wq, fused), 0);
  assert_true(fused[0] == 127 && fused[1] == -128 && fused[2] == 127 && fused[3] == -128);
  lora.b = 1.0 / 8128; // 127*127 -> 1.98, 127*-64 -> -1, 64*127 -> 1, 64*-64 -> -0.504
  assert_int_equal(shira_lora_fuse(&lora, wq, fused), 0);
  assert_true(fused[0] == 3 && fused[1] == 1 && fused[2] == 4 && fused[3] == 3);
  const int8_t x[] = {1, -1, 127, 0}; // h = 191, 16129
  double sh;
  assert_int_equal(shira_calibrate_lora(&lora, x, 2, &sh), 0);
  assert_true(sh == 127);
  shira_lora_quant_free(&lora);
  assert_null(lora.aq);
}

static void lora_edges(void **unused) {
  (void)unused;
  float a[] = {0, 0}, b[] = {1, 1};
  const double scale[] = {1, 1};
  struct shira_adapter_module m = small_lora(a, b);
  struct shira_lora_quant lora;
  assert_int_equal(shira_lora_quant(&m, scale, &lora), 0); // a zero A
  assert_true(lora.a_scale[0] == 1 && lora.aq[0] == 0);
  shira_lora_quant_free(&lora);
  b[0] = b[1] = 0;
  assert_int_equal(shira_lora_quant(&m, scale, &lora), 0); // a zero B
  assert_true(lora.b == 1 && lora.bq[0] == 0);
  const int8_t x[] = {1, 1};
  double sh;
  assert_int_equal(shira_calibrate_lora(&lora, x, 1, &sh), 0);
  assert_true(sh == 1);
  shira_lora_quant_free(&lora);
  a[1] = NAN;
  assert_int_equal(shira_lora_quant(&m, scale, &lora), -EDOM);
  a[1] = 1;
  b[0] = INFINITY;
  assert_int_equal(shira_lora_quant(&m, scale, &lora), -EDOM);
  b[0] = 1;
  m.scale = NAN;
  assert_int_equal(shira_lora_quant(&m, scale, &lora), -EDOM);
  m.scale = 1;
  m.rank = 0;
  assert_int_equal(shira_lora_quant(&m, scale, &lora), -EINVAL);
  m.rank = 1;
  m.in = SHIRA_MAX_INNER + 1;
  assert_int_equal(shira_lora_quant(&m, scale, &lora), -EINVAL);
  assert_null(lora.aq);
  assert_null(lora.bq);
}

static void calibration(void **unused) {
  (void)unused;
  const int8_t wq[] = {127, -127, 1, 2}, x[] = {127, -127, 3, 4};
  const double scale[] = {0.5, 0.25};
  const int32_t bias[] = {-40000, 7};
  double sy;
  assert_int_equal(shira_calibrate(wq, scale, NULL, 2, 2, x, 2, 0.125, &sy), 0);
  assert_true(sy == 32258 * 0.5 * 0.125 / 127);
  assert_int_equal(shira_calibrate(wq, scale, bias, 2, 2, x, 2, 0.125, &sy), 0);
  assert_true(sy == 40127 * 0.5 * 0.125 / 127); // token 1: -127 - 40000
  uint32_t words[2];
  shira_output_words(scale, 2, 0.125, 1, words);
  assert_int_equal(words[0], shira_scale_word(0.0625));
  assert_int_equal(words[1], shira_scale_word(0.03125));
  const int8_t zero[4] = {0};
  assert_int_equal(shira_calibrate(wq, scale, NULL, 2, 2, zero, 2, 0.125, &sy), 0);
  assert_true(sy == 1);
  assert_int_equal(shira_calibrate(wq, scale, NULL, 2, 2, x, 0, 0.125, &sy), -EINVAL);
}

static void inputs(void **unused) {
  (void)unused;
  enum { N = 255 * 400 };
  int8_t *x = malloc(N), *y = malloc(N);
  int count[256] = {0};
  shira_inputs(7, x, N);
  shira_inputs(7, y, N);
  assert_memory_equal(x, y, N);
  for (int i = 0; i < N; i++)
    count[x[i] + 128]++;
  assert_int_equal(count[0], 0); // never -128
  for (int v = 1; v < 256; v++)
    assert_in_range(count[v], 300, 500); // 400 +- 5 sigma
  shira_inputs(8, y, N);
  int same = 0;
  for (int i = 0; i < N; i++)
    same += x[i] == y[i];
  assert_in_range(same, 300, 500);
  free(x);
  free(y);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(scale_words), cmocka_unit_test(requantisation), cmocka_unit_test(weights),
      cmocka_unit_test(deltas),      cmocka_unit_test(lora_factors),   cmocka_unit_test(lora_edges),
      cmocka_unit_test(calibration), cmocka_unit_test(inputs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
