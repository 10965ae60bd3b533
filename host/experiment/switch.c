// What the switches and passes of each strategy are, as plans.
#include <errno.h>
#include <stdlib.h>

#include "host/experiment/point.h"

// Streams that a switch applies: on the host, and where they lie on a device.
struct use {
  const struct shira_stream_set *set;
  const struct shira_mem *mem;
  enum shira_scatter_op op;
  enum shira_traffic traffic;
};

// The streams of a SHiRA switch in their order; returns how many.
static uint32_t uses_of(const struct bench *b, const struct seat *s, const struct change *change,
                        struct use use[2]) {
  const int from = change->from, to = change->to;
  const enum shira_undo undo = change->t->undo;
  uint32_t n = 0;
  if (undo == SHIRA_UNDO_SWAP || undo == SHIRA_UNDO_SUB) {
    bool swap = undo == SHIRA_UNDO_SWAP;
    if (from != NONE)
      use[n++] =
          (struct use){swap ? &b->pair[from]->shira.apply : &b->pair[from]->delta,
                       swap ? &s->apply[from] : &s->delta[from],
                       swap ? SHIRA_SCATTER_OP_SWAP : SHIRA_SCATTER_OP_SUB, SHIRA_TRAFFIC_UNDO};
    if (to != NONE)
      use[n++] =
          (struct use){swap ? &b->pair[to]->shira.apply : &b->pair[to]->delta,
                       swap ? &s->apply[to] : &s->delta[to],
                       swap ? SHIRA_SCATTER_OP_SWAP : SHIRA_SCATTER_OP_ADD, SHIRA_TRAFFIC_VALUE};
    return n;
  }
  if (from != NONE && to != NONE && undo == SHIRA_UNDO_TRANSITION) {
    use[n++] =
        (struct use){&b->transition, &s->transition, SHIRA_SCATTER_OP_SET, SHIRA_TRAFFIC_VALUE};
    return n;
  }
  if (from != NONE)
    use[n++] = (struct use){&b->pair[from]->shira.undo, &s->undo[from], SHIRA_SCATTER_OP_SET,
                            SHIRA_TRAFFIC_UNDO};
  if (to != NONE)
    use[n++] = (struct use){&b->pair[to]->shira.apply, &s->apply[to], SHIRA_SCATTER_OP_SET,
                            SHIRA_TRAFFIC_VALUE};
  return n;
}

static bool scatters(const struct trial *t) {
  return t->strategy == SHIRA_STRATEGY_SHIRA_SCATTER || t->strategy == SHIRA_STRATEGY_SHIRA_DRAM;
}

void switch_streams(const struct bench *b, const struct change *change, struct shira_switch *sw) {
  struct use use[2];
  uint32_t n = scatters(change->t) ? uses_of(b, &b->seat[SEAT_DEVICE], change, use) : 0;
  sw->streams = n;
  for (uint32_t i = 0; i < n; i++) {
    sw->updates += use[i].set->updates;
    sw->stream_bytes += use[i].set->bytes;
    if (use[i].set == &b->transition)
      sw->pair_bytes = use[i].set->bytes;
  }
}

uint64_t kept_bytes(const struct workload *w, const struct trial *t, const struct packed *p) {
  uint64_t bytes = 0;
  switch (t->strategy) {
  case SHIRA_STRATEGY_RELOAD:
    for (uint32_t i = 0; i < w->placement.n; i++) // a pass by pointer reads all of them
      bytes += by_pointer(t, &w->placement) || adapter_module(p->adapter, i)
                   ? w->placement.place[i].image_bytes
                   : 0;
    return bytes;
  case SHIRA_STRATEGY_LORA_FUSED:
    return p->factors.fused_bytes;
  case SHIRA_STRATEGY_LORA_UNFUSED:
    return p->factors.unfused_bytes;
  case SHIRA_STRATEGY_SHIRA_OVERLAY:
    return p->segments.bytes;
  case SHIRA_STRATEGY_SHIRA_SCATTER:
  case SHIRA_STRATEGY_SHIRA_DRAM:
    return t->undo == SHIRA_UNDO_SUB    ? p->delta.bytes
           : t->undo == SHIRA_UNDO_SWAP ? p->shira.apply.bytes
                                        : (uint64_t)p->shira.apply.bytes + p->shira.undo.bytes;
  default:
    return 0;
  }
}

