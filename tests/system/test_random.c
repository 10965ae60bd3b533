// Random cases on `tiny`: models of one to three linears of any shape, any rank, density, mask,
// stream format, tokens, seed and AXI stalls, weights resident or streamed, adapters kept anywhere
// and undone in any way, through every strategy. Each must equal the golden model and the
// reference, bit for bit, and stay above its bound. One TAP line a case. Then some cases on each of
// a few variants of `tiny`: other ports, latencies and numbers of lanes, the widest bus with the
// most lanes, an SRAM that streamed weights need many chunks of, streams in rows; with SOAK the
// most banks too, whose RTL takes minutes to compile. --machines writes their files and prints the
// paths of those whose RTL is not that of `tiny`.
//
// Environment: SEED (of case 0), CASES (70), MACHINE (tiny, or a path), VARIANT_CASES (10, each),
// VARIANT (all: the name of one), SOAK, BAIL (stop at the first failure), B (build), SHIRA_DEVICE
// (rtl), SHIRA_RTL_DIR (build/rtl), SHIRA_RTL_LIBRARY (libshira_rtl_assert.so: assertions on,
// memories random at the start).
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shira/experiment.h"
#include "shira/report.h"
#include "tests/system/variant.h"

static uint64_t state;

// splitmix64
static uint64_t next(void) {
  uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

static unsigned between(unsigned lo, unsigned hi) {
  return lo + (unsigned)(next() % (hi - lo + 1));
}

struct case_files {
  char model[512], experiment[512], work[512];
};

#define ALL_SRAMS(key, value)                                                                      \
  {"weight_sram." key, value}, {"activation_sram." key, value}, {"accumulator_sram." key, value},  \
  {                                                                                                \
    "parameter_sram." key, value                                                                   \
  }

#define LATENCIES(weight, activation, accumulator, parameter)                                      \
  {"weight_sram.latency", weight}, {"activation_sram.latency", activation},                        \
      {"accumulator_sram.latency", accumulator}, {                                                 \
    "parameter_sram.latency", parameter                                                            \
  }
#define LANES(lanes, decode_bytes, block_updates)                                                  \
  {"scatter.lanes", lanes}, {"scatter.decode_bytes", decode_bytes}, {                              \
    "scatter.block_updates", block_updates                                                         \
  }

// The widest bus and the most lanes.
#define WIDEST(banks)                                                                              \
  {"array.n", "16"}, {"array.k", "16"}, {"weight_sram.banks", banks}, LANES("64", "64", "64"),     \
      {"scatter.fifo_depth", "2"}, {"axi.data_bits", "512"}, {"axi.burst_bytes", "256"}, {         \
    "memory.burst_bytes", "64"                                                                     \
  }

// Its models do not all fit on chip, and streamed ones come in many chunks.
#define SMALL "random-small"

#define MOST_CHANGES 24

static const struct variant {
  const char *base, *name;
  struct variant_change change[MOST_CHANGES];
} variants[] = {
    {VARIANT_BASE, SMALL, {{"weight_sram.bytes", "8 KiB"}, {"axi.outstanding", "1"}}},
    {VARIANT_BASE, "random-row", {{"layout", "row"}, {"scatter.merge", "false"}}},
    {VARIANT_BASE,
     "random-1rw",
     {ALL_SRAMS("ports", "1rw"), LANES("1", "4", "16"), {"scatter.fifo_depth", "2"}}},
    {VARIANT_BASE,
     "random-engine-first",
     {ALL_SRAMS("arbitration", "engine-first"), LANES("3", "4", "15"),
      LATENCIES("2", "3", "1", "2")}},
    {VARIANT_BASE,
     "random-ecc",
     {ALL_SRAMS("ecc", "word"), LANES("5", "6", "15"), LATENCIES("3", "2", "2", "1")}},
    {VARIANT_DRAM, "random-dram", {{"dram.ecc", "none"}}},
    {VARIANT_DRAM,
     "random-dram-ecc",
     {{"dram.ecc", "word"}, {"dram.refresh", "per-bank"}, {"dram.hash", "column"}}},
    {VARIANT_BASE,
     "random-all",
     {ALL_SRAMS("ports", "1rw"),
      ALL_SRAMS("arbitration", "engine-first"),
      ALL_SRAMS("ecc", "word"),
      {"layout", "row"},
      LANES("7", "8", "14"),
      LATENCIES("2", "1", "3", "3")}},
    {VARIANT_BASE, "random-wide", {WIDEST("16")}},
    {VARIANT_BASE, "random-widest", {WIDEST("256")}}, // the last: too slow but for a soak
};

#define N_VARIANTS (sizeof(variants) / sizeof(variants[0]))
#define IN_SOAK (N_VARIANTS - 1)

static int write_variant(const struct variant *v) {
  unsigned n = 0;
  while (n < MOST_CHANGES && v->change[n].key)
    n++;
  return variant_write(v->base, v->name, v->change, n);
}

// Whether the machine's RTL is another than that of `tiny`. Ends the program where a file cannot be
// read.
static bool own_rtl(const char *path) {
  struct shira_machine m, tiny;
  struct shira_error err = {""};
  if (shira_machine_load(path, &m, &err) || shira_machine_load(VARIANT_BASE, &tiny, &err)) {
    fprintf(stderr, "test_random: %s\n", err.text);
    exit(1);
  }
  return shira_machine_rtl_hash(&m) != shira_machine_rtl_hash(&tiny);
}

// Small and larger shapes; within a model alike enough that one r of SHiRA fits all of them.
static void write_model(FILE *f) {
  unsigned linears = between(1, 3), small = between(0, 2) == 0;
  unsigned lo = small ? 4 : 8, hi = small ? 10 : 40;
  fprintf(f,
          "name: random\nsource: \"a random model\"\nhidden: 1\nintermediate: 1\nheads: 1\n"
          "kv_heads: 1\nhead_dim: 1\nblocks: %u\nvocab: 1\nprefix: \"b.{}.\"\nlinears:\n",
          between(1, 2));
  unsigned in = 0, input = 0;
  for (unsigned i = 0; i < linears; i++) {
    if (i == 0 || between(0, 2)) { // else it reads what the one before reads
      in = between(lo, hi);
      input = i;
    }
    fprintf(f, "  - {name: l%u, out: %u, in: %u, input: i%u, target: %s}\n", i, between(lo, hi), in,
            input, i == 0 || between(0, 3) ? "true" : "false");
  }
}

// What weights and adapters of a case go through: one placement, one undo of each kind.
static void write_ways(FILE *f, const char *model, bool streamed) {
  static const char *const undo[] = {"transition", "set", "swap", "sub"};
  static const char *const kept[] = {"memory", "host", "memory, chip", "chip, memory, host"};
  const char *shira = undo[between(0, 3)], *lora = between(0, 1) ? "clean" : "in-place";
  const char *where = kept[between(0, 3)];
  fprintf(f,
          "placements: [%s]\nstrategies: [base, reload, lora-fused, lora-unfused, %s]\n"
          "switches: [base, other]\nworkloads:\n  - model: %s\n    blocks: all\nadapters:\n"
          "  undo: [%s, %s]\n  kept: [%s]\n",
          streamed ? "streamed" : "resident",
          streamed ? "shira-overlay, shira-dram" : "shira-scatter", model, shira, lora, where);
}

static void write_experiment(FILE *f, const char *model, const char *machine) {
  static const char *const masks[] = {"rand", "struct", "wm"};
  bool streamed = between(0, 1) || strstr(machine, SMALL);
  fprintf(f, "name: random\nmachine: %s\nseed: %u\ntokens: [%u, %u]\n", machine,
          between(1, 1u << 30), between(1, 3), between(4, 11));
  write_ways(f, model, streamed);
  fprintf(f,
          "  strength: %.3f\n  shira:\n    density: %.3f\n    masks: [%s]\n    format: %s\n"
          "  lora:\n    rank: %u\n",
          0.01 * between(2, 60), 0.001 * between(10, 240), masks[between(0, 2)],
          between(0, 2) ? "gap8" : "coo32", between(1, 4));
}

// Of all switches and passes.
static uint64_t cycles(const struct shira_report *r) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < r->n_results; i++)
    sum += shira_figure(&r->results[i].m);
  return sum;
}

