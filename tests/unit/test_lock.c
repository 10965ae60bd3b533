// Locks of folders: whose they are, and that they go with the process.
#include <errno.h>
#include <signal.h>
#include <stdbool.h>

#include "host/base/lock.h"
#include "tests/unit/folder.h"

static struct shira_error error;
static char dir[FOLDER_BYTES], path[FOLDER_BYTES + 16];

static int make(void **state) {
  (void)state;
  folder_make(dir);
  snprintf(path, sizeof path, "%s/.lock", dir);
  return 0;
}

static int unmake(void **state) {
  (void)state;
  folder_remove(dir);
  return 0;
}

static void expect_busy(int rc, long pid, const char *command) {
  char said[512], end[128];
  snprintf(said, sizeof said, "'%s' is in use by process %ld on ", dir, pid);
  snprintf(end, sizeof end, ": %s", command);
  assert_int_equal(rc, -EBUSY);
  if (strncmp(error.text, said, strlen(said)) || !strstr(error.text, end))
    fail_msg("'%s' does not say '%s...%s'", error.text, said, end);
}

static void says_whose(void **state) {
  (void)state;
  struct shira_lock mine, other;
  assert_int_equal(shira_lock_take(&mine, dir, "shirasim run a.yaml", &error), 0);
  expect_busy(shira_lock_take(&other, dir, "second", &error), getpid(), "shirasim run a.yaml");
  assert_int_equal(other.fd, -1);
  expect_busy(shira_lock_share(&other, dir, &error), getpid(), "shirasim run a.yaml");
  shira_lock_release(&mine);
  assert_int_equal(mine.fd, -1);
  folder_expect(path, "");
  assert_int_equal(shira_lock_take(&mine, dir, "third", &error), 0);
  shira_lock_release(&mine);
  shira_lock_release(&mine); // holds none
}

static void a_long_command_is_cut(void **state) {
  (void)state;
  char command[2000] = "";
  memset(command, 'c', sizeof command - 1);
  struct shira_lock mine, other;
  assert_int_equal(shira_lock_take(&mine, dir, command, &error), 0);
  assert_int_equal(shira_lock_take(&other, dir, "second", &error), -EBUSY);
  assert_non_null(strstr(error.text, "cccc"));
  shira_lock_release(&mine);
}

static void shared_and_alone(void **state) {
  (void)state;
  struct shira_lock a, b, c;
  assert_int_equal(shira_lock_share(&a, dir, &error), 0);
  assert_int_equal(shira_lock_share(&b, dir, &error), 0);
  assert_int_equal(shira_lock_take(&c, dir, "c", &error), -EBUSY);
  assert_non_null(strstr(error.text, "is in use by another process"));
  assert_int_equal(shira_lock_alone(&a, true, dir, &error), -EBUSY);
  shira_lock_leave(&b);
  assert_int_equal(shira_lock_alone(&a, true, dir, &error), 0);
  assert_int_equal(shira_lock_share(&b, dir, &error), -EBUSY);
  assert_int_equal(shira_lock_alone(&a, false, dir, &error), 0);
  assert_int_equal(shira_lock_share(&b, dir, &error), 0);
  shira_lock_leave(&a);
  shira_lock_leave(&b);
}

static void says_what_is_wrong(void **state) {
  (void)state;
  char none[FOLDER_BYTES + 8], said[200];
  struct shira_lock lock;
  snprintf(none, sizeof none, "%s/none", dir);
  snprintf(said, sizeof said, "cannot lock '%s': No such file or directory", none);
  assert_int_equal(shira_lock_take(&lock, none, "c", &error), -ENOENT);
  assert_string_equal(error.text, said);
  assert_int_equal(lock.fd, -1);
}

// ---- Two processes in one folder
// -------------------------------------------------------------------

struct racers {
  int go[2], done[2]; // pipes: closed by the parent to start, and to end
};

// Takes the lock when `go` is closed, holds it until `done` is. 0: had it; 2: was told who has it.
static int racer(void *arg) {
  struct racers *r = arg;
  struct shira_lock lock;
  char c;
  close(r->go[1]);
  close(r->done[1]);
  if (read(r->go[0], &c, 1))
    return 1;
  int rc = shira_lock_take(&lock, dir, "racer", &error);
  if (rc)
    return rc == -EBUSY && strstr(error.text, "is in use by ") ? 2 : 1;
  return read(r->done[0], &c, 1) ? 1 : 0; // ends without a release
}

static void ten_rounds_of_two(void **state) {
  (void)state;
  for (unsigned round = 0; round < 10; round++) {
    struct racers r;
    pid_t pid[2];
    int status, code[2], killed = round % 2; // in every other round who has it is killed
    assert_false(pipe(r.go) || pipe(r.done));
    for (unsigned i = 0; i < 2; i++) {
      pid[i] = fork();
      if (!pid[i])
        _exit(racer(&r));
    }
    close(r.go[1]);
    pid_t first = waitpid(-1, &status, 0); // who did not get it
    assert_true(first == pid[0] || first == pid[1]);
    code[0] = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    pid_t owner = first == pid[0] ? pid[1] : pid[0];
    struct shira_lock lock;
    expect_busy(shira_lock_take(&lock, dir, "parent", &error), owner, "racer");
    if (killed)
      kill(owner, SIGKILL);
    close(r.done[1]);
    assert_int_equal(waitpid(owner, &status, 0), owner);
    code[1] = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    close(r.go[0]);
    close(r.done[0]);
    assert_int_equal(code[0], 2);
    assert_int_equal(code[1], killed ? -1 : 0);
    assert_int_equal(shira_lock_take(&lock, dir, "parent", &error), 0);
    shira_lock_release(&lock);
  }
}

static int leaves_and_sleeps(void *arg) {
  shira_lock_leave(arg);
  sleep(5); // not for ever: a test that fails does not wait for it
  return 0;
}

static int sleeps(void *arg) {
  (void)arg;
  sleep(5); // not for ever: a test that fails does not wait for it
  return 0;
}

// A worker that has left its parent's lock does not keep it, nor give it back; one that has not
// left loses it with its parent's release.
static void workers_leave(void **state) {
  (void)state;
  struct shira_lock mine, other;
  assert_int_equal(shira_lock_take(&mine, dir, "parent", &error), 0);
  assert_true(in_process_killed(leaves_and_sleeps, &mine, 20000));
  assert_int_equal(shira_lock_take(&other, dir, "other", &error), -EBUSY);
  pid_t worker[2];
  for (unsigned i = 0; i < 2; i++) {
    worker[i] = fork();
    if (!worker[i])
      _exit(i ? sleeps(NULL) : leaves_and_sleeps(&mine));
  }
  shira_lock_release(&mine);
  assert_int_equal(shira_lock_take(&other, dir, "other", &error), 0);
  for (unsigned i = 0; i < 2; i++) {
    kill(worker[i], SIGKILL);
    waitpid(worker[i], NULL, 0);
  }
  shira_lock_release(&other);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(says_whose, make, unmake),
      cmocka_unit_test_setup_teardown(a_long_command_is_cut, make, unmake),
      cmocka_unit_test_setup_teardown(shared_and_alone, make, unmake),
      cmocka_unit_test_setup_teardown(says_what_is_wrong, make, unmake),
      cmocka_unit_test_setup_teardown(ten_rounds_of_two, make, unmake),
      cmocka_unit_test_setup_teardown(workers_leave, make, unmake),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
