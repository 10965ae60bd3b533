#include "host/report/product.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/base/fields.h"
#include "host/experiment/facts.h"
#include "host/experiment/manifest.h"
#include "shira/dram_energy.h"
#include "shira/report.h"

static json_t *id_of(const struct shira_report *r, const struct shira_case *c) {
  char *id = shira_report_id(r, c);
  json_t *o = j_text(id);
  free(id);
  return o;
}

static json_t *point_of(const struct shira_report *r, const struct shira_result *it) {
  return it ? id_of(r, &it->key) : json_null();
}

// ---- What was measured on what ----------------------------------------------------------------

// The head as a manifest has it, with what follows from it.
static json_t *head_json(const struct shira_report *r) {
  json_t *o = shira_head_json(r), *pairs = json_object_get(o, "pairs");
  const uint32_t missing = shira_report_missing(r);
  for (uint32_t i = 0; i < r->n_workloads; i++)
    j_set(json_array_get(json_object_get(o, "workloads"), i), "layer",
          j_text(text_layer(&r->workloads[i]).s));
  for (uint32_t i = 0; i < r->n_pairs; i++) {
    json_t *pair = json_array_get(pairs, i);
    j_set(pair, "label", j_text(text_pair(&r->pairs[i]).s));
    for (unsigned k = 0; k < 2; k++) {
      const struct shira_adapter_facts *a = &r->pairs[i].adapter[k];
      j_set(json_object_get(pair, k ? "b" : "a"), "density",
            j_real((double)a->parameters / (double)a->targeted_weights));
    }
  }
  j_set(o, "complete", json_boolean(!missing));
  j_set(o, "missing", json_integer(missing));
  return o;
}

// ---- Results ----------------------------------------------------------------------------------

// Bytes by class, of classes that had some, from the counters; adds them to *sum.
static json_t *classes_json(const struct shira_measure *m, unsigned first, json_int_t *sum) {
  json_t *o = json_object();
  for (unsigned c = 0; c < SHIRA_TRAFFIC_COUNT; c++) {
    *sum += (json_int_t)m->counters[first + c];
    if (m->counters[first + c])
      j_set(o, shira_traffic_name(c), j_count(m->counters[first + c]));
  }
  return o;
}

static json_t *traffic_json(const struct shira_measure *m) {
  json_int_t in = 0, out = 0;
  json_t *read = classes_json(m, SHIRA_COUNTER_READ_BYTES_DESCRIPTOR, &in);
  json_t *written = classes_json(m, SHIRA_COUNTER_WRITTEN_BYTES_DESCRIPTOR, &out);
  return json_pack("{s:o, s:o, s:I, s:I, s:{s:o, s:o}}", "read", read, "written", written,
                   "read_bytes", in, "written_bytes", out, "bursts", "read",
                   j_count(m->counters[SHIRA_COUNTER_READ_BURSTS]), "written",
                   j_count(m->counters[SHIRA_COUNTER_WRITTEN_BURSTS]));
}

static json_t *states_json(const struct shira_measure *m) {
  static const char *const state[] = {"busy", "starved", "stalled", "waiting", "idle"};
  json_t *o = json_object();
  for (unsigned e = 0; e < SHIRA_ENGINE_COUNT; e++) {
    json_t *engine = json_object();
    for (unsigned s = 0; s < 5; s++)
      j_set(engine, state[s], j_count(m->counters[SHIRA_COUNTER_COMMAND_BUSY + 5 * e + s]));
    j_set(o, shira_engine_name(e), engine);
  }
  return o;
}

static json_t *share(double part, double all) {
  return all > 0 ? j_real(part / all) : json_null();
}

