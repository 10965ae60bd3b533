// Bench of shira_scatter: random streams against a software model, bad descriptors, spoilt streams,
// windows, AXI errors, halts, and throughput against the bound of updates / lanes.
#include <cstdarg>

#include <algorithm>

#include "Vshira_scatter.h"
#include "tests/block/scatter/stream.h"
#include "verilated.h"

#ifdef TINY
constexpr unsigned kBeat = 8, kBurst = 64, kOutstanding = 4, kBanks = 4, kWord = 4, kLanes = 2;
constexpr uint32_t kWeights = 65536;
constexpr Limits kLimits = {32, 16, kBeat, kBurst};
#else
constexpr unsigned kBeat = 32, kBurst = 512, kOutstanding = 16, kBanks = 16, kWord = 16, kLanes = 8;
constexpr uint32_t kWeights = 8388608;
constexpr Limits kLimits = {32, 512, kBeat, kBurst};
#endif
constexpr uint64_t kMemory = 1 << 20;
using Mem = Memory<kBeat>;

constexpr unsigned log2_of(uint64_t n) {
  return n <= 1 ? 0 : 1 + log2_of(n / 2);
}
constexpr unsigned kRowBits = log2_of(kWeights / (kBanks * kWord));

// Bits [at, at + n) of a port of any width, n <= 32.
static uint32_t bits(const void *port, unsigned at, unsigned n) {
  uint64_t v = 0;
  memcpy(&v, (const uint8_t *)port + at / 8, (at % 8 + n + 7) / 8);
  return uint32_t(v >> at % 8 & ((uint64_t(1) << n) - 1));
}

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
  uint64_t cycle = 1000;
  unsigned bank_stall = 0;
  uint64_t traffic[16] = {};
  uint64_t updates = 0, writes = 0, bank_stalls = 0, states[5] = {};
  std::deque<Job> queue;
  std::vector<Result> results;
  bool halt = false;
  Steady rd_req, done, bank[kBanks];
  uint64_t place = 0; // of the next stream in memory

  explicit Bench(uint64_t seed) : weights(kWeights), model(kWeights) {
    rnd.engine.seed(seed);
    mem.rnd = &rnd;
    mem.tap = &tap;
    mem.burst_bytes = kBurst;
    mem.bytes.resize(kMemory);
    top.rst_ni = 0;
    top.halt_i = 0;
    for (int i = 0; i < 3; i++)
      step();
    top.rst_ni = 1;
    for (uint32_t i = 0; i < kWeights; i++)
      weights[i] = uint8_t(i * 77 + i / 256);
    model = weights;
  }

  void drive() {
    mem.drive(cycle);
    top.cycle_i = cycle;
    top.halt_i = halt;
    top.rd_req_ready_i = mem.rd_ready;
    top.rd_rsp_valid_i = mem.rsp_valid;
    top.rd_rsp_last_i = mem.rsp_last;
    top.rd_rsp_err_i = mem.rsp_err;
    memcpy(&top.rd_rsp_data_i, mem.rsp_data, kBeat);
    top.bank_ready_i = (1u << kBanks) - 1;
    for (unsigned b = 0; b < kBanks && bank_stall; b++)
      if (rnd.percent(bank_stall))
        top.bank_ready_i &= ~(1u << b);
    top.done_ready_i = bank_stall == 0 || rnd.percent(60);
    top.cmd_valid_i = !queue.empty() && !halt;
    if (top.cmd_valid_i)
      memcpy(&top.cmd_desc_i, &queue.front().d, 128);
  }

  void step() {
    top.clk_i = 0;
    drive();
    top.eval();
    if (top.rst_ni)
      observe();
    mem.clock_read(cycle, top.rst_ni && top.rd_req_valid_o, top.rd_req_addr_o, top.rd_req_len_o);
    top.clk_i = 1;
    top.eval();
    cycle++;
  }

  void observe() {
    unsigned changed = 0;
    for (unsigned b = 0; b < kBanks; b++)
      changed += observe_bank(b);
    if ((changed != 0) != (top.ev_updates_o != 0) || changed > top.ev_updates_o)
      tap.fail("%u bytes written, %u updates counted", changed, top.ev_updates_o);
    updates += top.ev_updates_o;
    bank_stalls += top.ev_bank_stall_o;
    rd_req.clock(tap, "read request", top.rd_req_valid_o, top.rd_req_ready_i, top.rd_req_addr_o,
                 top.rd_req_len_o);
    done.clock(tap, "result", top.done_valid_o, top.done_ready_i, top.done_o);
    if (top.state_o > 4)
      tap.fail("state %u", top.state_o);
    else
      states[top.state_o]++;
    const uint32_t t = top.traffic_o; // rd_valid 25, rd_class 24:21, rd_bytes 20:13
    if (t >> 25 & 1)
      traffic[t >> 21 & 15] += t >> 13 & 255;
    if (t >> 12 & 1)
      tap.fail("SCATTER counts written bytes");
    if (top.cmd_valid_i && top.cmd_ready_o)
      queue.pop_front();
    if (top.done_valid_o && top.done_ready_i)
      results.push_back(Result((const uint32_t *)&top.done_o));
  }

  // Returns the bytes written in this bank.
  unsigned observe_bank(unsigned b) {
    const bool valid = top.bank_valid_o >> b & 1, ready = top.bank_ready_i >> b & 1;
    uint32_t row = 0, mask = 0;
    if (valid) {
      row = bits(&top.bank_row_o, b * kRowBits, kRowBits);
      mask = bits(&top.bank_mask_o, b * kWord, kWord);
    }
    bank[b].clock(tap, "bank write", valid, ready, row, mask);
    if (!valid || !ready)
      return 0;
    if (mask == 0)
      tap.fail("bank %u: empty write", b);
    writes++;
    for (unsigned i = 0; i < kWord; i++)
      if (mask >> i & 1)
        weights[(uint64_t(row) * kBanks + b) * kWord + i] =
            uint8_t(bits(&top.bank_data_o, (b * kWord + i) * 8, 8));
    return unsigned(__builtin_popcount(mask));
  }

  bool run(size_t n) {
    const uint64_t deadline = cycle + 400000;
    while (results.size() < n || !top.idle_o) {
      step();
      if (cycle > deadline)
        return tap.fail("no end: %zu of %zu results", results.size(), n), false;
    }
    for (int i = 0; i < 3; i++)
      step();
    return true;
  }

  void random_timing() {
    mem.t = MemoryTiming{};
    mem.t.latency = unsigned(rnd.range(1, 40));
    mem.t.jitter = rnd.percent(50) ? unsigned(rnd.range(0, 60)) : 0;
    mem.t.stall_percent = rnd.percent(60) ? unsigned(rnd.range(0, 60)) : 0;
    mem.t.bytes_per_cycle = rnd.percent(50) ? kBeat * double(rnd.range(2, 10)) / 10 : 1e9;
    mem.t.outstanding = kOutstanding;
    bank_stall = rnd.percent(60) ? unsigned(rnd.range(0, 70)) : 0;
  }

  // Sorted updates within [0, room) of a random kind: sparse, dense, runs, or far apart.
  std::vector<Update> random_updates(uint32_t room, size_t most) {
    std::vector<Update> u;
    const unsigned kind = unsigned(rnd.below(4));
    const size_t n = rnd.range(1, most);
    uint64_t at = rnd.below(300);
    for (size_t i = 0; i < n && at < room; i++) {
      u.push_back({uint32_t(at), uint8_t(rnd.engine())});
      const uint64_t far = rnd.percent(3) ? rnd.below(3000) : 0;
      at += 1 +
            (kind == 0   ? rnd.below(200)
             : kind == 1 ? 0
             : kind == 2 ? rnd.percent(8) * rnd.below(500)
                         : rnd.range(200, 800)) +
            far;
    }
    if (u.empty())
      u.push_back({0, 1});
    return u;
  }

  Job make_job(const std::vector<Block> &blocks, uint32_t base) {
    Job j = {};
    j.d.opcode = SHIRA_OPCODE_SCATTER;
    j.d.op = SHIRA_SCATTER_OP_SET;
    j.d.format = SHIRA_STREAM_FORMAT_GAP8;
    j.d.traffic = rnd.percent(50) ? SHIRA_TRAFFIC_VALUE : SHIRA_TRAFFIC_UNDO;
    for (auto &b : blocks) {
      lay_out(kLimits, b, j.stream);
      j.d.updates += b.updates;
    }
    j.d.stream_bytes = uint32_t(j.stream.size());
    j.d.base = base;
    j.d.win_lo = 0;
    j.d.win_hi = kWeights;
    return j;
  }
  Job random_job(size_t most = 8 * kLimits.block_updates) {
    const uint32_t room = uint32_t(rnd.range(1, rnd.percent(50) ? 4096 : kWeights));
    const uint32_t base = uint32_t(rnd.below((kWeights - room) / kWord + 1) * kWord);
    Random &r = rnd;
    Job j = make_job(cut(kLimits, random_updates(room, rnd.percent(70) ? most / 8 + 1 : most), r,
                         rnd.percent(50)),
                     base);
    if (rnd.percent(30)) {
      j.d.win_lo = base;
      j.d.win_hi = uint64_t(base) + room;
    }
    return j;
  }

  // Puts the stream into memory and hands the descriptor in.
  void submit(Job &j) {
    if (place + j.stream.size() + 64 > kMemory)
      place = 0;
    place += rnd.below(3) * kLimits.align;
    j.d.stream_addr = Mem::base + place;
    memcpy(&mem.bytes[place], j.stream.data(), j.stream.size());
    place += align_up(j.stream.size(), kLimits.align);
    queue.push_back(j);
  }
  Verdict expect(const Job &j, uint64_t bad = UINT64_MAX, unsigned bad_status = 0) {
    return model_stream(kLimits, j.d, j.stream.data(), model, bad, bad_status);
  }

  void compare(const Result &r, const Verdict &e) {
    if (r.status != e.status || r.where != e.where || r.count != e.count)
      tap.fail("status %u where %llx count %u instead of %u, %llx, %u", r.status,
               (unsigned long long)r.where, r.count, e.status, (unsigned long long)e.where,
               e.count);
    if ((r.count != 0) != (r.first_work != 0) || r.last_work < r.first_work ||
        (r.count != 0 && (r.first_data == 0 || r.first_data >= r.first_work)))
      tap.fail("first data %u, work from %u to %u, count %u", r.first_data, r.first_work,
               r.last_work, r.count);
  }
  void compare_weights() {
    if (weights == model)
      return;
    size_t i = 0;
    while (weights[i] == model[i])
      i++;
    tap.fail("weight %zx is %02x instead of %02x", i, weights[i], model[i]);
  }

  void halt_and_recover(size_t wanted) {
    for (uint64_t n = rnd.below(20); n > 0; n--)
      step();
    queue.clear();
    halt = true;
    run(wanted);
    halt = false;
    step();
    mem.fault_hi = mem.fault_lo = 0;
  }

  // Runs a job that fails, with a good one before or a second one behind it, through halt and
  // recovery.
  void run_bad(Job &j, uint64_t bad = UINT64_MAX, unsigned bad_status = 0) {
    const bool ahead = rnd.percent(50), behind = rnd.percent(50);
    std::vector<Verdict> e;
    results.clear();
    if (ahead) {
      Job first = random_job(kLimits.block_updates);
      submit(first);
      e.push_back(expect(first));
    }
    submit(j);
    e.push_back(expect(j, bad, bad_status));
    run_submitted(j, e, behind);
  }
  void run_submitted(const Job &j, std::vector<Verdict> &e, bool behind) {
    const bool fails = e.back().status != SHIRA_STATUS_OK;
    if (behind) {
      Job last = random_job(kLimits.block_updates);
      submit(last);
      e.push_back(fails ? Verdict{SHIRA_STATUS_CANCELLED, 0, 0} : expect(last));
    }
    const size_t upto = fails ? e.size() - behind : e.size();
    const uint64_t deadline = cycle + 200000;
    while (results.size() < upto && cycle < deadline)
      step();
    const size_t taken = e.size() - queue.size();
    halt_and_recover(taken);
    if (results.size() != taken)
      tap.fail("%zu of %zu results", results.size(), taken);
    for (size_t i = 0; i < results.size() && i < e.size(); i++)
      compare(results[i], e[i]);
    compare_weights();
    (void)j;
  }
};

