// Bench of the AXI master's read and write sides, the registers and the counters.
// SEED chooses stalls, requests and events; every expectation is computed here from the requests.
#include "Vaxi_tb_top.h"
#include "host/include/shira/regs.h"
#include "verilated.h"
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

double sc_time_stamp() {
  return 0;
}

static const unsigned kBeat = 8, kRd = 3, kWr = 2, kOutstanding = 4, kAlign = 32;
static const uint64_t kErrBase = 0x9000000000ull; // SLVERR behind it
static const uint64_t kDecBase = 0xa000000000ull; // DECERR behind it

static Vaxi_tb_top *top;
static std::mt19937 rng;
static unsigned n_tests, n_failed;
static std::string why; // first failed expectation of the running test

static uint32_t rnd(uint32_t n) {
  return rng() % n;
}

static void expect(bool good, const char *format, ...) {
  if (good || !why.empty())
    return;
  char text[256];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  why = text;
}

static void report(const char *name) {
  n_tests++;
  if (why.empty()) {
    printf("ok %u - %s\n", n_tests, name);
  } else {
    n_failed++;
    printf("not ok %u - %s\n# %s\n", n_tests, name, why.c_str());
  }
  why.clear();
}

static uint64_t word_of(uint64_t addr) {
  return (addr * 0x9e3779b97f4a7c15ull) ^ (addr >> 7);
}

static unsigned resp_of(uint64_t addr) {
  return addr >= kDecBase ? 3 : addr >= kErrBase ? 2 : 0;
}

static unsigned bursts_of(uint64_t addr, unsigned beats) {
  return (unsigned)((addr + beats * kBeat - 1) / kAlign - addr / kAlign + 1);
}

