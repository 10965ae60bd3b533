// Making adapters and base weights, and printing what is in an adapter.
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/adapter/mask.h"
#include "host/adapter/random.h"
#include "host/adapter/safetensors.h"
#include "shira/adapter.h"

static struct shira_error error;
#define PATH_BYTES 160
static char dirs[2][64];

static void expect_text(const char *part) {
  if (!strstr(error.text, part))
    fail_msg("message \"%s\" does not say \"%s\"", error.text, part);
}

static int make_dirs(void **state) {
  (void)state;
  for (int i = 0; i < 2; i++) {
    snprintf(dirs[i], sizeof dirs[i], P_tmpdir "/shira-XXXXXX");
    if (!mkdtemp(dirs[i]))
      return -1;
  }
  return 0;
}

static void path_in(char *path, int i, const char *name) {
  snprintf(path, PATH_BYTES, "%s/%s", dirs[i], name);
}

static int remove_dirs(void **state) {
  (void)state;
  static const char *const names[] = {"adapter_config.json", "adapter_model.safetensors", "w"};
  for (int i = 0; i < 2; i++) {
    char path[PATH_BYTES];
    for (int k = 0; k < 3; k++) {
      path_in(path, i, names[k]);
      remove(path);
    }
    if (rmdir(dirs[i])) // nothing else may be left
      return -1;
  }
  return 0;
}

// Wide, tall and square layers; "o" is not a target.
static struct shira_linear linears[] = {{"a.q", 96, 96, true, 0},
                                        {"a.o", 96, 96, false, 1},
                                        {"a.up", 200, 96, true, 2},
                                        {"a.down", 96, 200, true, 3}};
static const struct shira_model model = {.name = "mixed", .n_linears = 4, .linears = linears};
#define TARGETED (96 * 96 + 2 * 200 * 96)
#define SIDES (2 * 96 + 2 * 296)

static struct shira_weights seeded(const struct shira_model *m) {
  struct shira_weights weights;
  if (shira_weights_seed(m, 11, &weights, &error))
    fail_msg("%s", error.text);
  return weights;
}

static void same_file(const char *name, bool same) {
  static uint8_t bytes[2][1 << 20];
  size_t n[2];
  for (int i = 0; i < 2; i++) {
    char path[PATH_BYTES];
    path_in(path, i, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    n[i] = fread(bytes[i], 1, sizeof bytes[i], f);
    fclose(f);
  }
  assert_true((n[0] == n[1] && memcmp(bytes[0], bytes[1], n[0]) == 0) == same);
}

static double norm_of(const float *x, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++)
    sum += (double)x[i] * x[i];
  return sqrt(sum);
}

// Norm of the change, by the dense sum.
static double change_norm(const struct shira_adapter_module *m) {
  double sum = 0;
  if (!m->rank)
    return norm_of(m->value, m->count);
  for (uint32_t o = 0; o < m->out; o++) {
    for (uint32_t i = 0; i < m->in; i++) {
      double d = 0;
      for (uint32_t q = 0; q < m->rank; q++)
        d += (double)m->b[o * m->rank + q] * m->a[q * m->in + i];
      sum += d * d;
    }
  }
  return m->scale * sqrt(sum);
}

