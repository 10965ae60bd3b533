// report.json: every result with what made it; times.json: wall-clock times.
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "host/report/json.h"
#include "host/report/view.h"

// Ratios and bounds keep 9 significant digits: enough for people, the same on every machine.
#define JSON_FLAGS (JSON_INDENT(1) | JSON_REAL_PRECISION(9) | JSON_SORT_KEYS)

json_t *real_json(double v) {
  return isfinite(v) ? json_real(v) : json_null();
}

json_t *text_json(const char *text) {
  json_t *o = json_string(text);
  if (o)
    return o;
  char plain[512];
  size_t n = 0;
  for (; text[n] && n < sizeof(plain) - 1; n++)
    plain[n] = (unsigned char)text[n] < 0x80 ? text[n] : '?';
  plain[n] = 0;
  return json_string(plain);
}

// A seed uses all 64 bits, JSON numbers here 63: a larger one is written as text.
static json_t *seed_json(uint64_t seed) {
  char text[24];
  if (seed <= INT64_MAX)
    return json_integer((json_int_t)seed);
  snprintf(text, sizeof(text), "%" PRIu64, seed);
  return json_string(text);
}

// A figure in cycles; a device without time has none.
static json_t *cycles_json(bool timed, uint64_t cycles) {
  return timed ? json_integer((json_int_t)cycles) : json_null();
}

static json_t *time_json(bool timed, double v) {
  return timed ? real_json(v) : json_null();
}

static json_t *counters_json(const uint64_t *counters) {
  json_t *o = json_object();
  for (unsigned i = 0; i < SHIRA_COUNTER_COUNT; i++)
    json_object_set_new(o, shira_counter_name(i), json_integer((json_int_t)counters[i]));
  return o;
}

static json_t *traffic_json(const struct shira_measure *m, bool timed) {
  json_t *read = json_object(), *written = json_object();
  for (unsigned c = 0; c < SHIRA_TRAFFIC_COUNT; c++) {
    uint64_t r = traffic_read(m, c), w = traffic_written(m, c);
    if (r)
      json_object_set_new(read, shira_traffic_name(c), json_integer((json_int_t)r));
    if (w)
      json_object_set_new(written, shira_traffic_name(c), json_integer((json_int_t)w));
  }
  return json_pack("{s:o, s:o, s:{s:o, s:o}}", "read", read, "written", written, "bursts", "read",
                   cycles_json(timed, m->counters[SHIRA_COUNTER_READ_BURSTS]), "written",
                   cycles_json(timed, m->counters[SHIRA_COUNTER_WRITTEN_BURSTS]));
}

// Bursts by traffic class, of those that had some.
static json_t *classes_json(const struct shira_report *r, const struct shira_measure *m) {
  json_t *o = json_object();
  for (unsigned c = 0; c < SHIRA_DRAM_CLASSES; c++) {
    const uint64_t *n = m->memory.traffic[c], bursts = view_class_bursts(m, c);
    if (bursts)
      json_object_set_new(o, shira_dram_class_name(c),
                          json_pack("{s:I, s:I, s:I, s:I}", "reads", (json_int_t)n[SHIRA_DRAM_READ],
                                    "whole_writes", (json_int_t)n[SHIRA_DRAM_WRITE],
                                    "masked_writes", (json_int_t)n[SHIRA_DRAM_MASKED_WRITE],
                                    "bytes", (json_int_t)(bursts * r->machine.memory_burst_bytes)));
  }
  return o;
}

// What the device's own memory did; null where that is not known.
static json_t *memory_json(const struct shira_report *r, const struct shira_measure *m,
                           bool timed) {
  uint64_t number[sizeof(m->memory) / sizeof(uint64_t)];
  if (!timed)
    return json_null();
  const struct view_memory v = view_memory(r, m);
  json_t *o = json_object();
  memcpy(number, &m->memory, sizeof(number));
  for (unsigned i = 0; shira_dram_stats_name(i); i++)
    json_object_set_new(o, shira_dram_stats_name(i),
                        cycles_json(view_memory_counts(r, i), number[i]));
  json_object_set_new(o, "bytes_read", json_integer((json_int_t)v.bytes_read));
  json_object_set_new(o, "bytes_written", json_integer((json_int_t)v.bytes_written));
  json_object_set_new(o, "traffic", classes_json(r, m));
  json_object_set_new(o, "row_hit_rate", real_json(v.row_hits));
  json_object_set_new(o, "bus_utilisation", real_json(v.bus));
  json_object_set_new(o, "refresh_share", real_json(v.refresh));
  json_object_set_new(o, "turnaround_share", real_json(v.turnaround));
  json_object_set_new(o, "read_latency_cycles",
                      json_pack("{s:o, s:o, s:o, s:o}", "p50", cycles_json(v.reads, v.p50), "p90",
                                cycles_json(v.reads, v.p90), "p99", cycles_json(v.reads, v.p99),
                                "longest", cycles_json(v.reads, v.longest)));
  return o;
}

