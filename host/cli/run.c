// shirasim run, shirasim machines
#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/base/lock.h"
#include "host/base/whole.h"
#include "host/cli/cli.h"
#include "shira/experiment.h"
#include "shira/report.h"

struct run_args {
  const char *experiment, *out;
  char waves[512];
  struct shira_run_options o;
};

enum {
  OPT_SEED = 256,
  OPT_STORE,
  OPT_NO_STORE,
  OPT_SAMPLES,
  OPT_KEEP_DATA,
  OPT_STALL,
  OPT_MAX_CYCLES,
  OPT_WAVES,
  OPT_DRAM_TRACE,
  OPT_RTL,
  OPT_AREA,
  OPT_TIMING,
  OPT_BOUND_SCALE
};

static const struct argp_option run_options[] = {
    {"out", 'o', "DIR", 0, "folder of the report (build/report)", 0},
    {"device", 'd', "NAME", 0, "rtl or golden ($SHIRA_DEVICE, else rtl)", 0},
    {"jobs", 'j', "N", 0,
     "points that are measured at a time (one a processor); 0: in this process, each timed once",
     0},
    {"seed", OPT_SEED, "N", 0, "in place of the experiment's seed", 0},
    {"store", OPT_STORE, "DIR", 0,
     "folder of results: what is in it is not measured again ($SHIRA_STORE, else build/store)", 0},
    {"no-store", OPT_NO_STORE, NULL, 0, "measure all, keep nothing", 0},
    {"samples", OPT_SAMPLES, "N", 0,
     "most timings of a program, 1 to 8 (8 of a short one, 2 of a long one)", 0},
    {"keep-data", OPT_KEEP_DATA, "DIR", 0, "write weights, adapters and inputs there", 0},
    {"stall", OPT_STALL, "PERCENT", 0, "random stalls on every AXI channel, 0 to 90 (0)", 0},
    {"max-cycles", OPT_MAX_CYCLES, "N", 0, "stop a device after N cycles", 0},
    {"waves", OPT_WAVES, "FILE.fst[:FROM-TO]", 0,
     "write waves of the first workload's points, one after another, cycles FROM to TO", 0},
    {"dram-trace", OPT_DRAM_TRACE, "FILE", 0,
     "write the DRAM's commands of the first workload's points: clock, channel, command, place", 0},
    {"rtl-dir", OPT_RTL, "DIR", 0, "folder of the RTL builds (build/rtl)", 0},
    {"area-dir", OPT_AREA, "DIR", 0, "folder of what `make area` wrote (build/area)", 0},
    {"timing-dir", OPT_TIMING, "DIR", 0, "folder of what `make timing` wrote (build/timing)", 0},
    {"bound-scale", OPT_BOUND_SCALE, "X", 0,
     "fail where a result is below X times its bound (1); shows that a run can fail", 0},
    {0},
};

// FILE.fst[:FROM-TO]
static void parse_waves(struct run_args *a, const char *text, struct argp_state *state) {
  if ((size_t)snprintf(a->waves, sizeof(a->waves), "%s", text) >= sizeof(a->waves))
    argp_error(state, "--waves: more than %zu characters", sizeof(a->waves) - 1);
  char *range = strrchr(a->waves, ':');
  if (range) {
    *range++ = 0;
    char *to = strchr(range, '-');
    if (!to)
      argp_error(state, "--waves: '%s' is not FROM-TO", range);
    *to++ = 0;
    a->o.waves_from = cli_number(range, 0, UINT64_MAX - 1, "--waves", state);
    a->o.waves_to = cli_number(to, a->o.waves_from + 1, UINT64_MAX, "--waves", state);
  }
  a->o.waves = a->waves;
}