static void check_made(const struct shira_adapter_make_options *o,
                       const struct shira_weights *weights, uint32_t rank) {
  struct shira_adapter adapter;
  struct shira_adapter_made made;
  if (shira_adapter_make(o, &model, weights, dirs[0], &made, &error) ||
      shira_adapter_load(dirs[0], &model, &adapter, &error))
    fail_msg("%s", error.text);
  assert_int_equal(made.rank, rank);
  assert_int_equal(made.modules, 3);
  assert_int_equal(made.targeted, TARGETED);
  assert_int_equal(made.parameters, rank * SIDES);
  assert_true(made.density == (double)made.parameters / TARGETED);
  assert_true(fabs(made.strength / o->strength - 1) < 1e-6);
  assert_int_equal(adapter.kind, o->kind);
  assert_int_equal(adapter.r, rank);
  assert_int_equal(adapter.n_modules, 3);
  assert_int_equal(adapter.n_warnings, 0); // K is r (in + out), and only targets are changed
  for (uint32_t i = 0; i < 3; i++) {
    const struct shira_adapter_module *m = &adapter.modules[i];
    double w = norm_of(weights->w[m->linear], (size_t)m->out * m->in);
    assert_true(fabs(change_norm(m) / w / o->strength - 1) < 1e-3);
    assert_true(fabs(shira_adapter_norm(m) / change_norm(m) - 1) < 1e-9);
    assert_true(o->kind == SHIRA_ADAPTER_LORA ? m->rank == rank
                                              : m->count == rank * (m->in + m->out));
  }
  shira_adapter_free(&adapter);

  if (shira_adapter_make(o, &model, weights, dirs[1], NULL, &error))
    fail_msg("%s", error.text);
  same_file("adapter_config.json", true);
  same_file("adapter_model.safetensors", true);
  struct shira_adapter_make_options other = *o;
  other.seed++;
  assert_int_equal(shira_adapter_make(&other, &model, weights, dirs[1], NULL, &error), 0);
  same_file("adapter_model.safetensors", false);
}

// Both kinds, all masks: what was made reads back, with the same strength, the same bytes each
// time.
static void makes_and_reads(void **state) {
  (void)state;
  struct shira_weights weights = seeded(&model);
  struct shira_adapter_make_options o = {.strength = 0.05, .seed = 1};
  for (o.kind = 0; o.kind < SHIRA_ADAPTER_KINDS; o.kind++) {
    for (o.mask = 0; o.mask < SHIRA_MASK_COUNT; o.mask++) {
      o.density = 0;
      for (o.rank = 1; o.rank <= 16; o.rank = o.rank * 3 + 1)
        check_made(&o, &weights, o.rank);
      o.rank = 0;
      o.density = 0.05;
      check_made(&o, &weights, 3); // 2.9
      o.density = 1e-6;
      check_made(&o, &weights, 1);
    }
  }
  shira_weights_free(&weights);
}

