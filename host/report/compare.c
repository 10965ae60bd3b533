#include "host/report/compare.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/report/label.h"

#define MAX_CANDIDATES 256

// A switch that may be the best of its side.
struct candidate {
  const struct shira_result *it;
  struct cost sw, pass;
};

struct field {
  struct candidate shira[MAX_CANDIDATES], lora[MAX_CANDIDATES];
  uint32_t n_shira, n_lora;
};

bool compare_is_written(const struct shira_case *c) {
  return c->strategy != SHIRA_STRATEGY_LORA_UNFUSED && c->strategy != SHIRA_STRATEGY_SHIRA_OVERLAY;
}

bool compare_is_main(const struct group *g, const struct shira_case *c) {
  if (c->work != SHIRA_WORK_SWITCH)
    return false;
  return g->other ? c->from == SHIRA_ACTIVE_A && c->to == SHIRA_ACTIVE_B
                  : c->from == SHIRA_ACTIVE_BASE && c->to == SHIRA_ACTIVE_A;
}

// ---- Who takes part ---------------------------------------------------------------------------

// Size of a contest: equal parameters, the user's own on a side, or the papers'.
static uint32_t contest_size(uint32_t shira, uint32_t lora) {
  if (lora == SHIRA_PAIR_EQUAL)
    return SHIRA_PAIR_EQUAL;
  return shira == SHIRA_PAIR_GIVEN || lora == SHIRA_PAIR_GIVEN ? SHIRA_PAIR_GIVEN
                                                               : SHIRA_PAIR_PAPERS;
}

// Whether the user gave the SHiRA adapters of the group's workload; an experiment has one kind.
static uint32_t shira_size(const struct index *x, const struct group *g) {
  for (uint32_t i = 0; i < g->n; i++) {
    const struct shira_case *c = &x->at[g->first + i]->key;
    if (index_is_shira(c) && c->pair != SHIRA_NO_PAIR)
      return x->r->pairs[c->pair].size;
  }
  return SHIRA_PAIR_PAPERS;
}

static void gather(const struct index *x, const struct comparison *c, uint32_t shira,
                   struct field *f) {
  const struct group *g = c->group;
  f->n_shira = f->n_lora = 0;
  for (uint32_t i = 0; i < g->n; i++) {
    const struct shira_result *it = x->at[g->first + i];
    const struct shira_case *k = &it->key;
    if (k->work != SHIRA_WORK_SWITCH || k->from != c->from || k->to != c->to || !index_timed(it) ||
        k->pair == SHIRA_NO_PAIR || (k->kept == SHIRA_KEPT_HOST) != c->host)
      continue;
    const struct candidate new = {.it = it, .sw = cost_of(&it->m)};
    if (index_is_shira(k) && f->n_shira < MAX_CANDIDATES)
      f->shira[f->n_shira++] = new;
    if (index_is_lora(k) && contest_size(shira, x->r->pairs[k->pair].size) == c->size &&
        f->n_lora < MAX_CANDIDATES)
      f->lora[f->n_lora++] = new;
  }
}

// ---- The switch alone -------------------------------------------------------------------------

// Of equal figures that whose first pass is the less.
static const struct candidate *quickest(const struct candidate *c, uint32_t n, bool written) {
  const struct candidate *best = NULL;
  for (uint32_t i = 0; i < n; i++) {
    if (written && !compare_is_written(&c[i].it->key))
      continue;
    if (!best || c[i].sw.figure < best->sw.figure ||
        (c[i].sw.figure == best->sw.figure && c[i].pass.figure < best->pass.figure))
      best = &c[i];
  }
  return best;
}

static enum side winner_of(const struct cost *shira, const struct cost *lora) {
  const int less = cost_less(shira, lora);
  return less < 0 ? SIDE_SHIRA : less > 0 ? SIDE_LORA : SIDE_SAME;
}

static struct contest contest_of(const struct field *f, bool written) {
  const struct candidate *s = quickest(f->shira, f->n_shira, written);
  const struct candidate *l = quickest(f->lora, f->n_lora, written);
  if (!s || !l)
    return (struct contest){.winner = SIDE_SAME};
  return (struct contest){s->it, l->it, cost_ratio(&l->sw, &s->sw), winner_of(&s->sw, &l->sw)};
}

