// The bench around shira_scatter: stream memory, the weights beside their model, random streams,
// comparisons.
#ifndef TESTS_BLOCK_SCATTER_HARNESS_H
#define TESTS_BLOCK_SCATTER_HARNESS_H

#include <algorithm>

#include "Vshira_scatter.h"
#include "tests/block/scatter/stream.h"

#ifdef TINY
constexpr unsigned kBeat = 8, kBurst = 64, kOutstanding = 4, kBanks = 4, kWord = 4;
constexpr uint32_t kWeights = 65536;
#ifndef LANES
#define LANES 2
#define DECODE 4
#endif
#ifndef BLOCK
#define BLOCK 16
#endif
#else
constexpr unsigned kBeat = 32, kBurst = 512, kOutstanding = 16, kBanks = 16, kWord = 16;
constexpr uint32_t kWeights = 8388608;
#ifndef LANES
#define LANES 8
#define DECODE 12
#endif
#ifndef BLOCK
#define BLOCK 512
#endif
#endif
constexpr unsigned kLanes = LANES, kDecode = DECODE, kBlock = BLOCK;
#ifdef ROW
constexpr bool kRow = true;
#else
constexpr bool kRow = false;
#endif
#ifdef SINGLE
constexpr bool kMerge = false;
#else
constexpr bool kMerge = true;
#endif
#ifndef LATENCY
#define LATENCY 1
#endif
constexpr unsigned kLatency = LATENCY; // cycles from a read of the weight SRAM to its data
constexpr Limits kLimits = {32, kBlock, kBeat, kBurst, kBanks, kWord, kRow};
constexpr uint64_t kMemory = 1 << 20;
using Mem = Memory<kBeat>;

constexpr unsigned log2_of(uint64_t n) {
  return n <= 1 ? 0 : 1 + log2_of(n / 2);
}
constexpr unsigned kRowBits = log2_of(kWeights / (kBanks * kWord));

struct Job {
  shira_desc_scatter d;
  std::vector<uint8_t> stream;
  Verdict e;
};

struct Bench {
  Vshira_scatter top;
  Random rnd;
  Tap tap;
  Mem mem;
  std::vector<uint8_t> weights, model;
  std::vector<uint8_t> streams; // the memory as it must be
  unsigned one_op = 4;          // of all random jobs; 4: any
  uint64_t cycle = 1000;
  unsigned bank_stall = 0;
  uint64_t traffic[16] = {}, written[16] = {}; // bytes counted, by class
  uint64_t asked[16] = {}, asked_wr[16] = {};  // bytes requested
  uint64_t updates = 0, writes = 0, bank_stalls = 0, states[5] = {};
  std::deque<Job> queue;
  std::vector<Result> results;
  bool halt = false;
  Steady rd_req, wr_req, wr_data, done, bank[kBanks], bank_rd[kBanks];
  struct {
    uint32_t banks; // that read
    uint8_t word[kBanks][kWord];
  } reads[kLatency] = {}; // a cycle ago, two cycles ago, ...
  unsigned made[2] = {};  // updates written a cycle ago and two cycles ago
  uint64_t place = 0;     // of the next stream in memory

  explicit Bench(uint64_t seed);

  void drive();
  void step();
  void observe();
  unsigned observe_bank(unsigned b); // returns the bytes written in this bank
  void count_traffic();
  bool run(size_t n);
  void halt_and_recover(size_t wanted);

  void random_timing();
  unsigned random_format() {
    return rnd.percent(60) ? SHIRA_STREAM_FORMAT_GAP8 : SHIRA_STREAM_FORMAT_COO32;
  }
  // A descriptor of a random format, with the geometry of an image of at most `room` bytes at
  // `base`. In the tile layout the geometry is not looked at.
  shira_desc_scatter random_desc(uint32_t base, uint32_t room);
  // Sorted updates of bytes [0, room) of the image, of a random kind: sparse, dense, runs, or far
  // apart.
  std::vector<Update> random_updates(const shira_desc_scatter &d, uint32_t room, size_t most);
  // Fills in what the stream of these blocks decides.
  Job make_job(const std::vector<Block> &blocks, const shira_desc_scatter &d);
  Job random_job(size_t most = 8 * kLimits.block_updates);
  // Puts the stream into memory and hands the descriptor in.
  void submit(Job &j);

  // Of a job that was submitted, in this order.
  Verdict expect(const Job &j, uint64_t bad = UINT64_MAX, unsigned bad_status = 0);
  void compare(const Result &r, const Verdict &e);
  void compare_weights(); // and the streams

  // Runs a job that fails, with a good one before or a second one behind it, through halt and
  // recovery.
  void run_bad(Job &j, uint64_t bad = UINT64_MAX, unsigned bad_status = 0);
  void run_submitted(std::vector<Verdict> &e, bool behind);
};

// bad.cpp
void test_descriptors(Bench &b);
void test_streams(Bench &b);
// halt.cpp
void test_axi_errors(Bench &b);
void test_halt(Bench &b);
// ops.cpp
void test_swap_twice(Bench &b);
void test_add_sub(Bench &b);
void test_write_errors(Bench &b);
// rate.cpp
void test_rate(Bench &b);
void test_op_rate(Bench &b);

#endif
