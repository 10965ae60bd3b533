#include "host/experiment/bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// A block lies as far into memory as in the whole model: the weights of those before it have their
// place, in which nothing is.
static int reserve_before(struct seat *s, const struct workload *w, struct shira_error *err) {
  const struct shira_model *m = &w->model;
  if (!m->first_block)
    return 0;
  uint64_t bytes = (uint64_t)w->placement.weight_bytes / m->blocks * m->first_block;
  int rc = station_upload(&s->station, NULL, bytes, SHIRA_MEM_LOCAL, &s->before, err);
  return rc ? shira_fail(err, -rc, "%s: the %u blocks before it: %s", w->name, m->first_block,
                         err->text)
            : 0;
}

static int upload_workload(struct seat *s, const struct workload *w, struct shira_error *err) {
  struct station *st = &s->station;
  int rc = reserve_before(s, w, err);
  if (!rc)
    rc = station_upload(st, w->images, w->placement.weight_bytes, SHIRA_MEM_LOCAL, &s->images, err);
  if (!rc)
    rc = station_upload(st, w->params, w->params_bytes, SHIRA_MEM_LOCAL, &s->params, err);
  if (!rc)
    rc = station_upload(st, NULL, w->placement.weight_bytes, SHIRA_MEM_LOCAL,
                        w->placement.streamed ? &s->home : &s->back, err);
  for (uint32_t t = 0; !rc && t < w->n_inputs; t++) {
    uint32_t tokens = w->inputs[t].tokens;
    rc = station_upload(st, w->inputs[t].bytes, shira_inputs_bytes(&w->placement, tokens),
                        SHIRA_MEM_LOCAL, &s->x[t], err);
    if (!rc)
      rc = station_upload(st, NULL, shira_outputs_bytes(&w->placement, tokens), SHIRA_MEM_LOCAL,
                          &s->y[t], err);
  }
  return rc;
}

static int plan_params(const struct bench *b, const struct seat *s, const void *arg,
                       struct shira_program *p) {
  (void)arg;
  return shira_plan_params(p, &b->w->placement, s->params.addr);
}

static int plan_base(const struct bench *b, const struct seat *s, const void *arg,
                     struct shira_program *p) {
  (void)arg;
  const struct shira_placement *r = &b->w->placement;
  return r->streamed ? shira_plan_copy_images(p, r, s->images.addr, s->home.addr, NULL)
                     : shira_plan_images(p, r, s->images.addr, NULL);
}

int bench_base(struct bench *b, struct shira_error *err) {
  struct outcome run;
  int rc = bench_run(b, plan_base, NULL, "base weights", &run, NULL, err);
  run_free(&run);
  return rc;
}

int bench_open(struct bench *b, const struct workload *w, const struct shira_machine *hw,
               const struct shira_run_options *options, struct shira_error *err) {
  memset(b, 0, sizeof(*b));
  b->w = w;
  b->options = options;
  bool golden_only = !strcmp(options->backend, "golden");
  const char *backend[SEATS] = {options->backend, "golden"};
  int rc = 0;
  for (uint32_t i = 0; !rc && i < (golden_only ? 1u : SEATS); i++) {
    rc = station_open(&b->seat[i].station, backend[i], hw, options, err);
    if (rc)
      break;
    b->seats++;
    rc = upload_workload(&b->seat[i], w, err);
  }
  struct outcome run;
  if (!rc) {
    rc = bench_run(b, plan_params, NULL, "parameters", &run, NULL, err);
    run_free(&run);
  }
  if (!rc)
    rc = bench_base(b, err);
  if (rc)
    bench_close(b);
  return rc;
}

void bench_close(struct bench *b) {
  for (uint32_t i = 0; i < b->seats; i++) {
    for (uint32_t a = 0; a < ADAPTERS; a++)
      free(b->seat[i].overlay[a]);
    station_close(&b->seat[i].station);
  }
  shira_stream_set_free(&b->transition);
  memset(b, 0, sizeof(*b));
}

// Replaces a buffer; an empty one stays empty.
static int replace(struct seat *s, struct shira_mem *mem, const void *data, size_t bytes,
                   struct shira_error *err) {
  if (mem->host)
    shira_free(s->station.drv, mem);
  return bytes ? station_upload(&s->station, data, bytes, s->kept, mem, err) : 0;
}

