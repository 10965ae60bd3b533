// The answer in words. Every number in it comes from the report; nothing is assumed about who wins.
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "host/report/view.h"

// Shares and ratios that print the same as 1 or 0 are called so.
#define SAME_RATIO 0.005
#define NO_OVERHEAD 0.00005

// What is compared in one workload; each may be NULL.
struct pick {
  const struct shira_report *r;
  const struct shira_result *any;
  const struct shira_result *shira;   // quickest switch
  const struct shira_result *lora;    // quickest switch
  const struct shira_result *written; // quickest of those that write LoRA into the weights
  const struct shira_result *unfused; // lora-unfused
};

// Text with numbers and outside text, escaped as a whole.
__attribute__((format(printf, 2, 3))) static void say(FILE *out, const char *format, ...) {
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  view_html(text, out);
}

__attribute__((format(printf, 2, 3))) static void strong(FILE *out, const char *format, ...) {
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  fputs("<strong>", out);
  view_html(text, out);
  fputs("</strong>", out);
}

// "a", "a and b", "a, b and c": what stands before item i of n.
static const char *joint(uint32_t i, uint32_t n) {
  return i == 0 ? "" : i + 1 == n ? " and " : ", ";
}

static void quicker(const struct shira_result **best, const struct shira_result *it) {
  if (!*best || it->sw.cycles < (*best)->sw.cycles)
    *best = it;
}

static struct pick pick_of(const struct shira_report *r, const struct shira_result *any) {
  struct pick p = {.r = r, .any = any};
  for (uint32_t i = 0; i < r->n_results; i++) {
    const struct shira_result *it = &r->results[i];
    if (!view_is_main_switch(r, i) || !view_same_workload(any, it) || !view_timed(&it->sw))
      continue;
    bool unfused = !strcmp(it->strategy, "lora-unfused");
    if (view_is_shira(it))
      quicker(&p.shira, it);
    if (view_is_lora(it))
      quicker(&p.lora, it);
    if (view_is_lora(it) && !unfused)
      quicker(&p.written, it);
    if (unfused)
      p.unfused = it;
  }
  return p;
}

// ---- Switches ---------------------------------------------------------------------------------

// "takes 10.5 us and moves 164 kB, at 97 % of its bound (lanes)"
static void tell_switch(const struct shira_report *r, const struct shira_result *it, FILE *out) {
  char time[VIEW_NUMBER], bytes[VIEW_NUMBER];
  strong(out, "%s", view_time(view_us(r, (double)it->sw.cycles), time));
  say(out, " and moves %s; the bound, set by %s, is %s, of which it reaches %.1f %%",
      view_bytes(view_bytes_read(&it->sw) + view_bytes_written(&it->sw), bytes),
      view_limit(&it->sw), view_time(view_us(r, it->sw.bound_cycles), time),
      view_of_bound(&it->sw));
}

// "SHiRA is 23.8 times faster."
static void tell_ratio(const struct shira_result *shira, const struct shira_result *lora,
                       FILE *out) {
  double ratio = (double)lora->sw.cycles / (double)shira->sw.cycles;
  char number[VIEW_NUMBER];
  if (fabs(ratio - 1) < SAME_RATIO)
    strong(out, "Both take the same time.");
  else
    strong(out, "SHiRA is %s times %s.", view_ratio(ratio > 1 ? ratio : 1 / ratio, number),
           ratio > 1 ? "faster" : "slower");
}

// The other masks of SHiRA, so that the best of them does not speak for all.
static void tell_masks(const struct pick *p, FILE *out) {
  const struct shira_report *r = p->r;
  uint32_t n = 0;
  for (uint32_t i = 0; i < r->n_results; i++) {
    const struct shira_result *it = &r->results[i];
    char label[VIEW_LABEL], time[VIEW_NUMBER];
    if (it == p->shira || !view_is_shira(it) || !view_same_workload(it, p->any) ||
        !view_is_main_switch(r, i) || !view_timed(&it->sw))
      continue;
    say(out, "%s%s takes %s", n++ ? ", " : " ", view_label(it, label),
        view_time(view_us(r, (double)it->sw.cycles), time));
  }
  if (n)
    fputs(".", out);
}

