// The checker of DRAM command traces on what comes before commands: ACT1, CAS, the like of a bank
// that is refreshed, and buses that two channels share.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dram_lines.h"

// LPDDR5: an ACT of two commands, CAS, REFPB of two banks; and HBM2: two channels on one bus. Each
// rule planted, one clock or one place beside what is allowed.
static void test_before_commands(void **state) {
  (void)state;
  const struct shira_dram_standard s = load(&dram_standards[1]), hbm2 = load(&dram_standards[3]);
  check_lines(&s, NULL,
              LINES("0 0 ACT1 0 1 5 0", "1 0 ACT 0 1 5 0", "15 0 CAS 0 0 0 0", "16 0 RD 0 1 5 0",
                    "20 0 RD 0 1 5 1", "30 0 ACT1 0 4 5 0", "31 0 RD 0 1 5 2", "38 0 ACT 0 4 5 0",
                    "52 0 RD 0 1 5 3", "74 0 CAS 0 0 0 0", "75 0 WR 0 4 5 3"));
  check_lines(&s, "ACT1", LINES("0 0 ACT 0 1 5 0"));
  check_lines(&s, "ACT1", LINES("0 0 ACT1 0 1 5 0", "1 0 ACT 0 1 6 0"));
  check_lines(&s, "ACT1", LINES("0 0 ACT1 0 1 5 0", "1 0 ACT 0 2 5 0"));
  check_lines(&s, "ACT1", LINES("0 0 ACT1 0 1 5 0", "1 0 ACT1 0 2 5 0"));
  check_lines(&s, "ACT1", LINES("0 0 ACT1 0 1 5 0", "1 0 PRE 0 1 0 0"));
  check_lines(&s, "ACT1", LINES("0 0 ACT1 0 1 5 0", "1 0 REFPB 0 2 0 0"));
  check_lines(&s, NULL, LINES("0 0 ACT1 0 1 5 0", "1 0 PRE 0 2 0 0", "8 0 ACT 0 1 5 0"));
  check_lines(&s, "tAAD", LINES("0 0 ACT1 0 1 5 0", "9 0 ACT 0 1 5 0"));
  check_lines(&hbm2, "ACT1", LINES("0 0 ACT1 0 1 5 0"));
#define OPENED "0 0 ACT1 0 1 5 0", "1 0 ACT 0 1 5 0"
  check_lines(&s, "CAS", LINES(OPENED, "16 0 RD 0 1 5 0"));
  check_lines(&s, "CAS", LINES(OPENED, "15 0 CAS 0 0 0 0", "17 0 RD 0 1 5 0"));
  check_lines(&s, "CAS", LINES(OPENED, "15 0 CAS 1 0 0 0", "16 0 RD 0 1 5 0"));
  check_lines(&s, "CAS", LINES(OPENED, "15 0 CAS 0 0 0 0", "16 0 PRE 0 2 0 0"));
  check_lines(&s, "CAS", LINES(OPENED, "15 0 CAS 0 0 0 0", "16 0 RD 0 1 5 0", "37 0 CAS 0 0 0 0"));
  check_lines(&s, "CAS", LINES(OPENED, "15 0 CAS 0 0 0 0", "16 0 RD 0 1 5 0", "38 0 RD 0 1 5 0"));
  check_lines(&s, NULL, LINES(OPENED, "15 0 CAS 0 0 0 0", "16 0 RD 0 1 5 0", "37 0 RD 0 1 5 0"));
  check_lines(&hbm2, "CAS", LINES("0 0 CAS 0 0 0 0"));
#undef OPENED
  check_lines(&s, "REFPB", LINES("0 0 REFPB 0 9 0 0"));
  check_lines(&s, "closed bank",
              LINES("0 0 ACT1 0 9 5 0", "1 0 ACT 0 9 5 0", "900 0 REFPB 0 1 0 0"));
  check_lines(&s, "tRFCpb", LINES("0 0 REFPB 0 1 0 0", "20 0 ACT1 0 9 5 0", "21 0 ACT 0 9 5 0"));
  check_lines(&s, "tPPD", LINES("0 0 PRE 0 1 0 0", "1 0 PRE 0 2 0 0"));
  check_lines(&hbm2, "tRCDWR", LINES("0 0 ACT 0 0 5 0", "10 0 WR 0 0 5 0"));
  check_lines(&hbm2, NULL, LINES("0 0 ACT 0 0 5 0", "11 0 WR 0 0 5 0"));
  check_lines(&hbm2, "command bus", LINES("0 0 ACT 0 0 5 0", "1 1 ACT 0 0 5 0"));
  check_lines(&hbm2, "command bus", LINES("1 1 ACT 0 0 5 0", "0 0 ACT 0 0 5 0"));
  check_lines(&hbm2, NULL, LINES("0 0 ACT 0 0 5 0", "2 1 ACT 0 0 5 0", "15 0 RD 0 0 5 0"));
  check_lines(&hbm2, "command bus",
              LINES("0 0 ACT 0 0 5 0", "2 1 ACT 0 0 5 0", "20 0 RD 0 0 5 0", "20 1 RD 0 0 5 0"));
  check_lines(&hbm2, NULL,
              LINES("0 0 ACT 0 0 5 0", "2 1 ACT 0 0 5 0", "20 0 RD 0 0 5 0", "20 1 PRE 0 9 0 0"));
}

// An ACT1 whose ACT never comes, and refreshes at a higher rate.
static void test_left_over(void **state) {
  (void)state;
  const struct shira_dram_standard s = load(&dram_standards[1]), ddr4 = load(DDR4);
  char why[256] = "";
  struct dram_check *c = dram_check_new(&s, 1, 1);
  assert_int_equal(dram_check_line(c, "0 0 ACT1 0 1 5 0", why, sizeof why), 0);
  assert_int_equal(dram_check_line(c, "8 0 PRE 0 3 0 0", why, sizeof why), 0);
  assert_int_equal(dram_check_end(c, why, sizeof why), 0);
  assert_int_equal(dram_check_line(c, "10 0 PRE 0 3 0 0", why, sizeof why), 0);
  assert_int_equal(dram_check_end(c, why, sizeof why), 1);
  assert_true(names(why, "tAAD"));
  dram_check_free(c);
  for (unsigned rate = 1; rate <= 4; rate *= 2)
    for (unsigned late = 0; late < 2; late++) {
      c = dram_check_new(&ddr4, 1, 1);
      dram_check_rate(c, rate);
      assert_int_equal(give(c, 9 * 12480 / rate + late, "REF", 0, false), late);
      dram_check_free(c);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_before_commands),
      cmocka_unit_test(test_left_over),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
