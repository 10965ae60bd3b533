#include "host/report/json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/fields.h"
#include "host/experiment/facts.h"
#include "host/experiment/manifest.h"
#include "shira/report.h"

static json_t *text_of(const char *text) {
  return text ? shira_field_text(text) : json_null();
}

static json_t *id_of(const struct shira_report *r, const struct shira_case *c) {
  char *id = shira_report_id(r, c);
  json_t *o = text_of(id);
  free(id);
  return o;
}

static json_t *point_of(const struct shira_report *r, const struct shira_result *it) {
  return it ? id_of(r, &it->key) : json_null();
}

// ---- What was measured on what ----------------------------------------------------------------

static void add_density(json_t *o, const struct shira_adapter_facts *a) {
  json_object_set_new(o, "density",
                      shira_field_real((double)a->parameters / (double)a->targeted_weights));
}

// The head as a manifest has it, with what follows from it.
static json_t *head_json(const struct shira_report *r) {
  json_t *o = shira_head_json(r), *pairs = json_object_get(o, "pairs");
  const uint32_t missing = shira_report_missing(r);
  for (uint32_t i = 0; i < r->n_workloads; i++)
    json_object_set_new(json_array_get(json_object_get(o, "workloads"), i), "layer",
                        shira_field_text(text_layer(&r->workloads[i]).s));
  for (uint32_t i = 0; i < r->n_pairs; i++) {
    json_t *pair = json_array_get(pairs, i);
    json_object_set_new(pair, "label", shira_field_text(text_pair(&r->pairs[i]).s));
    add_density(json_object_get(pair, "a"), &r->pairs[i].adapter[0]);
    add_density(json_object_get(pair, "b"), &r->pairs[i].adapter[1]);
  }
  json_object_set_new(o, "complete", json_boolean(!missing));
  json_object_set_new(o, "missing", json_integer(missing));
  return o;
}

// ---- Results ----------------------------------------------------------------------------------

// Bytes by class, of classes that had some, from the counters.
static json_t *classes_json(const struct shira_measure *m, unsigned first) {
  json_t *o = json_object();
  for (unsigned c = 0; c < SHIRA_TRAFFIC_COUNT; c++)
    if (m->counters[first + c])
      json_object_set_new(o, shira_traffic_name(c),
                          json_integer((json_int_t)m->counters[first + c]));
  return o;
}

static json_t *traffic_json(const struct shira_measure *m) {
  return json_pack("{s:o, s:o, s:I, s:I, s:{s:I, s:I}}", "read",
                   classes_json(m, SHIRA_COUNTER_READ_BYTES_DESCRIPTOR), "written",
                   classes_json(m, SHIRA_COUNTER_WRITTEN_BYTES_DESCRIPTOR), "read_bytes",
                   (json_int_t)measure_read_bytes(m), "written_bytes",
                   (json_int_t)measure_written_bytes(m), "bursts", "read",
                   (json_int_t)m->counters[SHIRA_COUNTER_READ_BURSTS], "written",
                   (json_int_t)m->counters[SHIRA_COUNTER_WRITTEN_BURSTS]);
}

static json_t *states_json(const struct shira_measure *m) {
  static const char *const state[] = {"busy", "starved", "stalled", "waiting", "idle"};
  json_t *o = json_object();
  for (unsigned e = 0; e < SHIRA_ENGINE_COUNT; e++) {
    json_t *engine = json_object();
    for (unsigned s = 0; s < 5; s++)
      json_object_set_new(engine, state[s],
                          json_integer((json_int_t)m->counters[SHIRA_COUNTER_COMMAND_BUSY + 5 * e + s]));
    json_object_set_new(o, shira_engine_name(e), engine);
  }
  return o;
}

