#include "shira/case.h"

const char *shira_work_name(unsigned work) {
  static const char *const name[SHIRA_WORK_COUNT] = {"switch", "pass"};
  return work < SHIRA_WORK_COUNT ? name[work] : NULL;
}

const char *shira_active_name(unsigned active) {
  static const char *const name[SHIRA_ACTIVE_COUNT] = {"base", "A", "B"};
  return active < SHIRA_ACTIVE_COUNT ? name[active] : NULL;
}

struct shira_case shira_case_pass(const struct shira_case *s, uint32_t tokens) {
  struct shira_case p = *s;
  p.from = s->to;
  p.undo = SHIRA_UNDO_COUNT;
  p.work = SHIRA_WORK_PASS;
  p.tokens = tokens;
  if (s->to != SHIRA_ACTIVE_BASE && s->strategy == SHIRA_STRATEGY_LORA_UNFUSED) {
    p.kept = s->kept == SHIRA_KEPT_CHIP ? SHIRA_KEPT_CHIP : SHIRA_KEPT_MEMORY;
    return p;
  }
  p.kept = SHIRA_KEPT_COUNT;
  if (s->to != SHIRA_ACTIVE_BASE && s->strategy == SHIRA_STRATEGY_SHIRA_OVERLAY)
    return p;
  p.strategy = SHIRA_STRATEGY_BASE;
  p.pair = SHIRA_NO_PAIR;
  p.from = p.to = SHIRA_ACTIVE_BASE;
  return p;
}

static int compare(uint32_t a, uint32_t b) {
  return (a > b) - (a < b);
}

int shira_case_compare(const struct shira_case *a, const struct shira_case *b) {
  const uint32_t *x = &a->machine, *y = &b->machine;
  int order = 0;
  for (unsigned i = 0; i < sizeof(*a) / sizeof(*x) && !order; i++)
    order = compare(x[i], y[i]);
  return order;
}
