// Files written whole: what stays when something fails or a writer dies, and locks of folders.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "host/base/whole.h"
#include "tests/unit/folder.h"

static struct shira_error error;
static char dir[FOLDER_BYTES], path[FOLDER_BYTES + 16];

static int make(void **state) {
  (void)state;
  folder_make(dir);
  snprintf(path, sizeof path, "%s/file", dir);
  return 0;
}

static int unmake(void **state) {
  (void)state;
  umount2(dir, MNT_DETACH); // where a test has left it mounted
  folder_remove(dir);
  return 0;
}

static void expect_alone(const char *content) {
  folder_expect(path, content);
  assert_int_equal(folder_count(dir, ""), 1); // no temporary file
}

static void writes_over(void **state) {
  (void)state;
  assert_int_equal(shira_whole_write(path, "one", 3, &error), 0);
  expect_alone("one");
  assert_int_equal(shira_whole_write(path, "", 0, &error), 0);
  expect_alone("");
  struct shira_whole w;
  assert_int_equal(shira_whole_begin(&w, path, &error), 0);
  for (int i = 0; i < 3; i++)
    fprintf(w.out, "%d\n", i);
  folder_expect(path, "");
  assert_int_equal(folder_count(dir, ".part"), 1);
  assert_int_equal(shira_whole_end(&w, &error), 0);
  expect_alone("0\n1\n2\n");
  assert_int_equal(shira_whole_begin(&w, path, &error), 0);
  fputs("never mind", w.out);
  shira_whole_drop(&w);
  expect_alone("0\n1\n2\n");
}

// In the current folder, with a mode by the umask.
static void of_a_bare_name(void **state) {
  (void)state;
  struct stat st;
  int back = open(".", O_RDONLY | O_DIRECTORY);
  assert_int_equal(chdir(dir), 0);
  mode_t mask = umask(027);
  int rc = shira_whole_write("file", "x", 1, &error);
  umask(mask);
  assert_int_equal(fchdir(back), 0);
  close(back);
  assert_int_equal(rc, 0);
  expect_alone("x");
  assert_int_equal(stat(path, &st), 0);
  assert_int_equal(st.st_mode & 0777, 0640);
}

static void expect_refused(const char *name, int err, const char *why) {
  char full[PATH_MAX + 300], said[512];
  struct shira_whole w;
  snprintf(full, sizeof full, "%s/%s", dir, name);
  assert_int_equal(shira_whole_begin(&w, full, &error), -err);
  snprintf(said, sizeof said, "cannot write '%.400s': %s", full, why);
  assert_string_equal(error.text, said);
}

static void refuses(void **state) {
  (void)state;
  char name[NAME_MAX + 2] = "";
  assert_int_equal(shira_whole_write(path, "x", 1, &error), 0);
  expect_refused("no/file", ENOENT, "No such file or directory");
  expect_refused("file/file", ENOTDIR, "Not a directory");
  expect_refused("", EISDIR, "Is a directory");
  expect_refused("..", EEXIST, "it is there and is no regular file");
  memset(name, 'n', NAME_MAX);
  expect_refused(name, ENAMETOOLONG, "File name too long");
  memset(name, 'n', NAME_MAX + 1);
  expect_refused(name, ENAMETOOLONG, "File name too long");
  assert_int_equal(shira_whole_write("/dev/full", "x", 1, &error), -EEXIST);
  assert_string_equal(error.text, "cannot write '/dev/full': it is there and is no regular file");
  expect_alone("x");
}

// ---- Errors of the disk
// --------------------------------------------------------------------------

static char large[300000];

// Tries to write more than there is room for: in pieces, in one piece, from memory.
static void expect_no_room(int err) {
  char said[256];
  for (size_t piece = 0; piece <= sizeof large; piece += piece ? sizeof large - 100 : 100) {
    struct shira_whole w;
    int rc;
    memset(large, 'x', sizeof large);
    if (piece) {
      assert_int_equal(shira_whole_begin(&w, path, &error), 0);
      for (size_t i = 0; i < sizeof large; i += piece)
        fwrite(large + i, 1, piece, w.out);
      rc = shira_whole_end(&w, &error);
    } else
      rc = shira_whole_write(path, large, sizeof large, &error);
    if (rc != -err)
      fail_msg("%d: '%s'", rc, error.text);
    snprintf(said, sizeof said, "cannot write '%s': %s", path, strerror(err));
    assert_string_equal(error.text, said);
    expect_alone("old");
  }
}

// Where files may not grow beyond 64 KiB.
static int limited(void *arg) {
  (void)arg;
  struct rlimit limit = {65536, 65536};
  signal(SIGXFSZ, SIG_IGN);
  if (setrlimit(RLIMIT_FSIZE, &limit))
    return 1;
  expect_no_room(EFBIG);
  return 0;
}

static void a_limit_of_size(void **state) {
  (void)state;
  assert_int_equal(shira_whole_write(path, "old", 3, &error), 0);
  assert_int_equal(in_process(limited, NULL), 0);
  expect_alone("old");
}

static void a_full_file_system(void **state) {
  (void)state;
  if (mount("none", dir, "tmpfs", 0, "size=128k"))
    SKIP_BECAUSE("a tmpfs cannot be mounted here");
  assert_int_equal(shira_whole_write(path, "old", 3, &error), 0);
  expect_no_room(ENOSPC);
  assert_int_equal(shira_whole_write(path, "new", 3, &error), 0);
  expect_alone("new");
  assert_int_equal(umount(dir), 0);
}

