// shirasim report
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/base/lock.h"
#include "host/base/whole.h"
#include "host/cli/cli.h"
#include "shira/report.h"

enum { OPT_OUT = 256, OPT_RUN, OPT_COMPARE, OPT_TOLERANCE };

struct report_args {
  const char *path[2], *out, *run;
  unsigned n_paths;
  bool compare;
  double tolerance; // a share
};

static const struct argp_option report_options[] = {
    {"out", OPT_OUT, "DIR", 0, "write the files into DIR, which is made; else print the report", 0},
    {"run", OPT_RUN, "NAME", 0, "run of a store (the one that was written last)", 0},
    {"compare", OPT_COMPARE, NULL, 0, "set two reports side by side; exit code 1 where they differ",
     0},
    {"tolerance", OPT_TOLERANCE, "PERCENT", 0, "by which figures may differ (0.5)", 0},
    {0},
};

static error_t parse_report(int key, char *arg, struct argp_state *state) {
  struct report_args *a = state->input;
  char *end;
  switch (key) {
  case OPT_OUT:
    a->out = arg;
    return 0;
  case OPT_RUN:
    a->run = arg;
    return 0;
  case OPT_COMPARE:
    a->compare = true;
    return 0;
  case OPT_TOLERANCE:
    a->tolerance = strtod(arg, &end) / 100;
    if (*end || end == arg || !(a->tolerance >= 0))
      argp_error(state, "--tolerance: '%s' is not a number from 0", arg);
    return 0;
  case ARGP_KEY_ARG:
    if (a->n_paths == 2)
      argp_error(state, "more than two reports");
    a->path[a->n_paths++] = arg;
    return 0;
  case ARGP_KEY_END:
    if (a->n_paths != 1u + a->compare)
      argp_error(state, a->compare ? "--compare needs two reports" : "needs one report");
    if (a->compare && a->out)
      argp_error(state, "--compare writes no files");
    return 0;
  default:
    return ARGP_ERR_UNKNOWN;
  }
}

// The files, or the text where no folder is named. Returns the exit code.
static int make(const struct report_args *a, const struct shira_report *r) {
  struct shira_lock lock = SHIRA_LOCK_NONE;
  struct shira_error err;
  if (!a->out)
    return shira_report_print(r, stdout, &err) ? cli_fail(EXIT_INPUT, &err) : EXIT_OK;
  int rc = shira_make_folder(a->out, &err);
  if (!rc)
    rc = shira_lock_take(&lock, a->out, "shirasim report", &err);
  if (!rc)
    rc = shira_report_write(r, a->out, shira_report_missing(r) > 0, &err);
  shira_lock_release(&lock);
  return rc ? cli_fail(rc == -EINVAL ? EXIT_INPUT : EXIT_OUTPUT, &err) : EXIT_OK;
}

static int compare(const struct report_args *a, const struct shira_report *first) {
  struct shira_report second;
  struct shira_error err;
  if (shira_report_read(a->path[1], a->run, &second, &err))
    return cli_fail(EXIT_INPUT, &err);
  int rc = shira_report_compare(first, &second, a->tolerance, stdout, &err);
  shira_report_free(&second);
  return rc < 0 ? cli_fail(EXIT_INPUT, &err) : rc ? EXIT_WRONG : EXIT_OK;
}

int cli_report(int argc, char **argv) {
  static const struct argp argp = {
      report_options,
      parse_report,
      "REPORT\n--compare FIRST SECOND",
      "Makes the files of a report again without measuring, from a report.json, a folder that has "
      "one, or a store; or sets two side by side.",
      NULL,
      NULL,
      NULL};
  struct report_args a = {.tolerance = 0.005};
  argp_parse(&argp, argc, argv, 0, NULL, &a);
  struct shira_report report;
  struct shira_error err;
  if (shira_report_read(a.path[0], a.run, &report, &err))
    return cli_fail(EXIT_INPUT, &err);
  const int code = a.compare ? compare(&a, &report) : make(&a, &report);
  shira_report_free(&report);
  return code;
}
