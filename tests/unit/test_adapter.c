// Reading adapters: what the PEFT library wrote (tests/vectors), and what must be refused.
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
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/adapter/pattern.h"
#include "host/adapter/safetensors.h"
#include "shira/adapter.h"

static struct shira_error error;

static void expect_text(const char *part) {
  if (!strstr(error.text, part))
    fail_msg("message \"%s\" does not say \"%s\"", error.text, part);
}

// The model that tests/vectors/make_vectors.py adapts.
static struct shira_linear tiny_linears[] = {
    {"model.layers.2.mlp.up_proj", 24, 16, true, 0},
    {"model.layers.2.mlp.down_proj", 16, 24, true, 1},
    {"model.layers.10.mlp.up_proj", 24, 16, true, 2},
    {"model.layers.10.mlp.down_proj", 16, 24, true, 3},
};
static const struct shira_model tiny = {.name = "tiny", .n_linears = 4, .linears = tiny_linears};

// One layer of 4 x 6 for files made here.
static struct shira_linear small_linears[] = {{"fc", 4, 6, true, 0}, {"head", 4, 6, false, 0}};
static const struct shira_model small = {.name = "small", .n_linears = 2, .linears = small_linears};

// ---- What PEFT wrote ------------------------------------------------------------------------

static void dense(const struct shira_adapter_module *m, double *out) {
  memset(out, 0, (size_t)m->out * m->in * sizeof *out);
  for (uint32_t i = 0; i < m->count; i++)
    out[m->row[i] * m->in + m->col[i]] = m->value[i];
  for (uint32_t o = 0; o < m->out && m->rank; o++) {
    for (uint32_t i = 0; i < m->in; i++) {
      for (uint32_t q = 0; q < m->rank; q++)
        out[o * m->in + i] += m->scale * m->b[o * m->rank + q] * m->a[q * m->in + i];
    }
  }
}

static void check_vector(const char *name, enum shira_adapter_kind kind, uint32_t r) {
  char path[128];
  struct shira_adapter adapter;
  struct safetensors_file deltas;
  snprintf(path, sizeof path, "tests/vectors/%s", name);
  if (shira_adapter_load(path, &tiny, &adapter, &error))
    fail_msg("%s: %s", name, error.text);
  assert_int_equal(adapter.kind, kind);
  assert_string_equal(adapter.name, name);
  assert_int_equal(adapter.r, r);
  assert_int_equal(adapter.n_modules, 4);
  assert_int_equal(adapter.n_warnings, 0);
  snprintf(path, sizeof path, "tests/vectors/%s.delta.safetensors", name);
  assert_int_equal(safetensors_open(path, &deltas, &error), 0);
  for (uint32_t i = 0; i < 4; i++) {
    const struct shira_adapter_module *m = &adapter.modules[i];
    const struct safetensors_tensor *t = safetensors_find(&deltas, tiny_linears[i].name);
    float want[24 * 16];
    double got[24 * 16], tolerance = kind == SHIRA_ADAPTER_SHIRA ? 0 : 1e-6, norm2 = 0;
    assert_non_null(t);
    assert_int_equal(safetensors_floats(t, path, want, &error), 0);
    assert_string_equal(m->name, tiny_linears[i].name);
    assert_int_equal(m->linear, i);
    assert_true(m->out == t->shape[0] && m->in == t->shape[1]);
    dense(m, got);
    for (uint32_t k = 0; k < 24 * 16; k++) {
      norm2 += got[k] * got[k];
      if (fabs(got[k] - want[k]) > tolerance)
        fail_msg("%s: %s: element %u is %g, not %g", name, m->name, k, got[k], want[k]);
    }
    assert_true(norm2 > 0.1);
    assert_true(fabs(shira_adapter_norm(m) - sqrt(norm2)) < 1e-9);
    for (uint32_t k = 1; k < m->count; k++)
      assert_true(m->row[k - 1] * m->in + m->col[k - 1] < m->row[k] * m->in + m->col[k]);
  }
  safetensors_close(&deltas);
  shira_adapter_free(&adapter);
}

