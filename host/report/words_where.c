// Where SHiRA wins and where it does not: every case of the report in one of three lists, and what
// the memory has to do with it.
#include <math.h>
#include <string.h>

#include "host/report/say.h"

// A share of a switch's time that is worth naming.
#define WORTH 0.01

enum verdict { WINS, SAME, LOSES, VERDICTS };

static enum verdict verdict_of(double speed) {
  return fabs(speed - 1) < VIEW_SAME ? SAME : speed > 1 ? WINS : LOSES;
}

// What is compared: the cheapest of each side for that many tokens.
struct pair {
  const struct shira_result *shira, *lora;
  double speed, tokens;
};

static struct pair pair_at(const struct shira_report *r, const struct shira_result *any, uint32_t m,
                           double tokens) {
  struct pair p = {.shira = view_cheapest(r, any, true, m, tokens),
                   .lora = view_cheapest(r, any, false, m, tokens),
                   .tokens = tokens};
  if (p.shira && p.lora)
    p.speed = view_speed(view_cost(p.shira, m, tokens), view_cost(p.lora, m, tokens));
  return p;
}

// ": 1.15 to 1.89 times faster", nothing where both are the same.
static void tell_speeds(double least, double most, FILE *out) {
  const enum verdict v = verdict_of(least);
  char a[VIEW_NUMBER], b[VIEW_NUMBER];
  if (v == SAME)
    return;
  fputs(": ", out);
  if (!isfinite(most) || least == 0) { // a switch that only changes a pointer
    bold(out, "only %s takes time", v == WINS ? "LoRA" : "SHiRA");
    return;
  }
  view_ratio(v == WINS ? least : 1 / most, a);
  view_ratio(v == WINS ? most : 1 / least, b);
  if (strcmp(a, b) != 0)
    bold(out, "%s to %s times %s", a, b, v == WINS ? "faster" : "slower");
  else
    bold(out, "%s times %s", a, v == WINS ? "faster" : "slower");
}

// Which strategies, where the run begins and, if they are others, where it ends.
static void tell_names(const struct pair *first, const struct pair *last, FILE *out) {
  char a[VIEW_LABEL], b[VIEW_LABEL];
  say(out, " (%s against %s", view_label(first->shira, a), view_label(first->lora, b));
  if (first->shira != last->shira || first->lora != last->lora)
    say(out, ", then %s against %s", view_label(last->shira, a), view_label(last->lora, b));
  fputs(")", out);
}

// The name of the case, or what stands between two things that are said of it.
static void begin(const struct shira_result *any, bool *begun, FILE *out) {
  if (*begun) {
    fputs("; ", out);
    return;
  }
  fputs("<li>", out);
  say(out, "%s, %s, adapters in %s: ", view_workload_name(any), any->placement, view_kept(any));
  *begun = true;
}

// Numbers of tokens that follow one another with the same verdict.
struct run {
  struct pair first, last;
  double least, most; // speed
  bool open;
};

static void extend(struct run *run, const struct pair *p) {
  if (!run->open)
    *run = (struct run){.first = *p, .least = p->speed, .most = p->speed, .open = true};
  run->last = *p;
  run->least = fmin(run->least, p->speed);
  run->most = fmax(run->most, p->speed);
}

static void tell_run(const struct run *run, uint32_t m, FILE *out) {
  char from[VIEW_NUMBER], to[VIEW_NUMBER];
  view_count((uint64_t)run->first.tokens, from);
  view_count((uint64_t)run->last.tokens, to);
  say(out, "%s (M = %u), ", m == 1 ? "decode" : "prefill", m);
  if (run->first.tokens == run->last.tokens)
    say(out, "%s token%s", from, run->first.tokens == 1 ? "" : "s");
  else
    say(out, "%s to %s tokens", from, to);
  tell_speeds(run->least, run->most, out);
  tell_names(&run->first, &run->last, out);
}

// Passes of M tokens: the runs of this verdict.
static void tell_tokens(const struct shira_report *r, const struct shira_result *any, uint32_t m,
                        enum verdict verdict, bool *begun, FILE *out) {
  struct run run = {.open = false};
  for (double tokens = m;; tokens *= 10) {
    const struct pair p = pair_at(r, any, m, tokens);
    if (!p.shira || !p.lora)
      return;
    const bool over = tokens > VIEW_MOST_TOKENS;
    if (!over && verdict_of(p.speed) == verdict) {
      extend(&run, &p);
    } else if (run.open) {
      begin(any, begun, out);
      tell_run(&run, m, out);
      run.open = false;
    }
    if (over)
      return;
  }
}

