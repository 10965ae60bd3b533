// The switches that are one move or one stream, and what surrounds them.
#include <errno.h>

#include "host/plan/emit.h"

// Images from `from` in memory to `to` in a space, neighbours as one move.
static int copy_images(struct shira_program *p, const struct shira_placement *r, uint64_t from,
                       uint8_t space, uint64_t to, const bool *linears) {
  for (uint32_t i = 0, next; i < r->n; i = next) {
    next = i + 1;
    if (linears && !linears[i])
      continue;
    while (next < r->n && (!linears || linears[next]))
      next++;
    uint32_t begin = r->place[i].weight_addr;
    uint32_t end = r->place[next - 1].weight_addr + r->place[next - 1].image_bytes;
    int rc = emit_copy(p, SHIRA_SPACE_MEMORY, from + begin, space, to + begin, end - begin,
                       SHIRA_TRAFFIC_WEIGHT, NO_WAIT, NO_WAIT, SEM_NONE);
    if (rc)
      return rc;
  }
  return 0;
}

int shira_plan_images(struct shira_program *p, const struct shira_placement *r, uint64_t images,
                      const bool *linears) {
  return copy_images(p, r, images, SHIRA_SPACE_WEIGHT, 0, linears);
}

int shira_plan_copy_images(struct shira_program *p, const struct shira_placement *r, uint64_t from,
                           uint64_t to, const bool *linears) {
  return copy_images(p, r, from, SHIRA_SPACE_MEMORY, to, linears);
}

int shira_plan_params(struct shira_program *p, const struct shira_placement *r, uint64_t params) {
  uint32_t bytes = round_up(r->param_bytes, r->hw->axi_data_bits / 8);
  return emit_copy(p, SHIRA_SPACE_MEMORY, params, SHIRA_SPACE_PARAMETER, 0, bytes,
                   SHIRA_TRAFFIC_PARAMETER, NO_WAIT, NO_WAIT, SEM_NONE);
}

int shira_plan_readback(struct shira_program *p, const struct shira_placement *r, uint64_t dst) {
  return emit_copy(p, SHIRA_SPACE_WEIGHT, 0, SHIRA_SPACE_MEMORY, dst, r->weight_bytes,
                   SHIRA_TRAFFIC_CHECK, NO_WAIT, NO_WAIT, SEM_NONE);
}

int shira_plan_factors(struct shira_program *p, const struct shira_placement *r,
                       const struct shira_factors *f, uint64_t unfused, uint32_t at) {
  if (!f->unfused_bytes)
    return 0;
  if ((uint64_t)at + f->unfused_bytes > r->factor_bytes)
    return -ENOSPC;
  return emit_copy(p, SHIRA_SPACE_MEMORY, unfused, SHIRA_SPACE_WEIGHT, r->factor_addr + at,
                   f->unfused_bytes, SHIRA_TRAFFIC_FACTOR, NO_WAIT, NO_WAIT, SEM_NONE);
}

int shira_plan_copy_streams(struct shira_program *p, uint64_t from, uint64_t to, uint32_t bytes) {
  return emit_copy(p, SHIRA_SPACE_MEMORY, from, SHIRA_SPACE_MEMORY, to, bytes, SHIRA_TRAFFIC_VALUE,
                   NO_WAIT, NO_WAIT, SEM_NONE);
}

int shira_plan_scatter(struct shira_program *p, const struct shira_placement *r,
                       const struct shira_scatter *scatter) {
  if (!scatter->stream.updates) // the device refuses an empty stream
    return 0;
  uint64_t lo = scatter->home;
  return emit_scatter(p, scatter, scatter->stream.base, lo, lo + r->weight_bytes, NO_WAIT,
                      SEM_NONE);
}