// ---- Writers that die
// ----------------------------------------------------------------------------

// Whole contents: a letter, often.
static int write_for_ever(void *arg) {
  (void)arg;
  static char text[100000];
  for (unsigned i = 0;; i++) {
    memset(text, 'a' + (int)(i % 26), sizeof text);
    if (shira_whole_write(path, text, sizeof text, &error))
      return 1;
  }
}

static void killed_at_any_moment(void **state) {
  (void)state;
  unsigned left = 0;
  for (unsigned round = 0; round < 50; round++) {
    assert_true(in_process_killed(write_for_ever, NULL, 2000 + (unsigned)rand() % 8000));
    size_t size;
    char *text = folder_read(path, &size);
    if (text) {
      assert_int_equal(size, 100000);
      assert_int_equal(strspn(text, (char[]){text[0], 0}), 100000);
    }
    free(text);
    uint64_t count = 0, bytes = 0, dry = 0;
    unsigned parts = folder_count(dir, ".part");
    left += parts;
    assert_int_equal(shira_whole_sweep(dir, true, &dry, NULL, &error), 0);
    assert_int_equal(folder_count(dir, ".part"), parts);
    assert_int_equal(shira_whole_sweep(dir, false, &count, &bytes, &error), 0);
    assert_int_equal(dry, parts);
    assert_int_equal(count, parts);
    assert_in_range(bytes, 0, 100000 * (uint64_t)parts);
    assert_int_equal(folder_count(dir, ".part"), 0);
  }
  assert_true(left > 0); // else no writer was killed in the middle
  assert_int_equal(access(path, F_OK), 0);
}

static void sweeps_the_dead_only(void **state) {
  (void)state;
  static const char *const others[] = {"a.part",       ".part",  ".x.part",    ".x.12.part",
                                       ".x.1-2.parts", ".x.1-2", ".x.a-2.part"};
  struct shira_whole w;
  uint64_t count = 0;
  char other[FOLDER_BYTES + 32];
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    snprintf(other, sizeof other, "%s/%s", dir, others[i]);
    assert_int_equal(close(creat(other, 0666)), 0);
  }
  snprintf(other, sizeof other, "%s/.file.1-0.part", dir);
  assert_int_equal(close(creat(other, 0666)), 0);
  assert_int_equal(shira_whole_begin(&w, path, &error), 0);
  assert_int_equal(shira_whole_sweep(dir, false, &count, NULL, &error), 0);
  assert_int_equal(count, 1); // of process 1, which has no lock on it
  assert_int_equal(access(other, F_OK), -1);
  assert_int_equal(shira_whole_end(&w, &error), 0);
  assert_int_equal(folder_count(dir, ""), sizeof others / sizeof *others + 1);
  snprintf(other, sizeof other, "%s/none", dir);
  assert_int_equal(shira_whole_sweep(other, false, &count, NULL, &error), 0);
  assert_int_equal(shira_whole_sweep(path, false, &count, NULL, &error), -ENOTDIR);
}

// Writers and a sweeper at the same time: no writer loses its file.
static void sweeps_beside_writers(void **state) {
  (void)state;
  pid_t pid = fork();
  if (!pid) {
    for (unsigned i = 0; i < 300; i++)
      if (shira_whole_write(path, "text", 4, &error))
        _exit(1);
    _exit(0);
  }
  int status;
  uint64_t count = 0;
  while (waitpid(pid, &status, WNOHANG) == 0)
    assert_int_equal(shira_whole_sweep(dir, false, &count, NULL, &error), 0);
  assert_int_equal(status, 0);
  expect_alone("text");
}

static void makes_folders(void **state) {
  (void)state;
  char deep[FOLDER_BYTES + 32];
  struct stat st;
  snprintf(deep, sizeof deep, "%s/a//b/c/", dir);
  for (int again = 0; again < 2; again++)
    assert_int_equal(shira_make_folder(deep, &error), 0);
  assert_true(!stat(deep, &st) && S_ISDIR(st.st_mode));
  assert_int_equal(shira_whole_write(path, "x", 1, &error), 0);
  assert_int_equal(shira_make_folder(path, &error), -ENOTDIR);
  snprintf(deep, sizeof deep, "%s/file/a", dir);
  assert_int_equal(shira_make_folder(deep, &error), -ENOTDIR);
  assert_non_null(strstr(error.text, "/file/a': Not a directory"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(writes_over, make, unmake),
      cmocka_unit_test_setup_teardown(of_a_bare_name, make, unmake),
      cmocka_unit_test_setup_teardown(refuses, make, unmake),
      cmocka_unit_test_setup_teardown(a_limit_of_size, make, unmake),
      cmocka_unit_test_setup_teardown(a_full_file_system, make, unmake),
      cmocka_unit_test_setup_teardown(killed_at_any_moment, make, unmake),
      cmocka_unit_test_setup_teardown(sweeps_the_dead_only, make, unmake),
      cmocka_unit_test_setup_teardown(sweeps_beside_writers, make, unmake),
      cmocka_unit_test_setup_teardown(makes_folders, make, unmake),
  };
  const char *seed = getenv("SEED");
  srand(seed ? (unsigned)atoi(seed) : 1);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
