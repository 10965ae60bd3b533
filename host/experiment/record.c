#include "host/experiment/record.h"

#include <errno.h>
#include <math.h>

#include "host/base/fields.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define U32(key, s, member)                                                                        \
  { key, SHIRA_FIELD_U32, offsetof(struct s, member), 0, NULL }
#define U64(key, s, member)                                                                        \
  { key, SHIRA_FIELD_U64, offsetof(struct s, member), 0, NULL }
#define REAL(key, s, member)                                                                       \
  { key, SHIRA_FIELD_REAL, offsetof(struct s, member), 0, NULL }
#define BOOL(key, s, member)                                                                       \
  { key, SHIRA_FIELD_BOOL, offsetof(struct s, member), 0, NULL }
#define HASH(key, s, member)                                                                       \
  { key, SHIRA_FIELD_HASH, offsetof(struct s, member), 0, NULL }

static const struct shira_field measure_fields[] = {
    REAL("bound_cycles", shira_measure, bound_cycles),
    REAL("sustained_bound_cycles", shira_measure, sustained_cycles),
    {"limit", SHIRA_FIELD_NAME, offsetof(struct shira_measure, limit), SHIRA_LIMIT_COUNT,
     shira_limit_name},
};

static const struct shira_field sample_fields[] = {
    U32("eighth", shira_sample, eighth),
    U64("cycles", shira_sample, cycles),
};

static const struct shira_field phase_fields[] = {
    U64("descriptor_fetch", shira_phases, fetch),
    U64("stream_fetch", shira_phases, stream),
    U64("decode", shira_phases, decode),
    U64("work", shira_phases, work),
    U64("drain", shira_phases, drain),
};

static const struct shira_field switch_fields[] = {
    U64("updates", shira_switch, updates),
    U32("streams", shira_switch, streams),
    U64("stream_bytes", shira_switch, stream_bytes),
    U64("kept_bytes", shira_switch, kept_bytes),
    U64("pair_bytes", shira_switch, pair_bytes),
    HASH("weights_hash", shira_switch, weights_hash),
};

static const struct shira_field weight_fields[] = {
    U64("targeted", shira_weight_stats, total),  U64("touched", shira_weight_stats, touched),
    U64("changed", shira_weight_stats, changed), U64("zeroed", shira_weight_stats, zeroed),
    U64("clipped", shira_weight_stats, clipped),
};

static const struct shira_field exact_fields[] = {
    BOOL("reference", shira_result, reference),
    BOOL("golden", shira_result, golden),
};

static const struct shira_field wall_fields[] = {
    REAL("prepare_s", shira_wall, prepare_s), REAL("simulate_s", shira_wall, simulate_s),
    REAL("golden_s", shira_wall, golden_s),   REAL("merge_s", shira_wall, merge_s),
    REAL("total_s", shira_wall, total_s),     U64("simulated_cycles", shira_wall, simulated_cycles),
};

static const struct shira_field traffic_fields[] = {
    {"reads", SHIRA_FIELD_U64, SHIRA_DRAM_READ * sizeof(uint64_t), 0, NULL},
    {"whole_writes", SHIRA_FIELD_U64, SHIRA_DRAM_WRITE * sizeof(uint64_t), 0, NULL},
    {"masked_writes", SHIRA_FIELD_U64, SHIRA_DRAM_MASKED_WRITE * sizeof(uint64_t), 0, NULL},
};

static json_t *object(const void *s, const struct shira_field *f, size_t n) {
  json_t *o = json_object();
  shira_fields_put(o, s, f, n);
  return o;
}

// ---- To JSON ----------------------------------------------------------------------------------

// The reads' latencies: pairs of the largest of a bucket and the reads in it.
static json_t *latencies_json(const struct shira_dram_stats *s) {
  json_t *list = json_array();
  for (unsigned b = 0; b < SHIRA_DRAM_BUCKETS; b++)
    if (s->latency[b])
      j_add(list, json_pack("[I, I]", (json_int_t)shira_dram_stats_bucket_end(b),
                            (json_int_t)s->latency[b]));
  return list;
}

