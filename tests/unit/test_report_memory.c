// What a report makes of the memory's counters: shares, percentiles, bursts touched, and the words
// that follow from them.
#include "report_bed.h"

// 500 MHz beside a DRAM of 2000 MHz with two channels: 8 clocks of channels in a device cycle.
#define CLOCKS 8u
#define BURST 32u
#define IMAGE 65536u // bytes of weights, 2048 bursts

static void give_dram(struct bed *b) {
  struct shira_machine *m = &b->r.machine;
  m->has_dram = true;
  m->memory_burst_bytes = BURST;
  m->memory_peak_mb_s = 16000;
  m->dram = (struct shira_dram_setup){.standard = {.name = "DRAM <1>",
                                                   .source = "a \"book\"",
                                                   .data_rate = 4000,
                                                   .transfers_per_clock = 2,
                                                   .channel_bits = 16,
                                                   .burst_length = 16},
                                      .channels = 2,
                                      .ranks = 3,
                                      .mapping = "ro-ba-co",
                                      .hash = SHIRA_DRAM_HASH_ROW,
                                      .queue = 11,
                                      .window = 12,
                                      .batch = 13,
                                      .cap = 14,
                                      .idle_close = 15,
                                      .refresh_postpone = 6,
                                      .refresh = SHIRA_DRAM_REFRESH_BANK,
                                      .ecc = SHIRA_ECC_WORD};
}

// 1000 cycles: 75 % row hits, bus in use 20 %, refresh 5 %, turnaround 1 %.
static struct shira_measure known(void) {
  struct shira_measure m = {.cycles = 1000, .bound_cycles = 900, .limit = "memory"};
  m.memory = (struct shira_dram_stats){
      .clocks = 9 * 1000 * CLOCKS, // more than the program's
      .bursts = {100, 20, 80},
      .row_hits = 150,
      .row_misses = 30,
      .row_conflicts = 20,
      .activates = 51,
      .precharges = 41,
      .refreshes = 7,
      .turnarounds = 5,
      .bus_clocks = 200 * CLOCKS,
      .turnaround_clocks = 10 * CLOCKS,
      .refresh_clocks = 50 * CLOCKS,
      .longest = 999,
      .traffic = {[SHIRA_TRAFFIC_WEIGHT] = {60, 20, 80}, [SHIRA_TRAFFIC_VALUE] = {40}}};
  for (int i = 0; i < 100; i++)
    shira_dram_stats_latency(&m.memory, i < 89 ? 9 : i < 98 ? 11 : i < 99 ? 12 : 15);
  return m;
}

// A switch in memory of the workload that results[0] is of.
static struct shira_result *add_dram(struct bed *b, const char *mask, const char *undo,
                                     uint32_t streams, uint64_t updates, uint64_t written) {
  const struct figure f = {"shira-dram", mask, "SHiRA 1.00 %", 4000, 1.0, 655};
  struct shira_result *it = add(b, "", 256, &f, false);
  snprintf(it->undo, sizeof(it->undo), "%s", undo);
  snprintf(it->kept, sizeof(it->kept), "memory");
  it->image_bytes = IMAGE;
  it->streams = streams;
  it->updates = updates;
  it->sw.counters[SHIRA_COUNTER_WRITTEN_BYTES_WEIGHT] = written * BURST;
  it->sw.memory = known().memory;
  return it;
}

// The part of a text between two others.
static char *between(const char *text, const char *from, const char *to) {
  const char *a = strstr(text, from);
  if (!a)
    fail_msg("\"%s\" is not in: %.3000s", from, text);
  const char *z = strstr(a, to);
  if (!z)
    fail_msg("\"%s\" is not in: %.3000s", to, a);
  return strndup(a, (size_t)(z - a));
}

static double number(json_t *o, const char *key) {
  json_t *v = json_object_get(o, key);
  if (!json_is_number(v))
    fail_msg("%s is no number", key);
  return json_number_value(v);
}

static void assert_no_number(json_t *o, const char *key) {
  if (!json_is_null(json_object_get(o, key)))
    fail_msg("%s is not null", key);
}

