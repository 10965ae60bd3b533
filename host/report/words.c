#include "host/report/words.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "shira/report.h"

// What is told, and of what.
struct telling {
  const struct index *x;
  const struct comparisons *list;
  const struct comparison *focus; // the headline's; NULL: nothing can be compared
  const struct comparison *first; // of a paragraph on a case: cases of the same place
};

static struct text label(const struct telling *t, const struct shira_result *it) {
  return text_label(t->x->r, &it->key);
}

static const char *name_of(const struct telling *t, const struct group *g) {
  return t->x->r->workloads[g->workload].name;
}

// ---- Parts of sentences -----------------------------------------------------------------------

// "SHiRA is 23.8 times faster"
static void put_verdict(const struct contest *k, FILE *out) {
  const bool shira = k->winner == SIDE_SHIRA;
  const double ratio = shira ? k->ratio.figure : 1 / k->ratio.figure;
  if (k->winner == SIDE_SAME)
    fputs("neither is quicker", out);
  else if (!isfinite(ratio))
    fprintf(out, "only %s's takes time", shira ? "LoRA" : "SHiRA");
  else
    fprintf(out, "%s is %s times faster", shira ? "SHiRA" : "LoRA", text_ratio(ratio).s);
}

// "with M = 1 LoRA is cheaper up to 3.94 tokens between two switches, then SHiRA"
static void put_spans(const struct pass_contest *p, FILE *out) {
  static const char *const first[SIDES] = {"SHiRA is cheaper", "LoRA is cheaper",
                                           "both cost the same"};
  static const char *const then[SIDES] = {"SHiRA", "LoRA", "neither"};
  fprintf(out, "with M = %" PRIu32 " %s%s", p->tokens, first[p->span[0].winner],
          p->n_spans == 1 ? " at any number of tokens between two switches" : "");
  for (uint32_t i = 1; i < p->n_spans; i++)
    fprintf(out, " up to %s tokens%s, then %s", text_tokens(p->span[i].from).s,
            i > 1 ? "" : " between two switches", then[p->span[i].winner]);
}

static void put_all_spans(const struct comparison *c, FILE *out) {
  for (uint32_t i = 0; i < c->n_passes; i++) {
    const struct pass_contest *p = &c->pass[i];
    if (i && p[-1].n_spans == 1 && p->n_spans == 1 && p[-1].span[0].winner == p->span[0].winner) {
      fprintf(out, ", with M = %" PRIu32 " too", p->tokens);
      continue;
    }
    fputs(i ? "; " : " Switch and passes together, ", out);
    put_spans(p, out);
  }
  fputs(c->n_passes ? "." : "", out);
}

// "2.01 us (shira-scatter rand, 89.5 % of its bound, memory)"
static void put_switch(const struct telling *t, const struct shira_result *it, FILE *out) {
  fprintf(out, "%s (%s, ", text_us(measure_us(t->x->r, it)).s, label(t, it).s);
  if (shira_figure(&it->m))
    fprintf(out, "%.1f %% of its bound, %s)", 100 * measure_of_bound(&it->m),
            shira_limit_name(it->m.limit));
  else
    fputs("only a pointer changes)", out);
}

// "SHiRA takes 2.01 us (...), LoRA 40.0 us (...): SHiRA is 19.9 times faster."; without a side
// that `told` has told already.
static void put_contest(const struct telling *t, const struct contest *k,
                        const struct contest *told, bool like, FILE *out) {
  const bool shira = k->shira != told->shira, lora = k->lora != told->lora;
  fputs(shira ? "SHiRA takes " : "LoRA takes ", out);
  if (shira)
    put_switch(t, k->shira, out);
  fputs(shira && lora ? ", LoRA " : "", out);
  if (lora)
    put_switch(t, k->lora, out);
  fputs(like ? ": " : "", out);
  if (like)
    put_verdict(k, out);
  fputs(".", out);
}

// ---- The headline -----------------------------------------------------------------------------

