// COPY and SCATTER of the golden device against plain loops, and each of their errors against the
// status and place that the interface names.
#include <isa-l/crc.h>

#include "tests/unit/golden_bench.h"

// ---- COPY -------------------------------------------------------------------------------------

static void test_copy(void **state) {
  (void)state;
  struct bench b;
  open_bench(&b);
  uint8_t *weight = malloc(65536), *back = malloc(65536), *mem = malloc(HALF);
  for (int round = 0; round < 60; round++) {
    fill(weight, 65536);
    fill(b.data.host, HALF);
    memcpy(mem, b.data.host, HALF);
    sram(&b, SHIRA_SPACE_WEIGHT, weight, 65536, true);
    const bool load = round & 1;
    struct shira_desc_copy d = copy(0, 0, 0, 0, 8 * (1 + below(40)));
    d.rows = 1 + below(20);
    d.src_stride = 8 * below(80);
    d.dst_stride = d.row_bytes + 8 * below(40);
    const uint32_t src = 8 * below(1000), dst = 8 * below(1000);
    d.src_space = load ? SHIRA_SPACE_MEMORY : SHIRA_SPACE_WEIGHT;
    d.dst_space = load ? SHIRA_SPACE_WEIGHT : SHIRA_SPACE_MEMORY;
    d.src_addr = src + (load ? b.data.addr : 0);
    d.dst_addr = dst + (load ? 0 : b.data.addr);
    d.win_lo = d.dst_addr;
    d.win_hi = d.dst_addr + (uint64_t)(d.rows - 1) * d.dst_stride + d.row_bytes;
    run_ok(&b, &d, d.rows * d.row_bytes / 8);
    uint8_t *from = load ? mem : weight, *to = load ? weight : mem;
    for (uint32_t r = 0; r < d.rows; r++)
      memcpy(to + dst + r * d.dst_stride, from + src + r * d.src_stride, d.row_bytes);
    assert_memory_equal(b.data.host, mem, HALF);
    sram(&b, SHIRA_SPACE_WEIGHT, back, 65536, false);
    assert_memory_equal(back, weight, 65536);
  }
  free(weight);
  free(back);
  free(mem);
  close_bench(&b);
}

// Runs `good` with one change.
#define BAD(change, status, where)                                                                 \
  do {                                                                                             \
    struct shira_desc_copy d = good;                                                               \
    change;                                                                                        \
    run_bad(b, &d, status, where);                                                                 \
  } while (0)

static void bad_copy_fields(struct bench *b, const struct shira_desc_copy good) {
  BAD(d.opcode = 0, SHIRA_STATUS_BAD_OPCODE, 0);
  BAD(d.opcode = 5, SHIRA_STATUS_BAD_OPCODE, 5);
  BAD(d.wait0_sem = 16, SHIRA_STATUS_BAD_FIELD, 2);
  BAD(d.wait1_sem = 255, SHIRA_STATUS_BAD_FIELD, 3);
  BAD(d.signal_sem = 16, SHIRA_STATUS_BAD_FIELD, 4);
  assert_int_equal(completion(b, b->tail - 1).engine, SHIRA_ENGINE_COMMAND);
  BAD(d.src_space = 5, SHIRA_STATUS_BAD_FIELD, 16);
  assert_int_equal(completion(b, b->tail - 1).engine, SHIRA_ENGINE_COPY);
  BAD(d.dst_space = 255, SHIRA_STATUS_BAD_FIELD, 17);
  BAD(d.traffic = SHIRA_TRAFFIC_COUNT, SHIRA_STATUS_BAD_FIELD, 18);
  BAD(d.rows = 0, SHIRA_STATUS_BAD_FIELD, 20);
  BAD(d.row_bytes = 0, SHIRA_STATUS_BAD_FIELD, 40);
  BAD(d.src_addr += 4, SHIRA_STATUS_BAD_ALIGN, 24);
  BAD(d.dst_addr += 1, SHIRA_STATUS_BAD_ALIGN, 32);
  BAD(d.row_bytes += 2, SHIRA_STATUS_BAD_ALIGN, 40);
  BAD(d.src_stride += 4, SHIRA_STATUS_BAD_ALIGN, 44);
  BAD(d.dst_stride += 4, SHIRA_STATUS_BAD_ALIGN, 48);
  BAD(d.dst_addr = 65536 - 56, SHIRA_STATUS_BAD_RANGE, 32);
  BAD(d.dst_addr = UINT64_MAX - 7, SHIRA_STATUS_BAD_RANGE, 32);
  BAD((d.rows = UINT32_MAX, d.dst_stride = 0xfffffff8u), SHIRA_STATUS_BAD_RANGE, 32);
  BAD((d.src_space = SHIRA_SPACE_PARAMETER, d.src_addr = 4096), SHIRA_STATUS_BAD_RANGE, 24);
}