static void reads_shira_of_peft(void **state) {
  (void)state;
  static const char *const names[] = {"shira_f32",     "shira_bf16",     "shira_f16",
                                      "shira_windows", "shira_unsorted", "shira_struct"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    check_vector(names[i], SHIRA_ADAPTER_SHIRA, 2);
}

static void reads_lora_of_peft(void **state) {
  (void)state;
  static const char *const names[] = {"lora_f32",    "lora_bf16",     "lora_f16",
                                      "lora_rslora", "lora_patterns", "lora_conv1d"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    check_vector(names[i], SHIRA_ADAPTER_LORA, 4);
}

static void refuses_dora_of_peft(void **state) {
  (void)state;
  struct shira_adapter adapter;
  assert_int_equal(shira_adapter_load("tests/vectors/lora_dora", &tiny, &adapter, &error),
                   -ENOTSUP);
  expect_text("tests/vectors/lora_dora/adapter_config.json': use_dora is not supported");
}

// ---- Files made here ------------------------------------------------------------------------

static char dir[64];

static int make_dir(void **state) {
  (void)state;
  snprintf(dir, sizeof dir, P_tmpdir "/shira-XXXXXX");
  return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state) {
  (void)state;
  char path[128];
  snprintf(path, sizeof path, "%s/adapter_config.json", dir);
  remove(path);
  snprintf(path, sizeof path, "%s/adapter_model.safetensors", dir);
  remove(path);
  return rmdir(dir);
}

static void put_config(const char *text) {
  char path[128];
  snprintf(path, sizeof path, "%s/adapter_config.json", dir);
  FILE *f = fopen(path, "w");
  fputs(text, f);
  fclose(f);
}

static void put_tensors(struct safetensors_item *items, size_t n) {
  char path[128];
  snprintf(path, sizeof path, "%s/adapter_model.safetensors", dir);
  if (safetensors_write(path, items, n, NULL, 0, &error))
    fail_msg("%s", error.text);
}

static int load(struct shira_adapter *adapter) {
  error.text[0] = '\0';
  return shira_adapter_load(dir, &small, adapter, &error);
}

static void refuse(int err, const char *text) {
  struct shira_adapter adapter;
  int got = load(&adapter);
  if (got != err)
    fail_msg("%d (%s) instead of %d (%s)", got, error.text, err, text);
  expect_text(dir);
  expect_text(text);
  assert_null(adapter.modules);
}

#define SHIRA_CONFIG "{\"peft_type\":\"SHIRA\",\"r\":1}"
#define LORA_CONFIG "{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":4}"

// A SHiRA adapter of K = 10 = 1 (4 + 6) entries, which a case changes.
struct shira_case {
  int32_t at[2][10];
  float value[10];
  struct safetensors_item item[2];
};

static struct shira_case good_shira(void) {
  return (struct shira_case){
      .at = {{0, 0, 0, 1, 1, 2, 2, 3, 3, 3}, {0, 2, 5, 1, 3, 0, 4, 1, 2, 5}},
      .value = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
      .item = {{"base_model.model.fc.shira_weight", SAFETENSORS_F32, 1, {10}, NULL},
               {"base_model.model.fc.shira_indices", SAFETENSORS_I32, 2, {2, 10}, NULL}}};
}

static void put_shira(struct shira_case *c) {
  for (int i = 0; i < 2; i++) {
    if (!c->item[i].data)
      c->item[i].data = strstr(c->item[i].name, "indices") ? (void *)c->at : (void *)c->value;
  }
  put_tensors(c->item, 2);
}

static void checks_shira_entries(void **state) {
  (void)state;
  struct shira_adapter adapter;
  put_config(SHIRA_CONFIG);
  struct shira_case c = good_shira();
  put_shira(&c);
  if (load(&adapter))
    fail_msg("%s", error.text);
  assert_int_equal(adapter.modules[0].count, 10);
  assert_int_equal(adapter.n_warnings, 0);
  shira_adapter_free(&adapter);

  c = good_shira();
  c.at[0][7] = 4;
  put_shira(&c);
  refuse(-EINVAL, "'fc': entry 7 is (row 4, column 1), outside of the 4 x 6 weight");
  c = good_shira();
  c.at[1][2] = 6;
  put_shira(&c);
  refuse(-EINVAL, "'fc': entry 2 is (row 0, column 6), outside of the 4 x 6 weight");
  c = good_shira();
  c.at[0][3] = -1;
  put_shira(&c);
  refuse(-EINVAL, "'fc': the indices of entry 3 are not whole numbers >= 0");
  c = good_shira();
  c.at[0][9] = 0;
  c.at[1][9] = 2;
  put_shira(&c);
  refuse(-EINVAL, "'fc': entries 1 and 9 are both (row 0, column 2)");
  c = good_shira();
  c.value[4] = NAN;
  put_shira(&c);
  refuse(-EINVAL, "fc.shira_weight': value 4 is not finite");
}

static void checks_shira_tensors(void **state) {
  (void)state;
  put_config(SHIRA_CONFIG);
  struct shira_case c = good_shira();
  c.item[1].shape[0] = 5;
  c.item[1].shape[1] = 4;
  put_shira(&c);
  refuse(-EINVAL, "shira_indices is not [2, 10]");
  c = good_shira();
  c.item[0].shape[0] = 9;
  put_shira(&c);
  refuse(-EINVAL, "shira_indices is not [2, 9]");
  c = good_shira();
  c.item[0] = (struct safetensors_item){c.item[0].name, SAFETENSORS_F32, 2, {2, 5}, NULL};
  put_shira(&c);
  refuse(-EINVAL, "shira_weight is not a vector");
  c = good_shira();
  c.item[1].dtype = SAFETENSORS_U32;
  put_shira(&c);
  refuse(-EINVAL, "shira_indices has dtype U32, allowed are I32 and F32");
  c = good_shira();
  c.item[0].dtype = SAFETENSORS_I32;
  put_shira(&c);
  refuse(-EINVAL, "its dtype is I32, allowed are F32, F16 and BF16");
  c = good_shira();
  c.item[1].name = "base_model.model.fd.shira_indices";
  put_shira(&c);
  refuse(-EINVAL, "'fc': its 'shira_indices' is missing");
  c = good_shira();
  c.item[1].name = "base_model.model.fc.lora_A.weight";
  put_shira(&c);
  refuse(-EINVAL, "fc.lora_A.weight': not a tensor of this adapter's peft_type");
}

static void checks_float_indices(void **state) {
  (void)state;
  struct shira_adapter adapter;
  put_config(SHIRA_CONFIG);
  static const float bad[] = {0.5f, -1, NAN, INFINITY, 4294967296.0f};
  float at[2][10];
  for (size_t i = 0; i <= sizeof bad / sizeof *bad; i++) {
    struct shira_case c = good_shira();
    for (int k = 0; k < 20; k++)
      at[k / 10][k % 10] = (float)c.at[k / 10][k % 10];
    c.item[1].dtype = SAFETENSORS_F32;
    c.item[1].data = at;
    if (i) {
      at[1][6] = bad[i - 1];
      put_shira(&c);
      refuse(-EINVAL, "'fc': the indices of entry 6 are not whole numbers >= 0");
      continue;
    }
    put_shira(&c);
    assert_int_equal(load(&adapter), 0);
    assert_int_equal(adapter.modules[0].col[6], 4);
    shira_adapter_free(&adapter);
  }
}

// K is taken from the shape; what is odd is said.
static void warns(void **state) {
  (void)state;
  struct shira_adapter adapter;
  struct shira_case c = good_shira();
  put_config("{\"peft_type\":\"SHIRA\",\"r\":3}");
  c.item[0].name = "base_model.model.head.shira_weight";
  c.item[1].name = "base_model.model.head.shira_indices";
  put_shira(&c);
  assert_int_equal(load(&adapter), 0);
  assert_int_equal(adapter.n_warnings, 2);
  assert_string_equal(adapter.warnings[0], "'head' has 10 entries, r (in + out) = 3 (6 + 4) is 30");
  assert_string_equal(adapter.warnings[1], "'head' is not a target in the model's table");
  assert_int_equal(adapter.modules[0].linear, 1);
  shira_adapter_free(&adapter);
}

static float factor[24];

static void put_lora(const char *module, uint64_t a0, uint64_t a1, uint64_t b0, uint64_t b1) {
  char a[96], b[96];
  snprintf(a, sizeof a, "base_model.model.%s.lora_A.weight", module);
  snprintf(b, sizeof b, "base_model.model.%s.lora_B.weight", module);
  struct safetensors_item items[] = {{a, SAFETENSORS_F32, 2, {a0, a1}, factor},
                                     {b, SAFETENSORS_F32, 2, {b0, b1}, factor}};
  put_tensors(items, 2);
}

static void checks_lora(void **state) {
  (void)state;
  struct shira_adapter adapter;
  for (int i = 0; i < 24; i++)
    factor[i] = (float)i - 11;
  put_config(LORA_CONFIG);
  put_lora("fc", 2, 6, 4, 2);
  assert_int_equal(load(&adapter), 0);
  assert_true(adapter.modules[0].scale == 2 && adapter.modules[0].rank == 2);
  shira_adapter_free(&adapter);
  put_lora("fc", 2, 4, 6, 2);
  refuse(-EINVAL, "'fc': its factors make 6 x 4, the model's layer is 4 x 6");
  put_lora("fc", 3, 6, 4, 3);
  refuse(-EINVAL, "lora_A [3, 6] and lora_B [4, 3] do not have rank 2");
  put_lora("fc", 2, 6, 4, 3);
  refuse(-EINVAL, "do not have rank 2");
  put_lora("fc", 3, 6, 4, 2);
  refuse(-EINVAL, "do not have rank 2");
  put_lora("fc", 2, 0, 4, 2);
  refuse(-EINVAL, "a side is not in 1..");
  put_lora("gc", 2, 6, 4, 2);
  refuse(-EINVAL, "'gc': model 'small' has no such linear layer");
  factor[5] = INFINITY;
  put_lora("fc", 2, 6, 4, 2);
  refuse(-EINVAL, "fc.lora_A.weight': value 5 is not finite");
  factor[5] = 0;

  struct safetensors_item more[] = {
      {"base_model.model.fc.lora_A.weight", SAFETENSORS_F32, 2, {2, 6}, factor},
      {"base_model.model.fc.lora_B.weight", SAFETENSORS_F32, 2, {4, 2}, factor},
      {"base_model.model.fc.lora_magnitude_vector", SAFETENSORS_F32, 1, {4}, factor}};
  put_tensors(more, 3);
  refuse(-ENOTSUP, "DoRA is not supported");
  for (int i = 0; i < 3; i++) { // they were sorted
    if (strstr(more[i].name, "magnitude"))
      more[i].name = "base_model.model.emb.lora_embedding_A";
  }
  put_tensors(more, 3);
  refuse(-ENOTSUP, "adapters of embeddings are not supported");
  struct safetensors_item twice[] = {
      {"base_model.model.fc.lora_A.weight", SAFETENSORS_F32, 2, {2, 6}, factor},
      {"fc.lora_A.weight", SAFETENSORS_F32, 2, {2, 6}, factor}};
  put_tensors(twice, 2);
  refuse(-EINVAL, "'fc': its 'lora_A.weight' is there twice");
  put_tensors(NULL, 0);
  refuse(-EINVAL, "0 tensors");
}

static void checks_config(void **state) {
  (void)state;
#define LORA "{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":4,"
  static const struct {
    const char *text;
    int err;
    const char *message;
  } cases[] = {
      {"", -EINVAL, "adapter_config.json:1:"},
      {"{\"peft_type\":\"SHIRA\",\n\"r\":1,\"r\":2}", -EINVAL, "adapter_config.json:2: duplicate"},
      {"[]", -EINVAL, "peft_type: not there"},
      {"{\"r\":1}", -EINVAL, "peft_type: not there"},
      {"{\"peft_type\":1}", -EINVAL, "peft_type: not there, or not a string"},
      {"{\"peft_type\":\"IA3\"}", -ENOTSUP, "peft_type: 'IA3', allowed are SHIRA and LORA"},
      {"{\"peft_type\":\"SHIRA\"}", -EINVAL, "r: not a whole number in 1..1048576"},
      {"{\"peft_type\":\"SHIRA\",\"r\":0}", -EINVAL, "r: not a whole number"},
      {"{\"peft_type\":\"SHIRA\",\"r\":1.5}", -EINVAL, "r: not a whole number"},
      {"{\"peft_type\":\"SHIRA\",\"r\":1048577}", -EINVAL, "r: not a whole number"},
      {"{\"peft_type\":\"SHIRA\",\"r\":1,\"fan_in_fan_out\":\"no\"}", -EINVAL,
       "fan_in_fan_out: not true or false"},
      {"{\"peft_type\":\"LORA\",\"r\":2}", -EINVAL, "lora_alpha: not a number"},
      {"{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":1e10}", -EINVAL, "lora_alpha: not a number"},
      {LORA "\"use_rslora\":1}", -EINVAL, "use_rslora: not true or false"},
      {LORA "\"use_dora\":true}", -ENOTSUP, "use_dora is not supported"},
      {LORA "\"lora_bias\":true}", -ENOTSUP, "lora_bias is not supported"},
      {LORA "\"use_qalora\":true}", -ENOTSUP, "use_qalora is not supported"},
      {LORA "\"layer_replication\":[[0,1]]}", -ENOTSUP, "layer_replication is not supported"},
      {LORA "\"alora_invocation_tokens\":[1]}", -ENOTSUP, "alora_invocation_tokens is not"},
      {LORA "\"rank_pattern\":[]}", -EINVAL, "rank_pattern: not an object"},
      {LORA "\"rank_pattern\":{\"fc\":0}}", -EINVAL, "rank_pattern: not a whole number"},
      {LORA "\"rank_pattern\":{\"(fc\":2}}", -EINVAL, "rank_pattern: '(fc': parentheses that do"},
      {LORA "\"alpha_pattern\":{\"fc{2}\":2}}", -EINVAL, "alpha_pattern: 'fc{2}': a counted"},
      {LORA "\"alpha_pattern\":{\"fc\":\"2\"}}", -EINVAL, "alpha_pattern: not a number"},
  };
  put_lora("fc", 2, 6, 4, 2);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    put_config(cases[i].text);
    refuse(cases[i].err, cases[i].message);
  }
  struct shira_adapter adapter;
  put_config(LORA "\"init_lora_weights\":\"pissa_niter_4\"}");
  assert_int_equal(load(&adapter), 0);
  assert_int_equal(adapter.n_warnings, 1);
  assert_non_null(strstr(adapter.warnings[0], "'pissa_niter_4', which changes the base weights"));
  shira_adapter_free(&adapter);
  put_config(LORA "\"alpha_pattern\":{\"x\":8,\"f.\":1,\"fc\":9},\"use_rslora\":true}");
  assert_int_equal(load(&adapter), 0);
  assert_true(fabs(adapter.modules[0].scale - 1 / sqrt(2)) < 1e-15); // the first that matches
  shira_adapter_free(&adapter);
}

static void matches_names(void **state) {
  (void)state;
  struct shira_linear linears[] = {{"model.layers.0.q", 4, 6, true, 0},
                                   {"model.layers.1.q", 4, 6, true, 1},
                                   {"model.layers.11.q", 4, 6, true, 2}};
  const struct shira_model model = {.name = "m", .n_linears = 3, .linears = linears};
  static const struct {
    const char *module;
    int linear;
    const char *message;
  } cases[] = {
      {"model.layers.0.q", 0, NULL},
      {"layers.1.q", 1, NULL},
      {"11.q", 2, NULL},
      {"wrapper.model.layers.11.q", 2, NULL},
      {"q", -1, "'q' could be 'model.layers.1.q' or 'model.layers.11.q'"},
      {"ayers.1.q", -1, "has no such linear layer"},
      {"model.layers.0", -1, "has no such linear layer"},
  };
  put_config(LORA_CONFIG);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct shira_adapter adapter;
    put_lora(cases[i].module, 2, 6, 4, 2);
    int err = shira_adapter_load(dir, &model, &adapter, &error);
    if (cases[i].message) {
      assert_int_equal(err, -EINVAL);
      expect_text(cases[i].message);
      continue;
    }
    assert_int_equal(err, 0);
    assert_int_equal(adapter.modules[0].linear, cases[i].linear);
    assert_string_equal(adapter.modules[0].name, linears[cases[i].linear].name);
    shira_adapter_free(&adapter);
  }
  struct safetensors_item twice[] = {
      {"layers.0.q.lora_A.weight", SAFETENSORS_F32, 2, {2, 6}, factor},
      {"layers.0.q.lora_B.weight", SAFETENSORS_F32, 2, {4, 2}, factor},
      {"model.layers.0.q.lora_A.weight", SAFETENSORS_F32, 2, {2, 6}, factor},
      {"model.layers.0.q.lora_B.weight", SAFETENSORS_F32, 2, {4, 2}, factor}};
  struct shira_adapter adapter;
  put_tensors(twice, 4);
  assert_int_equal(shira_adapter_load(dir, &model, &adapter, &error), -EINVAL);
  expect_text("two modules change 'model.layers.0.q'");
}