static void put_like(const struct telling *t, FILE *out) {
  const struct comparison *c = t->focus;
  const struct contest *k = c->written.shira ? &c->written : &c->any;
  fprintf(out, "%s takes SHiRA %s and LoRA %s: ", c->written.shira ? " at no cost on passes" : "",
          text_us(measure_us(t->x->r, k->shira)).s, text_us(measure_us(t->x->r, k->lora)).s);
  put_verdict(k, out);
  if (k->lora != c->any.lora && c->n_passes) {
    fprintf(out, "; LoRA's quickest, %s, takes %s: ", label(t, c->any.lora).s,
            text_us(measure_us(t->x->r, c->any.lora)).s);
    put_spans(&c->pass[0], out);
  }
}

static void put_headline(const struct telling *t, FILE *out) {
  const struct comparison *c = t->focus;
  const struct shira_machine *hw = &t->x->r->machines[c->group->machine].hw;
  const struct shira_case way = {.from = c->from, .to = c->to};
  if (*c->differs)
    fprintf(out,
            "SHiRA and LoRA do not change the same layers, so that their figures are no "
            "comparison (%s): on",
            c->differs);
  else
    fputs("On", out);
  fprintf(out, " %s at %s MHz a switch from %s of the %s %s%s", hw->name,
          text_count(hw->clock_mhz).s, text_way(&way).s, shira_placed_name(c->group->placed),
          name_of(t, c->group), c->host ? ", adapters in the host's memory," : "");
  if (*c->differs)
    fprintf(out, " takes SHiRA %s and LoRA %s", text_us(measure_us(t->x->r, c->any.shira)).s,
            text_us(measure_us(t->x->r, c->any.lora)).s);
  else
    put_like(t, out);
  fputs(".", out);
}

// Why there is nothing to compare.
static void put_nothing(const struct telling *t, FILE *out) {
  uint32_t timed = 0;
  for (uint32_t i = 0; i < t->x->n; i++)
    timed += index_timed(t->x->at[i]) && t->x->at[i]->key.work == SHIRA_WORK_SWITCH;
  if (timed)
    fputs("Nothing to compare: no switch of SHiRA or none of LoRA was measured.", out);
  else
    fprintf(out, "No switch was timed: device %s keeps no time, or none was measured.",
            t->x->r->device);
}

// ---- Figures ----------------------------------------------------------------------------------

static void add_switch(const struct telling *t, struct answer *a, const char *title,
                       const struct shira_result *it) {
  if (it && a->n_figures < MAX_FIGURES)
    a->figure[a->n_figures++] = (struct figure){title, measure_us(t->x->r, it),
                                                text_us(measure_us(t->x->r, it)), label(t, it), it};
}

static void add_overhead(const struct telling *t, struct answer *a, const char *title,
                         const struct shira_result *it) {
  const uint32_t m = t->x->r->experiment.tokens[0];
  const struct shira_result *pass = index_pass(t->x, &it->key, m);
  const double v = measure_overhead(pass, index_base_pass(t->x, &it->key, m)).share.figure;
  if (!compare_is_written(&it->key) && isfinite(v) && a->n_figures < MAX_FIGURES)
    a->figure[a->n_figures++] = (struct figure){
        title, v, text_overhead(v), text_format("%s, M = %" PRIu32, label(t, it).s, m), pass};
}

static void make_figures(const struct telling *t, struct answer *a) {
  const struct comparison *c = t->focus;
  add_switch(t, a, "SHiRA's quickest switch", c->any.shira);
  add_switch(t, a, "LoRA's quickest switch", c->any.lora);
  if (c->written.lora != c->any.lora)
    add_switch(t, a, "LoRA's, at no cost on passes", c->written.lora);
  add_overhead(t, a, "Then every pass of LoRA", c->any.lora);
  if (c->written.shira != c->any.shira)
    add_switch(t, a, "SHiRA's, at no cost on passes", c->written.shira);
  add_overhead(t, a, "Then every pass of SHiRA", c->any.shira);
}

// ---- All cases, and one -----------------------------------------------------------------------

