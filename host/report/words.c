#include "host/report/words.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "shira/report.h"

// Adapters that an answer about many is given for.
static const uint32_t many[] = {2, 4, 16};

static double us_of(const struct index *x, const struct shira_result *it) {
  return text_cycles_us(x->r, &it->key, (double)measure_figure(&it->m));
}

static struct text label(const struct index *x, const struct shira_result *it) {
  return text_label(x->r, &it->key);
}

static const char *name_of(const struct index *x, const struct group *g) {
  return x->r->workloads[g->workload].name;
}

static const char *kept_name(const struct comparison *c) {
  return c->host ? "the host's memory" : "memory or on chip";
}

// Begins a paragraph whose text is then printed to the stream that it returns, and ended with done.
static FILE *begin(struct answer *a, struct prose *p, const char *title) {
  if (a->n == MAX_PARAGRAPHS || prose_begin(p))
    return NULL;
  a->at[a->n].title = strdup(title);
  return p->out;
}

static void done(struct answer *a, struct prose *p) {
  prose_end(p);
  a->at[a->n++].text = p->s;
}

// ---- Parts of sentences -----------------------------------------------------------------------

// "SHiRA is 23.8 times faster"
static void put_verdict(const struct contest *k, FILE *out) {
  const double ratio = k->ratio.figure;
  if (k->winner == SIDE_SAME)
    fputs("neither is quicker", out);
  else if (!(ratio > 0) || !isfinite(ratio))
    fprintf(out, "only %s's takes time", k->winner == SIDE_SHIRA ? "LoRA" : "SHiRA");
  else
    fprintf(out, "%s is %s times faster", k->winner == SIDE_SHIRA ? "SHiRA" : "LoRA",
            text_ratio(k->winner == SIDE_SHIRA ? ratio : 1 / ratio).s);
}

static const char *cheaper_name(enum side side) {
  return side == SIDE_SHIRA ? "SHiRA is cheaper" : side == SIDE_LORA ? "LoRA is cheaper"
                                                                     : "both cost the same";
}

// "with M = 1 LoRA is cheaper up to 3.94 tokens between two switches, then SHiRA is cheaper"
static void put_spans(const struct pass_contest *p, FILE *out) {
  fprintf(out, "with M = %" PRIu32 " ", p->tokens);
  for (uint32_t i = 0; i < p->n_spans; i++) {
    const struct span *s = &p->span[i];
    fprintf(out, "%s%s", i ? ", then " : "", cheaper_name(s->winner));
    if (isfinite(s->to))
      fprintf(out, " up to %s tokens%s", text_tokens(s->to).s, i ? "" : " between two switches");
    else if (!i)
      fputs(" for any number of tokens between two switches", out);
  }
}

// "shira-scatter rand with 10.5 us (10.4 to 10.7, 93.2 % of its bound, memory)"
static void put_switch(const struct index *x, const struct shira_result *it, FILE *out) {
  const struct shira_measure *m = &it->m;
  fprintf(out, "%s with %s", label(x, it).s, text_us(us_of(x, it)).s);
  if (!measure_figure(m)) {
    fputs(" (only a pointer changes)", out);
    return;
  }
  fputs(" (", out);
  if (measure_low(m) < measure_high(m))
    fprintf(out, "%s to %s, ",
            text_us(text_cycles_us(x->r, &it->key, (double)measure_low(m))).s,
            text_us(text_cycles_us(x->r, &it->key, (double)measure_high(m))).s);
  fprintf(out, "%.1f %% of its bound, %s)", 100 * measure_of_bound(m), shira_limit_name(m->limit));
}

// ---- The headline -----------------------------------------------------------------------------

