// SCATTER: applies a gap8 stream to the weight SRAM.
#include <isa-l/crc.h>
#include <string.h>

#include "sim/golden/golden.h"

// A stream on its way through the unit.
struct stream {
  const struct shira_desc_scatter *d;
  const uint8_t *data; // first byte, valid up to `fetched`
  uint64_t fetched;    // bytes fetched
  uint64_t offset;     // of the current block
  uint64_t cursor;     // next position that may be updated
};

static bool check_scatter(const struct golden *g, const struct shira_desc_scatter *d,
                          struct outcome *o) {
  const uint32_t align = g->m.memory_burst_bytes;
  const struct check fields[] = {
      {d->op != SHIRA_SCATTER_OP_SET, SHIRA_STATUS_BAD_FIELD, 16},
      {d->format != SHIRA_STREAM_FORMAT_GAP8, SHIRA_STATUS_BAD_FIELD, 17},
      {d->traffic != SHIRA_TRAFFIC_VALUE && d->traffic != SHIRA_TRAFFIC_UNDO,
       SHIRA_STATUS_BAD_FIELD, 18},
      {d->updates == 0, SHIRA_STATUS_BAD_FIELD, 20},
      {d->stream_bytes == 0, SHIRA_STATUS_BAD_FIELD, 32},
      {d->stream_addr % align != 0, SHIRA_STATUS_BAD_ALIGN, 24},
      {d->stream_bytes % align != 0, SHIRA_STATUS_BAD_ALIGN, 32},
      {d->base % g->m.array_k != 0, SHIRA_STATUS_BAD_ALIGN, 36},
      {d->base >= g->m.weight_bytes, SHIRA_STATUS_BAD_RANGE, 36},
      {d->win_hi > g->m.weight_bytes, SHIRA_STATUS_BAD_RANGE, 64},
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

static bool gaps_hold(const uint8_t *gaps, const struct shira_block_header *h) {
  uint32_t updates = 0;
  for (uint32_t i = 0; i < h->gap_bytes; i++)
    updates += gaps[i] != 255;
  return gaps[0] == 0 && updates == h->updates;
}

// Everything about a block that must hold before its first update. Sets *bytes to its length.
static bool check_block(struct golden *g, struct stream *s, struct shira_block_header *h,
                        uint64_t *bytes, uint64_t done, struct outcome *o) {
  const uint64_t align = g->m.memory_burst_bytes;
  const uint64_t most_gaps = 4 * (uint64_t)g->m.scatter_block_updates;
  uint8_t status = SHIRA_STATUS_OK;
  if (s->d->stream_bytes - s->offset < sizeof *h) {
    status = SHIRA_STATUS_STREAM_LENGTH;
    goto out;
  }
  if (!fetch(g, s, s->offset + sizeof *h, o))
    return false;
  memcpy(h, s->data + s->offset, sizeof *h);
  if (h->updates == 0 || h->updates > g->m.scatter_block_updates || h->gap_bytes < h->updates ||
      h->gap_bytes > most_gaps || h->format != s->d->format || h->value_bytes != 1) {
    status = SHIRA_STATUS_STREAM_FORMAT;
    goto out;
  }
  const uint64_t head = (sizeof *h + h->gap_bytes + align - 1) / align * align;
  *bytes = head + (h->updates + align - 1) / align * align;
  if (s->d->stream_bytes - s->offset < *bytes || done + h->updates > s->d->updates) {
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
  else if (!gaps_hold(block + sizeof *h, h))
    status = SHIRA_STATUS_STREAM_FORMAT;
out:
  if (status != SHIRA_STATUS_OK) {
    o->status = status;
    o->where = s->offset;
  }
  return status == SHIRA_STATUS_OK;
}

// Applies the updates of a checked block.
static bool apply(struct golden *g, struct stream *s, const struct shira_block_header *h,
                  struct outcome *o) {
  const uint64_t align = g->m.memory_burst_bytes;
  const uint8_t *gaps = s->data + s->offset + sizeof *h;
  const uint8_t *value =
      s->data + s->offset + (sizeof *h + h->gap_bytes + align - 1) / align * align;
  uint8_t *weight = g->sram[SHIRA_SPACE_WEIGHT];
  s->cursor = h->first;
  for (uint32_t i = 0; i < h->gap_bytes; i++) {
    s->cursor += gaps[i];
    if (gaps[i] == 255)
      continue;
    const uint64_t at = s->d->base + s->cursor++;
    if (at < s->d->win_lo || at >= s->d->win_hi) {
      o->status = SHIRA_STATUS_WINDOW;
      o->where = at;
      return false;
    }
    weight[at] = *value++;
    o->count++;
  }
  return true;
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
    if (!check_block(g, &s, &h, &bytes, o.count, &o))
      break;
    count_block(g, d, bytes, h.updates);
    if (!apply(g, &s, &h, &o))
      break;
    s.offset += bytes;
  }
  if (o.status == SHIRA_STATUS_OK && !o.mute && o.count != d->updates) {
    o.status = SHIRA_STATUS_STREAM_LENGTH;
    o.where = s.offset;
  }
  g->counters[SHIRA_COUNTER_UPDATES] += o.count;
  return o;
}
