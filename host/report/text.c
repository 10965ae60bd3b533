#include "host/report/text.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct text text_format(const char *format, ...) {
  struct text t;
  va_list args;
  va_start(args, format);
  vsnprintf(t.s, sizeof(t.s), format, args);
  va_end(args);
  return t;
}

struct text text_count(uint64_t v) {
  char plain[24];
  struct text t;
  const int n = snprintf(plain, sizeof(plain), "%" PRIu64, v);
  char *out = t.s;
  for (int i = 0; i < n; i++) {
    if (i && (n - i) % 3 == 0)
      *out++ = ',';
    *out++ = plain[i];
  }
  *out = 0;
  return t;
}

// Three digits that count, all before the point where there are more.
static struct text three(double v, const char *unit) {
  const double a = fabs(v);
  return text_format("%.*f%s", a < 9.995 ? 2 : a < 99.95 ? 1 : 0, v, unit);
}

struct text text_bytes(double v) {
  static const char *const unit[] = {" kB", " MB", " GB", " TB", " PB", " EB"};
  unsigned u = 0;
  if (v < 999.5)
    return text_format("%.0f B", v);
  for (v /= 1000; v >= 999.5 && u < 5; u++)
    v /= 1000;
  return three(v, unit[u]);
}

struct text text_us(double us) {
  if (us == 0)
    return text_format("0 us");
  return us < 99999.5 ? three(us, " us") : three(us / 1000, " ms");
}

struct text text_ratio(double ratio) {
  return three(ratio, "");
}

struct text text_share(double share) {
  const double p = 100 * share;
  const bool tiny = fabs(p) < 0.005 && p != 0;
  return text_format(tiny ? "%.1g %%" : fabs(p) < 99.995 ? "%.2f %%" : "%.0f %%", p);
}

struct text text_overhead(double share) {
  return text_format(fabs(share) < 9.9995 ? "%+.2f %%" : "%+.0f %%", 100 * share);
}

struct text text_tokens(double tokens) {
  return tokens < 999.5 ? three(tokens, "") : text_count((uint64_t)llround(fmin(tokens, 1e18)));
}

struct text text_plural(uint64_t n, const char *one, const char *many) {
  return text_format("%s %s", text_count(n).s, n == 1 ? one : many);
}

struct text text_label(const struct shira_report *r, const struct shira_case *c) {
  const char *pair = c->pair < r->n_pairs ? r->pairs[c->pair].name : "";
  const bool undo = c->undo < SHIRA_UNDO_COUNT && c->undo != SHIRA_UNDO_TRANSITION &&
                    c->undo != SHIRA_UNDO_CLEAN;
  const bool kept = c->kept < SHIRA_KEPT_COUNT && c->kept != SHIRA_KEPT_MEMORY;
  return text_format("%s%s%s%s%s%s%s", shira_strategy_name(c->strategy), *pair ? " " : "", pair,
                     undo ? " " : "", undo ? shira_undo_name(c->undo) : "", kept ? " " : "",
                     kept ? shira_kept_name(c->kept) : "");
}

struct text text_way(const struct shira_case *c) {
  return text_format("%s to %s", shira_active_name(c->from), shira_active_name(c->to));
}

struct text text_pair(const struct shira_pair_facts *p) {
  const struct shira_adapter_facts *a = &p->adapter[0], *b = &p->adapter[1];
  if (p->kind == SHIRA_ADAPTER_SHIRA)
    return text_format("SHiRA %s %s", p->name,
                       text_share((double)a->parameters / (double)a->targeted_weights).s);
  const uint32_t least = a->rank_min < b->rank_min ? a->rank_min : b->rank_min;
  const uint32_t most = a->rank_max > b->rank_max ? a->rank_max : b->rank_max;
  if (least == most)
    return text_format("LoRA rank %" PRIu32, most);
  return text_format("LoRA ranks %" PRIu32 " to %" PRIu32, least, most);
}

struct text text_layer(const struct shira_workload_facts *w) {
  const struct shira_blocks *b = &w->blocks;
  if (w->side)
    return text_format("%" PRIu32 "x%" PRIu32, w->side, w->side);
  const struct text linears = text_plural(w->linears, "linear", "linears");
  if (b->n == b->all)
    return text_format("%s of %s", linears.s, text_plural(b->all, "block", "blocks").s);
  if (b->n == 1)
    return text_format("%s of block %" PRIu32, linears.s, b->first);
  return text_format("%s of blocks %" PRIu32 " to %" PRIu32, linears.s, b->first,
                     b->first + b->n - 1);
}

double text_cycles_us(const struct shira_report *r, const struct shira_case *c, double cycles) {
  return cycles / r->machines[c->machine].hw.clock_mhz;
}

int prose_begin(struct prose *p) {
  *p = (struct prose){0};
  p->out = open_memstream(&p->s, &p->n);
  return p->out ? 0 : -ENOMEM;
}

void prose_end(struct prose *p) {
  const bool lost = ferror(p->out);
  if (fclose(p->out) || lost) {
    free(p->s);
    p->s = NULL;
  }
}
