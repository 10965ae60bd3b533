// The bound: demands against counts made another way, each limiter probed just below and above.
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shira/bound.h"
#include "shira/device.h"
#include "shira/pack.h"

#define GAP8 SHIRA_STREAM_FORMAT_GAP8

static uint64_t state = 88172645463325252u;

static uint64_t random64(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}

// 16 x 16 at 1 GHz, 17.064 bytes a cycle from memory.
static const struct shira_machine edge = {.clock_mhz = 1000,
                                          .array_n = 16,
                                          .array_k = 16,
                                          .weight_banks = 16,
                                          .scatter_lanes = 8,
                                          .scatter_decode_bytes = 12,
                                          .scatter_merge = true,
                                          .scatter_block_updates = 512,
                                          .axi_data_bits = 256,
                                          .memory_peak_mb_s = 17064,
                                          .memory_burst_bytes = 32};

static double total(const double *words) {
  double sum = 0;
  for (int i = 0; i < SHIRA_BOUND_CLASSES; i++)
    sum += words[i];
  return sum;
}

static void nothing(void **unused) {
  (void)unused;
  const struct shira_demand d = {0};
  enum shira_limit limit;
  assert_true(shira_bound(&edge, &d, &limit) == 0);
  assert_string_equal(shira_limit_name(limit), "none");
  assert_true(shira_bound(&edge, &d, NULL) == 0);
}

// Each resource alone, so that a missing or swapped one shows; then as rival of "macs", which takes
// 100 cycles, one cycle below and above.
static void limiters(void **unused) {
  (void)unused;
  const struct {
    const char *name;
    size_t at;     // of the demand in the struct
    double amount; // a cycle
    uint32_t peak; // of memory, so that it does not hide the bus
  } cases[] = {
      {"memory", offsetof(struct shira_demand, read_bytes), 17.064, 17064},
      {"memory", offsetof(struct shira_demand, written_bytes), 17.064, 17064},
      {"axi read", offsetof(struct shira_demand, read_bytes), 32, 100000},
      {"axi write", offsetof(struct shira_demand, written_bytes), 32, 100000},
      {"results", offsetof(struct shira_demand, results), 16, 17064},
      {"lanes", offsetof(struct shira_demand, updates), 8, 17064},
      {"decoder", offsetof(struct shira_demand, gap_bytes), 12, 17064},
      {"weight read port", offsetof(struct shira_demand, weight_reads[15]), 1, 17064},
      {"weight write port", offsetof(struct shira_demand, weight_writes[0]), 1, 17064},
      {"activation read port", offsetof(struct shira_demand, activation_reads), 32, 17064},
      {"activation write port", offsetof(struct shira_demand, activation_writes), 32, 17064},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct shira_machine m = edge;
    struct shira_demand d = {.macs = 100 * 256};
    double *demand = (double *)((char *)&d + cases[i].at);
    enum shira_limit limit;
    m.memory_peak_mb_s = cases[i].peak;
    *demand = 101 * cases[i].amount;
    assert_true(fabs(shira_bound(&m, &d, &limit) - 101) < 1e-9);
    assert_string_equal(shira_limit_name(limit), cases[i].name);
    *demand = 99 * cases[i].amount;
    assert_true(shira_bound(&m, &d, &limit) == 100);
    assert_string_equal(shira_limit_name(limit), "macs");
  }
  // reads and writes share the memory
  const struct shira_demand both = {.read_bytes = 17064, .written_bytes = 17064};
  assert_true(fabs(shira_bound(&edge, &both, NULL) - 2000) < 1e-9);
  // the banks of a class share its words
  struct shira_machine wide = edge;
  wide.weight_banks = 32;
  const struct shira_demand words = {.weight_writes = {[3] = 100, [4] = 60}};
  assert_true(shira_bound(&edge, &words, NULL) == 100);
  assert_true(shira_bound(&wide, &words, NULL) == 50);
}

