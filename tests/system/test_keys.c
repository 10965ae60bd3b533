// Each key of a machine file changes something that is measured, in the direction that one expects:
// a row a key, in which a program runs on `tiny` and on `tiny` with another value of the key. A key
// of the schema without a row fails the test. --machines writes the variants' files and prints
// their paths, in one line.
//
// Environment: SHIRA_RTL_DIR (build/rtl), B (build), SEED.
#include "tests/system/bed.h"
#include "tests/system/variant.h"

enum expected { MORE, LESS };

struct row {
  const char *key, *value;
  const char *what; // is measured
  uint64_t (*measure)(struct bed *b, unsigned space);
  unsigned space;
  enum expected expected;
};

static void run(struct bed *b, const union shira_descriptor *d, unsigned n,
                struct shira_run_result *r) {
  int rc = shira_run(b->drv, d, n, BED_DEADLINE, r);
  expect(b, rc == 0, "the program failed: %s", shira_driver_error(b->drv));
}

static uint32_t bytes_of(const struct bed *b, unsigned space) {
  return b->offset[space + 1] - b->offset[space];
}

// Half of a memory to its other half. Cycles. (Of no use for the weight SRAM: its banks let reads
// and writes pass each other.)
static uint64_t copy_within(struct bed *b, unsigned space) {
  const uint32_t half = bytes_of(b, space) / 2;
  const union shira_descriptor d = bed_copy(space, 0, space, half, 1, half);
  struct shira_run_result r = {0};
  run(b, &d, 1, &r);
  return r.cycles;
}

// A product of 4 tokens with a 64 x 8 matrix that uses all memories.
static union shira_descriptor product(void) {
  union shira_descriptor d = {.gemm = {.opcode = SHIRA_OPCODE_GEMM, .tokens = 4}};
  d.gemm.out = SHIRA_GEMM_OUT_INT8;
  d.gemm.seed = SHIRA_GEMM_SEED_KEEP;
  d.gemm.n_tiles = 16;
  d.gemm.k_tiles = 2;
  d.gemm.x_stride = 8;
  d.gemm.out_addr = 1024;
  d.gemm.out_stride = 64;
  d.gemm.win_lo = 1024;
  d.gemm.win_hi = 2048;
  return d;
}

static uint64_t gemm(struct bed *b, unsigned space) {
  const union shira_descriptor d = product();
  struct shira_run_result r = {0};
  (void)space;
  run(b, &d, 1, &r);
  return r.cycles;
}

// Cycles of a product beside a COPY.
static uint64_t beside(struct bed *b, union shira_descriptor copy, union shira_descriptor gemm) {
  const union shira_descriptor d[2] = {copy, gemm};
  struct shira_completion c[2];
  struct shira_run_result r = {.completions = c};
  run(b, d, 2, &r);
  return c[1].end_delta;
}

// A COPY from the memory into the weight SRAM, which the product seldom reads.
static uint64_t gemm_beside_copy(struct bed *b, unsigned space) {
  return beside(b, bed_copy(space, 0, SHIRA_SPACE_WEIGHT, 0x8000, 1, 4096), product());
}

// One token with a 64 x 32 matrix: a tile of weights in every cycle, results into the accumulators.
static union shira_descriptor dense(void) {
  union shira_descriptor d = {.gemm = {.opcode = SHIRA_OPCODE_GEMM, .tokens = 1}};
  d.gemm.out = SHIRA_GEMM_OUT_ACC;
  d.gemm.n_tiles = 16;
  d.gemm.k_tiles = 8;
  d.gemm.acc_stride = 16;
  d.gemm.win_hi = 256;
  return d;
}

// A COPY from the weight SRAM into the parameter SRAM, which is not used otherwise.
static uint64_t dense_beside_copy(struct bed *b, unsigned space) {
  return beside(b, bed_copy(space, 0, SHIRA_SPACE_PARAMETER, 0, 1, 4096), dense());
}

// A COPY from the parameter SRAM into the weight SRAM.
static uint64_t dense_beside_load(struct bed *b, unsigned space) {
  return beside(b, bed_copy(SHIRA_SPACE_PARAMETER, 0, space, 0x8000, 1, 4096), dense());
}

