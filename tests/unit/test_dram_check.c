// The checker of DRAM command traces (tests/dram/check.h): clean traces pass, and each kind of
// error planted in them is named. Clocks are by hand or by the tests' own rules (dram_rules.h).
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sim/dram/trace.h"
#include "tests/dram/check.h"

#include "dram_lines.h"
#include "dram_rules.h"

// ---- By hand, DDR4-3200: tRCD 22, CL 22, CWL 16, a burst 4, all commands one clock -------------

static void test_clean(void **state) {
  (void)state;
  const struct shira_dram_standard s = load(DDR4);
  check_lines(&s, NULL,
              LINES("# DDR4-3200 2 channels 2 ranks\n", "0 0 ACT 0 0 5 0\n", "4 0 ACT 0 4 9 0\n",
                    "4 1 ACT 0 0 1 0\n", "5 0 ACT 1 0 3 0", "22 0 RD 0 0 5 127", "26 0 RD 0 4 9 0",
                    "32 0 RD 1 0 3 1", "44 0 WR 0 0 5 0", "50 0 WR 1 0 3 0", "56 0 MWR 0 4 9 1",
                    "88 0 PRE 0 0 0 0", "100 0 PREA 0 0 0 0", "122 0 REF 0 0 0 0",
                    "682 0 ACT 0 15 65535 0"));
}

static void test_states(void **state) {
  (void)state;
  const struct shira_dram_standard s = load(DDR4);
  check_lines(&s, "open row", LINES("0 0 RD 0 0 0 0"));
  check_lines(&s, "open row", LINES("0 0 ACT 0 0 5 0", "22 0 RD 0 0 6 0"));
  check_lines(&s, "open row", LINES("0 0 ACT 0 0 5 0", "22 0 WR 0 1 5 0"));
  check_lines(&s, "open row", LINES("0 0 ACT 0 0 5 0", "22 0 WR 1 0 5 0"));
  check_lines(&s, "open row", LINES("0 0 ACT 0 0 5 0", "22 1 WR 0 0 5 0"));
  check_lines(&s, "open row", LINES("0 0 ACT 0 0 5 0", "52 0 PRE 0 0 0 0", "90 0 MWR 0 0 5 0"));
  check_lines(&s, "open row", LINES("0 0 ACT 0 0 5 0", "52 0 PREA 0 0 0 0", "90 0 RD 0 0 5 0"));
  check_lines(&s, "closed bank", LINES("0 0 ACT 0 0 5 0", "900 0 ACT 0 0 5 0"));
  check_lines(&s, "closed bank", LINES("0 0 ACT 0 9 5 0", "900 0 REF 0 0 0 0"));
  check_lines(&s, NULL, LINES("0 0 ACT 0 9 5 0", "900 0 REF 1 0 0 0"));
  check_lines(&s, "REFPB", LINES("0 0 REFPB 0 0 0 0"));
  const struct shira_dram_standard hbm2 = load(&dram_standards[3]);
  check_lines(&hbm2, "closed bank", LINES("0 0 ACT 0 9 5 0", "900 0 REFPB 0 9 0 0"));
  check_lines(&hbm2, NULL, LINES("0 0 ACT 0 9 5 0", "900 0 REFPB 0 8 0 0"));
}

// One clock too early, of each rule that a trace of DDR4 can break; N itself is in test_clean or
// here.
// A channel that is settled has nothing before it, the other goes on; refreshes count from there.
static void test_settled(void **state) {
  (void)state;
  const struct shira_dram_standard s = load(DDR4);
  check_lines(&s, NULL, LINES("0 0 ACT 0 0 5 0", "3 0 SETTLE 0 0 0 0", "3 0 ACT 0 0 6 0"));
  check_lines(&s, "tRCD",
              LINES("0 0 ACT 0 0 5 0", "3 0 SETTLE 0 0 0 0", "3 0 ACT 0 0 6 0", "24 0 RD 0 0 6 0"));
  check_lines(&s, "open row", LINES("0 0 ACT 0 0 5 0", "22 0 SETTLE 0 0 0 0", "90 0 RD 0 0 5 0"));
  check_lines(&s, "closed bank",
              LINES("0 0 ACT 0 0 5 0", "3 1 SETTLE 0 0 0 0", "90 0 ACT 0 0 6 0"));
  check_lines(&s, "order", LINES("9 0 ACT 0 0 5 0", "8 0 SETTLE 0 0 0 0"));
  check_lines(&s, "tREFI", LINES("100000 0 SETTLE 0 0 0 0", "212321 0 REF 0 0 0 0"));
  check_lines(&s, NULL, LINES("100000 0 SETTLE 0 0 0 0", "212320 0 REF 0 0 0 0"));
}

