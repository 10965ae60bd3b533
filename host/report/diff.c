// Two reports side by side.
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/report/table.h"
#include "shira/report.h"

// A point of one of the reports, by what it is matched by.
struct point {
  char *id;
  const struct shira_report *r;
  const struct shira_result *it;
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

// All points, by id; without the machine where `bare`.
static struct point *points_of(const struct shira_report *r, bool bare) {
  struct point *p = calloc((size_t)r->n_results + 1, sizeof(*p));
  for (uint32_t i = 0; p && i < r->n_results; i++) {
    p[i] = (struct point){shira_report_id(r, &r->results[i].key), r, &r->results[i]};
    if (!p[i].id) {
      free_points(p, i);
      return NULL;
    }
    const size_t machine = strlen(r->machines[r->results[i].key.machine].hw.name) + 1;
    if (bare)
      memmove(p[i].id, p[i].id + machine, strlen(p[i].id + machine) + 1);
  }
  if (p)
    qsort(p, r->n_results, sizeof(*p), compare_points);
  return p;
}

static double us_of(const struct point *p) {
  return index_timed(p->it)
             ? text_cycles_us(p->r, &p->it->key, (double)measure_figure(&p->it->m))
             : NAN;
}

static void add_us(struct table *t, double us) {
  if (isnan(us))
    table_cell(t, "not timed");
  else
    table_cell(t, "%.3f", us);
}

// Adds a row where both differ; returns whether they do.
static bool add_pair(struct table *t, const struct point *a, const struct point *b,
                     double tolerance) {
  const double x = us_of(a), y = us_of(b);
  if ((isnan(x) && isnan(y)) || x == y || fabs(y - x) <= tolerance * x)
    return false;
  table_cell(t, "%s", a->id);
  add_us(t, x);
  add_us(t, y);
  if (x > 0 && !isnan(y))
    table_cell(t, "%s", text_overhead(y / x - 1).s);
  else
    table_cell(t, "-");
  return true;
}

static void add_alone(struct table *t, const struct point *p, const char *in) {
  table_cell(t, "%s", p->id);
  table_cell(t, "%s", in);
}

static const char *title_of(const struct shira_report *r) {
  return r->n_machines == 1 ? r->machines[0].hw.name : r->experiment.name;
}

struct merge {
  struct table differ, alone;
  uint32_t both, n_differ, n_alone;
};

static void merge(struct merge *m, const struct point *a, uint32_t n, const struct point *b,
                  uint32_t o, double tolerance) {
  for (uint32_t i = 0, k = 0; i < n || k < o;) {
    const int order = i == n ? 1 : k == o ? -1 : strcmp(a[i].id, b[k].id);
    if (order) {
      add_alone(&m->alone, order < 0 ? &a[i] : &b[k], order < 0 ? "first" : "second");
      m->n_alone++;
    } else {
      m->both++;
      m->n_differ += add_pair(&m->differ, &a[i], &b[k], tolerance);
    }
    i += order <= 0;
    k += order >= 0;
  }
}

int shira_report_compare(const struct shira_report *a, const struct shira_report *b,
                         double tolerance, FILE *out, struct shira_error *err) {
  static const char *const differ[] = {"point", ">first us", ">second us", ">second / first"};
  static const char *const alone[] = {"point", "only in"};
  const bool bare = a->n_machines == 1 && b->n_machines == 1;
  struct point *p = points_of(a, bare), *q = points_of(b, bare);
  struct merge m = {.both = 0};
  int rc = p && q ? 0 : shira_fail(err, ENOMEM, "no memory to compare reports");
  if (!rc) {
    table_begin(&m.differ, differ, 4);
    table_begin(&m.alone, alone, 2);
    merge(&m, p, a->n_results, q, b->n_results, tolerance);
    fprintf(out, "first: %s on %s, %s\nsecond: %s on %s, %s\n", a->experiment.name, title_of(a),
            a->program, b->experiment.name, title_of(b), b->program);
    const bool whole = table_end(&m.differ, "Points that differ", false, out);
    if (!table_end(&m.alone, "Points that only one has", false, out) || !whole)
      rc = shira_fail(err, ENOMEM, "no memory to compare reports");
    fprintf(out, "\n%" PRIu32 " of %" PRIu32 " points differ by more than %g %%, %" PRIu32
                 " have no counterpart\n",
            m.n_differ, m.both, 100 * tolerance, m.n_alone);
  }
  free_points(p, a->n_results);
  free_points(q, b->n_results);
  return rc ? rc : (int)(m.n_differ + m.n_alone);
}
