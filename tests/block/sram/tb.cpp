// Bench of the memories and the FIFO: random requests on all ports at once against plain arrays.
#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>

#include "Vsram_top.h"
#include "sim/rtl/coverage.h"
#include "verilated.h"

static uint64_t rng_state;

static uint64_t rnd() {
  rng_state ^= rng_state << 13;
  rng_state ^= rng_state >> 7;
  rng_state ^= rng_state << 17;
  return rng_state * 0x2545f4914f6cdd1dull;
}

static uint64_t below(uint64_t n) {
  return (rnd() >> 11) % n;
}

static char why[200];

static void fail(const char *format, ...) {
  if (why[0])
    return;
  va_list args;
  va_start(args, format);
  vsnprintf(why, sizeof why, format, args);
  va_end(args);
}

enum { Bytes = 1024, Banks = 8, N = 4, K = 4 };

static Vsram_top *dut;
static uint8_t weight[Bytes], plain[Bytes];

static bool chance(unsigned percent) {
  return below(100) < percent;
}

template <class T> static void random_bits(T &port) {
  for (size_t i = 0; i < sizeof port; i++)
    ((uint8_t *)&port)[i] = (uint8_t)rnd();
}

static uint32_t random_addr(uint32_t align) {
  return (uint32_t)below(Bytes / align) * align;
}

// What a read must give in the next cycle.
struct Answer {
  bool due;
  uint8_t bytes[16];
};

template <class T> static void expect(Answer &a, const T &port, const char *name) {
  if (a.due && memcmp(a.bytes, &port, sizeof port) != 0)
    fail("%s: wrong data", name);
  a.due = false;
}

static void promise(Answer &a, const uint8_t *memory, uint32_t addr, size_t size) {
  a.due = true;
  memcpy(a.bytes, memory + addr, size);
}

static Answer cp_w, cp_s, tile, word, engine;

static void drive_weight(const unsigned *p) {
  dut->w_cp_rd_valid_i = chance(p[0]);
  dut->w_cp_rd_addr_i = random_addr(8);
  dut->w_cp_wr_valid_i = chance(p[1]);
  dut->w_cp_wr_addr_i = random_addr(8);
  random_bits(dut->w_cp_wr_data_i);
  dut->tile_valid_i = chance(p[2]);
  dut->tile_addr_i = random_addr(N * K);
  dut->word_rd_valid_i = chance(p[3]);
  dut->word_rd_addr_i = random_addr(K);
  dut->word_wr_valid_i = chance(p[4]);
  dut->word_wr_addr_i = random_addr(K);
  random_bits(dut->word_wr_data_i);
  dut->bank_valid_i = 0;
  for (unsigned b = 0; b < Banks; b++)
    dut->bank_valid_i |= (uint8_t)(chance(p[5]) << b);
  random_bits(dut->bank_row_i);
  dut->bank_row_i &= 0xffffffffffull;
  random_bits(dut->bank_mask_i);
  random_bits(dut->bank_data_i);
}

// Banks of an access of `size` bytes.
static uint8_t banks_of(bool valid, uint32_t addr, uint32_t size) {
  uint8_t set = 0;
  for (uint32_t a = addr; valid && a < addr + size; a += K)
    set |= (uint8_t)(1u << (a / K % Banks));
  return set;
}

