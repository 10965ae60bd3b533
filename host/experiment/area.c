// The area of a machine's RTL: reads what `make area` wrote.
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/experiment/facts.h"
#include "shira/experiment.h"

static bool get_figures(const json_t *o, uint64_t figure[SHIRA_AREA_COUNT]) {
  return !shira_fields_get(o, figure, area_table.at, area_table.n, "", NULL);
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
