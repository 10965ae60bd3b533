// What the tests of streams and of packed adapters share: random numbers, and rules that make
// blocks so small that a short stream has several.
#ifndef PACK_BENCH_H
#define PACK_BENCH_H

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shira/pack.h"

static uint64_t random_state = 88172645463325252u;

static inline uint64_t random64(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  return random_state ^= random_state << 17;
}

static const struct shira_stream_rules tiny = {
    .format = SHIRA_STREAM_FORMAT_GAP8, .align = 16, .block_updates = 16, .block_gaps = 64};
static const struct shira_stream_rules tiny_coo = {
    .format = SHIRA_STREAM_FORMAT_COO32, .align = 16, .block_updates = 16, .block_gaps = 64};

#endif
