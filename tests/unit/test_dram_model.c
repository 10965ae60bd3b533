// The DRAM beside the device: the two clocks, idle latencies as sums of their parts, what ECC
// costs, refresh while nothing is asked, and what a clear forgets.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/dram/dram.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *const files[] = {
    "configs/dram/lpddr4x-4266.yaml", "configs/dram/lpddr5-6400.yaml",
    "configs/dram/ddr4-3200.yaml",    "configs/dram/hbm2.yaml",
    "configs/dram/lpddr5x-8533.yaml", "configs/dram/ddr5-4800.yaml",
    "configs/dram/hbm3.yaml"};

static struct shira_machine machine(const char *file) {
  static const uint8_t fields[] = {SHIRA_DRAM_ROW,  SHIRA_DRAM_RANK,   SHIRA_DRAM_GROUP,
                                   SHIRA_DRAM_BANK, SHIRA_DRAM_COLUMN, SHIRA_DRAM_CHANNEL};
  struct shira_machine m = {.name = "test", .has_dram = true};
  struct shira_dram_setup *d = &m.dram;
  assert_int_equal(shira_dram_standard_load(file, &d->standard, NULL), 0);
  // A clock of whole MHz, so that it is a tick.
  d->standard.data_rate -= d->standard.data_rate % d->standard.transfers_per_clock;
  m.clock_mhz = d->standard.data_rate / d->standard.transfers_per_clock;
  m.memory_burst_bytes = shira_dram_burst_bytes(&d->standard);
  m.memory_bytes = shira_dram_rank_bytes(&d->standard);
  d->channels = d->ranks = 1;
  d->n_fields = COUNT(fields);
  for (size_t i = 0; i < COUNT(fields); i++)
    d->fields[i] = fields[i];
  d->queue = d->window = 16;
  d->batch = 8;
  d->refresh_rate = 1;
  d->cap = 10000;
  return m;
}

static struct shira_dram *open_dram(const struct shira_machine *m) {
  struct shira_dram *d;
  assert_int_equal(shira_dram_open(m, NULL, &d, NULL), 0);
  return d;
}

// Ticks until one burst is done that was pushed now.
static unsigned ticks(struct shira_dram *d, uint64_t burst, uint32_t bytes,
                      enum shira_dram_kind kind) {
  uint32_t tag;
  unsigned n = 0;
  assert_true(shira_dram_push(d, SHIRA_MEMORY_BASE + burst * bytes, kind, SHIRA_TRAFFIC_WEIGHT, 1));
  for (; !shira_dram_pop(d, &tag); n++) {
    assert_true(n < 100000);
    shira_dram_tick(d);
  }
  return n;
}

// A closed bank, an open row, another row; with a latency of the way on top.
static void test_idle(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(files); i++)
    for (unsigned way = 0; way < 50; way += 49) {
      struct shira_machine m = machine(files[i]);
      m.memory_latency = way;
      const struct shira_dram_standard *s = &m.dram.standard;
      const uint32_t row = s->page_bytes / m.memory_burst_bytes * s->banks * s->bank_groups;
      const uint32_t bl = s->burst_length / s->transfers_per_clock;
      const uint32_t cas = s->cas_clocks + s->column_clocks - 1; // WCK stood still
      const uint32_t acts = s->taad.clocks != 0 ? 2 : 1, act = acts * s->activate_clocks - 1;
      const uint32_t pre = s->precharge_clocks - 1;
      const uint32_t trcd = shira_dram_clocks(s, s->trcd), trp = shira_dram_clocks(s, s->trp);
      const uint32_t data = shira_dram_clocks(s, s->cl) + bl + way;
      struct shira_dram *d = open_dram(&m);
      assert_int_equal(ticks(d, 0, m.memory_burst_bytes, SHIRA_DRAM_READ), act + trcd + data);
      for (unsigned k = 0; k < 200; k++) // tRAS and tRTP go by
        shira_dram_tick(d);
      assert_int_equal(ticks(d, 1, m.memory_burst_bytes, SHIRA_DRAM_READ), cas + data);
      for (unsigned k = 0; k < 200; k++)
        shira_dram_tick(d);
      const struct shira_dram_stats *n = shira_dram_stats(d);
      assert_int_equal(n->refreshes, 0);
      assert_int_equal(ticks(d, row, m.memory_burst_bytes, SHIRA_DRAM_READ),
                       pre + trp + trcd + data);
      n = shira_dram_stats(d);
      assert_int_equal(n->row_misses, 1);
      assert_int_equal(n->row_hits, 1);
      assert_int_equal(n->row_conflicts, 1);
      assert_int_equal(n->bus_clocks, 3 * bl);
      shira_dram_close(d);
    }
}

