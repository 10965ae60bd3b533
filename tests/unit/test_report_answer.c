// Figures, winners, break-evens and words: against numbers computed by hand.
#include "report_bed.h"

#include "host/report/product.h"

// ---- Figures ----------------------------------------------------------------------------------

static struct shira_measure measure_of(uint32_t n, const uint32_t *eighth, const uint64_t *cycles) {
  struct shira_measure m = {.n_samples = n};
  for (uint32_t i = 0; i < n; i++)
    m.sample[i] = (struct shira_sample){eighth[i], cycles[i]};
  return m;
}

static void test_a_figure_is_a_sample_with_its_range(void **state) {
  (void)state;
  struct shira_measure m = measure_of(3, (uint32_t[]){0, 2, 5}, (uint64_t[]){30, 10, 20});
  m.median = 2;
  m.bound_cycles = 15.0000000004;
  assert_int_equal(shira_figure(&m), 20);
  assert_int_equal(measure_low(&m), 10);
  assert_int_equal(measure_high(&m), 30);
  assert_float_equal(measure_of_bound(&m), 0.75, 0); // of the bound with 9 digits
  m.n_samples = 0;
  assert_int_equal(shira_figure(&m), 0);
  assert_true(isnan(measure_of_bound(&m)));
}

static void test_a_winner_wins_in_every_eighth_that_both_have(void **state) {
  (void)state;
  const struct shira_measure m[] = {
      measure_of(3, (uint32_t[]){0, 2, 5}, (uint64_t[]){30, 10, 20}),
      measure_of(3, (uint32_t[]){0, 2, 4}, (uint64_t[]){31, 11, 1}), // more in both that are common
      measure_of(2, (uint32_t[]){0, 2}, (uint64_t[]){31, 9}),        // more and less
      measure_of(2, (uint32_t[]){0, 2}, (uint64_t[]){31, 10}),       // more and equal
      measure_of(1, (uint32_t[]){7}, (uint64_t[]){99}),              // nothing common
      measure_of(1, (uint32_t[]){0}, (uint64_t[]){0}),               // only a pointer changes
  };
  struct cost c[6];
  for (unsigned i = 0; i < 6; i++)
    c[i] = cost_of(&m[i]);
  assert_int_equal(cost_less(&c[0], &c[1]), -1);
  assert_int_equal(cost_less(&c[1], &c[0]), 1);
  assert_int_equal(cost_less(&c[0], &c[2]), 0);
  assert_int_equal(cost_less(&c[0], &c[3]), 0);
  assert_int_equal(cost_less(&c[0], &c[4]), 0);
  assert_int_equal(cost_less(&c[0], &c[5]), 1);
  assert_int_equal(cost_less(&c[5], &c[5]), 0);
}

static void test_ratios_are_paired(void **state) {
  (void)state;
  struct shira_measure a = measure_of(2, (uint32_t[]){1, 3}, (uint64_t[]){100, 300});
  struct shira_measure b = measure_of(2, (uint32_t[]){1, 3}, (uint64_t[]){50, 100});
  a.median = b.median = 1;
  const struct cost x = cost_of(&a), y = cost_of(&b);
  const struct ratio r = cost_ratio(&x, &y);
  assert_float_equal(r.figure, 3, 1e-12);
  assert_float_equal(r.low, 2, 1e-12);
  assert_float_equal(r.high, 3, 1e-12);
  const struct cost sum = cost_sum(&x, 0.5, &y);
  assert_float_equal(sum.figure, 350, 1e-12);
  assert_float_equal(sum.at[1], 125, 1e-12);
  const struct cost none = {0};
  assert_true(isnan(cost_ratio(&x, &none).figure) && isnan(cost_ratio(&x, &none).low));
}

// ---- Answers ----------------------------------------------------------------------------------

static struct product made(const struct bed *b) {
  struct product p;
  struct shira_error err;
  if (product_make(&p, &b->r, &err))
    fail_msg("%s", err.text);
  return p;
}

static const struct comparison *comparison_of(const struct product *p, uint32_t placed, bool host,
                                              uint32_t size) {
  for (uint32_t i = 0; i < p->list.n; i++) {
    const struct comparison *c = &p->list.at[i];
    if (c->group->placed == placed && c->host == host && c->size == size)
      return c;
  }
  return NULL;
}

