#include "shira/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int shira_fail(struct shira_error *error, int err, const char *format, ...) {
  int saved = errno;
  if (error) {
    char text[sizeof error->text]; // arguments may point into *error
    va_list args;
    va_start(args, format);
    if (vsnprintf(text, sizeof text, format, args) < 0)
      text[0] = '\0';
    va_end(args);
    memcpy(error->text, text, sizeof text);
  }
  errno = saved;
  return -err;
}
