// GEMM: tiled INT8 products, seeded, and the ways for results to leave.
#include <string.h>

#include "sim/golden/engines.h"

// |product| <= 2^14, so that this many of them fit into an int32.
#define CHUNK 65536u

static bool check_gemm(const struct golden *g, const struct shira_desc_gemm *d, struct outcome *o) {
  const uint64_t n = g->m.array_n, k = g->m.array_k, tile = n * k;
  const bool int8 = d->out == SHIRA_GEMM_OUT_INT8, wadd = d->out == SHIRA_GEMM_OUT_WADD;
  const bool params = int8 && d->uniform == 0;
  const struct check fields[] = {
      {d->out > SHIRA_GEMM_OUT_WADD, SHIRA_STATUS_BAD_FIELD, 16},
      {d->seed > SHIRA_GEMM_SEED_SCALED, SHIRA_STATUS_BAD_FIELD, 17},
      {d->uniform > 1, SHIRA_STATUS_BAD_FIELD, 18},
      {d->tokens == 0, SHIRA_STATUS_BAD_FIELD, 20},
      {d->n_tiles == 0, SHIRA_STATUS_BAD_FIELD, 24},
      {d->k_tiles == 0, SHIRA_STATUS_BAD_FIELD, 28},
      {wadd && d->image_k_tiles < d->n_tiles, SHIRA_STATUS_BAD_FIELD, 84},
      {d->w_addr % tile != 0, SHIRA_STATUS_BAD_ALIGN, 32},
      {d->x_addr % k != 0, SHIRA_STATUS_BAD_ALIGN, 36},
      {d->x_stride % k != 0, SHIRA_STATUS_BAD_ALIGN, 40},
      {d->acc_addr % (4 * n) != 0, SHIRA_STATUS_BAD_ALIGN, 44},
      {d->acc_stride % (4 * n) != 0, SHIRA_STATUS_BAD_ALIGN, 48},
      {params && d->param_addr % (8 * n) != 0, SHIRA_STATUS_BAD_ALIGN, 52},
      {(int8 && d->out_addr % n != 0) || (wadd && d->out_addr % tile != 0), SHIRA_STATUS_BAD_ALIGN,
       72},
      {int8 && d->out_stride % n != 0, SHIRA_STATUS_BAD_ALIGN, 76},
      {wadd && d->src_addr % tile != 0, SHIRA_STATUS_BAD_ALIGN, 80},
  };
  if (!golden_checks(fields, sizeof fields / sizeof fields[0], o))
    return false;
  // Last word of an image that wadd writes; all factors are 32 bits wide.
  const uint64_t last = d->tokens - 1;
  const unsigned __int128 tiles = (unsigned __int128)(last / n) * d->image_k_tiles + d->n_tiles - 1;
  const unsigned __int128 image = wadd ? (tiles * n + last % n + 1) * k : 0;
  const struct check ranges[] = {
      {!golden_fits(d->w_addr, d->n_tiles, d->k_tiles * tile, d->k_tiles * tile, g->m.weight_bytes),
       SHIRA_STATUS_BAD_RANGE, 32},
      {!golden_fits(d->x_addr, d->tokens, d->x_stride, d->k_tiles * k, g->m.activation_bytes),
       SHIRA_STATUS_BAD_RANGE, 36},
      {!golden_fits(d->acc_addr, d->n_tiles, d->acc_stride, 4 * n * d->tokens,
                    g->m.accumulator_bytes),
       SHIRA_STATUS_BAD_RANGE, 44},
      {params && !golden_fits(d->param_addr, d->n_tiles, 8 * n, 8 * n, g->m.parameter_bytes),
       SHIRA_STATUS_BAD_RANGE, 52},
      {(int8 && !golden_fits(d->out_addr, d->tokens, d->out_stride, d->n_tiles * n,
                             g->m.activation_bytes)) ||
           (wadd && d->out_addr + image > g->m.weight_bytes),
       SHIRA_STATUS_BAD_RANGE, 72},
      {wadd && d->src_addr + image > g->m.weight_bytes, SHIRA_STATUS_BAD_RANGE, 80},
  };
  if (!golden_checks(ranges, sizeof ranges / sizeof ranges[0], o))
    return false;
  // What is written lies between the first byte of the first vector and the last of the last one.
  const uint64_t first = int8 || wadd ? d->out_addr : d->acc_addr;
  const uint64_t bytes = int8   ? last * d->out_stride + d->n_tiles * n
                         : wadd ? (uint64_t)image
                                : (d->n_tiles - 1) * (uint64_t)d->acc_stride + 4 * n * d->tokens;
  const uint64_t outside = golden_outside(first, bytes, d->win_lo, d->win_hi);
  if (outside != UINT64_MAX)
    *o = failed(SHIRA_STATUS_WINDOW, outside);
  return outside == UINT64_MAX;
}

static int64_t clamp(int64_t v, int64_t lo, int64_t hi) {
  return v < lo ? lo : v > hi ? hi : v;
}

// ((acc + bias) * mult + half) >> shift, before saturation.
static int64_t scaled(int32_t acc, int32_t bias, uint32_t scale) {
  const int64_t mult = scale & 0xffffff;
  const unsigned shift = scale >> 24 & 63;
  const int64_t half = shift != 0 ? (int64_t)1 << (shift - 1) : 0;
  return (((int64_t)acc + bias) * mult + half) >> shift;
}

