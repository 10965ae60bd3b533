#include "host/experiment/size.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "shira/plan.h"

struct fit {
  const struct setup *setup;
  const struct shira_machine *hw;
  const struct setup_workload *w;
  uint32_t tokens_on; // bit t: passes of tokens[t]
  bool streamed;
};

// ---- Factors ----------------------------------------------------------------------------------

// The rank of made adapters that is nearest to the SHiRA adapters' parameter count.
static uint32_t equal_rank(const struct fit *f) {
  const struct shira_model *m = &f->w->model;
  double stored = 0, sides = 0;
  for (uint32_t i = 0; i < m->n_linears; i++)
    if (m->linears[i].target) {
      stored += f->setup->experiment.density * m->linears[i].out * m->linears[i].in;
      sides += (double)m->linears[i].out + m->linears[i].in;
    }
  const struct shira_adapter *given = &f->setup->given[SHIRA_ADAPTER_SHIRA][ADAPTER_A];
  for (uint32_t i = 0; i < given->n_modules; i++)
    stored += given->modules[i].count;
  return sides > 0 && stored > sides ? (uint32_t)rint(stored / sides) : 1;
}

// Ranks of an adapter by linear.
static void ranks_of(const struct fit *f, const struct setup_pair *p, int which, uint32_t *rank) {
  const struct shira_model *m = &f->w->model;
  const struct shira_adapter *a = p->given[which];
  const uint32_t made = p->rank == SHIRA_RANK_EQUAL ? equal_rank(f) : p->rank;
  for (uint32_t i = 0; i < m->n_linears; i++)
    rank[i] = !a && m->linears[i].target ? made : 0;
  for (uint32_t i = 0; a && i < a->n_modules; i++)
    rank[a->modules[i].linear] = a->modules[i].rank;
}

// ---- Programs ---------------------------------------------------------------------------------

static int tell_small(const struct fit *f, const char *what, int rc, struct shira_error *err) {
  return rc == -ENOSPC ? shira_fail(err, ENOSPC,
                                    "%s: %s: the activation or accumulator SRAM of machine '%s' is "
                                    "too small",
                                    f->w->name, what, f->hw->name)
                       : shira_fail(err, -rc, "%s: %s: %s", f->w->name, what, strerror(-rc));
}

static int try_passes(const struct fit *f, const struct shira_placement *r,
                      const struct shira_unfused *unfused, struct shira_error *err) {
  const struct shira_experiment *e = &f->setup->experiment;
  int rc = 0;
  for (uint32_t t = 0; !rc && t < e->n_tokens; t++) {
    const struct shira_pass_plan plan = {.tokens = e->tokens[t], .unfused = unfused};
    struct shira_program p = {0};
    if (f->tokens_on >> t & 1)
      rc = shira_plan_pass(&p, r, &plan);
    shira_program_free(&p);
  }
  return rc ? tell_small(f, unfused ? "a pass with unfused LoRA" : "a pass", rc, err) : 0;
}

static int try_fuse(const struct fit *f, const struct shira_placement *r,
                    const struct shira_factors *remove, const struct shira_factors *add,
                    const uint32_t *scale, struct shira_error *err) {
  const struct shira_fuse fuse = {.remove = {remove, 0, scale}, .add = {add, 0, scale}};
  struct shira_program p = {0};
  int rc = shira_plan_fuse(&p, r, &fuse);
  shira_program_free(&p);
  return rc ? tell_small(f, "lora-fused", rc, err) : 0;
}

static int place(const struct fit *f, uint64_t room, struct shira_placement *r,
                 struct shira_error *err) {
  if (room > UINT32_MAX)
    return shira_fail(err, ENOSPC, "%s: LoRA factors need %llu bytes of weight SRAM", f->w->name,
                      (unsigned long long)room);
  int rc = shira_placement_init(r, f->hw, &f->w->model, f->streamed, (uint32_t)room, err);
  return rc ? shira_fail(err, -rc, "%s: %s", f->w->name, err->text) : 0;
}

static int check_unfused(const struct fit *f, const struct shira_factors factors[ADAPTERS],
                         struct shira_error *err) {
  const bool *kept = f->setup->experiment.kept;
  const uint64_t a = factors[ADAPTER_A].unfused_bytes, b = factors[ADAPTER_B].unfused_bytes;
  struct shira_unfused_scale *scale = calloc(f->w->model.n_linears, sizeof(*scale));
  struct shira_placement r = {0};
  int rc = scale ? place(f,
                         kept[SHIRA_KEPT_CHIP] ? a + b
                         : a > b               ? a
                                               : b,
                         &r, err)
                 : shira_fail(err, ENOMEM, "out of memory");
  for (int i = 0; !rc && i < ADAPTERS; i++) {
    const struct shira_unfused unfused = {&factors[i], 0, scale};
    rc = try_passes(f, &r, &unfused, err);
  }
  shira_placement_free(&r);
  free(scale);
  return rc;
}

