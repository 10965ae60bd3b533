// The points of an experiment: every switch and every pass, once.
#ifndef SHIRA_EXPERIMENT_POINTS_H
#define SHIRA_EXPERIMENT_POINTS_H

#include "host/experiment/setup.h"
#include "shira/case.h"

// Lists the points in the order of shira_case_compare: for each machine, workload and placement the
// switches that the experiment asks for and the passes that follow them. *cases is the caller's, to
// free. Returns how many, or -ENOMEM.
int points_list(const struct setup *setup, struct shira_case **cases);

#endif
