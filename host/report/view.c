#include "host/report/view.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

const char *view_label(const struct shira_result *r, char buf[VIEW_LABEL]) {
  bool undo = r->undo[0] && strcmp(r->undo, "transition") && strcmp(r->undo, "clean");
  bool kept = r->kept[0] && strcmp(r->kept, "memory");
  snprintf(buf, VIEW_LABEL, "%s%s%s%s%s%s%s", r->strategy, r->mask[0] ? " " : "", r->mask,
           undo ? " " : "", undo ? r->undo : "", kept ? " " : "", kept ? r->kept : "");
  return buf;
}

const char *view_workload_name(const struct shira_result *r) {
  return r->dim ? r->layer : r->model;
}

bool view_same_workload(const struct shira_result *a, const struct shira_result *b) {
  return !strcmp(a->model, b->model) && !strcmp(a->layer, b->layer) &&
         !strcmp(a->placement, b->placement) && !strcmp(a->device, b->device);
}

bool view_equal_blocks(const struct shira_result *a, const struct shira_result *b) {
  return a->blocks.n && a->blocks.n == b->blocks.n && a->blocks.all == b->blocks.all &&
         a->blocks.first != b->blocks.first && !strcmp(a->model, b->model) &&
         !strcmp(a->placement, b->placement) && !strcmp(a->device, b->device);
}

bool view_first_of_workload(const struct shira_report *r, uint32_t i) {
  for (uint32_t k = 0; k < i; k++)
    if (view_same_workload(&r->results[k], &r->results[i]))
      return false;
  return true;
}

static bool in_host(const struct shira_result *r) {
  return !strcmp(r->kept, "host");
}

bool view_same_case(const struct shira_result *a, const struct shira_result *b) {
  return view_same_workload(a, b) && in_host(a) == in_host(b);
}

const char *view_kept(const struct shira_result *r) {
  return in_host(r) ? "the host's memory" : "memory";
}

const struct shira_result *view_focus(const struct shira_report *r) {
  const struct shira_result *focus = NULL;
  for (uint32_t i = 0; i < r->n_results; i++)
    if (!focus || r->results[i].dim > focus->dim)
      focus = &r->results[i];
  return focus;
}

static bool same_series(const struct shira_result *a, const struct shira_result *b) {
  return view_same_workload(a, b) && !strcmp(a->strategy, b->strategy) &&
         !strcmp(a->mask, b->mask) && !strcmp(a->undo, b->undo) && !strcmp(a->kept, b->kept);
}

bool view_is_main_switch(const struct shira_report *r, uint32_t i) {
  const struct shira_result *me = &r->results[i];
  if (!me->has_switch)
    return false;
  bool other = strcmp(me->from, "base");
  for (uint32_t k = 0; k < r->n_results; k++) {
    const struct shira_result *it = &r->results[k];
    if (k == i || !it->has_switch || !same_series(me, it))
      continue;
    bool it_other = strcmp(it->from, "base");
    if (it_other > other || (it_other == other && k < i))
      return false;
  }
  return true;
}

bool view_is_shira(const struct shira_result *r) {
  return !strncmp(r->strategy, "shira-", 6);
}

bool view_is_lora(const struct shira_result *r) {
  return !strncmp(r->strategy, "lora-", 5) || !strcmp(r->strategy, "reload");
}

bool view_is_base(const struct shira_result *r) {
  return !strcmp(r->strategy, "base");
}

static void quicker(const struct shira_result **best, const struct shira_result *it) {
  if (!*best || it->sw.cycles < (*best)->sw.cycles)
    *best = it;
}

struct view_pick view_pick(const struct shira_report *r, const struct shira_result *any) {
  struct view_pick p = {.r = r, .any = any};
  for (uint32_t i = 0; i < r->n_results; i++) {
    const struct shira_result *it = &r->results[i];
    if (!view_is_main_switch(r, i) || !view_same_case(any, it) || !view_timed_switch(it))
      continue;
    bool unfused = !strcmp(it->strategy, "lora-unfused");
    if (view_is_shira(it))
      quicker(&p.shira, it);
    if (view_is_lora(it))
      quicker(&p.lora, it);
    if (view_is_lora(it) && !unfused)
      quicker(&p.written, it);
    if (unfused)
      quicker(&p.unfused, it);
  }
  return p;
}

bool view_is_told(const struct shira_report *r, uint32_t i) {
  const struct shira_result *it = &r->results[i];
  if (!it->has_switch || (it->dim && it->dim != view_focus(r)->dim))
    return false;
  for (uint32_t k = 0; k < i; k++)
    if (r->results[k].has_switch && in_host(&r->results[k]) == in_host(it) &&
        (view_same_workload(&r->results[k], it) || view_equal_blocks(&r->results[k], it)))
      return false;
  return true;
}

double view_speed(double shira, double lora) {
  return shira == lora ? 1 : shira > 0 ? lora / shira : INFINITY;
}

static const struct shira_pass *pass_at(const struct shira_result *it, uint32_t m) {
  for (uint32_t k = 0; k < it->n_passes; k++)
    if (it->pass[k].tokens == m && view_timed(&it->pass[k].m))
      return &it->pass[k];
  return NULL;
}

double view_cost(const struct shira_result *it, uint32_t m, double tokens) {
  const struct shira_pass *p = pass_at(it, m);
  return p ? (double)it->sw.cycles + tokens / m * (double)p->m.cycles : INFINITY;
}