static void put64(uint32_t *words, unsigned i, uint64_t value) {
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

static Burst random_burst() {
  Burst b = {};
  unsigned beats = 1 + rnd(8);
  uint64_t base = rnd(12) == 0 ? kErrBase : rnd(12) == 0 ? kDecBase : 0x100000000ull * rnd(4);
  uint64_t page = base + 4096ull * rnd(64);
  b.addr = page + kBeat * rnd(4096 / kBeat - beats + 1);
  b.len = beats - 1;
  return b;
}

// ------------------------------------------------------------------- reads
struct ReadBench {
  std::deque<Burst> wanted[kRd]; // not yet taken
  std::deque<Burst> open[kRd];   // taken, in order
  std::deque<Burst> memory[16];  // seen on AR by id
  unsigned in_flight = 0, most = 0, cycles = 0, beats = 0, bursts = 0, taken[kRd] = {};
  bool valid[kRd] = {};

  void drive(const Stalls &s) {
    top->rd_req_valid_i = 0;
    for (unsigned c = 0; c < kRd; c++) {
      if (!valid[c])
        valid[c] = !wanted[c].empty() && rnd(100) >= s.client;
      if (!valid[c])
        continue;
      top->rd_req_valid_i |= 1u << c;
      put64(top->rd_req_addr_i.data(), c, wanted[c].front().addr);
      top->rd_req_len_i = (top->rd_req_len_i & ~(0xffu << (8 * c))) | wanted[c].front().len
                                                                          << (8 * c);
    }
    top->arready_i = rnd(100) >= s.ar;
    // one beat of any id that has an answer due; ids may interleave
    top->rvalid_i = 0;
    unsigned first = rnd(16);
    for (unsigned k = 0; k < 16 && !top->rvalid_i; k++) {
      unsigned id = (first + k) % 16;
      if (memory[id].empty() || memory[id].front().ready > cycles || rnd(100) < s.r)
        continue;
      Burst &b = memory[id].front();
      uint64_t addr = b.addr + b.beat * kBeat;
      top->rvalid_i = 1;
      top->rid_i = id;
      top->rdata_i = word_of(addr);
      top->rresp_i = resp_of(addr);
      top->rlast_i = b.beat == b.len;
    }
  }

  void sample(unsigned latency) {
    cycles++;
    for (unsigned c = 0; c < kRd; c++) {
      if (!(top->rd_req_valid_i & top->rd_req_ready_o & 1u << c))
        continue;
      Burst b = wanted[c].front();
      wanted[c].pop_front();
      valid[c] = false;
      open[c].push_back(b);
      taken[c]++;
      bursts += bursts_of(b.addr, b.len + 1);
      in_flight++;
      if (in_flight > most)
        most = in_flight;
    }
    if (top->arvalid_o && top->arready_i) {
      unsigned id = top->arid_o;
      expect(id < kRd, "ARID %u is no client", id);
      expect(top->arsize_o == 3 && top->arburst_o == 1, "ARSIZE or ARBURST");
      Burst b = {top->araddr_o, top->arlen_o, 0, cycles + latency + rnd(latency + 1)};
      memory[id].push_back(b);
    }
    expect(top->rready_o, "RREADY is low");
    unsigned want = top->rvalid_i ? 1u << top->rid_i : 0;
    expect(top->rd_rsp_valid_o == want, "response to clients %x, wanted %x", top->rd_rsp_valid_o,
           want);
    expect(top->rd_moved_o == ((top->arvalid_o && top->arready_i) || top->rvalid_i), "read moved");
    if (!top->rvalid_i)
      return;
    unsigned c = top->rid_i;
    beats++;
    expect(!open[c].empty(), "client %u has no open burst", c);
    if (open[c].empty())
      return;
    Burst &b = open[c].front();
    uint64_t addr = b.addr + b.beat * kBeat;
    expect(top->rd_rsp_data_o == word_of(addr), "client %u: data of %llx", c,
           (unsigned long long)addr);
    expect(top->rd_rsp_err_o == resp_of(addr), "client %u: response", c);
    expect(top->rd_rsp_last_o == (b.beat == b.len), "client %u: last", c);
    memory[c].front().beat++;
    if (b.beat++ == b.len) {
      open[c].pop_front();
      memory[c].pop_front();
      in_flight--;
    }
  }

  bool done() const {
    for (unsigned c = 0; c < kRd; c++)
      if (!wanted[c].empty() || !open[c].empty())
        return false;
    return true;
  }
};

// ------------------------------------------------------------------ writes
struct Beat {
  uint64_t data;
  uint8_t strb;
};

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

  void want(unsigned c, Burst b) {
    wanted[c].push_back(b);
    for (unsigned i = 0; i <= b.len; i++) {
      Beat beat = {word_of(rng()), (uint8_t)(rnd(4) ? 0xff : rng())};
      data[c].push_back(beat);
    }
  }

  void drive(const Stalls &s) {
    top->wr_req_valid_i = 0;
    top->wr_data_valid_i = 0;
    top->wr_last_i = 0;
    for (unsigned c = 0; c < kWr; c++) {
      if (!valid[c])
        valid[c] = !wanted[c].empty() && rnd(100) >= s.client;
      if (valid[c]) {
        top->wr_req_valid_i |= 1u << c;
        put64(top->wr_req_addr_i.data(), c, wanted[c].front().addr);
        top->wr_req_len_i = (top->wr_req_len_i & ~(0xffu << (8 * c))) | wanted[c].front().len
                                                                            << (8 * c);
      }
      if (!data_valid[c])
        data_valid[c] = !sending[c].empty() && rnd(100) >= s.data;
      if (data_valid[c]) {
        top->wr_data_valid_i |= 1u << c;
        put64(top->wr_data_i.data(), c, data[c].front().data);
        top->wr_strb_i = (top->wr_strb_i & ~(0xffu << (8 * c))) | data[c].front().strb << (8 * c);
        if (sending[c].front().beat == sending[c].front().len)
          top->wr_last_i |= 1u << c;
      }
    }
    top->awready_i = rnd(100) >= s.aw;
    top->wready_i = rnd(100) >= s.w;
    top->bvalid_i = 0;
    if (!answers.empty() && rnd(100) >= s.b) {
      // the oldest of a random client: order holds within an id only
      size_t pick = 0;
      unsigned id = rnd(kWr);
      for (size_t i = 0; i < answers.size(); i++)
        if (answers[i].first == id) {
          pick = i;
          break;
        }
      for (size_t i = 0; i < pick; i++)
        if (answers[i].first == answers[pick].first)
          pick = i;
      if (answers[pick].second.ready <= cycles) {
        std::swap(answers[pick], answers.front());
        if (pick > 1) { // keep the order of the rest
          auto moved = answers[pick];
          answers.erase(answers.begin() + (long)pick);
          answers.insert(answers.begin() + 1, moved);
        }
        top->bvalid_i = 1;
        top->bid_i = answers.front().first;
        top->bresp_i = resp_of(answers.front().second.addr);
      }
    }
  }

  void land(unsigned latency) {
    while (!aw.empty() && !w.empty()) {
      Burst &b = aw.front().second;
      for (unsigned i = 0; i < kBeat; i++)
        if (w.front().strb >> i & 1)
          memory[b.addr + b.beat * kBeat + i] = (uint8_t)(w.front().data >> (8 * i));
      expect(lasts.front() == (b.beat == b.len), "WLAST at beat %u of %u", b.beat, b.len + 1);
      w.pop_front();
      lasts.pop_front();
      if (b.beat++ == b.len) {
        b.ready = cycles + latency + rnd(latency + 1);
        answers.push_back(aw.front());
        aw.pop_front();
      }
    }
  }

  void sample(unsigned latency) {
    cycles++;
    bool w_moved = top->wvalid_o && top->wready_i, aw_moved = top->awvalid_o && top->awready_i;
    expect(top->wr_moved_o == (w_moved || aw_moved || top->bvalid_i), "write moved");
    for (unsigned c = 0; c < kWr; c++) {
      if (top->wr_data_valid_i & top->wr_data_ready_o & 1u << c) {
        Burst &b = sending[c].front();
        for (unsigned i = 0; i < kBeat; i++)
          if (data[c].front().strb >> i & 1)
            model[b.addr + b.beat * kBeat + i] = (uint8_t)(data[c].front().data >> (8 * i));
        data[c].pop_front();
        data_valid[c] = false;
        if (b.beat++ == b.len)
          sending[c].pop_front();
      }
    }
    for (unsigned c = 0; c < kWr; c++) {
      if (top->wr_req_valid_i & top->wr_req_ready_o & 1u << c) {
        Burst b = wanted[c].front();
        wanted[c].pop_front();
        valid[c] = false;
        sending[c].push_back(b);
        open[c].push_back(b);
        taken[c]++;
        bursts += bursts_of(b.addr, b.len + 1);
        if (++in_flight > most)
          most = in_flight;
      }
    }
    if (w_moved) {
      Beat beat = {top->wdata_o, (uint8_t)top->wstrb_o};
      w.push_back(beat);
      lasts.push_back(top->wlast_o);
      beats++;
    }
    if (aw_moved) {
      expect(top->awsize_o == 3 && top->awburst_o == 1, "AWSIZE or AWBURST");
      aw.push_back({top->awid_o, Burst{top->awaddr_o, top->awlen_o, 0, 0}});
    }
    land(latency);
    w_before_aw += !w.empty();
    expect(top->bready_o, "BREADY is low");
    expect(top->wr_rsp_valid_o == (top->bvalid_i ? 1u << top->bid_i : 0), "B routed");
    if (top->bvalid_i) {
      unsigned c = top->bid_i;
      expect(!open[c].empty(), "B of client %u without a burst", c);
      if (!open[c].empty()) {
        expect(open[c].front().addr == answers.front().second.addr, "B order of client %u", c);
        expect(top->wr_rsp_err_o == resp_of(open[c].front().addr), "B response");
        open[c].pop_front();
      }
      answers.pop_front();
      in_flight--;
    }
  }

  bool done() const {
    for (unsigned c = 0; c < kWr; c++)
      if (!wanted[c].empty() || !open[c].empty())
        return false;
    return true;
  }
};

