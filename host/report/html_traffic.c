// Who wins, by the traffic of tokens: a switch and the passes until the next one, together.
#include <inttypes.h>
#include <math.h>

#include "host/report/html.h"

static void cell_best(const struct shira_report *r, const struct shira_result *it, uint32_t m,
                      double tokens, FILE *out) {
  char label[VIEW_LABEL], time[VIEW_NUMBER], bytes[VIEW_NUMBER];
  fprintf(out, "<td>%s</td><td class=\"t\"><i style=\"background:%s\"></i>",
          view_time(view_us(r, view_cost(it, m, tokens)), time), view_colour(it));
  view_html(view_label(it, label), out);
  fprintf(out, "</td><td>%s</td>", view_bytes(it->adapter_bytes, bytes));
}

static void row(const struct shira_report *r, const struct shira_result *any, uint32_t m,
                double tokens, FILE *out) {
  const struct shira_result *shira = view_cheapest(r, any, true, m, tokens);
  const struct shira_result *lora = view_cheapest(r, any, false, m, tokens);
  char count[VIEW_NUMBER], ratio[VIEW_NUMBER];
  double speed = view_speed(view_cost(shira, m, tokens), view_cost(lora, m, tokens));
  fprintf(out, "<tr><td>%s</td><td>%" PRIu32 "</td>", view_count((uint64_t)tokens, count), m);
  cell_best(r, shira, m, tokens, out);
  cell_best(r, lora, m, tokens, out);
  if (fabs(speed - 1) < VIEW_SAME)
    fputs("<td class=\"t\">the same</td></tr>\n", out);
  else
    fprintf(out, "<td class=\"t\">%s times %s</td></tr>\n",
            view_ratio(speed > 1 ? speed : 1 / speed, ratio), speed > 1 ? "faster" : "slower");
}

void html_traffic(const struct shira_report *r, const struct shira_result *any, FILE *out) {
  const struct shira_result *shira = NULL, *lora = NULL;
  for (uint32_t k = 0; k < any->n_passes; k++) {
    shira = view_cheapest(r, any, true, any->pass[k].tokens, 1);
    lora = view_cheapest(r, any, false, any->pass[k].tokens, 1);
  }
  if (!shira || !lora)
    return;
  fputs("<div class=\"scroll\" tabindex=\"0\"><table class=\"best\">\n<thead><tr class=\"group\">"
        "<th rowspan=\"2\">tokens between<br>two switches</th><th rowspan=\"2\">M</th>"
        "<th colspan=\"3\">SHiRA&rsquo;s best</th><th colspan=\"3\">LoRA&rsquo;s best</th>"
        "<th rowspan=\"2\" class=\"t\">SHiRA is</th></tr>\n<tr>",
        out);
  for (int side = 0; side < 2; side++)
    fputs(
        "<th><abbr title=\"of the switch and the passes\">time</abbr></th>"
        "<th class=\"t\">strategy</th>"
        "<th><abbr title=\"bytes that each adapter takes while it is not active\">kept</abbr></th>",
        out);
  fputs("</tr></thead><tbody>\n", out);
  for (uint32_t k = 0; k < any->n_passes; k++)
    for (double tokens = any->pass[k].tokens; tokens <= VIEW_MOST_TOKENS; tokens *= 10)
      if (view_cheapest(r, any, true, any->pass[k].tokens, 1) &&
          view_cheapest(r, any, false, any->pass[k].tokens, 1))
        row(r, any, any->pass[k].tokens, tokens, out);
  fputs("</tbody></table></div>\n", out);
}