// Requests that SCATTER or a COPY from the weight SRAM beside it had refused.
static uint64_t scatter_conflicts(struct bed *b, unsigned space) {
  enum { Updates = 1000 };
  const struct shira_stream_rules rules = shira_stream_rules_of(&b->hw);
  static uint32_t pos[Updates];
  static uint8_t value[Updates];
  struct shira_stream s;
  for (uint32_t i = 0; i < Updates; i++)
    pos[i] = 5 * i;
  if (shira_stream_encode(&rules, pos, value, Updates, &s, NULL) || s.bytes > GOOD_STREAM)
    exit(99);
  memcpy(b->stream.host, s.data, s.bytes);
  const union shira_descriptor d[2] = {bed_copy(space, 0, SHIRA_SPACE_ACTIVATION, 0, 1, 16384),
                                       bed_scatter(b->stream.addr, s.bytes, Updates, 0, 0, 8192)};
  shira_stream_free(&s);
  struct shira_run_result r = {0};
  uint64_t before[SHIRA_COUNTER_COUNT], after[SHIRA_COUNTER_COUNT];
  expect(b, shira_counters(b->drv, before) == 0, "no counters");
  run(b, d, 2, &r);
  expect(b, shira_counters(b->drv, after) == 0, "no counters");
  return after[SHIRA_COUNTER_PORT_CONFLICTS] - before[SHIRA_COUNTER_PORT_CONFLICTS];
}

#define COPY_CYCLES "cycles of a COPY within it", copy_within
#define GEMM_CYCLES "cycles of a GEMM", gemm
#define BESIDE_COPY "cycles of a GEMM beside a COPY from it", gemm_beside_copy
#define DENSE_BESIDE_COPY "cycles of a GEMM beside a COPY from it", dense_beside_copy
#define DENSE_BESIDE_LOAD "cycles of a GEMM beside a COPY into it", dense_beside_load
#define CONFLICTS "port conflicts of SCATTER beside a COPY from it", scatter_conflicts

// A beat of `tiny` covers a word of weights and of activations, but half a word of accumulators and
// a quarter of parameters; results cover half a word of activations.
static const struct row rows[] = {
    {"weight_sram.ports", "1rw", DENSE_BESIDE_LOAD, SHIRA_SPACE_WEIGHT, MORE},
    {"weight_sram.arbitration", "engine-first", DENSE_BESIDE_COPY, SHIRA_SPACE_WEIGHT, LESS},
    {"weight_sram.ecc", "word", CONFLICTS, SHIRA_SPACE_WEIGHT, MORE},
    {"activation_sram.ports", "1rw", COPY_CYCLES, SHIRA_SPACE_ACTIVATION, MORE},
    {"activation_sram.arbitration", "engine-first", BESIDE_COPY, SHIRA_SPACE_ACTIVATION, LESS},
    {"activation_sram.ecc", "word", GEMM_CYCLES, SHIRA_SPACE_ACTIVATION, MORE},
    {"accumulator_sram.ports", "1rw", COPY_CYCLES, SHIRA_SPACE_ACCUMULATOR, MORE},
    {"accumulator_sram.ports", "1rw", GEMM_CYCLES, SHIRA_SPACE_ACCUMULATOR, MORE},
    {"accumulator_sram.arbitration", "engine-first", BESIDE_COPY, SHIRA_SPACE_ACCUMULATOR, LESS},
    {"accumulator_sram.ecc", "word", COPY_CYCLES, SHIRA_SPACE_ACCUMULATOR, MORE},
    {"parameter_sram.ports", "1rw", COPY_CYCLES, SHIRA_SPACE_PARAMETER, MORE},
    {"parameter_sram.arbitration", "engine-first", BESIDE_COPY, SHIRA_SPACE_PARAMETER, LESS},
    {"parameter_sram.ecc", "word", COPY_CYCLES, SHIRA_SPACE_PARAMETER, MORE},
};