static void tick() {
  top->clk_i = 1;
  top->eval();
  top->clk_i = 0;
  top->eval();
}

static void quiet() {
  top->rd_req_valid_i = top->rvalid_i = top->wr_req_valid_i = top->wr_data_valid_i = 0;
  top->bvalid_i = top->axil_awvalid_i = top->axil_wvalid_i = top->axil_arvalid_i = 0;
  top->arready_i = top->awready_i = top->wready_i = 0;
  top->axil_bready_i = top->axil_rready_i = 1;
  top->irq_set_i = 0;
  memset(top->traffic_i.data(), 0, 16);
  memset(top->sram_events_i.data(), 0, 12);
  top->ev_descriptor_i = top->ev_bank_stall_i = 0;
  top->ev_updates_i = top->ev_macs_i = 0;
  top->state_i = top->waiting_i = 0;
}

static void reset() {
  quiet();
  top->rst_ni = 0;
  top->eval();
  tick();
  tick();
  top->rst_ni = 1;
  top->eval();
}

static Stalls random_stalls() {
  static const unsigned level[] = {0, 0, 20, 60, 90};
  Stalls s;
  unsigned *p[] = {&s.client, &s.ar, &s.r, &s.aw, &s.w, &s.b, &s.data};
  for (unsigned *x : p)
    *x = level[rnd(5)];
  return s;
}

