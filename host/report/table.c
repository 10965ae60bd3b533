#include "host/report/table.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "host/experiment/facts.h"
#include "shira/report.h"

// ---- Tables -----------------------------------------------------------------------------------

void table_begin(struct table *t, const char *const *head, uint32_t columns) {
  *t = (struct table){.columns = columns, .head = head};
}

void table_cell(struct table *t, const char *format, ...) {
  va_list args;
  if (t->n == t->room) {
    const uint32_t room = t->room ? 2 * t->room : 256;
    struct text *cell = realloc(t->cell, room * sizeof(*cell));
    t->lost = t->lost || !cell;
    if (!cell)
      return;
    t->cell = cell;
    t->room = room;
  }
  va_start(args, format);
  vsnprintf(t->cell[t->n].s, sizeof(t->cell->s), format, args);
  va_end(args);
  t->n++;
}

// Characters, of UTF-8.
static int width_of(const char *s) {
  int n = 0;
  for (; *s; s++)
    n += (*s & 0xc0) != 0x80;
  return n;
}

static void put_row(const struct table *t, const struct text *cell, const int *width, bool markdown,
                    FILE *out) {
  for (uint32_t c = 0; c < t->columns; c++) {
    const bool right = *t->head[c] == '>';
    const char *s = cell ? cell[c].s : t->head[c] + right;
    const int pad = width[c] - width_of(s);
    fputs(markdown ? c ? " | " : "| " : c ? "  " : "", out);
    fprintf(out, "%*s%s%*s", right ? pad : 0, "", s,
            right || (!markdown && c + 1 == t->columns) ? 0 : pad, "");
  }
  fputs(markdown ? " |\n" : "\n", out);
}

static void put_rule(const struct table *t, const int *width, FILE *out) {
  for (uint32_t c = 0; c < t->columns; c++) {
    fputs("|-", out);
    for (int i = 0; i < width[c]; i++)
      fputc('-', out);
    fputs(*t->head[c] == '>' ? ":" : "-", out);
  }
  fputs("|\n", out);
}

bool table_end(struct table *t, const char *title, bool markdown, FILE *out) {
  int width[MAX_COLUMNS];
  for (uint32_t c = 0; c < t->columns; c++) {
    width[c] = width_of(t->head[c] + (*t->head[c] == '>'));
    for (uint32_t i = c; i < t->n; i += t->columns)
      width[c] = width_of(t->cell[i].s) > width[c] ? width_of(t->cell[i].s) : width[c];
  }
  if (t->n) {
    fprintf(out, markdown ? "\n### %s\n\n" : "\n%s\n", title);
    put_row(t, NULL, width, markdown, out);
    if (markdown)
      put_rule(t, width, out);
    for (uint32_t i = 0; i + t->columns <= t->n; i += t->columns)
      put_row(t, t->cell + i, width, markdown, out);
  }
  free(t->cell);
  return !t->lost;
}

// ---- The report's tables ----------------------------------------------------------------------

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
  if (!isfinite(v->figure))
    return text_format("-");
  if (!isfinite(v->low) || v->high - v->low < 0.005 * v->figure)
    return text_ratio(v->figure);
  return text_format("%s (%s to %s)", text_ratio(v->figure).s, text_ratio(v->low).s,
                     text_ratio(v->high).s);
}

static struct text us_text(const struct shira_report *r, const struct shira_case *c, double cycles) {
  return text_format("%.2f", text_cycles_us(r, c, cycles));
}

static void add_contest(const struct product *p, struct table *t, const struct comparison *c,
                        const struct contest *k, const char *passes) {
  if (!k->shira)
    return;
  const struct shira_report *r = p->r;
  table_cell(t, "%s %.1s %s", r->workloads[c->group->workload].name,
             shira_placed_name(c->group->placed), c->host ? "host" : "memory");
  table_cell(t, "%s", shira_pair_size_name(c->size));
  table_cell(t, "%s", passes);
  table_cell(t, "%s", us_text(r, &k->shira->key, (double)measure_figure(&k->shira->m)).s);
  table_cell(t, "%s", us_text(r, &k->lora->key, (double)measure_figure(&k->lora->m)).s);
  table_cell(t, "%s", *c->differs ? "other layers" : ratio_text(&k->ratio).s);
  table_cell(t, "%s", *c->differs ? "-" : side_name(k->winner));
}