// Every limiter has a name of its own, and what is none of them has none.
static void names(void **unused) {
  (void)unused;
  for (unsigned i = 0; i < SHIRA_LIMIT_COUNT; i++)
    for (unsigned k = 0; k < i; k++)
      assert_string_not_equal(shira_limit_name(i), shira_limit_name(k));
  assert_null(shira_limit_name(SHIRA_LIMIT_COUNT));
}

// 4 bursts of 64 bytes, 8 beats each, in flight for 100 cycles to the first beat: 256 bytes in 107
// cycles. The host's take 300 + 7, and its credits 16 x 32 bytes in 300.
static void bursts_in_flight(void **unused) {
  (void)unused;
  struct shira_machine m = edge;
  m.axi_data_bits = 64;
  m.axi_burst_bytes = 64;
  m.axi_outstanding = 4;
  m.memory_latency = 100;
  m.memory_peak_mb_s = 4000;
  m.host_latency = 300;
  m.host_peak_mb_s = 100000;
  m.host_credits = 1000;
  assert_true(shira_least_latency(&m, false) == 107 && shira_least_latency(&m, true) == 107);
  enum shira_limit limit;
  struct shira_demand d = {.read_bytes = 2560, .written_bytes = 2304};
  assert_true(fabs(shira_bound(&m, &d, &limit) - 4864 / 4.0) < 1e-9); // both share the memory
  assert_int_equal(limit, SHIRA_LIMIT_MEMORY);
  d.written_bytes = 256; // each direction has bursts of its own
  assert_true(fabs(shira_bound(&m, &d, &limit) - 1070) < 1e-9);
  assert_int_equal(limit, SHIRA_LIMIT_MEMORY_LATENCY);
  d = (struct shira_demand){.written_bytes = 2560};
  assert_true(fabs(shira_bound(&m, &d, &limit) - 1070) < 1e-9);
  // at 400 bytes in flight the peak is what holds
  m.axi_outstanding = 7;
  assert_true(fabs(shira_bound(&m, &d, &limit) - 640) < 1e-9);
  assert_int_equal(limit, SHIRA_LIMIT_MEMORY);
  // half of it from the host: bursts of both share what is in flight
  m.axi_outstanding = 4;
  d = (struct shira_demand){.read_bytes = 2560, .adapter_read = 1280, .adapters_in_host = true};
  assert_true(fabs(shira_bound(&m, &d, &limit) - (1280 * 107 + 1280 * 307) / 256.0) < 1e-9);
  assert_int_equal(limit, SHIRA_LIMIT_MEMORY_LATENCY);
  m.host_credits = 2; // 64 bytes each 300 cycles
  assert_true(fabs(shira_bound(&m, &d, &limit) - 1280 * 300 / 64.0) < 1e-9);
  assert_int_equal(limit, SHIRA_LIMIT_HOST_LINK);
}

// A DRAM's own latency is in clocks, and a clock of it may begin before the request.
static void dram_latency(void **unused) {
  (void)unused;
  struct shira_machine m = edge;
  m.axi_burst_bytes = 512;
  m.has_dram = true;
  m.memory_latency = 30;
  m.dram.standard = (struct shira_dram_standard){.data_rate = 4000,
                                                 .transfers_per_clock = 2,
                                                 .burst_length = 16,
                                                 .cl = {.clocks = 36},
                                                 .cwl = {.clocks = 20}};
  // 36 + 8 - 1 clocks of half a cycle, then 15 beats
  assert_true(shira_least_latency(&m, false) == 30 + 21.5 + 15);
  assert_true(shira_least_latency(&m, true) == 30 + 13.5 + 15);
}

