// A device at work: driver, buffers in its memory, and running programs on it.
#ifndef SHIRA_EXPERIMENT_STATION_H
#define SHIRA_EXPERIMENT_STATION_H

#include "shira/driver.h"
#include "shira/experiment.h"
#include "shira/plan.h"

// Wall-clock time, of no particular start.
double seconds_now(void);

struct station {
  const char *backend;
  struct shira_driver *drv;
  bool timed;              // the device has cycles
  uint64_t refresh_cycles; // of a refresh interval of its memory, 0: it is not refreshed
  double seconds;          // wall time spent in runs, on copies too
  uint64_t cycles_apart;   // simulated on copies of it
};

// Opens `backend` for the machine. Errors: those of shira_open, with a sentence.
int station_open(struct station *s, const char *backend, const struct shira_machine *hw,
                 const struct shira_run_options *options, struct shira_error *err);
void station_close(struct station *s);

// Cycles that the device has run since it was opened.
uint64_t station_cycles(const struct station *s);

// What its memory gives in sequence, 10^6 bytes a second. Errors: the device's, with a sentence.
int station_sequential(const struct station *s, double *mb_s, struct shira_error *err);

// The defined state from which timings start: the idle device is reset, which leaves its SRAMs as
// they are, and its memory settled at `eighth` of the refresh interval (shira/device.h). Errors:
// the driver's and the device's, with a sentence.
int station_settle(struct station *s, uint32_t eighth, struct shira_error *err);

// A buffer in the device's memory, or the host's, with a copy of `data` (NULL: zeros). It lives
// until station_close or shira_free. Errors: -ENOMEM.
int station_upload(struct station *s, const void *data, size_t bytes, enum shira_mem_kind kind,
                   struct shira_mem *mem, struct shira_error *err);

// What one run of a program gave; owns r.completions.
struct outcome {
  struct shira_run_result r;
  struct shira_phases phases;
  uint64_t counters[SHIRA_COUNTER_COUNT];
  struct shira_dram_stats memory; // of the cycles of the run, and a few around it
};

// Runs `p` to its end. The counters are those of the cycles from the doorbell to the last
// completion: what engines idle before and after is left out. Free *out with run_free, also after
// an error. Errors: -ENOMEM; -EIO the device did not run it to its end, with the driver's sentence
// after `what`; -EPROTO its counters do not add up.
int station_run(struct station *s, const struct shira_program *p, const char *what,
                struct outcome *out, struct shira_error *err);
void run_free(struct outcome *run);

#endif
