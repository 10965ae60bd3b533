// The files of a report: keys and their descriptions, what is read back, input from outside, names
// from outside, the same bytes.
#include "report_bed.h"

#include <errno.h>

#include "host/base/fields.h"
#include "host/experiment/record.h"
#include "host/experiment/store.h"

#define MAX_KEYS 1024

static void put(struct bed *b) {
  struct shira_error err;
  if (shira_report_write(&b->r, b->dir, false, &err))
    fail_msg("%s", err.text);
}

static json_t *json_file(const struct bed *b, const char *name) {
  char *text = file_of(b, name);
  json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
  free(text);
  assert_non_null(o);
  return o;
}

// All that a report can have: squares, two blocks of a model, drift, area, timing, a point that is
// missing.
static void add_all(struct bed *b) {
  add_square(b, 256);
  add_block(b, 0);
  add_block(b, 13);
  struct shira_area *a = &b->r.machines[0].area;
  *a = (struct shira_area){.tool = "Yosys", .n_blocks = 1};
  snprintf(a->block[0].name, sizeof(a->block[0].name), "gemm");
  struct shira_rtl_timing *t = &b->r.machines[0].timing;
  *t = (struct shira_rtl_timing){
      .tool = "OpenSTA", .library = "cells", .fo4_ns = 0.1, .n_blocks = 1};
  t->block[0] = (struct shira_depth){
      .name = "gemm", .fo4 = 64.25, .ns = 6.425, .cells = 30, .from = "a", .to = "b"};
  struct shira_result *last = &b->r.results[b->r.n_results - 1];
  last->done = false;
  snprintf(last->reason, sizeof(last->reason), "The device did not answer.");
}

// ---- Keys -------------------------------------------------------------------------------------

struct keys {
  char *at[MAX_KEYS];
  bool met[MAX_KEYS];
  uint32_t n;
};

// First cells of the rows of keys.md.
static struct keys keys_of(const char *text) {
  struct keys k = {.n = 0};
  for (const char *row = strstr(text, "\n| `"); row; row = strstr(row + 1, "\n| `")) {
    const char *key = row + 4, *end = strstr(key, "` |");
    assert_non_null(end);
    assert_true(k.n < MAX_KEYS);
    k.at[k.n++] = strndup(key, (size_t)(end - key));
  }
  return k;
}

static void free_keys(struct keys *k) {
  for (uint32_t i = 0; i < k->n; i++)
    free(k->at[i]);
}

// A '*' of the key stands for one part of the path.
static bool fits(const char *key, const char *path) {
  while (*key && *path) {
    if (*key == '*') {
      key++;
      path += strcspn(path, ".");
    } else if (*key++ != *path++) {
      return false;
    }
  }
  return !*key && !*path;
}

static bool is_described(struct keys *k, const char *path) {
  bool any = false;
  for (uint32_t i = 0; i < k->n; i++)
    if (fits(k->at[i], path))
      any = k->met[i] = true;
  return any;
}

// Paths below `v` that have no description; the first goes to `one`.
static uint32_t walk(struct keys *k, const char *path, const json_t *v, char one[256]) {
  char below[256];
  const char *key;
  json_t *member;
  size_t i;
  uint32_t missing = 0;
  bool described = is_described(k, path);
  if (json_is_object(v)) {
    json_object_foreach((json_t *)v, key, member) {
      snprintf(below, sizeof(below), "%s%s%s", path, *path ? "." : "", key);
      missing += walk(k, below, member, one);
    }
    return missing;
  }
  if (json_is_array(v) && json_is_object(json_array_get(v, 0))) {
    snprintf(below, sizeof(below), "%s[]", path);
    json_array_foreach(v, i, member) missing += walk(k, below, member, one);
    return missing;
  }
  if (described || (json_is_array(v) && !json_array_size(v)))
    return 0;
  snprintf(one, 256, "%s", path);
  return 1;
}

// How many keys of the files have no description, and how many descriptions no key.
static uint32_t disagree(const struct bed *b, const char *text, char one[256]) {
  struct keys k = keys_of(text);
  json_t *report = json_file(b, "report.json"), *times = json_file(b, "times.json");
  uint32_t n = walk(&k, "", report, one) + walk(&k, "times", times, one);
  for (uint32_t i = 0; i < k.n; i++)
    if (!k.met[i]) {
      snprintf(one, 256, "%s", k.at[i]);
      n++;
    }
  json_decref(report);
  json_decref(times);
  free_keys(&k);
  return n;
}