static uint64_t counter(unsigned index);

static void test_traffic() {
  uint64_t rd = 0, wr = 0;
  unsigned ahead = 0;
  reset();
  for (unsigned round = 0; round < 40; round++) {
    ReadBench r;
    WriteBench w;
    Stalls s = random_stalls();
    unsigned latency = rnd(3) * 20;
    for (unsigned i = 0; i < 60; i++) {
      r.wanted[rnd(kRd)].push_back(random_burst());
      w.want(rnd(kWr), random_burst());
    }
    unsigned limit = 200000;
    while ((!r.done() || !w.done()) && --limit) {
      r.drive(s);
      w.drive(s);
      top->eval();
      r.sample(latency);
      w.sample(latency);
      tick();
      expect(r.most <= kOutstanding, "%u reads in flight", r.most);
      expect(w.most <= kOutstanding, "%u writes in flight", w.most);
    }
    quiet();
    top->eval();
    expect(limit > 0, "round %u did not end", round);
    expect(top->rd_idle_o && top->wr_idle_o, "not idle at the end");
    expect(w.memory == w.model, "memory differs from what was sent");
    rd += r.bursts;
    wr += w.bursts;
    ahead += w.w_before_aw;
  }
  expect(counter(SHIRA_COUNTER_READ_BURSTS) == rd, "read bursts");
  expect(counter(SHIRA_COUNTER_WRITTEN_BURSTS) == wr, "written bursts");
  expect(ahead > 0, "W never came before AW: the bench did not try it");
  report("reads and writes of all clients, random stalls: data, order, responses, bursts counted");
}

static void test_fair() {
  ReadBench r;
  WriteBench w;
  Stalls s = {};
  Burst b = {0x1000, 3, 0, 0};
  reset();
  for (unsigned i = 0; i < 300; i++) {
    for (unsigned c = 0; c < kRd; c++)
      r.wanted[c].push_back(b);
    for (unsigned c = 0; c < kWr; c++)
      w.want(c, b);
  }
  for (unsigned i = 0; i < 400; i++) {
    r.drive(s);
    w.drive(s);
    top->eval();
    r.sample(0);
    w.sample(0);
    tick();
    for (unsigned c = 1; c < kRd; c++)
      expect(r.taken[c] + 1 >= r.taken[0] && r.taken[0] + 1 >= r.taken[c], "reads: not fair");
    expect(w.taken[1] + 1 >= w.taken[0] && w.taken[0] + 1 >= w.taken[1], "writes: not fair");
  }
  expect(r.beats >= 380, "%u read beats in 400 cycles", r.beats);
  expect(w.beats >= 380, "%u written beats in 400 cycles", w.beats);
  expect(r.most == kOutstanding, "only %u reads in flight", r.most);
  report("clients share the channels in turn; a beat a cycle");
}

