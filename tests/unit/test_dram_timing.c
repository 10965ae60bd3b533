// The timing core of a DRAM channel against the standards: every pair of commands is refused at N-1
// and accepted at N, N by the test's own list of rules (dram_rules.h).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "dram_rules.h"

struct bench {
  struct shira_dram_standard standard;
  struct figures figures;
  struct rules rules;
  struct shira_dram_timing *timing;
  unsigned probes, wrong;
};

static struct bench *bench_open(const struct figures *f) {
  struct bench *b = calloc(1, sizeof *b);
  struct shira_error error = {""};
  assert_non_null(b);
  if (shira_dram_standard_load(f->file, &b->standard, &error))
    fail_msg("%s", error.text);
  b->figures = dram_plain(f);
  b->standard.activate_clocks = b->figures.activate_clocks;
  b->standard.taad.clocks = b->standard.cas_clocks = 0;
  dram_rules_init(&b->rules, &b->figures);
  return b;
}

static void bench_close(struct bench *b) {
  free(b->timing);
  free(b);
}

static void restart(struct bench *b) {
  free(b->timing);
  b->timing = shira_dram_timing_new(&b->standard, RANKS);
  assert_non_null(b->timing);
  dram_rules_restart(&b->rules);
}

static struct shira_dram_place at(uint32_t rank, uint32_t bank) {
  return (struct shira_dram_place){.rank = rank, .bank = bank, .row = 7};
}

static uint64_t now(const struct bench *b) {
  return b->rules.n_steps ? b->rules.step[b->rules.n_steps - 1].clock : 0;
}

static void complain(struct bench *b, enum shira_dram_command command,
                     const struct shira_dram_place *p, uint64_t needed, uint64_t got,
                     const char *by) {
  if (b->wrong++ >= 12)
    return;
  print_message("# %s: %s rank %u bank %u is taken %lld clocks from the last command, not %lld (%s)"
                "; before it:\n",
                b->rules.figures->name, shira_dram_command_name(command), p->rank, p->bank,
                got == UINT64_MAX ? -1 : (long long)(got - now(b)),
                needed == UINT64_MAX ? -1 : (long long)(needed - now(b)), by);
  for (unsigned i = b->rules.n_steps > 6 ? b->rules.n_steps - 6 : 0; i < b->rules.n_steps; i++) {
    const struct step *s = &b->rules.step[i];
    print_message("#   %llu %s rank %u bank %u\n", (unsigned long long)s->clock,
                  shira_dram_command_name(s->command), s->place.rank, s->place.bank);
  }
}

// Asks when `command` may go: refused at N-1 and taken at N means that the core's answer is N,
// where N is not before the last command. Returns N, UINT64_MAX for never.
static uint64_t probe(struct bench *b, enum shira_dram_command command,
                      const struct shira_dram_place *p) {
  const struct rule *by;
  const uint64_t needed = dram_needed(&b->rules, command, p, &by);
  const uint64_t earliest = shira_dram_earliest(b->timing, command, p);
  const uint64_t got = earliest < now(b) ? now(b) : earliest;
  b->probes++;
  if (got != needed)
    complain(b, command, p, needed, got, needed == UINT64_MAX ? "state" : by ? by->name : "none");
  if (needed != UINT64_MAX)
    dram_rules_look(&b->rules, command, p, needed, by);
  return needed;
}

static void give(struct bench *b, enum shira_dram_command command, const struct shira_dram_place *p,
                 uint64_t clock) {
  shira_dram_issue(b->timing, command, p, clock);
  dram_rules_take(&b->rules, command, p, clock);
  for (uint32_t rank = 0; rank < RANKS; rank++)
    for (uint32_t bank = 0; bank < b->rules.banks; bank++)
      assert_int_equal(shira_dram_open_row(b->timing, rank, bank), b->rules.row[rank][bank]);
}

// Gives it at its first clock.
static uint64_t soon(struct bench *b, enum shira_dram_command command,
                     const struct shira_dram_place *p) {
  const uint64_t clock = probe(b, command, p);
  assert_true(clock != UINT64_MAX);
  give(b, command, p, clock);
  return clock;
}

// Long after all before.
static void later(struct bench *b, enum shira_dram_command command,
                  const struct shira_dram_place *p) {
  give(b, command, p, now(b) + 10 * b->rules.window);
}

// ---- Pairs ------------------------------------------------------------------------------------

