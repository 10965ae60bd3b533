// Plans of LoRA adapters with modules and ranks of their own: a program depends on the adapters
// that it is for and on nothing else, and does no work on other linears.
#include "tests/unit/lora_bed.h"

#include "shira/plan.h"

// Addresses in memory, far apart.
#define IMAGES UINT64_C(0x10000000)
#define HOME UINT64_C(0x11000000)
#define FUSED_A UINT64_C(0x12000000)
#define FUSED_B UINT64_C(0x13000000)
#define INPUTS UINT64_C(0x14000000)
#define OUTPUTS UINT64_C(0x15000000)

static const uint32_t word[LINEARS] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
static const struct shira_unfused_scale scales[LINEARS] = {
    {1, 2}, {1, 3}, {1, 4}, {5, 6}, {7, 8}, {7, 9}, {10, 11}, {12, 13}, {12, 14}};

static uint64_t larger(uint64_t a, uint64_t b) {
  return a > b ? a : b;
}

static struct shira_placement place(bool streamed, uint64_t room) {
  struct shira_placement r;
  struct shira_error err = {""};
  assert_true(room <= UINT32_MAX);
  if (shira_placement_init(&r, &machine, &model, streamed, (uint32_t)room, &err))
    fail_msg("%s", err.text);
  return r;
}

static struct shira_factors factors(const uint32_t *rank) {
  struct shira_factors f;
  struct shira_error err = {""};
  if (shira_factors_init(&f, &machine, &model, rank, &err))
    fail_msg("%s", err.text);
  return f;
}

static void same_programs(const struct shira_program *p, const struct shira_program *q) {
  assert_int_equal(p->n, q->n);
  assert_true(p->n > 0);
  assert_memory_equal(p->d, q->d, p->n * sizeof *p->d);
  assert_memory_equal(p->signals, q->signals, sizeof p->signals);
}

// The ring of chunks is what it is without factors as long as both have room, then gives way.
static void ring(void **unused) {
  (void)unused;
  struct shira_placement none = place(true, 0);
  const uint32_t bytes = none.slots * none.slot_bytes, all = machine.weight_bytes;
  assert_int_equal(none.slots, 4);
  assert_true(bytes <= all / 2 && bytes >= all / 4);
  uint32_t row = 0; // of tiles, the largest
  for (uint32_t i = 0; i < LINEARS; i++) {
    const uint32_t bytes_of = none.place[i].image_bytes / none.place[i].n_tiles;
    row = bytes_of > row ? bytes_of : row;
  }
  for (uint32_t room = 16; room <= all - 2 * row; room += 16) {
    struct shira_placement r = place(true, room);
    const bool fits = room + bytes <= all;
    assert_int_equal(r.slot_addr, 0);
    assert_int_equal(fits, r.slots == none.slots && r.slot_bytes == none.slot_bytes);
    assert_int_equal(r.factor_addr, r.slots * r.slot_bytes);
    assert_true(r.slots >= 2 && r.factor_addr + room <= all);
    shira_placement_free(&r);
    if (!fits)
      room += 1000;
  }
  struct shira_placement r;
  struct shira_error err = {""};
  assert_int_equal(shira_placement_init(&r, &machine, &model, true, all, &err), -ENOSPC);
  assert_non_null(strstr(err.text, "LoRA factors and two chunks of streamed weights of 'mixed'"));
  struct shira_placement resident = place(false, 0);
  assert_int_equal(
      shira_placement_init(&r, &machine, &model, false, all - resident.weight_bytes + 16, &err),
      -ENOSPC);
  struct shira_placement full = place(false, all - resident.weight_bytes);
  assert_int_equal(full.factor_addr, full.weight_bytes);
  shira_placement_free(&full);
  shira_placement_free(&resident);
  shira_placement_free(&none);
}