static void tell_difference(const struct index *x, struct comparison *c) {
  const struct shira_pair_facts *s = &x->r->pairs[c->any.shira->key.pair];
  const struct shira_pair_facts *l = &x->r->pairs[c->any.lora->key.pair];
  for (unsigned i = c->from == SHIRA_ACTIVE_A ? 0 : c->to - SHIRA_ACTIVE_A;
       i <= c->to - SHIRA_ACTIVE_A; i++) {
    const struct shira_adapter_facts *a = &s->adapter[i], *b = &l->adapter[i];
    if (!memcmp(&a->targets, &b->targets, sizeof(a->targets)))
      continue;
    snprintf(c->differs, sizeof(c->differs),
             "adapter %c of SHiRA changes %.40s of %.40s weights, LoRA's %.40s of %.40s weights",
             "AB"[i], text_plural(a->modules, "linear", "linears").s,
             text_count(a->targeted_weights).s, text_plural(b->modules, "linear", "linears").s,
             text_count(b->targeted_weights).s);
    return;
  }
}

// ---- Switch and passes ------------------------------------------------------------------------

static double cost_at(const struct candidate *c, double passes) {
  return c->sw.figure + passes * c->pass.figure;
}

// Costs that differ by less are equal: a crossing is a quotient.
#define ROUNDING 1e-9

static bool is_cheaper(const struct candidate *a, const struct candidate *b, double passes) {
  const double x = cost_at(a, passes), y = cost_at(b, passes);
  if (fabs(x - y) <= ROUNDING * fmax(x, y))
    return a->pass.figure < b->pass.figure;
  return x < y;
}

// The cheapest after that many passes; of equal ones that which stays so the longest.
static const struct candidate *cheapest(const struct candidate *c, uint32_t n, double passes) {
  const struct candidate *best = NULL;
  for (uint32_t i = 0; i < n; i++)
    if (c[i].pass.has && (!best || is_cheaper(&c[i], best, passes)))
      best = &c[i];
  return best;
}

// Passes at which `b`, dearer now, begins to be the less; INFINITY where it never is.
static double crossing(const struct candidate *a, const struct candidate *b) {
  const double gain = a->pass.figure - b->pass.figure;
  return gain > 0 ? (b->sw.figure - a->sw.figure) / gain : INFINITY;
}

// Passes after `now` at which another of the side takes over from `c`.
static double next_change(const struct candidate *c, const struct candidate *all, uint32_t n,
                          double now) {
  double next = INFINITY;
  for (uint32_t i = 0; i < n; i++) {
    const double at = all[i].pass.has ? crossing(c, &all[i]) : INFINITY;
    if (at > now * (1 + ROUNDING))
      next = fmin(next, at);
  }
  return next;
}

// Passes after `now` at which both sides cost the same, as long as these two are the cheapest.
static double break_even(const struct candidate *s, const struct candidate *l, double now) {
  const double at = fmin(crossing(s, l), crossing(l, s));
  return at > now * (1 + ROUNDING) ? at : INFINITY;
}

static void end_span(const struct field *f, struct pass_contest *p, double from, double to) {
  const double middle = isfinite(to) ? (from + to) / 2 : 2 * from + 100;
  const struct candidate *s = cheapest(f->shira, f->n_shira, middle);
  const struct candidate *l = cheapest(f->lora, f->n_lora, middle);
  const struct cost a = cost_sum(&s->sw, middle, &s->pass), b = cost_sum(&l->sw, middle, &l->pass);
  const double m = p->tokens;
  p->span[p->n_spans++] = (struct span){.from = from * m, to * m, winner_of(&a, &b), s->it, l->it};
}

