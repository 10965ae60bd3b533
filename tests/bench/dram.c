// Bandwidth, latency and speed of the DRAM model alone: one channel of each standard, refresh of
// all banks, a tick a command clock, and no latency but the DRAM's own.
//
// dram                       all of configs/dram, in two mappings
// dram policies [N]          mixed streams, N requests each, by policy of writes: with all rules,
//                            without those that other simulators lack, and where a turn leaves
//                            requests behind whose row is open, as theirs do
// dram STREAM STANDARD N     writes the first N requests of a stream to stdout, `R|W 0xADDRESS` a
//                            line, for other simulators. STREAM: as `streams` below
// dram STREAM STANDARD N FILE
//                            the same by marks, with all rules: the commands of it to FILE, for
//                            build/tests/dram/check_main
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/dram/dram.h"
#include "sim/dram/timing.h"

#define REQUEST 64u // bytes
#define REQUESTS 400000u
#define IN_FLIGHT 32u // requests
#define PIECE 4096u   // bytes that a stream of `mixed` reads or writes in one go
#define SPAN (UINT64_C(1) << 30)

static const char *const standards[] = {"lpddr4x-4266", "lpddr5-6400", "ddr4-3200", "hbm2",
                                        "lpddr5x-8533", "ddr5-4800",   "hbm3"};
#define STANDARDS (sizeof standards / sizeof *standards)
static const char *const streams[] = {"sequential",  "mixed",      "random",
                                      "alternating", "two-to-one", "sparse-writes"};
enum { SEQUENTIAL, MIXED, RANDOM, ALTERNATING, TWO_TO_ONE, SPARSE_WRITES, STREAMS };

struct mapping {
  const char *name;
  uint8_t fields[SHIRA_DRAM_FIELDS - 1];
};

static const struct mapping mappings[] = {
    {"row-bank-column",
     {SHIRA_DRAM_ROW, SHIRA_DRAM_RANK, SHIRA_DRAM_BANK, SHIRA_DRAM_GROUP, SHIRA_DRAM_COLUMN,
      SHIRA_DRAM_CHANNEL}},
    {"row-column-bank",
     {SHIRA_DRAM_ROW, SHIRA_DRAM_RANK, SHIRA_DRAM_COLUMN, SHIRA_DRAM_BANK, SHIRA_DRAM_GROUP,
      SHIRA_DRAM_CHANNEL}},
};

static uint64_t scramble(uint64_t i) { // splitmix64, by Steele, Lea and Flood
  uint64_t x = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
  x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
  return x ^ x >> 31;
}

// Address of request `i`. mixed: reads and writes in turn, each in pieces of 4 KiB, one after the
// other in its half. alternating: a read and a write in turn, two-to-one: two reads and a write,
// each in sequence in its half. sparse-writes: masked writes of every fourth burst or so, reads in
// sequence as many. random: reads.
static uint64_t request(unsigned stream, uint64_t i, uint64_t span, bool *write) {
  const uint64_t half = span / 2;
  *write = false;
  switch (stream) {
  case SEQUENTIAL:
    return i * REQUEST % span;
  case MIXED:
    *write = i * REQUEST / PIECE % 2;
    return (i * REQUEST / PIECE / 2 * PIECE + i * REQUEST % PIECE) % half + (*write ? half : 0);
  case ALTERNATING:
    *write = i % 2;
    return i / 2 * REQUEST % half + (*write ? half : 0);
  case TWO_TO_ONE:
    *write = i % 3 == 2;
    return *write ? half + i / 3 * REQUEST % half : (i / 3 * 2 + i % 3) * REQUEST % half;
  case SPARSE_WRITES:
    *write = i % 2;
    return *write ? half + (i / 2 * 4 + scramble(i) % 4) * REQUEST % half : i / 2 * REQUEST % half;
  default:
    return scramble(i) % (span / REQUEST) * REQUEST;
  }
}

static int machine(const char *name, const struct mapping *mapping, struct shira_machine *m) {
  char file[200];
  struct shira_error error;
  struct shira_dram_setup *d = &m->dram;
  memset(m, 0, sizeof *m);
  snprintf(file, sizeof file, "configs/dram/%s.yaml", name);
  if (shira_dram_standard_load(file, &d->standard, &error))
    return fprintf(stderr, "dram: %s\n", error.text), -1;
  m->has_dram = true;
  m->clock_mhz = d->standard.data_rate / d->standard.transfers_per_clock;
  m->memory_burst_bytes = shira_dram_burst_bytes(&d->standard);
  m->memory_bytes = shira_dram_rank_bytes(&d->standard);
  d->channels = d->ranks = 1;
  memcpy(d->fields, mapping->fields, sizeof mapping->fields);
  d->n_fields = sizeof mapping->fields;
  d->queue = d->window = 64;
  d->batch = 32;
  d->refresh_rate = 1;
  d->cap = 4000;
  return 0;
}

