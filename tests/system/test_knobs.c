// Knobs that change something: each row of a table sets keys of `tiny` or of an experiment one way
// and the other, runs both, and compares one figure of shira-scatter's switch from A to B. Results
// must also be right and not below their bounds. One TAP line a row, with both figures in it.
//
// A row's RTL is built where it is missing, by `make rtl`. Environment: B (build folder),
// SHIRA_RTL_DIR (build/rtl), SHIRA_DEVICE (rtl).
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shira/experiment.h"

#define MACHINE "configs/hw/tiny.yaml"

// `sed -E` scripts over the machine file, and keys of `adapters.shira`.
struct setting {
  const char *machine, *shira;
};

struct knob {
  const char *name;
  struct setting one, other;
  double (*figure)(const struct shira_result *);
  double least; // figure of `other` / figure of `one`
};

static double cycles(const struct shira_result *r) {
  return (double)r->sw.cycles;
}

static double bytes(const struct shira_result *r) {
  return (double)r->stream_bytes;
}

// Memory as quick as the bus, so that it does not hide the banks; blocks as large as the switch.
#define QUICK "s/(peak_mb_s:) .*/\\1 8000/;s/(latency:) .*/\\1 20/;s/(block_updates:) .*/\\1 256/"
#define RAND "density: 0.15, masks: [rand]"
#define STRUCT "density: 0.15, masks: [struct]"

static const struct knob knobs[] = {
    {"layout row against tile, random mask: runs go to one bank, cycles",
     {QUICK, RAND},
     {QUICK ";s/^layout: .*/layout: row/", RAND},
     cycles,
     1.2},
    {"merge false against true, struct mask: dense rows, cycles",
     {QUICK, STRUCT},
     {QUICK ";s/(merge:) .*/\\1 false/", STRUCT},
     cycles,
     1.1},
    {"coo32 against gap8: bytes of the stream",
     {"", RAND},
     {"", RAND ", format: coo32"},
     bytes,
     1.5},
    {"coo32 against gap8: cycles", {"", RAND}, {"", RAND ", format: coo32"}, cycles, 1.5},
};

static char dir[] = "/tmp/shira-knobs-XXXXXX", why[1024];

// Notes what went wrong. Returns false.
static bool failed(const char *format, ...) __attribute__((format(printf, 1, 2)));
static bool failed(const char *format, ...) {
  va_list args;
  va_start(args, format);
  if (vsnprintf(why, sizeof(why), format, args) < 0)
    strcpy(why, "?");
  va_end(args);
  return false;
}

static bool command(const char *format, ...) __attribute__((format(printf, 1, 2)));
static bool command(const char *format, ...) {
  char line[2048];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(line, sizeof(line), format, args);
  va_end(args);
  if (n < 0 || (size_t)n >= sizeof(line) || system(line))
    return failed("'%s' failed", line);
  return true;
}

static bool write_experiment(const char *path, const char *shira) {
  FILE *f = fopen(path, "w");
  if (!f)
    return failed("cannot write '%s'", path);
  fprintf(f,
          "name: knobs\nmachine: ./machine.yaml\nseed: 1\ntokens: [1]\n"
          "strategies: [base, shira-scatter]\nswitches: [other]\nworkloads:\n  - square: [128]\n"
          "adapters:\n  strength: 0.05\n  shira: {%s}\n",
          shira);
  return fclose(f) == 0 || failed("cannot write '%s'", path);
}

// Runs an experiment with the setting; *figure is that of the switch from A to B.
static bool measure(const struct setting *s, double (*figure)(const struct shira_result *),
                    double *value) {
  const char *device = getenv("SHIRA_DEVICE"), *rtl = getenv("SHIRA_RTL_DIR");
  char experiment[64], work[64];
  snprintf(experiment, sizeof(experiment), "%s/experiment.yaml", dir);
  snprintf(work, sizeof(work), "%s/adapters", dir);
  // make is not to take part in the make that may have started this test
  if (!command("sed -E '%s' " MACHINE " >%s/machine.yaml", s->machine, dir) ||
      !command("env -u MAKEFLAGS -u MFLAGS make -s rtl MACHINES=%s/machine.yaml >%s/log 2>&1 || "
               "{ cat %s/log; exit 1; }",
               dir, dir, dir) ||
      !write_experiment(experiment, s->shira))
    return false;
  const struct shira_run_options o = {
      .backend = device ? device : "rtl", .rtl_root = rtl ? rtl : "build/rtl", .work_dir = work};
  struct shira_report report;
  struct shira_error err = {""};
  const struct shira_result *found = NULL;
  int rc = shira_experiment_run(experiment, &o, &report, &err);
  for (uint32_t i = 0; i < report.n_results; i++)
    if (!strcmp(report.results[i].from, "A") && !strcmp(report.results[i].to, "B"))
      found = &report.results[i];
  bool good = rc ? failed("%s", err.text) : found || failed("there is no switch from A to B");
  if (good)
    *value = figure(found);
  shira_report_free(&report);
  return good;
}

int main(void) {
  const unsigned n = sizeof(knobs) / sizeof(knobs[0]);
  unsigned failures = 0;
  if (!mkdtemp(dir)) {
    perror("test_knobs");
    return 1;
  }
  printf("1..%u\n", n);
  for (unsigned i = 0; i < n; i++) {
    const struct knob *k = &knobs[i];
    double one = 0, other = 0;
    why[0] = '\0';
    if (measure(&k->one, k->figure, &one) && measure(&k->other, k->figure, &other) &&
        other < k->least * one)
      failed("less than %g times", k->least);
    printf("%sok %u - %s: %.0f against %.0f%s%s\n", why[0] ? "not " : "", i + 1, k->name, other,
           one, why[0] ? ": " : "", why);
    fflush(stdout);
    failures += why[0] != '\0';
  }
  command("rm -rf %s", dir);
  return failures ? 1 : 0;
}
