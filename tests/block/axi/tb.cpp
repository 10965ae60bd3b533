// Bench of the AXI master's read and write sides, the registers and the counters.
// SEED chooses stalls, requests and events; every expectation is computed here from the requests.
#include "sim/rtl/coverage.h"
#include "tests/block/axi/bench.h"
#include "verilated.h"
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <string>

double sc_time_stamp() {
  return 0;
}

Vaxi_tb_top *top;
std::mt19937 rng;
static unsigned n_tests, n_failed;
static std::string why; // first failed expectation of the running test

void expect(bool good, const char *format, ...) {
  if (good || !why.empty())
    return;
  char text[256];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  why = text;
}

void report(const char *name) {
  n_tests++;
  if (why.empty()) {
    printf("ok %u - %s\n", n_tests, name);
  } else {
    n_failed++;
    printf("not ok %u - %s\n# %s\n", n_tests, name, why.c_str());
  }
  why.clear();
}

void tick() {
  top->clk_i = 1;
  top->eval();
  top->clk_i = 0;
  top->eval();
}

void quiet() {
  top->rd_req_valid_i = top->rvalid_i = top->wr_req_valid_i = top->wr_data_valid_i = 0;
  top->bvalid_i = top->axil_awvalid_i = top->axil_wvalid_i = top->axil_arvalid_i = 0;
  top->arready_i = top->awready_i = top->wready_i = 0;
  top->axil_bready_i = top->axil_rready_i = 1;
  top->irq_set_i = 0;
  top->cancel_clear_i = 0;
  memset(top->traffic_i.data(), 0, 16);
  memset(top->sram_events_i.data(), 0, 12);
  top->ev_descriptor_i = top->ev_bank_stall_i = 0;
  top->ev_updates_i = top->ev_macs_i = 0;
  top->state_i = top->waiting_i = 0;
}

void reset() {
  quiet();
  top->rst_ni = 0;
  top->eval();
  tick();
  tick();
  top->rst_ni = 1;
  top->eval();
}

int main(int argc, char **argv) {
  Verilated::commandArgs(argc, argv);
  const char *text = getenv("SEED");
  unsigned seed = text ? (unsigned)strtoul(text, nullptr, 0) : 0;
  rng.seed(seed);
  printf("# SEED=%u\n1..10\n", seed);
  top = new Vaxi_tb_top;
  test_traffic();
  test_fair();
  test_reset_values();
  test_reads_in_a_row();
  test_map();
  test_writes();
  test_irq();
  test_counters();
  test_states_sum();
  test_snapshot();
  top->final();
  shira_coverage_write(Verilated::threadContextp());
  delete top;
  return n_failed != 0;
}