static int plan_scatters(const struct bench *b, const struct seat *s, const struct change *change,
                         struct shira_program *p) {
  struct use use[2];
  uint32_t n = uses_of(b, s, change, use);
  int rc = 0;
  for (uint32_t i = 0; i < n; i++) {
    const struct shira_stream_set *set = use[i].set;
    uint64_t addr = use[i].mem->addr;
    for (uint32_t k = 0; !rc && k < set->n; addr += set->part[k++].stream.bytes) {
      const struct shira_scatter sc = {
          .stream = bench_stream(set, k, addr),
          .op = use[i].op,
          .traffic = use[i].traffic,
          .home = s->home.addr,
      };
      rc = shira_plan_scatter(p, &b->w->placement, &sc);
    }
  }
  return rc;
}

static int plan_fuse(const struct bench *b, const struct seat *s, const struct change *change,
                     struct shira_program *p) {
  const bool in_place = change->t->undo == SHIRA_UNDO_IN_PLACE;
  struct shira_fuse f = {.source = in_place ? s->home.addr : s->images.addr, .home = s->home.addr};
  if (change->from != NONE && in_place)
    f.remove =
        (struct shira_fuse_product){&b->pair[change->from]->factors, s->minus[change->from].addr,
                                    b->pair[change->from]->fuse_scale};
  else if (change->from != NONE)
    f.replace = &b->pair[change->from]->factors;
  if (change->to != NONE)
    f.add = (struct shira_fuse_product){&b->pair[change->to]->factors, s->fused[change->to].addr,
                                        b->pair[change->to]->fuse_scale};
  return shira_plan_fuse(p, &b->w->placement, &f);
}

// Images from `images` to where the weights are: the SRAM, or their home in memory.
static int plan_images(const struct bench *b, const struct seat *s, struct shira_program *p,
                       uint64_t images, const bool *linears) {
  const struct shira_placement *r = &b->w->placement;
  return r->streamed ? shira_plan_copy_images(p, r, images, s->home.addr, linears)
                     : shira_plan_images(p, r, images, linears);
}

static bool changes(const struct bench *b, int which, uint32_t linear) {
  return which != NONE && adapter_module(b->pair[which]->adapter, linear);
}

// What B changes is copied ready-made; what only A changed comes from the base weights.
static int plan_reload(const struct bench *b, const struct seat *s, const struct change *change,
                       struct shira_program *p) {
  const uint32_t n = b->w->placement.n;
  bool *ready = calloc(n, sizeof(*ready)), *base = calloc(n, sizeof(*base));
  int rc = ready && base ? 0 : -ENOMEM;
  for (uint32_t i = 0; !rc && i < n; i++) {
    ready[i] = changes(b, change->to, i);
    base[i] = !ready[i] && changes(b, change->from, i);
  }
  if (!rc && change->to != NONE)
    rc = plan_images(b, s, p, s->full[change->to].addr, ready);
  if (!rc)
    rc = plan_images(b, s, p, s->images.addr, base);
  free(ready);
  free(base);
  return rc;
}

bool by_pointer(const struct trial *t, const struct shira_placement *r) {
  return r->streamed && t->kept != SHIRA_KEPT_HOST &&
         (t->strategy == SHIRA_STRATEGY_RELOAD || t->strategy == SHIRA_STRATEGY_SHIRA_OVERLAY);
}