static void put_like(const struct index *x, const struct comparison *c, FILE *out) {
  const bool written = c->written.shira && c->written.lora;
  const struct contest *k = written ? &c->written : &c->any;
  fprintf(out, " takes SHiRA %s and LoRA %s%s: ", text_us(us_of(x, k->shira)).s,
          text_us(us_of(x, k->lora)).s, written ? ", both written into the weights" : "");
  put_verdict(k, out);
  if (written && c->any.lora != c->written.lora && c->n_passes) {
    fprintf(out, "; against LoRA's quickest switch, %s with %s, ", label(x, c->any.lora).s,
            text_us(us_of(x, c->any.lora)).s);
    put_spans(&c->pass[0], out);
  }
  fputs(".", out);
}

static void put_headline(const struct index *x, const struct comparison *c, FILE *out) {
  const struct shira_machine *hw = &x->r->machines[c->group->machine].hw;
  if (*c->differs)
    fprintf(out, "SHiRA and LoRA do not change the same layers, so that their figures are no "
                 "comparison (%s): on",
            c->differs);
  else
    fputs("On", out);
  const struct shira_case way = {.from = c->from, .to = c->to};
  fprintf(out, " %s at %s MHz a switch from %s of the %s %s", hw->name,
          text_count(hw->clock_mhz).s, text_way(&way).s, shira_placed_name(c->group->placed),
          name_of(x, c->group));
  if (c->host)
    fputs(", adapters in the host's memory,", out);
  if (*c->differs)
    fprintf(out, " takes SHiRA %s and LoRA %s.", text_us(us_of(x, c->any.shira)).s,
            text_us(us_of(x, c->any.lora)).s);
  else
    put_like(x, c, out);
}

// Why there is nothing to compare.
static void put_nothing(const struct index *x, FILE *out) {
  uint32_t n = 0, timed = 0;
  for (uint32_t i = 0; i < x->n; i++) {
    n += x->at[i]->done;
    timed += index_timed(x->at[i]) && x->at[i]->key.work == SHIRA_WORK_SWITCH;
  }
  if (!n)
    fputs("Nothing was measured.", out);
  else if (!timed)
    fprintf(out, "No switch was timed: the device, %s, keeps no time, or the experiment has no "
                 "switch.",
            x->r->device);
  else
    fputs("Switches of only one side, SHiRA or LoRA, were measured: there is nothing to compare.",
          out);
}

// ---- Figures ----------------------------------------------------------------------------------

static void add_switch(const struct index *x, struct answer *a, const char *title,
                       const struct shira_result *it) {
  if (!it || a->n_figures == MAX_FIGURES)
    return;
  const double us = us_of(x, it);
  struct figure *f = &a->figure[a->n_figures++];
  *f = (struct figure){title, us, text_us(us), label(x, it), it};
}

static void add_overhead(const struct index *x, struct answer *a, const char *title,
                         const struct shira_result *it) {
  const struct shira_experiment *e = &x->r->experiment;
  if (compare_is_written(&it->key) || !e->n_tokens || a->n_figures == MAX_FIGURES)
    return;
  const struct shira_result *pass = index_pass(x, &it->key, e->tokens[0]);
  const struct overhead o = measure_overhead(pass, index_base_pass(x, &it->key, e->tokens[0]));
  if (!isfinite(o.share.figure))
    return;
  a->figure[a->n_figures++] = (struct figure){
      title, o.share.figure, text_overhead(o.share.figure),
      text_format("%s, M = %" PRIu32, label(x, it).s, e->tokens[0]), pass};
}

static void make_figures(const struct index *x, const struct comparison *c, struct answer *a) {
  add_switch(x, a, "SHiRA's quickest switch", c->any.shira);
  add_switch(x, a, "LoRA's quickest switch", c->any.lora);
  if (c->written.lora != c->any.lora)
    add_switch(x, a, "LoRA's quickest into the weights", c->written.lora);
  add_overhead(x, a, "Then every pass of LoRA", c->any.lora);
  if (c->written.shira != c->any.shira)
    add_switch(x, a, "SHiRA's quickest into the weights", c->written.shira);
  add_overhead(x, a, "Then every pass of SHiRA", c->any.shira);
}