struct shira_stream_ref bench_stream(const struct shira_stream_set *set, uint32_t i,
                                     uint64_t addr) {
  const struct shira_stream_part *p = &set->part[i];
  return (struct shira_stream_ref){.addr = addr,
                                   .bytes = p->stream.bytes,
                                   .updates = p->stream.updates,
                                   .format = set->format,
                                   .base = p->base,
                                   .row_log2 = p->row_log2,
                                   .k_tiles = p->k_tiles};
}

// Replaces a buffer by the streams of a set, one after another.
static int replace_streams(struct seat *s, struct shira_mem *mem,
                           const struct shira_stream_set *set, struct shira_error *err) {
  int rc = replace(s, mem, NULL, set->bytes, err);
  size_t at = 0;
  for (uint32_t i = 0; !rc && i < set->n; at += set->part[i++].stream.bytes)
    if (set->part[i].stream.bytes)
      memcpy((uint8_t *)mem->host + at, set->part[i].stream.data, set->part[i].stream.bytes);
  return rc;
}

static int load_segments(struct seat *s, uint32_t i, const struct shira_stream_set *set,
                         struct shira_error *err) {
  free(s->overlay[i]);
  s->overlay[i] = calloc(set->n + 1, sizeof(*s->overlay[i]));
  if (!s->overlay[i])
    return shira_fail(err, ENOMEM, "out of memory");
  int rc = replace_streams(s, &s->segments[i], set, err);
  // From the host's memory the active streams come to the device's, so that passes find them there.
  if (!rc && s->kept == SHIRA_MEM_HOST && set->bytes > s->streams.bytes) {
    shira_free(s->station.drv, &s->streams);
    rc = station_upload(&s->station, NULL, set->bytes, SHIRA_MEM_LOCAL, &s->streams, err);
  }
  uint64_t addr = s->kept == SHIRA_MEM_HOST ? s->streams.addr : s->segments[i].addr;
  for (uint32_t c = 0; !rc && c < set->n; addr += set->part[c++].stream.bytes)
    s->overlay[i][c] = bench_stream(set, c, addr);
  return rc;
}

static int load_adapter(struct seat *s, const struct workload *w, uint32_t i,
                        const struct packed *p, enum packed_form form, struct shira_error *err) {
  int rc = 0;
  switch (form) {
  case PACKED_FULL:
    return replace(s, &s->full[i], p->full, w->placement.weight_bytes, err);
  case PACKED_UNFUSED:
    return replace(s, &s->unfused[i], p->unfused, p->factors.unfused_bytes, err);
  case PACKED_FUSED:
    rc = replace(s, &s->fused[i], p->fused, p->factors.fused_bytes, err);
    return rc ? rc : replace(s, &s->minus[i], p->minus, p->factors.fused_bytes, err);
  case PACKED_STREAMS:
    rc = replace_streams(s, &s->apply[i], &p->shira.apply, err);
    if (!rc)
      rc = replace_streams(s, &s->undo[i], &p->shira.undo, err);
    return rc ? rc : replace_streams(s, &s->delta[i], &p->delta, err);
  default:
    return load_segments(s, i, &p->segments, err);
  }
}

static int load_transition(struct bench *b, const struct packed pair[ADAPTERS],
                           struct shira_error *err) {
  shira_stream_set_free(&b->transition);
  const double began = seconds_now();
  int rc = shira_pack_transition(&b->w->rules, &pair[ADAPTER_A].shira.undo,
                                 &pair[ADAPTER_B].shira.apply, &b->transition, err);
  b->merge_s = seconds_now() - began;
  for (uint32_t s = 0; !rc && s < b->seats; s++)
    rc = replace_streams(&b->seat[s], &b->seat[s].transition, &b->transition, err);
  return rc;
}

int bench_load_pair(struct bench *b, const struct packed pair[ADAPTERS], enum shira_kept kept,
                    enum packed_form form, struct shira_error *err) {
  for (uint32_t s = 0; s < b->seats; s++)
    b->seat[s].kept = kept == SHIRA_KEPT_HOST ? SHIRA_MEM_HOST : SHIRA_MEM_LOCAL;
  int rc = form == PACKED_STREAMS ? load_transition(b, pair, err) : 0;
  for (uint32_t i = 0; !rc && i < ADAPTERS; i++) {
    b->pair[i] = &pair[i];
    for (uint32_t s = 0; !rc && s < b->seats; s++)
      rc = load_adapter(&b->seat[s], b->w, i, &pair[i], form, err);
  }
  return rc;
}

