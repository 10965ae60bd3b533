// SHiRA's best against LoRA's best, like against like.
#ifndef SHIRA_REPORT_COMPARE_H
#define SHIRA_REPORT_COMPARE_H

#include "host/report/measure.h"

// Two switches: of each side the quickest.
struct contest {
  const struct shira_result *shira, *lora;
  struct ratio ratio; // LoRA's / SHiRA's
  enum side winner;
};

// Tokens between two switches from one break-even to the next.
struct span {
  double from, to; // INFINITY: without end
  enum side winner;
  const struct shira_result *shira, *lora; // switches that are cheapest in its middle
};

#define MAX_SPANS 8

struct pass_contest {
  uint32_t tokens, n_spans;
  struct span span[MAX_SPANS];
};

struct comparison {
  const struct group *group;
  bool host;     // adapters in the host's memory; else in memory or on chip
  uint32_t size; // enum shira_pair_size
  uint32_t from, to;
  char differs[256];      // how the sides' linears differ, "" where they are the same
  struct contest any;     // whatever their passes cost
  struct contest written; // passes as with base weights; its sides are NULL where one has none
  uint32_t n_passes;
  struct pass_contest pass[SHIRA_MAX_TOKENS];
};

struct comparisons {
  struct comparison *at; // in the order of groups; memory before host; given, papers, equal
  uint32_t n;
};

// All of a report, n log n in its results. Errors: -ENOMEM. Free with comparisons_free.
int compare_all(const struct index *x, struct comparisons *list, struct shira_error *err);
void comparisons_free(struct comparisons *list);

// The switch that stands for its series: from A to B where the group has such, else from base to A.
bool compare_is_main(const struct group *g, const struct shira_case *c);

// The comparison that the headline is of: like against like before others, then the largest
// workload, resident, adapters in memory, the papers' pairs. NULL where there is none.
const struct comparison *compare_focus(const struct index *x, const struct comparisons *list);

// Passes after such a switch run as with base weights.
bool compare_is_written(const struct shira_case *c);

#endif
