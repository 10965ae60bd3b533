// The summary on the terminal, and what is common to writing a report.
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host/report/model.h"

int shira_report_write(const struct shira_report *r, const char *dir, struct shira_error *err) {
  static const struct {
    const char *name;
    int (*write)(const struct shira_report *, const char *, struct shira_error *);
  } file[] = {
      {"report.json", report_json}, {"times.json", report_times}, {"report.html", report_html}};
  for (size_t i = 0; i < sizeof(file) / sizeof(file[0]); i++) {
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s", dir, file[i].name);
    int rc = file[i].write(r, path, err);
    if (rc)
      return rc;
  }
  return 0;
}

// ---- The summary ------------------------------------------------------------------------------

#define COLUMNS SHIRA_MAX_PASSES

// Tokens of the workload's passes, ascending; returns how many there are.
static uint32_t tokens_of(const struct shira_report *r, uint32_t first, uint32_t tokens[COLUMNS]) {
  uint32_t n = 0;
  for (uint32_t after = 0; n < COLUMNS; after = tokens[n++]) {
    tokens[n] = UINT32_MAX;
    for (uint32_t i = first; i < r->n_results; i++)
      for (uint32_t k = 0; k < r->results[i].n_passes; k++) {
        uint32_t t = r->results[i].pass[k].tokens;
        if (view_same_workload(&r->results[first], &r->results[i]) && t > after && t < tokens[n])
          tokens[n] = t;
      }
    if (tokens[n] == UINT32_MAX)
      break;
  }
  return n;
}

static const struct shira_pass *pass_of(const struct shira_result *it, uint32_t tokens) {
  for (uint32_t k = 0; k < it->n_passes; k++)
    if (it->pass[k].tokens == tokens)
      return &it->pass[k];
  return NULL;
}

static void print_head(const struct shira_report *r, uint32_t first, const uint32_t *tokens,
                       uint32_t n, FILE *f) {
  const struct shira_result *it = &r->results[first];
  char buf[VIEW_NUMBER];
  fprintf(f, "\n%s", view_workload_name(it));
  if (!it->dim)
    fprintf(f, ", %s", it->layer);
  fprintf(f, ": %s weights, %s\n", view_count(it->weights_total, buf), it->placement);
  fprintf(f, "  %-26s %-10s %11s %10s %8s  %-18s %8s", "strategy", "switch", "cycles", "us",
          "of bound", "limiter", "moved");
  for (uint32_t k = 0; k < n; k++) {
    snprintf(buf, sizeof(buf), k ? "M=%u" : "pass M=%u", tokens[k]);
    fprintf(f, " %10s", buf);
  }
  fputs("\n", f);
}

static void print_switch(const struct shira_report *r, const struct shira_result *it, FILE *f) {
  char cycles[VIEW_NUMBER], bytes[VIEW_NUMBER];
  if (view_timed(&it->sw))
    fprintf(f, "%11s %10.2f %6.1f %%", view_count(it->sw.cycles, cycles),
            view_us(r, (double)it->sw.cycles), view_of_bound(&it->sw));
  else if (view_timed_switch(it))
    fprintf(f, "%11s %10.2f %8s", "0", 0.0, "-");
  else
    fprintf(f, "%11s %10s %8s", "-", "-", "-");
  fprintf(f, "  %-18s %8s", view_limit(&it->sw),
          view_bytes(view_bytes_read(&it->sw) + view_bytes_written(&it->sw), bytes));
}

// A pass of base weights in cycles, of others over that.
static void print_pass(const struct shira_result *it, const struct shira_pass *p, FILE *f) {
  char buf[VIEW_NUMBER];
  if (!p || !view_timed(&p->m) || !isfinite(p->overhead))
    fprintf(f, " %10s", p ? "-" : "");
  else if (view_is_base(it))
    fprintf(f, " %10s", view_count(p->m.cycles, buf));
  else
    fprintf(f, " %+8.2f %%", 100 * p->overhead);
}

static void print_row(const struct shira_report *r, const struct shira_result *it,
                      const uint32_t *tokens, uint32_t n, FILE *f) {
  char label[VIEW_LABEL], way[72];
  snprintf(way, sizeof(way), "%s -> %s", it->from, it->to);
  fprintf(f, "  %-26s %-10s ", view_label(it, label), it->has_switch ? way : "");
  if (it->has_switch)
    print_switch(r, it, f);
  else
    fprintf(f, "%11s %10s %8s  %-18s %8s", "", "", "", "", "cycles:");
  for (uint32_t k = 0; it->n_passes && k < n; k++)
    print_pass(it, pass_of(it, tokens[k]), f);
  fputs("\n", f);
}