// One port: reads and writes add up, 100 of "macs" against 60 + 41 and 60 + 39. Two ports: they do
// not.
static void one_port(void **unused) {
  (void)unused;
  enum shira_limit limit;
  struct shira_machine m = edge, act = edge;
  m.weight_sram.ports = SHIRA_PORTS_1RW;
  act.activation_sram.ports = SHIRA_PORTS_1RW;
  for (int below = 0; below < 2; below++) {
    const double writes = below ? 39 : 41;
    struct shira_demand d = {.macs = 100 * 256, .weight_reads = {[5] = 60}};
    d.weight_writes[5] = writes;
    d.weight_writes[6] = 99;
    assert_true(shira_bound(&edge, &d, NULL) == 100 && shira_bound(&act, &d, NULL) == 100);
    assert_true(shira_bound(&m, &d, &limit) == (below ? 100 : 101));
    assert_string_equal(shira_limit_name(limit), below ? "macs" : "weight port");
    d = (struct shira_demand){.macs = 100 * 256, .activation_reads = 60 * 32};
    d.activation_writes = writes * 32;
    assert_true(shira_bound(&edge, &d, NULL) == 100 && shira_bound(&m, &d, NULL) == 100);
    assert_true(shira_bound(&act, &d, &limit) == (below ? 100 : 101));
    assert_string_equal(shira_limit_name(limit), below ? "macs" : "activation port");
  }
}

// A random module, sorted, of about the given density.
static struct shira_adapter_module random_module(uint32_t out, uint32_t in, double density) {
  struct shira_adapter_module m = {.name = "m", .out = out, .in = in};
  size_t n = (size_t)out * in;
  m.row = malloc(n * sizeof *m.row);
  m.col = malloc(n * sizeof *m.col);
  m.value = calloc(n, sizeof *m.value);
  for (size_t i = 0; i < n; i++)
    if ((double)(random64() >> 11) * 0x1p-53 < density) {
      m.row[m.count] = (uint32_t)(i / in);
      m.col[m.count++] = (uint32_t)(i % in);
    }
  return m;
}

static void free_module(struct shira_adapter_module *m) {
  free(m->row);
  free(m->col);
  free(m->value);
}

// Against the packer's stream, with a header for every block_updates updates, and against distinct
// (row, column / k) pairs of the sorted list, or all of it where nothing merges.
static void check_format(const struct shira_machine *hw, enum shira_stream_format format,
                         const struct shira_adapter_module *m) {
  struct shira_demand d = {0};
  assert_int_equal(shira_demand_scatter(hw, format, NULL, m, SHIRA_SCATTER_OP_SET, NULL, &d), 0);
  struct shira_image image;
  struct shira_pack_shira pack;
  struct shira_stream_rules rules = shira_stream_rules_of(hw);
  rules.format = format;
  int8_t *wq = calloc((size_t)m->out, m->in);
  double *scale = malloc(m->out * sizeof *scale);
  for (uint32_t r = 0; r < m->out; r++)
    scale[r] = 1;
  assert_int_equal(shira_image_init(&image, m->out, m->in, hw->array_n, hw->array_k), 0);
  assert_int_equal(shira_pack_shira(m, &image, wq, scale, &rules, &pack, NULL), 0);
  const struct shira_stream *s = &pack.apply.part[0].stream;
  double headers = (double)s->updates / hw->scatter_block_updates;
  double bytes = 16 * headers + s->gap_bytes + s->value_bytes;
  assert_true(headers <= s->blocks);
  assert_true(d.read_bytes == bytes && d.gap_bytes == s->gap_bytes);
  assert_true(d.updates == m->count);
  double words[SHIRA_BOUND_CLASSES] = {0};
  for (uint32_t i = 0; i < m->count; i++)
    if (!i || !hw->scatter_merge || m->row[i] != m->row[i - 1] ||
        m->col[i] / hw->array_k != m->col[i - 1] / hw->array_k)
      words[m->row[i] % hw->array_n]++;
  assert_memory_equal(words, d.weight_writes, sizeof words);
  shira_pack_shira_free(&pack);
  free(wq);
  free(scale);
}

// In both layouts and formats, with and without merging.
static void check_scatter(const struct shira_machine *hw, const struct shira_adapter_module *m) {
  for (int i = 0; i < 8; i++) {
    struct shira_machine other = *hw;
    other.layout = i & 1 ? SHIRA_LAYOUT_ROW : SHIRA_LAYOUT_TILE;
    other.scatter_merge = i & 2;
    check_format(&other, i & 4 ? SHIRA_STREAM_FORMAT_COO32 : SHIRA_STREAM_FORMAT_GAP8, m);
  }
}

