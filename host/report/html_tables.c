// Tables of switches, passes, phases and the machine.
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "host/report/cells.h"

// ---- Cells of these tables ---------------------------------------------------------------------

static void cell_flag(bool ok, FILE *out) {
  fputs(ok ? "<td class=\"flag yes\" title=\"equal\">&#10003;</td>"
           : "<td class=\"flag no\" title=\"different\">&#10007;</td>",
        out);
}

static void cell_golden(const struct shira_result *it, bool ok, FILE *out) {
  if (view_is_golden(it))
    cell_none(out);
  else
    cell_flag(ok, out);
}

// Whether base weights came back: a drift is a fact about the strategy, printed as a number.
static void cell_restore(const struct shira_result *it, FILE *out) {
  if (it->restore == SHIRA_RESTORE_NONE)
    fputs("<td class=\"flag none\">&ndash;</td>", out);
  else if (it->restore == SHIRA_RESTORE_EXACT)
    cell_flag(true, out);
  else
    fprintf(out, "<td class=\"no\">%.1e</td>", it->restore_drift);
}

// Cycles, time, bound, share of the bound (with a bar) and limiter.
static void cells_measure(const struct shira_report *r, const struct shira_measure *m, bool timed,
                          FILE *out) {
  if (timed) {
    cell_count(m->cycles, out);
    cell_us(view_us(r, (double)m->cycles), out);
  } else {
    cell_none(out);
    cell_none(out);
  }
  cell_count((uint64_t)ceil(m->bound_cycles), out);
  if (view_timed(m))
    fprintf(out, "<td class=\"bar\"><i style=\"width:%.1f%%\"></i><span>%.1f&nbsp;%%</span></td>",
            fmin(100, view_of_bound(m)), view_of_bound(m));
  else
    cell_none(out);
  cell_text(view_limit(m), out);
}

static bool has_switch(const struct shira_report *r, const struct shira_result *it) {
  (void)r;
  return it->has_switch;
}

static bool has_passes(const struct shira_report *r, const struct shira_result *it) {
  (void)r;
  return it->n_passes > 0;
}

static bool has_phases(const struct shira_report *r, const struct shira_result *it) {
  (void)r;
  return it->has_switch && view_timed(&it->sw);
}

// ---- Switches ---------------------------------------------------------------------------------

static void switch_row(const struct shira_report *r, const struct shira_result *it, FILE *out) {
  const struct shira_measure *m = &it->sw;
  fputs("<tr>", out);
  cell_strategy(it, out);
  cell_text(it->adapter, out);
  cell_way(it, out);
  cells_measure(r, m, view_timed_switch(it), out);
  cell_count(it->updates, out);
  cell_count(view_bytes_read(m), out);
  cell_count(view_bytes_written(m), out);
  cell_count(m->counters[SHIRA_COUNTER_READ_BURSTS], out);
  cell_count(m->counters[SHIRA_COUNTER_WRITTEN_BURSTS], out);
  cell_flag(it->reference, out);
  cell_golden(it, it->golden, out);
  cell_restore(it, out);
  cell_count(it->weights.changed, out);
  cell_count(it->weights.zeroed, out);
  cell_count(it->weights.clipped, out);
  fputs("</tr>\n", out);
}

