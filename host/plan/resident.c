// Where the linears of a workload lie in the SRAMs.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/plan/emit.h"

uint32_t shira_token_bytes(const struct shira_machine *hw, uint32_t features) {
  uint32_t beat = hw->axi_data_bits / 8;
  uint32_t align = hw->array_k > beat ? hw->array_k : beat;
  return round_up(features, align);
}

uint64_t shira_inputs_bytes(const struct shira_resident *r, uint32_t tokens) {
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < r->n; i++)
    bytes += (uint64_t)tokens * shira_token_bytes(r->hw, r->place[i].in);
  return bytes;
}

uint64_t shira_outputs_bytes(const struct shira_resident *r, uint32_t tokens) {
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < r->n; i++)
    bytes += (uint64_t)tokens * shira_token_bytes(r->hw, r->place[i].out);
  return bytes;
}

// `what` with `name` is all that needs the bytes: "linears up to 'a.b'".
static int check_fit(const struct shira_machine *hw, const char *memory, uint64_t have,
                     uint64_t need, const char *what, const char *name, struct shira_error *err) {
  if (need <= have)
    return 0;
  return shira_fail(err, ENOSPC, "%s: %s '%s' need %llu bytes, machine '%s' has %llu", memory, what,
                    name, (unsigned long long)need, hw->name, (unsigned long long)have);
}

// Offsets of one targeted linear's factors in both blobs; each part a whole number of beats.
static void place_factors(struct shira_resident *r, struct shira_place *p, uint64_t *unfused,
                          uint64_t *fused) {
  const struct shira_machine *hw = r->hw;
  uint32_t tile = hw->array_n * hw->array_k;
  uint32_t n_rank = ceil_div(r->rank, hw->array_n);
  uint32_t k_rank = ceil_div(r->rank, hw->array_k);
  p->a_off = (uint32_t)*unfused;
  *unfused += (uint64_t)n_rank * p->k_tiles * tile;
  p->b_off = (uint32_t)*unfused;
  *unfused += (uint64_t)p->n_tiles * k_rank * tile;
  p->at_off = (uint32_t)*fused;
  *fused += (uint64_t)ceil_div(p->in, hw->array_n) * k_rank * tile;
  p->bt_off = (uint32_t)*fused;
  *fused += (uint64_t)p->out * r->rank_pad;
}

int shira_resident_init(struct shira_resident *r, const struct shira_machine *hw,
                        const struct shira_model *model, uint32_t rank, struct shira_error *err) {
  memset(r, 0, sizeof(*r));
  r->hw = hw;
  r->n = model->n_linears;
  r->rank = rank;
  r->rank_pad = rank ? shira_token_bytes(hw, rank) : 0;
  r->place = calloc(r->n, sizeof(*r->place));
  if (!r->place)
    return shira_fail(err, ENOMEM, "out of memory");
  uint32_t tile = hw->array_n * hw->array_k;
  uint64_t weights = 0, params = 0, unfused = 0, fused = 0;
  uint32_t at_bytes = 0;
  for (uint32_t i = 0; i < r->n; i++) {
    const struct shira_linear *l = &model->linears[i];
    struct shira_place *p = &r->place[i];
    p->out = l->out;
    p->in = l->in;
    p->target = l->target;
    p->n_tiles = ceil_div(l->out, hw->array_n);
    p->k_tiles = ceil_div(l->in, hw->array_k);
    uint64_t image = (uint64_t)p->n_tiles * p->k_tiles * tile;
    p->weight_addr = (uint32_t)weights;
    p->param_addr = (uint32_t)params;
    weights += image;
    params += (uint64_t)p->n_tiles * hw->array_n * SHIRA_PARAM_BYTES;
    // Stop before a 32-bit field could wrap: nothing this large fits an SRAM.
    if (check_fit(hw, "weight SRAM", hw->weight_bytes, weights, "linears up to", l->name, err) ||
        check_fit(hw, "parameter SRAM", hw->parameter_bytes, params, "linears up to", l->name, err))
      goto nospace;
    p->image_bytes = (uint32_t)image;
    if (rank && p->target) {
      place_factors(r, p, &unfused, &fused);
      uint32_t at = p->bt_off - p->at_off;
      at_bytes = at > at_bytes ? at : at_bytes;
    }
  }
  uint64_t scratch = unfused > 2ull * at_bytes ? unfused : 2ull * at_bytes;
  if (check_fit(hw, "weight SRAM", hw->weight_bytes, weights + scratch,
                "linears and LoRA factors of", model->name, err))
    goto nospace;
  r->weight_bytes = (uint32_t)weights;
  r->param_bytes = (uint32_t)params;
  r->factor_addr = (uint32_t)weights;
  r->unfused_bytes = (uint32_t)unfused;
  r->fused_bytes = (uint32_t)fused;
  r->at_addr[0] = (uint32_t)weights;
  r->at_addr[1] = (uint32_t)weights + at_bytes;
  return 0;
nospace:
  shira_resident_free(r);
  return -ENOSPC;
}

void shira_resident_free(struct shira_resident *r) {
  free(r->place);
  memset(r, 0, sizeof(*r));
}