static void scatter(void **unused) {
  (void)unused;
  struct shira_machine tiny = edge;
  tiny.array_n = tiny.array_k = 4;
  tiny.scatter_block_updates = 16;
  const double density[] = {0, 0.0001, 0.001, 0.01, 0.1, 1};
  for (size_t i = 0; i < sizeof density / sizeof *density; i++)
    for (int round = 0; round < 4; round++) {
      struct shira_adapter_module m =
          random_module(1 + random64() % 500, 1 + random64() % 500, density[i]);
      check_scatter(&edge, &m);
      check_scatter(&tiny, &m);
      free_module(&m);
    }
}

// From one adapter to another: what both change is written once, the same either way round.
static void scatter_pairs(void **unused) {
  (void)unused;
  for (int round = 0; round < 8; round++) {
    uint32_t out = 1 + random64() % 300, in = 1 + random64() % 300;
    struct shira_adapter_module a = random_module(out, in, 0.05), b = random_module(out, in, 0.05);
    struct shira_adapter_module both = random_module(out, in, 1), none = random_module(out, in, 0);
    uint32_t n = 0;
    for (uint32_t i = 0, ia = 0, ib = 0; i < both.count; i++) { // sorted, as a and b are
      bool in_a = ia < a.count && a.row[ia] == both.row[i] && a.col[ia] == both.col[i];
      bool in_b = ib < b.count && b.row[ib] == both.row[i] && b.col[ib] == both.col[i];
      ia += in_a, ib += in_b;
      if (in_a || in_b)
        both.row[n] = both.row[i], both.col[n++] = both.col[i];
    }
    both.count = n;
    struct shira_demand want = {0}, ab = {0}, ba = {0}, aa = {0}, only = {0}, lone = {0};
    assert_int_equal(
        shira_demand_scatter(&edge, GAP8, NULL, &both, SHIRA_SCATTER_OP_SET, NULL, &want), 0);
    assert_int_equal(shira_demand_scatter(&edge, GAP8, &a, &b, SHIRA_SCATTER_OP_SET, NULL, &ab), 0);
    assert_int_equal(shira_demand_scatter(&edge, GAP8, &b, &a, SHIRA_SCATTER_OP_SET, NULL, &ba), 0);
    assert_memory_equal(&ab, &want, sizeof want);
    assert_memory_equal(&ba, &want, sizeof want);
    assert_int_equal(shira_demand_scatter(&edge, GAP8, &a, &a, SHIRA_SCATTER_OP_SET, NULL, &aa), 0);
    assert_int_equal(shira_demand_scatter(&edge, GAP8, &a, NULL, SHIRA_SCATTER_OP_SET, NULL, &only),
                     0);
    assert_int_equal(
        shira_demand_scatter(&edge, GAP8, &none, &a, SHIRA_SCATTER_OP_SET, NULL, &lone), 0);
    assert_memory_equal(&aa, &only, sizeof only);
    assert_memory_equal(&lone, &only, sizeof only);
    both.out++;
    assert_int_equal(shira_demand_scatter(&edge, GAP8, &both, &a, SHIRA_SCATTER_OP_SET, NULL, &aa),
                     -EINVAL);
    free_module(&a);
    free_module(&b);
    free_module(&both);
    free_module(&none);
  }
  struct shira_demand d = {0};
  assert_int_equal(shira_demand_scatter(&edge, GAP8, NULL, NULL, SHIRA_SCATTER_OP_SET, NULL, &d),
                   -EINVAL);
}

// Two updates whose gaps just fill a block of 64 gap bytes (position 62 * 255 + 254 + 1), and one
// position more, which takes a second block.
static void scatter_full_gaps(void **unused) {
  (void)unused;
  struct shira_machine tiny = edge;
  tiny.array_n = tiny.array_k = 4;
  tiny.scatter_block_updates = 16;
  struct shira_adapter_module m = random_module(1, 5000, 0);
  m.count = 2;
  m.row[0] = m.row[1] = 0;
  m.col[0] = 0;
  m.col[1] = 16065 / 16 * 4 + 1; // position 16065
  for (int block = 1; block <= 2; block++, m.col[1]++) {
    struct shira_demand d = {0};
    check_scatter(&tiny, &m);
    assert_int_equal(shira_demand_scatter(&tiny, GAP8, NULL, &m, SHIRA_SCATTER_OP_SET, NULL, &d),
                     0);
    assert_true(d.read_bytes == 2 + (block == 1 ? 64 : 2) + 2);
  }
  free_module(&m);
}

