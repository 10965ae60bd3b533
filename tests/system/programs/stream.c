// Streams of updates, written block by block without the host library's encoder, and the ways to
// corrupt them. A slot ends in zeros, so that what is behind a stream is no block.
#include <string.h>

#include "shira/pack.h"
#include "tests/system/programs/program.h"

#define ESCAPE 255u
#define MOST_BLOCKS 512u
#define SHORT_BLOCKS 16u // most of a stream in a slot of its descriptor's own

// Of the slot, for blocks.
static uint32_t room_of(const struct maker *m) {
  return m->stream_room - 64;
}

static uint32_t padded(const struct maker *m, uint32_t bytes) {
  const uint32_t align = m->hw->memory_burst_bytes;
  return (bytes + align - 1) / align * align;
}

static uint32_t block_bytes(const struct maker *m, const struct shira_block_header *h) {
  return padded(m, (uint32_t)sizeof(*h) + h->gap_bytes) + padded(m, h->updates);
}

// ---- Good streams -----------------------------------------------------------------------------

// How far apart the updates of a stream are.
enum spread { DENSE, NEAR, FAR, MIXED, SPREADS };

static uint32_t gap(struct rng *r, enum spread spread) {
  switch (spread) {
  case DENSE:
    return one_in(r, 6);
  case NEAR:
    return below(r, 60);
  case FAR:
    return below(r, 700);
  default:
    return gap(r, (enum spread)below(r, MIXED));
  }
}

// What is to go into a block.
struct block {
  uint32_t most;   // updates
  uint32_t next;   // position of the first
  uint32_t end;    // of positions
  uint64_t lo, hi; // out: where updates lie in the image
  uint8_t format;  // stream_format
  enum spread spread;
};

static void add_gap8(uint8_t *gaps, struct shira_block_header *h, uint32_t g) {
  const uint32_t escapes = g / ESCAPE;
  memset(gaps + h->gap_bytes, ESCAPE, escapes);
  gaps[h->gap_bytes + escapes] = (uint8_t)(g % ESCAPE);
  h->gap_bytes = (uint16_t)(h->gap_bytes + escapes + 1);
}

static void add_coo32(uint8_t *gaps, struct shira_block_header *h, uint32_t position) {
  memcpy(gaps + h->gap_bytes, &position, 4);
  h->gap_bytes = (uint16_t)(h->gap_bytes + 4);
}

// Where in the image the byte of an update lies.
static void note_update(const struct maker *m, const struct shira_desc_scatter *d, struct block *b,
                        uint32_t position) {
  const uint64_t n = m->hw->array_n, k = m->hw->array_k;
  uint64_t at = position;
  if (m->hw->layout == SHIRA_LAYOUT_ROW) {
    const uint64_t r = position >> d->row_log2, c = position & ((1u << d->row_log2) - 1);
    at = ((r / n * d->k_tiles + c / k) * n + r % n) * k + c % k;
  }
  b->lo = at < b->lo ? at : b->lo;
  b->hi = at + 1 > b->hi ? at + 1 : b->hi;
}

// Writes a block to `at` and moves b->next behind it. Returns its bytes.
static uint32_t write_block(struct maker *m, const struct shira_desc_scatter *d, uint8_t *at,
                            struct block *b) {
  struct rng *r = &m->rng;
  const bool coo32 = b->format == SHIRA_STREAM_FORMAT_COO32;
  const uint32_t most_gaps = 4 * m->hw->scatter_block_updates;
  struct shira_block_header h = {.first = b->next, .format = b->format, .value_bytes = 1};
  uint8_t *gaps = at + sizeof(h);
  uint32_t cursor = b->next, g = 0;
  do {
    if (coo32)
      add_coo32(gaps, &h, cursor + g);
    else
      add_gap8(gaps, &h, g);
    note_update(m, d, b, cursor + g);
    h.updates++;
    cursor += g + 1;
    g = gap(r, b->spread);
  } while (h.updates < b->most && cursor + g < b->end &&
           h.gap_bytes + (coo32 ? 4 : g / ESCAPE + 1) <= most_gaps);
  // An escape behind the last update moves the cursor and nothing else.
  if (!coo32 && one_in(r, 12) && h.gap_bytes < most_gaps && cursor + ESCAPE < b->end) {
    gaps[h.gap_bytes++] = ESCAPE;
    cursor += ESCAPE;
  }
  uint8_t *values = at + padded(m, (uint32_t)sizeof(h) + h.gap_bytes);
  for (uint32_t i = 0; i < h.updates; i++)
    values[i] = (uint8_t)rng_next(r);
  memcpy(at, &h, sizeof(h));
  h.crc = shira_block_crc(at, block_bytes(m, &h));
  memcpy(at, &h, sizeof(h));
  b->next = cursor + gap(r, b->spread);
  return block_bytes(m, &h);
}