// ---- All cases --------------------------------------------------------------------------------

// Winners of all comparisons of like with like, and between which ratios.
struct tally {
  uint32_t won[SIDES], n, unlike;
  double least, most;
};

static void count(struct tally *t, const struct comparison *c, const struct contest *k) {
  if (!k->shira)
    return;
  t->unlike += *c->differs != 0;
  if (*c->differs)
    return;
  t->n++;
  t->won[k->winner]++;
  if (isfinite(k->ratio.figure)) {
    t->least = fmin(t->least, k->ratio.figure);
    t->most = fmax(t->most, k->ratio.figure);
  }
}

static void put_tally(const struct tally *t, const char *of, FILE *out) {
  if (!t->n)
    return;
  fprintf(out, "%s, SHiRA's switch is quicker in %" PRIu32 " of %" PRIu32 ", LoRA's in %" PRIu32
               ", neither in %" PRIu32,
          of, t->won[SIDE_SHIRA], t->n, t->won[SIDE_LORA], t->won[SIDE_SAME]);
  if (isfinite(t->least))
    fprintf(out, " (LoRA's time / SHiRA's: %s to %s)", text_ratio(t->least).s,
            text_ratio(t->most).s);
  fputs(". ", out);
}

static void tell_all(const struct comparisons *list, struct answer *a) {
  struct tally any = {.least = NAN, .most = NAN}, written = any;
  struct prose p;
  FILE *out = begin(a, &p, "All cases");
  if (!out)
    return;
  for (uint32_t i = 0; i < list->n; i++) {
    count(&any, &list->at[i], &list->at[i].any);
    count(&written, &list->at[i], &list->at[i].written);
  }
  fputs("A case is a machine, a workload, a placement, a place where adapters are kept and a size "
        "of the pairs. ",
        out);
  put_tally(&any, "Whatever passes cost afterwards", out);
  put_tally(&written, "Where passes run as with base weights afterwards", out);
  if (any.unlike)
    fprintf(out, "%s left out: SHiRA and LoRA change other layers there. ",
            text_plural(any.unlike, "case is", "cases are").s);
  fputs("A winner is named where it is quicker in every eighth of the refresh interval.", out);
  done(a, &p);
}

// ---- One case ---------------------------------------------------------------------------------

static void put_contest(const struct index *x, const struct contest *k, FILE *out) {
  fputs("SHiRA's is ", out);
  put_switch(x, k->shira, out);
  fputs(", LoRA's is ", out);
  put_switch(x, k->lora, out);
}

static void put_size(const struct index *x, const struct comparison *c, FILE *out) {
  static const char *const name[SHIRA_PAIR_SIZES] = {
      [SHIRA_PAIR_PAPERS] = "At the papers' sizes",
      [SHIRA_PAIR_EQUAL] = "At equal parameters",
      [SHIRA_PAIR_GIVEN] = "With the user's own adapters"};
  const bool like = !*c->differs;
  fprintf(out, "%s (%s against %s): ", name[c->size],
          text_pair(&x->r->pairs[c->any.shira->key.pair]).s,
          text_pair(&x->r->pairs[c->any.lora->key.pair]).s);
  if (!like)
    fprintf(out, "%s: no comparison. ", c->differs);
  fputs("the quickest switch of ", out);
  put_contest(x, &c->any, out);
  if (like) {
    fputs(": ", out);
    put_verdict(&c->any, out);
  }
  fputs(". ", out);
  if (c->written.shira &&
      (c->written.shira != c->any.shira || c->written.lora != c->any.lora)) {
    fputs("Of those whose passes run as with base weights ", out);
    put_contest(x, &c->written, out);
    if (like) {
      fputs(": ", out);
      put_verdict(&c->written, out);
    }
    fputs(". ", out);
  }
  for (uint32_t i = 0; like && i < c->n_passes; i++) {
    fputs(i ? "; " : "Switch and passes together, ", out);
    put_spans(&c->pass[i], out);
  }
  fputs(like && c->n_passes ? ". " : "", out);
}

