// Which weights a made SHiRA adapter changes.
#ifndef SHIRA_ADAPTER_MASK_H
#define SHIRA_ADAPTER_MASK_H

#include <stdint.h>

#include "host/adapter/random.h"
#include "shira/config.h"

// Writes exactly `count` distinct places of a weight [out][in] to places[2][count], rows then
// columns, sorted by row, then column. count <= out * in.
//   rand    each set of places is as likely as any other
//   struct  the main diagonal and every f-th row and column, with the smallest f that fits, from a
//           random one on; what is left of count goes into further rows, half a step behind the
//           first
//   wm      the largest |w|; of equal ones those that come first
// w is used by wm, random by rand and struct. Returns 0 or -ENOMEM.
int shira_mask_make(enum shira_mask mask, uint32_t out, uint32_t in, uint32_t count, const float *w,
                    struct shira_random *random, int32_t *places);

#endif