// The A's of a group are one image, whatever their ranks; each part begins where the one before
// ends.
static void layout(void **unused) {
  (void)unused;
  const uint32_t rank[LINEARS] = {4, 0, 6, 0, 0, 8, 0, 1, 0};
  struct shira_factors f = factors(rank);
  const uint32_t tile = 16, k = 5; // tiles across 18 inputs
  assert_int_equal(f.of[0].a_off, 0);
  assert_int_equal(f.of[2].a_off, k * tile);                 // behind one row of tiles
  assert_int_equal(f.of[0].b_off, (1 + 2) * k * tile);       // behind both A's
  assert_int_equal(f.of[2].b_off, f.of[0].b_off + 5 * tile); // 20 outputs by 4
  assert_int_equal(f.of[5].a_off, f.of[2].b_off + 3 * 2 * tile);
  assert_int_equal(f.of[2].h_pad, 8);
  assert_int_equal(f.of[0].rank_pad, 8); // a beat
  assert_int_equal(f.of[1].rank | f.of[1].h_pad | f.of[1].a_off | f.of[1].b_off, 0);
  assert_int_equal(f.of[0].bt_off - f.of[0].at_off, k * tile);
  assert_int_equal(f.of[2].at_off, f.of[0].bt_off + 20 * 8);
  assert_int_equal(f.at_bytes, 2 * k * tile);
  assert_int_equal(shira_fuse_bytes(NULL, &f), 2 * f.at_bytes);
  assert_int_equal(shira_fuse_bytes(&f, &f), 4 * f.at_bytes);
  assert_int_equal(shira_fuse_bytes(NULL, NULL), 0);
  shira_factors_free(&f);
}

// base -> A and the passes after it, as one program after another.
static struct shira_program from_base(const struct shira_placement *r, const uint32_t *rank,
                                      const struct shira_factors *a) {
  struct shira_program p = {0};
  bool own[LINEARS];
  either(rank, rank, own);
  const struct shira_fuse fuse = {
      .add = {a, FUSED_A, word}, .source = IMAGES, .home = r->streamed ? HOME : 0};
  const struct shira_unfused unfused = {a, 0, scales};
  struct shira_pass_plan pass = {
      .tokens = 3, .inputs = INPUTS, .outputs = OUTPUTS, .weights = HOME};
  assert_int_equal(shira_plan_fuse(&p, r, &fuse), 0);
  assert_int_equal(shira_plan_factors(&p, r, a, FUSED_A, 0), 0);
  assert_int_equal(shira_plan_images(&p, r, IMAGES, own), 0);
  assert_int_equal(shira_plan_pass(&p, r, &pass), 0);
  pass.unfused = &unfused;
  assert_int_equal(shira_plan_pass(&p, r, &pass), 0);
  return p;
}

// base -> A alone is base -> A beside any B, byte for byte: B's modules and ranks, and the room
// that both take together, change nothing.
static void alone_or_beside(void **unused) {
  (void)unused;
  for (unsigned c = 0; c < 2 * CASES; c++) {
    uint32_t rank_a[LINEARS], rank_b[LINEARS];
    random_ranks(rank_a);
    random_ranks(rank_b);
    struct shira_factors a = factors(rank_a), b = factors(rank_b);
    const uint64_t own = larger(a.unfused_bytes, shira_fuse_bytes(NULL, &a));
    const uint64_t both = larger(a.unfused_bytes + b.unfused_bytes, shira_fuse_bytes(&a, &b));
    struct shira_placement one = place(c % 2, own), two = place(c % 2, larger(own, both));
    struct shira_placement none = place(c % 2, 0);
    struct shira_program p = from_base(&one, rank_a, &a), q = from_base(&two, rank_a, &a);
    same_programs(&p, &q);
    shira_program_free(&p);
    shira_program_free(&q);
    const struct shira_pass_plan pass = {
        .tokens = 5, .inputs = INPUTS, .outputs = OUTPUTS, .weights = HOME};
    assert_int_equal(shira_plan_pass(&p, &none, &pass), 0);
    assert_int_equal(shira_plan_pass(&q, &two, &pass), 0);
    same_programs(&p, &q);
    shira_program_free(&p);
    shira_program_free(&q);
    shira_placement_free(&one);
    shira_placement_free(&two);
    shira_placement_free(&none);
    shira_factors_free(&a);
    shira_factors_free(&b);
  }
}