static bool tell_case(const struct shira_report *r, const struct shira_result *any,
                      enum verdict verdict, FILE *out) {
  const struct view_pick pick = view_pick(r, any);
  bool begun = false;
  if (!pick.shira || !pick.lora)
    return false;
  const struct pair alone = {
      .shira = pick.shira,
      .lora = pick.lora,
      .speed = view_speed((double)pick.shira->sw.cycles, (double)pick.lora->sw.cycles)};
  if (verdict_of(alone.speed) == verdict) {
    begin(any, &begun, out);
    fputs("the switch alone", out);
    tell_speeds(alone.speed, alone.speed, out);
    tell_names(&alone, &alone, out);
  }
  for (uint32_t k = 0; k < pick.shira->n_passes; k++)
    tell_tokens(r, any, pick.shira->pass[k].tokens, verdict, &begun, out);
  if (begun)
    fputs(".</li>\n", out);
  return begun;
}

static void tell_verdict(const struct shira_report *r, enum verdict verdict, FILE *out) {
  static const char *const title[VERDICTS] = {"SHiRA wins", "Neither wins", "SHiRA loses"};
  bool said = false;
  fprintf(out, "<h3>%s", title[verdict]);
  if (verdict == SAME)
    say(out, ": the same to %g %%", 100 * VIEW_SAME);
  fputs("</h3>\n<ul class=\"facts\">\n", out);
  for (uint32_t i = 0; i < r->n_results; i++)
    if (view_is_told(r, i))
      said = tell_case(r, &r->results[i], verdict, out) || said;
  fputs(said ? "</ul>\n" : "<li>Nowhere in this experiment.</li>\n</ul>\n", out);
}

// ---- Memory -----------------------------------------------------------------------------------

// LoRA's quickest switch that writes every burst of the weights.
static const struct shira_result *rewrite_of(const struct shira_report *r,
                                             const struct shira_result *any) {
  const struct shira_result *best = NULL;
  for (uint32_t i = 0; i < r->n_results; i++) {
    const struct shira_result *it = &r->results[i];
    if (view_is_main_switch(r, i) && view_is_lora(it) && view_timed_switch(it) &&
        view_same_case(any, it) && it->image_bytes &&
        traffic_written(&it->sw, SHIRA_TRAFFIC_WEIGHT) >= it->image_bytes &&
        (!best || it->sw.cycles < best->sw.cycles))
      best = it;
  }
  return best;
}

static void tell_rewrite(const struct shira_report *r, const struct shira_result *it, FILE *out) {
  const struct shira_result *all = rewrite_of(r, it);
  const double us = view_us(r, (double)it->sw.cycles);
  const double peak_us = (double)it->image_bytes / r->machine.memory_peak_mb_s;
  char label[VIEW_LABEL], a[VIEW_NUMBER], b[VIEW_NUMBER], c[VIEW_NUMBER];
  say(out,
      " Its switch takes %s, %s times what writing every burst once at memory's peak takes "
      "(%s)",
      view_time(us, a), view_ratio(us / peak_us, b), view_time(peak_us, c));
  if (all) {
    const double speed = view_speed((double)it->sw.cycles, (double)all->sw.cycles);
    say(out, "; %s, LoRA's quickest that writes them all, takes %s times as long",
        view_label(all, label), view_ratio(speed, a));
  }
  fputs(".", out);
}

// What shira-dram touches, and what that makes of its switch.
static void tell_touched(const struct shira_report *r, const struct shira_result *it, FILE *out) {
  const struct view_memory v = view_memory(r, &it->sw);
  struct view_touched t;
  char label[VIEW_LABEL], a[VIEW_NUMBER], b[VIEW_NUMBER], c[VIEW_NUMBER];
  if (!view_touched(r, it, &t))
    return;
  fputs("<li>", out);
  bold(out, "%s", view_label(it, label));
  say(out, " of %s, %s to %s, writes ", view_workload_name(it), it->from, it->to);
  bold(out, "%s of the weights' bursts for %s of the weights", view_percent(t.measured, a),
       view_percent(t.density, b));
  if (it->streams > 1)
    say(out, " with each of its %u streams", it->streams);
  else if (strcmp(it->from, "base") != 0)
    fputs(", both masks together", out);
  if (isfinite(t.expected))
    say(out, "; for a random mask 1-(1-p)^%u gives %s", r->machine.memory_burst_bytes,
        view_percent(t.expected, c));
  fputs(".", out);
  if (isfinite(v.row_hits))
    say(out, " Of its bursts %s find their row open.", view_percent(v.row_hits, a));
  tell_rewrite(r, it, out);
  fputs("</li>\n", out);
}

