// The files of a report, and what goes to a terminal.
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "host/base/whole.h"
#include "host/report/product.h"
#include "shira/report.h"

// ---- The page ---------------------------------------------------------------------------------

// The page without data, put into the program by the build: host/report/page.
extern const char _binary_page_html_start[], _binary_page_html_end[];

// As the page unpacks it: zlib, in base64. false: no memory.
static bool put_packed(const char *s, FILE *out) {
  static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  uLongf n = compressBound(strlen(s));
  unsigned char *z = calloc(n + 3, 1);
  bool whole = z && compress(z, &n, (const Bytef *)s, strlen(s)) == Z_OK;
  for (size_t i = 0; whole && i < n; i += 3) {
    const unsigned v = (unsigned)z[i] << 16 | (unsigned)z[i + 1] << 8 | z[i + 2]; // 0 behind n
    const char four[] = {digit[v >> 18], digit[v >> 12 & 63], i + 1 < n ? digit[v >> 6 & 63] : '=',
                         i + 2 < n ? digit[v & 63] : '='};
    fwrite(four, 1, sizeof(four), out);
  }
  free(z);
  return whole;
}

// Text inside a <pre>.
static bool put_escaped(const char *s, FILE *out) {
  for (size_t n; *s; s += n) {
    n = strcspn(s, "<>&");
    fwrite(s, 1, n, out);
    if (s[n]) {
      fputs(s[n] == '<' ? "&lt;" : s[n] == '>' ? "&gt;" : "&amp;", out);
      n++;
    }
  }
  return true;
}

// What stands at a mark of the template.
struct part {
  const char *mark, *text;
  bool (*put)(const char *, FILE *);
};

static bool put_page(const char *json, const char *md, FILE *out) {
  const struct part part[] = {{"<!--DATA-->", json, put_packed}, {"<!--TEXT-->", md, put_escaped}};
  const char *at = _binary_page_html_start, *end = _binary_page_html_end;
  while (at < end) {
    const char *next = end;
    const struct part *p = NULL;
    for (unsigned i = 0; i < 2; i++) {
      const char *mark = memmem(at, (size_t)(end - at), part[i].mark, strlen(part[i].mark));
      if (mark && mark < next) {
        next = mark;
        p = &part[i];
      }
    }
    fwrite(at, 1, (size_t)(next - at), out);
    if (p && !p->put(p->text, out))
      return false;
    at = next + (p ? strlen(p->mark) : 0);
  }
  return true;
}

// ---- Files ------------------------------------------------------------------------------------

enum { FILE_HTML, FILE_MD, FILE_CSV, FILE_TIMES, FILE_JSON, FILES };

static const char *const whole_name[FILES] = {"report.html", "report.md", "report.csv",
                                              "times.json", "report.json"};
static const char *const partial_name[FILES] = {"report.partial.html", "report.partial.md",
                                                "report.partial.csv", NULL, "report.partial.json"};

static bool markdown(const struct product *p, FILE *out) {
  return table_report(p, true, out);
}

// What it prints, in memory; NULL: there is none.
static char *printed(const struct product *p, bool (*print)(const struct product *, FILE *)) {
  struct prose text;
  if (prose_begin(&text))
    return NULL;
  const bool whole = print(p, text.out);
  prose_end(&text);
  if (!whole)
    free(text.s);
  return whole ? text.s : NULL;
}

static bool put_files(const struct product *p, struct shira_whole file[FILES]) {
  char *json = printed(p, json_report), *md = printed(p, markdown);
  bool whole = json && md && csv_report(p, file[FILE_CSV].out) &&
               (!file[FILE_TIMES].out || json_times(p, file[FILE_TIMES].out)) &&
               put_page(json, md, file[FILE_HTML].out);
  fputs(json ? json : "", file[FILE_JSON].out);
  fputs(md ? md : "", file[FILE_MD].out);
  free(json);
  free(md);
  return whole;
}

// A report that was read from report.json has none.
static bool has_times(const struct shira_report *r) {
  for (uint32_t i = 0; i < r->n_results; i++)
    if (r->results[i].wall.total_s > 0)
      return true;
  return false;
}

// Everything is on its way to the disk before the first file gets its name.
static int write_files(const struct product *p, const char *dir, const char *const name[FILES],
                       struct shira_error *err) {
  struct shira_whole *file = calloc(FILES, sizeof(*file));
  bool open[FILES] = {0};
  char path[PATH_MAX];
  int rc = file ? 0 : shira_fail(err, ENOMEM, "no memory for the report");
  for (unsigned i = 0; !rc && i < FILES; i++) {
    if (!name[i] || (i == FILE_TIMES && !has_times(p->r)))
      continue;
    if (snprintf(path, sizeof(path), "%s/%s", dir, name[i]) >= (int)sizeof(path))
      rc = shira_fail(err, ENAMETOOLONG, "'%s': the path is too long", dir);
    else
      rc = shira_whole_begin(&file[i], path, err);
    open[i] = !rc;
  }
  if (!rc && !put_files(p, file))
    rc = shira_fail(err, ENOMEM, "no memory for the report");
  for (unsigned i = 0; !rc && i < FILES; i++)
    if (open[i] && fflush(file[i].out))
      rc = shira_fail(err, errno, "cannot write '%s/%s': %s", dir, name[i], strerror(errno));
  for (unsigned i = 0; i < FILES; i++) {
    if (open[i] && rc)
      shira_whole_drop(&file[i]);
    else if (open[i])
      rc = shira_whole_end(&file[i], err);
  }
  free(file);
  return rc;
}

// A whole report takes the place of what was left of one.
static void remove_partial(const char *dir) {
  char path[PATH_MAX];
  for (unsigned i = 0; i < FILES; i++)
    if (partial_name[i] &&
        snprintf(path, sizeof(path), "%s/%s", dir, partial_name[i]) < (int)sizeof(path))
      unlink(path);
}

int shira_report_write(const struct shira_report *r, const char *dir, bool partial,
                       struct shira_error *err) {
  struct product p;
  int rc = product_make(&p, r, err);
  if (rc)
    return rc;
  rc = write_files(&p, dir, partial ? partial_name : whole_name, err);
  if (!rc && !partial)
    remove_partial(dir);
  product_free(&p);
  return rc;
}

int shira_report_print(const struct shira_report *r, FILE *out, struct shira_error *err) {
  struct product p;
  int rc = product_make(&p, r, err);
  if (rc)
    return rc;
  if (!table_report(&p, false, out))
    rc = shira_fail(err, ENOMEM, "no memory for the report");
  product_free(&p);
  return rc;
}
