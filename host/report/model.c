#include "host/report/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/report/measure.h"

// A result that may belong to a row, with what the others of the row have in common with it.
struct entry {
  const struct shira_result *it;
  const struct shira_workload_facts *w;
  const char *pair;
};

// 0: of one row. Cases are compared without workload and pair, whose names tell instead.
static int compare_rows(const struct entry *a, const struct entry *b) {
  struct shira_case x = a->it->key, y = b->it->key;
  x.workload = y.workload = 0;
  x.pair = y.pair = 0;
  int order = strcmp(a->w->model, b->w->model);
  if (!order)
    order = (a->w->blocks.n > b->w->blocks.n) - (a->w->blocks.n < b->w->blocks.n);
  if (!order)
    order = strcmp(a->pair, b->pair);
  return order ? order : shira_case_compare(&x, &y);
}

static int compare_entries(const void *a, const void *b) {
  const struct entry *x = a, *y = b;
  int order = compare_rows(x, y);
  return order ? order : shira_case_compare(&x->it->key, &y->it->key);
}

static void fill_row(struct model_row *row, const struct shira_blocks *blocks) {
  double sum = 0, kept = 0, least = 0, most = 0;
  for (uint32_t i = 0; i < row->n; i++) {
    const double cycles = (double)shira_figure(&row->it[i]->m);
    sum += cycles;
    kept += (double)row->it[i]->sw.kept_bytes;
    least = !i || cycles < least ? cycles : least;
    most = cycles > most ? cycles : most;
  }
  const double scale = (double)blocks->all / blocks->n / row->n;
  row->cycles = sum * scale;
  row->differ = sum > 0 ? (most - least) * row->n / sum : 0;
  row->kept_bytes = kept * scale;
}

static uint32_t gather(const struct index *x, struct entry *e) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < x->n; i++) {
    const struct shira_result *it = x->at[i];
    const struct shira_workload_facts *w = &x->r->workloads[it->key.workload];
    if (index_timed(it) && !w->side && w->blocks.n && w->blocks.n < w->blocks.all)
      e[n++] =
          (struct entry){it, w, it->key.pair < x->r->n_pairs ? x->r->pairs[it->key.pair].name : ""};
  }
  qsort(e, n, sizeof(*e), compare_entries);
  return n;
}

int models_make(const struct index *x, struct models *m, struct shira_error *err) {
  struct entry *e = calloc((size_t)x->n + 1, sizeof(*e));
  *m = (struct models){.at = calloc((size_t)x->n + 1, sizeof(*m->at)),
                       .sorted = calloc((size_t)x->n + 1, sizeof(*m->sorted))};
  if (!e || !m->at || !m->sorted) {
    free(e);
    models_free(m);
    return shira_fail(err, ENOMEM, "no memory for the report's models");
  }
  const uint32_t n = gather(x, e);
  for (uint32_t i = 0, next; i < n; i = next) {
    struct model_row *row = &m->at[m->n];
    *row = (struct model_row){.it = m->sorted + i};
    for (next = i; next < n && !compare_rows(&e[i], &e[next]); next++)
      row->it[row->n++] = e[next].it;
    if (row->n < 2)
      continue;
    fill_row(row, &e[i].w->blocks);
    m->n++;
  }
  free(e);
  return 0;
}

void models_free(struct models *m) {
  free(m->at);
  free(m->sorted);
  *m = (struct models){0};
}