// What follows from the memory's numbers and its machine.
static void add_memory(json_t *o, const struct shira_machine *hw, const struct shira_measure *m) {
  const struct shira_dram_stats *s = &m->memory;
  const struct memory_shares v = measure_memory(hw, m);
  const uint64_t burst = hw->memory_burst_bytes;
  const uint64_t writes = s->bursts[SHIRA_DRAM_WRITE] + s->bursts[SHIRA_DRAM_MASKED_WRITE];
  const char *name;
  for (unsigned i = offsetof(struct shira_dram_stats, row_hits) / sizeof(uint64_t);
       !hw->has_dram && (name = shira_dram_stats_name(i)); i++)
    json_object_set_new(o, name, json_null());
  for (unsigned c = 0; c < SHIRA_DRAM_CLASSES; c++) {
    json_t *class = json_object_get(json_object_get(o, "traffic"), shira_dram_class_name(c));
    const uint64_t *n = s->traffic[c];
    json_object_set_new(class, "bytes",
                        json_integer((json_int_t)((n[SHIRA_DRAM_READ] + n[SHIRA_DRAM_WRITE] +
                                                   n[SHIRA_DRAM_MASKED_WRITE]) *
                                                  burst)));
  }
  json_object_set_new(o, "bytes_read", json_integer((json_int_t)(s->bursts[SHIRA_DRAM_READ] * burst)));
  json_object_set_new(o, "bytes_written", json_integer((json_int_t)(writes * burst)));
  json_object_set_new(o, "row_hit_rate", shira_field_real(v.row_hits));
  json_object_set_new(o, "bus_utilisation", shira_field_real(v.bus));
  json_object_set_new(o, "refresh_share", shira_field_real(v.refresh));
  json_object_set_new(o, "turnaround_share", shira_field_real(v.turnaround));
  json_t *latency = json_object();
  static const struct {
    const char *key;
    double share;
  } at[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"longest", 1}};
  for (unsigned i = 0; i < 4; i++)
    json_object_set_new(latency, at[i].key,
                        s->bursts[SHIRA_DRAM_READ]
                            ? json_integer((json_int_t)shira_dram_stats_percentile(s, at[i].share))
                            : json_null());
  json_object_set_new(o, "read_latency_cycles", latency);
}

static void add_measure(json_t *o, const struct shira_report *r, const struct shira_result *it) {
  const struct shira_measure *m = &it->m;
  const bool timed = index_timed(it);
  json_object_set_new(o, "us",
                      timed ? shira_field_real(text_cycles_us(r, &it->key, (double)measure_figure(m)))
                            : json_null());
  json_object_set_new(o, "low", timed ? json_integer((json_int_t)measure_low(m)) : json_null());
  json_object_set_new(o, "high", timed ? json_integer((json_int_t)measure_high(m)) : json_null());
  json_object_set_new(o, "of_bound", shira_field_real(measure_of_bound(m)));
  json_object_set_new(o, "traffic", traffic_json(m));
  json_object_set_new(o, "states", timed ? states_json(m) : json_null());
  if (!strcmp(r->device, "golden"))
    json_object_set_new(json_object_get(o, "exact"), "golden", json_null());
  if (timed)
    add_memory(json_object_get(o, "memory"), &r->machines[it->key.machine].hw, m);
}

static json_t *overhead_json(const struct index *x, const struct shira_result *it,
                             uint32_t tokens) {
  const struct shira_result *pass = index_pass(x, &it->key, tokens);
  const struct overhead v = measure_overhead(pass, index_base_pass(x, &it->key, tokens));
  const struct shira_case c = shira_case_pass(&it->key, tokens);
  return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "tokens", (json_int_t)tokens, "id",
                   id_of(x->r, &c), "overhead", shira_field_real(v.share.figure), "overhead_low",
                   shira_field_real(v.share.low), "overhead_high", shira_field_real(v.share.high),
                   "same", isfinite(v.share.figure) ? json_boolean(v.same) : json_null());
}

static void add_switch(json_t *o, const struct index *x, const struct shira_result *it) {
  const struct shira_experiment *e = &x->r->experiment;
  json_t *errors = json_array(), *passes = json_array();
  for (uint32_t k = 0; k < it->sw.n_errors && k < e->n_tokens; k++)
    json_array_append_new(errors, json_pack("{s:I, s:o}", "tokens", (json_int_t)e->tokens[k],
                                            "value", shira_field_real(it->sw.error_l2[k])));
  for (uint32_t k = 0; k < e->n_tokens; k++)
    json_array_append_new(passes, overhead_json(x, it, e->tokens[k]));
  json_object_set_new(o, "error_l2", errors);
  json_object_set_new(o, "passes", passes);
}