// The cases of a group that keep adapters in one place, from list->at[i] on; returns the next.
static uint32_t tell_case(const struct index *x, const struct comparisons *list, uint32_t i,
                          struct answer *a) {
  const struct comparison *first = &list->at[i];
  const char *machine = x->r->n_machines > 1 ? x->r->machines[first->group->machine].hw.name : "";
  const struct shira_case way = {.from = first->from, .to = first->to};
  struct prose p;
  FILE *out = begin(a, &p,
                    text_format("%s%s%s, %s, adapters in %s, %s", machine, *machine ? ", " : "",
                                name_of(x, first->group), shira_placed_name(first->group->placed),
                                kept_name(first), text_way(&way).s)
                        .s);
  for (; i < list->n && list->at[i].group == first->group && list->at[i].host == first->host; i++)
    if (out)
      put_size(x, &list->at[i], out);
  if (out)
    done(a, &p);
  return i;
}

// Cases that have a paragraph: those of the headline's workload and machine.
static void tell_cases(const struct index *x, const struct comparisons *list,
                       const struct comparison *focus, struct answer *a) {
  for (uint32_t i = 0; i < list->n;) {
    const struct group *g = list->at[i].group;
    if (g->workload == focus->group->workload && g->machine == focus->group->machine)
      i = tell_case(x, list, i, a);
    else
      i++;
  }
}

// ---- Passes -----------------------------------------------------------------------------------

static void put_overheads(const struct index *x, const struct shira_result *it, FILE *out) {
  const struct shira_experiment *e = &x->r->experiment;
  const char *joint = "";
  for (uint32_t k = 0; k < e->n_tokens; k++) {
    const struct overhead o = measure_overhead(index_pass(x, &it->key, e->tokens[k]),
                                               index_base_pass(x, &it->key, e->tokens[k]));
    if (!isfinite(o.share.figure))
      continue;
    fprintf(out, "%s%s at M = %" PRIu32, joint,
            o.same ? "nothing that can be told" : text_overhead(o.share.figure).s, e->tokens[k]);
    if (!o.same)
      fprintf(out, " (%s to %s)", text_overhead(o.share.low).s, text_overhead(o.share.high).s);
    joint = ", ";
  }
}

static void tell_passes(const struct index *x, const struct comparison *focus, struct answer *a) {
  struct prose p;
  FILE *out = begin(a, &p, "Passes");
  if (!out)
    return;
  fprintf(out, "After a switch that writes weights a pass is the program that runs with base "
               "weights, and costs the same. On %s, over such a pass:",
          name_of(x, focus->group));
  const char *joint = " ";
  for (uint32_t i = 0; i < x->n_groups; i++) {
    const struct group *g = &x->groups[i];
    if (g->machine != focus->group->machine || g->workload != focus->group->workload)
      continue;
    for (uint32_t k = 0; k < g->n; k++) {
      const struct shira_result *it = x->at[g->first + k];
      if (!index_timed(it) || !compare_is_main(g, &it->key) || compare_is_written(&it->key) ||
          it->key.kept == SHIRA_KEPT_HOST)
        continue;
      fprintf(out, "%s%s, %s, costs ", joint, label(x, it).s, shira_placed_name(g->placed));
      put_overheads(x, it, out);
      joint = "; ";
    }
  }
  fputs(*joint == ';' ? "." : " no strategy has another.", out);
  done(a, &p);
}

// ---- Adapters ---------------------------------------------------------------------------------