static int scatter_demand(const struct shira_machine *hw, const struct shira_adapter_module *m,
                          enum shira_scatter_op op, struct shira_demand *d) {
  return shira_demand_scatter(hw, SHIRA_STREAM_FORMAT_GAP8, NULL, m, op, NULL, d);
}

// ECC: SET reads the words that it does not cover; what pads a row counts as covered. The words of
// a sorted list: neighbours in a row with one column / k.
static void scatter_ecc(void **unused) {
  (void)unused;
  struct shira_machine hw = edge;
  hw.weight_sram.ecc = SHIRA_ECC_WORD;
  hw.array_n = hw.array_k = 4;
  hw.scatter_merge = true;
  const double density[] = {0.01, 0.3, 0.8, 0.95, 1};
  for (int round = 0; round < 20; round++) {
    hw.layout = round / 5 % 2 ? SHIRA_LAYOUT_ROW : SHIRA_LAYOUT_TILE;
    struct shira_adapter_module m =
        random_module(1 + random64() % 60, 1 + random64() % 60, density[round % 5]);
    double reads[SHIRA_BOUND_CLASSES] = {0};
    for (uint32_t i = 0, n; i < m.count; i += n) {
      uint32_t c = m.col[i] / 4, width = m.in - 4 * c < 4 ? m.in - 4 * c : 4;
      for (n = 1; i + n < m.count && m.row[i + n] == m.row[i] && m.col[i + n] / 4 == c;)
        n++;
      reads[m.row[i] % 4] += n < width;
    }
    struct shira_demand set = {0}, add = {0}, none = {0};
    assert_int_equal(scatter_demand(&hw, &m, SHIRA_SCATTER_OP_SET, &set), 0);
    assert_int_equal(scatter_demand(&hw, &m, SHIRA_SCATTER_OP_ADD, &add), 0);
    assert_memory_equal(set.weight_reads, reads, sizeof reads);
    assert_memory_equal(add.weight_reads, add.weight_writes, sizeof reads); // one read for both
    assert_memory_equal(add.weight_writes, set.weight_writes, sizeof reads);
    assert_true(density[round % 5] < 1 || total(reads) == 0);
    // without merging each update is a write of its own, and a read
    struct shira_demand alone = {0};
    hw.scatter_merge = false;
    assert_int_equal(scatter_demand(&hw, &m, SHIRA_SCATTER_OP_SET, &alone), 0);
    assert_true(total(alone.weight_reads) == m.count && total(alone.weight_writes) == m.count);
    hw.scatter_merge = true;
    hw.weight_sram.ecc = SHIRA_ECC_NONE;
    assert_int_equal(scatter_demand(&hw, &m, SHIRA_SCATTER_OP_SET, &none), 0);
    assert_true(total(none.weight_reads) == 0);
    hw.weight_sram.ecc = SHIRA_ECC_WORD;
    free_module(&m);
  }
}