static void test_every_key_is_described_and_every_description_has_one(void **state) {
  struct bed *b = *state;
  char one[256] = "", *text = text_of("host/report/keys.md");
  add_all(b);
  put(b);
  if (disagree(b, text, one))
    fail_msg("'%s' is in only one of keys.md and the files", one);
  const char *row = strstr(text, "\n| `results[].low`"); // and the check can fail, both ways
  assert_non_null(row);
  memcpy(text + (row - text), "\n| `results[].lax`", strlen("\n| `results[].lax`"));
  assert_int_equal(disagree(b, text, one),
                   2 * 1 + b->r.n_results - shira_report_missing(&b->r) - 1);
  free(text);
}

static void test_the_page_has_the_keys_and_the_data(void **state) {
  struct bed *b = *state;
  add_square(b, 256);
  put(b);
  char *page = file_of(b, "report.html"), *md = file_of(b, "report.md");
  assert_null(strstr(page, "<!--DATA-->"));
  assert_null(strstr(page, "<!--TEXT-->"));
  assert_null(strstr(page, "<!--KEYS-->"));
  assert_non_null(strstr(page, "\"results[].low\":{\"unit\":\"cycles\",\"meaning\":\""));
  assert_non_null(strstr(page, "<pre># made"));
  assert_non_null(strstr(md, "SHiRA is"));
  free(page);
  free(md);
}

// ---- Reading back -----------------------------------------------------------------------------

static void read_back(struct bed *b, struct shira_report *again) {
  char path[128];
  struct shira_error err;
  snprintf(path, sizeof(path), "%s/report.json", b->dir);
  if (shira_report_read(path, NULL, again, &err))
    fail_msg("%s", err.text);
}

static void test_a_report_read_and_written_again_is_the_same(void **state) {
  struct bed *b = *state;
  static const char *const name[] = {"report.json", "report.html", "report.md", "report.csv"};
  char *before[4];
  struct shira_report again;
  add_all(b);
  b->r.results[0].m.bound_cycles = 1234567.8912345678;
  b->r.results[0].m.memory.latency[0] = 7;
  put(b);
  for (unsigned i = 0; i < 4; i++)
    before[i] = file_of(b, name[i]);
  read_back(b, &again);
  assert_int_equal(again.seed, b->r.seed);
  assert_int_equal(again.n_results, b->r.n_results);
  struct shira_error err;
  assert_int_equal(shira_report_write(&again, b->dir, false, &err), 0);
  for (unsigned i = 0; i < 4; i++) {
    char *now = file_of(b, name[i]);
    assert_string_equal(now, before[i]);
    free(now);
    free(before[i]);
  }
  shira_report_free(&again);
}

static void test_an_entry_of_the_store_comes_back_whole(void **state) {
  struct bed *b = *state;
  struct shira_error err;
  add_all(b);
  for (uint32_t i = 0; i < b->r.n_results; i++) {
    struct shira_result *it = &b->r.results[i], back = {.key = it->key};
    char *text = shira_result_encode(it, "id", "program");
    assert_non_null(text);
    if (shira_result_decode(text, strlen(text), &back, &err))
      fail_msg("%s", err.text);
    if (it->done)
      assert_memory_equal(&back.sw, &it->sw, sizeof(it->sw));
    assert_memory_equal(&back.m, &it->m, it->done ? sizeof(it->m) : 0);
    assert_memory_equal(&back.wall, &it->wall, sizeof(it->wall));
    assert_memory_equal(&back.outputs, &it->outputs, sizeof(it->outputs));
    char *again = shira_result_encode(&back, "id", "program");
    assert_string_equal(again, text);
    free(again);
    text[strlen(text) / 2] = 0;
    assert_int_equal(shira_result_decode(text, strlen(text), &back, &err), -EINVAL);
    assert_false(back.done);
    free(text);
  }
}

