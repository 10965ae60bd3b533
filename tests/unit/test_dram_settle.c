// A memory that was settled is one that was just opened: whatever it did before, the same requests
// are accepted and done in the same cycles, with the same commands and the same statistics. And its
// refreshes come as those of one that has been idle since it was opened.
//
// Environment: SEED.
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/dram/dram.h"
#include "tests/dram/check.h"

#define CASES 6u
#define HISTORIES 15u
#define PROGRAMS 3u
#define REQUESTS 600u
#define TAGS 4096u

static uint64_t rng;

static uint32_t below(uint32_t n) {
  rng ^= rng << 13, rng ^= rng >> 7, rng ^= rng << 17;
  return (uint32_t)((rng >> 32) * n >> 32);
}

static uint64_t seed(void) {
  const char *text = getenv("SEED");
  return text ? strtoull(text, NULL, 0) : 1;
}

// Machines whose controllers use all that a controller remembers. The last has no DRAM.
static struct shira_machine machine(unsigned i) {
  static const char *const files[CASES] = {"edge16",  "edge32",    "card64",
                                           "mobile4", "tiny-dram", "edge16-fixed"};
  struct shira_machine m;
  struct shira_error error = {""};
  char path[64];
  snprintf(path, sizeof path, "configs/hw/%s.yaml", files[i]);
  if (shira_machine_load(path, &m, &error) != 0)
    fail_msg("%s", error.text);
  m.dram.idle_close = i % 2 ? 40 : 0;
  m.dram.refresh_postpone = i % 3;
  m.dram.refresh_rate = i == 0 ? 2 : 1;
  m.dram.writes = i % 2 ? SHIRA_DRAM_WRITES_MARKS : SHIRA_DRAM_WRITES_BATCH;
  m.dram.ecc = i == 2 ? SHIRA_ECC_WORD : SHIRA_ECC_NONE;
  m.clock_mhz = 900 + 100 * i; // beside the memory's clock
  return m;
}

// ---- A program of requests, and what came of it -----------------------------------------------

struct record {
  uint64_t cycle[REQUESTS]; // in which each was done, from the start
  uint64_t cycles;          // until all were
  struct shira_dram_stats stats;
};

static void tick(struct shira_dram *d, struct record *r, uint32_t *done) {
  uint32_t tag;
  shira_dram_tick(d);
  r->cycles++;
  for (; shira_dram_pop(d, &tag); ++*done)
    r->cycle[tag] = r->cycles;
}

// After `idle` cycles `n` requests of a seed, in bursts of many and alone, to both memories; all of
// them are done.
static void requests(struct shira_dram *d, const struct shira_machine *m, uint64_t of,
                     uint32_t idle, uint32_t n, struct record *r) {
  const struct shira_dram_stats before = *shira_dram_stats(d);
  uint32_t done = 0;
  memset(r, 0, sizeof *r);
  rng = of * UINT64_C(0x9e3779b97f4a7c15) | 1;
  const uint64_t bursts = m->memory_bytes / m->memory_burst_bytes;
  for (; idle > 0; idle--)
    tick(d, r, &done);
  for (uint32_t i = 0; i < n; i++) {
    const bool host = i < 64 ? i == 3 : below(8) == 0;
    const uint64_t near = below(64), any = ((uint64_t)below(1u << 30) << 4 | below(16)) % bursts;
    const uint64_t at = host ? bursts + near : below(2) ? near : any;
    const enum shira_dram_kind kind = below(SHIRA_DRAM_KINDS);
    for (uint32_t wait = i < 64 || below(16) ? 0 : below(400); wait > 0; wait--)
      tick(d, r, &done);
    while (!shira_dram_push(d, SHIRA_MEMORY_BASE + at * m->memory_burst_bytes, kind,
                            below(SHIRA_TRAFFIC_COUNT), i))
      tick(d, r, &done);
  }
  while (done < n) {
    assert_true(r->cycles < 10000000);
    tick(d, r, &done);
  }
  shira_dram_stats_since(shira_dram_stats(d), &before, &r->stats);
}