// Figures are those of report_bed.h: the least sample and 4 x 3 cycles.
static void test_the_best_of_both_sides_are_compared(void **state) {
  struct bed *b = *state;
  add_square(b, 256);
  const struct product p = made(b);
  const struct comparison *c = comparison_of(&p, SHIRA_PLACED_RESIDENT, false, SHIRA_PAIR_PAPERS);
  assert_non_null(c);
  assert_int_equal(c->any.shira->key.strategy, SHIRA_STRATEGY_SHIRA_SCATTER);
  assert_int_equal(c->any.shira->key.undo, SHIRA_UNDO_TRANSITION);
  assert_int_equal(shira_figure(&c->any.shira->m), 2012);
  assert_int_equal(c->any.lora->key.kept, SHIRA_KEPT_CHIP);
  assert_int_equal(c->any.winner, SIDE_LORA);
  assert_int_equal(shira_figure(&c->written.lora->m), 40012);
  assert_int_equal(c->written.winner, SIDE_SHIRA);
  assert_float_equal(c->written.ratio.figure, 40012.0 / 2012, 1e-9);
  assert_float_equal(c->written.ratio.low, 40021.0 / 2021, 1e-9);
  assert_float_equal(c->written.ratio.high, 40000.0 / 2000, 1e-9);
  c = comparison_of(&p, SHIRA_PLACED_RESIDENT, false, SHIRA_PAIR_EQUAL);
  assert_int_equal(shira_figure(&c->any.lora->m), 20012);
  c = comparison_of(&p, SHIRA_PLACED_RESIDENT, true, SHIRA_PAIR_PAPERS);
  assert_int_equal(shira_figure(&c->any.shira->m), 8012);
  assert_int_equal(shira_figure(&c->any.lora->m), 80012);
  assert_null(comparison_of(&p, SHIRA_PLACED_RESIDENT, false, SHIRA_PAIR_GIVEN));
  struct product q = p;
  product_free(&q);
}

// A pass with the unfused LoRA on chip takes 62 cycles more at M = 1 (1,050 and 4 x 3 against
// 1,000), 512 at M = 128; its switch takes none and SHiRA's 2,012.
static void test_break_evens_are_multiplied_by_m(void **state) {
  struct bed *b = *state;
  add_square(b, 256);
  struct product p = made(b);
  const struct comparison *c = comparison_of(&p, SHIRA_PLACED_RESIDENT, false, SHIRA_PAIR_PAPERS);
  assert_int_equal(c->n_passes, 2);
  for (unsigned k = 0; k < 2; k++) {
    const struct pass_contest *pass = &c->pass[k];
    const double even = k ? 128 * 2012.0 / 512 : 2012.0 / 62;
    assert_int_equal(pass->tokens, k ? 128 : 1);
    assert_int_equal(pass->n_spans, 2);
    assert_float_equal(pass->span[0].from, 0, 0);
    assert_float_equal(pass->span[0].to, even, 1e-9 * even);
    assert_float_equal(pass->span[1].from, even, 1e-9 * even);
    assert_true(isinf(pass->span[1].to));
    assert_int_equal(pass->span[0].winner, SIDE_LORA);
    assert_int_equal(pass->span[1].winner, SIDE_SHIRA);
    // In the middle of the second, at 2 x from + 100 M: 40,012 / 512 passes are fewer than that.
    assert_int_equal(pass->span[1].lora->key.strategy,
                     k ? SHIRA_STRATEGY_LORA_FUSED : SHIRA_STRATEGY_LORA_UNFUSED);
  }
  product_free(&p);
}

static struct shira_result *find(struct bed *b, uint32_t strategy, uint32_t kept, uint32_t from) {
  for (uint32_t i = 0; i < b->r.n_results; i++) {
    struct shira_result *it = &b->r.results[i];
    if (it->key.work == SHIRA_WORK_SWITCH && it->key.strategy == strategy && it->key.kept == kept &&
        it->key.from == from && it->key.placed == SHIRA_PLACED_RESIDENT)
      return it;
  }
  fail_msg("no such switch");
  return NULL;
}

// LoRA has a fused switch that is cheaper than SHiRA's in the end: it must not be forgotten because
// another of LoRA's is quicker. SHiRA leads from none, over unfused, nowhere.
static void test_lora_is_given_its_best_at_any_number_of_tokens(void **state) {
  struct bed *b = *state;
  add_square(b, 256);
  set_cycles(find(b, SHIRA_STRATEGY_LORA_FUSED, SHIRA_KEPT_MEMORY, SHIRA_ACTIVE_A), 1000, 3);
  struct product p = made(b);
  const struct comparison *c = comparison_of(&p, SHIRA_PLACED_RESIDENT, false, SHIRA_PAIR_PAPERS);
  assert_int_equal(c->pass[0].n_spans, 1);
  assert_int_equal(c->pass[0].span[0].winner, SIDE_LORA);
  assert_int_equal(c->pass[0].span[0].lora->key.strategy, SHIRA_STRATEGY_LORA_FUSED);
  product_free(&p);
}

