#include "host/experiment/data.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/adapter/safetensors.h"
#include "host/base/whole.h"

// The first linear that reads the same inputs as linear `i`.
static uint32_t head_of(const struct workload *w, uint32_t i) {
  uint32_t k = 0;
  while (w->model.linears[k].input_group != w->model.linears[i].input_group)
    k++;
  return k;
}

// Names of linears, a line each: of all, or of their heads. NULL without memory.
static char *names_of(const struct workload *w, bool heads) {
  char *text = NULL;
  size_t size = 0;
  FILE *f = open_memstream(&text, &size);
  if (!f)
    return NULL;
  for (uint32_t i = 0; i < w->model.n_linears; i++)
    fprintf(f, "%s%s", i ? "\n" : "", w->model.linears[heads ? head_of(w, i) : i].name);
  if (fclose(f)) {
    free(text);
    return NULL;
  }
  return text;
}

static int keep_weights(const char *dir, const struct workload *w, uint64_t home,
                        struct shira_error *err) {
  const uint32_t n = w->model.n_linears;
  char path[PATH_MAX + 32], address[24];
  char *linears = names_of(w, false), *inputs = names_of(w, true);
  struct safetensors_item *item = calloc(n, sizeof(*item));
  snprintf(path, sizeof(path), "%s/weights.safetensors", dir);
  snprintf(address, sizeof(address), "0x%" PRIx64, home);
  const struct safetensors_note notes[] = {
      {"linears", linears}, {"inputs", inputs}, {"home", address}};
  int rc = linears && inputs && item ? 0 : shira_fail(err, ENOMEM, "out of memory");
  for (uint32_t i = 0; !rc && i < n; i++) {
    const struct shira_linear *l = &w->model.linears[i];
    item[i] = (struct safetensors_item){
        .name = l->name, .dtype = SAFETENSORS_F32, .rank = 2, .data = w->weights.w[i]};
    item[i].shape[0] = l->out;
    item[i].shape[1] = l->in;
  }
  if (!rc)
    rc = safetensors_write(path, item, n, notes, sizeof(notes) / sizeof(notes[0]), err);
  free(item);
  free(linears);
  free(inputs);
  return rc;
}

static int keep_inputs(const char *dir, const struct workload *w, uint32_t index,
                       struct shira_error *err) {
  const struct inputs *in = &w->inputs[index];
  const uint32_t all = w->model.n_linears;
  uint32_t n = 0;
  char path[PATH_MAX + 32];
  struct safetensors_item *item = calloc(all, sizeof(*item));
  if (!item)
    return shira_fail(err, ENOMEM, "out of memory");
  snprintf(path, sizeof(path), "%s/inputs-M%u.safetensors", dir, in->tokens);
  for (uint32_t i = 0; i < all; i++) {
    if (head_of(w, i) != i)
      continue;
    item[n] = (struct safetensors_item){
        .name = w->model.linears[i].name, .dtype = SAFETENSORS_I8, .rank = 2, .data = in->x[i]};
    item[n].shape[0] = in->tokens;
    item[n++].shape[1] = w->model.linears[i].in;
  }
  int rc = safetensors_write(path, item, n, NULL, 0, err);
  free(item);
  return rc;
}

static int copy_file(const char *from, const char *to, struct shira_error *err) {
  char buffer[65536];
  size_t n;
  struct shira_whole whole;
  FILE *in = fopen(from, "rb");
  if (!in)
    return shira_fail(err, errno, "cannot open '%s': %s", from, strerror(errno));
  int rc = shira_whole_begin(&whole, to, err);
  if (!rc) {
    while ((n = fread(buffer, 1, sizeof(buffer), in)) > 0)
      fwrite(buffer, 1, n, whole.out);
    if (ferror(in)) {
      rc = shira_fail(err, EIO, "cannot read '%s'", from);
      shira_whole_drop(&whole);
    } else {
      rc = shira_whole_end(&whole, err);
    }
  }
  fclose(in);
  return rc;
}

static int keep_adapter(const char *dir, const struct prepared *p,
                        const struct shira_run_options *options, uint32_t pair, int which,
                        struct shira_error *err) {
  static const char *const files[] = {"adapter_config.json", "adapter_model.safetensors"};
  const uint32_t n = p->setup->pairs_per_workload;
  char from[PATH_MAX], to[PATH_MAX + 64], source[2 * PATH_MAX], target[2 * PATH_MAX];
  int rc = prepared_adapter_dir(p, options, pair, which, from, err);
  snprintf(to, sizeof(to), "%s/%s-%c", dir, p->setup->pair[p->index * n + pair].name, "AB"[which]);
  if (!rc)
    rc = shira_make_folder(to, err);
  for (size_t i = 0; !rc && i < sizeof(files) / sizeof(files[0]); i++) {
    snprintf(source, sizeof(source), "%s/%s", from, files[i]);
    snprintf(target, sizeof(target), "%s/%s", to, files[i]);
    rc = copy_file(source, target, err);
  }
  return rc;
}

int data_keep(const char *root, const struct prepared *p, const struct shira_run_options *options,
              uint64_t home, struct shira_error *err) {
  char dir[PATH_MAX];
  const int n = snprintf(dir, sizeof(dir), "%s/%s/%s", root, p->w.hw->name, p->w.name);
  if (n < 0 || (size_t)n >= sizeof(dir) - 64)
    return shira_fail(err, ENAMETOOLONG, "'%s': the path is too long", root);
  int rc = shira_make_folder(dir, err);
  if (!rc)
    rc = keep_weights(dir, &p->w, home, err);
  for (uint32_t i = 0; !rc && i < p->w.n_inputs; i++)
    rc = keep_inputs(dir, &p->w, i, err);
  for (uint32_t i = 0; !rc && i < p->setup->pairs_per_workload; i++)
    for (int a = 0; !rc && a < ADAPTERS; a++)
      rc = keep_adapter(dir, p, options, i, a, err);
  return rc;
}
