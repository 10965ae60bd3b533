#include "model.h"

#include <algorithm>
#include <cstring>

typedef unsigned __int128 wide;

static int32_t load32(const std::vector<uint8_t> &v, uint64_t at) {
  int32_t r;
  memcpy(&r, &v.at(at + 3) - 3, 4);
  return r;
}

static void store32(std::vector<uint8_t> &v, uint64_t at, int32_t value) {
  memcpy(&v.at(at + 3) - 3, &value, 4);
}

int32_t requant(int32_t acc, int32_t bias, uint32_t scale, int32_t lo, int32_t hi) {
  unsigned shift = scale >> 24 & 63;
  __int128 v = ((__int128)acc + bias) * (scale & 0xffffff);
  if (shift)
    v += (__int128)1 << (shift - 1);
  v >>= shift;
  return (int32_t)std::min<__int128>(std::max<__int128>(v, lo), hi);
}

static Verdict check_fields(const Machine &m, const shira_desc_gemm &d, bool params) {
  const unsigned n = m.n, k = m.k;
  const bool int8 = d.out == SHIRA_GEMM_OUT_INT8, wadd = d.out == SHIRA_GEMM_OUT_WADD;
  const struct {
    bool bad;
    unsigned at;
  } fields[] = {{d.out > 2, 16},
                {d.seed > 2, 17},
                {d.uniform > 1, 18},
                {d.tokens == 0, 20},
                {d.n_tiles == 0, 24},
                {d.k_tiles == 0, 28},
                {wadd && d.image_k_tiles < d.n_tiles, 84}},
    aligns[] = {{d.w_addr % (n * k) != 0, 32},
                {d.x_addr % k != 0, 36},
                {d.x_stride % k != 0, 40},
                {d.acc_addr % (4 * n) != 0, 44},
                {d.acc_stride % (4 * n) != 0, 48},
                {params && d.param_addr % (8 * n) != 0, 52},
                {(int8 && d.out_addr % n != 0) || (wadd && d.out_addr % (n * k) != 0), 72},
                {int8 && d.out_stride % n != 0, 76},
                {wadd && d.src_addr % (n * k) != 0, 80}};
  for (auto &f : fields)
    if (f.bad)
      return {SHIRA_STATUS_BAD_FIELD, f.at};
  for (auto &f : aligns)
    if (f.bad)
      return {SHIRA_STATUS_BAD_ALIGN, f.at};
  return {SHIRA_STATUS_OK, 0};
}

Verdict check(const Machine &m, const shira_desc_gemm &d) {
  const unsigned n = m.n, k = m.k;
  const bool int8 = d.out == SHIRA_GEMM_OUT_INT8, wadd = d.out == SHIRA_GEMM_OUT_WADD;
  const bool params = int8 && d.uniform == 0;
  Verdict v = check_fields(m, d, params);
  if (v.status != SHIRA_STATUS_OK)
    return v;

  const wide t = d.tokens - 1;
  const wide acc_end = d.acc_addr + (wide)(d.n_tiles - 1) * d.acc_stride + (wide)d.tokens * 4 * n;
  const wide image = ((t / n) * d.image_k_tiles + d.n_tiles - 1) * n * k + (t % n + 1) * k;
  const wide out_end = d.out_addr + (wadd ? image : t * d.out_stride + (wide)d.n_tiles * n);
  const struct {
    bool bad;
    unsigned at;
  } ranges[] = {{d.w_addr + (wide)d.n_tiles * d.k_tiles * n * k > m.weight.size(), 32},
                {d.x_addr + t * d.x_stride + (wide)d.k_tiles * k > m.act.size(), 36},
                {acc_end > m.acc.size(), 44},
                {params && d.param_addr + (wide)d.n_tiles * 8 * n > m.param.size(), 52},
                {int8 && out_end > m.act.size(), 72},
                {wadd && out_end > m.weight.size(), 72},
                {wadd && d.src_addr + image > m.weight.size(), 80}};
  for (auto &r : ranges)
    if (r.bad)
      return {SHIRA_STATUS_BAD_RANGE, r.at};

  const uint64_t lo = int8 || wadd ? d.out_addr : d.acc_addr;
  const uint64_t hi = (uint64_t)(int8 || wadd ? out_end : acc_end);
  if (lo < d.win_lo)
    return {SHIRA_STATUS_WINDOW, lo};
  if (hi > d.win_hi)
    return {SHIRA_STATUS_WINDOW, std::max(lo, d.win_hi)};
  return {SHIRA_STATUS_OK, 0};
}

// Writes one result vector of output tile i, token t.
static void leave(Machine &m, const shira_desc_gemm &d, uint64_t i, uint64_t t,
                  const std::vector<int32_t> &sums) {
  const unsigned n = m.n, k = m.k;
  for (unsigned c = 0; c < n; c++) {
    if (d.out == SHIRA_GEMM_OUT_INT8) {
      int32_t bias = 0;
      uint32_t scale = d.out_scale;
      if (!d.uniform) {
        bias = load32(m.param, d.param_addr + 8 * (i * n + c));
        scale = (uint32_t)load32(m.param, d.param_addr + 8 * (i * n + c) + 4);
      }
      m.act.at(d.out_addr + t * d.out_stride + i * n + c) =
          (uint8_t)requant(sums[c], bias, scale, -128, 127);
    } else if (d.out == SHIRA_GEMM_OUT_WADD) {
      const uint64_t word = (t / n * d.image_k_tiles + i) * n + t % n;
      const int32_t delta = requant(sums[c], 0, d.out_scale, INT32_MIN, INT32_MAX);
      const int64_t w = (int64_t)(int8_t)m.weight.at(d.src_addr + word * k + c) + delta;
      m.weight.at(d.out_addr + word * k + c) =
          (uint8_t)std::min<int64_t>(std::max<int64_t>(w, -128), 127);
    }
  }
}

uint32_t execute(Machine &m, const shira_desc_gemm &d, uint64_t vectors) {
  const unsigned n = m.n, k = m.k;
  uint64_t written = 0;
  std::vector<int32_t> sums(n);
  for (uint64_t i = 0; i < d.n_tiles; i++)
    for (uint64_t j = 0; j < d.k_tiles; j++)
      for (uint64_t t = 0; t < d.tokens; t++) {
        const uint64_t acc = d.acc_addr + i * d.acc_stride + t * 4 * n;
        if (written == vectors)
          return (uint32_t)written;
        for (unsigned c = 0; c < n; c++) {
          int32_t old = load32(m.acc, acc + 4 * c);
          if (j == 0 && d.seed == SHIRA_GEMM_SEED_ZERO)
            old = 0;
          else if (j == 0 && d.seed == SHIRA_GEMM_SEED_SCALED)
            old = requant(old, 0, d.seed_scale, INT32_MIN, INT32_MAX);
          uint32_t sum = (uint32_t)old;
          for (unsigned q = 0; q < k; q++)
            sum +=
                (uint32_t)((int8_t)m.weight.at(d.w_addr + ((i * d.k_tiles + j) * n + c) * k + q) *
                           (int8_t)m.act.at(d.x_addr + t * d.x_stride + j * k + q));
          sums[c] = (int32_t)sum;
          store32(m.acc, acc + 4 * c, sums[c]);
        }
        if (j + 1 == d.k_tiles) {
          leave(m, d, i, t, sums);
          written++;
        }
      }
  return (uint32_t)written;
}