const struct shira_result *view_cheapest(const struct shira_report *r,
                                         const struct shira_result *any, bool shira, uint32_t m,
                                         double tokens) {
  const struct shira_result *best = NULL;
  for (uint32_t i = 0; i < r->n_results; i++) {
    const struct shira_result *it = &r->results[i];
    if (!view_is_main_switch(r, i) || !view_same_case(any, it) || !view_timed_switch(it) ||
        !(shira ? view_is_shira(it) : view_is_lora(it)) || !pass_at(it, m))
      continue;
    if (!best || view_cost(it, m, tokens) < view_cost(best, m, tokens))
      best = it;
  }
  return best;
}

bool view_timed_switch(const struct shira_result *it) {
  return it->has_switch && it->timed;
}

bool view_timed(const struct shira_measure *m) {
  return m->cycles > 0;
}

double view_of_bound(const struct shira_measure *m) {
  return m->cycles ? 100 * m->bound_cycles / (double)m->cycles : 0;
}

const char *view_limit(const struct shira_measure *m) {
  return m->limit ? m->limit : "none";
}

uint64_t view_bytes_read(const struct shira_measure *m) {
  uint64_t sum = 0;
  for (unsigned c = 0; c < SHIRA_TRAFFIC_COUNT; c++)
    sum += traffic_read(m, c);
  return sum;
}

uint64_t view_bytes_written(const struct shira_measure *m) {
  uint64_t sum = 0;
  for (unsigned c = 0; c < SHIRA_TRAFFIC_COUNT; c++)
    sum += traffic_written(m, c);
  return sum;
}

double view_us(const struct shira_report *r, double cycles) {
  return r->machine.clock_mhz ? cycles / r->machine.clock_mhz : 0;
}

bool view_is_golden(const struct shira_result *r) {
  return !strcmp(r->device, "golden");
}

bool view_equal(const struct shira_result *r, bool golden) {
  bool equal = golden ? r->golden : r->reference;
  for (uint32_t i = 0; i < r->n_passes; i++)
    equal = equal && (golden ? r->pass[i].golden : r->pass[i].reference);
  return equal;
}

const char *view_colour(const struct shira_result *r) {
  static const struct {
    const char *strategy, *mask, *colour;
  } known[] = {
      {"base", "", "#9ca3af"},
      {"reload", "", "#4b5563"},
      {"lora-fused", "", "#d55e00"},
      {"lora-unfused", "", "#e69f00"},
      {"shira-scatter", "", "#0072b2"},
      {"shira-scatter", "rand", "#0072b2"},
      {"shira-scatter", "struct", "#56b4e9"},
      {"shira-scatter", "wm", "#009e73"},
      {"shira-overlay", NULL, "#cc79a7"},
      {"shira-dram", NULL, "#332288"},
  };
  for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
    if (!strcmp(r->strategy, known[i].strategy) &&
        (!known[i].mask || !strcmp(r->mask, known[i].mask)))
      return known[i].colour;
  return "#117733";
}

const char *view_count(uint64_t v, char buf[VIEW_NUMBER]) {
  char plain[24];
  int n = snprintf(plain, sizeof(plain), "%" PRIu64, v);
  char *out = buf;
  for (int i = 0; i < n; i++) {
    if (i && (n - i) % 3 == 0)
      *out++ = ',';
    *out++ = plain[i];
  }
  *out = 0;
  return buf;
}

// Three digits that count, "1234" where there are more before the point.
static int three(double v, char *buf, size_t size) {
  double a = fabs(v);
  return snprintf(buf, size, "%.*f", a < 9.995 ? 2 : a < 99.95 ? 1 : 0, v);
}

const char *view_bytes(uint64_t v, char buf[VIEW_NUMBER]) {
  static const char *const unit[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
  if (v < 1000) {
    snprintf(buf, VIEW_NUMBER, "%" PRIu64 " B", v);
    return buf;
  }
  double scaled = (double)v / 1000;
  int u = 0;
  for (; scaled >= 999.5 && u < 5; u++)
    scaled /= 1000;
  int n = three(scaled, buf, VIEW_NUMBER);
  snprintf(buf + n, VIEW_NUMBER - (size_t)n, " %s", unit[u]);
  return buf;
}

const char *view_time(double us, char buf[VIEW_NUMBER]) {
  int n = us < 99999.5 ? three(us, buf, VIEW_NUMBER) : three(us / 1000, buf, VIEW_NUMBER);
  snprintf(buf + n, VIEW_NUMBER - (size_t)n, us < 99999.5 ? " \u00b5s" : " ms");
  return buf;
}

const char *view_ratio(double ratio, char buf[VIEW_NUMBER]) {
  three(ratio, buf, VIEW_NUMBER);
  return buf;
}

const char *view_percent(double share, char buf[VIEW_NUMBER]) {
  double p = 100 * share;
  bool tiny = fabs(p) < 0.005 && p != 0;
  snprintf(buf, VIEW_NUMBER, tiny ? "%.1g %%" : fabs(p) < 99.995 ? "%.2f %%" : "%.0f %%", p);
  return buf;
}

void view_html(const char *text, FILE *out) {
  for (; *text; text++) {
    switch (*text) {
    case '<':
      fputs("&lt;", out);
      break;
    case '>':
      fputs("&gt;", out);
      break;
    case '&':
      fputs("&amp;", out);
      break;
    case '"':
      fputs("&quot;", out);
      break;
    case '\'':
      fputs("&#39;", out);
      break;
    default:
      fputc((unsigned char)*text < 0x20 ? ' ' : *text, out);
    }
  }
}
