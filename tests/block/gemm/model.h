// What a GEMM descriptor means, written from rtl/regs/shira_regs.yaml: checks and effect on the
// SRAMs.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "host/include/shira/wire.h"

struct Machine {
  unsigned n, k;
  std::vector<uint8_t> weight, act, acc, param;
};

struct Verdict {
  unsigned status;
  uint64_t where;
};

// clamp(((acc + bias) * mult + round) >> shift, lo, hi)
int32_t requant(int32_t acc, int32_t bias, uint32_t scale, int32_t lo, int32_t hi);

// Says how the descriptor would end, without executing it.
Verdict check(const Machine &m, const shira_desc_gemm &d);

// Executes the descriptor; returns the result vectors written. Stops after `vectors` of them.
uint32_t execute(Machine &m, const shira_desc_gemm &d, uint64_t vectors = UINT64_MAX);
