// The answer in words. Every number in it comes from the report; nothing is assumed about who wins.
#include <math.h>
#include <string.h>

#include "host/report/say.h"

// An overhead that prints as 0.00 %.
#define NO_OVERHEAD 0.00005

// ---- Switches ---------------------------------------------------------------------------------

// What a switch moves, what limits it and how near to its bound it is, as an item of a list.
static void tell_switch(const struct shira_report *r, const struct shira_result *it, FILE *out) {
  char label[VIEW_LABEL], time[VIEW_NUMBER], least[VIEW_NUMBER], bytes[VIEW_NUMBER];
  fputs("<li>", out);
  bold(out, "%s", view_label(it, label));
  if (!it->sw.cycles) {
    say(out, " takes no time: only a pointer changes.");
    fputs("</li>\n", out);
    return;
  }
  say(out, " takes %s and moves %s. Its bound is %s, set by %s: it reaches %.1f %% of it.",
      view_time(view_us(r, (double)it->sw.cycles), time),
      view_bytes(view_bytes_read(&it->sw) + view_bytes_written(&it->sw), bytes),
      view_time(view_us(r, it->sw.bound_cycles), least), view_limit(&it->sw),
      view_of_bound(&it->sw));
  fputs("</li>\n", out);
}

// ": SHiRA is 23.8 times faster. "
static void tell_ratio(const struct shira_result *shira, const struct shira_result *lora,
                       FILE *out) {
  if (!shira) {
    fputs(". ", out);
    return;
  }
  double ratio = view_speed((double)shira->sw.cycles, (double)lora->sw.cycles);
  char number[VIEW_NUMBER];
  fputs(": ", out);
  if (fabs(ratio - 1) < VIEW_SAME)
    bold(out, "both take the same time.");
  else if (!isfinite(ratio) || ratio == 0)
    bold(out, "only %s takes time.", ratio ? "LoRA" : "SHiRA");
  else
    bold(out, "SHiRA is %s times %s.", view_ratio(ratio > 1 ? ratio : 1 / ratio, number),
         ratio > 1 ? "faster" : "slower");
  fputs(" ", out);
}

// SHiRA's other strategies and masks, so that the best of them does not speak for all.
static void tell_masks(const struct view_pick *p, FILE *out) {
  const struct shira_report *r = p->r;
  for (uint32_t i = 0; i < r->n_results; i++) {
    const struct shira_result *it = &r->results[i];
    if (it != p->shira && view_is_shira(it) && view_same_case(it, p->any) &&
        view_is_best_undo(r, it))
      tell_switch(r, it, out);
  }
}

// Who wins the switch: SHiRA's best against LoRA's best, whichever way that is, and against the
// best that leaves nothing to pay on a pass.
static void tell_headline(const struct view_pick *p, FILE *out) {
  const struct shira_report *r = p->r;
  char label[VIEW_LABEL], time[VIEW_NUMBER];
  if (p->shira) {
    say(out, "SHiRA takes ");
    bold(out, "%s", view_time(view_us(r, (double)p->shira->sw.cycles), time));
    say(out, " (%s). ", view_label(p->shira, label));
  } else {
    say(out, "no SHiRA strategy was measured. ");
  }
  if (!p->lora) {
    say(out, "No LoRA strategy was measured. ");
    return;
  }
  say(out, "LoRA's quickest switch, reload included, takes ");
  bold(out, "%s", view_time(view_us(r, (double)p->lora->sw.cycles), time));
  say(out, " (%s)", view_label(p->lora, label));
  tell_ratio(p->shira, p->lora, out);
  if (!p->written || p->written == p->lora)
    return;
  say(out, "LoRA written into the weights takes ");
  bold(out, "%s", view_time(view_us(r, (double)p->written->sw.cycles), time));
  say(out, " at best (%s)", view_label(p->written, label));
  tell_ratio(p->shira, p->written, out);
}

// ---- Passes -----------------------------------------------------------------------------------

// As much as base, to what counts as the same: where a refresh falls moves a pass by that much.
static bool costs_nothing(const struct shira_result *it) {
  for (uint32_t k = 0; k < it->n_passes; k++)
    if (!(fabs(it->pass[k].overhead) < VIEW_SAME))
      return false;
  return it->n_passes > 0;
}

static bool has_overhead(const struct shira_report *r, uint32_t i, const struct view_pick *p) {
  const struct shira_result *it = &r->results[i];
  return view_is_best_undo(r, it) && view_same_case(it, p->any) && it->n_passes > 0 &&
         view_timed(&it->pass[0].m);
}

static void tell_overheads(const struct shira_result *it, FILE *out) {
  char label[VIEW_LABEL];
  say(out, "%s costs ", view_label(it, label));
  for (uint32_t k = 0; k < it->n_passes; k++) {
    fputs(joint(k, it->n_passes), out);
    bold(out, "%+.2f %%", 100 * it->pass[k].overhead);
    say(out, " at M = %u", it->pass[k].tokens);
  }
}

