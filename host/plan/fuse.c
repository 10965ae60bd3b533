// lora-fused: W' = W + BA on the array, some rows of a linear at a step. What a step needs is
// loaded behind the products of the steps before it. Linears that only lose a product come from the
// clean copy, a piece of them between two steps.
#include <errno.h>
#include <stdlib.h>

#include "host/plan/emit.h"

// Rows of a step with resident weights. Small, so that the first product starts after little has
// been loaded; 64 rows of a 2048-wide matrix at rank 32 are still 16,384 cycles.
#define FUSE_ROWS 64u

enum { REMOVE, ADD, PRODUCTS };

// Some rows of a linear.
struct fuse_step {
  uint32_t linear;
  uint32_t half;      // of the scratch: linears take turns
  uint32_t row, rows; // of the matrix, a multiple of array_n but at its end
  struct wait loaded;
};

struct fuse_steps {
  struct fuse_step *at;
  uint32_t n, capacity;
};

struct fuse {
  struct shira_program *p;
  const struct shira_placement *r;
  const struct shira_fuse *plan;
  uint32_t products;          // of the whole program
  struct fuse_steps step;     // with products
  struct fuse_steps restore;  // without: from the clean copy as they are
  uint32_t fetched, restored; // of both
};

static const struct shira_fuse_product *product_of(const struct fuse *f, uint32_t which) {
  return which == REMOVE ? &f->plan->remove : &f->plan->add;
}

static bool has_product(const struct fuse *f, uint32_t which, uint32_t linear) {
  return has_module(product_of(f, which)->factors, linear);
}

static uint32_t last_product(const struct fuse *f, uint32_t linear) {
  return has_product(f, ADD, linear) ? ADD : REMOVE;
}

// The step's weights come from memory; else they are in the weight SRAM.
static bool from_memory(const struct fuse *f, const struct fuse_step *st) {
  return f->r->streamed || has_module(f->plan->replace, st->linear);
}

// Part of the scratch: linears take turns, and where there is only one product it takes all.
static uint32_t part_of(const struct fuse *f, const struct fuse_step *st, uint32_t which) {
  return st->half * f->products + (f->products > 1 ? which : 0);
}

static uint32_t b_bytes(const struct fuse *f) {
  return f->r->hw->activation_bytes / (2 * f->products);
}

// Activation SRAM: all rows of B of a linear.
static uint32_t b_addr(const struct fuse *f, const struct fuse_step *st, uint32_t which) {
  return part_of(f, st, which) * b_bytes(f);
}

static uint32_t at_addr(const struct fuse *f, const struct fuse_step *st, uint32_t which) {
  return f->r->factor_addr +
         part_of(f, st, which) * fuse_part(f->plan->remove.factors, f->plan->add.factors);
}

