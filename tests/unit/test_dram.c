// Memory timing: latency at N-1 and N, the exact rate, what reads and writes share.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/dram/dram.h"

#define ANY SHIRA_DRAM_UNCLASSED

static struct shira_machine machine(uint32_t latency, uint32_t mb_s, uint32_t burst, uint32_t mhz) {
  return (struct shira_machine){.name = "test",
                                .clock_mhz = mhz,
                                .memory_latency = latency,
                                .memory_peak_mb_s = mb_s,
                                .memory_burst_bytes = burst};
}

static struct shira_dram *open_dram(const struct shira_machine *m) {
  struct shira_dram *d;
  assert_int_equal(shira_dram_fixed_open(m, SHIRA_MEM_LOCAL, &d, NULL), 0);
  return d;
}

static void test_latency(void **state) {
  (void)state;
  static const uint32_t latencies[] = {1, 2, 100, 257};
  for (size_t i = 0; i < sizeof latencies / sizeof latencies[0]; i++)
    for (int write = 0; write < 2; write++) {
      const struct shira_machine m = machine(latencies[i], 1000, 32, 1000);
      struct shira_dram *d = open_dram(&m);
      uint32_t tag;
      assert_false(shira_dram_pop(d, &tag));
      assert_true(shira_dram_push(d, 64, write, ANY, 7));
      for (uint32_t c = 1; c < latencies[i]; c++) {
        shira_dram_tick(d);
        assert_false(shira_dram_pop(d, &tag)); // up to N-1
      }
      shira_dram_tick(d);
      assert_true(shira_dram_pop(d, &tag)); // at N
      assert_int_equal(tag, 7);
      assert_false(shira_dram_pop(d, &tag));
      shira_dram_close(d);
    }
}

// Pushes as fast as the model takes for `cycles` cycles; `writes` of every 4 bursts are writes.
static uint64_t push_all(struct shira_dram *d, uint64_t cycles, unsigned writes, uint64_t *popped) {
  uint64_t pushed = 0;
  uint32_t tag;
  *popped = 0;
  for (uint64_t c = 0; c < cycles; c++) {
    while (shira_dram_push(d, pushed * 32, pushed % 4 < writes, ANY, (uint32_t)pushed))
      pushed++;
    shira_dram_tick(d);
    while (shira_dram_pop(d, &tag)) {
      assert_int_equal(tag, (uint32_t)*popped); // in order
      ++*popped;
    }
  }
  return pushed;
}