static void test_random(Bench &b) {
  for (int batch = 0; batch < 80 && b.tap.why.empty(); batch++) {
    b.random_timing();
    b.results.clear();
    memset(b.traffic, 0, sizeof b.traffic);
    b.updates = 0;
    uint64_t count = 0, value = 0, index = 0, undo = 0;
    std::vector<Verdict> e;
    for (uint64_t n = b.rnd.range(1, 6); n > 0; n--) {
      Job j = b.random_job();
      b.submit(j);
      e.push_back(b.expect(j));
      count += e.back().count;
      if (e.back().status != SHIRA_STATUS_OK)
        return b.tap.fail("the model refuses a good stream: %u", e.back().status);
      if (j.d.traffic == SHIRA_TRAFFIC_UNDO)
        undo += j.stream.size();
      else
        value += j.d.updates, index += j.stream.size() - j.d.updates;
    }
    if (!b.run(e.size()))
      return;
    for (size_t i = 0; i < e.size(); i++)
      b.compare(b.results[i], e[i]);
    b.compare_weights();
    if (b.updates != count)
      b.tap.fail("%llu updates counted, %llu made", (unsigned long long)b.updates,
                 (unsigned long long)count);
    if (b.traffic[SHIRA_TRAFFIC_VALUE] != value || b.traffic[SHIRA_TRAFFIC_INDEX] != index ||
        b.traffic[SHIRA_TRAFFIC_UNDO] != undo)
      b.tap.fail("traffic: value %llu of %llu, index %llu of %llu, undo %llu of %llu",
                 (unsigned long long)b.traffic[3], (unsigned long long)value,
                 (unsigned long long)b.traffic[2], (unsigned long long)index,
                 (unsigned long long)b.traffic[8], (unsigned long long)undo);
  }
}