static json_t *result_json(const struct index *x, const struct shira_result *it) {
  json_t *o = shira_key_json(x->r, &it->key), *measured = shira_result_json(it);
  json_object_update(o, measured);
  json_decref(measured);
  if (it->done)
    add_measure(o, x->r, it);
  if (it->done && it->key.work == SHIRA_WORK_SWITCH)
    add_switch(o, x, it);
  return o;
}

// ---- Comparisons, models, answer --------------------------------------------------------------

static json_t *contest_json(const struct shira_report *r, const struct contest *k) {
  if (!k->shira || !k->lora)
    return json_null();
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s}", "shira", point_of(r, k->shira), "lora",
                   point_of(r, k->lora), "ratio", shira_field_real(k->ratio.figure), "ratio_low",
                   shira_field_real(k->ratio.low), "ratio_high", shira_field_real(k->ratio.high),
                   "winner", side_name(k->winner));
}

static json_t *passes_json(const struct shira_report *r, const struct comparison *c) {
  json_t *passes = json_array();
  for (uint32_t k = 0; k < c->n_passes; k++) {
    json_t *spans = json_array();
    for (uint32_t i = 0; i < c->pass[k].n_spans; i++) {
      const struct span *s = &c->pass[k].span[i];
      json_array_append_new(
          spans, json_pack("{s:o, s:o, s:s, s:o, s:o}", "from_tokens", shira_field_real(s->from),
                           "to_tokens", shira_field_real(s->to), "winner", side_name(s->winner),
                           "shira", point_of(r, s->shira), "lora", point_of(r, s->lora)));
    }
    json_array_append_new(passes, json_pack("{s:I, s:o}", "tokens", (json_int_t)c->pass[k].tokens,
                                            "spans", spans));
  }
  return passes;
}

static json_t *comparison_json(const struct shira_report *r, const struct comparison *c) {
  json_t *o = json_pack(
      "{s:o, s:o, s:s, s:s, s:s, s:s, s:s, s:b}", "machine",
      shira_field_text(r->machines[c->group->machine].hw.name), "workload",
      shira_field_text(r->workloads[c->group->workload].name), "placement",
      shira_placed_name(c->group->placed), "kept", c->host ? "host" : "memory", "size",
      shira_pair_size_name(c->size), "from", shira_active_name(c->from), "to", shira_active_name(c->to),
      "like", !*c->differs);
  json_object_set_new(o, "differs", *c->differs ? shira_field_text(c->differs) : json_null());
  json_object_set_new(o, "any", contest_json(r, &c->any));
  json_object_set_new(o, "written", contest_json(r, &c->written));
  json_object_set_new(o, "passes", passes_json(r, c));
  return o;
}

static json_t *model_json(const struct shira_report *r, const struct model_row *row) {
  json_t *ids = json_array();
  for (uint32_t i = 0; i < row->n; i++)
    json_array_append_new(ids, point_of(r, row->it[i]));
  return json_pack("{s:o, s:o, s:I, s:o, s:o, s:o, s:o}", "model",
                   shira_field_text(r->workloads[row->it[0]->key.workload].model), "results", ids,
                   "blocks", (json_int_t)r->workloads[row->it[0]->key.workload].blocks.all,
                   "cycles", shira_field_real(row->cycles), "us",
                   shira_field_real(text_cycles_us(r, &row->it[0]->key, row->cycles)), "differ",
                   shira_field_real(row->differ), "kept_bytes", shira_field_real(row->kept_bytes));
}

