// The reference against sums written out in the test, and against the packer's own rules: two
// independent codes must give the same bytes.
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "shira/numeric.h"
#include "shira/reference.h"

static uint64_t state = 88172645463325252u;

static uint64_t random64(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

static float random_float(void) {
  return (float)((double)(int64_t)random64() * 0x1p-63);
}

// A linear with an adapter of each kind and inputs.
struct world {
  uint32_t out, in, tokens;
  float *w;
  int32_t *bias;
  int8_t *x;
  struct shira_adapter_module shira, lora;
  struct shira_reference ref;
  // the packer's side
  int8_t *wq;
  double *scale;
  double sy;
  uint32_t *words;
};

static float *random_floats(size_t n, float size) {
  float *v = malloc((n ? n : 1) * sizeof *v);
  for (size_t i = 0; i < n; i++)
    v[i] = random_float() * size;
  return v;
}

static void make_shira(struct world *w, double density) {
  size_t n = (size_t)w->out * w->in;
  struct shira_adapter_module *m = &w->shira;
  *m = (struct shira_adapter_module){.name = "m", .out = w->out, .in = w->in};
  m->row = malloc(n * sizeof *m->row);
  m->col = malloc(n * sizeof *m->col);
  m->value = random_floats(n, 0.5f);
  for (size_t i = 0; i < n; i++)
    if ((double)(random64() >> 11) * 0x1p-53 < density) {
      m->row[m->count] = (uint32_t)(i / w->in);
      m->col[m->count++] = (uint32_t)(i % w->in);
    }
}

static void make_world(struct world *w, uint32_t out, uint32_t in, uint32_t rank, uint32_t tokens,
                       bool bias) {
  *w = (struct world){.out = out, .in = in, .tokens = tokens};
  size_t n = (size_t)out * in;
  w->w = random_floats(n, 1);
  if (random64() % 2) // a row of zeros
    memset(w->w + random64() % out * in, 0, in * sizeof *w->w);
  w->x = malloc((size_t)tokens * in);
  shira_inputs(random64(), w->x, (size_t)tokens * in);
  if (bias) {
    w->bias = malloc(out * sizeof *w->bias);
    for (uint32_t r = 0; r < out; r++)
      w->bias[r] = (int32_t)(random64() % 20001) - 10000;
  }
  make_shira(w, 0.05);
  w->lora = (struct shira_adapter_module){
      .name = "m", .out = out, .in = in, .rank = rank, .scale = 0.125};
  w->lora.a = random_floats((size_t)rank * in, 1);
  w->lora.b = random_floats((size_t)out * rank, 1);
  assert_int_equal(shira_reference_open(&w->ref, w->w, w->bias, out, in, SHIRA_INPUT_SCALE), 0);
  assert_int_equal(shira_reference_calibrate(&w->ref, w->x, tokens), 0);
  w->wq = malloc(n);
  w->scale = malloc(out * sizeof *w->scale);
  w->words = malloc(out * sizeof *w->words);
  assert_int_equal(shira_quant_weights(w->w, out, in, w->wq, w->scale), 0);
  assert_int_equal(
      shira_calibrate(w->wq, w->scale, w->bias, out, in, w->x, tokens, SHIRA_INPUT_SCALE, &w->sy),
      0);
  shira_output_words(w->scale, out, SHIRA_INPUT_SCALE, w->sy, w->words);
}

static void free_world(struct world *w) {
  shira_reference_close(&w->ref);
  free(w->w);
  free(w->bias);
  free(w->x);
  free(w->shira.row);
  free(w->shira.col);
  free(w->shira.value);
  free(w->lora.a);
  free(w->lora.b);
  free(w->wq);
  free(w->scale);
  free(w->words);
}

// Outputs as the device computes them, one by one; seed is added to the accumulator, or NULL.
static void device_outputs(const struct world *w, const int8_t *weights, const int32_t *seed,
                           int8_t *y) {
  for (uint32_t t = 0; t < w->tokens; t++)
    for (uint32_t r = 0; r < w->out; r++) {
      size_t at = (size_t)t * w->out + r;
      int32_t acc = seed ? seed[at] : 0;
      for (uint32_t c = 0; c < w->in; c++)
        acc += weights[(size_t)r * w->in + c] * w->x[(size_t)t * w->in + c];
      y[at] = shira_requant8(acc, w->bias ? w->bias[r] : 0, w->words[r]);
    }
}

// Seeds as the device computes them: h = A x requantised, then B h scaled.
static void device_seeds(const struct world *w, const struct shira_lora_quant *lora, double sh,
                         int32_t *seed) {
  uint32_t to_h = shira_scale_word(1 / sh), to_acc = shira_scale_word(lora->b * sh);
  int8_t *h = malloc(lora->rank);
  for (uint32_t t = 0; t < w->tokens; t++) {
    for (uint32_t q = 0; q < lora->rank; q++) {
      int32_t acc = 0;
      for (uint32_t c = 0; c < w->in; c++)
        acc += lora->aq[(size_t)q * w->in + c] * w->x[(size_t)t * w->in + c];
      h[q] = shira_requant8(acc, 0, to_h);
    }
    for (uint32_t r = 0; r < w->out; r++) {
      int32_t acc = 0;
      for (uint32_t q = 0; q < lora->rank; q++)
        acc += lora->bq[(size_t)r * lora->rank + q] * h[q];
      seed[(size_t)t * w->out + r] = shira_requant32(acc, 0, to_acc);
    }
  }
  free(h);
}

static void check_base_and_shira(const struct world *w, int8_t *weights, int8_t *y, int8_t *want) {
  size_t n = (size_t)w->out * w->in, ny = (size_t)w->tokens * w->out;
  struct shira_reference_stats s, mine = {.touched = w->shira.count};
  assert_memory_equal(w->ref.wq, w->wq, n);
  assert_memory_equal(w->ref.scale, w->scale, w->out * sizeof *w->scale);
  assert_true(w->ref.sy == w->sy);
  assert_int_equal(shira_reference_output(&w->ref, w->ref.wq, w->x, w->tokens, y), 0);
  device_outputs(w, w->wq, NULL, want);
  assert_memory_equal(y, want, ny);
  int8_t *fused = malloc(n);
  memcpy(fused, w->wq, n);
  for (uint32_t i = 0; i < w->shira.count; i++) {
    uint32_t r = w->shira.row[i];
    int8_t *p = fused + (size_t)r * w->in + w->shira.col[i];
    int32_t d = shira_delta((double)w->shira.value[i], w->scale[r]), sum = *p + d;
    mine.zeroed += d == 0;
    mine.clipped += sum > 127 || sum < -128;
    mine.changed += *p != shira_sat8(sum);
    *p = shira_sat8(sum);
  }
  assert_int_equal(shira_reference_shira(&w->ref, &w->shira, weights, &s), 0);
  assert_memory_equal(weights, fused, n);
  assert_memory_equal(&s, &mine, sizeof s);
  assert_int_equal(shira_reference_output(&w->ref, weights, w->x, w->tokens, y), 0);
  device_outputs(w, fused, NULL, want);
  assert_memory_equal(y, want, ny);
  free(fused);
}

static void check_lora(const struct world *w, int8_t *weights, int8_t *y, int8_t *want) {
  size_t n = (size_t)w->out * w->in, ny = (size_t)w->tokens * w->out;
  struct shira_lora_quant lora;
  assert_int_equal(shira_lora_quant(&w->lora, w->scale, &lora), 0);
  int8_t *fused = malloc(n);
  assert_int_equal(shira_lora_fuse(&lora, w->wq, fused), 0);
  struct shira_reference_stats s;
  assert_int_equal(shira_reference_fused(&w->ref, &w->lora, 1, w->ref.wq, weights, &s), 0);
  assert_memory_equal(weights, fused, n);
  uint64_t changed = 0;
  for (size_t i = 0; i < n; i++)
    changed += fused[i] != w->wq[i];
  assert_int_equal(s.changed, changed);
  assert_int_equal(s.touched, n); // random factors: no delta is exactly zero
  assert_true(s.changed + s.zeroed <= s.touched);
  assert_true(s.touched - s.changed - s.zeroed <= s.clipped); // unchanged at the rail
  double sh;
  assert_int_equal(shira_calibrate_lora(&lora, w->x, w->tokens, &sh), 0);
  struct shira_reference_lora open;
  assert_int_equal(shira_reference_lora_open(&w->ref, &w->lora, w->x, w->tokens, &open), 0);
  assert_true(open.sh == sh && open.step == lora.b);
  int32_t *seed = malloc(ny * sizeof *seed);
  device_seeds(w, &lora, sh, seed);
  device_outputs(w, w->wq, seed, want);
  assert_int_equal(shira_reference_unfused(&w->ref, &open, w->x, w->tokens, y), 0);
  assert_memory_equal(y, want, ny);
  shira_reference_lora_close(&open);
  shira_lora_quant_free(&lora);
  free(seed);
  free(fused);
}

static void two_codes_agree(void **unused) {
  (void)unused;
  for (int round = 0; round < 150; round++) {
    struct world w;
    make_world(&w, 1 + random64() % 90, 1 + random64() % 90, 1 + random64() % 40,
               1 + random64() % 9, random64() % 2);
    int8_t *weights = malloc((size_t)w.out * w.in);
    int8_t *y = malloc((size_t)w.tokens * w.out), *want = malloc((size_t)w.tokens * w.out);
    check_base_and_shira(&w, weights, y, want);
    check_lora(&w, weights, y, want);
    free(weights);
    free(y);
    free(want);
    free_world(&w);
  }
}

// out 1, in 2, by hand: weights {127, -64} of step 1, x = {2, 1}, sx = 1 -> 190.
static void by_hand(void **unused) {
  (void)unused;
  const float w[] = {127, -64};
  const int8_t x[] = {2, 1};
  uint32_t row[] = {0, 0}, col[] = {0, 1};
  float value[] = {2.5f, -100}, a[] = {127, 0}, b[] = {1};
  struct shira_adapter_module shira = {
      .name = "s", .out = 1, .in = 2, .count = 2, .row = row, .col = col, .value = value};
  struct shira_adapter_module lora = {
      .name = "l", .out = 1, .in = 2, .rank = 1, .scale = -0.25, .a = a, .b = b};
  struct shira_reference ref;
  struct shira_reference_stats s;
  struct shira_reference_error e = {0};
  int8_t weights[2], y;
  assert_int_equal(shira_reference_open(&ref, w, NULL, 1, 2, 1), 0);
  assert_int_equal(shira_reference_calibrate(&ref, x, 1), 0);
  assert_true(ref.sy == 190.0 / 127);
  assert_int_equal(shira_reference_output(&ref, ref.wq, x, 1, &y), 0);
  assert_int_equal(y, 127);
  assert_int_equal(shira_reference_measure(&ref, NULL, x, 1, &y, &e), 0);
  assert_true(shira_reference_l2(&e) < 1e-15);
  // 127 + 2 clips, -64 - 100 clips
  assert_int_equal(shira_reference_shira(&ref, &shira, weights, &s), 0);
  assert_true(weights[0] == 127 && weights[1] == -128);
  assert_true(s.touched == 2 && s.changed == 1 && s.zeroed == 0 && s.clipped == 2);
  // exact: 129.5 * 2 - 164 = 95; the device: 126, in steps of 190 / 127 is 84.2 -> 84
  assert_int_equal(shira_reference_output(&ref, weights, x, 1, &y), 0);
  assert_int_equal(y, 84);
  e = (struct shira_reference_error){0};
  assert_int_equal(shira_reference_measure(&ref, &shira, x, 1, &y, &e), 0);
  assert_true(fabs(shira_reference_l2(&e) - (84 * 190.0 / 127 / 95 - 1)) < 1e-12);
  // delta -31.75: b = -0.25 / 127, Bq = -127, Aq = 127, -16129 * 0.25 / 127 = -31.75 -> -32
  assert_int_equal(shira_reference_fused(&ref, &lora, 1, ref.wq, weights, &s), 0);
  assert_true(weights[0] == 95 && weights[1] == -64);
  assert_true(s.touched == 1 && s.changed == 1 && s.zeroed == 0 && s.clipped == 0);
  lora.scale = 0.001; // a delta of 0.127 is lost
  assert_int_equal(shira_reference_fused(&ref, &lora, 1, ref.wq, weights, &s), 0);
  assert_true(s.touched == 1 && s.changed == 0 && s.zeroed == 1 && s.clipped == 0);
  lora.scale = 4; // +508 saturates where the weight is at its end already
  assert_int_equal(shira_reference_fused(&ref, &lora, 1, ref.wq, weights, &s), 0);
  assert_true(s.touched == 1 && s.changed == 0 && s.zeroed == 0 && s.clipped == 1);
  shira_reference_close(&ref);
}

// The error shrinks to what rounding explains, and grows when the outputs are of other weights.
static void errors(void **unused) {
  (void)unused;
  struct world w;
  make_world(&w, 128, 256, 8, 16, false);
  int8_t *weights = malloc(128 * 256), *y = malloc(16 * 128);
  struct shira_reference_error same = {0}, other = {0}, unfused = {0};
  assert_int_equal(shira_reference_fused(&w.ref, &w.lora, 1, w.ref.wq, weights, NULL), 0);
  assert_int_equal(shira_reference_output(&w.ref, weights, w.x, 16, y), 0);
  assert_int_equal(shira_reference_measure(&w.ref, &w.lora, w.x, 16, y, &same), 0);
  assert_int_equal(shira_reference_measure(&w.ref, NULL, w.x, 16, y, &other), 0);
  struct shira_reference_lora lora;
  assert_int_equal(shira_reference_lora_open(&w.ref, &w.lora, w.x, 16, &lora), 0);
  assert_int_equal(shira_reference_unfused(&w.ref, &lora, w.x, 16, y), 0);
  assert_int_equal(shira_reference_measure(&w.ref, &w.lora, w.x, 16, y, &unfused), 0);
  assert_true(shira_reference_l2(&same) < 0.05);
  assert_true(shira_reference_l2(&unfused) < 0.05);
  assert_true(shira_reference_l2(&other) > 0.1);
  shira_reference_lora_close(&lora);
  free(weights);
  free(y);
  free_world(&w);
}

static void refused(void **unused) {
  (void)unused;
  struct world w;
  struct shira_reference ref;
  struct shira_reference_lora lora;
  int8_t weights[20], y[20];
  make_world(&w, 4, 5, 2, 3, false);
  assert_int_equal(shira_reference_open(&ref, w.w, NULL, 0, 5, 1), -EINVAL);
  assert_int_equal(shira_reference_open(&ref, w.w, NULL, 4, 131072, 1), -EINVAL);
  assert_int_equal(shira_reference_open(&ref, w.w, NULL, 4, 5, NAN), -EINVAL);
  assert_int_equal(shira_reference_open(&ref, w.w, NULL, 4, 5, 1), 0);
  assert_int_equal(shira_reference_output(&ref, ref.wq, w.x, 1, y), -EINVAL); // not calibrated
  shira_reference_close(&ref);
  float keep = w.w[3];
  w.w[3] = INFINITY;
  assert_int_equal(shira_reference_open(&ref, w.w, NULL, 4, 5, 1), -EDOM);
  w.w[3] = keep;
  w.lora.out = 5;
  assert_int_equal(shira_reference_fused(&w.ref, &w.lora, 1, w.ref.wq, weights, NULL), -EINVAL);
  w.lora.out = 4;
  w.lora.b[1] = NAN;
  assert_int_equal(shira_reference_lora_open(&w.ref, &w.lora, w.x, 1, &lora), -EDOM);
  w.lora.b[1] = 1;
  w.lora.scale = INFINITY;
  assert_int_equal(shira_reference_lora_open(&w.ref, &w.lora, w.x, 1, &lora), -EDOM);
  assert_int_equal(shira_reference_fused(&w.ref, &w.shira, 1, w.ref.wq, weights, NULL),
                   -EINVAL); // no factors
  w.shira.count = 1;
  w.shira.row[0] = 0;
  w.shira.col[0] = 5;
  assert_int_equal(shira_reference_shira(&w.ref, &w.shira, weights, NULL), -EINVAL);
  struct shira_reference_error e = {0};
  assert_int_equal(shira_reference_measure(&w.ref, &w.shira, w.x, 1, y, &e), -EINVAL);
  w.shira.col[0] = 4;
  w.shira.value[0] = NAN;
  assert_int_equal(shira_reference_shira(&w.ref, &w.shira, weights, NULL), -EDOM);
  free_world(&w);
}

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

// The size of the main figure; times are printed, not judged.
static void large(void **unused) {
  (void)unused;
  struct world w;
  make_world(&w, 2048, 2048, 32, 128, false);
  int8_t *weights = malloc(2048 * 2048), *y = malloc(128 * 2048), *want = malloc(128 * 2048);
  struct shira_reference_error e = {0};
  double t0 = seconds();
  assert_int_equal(shira_reference_fused(&w.ref, &w.lora, 1, w.ref.wq, weights, NULL), 0);
  double t1 = seconds();
  assert_int_equal(shira_reference_output(&w.ref, weights, w.x, 128, y), 0);
  double t2 = seconds();
  assert_int_equal(shira_reference_measure(&w.ref, &w.lora, w.x, 128, y, &e), 0);
  double t3 = seconds();
  print_message("2048 x 2048: fuse %.3f s, output of 128 tokens %.3f s, error %.3f s (%.4f)\n",
                t1 - t0, t2 - t1, t3 - t2, shira_reference_l2(&e));
  device_outputs(&w, weights, NULL, want);
  assert_memory_equal(y, want, 128 * 2048);
  free(weights);
  free(y);
  free(want);
  free_world(&w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(by_hand), cmocka_unit_test(two_codes_agree), cmocka_unit_test(errors),
      cmocka_unit_test(refused), cmocka_unit_test(large),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