static void scatter_limits(void **unused) {
  (void)unused;
  // one row, all columns: a bank takes every word, lanes wait for it no longer than 16 / 8
  struct shira_adapter_module m = random_module(16, 4096, 1);
  struct shira_machine hw = edge;
  enum shira_limit limit;
  struct shira_demand d = {0};
  m.count = 4096; // row 0
  assert_int_equal(shira_demand_scatter(&hw, GAP8, NULL, &m, SHIRA_SCATTER_OP_SET, NULL, &d), 0);
  assert_true(d.weight_writes[0] == 256 && total(d.weight_writes) == 256);
  assert_true(d.read_bytes == 8 * 16 + 2 * 4096);
  hw.memory_peak_mb_s = 1000000;
  hw.axi_data_bits = 4096;
  hw.scatter_lanes = 15;
  hw.scatter_decode_bytes = 64;
  assert_true(fabs(shira_bound(&hw, &d, &limit) - 4096 / 15.0) < 1e-9);
  assert_string_equal(shira_limit_name(limit), "lanes");
  hw.scatter_lanes = 17;
  assert_true(shira_bound(&hw, &d, &limit) == 256);
  assert_string_equal(shira_limit_name(limit), "weight write port");
  // without merging each update is a write; coo32 takes 4 bytes of positions an update
  hw.scatter_merge = false;
  d = (struct shira_demand){0};
  assert_int_equal(shira_demand_scatter(&hw, GAP8, NULL, &m, SHIRA_SCATTER_OP_SET, NULL, &d), 0);
  assert_true(shira_bound(&hw, &d, &limit) == 4096);
  assert_string_equal(shira_limit_name(limit), "weight write port");
  hw.scatter_merge = true;
  hw.scatter_decode_bytes = 12;
  d = (struct shira_demand){0};
  assert_int_equal(shira_demand_scatter(&hw, SHIRA_STREAM_FORMAT_COO32, NULL, &m,
                                        SHIRA_SCATTER_OP_SET, NULL, &d),
                   0);
  assert_true(d.read_bytes == 8 * 16 + 5 * 4096);
  assert_true(fabs(shira_bound(&hw, &d, &limit) - 4 * 4096 / 12.0) < 1e-9);
  assert_string_equal(shira_limit_name(limit), "decoder");
  m.row[7] = 16;
  assert_int_equal(shira_demand_scatter(&hw, GAP8, NULL, &m, SHIRA_SCATTER_OP_SET, NULL, &d),
                   -EINVAL);
  m.out = 0;
  assert_int_equal(shira_demand_scatter(&hw, GAP8, NULL, &m, SHIRA_SCATTER_OP_SET, NULL, &d),
                   -EINVAL);
  free_module(&m);
}

// ADD reads what SET only writes; SWAP writes values and CRCs back; in memory whole bursts move.
static void scatter_ops(void **unused) {
  (void)unused;
  struct shira_adapter_module m = random_module(16, 64, 0);
  const uint64_t home = 0;
  struct shira_demand set = {0}, add = {0}, swap = {0}, dram = {0}, dram_add = {0};
  m.count = 3; // image bytes 0, 15 and 16: two words, one burst
  m.row[0] = m.row[1] = m.col[0] = m.col[2] = 0;
  m.col[1] = 15;
  m.row[2] = 1;
  assert_int_equal(shira_demand_scatter(&edge, GAP8, NULL, &m, SHIRA_SCATTER_OP_SET, NULL, &set),
                   0);
  assert_int_equal(shira_demand_scatter(&edge, GAP8, NULL, &m, SHIRA_SCATTER_OP_ADD, NULL, &add),
                   0);
  assert_int_equal(shira_demand_scatter(&edge, GAP8, NULL, &m, SHIRA_SCATTER_OP_SWAP, NULL, &swap),
                   0);
  assert_true(total(set.weight_writes) == 2 && total(set.weight_reads) == 0);
  assert_true(total(add.weight_writes) == 2 && total(add.weight_reads) == 2);
  assert_true(add.read_bytes == set.read_bytes && add.written_bytes == 0);
  assert_true(fabs(swap.written_bytes - (3 + 4 * 3 / 512.0)) < 1e-9);
  assert_int_equal(shira_demand_scatter(&edge, GAP8, NULL, &m, SHIRA_SCATTER_OP_SET, &home, &dram),
                   0);
  assert_true(dram.written_bytes == 32 && dram.read_bytes == set.read_bytes);
  assert_true(total(dram.weight_writes) == 0);
  m.row[2] = 2; // another burst
  assert_int_equal(
      shira_demand_scatter(&edge, GAP8, NULL, &m, SHIRA_SCATTER_OP_ADD, &home, &dram_add), 0);
  assert_true(dram_add.written_bytes == 64 && dram_add.read_bytes == set.read_bytes + 64);
  // in rows the words of a burst, those of two rows, do not follow one another
  struct shira_machine row = edge;
  row.layout = SHIRA_LAYOUT_ROW;
  struct shira_demand there = {0}, rows = {0};
  m.count = 4;
  m.row[0] = m.row[1] = 0, m.row[2] = m.row[3] = 1;
  m.col[0] = m.col[2] = 0, m.col[1] = m.col[3] = 16;
  assert_int_equal(shira_demand_scatter(&edge, GAP8, NULL, &m, SHIRA_SCATTER_OP_SET, &home, &there),
                   0);
  assert_int_equal(shira_demand_scatter(&row, GAP8, NULL, &m, SHIRA_SCATTER_OP_SET, &home, &rows),
                   0);
  assert_true(there.written_bytes == 64 && rows.written_bytes == 128);
  free_module(&m);
}

