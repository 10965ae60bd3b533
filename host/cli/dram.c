// shirasim dram: the requests of a file on the memory of a machine.
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/fields.h"
#include "host/cli/cli.h"
#include "host/cli/dram_trace.h"
#include "shira/config.h"
#include "shira/dram_energy.h"
#include "sim/dram/dram.h"
#include "sim/dram/timing.h"

#define PATIENCE 1000000u // cycles without a request that is done

struct dram_args {
  const char *trace, *machine;
  unsigned in_flight, left_out;
  bool json;
};

enum { OPT_IN_FLIGHT = 256, OPT_WITHOUT, OPT_JSON };

static const struct argp_option options[] = {
    {"machine", 'm', "NAME|FILE", 0, "the machine whose memory it is", 0},
    {"in-flight", OPT_IN_FLIGHT, "N", 0, "most requests in flight, 1 to 65536 (64)", 0},
    {"without", OPT_WITHOUT, "RULE,...", 0,
     "leave rules out that other simulators lack, to see what they cost: masked (gaps before "
     "masked "
     "writes), cas (that starts WCK), split (an ACT of two commands)",
     0},
    {"json", OPT_JSON, NULL, 0, "for programs", 0},
    {0},
};

static unsigned parse_rules(const char *text, struct argp_state *state) {
  static const char *const names[] = {"masked", "cas", "split"};
  unsigned rules = 0;
  for (const char *at = text; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
    const size_t n = strcspn(at, ",");
    unsigned i = 0;
    while (i < 3 && (strlen(names[i]) != n || strncmp(names[i], at, n)))
      i++;
    if (i == 3)
      argp_error(state, "--without: '%.*s' is none of masked, cas, split", (int)n, at);
    rules |= 1u << i;
  }
  return rules;
}
_Static_assert(SHIRA_DRAM_MASKED_GAPS == 1 && SHIRA_DRAM_CAS == 2 && SHIRA_DRAM_SPLIT_ACT == 4,
               "rules in the order of their names");

