// How numbers and names of a report read for people. Plain text.
#ifndef SHIRA_REPORT_TEXT_H
#define SHIRA_REPORT_TEXT_H

#include <stdio.h>

#include "shira/result.h"

// A text that was formatted: returned by value, so that several stand in one call.
struct text {
  char s[96];
};

struct text text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

struct text text_count(uint64_t v);       // 4,194,304
struct text text_bytes(double v);         // 4.19 MB (10^6 bytes)
struct text text_us(double us);           // 10.5 us, three digits; ms from 100 ms on
struct text text_ratio(double ratio);     // 23.8, three digits
struct text text_share(double share);     // 0.98 % of a share of 0.0098
struct text text_overhead(double share);  // +6.21 %
struct text text_tokens(double tokens);   // 3.94; 1,234
struct text text_plural(uint64_t n, const char *one, const char *many); // 1 point, 2 points

// "shira-scatter rand swap host": a strategy, its pair, and how it undoes and where adapters are
// kept where that is not the usual way (transition or clean, memory).
struct text text_label(const struct shira_report *r, const struct shira_case *c);

struct text text_way(const struct shira_case *c); // "A to B"

// "SHiRA rand 1.00 %", "LoRA rank 32", "LoRA ranks 4 to 8".
struct text text_pair(const struct shira_pair_facts *p);

struct text text_layer(const struct shira_workload_facts *w); // "42 linears of 6 blocks"

// Microseconds at the clock of the case's machine.
double text_cycles_us(const struct shira_report *r, const struct shira_case *c, double cycles);

// A text that grows. `s` is "" at first, and NULL when memory was out once.
struct prose {
  char *s;
  size_t n;
  FILE *out;
};

int prose_begin(struct prose *p); // -ENOMEM
void prose_end(struct prose *p);  // what was printed to out is in s; free it with free()

#endif