// The rules of shira_weight_sram, port by port, on the array.
static void check_weight() {
  const uint8_t cp_rd = banks_of(dut->w_cp_rd_valid_i, dut->w_cp_rd_addr_i, 8);
  const uint8_t cp_wr = banks_of(dut->w_cp_wr_valid_i, dut->w_cp_wr_addr_i, 8);
  const uint8_t rd_word = banks_of(true, dut->word_rd_addr_i, K);
  const uint8_t rd_tile = banks_of(true, dut->tile_addr_i, N * K);
  const uint8_t wr_word = banks_of(true, dut->word_wr_addr_i, K);
  const bool word_ready = !(cp_rd & rd_word);
  const bool tile_ready = !(cp_rd & rd_tile) && !(dut->word_rd_valid_i && (rd_word & rd_tile));
  const bool write_ready = !((cp_wr | dut->bank_valid_i) & wr_word);
  if (dut->word_rd_ready_o != word_ready || dut->tile_ready_o != tile_ready ||
      dut->word_wr_ready_o != write_ready || dut->bank_ready_o != (uint8_t)~cp_wr)
    fail("weight SRAM: wrong ready");

  const bool word_go = dut->word_rd_valid_i && word_ready,
             tile_go = dut->tile_valid_i && tile_ready;
  const bool write_go = dut->word_wr_valid_i && write_ready;
  const unsigned reads = (dut->w_cp_rd_valid_i ? 2 : 0) + word_go + (tile_go ? N : 0);
  const unsigned writes = (dut->w_cp_wr_valid_i ? 2 : 0) + write_go +
                          (unsigned)__builtin_popcount(dut->bank_valid_i & ~cp_wr);
  const unsigned refused = (dut->word_rd_valid_i && !word_ready) +
                           (dut->tile_valid_i && !tile_ready) +
                           (dut->word_wr_valid_i && !write_ready) +
                           (unsigned)__builtin_popcount(dut->bank_valid_i & cp_wr);
  if (dut->w_events_o != (reads << 16 | writes << 8 | refused))
    fail("weight SRAM: events %06x, must be %02x%02x%02x", dut->w_events_o, reads, writes, refused);

  if (dut->w_cp_rd_valid_i)
    promise(cp_w, weight, dut->w_cp_rd_addr_i, 8);
  if (word_go)
    promise(word, weight, dut->word_rd_addr_i, K);
  if (tile_go)
    promise(tile, weight, dut->tile_addr_i, N * K);
  if (dut->w_cp_wr_valid_i)
    memcpy(weight + dut->w_cp_wr_addr_i, &dut->w_cp_wr_data_i, 8);
  if (write_go)
    memcpy(weight + dut->word_wr_addr_i, &dut->word_wr_data_i, K);
  for (unsigned b = 0; b < Banks; b++) {
    const unsigned row = dut->bank_row_i >> 5 * b & 31;
    for (unsigned q = 0; q < K; q++)
      if ((dut->bank_valid_i & ~cp_wr) >> b & 1 && dut->bank_mask_i >> (b * K + q) & 1)
        weight[(row * Banks + b) * K + q] = ((const uint8_t *)&dut->bank_data_i)[b * K + q];
  }
}

static void drive_plain(const unsigned *p) {
  dut->s_cp_rd_valid_i = chance(p[0]);
  dut->s_cp_rd_addr_i = random_addr(4);
  dut->s_cp_wr_valid_i = chance(p[1]);
  dut->s_cp_wr_addr_i = random_addr(4);
  random_bits(dut->s_cp_wr_data_i);
  dut->s_rd_valid_i = chance(p[2]);
  dut->s_rd_addr_i = random_addr(16);
  dut->s_wr_valid_i = chance(p[4]);
  dut->s_wr_addr_i = random_addr(16);
  random_bits(dut->s_wr_data_i);
  random_bits(dut->s_wr_strb_i);
}

static void check_plain() {
  if (dut->s_rd_ready_o == dut->s_cp_rd_valid_i || dut->s_wr_ready_o == dut->s_cp_wr_valid_i)
    fail("SRAM: wrong ready");
  const bool rd = dut->s_rd_valid_i && dut->s_rd_ready_o;
  const bool wr = dut->s_wr_valid_i && dut->s_wr_ready_o;
  const unsigned reads = dut->s_cp_rd_valid_i + rd, writes = dut->s_cp_wr_valid_i + wr;
  const unsigned refused = (dut->s_rd_valid_i && !rd) + (dut->s_wr_valid_i && !wr);
  if (dut->s_events_o != (reads << 16 | writes << 8 | refused))
    fail("SRAM: wrong events");
  if (dut->s_cp_rd_valid_i)
    promise(cp_s, plain, dut->s_cp_rd_addr_i, 4);
  if (rd)
    promise(engine, plain, dut->s_rd_addr_i, 16);
  if (dut->s_cp_wr_valid_i)
    memcpy(plain + dut->s_cp_wr_addr_i, &dut->s_cp_wr_data_i, 4);
  for (unsigned i = 0; wr && i < 16; i++)
    if (dut->s_wr_strb_i >> i & 1)
      plain[dut->s_wr_addr_i + i] = ((const uint8_t *)&dut->s_wr_data_i)[i];
}

static void edge() {
  dut->clk_i = 1;
  dut->eval();
  dut->clk_i = 0;
  dut->eval();
}

static void idle() {
  const unsigned none[6] = {0};
  drive_weight(none);
  drive_plain(none);
  dut->clear_i = dut->push_valid_i = dut->pop_ready_i = 0;
}

static void memories(unsigned cycles) {
  unsigned p[6];
  for (auto &x : p)
    x = (unsigned)below(3) * 40;
  for (; cycles && !why[0]; cycles--) {
    drive_weight(p);
    drive_plain(p);
    dut->eval();
    if (dut->cp_ready_o != 15)
      fail("COPY was refused");
    check_weight();
    check_plain();
    edge();
    expect(cp_w, dut->w_cp_rd_data_o, "weight SRAM, COPY");
    expect(tile, dut->tile_data_o, "weight SRAM, tile");
    expect(word, dut->word_rd_data_o, "weight SRAM, word");
    expect(cp_s, dut->s_cp_rd_data_o, "SRAM, COPY");
    expect(engine, dut->s_rd_data_o, "SRAM, word");
  }
  idle();
}