// 2,000 cycles with samples on both sides of SHiRA's: nobody wins.
static void test_noise_has_no_winner(void **state) {
  struct bed *b = *state;
  add_square(b, 256);
  set_cycles(find(b, SHIRA_STRATEGY_LORA_FUSED, SHIRA_KEPT_MEMORY, SHIRA_ACTIVE_A), 1995, 4);
  struct product p = made(b);
  const struct comparison *c = comparison_of(&p, SHIRA_PLACED_RESIDENT, false, SHIRA_PAIR_PAPERS);
  assert_int_equal(c->written.winner, SIDE_SAME);
  assert_non_null(strstr(p.answer.headline, "neither is quicker"));
  product_free(&p);
}

static void test_the_words_say_the_numbers(void **state) {
  struct bed *b = *state;
  add_square(b, 256);
  add_square(b, 512);
  struct product p = made(b);
  assert_string_equal(
      p.answer.headline,
      "On edge16 at 1,000 MHz a switch from A to B of the resident 512x512 at no cost on passes "
      "takes SHiRA 2.01 us and LoRA 40.0 us: SHiRA is 19.9 times faster; LoRA's quickest, "
      "lora-unfused rank-32 chip, takes 0 us: with M = 1 LoRA is cheaper up to 32.5 tokens between "
      "two switches, then SHiRA.");
  assert_int_equal(p.answer.n_figures, 4);
  assert_float_equal(p.answer.figure[0].value, 2.012, 1e-12);
  assert_float_equal(p.answer.figure[1].value, 0, 0);
  assert_float_equal(p.answer.figure[2].value, 40.012, 1e-12);
  assert_float_equal(p.answer.figure[3].value, 0.062, 1e-12);
  assert_string_equal(p.answer.figure[3].text.s, "+6.20 %");
  const char *kept = NULL, *exact = NULL;
  for (uint32_t i = 0; i < p.answer.n; i++) {
    kept = strcmp(p.answer.at[i].title, "What N adapters keep") ? kept : p.answer.at[i].text;
    exact = strcmp(p.answer.at[i].title, "Exactness") ? exact : p.answer.at[i].text;
  }
  assert_non_null(strstr(kept, "shira-scatter rand 6.00 kB, 12.0 kB, 48.0 kB where the host"));
  assert_non_null(strstr(kept, "5.00 kB, 30.0 kB, 600 kB as a stream for each ordered pair"));
  assert_non_null(strstr(exact, "All 120 results equal the integer reference"));
  assert_non_null(strstr(exact, "48 of 72 switches"));
  product_free(&p);
}

static void test_other_layers_are_said_first_and_nothing_is_faster(void **state) {
  struct bed *b = *state;
  add_square(b, 256);
  for (uint32_t i = PAIR_RANK_32; i < PAIRS; i++)
    for (unsigned k = 0; k < 2; k++)
      b->r.pairs[i].adapter[k] = (struct shira_adapter_facts){10, 655360, 1000, 4, 8, {{2}}};
  struct product p = made(b);
  assert_memory_equal(p.answer.headline, "SHiRA and LoRA do not change the same layers", 44);
  assert_non_null(strstr(p.answer.headline,
                         "adapter A of SHiRA changes 1 linear of 65,536 weights, LoRA's 10 linears "
                         "of 655,360 weights"));
  assert_null(strstr(p.answer.headline, "faster"));
  for (uint32_t i = 0; i < p.answer.n; i++)
    assert_null(strstr(p.answer.at[i].text, "faster"));
  product_free(&p);
}

static void test_one_side_alone_is_not_compared(void **state) {
  struct bed *b = *state;
  struct product p = made(b);
  assert_string_equal(p.answer.headline,
                      "No switch was timed: device rtl keeps no time, or none was measured.");
  product_free(&p);
  add_square(b, 256);
  for (uint32_t i = 0; i < b->r.n_results; i++)
    if (index_is_lora(&b->r.results[i].key))
      b->r.results[i].done = false;
  p = made(b);
  assert_string_equal(p.answer.headline,
                      "Nothing to compare: no switch of SHiRA or none of LoRA was measured.");
  assert_string_equal(p.answer.at[0].title, "Missing");
  product_free(&p);
}