static void test_shares_are_of_the_programs_time(void **state) {
  struct bed *b = *state;
  struct shira_measure m = known();
  give_dram(b);
  const struct view_memory v = view_memory(&b->r, &m);
  assert_int_equal(v.reads, 100);
  assert_int_equal(v.writes, 100);
  assert_int_equal(v.bytes_read, 3200);
  assert_int_equal(v.bytes_written, 3200);
  assert_float_equal(v.row_hits, 0.75, 1e-12);
  assert_float_equal(v.bus, 0.2, 1e-12);
  assert_float_equal(v.refresh, 0.05, 1e-12);
  assert_float_equal(v.turnaround, 0.01, 1e-12);
  assert_int_equal(v.p50, 9);
  assert_int_equal(v.p90, 11);
  assert_int_equal(v.p99, 12);
  assert_int_equal(v.longest, 15);
}

static void test_fixed_rate_has_no_rows(void **state) {
  struct bed *b = *state;
  struct shira_measure m = known();
  give_dram(b);
  b->r.machine.has_dram = false;
  const struct view_memory v = view_memory(&b->r, &m);
  assert_float_equal(v.bus, 200.0 * BURST / (16000 * 2), 1e-12); // 2 us at the peak
  assert_true(isnan(v.row_hits) && isnan(v.refresh) && isnan(v.turnaround));
  assert_int_equal(v.p50, 9);
}

static void test_nothing_moved_is_no_number(void **state) {
  struct bed *b = *state;
  struct shira_measure m = {0};
  give_dram(b);
  for (int fixed = 0; fixed < 2; fixed++) {
    b->r.machine.has_dram = !fixed;
    const struct view_memory v = view_memory(&b->r, &m);
    assert_true(isnan(v.row_hits) && isnan(v.bus) && isnan(v.refresh) && isnan(v.turnaround));
    assert_int_equal(v.reads + v.writes, 0);
  }
}

// The switch of result 0 as the report has it.
static json_t *first_switch(json_t *report) {
  json_t *sw;
  assert_int_equal(json_unpack(report, "{s:[{s:o}]}", "results", "switch", &sw), 0);
  return sw;
}

static void test_json_has_every_counter(void **state) {
  struct bed *b = *state;
  static const struct {
    const char *key;
    double is;
  } want[] = {
      {"clocks", 72000},         {"reads", 100},
      {"whole_writes", 20},      {"masked_writes", 80},
      {"row_hits", 150},         {"row_misses", 30},
      {"row_conflicts", 20},     {"activates", 51},
      {"precharges", 41},        {"refreshes", 7},
      {"turnarounds", 5},        {"bus_clocks", 1600},
      {"refresh_clocks", 400},   {"bytes_read", 3200},
      {"row_hit_rate", 0.75},    {"refresh_share", 0.05},
      {"turnaround_clocks", 80}, {"bytes_written", 3200},
      {"bus_utilisation", 0.2},  {"turnaround_share", 0.01},
  };
  give_dram(b);
  struct shira_result *it = add_dram(b, "rand", "transition", 1, 1300, 900);
  it->sw = known();
  it->pass[1].m = known();
  json_t *o = json_of(b), *sw = first_switch(o), *pass;
  assert_int_equal(json_unpack(o, "{s:[{s:[o, o]}]}", "results", "pass", &pass, &pass), 0);
  json_t *const memory[] = {json_object_get(sw, "memory"), json_object_get(pass, "memory")};
  for (size_t k = 0; k < 2; k++) {
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
      assert_float_equal(number(memory[k], want[i].key), want[i].is, 1e-9);
    json_t *latency = json_object_get(memory[k], "read_latency_cycles");
    assert_float_equal(number(latency, "p50"), 9, 0);
    assert_float_equal(number(latency, "p90"), 11, 0);
    assert_float_equal(number(latency, "p99"), 12, 0);
    assert_float_equal(number(latency, "longest"), 15, 0);
    json_t *traffic = json_object_get(memory[k], "traffic");
    assert_int_equal(json_object_size(traffic), 2);
    json_t *weight = json_object_get(traffic, "weight"),
           *value = json_object_get(traffic, "stream");
    assert_float_equal(number(weight, "reads"), 60, 0);
    assert_float_equal(number(weight, "whole_writes"), 20, 0);
    assert_float_equal(number(weight, "masked_writes"), 80, 0);
    assert_float_equal(number(weight, "bytes"), 160 * 32, 0);
    assert_float_equal(number(value, "bytes"), 40 * 32, 0);
  }
  json_decref(o);
}

