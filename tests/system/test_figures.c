// System against theory, on edge16: how near their bounds the switches and passes of a 2048 x 2048
// come, resident and streamed. One TAP line a figure, with the figure in it.
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

// "resident/shira-scatter-rand-swap/A-B": a result's id without its workload.
static const struct shira_result *find(const struct shira_report *r, const char *id) {
  for (uint32_t i = 0; i < r->n_results; i++) {
    const char *own = strchr(r->results[i].id, '/');
    if (own && !strcmp(own + 1, id))
      return &r->results[i];
  }
  return NULL;
}

static double efficiency(const struct shira_measure *m) {
  return 100 * m->bound_cycles / (double)m->cycles;
}

static void check_switch(const struct shira_report *r, const char *id, double least) {
  const struct shira_result *res = find(r, id);
  char what[128];
  snprintf(what, sizeof(what), "%s, %% of bound (at least %.0f)", id, least);
  double e = res ? efficiency(&res->sw) : 0;
  figure(what, e, e >= least && e <= 100);
}

static void check_passes(const struct shira_report *r, const char *id, double least_decode,
                         double least_prefill) {
  const struct shira_result *res = find(r, id);
  for (uint32_t i = 0; res && i < res->n_passes; i++) {
    double least = res->pass[i].tokens == 1 ? least_decode : least_prefill;
    double e = efficiency(&res->pass[i].m);
    char what[128];
    snprintf(what, sizeof(what), "pass of %s at M = %u, %% of bound (at least %.0f)", id,
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

static const struct {
  const char *id;
  double least;
} switches[] = {
    {"resident/shira-scatter-rand-transition/A-B", 95},
    {"resident/shira-scatter-struct-transition/A-B", 95},
    {"resident/shira-scatter-rand-set/A-B", 90},
    {"resident/shira-scatter-struct-set/A-B", 90},
    {"resident/shira-scatter-rand-swap/A-B", 85},
    {"resident/shira-scatter-struct-swap/A-B", 85},
    {"resident/shira-scatter-rand-sub/A-B", 90},
    {"resident/shira-scatter-struct-sub/A-B", 90},
    {"resident/lora-fused-clean/A-B", 85},
    {"resident/lora-fused-in-place/A-B", 85},
    {"resident/lora-unfused/A-B", 85},
    {"resident/reload/A-B", 85},
    {"streamed/lora-fused-clean/A-B", 85},
    {"streamed/lora-fused-in-place/A-B", 85},
    {"streamed/lora-unfused/A-B", 85},
    {"streamed/shira-dram-rand-transition/A-B", 80},
    {"streamed/shira-dram-struct-transition/A-B", 80},
    {"streamed/shira-dram-rand-swap/A-B", 80},
    {"streamed/shira-dram-rand-sub/A-B", 80},
};

static const struct {
  const char *id;
  double decode, prefill;
} passes[] = {
    {"resident/base/base-base", 90, 95},
    {"resident/lora-unfused/A-B", 85, 85},
    {"streamed/base/base-base", 90, 90},
    {"streamed/reload/A-B", 90, 90},
    {"streamed/lora-fused-clean/A-B", 90, 90},
    {"streamed/lora-unfused-chip/A-B", 90, 90},
    {"streamed/shira-overlay-rand/A-B", 85, 85},
    {"streamed/shira-overlay-struct/A-B", 85, 85},
    {"streamed/shira-dram-rand-transition/A-B", 90, 90},
};

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
  for (size_t i = 0; i < sizeof(switches) / sizeof(*switches); i++)
    check_switch(&r, switches[i].id, switches[i].least);
  for (size_t i = 0; i < sizeof(passes) / sizeof(*passes); i++)
    check_passes(&r, passes[i].id, passes[i].decode, passes[i].prefill);
  const struct shira_result *rand = find(&r, "resident/shira-scatter-rand-transition/base-A");
  double bytes = rand ? (double)rand->stream_bytes / (double)rand->updates : 99;
  figure("gap8 bytes an update at 1 %, all included (at most 2.2)", bytes, bytes <= 2.2);
  printf("1..%u\n", tests);
  shira_report_free(&r);
  return failures ? 1 : 0;
}