int plan_switch(const struct bench *b, const struct seat *s, const void *arg,
                struct shira_program *p) {
  const struct change *change = arg;
  const struct shira_placement *r = &b->w->placement;
  switch (change->t->strategy) {
  case SHIRA_STRATEGY_RELOAD:
    return by_pointer(change->t, r) ? 0 : plan_reload(b, s, change, p);
  case SHIRA_STRATEGY_SHIRA_OVERLAY:
    if (change->to == NONE || by_pointer(change->t, r))
      return 0;
    return shira_plan_copy_streams(p, s->segments[change->to].addr, s->streams.addr,
                                   (uint32_t)s->segments[change->to].bytes);
  case SHIRA_STRATEGY_LORA_FUSED:
    return plan_fuse(b, s, change, p);
  case SHIRA_STRATEGY_LORA_UNFUSED:
    if (change->to == NONE || change->t->kept == SHIRA_KEPT_CHIP)
      return 0;
    return shira_plan_factors(p, r, &b->pair[change->to]->factors, s->unfused[change->to].addr, 0);
  case SHIRA_STRATEGY_SHIRA_SCATTER:
  case SHIRA_STRATEGY_SHIRA_DRAM:
    return plan_scatters(b, s, change, p);
  default:
    return 0;
  }
}

// Where an unfused adapter's factors lie, in the room for them: on chip one behind the other.
static uint32_t factors_at(const struct bench *b, const struct trial *t, int which) {
  return t->kept == SHIRA_KEPT_CHIP && which == ADAPTER_B
             ? b->pair[ADAPTER_A]->factors.unfused_bytes
             : 0;
}

int plan_chip(const struct bench *b, const struct seat *s, const void *arg,
              struct shira_program *p) {
  const struct trial *t = arg;
  int rc = 0;
  for (int i = 0; !rc && i < ADAPTERS; i++)
    rc = shira_plan_factors(p, &b->w->placement, &b->pair[i]->factors, s->unfused[i].addr,
                            factors_at(b, t, i));
  return rc;
}

uint64_t factor_room(const struct trial *t, int from, int to) {
  const struct shira_factors *a = from == NONE ? NULL : &t->pair[from].factors;
  const struct shira_factors *b = to == NONE ? NULL : &t->pair[to].factors;
  const uint64_t a_bytes = a ? a->unfused_bytes : 0, b_bytes = b ? b->unfused_bytes : 0;
  if (t->strategy == SHIRA_STRATEGY_LORA_UNFUSED && t->kept == SHIRA_KEPT_CHIP)
    return (uint64_t)t->pair[ADAPTER_A].factors.unfused_bytes +
           t->pair[ADAPTER_B].factors.unfused_bytes;
  if (t->strategy == SHIRA_STRATEGY_LORA_UNFUSED)
    return a_bytes > b_bytes ? a_bytes : b_bytes;
  if (t->strategy != SHIRA_STRATEGY_LORA_FUSED)
    return 0;
  const uint64_t make = shira_fuse_bytes(NULL, a),
                 next = shira_fuse_bytes(t->undo == SHIRA_UNDO_IN_PLACE ? a : NULL, b);
  return make > next ? make : next;
}

int plan_pass(const struct bench *b, const struct seat *s, const void *arg,
              struct shira_program *p) {
  const struct pass_arg *a = arg;
  const struct trial *t = a->t;
  struct shira_pass_plan plan = {
      .tokens = b->w->inputs[a->index].tokens,
      .inputs = s->x[a->index].addr,
      .outputs = s->y[a->index].addr,
      .weights = s->home.addr,
  };
  struct shira_unfused unfused;
  if (a->active != NONE && t->strategy == SHIRA_STRATEGY_LORA_UNFUSED) {
    unfused = (struct shira_unfused){&t->pair[a->active].factors, factors_at(b, t, a->active),
                                     t->pair[a->active].unfused_scale};
    plan.unfused = &unfused;
  }
  if (a->active != NONE && t->strategy == SHIRA_STRATEGY_RELOAD && by_pointer(t, &b->w->placement))
    plan.weights = s->full[a->active].addr;
  if (a->active != NONE && t->strategy == SHIRA_STRATEGY_SHIRA_OVERLAY)
    plan.overlay = s->overlay[a->active];
  return shira_plan_pass(p, &b->w->placement, &plan);
}
