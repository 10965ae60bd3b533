// GEMM of the golden device against the formulas of the interface, and each of its errors against
// the status and place that the interface names.
#include "tests/unit/golden_bench.h"

// ---- GEMM -------------------------------------------------------------------------------------

static int64_t requant(int64_t v, uint32_t word, int64_t lo, int64_t hi) {
  const uint32_t shift = word >> 24;
  v = v * (word & 0xffffff) + (shift ? (int64_t)1 << (shift - 1) : 0);
  v >>= shift;
  return v < lo ? lo : v > hi ? hi : v;
}

// The four SRAMs as the device should have them.
struct model {
  uint8_t weight[65536];
  uint8_t act[16384];
  uint8_t acc[8192];
  uint8_t par[4096];
};

static void load_model(struct bench *b, struct model *m) {
  sram(b, SHIRA_SPACE_WEIGHT, m->weight, sizeof m->weight, true);
  sram(b, SHIRA_SPACE_ACTIVATION, m->act, sizeof m->act, true);
  sram(b, SHIRA_SPACE_ACCUMULATOR, m->acc, sizeof m->acc, true);
  sram(b, SHIRA_SPACE_PARAMETER, m->par, sizeof m->par, true);
}

// The formulas of the interface, one element at a time.
static void model_gemm(struct model *m, const struct shira_desc_gemm *d) {
  for (uint32_t i = 0; i < d->n_tiles; i++)
    for (uint32_t t = 0; t < d->tokens; t++)
      for (uint32_t c = 0; c < 4; c++) {
        const uint32_t at = d->acc_addr + i * d->acc_stride + t * 16 + 4 * c;
        int32_t old;
        memcpy(&old, m->acc + at, 4);
        int64_t sum = d->seed == SHIRA_GEMM_SEED_ZERO ? 0
                      : d->seed == SHIRA_GEMM_SEED_KEEP
                          ? old
                          : requant(old, d->seed_scale, INT32_MIN, INT32_MAX);
        for (uint32_t q = 0; q < d->k_tiles * 4; q++)
          sum += (int8_t)m->weight[d->w_addr + (i * d->k_tiles + q / 4) * 16 + c * 4 + q % 4] *
                 (int8_t)m->act[d->x_addr + t * d->x_stride + q];
        const int32_t acc = (int32_t)(uint32_t)(uint64_t)sum;
        struct shira_param p;
        memcpy(&p, m->par + d->param_addr + 8 * (i * 4 + c), sizeof p);
        const uint32_t word = (t / 4 * d->image_k_tiles + i) * 4 + t % 4;
        int64_t v;
        switch (d->out) {
        case SHIRA_GEMM_OUT_ACC:
          memcpy(m->acc + at, &acc, 4);
          break;
        case SHIRA_GEMM_OUT_INT8:
          v = d->uniform ? requant(acc, d->out_scale, -128, 127)
                         : requant((int64_t)acc + (int32_t)p.bias, p.scale, -128, 127);
          m->act[d->out_addr + t * d->out_stride + i * 4 + c] = (uint8_t)v;
          break;
        default:
          v = (int8_t)m->weight[d->src_addr + word * 4 + c] +
              requant(acc, d->out_scale, INT32_MIN, INT32_MAX);
          m->weight[d->out_addr + word * 4 + c] = (uint8_t)(v < -128 ? -128 : v > 127 ? 127 : v);
        }
      }
}

static uint32_t scale(uint32_t shift) {
  return (0x800000 | below(0x800000)) | shift << 24;
}

static struct shira_desc_gemm random_gemm(void) {
  struct shira_desc_gemm d = {.opcode = SHIRA_OPCODE_GEMM,
                              .out = (uint8_t)below(3),
                              .seed = (uint8_t)below(3),
                              .uniform = (uint8_t)below(2),
                              .tokens = 1 + below(9),
                              .n_tiles = 1 + below(5),
                              .k_tiles = 1 + below(6),
                              .w_addr = 16 * below(100),
                              .x_addr = 4 * below(200),
                              .acc_addr = 16 * below(20),
                              .param_addr = 32 * below(10),
                              .out_scale = scale(20 + below(20)),
                              .seed_scale = scale(22 + below(10))};
  d.x_stride = 4 * (d.k_tiles + below(3));
  d.acc_stride = 16 * (d.tokens + below(3));
  if (d.out == SHIRA_GEMM_OUT_WADD) {
    d.out_addr = 16384 + 16 * below(100);
    d.src_addr = below(2) ? d.out_addr : 32768 + 16 * below(100);
    d.image_k_tiles = d.n_tiles + below(3);
  } else {
    d.out_addr = 8192 + 4 * below(100);
    d.out_stride = 4 * (d.n_tiles + below(3));
  }
  d.win_hi = 65536;
  return d;
}

