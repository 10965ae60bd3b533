// What the device's memory did: in switches, in decode passes, and the bursts that shira-dram
// touches.
#include <math.h>
#include <string.h>

#include "host/report/cells.h"

// ---- Switches ---------------------------------------------------------------------------------

// Something but descriptors and completion records went over the memory's bus.
static bool moved(const struct shira_report *r, const struct shira_measure *m) {
  const struct view_memory v = view_memory(r, m);
  return view_timed(m) && (v.bytes_read > traffic_read(m, SHIRA_TRAFFIC_DESCRIPTOR) ||
                           v.bytes_written > traffic_written(m, SHIRA_TRAFFIC_COMPLETION));
}

static bool has_memory(const struct shira_report *r, const struct shira_result *it) {
  return view_is_best_undo(r, it) && moved(r, &it->sw);
}

// What takes the bus's time. Reads and writes share what was measured on it by their bursts.
#define PARTS 5
static const struct {
  const char *name, *colour;
} part[PARTS] = {
    {"data read", "#0072b2"},
    {"whole bursts written", "#009e73"},
    {"masked bursts written", "#cc79a7"},
    {"turnaround", "#e69f00"},
    {"refresh", "#d55e00"},
};

static void cell_bus(const struct shira_report *r, const struct shira_measure *m, FILE *out) {
  const struct view_memory v = view_memory(r, m);
  const double each = v.bus / (double)(v.reads + v.writes);
  const double share[PARTS] = {
      each * (double)v.reads, each * (double)m->memory.bursts[SHIRA_DRAM_WRITE],
      each * (double)m->memory.bursts[SHIRA_DRAM_MASKED_WRITE], v.turnaround, v.refresh};
  fputs("<td class=\"stack\">", out);
  for (int k = 0; k < PARTS; k++)
    if (share[k] > 0) // NaN is not
      fprintf(out, "<i style=\"width:%.2f%%;background:%s\"></i>", 100 * share[k], part[k].colour);
  fputs("</td>", out);
}

static void bus_key(FILE *out) {
  fputs("<ul class=\"key\">", out);
  for (int k = 0; k < PARTS; k++)
    fprintf(out, "<li><i style=\"background:%s\"></i>%s</li>", part[k].colour, part[k].name);
  fputs("<li class=\"note\">the rest of a bar: nothing to move, or rows being opened</li></ul>\n",
        out);
}

static void cells_latency(const struct view_memory *v, FILE *out) {
  if (v->reads) {
    cell_count(v->p50, out);
    cell_count(v->p99, out);
  } else {
    cell_none(out);
    cell_none(out);
  }
}

static void cells_memory(const struct shira_report *r, const struct shira_measure *m, FILE *out) {
  const struct view_memory v = view_memory(r, m);
  cell_bytes(v.bytes_read, out);
  cell_bytes(v.bytes_written, out);
  cell_count(v.reads, out);
  cell_count(m->memory.bursts[SHIRA_DRAM_WRITE], out);
  cell_count(m->memory.bursts[SHIRA_DRAM_MASKED_WRITE], out);
  cell_share(v.row_hits, out);
  cell_share(v.bus, out);
  cell_share(v.refresh, out);
  cell_share(v.turnaround, out);
  cells_latency(&v, out);
  cell_bus(r, m, out);
}

static void memory_row(const struct shira_report *r, const struct shira_result *it, FILE *out) {
  fputs("<tr>", out);
  cell_strategy(it, out);
  cell_way(it, out);
  cells_memory(r, &it->sw, out);
  fputs("</tr>\n", out);
}