// Shares of the run's time and of its bursts; null for what memory does not have.
static void add_shares(json_t *o, const struct shira_machine *hw, const struct shira_measure *m,
                       double bytes) {
  const struct shira_dram_stats *s = &m->memory;
  const struct shira_dram_standard *d = &hw->dram.standard;
  const double us = (double)shira_figure(m) / hw->clock_mhz;
  // Of all channels; the counters' own clocks run on to the host's next access.
  const double clocks =
      hw->has_dram ? us * d->data_rate / d->transfers_per_clock * hw->dram.channels : 0;
  j_set(o, "row_hit_rate",
        share((double)s->row_hits, (double)(s->row_hits + s->row_misses + s->row_conflicts)));
  j_set(o, "bus_utilisation",
        hw->has_dram ? share((double)s->bus_clocks, clocks)
                     : share(bytes, us * hw->memory_peak_mb_s));
  j_set(o, "refresh_share", share((double)s->refresh_clocks, clocks));
  j_set(o, "turnaround_share", share((double)s->turnaround_clocks, clocks));
}

// Null where nobody published a figure.
static json_t *energy_json(const struct shira_machine *hw, const struct shira_measure *m) {
  struct shira_dram_energy e;
  double pj[sizeof e / sizeof(double)];
  json_t *o = json_object();
  const char *name;
  shira_dram_energy(&hw->dram, &m->memory, (double)shira_figure(m) / hw->clock_mhz, &e);
  memcpy(pj, &e, sizeof pj);
  for (unsigned i = 0; (name = shira_dram_energy_name(i)); i++)
    j_set(o, name, hw->has_dram ? j_real(pj[i]) : json_null());
  return o;
}

// What follows from the memory's numbers and its machine.
static void add_memory(json_t *o, const struct shira_machine *hw, const struct shira_measure *m) {
  const struct shira_dram_stats *s = &m->memory;
  const uint64_t burst = hw->memory_burst_bytes;
  const uint64_t writes = s->bursts[SHIRA_DRAM_WRITE] + s->bursts[SHIRA_DRAM_MASKED_WRITE];
  const char *name;
  for (unsigned i = offsetof(struct shira_dram_stats, row_hits) / sizeof(uint64_t);
       !hw->has_dram && (name = shira_dram_stats_name(i)); i++)
    j_set(o, name, json_null());
  for (unsigned c = 0; c < SHIRA_DRAM_CLASSES; c++) {
    json_t *class = json_object_get(json_object_get(o, "traffic"), shira_dram_class_name(c));
    const uint64_t *n = s->traffic[c];
    j_set(class, "bytes",
          j_count((n[SHIRA_DRAM_READ] + n[SHIRA_DRAM_WRITE] + n[SHIRA_DRAM_MASKED_WRITE]) * burst));
  }
  j_set(o, "bytes_read", j_count(s->bursts[SHIRA_DRAM_READ] * burst));
  j_set(o, "bytes_written", j_count(writes * burst));
  add_shares(o, hw, m, (double)((s->bursts[SHIRA_DRAM_READ] + writes) * burst));
  json_t *latency = json_object();
  static const char *const key[] = {"p50", "p90", "p99", "longest"};
  static const double part[] = {0.5, 0.9, 0.99, 1};
  for (unsigned i = 0; i < 4; i++)
    j_set(latency, key[i],
          s->bursts[SHIRA_DRAM_READ] ? j_count(shira_dram_stats_percentile(s, part[i]))
                                     : json_null());
  j_set(o, "read_latency_cycles", latency);
  j_set(o, "energy_pj", energy_json(hw, m));
}

static void add_measure(json_t *o, const struct shira_report *r, const struct shira_result *it) {
  const struct shira_measure *m = &it->m;
  const bool timed = index_timed(it);
  j_set(o, "us", timed ? j_real(measure_us(r, it)) : json_null());
  j_set(o, "low", timed ? j_count(measure_low(m)) : json_null());
  j_set(o, "high", timed ? j_count(measure_high(m)) : json_null());
  j_set(o, "of_bound", j_real(measure_of_bound(m)));
  j_set(o, "traffic", traffic_json(m));
  j_set(o, "states", timed ? states_json(m) : json_null());
  if (!strcmp(r->device, "golden"))
    j_set(json_object_get(o, "exact"), "golden", json_null());
  if (timed)
    add_memory(json_object_get(o, "memory"), &r->machines[it->key.machine].hw, m);
}

