// The bench around shira_scatter_memory: a memory that lets a read which overtakes a write see old
// bytes, random commands, and a model that does one update after the other.
#ifndef TESTS_BLOCK_SCATTER_MEMORY_HARNESS_H
#define TESTS_BLOCK_SCATTER_MEMORY_HARNESS_H

#include "Vshira_scatter_memory.h"
#include "host/include/shira/regs.h"
#include "tests/block/copy/bench.h"

// Of the machine; as in `files`.
#ifdef TINY
constexpr unsigned kBeat = 8, kOutstanding = 4, kLanes = 2, kOffsetBits = 34;
constexpr bool kRow = false;
#elif defined(ROW)
constexpr unsigned kBeat = 16, kOutstanding = 8, kLanes = 5, kOffsetBits = 50;
constexpr bool kRow = true;
#else
constexpr unsigned kBeat = 32, kOutstanding = 16, kLanes = 8, kOffsetBits = 34;
constexpr bool kRow = false;
#endif
constexpr unsigned kLine = 32;
constexpr uint64_t kBase = 0x12'8000'0000, kBytes = 65536;

// Reads are sampled when they are accepted, writes land when they are answered.
struct LateMemory {
  struct Open {
    uint64_t addr, due;
    unsigned at;
    uint8_t data[kLine];
    bool strb[kLine];
  };
  MemoryTiming t;
  Random *rnd;
  Tap *tap;
  std::vector<uint8_t> bytes;
  std::deque<Open> reads, writes, answers;
  std::vector<uint64_t> read_lines, written_lines; // requested, in order
  std::vector<uint64_t> strobes;                   // of the lines written, a bit a byte
  uint64_t fault = 0;                              // address of a line whose accesses fail
  bool fault_write = false;
  unsigned fault_resp = 0;
  double credit = 0;
  // inputs of the unit in this cycle
  bool rd_ready, wr_ready, data_ready, rsp_valid, rsp_last, b_valid;
  unsigned rsp_err, b_err;
  uint8_t rsp_data[kBeat];

  unsigned resp(uint64_t addr, bool write) const;
  bool stalled();
  void drive(uint64_t cycle);
  void clock(uint64_t cycle, const Vshira_scatter_memory &top);
};

struct Update {
  uint64_t offset;
  uint8_t value;
};

struct Command {
  unsigned op;
  uint64_t base, lo, hi;
  std::vector<Update> updates;
  unsigned status = 0; // how the stream ends
  uint64_t where = 0;
};

// What a command must do.
struct Outcome {
  unsigned status = 0;
  uint64_t where = 0, count = 0;
  std::vector<uint8_t> old;
  std::vector<uint64_t> read_lines, written_lines;
  std::vector<uint64_t> strobes; // of the lines written: exactly the bytes that were updated
};

struct Bundle {
  unsigned count;
  bool last;
  Update u[kLanes];
};

struct Bench {
  Vshira_scatter_memory top;
  Random rnd;
  Tap tap;
  LateMemory mem;
  uint64_t cycle = 0;
  unsigned in_stall = 0, out_stall = 0;
  bool clear = false;
  Command command;
  std::deque<Bundle> bundles;
  bool offered = false; // a bundle was, and was not taken
  bool ended = false;
  Outcome got;
  uint64_t read_bytes = 0, written_bytes = 0, starved = 0;
  Steady rd_req, wr_req, wr_data, old, end;

  explicit Bench(uint64_t seed);
  void step();
  void random_timing();
  Command random_command();
  // Hands the command in; the bench runs until it ends, or for so many cycles.
  void start(const Command &c);
  bool run(uint64_t most = UINT64_MAX);
  // Does on `bytes` what the command must do; no more than `most` updates.
  Outcome expect(const Command &c, std::vector<uint8_t> &bytes, uint64_t most = UINT64_MAX);
  void compare(const Outcome &e, const std::vector<uint8_t> &bytes);
};

// rate.cpp
void test_rate(Bench &b);

#endif
