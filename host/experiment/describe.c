#include "host/experiment/describe.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static void blocks_of(const struct shira_model *m, struct shira_blocks *b) {
  *b = (struct shira_blocks){
      .first = m->first_block, .n = m->blocks, .all = m->all_blocks, m->hidden, m->vocab};
}

void describe_setup(const struct setup *s, struct shira_report *r) {
  for (uint32_t i = 0; i < r->n_workloads; i++) {
    struct shira_workload_facts *f = &r->workloads[i];
    const struct setup_workload *w = &s->workload[i];
    snprintf(f->name, sizeof(f->name), "%s", w->name);
    snprintf(f->model, sizeof(f->model), "%s", w->model.name);
    f->side = w->side;
    f->linears = w->model.n_linears;
    f->weights = shira_model_weights(&w->model, false);
    if (!w->side)
      blocks_of(&w->model, &f->blocks);
  }
  for (uint32_t i = 0; i < r->n_pairs; i++) {
    struct shira_pair_facts *f = &r->pairs[i];
    const struct setup_pair *p = &s->pair[i];
    f->workload = i / s->pairs_per_workload;
    f->kind = p->kind;
    f->mask = p->mask;
    f->size = p->size;
    snprintf(f->name, sizeof(f->name), "%s", p->name);
  }
}

static void adapter_facts(const struct shira_adapter *a, struct shira_adapter_facts *f) {
  struct shira_hasher h;
  memset(f, 0, sizeof(*f));
  f->modules = a->n_modules;
  shira_hash_begin(&h);
  for (uint32_t i = 0; i < a->n_modules; i++) {
    const struct shira_adapter_module *m = &a->modules[i];
    f->targeted_weights += (uint64_t)m->out * m->in;
    f->parameters += m->rank ? (uint64_t)m->rank * ((uint64_t)m->out + m->in) : m->count;
    f->rank_min = i && f->rank_min < m->rank ? f->rank_min : m->rank;
    f->rank_max = f->rank_max > m->rank ? f->rank_max : m->rank;
    shira_hash_add_u64(&h, m->linear);
  }
  shira_hash_end(&h, &f->targets);
}

void describe_prepared(const struct prepared *p, struct shira_report *r) {
  struct shira_workload_facts *f = &r->workloads[p->index];
  truth_hash(&p->truth, NULL, &f->weights_hash);
  for (uint32_t t = 0; t < p->w.n_inputs; t++)
    f->inputs[t] = workload_input_hash(&p->w, t);
  for (uint32_t i = 0; i < p->setup->pairs_per_workload; i++)
    for (int a = 0; a < ADAPTERS; a++)
      adapter_facts(p->adapter[i][a],
                    &r->pairs[p->index * p->setup->pairs_per_workload + i].adapter[a]);
}

// ---- Text -------------------------------------------------------------------------------------

static json_t *hash_json(const struct shira_hash *hash) {
  char text[SHIRA_HASH_TEXT];
  shira_hash_text(hash, text);
  return json_string(text);
}

static json_t *adapter_json(const struct shira_adapter_facts *f) {
  return json_pack("{s:i, s:I, s:I, s:i, s:i, s:o}", "modules", (int)f->modules, "targeted_weights",
                   (json_int_t)f->targeted_weights, "parameters", (json_int_t)f->parameters,
                   "rank_min", (int)f->rank_min, "rank_max", (int)f->rank_max, "targets_hash",
                   hash_json(&f->targets));
}

char *description_encode(const struct shira_report *r, uint32_t workload) {
  const struct shira_workload_facts *f = &r->workloads[workload];
  json_t *inputs = json_array(), *pairs = json_array();
  for (uint32_t t = 0; t < r->experiment.n_tokens; t++)
    json_array_append_new(inputs, hash_json(&f->inputs[t]));
  for (uint32_t i = 0; i < r->n_pairs; i++)
    if (r->pairs[i].workload == workload)
      json_array_append_new(pairs, json_pack("[o, o]", adapter_json(&r->pairs[i].adapter[0]),
                                             adapter_json(&r->pairs[i].adapter[1])));
  char id[sizeof(f->name) + 8];
  snprintf(id, sizeof(id), "%s facts", f->name);
  json_t *o = json_pack("{s:i, s:s, s:o, s:o, s:o}", "schema", 2, "id", id, "weights_hash",
                        hash_json(&f->weights_hash), "inputs", inputs, "pairs", pairs);
  char *text = o ? json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
  json_decref(o);
  return text;
}

static int read_adapter(json_t *o, struct shira_adapter_facts *f) {
  json_int_t targeted, parameters;
  int modules, rank_min, rank_max;
  const char *targets;
  if (json_unpack(o, "{s:i, s:I, s:I, s:i, s:i, s:s}", "modules", &modules, "targeted_weights",
                  &targeted, "parameters", &parameters, "rank_min", &rank_min, "rank_max",
                  &rank_max, "targets_hash", &targets) ||
      modules < 0 || targeted < 0 || parameters < 0 || rank_min < 0 || rank_max < 0)
    return -EINVAL;
  f->modules = (uint32_t)modules;
  f->targeted_weights = (uint64_t)targeted;
  f->parameters = (uint64_t)parameters;
  f->rank_min = (uint32_t)rank_min;
  f->rank_max = (uint32_t)rank_max;
  return shira_hash_from_text(targets, &f->targets);
}

int description_decode(const char *text, size_t size, struct shira_report *r, uint32_t workload) {
  struct shira_workload_facts *f = &r->workloads[workload];
  json_t *o = json_loadb(text, size, 0, NULL), *inputs, *pairs;
  const char *weights;
  uint32_t n = 0;
  int rc = json_unpack(o, "{s:s, s:o, s:o}", "weights_hash", &weights, "inputs", &inputs, "pairs",
                       &pairs)
               ? -EINVAL
               : shira_hash_from_text(weights, &f->weights_hash);
  for (uint32_t t = 0; !rc && t < r->experiment.n_tokens; t++) {
    const char *hash = json_string_value(json_array_get(inputs, t));
    rc = hash ? shira_hash_from_text(hash, &f->inputs[t]) : -EINVAL;
  }
  for (uint32_t i = 0; !rc && i < r->n_pairs; i++) {
    if (r->pairs[i].workload != workload)
      continue;
    json_t *pair = json_array_get(pairs, n++);
    for (size_t a = 0; !rc && a < ADAPTERS; a++)
      rc = read_adapter(json_array_get(pair, a), &r->pairs[i].adapter[a]);
  }
  json_decref(o);
  return rc;
}
