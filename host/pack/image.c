// Matrices as weight images; see shira/pack.h.
#include <errno.h>
#include <string.h>

#include "shira/pack.h"

static int power_of_two(uint32_t v) {
  return v && !(v & (v - 1));
}

int shira_image_init(struct shira_image *image, uint32_t out, uint32_t in, uint32_t n, uint32_t k) {
  if (!out || !in || !power_of_two(n) || !power_of_two(k))
    return -EINVAL;
  uint32_t n_tiles = (out - 1) / n + 1, k_tiles = (in - 1) / k + 1;
  uint64_t rows = (uint64_t)n_tiles * n, columns = (uint64_t)k_tiles * k;
  if (rows > UINT32_MAX || columns > UINT32_MAX || rows * columns > UINT32_MAX)
    return -EINVAL;
  *image = (struct shira_image){.out = out,
                                .in = in,
                                .n = n,
                                .k = k,
                                .n_tiles = n_tiles,
                                .k_tiles = k_tiles,
                                .n_log2 = (uint32_t)__builtin_ctz(n),
                                .k_log2 = (uint32_t)__builtin_ctz(k)};
  return 0;
}

// Bytes of the word that starts at column c of a matrix row.
static uint32_t word_bytes(const struct shira_image *image, uint32_t c) {
  return image->in - c < image->k ? image->in - c : image->k;
}

uint32_t shira_image_row_log2(const struct shira_image *image) {
  uint32_t log2 = image->k_log2;
  while (UINT64_C(1) << log2 < image->in)
    log2++;
  return log2;
}

void shira_image_pack(const struct shira_image *image, const int8_t *matrix, int8_t *bytes) {
  if (image->out % image->n || image->in % image->k)
    memset(bytes, 0, shira_image_bytes(image));
  for (uint32_t r = 0; r < image->out; r++)
    for (uint64_t c = 0; c < image->in; c += image->k)
      memcpy(bytes + shira_image_pos(image, r, (uint32_t)c), matrix + (size_t)r * image->in + c,
             word_bytes(image, (uint32_t)c));
}

void shira_image_unpack(const struct shira_image *image, const int8_t *bytes, int8_t *matrix) {
  for (uint32_t r = 0; r < image->out; r++)
    for (uint64_t c = 0; c < image->in; c += image->k)
      memcpy(matrix + (size_t)r * image->in + c, bytes + shira_image_pos(image, r, (uint32_t)c),
             word_bytes(image, (uint32_t)c));
}
