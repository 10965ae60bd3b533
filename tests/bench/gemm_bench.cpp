// Simulation speed of the GEMM engine with its SRAMs: a 2048 x 2048 product, 1, 2 and 128 tokens,
// and an addition onto weights. usage: gemm_bench [SECONDS a case]. Prints one line a case and
// checks results against sums made here.
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "Vgemm_top.h"
#include "Vgemm_top___024root.h"
#include "host/include/shira/wire.h"
#include "verilated.h"

static Vgemm_top *dut;
static uint64_t cycles;

static uint64_t rnd() {
  static uint64_t s = 0x9e3779b97f4a7c15ull;
  s ^= s << 13;
  s ^= s >> 7;
  s ^= s << 17;
  return s * 0x2545f4914f6cdd1dull;
}

// One clock cycle. CLOCK_PREV names the variable in which the model remembers the clock: clearing
// it saves the evaluation of the falling edge, on which nothing depends.
static void tick() {
#ifdef CLOCK_PREV
  dut->rootp->CLOCK_PREV = 0;
#else
  dut->clk_i = 0;
  dut->eval();
#endif
  dut->clk_i = 1;
  dut->eval();
  cycles++;
}

static void fill(unsigned space, std::vector<uint8_t> &bytes) {
  dut->cp_space_i = (uint8_t)(1u << space);
  dut->cp_write_i = 1;
  for (uint32_t a = 0; a < bytes.size(); a += sizeof dut->cp_data_i) {
    dut->cp_addr_i = a;
    memcpy(&dut->cp_data_i, &bytes[a], sizeof dut->cp_data_i);
    tick();
  }
  dut->cp_write_i = 0;
}

static uint8_t read_act(uint32_t addr) {
  const uint32_t beat = sizeof dut->cp_data_o;
  dut->cp_read_i = 1;
  dut->cp_space_i = 2;
  dut->cp_addr_i = addr / beat * beat;
  tick();
  dut->cp_read_i = 0;
  tick();
  uint8_t bytes[sizeof dut->cp_data_o];
  memcpy(bytes, &dut->cp_data_o, beat);
  return bytes[addr % beat];
}

static void run(const shira_desc_gemm &d) {
  memcpy(&dut->cmd_desc_i, &d, sizeof d);
  dut->cmd_valid_i = 1;
  while (!dut->cmd_ready_o)
    tick();
  tick();
  dut->cmd_valid_i = 0;
  while (!dut->done_valid_o)
    tick();
  if (dut->status_o != SHIRA_STATUS_OK) {
    fprintf(stderr, "gemm_bench: status %u\n", dut->status_o);
    exit(1);
  }
}

// Repeats work() for about `seconds` and prints the best of 16 parts.
template <class F> static void measure(const char *name, double seconds, F work) {
  double best = 0;
  work();
  for (int part = 0; part < 16; part++) {
    const uint64_t before = cycles;
    const auto start = std::chrono::steady_clock::now();
    double t = 0;
    do {
      work();
      t = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    } while (t < seconds / 16);
    const double speed = (double)(cycles - before) / t;
    if (speed > best)
      best = speed;
  }
  printf("%s: %.2f M cycles/s\n", name, 1e-6 * best);
}

enum : uint32_t { size = 2048, tiles = size / 16, out = 128 * size };
static std::vector<uint8_t> weight(size *size), act(128 * size), param(8 * size);

// Compares one result with its sum.
static bool right(uint32_t token, uint32_t channel) {
  uint32_t record[2];
  memcpy(record, &param[8 * channel], 8);
  int64_t sum = (int32_t)record[0];
  for (uint32_t q = 0; q < size; q++) {
    const uint64_t word = (uint64_t)(channel / 16 * tiles + q / 16) * 16 + channel % 16;
    sum += (int8_t)weight[word * 16 + q % 16] * (int8_t)act[token * size + q];
  }
  int64_t v = (sum * (record[1] & 0xffffff) + (1 << 29)) >> 30;
  v = v < -128 ? -128 : v > 127 ? 127 : v;
  if (read_act(out + token * size + channel) == (uint8_t)v)
    return true;
  fprintf(stderr, "gemm_bench: wrong result, token %u channel %u\n", token, channel);
  return false;
}

// Random operands, in the SRAMs and here.
static void fill_all() {
  for (auto &b : weight)
    b = (uint8_t)rnd();
  for (auto &b : act)
    b = (uint8_t)rnd();
  for (uint32_t c = 0; c < size; c++) {
    uint32_t record[2] = {(uint32_t)rnd() % 2000, 30u << 24 | (0x800000 + (uint32_t)c)};
    memcpy(&param[8 * c], record, 8);
  }
  fill(0, weight);
  fill(1, act);
  fill(3, param);
}

static void measure_idle(double seconds) {
  measure("idle", seconds, [] {
    for (int i = 0; i < 10000; i++)
      tick();
  });
}

static void measure_scatter(double seconds) {
  dut->cp_read_i = 1; // sets row and mask
  dut->cp_addr_i = 0x4010;
  tick();
  dut->cp_read_i = 0;
  dut->scatter_i = 1;
  measure("a byte to each bank", seconds, [] {
    for (int i = 0; i < 10000; i++)
      tick();
  });
  dut->scatter_i = 0;
  fill(0, weight);
}

// False where a result is wrong.
static bool measure_product(double seconds, uint32_t tokens) {
  shira_desc_gemm d = {};
  d.opcode = SHIRA_OPCODE_GEMM;
  d.out = SHIRA_GEMM_OUT_INT8;
  d.tokens = tokens;
  d.n_tiles = d.k_tiles = tiles;
  d.x_stride = size;
  d.out_addr = out;
  d.out_stride = size;
  d.win_hi = UINT64_MAX;
  char name[20];
  snprintf(name, sizeof name, "gemm M=%u", tokens);
  measure(name, seconds, [&] { run(d); });
  for (int i = 0; i < 200; i++)
    if (!right((uint32_t)(rnd() % tokens), (uint32_t)(rnd() % size)))
      return false;
  return true;
}

static void measure_addition(double seconds) {
  shira_desc_gemm d = {};
  d.opcode = SHIRA_OPCODE_GEMM;
  d.out = SHIRA_GEMM_OUT_WADD;
  d.tokens = size / 2;
  d.n_tiles = d.image_k_tiles = tiles;
  d.k_tiles = 2;
  d.x_stride = 32;
  d.out_addr = d.src_addr = size * size;
  d.out_scale = 30u << 24 | 0x800000;
  d.win_hi = UINT64_MAX;
  measure("gemm wadd k=32", seconds, [&] { run(d); });
}

int main(int argc, char **argv) {
  const double seconds = argc > 1 ? atof(argv[1]) : 2;
  dut = new Vgemm_top;
  dut->eval(); // the first one sets the clock's memory
  for (int i = 0; i < 3; i++)
    tick();
  dut->rst_ni = 1;
  fill_all();
  measure_idle(seconds);
  measure_scatter(seconds);
  for (uint32_t tokens : {1u, 2u, 128u})
    if (!measure_product(seconds, tokens))
      return 1;
  measure_addition(seconds);
  return 0;
}
