// Area and timing of a machine: the files of `make area` and `make timing` are read or refused.
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shira/experiment.h"

static const char good[] =
    "{\"version\": 1, \"hash\": \"%s\", \"tool\": \"Yosys <0>\", \"blocks\": [\n"
    "{\"name\": \"front&\", \"cells\": 1, \"ff_bits\": 2, \"memory_bits\": 3, \"lut\": 4000, "
    "\"lut_ram\": 5, \"ff\": 6, \"dsp\": 7, \"ramb36\": 8, \"ramb18\": 9, \"uram\": 10},\n"
    "{\"name\": \"gemm\", \"cells\": 10, \"ff_bits\": 20, \"memory_bits\": 30, \"lut\": 40, "
    "\"lut_ram\": 50, \"ff\": 60, \"dsp\": 70, \"ramb36\": 80, \"ramb18\": 90, \"uram\": 100}],\n"
    "\"total\": {\"cells\": 11, \"ff_bits\": 22, \"memory_bits\": 33, \"lut\": 4040, \"lut_ram\": "
    "55, \"ff\": 66, \"dsp\": 77, \"ramb36\": 88, \"ramb18\": 99, \"uram\": 110}}\n";

struct bed {
  struct shira_machine m;
  char dir[64], path[128], hash[16], text[2048];
};

static int setup(void **state) {
  struct bed *b = calloc(1, sizeof(*b));
  struct shira_error err;
  snprintf(b->dir, sizeof(b->dir), "/tmp/shirasim-synthesis-XXXXXX");
  if (!mkdtemp(b->dir) || shira_machine_load("configs/hw/tiny.yaml", &b->m, &err))
    return -1;
  snprintf(b->hash, sizeof(b->hash), "%08x", shira_machine_rtl_hash(&b->m));
  snprintf(b->path, sizeof(b->path), "%s/%s.json", b->dir, b->hash);
  snprintf(b->text, sizeof(b->text), good, b->hash);
  *state = b;
  return 0;
}

static int teardown(void **state) {
  struct bed *b = *state;
  unlink(b->path);
  rmdir(b->dir);
  free(b);
  return 0;
}

static void put(const struct bed *b, const char *text) {
  FILE *f = fopen(b->path, "w");
  assert_non_null(f);
  fputs(text, f);
  assert_int_equal(fclose(f), 0);
}

// The bed's text with one change.
static void put_changed(const struct bed *b, const char *from, const char *to) {
  char text[2200];
  const char *at = strstr(b->text, from);
  assert_non_null(at);
  snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - b->text), b->text, to, at + strlen(from));
  put(b, text);
}

static void expect_said(const struct bed *b, const struct shira_error *err, const char *says) {
  if (!strstr(err->text, says) || !strstr(err->text, b->path))
    fail_msg("'%s' is not said, but: %s", says, err->text);
}

static void test_a_file_is_read(void **state) {
  struct bed *b = *state;
  struct shira_area a;
  struct shira_error err;
  put(b, b->text);
  assert_int_equal(shira_area_load(b->dir, &b->m, &a, &err), 0);
  assert_int_equal(a.n_blocks, 2);
  assert_string_equal(a.tool, "Yosys <0>");
  assert_string_equal(a.block[1].name, "gemm");
  assert_int_equal(a.block[1].figure[SHIRA_AREA_DSP], 70);
  assert_int_equal(a.total[SHIRA_AREA_URAM], 110);
}

static void test_no_file_is_no_area(void **state) {
  struct bed *b = *state;
  struct shira_area a;
  struct shira_error err;
  assert_int_equal(shira_area_load(b->dir, &b->m, &a, &err), 0);
  assert_int_equal(a.n_blocks, 0);
}

