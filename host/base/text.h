// Numbers as people read them, and texts in the making.
#ifndef SHIRA_BASE_TEXT_H
#define SHIRA_BASE_TEXT_H

#include <stdint.h>
#include <stdio.h>

// A text that was formatted: returned by value, so that several stand in one call.
struct text {
  char s[96];
};

struct text text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

struct text text_count(uint64_t v);      // 4,194,304
struct text text_bytes(double v);        // 4.19 MB (10^6 bytes)
struct text text_us(double us);          // 10.5 us, three digits; ms from 100 ms on
struct text text_ratio(double ratio);    // 23.8, three digits
struct text text_share(double share);    // 0.98 % of a share of 0.0098
struct text text_overhead(double share); // +6.21 %
struct text text_tokens(double tokens);  // 3.94; 1,234
struct text text_plural(uint64_t n, const char *one, const char *many); // 1 point, 2 points

// A text that grows. `s` is "" at first, and NULL when memory was out once.
struct prose {
  char *s;
  size_t n;
  FILE *out;
};

int prose_begin(struct prose *p); // -ENOMEM
void prose_end(struct prose *p);  // what was printed to out is in s; free it with free()

#endif
