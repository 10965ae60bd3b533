// Cells and rows that the tables of report.html share.
#include "host/report/cells.h"

#include <math.h>

// ---- Cells ------------------------------------------------------------------------------------

void cell_count(uint64_t v, FILE *out) {
  char buf[VIEW_NUMBER];
  fprintf(out, "<td>%s</td>", view_count(v, buf));
}

void cell_text(const char *text, FILE *out) {
  fputs("<td class=\"t\">", out);
  view_html(text, out);
  fputs("</td>", out);
}

void cell_us(double us, FILE *out) {
  char whole[VIEW_NUMBER];
  uint64_t hundredths = (uint64_t)llround(100 * us);
  fprintf(out, "<td>%s.%02u</td>", view_count(hundredths / 100, whole),
          (unsigned)(hundredths % 100));
}

void cell_bytes(uint64_t bytes, FILE *out) {
  char buf[VIEW_NUMBER];
  fprintf(out, "<td>%s</td>", view_bytes(bytes, buf));
}

void cell_share(double share, FILE *out) {
  if (isfinite(share))
    fprintf(out, "<td>%.1f</td>", 100 * share);
  else
    cell_none(out);
}

void cell_none(FILE *out) {
  fputs("<td class=\"none\">&ndash;</td>", out);
}

// ---- Rows -------------------------------------------------------------------------------------

void cell_strategy(const struct shira_result *it, FILE *out) {
  char label[VIEW_LABEL];
  fprintf(out, "<th scope=\"row\"><i style=\"background:%s\"></i>", view_colour(it));
  view_html(view_label(it, label), out);
  fputs("</th>", out);
}

void cell_way(const struct shira_result *it, FILE *out) {
  fputs("<td class=\"t\">", out);
  view_html(it->from, out);
  fputs("&nbsp;&rarr;&nbsp;", out);
  view_html(it->to, out);
  fputs("</td>", out);
}

void workload_head(const struct shira_result *it, int columns, FILE *out) {
  char buf[VIEW_NUMBER];
  fprintf(out, "<tbody><tr class=\"head\"><th colspan=\"%d\" scope=\"rowgroup\"><span>", columns);
  view_html(view_workload_name(it), out);
  fputs("</span> <small>", out);
  if (!it->dim) {
    view_html(it->layer, out);
    fputs(", ", out);
  }
  fprintf(out, "%s weights, ", view_count(it->weights_total, buf));
  view_html(it->placement, out);
  fputs(", device ", out);
  view_html(it->device, out);
  fputs("</small></th></tr>\n", out);
}

void rows(const struct shira_report *r, int columns, row_test *has, row_writer *row, FILE *out) {
  for (uint32_t first = 0; first < r->n_results; first++) {
    bool head = false;
    if (!view_first_of_workload(r, first))
      continue;
    for (uint32_t i = first; i < r->n_results; i++) {
      const struct shira_result *it = &r->results[i];
      if (!view_same_workload(&r->results[first], it) || !has(r, it))
        continue;
      if (!head)
        workload_head(it, columns, out);
      head = true;
      row(r, it, out);
    }
    if (head)
      fputs("</tbody>\n", out);
  }
}

bool any_row(const struct shira_report *r, row_test *has) {
  for (uint32_t i = 0; i < r->n_results; i++)
    if (has(r, &r->results[i]))
      return true;
  return false;
}