// What N adapters keep, and what that saves at a switch.
static void put_many(const struct index *x, const struct shira_result *it, FILE *out) {
  const struct shira_switch *s = &it->sw;
  fprintf(out, " %s keeps %s an adapter", label(x, it).s, text_bytes((double)s->kept_bytes).s);
  for (unsigned i = 0; i < sizeof(many) / sizeof(*many); i++)
    fprintf(out, "%s%s for %" PRIu32, i ? ", " : ": ",
            text_bytes((double)s->kept_bytes * many[i]).s, many[i]);
  if (s->pair_bytes) {
    fputs("; the host merges the stream of an ordered pair from these at each switch (times.json "
          "has its time), or keeps N (N - 1) of them",
          out);
    for (unsigned i = 0; i < sizeof(many) / sizeof(*many); i++)
      fprintf(out, "%s%s for %" PRIu32, i ? ", " : ": ",
              text_bytes((double)s->pair_bytes * many[i] * (many[i] - 1)).s, many[i]);
  } else if (it->key.undo == SHIRA_UNDO_SET) {
    fputs("; that is 2 N streams, one that sets and one that takes away", out);
  }
  fputs(".", out);
}

static void tell_adapters(const struct index *x, const struct comparison *focus,
                          struct answer *a) {
  struct prose p;
  FILE *out = begin(a, &p, "What N adapters keep");
  if (!out)
    return;
  const struct group *g = focus->group;
  fprintf(out, "On %s, %s, beside the base weights:", name_of(x, g), shira_placed_name(g->placed));
  for (uint32_t i = 0; i < g->n; i++) {
    const struct shira_result *it = x->at[g->first + i];
    if (it->done && compare_is_main(g, &it->key) && it->key.kept == SHIRA_KEPT_MEMORY)
      put_many(x, it, out);
  }
  done(a, &p);
}

// Bursts of the targeted weights that a switch in memory writes, of all.
static void tell_bursts(const struct index *x, const struct comparison *focus, struct answer *a) {
  const uint32_t burst = x->r->machines[focus->group->machine].hw.memory_burst_bytes;
  struct prose p;
  FILE *out = begin(a, &p, "Sparse writes in memory");
  const char *joint = "";
  for (uint32_t i = 0; out && burst && i < x->n; i++) {
    const struct shira_result *it = x->at[i];
    const struct shira_switch *s = &it->sw;
    if (it->key.machine != focus->group->machine || it->key.workload != focus->group->workload ||
        it->key.strategy != SHIRA_STRATEGY_SHIRA_DRAM || it->key.from != focus->from ||
        it->key.to != focus->to || it->key.kept == SHIRA_KEPT_HOST || !index_timed(it) ||
        !s->streams || !s->weights.total)
      continue;
    const double all = ceil((double)s->weights.total / burst) * s->streams;
    const double written =
        (double)it->m.counters[SHIRA_COUNTER_WRITTEN_BYTES_DESCRIPTOR + SHIRA_TRAFFIC_WEIGHT];
    fprintf(out, "%s%s writes %s of the bursts of the targeted weights for %s of the weights",
            joint, label(x, it).s, text_share(written / burst / all).s,
            text_share((double)s->updates / ((double)s->weights.total * s->streams)).s);
    joint = "; ";
  }
  if (!out)
    return;
  if (*joint)
    fprintf(out, " (bursts of %" PRIu32 " bytes).", burst);
  done(a, &p);
  if (!*joint) { // nothing was said
    free(a->at[--a->n].title);
    free(a->at[a->n].text);
  }
}

// ---- Is it right, is it all -------------------------------------------------------------------

struct checks {
  uint32_t done, reference, golden, exact, drift;
};

static struct checks check(const struct index *x) {
  struct checks c = {0};
  for (uint32_t i = 0; i < x->n; i++) {
    const struct shira_result *it = x->at[i];
    if (!it->done)
      continue;
    c.done++;
    c.reference += it->reference;
    c.golden += it->golden;
    c.exact += it->key.work == SHIRA_WORK_SWITCH && it->sw.restore == SHIRA_RESTORE_EXACT;
    c.drift += it->key.work == SHIRA_WORK_SWITCH && it->sw.restore == SHIRA_RESTORE_DRIFT;
  }
  return c;
}

