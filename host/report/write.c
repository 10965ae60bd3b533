// The files of a report, and what goes to a terminal.
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "host/base/whole.h"
#include "host/report/table.h"
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
    const unsigned v = (unsigned)z[i] << 16 | (i + 1 < n ? (unsigned)z[i + 1] << 8 : 0) |
                       (i + 2 < n ? z[i + 2] : 0);
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

static int put_files(const struct product *p, struct shira_whole file[FILES], bool partial,
                     struct shira_error *err) {
  struct prose json, md;
  if (prose_begin(&json))
    return shira_fail(err, ENOMEM, "no memory for the report");
  if (prose_begin(&md)) {
    prose_end(&json);
    free(json.s);
    return shira_fail(err, ENOMEM, "no memory for the report");
  }
  bool good = json_report(p, json.out) && table_report(p, true, md.out) &&
              csv_report(p, file[FILE_CSV].out) && (partial || json_times(p, file[FILE_TIMES].out));
  prose_end(&json);
  prose_end(&md);
  good = good && json.s && md.s;
  if (good) {
    fputs(json.s, file[FILE_JSON].out);
    fputs(md.s, file[FILE_MD].out);
    good = put_page(json.s, md.s, file[FILE_HTML].out);
  }
  free(json.s);
  free(md.s);
  return good ? 0 : shira_fail(err, ENOMEM, "no memory for the report");
}

// Everything is on its way to the disk before the first file gets its name.
static int write_files(const struct product *p, const char *dir, const char *const name[FILES],
                       struct shira_error *err) {
  struct shira_whole *file = calloc(FILES, sizeof(*file));
  bool open[FILES] = {0};
  char path[PATH_MAX];
  int rc = file ? 0 : shira_fail(err, ENOMEM, "no memory for the report");
  for (unsigned i = 0; !rc && i < FILES; i++) {
    if (!name[i])
      continue;
    if (snprintf(path, sizeof(path), "%s/%s", dir, name[i]) >= (int)sizeof(path))
      rc = shira_fail(err, ENAMETOOLONG, "'%s': the path is too long", dir);
    else
      rc = shira_whole_begin(&file[i], path, err);
    open[i] = !rc;
  }
  if (!rc)
    rc = put_files(p, file, name == partial_name, err);
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
