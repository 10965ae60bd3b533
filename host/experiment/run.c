// Runs an experiment: workload after workload, strategy after strategy.
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/experiment/strategy.h"
#include "shira/version.h"
#include "sim/dram/dram.h"

#define PROGRAM_VERSION "shirasim " SHIRA_VERSION

// A pair of adapters as files and in memory.
struct pair {
  bool present;
  char mask[16]; // "" for LoRA and for adapters that were given
  struct shira_adapter adapter[ADAPTERS];
  struct packed packed[ADAPTERS];
};

// One LoRA pair and a SHiRA pair for each mask.
enum { PAIR_LORA, PAIR_SHIRA, PAIRS = PAIR_SHIRA + SHIRA_MASK_COUNT };

struct session {
  const struct shira_experiment *exp;
  const struct shira_machine *hw;
  struct shira_run_options options;
  uint64_t seed;
  struct shira_report *report;
  struct workload w;
  struct truth truth;
  struct bench bench;
  struct pair pair[PAIRS];
  // of all placements of the workload
  double simulate_s, golden_s;
  uint64_t simulated_cycles;
};

static int load_pair(struct session *s, struct pair *p, enum shira_adapter_kind kind,
                     const char *const dir[ADAPTERS], struct shira_error *err) {
  for (int i = 0; i < ADAPTERS; i++) {
    int rc = shira_adapter_load(dir[i], &s->w.model, &p->adapter[i], err);
    if (rc)
      return rc;
    if (p->adapter[i].kind != kind)
      return shira_fail(err, EINVAL, "'%s': is of kind %s, the experiment has it under %s", dir[i],
                        shira_adapter_kind_name(p->adapter[i].kind), shira_adapter_kind_name(kind));
    for (uint32_t k = 0; k < p->adapter[i].n_warnings; k++)
      fprintf(stderr, "shirasim: warning: '%s': %s\n", dir[i], p->adapter[i].warnings[k]);
  }
  p->present = true;
  return 0;
}

// Makes A and B below the work folder, then reads them as it would a user's own.
static int make_pair(struct session *s, struct pair *p, struct shira_adapter_make_options *o,
                     struct shira_error *err) {
  char dir[ADAPTERS][PATH_MAX];
  const char *dirs[ADAPTERS] = {dir[0], dir[1]};
  for (int i = 0; i < ADAPTERS; i++) {
    int n = snprintf(dir[i], sizeof(dir[i]), "%s/%s-%s%s%s-%c", s->options.work_dir, s->w.name,
                     shira_adapter_kind_name(o->kind), p->mask[0] ? "-" : "", p->mask, "AB"[i]);
    if (n < 0 || (size_t)n >= sizeof(dir[i]))
      return shira_fail(err, ENAMETOOLONG, "'%s': the path is too long", s->options.work_dir);
    o->seed = s->w.seed + 1 + (uint64_t)i;
    int rc = shira_adapter_make(o, &s->w.model, &s->w.weights, dir[i], NULL, err);
    if (rc)
      return rc;
  }
  return load_pair(s, p, o->kind, dirs, err);
}

static int prepare_lora(struct session *s, struct shira_error *err) {
  const struct shira_experiment *e = s->exp;
  if (!e->strategy[SHIRA_STRATEGY_LORA_FUSED] && !e->strategy[SHIRA_STRATEGY_LORA_UNFUSED] &&
      !e->strategy[SHIRA_STRATEGY_RELOAD])
    return 0;
  const char *given[ADAPTERS] = {e->lora.a, e->lora.b};
  if (e->lora.given)
    return load_pair(s, &s->pair[PAIR_LORA], SHIRA_ADAPTER_LORA, given, err);
  struct shira_adapter_make_options o = {
      .kind = SHIRA_ADAPTER_LORA, .rank = e->rank, .strength = e->strength};
  return make_pair(s, &s->pair[PAIR_LORA], &o, err);
}