void html_switches(const struct shira_report *r, FILE *out) {
  if (!any_row(r, has_switch)) {
    fputs("<p>The experiment has no switch.</p>\n", out);
    return;
  }
  fputs("<div class=\"scroll\" tabindex=\"0\"><table class=\"wide\">\n<thead><tr class=\"group\">"
        "<th rowspan=\"2\">strategy</th><th rowspan=\"2\" class=\"t\">adapter</th>"
        "<th rowspan=\"2\" class=\"t\">switch</th><th colspan=\"2\">latency</th>"
        "<th colspan=\"3\">bound</th><th rowspan=\"2\">updates</th>"
        "<th colspan=\"2\">traffic (bytes)</th><th colspan=\"2\">bursts</th>"
        "<th colspan=\"3\">exact</th><th colspan=\"3\">weights</th></tr>\n"
        "<tr><th>cycles</th><th>&micro;s</th><th>cycles</th><th>reached</th>"
        "<th class=\"t\">limiter</th><th>read</th><th>written</th><th>read</th><th>written</th>"
        "<th><abbr title=\"weights equal the integer reference\">ref</abbr></th>"
        "<th><abbr title=\"memories and completions equal the golden model\">gold</abbr></th>"
        "<th><abbr title=\"weights after the way back to base\">back</abbr></th>"
        "<th>changed</th><th>zeroed</th><th>clipped</th></tr></thead>\n",
        out);
  rows(r, 19, has_switch, switch_row, out);
  fputs("</table></div>\n", out);
}

// ---- Passes -----------------------------------------------------------------------------------

static void pass_row(const struct shira_report *r, const struct shira_result *it,
                     const struct shira_pass *p, FILE *out) {
  fputs("<tr>", out);
  char adapter[sizeof(it->adapter) + sizeof(it->to) + 3];
  snprintf(adapter, sizeof(adapter), "%s%s%s", it->adapter, it->has_switch ? ", " : "",
           it->has_switch ? it->to : "");
  cell_strategy(it, out);
  cell_text(adapter, out);
  fprintf(out, "<td>%" PRIu32 "</td>", p->tokens);
  cells_measure(r, &p->m, view_timed(&p->m), out);
  if (view_timed(&p->m) && isfinite(p->overhead))
    fprintf(out, "<td>%+.2f&nbsp;%%</td>", 100 * p->overhead);
  else
    cell_none(out);
  fprintf(out, "<td>%.5f</td>", p->error_l2);
  cell_count(view_bytes_read(&p->m), out);
  cell_count(view_bytes_written(&p->m), out);
  cell_flag(p->reference, out);
  cell_golden(it, p->golden, out);
  fputs("</tr>\n", out);
}

// Passes of a workload with the same M stand together, so that strategies can be compared.
static void pass_rows(const struct shira_report *r, uint32_t first, FILE *out) {
  uint32_t after = 0; // rows of this M and below are written
  for (;;) {
    uint32_t tokens = UINT32_MAX;
    for (uint32_t i = first; i < r->n_results; i++)
      for (uint32_t k = 0; k < r->results[i].n_passes; k++)
        if (view_same_workload(&r->results[first], &r->results[i]) &&
            r->results[i].pass[k].tokens > after && r->results[i].pass[k].tokens < tokens)
          tokens = r->results[i].pass[k].tokens;
    if (tokens == UINT32_MAX)
      return;
    for (uint32_t i = first; i < r->n_results; i++)
      for (uint32_t k = 0; k < r->results[i].n_passes; k++)
        if (view_same_workload(&r->results[first], &r->results[i]) &&
            r->results[i].pass[k].tokens == tokens)
          pass_row(r, &r->results[i], &r->results[i].pass[k], out);
    after = tokens;
  }
}

void html_passes(const struct shira_report *r, FILE *out) {
  if (!any_row(r, has_passes)) {
    fputs("<p>The experiment has no pass.</p>\n", out);
    return;
  }
  fputs("<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr class=\"group\">"
        "<th rowspan=\"2\">strategy</th><th rowspan=\"2\" class=\"t\">adapter</th>"
        "<th rowspan=\"2\">M <small>tokens</small></th><th colspan=\"2\">pass</th>"
        "<th colspan=\"3\">bound</th><th rowspan=\"2\">overhead<br>to base</th>"
        "<th rowspan=\"2\">error<br>(L2)</th><th colspan=\"2\">traffic (bytes)</th>"
        "<th colspan=\"2\">exact</th></tr>\n"
        "<tr><th>cycles</th><th>&micro;s</th><th>cycles</th><th>reached</th>"
        "<th class=\"t\">limiter</th><th>read</th><th>written</th>"
        "<th><abbr title=\"outputs equal the integer reference\">ref</abbr></th>"
        "<th><abbr title=\"outputs equal the golden model\">gold</abbr></th></tr></thead>\n",
        out);
  for (uint32_t i = 0; i < r->n_results; i++) {
    if (!view_first_of_workload(r, i))
      continue;
    workload_head(&r->results[i], 14, out);
    pass_rows(r, i, out);
    fputs("</tbody>\n", out);
  }
  fputs("</table></div>\n", out);
}

