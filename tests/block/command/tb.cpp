// Bench of the command unit. SEED chooses programs, stalls and faults; what must come out is worked
// out here from the descriptors alone.
#include "sim/rtl/coverage.h"
#include "tests/block/command/checks.h"
#include "verilated.h"
#include <cstdio>
#include <cstdlib>

double sc_time_stamp() {
  return 0;
}

Bench *b;

int main(int argc, char **argv) {
  Verilated::commandArgs(argc, argv);
  const char *text = getenv("SEED");
  unsigned seed = text ? (unsigned)strtoul(text, nullptr, 0) : 0;
  static void (*const tests[])() = {
      test_latency,        test_throughput,       test_irq_flag,        test_random,
      test_wrap_compare,   test_waiting_counter,  test_engine_error,    test_bad_headers,
      test_fetch_error,    test_completion_error, test_dead_memory,     test_engine_hang,
      test_missing_signal, test_watchdog_edge,    test_bad_tail,        test_random_errors,
      test_reserved_bytes, test_cancel_waiting,   test_cancel_too_late, test_random_cancel,
      test_write_twice,
  };
  Bench bench;
  b = &bench;
  b->rng.seed(seed);
  printf("# SEED=%u\n1..%zu\n", seed, sizeof tests / sizeof *tests);
  for (auto test : tests)
    test();
  shira_coverage_write(Verilated::threadContextp());
  return failures() != 0;
}