// In any number of device cycles exactly the clocks of that time go by, rounded down.
static void test_clocks(void **state) {
  (void)state;
  static const uint32_t mhz[] = {1000, 333, 1, 2133, 3000, 799};
  for (size_t i = 0; i < COUNT(files); i++)
    for (size_t k = 0; k < COUNT(mhz); k++) {
      struct shira_machine m = machine(files[i]);
      m.clock_mhz = mhz[k];
      struct shira_dram *d = open_dram(&m);
      const struct shira_dram_standard *s = &m.dram.standard;
      for (uint64_t n = 1; n <= 20011; n++) {
        shira_dram_tick(d);
        if (n % 997 == 0)
          assert_int_equal(shira_dram_stats(d)->clocks,
                           n * s->data_rate / ((uint64_t)s->transfers_per_clock * mhz[k]));
      }
      shira_dram_close(d);
    }
}

// Nothing is asked, and each rank is refreshed all the same.
static void test_refresh(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(files); i++)
    for (uint32_t per_bank = 0; per_bank < 2; per_bank++) {
      struct shira_machine m = machine(files[i]);
      const struct shira_dram_standard *s = &m.dram.standard;
      if (per_bank && shira_dram_clocks(s, s->trfc_bank) == 0)
        continue;
      m.dram.refresh = per_bank ? SHIRA_DRAM_REFRESH_BANK : SHIRA_DRAM_REFRESH_ALL;
      m.dram.ranks = 2;
      struct shira_dram *d = open_dram(&m);
      const uint32_t trefi = shira_dram_clocks(s, s->trefi), banks = shira_dram_refresh_round(s);
      for (uint64_t n = 0; n < 10 * (uint64_t)trefi + trefi / 2; n++)
        shira_dram_tick(d);
      const uint64_t due = 2 * 10 * (per_bank ? banks : 1);
      assert_in_range(shira_dram_stats(d)->refreshes, due - 2, due + 2 * (per_bank ? banks : 1));
      shira_dram_close(d);
    }
}

// Sets how a machine is refreshed. false: its standard does not refresh single banks.
static bool postpone(struct shira_machine *m, bool per_bank, uint32_t late) {
  m->dram.refresh = per_bank ? SHIRA_DRAM_REFRESH_BANK : SHIRA_DRAM_REFRESH_ALL;
  m->dram.refresh_postpone = late;
  return !per_bank || shira_dram_clocks(&m->dram.standard, m->dram.standard.trfc_bank) != 0;
}

