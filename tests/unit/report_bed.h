// Reports that are made, with numbers that are plausible and known: what the tests of reports
// share.
#ifndef REPORT_BED_H
#define REPORT_BED_H

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "shira/adapter.h"
#include "shira/report.h"

#define EIGHTHS 8

// A report that grows by workloads, and a folder for its files.
struct bed {
  struct shira_report r;
  uint32_t room;
  char dir[64];
};

// Pairs of each workload.
enum { PAIR_RAND, PAIR_STRUCT, PAIR_RANK_32, PAIR_EQUAL, PAIRS };

static inline struct shira_hash hash_of(uint32_t v) {
  struct shira_hash h = {{0}};
  memcpy(h.byte, &v, sizeof(v));
  return h;
}

// Samples around `cycles`: the eighths of `bend` in turn. What takes no cycle has one sample.
static inline void set_cycles(struct shira_result *it, uint64_t cycles, uint32_t bend) {
  struct shira_measure *m = &it->m;
  it->done = it->timed = it->reference = it->golden = true;
  m->n_samples = cycles ? EIGHTHS : 1;
  for (uint32_t e = 0; e < m->n_samples; e++)
    m->sample[e] = (struct shira_sample){e, cycles ? cycles + e * bend : 0};
  m->median = m->n_samples / 2; // they ascend
  const uint64_t figure = m->sample[m->median].cycles;
  m->bound_cycles = 0.9 * (double)cycles;
  m->sustained_cycles = 0.95 * (double)cycles;
  m->limit = cycles ? SHIRA_LIMIT_MEMORY : SHIRA_LIMIT_NONE;
  m->phases = (struct shira_phases){figure / 4, figure / 4, 0, figure / 2 - figure / 4,
                                    figure - figure / 4 - figure / 2};
  m->counters[SHIRA_COUNTER_CYCLES] = figure;
  for (unsigned c = 0; c < SHIRA_TRAFFIC_COUNT; c++)
    m->counters[SHIRA_COUNTER_READ_BYTES_DESCRIPTOR + c] = c * cycles;
  m->counters[SHIRA_COUNTER_WRITTEN_BYTES_DESCRIPTOR + SHIRA_TRAFFIC_WEIGHT] = 32 * (cycles / 64);
  for (unsigned e = 0; e < SHIRA_ENGINE_COUNT; e++) {
    m->counters[SHIRA_COUNTER_COMMAND_BUSY + 5 * e] = figure / 2;
    m->counters[SHIRA_COUNTER_COMMAND_IDLE + 5 * e] = figure - figure / 2;
  }
  m->memory.bursts[SHIRA_DRAM_READ] = cycles / 8;
  m->memory.row_hits = cycles / 16;
  m->memory.row_misses = cycles / 8 - cycles / 16;
  m->memory.bus_clocks = cycles;
  m->memory.latency[40] = cycles / 8;
  m->memory.traffic[SHIRA_TRAFFIC_VALUE][SHIRA_DRAM_READ] = cycles / 8;
}

static inline struct shira_result *add(struct bed *b, struct shira_case key) {
  if (b->r.n_results == b->room) {
    b->room = b->room ? 2 * b->room : 64;
    b->r.results = realloc(b->r.results, b->room * sizeof(*b->r.results));
    assert_non_null(b->r.results);
  }
  struct shira_result *it = &b->r.results[b->r.n_results++];
  memset(it, 0, sizeof(*it));
  it->key = key;
  return it;
}

static inline struct shira_result *add_pass(struct bed *b, struct shira_case c, uint32_t tokens,
                                            double cycles, uint32_t bend) {
  struct shira_result *it = add(b, shira_case_pass(&c, tokens));
  set_cycles(it, (uint64_t)cycles, bend);
  it->m.phases = (struct shira_phases){0};
  it->outputs = hash_of(b->r.n_results);
  return it;
}

static inline struct shira_result *add_switch(struct bed *b, struct shira_case c, double cycles) {
  struct shira_result *it = add(b, c);
  set_cycles(it, (uint64_t)cycles, 3);
  it->sw = (struct shira_switch){
      .updates = 1000,
      .stream_bytes = 2000,
      .streams = c.undo == SHIRA_UNDO_SET ? 2 : 1,
      .kept_bytes = 3000,
      .pair_bytes = c.undo == SHIRA_UNDO_TRANSITION ? 2500 : 0,
      .weights = {65536, 655, 640, 15, 3},
      .restore =
          c.strategy == SHIRA_STRATEGY_LORA_FUSED ? SHIRA_RESTORE_DRIFT : SHIRA_RESTORE_EXACT,
      .restore_drift = c.strategy == SHIRA_STRATEGY_LORA_FUSED ? 0.001 : 0,
      .weights_hash = hash_of(b->r.n_results),
      .n_errors = b->r.experiment.n_tokens,
      .error_l2 = {0.01, 0.02},
  };
  it->wall = (struct shira_wall){0.5, 1.25, 0.125, 0.0625, 2, 123456};
  return it;
}

