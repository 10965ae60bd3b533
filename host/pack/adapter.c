// Adapters in the device's layout: SHiRA as streams, LoRA as images; see shira/pack.h.
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/pack/set.h"

// An update as one number that sorts by position: position, new byte, old byte.
#define KEY_SHIFT 16
#define DIGIT_BITS 11u

static uint64_t make_key(uint32_t pos, int8_t new, int8_t old) {
  return (uint64_t)pos << KEY_SHIFT | (uint64_t)(uint8_t) new << 8 | (uint8_t)old;
}

// Sorts keys whose positions are below `span`, least digit first; `tmp` holds as many. Returns the
// array of the two that has the result.
static uint64_t *sort_keys(uint64_t *keys, uint64_t *tmp, uint32_t count, uint32_t span) {
  for (unsigned shift = KEY_SHIFT; span > 1 && (span - 1) >> (shift - KEY_SHIFT);
       shift += DIGIT_BITS) {
    uint32_t start[1u << DIGIT_BITS] = {0}, sum = 0;
    for (uint32_t i = 0; i < count; i++)
      start[keys[i] >> shift & ((1u << DIGIT_BITS) - 1)]++;
    for (uint32_t d = 0; d < 1u << DIGIT_BITS; d++) {
      uint32_t n = start[d];
      start[d] = sum;
      sum += n;
    }
    for (uint32_t i = 0; i < count; i++)
      tmp[start[keys[i] >> shift & ((1u << DIGIT_BITS) - 1)]++] = keys[i];
    uint64_t *swap = keys;
    keys = tmp;
    tmp = swap;
    if (shift + DIGIT_BITS >= KEY_SHIFT + 32)
      break;
  }
  return keys;
}

// Checks each entry of a part, computes its bytes into `keys` and counts what it does.
static int make_keys(const struct shira_pack_part *part, enum shira_layout layout, uint64_t *keys,
                     struct shira_delta_stats *stats, struct shira_error *e) {
  const struct shira_adapter_module *m = part->module;
  const uint32_t row_log2 = shira_image_row_log2(part->image);
  for (uint32_t i = 0; i < m->count; i++) {
    uint32_t r = m->row[i], c = m->col[i];
    if (r >= m->out || c >= m->in)
      return shira_fail(e, EINVAL, "%s: entry %u at (%u, %u) is outside [%u][%u]", m->name, i, r, c,
                        m->out, m->in);
    if (!isfinite(m->value[i]))
      return shira_fail(e, EDOM, "%s: entry %u is not finite", m->name, i);
    int32_t delta = shira_delta((double)m->value[i], part->scale[r]);
    int8_t old = part->wq[(size_t)r * m->in + c], new = shira_sat8((int64_t)old + delta);
    stats->touched++;
    stats->changed += new != old;
    stats->zeroed += delta == 0;
    stats->clipped += new != old + delta;
    keys[i] = make_key(layout == SHIRA_LAYOUT_ROW ? r << row_log2 | c
                                                  : part->base + shira_image_pos(part->image, r, c),
                       new, old);
  }
  return 0;
}

// Checks shapes; returns the first position after all parts, or -errno.
static int64_t check_parts(const struct shira_pack_part *parts, uint32_t n_parts,
                           enum shira_layout layout, uint64_t *count, struct shira_error *e) {
  uint64_t end = 0;
  *count = 0;
  for (uint32_t i = 0; i < n_parts; i++) {
    const struct shira_adapter_module *m = parts[i].module;
    const struct shira_image *image = parts[i].image;
    if (m->out != image->out || m->in != image->in)
      return shira_fail(e, EINVAL, "%s: [%u][%u] does not fit weights [%u][%u]", m->name, m->out,
                        m->in, image->out, image->in);
    uint64_t part_end = layout == SHIRA_LAYOUT_ROW
                            ? (uint64_t)image->out << shira_image_row_log2(image)
                            : (uint64_t)parts[i].base + shira_image_bytes(image);
    if (layout == SHIRA_LAYOUT_ROW && image->k_tiles > UINT16_MAX)
      return shira_fail(e, EOVERFLOW, "%s: %u input tiles do not fit 16 bits", m->name,
                        image->k_tiles);
    end = part_end > end ? part_end : end;
    *count += m->count;
  }
  if (end > UINT32_MAX || *count > UINT32_MAX)
    return shira_fail(e, EOVERFLOW, "positions up to %llu do not fit 32 bits",
                      (unsigned long long)end);
  return (int64_t)end;
}

// Encodes both streams from sorted keys. `new` and `old` are room for a byte an update.
static int encode_both(const uint64_t *keys, uint32_t count, const struct shira_stream_rules *rules,
                       const struct shira_stream_part *like, uint32_t *pos, uint8_t *new,
                       uint8_t *old, struct shira_pack_shira *pack, struct shira_error *e) {
  for (uint32_t i = 0; i < count; i++) {
    pos[i] = (uint32_t)(keys[i] >> KEY_SHIFT);
    new[i] = (uint8_t)(keys[i] >> 8);
    old[i] = (uint8_t)keys[i];
    if (i && pos[i] == pos[i - 1])
      return shira_fail(e, EINVAL, "position %u is updated twice", pos[i]);
  }
  int err = set_add(&pack->apply, rules, like, pos, new, count, e);
  return err ? err : set_add(&pack->undo, rules, like, pos, old, count, e);
}