// Bursts of weights that shira-dram writes, beside what a random mask is expected to.
static json_t *touched_json(const struct shira_report *r, const struct shira_result *it) {
  struct view_touched t;
  if (!view_touched(r, it, &t))
    return json_null();
  return json_pack("{s:I, s:I, s:i, s:o, s:o, s:o}", "weight_bursts", (json_int_t)t.bursts,
                   "written", (json_int_t)t.written, "streams", (int)it->streams, "density",
                   real_json(t.density), "measured", real_json(t.measured), "expected",
                   real_json(t.expected));
}

static json_t *switch_json(const struct shira_report *report, const struct shira_result *r) {
  const double mhz = report->machine.clock_mhz;
  const bool timed = r->timed;
  const struct shira_phases *p = &r->phases;
  json_t *phases = json_pack(
      "{s:o, s:o, s:o, s:o, s:o}", "descriptor_fetch", cycles_json(timed, p->fetch), "stream_fetch",
      cycles_json(timed, p->stream), "decode", cycles_json(timed, p->decode), "work",
      cycles_json(timed, p->work), "drain", cycles_json(timed, p->drain));
  return json_pack("{s:o, s:o, s:o, s:o, s:s, s:o, s:I, s:I, s:o, s:o, s:o}", "cycles",
                   cycles_json(timed, r->sw.cycles), "us",
                   time_json(timed, (double)r->sw.cycles / mhz), "bound_cycles",
                   real_json(r->sw.bound_cycles), "sustained_bound_cycles",
                   real_json(r->sw.sustained_cycles), "limit", view_limit(&r->sw), "phases", phases,
                   "updates", (json_int_t)r->updates, "stream_bytes", (json_int_t)r->stream_bytes,
                   "counters", timed ? counters_json(r->sw.counters) : json_null(), "memory",
                   memory_json(report, &r->sw, timed), "touched", touched_json(report, r));
}

static json_t *pass_json(const struct shira_report *r, const struct shira_pass *p, bool timed) {
  const double mhz = r->machine.clock_mhz;
  return json_pack(
      "{s:I, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "tokens", (json_int_t)p->tokens,
      "cycles", cycles_json(timed, p->m.cycles), "us", time_json(timed, (double)p->m.cycles / mhz),
      "bound_cycles", real_json(p->m.bound_cycles), "sustained_bound_cycles",
      real_json(p->m.sustained_cycles), "limit", view_limit(&p->m), "overhead",
      time_json(timed, p->overhead), "error_l2", real_json(p->error_l2), "traffic",
      traffic_json(&p->m, timed), "counters", timed ? counters_json(p->m.counters) : json_null(),
      "memory", memory_json(r, &p->m, timed));
}

static json_t *exact_json(const struct shira_result *r) {
  json_t *o = json_pack("{s:b}", "reference", view_equal(r, false));
  // Alone it is compared with nothing.
  json_object_set_new(o, "golden",
                      view_is_golden(r) ? json_null() : json_boolean(view_equal(r, true)));
  if (r->restore == SHIRA_RESTORE_NONE)
    json_object_set_new(o, "restore", json_null());
  else
    json_object_set_new(o, "restore", json_boolean(r->restore == SHIRA_RESTORE_EXACT));
  if (r->restore == SHIRA_RESTORE_DRIFT)
    json_object_set_new(o, "restore_drift", real_json(r->restore_drift));
  return o;
}

