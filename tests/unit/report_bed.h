// Reports that are made by hand, written, and read back: what the tests of reports share.
#ifndef REPORT_BED_H
#define REPORT_BED_H

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/report/view.h"

#define MAX_RESULTS 64
#define BASE_PASS 1000u // cycles of a pass of one token

// A report that can be changed before it is written, and the folder that it is written to.
struct bed {
  struct shira_report r;
  struct shira_result results[MAX_RESULTS];
  char dir[64];
};

// What a strategy's switch and passes take; everything else is made from that.
struct figure {
  const char *strategy, *mask, *adapter;
  uint64_t cycles; // A -> B
  double pass;     // cycles of a pass over those of base
  uint64_t parameters;
};

static const struct figure usual[] = {
    {"reload", "", "LoRA rank 4", 51000, 1.0, 2048},
    {"lora-fused", "", "LoRA rank 4", 99000, 1.0, 2048},
    {"lora-unfused", "", "LoRA rank 4", 1500, 1.05, 2048},
    {"shira-scatter", "rand", "SHiRA rand 1.00 %", 2000, 1.0, 655},
    {"shira-scatter", "struct", "SHiRA struct 1.00 %", 2400, 1.0, 655},
};
#define USUAL (sizeof(usual) / sizeof(usual[0]))

static inline struct shira_result *blank(struct bed *b, const char *model, uint32_t dim) {
  assert_true(b->r.n_results < MAX_RESULTS);
  struct shira_result *it = &b->results[b->r.n_results++];
  memset(it, 0, sizeof(*it));
  snprintf(it->model, sizeof(it->model), "%s", dim ? "square" : model);
  if (dim)
    snprintf(it->layer, sizeof(it->layer), "%ux%u", dim, dim);
  else
    snprintf(it->layer, sizeof(it->layer), "7 linears of 1 blocks");
  snprintf(it->placement, sizeof(it->placement), "resident");
  snprintf(it->device, sizeof(it->device), "rtl");
  it->timed = true;
  it->dim = dim;
  it->weights_total = 65536;
  it->reference = it->golden = true;
  it->weights = (struct shira_weight_stats){65536, 655, 640, 15, 3};
  return it;
}

static inline void measure(struct shira_measure *m, uint64_t cycles) {
  m->cycles = cycles;
  m->bound_cycles = 0.9 * (double)cycles;
  m->limit = "memory";
  for (unsigned c = 0; c < SHIRA_TRAFFIC_COUNT; c++)
    m->counters[SHIRA_COUNTER_READ_BYTES_DESCRIPTOR + c] = 100 * c;
  m->counters[SHIRA_COUNTER_WRITTEN_BYTES_COMPLETION] = 64;
  for (unsigned e = 0; e < SHIRA_ENGINE_COUNT; e++) {
    m->counters[SHIRA_COUNTER_COMMAND_BUSY + 5 * e] = cycles / 2;
    m->counters[SHIRA_COUNTER_COMMAND_IDLE + 5 * e] = cycles - cycles / 2;
  }
}

static inline void passes(struct shira_result *it, double times) {
  static const uint32_t tokens[] = {1, 128};
  for (uint32_t k = 0; k < 2; k++) {
    struct shira_pass *p = &it->pass[it->n_passes++];
    p->tokens = tokens[k];
    measure(&p->m, (uint64_t)(times * BASE_PASS * tokens[k]));
    p->overhead = times - 1;
    p->error_l2 = 0.012;
    p->reference = p->golden = true;
  }
}

static inline struct shira_result *add(struct bed *b, const char *model, uint32_t dim,
                                       const struct figure *f, bool cold) {
  struct shira_result *it = blank(b, model, dim);
  snprintf(it->strategy, sizeof(it->strategy), "%s", f->strategy);
  snprintf(it->mask, sizeof(it->mask), "%s", f->mask);
  snprintf(it->adapter, sizeof(it->adapter), "%s", f->adapter);
  const char *from = cold ? "base" : "A", *to = cold ? "A" : "B";
  snprintf(it->from, sizeof(it->from), "%s", from);
  snprintf(it->to, sizeof(it->to), "%s", to);
  snprintf(it->id, sizeof(it->id), "%.40s/%u/%s-%s/%s-%s", model, dim, f->strategy, f->mask, from,
           to);
  it->parameters = f->parameters;
  it->rank = *f->mask ? 0 : 4;
  it->density = *f->mask ? 0.01 : 0;
  it->has_switch = true;
  measure(&it->sw, cold ? f->cycles / 2 : f->cycles);
  it->phases = (struct shira_phases){60, 100, 20, it->sw.cycles - 200, 20};
  it->restore = cold ? SHIRA_RESTORE_NONE : SHIRA_RESTORE_EXACT;
  if (!cold)
    passes(it, f->pass);
  return it;
}

static inline void add_workload(struct bed *b, const char *model, uint32_t dim) {
  struct shira_result *base = blank(b, model, dim);
  snprintf(base->strategy, sizeof(base->strategy), "base");
  snprintf(base->from, sizeof(base->from), "base");
  snprintf(base->to, sizeof(base->to), "base");
  base->restore = SHIRA_RESTORE_EXACT;
  passes(base, 1);
  for (size_t i = 0; i < USUAL; i++) {
    add(b, model, dim, &usual[i], true);
    add(b, model, dim, &usual[i], false);
  }
}

