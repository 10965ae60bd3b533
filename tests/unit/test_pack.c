// Weight images, adapters in the device's layout.
#include "tests/unit/pack_bench.h"

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

// The formats and layouts that streams are packed in.
static struct shira_stream_rules rules_of(int i) {
  struct shira_stream_rules rules = i % 2 ? tiny_coo : tiny;
  rules.layout = i / 2 ? SHIRA_LAYOUT_ROW : SHIRA_LAYOUT_TILE;
  return rules;
}

// Where the byte of a position is, as the device finds it.
static uint32_t place(const struct shira_stream_rules *rules, const struct shira_stream_part *p,
                      uint32_t position) {
  if (rules->layout == SHIRA_LAYOUT_TILE)
    return p->base + position;
  uint32_t r = position >> p->row_log2, c = position & ((1u << p->row_log2) - 1);
  return p->base + ((r / 4 * p->k_tiles + c / 4) * 4 + r % 4) * 4 + c % 4;
}

// Adds the bytes of a set's streams to `bytes`, or (`set_them`) writes them over; stream i lies
// over chunk i, or where `chunk` is NULL over its own image.
static void apply_at(const struct shira_stream_rules *rules, const struct shira_stream_set *set,
                     const struct shira_pack_chunk *chunk, bool set_them, int8_t *bytes) {
  uint32_t updates = 0, sum = 0;
  for (uint32_t i = 0; i < set->n; i++) {
    const struct shira_stream *s = &set->part[i].stream;
    struct shira_stream_part part = set->part[i];
    if (chunk)
      part.base = chunk[i].start;
    uint32_t *pos = malloc((s->updates + 1) * sizeof *pos);
    uint8_t *value = malloc(s->updates + 1);
    assert_int_equal(shira_stream_decode(rules, s->data, s->bytes, pos, value, s->updates, NULL),
                     s->updates);
    for (uint32_t k = 0; k < s->updates; k++) {
      int8_t *at = &bytes[place(rules, &part, pos[k])];
      *at = (int8_t)(value[k] + (set_them ? 0 : (uint8_t)*at));
    }
    updates += s->updates;
    sum += s->bytes;
    free(pos);
    free(value);
  }
  assert_true(set->updates == updates && set->bytes == sum && set->format == rules->format);
}

static void apply(const struct shira_stream_rules *rules, const struct shira_stream_set *set,
                  int8_t *bytes) {
  apply_at(rules, set, NULL, true, bytes);
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
    for (int round = 0; round < 8; round++) {
      const struct shira_stream_rules rules = rules_of(round % 4);
      struct linear l;
      make_linear(&l, 1 + random64() % 100, 1 + random64() % 100, density[d]);
      struct shira_pack_shira pack;
      struct shira_error e = {""};
      assert_int_equal(shira_pack_shira(&l.module, &l.image, l.wq, l.scale, &rules, &pack, &e), 0);
      assert_int_equal(pack.apply.updates, l.module.count);
      check_stats(&l, &pack.stats);
      int8_t *bytes = malloc(shira_image_bytes(&l.image));
      shira_image_pack(&l.image, l.wq, bytes);
      apply(&rules, &pack.apply, bytes);
      check_bytes(&l, bytes, l.want);
      apply(&rules, &pack.undo, bytes);
      check_bytes(&l, bytes, l.wq);
      free(bytes);
      shira_pack_shira_free(&pack);
      free_linear(&l);
    }
}

// The streams cut at every other row of tiles, with an image between that has no module.
static void check_segments(const struct shira_stream_rules *rules, const struct linear l[2],
                           const uint32_t base[2], const struct shira_pack_shira *pack,
                           int8_t *bytes) {
  struct shira_pack_chunk chunk[32];
  struct shira_stream_set set;
  uint32_t n = 0;
  for (int i = 1; i >= 0; i--) { // in the order of addresses
    const struct shira_image *image = &l[i].image;
    for (uint32_t row = 0; row < image->n_tiles; row += 2)
      chunk[n++] = (struct shira_pack_chunk){base[i], base[i] + row * image->k_tiles * 16, row * 4};
    if (i)
      chunk[n++] = (struct shira_pack_chunk){base[0] - 64, base[0] - 64, 0};
  }
  assert_int_equal(shira_pack_segments(rules, &pack->apply, chunk, n, &set, NULL), 0);
  assert_int_equal(set.n, n);
  assert_int_equal(set.updates, pack->apply.updates);
  for (int i = 0; i < 2; i++)
    shira_image_pack(&l[i].image, l[i].wq, bytes + base[i]);
  apply_at(rules, &set, chunk, true, bytes);
  for (int i = 0; i < 2; i++)
    check_bytes(&l[i], bytes + base[i], l[i].want);
  for (uint32_t c = 0; c < n; c++)
    if (chunk[c].image == base[0] - 64)
      assert_int_equal(set.part[c].stream.bytes, 0);
  shira_stream_set_free(&set);
}

