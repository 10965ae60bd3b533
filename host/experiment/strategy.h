// Measures one strategy on a workload: base -> A -> B -> base, with passes while A and B are
// active.
#ifndef SHIRA_EXPERIMENT_STRATEGY_H
#define SHIRA_EXPERIMENT_STRATEGY_H

#include "host/experiment/bench.h"

// What a strategy is measured with. The placement of the weights is the workload's.
struct trial {
  enum shira_strategy strategy;
  enum shira_undo undo; // SHIRA_UNDO_COUNT: the strategy has none
  enum shira_kept kept;
  const struct shira_experiment *exp;
  const struct packed *pair;             // A and B; NULL for base
  const char *mask;                      // of SHiRA adapters, "" otherwise
  double sequential_mb_s;                // that the memory gives
  const struct shira_measure *base_pass; // by token count; NULL while base itself is measured
};

// No adapter, beside ADAPTER_A and ADAPTER_B.
#define NONE (-1)

// Appends the trial's results to the report. Errors: the driver's and the reference's with a
// sentence; a result that is wrong or below its bound is appended and judged by the caller.
int strategy_measure(struct bench *b, const struct truth *truth, const struct trial *t,
                     struct shira_report *report, struct shira_error *err);

// ---- switch.c: what a switch does ----

struct step {
  const struct trial *t;
  int from, to; // ADAPTER_A, ADAPTER_B or NONE
};

// The switch changes nothing but the address that passes read.
bool by_pointer(const struct trial *t, const struct shira_placement *r);

// Plan of a switch; arg is a struct step.
int plan_switch(const struct bench *b, const struct side *s, const void *arg,
                struct shira_program *p);

// Fresh base weights, and what the trial wants beside them before its first switch; arg is the
// trial. Outside every measurement.
int plan_start(const struct bench *b, const struct side *s, const void *arg,
               struct shira_program *p);

// Updates and bytes of the streams of a switch.
void switch_streams(const struct bench *b, const struct step *st, struct shira_result *res);

// Bytes that are kept of an adapter while it is not active, so that the trial can switch to it.
uint64_t kept_bytes(const struct workload *w, const struct trial *t, const struct packed *p);

// Plan of a pass; arg is a struct pass_arg.
struct pass_arg {
  const struct trial *t;
  int active;
  uint32_t index; // into the workload's inputs
};
int plan_pass(const struct bench *b, const struct side *s, const void *arg,
              struct shira_program *p);

// ---- limits.c ----

// The least cycles of a switch (from or to NULL: base) and of a pass with `active` (NULL: base),
// from the experiment alone and, for `home`, where streamed weights lie: the bounds of *m. Errors:
// those of shira_demand_scatter.
int switch_bound(const struct workload *w, const struct trial *t, const struct packed *from,
                 const struct packed *to, uint64_t home, struct shira_measure *m);
int pass_bound(const struct workload *w, const struct trial *t, const struct packed *active,
               uint32_t tokens, struct shira_measure *m);

#endif