struct outcome {
  double share, seconds; // of the peak; of one processor
  struct shira_dram_stats stats;
};

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); // other work on the machine does not count
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static uint64_t span_of(const struct shira_machine *m) {
  return m->memory_bytes < SPAN ? m->memory_bytes : SPAN;
}

// Pushes as long as IN_FLIGHT requests are not exceeded; `posted`: as others count them, writes
// only until their queue takes them.
static int run(const struct shira_machine *m, unsigned stream, uint64_t requests, bool posted,
               FILE *trace, struct outcome *o) {
  struct shira_dram *d;
  struct shira_error error;
  if (shira_dram_open(m, trace, &d, &error))
    return fprintf(stderr, "dram: %s\n", error.text), -1;
  const uint32_t parts = REQUEST / m->memory_burst_bytes;
  const uint64_t all = requests * parts, span = span_of(m);
  uint64_t pushed = 0, done = 0, cycles = 0, addr = 0;
  const enum shira_dram_kind written =
      stream == SPARSE_WRITES ? SHIRA_DRAM_MASKED_WRITE : SHIRA_DRAM_WRITE;
  uint32_t counted = 0;
  bool write = false;
  const double began = now();
  for (; done < all; cycles++) {
    for (; pushed < all && counted < IN_FLIGHT * parts; pushed++) {
      if (pushed % parts == 0)
        addr = SHIRA_MEMORY_BASE + request(stream, pushed / parts, span, &write);
      if (!shira_dram_push(d, addr + pushed % parts * m->memory_burst_bytes,
                           write ? written : SHIRA_DRAM_READ, SHIRA_DRAM_UNCLASSED,
                           !(posted && write)))
        break;
      counted += !(posted && write);
    }
    shira_dram_tick(d);
    for (uint32_t counts; shira_dram_pop(d, &counts); done++)
      counted -= counts;
  }
  o->seconds = now() - began;
  const struct shira_dram_standard *s = &m->dram.standard;
  o->share = (double)all * s->burst_length / s->transfers_per_clock / (double)cycles;
  o->stats = *shira_dram_stats(d);
  shira_dram_close(d);
  return 0;
}

// One read on an idle channel, measured and as the sum of its parts, in ns.
static int print_latency(const struct shira_machine *m) {
  struct shira_dram *d;
  struct shira_error error;
  const struct shira_dram_standard *s = &m->dram.standard;
  if (shira_dram_open(m, NULL, &d, &error))
    return fprintf(stderr, "dram: %s\n", error.text), -1;
  unsigned clocks = 0;
  uint32_t tag;
  shira_dram_push(d, SHIRA_MEMORY_BASE, SHIRA_DRAM_READ, SHIRA_DRAM_UNCLASSED, 0);
  for (; !shira_dram_pop(d, &tag); clocks++)
    shira_dram_tick(d);
  shira_dram_close(d);
  const double ns = 1000.0 * s->transfers_per_clock / s->data_rate;
  const bool split = shira_dram_clocks(s, s->taad) != 0;
  const unsigned commands = s->activate_clocks * (split ? 2 : 1) - 1;
  const unsigned trcd = shira_dram_clocks(s, s->trcd), cl = shira_dram_clocks(s, s->cl);
  const unsigned bl = s->burst_length / s->transfers_per_clock;
  printf("  idle read %.1f ns = commands %.1f + tRCD %.1f + CL %.1f + data %.1f: %s\n", clocks * ns,
         commands * ns, trcd * ns, cl * ns, bl * ns,
         clocks == commands + trcd + cl + bl ? "the sum of its parts" : "NOT the sum of its parts");
  return clocks == commands + trcd + cl + bl ? 0 : -1;
}