// What a program does to each linear's weights.
struct work {
  uint64_t from, to;      // images in memory
  uint64_t read, written; // bytes of its image there
  uint64_t onto;          // bytes that are copied onto it in the weight SRAM
  uint64_t tiles;         // products with a tile, of all tokens
  uint64_t factor_bytes;  // of all linears
};

// Bytes of [start, start + bytes) that are in the image of linear `i` behind `blob`.
static uint64_t inside(const struct shira_placement *r, uint32_t i, uint64_t blob, uint64_t start,
                       uint64_t bytes) {
  const uint64_t lo = blob + r->place[i].weight_addr, hi = lo + r->place[i].image_bytes;
  const uint64_t end = start + bytes;
  const uint64_t a = start > lo ? start : lo, b = end < hi ? end : hi;
  return b > a ? b - a : 0;
}

static void count(const struct shira_program *p, const struct shira_placement *r, uint32_t i,
                  struct work *w) {
  for (uint32_t k = 0; k < p->n; k++) {
    const union shira_descriptor *d = &p->d[k];
    const uint64_t bytes =
        d->header.opcode == SHIRA_OPCODE_COPY ? (uint64_t)d->copy.rows * d->copy.row_bytes : 0;
    if (bytes && d->copy.traffic == SHIRA_TRAFFIC_FACTOR)
      w->factor_bytes += bytes;
    if (bytes && d->copy.src_space == SHIRA_SPACE_MEMORY)
      w->read += inside(r, i, w->from, d->copy.src_addr, bytes);
    if (bytes && d->copy.dst_space == SHIRA_SPACE_MEMORY)
      w->written += inside(r, i, w->to, d->copy.dst_addr, bytes);
    if (bytes && d->copy.dst_space == SHIRA_SPACE_WEIGHT && !r->streamed)
      w->onto += inside(r, i, 0, d->copy.dst_addr, bytes);
    if (d->header.opcode == SHIRA_OPCODE_GEMM && !r->streamed &&
        inside(r, i, 0, d->gemm.out_addr, 1))
      w->tiles += (uint64_t)d->gemm.tokens * d->gemm.n_tiles * d->gemm.k_tiles;
  }
}

static uint64_t fused_bytes(const struct shira_place *pl, const struct shira_factor *f) {
  return f->rank ? f->bt_off - f->at_off + pl->out * f->rank_pad : 0;
}

static uint64_t product_tiles(const struct shira_place *pl, const struct shira_factor *f) {
  return (uint64_t)pl->out * pl->k_tiles * (f->h_pad / machine.array_n);
}