// A device without time: nothing is compared, and nothing is divided by zero.
static void test_without_time_there_are_no_figures(void **state) {
  struct bed *b = *state;
  struct shira_error err;
  add_square(b, 256);
  for (uint32_t i = 0; i < b->r.n_results; i++) {
    b->r.results[i].timed = false;
    b->r.results[i].m.n_samples = 0;
  }
  snprintf(b->r.device, sizeof(b->r.device), "golden");
  assert_int_equal(shira_report_write(&b->r, b->dir, false, &err), 0);
  char *text = file_of(b, "report.json");
  assert_non_null(strstr(text, "\"cycles\":null"));
  assert_non_null(strstr(text, "\"golden\":null"));
  assert_null(strstr(text, "nan"));
  free(text);
}

static void test_blocks_make_a_model(void **state) {
  struct bed *b = *state;
  add_block(b, 0);
  add_block(b, 13);
  struct shira_result *it = find(b, SHIRA_STRATEGY_RELOAD, SHIRA_KEPT_MEMORY, SHIRA_ACTIVE_A);
  set_cycles(it, 40000, 0); // 50,012 on the other
  struct product p = made(b);
  const struct model_row *row = NULL;
  for (uint32_t i = 0; i < p.models.n; i++)
    if (p.models.at[i].it[0] == it)
      row = &p.models.at[i];
  assert_non_null(row);
  assert_int_equal(row->n, 2);
  assert_float_equal(row->cycles, 22 * 45006.0, 1e-6);
  assert_float_equal(row->differ, 10012 / 45006.0, 1e-12);
  assert_float_equal(row->kept_bytes, 22 * 3000.0, 1e-6);
  product_free(&p);
}

// ---- Cases ------------------------------------------------------------------------------------

static void test_equal_passes_are_one_case(void **state) {
  struct bed *b = *state;
  add_square(b, 256);
  struct product p = made(b);
  struct shira_case c = find(b, SHIRA_STRATEGY_LORA_FUSED, SHIRA_KEPT_MEMORY, SHIRA_ACTIVE_A)->key;
  assert_ptr_equal(index_pass(&p.x, &c, 1), index_base_pass(&p.x, &c, 1));
  c = find(b, SHIRA_STRATEGY_LORA_UNFUSED, SHIRA_KEPT_MEMORY, SHIRA_ACTIVE_A)->key;
  const struct shira_result *own = index_pass(&p.x, &c, 1);
  assert_int_equal(shira_figure(&own->m), 1062);
  assert_int_equal(own->key.to, SHIRA_ACTIVE_B);
  c.kept = SHIRA_KEPT_HOST; // fetched by the switch: then as from memory
  assert_ptr_equal(index_pass(&p.x, &c, 1), own);
  c.kept = SHIRA_KEPT_CHIP;
  assert_ptr_not_equal(index_pass(&p.x, &c, 1), own);
  c.to = SHIRA_ACTIVE_BASE;
  assert_ptr_equal(index_pass(&p.x, &c, 1), index_base_pass(&p.x, &c, 1));
  assert_null(index_pass(&p.x, &c, 7));
  product_free(&p);
}

static void test_ids(void **state) {
  struct bed *b = *state;
  add_square(b, 256);
  struct shira_case c = find(b, SHIRA_STRATEGY_LORA_FUSED, SHIRA_KEPT_HOST, SHIRA_ACTIVE_A)->key;
  char *id = shira_report_id(&b->r, &c);
  assert_string_equal(id, "edge16/256x256/resident/lora-fused/rank-32/clean/host/A-B");
  free(id);
  c.strategy = SHIRA_STRATEGY_LORA_UNFUSED;
  c = shira_case_pass(&c, 128);
  id = shira_report_id(&b->r, &c);
  assert_string_equal(id, "edge16/256x256/resident/lora-unfused/rank-32/memory/B/M128");
  free(id);
  c.to = SHIRA_ACTIVE_BASE;
  c = shira_case_pass(&c, 128);
  id = shira_report_id(&b->r, &c);
  assert_string_equal(id, "edge16/256x256/resident/base/base/M128");
  free(id);
}

int main(void) {
  const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, bed_setup, bed_teardown)
      TEST(test_a_figure_is_a_sample_with_its_range),
      TEST(test_a_winner_wins_in_every_eighth_that_both_have),
      TEST(test_ratios_are_paired),
      TEST(test_the_best_of_both_sides_are_compared),
      TEST(test_break_evens_are_multiplied_by_m),
      TEST(test_lora_is_given_its_best_at_any_number_of_tokens),
      TEST(test_noise_has_no_winner),
      TEST(test_the_words_say_the_numbers),
      TEST(test_other_layers_are_said_first_and_nothing_is_faster),
      TEST(test_one_side_alone_is_not_compared),
      TEST(test_without_time_there_are_no_figures),
      TEST(test_blocks_make_a_model),
      TEST(test_equal_passes_are_one_case),
      TEST(test_ids),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