static bool put_comparisons(const struct product *p, bool markdown, FILE *out) {
  static const char *const head[] = {"case",     "pairs",   "passes", ">SHiRA us",
                                     ">LoRA us", "LoRA / SHiRA", "quicker"};
  bool whole = true;
  for (uint32_t i = 0; i < p->list.n;) {
    const uint32_t machine = p->list.at[i].group->machine;
    struct table t;
    table_begin(&t, head, 7);
    for (; i < p->list.n && p->list.at[i].group->machine == machine; i++) {
      const struct comparison *c = &p->list.at[i];
      add_contest(p, &t, c, &c->any, "any");
      if (c->written.shira != c->any.shira || c->written.lora != c->any.lora)
        add_contest(p, &t, c, &c->written, "as base");
    }
    whole = table_end(&t,
                      text_format("SHiRA's quickest switch against LoRA's on %s (r resident, s "
                                  "streamed)",
                                  p->r->machines[machine].hw.name)
                          .s,
                      markdown, out) &&
            whole;
  }
  return whole;
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
  table_cell(t, "%s", timed ? us_text(p->r, &it->key, (double)measure_figure(m)).s : "-");
  table_cell(t, "%s", timed && high > low ? text_format("%.1f %%", 100 * (high - low) / low).s : "-");
  table_cell(t, "%s", timed && high > 0 ? text_format("%.0f %%", 100 * measure_of_bound(m)).s : "-");
  table_cell(t, "%s", shira_limit_name(m->limit));
  table_cell(t, "%s", text_bytes((double)it->sw.kept_bytes).s);
  for (uint32_t k = 0; k < p->r->experiment.n_tokens; k++)
    add_pass(p, t, &it->key, p->r->experiment.tokens[k]);
}

// "2048x2048 (4,194,304 weights), resident, on edge16; base passes: 2.31 us at M = 1"
static char *group_title(const struct product *p, const struct group *g) {
  const struct shira_report *r = p->r;
  const struct shira_workload_facts *w = &r->workloads[g->workload];
  struct prose title;
  if (prose_begin(&title))
    return NULL;
  fprintf(title.out, "%s, %s weights, %s, on %s", w->name, text_count(w->weights).s,
          shira_placed_name(g->placed), r->machines[g->machine].hw.name);
  const char *joint = "; a pass with base weights: ";
  for (uint32_t k = 0; k < r->experiment.n_tokens; k++) {
    const struct shira_case *any = &p->x.at[g->first]->key;
    const struct shira_result *base = index_base_pass(&p->x, any, r->experiment.tokens[k]);
    if (!base)
      continue;
    fprintf(title.out, "%s%s at M = %" PRIu32, joint,
            text_us(text_cycles_us(r, &base->key, (double)measure_figure(&base->m))).s,
            r->experiment.tokens[k]);
    joint = ", ";
  }
  prose_end(&title);
  return title.s;
}

static bool put_group(const struct product *p, const struct group *g, bool markdown, FILE *out) {
  const struct shira_experiment *e = &p->r->experiment;
  const char *head[7 + SHIRA_MAX_TOKENS] = {"switch", "from", ">us", ">range", ">bound", "limit",
                                            ">kept"};
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

// ---- Models, area, what is missing ------------------------------------------------------------

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

static bool put_area(const struct shira_machine_facts *m, bool markdown, FILE *out) {
  const char *head[1 + SHIRA_AREA_COUNT] = {"block"};
  struct text titles[SHIRA_AREA_COUNT];
  struct table t;
  for (unsigned f = 0; f < SHIRA_AREA_COUNT; f++) {
    titles[f] = text_format(">%s", area_table.at[f].key);
    head[1 + f] = titles[f].s;
  }
  table_begin(&t, head, 1 + SHIRA_AREA_COUNT);
  for (uint32_t i = 0; m->area.n_blocks && i <= m->area.n_blocks; i++) {
    const bool total = i == m->area.n_blocks;
    table_cell(&t, "%s", total ? "total" : m->area.block[i].name);
    for (unsigned f = 0; f < SHIRA_AREA_COUNT; f++)
      table_cell(&t, "%s", text_count(total ? m->area.total[f] : m->area.block[i].figure[f]).s);
  }
  return table_end(&t, text_format("Area of %s on an FPGA", m->hw.name).s, markdown, out);
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
  for (uint32_t i = 0; i < p->r->n_machines; i++)
    whole = put_area(&p->r->machines[i], markdown, out) && whole;
  put_missing(p, markdown, out);
  return whole;
}