// The same bytes again and again in one row of each bank: the later descriptor wins.
static void test_later_wins(Bench &b) {
  for (int batch = 0; batch < 30 && b.tap.why.empty(); batch++) {
    b.random_timing();
    b.bank_stall = 80;
    b.results.clear();
    for (int i = 0; i < 6; i++) {
      std::vector<Update> u;
      for (uint32_t p = 0; p < kBanks * kWord; p++)
        if (b.rnd.percent(50))
          u.push_back({p, uint8_t(b.rnd.engine())});
      if (u.empty())
        u.push_back({3, 9});
      Job j = b.make_job(cut(kLimits, u, b.rnd, false), 0);
      b.submit(j);
      b.expect(j);
    }
    if (!b.run(6))
      return;
    b.compare_weights();
  }
}

static void test_descriptors(Bench &b) {
  const struct {
    unsigned status, where;
  } kinds[] = {{SHIRA_STATUS_BAD_FIELD, 16}, {SHIRA_STATUS_BAD_FIELD, 17},
               {SHIRA_STATUS_BAD_FIELD, 18}, {SHIRA_STATUS_BAD_FIELD, 20},
               {SHIRA_STATUS_BAD_FIELD, 32}, {SHIRA_STATUS_BAD_ALIGN, 24},
               {SHIRA_STATUS_BAD_ALIGN, 32}, {SHIRA_STATUS_BAD_ALIGN, 36},
               {SHIRA_STATUS_BAD_RANGE, 36}, {SHIRA_STATUS_BAD_RANGE, 64}};
  for (unsigned round = 0; round < 100 && b.tap.why.empty(); round++) {
    b.random_timing();
    b.results.clear();
    std::vector<Verdict> e;
    if (b.rnd.percent(50)) {
      Job first = b.random_job(kLimits.block_updates);
      b.submit(first);
      e.push_back(b.expect(first));
    }
    Job j = b.random_job(kLimits.block_updates);
    b.submit(j);
    shira_desc_scatter &d = b.queue.back().d;
    const unsigned kind = round % 10;
    switch (kind) {
    case 0:
      d.op = uint8_t(b.rnd.range(1, 255));
      break;
    case 1:
      d.format = b.rnd.percent(50) ? 0 : uint8_t(b.rnd.range(2, 255));
      break;
    case 2:
      d.traffic = uint8_t(b.rnd.percent(50) ? b.rnd.below(3) : b.rnd.range(9, 255));
      break;
    case 3:
      d.updates = 0;
      break;
    case 4:
      d.stream_bytes = 0;
      break;
    case 5:
      d.stream_addr += b.rnd.range(1, kLimits.align - 1);
      break;
    case 6:
      d.stream_bytes += uint32_t(b.rnd.range(1, kLimits.align - 1));
      break;
    case 7:
      d.base += uint32_t(b.rnd.range(1, kWord - 1));
      break;
    case 8:
      d.base = uint32_t(kWeights + b.rnd.below(5) * kWord * 4096);
      break;
    case 9:
      d.win_hi = b.rnd.percent(50) ? ~0ull : kWeights + b.rnd.range(1, 99);
      break;
    }
    e.push_back({kinds[kind].status, kinds[kind].where, 0});
    b.run_submitted(j, e, b.rnd.percent(50));
  }
}