// Windows in SRAM and memory, below and above.
static void bad_copy_windows(struct bench *b, const struct shira_desc_copy good) {
  const uint64_t mem = b->data.addr;
  BAD(d.win_lo = 8, SHIRA_STATUS_WINDOW, 0);
  BAD(d.win_hi = 56, SHIRA_STATUS_WINDOW, 56);
  BAD((d.win_lo = 8, d.win_hi = 8), SHIRA_STATUS_WINDOW, 0);
  struct shira_desc_copy d = copy(SHIRA_SPACE_WEIGHT, 0, SHIRA_SPACE_MEMORY, mem + 4096, 4096);
  d.win_lo = mem + 4096;
  d.win_hi = mem + 4096 + 128 + 8;
  memset(b->data.host, 0x77, HALF);
  const struct shira_completion c = run_bad(b, &d, SHIRA_STATUS_WINDOW, d.win_hi);
  assert_int_equal(c.count, 0);
  for (uint32_t i = 0; i < HALF; i++)
    assert_int_equal(((uint8_t *)b->data.host)[i], 0x77);
  // Rows with gaps: the window may end in a gap, and behind all of them.
  d.rows = 4;
  d.row_bytes = 64;
  d.dst_stride = 128;
  const uint64_t out = d.dst_addr;
  const uint64_t ends[][2] = {
      {63, 63}, {64, 128}, {100, 128}, {130, 130}, {384 + 56, 384 + 56}}; // window's end, where
  for (unsigned i = 0; i < sizeof ends / sizeof ends[0]; i++) {
    d.win_hi = out + ends[i][0];
    run_bad(b, &d, SHIRA_STATUS_WINDOW, out + ends[i][1]);
  }
  d.dst_stride = 0;
  d.win_hi = out + 8;
  run_bad(b, &d, SHIRA_STATUS_WINDOW, out + 8);
}

// Unmapped memory: the burst that starts there. The guard page follows the data.
static void unmapped_copies(struct bench *b, const struct shira_desc_copy good) {
  const uint64_t end = b->data.addr + b->data.bytes;
  BAD((d.src_addr = end - 128, d.row_bytes = 256), SHIRA_STATUS_READ_DECERR, end);
  const struct shira_desc_copy d = copy(SHIRA_SPACE_WEIGHT, 0, SHIRA_SPACE_MEMORY, end - 32, 256);
  run_bad(b, &d, SHIRA_STATUS_WRITE_DECERR, end);
  BAD(d.src_addr = 0, SHIRA_STATUS_READ_DECERR, 0);
  BAD(d.src_addr = UINT64_MAX - 63, SHIRA_STATUS_READ_DECERR, UINT64_MAX - 63);
}

static void test_copy_errors(void **state) {
  (void)state;
  struct bench b;
  open_bench(&b);
  const struct shira_desc_copy good =
      copy(SHIRA_SPACE_MEMORY, b.data.addr, SHIRA_SPACE_WEIGHT, 0, 64);
  bad_copy_fields(&b, good);
  bad_copy_windows(&b, good);
  unmapped_copies(&b, good);
  assert_int_equal(rd(&b, SHIRA_REG_ERROR_COUNT), 33);
  run_ok(&b, &good, 8);
  close_bench(&b);
}

// ---- SCATTER ----------------------------------------------------------------------------------

struct maker {
  uint8_t *out;
  uint32_t bytes;
};

static void seal(uint8_t *block, uint32_t bytes) {
  const uint32_t zero = 0;
  memcpy(block, &zero, 4);
  const uint32_t crc = ~crc32_iscsi(block, (int)bytes, UINT32_MAX);
  memcpy(block, &crc, 4);
}

