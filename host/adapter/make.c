#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/adapter/mask.h"
#include "host/adapter/norm.h"
#include "host/adapter/peft.h"
#include "host/adapter/random.h"
#include "host/base/whole.h"

// The tensors of one targeted linear: SHiRA values and places, LoRA A and B.
struct made_module {
  const struct shira_linear *linear;
  char name[2][200]; // of the tensors
  float *value;      // SHiRA values, or A
  float *b;
  int32_t *places;
  uint32_t count; // SHiRA entries
};

struct maker {
  const struct shira_adapter_make_options *options;
  const struct shira_model *model;
  const struct shira_weights *weights;
  uint32_t rank, n;
  struct made_module *modules;
  uint64_t targeted, parameters;
  double norm2, weight_norm2; // over all modules
};

// r for a density: the nearest one, at least 1.
static int choose_rank(struct maker *m, struct shira_error *error) {
  const struct shira_adapter_make_options *o = m->options;
  uint64_t sides = 0;
  for (uint32_t i = 0; i < m->model->n_linears; i++) {
    const struct shira_linear *l = &m->model->linears[i];
    if (!l->target)
      continue;
    sides += (uint64_t)l->out + l->in;
    m->targeted += (uint64_t)l->out * l->in;
    m->n++;
  }
  if (m->n == 0)
    return shira_fail(error, EINVAL, "model '%s' has no targeted layer", m->model->name);
  if (!(o->strength > 0) || !isfinite(o->strength))
    return shira_fail(error, EINVAL, "strength %g: must be finite and above 0", o->strength);
  if ((o->rank != 0) == (o->density != 0))
    return shira_fail(error, EINVAL, "an adapter needs either a rank or a density");
  if (o->density != 0 && !(o->density > 0 && o->density <= 1))
    return shira_fail(error, EINVAL, "density %g: must be above 0 and at most 1", o->density);
  double r = o->rank;
  if (o->rank == 0)
    r = fmax(1, nearbyint(o->density * (double)m->targeted / (double)sides));
  if (r > PEFT_MAX_R)
    return shira_fail(error, EINVAL, "rank %.0f: at most %d is allowed", r, PEFT_MAX_R);
  m->rank = (uint32_t)r;
  m->parameters = m->rank * sides;
  return 0;
}

static int no_memory(const struct shira_linear *l, struct shira_error *error) {
  return shira_fail(error, ENOMEM, "no memory to make the adapter of '%s'", l->name);
}

static int make_shira(const struct maker *m, struct made_module *made, const float *w, double norm,
                      struct shira_error *error) {
  const struct shira_linear *l = made->linear;
  uint64_t count = m->rank * ((uint64_t)l->out + l->in);
  struct shira_random random;
  if (count > (uint64_t)l->out * l->in || count > INT32_MAX)
    return shira_fail(error, EINVAL,
                      "'%s': r (in + out) = %u (%u + %u) entries do not fit into %u x %u weights",
                      l->name, m->rank, l->in, l->out, l->out, l->in);
  made->count = (uint32_t)count;
  made->places = malloc(2 * count * sizeof *made->places);
  made->value = malloc(count * sizeof *made->value);
  shira_random_seed(&random, m->options->seed, "mask", l->name);
  if (!made->places || !made->value ||
      shira_mask_make(m->options->mask, l->out, l->in, made->count, w, &random, made->places))
    return no_memory(l, error);
  shira_random_seed(&random, m->options->seed, "values", l->name);
  for (uint64_t i = 0; i < count; i++)
    made->value[i] = (float)shira_random_normal(&random);
  double scale = norm / sqrt(shira_dot(made->value, made->value, count));
  for (uint64_t i = 0; i < count; i++)
    made->value[i] = (float)(made->value[i] * scale);
  return 0;
}

// lora_alpha = 2 r, a common choice, so that the scale is 2.
#define LORA_SCALE 2

