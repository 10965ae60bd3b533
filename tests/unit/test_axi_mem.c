// The memory slave of the harness: settled, it answers as one that was just opened, whatever it did
// before; and what it refuses.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/rtl/axi_mem.h"

#define CYCLES 900u
#define STALL 20u

struct bench {
  struct shira_machine m;
  struct shira_memory memory;
  struct shira_mem mem[2]; // the device's, the host's
  struct shira_fault_state fault;
  struct shira_port *port;
  struct axi_mem *axi;
  struct axi_inputs in;
  uint8_t beat[64];
};

static void bench_open(struct bench *b, unsigned stall) {
  struct shira_error e = {""};
  memset(b, 0, sizeof *b);
  if (shira_machine_load("configs/hw/tiny.yaml", &b->m, &e) ||
      shira_memory_open(&b->memory, b->m.memory_bytes, b->m.host_bytes, &e) ||
      shira_local_port_open(&b->m, &b->memory, axi_mem_tags(&b->m), NULL, &b->port, &e) ||
      axi_mem_open(&b->m, b->port, &b->fault, 3, stall, &b->axi, &e))
    fail_msg("%s", e.text);
  for (unsigned host = 0; host < 2; host++)
    assert_int_equal(shira_memory_map(&b->memory, SHIRA_PAGE_BYTES, host, &b->mem[host]), 0);
}

static void bench_close(struct bench *b) {
  axi_mem_close(b->axi);
  b->port->ops->close(b->port);
  shira_memory_close(&b->memory);
}

// One memory burst.
static struct axi_request request(const struct bench *b, bool host) {
  const uint32_t beat = b->m.axi_data_bits / 8;
  return (struct axi_request){.addr = b->mem[host].addr,
                              .beats = b->m.memory_burst_bytes / beat,
                              .size = (uint8_t)__builtin_ctz(beat),
                              .burst = 1,
                              .prot = 2,
                              .cache = 2};
}

// Cycles in which a read of one memory and a write of the same are asked for, so that both wait for
// the port from one cycle on, and answered. `log` has a byte a cycle: the inputs of the next edge.
static void traffic(struct bench *b, bool host, bool read, bool write, uint8_t log[CYCLES]) {
  const uint32_t beats = request(b, host).beats;
  uint32_t left = write ? beats : 0;
  bool ar = false, aw = !write;
  b->in = (struct axi_inputs){0};
  for (unsigned i = 0; i < CYCLES; i++) {
    struct axi_edge e = {.wdata = b->beat,
                         .wstrb = (const uint8_t *)"\377\377\377\377\377\377\377"};
    e.ar_req = e.aw_req = request(b, host);
    e.aw = !aw && b->in.awready;
    e.w = aw && left != 0 && b->in.wready;
    left -= e.w;
    e.wlast = left == 0;
    e.ar = read && !ar && left == 0 && b->in.arready;
    aw |= e.aw;
    ar |= e.ar;
    e.r = b->in.rvalid;
    e.b = b->in.bvalid;
    assert_true(axi_mem_step(b->axi, &e, &b->in));
    log[i] = (uint8_t)(b->in.arready | b->in.awready << 1 | b->in.wready << 2 | b->in.rvalid << 3 |
                       b->in.bvalid << 4 | b->in.rlast << 5);
  }
}

static void test_same(void **state) {
  (void)state;
  static uint8_t first[CYCLES], log[CYCLES];
  for (unsigned stall = 0; stall <= STALL; stall += STALL)
    for (unsigned host = 0; host < 2; host++) {
      struct bench b;
      bench_open(&b, stall);
      traffic(&b, host, true, true, first);
      unsigned answers = 0;
      for (unsigned i = 0; i < CYCLES; i++)
        answers += (first[i] & 0x20) != 0 || (first[i] & 0x10) != 0;
      assert_in_range(answers, 2, CYCLES); // the last beat of the read, and the write's response
      for (unsigned before = 0; before < 16; before++) {
        for (unsigned k = 0; k < before % 4; k++)
          traffic(&b, before / 4 % 2, before / 8, !(before / 8), log);
        assert_int_equal(axi_mem_settle(b.axi, 0), 0);
        traffic(&b, host, true, true, log);
        assert_memory_equal(log, first, CYCLES);
      }
      bench_close(&b);
    }
}

// From the cycle in which a burst is accepted to the one in which its answer is taken, whether the
// port has it or not; then not any more.
static void test_busy(void **state) {
  (void)state;
  struct bench b;
  struct axi_edge e = {.ar = true}, quiet = {0}, r = {.r = true};
  bench_open(&b, 0);
  e.ar_req = request(&b, false);
  assert_int_equal(axi_mem_settle(b.axi, 0), 0);
  assert_true(axi_mem_step(b.axi, &e, &b.in));
  unsigned n = 0;
  for (; !b.in.rlast; n++) {
    assert_int_equal(axi_mem_settle(b.axi, 0), -EBUSY);
    assert_true(axi_mem_step(b.axi, b.in.rvalid ? &r : &quiet, &b.in));
  }
  for (unsigned i = 0; i < 200; i++) // nobody takes the last beat
    assert_true(axi_mem_step(b.axi, &quiet, &b.in));
  assert_in_range(n, b.m.memory_latency, 4 * b.m.memory_latency);
  assert_int_equal(axi_mem_settle(b.axi, 0), -EBUSY);
  assert_true(axi_mem_step(b.axi, &r, &b.in));
  assert_int_equal(axi_mem_settle(b.axi, 0), 0);
  bench_close(&b);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same),
      cmocka_unit_test(test_busy),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
