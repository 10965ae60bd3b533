// System against theory, on edge16: how near their bounds the switches and passes of a 2048 x 2048
// come, resident and streamed. One TAP line a figure, with the figure in it.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/whole.h"
#include "shira/experiment.h"
#include "shira/report.h"

static unsigned tests, failures;

static void figure(const char *what, double value, bool good) {
  tests++;
  failures += !good;
  printf("%sok %u - %s: %.2f\n", good ? "" : "not ", tests, what, value);
}

// "resident/shira-scatter/rand/swap/memory/A-B": a point's id without its machine and workload.
static const struct shira_result *find(const struct shira_report *r, const char *id) {
  const struct shira_result *found = NULL;
  for (uint32_t i = 0; !found && i < r->n_results; i++) {
    char *own = shira_report_id(r, &r->results[i].key);
    const size_t n = own ? strlen(own) : 0, tail = strlen(id);
    if (n > tail && own[n - tail - 1] == '/' && !strcmp(own + n - tail, id) && r->results[i].done)
      found = &r->results[i];
    free(own);
  }
  return found;
}

// A figure in % of the bound at the rate that memory was measured to give, which is what its user
// may hope for; the bound at the pins' peak, printed too, is never passed.
static void check(const struct shira_measure *m, const char *what, double least) {
  const double peak = 100 * m->bound_cycles / (double)shira_figure(m);
  const double e = 100 * m->sustained_cycles / (double)shira_figure(m);
  char text[200];
  snprintf(text, sizeof(text), "%s, %% of bound (%.1f at peak; %s; at least %.0f)", what, peak,
           shira_limit_name(m->limit), least);
  figure(text, e, e >= least && peak <= 100);
}

static void check_point(const struct shira_report *r, const char *id, double least) {
  const struct shira_result *res = find(r, id);
  if (res)
    check(&res->m, id, least);
  else
    figure(id, 0, false);
}

// A device that never waits for memory would make every figure a lie.
static void check_memory(const struct shira_report *r) {
  const double share = 100 * r->machines[0].sequential_mb_s / r->machines[0].hw.memory_peak_mb_s;
  figure("memory in sequence, % of its peak (at least 90)", share, share >= 90 && share < 100);
  const struct shira_result *base = find(r, "streamed/base/base/M1");
  const struct shira_dram_stats none = {0}, *m = base ? &base->m.memory : &none;
  const double half = (double)shira_dram_stats_percentile(m, 0.5);
  figure("median latency of a read while weights stream, cycles (at least 70)", half, half >= 70);
}