static void memory_head(const char *second, FILE *out) {
  fprintf(out,
          "<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr class=\"group\">"
          "<th rowspan=\"2\">strategy</th><th rowspan=\"2\" class=\"t\">%s</th>"
          "<th colspan=\"2\">moved</th><th colspan=\"3\">bursts</th>"
          "<th rowspan=\"2\"><abbr title=\"bursts that found their row open\">row hits</abbr>"
          "<br>%%</th><th colspan=\"3\">%% of the time</th>"
          "<th colspan=\"2\"><abbr title=\"cycles from a read's request to its data\">"
          "read latency</abbr></th><th rowspan=\"2\" class=\"t\">the data bus's time</th></tr>\n"
          "<tr><th>read</th><th>written</th><th>read</th><th>whole<br>writes</th>"
          "<th>masked<br>writes</th><th><abbr title=\"data on the bus\">bus in<br>use</abbr></th>"
          "<th><abbr title=\"the bus is empty for a refresh while requests wait\">refresh</abbr>"
          "</th><th><abbr title=\"the bus is empty between reads and writes\">turn-<br>around"
          "</abbr></th><th>p50</th><th>p99</th></tr></thead>\n",
          second);
}

// ---- Traffic classes --------------------------------------------------------------------------

// Some row of the switches has bursts of the class.
static bool class_occurs(const struct shira_report *r, unsigned c) {
  for (uint32_t i = 0; i < r->n_results; i++)
    if (has_memory(r, &r->results[i]) && view_class_bursts(&r->results[i].sw, c) != 0)
      return true;
  return false;
}

static void class_row(const struct shira_report *r, const struct shira_result *it, FILE *out) {
  fputs("<tr>", out);
  cell_strategy(it, out);
  cell_way(it, out);
  for (unsigned c = 0; c < SHIRA_DRAM_CLASSES; c++) {
    const uint64_t bursts = view_class_bursts(&it->sw, c);
    if (bursts != 0)
      cell_bytes(bursts * r->machine.memory_burst_bytes, out);
    else if (class_occurs(r, c))
      cell_none(out);
  }
  fputs("</tr>\n", out);
}

static void class_table(const struct shira_report *r, FILE *out) {
  int columns = 2;
  fprintf(out,
          "<p class=\"why\"><b>The same switches by class of traffic</b>, in whole bursts of "
          "%u&nbsp;bytes. A stream&rsquo;s gaps and values share bursts; how many of each are in "
          "report.json.</p>\n<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr>"
          "<th>strategy</th><th class=\"t\">switch</th>",
          r->machine.memory_burst_bytes);
  for (unsigned c = 0; c < SHIRA_DRAM_CLASSES; c++)
    if (class_occurs(r, c)) {
      fprintf(out, "<th>%s</th>", shira_dram_class_name(c));
      columns++;
    }
  fputs("</tr></thead>\n", out);
  rows(r, columns, has_memory, class_row, out);
  fputs("</table></div>\n", out);
}

// ---- Passes -----------------------------------------------------------------------------------

// The pass of fewest tokens.
static const struct shira_pass *decode(const struct shira_result *it) {
  const struct shira_pass *p = NULL;
  for (uint32_t k = 0; k < it->n_passes; k++)
    if (!p || it->pass[k].tokens < p->tokens)
      p = &it->pass[k];
  return p;
}

static const struct shira_pass *base_decode(const struct shira_report *r,
                                            const struct shira_result *it) {
  for (uint32_t i = 0; i < r->n_results; i++)
    if (view_same_workload(&r->results[i], it) && view_is_base(&r->results[i]))
      return decode(&r->results[i]);
  return NULL;
}

static bool moves_as_base(const struct shira_report *r, const struct shira_result *it) {
  const struct shira_pass *p = decode(it), *base = base_decode(r, it);
  return base && !memcmp(p->m.memory.bursts, base->m.memory.bursts, sizeof(p->m.memory.bursts));
}

// Base, and whatever moves other bursts.
static bool has_decode(const struct shira_report *r, const struct shira_result *it) {
  const struct shira_pass *p = decode(it);
  if (!p || !moved(r, &p->m))
    return false;
  return view_is_base(it) || (view_is_best_undo(r, it) && !moves_as_base(r, it));
}

static void decode_row(const struct shira_report *r, const struct shira_result *it, FILE *out) {
  const struct shira_pass *p = decode(it);
  fputs("<tr>", out);
  cell_strategy(it, out);
  fprintf(out, "<td class=\"t\">%u</td>", p->tokens);
  cells_memory(r, &p->m, out);
  fputs("</tr>\n", out);
}