static void test_early(void **state) {
  (void)state;
  const struct shira_dram_standard s = load(DDR4);
  check_lines(&s, "order", LINES("9 0 ACT 0 0 5 0", "8 1 ACT 0 0 5 0", "8 0 ACT 0 9 5 0"));
  check_lines(&s, "command bus", LINES("9 0 ACT 0 0 5 0", "9 1 ACT 0 0 5 0", "9 0 ACT 1 0 5 0"));
  check_lines(&s, "tRCD", LINES("0 0 ACT 0 0 5 0", "21 0 RD 0 0 5 0"));
  check_lines(&s, "tRAS", LINES("0 0 ACT 0 0 5 0", "51 0 PRE 0 0 0 0"));
  check_lines(&s, "tRAS", LINES("0 0 ACT 0 0 5 0", "51 0 PREA 0 0 0 0"));
  check_lines(&s, "tRP", LINES("0 0 ACT 0 0 5 0", "60 0 PRE 0 0 0 0", "81 0 ACT 0 0 5 0"));
  check_lines(&s, "tRPab", LINES("0 0 ACT 0 0 5 0", "60 0 PREA 0 0 0 0", "81 0 REF 0 0 0 0"));
  check_lines(&s, "tRRD_L", LINES("0 0 ACT 0 0 5 0", "7 0 ACT 0 1 5 0"));
  check_lines(&s, "tRRD_S", LINES("0 0 ACT 0 0 5 0", "3 0 ACT 0 4 5 0"));
  check_lines(&s, "tFAW",
              LINES("0 0 ACT 0 0 5 0", "4 0 ACT 0 4 5 0", "8 0 ACT 0 8 5 0", "12 0 ACT 0 12 5 0",
                    "20 0 ACT 1 1 5 0", "20 1 ACT 0 1 5 0", "33 0 ACT 0 1 5 0"));
  check_lines(&s, NULL,
              LINES("0 0 ACT 0 0 5 0", "4 0 ACT 0 4 5 0", "8 0 ACT 0 8 5 0", "12 0 ACT 0 12 5 0",
                    "34 0 ACT 0 1 5 0", "38 0 ACT 0 5 5 0"));
  check_lines(&s, "tCCD_L", LINES("0 0 ACT 0 0 5 0", "22 0 RD 0 0 5 0", "29 0 RD 0 0 5 0"));
  check_lines(&s, "tWR", LINES("0 0 ACT 0 0 5 0", "40 0 WR 0 0 5 0", "83 0 PRE 0 0 0 0"));
  check_lines(&s, "tRTP", LINES("0 0 ACT 0 0 5 0", "50 0 RD 0 0 5 0", "61 0 PRE 0 0 0 0"));
  check_lines(&s, "tWTR_L", LINES("0 0 ACT 0 0 5 0", "40 0 WR 0 0 5 0", "71 0 RD 0 0 5 0"));
  check_lines(&s, "tRTW_L", LINES("0 0 ACT 0 0 5 0", "40 0 RD 0 0 5 0", "51 0 WR 0 0 5 0"));
  check_lines(&s, "tRFC", LINES("0 0 REF 0 0 0 0", "559 0 ACT 0 0 5 0"));
  check_lines(&s, "tRTRS",
              LINES("0 0 ACT 0 0 5 0", "1 0 ACT 1 0 5 0", "40 0 RD 0 0 5 0", "45 0 RD 1 0 5 0"));
}

