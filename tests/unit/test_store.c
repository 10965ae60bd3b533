// The store of results: what is kept, found, refused and removed, and writers that die.
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "host/base/whole.h"
#include "host/experiment/store.h"
#include "tests/unit/folder.h"

static struct shira_error error;
static struct store store;
static char dir[FOLDER_BYTES];

static int make(void **state) {
  (void)state;
  folder_make(dir);
  return store_open(dir, true, &store, &error);
}

static int unmake(void **state) {
  (void)state;
  store_close(&store);
  folder_remove(dir);
  return 0;
}

// The hash of result `i` of a test.
static struct shira_hash hash_of(unsigned i) {
  return shira_hash_of(&i, sizeof i);
}

static void put(unsigned i, const char *text) {
  struct shira_hash hash = hash_of(i);
  if (store_put(&store, &hash, text, strlen(text), &error))
    fail_msg("%s", error.text);
}

static void name_path(unsigned i, char path[200]) {
  struct shira_hash hash = hash_of(i);
  char text[SHIRA_HASH_TEXT];
  shira_hash_text(&hash, text);
  snprintf(path, 200, "%s/%.2s/%s.json", dir, text, text);
}

static void expect_get(unsigned i, const char *expected) {
  struct shira_hash hash = hash_of(i);
  char *text;
  size_t size;
  int rc = store_get(&store, &hash, &text, &size, &error);
  assert_int_equal(rc, expected ? 0 : -ENOENT);
  if (expected) {
    assert_string_equal(text, expected);
    assert_int_equal(size, strlen(expected));
  }
  free(text);
}

static void puts_and_gets(void **state) {
  (void)state;
  char path[200];
  expect_get(1, NULL);
  put(1, "{\"schema\":2,\"id\":\"one\"}\n");
  expect_get(1, "{\"schema\":2,\"id\":\"one\"}\n");
  expect_get(2, NULL);
  put(1, "{\"schema\":2,\"id\":\"again\"}");
  expect_get(1, "{\"schema\":2,\"id\":\"again\"}");
  name_path(1, path);
  folder_expect(path, "{\"schema\":2,\"id\":\"again\"}");
  store_close(&store);
  assert_int_equal(store_open(dir, false, &store, &error), 0);
  expect_get(1, "{\"schema\":2,\"id\":\"again\"}");
}

// What is no result of this schema is as if it was not there, and can be written over.
static void refuses_others(void **state) {
  (void)state;
  static const char *const other[] = {"",
                                      "{\"schema\":2",
                                      "{\"schema\":2} {}",
                                      "[2]",
                                      "{}",
                                      "{\"schema\":\"2\"}",
                                      "{\"schema\":1,\"id\":\"old\"}",
                                      "{\"schema\":3,\"id\":\"new\"}",
                                      "{\"schema\":2,\"id\":\"\xff\"}"};
  for (unsigned i = 0; i < sizeof other / sizeof *other; i++) {
    put(i, other[i]);
    expect_get(i, NULL);
    assert_true(store.told);
    put(i, "{\"schema\":2}");
    expect_get(i, "{\"schema\":2}");
  }
  char path[200];
  name_path(0, path);
  assert_false(unlink(path) || mkdir(path, 0777));
  struct shira_hash hash = hash_of(0);
  char *text;
  size_t size;
  assert_int_equal(store_get(&store, &hash, &text, &size, &error), -EISDIR);
  assert_null(text);
}

static void opens(void **state) {
  (void)state;
  char deep[FOLDER_BYTES + 16];
  struct store other;
  snprintf(deep, sizeof deep, "%s/a/b", dir);
  assert_int_equal(store_open(deep, false, &other, &error), -ENOENT);
  assert_non_null(strstr(error.text, "/a/b': No such file or directory"));
  store_close(&other);
  assert_int_equal(store_open(deep, true, &other, &error), 0);
  store_close(&other);
  assert_int_equal(store_run_put(&store, "", "{}", 2, &error), -EINVAL);
  assert_int_equal(store_run_put(&store, ".x", "{}", 2, &error), -EINVAL);
  assert_int_equal(store_run_put(&store, "a/b", "{}", 2, &error), -EINVAL);
  assert_string_equal(error.text, "'a/b' is no name for a run");
}

// ---- Lists
// ----------------------------------------------------------------------------------------

