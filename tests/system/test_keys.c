// Each key of a machine file changes something that is measured, in the direction that one expects:
// a row a key, in which a program or a pass runs on `tiny` with two values of the key. A key of the
// schema without a row fails the test. --machines writes the machines' files and prints, in one
// line, the paths of those whose RTL is not that of `tiny`, one for each RTL.
//
// Environment: SHIRA_RTL_DIR (build/rtl), B (build), SEED.
#include <jansson.h>

#include "host/base/whole.h"
#include "shira/experiment.h"
#include "shira/report.h"
#include "tests/system/bed.h"
#include "tests/system/dram_drive.h"
#include "tests/system/variant.h"

enum expected { MORE, LESS };

struct row {
  const char *key, *from, *to;
  const char *what; // is measured
  uint64_t (*measure)(struct bed *b, unsigned arg);
  unsigned arg; // of measure: a space, a pattern of updates, tokens
  enum expected expected;
  const struct variant_change *both; // keys of both machines, NULL: none
  struct variant_change to_also;     // goes with `to` alone
  bool dram;                         // on `tiny-dram`
  bool exact;                        // any difference counts: nothing of it is chance
};

static void run(struct bed *b, const union shira_descriptor *d, unsigned n,
                struct shira_run_result *r) {
  int rc = shira_run(b->drv, d, n, BED_DEADLINE, r);
  expect(b, rc == 0, "the program failed: %s", shira_driver_error(b->drv));
}

// What counter `counter` counts while the program runs.
static uint64_t count(struct bed *b, const union shira_descriptor *d, unsigned n,
                      unsigned counter) {
  struct shira_run_result r = {0};
  uint64_t before[SHIRA_COUNTER_COUNT], after[SHIRA_COUNTER_COUNT];
  expect(b, shira_counters(b->drv, before) == 0, "no counters");
  run(b, d, n, &r);
  expect(b, shira_counters(b->drv, after) == 0, "no counters");
  return after[counter] - before[counter];
}

// How many counters count, of a device that has run something.
static uint64_t counters_there(struct bed *b, unsigned unused) {
  (void)unused;
  uint64_t counters[SHIRA_COUNTER_COUNT], there = 0;
  expect(b, shira_counters(b->drv, counters) == 0, "no counters");
  for (unsigned i = 0; i < SHIRA_COUNTER_COUNT; i++)
    there += counters[i] != SHIRA_COUNTER_NONE;
  expect(b, counters[SHIRA_COUNTER_CYCLES] > 0, "cycles are not counted");
  expect(b, counters[SHIRA_COUNTER_READ_BURSTS] > 0, "bursts are not counted");
  return there;
}

static uint32_t bytes_of(const struct bed *b, unsigned space) {
  return b->offset[space + 1] - b->offset[space];
}

// ---- COPY -----------------------------------------------------------------------------------

// Half of a memory to its other half. Cycles. (Of no use for the weight SRAM: its banks let reads
// and writes pass each other.)
static uint64_t copy_within(struct bed *b, unsigned space) {
  const uint32_t half = bytes_of(b, space) / 2;
  const union shira_descriptor d = bed_copy(space, 0, space, half, 1, half);
  struct shira_run_result r = {0};
  run(b, &d, 1, &r);
  return r.cycles;
}

#define COPIED 32768u

static uint64_t copy_from(struct bed *b, uint64_t addr) {
  const union shira_descriptor d =
      bed_copy(SHIRA_SPACE_MEMORY, addr, SHIRA_SPACE_WEIGHT, 0, 1, COPIED);
  struct shira_run_result r = {0};
  run(b, &d, 1, &r);
  return r.cycles;
}

static uint64_t copy_from_memory(struct bed *b, unsigned arg) {
  (void)arg;
  return copy_from(b, b->image.addr);
}

static uint64_t copy_from_host(struct bed *b, unsigned arg) {
  struct shira_mem mem;
  (void)arg;
  if (!expect(b, shira_alloc_host(b->drv, COPIED, &mem) == 0, "no host memory"))
    return 0;
  return copy_from(b, mem.addr);
}