static json_t *memory_json(const struct shira_dram_stats *s) {
  json_t *o = json_object(), *traffic = json_object();
  const uint64_t *number = (const uint64_t *)s;
  for (unsigned i = 0; shira_dram_stats_name(i); i++)
    j_set(o, shira_dram_stats_name(i), j_count(number[i]));
  for (unsigned c = 0; c < SHIRA_DRAM_CLASSES; c++) {
    const uint64_t *n = s->traffic[c];
    if (n[SHIRA_DRAM_READ] + n[SHIRA_DRAM_WRITE] + n[SHIRA_DRAM_MASKED_WRITE])
      j_set(traffic, shira_dram_class_name(c), object(n, traffic_fields, COUNT(traffic_fields)));
  }
  j_set(o, "traffic", traffic);
  j_set(o, "read_latencies", latencies_json(s));
  return o;
}

static void put_measure(json_t *o, const struct shira_measure *m) {
  json_t *samples = json_array(), *counters = json_object();
  for (uint32_t i = 0; i < m->n_samples; i++)
    j_add(samples, object(&m->sample[i], sample_fields, COUNT(sample_fields)));
  for (unsigned i = 0; i < SHIRA_COUNTER_COUNT; i++)
    j_set(counters, shira_counter_name(i), j_count(m->counters[i]));
  const struct shira_sample *figure = m->n_samples ? &m->sample[m->median] : NULL;
  j_set(o, "cycles", figure ? j_count(figure->cycles) : json_null());
  j_set(o, "figure_eighth", figure ? json_integer(figure->eighth) : json_null());
  j_set(o, "samples", samples);
  j_set(o, "counters", counters);
  j_set(o, "memory", figure ? memory_json(&m->memory) : json_null());
  shira_fields_put(o, m, measure_fields, COUNT(measure_fields));
}

static void put_switch(json_t *o, const struct shira_result *r) {
  json_t *errors = json_array();
  shira_fields_put(o, &r->sw, switch_fields, COUNT(switch_fields));
  j_set(o, "weights", object(&r->sw.weights, weight_fields, COUNT(weight_fields)));
  for (uint32_t i = 0; i < r->sw.n_errors; i++)
    j_add(errors, j_real(r->sw.error_l2[i]));
  j_set(o, "error_l2", errors);
  j_set(o, "phases",
        r->m.n_samples ? object(&r->m.phases, phase_fields, COUNT(phase_fields)) : json_null());
}

static json_t *exact_json(const struct shira_result *r) {
  json_t *o = object(r, exact_fields, COUNT(exact_fields));
  const enum shira_restore restore = r->sw.restore;
  const bool drift = restore == SHIRA_RESTORE_DRIFT;
  j_set(o, "restore", restore == SHIRA_RESTORE_NONE ? json_null() : json_boolean(!drift));
  j_set(o, "restore_drift", drift ? j_real(r->sw.restore_drift) : json_null());
  return o;
}

json_t *shira_result_json(const struct shira_result *r) {
  json_t *o = json_object();
  j_set(o, "done", json_boolean(r->done));
  j_set(o, "reason", r->done ? json_null() : j_text(r->reason));
  if (!r->done)
    return o;
  j_set(o, "timed", json_boolean(r->timed));
  put_measure(o, &r->m);
  j_set(o, "exact", exact_json(r));
  if (r->key.work == SHIRA_WORK_SWITCH) {
    put_switch(o, r);
  } else {
    char text[SHIRA_HASH_TEXT];
    shira_hash_text(&r->outputs, text);
    j_set(o, "outputs_hash", json_string(text));
  }
  return o;
}

json_t *shira_wall_json(const struct shira_wall *wall) {
  return object(wall, wall_fields, COUNT(wall_fields));
}

char *shira_result_encode(const struct shira_result *r, const char *id, const char *program) {
  json_t *o =
      json_pack("{s:i, s:o, s:o, s:o, s:o}", "schema", SHIRA_SCHEMA, "id", j_text(id), "program",
                j_text(program), "result", shira_result_json(r), "wall", shira_wall_json(&r->wall));
  char *text = o ? json_dumps(o, SHIRA_JSON_FLAGS) : NULL;
  json_decref(o);
  return text;
}

// ---- From JSON --------------------------------------------------------------------------------

static int wrong(const char *where, const char *what, struct shira_error *err) {
  return shira_fail(err, EINVAL, "%s: %s", where, what);
}

