// A report read back: from report.json, or from a store. What comes from outside is checked before
// anything is believed.
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/experiment/facts.h"
#include "host/experiment/manifest.h"
#include "host/experiment/store.h"
#include "shira/report.h"

#define MOST 1000000u // elements of a list

// What is being read.
struct reader {
  const char *path;
  struct shira_report *r;
  struct store *store; // where results are that the file only names; NULL: it has them
  json_t *machines, *workloads, *pairs; // name -> index; a pair's name is "workload name/name"
  struct shira_error *err;
};

static int wrong(const struct reader *rd, const char *what) {
  return shira_fail(rd->err, EINVAL, "'%s': %s", rd->path, what);
}

static int get(const struct reader *rd, const json_t *o, void *s, const struct field_table *t,
               const char *where) {
  struct shira_error why;
  int rc = shira_fields_get(o, s, t->at, t->n, where, &why);
  return rc ? wrong(rd, why.text) : 0;
}

// A list of an object, as an array of `size` bytes an element that the report owns.
static int get_list(const struct reader *rd, const json_t *o, const char *key, size_t size,
                    void *array, uint32_t *n, const json_t **list) {
  *list = json_object_get(o, key);
  if (!json_is_array(*list) || json_array_size(*list) > MOST)
    return shira_fail(rd->err, EINVAL, "'%s': %s: is no list of up to %u", rd->path, key, MOST);
  void *made = calloc(json_array_size(*list) + 1, size);
  if (!made)
    return shira_fail(rd->err, ENOMEM, "no memory for '%s'", rd->path);
  memcpy(array, &made, sizeof(made));
  *n = (uint32_t)json_array_size(*list);
  return 0;
}

static int name_it(const struct reader *rd, json_t *names, const char *name, uint32_t i) {
  if (json_object_get(names, name))
    return shira_fail(rd->err, EINVAL, "'%s': two things are called '%s'", rd->path, name);
  return json_object_set_new(names, name, json_integer(i))
             ? shira_fail(rd->err, ENOMEM, "no memory for '%s'", rd->path)
             : 0;
}

// The index that the member `key` of `o` names.
static int find(const struct reader *rd, const json_t *o, const char *key, const json_t *names,
                uint32_t *to) {
  const char *name = json_string_value(json_object_get(o, key));
  const json_t *i = name ? json_object_get(names, name) : NULL;
  if (!i)
    return shira_fail(rd->err, EINVAL, "'%s': %s '%s' is not in the report", rd->path, key,
                      name ? name : "");
  *to = (uint32_t)json_integer_value(i);
  return 0;
}

// ---- What was measured on what ----------------------------------------------------------------

static int get_area(const struct reader *rd, const json_t *o, struct shira_area *a) {
  const json_t *blocks = json_object_get(o, "blocks"), *block;
  size_t i;
  if (json_is_null(o))
    return 0;
  const char *tool = json_string_value(json_object_get(o, "tool"));
  if (!tool || strlen(tool) >= sizeof(a->tool) || !json_array_size(blocks) ||
      json_array_size(blocks) > SHIRA_MAX_BLOCKS)
    return wrong(rd, "machines: area: is not what `make area` makes");
  strcpy(a->tool, tool);
  json_array_foreach(blocks, i, block) {
    const char *name = json_string_value(json_object_get(block, "name"));
    if (!name || strlen(name) >= sizeof(a->block[i].name))
      return wrong(rd, "machines: area: a block has no short name");
    strcpy(a->block[i].name, name);
    int rc = get(rd, block, a->block[i].figure, &area_table, "machines: area");
    if (rc)
      return rc;
  }
  a->n_blocks = (uint32_t)json_array_size(blocks);
  return get(rd, json_object_get(o, "total"), a->total, &area_table, "machines: area");
}