// Something before: requests that end, or that are forgotten, and time.
static void history(struct shira_dram *d, const struct shira_machine *m, unsigned i) {
  struct record r;
  if (i % 2) // a short one: its refreshes are at clocks that the program gets to
    shira_dram_settle(d, below(8));
  requests(d, m, seed() + 1000 + i, i * 150, 1 + (i % 2 ? 9 : 37) * i % REQUESTS, &r);
  for (uint32_t wait = i % 3 ? below(5000) : 0; wait > 0; wait--)
    shira_dram_tick(d);
  if (i % 4 == 1) { // stopped in the middle
    for (uint32_t n = 0; n < 20; n++) {
      const uint64_t at = (n % 2) * m->memory_bytes + 7ull * n * m->memory_burst_bytes;
      (void)shira_dram_push(d, SHIRA_MEMORY_BASE + at, n % SHIRA_DRAM_KINDS, SHIRA_DRAM_UNCLASSED,
                            n);
    }
    for (uint32_t wait = i % 8 == 1 ? 1 : below(60); wait > 0; wait--)
      shira_dram_tick(d);
    shira_dram_clear(d);
  }
}

static struct shira_dram *open_all(const struct shira_machine *m, FILE *trace) {
  struct shira_dram *d;
  struct shira_error error = {""};
  if (shira_dram_both_open(m, m->has_dram ? trace : NULL, &d, &error) != 0)
    fail_msg("%s", error.text);
  return d;
}

// What program number `p` does in a memory that was opened for it and settled, or where `eighth` is
// 0 as it was opened.
static void run_fresh(const struct shira_machine *m, unsigned eighth, unsigned p,
                      struct record *r) {
  struct shira_dram *d = open_all(m, NULL);
  if (eighth != 0)
    shira_dram_settle(d, eighth);
  requests(d, m, seed() + p, (eighth + p) % 2 * 700, REQUESTS, r);
  shira_dram_close(d);
}

static void test_same(void **state) {
  (void)state;
  static struct record fresh[PROGRAMS], r;
  unsigned differ = 0;
  for (unsigned i = 0; i < CASES; i++) {
    const struct shira_machine m = machine(i);
    uint64_t first = 0;
    for (unsigned eighth = 0; eighth < 8; eighth++) {
      for (unsigned p = 0; p < PROGRAMS; p++)
        run_fresh(&m, eighth, p, &fresh[p]);
      struct shira_dram *d = open_all(&m, NULL);
      for (unsigned h = 0; h < HISTORIES; h++) {
        const unsigned p = h % PROGRAMS;
        history(d, &m, h);
        shira_dram_settle(d, eighth);
        requests(d, &m, seed() + p, (eighth + p) % 2 * 700, REQUESTS, &r);
        if (memcmp(&r, &fresh[p], sizeof r) != 0)
          fail_msg("machine %u, eighth %u, history %u: %" PRIu64 " cycles, not %" PRIu64, i, eighth,
                   h, r.cycles, fresh[p].cycles);
      }
      shira_dram_close(d);
      if (eighth == 0)
        first = fresh[0].cycles;
      differ += eighth % 2 == 0 && fresh[0].cycles != first;
    }
  }
  assert_true(differ > 0);
}

// ---- Commands ---------------------------------------------------------------------------------

struct command {
  uint64_t clock;
  char rest[64];
};

// Reads the commands of a trace from the last SETTLE of channel 0 on, or from `from` clocks on
// where there is none, by clocks from there; returns their number.
static unsigned commands(FILE *trace, uint64_t from, struct command *c, unsigned most) {
  char line[128];
  unsigned n = 0;
  rewind(trace);
  while (fgets(line, sizeof line, trace)) {
    char *rest;
    const uint64_t clock = strtoull(line, &rest, 10);
    if (line[0] == '#' || strncmp(rest, " 0 ", 3) != 0)
      continue;
    if (strstr(rest, "SETTLE")) {
      from = clock;
      n = 0;
    } else if (clock >= from && n < most) {
      c[n].clock = clock - from;
      snprintf(c[n++].rest, sizeof c[0].rest, "%s", rest);
    }
  }
  return n;
}

#define MOST 400u

