// From measured blocks of a model to the whole: its blocks have equal shapes, so it takes what they
// take on average, times their number. That holds where they differ little, which is told too.
#ifndef SHIRA_REPORT_MODEL_H
#define SHIRA_REPORT_MODEL_H

#include "host/report/index.h"

// One switch or pass, on each workload that has other blocks of the same model, and as many.
struct model_row {
  const struct shira_result **it; // n of them, in the order of workloads
  uint32_t n;
  double cycles;     // of all blocks of the model, one after the other
  double differ;     // (largest figure - least) / mean; 0 where none takes time
  double kept_bytes; // of a switch: of an adapter of the whole model
};

struct models {
  struct model_row *at;
  uint32_t n;
  const struct shira_result **sorted; // what `it` points into
};

// All rows of two results or more, n log n. Errors: -ENOMEM. Free with models_free.
int models_make(const struct index *x, struct models *models, struct shira_error *err);
void models_free(struct models *models);

#endif