// Where commands are longer than a clock: LPDDR4X has ACT and RD of four clocks, PRE and REF of
// two, and counts from the last clock of each.
static void test_early_long(void **state) {
  (void)state;
  const struct shira_dram_standard s = load(&dram_standards[0]);
  check_lines(&s, NULL,
              LINES("0 0 ACT 0 0 5 0", "39 0 RD 0 0 5 0", "92 0 PRE 0 0 0 0", "129 0 ACT 0 0 6 0",
                    "168 0 WR 0 0 6 0", "176 0 WR 0 0 6 1", "244 0 PREA 0 0 0 0",
                    "289 0 REF 0 0 0 0", "885 0 ACT 0 0 5 0"));
  check_lines(&s, "command bus", LINES("0 0 ACT 0 0 5 0", "3 0 ACT 1 0 5 0"));
  check_lines(&s, "tRCD", LINES("0 0 ACT 0 0 5 0", "38 0 RD 0 0 5 0"));
  check_lines(&s, "tRAS", LINES("0 0 ACT 0 0 5 0", "91 0 PRE 0 0 0 0"));
  check_lines(&s, "tRTP", LINES("0 0 ACT 0 0 5 0", "99 0 RD 0 0 5 0", "116 0 PRE 0 0 0 0"));
  check_lines(&s, "tRP", LINES("0 0 PRE 0 0 0 0", "36 0 ACT 0 0 5 0"));
  check_lines(&s, "tRPab", LINES("0 0 PREA 0 0 0 0", "42 0 ACT 0 0 5 0"));
  check_lines(&s, "tRPab", LINES("0 0 PREA 0 0 0 0", "44 0 REF 0 0 0 0"));
  check_lines(&s, "tRFC", LINES("0 0 REF 0 0 0 0", "595 0 ACT 0 0 5 0"));
  check_lines(&s, "tRFC", LINES("0 0 REF 0 0 0 0", "597 0 REF 0 0 0 0"));
  check_lines(&s, "tWR", LINES("0 0 ACT 0 0 5 0", "100 0 WR 0 0 5 0", "167 0 PRE 0 0 0 0"));
}

// More commands in the time of the longest rule than the history first has room for.
static void test_order_of_many(void **state) {
  (void)state;
  const struct shira_dram_standard s = load(DDR4);
  struct dram_check *c = dram_check_new(&s, 1, 1);
  char line[64], why[256];
  for (unsigned i = 0; i < 300; i++) {
    snprintf(line, sizeof line, "%u 0 PRE 0 0 0 0", i);
    assert_int_equal(dram_check_line(c, line, why, sizeof why), 0);
    snprintf(line, sizeof line, "%u 0 PRE 0 0 0 0", i - 1);
    assert_int_equal(i > 0 && i % 10 == 0 ? dram_check_line(c, line, why, sizeof why) : 1, 1);
    assert_true(i == 0 || i % 10 || names(why, "order"));
  }
  dram_check_free(c);
}

// Data that meet where no rule between the commands forbids it, in either order.
static void test_data_bus(void **state) {
  (void)state;
  struct shira_dram_standard s = load(DDR4);
  s.trtw_s = s.trtw_l = (struct shira_timing){0, 1};
  check_lines(&s, "data bus", LINES("0 0 ACT 0 0 5 0", "40 0 RD 0 0 5 0", "49 0 WR 0 0 5 0"));
  check_lines(&s, NULL, LINES("0 0 ACT 0 0 5 0", "40 0 RD 0 0 5 0", "50 0 WR 0 0 5 0"));
  check_lines(&s, NULL, LINES("0 0 ACT 0 0 5 0", "40 0 RD 0 0 5 0", "42 0 WR 0 0 5 0"));
  check_lines(&s, "data bus", LINES("0 0 ACT 0 0 5 0", "40 0 RD 0 0 5 0", "43 0 WR 0 0 5 0"));
  s.tccd_s = (struct shira_timing){0, 3};
  check_lines(&s, "data bus",
              LINES("0 0 ACT 0 0 5 0", "8 0 ACT 0 4 5 0", "40 0 RD 0 0 5 0", "43 0 RD 0 4 5 0"));
}

