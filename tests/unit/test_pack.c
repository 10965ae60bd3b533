// Weight images, gap8 streams, adapters in the device's layout.
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shira/pack.h"

static uint64_t state = 88172645463325252u;

static uint64_t random64(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

static const struct shira_stream_rules edge = {
    .align = 32, .block_updates = 512, .block_gaps = 2048};
static const struct shira_stream_rules tiny = {.align = 16, .block_updates = 16, .block_gaps = 64};

// ---- images ----

// Walks the image in the order of its bytes and compares each with the position function.
static void check_image(uint32_t out, uint32_t in, uint32_t n, uint32_t k) {
  struct shira_image image;
  assert_int_equal(shira_image_init(&image, out, in, n, k), 0);
  int8_t *matrix = malloc((size_t)out * in), *back = malloc((size_t)out * in);
  for (size_t i = 0; i < (size_t)out * in; i++)
    matrix[i] = (int8_t)random64();
  int8_t *bytes = malloc(shira_image_bytes(&image));
  memset(bytes, 0x55, shira_image_bytes(&image));
  shira_image_pack(&image, matrix, bytes);
  uint32_t position = 0;
  for (uint32_t tile_r = 0; tile_r < out; tile_r += n)
    for (uint32_t tile_c = 0; tile_c < in; tile_c += k)
      for (uint32_t r = tile_r; r < tile_r + n; r++)
        for (uint32_t c = tile_c; c < tile_c + k; c++, position++)
          if (r < out && c < in) {
            assert_int_equal(shira_image_pos(&image, r, c), position);
            assert_int_equal(bytes[position], matrix[(size_t)r * in + c]);
          } else {
            assert_int_equal(bytes[position], 0);
          }
  assert_int_equal(shira_image_bytes(&image), position);
  shira_image_unpack(&image, bytes, back);
  assert_memory_equal(matrix, back, (size_t)out * in);
  free(matrix);
  free(back);
  free(bytes);
}

static void images(void **unused) {
  (void)unused;
  check_image(16, 16, 16, 16);
  check_image(1, 1, 16, 16);
  check_image(17, 33, 16, 16);
  check_image(64, 48, 4, 4);
  check_image(7, 100, 4, 8);
  check_image(100, 7, 8, 4);
  check_image(5, 5, 1, 1);
  for (int i = 0; i < 100; i++)
    check_image(1 + random64() % 70, 1 + random64() % 70, 1u << random64() % 6,
                1u << random64() % 6);
}

static void image_limits(void **unused) {
  (void)unused;
  struct shira_image image;
  assert_int_equal(shira_image_init(&image, 0, 16, 16, 16), -EINVAL);
  assert_int_equal(shira_image_init(&image, 16, 0, 16, 16), -EINVAL);
  assert_int_equal(shira_image_init(&image, 16, 16, 0, 16), -EINVAL);
  assert_int_equal(shira_image_init(&image, 16, 16, 16, 12), -EINVAL);
  assert_int_equal(shira_image_init(&image, 65536, 65536, 16, 16), -EINVAL);
  assert_int_equal(shira_image_init(&image, UINT32_MAX, UINT32_MAX, 16, 16), -EINVAL);
  assert_int_equal(shira_image_init(&image, 65535, 65520, 16, 16), 0);
  assert_int_equal(shira_image_pos(&image, 65534, 65519), 65536u * 65520u - 17);
}

// ---- streams ----

static void crc_vectors(void **unused) {
  (void)unused;
  const uint8_t *digits = (const uint8_t *)"123456789";
  assert_int_equal(shira_crc32c(0, digits, 9), 0xe3069283u);
  assert_int_equal(shira_crc32c(shira_crc32c(0, digits, 4), digits + 4, 5), 0xe3069283u);
  const uint8_t zeros[32] = {0}; // RFC 3720, B.4
  assert_int_equal(shira_crc32c(0, zeros, 32), 0x8a9136aau);
  uint8_t block[32] = {0xff, 0xff, 0xff, 0xff}; // the field itself does not count
  assert_int_equal(shira_block_crc(block, 32), 0x8a9136aau);
}

// CRC32C bit by bit.
static uint32_t slow_crc(const uint8_t *p, size_t bytes) {
  uint32_t crc = ~0u;
  while (bytes--) {
    crc ^= *p++;
    for (int i = 0; i < 8; i++)
      crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
  }
  return ~crc;
}

// A stream written out by hand from the description of the format.
static void known_stream(void **unused) {
  (void)unused;
  const uint32_t pos[] = {5, 6, 261, 517, 1283};
  const uint8_t value[] = {1, 2, 3, 4, 0xff};
  // header: crc, first, updates, gap bytes, format, value bytes; gaps 0, 0, 254, 255 = an escape
  // and 0, 765 = three escapes and 0
  uint8_t block[48] = {0, 0, 0, 0, 5, 0,   0,   0, 5,   0,   9,   0, 1,
                       1, 0, 0, 0, 0, 254, 255, 0, 255, 255, 255, 0};
  memcpy(block + 32, value, sizeof value);
  uint32_t crc = slow_crc(block, sizeof block);
  for (int i = 0; i < 4; i++)
    block[i] = (uint8_t)(crc >> 8 * i);
  struct shira_stream s;
  assert_int_equal(shira_stream_encode(&tiny, pos, value, 5, &s, NULL), 0);
  assert_int_equal(s.bytes, 48);
  assert_memory_equal(s.data, block, 48);
  assert_int_equal(s.header_bytes, 16);
  assert_int_equal(s.gap_bytes, 9);
  assert_int_equal(s.value_bytes, 5);
  assert_int_equal(s.pad_bytes, 18);
  assert_int_equal(shira_stream_index_bytes(&s), 43);
  shira_stream_free(&s);
}

struct list {
  uint32_t count, span;
  uint32_t *pos;
  uint8_t *value;
};

// Each position below span with the given chance.
static struct list random_list(uint32_t span, double density) {
  struct list l = {.span = span};
  l.pos = malloc(span * sizeof *l.pos);
  l.value = malloc(span);
  for (uint32_t p = 0; p < span; p++)
    if ((double)(random64() >> 11) * 0x1p-53 < density) {
      l.value[l.count] = (uint8_t)random64();
      l.pos[l.count++] = p;
    }
  return l;
}

static void free_list(struct list *l) {
  free(l->pos);
  free(l->value);
}

static void check_stream(const struct shira_stream_rules *rules, const struct list *l) {
  struct shira_stream s;
  struct shira_error e = {""};
  assert_int_equal(shira_stream_encode(rules, l->pos, l->value, l->count, &s, &e), 0);
  assert_int_equal(s.bytes % rules->align, 0);
  assert_int_equal(s.header_bytes + s.gap_bytes + s.value_bytes + s.pad_bytes, s.bytes);
  assert_int_equal(s.updates, l->count);
  assert_true(s.bytes <= shira_stream_bound(rules, l->count, l->span));
  uint32_t *pos = malloc((l->count + 1) * sizeof *pos);
  uint8_t *value = malloc(l->count + 1);
  int n = shira_stream_decode(rules, s.data, s.bytes, pos, value, l->count, &e);
  assert_int_equal(n, l->count);
  assert_memory_equal(pos, l->pos, l->count * sizeof *pos);
  assert_memory_equal(value, l->value, l->count);
  if (l->count)
    assert_int_equal(shira_stream_decode(rules, s.data, s.bytes, pos, value, l->count - 1, NULL),
                     -EMSGSIZE);
  free(pos);
  free(value);
  shira_stream_free(&s);
}

static void roundtrip(void **unused) {
  (void)unused;
  const double density[] = {1e-4, 1e-3, 0.003, 0.01, 0.02, 0.1, 0.5, 0.99, 1};
  for (size_t i = 0; i < sizeof density / sizeof *density; i++)
    for (int round = 0; round < 8; round++) {
      struct list l = random_list(1 + random64() % 300000, density[i]);
      check_stream(&edge, &l);
      check_stream(&tiny, &l);
      free_list(&l);
    }
}

static void stream_edges(void **unused) {
  (void)unused;
  uint32_t pos[] = {0, UINT32_MAX - 1, UINT32_MAX};
  uint8_t value[] = {1, 2, 3};
  struct list l = {.count = 3, .span = UINT32_MAX, .pos = pos, .value = value};
  check_stream(&tiny, &l); // a gap that no block can hold
  check_stream(&edge, &l);
  l.count = 0;
  check_stream(&edge, &l);
  // a gap of exactly the bytes that are not dearer than a new block, and of one more
  struct shira_stream s;
  pos[1] = 48 * 255;
  assert_int_equal(shira_stream_encode(&tiny, pos, value, 2, &s, NULL), 0);
  assert_int_equal(s.blocks, 1);
  assert_int_equal(s.gap_bytes, 1 + 48);
  shira_stream_free(&s);
  pos[1]++;
  assert_int_equal(shira_stream_encode(&tiny, pos, value, 2, &s, NULL), 0);
  assert_int_equal(s.blocks, 2);
  assert_int_equal(s.gap_bytes, 2);
  shira_stream_free(&s);
  uint32_t twice[] = {7, 7}, back[] = {8, 7};
  struct shira_error e;
  assert_int_equal(shira_stream_encode(&tiny, twice, value, 2, &s, &e), -EINVAL);
  assert_int_equal(shira_stream_encode(&tiny, back, value, 2, &s, &e), -EINVAL);
  assert_null(s.data);
  const struct shira_stream_rules bad[] = {
      {8, 16, 64}, {24, 16, 64}, {16, 0, 64}, {16, 65, 64}, {16, 16, 65536}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_int_equal(shira_stream_encode(&bad[i], pos, value, 1, &s, &e), -EINVAL);
}

// Sets a block's crc to what its bytes demand.
static void seal(uint8_t *block, size_t bytes) {
  uint32_t crc = shira_block_crc(block, bytes);
  for (int i = 0; i < 4; i++)
    block[i] = (uint8_t)(crc >> 8 * i);
}

static void bad_streams(void **unused) {
  (void)unused;
  uint32_t pos[32], p[32];
  uint8_t value[32] = {0}, v[32];
  for (uint32_t i = 0; i < 32; i++)
    pos[i] = 300 * i;
  struct shira_stream s;
  struct shira_error e;
  assert_int_equal(shira_stream_encode(&tiny, pos, value, 32, &s, NULL), 0);
  assert_int_equal(s.blocks, 2);
  size_t half = s.bytes / 2; // two blocks: 16 + 31 + 1 (+ 0) and 16 bytes each
  assert_int_equal(half, 64);
  for (uint32_t bit = 0; bit < s.bytes * 8; bit++) { // no bit can change unseen
    s.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    assert_true(shira_stream_decode(&tiny, s.data, s.bytes, p, v, 32, &e) < 0);
    s.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
  for (uint32_t cut = 1; cut < s.bytes; cut++)
    if (cut != half)
      assert_int_equal(shira_stream_decode(&tiny, s.data, cut, p, v, 32, &e), -EMSGSIZE);
  uint8_t swapped[128], b[64];
  memcpy(swapped, s.data + 64, 64);
  memcpy(swapped + 64, s.data, 64);
  assert_int_equal(shira_stream_decode(&tiny, swapped, 128, p, v, 32, &e), -EILSEQ);
  const struct {
    int at, byte, want;
  } cases[] = {
      {8, 0, -EPROTO},    // no updates
      {8, 17, -EPROTO},   // more than a block may have
      {8, 15, -EPROTO},   // fewer than the gaps hold
      {10, 15, -EPROTO},  // fewer gap bytes than updates
      {10, 65, -EPROTO},  // more than a block may have
      {10, 30, -EPROTO},  // ends in an escape
      {12, 0, -EPROTO},   // format
      {13, 2, -EPROTO},   // bytes a value
      {15, 1, -EPROTO},   // reserved
      {16, 1, -EPROTO},   // first gap
      {16, 255, -EPROTO}, // first gap
      {18, 255, -EPROTO}, // an update less than said
      {47, 1, -EPROTO},   // padding
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    memcpy(b, s.data, 64);
    b[cases[i].at] = (uint8_t)cases[i].byte;
    seal(b, 64);
    assert_int_equal(shira_stream_decode(&tiny, b, 64, p, v, 32, &e), cases[i].want);
  }
  memcpy(swapped, s.data, 128); // a second block that starts where the first ended, not behind it
  swapped[64 + 4] = (uint8_t)pos[15];
  swapped[64 + 5] = (uint8_t)(pos[15] >> 8);
  seal(swapped + 64, 64);
  assert_int_equal(shira_stream_decode(&tiny, swapped, 128, p, v, 32, &e), -EILSEQ);
  swapped[64 + 4]++;
  seal(swapped + 64, 64);
  assert_int_equal(shira_stream_decode(&tiny, swapped, 128, p, v, 32, &e), 32);
  memcpy(b, s.data, 64); // one update said, 16 there: only one may be written
  b[8] = 1;
  seal(b, 64);
  p[1] = 12345;
  assert_int_equal(shira_stream_decode(&tiny, b, 64, p, v, 1, &e), -EPROTO);
  assert_int_equal(p[1], 12345);
  memcpy(b, s.data, 64);
  memset(b + 4, 0xff, 4); // the second position would pass 2^32
  seal(b, 64);
  assert_int_equal(shira_stream_decode(&tiny, b, 64, p, v, 32, &e), -EPROTO);
  shira_stream_free(&s);
}

// Random bytes and random headers with a right CRC never make the decoder write beyond its arrays.
static void hostile_streams(void **unused) {
  (void)unused;
  uint32_t *pos = malloc(64 * sizeof *pos);
  uint8_t *value = malloc(64);
  for (int round = 0; round < 200000; round++) {
    size_t bytes = 1 + random64() % 160;
    uint8_t *data = malloc(bytes);
    for (size_t i = 0; i < bytes; i++)
      data[i] = random64() % 4 ? 0 : (uint8_t)random64();
    if (bytes >= 32) {
      data[8] = (uint8_t)(random64() % 18);
      data[9] = data[11] = data[14] = data[15] = 0;
      data[10] = (uint8_t)(random64() % 66);
      data[12] = data[13] = 1;
      size_t size = ((16u + data[10] + 15) & ~15u) + ((data[8] + 15u) & ~15u);
      if (size <= bytes)
        seal(data, size);
    }
    assert_in_range(shira_stream_decode(&tiny, data, bytes, pos, value, 64, NULL) + 200, 0, 264);
    free(data);
  }
  free(pos);
  free(value);
}

// Bytes with A's updates become bytes with B's, and each is written once.
static void transitions(void **unused) {
  (void)unused;
  for (int round = 0; round < 16; round++) {
    const double density[] = {0, 0.01, 0.3, 1};
    uint32_t span = 1 + random64() % 20000;
    struct list a = random_list(span, density[round % 4]),
                b = random_list(span, density[round / 4]);
    uint8_t *old = malloc(span), *with_a = malloc(span), *with_b = malloc(span);
    for (uint32_t i = 0; i < span; i++)
      old[i] = with_a[i] = with_b[i] = (uint8_t)random64();
    struct shira_stream undo, apply, stream;
    for (uint32_t i = 0; i < a.count; i++) {
      with_a[a.pos[i]] = a.value[i];
      a.value[i] = old[a.pos[i]];
    }
    uint32_t union_count = a.count;
    for (uint32_t i = 0, k = 0; i < b.count; i++) {
      with_b[b.pos[i]] = b.value[i];
      while (k < a.count && a.pos[k] < b.pos[i])
        k++;
      union_count += k == a.count || a.pos[k] != b.pos[i];
    }
    assert_int_equal(shira_stream_encode(&tiny, a.pos, a.value, a.count, &undo, NULL), 0);
    assert_int_equal(shira_stream_encode(&tiny, b.pos, b.value, b.count, &apply, NULL), 0);
    assert_int_equal(shira_pack_transition(&tiny, &undo, &apply, &stream, NULL), 0);
    assert_int_equal(stream.updates, union_count);
    uint32_t *pos = malloc((union_count + 1) * sizeof *pos);
    uint8_t *value = malloc(union_count + 1);
    assert_int_equal(
        shira_stream_decode(&tiny, stream.data, stream.bytes, pos, value, union_count, NULL),
        union_count);
    for (uint32_t i = 0; i < union_count; i++)
      with_a[pos[i]] = value[i];
    assert_memory_equal(with_a, with_b, span);
    shira_stream_free(&stream);
    if (undo.bytes) {
      undo.data[5] ^= 1;
      assert_true(shira_pack_transition(&tiny, &undo, &apply, &stream, NULL) < 0);
      assert_null(stream.data);
    }
    shira_stream_free(&undo);
    shira_stream_free(&apply);
    free(pos), free(value), free(old), free(with_a), free(with_b);
    free_list(&a);
    free_list(&b);
  }
}

static void bytes_per_update(void **unused) {
  (void)unused;
  struct list l = random_list(2048 * 2048, 0.01);
  struct shira_stream s;
  assert_int_equal(shira_stream_encode(&edge, l.pos, l.value, l.count, &s, NULL), 0);
  double bytes = (double)s.bytes / l.count;
  print_message("1 %% random, 2048 x 2048: %.4f bytes an update (index %.4f, value 1)\n", bytes,
                (double)shira_stream_index_bytes(&s) / l.count);
  assert_true(bytes <= 2.2);
  assert_true(bytes >= 2.08); // 7.8 % of escapes at least
  shira_stream_free(&s);
  free_list(&l);
}

// ---- SHiRA ----

struct linear {
  uint32_t out, in;
  int8_t *wq;
  double *scale;
  struct shira_image image;
  struct shira_adapter_module module;
  int8_t *want; // weights with the adapter
};

// A module with entries in random order, at the given density.
static void make_linear(struct linear *l, uint32_t out, uint32_t in, double density) {
  *l = (struct linear){.out = out, .in = in};
  size_t n = (size_t)out * in;
  l->wq = malloc(n);
  l->want = malloc(n);
  l->scale = malloc(out * sizeof *l->scale);
  for (uint32_t r = 0; r < out; r++)
    l->scale[r] = 0.25 * (1 + r % 3);
  struct shira_adapter_module *m = &l->module;
  *m = (struct shira_adapter_module){.name = "m", .out = out, .in = in};
  m->row = malloc(n * sizeof *m->row);
  m->col = malloc(n * sizeof *m->col);
  m->value = malloc(n * sizeof *m->value);
  for (size_t i = 0; i < n; i++) {
    l->want[i] = l->wq[i] = (int8_t)((int)(random64() % 255) - 127);
    if ((double)(random64() >> 11) * 0x1p-53 >= density)
      continue;
    int steps = (int)(random64() % 101) - 50, sum = l->wq[i] + steps;
    uint32_t at = (uint32_t)(random64() % (m->count + 1)); // insert at a random place
    m->row[m->count] = m->row[at];
    m->col[m->count] = m->col[at];
    m->value[m->count++] = m->value[at];
    m->row[at] = (uint32_t)(i / in);
    m->col[at] = (uint32_t)(i % in);
    m->value[at] = (float)(steps * l->scale[i / in]);
    l->want[i] = (int8_t)(sum > 127 ? 127 : sum < -128 ? -128 : sum);
  }
  assert_int_equal(shira_image_init(&l->image, out, in, 4, 4), 0);
}

static void free_linear(struct linear *l) {
  free(l->wq);
  free(l->want);
  free(l->scale);
  free(l->module.row);
  free(l->module.col);
  free(l->module.value);
}

// Writes a stream's bytes over `bytes`.
static void apply(const struct shira_stream *s, int8_t *bytes) {
  uint32_t *pos = malloc((s->updates + 1) * sizeof *pos);
  uint8_t *value = malloc(s->updates + 1);
  assert_int_equal(shira_stream_decode(&tiny, s->data, s->bytes, pos, value, s->updates, NULL),
                   s->updates);
  for (uint32_t i = 0; i < s->updates; i++)
    bytes[pos[i]] = (int8_t)value[i];
  free(pos);
  free(value);
}

// Whether the image at `bytes` holds the matrix, padding zero.
static void check_bytes(const struct linear *l, const int8_t *bytes, const int8_t *matrix) {
  int8_t *want = malloc(shira_image_bytes(&l->image));
  shira_image_pack(&l->image, matrix, want);
  assert_memory_equal(bytes, want, shira_image_bytes(&l->image));
  free(want);
}

static void check_stats(const struct linear *l, const struct shira_delta_stats *stats) {
  struct shira_delta_stats want = {.touched = l->module.count};
  for (size_t i = 0; i < (size_t)l->out * l->in; i++)
    want.changed += l->want[i] != l->wq[i];
  for (uint32_t i = 0; i < l->module.count; i++) {
    size_t at = (size_t)l->module.row[i] * l->in + l->module.col[i];
    double sum = l->wq[at] + l->module.value[i] / l->scale[l->module.row[i]];
    want.zeroed += l->module.value[i] == 0;
    want.clipped += sum > 127 || sum < -128;
  }
  assert_memory_equal(stats, &want, sizeof want);
}

static void shira_streams(void **unused) {
  (void)unused;
  const double density[] = {0, 0.001, 0.01, 0.1, 0.5, 1};
  for (size_t d = 0; d < sizeof density / sizeof *density; d++)
    for (int round = 0; round < 5; round++) {
      struct linear l;
      make_linear(&l, 1 + random64() % 100, 1 + random64() % 100, density[d]);
      struct shira_pack_shira pack;
      struct shira_error e = {""};
      assert_int_equal(shira_pack_shira(&l.module, &l.image, l.wq, l.scale, &tiny, &pack, &e), 0);
      assert_int_equal(pack.apply.updates, l.module.count);
      check_stats(&l, &pack.stats);
      int8_t *bytes = malloc(shira_image_bytes(&l.image));
      shira_image_pack(&l.image, l.wq, bytes);
      apply(&pack.apply, bytes);
      check_bytes(&l, bytes, l.want);
      apply(&pack.undo, bytes);
      check_bytes(&l, bytes, l.wq);
      free(bytes);
      shira_pack_shira_free(&pack);
      free_linear(&l);
    }
}

// Two modules in one stream, the second image before the first.
static void shira_parts(void **unused) {
  (void)unused;
  struct linear l[2];
  make_linear(&l[0], 33, 50, 0.2);
  make_linear(&l[1], 70, 9, 0.2);
  uint32_t base[] = {shira_image_bytes(&l[1].image) + 64, 0};
  struct shira_pack_part parts[2];
  for (int i = 0; i < 2; i++)
    parts[i] = (struct shira_pack_part){&l[i].module, &l[i].image, l[i].wq, l[i].scale, base[i]};
  struct shira_pack_shira pack;
  assert_int_equal(shira_pack_shira_parts(parts, 2, &tiny, &pack, NULL), 0);
  assert_int_equal(pack.stats.touched, l[0].module.count + l[1].module.count);
  int8_t *bytes = calloc(base[0] + shira_image_bytes(&l[0].image), 1);
  for (int i = 0; i < 2; i++)
    shira_image_pack(&l[i].image, l[i].wq, bytes + base[i]);
  apply(&pack.apply, bytes);
  for (int i = 0; i < 2; i++)
    check_bytes(&l[i], bytes + base[i], l[i].want);
  apply(&pack.undo, bytes);
  for (int i = 0; i < 2; i++)
    check_bytes(&l[i], bytes + base[i], l[i].wq);
  shira_pack_shira_free(&pack);
  parts[0].base = UINT32_MAX - 16;
  assert_int_equal(shira_pack_shira_parts(parts, 2, &tiny, &pack, NULL), -EOVERFLOW);
  free(bytes);
  free_linear(&l[0]);
  free_linear(&l[1]);
}

static void shira_refused(void **unused) {
  (void)unused;
  struct linear l;
  struct shira_pack_shira pack;
  struct shira_error e;
  make_linear(&l, 20, 20, 0.5);
  struct shira_adapter_module *m = &l.module;
  uint32_t row = m->row[1], col = m->col[1];
  m->row[1] = m->row[0];
  m->col[1] = m->col[0];
  assert_int_equal(shira_pack_shira(m, &l.image, l.wq, l.scale, &tiny, &pack, &e), -EINVAL);
  assert_non_null(strstr(e.text, "twice"));
  m->row[1] = 20;
  assert_int_equal(shira_pack_shira(m, &l.image, l.wq, l.scale, &tiny, &pack, &e), -EINVAL);
  assert_non_null(strstr(e.text, "outside"));
  m->row[1] = row;
  m->col[1] = UINT32_MAX;
  assert_int_equal(shira_pack_shira(m, &l.image, l.wq, l.scale, &tiny, &pack, &e), -EINVAL);
  m->col[1] = col;
  m->value[1] = NAN;
  assert_int_equal(shira_pack_shira(m, &l.image, l.wq, l.scale, &tiny, &pack, &e), -EDOM);
  m->value[1] = 0;
  m->in = 19;
  assert_int_equal(shira_pack_shira(m, &l.image, l.wq, l.scale, &tiny, &pack, &e), -EINVAL);
  assert_null(pack.apply.data);
  free_linear(&l);
}

// ---- LoRA ----

// The device's weight add over the packed factors: token r of x_b times the image of A^T.
static int32_t wadd(const struct shira_pack_lora *p, uint32_t r, uint32_t c) {
  int32_t sum = 0;
  for (uint32_t q = 0; q < p->x_stride; q++) {
    uint32_t tile = c / p->at_image.n * p->at_image.k_tiles + q / p->at_image.k;
    uint32_t word = tile * p->at_image.n + c % p->at_image.n;
    sum += p->x_b[(size_t)r * p->x_stride + q] * p->at[word * p->at_image.k + q % p->at_image.k];
  }
  return shira_requant32(sum, 0, p->wadd_scale);
}

static void check_lora(uint32_t out, uint32_t in, uint32_t rank, uint32_t n, uint32_t k) {
  float *a = malloc((size_t)rank * in * sizeof *a), *b = malloc((size_t)out * rank * sizeof *b);
  int8_t *wq = malloc((size_t)out * in), *fused = malloc((size_t)out * in);
  double *scale = malloc(out * sizeof *scale);
  for (uint32_t i = 0; i < rank * in; i++)
    a[i] = (float)((int)(random64() % 2001) - 1000) / 1000;
  for (uint32_t i = 0; i < out * rank; i++)
    b[i] = (float)((int)(random64() % 2001) - 1000) / 1000;
  for (uint32_t i = 0; i < out * in; i++)
    wq[i] = (int8_t)((int)(random64() % 255) - 127);
  for (uint32_t r = 0; r < out; r++)
    scale[r] = 0.01 * (1 + r);
  struct shira_adapter_module m = {
      .name = "m", .out = out, .in = in, .rank = rank, .scale = 0.5, .a = a, .b = b};
  struct shira_lora_quant lora;
  struct shira_pack_lora p;
  assert_int_equal(shira_lora_quant(&m, scale, &lora), 0);
  assert_int_equal(shira_pack_lora(&lora, n, k, &p), 0);
  assert_int_equal(shira_lora_fuse(&lora, wq, fused), 0);
  assert_int_equal(p.x_stride, (rank + k - 1) / k * k);
  for (uint32_t r = 0; r < out; r++)
    for (uint32_t c = 0; c < in; c++)
      assert_int_equal(fused[r * in + c], shira_sat8((int64_t)wq[r * in + c] + wadd(&p, r, c)));
  for (uint32_t q = 0; q < rank; q++)
    for (uint32_t c = 0; c < in; c++)
      assert_int_equal(p.a[shira_image_pos(&p.a_image, q, c)], lora.aq[q * in + c]);
  for (uint32_t r = 0; r < out; r++)
    for (uint32_t q = 0; q < rank; q++)
      assert_int_equal(p.b[shira_image_pos(&p.b_image, r, q)], lora.bq[r * rank + q]);
  assert_int_equal(shira_lora_hidden_scale(4), shira_scale_word(0.25));
  assert_int_equal(shira_lora_seed_scale(&lora, 4), shira_scale_word(lora.b * 4));
  shira_pack_lora_free(&p);
  shira_lora_quant_free(&lora);
  free(a);
  free(b);
  free(wq);
  free(fused);
  free(scale);
}

static void lora_images(void **unused) {
  (void)unused;
  check_lora(16, 16, 4, 4, 4);
  check_lora(33, 17, 3, 4, 4);
  check_lora(17, 33, 20, 16, 16);
  check_lora(64, 48, 32, 16, 16);
  check_lora(1, 1, 1, 16, 16);
  struct shira_pack_lora p;
  const struct shira_lora_quant empty = {0};
  assert_int_equal(shira_pack_lora(&empty, 16, 16, &p), -EINVAL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(images),           cmocka_unit_test(image_limits),
      cmocka_unit_test(crc_vectors),      cmocka_unit_test(known_stream),
      cmocka_unit_test(roundtrip),        cmocka_unit_test(stream_edges),
      cmocka_unit_test(bad_streams),      cmocka_unit_test(hostile_streams),
      cmocka_unit_test(bytes_per_update), cmocka_unit_test(transitions),
      cmocka_unit_test(shira_streams),    cmocka_unit_test(shira_parts),
      cmocka_unit_test(shira_refused),    cmocka_unit_test(lora_images),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