static void put_tally(const struct telling *t, bool written, FILE *out) {
  uint32_t won[SIDES] = {0}, n = 0;
  double least = NAN, most = NAN;
  for (uint32_t i = 0; i < t->list->n; i++) {
    const struct comparison *c = &t->list->at[i];
    const struct contest *k = written ? &c->written : &c->any;
    if (!k->shira || *c->differs)
      continue;
    n++;
    won[k->winner]++;
    least = fmin(least, k->ratio.figure); // of NAN and a number the number
    most = fmax(most, k->ratio.figure);
  }
  if (n)
    fprintf(out,
            " %s, SHiRA's switch is quicker in %" PRIu32 " of %" PRIu32 ", LoRA's in %" PRIu32
            ", neither in %" PRIu32,
            written ? "At no cost on passes" : "Whatever passes cost afterwards", won[SIDE_SHIRA],
            n, won[SIDE_LORA], won[SIDE_SAME]);
  if (n && isfinite(least))
    fprintf(out, " (LoRA's time / SHiRA's: %s to %s)", text_ratio(least).s, text_ratio(most).s);
  fputs(n ? "." : "", out);
}

static void tell_all(const struct telling *t, FILE *out) {
  uint32_t unlike = 0;
  for (uint32_t i = 0; i < t->list->n; i++)
    unlike += *t->list->at[i].differs != 0;
  fputs("A case is a machine, a workload, a placement, a place where adapters are kept and a size "
        "of the pairs.",
        out);
  put_tally(t, false, out);
  put_tally(t, true, out);
  if (unlike)
    fprintf(out, " %s left out, where SHiRA and LoRA change other layers.",
            text_plural(unlike, "case is", "cases are").s);
  fputs(" A winner is named where it is quicker in every eighth of the refresh interval.", out);
}

static void put_case(const struct telling *t, const struct comparison *c, FILE *out) {
  static const char *const name[SHIRA_PAIR_SIZES] = {[SHIRA_PAIR_PAPERS] = "the papers' sizes",
                                                     [SHIRA_PAIR_EQUAL] = "equal parameters",
                                                     [SHIRA_PAIR_GIVEN] =
                                                         "the user's own adapters"};
  const struct shira_pair_facts *pairs = t->x->r->pairs;
  const bool like = !*c->differs;
  fprintf(out, "With %s, %s against %s: ", name[c->size],
          text_pair(&pairs[c->any.shira->key.pair]).s, text_pair(&pairs[c->any.lora->key.pair]).s);
  if (!like)
    fprintf(out, "no comparison, for %s. ", c->differs);
  put_contest(t, &c->any, &(struct contest){0}, like, out);
  if (c->written.shira && (c->written.shira != c->any.shira || c->written.lora != c->any.lora)) {
    fputs(" At no cost on passes, ", out);
    put_contest(t, &c->written, &c->any, like, out);
  }
  if (like)
    put_all_spans(c, out);
}

static bool same_place(const struct comparison *a, const struct comparison *b) {
  return a->group == b->group && a->host == b->host;
}

static void tell_case(const struct telling *t, FILE *out) {
  const struct comparison *end = t->list->at + t->list->n;
  for (const struct comparison *c = t->first; c < end && same_place(c, t->first); c++) {
    fputs(c == t->first ? "" : " ", out);
    put_case(t, c, out);
  }
}

static struct text case_title(const struct telling *t) {
  const struct shira_case way = {.from = t->first->from, .to = t->first->to};
  return text_format("%s, %s, adapters in %s, %s", name_of(t, t->first->group),
                     shira_placed_name(t->first->group->placed),
                     t->first->host ? "the host's memory" : "memory or on chip", text_way(&way).s);
}

// ---- Passes and adapters ----------------------------------------------------------------------

