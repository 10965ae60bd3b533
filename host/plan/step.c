// The descriptors of one step of a pass.
#include <errno.h>

#include "host/plan/pass.h"

// First linear of the group of linear `i`.
static uint32_t group_start(const struct shira_placement *r, uint32_t i) {
  while (i && r->place[i - 1].group == r->place[i].group)
    i--;
  return i;
}

static const struct shira_place *place_of(const struct pass *s, const struct step *st) {
  return &s->r->place[st->linear];
}

static bool adapted(const struct pass *s, const struct step *st) {
  return s->plan->unfused && has_module(s->plan->unfused->factors, st->linear);
}

// Bytes of a token's h of linears `first` to below `end`.
static uint32_t h_bytes(const struct pass *s, uint32_t first, uint32_t end) {
  uint32_t bytes = 0;
  for (uint32_t i = first; s->plan->unfused && i < end; i++)
    bytes += s->plan->unfused->factors->of[i].h_pad;
  return bytes;
}

uint32_t h_stride(const struct pass *s, uint32_t i) {
  return h_bytes(s, group_start(s->r, i), group_end(s->r, i));
}

// Weight SRAM address of tile row `row` of a step's weights.
static uint32_t weights_at(const struct pass *s, uint32_t k, uint32_t row) {
  const struct step *st = &s->step[k];
  const struct shira_place *pl = place_of(s, st);
  if (!s->r->streamed)
    return pl->weight_addr + row * tile_row_bytes(s->r, pl);
  return s->r->slot_addr + k % s->r->slots * s->r->slot_bytes +
         (row - st->row) * tile_row_bytes(s->r, pl);
}

static int patch(struct pass *s, uint32_t k) {
  const struct step *st = &s->step[k];
  uint32_t bytes = st->rows * tile_row_bytes(s->r, place_of(s, st));
  struct shira_scatter sc = {*st->patch, SHIRA_SCATTER_OP_SET, SHIRA_TRAFFIC_VALUE, 0};
  uint32_t base = weights_at(s, k, st->row);
  return emit_scatter(s->p, &sc, base, base, base + bytes, st->ready, SEM_PATCHED);
}

int pass_fetch(struct pass *s, uint32_t k, uint32_t done) {
  struct step *st = &s->step[k];
  const struct shira_place *pl = place_of(s, st);
  struct wait wait = {SEM_COMPUTED, done};
  int rc = 0;
  if (st->load) {
    uint32_t bytes = st->tokens * shira_token_bytes(s->r->hw, pl->in);
    rc = emit_copy(s->p, SHIRA_SPACE_MEMORY, st->x_mem, SHIRA_SPACE_ACTIVATION,
                   s->x_addr[st->input % s->slots], bytes, SHIRA_TRAFFIC_ACTIVATION, wait, NO_WAIT,
                   SEM_LOADED);
  }
  if (!rc && s->r->streamed) {
    uint32_t row = tile_row_bytes(s->r, pl);
    uint64_t from = s->plan->weights + pl->weight_addr + (uint64_t)st->row * row;
    rc = emit_copy(s->p, SHIRA_SPACE_MEMORY, from, SHIRA_SPACE_WEIGHT, weights_at(s, k, st->row),
                   st->rows * row, SHIRA_TRAFFIC_WEIGHT, wait, NO_WAIT, SEM_LOADED);
  }
  st->ready = (struct wait){SEM_LOADED, s->p->signals[SEM_LOADED]};
  if (!rc && st->patch) {
    rc = patch(s, k);
    st->ready = (struct wait){SEM_PATCHED, s->p->signals[SEM_PATCHED]};
  }
  return rc;
}

// Requantised outputs of `tiles` tile rows from `row` on.
static int gemm_int8(struct pass *s, uint32_t k, uint32_t row, uint32_t tiles, struct wait w0,
                     struct wait w1, uint8_t signal) {
  const struct shira_machine *hw = s->r->hw;
  const struct step *st = &s->step[k];
  const struct shira_place *pl = place_of(s, st);
  union shira_descriptor *d = emit(s->p, SHIRA_OPCODE_GEMM, w0, w1, signal);
  if (!d)
    return -ENOMEM;
  bool seeded = adapted(s, st);
  uint32_t y_stride = shira_token_bytes(hw, pl->out), y_addr = s->y_addr[st->output % s->slots];
  d->gemm.out = SHIRA_GEMM_OUT_INT8;
  d->gemm.seed = seeded ? SHIRA_GEMM_SEED_SCALED : SHIRA_GEMM_SEED_ZERO;
  d->gemm.tokens = st->tokens;
  d->gemm.n_tiles = tiles;
  d->gemm.k_tiles = pl->k_tiles;
  d->gemm.w_addr = weights_at(s, k, row);
  d->gemm.x_addr = s->x_addr[st->input % s->slots];
  d->gemm.x_stride = shira_token_bytes(hw, pl->in);
  d->gemm.acc_stride = seeded ? st->tokens * 4 * hw->array_n : 0;
  d->gemm.param_addr = pl->param_addr + row * hw->array_n * SHIRA_PARAM_BYTES;
  d->gemm.out_addr = y_addr + row * hw->array_n;
  d->gemm.out_stride = y_stride;
  d->gemm.win_lo = y_addr;
  d->gemm.win_hi = y_addr + (uint64_t)st->tokens * y_stride;
  d->gemm.seed_scale = seeded ? s->plan->unfused->scale[st->linear].seed : 0;
  return 0;
}