// Reads of one row of each bank, of which some always wait, and what is refreshed meanwhile: as
// many as are due, less those that may be late. Then the reads end, and all is paid back at once.
static void test_postponed(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(files); i++)
    for (uint32_t late = 0; late <= SHIRA_DRAM_MOST_POSTPONED; late++)
      for (uint32_t per_bank = 0; per_bank < 2; per_bank++) {
        struct shira_machine m = machine(files[i]);
        if (!postpone(&m, per_bank, late))
          continue;
        const struct shira_dram_standard *s = &m.dram.standard;
        const uint32_t trefi = shira_dram_clocks(s, s->trefi), banks = s->banks * s->bank_groups;
        m.dram.queue = m.dram.window = 128; // some for each bank, so that none is idle
        struct shira_dram *d = open_dram(&m);
        const uint32_t row = s->page_bytes / m.memory_burst_bytes;
        uint32_t tag, pushed = 0;
        for (uint64_t n = 0; n < 12 * (uint64_t)trefi + trefi / 2; n++) {
          while (shira_dram_push(d, SHIRA_MEMORY_BASE + pushed % banks * row * m.memory_burst_bytes,
                                 SHIRA_DRAM_READ, SHIRA_DRAM_UNCLASSED, 0))
            pushed++;
          shira_dram_tick(d);
          while (shira_dram_pop(d, &tag))
            continue;
        }
        const uint32_t round = shira_dram_refresh_round(s);
        const uint32_t each = per_bank ? round : 1, due = 12 * each + (per_bank ? round / 2 : 0);
        const uint64_t given = shira_dram_stats(d)->refreshes;
        assert_in_range(given, due - late * each - 1, due - late * each);
        // A tREFI's take a tRFC, or a tREFPB from one to the next, or a tRP where that is longer.
        const uint32_t gap = shira_dram_clocks(s, s->trefpb), trp = shira_dram_clocks(s, s->trp);
        const uint32_t takes =
            per_bank ? round * ((gap > trp ? gap : trp) + 2) : shira_dram_clocks(s, s->trfc);
        const uint64_t rest = 500 + (uint64_t)takes * (late + 1) * trefi / (trefi - takes);
        for (uint64_t n = 0; n < rest; n++)
          shira_dram_tick(d);
        const uint64_t now = rest + 12 * (uint64_t)trefi + trefi / 2;
        const uint64_t by_now = per_bank ? now / (trefi / round) : now / trefi;
        assert_in_range(shira_dram_stats(d)->refreshes, by_now - 2, by_now);
        shira_dram_close(d);
      }
}

// Reads of one row with a gap after each, in which its bank is idle, while refreshes are owed: what
// closes the row is a refresh of its bank, and nothing else.
static void test_paced(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(files); i++)
    for (uint32_t gap = 10; gap < 90; gap += 7)
      for (uint32_t per_bank = 0; per_bank < 2; per_bank++) {
        struct shira_machine m = machine(files[i]);
        if (!postpone(&m, per_bank, SHIRA_DRAM_MOST_POSTPONED))
          continue;
        const struct shira_dram_standard *s = &m.dram.standard;
        const uint32_t trefi = shira_dram_clocks(s, s->trefi), banks = shira_dram_refresh_round(s);
        struct shira_dram *d = open_dram(&m);
        for (uint64_t n = 0; n < 30 * (uint64_t)trefi;) {
          n += ticks(d, 0, m.memory_burst_bytes, SHIRA_DRAM_READ) + gap;
          for (uint32_t k = 0; k < gap; k++)
            shira_dram_tick(d);
        }
        const struct shira_dram_stats *n = shira_dram_stats(d);
        const uint64_t of_bank = n->refreshes / (per_bank ? banks : 1);
        assert_in_range(of_bank, 20, 33);
        assert_in_range(n->row_misses, 1, of_bank + 2);
        assert_int_equal(n->row_conflicts, 0);
        shira_dram_close(d);
      }
}