// Overheads of those that cost as much as base: "+0.00 %", or from the least to the most.
static void tell_nothing(const struct view_pick *p, FILE *out) {
  const struct shira_report *r = p->r;
  double least = INFINITY, most = -INFINITY;
  for (uint32_t i = 0; i < r->n_results; i++)
    for (uint32_t k = 0; has_overhead(r, i, p) && k < r->results[i].n_passes; k++)
      if (costs_nothing(&r->results[i])) {
        least = fmin(least, r->results[i].pass[k].overhead);
        most = fmax(most, r->results[i].pass[k].overhead);
      }
  if (fmax(fabs(least), fabs(most)) < NO_OVERHEAD)
    bold(out, "+0.00 %%");
  else
    bold(out, "%+.2f to %+.2f %%", 100 * least, 100 * most);
}

// What a pass costs over one with base weights: each strategy that pays, then those that do not.
static void tell_passes(const struct view_pick *p, FILE *out) {
  const struct shira_report *r = p->r;
  uint32_t paying = 0, free_of = 0, n = 0;
  char label[VIEW_LABEL];
  for (uint32_t i = 0; i < r->n_results; i++) {
    if (!has_overhead(r, i, p))
      continue;
    if (costs_nothing(&r->results[i])) {
      free_of++;
      continue;
    }
    fputs(paying++ ? "; " : "On every pass afterwards, ", out);
    tell_overheads(&r->results[i], out);
  }
  if (free_of && !paying) {
    fputs("Every pass afterwards costs what it costs with base weights, ", out);
    tell_nothing(p, out);
    fputs(", with ", out);
  } else if (free_of) {
    fputs("; ", out);
  }
  for (uint32_t i = 0; i < r->n_results; i++)
    if (has_overhead(r, i, p) && costs_nothing(&r->results[i]))
      say(out, "%s%s", joint(n, free_of), view_label(&r->results[i], label)), n++;
  if (free_of && paying) {
    fputs(free_of > 1 ? " cost " : " costs ", out);
    tell_nothing(p, out);
  }
  if (free_of || paying)
    fputs(". ", out);
}

static const struct shira_pass *pass_at(const struct shira_result *it, uint32_t tokens) {
  for (uint32_t k = 0; k < it->n_passes; k++)
    if (it->pass[k].tokens == tokens && view_timed(&it->pass[k].m))
      return &it->pass[k];
  return NULL;
}

// What passes of M tokens say about lora-unfused and SHiRA.
struct balance {
  uint32_t m;
  double tokens; // between two switches at which both cost the same, 0 where there is no such point
  int winner;    // above that point, or everywhere: 1 SHiRA, -1 lora-unfused, 0 neither
};

static const char *winner_name(int winner) {
  return winner > 0 ? "SHiRA" : "lora-unfused";
}

static struct balance balance_of(double switch_more, double pass_less, uint32_t m) {
  double tokens = pass_less != 0 ? switch_more / pass_less * m : 0;
  int winner = pass_less > 0 ? 1 : pass_less < 0 ? -1 : (switch_more < 0) - (switch_more > 0);
  return (struct balance){m, tokens > 0 ? tokens : 0, winner};
}

// Passes of which the same is to be said: "both cost the same at 3.94 tokens (M = 1) and ...".
static void tell_balance_group(const struct balance *b, uint32_t n, FILE *out) {
  char number[VIEW_NUMBER];
  bool point = b->tokens > 0;
  if (point)
    fputs("both cost the same at ", out);
  else
    say(out, b->winner ? "%s costs less from the first token on (" : "both cost the same (",
        winner_name(b->winner));
  for (uint32_t k = 0; k < n; k++) {
    fputs(joint(k, n), out);
    if (point)
      bold(out, "%s tokens", view_ratio(b[k].tokens, number));
    say(out, "%sM = %u%s%s", point ? " (" : "", b[k].m,
        point && b[k].tokens < b[k].m ? ", within the first pass" : "", point ? ")" : "");
  }
  if (point)
    say(out, " between two switches; with fewer %s costs less, with more %s",
        winner_name(-b->winner), winner_name(b->winner));
  else
    fputs(")", out);
}

static void tell_balances(const struct balance *b, uint32_t n, FILE *out) {
  for (uint32_t k = 0; k < n;) {
    uint32_t next = k + 1;
    while (next < n && b[next].winner == b[k].winner && (b[next].tokens > 0) == (b[k].tokens > 0))
      next++;
    fputs(k ? "; " : "", out);
    tell_balance_group(b + k, next - k, out);
    k = next;
  }
}