// A random mask of density p touches 1 - (1 - p)^32 of the bursts of 32 weights, within four
// standard deviations of 131072 bursts; the masks of two streams each do.
static void check_touched(const struct shira_report *r, const char *id) {
  const struct shira_result *res = find(r, id);
  const uint32_t w = r->machines[0].hw.memory_burst_bytes;
  char what[200];
  if (!res || !res->sw.streams) {
    figure(id, 0, false);
    return;
  }
  const double weights = (double)res->sw.weights.total; // 2048 x 2048: its image has no padding
  const double bursts = weights / w * res->sw.streams;
  const double p = (double)res->sw.updates / weights / res->sw.streams;
  const double is = (double)res->m.counters[SHIRA_COUNTER_WRITTEN_BYTES_WEIGHT] / w / bursts;
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
static const struct floor points[] = {
    {"resident/shira-scatter/rand/transition/memory/A-B", 95},
    {"resident/shira-scatter/struct/transition/memory/A-B", 95},
    {"resident/shira-scatter/rand/set/memory/A-B", 90},
    {"resident/shira-scatter/struct/set/memory/A-B", 90},
    {"resident/shira-scatter/rand/swap/memory/A-B", 85},
    {"resident/shira-scatter/struct/swap/memory/A-B", 85},
    {"resident/shira-scatter/rand/sub/memory/A-B", 90},
    {"resident/shira-scatter/struct/sub/memory/A-B", 90},
    {"resident/lora-fused/rank-32/clean/memory/A-B", 97},
    {"resident/lora-fused/rank-32/in-place/memory/A-B", 98},
    {"resident/lora-unfused/rank-32/memory/A-B", 95},
    {"resident/reload/rank-32/memory/A-B", 95},
    {"streamed/lora-fused/rank-32/clean/memory/A-B", 97},
    {"streamed/lora-fused/rank-32/in-place/memory/A-B", 97},
    {"streamed/lora-unfused/rank-32/memory/A-B", 95},
    {"streamed/shira-dram/rand/transition/memory/A-B", 80},
    {"streamed/shira-dram/struct/transition/memory/A-B", 80},
    {"streamed/shira-dram/rand/swap/memory/A-B", 80},
    {"streamed/shira-dram/rand/sub/memory/A-B", 80},
    // Passes: after reload, fused LoRA, scatter and dram they are those with base weights.
    {"resident/base/base/M1", 90},
    {"resident/base/base/M128", 95},
    {"resident/lora-unfused/rank-32/memory/B/M1", 90},
    {"resident/lora-unfused/rank-32/memory/B/M128", 95},
    {"streamed/base/base/M1", 90},
    {"streamed/base/base/M128", 90},
    {"streamed/lora-unfused/rank-32/chip/B/M1", 90},
    {"streamed/lora-unfused/rank-32/chip/B/M128", 90},
    {"streamed/shira-overlay/rand/B/M1", 85},
    {"streamed/shira-overlay/rand/B/M128", 85},
    {"streamed/shira-overlay/struct/B/M1", 85},
    {"streamed/shira-overlay/struct/B/M128", 85},
};

// The same before a memory of a fixed rate, in % of the bound at its peak: what the accelerator
// reaches by itself. The struct transition gives 0.4 % to the registers between decoder, banks and
// memory.
static const struct floor fixed[] = {
    {"resident/shira-scatter/rand/transition/memory/A-B", 95},
    {"resident/shira-scatter/struct/transition/memory/A-B", 94},
    {"resident/shira-scatter/rand/swap/memory/A-B", 85},
    {"resident/shira-scatter/struct/swap/memory/A-B", 85},
};

// Ends the program where the experiment fails: there are no figures then.
static void run_experiment(const char *path, const struct shira_run_options *o,
                           struct shira_report *r) {
  struct shira_error err = {""};
  const int rc = shira_experiment_run(path, o, r, &err);
  tests++;
  printf("%sok %u - %s: results are right and not below their bounds%s%s\n", rc ? "not " : "",
         tests, path, rc ? ": " : "", rc ? err.text : "");
  if (rc)
    exit(1);
}

static void check_fixed(const struct shira_run_options *o) {
  struct shira_report r;
  run_experiment("configs/experiments/fixed.yaml", o, &r);
  const struct shira_machine *hw = &r.machines[0].hw;
  figure("memory latency, cycles (at least 100)", hw->memory_latency,
         !hw->has_dram && hw->memory_latency >= 100);
  for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed); i++)
    check_point(&r, fixed[i].id, fixed[i].least);
  shira_report_free(&r);
}

// Bytes that the device counted by class, and the bursts that its memory served for them: nothing
// is missing, and nothing that nobody asked for. Bursts of which a part was asked are counted
// whole; streams are one class at the memory.
static void check_classes(const struct shira_report *r, const struct shira_measure *m,
                          unsigned *wrong) {
  const uint64_t *c = m->counters;
  const uint64_t burst = r->machines[0].hw.memory_burst_bytes;
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
  for (uint32_t i = 0; i < r->n_results; i++)
    check_classes(r, &r->results[i].m, &wrong);
  figure("traffic classes whose bursts do not fit their bytes", wrong, wrong == 0);
}

int main(void) {
  const char *rtl = getenv("SHIRA_RTL_DIR");
  struct shira_run_options o = {.backend = "rtl",
                                .rtl_root = rtl ? rtl : "build/rtl",
                                .work_dir = "build/tests/figures",
                                .samples = 2};
  struct shira_report r;
  struct shira_error err;
  if (shira_make_folder("build/tests", &err))
    return fprintf(stderr, "%s\n", err.text), 1;
  check_fixed(&o);
  run_experiment("configs/experiments/figures.yaml", &o, &r);
  check_memory(&r);
  for (size_t i = 0; i < sizeof(points) / sizeof(*points); i++)
    check_point(&r, points[i].id, points[i].least);
  check_all_classes(&r);
  check_touched(&r, "streamed/shira-dram/rand/transition/memory/base-A");
  check_touched(&r, "streamed/shira-dram/rand/transition/memory/A-B");
  check_touched(&r, "streamed/shira-dram/rand/set/memory/A-B");
  const struct shira_result *rand =
      find(&r, "resident/shira-scatter/rand/transition/memory/base-A");
  double bytes = rand ? (double)rand->sw.stream_bytes / (double)rand->sw.updates : 99;
  figure("gap8 bytes an update at 1 %, all included (at most 2.2)", bytes, bytes <= 2.2);
  printf("1..%u\n", tests);
  shira_report_free(&r);
  return failures ? 1 : 0;
}