// A -> B: each linear's weights are moved and multiplied for the modules that A and B have for it.
static void check_fuse(const struct shira_placement *r, const struct shira_factors *a,
                       const struct shira_factors *b, bool in_place) {
  struct shira_fuse fuse = {.add = {b, FUSED_B, word}, .home = r->streamed ? HOME : 0};
  fuse.source = in_place ? fuse.home : IMAGES;
  if (in_place)
    fuse.remove = (struct shira_fuse_product){a, FUSED_A, word};
  else
    fuse.replace = a;
  struct shira_program p = {0};
  assert_int_equal(shira_plan_fuse(&p, r, &fuse), 0);
  uint64_t factor = 0, seen = 0;
  for (uint32_t i = 0; i < LINEARS; i++) {
    const struct shira_place *pl = &r->place[i];
    const struct shira_factor *fa = &a->of[i], *fb = &b->of[i];
    struct work w = {.from = r->streamed && in_place ? HOME : IMAGES, .to = HOME};
    count(&p, r, i, &w);
    const uint64_t image = fa->rank || fb->rank ? pl->image_bytes : 0;
    const uint64_t clean = fa->rank && !in_place ? pl->image_bytes : 0; // what A did is lost
    assert_int_equal(w.read, r->streamed ? image : clean);
    assert_int_equal(w.written, r->streamed ? image : 0);
    assert_int_equal(w.onto, r->streamed ? 0 : clean);
    if (!r->streamed)
      assert_int_equal(w.tiles, product_tiles(pl, fb) + (in_place ? product_tiles(pl, fa) : 0));
    factor += fused_bytes(pl, fb) + (in_place ? fused_bytes(pl, fa) : 0);
    seen = w.factor_bytes;
  }
  assert_int_equal(seen, factor);
  shira_program_free(&p);
}

static void own_work(void **unused) {
  (void)unused;
  for (unsigned c = 0; c < 4 * CASES; c++) {
    uint32_t rank_a[LINEARS], rank_b[LINEARS];
    random_ranks(rank_a);
    random_ranks(rank_b);
    struct shira_factors a = factors(rank_a), b = factors(rank_b);
    struct shira_placement r = place(c & 1, shira_fuse_bytes(&a, &b));
    check_fuse(&r, &a, &b, c & 2);
    shira_placement_free(&r);
    shira_factors_free(&a);
    shira_factors_free(&b);
  }
}

// B -> base from the clean copy is the images of B's linears, neighbours as one move.
static void to_base(void **unused) {
  (void)unused;
  for (unsigned c = 0; c < 2 * CASES; c++) {
    uint32_t rank[LINEARS];
    bool own[LINEARS];
    random_ranks(rank);
    either(rank, rank, own);
    struct shira_factors f = factors(rank);
    struct shira_placement r = place(c % 2, 0);
    struct shira_program p = {0}, q = {0};
    const struct shira_fuse fuse = {.replace = &f, .source = IMAGES, .home = HOME};
    assert_int_equal(shira_plan_fuse(&p, &r, &fuse), 0);
    assert_int_equal(c % 2 ? shira_plan_copy_images(&q, &r, IMAGES, HOME, own)
                           : shira_plan_images(&q, &r, IMAGES, own),
                     0);
    same_programs(&p, &q);
    shira_program_free(&p);
    shira_program_free(&q);
    shira_placement_free(&r);
    shira_factors_free(&f);
  }
}

// A placement without the room refuses, whatever else would fit.
static void no_room(void **unused) {
  (void)unused;
  uint32_t rank[LINEARS];
  random_ranks(rank);
  struct shira_factors f = factors(rank);
  for (unsigned streamed = 0; streamed < 2; streamed++) {
    const struct shira_fuse fuse = {.add = {&f, FUSED_A, word}, .source = IMAGES, .home = HOME};
    struct shira_placement r = place(streamed, shira_fuse_bytes(NULL, &f) - 16);
    struct shira_program p = {0};
    assert_int_equal(shira_plan_fuse(&p, &r, &fuse), -ENOSPC);
    shira_placement_free(&r);
    r = place(streamed, f.unfused_bytes);
    assert_int_equal(shira_plan_factors(&p, &r, &f, FUSED_A, 16), -ENOSPC);
    assert_int_equal(shira_plan_factors(&p, &r, &f, FUSED_A, 0), 0);
    shira_placement_free(&r);
    shira_program_free(&p);
  }
  shira_factors_free(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ring),     cmocka_unit_test(layout),  cmocka_unit_test(alone_or_beside),
      cmocka_unit_test(own_work), cmocka_unit_test(to_base), cmocka_unit_test(no_room),
  };
  return cmocka_run_group_tests(tests, setup_bed, teardown_bed);
}
