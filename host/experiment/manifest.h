// Everything of a report but what was measured, as JSON and back: what report.json begins with, and
// what the store keeps of a run.
#ifndef SHIRA_EXPERIMENT_MANIFEST_H
#define SHIRA_EXPERIMENT_MANIFEST_H

#include <jansson.h>

#include "host/experiment/record.h"

// Schema, program, device, experiment, machines, workloads, pairs. NULL when memory is out.
json_t *shira_head_json(const struct shira_report *report);

// The key of a result, with its id.
json_t *shira_key_json(const struct shira_report *report, const struct shira_case *key);

#endif
