// shirasim run, shirasim machines
#include <argp.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/cli/cli.h"
#include "shira/experiment.h"

struct run_args {
  const char *experiment, *out;
  char waves[512];
  struct shira_run_options o;
};

enum {
  OPT_SEED = 256,
  OPT_STALL,
  OPT_MAX_CYCLES,
  OPT_WAVES,
  OPT_DRAM_TRACE,
  OPT_RTL,
  OPT_AREA,
  OPT_BOUND_SCALE
};

static const struct argp_option run_options[] = {
    {"out", 'o', "DIR", 0, "folder of the report (build/report)", 0},
    {"device", 'd', "NAME", 0, "rtl or golden ($SHIRA_DEVICE, else rtl)", 0},
    {"seed", OPT_SEED, "N", 0, "in place of the experiment's seed", 0},
    {"stall", OPT_STALL, "PERCENT", 0, "random stalls on every AXI channel, 0 to 90 (0)", 0},
    {"max-cycles", OPT_MAX_CYCLES, "N", 0, "stop a device after N cycles", 0},
    {"waves", OPT_WAVES, "FILE.fst[:FROM-TO]", 0,
     "write waves of the first workload, cycles FROM to TO", 0},
    {"dram-trace", OPT_DRAM_TRACE, "FILE", 0,
     "write the DRAM's commands of the first workload: clock, channel, command, place", 0},
    {"rtl-dir", OPT_RTL, "DIR", 0, "folder of the RTL builds (build/rtl)", 0},
    {"area-dir", OPT_AREA, "DIR", 0, "folder of what `make area` wrote (build/area)", 0},
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
  case OPT_SEED:
    a->o.seed = cli_number(arg, 0, UINT64_MAX, "--seed", state);
    a->o.has_seed = true;
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

// Where the run was when progress was last shown.
struct progress {
  struct timespec began;
  double last_s; // of simulation
  uint64_t last_cycles;
  double rate; // simulated cycles a second
};

// On a terminal one line that is rewritten, else a line each.
static void show_progress(void *arg, const char *phase, double done, uint64_t cycles,
                          double simulated_s) {
  struct progress *p = arg;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  double s =
      (double)(now.tv_sec - p->began.tv_sec) + 1e-9 * (double)(now.tv_nsec - p->began.tv_nsec);
  // A new workload starts a new device, whose cycles begin at 0.
  if (cycles > p->last_cycles && simulated_s > p->last_s)
    p->rate = (double)(cycles - p->last_cycles) / (simulated_s - p->last_s);
  p->last_cycles = cycles;
  p->last_s = simulated_s;
  bool tty = isatty(STDERR_FILENO);
  fprintf(stderr, "%s%3.0f %%  %-46s %7.2f M cycles/s  %4.0f s%s", tty ? "\r\033[K" : "",
          100 * done, phase, 1e-6 * p->rate, s, tty ? "" : "\n");
  fflush(stderr);
}

// The exit code of -errno `rc` of an experiment.
static int exit_code(int rc) {
  switch (-rc) {
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

// A run that fails leaves no report of an earlier one that looks like its own.
static int remove_report(const char *dir, struct shira_error *err) {
  static const char *const files[] = {"report.json", "report.html", "times.json"};
  char path[PATH_MAX + 16];
  for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
    snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
    if (unlink(path) && errno != ENOENT && errno != ENOTDIR)
      return shira_fail(err, errno, "cannot remove '%s': %s", path, strerror(errno));
  }
  return 0;
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
  const char *device = getenv("SHIRA_DEVICE");
  struct run_args a = {.out = "build/report",
                       .o = {.backend = device && *device ? device : "rtl",
                             .rtl_root = "build/rtl",
                             .area_root = "build/area"}};
  argp_parse(&argp, argc, argv, 0, NULL, &a);
  char work[PATH_MAX + sizeof("/adapters")];
  snprintf(work, sizeof(work), "%s/adapters", a.out);
  a.o.work_dir = work;
  struct progress progress = {0};
  clock_gettime(CLOCK_MONOTONIC, &progress.began);
  a.o.progress = show_progress;
  a.o.progress_arg = &progress;

  struct shira_report report;
  struct shira_error err = {{0}};
  if (shira_make_folder(a.out, &err) || remove_report(a.out, &err))
    return cli_fail(EXIT_INPUT, &err);
  int rc = shira_experiment_run(a.experiment, &a.o, &report, &err);
  int code = rc ? exit_code(rc) : EXIT_OK;
  if (isatty(STDERR_FILENO))
    fprintf(stderr, "\r\033[K");
  if (!code && shira_report_write(&report, a.out, &err))
    code = EXIT_INPUT;
  if (!code) {
    shira_report_print(&report, stdout);
    printf("\n%s/report.html\n%s/report.json\n", a.out, a.out);
  }
  shira_report_free(&report);
  return code ? cli_fail(code, &err) : EXIT_OK;
}

int cli_machines(int argc, char **argv) {
  struct shira_experiment e;
  struct shira_error err;
  if (argc != 2 || argv[1][0] == '-')
    return cli_usage(argc, argv, "EXPERIMENT");
  if (shira_experiment_load(argv[1], NULL, &e, &err))
    return cli_fail(EXIT_INPUT, &err);
  puts(e.machine);
  return EXIT_OK;
}