static void test_json_tells_what_is_not_known(void **state) {
  struct bed *b = *state;
  give_dram(b);
  b->r.machine.has_dram = false;
  struct shira_result *it = add_dram(b, "rand", "transition", 1, 1300, 900);
  it->sw = known();
  json_t *o = json_of(b), *memory = json_object_get(first_switch(o), "memory");
  assert_no_number(json_object_get(o, "machine"), "dram");
  static const char *const none[] = {"row_hits",        "row_misses",   "refresh_clocks",
                                     "turnarounds",     "row_hit_rate", "refresh_share",
                                     "turnaround_share"};
  for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
    assert_no_number(memory, none[i]);
  assert_float_equal(number(memory, "masked_writes"), 80, 0);
  assert_float_equal(number(memory, "bus_utilisation"), 0.2, 1e-9);
  json_decref(o);
  it->sw = (struct shira_measure){0}; // a pointer
  o = json_of(b);
  memory = json_object_get(first_switch(o), "memory");
  assert_float_equal(number(memory, "reads"), 0, 0);
  assert_no_number(memory, "bus_utilisation");
  assert_no_number(json_object_get(memory, "read_latency_cycles"), "p50");
  json_decref(o);
  it->timed = false; // the golden model
  o = json_of(b);
  assert_no_number(first_switch(o), "memory");
  assert_no_number(first_switch(o), "touched");
  json_decref(o);
}

static void test_json_has_the_dram(void **state) {
  struct bed *b = *state;
  json_int_t channels, ranks, queue, window, batch, cap, idle, late, peak;
  const char *name, *source, *mapping, *hash, *refresh, *ecc;
  give_dram(b);
  json_t *o = json_of(b), *dram = json_object_get(json_object_get(o, "machine"), "dram");
  assert_int_equal(
      json_unpack(dram,
                  "{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s}",
                  "channels", &channels, "ranks", &ranks, "queue", &queue, "window", &window,
                  "batch", &batch, "cap_clocks", &cap, "idle_close_clocks", &idle,
                  "refresh_postpone", &late, "peak_mb_s", &peak, "name", &name, "source", &source,
                  "mapping", &mapping, "hash", &hash, "refresh", &refresh, "ecc", &ecc),
      0);
  assert_string_equal(name, "DRAM <1>");
  assert_string_equal(source, "a \"book\"");
  assert_string_equal(mapping, "ro-ba-co");
  assert_string_equal(hash, "row");
  assert_string_equal(refresh, "per-bank");
  assert_string_equal(ecc, "word");
  assert_int_equal(channels, 2);
  assert_int_equal(ranks, 3);
  assert_int_equal(queue, 11);
  assert_int_equal(window, 12);
  assert_int_equal(batch, 13);
  assert_int_equal(cap, 14);
  assert_int_equal(idle, 15);
  assert_int_equal(late, 6);
  assert_int_equal(peak, 16000);
  json_decref(o);
}

static void test_touched_bursts(void **state) {
  struct bed *b = *state;
  struct view_touched t;
  give_dram(b);
  // 32 weights, none of them hit, one after another.
  double none = 1;
  for (uint32_t i = 0; i < BURST; i++)
    none *= 1 - 1311.0 / IMAGE;
  struct shira_result *it = add_dram(b, "rand", "transition", 1, 1311, 973);
  assert_true(view_touched(&b->r, it, &t));
  assert_int_equal(t.bursts, 2048);
  assert_int_equal(t.written, 973);
  assert_float_equal(t.measured, 973.0 / 2048, 1e-12);
  assert_float_equal(t.density, 1311.0 / IMAGE, 1e-12);
  assert_float_equal(t.expected, 1 - none, 1e-9);
  // Two streams: what one of them touches on the average.
  it = add_dram(b, "rand", "set", 2, 2 * 1311, 2 * 973);
  assert_true(view_touched(&b->r, it, &t));
  assert_float_equal(t.measured, 973.0 / 2048, 1e-12);
  assert_float_equal(t.expected, 1 - none, 1e-9);
  it = add_dram(b, "struct", "transition", 1, 1311, 300);
  assert_true(view_touched(&b->r, it, &t));
  assert_float_equal(t.measured, 300.0 / 2048, 1e-12);
  assert_true(isnan(t.expected));
  it->timed = false;
  assert_false(view_touched(&b->r, it, &t));
  it->timed = true;
  snprintf(it->strategy, sizeof(it->strategy), "shira-scatter");
  assert_false(view_touched(&b->r, it, &t));
}

