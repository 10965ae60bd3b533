#include "host/experiment/strategy.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// One switch of a trial; NONE = base.
#define NONE (-1)

struct step {
  const struct trial *t;
  int from, to; // ADAPTER_A, ADAPTER_B or NONE
};

// The stream of a SHiRA switch.
static const struct shira_stream *stream_of(const struct bench *b, int from, int to) {
  if (from == NONE)
    return &b->pair[to]->shira.apply;
  return to == NONE ? &b->pair[from]->shira.undo : &b->transition;
}

static int plan_scatter(const struct bench *b, const struct side *s, int from, int to,
                        struct shira_program *p) {
  const struct shira_stream *stream = stream_of(b, from, to);
  const struct shira_mem *mem = from == NONE ? &s->apply[to]
                                : to == NONE ? &s->undo[from]
                                             : &s->transition;
  const struct shira_stream_ref ref = {mem->addr, stream->bytes, stream->updates};
  return shira_plan_scatter(p, &b->w->res, &ref,
                            to == NONE ? SHIRA_TRAFFIC_UNDO : SHIRA_TRAFFIC_VALUE);
}

static int plan_switch(const struct bench *b, const struct side *s, const void *arg,
                       struct shira_program *p) {
  const struct step *st = arg;
  const struct shira_resident *r = &b->w->res;
  int from = st->from, to = st->to;
  switch (st->t->strategy) {
  case SHIRA_STRATEGY_RELOAD:
    return shira_plan_images(p, r, to == NONE ? s->images.addr : s->full[to].addr, true);
  case SHIRA_STRATEGY_LORA_FUSED:
    if (to == NONE)
      return shira_plan_images(p, r, s->images.addr, true);
    return shira_plan_fuse(p, r, s->fused[to].addr, from == NONE ? 0 : s->images.addr,
                           b->pair[to]->fuse_scale);
  case SHIRA_STRATEGY_LORA_UNFUSED:
    return to == NONE ? 0 : shira_plan_factors(p, r, s->unfused[to].addr);
  case SHIRA_STRATEGY_SHIRA_SCATTER:
    return plan_scatter(b, s, from, to, p);
  default:
    return 0;
  }
}

// Fresh base weights, outside every measurement.
static int plan_base(const struct bench *b, const struct side *s, const void *arg,
                     struct shira_program *p) {
  (void)arg;
  return shira_plan_images(p, &b->w->res, s->images.addr, false);
}

struct pass_arg {
  uint32_t index; // into the workload's inputs
  const struct shira_unfused_scale *unfused;
};

static int plan_pass(const struct bench *b, const struct side *s, const void *arg,
                     struct shira_program *p) {
  const struct pass_arg *a = arg;
  return shira_plan_pass(p, &b->w->res, b->w->inputs[a->index].tokens, s->x[a->index].addr,
                         s->y[a->index].addr, a->unfused);
}

static void progress(const struct bench *b, const struct trial *t, const char *what) {
  if (!b->options->progress)
    return;
  char phase[160];
  snprintf(phase, sizeof(phase), "%s %s %s", b->w->name, shira_strategy_name(t->strategy), what);
  struct shira_device_info info;
  struct shira_device *dev = shira_driver_device(b->side[SIDE_DEVICE].station.drv);
  dev->ops->describe(dev, &info);
  b->options->progress(b->options->progress_arg, phase, b->done, info.cycles,
                       b->side[SIDE_DEVICE].station.seconds);
}

static void fill_measure(struct shira_measure *m, const struct run *run, double bound,
                         const char *limit) {
  m->cycles = run->r.cycles;
  m->bound_cycles = bound;
  m->limit = limit;
  memcpy(m->counters, run->counters, sizeof(m->counters));
}

static enum state_kind state_of(const struct trial *t) {
  switch (t->strategy) {
  case SHIRA_STRATEGY_SHIRA_SCATTER:
    return STATE_SHIRA;
  case SHIRA_STRATEGY_LORA_UNFUSED:
    return STATE_LORA_UNFUSED;
  case SHIRA_STRATEGY_BASE:
    return STATE_BASE;
  default:
    return STATE_LORA_FUSED;
  }
}

static const char *adapter_label(int which) {
  return which == NONE ? "base" : which == ADAPTER_A ? "A" : "B";
}

static struct shira_result *append(struct shira_report *report) {
  struct shira_result *grown =
      realloc(report->results, (report->n_results + 1) * sizeof(*report->results));
  if (!grown)
    return NULL;
  report->results = grown;
  memset(&grown[report->n_results], 0, sizeof(*grown));
  return &grown[report->n_results++];
}

