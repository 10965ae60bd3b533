#include "host/report/product.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/experiment/facts.h"
#include "shira/report.h"

// Lines of text, broken at spaces; Markdown needs none.
static void put_text(const char *s, bool markdown, FILE *out) {
  const size_t most = 100;
  if (markdown) {
    fprintf(out, "%s\n", s);
    return;
  }
  while (strlen(s) > most) {
    size_t n = most;
    while (n && s[n] != ' ')
      n--;
    n = n ? n : most;
    fprintf(out, "%.*s\n", (int)n, s);
    s += n + (s[n] == ' ');
  }
  fprintf(out, "%s\n", s);
}

static void put_answer(const struct product *p, bool markdown, FILE *out) {
  const struct shira_report *r = p->r;
  fprintf(out, markdown ? "# %s\n\n" : "%s\n\n", r->experiment.name);
  put_text(p->answer.headline, markdown, out);
  for (uint32_t i = 0; i < p->answer.n; i++) {
    fprintf(out, markdown ? "\n## %s\n\n" : "\n%s\n", p->answer.at[i].title);
    put_text(p->answer.at[i].text, markdown, out);
  }
  fprintf(out, "\n%s, device %s, seed %" PRIu64, r->program, r->device, r->seed);
  if (r->stall_percent)
    fprintf(out, ", %" PRIu32 " %% random stalls", r->stall_percent);
  fputs(".\n", out);
}

static struct text ratio_text(const struct ratio *v) {
  const struct text one = text_ratio(v->figure), low = text_ratio(v->low),
                    high = text_ratio(v->high);
  if (!isfinite(v->figure))
    return text_format("-");
  return strcmp(low.s, high.s) ? text_format("%s (%s to %s)", one.s, low.s, high.s) : one;
}

static void add_contest(const struct product *p, struct table *t, const struct comparison *c,
                        const struct contest *k, const char *passes) {
  if (!k->shira)
    return;
  const struct shira_report *r = p->r;
  table_cell(t, "%s%s%s %.1s %s", r->n_machines > 1 ? r->machines[c->group->machine].hw.name : "",
             r->n_machines > 1 ? " " : "", r->workloads[c->group->workload].name,
             shira_placed_name(c->group->placed), c->host ? "host" : "memory");
  table_cell(t, "%s", shira_pair_size_name(c->size));
  table_cell(t, "%s", passes);
  table_cell(t, "%.2f", measure_us(r, k->shira));
  table_cell(t, "%.2f", measure_us(r, k->lora));
  table_cell(t, "%s", *c->differs ? "other layers" : ratio_text(&k->ratio).s);
  table_cell(t, "%s", *c->differs ? "-" : side_name(k->winner));
}

static bool put_comparisons(const struct product *p, bool markdown, FILE *out) {
  static const char *const head[] = {"case",     "pairs",        "passes", ">SHiRA us",
                                     ">LoRA us", "LoRA / SHiRA", "quicker"};
  struct table t;
  table_begin(&t, head, 7);
  for (uint32_t i = 0; i < p->list.n; i++) {
    const struct comparison *c = &p->list.at[i];
    add_contest(p, &t, c, &c->any, "any");
    if (c->written.shira != c->any.shira || c->written.lora != c->any.lora)
      add_contest(p, &t, c, &c->written, "as base");
  }
  return table_end(&t, "SHiRA's quickest switch against LoRA's (r resident, s streamed)", markdown,
                   out);
}

// ---- Switches ---------------------------------------------------------------------------------

static void add_pass(const struct product *p, struct table *t, const struct shira_case *c,
                     uint32_t tokens) {
  const struct overhead v =
      measure_overhead(index_pass(&p->x, c, tokens), index_base_pass(&p->x, c, tokens));
  if (!isfinite(v.share.figure))
    table_cell(t, "-");
  else
    table_cell(t, "%s", v.same ? "same" : text_overhead(v.share.figure).s);
}

static void add_switch(const struct product *p, struct table *t, const struct shira_result *it) {
  const struct shira_measure *m = &it->m;
  const double low = (double)measure_low(m), high = (double)measure_high(m);
  const bool timed = index_timed(it);
  table_cell(t, "%s", text_label(p->r, &it->key).s);
  table_cell(t, "%s", text_way(&it->key).s);
  table_cell(t, "%s", timed ? text_format("%.2f", measure_us(p->r, it)).s : "-");
  table_cell(t, "%s",
             timed && high > low ? text_format("%.1f %%", 100 * (high - low) / low).s : "-");
  table_cell(t, "%s",
             timed && high > 0 ? text_format("%.0f %%", 100 * measure_of_bound(m)).s : "-");
  table_cell(t, "%s", shira_limit_name(m->limit));
  table_cell(t, "%s", text_bytes((double)it->sw.kept_bytes).s);
  for (uint32_t k = 0; k < p->r->experiment.n_tokens; k++)
    add_pass(p, t, &it->key, p->r->experiment.tokens[k]);
}