static void test_gemm(void **state) {
  (void)state;
  struct bench b;
  open_bench(&b);
  struct model *m = malloc(sizeof *m), *back = malloc(sizeof *back);
  for (int round = 0; round < 200; round++) {
    fill(m, sizeof *m);
    for (uint32_t c = 0; c < 4096 / 8; c++) {
      const struct shira_param p = {.bias = (uint32_t)(below(20000) - 10000),
                                    .scale = scale(c % 50 == 7 ? 0 : 30 + below(8))};
      memcpy(m->par + 8 * c, &p, sizeof p);
    }
    load_model(&b, m);
    const struct shira_desc_gemm d = random_gemm();
    run_ok(&b, &d, d.tokens * d.n_tiles);
    model_gemm(m, &d);
    sram(&b, SHIRA_SPACE_WEIGHT, back->weight, sizeof m->weight, false);
    sram(&b, SHIRA_SPACE_ACTIVATION, back->act, sizeof m->act, false);
    sram(&b, SHIRA_SPACE_ACCUMULATOR, back->acc, sizeof m->acc, false);
    sram(&b, SHIRA_SPACE_PARAMETER, back->par, sizeof m->par, false);
    assert_memory_equal(back->weight, m->weight, sizeof m->weight);
    assert_memory_equal(back->act, m->act, sizeof m->act);
    assert_memory_equal(back->acc, m->acc, sizeof m->acc);
    assert_memory_equal(back->par, m->par, sizeof m->par);
  }
  free(m);
  free(back);
  close_bench(&b);
}

static void test_gemm_errors(void **state) {
  (void)state;
  struct bench b;
  open_bench(&b);
  const struct shira_desc_gemm good = {.opcode = SHIRA_OPCODE_GEMM,
                                       .out = SHIRA_GEMM_OUT_INT8,
                                       .tokens = 2,
                                       .n_tiles = 3,
                                       .k_tiles = 2,
                                       .x_stride = 8,
                                       .acc_stride = 32,
                                       .win_lo = 1024,
                                       .win_hi = 2048,
                                       .out_addr = 1024,
                                       .out_stride = 12,
                                       .src_addr = 4096,
                                       .image_k_tiles = 3};
  struct shira_desc_gemm d;
#define BAD_G(change, status, where)                                                               \
  do {                                                                                             \
    d = good;                                                                                      \
    change;                                                                                        \
    run_bad(&b, &d, status, where);                                                                \
  } while (0)
#define WADD d.out = SHIRA_GEMM_OUT_WADD
  BAD_G(d.out = 3, SHIRA_STATUS_BAD_FIELD, 16);
  BAD_G(d.seed = 3, SHIRA_STATUS_BAD_FIELD, 17);
  BAD_G(d.uniform = 2, SHIRA_STATUS_BAD_FIELD, 18);
  BAD_G(d.tokens = 0, SHIRA_STATUS_BAD_FIELD, 20);
  BAD_G(d.n_tiles = 0, SHIRA_STATUS_BAD_FIELD, 24);
  BAD_G(d.k_tiles = 0, SHIRA_STATUS_BAD_FIELD, 28);
  BAD_G((WADD, d.image_k_tiles = 0), SHIRA_STATUS_BAD_FIELD, 84);
  BAD_G(d.w_addr = 8, SHIRA_STATUS_BAD_ALIGN, 32);
  BAD_G(d.x_addr = 2, SHIRA_STATUS_BAD_ALIGN, 36);
  BAD_G(d.x_stride = 6, SHIRA_STATUS_BAD_ALIGN, 40);
  BAD_G(d.acc_addr = 8, SHIRA_STATUS_BAD_ALIGN, 44);
  BAD_G(d.acc_stride = 8, SHIRA_STATUS_BAD_ALIGN, 48);
  BAD_G(d.param_addr = 16, SHIRA_STATUS_BAD_ALIGN, 52);
  BAD_G(d.out_addr = 1025, SHIRA_STATUS_BAD_ALIGN, 72);
  BAD_G((WADD, d.out_addr = 1032), SHIRA_STATUS_BAD_ALIGN, 72);
  BAD_G(d.out_stride = 14, SHIRA_STATUS_BAD_ALIGN, 76);
  BAD_G((WADD, d.src_addr = 4), SHIRA_STATUS_BAD_ALIGN, 80);
  BAD_G(d.w_addr = 65536 - 80, SHIRA_STATUS_BAD_RANGE, 32);
  BAD_G((d.n_tiles = UINT32_MAX, d.k_tiles = UINT32_MAX), SHIRA_STATUS_BAD_RANGE, 32);
  BAD_G(d.x_addr = 16384 - 12, SHIRA_STATUS_BAD_RANGE, 36);
  BAD_G(d.tokens = UINT32_MAX, SHIRA_STATUS_BAD_RANGE, 36);
  BAD_G(d.acc_addr = 8192 - 80, SHIRA_STATUS_BAD_RANGE, 44);
  // 4 * tokens is small in 32 bits.
  BAD_G((d.x_stride = 0, d.tokens = (1u << 30) + 2), SHIRA_STATUS_BAD_RANGE, 44);
  BAD_G(d.param_addr = 4096 - 64, SHIRA_STATUS_BAD_RANGE, 52);
  BAD_G(d.out_addr = 16384 - 20, SHIRA_STATUS_BAD_RANGE, 72);
  BAD_G((WADD, d.out_addr = 65536 - 32), SHIRA_STATUS_BAD_RANGE, 72);
  BAD_G((WADD, d.src_addr = 65536 - 32), SHIRA_STATUS_BAD_RANGE, 80);
  // Windows: tile 0 of token 1 is at 1036, tile 1 of token 0 at 1028.
  BAD_G(d.win_lo = 1025, SHIRA_STATUS_WINDOW, 1024);
  BAD_G(d.win_hi = 1038, SHIRA_STATUS_WINDOW, 1038);
  BAD_G(d.win_hi = 1036, SHIRA_STATUS_WINDOW, 1036);
  BAD_G((d.out = SHIRA_GEMM_OUT_ACC, d.win_lo = 0, d.win_hi = 90), SHIRA_STATUS_WINDOW, 90);
  BAD_G((WADD, d.win_hi = 1028), SHIRA_STATUS_WINDOW, 1028);
  run_ok(&b, &good, 6);
  close_bench(&b);
}