static void test_unreadable(void **state) {
  (void)state;
  const struct shira_dram_standard s = load(DDR4);
  static const char *const bad[] = {"",
                                    "\n",
                                    "x",
                                    "0",
                                    "0 0 ACT 0 0 5",
                                    "0 0 ACT 0 0 5 0 0",
                                    "0 0 ACT 0 0 5 0 ",
                                    " 0 0 ACT 0 0 5 0",
                                    "0 0 act 0 0 5 0",
                                    "0 0 AC 0 0 5 0",
                                    "0 0 ACTS 0 0 5 0",
                                    "-1 0 ACT 0 0 5 0",
                                    "0 2 ACT 0 0 5 0",
                                    "0 0 ACT 2 0 5 0",
                                    "0 0 ACT 0 16 5 0",
                                    "0 0 ACT 0 0 65536 0",
                                    "0 0 ACT 0 0 5 1",
                                    "0 0 RD 0 0 5 128",
                                    "0 0 PRE 0 0 1 0",
                                    "0 0 PREA 0 1 0 0",
                                    "0 0 REF 0 1 0 0",
                                    "0  0 ACT 0 0 5 0",
                                    "0  ACT 0 0 5 0",
                                    " 0 ACT 0 0 5 0",
                                    "99999999999999999999 0 ACT 0 0 5 0"};
  char why[256];
  struct dram_check *c = dram_check_new(&s, 2, RANKS);
  for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
    why[0] = 0;
    if (dram_check_line(c, bad[i], why, sizeof why) != -EINVAL || why[0] == 0)
      fail_msg("'%s' was read", bad[i]);
  }
  // None of them counts.
  assert_int_equal(dram_check_line(c, "0 0 ACT 0 0 5 0\n", why, sizeof why), 0);
  dram_check_free(c);
  assert_null(dram_check_new(&s, 0, 1));
  assert_null(dram_check_new(&s, 1, 0));
}

// ---- Refresh ----------------------------------------------------------------------------------

static void test_refresh(void **state) {
  (void)state;
  const struct shira_dram_standard s = load(DDR4);
  const uint64_t refi = 12480;
  char why[256] = "";
  // One each tREFI, eight late ones made up for, eight ahead; then 9 tREFI without is the most.
  struct dram_check *c = dram_check_new(&s, 1, RANKS);
  for (uint64_t i = 1; i <= 20; i++)
    assert_int_equal(give(c, i * refi, "REF", 0, true), 0);
  for (uint64_t i = 0; i < 16; i++)
    assert_int_equal(give(c, 29 * refi - 1 + i * 560, "REF", 0, true), 0);
  assert_int_equal(give(c, 37 * refi, "REF", 0, true), 0);
  assert_int_equal(dram_check_end(c, why, sizeof why), 0);
  dram_check_free(c);
  // The tenth tREFI began.
  c = dram_check_new(&s, 1, RANKS);
  assert_int_equal(give(c, 9 * refi, "REF", 0, false), 0);
  assert_int_equal(give(c, 9 * refi + 1, "PREA", 0, false), 0);
  assert_int_equal(dram_check_end(c, why, sizeof why), 1); // rank 1 had none
  assert_true(names(why, "tREFI") && strstr(why, "rank 1 bank 0") != NULL);
  assert_int_equal(give(c, 18 * refi + 1, "REF", 0, false), 1);
  dram_check_free(c);
  // Never more than 9 tREFI from one to the next, but ever further behind.
  c = dram_check_new(&s, 1, 1);
  assert_int_equal(give(c, 5 * refi, "REF", 0, false), 0);
  assert_int_equal(give(c, 10 * refi, "REF", 0, false), 0);
  assert_int_equal(give(c, 15 * refi, "REF", 0, false), 1);
  dram_check_free(c);
  // Many ahead do not make up for a long gap.
  c = dram_check_new(&s, 1, 1);
  for (uint64_t i = 0; i < 30; i++)
    assert_int_equal(give(c, i * 560, "REF", 0, false), 0);
  assert_int_equal(give(c, 29 * 560 + 9 * refi + 1, "REF", 0, false), 1);
  dram_check_free(c);
  // No more than eight ahead are counted: then a tREFI passes for each.
  c = dram_check_new(&s, 1, 1);
  const uint64_t ahead = 29 * 560;
  for (uint64_t i = 0; i < 30; i++)
    assert_int_equal(give(c, i * 560, "REF", 0, false), 0);
  assert_int_equal(give(c, ahead + 9 * refi, "REF", 0, false), 0);
  assert_int_equal(give(c, ahead + 18 * refi, "REF", 0, false), 0);
  assert_int_equal(give(c, ahead + 19 * refi + 1, "REF", 0, false), 1);
  dram_check_free(c);
}