#define ROWS_BYTES 0x1000u // more than the tiles of a row of a stream

// Where the image lies, and how long it may be.
static uint32_t place_image(struct maker *m, struct shira_desc_scatter *s, uint64_t *origin,
                            uint64_t *space_end) {
  struct rng *r = &m->rng;
  const uint32_t k = m->hw->array_k, align = m->hw->memory_burst_bytes;
  s->base = below(r, m->hw->weight_bytes / k) * k;
  if (one_in(r, 3))
    s->base = m->hot[SHIRA_SPACE_WEIGHT][below(r, HOT)] / k * k;
  uint32_t out = DATA_OUT + below(r, OUT_BYTES / align) * align;
  s->space = one_in(r, SCATTER_SPACES) ? SHIRA_SPACE_WEIGHT : SHIRA_SPACE_MEMORY;
  if (m->hw->layout == SHIRA_LAYOUT_ROW) { // some rows of tiles fit
    s->base = s->base < m->hw->weight_bytes - ROWS_BYTES ? s->base : 0;
    out = out < DATA_BYTES - ROWS_BYTES ? out : DATA_OUT;
  }
  s->mem_base = world_addr(m->world, out);
  const bool memory = s->space == SHIRA_SPACE_MEMORY;
  *origin = memory ? s->mem_base : s->base;
  *space_end = memory ? world_addr(m->world, DATA_BYTES) : m->hw->weight_bytes;
  return (uint32_t)(*space_end - *origin);
}

// Rows, of which no column is outside the image. Returns how many positions lie in `bytes`.
static uint32_t draw_rows(struct maker *m, struct shira_desc_scatter *s, uint32_t bytes) {
  struct rng *r = &m->rng;
  const uint32_t n = m->hw->array_n, k = m->hw->array_k;
  uint32_t row_log2 = 0;
  while (1u << row_log2 < k)
    row_log2++;
  row_log2 += below(r, 6);
  s->row_log2 = (uint8_t)row_log2;
  s->k_tiles = (1u << row_log2) / k + below(r, 3);
  return bytes / (s->k_tiles * n * k) * n << row_log2;
}

void make_stream(struct maker *m, union shira_descriptor *d) {
  struct rng *r = &m->rng;
  struct shira_desc_scatter *s = &d->scatter;
  const uint32_t most = m->hw->scatter_block_updates;
  const uint32_t longest =
      padded(m, (uint32_t)sizeof(struct shira_block_header) + 4 * most) + padded(m, most);
  const bool is_long = m->stream_room == LONG_BYTES;
  const uint32_t blocks = is_long ? MOST_BLOCKS : one_in(r, 3) ? 1 : between(r, 1, SHORT_BLOCKS);
  uint64_t origin, space_end;
  s->op = (uint8_t)below(r, SCATTER_OPS);
  s->format = (uint8_t)between(r, 1, SCATTER_FORMATS);
  s->traffic = one_in(r, 3) ? SHIRA_TRAFFIC_UNDO : SHIRA_TRAFFIC_VALUE;
  uint32_t end = place_image(m, s, &origin, &space_end);
  if (m->hw->layout == SHIRA_LAYOUT_ROW)
    end = draw_rows(m, s, end);
  struct block b = {.end = end, .lo = UINT64_MAX, .format = s->format};
  b.next = is_long || one_in(r, 2) ? 0 : below(r, end);
  b.spread = (enum spread)below(r, is_long ? FAR : SPREADS);
  uint32_t used = 0;
  memset(m->stream, 0, m->stream_room);
  for (uint32_t i = 0; i < blocks && used + longest <= room_of(m) && b.next < end; i++) {
    const struct shira_block_header *h = (const void *)(m->stream + used);
    b.most = one_in(r, 3) ? most : between(r, 1, most);
    used += write_block(m, s, m->stream + used, &b);
    s->updates += h->updates;
  }
  s->stream_addr = m->stream_addr;
  s->stream_bytes = used;
  s->win_lo = origin + b.lo;
  s->win_hi = origin + b.hi;
  widen(m, &s->win_lo, &s->win_hi, space_end);
}

