// Figures from samples: the one place where a median, a range or a winner is made.
#ifndef SHIRA_REPORT_MEASURE_H
#define SHIRA_REPORT_MEASURE_H

#include "host/report/index.h"

// Cycles by the eighth of the refresh interval in which a program began, and the figure.
struct cost {
  double figure;
  double at[SHIRA_MAX_SAMPLES];
  uint32_t has; // bit e: there is a sample of eighth e
};

enum side { SIDE_SHIRA, SIDE_LORA, SIDE_SAME, SIDES };
const char *side_name(unsigned side); // "shira", "lora", "same"; NULL if out of range

// The figure (shira_figure) in microseconds at the clock of the result's machine.
double measure_us(const struct shira_report *r, const struct shira_result *it);
uint64_t measure_low(const struct shira_measure *m);
uint64_t measure_high(const struct shira_measure *m);

// bound_cycles / figure, of the bound as report.json has it; NAN where there are no cycles.
double measure_of_bound(const struct shira_measure *m);

// Of a measure that has samples. What takes no cycle does so in every eighth.
struct cost cost_of(const struct shira_measure *m);

// a + times * b, eighth by eighth, and the figures likewise.
struct cost cost_sum(const struct cost *a, double times, const struct cost *b);

// -1: `a` is the less in every eighth that both have, 1: `b` is, 0: neither, or none is common.
int cost_less(const struct cost *a, const struct cost *b);

// a / b of the figures, with the least and the most over the eighths that both have. NAN where b is
// 0, low and high where no eighth is common.
struct ratio {
  double figure, low, high;
};
struct ratio cost_ratio(const struct cost *a, const struct cost *b);

// What a pass costs over the same pass with base weights, minus 1; NAN where one is not there.
struct overhead {
  struct ratio share;
  bool same; // the differences over the eighths have not all one sign
};
struct overhead measure_overhead(const struct shira_result *pass, const struct shira_result *base);

#endif