// A row is closed once it was idle for as long as the machine says, and not a clock before.
static void test_idle_close(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(files); i++)
    for (uint32_t idle = 0; idle < 2000; idle += 500) {
      struct shira_machine m = machine(files[i]);
      m.dram.idle_close = idle;
      struct shira_dram *d = open_dram(&m);
      ticks(d, 0, m.memory_burst_bytes, SHIRA_DRAM_READ);
      const struct shira_dram_standard *s = &m.dram.standard;
      // The read was given when its data were not yet there.
      const uint32_t ago = s->column_clocks - 1 + shira_dram_clocks(s, s->cl) +
                           s->burst_length / s->transfers_per_clock;
      for (uint32_t n = ago; n < idle; n++)
        shira_dram_tick(d);
      assert_int_equal(shira_dram_stats(d)->precharges, 0);
      shira_dram_tick(d);
      shira_dram_tick(d);
      assert_int_equal(shira_dram_stats(d)->precharges, idle != 0);
      for (uint32_t n = 0; n < 100; n++)
        shira_dram_tick(d);
      ticks(d, 1, m.memory_burst_bytes, SHIRA_DRAM_READ);
      assert_int_equal(shira_dram_stats(d)->row_hits, idle == 0);
      assert_int_equal(shira_dram_stats(d)->row_misses, 1 + (idle != 0));
      shira_dram_close(d);
    }
}

// A masked write costs a read with ECC, a whole one does not; without, both are one burst.
static void test_ecc(void **state) {
  (void)state;
  for (unsigned ecc = 0; ecc < 2; ecc++) {
    struct shira_machine m = machine(files[0]);
    m.dram.ecc = ecc ? SHIRA_ECC_WORD : SHIRA_ECC_NONE;
    struct shira_dram *d = open_dram(&m);
    const uint32_t bl = m.dram.standard.burst_length / m.dram.standard.transfers_per_clock;
    const unsigned whole = ticks(d, 0, 32, SHIRA_DRAM_WRITE);
    assert_int_equal(shira_dram_stats(d)->bus_clocks, bl);
    for (unsigned k = 0; k < 200; k++)
      shira_dram_tick(d);
    const unsigned masked = ticks(d, 1, 32, SHIRA_DRAM_MASKED_WRITE);
    assert_int_equal(shira_dram_stats(d)->bus_clocks, (ecc ? 3 : 2) * bl);
    const struct shira_dram_stats *n = shira_dram_stats(d);
    assert_int_equal(n->bursts[SHIRA_DRAM_MASKED_WRITE], 1);
    assert_int_equal(n->traffic[SHIRA_TRAFFIC_WEIGHT][SHIRA_DRAM_WRITE], 1);
    assert_int_equal(n->traffic[SHIRA_TRAFFIC_WEIGHT][SHIRA_DRAM_MASKED_WRITE], 1);
    assert_int_equal(masked > whole, ecc);
    shira_dram_close(d);
  }
}

// Between the read and the write of a masked write its row stays open, however soon an idle one is
// closed and however many refreshes are owed.
static void test_ecc_keeps_its_row(void **state) {
  (void)state;
  for (uint32_t wait = 0; wait < 20000; wait += 1777) {
    struct shira_machine m = machine(files[0]);
    m.dram.ecc = SHIRA_ECC_WORD;
    m.dram.idle_close = 20;
    m.dram.refresh_postpone = SHIRA_DRAM_MOST_POSTPONED;
    struct shira_dram *d = open_dram(&m);
    for (uint32_t n = 0; n < wait; n++)
      shira_dram_tick(d);
    ticks(d, 0, 32, SHIRA_DRAM_MASKED_WRITE);
    assert_int_equal(shira_dram_stats(d)->row_misses, 1);
    assert_int_equal(shira_dram_stats(d)->row_hits, 1);
    shira_dram_close(d);
  }
}