// Products of more than 2^17 elements wrap like the hardware's accumulators.
static void test_gemm_long(void **state) {
  (void)state;
  struct shira_machine big = machine;
  big.activation_bytes = 262144;
  big.weight_bytes = 1048576;
  struct bench b = {0};
  const struct shira_device_options o = {.machine = &big};
  assert_int_equal(shira_device_open("golden", &o, &b.dev, NULL), 0);
  assert_int_equal(b.dev->ops->map(b.dev, 4096, SHIRA_MEM_LOCAL, &b.ring), 0);
  assert_int_equal(b.dev->ops->map(b.dev, 4096, SHIRA_MEM_LOCAL, &b.completions), 0);
  assert_int_equal(b.dev->ops->map(b.dev, 1 << 20, SHIRA_MEM_LOCAL, &b.data), 0);
  configure(&b);
  memset(b.data.host, 0x80, 1 << 20);
  struct shira_desc_copy c = copy(0, b.data.addr, SHIRA_SPACE_WEIGHT, 0, 1 << 20);
  run_ok(&b, &c, (1 << 20) / 8);
  c = copy(0, b.data.addr, SHIRA_SPACE_ACTIVATION, 0, 262144);
  run_ok(&b, &c, 262144 / 8);
  const struct shira_desc_gemm d = {.opcode = SHIRA_OPCODE_GEMM,
                                    .out = SHIRA_GEMM_OUT_ACC,
                                    .tokens = 1,
                                    .n_tiles = 1,
                                    .k_tiles = 65535,
                                    .win_hi = 8192};
  run_ok(&b, &d, 1);
  c = copy(SHIRA_SPACE_ACCUMULATOR, 0, 0, b.data.addr, 16);
  run_ok(&b, &c, 2);
  int32_t v[4];
  memcpy(v, b.data.host, sizeof v);
  for (int i = 0; i < 4; i++)
    assert_int_equal(v[i], (int32_t)(uint32_t)(UINT64_C(65535) * 4 * 16384));
  close_bench(&b);
}

int main(void) {
  seed_random();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gemm),
      cmocka_unit_test(test_gemm_errors),
      cmocka_unit_test(test_gemm_long),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
