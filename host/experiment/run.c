// Runs an experiment: what is not in the store is measured, group after group.
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/blas.h"
#include "host/base/whole.h"
#include "host/experiment/data.h"
#include "host/experiment/describe.h"
#include "host/experiment/key.h"
#include "host/experiment/point.h"
#include "host/experiment/points.h"
#include "host/experiment/record.h"
#include "host/experiment/store.h"
#include "host/experiment/workers.h"
#include "shira/report.h"
#include "shira/version.h"

#define PROGRAM "shirasim " SHIRA_VERSION

struct session {
  struct setup setup;
  struct shira_run_options options; // of the points
  struct shira_report *report;
  struct key_base key;
  struct store store;
  bool keeps; // there is a store
  struct workers *workers;
  // What is prepared: a workload for a machine, and a bench with one placement of it.
  struct prepared prepared;
  bool is_prepared;
  struct bench bench;
  bool *known; // by workload: its facts
  // Progress.
  double began;
  uint32_t done, measured;
  uint64_t cycles;
  double device_s;
  // What went wrong, and at which point; of several that of the lowest number, as workers end in
  // any order.
  int rc;
  uint32_t failed;
  struct shira_error error;
};

#define NO_POINT UINT32_MAX // something else than a point

static void note_failure(struct session *s, uint32_t point, int rc, const struct shira_error *err) {
  if (s->rc && s->failed <= point)
    return;
  s->rc = rc;
  s->failed = point;
  s->error = *err;
}

// The store cannot be written: no fault of the input.
#define CANNOT_KEEP (-EDQUOT)

// ---- Judgement --------------------------------------------------------------------------------

static int judge_bound(const struct shira_result *r, double scale, struct shira_error *err) {
  char times[32] = "";
  const double cycles = (double)shira_figure(&r->m);
  if (!r->timed || cycles >= scale * r->m.bound_cycles)
    return 0;
  if (scale > 1)
    snprintf(times, sizeof(times), "%g times ", scale);
  return shira_fail(err, ERANGE, "it took %.0f cycles, below %sits bound of %.0f (%s)", cycles,
                    times, r->m.bound_cycles, shira_limit_name(r->m.limit));
}

// A result that is wrong or too good to be true is none.
static int judge(const struct shira_result *r, struct shira_error *err) {
  if (!r->golden)
    return shira_fail(err, EBADMSG, "it differs from the golden model");
  if (!r->reference)
    return shira_fail(err, EBADMSG, "%s differ from the reference",
                      r->key.work == SHIRA_WORK_PASS ? "outputs" : "weights or outputs");
  for (uint32_t i = 0; i < r->m.n_samples; i++) // of every sample, not of the median alone
    if ((double)r->m.sample[i].cycles < r->m.bound_cycles)
      return shira_fail(err, ERANGE, "a sample took %llu cycles, below its bound of %.0f (%s)",
                        (unsigned long long)r->m.sample[i].cycles, r->m.bound_cycles,
                        shira_limit_name(r->m.limit));
  return 0;
}

// ---- Results ----------------------------------------------------------------------------------

static void refuse(struct session *s, uint32_t i, int rc, const struct shira_error *why) {
  struct shira_result *r = &s->report->results[i];
  struct shira_error err;
  char *id = shira_report_id(s->report, &r->key);
  r->done = false;
  snprintf(r->reason, sizeof(r->reason), "%s", why->text);
  shira_fail(&err, -rc, "%s: %s", id ? id : "", why->text);
  free(id);
  note_failure(s, i, rc, &err);
}

static void judge_bounds(struct session *s, double scale) {
  for (uint32_t i = 0; i < s->report->n_results; i++) {
    struct shira_error why;
    const int rc = judge_bound(&s->report->results[i], scale, &why);
    if (rc)
      refuse(s, i, rc, &why);
  }
}

static void show_progress(struct session *s, uint32_t i) {
  const struct shira_run_options *o = &s->options;
  if (!o->progress)
    return;
  const double now = seconds_now() - s->began;
  char *id = shira_report_id(s->report, &s->report->results[i].key);
  const struct shira_progress p = {
      .point = id ? id : "",
      .done = s->done,
      .points = s->report->n_results,
      .seconds = now,
      .seconds_left = s->measured ? now / s->measured * (s->report->n_results - s->done) : -1,
      .cycles_per_s = s->device_s > 0 ? (double)s->cycles / s->device_s : 0,
  };
  o->progress(o->arg, &p);
  free(id);
}

static void keep(struct session *s, uint32_t i, const char *text, size_t size) {
  struct shira_error err;
  const struct shira_hash hash = key_of_point(&s->key, &s->setup, &s->report->results[i].key);
  if (!s->keeps)
    return;
  if (store_put(&s->store, &hash, text, size, &err))
    note_failure(s, NO_POINT, CANNOT_KEEP, &err);
}