// Packs parts into one stream of each kind over the image that `like` describes.
static int pack_stream(const struct shira_pack_part *parts, uint32_t n_parts,
                       const struct shira_stream_rules *rules, const struct shira_stream_part *like,
                       struct shira_pack_shira *pack, struct shira_error *e) {
  uint64_t count;
  int64_t span = check_parts(parts, n_parts, rules->layout, &count, e);
  if (span < 0)
    return (int)span;
  size_t n = count ? count : 1, at = 0;
  uint64_t *keys = malloc(2 * n * sizeof *keys); // the second half is room to sort
  uint8_t *bytes = malloc(2 * n);
  uint32_t *pos = malloc(n * sizeof *pos);
  int err = keys && bytes && pos ? 0 : shira_fail(e, ENOMEM, "no memory for %zu updates", n);
  for (uint32_t i = 0; !err && i < n_parts; at += parts[i++].module->count)
    err = make_keys(&parts[i], rules->layout, keys + at, &pack->stats, e);
  if (!err) {
    uint64_t *sorted = sort_keys(keys, keys + n, (uint32_t)count, (uint32_t)span);
    err = encode_both(sorted, (uint32_t)count, rules, like, pos, bytes, bytes + n, pack, e);
  }
  free(pos);
  free(bytes);
  free(keys);
  return err;
}

int shira_pack_shira_parts(const struct shira_pack_part *parts, uint32_t n_parts,
                           const struct shira_stream_rules *rules, struct shira_pack_shira *pack,
                           struct shira_error *e) {
  *pack = (struct shira_pack_shira){0};
  int err = 0;
  if (rules->layout == SHIRA_LAYOUT_TILE)
    err = pack_stream(parts, n_parts, rules, &(struct shira_stream_part){0}, pack, e);
  for (uint32_t i = 0; !err && rules->layout == SHIRA_LAYOUT_ROW && i < n_parts; i++) {
    const struct shira_stream_part like = {.base = parts[i].base,
                                           .row_log2 = shira_image_row_log2(parts[i].image),
                                           .k_tiles = parts[i].image->k_tiles};
    err = pack_stream(&parts[i], 1, rules, &like, pack, e);
  }
  if (err)
    shira_pack_shira_free(pack);
  return err;
}

int shira_pack_shira(const struct shira_adapter_module *module, const struct shira_image *image,
                     const int8_t *wq, const double *scale, const struct shira_stream_rules *rules,
                     struct shira_pack_shira *pack, struct shira_error *e) {
  struct shira_pack_part part = {module, image, wq, scale, 0};
  return shira_pack_shira_parts(&part, 1, rules, pack, e);
}

void shira_pack_shira_free(struct shira_pack_shira *pack) {
  shira_stream_set_free(&pack->apply);
  shira_stream_set_free(&pack->undo);
  *pack = (struct shira_pack_shira){0};
}

static int8_t *pack_matrix(const struct shira_image *image, const int8_t *matrix) {
  int8_t *bytes = malloc(shira_image_bytes(image));
  if (bytes)
    shira_image_pack(image, matrix, bytes);
  return bytes;
}

// The image of the transpose of a [rows][columns] matrix.
static int8_t *pack_transposed(const struct shira_image *image, const int8_t *matrix) {
  int8_t *bytes = calloc(shira_image_bytes(image), 1);
  for (uint32_t q = 0; bytes && q < image->in; q++)
    for (uint32_t c = 0; c < image->out; c++)
      bytes[shira_image_pos(image, c, q)] = matrix[(size_t)q * image->out + c];
  return bytes;
}

int shira_pack_lora(const struct shira_lora_quant *lora, uint32_t n, uint32_t k,
                    struct shira_pack_lora *pack) {
  *pack = (struct shira_pack_lora){0};
  struct shira_pack_lora p = {0};
  if (shira_image_init(&p.at_image, lora->in, lora->rank, n, k) ||
      shira_image_init(&p.a_image, lora->rank, lora->in, n, k) ||
      shira_image_init(&p.b_image, lora->out, lora->rank, n, k))
    return -EINVAL;
  p.x_stride = p.b_image.k_tiles * k;
  p.wadd_scale = shira_scale_word(lora->b);
  p.at = pack_transposed(&p.at_image, lora->aq);
  p.a = pack_matrix(&p.a_image, lora->aq);
  p.b = pack_matrix(&p.b_image, lora->bq);
  p.x_b = calloc(lora->out, p.x_stride);
  if (!p.at || !p.a || !p.b || !p.x_b) {
    shira_pack_lora_free(&p);
    return -ENOMEM;
  }
  for (uint32_t r = 0; r < lora->out; r++)
    memcpy(p.x_b + (size_t)r * p.x_stride, lora->bq + (size_t)r * lora->rank, lora->rank);
  *pack = p;
  return 0;
}

uint32_t shira_lora_hidden_scale(double sh) {
  return shira_scale_word(1 / sh);
}

uint32_t shira_lora_seed_scale(const struct shira_lora_quant *lora, double sh) {
  return shira_scale_word(lora->b * sh);
}

void shira_pack_lora_free(struct shira_pack_lora *pack) {
  free(pack->at);
  free(pack->a);
  free(pack->b);
  free(pack->x_b);
  *pack = (struct shira_pack_lora){0};
}