static inline void add_pairs(struct bed *b, uint32_t workload) {
  static const char *const name[PAIRS] = {"rand", "struct", "rank-32", "rank-1-equal"};
  static const struct shira_adapter_facts facts[PAIRS] = {
      {1, 65536, 655, 0, 0, {{1}}},
      {1, 65536, 655, 0, 0, {{1}}},
      {1, 65536, 16384, 32, 32, {{1}}},
      {1, 65536, 512, 1, 1, {{1}}},
  };
  b->r.pairs = realloc(b->r.pairs, (b->r.n_pairs + PAIRS) * sizeof(*b->r.pairs));
  assert_non_null(b->r.pairs);
  for (uint32_t i = 0; i < PAIRS; i++) {
    struct shira_pair_facts *p = &b->r.pairs[b->r.n_pairs++];
    const bool shira = i < PAIR_RANK_32;
    *p = (struct shira_pair_facts){
        .workload = workload,
        .kind = shira ? SHIRA_ADAPTER_SHIRA : SHIRA_ADAPTER_LORA,
        .mask = shira ? i : SHIRA_MASK_COUNT,
        .size = i == PAIR_EQUAL ? SHIRA_PAIR_EQUAL : SHIRA_PAIR_PAPERS,
        .adapter = {facts[i], facts[i]},
    };
    snprintf(p->name, sizeof(p->name), "%s", name[i]);
  }
}

#define BASE_PASS 1000.0 // cycles of a pass of one token; of one of 128 ten times that

static inline void add_passes(struct bed *b, struct shira_case c, double times, uint32_t bend) {
  for (uint32_t k = 0; k < b->r.experiment.n_tokens; k++)
    add_pass(b, c, b->r.experiment.tokens[k], times * BASE_PASS * (k ? 10 : 1), bend);
}

// Figures are the second of these plus 4 x 3 of the samples' bend.
static inline void add_placement(struct bed *b, uint32_t machine, uint32_t workload,
                                 uint32_t placed, uint32_t pairs) {
  const bool resident = placed == SHIRA_PLACED_RESIDENT;
  struct shira_case c = {.machine = machine,
                         .workload = workload,
                         .placed = placed,
                         .pair = SHIRA_NO_PAIR,
                         .undo = SHIRA_UNDO_COUNT,
                         .kept = SHIRA_KEPT_COUNT};
  add_passes(b, c, 1, 0);
  const struct {
    uint32_t pair, strategy, undo, kept;
    double cycles, pass;
  } kind[] = {
      {PAIR_RANK_32, SHIRA_STRATEGY_RELOAD, SHIRA_UNDO_COUNT, SHIRA_KEPT_MEMORY, 50000, 1},
      {PAIR_RANK_32, SHIRA_STRATEGY_LORA_FUSED, SHIRA_UNDO_CLEAN, SHIRA_KEPT_MEMORY, 40000, 1},
      {PAIR_RANK_32, SHIRA_STRATEGY_LORA_FUSED, SHIRA_UNDO_CLEAN, SHIRA_KEPT_HOST, 80000, 1},
      {PAIR_RANK_32, SHIRA_STRATEGY_LORA_UNFUSED, SHIRA_UNDO_COUNT, SHIRA_KEPT_MEMORY, 1500, 1.05},
      {PAIR_RANK_32, SHIRA_STRATEGY_LORA_UNFUSED, SHIRA_UNDO_COUNT, SHIRA_KEPT_CHIP, 0, 1.05},
      {PAIR_EQUAL, SHIRA_STRATEGY_LORA_FUSED, SHIRA_UNDO_CLEAN, SHIRA_KEPT_MEMORY, 20000, 1},
      {PAIR_RAND, SHIRA_STRATEGY_SHIRA_SCATTER, SHIRA_UNDO_TRANSITION, SHIRA_KEPT_MEMORY, 2000, 1},
      {PAIR_RAND, SHIRA_STRATEGY_SHIRA_SCATTER, SHIRA_UNDO_SET, SHIRA_KEPT_MEMORY, 3000, 1},
      {PAIR_RAND, SHIRA_STRATEGY_SHIRA_SCATTER, SHIRA_UNDO_TRANSITION, SHIRA_KEPT_HOST, 8000, 1},
      {PAIR_STRUCT, SHIRA_STRATEGY_SHIRA_SCATTER, SHIRA_UNDO_TRANSITION, SHIRA_KEPT_MEMORY, 2400,
       1},
      {PAIR_RAND, SHIRA_STRATEGY_SHIRA_OVERLAY, SHIRA_UNDO_COUNT, SHIRA_KEPT_MEMORY, 0, 1.2},
      {PAIR_RAND, SHIRA_STRATEGY_SHIRA_DRAM, SHIRA_UNDO_TRANSITION, SHIRA_KEPT_MEMORY, 9000, 1},
  };
  for (uint32_t i = 0; i < sizeof(kind) / sizeof(*kind); i++) {
    const bool on_chip = kind[i].strategy == SHIRA_STRATEGY_SHIRA_SCATTER;
    const bool in_memory = kind[i].strategy == SHIRA_STRATEGY_SHIRA_OVERLAY ||
                           kind[i].strategy == SHIRA_STRATEGY_SHIRA_DRAM;
    if ((on_chip && !resident) || (in_memory && resident))
      continue;
    c.pair = pairs + kind[i].pair;
    c.strategy = kind[i].strategy;
    c.undo = kind[i].undo;
    c.kept = kind[i].kept;
    for (c.from = SHIRA_ACTIVE_BASE, c.to = SHIRA_ACTIVE_A; c.to <= SHIRA_ACTIVE_B;
         c.from = c.to++) {
      add_switch(b, c, c.from ? kind[i].cycles : kind[i].cycles / 2);
      if (kind[i].pass > 1)
        add_passes(b, c, kind[i].pass, 3);
    }
  }
}