static int make_lora(const struct maker *m, struct made_module *made, double norm,
                     struct shira_error *error) {
  const struct shira_linear *l = made->linear;
  uint64_t n_a = (uint64_t)m->rank * l->in, n_b = (uint64_t)m->rank * l->out;
  struct shira_random random;
  made->value = malloc(n_a * sizeof *made->value);
  made->b = malloc(n_b * sizeof *made->b);
  if (!made->value || !made->b)
    return no_memory(l, error);
  double deviation = 1 / sqrt(l->in);
  shira_random_seed(&random, m->options->seed, "A", l->name);
  for (uint64_t i = 0; i < n_a; i++)
    made->value[i] = (float)(deviation * shira_random_normal(&random));
  shira_random_seed(&random, m->options->seed, "B", l->name);
  for (uint64_t i = 0; i < n_b; i++)
    made->b[i] = (float)shira_random_normal(&random);
  double product = shira_product_norm(made->value, made->b, l->out, l->in, m->rank);
  if (isnan(product))
    return no_memory(l, error);
  double scale = norm / (LORA_SCALE * product);
  for (uint64_t i = 0; i < n_b; i++)
    made->b[i] = (float)(made->b[i] * scale);
  return 0;
}

static int make_module(struct maker *m, struct made_module *made, const float *w,
                       struct shira_error *error) {
  const struct shira_linear *l = made->linear;
  bool lora = m->options->kind == SHIRA_ADAPTER_LORA;
  double weight_norm = sqrt(shira_dot(w, w, (size_t)l->out * l->in));
  if (!(weight_norm > 0) || !isfinite(weight_norm))
    return shira_fail(error, EINVAL, "'%s': its weights are all zero, or not finite", l->name);
  double norm = m->options->strength * weight_norm, got;
  int err = lora ? make_lora(m, made, norm, error) : make_shira(m, made, w, norm, error);
  if (err)
    return err;
  if (lora)
    got = LORA_SCALE * shira_product_norm(made->value, made->b, l->out, l->in, m->rank);
  else
    got = sqrt(shira_dot(made->value, made->value, made->count));
  if (!isfinite(got))
    return shira_fail(error, EINVAL, "'%s': strength %g is too large", l->name,
                      m->options->strength);
  m->norm2 += got * got;
  m->weight_norm2 += weight_norm * weight_norm;
  static const char *const endings[2][2] = {{"shira_weight", "shira_indices"},
                                            {"lora_A.weight", "lora_B.weight"}};
  for (int part = 0; part < 2; part++)
    snprintf(made->name[part], sizeof made->name[part], PEFT_PREFIX "%s.%s", l->name,
             endings[lora][part]);
  return 0;
}

static int write_weights(const struct maker *m, const char *dir, struct shira_error *error) {
  char path[PATH_MAX], text[256];
  bool lora = m->options->kind == SHIRA_ADAPTER_LORA;
  int err = peft_path(dir, PEFT_WEIGHTS_FILE, path, error);
  if (err)
    return err;
  struct safetensors_item *items = calloc(2 * (size_t)m->n, sizeof *items);
  if (!items)
    return shira_fail(error, ENOMEM, "cannot write '%s': no memory", path);
  for (uint32_t i = 0; i < m->n; i++) {
    const struct made_module *p = &m->modules[i];
    struct safetensors_item *a = &items[2 * i], *b = a + 1;
    *a = (struct safetensors_item){p->name[0], SAFETENSORS_F32, 1, {p->count}, p->value};
    *b = (struct safetensors_item){p->name[1], SAFETENSORS_I32, 2, {2, p->count}, p->places};
    if (lora) {
      *a = (struct safetensors_item){
          p->name[0], SAFETENSORS_F32, 2, {m->rank, p->linear->in}, p->value};
      *b = (struct safetensors_item){
          p->name[1], SAFETENSORS_F32, 2, {p->linear->out, m->rank}, p->b};
    }
  }
  snprintf(text, sizeof text, "%s %s, r %u, seed %" PRIu64 ", strength %.17g, model %s",
           shira_adapter_kind_name(m->options->kind),
           lora ? "-" : shira_mask_name(m->options->mask), m->rank, m->options->seed,
           m->options->strength, m->model->name);
  struct safetensors_note notes[] = {{"format", "pt"}, {"shirasim", text}};
  err = safetensors_write(path, items, 2 * (size_t)m->n, notes, 2, error);
  free(items);
  return err;
}

