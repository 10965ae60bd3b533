// Bench of the memories and the FIFO: random requests on all ports at once against plain arrays.
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>

#include "Vsram_top.h"
#include "sim/rtl/coverage.h"
#include "tests/block/sram/expect.h"
#include "verilated.h"

// ---- Weight SRAM ----

static void drive_weight(const unsigned *p) {
  dut->w_cp_rd_valid_i = chance(p[0]);
  dut->w_cp_rd_addr_i = random_addr(weight_beat);
  dut->w_cp_wr_valid_i = chance(p[1]);
  dut->w_cp_wr_addr_i = random_addr(weight_beat);
  random_bits(dut->w_cp_wr_data_i);
  dut->tile_valid_i = chance(p[2]);
  dut->tile_addr_i = random_addr(N * K);
  dut->word_rd_valid_i = chance(p[3]);
  dut->word_rd_addr_i = random_addr(K);
  dut->word_wr_valid_i = chance(p[4]);
  dut->word_wr_addr_i = random_addr(K);
  random_bits(dut->word_wr_data_i);
  dut->bank_valid_i = dut->bank_rd_valid_i = 0;
  dut->bank_row_i = dut->bank_rd_row_i = 0;
  random_bits(dut->bank_mask_i);
  for (unsigned b = 0; b < Banks; b++) {
    dut->bank_valid_i |= (uint8_t)(chance(p[5]) << b);
    dut->bank_rd_valid_i |= (uint8_t)(chance(p[6]) << b);
    dut->bank_row_i |= below(chance(50) ? 2 : 32) << 5 * b;
    dut->bank_rd_row_i |= below(chance(50) ? 2 : 32) << 5 * b;
    if (chance(30))
      dut->bank_mask_i |= 15u << K * b;
  }
  random_bits(dut->bank_data_i);
}

// Banks of an access of `size` bytes.
static uint8_t banks_of(uint32_t addr, uint32_t size) {
  uint8_t set = 0;
  for (uint32_t a = addr; a < addr + size; a += K)
    set |= (uint8_t)(1u << (a / K % Banks));
  return set;
}

static unsigned bank_mask(unsigned b) {
  return dut->bank_mask_i >> b * K & 15;
}

// Byte address of the word that SCATTER asks bank b for.
static uint32_t bank_addr(uint64_t rows, unsigned b) {
  return (uint32_t)((rows >> 5 * b & 31) * Banks + b) * K;
}

enum {
  CpWr,
  CpRd,
  WordWr,
  WordRd,
  Tile,
  BankWr,
  BankRd = BankWr + Banks,
  Requests = BankRd + Banks
};

static void ask_weight(Request *r) {
  const bool part = weight_beat < K;
  r[CpWr] = {Copy,
             true,
             0,
             bool(dut->w_cp_wr_valid_i),
             banks_of(dut->w_cp_wr_addr_i, weight_beat),
             part,
             bool(dut->w_cp_wr_ready_o),
             false};
  r[CpRd] = {Copy,
             false,
             1,
             bool(dut->w_cp_rd_valid_i),
             banks_of(dut->w_cp_rd_addr_i, weight_beat),
             false,
             bool(dut->w_cp_rd_ready_o),
             false};
  r[WordWr] = {Gemm,
               true,
               0,
               bool(dut->word_wr_valid_i),
               banks_of(dut->word_wr_addr_i, K),
               false,
               bool(dut->word_wr_ready_o),
               false};
  r[WordRd] = {Gemm,
               false,
               2,
               bool(dut->word_rd_valid_i),
               banks_of(dut->word_rd_addr_i, K),
               false,
               bool(dut->word_rd_ready_o),
               false};
  r[Tile] = {Gemm,
             false,
             1,
             bool(dut->tile_valid_i),
             banks_of(dut->tile_addr_i, N * K),
             false,
             bool(dut->tile_ready_o),
             false};
  for (unsigned b = 0; b < Banks; b++) {
    r[BankWr + b] = {Scatter,
                     true,
                     0,
                     bool(dut->bank_valid_i >> b & 1),
                     uint8_t(1u << b),
                     bank_mask(b) != 15,
                     bool(dut->bank_ready_o >> b & 1),
                     false};
    r[BankRd + b] = {Scatter,
                     false,
                     1,
                     bool(dut->bank_rd_valid_i >> b & 1),
                     uint8_t(1u << b),
                     false,
                     bool(dut->bank_rd_ready_o >> b & 1),
                     false};
  }
}

