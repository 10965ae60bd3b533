// Under which hash results lie in the store: of all that they depend on.
#ifndef SHIRA_EXPERIMENT_KEY_H
#define SHIRA_EXPERIMENT_KEY_H

#include "host/experiment/setup.h"
#include "shira/case.h"
#include "shira/hash.h"

// What all points of a run depend on beside the experiment: the sources and flags of this program,
// of the RTL library of each machine, and the options that decide results.
struct key_base {
  struct shira_hash machine[SHIRA_MAX_MACHINES];   // machine and device, by machine
  struct shira_hash adapters[SHIRA_ADAPTER_KINDS]; // the user's own, zeroed: there are none
  struct shira_hash weights;                       // the user's own
};

// Reads what is in files. Errors: -errno of a library, with a sentence.
int key_base_init(struct key_base *base, const struct setup *setup,
                  const struct shira_run_options *options, struct shira_error *err);

// Of one point.
struct shira_hash key_of_point(const struct key_base *base, const struct setup *setup,
                               const struct shira_case *c);

// Of the facts of a workload and its adapters.
struct shira_hash key_of_facts(const struct key_base *base, const struct setup *setup,
                               uint32_t workload);

#endif