// Who the result is: everything but measurements.
static void describe(struct shira_result *res, const struct bench *b, const struct trial *t,
                     int from, int to) {
  const struct workload *w = b->w;
  snprintf(res->model, sizeof(res->model), "%s", w->model.name);
  snprintf(res->layer, sizeof(res->layer), "%s", w->name);
  if (!w->dim)
    snprintf(res->layer, sizeof(res->layer), "%u linears of %u blocks", w->model.n_linears,
             w->model.blocks);
  snprintf(res->placement, sizeof(res->placement), "resident");
  snprintf(res->strategy, sizeof(res->strategy), "%s", shira_strategy_name(t->strategy));
  snprintf(res->mask, sizeof(res->mask), "%s", t->mask);
  snprintf(res->device, sizeof(res->device), "%s", b->side[SIDE_DEVICE].station.backend);
  res->timed = b->side[SIDE_DEVICE].station.timed;
  snprintf(res->from, sizeof(res->from), "%s", adapter_label(from));
  snprintf(res->to, sizeof(res->to), "%s", adapter_label(to));
  snprintf(res->id, sizeof(res->id), "%s/%s%s%s/%s-%s", w->name, res->strategy,
           t->mask[0] ? "-" : "", t->mask, res->from, res->to);
  res->dim = w->dim;
  res->weights_total = shira_model_weights(&w->model, false);
  if (!t->pair)
    return;
  const struct packed *p = &t->pair[to == NONE ? from : to];
  uint64_t targeted = 0;
  for (uint32_t i = 0; i < p->adapter->n_modules; i++) {
    const struct shira_adapter_module *m = &p->adapter->modules[i];
    targeted += (uint64_t)m->out * m->in;
    res->parameters += p->adapter->kind == SHIRA_ADAPTER_LORA
                           ? (uint64_t)m->rank * ((uint64_t)m->out + m->in)
                           : m->count;
  }
  if (p->adapter->kind == SHIRA_ADAPTER_LORA) {
    res->rank = w->res.rank;
    snprintf(res->adapter, sizeof(res->adapter), "LoRA rank %u", res->rank);
  } else {
    res->density = (double)p->shira.apply.updates / (double)targeted;
    snprintf(res->adapter, sizeof(res->adapter), "SHiRA %s %.2f %%", t->mask, 100 * res->density);
  }
}

// Runs one switch, checks the weights and appends its result. *out stays valid until the next
// append.
static int measure_switch(struct bench *b, const struct truth *truth, const struct trial *t,
                          int from, int to, struct shira_report *report, struct shira_result **out,
                          struct shira_error *err) {
  struct step step = {t, from, to};
  struct run run;
  struct state state = {0};
  const uint8_t *blob;
  bool same, same_weights = false;
  const char *limit = "none";
  double bound = 0;
  progress(b, t, to == NONE ? "back to base" : "switch");
  int rc = bench_run(b, plan_switch, &step, "switch", &run, &same, err);
  if (!rc)
    rc = bench_read_weights(b, &blob, &same_weights, err);
  if (!rc)
    rc = truth_state(truth, state_of(t), t->pair[to].adapter, &state, err);
  if (!rc &&
      switch_bound(b->w, t, from == NONE ? NULL : &t->pair[from], &t->pair[to], &bound, &limit))
    rc = shira_fail(err, ENOMEM, "out of memory");
  struct shira_result *res = rc ? NULL : append(report);
  if (!rc && !res)
    rc = shira_fail(err, ENOMEM, "out of memory");
  if (!rc) {
    describe(res, b, t, from, to);
    fill_measure(&res->sw, &run, bound, limit);
    res->has_switch = true;
    res->phases = run.phases;
    res->golden = same && same_weights;
    res->reference = truth_weights(truth, &state, blob);
    res->weights = state.stats;
    res->restore = SHIRA_RESTORE_NONE;
    if (t->strategy == SHIRA_STRATEGY_SHIRA_SCATTER) {
      res->updates = stream_of(b, from, to)->updates;
      res->stream_bytes = stream_of(b, from, to)->bytes;
    }
    *out = res;
  }
  state_free(&state, b->w);
  run_free(&run);
  return rc;
}

// The outputs of two devices are equal; padding of rows to a beat is not output.
static bool same_outputs(const struct workload *w, uint32_t tokens, const uint8_t *a,
                         const uint8_t *b) {
  for (uint32_t i = 0; i < w->model.n_linears; i++) {
    uint32_t out = w->model.linears[i].out, stride = shira_token_bytes(w->res.hw, out);
    for (uint32_t t = 0; t < tokens; t++, a += stride, b += stride)
      if (memcmp(a, b, out))
        return false;
  }
  return true;
}

