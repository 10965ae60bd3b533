// Seeded random numbers that are the same on every machine: integer steps, and for the normal
// distribution only IEEE operations that are exact to the last bit (no libm).
//
// xoshiro256** seeded by splitmix64 (Blackman and Vigna, "Scrambled linear pseudorandom number
// generators", 2019). Nothing here blocks, allocates or fails; one thread per generator.
#ifndef SHIRA_ADAPTER_RANDOM_H
#define SHIRA_ADAPTER_RANDOM_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct shira_random {
  uint64_t s[4];
  double spare; // second normal number of a pair
  bool has_spare;
};

static inline uint64_t shira_splitmix64(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// Starts the generator of one purpose: each (seed, stream, name) gives numbers of its own, so that
// what one layer draws does not depend on the layers before it. name: "" where there is none.
static inline void shira_random_seed(struct shira_random *r, uint64_t seed, const char *stream,
                                     const char *name) {
  uint64_t hash = 0xcbf29ce484222325u; // FNV-1a
  for (const char *text = stream; *text; text++)
    hash = (hash ^ (uint8_t)*text) * 0x100000001b3u;
  hash = (hash ^ 0xff) * 0x100000001b3u; // ends the stream's name
  for (const char *text = name; *text; text++)
    hash = (hash ^ (uint8_t)*text) * 0x100000001b3u;
  uint64_t state = seed;
  state = shira_splitmix64(&state) ^ hash;
  for (int i = 0; i < 4; i++)
    r->s[i] = shira_splitmix64(&state);
  r->has_spare = false;
  r->spare = 0;
}

static inline uint64_t shira_random_u64(struct shira_random *r) {
  uint64_t *s = r->s;
  uint64_t x = s[1] * 5;
  uint64_t result = ((x << 7) | (x >> 57)) * 9;
  uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = (s[3] << 45) | (s[3] >> 19);
  return result;
}

// Uniform in 0 .. n-1 without bias; n > 0 (Lemire, "Fast random integer generation", 2019).
static inline uint64_t shira_random_below(struct shira_random *r, uint64_t n) {
  unsigned __int128 product = (unsigned __int128)shira_random_u64(r) * n;
  if ((uint64_t)product < n) {
    uint64_t threshold = -n % n;
    while ((uint64_t)product < threshold)
      product = (unsigned __int128)shira_random_u64(r) * n;
  }
  return (uint64_t)(product >> 64);
}

// Uniform in [0, 1), in steps of 2^-53.
static inline double shira_random_unit(struct shira_random *r) {
  return (double)(shira_random_u64(r) >> 11) * 0x1p-53;
}

// Natural logarithm of a normal x > 0, within 1e-14, from additions, products and one division.
// libm's differs between machines in the last bit. ln(m 2^e) = e ln 2 + 2 atanh((m-1)/(m+1)).
static inline double shira_random_log(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  int exponent = (int)(bits >> 52) - 1023;
  bits = (bits & 0xfffffffffffffu) | 0x3ff0000000000000u;
  double m;
  memcpy(&m, &bits, sizeof m);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    exponent++;
  }
  double t = (m - 1) / (m + 1), t2 = t * t;
  double sum = 1.0 / 17;
  for (int k = 15; k >= 1; k -= 2)
    sum = sum * t2 + 1.0 / k;
  return exponent * 0.6931471805599453 + 2 * t * sum;
}

// Normal, mean 0, deviation 1 (Marsaglia's polar form of Box-Muller).
static inline double shira_random_normal(struct shira_random *r) {
  if (r->has_spare) {
    r->has_spare = false;
    return r->spare;
  }
  double u, v, s;
  do {
    u = 2 * shira_random_unit(r) - 1;
    v = 2 * shira_random_unit(r) - 1;
    s = u * u + v * v;
  } while (s >= 1 || s == 0);
  double f = sqrt(-2 * shira_random_log(s) / s);
  r->spare = v * f;
  r->has_spare = true;
  return u * f;
}

#endif
