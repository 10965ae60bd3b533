#include "host/experiment/strategy.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

// Adds to the bounds what was measured.
static void fill_measure(struct shira_measure *m, const struct run *run) {
  m->cycles = run->r.cycles;
  memcpy(m->counters, run->counters, sizeof(m->counters));
  m->memory = run->memory;
}

static enum state_kind state_of(const struct trial *t) {
  switch (t->strategy) {
  case SHIRA_STRATEGY_SHIRA_SCATTER:
  case SHIRA_STRATEGY_SHIRA_OVERLAY:
  case SHIRA_STRATEGY_SHIRA_DRAM:
    return STATE_SHIRA;
  case SHIRA_STRATEGY_LORA_UNFUSED:
    return STATE_LORA_UNFUSED;
  case SHIRA_STRATEGY_BASE:
    return STATE_BASE;
  default:
    return t->undo == SHIRA_UNDO_IN_PLACE ? STATE_LORA_IN_PLACE : STATE_LORA_FUSED;
  }
}

// The state after a switch to `to`.
static int next_state(const struct bench *b, const struct truth *truth, const struct trial *t,
                      int to, const struct state *before, struct state *s,
                      struct shira_error *err) {
  const struct shira_adapter *adapter = to == NONE ? NULL : t->pair[to].adapter;
  int rc = truth_state(truth, state_of(t), adapter, before, s, err);
  s->apart = t->strategy == SHIRA_STRATEGY_SHIRA_OVERLAY || by_pointer(t, &b->w->res);
  return rc;
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

static void describe_blocks(struct shira_result *res, const struct shira_model *m) {
  uint32_t last = m->first_block + m->blocks - 1;
  if (m->blocks == m->all_blocks)
    snprintf(res->layer, sizeof(res->layer), "%u linears of %u blocks", m->n_linears, m->blocks);
  else if (m->blocks == 1)
    snprintf(res->layer, sizeof(res->layer), "%u linears of block %u", m->n_linears, last);
  else
    snprintf(res->layer, sizeof(res->layer), "%u linears of blocks %u to %u", m->n_linears,
             m->first_block, last);
  res->blocks = (struct shira_blocks){
      .first = m->first_block, .n = m->blocks, .all = m->all_blocks, m->hidden, m->vocab};
}

// Who the result is: everything but measurements.
static void describe(struct shira_result *res, const struct bench *b, const struct trial *t,
                     int from, int to) {
  const struct workload *w = b->w;
  snprintf(res->model, sizeof(res->model), "%s", w->model.name);
  snprintf(res->layer, sizeof(res->layer), "%s", w->name);
  if (!w->dim)
    describe_blocks(res, &w->model);
  snprintf(res->placement, sizeof(res->placement), "%s", shira_placed_name(w->res.streamed));
  if (t->undo != SHIRA_UNDO_COUNT)
    snprintf(res->undo, sizeof(res->undo), "%s", shira_undo_name(t->undo));
  if (t->strategy != SHIRA_STRATEGY_BASE)
    snprintf(res->kept, sizeof(res->kept), "%s", shira_kept_name(t->kept));
  snprintf(res->strategy, sizeof(res->strategy), "%s", shira_strategy_name(t->strategy));
  snprintf(res->mask, sizeof(res->mask), "%s", t->mask);
  snprintf(res->device, sizeof(res->device), "%s", b->side[SIDE_DEVICE].station.backend);
  res->timed = b->side[SIDE_DEVICE].station.timed;
  snprintf(res->from, sizeof(res->from), "%s", adapter_label(from));
  snprintf(res->to, sizeof(res->to), "%s", adapter_label(to));
  snprintf(res->id, sizeof(res->id), "%s/%s/%s%s%s%s%s%s/%s-%s", w->name, res->placement,
           res->strategy, t->mask[0] ? "-" : "", t->mask, res->undo[0] ? "-" : "", res->undo,
           t->kept == SHIRA_KEPT_MEMORY ? ""
           : t->kept == SHIRA_KEPT_CHIP ? "-chip"
                                        : "-host",
           res->from, res->to);
  res->dim = w->dim;
  res->weights_total = shira_model_weights(&w->model, false);
  if (!t->pair)
    return;
  const struct packed *p = &t->pair[to == NONE ? from : to];
  res->adapter_bytes = kept_bytes(w, t, p);
  uint64_t targeted = 0;
  for (uint32_t i = 0; i < p->adapter->n_modules; i++) {
    const struct shira_adapter_module *m = &p->adapter->modules[i];
    targeted += (uint64_t)m->out * m->in;
    res->image_bytes += w->res.place[m->linear].image_bytes;
    res->parameters += p->adapter->kind == SHIRA_ADAPTER_LORA
                           ? (uint64_t)m->rank * ((uint64_t)m->out + m->in)
                           : m->count;
  }
  if (p->adapter->kind == SHIRA_ADAPTER_LORA) {
    uint32_t least = p->adapter->modules[0].rank;
    for (uint32_t i = 0; i < p->adapter->n_modules; i++) {
      uint32_t rank = p->adapter->modules[i].rank;
      res->rank = rank > res->rank ? rank : res->rank;
      least = rank < least ? rank : least;
    }
    if (least == res->rank)
      snprintf(res->adapter, sizeof(res->adapter), "LoRA rank %u", res->rank);
    else
      snprintf(res->adapter, sizeof(res->adapter), "LoRA ranks %u to %u", least, res->rank);
  } else {
    res->density = (double)p->shira.apply.updates / (double)targeted;
    snprintf(res->adapter, sizeof(res->adapter), "SHiRA %s %.2f %%", t->mask, 100 * res->density);
  }
}

// Runs one switch, checks the weights and appends its result. *out stays valid until the next
// append. *state is the one before, and becomes the one after.
static int measure_switch(struct bench *b, const struct truth *truth, const struct trial *t,
                          int from, int to, struct state *state, struct shira_report *report,
                          struct shira_result **out, struct shira_error *err) {
  struct step step = {t, from, to};
  struct run run;
  struct state after = {0};
  const uint8_t *blob;
  bool same, same_weights = false;
  struct shira_measure measure = {.limit = "none"};
  progress(b, t, "switch");
  int rc = bench_run(b, plan_switch, &step, "switch", &run, &same, err);
  if (!rc)
    rc = bench_read_weights(b, &blob, &same_weights, err);
  if (!rc)
    rc = next_state(b, truth, t, to, from == NONE ? NULL : state, &after, err);
  if (!rc && switch_bound(b->w, t, from == NONE ? NULL : &t->pair[from], &t->pair[to],
                          b->side[SIDE_DEVICE].home.addr, &measure))
    rc = shira_fail(err, ENOMEM, "out of memory");
  struct shira_result *res = rc ? NULL : append(report);
  if (!rc && !res)
    rc = shira_fail(err, ENOMEM, "out of memory");
  if (!rc) {
    describe(res, b, t, from, to);
    fill_measure(&measure, &run);
    res->sw = measure;
    res->has_switch = true;
    res->phases = run.phases;
    res->golden = same && same_weights;
    res->reference = truth_weights(truth, &after, blob);
    res->weights = after.stats;
    res->restore = SHIRA_RESTORE_NONE;
    switch_streams(b, &step, res);
    *out = res;
  }
  state_free(state, b->w);
  *state = after;
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
  struct pass_arg arg = {t, active, index};
  struct run run;
  bool same;
  progress(b, t, in->tokens == 1 ? "decode pass" : "prefill pass");
  int rc = bench_run(b, plan_pass, &arg, "pass", &run, &same, err);
  if (!rc) {
    const struct shira_mem *y = &b->side[SIDE_DEVICE].y[index];
    if (pass_bound(b->w, t, active == NONE ? NULL : &t->pair[active], in->tokens, &pass->m))
      rc = shira_fail(err, ENOMEM, "out of memory");
    pass->tokens = in->tokens;
    fill_measure(&pass->m, &run);
    pass->golden = same && (b->sides == 1 || same_outputs(b->w, in->tokens, y->host,
                                                          b->side[SIDE_GOLDEN].y[index].host));
    if (t->base_pass && t->base_pass[index].cycles) // a device without time has no overhead
      pass->overhead = (double)run.r.cycles / (double)t->base_pass[index].cycles - 1;
    rc = rc ? rc : truth_outputs(truth, state, in, y->host, &pass->reference, &pass->error_l2, err);
  }
  run_free(&run);
  return rc;
}

// With the weights as they are after the switch to `active`.
static int measure_passes(struct bench *b, const struct truth *truth, const struct trial *t,
                          int active, const struct state *state, struct shira_result *res,
                          struct shira_error *err) {
  int rc = 0;
  for (uint32_t i = 0; !rc && i < b->w->n_inputs; i++) {
    rc = measure_pass(b, truth, t, active, state, i, &res->pass[i], err);
    res->n_passes += rc == 0;
  }
  return rc;
}

// Goes back to base and tells whether the weights are what they were.
static int measure_restore(struct bench *b, const struct truth *truth, const struct trial *t,
                           int from, const struct state *state, struct shira_result *res,
                           struct shira_error *err) {
  struct step step = {t, from, NONE};
  struct state base = {0};
  struct run run;
  const uint8_t *blob;
  bool same;
  progress(b, t, "back to base");
  int rc = bench_run(b, plan_switch, &step, "back to base", &run, NULL, err);
  run_free(&run);
  if (!rc)
    rc = bench_read_weights(b, &blob, &same, err);
  if (!rc)
    rc = next_state(b, truth, t, NONE, state, &base, err);
  if (rc)
    return rc;
  res->reference = res->reference && truth_weights(truth, &base, blob);
  state_free(&base, b->w);
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
  struct state state;
  rc = next_state(b, truth, t, NONE, NULL, &state, err);
  if (!rc)
    rc = measure_passes(b, truth, t, NONE, &state, res, err);
  state_free(&state, b->w);
  return rc;
}

static int measure_adapters(struct bench *b, const struct truth *truth, const struct trial *t,
                            struct state *state, struct shira_report *report,
                            struct shira_error *err) {
  struct shira_result *res = NULL;
  int active = NONE, rc = 0;
  if (t->exp->from[SHIRA_SWITCH_OTHER]) {
    // The cold switch is always made: A has to become active.
    rc = measure_switch(b, truth, t, NONE, ADAPTER_A, state, report, &res, err);
    active = ADAPTER_A;
    if (!rc && t->exp->from[SHIRA_SWITCH_BASE])
      rc = measure_passes(b, truth, t, ADAPTER_A, state, res, err);
    else if (!rc)
      report->n_results--;
  }
  if (!rc)
    rc = measure_switch(b, truth, t, active, ADAPTER_B, state, report, &res, err);
  if (!rc)
    rc = measure_passes(b, truth, t, ADAPTER_B, state, res, err);
  return rc ? rc : measure_restore(b, truth, t, ADAPTER_B, state, res, err);
}

int strategy_measure(struct bench *b, const struct truth *truth, const struct trial *t,
                     struct shira_report *report, struct shira_error *err) {
  struct run run;
  int rc = bench_run(b, plan_start, t, "base weights", &run, NULL, err);
  run_free(&run);
  if (rc)
    return rc;
  if (t->strategy == SHIRA_STRATEGY_BASE)
    return measure_base(b, truth, t, report, err);
  struct state state = {0};
  rc = measure_adapters(b, truth, t, &state, report, err);
  state_free(&state, b->w);
  return rc;
}