// Appends one block of `n` updates.
static void block(struct maker *s, const uint32_t *position, const uint8_t *value, uint32_t n) {
  uint8_t *head = s->out + s->bytes;
  memset(head, 0, 4096);
  uint32_t at = sizeof(struct shira_block_header);
  uint32_t cursor = position[0];
  for (uint32_t i = 0; i < n; i++) {
    uint32_t gap = position[i] - cursor;
    for (; gap >= 255; gap -= 255)
      head[at++] = 255;
    head[at++] = (uint8_t)gap;
    cursor = position[i] + 1;
  }
  const struct shira_block_header h = {.first = position[0],
                                       .updates = (uint16_t)n,
                                       .gap_bytes = (uint16_t)(at - sizeof h),
                                       .format = SHIRA_STREAM_FORMAT_GAP8,
                                       .value_bytes = 1};
  memcpy(head, &h, sizeof h);
  at = (at + 31) / 32 * 32;
  memcpy(head + at, value, n);
  at = (at + n + 31) / 32 * 32;
  seal(head, at);
  s->bytes += at;
}

// Writes a stream of `n` updates, cut at random, and updates `model` as the device should.
static uint32_t stream(struct bench *b, uint32_t base, uint32_t n, uint32_t most_gap,
                       uint8_t *model) {
  struct maker s = {.out = b->data.host};
  uint32_t position = below(100);
  for (uint32_t done = 0; done < n;) {
    uint32_t pos[16], count = 1 + below(16);
    uint8_t value[16];
    count = count < n - done ? count : n - done;
    for (uint32_t i = 0; i < count; i++) {
      pos[i] = position;
      value[i] = (uint8_t)random64();
      model[base + position] = value[i];
      position += 1 + below(most_gap);
    }
    block(&s, pos, value, count);
    done += count;
  }
  return s.bytes;
}

static struct shira_desc_scatter scatter(struct bench *b, uint32_t updates, uint32_t bytes) {
  return (struct shira_desc_scatter){.opcode = SHIRA_OPCODE_SCATTER,
                                     .op = SHIRA_SCATTER_OP_SET,
                                     .format = SHIRA_STREAM_FORMAT_GAP8,
                                     .traffic = SHIRA_TRAFFIC_VALUE,
                                     .updates = updates,
                                     .stream_addr = b->data.addr,
                                     .space = SHIRA_SPACE_WEIGHT,
                                     .stream_bytes = bytes,
                                     .win_hi = machine.weight_bytes};
}

static void test_scatter(void **state) {
  (void)state;
  struct bench b;
  open_bench(&b);
  uint8_t *model = malloc(65536), *back = malloc(65536);
  for (int round = 0; round < 100; round++) {
    fill(model, 65536);
    sram(&b, SHIRA_SPACE_WEIGHT, model, 65536, true);
    const uint32_t n = 1 + below(100), base = 4 * below(1000);
    struct shira_desc_scatter d =
        scatter(&b, n, stream(&b, base, n, round % 3 == 0 ? 560 : 1 + below(100), model));
    d.base = base;
    d.traffic = round % 2 ? SHIRA_TRAFFIC_UNDO : SHIRA_TRAFFIC_VALUE;
    wr(&b, SHIRA_REG_CTRL, SHIRA_REG_CTRL_ENABLE_MASK | SHIRA_REG_CTRL_CLEAR_COUNTERS_MASK);
    run_ok(&b, &d, n);
    const uint32_t counters = SHIRA_COUNTER_OFFSET;
    assert_int_equal(rd(&b, counters + 8 * SHIRA_COUNTER_UPDATES), 0); // no snapshot yet
    wr(&b, SHIRA_REG_COUNTER_SNAPSHOT, 1);
    assert_int_equal(rd(&b, counters + 8 * SHIRA_COUNTER_UPDATES), n);
    assert_int_equal(rd(&b, counters + 8 * SHIRA_COUNTER_READ_BYTES_VALUE), round % 2 ? 0 : n);
    assert_int_equal(rd(&b, counters + 8 * SHIRA_COUNTER_READ_BYTES_INDEX) +
                         rd(&b, counters + 8 * SHIRA_COUNTER_READ_BYTES_VALUE) +
                         rd(&b, counters + 8 * SHIRA_COUNTER_READ_BYTES_UNDO),
                     d.stream_bytes);
    sram(&b, SHIRA_SPACE_WEIGHT, back, 65536, false);
    assert_memory_equal(back, model, 65536);
  }
  free(model);
  free(back);
  close_bench(&b);
}

