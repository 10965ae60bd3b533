// What the example platform runs: weights in, a pass, a SHiRA stream scattered into them, another
// pass, weights out, the stream scattered into the weights in memory. Inputs are in the host's. The
// same on every device.
#ifndef SHIRA_TLM_EXAMPLE_WORK_H
#define SHIRA_TLM_EXAMPLE_WORK_H

#include "shira/dram_stats.h"
#include "shira/driver.h"

#ifdef __cplusplus
extern "C" {
#endif

struct shira_work_result {
  uint64_t load, before, change, after,
      in_memory;   // cycles of the programs, from doorbell to completion
  uint64_t cycles; // of the device, from the first program to the last
  uint64_t counters[SHIRA_COUNTER_COUNT];
  struct shira_dram_stats memory;
  uint64_t hash;  // of both passes' results, the weights read back, those in memory
  double seconds; // processor time of the programs
  struct shira_error error;
};

// Runs it on `drv`, a side x side linear and `tokens` tokens. 0 or -errno with a sentence in
// result->error.
int shira_work_run(struct shira_driver *drv, const struct shira_machine *machine, uint32_t side,
                   uint32_t tokens, struct shira_work_result *result);

#ifdef __cplusplus
}
#endif

#endif