static void print_best(const struct shira_report *r, const struct shira_result *it, uint32_t m,
                       double tokens, FILE *f) {
  char label[VIEW_LABEL];
  fprintf(f, "  %11.2f us %-24s", view_us(r, view_cost(it, m, tokens)), view_label(it, label));
}

// SHiRA's best against LoRA's best for some tokens between two switches, their passes included.
static void print_traffic(const struct shira_report *r, const struct shira_result *any, uint32_t m,
                          double tokens, FILE *f) {
  const struct shira_result *shira = view_cheapest(r, any, true, m, tokens);
  const struct shira_result *lora = view_cheapest(r, any, false, m, tokens);
  char ratio[VIEW_NUMBER];
  if (!shira || !lora)
    return;
  double speed = view_speed(view_cost(shira, m, tokens), view_cost(lora, m, tokens));
  fprintf(f, "  %7.0f %5u", tokens, m);
  print_best(r, shira, m, tokens, f);
  print_best(r, lora, m, tokens, f);
  if (fabs(speed - 1) < VIEW_SAME)
    fputs("  the same\n", f);
  else
    fprintf(f, "  %s times %s\n", view_ratio(speed > 1 ? speed : 1 / speed, ratio),
            speed > 1 ? "faster" : "slower");
}

static void print_verdict(const struct shira_report *r, FILE *f) {
  for (uint32_t i = 0; i < r->n_results; i++) {
    const struct shira_result *it = &r->results[i];
    struct view_pick p = view_pick(r, it);
    uint32_t m[COLUMNS];
    if (!view_is_told(r, i) || !p.shira || !p.lora)
      continue;
    fprintf(f, "\n%s, %s, adapters in %s, %s -> %s and the tokens until the next switch\n",
            view_workload_name(it), it->placement, view_kept(it), p.shira->from, p.shira->to);
    fprintf(f, "  %7s %5s  %-38s  %-38s  %s\n", "tokens", "M", "SHiRA's best", "LoRA's best",
            "SHiRA is");
    uint32_t n = tokens_of(r, i, m);
    for (uint32_t k = 0; k < n; k++)
      for (double tokens = m[k]; tokens <= VIEW_MOST_TOKENS; tokens *= 10)
        print_traffic(r, it, m[k], tokens, f);
  }
}

static void print_checks(const struct shira_report *r, FILE *f) {
  uint32_t reference = 0, golden = 0, drift = 0, exact = 0;
  for (uint32_t i = 0; i < r->n_results; i++) {
    reference += !view_equal(&r->results[i], false);
    golden += !view_equal(&r->results[i], true);
    drift += r->results[i].restore == SHIRA_RESTORE_DRIFT;
    exact += r->results[i].has_switch && r->results[i].restore == SHIRA_RESTORE_EXACT;
  }
  if (!r->n_results)
    return;
  if (reference || golden)
    fprintf(f, "\n%u of %u results DIFFER from the reference, %u from the golden model", reference,
            r->n_results, golden);
  else
    fprintf(f, "\nall %u results equal the reference%s, bit for bit", r->n_results,
            view_is_golden(&r->results[0]) ? "" : " and the golden model");
  if (drift)
    fprintf(f, "; %u of %u ways back to base drift", drift, drift + exact);
  else if (exact)
    fprintf(f, "; every way back to base is exact");
  fputs("\n", f);
}

// One line a switch: cycles, time, how near the bound it is and what bounds it, bytes moved, and
// what a pass then costs over the base; then who wins, and whether everything was as it must be.
void shira_report_print(const struct shira_report *r, FILE *f) {
  fprintf(f, "%s on %s, %u MHz, device %s, seed %llu", r->experiment.name, r->machine.name,
          r->machine.clock_mhz, r->n_results ? r->results[0].device : "-",
          (unsigned long long)r->seed);
  if (r->stall_percent)
    fprintf(f, ", %u %% random stalls", r->stall_percent);
  fputs("\n", f);
  for (uint32_t first = 0; first < r->n_results; first++) {
    uint32_t tokens[COLUMNS];
    if (!view_first_of_workload(r, first))
      continue;
    uint32_t n = tokens_of(r, first, tokens);
    print_head(r, first, tokens, n, f);
    for (uint32_t i = first; i < r->n_results; i++)
      if (view_same_workload(&r->results[first], &r->results[i]))
        print_row(r, &r->results[i], tokens, n, f);
  }
  print_verdict(r, f);
  model_print(r, f);
  print_checks(r, f);
}
