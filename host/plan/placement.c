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
  p->target = l->target;
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

// Offsets of the factors of the targeted linears in both blobs; each part a whole number of beats.
// Returns the bytes of the largest A^T.
static uint32_t place_factors(struct shira_placement *r) {
  const struct shira_machine *hw = r->hw;
  uint32_t tile = hw->array_n * hw->array_k, rank_tiles = r->h_pad / hw->array_n, most = 0;
  uint64_t unfused = 0, fused = 0;
  for (uint32_t first = 0, next; first < r->n; first = next) {
    next = group_end(r, first);
    for (uint32_t i = first; i < next; i++) {
      struct shira_place *p = &r->place[i];
      p->a_off = (uint32_t)unfused;
      if (p->target)
        unfused += (uint64_t)rank_tiles * p->k_tiles * tile;
    }
    for (uint32_t i = first; i < next; i++) {
      struct shira_place *p = &r->place[i];
      if (!p->target)
        continue;
      uint32_t at = ceil_div(p->in, hw->array_n) * rank_tiles * tile;
      p->b_off = (uint32_t)unfused;
      unfused += (uint64_t)p->n_tiles * rank_tiles * tile;
      p->at_off = (uint32_t)fused;
      p->bt_off = p->at_off + at;
      fused += (uint64_t)at + (uint64_t)p->out * r->rank_pad;
      most = at > most ? at : most;
    }
  }
  r->unfused_bytes = (uint32_t)unfused;
  r->fused_bytes = (uint32_t)fused;
  return most;
}

// Slots of streamed weights in what is left of the weight SRAM.
static int place_slots(struct shira_placement *r, uint32_t scratch, const char *name,
                       struct shira_error *err) {
  uint32_t slot = 0, left = scratch < r->hw->weight_bytes ? r->hw->weight_bytes - scratch : 0;
  for (uint32_t i = 0; i < r->n; i++) {
    uint32_t row = tile_row_bytes(r, &r->place[i]);
    slot = row > slot ? row : slot;
  }
  uint32_t more = CHUNK_BYTES < left / MOST_SLOTS ? CHUNK_BYTES : left / MOST_SLOTS;
  more -= more % (r->hw->array_n * r->hw->array_k);
  r->slot_addr = scratch;
  r->slot_bytes = slot > more ? slot : more;
  r->slots = left / r->slot_bytes < MOST_SLOTS ? left / r->slot_bytes : MOST_SLOTS;
  return check_fit(r->hw, "weight SRAM", r->hw->weight_bytes,
                   (uint64_t)scratch + LEAST_SLOTS * (uint64_t)r->slot_bytes,
                   "LoRA factors and two chunks of streamed weights of", name, err);
}

int shira_placement_init(struct shira_placement *r, const struct shira_machine *hw,
                         const struct shira_model *model,
                         const struct shira_placement_options *options, struct shira_error *err) {
  memset(r, 0, sizeof(*r));
  r->hw = hw;
  r->streamed = options->streamed;
  r->n = model->n_linears;
  r->rank = options->rank;
  r->products = options->in_place ? 2 : 1;
  r->rank_pad = r->rank ? shira_token_bytes(hw, r->rank) : 0;
  r->h_pad = round_up(r->rank, hw->array_n);
  r->place = calloc(r->n, sizeof(*r->place));
  if (!r->place)
    return shira_fail(err, ENOMEM, "out of memory");
  uint64_t weights = 0, params = 0;
  int rc = 0;
  for (uint32_t i = 0; !rc && i < r->n; i++) {
    bool same = i && model->linears[i].input_group == model->linears[i - 1].input_group;
    r->place[i].group = i ? r->place[i - 1].group + !same : 0;
    rc = place_linear(r, &r->place[i], &model->linears[i], &weights, &params, err);
  }
  if (!rc) {
    uint32_t at_bytes = r->rank ? place_factors(r) : 0;
    uint64_t unfused = (uint64_t)options->adapters * r->unfused_bytes;
    uint64_t fused = 2ull * r->products * at_bytes, scratch = unfused > fused ? unfused : fused;
    r->weight_bytes = (uint32_t)weights;
    r->param_bytes = (uint32_t)params;
    r->factor_addr = r->streamed ? 0 : (uint32_t)weights;
    for (uint32_t i = 0; i < 2 * r->products; i++)
      r->at_addr[i] = r->factor_addr + i * at_bytes;
    rc = check_fit(hw, "weight SRAM", hw->weight_bytes, r->factor_addr + scratch,
                   "linears and LoRA factors of", model->name, err);
    if (!rc && r->streamed)
      rc = place_slots(r, (uint32_t)scratch, model->name, err);
  }
  if (rc)
    shira_placement_free(r);
  return rc;
}

void shira_placement_free(struct shira_placement *r) {
  free(r->place);
  memset(r, 0, sizeof(*r));
}
