#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/adapter/peft.h"

// A SHiRA file does not say how large its weights are. If the largest indices and r decide it
// (rows + columns = K / r, both at least what the indices reach), this sets the module's shape;
// otherwise it leaves 0 x 0. *rows, *cols: what the indices reach.
static void guess_shape(struct shira_adapter_module *m, uint32_t r, uint64_t *rows,
                        uint64_t *cols) {
  *rows = *cols = 0;
  for (uint32_t i = 0; i < m->count; i++) {
    if (m->row[i] >= *rows)
      *rows = (uint64_t)m->row[i] + 1;
    if (m->col[i] >= *cols)
      *cols = (uint64_t)m->col[i] + 1;
  }
  if (*rows <= SHIRA_MAX_FEATURES && *cols <= SHIRA_MAX_FEATURES && m->count % r == 0 &&
      m->count / r == *rows + *cols) {
    m->out = (uint32_t)*rows;
    m->in = (uint32_t)*cols;
  }
}

static json_t *shape(const struct safetensors_tensor *t) {
  json_t *list = json_array();
  for (uint32_t i = 0; i < t->rank; i++)
    json_array_append_new(list, json_integer((json_int_t)t->shape[i]));
  return list;
}

// One tensor as {name, dtype, shape, bytes}.
static json_t *describe_tensor(const struct safetensors_tensor *t) {
  return json_pack("{s:s, s:s, s:o, s:I}", "name", t->name, "dtype",
                   safetensors_dtype_name(t->dtype), "shape", shape(t), "bytes",
                   (json_int_t)t->bytes);
}

static json_t *describe_module(const struct peft_files *f, const struct peft_module *from,
                               struct shira_adapter_module *m) {
  bool lora = f->config.kind == SHIRA_ADAPTER_LORA;
  uint64_t rows = 0, cols = 0;
  if (!lora)
    guess_shape(m, f->config.r, &rows, &cols);
  uint64_t parameters =
      lora ? m->rank * ((uint64_t)m->out + m->in) : m->count; // r (in + out), or K
  json_t *o = json_pack("{s:s, s:I, s:f, s:[o,o]}", "module", m->name, "parameters",
                        (json_int_t)parameters, "norm", shira_adapter_norm(m), "tensors",
                        describe_tensor(from->part[0]), describe_tensor(from->part[1]));
  if (!o)
    return NULL;
  if (lora) {
    json_object_set_new(o, "rank", json_integer(m->rank));
    json_object_set_new(o, "scale", json_real(m->scale));
  } else {
    json_object_set_new(o, "reach", json_pack("[I,I]", (json_int_t)rows, (json_int_t)cols));
    json_object_set_new(o, "legal_count", json_boolean(m->count % f->config.r == 0));
  }
  if (m->out) {
    json_object_set_new(o, "shape", json_pack("[I,I]", (json_int_t)m->out, (json_int_t)m->in));
    json_object_set_new(o, "density",
                        json_real((double)parameters / ((double)m->out * (double)m->in)));
  }
  return o;
}

// Everything there is to say about an adapter, as one object.
static int describe(const struct peft_files *f, json_t **out, struct shira_error *error) {
  const struct peft_config *c = &f->config;
  json_t *modules = json_array();
  json_int_t parameters = 0;
  double norm2 = 0;
  int err = modules ? 0 : -ENOMEM;
  for (uint32_t i = 0; i < f->n_modules && !err; i++) {
    struct shira_adapter_module m;
    err = peft_decode(f, &f->modules[i], &m, error);
    if (!err)
      err = peft_sort(&m, f->path, error);
    if (!err) {
      json_t *o = describe_module(f, &f->modules[i], &m);
      parameters += json_integer_value(json_object_get(o, "parameters"));
      norm2 += pow(json_real_value(json_object_get(o, "norm")), 2);
      if (json_array_append_new(modules, o))
        err = shira_fail(error, ENOMEM, "'%s': no memory", f->path);
    }
    peft_module_free(&m);
  }
  if (!err) {
    *out = json_pack("{s:s, s:s, s:I, s:I, s:I, s:f, s:I, s:o}", "path", f->path, "kind",
                     shira_adapter_kind_name(c->kind), "r", (json_int_t)c->r, "modules_count",
                     (json_int_t)f->n_modules, "parameters", parameters, "norm", sqrt(norm2),
                     "file_bytes", (json_int_t)f->file.map_bytes, "modules", json_incref(modules));
    if (!*out)
      err = shira_fail(error, EINVAL, "'%s': its name is not UTF-8", f->path);
  }
  json_decref(modules);
  return err;
}