static json_t *result_json(const struct shira_report *report, const struct shira_result *r) {
  json_t *o =
      json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id", text_json(r->id),
                "model", text_json(r->model), "layer", text_json(r->layer), "placement",
                text_json(r->placement), "strategy", text_json(r->strategy), "adapter",
                text_json(r->adapter), "mask", text_json(r->mask), "from", text_json(r->from), "to",
                text_json(r->to), "device", text_json(r->device));
  json_object_set_new(o, "weights_total", json_integer((json_int_t)r->weights_total));
  json_object_set_new(o, "undo", r->undo[0] ? text_json(r->undo) : json_null());
  json_object_set_new(o, "kept", r->kept[0] ? text_json(r->kept) : json_null());
  json_object_set_new(o, "adapter_bytes", json_integer((json_int_t)r->adapter_bytes));
  if (r->density > 0)
    json_object_set_new(o, "density_of_targeted", real_json(r->density));
  if (r->rank)
    json_object_set_new(o, "rank", json_integer(r->rank));
  json_object_set_new(o, "adapter_parameters", json_integer((json_int_t)r->parameters));
  json_object_set_new(o, "switch", r->has_switch ? switch_json(report, r) : json_null());
  json_object_set_new(o, "traffic", r->has_switch ? traffic_json(&r->sw, r->timed) : json_null());
  json_t *passes = json_array();
  for (uint32_t i = 0; i < r->n_passes; i++)
    json_array_append_new(passes, pass_json(report, &r->pass[i], r->timed));
  json_object_set_new(o, "pass", passes);
  json_object_set_new(o, "exact", exact_json(r));
  json_object_set_new(o, "error_l2",
                      r->n_passes ? real_json(r->pass[r->n_passes - 1].error_l2) : json_null());
  const struct shira_weight_stats *w = &r->weights;
  json_object_set_new(o, "weights",
                      json_pack("{s:I, s:I, s:I, s:I, s:I}", "targeted", (json_int_t)w->total,
                                "touched", (json_int_t)w->touched, "changed",
                                (json_int_t)w->changed, "zeroed", (json_int_t)w->zeroed, "clipped",
                                (json_int_t)w->clipped));
  return o;
}

static json_t *dram_json(const struct shira_machine *m) {
  const struct shira_dram_setup *d = &m->dram;
  if (!m->has_dram)
    return json_null();
  json_t *o = json_pack("{s:o, s:o, s:o, s:s, s:s, s:s}", "name", text_json(d->standard.name),
                        "source", text_json(d->standard.source), "mapping", text_json(d->mapping),
                        "hash", shira_dram_hash_name(d->hash), "refresh",
                        shira_dram_refresh_name(d->refresh), "ecc", shira_ecc_name(d->ecc));
  const struct {
    const char *name;
    uint32_t value;
  } field[] = {
      {"data_rate", d->standard.data_rate},
      {"channels", d->channels},
      {"channel_bits", d->standard.channel_bits},
      {"burst_length", d->standard.burst_length},
      {"ranks", d->ranks},
      {"queue", d->queue},
      {"window", d->window},
      {"batch", d->batch},
      {"cap_clocks", d->cap},
      {"idle_close_clocks", d->idle_close},
      {"refresh_postpone", d->refresh_postpone},
      {"peak_mb_s", m->memory_peak_mb_s},
  };
  for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++)
    json_object_set_new(o, field[i].name, json_integer(field[i].value));
  return o;
}

static json_t *machine_json(const struct shira_report *r) {
  const struct shira_machine *m = &r->machine;
  json_t *o =
      json_pack("{s:o, s:i, s:s, s:b}", "name", text_json(m->name), "clock_mhz", (int)m->clock_mhz,
                "layout", shira_layout_name(m->layout), "scatter_merge", m->scatter_merge);
  const struct {
    const char *name;
    uint64_t value;
  } field[] = {
      {"array_n", m->array_n},
      {"array_k", m->array_k},
      {"weight_sram_bytes", m->weight_bytes},
      {"weight_sram_banks", m->weight_banks},
      {"activation_sram_bytes", m->activation_bytes},
      {"accumulator_sram_bytes", m->accumulator_bytes},
      {"parameter_sram_bytes", m->parameter_bytes},
      {"scatter_lanes", m->scatter_lanes},
      {"scatter_decode_bytes", m->scatter_decode_bytes},
      {"scatter_fifo_depth", m->scatter_fifo_depth},
      {"scatter_block_updates", m->scatter_block_updates},
      {"axi_data_bits", m->axi_data_bits},
      {"axi_burst_bytes", m->axi_burst_bytes},
      {"axi_outstanding", m->axi_outstanding},
      {"command_queue_depth", m->command_queue_depth},
      {"memory_bytes", m->memory_bytes},
      {"memory_latency_cycles", m->memory_latency},
      {"memory_peak_mb_s", m->memory_peak_mb_s},
      {"memory_burst_bytes", m->memory_burst_bytes},
      {"host_link_bytes", m->host_bytes},
      {"host_link_latency_cycles", m->host_latency},
      {"host_link_peak_mb_s", m->host_peak_mb_s},
      {"host_link_credits", m->host_credits},
  };
  for (size_t i = 0; i < sizeof(field) / sizeof(field[0]); i++)
    json_object_set_new(o, field[i].name, json_integer((json_int_t)field[i].value));
  json_object_set_new(o, "memory_sequential_mb_s", real_json(r->sequential_mb_s));
  json_object_set_new(o, "dram", dram_json(m));
  const struct {
    const char *name;
    const struct shira_sram *sram;
  } sram[] = {
      {"weight_sram", &m->weight_sram},
      {"activation_sram", &m->activation_sram},
      {"accumulator_sram", &m->accumulator_sram},
      {"parameter_sram", &m->parameter_sram},
  };
  for (size_t i = 0; i < sizeof(sram) / sizeof(sram[0]); i++)
    json_object_set_new(o, sram[i].name,
                        json_pack("{s:s, s:s, s:s}", "ports", shira_ports_name(sram[i].sram->ports),
                                  "arbitration", shira_arbitration_name(sram[i].sram->arbitration),
                                  "ecc", shira_ecc_name(sram[i].sram->ecc)));
  return o;
}

