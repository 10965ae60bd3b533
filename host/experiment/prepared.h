// A workload made ready for a machine: weights, adapters and the reference.
#ifndef SHIRA_EXPERIMENT_PREPARED_H
#define SHIRA_EXPERIMENT_PREPARED_H

#include <limits.h>

#include "host/experiment/truth.h"
#include "host/experiment/workload.h"

struct prepared {
  const struct setup *setup;
  uint32_t index; // of the workload
  struct workload w;
  struct truth truth;
  struct shira_adapter (*made)[ADAPTERS];           // by pair of the workload; zeroed where given
  const struct shira_adapter *(*adapter)[ADAPTERS]; // by pair of the workload
};

// Makes the adapters that are made below options->work_dir and reads them as a user's own. Errors:
// -ENOMEM and those of files and numeric rules, with a sentence.
int prepared_init(struct prepared *p, const struct setup *setup, uint32_t machine,
                  uint32_t workload, const struct shira_run_options *options,
                  struct shira_error *err);
void prepared_free(struct prepared *p);

// The folder of an adapter of the workload's pair `pair`. Errors: -ENAMETOOLONG.
int prepared_adapter_dir(const struct prepared *p, const struct shira_run_options *options,
                         uint32_t pair, int which, char dir[PATH_MAX], struct shira_error *err);

#endif
