// From a block to the model: what equal blocks took, how far they differ, and what their model
// takes.
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "host/report/html.h"
#include "host/report/model.h"

static void cells_figure(const struct shira_report *r, const struct model_figure *f, FILE *out) {
  char text[VIEW_NUMBER];
  for (uint32_t i = 0; i < f->n; i++)
    fprintf(out, "<td>%s</td>", view_count(f->cycles[i], text));
  fprintf(out, "<td>%.2f&nbsp;%%</td><td><b>%.3f</b></td>", 100 * f->differ,
          view_us(r, f->model) / 1000);
}

// The first cells of a strategy, which all of its lines share.
static void cells_strategy(const struct model_row *row, uint32_t lines, FILE *out) {
  const struct shira_result *it = row->it[0];
  char label[VIEW_LABEL];
  fprintf(out, "<th scope=\"row\" rowspan=\"%" PRIu32 "\"><i style=\"background:%s\"></i>", lines,
          view_colour(it));
  view_html(view_label(it, label), out);
  fputs("</th>", out);
}

static void cell_adapter(const struct model_row *row, uint32_t lines, FILE *out) {
  char bytes[VIEW_NUMBER];
  if (row->it[0]->adapter_bytes)
    fprintf(out, "<td rowspan=\"%" PRIu32 "\">%s</td>", lines,
            view_bytes((uint64_t)model_adapter_bytes(row), bytes));
  else
    fprintf(out, "<td rowspan=\"%" PRIu32 "\" class=\"none\">&ndash;</td>", lines);
}

static void line_switch(const struct shira_report *r, const struct model_row *row, uint32_t lines,
                        FILE *out) {
  const struct shira_result *it = row->it[0];
  struct model_figure f = model_switch(row);
  fputs("<tr>", out);
  cells_strategy(row, lines, out);
  fputs("<td class=\"t\">switch ", out);
  view_html(it->from, out);
  fputs("&nbsp;&rarr;&nbsp;", out);
  view_html(it->to, out);
  fputs("</td>", out);
  cells_figure(r, &f, out);
  fputs("<td class=\"none\">&ndash;</td>", out);
  cell_adapter(row, lines, out);
  fputs("</tr>\n", out);
}

static void rows(const struct shira_report *r, const struct model_row *row, FILE *out) {
  const struct shira_result *it = row->it[0];
  uint32_t lines = it->n_passes + it->has_switch;
  if (it->has_switch)
    line_switch(r, row, lines, out);
  for (uint32_t k = 0; k < it->n_passes; k++) {
    struct model_figure f = model_pass(row, k);
    bool first = k == 0 && !it->has_switch;
    fputs("<tr>", out);
    if (first)
      cells_strategy(row, lines, out);
    fprintf(out, "<td class=\"t\">pass, M = %" PRIu32 "</td>", it->pass[k].tokens);
    cells_figure(r, &f, out);
    double over = 100 * model_overhead(r, row, k);
    if (view_is_base(it))
      fputs("<td class=\"none\">&ndash;</td>", out);
    else // -0.00 would read as less
      fprintf(out, "<td>%+.2f&nbsp;%%</td>", fabs(over) < 0.005 ? 0 : over);
    if (first)
      cell_adapter(row, lines, out);
    fputs("</tr>\n", out);
  }
}

static void table(const struct shira_report *r, const struct model_row *first, FILE *out) {
  char block[VIEW_NUMBER];
  const struct shira_result *it = first->it[0];
  fprintf(out,
          "<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr class=\"group\">"
          "<th rowspan=\"2\">strategy</th><th rowspan=\"2\" class=\"t\">what</th>"
          "<th colspan=\"%" PRIu32 "\">cycles</th><th rowspan=\"2\"><abbr title=\"largest less "
          "smallest, of their mean\">differ</abbr></th>"
          "<th colspan=\"3\">all %" PRIu32 " blocks</th></tr>\n<tr>",
          first->n, it->blocks.all);
  for (uint32_t i = 0; i < first->n; i++)
    fprintf(out, "<th>%s</th>", model_blocks(first->it[i], block));
  fputs("<th>ms</th><th><abbr title=\"over the model&#39;s pass with base weights\">over "
        "base</abbr></th><th><abbr title=\"bytes of an adapter of the whole model while it is not "
        "active\">kept</abbr></th></tr></thead>\n",
        out);
  for (uint32_t i = 0; i < r->n_results; i++) {
    struct model_row row = model_row(r, i);
    if (!row.n || !model_same(row.it[0], it))
      continue;
    fputs("<tbody>\n", out);
    rows(r, &row, out);
    fputs("</tbody>\n", out);
  }
  fputs("</table></div>\n", out);
}

static void tell_basis(const struct shira_report *r, const struct model_row *first, FILE *out) {
  const struct shira_result *it = first->it[0];
  char text[256], what[VIEW_LABEL + 32];
  double differ = model_most_differ(r, it, what);
  fputs("<p>", out);
  view_html(it->model, out);
  fprintf(out,
          " has %" PRIu32 " blocks of equal shape. Measured on their own, %s, were %s, each with "
          "weights and adapters of its own, and as far into memory as it lies in the whole model. ",
          it->blocks.all, it->placement, model_measured(first, text, sizeof(text)));
  fprintf(out, "They differ by at most <b>%.2f&nbsp;%%</b>, in ", 100 * differ);
  view_html(what, out);
  fprintf(out,
          ". The model&rsquo;s figures are sums over its %" PRIu32
          " blocks, each at the mean of those that were measured.</p>\n",
          it->blocks.all);
}

static void tell_outside(const struct shira_report *r, const struct model_row *first, FILE *out) {
  const struct shira_result *it = first->it[0];
  const uint64_t table = (uint64_t)it->blocks.hidden * it->blocks.vocab;
  char a[VIEW_NUMBER], b[VIEW_NUMBER];
  fputs("<p class=\"outside\">Not in the figures of the model: ", out);
  if (table)
    fprintf(out, "the embedding and the head (%s weights each), ", view_count(table, a));
  fputs("attention and norms, and what blocks that follow one another in one program would save: "
        "each block has a doorbell and an end of its own.",
        out);
  for (uint32_t i = 0; i < r->n_results; i++) {
    struct model_row row = model_row(r, i);
    double have, need;
    char label[VIEW_LABEL];
    if (!row.n || !model_same(row.it[0], it) || (need = model_kept_bytes(r, &row, &have)) <= have)
      continue;
    fputs(" <b>", out);
    view_html(view_label(row.it[0], label), out);
    fprintf(out, "</b> does not fit this machine as a whole: both adapters%s take %s, of %s.",
            !strcmp(row.it[0]->kept, "memory") ? " and the base weights" : "",
            view_bytes((uint64_t)need, a), view_bytes((uint64_t)have, b));
  }
  fputs("</p>\n", out);
}

void html_model(const struct shira_report *r, FILE *out) {
  for (uint32_t i = 0; i < r->n_results; i++) {
    if (!model_is_first(r, i))
      continue;
    struct model_row first = model_row(r, i);
    fputs("<h2>From a block to the model: ", out);
    view_html(first.it[0]->model, out);
    fputs(", ", out);
    view_html(first.it[0]->placement, out);
    fputs("</h2>\n", out);
    tell_basis(r, &first, out);
    table(r, &first, out);
    tell_outside(r, &first, out);
  }
}
