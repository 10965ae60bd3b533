// LoRA switches and passes with modules and ranks that differ between linears and adapters, on the
// golden device: weights and outputs equal the reference, bit for bit.
#include "tests/unit/lora_bed.h"

#include "shira/driver.h"
#include "shira/reference.h"

enum { A = ADAPTER_A, B = ADAPTER_B };

// One workload on a golden device.
struct bed {
  struct setup setup;
  struct setup_workload spec;
  struct workload w;
  struct shira_driver *drv;
  struct shira_reference ref[LINEARS];
  uint32_t rank[ADAPTERS][LINEARS];
  struct shira_adapter adapter[ADAPTERS];
  struct packed p[ADAPTERS];
  struct shira_mem images, params, home, x, y;
  struct shira_mem full[ADAPTERS], unfused[ADAPTERS], fused[ADAPTERS], minus[ADAPTERS];
  int8_t *weights[LINEARS]; // what the reference says that they are
};

static void ok(int rc, const struct shira_error *err) {
  if (rc)
    fail_msg("%s", err->text);
}

static struct shira_mem upload(struct bed *b, const void *data, size_t bytes) {
  struct shira_mem m = {0};
  assert_int_equal(shira_alloc(b->drv, bytes ? bytes : 1, &m), 0);
  if (data)
    memcpy(m.host, data, bytes);
  return m;
}

static const struct shira_adapter_module *module(const struct bed *b, unsigned which, uint32_t i) {
  return adapter_module(&b->adapter[which], i);
}

static void open_adapter(struct bed *b, unsigned which) {
  struct shira_error err = {""};
  struct packed *p = &b->p[which], ready;
  ok(packed_init(&ready, &b->w, &b->adapter[which], PACKED_FULL, &err), &err);
  b->full[which] = upload(b, ready.full, b->w.placement.weight_bytes);
  packed_free(&ready, &b->w);
  ok(packed_init(p, &b->w, &b->adapter[which], PACKED_UNFUSED, &err), &err);
  b->unfused[which] = upload(b, p->unfused, p->factors.unfused_bytes);
  b->fused[which] = upload(b, p->fused, p->factors.fused_bytes);
  b->minus[which] = upload(b, p->minus, p->factors.fused_bytes);
}

// Room for both adapters side by side, and for the products of both.
static uint32_t room(const struct bed *b) {
  struct shira_factors f[ADAPTERS];
  struct shira_error err = {""};
  for (unsigned i = 0; i < ADAPTERS; i++)
    ok(adapter_factors(&b->w, &machine, &b->adapter[i], &f[i], &err), &err);
  uint64_t fused = shira_fuse_bytes(&f[A], &f[B]);
  uint64_t unfused = (uint64_t)f[A].unfused_bytes + f[B].unfused_bytes;
  for (unsigned i = 0; i < ADAPTERS; i++)
    shira_factors_free(&f[i]);
  return (uint32_t)(fused > unfused ? fused : unfused);
}

static void run(struct bed *b, int rc, struct shira_program *p) {
  struct shira_run_result r = {0};
  assert_int_equal(rc, 0);
  if (p->n && shira_run(b->drv, p->d, p->n, 1 << 24, &r))
    fail_msg("%s", shira_driver_error(b->drv));
  shira_program_free(p);
}

// Base weights to where they live, parameters to their SRAM.
static void start(struct bed *b) {
  struct shira_program p = {0};
  const struct shira_placement *r = &b->w.placement;
  int rc = r->streamed ? shira_plan_copy_images(&p, r, b->images.addr, b->home.addr, NULL)
                       : shira_plan_images(&p, r, b->images.addr, NULL);
  if (!rc)
    rc = shira_plan_params(&p, r, b->params.addr);
  run(b, rc, &p);
  for (uint32_t i = 0; i < LINEARS; i++)
    memcpy(b->weights[i], b->ref[i].wq, (size_t)b->ref[i].out * b->ref[i].in);
}

