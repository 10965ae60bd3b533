// Bench of shira_gemm: random descriptors, good and bad, against model.cpp. The SRAMs are arrays
// here, with the latencies that the RTL is built for; each port refuses at random, and an answer is
// garbage in every cycle but the one in which it is due.
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <deque>
#include <string>

#include "Vshira_gemm.h"
#include "model.h"
#include "sim/rtl/coverage.h"
#include "tests/block/draw.h"
#include "verilated.h"

#ifndef WEIGHT_LATENCY
#define WEIGHT_LATENCY 1
#define ACT_LATENCY 1
#define ACC_LATENCY 1
#define PARAM_LATENCY 1
#endif

// Cycles from a step's reads to their answers, and at most without a step between two descriptors.
enum {
  align = WEIGHT_LATENCY > ACT_LATENCY
              ? (WEIGHT_LATENCY > ACC_LATENCY ? WEIGHT_LATENCY : ACC_LATENCY)
              : (ACT_LATENCY > ACC_LATENCY ? ACT_LATENCY : ACC_LATENCY),
  most_gap_check = 10,
  most_gap_int8 = align + PARAM_LATENCY + 10,
  most_gap_wadd = most_gap_int8 + WEIGHT_LATENCY + 3,
};

struct Done {
  unsigned status;
  uint64_t where;
  uint32_t count, first_work, last_work;
};

// The engine between its SRAMs.
struct Bench {
  Vshira_gemm dut;
  Machine m;
  unsigned refuse = 0; // percent of the cycles in which a port refuses or no command is offered
  uint64_t cycle = 0, macs = 0, tiles = 0, xs = 0, acc_reads = 0, acc_writes = 0, words = 0,
           params = 0;
  uint64_t busy = 0, stalled = 0, other = 0;
  std::deque<shira_desc_gemm> queue;
  bool one_read_port = false; // of the weight SRAM: a word waits while a tile is asked for
  bool offered = false;       // a command was offered and not taken: it stays
  std::vector<Done> done;
  struct Port { // of reads
    unsigned latency;
    std::vector<uint8_t> due[4]; // answers, by the cycle modulo 4
  } tile{WEIGHT_LATENCY, {}}, word{WEIGHT_LATENCY, {}}, x{ACT_LATENCY, {}}, acc{ACC_LATENCY, {}},
      param{PARAM_LATENCY, {}};

  Bench() {
    m.n = m.k = sizeof dut.acc_rd_data_i / 4;
    m.weight.resize(65536);
    m.act.resize(16384);
    m.acc.resize(4096);
    m.param.resize(4096);
    dut.rst_ni = 0;
    for (int i = 0; i < 3; i++)
      tick();
    dut.rst_ni = 1;
  }

  template <class T> void drive(T &port, Port &from) {
    std::vector<uint8_t> &bytes = from.due[cycle % 4];
    if (bytes.size() == sizeof port)
      memcpy(&port, bytes.data(), sizeof port);
    else
      for (size_t i = 0; i < sizeof port; i++)
        ((uint8_t *)&port)[i] = (uint8_t)rnd();
    bytes.clear();
  }

  template <class T>
  void read(Port &to, bool go, const std::vector<uint8_t> &mem, uint32_t addr, const T &port,
            uint64_t &count) {
    if (!go)
      return;
    count++;
    if (addr % sizeof port || addr + sizeof port > mem.size())
      return fail("read at 0x%x", addr);
    to.due[(cycle + to.latency) % 4].assign(&mem[addr], &mem[addr] + sizeof port);
  }

  template <class T>
  void write(bool go, std::vector<uint8_t> &mem, uint32_t addr, const T &port, uint64_t strobe) {
    if (!go)
      return;
    if (addr % sizeof port || addr + sizeof port > mem.size())
      return fail("write at 0x%x", addr);
    for (size_t i = 0; i < sizeof port; i++)
      if (strobe >> i & 1)
        mem[addr + i] = ((const uint8_t *)&port)[i];
  }