// --------------------------------------------------------------- registers
static bool axil_write(unsigned addr, uint32_t data, unsigned strb = 15) {
  top->axil_awaddr_i = addr;
  top->axil_wdata_i = data;
  top->axil_wstrb_i = strb;
  unsigned lead = rnd(3); // AW or W may come first
  bool taken = false;
  for (unsigned i = 0; i < 20 && !taken; i++) {
    top->axil_awvalid_i = lead != 1 || i >= 2;
    top->axil_wvalid_i = lead != 2 || i >= 2;
    top->eval();
    taken = top->axil_awvalid_i && top->axil_wvalid_i && top->axil_awready_o && top->axil_wready_o;
    expect(top->axil_awready_o == top->axil_wready_o, "AW and W taken apart");
    tick();
  }
  expect(taken, "write of %03x was not taken", addr);
  top->axil_awvalid_i = top->axil_wvalid_i = 0;
  top->axil_bready_i = 0;
  for (unsigned i = rnd(3); i > 0; i--) {
    top->eval();
    expect(top->axil_bvalid_o, "B fell");
    tick();
  }
  top->axil_bready_i = 1;
  top->eval();
  expect(top->axil_bvalid_o, "no B");
  unsigned resp = top->axil_bresp_o;
  tick();
  expect(resp == 0 || resp == 2, "BRESP %u", resp);
  return resp == 0;
}

static bool axil_read(unsigned addr, uint32_t *data) {
  top->axil_araddr_i = addr;
  top->axil_arvalid_i = 1;
  top->eval();
  expect(top->axil_arready_o, "read of %03x was not taken", addr);
  tick();
  top->axil_arvalid_i = 0;
  top->axil_rready_i = 0;
  for (unsigned i = rnd(3); i > 0; i--)
    tick();
  top->axil_rready_i = 1;
  top->eval();
  expect(top->axil_rvalid_o, "no R");
  unsigned resp = top->axil_rresp_o;
  *data = top->axil_rdata_o;
  tick();
  expect(resp == 0 || resp == 2, "RRESP %u", resp);
  return resp == 0;
}

static uint32_t get(unsigned addr) {
  uint32_t data = 0;
  expect(axil_read(addr, &data), "SLVERR on %03x", addr);
  return data;
}

static uint64_t counter(unsigned index) {
  uint64_t low = get(SHIRA_COUNTER_OFFSET + 8 * index);
  return low | (uint64_t)get(SHIRA_COUNTER_OFFSET + 8 * index + 4) << 32;
}

