// SCATTER: applies a stream to a weight image in the weight SRAM or in memory.
#include <isa-l/crc.h>
#include <string.h>

#include "sim/golden/engines.h"

#define MOST_UPDATES 16383 // of a block, by the machine's schema

// The aligned run of memory whose updates are being combined.
struct line {
  bool open;
  uint64_t addr;
  uint8_t data[SHIRA_PAGE_BYTES]; // as it will be, where mask is set
  bool mask[SHIRA_PAGE_BYTES];
};

// A stream on its way through the unit.
struct stream {
  const struct shira_desc_scatter *d;
  const uint8_t *data;       // first byte, valid up to `fetched`
  uint64_t fetched;          // bytes fetched
  uint64_t offset;           // of the current block
  uint64_t cursor;           // next position that may be updated
  uint64_t head;             // bytes of the block before its values
  struct line line;          // space = memory
  uint32_t done;             // updates applied, those of the line that is open too
  uint32_t made;             // updates that are in the weights
  uint8_t old[MOST_UPDATES]; // what the block's updates replaced
};

static bool row_layout_bad(const struct golden *g, const struct shira_desc_scatter *d) {
  return g->m.layout == SHIRA_LAYOUT_ROW && (d->row_log2 > 31 || 1u << d->row_log2 < g->m.array_k);
}

static bool check_scatter(const struct golden *g, const struct shira_desc_scatter *d,
                          struct outcome *o) {
  const uint32_t align = g->m.memory_burst_bytes;
  const bool memory = d->space == SHIRA_SPACE_MEMORY;
  const struct check fields[] = {
      {d->op > SHIRA_SCATTER_OP_SWAP, SHIRA_STATUS_BAD_FIELD, 16},
      {d->format != SHIRA_STREAM_FORMAT_GAP8 && d->format != SHIRA_STREAM_FORMAT_COO32,
       SHIRA_STATUS_BAD_FIELD, 17},
      {d->traffic != SHIRA_TRAFFIC_VALUE && d->traffic != SHIRA_TRAFFIC_UNDO,
       SHIRA_STATUS_BAD_FIELD, 18},
      {!memory && d->space != SHIRA_SPACE_WEIGHT, SHIRA_STATUS_BAD_FIELD, 19},
      {d->updates == 0, SHIRA_STATUS_BAD_FIELD, 20},
      {d->stream_bytes == 0, SHIRA_STATUS_BAD_FIELD, 32},
      {row_layout_bad(g, d), SHIRA_STATUS_BAD_FIELD, 40},
      {g->m.layout == SHIRA_LAYOUT_ROW && (d->k_tiles == 0 || d->k_tiles > UINT16_MAX),
       SHIRA_STATUS_BAD_FIELD, 44},
      {d->stream_addr % align != 0, SHIRA_STATUS_BAD_ALIGN, 24},
      {d->stream_bytes % align != 0, SHIRA_STATUS_BAD_ALIGN, 32},
      {!memory && d->base % g->m.array_k != 0, SHIRA_STATUS_BAD_ALIGN, 36},
      {memory && d->mem_base % align != 0, SHIRA_STATUS_BAD_ALIGN, 72},
      {!memory && d->base >= g->m.weight_bytes, SHIRA_STATUS_BAD_RANGE, 36},
      {!memory && d->win_hi > g->m.weight_bytes, SHIRA_STATUS_BAD_RANGE, 64},
  };
  return golden_checks(fields, sizeof fields / sizeof fields[0], o);
}

// Fetches the stream up to `end` bytes. Mapped pages are contiguous in the host, so that the
// pointer to the first byte serves for all.
static bool fetch(struct golden *g, struct stream *s, uint64_t end, struct outcome *o) {
  while (s->fetched < end) {
    const uint64_t addr = s->d->stream_addr + s->fetched;
    const uint32_t n = golden_burst(g, addr, s->d->stream_bytes - s->fetched);
    const uint8_t *at = golden_access(g, false, addr, n, SHIRA_TRAFFIC_COUNT, o);
    if (at == NULL)
      return false;
    if (s->fetched == 0)
      s->data = at;
    s->fetched += n;
  }
  return true;
}

static uint32_t block_crc(const struct shira_block_header *h, const uint8_t *block,
                          uint64_t bytes) {
  struct shira_block_header head = *h;
  head.crc = 0;
  uint32_t crc = crc32_iscsi((unsigned char *)&head, sizeof head, UINT32_MAX);
  crc = crc32_iscsi((unsigned char *)block + sizeof head, (int)(bytes - sizeof head), crc);
  return ~crc;
}

// The positions of a block are as many as its header says, and in order.
static bool positions_hold(const uint8_t *gaps, const struct shira_block_header *h) {
  if (h->format == SHIRA_STREAM_FORMAT_COO32) {
    uint32_t before = h->first;
    for (uint32_t i = 0; i < h->updates; i++) {
      uint32_t position;
      memcpy(&position, gaps + 4 * (size_t)i, 4);
      if (i == 0 ? position != h->first : position <= before)
        return false;
      before = position;
    }
    return true;
  }
  uint32_t updates = 0;
  for (uint32_t i = 0; i < h->gap_bytes; i++)
    updates += gaps[i] != 255;
  return gaps[0] == 0 && updates == h->updates;
}