// Two images of 16 bytes lie in one burst of 32: in one set of streams their updates share it, in
// the next set they do not share it with those of the first.
static void sets_in_memory(void **unused) {
  (void)unused;
  struct shira_machine hw = edge;
  hw.array_n = hw.array_k = 4;
  hw.has_dram = true;
  hw.dram.ecc = SHIRA_ECC_WORD; // what does not cover its burst reads it
  struct shira_adapter_module m = random_module(4, 4, 0.1);
  const uint64_t home[] = {SHIRA_MEMORY_BASE, SHIRA_MEMORY_BASE + 16};
  struct shira_demand d = {0}, stream = {0};
  m.count = 1;
  m.row[0] = m.col[0] = 0;
  assert_int_equal(shira_demand_scatter(&hw, GAP8, NULL, &m, SHIRA_SCATTER_OP_SET, NULL, &stream),
                   0);
  for (unsigned set = 1; set <= 2; set++) {
    for (unsigned i = 0; i < 2; i++)
      assert_int_equal(
          shira_demand_scatter(&hw, GAP8, NULL, &m, SHIRA_SCATTER_OP_SET, &home[i], &d), 0);
    shira_demand_end_set(&hw, SHIRA_SCATTER_OP_SET, &d);
    assert_true(d.written_bytes == 32 * set);
    assert_true(d.read_bytes == 2 * set * stream.read_bytes + 32 * set);
  }
  free_module(&m);
}

// 2048 x 2048 at 1 %: memory gives 17 bytes a cycle, 8 lanes want 16.7 of them.
static void main_figure(void **unused) {
  (void)unused;
  struct shira_adapter_module m = random_module(2048, 2048, 0.01);
  struct shira_demand d = {0};
  enum shira_limit limit;
  assert_int_equal(shira_demand_scatter(&edge, GAP8, NULL, &m, SHIRA_SCATTER_OP_SET, NULL, &d), 0);
  double cycles = shira_bound(&edge, &d, &limit);
  print_message("2048 x 2048, 1 %% random: %.0f cycles for %u updates (%s)\n", cycles, m.count,
                shira_limit_name(limit));
  assert_true(cycles >= m.count / 8.0);
  assert_true(cycles <= m.count / 8.0 * 1.02);
  free_module(&m);
}