// Weight SRAM address of the adapter's factors.
static uint32_t factors_at(const struct pass *s) {
  return s->r->factor_addr + s->plan->unfused->at;
}

// h = requantised A x, with the A's of all linears that read x as one.
static int gemm_h(struct pass *s, uint32_t k, struct wait w0, struct wait w1) {
  const struct shira_placement *r = s->r;
  const struct step *st = &s->step[k];
  const struct shira_place *pl = place_of(s, st);
  union shira_descriptor *d = emit(s->p, SHIRA_OPCODE_GEMM, w0, w1, SEM_NONE);
  if (!d)
    return -ENOMEM;
  const struct shira_unfused *u = s->plan->unfused;
  uint32_t stride = h_stride(s, st->linear), first = st->linear; // first that has a module
  while (!has_module(u->factors, first))
    first++;
  d->gemm.out = SHIRA_GEMM_OUT_INT8;
  d->gemm.uniform = 1;
  d->gemm.tokens = st->tokens;
  d->gemm.n_tiles = stride / r->hw->array_n;
  d->gemm.k_tiles = pl->k_tiles;
  d->gemm.w_addr = factors_at(s) + u->factors->of[first].a_off;
  d->gemm.x_addr = s->x_addr[st->input % s->slots];
  d->gemm.x_stride = shira_token_bytes(r->hw, pl->in);
  d->gemm.out_addr = s->h_addr;
  d->gemm.out_stride = stride;
  d->gemm.win_lo = s->h_addr;
  d->gemm.win_hi = s->h_addr + (uint64_t)st->tokens * stride;
  d->gemm.out_scale = u->scale[first].h;
  return 0;
}

// Accumulators of `tiles` tile rows from `row` on = B h
static int gemm_bh(struct pass *s, const struct step *st, uint32_t row, uint32_t tiles) {
  const struct shira_machine *hw = s->r->hw;
  const struct shira_factor *f = &s->plan->unfused->factors->of[st->linear];
  union shira_descriptor *d = emit(s->p, SHIRA_OPCODE_GEMM, NO_WAIT, NO_WAIT, SEM_NONE);
  if (!d)
    return -ENOMEM;
  uint32_t k_rank = f->h_pad / hw->array_k;
  d->gemm.out = SHIRA_GEMM_OUT_ACC;
  d->gemm.tokens = st->tokens;
  d->gemm.n_tiles = tiles;
  d->gemm.k_tiles = k_rank;
  d->gemm.w_addr = factors_at(s) + f->b_off + row * k_rank * hw->array_n * hw->array_k;
  d->gemm.x_addr = s->h_addr + h_bytes(s, group_start(s->r, st->linear), st->linear);
  d->gemm.x_stride = h_stride(s, st->linear);
  d->gemm.acc_stride = st->tokens * 4 * hw->array_n;
  d->gemm.win_lo = 0;
  d->gemm.win_hi = hw->accumulator_bytes;
  return 0;
}

int pass_compute(struct pass *s, uint32_t k) {
  const struct step *st = &s->step[k];
  bool first = st->row == 0; // of its outputs
  struct wait w0 = st->ready, w1 = NO_WAIT;
  if (first && st->output >= s->slots)
    w1 = (struct wait){SEM_STORED, st->output - s->slots + 1};
  int rc = 0;
  if (st->load && h_stride(s, st->linear)) {
    rc = gemm_h(s, k, w0, w1);
    w0 = w1 = NO_WAIT;
  }
  if (!adapted(s, st))
    return rc ? rc : gemm_int8(s, k, st->row, st->rows, w0, w1, SEM_COMPUTED);
  // B h needs no wait: GEMM made h before, and nobody else touches the accumulators.
  uint32_t chunk = s->r->hw->accumulator_bytes / (4 * s->r->hw->array_n) / st->tokens;
  for (uint32_t t = 0; !rc && t < st->rows; t += chunk) {
    uint32_t tiles = st->rows - t < chunk ? st->rows - t : chunk;
    rc = gemm_bh(s, st, st->row + t, tiles);
    if (!rc)
      rc = gemm_int8(s, k, st->row + t, tiles, t ? NO_WAIT : w0, t ? NO_WAIT : w1,
                     t + tiles == st->rows ? SEM_COMPUTED : SEM_NONE);
  }
  return rc;
}

int pass_store(struct pass *s, uint32_t k) {
  const struct step *st = &s->step[k];
  struct wait computed = {SEM_COMPUTED, k + 1};
  uint32_t bytes = st->tokens * shira_token_bytes(s->r->hw, place_of(s, st)->out);
  return emit_copy(s->p, SHIRA_SPACE_ACTIVATION, s->y_addr[st->output % s->slots],
                   SHIRA_SPACE_MEMORY, st->y_mem, bytes, SHIRA_TRAFFIC_OUTPUT, computed, NO_WAIT,
                   SEM_STORED);
}