// Completions and traffic of two devices agree where time does not enter.
static bool same_run(const struct outcome *a, const struct outcome *b) {
  bool same = a->r.ended == b->r.ended;
  for (unsigned c = SHIRA_COUNTER_READ_BYTES_DESCRIPTOR; c <= SHIRA_COUNTER_WRITTEN_BYTES_CHECK;
       c++)
    same = same && a->counters[c] == b->counters[c];
  for (uint32_t i = 0; same && i < a->r.ended; i++) {
    const struct shira_completion *x = &a->r.completions[i], *y = &b->r.completions[i];
    same = x->status == y->status && x->opcode == y->opcode && x->where == y->where &&
           x->count == y->count;
  }
  return same;
}

int bench_plan_for(const struct bench *b, uint32_t seat, bench_plan plan, const void *arg,
                   const char *what, struct shira_program *p, struct shira_error *err) {
  memset(p, 0, sizeof(*p));
  int rc = plan(b, &b->seat[seat], arg, p);
  if (rc == -ENOSPC)
    shira_fail(err, ENOSPC,
               "%s: %s: the activation or accumulator SRAM of machine '%s' is too small",
               b->w->name, what, b->w->placement.hw->name);
  else if (rc)
    shira_fail(err, -rc, "%s: %s: no plan: %s", b->w->name, what, strerror(-rc));
  if (rc)
    shira_program_free(p);
  return rc;
}

int bench_follow(struct bench *b, bench_plan plan, const void *arg, const char *what,
                 const struct outcome *device, bool *same, struct shira_error *err) {
  int rc = 0;
  for (uint32_t i = SEAT_DEVICE + 1; !rc && i < b->seats; i++) {
    struct shira_program p;
    struct outcome run = {0};
    rc = bench_plan_for(b, i, plan, arg, what, &p, err);
    if (!rc)
      rc = station_run(&b->seat[i].station, &p, what, &run, err);
    *same = !rc && same_run(device, &run);
    run_free(&run);
    shira_program_free(&p);
  }
  return rc;
}

int bench_run(struct bench *b, bench_plan plan, const void *arg, const char *what,
              struct outcome *out, bool *same, struct shira_error *err) {
  struct shira_program p;
  bool equal = true;
  memset(out, 0, sizeof(*out));
  int rc = bench_plan_for(b, SEAT_DEVICE, plan, arg, what, &p, err);
  if (!rc)
    rc = station_run(&b->seat[SEAT_DEVICE].station, &p, what, out, err);
  shira_program_free(&p);
  if (!rc)
    rc = bench_follow(b, plan, arg, what, out, &equal, err);
  if (same)
    *same = equal;
  return rc;
}

static int plan_readback(const struct bench *b, const struct seat *s, const void *arg,
                         struct shira_program *p) {
  (void)arg;
  return shira_plan_readback(p, &b->w->placement, s->back.addr);
}

// SWAP leaves what it replaced in a stream.
static bool same_streams(const struct bench *b) {
  const struct seat *d = &b->seat[SEAT_DEVICE], *g = &b->seat[SEAT_GOLDEN];
  for (uint32_t i = 0; i < ADAPTERS; i++)
    if (d->apply[i].host && memcmp(d->apply[i].host, g->apply[i].host, d->apply[i].bytes))
      return false;
  return true;
}

int bench_read_weights(struct bench *b, const uint8_t **blob, bool *same, struct shira_error *err) {
  const bool streamed = b->w->placement.streamed;
  const struct seat *d = &b->seat[SEAT_DEVICE], *g = &b->seat[SEAT_GOLDEN];
  int rc = 0;
  if (!streamed) {
    struct outcome run;
    rc = bench_run(b, plan_readback, NULL, "read back", &run, NULL, err);
    run_free(&run);
  }
  *blob = streamed ? d->home.host : d->back.host;
  *same = b->seats == 1 ||
          (!rc && same_streams(b) &&
           !memcmp(*blob, streamed ? g->home.host : g->back.host, b->w->placement.weight_bytes));
  return rc;
}