static void test_reset_values() {
  reset();
  top->status_i = 5;
  top->ring_head_i = 42;
  static const struct {
    unsigned addr;
    uint32_t value;
  } list[] = {
      {SHIRA_REG_ID, SHIRA_DEVICE_ID},
      {SHIRA_REG_VERSION, SHIRA_INTERFACE_VERSION},
      {SHIRA_REG_BUILD, 0x1234abcd},
      {SHIRA_REG_CAP_ARRAY_N, 16},
      {SHIRA_REG_CAP_ARRAY_K, 16},
      {SHIRA_REG_CAP_BANKS, 16},
      {SHIRA_REG_CAP_LAYOUT, 0},
      {SHIRA_REG_CAP_WEIGHT_BYTES, 8388608},
      {SHIRA_REG_CAP_ACTIVATION_BYTES, 1048576},
      {SHIRA_REG_CAP_ACCUMULATOR_BYTES, 65536},
      {SHIRA_REG_CAP_PARAMETER_BYTES, 262144},
      {SHIRA_REG_CAP_DTYPES, 1},
      {SHIRA_REG_CAP_FORMATS, 2},
      {SHIRA_REG_CAP_LANES, 8},
      {SHIRA_REG_CAP_STREAM_ALIGN, 32},
      {SHIRA_REG_CAP_BLOCK_UPDATES, 512},
      {SHIRA_REG_CAP_BLOCK_GAPS, 2048},
      {SHIRA_REG_CAP_BEAT_BYTES, 8},
      {SHIRA_REG_CTRL, 0},
      {SHIRA_REG_STATUS, 5},
      {SHIRA_REG_ERROR_STATUS, 12},
      {SHIRA_REG_ERROR_SEQ, 0x01020304},
      {SHIRA_REG_ERROR_WHERE_LO, 0x55667788},
      {SHIRA_REG_ERROR_WHERE_HI, 0x11223344},
      {SHIRA_REG_IRQ_STATUS, 0},
      {SHIRA_REG_IRQ_ENABLE, 0},
      {SHIRA_REG_RING_BASE_LO, 0},
      {SHIRA_REG_RING_BASE_HI, 0},
      {SHIRA_REG_RING_LOG2, 1},
      {SHIRA_REG_RING_TAIL, 0},
      {SHIRA_REG_RING_HEAD, 42},
      {SHIRA_REG_COMPLETION_BASE_LO, 0},
      {SHIRA_REG_COMPLETION_BASE_HI, 0},
      {SHIRA_REG_COMPLETION_COUNT, 77},
      {SHIRA_REG_WATCHDOG, 65536},
      {SHIRA_REG_ERROR_COUNT, 9},
      {SHIRA_REG_DOORBELL_CYCLE_LO, 0xccccdddd},
      {SHIRA_REG_DOORBELL_CYCLE_HI, 0xaaaabbbb},
      {SHIRA_REG_COMPLETION_CYCLE_LO, 0x89abcdef},
      {SHIRA_REG_COMPLETION_CYCLE_HI, 0x01234567},
  };
  for (const auto &r : list)
    expect(get(r.addr) == r.value, "register %03x reads %08x", r.addr, get(r.addr));
  top->cycle_i = 0xfffffffeull;
  expect(get(SHIRA_REG_CYCLE_LO) == 0xfffffffe, "cycle_lo");
  top->cycle_i = 0x100000001ull;
  expect(get(SHIRA_REG_CYCLE_HI) == 0, "cycle_hi was not latched");
  expect(get(SHIRA_REG_CYCLE_LO) == 1 && get(SHIRA_REG_CYCLE_HI) == 1, "cycle");
  report("registers: values after reset, and of the command unit");
}

static bool readable(unsigned addr) {
  if (addr % 4)
    return false;
  if (addr >= SHIRA_COUNTER_OFFSET)
    return addr < SHIRA_COUNTER_OFFSET + 8 * SHIRA_COUNTER_COUNT;
  return addr <= 0x008 || (addr >= 0x010 && addr <= 0x048) || (addr >= 0x100 && addr <= 0x15c);
}

static bool writable(unsigned addr) {
  switch (addr) {
  case SHIRA_REG_CTRL:
  case SHIRA_REG_IRQ_STATUS:
  case SHIRA_REG_IRQ_ENABLE:
  case SHIRA_REG_RING_BASE_LO:
  case SHIRA_REG_RING_BASE_HI:
  case SHIRA_REG_RING_LOG2:
  case SHIRA_REG_RING_TAIL:
  case SHIRA_REG_COMPLETION_BASE_LO:
  case SHIRA_REG_COMPLETION_BASE_HI:
  case SHIRA_REG_WATCHDOG:
    return true;
  default:
    return false;
  }
}

static void test_map() {
  reset();
  for (unsigned addr = 0; addr < 4096; addr++) {
    uint32_t data;
    expect(axil_read(addr, &data) == readable(addr), "read of %03x", addr);
    if (addr != SHIRA_REG_CTRL)
      expect(axil_write(addr, 0) == writable(addr), "write of %03x", addr);
  }
  report("registers: every other address answers SLVERR, read and written");
}