static bool header_holds(const struct golden *g, const struct shira_desc_scatter *d,
                         const struct shira_block_header *h) {
  const uint64_t most_gaps = 4 * (uint64_t)g->m.scatter_block_updates;
  if (h->updates == 0 || h->updates > g->m.scatter_block_updates || h->format != d->format ||
      h->value_bytes != 1)
    return false;
  if (d->format == SHIRA_STREAM_FORMAT_COO32)
    return h->gap_bytes == 4 * h->updates;
  return h->gap_bytes >= h->updates && h->gap_bytes <= most_gaps;
}

// Everything about a block that must hold before its first update. Sets *bytes to its length.
static bool check_block(struct golden *g, struct stream *s, struct shira_block_header *h,
                        uint64_t *bytes, struct outcome *o) {
  const uint64_t align = g->m.memory_burst_bytes;
  uint8_t status = SHIRA_STATUS_OK;
  if (s->d->stream_bytes - s->offset < sizeof *h) {
    status = SHIRA_STATUS_STREAM_LENGTH;
    goto out;
  }
  if (!fetch(g, s, s->offset + sizeof *h, o))
    return false;
  memcpy(h, s->data + s->offset, sizeof *h);
  if (!header_holds(g, s->d, h)) {
    status = SHIRA_STATUS_STREAM_FORMAT;
    goto out;
  }
  s->head = (sizeof *h + h->gap_bytes + align - 1) / align * align;
  *bytes = s->head + (h->updates + align - 1) / align * align;
  if (s->d->stream_bytes - s->offset < *bytes || (uint64_t)s->done + h->updates > s->d->updates) {
    status = SHIRA_STATUS_STREAM_LENGTH;
    goto out;
  }
  if (!fetch(g, s, s->offset + *bytes, o))
    return false;
  const uint8_t *block = s->data + s->offset;
  if (block_crc(h, block, *bytes) != h->crc)
    status = SHIRA_STATUS_STREAM_CRC;
  else if (h->first < s->cursor)
    status = SHIRA_STATUS_STREAM_ORDER;
  else if (!positions_hold(block + sizeof *h, h))
    status = SHIRA_STATUS_STREAM_FORMAT;
out:
  if (status != SHIRA_STATUS_OK) {
    o->status = status;
    o->where = s->offset;
  }
  return status == SHIRA_STATUS_OK;
}

// Byte of the image that a position names.
static uint64_t image_offset(const struct golden *g, const struct shira_desc_scatter *d,
                             uint64_t position) {
  if (g->m.layout != SHIRA_LAYOUT_ROW)
    return position;
  const uint64_t n = g->m.array_n, k = g->m.array_k;
  const uint64_t r = position >> d->row_log2, c = position & ((UINT64_C(1) << d->row_log2) - 1);
  return ((r / n * d->k_tiles + c / k) * n + r % n) * k + c % k;
}

// Writes the bytes that were updated. Updates in memory are made when their line is.
static bool close_line(struct golden *g, struct stream *s, struct outcome *o) {
  struct line *l = &s->line;
  if (!l->open)
    return true;
  l->open = false;
  const uint32_t bytes = g->m.memory_burst_bytes;
  uint8_t *at = golden_access(g, true, l->addr, bytes, SHIRA_TRAFFIC_WEIGHT, o);
  for (uint32_t i = 0; at != NULL && i < bytes; i++)
    if (l->mask[i])
      at[i] = l->data[i];
  if (at != NULL)
    s->made = s->done;
  return at != NULL;
}

static bool open_line(struct golden *g, struct stream *s, uint64_t addr, bool read,
                      struct outcome *o) {
  struct line *l = &s->line;
  const uint32_t bytes = g->m.memory_burst_bytes;
  if (l->open && l->addr == addr)
    return true;
  if (!close_line(g, s, o))
    return false;
  memset(l->mask, 0, sizeof l->mask);
  if (read) {
    const uint8_t *at = golden_access(g, false, addr, bytes, SHIRA_TRAFFIC_WEIGHT, o);
    if (at == NULL)
      return false;
    memcpy(l->data, at, bytes);
  }
  l->open = true;
  l->addr = addr;
  return true;
}

// The byte that an update changes; NULL with *o set where it may not or cannot be.
static uint8_t *target(struct golden *g, struct stream *s, uint64_t position, struct outcome *o) {
  const struct shira_desc_scatter *d = s->d;
  const bool memory = d->space == SHIRA_SPACE_MEMORY;
  const uint64_t at = (memory ? d->mem_base : d->base) + image_offset(g, d, position);
  if (at < d->win_lo || at >= d->win_hi) {
    if (close_line(g, s, o)) {
      o->status = SHIRA_STATUS_WINDOW;
      o->where = at;
    }
    return NULL;
  }
  if (!memory)
    return g->sram[SHIRA_SPACE_WEIGHT] + at;
  const uint64_t in_line = at % g->m.memory_burst_bytes;
  if (!open_line(g, s, at - in_line, d->op != SHIRA_SCATTER_OP_SET, o))
    return NULL;
  s->line.mask[in_line] = true;
  return &s->line.data[in_line];
}