struct seen {
  unsigned n, stop_after;
  struct shira_hash last;
  size_t bytes;
};

static int see(void *arg, const struct store_entry *e) {
  struct seen *s = arg;
  assert_true(!s->n || memcmp(&s->last, &e->hash, sizeof s->last) < 0); // by hash
  assert_int_equal(strlen(e->text), e->size);
  assert_in_range(time(NULL) - e->written, 0, 100);
  s->last = e->hash;
  s->bytes += e->size;
  return ++s->n == s->stop_after ? 7 : 0;
}

static void lists(void **state) {
  (void)state;
  char path[200];
  struct seen s = {0};
  assert_int_equal(store_list(&store, see, &s, &error), 0);
  assert_int_equal(s.n, 0);
  for (unsigned i = 0; i < 40; i++)
    put(i, "{\"schema\":2}");
  put(40, "{\"schema\":1}");
  assert_int_equal(store_run_put(&store, "run", "{}", 2, &error), 0);
  // Strangers: a result in the wrong folder, another name.
  snprintf(path, sizeof path, "%s/zz", dir);
  mkdir(path, 0777);
  name_path(1, path);
  char *slash = strrchr(path, '/');
  memcpy(slash + 1, slash[1] == '0' ? "1" : "0", 1);
  assert_int_equal(shira_whole_write(path, "{\"schema\":2}", 12, &error), 0);
  memcpy(slash, "/notes.json", 12);
  assert_int_equal(shira_whole_write(path, "{\"schema\":2}", 12, &error), 0);
  assert_int_equal(store_list(&store, see, &s, &error), 0);
  assert_int_equal(s.n, 40);
  assert_int_equal(s.bytes, 40 * 12);
  s = (struct seen){.stop_after = 3};
  assert_int_equal(store_list(&store, see, &s, &error), 7);
  assert_int_equal(s.n, 3);
}

// ---- What nobody uses
// ------------------------------------------------------------------------------

// A manifest that names the results `from` to `to` - 1.
static void put_run(const char *name, unsigned schema, unsigned from, unsigned to) {
  char text[8000], hash_text[SHIRA_HASH_TEXT];
  int n = snprintf(text, sizeof text, "{\"schema\":%u,\"results\":[", schema);
  for (unsigned i = from; i < to; i++) {
    struct shira_hash hash = hash_of(i);
    shira_hash_text(&hash, hash_text);
    n += snprintf(text + n, sizeof text - (size_t)n, "%s{\"id\":\"%u\",\"hash\":\"%s\"}",
                  i > from ? "," : "", i, hash_text);
  }
  n += snprintf(text + n, sizeof text - (size_t)n, "]}");
  assert_int_equal(store_run_put(&store, name, text, (size_t)n, &error), 0);
}

static void expect_gc(bool dry_run, uint64_t results, uint64_t parts, uint64_t kept) {
  struct store_gc g;
  if (store_gc(&store, dry_run, &g, &error))
    fail_msg("%s", error.text);
  assert_int_equal(g.results, results);
  assert_int_equal(g.result_bytes, 12 * results);
  assert_int_equal(g.parts, parts);
  assert_int_equal(g.part_bytes, 5 * parts);
  assert_int_equal(g.kept, kept);
  assert_int_equal(g.kept_bytes, 12 * kept);
}

static void put_part(const char *folder) {
  char path[256];
  snprintf(path, sizeof path, "%s/.x.json.1-0.part", folder);
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  fputs("crash", f);
  fclose(f);
}

static void removes_what_no_run_names(void **state) {
  (void)state;
  char path[200];
  for (unsigned i = 0; i < 20; i++)
    put(i, i % 3 ? "{\"schema\":2}" : "{\"schema\":1}"); // old ones too
  put_run("one", 2, 2, 6);
  put_run("two", 1, 4, 10); // of another schema: it counts all the same
  snprintf(path, sizeof path, "%s/runs", dir);
  put_part(path);
  name_path(3, path);
  *strrchr(path, '/') = 0;
  put_part(path);
  expect_gc(true, 12, 2, 8);
  expect_gc(true, 12, 2, 8); // nothing was removed
  expect_gc(false, 12, 2, 8);
  expect_gc(false, 0, 0, 8);
  for (unsigned i = 0; i < 20; i++) {
    name_path(i, path);
    assert_int_equal(access(path, F_OK), i >= 2 && i < 10 ? 0 : -1);
    *strrchr(path, '/') = 0;
    if (i < 2 || i >= 10)
      assert_true(access(path, F_OK) || folder_count(path, ".json")); // no empty folder
  }
}