// The refreshes of a settled memory without requests are those of one that has been without since
// it was opened.
static void test_refreshes(void **state) {
  (void)state;
  static struct command idle[MOST], settled[MOST];
  for (unsigned i = 0; i < CASES - 1; i++)
    for (unsigned eighth = 0; eighth < 8; eighth++) {
      struct shira_machine m = machine(i);
      m.dram.ranks = 1 + eighth % 2;
      FILE *trace[2] = {tmpfile(), tmpfile()};
      const uint64_t from = eighth * (uint64_t)shira_dram_refresh_interval(&m.dram) / 8;
      for (unsigned t = 0; t < 2; t++) {
        struct shira_dram *d = open_all(&m, trace[t]);
        if (t == 1) {
          history(d, &m, 3 + eighth);
          shira_dram_settle(d, eighth);
        }
        for (uint32_t k = 4 * shira_dram_refresh_cycles(&m); k > 0; k--)
          shira_dram_tick(d);
        shira_dram_close(d);
      }
      unsigned n = commands(trace[0], from, idle, MOST);
      const unsigned more = commands(trace[1], 0, settled, MOST);
      assert_in_range(n, 3, more);
      for (unsigned k = 0; k < n; k++)
        if (idle[k].clock != settled[k].clock || strcmp(idle[k].rest, settled[k].rest) != 0)
          fail_msg("machine %u, eighth %u: %" PRIu64 "%s and not %" PRIu64 "%s", i, eighth,
                   settled[k].clock, settled[k].rest, idle[k].clock, idle[k].rest);
      fclose(trace[0]);
      fclose(trace[1]);
    }
}

// The trace with all that was settled keeps the standard.
static void test_trace(void **state) {
  (void)state;
  static struct record r;
  for (unsigned i = 0; i < CASES - 1; i++) {
    const struct shira_machine m = machine(i);
    FILE *trace = tmpfile();
    struct shira_dram *d = open_all(&m, trace);
    for (unsigned h = 0; h < 16; h++) {
      history(d, &m, h);
      shira_dram_settle(d, h % 8);
      requests(d, &m, seed() + h, 0, REQUESTS, &r);
    }
    shira_dram_close(d);
    rewind(trace);
    uint64_t n, violations;
    char why[256] = "";
    assert_int_equal(
        dram_check_trace(&m.dram.standard, trace, stderr, 3, &n, &violations, why, sizeof why), 0);
    assert_int_equal(violations, 0);
    assert_true(n > 10000);
    fclose(trace);
  }
}

// Counts go on, the longest wait starts anew, time does not go by.
static void test_statistics(void **state) {
  (void)state;
  static struct record r;
  for (unsigned i = 0; i < CASES; i++) {
    const struct shira_machine m = machine(i);
    struct shira_dram *d = open_all(&m, NULL);
    requests(d, &m, seed(), 0, REQUESTS, &r);
    struct shira_dram_stats before = *shira_dram_stats(d);
    shira_dram_settle(d, 5);
    struct shira_dram_stats after = *shira_dram_stats(d);
    assert_in_range(after.longest, 0, m.has_dram ? 0 : m.memory_latency);
    before.longest = after.longest;
    assert_memory_equal(&before, &after, sizeof after);
    shira_dram_tick(d);
    assert_in_range(shira_dram_stats(d)->clocks, after.clocks, after.clocks + 100);
    shira_dram_close(d);
  }
}

static void test_refresh_cycles(void **state) {
  (void)state;
  struct shira_machine m = machine(0); // LPDDR4X-4266: 3904 ns are 8328 clocks of 2133 MHz
  m.dram.refresh_rate = 1;
  m.clock_mhz = 1000;
  assert_int_equal(shira_dram_clocks(&m.dram.standard, m.dram.standard.trefi), 8328);
  assert_int_equal(shira_dram_refresh_cycles(&m), 3904);
  m.clock_mhz = 250;
  assert_int_equal(shira_dram_refresh_cycles(&m), 976);
  m = machine(CASES - 1);
  assert_int_equal(shira_dram_refresh_cycles(&m), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same),           cmocka_unit_test(test_refreshes),
      cmocka_unit_test(test_trace),          cmocka_unit_test(test_statistics),
      cmocka_unit_test(test_refresh_cycles),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