  void ports() {
    read(tile, dut.wt_tile_valid_o && dut.wt_tile_ready_i, m.weight, dut.wt_tile_addr_o,
         dut.wt_tile_data_i, tiles);
    read(word, dut.wt_word_rd_valid_o && dut.wt_word_rd_ready_i, m.weight, dut.wt_word_rd_addr_o,
         dut.wt_word_rd_data_i, words);
    read(x, dut.act_rd_valid_o && dut.act_rd_ready_i, m.act, dut.act_rd_addr_o, dut.act_rd_data_i,
         xs);
    read(acc, dut.acc_rd_valid_o && dut.acc_rd_ready_i, m.acc, dut.acc_rd_addr_o, dut.acc_rd_data_i,
         acc_reads);
    read(param, dut.par_rd_valid_o && dut.par_rd_ready_i, m.param, dut.par_rd_addr_o,
         dut.par_rd_data_i, params);
    write(dut.wt_word_wr_valid_o && dut.wt_word_wr_ready_i, m.weight, dut.wt_word_wr_addr_o,
          dut.wt_word_wr_data_o, ~0ull);
    write(dut.act_wr_valid_o && dut.act_wr_ready_i, m.act, dut.act_wr_addr_o, dut.act_wr_data_o,
          dut.act_wr_strb_o);
    bool acc_go = dut.acc_wr_valid_o && dut.acc_wr_ready_i;
    acc_writes += acc_go;
    write(acc_go, m.acc, dut.acc_wr_addr_o, dut.acc_wr_data_o, dut.acc_wr_strb_o);
  }

  void tick() {
    dut.cycle_i = cycle;
    uint8_t *ready[] = {&dut.wt_tile_ready_i,    &dut.wt_word_rd_ready_i, &dut.act_rd_ready_i,
                        &dut.acc_rd_ready_i,     &dut.par_rd_ready_i,     &dut.act_wr_ready_i,
                        &dut.wt_word_wr_ready_i, &dut.acc_wr_ready_i};
    for (auto r : ready)
      *r = below(100) >= refuse;
    dut.done_ready_i = below(100) >= refuse;
    drive(dut.wt_tile_data_i, tile);
    drive(dut.wt_word_rd_data_i, word);
    drive(dut.act_rd_data_i, x);
    drive(dut.acc_rd_data_i, acc);
    drive(dut.par_rd_data_i, param);
    dut.cmd_valid_i = !queue.empty() && (offered || below(100) >= refuse);
    if (!queue.empty())
      memcpy(&dut.cmd_desc_i, &queue.front(), sizeof(shira_desc_gemm));
    dut.clk_i = 0;
    dut.eval();
    if (one_read_port && dut.wt_tile_valid_o) {
      dut.wt_word_rd_ready_i = 0;
      dut.eval();
    }
    if (dut.rst_ni) {
      ports();
      offered = dut.cmd_valid_i && !dut.cmd_ready_o;
      if (dut.cmd_valid_i && dut.cmd_ready_o)
        queue.pop_front();
      if (dut.done_valid_o && dut.done_ready_i)
        take_done();
      macs += dut.ev_macs_o;
      (dut.state_o == 1 ? busy : dut.state_o == 3 ? stalled : other)++;
      if (dut.idle_o != (dut.state_o == 0))
        fail("idle_o and state_o differ");
    }
    dut.clk_i = 1;
    dut.eval();
    cycle++;
  }

  // result_t, last field first: last_work, first_work, first_data, count, where, status
  void take_done() {
    uint32_t w[7] = {0};
    memcpy(w, &dut.done_o, sizeof dut.done_o < sizeof w ? sizeof dut.done_o : sizeof w);
    done.push_back({w[6] & 0xff, w[4] | (uint64_t)w[5] << 32, w[3], w[1], w[0]});
    if (w[2])
      fail("first_data without a memory");
  }

  // Runs until `count` commands have ended and the engine is idle.
  void run(size_t count) {
    uint64_t limit = cycle + 400000;
    while ((done.size() < count || !dut.idle_o) && cycle < limit && !why[0])
      tick();
    if (cycle >= limit)
      fail("no end after 400000 cycles");
  }
};

static void fill(std::vector<uint8_t> &v) {
  for (auto &b : v)
    b = (uint8_t)rnd();
}

static uint32_t random_scale() {
  switch (below(4)) {
  case 0:
    return (uint32_t)rnd(); // anything, bits 31:30 too
  case 1:
    return (uint32_t)(below(64) << 24 | 0xffffff);
  default:
    return (uint32_t)((14 + below(20)) << 24 | (0x800000 + below(0x800000)));
  }
}

static uint32_t random_size(uint32_t most) {
  uint64_t small = below(3);
  return small == 0   ? 1
         : small == 1 ? 1 + (uint32_t)below(most < 3 ? most : 3)
                      : 1 + (uint32_t)below(most);
}

