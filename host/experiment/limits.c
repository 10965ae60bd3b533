// Bounds of switches and passes: demands of every linear, added up.
#include "host/experiment/strategy.h"
#include "shira/bound.h"

int switch_bound(const struct workload *w, const struct trial *t, const struct packed *from,
                 const struct packed *to, double *cycles, const char **limit) {
  const struct shira_machine *hw = w->res.hw;
  struct shira_demand d = {0};
  int rc = 0;
  for (uint32_t i = 0; !rc && i < w->model.n_linears; i++) {
    const struct shira_linear *l = &w->model.linears[i];
    if (t->strategy == SHIRA_STRATEGY_SHIRA_SCATTER) {
      const struct shira_adapter_module *a = from ? adapter_module(from->adapter, i) : NULL;
      const struct shira_adapter_module *b = adapter_module(to->adapter, i);
      rc = a || b ? shira_demand_scatter(hw, a, b, &d) : 0;
    } else if (!l->target) {
      continue;
    } else if (t->strategy == SHIRA_STRATEGY_RELOAD) {
      shira_demand_reload(hw, l->out, l->in, &d);
    } else if (t->strategy == SHIRA_STRATEGY_LORA_FUSED) {
      shira_demand_lora_fused(hw, l->out, l->in, w->res.rank, from != NULL, &d);
    } else if (t->strategy == SHIRA_STRATEGY_LORA_UNFUSED) {
      shira_demand_lora_fetch(hw, l->out, l->in, w->res.rank, &d);
    }
  }
  *cycles = shira_bound(hw, &d, limit);
  return rc;
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