static Waiting waiting_w, waiting_s;

// Reads first: a read does not see a write of the same cycle, but all of earlier ones.
static void check_weight() {
  Request r[Requests];
  unsigned refused, rmws, reads = 0, writes = 0;
  ask_weight(r);
  judge(r, Requests, waiting_w, refused, rmws);
  for (const Request &q : r)
    if (q.goes())
      (q.write ? writes : reads) += (unsigned)__builtin_popcount(q.banks);
  check_events("weight SRAM", dut->w_events_o, reads + rmws, writes, refused);
  if (r[CpRd].goes())
    promise(cp_w, weight, dut->w_cp_rd_addr_i, weight_beat, copy_latency);
  if (r[WordRd].goes())
    promise(word, weight, dut->word_rd_addr_i, K, latency);
  if (r[Tile].goes())
    promise(tile, weight, dut->tile_addr_i, N * K, latency);
  for (unsigned b = 0; b < Banks; b++)
    if (r[BankRd + b].goes())
      promise(bank[b], weight, bank_addr(dut->bank_rd_row_i, b), K, latency);
  if (r[CpWr].goes())
    memcpy(weight + dut->w_cp_wr_addr_i, &dut->w_cp_wr_data_i, weight_beat);
  if (r[WordWr].goes())
    memcpy(weight + dut->word_wr_addr_i, &dut->word_wr_data_i, K);
  for (unsigned b = 0; b < Banks; b++)
    for (unsigned q = 0; q < K; q++)
      if (r[BankWr + b].goes() && bank_mask(b) >> q & 1)
        weight[bank_addr(dut->bank_row_i, b) + q] = ((const uint8_t *)&dut->bank_data_i)[b * K + q];
}

// ---- Plain SRAM ----

static void drive_plain(const unsigned *p) {
  dut->s_cp_rd_valid_i = chance(p[0]);
  dut->s_cp_rd_addr_i = random_addr(plain_beat);
  dut->s_cp_wr_valid_i = chance(p[1]);
  dut->s_cp_wr_addr_i = random_addr(plain_beat);
  random_bits(dut->s_cp_wr_data_i);
  dut->s_rd_valid_i = chance(p[2]);
  dut->s_rd_addr_i = random_addr(plain_word);
  dut->s_wr_valid_i = chance(p[4]);
  dut->s_wr_addr_i = random_addr(plain_word);
  random_bits(dut->s_wr_data_i);
  random_bits(dut->s_wr_strb_i);
  if (chance(30))
    dut->s_wr_strb_i = chance(50) ? ~0u : 0xffffu;
}

static void check_plain() {
  const bool cp_part = plain_beat < plain_word;
  const uint32_t all = plain_word == 32 ? ~0u : 0xffffu;
  Request r[4] = {
      {Copy, true, 0, bool(dut->s_cp_wr_valid_i), 1, cp_part, bool(dut->s_cp_wr_ready_o), false},
      {Copy, false, 1, bool(dut->s_cp_rd_valid_i), 1, false, bool(dut->s_cp_rd_ready_o), false},
      {Gemm, true, 0, bool(dut->s_wr_valid_i), 1, (dut->s_wr_strb_i & all) != all,
       bool(dut->s_wr_ready_o), false},
      {Gemm, false, 1, bool(dut->s_rd_valid_i), 1, false, bool(dut->s_rd_ready_o), false}};
  unsigned refused, rmws;
  judge(r, 4, waiting_s, refused, rmws);
  check_events("SRAM", dut->s_events_o, r[1].goes() + r[3].goes() + rmws, r[0].goes() + r[2].goes(),
               refused);
  if (r[1].goes())
    promise(cp_s, plain, dut->s_cp_rd_addr_i, plain_beat, copy_latency);
  if (r[3].goes())
    promise(engine, plain, dut->s_rd_addr_i, plain_word, latency);
  if (r[0].goes())
    memcpy(plain + dut->s_cp_wr_addr_i, &dut->s_cp_wr_data_i, plain_beat);
  for (unsigned i = 0; r[2].goes() && i < plain_word; i++)
    if (dut->s_wr_strb_i >> i & 1)
      plain[dut->s_wr_addr_i + i] = ((const uint8_t *)&dut->s_wr_data_i)[i];
}

// ---- Cycles ----