// A descriptor that must work: regions that are read and written lie apart.
static shira_desc_gemm random_desc(const Machine &m) {
  const uint32_t n = m.n, k = m.k, tile = n * k;
  for (;;) {
    shira_desc_gemm d = {};
    d.opcode = SHIRA_OPCODE_GEMM;
    d.out = (uint8_t)below(3);
    d.seed = (uint8_t)below(3);
    d.uniform = (uint8_t)below(2);
    d.tokens = random_size(40);
    d.n_tiles = random_size(12);
    d.k_tiles = random_size(12);
    d.w_addr = (uint32_t)below(64) * tile;
    d.x_addr = (uint32_t)below(64) * k;
    d.x_stride = below(5) ? d.k_tiles * k : (uint32_t)below(20) * k;
    d.acc_addr = (uint32_t)below(16) * 4 * n;
    d.acc_stride = (uint32_t)(below(3) ? below(2) * d.tokens : below(4)) * 4 * n;
    d.param_addr = (uint32_t)below(16) * 8 * n;
    d.out_scale = random_scale();
    d.seed_scale = random_scale();
    d.image_k_tiles = d.n_tiles + (uint32_t)below(4);
    if (d.out == SHIRA_GEMM_OUT_WADD) {
      d.out_addr = (uint32_t)(m.weight.size() / 2 + below(32) * tile);
      d.src_addr = below(2) ? d.out_addr : (uint32_t)(m.weight.size() * 3 / 4 + below(32) * tile);
    } else {
      d.out_addr = (uint32_t)(m.act.size() / 2 + below(64) * n);
      d.out_stride = below(5) ? d.n_tiles * n : (uint32_t)below(20) * n;
      if (below(4) == 0)
        d.src_addr = (uint32_t)rnd(); // not used
    }
    d.win_lo = below(2) ? 0 : d.out == SHIRA_GEMM_OUT_ACC ? d.acc_addr : d.out_addr;
    d.win_hi = below(2)                       ? UINT64_MAX
               : d.out == SHIRA_GEMM_OUT_WADD ? m.weight.size()
                                              : m.act.size();
    const uint64_t x_end = d.x_addr + (uint64_t)(d.tokens - 1) * d.x_stride + d.k_tiles * k;
    const uint64_t w_end = d.w_addr + (uint64_t)d.n_tiles * d.k_tiles * tile;
    if (x_end > m.act.size() / 2 || w_end > m.weight.size() / 2)
      continue;
    if (check(m, d).status == SHIRA_STATUS_OK)
      return d;
  }
}

static void compare(const Machine &got, const Machine &want, const char *what) {
  const std::vector<uint8_t> *g[] = {&got.weight, &got.act, &got.acc, &got.param};
  const std::vector<uint8_t> *w[] = {&want.weight, &want.act, &want.acc, &want.param};
  const char *name[] = {"weight", "activation", "accumulator", "parameter"};
  for (int s = 0; s < 4; s++)
    for (size_t i = 0; i < g[s]->size(); i++)
      if ((*g[s])[i] != (*w[s])[i])
        return fail("%s: %s SRAM 0x%zx is %02x, must be %02x", what, name[s], i, (*g[s])[i],
                    (*w[s])[i]);
}

static const char *text(const shira_desc_gemm &d) {
  static char s[300];
  snprintf(
      s, sizeof s,
      "out %u seed %u uniform %u M %u n %u k %u w 0x%x x 0x%x+0x%x acc 0x%x+0x%x out 0x%x+0x%x src "
      "0x%x kt %u",
      d.out, d.seed, d.uniform, d.tokens, d.n_tiles, d.k_tiles, d.w_addr, d.x_addr, d.x_stride,
      d.acc_addr, d.acc_stride, d.out_addr, d.out_stride, d.src_addr, d.image_k_tiles);
  return s;
}

