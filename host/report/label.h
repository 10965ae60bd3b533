// What things of a report are called.
#ifndef SHIRA_REPORT_LABEL_H
#define SHIRA_REPORT_LABEL_H

#include "host/base/text.h"
#include "shira/result.h"

// "shira-scatter rand swap host": a strategy, its pair, and how it undoes and where adapters are
// kept where that is not the usual way (transition or clean, memory).
struct text text_label(const struct shira_report *r, const struct shira_case *c);

struct text text_way(const struct shira_case *c);             // "A to B"
struct text text_pair(const struct shira_pair_facts *p);      // "SHiRA rand 1.00 %", "LoRA rank 32"
struct text text_layer(const struct shira_workload_facts *w); // "42 linears of 6 blocks"

// Microseconds at the clock of the case's machine.
double text_cycles_us(const struct shira_report *r, const struct shira_case *c, double cycles);

#endif