// ---- Corrupt streams --------------------------------------------------------------------------

// A stream in hand: its blocks, one of them chosen.
struct hand {
  struct maker *m;
  struct shira_desc_scatter *d;
  uint32_t at[MOST_BLOCKS], bytes[MOST_BLOCKS], n;
  uint32_t chosen;
  uint8_t *block; // the chosen one
  struct shira_block_header h;
};

static void open_block(struct hand *s, uint32_t chosen) {
  s->chosen = chosen;
  s->block = s->m->stream + s->at[chosen];
  memcpy(&s->h, s->block, sizeof(s->h));
}

// Writes the header back with the checksum of the block as the header says it is.
static void close_block(struct hand *s) {
  memcpy(s->block, &s->h, sizeof(s->h));
  const uint32_t bytes = block_bytes(s->m, &s->h);
  if (bytes <= room_of(s->m) - s->at[s->chosen])
    s->h.crc = shira_block_crc(s->block, bytes);
  memcpy(s->block, &s->h, sizeof(s->h));
}

static void flip_any(struct hand *s) {
  struct rng *r = &s->m->rng;
  s->m->stream[below(r, s->d->stream_bytes)] ^= (uint8_t)(1u << below(r, 8));
}

static void flip_checksum(struct hand *s) {
  s->block[below(&s->m->rng, 4)] ^= (uint8_t)(1u << below(&s->m->rng, 8));
}

static void header_updates(struct hand *s) {
  static const int16_t by[] = {1, -1, -16, 16, 255};
  s->h.updates = (uint16_t)(s->h.updates + by[below(&s->m->rng, 5)]);
  close_block(s);
}

static void header_gap_bytes(struct hand *s) {
  static const int16_t by[] = {1, -1, 64, -16, 16, 255};
  s->h.gap_bytes = (uint16_t)(s->h.gap_bytes + by[below(&s->m->rng, 6)]);
  close_block(s);
}

static void header_format(struct hand *s) {
  s->h.format = (uint8_t)(s->h.format + between(&s->m->rng, 1, 255));
  close_block(s);
}

static void header_value_bytes(struct hand *s) {
  s->h.value_bytes = one_in(&s->m->rng, 2) ? 0 : 2;
  close_block(s);
}

// The position of a block's first update, to before or behind where it may be.
static void header_first(struct hand *s) {
  struct rng *r = &s->m->rng;
  const uint32_t values[] = {0, s->h.first - 1, s->h.first + 1, UINT32_MAX, (uint32_t)rng_next(r)};
  s->h.first = values[below(r, 5)];
  close_block(s);
}

static void first_gap(struct hand *s) {
  s->block[sizeof(s->h)] = (uint8_t)between(&s->m->rng, 1, 255);
  close_block(s);
}

// A gap in the midst: the rest moves, or an escape comes or goes.
static void any_gap(struct hand *s) {
  struct rng *r = &s->m->rng;
  s->block[sizeof(s->h) + below(r, s->h.gap_bytes)] = one_in(r, 2) ? ESCAPE : (uint8_t)rng_next(r);
  close_block(s);
}

// Bytes that nobody looks at: no harm, as long as the checksum is right.
static void padding(struct hand *s) {
  s->block[s->bytes[s->chosen] - 1] ^= 1;
  s->h.rsvd14[0] = (uint8_t)rng_next(&s->m->rng);
  close_block(s);
}

// A block that starts before the end of the one before it.
static void early_block(struct hand *s) {
  struct shira_block_header before;
  if (s->n < 2) {
    flip_checksum(s);
    return;
  }
  open_block(s, between(&s->m->rng, 1, s->n - 1));
  memcpy(&before, s->m->stream + s->at[s->chosen - 1], sizeof(before));
  s->h.first = before.first + below(&s->m->rng, before.updates);
  close_block(s);
}

static void stream_shorter(struct hand *s) {
  const uint32_t align = s->m->hw->memory_burst_bytes;
  s->d->stream_bytes -= align * between(&s->m->rng, 1, s->d->stream_bytes / align);
  if (s->d->stream_bytes == 0)
    s->d->stream_bytes = align;
}

// Whole blocks are missing.
static void stream_cut(struct hand *s) {
  if (s->chosen != 0)
    s->d->stream_bytes = s->at[s->chosen];
  else
    s->d->updates++;
}

