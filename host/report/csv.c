// report.csv: one line a result, the keys of report.json that are no lists.
#include <string.h>

#include "host/report/product.h"

// Columns, by their paths in a result; also the first line.
static const char columns[] =
    "id,work,machine,workload,placement,strategy,pair,undo,kept,from,to,tokens,done,reason,cycles,"
    "us,low,high,bound_cycles,sustained_bound_cycles,of_bound,limit,traffic.read_bytes,"
    "traffic.written_bytes,traffic.bursts.read,traffic.bursts.written,updates,streams,stream_bytes,"
    "kept_bytes,pair_bytes,weights.targeted,weights.touched,weights.changed,weights.zeroed,"
    "weights.clipped,exact.reference,exact.golden,exact.restore,exact.restore_drift";

// The member at the path that begins at *at; *at is then behind it.
static const json_t *find(const json_t *o, const char **at) {
  size_t n;
  do {
    n = strcspn(*at, ".,");
    o = json_object_getn(o, *at, n);
    *at += n;
  } while (*(*at)++ == '.');
  return o;
}

// Quoted; a quote in front of what a spreadsheet would take for a formula.
static void put_text(const char *s, FILE *out) {
  fputs(*s && strchr("=+-@", *s) ? "\"'" : "\"", out);
  for (; *s; s++)
    fprintf(out, *s == '"' ? "\"%c" : "%c", *s);
  fputc('"', out);
}

bool csv_report(const struct product *p, FILE *out) {
  fprintf(out, "%s\n", columns);
  for (uint32_t k = 0; k < p->x.n; k++) {
    json_t *o = json_result(p, k);
    if (!o)
      return false;
    for (const char *at = columns; at < columns + sizeof(columns);) {
      fputs(at == columns ? "" : ",", out);
      const json_t *v = find(o, &at);
      if (json_is_string(v))
        put_text(json_string_value(v), out);
      else if (v && !json_is_null(v))
        json_dumpf(v, out, JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));
    }
    fputs("\n", out);
    json_decref(o);
  }
  return true;
}
