// Clocks pe_array with new activations every cycle and prints its speed; checks the sums.
// usage: pe_array [SECONDS]. Prints `NAME: X M cycles/s`, the best of many short parts:
//   stay   the weights stay in the PEs, as in a product with many tokens
//   load   all weights are new in every cycle, as in a product with one token
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "Vpe_array.h"
#include "Vpe_array___024root.h"
#include "verilated.h"

#ifndef SYSTOLIC
#define SYSTOLIC 1
#endif

enum { N = 16, Beats = 4096 };

static Vpe_array *dut;
static uint32_t x_pool[Beats][N / 4], w_pool[Beats][N * N / 4];

static uint64_t rnd() {
  static uint64_t s = 0x9e3779b97f4a7c15ull;
  s ^= s << 13;
  s ^= s >> 7;
  s ^= s << 17;
  return s * 0x2545f4914f6cdd1dull;
}

// One clock cycle: the rising edge alone, as sim/rtl/harness.cpp does it.
void Vpe_array___024root___eval_triggers__act(Vpe_array___024root *);
void Vpe_array___024root___eval_nba(Vpe_array___024root *);

static inline void tick() {
  Vpe_array___024root *root = dut->rootp;
  root->__Vtrigrprev__TOP__clk_i = 0;
  dut->clk_i = 1;
  Vpe_array___024root___eval_triggers__act(root);
  root->__VnbaTriggered.clear();
  root->__VnbaTriggered.set(root->__VactTriggered);
  Vpe_array___024root___eval_nba(root);
}

// Sums of one column after the weights w were loaded and activations went in, skewed where they
// move.
static void check() {
  memcpy(&dut->w_i, w_pool[0], sizeof w_pool[0]);
  dut->load_i = 1;
  tick();
  dut->load_i = 0;
  const int cycles = 200;
  for (int t = 0; t < cycles; t++) {
    memcpy(&dut->x_i, x_pool[t], sizeof x_pool[0]);
    tick();
    for (int n = 0; n < N && t > 3 * N; n++) {
      uint32_t sum = 0;
      for (int k = 0; k < N; k++) {
        // Row k is N - 1 - k rows above the bottom; a column's activations come n cycles later.
        const int when = t - 1 - (N - 1 - k) - (SYSTOLIC ? n : 0);
        sum += (uint32_t)(((int8_t *)w_pool[0])[n * N + k] * ((int8_t *)x_pool[when])[k]);
      }
      if (((uint32_t *)&dut->sum_o)[n] != sum) {
        fprintf(stderr, "pe_array: cycle %d column %d: wrong sum\n", t, n);
        exit(1);
      }
    }
  }
}

static void measure(const char *name, bool load, double seconds) {
  double best = 0;
  uint32_t seen = 0;
  const int cycles = 20000;
  const auto start = std::chrono::steady_clock::now();
  double total = 0;
  dut->load_i = load;
  while (total < seconds) {
    const auto part = std::chrono::steady_clock::now();
    for (int i = 0; i < cycles; i++) {
      memcpy(&dut->x_i, x_pool[i % Beats], sizeof x_pool[0]);
      if (load)
        memcpy(&dut->w_i, w_pool[i % Beats], sizeof w_pool[0]);
      tick();
      seen ^= ((uint32_t *)&dut->sum_o)[i % N];
    }
    const auto now = std::chrono::steady_clock::now();
    const double speed = cycles / std::chrono::duration<double>(now - part).count();
    if (speed > best)
      best = speed;
    total = std::chrono::duration<double>(now - start).count();
  }
  printf("%s: %.2f M cycles/s (%08x)\n", name, 1e-6 * best, seen);
}

int main(int argc, char **argv) {
  const double seconds = argc > 1 ? atof(argv[1]) : 2;
  dut = new Vpe_array;
  dut->eval(); // the first one sets the clock's memory
  for (auto &row : x_pool)
    for (auto &x : row)
      x = (uint32_t)(rnd() >> 16);
  for (auto &tile : w_pool)
    for (auto &w : tile)
      w = (uint32_t)(rnd() >> 16);
  check();
  measure("stay", false, seconds);
  measure("load", true, seconds);
  return 0;
}