static int prepare_shira(struct session *s, struct shira_error *err) {
  const struct shira_experiment *e = s->exp;
  if (!e->strategy[SHIRA_STRATEGY_SHIRA_SCATTER] && !e->strategy[SHIRA_STRATEGY_SHIRA_OVERLAY] &&
      !e->strategy[SHIRA_STRATEGY_SHIRA_DRAM])
    return 0;
  const char *given[ADAPTERS] = {e->shira.a, e->shira.b};
  if (e->shira.given)
    return load_pair(s, &s->pair[PAIR_SHIRA], SHIRA_ADAPTER_SHIRA, given, err);
  for (uint32_t m = 0; m < SHIRA_MASK_COUNT; m++) {
    struct pair *p = &s->pair[PAIR_SHIRA + m];
    if (!e->mask[m])
      continue;
    snprintf(p->mask, sizeof(p->mask), "%s", shira_mask_name(m));
    struct shira_adapter_make_options o = {.kind = SHIRA_ADAPTER_SHIRA,
                                           .density = e->density,
                                           .mask = (enum shira_mask)m,
                                           .strength = e->strength};
    int rc = make_pair(s, p, &o, err);
    if (rc)
      return rc;
  }
  return 0;
}

// The LoRA pair decides what its switches and passes have to touch; a SHiRA stream says so itself.
static void retarget(struct session *s) {
  const struct pair *lora = &s->pair[PAIR_LORA];
  for (uint32_t i = 0; i < s->w.model.n_linears; i++)
    s->w.model.linears[i].target = adapter_module(&lora->adapter[ADAPTER_A], i) ||
                                   adapter_module(&lora->adapter[ADAPTER_B], i);
}

// Results are known by their workload's name.
static int check_name(const struct session *s, struct shira_error *err) {
  for (uint32_t i = 0; i < s->report->n_times; i++)
    if (!strcmp(s->report->times[i].id, s->w.name))
      return shira_fail(err, EINVAL, "two workloads have the name '%s'", s->w.name);
  return 0;
}

static int prepare(struct session *s, uint32_t index, struct shira_error *err) {
  const struct shira_experiment *e = s->exp;
  int rc = workload_init(&s->w, e, s->hw, index, s->seed, err);
  if (!rc)
    rc = check_name(s, err);
  if (rc)
    return shira_experiment_blame(e, &e->workloads[index].where, rc, err);
  rc = prepare_lora(s, err);
  if (rc)
    return shira_experiment_blame(e, &e->lora.where, rc, err);
  rc = prepare_shira(s, err);
  if (rc)
    return shira_experiment_blame(e, &e->shira.where, rc, err);
  retarget(s);
  return truth_init(&s->truth, &s->w, err);
}

// Lays the workload out for one placement of its weights and opens the devices.
static int place(struct session *s, enum shira_placed placed, const struct shira_where *where,
                 struct shira_error *err) {
  const struct shira_adapter *lora = &s->pair[PAIR_LORA].adapter[ADAPTER_A];
  uint32_t rank = lora->n_modules ? lora->modules[0].rank : 0;
  int rc = workload_place(&s->w, s->exp, s->hw, placed, rank, err);
  for (int p = 0; !rc && p < PAIRS; p++)
    for (int i = 0; !rc && s->pair[p].present && i < ADAPTERS; i++)
      rc = packed_init(&s->pair[p].packed[i], &s->w, &s->pair[p].adapter[i], err);
  if (rc)
    return shira_experiment_blame(s->exp, where, rc, err);
  return bench_open(&s->bench, &s->w, s->hw, &s->options, err);
}

static void unplace(struct session *s) {
  if (s->bench.sides) {
    const struct station *dev = &s->bench.side[SIDE_DEVICE].station;
    struct shira_device *d = shira_driver_device(dev->drv);
    struct shira_device_info info;
    d->ops->describe(d, &info);
    s->simulate_s += dev->seconds;
    s->golden_s += s->bench.sides > 1 ? s->bench.side[SIDE_GOLDEN].station.seconds : 0;
    s->simulated_cycles += info.cycles;
  }
  bench_close(&s->bench);
  for (int p = 0; p < PAIRS; p++)
    for (int i = 0; i < ADAPTERS; i++)
      packed_free(&s->pair[p].packed[i], &s->w);
  workload_unplace(&s->w);
}

static void release(struct session *s) {
  truth_free(&s->truth);
  for (int p = 0; p < PAIRS; p++)
    for (int i = 0; i < ADAPTERS; i++)
      shira_adapter_free(&s->pair[p].adapter[i]);
  memset(s->pair, 0, sizeof(s->pair));
  workload_free(&s->w);
  s->simulate_s = s->golden_s = 0;
  s->simulated_cycles = 0;
}

