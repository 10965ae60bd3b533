// What the bench of the memories compares with: the case, what reads must give and when, and who
// wins a bank.
#ifndef TESTS_BLOCK_SRAM_EXPECT_H
#define TESTS_BLOCK_SRAM_EXPECT_H

#include <cstdint>
#include <cstdio>
#include <cstring>

#include "Vsram_top.h"
#include "tests/block/draw.h"

enum { Bytes = 1024, Banks = 8, N = 4, K = 4, Cases = 16 };

static Vsram_top *dut;
static uint8_t weight[Bytes], plain[Bytes];

// The case: bits of case_i, and the sizes of its shape.
static bool one_port, engine_first, ecc;
static uint32_t weight_beat, plain_beat, plain_word;
static unsigned latency, copy_latency; // from a read to its data

static void choose(unsigned number) {
  dut->case_i = (uint8_t)number;
  one_port = number & 1;
  engine_first = number >> 1 & 1;
  ecc = number >> 2 & 1;
  const unsigned shape = number >> 3 & 1;
  weight_beat = shape ? 2 : 8;
  plain_beat = shape ? 32 : 4;
  plain_word = shape ? 32 : 16;
  const bool slow = __builtin_parity(number) ^ dut->slow_parity_o;
  latency = slow ? 2 + shape : 1;
  copy_latency = slow ? 3 : 1;
}

static bool chance(unsigned percent) {
  return below(100) < percent;
}

template <class T> static void random_bits(T &port) {
  for (size_t i = 0; i < sizeof port; i++)
    ((uint8_t *)&port)[i] = (uint8_t)rnd();
}

// Few rows, so that requests often meet.
static uint32_t random_addr(uint32_t align) {
  return (uint32_t)below((chance(50) ? 64 : Bytes) / align) * align;
}

// What reads must give, each in its cycle.
struct Answer {
  size_t due[4];
  uint8_t bytes[4][32];
};

static unsigned now; // cycles

template <class T> static void expect(Answer &a, const T &port, const char *name) {
  size_t &due = a.due[now % 4];
  if (due && memcmp(a.bytes[now % 4], &port, due) != 0)
    fail("case %u, %s: wrong data", dut->case_i, name);
  due = 0;
}

static void promise(Answer &a, const uint8_t *memory, uint32_t addr, size_t size, unsigned after) {
  a.due[(now + after) % 4] = size;
  memcpy(a.bytes[(now + after) % 4], memory + addr, size);
}

static Answer cp_w, cp_s, tile, word, engine, bank[Banks];

// ---- Who wins, as the header of shira_sram_arbiter has it ----

enum Class { Copy, Scatter, Gemm };

struct Request {
  Class of;
  bool write;
  unsigned order; // among the class's: write, read; of GEMM: write, tile, word
  bool valid;
  uint8_t banks;
  bool part; // a write that does not cover its word
  bool ready, expected;

  unsigned rank() const {
    return (of == Copy && engine_first ? 3u : (unsigned)of) * 4 + order;
  }
  bool rmw() const {
    return ecc && write && part;
  }
  bool reads() const {
    return !write || rmw();
  }
  bool goes() const {
    return valid && expected;
  }
};

static bool excludes(const Request &a, const Request &b) {
  return (one_port && !ecc) || (a.write && b.write) || (a.reads() && b.reads());
}

// Of an SRAM, by cycle: the banks in which a write that waited is made.
struct Waiting {
  uint8_t banks[4];
};

// Sets what each request must be told, compares, and counts what is refused and read-modify-writes.
static void judge(Request *r, unsigned n, Waiting &w, unsigned &refused, unsigned &rmws) {
  const uint8_t made = one_port && ecc ? w.banks[now % 4] : 0;
  w.banks[now % 4] = 0;
  refused = rmws = 0;
  for (unsigned i = 0; i < n; i++) {
    r[i].expected = !(made & r[i].banks && r[i].reads());
    for (unsigned j = 0; j < n; j++)
      if (r[j].valid && r[j].rank() < r[i].rank() && r[j].banks & r[i].banks &&
          excludes(r[i], r[j]))
        r[i].expected = false;
    if (r[i].ready != r[i].expected)
      fail("case %u: class %d, %s %u: ready %d", dut->case_i, r[i].of,
           r[i].write ? "write" : "read", r[i].order, r[i].ready);
    refused += r[i].valid && !r[i].expected;
    if (r[i].goes() && r[i].write)
      w.banks[(now + latency) % 4] |= r[i].banks;
    if (r[i].goes() && r[i].rmw())
      rmws += (unsigned)__builtin_popcount(r[i].banks);
  }
}

static void check_events(const char *name, uint32_t events, unsigned reads, unsigned writes,
                         unsigned refused) {
  if (events != (reads << 20 | writes << 10 | refused))
    fail("case %u, %s: events %u, %u, %u, must be %u, %u, %u", dut->case_i, name, events >> 20,
         events >> 10 & 1023, events & 1023, reads, writes, refused);
}

#endif
