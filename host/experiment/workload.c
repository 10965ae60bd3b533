#include "host/experiment/workload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Seeds of the parts of a workload.
enum { SEED_CALIBRATION = 2, SEED_INPUTS = 3 };

static uint64_t part_seed(uint64_t seed, uint64_t part, uint64_t index) {
  return seed * UINT64_C(0x9e3779b97f4a7c15) + (part << 32) + index;
}

// The experiment's seed and the workload's name decide it, not its place in the experiment:
// FNV-1a, 64 bits, of the name, started from the seed.
static uint64_t workload_seed(uint64_t seed, const char *name) {
  uint64_t h = UINT64_C(0xcbf29ce484222325) ^ seed * UINT64_C(0x9e3779b97f4a7c15);
  for (; *name; name++)
    h = (h ^ (uint8_t)*name) * UINT64_C(0x100000001b3);
  return h;
}

static int quantise_linear(struct workload *w, uint32_t i, const struct shira_machine *hw,
                           struct shira_error *err) {
  struct linear *l = &w->linear[i];
  l->shape = &w->model.linears[i];
  uint32_t out = l->shape->out, in = l->shape->in;
  size_t count = (size_t)out * in;
  l->wq = malloc(count);
  l->w_scale = malloc(out * sizeof(*l->w_scale));
  l->calibration = malloc((size_t)CALIBRATION_TOKENS * in);
  if (!l->wq || !l->w_scale || !l->calibration)
    return shira_fail(err, ENOMEM, "out of memory");
  int rc = shira_image_init(&l->image, out, in, hw->array_n, hw->array_k);
  if (!rc)
    rc = shira_quant_weights(w->weights.w[i], out, in, l->wq, l->w_scale);
  shira_inputs(part_seed(w->seed, SEED_CALIBRATION, l->shape->input_group), l->calibration,
               (size_t)CALIBRATION_TOKENS * in);
  if (!rc)
    rc = shira_calibrate(l->wq, l->w_scale, NULL, out, in, l->calibration, CALIBRATION_TOKENS,
                         SHIRA_INPUT_SCALE, &l->y_scale);
  return rc ? shira_fail(err, -rc, "%s: cannot quantise: %s", l->shape->name, strerror(-rc)) : 0;
}

uint8_t *workload_images(const struct workload *w, int8_t *const *wq) {
  uint8_t *blob = calloc(1, w->placement.weight_bytes); // images may lie apart
  for (uint32_t i = 0; blob && i < w->model.n_linears; i++)
    shira_image_pack(&w->linear[i].image, wq ? wq[i] : w->linear[i].wq,
                     (int8_t *)blob + w->placement.place[i].weight_addr);
  return blob;
}

static int build_params(struct workload *w, const struct shira_machine *hw) {
  uint32_t beat = hw->axi_data_bits / 8;
  w->params_bytes = (w->placement.param_bytes + beat - 1) / beat * beat;
  w->params = calloc(1, w->params_bytes);
  if (!w->params)
    return -ENOMEM;
  for (uint32_t i = 0; i < w->model.n_linears; i++) {
    const struct linear *l = &w->linear[i];
    uint32_t *words = malloc(l->shape->out * sizeof(*words));
    if (!words)
      return -ENOMEM;
    shira_output_words(l->w_scale, l->shape->out, SHIRA_INPUT_SCALE, l->y_scale, words);
    struct shira_param *p =
        (struct shira_param *)(void *)(w->params + w->placement.place[i].param_addr);
    for (uint32_t r = 0; r < l->shape->out; r++)
      p[r].scale = words[r];
    free(words);
  }
  return 0;
}

// The linear reads what the one before reads.
static bool shares_input(const struct workload *w, uint32_t i) {
  return i && w->placement.place[i].group == w->placement.place[i - 1].group;
}

static int build_inputs(struct workload *w, struct inputs *in, uint32_t tokens) {
  in->tokens = tokens;
  in->x = calloc(w->model.n_linears, sizeof(*in->x));
  in->bytes = calloc(1, shira_inputs_bytes(&w->placement, tokens));
  if (!in->x || !in->bytes)
    return -ENOMEM;
  uint8_t *row = in->bytes;
  for (uint32_t i = 0; i < w->model.n_linears; i++) {
    uint32_t features = w->model.linears[i].in;
    if (shares_input(w, i)) {
      in->x[i] = in->x[i - 1];
      continue;
    }
    in->x[i] = malloc((size_t)tokens * features);
    if (!in->x[i])
      return -ENOMEM;
    shira_inputs(part_seed(w->seed, SEED_INPUTS + tokens, w->model.linears[i].input_group),
                 in->x[i], (size_t)tokens * features);
    for (uint32_t t = 0; t < tokens; t++, row += shira_token_bytes(w->placement.hw, features))
      memcpy(row, in->x[i] + (size_t)t * features, features);
  }
  return 0;
}

