// System against theory, on edge16: how near their bounds the switches and passes of a 2048 x 2048
// come, resident and streamed. One TAP line a figure, with the figure in it.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/whole.h"
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

// A figure in % of the bound at the rate that memory was measured to give, which is what its user
// may hope for; the bound at the pins' peak, printed too, is never passed.
static void check(const struct shira_measure *m, const char *what, double least) {
  const double peak = 100 * m->bound_cycles / (double)m->cycles;
  const double e = 100 * m->sustained_cycles / (double)m->cycles;
  char text[200];
  snprintf(text, sizeof(text), "%s, %% of bound (%.1f at peak; %s; at least %.0f)", what, peak,
           m->limit, least);
  figure(text, e, e >= least && peak <= 100);
}

static void check_switch(const struct shira_report *r, const char *id, double least) {
  const struct shira_result *res = find(r, id);
  if (res)
    check(&res->sw, id, least);
  else
    figure(id, 0, false);
}

static void check_passes(const struct shira_report *r, const char *id, double least_decode,
                         double least_prefill) {
  const struct shira_result *res = find(r, id);
  for (uint32_t i = 0; res && i < res->n_passes; i++) {
    double least = res->pass[i].tokens == 1 ? least_decode : least_prefill;
    char what[128];
    snprintf(what, sizeof(what), "pass of %s at M = %u", id, res->pass[i].tokens);
    check(&res->pass[i].m, what, least);
  }
  if (!res || res->n_passes < 2)
    figure("passes are there", 0, false);
}

// A device that never waits for memory would make every figure a lie.
static void check_memory(const struct shira_report *r) {
  const double share = 100 * r->sequential_mb_s / r->machine.memory_peak_mb_s;
  figure("memory in sequence, % of its peak (at least 90)", share, share >= 90 && share < 100);
  const struct shira_result *base = find(r, "streamed/base/base-base");
  const struct shira_dram_stats none = {0}, *m = base ? &base->pass[0].m.memory : &none;
  const double half = (double)shira_dram_stats_percentile(m, 0.5);
  figure("median latency of a read while weights stream, cycles (at least 70)", half, half >= 70);
}

// A random mask of density p touches 1 - (1 - p)^32 of the bursts of 32 weights, within four
// standard deviations of 131072 bursts; the masks of two streams each do.
static void check_touched(const struct shira_report *r, const char *id) {
  const struct shira_result *res = find(r, id);
  const uint32_t w = r->machine.memory_burst_bytes;
  char what[200];
  if (!res || !res->streams || !res->image_bytes) {
    figure(id, 0, false);
    return;
  }
  const double bursts = (double)res->image_bytes / w * res->streams;
  const double p = (double)res->updates / (double)res->image_bytes / res->streams;
  const double is = (double)res->sw.counters[SHIRA_COUNTER_WRITTEN_BYTES_WEIGHT] / w / bursts;
  const double theory = 1 - pow(1 - p, w);
  snprintf(what, sizeof(what), "bursts touched by a stream of %s, %% (in theory %.2f)", id,
           100 * theory);
  figure(what, 100 * is, fabs(is - theory) < 4 * sqrt(theory * (1 - theory) / bursts));
}

struct floor {
  const char *id;
  double least;
};

// Both sides of the comparison are held to what they reach.
static const struct floor switches[] = {
    {"resident/shira-scatter-rand-transition/A-B", 95},
    {"resident/shira-scatter-struct-transition/A-B", 95},
    {"resident/shira-scatter-rand-set/A-B", 90},
    {"resident/shira-scatter-struct-set/A-B", 90},
    {"resident/shira-scatter-rand-swap/A-B", 85},
    {"resident/shira-scatter-struct-swap/A-B", 85},
    {"resident/shira-scatter-rand-sub/A-B", 90},
    {"resident/shira-scatter-struct-sub/A-B", 90},
    {"resident/lora-fused-clean/A-B", 92},
    {"resident/lora-fused-in-place/A-B", 95},
    {"resident/lora-unfused/A-B", 95},
    {"resident/reload/A-B", 95},
    {"streamed/lora-fused-clean/A-B", 90},
    {"streamed/lora-fused-in-place/A-B", 90},
    {"streamed/lora-unfused/A-B", 95},
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
    {"resident/lora-unfused/A-B", 90, 95},
    {"streamed/base/base-base", 90, 90},
    {"streamed/reload/A-B", 90, 90},
    {"streamed/lora-fused-clean/A-B", 90, 90},
    {"streamed/lora-unfused-chip/A-B", 90, 90},
    {"streamed/shira-overlay-rand/A-B", 85, 85},
    {"streamed/shira-overlay-struct/A-B", 85, 85},
    {"streamed/shira-dram-rand-transition/A-B", 90, 90},
};