// The entries of all results but the last in a store below the folder, and the run "made".
static void put_store(const struct bed *b, const char *path) {
  struct store store;
  struct shira_error err;
  struct shira_hash *entry = calloc(b->r.n_results, sizeof(*entry));
  struct shira_hash *facts = calloc(b->r.n_workloads, sizeof(*facts));
  assert_int_equal(store_open(path, true, &store, &err), 0);
  for (uint32_t i = 0; i < b->r.n_results; i++) {
    char *text = shira_result_encode(&b->r.results[i], "id", "program");
    entry[i] = hash_of(i + 1);
    if (i + 1 < b->r.n_results)
      assert_int_equal(store_put(&store, &entry[i], text, strlen(text), &err), 0);
    free(text);
  }
  char *run = shira_report_manifest(&b->r, entry, facts);
  assert_int_equal(store_run_put(&store, "made", run, strlen(run), &err), 0);
  store_close(&store);
  free(run);
  free(facts);
  free(entry);
}

static void test_a_store_gives_the_same_report(void **state) {
  struct bed *b = *state;
  char path[128], command[160];
  struct shira_report again;
  struct shira_error err;
  add_square(b, 256);
  snprintf(path, sizeof(path), "%s/store", b->dir);
  put_store(b, path);
  if (shira_report_read(path, NULL, &again, &err))
    fail_msg("%s", err.text);
  assert_int_equal(again.n_results, b->r.n_results);
  assert_int_equal(shira_report_missing(&again), 1);
  assert_string_equal(again.results[again.n_results - 1].reason, "It is not in the store.");
  again.results[again.n_results - 1] = b->r.results[b->r.n_results - 1];
  put(b);
  char *report = file_of(b, "report.json"), *times = file_of(b, "times.json");
  assert_int_equal(shira_report_write(&again, b->dir, false, &err), 0);
  char *second = file_of(b, "report.json"), *second_times = file_of(b, "times.json");
  assert_string_equal(second, report);
  assert_string_equal(second_times, times);
  shira_report_free(&again);
  assert_int_equal(shira_report_read(path, "none", &again, &err), -ENOENT);
  free(report);
  free(times);
  free(second);
  free(second_times);
  snprintf(command, sizeof(command), "rm -r '%s'", path);
  assert_int_equal(system(command), 0);
}

// ---- From outside -----------------------------------------------------------------------------

static int read_json(const struct bed *b, const json_t *o, struct shira_error *err) {
  char path[128];
  struct shira_report r;
  snprintf(path, sizeof(path), "%s/report.json", b->dir);
  assert_int_equal(json_dump_file(o, path, JSON_REAL_PRECISION(9)), 0);
  int rc = shira_report_read(path, NULL, &r, err);
  shira_report_free(&r);
  return rc;
}

static void refuse(const struct bed *b, const char *path, json_t *value, const char *says) {
  json_t *o = json_file(b, "report.json"), *at = o;
  char part[64];
  size_t n;
  for (; strchr(path, '/'); path += n + 1) {
    n = strcspn(path, "/");
    snprintf(part, sizeof(part), "%.*s", (int)n, path);
    at = json_is_array(at) ? json_array_get(at, (size_t)atoi(part)) : json_object_get(at, part);
    assert_non_null(at);
  }
  json_object_set_new(at, path, value);
  struct shira_error err = {{0}};
  char *whole = file_of(b, "report.json");
  assert_int_equal(read_json(b, o, &err), -EINVAL);
  if (!strstr(err.text, says))
    fail_msg("'%s' does not say '%s'", err.text, says);
  json_decref(o);
  char name[128];
  snprintf(name, sizeof(name), "%s/report.json", b->dir);
  FILE *f = fopen(name, "w");
  fputs(whole, f);
  fclose(f);
  free(whole);
}