// A controller that says how late it may be is held to that.
static void test_refresh_owed(void **state) {
  (void)state;
  const struct shira_dram_standard s = load(DDR4);
  const uint64_t refi = 12480;
  char why[256] = "";
  for (unsigned owed = 1; owed <= 8; owed++)
    for (unsigned late = 0; late < 2; late++) {
      // Each as late as may be, from the start on or the last one a clock more.
      struct dram_check *c = dram_check_new(&s, 1, 1);
      dram_check_owed(c, owed);
      for (uint64_t i = 1; i < 20; i++)
        assert_int_equal(give(c, (i + owed) * refi, "REF", 0, false), 0);
      assert_int_equal(give(c, (20 + owed) * refi + late, "REF", 0, false), late);
      dram_check_free(c);
      // On time, then a gap.
      c = dram_check_new(&s, 1, 1);
      dram_check_owed(c, owed);
      for (uint64_t i = 1; i < 20; i++)
        assert_int_equal(give(c, i * refi, "REF", 0, false), 0);
      assert_int_equal(give(c, (20 + owed) * refi + late, "PREA", 0, false), 0);
      assert_int_equal(dram_check_end(c, why, sizeof why), late);
      assert_int_equal(give(c, (20 + owed) * refi + late + 30, "REF", 0, false), 1);
      dram_check_free(c);
    }
}

static void test_refresh_banks(void **state) {
  (void)state;
  const struct shira_dram_standard s = load(&dram_standards[0]);
  const uint64_t refi = 8328; // 3904 ns at 2133 MHz, 8 banks: one each 1041 clocks
  char why[256] = "";
  for (unsigned skipped = 0; skipped < 2; skipped++) {
    struct dram_check *c = dram_check_new(&s, 1, 1);
    unsigned late = 0;
    for (uint32_t i = 0; i < 160; i++)
      if (!skipped || i % 8 != 3 || i > 150)
        late += (unsigned)give(c, i * 1041, "REFPB", i % 8, false);
    assert_int_equal(late, skipped);
    assert_int_equal(dram_check_end(c, why, sizeof why), skipped);
    // One REF is for all banks, but only for one of the ten that bank 3 missed.
    assert_int_equal(give(c, 160 * 1041, "REF", 0, false), skipped);
    dram_check_free(c);
  }
  // REF and REFPB count alike.
  struct dram_check *c = dram_check_new(&s, 1, 1);
  for (uint32_t i = 1; i < 20; i++) {
    assert_int_equal(give(c, 2 * i * refi, "REF", 0, false), 0);
    for (uint32_t b = 0; b < 8; b++)
      assert_int_equal(give(c, (2 * i * 8 + 4 + b) * 1041, "REFPB", b, false), 0);
  }
  assert_int_equal(dram_check_end(c, why, sizeof why), 0);
  dram_check_free(c);
}

// ---- Every pair, and any order ----------------------------------------------------------------

struct bench {
  struct figures figures;
  struct shira_dram_standard standard;
  struct rules rules;
  struct dram_check *check;
  unsigned caught[MOST_RULES];
};

