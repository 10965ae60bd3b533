// The parts of a report. All of them read struct shira_report and nothing else.
#ifndef SHIRA_REPORT_REPORT_H
#define SHIRA_REPORT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "shira/experiment.h"

// Bytes of one traffic class that crossed the memory bus.
static inline uint64_t traffic_read(const struct shira_measure *m, unsigned c) {
  return m->counters[SHIRA_COUNTER_READ_BYTES_DESCRIPTOR + c];
}

static inline uint64_t traffic_written(const struct shira_measure *m, unsigned c) {
  return m->counters[SHIRA_COUNTER_WRITTEN_BYTES_DESCRIPTOR + c];
}

// The figures of an area: their names in JSON and in a table's head, and what they are.
extern const struct area_figure { const char *key, *title, *means; } area_figures[SHIRA_AREA_COUNT];

// Each writes one file. Errors: -errno of the file, with a sentence.
int report_json(const struct shira_report *r, const char *path, struct shira_error *err);
int report_times(const struct shira_report *r, const char *path, struct shira_error *err);
int report_html(const struct shira_report *r, const char *path, struct shira_error *err);

// Writes one plot as SVG to `out`, drawn by gnuplot. Errors: -ENOENT gnuplot is missing, -EIO.
enum report_plot { PLOT_SWITCH, PLOT_TRAFFIC, PLOT_OVERHEAD, PLOT_CYCLES, PLOTS };
int report_plot(const struct shira_report *r, enum report_plot which, FILE *out,
                struct shira_error *err);

// The answer in words, made from the numbers, as HTML.
void report_words(const struct shira_report *r, FILE *out);

#endif
