// A pass: one forward of M tokens through every linear, memory to memory, as a list of steps. What
// a step needs is fetched some steps ahead of its products, and its outputs are stored behind them.
#include "host/plan/pass.h"

#include <errno.h>
#include <stdlib.h>

// Divides the activation SRAM; returns the tokens of a step, 0 where not even one fits.
static uint32_t divide_sram(struct pass *s) {
  const struct shira_placement *r = s->r;
  const struct shira_machine *hw = r->hw;
  uint32_t x = 0, y = 0, h = 0;
  for (uint32_t i = 0; i < r->n; i++) {
    uint32_t xb = shira_token_bytes(hw, r->place[i].in);
    uint32_t yb = shira_token_bytes(hw, r->place[i].out);
    uint32_t hb = h_stride(s, i);
    x = xb > x ? xb : x;
    y = yb > y ? yb : y;
    h = hb > h ? hb : h;
  }
  uint32_t most = hw->accumulator_bytes / (4 * hw->array_n);
  most = s->plan->tokens < most ? s->plan->tokens : most;
  // One set of inputs or outputs needs no second slot.
  bool one = r->n == 1 && (uint64_t)most * (x + y + h) <= hw->activation_bytes;
  s->slots = one ? 1 : 2;
  uint32_t fit = hw->activation_bytes / (s->slots * (x + y) + h);
  most = fit < most ? fit : most;
  for (uint32_t i = 0; i < 2; i++) {
    s->x_addr[i] = (i % s->slots) * most * x;
    s->y_addr[i] = s->slots * most * x + (i % s->slots) * most * y;
  }
  s->h_addr = s->slots * most * (x + y);
  return most;
}

static struct step *add_step(struct pass *s) {
  if (s->n == s->capacity) {
    uint32_t capacity = s->capacity ? 2 * s->capacity : 64;
    struct step *step = realloc(s->step, capacity * sizeof(*step));
    if (!step)
      return NULL;
    s->step = step;
    s->capacity = capacity;
  }
  return &s->step[s->n++];
}

// The steps of one linear for one piece of tokens; `chunk` counts chunks over all linears.
static int add_linear(struct pass *s, struct step base, uint32_t chunk) {
  const struct shira_place *pl = &s->r->place[base.linear];
  uint32_t rows = s->r->streamed ? shira_chunk_rows(s->r, pl) : pl->n_tiles;
  for (uint32_t row = 0; row < pl->n_tiles; row += rows, chunk++) {
    struct step *st = add_step(s);
    if (!st)
      return -ENOMEM;
    *st = base;
    st->load = base.load && row == 0;
    st->row = row;
    st->rows = pl->n_tiles - row < rows ? pl->n_tiles - row : rows;
    st->last = row + st->rows == pl->n_tiles;
    if (s->plan->overlay && s->plan->overlay[chunk].updates)
      st->patch = &s->plan->overlay[chunk];
  }
  return 0;
}

// The steps of one group of linears. Chunks are counted over all linears.
static int add_group(struct pass *s, uint32_t first, uint32_t most, uint32_t chunk, uint64_t x,
                     uint64_t y) {
  const struct shira_placement *r = s->r;
  uint32_t tokens = s->plan->tokens, x_bytes = shira_token_bytes(r->hw, r->place[first].in);
  for (uint32_t t = 0; t < tokens; t += most, s->inputs++) {
    struct step base = {.tokens = tokens - t < most ? tokens - t : most};
    base.x_mem = x + (uint64_t)t * x_bytes;
    base.input = s->inputs;
    base.load = true;
    uint64_t y_linear = y;
    uint32_t c = chunk;
    for (uint32_t i = first; i < group_end(r, first); i++) {
      uint32_t y_bytes = shira_token_bytes(r->hw, r->place[i].out);
      base.linear = i;
      base.output = s->outputs++;
      base.y_mem = y_linear + (uint64_t)t * y_bytes;
      int rc = add_linear(s, base, c);
      if (rc)
        return rc;
      base.load = false;
      y_linear += (uint64_t)tokens * y_bytes;
      c += r->streamed ? shira_chunks(r, &r->place[i]) : 0;
    }
  }
  return 0;
}

static int build_steps(struct pass *s, uint32_t most) {
  const struct shira_placement *r = s->r;
  uint64_t x = s->plan->inputs, y = s->plan->outputs;
  uint32_t chunk = 0;
  for (uint32_t first = 0; first < r->n; first = group_end(r, first)) {
    int rc = add_group(s, first, most, chunk, x, y);
    if (rc)
      return rc;
    x += (uint64_t)s->plan->tokens * shira_token_bytes(r->hw, r->place[first].in);
    for (uint32_t i = first; i < group_end(r, first); i++) {
      y += (uint64_t)s->plan->tokens * shira_token_bytes(r->hw, r->place[i].out);
      chunk += r->streamed ? shira_chunks(r, &r->place[i]) : 0;
    }
  }
  return 0;
}

// Steps whose products must be done before step `k` may be fetched: its slots are theirs.
static uint32_t needs_done(const struct pass *s, uint32_t k) {
  const struct step *st = &s->step[k];
  uint32_t done = s->r->streamed && k >= s->r->slots ? k - s->r->slots + 1 : 0;
  if (st->load && st->input >= s->slots)
    for (uint32_t i = k; i-- > 0;)
      if (s->step[i].input + s->slots == st->input) {
        done = i + 1 > done ? i + 1 : done;
        break;
      }
  return done;
}

// Fetches what may be fetched once the first `done` steps are computed, at most up to step `last`.
static int fetch_ahead(struct pass *s, uint32_t done, uint32_t last) {
  int rc = 0;
  for (; !rc && s->fetched < s->n && s->fetched <= last; s->fetched++) {
    uint32_t needs = needs_done(s, s->fetched);
    if (needs > done)
      break;
    rc = pass_fetch(s, s->fetched, needs);
  }
  return rc;
}

// The store of a step is emitted after the fetches of later ones, so that the in-order COPY engine
// fetches ahead instead of waiting for outputs.
int shira_plan_pass(struct shira_program *p, const struct shira_placement *r,
                    const struct shira_pass_plan *plan) {
  struct pass s = {.p = p, .r = r, .plan = plan};
  uint32_t most = divide_sram(&s);
  if (!most)
    return -ENOSPC;
  int rc = build_steps(&s, most);
  uint32_t ahead = r->streamed ? r->slots - 1 : 0;
  for (uint32_t j = 0; !rc && j < s.n; j++) {
    rc = fetch_ahead(&s, j, j + ahead);
    if (!rc && j && s.step[j - 1].last)
      rc = pass_store(&s, j - 1);
    if (!rc)
      rc = pass_compute(&s, j);
  }
  if (!rc && s.n)
    rc = pass_store(&s, s.n - 1);
  free(s.step);
  return rc;
}
