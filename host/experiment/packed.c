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

static int pack_shira(struct packed *p, const struct workload *w, struct shira_error *err) {
  uint32_t n = 0;
  struct shira_pack_part *parts = calloc(w->model.n_linears, sizeof(*parts));
  if (!parts)
    return shira_fail(err, ENOMEM, "out of memory");
  for (uint32_t i = 0; i < w->model.n_linears; i++) {
    const struct shira_adapter_module *m = adapter_module(p->adapter, i);
    const struct linear *l = &w->linear[i];
    if (m)
      parts[n++] =
          (struct shira_pack_part){m, &l->image, l->wq, l->w_scale, w->res.place[i].weight_addr};
  }
  struct shira_stream_rules rules = shira_stream_rules_of(w->res.hw);
  int rc = shira_pack_shira_parts(parts, n, &rules, &p->shira, err);
  free(parts);
  return rc;
}

// Lays the factors of one linear into both blobs.
static int pack_lora_linear(struct packed *p, const struct workload *w, uint32_t i) {
  const struct shira_machine *hw = w->res.hw;
  const struct shira_place *pl = &w->res.place[i];
  const struct shira_lora_quant *q = &p->lora[i];
  struct shira_pack_lora pk;
  int rc = shira_pack_lora(q, hw->array_n, hw->array_k, &pk);
  if (rc)
    return rc;
  memcpy(p->unfused + pl->a_off, pk.a, shira_image_bytes(&pk.a_image));
  memcpy(p->unfused + pl->b_off, pk.b, shira_image_bytes(&pk.b_image));
  memcpy(p->fused + pl->at_off, pk.at, shira_image_bytes(&pk.at_image));
  for (uint32_t r = 0; r < q->out; r++)
    memcpy(p->fused + pl->bt_off + (size_t)r * w->res.rank_pad, pk.x_b + (size_t)r * pk.x_stride,
           q->rank);
  p->fuse_scale[i] = pk.wadd_scale;
  double sh;
  rc = shira_calibrate_lora(q, w->linear[i].calibration, CALIBRATION_TOKENS, &sh);
  p->unfused_scale[i].h = shira_lora_hidden_scale(sh);
  p->unfused_scale[i].seed = shira_lora_seed_scale(q, sh);
  shira_pack_lora_free(&pk);
  return rc;
}

static int pack_lora(struct packed *p, const struct workload *w, struct shira_error *err) {
  uint32_t n = w->model.n_linears;
  p->lora = calloc(n, sizeof(*p->lora));
  p->fuse_scale = calloc(n, sizeof(*p->fuse_scale));
  p->unfused_scale = calloc(n, sizeof(*p->unfused_scale));
  p->unfused = calloc(1, w->res.unfused_bytes);
  p->fused = calloc(1, w->res.fused_bytes);
  if (!p->lora || !p->fuse_scale || !p->unfused_scale || !p->unfused || !p->fused)
    return shira_fail(err, ENOMEM, "out of memory");
  for (uint32_t i = 0; i < n; i++) {
    const struct shira_adapter_module *m = adapter_module(p->adapter, i);
    if (!m)
      continue;
    if (m->rank != w->res.rank)
      return shira_fail(err, EINVAL,
                        "adapter '%s': '%s' has rank %u, the first LoRA module rank %u: all must "
                        "have the same",
                        p->adapter->name, m->name, m->rank, w->res.rank);
    int rc = shira_lora_quant(m, w->linear[i].w_scale, &p->lora[i]);
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
                struct shira_error *err) {
  memset(p, 0, sizeof(*p));
  p->adapter = adapter;
  bool lora = adapter->kind == SHIRA_ADAPTER_LORA;
  int rc = lora ? pack_lora(p, w, err) : pack_shira(p, w, err);
  if (!rc && lora && fuse_offline(p, w))
    rc = shira_fail(err, ENOMEM, "out of memory");
  if (rc)
    packed_free(p, w);
  return rc;
}

void packed_free(struct packed *p, const struct workload *w) {
  for (uint32_t i = 0; p->lora && i < w->model.n_linears; i++)
    shira_lora_quant_free(&p->lora[i]);
  shira_pack_shira_free(&p->shira);
  free(p->full);
  free(p->lora);
  free(p->unfused);
  free(p->fused);
  free(p->fuse_scale);
  free(p->unfused_scale);
  memset(p, 0, sizeof(*p));
}
