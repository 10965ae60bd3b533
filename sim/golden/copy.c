// COPY: 2-D moves between any two spaces.
#include <string.h>

#include "sim/golden/golden.h"

// First byte that the rows would write outside [lo, hi), in the order of the rows. UINT64_MAX:
// none.
static uint64_t first_outside(const struct shira_desc_copy *d) {
  if (d->dst_addr < d->win_lo || d->dst_addr >= d->win_hi)
    return d->dst_addr;
  const uint64_t room = d->win_hi - d->dst_addr; // of the first row and all after it
  if (room < d->row_bytes)
    return d->win_hi;
  if (d->dst_stride == 0 || (room - d->row_bytes) / d->dst_stride >= d->rows - 1)
    return UINT64_MAX;
  // The row after those that fit starts inside or behind the window.
  const uint64_t row = (room - d->row_bytes) / d->dst_stride + 1;
  const uint64_t start = row * d->dst_stride;
  return start < room ? d->win_hi : d->dst_addr + start;
}

static bool check_copy(const struct golden *g, const struct shira_desc_copy *d, struct outcome *o) {
  const uint32_t beat = g->m.axi_data_bits / 8;
  const uint64_t src_size = d->src_space < GOLDEN_SPACES ? g->sram_bytes[d->src_space] : 0;
  const uint64_t dst_size = d->dst_space < GOLDEN_SPACES ? g->sram_bytes[d->dst_space] : 0;
  const struct check fields[] = {
      {d->src_space >= GOLDEN_SPACES, SHIRA_STATUS_BAD_FIELD, 16},
      {d->dst_space >= GOLDEN_SPACES, SHIRA_STATUS_BAD_FIELD, 17},
      {d->traffic > SHIRA_TRAFFIC_CHECK, SHIRA_STATUS_BAD_FIELD, 18},
      {d->rows == 0, SHIRA_STATUS_BAD_FIELD, 20},
      {d->row_bytes == 0, SHIRA_STATUS_BAD_FIELD, 40},
      {d->src_addr % beat != 0, SHIRA_STATUS_BAD_ALIGN, 24},
      {d->dst_addr % beat != 0, SHIRA_STATUS_BAD_ALIGN, 32},
      {d->row_bytes % beat != 0, SHIRA_STATUS_BAD_ALIGN, 40},
      {d->src_stride % beat != 0, SHIRA_STATUS_BAD_ALIGN, 44},
      {d->dst_stride % beat != 0, SHIRA_STATUS_BAD_ALIGN, 48},
  };
  if (!golden_checks(fields, sizeof fields / sizeof fields[0], o))
    return false;
  const struct check ranges[] = {
      {d->src_space != SHIRA_SPACE_MEMORY &&
           !golden_fits(d->src_addr, d->rows, d->src_stride, d->row_bytes, src_size),
       SHIRA_STATUS_BAD_RANGE, 24},
      {d->dst_space != SHIRA_SPACE_MEMORY &&
           !golden_fits(d->dst_addr, d->rows, d->dst_stride, d->row_bytes, dst_size),
       SHIRA_STATUS_BAD_RANGE, 32},
  };
  if (!golden_checks(ranges, sizeof ranges / sizeof ranges[0], o))
    return false;
  const uint64_t outside = first_outside(d);
  if (outside != UINT64_MAX)
    *o = failed(SHIRA_STATUS_WINDOW, outside);
  return outside == UINT64_MAX;
}

// One side of a row: where it is, and how much of its current burst is left.
struct side {
  uint64_t addr;
  uint8_t *at;   // host pointer to addr
  uint32_t left; // bytes to the end of the burst
};

// Makes sure that the side has a burst; SRAM counts as a burst of the whole rest of the row.
static bool side_ready(struct golden *g, struct side *s, unsigned space, bool write, uint32_t rest,
                       unsigned traffic, struct outcome *o) {
  if (s->left != 0)
    return true;
  if (space == SHIRA_SPACE_MEMORY) {
    s->left = golden_burst(g, s->addr, rest);
    s->at = golden_access(g, write, s->addr, s->left, traffic, o);
    return s->at != NULL;
  }
  s->left = rest;
  s->at = g->sram[space] + s->addr;
  return true;
}

static void side_move(struct side *s, uint32_t bytes) {
  s->addr += bytes;
  s->at += bytes;
  s->left -= bytes;
}

static bool copy_row(struct golden *g, const struct shira_desc_copy *d, uint64_t src_addr,
                     uint64_t dst_addr, struct outcome *o) {
  struct side src = {.addr = src_addr}, dst = {.addr = dst_addr};
  for (uint32_t rest = d->row_bytes; rest != 0;) {
    if (!side_ready(g, &src, d->src_space, false, rest, d->traffic, o))
      return false;
    if (!side_ready(g, &dst, d->dst_space, true, rest, d->traffic, o))
      return false;
    const uint32_t n = src.left < dst.left ? src.left : dst.left;
    memmove(dst.at, src.at, n);
    side_move(&src, n);
    side_move(&dst, n);
    rest -= n;
    o->count += n / (g->m.axi_data_bits / 8);
  }
  return true;
}

struct outcome golden_copy(struct golden *g, const struct shira_desc_copy *d) {
  struct outcome o = {0};
  if (!check_copy(g, d, &o))
    return o;
  for (uint64_t r = 0; r < d->rows; r++)
    if (!copy_row(g, d, d->src_addr + r * d->src_stride, d->dst_addr + r * d->dst_stride, &o))
      break;
  return o;
}