// Bytes, a power of two, of the largest COPY into a memory that the device takes.
static uint64_t largest_copy(struct bed *b, unsigned space) {
  for (uint32_t bytes = 64; bytes <= bytes_of(b, SHIRA_SPACE_WEIGHT); bytes *= 2) {
    const union shira_descriptor d =
        bed_copy(SHIRA_SPACE_MEMORY, b->image.addr, space, 0, 1, bytes);
    struct shira_run_result r = {0};
    if (shira_run(b->drv, &d, 1, BED_DEADLINE, &r))
      return bytes / 2;
  }
  expect(b, false, "the device takes any COPY");
  return 0;
}

// Bytes, a power of two, of the largest buffer that there is.
static uint64_t largest_buffer(struct bed *b, unsigned host) {
  for (uint64_t bytes = 4096; bytes; bytes *= 2) {
    struct shira_mem mem;
    if (host ? shira_alloc_host(b->drv, bytes, &mem) : shira_alloc(b->drv, bytes, &mem))
      return bytes / 2;
    expect(b, shira_free(b->drv, &mem) == 0, "a buffer cannot be freed");
  }
  return 0;
}

// Highest clock that the machine's process allows, MHz.
static uint64_t highest_clock(struct bed *b, unsigned unused) {
  (void)unused;
  return shira_process_mhz(shira_process(b->hw.process));
}

// ---- GEMM -----------------------------------------------------------------------------------