// The same before a memory of a fixed rate, in % of the bound at its peak: what the accelerator
// reaches by itself.
static const struct floor fixed[] = {
    {"resident/shira-scatter-rand-transition/A-B", 95},
    {"resident/shira-scatter-struct-transition/A-B", 95},
    {"resident/shira-scatter-rand-swap/A-B", 85},
    {"resident/shira-scatter-struct-swap/A-B", 85},
};

static void run_experiment(const char *path, const struct shira_run_options *o,
                           struct shira_report *r) {
  struct shira_error err = {""};
  const int rc = shira_experiment_run(path, o, r, &err);
  tests++;
  failures += rc != 0;
  printf("%sok %u - %s: results are right and not below their bounds%s%s\n", rc ? "not " : "",
         tests, path, rc ? ": " : "", rc ? err.text : "");
}

static void check_fixed(const struct shira_run_options *o) {
  struct shira_report r;
  run_experiment("configs/experiments/fixed.yaml", o, &r);
  figure("memory latency, cycles (at least 100)", r.machine.memory_latency,
         !r.machine.has_dram && r.machine.memory_latency >= 100);
  for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
    check_switch(&r, fixed[i].id, fixed[i].least);
  shira_report_free(&r);
}

// Bytes that the device counted by class, and the bursts that its memory served for them: nothing
// is missing, and nothing that nobody asked for. Bursts of which a part was asked are counted
// whole; streams are one class at the memory.
static void check_classes(const struct shira_report *r, const struct shira_measure *m,
                          unsigned *wrong) {
  const uint64_t *c = m->counters;
  const uint64_t burst = r->machine.memory_burst_bytes;
  for (unsigned t = 0; t < SHIRA_TRAFFIC_COUNT; t++) {
    const uint64_t *n = m->memory.traffic[t];
    const unsigned of = t == SHIRA_TRAFFIC_INDEX ? SHIRA_TRAFFIC_VALUE : t;
    const uint64_t served = m->memory.traffic[of][SHIRA_DRAM_READ] * burst;
    uint64_t read = c[SHIRA_COUNTER_READ_BYTES_DESCRIPTOR + of];
    if (of == SHIRA_TRAFFIC_VALUE)
      read += c[SHIRA_COUNTER_READ_BYTES_DESCRIPTOR + SHIRA_TRAFFIC_INDEX];
    const uint64_t written = c[SHIRA_COUNTER_WRITTEN_BYTES_DESCRIPTOR + t];
    const uint64_t stored = (n[SHIRA_DRAM_WRITE] + n[SHIRA_DRAM_MASKED_WRITE]) * burst;
    *wrong += served < read || (read == 0 && served != 0 && t != SHIRA_TRAFFIC_DESCRIPTOR);
    *wrong += stored < written || (written == 0 && stored != 0);
  }
  for (unsigned kind = 0; kind < SHIRA_DRAM_KINDS; kind++)
    *wrong += m->memory.traffic[SHIRA_DRAM_UNCLASSED][kind] != 0;
}

static void check_all_classes(const struct shira_report *r) {
  unsigned wrong = 0;
  for (uint32_t i = 0; i < r->n_results; i++) {
    const struct shira_result *it = &r->results[i];
    check_classes(r, &it->sw, &wrong);
    for (uint32_t k = 0; k < it->n_passes; k++)
      check_classes(r, &it->pass[k].m, &wrong);
  }
  figure("traffic classes whose bursts do not fit their bytes", wrong, wrong == 0);
}

int main(void) {
  const char *rtl = getenv("SHIRA_RTL_DIR");
  struct shira_run_options o = {
      .backend = "rtl", .rtl_root = rtl ? rtl : "build/rtl", .work_dir = "build/tests/figures"};
  struct shira_report r;
  struct shira_error err;
  if (shira_make_folder("build/tests", &err))
    return fprintf(stderr, "%s\n", err.text), 1;
  check_fixed(&o);
  run_experiment("configs/experiments/figures.yaml", &o, &r);
  check_memory(&r);
  for (size_t i = 0; i < sizeof(switches) / sizeof(*switches); i++)
    check_switch(&r, switches[i].id, switches[i].least);
  for (size_t i = 0; i < sizeof(passes) / sizeof(*passes); i++)
    check_passes(&r, passes[i].id, passes[i].decode, passes[i].prefill);
  check_all_classes(&r);
  check_touched(&r, "streamed/shira-dram-rand-transition/base-A");
  check_touched(&r, "streamed/shira-dram-rand-transition/A-B");
  check_touched(&r, "streamed/shira-dram-rand-set/A-B");
  const struct shira_result *rand = find(&r, "resident/shira-scatter-rand-transition/base-A");
  double bytes = rand ? (double)rand->stream_bytes / (double)rand->updates : 99;
  figure("gap8 bytes an update at 1 %, all included (at most 2.2)", bytes, bytes <= 2.2);
  printf("1..%u\n", tests);
  shira_report_free(&r);
  return failures ? 1 : 0;
}
