// Bounds of switches and passes: demands of every linear, added up.
#include "host/experiment/point.h"
#include "shira/bound.h"

static const struct shira_adapter_module *module_of(const struct packed *p, uint32_t i) {
  return p ? adapter_module(p->adapter, i) : NULL;
}

// One set of streams, linear after linear: from `a` to `b`, one of which may be NULL.
static int scatter_set(const struct workload *w, const struct trial *t, const struct packed *a,
                       const struct packed *b, uint64_t blob, struct shira_demand *d) {
  enum shira_scatter_op op = t->undo == SHIRA_UNDO_SWAP  ? SHIRA_SCATTER_OP_SWAP
                             : t->undo == SHIRA_UNDO_SUB ? SHIRA_SCATTER_OP_ADD
                                                         : SHIRA_SCATTER_OP_SET;
  int rc = 0;
  for (uint32_t i = 0; !rc && i < w->model.n_linears; i++) {
    const struct shira_adapter_module *old = module_of(a, i), *new = module_of(b, i);
    const uint64_t at = blob + w->placement.place[i].weight_addr;
    const uint64_t *home = t->strategy == SHIRA_STRATEGY_SHIRA_DRAM ? &at : NULL;
    if (old || new)
      rc = shira_demand_scatter(w->placement.hw, w->rules.format, old, new, op, home, d);
  }
  shira_demand_end_set(w->placement.hw, op, d);
  return rc;
}

// In as many sets of streams as the undo declares.
static int scatter_demand(const struct workload *w, const struct trial *t, const struct packed *a,
                          const struct packed *b, uint64_t blob, struct shira_demand *d) {
  if (t->undo == SHIRA_UNDO_TRANSITION || !a)
    return scatter_set(w, t, a, b, blob, d);
  int rc = scatter_set(w, t, a, NULL, blob, d);
  return rc ? rc : scatter_set(w, t, NULL, b, blob, d);
}

// Weights that are read from memory and written where they live, with nothing done to them.
static void copy_demand(const struct workload *w, const struct shira_linear *l,
                        struct shira_demand *d) {
  double bytes = (double)l->out * l->in;
  if (w->placement.streamed) {
    d->read_bytes += bytes;
    d->written_bytes += bytes;
  } else {
    shira_demand_reload(w->placement.hw, l->out, l->in, d);
  }
}

// `a` goes (NULL: none), `b` comes.
static void fused_demand(const struct workload *w, const struct trial *t,
                         const struct shira_linear *l, const struct shira_adapter_module *a,
                         const struct shira_adapter_module *b, struct shira_demand *d) {
  const struct shira_machine *hw = w->placement.hw;
  const bool clean = t->undo == SHIRA_UNDO_CLEAN;
  if (clean && a && !b)
    copy_demand(w, l, d);
  if (!b && (clean || !a))
    return;
  if (b)
    shira_demand_lora_product(hw, l->out, l->in, b->rank, d);
  if (a && !clean)
    shira_demand_lora_product(hw, l->out, l->in, a->rank, d);
  shira_demand_update(hw, l->out, l->in, d);
  if (w->placement.streamed || (clean && a))
    shira_demand_reload(hw, l->out, l->in, d);
  if (w->placement.streamed)
    shira_demand_store(hw, l->out, l->in, d);
}

// Ready-made weights of `b`, and base weights where only `a` changed them.
static void reload_demand(const struct workload *w, const struct shira_linear *l,
                          const struct shira_adapter_module *a,
                          const struct shira_adapter_module *b, struct shira_demand *d) {
  if (!a && !b)
    return;
  copy_demand(w, l, d);
  d->adapter_read += b ? (double)l->out * l->in : 0;
}