static void removes_nothing_in_doubt(void **state) {
  (void)state;
  static const char *const bad[] = {"",
                                    "[]",
                                    "{\"schema\":2}",
                                    "{\"results\":{}}",
                                    "{\"results\":[{\"id\":\"x\"}]}",
                                    "{\"results\":[{\"hash\":\"12\"}]}"};
  struct store_gc g;
  put(1, "{\"schema\":2}");
  put_run("good", 2, 5, 6);
  for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_int_equal(store_run_put(&store, "bad", bad[i], strlen(bad[i]), &error), 0);
    assert_int_equal(store_gc(&store, false, &g, &error), -EINVAL);
    assert_non_null(strstr(error.text, "/runs/bad.json'"));
    assert_non_null(strstr(error.text, "nothing is removed"));
    expect_get(1, "{\"schema\":2}");
  }
  assert_int_equal(store_run_put(&store, "bad", "{\"results\":[]}", 14, &error), 0);
  // While another uses the store, in the end it may be used again.
  struct store other;
  assert_int_equal(store_open(dir, false, &other, &error), 0);
  assert_int_equal(store_gc(&store, false, &g, &error), -EBUSY);
  store_close(&other);
  expect_gc(false, 1, 0, 0);
  assert_int_equal(store_open(dir, false, &other, &error), 0);
  store_close(&other);
}

// ---- Writers that die
// ------------------------------------------------------------------------------

#define IDS 16

// A result of some size, which tells its length.
static size_t make_text(unsigned i, char text[100000]) {
  size_t size = 1000 + (size_t)i % IDS * 5000;
  int n = snprintf(text, 100000, "{\"schema\":2,\"size\":%zu,\"fill\":\"", size);
  memset(text + n, 'x', size - (size_t)n - 2);
  memcpy(text + size - 2, "\"}", 3);
  return size;
}

static int write_for_ever(void *arg) {
  (void)arg;
  static char text[100000];
  struct store mine;
  if (store_open(dir, false, &mine, &error))
    return 1;
  for (unsigned i = 0;; i++) {
    size_t size = make_text(i, text);
    struct shira_hash hash = hash_of(i % IDS);
    if (store_put(&mine, &hash, text, size, &error))
      return 1;
  }
}

static void killed_at_any_moment(void **state) {
  (void)state;
  static char expected[100000];
  unsigned found = 0;
  uint64_t parts = 0;
  for (unsigned round = 0; round < 50; round++) {
    pid_t second = fork(); // beside one that lives a little longer
    if (!second)
      _exit(write_for_ever(NULL));
    assert_true(in_process_killed(write_for_ever, NULL, 2000 + (unsigned)rand() % 6000));
    kill(second, SIGKILL);
    waitpid(second, NULL, 0);
    for (unsigned i = 0; i < IDS; i++) {
      char path[200];
      name_path(i, path);
      if (access(path, F_OK))
        continue;
      make_text(i, expected);
      expect_get(i, expected);
      found++;
    }
    assert_false(store.told);
    struct store_gc g;
    if (store_gc(&store, true, &g, &error))
      fail_msg("%s", error.text);
    parts += g.parts;
  }
  assert_true(found > 50);
  struct store_gc g;
  assert_int_equal(store_gc(&store, false, &g, &error), 0);
  assert_true(parts > 0 && g.parts > 0);
  assert_int_equal(folder_count(dir, ""), 1); // the lock
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(puts_and_gets, make, unmake),
      cmocka_unit_test_setup_teardown(refuses_others, make, unmake),
      cmocka_unit_test_setup_teardown(opens, make, unmake),
      cmocka_unit_test_setup_teardown(lists, make, unmake),
      cmocka_unit_test_setup_teardown(removes_what_no_run_names, make, unmake),
      cmocka_unit_test_setup_teardown(removes_nothing_in_doubt, make, unmake),
      cmocka_unit_test_setup_teardown(killed_at_any_moment, make, unmake),
  };
  const char *seed = getenv("SEED");
  srand(seed ? (unsigned)atoi(seed) : 1);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