static struct bench *bench_open(const struct figures *f, bool stretched) {
  struct bench *b = calloc(1, sizeof *b);
  assert_non_null(b);
  b->figures = dram_plain(f);
  b->standard = load(f);
  b->standard.activate_clocks = b->figures.activate_clocks;
  b->standard.taad.clocks = b->standard.cas_clocks = 0;
  if (stretched) { // what others cover in the standards, see test_dram_timing.c
    b->figures.trc.ck = b->standard.trc.clocks = dram_clocks_of(f, f->trc) + 11;
    b->figures.tfaw.ck = b->standard.tfaw.clocks = dram_clocks_of(f, f->tfaw) + 13;
    b->figures.cl = (struct figure){0, dram_clocks_of(f, f->cwl) - 1};
    b->standard.cl = (struct shira_timing){0, b->figures.cl.ck};
    if (f->tccd_masked.ck != 0)
      b->figures.tccd_masked.ck = dram_clocks_of(f, f->tccd_masked) + 3;
    b->standard.tccd_masked.clocks = b->figures.tccd_masked.ck;
  }
  dram_rules_init(&b->rules, &b->figures);
  return b;
}

static void restart(struct bench *b) {
  dram_check_free(b->check);
  b->check = dram_check_new(&b->standard, 1, RANKS);
  assert_non_null(b->check);
  dram_rules_restart(&b->rules);
}

// Gives a command at `clock`, where `needed` is its first clock. Given before that the checker must
// name a rule that decides on `needed`, else find nothing (late refreshes apart: none of this is
// about them).
static void offer(struct bench *b, enum shira_dram_command command, struct shira_dram_place p,
                  uint64_t clock, uint64_t needed) {
  char line[64], why[256] = "";
  uint64_t until[MOST_RULES];
  bool named = false;
  const bool row =
      command <= SHIRA_DRAM_MWR && command != SHIRA_DRAM_PRE && command != SHIRA_DRAM_PREA;
  if (command == SHIRA_DRAM_PREA || command == SHIRA_DRAM_REF)
    p.bank = 0;
  snprintf(line, sizeof line, "%" PRIu64 " 0 %s %u %u %u 0\n", clock,
           shira_dram_command_name(command), p.rank, p.bank, row ? p.row : 0);
  const int rc = dram_check_line(b->check, line, why, sizeof why);
  assert_true(rc >= 0);
  dram_rules_until(&b->rules, command, &p, needed, until);
  for (unsigned k = 0; k < b->rules.n; k++) {
    const char *name = b->rules.rule[k].name; // "tRP PRE-ACT", where the checker says "tRP"
    const size_t n = strcspn(why, ":");
    if (until[k] == needed && rc == 1 && !strncmp(why, name, n) && (name[n] == 0 || name[n] == ' '))
      named = true, b->caught[k]++;
  }
  if (clock < needed ? !named : rc == 1 && !names(why, "tREFI"))
    fail_msg("%s: first clock %" PRIu64 ": %s gives %s", b->figures.name, needed, line, why);
  dram_rules_take(&b->rules, command, &p, clock);
}

static void soon(struct bench *b, enum shira_dram_command command, struct shira_dram_place p,
                 uint64_t early) {
  const struct rule *by;
  const uint64_t needed = dram_needed(&b->rules, command, &p, &by);
  if (needed != UINT64_MAX)
    offer(b, command, p, by ? needed - early : needed, needed);
}

static void later(struct bench *b, enum shira_dram_command command, struct shira_dram_place p) {
  const struct rules *r = &b->rules;
  if (dram_legal(r, command, &p)) {
    const uint64_t clock = (r->n_steps ? r->step[r->n_steps - 1].clock : 0) + 2 * b->rules.window;
    offer(b, command, p, clock, clock);
  }
}

static struct shira_dram_place at(uint32_t rank, uint32_t bank) {
  return (struct shira_dram_place){.rank = rank, .bank = bank, .row = 7};
}