static int measure_pass(struct bench *b, const struct truth *truth, const struct trial *t,
                        int active, const struct state *state, uint32_t index,
                        struct shira_pass *pass, struct shira_error *err) {
  const struct inputs *in = &b->w->inputs[index];
  struct pass_arg arg = {index, NULL};
  if (t->strategy == SHIRA_STRATEGY_LORA_UNFUSED)
    arg.unfused = t->pair[active].unfused_scale;
  struct run run;
  bool same;
  progress(b, t, in->tokens == 1 ? "decode pass" : "prefill pass");
  int rc = bench_run(b, plan_pass, &arg, "pass", &run, &same, err);
  if (!rc) {
    const struct shira_mem *y = &b->side[SIDE_DEVICE].y[index];
    const char *limit;
    double bound = pass_bound(b->w, t, in->tokens, &limit);
    pass->tokens = in->tokens;
    fill_measure(&pass->m, &run, bound, limit);
    pass->golden = same && (b->sides == 1 || same_outputs(b->w, in->tokens, y->host,
                                                          b->side[SIDE_GOLDEN].y[index].host));
    if (t->base_pass && t->base_pass[index].cycles) // a device without time has no overhead
      pass->overhead = (double)run.r.cycles / (double)t->base_pass[index].cycles - 1;
    rc = truth_outputs(truth, state, in, y->host, &pass->reference, &pass->error_l2, err);
  }
  run_free(&run);
  return rc;
}

// With the weights as they are after the switch to `active`.
static int measure_passes(struct bench *b, const struct truth *truth, const struct trial *t,
                          int active, struct shira_result *res, struct shira_error *err) {
  struct state state;
  const struct shira_adapter *adapter = active == NONE ? NULL : t->pair[active].adapter;
  int rc = truth_state(truth, state_of(t), adapter, &state, err);
  for (uint32_t i = 0; !rc && i < b->w->n_inputs; i++) {
    rc = measure_pass(b, truth, t, active, &state, i, &res->pass[i], err);
    res->n_passes += rc == 0;
  }
  state_free(&state, b->w);
  return rc;
}

// Goes back to base and tells whether the weights are what they were.
static int measure_restore(struct bench *b, const struct trial *t, int from,
                           struct shira_result *res, struct shira_error *err) {
  struct step step = {t, from, NONE};
  struct run run;
  const uint8_t *blob;
  bool same;
  progress(b, t, "back to base");
  int rc = bench_run(b, plan_switch, &step, "back to base", &run, NULL, err);
  run_free(&run);
  if (!rc)
    rc = bench_read_weights(b, &blob, &same, err);
  if (rc)
    return rc;
  double diff = 0, norm = 0;
  for (uint32_t i = 0; i < b->w->res.weight_bytes; i++) {
    double was = (int8_t)b->w->images[i], is = (int8_t)blob[i];
    diff += (is - was) * (is - was);
    norm += was * was;
  }
  res->restore = diff == 0 ? SHIRA_RESTORE_EXACT : SHIRA_RESTORE_DRIFT;
  res->restore_drift = norm > 0 ? sqrt(diff / norm) : 0;
  res->golden = res->golden && same;
  return 0;
}

static int measure_base(struct bench *b, const struct truth *truth, const struct trial *t,
                        struct shira_report *report, struct shira_error *err) {
  struct shira_result *res = append(report);
  if (!res)
    return shira_fail(err, ENOMEM, "out of memory");
  describe(res, b, t, NONE, NONE);
  snprintf(res->adapter, sizeof(res->adapter), "none");
  const uint8_t *blob;
  bool same;
  int rc = bench_read_weights(b, &blob, &same, err);
  if (rc)
    return rc;
  res->golden = same;
  res->reference = !memcmp(blob, b->w->images, b->w->res.weight_bytes);
  res->restore = SHIRA_RESTORE_EXACT;
  res->weights.total = shira_model_weights(&b->w->model, true);
  return measure_passes(b, truth, t, NONE, res, err);
}

int strategy_measure(struct bench *b, const struct truth *truth, const struct trial *t,
                     struct shira_report *report, struct shira_error *err) {
  struct run run;
  int rc = bench_run(b, plan_base, NULL, "base weights", &run, NULL, err);
  run_free(&run);
  if (rc)
    return rc;
  if (t->strategy == SHIRA_STRATEGY_BASE)
    return measure_base(b, truth, t, report, err);
  struct shira_result *res = NULL;
  int active = NONE;
  if (t->exp->from[SHIRA_SWITCH_OTHER]) {
    // The cold switch is always made: A has to become active.
    rc = measure_switch(b, truth, t, NONE, ADAPTER_A, report, &res, err);
    if (!rc)
      rc = measure_passes(b, truth, t, ADAPTER_A, res, err);
    active = ADAPTER_A;
    if (!rc && !t->exp->from[SHIRA_SWITCH_BASE])
      report->n_results--;
  }
  if (!rc)
    rc = measure_switch(b, truth, t, active, ADAPTER_B, report, &res, err);
  if (!rc)
    rc = measure_passes(b, truth, t, ADAPTER_B, res, err);
  return rc ? rc : measure_restore(b, t, ADAPTER_B, res, err);
}
