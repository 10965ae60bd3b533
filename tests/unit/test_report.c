// Reports: JSON that parses, HTML that is whole, words that follow from the numbers.
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

static struct shira_result *blank(struct bed *b, const char *model, uint32_t dim) {
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

static void measure(struct shira_measure *m, uint64_t cycles) {
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

static void passes(struct shira_result *it, double times) {
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

static struct shira_result *add(struct bed *b, const char *model, uint32_t dim,
                                const struct figure *f, bool cold) {
  struct shira_result *it = blank(b, model, dim);
  snprintf(it->strategy, sizeof(it->strategy), "%s", f->strategy);
  snprintf(it->mask, sizeof(it->mask), "%s", f->mask);
  snprintf(it->adapter, sizeof(it->adapter), "%s", f->adapter);
  snprintf(it->from, sizeof(it->from), cold ? "base" : "A");
  snprintf(it->to, sizeof(it->to), cold ? "A" : "B");
  snprintf(it->id, sizeof(it->id), "%.40s/%u/%s-%s/%s-%s", model, dim, f->strategy, f->mask,
           it->from, it->to);
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

static void add_workload(struct bed *b, const char *model, uint32_t dim) {
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

static int setup(void **state) {
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

static int teardown(void **state) {
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
static char *written(struct bed *b, const char *name) {
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

static json_t *json_of(struct bed *b) {
  char *text = written(b, "report.json");
  json_error_t at;
  json_t *o = json_loads(text, JSON_REJECT_DUPLICATES, &at);
  if (!o)
    fail_msg("report.json:%d: %s", at.line, at.text);
  free(text);
  return o;
}

// Text of the page without tags, with entities and hard spaces undone: what a reader sees.
static char *seen(const char *html) {
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

static char *words_of(struct bed *b) {
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

static void assert_says(const char *text, const char *what) {
  if (!strstr(text, what))
    fail_msg("\"%s\" is not in: %.3000s", what, text);
}

static void assert_never(const char *text, const char *what) {
  const char *at = strstr(text, what);
  if (at)
    fail_msg("\"%s\" is in: ...%.200s", what, at);
}

// ---- The page is whole ------------------------------------------------------------------------

static bool is_void(const char *name) {
  static const char *const names[] = {"meta", "br", "!DOCTYPE"};
  for (size_t i = 0; i < 3; i++)
    if (!strcmp(name, names[i]))
      return true;
  return false;
}

// Every tag is closed in order, every & begins an entity: text from outside left no trace.
static void assert_whole(const char *html) {
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
static void assert_self_contained(const char *html) {
  static const char *const never[] = {"http", "<script", "<img", "<link", "@import",
                                      "src=", "href=\"", "nan",  "inf "};
  for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
    assert_never(html, never[i]);
}

static int count(const char *text, const char *what) {
  int n = 0;
  for (; (text = strstr(text, what)); text++)
    n++;
  return n;
}

static void check_page(struct bed *b, int pictures) {
  char *html = written(b, "report.html");
  assert_whole(html);
  assert_self_contained(html);
  assert_int_equal(count(html, "<svg"), pictures);
  free(html);
}

static void test_json_has_the_keys(void **state) {
  struct bed *b = *state;
  static const char *const top[] = {"program", "adapters", "machine", "seed", "stall_percent"};
  static const char *const each[] = {"id", "model",  "layer", "placement", "strategy", "from",
                                     "to", "device", "pass",  "exact",     "error_l2", "weights"};
  static const char *const sw[] = {"cycles", "us", "bound_cycles", "limit", "phases"};
  static const char *const pass[] = {"tokens", "cycles", "bound_cycles", "limit", "overhead"};
  add_workload(b, "", 256);
  add_workload(b, "tiny", 0);
  json_t *o = json_of(b), *results = json_object_get(o, "results"), *it;
  for (size_t i = 0; i < sizeof(top) / sizeof(top[0]); i++)
    assert_non_null(json_object_get(o, top[i]));
  assert_int_equal(json_array_size(results), b->r.n_results);
  size_t k;
  json_array_foreach(results, k, it) {
    for (size_t i = 0; i < 12; i++)
      assert_non_null(json_object_get(it, each[i]));
    json_t *s = json_object_get(it, "switch"), *p = json_array_get(json_object_get(it, "pass"), 0);
    assert_int_equal(json_is_object(s), b->results[k].has_switch);
    for (size_t i = 0; json_is_object(s) && i < 5; i++)
      assert_non_null(json_object_get(s, sw[i]));
    for (size_t i = 0; p && i < 5; i++)
      assert_non_null(json_object_get(p, pass[i]));
    if (json_is_null(s))
      continue;
    assert_float_equal(json_number_value(json_object_get(s, "us")),
                       (double)b->results[k].sw.cycles / 500, 1e-6);
    json_int_t read, completion, bursts;
    assert_int_equal(json_unpack(it, "{s:{s:{s:I}, s:{s:I}, s:{s:I}}}", "traffic", "read", "weight",
                                 &read, "written", "completion", &completion, "bursts", "read",
                                 &bursts),
                     0);
    assert_int_equal(read, 100);
    assert_int_equal(completion, 64);
  }
  json_decref(o);
}

static void test_names_from_outside_are_escaped(void **state) {
  struct bed *b = *state;
  const char *evil = "</title><script>x('\"&amp;\")</script>";
  snprintf(b->r.experiment.name, sizeof(b->r.experiment.name), "%s", evil);
  snprintf(b->r.machine.name, sizeof(b->r.machine.name), "%s", evil);
  snprintf(b->r.program, sizeof(b->r.program), "%s", evil);
  add_workload(b, evil, 0);
  for (uint32_t i = 0; i < b->r.n_results; i++) {
    struct shira_result *it = &b->results[i];
    snprintf(it->adapter, sizeof(it->adapter), "%s", evil);
    snprintf(it->layer, sizeof(it->layer), "%s", evil);
    snprintf(it->to, sizeof(it->to), "<i>&\"");
    snprintf(it->placement, sizeof(it->placement), "<b>'&");
    snprintf(it->device, sizeof(it->device), "<b>'&");
    it->sw.limit = "<u>&";
    it->pass[0].m.limit = "<u>&";
  }
  snprintf(b->results[9].mask, sizeof(b->results[9].mask), "'\"`<&");
  check_page(b, 4);
  char *html = written(b, "report.html"), *text = seen(html);
  assert_says(html, "&lt;/title&gt;&lt;script&gt;x(&#39;&quot;&amp;amp;&quot;)");
  assert_says(text, evil);
  json_t *o = json_of(b);
  assert_string_equal(json_string_value(json_object_get(o, "experiment")), evil);
  json_decref(o);
  free(text);
  free(html);
}

// gnuplot has commands that start programs: no name may become one.
static void test_names_are_no_commands_of_the_plotter(void **state) {
  struct bed *b = *state;
  add_workload(b, "", 256);
  add_workload(b, "'\nsystem('>ran_by_name')\n`>ran_by_name`", 0);
  for (uint32_t i = 0; i < b->r.n_results; i++)
    if (b->results[i].mask[0])
      snprintf(b->results[i].mask, sizeof(b->results[i].mask), "'\n!>ran\n`>ran`");
  check_page(b, 4);
  assert_int_equal(access("ran_by_name", F_OK), -1);
  assert_int_equal(access("ran", F_OK), -1);
}

static void test_words_tell_the_ratio(void **state) {
  struct bed *b = *state;
  char line[160];
  add_workload(b, "", 256);
  char *text = words_of(b);
  // Computed anew from the cycles at 500 MHz: 2000 against 1500 and 51000.
  assert_says(text, "SHiRA takes 4.00 \u00b5s (shira-scatter rand)");
  snprintf(line, sizeof(line), "SHiRA is %.2f times slower", 2000.0 / 1500);
  assert_says(text, line);
  snprintf(line, sizeof(line), "SHiRA is %.1f times faster", 51000.0 / 2000);
  assert_says(text, line);
  assert_says(text, "lora-unfused costs +5.00 % at M = 1 and +5.00 % at M = 128");
  // 500 cycles more for the switch, 50 cycles less for each token.
  snprintf(line, sizeof(line), "both cost the same at %.1f tokens (M = 1) and", 500.0 / 50);
  assert_says(text, line);
  assert_says(text, "with fewer lora-unfused costs less, with more SHiRA");
  assert_says(text, "90.0 % of it");
  assert_says(text, "655 values, 1.00 % of the 65,536 targeted weights");
  snprintf(line, sizeof(line), "%.2f times as many: not a comparison at equal parameters",
           2048.0 / 655);
  assert_says(text, line);
  assert_says(text, "attention, norms and batches that mix adapters are outside");
  assert_says(text, "All 11 results equal");
  free(text);
}

static void test_words_say_who_wins(void **state) {
  struct bed *b = *state;
  add_workload(b, "", 256);
  for (uint32_t i = 0; i < b->r.n_results; i++)
    if (view_is_shira(&b->results[i]))
      b->results[i].sw.cycles = 102000;
  char *text = words_of(b);
  assert_says(text, "SHiRA is 68.0 times slower");
  assert_says(text, "SHiRA is 2.00 times slower");
  assert_never(text, "faster");
  free(text);
  for (uint32_t i = 0; i < b->r.n_results; i++)
    if (view_is_shira(&b->results[i]))
      b->results[i].sw.cycles = 150;
  text = words_of(b);
  assert_says(text, "SHiRA is 10.0 times faster");
  assert_says(text, "SHiRA costs less from the first token on (M = 1 and M = 128)");
  assert_never(text, "slower");
  free(text);
}

static void test_words_hide_no_fault(void **state) {
  struct bed *b = *state;
  add_workload(b, "", 256);
  b->results[3].pass[0].reference = false; // a pass that was not made
  b->results[4].pass[0].reference = false;
  b->results[5].golden = false;
  b->results[6].restore = SHIRA_RESTORE_DRIFT;
  b->results[6].restore_drift = 1.5e-3;
  char *text = words_of(b);
  assert_says(text, "1 of 11 results differ from the integer reference and 1 from the golden");
  assert_says(text, "4 of 5 strategies and workloads have the weights that they began with");
  assert_says(text, "lora-unfused in 256x256 is off by 1.50e-03");
  free(text);
}

static void test_same_report_same_bytes(void **state) {
  struct bed *b = *state;
  add_workload(b, "", 256);
  add_workload(b, "", 64);
  add_workload(b, "tiny", 0);
  static const char *const name[] = {"report.json", "report.html"};
  for (size_t i = 0; i < 2; i++) {
    char *one = written(b, name[i]), *two = written(b, name[i]);
    assert_string_equal(one, two);
    b->results[4].sw.cycles++;
    char *three = written(b, name[i]);
    assert_string_not_equal(one, three);
    free(one);
    free(two);
    free(three);
  }
}

static void test_pages_of_partial_reports(void **state) {
  struct bed *b = *state;
  struct shira_report *r = &b->r;
  add_workload(b, "tiny", 0); // no square
  check_page(b, 4);
  r->n_results = 0;
  add_workload(b, "", 256); // no model
  check_page(b, 4);
  for (uint32_t i = 0; i < r->n_results; i++) // no pass
    b->results[i].n_passes = 0;
  check_page(b, 3);
  r->n_results = 0;
  add(b, "", 256, &usual[3], true); // SHiRA alone, from base
  check_page(b, 3);
  char *text = words_of(b);
  assert_says(text, "from base to A");
  assert_says(text, "No LoRA strategy was measured");
  free(text);
  r->n_results = 0;
  add(b, "", 256, &usual[0], false); // LoRA alone
  check_page(b, 4);
  r->n_results = 0; // base alone
  passes(blank(b, "", 64), 1);
  check_page(b, 1);
  r->n_results = 0; // nothing
  check_page(b, 0);
}

// The golden model keeps no time: no ratio is a number, and none is printed.
static void test_device_without_time(void **state) {
  struct bed *b = *state;
  add_workload(b, "", 256);
  for (uint32_t i = 0; i < b->r.n_results; i++) {
    struct shira_result *it = &b->results[i];
    it->timed = false;
    it->sw.cycles = 0;
    memset(it->sw.counters, 0, 20 * sizeof(uint64_t));
    for (uint32_t k = 0; k < it->n_passes; k++)
      it->pass[k].m.cycles = 0, it->pass[k].overhead = NAN;
  }
  check_page(b, 1); // traffic
  json_t *o = json_of(b), *overhead;
  assert_int_equal(json_unpack(json_array_get(json_object_get(o, "results"), 0), "{s:[{s:o}, {}]}",
                               "pass", "overhead", &overhead),
                   0);
  assert_true(json_is_null(overhead));
  json_decref(o);
  char *text = words_of(b);
  assert_says(text, "No switch was timed");
  free(text);
}

static void test_summary(void **state) {
  struct bed *b = *state;
  char *text = NULL;
  size_t size;
  add_workload(b, "", 256);
  add_workload(b, "tiny", 0);
  b->results[0].pass[1].overhead = NAN;
  b->results[4].sw.cycles = 0;
  FILE *f = open_memstream(&text, &size);
  shira_report_print(&b->r, f);
  fclose(f);
  // A switch and one token, and ten thousand: 2000 + 1000 n cycles against 1500 + 1050 n.
  assert_says(text, "1.18 times slower");
  assert_says(text, "1.05 times faster");
  assert_says(text, "+5.00 %");
  assert_says(text, "all 22 results equal the reference");
  assert_never(text, "nan");
  assert_never(text, "inf");
  assert_never(text, " \n");
  free(text);
}

static void test_bad_text_and_large_seed(void **state) {
  struct bed *b = *state;
  add_workload(b, "m\xff\xc3", 0);
  b->r.seed = UINT64_MAX;
  b->results[1].sw.limit = NULL;
  json_t *o = json_of(b);
  assert_string_equal(json_string_value(json_object_get(o, "seed")), "18446744073709551615");
  json_t *first = json_array_get(json_object_get(o, "results"), 0);
  assert_string_equal(json_string_value(json_object_get(first, "model")), "m??");
  json_decref(o);
  b->r.seed = INT64_MAX;
  o = json_of(b);
  assert_int_equal(json_integer_value(json_object_get(o, "seed")), INT64_MAX);
  json_decref(o);
}

static void test_without_gnuplot(void **state) {
  struct bed *b = *state;
  add_workload(b, "", 256);
  char *path = strdup(getenv("PATH"));
  assert_non_null(path);
  setenv("PATH", b->dir, 1);
  char *html = written(b, "report.html");
  setenv("PATH", path, 1);
  free(path);
  assert_whole(html);
  assert_int_equal(count(html, "gnuplot is not installed"), PLOTS);
  assert_says(html, "SHiRA is 1.33 times slower");
  free(html);
}

static void test_folder_that_is_not_there(void **state) {
  struct bed *b = *state;
  struct shira_error err = {{0}};
  add_workload(b, "", 256);
  assert_int_equal(shira_report_write(&b->r, "/nonexistent/folder", &err), -ENOENT);
  assert_says(err.text, "cannot write '/nonexistent/folder/report.json'");
  assert_int_equal(report_html(&b->r, "/nonexistent/report.html", &err), -ENOENT);
}

static void test_numbers_for_people(void **state) {
  char buf[VIEW_NUMBER];
  (void)state;
  assert_string_equal(view_count(0, buf), "0");
  assert_string_equal(view_count(999, buf), "999");
  assert_string_equal(view_count(1000, buf), "1,000");
  assert_string_equal(view_count(UINT64_MAX, buf), "18,446,744,073,709,551,615");
  assert_string_equal(view_bytes(999, buf), "999 B");
  assert_string_equal(view_bytes(1000, buf), "1.00 kB");
  assert_string_equal(view_bytes(999999, buf), "1.00 MB");
  assert_string_equal(view_bytes(4194432, buf), "4.19 MB");
  assert_string_equal(view_time(9.994, buf), "9.99 \u00b5s");
  assert_string_equal(view_time(9.996, buf), "10.0 \u00b5s");
  assert_string_equal(view_time(546.4, buf), "546 \u00b5s");
  assert_string_equal(view_time(123456, buf), "123 ms");
  assert_string_equal(view_percent(0.0098, buf), "0.98 %");
  assert_string_equal(view_percent(0.00001, buf), "0.001 %");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_json_has_the_keys),
      TEST(test_names_from_outside_are_escaped),
      TEST(test_names_are_no_commands_of_the_plotter),
      TEST(test_words_tell_the_ratio),
      TEST(test_words_say_who_wins),
      TEST(test_words_hide_no_fault),
      TEST(test_same_report_same_bytes),
      TEST(test_pages_of_partial_reports),
      TEST(test_device_without_time),
      TEST(test_summary),
      TEST(test_bad_text_and_large_seed),
      TEST(test_without_gnuplot),
      TEST(test_folder_that_is_not_there),
      TEST(test_numbers_for_people),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
