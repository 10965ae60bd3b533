// All that an experiment names: loaded, checked and sized before anything is simulated.
#ifndef SHIRA_EXPERIMENT_SETUP_H
#define SHIRA_EXPERIMENT_SETUP_H

#include "shira/adapter.h"
#include "shira/config.h"
#include "shira/experiment.h"
#include "shira/result.h"

enum { ADAPTER_A, ADAPTER_B, ADAPTERS };

// Two adapters of one kind for one workload, as the experiment asks for them.
struct setup_pair {
  enum shira_adapter_kind kind;
  uint32_t mask; // enum shira_mask of SHiRA adapters that are made, else SHIRA_MASK_COUNT
  uint32_t rank; // of LoRA adapters that are made, or SHIRA_RANK_EQUAL
  enum shira_pair_size size;
  char name[32];                               // unique for its workload
  const struct shira_adapter *given[ADAPTERS]; // the user's own; NULL: they are made
};

struct setup_workload {
  char name[80]; // "2048x2048", "stories15m", "stories15m-block3"; unique
  uint32_t side; // of a square, 0 for a model
  struct shira_model model;
};

struct setup {
  struct shira_experiment experiment;
  uint64_t seed;
  struct shira_machine *machine;   // by experiment.machines
  struct setup_workload *workload; // by experiment.workloads
  uint32_t pairs_per_workload;
  struct setup_pair *pair; // workload after workload
  // The user's own adapters and base weights, of the only workload; zeroed where there are none.
  struct shira_adapter given[SHIRA_ADAPTER_KINDS][ADAPTERS];
  struct shira_weights weights;
};

// Reads the experiment at `path` and all that it names. options->complain is told of each thing
// that is wrong. Free with setup_free, also after an error. Errors, of the first: -EINVAL a file is
// wrong, -ENOSPC a workload does not fit a machine, and what files give.
int setup_load(struct setup *setup, const char *path, const struct shira_run_options *options,
               struct shira_error *err);
void setup_free(struct setup *setup);

// The kind of adapters that a strategy switches; LoRA for reload.
enum shira_adapter_kind setup_kind_of(enum shira_strategy strategy);

#endif