// Spoils a stream; CRCs are made good again, so that the other checks are reached.
static void spoil(Bench &b, std::vector<Block> &blocks, Job &j, unsigned kind) {
  Random &r = b.rnd;
  Block &k = blocks[r.below(blocks.size())];
  Block &later = blocks.size() > 1 ? blocks[r.range(1, blocks.size() - 1)] : blocks[0];
  switch (kind) {
  case 0:
    k.format = unsigned(r.percent(50) ? 0 : r.range(2, 255));
    break;
  case 1:
    k.value_bytes = unsigned(r.percent(50) ? 0 : r.range(2, 255));
    break;
  case 2:
    k.updates = r.percent(50) ? 0 : unsigned(r.range(kLimits.block_updates + 1, 65535));
    break;
  case 3:
    k.gap_bytes =
        r.percent(50) ? k.updates - 1 : unsigned(r.range(4 * kLimits.block_updates + 1, 65535));
    break;
  case 4:
    k.gaps[0] = uint8_t(r.range(1, 254));
    break;
  case 5:
    k.gaps[r.below(k.gaps.size())] ^= 255;
    break; // an update more or less, or another place
  case 6:
    later.first -= uint32_t(std::min<uint64_t>(later.first, r.range(1, 3000)));
    break;
  case 7:
    std::swap(k, later);
    break;
  case 8:
    later = k;
    break;
  case 9:
    k.updates += r.percent(50) ? 1 : -1;
    break;
  }
  const Job old = j;
  j = b.make_job(blocks, old.d.base);
  j.d.updates = old.d.updates;
  switch (kind) {
  case 10:
    j.d.updates += uint32_t(r.range(1, 20));
    break;
  case 11:
    j.d.updates -= std::min<uint32_t>(j.d.updates - 1, uint32_t(r.range(1, 700)));
    break;
  case 12: // the stream goes on behind its last block
    j.stream.resize(j.stream.size() + kLimits.align * r.range(1, 3));
    j.d.stream_bytes = uint32_t(j.stream.size());
    break;
  case 13: // it is cut
    j.stream.resize(j.stream.size() - std::min<size_t>(j.stream.size() - kLimits.align,
                                                       kLimits.align * r.range(1, 3)));
    j.d.stream_bytes = uint32_t(j.stream.size());
    break;
  case 14:
  case 15: // any bit
    j.stream[r.below(j.stream.size())] ^= uint8_t(1u << r.below(8));
    break;
  case 16: // the window is narrow
    j.d.win_lo = j.d.base + (r.percent(50) ? 0 : blocks[0].first + r.below(3));
    j.d.win_hi = j.d.base + blocks.back().first + r.below(3);
    break;
  case 17: // a window that nothing is in
    j.d.win_lo = r.percent(50) ? j.d.win_hi : ~0ull;
    break;
  case 18: // positions far outside
    for (size_t i = r.below(blocks.size()); i < blocks.size(); i++)
      blocks[i].first += 0xfff00000u;
    j = b.make_job(blocks, old.d.base);
    break;
  }
}

