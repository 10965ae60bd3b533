// The golden device's engines: each executes one descriptor whose semaphores hold. Private.
#ifndef SHIRA_GOLDEN_ENGINES_H
#define SHIRA_GOLDEN_ENGINES_H

#include "sim/golden/golden.h"

struct outcome golden_copy(struct golden *g, const struct shira_desc_copy *d);
struct outcome golden_scatter(struct golden *g, const struct shira_desc_scatter *d);
struct outcome golden_gemm(struct golden *g, const struct shira_desc_gemm *d);

#endif
