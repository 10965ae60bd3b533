// Bounds of switches and passes: demands of every linear, added up.
#include "host/experiment/strategy.h"
#include "shira/bound.h"

static int demand_scatter(const struct workload *w, const struct packed *p,
                          struct shira_demand *d) {
  for (uint32_t m = 0; m < p->adapter->n_modules; m++) {
    int rc = shira_demand_scatter(w->res.hw, &p->adapter->modules[m], d);
    if (rc)
      return rc;
  }
  return 0;
}

double switch_bound(const struct workload *w, const struct trial *t, const struct packed *from,
                    const struct packed *to, const char **limit) {
  const struct shira_machine *hw = w->res.hw;
  struct shira_demand d = {0};
  if (t->strategy == SHIRA_STRATEGY_SHIRA_SCATTER) {
    if ((from && demand_scatter(w, from, &d)) || (to && demand_scatter(w, to, &d)))
      return 0;
  }
  for (uint32_t i = 0; i < w->model.n_linears; i++) {
    const struct shira_linear *l = &w->model.linears[i];
    if (!l->target)
      continue;
    if (t->strategy == SHIRA_STRATEGY_RELOAD)
      shira_demand_reload(hw, l->out, l->in, &d);
    else if (t->strategy == SHIRA_STRATEGY_LORA_FUSED)
      shira_demand_lora_fused(hw, l->out, l->in, w->res.rank, from != NULL, &d);
    else if (t->strategy == SHIRA_STRATEGY_LORA_UNFUSED)
      shira_demand_lora_fetch(hw, l->out, l->in, w->res.rank, &d);
  }
  return shira_bound(hw, &d, limit);
}

double pass_bound(const struct workload *w, const struct trial *t, uint32_t tokens,
                  const char **limit) {
  const struct shira_machine *hw = w->res.hw;
  struct shira_demand d = {0};
  for (uint32_t i = 0; i < w->model.n_linears; i++) {
    const struct shira_linear *l = &w->model.linears[i];
    // Each linear has inputs of its own, so none shares a fetch.
    if (t->strategy == SHIRA_STRATEGY_LORA_UNFUSED && l->target)
      shira_demand_pass_unfused(hw, l->out, l->in, w->res.rank, tokens, true, &d);
    else
      shira_demand_pass(hw, l->out, l->in, tokens, true, &d);
  }
  return shira_bound(hw, &d, limit);
}
