#include "host/experiment/setup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/experiment/size.h"

// What is wrong so far: all of it is told, the first decides.
struct check {
  const struct shira_run_options *options;
  struct shira_error *first;
  int rc;
};

static void complain(struct check *c, int rc, const struct shira_error *err) {
  if (!rc)
    return;
  if (!c->rc) {
    c->rc = rc;
    if (c->first)
      *c->first = *err;
  }
  if (c->options->complain)
    c->options->complain(c->options->arg, err->text);
}

enum shira_adapter_kind setup_kind_of(enum shira_strategy s) {
  return s == SHIRA_STRATEGY_SHIRA_SCATTER || s == SHIRA_STRATEGY_SHIRA_OVERLAY ||
                 s == SHIRA_STRATEGY_SHIRA_DRAM
             ? SHIRA_ADAPTER_SHIRA
             : SHIRA_ADAPTER_LORA;
}

static bool wants(const struct shira_experiment *e, enum shira_adapter_kind kind) {
  for (int s = SHIRA_STRATEGY_BASE + 1; s < SHIRA_STRATEGY_COUNT; s++)
    if (e->strategy[s] && setup_kind_of((enum shira_strategy)s) == kind)
      return true;
  return false;
}

// ---- Machines ---------------------------------------------------------------------------------

static int check_machine(const struct setup *s, uint32_t i, const struct shira_run_options *o,
                         struct shira_error *err) {
  int rc = shira_machine_load(s->experiment.machines[i], &s->machine[i], err);
  if (rc)
    return rc;
  if (s->machine[i].counters != SHIRA_COUNTER_SET_FULL) {
    rc = shira_fail(err, EINVAL,
                    "'%s' has counters: basic; allowed: full, as traffic by class and states of "
                    "engines have no figure without",
                    s->machine[i].name);
    return shira_experiment_blame(&s->experiment, &s->experiment.machine_where[i], rc, err);
  }
  for (uint32_t k = 0; k < i; k++)
    if (!strcmp(s->machine[k].name, s->machine[i].name))
      return shira_fail(err, EINVAL, "%s: two machines have the name '%s'",
                        s->experiment.machines[i], s->machine[i].name);
  char library[1024];
  snprintf(library, sizeof(library), "%s/%08x/%s", o->rtl_root,
           shira_machine_rtl_hash(&s->machine[i]),
           o->rtl_library ? o->rtl_library : "libshira_rtl.so");
  if (!strcmp(o->backend, "rtl") && !o->waves && access(library, R_OK))
    return shira_fail(err, errno, "cannot open '%s': %s; build it with 'make rtl MACHINES=%s'",
                      library, strerror(errno), s->experiment.machines[i]);
  return 0;
}

// ---- Workloads --------------------------------------------------------------------------------

static int open_workload(struct setup *s, uint32_t i, struct shira_error *err) {
  const struct shira_workload *spec = &s->experiment.workloads[i];
  struct setup_workload *w = &s->workload[i];
  int rc;
  if (spec->square) {
    w->side = spec->square;
    snprintf(w->name, sizeof(w->name), "%ux%u", spec->square, spec->square);
    rc = shira_model_square(spec->square, &w->model, err);
  } else {
    rc = shira_model_load(spec->model, &w->model, err);
    if (!rc && spec->blocks && (rc = shira_model_keep(&w->model, spec->first, spec->blocks, err)))
      shira_fail(err, -rc, "%s: %s", spec->model, err->text);
    if (spec->first)
      snprintf(w->name, sizeof(w->name), "%s-block%u", w->model.name, spec->first);
    else
      snprintf(w->name, sizeof(w->name), "%s", w->model.name);
  }
  for (uint32_t k = 0; !rc && k < i; k++)
    if (!strcmp(s->workload[k].name, w->name))
      rc = shira_fail(err, EINVAL, "two workloads have the name '%s'", w->name);
  return rc;
}

// ---- Adapters and weights ---------------------------------------------------------------------

static int load_given(struct setup *s, enum shira_adapter_kind kind, const char *dir, int which,
                      struct shira_error *err) {
  struct shira_adapter *a = &s->given[kind][which];
  int rc = shira_adapter_load(dir, &s->workload[0].model, a, err);
  if (!rc && a->kind != kind)
    rc = shira_fail(err, EINVAL, "'%s': is of kind %s, the experiment has it under %s", dir,
                    shira_adapter_kind_name(a->kind), shira_adapter_kind_name(kind));
  for (uint32_t k = 0; !rc && k < a->n_warnings; k++)
    fprintf(stderr, "shirasim: warning: '%s': %s\n", dir, a->warnings[k]);
  return rc;
}

static void check_given(struct setup *s, struct check *c) {
  const struct shira_experiment *e = &s->experiment;
  const struct shira_adapter_pair *pair[SHIRA_ADAPTER_KINDS] = {
      [SHIRA_ADAPTER_SHIRA] = &e->shira, [SHIRA_ADAPTER_LORA] = &e->lora};
  struct shira_error err = {{0}};
  for (int k = 0; k < SHIRA_ADAPTER_KINDS; k++) {
    if (!pair[k]->given || !wants(e, (enum shira_adapter_kind)k))
      continue;
    for (int i = 0; i < ADAPTERS; i++) {
      const char *dir = i == ADAPTER_A ? pair[k]->a : pair[k]->b;
      int rc = load_given(s, (enum shira_adapter_kind)k, dir, i, &err);
      complain(c, shira_experiment_blame(e, &pair[k]->where, rc, &err), &err);
    }
  }
  if (e->weights[0]) {
    int rc = shira_weights_load(e->weights, &s->workload[0].model, &s->weights, &err);
    complain(c, shira_experiment_blame(e, &e->weights_where, rc, &err), &err);
  }
}

