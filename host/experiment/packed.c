// Adapters of a workload, packed.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/experiment/workload.h"

const struct shira_adapter_module *adapter_module(const struct shira_adapter *adapter,
                                                  uint32_t index) {
  for (uint32_t m = 0; m < adapter->n_modules; m++)
    if (adapter->modules[m].linear == index)
      return &adapter->modules[m];
  return NULL;
}

int adapter_factors(const struct workload *w, const struct shira_machine *hw,
                    const struct shira_adapter *adapter, struct shira_factors *f,
                    struct shira_error *err) {
  uint32_t *rank = calloc(w->model.n_linears, sizeof(*rank));
  if (!rank)
    return shira_fail(err, ENOMEM, "out of memory");
  for (uint32_t m = 0; m < adapter->n_modules; m++)
    rank[adapter->modules[m].linear] = adapter->modules[m].rank;
  int rc = shira_factors_init(f, hw, &w->model, rank, err);
  free(rank);
  return rc;
}

// Cuts the streams at the chunks in which streamed weights come.
static int pack_segments(struct packed *p, const struct workload *w, struct shira_error *err) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < w->placement.n; i++)
    n += shira_chunks(&w->placement, &w->placement.place[i]);
  struct shira_pack_chunk *chunk = malloc((n + 1) * sizeof(*chunk)), *next = chunk;
  if (!chunk)
    return shira_fail(err, ENOMEM, "out of memory");
  for (uint32_t i = 0; i < w->placement.n; i++) {
    const struct shira_place *pl = &w->placement.place[i];
    uint32_t rows = shira_chunk_rows(&w->placement, pl),
             bytes = pl->image_bytes / pl->n_tiles * rows;
    for (uint32_t k = 0; k < shira_chunks(&w->placement, pl); k++)
      *next++ = (struct shira_pack_chunk){pl->weight_addr, pl->weight_addr + k * bytes,
                                          k * rows * w->placement.hw->array_n};
  }
  int rc = shira_pack_segments(&w->rules, &p->shira.apply, chunk, n, &p->segments, err);
  free(chunk);
  return rc;
}

static int pack_shira(struct packed *p, const struct workload *w, enum packed_form form,
                      struct shira_error *err) {
  uint32_t n = 0;
  struct shira_pack_part *parts = calloc(w->model.n_linears, sizeof(*parts));
  if (!parts)
    return shira_fail(err, ENOMEM, "out of memory");
  for (uint32_t i = 0; i < w->model.n_linears; i++) {
    const struct shira_adapter_module *m = adapter_module(p->adapter, i);
    const struct linear *l = &w->linear[i];
    if (m)
      parts[n++] = (struct shira_pack_part){m, &l->image, l->wq, l->w_scale,
                                            w->placement.place[i].weight_addr};
  }
  int rc = shira_pack_shira_parts(parts, n, &w->rules, &p->shira, err);
  if (!rc && form == PACKED_STREAMS)
    rc = shira_pack_delta(&w->rules, &p->shira.undo, &p->shira.apply, &p->delta, err);
  if (!rc && form == PACKED_SEGMENTS)
    rc = pack_segments(p, w, err);
  free(parts);
  return rc;
}

// Lays the factors of one linear into both blobs.
static int pack_lora_linear(struct packed *p, const struct workload *w, uint32_t i) {
  const struct shira_machine *hw = w->placement.hw;
  const struct shira_factor *f = &p->factors.of[i];
  const struct shira_lora_quant *q = &p->lora[i];
  struct shira_pack_lora pk;
  int rc = shira_pack_lora(q, hw->array_n, hw->array_k, &pk);
  if (rc)
    return rc;
  memcpy(p->unfused + f->a_off, pk.a, shira_image_bytes(&pk.a_image));
  memcpy(p->unfused + f->b_off, pk.b, shira_image_bytes(&pk.b_image));
  memcpy(p->fused + f->at_off, pk.at, shira_image_bytes(&pk.at_image));
  memcpy(p->minus + f->at_off, pk.at, shira_image_bytes(&pk.at_image));
  for (uint32_t r = 0; r < q->out; r++) {
    size_t at = f->bt_off + (size_t)r * f->rank_pad;
    memcpy(p->fused + at, pk.x_b + (size_t)r * pk.x_stride, q->rank);
    for (uint32_t c = 0; c < q->rank; c++) // B is never -128
      p->minus[at + c] = (uint8_t)-pk.x_b[(size_t)r * pk.x_stride + c];
  }
  p->fuse_scale[i] = pk.wadd_scale;
  shira_pack_lora_free(&pk);
  return 0;
}