// One to four descriptors, queued at once; memories, ends and accesses must be exact.
static void test_good(Bench &b, unsigned refuse) {
  b.refuse = refuse;
  Machine want = b.m;
  size_t n = 1 + below(4), first = b.done.size();
  uint64_t steps = 0, tiles = 0, words = 0, params = 0, counts[4] = {0};
  uint64_t before[] = {b.xs, b.tiles, b.words, b.params, b.macs};
  std::string all;
  for (size_t i = 0; i < n; i++) {
    shira_desc_gemm d = random_desc(b.m);
    all += std::string(text(d)) + "; ";
    counts[i] = execute(want, d);
    steps += (uint64_t)d.tokens * d.n_tiles * d.k_tiles;
    tiles += (uint64_t)d.n_tiles * d.k_tiles;
    words += d.out == SHIRA_GEMM_OUT_WADD ? counts[i] : 0;
    params += d.out == SHIRA_GEMM_OUT_INT8 && !d.uniform ? d.n_tiles : 0;
    b.queue.push_back(d);
  }
  b.run(first + n);
  for (size_t i = 0; i < n && first + i < b.done.size(); i++) {
    const Done &e = b.done[first + i];
    if (e.status != SHIRA_STATUS_OK || e.where || e.count != counts[i])
      fail("%s ended with status %u where %" PRIx64 " count %u, must be %" PRIu64, all.c_str(),
           e.status, e.where, e.count, counts[i]);
  }
  compare(b.m, want, all.c_str());
  if (b.xs - before[0] != steps || b.tiles - before[1] != tiles || b.words - before[2] != words ||
      b.params - before[3] != params || b.macs - before[4] != steps * b.m.n * b.m.k)
    fail("%s reads are not exact", all.c_str());
}

// Spoils one field of a good descriptor. Often enough it stays good, and then it must work.
static void spoil(const Machine &m, shira_desc_gemm &d) {
  uint32_t *size[] = {&d.tokens, &d.n_tiles, &d.k_tiles, &d.image_k_tiles};
  uint32_t *place[] = {&d.w_addr,     &d.x_addr,   &d.x_stride,   &d.acc_addr, &d.acc_stride,
                       &d.param_addr, &d.out_addr, &d.out_stride, &d.src_addr};
  uint32_t *p = place[below(9)];
  switch (below(7)) {
  case 0:
    (below(3) == 0 ? d.out : below(2) ? d.seed : d.uniform) = (uint8_t)rnd();
    break;
  case 1:
    *size[below(4)] = 0;
    break;
  case 2:
    *size[below(4)] = (uint32_t)rnd();
    break;
  case 3:
    *p += 1 + (uint32_t)below(m.n * m.k);
    break;
  case 4:
    *p = (uint32_t)rnd() & ~(m.n * m.k * 8 - 1);
    break;
  case 5:
    *p += (uint32_t)below(1u << 17) * m.n * m.k;
    break;
  default:
    (below(2) ? d.win_lo : d.win_hi) = below(4) ? below(m.weight.size()) : rnd();
  }
}

static void test_bad(Bench &b, unsigned refuse, unsigned *seen) {
  b.refuse = refuse;
  shira_desc_gemm d = random_desc(b.m);
  Verdict v = {};
  for (int i = 0; i < 50 && v.status == SHIRA_STATUS_OK; i++) {
    shira_desc_gemm e = d;
    for (uint64_t n = 1 + below(2); n; n--)
      spoil(b.m, e);
    v = check(b.m, e);
    if (v.status != SHIRA_STATUS_OK)
      d = e;
  }
  if (v.status == SHIRA_STATUS_OK)
    return;
  seen[v.status]++;
  Machine want = b.m;
  size_t first = b.done.size();
  b.queue.push_back(d);
  b.run(first + 1);
  if (b.done.size() != first + 1)
    return fail("bad descriptor: no end");
  const Done &e = b.done[first];
  if (e.status != v.status || e.where != v.where || e.count)
    fail("%s: status %u where 0x%" PRIx64 ", must be %u 0x%" PRIx64, text(d), e.status, e.where,
         v.status, v.where);
  compare(b.m, want, "bad descriptor");
}