static void open_bed(struct bed *b, bool streamed) {
  struct shira_error err = {""};
  const struct shira_device_options options = {.machine = &machine};
  memset(b, 0, sizeof *b);
  ok(shira_model_load(temp, &b->spec.model, &err), &err);
  snprintf(b->spec.name, sizeof b->spec.name, "%s", b->spec.model.name);
  b->setup = (struct setup){.experiment = {.n_tokens = 1, .tokens = {5}, .n_workloads = 1},
                            .seed = random64(),
                            .machine = &machine,
                            .workload = &b->spec};
  ok(workload_init(&b->w, &b->setup, 0, 0, &err), &err);
  ok(workload_lay_out(&b->w, streamed ? SHIRA_PLACED_STREAMED : SHIRA_PLACED_RESIDENT, &err), &err);
  for (unsigned i = 0; i < ADAPTERS; i++) {
    random_ranks(b->rank[i]);
    b->adapter[i] = random_adapter(&b->w.model, b->rank[i]);
  }
  ok(workload_place(&b->w, streamed, room(b), &err), &err);
  ok(shira_open("golden", &options, &machine, &b->drv, &err), &err);
  b->images = upload(b, b->w.images, b->w.placement.weight_bytes);
  b->params = upload(b, b->w.params, b->w.params_bytes);
  b->home = upload(b, NULL, b->w.placement.weight_bytes);
  b->x = upload(b, b->w.inputs[0].bytes, shira_inputs_bytes(&b->w.placement, 5));
  b->y = upload(b, NULL, shira_outputs_bytes(&b->w.placement, 5));
  for (uint32_t i = 0; i < LINEARS; i++) {
    const struct shira_linear *l = &b->w.model.linears[i];
    assert_int_equal(
        shira_reference_open(&b->ref[i], b->w.weights.w[i], NULL, l->out, l->in, SHIRA_INPUT_SCALE),
        0);
    assert_int_equal(
        shira_reference_calibrate(&b->ref[i], b->w.linear[i].calibration, CALIBRATION_TOKENS), 0);
    b->weights[i] = malloc((size_t)l->out * l->in);
    assert_non_null(b->weights[i]);
  }
  open_adapter(b, A);
  open_adapter(b, B);
  start(b);
}

static void close_bed(struct bed *b) {
  for (uint32_t i = 0; i < LINEARS; i++) {
    shira_reference_close(&b->ref[i]);
    free(b->weights[i]);
  }
  for (unsigned i = 0; i < ADAPTERS; i++) {
    packed_free(&b->p[i], &b->w);
    shira_adapter_free(&b->adapter[i]);
  }
  shira_close(b->drv);
  workload_free(&b->w);
  shira_model_free(&b->spec.model);
}

// Weights where they live are what the reference says.
static void check_weights(struct bed *b, const char *what) {
  if (!b->w.placement.streamed) {
    struct shira_program p = {0};
    run(b, shira_plan_readback(&p, &b->w.placement, b->home.addr), &p);
  }
  for (uint32_t i = 0; i < LINEARS; i++) {
    const size_t bytes = (size_t)b->ref[i].out * b->ref[i].in;
    int8_t *is = malloc(bytes);
    assert_non_null(is);
    shira_image_unpack(&b->w.linear[i].image,
                       (const int8_t *)b->home.host + b->w.placement.place[i].weight_addr, is);
    if (memcmp(is, b->weights[i], bytes))
      fail_msg("%s: weights of linear %u differ", what, i);
    free(is);
  }
}

// The reference's weights: `which`'s product onto `from`, its negative with sign -1.
static void refer(struct bed *b, unsigned which, int sign, bool from_base) {
  for (uint32_t i = 0; i < LINEARS; i++) {
    const struct shira_adapter_module *m = module(b, which, i);
    if (from_base)
      memcpy(b->weights[i], b->ref[i].wq, (size_t)b->ref[i].out * b->ref[i].in);
    if (m)
      assert_int_equal(
          shira_reference_fused(&b->ref[i], m, sign, b->weights[i], b->weights[i], NULL), 0);
  }
}

static struct shira_fuse_product product(const struct bed *b, unsigned which, bool minus) {
  return (struct shira_fuse_product){&b->p[which].factors,
                                     minus ? b->minus[which].addr : b->fused[which].addr,
                                     b->p[which].fuse_scale};
}

static void fuse(struct bed *b, const struct shira_fuse *f) {
  struct shira_program p = {0};
  run(b, shira_plan_fuse(&p, &b->w.placement, f), &p);
}

// base -> A -> B -> base from the clean copy.
static void clean(struct bed *b) {
  struct shira_fuse f = {.source = b->images.addr, .home = b->home.addr};
  f.add = product(b, A, false);
  fuse(b, &f);
  refer(b, A, 1, true);
  check_weights(b, "clean, base -> A");
  f.replace = &b->p[A].factors;
  f.add = product(b, B, false);
  fuse(b, &f);
  refer(b, B, 1, true);
  check_weights(b, "clean, A -> B");
  f.replace = &b->p[B].factors;
  f.add = (struct shira_fuse_product){0};
  fuse(b, &f);
  for (uint32_t i = 0; i < LINEARS; i++)
    memcpy(b->weights[i], b->ref[i].wq, (size_t)b->ref[i].out * b->ref[i].in);
  check_weights(b, "clean, B -> base");
}

// The same in place.
static void in_place(struct bed *b) {
  struct shira_fuse f = {.source = b->home.addr, .home = b->home.addr};
  f.add = product(b, A, false);
  fuse(b, &f);
  refer(b, A, 1, true);
  check_weights(b, "in place, base -> A");
  f.remove = product(b, A, true);
  f.add = product(b, B, false);
  fuse(b, &f);
  refer(b, A, -1, false);
  refer(b, B, 1, false);
  check_weights(b, "in place, A -> B");
  f.remove = product(b, B, true);
  f.add = (struct shira_fuse_product){0};
  fuse(b, &f);
  refer(b, B, -1, false);
  check_weights(b, "in place, B -> base");
}