static int print_standard(const char *name) {
  struct shira_machine m;
  for (unsigned k = 0; k < sizeof mappings / sizeof *mappings; k++) {
    if (machine(name, &mappings[k], &m))
      return -1;
    const struct shira_dram_setup *d = &m.dram;
    printf("%s, %s: queue %u, window %u, batch %u, cap %u\n", d->standard.name, mappings[k].name,
           d->queue, d->window, d->batch, d->cap);
    for (unsigned stream = 0; stream <= RANDOM; stream++) {
      struct outcome o;
      if (run(&m, stream, REQUESTS, false, NULL, &o))
        return -1;
      printf(
          "  %-10s %5.1f %% of peak; row hits %4.1f %%; refresh %4.1f %%, turnaround %4.1f %% of "
          "the time; %5.2f M requests/s\n",
          streams[stream], 100 * o.share,
          100.0 * (double)o.stats.row_hits /
              (double)(o.stats.row_hits + o.stats.row_misses + o.stats.row_conflicts),
          100.0 * (double)o.stats.refresh_clocks / (double)o.stats.clocks,
          100.0 * (double)o.stats.turnaround_clocks / (double)o.stats.clocks,
          REQUESTS / o.seconds / 1e6);
    }
  }
  return print_latency(&m);
}

static const struct mapping *mapping_of(const char *standard) { // that suits mixed streams
  return &mappings[!strncmp(standard, "ddr", 3)];
}

// The share of the peak that mixed streams get, by policy, in the mapping that suits a standard.
static int print_policies(const char *name, uint64_t requests) {
  static const char *const rules[] = {"all rules", "without masked gaps, CAS, split ACT",
                                      "the same, open rows left behind"};
  for (unsigned without = 0; without < 3; without++)
    for (unsigned k = 0; k < 4; k++) {
      struct shira_machine m;
      if (machine(name, mapping_of(name), &m))
        return -1;
      m.dram.writes = k == 3 ? SHIRA_DRAM_WRITES_MARKS : SHIRA_DRAM_WRITES_BATCH;
      m.dram.batch = 32 + 16 * k;
      if (without)
        shira_dram_leave_out(&m.dram.standard, SHIRA_DRAM_EVERY_RULE);
      m.dram.leave_behind = without == 2;
      printf("%s, %s, ", m.dram.standard.name, rules[without]);
      printf(k == 3 ? "marks   " : "batch %u", m.dram.batch);
      for (unsigned stream = MIXED; stream < STREAMS; stream++) {
        struct outcome o;
        if (stream != RANDOM && run(&m, stream, requests, true, NULL, &o))
          return -1;
        if (stream != RANDOM)
          printf(", %s %.1f", streams[stream], 100 * o.share);
      }
      printf(" %% of peak\n");
    }
  return 0;
}

static int find_stream(const char *name) {
  for (unsigned k = 0; k < STREAMS; k++)
    if (!strcmp(streams[k], name))
      return (int)k;
  return fprintf(stderr, "dram: there is no stream '%s'\n", name), -1;
}

static int write_stream(const char *stream, const char *name, const char *count) {
  struct shira_machine m;
  const int k = find_stream(stream);
  if (k < 0)
    return -1;
  if (machine(name, &mappings[0], &m))
    return -1;
  for (uint64_t i = 0, n = strtoull(count, NULL, 10); i < n; i++) {
    bool write;
    const uint64_t addr = request((unsigned)k, i, span_of(&m), &write);
    printf("%c 0x%" PRIx64 "\n", write ? 'W' : 'R', addr);
  }
  return 0;
}

static int write_commands(const char *stream, const char *name, const char *count,
                          const char *file) {
  struct shira_machine m;
  struct outcome o;
  const int k = find_stream(stream);
  if (k < 0 || machine(name, mapping_of(name), &m))
    return -1;
  m.dram.writes = SHIRA_DRAM_WRITES_MARKS;
  FILE *trace = fopen(file, "w");
  if (trace == NULL)
    return fprintf(stderr, "dram: cannot write '%s'\n", file), -1;
  const int rc = run(&m, (unsigned)k, strtoull(count, NULL, 10), true, trace, &o);
  if (fclose(trace) != 0)
    return fprintf(stderr, "dram: cannot write '%s'\n", file), -1;
  if (rc == 0)
    printf("%s, %s by marks: %.1f %% of peak\n", m.dram.standard.name, stream, 100 * o.share);
  return rc;
}

int main(int argc, char **argv) {
  if (argc == 5)
    return write_commands(argv[1], argv[2], argv[3], argv[4]) ? 1 : 0;
  if (argc == 4)
    return write_stream(argv[1], argv[2], argv[3]) ? 1 : 0;
  const bool policies = argc > 1 && argc < 4 && !strcmp(argv[1], "policies");
  if (argc != 1 && !policies)
    return fprintf(stderr, "usage: dram [policies [N] | STREAM STANDARD N [FILE]]\n"), 2;
  const uint64_t requests = argc == 3 ? strtoull(argv[2], NULL, 10) : REQUESTS;
  for (unsigned i = 0; i < STANDARDS; i++)
    if (policies ? print_policies(standards[i], requests) : print_standard(standards[i]))
      return 1;
  return 0;
}