// Known contents: every beat through COPY.
static void fill() {
  idle();
  for (uint32_t a = 0; a < Bytes; a += 8) {
    dut->w_cp_wr_valid_i = 1;
    dut->w_cp_wr_addr_i = a;
    random_bits(dut->w_cp_wr_data_i);
    memcpy(weight + a, &dut->w_cp_wr_data_i, 8);
    edge();
  }
  dut->w_cp_wr_valid_i = 0;
  for (uint32_t a = 0; a < Bytes; a += 4) {
    dut->s_cp_wr_valid_i = 1;
    dut->s_cp_wr_addr_i = a;
    random_bits(dut->s_cp_wr_data_i);
    memcpy(plain + a, &dut->s_cp_wr_data_i, 4);
    edge();
  }
  idle();
}

// An answer holds while nothing is read.
static void holds() {
  dut->tile_valid_i = dut->s_rd_valid_i = 1;
  dut->tile_addr_i = random_addr(N * K);
  dut->s_rd_addr_i = random_addr(16);
  dut->eval();
  promise(tile, weight, dut->tile_addr_i, N * K);
  promise(engine, plain, dut->s_rd_addr_i, 16);
  edge();
  for (int i = 0; i < 4; i++) {
    const bool due = i < 3;
    idle();
    expect(tile, dut->tile_data_o, "weight SRAM, held tile");
    expect(engine, dut->s_rd_data_o, "SRAM, held word");
    edge();
    tile.due = engine.due = due;
  }
  tile.due = engine.due = false;
}

static void fifos(unsigned cycles) {
  std::deque<uint16_t> model[2];
  const unsigned depth[2] = {8, 1};
  const unsigned push = 20 + (unsigned)below(80), pop = 20 + (unsigned)below(80);
  for (; cycles && !why[0]; cycles--) {
    dut->push_valid_i = chance(push);
    dut->pop_ready_i = chance(pop);
    dut->clear_i = chance(1);
    random_bits(dut->push_data_i);
    dut->eval();
    const unsigned count[2] = {dut->count_o, dut->count1_o};
    const uint16_t data[2] = {dut->pop_data_o, dut->pop1_data_o};
    for (int f = 0; f < 2; f++) {
      const bool room = dut->push_ready_o >> f & 1, some = dut->pop_valid_o >> f & 1;
      if (count[f] != model[f].size() || room != (model[f].size() < depth[f]) ||
          some == model[f].empty() || (some && data[f] != model[f].front()))
        fail("FIFO of %u: differs", depth[f]);
      if (some && dut->pop_ready_i)
        model[f].pop_front();
      if (room && dut->push_valid_i)
        model[f].push_back(dut->push_data_i);
      if (dut->clear_i)
        model[f].clear();
    }
    edge();
  }
  idle();
  dut->clear_i = 1;
  edge();
  dut->clear_i = 0;
}

static unsigned number;

static void report(const char *name) {
  printf("%sok %u - %s\n", why[0] ? "not " : "", ++number, name);
  if (why[0])
    printf("# %s\n", why);
  why[0] = 0;
}

int main(int argc, char **argv) {
  Verilated::commandArgs(argc, argv);
  const char *seed = getenv("SEED");
  const uint64_t s = seed ? strtoull(seed, nullptr, 0) : 0;
  rng_state = (s + 1) * 0x9e3779b97f4a7c15ull;
  printf("1..4\n# seed %" PRIu64 "\n", s);
  dut = new Vsram_top;
  idle();
  dut->rst_ni = 0;
  edge();
  dut->rst_ni = 1;

  fill();
  for (int i = 0; i < 300 && !why[0]; i++)
    memories(500);
  report("requests on all ports at once");
  for (int i = 0; i < 200 && !why[0]; i++)
    holds();
  report("answers hold");
  for (int i = 0; i < 200 && !why[0]; i++)
    fifos(500);
  report("FIFO keeps order, count and limits");
  weight[below(Bytes)] ^= 1;
  for (uint32_t a = 0; a < Bytes; a += 8) {
    dut->w_cp_rd_valid_i = 1;
    dut->w_cp_rd_addr_i = a;
    promise(cp_w, weight, a, 8);
    edge();
    expect(cp_w, dut->w_cp_rd_data_o, "planted");
  }
  if (why[0])
    why[0] = 0;
  else
    fail("one flipped bit was not seen");
  report("the comparison sees one flipped bit");
  shira_coverage_write(Verilated::threadContextp());
  return 0;
}
