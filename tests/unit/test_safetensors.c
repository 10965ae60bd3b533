// The safetensors reader and writer: every rule of the format, hostile bytes, and the bytes that
// the format's own library wrote (tests/vectors).
#include <errno.h>
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

#include "host/adapter/half.h"
#include "host/adapter/random.h"
#include "host/adapter/safetensors.h"

#define VECTOR "tests/vectors/shira_bf16/adapter_model.safetensors"

static struct shira_error error;

static void expect_text(const char *part) {
  if (!strstr(error.text, part))
    fail_msg("message \"%s\" does not say \"%s\"", error.text, part);
}

// A file in memory: the header, then n_data bytes.
static int parse(const char *header, size_t n_data, struct safetensors_file *file) {
  uint64_t n = strlen(header);
  uint8_t *bytes = calloc(8 + n + n_data, 1);
  memcpy(bytes, &n, 8);
  memcpy(bytes + 8, header, n);
  int err = safetensors_parse(bytes, 8 + n + n_data, "test", file, &error);
  free(bytes); // the caller looks at sizes only
  return err;
}

static uint8_t *read_file(const char *path, size_t *n) {
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  uint8_t *bytes = malloc(1 << 20);
  *n = fread(bytes, 1, 1 << 20, f);
  fclose(f);
  return bytes;
}

static void accepts_what_is_legal(void **state) {
  (void)state;
  static const struct {
    const char *header;
    size_t n_data, tensors;
  } cases[] = {
      {"{}", 0, 0},
      {"{}      ", 0, 0},
      {"{\"__metadata__\":{\"format\":\"pt\"}}", 0, 0},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 4, 1}, // rank 0
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[3,0],\"data_offsets\":[0,0]}}", 0, 1},
      {"{\"a\":{\"dtype\":\"F4\",\"shape\":[6],\"data_offsets\":[0,3]}}", 3, 1},
      {"{\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[2,5]},"
       "\"z\":{\"dtype\":\"I8\",\"shape\":[0],\"data_offsets\":[2,2]},"
       "\"a\":{\"dtype\":\"F16\",\"shape\":[1,1],\"data_offsets\":[0,2]}}",
       5, 3},
      {"{\"\\u00e4\":{\"dtype\":\"BOOL\",\"shape\":[1],\"data_offsets\":[0,1],\"more\":1}}", 1, 1},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct safetensors_file file;
    if (parse(cases[i].header, cases[i].n_data, &file))
      fail_msg("%s: %s", cases[i].header, error.text);
    assert_int_equal(file.n, cases[i].tensors);
    safetensors_close(&file);
  }
}

#define T(name, dtype, shape, begin, end)                                                          \
  "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" begin "," end "]" \
  "}"

