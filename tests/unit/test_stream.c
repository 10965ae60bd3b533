// Streams of both formats: encoded, decoded, spoilt, and from one adapter to the next.
#include "tests/unit/pack_bench.h"

static const struct shira_stream_rules edge = {
    .format = SHIRA_STREAM_FORMAT_GAP8, .align = 32, .block_updates = 512, .block_gaps = 2048};
static const struct shira_stream_rules edge_coo = {
    .format = SHIRA_STREAM_FORMAT_COO32, .align = 32, .block_updates = 512, .block_gaps = 2048};

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

// The same for coo32: 20 bytes of positions, so 36 of 48 bytes.
static void known_positions(void **unused) {
  (void)unused;
  const uint32_t pos[] = {5, 6, 261, 517, 0xfffefdfc};
  const uint8_t value[] = {1, 2, 3, 4, 0xff};
  uint8_t block[64] = {0, 0, 0, 0, 5, 0, 0, 0, 5, 0, 20, 0, 2, 1, 0,    0,    5,    0,
                       0, 0, 6, 0, 0, 0, 5, 1, 0, 0, 5,  2, 0, 0, 0xfc, 0xfd, 0xfe, 0xff};
  memcpy(block + 48, value, sizeof value);
  uint32_t crc = slow_crc(block, sizeof block);
  for (int i = 0; i < 4; i++)
    block[i] = (uint8_t)(crc >> 8 * i);
  struct shira_stream s;
  assert_int_equal(shira_stream_encode(&tiny_coo, pos, value, 5, &s, NULL), 0);
  assert_int_equal(s.bytes, 64);
  assert_memory_equal(s.data, block, 64);
  assert_int_equal(s.header_bytes, 16);
  assert_int_equal(s.gap_bytes, 20);
  assert_int_equal(s.value_bytes, 5);
  assert_int_equal(s.pad_bytes, 23);
  // neither format is taken for the other
  uint32_t p[5];
  uint8_t v[5];
  assert_int_equal(shira_stream_decode(&tiny, s.data, s.bytes, p, v, 5, NULL), -EPROTO);
  shira_stream_free(&s);
  assert_int_equal(shira_stream_encode(&tiny, pos, value, 4, &s, NULL), 0);
  assert_int_equal(shira_stream_decode(&tiny_coo, s.data, s.bytes, p, v, 5, NULL), -EPROTO);
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
      check_stream(&edge_coo, &l);
      check_stream(&tiny_coo, &l);
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
  check_stream(&edge_coo, &l);
  l.count = 0;
  check_stream(&edge, &l);
  check_stream(&edge_coo, &l);
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
  const enum shira_stream_format gap8 = SHIRA_STREAM_FORMAT_GAP8, coo = SHIRA_STREAM_FORMAT_COO32;
  const struct shira_stream_rules bad[] = {
      {gap8, 0, 8, 16, 64},  {gap8, 0, 24, 16, 64},    {gap8, 0, 16, 0, 64},
      {gap8, 0, 16, 65, 64}, {gap8, 0, 16, 16, 65536}, {coo, 0, 8, 16, 64},
      {coo, 0, 16, 0, 64},   {coo, 0, 16, 16384, 64},  {0, 0, 16, 16, 64}};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_int_equal(shira_stream_encode(&bad[i], pos, value, 1, &s, &e), -EINVAL);
}

// Sets a block's crc to what its bytes demand.
static void seal(uint8_t *block, size_t bytes) {
  uint32_t crc = shira_block_crc(block, bytes);
  for (int i = 0; i < 4; i++)
    block[i] = (uint8_t)(crc >> 8 * i);
}

