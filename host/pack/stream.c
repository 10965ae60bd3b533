// Streams of both formats, both ways; see block_header in rtl/regs/shira_regs.yaml.
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <isa-l.h>

#include "shira/pack.h"

#define HEADER_BYTES 16u
#define ESCAPE 255u
#define VALUE_BYTES 1u
#define POSITION_BYTES 4u // coo32

// Offsets in a block header.
enum { AT_CRC = 0, AT_FIRST = 4, AT_UPDATES = 8, AT_GAP_BYTES = 10, AT_FORMAT = 12, AT_VALUE = 13 };

// The host is little-endian or not: bytes are put and got one by one.
static void put16(uint8_t *p, uint32_t v) {
  p[0] = (uint8_t)v;
  p[1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *p, uint32_t v) {
  put16(p, v);
  put16(p + 2, v >> 16);
}

static uint32_t get16(const uint8_t *p) {
  return p[0] | (uint32_t)p[1] << 8;
}

static uint32_t get32(const uint8_t *p) {
  return get16(p) | get16(p + 2) << 16;
}

static uint64_t align_up(uint64_t v, uint32_t align) {
  return (v + align - 1) & ~(uint64_t)(align - 1);
}

static bool coo32(const struct shira_stream_rules *rules) {
  return rules->format == SHIRA_STREAM_FORMAT_COO32;
}

static int check_rules(const struct shira_stream_rules *r, struct shira_error *e) {
  if (r->format != SHIRA_STREAM_FORMAT_GAP8 && !coo32(r))
    return shira_fail(e, EINVAL, "stream: there is no format %u", (unsigned)r->format);
  if (r->align < HEADER_BYTES || r->align & (r->align - 1))
    return shira_fail(e, EINVAL, "stream: alignment %u is no power of two >= 16", r->align);
  if (coo32(r) && r->block_updates - 1 >= UINT16_MAX / POSITION_BYTES)
    return shira_fail(e, EINVAL, "stream: blocks of %u positions are not possible",
                      r->block_updates);
  if (!coo32(r) &&
      (!r->block_updates || r->block_gaps < r->block_updates || r->block_gaps > UINT16_MAX))
    return shira_fail(e, EINVAL, "stream: blocks of %u updates and %u gap bytes are not possible",
                      r->block_updates, r->block_gaps);
  return 0;
}

struct shira_stream_rules shira_stream_rules_of(const struct shira_machine *m) {
  return (struct shira_stream_rules){.format = SHIRA_STREAM_FORMAT_GAP8,
                                     .layout = (enum shira_layout)m->layout,
                                     .align = m->memory_burst_bytes,
                                     .block_updates = m->scatter_block_updates,
                                     .block_gaps = 4 * m->scatter_block_updates};
}

uint32_t shira_crc32c(uint32_t crc, const uint8_t *data, size_t bytes) {
  // CRC32C starts from all ones and ends inverted; crc32_iscsi leaves both to its caller, takes its
  // length as an int, and a pointer to mutable bytes that it only reads.
  uint8_t *p = (uint8_t *)(uintptr_t)data;
  for (crc = ~crc; bytes > INT_MAX; bytes -= INT_MAX, p += INT_MAX)
    crc = crc32_iscsi(p, INT_MAX, crc);
  return ~crc32_iscsi(p, (int)bytes, crc);
}

uint32_t shira_block_crc(const uint8_t *block, size_t bytes) {
  uint8_t head[HEADER_BYTES];
  memcpy(head, block, HEADER_BYTES);
  put32(head + AT_CRC, 0);
  return shira_crc32c(shira_crc32c(0, head, HEADER_BYTES), block + HEADER_BYTES,
                      bytes - HEADER_BYTES);
}

// A block is applied when all of it is there. So the first blocks of a long stream double what has
// come, so that work starts early, and the last ones halve what is left, so that little is left to
// do when the last byte has come.
#define TAPER_FROM 16u   // blocks of a stream that does so; the cost is at most TAPER_BLOCKS more
#define TAPER_FIRST 128u // updates of the first block
#define TAPER_LEAST 64u  // updates of a block
#define TAPER_BLOCKS 20u // twice the log2 of the most updates over the least, and the rest

static bool tapers(const struct shira_stream_rules *rules, uint32_t updates) {
  return updates / TAPER_FROM >= rules->block_updates;
}

// Most updates of the block that begins at update `begin` of `count`.
static uint32_t most_updates(const struct shira_stream_rules *rules, uint32_t begin,
                             uint32_t count) {
  uint32_t left = count - begin, half = (left / 2 + rules->align - 1) & ~(rules->align - 1);
  uint32_t start = begin > TAPER_FIRST ? begin & ~(rules->align - 1) : TAPER_FIRST;
  uint32_t most = left < rules->block_updates ? left : rules->block_updates;
  if (!tapers(rules, count))
    return most;
  if (start < most)
    return start;
  if (left > TAPER_LEAST && half < rules->block_updates)
    return half > TAPER_LEAST ? half : TAPER_LEAST;
  return most;
}

uint64_t shira_stream_bound(const struct shira_stream_rules *rules, uint32_t updates,
                            uint64_t span) {
  if (!updates)
    return 0;
  uint64_t block = HEADER_BYTES + 2 * (uint64_t)(rules->align - 1); // beside gaps and values
  uint64_t taper = tapers(rules, updates) ? TAPER_BLOCKS : 0;
  if (coo32(rules))
    return (1 + (updates - 1) / rules->block_updates + taper) * block +
           (POSITION_BYTES + VALUE_BYTES) * (uint64_t)updates;
  uint64_t gaps = updates + span / ESCAPE;
  // A block that ends because a gap does not fit, together with that gap, passes block_gaps; each
  // gap byte is counted at most twice that way.
  uint64_t blocks = 1 + updates / rules->block_updates + 2 * gaps / rules->block_gaps + taper;
  if (blocks > updates)
    blocks = updates;
  return blocks * block + gaps + updates;
}

// One block of a stream: updates [begin, end) of the list.
struct block {
  uint32_t begin, end;
  uint32_t gap_bytes;
};

// Gap bytes of update i after update i - 1 of the same block.
static uint32_t gap_cost(const uint32_t *pos, uint32_t i) {
  return (pos[i] - pos[i - 1] - 1) / ESCAPE + 1;
}

// A gap of more bytes than this is dearer than what a new block costs, its padding included.
static uint32_t longest_gap(const struct shira_stream_rules *rules) {
  uint32_t cut = HEADER_BYTES + 2 * rules->align;
  return cut < rules->block_gaps ? cut : rules->block_gaps;
}

static struct block next_block(const struct shira_stream_rules *rules, const uint32_t *pos,
                               uint32_t begin, uint32_t count) {
  const uint32_t most = most_updates(rules, begin, count);
  if (coo32(rules)) {
    return (struct block){begin, begin + most, POSITION_BYTES * most};
  }
  struct block b = {.begin = begin, .end = begin + 1, .gap_bytes = 1};
  while (b.end < count && b.end - begin < most) {
    uint32_t cost = gap_cost(pos, b.end);
    if (cost > rules->block_gaps - b.gap_bytes || cost > longest_gap(rules))
      break;
    b.gap_bytes += cost;
    b.end++;
  }
  return b;
}

// Bytes of a block's first region and of the whole block, both with padding.
static uint64_t gap_region(const struct shira_stream_rules *rules, uint32_t gap_bytes) {
  return align_up(HEADER_BYTES + gap_bytes, rules->align);
}

static uint64_t block_bytes(const struct shira_stream_rules *rules, uint32_t gap_bytes,
                            uint32_t updates) {
  return gap_region(rules, gap_bytes) + align_up(updates, rules->align);
}

static void write_gaps(const uint32_t *pos, const struct block *b, uint8_t *gap) {
  *gap++ = 0;
  for (uint32_t i = b->begin + 1; i < b->end; i++) {
    uint32_t g = pos[i] - pos[i - 1] - 1;
    for (; g >= ESCAPE; g -= ESCAPE)
      *gap++ = ESCAPE;
    *gap++ = (uint8_t)g;
  }
}

// Writes a block to p, which is zero already.
static void write_block(const struct shira_stream_rules *rules, const uint32_t *pos,
                        const uint8_t *value, const struct block *b, uint8_t *p) {
  uint32_t updates = b->end - b->begin;
  put32(p + AT_FIRST, pos[b->begin]);
  put16(p + AT_UPDATES, updates);
  put16(p + AT_GAP_BYTES, b->gap_bytes);
  p[AT_FORMAT] = (uint8_t)rules->format;
  p[AT_VALUE] = VALUE_BYTES;
  if (!coo32(rules))
    write_gaps(pos, b, p + HEADER_BYTES);
  for (uint32_t i = 0; coo32(rules) && i < updates; i++)
    put32(p + HEADER_BYTES + POSITION_BYTES * i, pos[b->begin + i]);
  memcpy(p + gap_region(rules, b->gap_bytes), value + b->begin, updates);
  put32(p + AT_CRC, shira_block_crc(p, block_bytes(rules, b->gap_bytes, updates)));
}

// Cuts the list into blocks and adds up their parts in `s`.
static int measure(const struct shira_stream_rules *rules, const uint32_t *pos, uint32_t count,
                   struct shira_stream *s, struct shira_error *e) {
  uint64_t bytes = 0, gaps = 0;
  for (uint32_t i = 1; i < count; i++)
    if (pos[i] <= pos[i - 1])
      return shira_fail(e, EINVAL, "stream: position %u follows %u: positions must increase",
                        pos[i], pos[i - 1]);
  for (uint32_t i = 0; i < count;) {
    struct block b = next_block(rules, pos, i, count);
    bytes += block_bytes(rules, b.gap_bytes, b.end - b.begin);
    gaps += b.gap_bytes;
    s->blocks++;
    i = b.end;
  }
  if (bytes > UINT32_MAX)
    return shira_fail(e, EOVERFLOW, "stream: %llu bytes do not fit 32 bits",
                      (unsigned long long)bytes);
  s->bytes = (uint32_t)bytes;
  s->updates = s->value_bytes = count;
  s->header_bytes = s->blocks * HEADER_BYTES;
  s->gap_bytes = (uint32_t)gaps;
  s->pad_bytes = s->bytes - s->header_bytes - s->gap_bytes - s->value_bytes;
  return 0;
}

int shira_stream_encode(const struct shira_stream_rules *rules, const uint32_t *pos,
                        const uint8_t *value, uint32_t count, struct shira_stream *stream,
                        struct shira_error *e) {
  *stream = (struct shira_stream){0};
  struct shira_stream s = {0};
  int err = check_rules(rules, e);
  if (err || !count)
    return err;
  err = measure(rules, pos, count, &s, e);
  if (err)
    return err;
  s.data = calloc(s.bytes, 1);
  if (!s.data)
    return shira_fail(e, ENOMEM, "stream: no memory for %u bytes", s.bytes);
  uint8_t *p = s.data;
  for (uint32_t i = 0; i < count;) {
    struct block b = next_block(rules, pos, i, count);
    write_block(rules, pos, value, &b, p);
    p += block_bytes(rules, b.gap_bytes, b.end - b.begin);
    i = b.end;
  }
  *stream = s;
  return 0;
}

void shira_stream_free(struct shira_stream *stream) {
  free(stream->data);
  *stream = (struct shira_stream){0};
}

static int all_zero(const uint8_t *p, const uint8_t *end) {
  while (p < end)
    if (*p++)
      return 0;
  return 1;
}

// Decodes the gaps of a block into pos; returns the cursor after it, or 0 where the gaps are wrong.
static uint64_t decode_gaps(const uint8_t *gap, uint32_t gap_bytes, uint32_t first,
                            uint32_t updates, uint32_t *pos) {
  uint64_t cursor = first;
  uint32_t found = 0;
  if (gap[0] != 0 || gap[gap_bytes - 1] == ESCAPE)
    return 0;
  for (uint32_t i = 0; i < gap_bytes; i++) {
    cursor += gap[i];
    if (gap[i] == ESCAPE)
      continue;
    if (found == updates || cursor > UINT32_MAX)
      return 0;
    pos[found++] = (uint32_t)cursor++;
  }
  return found == updates ? cursor : 0;
}

// The same for positions.
static uint64_t decode_positions(const uint8_t *p, uint32_t first, uint32_t updates,
                                 uint32_t *pos) {
  for (uint32_t i = 0; i < updates; i++) {
    pos[i] = get32(p + POSITION_BYTES * i);
    if (i ? pos[i] <= pos[i - 1] : pos[i] != first)
      return 0;
  }
  return (uint64_t)pos[updates - 1] + 1;
}

// What a header says is possible.
static bool header_holds(const struct shira_stream_rules *rules, const uint8_t *p) {
  uint32_t updates = get16(p + AT_UPDATES), gap_bytes = get16(p + AT_GAP_BYTES);
  if (!updates || updates > rules->block_updates || p[AT_FORMAT] != rules->format ||
      p[AT_VALUE] != VALUE_BYTES || p[14] || p[15])
    return false;
  return coo32(rules) ? gap_bytes == POSITION_BYTES * updates
                      : gap_bytes >= updates && gap_bytes <= rules->block_gaps;
}

int shira_stream_decode(const struct shira_stream_rules *rules, const uint8_t *data, size_t bytes,
                        uint32_t *pos, uint8_t *value, uint32_t max, struct shira_error *e) {
  int err = check_rules(rules, e);
  if (err)
    return err;
  uint32_t count = 0;
  uint64_t cursor = 0;
  for (size_t at = 0; at < bytes;) {
    const uint8_t *p = data + at;
    if (bytes - at < rules->align)
      return shira_fail(e, EMSGSIZE, "stream: ends inside the header at offset %zu", at);
    uint32_t first = get32(p + AT_FIRST), updates = get16(p + AT_UPDATES);
    uint32_t gap_bytes = get16(p + AT_GAP_BYTES);
    if (!header_holds(rules, p))
      return shira_fail(e, EPROTO, "stream: bad block header at offset %zu", at);
    uint64_t values = gap_region(rules, gap_bytes), size = block_bytes(rules, gap_bytes, updates);
    if (size > bytes - at)
      return shira_fail(e, EMSGSIZE, "stream: ends inside the block at offset %zu", at);
    if (get32(p + AT_CRC) != shira_block_crc(p, size))
      return shira_fail(e, EBADMSG, "stream: wrong CRC32C of the block at offset %zu", at);
    if (first < cursor)
      return shira_fail(e, EILSEQ, "stream: block at offset %zu starts at %u, before %llu", at,
                        first, (unsigned long long)cursor);
    if (updates > max - count)
      return shira_fail(e, EMSGSIZE, "stream: more than %u updates", max);
    cursor = coo32(rules) ? decode_positions(p + HEADER_BYTES, first, updates, pos + count)
                          : decode_gaps(p + HEADER_BYTES, gap_bytes, first, updates, pos + count);
    if (!cursor)
      return shira_fail(e, EPROTO,
                        "stream: the block at offset %zu does not hold %u updates in "
                        "order",
                        at, updates);
    if (!all_zero(p + HEADER_BYTES + gap_bytes, p + values) ||
        !all_zero(p + values + updates, p + size))
      return shira_fail(e, EPROTO, "stream: padding of the block at offset %zu is not zero", at);
    memcpy(value + count, p + values, updates);
    count += updates;
    at += size;
  }
  return (int)count;
}
