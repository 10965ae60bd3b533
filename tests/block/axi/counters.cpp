// Tests of the counters: random events against a model.
#include "tests/block/axi/bench.h"
#include "host/include/shira/regs.h"

struct Model {
  uint64_t value[SHIRA_COUNTER_COUNT];

  void step() {
    static const unsigned state_counter[] = {4, 0, 1, 2, 3, 4, 4, 4};
    value[SHIRA_COUNTER_CYCLES]++;
    for (unsigned e = 0; e < 4; e++) {
      unsigned state = top->state_i >> (3 * e) & 7, slot = state_counter[state];
      if (slot == 4 && top->waiting_i >> e & 1)
        slot = 3;
      value[5 * e + slot]++;
      uint64_t lo, hi;
      memcpy(&lo, top->traffic_i.data(), 8);
      memcpy(&hi, top->traffic_i.data() + 2, 8);
      unsigned __int128 all = (unsigned __int128)hi << 64 | lo;
      uint32_t t = (uint32_t)(all >> (26 * e)) & 0x3ffffff;
      if (t >> 25 && (t >> 21 & 15) < SHIRA_TRAFFIC_COUNT)
        value[SHIRA_COUNTER_READ_BYTES_DESCRIPTOR + (t >> 21 & 15)] += t >> 13 & 255;
      if ((t >> 12 & 1) && (t >> 8 & 15) < SHIRA_TRAFFIC_COUNT)
        value[SHIRA_COUNTER_WRITTEN_BYTES_DESCRIPTOR + (t >> 8 & 15)] += t & 255;
    }
    const uint8_t *s = (const uint8_t *)top->sram_events_i.data();
    for (unsigned m = 0; m < 4; m++) { // {reads, writes, conflicts}, reads on top
      value[SHIRA_COUNTER_WEIGHT_READS + 2 * m] += s[3 * m + 2];
      value[SHIRA_COUNTER_WEIGHT_READS + 2 * m + 1] += s[3 * m + 1];
      value[SHIRA_COUNTER_PORT_CONFLICTS] += s[3 * m];
    }
    value[SHIRA_COUNTER_UPDATES] += top->ev_updates_i;
    value[SHIRA_COUNTER_BANK_STALLS] += top->ev_bank_stall_i;
    value[SHIRA_COUNTER_MACS] += top->ev_macs_i;
    value[SHIRA_COUNTER_DESCRIPTORS] += top->ev_descriptor_i;
  }
};

static void random_events(bool active) {
  top->state_i = rng() & 0xfff;
  top->waiting_i = rng() & 15;
  if (!active) {
    unsigned state = top->state_i, waiting = top->waiting_i;
    quiet();
    top->state_i = state;
    top->waiting_i = waiting;
    return;
  }
  for (unsigned i = 0; i < 4; i++)
    top->traffic_i[i] = rng();
  top->traffic_i[3] &= 0xff;
  for (unsigned i = 0; i < 3; i++)
    top->sram_events_i[i] = rng();
  top->ev_updates_i = rnd(256);
  top->ev_bank_stall_i = rnd(2);
  top->ev_macs_i = rnd(8192);
  top->ev_descriptor_i = rnd(2);
}

static void run(Model *model, unsigned cycles, bool active) {
  for (unsigned i = 0; i < cycles; i++) {
    random_events(active && rnd(3) != 0);
    top->eval();
    model->step();
    tick();
  }
  quiet();
  top->eval();
}

static bool of_bursts(unsigned i) {
  return i == SHIRA_COUNTER_READ_BURSTS || i == SHIRA_COUNTER_WRITTEN_BURSTS;
}

// All counters of the last snapshot, but those that move while all engines are idle.
static void expect_counters(const Model &model) {
  for (unsigned i = 0; i < SHIRA_COUNTER_COUNT; i++) {
    if (i == SHIRA_COUNTER_CYCLES || of_bursts(i) || (i < 20 && i % 5 == 4))
      continue;
    expect(counter(i) == model.value[i], "counter %u: %llu, model %llu", i,
           (unsigned long long)counter(i), (unsigned long long)model.value[i]);
  }
}

void test_counters() {
  reset();
  for (unsigned round = 0; round < 6; round++) {
    Model model = {};
    for (unsigned i = rnd(300); i > 0; i--)
      tick();
    axil_write(SHIRA_REG_CTRL, SHIRA_REG_CTRL_CLEAR_COUNTERS_MASK);
    for (unsigned i = 0; i < SHIRA_COUNTER_COUNT; i++)
      expect(counter(i) == 0, "counter %u was not cleared", i);
    // Not a multiple of the cycles between two additions, and shorter than that.
    run(&model, round < 3 ? 5000 + rnd(300) : rnd(400), true);
    snapshot();
    expect_counters(model);
  }
  report("counters: random events against a model; cleared by one write");
}

// The states of each engine in the last snapshot.
static void expect_sums() {
  const uint64_t cycles = counter(SHIRA_COUNTER_CYCLES);
  for (unsigned e = 0; e < 4; e++) {
    uint64_t sum = 0;
    for (unsigned s = 0; s < 5; s++)
      sum += counter(5 * e + s);
    expect(sum == cycles, "engine %u: %llu in %llu", e, (unsigned long long)sum,
           (unsigned long long)cycles);
  }
}

void test_states_sum() {
  reset();
  Model model = {};
  run(&model, 3000, false);
  snapshot();
  expect_sums();
  for (unsigned round = 0; round < 30; round++) {
    if (rnd(8) == 0)
      axil_write(SHIRA_REG_CTRL, SHIRA_REG_CTRL_CLEAR_COUNTERS_MASK);
    run(&model, rnd(3) ? rnd(20) : rnd(600), false);
    snapshot();
    if (rnd(3) == 0)
      snapshot(); // while the one before is being made
    expect_sums();
  }
  report("counters: the five states of an engine sum to the cycles, in every snapshot");
}

// What is read stays as it is until the next snapshot, whatever happens, and is then new at once.
void test_snapshot() {
  reset();
  Model model = {};
  expect(counter(SHIRA_COUNTER_UPDATES) == 0, "counted before the first snapshot");
  axil_write(SHIRA_REG_CTRL, SHIRA_REG_CTRL_CLEAR_COUNTERS_MASK);
  run(&model, 1000, true);
  expect(counter(SHIRA_COUNTER_UPDATES) == 0, "read without a snapshot");
  snapshot();
  const Model then = model;
  run(&model, 700, true);
  expect_counters(then);
  const uint64_t cycles = counter(SHIRA_COUNTER_CYCLES);
  expect(counter(SHIRA_COUNTER_CYCLES) == cycles, "cycles moved");
  snapshot();
  expect_counters(model);
  // No cycle is lost from one to the next.
  snapshot();
  uint64_t last = counter(SHIRA_COUNTER_CYCLES);
  for (unsigned i = 0; i < 20; i++) {
    const unsigned rest = 200 + rnd(100);
    run(&model, rest, false);
    snapshot();
    const uint64_t now = counter(SHIRA_COUNTER_CYCLES);
    expect(now - last >= rest && now - last < rest + 300, "%llu cycles in %u",
           (unsigned long long)(now - last), rest);
    last = now;
  }
  report("counters: a snapshot is of one cycle and stays");
}