// The pairs of one workload: returns how many; writes them where `pair` is not NULL.
static uint32_t list_pairs(const struct setup *s, struct setup_pair *pair) {
  const struct shira_experiment *e = &s->experiment;
  struct setup_pair list[SHIRA_MASK_COUNT + SHIRA_MAX_RANKS + 2];
  uint32_t n = 0;
  memset(list, 0, sizeof(list));
  for (int k = 0; k < SHIRA_ADAPTER_KINDS; k++) {
    const bool shira = k == SHIRA_ADAPTER_SHIRA;
    if (!wants(e, (enum shira_adapter_kind)k))
      continue;
    if (shira ? e->shira.given : e->lora.given) {
      struct setup_pair *p = &list[n++];
      *p = (struct setup_pair){.kind = (enum shira_adapter_kind)k,
                               .mask = SHIRA_MASK_COUNT,
                               .size = SHIRA_PAIR_GIVEN,
                               .given = {&s->given[k][ADAPTER_A], &s->given[k][ADAPTER_B]}};
      snprintf(p->name, sizeof(p->name), "given-%s", shira_adapter_kind_name((unsigned)k));
      continue;
    }
    for (uint32_t i = 0; i < (shira ? SHIRA_MASK_COUNT : e->n_ranks); i++) {
      if (shira && !e->mask[i])
        continue;
      struct setup_pair *p = &list[n++];
      p->kind = (enum shira_adapter_kind)k;
      p->mask = shira ? i : SHIRA_MASK_COUNT;
      p->rank = shira ? 0 : e->rank[i];
      p->size = shira || p->rank != SHIRA_RANK_EQUAL ? SHIRA_PAIR_PAPERS : SHIRA_PAIR_EQUAL;
      if (shira)
        snprintf(p->name, sizeof(p->name), "%s", shira_mask_name(i));
      else if (p->size == SHIRA_PAIR_EQUAL)
        snprintf(p->name, sizeof(p->name), "rank-equal");
      else
        snprintf(p->name, sizeof(p->name), "rank-%u", p->rank);
    }
  }
  if (pair)
    memcpy(pair, list, n * sizeof(*pair));
  return n;
}

// ---- All of it --------------------------------------------------------------------------------

static int allocate(struct setup *s, struct shira_error *err) {
  const struct shira_experiment *e = &s->experiment;
  s->pairs_per_workload = list_pairs(s, NULL);
  s->machine = calloc(e->n_machines, sizeof(*s->machine));
  s->workload = calloc(e->n_workloads, sizeof(*s->workload));
  s->pair = calloc((size_t)e->n_workloads * s->pairs_per_workload + 1, sizeof(*s->pair));
  if (!s->machine || !s->workload || !s->pair)
    return shira_fail(err, ENOMEM, "out of memory");
  for (uint32_t w = 0; w < e->n_workloads; w++)
    list_pairs(s, s->pair + (size_t)w * s->pairs_per_workload);
  return 0;
}

int setup_load(struct setup *s, const char *path, const struct shira_run_options *options,
               struct shira_error *first) {
  struct check c = {.options = options, .first = first};
  struct shira_error err = {{0}};
  memset(s, 0, sizeof(*s));
  int rc = shira_experiment_load(path, options->root, &s->experiment, &err);
  if (!rc)
    rc = allocate(s, &err);
  complain(&c, rc, &err);
  if (rc)
    return rc;
  s->seed = options->has_seed ? options->seed : s->experiment.seed;
  for (uint32_t i = 0; i < s->experiment.n_machines; i++)
    complain(&c, check_machine(s, i, options, &err), &err);
  for (uint32_t i = 0; i < s->experiment.n_workloads; i++) {
    rc = open_workload(s, i, &err);
    complain(&c,
             shira_experiment_blame(&s->experiment, &s->experiment.workloads[i].where, rc, &err),
             &err);
  }
  if (!c.rc)
    check_given(s, &c);
  if (c.rc)
    return c.rc;
  for (uint32_t m = 0; m < s->experiment.n_machines; m++)
    for (uint32_t w = 0; w < s->experiment.n_workloads; w++)
      for (uint32_t p = 0; p < SHIRA_PLACED_COUNT; p++)
        if (s->experiment.placed[p] && s->experiment.workloads[w].tokens_on[m]) {
          rc = size_check(s, m, w, (enum shira_placed)p, &err);
          complain(
              &c,
              shira_experiment_blame(&s->experiment, &s->experiment.workloads[w].where, rc, &err),
              &err);
        }
  return c.rc;
}

void setup_free(struct setup *s) {
  for (uint32_t i = 0; s->workload && i < s->experiment.n_workloads; i++)
    shira_model_free(&s->workload[i].model);
  for (int k = 0; k < SHIRA_ADAPTER_KINDS; k++)
    for (int i = 0; i < ADAPTERS; i++)
      shira_adapter_free(&s->given[k][i]);
  shira_weights_free(&s->weights);
  free(s->machine);
  free(s->workload);
  free(s->pair);
  memset(s, 0, sizeof(*s));
}
