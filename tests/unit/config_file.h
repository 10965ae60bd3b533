// A configuration file that a test writes, and the exact sentence that it must give.
#ifndef SHIRA_TESTS_CONFIG_FILE_H
#define SHIRA_TESTS_CONFIG_FILE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "shira/error.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static char temp[64]; // file that a test writes

static void write_temp(const char *text, size_t size) {
  FILE *f = fopen(temp, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(text, 1, size, f), size);
  assert_int_equal(fclose(f), 0);
}

static int make_temp(void **state) {
  (void)state;
  strcpy(temp, "/tmp/shira_config_XXXXXX");
  int fd = mkstemp(temp);
  return fd < 0 || close(fd) ? -1 : 0;
}

static int remove_temp(void **state) {
  (void)state;
  return unlink(temp);
}

// Writes `base` with the first `from` replaced by `to`.
static inline void write_changed(const char *base, const char *from, const char *to) {
  char text[4096];
  const char *at = strstr(base, from);
  assert_non_null(at);
  snprintf(text, sizeof text, "%.*s%s%s", (int)(at - base), base, to, at + strlen(from));
  write_temp(text, strlen(text));
}

// A change to a good file and the sentence that it must give, behind the file's name.
struct bad {
  const char *from, *to, *message;
};

static inline void expect_message(int rc, const struct shira_error *e, const struct bad *bad) {
  char expected[700];
  snprintf(expected, sizeof expected, "%s:%s", temp, bad->message);
  assert_string_equal(e->text, expected);
  assert_int_equal(rc, -EINVAL);
}

#endif