static void test_one_row_for_all_undos(void **state) {
  struct bed *b = *state;
  struct shira_result *slow = add_dram(b, "rand", "transition", 1, 1311, 973),
                      *quick = add_dram(b, "rand", "set", 2, 2622, 1946),
                      *other = add_dram(b, "struct", "set", 2, 2622, 600);
  quick->sw.cycles = slow->sw.cycles - 1;
  other->sw.cycles = slow->sw.cycles + 1;
  assert_false(view_is_best_undo(&b->r, slow));
  assert_true(view_is_best_undo(&b->r, quick));
  assert_true(view_is_best_undo(&b->r, other));
  quick->sw.cycles = slow->sw.cycles; // the first of two that are the same
  assert_true(view_is_best_undo(&b->r, slow));
  assert_false(view_is_best_undo(&b->r, quick));
  snprintf(quick->kept, sizeof(quick->kept), "host");
  assert_true(view_is_best_undo(&b->r, quick));
}

// SHiRA takes 2000 cycles and LoRA 1500, and 1.05 of base on each pass: the same at 10 tokens. From
// 1000 tokens on reload, of 51000 cycles, is LoRA's best.
static void test_words_name_wins_and_losses(void **state) {
  struct bed *b = *state;
  char line[200];
  add_workload(b, "", 256);
  char *text = words_of(b);
  char *wins = between(text, "SHiRA wins\n", "Neither wins"),
       *same = between(text, "Neither wins", "SHiRA loses"),
       *loses = between(text, "SHiRA loses", "What memory has");
  snprintf(line, sizeof(line),
           "decode (M = 1), 100 to 1,000 tokens: %.2f to %.2f times faster (shira-scatter rand "
           "against lora-unfused, then shira-scatter rand against reload)",
           (1500 + 1050 * 100.0) / (2000 + 1000 * 100.0), (51000 + 1e6) / (2000 + 1e6));
  assert_says(wins, line);
  assert_says(wins, "256x256, resident, adapters in memory: decode");
  // The least first, whichever it is.
  snprintf(line, sizeof(line), "prefill (M = 128), 128 to 1,280 tokens: %.2f to %.2f times faster",
           (51000 + 1280e3) / (2000 + 1280e3), (1500 + 1050 * 128.0) / (2000 + 1000 * 128.0));
  assert_says(wins, line);
  assert_never(wins, "slower");
  assert_says(same, "the same to 0.5 %");
  assert_says(same, "decode (M = 1), 10 tokens (shira-scatter rand against lora-unfused); "
                    "decode (M = 1), 10,000 tokens (shira-scatter rand against reload); "
                    "prefill (M = 128), 12,800 tokens (shira-scatter rand against reload).");
  snprintf(line, sizeof(line), "the switch alone: %.2f times slower", 2000.0 / 1500);
  assert_says(loses, line);
  snprintf(line, sizeof(line), "decode (M = 1), 1 token: %.2f times slower", 3000.0 / 2550);
  assert_says(loses, line);
  assert_never(loses, "faster");
  free(wins);
  free(same);
  free(loses);
  free(text);
}

static void test_words_when_there_is_no_loss(void **state) {
  struct bed *b = *state;
  add_workload(b, "", 256);
  for (uint32_t i = 0; i < b->r.n_results; i++)
    if (view_is_shira(&b->results[i]))
      b->results[i].sw.cycles = 0;
  char *text = words_of(b), *wins = between(text, "SHiRA wins\n", "Neither wins"),
       *loses = between(text, "SHiRA loses", "What memory has");
  assert_says(wins, "the switch alone: only LoRA takes time");
  assert_says(loses, "Nowhere in this experiment.");
  free(wins);
  free(loses);
  free(text);
}

