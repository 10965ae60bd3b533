#include "host/report/index.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "shira/report.h"

// ---- Building ---------------------------------------------------------------------------------

static int compare_results(const void *a, const void *b) {
  const struct shira_result *const *x = a, *const *y = b;
  return shira_case_compare(&(*x)->key, &(*y)->key);
}

static bool names_what_is_there(const struct shira_report *r, const struct shira_case *c) {
  return c->machine < r->n_machines && c->workload < r->n_workloads &&
         c->placed < SHIRA_PLACED_COUNT && c->strategy < SHIRA_STRATEGY_COUNT &&
         c->from < SHIRA_ACTIVE_COUNT && c->to < SHIRA_ACTIVE_COUNT && c->work < SHIRA_WORK_COUNT &&
         (c->pair == SHIRA_NO_PAIR || c->pair < r->n_pairs);
}

static bool in_group(const struct group *g, const struct shira_case *c) {
  return g->machine == c->machine && g->workload == c->workload && g->placed == c->placed;
}

static void find_groups(struct index *x) {
  for (uint32_t i = 0; i < x->n; i++) {
    const struct shira_case *c = &x->at[i]->key;
    struct group *last = x->n_groups ? &x->groups[x->n_groups - 1] : NULL;
    if (!last || !in_group(last, c)) {
      last = &x->groups[x->n_groups++];
      *last = (struct group){.machine = c->machine, c->workload, c->placed, .first = i};
    }
    last->n++;
    last->other = last->other || (c->work == SHIRA_WORK_SWITCH && c->from == SHIRA_ACTIVE_A &&
                                  c->to == SHIRA_ACTIVE_B);
  }
}

int index_build(struct index *x, const struct shira_report *r, struct shira_error *err) {
  *x = (struct index){.r = r, .n = r->n_results};
  x->at = calloc((size_t)x->n + 1, sizeof(*x->at));
  x->groups = calloc((size_t)x->n + 1, sizeof(*x->groups));
  int rc = x->at && x->groups ? 0 : shira_fail(err, ENOMEM, "no memory for the report's index");
  for (uint32_t i = 0; !rc && i < x->n; i++) {
    x->at[i] = &r->results[i];
    if (!names_what_is_there(r, &r->results[i].key))
      rc = shira_fail(err, EINVAL, "result %" PRIu32 " names what the report does not have", i);
  }
  if (!rc)
    qsort(x->at, x->n, sizeof(*x->at), compare_results);
  for (uint32_t i = 1; !rc && i < x->n; i++)
    if (!shira_case_compare(&x->at[i - 1]->key, &x->at[i]->key))
      rc = shira_fail(err, EINVAL, "two results of the report are of the same point");
  if (rc)
    index_free(x);
  else
    find_groups(x);
  return rc;
}

void index_free(struct index *x) {
  free(x->at);
  free(x->groups);
  *x = (struct index){0};
}

// ---- Asking -----------------------------------------------------------------------------------

static int compare_case(const void *key, const void *at) {
  const struct shira_result *const *it = at;
  return shira_case_compare(key, &(*it)->key);
}

const struct shira_result *index_find(const struct index *x, const struct shira_case *c) {
  const struct shira_result **it = bsearch(c, x->at, x->n, sizeof(*x->at), compare_case);
  return it ? *it : NULL;
}

bool index_timed(const struct shira_result *it) {
  return it && it->done && it->timed && it->m.n_samples;
}

static const struct shira_result *timed(const struct index *x, struct shira_case c) {
  const struct shira_result *it = index_find(x, &c);
  return index_timed(it) ? it : NULL;
}

const struct shira_result *index_pass(const struct index *x, const struct shira_case *s,
                                      uint32_t tokens) {
  return timed(x, shira_case_pass(s, tokens));
}

const struct shira_result *index_base_pass(const struct index *x, const struct shira_case *s,
                                           uint32_t tokens) {
  struct shira_case back = *s;
  back.to = SHIRA_ACTIVE_BASE;
  return timed(x, shira_case_pass(&back, tokens));
}

bool index_is_shira(const struct shira_case *c) {
  return c->strategy == SHIRA_STRATEGY_SHIRA_SCATTER ||
         c->strategy == SHIRA_STRATEGY_SHIRA_OVERLAY || c->strategy == SHIRA_STRATEGY_SHIRA_DRAM;
}

bool index_is_lora(const struct shira_case *c) {
  return c->strategy != SHIRA_STRATEGY_BASE && !index_is_shira(c);
}
