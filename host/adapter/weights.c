#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/adapter/peft.h"
#include "host/adapter/random.h"

// One matrix for each linear, not yet filled.
static int allocate(const struct shira_model *model, struct shira_weights *weights,
                    struct shira_error *error) {
  memset(weights, 0, sizeof *weights);
  weights->w = calloc((size_t)model->n_linears + 1, sizeof *weights->w);
  if (!weights->w)
    return shira_fail(error, ENOMEM, "no memory for the weights of '%s'", model->name);
  weights->n = model->n_linears;
  for (uint32_t i = 0; i < weights->n; i++) {
    const struct shira_linear *l = &model->linears[i];
    size_t bytes;
    if (__builtin_mul_overflow((size_t)l->out * l->in, sizeof(float), &bytes) ||
        !(weights->w[i] = malloc(bytes))) {
      shira_weights_free(weights);
      return shira_fail(error, ENOMEM, "no memory for the weights of '%s', %u x %u", l->name,
                        l->out, l->in);
    }
  }
  return 0;
}

void shira_weights_free(struct shira_weights *weights) {
  for (uint32_t i = 0; i < weights->n; i++)
    free(weights->w[i]);
  free(weights->w);
  memset(weights, 0, sizeof *weights);
}

int shira_weights_seed(const struct shira_model *model, uint64_t seed,
                       struct shira_weights *weights, struct shira_error *error) {
  int err = allocate(model, weights, error);
  if (err)
    return err;
  for (uint32_t i = 0; i < weights->n; i++) {
    const struct shira_linear *l = &model->linears[i];
    struct shira_random random;
    double deviation = 1 / sqrt(l->in);
    size_t n = (size_t)l->out * l->in;
    shira_random_seed(&random, seed, "weights", l->name);
    for (size_t k = 0; k < n; k++)
      weights->w[i][k] = (float)(deviation * shira_random_normal(&random));
  }
  return 0;
}

// The tensor `<linear>.weight`, or the only one that has a prefix more or less.
static const struct safetensors_tensor *find_weight(const struct safetensors_file *file,
                                                    const char *path, const char *linear,
                                                    struct shira_error *error) {
  char name[160 + sizeof ".weight"];
  const struct safetensors_tensor *found = NULL;
  char buf[2][128];
  snprintf(name, sizeof name, "%s.weight", linear);
  const struct safetensors_tensor *exact = safetensors_find(file, name);
  if (exact)
    return exact;
  for (size_t i = 0; i < file->n; i++) {
    if (!peft_same_tail(file->tensors[i].name, name) ||
        strcmp(file->tensors[i].name, "weight") == 0)
      continue;
    if (found) {
      shira_fail(error, EINVAL, "'%s': '%s' could be '%s' or '%s'", path, name,
                 safetensors_printable(found->name, buf[0], sizeof buf[0]),
                 safetensors_printable(file->tensors[i].name, buf[1], sizeof buf[1]));
      return NULL;
    }
    found = &file->tensors[i];
  }
  if (!found)
    shira_fail(error, EINVAL, "'%s': tensor '%s' is not there", path, name);
  return found;
}

static int load_weight(const struct safetensors_file *file, const char *path,
                       const struct shira_linear *l, float *out, struct shira_error *error) {
  const struct safetensors_tensor *t = find_weight(file, path, l->name, error);
  if (!t)
    return -EINVAL;
  if (t->rank != 2)
    return shira_fail(error, EINVAL, "'%s': tensor '%s' has %u dimensions, a weight has 2", path,
                      safetensors_printable(t->name, (char[128]){0}, 128), t->rank);
  if (t->shape[0] != l->out || t->shape[1] != l->in)
    return shira_fail(error, EINVAL,
                      "'%s': tensor '%s' is %" PRIu64 " x %" PRIu64
                      ", the model's layer is %u x %u",
                      path, safetensors_printable(t->name, (char[128]){0}, 128), t->shape[0],
                      t->shape[1], l->out, l->in);
  return safetensors_floats(t, path, out, error);
}

int shira_weights_load(const char *path, const struct shira_model *model,
                       struct shira_weights *weights, struct shira_error *error) {
  struct safetensors_file file;
  memset(weights, 0, sizeof *weights);
  int err = safetensors_open(path, &file, error);
  if (err)
    return err;
  err = allocate(model, weights, error);
  for (uint32_t i = 0; i < model->n_linears && !err; i++)
    err = load_weight(&file, path, &model->linears[i], weights->w[i], error);
  safetensors_close(&file);
  if (err)
    shira_weights_free(weights);
  return err;
}