static void test_words_of_the_memory(void **state) {
  struct bed *b = *state;
  char line[200];
  give_dram(b);
  add_workload(b, "", 256);
  for (uint32_t i = 0; i < b->r.n_results; i++)
    if (!strcmp(b->results[i].strategy, "lora-fused")) {
      b->results[i].image_bytes = IMAGE;
      b->results[i].sw.counters[SHIRA_COUNTER_WRITTEN_BYTES_WEIGHT] = IMAGE;
    }
  add_dram(b, "rand", "transition", 1, 1311, 973)->adapter_bytes = 12300;
  add_dram(b, "struct", "set", 2, 2 * 655, 2 * 100)->adapter_bytes = 456;
  char *text = words_of(b), *memory = between(text, "What memory has", "All 13 results");
  snprintf(line, sizeof(line),
           "shira-dram rand of 256x256, A to B, writes %.2f %% of the weights' bursts for %.2f %% "
           "of the weights, both masks together; for a random mask 1-(1-p)^32 gives %.2f %%. Of "
           "its bursts 75.00 %%",
           100 * 973.0 / 2048, 100 * 1311.0 / IMAGE, 100 * (1 - pow(1 - 1311.0 / IMAGE, 32)));
  assert_says(memory, line);
  // 4000 cycles at 500 MHz; 65536 bytes at 16000 MB/s.
  assert_says(memory, "Its switch takes 8.00 \u00b5s, 1.95 times what writing every burst once at "
                      "memory's peak takes (4.10 \u00b5s); lora-fused, LoRA's quickest that writes "
                      "them all, takes 24.8 times as long.");
  snprintf(line, sizeof(line), "shira-dram struct set of 256x256, A to B, writes %.2f %% of",
           100 * 100.0 / 2048);
  assert_says(memory, line);
  assert_says(memory, "of the weights with each of its 2 streams. Of");
  // 400 of 32000 clocks of channels, and 80.
  assert_says(memory, "Refreshes keep the bus empty for at most 1.25 % of a switch's time "
                      "(shira-dram rand), turnarounds for less than 1.00 % of any switch.");
  assert_says(memory, "256x256, resident: an adapter that is not active takes 12.3 kB (shira-dram "
                      "rand), 456 B (shira-dram struct set). Refreshes");
  free(memory);
  free(text);
  b->r.machine.has_dram = false;
  text = words_of(b);
  assert_says(text, "Memory has a fixed rate here");
  assert_never(text, "Refreshes keep");
  assert_never(text, "find their row open");
  free(text);
}

static void test_page_shows_what_moved(void **state) {
  struct bed *b = *state;
  give_dram(b);
  add_workload(b, "", 256);
  b->results[0].pass[0].m.memory = known().memory;
  for (uint32_t i = 1; i < b->r.n_results; i++) {
    b->results[i].pass[0].m.memory = known().memory;
    b->results[i].sw.memory.bursts[SHIRA_DRAM_WRITE] = 2; // the completion record alone
  }
  for (uint32_t i = 0; i < b->r.n_results; i++)
    if (!strcmp(b->results[i].strategy, "lora-unfused"))
      b->results[i].pass[0].m.memory.bursts[SHIRA_DRAM_READ]++;
  struct shira_result *it = add_dram(b, "rand", "transition", 1, 1311, 973);
  it->sw.cycles = 1000; // as those of known()
  it->pass[0].m.memory = known().memory;
  check_page(b, 4);
  char *html = written(b, "report.html"), *all = seen(html);
  char *page = between(all, "What the memory did", "The machine"),
       *switches = between(page, "Switches", "The smallest pass"),
       *pass = between(page, "The smallest pass", "Bursts that");
  assert_says(switches, "shira-dram randA -> B3.20 kB3.20 kB1002080" // bursts
                        "75.020.05.01.0912");
  assert_says(switches, "strategyswitchweightstream");
  assert_says(switches, "shira-dram randA -> B5.12 kB1.28 kB");
  assert_never(switches, "reloadA");
  assert_says(pass, "base1");
  assert_says(pass, "lora-unfused13.23 kB");
  assert_never(pass, "reload");
  assert_says(page, "transition: both masks in one stream1,3112,0489732.000 %47.51 %47.62 %");
  assert_says(all, "DRAM <1>");
  free(switches);
  free(pass);
  free(page);
  free(all);
  free(html);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_shares_are_of_the_programs_time),
      TEST(test_fixed_rate_has_no_rows),
      TEST(test_nothing_moved_is_no_number),
      TEST(test_json_has_every_counter),
      TEST(test_json_tells_what_is_not_known),
      TEST(test_json_has_the_dram),
      TEST(test_touched_bursts),
      TEST(test_one_row_for_all_undos),
      TEST(test_words_name_wins_and_losses),
      TEST(test_words_when_there_is_no_loss),
      TEST(test_words_of_the_memory),
      TEST(test_page_shows_what_moved),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