static void tell_break_evens(const struct view_pick *p, FILE *out) {
  struct balance balance[SHIRA_MAX_PASSES];
  uint32_t n = 0;
  if (!p->unfused || !p->shira)
    return;
  double more = (double)p->shira->sw.cycles - (double)p->unfused->sw.cycles;
  for (uint32_t k = 0; k < p->unfused->n_passes; k++) {
    const struct shira_pass *u = &p->unfused->pass[k], *s = pass_at(p->shira, u->tokens);
    if (s && view_timed(&u->m))
      balance[n++] = balance_of(more, (double)u->m.cycles - (double)s->m.cycles, u->tokens);
  }
  if (!n)
    return;
  fputs("Switch and passes together, SHiRA against lora-unfused: ", out);
  tell_balances(balance, n, out);
  fputs(".", out);
}

// ---- Adapters ---------------------------------------------------------------------------------

static void tell_adapters(const struct view_pick *p, FILE *out) {
  char a[VIEW_NUMBER], b[VIEW_NUMBER], c[VIEW_NUMBER], d[VIEW_NUMBER];
  const struct shira_result *s = p->shira, *l = p->lora;
  if (s) {
    const struct shira_weight_stats *w = &s->weights;
    say(out, "SHiRA's adapter holds %s values, %s of the %s targeted weights",
        view_count(s->parameters, a), view_percent(s->density, b), view_count(w->total, c));
    if (s->weights_total > w->total)
      say(out, " (%s of all %s)",
          view_percent(s->density * (double)w->total / (double)s->weights_total, b),
          view_count(s->weights_total, d));
  }
  if (l)
    say(out, "%s of rank %u, %s parameters", s ? "; LoRA's," : "LoRA's adapter has,", l->rank,
        view_count(l->parameters, a));
  if (s && l && s->parameters && l->parameters) {
    double ratio = (double)l->parameters / (double)s->parameters;
    if (fabs(ratio - 1) < 0.05)
      say(out, ": a comparison at equal parameters (to 5 %%)");
    else
      say(out, ", %s times as many: not a comparison at equal parameters", view_ratio(ratio, b));
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
  if (it->sw.cycles)
    say(out, "%.1f %% of bound, %s", view_of_bound(&it->sw), view_limit(&it->sw));
  else
    say(out, "only a pointer changes");
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

static void tell_facts(const struct view_pick *p, FILE *out) {
  fputs("<ul class=\"facts\">\n", out);
  if (p->shira)
    tell_switch(p->r, p->shira, out);
  tell_masks(p, out);
  if (p->lora)
    tell_switch(p->r, p->lora, out);
  if (p->written && p->written != p->lora)
    tell_switch(p->r, p->written, out);
  fputs("<li>", out);
  tell_adapters(p, out);
  fputs("</li>\n</ul>\n", out);
}

static void tell_workload(const struct shira_report *r, const struct shira_result *any, FILE *out) {
  struct view_pick p = view_pick(r, any);
  if (!p.shira && !p.lora)
    return;
  const struct shira_result *one = p.shira ? p.shira : p.lora;
  fputs("<section class=\"answer\"><h2>", out);
  say(out, "%s, %s, adapters in %s: from %s to %s", view_workload_name(any), any->placement,
      view_kept(any), one->from, one->to);
  fputs("</h2>\n<div class=\"tiles\">\n", out);
  tile(r, "SHiRA&rsquo;s best switch", p.shira, "shira", out);
  tile(r, "LoRA&rsquo;s best switch", p.lora, "lora", out);
  if (p.written != p.lora)
    tile(r, "LoRA&rsquo;s best in the weights", p.written, "lora", out);
  overhead_tile(p.unfused, out);
  fputs("</div>\n<p class=\"lead\">", out);
  say(out,
      any->dim ? "To switch a %s %s tensor from %s to %s on %s, "
               : "To switch the %s linear layers of %s from %s to %s on %s, ",
      any->placement, view_workload_name(any), one->from, one->to, r->machine.name);
  tell_headline(&p, out);
  tell_passes(&p, out);
  tell_break_evens(&p, out);
  fputs("</p>\n", out);
  html_traffic(r, any, out);
  tell_facts(&p, out);
  fputs("</section>\n", out);
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
  say(out,
      "After the way back to base, %u of %u strategies and workloads have the weights that "
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
    say(out, "All %u results equal the integer reference%s, bit for bit. ", r->n_results,
        view_is_golden(&r->results[0]) ? "" : " and the golden model");
    return;
  }
  bold(out, "%u of %u results differ from the integer reference and %u from the golden model.",
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
    timed = timed || view_timed_switch(&r->results[i]);
  if (!timed) {
    fputs("<p>", out);
    say(out, "No switch was timed: the device, %s, keeps no time, or the experiment has no switch.",
        focus->device);
    fputs("</p>\n", out);
  }
  for (uint32_t i = 0; i < r->n_results; i++)
    if (view_is_told(r, i))
      tell_workload(r, &r->results[i], out);
  tell_where(r, out);
  fputs("<p class=\"outside\">", out);
  tell_checks(r, out);
  tell_restore(r, out);
  say(out, "A pass is the linear layers alone, with seeded inputs, from memory to memory: "
           "attention, norms and batches that mix adapters are outside.");
  fputs("</p>\n", out);
}