static void stream_longer(struct hand *s) {
  s->d->stream_bytes += s->m->hw->memory_burst_bytes * between(&s->m->rng, 1, 2);
}

static void fewer_updates(struct hand *s) {
  s->d->updates -= s->d->updates > 1 ? between(&s->m->rng, 1, s->d->updates - 1) : 0;
}

static void more_updates(struct hand *s) {
  s->d->updates += between(&s->m->rng, 1, 20);
}

static void misaligned(struct hand *s) {
  struct rng *r = &s->m->rng;
  switch (below(r, 3)) {
  case 0:
    s->d->stream_addr += between(r, 1, s->m->hw->memory_burst_bytes - 1);
    break;
  case 1:
    s->d->stream_bytes -= between(r, 1, s->m->hw->memory_burst_bytes - 1);
    break;
  default:
    s->d->base += between(r, 1, s->m->hw->array_k - 1);
  }
}

static void base_behind(struct hand *s) {
  s->d->base = s->m->hw->weight_bytes + s->m->hw->array_k * below(&s->m->rng, 3);
}

static void window_behind(struct hand *s) {
  s->d->win_hi = s->m->hw->weight_bytes + between(&s->m->rng, 1, 16);
}

// Updates run out of the SRAM: the window ends with it.
static void base_further(struct hand *s) {
  s->d->base = s->m->hw->weight_bytes - s->m->hw->array_k * between(&s->m->rng, 1, 8);
  s->d->win_hi = s->m->hw->weight_bytes;
}

static void window_midst(struct hand *s) {
  struct rng *r = &s->m->rng;
  const uint32_t bytes = (uint32_t)(s->d->win_hi - s->d->win_lo);
  if (one_in(r, 2))
    s->d->win_hi -= between(r, 1, bytes);
  else
    s->d->win_lo += between(r, 1, bytes);
}

// Rows that are no rows; in the tile layout nobody looks.
static void row_geometry(struct hand *s) {
  struct rng *r = &s->m->rng;
  if (one_in(r, 2))
    s->d->row_log2 = (uint8_t)(one_in(r, 2) ? 0 : between(r, 32, 255));
  else
    s->d->k_tiles = one_in(r, 2) ? 0 : between(r, UINT16_MAX + 1, UINT32_MAX - 1);
}

static const struct {
  const char *name;
  unsigned weight;
  void (*spoil)(struct hand *s);
} corruptions[] = {
    {"a bit of the stream", 2, flip_any},
    {"a block's checksum", 2, flip_checksum},
    {"a block's updates", 1, header_updates},
    {"a block's gap_bytes", 1, header_gap_bytes},
    {"a block's format", 1, header_format},
    {"a block's value_bytes", 1, header_value_bytes},
    {"a block's first", 1, header_first},
    {"a block's first gap", 1, first_gap},
    {"a gap", 1, any_gap},
    {"padding", 1, padding},
    {"a block that starts early", 8, early_block},
    {"stream too short", 1, stream_shorter},
    {"blocks missing", 1, stream_cut},
    {"stream too long", 1, stream_longer},
    {"updates too few", 1, fewer_updates},
    {"updates too many", 1, more_updates},
    {"misaligned", 3, misaligned},
    {"base behind the SRAM", 2, base_behind},
    {"window behind the SRAM", 1, window_behind},
    {"updates behind the SRAM", 1, base_further},
    {"window ends in the stream", 1, window_midst},
    {"rows", 1, row_geometry},
};

const char *spoil_stream(struct maker *m, union shira_descriptor *d) {
  struct hand s = {.m = m, .d = &d->scatter};
  for (uint32_t at = 0; at < d->scatter.stream_bytes && s.n < MOST_BLOCKS; at += s.bytes[s.n++]) {
    struct shira_block_header h;
    memcpy(&h, m->stream + at, sizeof(h));
    s.at[s.n] = at;
    s.bytes[s.n] = block_bytes(m, &h);
  }
  open_block(&s, below(&m->rng, s.n));
  const unsigned n = sizeof(corruptions) / sizeof(corruptions[0]);
  unsigned all = 0, i = 0;
  for (unsigned c = 0; c < n; c++)
    all += corruptions[c].weight;
  for (unsigned at = below(&m->rng, all); at >= corruptions[i].weight; i++)
    at -= corruptions[i].weight;
  corruptions[i].spoil(&s);
  return corruptions[i].name;
}