// By marks no write is done while reads wait and the queue of writes is not above its high mark, 12
// of 16; from then on they are done until fewer than the low mark, 3, are left.
static void test_marks(void **state) {
  (void)state;
  for (uint32_t writes = 11; writes <= 14; writes++) {
    struct shira_machine m = machine(files[0]);
    m.dram.writes = SHIRA_DRAM_WRITES_MARKS;
    struct shira_dram *d = open_dram(&m);
    const uint32_t row = m.dram.standard.page_bytes; // of the next bank
    uint32_t done[2] = {0, 0}, reads = 0, pushed = 0, tag;
    for (unsigned n = 0; n < 2000; n++) {
      while (shira_dram_push(d, SHIRA_MEMORY_BASE + reads % 64 * 32, SHIRA_DRAM_READ,
                             SHIRA_DRAM_UNCLASSED, 0))
        reads++;
      for (; pushed < writes; pushed++)
        assert_true(shira_dram_push(d, SHIRA_MEMORY_BASE + row + pushed * 32, SHIRA_DRAM_WRITE,
                                    SHIRA_DRAM_UNCLASSED, 1));
      shira_dram_tick(d);
      while (shira_dram_pop(d, &tag))
        done[tag]++;
    }
    assert_true(done[0] > 100);
    assert_int_equal(done[1], writes > 12 ? writes - 2 : 0);
    // Where nothing else waits they are done at once.
    for (unsigned n = 0; n < 1000; n++) {
      shira_dram_tick(d);
      while (shira_dram_pop(d, &tag))
        done[tag]++;
    }
    assert_int_equal(done[1], writes);
    shira_dram_close(d);
  }
}

// Pushes `n` bursts of a row that lie one after another.
static void push_row(struct shira_dram *d, const struct shira_machine *m, uint64_t row, uint32_t n,
                     enum shira_dram_kind kind, uint32_t tag) {
  for (uint32_t i = 0; i < n; i++)
    assert_true(shira_dram_push(d,
                                SHIRA_MEMORY_BASE + row * m->dram.standard.page_bytes +
                                    (uint64_t)i * m->memory_burst_bytes,
                                kind, SHIRA_DRAM_UNCLASSED, tag));
}

// Ticks until the first burst of tag 1 is done; how many of each tag, 0 to 2, were done by then.
static void run_to_write(struct shira_dram *d, uint32_t done[3]) {
  uint32_t tag;
  for (unsigned n = 0; done[1] == 0; n++) {
    assert_true(n < 2000);
    shira_dram_tick(d);
    while (done[1] == 0 && shira_dram_pop(d, &tag))
      done[tag]++;
  }
}

// Rows of two bank groups are open, after a read of each; by marks, 12 and 3 of 16, writes are due,
// to a third. Reads of both groups go first, and so do those of one group, which leave every other
// place of the bus empty, but for where the queue of writes is full and 9 are done. Reads that come
// late go into such places.
static void test_one_group(void **state) {
  (void)state;
  struct shira_machine m = machine("configs/dram/hbm2.yaml");
  m.dram.writes = SHIRA_DRAM_WRITES_MARKS;
  const uint32_t group = m.dram.standard.banks; // rows to one of the next group
  static const struct {
    uint32_t reads[2], writes, late, before, late_before;
  } cases[] = {{{12, 0}, 13, 0, 12, 0},
               {{12, 0}, 16, 0, 7, 0},
               {{6, 6}, 16, 0, 11, 0}, // the last is of one group
               {{12, 0}, 13, 4, 12, 4}};
  for (size_t i = 0; i < COUNT(cases); i++) {
    struct shira_dram *d = open_dram(&m);
    uint32_t done[3] = {0, 0, 0};
    for (uint32_t g = 0; g < 2; g++)
      ticks(d, g * group * m.dram.standard.page_bytes / m.memory_burst_bytes, m.memory_burst_bytes,
            SHIRA_DRAM_READ);
    for (uint32_t g = 0; g < 2; g++)
      push_row(d, &m, g * group, cases[i].reads[g], SHIRA_DRAM_READ, 0);
    push_row(d, &m, 2 * group, cases[i].writes, SHIRA_DRAM_WRITE, 1);
    shira_dram_tick(d);
    push_row(d, &m, group, cases[i].late, SHIRA_DRAM_READ, 2);
    run_to_write(d, done);
    assert_int_equal(done[0], cases[i].before);
    assert_int_equal(done[2], cases[i].late_before);
    shira_dram_close(d);
  }
}

