// What a bench draws at random, and the first failure of the test that runs.
#ifndef TESTS_BLOCK_DRAW_H
#define TESTS_BLOCK_DRAW_H

#include <cstdarg>
#include <cstdint>
#include <cstdio>

static uint64_t rng_state;

static void seed_rng(uint64_t seed) {
  rng_state = (seed + 1) * 0x9e3779b97f4a7c15ull;
}

static uint64_t rnd() {
  rng_state ^= rng_state << 13;
  rng_state ^= rng_state >> 7;
  rng_state ^= rng_state << 17;
  return rng_state * 0x2545f4914f6cdd1dull;
}

static uint64_t below(uint64_t n) {
  return (rnd() >> 11) % n;
}

static char why[400]; // empty: no failure yet

static void fail(const char *format, ...) {
  if (why[0])
    return;
  va_list args;
  va_start(args, format);
  vsnprintf(why, sizeof why, format, args);
  va_end(args);
}

#endif