static json_int_t get_int(const json_t *o, const char *key) {
  return json_integer_value(json_object_get(o, key));
}

static json_int_t get_side(const json_t *o, const char *key, size_t side) {
  return json_integer_value(json_array_get(json_object_get(o, key), side));
}

static void print_module(const json_t *o, bool lora, FILE *out) {
  char name[160], side[32];
  const json_t *tensors = json_object_get(o, "tensors");
  const json_t *exact = json_object_get(o, "shape");
  snprintf(side, sizeof side, "%s%lld x %lld",
           exact ? "" : ">= ", (long long)get_side(o, exact ? "shape" : "reach", 0),
           (long long)get_side(o, exact ? "shape" : "reach", 1));
  fprintf(out, "  %-48s %16s %10lld %-8s",
          safetensors_printable(json_string_value(json_object_get(o, "module")), name, sizeof name),
          side, (long long)get_int(o, "parameters"),
          json_string_value(json_object_get(json_array_get(tensors, 0), "dtype")));
  if (exact)
    fprintf(out, " %9.3f %%", 100 * json_real_value(json_object_get(o, "density")));
  else
    fprintf(out, " %11s", "-");
  if (lora)
    fprintf(out, " %6lld %10.4g", (long long)get_int(o, "rank"),
            json_real_value(json_object_get(o, "scale")));
  fprintf(out, " %12.6g\n", json_real_value(json_object_get(o, "norm")));
}

static void print_text(const json_t *o, FILE *out) {
  size_t i;
  const json_t *module;
  bool lora = strcmp(json_string_value(json_object_get(o, "kind")), "lora") == 0;
  fprintf(out, "file        %s, %lld bytes\n", json_string_value(json_object_get(o, "path")),
          (long long)get_int(o, "file_bytes"));
  fprintf(out, "kind        %s, r = %lld\n", lora ? "LoRA" : "SHiRA", (long long)get_int(o, "r"));
  fprintf(out, "modules     %lld\n", (long long)get_int(o, "modules_count"));
  fprintf(out, "parameters  %lld\n", (long long)get_int(o, "parameters"));
  fprintf(out, "norm        %.6g (Frobenius, of the change)\n\n",
          json_real_value(json_object_get(o, "norm")));
  fprintf(out, "  %-48s %16s %10s %-8s %11s", "module", "out x in", lora ? "parameters" : "entries",
          "dtype", lora ? "of weights" : "density");
  if (lora)
    fprintf(out, " %6s %10s", "rank", "scale");
  fprintf(out, " %12s\n", "norm");
  json_array_foreach(json_object_get(o, "modules"), i, module) {
    print_module(module, lora, out);
  }
  json_array_foreach(json_object_get(o, "modules"), i, module) {
    if (json_is_false(json_object_get(module, "legal_count")))
      fprintf(out, "warning: '%s' has %lld entries, r (in + out) would be a multiple of %lld\n",
              safetensors_printable(json_string_value(json_object_get(module, "module")),
                                    (char[160]){0}, 160),
              (long long)get_int(module, "parameters"), (long long)get_int(o, "r"));
  }
}

int shira_adapter_inspect(const char *dir, bool json, FILE *out, struct shira_error *error) {
  struct peft_files files;
  json_t *o = NULL;
  int err = peft_open(dir, &files, error);
  if (err)
    return err;
  err = describe(&files, &o, error);
  if (!err && json) {
    if (json_dumpf(o, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9)))
      err = shira_fail(error, EIO, "cannot write what is in '%s'", dir);
    else
      fputc('\n', out);
  } else if (!err) {
    print_text(o, out);
  }
  if (!err && ferror(out))
    err = shira_fail(error, EIO, "cannot write what is in '%s'", dir);
  json_decref(o);
  peft_close(&files);
  return err;
}