static void make_refuses(void **state) {
  (void)state;
  struct shira_weights weights = seeded(&model);
  static const struct {
    struct shira_adapter_make_options o;
    const char *text;
  } cases[] = {
      {{.strength = 1}, "either a rank or a density"},
      {{.strength = 1, .rank = 1, .density = 0.1}, "either a rank or a density"},
      {{.strength = 1, .density = -0.1}, "density -0.1: must be"},
      {{.strength = 1, .density = 1.1}, "density 1.1: must be"},
      {{.strength = 1, .density = NAN}, "density nan: must be"},
      {{.strength = 0, .rank = 1}, "strength 0: must be"},
      {{.strength = NAN, .rank = 1}, "strength nan: must be"},
      {{.strength = INFINITY, .rank = 1}, "strength inf: must be"},
      {{.strength = 1e300, .rank = 1}, "'a.q': strength 1e+300 is too large"},
      {{.strength = 1, .rank = 49}, "'a.q': r (in + out) = 49 (96 + 96) entries do not fit"},
      {{.strength = 1, .rank = 2000000}, "rank 2000000: at most"},
      {{.kind = 2, .strength = 1, .rank = 1}, "no such kind"},
      {{.mask = SHIRA_MASK_COUNT, .strength = 1, .rank = 1}, "no such mask"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    if (shira_adapter_make(&cases[i].o, &model, &weights, dirs[0], NULL, &error) != -EINVAL)
      fail_msg("no '%s'", cases[i].text);
    expect_text(cases[i].text);
  }
  struct shira_adapter_make_options o = {.strength = 1, .rank = 1};
  memset(weights.w[2], 0, 200 * 96 * sizeof(float));
  assert_int_equal(shira_adapter_make(&o, &model, &weights, dirs[0], NULL, &error), -EINVAL);
  expect_text("'a.up': its weights are all zero");
  struct shira_model less = model;
  less.n_linears = 3;
  assert_int_equal(shira_adapter_make(&o, &less, &weights, dirs[0], NULL, &error), -EINVAL);
  struct shira_model none = {.name = "none", .n_linears = 4, .linears = linears};
  for (int i = 0; i < 4; i++)
    linears[i].target = false;
  assert_int_equal(shira_adapter_make(&o, &none, &weights, dirs[0], NULL, &error), -EINVAL);
  expect_text("model 'none' has no targeted layer");
  for (int i = 0; i < 4; i++)
    linears[i].target = i != 1;
  weights.w[2][0] = 1;
  assert_int_equal(shira_adapter_make(&o, &model, &weights, "no/such/dir", NULL, &error), -ENOENT);
  expect_text("cannot create 'no/such/dir'");
  shira_weights_free(&weights);
}

// More than 90 % of the updates change a byte of the quantised weights.
static void updates_change_bytes(void **state) {
  (void)state;
  struct shira_model square;
  assert_int_equal(shira_model_square(512, &square, &error), 0);
  struct shira_weights weights = seeded(&square);
  struct shira_adapter_make_options o = {.strength = SHIRA_ADAPTER_STRENGTH, .density = 0.01};
  for (o.mask = 0; o.mask < SHIRA_MASK_COUNT; o.mask++) {
    struct shira_adapter adapter;
    assert_int_equal(shira_adapter_make(&o, &square, &weights, dirs[0], NULL, &error), 0);
    assert_int_equal(shira_adapter_load(dirs[0], &square, &adapter, &error), 0);
    const struct shira_adapter_module *m = &adapter.modules[0];
    uint32_t changed = 0;
    for (uint32_t i = 0; i < m->count; i++) {
      const float *row = weights.w[0] + (size_t)m->row[i] * m->in;
      double top = 0;
      for (uint32_t j = 0; j < m->in; j++)
        top = fmax(top, fabs(row[j]));
      long w = lrint(row[m->col[i]] / (top / 127)), sum = w + lrint(m->value[i] / (top / 127));
      changed += (sum > 127 ? 127 : sum < -128 ? -128 : sum) != w;
    }
    if (changed <= 0.9 * m->count)
      fail_msg("%s: %u of %u", shira_mask_name(o.mask), changed, m->count);
    shira_adapter_free(&adapter);
  }
  shira_weights_free(&weights);
  shira_model_free(&square);
}

// ---- Masks ----------------------------------------------------------------------------------

// Makes a mask into a byte map, and checks that its places are sorted, distinct and inside.
static void make_mask(enum shira_mask mask, uint32_t out, uint32_t in, uint32_t count,
                      const float *w, uint64_t seed, uint8_t *map) {
  struct shira_random random;
  int32_t *places = malloc((2 * (size_t)count + 1) * sizeof *places);
  shira_random_seed(&random, seed, "test", "");
  memset(map, 0, (size_t)out * in);
  assert_int_equal(shira_mask_make(mask, out, in, count, w, &random, places), 0);
  int64_t last = -1;
  for (uint32_t i = 0; i < count; i++) {
    int64_t row = places[i], col = places[count + i];
    assert_true(row >= 0 && row < out && col >= 0 && col < in && row * in + col > last);
    last = row * in + col;
    map[last] = 1;
  }
  free(places);
}

static void masks_have_any_count(void **state) {
  (void)state;
  static const uint32_t shapes[][2] = {{1, 1}, {1, 9}, {9, 1}, {5, 8}, {8, 8}, {8, 5}};
  float w[64];
  uint8_t map[64];
  for (int i = 0; i < 64; i++)
    w[i] = (float)(i * 37 % 64 / 4) - 8; // with equal ones
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    uint32_t out = shapes[s][0], in = shapes[s][1];
    for (uint32_t count = 0; count <= out * in; count++) {
      for (enum shira_mask mask = 0; mask < SHIRA_MASK_COUNT; mask++)
        make_mask(mask, out, in, count, w, count, map);
    }
  }
}

static void rand_is_uniform(void **state) {
  (void)state;
  enum { OUT = 6, IN = 7, ROUNDS = 20000 };
  static const uint32_t counts[] = {5, 37}; // fewer and more than half
  for (int c = 0; c < 2; c++) {
    uint32_t hits[OUT * IN] = {0};
    uint8_t map[OUT * IN];
    double expected = (double)ROUNDS * counts[c] / (OUT * IN), chi2 = 0;
    for (uint64_t round = 0; round < ROUNDS; round++) {
      make_mask(SHIRA_MASK_RAND, OUT, IN, counts[c], NULL, round, map);
      for (int i = 0; i < OUT * IN; i++)
        hits[i] += map[i];
    }
    for (int i = 0; i < OUT * IN; i++)
      chi2 += (hits[i] - expected) * (hits[i] - expected) /
              (expected * (1 - counts[c] / (double)(OUT * IN)));
    assert_true(chi2 < 80); // 41 degrees of freedom: 3 in 10000 above
  }
}

