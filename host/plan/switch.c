// The switches: how adapter B becomes active instead of A.
#include <errno.h>

#include "host/plan/emit.h"

int shira_plan_images(struct shira_program *p, const struct shira_resident *r, uint64_t images,
                      bool targets_only) {
  for (uint32_t i = 0, next; i < r->n; i = next) {
    next = i + 1;
    if (targets_only && !r->place[i].target)
      continue;
    while (next < r->n && (!targets_only || r->place[next].target))
      next++;
    uint32_t from = r->place[i].weight_addr;
    uint32_t to = r->place[next - 1].weight_addr + r->place[next - 1].image_bytes;
    int rc = emit_copy(p, SHIRA_SPACE_MEMORY, images + from, SHIRA_SPACE_WEIGHT, from, to - from,
                       SHIRA_TRAFFIC_WEIGHT, NO_WAIT, NO_WAIT, SEM_NONE);
    if (rc)
      return rc;
  }
  return 0;
}

int shira_plan_params(struct shira_program *p, const struct shira_resident *r, uint64_t params) {
  uint32_t bytes = round_up(r->param_bytes, r->hw->axi_data_bits / 8);
  return emit_copy(p, SHIRA_SPACE_MEMORY, params, SHIRA_SPACE_PARAMETER, 0, bytes,
                   SHIRA_TRAFFIC_PARAMETER, NO_WAIT, NO_WAIT, SEM_NONE);
}

int shira_plan_readback(struct shira_program *p, const struct shira_resident *r, uint64_t dst) {
  return emit_copy(p, SHIRA_SPACE_WEIGHT, 0, SHIRA_SPACE_MEMORY, dst, r->weight_bytes,
                   SHIRA_TRAFFIC_CHECK, NO_WAIT, NO_WAIT, SEM_NONE);
}

int shira_plan_factors(struct shira_program *p, const struct shira_resident *r, uint64_t unfused) {
  return emit_copy(p, SHIRA_SPACE_MEMORY, unfused, SHIRA_SPACE_WEIGHT, r->factor_addr,
                   r->unfused_bytes, SHIRA_TRAFFIC_FACTOR, NO_WAIT, NO_WAIT, SEM_NONE);
}

int shira_plan_scatter(struct shira_program *p, const struct shira_resident *r,
                       const struct shira_stream_ref *stream, enum shira_traffic traffic) {
  if (!stream->updates) // the device refuses an empty stream
    return 0;
  union shira_descriptor *d = emit(p, SHIRA_OPCODE_SCATTER, NO_WAIT, NO_WAIT, SEM_NONE);
  if (!d)
    return -ENOMEM;
  d->scatter.op = SHIRA_SCATTER_OP_SET;
  d->scatter.format = SHIRA_STREAM_FORMAT_GAP8;
  d->scatter.traffic = (uint8_t)traffic;
  d->scatter.updates = stream->updates;
  d->scatter.stream_addr = stream->addr;
  d->scatter.space = SHIRA_SPACE_WEIGHT;
  d->scatter.stream_bytes = stream->bytes;
  d->scatter.base = 0;
  d->scatter.win_lo = 0;
  d->scatter.win_hi = r->weight_bytes;
  return 0;
}

// Rows of a fuse step. Small, so that the first product starts after little has been loaded; one
// step of 64 rows of a 2048-wide matrix at rank 32 is still 16,384 cycles.
#define FUSE_ROWS 64u

struct fuse {
  struct shira_program *p;
  const struct shira_resident *r;
  uint64_t fused, clean;
  uint32_t act_half;       // activation SRAM: B rows of even and odd linears
  uint32_t done_before[2]; // products to await before this half's scratch may be overwritten
};

static int fuse_load_rows(struct fuse *f, const struct shira_place *pl, uint32_t row, uint32_t rows,
                          uint32_t b_addr) {
  const struct shira_resident *r = f->r;
  uint32_t bytes = rows * r->rank_pad;
  uint64_t b = f->fused + pl->bt_off + (uint64_t)row * r->rank_pad;
  int rc =
      emit_copy(f->p, SHIRA_SPACE_MEMORY, b, SHIRA_SPACE_ACTIVATION, b_addr + row * r->rank_pad,
                bytes, SHIRA_TRAFFIC_FACTOR, NO_WAIT, NO_WAIT, f->clean ? SEM_NONE : SEM_LOADED);
  if (rc || !f->clean)
    return rc;
  uint32_t tile_row = pl->k_tiles * r->hw->array_n * r->hw->array_k;
  uint32_t off = pl->weight_addr + row / r->hw->array_n * tile_row;
  uint32_t w_bytes = ceil_div(rows, r->hw->array_n) * tile_row;
  return emit_copy(f->p, SHIRA_SPACE_MEMORY, f->clean + off, SHIRA_SPACE_WEIGHT, off, w_bytes,
                   SHIRA_TRAFFIC_WEIGHT, NO_WAIT, NO_WAIT, SEM_LOADED);
}

