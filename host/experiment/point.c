// Measures one point.
#include "host/experiment/point.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/experiment/timing.h"

// An adapter of a case as an index into a pair, or NONE.
static int adapter_of(uint32_t active) {
  return active == SHIRA_ACTIVE_A ? ADAPTER_A : active == SHIRA_ACTIVE_B ? ADAPTER_B : NONE;
}

static enum packed_form form_of(enum shira_strategy s) {
  switch (s) {
  case SHIRA_STRATEGY_RELOAD:
    return PACKED_FULL;
  case SHIRA_STRATEGY_LORA_FUSED:
    return PACKED_FUSED;
  case SHIRA_STRATEGY_LORA_UNFUSED:
    return PACKED_UNFUSED;
  case SHIRA_STRATEGY_SHIRA_OVERLAY:
    return PACKED_SEGMENTS;
  default:
    return PACKED_STREAMS;
  }
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

// The state in which adapter `to` is active.
static int next_state(const struct point *p, int to, const struct state *before, struct state *s,
                      struct shira_error *err) {
  const struct trial *t = &p->trial;
  const struct shira_adapter *adapter = to == NONE ? NULL : t->pair[to].adapter;
  int rc = truth_state(p->truth, state_of(t), adapter, before, s, err);
  s->apart = t->strategy == SHIRA_STRATEGY_SHIRA_OVERLAY || by_pointer(t, &p->w->placement);
  return rc;
}

// The outputs of two devices are equal; padding of rows to a beat is not output.
static bool same_outputs(const struct workload *w, uint32_t tokens, const uint8_t *a,
                         const uint8_t *b) {
  for (uint32_t i = 0; i < w->model.n_linears; i++) {
    uint32_t out = w->model.linears[i].out, stride = shira_token_bytes(w->placement.hw, out);
    for (uint32_t t = 0; t < tokens; t++, a += stride, b += stride)
      if (memcmp(a, b, out))
        return false;
  }
  return true;
}

// What the pass over input `index` left behind: compares it with the golden model's and the
// reference's.
static int check_outputs(struct point *p, const struct state *state, uint32_t index,
                         struct shira_result *result, struct shira_hash *hash,
                         struct shira_error *err) {
  struct bench *b = p->bench;
  const struct inputs *in = &p->w->inputs[index];
  const struct shira_mem *y = &b->seat[SEAT_DEVICE].y[index];
  bool equal = false;
  if (b->seats > 1)
    result->golden = result->golden &&
                     same_outputs(p->w, in->tokens, y->host, b->seat[SEAT_GOLDEN].y[index].host);
  int rc = truth_outputs(p->truth, state, in, y->host, &equal, hash, err);
  result->reference = result->reference && equal;
  return rc;
}

// ---- Passes -----------------------------------------------------------------------------------

static uint32_t input_of(const struct workload *w, uint32_t tokens) {
  uint32_t i = 0;
  while (i + 1 < w->n_inputs && w->inputs[i].tokens != tokens)
    i++;
  return i;
}

// Makes adapter `to` active for a pass: where that is no part of what is measured.
static int activate(struct point *p, int to, struct shira_error *err) {
  if (to == NONE)
    return 0;
  const struct change change = {&p->trial, NONE, to};
  struct outcome run;
  int rc = bench_run(p->bench, plan_switch, &change, "switch", &run, NULL, err);
  run_free(&run);
  return rc;
}

static int measure_pass(struct point *p, struct shira_result *result, struct shira_error *err) {
  const int active = adapter_of(p->key.to);
  const uint32_t index = input_of(p->w, p->key.tokens);
  const struct pass_arg arg = {&p->trial, active, index};
  struct state state = {0};
  int rc = activate(p, active, err);
  if (!rc)
    rc = timing_take(p->bench, plan_pass, &arg, "pass", &result->m, &result->golden, err);
  if (!rc && pass_bound(p->w, &p->trial, active == NONE ? NULL : &p->trial.pair[active],
                        p->key.tokens, &result->m))
    rc = shira_fail(err, ENOMEM, "out of memory");
  if (!rc)
    rc = next_state(p, active, NULL, &state, err);
  result->reference = true;
  if (!rc)
    rc = check_outputs(p, &state, index, result, &result->outputs, err);
  state_free(&state, p->w);
  return rc;
}

// ---- Switches ---------------------------------------------------------------------------------

// Runs a switch that is not timed.
static int make_active(struct point *p, int from, int to, struct state *state,
                       struct shira_error *err) {
  struct change change = {&p->trial, from, to};
  struct state after = {0};
  struct outcome run;
  int rc = bench_run(p->bench, plan_switch, &change, "switch", &run, NULL, err);
  run_free(&run);
  if (!rc)
    rc = next_state(p, to, from == NONE ? NULL : state, &after, err);
  state_free(state, p->w);
  *state = after;
  return rc;
}

// The weights that the device has, against the golden model's and the reference's.
static int check_weights(struct point *p, const struct state *state, struct shira_result *result,
                         const uint8_t **blob, struct shira_error *err) {
  bool same = true;
  int rc = bench_read_weights(p->bench, blob, &same, err);
  if (rc)
    return rc;
  result->golden = result->golden && same;
  result->reference = result->reference && truth_weights(p->truth, state, *blob);
  return 0;
}

// Times the switch; *state is the one before, and becomes the one after.
static int time_switch(struct point *p, int from, int to, struct state *state,
                       struct shira_result *result, struct shira_error *err) {
  const struct trial *t = &p->trial;
  const struct change change = {t, from, to};
  struct state after = {0};
  const uint8_t *blob;
  int rc = timing_take(p->bench, plan_switch, &change, "switch", &result->m, &result->golden, err);
  if (!rc)
    rc = next_state(p, to, from == NONE ? NULL : state, &after, err);
  if (!rc && switch_bound(p->w, t, from == NONE ? NULL : &t->pair[from], &t->pair[to],
                          p->bench->seat[SEAT_DEVICE].home.addr, &result->m))
    rc = shira_fail(err, ENOMEM, "out of memory");
  result->reference = true;
  if (!rc)
    rc = check_weights(p, &after, result, &blob, err);
  state_free(state, p->w);
  *state = after;
  return rc;
}

// A pass of the fewest tokens on the weights that the switch left: not timed, but right.
static int try_pass(struct point *p, int active, const struct state *state,
                    struct shira_result *result, struct shira_error *err) {
  const struct pass_arg arg = {&p->trial, active, 0};
  struct shira_hash hash;
  struct outcome run;
  bool same = true;
  if (!p->w->n_inputs)
    return 0;
  int rc = bench_run(p->bench, plan_pass, &arg, "pass", &run, &same, err);
  run_free(&run);
  result->golden = result->golden && same;
  return rc ? rc : check_outputs(p, state, 0, result, &hash, err);
}

static int output_errors(struct point *p, const struct state *state, struct shira_switch *sw,
                         struct shira_error *err) {
  int rc = 0;
  for (sw->n_errors = 0; !rc && sw->n_errors < p->w->n_inputs; sw->n_errors++)
    rc =
        truth_error(p->truth, state, &p->w->inputs[sw->n_errors], &sw->error_l2[sw->n_errors], err);
  return rc;
}

// Goes back to base and tells whether the weights are what they were.
static int measure_restore(struct point *p, int from, struct state *state,
                           struct shira_result *result, struct shira_error *err) {
  const uint8_t *blob;
  int rc = make_active(p, from, NONE, state, err);
  if (!rc)
    rc = check_weights(p, state, result, &blob, err);
  if (rc)
    return rc;
  double diff = 0, norm = 0;
  for (uint32_t i = 0; i < p->w->placement.weight_bytes; i++) {
    double was = (int8_t)p->w->images[i], is = (int8_t)blob[i];
    diff += (is - was) * (is - was);
    norm += was * was;
  }
  result->sw.restore = diff == 0 ? SHIRA_RESTORE_EXACT : SHIRA_RESTORE_DRIFT;
  result->sw.restore_drift = norm > 0 ? sqrt(diff / norm) : 0;
  return 0;
}

static int measure_switch(struct point *p, struct shira_result *result, struct shira_error *err) {
  const int from = adapter_of(p->key.from), to = adapter_of(p->key.to);
  struct state state = {0};
  int rc = from == NONE ? 0 : make_active(p, NONE, from, &state, err);
  if (!rc)
    rc = time_switch(p, from, to, &state, result, err);
  if (!rc) {
    const struct change change = {&p->trial, from, to};
    switch_streams(p->bench, &change, &result->sw);
    result->sw.kept_bytes = kept_bytes(p->w, &p->trial, &p->trial.pair[to]);
    result->sw.weights = state.stats;
    truth_hash(p->truth, &state, &result->sw.weights_hash);
    rc = try_pass(p, to, &state, result, err);
  }
  if (!rc)
    rc = output_errors(p, &state, &result->sw, err);
  if (!rc)
    rc = measure_restore(p, to, &state, result, err);
  state_free(&state, p->w);
  return rc;
}

// ---- A point ----------------------------------------------------------------------------------

// Packs and uploads the adapters of the point.
static int load_pair(struct point *p, struct packed pair[ADAPTERS], struct shira_error *err) {
  const enum packed_form form = form_of(p->trial.strategy);
  int rc = 0;
  for (int i = 0; !rc && i < ADAPTERS; i++)
    rc = packed_init(&pair[i], p->w, p->adapter[i], form, err);
  p->trial.pair = pair;
  if (!rc)
    rc =
        workload_place(p->w, p->w->placement.streamed,
                       factor_room(&p->trial, adapter_of(p->key.from), adapter_of(p->key.to)), err);
  if (!rc)
    rc = bench_load_pair(p->bench, pair, p->trial.kept, form, err);
  // Factors that stay on chip are there before any switch.
  struct outcome run;
  if (!rc && p->trial.kept == SHIRA_KEPT_CHIP) {
    rc = bench_run(p->bench, plan_chip, &p->trial, "factors", &run, NULL, err);
    run_free(&run);
  }
  return rc;
}

static void note_wall(const struct point *p, double began, double prepared,
                      struct shira_wall *wall) {
  const struct station *dev = &p->bench->seat[SEAT_DEVICE].station;
  *wall = (struct shira_wall){
      .prepare_s = prepared - began,
      .simulate_s = dev->seconds,
      .golden_s = p->bench->seats > 1 ? p->bench->seat[SEAT_GOLDEN].station.seconds : 0,
      .merge_s = p->bench->merge_s,
      .total_s = seconds_now() - began,
      .simulated_cycles = station_cycles(dev) - p->cycles_before + dev->cycles_apart,
  };
}

int point_measure(struct point *p, struct shira_result *result, struct shira_error *err) {
  struct packed pair[ADAPTERS] = {0};
  const double began = seconds_now();
  double prepared = began;
  p->bench->seat[SEAT_DEVICE].station.seconds = 0;
  if (p->bench->seats > 1)
    p->bench->seat[SEAT_GOLDEN].station.seconds = 0;
  memset(result, 0, sizeof(*result));
  result->key = p->key;
  result->golden = true;
  result->timed = p->bench->seat[SEAT_DEVICE].station.timed;
  int rc = p->key.pair == SHIRA_NO_PAIR ? 0 : load_pair(p, pair, err);
  prepared = seconds_now();
  if (!rc)
    rc = p->key.work == SHIRA_WORK_PASS ? measure_pass(p, result, err)
                                        : measure_switch(p, result, err);
  note_wall(p, began, prepared, &result->wall);
  for (int i = 0; i < ADAPTERS; i++)
    packed_free(&pair[i], p->w);
  struct shira_error lost;
  workload_place(p->w, p->w->placement.streamed, 0, &lost); // as it was, for the next one
  result->done = rc == 0;
  if (rc)
    snprintf(result->reason, sizeof(result->reason), "%s", err->text);
  return rc;
}