static int write_case(const struct case_files *c, const char *machine) {
  FILE *m = fopen(c->model, "w"), *e = fopen(c->experiment, "w");
  if (!m || !e) {
    perror("test_random");
    return 1;
  }
  write_model(m);
  write_experiment(e, c->model, machine);
  return fclose(m) | fclose(e);
}

// One case, and its TAP line. Returns whether it failed.
static bool run_case(const struct case_files *c, const char *machine, uint64_t seed,
                     unsigned number) {
  const char *device = getenv("SHIRA_DEVICE"), *rtl = getenv("SHIRA_RTL_DIR");
  const char *library = getenv("SHIRA_RTL_LIBRARY");
  state = seed;
  if (write_case(c, machine))
    exit(1);
  struct shira_run_options o = {.backend = device ? device : "rtl",
                                .rtl_root = rtl ? rtl : "build/rtl",
                                .rtl_library = library ? library : "libshira_rtl_assert.so",
                                .work_dir = c->work,
                                .jobs = 1,
                                .samples = 2,
                                .stall_percent = number % 3 ? between(0, 60) : 0};
  struct shira_report report;
  struct shira_error err = {""};
  int rc = shira_experiment_run(c->experiment, &o, &report, &err);
  printf("%sok %u - %s SEED=%llu, %u results, %llu cycles%s%s\n", rc ? "not " : "", number,
         report.n_machines ? report.machines[0].hw.name : machine, (unsigned long long)seed,
         report.n_results, (unsigned long long)cycles(&report), rc ? ": " : "", rc ? err.text : "");
  fflush(stdout);
  shira_report_free(&report);
  return rc != 0;
}

