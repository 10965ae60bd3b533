// Random programs of descriptors, good and bad, on `tiny`: the device equals the golden model in
// memory, all SRAMs, completions and registers of status; none hangs; and no byte outside the
// windows of the descriptors that were executed changes.
//
// Then some programs on each of a few variants of `tiny`, those of test_random: streams in rows,
// other ports, latencies and lanes.
//
// Environment: SEED (1), PROGRAMS (500) how many, VARIANT_PROGRAMS (8) on each variant, PROGRAM=n
// that one alone, JOBS (1) processes, BAIL (stop at the first failure); MACHINE (path of a machine
// file, tiny-dram's); B (build); SHIRA_RTL_DIR (build/rtl), SHIRA_RTL_LIBRARY (a file name in
// there, libshira_rtl_assert.so). test_programs [DEVICE]
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/system/programs/program.h"
#include "tests/system/variant.h"

#define MACHINE "configs/hw/tiny-dram.yaml"
#define ENOUGH 500u // programs that must meet everything

#define MOST_JOBS 16u

// What the processes share.
struct shared {
  struct cover cover[MOST_JOBS];
  unsigned failed[MOST_JOBS];
};

static const char *const variants[] = {"random-row", "random-engine-first", "random-ecc",
                                       "random-all"};
#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

static const char *backend, *machine;
static struct shira_machine hw;
static struct world world;
static uint64_t seed;

static unsigned number_of(const char *name, unsigned otherwise) {
  const char *text = getenv(name);
  return text ? (unsigned)strtoul(text, NULL, 0) : otherwise;
}

static void run(const struct program *p, enum plant plant, struct result *r) {
  program_run(p, backend, &hw, &world, plant, r);
}

// ---- Programs that fail -----------------------------------------------------------------------

// Leaves out one descriptor after the other as long as the program still fails.
static void shrink(struct program *p, struct result *r) {
  struct result *t = malloc(sizeof(*t));
  for (bool again = t != NULL; again;) {
    again = false;
    for (unsigned i = p->n; i-- > 0;) {
      if (p->dropped[i])
        continue;
      p->dropped[i] = true;
      run(p, PLANT_NONE, t);
      if (t->why[0]) {
        *r = *t;
        again = true;
      } else {
        p->dropped[i] = false;
      }
    }
  }
  free(t);
}

static void print_item(const struct item *item, unsigned i) {
  const struct shira_desc_header *h = &item->d.header;
  printf("#   %u: opcode %u, wait %u >= %u and %u >= %u, signal %u", i, h->opcode, h->wait0_sem,
         h->wait0_value, h->wait1_sem, h->wait1_value, h->signal_sem);
  const struct op *op = op_of(h->opcode);
  for (const struct field *f = op ? op->fields : NULL; f && f->name; f++) {
    uint64_t v = 0;
    memcpy(&v, item->d.raw + f->offset, f->bytes);
    printf(", %s 0x%llx", f->name, (unsigned long long)v);
  }
  printf("; bad: %s; golden: %s\n", item->spoiled[0] ? item->spoiled : "nothing",
         shira_status_name(item->want.status));
}

static void explain(struct program *p) {
  struct result *r = malloc(sizeof(*r));
  if (!r)
    return;
  run(p, PLANT_NONE, r);
  shrink(p, r);
  printf("# smallest program that fails: %s\n", r->why);
  static const char *const orders[ORDERS] = {"chain", "free", "beside"};
  printf("# order %s, ring of %u, stalls %u %%, latency %u, %s, watchdog %u, fault %u at %u, host "
         "%u%u, "
         "reset after %u\n",
         orders[p->order], 1u << p->ring_log2, p->stall, p->latency,
         p->dram ? p->dram_ecc ? "DRAM with ECC" : "DRAM" : "fixed rate", p->watchdog, p->kind,
         p->fault_at, p->host[0], p->host[1], p->reset_at);
  for (unsigned i = 0; i < r->n; i++)
    print_item(&r->items[i], i);
  printf("# to run it alone: SEED=%llu PROGRAM=%u MACHINE=%s build/tests/system/test_programs\n",
         (unsigned long long)seed, p->number, machine);
  free(r);
}

// ---- All programs -----------------------------------------------------------------------------

// Returns whether it is as it must be.
static bool run_one(unsigned number, struct cover *cover) {
  struct program p = {.seed = seed, .number = number};
  struct result *r = malloc(sizeof(*r));
  if (!r)
    return false;
  program_draw(&p);
  run(&p, PLANT_NONE, r);
  const bool good = r->why[0] == '\0';
  cover_add(cover, &p, r);
  printf("%sok %u - %s SEED=%llu PROGRAM=%u, %u descriptors, %llu cycles%s%s\n", good ? "" : "not ",
         number + 1, hw.name, (unsigned long long)seed, number, r->n, (unsigned long long)r->cycles,
         good ? "" : ": ", r->why);
  if (!good && !getenv("BAIL"))
    explain(&p);
  fflush(stdout);
  free(r);
  return good;
}

