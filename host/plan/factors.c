// Where the factors of a LoRA adapter lie in its blobs.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/plan/emit.h"

// Sizes of one module's parts, in its own tiles.
static void pad_rank(struct shira_factor *f, const struct shira_machine *hw, uint32_t rank) {
  f->rank = rank;
  f->rank_pad = shira_token_bytes(hw, rank);
  f->h_pad = round_up(rank, hw->array_n);
}

// The parts of linears [first, end), which share an input, behind what the blobs have already:
// unfused all A's, then all B's.
static void place_group(struct shira_factors *f, const struct shira_machine *hw,
                        const struct shira_model *model, uint32_t first, uint32_t end,
                        uint64_t *unfused, uint64_t *fused) {
  const uint64_t tile = (uint64_t)hw->array_n * hw->array_k;
  for (uint32_t i = first; i < end; i++) {
    struct shira_factor *o = &f->of[i];
    o->a_off = o->rank ? (uint32_t)*unfused : 0;
    *unfused += o->h_pad / hw->array_n * tile * ceil_div(model->linears[i].in, hw->array_k);
  }
  for (uint32_t i = first; i < end; i++) {
    struct shira_factor *o = &f->of[i];
    const struct shira_linear *l = &model->linears[i];
    if (!o->rank)
      continue;
    const uint64_t at = o->h_pad / hw->array_n * tile * ceil_div(l->in, hw->array_n);
    o->b_off = (uint32_t)*unfused;
    o->at_off = (uint32_t)*fused;
    o->bt_off = (uint32_t)(*fused + at);
    *unfused += o->h_pad / hw->array_n * tile * ceil_div(l->out, hw->array_n);
    *fused += at + (uint64_t)l->out * o->rank_pad;
    f->at_bytes = at > f->at_bytes ? (uint32_t)at : f->at_bytes;
  }
}

int shira_factors_init(struct shira_factors *f, const struct shira_machine *hw,
                       const struct shira_model *model, const uint32_t *rank,
                       struct shira_error *err) {
  uint64_t unfused = 0, fused = 0;
  memset(f, 0, sizeof(*f));
  f->n = model->n_linears;
  f->of = calloc(f->n, sizeof(*f->of));
  if (!f->of)
    return shira_fail(err, ENOMEM, "out of memory");
  for (uint32_t i = 0; i < f->n; i++)
    if (rank[i])
      pad_rank(&f->of[i], hw, rank[i]);
  for (uint32_t i = 0, end; i < f->n && unfused <= UINT32_MAX && fused <= UINT32_MAX; i = end) {
    for (end = i + 1; end < f->n && same_input(model, end);)
      end++;
    place_group(f, hw, model, i, end, &unfused, &fused);
  }
  f->unfused_bytes = (uint32_t)unfused;
  f->fused_bytes = (uint32_t)fused;
  if (unfused <= UINT32_MAX && fused <= UINT32_MAX)
    return 0;
  shira_factors_free(f);
  return shira_fail(err, ENOSPC, "LoRA factors of '%s' need %llu bytes; at most %u", model->name,
                    (unsigned long long)(unfused > fused ? unfused : fused), UINT32_MAX);
}

void shira_factors_free(struct shira_factors *f) {
  free(f->of);
  memset(f, 0, sizeof(*f));
}

uint64_t shira_fuse_bytes(const struct shira_factors *remove, const struct shira_factors *add) {
  return 2 * fuse_products(remove, add) * (uint64_t)fuse_part(remove, add);
}
