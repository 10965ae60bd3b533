// The bench around shira_copy: memory and SRAMs beside their models, random commands, comparisons.
#ifndef TESTS_BLOCK_COPY_HARNESS_H
#define TESTS_BLOCK_COPY_HARNESS_H

#include "Vshira_copy.h"
#include "host/include/shira/wire.h"
#include "tests/block/copy/bench.h"

#ifdef TINY
constexpr unsigned kBeat = 8, kBurst = 64, kOutstanding = 4, kReadLatency = 3;
constexpr uint64_t kSram[5] = {0, 65536, 16384, 4096, 4096};
#else
constexpr unsigned kBeat = 32, kBurst = 512, kOutstanding = 16, kReadLatency = 1;
constexpr uint64_t kSram[5] = {0, 65536, 32768, 16384, 8192};
#endif
constexpr uint64_t kMemory = 1 << 18;
using Mem = Memory<kBeat>;

struct Space {
  std::vector<uint8_t> now, model, old; // as the unit left it, as it must be, before the batch
};

struct Expect {
  unsigned status;
  uint64_t where;
  uint32_t count;
  bool any_where, any_count;
};

struct Job {
  shira_desc_copy d;
  Expect e;
};

struct Bench {
  Vshira_copy top;
  Random rnd;
  Tap tap;
  Mem mem;
  Space space[5];
  uint64_t cycle = 1000;
  unsigned sram_stall = 0;
  uint64_t states[5] = {};
  uint64_t traffic_rd[16] = {}, traffic_wr[16] = {}; // bytes counted, by class
  uint64_t asked_rd[16] = {}, asked_wr[16] = {};     // bytes requested
  std::deque<Job> queue;                             // not yet taken
  std::vector<Result> results;
  bool halt = false;
  bool offered = false; // a command was offered and not taken: it stays
  Steady rd_req, wr_req, wr_data, done;
  std::deque<std::vector<uint8_t>> sram_reads; // on the way, by cycle; the front's data come now

  explicit Bench(uint64_t seed);

  void fill(); // random content everywhere; the model starts from it
  void snapshot();
  std::vector<uint8_t> &live(unsigned s) {
    return s == 0 ? mem.bytes : space[s].now;
  }

  void drive();
  void step();
  void observe();
  void count_traffic();
  void forget_traffic();
  // Runs until `n` results are there and the unit is idle; a deadline makes a hang a failure.
  bool run(size_t n);
  // Ends a batch that halted: the command unit raises halt some cycles after the result.
  void halt_and_recover(size_t results_wanted);

  static uint64_t size_of(unsigned s) {
    return s == 0 ? kMemory : kSram[s];
  }
  static uint64_t base_of(unsigned s) {
    return s == 0 ? Mem::base : 0;
  }

  void random_timing();
  // One side of a random region that fits its space.
  void random_side(unsigned s, uint64_t rows, uint64_t row_bytes, uint64_t *addr, uint32_t *stride);
  Job random_job(uint64_t most_beats = 400);
  // Source and destination in one space must not touch within a command: the order of a beat's read
  // and another's write is not defined.
  static bool overlaps(const shira_desc_copy &d);

  void model_copy(const shira_desc_copy &d);
  void compare_all();
  void compare_result(const Result &r, const Expect &e);
};

// errors.cpp
void test_bad(Bench &b);
void test_axi_errors(Bench &b);
void test_halt(Bench &b);
// rate.cpp
void test_rate(Bench &b);
void test_gap(Bench &b);

#endif