// Two modules, the second image before the first: one stream in tiles, in rows two.
static void check_shira_parts(const struct shira_stream_rules *rules) {
  struct linear l[2];
  make_linear(&l[0], 33, 50, 0.2);
  make_linear(&l[1], 70, 9, 0.2);
  uint32_t base[] = {shira_image_bytes(&l[1].image) + 64, 0};
  struct shira_pack_part parts[2];
  for (int i = 0; i < 2; i++)
    parts[i] = (struct shira_pack_part){&l[i].module, &l[i].image, l[i].wq, l[i].scale, base[i]};
  struct shira_pack_shira pack;
  assert_int_equal(shira_pack_shira_parts(parts, 2, rules, &pack, NULL), 0);
  assert_int_equal(pack.apply.n, rules->layout == SHIRA_LAYOUT_ROW ? 2 : 1);
  assert_int_equal(pack.stats.touched, l[0].module.count + l[1].module.count);
  int8_t *bytes = calloc(base[0] + shira_image_bytes(&l[0].image), 1);
  for (int i = 0; i < 2; i++)
    shira_image_pack(&l[i].image, l[i].wq, bytes + base[i]);
  apply(rules, &pack.apply, bytes);
  for (int i = 0; i < 2; i++)
    check_bytes(&l[i], bytes + base[i], l[i].want);
  apply(rules, &pack.undo, bytes);
  for (int i = 0; i < 2; i++)
    check_bytes(&l[i], bytes + base[i], l[i].wq);
  struct shira_stream_set delta;
  assert_int_equal(shira_pack_delta(rules, &pack.undo, &pack.apply, &delta, NULL), 0);
  apply_at(rules, &delta, NULL, false, bytes);
  for (int i = 0; i < 2; i++)
    check_bytes(&l[i], bytes + base[i], l[i].want);
  shira_stream_set_free(&delta);
  check_segments(rules, l, base, &pack, bytes);
  shira_pack_shira_free(&pack);
  parts[0].base = UINT32_MAX - 16; // positions do not reach there in tiles
  assert_int_equal(shira_pack_shira_parts(parts, 2, rules, &pack, NULL),
                   rules->layout == SHIRA_LAYOUT_ROW ? 0 : -EOVERFLOW);
  shira_pack_shira_free(&pack);
  free(bytes);
  free_linear(&l[0]);
  free_linear(&l[1]);
}

static void shira_parts(void **unused) {
  (void)unused;
  for (int i = 0; i < 4; i++) {
    const struct shira_stream_rules rules = rules_of(i);
    check_shira_parts(&rules);
  }
}

// Rows whose positions do not fit 32 bits, or whose tiles do not fit the descriptor.
static void row_limits(void **unused) {
  (void)unused;
  const struct shira_stream_rules rules = rules_of(2);
  struct shira_image image;
  assert_int_equal(shira_image_init(&image, 8, 5, 4, 4), 0);
  assert_int_equal(shira_image_row_log2(&image), 3);
  assert_int_equal(shira_image_init(&image, 8, 8, 4, 4), 0);
  assert_int_equal(shira_image_row_log2(&image), 3);
  assert_int_equal(shira_image_init(&image, 8, 1, 4, 16), 0);
  assert_int_equal(shira_image_row_log2(&image), 4);
  const struct {
    uint32_t out, in;
    int want;
  } cases[] = {{32767, 65537, 0},
               {32768, 65537, -EOVERFLOW},
               {1, 4 * 65535, 0},
               {1, 4 * 65535 + 1, -EOVERFLOW}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct shira_adapter_module m = {.name = "m", .out = cases[i].out, .in = cases[i].in};
    struct shira_pack_shira pack;
    assert_int_equal(shira_image_init(&image, m.out, m.in, 4, 4), 0);
    assert_int_equal(shira_pack_shira(&m, &image, NULL, NULL, &rules, &pack, NULL), cases[i].want);
    shira_pack_shira_free(&pack);
  }
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
  assert_null(pack.apply.part);
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
      cmocka_unit_test(images),        cmocka_unit_test(image_limits),
      cmocka_unit_test(shira_streams), cmocka_unit_test(shira_parts),
      cmocka_unit_test(shira_refused), cmocka_unit_test(lora_images),
      cmocka_unit_test(row_limits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
