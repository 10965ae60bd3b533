// Reports: JSON that parses, HTML that is whole, words that follow from the numbers.
#include "report_bed.h"

static void test_json_has_the_keys(void **state) {
  struct bed *b = *state;
  static const char *const top[] = {"program", "adapters", "machine", "seed", "stall_percent"};
  static const char *const each[] = {"id", "model",  "layer", "placement", "strategy", "from",
                                     "to", "device", "pass",  "exact",     "error_l2", "weights"};
  static const char *const sw[] = {"cycles", "us",    "bound_cycles", "sustained_bound_cycles",
                                   "limit",  "phases"};
  static const char *const pass[] = {"tokens", "cycles",  "bound_cycles", "sustained_bound_cycles",
                                     "limit",  "overhead"};
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
    for (size_t i = 0; json_is_object(s) && i < 6; i++)
      assert_non_null(json_object_get(s, sw[i]));
    for (size_t i = 0; p && i < 6; i++)
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

// Equal blocks of a model: told once, then what they give for the model.
static void test_blocks_of_a_model(void **state) {
  struct bed *b = *state;
  for (uint32_t block = 0; block < 2; block++) {
    uint32_t first = b->r.n_results;
    add_workload(b, "tiny", 0);
    for (uint32_t i = first; i < b->r.n_results; i++) {
      b->results[i].blocks = (struct shira_blocks){.first = 3 * block, .n = 1, .all = 5};
      snprintf(b->results[i].layer, sizeof(b->results[i].layer), "7 linears of block %u",
               3 * block);
    }
  }
  check_page(b, 4);
  char *html = written(b, "report.html"), *text = seen(html);
  assert_int_equal(count(html, "<section class=\"answer\">"), 1);
  assert_int_equal(count(html, "From a block to the model"), 1);
  assert_says(html, "tiny, block 3");
  assert_says(text, "were block 0 and block 3,");
  json_t *o = json_of(b);
  assert_int_equal(json_array_size(json_object_get(o, "models")), 1);
  json_decref(o);
  free(text);
  free(html);
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

// Where a refresh falls moves a pass a little: that is told as a range, not as a cost of each.
static void test_words_of_passes_that_differ_a_little(void **state) {
  struct bed *b = *state;
  add_workload(b, "", 256);
  char *text = words_of(b);
  assert_says(text, "shira-scatter rand and shira-scatter struct cost +0.00 %.");
  free(text);
  for (uint32_t i = 0; i < b->r.n_results; i++)
    if (view_is_shira(&b->results[i]) && b->results[i].n_passes)
      b->results[i].pass[0].overhead = strcmp(b->results[i].mask, "rand") ? -0.0031 : 0.0012;
  text = words_of(b);
  assert_says(text, "shira-scatter rand and shira-scatter struct cost -0.31 to +0.12 %.");
  free(text);
  for (uint32_t i = 0; i < b->r.n_results; i++)
    if (view_is_shira(&b->results[i]) && b->results[i].n_passes)
      b->results[i].pass[0].overhead = 0.0052;
  text = words_of(b);
  assert_says(text, "shira-scatter rand costs +0.52 % at M = 1 and +0.00 % at M = 128");
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

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_json_has_the_keys),
      TEST(test_names_from_outside_are_escaped),
      TEST(test_names_are_no_commands_of_the_plotter),
      TEST(test_words_tell_the_ratio),
      TEST(test_blocks_of_a_model),
      TEST(test_words_say_who_wins),
      TEST(test_words_of_passes_that_differ_a_little),
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
