#include "host/experiment/points.h"

#include <errno.h>
#include <stdlib.h>

struct list {
  struct shira_case *cases;
  uint32_t n, capacity;
  bool failed;
};

static void add(struct list *l, const struct shira_case *c) {
  if (l->n == l->capacity) {
    uint32_t capacity = l->capacity ? 2 * l->capacity : 256;
    struct shira_case *grown = realloc(l->cases, capacity * sizeof(*grown));
    if (!grown) {
      l->failed = true;
      return;
    }
    l->cases = grown;
    l->capacity = capacity;
  }
  l->cases[l->n++] = *c;
}

// The passes with the weights that `c` makes active.
static void add_passes(struct list *l, const struct shira_experiment *e,
                       const struct shira_case *c) {
  for (uint32_t t = 0; t < e->n_tokens; t++) {
    const struct shira_case pass = shira_case_pass(c, e->tokens[t]);
    if (e->workloads[c->workload].tokens_on[c->machine] >> t & 1)
      add(l, &pass);
  }
}

// A switch, and the passes with the adapter that it makes active.
static void add_switch(struct list *l, const struct shira_experiment *e, struct shira_case c,
                       enum shira_active from, enum shira_active to) {
  c.work = SHIRA_WORK_SWITCH;
  c.from = from;
  c.to = to;
  add(l, &c);
  add_passes(l, e, &c);
}

static void add_switches(struct list *l, const struct setup *s, struct shira_case c) {
  const struct shira_experiment *e = &s->experiment;
  for (uint32_t p = 0; p < s->pairs_per_workload; p++) {
    c.pair = c.workload * s->pairs_per_workload + p;
    if (s->pair[c.pair].kind != setup_kind_of((enum shira_strategy)c.strategy))
      continue;
    if (e->from[SHIRA_SWITCH_BASE])
      add_switch(l, e, c, SHIRA_ACTIVE_BASE, SHIRA_ACTIVE_A);
    if (e->from[SHIRA_SWITCH_OTHER])
      add_switch(l, e, c, SHIRA_ACTIVE_A, SHIRA_ACTIVE_B);
  }
}

// A strategy in each way that the experiment asks for.
static void add_strategy(struct list *l, const struct setup *s, struct shira_case c) {
  const struct shira_experiment *e = &s->experiment;
  const enum shira_strategy strategy = (enum shira_strategy)c.strategy;
  for (uint32_t k = 0; k < SHIRA_KEPT_COUNT; k++) {
    if (!e->kept[k] || !shira_strategy_kept(strategy, (enum shira_kept)k))
      continue;
    c.kept = k;
    bool undoes = false;
    for (uint32_t u = 0; u < SHIRA_UNDO_COUNT; u++) {
      if (!shira_strategy_undo(strategy, (enum shira_undo)u))
        continue;
      undoes = true;
      c.undo = u;
      if (e->undo[u])
        add_switches(l, s, c);
    }
    c.undo = SHIRA_UNDO_COUNT;
    if (!undoes)
      add_switches(l, s, c);
  }
}

static void add_placement(struct list *l, const struct setup *s, struct shira_case c) {
  const struct shira_experiment *e = &s->experiment;
  add_passes(l, e, &c);
  for (uint32_t st = SHIRA_STRATEGY_BASE + 1; st < SHIRA_STRATEGY_COUNT; st++) {
    c.strategy = st;
    if (e->strategy[st] &&
        shira_strategy_placed((enum shira_strategy)st, (enum shira_placed)c.placed))
      add_strategy(l, s, c);
  }
}

static int compare(const void *a, const void *b) {
  return shira_case_compare(a, b);
}

int points_list(const struct setup *s, struct shira_case **cases) {
  struct list l = {0};
  for (uint32_t m = 0; m < s->experiment.n_machines; m++)
    for (uint32_t w = 0; w < s->experiment.n_workloads; w++)
      for (uint32_t p = 0; p < SHIRA_PLACED_COUNT; p++)
        if (s->experiment.placed[p] && s->experiment.workloads[w].tokens_on[m])
          add_placement(&l, s,
                        (struct shira_case){.machine = m,
                                            .workload = w,
                                            .placed = p,
                                            .pair = SHIRA_NO_PAIR,
                                            .strategy = SHIRA_STRATEGY_BASE,
                                            .undo = SHIRA_UNDO_COUNT,
                                            .kept = SHIRA_KEPT_COUNT});
  if (l.failed) {
    free(l.cases);
    return -ENOMEM;
  }
  qsort(l.cases, l.n, sizeof(*l.cases), compare);
  uint32_t n = 0;
  for (uint32_t i = 0; i < l.n; i++) // equal passes are one point
    if (!i || shira_case_compare(&l.cases[i], &l.cases[n - 1]))
      l.cases[n++] = l.cases[i];
  *cases = l.cases;
  return (int)n;
}