static bool get_count(const json_t *v, uint64_t *to) {
  *to = json_is_integer(v) ? (uint64_t)json_integer_value(v) : 0;
  return (json_is_integer(v) && json_integer_value(v) >= 0) || json_is_null(v);
}

static int get_latencies(const json_t *list, struct shira_dram_stats *s, const char *where,
                         struct shira_error *err) {
  size_t i;
  const json_t *pair;
  unsigned b = 0;
  if (!json_is_array(list))
    return wrong(where, "memory: read_latencies: is no list", err);
  json_array_foreach(list, i, pair) {
    uint64_t end, n;
    if (!get_count(json_array_get(pair, 0), &end) || !get_count(json_array_get(pair, 1), &n))
      return wrong(where, "memory: read_latencies: is no list of pairs of numbers", err);
    while (b < SHIRA_DRAM_BUCKETS && shira_dram_stats_bucket_end(b) != end)
      b++;
    if (b == SHIRA_DRAM_BUCKETS)
      return wrong(where, "memory: read_latencies: is not of the buckets, ascending", err);
    s->latency[b] = n;
  }
  return 0;
}

static int get_memory(const json_t *o, struct shira_dram_stats *s, const char *where,
                      struct shira_error *err) {
  const json_t *traffic = json_object_get(o, "traffic");
  uint64_t *number = (uint64_t *)s;
  if (json_is_null(o))
    return 0;
  for (unsigned i = 0; shira_dram_stats_name(i); i++)
    if (!get_count(json_object_get(o, shira_dram_stats_name(i)), &number[i]))
      return wrong(where, "memory: a number is missing or none", err);
  for (unsigned c = 0; c < SHIRA_DRAM_CLASSES; c++) {
    const json_t *class = json_object_get(traffic, shira_dram_class_name(c));
    int rc = class ? shira_fields_get(class, s->traffic[c], traffic_fields, COUNT(traffic_fields),
                                      where, err)
                   : 0;
    if (rc)
      return rc;
  }
  return get_latencies(json_object_get(o, "read_latencies"), s, where, err);
}

static int get_samples(const json_t *o, struct shira_measure *m, const char *where,
                       struct shira_error *err) {
  const json_t *list = json_object_get(o, "samples"), *sample;
  const json_t *figure = json_object_get(o, "figure_eighth");
  size_t i;
  if (!json_is_array(list) || json_array_size(list) > SHIRA_MAX_SAMPLES)
    return wrong(where, "samples: is no list of up to 8", err);
  m->median = SHIRA_MAX_SAMPLES;
  json_array_foreach(list, i, sample) {
    struct shira_sample *s = &m->sample[m->n_samples++];
    int rc = shira_fields_get(sample, s, sample_fields, COUNT(sample_fields), where, err);
    if (rc)
      return rc;
    if (s->eighth > 7 || (i && s->eighth <= s[-1].eighth))
      return wrong(where, "samples: eighth: is not from 0 to 7, ascending", err);
    if (json_is_integer(figure) && json_integer_value(figure) == s->eighth)
      m->median = (uint32_t)i;
  }
  if (m->n_samples && m->median == SHIRA_MAX_SAMPLES)
    return wrong(where, "figure_eighth: is none of a sample", err);
  m->median = m->n_samples ? m->median : 0;
  return 0;
}

static int get_measure(const json_t *o, struct shira_measure *m, const char *where,
                       struct shira_error *err) {
  const json_t *counters = json_object_get(o, "counters");
  for (unsigned i = 0; i < SHIRA_COUNTER_COUNT; i++)
    if (!get_count(json_object_get(counters, shira_counter_name(i)), &m->counters[i]))
      return wrong(where, "counters: one is missing or no number", err);
  int rc = shira_fields_get(o, m, measure_fields, COUNT(measure_fields), where, err);
  if (!rc)
    rc = get_samples(o, m, where, err);
  return rc ? rc : get_memory(json_object_get(o, "memory"), &m->memory, where, err);
}

