#include "host/report/say.h"

#include <stdarg.h>
#include <string.h>

// A line must not end at this space: before a unit, or at an equals sign.
static bool holds(const char *space) {
  static const char *const unit[] = {"\u00b5s", "ms", "%", "B", "kB", "MB", "GB"};
  if (space[1] == '=' || space[-1] == '=')
    return true;
  if (!strchr("0123456789", space[-1]))
    return false;
  for (size_t i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
    size_t n = strlen(unit[i]);
    if (!strncmp(space + 1, unit[i], n) && (!space[n + 1] || strchr(" ,.;:)", space[n + 1])))
      return true;
  }
  return false;
}

__attribute__((format(printf, 2, 0))) static void put(FILE *out, const char *format, va_list args) {
  char text[1024];
  vsnprintf(text, sizeof(text), format, args);
  for (char *p = text, *next; *p; p = next) {
    next = p + 1;
    while (*next && !(*next == ' ' && holds(next)))
      next++;
    char was = *next;
    *next = 0;
    view_html(p, out);
    if (was)
      fputs("&nbsp;", out), next++;
  }
}

void say(FILE *out, const char *format, ...) {
  va_list args;
  va_start(args, format);
  put(out, format, args);
  va_end(args);
}

void bold(FILE *out, const char *format, ...) {
  va_list args;
  va_start(args, format);
  fputs("<b>", out);
  put(out, format, args);
  fputs("</b>", out);
  va_end(args);
}

const char *joint(uint32_t i, uint32_t n) {
  return i == 0 ? "" : i + 1 == n ? " and " : ", ";
}