// A good stream of two blocks, 10, 20, 700 and 1000, 1001, to change one thing of.
struct good_stream {
  uint8_t bytes[512];
  uint32_t size, second; // the second block's place
  struct shira_desc_scatter d;
};

static void good_stream(struct bench *b, struct good_stream *g) {
  static const uint32_t p1[] = {10, 20, 700}, p2[] = {1000, 1001};
  static const uint8_t v[] = {1, 2, 3};
  struct maker s = {.out = b->data.host};
  block(&s, p1, v, 3);
  g->second = s.bytes;
  block(&s, p2, v, 2);
  g->size = s.bytes;
  assert_true(g->size <= sizeof g->bytes);
  memcpy(g->bytes, s.out, g->size);
  g->d = scatter(b, 5, g->size);
}

// Runs the good stream with one change, of which `updates` are applied.
#define BAD_S(change, status, where, updates)                                                      \
  do {                                                                                             \
    struct shira_desc_scatter d = g->d;                                                            \
    memcpy(b->data.host, g->bytes, g->size);                                                       \
    change;                                                                                        \
    assert_int_equal(run_bad(b, &d, status, where).count, updates);                                \
  } while (0)

static void bad_scatter_fields(struct bench *b, const struct good_stream *g) {
  BAD_S(d.op = 4, SHIRA_STATUS_BAD_FIELD, 16, 0);
  BAD_S(d.format = 0, SHIRA_STATUS_BAD_FIELD, 17, 0);
  BAD_S(d.traffic = SHIRA_TRAFFIC_WEIGHT, SHIRA_STATUS_BAD_FIELD, 18, 0);
  BAD_S(d.space = SHIRA_SPACE_PARAMETER, SHIRA_STATUS_BAD_FIELD, 19, 0);
  BAD_S(d.updates = 0, SHIRA_STATUS_BAD_FIELD, 20, 0);
  BAD_S(d.stream_bytes = 0, SHIRA_STATUS_BAD_FIELD, 32, 0);
  BAD_S(d.stream_addr += 16, SHIRA_STATUS_BAD_ALIGN, 24, 0);
  BAD_S(d.stream_bytes += 8, SHIRA_STATUS_BAD_ALIGN, 32, 0);
  BAD_S(d.base = 2, SHIRA_STATUS_BAD_ALIGN, 36, 0);
  BAD_S(d.base = 65536, SHIRA_STATUS_BAD_RANGE, 36, 0);
  BAD_S(d.win_hi = 65537, SHIRA_STATUS_BAD_RANGE, 64, 0);
  BAD_S(d.win_hi = UINT64_MAX, SHIRA_STATUS_BAD_RANGE, 64, 0);
}

// CRC, order and format of the stream's blocks.
static void bad_scatter_blocks(struct bench *b, const struct good_stream *g) {
  const uint32_t second = g->second;
  uint8_t *host = b->data.host;
  // CRC: a value, a gap, padding, the CRC itself; in the second block the first is applied.
  BAD_S(host[second - 32] ^= 1, SHIRA_STATUS_STREAM_CRC, 0, 0);
  BAD_S(host[17] ^= 4, SHIRA_STATUS_STREAM_CRC, 0, 0);
  BAD_S(host[second - 1] ^= 128, SHIRA_STATUS_STREAM_CRC, 0, 0);
  BAD_S(host[second] ^= 1, SHIRA_STATUS_STREAM_CRC, second, 3);
  // Order: the second block starts on 700.
  BAD_S((host[second + 4] = 700 & 255, host[second + 5] = 700 >> 8, seal(host + second, 64)),
        SHIRA_STATUS_STREAM_ORDER, second, 3);
  // Format: header fields, and gaps that do not hold the updates.
  BAD_S(host[8] = 0, SHIRA_STATUS_STREAM_FORMAT, 0, 0);
  BAD_S(host[8] = 17, SHIRA_STATUS_STREAM_FORMAT, 0, 0);
  BAD_S(host[10] = 2, SHIRA_STATUS_STREAM_FORMAT, 0, 0);
  BAD_S(host[10] = 65, SHIRA_STATUS_STREAM_FORMAT, 0, 0);
  BAD_S(host[12] = 2, SHIRA_STATUS_STREAM_FORMAT, 0, 0);
  BAD_S(host[second + 13] = 2, SHIRA_STATUS_STREAM_FORMAT, second, 3);
  BAD_S((host[17] = 255, seal(host, second)), SHIRA_STATUS_STREAM_FORMAT, 0, 0);
  BAD_S((host[16] = 1, seal(host, second)), SHIRA_STATUS_STREAM_FORMAT, 0, 0);
}

