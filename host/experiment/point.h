// Measures one point: a switch, with what it leaves behind, or a pass.
#ifndef SHIRA_EXPERIMENT_POINT_H
#define SHIRA_EXPERIMENT_POINT_H

#include "host/experiment/bench.h"

// What a strategy is measured with. The placement of the weights is the workload's.
struct trial {
  enum shira_strategy strategy;
  enum shira_undo undo;      // SHIRA_UNDO_COUNT: the strategy has none
  enum shira_kept kept;      // SHIRA_KEPT_COUNT: nothing is kept
  const struct packed *pair; // A and B; NULL for base
  double sequential_mb_s;    // that the memory gives
};

// No adapter, beside ADAPTER_A and ADAPTER_B.
#define NONE (-1)

// A point on a bench whose device has the base weights and nothing else.
struct point {
  struct shira_case key;
  struct trial trial;
  struct workload *w; // placed anew for the point
  const struct truth *truth;
  struct bench *bench;
  const struct shira_adapter *adapter[ADAPTERS]; // NULL for base
  uint64_t cycles_before;                        // that the device had run
};

// Measures it into *result: with the reason where it fails. What is wrong or below its bound is
// measured and judged by the caller. Errors: the driver's and the reference's, with a sentence.
int point_measure(struct point *p, struct shira_result *result, struct shira_error *err);

// ---- switch.c: what a switch does ----

struct change {
  const struct trial *t;
  int from, to; // ADAPTER_A, ADAPTER_B or NONE
};

// The switch changes nothing but the address that passes read.
bool by_pointer(const struct trial *t, const struct shira_placement *r);

// Plan of a switch; arg is a struct change.
int plan_switch(const struct bench *b, const struct seat *s, const void *arg,
                struct shira_program *p);

// Factors of both adapters into the weight SRAM, where they stay; arg is the trial.
int plan_chip(const struct bench *b, const struct seat *s, const void *arg,
              struct shira_program *p);

// Bytes of weight SRAM that LoRA factors need while `from` (or NONE) is active and `to` (or NONE)
// becomes active.
uint64_t factor_room(const struct trial *t, int from, int to);

// Updates and bytes of the streams of a switch.
void switch_streams(const struct bench *b, const struct change *st, struct shira_switch *sw);

// Bytes that are kept of an adapter while it is not active, so that the trial can switch to it.
uint64_t kept_bytes(const struct workload *w, const struct trial *t, const struct packed *p);

// Plan of a pass; arg is a struct pass_arg.
struct pass_arg {
  const struct trial *t;
  int active;
  uint32_t index; // into the workload's inputs
};
int plan_pass(const struct bench *b, const struct seat *s, const void *arg,
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