// A square of that side with all that is measured on it; its number.
static inline uint32_t add_square(struct bed *b, uint32_t side) {
  const uint32_t w = b->r.n_workloads++, pairs = b->r.n_pairs;
  b->r.workloads = realloc(b->r.workloads, b->r.n_workloads * sizeof(*b->r.workloads));
  assert_non_null(b->r.workloads);
  b->r.workloads[w] = (struct shira_workload_facts){.model = "square",
                                                    .side = side,
                                                    .linears = 1,
                                                    .weights = (uint64_t)side * side,
                                                    .weights_hash = hash_of(side)};
  snprintf(b->r.workloads[w].name, sizeof(b->r.workloads[w].name), "%ux%u", side, side);
  add_pairs(b, w);
  for (uint32_t placed = 0; placed < SHIRA_PLACED_COUNT; placed++)
    add_placement(b, 0, w, placed, pairs);
  return w;
}

// One block of a model of 22, of which others may be added.
static inline uint32_t add_block(struct bed *b, uint32_t first) {
  const uint32_t w = add_square(b, 0);
  struct shira_workload_facts *f = &b->r.workloads[w];
  snprintf(f->name, sizeof(f->name), "tinyllama.%u", first);
  snprintf(f->model, sizeof(f->model), "tinyllama");
  f->linears = 7;
  f->weights = 44040192;
  f->blocks = (struct shira_blocks){first, 1, 22, 2048, 32000};
  return w;
}

static inline int bed_setup(void **state) {
  struct bed *b = calloc(1, sizeof(*b));
  struct shira_error err;
  b->r.machines = calloc(1, sizeof(*b->r.machines));
  b->r.n_machines = 1;
  snprintf(b->r.program, sizeof(b->r.program), "shirasim 9.9.9");
  snprintf(b->r.device, sizeof(b->r.device), "rtl");
  snprintf(b->r.experiment.name, sizeof(b->r.experiment.name), "made");
  b->r.experiment.n_tokens = 2;
  b->r.experiment.tokens[0] = 1;
  b->r.experiment.tokens[1] = 128;
  b->r.experiment.strength = 0.05;
  b->r.experiment.format = 1;
  b->r.seed = UINT64_C(18446744073709551615);
  b->r.machines[0].sequential_mb_s = 17024.825125;
  b->r.machines[0].refresh_cycles = 3904;
  snprintf(b->dir, sizeof(b->dir), "/tmp/shirasim-report-XXXXXX");
  if (!mkdtemp(b->dir) || shira_machine_load("configs/hw/edge16.yaml", &b->r.machines[0].hw, &err))
    return -1;
  *state = b;
  return 0;
}

static inline int bed_teardown(void **state) {
  static const char *const name[] = {
      "report.json",       "report.html",        "report.md",
      "report.csv",        "times.json",         "report.partial.html",
      "report.partial.md", "report.partial.csv", "report.partial.json"};
  struct bed *b = *state;
  char path[128];
  for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++) {
    snprintf(path, sizeof(path), "%s/%s", b->dir, name[i]);
    unlink(path);
  }
  rmdir(b->dir);
  shira_report_free(&b->r);
  free(b);
  return 0;
}

// The content of a file; free it.
static inline char *text_of(const char *path) {
  struct stat st;
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  assert_int_equal(fstat(fileno(f), &st), 0);
  char *text = calloc((size_t)st.st_size + 1, 1);
  assert_int_equal(fread(text, 1, (size_t)st.st_size, f), st.st_size);
  fclose(f);
  return text;
}

static inline char *file_of(const struct bed *b, const char *name) {
  char path[128];
  snprintf(path, sizeof(path), "%s/%s", b->dir, name);
  return text_of(path);
}

#endif