// One change each, and what is said of it.
static void test_a_wrong_file_is_refused(void **state) {
  struct bed *b = *state;
  static const struct {
    const char *from, *to, *says;
  } wrong[] = {
      {"\"version\": 1", "\"version\": 2", "version is not 1"},
      {"\"hash\": \"", "\"hash\": \"0", "hash is another machine's"},
      {"\"tool\"", "\"loot\"", "tool is no short text"},
      {"\"blocks\": [", "\"blocks\": [], \"b\": [", "blocks is no list of 1 to 32"},
      {"\"blocks\"", "\"block\"", "blocks is no list of 1 to 32"},
      {"\"lut\": 4000", "\"lut\": -1", "a block lacks its name or a figure"},
      {"\"lut\": 4000", "\"lut\": \"1\"", "a block lacks its name or a figure"},
      {"\"name\": \"gemm\"", "\"name\": 1", "a block lacks its name or a figure"},
      {"\"dsp\": 77", "\"dsp\": 76", "total is not the sum of the blocks"},
      {"\"total\"", "\"sum\"", "total is not the sum of the blocks"},
      {"}}\n", "}\n", "line 5"},
  };
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    struct shira_area a;
    struct shira_error err = {""};
    put_changed(b, wrong[i].from, wrong[i].to);
    assert_int_equal(shira_area_load(b->dir, &b->m, &a, &err), -EINVAL);
    expect_said(b, &err, wrong[i].says);
    assert_int_equal(a.n_blocks, 0);
  }
}

// ---- Timing -----------------------------------------------------------------------------------

static const char depths[] =
    "{\"version\": 1, \"hash\": \"%s\", \"tool\": \"Yosys\", \"library\": \"cells\", "
    "\"fo4_ns\": 0.1, \"blocks\": [\n"
    "{\"name\": \"front\", \"fo4\": 40.0, \"ns\": 4.0, \"cells\": 20, \"from\": \"a\", \"to\": "
    "\"b\", "
    "\"through\": \"front\"},\n"
    "{\"name\": \"gemm\", \"fo4\": 62.5, \"ns\": 6.25, \"cells\": 30, \"from\": \"c\", \"to\": "
    "\"d\", "
    "\"through\": \"memories gemm\"}]}\n";

static void test_the_deepest_path_decides_the_clock(void **state) {
  struct bed *b = *state;
  struct shira_rtl_timing t;
  struct shira_error err;
  struct shira_process p = {.name = "x", .fo4_ps = 16};
  snprintf(b->text, sizeof(b->text), depths, b->hash);
  put(b, b->text);
  assert_int_equal(shira_rtl_timing_load(b->dir, &b->m, &t, &err), 0);
  assert_int_equal(t.n_blocks, 2);
  assert_string_equal(t.block[1].through, "memories gemm");
  assert_ptr_equal(shira_rtl_timing_deepest(&t), &t.block[1]);
  assert_int_equal(shira_rtl_timing_mhz(&t, &p), 1000); // 62.5 x 16 ps
  p.fo4_ps = 16.1;
  assert_int_equal(shira_rtl_timing_mhz(&t, &p), 993);
  p.fo4_ps = 0;
  assert_int_equal(shira_rtl_timing_mhz(&t, &p), 0);
  unlink(b->path);
  assert_int_equal(shira_rtl_timing_load(b->dir, &b->m, &t, &err), 0);
  assert_int_equal(t.n_blocks, 0);
}

static void test_a_wrong_timing_is_refused(void **state) {
  struct bed *b = *state;
  static const struct {
    const char *from, *to, *says;
  } wrong[] = {
      {"\"version\": 1", "\"version\": 2", "version is not 1"},
      {"\"hash\": \"", "\"hash\": \"0", "hash is another machine's"},
      {"\"tool\"", "\"loot\"", "tool, library or fo4_ns is not there"},
      {"\"fo4_ns\": 0.1", "\"fo4_ns\": 0", "tool, library or fo4_ns is not there"},
      {"\"blocks\": [", "\"blocks\": [], \"b\": [", "blocks is no list of 1 to 32"},
      {"\"fo4\": 62.5", "\"fo4\": 0", "a block lacks its name or a figure"},
      {"\"cells\": 30", "\"cells\": -1", "a block lacks its name or a figure"},
      {"\"to\": \"d\"", "\"to\": 4", "a block lacks its name or a figure"},
      {"}]}\n", "}]\n", "line 4"},
  };
  snprintf(b->text, sizeof(b->text), depths, b->hash);
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    struct shira_rtl_timing t;
    struct shira_error err = {""};
    put_changed(b, wrong[i].from, wrong[i].to);
    assert_int_equal(shira_rtl_timing_load(b->dir, &b->m, &t, &err), -EINVAL);
    expect_said(b, &err, wrong[i].says);
    assert_int_equal(t.n_blocks, 0);
  }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
  static const struct CMUnitTest tests[] = {
      TEST(test_a_file_is_read),
      TEST(test_no_file_is_no_area),
      TEST(test_a_wrong_file_is_refused),
      TEST(test_the_deepest_path_decides_the_clock),
      TEST(test_a_wrong_timing_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