// "2048x2048, 4,194,304 weights, resident, on edge16; base passes 2.31 us (M = 1)"
static char *group_title(const struct product *p, const struct group *g) {
  const struct shira_report *r = p->r;
  const struct shira_workload_facts *w = &r->workloads[g->workload];
  struct prose title;
  if (prose_begin(&title))
    return NULL;
  fprintf(title.out, "%s, %s weights, %s, on %s", w->name, text_count(w->weights).s,
          shira_placed_name(g->placed), r->machines[g->machine].hw.name);
  const char *joint = "; base passes ";
  for (uint32_t k = 0; k < r->experiment.n_tokens; k++) {
    const struct shira_case *any = &p->x.at[g->first]->key;
    const struct shira_result *base = index_base_pass(&p->x, any, r->experiment.tokens[k]);
    if (!base)
      continue;
    fprintf(title.out, "%s%s (M = %" PRIu32 ")", joint, text_us(measure_us(r, base)).s,
            r->experiment.tokens[k]);
    joint = ", ";
  }
  prose_end(&title);
  return title.s;
}

static bool put_group(const struct product *p, const struct group *g, bool markdown, FILE *out) {
  const struct shira_experiment *e = &p->r->experiment;
  const char *head[7 + SHIRA_MAX_TOKENS] = {"switch", "from",  ">us",  ">range",
                                            ">bound", "limit", ">kept"};
  struct text passes[SHIRA_MAX_TOKENS];
  struct table t;
  for (uint32_t k = 0; k < e->n_tokens; k++) {
    passes[k] = text_format(">M=%" PRIu32, e->tokens[k]);
    head[7 + k] = passes[k].s;
  }
  table_begin(&t, head, 7 + e->n_tokens);
  for (uint32_t i = 0; i < g->n; i++) {
    const struct shira_result *it = p->x.at[g->first + i];
    if (it->done && it->key.work == SHIRA_WORK_SWITCH)
      add_switch(p, &t, it);
  }
  char *title = group_title(p, g);
  const bool whole = table_end(&t, title ? title : "", markdown, out) && title;
  free(title);
  return whole;
}

// ---- Models, what is missing ------------------------------------------------------------

static bool put_models(const struct product *p, bool markdown, FILE *out) {
  static const char *const head[] = {"model", "point", ">ms", ">blocks", ">differ", ">kept"};
  struct table t;
  table_begin(&t, head, 6);
  for (uint32_t i = 0; i < p->models.n; i++) {
    const struct model_row *row = &p->models.at[i];
    const struct shira_case *c = &row->it[0]->key;
    const bool pass = c->work == SHIRA_WORK_PASS;
    table_cell(&t, "%s, %s", p->r->workloads[c->workload].model, shira_placed_name(c->placed));
    table_cell(&t, "%s, %s", text_label(p->r, c).s,
               pass ? text_format("M = %" PRIu32, c->tokens).s : text_way(c).s);
    table_cell(&t, "%.3f", text_cycles_us(p->r, c, row->cycles) / 1000);
    table_cell(&t, "%" PRIu32, p->r->workloads[c->workload].blocks.all);
    table_cell(&t, "%s", text_share(row->differ).s);
    table_cell(&t, "%s", pass ? "" : text_bytes(row->kept_bytes).s);
  }
  return table_end(&t, "Whole models, their blocks at the mean of those that were measured",
                   markdown, out);
}

static void put_missing(const struct product *p, bool markdown, FILE *out) {
  if (!shira_report_missing(p->r))
    return;
  fprintf(out, markdown ? "\n### Not measured\n\n" : "\nNot measured\n");
  for (uint32_t i = 0; i < p->x.n; i++)
    if (!p->x.at[i]->done) {
      char *id = shira_report_id(p->r, &p->x.at[i]->key);
      fprintf(out, "%s%s: %s\n", markdown ? "- " : "", id ? id : "", p->x.at[i]->reason);
      free(id);
    }
}

bool table_report(const struct product *p, bool markdown, FILE *out) {
  put_answer(p, markdown, out);
  bool whole = put_comparisons(p, markdown, out);
  for (uint32_t i = 0; i < p->x.n_groups; i++)
    whole = put_group(p, &p->x.groups[i], markdown, out) && whole;
  whole = put_models(p, markdown, out) && whole;
  put_missing(p, markdown, out);
  return whole;
}