// Drifts that are told one by one.
#define MOST_DRIFTS 6

static void put_drifts(const struct index *x, FILE *out) {
  uint32_t told = 0;
  for (uint32_t i = 0; i < x->n && told < MOST_DRIFTS; i++) {
    const struct shira_result *it = x->at[i];
    if (!it->done || it->key.work != SHIRA_WORK_SWITCH || it->sw.restore != SHIRA_RESTORE_DRIFT)
      continue;
    fprintf(out, "%s%s on %s is off by %.2e", told ? "; " : ": ", label(x, it).s,
            x->r->workloads[it->key.workload].name, it->sw.restore_drift);
    told++;
  }
  fputs(told ? " (relative L2)" : "", out);
}

static void tell_checks(const struct index *x, struct answer *a) {
  const bool golden = strcmp(x->r->device, "golden") != 0;
  const struct checks c = check(x);
  struct prose p;
  FILE *out = c.done ? begin(a, &p, "Exactness") : NULL;
  if (!out)
    return;
  if (c.reference == c.done && (!golden || c.golden == c.done))
    fprintf(out, "All %s equal the integer reference%s, bit for bit.",
            text_plural(c.done, "result", "results").s, golden ? " and the golden model" : "");
  else
    fprintf(out, "%" PRIu32 " of %" PRIu32 " results DIFFER from the integer reference, %" PRIu32
                 " from the golden model.",
            c.done - c.reference, c.done, c.done - c.golden);
  if (c.exact + c.drift)
    fprintf(out, " After base to A to B to base %" PRIu32 " of %" PRIu32
                 " have the weights that they began with",
            c.exact, c.exact + c.drift);
  put_drifts(x, out);
  fputs(c.exact + c.drift ? "." : "", out);
  done(a, &p);
}

static void tell_missing(const struct index *x, struct answer *a) {
  const uint32_t missing = shira_report_missing(x->r);
  struct prose p;
  FILE *out = missing ? begin(a, &p, "Missing") : NULL;
  if (!out)
    return;
  fprintf(out, "%s of %" PRIu32 " not measured; they are listed with their reasons.",
          text_plural(missing, "point was", "points were").s, x->n);
  done(a, &p);
}

static void tell_outside(struct answer *a) {
  struct prose p;
  FILE *out = begin(a, &p, "What a pass is");
  if (!out)
    return;
  fputs("The linear layers alone, with seeded inputs, from memory to memory. Attention, norms and "
        "batches that mix adapters are outside.",
        out);
  done(a, &p);
}

// ---- All of it --------------------------------------------------------------------------------

int words_make(const struct index *x, const struct comparisons *list, struct answer *a,
               struct shira_error *err) {
  const struct comparison *focus = compare_focus(x, list);
  struct prose p;
  *a = (struct answer){0};
  if (prose_begin(&p))
    return shira_fail(err, ENOMEM, "no memory for the report's words");
  if (focus)
    put_headline(x, focus, p.out);
  else
    put_nothing(x, p.out);
  prose_end(&p);
  a->headline = p.s;
  tell_missing(x, a);
  if (focus) {
    make_figures(x, focus, a);
    tell_all(list, a);
    tell_cases(x, list, focus, a);
    tell_passes(x, focus, a);
    tell_adapters(x, focus, a);
    tell_bursts(x, focus, a);
  }
  tell_checks(x, a);
  tell_outside(a);
  bool whole = a->headline != NULL;
  for (uint32_t i = 0; i < a->n; i++)
    whole = whole && a->at[i].title && a->at[i].text;
  if (whole)
    return 0;
  words_free(a);
  return shira_fail(err, ENOMEM, "no memory for the report's words");
}

void words_free(struct answer *a) {
  free(a->headline);
  for (uint32_t i = 0; i < a->n; i++) {
    free(a->at[i].title);
    free(a->at[i].text);
  }
  *a = (struct answer){0};
}