static void test_what_is_no_report_is_refused_by_name(void **state) {
  struct bed *b = *state;
  add_square(b, 256);
  put(b);
  refuse(b, "schema", json_integer(1),
         "schema 1 of shirasim 9.9.9 is not read; run the experiment");
  refuse(b, "schema", json_string("x"), "is no report of shirasim");
  refuse(b, "machines", json_string("x"), "machines: is no list");
  refuse(b, "machines/0/clock_mhz", json_integer(0), "a clock is 0");
  refuse(b, "machines/0/clock_mhz", json_integer(-1), "clock_mhz: is not a whole number");
  refuse(b, "machines/0/clock_mhz", json_integer(4294967296), "clock_mhz: is not a smaller number");
  refuse(b, "machines/0/layout", json_string("invalid"), "layout: is not a name that is known");
  refuse(b, "workloads/0/weights_hash", json_string("12"), "is not a hash of 64 hex digits");
  refuse(b, "pairs/0/workload", json_string("none"), "workload 'none' is not in the report");
  refuse(b, "pairs/1/name", json_string("rand"), "two things are called '256x256/rand'");
  refuse(b, "results/0/strategy", json_string("magic"), "strategy: is not a name");
  refuse(b, "results/0/pair", json_string("magic"), "pair: is not in the report");
  refuse(b, "results/0/samples", json_integer(3), "samples: is no list");
  refuse(b, "results/0/samples/0/eighth", json_integer(9), "eighth: is not from 0 to 7");
  refuse(b, "results/0/figure_eighth", json_integer(9), "figure_eighth: is none of a sample");
  refuse(b, "results/0/work", json_string("pass"), "work: is not what the result has");
  refuse(b, "experiment/tokens", json_pack("[i, i]", 1, 0), "tokens: is not from 1");
}

static void spoil_with(const struct bed *b, const json_t *whole, json_t *parent, const char *key,
                       size_t i, json_t *value, uint32_t *refused) {
  json_t *was = key ? json_object_get(parent, key) : json_array_get(parent, i);
  struct shira_error err = {{0}};
  json_incref(was);
  if (key)
    json_object_set_new(parent, key, value);
  else
    json_array_set_new(parent, i, value);
  int rc = read_json(b, whole, &err);
  assert_true(rc == 0 || (rc == -EINVAL && *err.text));
  *refused += rc != 0;
  if (key)
    json_object_set_new(parent, key, was);
  else
    json_array_set_new(parent, i, was);
}

// Every value below `at` in turn becomes something else; returns how many there were.
static uint32_t spoil(const struct bed *b, const json_t *whole, json_t *at, uint32_t *refused) {
  json_t *const value[] = {json_null(),       json_integer(-1), json_string("\xc3\xa9x"),
                           json_real(-1e300), json_array(),     json_integer(INT64_MAX)};
  uint32_t n = 0;
  const char *key;
  json_t *v;
  size_t i;
  void *next;
  json_object_foreach_safe(at, next, key, v) {
    const uint32_t which = (uint32_t)(strlen(key) + n) % 6;
    spoil_with(b, whole, at, key, 0, json_deep_copy(value[which]), refused);
    n += 1 + spoil(b, whole, json_object_get(at, key), refused);
  }
  for (i = 0; i < json_array_size(at) && i < 2; i++) {
    spoil_with(b, whole, at, NULL, i, json_deep_copy(value[(i + n) % 6]), refused);
    n += 1 + spoil(b, whole, json_array_get(at, i), refused);
  }
  for (i = 0; i < 6; i++)
    json_decref(value[i]);
  return n;
}

static void test_no_value_from_outside_does_harm(void **state) {
  struct bed *b = *state;
  uint32_t refused = 0;
  add_all(b);
  memmove(b->r.results + 1, b->r.results + b->r.n_results - 1, sizeof(*b->r.results));
  b->r.n_results = 3; // a pass, one that is missing, a pass
  put(b);
  json_t *o = json_file(b, "report.json");
  const uint32_t n = spoil(b, o, o, &refused);
  print_message("%u values spoilt, %u refused\n", n, refused);
  assert_true(n > 400 && refused > 150);
  json_decref(o);
}

static void test_names_from_outside_are_text(void **state) {
  struct bed *b = *state;
  const char *evil = "</script></pre><img onerror=x> & <!--DATA--> =1+1";
  add_square(b, 256);
  snprintf(b->r.experiment.name, sizeof(b->r.experiment.name), "%.60s", evil);
  snprintf(b->r.workloads[0].name, sizeof(b->r.workloads[0].name), "%s", evil);
  snprintf(b->r.machines[0].hw.name, sizeof(b->r.machines[0].hw.name), "=\"1\xff");
  snprintf(b->r.pairs[0].name, sizeof(b->r.pairs[0].name), "a|b");
  put(b);
  char *page = file_of(b, "report.html"), *csv = file_of(b, "report.csv");
  assert_null(strstr(page, "<img onerror"));
  assert_non_null(strstr(page, "<pre># &lt;/script&gt;"));
  assert_non_null(strstr(csv, "\"'=\"\"1?\""));
  char *md = file_of(b, "report.md");
  assert_non_null(strstr(md, "| shira-scatter a/b "));
  snprintf(b->r.program, sizeof(b->r.program), "\033[2Jx");
  put(b);
  struct shira_report again;
  read_back(b, &again);
  assert_string_equal(again.program, "?[2Jx");
  shira_report_free(&again);
  free(page);
  free(csv);
  free(md);
}