static void refuses_what_is_not(void **state) {
  (void)state;
  static const struct {
    const char *header;
    size_t n_data;
    const char *text;
  } cases[] = {
      {"", 0, "does not start with '{'"},
      {" {}", 0, "does not start with '{'"},
      {"[]", 0, "does not start with '{'"},
      {"{", 0, "not JSON"},
      {"{}x", 0, "not JSON"},
      {"{\"a\xff\":1}", 0, "not JSON"}, // not UTF-8
      {"{" T("a", "F32", "[1]", "0", "4") "," T("a", "F32", "[1]", "4", "8") "}", 8,
       "duplicate key"},
      {"{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1,
       "duplicate key"},
      {"{\"a\":1}", 0, "'a': its entry in the header is not an object"},
      {"{\"a\":{\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "'a': it has no dtype"},
      {"{" T("a", "F33", "[1]", "0", "4") "}", 4, "its dtype 'F33' is not one of the format"},
      {"{" T("a", "f32", "[1]", "0", "4") "}", 4, "its dtype 'f32' is not one of the format"},
      {"{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4, "it has no shape"},
      {"{" T("a", "F32", "[-1]", "0", "4") "}", 4, "not a whole number >= 0"},
      {"{" T("a", "F32", "[1.0]", "0", "4") "}", 4, "not a whole number >= 0"},
      {"{" T("a", "F32", "[\"1\"]", "0", "4") "}", 4, "not a whole number >= 0"},
      {"{" T("a", "F32", "[99999999999999999999]", "0", "4") "}", 4, "not JSON"},
      {"{" T("a", "F32", "[4294967296,4294967296]", "0", "4") "}", 4, "more than 2^64 elements"},
      {"{" T("a", "F32", "[4294967296,4294967296,0]", "0", "0") "}", 0, "more than 2^64 elements"},
      {"{" T("a", "F32", "[4611686018427387904]", "0", "0") "}", 0, "below 2^61"}, // 2^64 bytes
      {"{" T("a", "F4", "[5]", "0", "3") "}", 3, "whole number of bytes"},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "data_offsets"},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}", 4, "data_offsets"},
      {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", 4, "data_offsets"},
      {"{" T("a", "F32", "[1]", "-4", "0") "}", 4, "data_offsets"},
      {"{" T("a", "F32", "[1]", "8", "4") "}", 8, "ends at 4 before it begins at 8"},
      {"{" T("a", "F32", "[2]", "0", "4") "}", 4, "needs 8 bytes, its data_offsets span 4"},
      {"{" T("a", "F32", "[1]", "0", "8") "}", 8, "needs 4 bytes, its data_offsets span 8"},
      {"{" T("a", "F32", "[1]", "4", "8") "}", 8, "a gap of 4 bytes"},
      {"{" T("a", "F32", "[1]", "0", "4") "," T("b", "F32", "[1]", "6", "10") "}", 10,
       "'b': a gap of 2 bytes lies before its data at 6"},
      {"{" T("a", "F32", "[2]", "0", "8") "," T("b", "F32", "[1]", "4", "8") "}", 8,
       "'b': its data begin at 4 and overlap 'a', which ends at 8"},
      {"{" T("a", "F32", "[1]", "0", "4") "," T("b", "F32", "[1]", "0", "4") "}", 4, "overlap"},
      {"{" T("a", "F32", "[1]", "0", "4") "}", 3, "truncated: its tensors need 4 bytes"},
      {"{" T("a", "F32", "[1]", "0", "4") "}", 5, "1 bytes lie behind the last tensor"},
      {"{}", 1, "1 bytes lie behind the last tensor"},
      {"{\"__metadata__\":1}", 0, "__metadata__ is not an object"},
      {"{\"__metadata__\":{\"format\":1}}", 0, "__metadata__: 'format' is not a string"},
      {"{\"__metadata__\":{\"a\":\"\",\"a\":\"\"}}", 0, "duplicate key"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct safetensors_file file;
    error.text[0] = '\0';
    if (parse(cases[i].header, cases[i].n_data, &file) != -EINVAL)
      fail_msg("accepted %s", cases[i].header);
    expect_text("'test'");
    expect_text(cases[i].text);
    assert_null(file.tensors);
  }
}

static void refuses_bad_header_lengths(void **state) {
  (void)state;
  struct safetensors_file file;
  uint8_t bytes[16] = {0};
  for (size_t n = 0; n < 8; n++) {
    assert_int_equal(safetensors_parse(bytes, n, "test", &file, &error), -EINVAL);
    expect_text("truncated");
  }
  static const struct {
    uint64_t n;
    const char *text;
  } cases[] = {{9, "truncated: header of 9 bytes, 8 bytes are there"},
               {100000000, "truncated: header of 100000000 bytes"},
               {100000001, "at most 100000000 are allowed"},
               {UINT64_MAX, "at most 100000000 are allowed"},
               {UINT64_MAX - 7, "at most 100000000 are allowed"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    memcpy(bytes, &cases[i].n, 8);
    assert_int_equal(safetensors_parse(bytes, sizeof bytes, "test", &file, &error), -EINVAL);
    expect_text(cases[i].text);
  }
}

static void refuses_deep_nesting(void **state) {
  (void)state;
  struct safetensors_file file;
  char *header = malloc(200002);
  memcpy(header, "{\"a\":", 5);
  memset(header + 5, '[', 199996);
  header[200001] = '\0';
  assert_int_equal(parse(header, 0, &file), -EINVAL);
  free(header);
}

static void names_are_printed_safely(void **state) {
  (void)state;
  struct safetensors_file file;
  assert_int_equal(parse("{\"a\\u001b[2J\\n\":1}", 0, &file), -EINVAL);
  expect_text("'a?[2J?'");
}

// Each length but the right one is refused.
static void refuses_any_other_length(void **state) {
  (void)state;
  struct safetensors_file file;
  size_t n;
  uint8_t *bytes = read_file(VECTOR, &n);
  for (size_t i = 0; i < n; i++)
    assert_int_equal(safetensors_parse(bytes, i, "test", &file, &error), -EINVAL);
  assert_int_equal(safetensors_parse(bytes, n, "test", &file, &error), 0);
  safetensors_close(&file);
  bytes[n] = 0;
  assert_int_equal(safetensors_parse(bytes, n + 1, "test", &file, &error), -EINVAL);
  free(bytes);
}

// Random damage to a real file: refused, or every tensor lies inside of it.
static void survives_random_damage(void **state) {
  (void)state;
  static const char alphabet[] = "{}[]\",:0123456789-.eE \\ufF32";
  size_t n, header;
  uint8_t *good = read_file(VECTOR, &n), *bad = malloc(n);
  memcpy(&header, good, 8);
  struct shira_random random;
  unsigned accepted = 0;
  shira_random_seed(&random, 0, "damage", "");
  for (int round = 0; round < 20000; round++) {
    struct safetensors_file file;
    memcpy(bad, good, n);
    for (uint64_t edits = 1 + shira_random_below(&random, 3); edits; edits--) {
      uint64_t at = shira_random_below(&random, 8 + header);
      if (shira_random_below(&random, 2))
        bad[at] = (uint8_t)alphabet[shira_random_below(&random, sizeof alphabet - 1)];
      else
        bad[at] ^= (uint8_t)(1 << shira_random_below(&random, 8));
    }
    if (safetensors_parse(bad, n, "test", &file, &error) == 0) {
      for (size_t i = 0; i < file.n; i++) {
        const struct safetensors_tensor *t = &file.tensors[i];
        assert_true(t->data >= bad + 8 && t->data + t->bytes <= bad + n);
        assert_ptr_equal(safetensors_find(&file, t->name), t);
      }
      accepted++;
      safetensors_close(&file);
    }
  }
  assert_in_range(accepted, 1, 19000); // both ways are taken: names may change
  free(good);
  free(bad);
}

static void open_says_why(void **state) {
  (void)state;
  struct safetensors_file file;
  char dir[] = P_tmpdir "/shira-XXXXXX", path[64];
  assert_non_null(mkdtemp(dir));
  assert_int_equal(safetensors_open("no/such/file", &file, &error), -ENOENT);
  expect_text("cannot open 'no/such/file': No such file");
  assert_int_equal(safetensors_open(dir, &file, &error), -EINVAL);
  expect_text("not a regular file");
  snprintf(path, sizeof path, "%s/fifo", dir);
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_int_equal(safetensors_open(path, &file, &error), -EINVAL); // and does not wait
  remove(path);
  snprintf(path, sizeof path, "%s/empty", dir);
  fclose(fopen(path, "w"));
  assert_int_equal(safetensors_open(path, &file, &error), -EINVAL);
  expect_text("truncated: 0 bytes");
  remove(path);
  rmdir(dir);
}

// What the format's own library wrote comes back byte by byte, whatever the order of the items.
static void writes_the_same_bytes(void **state) {
  (void)state;
  static const char *const vectors[] = {"tests/vectors/shira_f32/adapter_model.safetensors",
                                        "tests/vectors/shira_windows/adapter_model.safetensors",
                                        VECTOR,
                                        "tests/vectors/lora_patterns/adapter_model.safetensors",
                                        "tests/vectors/lora_f16/adapter_model.safetensors"};
  static const struct safetensors_note note = {"format", "pt"};
  char dir[] = P_tmpdir "/shira-XXXXXX", path[64];
  assert_non_null(mkdtemp(dir));
  snprintf(path, sizeof path, "%s/file", dir);
  for (size_t v = 0; v < sizeof vectors / sizeof *vectors; v++) {
    struct safetensors_file file;
    struct safetensors_item items[16];
    assert_int_equal(safetensors_open(vectors[v], &file, &error), 0);
    assert_in_range(file.n, 8, 16);
    for (size_t i = 0; i < file.n; i++) {
      const struct safetensors_tensor *t = &file.tensors[file.n - 1 - i];
      items[i] = (struct safetensors_item){t->name, t->dtype, t->rank, {0}, t->data};
      memcpy(items[i].shape, t->shape, t->rank * sizeof *t->shape);
    }
    if (safetensors_write(path, items, file.n, &note, 1, &error))
      fail_msg("%s", error.text);
    size_t n, m;
    uint8_t *a = read_file(vectors[v], &n), *b = read_file(path, &m);
    assert_int_equal(n, m);
    assert_memory_equal(a, b, n);
    free(a);
    free(b);
    safetensors_close(&file);
    remove(path);
  }
  assert_int_equal(rmdir(dir), 0); // nothing else was left in it
}

static void writer_refuses(void **state) {
  (void)state;
  float x[2] = {1, 2};
  struct safetensors_item twice[] = {{"a", SAFETENSORS_F32, 1, {2}, x},
                                     {"a", SAFETENSORS_F32, 1, {1}, x}};
  struct safetensors_item meta[] = {{"__metadata__", SAFETENSORS_F32, 1, {2}, x}};
  struct safetensors_item huge[] = {{"a", SAFETENSORS_F32, 2, {1ull << 40, 1ull << 40}, x}};
  struct safetensors_item latin[] = {{"\xe4", SAFETENSORS_F32, 1, {2}, x}};
  const char *path = P_tmpdir "/shira-refused";
  assert_int_equal(safetensors_write(path, twice, 2, NULL, 0, &error), -EINVAL);
  expect_text("tensor 'a'");
  assert_int_equal(safetensors_write(path, meta, 1, NULL, 0, &error), -EINVAL);
  assert_int_equal(safetensors_write(path, huge, 1, NULL, 0, &error), -EINVAL);
  assert_int_equal(safetensors_write(path, latin, 1, NULL, 0, &error), -EINVAL);
  assert_int_equal(access(path, F_OK), -1);
  assert_int_equal(safetensors_write("no/such/dir/x", twice, 1, NULL, 0, &error), -ENOENT);
  expect_text("cannot write 'no/such/dir/x': No such file");
}

static void converts_every_half(void **state) {
  (void)state;
  for (uint32_t bits = 0; bits < 65536; bits++) {
    int exponent = bits >> 10 & 31;
    double fraction = bits & 1023, sign = bits & 0x8000 ? -1 : 1;
    float got = shira_half_to_float((uint16_t)bits), bf = shira_bf16_to_float((uint16_t)bits);
    if (exponent == 31 && fraction != 0)
      assert_true(isnan(got));
    else if (exponent == 31)
      assert_true(isinf(got) && !signbit(got) == (sign > 0));
    else
      assert_true(
          got == sign * (exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24)) &&
          !signbit(got) == (sign > 0));
    exponent = bits >> 7 & 255;
    fraction = bits & 127;
    if (exponent == 255)
      assert_true(!isfinite(bf));
    else
      assert_true(
          bf == sign * (exponent ? ldexp(128 + fraction, exponent - 134) : ldexp(fraction, -133)));
  }
}

static void converts_only_finite_floats(void **state) {
  (void)state;
  static const uint16_t halves[] = {0x3c00, 0xc000, 0x7c00};
  static const uint16_t bfloats[] = {0x3f80, 0xc000, 0x7fc0};
  static const float floats[] = {1, -2, NAN};
  static const int32_t ints[] = {1, 2, 3};
  static const uint64_t shape = 3;
  static const struct {
    enum safetensors_dtype dtype;
    const void *data;
    size_t bytes;
  } cases[] = {
      {SAFETENSORS_F16, halves, 2}, {SAFETENSORS_BF16, bfloats, 2}, {SAFETENSORS_F32, floats, 4}};
  float out[3];
  struct safetensors_tensor t = {.name = "a", .rank = 1, .shape = &shape};
  for (size_t i = 0; i < 3; i++) {
    t.dtype = cases[i].dtype;
    t.data = cases[i].data;
    t.elements = 2;
    t.bytes = 2 * cases[i].bytes;
    assert_int_equal(safetensors_floats(&t, "test", out, &error), 0);
    assert_true(out[0] == 1 && out[1] == -2);
    t.elements = 3;
    t.bytes = 3 * cases[i].bytes;
    assert_int_equal(safetensors_floats(&t, "test", out, &error), -EINVAL);
    expect_text("'test': tensor 'a': value 2 is not finite");
  }
  t.dtype = SAFETENSORS_I32;
  t.data = (const uint8_t *)ints;
  assert_int_equal(safetensors_floats(&t, "test", out, &error), -EINVAL);
  expect_text("its dtype is I32, allowed are F32, F16 and BF16");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(accepts_what_is_legal),      cmocka_unit_test(refuses_what_is_not),
      cmocka_unit_test(refuses_bad_header_lengths), cmocka_unit_test(refuses_deep_nesting),
      cmocka_unit_test(names_are_printed_safely),   cmocka_unit_test(refuses_any_other_length),
      cmocka_unit_test(survives_random_damage),     cmocka_unit_test(open_says_why),
      cmocka_unit_test(writes_the_same_bytes),      cmocka_unit_test(writer_refuses),
      cmocka_unit_test(converts_every_half),        cmocka_unit_test(converts_only_finite_floats),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