static bool is_shira(enum shira_strategy s) {
  return s == SHIRA_STRATEGY_SHIRA_SCATTER || s == SHIRA_STRATEGY_SHIRA_OVERLAY ||
         s == SHIRA_STRATEGY_SHIRA_DRAM;
}

// A strategy with each pair of adapters of its kind.
static int measure_pairs(struct session *s, struct trial t, struct shira_error *err) {
  const bool shira = is_shira(t.strategy);
  for (int p = shira ? PAIR_SHIRA : PAIR_LORA; p < (shira ? PAIRS : PAIR_SHIRA); p++) {
    if (!s->pair[p].present)
      continue;
    t.pair = s->pair[p].packed;
    t.mask = s->pair[p].mask;
    int rc = bench_load_pair(&s->bench, t.pair, t.kept, err);
    if (!rc)
      rc = strategy_measure(&s->bench, &s->truth, &t, s->report, err);
    if (rc)
      return rc;
  }
  return 0;
}

// A strategy in each way that the experiment asks for.
static int measure_ways(struct session *s, struct trial t, struct shira_error *err) {
  bool undoes = false;
  int rc = 0;
  for (int k = 0; k < SHIRA_KEPT_COUNT; k++) {
    t.kept = (enum shira_kept)k;
    if (!s->exp->kept[k] || !shira_strategy_kept(t.strategy, t.kept))
      continue;
    for (int u = 0; !rc && u < SHIRA_UNDO_COUNT; u++) {
      t.undo = (enum shira_undo)u;
      undoes = undoes || shira_strategy_undo(t.strategy, t.undo);
      if (s->exp->undo[u] && shira_strategy_undo(t.strategy, t.undo))
        rc = measure_pairs(s, t, err);
    }
    t.undo = SHIRA_UNDO_COUNT;
    if (!rc && !undoes)
      rc = measure_pairs(s, t, err);
  }
  return rc;
}

// `done` and `share`: of the whole experiment, for progress.
static int measure_placement(struct session *s, double done, double share,
                             struct shira_error *err) {
  struct trial base = {.strategy = SHIRA_STRATEGY_BASE,
                       .undo = SHIRA_UNDO_COUNT,
                       .exp = s->exp,
                       .mask = "",
                       .sequential_mb_s = s->report->sequential_mb_s};
  uint32_t first = s->report->n_results;
  s->bench.done = done;
  int rc = strategy_measure(&s->bench, &s->truth, &base, s->report, err);
  if (rc)
    return rc;
  // Copied: the report's results move as it grows.
  struct shira_measure base_pass[SHIRA_MAX_PASSES];
  for (uint32_t i = 0; i < s->report->results[first].n_passes; i++)
    base_pass[i] = s->report->results[first].pass[i].m;
  for (int st = SHIRA_STRATEGY_BASE + 1; !rc && st < SHIRA_STRATEGY_COUNT; st++) {
    struct trial t = {.strategy = (enum shira_strategy)st,
                      .exp = s->exp,
                      .sequential_mb_s = s->report->sequential_mb_s,
                      .base_pass = base_pass};
    s->bench.done = done + share * st / SHIRA_STRATEGY_COUNT;
    if (s->exp->strategy[st] &&
        shira_strategy_placed(t.strategy,
                              s->w.res.streamed ? SHIRA_PLACED_STREAMED : SHIRA_PLACED_RESIDENT))
      rc = measure_ways(s, t, err);
  }
  return rc;
}

static int measure_workload(struct session *s, uint32_t index, struct shira_error *err) {
  int rc = 0;
  const bool *placed = s->exp->placed;
  double share = 1.0 / s->exp->n_workloads / (placed[0] + placed[1]), done = 0;
  for (int p = 0; !rc && p < SHIRA_PLACED_COUNT; p++) {
    if (!placed[p])
      continue;
    rc = place(s, (enum shira_placed)p, &s->exp->workloads[index].where, err);
    if (!rc)
      rc = measure_placement(s, (double)index / s->exp->n_workloads + done, share, err);
    done += share;
    unplace(s);
    s->options.waves = s->options.dram_trace = NULL; // a file holds one device
  }
  if (rc == -ENOSPC || rc == -ENOMEM)
    shira_experiment_blame(s->exp, &s->exp->workloads[index].where, rc, err);
  return rc;
}

