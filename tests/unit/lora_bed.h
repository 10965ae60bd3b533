// LoRA adapters with random modules of ranks 4 and 8 over a small model, for tests of plans, bounds
// and switches.
#ifndef LORA_BED_H
#define LORA_BED_H

#include "host/experiment/workload.h"
#include "tests/unit/config_file.h"

#define LINEARS 9u
#define CASES 20u

// Two linears read the attention's input apart from their neighbours.
static const char model_text[] =
    "name: mixed\nsource: \"made up\"\nhidden: 1\nintermediate: 1\nheads: 1\nkv_heads: 1\n"
    "head_dim: 1\nblocks: 1\nvocab: 1\nprefix: \"b.{}.\"\nlinears:\n"
    "  - {name: q, out: 20, in: 18, input: attention, target: true}\n"
    "  - {name: k, out: 7, in: 18, input: attention, target: true}\n"
    "  - {name: v, out: 12, in: 18, input: attention, target: false}\n"
    "  - {name: o, out: 18, in: 20, input: context, target: true}\n"
    "  - {name: gate, out: 30, in: 18, input: mlp, target: false}\n"
    "  - {name: up, out: 33, in: 18, input: mlp, target: true}\n"
    "  - {name: down, out: 18, in: 33, input: activated, target: true}\n"
    "  - {name: late, out: 5, in: 18, input: attention, target: false}\n"
    "  - {name: last, out: 9, in: 18, input: attention, target: true}\n";

static uint64_t random_state = 88172645463325252u;

static inline uint64_t random64(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  return random_state ^= random_state << 17;
}

static inline float random_value(float most) {
  return most * ((float)(random64() >> 40) / (float)(1 << 23) - 1);
}

// Ranks of an adapter by linear, 0: no module; at least one module.
static inline void random_ranks(uint32_t *rank) {
  bool any = false;
  while (!any)
    for (uint32_t i = 0; i < LINEARS; i++) {
      const unsigned draw = random64() >> 20 & 3;
      rank[i] = draw == 2 ? 4 : draw == 3 ? 8 : 0;
      any = any || rank[i];
    }
}

// An adapter with modules of these ranks, random factors. Free with shira_adapter_free.
static inline struct shira_adapter random_adapter(const struct shira_model *model,
                                                  const uint32_t *rank) {
  struct shira_adapter a = {.kind = SHIRA_ADAPTER_LORA, .name = "random"};
  a.modules = calloc(LINEARS, sizeof *a.modules);
  assert_non_null(a.modules);
  for (uint32_t i = 0; i < LINEARS; i++) {
    if (!rank[i])
      continue;
    struct shira_adapter_module *m = &a.modules[a.n_modules++];
    *m = (struct shira_adapter_module){.linear = i,
                                       .out = model->linears[i].out,
                                       .in = model->linears[i].in,
                                       .rank = rank[i],
                                       .scale = 1};
    m->a = malloc((size_t)m->rank * m->in * sizeof *m->a);
    m->b = malloc((size_t)m->out * m->rank * sizeof *m->b);
    assert_true(m->a && m->b);
    for (size_t k = 0; k < (size_t)m->rank * m->in; k++)
      m->a[k] = random_value(0.4F);
    for (size_t k = 0; k < (size_t)m->out * m->rank; k++)
      m->b[k] = random_value(0.4F);
  }
  return a;
}

// Linears that one of both has a module for: what a switch between them touches.
static inline void either(const uint32_t *a, const uint32_t *b, bool *set) {
  for (uint32_t i = 0; i < LINEARS; i++)
    set[i] = a[i] || b[i];
}

static struct shira_machine machine;
static struct shira_model model;

// The machine `tiny`, and the model.
static inline int setup_bed(void **unused) {
  struct shira_error err = {""};
  if (make_temp(unused))
    return -1;
  write_temp(model_text, sizeof model_text - 1);
  if (shira_machine_load("configs/hw/tiny.yaml", &machine, &err) ||
      shira_model_load(temp, &model, &err)) {
    print_error("%s\n", err.text);
    return -1;
  }
  return model.n_linears == LINEARS ? 0 : -1;
}

static inline int teardown_bed(void **unused) {
  shira_model_free(&model);
  return remove_temp(unused);
}

#endif
