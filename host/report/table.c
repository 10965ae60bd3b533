// The summary on the terminal, and what is common to writing a report.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host/report/report.h"

int shira_make_folder(const char *path, struct shira_error *err) {
  char part[1024];
  if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part))
    return shira_fail(err, ENAMETOOLONG, "cannot make folder '%s': the name is too long", path);
  for (char *p = part + 1;; p++) {
    if (*p && *p != '/')
      continue;
    char was = *p;
    *p = 0;
    if (mkdir(part, 0777) && errno != EEXIST)
      return shira_fail(err, errno, "cannot make folder '%s': %s", part, strerror(errno));
    *p = was;
    if (!was)
      return 0;
  }
}

int shira_report_write(const struct shira_report *r, const char *dir, struct shira_error *err) {
  static const struct {
    const char *name;
    int (*write)(const struct shira_report *, const char *, struct shira_error *);
  } file[] = {{"report.json", report_json}, {"times.json", report_times},
              {"report.html", report_html}};
  for (size_t i = 0; i < sizeof(file) / sizeof(file[0]); i++) {
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s", dir, file[i].name);
    int rc = file[i].write(r, path, err);
    if (rc)
      return rc;
  }
  return 0;
}

static void print_switch(const struct shira_result *r, double mhz, FILE *f) {
  double kib = 0;
  for (unsigned c = 0; c < SHIRA_TRAFFIC_COUNT; c++)
    kib += (double)(traffic_read(&r->sw, c) + traffic_written(&r->sw, c)) / 1024;
  fprintf(f, " %11llu %10.2f %6.1f %% %-17s %9.1f", (unsigned long long)r->sw.cycles,
          (double)r->sw.cycles / mhz, 100 * r->sw.bound_cycles / (double)r->sw.cycles, r->sw.limit,
          kib);
}

// One line a switch: cycles, time, how near the bound it is and what bounds it, bytes moved, and
// what a pass then costs over the base.
void shira_report_print(const struct shira_report *r, FILE *f) {
  const char *layer = "";
  fprintf(f, "%s on %s, %u MHz, seed %llu\n", r->experiment.name, r->machine.name,
          r->machine.clock_mhz, (unsigned long long)r->seed);
  for (uint32_t i = 0; i < r->n_results; i++) {
    const struct shira_result *res = &r->results[i];
    if (strcmp(layer, res->layer)) {
      fprintf(f, "\n%s %s\n%-23s %-9s %11s %10s %8s %-17s %9s  %s\n", res->model, res->layer,
              "  strategy", "switch", "cycles", "us", "of bound", "limit", "KiB", "pass overhead");
      layer = res->layer;
    }
    char name[64];
    snprintf(name, sizeof(name), "%s%s%s", res->strategy, res->mask[0] ? " " : "", res->mask);
    fprintf(f, "  %-21s %4s->%-4s", name, res->from, res->to);
    if (res->has_switch)
      print_switch(res, r->machine.clock_mhz, f);
    else
      fprintf(f, " %11s %10s %8s %-17s %9s", "-", "-", "-", "", "-");
    for (uint32_t p = 0; p < res->n_passes; p++)
      fprintf(f, "  M=%u %+.2f %%", res->pass[p].tokens, 100 * res->pass[p].overhead);
    fprintf(f, "\n");
  }
}
