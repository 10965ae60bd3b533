#include "host/experiment/truth.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int truth_init(struct truth *t, const struct workload *w, struct shira_error *err) {
  t->w = w;
  t->ref = calloc(w->model.n_linears, sizeof(*t->ref));
  int rc = t->ref ? 0 : -ENOMEM;
  for (uint32_t i = 0; !rc && i < w->model.n_linears; i++) {
    const struct shira_linear *l = &w->model.linears[i];
    rc = shira_reference_open(&t->ref[i], w->weights.w[i], NULL, l->out, l->in, SHIRA_INPUT_SCALE);
    if (!rc)
      rc = shira_reference_calibrate(&t->ref[i], w->linear[i].calibration, CALIBRATION_TOKENS);
  }
  if (!rc)
    return 0;
  truth_free(t);
  return shira_fail(err, -rc, "%s: no reference: %s", w->name, strerror(-rc));
}

void truth_free(struct truth *t) {
  for (uint32_t i = 0; t->ref && i < t->w->model.n_linears; i++)
    shira_reference_close(&t->ref[i]);
  free(t->ref);
  memset(t, 0, sizeof(*t));
}

// What the adapter before left in the weights, taken away in place.
static int take_away(const struct truth *t, const struct state *before, uint32_t i,
                     int8_t *weights) {
  const struct shira_reference *ref = &t->ref[i];
  memcpy(weights, before ? before->weights[i] : ref->wq, (size_t)ref->out * ref->in);
  const struct shira_adapter_module *m =
      before && before->adapter ? adapter_module(before->adapter, i) : NULL;
  return m ? shira_reference_fused(ref, m, -1, weights, weights, NULL) : 0;
}

// Weights of one linear in a state; counts what the adapter did to them.
static int linear_weights(const struct truth *t, struct state *state, const struct state *before,
                          uint32_t i) {
  const struct shira_reference *ref = &t->ref[i];
  const struct shira_adapter_module *m = state->adapter ? adapter_module(state->adapter, i) : NULL;
  struct shira_reference_stats s = {0};
  int8_t *weights = state->weights[i];
  int rc = 0;
  memcpy(weights, ref->wq, (size_t)ref->out * ref->in);
  if (state->kind == STATE_LORA_IN_PLACE)
    rc = take_away(t, before, i, weights);
  if (!rc && m && state->kind == STATE_SHIRA)
    rc = shira_reference_shira(ref, m, weights, &s);
  else if (!rc && m && (state->kind == STATE_LORA_FUSED || state->kind == STATE_LORA_IN_PLACE))
    rc = shira_reference_fused(ref, m, 1, weights, weights, &s);
  if (m)
    state->stats.total += (uint64_t)ref->out * ref->in;
  state->stats.touched += s.touched;
  state->stats.changed += s.changed;
  state->stats.zeroed += s.zeroed;
  state->stats.clipped += s.clipped;
  return rc;
}

int truth_state(const struct truth *t, enum state_kind kind, const struct shira_adapter *adapter,
                const struct state *before, struct state *s, struct shira_error *err) {
  const struct workload *w = t->w;
  memset(s, 0, sizeof(*s));
  s->kind = kind;
  s->adapter = adapter;
  s->weights = calloc(w->model.n_linears, sizeof(*s->weights));
  int rc = s->weights ? 0 : -ENOMEM;
  for (uint32_t i = 0; !rc && i < w->model.n_linears; i++) {
    const struct shira_linear *l = &w->model.linears[i];
    s->weights[i] = malloc((size_t)l->out * l->in);
    rc = s->weights[i] ? linear_weights(t, s, before, i) : -ENOMEM;
  }
  if (!rc)
    return 0;
  state_free(s, w);
  return shira_fail(err, -rc, "%s: no reference weights: %s", w->name, strerror(-rc));
}

void state_free(struct state *s, const struct workload *w) {
  for (uint32_t i = 0; s->weights && i < w->model.n_linears; i++)
    free(s->weights[i]);
  free(s->weights);
  memset(s, 0, sizeof(*s));
}

bool truth_weights(const struct truth *t, const struct state *s, const uint8_t *blob) {
  const struct workload *w = t->w;
  bool equal = true;
  for (uint32_t i = 0; equal && i < w->model.n_linears; i++) {
    size_t count = (size_t)w->model.linears[i].out * w->model.linears[i].in;
    int8_t *m = malloc(count);
    if (!m)
      return false;
    shira_image_unpack(&w->linear[i].image,
                       (const int8_t *)blob + w->placement.place[i].weight_addr, m);
    equal = !memcmp(m, s->apart ? t->ref[i].wq : s->weights[i], count);
    free(m);
  }
  return equal;
}