static void put_overheads(const struct telling *t, const struct shira_result *it, FILE *out) {
  const struct shira_experiment *e = &t->x->r->experiment;
  const char *joint = "";
  for (uint32_t k = 0; k < e->n_tokens; k++) {
    const struct overhead o = measure_overhead(index_pass(t->x, &it->key, e->tokens[k]),
                                               index_base_pass(t->x, &it->key, e->tokens[k]));
    if (!isfinite(o.share.figure))
      continue;
    fprintf(out, "%s %s at M = %" PRIu32, joint,
            o.same ? "the same" : text_overhead(o.share.figure).s, e->tokens[k]);
    const struct text low = text_overhead(o.share.low), high = text_overhead(o.share.high);
    if (!o.same && strcmp(low.s, high.s) != 0)
      fprintf(out, " (%s to %s)", low.s, high.s);
    joint = ",";
  }
}

// Strategies whose passes are programs of their own.
static void tell_passes(const struct telling *t, FILE *out) {
  fprintf(out,
          "A pass is the linear layers alone, with seeded inputs, from memory to memory: "
          "attention, norms and batches that mix adapters are outside. After a switch that "
          "writes weights it is the program that runs with base weights. On %s it costs over "
          "that:",
          name_of(t, t->focus->group));
  const char *joint = "";
  for (uint32_t i = 0; i < t->x->n_groups; i++) {
    const struct group *g = &t->x->groups[i];
    if (g->machine != t->focus->group->machine || g->workload != t->focus->group->workload)
      continue;
    for (uint32_t k = 0; k < g->n; k++) {
      const struct shira_result *it = t->x->at[g->first + k];
      struct shira_case in_memory = it->key; // stands for the others
      in_memory.kept = SHIRA_KEPT_MEMORY;
      if (!index_timed(it) || !compare_is_main(g, &it->key) || compare_is_written(&it->key) ||
          (it->key.kept != SHIRA_KEPT_MEMORY && index_find(t->x, &in_memory)))
        continue;
      fprintf(out, "%s with %s, %s,", joint, label(t, it).s, shira_placed_name(g->placed));
      put_overheads(t, it, out);
      joint = ";";
    }
  }
  fputs(*joint ? "." : " none.", out);
}

static void put_bytes(double each, bool pairs, FILE *out) {
  static const uint32_t n[] = {2, 4, 16};
  for (unsigned i = 0; i < 3; i++)
    fprintf(out, "%s %s", i ? "," : "", text_bytes(each * n[i] * (pairs ? n[i] - 1 : 1)).s);
}

static void put_kept(const struct telling *t, const struct shira_result *it, FILE *out) {
  fprintf(out, " %s", label(t, it).s);
  put_bytes((double)it->sw.kept_bytes, false, out);
  if (it->key.undo == SHIRA_UNDO_SET)
    fputs(" (2 N streams: one that sets, one that takes away)", out);
  if (it->sw.pair_bytes) {
    fputs(" where the host merges a pair's stream at each switch (times.json has its time), or",
          out);
    put_bytes((double)it->sw.pair_bytes, true, out);
    fputs(" as a stream for each ordered pair, N (N - 1)", out);
  }
  fputs(".", out);
}

// What each side's best keeps, and SHiRA's other way to undo.
static void tell_adapters(const struct telling *t, FILE *out) {
  const struct comparison *c = t->focus;
  const struct contest *k = c->written.shira ? &c->written : &c->any;
  struct shira_case set = k->shira->key;
  set.undo = SHIRA_UNDO_SET;
  const struct shira_result *it = index_find(t->x, &set);
  fprintf(out,
          "Beside the base weights of %s, %s, 2, 4 and 16 adapters keep:", name_of(t, c->group),
          shira_placed_name(c->group->placed));
  put_kept(t, k->shira, out);
  if (it && it != k->shira && it->done)
    put_kept(t, it, out);
  put_kept(t, k->lora, out);
  if (k->lora != c->any.lora)
    put_kept(t, c->any.lora, out);
}

// ---- Is it right, is it all -------------------------------------------------------------------