// Keys that test_knobs measures with whole experiments, and keys whose row is still to come. A new
// key does not belong here.
static const char *const to_come[] = {
    "layout",
    "scatter.merge",
    "name",
    "clock_mhz",
    "array.n",
    "array.k",
    "weight_sram.bytes",
    "weight_sram.banks",
    "activation_sram.bytes",
    "accumulator_sram.bytes",
    "parameter_sram.bytes",
    "scatter.lanes",
    "scatter.decode_bytes",
    "scatter.fifo_depth",
    "scatter.block_updates",
    "axi.data_bits",
    "axi.burst_bytes",
    "axi.outstanding",
    "command.queue_depth",
    "memory.bytes",
    "memory.latency",
    "memory.peak_mb_s",
    "memory.burst_bytes",
    "host_link.bytes",
    "host_link.latency",
    "host_link.peak_mb_s",
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void variant_name(const struct row *r, char *name, size_t size) {
  snprintf(name, size, "%s.%s", r->key, r->value);
}

// Writes the files of all rows.
static int write_variants(bool print) {
  char name[128], path[1024];
  for (size_t i = 0; i < COUNT(rows); i++) {
    const struct variant_change change = {rows[i].key, rows[i].value};
    variant_name(&rows[i], name, sizeof(name));
    if (variant_write(name, &change, 1))
      return 1;
    variant_path(name, path, sizeof(path));
    if (print)
      printf("%s ", path);
  }
  return 0;
}

// What a machine gives; also whether the program ran.
static uint64_t measure(struct bed *b, const struct row *r, const char *machine) {
  char why[sizeof(b->why)];
  bed_machine = machine;
  bed_open(b, "rtl", 0, NULL);
  bed_move_srams(b, true);
  const uint64_t value = r->measure(b, r->space);
  memcpy(why, b->why, sizeof(why));
  bed_close(b);
  memcpy(b->why, why, sizeof(why));
  return value;
}

// By a tenth at least, so that chance is not taken for an effect.
static void check_row(struct bed *b, const struct row *r) {
  char name[128], path[1024], what[256];
  variant_name(r, name, sizeof(name));
  variant_path(name, path, sizeof(path));
  const uint64_t base = measure(b, r, VARIANT_BASE);
  if (!b->why[0]) {
    const uint64_t other = measure(b, r, path);
    const bool good = r->expected == MORE ? 10 * other > 11 * base : 10 * other < 9 * base;
    expect(b, good, "not %s by a tenth", r->expected == MORE ? "more" : "less");
    snprintf(what, sizeof(what), "%s: %s: %s %llu, was %llu", r->key, r->value, r->what,
             (unsigned long long)other, (unsigned long long)base);
  }
  tap_failures += b->why[0] != '\0';
  printf("%sok %u - %s%s%s\n", b->why[0] ? "not " : "", ++tap_tests,
         b->why[0] && !*what ? name : what, b->why[0] ? ": " : "", b->why);
  b->why[0] = '\0';
}

// A row for each key of the schema, and no row for what is none.
static void check_keys(void) {
  bool good = true;
  unsigned n = 0, found = 0;
  for (const char *key; (key = shira_machine_key(n)); n++) {
    unsigned with = 0, without = 0;
    for (size_t i = 0; i < COUNT(rows); i++)
      with += !strcmp(rows[i].key, key);
    for (size_t i = 0; i < COUNT(to_come); i++)
      without += !strcmp(to_come[i], key);
    found += with + without;
    if (!with == !without) {
      printf("# %s has %s\n", key, with ? "a row, and comes elsewhere" : "no row");
      good = false;
    }
  }
  good = good && found == COUNT(rows) + COUNT(to_come);
  tap_failures += !good;
  printf("%sok %u - each of %u keys has a row or comes elsewhere\n", good ? "" : "not ",
         ++tap_tests, n);
}

int main(int argc, char **argv) {
  struct bed b;
  const bool print = argc > 1 && !strcmp(argv[1], "--machines");
  if (write_variants(print) || argc > 1)
    return !print;
  memset(&b, 0, sizeof(b));
  check_keys();
  for (size_t i = 0; i < COUNT(rows); i++)
    check_row(&b, &rows[i]);
  return tap_end();
}