static void compiles_patterns(void **state) {
  (void)state;
  static const struct {
    const char *key, *module;
    int match; // -1: refused
  } cases[] = {
      {"q_proj", "a.q_proj", 1},
      {"q_proj", "q_proj", 1},
      {"q_proj", "a.xq_proj", 0},
      {"q_proj", "a.q_proj.b", 0},
      {"^a.q_proj", "a.q_proj", 1},
      {"^q_proj", "a.q_proj", 0},
      {"layers\\.\\d+\\.q", "m.layers.12.q", 1},
      {"layers\\.\\d+\\.q", "m.layers.d.q", 0},
      {"layers\\.[\\d_]+\\.q", "layers.1_2.q", 1},
      {"layers\\.[^\\d]\\.q", "layers.1.q", 0},
      {"(?:a|b)\\.q", "b.q", 1},
      {"(a|b).q|c", "c", 1},
      {".*(self|cross)_attn.*", "m.0.self_attn.q", 1},
      {"\\w+", "a.b_1", 1},
      {"[]x]", "]", 1},
      {"(?=a)", "", -1},
      {"(?P<n>a)", "", -1},
      {"(a)\\1", "", -1},
      {"a*?", "", -1},
      {"a++", "", -1},
      {"a{1,2}", "", -1},
      {"\\", "", -1},
      {"\\b", "", -1},
      {"[a", "", -1},
      {"[[:alpha:]]", "", -1},
      {"[\\]]", "", -1},
      {"a)b", "", -1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    regex_t regex;
    const char *why = NULL;
    int err = shira_pattern_compile(cases[i].key, &regex, &why);
    if (cases[i].match < 0) {
      if (err != -EINVAL || !why)
        fail_msg("accepted '%s'", cases[i].key);
      continue;
    }
    if (err || shira_pattern_match(&regex, cases[i].module) != cases[i].match)
      fail_msg("'%s' on '%s'", cases[i].key, cases[i].module);
    regfree(&regex);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_shira_of_peft),
      cmocka_unit_test(reads_lora_of_peft),
      cmocka_unit_test(refuses_dora_of_peft),
      cmocka_unit_test_setup_teardown(checks_shira_entries, make_dir, remove_dir),
      cmocka_unit_test_setup_teardown(checks_shira_tensors, make_dir, remove_dir),
      cmocka_unit_test_setup_teardown(checks_float_indices, make_dir, remove_dir),
      cmocka_unit_test_setup_teardown(warns, make_dir, remove_dir),
      cmocka_unit_test_setup_teardown(checks_lora, make_dir, remove_dir),
      cmocka_unit_test_setup_teardown(checks_config, make_dir, remove_dir),
      cmocka_unit_test_setup_teardown(matches_names, make_dir, remove_dir),
      cmocka_unit_test(compiles_patterns),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