static int check_fused(const struct fit *f, const struct shira_factors factors[ADAPTERS],
                       bool in_place, struct shira_error *err) {
  const struct shira_factors *remove = in_place ? &factors[ADAPTER_A] : NULL;
  uint32_t *scale = calloc(f->w->model.n_linears, sizeof(*scale));
  struct shira_placement r = {0};
  int rc = scale ? place(f, shira_fuse_bytes(remove, &factors[ADAPTER_B]), &r, err)
                 : shira_fail(err, ENOMEM, "out of memory");
  if (!rc)
    rc = try_fuse(f, &r, remove, &factors[ADAPTER_B], scale, err);
  shira_placement_free(&r);
  free(scale);
  return rc;
}

static int check_pair(const struct fit *f, const struct setup_pair *p, struct shira_error *err) {
  const struct shira_experiment *e = &f->setup->experiment;
  struct shira_factors factors[ADAPTERS] = {0};
  uint32_t *rank = calloc(f->w->model.n_linears, sizeof(*rank));
  int rc = rank ? 0 : shira_fail(err, ENOMEM, "out of memory");
  for (int i = 0; !rc && i < ADAPTERS; i++) {
    ranks_of(f, p, i, rank);
    rc = shira_factors_init(&factors[i], f->hw, &f->w->model, rank, err);
  }
  if (!rc && e->strategy[SHIRA_STRATEGY_LORA_UNFUSED])
    rc = check_unfused(f, factors, err);
  if (!rc && e->strategy[SHIRA_STRATEGY_LORA_FUSED] && e->undo[SHIRA_UNDO_CLEAN])
    rc = check_fused(f, factors, false, err);
  if (!rc && e->strategy[SHIRA_STRATEGY_LORA_FUSED] && e->undo[SHIRA_UNDO_IN_PLACE])
    rc = check_fused(f, factors, true, err);
  for (int i = 0; i < ADAPTERS; i++)
    shira_factors_free(&factors[i]);
  free(rank);
  return rc;
}

// ---- Memory -----------------------------------------------------------------------------------

static int check_memory(const struct fit *f, const struct shira_placement *r,
                        struct shira_error *err) {
  const struct shira_experiment *e = &f->setup->experiment;
  const struct shira_model *m = &f->w->model;
  const uint64_t images = r->weight_bytes;
  const bool host = e->kept[SHIRA_KEPT_HOST] && e->strategy[SHIRA_STRATEGY_RELOAD];
  uint64_t local =
      images / (m->blocks ? m->blocks : 1) * m->first_block + 2 * images + r->param_bytes;
  for (uint32_t t = 0; t < e->n_tokens; t++)
    local += shira_inputs_bytes(r, e->tokens[t]) + shira_outputs_bytes(r, e->tokens[t]);
  if (e->kept[SHIRA_KEPT_MEMORY] && e->strategy[SHIRA_STRATEGY_RELOAD])
    local += 2 * images; // of A and B, ready-made
  if (local > f->hw->memory_bytes)
    return shira_fail(err, ENOSPC,
                      "%s: memory: its weights, inputs and outputs need %llu bytes, machine '%s' "
                      "has %llu",
                      f->w->name, (unsigned long long)local, f->hw->name,
                      (unsigned long long)f->hw->memory_bytes);
  if (host && 2 * images > f->hw->host_bytes)
    return shira_fail(err, ENOSPC,
                      "%s: host memory: two adapters' weights need %llu bytes, machine '%s' has "
                      "%llu",
                      f->w->name, (unsigned long long)(2 * images), f->hw->name,
                      (unsigned long long)f->hw->host_bytes);
  return 0;
}

int size_check(const struct setup *s, uint32_t machine, uint32_t workload, enum shira_placed placed,
               struct shira_error *err) {
  const struct fit f = {.setup = s,
                        .hw = &s->machine[machine],
                        .w = &s->workload[workload],
                        .tokens_on = s->experiment.workloads[workload].tokens_on[machine],
                        .streamed = placed == SHIRA_PLACED_STREAMED};
  struct shira_placement base;
  int rc = place(&f, 0, &base, err);
  if (rc)
    return rc;
  rc = check_memory(&f, &base, err);
  if (!rc)
    rc = try_passes(&f, &base, NULL, err);
  for (uint32_t p = 0; !rc && p < s->pairs_per_workload; p++) {
    const struct setup_pair *pair = &s->pair[workload * s->pairs_per_workload + p];
    if (pair->kind == SHIRA_ADAPTER_LORA)
      rc = check_pair(&f, pair, err);
  }
  shira_placement_free(&base);
  return rc;
}