static json_t *overhead_json(const struct index *x, const struct shira_result *it,
                             uint32_t tokens) {
  const struct shira_result *pass = index_pass(x, &it->key, tokens);
  const struct overhead v = measure_overhead(pass, index_base_pass(x, &it->key, tokens));
  const struct shira_case c = shira_case_pass(&it->key, tokens);
  return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o}", "tokens", (json_int_t)tokens, "id",
                   id_of(x->r, &c), "overhead", j_real(v.share.figure), "overhead_low",
                   j_real(v.share.low), "overhead_high", j_real(v.share.high), "same",
                   isfinite(v.share.figure) ? json_boolean(v.same) : json_null());
}

static void add_switch(json_t *o, const struct index *x, const struct shira_result *it) {
  const struct shira_experiment *e = &x->r->experiment;
  json_t *errors = json_array(), *passes = json_array();
  for (uint32_t k = 0; k < it->sw.n_errors && k < e->n_tokens; k++)
    j_add(errors, json_pack("{s:I, s:o}", "tokens", (json_int_t)e->tokens[k], "value",
                            j_real(it->sw.error_l2[k])));
  for (uint32_t k = 0; k < e->n_tokens; k++) {
    const struct shira_case pass = shira_case_pass(&it->key, e->tokens[k]);
    if (index_find(x, &pass))
      j_add(passes, overhead_json(x, it, e->tokens[k]));
  }
  j_set(o, "error_l2", errors);
  j_set(o, "passes", passes);
}

json_t *json_result(const struct product *p, uint32_t i) {
  const struct index *x = &p->x;
  const struct shira_result *it = x->at[i];
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
                   point_of(r, k->lora), "ratio", j_real(k->ratio.figure), "ratio_low",
                   j_real(k->ratio.low), "ratio_high", j_real(k->ratio.high), "winner",
                   side_name(k->winner));
}

static json_t *passes_json(const struct shira_report *r, const struct comparison *c) {
  json_t *passes = json_array();
  for (uint32_t k = 0; k < c->n_passes; k++) {
    json_t *spans = json_array();
    for (uint32_t i = 0; i < c->pass[k].n_spans; i++) {
      const struct span *s = &c->pass[k].span[i];
      j_add(spans, json_pack("{s:o, s:o, s:s, s:o, s:o}", "from_tokens", j_real(s->from),
                             "to_tokens", j_real(s->to), "winner", side_name(s->winner), "shira",
                             point_of(r, s->shira), "lora", point_of(r, s->lora)));
    }
    j_add(passes, json_pack("{s:I, s:o}", "tokens", (json_int_t)c->pass[k].tokens, "spans", spans));
  }
  return passes;
}

static json_t *comparison_json(const struct product *p, uint32_t i) {
  const struct shira_report *r = p->r;
  const struct comparison *c = &p->list.at[i];
  json_t *o = json_pack("{s:o, s:o, s:s, s:s, s:s, s:s, s:s, s:b}", "machine",
                        j_text(r->machines[c->group->machine].hw.name), "workload",
                        j_text(r->workloads[c->group->workload].name), "placement",
                        shira_placed_name(c->group->placed), "kept", c->host ? "host" : "memory",
                        "size", shira_pair_size_name(c->size), "from", shira_active_name(c->from),
                        "to", shira_active_name(c->to), "like", !*c->differs);
  j_set(o, "differs", *c->differs ? j_text(c->differs) : json_null());
  j_set(o, "any", contest_json(r, &c->any));
  j_set(o, "written", contest_json(r, &c->written));
  j_set(o, "passes", passes_json(r, c));
  return o;
}