static json_t *answer_json(const struct shira_report *r, const struct answer *a) {
  json_t *figures = json_array(), *text = json_array();
  for (uint32_t i = 0; i < a->n_figures; i++) {
    const struct figure *f = &a->figure[i];
    json_array_append_new(
        figures, json_pack("{s:s, s:o, s:s, s:o, s:o, s:o}", "label", f->label, "value",
                           shira_field_real(f->value), "text", f->text.s, "note",
                           shira_field_text(f->note.s), "id", point_of(r, f->it), "of_bound",
                           shira_field_real(measure_of_bound(&f->it->m))));
  }
  for (uint32_t i = 0; i < a->n; i++)
    json_array_append_new(text, json_pack("{s:o, s:o}", "title", shira_field_text(a->at[i].title),
                                          "text", shira_field_text(a->at[i].text)));
  return json_pack("{s:o, s:o, s:o}", "headline", text_of(a->headline), "figures", figures, "text",
                   text);
}

// ---- The files --------------------------------------------------------------------------------

// One element a line, each made, printed and forgotten: a report may have very many.
static bool put_line(json_t *o, bool first, FILE *out) {
  fputs(first ? "\n" : ",\n", out);
  const bool whole = o && !json_dumpf(o, out, SHIRA_JSON_FLAGS);
  json_decref(o);
  return whole;
}

static bool put_list(const struct product *p, const char *key, uint32_t n,
                     json_t *(*make)(const struct product *, uint32_t), FILE *out) {
  bool whole = true;
  fprintf(out, ",\n\"%s\":[", key);
  for (uint32_t i = 0; whole && i < n; i++)
    whole = put_line(make(p, i), !i, out);
  fputs("]", out);
  return whole;
}

static json_t *make_comparison(const struct product *p, uint32_t i) {
  return comparison_json(p->r, &p->list.at[i]);
}

static json_t *make_model(const struct product *p, uint32_t i) {
  return model_json(p->r, &p->models.at[i]);
}

json_t *json_result(const struct product *p, uint32_t i) {
  return result_json(&p->x, p->x.at[i]);
}

static json_t *make_time(const struct product *p, uint32_t i) {
  json_t *o = shira_wall_json(&p->x.at[i]->wall);
  json_object_set_new(o, "id", id_of(p->r, &p->x.at[i]->key));
  return o;
}

// The members of `o` one a line, then what is too long for one object.
static bool put_head(json_t *o, FILE *out) {
  const char *key;
  json_t *v;
  bool whole = o != NULL, first = true;
  json_object_foreach(o, key, v) {
    fprintf(out, "%s\n\"%s\":", first ? "{" : ",", key);
    whole = whole && !json_dumpf(v, out, SHIRA_JSON_FLAGS | JSON_ENCODE_ANY);
    first = false;
  }
  json_decref(o);
  return whole;
}

bool json_report(const struct product *p, FILE *out) {
  json_t *o = head_json(p->r);
  json_object_set_new(o, "answer", answer_json(p->r, &p->answer));
  const bool whole = put_head(o, out) &&
                     put_list(p, "comparisons", p->list.n, make_comparison, out) &&
                     put_list(p, "models", p->models.n, make_model, out) &&
                     put_list(p, "results", p->x.n, json_result, out);
  fputs("}\n", out);
  return whole;
}

bool json_times(const struct product *p, FILE *out) {
  const bool whole = put_head(json_pack("{s:i, s:o}", "schema", SHIRA_SCHEMA, "program",
                                        shira_field_text(p->r->program)),
                              out) &&
                     put_list(p, "results", p->x.n, make_time, out);
  fputs("}\n", out);
  return whole;
}

int product_make(struct product *p, const struct shira_report *r, struct shira_error *err) {
  *p = (struct product){.r = r};
  int rc = index_build(&p->x, r, err);
  if (!rc)
    rc = compare_all(&p->x, &p->list, err);
  if (!rc)
    rc = models_make(&p->x, &p->models, err);
  if (!rc)
    rc = words_make(&p->x, &p->list, &p->answer, err);
  if (rc)
    product_free(p);
  return rc;
}

void product_free(struct product *p) {
  words_free(&p->answer);
  models_free(&p->models);
  comparisons_free(&p->list);
  index_free(&p->x);
}
