// The golden device's ring: fetch, order, completions, errors. Private.
#ifndef SHIRA_GOLDEN_RING_H
#define SHIRA_GOLDEN_RING_H

#include "sim/golden/golden.h"

// Fetches and executes what the ring holds, as far as the state allows.
void golden_run(struct golden *g);

// The interrupt line after a change of its inputs.
void golden_irq(struct golden *g);

#endif