static int32_t dot(const int8_t *restrict a, const int8_t *restrict b, uint32_t len) {
  int32_t sum = 0;
  for (uint32_t i = 0; i < len; i++)
    sum += a[i] * b[i];
  return sum;
}

static int32_t long_dot(const int8_t *a, const int8_t *b, uint32_t len) {
  uint32_t sum = 0; // wraps as the accumulators do
  for (; len > CHUNK; a += CHUNK, b += CHUNK, len -= CHUNK)
    sum += (uint32_t)dot(a, b, CHUNK);
  return (int32_t)(sum + (uint32_t)dot(a, b, len));
}

// Rows of output tile i, n of them, each k_tiles * k long.
static void load_rows(const struct golden *g, const struct shira_desc_gemm *d, uint32_t i,
                      int8_t *rows) {
  const size_t n = g->m.array_n, k = g->m.array_k, len = d->k_tiles * k;
  const uint8_t *tile = g->sram[SHIRA_SPACE_WEIGHT] + d->w_addr + i * len * n;
  for (size_t j = 0; j < d->k_tiles; j++)
    for (size_t r = 0; r < n; r++, tile += k)
      memcpy(rows + r * len + j * k, tile, k);
}

static int32_t seed(const struct shira_desc_gemm *d, const uint8_t *acc, uint32_t c) {
  int32_t v = 0;
  if (d->seed != SHIRA_GEMM_SEED_ZERO)
    memcpy(&v, acc + 4 * c, 4);
  if (d->seed == SHIRA_GEMM_SEED_SCALED)
    v = (int32_t)clamp(scaled(v, 0, d->seed_scale), INT32_MIN, INT32_MAX);
  return v;
}

// Lets the vector of tile i, token m leave into dst: bytes for int8, words for acc.
static void leave(const struct golden *g, const struct shira_desc_gemm *d, uint32_t i, uint32_t c,
                  int32_t sum, const uint8_t *src, uint8_t *dst) {
  if (d->out == SHIRA_GEMM_OUT_ACC) {
    memcpy(dst + 4 * c, &sum, 4);
    return;
  }
  int64_t v;
  if (d->out == SHIRA_GEMM_OUT_WADD) {
    v = (int8_t)src[c] + clamp(scaled(sum, 0, d->out_scale), INT32_MIN, INT32_MAX);
  } else if (d->uniform != 0) {
    v = scaled(sum, 0, d->out_scale);
  } else {
    struct shira_param p;
    const uint64_t channel = (uint64_t)i * g->m.array_n + c;
    memcpy(&p, g->sram[SHIRA_SPACE_PARAMETER] + d->param_addr + 8 * channel, sizeof p);
    v = scaled(sum, (int32_t)p.bias, p.scale);
  }
  dst[c] = (uint8_t)clamp(v, INT8_MIN, INT8_MAX);
}

// Where the vector of tile i, token m goes: space and address; *src for wadd.
static unsigned target(const struct golden *g, const struct shira_desc_gemm *d, uint32_t i,
                       uint32_t m, uint64_t *addr, const uint8_t **src) {
  const uint64_t n = g->m.array_n, k = g->m.array_k;
  *src = NULL;
  if (d->out == SHIRA_GEMM_OUT_ACC) {
    *addr = d->acc_addr + (uint64_t)i * d->acc_stride + 4 * n * m;
    return SHIRA_SPACE_ACCUMULATOR;
  }
  if (d->out == SHIRA_GEMM_OUT_INT8) {
    *addr = d->out_addr + (uint64_t)m * d->out_stride + i * n;
    return SHIRA_SPACE_ACTIVATION;
  }
  const uint64_t word = (m / n * d->image_k_tiles + i) * n + m % n;
  *src = g->sram[SHIRA_SPACE_WEIGHT] + d->src_addr + word * k;
  *addr = d->out_addr + word * k;
  return SHIRA_SPACE_WEIGHT;
}

// One result vector.
static void vector(struct golden *g, const struct shira_desc_gemm *d, uint32_t i, uint32_t m,
                   const int8_t *rows, struct outcome *o) {
  const uint64_t n = g->m.array_n;
  const uint32_t len = d->k_tiles * g->m.array_k;
  uint64_t addr;
  const uint8_t *src;
  const unsigned space = target(g, d, i, m, &addr, &src);
  const int8_t *x =
      (const int8_t *)g->sram[SHIRA_SPACE_ACTIVATION] + d->x_addr + (uint64_t)m * d->x_stride;
  const uint8_t *acc =
      g->sram[SHIRA_SPACE_ACCUMULATOR] + d->acc_addr + (uint64_t)i * d->acc_stride + 4 * n * m;
  for (uint32_t c = 0; c < n; c++) {
    const uint32_t sum =
        (uint32_t)seed(d, acc, c) + (uint32_t)long_dot(rows + c * (size_t)len, x, len);
    leave(g, d, i, c, (int32_t)sum, src, g->sram[space] + addr);
  }
  o->count++;
}

struct outcome golden_gemm(struct golden *g, const struct shira_desc_gemm *d) {
  struct outcome o = {0};
  if (!check_gemm(g, d, &o))
    return o;
  const size_t tile = (size_t)g->m.array_n * g->m.array_k;
  for (uint32_t i = 0; i < d->n_tiles; i++) {
    load_rows(g, d, i, g->rows);
    for (uint32_t m = 0; m < d->tokens; m++)
      vector(g, d, i, m, g->rows, &o);
  }
  g->counters[SHIRA_COUNTER_MACS] += (uint64_t)o.count * tile * d->k_tiles;
  return o;
}
