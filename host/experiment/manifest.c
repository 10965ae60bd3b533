#include "host/experiment/manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/experiment/facts.h"
#include "shira/experiment.h"
#include "shira/report.h"

static json_t *table_json(const struct field_table *t, const void *s) {
  json_t *o = json_object();
  shira_fields_put(o, s, t->at, t->n);
  return o;
}

char *shira_report_id(const struct shira_report *r, const struct shira_case *c) {
  const char *pair = c->pair < r->n_pairs ? r->pairs[c->pair].name : NULL;
  const char *undo = shira_undo_name(c->undo), *kept = shira_kept_name(c->kept);
  char end[32], *id;
  if (c->work == SHIRA_WORK_PASS)
    snprintf(end, sizeof(end), "%s/M%" PRIu32, shira_active_name(c->to), c->tokens);
  else
    snprintf(end, sizeof(end), "%s-%s", shira_active_name(c->from), shira_active_name(c->to));
  int n = asprintf(&id, "%s/%s/%s/%s%s%s%s%s%s%s/%s", r->machines[c->machine].hw.name,
                   r->workloads[c->workload].name, shira_placed_name(c->placed),
                   shira_strategy_name(c->strategy), pair ? "/" : "", pair ? pair : "",
                   undo ? "/" : "", undo ? undo : "", kept ? "/" : "", kept ? kept : "", end);
  return n < 0 ? NULL : id;
}

static json_t *id_of(const struct shira_report *r, const struct shira_case *c) {
  char *id = shira_report_id(r, c);
  json_t *o = j_text(id);
  free(id);
  return o;
}

// ---- To JSON ------------------ ----------------------------------------------------------------

static json_t *area_json(const struct shira_area *a) {
  json_t *blocks = json_array();
  for (uint32_t i = 0; i < a->n_blocks; i++) {
    json_t *block = table_json(&area_table, a->block[i].figure);
    j_set(block, "name", j_text(a->block[i].name));
    j_add(blocks, block);
  }
  return json_pack("{s:o, s:o, s:o}", "tool", j_text(a->tool), "blocks", blocks, "total",
                   table_json(&area_table, a->total));
}

// The clocks that follow, and a sentence where the machine's is above its process's.
static json_t *timing_json(const struct shira_machine_facts *m) {
  const struct shira_rtl_timing *t = &m->timing;
  const struct shira_depth *deepest = shira_rtl_timing_deepest(t);
  json_t *o = table_json(&timing_table, t), *blocks = json_array(), *clocks = json_array();
  const struct shira_process *p;
  char *says = NULL;
  for (uint32_t i = 0; i < t->n_blocks; i++)
    j_add(blocks, table_json(&depth_table, &t->block[i]));
  for (uint32_t i = 0; (p = shira_process(i)); i++) {
    const uint32_t mhz = shira_rtl_timing_mhz(t, p);
    if (!mhz)
      continue;
    j_add(clocks,
          json_pack("{s:o, s:o, s:o, s:o}", "process", j_text(p->name), "fo4_ps", j_real(p->fo4_ps),
                    "clock_mhz", j_count(mhz), "source", j_text(p->source)));
    if (i == m->hw.process && m->hw.clock_mhz > mhz &&
        asprintf(&says,
                 "%" PRIu32 " MHz is more than its RTL allows at %s: %s is %.1f FO4 of %.1f ps "
                 "deep, %" PRIu32 " MHz.",
                 m->hw.clock_mhz, p->name, deepest->name, deepest->fo4, p->fo4_ps, mhz) < 0)
      says = NULL;
  }
  j_set(o, "deepest_fo4", j_real(deepest->fo4));
  j_set(o, "blocks", blocks);
  j_set(o, "clocks", clocks);
  j_set(o, "too_fast", says ? j_text(says) : json_null());
  free(says);
  return o;
}

static json_t *machine_json(const struct shira_machine_facts *m) {
  json_t *o = table_json(&machine_table, m);
  for (unsigned i = 0; i < SRAMS; i++)
    j_set(o, sram_place[i].key, table_json(&sram_table, (const char *)m + sram_place[i].offset));
  j_set(o, "dram", m->hw.has_dram ? table_json(&dram_table, m) : json_null());
  j_set(o, "area", m->area.n_blocks ? area_json(&m->area) : json_null());
  j_set(o, "timing", m->timing.n_blocks ? timing_json(m) : json_null());
  return o;
}

