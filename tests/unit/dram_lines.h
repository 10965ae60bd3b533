// Lines of a trace for the checker of DRAM commands, one after another.
#ifndef DRAM_LINES_H
#define DRAM_LINES_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/dram/check.h"

#include "dram_standards.h"

#define DDR4 (&dram_standards[2])

static inline struct shira_dram_standard load(const struct figures *f) {
  struct shira_dram_standard s;
  struct shira_error error = {""};
  if (shira_dram_standard_load(f->file, &s, &error))
    fail_msg("%s", error.text);
  return s;
}

static inline bool names(const char *why, const char *rule) {
  const size_t n = strlen(rule);
  return !strncmp(why, rule, n) && why[n] == ':';
}

// Lines, of which only the last breaks a rule, that one; NULL: none does.
static inline void check_lines(const struct shira_dram_standard *s, const char *rule,
                               const char *const *lines) {
  char why[256] = "";
  struct dram_check *c = dram_check_new(s, 2, 2);
  assert_non_null(c);
  for (unsigned i = 0; lines[i]; i++) {
    const int expected = rule && !lines[i + 1];
    const int rc = dram_check_line(c, lines[i], why, sizeof why);
    if (rc != expected)
      fail_msg("'%s' gives %d, not %d: %s", lines[i], rc, expected, why);
  }
  if (rule && !names(why, rule))
    fail_msg("'%s', expected: %s", why, rule);
  dram_check_free(c);
}

#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})

// Gives `command` to rank 0 and, where `both`, a clock later to rank 1; 1: late.
static inline int give(struct dram_check *c, uint64_t clock, const char *command, uint32_t bank,
                       bool both) {
  char line[64], why[256] = "";
  int rc = 0;
  for (uint32_t rank = 0; rank < 1u + both; rank++) {
    snprintf(line, sizeof line, "%" PRIu64 " 0 %s %u %u 0 0\n", clock + rank, command, rank, bank);
    rc |= dram_check_line(c, line, why, sizeof why);
  }
  if (rc && !names(why, "tREFI"))
    fail_msg("%s", why);
  return rc;
}

#endif