// In T cycles of demand a model that is exact accepts T * peak / burst, but for the burst that it
// starts with and less than one cycle's worth.
static void test_rate(void **state) {
  (void)state;
  static const struct {
    uint32_t mb_s, burst, mhz;
  } cases[] = {{17064, 32, 1000}, {3200, 32, 1000},  {64000, 32, 1000}, {100001, 64, 1000},
               {12345, 64, 333},  {1, 64, 1000},     {999, 16, 1000},   {1000, 16, 1000},
               {1001, 16, 1000},  {17064, 128, 1700}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    for (unsigned writes = 0; writes <= 4; writes += 2) {
      const struct shira_machine m = machine(100, cases[i].mb_s, cases[i].burst, cases[i].mhz);
      struct shira_dram *d = open_dram(&m);
      const uint64_t cycles = 1000000;
      const uint64_t cost = (uint64_t)cases[i].burst * cases[i].mhz;
      uint64_t popped;
      const uint64_t n = push_all(d, cycles, writes, &popped);
      const uint64_t earned = cycles * cases[i].mb_s;
      assert_true(n * cost >= earned - cases[i].mb_s);
      assert_true(n * cost <= earned + cost + cases[i].mb_s);
      assert_true(popped <= n && popped + 101 * (cases[i].mb_s / cost + 1) >= n);
      shira_dram_close(d);
    }
}

static void test_idle_earns_nothing(void **state) {
  (void)state;
  const struct shira_machine m = machine(10, 16000, 32, 1000); // a burst every second cycle
  struct shira_dram *d = open_dram(&m);
  for (int c = 0; c < 100000; c++)
    shira_dram_tick(d);
  uint64_t popped;
  // 10 cycles pay for 5 bursts; the first is free and idling left less than one cycle.
  assert_in_range(push_all(d, 10, 0, &popped), 5, 6);
  shira_dram_close(d);
}

static void test_sharing(void **state) {
  (void)state;
  // One burst a cycle: a write in every cycle takes all of a reader's bandwidth.
  const struct shira_machine m = machine(5, 32000, 32, 1000);
  struct shira_dram *d = open_dram(&m);
  uint64_t reads = 0, writes = 0;
  for (int c = 0; c < 1000; c++) {
    uint32_t tag;
    if (c % 4 == 0)
      reads += shira_dram_push(d, 0, false, ANY, 0);
    writes += shira_dram_push(d, 32, true, ANY, 1);
    reads += shira_dram_push(d, 0, false, ANY, 0);
    shira_dram_tick(d);
    while (shira_dram_pop(d, &tag)) {
    }
  }
  assert_in_range(reads, 250, 251);
  assert_in_range(writes, 750, 751);
  shira_dram_close(d);
}

static void test_clear(void **state) {
  (void)state;
  const struct shira_machine m = machine(3, 32000, 32, 1000);
  struct shira_dram *d = open_dram(&m);
  uint32_t tag;
  assert_true(shira_dram_push(d, 0, false, ANY, 1));
  shira_dram_tick(d);
  assert_true(shira_dram_push(d, 32, true, ANY, 2));
  shira_dram_clear(d);
  for (int c = 0; c < 10; c++) {
    shira_dram_tick(d);
    assert_false(shira_dram_pop(d, &tag));
  }
  assert_true(shira_dram_push(d, 0, false, ANY, 3));
  for (int c = 0; c < 3; c++)
    shira_dram_tick(d);
  assert_true(shira_dram_pop(d, &tag));
  assert_int_equal(tag, 3);
  shira_dram_close(d);
}

// What is named ahead is done in that cycle and in no other, each burst once: random bursts to a
// machine's memory and the host's.
static void check_certain(const char *path) {
  enum { TAGS = 4096, CYCLES = 200000 };
  static uint64_t due[TAGS];
  struct shira_machine m;
  struct shira_dram *d;
  uint64_t random = 1, ahead, named = 0, early = 0, popped = 0;
  uint32_t tag, next = 0;
  assert_int_equal(shira_machine_load(path, &m, NULL), 0);
  assert_int_equal(shira_dram_both_open(&m, NULL, &d, NULL), 0);
  memset(due, 0, sizeof due);
  for (uint64_t c = 1; c <= CYCLES; c++) {
    random = random * UINT64_C(6364136223846793005) + 1;
    const uint64_t host = random >> 62 == 0 ? m.memory_bytes : 0;
    const uint64_t addr = SHIRA_MEMORY_BASE + host + (random >> 40 & 0xffff) * 32;
    if (c % 4096 < 2048 && shira_dram_push(d, addr, random >> 36 & 1, ANY, next % TAGS))
      next++;
    shira_dram_tick(d);
    while (shira_dram_pop(d, &tag)) {
      assert_true(due[tag] == 0 || due[tag] == c);
      due[tag] = 0;
      popped++;
    }
    for (uint32_t i = 0; c % 64 == 0 && i < TAGS; i++) // none is late
      assert_true(due[i] == 0 || due[i] > c);
    while (c % 7 == 0 && shira_dram_certain(d, &tag, &ahead)) {
      assert_int_equal(due[tag], 0);
      assert_true(ahead != 0); // what is done was popped
      due[tag] = c + ahead;
      named++;
      early += ahead > 20;
    }
  }
  assert_true(popped > 1000 && named > popped * 9 / 10 && early > popped / 2);
  shira_dram_close(d);
}

static void test_certain(void **state) {
  (void)state;
  check_certain("configs/hw/tiny.yaml");
  check_certain("configs/hw/edge16.yaml");
}

static void test_refuses(void **state) {
  (void)state;
  static const struct shira_machine bad[] = {
      {.clock_mhz = 1, .memory_latency = 0, .memory_peak_mb_s = 1, .memory_burst_bytes = 1},
      {.clock_mhz = 1, .memory_latency = 100001, .memory_peak_mb_s = 1, .memory_burst_bytes = 1},
      {.clock_mhz = 0, .memory_latency = 1, .memory_peak_mb_s = 1, .memory_burst_bytes = 1},
      {.clock_mhz = 1, .memory_latency = 1, .memory_peak_mb_s = 0, .memory_burst_bytes = 1},
      {.clock_mhz = 1, .memory_latency = 1, .memory_peak_mb_s = 1, .memory_burst_bytes = 0},
      {.clock_mhz = 1,
       .memory_latency = 100000,
       .memory_peak_mb_s = UINT32_MAX,
       .memory_burst_bytes = 1},
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct shira_dram *d;
    struct shira_error error = {""};
    assert_int_equal(shira_dram_fixed_open(&bad[i], SHIRA_MEM_LOCAL, &d, &error), -EINVAL);
    assert_null(d);
    assert_true(error.text[0] != 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_latency),
      cmocka_unit_test(test_rate),
      cmocka_unit_test(test_idle_earns_nothing),
      cmocka_unit_test(test_sharing),
      cmocka_unit_test(test_clear),
      cmocka_unit_test(test_certain),
      cmocka_unit_test(test_refuses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