static void dense_work(void **unused) {
  (void)unused;
  enum shira_limit limit;
  struct shira_demand d = {0};
  shira_demand_reload(&edge, 2048, 2048, &d);
  assert_true(d.read_bytes == 4194304 && total(d.weight_writes) == 262144);
  assert_true(fabs(shira_bound(&edge, &d, &limit) - 4194304 / 17.064) < 1e-6);
  assert_string_equal(shira_limit_name(limit), "memory");

  d = (struct shira_demand){0};
  shira_demand_lora_product(&edge, 2048, 2048, 32, &d);
  shira_demand_update(&edge, 2048, 2048, &d);
  assert_true(d.read_bytes == 2 * 2048 * 32 && d.macs == 4194304.0 * 32);
  assert_true(total(d.weight_writes) == 262144 + 4096); // every weight, and A
  assert_true(total(d.weight_reads) == 262144 + 4096);
  assert_true(shira_bound(&edge, &d, &limit) == 524288);
  assert_string_equal(shira_limit_name(limit), "macs");
  d = (struct shira_demand){0};
  shira_demand_lora_product(&edge, 2048, 2048, 8, &d); // rank 8: n results a cycle
  shira_demand_update(&edge, 2048, 2048, &d);
  shira_demand_reload(&edge, 2048, 2048, &d);
  assert_true(d.read_bytes == 2 * 2048 * 8 + 4194304);
  assert_true(shira_bound(&edge, &d, &limit) == 262144);
  assert_string_equal(shira_limit_name(limit), "results");
  shira_demand_store(&edge, 2048, 2048, &d);
  assert_true(d.written_bytes == 4194304 && total(d.weight_reads) == 2 * 262144 + 1024);

  d = (struct shira_demand){0};
  shira_demand_lora_fetch(&edge, 2048, 1024, 32, &d);
  assert_true(d.read_bytes == 32 * (2048 + 1024) && d.macs == 0);
}

static void passes(void **unused) {
  (void)unused;
  enum shira_limit limit;
  struct shira_demand one = {0}, many = {0}, shared = {0}, unfused = {0};
  shira_demand_pass(&edge, 2048, 2048, 1, true, &one);
  assert_true(one.read_bytes == 2048 && one.written_bytes == 2048);
  assert_true(shira_bound(&edge, &one, &limit) == 16384);
  assert_string_equal(shira_limit_name(limit), "macs"); // and the read port, equally
  assert_true(total(one.weight_reads) == 262144);
  shira_demand_pass(&edge, 1024, 2048, 128, true, &many);
  assert_true(many.macs == 128.0 * 1024 * 2048 && many.results == 128 * 1024);
  assert_true(many.read_bytes == 128 * 2048 && many.written_bytes == 128 * 1024);
  assert_true(shira_bound(&edge, &many, NULL) == 128 * 1024 * 2048 / 256);
  shira_demand_pass(&edge, 1024, 2048, 128, false, &shared);
  assert_true(shared.read_bytes == 0 && shared.written_bytes == many.written_bytes);
  shira_demand_pass_unfused(&edge, 1024, 2048, 32, 128, true, &unfused);
  assert_true(unfused.macs == many.macs + 128.0 * 32 * (1024 + 2048));
  assert_true(unfused.read_bytes == many.read_bytes);
}

// ECC on the activation SRAM: 16 results in a word of 32 bytes cost a read and a write of it; in a
// word of 16 bytes they are the word.
static void passes_ecc(void **unused) {
  (void)unused;
  struct shira_machine hw = edge;
  hw.activation_sram.ecc = SHIRA_ECC_WORD;
  struct shira_demand none = {0}, ecc = {0}, whole = {0};
  shira_demand_pass_unfused(&edge, 1024, 2048, 32, 128, true, &none);
  shira_demand_pass_unfused(&hw, 1024, 2048, 32, 128, true, &ecc);
  const double results = 128 * (1024 + 32);
  assert_true(ecc.activation_reads == none.activation_reads + 2 * results);
  assert_true(ecc.activation_writes == none.activation_writes + results);
  hw.axi_data_bits = 128;
  shira_demand_pass_unfused(&hw, 1024, 2048, 32, 128, true, &whole);
  assert_memory_equal(&whole, &none, sizeof none);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing),        cmocka_unit_test(limiters),
      cmocka_unit_test(names),          cmocka_unit_test(bursts_in_flight),
      cmocka_unit_test(dram_latency),   cmocka_unit_test(one_port),
      cmocka_unit_test(scatter_ecc),    cmocka_unit_test(scatter_pairs),
      cmocka_unit_test(scatter),        cmocka_unit_test(scatter_full_gaps),
      cmocka_unit_test(scatter_limits), cmocka_unit_test(scatter_ops),
      cmocka_unit_test(main_figure),    cmocka_unit_test(dense_work),
      cmocka_unit_test(passes),         cmocka_unit_test(passes_ecc),
      cmocka_unit_test(sets_in_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
