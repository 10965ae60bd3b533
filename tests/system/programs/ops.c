// The opcodes: good descriptors at random, what they touch, their fields.
#include <stdio.h>

#include "tests/system/programs/program.h"

#define BIT(status) (UINT32_C(1) << SHIRA_STATUS_##status)
#define ALWAYS (BIT(OK) | BIT(BAD_FIELD) | BIT(NO_PROGRESS) | BIT(CANCELLED))
#define RANGED (BIT(BAD_ALIGN) | BIT(BAD_RANGE) | BIT(WINDOW))
#define READING (BIT(READ_SLVERR) | BIT(READ_DECERR))
#define WRITING (BIT(WRITE_SLVERR) | BIT(WRITE_DECERR))
#define STREAMING (BIT(STREAM_CRC) | BIT(STREAM_ORDER) | BIT(STREAM_FORMAT) | BIT(STREAM_LENGTH))

#define FIELD(type, name)                                                                          \
  { #name, offsetof(struct shira_desc_##type, name), sizeof(((struct shira_desc_##type *)0)->name) }

void widen(struct maker *m, uint64_t *lo, uint64_t *hi, uint64_t end) {
  if (!one_in(&m->rng, 3))
    return;
  const uint64_t less = below(&m->rng, 100), more = below(&m->rng, 100);
  *lo -= less < *lo ? less : *lo;
  *hi += more < end - *hi ? more : end - *hi;
}

// A multiple of `unit` at which `span` bytes fit into `size`: often at one of its ends, or where
// another descriptor was. `size` counts from `from` bytes into the space on.
static uint32_t place_from(struct maker *m, unsigned space, uint32_t from, uint32_t size,
                           uint32_t span, uint32_t unit) {
  const uint32_t last = (size - span) / unit;
  const uint32_t *hot = m->hot[space];
  const uint32_t at = hot[below(&m->rng, HOT)] - from;
  switch (below(&m->rng, 8)) {
  case 0:
    return 0;
  case 1:
    return last * unit;
  case 2:
  case 3:
  case 4:
    if (at < size)
      return (at / unit < last ? at / unit : last) * unit;
    // fall through
  default:
    return between(&m->rng, 0, last) * unit;
  }
}

static uint32_t place(struct maker *m, unsigned space, uint32_t span, uint32_t unit) {
  return place_from(m, space, 0, m->world->size[space], span, unit);
}

// ---- NOP --------------------------------------------------------------------------------------

static const struct field nop_fields[] = {{0}};

static void make_nop(struct maker *m, union shira_descriptor *d) {
  (void)m;
  (void)d;
}

static bool touch_nop(const struct shira_machine *hw, const union shira_descriptor *d,
                      access_fn *visit, void *context) {
  (void)hw;
  (void)d;
  (void)visit;
  (void)context;
  return true;
}

static unsigned windows_nop(const struct shira_machine *hw, const union shira_descriptor *d,
                            struct window w[2]) {
  (void)hw;
  (void)d;
  (void)w;
  return 0;
}

static unsigned variant_nop(const union shira_descriptor *d) {
  (void)d;
  return 0;
}

static void name_nop(unsigned variant, char *buf, size_t size) {
  (void)variant;
  snprintf(buf, size, "nop");
}

// ---- COPY -------------------------------------------------------------------------------------

static const struct field copy_fields[] = {
    FIELD(copy, src_space), FIELD(copy, dst_space),  FIELD(copy, traffic),
    FIELD(copy, rows),      FIELD(copy, src_addr),   FIELD(copy, dst_addr),
    FIELD(copy, row_bytes), FIELD(copy, src_stride), FIELD(copy, dst_stride),
    FIELD(copy, win_lo),    FIELD(copy, win_hi),     {0}};

static uint64_t copy_place(struct maker *m, unsigned space, bool write, uint32_t span,
                           uint32_t beat) {
  if (space != SHIRA_SPACE_MEMORY)
    return place(m, space, span, beat);
  if (write || one_in(&m->rng, 2))
    return world_addr(m->world, DATA_OUT + place_from(m, space, DATA_OUT, OUT_BYTES, span, beat));
  return world_addr(m->world,
                    DATA_IMAGE + place_from(m, space, DATA_IMAGE, DATA_STREAMS, span, beat));
}

// A row of more than a page, where both spaces have one.
static void lengthen(struct maker *m, struct shira_desc_copy *c, uint32_t beat) {
  uint32_t most = OUT_BYTES;
  if (c->src_space != SHIRA_SPACE_MEMORY && m->world->size[c->src_space] < most)
    most = m->world->size[c->src_space];
  if (c->dst_space != SHIRA_SPACE_MEMORY && m->world->size[c->dst_space] < most)
    most = m->world->size[c->dst_space];
  if (most <= SHIRA_PAGE_BYTES)
    return;
  c->rows = 1;
  c->row_bytes = beat * between(&m->rng, SHIRA_PAGE_BYTES / beat + 1, most / beat);
}

static void make_copy(struct maker *m, union shira_descriptor *d) {
  struct rng *r = &m->rng;
  struct shira_desc_copy *c = &d->copy;
  const uint32_t beat = m->hw->axi_data_bits / 8;
  // Many read what was just written.
  const bool follow = one_in(r, m->program->order == CHAIN ? 4 : 2);
  c->src_space = (uint8_t)(follow ? m->wrote.space : below(r, SPACES));
  c->dst_space = (uint8_t)below(r, SPACES);
  c->traffic = (uint8_t)below(r, SHIRA_TRAFFIC_COUNT);
  c->rows = one_in(r, 3) ? 1 : between(r, 1, 7);
  c->row_bytes = beat * (c->rows == 1 && one_in(r, 2) ? between(r, 1, 128) : between(r, 1, 16));
  if (m->program->long_rows && one_in(r, 3))
    lengthen(m, c, beat);
  c->src_stride = one_in(r, 8) ? 0 : c->row_bytes + beat * (one_in(r, 2) ? 0 : below(r, 9));
  c->dst_stride = one_in(r, 12) ? 0 : c->row_bytes + beat * (one_in(r, 2) ? 0 : below(r, 9));
  const uint32_t src_span = (c->rows - 1) * c->src_stride + c->row_bytes;
  const uint32_t dst_span = (c->rows - 1) * c->dst_stride + c->row_bytes;
  c->src_addr = copy_place(m, c->src_space, false, src_span, beat);
  if (follow && m->wrote.addr + src_span <= m->wrote.end)
    c->src_addr = m->wrote.addr / beat * beat;
  c->dst_addr = copy_place(m, c->dst_space, true, dst_span, beat);
  c->win_lo = c->dst_addr;
  c->win_hi = c->dst_addr + dst_span;
  widen(m, &c->win_lo, &c->win_hi,
        c->dst_space == SHIRA_SPACE_MEMORY ? world_addr(m->world, DATA_BYTES)
                                           : m->world->size[c->dst_space]);
}

static bool touch_copy(const struct shira_machine *hw, const union shira_descriptor *d,
                       access_fn *visit, void *context) {
  const struct shira_desc_copy *c = &d->copy;
  const struct access src = {READS,         c->src_space, c->src_addr, c->rows,
                             c->src_stride, c->row_bytes, false};
  const struct access dst = {WRITES,        c->dst_space, c->dst_addr, c->rows,
                             c->dst_stride, c->row_bytes, false};
  (void)hw;
  return visit(context, &src) && visit(context, &dst);
}

static unsigned windows_copy(const struct shira_machine *hw, const union shira_descriptor *d,
                             struct window w[2]) {
  (void)hw;
  w[0] = (struct window){d->copy.dst_space, d->copy.win_lo, d->copy.win_hi};
  return 1;
}

static unsigned variant_copy(const union shira_descriptor *d) {
  return d->copy.src_space * SPACES + d->copy.dst_space;
}

static void name_copy(unsigned variant, char *buf, size_t size) {
  snprintf(buf, size, "%s -> %s", shira_space_name(variant / SPACES),
           shira_space_name(variant % SPACES));
}

// ---- SCATTER ----------------------------------------------------------------------------------

static const struct field scatter_fields[] = {
    FIELD(scatter, op),     FIELD(scatter, format),       FIELD(scatter, traffic),
    FIELD(scatter, space),  FIELD(scatter, updates),      FIELD(scatter, stream_addr),
    FIELD(scatter, base),   FIELD(scatter, stream_bytes), FIELD(scatter, win_lo),
    FIELD(scatter, win_hi), FIELD(scatter, mem_base),     {0}};

static bool touch_scatter(const struct shira_machine *hw, const union shira_descriptor *d,
                          access_fn *visit, void *context) {
  const struct shira_desc_scatter *s = &d->scatter;
  const bool swap = s->op == SHIRA_SCATTER_OP_SWAP, weight = s->space == SHIRA_SPACE_WEIGHT;
  const uint64_t hi = weight && s->win_hi > hw->weight_bytes ? hw->weight_bytes : s->win_hi;
  struct access stream = {
      swap ? READS_OWN : READS, SHIRA_SPACE_MEMORY, s->stream_addr, 1, 0, s->stream_bytes, true};
  struct access weights = {READS_OWN, s->space, s->win_lo, 1, 0, hi - s->win_lo, false};
  if (!visit(context, &stream))
    return false;
  stream.kind = UPDATES;
  if (swap && !visit(context, &stream))
    return false;
  if (s->win_lo >= hi)
    return true;
  if (s->op != SHIRA_SCATTER_OP_SET && !visit(context, &weights))
    return false;
  weights.kind = UPDATES;
  return visit(context, &weights);
}

static unsigned windows_scatter(const struct shira_machine *hw, const union shira_descriptor *d,
                                struct window w[2]) {
  const struct shira_desc_scatter *s = &d->scatter;
  (void)hw;
  w[0] = (struct window){s->space, s->win_lo, s->win_hi};
  // What swap writes back.
  w[1] = (struct window){SHIRA_SPACE_MEMORY, s->stream_addr, s->stream_addr + s->stream_bytes};
  return s->op == SHIRA_SCATTER_OP_SWAP ? 2 : 1;
}

static unsigned variant_scatter(const union shira_descriptor *d) {
  return (d->scatter.op * SCATTER_FORMATS + d->scatter.format - 1u) * SCATTER_SPACES +
         (d->scatter.space == SHIRA_SPACE_MEMORY);
}

static void name_scatter(unsigned variant, char *buf, size_t size) {
  const unsigned memory = variant % SCATTER_SPACES, v = variant / SCATTER_SPACES;
  snprintf(buf, size, "%s %s in %s", shira_scatter_op_name(v / SCATTER_FORMATS),
           shira_stream_format_name(v % SCATTER_FORMATS + 1), memory ? "memory" : "weight");
}

// ---- GEMM -------------------------------------------------------------------------------------

static const struct field gemm_fields[] = {
    FIELD(gemm, out),        FIELD(gemm, seed),       FIELD(gemm, uniform),
    FIELD(gemm, tokens),     FIELD(gemm, n_tiles),    FIELD(gemm, k_tiles),
    FIELD(gemm, w_addr),     FIELD(gemm, x_addr),     FIELD(gemm, x_stride),
    FIELD(gemm, acc_addr),   FIELD(gemm, acc_stride), FIELD(gemm, param_addr),
    FIELD(gemm, win_lo),     FIELD(gemm, win_hi),     FIELD(gemm, out_addr),
    FIELD(gemm, out_stride), FIELD(gemm, src_addr),   FIELD(gemm, image_k_tiles),
    FIELD(gemm, out_scale),  FIELD(gemm, seed_scale), {0}};

static uint32_t scale(struct rng *r) {
  const uint32_t mult = one_in(r, 4) ? 0xffffff - below(r, 2) : (uint32_t)rng_next(r);
  const uint32_t shift = one_in(r, 3) ? below(r, 64) : between(r, 16, 36);
  return shift << 24 | (mult & 0xffffff) | (one_in(r, 4) ? (uint32_t)rng_next(r) << 30 : 0);
}

// Where results go: the last bytes of wadd's image.
static uint64_t image_bytes(const struct shira_machine *hw, const struct shira_desc_gemm *g) {
  const uint64_t n = hw->array_n, last = g->tokens - UINT64_C(1);
  return ((last / n * g->image_k_tiles + g->n_tiles - 1) * n + last % n + 1) * hw->array_k;
}

static void make_results(struct maker *m, struct shira_desc_gemm *g) {
  struct rng *r = &m->rng;
  const uint32_t n = m->hw->array_n, tile = n * m->hw->array_k, row = g->n_tiles * n;
  uint64_t end = m->hw->weight_bytes;
  if (g->out == SHIRA_GEMM_OUT_ACC) {
    g->win_lo = g->acc_addr;
    g->win_hi = g->acc_addr + (g->n_tiles - 1) * g->acc_stride + g->tokens * 4 * n;
    end = m->hw->accumulator_bytes;
  } else if (g->out == SHIRA_GEMM_OUT_INT8) {
    g->out_stride = one_in(r, 8) ? n * below(r, 4) : row + n * (one_in(r, 2) ? 0 : below(r, 6));
    const uint32_t span = (g->tokens - 1) * g->out_stride + row;
    g->out_addr = place(m, SHIRA_SPACE_ACTIVATION, span, n);
    g->win_lo = g->out_addr;
    g->win_hi = g->out_addr + span;
    end = m->hw->activation_bytes;
  } else {
    g->image_k_tiles = g->n_tiles + (one_in(r, 2) ? 0 : below(r, 4));
    const uint32_t span = (uint32_t)image_bytes(m->hw, g);
    g->out_addr = place(m, SHIRA_SPACE_WEIGHT, span, tile);
    g->src_addr = one_in(r, 2) ? g->out_addr : place(m, SHIRA_SPACE_WEIGHT, span, tile);
    g->win_lo = g->out_addr;
    g->win_hi = g->out_addr + span;
  }
  widen(m, &g->win_lo, &g->win_hi, end);
}

static void make_gemm(struct maker *m, union shira_descriptor *d) {
  struct rng *r = &m->rng;
  struct shira_desc_gemm *g = &d->gemm;
  const uint32_t n = m->hw->array_n, k = m->hw->array_k;
  g->out = (uint8_t)below(r, SHIRA_GEMM_OUT_COUNT);
  g->seed = (uint8_t)below(r, SHIRA_GEMM_SEED_COUNT);
  g->uniform = (uint8_t)below(r, 2);
  g->tokens = one_in(r, 4) ? 1 : between(r, 1, 9);
  g->n_tiles = between(r, 1, 4);
  g->k_tiles = between(r, 1, 4);
  g->w_addr = place(m, SHIRA_SPACE_WEIGHT, g->n_tiles * g->k_tiles * n * k, n * k);
  const uint32_t row = g->k_tiles * k;
  g->x_stride = one_in(r, 6) ? k * below(r, 4) : row + k * (one_in(r, 2) ? 0 : below(r, 6));
  g->x_addr = place(m, SHIRA_SPACE_ACTIVATION, (g->tokens - 1) * g->x_stride + row, k);
  const uint32_t sums = g->tokens * 4 * n;
  g->acc_stride =
      one_in(r, 5) ? 4 * n * below(r, 3) : sums + 4 * n * (one_in(r, 2) ? 0 : below(r, 4));
  g->acc_addr = place(m, SHIRA_SPACE_ACCUMULATOR, (g->n_tiles - 1) * g->acc_stride + sums, 4 * n);
  g->param_addr =
      place(m, SHIRA_SPACE_PARAMETER, g->n_tiles * n * SHIRA_PARAM_BYTES, n * SHIRA_PARAM_BYTES);
  g->out_scale = scale(r);
  g->seed_scale = scale(r);
  make_results(m, g);
}

// Words of an image that wadd reads or writes, one access a token.
static bool touch_image(const struct shira_machine *hw, const struct shira_desc_gemm *g,
                        enum access_kind kind, uint64_t image, access_fn *visit, void *context) {
  const uint64_t n = hw->array_n, k = hw->array_k;
  for (uint64_t t = 0; t < g->tokens; t++) {
    const uint64_t word = t / n * g->image_k_tiles * n + t % n;
    const struct access a = {kind, SHIRA_SPACE_WEIGHT, image + word * k, g->n_tiles, n * k, n,
                             false};
    if (!visit(context, &a))
      return false;
  }
  return true;
}

static bool touch_gemm(const struct shira_machine *hw, const union shira_descriptor *d,
                       access_fn *visit, void *context) {
  const struct shira_desc_gemm *g = &d->gemm;
  const uint64_t n = hw->array_n, k = hw->array_k, tiles = g->k_tiles * n * k;
  const uint64_t sums = 4 * n * (uint64_t)g->tokens;
  const bool acc = g->out == SHIRA_GEMM_OUT_ACC, int8 = g->out == SHIRA_GEMM_OUT_INT8;
  // Where the sums of another output tile fall on seeds, what becomes of those is not defined,
  // unless sums are the result.
  const bool apart = acc || g->n_tiles == 1 || g->acc_stride >= sums;
  const struct access seeds = {apart ? READS_OWN : READS,
                               SHIRA_SPACE_ACCUMULATOR,
                               g->acc_addr,
                               g->n_tiles,
                               g->acc_stride,
                               sums,
                               false};
  struct access leaves = seeds;
  leaves.kind = acc ? WRITES : SCRATCH;
  const struct access w = {READS, SHIRA_SPACE_WEIGHT, g->w_addr, g->n_tiles, tiles, tiles, false};
  const struct access x = {READS,       SHIRA_SPACE_ACTIVATION, g->x_addr, g->tokens,
                           g->x_stride, g->k_tiles * k,         false};
  const struct access out = {WRITES,        SHIRA_SPACE_ACTIVATION, g->out_addr, g->tokens,
                             g->out_stride, g->n_tiles * n,         false};
  const struct access params = {READS,      SHIRA_SPACE_PARAMETER, g->param_addr,
                                g->n_tiles, SHIRA_PARAM_BYTES * n, SHIRA_PARAM_BYTES * n,
                                false};
  if ((g->seed != SHIRA_GEMM_SEED_ZERO && !visit(context, &seeds)) || !visit(context, &leaves) ||
      !visit(context, &w) || !visit(context, &x))
    return false;
  if (acc)
    return true;
  if (int8)
    return (g->uniform || visit(context, &params)) && visit(context, &out);
  const bool own = g->src_addr == g->out_addr;
  return touch_image(hw, g, own ? READS_OWN : READS, g->src_addr, visit, context) &&
         touch_image(hw, g, WRITES, g->out_addr, visit, context);
}

static unsigned windows_gemm(const struct shira_machine *hw, const union shira_descriptor *d,
                             struct window w[2]) {
  static const uint8_t spaces[SHIRA_GEMM_OUT_COUNT] = {
      [SHIRA_GEMM_OUT_ACC] = SHIRA_SPACE_ACCUMULATOR,
      [SHIRA_GEMM_OUT_INT8] = SHIRA_SPACE_ACTIVATION,
      [SHIRA_GEMM_OUT_WADD] = SHIRA_SPACE_WEIGHT,
  };
  const struct shira_desc_gemm *g = &d->gemm;
  if (g->out >= SHIRA_GEMM_OUT_COUNT)
    return 0;
  w[0] = (struct window){spaces[g->out], g->win_lo, g->win_hi};
  w[1] = (struct window){SHIRA_SPACE_ACCUMULATOR, g->acc_addr, // the sums, which stay there
                         g->acc_addr + (g->n_tiles - UINT64_C(1)) * g->acc_stride +
                             UINT64_C(4) * g->tokens * hw->array_n};
  return g->out == SHIRA_GEMM_OUT_ACC ? 1 : 2;
}

static unsigned variant_gemm(const union shira_descriptor *d) {
  return (d->gemm.out * SHIRA_GEMM_SEED_COUNT + d->gemm.seed) * 2u + (d->gemm.uniform & 1u);
}

static void name_gemm(unsigned variant, char *buf, size_t size) {
  snprintf(buf, size, "%s, seed %s, uniform %u",
           shira_gemm_out_name(variant / 2 / SHIRA_GEMM_SEED_COUNT),
           shira_gemm_seed_name(variant / 2 % SHIRA_GEMM_SEED_COUNT), variant % 2);
}

// ---- All --------------------------------------------------------------------------------------

const struct op ops[OPS] = {
    {"nop", SHIRA_OPCODE_NOP, SHIRA_ENGINE_COMMAND, 2, 1, nop_fields, ALWAYS, make_nop, NULL,
     touch_nop, windows_nop, variant_nop, name_nop},
    {"copy", SHIRA_OPCODE_COPY, SHIRA_ENGINE_COPY, 8, SPACES *SPACES, copy_fields,
     ALWAYS | RANGED | READING | WRITING, make_copy, NULL, touch_copy, windows_copy, variant_copy,
     name_copy},
    {"scatter", SHIRA_OPCODE_SCATTER, SHIRA_ENGINE_SCATTER, 7,
     SCATTER_OPS *SCATTER_FORMATS *SCATTER_SPACES, scatter_fields,
     ALWAYS | RANGED | READING | STREAMING | (SCATTER_OPS > SHIRA_SCATTER_OP_SWAP ? WRITING : 0),
     make_stream, spoil_stream, touch_scatter, windows_scatter, variant_scatter, name_scatter},
    {"gemm", SHIRA_OPCODE_GEMM, SHIRA_ENGINE_GEMM, 6,
     SHIRA_GEMM_OUT_COUNT *SHIRA_GEMM_SEED_COUNT * 2, gemm_fields, ALWAYS | RANGED, make_gemm, NULL,
     touch_gemm, windows_gemm, variant_gemm, name_gemm},
};

const struct op *op_of(unsigned opcode) {
  for (unsigned i = 0; i < OPS; i++)
    if (ops[i].opcode == opcode)
      return &ops[i];
  return NULL;
}
