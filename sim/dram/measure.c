// What a memory gives at best.
#include <errno.h>

#include "sim/dram/dram.h"

// Long enough for tens of refreshes of every standard.
#define WARM_UP 16384u  // bursts
#define MEASURED 65536u // bursts
#define PATIENCE 65536u // cycles without a burst that is done, as the RTL's watchdog

int shira_dram_sequential(const struct shira_machine *m, double *mb_s, struct shira_error *error) {
  struct shira_dram *d;
  const int ret = shira_dram_open(m, NULL, &d, error);
  *mb_s = 0;
  if (ret != 0)
    return ret;
  const uint64_t all = WARM_UP + MEASURED, span = m->memory_bytes / m->memory_burst_bytes;
  uint64_t pushed = 0, done = 0, cycle = 0, from = 0, last = 0;
  for (; done < all && cycle - last < PATIENCE + m->memory_latency; cycle++) {
    while (pushed < all &&
           shira_dram_push(d, SHIRA_MEMORY_BASE + pushed % span * m->memory_burst_bytes,
                           SHIRA_DRAM_READ, SHIRA_DRAM_UNCLASSED, 0))
      pushed++;
    shira_dram_tick(d);
    for (uint32_t tag; shira_dram_pop(d, &tag); last = cycle)
      if (++done == WARM_UP)
        from = cycle;
  }
  if (done == all)
    *mb_s = (double)MEASURED * m->memory_burst_bytes * m->clock_mhz / (double)(last - from);
  shira_dram_close(d);
  return done == all ? 0 : shira_fail(error, EIO, "the memory model does not answer");
}