// The streams of one linear, memory to memory.
static int fetch_stream(const struct workload *w, const struct shira_adapter_module *m,
                        struct shira_demand *d) {
  struct shira_demand s = {0};
  int rc = shira_demand_scatter(w->placement.hw, w->rules.format, NULL, m, SHIRA_SCATTER_OP_SET,
                                NULL, &s);
  d->read_bytes += s.read_bytes;
  d->adapter_read += s.read_bytes;
  d->written_bytes += s.read_bytes;
  return rc;
}

static int linear_switch(const struct workload *w, const struct trial *t, const struct packed *from,
                         const struct packed *to, uint32_t i, struct shira_demand *d) {
  const struct shira_linear *l = &w->model.linears[i];
  const struct shira_adapter_module *a = module_of(from, i), *b = module_of(to, i);
  switch (t->strategy) {
  case SHIRA_STRATEGY_RELOAD:
    if (!by_pointer(t, &w->placement))
      reload_demand(w, l, a, b, d);
    return 0;
  case SHIRA_STRATEGY_SHIRA_OVERLAY:
    return by_pointer(t, &w->placement) || !b ? 0 : fetch_stream(w, b, d);
  case SHIRA_STRATEGY_LORA_FUSED:
    fused_demand(w, t, l, a, b, d);
    return 0;
  case SHIRA_STRATEGY_LORA_UNFUSED:
    if (b && t->kept != SHIRA_KEPT_CHIP)
      shira_demand_lora_fetch(w->placement.hw, l->out, l->in, b->rank, d);
    return 0;
  default:
    return 0;
  }
}

static void set_bounds(const struct workload *w, const struct trial *t,
                       const struct shira_demand *d, struct shira_measure *m) {
  m->bound_cycles = shira_bound(w->placement.hw, d, &m->limit);
  m->sustained_cycles = shira_bound_at(w->placement.hw, d, t->sequential_mb_s, NULL);
}

int switch_bound(const struct workload *w, const struct trial *t, const struct packed *from,
                 const struct packed *to, uint64_t home, struct shira_measure *m) {
  struct shira_demand d = {.adapters_in_host = t->kept == SHIRA_KEPT_HOST};
  const bool scatters =
      t->strategy == SHIRA_STRATEGY_SHIRA_SCATTER || t->strategy == SHIRA_STRATEGY_SHIRA_DRAM;
  int rc = scatters ? scatter_demand(w, t, from, to, home, &d) : 0;
  for (uint32_t i = 0; !rc && i < w->model.n_linears; i++)
    rc = linear_switch(w, t, from, to, i, &d);
  set_bounds(w, t, &d, m);
  return rc;
}

// No linear before it reads the same input.
static bool first_of_input(const struct shira_model *model, uint32_t i) {
  for (uint32_t k = i; k-- > 0;)
    if (model->linears[k].input_group == model->linears[i].input_group)
      return false;
  return true;
}

int pass_bound(const struct workload *w, const struct trial *t, const struct packed *active,
               uint32_t tokens, struct shira_measure *m) {
  const struct shira_machine *hw = w->placement.hw;
  struct shira_demand d = {0};
  int rc = 0;
  for (uint32_t i = 0; !rc && i < w->model.n_linears; i++) {
    const struct shira_linear *l = &w->model.linears[i];
    const struct shira_adapter_module *a = module_of(active, i);
    const bool fetch = first_of_input(&w->model, i);
    if (a && t->strategy == SHIRA_STRATEGY_LORA_UNFUSED)
      shira_demand_pass_unfused(hw, l->out, l->in, a->rank, tokens, fetch, &d);
    else
      shira_demand_pass(hw, l->out, l->in, tokens, fetch, &d);
    if (w->placement.streamed)
      shira_demand_reload(hw, l->out, l->in, &d);
    if (a && t->strategy == SHIRA_STRATEGY_SHIRA_OVERLAY)
      rc = shira_demand_scatter(hw, w->rules.format, NULL, a, SHIRA_SCATTER_OP_SET, NULL, &d);
  }
  set_bounds(w, t, &d, m);
  return rc;
}