static void run_share(unsigned job, unsigned jobs, unsigned first, unsigned n,
                      struct shared *shared) {
  for (unsigned i = first + job; i < first + n; i += jobs)
    if (!run_one(i, &shared->cover[job])) {
      shared->failed[job]++;
      if (getenv("BAIL"))
        return;
    }
}

static void add_cover(struct cover *to, const struct cover *from) {
  unsigned *a = (unsigned *)(void *)to;
  const unsigned *b = (const unsigned *)(const void *)from;
  _Static_assert(sizeof(*to) % sizeof(unsigned) == 0, "only counts");
  for (size_t i = 0; i < sizeof(*to) / sizeof(unsigned); i++)
    a[i] += b[i];
}

// Runs programs [first, first + n) in `jobs` processes. Returns how many failed.
static unsigned run_all(unsigned first, unsigned n, unsigned jobs, struct cover *cover) {
  struct shared *shared =
      mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) {
    perror("test_programs");
    exit(99);
  }
  unsigned failed = 0;
  for (unsigned j = 1; j < jobs; j++)
    if (fork() == 0) {
      run_share(j, jobs, first, n, shared);
      _exit(0);
    }
  run_share(0, jobs, first, n, shared);
  for (unsigned j = 1; j < jobs; j++) {
    int status = 0;
    wait(&status);
    failed += status != 0;
  }
  for (unsigned j = 0; j < jobs; j++) {
    failed += shared->failed[j];
    add_cover(cover, &shared->cover[j]);
  }
  munmap(shared, sizeof(*shared));
  return failed;
}

static void open_machine(const char *path) {
  struct shira_error err = {""};
  machine = path;
  if (shira_machine_load(path, &hw, &err) || !world_open(&world, &hw)) {
    fprintf(stderr, "test_programs: %s\n", err.text);
    exit(99);
  }
}

// Runs n programs on a variant, from `first` on. Returns how many failed, and one more where no
// SCATTER ended well.
static unsigned run_variant(const char *name, unsigned first, unsigned n, unsigned jobs) {
  static struct cover cover;
  char path[1024];
  unsigned well = 0;
  memset(&cover, 0, sizeof(cover));
  variant_path(name, path, sizeof(path));
  open_machine(path);
  const unsigned failed = run_all(first, n, jobs, &cover);
  world_close(&world);
  for (unsigned o = 0; o < OPS; o++)
    for (unsigned v = 0; v < ops[o].variants && ops[o].opcode == SHIRA_OPCODE_SCATTER; v++)
      well += cover.variants[o][v];
  printf("# %s: %u descriptors, %u SCATTERs ended well\n", name, cover.descriptors, well);
  return failed + (well == 0);
}

// Does something wrong in a good program: it must be noticed, with these words.
static unsigned run_plants(unsigned number) {
  static const char *const words[PLANTS] = {NULL, "golden", "outside all windows", "where",
                                            "register status"};
  struct program p;
  struct result *r = malloc(sizeof(*r));
  unsigned failed = 0, drawn = 0;
  do {
    p = (struct program){.seed = seed,
                         .number = drawn++}; // a draw sets a fault only where it has one
    program_draw(&p);
  } while (p.bad || p.fault_at || p.n < 2);
  for (enum plant plant = PLANT_SRAM; r && plant < PLANTS; plant++) {
    run(&p, plant, r);
    const bool good = strstr(r->why, words[plant]) != NULL;
    printf("%sok %u - what is planted is noticed: %s\n", good ? "" : "not ", ++number, r->why);
    failed += !good;
  }
  free(r);
  return r ? failed : 1;
}

int main(int argc, char **argv) {
  const char *device = getenv("SHIRA_DEVICE"), *seed_text = getenv("SEED");
  const char *path = getenv("MACHINE");
  static struct cover cover;
  backend = argc > 1 ? argv[1] : device ? device : "rtl";
  seed = seed_text ? strtoull(seed_text, NULL, 0) : 1;
  open_machine(path ? path : MACHINE);
  const bool one = getenv("PROGRAM") != NULL;
  const unsigned n = one ? 1 : number_of("PROGRAMS", ENOUGH), first = number_of("PROGRAM", 0);
  unsigned jobs = number_of("JOBS", 1);
  jobs = jobs > MOST_JOBS ? MOST_JOBS : jobs < 1 ? 1 : jobs;
  unsigned failed = run_all(first, n, jobs, &cover);
  unsigned tests = n;
  if (!one && !(failed && getenv("BAIL"))) {
    failed += run_plants(n);
    tests += PLANTS - 1;
  }
  world_close(&world);
  const unsigned more = one ? 0 : number_of("VARIANT_PROGRAMS", 8);
  for (unsigned v = 0; v < VARIANTS && more && !(failed && getenv("BAIL")); v++, tests += more)
    failed += run_variant(variants[v], tests, more, jobs);
  const unsigned missing = cover_print(&cover);
  if (n >= ENOUGH) {
    printf("%sok %u - everything that must be met was met\n", missing ? "not " : "", ++tests);
    failed += missing != 0;
  }
  printf("1..%u\n", tests);
  return failed ? 1 : 0;
}