static int fuse_product(struct fuse *f, const struct shira_place *pl, uint32_t row, uint32_t rows,
                        uint32_t at_addr, uint32_t b_addr, uint32_t scale) {
  const struct shira_resident *r = f->r;
  const struct shira_machine *hw = r->hw;
  struct wait loaded = {SEM_LOADED, f->p->signals[SEM_LOADED]};
  union shira_descriptor *d = emit(f->p, SHIRA_OPCODE_GEMM, loaded, NO_WAIT, SEM_COMPUTED);
  if (!d)
    return -ENOMEM;
  uint32_t tile_row = pl->k_tiles * hw->array_n * hw->array_k;
  d->gemm.out = SHIRA_GEMM_OUT_WADD;
  d->gemm.seed = SHIRA_GEMM_SEED_ZERO;
  d->gemm.tokens = rows;
  d->gemm.n_tiles = pl->k_tiles; // output tiles of A^T x B^T are column tiles of W
  d->gemm.k_tiles = ceil_div(r->rank, hw->array_k);
  d->gemm.w_addr = at_addr;
  d->gemm.x_addr = b_addr + row * r->rank_pad;
  d->gemm.x_stride = r->rank_pad;
  d->gemm.out_addr = pl->weight_addr + row / hw->array_n * tile_row;
  d->gemm.src_addr = d->gemm.out_addr;
  d->gemm.image_k_tiles = pl->k_tiles;
  d->gemm.out_scale = scale;
  d->gemm.win_lo = pl->weight_addr;
  d->gemm.win_hi = pl->weight_addr + pl->image_bytes;
  return 0;
}

static int fuse_linear(struct fuse *f, uint32_t index, uint32_t half, uint32_t scale) {
  const struct shira_resident *r = f->r;
  const struct shira_place *pl = &r->place[index];
  uint32_t b_addr = half * f->act_half;
  // The step is a whole number of tile rows and its tokens fit the accumulators.
  uint32_t rows = r->hw->accumulator_bytes / (4 * r->hw->array_n);
  rows = rows < FUSE_ROWS ? rows : FUSE_ROWS;
  rows -= rows % r->hw->array_n;
  if (!rows)
    return -ENOSPC;
  struct wait free_half = {SEM_COMPUTED, f->done_before[half]};
  int rc = emit_copy(f->p, SHIRA_SPACE_MEMORY, f->fused + pl->at_off, SHIRA_SPACE_WEIGHT,
                     r->at_addr[half], pl->bt_off - pl->at_off, SHIRA_TRAFFIC_FACTOR, free_half,
                     NO_WAIT, SEM_NONE);
  for (uint32_t row = 0; !rc && row < pl->out; row += rows) {
    uint32_t step = pl->out - row < rows ? pl->out - row : rows;
    rc = fuse_load_rows(f, pl, row, step, b_addr);
    if (!rc)
      rc = fuse_product(f, pl, row, step, r->at_addr[half], b_addr, scale);
  }
  f->done_before[half] = f->p->signals[SEM_COMPUTED];
  return rc;
}

int shira_plan_fuse(struct shira_program *p, const struct shira_resident *r, uint64_t fused,
                    uint64_t clean, const uint32_t *scale) {
  struct fuse f = {.p = p, .r = r, .fused = fused, .clean = clean};
  f.act_half = r->hw->activation_bytes / 2;
  uint32_t half = 0;
  for (uint32_t i = 0; i < r->n; i++) {
    const struct shira_place *pl = &r->place[i];
    if (!pl->target)
      continue;
    if ((uint64_t)pl->out * r->rank_pad > f.act_half)
      return -ENOSPC;
    int rc = fuse_linear(&f, i, half, scale[i]);
    if (rc)
      return rc;
    half ^= 1;
  }
  return 0;
}