static void tell_checks(const struct telling *t, FILE *out) {
  const bool golden = strcmp(t->x->r->device, "golden") != 0;
  uint32_t done = 0, wrong = 0, other = 0, exact = 0, drift = 0;
  const struct shira_result *worst = NULL;
  for (uint32_t i = 0; i < t->x->n; i++) {
    const struct shira_result *it = t->x->at[i];
    done += it->done;
    wrong += it->done && !it->reference;
    other += it->done && golden && !it->golden;
    exact += it->done && it->sw.restore == SHIRA_RESTORE_EXACT;
    drift += it->done && it->sw.restore == SHIRA_RESTORE_DRIFT;
    if (it->done && it->sw.restore == SHIRA_RESTORE_DRIFT &&
        (!worst || it->sw.restore_drift > worst->sw.restore_drift))
      worst = it;
  }
  if (wrong || other)
    fprintf(out,
            "%" PRIu32 " of %" PRIu32 " results DIFFER from the integer reference, %" PRIu32
            " from the golden model.",
            wrong, done, other);
  else if (done)
    fprintf(out, "All %s equal the integer reference%s, bit for bit.",
            text_plural(done, "result", "results").s, golden ? " and the golden model" : "");
  if (exact + drift)
    fprintf(out,
            " After base to A to B to base %" PRIu32 " of %" PRIu32
            " switches have the weights that they began with.",
            exact, exact + drift);
  if (worst)
    fprintf(out, " The others drift, most of all %s on %s: by %.1e, relative L2.",
            label(t, worst).s, t->x->r->workloads[worst->key.workload].name,
            worst->sw.restore_drift);
}

static void tell_missing(const struct telling *t, FILE *out) {
  const uint32_t missing = shira_report_missing(t->x->r);
  if (missing)
    fprintf(out, "%s of %" PRIu32 " not measured; the list of them has their reasons.",
            text_plural(missing, "point was", "points were").s, t->x->n);
}

// ---- All of it --------------------------------------------------------------------------------

// Adds a paragraph where there is something to tell. false: memory was out.
static bool add(struct answer *a, const char *title, const struct telling *t,
                void (*tell)(const struct telling *, FILE *)) {
  struct prose p;
  if (a->n == MAX_PARAGRAPHS)
    return true;
  if (prose_begin(&p))
    return false;
  tell(t, p.out);
  prose_end(&p);
  if (p.s && !*p.s) {
    free(p.s);
    return true;
  }
  a->at[a->n] = (struct paragraph){strdup(title), p.s};
  return a->at[a->n].title && a->at[a->n++].text;
}

// The cases of the headline's workload and machine, a paragraph for each place of weights and
// adapters.
static bool add_cases(struct answer *a, struct telling *t) {
  bool whole = true;
  for (uint32_t i = 0; i < t->list->n; i++) {
    const struct comparison *c = &t->list->at[i];
    const struct group *g = c->group, *f = t->focus->group;
    t->first = c;
    if (g->workload == f->workload && g->machine == f->machine && (!i || !same_place(c - 1, c)))
      whole = whole && add(a, case_title(t).s, t, tell_case);
  }
  return whole;
}

int words_make(const struct index *x, const struct comparisons *list, struct answer *a,
               struct shira_error *err) {
  struct telling t = {.x = x, .list = list, .focus = compare_focus(x, list)};
  struct prose p;
  *a = (struct answer){0};
  if (prose_begin(&p))
    return shira_fail(err, ENOMEM, "no memory for the report's words");
  (t.focus ? put_headline : put_nothing)(&t, p.out);
  prose_end(&p);
  a->headline = p.s;
  bool whole = a->headline && add(a, "Missing", &t, tell_missing);
  if (t.focus) {
    make_figures(&t, a);
    whole = whole && add(a, "All cases", &t, tell_all) && add_cases(a, &t) &&
            add(a, "Passes", &t, tell_passes) && add(a, "What N adapters keep", &t, tell_adapters);
  }
  whole = whole && add(a, "Exactness", &t, tell_checks);
  if (whole)
    return 0;
  words_free(a);
  return shira_fail(err, ENOMEM, "no memory for the report's words");
}

void words_free(struct answer *a) {
  free(a->headline);
  for (uint32_t i = 0; i < MAX_PARAGRAPHS; i++) {
    free(a->at[i].title);
    free(a->at[i].text);
  }
  *a = (struct answer){0};
}