static error_t parse(int key, char *arg, struct argp_state *state) {
  struct dram_args *a = state->input;
  switch (key) {
  case 'm':
    a->machine = arg;
    return 0;
  case OPT_IN_FLIGHT:
    a->in_flight = (unsigned)cli_number(arg, 1, 65536, "--in-flight", state);
    return 0;
  case OPT_WITHOUT:
    a->left_out = parse_rules(arg, state);
    return 0;
  case OPT_JSON:
    a->json = true;
    return 0;
  case ARGP_KEY_ARG:
    if (a->trace)
      argp_error(state, "more than one trace");
    a->trace = arg;
    return 0;
  case ARGP_KEY_END:
    if (!a->trace)
      argp_error(state, "no trace");
    if (!a->machine)
      argp_error(state, "no --machine");
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

// ---- The run ----------------------------------------------------------------------------------

struct outcome {
  uint64_t cycles;
  struct shira_dram_stats stats;
  struct shira_dram_stats latency[2]; // of reads, of writes: their latencies and the longest
};

static void count_done(struct outcome *o, const struct dram_request *q, uint64_t cycles) {
  struct shira_dram_stats *s = &o->latency[q->write];
  shira_dram_stats_latency(s, cycles);
  if (s->longest < cycles)
    s->longest = cycles;
}

// Latencies count from a request's cycle, or where it has none from when the memory took it. A tag
// is the request's place in a ring of those in flight.
static int replay(const struct shira_machine *m, const struct dram_requests *r, unsigned in_flight,
                  struct outcome *o, struct shira_error *error) {
  struct shira_dram *d;
  const bool timed = r->at[r->n - 1].cycle != 0;
  uint64_t last = 0, cycle = 0;
  size_t pushed = 0, done = 0;
  uint64_t *took = calloc(r->n, sizeof *took);
  int rc = took ? shira_dram_open(m, NULL, &d, error)
                : shira_fail(error, ENOMEM, "no memory for the requests");
  if (rc) {
    free(took);
    return rc;
  }
  for (; done < r->n && cycle - last < PATIENCE; cycle++) {
    for (; pushed < r->n && d->in_flight < in_flight && r->at[pushed].cycle <= cycle; pushed++) {
      const struct dram_request *q = &r->at[pushed];
      if (!shira_dram_push(d, SHIRA_MEMORY_BASE + q->addr - q->addr % m->memory_burst_bytes,
                           q->write ? SHIRA_DRAM_WRITE : SHIRA_DRAM_READ, SHIRA_DRAM_UNCLASSED,
                           (uint32_t)pushed))
        break;
      took[pushed] = timed ? q->cycle : cycle;
    }
    shira_dram_tick(d);
    for (uint32_t tag; shira_dram_pop(d, &tag); done++, last = cycle)
      count_done(o, &r->at[tag], cycle + 1 - took[tag]);
    if (d->in_flight == 0)
      last = cycle; // it waits for the next request's cycle
  }
  o->cycles = cycle;
  o->stats = *shira_dram_stats(d);
  if (done != r->n)
    rc = shira_fail(error, EIO, "the memory does not answer");
  shira_dram_close(d);
  free(took);
  return rc;
}

// ---- What it says -----------------------------------------------------------------------------

static const char *const ops[2] = {"read", "write"};
static const char *const percentile[] = {"p50", "p90", "p99", "longest"};
static const double part[] = {0.5, 0.9, 0.99};

// Percentiles are to the upper end of a bucket, which may be above the longest.
static uint64_t latency(const struct shira_dram_stats *s, unsigned i) {
  const uint64_t cycles = i < 3 ? shira_dram_stats_percentile(s, part[i]) : s->longest;
  return cycles < s->longest ? cycles : s->longest;
}

static uint64_t requests_of(const struct outcome *o, unsigned op) {
  const uint64_t *n = o->stats.bursts;
  return op ? n[SHIRA_DRAM_WRITE] + n[SHIRA_DRAM_MASKED_WRITE] : n[SHIRA_DRAM_READ];
}

static double mb_s(const struct shira_machine *m, const struct outcome *o) {
  const double bytes = (double)(requests_of(o, 0) + requests_of(o, 1)) * m->memory_burst_bytes;
  return bytes * m->clock_mhz / (double)o->cycles;
}

static void energies(const struct shira_machine *m, const struct outcome *o, double pj[]) {
  struct shira_dram_energy e;
  shira_dram_energy(&m->dram, &o->stats, (double)o->cycles / m->clock_mhz, &e);
  memcpy(pj, &e, sizeof e);
}
#define ENERGIES (sizeof(struct shira_dram_energy) / sizeof(double))

static void print_rows(const struct shira_dram_stats *s) {
  const double all = (double)(s->row_hits + s->row_misses + s->row_conflicts);
  printf("rows        %.1f %% hits, %.1f %% closed, %.1f %% others; %" PRIu64 " activates, %" PRIu64
         " refreshes, %" PRIu64 " turnarounds\n",
         100 * (double)s->row_hits / all, 100 * (double)s->row_misses / all,
         100 * (double)s->row_conflicts / all, s->activates, s->refreshes, s->turnarounds);
}

static void print_energy(const struct shira_machine *m, const struct outcome *o) {
  double pj[ENERGIES];
  energies(m, o, pj);
  if (isnan(pj[ENERGIES - 1])) {
    printf("energy      no figure: nobody published the energies of %s\n", m->dram.standard.name);
    return;
  }
  printf("energy uJ  ");
  for (unsigned i = 0; i < ENERGIES; i++)
    if (!isnan(pj[i]))
      printf("%s %s %.3f", i ? "," : "", shira_dram_energy_name(i), pj[i] / 1e6);
  printf("\n            %s\n", m->dram.standard.energy.source);
}

static void print_text(const struct shira_machine *m, const struct outcome *o) {
  const struct shira_dram_setup *d = &m->dram;
  printf("%s: %s, %u channels of %u bits, %u ranks\n", m->name, d->standard.name, d->channels,
         d->standard.channel_bits, d->ranks);
  printf("requests    %" PRIu64 " reads, %" PRIu64 " writes of %u bytes\n", requests_of(o, 0),
         requests_of(o, 1), m->memory_burst_bytes);
  printf("time        %" PRIu64 " cycles, %.2f us\n", o->cycles, (double)o->cycles / m->clock_mhz);
  printf("bandwidth   %.0f MB/s, %.1f %% of the peak of %u MB/s\n", mb_s(m, o),
         100 * mb_s(m, o) / m->memory_peak_mb_s, m->memory_peak_mb_s);
  for (unsigned op = 0; op < 2; op++)
    if (requests_of(o, op) != 0) {
      printf("%-5s cycles", ops[op]);
      for (unsigned i = 0; i < 4; i++)
        printf("%s %s %" PRIu64, i ? "," : "", percentile[i], latency(&o->latency[op], i));
      printf("\n");
    }
  print_rows(&o->stats);
  print_energy(m, o);
}

static json_t *json_of(const struct shira_machine *m, const struct outcome *o) {
  double pj[ENERGIES];
  json_t *root = json_object(), *energy = json_object(), *all = json_object();
  uint64_t number[sizeof o->stats / sizeof(uint64_t)];
  energies(m, o, pj);
  memcpy(number, &o->stats, sizeof o->stats);
  for (unsigned i = 0; shira_dram_stats_name(i); i++)
    j_set(all, shira_dram_stats_name(i), j_count(number[i]));
  for (unsigned i = 0; i < ENERGIES; i++)
    j_set(energy, shira_dram_energy_name(i), j_real(pj[i]));
  j_set(root, "machine", j_text(m->name));
  j_set(root, "dram", j_text(m->dram.standard.name));
  j_set(root, "burst_bytes", j_count(m->memory_burst_bytes));
  j_set(root, "cycles", j_count(o->cycles));
  j_set(root, "us", j_real((double)o->cycles / m->clock_mhz));
  j_set(root, "mb_s", j_real(mb_s(m, o)));
  j_set(root, "of_peak", j_real(mb_s(m, o) / m->memory_peak_mb_s));
  for (unsigned op = 0; op < 2; op++) {
    json_t *of = json_object();
    j_set(of, "requests", j_count(requests_of(o, op)));
    for (unsigned i = 0; i < 4; i++)
      j_set(of, percentile[i],
            requests_of(o, op) ? j_count(latency(&o->latency[op], i)) : json_null());
    j_set(root, ops[op], of);
  }
  j_set(root, "memory", all);
  j_set(root, "energy_pj", energy);
  j_set(root, "energy_source",
        m->dram.standard.energy.source[0] ? j_text(m->dram.standard.energy.source) : json_null());
  return root;
}

static void print_json(const struct shira_machine *m, const struct outcome *o) {
  json_t *root = json_of(m, o);
  json_dumpf(root, stdout, SHIRA_JSON_FLAGS);
  putchar('\n');
  json_decref(root);
}

// ---- The command ------------------------------------------------------------------------------

static int load_machine(const struct dram_args *a, struct shira_machine *m,
                        struct shira_error *error) {
  char path[SHIRA_PATH_BYTES];
  if (shira_config_find("configs/hw", a->machine, path, error) ||
      shira_machine_load(path, m, error))
    return -EINVAL;
  if (!m->has_dram)
    return shira_fail(error, EINVAL, "machine '%s' has no DRAM", m->name);
  shira_dram_leave_out(&m->dram.standard, a->left_out);
  return 0;
}

static int load_trace(const struct dram_args *a, const struct shira_machine *m,
                      struct dram_requests *r, struct shira_error *error) {
  const bool piped = !strcmp(a->trace, "-");
  FILE *f = piped ? stdin : fopen(a->trace, "r");
  if (f == NULL)
    return shira_fail(error, errno, "cannot open '%s': %s", a->trace, strerror(errno));
  const int rc =
      dram_requests_read(f, piped ? "standard input" : a->trace, m->memory_bytes, r, error);
  if (!piped)
    fclose(f);
  return rc;
}

int cli_dram(int argc, char **argv) {
  static const struct argp argp = {
      options,
      parse,
      "TRACE",
      "What the memory of a machine does with the requests of a file, or of standard input (-): "
      "lines `R|W ADDRESS`, given as soon as may be, or `ADDRESS READ|WRITE CYCLE`.",
      NULL,
      NULL,
      NULL};
  static struct outcome o;
  struct dram_args a = {.in_flight = 64};
  struct shira_machine m;
  struct dram_requests r = {0};
  struct shira_error error;
  argp_parse(&argp, argc, argv, 0, NULL, &a);
  int rc = load_machine(&a, &m, &error);
  if (!rc)
    rc = load_trace(&a, &m, &r, &error);
  if (rc)
    return cli_fail(EXIT_INPUT, &error);
  rc = replay(&m, &r, a.in_flight, &o, &error);
  dram_requests_free(&r);
  if (rc)
    return cli_fail(EXIT_DEVICE, &error);
  if (a.json)
    print_json(&m, &o);
  else
    print_text(&m, &o);
  return EXIT_OK;
}
