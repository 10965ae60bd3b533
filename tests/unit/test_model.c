// From measured blocks to the whole model: the arithmetic, and when there is any to do.
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/report/html.h"
#include "host/report/json.h"
#include "host/report/model.h"

#define MAX_RESULTS 16

static struct shira_result results[MAX_RESULTS];
static struct shira_report r;

static int setup(void **state) {
  (void)state;
  memset(results, 0, sizeof(results));
  r = (struct shira_report){.results = results,
                            .machine = {.clock_mhz = 500, .memory_bytes = 10000}};
  return 0;
}

static struct shira_result *add(const char *strategy, uint32_t first, uint64_t sw, uint64_t pass) {
  struct shira_result *it = &results[r.n_results++];
  snprintf(it->model, sizeof(it->model), "m<1>");
  snprintf(it->layer, sizeof(it->layer), "7 linears of block %u", first);
  snprintf(it->id, sizeof(it->id), "m-block%u/%s", first, strategy);
  snprintf(it->placement, sizeof(it->placement), "streamed");
  snprintf(it->device, sizeof(it->device), "rtl");
  snprintf(it->strategy, sizeof(it->strategy), "%s", strategy);
  snprintf(it->kept, sizeof(it->kept), "memory");
  snprintf(it->from, sizeof(it->from), "A");
  snprintf(it->to, sizeof(it->to), "B");
  it->timed = it->golden = it->reference = true;
  it->blocks = (struct shira_blocks){.first = first, .n = 1, .all = 22, .hidden = 8, .vocab = 100};
  it->weights_total = 200;
  it->has_switch = strcmp(strategy, "base") != 0;
  it->adapter_bytes = it->has_switch ? 50 + first : 0;
  it->sw.cycles = sw;
  it->n_passes = 1;
  it->pass[0].tokens = 128;
  it->pass[0].m.cycles = pass;
  return it;
}

// Blocks 0 and 4 with base weights and one strategy.
static void add_blocks(void) {
  add("base", 0, 0, 1000);
  add("shira-dram", 0, 300, 1100);
  add("base", 4, 0, 1010);
  add("shira-dram", 4, 306, 1122);
}

static void near(double is, double should) {
  if (!(fabs(is - should) < 1e-9))
    fail_msg("%.12g, not %.12g", is, should);
}

static void test_figure(void **state) {
  (void)state;
  struct model_figure f = model_figure((const uint64_t[]){100, 103, 103}, 3, 1, 22);
  assert_int_equal(f.n, 3);
  assert_int_equal(f.cycles[1], 103);
  near(f.differ, 3 / 102.0);
  near(f.model, 22 * 102);
  // Two blocks a workload; the last workload of the model would have but one.
  near(model_figure((const uint64_t[]){100, 300}, 2, 2, 5).model, 500);
  f = model_figure((const uint64_t[]){0, 0}, 2, 1, 22);
  near(f.differ, 0);
  near(f.model, 0);
  near(model_figure((const uint64_t[]){0, 10}, 2, 1, 22).differ, 2);
  static uint64_t many[SHIRA_MAX_WORKLOADS + 1];
  assert_int_equal(model_figure(many, 0, 1, 22).n, 0);
  assert_int_equal(model_figure(many, 1, 0, 22).n, 0);
  assert_int_equal(model_figure(many, SHIRA_MAX_WORKLOADS, 1, 22).n, SHIRA_MAX_WORKLOADS);
  assert_int_equal(model_figure(many, SHIRA_MAX_WORKLOADS + 1, 1, 22).n, 0);
}

static void test_rows(void **state) {
  (void)state;
  add_blocks();
  struct model_row row = model_row(&r, 1);
  assert_int_equal(row.n, 2);
  assert_ptr_equal(row.it[0], &results[1]);
  assert_ptr_equal(row.it[1], &results[3]);
  assert_int_equal(model_row(&r, 3).n, 0); // told with the first
  assert_true(model_is_first(&r, 0));
  assert_false(model_is_first(&r, 1) || model_is_first(&r, 2) || model_is_first(&r, 3));
  assert_ptr_equal(model_base(&r, &row).it[0], &results[0]);
  near(model_switch(&row).model, 22 * 303);
  near(model_pass(&row, 0).model, 22 * 1111);
  near(model_overhead(&r, &row, 0), 1111.0 / 1005 - 1);
  near(model_adapter_bytes(&row), 22 * 52);
  double have;
  near(model_kept_bytes(&r, &row, &have), 2 * 22 * 52 + 22 * 200);
  near(have, 10000);
  char what[VIEW_LABEL + 32], text[64];
  near(model_most_differ(&r, &results[0], what), 6 / 303.0);
  assert_string_equal(what, "the switch of shira-dram");
  results[2].pass[0].m.cycles = 2000;
  near(model_most_differ(&r, &results[0], what), 1000 / 1500.0);
  assert_string_equal(what, "the pass at M = 128 of base");
  assert_string_equal(model_measured(&row, text, sizeof(text)), "block 0 and block 4");
  assert_string_equal(model_measured(&row, text, 8), "block 0"); // as far as there is room
}