static void tell_lora(const struct pick *p, FILE *out) {
  char label[VIEW_LABEL];
  say(out, " LoRA's quickest switch of all, reload included, is that of %s: it takes ",
      view_label(p->lora, label));
  tell_switch(p->r, p->lora, out);
  fputs(". ", out);
  if (p->shira)
    tell_ratio(p->shira, p->lora, out);
  if (!p->written || p->written == p->lora)
    return;
  say(out, " Of the ways that write LoRA into the weights, %s is the quickest: it takes ",
      view_label(p->written, label));
  tell_switch(p->r, p->written, out);
  fputs(". ", out);
  if (p->shira)
    tell_ratio(p->shira, p->written, out);
}

// ---- Passes -----------------------------------------------------------------------------------

static bool costs_nothing(const struct shira_result *it) {
  for (uint32_t k = 0; k < it->n_passes; k++)
    if (!(fabs(it->pass[k].overhead) < NO_OVERHEAD))
      return false;
  return it->n_passes > 0;
}

static bool has_overhead(const struct shira_report *r, uint32_t i, const struct pick *p) {
  const struct shira_result *it = &r->results[i];
  return view_is_main_switch(r, i) && view_same_workload(it, p->any) && it->n_passes > 0 &&
         view_timed(&it->pass[0].m);
}

// What a pass costs over one with base weights: each strategy that pays, then those that do not.
static void tell_passes(const struct pick *p, FILE *out) {
  const struct shira_report *r = p->r;
  uint32_t paying = 0, free_of = 0, n = 0;
  for (uint32_t i = 0; i < r->n_results; i++) {
    const struct shira_result *it = &r->results[i];
    char label[VIEW_LABEL];
    if (!has_overhead(r, i, p))
      continue;
    free_of += costs_nothing(it);
    if (costs_nothing(it))
      continue;
    say(out, "%s %s ", paying++ ? ";" : " Afterwards, against the same pass with base weights,",
        view_label(it, label));
    for (uint32_t k = 0; k < it->n_passes; k++) {
      fputs(joint(k, it->n_passes), out);
      say(out, "%s", k ? "" : "costs ");
      strong(out, "%+.2f %%", 100 * it->pass[k].overhead);
      say(out, " at M = %u", it->pass[k].tokens);
    }
  }
  if (!free_of && paying)
    fputs(".", out);
  if (!free_of)
    return;
  fputs(paying ? "; with " : " Afterwards a pass with ", out);
  for (uint32_t i = 0; i < r->n_results; i++) {
    char label[VIEW_LABEL];
    if (has_overhead(r, i, p) && costs_nothing(&r->results[i]))
      say(out, "%s%s", joint(n, free_of), view_label(&r->results[i], label)), n++;
  }
  fputs(paying ? " a pass costs exactly what it costs with base weights, +0.00 %."
               : " costs what it costs with base weights, +0.00 %.",
        out);
}

// Tokens between two switches at which both cost the same, as one clause for passes of M tokens.
static void tell_break_even(double switch_more, double pass_less, uint32_t m, FILE *out) {
  double tokens = pass_less != 0 ? switch_more / pass_less * m : 0;
  char number[VIEW_NUMBER];
  say(out, "with passes of M = %u ", m);
  if (tokens > 0) {
    say(out, "both cost the same at ");
    strong(out, "%s tokens", view_ratio(tokens, number));
    say(out, " between two switches: below, %s costs less, above, %s",
        pass_less > 0 ? "lora-unfused" : "SHiRA", pass_less > 0 ? "SHiRA" : "lora-unfused");
  } else if (switch_more == 0 && pass_less == 0) {
    say(out, "both always cost the same");
  } else {
    say(out, "%s costs less from the first token on, so there is no break-even",
        pass_less > 0 || switch_more < 0 ? "SHiRA" : "lora-unfused");
  }
}