static void pair(struct bench *b, enum shira_dram_command first, enum shira_dram_command second,
                 struct shira_dram_place p, unsigned open, uint64_t early) {
  restart(b);
  if (open & 1)
    later(b, SHIRA_DRAM_ACT, at(0, 0));
  if (open & 2)
    later(b, SHIRA_DRAM_ACT, p);
  later(b, first, at(0, 0));
  soon(b, second, p, early);
}

static void pairs(struct bench *b, uint64_t early) {
  const struct figures *f = &b->figures;
  const struct shira_dram_place places[] = {
      at(0, 0), at(0, 1), at(0, f->bank_groups > 1 ? f->banks : f->banks - 1), at(1, 0)};
  for (unsigned first = 0; first < SHIRA_DRAM_COMMANDS; first++)
    for (unsigned second = 0; second < SHIRA_DRAM_COMMANDS; second++)
      for (unsigned i = 0; i < 4; i++)
        for (unsigned open = 0; open < (i == 0 ? 2 : 4); open++)
          pair(b, (enum shira_dram_command)first, (enum shira_dram_command)second, places[i], open,
               early);
  restart(b); // tRC
  later(b, SHIRA_DRAM_ACT, at(0, 2));
  soon(b, SHIRA_DRAM_PRE, at(0, 2), 0);
  soon(b, SHIRA_DRAM_ACT, at(0, 2), early);
  restart(b); // tFAW
  for (uint32_t i = 0; i < 5; i++)
    soon(b, SHIRA_DRAM_ACT, at(0, i % f->bank_groups * f->banks + i / f->bank_groups),
         i == 4 ? early : 0);
}

static void test_pairs(void **state) {
  unsigned caught = 0, n = 0;
  for (unsigned stretched = 0; stretched < 2; stretched++) {
    struct bench *b = bench_open(*state, stretched);
    pairs(b, 0);
    pairs(b, 1);
    for (unsigned k = 0; k < b->rules.n; k++) {
      // Only data of reads that come late leave the command bus alone with RD, then WR of two
      // ranks.
      if (stretched && b->caught[k] == 0 &&
          strcmp(b->rules.rule[k].name, "command bus after RD, WR"))
        fail_msg("%s: %s was never broken", b->figures.name, b->rules.rule[k].name);
      caught += b->caught[k] > 0, n++;
    }
    dram_check_free(b->check);
    free(b);
  }
  print_message("# %u of %u rules broken and named, with the standard's numbers and with others\n",
                caught, n);
}

static uint64_t random_state;

static uint32_t random_below(uint32_t n) {
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(random_state >> 33) % n;
}

// Commands of all kinds, mostly at their first clock, now and then one clock before it.
static void test_any_order(void **state) {
  struct bench *b = bench_open(*state, false);
  const char *seed = getenv("SEED");
  random_state = seed ? strtoull(seed, NULL, 10) : 1;
  print_message("# %s: SEED=%" PRIu64 "\n", b->figures.name, random_state);
  restart(b);
  while (b->rules.n_steps < MOST_STEPS) {
    const enum shira_dram_command command = random_below(SHIRA_DRAM_COMMANDS);
    const struct shira_dram_place p = at(random_below(RANKS), random_below(b->rules.banks));
    if (command == SHIRA_DRAM_PREA && random_below(8))
      continue;
    if (random_below(32) == 0)
      later(b, command, p);
    else
      soon(b, command, p, random_below(16) == 0);
  }
  dram_check_free(b->check);
  free(b);
}

// ---- Whole traces -----------------------------------------------------------------------------

static void check_file(FILE *trace, int expected, uint64_t commands, uint64_t violations,
                       const char *first) {
  const struct shira_dram_standard s = load(DDR4);
  char text[256] = "", why[256] = "";
  uint64_t n, wrong;
  FILE *out = tmpfile();
  rewind(trace);
  assert_int_equal(dram_check_trace(&s, trace, out, 1, &n, &wrong, why, sizeof why), expected);
  assert_true(expected == 0 || why[0] != 0);
  rewind(out);
  assert_int_equal(fgets(text, sizeof text, out) != NULL, first != NULL);
  if (first)
    assert_string_equal(text, first);
  assert_null(fgets(text, sizeof text, out)); // `most` is 1
  if (!expected) {
    assert_true(n == commands);
    assert_true(wrong == violations);
  }
  fclose(out);
  fclose(trace);
}