static error_t parse_run(int key, char *arg, struct argp_state *state) {
  struct run_args *a = state->input;
  char *end;
  switch (key) {
  case 'o':
    a->out = arg;
    return 0;
  case 'd':
    a->o.backend = arg;
    return 0;
  case 'j':
    a->o.jobs = (unsigned)cli_number(arg, 0, 1024, "--jobs", state);
    a->o.in_process = a->o.jobs == 0;
    return 0;
  case OPT_SEED:
    a->o.seed = cli_number(arg, 0, UINT64_MAX, "--seed", state);
    a->o.has_seed = true;
    return 0;
  case OPT_STORE:
    a->o.store = arg;
    return 0;
  case OPT_NO_STORE:
    a->o.store = NULL;
    return 0;
  case OPT_SAMPLES:
    a->o.samples = (unsigned)cli_number(arg, 1, 8, "--samples", state);
    return 0;
  case OPT_KEEP_DATA:
    a->o.keep_data = arg;
    return 0;
  case OPT_STALL:
    a->o.stall_percent = (unsigned)cli_number(arg, 0, 90, "--stall", state);
    return 0;
  case OPT_MAX_CYCLES:
    a->o.max_cycles = cli_number(arg, 1, UINT64_MAX, "--max-cycles", state);
    return 0;
  case OPT_WAVES:
    parse_waves(a, arg, state);
    return 0;
  case OPT_DRAM_TRACE:
    a->o.dram_trace = arg;
    return 0;
  case OPT_RTL:
    a->o.rtl_root = arg;
    return 0;
  case OPT_AREA:
    a->o.area_root = arg;
    return 0;
  case OPT_TIMING:
    a->o.timing_root = arg;
    return 0;
  case OPT_BOUND_SCALE:
    a->o.bound_scale = strtod(arg, &end);
    if (*end || !(a->o.bound_scale >= 1))
      argp_error(state, "--bound-scale: '%s' is not a number from 1", arg);
    return 0;
  case ARGP_KEY_ARG:
    if (a->experiment)
      argp_error(state, "more than one experiment");
    a->experiment = arg;
    return 0;
  case ARGP_KEY_END:
    if (!a->experiment)
      argp_error(state, "no experiment");
    if (strcmp(a->o.backend, "rtl") && strcmp(a->o.backend, "golden"))
      argp_error(state, "device '%s' is neither rtl nor golden", a->o.backend);
    if (a->o.waves && strcmp(a->o.backend, "rtl"))
      argp_error(state, "--waves needs device rtl");
    if (a->o.dram_trace && strcmp(a->o.backend, "rtl"))
      argp_error(state, "--dram-trace needs device rtl");
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

#define QUIET_S 5.0 // between two lines of progress where no terminal rewrites them

struct shown {
  double progress_s;   // when progress was last shown
  unsigned complaints; // that were told
};

// On a terminal one line that is rewritten, else a line now and then.
static void show_progress(void *arg, const struct shira_progress *p) {
  struct shown *shown = arg;
  const bool tty = isatty(STDERR_FILENO);
  char left[32] = "";
  if (!tty && p->seconds - shown->progress_s < QUIET_S && p->done != p->points)
    return;
  shown->progress_s = p->seconds;
  if (p->seconds_left >= 0 && p->done < p->points)
    snprintf(left, sizeof(left), ", %.0f s left", p->seconds_left);
  fprintf(stderr, "%s%u of %u points  %.2f M cycles/s  %.0f s%s  %s%s", tty ? "\r\033[K" : "",
          p->done, p->points, 1e-6 * p->cycles_per_s, p->seconds, left, p->point, tty ? "" : "\n");
  fflush(stderr);
}

static void complain(void *arg, const char *sentence) {
  struct shown *shown = arg;
  shown->complaints++;
  fprintf(stderr, "shirasim: %s\n", sentence);
}

// The exit code of -errno `rc` of an experiment.
static int exit_code(int rc) {
  switch (-rc) {
  case EINTR:
    return EXIT_INTERRUPTED;
  case EDQUOT:
    return EXIT_OUTPUT;
  case EBADMSG:
  case ERANGE:
    return EXIT_WRONG;
  case ETIME:
  case EIO:
  case ENODEV:
  case EPROTO:
    return EXIT_DEVICE;
  default:
    return EXIT_INPUT;
  }
}

// Writes what there is: the report, or the part of it that was measured, beside the last whole one.
static int write_report(const struct run_args *a, const struct shira_report *report, int code) {
  struct shira_error err;
  const bool partial = shira_report_missing(report) > 0;
  int rc = shira_report_write(report, a->out, partial, &err);
  if (rc)
    return cli_fail(EXIT_OUTPUT, &err);
  if (partial) {
    fprintf(stderr, "shirasim: %u of %u points are missing: %s/report.partial.html says why\n",
            shira_report_missing(report), report->n_results, a->out);
    return code;
  }
  if (shira_report_print(report, stdout, &err))
    return cli_fail(EXIT_OUTPUT, &err);
  printf("\n%s/report.html\n%s/report.json\n", a->out, a->out);
  return code;
}

static int run_locked(struct run_args *a) {
  struct shira_report report;
  struct shira_error err = {{0}};
  int rc = shira_experiment_run(a->experiment, &a->o, &report, &err);
  int code = rc ? exit_code(rc) : EXIT_OK;
  if (isatty(STDERR_FILENO))
    fprintf(stderr, "\r\033[K");
  const struct shown *shown = a->o.arg;
  if (rc && !shown->complaints)
    cli_fail(code, &err);
  if (rc && !report.n_results)
    return code;
  code = write_report(a, &report, code);
  shira_report_free(&report);
  return code;
}

int cli_run(int argc, char **argv) {
  static const struct argp argp = {run_options,
                                   parse_run,
                                   "EXPERIMENT",
                                   "Measures an experiment on a device, checks every result and "
                                   "writes report.json and report.html.",
                                   NULL,
                                   NULL,
                                   NULL};
  const char *device = getenv("SHIRA_DEVICE"), *store = getenv("SHIRA_STORE");
  struct run_args a = {.out = "build/report",
                       .o = {.backend = device && *device ? device : "rtl",
                             .store = store && *store ? store : "build/store",
                             .rtl_root = "build/rtl",
                             .area_root = "build/area",
                             .timing_root = "build/timing"}};
  argp_parse(&argp, argc, argv, 0, NULL, &a);
  char work[PATH_MAX + sizeof("/adapters")];
  struct shown shown = {.progress_s = -QUIET_S}; // the first point is told at once
  struct shira_lock lock = SHIRA_LOCK_NONE;
  struct shira_error err = {{0}};
  snprintf(work, sizeof(work), "%s/adapters", a.out);
  a.o.work_dir = work;
  a.o.progress = show_progress;
  a.o.complain = complain;
  a.o.arg = &shown;
  if (shira_make_folder(a.out, &err) || shira_whole_sweep(a.out, 0, NULL, NULL, &err) ||
      shira_lock_take(&lock, a.out, a.experiment, &err))
    return cli_fail(EXIT_OUTPUT, &err);
  const int code = run_locked(&a);
  shira_lock_release(&lock);
  return code;
}

int cli_machines(int argc, char **argv) {
  struct shira_experiment e;
  struct shira_error err;
  if (argc != 2 || argv[1][0] == '-')
    return cli_usage(argc, argv, "EXPERIMENT");
  if (shira_experiment_load(argv[1], NULL, &e, &err))
    return cli_fail(EXIT_INPUT, &err);
  for (uint32_t i = 0; i < e.n_machines; i++)
    puts(e.machines[i]);
  return EXIT_OK;
}