int workload_init(struct workload *w, const struct setup *setup, uint32_t machine, uint32_t index,
                  struct shira_error *err) {
  const struct setup_workload *spec = &setup->workload[index];
  const struct shira_machine *hw = &setup->machine[machine];
  memset(w, 0, sizeof(*w));
  snprintf(w->name, sizeof(w->name), "%s", spec->name);
  w->model = spec->model;
  w->hw = hw;
  w->seed = workload_seed(setup->seed, w->name);
  w->rules = shira_stream_rules_of(hw);
  w->rules.format = (enum shira_stream_format)setup->experiment.format;
  w->weights = setup->weights;
  w->weights_given = setup->weights.n > 0;
  w->n_inputs = setup->experiment.n_tokens;
  for (uint32_t t = 0; t < w->n_inputs; t++)
    w->inputs[t].tokens = setup->experiment.tokens[t];
  int rc = 0;
  if (!w->weights_given)
    rc = shira_weights_seed(&w->model, w->seed, &w->weights, err);
  if (!rc) {
    w->linear = calloc(w->model.n_linears, sizeof(*w->linear));
    rc = w->linear ? 0 : shira_fail(err, ENOMEM, "out of memory");
  }
  for (uint32_t i = 0; !rc && i < w->model.n_linears; i++)
    rc = quantise_linear(w, i, hw, err);
  if (rc)
    workload_free(w);
  return rc;
}

int workload_lay_out(struct workload *w, enum shira_placed placed, struct shira_error *err) {
  int rc = workload_place(w, placed == SHIRA_PLACED_STREAMED, 0, err);
  if (rc)
    return rc;
  w->images = workload_images(w, NULL);
  rc = w->images ? build_params(w, w->hw) : -ENOMEM;
  for (uint32_t t = 0; !rc && t < w->n_inputs; t++)
    rc = build_inputs(w, &w->inputs[t], w->inputs[t].tokens);
  return rc ? shira_fail(err, -rc, "out of memory") : 0;
}

int workload_place(struct workload *w, bool streamed, uint64_t factor_bytes,
                   struct shira_error *err) {
  struct shira_placement place;
  if (factor_bytes > UINT32_MAX)
    return shira_fail(err, ENOSPC, "%s: LoRA factors need %llu bytes of weight SRAM", w->name,
                      (unsigned long long)factor_bytes);
  int rc = shira_placement_init(&place, w->hw, &w->model, streamed, (uint32_t)factor_bytes, err);
  if (rc)
    return shira_fail(err, -rc, "%s: %s", w->name, err->text);
  shira_placement_free(&w->placement);
  w->placement = place;
  return 0;
}

struct shira_hash workload_input_hash(const struct workload *w, uint32_t index) {
  const struct inputs *in = &w->inputs[index];
  struct shira_hasher h;
  struct shira_hash hash;
  shira_hash_begin(&h);
  for (uint32_t i = 0; i < w->model.n_linears; i++)
    if (!shares_input(w, i))
      shira_hash_add(&h, in->x[i], (size_t)in->tokens * w->model.linears[i].in);
  shira_hash_end(&h, &hash);
  return hash;
}

void workload_unplace(struct workload *w) {
  for (uint32_t t = 0; t < w->n_inputs; t++) {
    for (uint32_t i = 0; w->inputs[t].x && i < w->model.n_linears; i++)
      if (!shares_input(w, i))
        free(w->inputs[t].x[i]);
    free(w->inputs[t].x);
    free(w->inputs[t].bytes);
    w->inputs[t].x = NULL;
    w->inputs[t].bytes = NULL;
  }
  free(w->images);
  free(w->params);
  w->images = w->params = NULL;
  shira_placement_free(&w->placement);
}

void workload_free(struct workload *w) {
  uint32_t n = w->model.n_linears;
  workload_unplace(w);
  for (uint32_t i = 0; w->linear && i < n; i++) {
    free(w->linear[i].wq);
    free(w->linear[i].w_scale);
    free(w->linear[i].calibration);
  }
  free(w->linear);
  if (!w->weights_given)
    shira_weights_free(&w->weights);
  memset(w, 0, sizeof(*w));
}
