// COPY: 2-D moves between any two spaces.
#include <string.h>

#include "sim/golden/engines.h"

// Whether the rows would write outside the window; sets *first to the first such byte, in the order
// of the rows.
static bool leaves_window(const struct shira_desc_copy *d, uint64_t *first) {
  *first = d->dst_addr;
  if (d->dst_addr < d->win_lo || d->dst_addr >= d->win_hi)
    return true;
  const uint64_t room = d->win_hi - d->dst_addr; // of the first row and all after it
  *first = d->win_hi;
  if (room < d->row_bytes)
    return true;
  if (d->dst_stride == 0 || (room - d->row_bytes) / d->dst_stride >= d->rows - 1)
    return false;
  // The row after those that fit starts inside or behind the window.
  const uint64_t row = (room - d->row_bytes) / d->dst_stride + 1;
  const uint64_t start = row * d->dst_stride;
  if (start >= room)
    *first = d->dst_addr + start;
  return true;
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
  uint64_t outside;
  if (!leaves_window(d, &outside))
    return true;
  *o = failed(SHIRA_STATUS_WINDOW, outside);
  return false;
}

// One side of the move: where it is, and how much of its current row and burst is left.
struct side {
  unsigned space;
  bool write;
  uint64_t row, row_bytes, stride; // first byte and length of the current row
  uint64_t addr;
  uint8_t *at;         // host pointer to addr
  uint64_t rest, left; // bytes to the end of the row, of the burst
};

static struct side side_of(unsigned space, bool write, uint64_t addr, uint64_t stride,
                           const struct shira_desc_copy *d) {
  struct side s = {.space = space, .write = write, .row = addr, .addr = addr, .stride = stride};
  s.row_bytes = stride == d->row_bytes ? (uint64_t)d->rows * d->row_bytes : d->row_bytes;
  s.rest = s.row_bytes;
  return s;
}

// Makes sure that the side has a burst; SRAM counts as a burst of the whole rest of the row.
static bool side_ready(struct golden *g, struct side *s, unsigned traffic, struct outcome *o) {
  if (s->left != 0)
    return true;
  if (s->rest == 0) {
    s->addr = s->row += s->stride;
    s->rest = s->row_bytes;
  }
  if (s->space == SHIRA_SPACE_MEMORY) {
    const uint32_t burst = golden_burst(g, s->addr, s->rest);
    s->left = burst;
    s->at = golden_access(g, s->write, s->addr, burst, traffic, o);
    return s->at != NULL;
  }
  s->left = s->rest;
  s->at = g->sram[s->space] + s->addr;
  return true;
}

static void side_move(struct side *s, uint64_t bytes) {
  s->addr += bytes;
  s->at += bytes;
  s->rest -= bytes;
  s->left -= bytes;
}

struct outcome golden_copy(struct golden *g, const struct shira_desc_copy *d) {
  struct outcome o = {0};
  if (!check_copy(g, d, &o))
    return o;
  struct side src = side_of(d->src_space, false, d->src_addr, d->src_stride, d);
  struct side dst = side_of(d->dst_space, true, d->dst_addr, d->dst_stride, d);
  for (uint64_t rest = (uint64_t)d->rows * d->row_bytes; rest != 0;) {
    if (!side_ready(g, &src, d->traffic, &o) || !side_ready(g, &dst, d->traffic, &o))
      break;
    const uint64_t n = src.left < dst.left ? src.left : dst.left;
    memmove(dst.at, src.at, n);
    side_move(&src, n);
    side_move(&dst, n);
    rest -= n;
    o.count += (uint32_t)(n / (g->m.axi_data_bits / 8));
  }
  return o;
}