// Both queues are full at all times, by marks; writes of one row, reads of another or each of a row
// of its own: both go on, and none waits for many times cap.
static void test_full_queues(void **state) {
  (void)state;
  struct shira_machine m = machine("configs/dram/hbm2.yaml");
  m.dram.writes = SHIRA_DRAM_WRITES_MARKS;
  m.dram.cap = 300;
  const uint64_t page = m.dram.standard.page_bytes, group = m.dram.standard.banks * page;
  for (unsigned rows = 0; rows < 2; rows++) {
    struct shira_dram *d = open_dram(&m);
    uint64_t reads = 0, writes = 0;
    uint32_t done[2] = {0, 0}, tag;
    for (unsigned n = 0; n < 20000; n++) {
      while (shira_dram_push(d,
                             SHIRA_MEMORY_BASE + (rows ? reads % 256 * 4 * group
                                                       : reads * m.memory_burst_bytes % page),
                             SHIRA_DRAM_READ, SHIRA_DRAM_UNCLASSED, 0))
        reads++;
      while (shira_dram_push(d,
                             SHIRA_MEMORY_BASE + 2 * group + writes * m.memory_burst_bytes % page,
                             SHIRA_DRAM_WRITE, SHIRA_DRAM_UNCLASSED, 1))
        writes++;
      shira_dram_tick(d);
      while (shira_dram_pop(d, &tag))
        done[tag]++;
    }
    assert_true(done[0] > 300 && done[1] > 1000);
    assert_true(shira_dram_stats(d)->longest < 5 * m.dram.cap);
    shira_dram_close(d);
  }
}

// Reads and writes of two rows of one bank: each row is opened once, as none of them is left behind
// where the direction changes.
static void test_not_left_behind(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(files); i++)
    for (uint32_t writes = 0; writes < 3; writes++) { // 2: marks, and they are left behind
      struct shira_machine m = machine(files[i]);
      const struct shira_dram_standard *s = &m.dram.standard;
      m.dram.writes = writes ? SHIRA_DRAM_WRITES_MARKS : SHIRA_DRAM_WRITES_BATCH;
      m.dram.batch = 1;
      m.dram.leave_behind = writes == 2;
      struct shira_dram *d = open_dram(&m);
      const uint64_t other = (uint64_t)s->page_bytes * s->banks * s->bank_groups; // the next row
      uint32_t done = 0, tag;
      for (uint32_t n = 0; n < 26; n++) {
        const uint64_t at = n / 2 * m.memory_burst_bytes;
        assert_true(shira_dram_push(d, SHIRA_MEMORY_BASE + at + n % 2 * other,
                                    n % 2 ? SHIRA_DRAM_WRITE : SHIRA_DRAM_READ,
                                    SHIRA_DRAM_UNCLASSED, 0));
      }
      for (unsigned n = 0; n < 3000; n++) {
        shira_dram_tick(d);
        while (shira_dram_pop(d, &tag))
          done++;
      }
      assert_int_equal(done, 26);
      assert_true(writes == 2 ? shira_dram_stats(d)->activates > 2
                              : shira_dram_stats(d)->activates == 2);
      assert_true(writes == 2 ? shira_dram_stats(d)->turnarounds > 1
                              : shira_dram_stats(d)->turnarounds == 1);
      shira_dram_close(d);
    }
}

// What was pushed before a clear never comes, what comes after does.
static void test_clear(void **state) {
  (void)state;
  struct shira_machine m = machine(files[0]);
  m.dram.ecc = SHIRA_ECC_WORD;
  struct shira_dram *d = open_dram(&m);
  for (unsigned round = 0; round < 50; round++) {
    unsigned n = 0;
    while (shira_dram_push(d, SHIRA_MEMORY_BASE + 32 * n, n % SHIRA_DRAM_KINDS,
                           SHIRA_DRAM_UNCLASSED, 7))
      n++;
    assert_in_range(n, 16, 32);
    for (unsigned k = 0; k < 7 * round; k++)
      shira_dram_tick(d);
    shira_dram_clear(d);
    assert_int_equal(d->in_flight, 0);
    uint32_t tag;
    for (unsigned k = 0; k < 1000; k++) {
      shira_dram_tick(d);
      assert_false(shira_dram_pop(d, &tag));
    }
  }
  assert_true(ticks(d, 3, 32, SHIRA_DRAM_READ) < 2000);
  shira_dram_close(d);
}