// 32 updates, 300 apart: two blocks of 16 + 31 + 1 (+ 0) and 16 bytes each.
static struct shira_stream two_blocks(void) {
  uint32_t pos[32];
  uint8_t value[32] = {0};
  for (uint32_t i = 0; i < 32; i++)
    pos[i] = 300 * i;
  struct shira_stream s;
  assert_int_equal(shira_stream_encode(&tiny, pos, value, 32, &s, NULL), 0);
  assert_int_equal(s.blocks, 2);
  assert_int_equal(s.bytes, 128);
  return s;
}

static void bad_streams(void **unused) {
  (void)unused;
  struct shira_stream s = two_blocks();
  struct shira_error e;
  uint32_t p[32];
  uint8_t v[32];
  for (uint32_t bit = 0; bit < s.bytes * 8; bit++) { // no bit can change unseen
    s.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    assert_true(shira_stream_decode(&tiny, s.data, s.bytes, p, v, 32, &e) < 0);
    s.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
  for (uint32_t cut = 1; cut < s.bytes; cut++)
    if (cut != s.bytes / 2)
      assert_int_equal(shira_stream_decode(&tiny, s.data, cut, p, v, 32, &e), -EMSGSIZE);
  uint8_t swapped[128];
  memcpy(swapped, s.data + 64, 64);
  memcpy(swapped + 64, s.data, 64);
  assert_int_equal(shira_stream_decode(&tiny, swapped, 128, p, v, 32, &e), -EILSEQ);
  const uint32_t last = 300 * 15; // of the first block
  memcpy(swapped, s.data, 128);   // a second block that starts where the first ended, not behind it
  swapped[64 + 4] = (uint8_t)last;
  swapped[64 + 5] = (uint8_t)(last >> 8);
  seal(swapped + 64, 64);
  assert_int_equal(shira_stream_decode(&tiny, swapped, 128, p, v, 32, &e), -EILSEQ);
  swapped[64 + 4]++;
  seal(swapped + 64, 64);
  assert_int_equal(shira_stream_decode(&tiny, swapped, 128, p, v, 32, &e), 32);
  shira_stream_free(&s);
}

// Positions that are not in order, with a right CRC; no bit can change unseen.
static void bad_positions(void **unused) {
  (void)unused;
  const uint32_t pos[] = {300, 400, 500, 600};
  const uint8_t value[] = {1, 2, 3, 4};
  struct shira_stream s;
  struct shira_error e;
  uint32_t p[20];
  uint8_t v[20], b[48];
  assert_int_equal(shira_stream_encode(&tiny_coo, pos, value, 4, &s, NULL), 0);
  assert_int_equal(s.bytes, 48);
  for (uint32_t bit = 0; bit < s.bytes * 8; bit++) {
    s.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    assert_true(shira_stream_decode(&tiny_coo, s.data, s.bytes, p, v, 20, &e) < 0);
    s.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
  const struct {
    int at;
    uint32_t word;
    int want;
  } cases[] = {
      {4, 299, -EPROTO},                    // first of the header
      {16, 301, -EPROTO},                   // first position
      {20, 300, -EPROTO},                   // again
      {24, 399, -EPROTO},                   // back
      {28, UINT32_MAX, 4},                  // the last may be anywhere
      {8, 4 | 15u << 16, -EPROTO},          // updates, gap bytes
      {8, 4 | 20u << 16, -EPROTO},          //
      {8, 3 | 16u << 16, -EPROTO},          //
      {8, 0, -EPROTO},                      //
      {12, 2 | 2u << 8, -EPROTO},           // bytes a value
      {12, 1 | 1u << 8, -EPROTO},           // format
      {12, 2 | 1u << 8 | 1 << 16, -EPROTO}, // reserved
      {36, 1, -EPROTO},                     // padding
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    memcpy(b, s.data, 48);
    for (int k = 0; k < 4; k++)
      b[cases[i].at + k] = (uint8_t)(cases[i].word >> 8 * k);
    seal(b, 48);
    assert_int_equal(shira_stream_decode(&tiny_coo, b, 48, p, v, 20, &e), cases[i].want);
  }
  shira_stream_free(&s);
}

// A block that says what it must not, with a right CRC.
static void bad_blocks(void **unused) {
  (void)unused;
  struct shira_stream s = two_blocks();
  struct shira_error e;
  uint32_t p[32];
  uint8_t v[32], b[64];
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
      data[12] = (uint8_t)(1 + round % 2);
      data[13] = 1;
      size_t size = ((16u + data[10] + 15) & ~15u) + ((data[8] + 15u) & ~15u);
      if (size <= bytes)
        seal(data, size);
    }
    const struct shira_stream_rules *rules = round % 2 ? &tiny_coo : &tiny;
    assert_in_range(shira_stream_decode(rules, data, bytes, pos, value, 64, NULL) + 200, 0, 264);
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
    const struct shira_stream_rules *rules = round % 3 ? &tiny : &tiny_coo;
    // Over the same image where `same`, else over two.
    const bool same = round < 12;
    struct shira_stream_part from = {.base = 64}, to = {.base = same ? 64 : 4096, .row_log2 = 9};
    struct shira_stream_set undo = {.part = &from, .n = 1}, apply = {.part = &to, .n = 1}, set;
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
    assert_int_equal(shira_stream_encode(rules, a.pos, a.value, a.count, &from.stream, NULL), 0);
    assert_int_equal(shira_stream_encode(rules, b.pos, b.value, b.count, &to.stream, NULL), 0);
    assert_int_equal(shira_pack_transition(rules, &undo, &apply, &set, NULL), 0);
    if (same) {
      const struct shira_stream *stream = &set.part[0].stream;
      assert_true(set.n == 1 && set.format == rules->format && set.part[0].row_log2 == 9);
      assert_true(set.updates == union_count && set.bytes == stream->bytes);
      uint32_t *pos = malloc((union_count + 1) * sizeof *pos);
      uint8_t *value = malloc(union_count + 1);
      assert_int_equal(
          shira_stream_decode(rules, stream->data, stream->bytes, pos, value, union_count, NULL),
          union_count);
      for (uint32_t i = 0; i < union_count; i++)
        with_a[pos[i]] = value[i];
      assert_memory_equal(with_a, with_b, span);
      free(pos), free(value);
    } else {
      assert_true(set.n == 2 && set.part[0].base == 4096 && set.part[1].base == 64);
      assert_true(set.updates == a.count + b.count &&
                  set.bytes == from.stream.bytes + to.stream.bytes);
      if (a.count) // the same updates give the same bytes
        assert_memory_equal(set.part[1].stream.data, from.stream.data, from.stream.bytes);
      if (b.count)
        assert_memory_equal(set.part[0].stream.data, to.stream.data, to.stream.bytes);
    }
    shira_stream_set_free(&set);
    if (from.stream.bytes) {
      from.stream.data[5] ^= 1;
      assert_true(shira_pack_transition(rules, &undo, &apply, &set, NULL) < 0);
      assert_null(set.part);
    }
    shira_stream_free(&from.stream);
    shira_stream_free(&to.stream);
    free(old), free(with_a), free(with_b);
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
  assert_int_equal(shira_stream_encode(&edge_coo, l.pos, l.value, l.count, &s, NULL), 0);
  bytes = (double)s.bytes / l.count;
  print_message("the same in coo32: %.4f\n", bytes);
  assert_true(bytes >= 5 + 16 / 512.0 && bytes <= 5.1);
  shira_stream_free(&s);
  free_list(&l);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(crc_vectors),     cmocka_unit_test(known_stream),
      cmocka_unit_test(known_positions), cmocka_unit_test(bad_positions),
      cmocka_unit_test(roundtrip),       cmocka_unit_test(stream_edges),
      cmocka_unit_test(bad_streams),     cmocka_unit_test(bad_blocks),
      cmocka_unit_test(hostile_streams), cmocka_unit_test(bytes_per_update),
      cmocka_unit_test(transitions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
