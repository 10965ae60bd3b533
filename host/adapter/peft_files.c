#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/adapter/peft.h"

// Endings of tensor names, by kind and part.
static const char *const endings[SHIRA_ADAPTER_KINDS][2] = {
    [SHIRA_ADAPTER_SHIRA] = {".shira_weight", ".shira_indices"},
    [SHIRA_ADAPTER_LORA] = {".lora_A.weight", ".lora_B.weight"},
};

// A failure that a name of the file is to blame for.
#define FAIL_NAME(error, err, path, name, format, ...)                                             \
  shira_fail(error, err, "'%s': '%s': " format, path,                                              \
             safetensors_printable(name, (char[168]){0}, 168), ##__VA_ARGS__)

static bool ends_with(const char *text, const char *ending) {
  size_t n = strlen(text), m = strlen(ending);
  return n > m && strcmp(text + n - m, ending) == 0;
}

static int unknown_tensor(const char *path, const char *name, struct shira_error *error) {
  if (strstr(name, "lora_magnitude_vector"))
    return FAIL_NAME(error, ENOTSUP, path, name, "DoRA is not supported");
  if (strstr(name, "lora_embedding_"))
    return FAIL_NAME(error, ENOTSUP, path, name, "adapters of embeddings are not supported");
  return FAIL_NAME(error, EINVAL, path, name,
                   "not a tensor of this adapter's peft_type; other weights are not supported");
}

// Splits a tensor's name into module and part.
static int split_name(const struct peft_files *f, const struct safetensors_tensor *t,
                      struct peft_module *m, struct shira_error *error) {
  const char *name = t->name;
  for (int part = 0; part < 2; part++) {
    const char *ending = endings[f->config.kind][part];
    if (!ends_with(name, ending))
      continue;
    if (strncmp(name, PEFT_PREFIX, strlen(PEFT_PREFIX)) == 0)
      name += strlen(PEFT_PREFIX);
    if (strlen(name) <= strlen(ending))
      return FAIL_NAME(error, EINVAL, f->path, t->name, "names no module");
    size_t length = strlen(name) - strlen(ending);
    if (length >= sizeof m->name)
      return FAIL_NAME(error, EINVAL, f->path, t->name,
                       "a module's name has at most %zu characters", sizeof m->name - 1);
    memcpy(m->name, name, length);
    m->name[length] = '\0';
    m->part[part] = t;
    return 0;
  }
  return unknown_tensor(f->path, t->name, error);
}

static int compare_modules(const void *a, const void *b) {
  return strcmp(((const struct peft_module *)a)->name, ((const struct peft_module *)b)->name);
}

// Brings the parts of each module together; at first every entry holds one part.
static int pair_parts(struct peft_files *f, uint32_t n, struct shira_error *error) {
  struct peft_module *list = f->modules;
  qsort(list, n, sizeof *list, compare_modules);
  for (uint32_t i = 0; i < n; i++) {
    if (f->n_modules == 0 || strcmp(list[f->n_modules - 1].name, list[i].name)) {
      list[f->n_modules++] = list[i];
      continue;
    }
    struct peft_module *to = &list[f->n_modules - 1];
    for (int part = 0; part < 2; part++) {
      if (!list[i].part[part])
        continue;
      if (to->part[part])
        return FAIL_NAME(error, EINVAL, f->path, to->name, "its '%s' is there twice",
                         endings[f->config.kind][part] + 1);
      to->part[part] = list[i].part[part];
    }
  }
  for (uint32_t i = 0; i < f->n_modules; i++) {
    for (int part = 0; part < 2; part++) {
      if (!list[i].part[part])
        return FAIL_NAME(error, EINVAL, f->path, list[i].name, "its '%s' is missing",
                         endings[f->config.kind][part] + 1);
    }
  }
  return 0;
}

int peft_open(const char *dir, struct peft_files *f, struct shira_error *error) {
  memset(f, 0, sizeof *f);
  int err = peft_config_load(dir, &f->config, error);
  if (!err)
    err = peft_path(dir, PEFT_WEIGHTS_FILE, f->path, error);
  if (!err)
    err = safetensors_open(f->path, &f->file, error);
  if (err)
    goto fail;
  if (f->file.n == 0 || f->file.n > UINT32_MAX) {
    err = shira_fail(error, EINVAL, "'%s': %zu tensors", f->path, f->file.n);
    goto fail;
  }
  f->modules = calloc(f->file.n, sizeof *f->modules);
  if (!f->modules) {
    err = shira_fail(error, ENOMEM, "'%s': no memory for %zu tensors", f->path, f->file.n);
    goto fail;
  }
  for (size_t i = 0; i < f->file.n && !err; i++)
    err = split_name(f, &f->file.tensors[i], &f->modules[i], error);
  if (!err)
    err = pair_parts(f, (uint32_t)f->file.n, error);
  if (!err)
    return 0;
fail:
  peft_close(f);
  return err;
}

void peft_close(struct peft_files *f) {
  free(f->modules);
  safetensors_close(&f->file);
  peft_config_free(&f->config);
  memset(f, 0, sizeof *f);
}

// Reads one index; I32 or, as Windows writes it, F32.
static int read_index(const struct safetensors_tensor *t, uint64_t at, uint32_t *out) {
  const uint8_t *p = t->data + 4 * at;
  if (t->dtype == SAFETENSORS_I32) {
    int32_t v;
    memcpy(&v, p, sizeof v);
    *out = (uint32_t)v;
    return v < 0 ? -EINVAL : 0;
  }
  float v;
  memcpy(&v, p, sizeof v);
  if (!(v >= 0 && v < 0x1p31f) || v != (float)(uint32_t)v)
    return -EINVAL;
  *out = (uint32_t)v;
  return 0;
}

static int decode_shira(const struct peft_files *f, const struct peft_module *from,
                        struct shira_adapter_module *m, struct shira_error *error) {
  const struct safetensors_tensor *w = from->part[0], *idx = from->part[1];
  if (w->rank != 1 || w->elements >= UINT32_MAX)
    return FAIL_NAME(error, EINVAL, f->path, from->name, "shira_weight is not a vector");
  if (idx->rank != 2 || idx->shape[0] != 2 || idx->shape[1] != w->elements)
    return FAIL_NAME(error, EINVAL, f->path, from->name,
                     "shira_indices is not [2, %" PRIu64 "], as its %" PRIu64 " values need",
                     w->elements, w->elements);
  if (idx->dtype != SAFETENSORS_I32 && idx->dtype != SAFETENSORS_F32)
    return FAIL_NAME(error, EINVAL, f->path, from->name,
                     "shira_indices has dtype %s, allowed are I32 and F32",
                     safetensors_dtype_name(idx->dtype));
  m->count = (uint32_t)w->elements;
  size_t n = m->count ? m->count : 1;
  m->row = malloc(n * sizeof *m->row);
  m->col = malloc(n * sizeof *m->col);
  m->value = malloc(n * sizeof *m->value);
  if (!m->row || !m->col || !m->value)
    return FAIL_NAME(error, ENOMEM, f->path, from->name, "no memory for %u entries", m->count);
  for (uint32_t i = 0; i < m->count; i++) {
    if (read_index(idx, i, &m->row[i]) || read_index(idx, (uint64_t)m->count + i, &m->col[i]))
      return FAIL_NAME(error, EINVAL, f->path, from->name,
                       "the indices of entry %u are not whole numbers >= 0", i);
  }
  return safetensors_floats(w, f->path, m->value, error);
}

static int decode_lora(const struct peft_files *f, const struct peft_module *from,
                       struct shira_adapter_module *m, struct shira_error *error) {
  const struct safetensors_tensor *a = from->part[0], *b = from->part[1];
  if (a->rank != 2 || b->rank != 2)
    return FAIL_NAME(error, EINVAL, f->path, from->name,
                     "lora_A and lora_B have %u and %u dimensions, 2 are supported", a->rank,
                     b->rank);
  peft_config_module(&f->config, from->name, &m->rank, &m->scale);
  if (a->shape[0] != m->rank || b->shape[1] != m->rank)
    return FAIL_NAME(error, EINVAL, f->path, from->name,
                     "lora_A [%" PRIu64 ", %" PRIu64 "] and lora_B [%" PRIu64 ", %" PRIu64
                     "] do not have rank %u, as " PEFT_CONFIG_FILE " says",
                     a->shape[0], a->shape[1], b->shape[0], b->shape[1], m->rank);
  if (a->shape[1] == 0 || a->shape[1] > SHIRA_MAX_FEATURES || b->shape[0] == 0 ||
      b->shape[0] > SHIRA_MAX_FEATURES)
    return FAIL_NAME(error, EINVAL, f->path, from->name, "a side is not in 1..%u",
                     SHIRA_MAX_FEATURES);
  m->in = (uint32_t)a->shape[1];
  m->out = (uint32_t)b->shape[0];
  m->a = malloc(a->elements * sizeof *m->a);
  m->b = malloc(b->elements * sizeof *m->b);
  if (!m->a || !m->b)
    return FAIL_NAME(error, ENOMEM, f->path, from->name, "no memory for the factors");
  int err = safetensors_floats(a, f->path, m->a, error);
  return err ? err : safetensors_floats(b, f->path, m->b, error);
}

int peft_decode(const struct peft_files *f, const struct peft_module *from,
                struct shira_adapter_module *m, struct shira_error *error) {
  memset(m, 0, sizeof *m);
  memcpy(m->name, from->name, sizeof m->name);
  return f->config.kind == SHIRA_ADAPTER_LORA ? decode_lora(f, from, m, error)
                                              : decode_shira(f, from, m, error);
}

void peft_module_free(struct shira_adapter_module *m) {
  free(m->row);
  free(m->col);
  free(m->value);
  free(m->a);
  free(m->b);
  memset(m, 0, sizeof *m);
}

struct entry {
  uint64_t place; // row, then column
  uint32_t index; // in the file
  float value;
};

static int compare_entries(const void *a, const void *b) {
  const struct entry *x = a, *y = b;
  if (x->place != y->place)
    return x->place < y->place ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index;
}

int peft_sort(struct shira_adapter_module *m, const char *path, struct shira_error *error) {
  bool sorted = true;
  for (uint32_t i = 1; i < m->count && sorted; i++)
    sorted = m->row[i - 1] < m->row[i] || (m->row[i - 1] == m->row[i] && m->col[i - 1] < m->col[i]);
  if (sorted)
    return 0;
  struct entry *list = malloc(m->count * sizeof *list);
  if (!list)
    return FAIL_NAME(error, ENOMEM, path, m->name, "no memory to sort %u entries", m->count);
  for (uint32_t i = 0; i < m->count; i++)
    list[i] = (struct entry){(uint64_t)m->row[i] << 32 | m->col[i], i, m->value[i]};
  qsort(list, m->count, sizeof *list, compare_entries);
  int err = 0;
  for (uint32_t i = 0; i < m->count && !err; i++) {
    if (i && list[i].place == list[i - 1].place)
      err = FAIL_NAME(error, EINVAL, path, m->name,
                      "entries %u and %u are both (row %u, column %u)", list[i - 1].index,
                      list[i].index, (uint32_t)(list[i].place >> 32), (uint32_t)list[i].place);
    m->row[i] = (uint32_t)(list[i].place >> 32);
    m->col[i] = (uint32_t)list[i].place;
    m->value[i] = list[i].value;
  }
  free(list);
  return err;
}