static void wm_takes_the_largest(void **state) {
  (void)state;
  struct shira_random random;
  static float w[40 * 30];
  static uint8_t map[40 * 30];
  shira_random_seed(&random, 1, "wm", "");
  for (int i = 0; i < 40 * 30; i++)
    w[i] = (float)shira_random_normal(&random);
  w[7] = -100;
  for (uint32_t count = 1; count < 40 * 30; count += 97) {
    float least = INFINITY, most = 0;
    make_mask(SHIRA_MASK_WM, 40, 30, count, w, 0, map);
    for (int i = 0; i < 40 * 30; i++) {
      if (map[i])
        least = fminf(least, fabsf(w[i]));
      else
        most = fmaxf(most, fabsf(w[i]));
    }
    assert_true(map[7] && least >= most);
  }
  for (int i = 0; i < 40 * 30; i++)
    w[i] = 1;
  make_mask(SHIRA_MASK_WM, 40, 30, 31, w, 0, map);
  for (int i = 0; i < 40 * 30; i++)
    assert_int_equal(map[i], i < 31); // of equal ones the first
}

static void struct_has_lines_and_diagonal(void **state) {
  (void)state;
  enum { N = 256 };
  static uint8_t map[N * N];
  uint32_t rows = 0, cols = 0, last_row = 0, last_col = 0;
  make_mask(SHIRA_MASK_STRUCT, N, N, 5 * 2 * N, NULL, 0, map);
  for (uint32_t i = 0; i < N; i++) {
    uint32_t in_row = 0, in_col = 0;
    for (uint32_t j = 0; j < N; j++) {
      in_row += map[i * N + j];
      in_col += map[j * N + i];
    }
    assert_int_equal(map[i * N + i], 1);
    if (in_row == N) { // evenly spaced: 256 / 5 = 51.2
      if (rows++)
        assert_in_range(i - last_row, 51, 52);
      last_row = i;
    }
    if (in_col == N) {
      if (cols++)
        assert_in_range(i - last_col, 64, 64);
      last_col = i;
    }
  }
  assert_int_equal(rows, 5); // 10 n = n + 5 n + 4 n - overlaps, and the rest
  assert_int_equal(cols, 4);
}

// ---- Weights --------------------------------------------------------------------------------

static void seeds_weights(void **state) {
  (void)state;
  struct shira_weights a = seeded(&model), b = seeded(&model);
  for (uint32_t i = 0; i < 4; i++) {
    size_t n = (size_t)linears[i].out * linears[i].in;
    double norm = norm_of(a.w[i], n), sum = 0, fourth = 0;
    assert_memory_equal(a.w[i], b.w[i], n * sizeof(float));
    for (size_t k = 0; k < n; k++) {
      sum += a.w[i][k];
      fourth += pow(a.w[i][k] * sqrt(linears[i].in), 4) / (double)n;
    }
    assert_true(fabs(norm / sqrt(linears[i].out) - 1) < 0.03); // deviation 1 / sqrt(in)
    assert_true(fabs(sum * sqrt(linears[i].in)) < 4 * sqrt((double)n));
    assert_true(fabs(fourth - 3) < 0.3); // of a normal distribution
  }
  assert_true(memcmp(a.w[0], a.w[1], 96 * 96 * sizeof(float)) != 0); // by name
  // The same on every machine.
  assert_true(a.w[0][0] == 0x1.4d3db4p-2f && a.w[3][96 * 200 - 1] == -0x1.a5f208p-4f);
  shira_weights_free(&a);
  shira_weights_free(&b);
}