static const struct shira_pass *pass_at(const struct shira_result *it, uint32_t tokens) {
  for (uint32_t k = 0; k < it->n_passes; k++)
    if (it->pass[k].tokens == tokens && view_timed(&it->pass[k].m))
      return &it->pass[k];
  return NULL;
}

static void tell_break_evens(const struct pick *p, FILE *out) {
  uint32_t said = 0;
  if (!p->unfused || !p->shira)
    return;
  double more = (double)p->shira->sw.cycles - (double)p->unfused->sw.cycles;
  for (uint32_t k = 0; k < p->unfused->n_passes; k++) {
    const struct shira_pass *u = &p->unfused->pass[k], *s = pass_at(p->shira, u->tokens);
    if (!s || !view_timed(&u->m))
      continue;
    fputs(said++ ? "; " : " Switch and passes together, SHiRA against lora-unfused: ", out);
    tell_break_even(more, (double)u->m.cycles - (double)s->m.cycles, u->tokens, out);
  }
  if (said)
    fputs(".", out);
}

// ---- Adapters ---------------------------------------------------------------------------------

static void tell_adapters(const struct pick *p, FILE *out) {
  char a[VIEW_NUMBER], b[VIEW_NUMBER], c[VIEW_NUMBER], d[VIEW_NUMBER];
  const struct shira_result *s = p->shira, *l = p->lora;
  if (s) {
    const struct shira_weight_stats *w = &s->weights;
    say(out, " SHiRA's adapter holds %s values, %s of the %s targeted weights",
        view_count(s->parameters, a), view_percent(s->density, b), view_count(w->total, c));
    if (s->weights_total > w->total)
      say(out, " (%s of all %s)",
          view_percent(s->density * (double)w->total / (double)s->weights_total, b),
          view_count(s->weights_total, d));
  }
  if (l)
    say(out, "%s LoRA's, of rank %u, %s parameters", s ? ";" : "", l->rank,
        view_count(l->parameters, a));
  if (s && l && s->parameters && l->parameters) {
    double ratio = (double)l->parameters / (double)s->parameters;
    if (fabs(ratio - 1) < 0.05)
      say(out, ": a comparison at equal parameters (to 5 %%)");
    else
      say(out, ", %s times as many: not a comparison at equal parameters",
          view_ratio(ratio, b));
  }
  fputs(".", out);
}

// ---- Tiles ------------------------------------------------------------------------------------

static void tile(const struct shira_report *r, const char *title, const struct shira_result *it,
                 const char *kind, FILE *out) {
  char time[VIEW_NUMBER], label[VIEW_LABEL];
  if (!it)
    return;
  fprintf(out, "<div class=\"tile %s\"><h3>%s</h3><b>", kind, title);
  say(out, "%s", view_time(view_us(r, (double)it->sw.cycles), time));
  fputs("</b><span>", out);
  say(out, "%s", view_label(it, label));
  fputs("</span><span>", out);
  say(out, "%.1f %% of bound, %s", view_of_bound(&it->sw), view_limit(&it->sw));
  fputs("</span></div>\n", out);
}

static void overhead_tile(const struct shira_result *it, FILE *out) {
  if (!it || !it->n_passes || !view_timed(&it->pass[0].m))
    return;
  fputs("<div class=\"tile\"><h3>Then on every pass</h3><b>", out);
  say(out, "%+.2f %%", 100 * it->pass[0].overhead);
  say(out, " ");
  fputs("</b><span>", out);
  say(out, "%s at M = %u", it->strategy, it->pass[0].tokens);
  fputs("</span><span>", out);
  for (uint32_t k = 1; k < it->n_passes; k++)
    say(out, "%s%+.2f %% at M = %u", k > 1 ? ", " : "", 100 * it->pass[k].overhead,
        it->pass[k].tokens);
  fputs("</span></div>\n", out);
}

// ---- All of it --------------------------------------------------------------------------------