static int get_errors(const json_t *list, struct shira_switch *sw, const char *where,
                      struct shira_error *err) {
  size_t i;
  const json_t *v;
  if (!json_is_array(list) || json_array_size(list) > SHIRA_MAX_TOKENS)
    return wrong(where, "error_l2: is no list of up to 8", err);
  json_array_foreach(list, i, v) {
    const json_t *value = json_is_object(v) ? json_object_get(v, "value") : v;
    if (!json_is_number(value) && !json_is_null(value))
      return wrong(where, "error_l2: is no number", err);
    sw->error_l2[sw->n_errors++] = json_is_number(value) ? json_number_value(value) : NAN;
  }
  return 0;
}

static int get_switch(const json_t *o, struct shira_result *r, const char *where,
                      struct shira_error *err) {
  const json_t *phases = json_object_get(o, "phases");
  int rc = shira_fields_get(o, &r->sw, switch_fields, COUNT(switch_fields), where, err);
  if (!rc)
    rc = shira_fields_get(json_object_get(o, "weights"), &r->sw.weights, weight_fields,
                          COUNT(weight_fields), where, err);
  if (!rc && phases && !json_is_null(phases))
    rc = shira_fields_get(phases, &r->m.phases, phase_fields, COUNT(phase_fields), where, err);
  return rc ? rc : get_errors(json_object_get(o, "error_l2"), &r->sw, where, err);
}

static int get_exact(const json_t *o, struct shira_result *r, const char *where,
                     struct shira_error *err) {
  const json_t *restore = json_object_get(o, "restore"), *golden = json_object_get(o, "golden");
  const json_t *drift = json_object_get(o, "restore_drift");
  // Without a golden model beside it there is nothing that differs.
  const size_t n = json_is_null(golden) ? 1 : COUNT(exact_fields);
  r->golden = true;
  r->sw.restore = json_is_true(restore)    ? SHIRA_RESTORE_EXACT
                  : json_is_false(restore) ? SHIRA_RESTORE_DRIFT
                                           : SHIRA_RESTORE_NONE;
  r->sw.restore_drift = json_number_value(drift);
  return shira_fields_get(o, r, exact_fields, n, where, err);
}

int shira_result_from_json(const json_t *o, struct shira_result *r, const char *where,
                           struct shira_error *err) {
  static const struct shira_field done[] = {BOOL("done", shira_result, done)};
  static const struct shira_field reason[] = {{"reason", SHIRA_FIELD_TEXT,
                                               offsetof(struct shira_result, reason),
                                               SHIRA_REASON_BYTES, NULL}};
  static const struct shira_field timed[] = {BOOL("timed", shira_result, timed)};
  static const struct shira_field outputs[] = {HASH("outputs_hash", shira_result, outputs)};
  const struct shira_case key = r->key;
  *r = (struct shira_result){.key = key};
  int rc = shira_fields_get(o, r, done, 1, where, err);
  if (rc)
    return rc;
  if (!r->done)
    return shira_fields_get(o, r, reason, 1, where, err);
  rc = shira_fields_get(o, r, timed, 1, where, err);
  if (!rc)
    rc = get_measure(o, &r->m, where, err);
  if (!rc)
    rc = get_exact(json_object_get(o, "exact"), r, where, err);
  if (rc)
    return rc;
  return json_object_get(o, "outputs_hash") ? shira_fields_get(o, r, outputs, 1, where, err)
                                            : get_switch(o, r, where, err);
}

static int get_entry(const json_t *o, struct shira_result *r, struct shira_error *err) {
  if (json_integer_value(json_object_get(o, "schema")) != SHIRA_SCHEMA)
    return shira_fail(err, EINVAL, "an entry of the store is not of schema %d", SHIRA_SCHEMA);
  int rc = shira_result_from_json(json_object_get(o, "result"), r, "result", err);
  return rc ? rc
            : shira_fields_get(json_object_get(o, "wall"), &r->wall, wall_fields,
                               COUNT(wall_fields), "wall", err);
}

int shira_result_decode(const char *text, size_t size, struct shira_result *r,
                        struct shira_error *err) {
  json_error_t at;
  json_t *o = json_loadb(text, size, JSON_REJECT_DUPLICATES, &at);
  r->done = false;
  if (!o)
    return shira_fail(err, EINVAL, "an entry of the store is no JSON: line %d: %s", at.line,
                      at.text);
  int rc = get_entry(o, r, err);
  if (rc)
    r->done = false;
  json_decref(o);
  return rc;
}