static void random_log_is_exact(void **state) {
  (void)state;
  struct shira_random random;
  shira_random_seed(&random, 0, "log", "");
  for (int i = 0; i < 100000; i++) {
    double x = ldexp(shira_random_unit(&random) + 0x1p-53, -(int)shira_random_below(&random, 60));
    assert_true(fabs(shira_random_log(x) - log(x)) <= 2e-15 + 1e-13 * fabs(log(x)));
  }
}

// A model of two layers, and weights of both that every dtype holds exactly.
static float floats[24] = {1, -2, 0.5};
static struct shira_linear two_linears[] = {{"m.a", 4, 6, true, 0}, {"m.b", 6, 4, true, 0}};
static const struct shira_model two = {.name = "two", .n_linears = 2, .linears = two_linears};

static void loads_weights(void **state) {
  (void)state;
  static uint16_t halves[24] = {0x3c00, 0xc000, 0x3800}, bfloats[24] = {0x3f80, 0xc000, 0x3f00};
  static const struct {
    enum safetensors_dtype dtype;
    const void *data;
  } types[] = {{SAFETENSORS_F32, floats}, {SAFETENSORS_F16, halves}, {SAFETENSORS_BF16, bfloats}};
  struct shira_weights w;
  char path[PATH_BYTES];
  path_in(path, 0, "w");
  for (int t = 0; t < 3; t++) {
    struct safetensors_item items[] = {
        {"m.a.weight", types[t].dtype, 2, {4, 6}, types[t].data},
        {"model.m.b.weight", types[t].dtype, 2, {6, 4}, types[t].data},
        {"m.norm.weight", SAFETENSORS_F32, 1, {4}, floats},
        {"weight", SAFETENSORS_F32, 1, {4}, floats}};
    assert_int_equal(safetensors_write(path, items, 4, NULL, 0, &error), 0);
    if (shira_weights_load(path, &two, &w, &error))
      fail_msg("%s", error.text);
    assert_int_equal(w.n, 2);
    for (int i = 0; i < 2; i++)
      assert_memory_equal(w.w[i], floats, sizeof floats);
    shira_weights_free(&w);
  }
}

