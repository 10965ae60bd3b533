// System against theory, on edge16: how near their bounds the switches and passes of a resident
// 2048 x 2048 come. One TAP line a figure, with the figure in it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shira/experiment.h"

static unsigned tests, failures;

static void figure(const char *what, double value, bool good) {
  tests++;
  failures += !good;
  printf("%sok %u - %s: %.2f\n", good ? "" : "not ", tests, what, value);
}

static const struct shira_result *find(const struct shira_report *r, const char *strategy,
                                       const char *mask, const char *from, const char *to) {
  for (uint32_t i = 0; i < r->n_results; i++)
    if (!strcmp(r->results[i].strategy, strategy) && !strcmp(r->results[i].mask, mask) &&
        !strcmp(r->results[i].from, from) && !strcmp(r->results[i].to, to))
      return &r->results[i];
  return NULL;
}

static double efficiency(const struct shira_measure *m) {
  return 100 * m->bound_cycles / (double)m->cycles;
}

static void check_switch(const struct shira_report *r, const char *strategy, const char *mask,
                         double least) {
  const struct shira_result *res = find(r, strategy, mask, "A", "B");
  char what[128];
  snprintf(what, sizeof(what), "%s %s A -> B, %% of bound (at least %.0f)", strategy, mask, least);
  double e = res ? efficiency(&res->sw) : 0;
  figure(what, e, e >= least && e <= 100);
}

static void check_passes(const struct shira_report *r, const char *strategy, const char *from,
                         double least_decode, double least_prefill) {
  const struct shira_result *res = NULL;
  for (uint32_t i = 0; i < r->n_results; i++)
    if (!strcmp(r->results[i].strategy, strategy) && !strcmp(r->results[i].from, from))
      res = &r->results[i];
  for (uint32_t i = 0; res && i < res->n_passes; i++) {
    double least = res->pass[i].tokens == 1 ? least_decode : least_prefill;
    double e = efficiency(&res->pass[i].m);
    char what[128];
    snprintf(what, sizeof(what), "pass %s at M = %u, %% of bound (at least %.0f)", strategy,
             res->pass[i].tokens, least);
    figure(what, e, e >= least && e <= 100);
  }
  if (!res || res->n_passes < 2)
    figure("passes are there", 0, false);
}

// A device that never waits for memory would make every latency figure a lie.
static void check_latency(const struct shira_report *r) {
  figure("memory latency, cycles (at least 100)", r->machine.memory_latency,
         r->machine.memory_latency >= 100);
}

int main(void) {
  const char *rtl = getenv("SHIRA_RTL_DIR");
  struct shira_run_options o = {
      .backend = "rtl", .rtl_root = rtl ? rtl : "build/rtl", .work_dir = "build/tests/figures"};
  struct shira_report r;
  struct shira_error err = {""};
  int rc = shira_make_folder("build/tests", &err);
  if (!rc)
    rc = shira_experiment_run("configs/experiments/figures.yaml", &o, &r, &err);
  printf("%sok 1 - results are right and not below their bounds%s%s\n", rc ? "not " : "",
         rc ? ": " : "", rc ? err.text : "");
  tests = 1;
  if (rc)
    return 1;
  check_latency(&r);
  check_switch(&r, "shira-scatter", "rand", 95);
  check_switch(&r, "shira-scatter", "struct", 90);
  check_switch(&r, "lora-fused", "", 85);
  check_switch(&r, "lora-unfused", "", 85);
  check_switch(&r, "reload", "", 85);
  check_passes(&r, "base", "base", 90, 95);
  check_passes(&r, "lora-unfused", "A", 85, 85);
  const struct shira_result *rand = find(&r, "shira-scatter", "rand", "base", "A");
  double bytes = rand ? (double)rand->stream_bytes / (double)rand->updates : 99;
  figure("gap8 bytes an update at 1 %, all included (at most 2.2)", bytes, bytes <= 2.2);
  printf("1..%u\n", tests);
  shira_report_free(&r);
  return failures ? 1 : 0;
}