static json_t *figures_json(const uint64_t figure[SHIRA_AREA_COUNT]) {
  json_t *o = json_object();
  for (unsigned f = 0; f < SHIRA_AREA_COUNT; f++)
    json_object_set_new(o, area_figures[f].key, json_integer((json_int_t)figure[f]));
  return o;
}

static json_t *area_json(const struct shira_area *a) {
  if (!a->n_blocks)
    return json_null();
  json_t *blocks = json_array();
  for (uint32_t i = 0; i < a->n_blocks; i++) {
    json_t *block = figures_json(a->block[i].figure);
    json_object_set_new(block, "name", text_json(a->block[i].name));
    json_array_append_new(blocks, block);
  }
  return json_pack("{s:o, s:o, s:o}", "tool", text_json(a->tool), "blocks", blocks, "total",
                   figures_json(a->total));
}

static int dump(json_t *o, const char *path, struct shira_error *err) {
  errno = 0;
  int rc = o ? json_dump_file(o, path, JSON_FLAGS) : -1;
  json_decref(o);
  return rc ? shira_fail(err, errno ? errno : EIO, "cannot write '%s': %s", path,
                         strerror(errno ? errno : EIO))
            : 0;
}

// What adapters and weights are made of: what the experiment says.
static json_t *pair_json(const struct shira_adapter_pair *pair) {
  return json_pack("{s:o, s:o}", "a", text_json(pair->a), "b", text_json(pair->b));
}

static json_t *made_json(const struct shira_experiment *e) {
  json_t *o = json_object(), *masks = json_array();
  json_object_set_new(o, "weights", e->weights[0] ? text_json(e->weights) : json_null());
  json_object_set_new(o, "strength", e->strength > 0 ? real_json(e->strength) : json_null());
  for (unsigned m = 0; m < SHIRA_MASK_COUNT; m++)
    if (e->mask[m])
      json_array_append_new(masks, text_json(shira_mask_name((enum shira_mask)m)));
  json_object_set_new(
      o, "shira",
      e->shira.given ? pair_json(&e->shira)
                     : json_pack("{s:o, s:o}", "density", real_json(e->density), "masks", masks));
  if (e->shira.given)
    json_decref(masks);
  json_object_set_new(json_object_get(o, "shira"), "format",
                      e->format ? json_string(shira_stream_format_name(e->format)) : json_null());
  json_object_set_new(
      o, "lora", e->lora.given ? pair_json(&e->lora) : json_pack("{s:i}", "rank", (int)e->rank));
  return o;
}

int report_json(const struct shira_report *r, const char *path, struct shira_error *err) {
  json_t *results = json_array();
  for (uint32_t i = 0; i < r->n_results; i++)
    json_array_append_new(results, result_json(r, &r->results[i]));
  json_t *o =
      json_pack("{s:i, s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:i, s:o}", "version", 1, "program",
                text_json(r->program), "experiment", text_json(r->experiment.name), "adapters",
                made_json(&r->experiment), "machine", machine_json(r), "area", area_json(&r->area),
                "clock_mhz", (int)r->machine.clock_mhz, "seed", seed_json(r->seed), "stall_percent",
                (int)r->stall_percent, "results", results);
  json_object_set_new(o, "models", models_json(r));
  return dump(o, path, err);
}

int report_times(const struct shira_report *r, const char *path, struct shira_error *err) {
  json_t *all = json_array();
  for (uint32_t i = 0; i < r->n_times; i++) {
    const struct shira_host_times *t = &r->times[i];
    json_array_append_new(
        all, json_pack("{s:o, s:f, s:f, s:f, s:f, s:I}", "workload", text_json(t->id), "prepare_s",
                       t->prepare_s, "simulate_s", t->simulate_s, "golden_s", t->golden_s,
                       "total_s", t->total_s, "simulated_cycles", (json_int_t)t->simulated_cycles));
  }
  return dump(json_pack("{s:o, s:o}", "program", text_json(r->program), "workloads", all), path,
              err);
}