// Lengths, windows and unmapped memory.
static void bad_scatter_extents(struct bench *b, const struct good_stream *g) {
  const uint32_t second = g->second;
  uint8_t *host = b->data.host;
  // Length: too short for the second block, too long, too few and too many updates.
  BAD_S(d.stream_bytes -= 32, SHIRA_STATUS_STREAM_LENGTH, second, 3);
  BAD_S((d.stream_bytes += 32, memset(host + g->size, 0, 32)), SHIRA_STATUS_STREAM_FORMAT, g->size,
        5);
  BAD_S(d.updates = 6, SHIRA_STATUS_STREAM_LENGTH, g->size, 5);
  BAD_S(d.updates = 4, SHIRA_STATUS_STREAM_LENGTH, second, 3);
  // Windows: the first update outside is 20, then 1001.
  BAD_S(d.win_lo = 20, SHIRA_STATUS_WINDOW, 10, 0);
  BAD_S(d.win_hi = 20, SHIRA_STATUS_WINDOW, 20, 1);
  BAD_S(d.win_hi = 1001, SHIRA_STATUS_WINDOW, 1001, 4);
  // The second block lies outside mapped memory.
  const uint64_t end = b->data.addr + b->data.bytes;
  memcpy(host + b->data.bytes - second, g->bytes, second);
  BAD_S(d.stream_addr = end - second, SHIRA_STATUS_READ_DECERR, end, 3);
  memcpy(host, g->bytes, g->size);
}

static void test_scatter_errors(void **state) {
  (void)state;
  struct bench b;
  struct good_stream g;
  open_bench(&b);
  good_stream(&b, &g);
  bad_scatter_fields(&b, &g);
  bad_scatter_blocks(&b, &g);
  bad_scatter_extents(&b, &g);
  run_ok(&b, &g.d, 5);
  close_bench(&b);
}

static void test_scatter_window_is_kept(void **state) {
  (void)state;
  struct bench b;
  open_bench(&b);
  uint8_t *model = malloc(65536), *back = malloc(65536);
  for (int round = 0; round < 50; round++) {
    fill(model, 65536);
    sram(&b, SHIRA_SPACE_WEIGHT, model, 65536, true);
    memcpy(back, model, 65536);
    const uint32_t n = 20 + below(80);
    struct shira_desc_scatter d = scatter(&b, n, stream(&b, 0, n, 40, model));
    d.win_lo = below(60);
    d.win_hi = d.win_lo + below(1000);
    // What the model of the interface says: updates up to the first outside.
    uint32_t made = 0, where = 65536;
    for (uint32_t i = 0; i < 65536 && where == 65536; i++)
      if (model[i] != back[i] && (i < d.win_lo || i >= d.win_hi))
        where = i;
    sram(&b, SHIRA_SPACE_WEIGHT, back, 65536, true);
    memset((uint8_t *)b.data.host + HALF, 0, HALF);
    const struct shira_completion c = run(&b, &d);
    if (c.status == SHIRA_STATUS_OK) {
      assert_int_equal(where, 65536);
    } else {
      assert_int_equal(c.status, SHIRA_STATUS_WINDOW);
      assert_true(c.where <= where);
      acknowledge(&b);
    }
    uint8_t *now = malloc(65536);
    sram(&b, SHIRA_SPACE_WEIGHT, now, 65536, false);
    for (uint32_t i = 0; i < 65536; i++) {
      if (i < d.win_lo || i >= d.win_hi || (c.status != SHIRA_STATUS_OK && i >= c.where))
        assert_int_equal(now[i], back[i]);
      else
        assert_int_equal(now[i], model[i]);
      made += now[i] != back[i];
    }
    assert_true(made <= c.count);
    free(now);
  }
  free(model);
  free(back);
  close_bench(&b);
}

int main(void) {
  seed_random();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_copy),
      cmocka_unit_test(test_copy_errors),
      cmocka_unit_test(test_scatter),
      cmocka_unit_test(test_scatter_errors),
      cmocka_unit_test(test_scatter_window_is_kept),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