static void test_streams(Bench &b) {
  unsigned seen[16] = {};
  for (unsigned round = 0; round < 19 * 40 && b.tap.why.empty(); round++) {
    b.random_timing();
    const uint32_t base = uint32_t(b.rnd.below(kWeights / 2 / kWord) * kWord);
    std::vector<Block> blocks =
        cut(kLimits, b.random_updates(kWeights / 2, 4 * kLimits.block_updates), b.rnd,
            b.rnd.percent(50));
    Job j = b.make_job(blocks, base);
    spoil(b, blocks, j, round % 19);
    const std::vector<uint8_t> before = b.model;
    b.run_bad(j);
    for (auto &r : b.results)
      seen[r.status & 15]++;
  }
  printf("# window %u, crc %u, order %u, format %u, length %u\n", seen[5], seen[6], seen[7],
         seen[8], seen[9]);
  for (unsigned s = 5; s <= 9; s++)
    if (seen[s] < 10)
      b.tap.fail("status %u came only %u times", s, seen[s]);
}

static void test_axi_errors(Bench &b) {
  for (int round = 0; round < 150 && b.tap.why.empty(); round++) {
    b.random_timing();
    Job j = b.random_job();
    b.results.clear();
    b.submit(j);
    const uint64_t addr = b.queue.back().d.stream_addr;
    j.d.stream_addr = addr;
    b.mem.fault_lo = addr + b.rnd.below(j.d.stream_bytes);
    b.mem.fault_hi = b.mem.fault_lo + b.rnd.range(1, 100);
    b.mem.fault_resp = b.rnd.percent(50) ? 2 : 3;
    const uint64_t bad = first_bad(kLimits, addr, j.d.stream_bytes, b.mem.fault_lo, b.mem.fault_hi);
    std::vector<Verdict> e = {b.expect(j, bad, SHIRA_STATUS_READ_SLVERR + b.mem.fault_resp - 2)};
    const bool behind = b.rnd.percent(50) && b.place + 4 * kBurst < kMemory;
    b.place = align_up(b.place + kBurst, kBurst); // the next stream has no burst in common
    b.run_submitted(j, e, behind);
  }
}