// A region that ends exactly with its SRAM or window, or one unit behind. Regions may then lie on
// each other, so only the end is compared.
static void test_edge(Bench &b) {
  b.refuse = 0;
  shira_desc_gemm d = random_desc(b.m);
  const uint32_t n = b.m.n, k = b.m.k, t = d.tokens - 1;
  const bool int8 = d.out == SHIRA_GEMM_OUT_INT8, wadd = d.out == SHIRA_GEMM_OUT_WADD;
  const uint32_t image =
      (t / n * d.image_k_tiles + d.n_tiles) * n * k; // to the end of its last tile
  const struct {
    uint32_t *addr, extent, unit;
    size_t size;
    bool used;
  } regions[] = {
      {&d.w_addr, d.n_tiles * d.k_tiles * n * k, n * k, b.m.weight.size(), true},
      {&d.x_addr, t * d.x_stride + d.k_tiles * k, k, b.m.act.size(), true},
      {&d.acc_addr, (d.n_tiles - 1) * d.acc_stride + d.tokens * 4 * n, 4 * n, b.m.acc.size(), true},
      {&d.param_addr, d.n_tiles * 8 * n, 8 * n, b.m.param.size(), int8 && !d.uniform},
      {&d.out_addr, t * d.out_stride + d.n_tiles * n, n, b.m.act.size(), int8},
      {&d.out_addr, image, n * k, b.m.weight.size(), wadd},
      {&d.src_addr, image, n * k, b.m.weight.size(), wadd},
  };
  auto &r = regions[below(7)];
  if (!r.used || r.extent > r.size)
    return;
  d.win_lo = 0;
  d.win_hi = UINT64_MAX;
  if (below(2)) {
    *r.addr = (uint32_t)(r.size - r.extent + below(2) * r.unit);
  } else {
    const uint64_t lo = int8 || wadd ? d.out_addr : d.acc_addr;
    const uint64_t hi = wadd ? lo + image - (n - 1 - t % n) * k : lo + regions[int8 ? 4 : 2].extent;
    d.win_lo = lo + below(2);
    d.win_hi = hi - below(2);
  }
  const Verdict v = check(b.m, d);
  const size_t first = b.done.size();
  b.queue.push_back(d);
  b.run(first + 1);
  if (b.done.size() != first + 1 || b.done[first].status != v.status ||
      b.done[first].where != v.where)
    fail("%s: status %u, must be %u", text(d), b.done[first].status, v.status);
}

// Halted at any moment: whole result vectors in order, nothing else changed but accumulators.
static void test_halt(Bench &b, unsigned refuse) {
  b.refuse = refuse;
  Machine before = b.m;
  size_t first = b.done.size(), n = 1 + below(3), taken;
  std::vector<shira_desc_gemm> ds;
  for (size_t i = 0; i < n; i++) {
    ds.push_back(random_desc(b.m));
    b.queue.push_back(ds.back());
  }
  for (uint64_t wait = below(below(4) ? 30 : 3000); wait; wait--)
    b.tick();
  b.dut.halt_i = 1;
  b.tick();
  taken = n - b.queue.size();
  b.queue.clear();
  b.run(first + taken);
  b.dut.halt_i = 0;
  if (b.done.size() != first + taken)
    return fail("halt: %zu ends for %zu commands", b.done.size() - first, taken);
  for (size_t i = 0; i < taken; i++) {
    const Done &e = b.done[first + i];
    uint32_t all = ds[i].tokens * ds[i].n_tiles;
    if (e.status != (e.count == all ? SHIRA_STATUS_OK : SHIRA_STATUS_CANCELLED) && e.count != all)
      fail("halt: status %u count %u of %u", e.status, e.count, all);
    execute(before, ds[i], e.status == SHIRA_STATUS_OK ? UINT64_MAX : e.count);
  }
  before.acc = b.m.acc; // steps behind the last vector may have changed them
  compare(b.m, before, "halt");
}

// Output tiles whose sums lie on each other's, and start from what is there, wait for each other.
static bool waits(const Machine &m, const shira_desc_gemm &d) {
  return d.seed != SHIRA_GEMM_SEED_ZERO && d.acc_stride < (uint64_t)d.tokens * 4 * m.n;
}

// Without refusals: a step a cycle, and few cycles between queued descriptors. `tokens` 0 is any.
static void test_speed(Bench &b, uint32_t tokens) {
  b.refuse = 0;
  size_t first = b.done.size(), n = 3;
  shira_desc_gemm d[3];
  for (size_t i = 0; i < n; i++) {
    do
      d[i] = random_desc(b.m);
    while (tokens && d[i].tokens != tokens && i == 1);
    b.queue.push_back(d[i]);
  }
  uint64_t stalled = b.stalled;
  b.run(first + n);
  if (b.done.size() != first + n)
    return;
  for (size_t i = 0; i < n; i++) {
    const Done &e = b.done[first + i];
    const uint64_t steps = (uint64_t)d[i].tokens * d[i].n_tiles * d[i].k_tiles;
    const uint64_t least = waits(b.m, d[i]) ? steps + (d[i].n_tiles - 1) * (align + 4) : steps;
    const uint32_t took = e.last_work - e.first_work + 1;
    if (took < steps || took > least)
      fail("%s: %u cycles for %" PRIu64 " steps", text(d[i]), took, steps);
    if (!i)
      continue;
    const uint32_t gap = e.first_work - b.done[first + i - 1].last_work - 1;
    const uint32_t drain = d[i - 1].out == SHIRA_GEMM_OUT_ACC    ? 0
                           : d[i - 1].out == SHIRA_GEMM_OUT_INT8 ? most_gap_int8
                                                                 : most_gap_wadd;
    if (gap > (drain > most_gap_check ? drain : most_gap_check))
      fail("%u cycles between descriptors after out %u", gap, d[i - 1].out);
  }
  if (b.stalled != stalled)
    fail("stalled without a refusal");
}

