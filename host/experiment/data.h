// What points were measured with, as files: for a recomputation by somebody else.
#ifndef SHIRA_EXPERIMENT_DATA_H
#define SHIRA_EXPERIMENT_DATA_H

#include "host/experiment/prepared.h"

// Writes DIR/<machine>/<workload>/: weights.safetensors (F32, by linear; its metadata names the
// linears in their order, for each the first that reads the same inputs, and `home`, the device
// address at which streamed weights lie), inputs-M<tokens>.safetensors (I8 [tokens][in], by that
// first linear), and a folder <pair>-A and <pair>-B of each adapter in the PEFT format. Files of an
// earlier run are replaced. Blocks on the file system. Errors: -errno of a file, with a sentence.
int data_keep(const char *dir, const struct prepared *p, const struct shira_run_options *options,
              uint64_t home, struct shira_error *err);

#endif
