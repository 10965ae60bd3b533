#include "host/experiment/prepared.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/whole.h"

static const struct setup_pair *pair_of(const struct prepared *p, uint32_t pair) {
  return &p->setup->pair[p->index * p->setup->pairs_per_workload + pair];
}

int prepared_adapter_dir(const struct prepared *p, const struct shira_run_options *options,
                         uint32_t pair, int which, char dir[PATH_MAX], struct shira_error *err) {
  const struct setup_pair *spec = pair_of(p, pair);
  const struct shira_experiment *e = &p->setup->experiment;
  const struct shira_adapter_pair *given = spec->kind == SHIRA_ADAPTER_SHIRA ? &e->shira : &e->lora;
  int n;
  if (spec->given[which])
    n = snprintf(dir, PATH_MAX, "%s", which == ADAPTER_A ? given->a : given->b);
  else
    n = snprintf(dir, PATH_MAX, "%s/%s-%s-%s-%c", options->work_dir, p->w.name,
                 shira_adapter_kind_name(spec->kind), spec->name, "AB"[which]);
  return n < 0 || n >= PATH_MAX
             ? shira_fail(err, ENAMETOOLONG, "'%s': the path is too long", options->work_dir)
             : 0;
}

static int make(struct prepared *p, const struct shira_run_options *options, uint32_t pair,
                const struct shira_adapter_make_options *kind, struct shira_error *err) {
  for (int i = 0; i < ADAPTERS; i++) {
    struct shira_adapter_make_options o = *kind;
    char dir[PATH_MAX];
    o.seed = p->w.seed + 1 + (uint64_t)i;
    int rc = prepared_adapter_dir(p, options, pair, i, dir, err);
    if (!rc)
      rc = shira_whole_sweep(dir, 0, NULL, NULL, err); // of runs that were killed
    if (!rc)
      rc = shira_adapter_make(&o, &p->w.model, &p->w.weights, dir, NULL, err);
    if (!rc)
      rc = shira_adapter_load(dir, &p->w.model, &p->made[pair][i], err);
    if (rc)
      return rc;
    p->adapter[pair][i] = &p->made[pair][i];
  }
  return 0;
}

// Share of the targeted weights that the first SHiRA adapter stores.
static double shira_density(const struct prepared *p) {
  for (uint32_t i = 0; i < p->setup->pairs_per_workload; i++) {
    const struct shira_adapter *a = p->adapter[i][ADAPTER_A];
    double stored = 0, targeted = 0;
    if (!a || a->kind != SHIRA_ADAPTER_SHIRA)
      continue;
    for (uint32_t m = 0; m < a->n_modules; m++) {
      stored += a->modules[m].count;
      targeted += (double)a->modules[m].out * a->modules[m].in;
    }
    return targeted > 0 ? stored / targeted : 0;
  }
  return 0;
}

// SHiRA pairs come first: a LoRA pair may follow their size.
static int prepare_pair(struct prepared *p, const struct shira_run_options *options, uint32_t pair,
                        struct shira_error *err) {
  const struct shira_experiment *e = &p->setup->experiment;
  const struct setup_pair *spec = pair_of(p, pair);
  struct shira_adapter_make_options o = {.kind = spec->kind, .strength = e->strength};
  if (spec->given[ADAPTER_A]) {
    memcpy(p->adapter[pair], spec->given, sizeof(spec->given));
    return 0;
  }
  if (spec->kind == SHIRA_ADAPTER_SHIRA) {
    o.density = e->density;
    o.mask = (enum shira_mask)spec->mask;
  } else if (spec->size == SHIRA_PAIR_EQUAL) {
    o.density = shira_density(p);
  } else {
    o.rank = spec->rank;
  }
  return make(p, options, pair, &o, err);
}

int prepared_init(struct prepared *p, const struct setup *setup, uint32_t machine,
                  uint32_t workload, const struct shira_run_options *options,
                  struct shira_error *err) {
  const uint32_t n = setup->pairs_per_workload;
  memset(p, 0, sizeof(*p));
  p->setup = setup;
  p->index = workload;
  int rc = workload_init(&p->w, setup, machine, workload, err);
  if (rc)
    return rc;
  p->made = calloc(n + 1, sizeof(*p->made));
  p->adapter = calloc(n + 1, sizeof(*p->adapter));
  if (!p->made || !p->adapter)
    rc = shira_fail(err, ENOMEM, "out of memory");
  for (uint32_t i = 0; !rc && i < n; i++)
    rc = prepare_pair(p, options, i, err);
  if (!rc)
    rc = truth_init(&p->truth, &p->w, err);
  if (rc)
    prepared_free(p);
  return rc;
}

void prepared_free(struct prepared *p) {
  if (p->truth.w)
    truth_free(&p->truth);
  for (uint32_t i = 0; p->made && i < p->setup->pairs_per_workload; i++)
    for (int a = 0; a < ADAPTERS; a++)
      shira_adapter_free(&p->made[i][a]);
  free(p->made);
  free(p->adapter);
  if (p->setup)
    workload_free(&p->w);
  memset(p, 0, sizeof(*p));
}