// Walks along the cheapest of each side from no pass on, break-even by break-even.
static void find_spans(const struct field *f, struct pass_contest *p) {
  double from = 0, now = 0;
  while (p->n_spans < MAX_SPANS - 1) {
    const struct candidate *s = cheapest(f->shira, f->n_shira, now);
    const struct candidate *l = cheapest(f->lora, f->n_lora, now);
    const double even = break_even(s, l, now);
    const double change =
        fmin(next_change(s, f->shira, f->n_shira, now), next_change(l, f->lora, f->n_lora, now));
    now = fmin(even, change);
    if (!isfinite(now))
      break;
    if (even <= change) {
      end_span(f, p, from, now);
      from = now;
    }
  }
  end_span(f, p, from, INFINITY);
}

static bool add_passes(const struct index *x, struct candidate *c, uint32_t n, uint32_t tokens) {
  bool any = false;
  for (uint32_t i = 0; i < n; i++) {
    const struct shira_result *pass = index_pass(x, &c[i].it->key, tokens);
    c[i].pass = pass ? cost_of(&pass->m) : (struct cost){0};
    any = any || c[i].pass.has;
  }
  return any;
}

static void compare_passes(const struct index *x, struct field *f, struct comparison *c) {
  const struct shira_experiment *e = &x->r->experiment;
  for (uint32_t k = 0; k < e->n_tokens; k++) {
    const bool s = add_passes(x, f->shira, f->n_shira, e->tokens[k]);
    const bool l = add_passes(x, f->lora, f->n_lora, e->tokens[k]);
    if (!s || !l)
      continue;
    c->pass[c->n_passes] = (struct pass_contest){.tokens = e->tokens[k]};
    find_spans(f, &c->pass[c->n_passes++]);
  }
  add_passes(x, f->shira, f->n_shira, e->tokens[0]); // for ties between switches
  add_passes(x, f->lora, f->n_lora, e->tokens[0]);
}

// ---- All of them ------------------------------------------------------------------------------

static void compare_group(const struct index *x, const struct group *g, struct field *f,
                          struct comparisons *list) {
  const uint32_t shira = shira_size(x, g);
  for (int host = 0; host < 2; host++)
    for (uint32_t size = 0; size < SHIRA_PAIR_SIZES; size++) {
      struct comparison *c = &list->at[list->n];
      *c = (struct comparison){.group = g,
                               .host = host,
                               .size = size,
                               .from = g->other ? SHIRA_ACTIVE_A : SHIRA_ACTIVE_BASE,
                               .to = g->other ? SHIRA_ACTIVE_B : SHIRA_ACTIVE_A};
      gather(x, c, shira, f);
      if (!f->n_shira || !f->n_lora)
        continue;
      compare_passes(x, f, c);
      c->any = contest_of(f, false);
      c->written = contest_of(f, true);
      tell_difference(x, c);
      list->n++;
    }
}

int compare_all(const struct index *x, struct comparisons *list, struct shira_error *err) {
  struct field *f = malloc(sizeof(*f));
  *list = (struct comparisons){.at = calloc(6 * (size_t)x->n_groups + 1, sizeof(*list->at))};
  if (!f || !list->at) {
    free(f);
    comparisons_free(list);
    return shira_fail(err, ENOMEM, "no memory for the report's comparisons");
  }
  for (uint32_t i = 0; i < x->n_groups; i++)
    compare_group(x, &x->groups[i], f, list);
  free(f);
  return 0;
}

void comparisons_free(struct comparisons *list) {
  free(list->at);
  *list = (struct comparisons){0};
}

// ---- The one that stands for all --------------------------------------------------------------

// Higher is before.
static uint64_t rank_of(const struct index *x, const struct comparison *c) {
  const uint64_t weights = x->r->workloads[c->group->workload].weights;
  const uint64_t most = UINT64_C(1) << 56;
  return (uint64_t) !*c->differs << 63 | (weights < most ? weights : most) << 4 |
         (uint64_t)(c->group->placed == SHIRA_PLACED_RESIDENT) << 3 | (uint64_t)!c->host << 2 |
         (c->size == SHIRA_PAIR_PAPERS ? 2u : c->size == SHIRA_PAIR_GIVEN);
}

const struct comparison *compare_focus(const struct index *x, const struct comparisons *list) {
  const struct comparison *best = NULL;
  for (uint32_t i = 0; i < list->n; i++)
    if (!best || rank_of(x, &list->at[i]) > rank_of(x, best))
      best = &list->at[i];
  return best;
}