static void tell_workload(const struct shira_report *r, const struct shira_result *any, FILE *out) {
  struct pick p = pick_of(r, any);
  char label[VIEW_LABEL];
  if (!p.shira && !p.lora)
    return;
  const struct shira_result *one = p.shira ? p.shira : p.lora;
  fputs("<section class=\"answer\"><h2>", out);
  say(out, "%s: from %s to %s", view_workload_name(any), one->from, one->to);
  fputs("</h2>\n<div class=\"tiles\">\n", out);
  tile(r, "SHiRA&rsquo;s best", p.shira, "shira", out);
  tile(r, "LoRA&rsquo;s best", p.lora, "lora", out);
  if (p.written != p.lora)
    tile(r, "LoRA&rsquo;s best in the weights", p.written, "lora", out);
  overhead_tile(p.unfused, out);
  fputs("</div>\n<p>", out);
  say(out, "To go from %s to %s in %s, ", one->from, one->to, any->layer);
  if (p.shira) {
    say(out, "SHiRA's best, %s, takes ", view_label(p.shira, label));
    tell_switch(r, p.shira, out);
    fputs(".", out);
    tell_masks(&p, out);
  } else {
    say(out, "no SHiRA strategy was measured.");
  }
  if (p.lora)
    tell_lora(&p, out);
  else
    say(out, " No LoRA strategy was measured.");
  tell_passes(&p, out);
  tell_break_evens(&p, out);
  tell_adapters(&p, out);
  fputs("</p></section>\n", out);
}

static void tell_restore(const struct shira_report *r, FILE *out) {
  uint32_t exact = 0, drift = 0;
  for (uint32_t i = 0; i < r->n_results; i++)
    if (r->results[i].has_switch) {
      exact += r->results[i].restore == SHIRA_RESTORE_EXACT;
      drift += r->results[i].restore == SHIRA_RESTORE_DRIFT;
    }
  if (!exact && !drift)
    return;
  say(out, "After the way back to base, %u of %u strategies and workloads have the weights that "
           "they began with, bit for bit",
      exact, exact + drift);
  for (uint32_t i = 0; i < r->n_results; i++) {
    const struct shira_result *it = &r->results[i];
    char label[VIEW_LABEL];
    if (it->has_switch && it->restore == SHIRA_RESTORE_DRIFT)
      say(out, "; %s in %s is off by %.2e (relative L2)", view_label(it, label),
          view_workload_name(it), it->restore_drift);
  }
  fputs(". ", out);
}

static void tell_checks(const struct shira_report *r, FILE *out) {
  uint32_t reference = 0, golden = 0;
  for (uint32_t i = 0; i < r->n_results; i++) {
    reference += view_equal(&r->results[i], false);
    golden += view_equal(&r->results[i], true);
  }
  if (reference == r->n_results && golden == r->n_results) {
    say(out, "All %u results equal the integer reference and the golden model, bit for bit. ",
        r->n_results);
    return;
  }
  strong(out, "%u of %u results differ from the integer reference and %u from the golden model.",
         r->n_results - reference, r->n_results, r->n_results - golden);
  fputs(" ", out);
}

void report_words(const struct shira_report *r, FILE *out) {
  const struct shira_result *focus = view_focus(r);
  if (!focus) {
    fputs("<p>Nothing was measured.</p>\n", out);
    return;
  }
  bool timed = false;
  for (uint32_t i = 0; i < r->n_results; i++)
    timed = timed || (r->results[i].has_switch && view_timed(&r->results[i].sw));
  if (!timed) {
    fputs("<p>", out);
    say(out, "No switch was timed: the device, %s, keeps no time, or the experiment has no switch.",
        focus->device);
    fputs("</p>\n", out);
  }
  if (focus->dim)
    tell_workload(r, focus, out);
  for (uint32_t i = 0; i < r->n_results; i++)
    if (!r->results[i].dim && view_first_of_workload(r, i))
      tell_workload(r, &r->results[i], out);
  fputs("<p class=\"outside\">", out);
  tell_checks(r, out);
  tell_restore(r, out);
  say(out, "A pass is the linear layers alone, with seeded inputs, from memory to memory: "
           "attention, norms and batches that mix adapters are outside.");
  fputs("</p>\n", out);
}