static json_t *model_json(const struct product *p, uint32_t i) {
  const struct shira_report *r = p->r;
  const struct model_row *row = &p->models.at[i];
  json_t *ids = json_array();
  for (uint32_t k = 0; k < row->n; k++)
    j_add(ids, point_of(r, row->it[k]));
  return json_pack("{s:o, s:o, s:I, s:o, s:o, s:o, s:o}", "model",
                   j_text(r->workloads[row->it[0]->key.workload].model), "results", ids, "blocks",
                   (json_int_t)r->workloads[row->it[0]->key.workload].blocks.all, "cycles",
                   j_real(row->cycles), "us",
                   j_real(text_cycles_us(r, &row->it[0]->key, row->cycles)), "differ",
                   j_real(row->differ), "kept_bytes", j_real(row->kept_bytes));
}

static json_t *answer_json(const struct shira_report *r, const struct answer *a) {
  json_t *figures = json_array(), *told = json_array();
  for (uint32_t i = 0; i < a->n_figures; i++) {
    const struct figure *f = &a->figure[i];
    j_add(figures, json_pack("{s:s, s:o, s:s, s:o, s:o, s:o}", "label", f->label, "value",
                             j_real(f->value), "text", f->text.s, "note", j_text(f->note.s), "id",
                             point_of(r, f->it), "of_bound", j_real(measure_of_bound(&f->it->m))));
  }
  for (uint32_t i = 0; i < a->n; i++)
    j_add(told,
          json_pack("{s:o, s:o}", "title", j_text(a->at[i].title), "text", j_text(a->at[i].text)));
  return json_pack("{s:o, s:o, s:o}", "headline", j_text(a->headline), "figures", figures, "text",
                   told);
}

// ---- The files --------------------------------------------------------------------------------

static bool put(json_t *o, FILE *out) {
  const bool whole = o && !json_dumpf(o, out, SHIRA_JSON_FLAGS | JSON_ENCODE_ANY);
  json_decref(o);
  return whole;
}

// One element a line, each made, printed and forgotten: a report may have very many.
static bool put_list(const struct product *p, const char *key, uint32_t n,
                     json_t *(*make)(const struct product *, uint32_t), FILE *out) {
  bool whole = true;
  fprintf(out, ",\n\"%s\":[", key);
  for (uint32_t i = 0; whole && i < n; i++) {
    fputs(i ? ",\n" : "\n", out);
    whole = put(make(p, i), out);
  }
  fputs("]", out);
  return whole;
}

static json_t *make_time(const struct product *p, uint32_t i) {
  json_t *o = shira_wall_json(&p->x.at[i]->wall);
  j_set(o, "id", id_of(p->r, &p->x.at[i]->key));
  return o;
}

// The members of `o` and the elements of its lists, one a line.
static bool put_head(json_t *o, FILE *out) {
  const char *key, *joint = "{";
  json_t *v, *element;
  size_t i;
  bool whole = o != NULL;
  json_object_foreach(o, key, v) {
    fprintf(out, "%s\n\"%s\":%s", joint, key, json_is_array(v) ? "[" : "");
    joint = ",";
    if (!json_is_array(v))
      whole = whole && put(json_incref(v), out);
    json_array_foreach(v, i, element) {
      fputs(i ? ",\n" : "\n", out);
      whole = whole && put(json_incref(element), out);
    }
    fputs(json_is_array(v) ? "]" : "", out);
  }
  json_decref(o);
  return whole;
}

bool json_report(const struct product *p, FILE *out) {
  json_t *o = head_json(p->r);
  j_set(o, "answer", answer_json(p->r, &p->answer));
  const bool whole = put_head(o, out) &&
                     put_list(p, "comparisons", p->list.n, comparison_json, out) &&
                     put_list(p, "models", p->models.n, model_json, out) &&
                     put_list(p, "results", p->x.n, json_result, out);
  fputs("}\n", out);
  return whole;
}

bool json_times(const struct product *p, FILE *out) {
  const bool whole =
      put_head(json_pack("{s:i, s:o}", "schema", SHIRA_SCHEMA, "program", j_text(p->r->program)),
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
