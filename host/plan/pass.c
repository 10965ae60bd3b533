// A pass: one forward of M tokens through every linear, memory to memory. The inputs of the next
// piece are loaded and the outputs of the last one stored while this one is computed.
#include <errno.h>

#include "host/plan/emit.h"

// Tokens of one linear that are computed together.
struct piece {
  const struct shira_place *pl;
  const struct shira_unfused_scale *unfused; // NULL: no adapter products
  uint32_t tokens;
  uint64_t x_mem, y_mem;
};

struct pass {
  struct shira_program *p;
  const struct shira_resident *r;
  uint32_t slots;                // 2: loads and stores overlap products, 1: they do not fit
  uint32_t x_addr[2], y_addr[2]; // activation SRAM
  uint32_t h_addr;
  uint32_t pieces;         // emitted so far
  uint32_t gemms_after[2]; // value of SEM_COMPUTED when the slot's products are done
};

static int gemm_int8(struct pass *s, const struct piece *c, uint32_t tile, uint32_t tiles,
                     uint32_t slot, struct wait w0, struct wait w1, uint8_t signal, bool seeded) {
  const struct shira_machine *hw = s->r->hw;
  union shira_descriptor *d = emit(s->p, SHIRA_OPCODE_GEMM, w0, w1, signal);
  if (!d)
    return -ENOMEM;
  uint32_t y_stride = shira_token_bytes(hw, c->pl->out);
  d->gemm.out = SHIRA_GEMM_OUT_INT8;
  d->gemm.seed = seeded ? SHIRA_GEMM_SEED_SCALED : SHIRA_GEMM_SEED_ZERO;
  d->gemm.tokens = c->tokens;
  d->gemm.n_tiles = tiles;
  d->gemm.k_tiles = c->pl->k_tiles;
  d->gemm.w_addr = c->pl->weight_addr + tile * c->pl->k_tiles * hw->array_n * hw->array_k;
  d->gemm.x_addr = s->x_addr[slot];
  d->gemm.x_stride = shira_token_bytes(hw, c->pl->in);
  d->gemm.acc_stride = seeded ? c->tokens * 4 * hw->array_n : 0;
  d->gemm.param_addr = c->pl->param_addr + tile * hw->array_n * SHIRA_PARAM_BYTES;
  d->gemm.out_addr = s->y_addr[slot] + tile * hw->array_n;
  d->gemm.out_stride = y_stride;
  d->gemm.win_lo = s->y_addr[slot];
  d->gemm.win_hi = s->y_addr[slot] + (uint64_t)c->tokens * y_stride;
  d->gemm.seed_scale = seeded ? c->unfused->seed : 0;
  return 0;
}

// h = requantised A x
static int gemm_h(struct pass *s, const struct piece *c, uint32_t slot, struct wait w0,
                  struct wait w1) {
  const struct shira_resident *r = s->r;
  union shira_descriptor *d = emit(s->p, SHIRA_OPCODE_GEMM, w0, w1, SEM_NONE);
  if (!d)
    return -ENOMEM;
  d->gemm.out = SHIRA_GEMM_OUT_INT8;
  d->gemm.uniform = 1;
  d->gemm.tokens = c->tokens;
  d->gemm.n_tiles = ceil_div(r->rank, r->hw->array_n);
  d->gemm.k_tiles = c->pl->k_tiles;
  d->gemm.w_addr = r->factor_addr + c->pl->a_off;
  d->gemm.x_addr = s->x_addr[slot];
  d->gemm.x_stride = shira_token_bytes(r->hw, c->pl->in);
  d->gemm.out_addr = s->h_addr;
  d->gemm.out_stride = r->rank_pad;
  d->gemm.win_lo = s->h_addr;
  d->gemm.win_hi = s->h_addr + (uint64_t)c->tokens * r->rank_pad;
  d->gemm.out_scale = c->unfused->h;
  return 0;
}

// Accumulators of `tiles` output tiles = B h
static int gemm_bh(struct pass *s, const struct piece *c, uint32_t tile, uint32_t tiles) {
  const struct shira_resident *r = s->r;
  const struct shira_machine *hw = r->hw;
  union shira_descriptor *d = emit(s->p, SHIRA_OPCODE_GEMM, NO_WAIT, NO_WAIT, SEM_NONE);
  if (!d)
    return -ENOMEM;
  uint32_t k_rank = ceil_div(r->rank, hw->array_k);
  d->gemm.out = SHIRA_GEMM_OUT_ACC;
  d->gemm.tokens = c->tokens;
  d->gemm.n_tiles = tiles;
  d->gemm.k_tiles = k_rank;
  d->gemm.w_addr = r->factor_addr + c->pl->b_off + tile * k_rank * hw->array_n * hw->array_k;
  d->gemm.x_addr = s->h_addr;
  d->gemm.x_stride = r->rank_pad;
  d->gemm.acc_stride = c->tokens * 4 * hw->array_n;
  d->gemm.win_lo = 0;
  d->gemm.win_hi = hw->accumulator_bytes;
  return 0;
}