static inline int setup(void **state) {
  struct bed *b = calloc(1, sizeof(*b));
  if (!b)
    return -1;
  snprintf(b->dir, sizeof(b->dir), "/tmp/shirasim-report-XXXXXX");
  if (!mkdtemp(b->dir))
    return -1;
  b->r.results = b->results;
  snprintf(b->r.program, sizeof(b->r.program), "shirasim 0");
  snprintf(b->r.experiment.name, sizeof(b->r.experiment.name), "trial");
  b->r.machine = (struct shira_machine){.name = "edge", .clock_mhz = 500, .array_n = 16};
  b->r.seed = 7;
  *state = b;
  return 0;
}

static inline int teardown(void **state) {
  struct bed *b = *state;
  static const char *const name[] = {"report.json", "report.html", "times.json"};
  for (size_t i = 0; i < 3; i++) {
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", b->dir, name[i]);
    unlink(path);
  }
  rmdir(b->dir);
  free(b);
  return 0;
}

// Writes the report and returns one of its files.
static inline char *written(struct bed *b, const char *name) {
  struct shira_error err = {{0}};
  char path[128];
  int rc = shira_report_write(&b->r, b->dir, &err);
  if (rc)
    fail_msg("%s", err.text);
  snprintf(path, sizeof(path), "%s/%s", b->dir, name);
  FILE *f = fopen(path, "r");
  assert_non_null(f);
  char *text = calloc(1, 1 << 22);
  assert_non_null(text);
  assert_true(fread(text, 1, (1 << 22) - 1, f) > 0);
  fclose(f);
  return text;
}

static inline json_t *json_of(struct bed *b) {
  char *text = written(b, "report.json");
  json_error_t at;
  json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, &at);
  if (!o)
    fail_msg("report.json:%d: %s", at.line, at.text);
  free(text);
  return o;
}

// Text of the page without tags, with entities and hard spaces undone: what a reader sees.
static inline char *seen(const char *html) {
  static const struct {
    const char *entity, *is;
  } known[] = {{"&lt;", "<"},  {"&gt;", ">"},   {"&amp;", "&"},  {"&quot;", "\""},
               {"&#39;", "'"}, {"&nbsp;", " "}, {"&rarr;", "->"}};
  char *text = calloc(1, strlen(html) + 1), *out = text;
  assert_non_null(text);
  for (const char *p = html; *p;) {
    size_t i = 0, n = sizeof(known) / sizeof(known[0]);
    if (*p == '<') {
      p += strcspn(p, ">") + 1;
      continue;
    }
    while (i < n && strncmp(p, known[i].entity, strlen(known[i].entity)))
      i++;
    if (i < n)
      out = stpcpy(out, known[i].is);
    else
      *out++ = *p;
    p += i < n ? strlen(known[i].entity) : 1;
  }
  return text;
}

static inline char *words_of(struct bed *b) {
  char *html = NULL;
  size_t size;
  FILE *f = open_memstream(&html, &size);
  assert_non_null(f);
  report_words(&b->r, f);
  fclose(f);
  char *text = seen(html);
  free(html);
  return text;
}

static inline void assert_says(const char *text, const char *what) {
  if (!strstr(text, what))
    fail_msg("\"%s\" is not in: %.3000s", what, text);
}

static inline void assert_never(const char *text, const char *what) {
  const char *at = strstr(text, what);
  if (at)
    fail_msg("\"%s\" is in: ...%.200s", what, at);
}

// ---- The page is whole ------------------------------------------------------------------------

static inline bool is_void(const char *name) {
  static const char *const names[] = {"meta", "br", "!DOCTYPE"};
  for (size_t i = 0; i < 3; i++)
    if (!strcmp(name, names[i]))
      return true;
  return false;
}

// Every tag is closed in order, every & begins an entity: text from outside left no trace.
static inline void assert_whole(const char *html) {
  static char open[64][16];
  int depth = 0;
  for (const char *p = html; *p; p++) {
    char name[16] = "";
    if (*p == '&' && p[1 + strspn(p + 1, "#abcdefghijklmnopqrstuvwxyz0123456789")] != ';')
      fail_msg("a bare & at: %.60s", p);
    if (*p != '<')
      continue;
    const char *end = strchr(p, '>');
    assert_non_null(end);
    bool closing = p[1] == '/';
    sscanf(p + 1 + closing, "%15[!A-Za-z0-9]", name);
    if (!*name)
      fail_msg("a bare < at: %.60s", p);
    if (closing && (!depth || strcmp(open[--depth], name)))
      fail_msg("</%s> closes <%s> at: %.60s", name, open[depth], p);
    if (!closing && end[-1] != '/' && !is_void(name)) {
      assert_true(depth < 64);
      strcpy(open[depth++], name);
    }
    p = end;
  }
  assert_int_equal(depth, 0);
}

// Nothing is fetched, nothing runs.
static inline void assert_self_contained(const char *html) {
  static const char *const never[] = {"http", "<script", "<img", "<link", "@import",
                                      "src=", "href=\"", "nan",  "inf "};
  for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
    assert_never(html, never[i]);
}

static inline int count(const char *text, const char *what) {
  int n = 0;
  for (; (text = strstr(text, what)); text++)
    n++;
  return n;
}

static inline void check_page(struct bed *b, int pictures) {
  char *html = written(b, "report.html");
  assert_whole(html);
  assert_self_contained(html);
  assert_int_equal(count(html, "<svg"), pictures);
  free(html);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
