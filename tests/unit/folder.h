// A temporary folder of a test, looking into it, and processes that write there.
#ifndef TESTS_UNIT_FOLDER_H
#define TESTS_UNIT_FOLDER_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define FOLDER_BYTES 64

// Makes a folder of its own, whose name is then in `dir`.
static inline void folder_make(char dir[FOLDER_BYTES]) {
  snprintf(dir, FOLDER_BYTES, "%s/shira-XXXXXX", P_tmpdir);
  assert_non_null(mkdtemp(dir));
}

// Removes it with all that is in it.
static inline void folder_remove(const char *dir) {
  char command[FOLDER_BYTES + 16];
  snprintf(command, sizeof command, "rm -rf '%s'", dir);
  assert_int_equal(system(command), 0);
}

// How many names there are in `path` that end in `end`.
static inline unsigned folder_count(const char *path, const char *end) {
  unsigned n = 0;
  DIR *d = opendir(path);
  if (!d)
    return 0;
  for (struct dirent *e; (e = readdir(d));) {
    size_t length = strlen(e->d_name), tail = strlen(end);
    n += strcmp(e->d_name, ".") && strcmp(e->d_name, "..") && length >= tail &&
         !strcmp(e->d_name + length - tail, end);
  }
  closedir(d);
  return n;
}

// The content of a file, with a NUL behind it; to be freed. NULL: it is not there.
static inline char *folder_read(const char *path, size_t *size) {
  FILE *f = fopen(path, "rb");
  if (!f)
    return NULL;
  char *text = NULL;
  size_t room = 0;
  ssize_t n = getdelim(&text, &room, -1, f); // all of it: no byte is -1 here
  fclose(f);
  if (n < 0)
    n = 0;
  text = realloc(text, (size_t)n + 1);
  text[n] = 0;
  if (size)
    *size = (size_t)n;
  return text;
}

static inline void folder_expect(const char *path, const char *content) {
  char *text = folder_read(path, NULL);
  if (!text)
    fail_msg("'%s' is not there", path);
  assert_string_equal(text, content);
  free(text);
}

// Runs `work` in a process of its own and returns the status of waitpid.
static inline int in_process(int (*work)(void *arg), void *arg) {
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (!pid)
    _exit(work(arg));
  int status;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  return status;
}

// The same, and kills it, as kill -9 does, after `us` microseconds. Returns whether it was alive.
static inline bool in_process_killed(int (*work)(void *arg), void *arg, unsigned us) {
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (!pid)
    _exit(work(arg));
  struct timespec wait = {us / 1000000, us % 1000000 * 1000l};
  nanosleep(&wait, NULL);
  kill(pid, SIGKILL);
  int status;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

// Ends a test that cannot be done here, as one that passed, and says why. (cmocka 1.1.5 writes
// "not ok" for what it skips.)
#define SKIP_BECAUSE(why)                                                                          \
  do {                                                                                             \
    printf("# SKIP %s\n", why);                                                                    \
    return;                                                                                        \
  } while (0)

#endif
