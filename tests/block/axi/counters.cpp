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
  top->ev_updates_i = rnd(129);
  top->ev_bank_stall_i = rnd(2);
  top->ev_macs_i = rng();
  top->ev_descriptor_i = rnd(2);
}

void test_counters() {
  reset();
  for (unsigned round = 0; round < 3; round++) {
    Model model = {};
    axil_write(SHIRA_REG_CTRL, SHIRA_REG_CTRL_CLEAR_COUNTERS_MASK);
    quiet();
    top->eval();
    // what the clearing write itself took: the cycles since it, idle
    uint64_t before = counter(SHIRA_COUNTER_CYCLES);
    expect(before < 20, "not cleared");
    for (unsigned i = 0; i < 5000; i++) {
      random_events(rnd(3) != 0);
      top->eval();
      model.step();
      tick();
    }
    quiet();
    top->eval();
    for (unsigned i = 20; i < SHIRA_COUNTER_COUNT; i++) {
      if (i == SHIRA_COUNTER_CYCLES || i == SHIRA_COUNTER_READ_BURSTS ||
          i == SHIRA_COUNTER_WRITTEN_BURSTS)
        continue;
      expect(counter(i) == model.value[i], "counter %u: %llu, model %llu", i,
             (unsigned long long)counter(i), (unsigned long long)model.value[i]);
    }
    // reading takes cycles, in which all engines are idle: the other states stand
    for (unsigned i = 0; i < 20; i++)
      if (i % 5 != 4)
        expect(counter(i) == model.value[i], "counter %u: %llu, model %llu", i,
               (unsigned long long)counter(i), (unsigned long long)model.value[i]);
  }
  report("counters: random events against a model; cleared by one write");
}

void test_states_sum() {
  reset();
  for (unsigned i = 0; i < 3000; i++) {
    random_events(false);
    top->eval();
    tick();
  }
  // read at one cycle: the read port is combinational in one access, so sample all at frozen cycles
  quiet();
  for (unsigned e = 0; e < 4; e++) {
    uint64_t first = counter(SHIRA_COUNTER_CYCLES), busy = 0;
    for (unsigned s = 0; s < 4; s++)
      busy += counter(5 * e + s);
    uint64_t idle = counter(5 * e + 4), last = counter(SHIRA_COUNTER_CYCLES);
    expect(busy + idle >= first && busy + idle <= last, "engine %u: %llu + %llu in %llu to %llu", e,
           (unsigned long long)busy, (unsigned long long)idle, (unsigned long long)first,
           (unsigned long long)last);
  }
  report("counters: the five states of an engine sum to the cycles");
}