// A result that is wrong or too good to be true fails the run.
static int judge_measure(const struct shira_result *r, const struct shira_measure *m, double scale,
                         const char *what, struct shira_error *err) {
  char times[32] = "";
  if (!r->timed || (double)m->cycles >= scale * m->bound_cycles)
    return 0;
  if (scale > 1)
    snprintf(times, sizeof(times), "%g times ", scale);
  return shira_fail(err, ERANGE, "%s: %s took %llu cycles, below %sits bound of %.0f (%s)", r->id,
                    what, (unsigned long long)m->cycles, times, m->bound_cycles, m->limit);
}

static int judge(const struct shira_result *r, const struct shira_run_options *options,
                 struct shira_error *err) {
  double scale = fmax(1, options->bound_scale);
  if (!r->golden)
    return shira_fail(err, EBADMSG, "%s: differs from the golden model", r->id);
  if (!r->reference)
    return shira_fail(err, EBADMSG, "%s: weights differ from the reference", r->id);
  int rc = r->has_switch ? judge_measure(r, &r->sw, scale, "the switch", err) : 0;
  for (uint32_t i = 0; !rc && i < r->n_passes; i++) {
    const struct shira_pass *p = &r->pass[i];
    char what[32];
    snprintf(what, sizeof(what), "the pass at M = %u", p->tokens);
    if (!p->golden || !p->reference)
      return shira_fail(err, EBADMSG, "%s: outputs of %s differ from the %s", r->id, what,
                        p->golden ? "reference" : "golden model");
    rc = judge_measure(r, &p->m, scale, what, err);
  }
  return rc;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int note_times(struct session *s, double began, double prepared, struct shira_error *err) {
  struct shira_report *r = s->report;
  struct shira_host_times *grown = realloc(r->times, (r->n_times + 1) * sizeof(*grown));
  if (!grown)
    return shira_fail(err, ENOMEM, "out of memory");
  r->times = grown;
  struct shira_host_times *t = &grown[r->n_times++];
  memset(t, 0, sizeof(*t));
  snprintf(t->id, sizeof(t->id), "%s", s->w.name);
  t->prepare_s = prepared - began;
  t->total_s = now() - began;
  t->simulate_s = s->simulate_s;
  t->golden_s = s->golden_s;
  t->simulated_cycles = s->simulated_cycles;
  return 0;
}

int shira_experiment_run(const char *path, const struct shira_run_options *options,
                         struct shira_report *report, struct shira_error *err) {
  memset(report, 0, sizeof(*report));
  snprintf(report->program, sizeof(report->program), "%s", PROGRAM_VERSION);
  int rc = shira_experiment_load(path, options->root, &report->experiment, err);
  if (!rc)
    rc = shira_machine_load(report->experiment.machine, &report->machine, err);
  if (!rc && options->area_root)
    rc = shira_area_load(options->area_root, &report->machine, &report->area, err);
  if (!rc)
    rc = shira_dram_sequential(&report->machine, &report->sequential_mb_s, err);
  if (!rc)
    rc = shira_make_folder(options->work_dir, err);
  if (rc)
    return rc;
  report->seed = options->has_seed ? options->seed : report->experiment.seed;
  report->stall_percent = options->stall_percent;
  struct session *s = calloc(1, sizeof(*s));
  if (!s)
    return shira_fail(err, ENOMEM, "out of memory");
  s->exp = &report->experiment;
  s->hw = &report->machine;
  s->options = *options;
  s->seed = s->options.seed = report->seed; // of stalls too
  s->report = report;
  for (uint32_t i = 0; !rc && i < s->exp->n_workloads; i++) {
    uint32_t first = report->n_results;
    double began = now();
    rc = prepare(s, i, err);
    double prepared = now();
    if (!rc)
      rc = measure_workload(s, i, err);
    if (!rc)
      rc = note_times(s, began, prepared, err);
    for (uint32_t r = first; !rc && r < report->n_results; r++)
      rc = judge(&report->results[r], options, err);
    release(s);
  }
  free(s);
  return rc;
}

void shira_report_free(struct shira_report *report) {
  free(report->results);
  free(report->times);
  memset(report, 0, sizeof(*report));
}