// Takes a point that was measured.
static void accept(struct session *s, uint32_t i, const char *text, size_t size, bool to_store) {
  struct shira_result *r = &s->report->results[i];
  struct shira_error err;
  int rc = shira_result_decode(text, size, r, &err);
  if (!rc)
    rc = judge(r, &err);
  if (rc) {
    refuse(s, i, rc, &err);
    return;
  }
  if (to_store)
    keep(s, i, text, size);
  s->cycles += r->wall.simulated_cycles;
  s->device_s += r->wall.simulate_s;
}

static void point_done(void *arg, const struct workers_outcome *o) {
  struct session *s = arg;
  s->done++;
  s->measured++;
  if (o->rc)
    refuse(s, o->task, o->rc, &o->error);
  else
    accept(s, o->task, o->text, o->size, true);
  show_progress(s, o->task);
}

// ---- In a worker ------------------------------------------------------------------------------

// Measures one point on the bench and writes its record.
static int measure(void *arg, uint32_t task, FILE *out, struct shira_error *err) {
  struct session *s = arg;
  const struct shira_case *key = &s->report->results[task].key;
  struct shira_result result;
  struct station *device = &s->bench.seat[SEAT_DEVICE].station;
  struct point p = {
      .key = *key,
      .trial = {.strategy = (enum shira_strategy)key->strategy,
                .undo = (enum shira_undo)key->undo,
                // Of a pass that does not depend on it: where a pointer is all that a switch takes.
                .kept =
                    key->kept == SHIRA_KEPT_COUNT ? SHIRA_KEPT_MEMORY : (enum shira_kept)key->kept,
                .sequential_mb_s = s->report->machines[key->machine].sequential_mb_s},
      .w = &s->prepared.w,
      .truth = &s->prepared.truth,
      .bench = &s->bench,
      .cycles_before = station_cycles(device),
  };
  if (key->pair != SHIRA_NO_PAIR)
    memcpy(p.adapter, s->prepared.adapter[key->pair % s->setup.pairs_per_workload],
           sizeof(p.adapter));
  int rc = point_measure(&p, &result, err);
  char *id = rc ? NULL : shira_report_id(s->report, key);
  char *text = id ? shira_result_encode(&result, id, PROGRAM) : NULL;
  if (!rc && !text)
    rc = shira_fail(err, ENOMEM, "out of memory");
  if (!rc)
    fputs(text, out);
  free(text);
  free(id);
  return rc;
}

// The device is closed as in any process, which tells what it covered where somebody counts that.
static int measure_apart(void *arg, uint32_t task, FILE *out, struct shira_error *err) {
  struct session *s = arg;
  const int rc = measure(arg, task, out, err);
  bench_close(&s->bench);
  return rc;
}

// ---- Groups: points of one machine, workload and placement ------------------------------------

static bool same_group(const struct shira_case *a, const struct shira_case *b) {
  return a->machine == b->machine && a->workload == b->workload && a->placed == b->placed;
}

static void release(struct session *s) {
  if (s->is_prepared)
    prepared_free(&s->prepared);
  s->is_prepared = false;
}

// Makes the workload ready, unless it is.
static int prepare(struct session *s, const struct shira_case *c, struct shira_error *err) {
  if (s->is_prepared && s->prepared.index == c->workload &&
      s->prepared.w.hw == &s->setup.machine[c->machine])
    return 0;
  release(s);
  int rc = prepared_init(&s->prepared, &s->setup, c->machine, c->workload, &s->options, err);
  s->is_prepared = rc == 0;
  return rc;
}

static int learn_facts(struct session *s, uint32_t workload, struct shira_error *err) {
  if (s->known[workload])
    return 0;
  describe_prepared(&s->prepared, s->report);
  s->known[workload] = true;
  if (!s->keeps)
    return 0;
  const struct shira_hash hash = key_of_facts(&s->key, &s->setup, workload);
  char *text = description_encode(s->report, workload);
  int rc = text ? 0 : shira_fail(err, ENOMEM, "out of memory");
  if (text && store_put(&s->store, &hash, text, strlen(text), err))
    rc = CANNOT_KEEP;
  free(text);
  return rc;
}

// Points run in this process, one after another on one device.
static void run_here(struct session *s, uint32_t first, uint32_t end) {
  for (uint32_t i = first; i < end && !s->rc; i++) {
    if (s->report->results[i].done)
      continue;
    struct shira_error err = {{0}};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    int rc = out ? bench_base(&s->bench, &err) : shira_fail(&err, ENOMEM, "out of memory");
    if (!rc)
      rc = measure(s, i, out, &err);
    if (out)
      fclose(out);
    s->done++;
    s->measured++;
    if (rc)
      refuse(s, i, rc, &err);
    else
      accept(s, i, text, size, false);
    show_progress(s, i);
    free(text);
  }
}

