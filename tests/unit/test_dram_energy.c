// Energy of a DRAM: each part by hand, and no figure where there is none.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "shira/config.h"
#include "shira/dram_energy.h"

static struct shira_dram_setup setup(const char *file) {
  struct shira_dram_setup d = {.channels = 2, .ranks = 1, .refresh_rate = 1};
  assert_int_equal(shira_dram_standard_load(file, &d.standard, NULL), 0);
  return d;
}

// 1000 clocks of a data rate of 2000 MT/s: a clock is a nanosecond.
static struct shira_dram_setup by_hand(void) {
  struct shira_dram_setup d = setup("configs/dram/lpddr4x-4266.yaml");
  d.standard.data_rate = 2000;
  d.standard.energy = (struct shira_dram_energies){"",
                                                   NAN,
                                                   .activate = 100,
                                                   .read = 10,
                                                   .write = 20,
                                                   .refresh = 1000,
                                                   .refresh_bank = 200,
                                                   .closed = 3,
                                                   .open = 5};
  return d;
}

static void test_parts(void **state) {
  (void)state;
  struct shira_dram_setup d = by_hand();
  struct shira_dram_stats s = {.activates = 7, .refreshes = 4, .open_clocks = 1500};
  struct shira_dram_energy e;
  s.bursts[SHIRA_DRAM_READ] = 11;
  s.bursts[SHIRA_DRAM_WRITE] = 5;
  s.bursts[SHIRA_DRAM_MASKED_WRITE] = 2;
  for (unsigned ecc = 0; ecc < 2; ecc++)
    for (unsigned per_bank = 0; per_bank < 2; per_bank++) {
      d.ecc = ecc ? SHIRA_ECC_WORD : SHIRA_ECC_NONE;
      d.refresh = per_bank ? SHIRA_DRAM_REFRESH_BANK : SHIRA_DRAM_REFRESH_ALL;
      shira_dram_energy(&d, &s, 1.0, &e); // two ranks of 1 us each, one open for 1.5 of the 2 us
      assert_true(e.activate == 700);
      assert_true(e.read == 110 + 20 * ecc);
      assert_true(e.write == 140);
      assert_true(e.refresh == (per_bank ? 800 : 4000));
      assert_true(fabs(e.open - 7500) < 1e-6);
      assert_true(fabs(e.closed - 1500) < 1e-6);
      assert_true(fabs(e.total - (700 + e.read + 140 + e.refresh + 7500 + 1500)) < 1e-6);
    }
  shira_dram_energy(&d, &s, 0.5, &e); // the counters ran on beyond the time
  assert_true(fabs(e.open - 5000) < 1e-6 && e.closed == 0);
}

static void test_no_figure(void **state) {
  (void)state;
  const struct shira_dram_stats s = {.bursts = {10, 5, 1}, .activates = 3};
  struct shira_dram_energy e;
  double part[sizeof e / sizeof(double)];
  unsigned n = 0;
  struct shira_dram_setup d = setup("configs/dram/lpddr5-6400.yaml");
  shira_dram_energy(&d, &s, 1, &e);
  assert_true(isnan(e.total) && isnan(e.activate) && isnan(e.open));
  d = setup("configs/dram/hbm2.yaml");
  shira_dram_energy(&d, &s, 1, &e);
  assert_true(fabs(e.total - 16 * 256 * 3.9) < 1e-6); // bursts, bits, pJ
  assert_true(isnan(e.read));
  d = setup("configs/dram/ddr4-3200.yaml");
  shira_dram_energy(&d, &s, 1, &e);
  memcpy(part, &e, sizeof part);
  for (; shira_dram_energy_name(n); n++)
    assert_false(isnan(part[n]));
  assert_int_equal(n, sizeof part / sizeof *part);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_parts),
      cmocka_unit_test(test_no_figure),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