// The scales of h: one for the A's that are one product, that of the largest.
static int scale_group(struct packed *p, const struct workload *w, uint32_t first, uint32_t end) {
  double most = 0;
  for (uint32_t i = first; i < end; i++) {
    double sh;
    if (!p->lora[i].aq)
      continue;
    int rc = shira_calibrate_lora(&p->lora[i], w->linear[i].calibration, CALIBRATION_TOKENS, &sh);
    if (rc)
      return rc;
    most = sh > most ? sh : most;
  }
  for (uint32_t i = first; i < end; i++)
    if (p->lora[i].aq) {
      p->unfused_scale[i].h = shira_lora_hidden_scale(most);
      p->unfused_scale[i].seed = shira_lora_seed_scale(&p->lora[i], most);
    }
  return 0;
}

static int scale_groups(struct packed *p, const struct workload *w, struct shira_error *err) {
  const uint32_t n = w->model.n_linears;
  for (uint32_t i = 0, end; i < n; i = end) {
    for (end = i + 1; end < n && w->placement.place[end].group == w->placement.place[i].group;)
      end++;
    int rc = scale_group(p, w, i, end);
    if (rc)
      return shira_fail(err, -rc, "%s: cannot calibrate: %s", w->name, strerror(-rc));
  }
  return 0;
}

static int pack_lora(struct packed *p, const struct workload *w, struct shira_error *err) {
  uint32_t n = w->model.n_linears;
  int rc = adapter_factors(w, w->placement.hw, p->adapter, &p->factors, err);
  if (rc)
    return rc;
  p->lora = calloc(n, sizeof(*p->lora));
  p->fuse_scale = calloc(n, sizeof(*p->fuse_scale));
  p->unfused_scale = calloc(n, sizeof(*p->unfused_scale));
  p->unfused = calloc(1, p->factors.unfused_bytes);
  p->fused = calloc(1, p->factors.fused_bytes);
  p->minus = calloc(1, p->factors.fused_bytes);
  if (!p->lora || !p->fuse_scale || !p->unfused_scale || !p->unfused || !p->fused || !p->minus)
    return shira_fail(err, ENOMEM, "out of memory");
  for (uint32_t i = 0; i < n; i++) {
    const struct shira_adapter_module *m = adapter_module(p->adapter, i);
    if (!m)
      continue;
    rc = shira_lora_quant(m, w->linear[i].w_scale, &p->lora[i]);
    if (!rc)
      rc = pack_lora_linear(p, w, i);
    if (rc)
      return shira_fail(err, -rc, "%s: cannot pack: %s", m->name, strerror(-rc));
  }
  return 0;
}

// The whole workload with the LoRA fused in, as a host would prepare it for reload.
static int fuse_offline(struct packed *p, const struct workload *w) {
  uint32_t n = w->model.n_linears;
  int8_t **wq = calloc(n, sizeof(*wq));
  int rc = wq ? 0 : -ENOMEM;
  for (uint32_t i = 0; !rc && i < n; i++) {
    const struct linear *l = &w->linear[i];
    size_t count = (size_t)l->shape->out * l->shape->in;
    wq[i] = malloc(count);
    if (!wq[i])
      rc = -ENOMEM;
    else if (p->lora[i].aq)
      rc = shira_lora_fuse(&p->lora[i], l->wq, wq[i]);
    else
      memcpy(wq[i], l->wq, count);
  }
  if (!rc)
    p->full = workload_images(w, wq);
  for (uint32_t i = 0; wq && i < n; i++)
    free(wq[i]);
  free(wq);
  return p->full ? 0 : rc ? rc : -ENOMEM;
}

int packed_init(struct packed *p, const struct workload *w, const struct shira_adapter *adapter,
                enum packed_form form, struct shira_error *err) {
  memset(p, 0, sizeof(*p));
  p->adapter = adapter;
  bool lora = adapter->kind == SHIRA_ADAPTER_LORA;
  int rc = lora ? pack_lora(p, w, err) : pack_shira(p, w, form, err);
  if (!rc && form == PACKED_UNFUSED)
    rc = scale_groups(p, w, err);
  if (!rc && form == PACKED_FULL && fuse_offline(p, w))
    rc = shira_fail(err, ENOMEM, "out of memory");
  if (rc)
    packed_free(p, w);
  return rc;
}

void packed_free(struct packed *p, const struct workload *w) {
  for (uint32_t i = 0; p->lora && i < w->model.n_linears; i++)
    shira_lora_quant_free(&p->lora[i]);
  shira_pack_shira_free(&p->shira);
  shira_stream_set_free(&p->delta);
  shira_stream_set_free(&p->segments);
  shira_factors_free(&p->factors);
  free(p->full);
  free(p->lora);
  free(p->unfused);
  free(p->fused);
  free(p->minus);
  free(p->fuse_scale);
  free(p->unfused_scale);
  memset(p, 0, sizeof(*p));
}