static int get_timing(const struct reader *rd, const json_t *o, struct shira_rtl_timing *t) {
  const json_t *blocks = json_object_get(o, "blocks"), *block;
  size_t i;
  if (json_is_null(o))
    return 0;
  int rc = get(rd, o, t, &timing_table, "machines: timing");
  if (!rc && (!json_array_size(blocks) || json_array_size(blocks) > SHIRA_MAX_BLOCKS))
    rc = wrong(rd, "machines: timing: is not what `make timing` makes");
  json_array_foreach(blocks, i, block) {
    if (!rc)
      rc = get(rd, block, &t->block[i], &depth_table, "machines: timing");
    if (!rc && !(t->block[i].fo4 > 0))
      rc = wrong(rd, "machines: timing: a depth is not above 0");
  }
  t->n_blocks = (uint32_t)json_array_size(blocks);
  return rc;
}

static int get_machine(const struct reader *rd, const json_t *o, uint32_t i) {
  struct shira_machine_facts *m = &rd->r->machines[i];
  const json_t *dram = json_object_get(o, "dram");
  int rc = get(rd, o, m, &machine_table, "machines");
  for (unsigned s = 0; !rc && s < SRAMS; s++)
    rc = get(rd, json_object_get(o, sram_place[s].key), (char *)m + sram_place[s].offset,
             &sram_table, "machines: an SRAM");
  m->hw.has_dram = !json_is_null(dram);
  if (!rc && m->hw.has_dram)
    rc = get(rd, dram, m, &dram_table, "machines: dram");
  if (!rc && (!m->hw.clock_mhz || (m->hw.has_dram && !m->hw.dram.standard.transfers_per_clock)))
    rc = wrong(rd, "machines: a clock is 0");
  if (!rc)
    rc = name_it(rd, rd->machines, m->hw.name, i);
  if (!rc)
    rc = get_area(rd, json_object_get(o, "area"), &m->area);
  return rc ? rc : get_timing(rd, json_object_get(o, "timing"), &m->timing);
}

static int get_workload(const struct reader *rd, const json_t *o, uint32_t i) {
  struct shira_workload_facts *w = &rd->r->workloads[i];
  const json_t *blocks = json_object_get(o, "blocks"), *inputs = json_object_get(o, "inputs");
  int rc = get(rd, o, w, &workload_table, "workloads");
  if (!rc && !json_is_null(blocks))
    rc = get(rd, blocks, &w->blocks, &blocks_table, "workloads: blocks");
  for (uint32_t k = 0; !rc && k < rd->r->experiment.n_tokens; k++)
    rc = get(rd, json_array_get(inputs, k), &w->inputs[k], &hash_table, "workloads: inputs");
  return rc ? rc : name_it(rd, rd->workloads, w->name, i);
}

static int name_pair(const struct reader *rd, const char *workload, const char *pair, uint32_t i,
                     uint32_t *found) {
  char name[160];
  snprintf(name, sizeof(name), "%s/%s", workload, pair);
  if (!found)
    return name_it(rd, rd->pairs, name, i);
  const json_t *at = json_object_get(rd->pairs, name);
  *found = at ? (uint32_t)json_integer_value(at) : SHIRA_NO_PAIR;
  return at ? 0 : wrong(rd, "results: pair: is not in the report");
}

static int get_pair(const struct reader *rd, const json_t *o, uint32_t i) {
  struct shira_pair_facts *p = &rd->r->pairs[i];
  int rc = get(rd, o, p, &pair_table, "pairs");
  if (!rc)
    rc = find(rd, o, "workload", rd->workloads, &p->workload);
  if (!rc)
    rc = get(rd, json_object_get(o, "a"), &p->adapter[0], &adapter_table, "pairs: a");
  if (!rc)
    rc = get(rd, json_object_get(o, "b"), &p->adapter[1], &adapter_table, "pairs: b");
  return rc ? rc : name_pair(rd, rd->r->workloads[p->workload].name, p->name, i, NULL);
}