// ---- Phases -----------------------------------------------------------------------------------

#define PHASES 5

static const struct {
  const char *name, *colour, *means;
} phase[PHASES] = {
    {"descriptor fetch", "#6b7280", "doorbell to the first engine's start"},
    {"stream fetch", "#e69f00", "to the first data from memory"},
    {"decode", "#cc79a7", "to the first update, product or beat"},
    {"work", "#0072b2", "to the last update, product or beat"},
    {"drain", "#009e73", "to the last completion record"},
};

static void phase_row(const struct shira_report *r, const struct shira_result *it, FILE *out) {
  const struct shira_phases *p = &it->phases;
  const uint64_t cycles[PHASES] = {p->fetch, p->stream, p->decode, p->work, p->drain};
  uint64_t sum = 0;
  (void)r;
  fputs("<tr>", out);
  cell_strategy(it, out);
  cell_way(it, out);
  for (int k = 0; k < PHASES; k++) {
    cell_count(cycles[k], out);
    sum += cycles[k];
  }
  cell_count(sum, out);
  fputs("<td class=\"stack\">", out);
  for (int k = 0; sum && k < PHASES; k++)
    fprintf(out, "<i style=\"width:%.2f%%;background:%s\"></i>",
            100 * (double)cycles[k] / (double)sum, phase[k].colour);
  fputs("</td></tr>\n", out);
}

void html_phases(const struct shira_report *r, FILE *out) {
  if (!any_row(r, has_phases)) {
    fputs("<p>No switch was timed.</p>\n", out);
    return;
  }
  fputs("<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr><th>strategy</th>"
        "<th class=\"t\">switch</th>",
        out);
  for (int k = 0; k < PHASES; k++)
    fprintf(out, "<th><abbr title=\"%s\">%s</abbr></th>", phase[k].means, phase[k].name);
  fputs("<th>sum (cycles)</th><th class=\"t\">share</th></tr></thead>\n", out);
  rows(r, 9, has_phases, phase_row, out);
  fputs("</table></div>\n<ul class=\"key\">", out);
  for (int k = 0; k < PHASES; k++)
    fprintf(out, "<li><i style=\"background:%s\"></i>%s: %s</li>", phase[k].colour, phase[k].name,
            phase[k].means);
  fputs("</ul>\n", out);
}

// ---- Machine ----------------------------------------------------------------------------------

static void parameter(const char *name, uint64_t value, const char *unit, FILE *out) {
  char buf[VIEW_NUMBER];
  fprintf(out, "<div><dt>%s</dt><dd>%s%s%s</dd></div>\n", name, view_count(value, buf),
          *unit ? " " : "", unit);
}

// Sizes that are powers of two read better in KiB and MiB.
static void size(const char *name, uint64_t bytes, FILE *out) {
  if (bytes && bytes % (1u << 20) == 0)
    parameter(name, bytes >> 20, "MiB", out);
  else if (bytes && bytes % 1024 == 0)
    parameter(name, bytes >> 10, "KiB", out);
  else
    parameter(name, bytes, "bytes", out);
}

static void word(const char *name, const char *value, FILE *out) {
  fprintf(out, "<div><dt>%s</dt><dd>", name);
  view_html(value, out);
  fputs("</dd></div>\n", out);
}

