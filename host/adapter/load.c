#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/adapter/peft.h"

const char *shira_adapter_kind_name(unsigned kind) {
  static const char *const names[SHIRA_ADAPTER_KINDS] = {"shira", "lora"};
  return kind < SHIRA_ADAPTER_KINDS ? names[kind] : NULL;
}

bool peft_same_tail(const char *a, const char *b) {
  size_t n = strlen(a), m = strlen(b);
  if (n < m)
    return peft_same_tail(b, a);
  return strcmp(a + n - m, b) == 0 && (n == m || (m && a[n - m - 1] == '.'));
}

int peft_match(const struct shira_model *model, const char *module, const char *path,
               uint32_t *linear, struct shira_error *error) {
  uint32_t found = 0, other = 0;
  char name[160], buf[2][160];
  safetensors_printable(module, name, sizeof name);
  for (uint32_t i = 0; i < model->n_linears; i++) {
    if (strcmp(model->linears[i].name, module) == 0) {
      *linear = i;
      return 0;
    }
    if (peft_same_tail(model->linears[i].name, module)) {
      other = found ? *linear : 0;
      *linear = i;
      found++;
    }
  }
  if (found == 1)
    return 0;
  if (found == 0)
    return shira_fail(error, EINVAL, "'%s': '%s': model '%s' has no such linear layer", path, name,
                      model->name);
  return shira_fail(error, EINVAL, "'%s': '%s' could be '%s' or '%s' of model '%s'", path, name,
                    safetensors_printable(model->linears[other].name, buf[0], 160),
                    safetensors_printable(model->linears[*linear].name, buf[1], 160), model->name);
}

__attribute__((format(printf, 2, 3))) static int warn(struct shira_adapter *adapter,
                                                      const char *format, ...) {
  char *text;
  va_list args;
  va_start(args, format);
  int n = vasprintf(&text, format, args);
  va_end(args);
  if (n < 0)
    return -ENOMEM;
  char **list = realloc(adapter->warnings, (adapter->n_warnings + 1) * sizeof *list);
  if (!list) {
    free(text);
    return -ENOMEM;
  }
  adapter->warnings = list;
  list[adapter->n_warnings++] = text;
  return 0;
}

// Checks a decoded module against its linear.
static int fit(struct shira_adapter_module *m, const struct shira_linear *linear,
               enum shira_adapter_kind kind, const char *path, struct shira_error *error) {
  if (kind == SHIRA_ADAPTER_LORA) {
    if (m->out != linear->out || m->in != linear->in)
      return shira_fail(error, EINVAL,
                        "'%s': '%s': its factors make %u x %u, the model's layer is %u x %u", path,
                        m->name, m->out, m->in, linear->out, linear->in);
    return 0;
  }
  m->out = linear->out;
  m->in = linear->in;
  for (uint32_t i = 0; i < m->count; i++) {
    if (m->row[i] >= m->out || m->col[i] >= m->in)
      return shira_fail(
          error, EINVAL,
          "'%s': '%s': entry %u is (row %u, column %u), outside of the %u x %u weight", path,
          m->name, i, m->row[i], m->col[i], m->out, m->in);
  }
  return peft_sort(m, path, error);
}

static int warn_module(struct shira_adapter *adapter, const struct shira_adapter_module *m,
                       const struct shira_linear *linear) {
  uint64_t expected = (uint64_t)adapter->r * ((uint64_t)m->out + m->in);
  int err = 0;
  if (adapter->kind == SHIRA_ADAPTER_SHIRA && m->count != expected)
    err = warn(adapter, "'%s' has %u entries, r (in + out) = %u (%u + %u) is %" PRIu64, m->name,
               m->count, adapter->r, m->in, m->out, expected);
  if (!err && !linear->target)
    err = warn(adapter, "'%s' is not a target in the model's table", m->name);
  return err;
}

static int warn_init(struct shira_adapter *adapter, const char *init) {
  static const char *const changing[] = {"pissa", "olora", "corda", "loftq", "lora_ga"};
  for (size_t i = 0; i < sizeof changing / sizeof *changing; i++) {
    if (strncmp(init, changing[i], strlen(changing[i])) == 0)
      return warn(adapter,
                  "init_lora_weights is '%s', which changes the base weights too; only the factors "
                  "are read",
                  init);
  }
  return 0;
}

static int compare_linears(const void *a, const void *b) {
  const struct shira_adapter_module *x = a, *y = b;
  return x->linear < y->linear ? -1 : x->linear > y->linear;
}

// Decodes all modules and puts them into the model's order.
static int load_modules(const struct peft_files *files, const struct shira_model *model,
                        struct shira_adapter *adapter, struct shira_error *error) {
  for (uint32_t i = 0; i < files->n_modules; i++) {
    const struct peft_module *from = &files->modules[i];
    struct shira_adapter_module *m = &adapter->modules[i];
    uint32_t linear = 0;
    int err = peft_match(model, from->name, files->path, &linear, error);
    if (err)
      return err;
    adapter->n_modules++; // freed from here on
    err = peft_decode(files, from, m, error);
    if (err)
      return err;
    m->linear = linear;
    memcpy(m->name, model->linears[linear].name, sizeof m->name);
    err = fit(m, &model->linears[linear], adapter->kind, files->path, error);
    if (err)
      return err;
  }
  qsort(adapter->modules, adapter->n_modules, sizeof *adapter->modules, compare_linears);
  for (uint32_t i = 0; i < adapter->n_modules; i++) {
    const struct shira_adapter_module *m = &adapter->modules[i];
    if (i && m->linear == m[-1].linear)
      return shira_fail(error, EINVAL, "'%s': two modules change '%s'", files->path, m->name);
    if (warn_module(adapter, m, &model->linears[m->linear]))
      return shira_fail(error, ENOMEM, "'%s': no memory", files->path);
  }
  if (warn_init(adapter, files->config.init))
    return shira_fail(error, ENOMEM, "'%s': no memory", files->path);
  return 0;
}

// The last part of a path that is not empty.
static void set_name(struct shira_adapter *adapter, const char *dir) {
  size_t end = strlen(dir);
  while (end > 1 && dir[end - 1] == '/')
    end--;
  size_t start = end;
  while (start && dir[start - 1] != '/')
    start--;
  snprintf(adapter->name, sizeof adapter->name, "%.*s", (int)(end - start), dir + start);
}

int shira_adapter_load(const char *dir, const struct shira_model *model,
                       struct shira_adapter *adapter, struct shira_error *error) {
  struct peft_files files;
  memset(adapter, 0, sizeof *adapter);
  int err = peft_open(dir, &files, error);
  if (err)
    return err;
  set_name(adapter, dir);
  adapter->kind = files.config.kind;
  adapter->r = files.config.r;
  adapter->modules = calloc(files.n_modules, sizeof *adapter->modules);
  if (adapter->modules)
    err = load_modules(&files, model, adapter, error);
  else
    err = shira_fail(error, ENOMEM, "'%s': no memory for %u modules", files.path, files.n_modules);
  peft_close(&files);
  if (err)
    shira_adapter_free(adapter);
  return err;
}

void shira_adapter_free(struct shira_adapter *adapter) {
  for (uint32_t i = 0; i < adapter->n_modules; i++)
    peft_module_free(&adapter->modules[i]);
  for (uint32_t i = 0; i < adapter->n_warnings; i++)
    free(adapter->warnings[i]);
  free(adapter->modules);
  free(adapter->warnings);
  memset(adapter, 0, sizeof *adapter);
}