static void load_refuses(void **state) {
  (void)state;
  struct shira_weights w;
  char path[PATH_BYTES];
  path_in(path, 0, "w");
  static float bad[24] = {[23] = NAN};
  static const struct {
    struct safetensors_item items[2];
    const char *text;
  } cases[] = {
      {{{"m.a.weight", SAFETENSORS_F32, 2, {4, 6}, floats},
        {"m.c.weight", SAFETENSORS_F32, 2, {6, 4}, floats}},
       "tensor 'm.b.weight' is not there"},
      {{{"m.a.weight", SAFETENSORS_F32, 2, {6, 4}, floats},
        {"m.b.weight", SAFETENSORS_F32, 2, {6, 4}, floats}},
       "tensor 'm.a.weight' is 6 x 4, the model's layer is 4 x 6"},
      {{{"m.a.weight", SAFETENSORS_F32, 2, {2, 6}, floats},
        {"m.b.weight", SAFETENSORS_F32, 2, {6, 4}, floats}},
       "tensor 'm.a.weight' is 2 x 6, the model's layer is 4 x 6"},
      {{{"m.a.weight", SAFETENSORS_F32, 2, {4, 5}, floats},
        {"m.b.weight", SAFETENSORS_F32, 2, {6, 4}, floats}},
       "tensor 'm.a.weight' is 4 x 5, the model's layer is 4 x 6"},
      {{{"m.a.weight", SAFETENSORS_F32, 1, {24}, floats},
        {"m.b.weight", SAFETENSORS_F32, 2, {6, 4}, floats}},
       "tensor 'm.a.weight' has 1 dimensions, a weight has 2"},
      {{{"m.a.weight", SAFETENSORS_I32, 2, {4, 6}, floats},
        {"m.b.weight", SAFETENSORS_F32, 2, {6, 4}, floats}},
       "tensor 'm.a.weight': its dtype is I32"},
      {{{"m.a.weight", SAFETENSORS_F32, 2, {4, 6}, bad},
        {"m.b.weight", SAFETENSORS_F32, 2, {6, 4}, floats}},
       "tensor 'm.a.weight': value 23 is not finite"},
      {{{"x.m.a.weight", SAFETENSORS_F32, 2, {4, 6}, floats},
        {"y.m.a.weight", SAFETENSORS_F32, 2, {4, 6}, floats}},
       "'m.a.weight' could be 'x.m.a.weight' or 'y.m.a.weight'"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct safetensors_item items[2];
    memcpy(items, cases[i].items, sizeof items);
    assert_int_equal(safetensors_write(path, items, 2, NULL, 0, &error), 0);
    assert_int_equal(shira_weights_load(path, &two, &w, &error), -EINVAL);
    expect_text(path);
    expect_text(cases[i].text);
    assert_null(w.w);
  }
  assert_int_equal(shira_weights_load("no/file", &two, &w, &error), -ENOENT);
}

// ---- Inspect --------------------------------------------------------------------------------

static char *inspect(const char *dir, bool json) {
  char *text = NULL;
  size_t n;
  FILE *f = open_memstream(&text, &n);
  int err = shira_adapter_inspect(dir, json, f, &error);
  fclose(f);
  if (err)
    fail_msg("%s", error.text);
  return text;
}

static void inspects(void **state) {
  (void)state;
  char *text = inspect("tests/vectors/shira_bf16", true);
  json_t *o = json_loads(text, 0, NULL), *m = json_array_get(json_object_get(o, "modules"), 3);
  int rows, cols, k;
  const char *kind, *name, *dtype;
  double norm, density;
  assert_int_equal(json_unpack(o, "{s:s, s:i}", "kind", &kind, "parameters", &k), 0);
  assert_string_equal(kind, "shira");
  assert_int_equal(k, 4 * 2 * (24 + 16));
  assert_int_equal(json_unpack(m, "{s:s, s:f, s:f, s:[i,i], s:[{s:s}, {}]}", "module", &name,
                               "norm", &norm, "density", &density, "shape", &rows, &cols, "tensors",
                               "dtype", &dtype),
                   0);
  assert_string_equal(name, "model.layers.2.mlp.up_proj");
  assert_string_equal(dtype, "BF16");
  assert_true(rows == 24 && cols == 16 && fabs(density - 80. / (24 * 16)) < 1e-8);
  assert_true(norm > 0.5 && norm < 1.5); // 80 values of deviation 0.1
  json_decref(o);
  free(text);

  text = inspect("tests/vectors/lora_rslora", true);
  o = json_loads(text, 0, NULL);
  m = json_array_get(json_object_get(o, "modules"), 0);
  double scale;
  assert_int_equal(
      json_unpack(m, "{s:f, s:i, s:[i,i]}", "scale", &scale, "rank", &k, "shape", &rows, &cols), 0);
  assert_true(scale == 3 && k == 4 && rows == 16 && cols == 24);
  json_decref(o);
  free(text);

  text = inspect("tests/vectors/lora_f16", false);
  assert_non_null(strstr(text, "kind        LoRA, r = 4\nmodules     4\nparameters  640\n"));
  assert_non_null(strstr(text, "model.layers.10.mlp.down_proj"));
  assert_non_null(strstr(text, "16 x 24"));
  free(text);
  assert_int_equal(shira_adapter_inspect("no/dir", false, stdout, &error), -ENOENT);
  assert_int_equal(shira_adapter_inspect("tests/vectors/lora_dora", true, stdout, &error),
                   -ENOTSUP);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(makes_and_reads, make_dirs, remove_dirs),
      cmocka_unit_test_setup_teardown(make_refuses, make_dirs, remove_dirs),
      cmocka_unit_test_setup_teardown(updates_change_bytes, make_dirs, remove_dirs),
      cmocka_unit_test(masks_have_any_count),
      cmocka_unit_test(rand_is_uniform),
      cmocka_unit_test(wm_takes_the_largest),
      cmocka_unit_test(struct_has_lines_and_diagonal),
      cmocka_unit_test(seeds_weights),
      cmocka_unit_test(random_log_is_exact),
      cmocka_unit_test_setup_teardown(loads_weights, make_dirs, remove_dirs),
      cmocka_unit_test_setup_teardown(load_refuses, make_dirs, remove_dirs),
      cmocka_unit_test(inspects),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
