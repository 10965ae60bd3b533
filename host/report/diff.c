// Two reports side by side.
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/report/product.h"
#include "shira/report.h"

// A point of one of the reports, by what it is matched by.
struct point {
  char *id;
  double us; // NAN: not measured, or not timed
};

static int compare_points(const void *a, const void *b) {
  const struct point *x = a, *y = b;
  return strcmp(x->id, y->id);
}

static void free_points(struct point *p, uint32_t n) {
  for (uint32_t i = 0; p && i < n; i++)
    free(p[i].id);
  free(p);
}

// All points by id, without the machine where `bare`. NULL: no memory.
static struct point *points_of(const struct shira_report *r, bool bare) {
  struct point *p = calloc((size_t)r->n_results + 1, sizeof(*p));
  for (uint32_t i = 0; p && i < r->n_results; i++) {
    const struct shira_result *it = &r->results[i];
    const size_t machine = bare ? strlen(r->machines[it->key.machine].hw.name) + 1 : 0;
    p[i].id = shira_report_id(r, &it->key);
    if (!p[i].id) {
      free_points(p, i);
      return NULL;
    }
    memmove(p[i].id, p[i].id + machine, strlen(p[i].id + machine) + 1);
    p[i].us = index_timed(it) ? measure_us(r, it) : NAN;
  }
  if (p)
    qsort(p, r->n_results, sizeof(*p), compare_points);
  return p;
}

static void add_us(struct table *t, const struct point *p) {
  table_cell(t, "%s", !p ? "none" : isnan(p->us) ? "not timed" : text_format("%.3f", p->us).s);
}

// Adds a row where the two differ, or one is NULL; returns whether it did.
static bool add_row(struct table *t, const struct point *a, const struct point *b,
                    double tolerance) {
  if (a && b && ((isnan(a->us) && isnan(b->us)) || fabs(b->us - a->us) <= tolerance * a->us))
    return false;
  const bool both = a && b && a->us > 0 && !isnan(b->us);
  table_cell(t, "%s", a ? a->id : b->id);
  add_us(t, a);
  add_us(t, b);
  table_cell(t, "%s", both ? text_overhead(b->us / a->us - 1).s : "-");
  return true;
}

static const char *title_of(const struct shira_report *r) {
  return r->n_machines == 1 ? r->machines[0].hw.name : r->experiment.name;
}

int shira_report_compare(const struct shira_report *a, const struct shira_report *b,
                         double tolerance, FILE *out, struct shira_error *err) {
  static const char *const head[] = {"point", ">first us", ">second us", ">change"};
  const bool bare = a->n_machines == 1 && b->n_machines == 1;
  struct point *p = points_of(a, bare), *q = points_of(b, bare);
  uint32_t both = 0, differ = 0, alone = 0;
  struct table t;
  table_begin(&t, head, 4);
  for (uint32_t i = 0, k = 0; p && q && (i < a->n_results || k < b->n_results);) {
    const int order = i == a->n_results ? 1 : k == b->n_results ? -1 : strcmp(p[i].id, q[k].id);
    const bool row = add_row(&t, order <= 0 ? &p[i] : NULL, order >= 0 ? &q[k] : NULL, tolerance);
    both += order == 0;
    differ += order == 0 && row;
    alone += order != 0;
    i += order <= 0;
    k += order >= 0;
  }
  const bool whole = p && q;
  free_points(p, a->n_results);
  free_points(q, b->n_results);
  fprintf(out, "first: %s, %s\nsecond: %s, %s\n", title_of(a), a->program, title_of(b), b->program);
  if (!table_end(&t, "Points that differ, or that only one has", false, out) || !whole)
    return shira_fail(err, ENOMEM, "no memory to compare reports");
  fprintf(out,
          "\n%" PRIu32 " of %" PRIu32 " points differ by more than %g %%, %" PRIu32
          " have no counterpart\n",
          differ, both, 100 * tolerance, alone);
  return (int)(differ + alone);
}
