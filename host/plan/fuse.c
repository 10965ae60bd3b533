// lora-fused: W' = W + BA on the array, some rows of a linear at a step. What a step needs is
// loaded behind the products of the steps before it.
#include <errno.h>
#include <stdlib.h>

#include "host/plan/emit.h"

// Rows of a step with resident weights. Small, so that the first product starts after little has
// been loaded; 64 rows of a 2048-wide matrix at rank 32 are still 16,384 cycles.
#define FUSE_ROWS 64u

enum { REMOVE, ADD, PRODUCTS };

struct fuse_step {
  uint32_t linear;
  uint32_t half;      // of the scratch: linears take turns
  uint32_t row, rows; // of the matrix, a multiple of array_n but at its end
  struct wait loaded;
};

struct fuse {
  struct shira_program *p;
  const struct shira_placement *r;
  const struct shira_fuse *plan;
  struct fuse_step *step;
  uint32_t n, fetched;
};

static const struct shira_fuse_factors *factors(const struct fuse *f, uint32_t which) {
  return which == REMOVE ? &f->plan->remove : &f->plan->add;
}

static uint32_t last_product(const struct fuse *f) {
  return f->plan->add.fused ? ADD : REMOVE;
}

// Scratch of a product: linears take turns, and where only one adapter is there it takes all.
static uint32_t part_of(const struct shira_placement *r, const struct fuse_step *st,
                        uint32_t which) {
  return st->half * r->products + (r->products > 1 ? which : 0);
}

static uint32_t b_bytes(const struct shira_placement *r) {
  return r->hw->activation_bytes / (2 * r->products);
}

// Activation SRAM: all rows of B of a linear.
static uint32_t b_addr(const struct fuse *f, const struct fuse_step *st, uint32_t which) {
  return part_of(f->r, st, which) * b_bytes(f->r);
}

static uint32_t at_addr(const struct fuse *f, const struct fuse_step *st, uint32_t which) {
  return f->r->at_addr[part_of(f->r, st, which)];
}

// Weight SRAM: the first row of a step.
static uint32_t weights_at(const struct fuse *f, uint32_t k) {
  const struct fuse_step *st = &f->step[k];
  const struct shira_place *pl = &f->r->place[st->linear];
  if (f->r->streamed)
    return f->r->slot_addr + k % f->r->slots * f->r->slot_bytes;
  return pl->weight_addr + st->row / f->r->hw->array_n * tile_row_bytes(f->r, pl);
}

// Rows of a step: whole tile rows that fit the accumulators, and a slot where weights are streamed.
static uint32_t step_rows(const struct shira_placement *r, const struct shira_place *pl) {
  uint32_t n = r->hw->array_n, most = r->hw->accumulator_bytes / (4 * n);
  uint32_t want = r->streamed ? shira_chunk_rows(r, pl) * n : FUSE_ROWS;
  want = want < most ? want : most;
  return want - want % n;
}

static int build_steps(struct fuse *f) {
  const struct shira_placement *r = f->r;
  uint32_t half = 0, n = 0;
  for (uint32_t i = 0; i < r->n; i++)
    if (r->place[i].target) {
      uint32_t rows = step_rows(r, &r->place[i]);
      if (!rows || (uint64_t)r->place[i].out * r->rank_pad > b_bytes(r))
        return -ENOSPC;
      n += ceil_div(r->place[i].out, rows);
    }
  f->step = calloc(n ? n : 1, sizeof(*f->step));
  if (!f->step)
    return -ENOMEM;
  for (uint32_t i = 0; i < r->n; i++) {
    const struct shira_place *pl = &r->place[i];
    if (!pl->target)
      continue;
    uint32_t rows = step_rows(r, pl);
    for (uint32_t row = 0; row < pl->out; row += rows)
      f->step[f->n++] = (struct fuse_step){.linear = i,
                                           .half = half,
                                           .row = row,
                                           .rows = pl->out - row < rows ? pl->out - row : rows};
    half ^= 1;
  }
  return 0;
}

// Products that must be done before step `k` may overwrite the scratch of the linear that had it.
static uint32_t needs_computed(const struct fuse *f, uint32_t k) {
  if (f->step[k].row)
    return 0;
  for (uint32_t i = k; i-- > 0;)
    if (f->step[i].half == f->step[k].half)
      return i + 1;
  return 0;
}

// A^T and the rows of B of one adapter.
static int fetch_factors(struct fuse *f, uint32_t k, uint32_t which, uint8_t signal) {
  const struct shira_placement *r = f->r;
  const struct fuse_step *st = &f->step[k];
  const struct shira_place *pl = &r->place[st->linear];
  uint64_t fused = factors(f, which)->fused;
  struct wait scratch = {SEM_COMPUTED, needs_computed(f, k)};
  int rc = 0;
  if (st->row == 0)
    rc = emit_copy(f->p, SHIRA_SPACE_MEMORY, fused + pl->at_off, SHIRA_SPACE_WEIGHT,
                   at_addr(f, st, which), pl->bt_off - pl->at_off, SHIRA_TRAFFIC_FACTOR, scratch,
                   NO_WAIT, SEM_NONE);
  if (rc)
    return rc;
  uint32_t off = st->row * r->rank_pad;
  return emit_copy(f->p, SHIRA_SPACE_MEMORY, fused + pl->bt_off + off, SHIRA_SPACE_ACTIVATION,
                   b_addr(f, st, which) + off, st->rows * r->rank_pad, SHIRA_TRAFFIC_FACTOR,
                   NO_WAIT, NO_WAIT, signal);
}