static int open_group(struct session *s, uint32_t first, struct shira_error *err) {
  const struct shira_case *c = &s->report->results[first].key;
  int rc = prepare(s, c, err);
  if (!rc)
    rc = workload_lay_out(&s->prepared.w, (enum shira_placed)c->placed, err);
  if (!rc)
    rc = learn_facts(s, c->workload, err);
  if (!rc)
    rc = bench_open(&s->bench, &s->prepared.w, s->prepared.w.hw, &s->options, err);
  if (!rc && s->options.keep_data)
    rc = data_keep(s->options.keep_data, &s->prepared, &s->options,
                   s->bench.seat[SEAT_DEVICE].home.addr, err);
  return rc;
}

static void run_group(struct session *s, uint32_t first, uint32_t end) {
  const bool here = s->options.in_process || s->options.waves || s->options.dram_trace;
  struct shira_error err = {{0}};
  bool missing = false;
  for (uint32_t i = first; i < end; i++)
    missing = missing || !s->report->results[i].done;
  if (!missing && s->known[s->report->results[first].key.workload] && !s->options.keep_data)
    return;
  workers_wait_free(s->workers); // preparing takes a processor too
  int rc = open_group(s, first, &err);
  if (!rc && missing && here)
    run_here(s, first, end);
  for (uint32_t i = first; missing && !(here && !rc) && i < end; i++) {
    if (s->report->results[i].done)
      continue;
    if (rc)
      refuse(s, i, rc, &err), s->done++;
    else
      workers_start(s->workers, i);
  }
  if (rc && !missing)
    note_failure(s, NO_POINT, rc, &err);
  bench_close(&s->bench);
  if (s->is_prepared)
    workload_unplace(&s->prepared.w);
  s->options.waves = s->options.dram_trace = NULL; // a file holds one device
}

static void run_groups(struct session *s) {
  const uint32_t n = s->report->n_results;
  for (uint32_t first = 0, end; first < n; first = end) {
    for (end = first + 1;
         end < n && same_group(&s->report->results[first].key, &s->report->results[end].key);)
      end++;
    run_group(s, first, end);
  }
  workers_wait_all(s->workers);
  release(s);
}

// ---- What is in the store ---------------------------------------------------------------------

static void fetch_point(struct session *s, uint32_t i) {
  struct shira_result *r = &s->report->results[i];
  struct shira_error err;
  char *text;
  size_t size;
  const struct shira_hash hash = key_of_point(&s->key, &s->setup, &r->key);
  if (store_get(&s->store, &hash, &text, &size, &err))
    return;
  // What cannot be read is measured again.
  if (shira_result_decode(text, size, r, &err) || judge(r, &err))
    r->done = false;
  s->done += r->done;
  free(text);
}

static void fetch_facts(struct session *s, uint32_t workload) {
  struct shira_error err;
  char *text;
  size_t size;
  const struct shira_hash hash = key_of_facts(&s->key, &s->setup, workload);
  if (store_get(&s->store, &hash, &text, &size, &err))
    return;
  s->known[workload] = description_decode(text, size, s->report, workload) == 0;
  free(text);
}

static int put_manifest(struct session *s, struct shira_error *err) {
  const struct shira_report *r = s->report;
  if (!s->keeps)
    return 0;
  struct shira_hash *entry = calloc(r->n_results + r->n_workloads, sizeof(*entry));
  struct shira_hash *facts = entry ? entry + r->n_results : NULL;
  for (uint32_t i = 0; entry && i < r->n_results; i++)
    entry[i] = key_of_point(&s->key, &s->setup, &r->results[i].key);
  for (uint32_t w = 0; entry && w < r->n_workloads; w++)
    facts[w] = key_of_facts(&s->key, &s->setup, w);
  char *text = entry ? shira_report_manifest(r, entry, facts) : NULL;
  int rc = text ? 0 : shira_fail(err, ENOMEM, "out of memory");
  if (text && store_run_put(&s->store, r->experiment.name, text, strlen(text), err))
    rc = CANNOT_KEEP;
  free(text);
  free(entry);
  return rc;
}

static int open_store(struct session *s, struct shira_error *err) {
  if (!s->options.store)
    return 0;
  int rc = store_open(s->options.store, true, &s->store, err);
  s->keeps = rc == 0;
  if (!rc)
    rc = put_manifest(s, err); // before the results that it names
  if (rc || s->options.waves || s->options.dram_trace)
    return rc;
  for (uint32_t i = 0; i < s->report->n_results; i++)
    fetch_point(s, i);
  for (uint32_t w = 0; w < s->report->n_workloads; w++)
    fetch_facts(s, w);
  return 0;
}