static void test_percentiles(void **state) {
  (void)state;
  struct shira_dram_stats s = {0}, before, part;
  assert_int_equal(shira_dram_stats_percentile(&s, 0.5), 0);
  for (unsigned i = 1; i <= 100; i++)
    shira_dram_stats_latency(&s, i < 51 ? 3 : i);
  assert_int_equal(shira_dram_stats_percentile(&s, 0.5), 3);
  assert_in_range(shira_dram_stats_percentile(&s, 0.9), 90, 95); // eight buckets an octave
  assert_in_range(shira_dram_stats_percentile(&s, 1), 100, 103);
  before = s;
  for (unsigned i = 0; i < 10; i++)
    shira_dram_stats_latency(&s, UINT64_MAX);
  shira_dram_stats_since(&s, &before, &part);
  assert_int_equal(part.latency[3], 0);
  assert_int_equal(part.latency[SHIRA_DRAM_BUCKETS - 1], 10);
}

// A class that nobody knows is none.
static void test_classes(void **state) {
  (void)state;
  struct shira_dram_stats s = {0};
  shira_dram_stats_burst(&s, SHIRA_DRAM_READ, SHIRA_TRAFFIC_UNDO);
  shira_dram_stats_burst(&s, SHIRA_DRAM_WRITE, SHIRA_DRAM_UNCLASSED);
  shira_dram_stats_burst(&s, SHIRA_DRAM_WRITE, UINT32_MAX);
  assert_int_equal(s.traffic[SHIRA_TRAFFIC_UNDO][SHIRA_DRAM_READ], 1);
  assert_int_equal(s.traffic[SHIRA_DRAM_UNCLASSED][SHIRA_DRAM_WRITE], 2);
  assert_int_equal(s.bursts[SHIRA_DRAM_READ], 1);
  assert_int_equal(s.bursts[SHIRA_DRAM_WRITE], 2);
  struct shira_machine m = machine(files[0]);
  struct shira_dram *d = open_dram(&m);
  uint32_t tag;
  assert_true(shira_dram_push(d, SHIRA_MEMORY_BASE, SHIRA_DRAM_READ, 256 + SHIRA_TRAFFIC_UNDO, 1));
  while (!shira_dram_pop(d, &tag))
    shira_dram_tick(d);
  assert_int_equal(shira_dram_stats(d)->traffic[SHIRA_DRAM_UNCLASSED][SHIRA_DRAM_READ], 1);
  shira_dram_close(d);
  assert_string_equal(shira_dram_class_name(SHIRA_TRAFFIC_VALUE), "stream");
  assert_string_equal(shira_dram_class_name(SHIRA_DRAM_UNCLASSED), "unclassed");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_idle),
      cmocka_unit_test(test_clocks),
      cmocka_unit_test(test_refresh),
      cmocka_unit_test(test_postponed),
      cmocka_unit_test(test_idle_close),
      cmocka_unit_test(test_ecc),
      cmocka_unit_test(test_marks),
      cmocka_unit_test(test_one_group),
      cmocka_unit_test(test_full_queues),
      cmocka_unit_test(test_not_left_behind),
      cmocka_unit_test(test_clear),
      cmocka_unit_test(test_percentiles),
      cmocka_unit_test(test_classes),
      cmocka_unit_test(test_paced),
      cmocka_unit_test(test_ecc_keeps_its_row),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