// One pair of commands: banks open as `open` (bit 0: of the first, bit 1: of the second), the first
// long after that, the second as soon as may be.
static void pair(struct bench *b, enum shira_dram_command first, enum shira_dram_command second,
                 struct shira_dram_place p, unsigned open) {
  const struct shira_dram_place origin = at(0, 0);
  restart(b);
  if (open & 1)
    later(b, SHIRA_DRAM_ACT, &origin);
  if (open & 2)
    later(b, SHIRA_DRAM_ACT, &p);
  const uint64_t clock = probe(b, first, &origin);
  if (clock == UINT64_MAX)
    return;
  later(b, first, &origin);
  const uint64_t n = probe(b, second, &p);
  if (n != UINT64_MAX)
    give(b, second, &p, n);
}

static void pairs(struct bench *b) {
  const struct figures *f = b->rules.figures;
  // Same bank; another of the group; another group (or again another bank); another rank.
  const struct shira_dram_place places[] = {
      at(0, 0), at(0, 1), at(0, f->bank_groups > 1 ? f->banks : f->banks - 1), at(1, 0)};
  for (unsigned first = 0; first < SHIRA_DRAM_COMMANDS; first++)
    for (unsigned second = 0; second < SHIRA_DRAM_COMMANDS; second++)
      for (unsigned i = 0; i < sizeof places / sizeof *places; i++)
        for (unsigned open = 0; open < (i == 0 ? 2 : 4); open++)
          pair(b, (enum shira_dram_command)first, (enum shira_dram_command)second, places[i], open);
}

// tRC shows where a bank is closed at once: ACT, PRE, ACT.
static void row_cycle(struct bench *b) {
  const struct shira_dram_place p = at(0, 2);
  restart(b);
  later(b, SHIRA_DRAM_ACT, &p);
  soon(b, SHIRA_DRAM_PRE, &p);
  soon(b, SHIRA_DRAM_ACT, &p);
}

// Five ACTs, each at its first clock, over groups in turn; then a sixth of the rank, which waits
// for the second, and before it one of the other rank, which waits for none of them.
static void five_activates(struct bench *b) {
  const struct figures *f = b->rules.figures;
  restart(b);
  for (uint32_t i = 0; i < 6; i++) {
    const struct shira_dram_place p =
        at(0, i % f->bank_groups * f->banks + i / f->bank_groups % f->banks);
    const struct shira_dram_place other = at(1, i);
    if (i == 0)
      later(b, SHIRA_DRAM_ACT, &p);
    else
      soon(b, SHIRA_DRAM_ACT, &p);
    if (i == 3)
      probe(b, SHIRA_DRAM_ACT, &other);
  }
}

static void all_pairs(struct bench *b) {
  pairs(b);
  row_cycle(b);
  five_activates(b);
}

// Each constraint that never alone decided, with one that covers it where it was tried.
static void report(const struct bench *b) {
  const struct rules *r = &b->rules;
  unsigned decided = 0, free_of = 0;
  for (unsigned k = 0; k < r->n; k++) {
    const struct rule *rule = &r->rule[k];
    decided += rule->decided > 0;
    free_of += rule->free > 0;
    if (rule->tried == 0)
      fail_msg("%s: %s was not tried", r->figures->name, rule->name);
    if (rule->decided == 0)
      print_message("# %s: %s never decides alone, %s covers it\n", r->figures->name, rule->name,
                    rule->covered ? rule->covered : "nothing");
    if (rule->elsewhere > 0 && rule->free == 0)
      print_message("# %s: %s: where it does not hold another rule takes as long\n",
                    r->figures->name, rule->name);
  }
  print_message(
      "# %s: %u of %u constraints decide alone somewhere, %u seen not to hold elsewhere, %u "
      "probes\n",
      r->figures->name, decided, r->n, free_of, b->probes);
}

static void test_pairs(void **state) {
  struct bench *b = bench_open(*state);
  all_pairs(b);
  report(b);
  assert_int_equal(b->wrong, 0);
  bench_close(b);
}