// ---- A run ------------------------------------------------------------------------------------

static int measure_machine(struct session *s, uint32_t i, struct shira_error *err) {
  struct shira_machine_facts *m = &s->report->machines[i];
  struct shira_run_options quiet = s->options;
  struct station station;
  m->hw = s->setup.machine[i];
  quiet.waves = quiet.dram_trace = NULL;
  int rc = s->options.area_root ? shira_area_load(s->options.area_root, &m->hw, &m->area, err) : 0;
  if (!rc && s->options.timing_root)
    rc = shira_rtl_timing_load(s->options.timing_root, &m->hw, &m->timing, err);
  if (!rc)
    rc = station_open(&station, s->options.backend, &m->hw, &quiet, err);
  if (rc)
    return rc;
  m->refresh_cycles = station.refresh_cycles;
  rc = station_sequential(&station, &m->sequential_mb_s, err);
  station_close(&station);
  return rc;
}

static int allocate(struct session *s, struct shira_error *err) {
  const struct shira_experiment *e = &s->setup.experiment;
  struct shira_report *r = s->report;
  struct shira_case *cases = NULL;
  const int n = points_list(&s->setup, &cases);
  const uint32_t pairs = e->n_workloads * s->setup.pairs_per_workload;
  r->machines = calloc(e->n_machines, sizeof(*r->machines));
  r->workloads = calloc(e->n_workloads, sizeof(*r->workloads));
  r->pairs = calloc(pairs + 1, sizeof(*r->pairs));
  r->results = calloc(n > 0 ? (size_t)n : 1, sizeof(*r->results));
  s->known = calloc(e->n_workloads, sizeof(*s->known));
  if (n < 0 || !r->machines || !r->workloads || !r->pairs || !r->results || !s->known) {
    free(cases);
    return shira_fail(err, ENOMEM, "out of memory");
  }
  r->n_machines = e->n_machines;
  r->n_workloads = e->n_workloads;
  r->n_pairs = pairs;
  r->n_results = (uint32_t)n;
  for (int i = 0; i < n; i++)
    r->results[i].key = cases[i];
  free(cases);
  describe_setup(&s->setup, r);
  return 0;
}

static int begin(struct session *s, const char *path, struct shira_error *err) {
  struct shira_report *r = s->report;
  int rc = setup_load(&s->setup, path, &s->options, err);
  if (rc)
    return rc;
  s->options.has_seed = true;
  s->options.seed = s->setup.seed; // of stalls too
  snprintf(r->program, sizeof(r->program), "%s", PROGRAM);
  snprintf(r->device, sizeof(r->device), "%s", s->options.backend);
  r->experiment = s->setup.experiment;
  r->seed = s->setup.seed;
  r->stall_percent = s->options.stall_percent;
  rc = shira_blas_ready(err);
  if (!rc)
    rc = shira_make_folder(s->options.work_dir, err);
  if (!rc)
    rc = allocate(s, err);
  for (uint32_t i = 0; !rc && i < r->n_machines; i++)
    rc = measure_machine(s, i, err);
  if (!rc)
    rc = key_base_init(&s->key, &s->setup, &s->options, err);
  return rc ? rc : open_store(s, err);
}

int shira_experiment_run(const char *path, const struct shira_run_options *options,
                         struct shira_report *report, struct shira_error *err) {
  struct session *s = calloc(1, sizeof(*s));
  memset(report, 0, sizeof(*report));
  if (!s)
    return shira_fail(err, ENOMEM, "out of memory");
  s->options = *options;
  s->report = report;
  s->began = seconds_now();
  if (s->options.in_process || s->options.waves || s->options.dram_trace)
    s->options.samples = 1;
  int rc = begin(s, path, err);
  if (!rc) {
    s->workers = workers_open(options->jobs, measure_apart, point_done, s);
    rc = s->workers ? 0 : shira_fail(err, ENOMEM, "out of memory");
  }
  if (rc) {
    shira_report_free(report);
  } else {
    run_groups(s);
    struct shira_error lost = {{0}};
    rc = put_manifest(s, &lost); // with what is known of the workloads by now
    if (rc)
      note_failure(s, NO_POINT, rc, &lost);
    rc = s->rc;
    *err = s->error;
  }
  if (!rc && options->bound_scale > 1) {
    judge_bounds(s, options->bound_scale);
    rc = s->rc;
    *err = s->error;
  }
  workers_close(s->workers);
  if (s->keeps)
    store_close(&s->store);
  setup_free(&s->setup);
  free(s->known);
  free(s);
  return rc;
}
