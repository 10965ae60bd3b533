#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/adapter/pattern.h"
#include "host/adapter/peft.h"

#define MAX_PATTERNS 4096
#define MAX_ALPHA 1e9
#define MAX_CONFIG (16 << 20) // bytes

struct peft_pattern {
  regex_t regex;
  double value;
};

int peft_path(const char *dir, const char *file, char *path, struct shira_error *error) {
  if (snprintf(path, PATH_MAX, "%s/%s", dir, file) >= PATH_MAX)
    return shira_fail(error, ENAMETOOLONG, "cannot open '%.256s...': name too long", dir);
  return 0;
}

static int get_bool(const json_t *root, const char *key, const char *path, bool *out,
                    struct shira_error *error) {
  const json_t *value = json_object_get(root, key);
  if (value && !json_is_null(value) && !json_is_boolean(value))
    return shira_fail(error, EINVAL, "'%s': %s: not true or false", path, key);
  *out = json_is_true(value);
  return 0;
}

static int get_rank(const json_t *value, const char *key, const char *path, double *out,
                    struct shira_error *error) {
  if (!json_is_integer(value) || json_integer_value(value) < 1 ||
      json_integer_value(value) > PEFT_MAX_R)
    return shira_fail(error, EINVAL, "'%s': %s: not a whole number in 1..%d", path, key,
                      PEFT_MAX_R);
  *out = (double)json_integer_value(value);
  return 0;
}

static int get_alpha(const json_t *value, const char *key, const char *path, double *out,
                     struct shira_error *error) {
  *out = json_number_value(value); // 0 for what is not a number
  if (!json_is_number(value) || fabs(*out) > MAX_ALPHA)
    return shira_fail(error, EINVAL, "'%s': %s: not a number in -%g..%g", path, key, MAX_ALPHA,
                      MAX_ALPHA);
  return 0;
}

typedef int get_number(const json_t *value, const char *key, const char *path, double *out,
                       struct shira_error *error);

// An object of patterns -> numbers, in the file's order, since the first match counts.
static int get_patterns(const json_t *root, const char *key, get_number *get, const char *path,
                        struct peft_pattern **out, uint32_t *n, struct shira_error *error) {
  json_t *object = json_object_get(root, key), *value;
  const char *pattern, *why = "";
  if (!object || json_is_null(object))
    return 0;
  size_t size = json_object_size(object);
  if (!json_is_object(object) || size > MAX_PATTERNS)
    return shira_fail(error, EINVAL, "'%s': %s: not an object of at most %d entries", path, key,
                      MAX_PATTERNS);
  *out = calloc(size + 1, sizeof **out);
  if (!*out)
    return shira_fail(error, ENOMEM, "'%s': no memory", path);
  json_object_foreach(object, pattern, value) {
    struct peft_pattern *p = &(*out)[*n];
    int err = get(value, key, path, &p->value, error);
    if (err)
      return err;
    if (shira_pattern_compile(pattern, &p->regex, &why))
      return shira_fail(error, EINVAL, "'%s': %s: '%s': %s", path, key,
                        safetensors_printable(pattern, (char[128]){0}, 128), why);
    ++*n;
  }
  return 0;
}

// Variants of LoRA that are more than W + s B A.
static int refuse_variants(const json_t *root, const char *path, struct shira_error *error) {
  static const struct {
    const char *key, *what;
  } variants[] = {
      {"use_dora", "DoRA scales whole columns of the weights"},
      {"use_qalora", "QALoRA pools its inputs"},
      {"use_bdlora", "BD-LoRA has block-diagonal factors"},
      {"lora_bias", "a bias beside the factors is not read"},
      {"alora_invocation_tokens", "an activated LoRA acts on some tokens only"},
      {"layer_replication", "replicated layers are not in the model"},
  };
  for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
    const json_t *value = json_object_get(root, variants[i].key);
    if (value && !json_is_null(value) && !json_is_false(value))
      return shira_fail(error, ENOTSUP, "'%s': %s is not supported: %s", path, variants[i].key,
                        variants[i].what);
  }
  return 0;
}