static FILE *trace_of(const char *text) {
  FILE *f = tmpfile();
  assert_non_null(f);
  fputs(text, f);
  return f;
}

static void test_trace(void **state) {
  (void)state;
  FILE *f = trace_of("# DDR4-3200 1 channels 1 ranks 1 rate\n");
  const struct shira_dram_place p = {.rank = 0, .bank = 5, .row = 77, .column = 3}, all = {0};
  shira_dram_trace(f, 10, 0, SHIRA_DRAM_ACT, &p);
  shira_dram_trace(f, 32, 0, SHIRA_DRAM_RD, &p);
  shira_dram_trace(f, 62, 0, SHIRA_DRAM_PRE, &p);
  shira_dram_trace(f, 84, 0, SHIRA_DRAM_REF, &all);
  check_file(f, 0, 4, 0, NULL);
  check_file(trace_of("# DDR4-3200 1 channels 1 ranks 1 rate\n0 0 ACT 0 0 5 0\n21 0 RD 0 0 5 0\n"
                      "25 0 RD 0 0 6 0\n999999 0 PREA 0 0 0 0\n"),
             0, 4, 3,
             "tRCD: channel 0: RD at 21 of rank 0 bank 0 comes 21 clocks after ACT at 0 of rank 0 "
             "bank 0, not 22\n");
  check_file(
      trace_of("# DDR4-3200 1 channels 1 ranks 1 rate\n5 0 ACT 0 0 5 0\n9 0 ACT 0 4 5 0\n"
               "13 0 ACT 0 8 5 0\n17 0 ACT 0 12 5 0\n38 0 ACT 0 1 5 0\n"),
      0, 5, 1,
      "tFAW: channel 0: ACT at 38 of rank 0 bank 1 is the fifth from ACT at 5, 33 clocks after "
      "it, not 34\n");
  check_file(trace_of(""), -EINVAL, 0, 0, NULL);
  check_file(trace_of("# DDR4-2400 1 channels 1 ranks 1 rate\n"), -EINVAL, 0, 0, NULL);
  check_file(trace_of("# DDR4-3200 1 channels\n"), -EINVAL, 0, 0, NULL);
  check_file(trace_of("# DDR4-3200 0 channels 1 ranks 1 rate\n"), -EINVAL, 0, 0, NULL);
  check_file(trace_of("0 0 ACT 0 0 5 0\n"), -EINVAL, 0, 0, NULL);
  check_file(trace_of("# DDR4-3200 1 channels 1 ranks 1 rate\n0 0 ACT 0 0\n"), -EINVAL, 0, 0, NULL);
}

#define OF(test, standard, i)                                                                      \
  { #test " " standard, test, NULL, NULL, (void *)&dram_standards[i] }
#define EACH(test)                                                                                 \
  OF(test, "LPDDR4X", 0), OF(test, "LPDDR5", 1), OF(test, "DDR4", 2), OF(test, "HBM2", 3),         \
      OF(test, "LPDDR5X", 4), OF(test, "DDR5", 5), OF(test, "HBM3", 6)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_clean),
      cmocka_unit_test(test_states),
      cmocka_unit_test(test_settled),
      cmocka_unit_test(test_early),
      cmocka_unit_test(test_early_long),
      cmocka_unit_test(test_order_of_many),
      cmocka_unit_test(test_data_bus),
      cmocka_unit_test(test_unreadable),
      cmocka_unit_test(test_refresh),
      cmocka_unit_test(test_refresh_owed),
      cmocka_unit_test(test_refresh_banks),
      EACH(test_pairs),
      EACH(test_any_order),
      cmocka_unit_test(test_trace),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
