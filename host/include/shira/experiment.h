// Runs an experiment: every point on a device, checked against the golden model and the reference.
#ifndef SHIRA_EXPERIMENT_H
#define SHIRA_EXPERIMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "shira/config.h"
#include "shira/error.h"
#include "shira/result.h"

// Where a run is.
struct shira_progress {
  const char *point; // id of the point that ended last, "" before the first
  uint32_t done, points;
  double seconds, seconds_left; // since the start, and to the end as far as can be told; < 0: not
  double cycles_per_s;          // device cycles simulated a second, of all processors
};

struct shira_run_options {
  const char *backend;     // "rtl" or "golden"
  const char *rtl_root;    // folder of the RTL builds
  const char *rtl_library; // file in <rtl_root>/<hash>, NULL = libshira_rtl.so
  const char *area_root;   // folder of <hash>.json files of `make area`, NULL = no area
  const char *timing_root; // folder of <hash>.json files of `make timing`, NULL = no timing
  const char *root;        // where configs/ and models/ are, NULL = see shira_experiment_load
  const char *work_dir;    // adapters that are made go below this folder
  const char *store;       // folder of results, NULL = nothing is kept or taken from it
  const char *keep_data;   // folder for weights, adapters and inputs, NULL = they are not written
  bool has_seed;
  uint64_t seed;          // in place of the experiment's, if has_seed
  unsigned jobs;          // worker processes, 0 = one a processor
  unsigned samples;       // most timings of a program, 0 = as D7 says
  unsigned stall_percent; // random stalls on AXI
  uint64_t max_cycles;    // of a point, 0 = no limit
  // Points run one after another in this process, for debuggers and profilers; each program is
  // timed once.
  bool in_process;
  // Observing: points of the first workload and placement run so, and nothing is taken from the
  // store.
  const char *waves; // FST file of that device, NULL = none
  uint64_t waves_from, waves_to;
  const char *dram_trace; // commands of that device's DRAM, NULL = none
  // A result below this many times its bound fails the run, which shows that a run can fail; below
  // 1 it counts as 1. Reports tell the bound itself.
  double bound_scale;
  // Called when a point ends. May be NULL.
  void (*progress)(void *arg, const struct shira_progress *progress);
  // Called with one sentence for each thing that is wrong with the input. May be NULL.
  void (*complain)(void *arg, const char *sentence);
  void *arg; // of both
};

// Runs the experiment file at `path`. Everything that it names is loaded, checked and sized before
// anything is simulated; `complain` is told of each thing that is wrong, *error of the first.
// Points run in worker processes, each from the same state of its device, so that neither their
// order nor what was measured before decides a result. SIGINT and SIGTERM end it early.
//
// *report is owned by the caller, free it with shira_report_free. After an error it has all points
// too, those that are not done with the reason; report->n_results is 0 where the input was wrong.
// Blocks until done. Errors: -EINVAL a file is wrong (the area's too), -ENOSPC a workload does not
// fit a machine, -EBADMSG a result differs from the golden model or the reference, -ERANGE a result
// is below its bound, -EIO a program did not run to its end, -EINTR it was ended by a signal,
// -EDQUOT the store cannot be written, and those of shira_open; of the first point in the report's
// order that failed where several did.
int shira_experiment_run(const char *path, const struct shira_run_options *options,
                         struct shira_report *report, struct shira_error *error);

// Reads <root>/<hash of m's RTL parameters>.json as `make area` writes it; *area is empty where
// there is no such file. Errors: -EINVAL the file is wrong, -errno it cannot be read.
int shira_area_load(const char *root, const struct shira_machine *m, struct shira_area *area,
                    struct shira_error *error);

// The same of `make timing`.
int shira_rtl_timing_load(const char *root, const struct shira_machine *m,
                          struct shira_rtl_timing *timing, struct shira_error *error);

// The block in which the deepest path ends; there is one.
const struct shira_depth *shira_rtl_timing_deepest(const struct shira_rtl_timing *timing);

// Highest clock at which that path fits in a cycle, MHz, wires, skew and SRAMs apart; 0 for an
// FPGA.
uint32_t shira_rtl_timing_mhz(const struct shira_rtl_timing *timing,
                              const struct shira_process *process);

#endif