static void edge() {
  dut->clk_i = 1;
  dut->eval();
  dut->clk_i = 0;
  dut->eval();
}

static void expect_all() {
  expect(cp_w, dut->w_cp_rd_data_o, "weight SRAM, COPY");
  expect(tile, dut->tile_data_o, "weight SRAM, tile");
  expect(word, dut->word_rd_data_o, "weight SRAM, word");
  for (unsigned b = 0; b < Banks; b++)
    expect(bank[b], ((const uint32_t *)&dut->bank_rd_data_o)[b], "weight SRAM, SCATTER");
  expect(cp_s, dut->s_cp_rd_data_o, "SRAM, COPY");
  expect(engine, dut->s_rd_data_o, "SRAM, word");
}

// One cycle with what is driven, compared with the model.
static void cycle() {
  dut->eval();
  check_weight();
  check_plain();
  edge();
  now++;
  expect_all();
}

static void idle() {
  const unsigned none[7] = {0};
  drive_weight(none);
  drive_plain(none);
  dut->clear_i = dut->push_valid_i = dut->pop_ready_i = 0;
}

// Until nothing is on its way.
static void drain() {
  idle();
  for (int i = 0; i < 3; i++)
    cycle();
}

static void memories(unsigned cycles) {
  unsigned p[7];
  for (auto &x : p)
    x = (unsigned)below(3) * 40;
  for (; cycles && !why[0]; cycles--) {
    drive_weight(p);
    drive_plain(p);
    cycle();
  }
}

// Known contents: every beat through COPY.
static void fill() {
  for (uint32_t a = 0; a < Bytes; a += weight_beat)
    for (bool gone = false; !gone;) {
      idle();
      dut->w_cp_wr_valid_i = 1;
      dut->w_cp_wr_addr_i = a;
      dut->eval();
      gone = dut->w_cp_wr_ready_o;
      cycle();
    }
  for (uint32_t a = 0; a < Bytes; a += plain_beat)
    for (bool gone = false; !gone;) {
      idle();
      dut->s_cp_wr_valid_i = 1;
      dut->s_cp_wr_addr_i = a;
      dut->eval();
      gone = dut->s_cp_wr_ready_o;
      cycle();
    }
  drain();
}

// Data are there in their cycle, and in none of those behind it.
static void once() {
  idle();
  dut->tile_valid_i = dut->s_rd_valid_i = 1;
  cycle();
  uint8_t tile_was[N * K], engine_was[32];
  for (unsigned i = 1; i < 6; i++) {
    if (i > latency && (memcmp(tile_was, &dut->tile_data_o, N * K) == 0 ||
                        memcmp(engine_was, &dut->s_rd_data_o, plain_word) == 0))
      fail("case %u: data are there %u cycles after the read", dut->case_i, i);
    if (i == latency) {
      memcpy(tile_was, &dut->tile_data_o, N * K);
      memcpy(engine_was, &dut->s_rd_data_o, plain_word);
    }
    idle();
    cycle();
  }
}

// Writes of a byte, all to one word: a turn each, with ECC on one port two; not less, not more (but
// for those whose second turn comes later).
static void rate() {
  unsigned bank_gone = 0, engine_gone = 0;
  const unsigned want = one_port && ecc ? 16 : 32;
  for (unsigned i = 0; i < 32; i++) {
    idle();
    dut->bank_valid_i = 1;
    dut->bank_row_i = 3;
    dut->bank_mask_i = 1u << i % K;
    dut->s_wr_valid_i = 1;
    dut->s_wr_addr_i = 0;
    dut->s_wr_strb_i = 1u << i % plain_word;
    dut->eval();
    bank_gone += dut->bank_ready_o & 1;
    engine_gone += dut->s_wr_ready_o;
    cycle();
  }
  if (bank_gone < want || bank_gone > want + latency - 1 || engine_gone != bank_gone)
    fail("case %u: %u and %u writes in 32 cycles, must be %u", dut->case_i, bank_gone, engine_gone,
         want);
  drain();
}