static void test_writes() {
  reset();
  expect(axil_write(SHIRA_REG_RING_BASE_LO, 0x12345678), "write");
  expect(axil_write(SHIRA_REG_RING_BASE_HI, 0x9abcdef0), "write");
  expect(axil_write(SHIRA_REG_COMPLETION_BASE_LO, 0xffffffff), "write");
  expect(axil_write(SHIRA_REG_COMPLETION_BASE_HI, 0x00000001), "write");
  expect(top->ring_base_o == 0x9abcdef012345000ull, "ring base");
  expect(top->completion_base_o == 0x1fffff000ull, "completion base");
  expect(get(SHIRA_REG_RING_BASE_LO) == 0x12345000, "ring base reads its low bits");
  expect(axil_write(SHIRA_REG_RING_BASE_HI, 0x11223344, 0x6), "write");
  expect(get(SHIRA_REG_RING_BASE_HI) == 0x9a2233f0, "strobes");
  static const uint32_t logs[][2] = {{0, 1}, {1, 1}, {9, 9}, {16, 16}, {17, 16}, {0x105, 16}};
  for (const auto &l : logs) {
    axil_write(SHIRA_REG_RING_LOG2, l[0]);
    expect(get(SHIRA_REG_RING_LOG2) == l[1] && top->ring_log2_o == l[1], "ring_log2 %u", l[0]);
  }
  axil_write(SHIRA_REG_WATCHDOG, 1234);
  expect(top->watchdog_o == 1234 && get(SHIRA_REG_WATCHDOG) == 1234, "watchdog");

  // pulses come in the cycle of the write
  top->axil_awaddr_i = SHIRA_REG_RING_TAIL;
  top->axil_wdata_i = 7;
  top->axil_wstrb_i = 15;
  top->axil_awvalid_i = top->axil_wvalid_i = 1;
  top->eval();
  expect(top->doorbell_o && !top->ack_o, "doorbell");
  tick();
  top->axil_awaddr_i = SHIRA_REG_CTRL;
  top->axil_wdata_i = 3;
  top->eval();
  expect(!top->doorbell_o && top->ack_o, "ack");
  expect(top->ring_tail_o == 7, "tail");
  tick();
  quiet();
  top->eval();
  expect(top->enable_o && !top->ack_o && get(SHIRA_REG_CTRL) == 1, "enable stays, ack does not");
  report("registers: writes, strobes, limits and pulses");
}

static void test_irq() {
  reset();
  top->irq_set_i = 1;
  tick();
  top->irq_set_i = 0;
  top->eval();
  expect(!top->irq_o && get(SHIRA_REG_IRQ_STATUS) == 1, "pending, not enabled");
  axil_write(SHIRA_REG_IRQ_ENABLE, 3);
  top->eval();
  expect(top->irq_o, "enabled");
  axil_write(SHIRA_REG_IRQ_STATUS, 2);
  expect(get(SHIRA_REG_IRQ_STATUS) == 1, "writing 1 clears only that bit");
  top->axil_awaddr_i = SHIRA_REG_IRQ_STATUS;
  top->axil_wdata_i = 3;
  top->axil_wstrb_i = 15;
  top->axil_awvalid_i = top->axil_wvalid_i = 1;
  top->irq_set_i = 3; // comes in the very cycle in which it is cleared
  top->eval();
  expect(top->axil_awready_o, "the write was not taken");
  tick();
  quiet();
  tick();
  top->eval();
  expect(get(SHIRA_REG_IRQ_STATUS) == 3 && top->irq_o, "an interrupt was lost");
  axil_write(SHIRA_REG_IRQ_STATUS, 3);
  top->eval();
  expect(get(SHIRA_REG_IRQ_STATUS) == 0 && !top->irq_o, "cleared");
  report("registers: interrupts are kept, cleared by 1, never lost");
}

// ---------------------------------------------------------------- counters
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

static void test_counters() {
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

static void test_states_sum() {
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

int main(int argc, char **argv) {
  Verilated::commandArgs(argc, argv);
  const char *text = getenv("SEED");
  unsigned seed = text ? (unsigned)strtoul(text, nullptr, 0) : 0;
  rng.seed(seed);
  printf("# SEED=%u\n1..8\n", seed);
  top = new Vaxi_tb_top;
  test_traffic();
  test_fair();
  test_reset_values();
  test_map();
  test_writes();
  test_irq();
  test_counters();
  test_states_sum();
  top->final();
  delete top;
  return n_failed != 0;
}