// The switch of the workload that loses most to refresh or to turnarounds.
static const struct shira_result *most(const struct shira_report *r, const struct shira_result *any,
                                       bool refresh, double *share) {
  const struct shira_result *best = NULL;
  *share = 0;
  for (uint32_t i = 0; i < r->n_results; i++) {
    const struct shira_result *it = &r->results[i];
    if (!view_same_workload(any, it) || !view_is_best_undo(r, it))
      continue;
    const struct view_memory v = view_memory(r, &it->sw);
    const double its = refresh ? v.refresh : v.turnaround;
    if (its > *share) { // NaN is not
      best = it;
      *share = its;
    }
  }
  return best;
}

static void tell_loss(const struct shira_report *r, const struct shira_result *any, bool refresh,
                      FILE *out) {
  double share;
  const struct shira_result *it = most(r, any, refresh, &share);
  char label[VIEW_LABEL], number[VIEW_NUMBER];
  fputs(refresh ? " Refreshes keep the bus empty for " : ", turnarounds for ", out);
  if (!it || share < WORTH)
    say(out, "less than %s of any switch", view_percent(WORTH, number));
  else {
    bold(out, "at most %s", view_percent(share, number));
    say(out, " of a switch's time (%s)", view_label(it, label));
  }
}

static bool is_touched(const struct shira_report *r, const struct shira_result *it) {
  struct view_touched t;
  return view_is_best_undo(r, it) && !strcmp(it->kept, "memory") && view_touched(r, it, &t);
}

// What quick switches are bought with: reload by a pointer keeps all weights of every adapter.
static void tell_kept(const struct shira_report *r, const struct shira_result *any, FILE *out) {
  uint32_t n = 0;
  char label[VIEW_LABEL], bytes[VIEW_NUMBER];
  for (uint32_t i = 0; i < r->n_results; i++) {
    const struct shira_result *it = &r->results[i];
    if (!view_same_workload(any, it) || !view_is_best_undo(r, it) || strcmp(it->kept, "memory"))
      continue;
    say(out, "%s%s (%s)", n++ ? ", " : " an adapter that is not active takes ",
        view_bytes(it->adapter_bytes, bytes), view_label(it, label));
  }
  if (n)
    fputs(".", out);
}

// Told once a workload, whichever memory adapters are kept in.
static void tell_memory(const struct shira_report *r, FILE *out) {
  fputs("<h3>What memory has to do with it</h3>\n<ul class=\"facts\">\n", out);
  for (uint32_t i = 0; i < r->n_results; i++) {
    const struct shira_result *any = &r->results[i];
    if (!view_first_of_workload(r, i) || (any->dim && any->dim != view_focus(r)->dim))
      continue;
    for (uint32_t k = i; k < r->n_results; k++)
      if (view_same_workload(any, &r->results[k]) && is_touched(r, &r->results[k]))
        tell_touched(r, &r->results[k], out);
    fputs("<li>", out);
    say(out, "%s, %s:", view_workload_name(any), any->placement);
    tell_kept(r, any, out);
    if (r->machine.has_dram) {
      tell_loss(r, any, true, out);
      tell_loss(r, any, false, out);
      fputs(".", out);
    }
    fputs("</li>\n", out);
  }
  if (!r->machine.has_dram)
    fputs("<li>Memory has a fixed rate here: no rows, no refresh, no turnarounds.</li>\n", out);
  fputs("</ul>\n", out);
}

void tell_where(const struct shira_report *r, FILE *out) {
  bool both = false;
  for (uint32_t i = 0; i < r->n_results; i++) {
    const struct view_pick p = view_pick(r, &r->results[i]);
    both = both || (view_is_told(r, i) && p.shira && p.lora);
  }
  if (!both)
    return;
  fputs(
      "<section class=\"answer where\"><h2>Where SHiRA wins, and where it does not</h2>\n"
      "<p class=\"why\">SHiRA&rsquo;s cheapest strategy against LoRA&rsquo;s cheapest, the switch "
      "and the passes until the next one together. Tokens are those between two switches.</p>\n",
      out);
  for (int v = 0; v < VERDICTS; v++)
    tell_verdict(r, (enum verdict)v, out);
  tell_memory(r, out);
  fputs("</section>\n", out);
}