// Offset of a step's weights in the images, and their bytes.
static uint32_t image_part(const struct fuse *f, const struct fuse_step *st, uint32_t *bytes) {
  const struct shira_place *pl = &f->r->place[st->linear];
  uint32_t row = tile_row_bytes(f->r, pl), n = f->r->hw->array_n;
  *bytes = ceil_div(st->rows, n) * row;
  return pl->weight_addr + st->row / n * row;
}

static int fetch(struct fuse *f, uint32_t k) {
  struct fuse_step *st = &f->step[k];
  const bool weights = f->plan->source != 0;
  int rc = 0;
  for (uint32_t w = 0; !rc && w < PRODUCTS; w++)
    if (factors(f, w)->fused)
      rc = fetch_factors(f, k, w, w == last_product(f) && !weights ? SEM_LOADED : SEM_NONE);
  if (!rc && weights) {
    uint32_t bytes, off = image_part(f, st, &bytes), slots = f->r->slots;
    struct wait slot = {SEM_STORED, f->r->streamed && k >= slots ? k - slots + 1 : 0};
    rc = emit_copy(f->p, SHIRA_SPACE_MEMORY, f->plan->source + off, SHIRA_SPACE_WEIGHT,
                   weights_at(f, k), bytes, SHIRA_TRAFFIC_WEIGHT, slot, NO_WAIT, SEM_LOADED);
  }
  st->loaded = (struct wait){SEM_LOADED, f->p->signals[SEM_LOADED]};
  return rc;
}

// One rounded product onto the step's weights.
static int product(struct fuse *f, uint32_t k, uint32_t which, struct wait wait, uint8_t signal) {
  const struct shira_placement *r = f->r;
  const struct fuse_step *st = &f->step[k];
  const struct shira_place *pl = &r->place[st->linear];
  union shira_descriptor *d = emit(f->p, SHIRA_OPCODE_GEMM, wait, NO_WAIT, signal);
  if (!d)
    return -ENOMEM;
  uint32_t bytes;
  image_part(f, st, &bytes);
  d->gemm.out = SHIRA_GEMM_OUT_WADD;
  d->gemm.seed = SHIRA_GEMM_SEED_ZERO;
  d->gemm.tokens = st->rows;
  d->gemm.n_tiles = pl->k_tiles; // output tiles of A^T x B^T are column tiles of W
  d->gemm.k_tiles = r->h_pad / r->hw->array_k;
  d->gemm.w_addr = at_addr(f, st, which);
  d->gemm.x_addr = b_addr(f, st, which) + st->row * r->rank_pad;
  d->gemm.x_stride = r->rank_pad;
  d->gemm.out_addr = weights_at(f, k);
  d->gemm.src_addr = d->gemm.out_addr;
  d->gemm.image_k_tiles = pl->k_tiles;
  d->gemm.out_scale = factors(f, which)->scale[st->linear];
  d->gemm.win_lo = d->gemm.out_addr;
  d->gemm.win_hi = d->gemm.out_addr + bytes;
  return 0;
}

static int compute(struct fuse *f, uint32_t k) {
  struct wait wait = f->step[k].loaded;
  int rc = 0;
  for (uint32_t w = 0; !rc && w < PRODUCTS; w++)
    if (factors(f, w)->fused) {
      rc = product(f, k, w, wait, w == last_product(f) ? SEM_COMPUTED : SEM_NONE);
      wait = NO_WAIT;
    }
  return rc;
}

static int store(struct fuse *f, uint32_t k) {
  if (!f->r->streamed)
    return 0;
  uint32_t bytes, off = image_part(f, &f->step[k], &bytes);
  struct wait computed = {SEM_COMPUTED, k + 1};
  return emit_copy(f->p, SHIRA_SPACE_WEIGHT, weights_at(f, k), SHIRA_SPACE_MEMORY,
                   f->plan->home + off, bytes, SHIRA_TRAFFIC_WEIGHT, computed, NO_WAIT, SEM_STORED);
}

int shira_plan_fuse(struct shira_program *p, const struct shira_placement *r,
                    const struct shira_fuse *plan) {
  struct fuse f = {.p = p, .r = r, .plan = plan};
  int rc = build_steps(&f);
  uint32_t ahead = r->streamed ? r->slots - 2 : 0;
  for (uint32_t j = 0; !rc && j < f.n; j++) {
    for (; !rc && f.fetched < f.n && f.fetched <= j + ahead && needs_computed(&f, f.fetched) <= j;
         f.fetched++)
      rc = fetch(&f, f.fetched);
    if (!rc && j)
      rc = store(&f, j - 1);
    if (!rc)
      rc = compute(&f, j);
  }
  if (!rc && f.n)
    rc = store(&f, f.n - 1);
  free(f.step);
  return rc;
}