// With tRC and tFAW longer than what covers them in the standards, and data of reads that come as
// soon as those of writes (else a WR and a RD of two ranks never meet), each constraint alone
// decides there or with the standard's own numbers.
static void test_pairs_stretched(void **state) {
  struct bench *b = bench_open(*state);
  struct figures *f = &b->figures;
  all_pairs(b);
  struct rule own[MOST_RULES];
  const unsigned n_own = b->rules.n;
  memcpy(own, b->rules.rule, sizeof own);
  f->trc.ck = dram_clocks_of(f, f->trc) + 11;
  f->tfaw.ck = dram_clocks_of(f, f->tfaw) + 13;
  f->cl = (struct figure){0, dram_clocks_of(f, f->cwl) - 1};
  b->standard.trc.clocks = f->trc.ck;
  b->standard.tfaw.clocks = f->tfaw.ck;
  b->standard.cl = (struct shira_timing){0, f->cl.ck};
  if (f->tccd_masked.ck != 0) // beside that of the bank group
    f->tccd_masked.ck = dram_clocks_of(f, f->tccd_masked) + 3;
  b->standard.tccd_masked.clocks = f->tccd_masked.ck;
  dram_rules_init(&b->rules, f);
  all_pairs(b);
  for (unsigned k = 0; k < b->rules.n; k++) {
    unsigned decided = b->rules.rule[k].decided;
    for (unsigned i = 0; i < n_own; i++)
      if (!strcmp(own[i].name, b->rules.rule[k].name))
        decided += own[i].decided;
    if (decided == 0)
      fail_msg("%s: %s never decides", f->name, b->rules.rule[k].name);
  }
  assert_int_equal(b->wrong, 0);
  bench_close(b);
}

// ---- Banks' states ----------------------------------------------------------------------------

