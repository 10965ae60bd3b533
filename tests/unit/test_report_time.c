// Making a report takes time in proportion to its results: 500, 5,000 and 50,000 in one run.
#include "report_bed.h"

#include <time.h>

#ifdef __SANITIZE_ADDRESS__ // slower by far
#define SQUARES 1
#else
#define SQUARES 9 // of 60 results
#endif

// Processor time of a result, in microseconds: the median of `runs`. Waits for the disk are not in
// it.
static double us_a_result(struct bed *b, unsigned squares, unsigned runs) {
  double us[9];
  struct shira_error err;
  for (unsigned i = b->r.n_workloads; i < squares; i++)
    add_square(b, 16 * (i + 1));
  for (unsigned i = 0; i < runs; i++) {
    const clock_t began = clock();
    if (shira_report_write(&b->r, b->dir, false, &err))
      fail_msg("%s", err.text);
    double now = (double)(clock() - began) * 1e6 / CLOCKS_PER_SEC / b->r.n_results;
    for (unsigned k = 0; k < i; k++)
      if (us[k] > now) {
        const double later = us[k];
        us[k] = now;
        now = later;
      }
    us[i] = now;
  }
  print_message("%u results: %.1f us each\n", b->r.n_results, us[runs / 2]);
  return us[runs / 2];
}

static void test_time_is_linear_in_results(void **state) {
  struct bed *b = *state;
  const double few = us_a_result(b, SQUARES, 9), some = us_a_result(b, 10 * SQUARES, 3);
  const double many = us_a_result(b, 100 * SQUARES, 1);
  assert_true(fmax(few, fmax(some, many)) < 1.5 * fmin(few, fmin(some, many)));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_time_is_linear_in_results, bed_setup, bed_teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
