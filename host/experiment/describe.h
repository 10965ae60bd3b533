// What a report says of a workload and its adapters, beside results.
#ifndef SHIRA_EXPERIMENT_DESCRIBE_H
#define SHIRA_EXPERIMENT_DESCRIBE_H

#include "host/experiment/prepared.h"

// What is known before anything is made: names, shapes, sizes asked for.
void describe_setup(const struct setup *setup, struct shira_report *report);

// The rest, from what was prepared and laid out: hashes, and what the adapters are.
void describe_prepared(const struct prepared *p, struct shira_report *report);

// The rest as JSON text (malloc'd; NULL without memory), and from it. Errors: -EINVAL.
char *description_encode(const struct shira_report *report, uint32_t workload);
int description_decode(const char *text, size_t size, struct shira_report *report,
                       uint32_t workload);

#endif