static void test_states(void **state) {
  struct bench *b = bench_open(*state);
  const struct shira_dram_place p = at(0, 1), next = at(0, 0), other = at(1, 1);
  struct shira_dram_place wrong = p;
  wrong.row = 8;
#define NEVER(command, place)                                                                      \
  assert_true(shira_dram_earliest(b->timing, SHIRA_DRAM_##command, place) == UINT64_MAX)
#define ONCE(command, place)                                                                       \
  assert_true(shira_dram_earliest(b->timing, SHIRA_DRAM_##command, place) != UINT64_MAX)
  restart(b);
  NEVER(RD, &p), NEVER(WR, &p), NEVER(MWR, &p);
  ONCE(ACT, &p), ONCE(REF, &p), ONCE(PRE, &p), ONCE(PREA, &p);
  later(b, SHIRA_DRAM_ACT, &p);
  ONCE(RD, &p), ONCE(WR, &p), ONCE(MWR, &p), ONCE(PRE, &p), ONCE(PREA, &p);
  NEVER(RD, &wrong), NEVER(WR, &wrong), NEVER(MWR, &wrong);
  NEVER(RD, &next), NEVER(RD, &other);
  NEVER(ACT, &p), NEVER(ACT, &wrong), NEVER(REF, &p), NEVER(REF, &next), NEVER(REFPB, &p);
  ONCE(ACT, &next), ONCE(ACT, &other), ONCE(REF, &other);
  if (b->rules.figures->trfc_bank.ns != 0)
    ONCE(REFPB, &next), ONCE(REFPB, &other);
  else
    NEVER(REFPB, &next), NEVER(REFPB, &other);
  later(b, SHIRA_DRAM_ACT, &next);
  later(b, SHIRA_DRAM_PRE, &p);
  NEVER(RD, &p), NEVER(REF, &p);
  ONCE(ACT, &p), ONCE(RD, &next);
  later(b, SHIRA_DRAM_PREA, &p);
  NEVER(RD, &next);
  ONCE(REF, &p), ONCE(ACT, &wrong);
#undef NEVER
#undef ONCE
  bench_close(b);
}

static void test_new(void **state) {
  struct bench *b = bench_open(*state);
  const struct figures *f = *state;
  assert_null(shira_dram_timing_new(&b->standard, 0));
  assert_null(shira_dram_timing_new(&b->standard, SHIRA_DRAM_RANKS + 1));
  struct shira_dram_standard large = b->standard;
  large.banks = SHIRA_DRAM_BANKS / large.bank_groups + 1;
  assert_null(shira_dram_timing_new(&large, 1));
  restart(b);
  const uint32_t bl = f->column_clocks - 1 + f->burst_length / f->transfers_per_clock;
  assert_int_equal(shira_dram_read_clocks(b->timing), dram_clocks_of(f, f->cl) + bl);
  assert_int_equal(shira_dram_write_clocks(b->timing), dram_clocks_of(f, f->cwl) + bl);
  bench_close(b);
}

// ---- Commands before commands: ACT1, CAS; banks that are refreshed together; shared buses
// ---------

static struct shira_dram_timing *core(const char *file, struct shira_dram_standard *s) {
  assert_int_equal(shira_dram_standard_load(file, s, NULL), 0);
  struct shira_dram_timing *t = shira_dram_timing_new(s, RANKS);
  assert_non_null(t);
  return t;
}

#define FIRST(command, place) shira_dram_earliest(t, SHIRA_DRAM_##command, place)
#define GIVE(command, place, clock) shira_dram_issue(t, SHIRA_DRAM_##command, place, clock)
#define LPDDR5_FILE "configs/dram/lpddr5-6400.yaml"

// LPDDR5: ACT1, ACT within 8 clocks, all times from ACT; RD may come between, nothing of its bank.
static void test_split_activate(void **state) {
  (void)state;
  struct shira_dram_standard s;
  struct shira_dram_timing *t = core(LPDDR5_FILE, &s);
  const struct shira_dram_place p = at(0, 1), open = at(0, 4), other = at(0, 9), rank = at(1, 1);
  assert_true(FIRST(ACT, &open) == UINT64_MAX); // not without ACT1
  GIVE(ACT1, &open, 0);
  GIVE(ACT, &open, 1);
  assert_int_equal(FIRST(ACT1, &p), 1 + 4 - 1); // tRRD from ACT to ACT
  GIVE(ACT1, &p, 14);
  assert_int_equal(shira_dram_activate_by(t, 0), 14 + 8);
  assert_int_equal(shira_dram_open_row(t, 0, 1), SHIRA_DRAM_CLOSED);
  assert_true(FIRST(ACT1, &other) == UINT64_MAX && FIRST(ACT, &other) == UINT64_MAX);
  assert_true(FIRST(REFPB, &other) == UINT64_MAX && FIRST(PREA, &p) == UINT64_MAX);
  assert_true(FIRST(PRE, &p) == UINT64_MAX && FIRST(PRE, &other) == 15);
  assert_int_equal(FIRST(ACT1, &rank), 15);
  assert_int_equal(FIRST(ACT, &p), 15);
  assert_int_equal(GIVE(RD, &open, 15), 16); // behind its CAS, at ACT + tRCD
  assert_int_equal(FIRST(ACT, &p), 17);
  GIVE(ACT, &p, 17);
  assert_int_equal(FIRST(RD, &p), 17 + 15);
  assert_int_equal(FIRST(PRE, &p), 17 + 34);
  assert_true(FIRST(ACT1, &p) == UINT64_MAX);
  free(t);
}

// A RD that finds WCK standing still begins with a CAS; WCK runs until tWCKPST after the data.
static void test_cas(void **state) {
  (void)state;
  struct shira_dram_standard s;
  struct shira_dram_timing *t = core(LPDDR5_FILE, &s);
  const struct shira_dram_place p = at(0, 1), rank = at(1, 1);
  GIVE(ACT1, &p, 0), GIVE(ACT, &p, 1);
  GIVE(ACT1, &rank, 2), GIVE(ACT, &rank, 3);
  assert_int_equal(FIRST(RD, &p), 15); // the CAS; RD at ACT + tRCD
  assert_int_equal(GIVE(RD, &p, 15), 16);
  const uint64_t until = 16 + 19 + 2 + 1; // CL, BL, tWCKPST
  assert_int_equal(FIRST(RD, &p), 20);    // tCCD_L, no CAS
  assert_int_equal(GIVE(RD, &p, until - 1), until - 1);
  const uint64_t stopped = until - 1 + 19 + 2 + 1;
  assert_int_equal(GIVE(WR, &p, stopped), stopped + 1); // that of the last RD is over
  // The other rank has a WCK of its own, and waits for the data of this one.
  assert_int_equal(GIVE(RD, &rank, stopped + 100), stopped + 101);
  // Where WCK runs when a RD would be late, but not at its clock.
  const uint64_t off = stopped + 1 + 9 + 2 + 1;
  assert_true(FIRST(RD, &p) >= off || FIRST(RD, &p) + 1 > off);
  shira_dram_leave_out(&s, SHIRA_DRAM_EVERY_RULE);
  assert_int_equal(s.cas_clocks, 0);
  assert_int_equal(s.activate_clocks, 2);
  assert_int_equal(shira_dram_clocks(&s, s.taad) + shira_dram_clocks(&s, s.tccd_masked), 0);
  free(t);
}

// REFPB of bank 1 is that of bank 9 as well, and bank 9 has none of its own.
static void test_refresh_pairs(void **state) {
  (void)state;
  struct shira_dram_standard s;
  struct shira_dram_timing *t = core(LPDDR5_FILE, &s);
  const struct shira_dram_place p = at(0, 1), upper = at(0, 9), next = at(0, 2);
  assert_true(FIRST(REFPB, &upper) == UINT64_MAX);
  GIVE(ACT1, &upper, 0), GIVE(ACT, &upper, 1);
  assert_true(FIRST(REFPB, &p) == UINT64_MAX);
  GIVE(PRE, &upper, 100);
  assert_int_equal(FIRST(REFPB, &p), 115); // tRP
  GIVE(REFPB, &p, 115);
  assert_int_equal(FIRST(ACT1, &upper), 115 + 96 - 1); // tRFCpb
  assert_int_equal(FIRST(ACT1, &p), 115 + 96 - 1);
  assert_int_equal(FIRST(REFPB, &next), 115 + 72); // tpbR2pbR
  free(t);
}

// Two pseudo channels: a command of the one holds the bus of the other, by bus.
static void test_shared_buses(void **state) {
  (void)state;
  struct shira_dram_standard s;
  struct shira_dram_timing *t = core("configs/dram/hbm2.yaml", &s),
                           *with = core("configs/dram/hbm2.yaml", &s);
  const struct shira_dram_place p = at(0, 1);
  shira_dram_timing_share(t, with);
  shira_dram_issue(with, SHIRA_DRAM_ACT, &p, 10);
  assert_int_equal(FIRST(ACT, &p), 12);
  GIVE(ACT, &p, 12);
  shira_dram_issue(with, SHIRA_DRAM_RD, &p, 40);
  assert_int_equal(FIRST(RD, &p), 41);
  assert_int_equal(FIRST(PRE, &p), 13 + 33);
  free(t);
  free(with);
}

// ---- Any order --------------------------------------------------------------------------------

static uint64_t random_state;

static uint32_t random_below(uint32_t n) {
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(random_state >> 33) % n;
}

// Commands of all kinds to some banks of both ranks, mostly at their first clock, sometimes later.
static void test_any_order(void **state) {
  struct bench *b = bench_open(*state);
  const char *seed = getenv("SEED");
  random_state = seed ? strtoull(seed, NULL, 10) : 1;
  print_message("# %s: SEED=%llu\n", b->rules.figures->name, (unsigned long long)random_state);
  const uint32_t banks[] = {0, 1, b->rules.figures->banks - 1, b->rules.banks / 2,
                            b->rules.banks - 1};
  unsigned given[SHIRA_DRAM_COMMANDS] = {0};
  restart(b);
  while (b->rules.n_steps < MOST_STEPS && b->wrong == 0) {
    const enum shira_dram_command command = random_below(SHIRA_DRAM_COMMANDS);
    const struct shira_dram_place p = at(random_below(RANKS), banks[random_below(5)]);
    const uint64_t n = probe(b, command, &p);
    if (n == UINT64_MAX || (command == SHIRA_DRAM_PREA && random_below(4)))
      continue;
    const uint32_t wait = random_below(8);
    give(b, command, &p, n + (wait == 0 ? random_below(400) : wait == 1 ? random_below(8) : 0));
    given[command]++;
  }
  for (unsigned c = 0; c < SHIRA_DRAM_COMMANDS; c++)
    if (c != SHIRA_DRAM_ACT1 && (c != SHIRA_DRAM_REFPB || b->rules.figures->trfc_bank.ns != 0))
      assert_true(given[c] > 100 || b->wrong);
  assert_int_equal(b->wrong, 0);
  bench_close(b);
}

// ---- The figures ------------------------------------------------------------------------------

static void test_figures(void **state) {
  const struct figures *f = *state;
  struct shira_dram_standard file;
  const struct shira_dram_standard *s = &file;
  assert_int_equal(shira_dram_standard_load(f->file, &file, NULL), 0);
  assert_string_equal(s->name, f->name);
#define SAME(member) assert_int_equal(s->member, f->member)
  SAME(data_rate), SAME(transfers_per_clock), SAME(channel_bits), SAME(burst_length);
  SAME(bank_groups), SAME(banks), SAME(rows), SAME(page_bytes), SAME(activate_clocks);
  SAME(column_clocks), SAME(precharge_clocks), SAME(refresh_clocks), SAME(two_command_buses);
  SAME(cas_clocks), SAME(pseudo_channels), SAME(refresh_banks);
#undef SAME
  unsigned wrong = 0;
#define X(key)                                                                                     \
  if (s->key.ps != (uint32_t)(f->key.ns * 1000 + 0.5) || s->key.clocks != f->key.ck) {             \
    wrong++;                                                                                       \
    print_message("# %s: %s is %u ps, %u ck in the file, %g ns, %u ck here\n", f->name, #key,      \
                  s->key.ps, s->key.clocks, f->key.ns, f->key.ck);                                 \
  } else if (shira_dram_clocks(s, s->key) != dram_clocks_of(f, f->key)) {                          \
    wrong++;                                                                                       \
    print_message("# %s: %s is %u clocks by the library, %u here\n", f->name, #key,                \
                  shira_dram_clocks(s, s->key), dram_clocks_of(f, f->key));                        \
  }
  DRAM_TIMES(X)
#undef X
  assert_int_equal(wrong, 0);
  // Without groups there is one number for both.
  if (f->bank_groups == 1) {
    assert_int_equal(dram_clocks_of(f, f->tccd_s), dram_clocks_of(f, f->tccd_l));
    assert_int_equal(dram_clocks_of(f, f->trrd_s), dram_clocks_of(f, f->trrd_l));
    assert_int_equal(dram_clocks_of(f, f->twtr_s), dram_clocks_of(f, f->twtr_l));
    assert_int_equal(dram_clocks_of(f, f->trtw_s), dram_clocks_of(f, f->trtw_l));
  }
}

// Clocks as tables of parts and simulators print them.
static void test_known_clocks(void **state) {
  (void)state;
  const struct figures *lp4 = &dram_standards[0], *lp5 = &dram_standards[1];
  const struct figures *ddr4 = &dram_standards[2], *hbm2 = &dram_standards[3];
#define IS(f, key, clocks) assert_int_equal(dram_clocks_of(f, f->key), clocks)
  IS(lp4, trcd, 39), IS(lp4, trp, 39), IS(lp4, trp_all, 45), IS(lp4, tras, 90), IS(lp4, twr, 39);
  IS(lp4, trrd_l, 16), IS(lp4, twtr_l, 22), IS(lp4, trtp, 16), IS(lp4, tfaw, 64);
  IS(lp5, trcd, 15), IS(lp5, trp, 15), IS(lp5, trp_all, 17), IS(lp5, tras, 34), IS(lp5, tfaw, 16);
  IS(lp5, trfc, 168), IS(lp5, trefi, 3125), IS(lp5, trrd_s, 4), IS(lp5, trtp, 6);
  IS(ddr4, trcd, 22), IS(ddr4, tras, 52), IS(ddr4, trc, 74), IS(ddr4, tccd_l, 8);
  IS(ddr4, trrd_l, 8), IS(ddr4, tfaw, 34), IS(ddr4, trfc, 560), IS(ddr4, trefi, 12480);
  IS(ddr4, twr, 24), IS(ddr4, twtr_s, 4), IS(ddr4, twtr_l, 12), IS(ddr4, trtp, 12);
  IS(hbm2, trcd, 14), IS(hbm2, trc, 47), IS(hbm2, trfc, 260), IS(hbm2, trfc_bank, 160);
#undef IS
}

#define OF(test, standard, i)                                                                      \
  { #test " " standard, test, NULL, NULL, (void *)&dram_standards[i] }
#define EACH(test)                                                                                 \
  OF(test, "LPDDR4X", 0), OF(test, "LPDDR5", 1), OF(test, "DDR4", 2), OF(test, "HBM2", 3),         \
      OF(test, "LPDDR5X", 4), OF(test, "DDR5", 5), OF(test, "HBM3", 6)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_known_clocks),
      EACH(test_figures),
      EACH(test_new),
      EACH(test_states),
      EACH(test_pairs),
      EACH(test_pairs_stretched),
      EACH(test_any_order),
      cmocka_unit_test(test_split_activate),
      cmocka_unit_test(test_cas),
      cmocka_unit_test(test_refresh_pairs),
      cmocka_unit_test(test_shared_buses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
