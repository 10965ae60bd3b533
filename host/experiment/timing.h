// Timings of a program: samples from one defined state, each at its phase of the refresh (D7).
//
// Every sample but the last is taken on a copy of the device, by a process of its own that is
// forked here, so that all of them start from the same contents; the last runs on the device
// itself, and then on the golden model. Before each the device is reset and its memory settled.
#ifndef SHIRA_EXPERIMENT_TIMING_H
#define SHIRA_EXPERIMENT_TIMING_H

#include "host/experiment/bench.h"
#include "shira/result.h"

// Times the program that `plan` builds and runs it once on every seat. Fills the samples of *m, and
// phases, counters and memory of the median. *same tells whether the golden model agrees. Blocks
// until done. Errors: those of bench_run; -EIO also where a sample did not come back.
int timing_take(struct bench *b, bench_plan plan, const void *arg, const char *what,
                struct shira_measure *m, bool *same, struct shira_error *err);

#endif