static int read_lora(const json_t *root, struct peft_config *c, struct shira_error *error) {
  const char *init = json_string_value(json_object_get(root, "init_lora_weights"));
  if (init)
    safetensors_printable(init, c->init, sizeof c->init);
  int err = refuse_variants(root, c->path, error);
  if (!err)
    err = get_alpha(json_object_get(root, "lora_alpha"), "lora_alpha", c->path, &c->alpha, error);
  if (!err)
    err = get_bool(root, "use_rslora", c->path, &c->rslora, error);
  if (!err)
    err = get_patterns(root, "rank_pattern", get_rank, c->path, &c->ranks, &c->n_ranks, error);
  if (!err)
    err = get_patterns(root, "alpha_pattern", get_alpha, c->path, &c->alphas, &c->n_alphas, error);
  return err;
}

static int read_config(const json_t *root, struct peft_config *c, struct shira_error *error) {
  const char *type = json_string_value(json_object_get(root, "peft_type"));
  double r = 0;
  if (!type)
    return shira_fail(error, EINVAL, "'%s': peft_type: not there, or not a string", c->path);
  if (strcmp(type, "SHIRA") && strcmp(type, "LORA"))
    return shira_fail(error, ENOTSUP, "'%s': peft_type: '%s', allowed are SHIRA and LORA", c->path,
                      safetensors_printable(type, (char[32]){0}, 32));
  c->kind = strcmp(type, "LORA") == 0 ? SHIRA_ADAPTER_LORA : SHIRA_ADAPTER_SHIRA;
  int err = get_rank(json_object_get(root, "r"), "r", c->path, &r, error);
  if (err)
    return err;
  c->r = (uint32_t)r;
  // fan_in_fan_out says how the base layer stores its weights. Factors are [r][in] and [out][r]
  // and indices (output, input) in both cases, so that it changes nothing here; but it is checked.
  bool fan;
  err = get_bool(root, "fan_in_fan_out", c->path, &fan, error);
  return err || c->kind == SHIRA_ADAPTER_SHIRA ? err : read_lora(root, c, error);
}

int peft_config_load(const char *dir, struct peft_config *config, struct shira_error *error) {
  json_error_t json;
  memset(config, 0, sizeof *config);
  int err = peft_path(dir, PEFT_CONFIG_FILE, config->path, error);
  if (err)
    return err;
  struct stat st;
  int fd = open(config->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); // a FIFO must not make it wait
  if (fd < 0)
    return shira_fail(error, errno, "cannot open '%s': %s", config->path, strerror(errno));
  if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > MAX_CONFIG) {
    close(fd);
    return shira_fail(error, EINVAL, "cannot read '%s': not a regular file of at most %d bytes",
                      config->path, MAX_CONFIG);
  }
  json_t *root = json_loadfd(fd, JSON_REJECT_DUPLICATES, &json);
  close(fd);
  if (!root)
    return shira_fail(error, EINVAL, "%s:%d: %s", config->path, json.line,
                      safetensors_printable(json.text, (char[128]){0}, 128));
  err = read_config(root, config, error);
  json_decref(root);
  if (err)
    peft_config_free(config);
  return err;
}

void peft_config_free(struct peft_config *config) {
  for (uint32_t i = 0; i < config->n_ranks; i++)
    regfree(&config->ranks[i].regex);
  for (uint32_t i = 0; i < config->n_alphas; i++)
    regfree(&config->alphas[i].regex);
  free(config->ranks);
  free(config->alphas);
  memset(config, 0, sizeof *config);
}

static double first_match(const struct peft_pattern *patterns, uint32_t n, const char *module,
                          double otherwise) {
  for (uint32_t i = 0; i < n; i++) {
    if (shira_pattern_match(&patterns[i].regex, module))
      return patterns[i].value;
  }
  return otherwise;
}

void peft_config_module(const struct peft_config *c, const char *module, uint32_t *rank,
                        double *scale) {
  double r = first_match(c->ranks, c->n_ranks, module, c->r);
  double alpha = first_match(c->alphas, c->n_alphas, module, c->alpha);
  *rank = (uint32_t)r;
  *scale = c->rslora ? alpha / sqrt(r) : alpha / r;
}
