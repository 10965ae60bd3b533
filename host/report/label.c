#include "host/report/label.h"

#include <inttypes.h>

struct text text_label(const struct shira_report *r, const struct shira_case *c) {
  const char *pair = c->pair < r->n_pairs ? r->pairs[c->pair].name : "";
  const bool undo =
      c->undo < SHIRA_UNDO_COUNT && c->undo != SHIRA_UNDO_TRANSITION && c->undo != SHIRA_UNDO_CLEAN;
  const bool kept = c->kept < SHIRA_KEPT_COUNT && c->kept != SHIRA_KEPT_MEMORY;
  return text_format("%s%s%s%s%s%s%s", shira_strategy_name(c->strategy), *pair ? " " : "", pair,
                     undo ? " " : "", undo ? shira_undo_name(c->undo) : "", kept ? " " : "",
                     kept ? shira_kept_name(c->kept) : "");
}

struct text text_way(const struct shira_case *c) {
  return text_format("%s to %s", shira_active_name(c->from), shira_active_name(c->to));
}

struct text text_pair(const struct shira_pair_facts *p) {
  const struct shira_adapter_facts *a = &p->adapter[0], *b = &p->adapter[1];
  if (p->kind == SHIRA_ADAPTER_SHIRA)
    return text_format("SHiRA %s %s", p->name,
                       text_share((double)a->parameters / (double)a->targeted_weights).s);
  const uint32_t least = a->rank_min < b->rank_min ? a->rank_min : b->rank_min;
  const uint32_t most = a->rank_max > b->rank_max ? a->rank_max : b->rank_max;
  if (least == most)
    return text_format("LoRA rank %" PRIu32, most);
  return text_format("LoRA ranks %" PRIu32 " to %" PRIu32, least, most);
}

struct text text_layer(const struct shira_workload_facts *w) {
  const struct shira_blocks *b = &w->blocks;
  if (w->side)
    return text_format("%" PRIu32 "x%" PRIu32, w->side, w->side);
  const struct text linears = text_plural(w->linears, "linear", "linears");
  if (b->n == b->all)
    return text_format("%s of %s", linears.s, text_plural(b->all, "block", "blocks").s);
  if (b->n == 1)
    return text_format("%s of block %" PRIu32, linears.s, b->first);
  return text_format("%s of blocks %" PRIu32 " to %" PRIu32, linears.s, b->first,
                     b->first + b->n - 1);
}

double text_cycles_us(const struct shira_report *r, const struct shira_case *c, double cycles) {
  return cycles / r->machines[c->machine].hw.clock_mhz;
}