static int get_experiment(const struct reader *rd, const json_t *o) {
  struct shira_experiment *e = &rd->r->experiment;
  const json_t *tokens = json_object_get(o, "tokens"), *v;
  size_t i;
  if (!json_is_array(tokens) || json_array_size(tokens) > SHIRA_MAX_TOKENS)
    return wrong(rd, "experiment: tokens: is no list of up to 8");
  json_array_foreach(tokens, i, v) {
    const json_int_t m = json_integer_value(v);
    if (m < 1 || m > SHIRA_MAX_TOKEN_COUNT)
      return wrong(rd, "experiment: tokens: is not from 1 to 65536");
    e->tokens[e->n_tokens++] = (uint32_t)m;
  }
  int rc = get(rd, o, rd->r, &experiment_table, "experiment");
  if (!rc)
    rc = get(rd, json_object_get(o, "shira"), &e->shira, &given_table, "experiment: shira");
  if (!rc)
    rc = get(rd, json_object_get(o, "lora"), &e->lora, &given_table, "experiment: lora");
  e->shira.given = *e->shira.a;
  e->lora.given = *e->lora.a;
  return rc;
}

// ---- Results ----------------------------------------------------------------------------------

static int get_key(const struct reader *rd, const json_t *o, struct shira_case *c) {
  int rc = get(rd, o, c, &case_table, "results");
  if (!rc)
    rc = find(rd, o, "machine", rd->machines, &c->machine);
  if (!rc)
    rc = find(rd, o, "workload", rd->workloads, &c->workload);
  c->pair = SHIRA_NO_PAIR;
  const char *pair = json_string_value(json_object_get(o, "pair"));
  if (rc || !pair)
    return rc;
  return name_pair(rd, rd->r->workloads[c->workload].name, pair, 0, &c->pair);
}

// From the store; what it does not have is not done.
static int get_stored(const struct reader *rd, const json_t *o, struct shira_result *it) {
  const char *text = json_string_value(json_object_get(o, "hash"));
  struct shira_hash hash;
  char *entry = NULL;
  size_t size;
  if (!text || shira_hash_from_text(text, &hash))
    return wrong(rd, "results: hash: is not 64 hex digits");
  int rc = store_get(rd->store, &hash, &entry, &size, rd->err);
  if (rc == -ENOENT) {
    snprintf(it->reason, sizeof(it->reason), "It is not in the store.");
    return 0;
  }
  if (!rc)
    rc = shira_result_decode(entry, size, it, rd->err);
  free(entry);
  return rc;
}

static int get_result(const struct reader *rd, const json_t *o, uint32_t i) {
  struct shira_result *it = &rd->r->results[i];
  const char *id = json_string_value(json_object_get(o, "id"));
  struct shira_error why;
  int rc = get_key(rd, o, &it->key);
  if (rc)
    return rc;
  if (rd->store)
    rc = get_stored(rd, o, it);
  else if (shira_result_from_json(o, it, id ? id : "results", &why))
    return wrong(rd, why.text);
  const bool pass = !json_object_get(o, "weights_hash");
  if (!rc && !rd->store && it->done && pass != (it->key.work == SHIRA_WORK_PASS))
    rc = wrong(rd, "results: work: is not what the result has");
  return rc;
}

// ---- All of it --------------------------------------------------------------------------------

static int each(const struct reader *rd, const json_t *list,
                int (*one)(const struct reader *, const json_t *, uint32_t)) {
  size_t i;
  const json_t *o;
  int rc = 0;
  json_array_foreach(list, i, o) {
    rc = one(rd, o, (uint32_t)i);
    if (rc)
      break;
  }
  return rc;
}

static int get_schema(const struct reader *rd, const json_t *o) {
  const json_t *schema = json_object_get(o, "schema"), *old = json_object_get(o, "version");
  const char *program = json_string_value(json_object_get(o, "program"));
  if (json_is_integer(schema) && json_integer_value(schema) == SHIRA_SCHEMA)
    return 0;
  if (!program || (!json_is_integer(schema) && !json_is_integer(old)))
    return wrong(rd, "is no report of shirasim");
  return shira_fail(rd->err, EINVAL,
                    "'%s': schema %" JSON_INTEGER_FORMAT
                    " of %.64s is not read; run the experiment again",
                    rd->path, json_integer_value(json_is_integer(schema) ? schema : old), program);
}

