// The area of a machine's RTL: reads what `make area` wrote, and the table of report.html.
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "shira/experiment.h"

const struct area_figure area_figures[SHIRA_AREA_COUNT] = {
    [SHIRA_AREA_CELLS] = {"cells", "cells", "word-level cells, before mapping to the FPGA"},
    [SHIRA_AREA_FF_BITS] = {"ff_bits", "FF bits", "flip-flops, before mapping to the FPGA"},
    [SHIRA_AREA_MEMORY_BITS] = {"memory_bits", "memory bits", "bits of all memories"},
    [SHIRA_AREA_LUT] = {"lut", "LUT", "look-up tables, those used as memory included"},
    [SHIRA_AREA_LUT_RAM] = {"lut_ram", "of them RAM", "LUTs used as memory or shift register"},
    [SHIRA_AREA_FF] = {"ff", "FF", "flip-flops"},
    [SHIRA_AREA_DSP] = {"dsp", "DSP48E2", "multipliers"},
    [SHIRA_AREA_RAMB36] = {"ramb36", "RAMB36", "block RAMs of 36 kbit"},
    [SHIRA_AREA_RAMB18] = {"ramb18", "RAMB18", "block RAMs of 18 kbit"},
    [SHIRA_AREA_URAM] = {"uram", "URAM", "UltraRAMs of 288 kbit"},
};

// The figures of a block, or of the total; false where one is missing or no count.
static bool get_figures(const json_t *o, uint64_t figure[SHIRA_AREA_COUNT]) {
  for (unsigned f = 0; f < SHIRA_AREA_COUNT; f++) {
    const json_t *v = json_object_get(o, area_figures[f].key);
    if (!json_is_integer(v) || json_integer_value(v) < 0)
      return false;
    figure[f] = (uint64_t)json_integer_value(v);
  }
  return true;
}

static bool get_text(const json_t *o, const char *key, char *text, size_t size) {
  const char *s = json_string_value(json_object_get(o, key));
  return s && (size_t)snprintf(text, size, "%s", s) < size;
}

// What is wrong with the file, NULL where nothing is.
static const char *get_area(const json_t *o, const char *hash, struct shira_area *area) {
  char text[16];
  const json_t *blocks = json_object_get(o, "blocks"), *block;
  uint64_t sum[SHIRA_AREA_COUNT] = {0};
  size_t i;
  if (json_integer_value(json_object_get(o, "version")) != 1)
    return "version is not 1";
  if (!get_text(o, "hash", text, sizeof(text)) || strcmp(text, hash))
    return "hash is another machine's";
  if (!get_text(o, "tool", area->tool, sizeof(area->tool)))
    return "tool is no short text";
  if (json_array_size(blocks) < 1 || json_array_size(blocks) > SHIRA_MAX_BLOCKS)
    return "blocks is no list of 1 to 32";
  json_array_foreach(blocks, i, block) {
    struct shira_area_block *b = &area->block[i];
    if (!get_text(block, "name", b->name, sizeof(b->name)) || !get_figures(block, b->figure))
      return "a block lacks its name or a figure";
    for (unsigned f = 0; f < SHIRA_AREA_COUNT; f++)
      sum[f] += b->figure[f];
  }
  if (!get_figures(json_object_get(o, "total"), area->total) ||
      memcmp(sum, area->total, sizeof(sum)))
    return "total is not the sum of the blocks";
  area->n_blocks = (uint32_t)json_array_size(blocks);
  return NULL;
}

int shira_area_load(const char *root, const struct shira_machine *m, struct shira_area *area,
                    struct shira_error *err) {
  char hash[16], path[PATH_MAX];
  json_error_t at;
  memset(area, 0, sizeof(*area));
  snprintf(hash, sizeof(hash), "%08x", shira_machine_rtl_hash(m));
  if ((size_t)snprintf(path, sizeof(path), "%s/%s.json", root, hash) >= sizeof(path))
    return shira_fail(err, ENAMETOOLONG, "'%s': the path is too long", root);
  if (access(path, F_OK))
    return 0;
  json_t *o = json_load_file(path, JSON_REJECT_DUPLICATES, &at);
  if (!o)
    return shira_fail(err, EINVAL, "'%s': line %d: %s", path, at.line, at.text);
  const char *wrong = get_area(o, hash, area);
  json_decref(o);
  return wrong ? shira_fail(err, EINVAL, "'%s': %s; `make area` writes it anew", path, wrong) : 0;
}

