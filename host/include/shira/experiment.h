// Runs an experiment: every workload, strategy and switch on a device, checked against the golden
// model and the reference.
#ifndef SHIRA_EXPERIMENT_H
#define SHIRA_EXPERIMENT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "shira/config.h"
#include "shira/error.h"
#include "shira/result.h"

struct shira_run_options {
  const char *backend;     // "rtl" or "golden"
  const char *rtl_root;    // folder of the RTL builds
  const char *rtl_library; // file in <rtl_root>/<hash>, NULL = libshira_rtl.so
  const char *area_root;   // folder of <hash>.json files of `make area`, NULL = no area
  const char *root;        // where configs/ and models/ are, NULL = see shira_experiment_load
  const char *work_dir;    // adapters that are made go below this folder
  bool has_seed;           // else the experiment's seed counts
  uint64_t seed;
  unsigned stall_percent; // random stalls on AXI
  uint64_t max_cycles;    // per workload, 0 = no limit
  const char *waves;      // FST file of the first workload's device, NULL = none
  uint64_t waves_from, waves_to;
  const char *dram_trace; // commands of the first workload's DRAM, NULL = none
  // A result below this many times its bound fails the run, which shows that a run can fail; below
  // 1 it counts as 1. Reports tell the bound itself.
  double bound_scale;
  // Progress: called often; phase e.g. "2048x2048 lora-fused", done in [0,1], and what the device
  // has simulated so far: cycles, and the seconds that it took for them. May be NULL.
  void (*progress)(void *arg, const char *phase, double done, uint64_t cycles, double seconds);
  void *progress_arg;
};

// Runs the experiment file at `path`. Blocks until done. *report is owned by the caller, free it
// with shira_report_free; it is filled as far as the run came also when an error is returned.
// Errors: -EINVAL a file is wrong (the area's too), -ENOSPC a workload does not fit the machine,
// -EBADMSG a result differs from the golden model or the reference, -ERANGE a result is below its
// bound, -EIO a program did not run to its end, and those of shira_open.
int shira_experiment_run(const char *path, const struct shira_run_options *options,
                         struct shira_report *report, struct shira_error *error);

void shira_report_free(struct shira_report *report);

// Makes a folder and those above it. Errors: -errno of the folder.
int shira_make_folder(const char *path, struct shira_error *error);

// Writes report.json, report.html and times.json into the folder `dir`. report.json is the same
// bytes for the same inputs; wall-clock times are in times.json alone. Errors: -errno of the file.
int shira_report_write(const struct shira_report *report, const char *dir,
                       struct shira_error *error);

// Reads <root>/<hash of m's RTL parameters>.json as `make area` writes it; *area is empty where
// there is no such file. Errors: -EINVAL the file is wrong, -errno it cannot be read.
int shira_area_load(const char *root, const struct shira_machine *m, struct shira_area *area,
                    struct shira_error *error);

// Prints the summary table.
void shira_report_print(const struct shira_report *report, FILE *file);

#endif
