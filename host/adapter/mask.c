#include "host/adapter/mask.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// One bit a weight, in row-major order.
struct bitmap {
  uint64_t *words;
  uint64_t bits;
};

// Sets a bit; true if it was clear.
static bool set(struct bitmap *b, uint64_t at) {
  uint64_t bit = (uint64_t)1 << (at % 64), old = b->words[at / 64];
  b->words[at / 64] = old | bit;
  return !(old & bit);
}

// Draws the smaller of the set and its complement, so that a draw hits a set bit at most half of
// the time.
static void mask_rand(struct bitmap *b, uint64_t count, struct shira_random *random) {
  bool complement = count > b->bits / 2;
  uint64_t draws = complement ? b->bits - count : count;
  while (draws)
    draws -= set(b, shira_random_below(random, b->bits));
  if (!complement)
    return;
  for (uint64_t i = 0; i < (b->bits + 63) / 64; i++)
    b->words[i] = ~b->words[i];
  if (b->bits % 64)
    b->words[b->bits / 64] &= ((uint64_t)1 << (b->bits % 64)) - 1;
}

struct lines {
  uint32_t out, in;
  uint32_t first_row, first_col; // where the chosen ones start
  uint32_t rows, cols;           // how many
  uint8_t *row, *col;            // 1: chosen
};

// Chooses `total` lines, as many rows a row as columns a column, evenly spaced.
static void place_lines(struct lines *l, uint64_t total) {
  uint64_t sides = (uint64_t)l->out + l->in;
  l->rows = (uint32_t)((total * l->out + sides / 2) / sides);
  l->cols = (uint32_t)(total - l->rows);
  memset(l->row, 0, l->out);
  memset(l->col, 0, l->in);
  for (uint32_t i = 0; i < l->rows; i++)
    l->row[((uint64_t)i * l->out / l->rows + l->first_row) % l->out] = 1;
  for (uint32_t i = 0; i < l->cols; i++)
    l->col[((uint64_t)i * l->in / l->cols + l->first_col) % l->in] = 1;
}

// Weights on the lines or the diagonal.
static uint64_t covered(const struct lines *l) {
  uint64_t n = (uint64_t)l->rows * l->in + (uint64_t)l->cols * l->out - (uint64_t)l->rows * l->cols;
  uint32_t diagonal = l->out < l->in ? l->out : l->in;
  for (uint32_t i = 0; i < diagonal; i++)
    n += !l->row[i] && !l->col[i];
  return n;
}

// Lines of different seeds start at different places, so that two adapters share little more than
// the diagonal.
static int mask_struct(struct bitmap *b, uint32_t out, uint32_t in, uint64_t count,
                       struct shira_random *random) {
  struct lines l = {.out = out, .in = in, .row = malloc(out), .col = malloc(in)};
  l.first_row = (uint32_t)shira_random_below(random, out);
  l.first_col = (uint32_t)shira_random_below(random, in);
  int err = -ENOMEM;
  if (!l.row || !l.col)
    goto done;
  uint64_t total = 0;
  do
    place_lines(&l, ++total);
  while (covered(&l) <= count && total < (uint64_t)out + in);
  place_lines(&l, covered(&l) <= count ? total : total - 1);

  uint64_t left = count;
  for (uint32_t i = 0; i < out; i++) {
    for (uint32_t j = 0; j < in && left; j++) {
      if (l.row[i] || l.col[j] || i == j)
        left -= set(b, (uint64_t)i * in + j);
    }
  }
  uint32_t half = l.rows ? out / l.rows / 2 : 0;
  for (uint32_t i = 0; i < out && left; i++) {
    uint64_t row = ((uint64_t)half + l.first_row + i) % out;
    for (uint32_t j = 0; j < in && left; j++)
      left -= set(b, row * in + j);
  }
  err = 0;
done:
  free(l.row);
  free(l.col);
  return err;
}

// |w| as an integer of the same order: the bits of a float without its sign.
static uint32_t magnitude(float w) {
  uint32_t bits;
  memcpy(&bits, &w, sizeof bits);
  return bits & 0x7fffffffu;
}

#define HIGH_BITS 16
#define LOW_BITS 15

// The count-th largest magnitude, by two histograms: of the upper bits, then of the lower ones
// within the bin where the count ends. *above: how many are larger.
static int select_magnitude(const float *w, uint64_t n, uint64_t count, uint32_t *threshold,
                            uint64_t *above) {
  uint64_t *bins = calloc(1u << HIGH_BITS, sizeof *bins);
  if (!bins)
    return -ENOMEM;
  for (uint64_t i = 0; i < n; i++)
    bins[magnitude(w[i]) >> LOW_BITS]++;
  uint64_t sum = 0;
  uint32_t high = (1u << HIGH_BITS) - 1;
  for (; high && sum + bins[high] < count; high--)
    sum += bins[high];
  memset(bins, 0, (1u << LOW_BITS) * sizeof *bins);
  for (uint64_t i = 0; i < n; i++) {
    uint32_t m = magnitude(w[i]);
    if (m >> LOW_BITS == high)
      bins[m & ((1u << LOW_BITS) - 1)]++;
  }
  uint32_t low = (1u << LOW_BITS) - 1;
  for (; low && sum + bins[low] < count; low--)
    sum += bins[low];
  free(bins);
  *threshold = high << LOW_BITS | low;
  *above = sum;
  return 0;
}

static int mask_wm(struct bitmap *b, const float *w, uint64_t count) {
  uint32_t threshold;
  uint64_t above;
  if (select_magnitude(w, b->bits, count, &threshold, &above))
    return -ENOMEM;
  uint64_t equal = count - above;
  for (uint64_t i = 0; i < b->bits; i++) {
    uint32_t m = magnitude(w[i]);
    if (m < threshold || (m == threshold && equal == 0))
      continue;
    equal -= m == threshold;
    set(b, i);
  }
  return 0;
}

int shira_mask_make(enum shira_mask mask, uint32_t out, uint32_t in, uint32_t count, const float *w,
                    struct shira_random *random, int32_t *places) {
  struct bitmap b = {.bits = (uint64_t)out * in};
  uint64_t n_words = (b.bits + 63) / 64;
  int err = 0;
  b.words = calloc(n_words + 1, sizeof *b.words);
  if (!b.words)
    return -ENOMEM;
  if (mask == SHIRA_MASK_STRUCT)
    err = mask_struct(&b, out, in, count, random);
  else if (mask == SHIRA_MASK_WM)
    err = mask_wm(&b, w, count);
  else
    mask_rand(&b, count, random);
  uint32_t k = 0;
  for (uint64_t i = 0; i < n_words && !err; i++) {
    for (uint64_t word = b.words[i]; word; word &= word - 1) {
      uint64_t at = i * 64 + (uint64_t)__builtin_ctzll(word);
      places[k] = (int32_t)(at / in);
      places[(uint64_t)count + k] = (int32_t)(at % in);
      k++;
    }
  }
  free(b.words);
  return err;
}