static json_t *workload_json(const struct shira_report *r, const struct shira_workload_facts *w) {
  json_t *o = table_json(&workload_table, w), *inputs = json_array();
  for (uint32_t k = 0; k < r->experiment.n_tokens; k++) {
    json_t *input = table_json(&hash_table, &w->inputs[k]);
    j_set(input, "tokens", json_integer(r->experiment.tokens[k]));
    j_add(inputs, input);
  }
  j_set(o, "inputs", inputs);
  j_set(o, "blocks", w->side ? json_null() : table_json(&blocks_table, &w->blocks));
  return o;
}

static json_t *pair_json(const struct shira_report *r, const struct shira_pair_facts *p) {
  json_t *o = table_json(&pair_table, p);
  j_set(o, "workload", j_text(r->workloads[p->workload].name));
  j_set(o, "a", table_json(&adapter_table, &p->adapter[0]));
  j_set(o, "b", table_json(&adapter_table, &p->adapter[1]));
  return o;
}

static json_t *experiment_json(const struct shira_report *r) {
  const struct shira_experiment *e = &r->experiment;
  json_t *o = table_json(&experiment_table, r), *tokens = json_array();
  for (uint32_t k = 0; k < e->n_tokens; k++)
    j_add(tokens, json_integer(e->tokens[k]));
  j_set(o, "tokens", tokens);
  j_set(o, "shira", table_json(&given_table, &e->shira));
  j_set(o, "lora", table_json(&given_table, &e->lora));
  return o;
}

json_t *shira_head_json(const struct shira_report *r) {
  json_t *o = table_json(&report_table, r), *machines = json_array(), *workloads = json_array(),
         *pairs = json_array();
  for (uint32_t i = 0; i < r->n_machines; i++)
    j_add(machines, machine_json(&r->machines[i]));
  for (uint32_t i = 0; i < r->n_workloads; i++)
    j_add(workloads, workload_json(r, &r->workloads[i]));
  for (uint32_t i = 0; i < r->n_pairs; i++)
    j_add(pairs, pair_json(r, &r->pairs[i]));
  j_set(o, "schema", json_integer(SHIRA_SCHEMA));
  j_set(o, "experiment", experiment_json(r));
  j_set(o, "machines", machines);
  j_set(o, "workloads", workloads);
  j_set(o, "pairs", pairs);
  return o;
}

json_t *shira_key_json(const struct shira_report *r, const struct shira_case *c) {
  json_t *o = table_json(&case_table, c);
  j_set(o, "id", id_of(r, c));
  j_set(o, "machine", j_text(r->machines[c->machine].hw.name));
  j_set(o, "workload", j_text(r->workloads[c->workload].name));
  j_set(o, "pair", c->pair < r->n_pairs ? j_text(r->pairs[c->pair].name) : json_null());
  return o;
}

char *shira_report_manifest(const struct shira_report *r, const struct shira_hash *entry,
                            const struct shira_hash *facts) {
  json_t *o = shira_head_json(r), *results = json_array();
  for (uint32_t i = 0; i < r->n_workloads; i++)
    shira_fields_put(json_array_get(json_object_get(o, "workloads"), i), &facts[i], hash_table.at,
                     hash_table.n);
  for (uint32_t i = 0; i < r->n_results; i++) {
    json_t *result = shira_key_json(r, &r->results[i].key);
    shira_fields_put(result, &entry[i], hash_table.at, hash_table.n);
    j_add(results, result);
  }
  j_set(o, "results", results);
  char *text = o ? json_dumps(o, SHIRA_JSON_FLAGS) : NULL;
  json_decref(o);
  return text;
}

uint32_t shira_report_missing(const struct shira_report *r) {
  uint32_t missing = 0;
  for (uint32_t i = 0; i < r->n_results; i++)
    missing += !r->results[i].done;
  return missing;
}

void shira_report_free(struct shira_report *r) {
  free(r->machines);
  free(r->workloads);
  free(r->pairs);
  free(r->results);
  *r = (struct shira_report){0};
}