// Weight SRAM: the first row of a step.
static uint32_t weights_at(const struct fuse *f, uint32_t k) {
  const struct fuse_step *st = &f->step.at[k];
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

// The rows of B of each product of a linear fit their part of the activation SRAM.
static bool fits(const struct fuse *f, uint32_t linear) {
  for (uint32_t w = 0; w < PRODUCTS; w++)
    if (has_product(f, w, linear) &&
        (uint64_t)f->r->place[linear].out * product_of(f, w)->factors->of[linear].rank_pad >
            b_bytes(f))
      return false;
  return true;
}

// Cuts a linear into steps.
static int add_steps(struct fuse *f, struct fuse_steps *to, uint32_t linear, uint32_t half) {
  const struct shira_place *pl = &f->r->place[linear];
  const uint32_t rows = step_rows(f->r, pl);
  if (!rows)
    return -ENOSPC;
  for (uint32_t row = 0; row < pl->out; row += rows) {
    if (to->n == to->capacity) {
      uint32_t capacity = to->capacity ? 2 * to->capacity : 64;
      struct fuse_step *at = realloc(to->at, capacity * sizeof(*at));
      if (!at)
        return -ENOMEM;
      to->at = at;
      to->capacity = capacity;
    }
    to->at[to->n++] = (struct fuse_step){.linear = linear,
                                         .half = half,
                                         .row = row,
                                         .rows = pl->out - row < rows ? pl->out - row : rows};
  }
  return 0;
}

static int build_steps(struct fuse *f) {
  const struct shira_fuse *plan = f->plan;
  uint32_t half = 0;
  int rc =
      shira_fuse_bytes(plan->remove.factors, plan->add.factors) > f->r->factor_bytes ? -ENOSPC : 0;
  for (uint32_t i = 0; !rc && i < f->r->n; i++) {
    if (has_product(f, REMOVE, i) || has_product(f, ADD, i)) {
      rc = fits(f, i) ? add_steps(f, &f->step, i, half) : -ENOSPC;
      half ^= 1;
    } else if (has_module(plan->replace, i)) {
      rc = add_steps(f, &f->restore, i, 0);
    }
  }
  return rc;
}

// Products that must be done before step `k` may overwrite the scratch of the linear that had it.
static uint32_t needs_computed(const struct fuse *f, uint32_t k) {
  const struct fuse_step *step = f->step.at;
  if (step[k].row)
    return 0;
  for (uint32_t i = k; i-- > 0;)
    if (step[i].half == step[k].half)
      return i + 1;
  return 0;
}

// A^T and the rows of B of one adapter.
static int fetch_factors(struct fuse *f, uint32_t k, uint32_t which, uint8_t signal) {
  const struct fuse_step *st = &f->step.at[k];
  const struct shira_factor *o = &product_of(f, which)->factors->of[st->linear];
  uint64_t fused = product_of(f, which)->fused;
  struct wait scratch = {SEM_COMPUTED, needs_computed(f, k)};
  int rc = 0;
  if (st->row == 0)
    rc = emit_copy(f->p, SHIRA_SPACE_MEMORY, fused + o->at_off, SHIRA_SPACE_WEIGHT,
                   at_addr(f, st, which), o->bt_off - o->at_off, SHIRA_TRAFFIC_FACTOR, scratch,
                   NO_WAIT, SEM_NONE);
  if (rc)
    return rc;
  uint32_t off = st->row * o->rank_pad;
  return emit_copy(f->p, SHIRA_SPACE_MEMORY, fused + o->bt_off + off, SHIRA_SPACE_ACTIVATION,
                   b_addr(f, st, which) + off, st->rows * o->rank_pad, SHIRA_TRAFFIC_FACTOR,
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
  struct fuse_step *st = &f->step.at[k];
  const bool weights = from_memory(f, st);
  int rc = 0;
  for (uint32_t w = 0; !rc && w < PRODUCTS; w++)
    if (has_product(f, w, st->linear))
      rc = fetch_factors(f, k, w,
                         w == last_product(f, st->linear) && !weights ? SEM_LOADED : SEM_NONE);
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
  const struct fuse_step *st = &f->step.at[k];
  const struct shira_place *pl = &r->place[st->linear];
  const struct shira_factor *o = &product_of(f, which)->factors->of[st->linear];
  union shira_descriptor *d = emit(f->p, SHIRA_OPCODE_GEMM, wait, NO_WAIT, signal);
  if (!d)
    return -ENOMEM;
  uint32_t bytes;
  image_part(f, st, &bytes);
  d->gemm.out = SHIRA_GEMM_OUT_WADD;
  d->gemm.seed = SHIRA_GEMM_SEED_ZERO;
  d->gemm.tokens = st->rows;
  d->gemm.n_tiles = pl->k_tiles; // output tiles of A^T x B^T are column tiles of W
  d->gemm.k_tiles = o->h_pad / r->hw->array_k;
  d->gemm.w_addr = at_addr(f, st, which);
  d->gemm.x_addr = b_addr(f, st, which) + st->row * o->rank_pad;
  d->gemm.x_stride = o->rank_pad;
  d->gemm.out_addr = weights_at(f, k);
  d->gemm.src_addr = d->gemm.out_addr;
  d->gemm.image_k_tiles = pl->k_tiles;
  d->gemm.out_scale = product_of(f, which)->scale[st->linear];
  d->gemm.win_lo = d->gemm.out_addr;
  d->gemm.win_hi = d->gemm.out_addr + bytes;
  return 0;
}

static int compute(struct fuse *f, uint32_t k) {
  const uint32_t linear = f->step.at[k].linear;
  struct wait wait = f->step.at[k].loaded;
  int rc = 0;
  for (uint32_t w = 0; !rc && w < PRODUCTS; w++)
    if (has_product(f, w, linear)) {
      rc = product(f, k, w, wait, w == last_product(f, linear) ? SEM_COMPUTED : SEM_NONE);
      wait = NO_WAIT;
    }
  return rc;
}

static int store(struct fuse *f, uint32_t k) {
  if (!f->r->streamed)
    return 0;
  uint32_t bytes, off = image_part(f, &f->step.at[k], &bytes);
  struct wait computed = {SEM_COMPUTED, k + 1};
  return emit_copy(f->p, SHIRA_SPACE_WEIGHT, weights_at(f, k), SHIRA_SPACE_MEMORY,
                   f->plan->home + off, bytes, SHIRA_TRAFFIC_WEIGHT, computed, NO_WAIT, SEM_STORED);
}

// Restores up to piece `end`, neighbours as one move.
static int restore(struct fuse *f, uint32_t end) {
  const bool streamed = f->r->streamed;
  int rc = 0;
  while (!rc && f->restored < end) {
    uint32_t bytes, more, off = image_part(f, &f->restore.at[f->restored++], &bytes);
    while (f->restored < end && image_part(f, &f->restore.at[f->restored], &more) == off + bytes) {
      bytes += more;
      f->restored++;
    }
    rc = emit_copy(f->p, SHIRA_SPACE_MEMORY, f->plan->source + off,
                   streamed ? SHIRA_SPACE_MEMORY : SHIRA_SPACE_WEIGHT,
                   streamed ? f->plan->home + off : off, bytes, SHIRA_TRAFFIC_WEIGHT, NO_WAIT,
                   NO_WAIT, SEM_NONE);
  }
  return rc;
}

// Restores are spread evenly between the steps: COPY has time for them while GEMM works.
static int emit_all(struct fuse *f) {
  const uint32_t n = f->step.n, ahead = f->r->streamed ? f->r->slots - 2 : 0;
  int rc = 0;
  for (uint32_t j = 0; !rc && j < n; j++) {
    for (; !rc && f->fetched < n && f->fetched <= j + ahead && needs_computed(f, f->fetched) <= j;
         f->fetched++)
      rc = fetch(f, f->fetched);
    if (!rc && j)
      rc = store(f, j - 1);
    if (!rc)
      rc = compute(f, j);
    if (!rc)
      rc = restore(f, (uint32_t)((uint64_t)f->restore.n * (j + 1) / n));
  }
  if (!rc)
    rc = restore(f, f->restore.n);
  return rc || !n ? rc : store(f, n - 1);
}

int shira_plan_fuse(struct shira_program *p, const struct shira_placement *r,
                    const struct shira_fuse *plan) {
  struct fuse f = {.p = p, .r = r, .plan = plan};
  f.products = fuse_products(plan->remove.factors, plan->add.factors);
  int rc = build_steps(&f);
  if (!rc)
    rc = emit_all(&f);
  free(f.step.at);
  free(f.restore.at);
  return rc;
}