// ---- Files ------------------------------------------------------------------------------------

static bool is_there(const struct bed *b, const char *name) {
  char path[128];
  snprintf(path, sizeof(path), "%s/%s", b->dir, name);
  return !access(path, F_OK);
}

static void test_a_partial_report_leaves_the_whole_one(void **state) {
  struct bed *b = *state;
  struct shira_error err;
  add_square(b, 256);
  put(b);
  char *before = file_of(b, "report.json");
  b->r.results[0].done = false;
  assert_int_equal(shira_report_write(&b->r, b->dir, true, &err), 0);
  char *now = file_of(b, "report.json"), *partial = file_of(b, "report.partial.json");
  assert_string_equal(now, before);
  assert_non_null(strstr(partial, "\"complete\":false"));
  b->r.results[0].done = true;
  put(b);
  assert_false(is_there(b, "report.partial.json") || is_there(b, "report.partial.html") ||
               is_there(b, "report.partial.md") || is_there(b, "report.partial.csv"));
  free(before);
  free(now);
  free(partial);
}

static void test_what_is_wrong_writes_nothing(void **state) {
  struct bed *b = *state;
  struct shira_error err;
  add_square(b, 256);
  b->r.results[1].key = b->r.results[0].key;
  assert_int_equal(shira_report_write(&b->r, b->dir, false, &err), -EINVAL);
  b->r.results[1].key.pair = 77;
  assert_int_equal(shira_report_write(&b->r, b->dir, false, &err), -EINVAL);
  assert_false(is_there(b, "report.json") || is_there(b, "report.html"));
  assert_int_equal(shira_report_write(&b->r, "/nowhere", false, &err), -EINVAL);
}

// ---- Two side by side -------------------------------------------------------------------------

static int compare(struct bed *b, const struct shira_report *other, double tolerance, char *says,
                   size_t size) {
  struct shira_error err;
  FILE *out = fmemopen(says, size, "w");
  int rc = shira_report_compare(&b->r, other, tolerance, out, &err);
  fclose(out);
  return rc;
}

static void test_two_reports_are_compared(void **state) {
  struct bed *b = *state;
  struct shira_report other;
  char says[4096];
  add_square(b, 256);
  put(b);
  read_back(b, &other);
  snprintf(other.machines[0].hw.name, sizeof(other.machines[0].hw.name), "edge17");
  assert_int_equal(compare(b, &other, 0, says, sizeof(says)), 0);
  struct shira_measure *m = &other.results[0].m;
  m->sample[m->median].cycles += m->sample[m->median].cycles / 10;
  assert_int_equal(compare(b, &other, 0.2, says, sizeof(says)), 0);
  assert_int_equal(compare(b, &other, 0.05, says, sizeof(says)), 1);
  assert_non_null(strstr(says, "\n256x256/resident/shira-scatter/rand/transition/memory/base-A "));
  assert_non_null(strstr(says, "+9.98 %"));
  other.n_results--;
  assert_int_equal(compare(b, &other, 0.2, says, sizeof(says)), 1);
  assert_non_null(strstr(says, "none"));
  shira_report_free(&other);
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, bed_setup, bed_teardown)
      TEST(test_every_key_is_described_and_every_description_has_one),
      TEST(test_the_page_has_the_keys_and_the_data),
      TEST(test_a_report_read_and_written_again_is_the_same),
      TEST(test_an_entry_of_the_store_comes_back_whole),
      TEST(test_a_store_gives_the_same_report),
      TEST(test_what_is_no_report_is_refused_by_name),
      TEST(test_no_value_from_outside_does_harm),
      TEST(test_names_from_outside_are_text),
      TEST(test_a_partial_report_leaves_the_whole_one),
      TEST(test_what_is_wrong_writes_nothing),
      TEST(test_two_reports_are_compared),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
