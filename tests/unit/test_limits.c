// Bounds of LoRA switches and passes against the bytes and products of the modules that A and B
// have for each linear, added up here from their shapes and ranks alone.
#include <math.h>

#include "tests/unit/lora_bed.h"

#include "host/experiment/point.h"
#include "shira/bound.h"

#define SLOW 1u             // MB/s: what crosses it is what takes the time
#define QUICK 4000000000u   // never what takes the time
#define CYCLES_A_BYTE 1000. // of SLOW, at 1000 MHz

// A linear's two ranks.
struct sides {
  uint32_t a, b;
};

struct bed {
  struct shira_machine hw;
  struct workload w;
  uint32_t rank[2][LINEARS];
  struct shira_adapter adapter[2];
  struct packed pair[2];
};

static void open_bed(struct bed *b, bool streamed) {
  struct shira_error err = {""};
  memset(b, 0, sizeof *b);
  b->hw = machine;
  b->hw.axi_outstanding = 1000;
  b->hw.weight_banks = 1024;
  b->w.model = model;
  assert_int_equal(shira_placement_init(&b->w.placement, &b->hw, &model, streamed, 0, &err), 0);
  for (unsigned i = 0; i < 2; i++) {
    random_ranks(b->rank[i]);
    b->adapter[i] = random_adapter(&model, b->rank[i]);
    b->pair[i].adapter = &b->adapter[i];
  }
}

static void close_bed(struct bed *b) {
  for (unsigned i = 0; i < 2; i++)
    shira_adapter_free(&b->adapter[i]);
  shira_placement_free(&b->w.placement);
}

// The bound of a switch; targets of the model are no business of it.
static double bound(struct bed *b, const struct trial *t, bool cold) {
  struct shira_measure m = {0}, again = {0};
  const struct packed *from = cold ? NULL : &b->pair[0];
  assert_int_equal(switch_bound(&b->w, t, from, &b->pair[1], 0, &m), 0);
  for (uint32_t i = 0; i < LINEARS; i++)
    model.linears[i].target = random64() >> 30 & 1;
  assert_int_equal(switch_bound(&b->w, t, from, &b->pair[1], 0, &again), 0);
  assert_true(again.bound_cycles == m.bound_cycles);
  return m.bound_cycles;
}

// Sums over the linears: weights where A, B, one of them has a module; elements of factors;
// products.
struct sums {
  double a, b, either;       // weights
  double factor_a, factor_b; // elements
  double macs_a, macs_b;     // of B A
};

static struct sums sums_of(const struct bed *b, bool cold) {
  struct sums s = {0};
  for (uint32_t i = 0; i < LINEARS; i++) {
    const struct sides r = {cold ? 0 : b->rank[0][i], b->rank[1][i]};
    const double out = model.linears[i].out, in = model.linears[i].in;
    s.a += r.a ? out * in : 0;
    s.b += r.b ? out * in : 0;
    s.either += r.a || r.b ? out * in : 0;
    s.factor_a += r.a * (out + in);
    s.factor_b += r.b * (out + in);
    s.macs_a += r.a * out * in;
    s.macs_b += r.b * out * in;
  }
  return s;
}

static void near(double is, double want) {
  if (fabs(is - want) > 1e-9 * want)
    fail_msg("%.3f cycles, %.3f expected", is, want);
}

// Bytes of a switch by what they take at a slow memory, or over a slow link; products at a quick
// one.
static void check_switch(struct bed *b, bool cold) {
  const struct sums s = sums_of(b, cold);
  const bool streamed = b->w.placement.streamed;
  const double moved = streamed ? 2 * s.either : 0; // fused weights go out and back
  struct trial t = {.strategy = SHIRA_STRATEGY_LORA_UNFUSED, .sequential_mb_s = 1};
  b->hw.memory_peak_mb_s = SLOW;
  b->hw.host_peak_mb_s = QUICK;
  near(bound(b, &t, cold), CYCLES_A_BYTE * s.factor_b);
  t.strategy = SHIRA_STRATEGY_RELOAD;
  near(bound(b, &t, cold), streamed ? 0 : CYCLES_A_BYTE * s.either);
  t.strategy = SHIRA_STRATEGY_LORA_FUSED;
  t.undo = SHIRA_UNDO_CLEAN;
  near(bound(b, &t, cold), CYCLES_A_BYTE * (s.factor_b + (streamed ? moved : s.a)));
  t.undo = SHIRA_UNDO_IN_PLACE;
  near(bound(b, &t, cold), CYCLES_A_BYTE * (s.factor_a + s.factor_b + moved));
  b->hw.memory_peak_mb_s = QUICK;
  b->hw.axi_data_bits = 1024;
  b->hw.axi_burst_bytes = 4096;
  near(bound(b, &t, cold), (s.macs_a + s.macs_b) / 16);
  t.undo = SHIRA_UNDO_CLEAN;
  near(bound(b, &t, cold), s.macs_b / 16);
  b->hw.host_peak_mb_s = SLOW; // only what is the adapter's own crosses the link
  t.kept = SHIRA_KEPT_HOST;
  near(bound(b, &t, cold), CYCLES_A_BYTE * s.factor_b);
  t.strategy = SHIRA_STRATEGY_RELOAD;
  near(bound(b, &t, cold), CYCLES_A_BYTE * s.b);
  t.strategy = SHIRA_STRATEGY_LORA_UNFUSED;
  near(bound(b, &t, cold), CYCLES_A_BYTE * s.factor_b);
}

static void switches(void **unused) {
  (void)unused;
  for (unsigned c = 0; c < 4 * CASES; c++) {
    struct bed b;
    open_bed(&b, c & 1);
    check_switch(&b, c & 2);
    close_bed(&b);
  }
}

// Inputs come once, also where readers are no neighbours: four in this model. Products of an
// unfused adapter are those of its own modules.
static void passes(void **unused) {
  (void)unused;
  const double inputs = 18 + 20 + 18 + 33, tokens = 3;
  for (unsigned c = 0; c < 2 * CASES; c++) {
    struct bed b;
    open_bed(&b, c % 2);
    const struct sums s = sums_of(&b, true);
    double weights = 0, outputs = 0;
    for (uint32_t i = 0; i < LINEARS; i++) {
      weights += (double)model.linears[i].out * model.linears[i].in;
      outputs += model.linears[i].out;
    }
    const struct trial t = {.strategy = SHIRA_STRATEGY_LORA_UNFUSED, .sequential_mb_s = 1};
    struct shira_measure m = {0};
    b.hw.memory_peak_mb_s = SLOW;
    assert_int_equal(pass_bound(&b.w, &t, &b.pair[1], (uint32_t)tokens, &m), 0);
    near(m.bound_cycles, CYCLES_A_BYTE * (tokens * (inputs + outputs) + (c % 2 ? weights : 0)));
    b.hw.memory_peak_mb_s = QUICK;
    b.hw.axi_data_bits = 1024;
    b.hw.axi_burst_bytes = 4096;
    assert_int_equal(pass_bound(&b.w, &t, &b.pair[1], 30, &m), 0);
    near(m.bound_cycles, 30 * (weights + s.factor_b) / 16);
    assert_int_equal(pass_bound(&b.w, &t, NULL, 30, &m), 0);
    near(m.bound_cycles, 30 * weights / 16);
    close_bed(&b);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(switches), cmocka_unit_test(passes)};
  return cmocka_run_group_tests(tests, setup_bed, teardown_bed);
}
