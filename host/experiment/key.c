#include "host/experiment/key.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/base/build.h"

// Raised when the meaning of a result changes without a change of its sources.
#define KEY_VERSION 2u

static void add_real(struct shira_hasher *h, double v) {
  uint64_t bits;
  memcpy(&bits, &v, sizeof(bits));
  shira_hash_add_u64(h, bits);
}

// The library says what it was built from in a stamp beside it; without one its content decides.
static int add_rtl(struct shira_hasher *h, const struct shira_machine *hw,
                   const struct shira_run_options *o, struct shira_error *err) {
  char path[1024], stamp[1024 + 8];
  struct shira_hash hash;
  snprintf(path, sizeof(path), "%s/%08x/%s", o->rtl_root, shira_machine_rtl_hash(hw),
           o->rtl_library ? o->rtl_library : "libshira_rtl.so");
  const size_t stem = strlen(path) > 3 ? strlen(path) - 3 : 0;
  snprintf(stamp, sizeof(stamp), "%.*s.stamp", (int)stem, path);
  int rc = shira_hash_file(access(stamp, R_OK) ? path : stamp, &hash, err);
  shira_hash_add(h, hash.byte, sizeof(hash.byte));
  return rc;
}

static void add_modules(struct shira_hasher *h, const struct shira_adapter *a) {
  for (uint32_t i = 0; i < a->n_modules; i++) {
    const struct shira_adapter_module *m = &a->modules[i];
    shira_hash_add_u64(h, m->linear);
    shira_hash_add_u64(h, m->count);
    shira_hash_add_u64(h, m->rank);
    add_real(h, m->scale);
    if (m->count) {
      shira_hash_add(h, m->row, m->count * sizeof(*m->row));
      shira_hash_add(h, m->col, m->count * sizeof(*m->col));
      shira_hash_add(h, m->value, m->count * sizeof(*m->value));
    }
    if (m->rank) {
      shira_hash_add(h, m->a, (size_t)m->rank * m->in * sizeof(*m->a));
      shira_hash_add(h, m->b, (size_t)m->rank * m->out * sizeof(*m->b));
    }
  }
}

int key_base_init(struct key_base *b, const struct setup *s, const struct shira_run_options *o,
                  struct shira_error *err) {
  struct shira_hasher h;
  memset(b, 0, sizeof(*b));
  int rc = 0;
  for (uint32_t i = 0; !rc && i < s->experiment.n_machines; i++) {
    shira_hash_begin(&h);
    shira_hash_add_u64(&h, KEY_VERSION);
    shira_hash_add_text(&h, shira_build_hash);
    shira_hash_add_text(&h, o->backend);
    shira_hash_add_u64(&h, o->stall_percent);
    shira_hash_add_u64(&h, o->samples);
    shira_hash_add(&h, &s->machine[i], sizeof(s->machine[i]));
    if (!strcmp(o->backend, "rtl"))
      rc = add_rtl(&h, &s->machine[i], o, err);
    shira_hash_end(&h, &b->machine[i]);
  }
  for (int k = 0; k < SHIRA_ADAPTER_KINDS; k++) {
    shira_hash_begin(&h);
    for (int i = 0; i < ADAPTERS; i++)
      add_modules(&h, &s->given[k][i]);
    shira_hash_end(&h, &b->adapters[k]);
  }
  shira_hash_begin(&h);
  for (uint32_t i = 0; i < s->weights.n; i++) {
    const struct shira_linear *l = &s->workload[0].model.linears[i];
    shira_hash_add(&h, s->weights.w[i], (size_t)l->out * l->in * sizeof(float));
  }
  shira_hash_end(&h, &b->weights);
  return rc;
}

static void add_hash(struct shira_hasher *h, const struct shira_hash *hash) {
  shira_hash_add(h, hash->byte, sizeof(hash->byte));
}

// The workload's linears, weights and inputs.
static void add_workload(struct shira_hasher *h, const struct key_base *b, const struct setup *s,
                         uint32_t workload) {
  const struct setup_workload *w = &s->workload[workload];
  shira_hash_add_text(h, w->name);
  shira_hash_add_u64(h, s->seed);
  shira_hash_add_u64(h, w->model.first_block);
  shira_hash_add_u64(h, w->model.blocks);
  shira_hash_add_u64(h, w->model.n_linears);
  for (uint32_t i = 0; i < w->model.n_linears; i++) {
    const struct shira_linear *l = &w->model.linears[i];
    shira_hash_add_text(h, l->name);
    shira_hash_add_u64(h, l->out);
    shira_hash_add_u64(h, l->in);
    shira_hash_add_u64(h, l->target);
    shira_hash_add_u64(h, l->input_group);
  }
  shira_hash_add_u64(h, s->weights.n);
  if (s->weights.n)
    add_hash(h, &b->weights);
}

static void add_tokens(struct shira_hasher *h, const struct shira_experiment *e) {
  for (uint32_t i = 0; i < e->n_tokens; i++)
    shira_hash_add_u64(h, e->tokens[i]);
}

static void add_pair(struct shira_hasher *h, const struct key_base *b, const struct setup *s,
                     const struct setup_pair *p) {
  const struct shira_experiment *e = &s->experiment;
  shira_hash_add_u64(h, p->kind);
  shira_hash_add_u64(h, p->mask);
  shira_hash_add_u64(h, p->rank);
  shira_hash_add_u64(h, p->size);
  shira_hash_add_u64(h, e->format);
  if (p->given[ADAPTER_A]) {
    add_hash(h, &b->adapters[p->kind]);
    return;
  }
  add_real(h, e->strength);
  if (p->kind == SHIRA_ADAPTER_SHIRA || p->size == SHIRA_PAIR_EQUAL)
    add_real(h, e->density);
  if (p->size == SHIRA_PAIR_EQUAL) // its rank follows the parameters of these
    add_hash(h, &b->adapters[SHIRA_ADAPTER_SHIRA]);
}

struct shira_hash key_of_point(const struct key_base *b, const struct setup *s,
                               const struct shira_case *c) {
  struct shira_hasher h;
  struct shira_hash hash;
  struct shira_case key = *c;
  key.machine = key.workload = 0; // those and the pair are known by content, not by number
  key.pair = c->pair == SHIRA_NO_PAIR;
  shira_hash_begin(&h);
  add_hash(&h, &b->machine[c->machine]);
  add_workload(&h, b, s, c->workload);
  if (c->work == SHIRA_WORK_SWITCH) // the error of outputs is told for each
    add_tokens(&h, &s->experiment);
  if (c->pair != SHIRA_NO_PAIR)
    add_pair(&h, b, s, &s->pair[c->pair]);
  shira_hash_add(&h, &key, sizeof(key));
  shira_hash_end(&h, &hash);
  return hash;
}

struct shira_hash key_of_facts(const struct key_base *b, const struct setup *s, uint32_t workload) {
  struct shira_hasher h;
  struct shira_hash hash;
  shira_hash_begin(&h);
  shira_hash_add_text(&h, "facts");
  shira_hash_add_u64(&h, KEY_VERSION);
  shira_hash_add_text(&h, shira_build_hash);
  add_workload(&h, b, s, workload);
  add_tokens(&h, &s->experiment);
  for (uint32_t p = 0; p < s->pairs_per_workload; p++)
    add_pair(&h, b, s, &s->pair[workload * s->pairs_per_workload + p]);
  shira_hash_end(&h, &hash);
  return hash;
}