// A product of 16 tokens with a 64 x 8 matrix that uses all memories: for more than eight the sums
// go through the accumulators.
static union shira_descriptor product(void) {
  union shira_descriptor d = {.gemm = {.opcode = SHIRA_OPCODE_GEMM, .tokens = 16}};
  d.gemm.out = SHIRA_GEMM_OUT_INT8;
  d.gemm.seed = SHIRA_GEMM_SEED_KEEP;
  d.gemm.n_tiles = 16;
  d.gemm.k_tiles = 2;
  d.gemm.x_stride = 8;
  d.gemm.acc_stride = 256;
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

// Tokens with a 64 x 32 matrix: a tile of weights in every cycle, results into the accumulators.
static union shira_descriptor dense(const struct bed *b, uint32_t tokens) {
  const uint32_t n = b->hw.array_n, k = b->hw.array_k;
  union shira_descriptor d = {.gemm = {.opcode = SHIRA_OPCODE_GEMM, .tokens = tokens}};
  d.gemm.out = SHIRA_GEMM_OUT_ACC;
  d.gemm.n_tiles = 64 / n;
  d.gemm.k_tiles = 32 / k;
  d.gemm.x_stride = 32;
  d.gemm.acc_stride = tokens * 4 * n;
  d.gemm.win_hi = tokens * 256;
  return d;
}

static uint64_t gemm_dense(struct bed *b, unsigned tokens) {
  const union shira_descriptor d = dense(b, tokens);
  struct shira_run_result r = {0};
  run(b, &d, 1, &r);
  return r.cycles;
}

// A COPY from the weight SRAM into the parameter SRAM, which is not used otherwise.
static uint64_t dense_beside_copy(struct bed *b, unsigned space) {
  return beside(b, bed_copy(space, 0, SHIRA_SPACE_PARAMETER, 0, 1, 4096), dense(b, 1));
}

// A COPY from the parameter SRAM into the weight SRAM.
static uint64_t dense_beside_load(struct bed *b, unsigned space) {
  return beside(b, bed_copy(SHIRA_SPACE_PARAMETER, 0, space, 0x8000, 1, 4096), dense(b, 1));
}

// Cycles of many COPYs with as many products behind them, which need not wait for one another.
static uint64_t two_engines(struct bed *b, unsigned each) {
  union shira_descriptor d[BED_RING];
  for (unsigned i = 0; i < each; i++) {
    d[i] = bed_copy(SHIRA_SPACE_MEMORY, b->image.addr, SHIRA_SPACE_PARAMETER, 0, 1, 1024);
    d[each + i] = dense(b, 4);
  }
  struct shira_run_result r = {0};
  run(b, d, 2 * each, &r);
  return r.cycles;
}

// ---- SCATTER --------------------------------------------------------------------------------

#define UPDATES 256u

// Positions of updates in the weight SRAM: words of 4 bytes, 4 banks.
enum pattern {
  SPREAD,    // words of all banks in turn
  ONE_BANK,  // words of bank 0, which in 8 banks are of banks 0 and 4
  IN_TURNS,  // 4 words of a bank, then 4 of the next one
  WORDS,     // each byte of words of bank 0
  FAR_APART, // 4 gap bytes each
};

static uint32_t position(enum pattern pattern, uint32_t i) {
  switch (pattern) {
  case SPREAD:
    return 4 * i;
  case ONE_BANK:
    return 16 * i;
  case IN_TURNS:
    return 4 * (16 * (i / 4) + 4 * (i % 4) + i / 4 % 4);
  case WORDS:
    return 16 * (i / 4) + i % 4;
  default:
    return 1000 * i;
  }
}

// Puts the stream into memory.
static struct shira_stream put_stream(struct bed *b, enum pattern pattern, unsigned format) {
  const uint32_t n = pattern == FAR_APART ? 64 : UPDATES;
  struct shira_stream_rules rules = shira_stream_rules_of(&b->hw);
  uint32_t pos[UPDATES];
  uint8_t value[UPDATES];
  struct shira_stream s;
  rules.format = format;
  for (uint32_t i = 0; i < n; i++) {
    pos[i] = position(pattern, i);
    value[i] = (uint8_t)bed_random();
  }
  if (shira_stream_encode(&rules, pos, value, n, &s, NULL) || s.bytes > STREAM_BYTES)
    exit(99);
  memcpy(b->stream.host, s.data, s.bytes);
  return s;
}

// Cycles of a stream, eight times, so that how it begins and ends counts little.
static uint64_t scatter_as(struct bed *b, enum pattern pattern, unsigned format, uint64_t *bytes) {
  struct shira_stream s = put_stream(b, pattern, format);
  union shira_descriptor d[8];
  for (unsigned i = 0; i < 8; i++) {
    d[i] = bed_scatter(b->stream.addr, s.bytes, s.updates, 0, 0, bytes_of(b, SHIRA_SPACE_WEIGHT));
    d[i].scatter.format = (uint8_t)format;
  }
  struct shira_run_result r = {0};
  *bytes = s.bytes;
  shira_stream_free(&s);
  run(b, d, 8, &r);
  return r.cycles;
}

static uint64_t scatter(struct bed *b, unsigned pattern) {
  uint64_t bytes;
  return scatter_as(b, pattern, SHIRA_STREAM_FORMAT_GAP8, &bytes);
}

static uint64_t stream_bytes(struct bed *b, unsigned pattern) {
  uint64_t bytes;
  scatter_as(b, pattern, SHIRA_STREAM_FORMAT_GAP8, &bytes);
  return bytes;
}

// Bytes that SCATTER writes to memory.
static uint64_t scatter_to_memory(struct bed *b, unsigned pattern) {
  struct shira_stream s = put_stream(b, pattern, SHIRA_STREAM_FORMAT_GAP8);
  union shira_descriptor d = bed_scatter(b->stream.addr, s.bytes, s.updates, 0, b->image.addr,
                                         b->image.addr + bytes_of(b, SHIRA_SPACE_WEIGHT));
  d.scatter.space = SHIRA_SPACE_MEMORY;
  d.scatter.mem_base = b->image.addr;
  shira_stream_free(&s);
  return count(b, &d, 1, SHIRA_COUNTER_WRITTEN_BYTES_WEIGHT);
}

// Requests that SCATTER or a COPY from the weight SRAM beside it had refused.
static uint64_t scatter_conflicts(struct bed *b, unsigned space) {
  struct shira_stream s = put_stream(b, SPREAD, SHIRA_STREAM_FORMAT_GAP8);
  const union shira_descriptor d[2] = {bed_copy(space, 0, SHIRA_SPACE_ACTIVATION, 0, 1, 16384),
                                       bed_scatter(b->stream.addr, s.bytes, s.updates, 0, 0, 8192)};
  shira_stream_free(&s);
  return count(b, d, 2, SHIRA_COUNTER_PORT_CONFLICTS);
}

// ---- Experiments ----------------------------------------------------------------------------

// A file below the build folder's machines.
static void work_path(const char *name, char *path, size_t size) {
  const char *b = getenv("B");
  snprintf(path, size, "%s/machines/%s", b ? b : "build", name);
}

// Runs an experiment on the machine of the bed.
static bool experiment(struct bed *b, const char *text, unsigned tokens,
                       struct shira_report *report) {
  const char *rtl = getenv("SHIRA_RTL_DIR");
  char path[1024], work[1024], machine[1024];
  struct shira_error err = {""};
  const struct shira_run_options o = {.backend = "rtl",
                                      .rtl_root = rtl ? rtl : "build/rtl",
                                      .work_dir = work,
                                      .jobs = 1,
                                      .samples = 1};
  memset(report, 0, sizeof(*report));
  work_path("experiment.yaml", path, sizeof(path));
  work_path("adapters", work, sizeof(work));
  FILE *f = fopen(path, "w");
  if (!f || !realpath(bed_machine, machine))
    return expect(b, false, "cannot write '%s'", path);
  fprintf(f, "name: keys\nmachine: %s\nseed: 1\ntokens: [%u]\n%s", machine, tokens, text);
  if (fclose(f))
    return expect(b, false, "cannot write '%s'", path);
  return expect(b, shira_experiment_run(path, &o, report, &err) == 0, "%s", err.text);
}

// A pass with weights that come from memory.
static bool pass(struct bed *b, unsigned tokens, struct shira_report *report) {
  return experiment(b,
                    "strategies: [base]\nswitches: [other]\nplacements: [streamed]\n"
                    "workloads:\n  - square: [64]\n",
                    tokens, report);
}

static uint64_t pass_cycles(struct bed *b, unsigned tokens) {
  struct shira_report report;
  const uint64_t cycles = pass(b, tokens, &report) ? shira_figure(&report.results[0].m) : 0;
  shira_report_free(&report);
  return cycles;
}

static uint64_t pass_descriptors(struct bed *b, unsigned tokens) {
  struct shira_report report;
  uint64_t bytes = 0;
  if (pass(b, tokens, &report))
    bytes = report.results[0].m.counters[SHIRA_COUNTER_READ_BYTES_DESCRIPTOR];
  shira_report_free(&report);
  return bytes / sizeof(union shira_descriptor);
}

// Nanoseconds that report.json says.
static uint64_t pass_time(struct bed *b, unsigned tokens) {
  struct shira_report report;
  struct shira_error err = {""};
  char dir[1024], file[1100];
  double us = 0;
  work_path("report", dir, sizeof(dir));
  snprintf(file, sizeof(file), "%s/report.json", dir);
  if (pass(b, tokens, &report) && expect(b,
                                         shira_make_folder(dir, &err) == 0 &&
                                             shira_report_write(&report, dir, false, &err) == 0,
                                         "%s", err.text)) {
    json_t *root = json_load_file(file, 0, NULL);
    json_t *result = json_array_get(json_object_get(root, "results"), 0);
    us = json_number_value(json_object_get(result, "us"));
    json_decref(root);
  }
  shira_report_free(&report);
  return (uint64_t)(1000 * us + 0.5);
}

// Cycles of a switch from adapter A to B.
static uint64_t switch_cycles(struct bed *b, unsigned tokens) {
  struct shira_report report;
  uint64_t cycles = 0;
  if (experiment(b,
                 "strategies: [base, shira-scatter]\nswitches: [other]\n"
                 "workloads:\n  - square: [128]\nadapters:\n  strength: 0.05\n"
                 "  shira: {density: 0.15, masks: [rand]}\n",
                 tokens, &report))
    for (uint32_t i = 0; i < report.n_results; i++)
      if (report.results[i].key.work == SHIRA_WORK_SWITCH)
        cycles = shira_figure(&report.results[i].m);
  shira_report_free(&report);
  return cycles;
}

// ---- The table ------------------------------------------------------------------------------

#include "tests/system/key_rows.h"

// The key that changes nothing: reports repeat it.
#define WITHOUT_ROW "name"

#define COUNT(array) (sizeof(array) / sizeof *(array))

// Name of the machine with the row's one value or the other; rows of a key may differ in the rest.
static void machine_name(const struct row *r, bool to, char *name, size_t size) {
  snprintf(name, size, "%s.%s.%d", r->key, to ? r->to : r->from, (int)(r - rows));
  for (char *p = name; *p; p++)
    if (*p == ' ' || *p == '/')
      *p = '_';
}

static int write_machine(const struct row *r, bool to, char *path, size_t size) {
  struct variant_change c[8] = {{r->key, to ? r->to : r->from}};
  unsigned n = 1;
  char name[128];
  for (const struct variant_change *both = r->both; both && both->key; both++)
    c[n++] = *both;
  if (to && r->to_also.key)
    c[n++] = r->to_also;
  machine_name(r, to, name, sizeof(name));
  variant_path(name, path, size);
  return variant_write(r->dram ? VARIANT_DRAM : VARIANT_BASE, name, c, n);
}

// Writes the files of all rows.
static int write_machines(bool print) {
  struct shira_machine m;
  struct shira_error err = {""};
  uint32_t hash[2 * COUNT(rows) + 1], n = 0;
  char path[1024] = VARIANT_BASE;
  for (size_t i = 0; i <= 2 * COUNT(rows); i++) {
    if (i && write_machine(&rows[(i - 1) / 2], i % 2 == 0, path, sizeof(path)))
      return 1;
    if (shira_machine_load(path, &m, &err))
      return fprintf(stderr, "%s\n", err.text), 1;
    hash[n] = shira_machine_rtl_hash(&m);
    uint32_t first = 0;
    while (hash[first] != hash[n])
      first++;
    if (first == n && n++ && print)
      printf("%s ", path);
  }
  return 0;
}

// What a machine gives; also whether the program ran.
static uint64_t measure(struct bed *b, const struct row *r, bool to) {
  char name[128], path[1024], why[sizeof(b->why)];
  machine_name(r, to, name, sizeof(name));
  variant_path(name, path, sizeof(path));
  bed_machine = path;
  bed_open(b, "rtl", 0, NULL);
  bed_move_srams(b, true);
  const uint64_t value = r->measure(b, r->arg);
  memcpy(why, b->why, sizeof(why));
  bed_close(b);
  memcpy(b->why, why, sizeof(why));
  return value;
}

// By a tenth at least, so that chance is not taken for an effect, or at all where there is none.
static void check(struct bed *b, const char *what, enum expected expected, bool exact,
                  uint64_t from, uint64_t to) {
  const bool more = expected == MORE;
  if (exact)
    expect(b, more ? to > from : to < from, "not so");
  else
    expect(b, more ? 10 * to > 11 * from : 10 * to < 9 * from, "not by a tenth");
  tap_failures += b->why[0] != '\0';
  printf("%sok %u - %s: %llu -> %llu, expected %s%s%s\n", b->why[0] ? "not " : "", ++tap_tests,
         what, (unsigned long long)from, (unsigned long long)to, more ? "more" : "less",
         b->why[0] ? ": " : "", b->why);
  fflush(stdout);
  b->why[0] = '\0';
}

static void check_row(struct bed *b, const struct row *r) {
  char what[256];
  snprintf(what, sizeof(what), "%s %s -> %s: %s", r->key, r->from, r->to, r->what);
  const uint64_t from = measure(b, r, false);
  check(b, what, r->expected, r->exact, from, b->why[0] ? 0 : measure(b, r, true));
}

// The format is no key: a stream says it.
static void check_format(struct bed *b) {
  uint64_t bytes[2], cycles[2];
  bed_machine = VARIANT_BASE;
  bed_open(b, "rtl", 0, NULL);
  cycles[0] = scatter_as(b, SPREAD, SHIRA_STREAM_FORMAT_GAP8, &bytes[0]);
  cycles[1] = scatter_as(b, SPREAD, SHIRA_STREAM_FORMAT_COO32, &bytes[1]);
  check(b, "stream gap8 -> coo32: bytes", MORE, false, bytes[0], bytes[1]);
  check(b, "stream gap8 -> coo32: cycles of SCATTER", MORE, false, cycles[0], cycles[1]);
  bed_close(b);
}

// A row for each key of the schema, and no row for what is none.
static void check_keys(void) {
  bool good = true;
  unsigned n = 0, found = 0;
  for (const char *key; (key = shira_machine_key(n)); n++) {
    unsigned with = 0;
    for (size_t i = 0; i < COUNT(rows); i++)
      with += !strcmp(rows[i].key, key);
    found += with;
    if (!with == !!strcmp(key, WITHOUT_ROW)) {
      printf("# %s has %s row\n", key, with ? "a" : "no");
      good = false;
    }
  }
  good = good && found == COUNT(rows);
  tap_failures += !good;
  printf("%sok %u - each of %u keys but '" WITHOUT_ROW "' has a row\n", good ? "" : "not ",
         ++tap_tests, n);
}

int main(int argc, char **argv) {
  struct bed b;
  const bool print = argc > 1 && !strcmp(argv[1], "--machines");
  if (write_machines(print) || argc > 1)
    return !print;
  memset(&b, 0, sizeof(b));
  check_keys();
  for (size_t i = 0; i < COUNT(rows); i++)
    check_row(&b, &rows[i]);
  check_format(&b);
  return tap_end();
}