// ---- Bursts touched ---------------------------------------------------------------------------

// Where adapters are kept, and which way an undo of two streams goes, changes none of this.
static bool has_touched(const struct shira_report *r, const struct shira_result *it) {
  struct view_touched t;
  if (!view_touched(r, it, &t))
    return false;
  for (const struct shira_result *other = r->results; other < it; other++)
    if (view_touched(r, other, &t) && view_same_workload(it, other) &&
        !strcmp(it->mask, other->mask) && !strcmp(it->from, other->from) &&
        it->streams == other->streams)
      return false;
  return true;
}

static void touched_row(const struct shira_report *r, const struct shira_result *it, FILE *out) {
  struct view_touched t;
  view_touched(r, it, &t);
  fputs("<tr>", out);
  cell_strategy(it, out);
  cell_way(it, out);
  cell_text(it->streams > 1                 ? "undo, then apply: two masks, one after another"
            : strcmp(it->from, "base") != 0 ? "transition: both masks in one stream"
                                            : "apply: one mask",
            out);
  cell_count(it->updates, out);
  cell_count(t.bursts, out);
  cell_count(t.written, out);
  fprintf(out, "<td>%.3f&nbsp;%%</td><td>%.2f&nbsp;%%</td>", 100 * t.density, 100 * t.measured);
  if (isfinite(t.expected))
    fprintf(out, "<td>%.2f&nbsp;%%</td>", 100 * t.expected);
  else
    cell_none(out);
  fputs("</tr>\n", out);
}

static void touched_table(const struct shira_report *r, FILE *out) {
  if (!any_row(r, has_touched))
    return;
  fprintf(out,
          "<p class=\"why\"><b>Bursts that shira-dram touches.</b> A burst holds w = %u weights; "
          "one update writes all of it, under a mask. A random mask of density p touches "
          "1&nbsp;&minus;&nbsp;(1&nbsp;&minus;&nbsp;p)<sup>w</sup> of them. p is what the stream "
          "holds: a transition holds the union of two masks, 1&nbsp;&minus;&nbsp;(1&nbsp;&minus;"
          "&nbsp;p)<sup>2</sup> of two that are independent. Struct masks have no such form.</p>\n"
          "<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr><th>strategy</th>"
          "<th class=\"t\">switch</th><th class=\"t\">streams</th><th>updates</th>"
          "<th>bursts of<br>the weights</th><th>bursts<br>written</th>"
          "<th>p, of a<br>stream</th><th>touched by a<br>stream, measured</th>"
          "<th>1&nbsp;&minus;&nbsp;(1&nbsp;&minus;&nbsp;p)<sup>w</sup></th></tr></thead>\n",
          r->machine.memory_burst_bytes);
  rows(r, 9, has_touched, touched_row, out);
  fputs("</table></div>\n", out);
}

// ---- All of it --------------------------------------------------------------------------------

void html_memory(const struct shira_report *r, FILE *out) {
  if (!any_row(r, has_memory)) {
    fputs("<p>No switch was timed that moves anything.</p>\n", out);
    return;
  }
  fputs("<p class=\"why\"><b>Switches</b>, each strategy in its quickest way of undoing. The "
        "device&rsquo;s own memory only: what crosses the host link is not in it, and switches "
        "that move "
        "nothing here but descriptors and completion records are left out.</p>\n",
        out);
  memory_head("switch", out);
  rows(r, 14, has_memory, memory_row, out);
  fputs("</table></div>\n", out);
  bus_key(out);
  class_table(r, out);
  if (any_row(r, has_decode)) {
    fputs("<p class=\"why\"><b>The smallest pass</b>, with base weights, and with every strategy "
          "that then moves other bursts than base does.</p>\n",
          out);
    memory_head("M", out);
    rows(r, 14, has_decode, decode_row, out);
    fputs("</table></div>\n", out);
  }
  touched_table(r, out);
}