static int get_report(const struct reader *rd, const json_t *o) {
  struct shira_report *r = rd->r;
  const json_t *list;
  int rc = get_schema(rd, o);
  if (!rc)
    rc = get(rd, o, r, &report_table, "the report");
  if (!rc)
    rc = get_experiment(rd, json_object_get(o, "experiment"));
  if (!rc)
    rc = get_list(rd, o, "machines", sizeof(*r->machines), &r->machines, &r->n_machines, &list);
  if (!rc)
    rc = each(rd, list, get_machine);
  if (!rc)
    rc = get_list(rd, o, "workloads", sizeof(*r->workloads), &r->workloads, &r->n_workloads, &list);
  if (!rc)
    rc = each(rd, list, get_workload);
  if (!rc)
    rc = get_list(rd, o, "pairs", sizeof(*r->pairs), &r->pairs, &r->n_pairs, &list);
  if (!rc)
    rc = each(rd, list, get_pair);
  if (!rc)
    rc = get_list(rd, o, "results", sizeof(*r->results), &r->results, &r->n_results, &list);
  return rc ? rc : each(rd, list, get_result);
}

static int read_file(const char *path, struct store *store, struct shira_report *r,
                     struct shira_error *err) {
  struct reader rd = {path, r, store, json_object(), json_object(), json_object(), err};
  json_error_t at;
  errno = 0;
  json_t *o = json_load_file(path, JSON_REJECT_DUPLICATES, &at);
  int rc = 0;
  if (!o && errno && at.line < 0)
    rc = shira_fail(err, errno, "cannot open '%s': %s", path, strerror(errno));
  else if (!o)
    rc = shira_fail(err, EINVAL, "'%s': line %d: %s", path, at.line, at.text);
  else
    rc = get_report(&rd, o);
  json_decref(o);
  json_decref(rd.machines);
  json_decref(rd.workloads);
  json_decref(rd.pairs);
  return rc;
}

// The manifest that was written last.
static int newest_run(const char *dir, char path[PATH_MAX], struct shira_error *err) {
  char runs[PATH_MAX], one[PATH_MAX];
  struct timespec last = {0};
  struct dirent *e;
  struct stat st;
  snprintf(runs, sizeof(runs), "%s/runs", dir);
  DIR *d = opendir(runs);
  *path = 0;
  while (d && (e = readdir(d))) {
    const size_t n = strlen(e->d_name);
    if (e->d_name[0] == '.' || n < 6 || strcmp(e->d_name + n - 5, ".json") ||
        snprintf(one, sizeof(one), "%s/%s", runs, e->d_name) >= (int)sizeof(one) || stat(one, &st))
      continue;
    if (*path && (st.st_mtim.tv_sec < last.tv_sec ||
                  (st.st_mtim.tv_sec == last.tv_sec && st.st_mtim.tv_nsec < last.tv_nsec)))
      continue;
    last = st.st_mtim;
    strcpy(path, one);
  }
  if (d)
    closedir(d);
  return *path
             ? 0
             : shira_fail(err, ENOENT, "'%s' has neither a report.json nor a run of a store", dir);
}

static int read_store(const char *dir, const char *run, struct shira_report *r,
                      struct shira_error *err) {
  struct store store;
  char path[PATH_MAX];
  int rc = run && snprintf(path, sizeof(path), "%s/runs/%s.json", dir, run) >= (int)sizeof(path)
               ? shira_fail(err, ENAMETOOLONG, "'%s': the path is too long", dir)
               : 0;
  if (!rc && !run)
    rc = newest_run(dir, path, err);
  if (rc)
    return rc;
  rc = store_open(dir, false, &store, err);
  if (!rc)
    rc = read_file(path, &store, r, err);
  store_close(&store);
  return rc;
}

int shira_report_read(const char *path, const char *run, struct shira_report *r,
                      struct shira_error *err) {
  char file[PATH_MAX];
  struct stat st;
  int rc = 0;
  *r = (struct shira_report){0};
  if (stat(path, &st))
    return shira_fail(err, errno, "cannot open '%s': %s", path, strerror(errno));
  if (!S_ISDIR(st.st_mode))
    rc = read_file(path, NULL, r, err);
  else if (snprintf(file, sizeof(file), "%s/report.json", path) < (int)sizeof(file) && !run &&
           !stat(file, &st))
    rc = read_file(file, NULL, r, err);
  else
    rc = read_store(path, run, r, err);
  if (rc)
    shira_report_free(r);
  return rc;
}