// A's ready-made weights, then B's, and base weights where only A changed them.
static void reload(struct bed *b) {
  const struct shira_placement *r = &b->w.placement;
  const uint64_t home = b->home.addr;
  bool own[ADAPTERS][LINEARS], rest[LINEARS];
  for (uint32_t i = 0; i < LINEARS; i++) {
    own[A][i] = b->rank[A][i];
    own[B][i] = b->rank[B][i];
    rest[i] = own[A][i] && !own[B][i];
  }
  start(b);
  struct shira_program p = {0};
  int rc = r->streamed ? shira_plan_copy_images(&p, r, b->full[A].addr, home, own[A])
                       : shira_plan_images(&p, r, b->full[A].addr, own[A]);
  run(b, rc, &p);
  refer(b, A, 1, true);
  check_weights(b, "reload, base -> A");
  rc = r->streamed ? shira_plan_copy_images(&p, r, b->full[B].addr, home, own[B])
                   : shira_plan_images(&p, r, b->full[B].addr, own[B]);
  if (!rc)
    rc = r->streamed ? shira_plan_copy_images(&p, r, b->images.addr, home, rest)
                     : shira_plan_images(&p, r, b->images.addr, rest);
  run(b, rc, &p);
  refer(b, B, 1, true);
  check_weights(b, "reload, A -> B");
}

// The scale of h of linear `i`: the largest of the modules that share its group.
static double group_scale(const struct bed *b, unsigned which, uint32_t i) {
  double most = 0;
  for (uint32_t k = 0; k < LINEARS; k++) {
    const struct shira_adapter_module *m = module(b, which, k);
    struct shira_reference_lora lora;
    if (!m || b->w.placement.place[k].group != b->w.placement.place[i].group)
      continue;
    assert_int_equal(shira_reference_lora_open(&b->ref[k], m, b->w.linear[k].calibration,
                                               CALIBRATION_TOKENS, &lora),
                     0);
    most = lora.sh > most ? lora.sh : most;
    shira_reference_lora_close(&lora);
  }
  return most;
}

static void refer_outputs(const struct bed *b, unsigned which, uint32_t i, int8_t *y) {
  const struct shira_adapter_module *m = module(b, which, i);
  const struct inputs *in = &b->w.inputs[0];
  struct shira_reference_lora lora;
  if (!m) {
    assert_int_equal(shira_reference_output(&b->ref[i], b->ref[i].wq, in->x[i], in->tokens, y), 0);
    return;
  }
  assert_int_equal(shira_reference_lora_open(&b->ref[i], m, b->w.linear[i].calibration,
                                             CALIBRATION_TOKENS, &lora),
                   0);
  lora.sh = group_scale(b, which, i);
  assert_int_equal(shira_reference_unfused(&b->ref[i], &lora, in->x[i], in->tokens, y), 0);
  shira_reference_lora_close(&lora);
}

static void check_outputs(const struct bed *b, unsigned which) {
  const uint8_t *row = b->y.host;
  int8_t y[5 * 40];
  for (uint32_t i = 0; i < LINEARS; i++) {
    const uint32_t out = b->ref[i].out;
    refer_outputs(b, which, i, y);
    for (uint32_t t = 0; t < 5; t++, row += shira_token_bytes(&machine, out))
      if (memcmp(row, y + (size_t)t * out, out))
        fail_msg("unfused %c: output of linear %u, token %u differs", "AB"[which], i, t);
  }
}

// A's factors and B's behind them, then a pass with each.
static void unfused(struct bed *b) {
  start(b);
  const uint32_t at[ADAPTERS] = {0, b->p[A].factors.unfused_bytes};
  struct shira_program p = {0};
  for (unsigned i = 0; i < ADAPTERS; i++)
    run(b, shira_plan_factors(&p, &b->w.placement, &b->p[i].factors, b->unfused[i].addr, at[i]),
        &p);
  for (unsigned i = 0; i < ADAPTERS; i++) {
    const struct shira_unfused u = {&b->p[i].factors, at[i], b->p[i].unfused_scale};
    const struct shira_pass_plan pass = {.tokens = 5,
                                         .inputs = b->x.addr,
                                         .outputs = b->y.addr,
                                         .weights = b->home.addr,
                                         .unfused = &u};
    memset(b->y.host, 0x55, b->y.bytes);
    run(b, shira_plan_pass(&p, &b->w.placement, &pass), &p);
    check_outputs(b, i);
  }
}

static void all(bool streamed) {
  for (unsigned c = 0; c < CASES; c++) {
    struct bed b;
    open_bed(&b, streamed);
    clean(&b);
    in_place(&b);
    reload(&b);
    unfused(&b);
    close_bed(&b);
  }
}

static void resident(void **unused) {
  (void)unused;
  all(false);
}

static void streamed(void **unused) {
  (void)unused;
  all(true);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(resident), cmocka_unit_test(streamed)};
  return cmocka_run_group_tests(tests, setup_bed, teardown_bed);
}