static void test_halt(Bench &b) {
  int cut_short = 0;
  for (int round = 0; round < 250 && b.tap.why.empty(); round++) {
    b.random_timing();
    b.results.clear();
    const size_t n = b.rnd.range(1, 4);
    for (size_t i = 0; i < n; i++) {
      Job j = b.random_job();
      b.submit(j);
    }
    b.updates = 0;
    for (uint64_t k = b.rnd.below(1500); k > 0; k--)
      b.step();
    const size_t taken = n - b.queue.size(), whole = b.results.size();
    b.queue.clear();
    b.halt = true;
    if (!b.run(taken))
      return;
    b.halt = false;
    b.step();
    uint64_t count = 0;
    for (size_t i = 0; i < b.results.size(); i++) {
      const unsigned s = b.results[i].status;
      count += b.results[i].count;
      cut_short += s == SHIRA_STATUS_CANCELLED;
      if (s != SHIRA_STATUS_OK && (i < whole || s != SHIRA_STATUS_CANCELLED))
        b.tap.fail("status %u around a halt", s);
    }
    if (count != b.updates || b.results.size() != taken)
      b.tap.fail("%llu updates reported, %llu written", (unsigned long long)count,
                 (unsigned long long)b.updates);
    b.model = b.weights;
    b.results.clear();
    Job j = b.random_job();
    b.submit(j);
    const Verdict e = b.expect(j);
    if (!b.run(1))
      return;
    b.compare(b.results[0], e);
    b.compare_weights();
  }
  printf("# %d commands cut\n", cut_short);
  if (cut_short < 20)
    b.tap.fail("only %d commands were cut", cut_short);
}

// ---- Throughput ----

// Positions in the tile layout of an n x n matrix, sorted, of those that `in` chooses.
template <class F> static std::vector<Update> mask(unsigned n, F in, Random &rnd) {
  std::vector<Update> u;
  for (unsigned r = 0; r < n; r++)
    for (unsigned c = 0; c < n; c++)
      if (in(r, c)) {
        const uint32_t tile = r / kBanks * (n / kWord) + c / kWord;
        u.push_back({(tile * kBanks + r % kBanks) * kWord + c % kWord, uint8_t(rnd.engine())});
      }
  std::sort(u.begin(), u.end(), [](auto &a, auto &b) { return a.position < b.position; });
  return u;
}

struct Rate {
  double of_lanes, of_bound, gap, bytes;
};

