// What the files of this bench share: the device, chance, TAP output, the models of the memory
// behind the read and write sides, and accesses to the registers.
#ifndef AXI_BENCH_H
#define AXI_BENCH_H

#include "Vaxi_tb_top.h"
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <random>
#include <utility>

static const unsigned kBeat = 8, kRd = 3, kWr = 2, kOutstanding = 4, kAlign = 32;
static const uint64_t kErrBase = 0x9000000000ull; // SLVERR behind it
static const uint64_t kDecBase = 0xa000000000ull; // DECERR behind it

extern Vaxi_tb_top *top;
extern std::mt19937 rng;

inline uint32_t rnd(uint32_t n) {
  return rng() % n;
}

// tb.cpp
void expect(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));
void report(const char *name);
void tick();
void quiet(); // no valid, no event
void reset();

// regs.cpp: accesses over AXI-Lite; false where the answer is SLVERR
bool axil_write(unsigned addr, uint32_t data, unsigned strb = 15);
bool axil_read(unsigned addr, uint32_t *data);
uint32_t get(unsigned addr);
void snapshot();                  // of the counters
uint64_t counter(unsigned index); // as it stood at the last snapshot

// The memory's content, and its answer.
inline uint64_t word_of(uint64_t addr) {
  return (addr * 0x9e3779b97f4a7c15ull) ^ (addr >> 7);
}

inline unsigned resp_of(uint64_t addr) {
  return addr >= kDecBase ? 3 : addr >= kErrBase ? 2 : 0;
}

// The traffic class of a burst there.
inline unsigned class_of(uint64_t addr) {
  return (unsigned)(addr / kBeat % 11);
}

inline unsigned bursts_of(uint64_t addr, unsigned beats) {
  return (unsigned)((addr + beats * kBeat - 1) / kAlign - addr / kAlign + 1);
}

inline uint32_t put(uint32_t fields, unsigned i, unsigned bits, unsigned value) {
  const uint32_t mask = ((1u << bits) - 1) << (bits * i);
  return (fields & ~mask) | value << (bits * i);
}

inline void put64(uint32_t *words, unsigned i, uint64_t value) {
  memcpy(words + 2 * i, &value, 8);
}

struct Burst {
  uint64_t addr;
  unsigned len;   // beats - 1
  unsigned beat;  // next
  unsigned ready; // cycle from which it may be answered
};

// Chances in percent, per cycle.
struct Stalls {
  unsigned client, ar, r, aw, w, b, data;
};

// Clients and memory of the read side (read.cpp).
struct ReadBench {
  std::deque<Burst> wanted[kRd]; // not yet taken
  std::deque<Burst> open[kRd];   // taken, in order
  std::deque<Burst> memory[16];  // seen on AR by id
  unsigned in_flight = 0, most = 0, cycles = 0, beats = 0, bursts = 0, taken[kRd] = {};
  bool valid[kRd] = {};
  bool came = false; // a beat, in the cycle before
  unsigned id = 0;   // its RID

  void drive(const Stalls &s);
  void sample(unsigned latency);
  void check_response();
  bool done() const;
};

struct Beat {
  uint64_t data;
  uint8_t strb;
};

// Clients and memory of the write side (write.cpp).
struct WriteBench {
  std::deque<Burst> wanted[kWr];
  std::deque<Burst> sending[kWr];            // taken, data not all sent
  std::deque<Burst> open[kWr];               // taken, not answered
  std::deque<std::pair<unsigned, Burst>> aw; // seen on AW, by order
  std::deque<Beat> w;                        // W beats that came before their AW
  std::deque<std::pair<unsigned, Burst>> answers;
  std::map<uint64_t, uint8_t> memory, model;
  unsigned in_flight = 0, most = 0, cycles = 0, beats = 0, bursts = 0, taken[kWr] = {};
  unsigned w_before_aw = 0;
  bool valid[kWr] = {}, data_valid[kWr] = {};
  std::deque<Beat> data[kWr]; // beats to send, made when the request is made
  std::deque<bool> lasts;     // of the W beats in the AW's order
  bool came = false;          // a response, in the cycle before
  unsigned id = 0;            // its BID
  uint64_t addr = 0;          // its burst

  void want(unsigned c, Burst b);
  void drive(const Stalls &s);
  void land(unsigned latency);
  void sample(unsigned latency);
  void check_response();
  bool done() const;
};

void test_traffic();
void test_fair();
void test_reset_values();
void test_reads_in_a_row();
void test_map();
void test_writes();
void test_irq();
void test_counters();
void test_states_sum();
void test_snapshot();

#endif