static unsigned from_env(const char *name, unsigned otherwise) {
  const char *text = getenv(name);
  return text ? (unsigned)atoi(text) : otherwise;
}

int main(int argc, char **argv) {
  const char *seed = getenv("SEED"), *base = getenv("MACHINE"), *only = getenv("VARIANT");
  const unsigned n = from_env("CASES", 70), more = from_env("VARIANT_CASES", 10);
  const bool soak = getenv("SOAK") != NULL;
  const uint64_t first = seed ? strtoull(seed, NULL, 0) : 1;
  char dir[] = "/tmp/shira-random-XXXXXX", path[1024], machine[4096];
  for (unsigned v = 0; v < N_VARIANTS; v++) {
    if (write_variant(&variants[v]))
      return 1;
    variant_path(variants[v].name, path, sizeof(path));
    if (argc > 1 && !strcmp(argv[1], "--machines") && (soak || v != IN_SOAK) && own_rtl(path))
      printf("%s ", path);
  }
  if (argc > 1)
    return strcmp(argv[1], "--machines") != 0;
  if (!mkdtemp(dir)) {
    perror("test_random");
    return 1;
  }
  struct case_files c;
  snprintf(c.model, sizeof(c.model), "%s/model.yaml", dir);
  snprintf(c.experiment, sizeof(c.experiment), "%s/experiment.yaml", dir);
  snprintf(c.work, sizeof(c.work), "%s/adapters", dir);
  const unsigned enough = getenv("BAIL") ? 1 : UINT_MAX;
  unsigned failed = 0, number = 0;
  for (unsigned i = 0; i < n && failed < enough; i++)
    failed += run_case(&c, base ? base : "tiny", first + i, ++number);
  for (unsigned v = 0; v < N_VARIANTS; v++) {
    if (only ? strcmp(only, variants[v].name) != 0 : v == IN_SOAK)
      continue;
    variant_path(variants[v].name, path, sizeof(path));
    if (!realpath(path, machine)) {
      perror(path);
      return 1;
    }
    for (unsigned i = 0; i < more && failed < enough; i++)
      failed += run_case(&c, machine, first + i, ++number);
  }
  printf("1..%u\n", number);
  char clean[600];
  snprintf(clean, sizeof(clean), "rm -rf '%s'", dir);
  if (system(clean))
    perror("test_random");
  return failed ? 1 : 0;
}
