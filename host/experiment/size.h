// Whether the points of an experiment fit the machine, found before anything is made.
#ifndef SHIRA_EXPERIMENT_SIZE_H
#define SHIRA_EXPERIMENT_SIZE_H

#include "host/experiment/setup.h"

// Checks one workload in one placement on one machine: SRAMs with what each strategy needs in them,
// the programs of passes and fused switches, and memory. Errors: -ENOSPC with what is needed and
// what there is, -ENOMEM.
int size_check(const struct setup *setup, uint32_t machine, uint32_t workload,
               enum shira_placed placed, struct shira_error *err);

#endif