static void ports(const char *name, const struct shira_sram *sram, FILE *out) {
  fprintf(out, "<div><dt>%s ports</dt><dd>%s, %s%s</dd></div>\n", name,
          shira_ports_name(sram->ports), shira_arbitration_name(sram->arbitration),
          sram->ecc == SHIRA_ECC_WORD ? ", ECC" : "");
}

static void dram(const struct shira_dram_setup *d, FILE *out) {
  word("DRAM", d->standard.name, out);
  fprintf(out,
          "<div><dt>DRAM channels</dt><dd>%" PRIu32 " &times; %" PRIu32 " bits, %" PRIu32
          " rank%s</dd></div>\n",
          d->channels, d->standard.channel_bits, d->ranks, d->ranks > 1 ? "s" : "");
  word("DRAM mapping", d->mapping, out);
  word("DRAM hash", shira_dram_hash_name(d->hash), out);
  fprintf(out,
          "<div><dt>DRAM queue, window, batch</dt><dd>%" PRIu32 ", %" PRIu32 ", %" PRIu32
          "</dd></div>\n",
          d->queue, d->window, d->batch);
  parameter("DRAM cap", d->cap, "clocks", out);
  if (d->idle_close != 0)
    parameter("DRAM rows closed after", d->idle_close, "idle clocks", out);
  else
    word("DRAM rows closed", "when another is asked for", out);
  word("DRAM refresh", shira_dram_refresh_name(d->refresh), out);
  parameter("DRAM refresh late by", d->refresh_postpone, "tREFI at most", out);
  word("DRAM ECC", shira_ecc_name(d->ecc), out);
}

void html_machine(const struct shira_report *r, FILE *out) {
  const struct shira_machine *m = &r->machine;
  fputs("<dl class=\"machine\">\n", out);
  word("name", m->name, out);
  parameter("clock", m->clock_mhz, "MHz", out);
  fprintf(out, "<div><dt>array</dt><dd>%" PRIu32 " &times; %" PRIu32 "</dd></div>\n", m->array_n,
          m->array_k);
  word("layout", shira_layout_name(m->layout), out);
  size("weight SRAM", m->weight_bytes, out);
  ports("weight SRAM", &m->weight_sram, out);
  parameter("weight banks", m->weight_banks, "", out);
  size("activation SRAM", m->activation_bytes, out);
  ports("activation SRAM", &m->activation_sram, out);
  size("accumulator SRAM", m->accumulator_bytes, out);
  ports("accumulator SRAM", &m->accumulator_sram, out);
  size("parameter SRAM", m->parameter_bytes, out);
  ports("parameter SRAM", &m->parameter_sram, out);
  parameter("scatter lanes", m->scatter_lanes, "updates/cycle", out);
  parameter("scatter decode", m->scatter_decode_bytes, "gap bytes/cycle", out);
  parameter("scatter FIFO depth", m->scatter_fifo_depth, "updates/bank", out);
  word("scatter merge", m->scatter_merge ? "on" : "off", out);
  parameter("stream block", m->scatter_block_updates, "updates", out);
  parameter("AXI data", m->axi_data_bits, "bits", out);
  parameter("AXI burst", m->axi_burst_bytes, "bytes", out);
  parameter("AXI outstanding", m->axi_outstanding, "bursts", out);
  parameter("command queue", m->command_queue_depth, "descriptors/engine", out);
  size("memory", m->memory_bytes, out);
  parameter("memory latency", m->memory_latency, "cycles", out);
  parameter("memory peak", m->memory_peak_mb_s, "MB/s", out);
  parameter("memory in sequence, measured", (uint64_t)llround(r->sequential_mb_s), "MB/s", out);
  parameter("memory burst", m->memory_burst_bytes, "bytes", out);
  if (m->has_dram)
    dram(&m->dram, out);
  size("host memory", m->host_bytes, out);
  parameter("host link latency", m->host_latency, "cycles", out);
  parameter("host link peak", m->host_peak_mb_s, "MB/s", out);
  parameter("host link credits", m->host_credits, "bursts", out);
  fputs("</dl>\n", out);
}
