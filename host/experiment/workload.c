#include "host/experiment/workload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Seeds of the parts of a workload, derived from the experiment's.
enum { SEED_WEIGHTS = 1, SEED_CALIBRATION = 2, SEED_INPUTS = 3 };

static uint64_t part_seed(uint64_t seed, uint64_t part, uint64_t index) {
  return seed * UINT64_C(0x9e3779b97f4a7c15) + (part << 32) + index;
}

static int open_model(struct workload *w, const struct shira_workload *spec,
                      struct shira_error *err) {
  if (spec->square) {
    w->dim = spec->square;
    snprintf(w->name, sizeof(w->name), "%ux%u", spec->square, spec->square);
    return shira_model_square(spec->square, &w->model, err);
  }
  int rc = shira_model_load(spec->model, &w->model, err);
  if (!rc && spec->blocks && (rc = shira_model_keep(&w->model, spec->first, spec->blocks, err)))
    shira_fail(err, -rc, "%s: %s", spec->model, err->text);
  if (spec->first)
    snprintf(w->name, sizeof(w->name), "%s-block%u", w->model.name, spec->first);
  else
    snprintf(w->name, sizeof(w->name), "%s", w->model.name);
  return rc;
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
  uint8_t *blob = calloc(1, w->res.weight_bytes); // images may lie apart
  for (uint32_t i = 0; blob && i < w->model.n_linears; i++)
    shira_image_pack(&w->linear[i].image, wq ? wq[i] : w->linear[i].wq,
                     (int8_t *)blob + w->res.place[i].weight_addr);
  return blob;
}

static int build_params(struct workload *w, const struct shira_machine *hw) {
  uint32_t beat = hw->axi_data_bits / 8;
  w->params_bytes = (w->res.param_bytes + beat - 1) / beat * beat;
  w->params = calloc(1, w->params_bytes);
  if (!w->params)
    return -ENOMEM;
  for (uint32_t i = 0; i < w->model.n_linears; i++) {
    const struct linear *l = &w->linear[i];
    uint32_t *words = malloc(l->shape->out * sizeof(*words));
    if (!words)
      return -ENOMEM;
    shira_output_words(l->w_scale, l->shape->out, SHIRA_INPUT_SCALE, l->y_scale, words);
    struct shira_param *p = (struct shira_param *)(void *)(w->params + w->res.place[i].param_addr);
    for (uint32_t r = 0; r < l->shape->out; r++)
      p[r].scale = words[r];
    free(words);
  }
  return 0;
}

// The linear reads what the one before reads.
static bool shares_input(const struct workload *w, uint32_t i) {
  return i && w->res.place[i].group == w->res.place[i - 1].group;
}

static int build_inputs(struct workload *w, struct inputs *in, uint32_t tokens) {
  in->tokens = tokens;
  in->x = calloc(w->model.n_linears, sizeof(*in->x));
  in->bytes = calloc(1, shira_inputs_bytes(&w->res, tokens));
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
    for (uint32_t t = 0; t < tokens; t++, row += shira_token_bytes(w->res.hw, features))
      memcpy(row, in->x[i] + (size_t)t * features, features);
  }
  return 0;
}

int workload_init(struct workload *w, const struct shira_experiment *exp,
                  const struct shira_machine *hw, uint32_t index, uint64_t seed,
                  struct shira_error *err) {
  memset(w, 0, sizeof(*w));
  w->seed = part_seed(seed, SEED_WEIGHTS, index);
  w->rules = shira_stream_rules_of(hw);
  w->rules.format = (enum shira_stream_format)exp->format;
  int rc = open_model(w, &exp->workloads[index], err);
  if (!rc && exp->weights[0])
    rc = shira_experiment_blame(exp, &exp->weights_where,
                                shira_weights_load(exp->weights, &w->model, &w->weights, err), err);
  else if (!rc)
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

int workload_place(struct workload *w, const struct shira_experiment *exp,
                   const struct shira_machine *hw, enum shira_placed placed, uint32_t rank,
                   struct shira_error *err) {
  const struct shira_placement_options options = {
      .streamed = placed == SHIRA_PLACED_STREAMED,
      .rank = rank,
      .adapters = exp->kept[SHIRA_KEPT_CHIP] ? 2 : 1,
      .in_place = exp->undo[SHIRA_UNDO_IN_PLACE],
  };
  int rc = shira_placement_init(&w->res, hw, &w->model, &options, err);
  if (rc)
    return shira_fail(err, -rc, "%s: %s", w->name, err->text);
  w->images = workload_images(w, NULL);
  rc = w->images ? build_params(w, hw) : -ENOMEM;
  for (uint32_t t = 0; !rc && t < exp->n_tokens; t++) {
    w->n_inputs++;
    rc = build_inputs(w, &w->inputs[t], exp->tokens[t]);
  }
  return rc ? shira_fail(err, -rc, "out of memory") : 0;
}

void workload_unplace(struct workload *w) {
  for (uint32_t t = 0; t < w->n_inputs; t++) {
    for (uint32_t i = 0; w->inputs[t].x && i < w->model.n_linears; i++)
      if (!shares_input(w, i))
        free(w->inputs[t].x[i]);
    free(w->inputs[t].x);
    free(w->inputs[t].bytes);
  }
  memset(w->inputs, 0, sizeof(w->inputs));
  w->n_inputs = 0;
  free(w->images);
  free(w->params);
  w->images = w->params = NULL;
  shira_placement_free(&w->res);
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
  shira_weights_free(&w->weights);
  shira_model_free(&w->model);
  memset(w, 0, sizeof(*w));
}
