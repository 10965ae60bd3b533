// Where the linears of a workload lie in the SRAMs.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/plan/emit.h"

// Chunks of streamed weights: large enough that a load takes much longer than its latency, and
// enough of them that one loads, one is patched or fused, and one is computed with.
#define CHUNK_BYTES 65536u
#define MOST_SLOTS 4u
#define LEAST_SLOTS 2u
#define RING_SHARE                                                                                 \
  2u // the ring takes at most one part in so many of the SRAM, so that room for
     // factors does not change it

uint32_t shira_token_bytes(const struct shira_machine *hw, uint32_t features) {
  uint32_t beat = hw->axi_data_bits / 8;
  uint32_t align = hw->array_k > beat ? hw->array_k : beat;
  return round_up(features, align);
}

uint64_t shira_inputs_bytes(const struct shira_placement *r, uint32_t tokens) {
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < r->n; i++)
    if (i == 0 || r->place[i].group != r->place[i - 1].group)
      bytes += (uint64_t)tokens * shira_token_bytes(r->hw, r->place[i].in);
  return bytes;
}

uint64_t shira_outputs_bytes(const struct shira_placement *r, uint32_t tokens) {
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < r->n; i++)
    bytes += (uint64_t)tokens * shira_token_bytes(r->hw, r->place[i].out);
  return bytes;
}

uint32_t shira_chunk_rows(const struct shira_placement *r, const struct shira_place *pl) {
  uint32_t rows = r->slot_bytes / tile_row_bytes(r, pl);
  return rows < pl->n_tiles ? rows : pl->n_tiles;
}

uint32_t shira_chunks(const struct shira_placement *r, const struct shira_place *pl) {
  return ceil_div(pl->n_tiles, shira_chunk_rows(r, pl));
}

// `what` with `name` is all that needs the bytes: "linears up to 'a.b'".
static int check_fit(const struct shira_machine *hw, const char *memory, uint64_t have,
                     uint64_t need, const char *what, const char *name, struct shira_error *err) {
  if (need <= have)
    return 0;
  return shira_fail(err, ENOSPC, "%s: %s '%s' need %llu bytes, machine '%s' has %llu", memory, what,
                    name, (unsigned long long)need, hw->name, (unsigned long long)have);
}

static int place_linear(struct shira_placement *r, struct shira_place *p,
                        const struct shira_linear *l, uint64_t *weights, uint64_t *params,
                        struct shira_error *err) {
  const struct shira_machine *hw = r->hw;
  p->out = l->out;
  p->in = l->in;
  p->n_tiles = ceil_div(l->out, hw->array_n);
  p->k_tiles = ceil_div(l->in, hw->array_k);
  uint64_t image = (uint64_t)p->n_tiles * p->k_tiles * hw->array_n * hw->array_k;
  // In rows each linear's streams name its image, in memory by an address that is aligned to
  // bursts.
  if (hw->layout == SHIRA_LAYOUT_ROW && *weights % hw->memory_burst_bytes)
    *weights += hw->memory_burst_bytes - *weights % hw->memory_burst_bytes;
  p->weight_addr = (uint32_t)*weights;
  p->param_addr = (uint32_t)*params;
  *weights += image;
  *params += (uint64_t)p->n_tiles * hw->array_n * SHIRA_PARAM_BYTES;
  // Stop before a 32-bit field could wrap.
  uint64_t most = r->streamed ? UINT32_MAX : hw->weight_bytes;
  int rc = check_fit(hw, r->streamed ? "images" : "weight SRAM", most, *weights, "linears up to",
                     l->name, err);
  if (!rc)
    rc = check_fit(hw, "parameter SRAM", hw->parameter_bytes, *params, "linears up to", l->name,
                   err);
  p->image_bytes = (uint32_t)image;
  return rc;
}

// Slots of streamed weights, in what the factors leave of the weight SRAM.
static int place_slots(struct shira_placement *r, const char *name, struct shira_error *err) {
  const uint32_t all = r->hw->weight_bytes, n = r->hw->array_n, k = r->hw->array_k;
  const uint32_t left = r->factor_bytes < all ? all - r->factor_bytes : 0;
  uint32_t most = all / RING_SHARE < left ? all / RING_SHARE : left;
  uint32_t chunk = CHUNK_BYTES < most / MOST_SLOTS ? CHUNK_BYTES : most / MOST_SLOTS;
  r->slot_bytes = chunk - chunk % (n * k);
  for (uint32_t i = 0; i < r->n; i++)
    if (tile_row_bytes(r, &r->place[i]) > r->slot_bytes)
      r->slot_bytes = tile_row_bytes(r, &r->place[i]);
  r->slots = left / r->slot_bytes < MOST_SLOTS ? left / r->slot_bytes : MOST_SLOTS;
  r->factor_addr = r->slots * r->slot_bytes;
  return check_fit(r->hw, "weight SRAM", all,
                   r->factor_bytes + LEAST_SLOTS * (uint64_t)r->slot_bytes,
                   "LoRA factors and two chunks of streamed weights of", name, err);
}

int shira_placement_init(struct shira_placement *r, const struct shira_machine *hw,
                         const struct shira_model *model, bool streamed, uint32_t factor_bytes,
                         struct shira_error *err) {
  memset(r, 0, sizeof(*r));
  r->hw = hw;
  r->streamed = streamed;
  r->n = model->n_linears;
  r->factor_bytes = factor_bytes;
  r->place = calloc(r->n, sizeof(*r->place));
  if (!r->place)
    return shira_fail(err, ENOMEM, "out of memory");
  uint64_t weights = 0, params = 0;
  int rc = 0;
  for (uint32_t i = 0; !rc && i < r->n; i++) {
    r->place[i].group = i ? r->place[i - 1].group + !same_input(model, i) : 0;
    rc = place_linear(r, &r->place[i], &model->linears[i], &weights, &params, err);
  }
  r->weight_bytes = (uint32_t)weights;
  r->param_bytes = (uint32_t)params;
  r->factor_addr = r->weight_bytes;
  if (!rc && streamed)
    rc = place_slots(r, model->name, err);
  else if (!rc)
    rc = check_fit(hw, "weight SRAM", hw->weight_bytes, weights + factor_bytes,
                   "linears and LoRA factors of", model->name, err);
  if (rc)
    shira_placement_free(r);
  return rc;
}

void shira_placement_free(struct shira_placement *r) {
  free(r->place);
  memset(r, 0, sizeof(*r));
}
