// From measured blocks of a model to the whole model. Its blocks have equal shapes, so it takes
// what they take on average, times their number; that holds where blocks of it were measured that
// differ little, which is shown beside it.
#ifndef SHIRA_REPORT_MODEL_H
#define SHIRA_REPORT_MODEL_H

#include "host/report/view.h"

// One figure: of each measured workload, and of the model.
struct model_figure {
  uint32_t n;
  uint64_t cycles[SHIRA_MAX_WORKLOADS];
  double differ; // (largest - smallest) / mean; 0 where none takes time
  double model;  // cycles of all blocks of the model, one after the other
};

// Of `n` workloads (at most SHIRA_MAX_WORKLOADS) that have `blocks` blocks each, where the model
// has `all`. Zeroed where a count is 0.
struct model_figure model_figure(const uint64_t *cycles, uint32_t n, uint32_t blocks, uint32_t all);

// Timed results of one strategy, undo, mask, place and switch: one for each workload that has other
// blocks of the same model, and as many.
struct model_row {
  uint32_t n;
  const struct shira_result *it[SHIRA_MAX_WORKLOADS];
};

// The row whose first result is `i`; n is 0 where that is not the first, or alone.
struct model_row model_row(const struct shira_report *r, uint32_t i);

// Both results are of the same model, placement and device, and of as many blocks.
bool model_same(const struct shira_result *a, const struct shira_result *b);

// Row `i` is the first of its model.
bool model_is_first(const struct shira_report *r, uint32_t i);

// The row of base weights that belongs to it; n is 0 where there is none.
struct model_row model_base(const struct shira_report *r, const struct model_row *row);

struct model_figure model_switch(const struct model_row *row);
struct model_figure model_pass(const struct model_row *row, uint32_t k); // the row's pass k

// The model's pass k over that with base weights, minus one; 0 of base itself.
double model_overhead(const struct shira_report *r, const struct model_row *row, uint32_t k);

// Bytes that are kept of an adapter of the whole model while it is not active.
double model_adapter_bytes(const struct model_row *row);

// Bytes that the whole model's adapters A and B take where they are kept, and base weights with
// them where that is memory. *have is what the machine has there.
double model_kept_bytes(const struct shira_report *r, const struct model_row *row, double *have);

// The largest difference of any figure of the rows of `first`'s model, with what it is of: "the
// pass at M = 1 of base". Returns it, as a share.
double model_most_differ(const struct shira_report *r, const struct shira_result *first,
                         char what[VIEW_LABEL + 32]);

// "block 13", "blocks 0 to 1": what the workload is of its model. Returns buf.
const char *model_blocks(const struct shira_result *it, char buf[VIEW_NUMBER]);

// "blocks 0 and 13": all workloads of a row. Returns buf.
const char *model_measured(const struct model_row *row, char *buf, size_t size);

// As text, for the terminal; nothing where no model has two measured workloads.
void model_print(const struct shira_report *r, FILE *out);

#endif