static bool update(struct golden *g, struct stream *s, uint64_t position, uint8_t value,
                   uint8_t *old, struct outcome *o) {
  uint8_t *at = target(g, s, position, o);
  if (at == NULL)
    return false;
  *old = *at;
  switch (s->d->op) {
  case SHIRA_SCATTER_OP_ADD:
    *at = (uint8_t)(*at + value);
    break;
  case SHIRA_SCATTER_OP_SUB:
    *at = (uint8_t)(*at - value);
    break;
  default:
    *at = value;
  }
  s->done++;
  if (s->d->space != SHIRA_SPACE_MEMORY)
    s->made++;
  return true;
}

// Applies the updates of a checked block.
static bool apply(struct golden *g, struct stream *s, const struct shira_block_header *h,
                  struct outcome *o) {
  const uint8_t *gaps = s->data + s->offset + sizeof *h;
  const uint8_t *value = s->data + s->offset + s->head;
  s->cursor = h->first;
  if (h->format == SHIRA_STREAM_FORMAT_COO32) {
    for (uint32_t i = 0; i < h->updates; i++) {
      uint32_t position;
      memcpy(&position, gaps + 4 * (size_t)i, 4);
      if (!update(g, s, position, value[i], &s->old[i], o))
        return false;
      s->cursor = (uint64_t)position + 1;
    }
    return true;
  }
  for (uint32_t i = 0, n = 0; i < h->gap_bytes; i++) {
    s->cursor += gaps[i];
    if (gaps[i] == 255)
      continue;
    if (!update(g, s, s->cursor++, value[n], &s->old[n], o))
      return false;
    n++;
  }
  return true;
}

// SWAP: the block with the bytes that were replaced as its values, padding zero; first the values,
// then the crc, which costs one beat.
static bool write_back(struct golden *g, struct stream *s, const struct shira_block_header *h,
                       uint64_t bytes, struct outcome *o) {
  uint8_t block[16 + 4 * MOST_UPDATES + MOST_UPDATES + 2 * SHIRA_PAGE_BYTES] = {0};
  const uint64_t addr = s->d->stream_addr + s->offset;
  memcpy(block, s->data + s->offset, s->head);
  memcpy(block + s->head, s->old, h->updates);
  for (uint64_t i = s->head; i < bytes;) {
    const uint32_t n = golden_burst(g, addr + i, bytes - i);
    uint8_t *at = golden_access(g, true, addr + i, n, SHIRA_TRAFFIC_UNDO, o);
    if (at == NULL)
      return false;
    memcpy(at, block + i, n);
    i += n;
  }
  const uint32_t crc = block_crc(h, block, bytes);
  uint8_t *at = golden_access(g, true, addr, g->m.axi_data_bits / 8, SHIRA_TRAFFIC_UNDO, o);
  if (at != NULL)
    memcpy(at, &crc, sizeof crc);
  return at != NULL;
}

static void count_block(struct golden *g, const struct shira_desc_scatter *d, uint64_t bytes,
                        uint32_t values) {
  if (d->traffic == SHIRA_TRAFFIC_UNDO) {
    g->counters[SHIRA_COUNTER_READ_BYTES_UNDO] += bytes;
  } else {
    g->counters[SHIRA_COUNTER_READ_BYTES_INDEX] += bytes - values;
    g->counters[SHIRA_COUNTER_READ_BYTES_VALUE] += values;
  }
}

struct outcome golden_scatter(struct golden *g, const struct shira_desc_scatter *d) {
  struct outcome o = {0};
  if (!check_scatter(g, d, &o))
    return o;
  struct stream s = {.d = d};
  while (s.offset < d->stream_bytes) {
    struct shira_block_header h;
    uint64_t bytes;
    if (!check_block(g, &s, &h, &bytes, &o))
      break;
    count_block(g, d, bytes, h.updates);
    if (!apply(g, &s, &h, &o))
      break;
    if (d->op == SHIRA_SCATTER_OP_SWAP && !write_back(g, &s, &h, bytes, &o))
      break;
    s.offset += bytes;
  }
  // What came before an error in the stream is done.
  struct outcome end = {0};
  if (!o.mute && !close_line(g, &s, &end))
    o = end;
  o.count = s.made;
  if (o.status == SHIRA_STATUS_OK && !o.mute && o.count != d->updates) {
    o.status = SHIRA_STATUS_STREAM_LENGTH;
    o.where = s.offset;
  }
  g->counters[SHIRA_COUNTER_UPDATES] += o.count;
  return o;
}
