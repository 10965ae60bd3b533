// report.csv: one line a result, the keys of report.json that are no lists.
#include <math.h>
#include <string.h>

#include "host/report/table.h"
#include "shira/report.h"

static const char *const head[] = {
    "id",           "work",         "machine",       "workload",
    "placement",    "strategy",     "pair",          "undo",
    "kept",         "from",         "to",            "tokens",
    "done",         "cycles",       "us",            "low",
    "high",         "bound_cycles", "sustained_bound_cycles", "of_bound",
    "limit",        "read_bytes",   "written_bytes", "read_bursts",
    "written_bursts", "updates",    "streams",       "stream_bytes",
    "kept_bytes",   "pair_bytes",   "changed",       "zeroed",
    "clipped",      "reference",    "golden",        "restore_drift",
    "reason",
};
#define COLUMNS (sizeof(head) / sizeof(*head))

// The paths of those that lie deeper, by the name in the head.
static const struct {
  const char *name, *in, *within, *key;
} deep[] = {
    {"read_bytes", "traffic", NULL, "read_bytes"},
    {"written_bytes", "traffic", NULL, "written_bytes"},
    {"read_bursts", "traffic", "bursts", "read"},
    {"written_bursts", "traffic", "bursts", "written"},
    {"changed", "weights", NULL, "changed"},
    {"zeroed", "weights", NULL, "zeroed"},
    {"clipped", "weights", NULL, "clipped"},
    {"reference", "exact", NULL, "reference"},
    {"golden", "exact", NULL, "golden"},
    {"restore_drift", "exact", NULL, "restore_drift"},
};

static const json_t *find(const json_t *o, const char *name) {
  for (size_t i = 0; i < sizeof(deep) / sizeof(*deep); i++)
    if (!strcmp(deep[i].name, name)) {
      o = json_object_get(o, deep[i].in);
      o = deep[i].within ? json_object_get(o, deep[i].within) : o;
      return json_object_get(o, deep[i].key);
    }
  return json_object_get(o, name);
}

// Quoted; what a spreadsheet would take for a formula is led by a quote.
static void put_text(const char *s, FILE *out) {
  fputs(strchr("=+-@", *s) && *s ? "\"'" : "\"", out);
  for (; *s; s++) {
    if (*s == '"')
      fputc('"', out);
    fputc(*s, out);
  }
  fputc('"', out);
}

static void put_value(const json_t *v, FILE *out) {
  if (json_is_string(v))
    put_text(json_string_value(v), out);
  else if (v && !json_is_null(v))
    json_dumpf(v, out, JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));
}

bool csv_report(const struct product *p, FILE *out) {
  for (size_t i = 0; i < COLUMNS; i++)
    fprintf(out, "%s%s", i ? "," : "", head[i]);
  fputs("\n", out);
  for (uint32_t k = 0; k < p->x.n; k++) {
    json_t *o = json_result(p, k);
    if (!o)
      return false;
    for (size_t i = 0; i < COLUMNS; i++) {
      fputs(i ? "," : "", out);
      put_value(find(o, head[i]), out);
    }
    fputs("\n", out);
    json_decref(o);
  }
  return true;
}
