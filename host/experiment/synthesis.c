// Area and timing of a machine's RTL: reads what `make area` and `make timing` wrote.
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

// What is wrong with what both files have, NULL where nothing is.
static const char *get_head(const json_t *o, const char *hash) {
  char text[16];
  const json_t *blocks = json_object_get(o, "blocks");
  if (json_integer_value(json_object_get(o, "version")) != 1)
    return "version is not 1";
  if (!get_text(o, "hash", text, sizeof(text)) || strcmp(text, hash))
    return "hash is another machine's";
  if (json_array_size(blocks) < 1 || json_array_size(blocks) > SHIRA_MAX_BLOCKS)
    return "blocks is no list of 1 to 32";
  return NULL;
}

static const char *get_area(const json_t *o, struct shira_area *area) {
  const json_t *blocks = json_object_get(o, "blocks"), *block;
  uint64_t sum[SHIRA_AREA_COUNT] = {0};
  size_t i;
  if (!get_text(o, "tool", area->tool, sizeof(area->tool)))
    return "tool is no short text";
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

static const char *get_timing(const json_t *o, struct shira_rtl_timing *timing) {
  const json_t *blocks = json_object_get(o, "blocks"), *block;
  size_t i;
  if (shira_fields_get(o, timing, timing_table.at, timing_table.n, "", NULL) ||
      !(timing->fo4_ns > 0))
    return "tool, library or fo4_ns is not there";
  json_array_foreach(blocks, i, block) {
    if (shira_fields_get(block, &timing->block[i], depth_table.at, depth_table.n, "", NULL) ||
        !(timing->block[i].fo4 > 0))
      return "a block lacks its name or a figure";
  }
  timing->n_blocks = (uint32_t)json_array_size(blocks);
  return NULL;
}

// Reads <root>/<hash of m's RTL parameters>.json into *o, NULL where there is no such file.
static int open_file(const char *root, const struct shira_machine *m, char path[PATH_MAX],
                     json_t **o, const char **wrong, struct shira_error *err) {
  char hash[16];
  json_error_t at;
  *o = NULL;
  snprintf(hash, sizeof(hash), "%08x", shira_machine_rtl_hash(m));
  if (snprintf(path, PATH_MAX, "%s/%s.json", root, hash) >= PATH_MAX)
    return shira_fail(err, ENAMETOOLONG, "'%s': the path is too long", root);
  if (access(path, F_OK))
    return 0;
  *o = json_load_file(path, JSON_REJECT_DUPLICATES, &at);
  if (!*o)
    return shira_fail(err, EINVAL, "'%s': line %d: %s", path, at.line, at.text);
  *wrong = get_head(*o, hash);
  return 0;
}

static int close_file(json_t *o, const char *path, const char *wrong, const char *target,
                      struct shira_error *err) {
  json_decref(o);
  return wrong ? shira_fail(err, EINVAL, "'%s': %s; `make %s` writes it anew", path, wrong, target)
               : 0;
}

int shira_area_load(const char *root, const struct shira_machine *m, struct shira_area *area,
                    struct shira_error *err) {
  char path[PATH_MAX];
  const char *wrong = NULL;
  json_t *o;
  memset(area, 0, sizeof(*area));
  int rc = open_file(root, m, path, &o, &wrong, err);
  if (rc || !o)
    return rc;
  if (!wrong)
    wrong = get_area(o, area);
  return close_file(o, path, wrong, "area", err);
}

int shira_rtl_timing_load(const char *root, const struct shira_machine *m,
                          struct shira_rtl_timing *timing, struct shira_error *err) {
  char path[PATH_MAX];
  const char *wrong = NULL;
  json_t *o;
  memset(timing, 0, sizeof(*timing));
  int rc = open_file(root, m, path, &o, &wrong, err);
  if (rc || !o)
    return rc;
  if (!wrong)
    wrong = get_timing(o, timing);
  return close_file(o, path, wrong, "timing", err);
}

const struct shira_depth *shira_rtl_timing_deepest(const struct shira_rtl_timing *timing) {
  const struct shira_depth *deepest = &timing->block[0];
  for (uint32_t i = 1; i < timing->n_blocks; i++)
    if (timing->block[i].fo4 > deepest->fo4)
      deepest = &timing->block[i];
  return deepest;
}

uint32_t shira_rtl_timing_mhz(const struct shira_rtl_timing *timing,
                              const struct shira_process *process) {
  const double ps = process->fo4_ps * shira_rtl_timing_deepest(timing)->fo4;
  return ps > 0 ? (uint32_t)(1e6 / ps) : 0;
}