// COPY and the engine want one bank in every cycle; who comes first has it in all of them.
static void winners() {
  unsigned copy = 0, engines = 0;
  for (unsigned i = 0; i < 32; i++) {
    idle();
    dut->s_cp_rd_valid_i = dut->s_rd_valid_i = 1;
    dut->w_cp_rd_valid_i = dut->tile_valid_i = 1;
    dut->w_cp_rd_addr_i = dut->tile_addr_i = 0;
    dut->eval();
    copy += dut->s_cp_rd_ready_o + dut->w_cp_rd_ready_o;
    engines += dut->s_rd_ready_o + dut->tile_ready_o;
    cycle();
  }
  if (copy != (engine_first ? 0 : 64) || engines != 64 - copy)
    fail("case %u: COPY won %u of 64, the engines %u", dut->case_i, copy, engines);
  idle();
}

// One port: a read and a write of a bank never in one cycle; two ports: both. With ECC on one port
// a write takes its turn when it is made.
static void ports() {
  unsigned plain_go = 0, weight_go = 0;
  idle();
  for (unsigned i = 0; i <= (one_port && ecc ? latency : 0); i++) {
    dut->s_cp_rd_valid_i = dut->word_rd_valid_i = 1;
    dut->s_wr_valid_i = dut->word_wr_valid_i = i == 0;
    dut->word_rd_addr_i = dut->word_wr_addr_i = 0;
    dut->s_wr_strb_i = ~0u;
    dut->eval();
    if (i == 0 && (!dut->word_wr_ready_o || (ecc && one_port && !dut->s_wr_ready_o)))
      fail("case %u: a write is refused", dut->case_i);
    if (i == 0 || i == latency)
      plain_go = dut->s_cp_rd_ready_o + (i == 0 ? dut->s_wr_ready_o : 1u),
      weight_go = dut->word_rd_ready_o + (i == 0 ? dut->word_wr_ready_o : 1u);
    cycle();
  }
  if (plain_go != (one_port ? 1 : 2) || weight_go != (one_port ? 1 : 2))
    fail("case %u: %u and %u accesses in a cycle", dut->case_i, plain_go, weight_go);
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

static bool failed;

static void report(const char *name) {
  printf("%sok %u - %s\n", why[0] ? "not " : "", ++number, name);
  if (why[0]) {
    printf("# %s\n", why);
    failed = true;
  }
  why[0] = 0;
}

int main(int argc, char **argv) {
  Verilated::commandArgs(argc, argv);
  const char *seed = getenv("SEED");
  const uint64_t s = seed ? strtoull(seed, nullptr, 0) : 0;
  seed_rng(s);
  printf("1..7\n# seed %" PRIu64 "\n", s);
  dut = new Vsram_top;
  choose(0);
  idle();
  dut->rst_ni = 0;
  edge(); // the model sees an edge from its second evaluation on
  edge();
  dut->rst_ni = 1;

  // Each test on all cases; the contents go with the case.
  static uint8_t weights[Cases][Bytes], plains[Cases][Bytes];
  const auto each = [](const char *name, int rounds, void (*test)()) {
    for (unsigned c = 0; c < Cases; c++) {
      choose(c);
      memcpy(weight, weights[c], Bytes);
      memcpy(plain, plains[c], Bytes);
      idle();
      for (int i = 0; i < rounds && !why[0]; i++)
        test();
      drain();
      memcpy(weights[c], weight, Bytes);
      memcpy(plains[c], plain, Bytes);
    }
    report(name);
  };
  for (unsigned c = 0; c < Cases; c++) {
    choose(c);
    fill();
    memcpy(weights[c], weight, Bytes);
    memcpy(plains[c], plain, Bytes);
  }
  each("requests on all ports at once", 20, [] { memories(500); });
  each("data are there in their cycle only", 20, once);
  each("a write of a part takes as many turns as it must", 4, rate);
  each("COPY or the engine wins", 4, winners);
  each("one port or two", 4, ports);

  for (int i = 0; i < 200 && !why[0]; i++)
    fifos(500);
  report("FIFO keeps order, count and limits");
  choose(0);
  memcpy(weight, weights[0], Bytes);
  weight[below(Bytes)] ^= 1;
  for (uint32_t a = 0; a < Bytes; a += 8) {
    dut->w_cp_rd_valid_i = 1;
    dut->w_cp_rd_addr_i = a;
    promise(cp_w, weight, a, 8, copy_latency);
    edge();
    now++;
    expect(cp_w, dut->w_cp_rd_data_o, "planted");
  }
  if (why[0])
    why[0] = 0;
  else
    fail("one flipped bit was not seen");
  report("the comparison sees one flipped bit");
  shira_coverage_write(Verilated::threadContextp());
  return failed;
}