// The scale of h of linear `i`: the largest of those that read the same inputs.
static int group_scale(const struct truth *t, const struct shira_adapter *adapter, uint32_t i,
                       double *sh) {
  const struct workload *w = t->w;
  *sh = 0;
  for (uint32_t j = 0; j < w->model.n_linears; j++) {
    const struct shira_adapter_module *m = adapter_module(adapter, j);
    struct shira_reference_lora lora;
    if (!m || w->placement.place[j].group != w->placement.place[i].group)
      continue;
    int rc = shira_reference_lora_open(&t->ref[j], m, w->linear[j].calibration, CALIBRATION_TOKENS,
                                       &lora);
    if (rc)
      return rc;
    *sh = lora.sh > *sh ? lora.sh : *sh;
    shira_reference_lora_close(&lora);
  }
  return 0;
}

// The reference's outputs of linear `i`.
static int reference_outputs(const struct truth *t, const struct state *s, uint32_t i,
                             const struct inputs *in, int8_t *y) {
  const struct shira_reference *ref = &t->ref[i];
  const struct shira_adapter_module *m = NULL;
  if (s->kind == STATE_LORA_UNFUSED)
    m = adapter_module(s->adapter, i);
  if (!m)
    return shira_reference_output(ref, s->weights[i], in->x[i], in->tokens, y);
  struct shira_reference_lora lora;
  int rc =
      shira_reference_lora_open(ref, m, t->w->linear[i].calibration, CALIBRATION_TOKENS, &lora);
  if (rc)
    return rc;
  rc = group_scale(t, s->adapter, i, &lora.sh);
  if (!rc)
    rc = shira_reference_unfused(ref, &lora, in->x[i], in->tokens, y);
  shira_reference_lora_close(&lora);
  return rc;
}

// Outputs of linear `i` as the device left them, without the padding of rows.
static void unpad(const struct truth *t, uint32_t i, uint32_t tokens, const uint8_t *padded,
                  int8_t *y) {
  uint32_t out = t->w->model.linears[i].out, stride = shira_token_bytes(t->w->placement.hw, out);
  for (uint32_t m = 0; m < tokens; m++)
    memcpy(y + (size_t)m * out, padded + (size_t)m * stride, out);
}

int truth_outputs(const struct truth *t, const struct state *s, const struct inputs *in,
                  const uint8_t *outputs, bool *equal, struct shira_hash *hash,
                  struct shira_error *err) {
  struct shira_hasher h;
  int rc = 0;
  shira_hash_begin(&h);
  *equal = true;
  for (uint32_t i = 0; !rc && i < t->w->model.n_linears; i++) {
    const uint32_t out = t->w->model.linears[i].out;
    const size_t count = (size_t)in->tokens * out;
    int8_t *want = malloc(count), *got = malloc(count);
    rc = want && got ? reference_outputs(t, s, i, in, want) : -ENOMEM;
    if (!rc) {
      unpad(t, i, in->tokens, outputs, got);
      *equal = *equal && !memcmp(want, got, count);
      shira_hash_add(&h, got, count);
    }
    free(want);
    free(got);
    outputs += (size_t)in->tokens * shira_token_bytes(t->w->placement.hw, out);
  }
  shira_hash_end(&h, hash);
  return rc ? shira_fail(err, -rc, "%s: no reference outputs: %s", t->w->name, strerror(-rc)) : 0;
}

int truth_error(const struct truth *t, const struct state *s, const struct inputs *in,
                double *error_l2, struct shira_error *err) {
  struct shira_reference_error sum = {0};
  int rc = 0;
  for (uint32_t i = 0; !rc && i < t->w->model.n_linears; i++) {
    const struct shira_adapter_module *m = s->adapter ? adapter_module(s->adapter, i) : NULL;
    int8_t *y = malloc((size_t)in->tokens * t->w->model.linears[i].out);
    rc = y ? reference_outputs(t, s, i, in, y) : -ENOMEM;
    if (!rc)
      rc = shira_reference_measure(&t->ref[i], m, in->x[i], in->tokens, y, &sum);
    free(y);
  }
  *error_l2 = shira_reference_l2(&sum);
  return rc ? shira_fail(err, -rc, "%s: no reference outputs: %s", t->w->name, strerror(-rc)) : 0;
}

void truth_hash(const struct truth *t, const struct state *s, struct shira_hash *hash) {
  struct shira_hasher h;
  shira_hash_begin(&h);
  for (uint32_t i = 0; i < t->w->model.n_linears; i++) {
    const struct shira_linear *l = &t->w->model.linears[i];
    shira_hash_add(&h, s ? s->weights[i] : t->ref[i].wq, (size_t)l->out * l->in);
  }
  shira_hash_end(&h, hash);
}