// Where tiles and the words of wadd share a read port, the port or the array is busy in every
// cycle.
static void test_port(Bench &b) {
  b.refuse = 0;
  shira_desc_gemm d;
  do
    d = random_desc(b.m);
  while (d.out != SHIRA_GEMM_OUT_WADD || waits(b.m, d));
  const size_t first = b.done.size();
  b.one_read_port = true;
  b.queue.push_back(d);
  b.run(first + 1);
  b.one_read_port = false;
  if (b.done.size() != first + 1)
    return;
  const uint64_t words = (uint64_t)d.tokens * d.n_tiles, steps = words * d.k_tiles;
  const uint64_t reads = (uint64_t)d.n_tiles * d.k_tiles + words;
  const uint32_t took = b.done[first].last_work - b.done[first].first_work + 1;
  if (took > (steps > reads ? steps : reads))
    fail("%s: %u cycles for %" PRIu64 " steps and %" PRIu64 " reads", text(d), took, steps, reads);
}

static unsigned number, failed;

static void report(const char *name) {
  printf("%sok %u - %s\n", why[0] ? "not " : "", ++number, name);
  failed += why[0] != 0;
  if (why[0])
    printf("# %s\n", why);
  why[0] = 0;
}

int main(int argc, char **argv) {
  Verilated::commandArgs(argc, argv);
  const char *seed = getenv("SEED");
  uint64_t s = seed ? strtoull(seed, nullptr, 0) : 0;
  seed_rng(s);
  printf("1..10\n# seed %" PRIu64 "\n", s);
  Bench &b = *new Bench;
  fill(b.m.weight);
  fill(b.m.act);
  fill(b.m.acc);
  fill(b.m.param);

  for (int i = 0; i < 300 && !why[0]; i++)
    test_good(b, 0);
  report("descriptors, no refusals");
  for (int i = 0; i < 400 && !why[0]; i++)
    test_good(b, (unsigned)below(75));
  report("descriptors, ports refuse");
  for (uint32_t i = 0; i < 200 && !why[0]; i++)
    test_speed(b, i % 20);
  report("a step a cycle for any number of tokens, few cycles between");
  for (int i = 0; i < 300 && !why[0]; i++)
    test_port(b);
  report("a step a cycle where tiles and words share a read port");
  unsigned seen[256] = {0};
  for (int i = 0; i < 3000 && !why[0]; i++)
    test_bad(b, (unsigned)below(2) * 30, seen);
  for (unsigned status : {SHIRA_STATUS_BAD_FIELD, SHIRA_STATUS_BAD_ALIGN, SHIRA_STATUS_BAD_RANGE,
                          SHIRA_STATUS_WINDOW})
    if (!seen[status])
      fail("no descriptor with status %u was tried", status);
  report("bad descriptors change nothing and name the field");
  for (int i = 0; i < 4000 && !why[0]; i++)
    test_edge(b);
  report("regions and windows to the byte");
  for (int i = 0; i < 400 && !why[0]; i++) {
    test_halt(b, (unsigned)below(3) * 25);
    fill(b.m.acc);
  }
  report("halt at any moment");
  for (int i = 0; i < 100 && !why[0]; i++)
    test_good(b, 20);
  report("works after errors and halts");
  if (b.done.size() < 4000)
    fail("only %zu commands ended", b.done.size());
  report("commands were executed");

  Machine broken = b.m;
  broken.act[below(broken.act.size())] ^= 1;
  compare(b.m, broken, "planted");
  if (why[0])
    why[0] = 0;
  else
    fail("one flipped bit was not seen");
  report("the comparison sees one flipped bit");
  shira_coverage_write(Verilated::threadContextp());
  return failed != 0;
}
