#include "host/base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stdlib.h>

struct text text_format(const char *format, ...) {
  struct text t;
  va_list args;
  va_start(args, format);
  vsnprintf(t.s, sizeof(t.s), format, args);
  va_end(args);
  return t;
}

struct text text_count(uint64_t v) {
  char plain[24];
  struct text t;
  const int n = snprintf(plain, sizeof(plain), "%" PRIu64, v);
  char *out = t.s;
  for (int i = 0; i < n; i++) {
    if (i && (n - i) % 3 == 0)
      *out++ = ',';
    *out++ = plain[i];
  }
  *out = 0;
  return t;
}

// Three digits that count, all before the point where there are more.
static struct text three(double v, const char *unit) {
  const double a = fabs(v);
  return text_format("%.*f%s", a < 9.995 ? 2 : a < 99.95 ? 1 : 0, v, unit);
}

struct text text_bytes(double v) {
  static const char *const unit[] = {" kB", " MB", " GB", " TB", " PB", " EB"};
  unsigned u = 0;
  if (v < 999.5)
    return text_format("%.0f B", v);
  for (v /= 1000; v >= 999.5 && u < 5; u++)
    v /= 1000;
  return three(v, unit[u]);
}

struct text text_us(double us) {
  if (us == 0)
    return text_format("0 us");
  return us < 99999.5 ? three(us, " us") : three(us / 1000, " ms");
}

struct text text_ratio(double ratio) {
  return ratio == 0 ? text_format("0") : three(ratio, "");
}

struct text text_share(double share) {
  const double p = 100 * share;
  const bool tiny = fabs(p) < 0.005 && p != 0;
  return text_format(tiny ? "%.1g %%" : fabs(p) < 99.995 ? "%.2f %%" : "%.0f %%", p);
}

struct text text_overhead(double share) {
  return text_format(fabs(share) < 9.9995 ? "%+.2f %%" : "%+.0f %%", 100 * share);
}

struct text text_tokens(double tokens) {
  return tokens < 999.5 ? three(tokens, "") : text_count((uint64_t)llround(fmin(tokens, 1e18)));
}

struct text text_plural(uint64_t n, const char *one, const char *many) {
  return text_format("%s %s", text_count(n).s, n == 1 ? one : many);
}

int prose_begin(struct prose *p) {
  *p = (struct prose){0};
  p->out = open_memstream(&p->s, &p->n);
  return p->out ? 0 : -ENOMEM;
}

void prose_end(struct prose *p) {
  const bool lost = ferror(p->out);
  if (fclose(p->out) || lost) {
    free(p->s);
    p->s = NULL;
  }
}