// Products of a piece. They run in order on one engine, so only the first waits and only the
// last signals.
static int piece_products(struct pass *s, const struct piece *c, uint32_t slot) {
  struct wait loaded = {SEM_LOADED, s->p->signals[SEM_LOADED]};
  uint32_t stored = s->pieces >= s->slots ? s->pieces - s->slots + 1 : 0;
  struct wait y_free = {SEM_STORED, stored};
  if (!c->unfused)
    return gemm_int8(s, c, 0, c->pl->n_tiles, slot, loaded, y_free, SEM_COMPUTED, false);
  int rc = gemm_h(s, c, slot, loaded, y_free);
  uint32_t chunk = s->r->hw->accumulator_bytes / (4 * s->r->hw->array_n) / c->tokens;
  for (uint32_t t = 0; !rc && t < c->pl->n_tiles; t += chunk) {
    uint32_t tiles = c->pl->n_tiles - t < chunk ? c->pl->n_tiles - t : chunk;
    uint8_t signal = t + tiles == c->pl->n_tiles ? SEM_COMPUTED : SEM_NONE;
    rc = gemm_bh(s, c, t, tiles);
    if (!rc)
      rc = gemm_int8(s, c, t, tiles, slot, NO_WAIT, NO_WAIT, signal, true);
  }
  return rc;
}

static int piece_load(struct pass *s, const struct piece *c, uint32_t slot) {
  struct wait x_free = {SEM_COMPUTED, s->gemms_after[slot]};
  uint32_t bytes = c->tokens * shira_token_bytes(s->r->hw, c->pl->in);
  return emit_copy(s->p, SHIRA_SPACE_MEMORY, c->x_mem, SHIRA_SPACE_ACTIVATION, s->x_addr[slot],
                   bytes, SHIRA_TRAFFIC_ACTIVATION, x_free, NO_WAIT, SEM_LOADED);
}

static int piece_store(struct pass *s, const struct piece *c, uint32_t slot) {
  struct wait computed = {SEM_COMPUTED, s->gemms_after[slot]};
  uint32_t bytes = c->tokens * shira_token_bytes(s->r->hw, c->pl->out);
  return emit_copy(s->p, SHIRA_SPACE_ACTIVATION, s->y_addr[slot], SHIRA_SPACE_MEMORY, c->y_mem,
                   bytes, SHIRA_TRAFFIC_OUTPUT, computed, NO_WAIT, SEM_STORED);
}

// Divides the activation SRAM; returns the tokens of a piece, 0 where not even one fits.
static uint32_t divide_sram(struct pass *s, uint32_t tokens) {
  const struct shira_machine *hw = s->r->hw;
  uint32_t x = 0, y = 0;
  for (uint32_t i = 0; i < s->r->n; i++) {
    uint32_t xb = shira_token_bytes(hw, s->r->place[i].in);
    uint32_t yb = shira_token_bytes(hw, s->r->place[i].out);
    x = xb > x ? xb : x;
    y = yb > y ? yb : y;
  }
  uint32_t h = s->r->rank_pad;
  uint32_t most = hw->accumulator_bytes / (4 * hw->array_n);
  most = tokens < most ? tokens : most;
  // One piece needs no second slot.
  s->slots = s->r->n == 1 && (uint64_t)most * (x + y + h) <= hw->activation_bytes ? 1 : 2;
  uint32_t fit = hw->activation_bytes / (s->slots * (x + y) + h);
  most = fit < most ? fit : most;
  for (uint32_t i = 0; i < 2; i++) {
    s->x_addr[i] = (i % s->slots) * most * x;
    s->y_addr[i] = s->slots * most * x + (i % s->slots) * most * y;
  }
  s->h_addr = s->slots * most * (x + y);
  return most;
}

// The store of a piece is emitted after the load of the next, so that the in-order COPY engine
// fetches inputs ahead instead of waiting for outputs.
int shira_plan_pass(struct shira_program *p, const struct shira_resident *r, uint32_t tokens,
                    uint64_t inputs, uint64_t outputs, const struct shira_unfused_scale *unfused) {
  struct pass s = {.p = p, .r = r};
  uint32_t most = divide_sram(&s, tokens);
  if (!most)
    return -ENOSPC;
  struct piece before = {0};
  int rc = 0;
  for (uint32_t i = 0; !rc && i < r->n; i++) {
    const struct shira_place *pl = &r->place[i];
    for (uint32_t t = 0; !rc && t < tokens; t += most) {
      struct piece c = {.pl = pl, .tokens = tokens - t < most ? tokens - t : most};
      c.unfused = unfused && pl->target ? &unfused[i] : NULL;
      c.x_mem = inputs;
      c.y_mem = outputs;
      inputs += (uint64_t)c.tokens * shira_token_bytes(r->hw, pl->in);
      outputs += (uint64_t)c.tokens * shira_token_bytes(r->hw, pl->out);
      uint32_t slot = s.pieces % s.slots;
      // With one slot the outputs must leave before the next inputs overwrite nothing of theirs,
      // but the order of the queue would deadlock: store first.
      if (s.slots == 1 && before.pl)
        rc = piece_store(&s, &before, slot);
      rc = rc ? rc : piece_load(&s, &c, slot);
      if (!rc && s.slots == 2 && before.pl)
        rc = piece_store(&s, &before, slot ^ 1);
      rc = rc ? rc : piece_products(&s, &c, slot);
      s.gemms_after[slot] = p->signals[SEM_COMPUTED];
      s.pieces++;
      before = c;
    }
  }
  return rc ? rc : piece_store(&s, &before, (s.pieces - 1) % s.slots);
}
