// The one index over a report's results: pictures, tables and words ask it.
#ifndef SHIRA_REPORT_INDEX_H
#define SHIRA_REPORT_INDEX_H

#include "shira/result.h"

// Results of one machine, workload and placement: neighbours in the order of cases.
struct group {
  uint32_t machine, workload, placed;
  uint32_t first, n; // in at[]
  bool other;        // it has switches from A to B
};

struct index {
  const struct shira_report *r;
  const struct shira_result **at; // all results, ascending by shira_case_compare
  struct group *groups;
  uint32_t n, n_groups;
};

// Builds it in n log n; the report outlives it. Errors: -EINVAL two results have the same case, or
// a case names what the report does not have; -ENOMEM. Free with index_free.
int index_build(struct index *x, const struct shira_report *r, struct shira_error *err);
void index_free(struct index *x);

// The result of a case, NULL where there is none.
const struct shira_result *index_find(const struct index *x, const struct shira_case *c);

// The pass of `tokens` after the switch `s`, and the same pass with base weights: NULL where it was
// not measured, or not timed.
const struct shira_result *index_pass(const struct index *x, const struct shira_case *s,
                                      uint32_t tokens);
const struct shira_result *index_base_pass(const struct index *x, const struct shira_case *s,
                                           uint32_t tokens);

// Measured, and on a device that keeps time.
bool index_timed(const struct shira_result *it);

// A strategy of SHiRA or of LoRA (reload included); base is neither.
bool index_is_shira(const struct shira_case *c);
bool index_is_lora(const struct shira_case *c);

#endif