// A stream thrice, at a memory latency and peak. Rate within a stream, cycles lost between two.
static Rate measure(Bench &b, const std::vector<Update> &u, double bytes_per_cycle) {
  b.mem.t = MemoryTiming{};
  b.mem.t.latency = kBeat == 32 ? 120 : 20;
  b.mem.t.outstanding = kOutstanding;
  b.mem.t.bytes_per_cycle = bytes_per_cycle;
  b.bank_stall = 0;
  b.results.clear();
  b.place = 0;
  Job j = b.make_job(cut(kLimits, u, b.rnd, true), 0);
  for (int i = 0; i < 3; i++) {
    b.submit(j);
    b.expect(j);
  }
  if (!b.run(3))
    return {};
  b.compare_weights();
  const Result &r = b.results[1];
  const double cycles = r.last_work - r.first_work + 1;
  const double lanes = double(u.size()) / kLanes,
               memory = double(j.stream.size()) / bytes_per_cycle;
  const double gap = (b.results[1].first_work - b.results[0].last_work - 1 +
                      b.results[2].first_work - b.results[1].last_work - 1) /
                     2.0;
  return {lanes / cycles, std::max(lanes, memory) / (cycles + gap), gap,
          double(j.stream.size()) / double(u.size())};
}

static void test_rate(Bench &b) {
  const unsigned n = kBeat == 32 ? 1024 : 128;
  const double fast = 1e9, slow = 17.0 / 32 * kBeat;
  Random &rnd = b.rnd;
  struct {
    const char *name;
    std::vector<Update> u;
    double bytes, lanes, bound;
  } cases[] = {{"1 % random, fast memory",
                mask(
                    n, [&](unsigned, unsigned) { return rnd.below(100) == 0; }, rnd),
                fast, 0.98, 0},
               {"1 % random, 17 of 32 bytes a cycle",
                mask(
                    n, [&](unsigned, unsigned) { return rnd.below(100) == 0; }, rnd),
                slow, 0, 0.97},
               {"2 % random, 17 of 32 bytes a cycle",
                mask(
                    n, [&](unsigned, unsigned) { return rnd.below(50) == 0; }, rnd),
                slow, 0, 0.97},
               {"struct rows and diagonal, fast memory",
                mask(
                    n, [](unsigned r, unsigned c) { return r % 100 == 7 || r == c; }, rnd),
                fast, 0.83, 0},
               {"struct columns and diagonal, fast memory",
                mask(
                    n, [](unsigned r, unsigned c) { return c % 100 == 7 || r == c; }, rnd),
                fast, 0.92, 0},
               {"struct rows and diagonal, 17 of 32 bytes a cycle",
                mask(
                    n, [](unsigned r, unsigned c) { return r % 100 == 7 || r == c; }, rnd),
                slow, 0, 0.92},
               {"every byte, fast memory",
                mask(
                    n / 4, [](unsigned, unsigned) { return true; }, rnd),
                fast, 0.98, 0}};
  for (auto &c : cases) {
    const Rate r = measure(b, c.u, c.bytes);
    printf(
        "# %s: %.4f of updates / lanes within, %.4f of the bound with gaps, %.1f cycles between, "
        "%.3f bytes an update\n",
        c.name, r.of_lanes, r.of_bound, r.gap, r.bytes);
    if (kBeat != 32)
      continue;
    if (r.of_lanes < c.lanes || r.of_bound < c.bound)
      b.tap.fail("%s: too slow", c.name);
    if (c.bytes == fast && r.gap > 12)
      b.tap.fail("%s: %.1f cycles between descriptors", c.name, r.gap);
  }
}

int main(int argc, char **argv) {
  Verilated::commandArgs(argc, argv);
  Bench b(seed_from_environment());
  const struct {
    const char *name;
    void (*run)(Bench &);
  } tests[] = {{"random streams equal the model", test_random},
               {"of two updates of a byte the later wins", test_later_wins},
               {"bad descriptors change nothing", test_descriptors},
               {"spoilt streams and windows", test_streams},
               {"AXI errors", test_axi_errors},
               {"halt at any time, then work again", test_halt},
               {"random streams after all that", test_random},
               {"throughput", test_rate}};
  for (auto &t : tests) {
    t.run(b);
    b.tap.end(t.name);
  }
  return b.tap.finish();
}