// What the PEFT library wants to find in adapter_config.json.
static json_t *make_config(const struct maker *m) {
  const struct shira_adapter_make_options *o = m->options;
  json_t *targets = json_array(), *config;
  for (uint32_t i = 0; i < m->n; i++)
    json_array_append_new(targets, json_string(m->modules[i].linear->name));
  if (o->kind == SHIRA_ADAPTER_LORA) {
    config = json_pack("{s:s, s:I, s:I, s:b, s:f, s:s, s:{}, s:{}, s:b, s:b, s:b, s:n}",
                       "peft_type", "LORA", "r", (json_int_t)m->rank, "lora_alpha",
                       (json_int_t)LORA_SCALE * m->rank, "use_rslora", 0, "lora_dropout", 0.0,
                       "bias", "none", "rank_pattern", "alpha_pattern", "use_dora", 0, "lora_bias",
                       0, "init_lora_weights", 1, "modules_to_save");
  } else {
    bool rand = o->mask == SHIRA_MASK_RAND;
    config =
        json_pack("{s:s, s:I, s:s, s:o, s:b, s:n}", "peft_type", "SHIRA", "r", (json_int_t)m->rank,
                  "mask_type", rand ? "random" : shira_mask_name(o->mask), "random_seed",
                  o->seed <= INT64_MAX ? json_integer((json_int_t)o->seed) : json_null(),
                  "init_weights", 1, "modules_to_save");
  }
  json_t *common =
      json_pack("{s:n, s:b, s:b, s:n, s:n, s:n}", "base_model_name_or_path", "fan_in_fan_out", 0,
                "inference_mode", 1, "auto_mapping", "revision", "task_type");
  if (!config || !common || json_object_update(config, common) ||
      json_object_set(config, "target_modules", targets)) {
    json_decref(config);
    config = NULL;
  }
  json_decref(common);
  json_decref(targets);
  return config;
}

static int write_config(const struct maker *m, const char *dir, struct shira_error *error) {
  char path[PATH_MAX];
  struct shira_whole file;
  int err = peft_path(dir, PEFT_CONFIG_FILE, path, error);
  if (err)
    return err;
  json_t *config = make_config(m);
  char *text = config ? json_dumps(config, JSON_INDENT(2) | JSON_SORT_KEYS) : NULL;
  json_decref(config);
  if (!text)
    return shira_fail(error, ENOMEM, "cannot write '%s': no memory", path);
  err = shira_whole_begin(&file, path, error);
  if (!err) {
    fputs(text, file.out);
    putc('\n', file.out);
    err = shira_whole_end(&file, error);
  }
  free(text);
  return err;
}

static int make_all(struct maker *m, const char *dir, struct shira_error *error) {
  int err = choose_rank(m, error);
  if (err)
    return err;
  m->modules = calloc(m->n, sizeof *m->modules);
  if (!m->modules)
    return shira_fail(error, ENOMEM, "no memory for %u modules", m->n);
  uint32_t k = 0;
  for (uint32_t i = 0; i < m->model->n_linears; i++) {
    if (!m->model->linears[i].target)
      continue;
    m->modules[k].linear = &m->model->linears[i];
    err = make_module(m, &m->modules[k++], m->weights->w[i], error);
    if (err)
      return err;
  }
  if (mkdir(dir, 0777) && errno != EEXIST)
    return shira_fail(error, errno, "cannot create '%s': %s", dir, strerror(errno));
  err = write_weights(m, dir, error);
  return err ? err : write_config(m, dir, error);
}

int shira_adapter_make(const struct shira_adapter_make_options *options,
                       const struct shira_model *model, const struct shira_weights *weights,
                       const char *dir, struct shira_adapter_made *report,
                       struct shira_error *error) {
  struct maker m = {.options = options, .model = model, .weights = weights};
  if (options->kind >= SHIRA_ADAPTER_KINDS || options->mask >= SHIRA_MASK_COUNT)
    return shira_fail(error, EINVAL, "no such kind of adapter, or no such mask");
  if (weights->n != model->n_linears)
    return shira_fail(error, EINVAL, "the weights are of %u layers, model '%s' has %u", weights->n,
                      model->name, model->n_linears);
  int err = make_all(&m, dir, error);
  if (!err && report)
    *report = (struct shira_adapter_made){
        .rank = m.rank,
        .modules = m.n,
        .targeted = m.targeted,
        .parameters = m.parameters,
        .density = (double)m.parameters / (double)m.targeted,
        .strength = sqrt(m.norm2 / m.weight_norm2),
    };
  for (uint32_t i = 0; i < m.n && m.modules; i++) {
    free(m.modules[i].value);
    free(m.modules[i].b);
    free(m.modules[i].places);
  }
  free(m.modules);
  return err;
}
