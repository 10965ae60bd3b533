// Measures one strategy on a workload: base -> A -> B -> base, with passes while B is active.
#ifndef SHIRA_EXPERIMENT_STRATEGY_H
#define SHIRA_EXPERIMENT_STRATEGY_H

#include "host/experiment/bench.h"

// What a strategy is measured with.
struct trial {
  enum shira_strategy strategy;
  const struct shira_experiment *exp;
  const struct packed *pair;             // A and B; NULL for base
  const char *mask;                      // of SHiRA adapters, "" otherwise
  const struct shira_measure *base_pass; // by token count; NULL while base itself is measured
};

// Appends the trial's results to the report. Errors: the driver's and the reference's with a
// sentence; a result that is wrong or below its bound is appended and judged by the caller.
int strategy_measure(struct bench *b, const struct truth *truth, const struct trial *t,
                     struct shira_report *report, struct shira_error *err);

// The least cycles of a switch (from NULL: base) and of a pass, from the experiment alone.
// switch_bound's errors: those of shira_demand_scatter.
int switch_bound(const struct workload *w, const struct trial *t, const struct packed *from,
                 const struct packed *to, double *cycles, const char **limit);
double pass_bound(const struct workload *w, const struct trial *t, uint32_t tokens,
                  const char **limit);

#endif