// Where adapters are kept elsewhere, base weights take nothing from them.
static void test_kept(void **state) {
  (void)state;
  double have;
  add_blocks();
  r.machine.host_bytes = 7;
  r.machine.weight_bytes = 5;
  for (int i = 0; i < 4; i++)
    snprintf(results[i].kept, sizeof(results[i].kept), "host");
  struct model_row row = model_row(&r, 1);
  near(model_kept_bytes(&r, &row, &have), 2 * 22 * 52);
  near(have, 7);
  for (int i = 0; i < 4; i++)
    snprintf(results[i].kept, sizeof(results[i].kept), "chip");
  model_kept_bytes(&r, &row, &have);
  near(have, 5);
}

static char *section(void) {
  char *html = NULL;
  size_t size;
  FILE *out = open_memstream(&html, &size);
  assert_non_null(out);
  html_model(&r, out);
  model_print(&r, out);
  fclose(out);
  return html;
}

// Nothing is said of a model of which no two equal, timed workloads are there.
static void test_alone(void **state) {
  (void)state;
  static const struct {
    const char *what;
    size_t at;
    char value[8];
  } change[] = {
      {"another model", offsetof(struct shira_result, model), "n"},
      {"another placement", offsetof(struct shira_result, placement), "chip"},
      {"another device", offsetof(struct shira_result, device), "golden"},
      {"no time", offsetof(struct shira_result, timed), ""},
      {"more blocks", offsetof(struct shira_result, blocks.n), "\2"},
      {"the same block", offsetof(struct shira_result, blocks.first), ""},
      {"no model", offsetof(struct shira_result, blocks.n), ""},
  };
  for (size_t i = 0; i < sizeof(change) / sizeof(change[0]); i++) {
    setup(NULL);
    add_blocks();
    for (int k = 2; k < 4; k++)
      memcpy((char *)&results[k] + change[i].at, change[i].value, strlen(change[i].value) + 1);
    char *text = section();
    if (*text)
      fail_msg("%s: %s", change[i].what, text);
    free(text);
    json_t *o = models_json(&r);
    assert_int_equal(json_array_size(o), 0);
    json_decref(o);
  }
}

static void says(const char *text, const char *what) {
  if (!strstr(text, what))
    fail_msg("\"%s\" is not in: %s", what, text);
}

static void test_words(void **state) {
  (void)state;
  add_blocks();
  char *text = section();
  says(text, "<h2>From a block to the model: m&lt;1&gt;, streamed</h2>");
  says(text, "m&lt;1&gt; has 22 blocks of equal shape");
  says(text, "were block 0 and block 4,");
  says(text, "at most <b>1.98&nbsp;%</b>, in the switch of shira-dram");
  // 22 x 303 cycles at 500 MHz are 13.3 us; 22 x 1111
  says(text, "<td>300</td><td>306</td><td>1.98&nbsp;%</td><td><b>0.013</b></td>");
  says(text, "<td>1,100</td><td>1,122</td><td>1.98&nbsp;%</td><td><b>0.049</b></td>"
             "<td>+10.55&nbsp;%</td>");
  says(text, ">1.14 kB</td>");
  says(text, "(800 weights each)");
  assert_null(strstr(text, "does not fit"));
  says(text, "m<1> as a whole, its 22 blocks at the mean of block 0 and block 4, streamed; ms");
  free(text);
  r.machine.memory_bytes = 6000;
  text = section();
  says(text, "<b>shira-dram</b> does not fit this machine as a whole: both adapters and the base "
             "weights take 6.69 kB, of 6.00 kB.");
  free(text);
}

static void test_json(void **state) {
  (void)state;
  add_blocks();
  json_t *o = models_json(&r);
  json_int_t blocks, second, cycles;
  double differ, model, us, overhead;
  const char *id, *name;
  assert_int_equal(
      json_unpack(o,
                  "[{s:s, s:I, s:[i,I], s:F, s:[o,{s:[s,s], s:{s:[I,I], s:F, s:F}, s:[{s:F}]}]}]",
                  "model", &name, "blocks", &blocks, "first_blocks", &(int){0}, &second,
                  "most_differ", &differ, "strategies", &(json_t *){NULL}, "results",
                  &(const char *){NULL}, &id, "switch", "cycles", &cycles, &cycles, "model_cycles",
                  &model, "model_us", &us, "pass", "overhead", &overhead),
      0);
  assert_string_equal(name, "m<1>");
  assert_string_equal(id, "m-block4/shira-dram");
  assert_int_equal(blocks, 22);
  assert_int_equal(second, 4);
  assert_int_equal(cycles, 306);
  near(differ, 6 / 303.0);
  near(model, 22 * 303);
  near(us, 22 * 303 / 500.0);
  near(overhead, 1111.0 / 1005 - 1);
  json_decref(o);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(test_figure, setup), cmocka_unit_test_setup(test_rows, setup),
      cmocka_unit_test_setup(test_kept, setup),   cmocka_unit_test_setup(test_alone, setup),
      cmocka_unit_test_setup(test_words, setup),  cmocka_unit_test_setup(test_json, setup),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
