// Bench of shira_copy: random moves between all spaces against a software model, bad descriptors,
// AXI errors, halts, and throughput against theory.
#include <cstdarg>

#include "Vshira_copy.h"
#include "host/include/shira/regs.h"
#include "tests/block/copy/bench.h"
#include "verilated.h"

#ifdef TINY
constexpr unsigned kBeat = 8, kBurst = 64, kOutstanding = 4;
constexpr uint64_t kSram[5] = {0, 65536, 16384, 4096, 4096};
#else
constexpr unsigned kBeat = 32, kBurst = 512, kOutstanding = 16;
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
  uint64_t traffic_rd[16] = {}, traffic_wr[16] = {};
  std::deque<Job> queue; // not yet taken
  std::vector<Result> results;
  bool halt = false;
  Steady rd_req, wr_req, wr_data, done;
  int sram_read_space = -1;
  uint32_t sram_read_addr = 0;

  explicit Bench(uint64_t seed) {
    rnd.engine.seed(seed);
    mem.rnd = &rnd;
    mem.tap = &tap;
    mem.burst_bytes = kBurst;
    mem.bytes.resize(kMemory);
    for (unsigned s = 1; s < 5; s++)
      space[s].now.resize(kSram[s]);
    top.rst_ni = 0;
    top.halt_i = 0;
    for (int i = 0; i < 3; i++)
      step();
    top.rst_ni = 1;
    fill();
  }

  // Random content everywhere; the model starts from it.
  void fill() {
    for (auto &b : mem.bytes)
      b = uint8_t(rnd.engine());
    for (unsigned s = 1; s < 5; s++)
      for (auto &b : space[s].now)
        b = uint8_t(rnd.engine());
    snapshot();
  }
  void snapshot() {
    for (unsigned s = 0; s < 5; s++)
      space[s].model = space[s].old = live(s);
  }
  std::vector<uint8_t> &live(unsigned s) {
    return s == 0 ? mem.bytes : space[s].now;
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
    top.wr_req_ready_i = mem.wr_ready;
    top.wr_data_ready_i = mem.data_ready;
    top.wr_rsp_valid_i = mem.b_valid;
    top.wr_rsp_err_i = mem.b_err;
    top.sram_rd_ready_i = !rnd.percent(sram_stall);
    top.sram_wr_ready_i = !rnd.percent(sram_stall);
    top.done_ready_i = sram_stall == 0 || rnd.percent(60);
    if (sram_read_space >= 0)
      memcpy(&top.sram_rd_data_i, &space[sram_read_space].now[sram_read_addr], kBeat);
    else
      memset(&top.sram_rd_data_i, 0xdd, kBeat);
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
    mem.clock_write(cycle, top.rst_ni && top.wr_req_valid_o, top.wr_req_addr_o, top.wr_req_len_o,
                    top.rst_ni && top.wr_data_valid_o, &top.wr_data_o, top.wr_last_o);
    top.clk_i = 1;
    top.eval();
    cycle++;
  }

  void observe() {
    sram_read_space = -1;
    if (top.sram_rd_valid_o && top.sram_rd_ready_i) {
      sram_read_space = top.sram_rd_space_o;
      sram_read_addr = top.sram_rd_addr_o;
      if (sram_read_space < 1 || sram_read_space > 4 ||
          sram_read_addr + kBeat > kSram[sram_read_space])
        return tap.fail("SRAM read outside"), void(sram_read_space = -1);
    }
    if (top.sram_wr_valid_o && top.sram_wr_ready_i) {
      const unsigned s = top.sram_wr_space_o;
      if (s < 1 || s > 4 || top.sram_wr_addr_o + kBeat > kSram[s])
        return tap.fail("SRAM write outside");
      memcpy(&space[s].now[top.sram_wr_addr_o], &top.sram_wr_data_o, kBeat);
    }
    rd_req.clock(tap, "read request", top.rd_req_valid_o, top.rd_req_ready_i, top.rd_req_addr_o,
                 top.rd_req_len_o);
    wr_req.clock(tap, "write request", top.wr_req_valid_o, top.wr_req_ready_i, top.wr_req_addr_o,
                 top.wr_req_len_o);
    wr_data.clock(tap, "write data", top.wr_data_valid_o, top.wr_data_ready_i, top.wr_data_o,
                  top.wr_last_o, top.wr_strb_o);
    done.clock(tap, "result", top.done_valid_o, top.done_ready_i, top.done_o);
    if (top.state_o > 4)
      tap.fail("state %u", top.state_o);
    else
      states[top.state_o]++;
    count_traffic();
    if (top.cmd_valid_i && top.cmd_ready_o)
      queue.pop_front();
    if (top.done_valid_o && top.done_ready_i)
      results.push_back(Result((const uint32_t *)&top.done_o));
  }

  // shira_pkg::traffic_t: rd_valid 25, rd_class 24:21, rd_bytes 20:13, wr_valid 12, class 11:8,
  // bytes.
  void count_traffic() {
    const uint32_t t = top.traffic_o;
    if (t >> 25 & 1)
      traffic_rd[t >> 21 & 15] += t >> 13 & 255;
    if (t >> 12 & 1)
      traffic_wr[t >> 8 & 15] += t & 255;
  }

  // Runs until `n` results are there and the unit is idle; a deadline makes a hang a failure.
  bool run(size_t n) {
    const uint64_t deadline = cycle + 400000;
    while (results.size() < n || !top.idle_o || !mem.idle()) {
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
    mem.t.stall_percent = rnd.percent(70) ? unsigned(rnd.range(0, 60)) : 0;
    mem.t.bytes_per_cycle = rnd.percent(50) ? kBeat * double(rnd.range(2, 10)) / 10 : 1e9;
    mem.t.outstanding = kOutstanding;
    sram_stall = rnd.percent(70) ? unsigned(rnd.range(0, 60)) : 0;
  }

  static uint64_t size_of(unsigned s) {
    return s == 0 ? kMemory : kSram[s];
  }
  static uint64_t base_of(unsigned s) {
    return s == 0 ? Mem::base : 0;
  }

  // One side of a random region that fits its space.
  void random_side(unsigned s, uint64_t rows, uint64_t row_bytes, uint64_t *addr,
                   uint32_t *stride) {
    const uint64_t size = size_of(s);
    uint64_t step = row_bytes;
    if (rnd.percent(60))
      step = rnd.below(2 * row_bytes / kBeat + 3) * kBeat;
    while (rows > 1 && (rows - 1) * step + row_bytes > size)
      step = step / kBeat / 2 * kBeat;
    const uint64_t span = (rows - 1) * step + row_bytes;
    *addr = base_of(s) + rnd.below((size - span) / kBeat + 1) * kBeat;
    *stride = uint32_t(step);
  }

  Job random_job(uint64_t most_beats = 400) {
    Job j = {};
    shira_desc_copy &d = j.d;
    d.opcode = SHIRA_OPCODE_COPY;
    d.src_space = uint8_t(rnd.below(5));
    d.dst_space = uint8_t(rnd.below(5));
    d.traffic = uint8_t(rnd.below(SHIRA_TRAFFIC_CHECK + 1));
    const uint64_t least = std::min(size_of(d.src_space), size_of(d.dst_space));
    const uint64_t row = rnd.range(1, rnd.percent(50) ? 4 : 80);
    d.rows = uint32_t(rnd.range(1, std::max<uint64_t>(1, most_beats / row)));
    d.row_bytes = uint32_t(std::min(row * kBeat, least));
    while (uint64_t(d.rows) * d.row_bytes > least)
      d.rows = d.rows / 2;
    random_side(d.src_space, d.rows, d.row_bytes, &d.src_addr, &d.src_stride);
    random_side(d.dst_space, d.rows, d.row_bytes, &d.dst_addr, &d.dst_stride);
    const uint64_t end = d.dst_addr + uint64_t(d.rows - 1) * d.dst_stride + d.row_bytes;
    d.win_lo = rnd.percent(50) ? d.dst_addr : base_of(d.dst_space);
    d.win_hi = rnd.percent(50) ? end : base_of(d.dst_space) + size_of(d.dst_space);
    j.e.count = d.rows * (d.row_bytes / kBeat);
    return j;
  }

  // Source and destination in one space must not touch within a command: the order of a beat's read
  // and another's write is not defined.
  static bool overlaps(const shira_desc_copy &d) {
    if (d.src_space != d.dst_space)
      return false;
    const uint64_t src_end = d.src_addr + uint64_t(d.rows - 1) * d.src_stride + d.row_bytes;
    const uint64_t dst_end = d.dst_addr + uint64_t(d.rows - 1) * d.dst_stride + d.row_bytes;
    return d.src_addr < dst_end && d.dst_addr < src_end;
  }

  void model_copy(const shira_desc_copy &d) {
    for (uint64_t r = 0; r < d.rows; r++) {
      const uint64_t src = d.src_addr - base_of(d.src_space) + r * d.src_stride;
      const uint64_t dst = d.dst_addr - base_of(d.dst_space) + r * d.dst_stride;
      memmove(&space[d.dst_space].model[dst], &space[d.src_space].model[src], d.row_bytes);
    }
  }

  void compare_all() {
    for (unsigned s = 0; s < 5; s++)
      if (live(s) != space[s].model) {
        size_t i = 0;
        while (live(s)[i] == space[s].model[i])
          i++;
        tap.fail("space %u differs at %zx: %02x instead of %02x", s, i, live(s)[i],
                 space[s].model[i]);
      }
  }
  void compare_result(const Result &r, const Expect &e) {
    if (r.status != e.status)
      tap.fail("status %u instead of %u (where %llx)", r.status, e.status,
               (unsigned long long)r.where);
    if (!e.any_where && r.where != e.where)
      tap.fail("status %u: where %llx instead of %llx", r.status, (unsigned long long)r.where,
               (unsigned long long)e.where);
    if (!e.any_count && r.count != e.count)
      tap.fail("count %u instead of %u", r.count, e.count);
  }

  // Ends a batch that halted: the command unit raises halt some cycles after the result.
  void halt_and_recover(size_t results_wanted) {
    for (uint64_t n = rnd.below(20); n > 0; n--)
      step();
    queue.clear();
    halt = true;
    rd_req.forget();
    run(results_wanted);
    halt = false;
    step();
    mem.fault_hi = mem.fault_lo = 0;
  }
};

static void test_random(Bench &b) {
  for (int batch = 0; batch < 60 && b.tap.why.empty(); batch++) {
    b.random_timing();
    b.snapshot();
    b.results.clear();
    std::vector<Job> jobs;
    for (uint64_t n = b.rnd.range(1, 8); n > 0; n--) {
      Job j = b.random_job();
      while (Bench::overlaps(j.d))
        j = b.random_job();
      jobs.push_back(j);
      b.queue.push_back(j);
      b.model_copy(j.d);
    }
    if (!b.run(jobs.size()))
      return;
    b.compare_all();
    for (size_t i = 0; i < jobs.size(); i++) {
      b.compare_result(b.results[i], jobs[i].e);
      const Result &r = b.results[i];
      if (r.first_work == 0 || r.last_work - r.first_work + 1 < r.count)
        b.tap.fail("work from %u to %u for %u beats", r.first_work, r.last_work, r.count);
      if ((r.first_data != 0) != (jobs[i].d.src_space == 0) ||
          (r.first_data != 0 && r.first_data >= r.first_work))
        b.tap.fail("first data %u, first work %u", r.first_data, r.first_work);
    }
  }
}

static void test_traffic(Bench &b) {
  b.random_timing();
  for (unsigned c = 0; c <= SHIRA_TRAFFIC_CHECK; c++) {
    Job j = b.random_job();
    j.d.traffic = uint8_t(c);
    while (Bench::overlaps(j.d))
      j = b.random_job(), j.d.traffic = uint8_t(c);
    memset(b.traffic_rd, 0, sizeof b.traffic_rd);
    memset(b.traffic_wr, 0, sizeof b.traffic_wr);
    b.results.clear();
    b.queue.push_back(j);
    if (!b.run(1))
      return;
    const uint64_t bytes = uint64_t(j.d.rows) * j.d.row_bytes;
    for (unsigned k = 0; k < 16; k++) {
      const uint64_t rd = k == c && j.d.src_space == 0 ? bytes : 0;
      const uint64_t wr = k == c && j.d.dst_space == 0 ? bytes : 0;
      if (b.traffic_rd[k] != rd || b.traffic_wr[k] != wr)
        b.tap.fail("class %u counts %llu read, %llu written; %llu, %llu are right", k,
                   (unsigned long long)b.traffic_rd[k], (unsigned long long)b.traffic_wr[k],
                   (unsigned long long)rd, (unsigned long long)wr);
    }
  }
}

// First byte of the destination outside the window, row after row.
static bool outside(const shira_desc_copy &d, uint64_t *where) {
  for (uint64_t r = 0; r < d.rows; r++) {
    const uint64_t row = d.dst_addr + r * d.dst_stride;
    for (uint64_t a = row; a < row + d.row_bytes; a++)
      if (a < d.win_lo || a >= d.win_hi)
        return *where = a, true;
  }
  return false;
}

// Breaks one thing of a good job and says what must come of it.
static void spoil(Bench &b, Job &j, unsigned kind) {
  shira_desc_copy &d = j.d;
  Expect bad = {SHIRA_STATUS_BAD_FIELD, 0, 0, false, false};
  const uint32_t crooked = uint32_t(b.rnd.range(1, kBeat - 1));
  switch (kind) {
  case 0:
    d.src_space = uint8_t(b.rnd.range(5, 255)), bad.where = 16;
    break;
  case 1:
    d.dst_space = uint8_t(b.rnd.range(5, 255)), bad.where = 17;
    break;
  case 2:
    d.traffic = uint8_t(b.rnd.range(11, 255)), bad.where = 18;
    break;
  case 3:
    d.rows = 0, bad.where = 20;
    break;
  case 4:
    d.row_bytes = 0, bad.where = 40;
    break;
  case 5:
    d.src_addr += crooked, bad.where = 24;
    break;
  case 6:
    d.dst_addr += crooked, bad.where = 32;
    break;
  case 7:
    d.row_bytes += crooked, bad.where = 40;
    break;
  case 8:
    d.src_stride += crooked, bad.where = 44;
    break;
  case 9:
    d.dst_stride += crooked, bad.where = 48;
    break;
  }
  if (kind >= 5 && kind <= 9)
    bad.status = SHIRA_STATUS_BAD_ALIGN;
  if (kind == 10 || kind == 11) { // an SRAM side leaves its SRAM, by a beat or by wrapping
    uint8_t *s = kind == 10 ? &d.src_space : &d.dst_space;
    *s = uint8_t(b.rnd.range(1, 4));
    if (kind == 11) {
      d.src_space = 0;
      d.src_addr = Mem::base;
    }
    uint64_t *addr = kind == 10 ? &d.src_addr : &d.dst_addr;
    uint32_t *stride = kind == 10 ? &d.src_stride : &d.dst_stride;
    switch (b.rnd.below(4)) {
    case 0:
      *addr = kSram[*s] - d.row_bytes + kBeat;
      break;
    case 1:
      *addr = 0 - uint64_t(kBeat);
      break;
    case 2:
      d.rows = 0xffffffff, *stride = 0xffffffff & ~(kBeat - 1), *addr = 0;
      break;
    case 3:
      d.rows = 0x80000001, *stride = 0x80000000u, *addr = 0;
      break;
    }
    bad.status = SHIRA_STATUS_BAD_RANGE;
    bad.where = kind == 10 ? 24 : 32;
  }
  if (kind == 12) { // the window is narrower than the region
    const uint64_t end = d.dst_addr + uint64_t(d.rows - 1) * d.dst_stride + d.row_bytes;
    const bool low = b.rnd.percent(30);
    if (low)
      d.win_lo = d.dst_addr + b.rnd.range(1, end - d.dst_addr);
    else
      d.win_hi = d.dst_addr + b.rnd.below(end - d.dst_addr);
    bad.status = SHIRA_STATUS_WINDOW;
    if (!outside(d, &bad.where))
      bad = {};
  }
  j.e = bad;
}

static void test_bad(Bench &b) {
  for (int round = 0; round < 260 && b.tap.why.empty(); round++) {
    b.random_timing();
    b.snapshot();
    b.results.clear();
    std::vector<Job> jobs;
    const bool ahead = b.rnd.percent(50), behind = b.rnd.percent(50);
    for (int i = 0; i < 3; i++) {
      Job j = b.random_job(100);
      while (Bench::overlaps(j.d))
        j = b.random_job(100);
      if (i == 1)
        spoil(b, j, unsigned(round % 13));
      if ((i == 0 && !ahead) || (i == 2 && !behind))
        continue;
      if (i == 1 && j.e.status == SHIRA_STATUS_OK)
        j = b.random_job(1), j.e.any_count = true, j.d.rows = 0,
        j.e.status = SHIRA_STATUS_BAD_FIELD, j.e.where = 20;
      if (i == 0)
        b.model_copy(j.d);
      if (i == 2)
        j.e = {SHIRA_STATUS_CANCELLED, 0, 0, false, false};
      jobs.push_back(j);
      b.queue.push_back(j);
    }
    const size_t upto = jobs.size() - behind;
    const uint64_t deadline = b.cycle + 100000;
    while (b.results.size() < upto && b.cycle < deadline)
      b.step();
    const size_t taken = jobs.size() - b.queue.size();
    b.halt_and_recover(taken);
    for (size_t i = 0; i < b.results.size(); i++)
      b.compare_result(b.results[i], jobs[i].e);
    b.compare_all();
  }
}

// Bursts of one side in order; the first that touches [lo, hi).
static bool first_fault(uint64_t addr, uint64_t stride, uint64_t rows, uint64_t row_bytes,
                        uint64_t lo, uint64_t hi, uint64_t *where) {
  if (stride == row_bytes)
    row_bytes *= rows, rows = 1;
  for (uint64_t r = 0; r < rows; r++)
    for (uint64_t a = addr + r * stride, end = a + row_bytes; a < end;) {
      const uint64_t next = std::min(end, (a / kBurst + 1) * kBurst);
      if (a < hi && next > lo)
        return *where = a, true;
      a = next;
    }
  return false;
}

// Every byte that differs from before must be what the failed or cut command would have written.
static void compare_torn(Bench &b) {
  for (unsigned s = 0; s < 5; s++)
    for (size_t i = 0; i < b.live(s).size(); i++)
      if (b.live(s)[i] != b.space[s].model[i] && b.live(s)[i] != b.space[s].old[i])
        return b.tap.fail("space %u: %02x at %zx is neither old nor new", s, b.live(s)[i], i);
}

static void test_axi_errors(Bench &b) {
  int reads = 0, writes = 0;
  for (int round = 0; round < 200 && b.tap.why.empty(); round++) {
    b.random_timing();
    b.results.clear();
    const bool write = round % 2;
    Job j = b.random_job();
    while ((write ? j.d.dst_space : j.d.src_space) != 0 || Bench::overlaps(j.d) ||
           j.d.dst_stride < j.d.row_bytes) // a byte written twice could be neither old nor new
      j = b.random_job();
    const bool ahead = b.rnd.percent(50);
    if (ahead) { // a good command before: it must end well and whole
      Job first = b.random_job(100);
      while (Bench::overlaps(first.d) || first.d.src_space == 0 || first.d.dst_space == 0 ||
             first.d.dst_space == j.d.src_space)
        first = b.random_job(100);
      b.queue.push_back(first);
      b.snapshot();
      b.model_copy(first.d);
      for (unsigned s = 0; s < 5; s++)
        b.space[s].old = b.space[s].model;
    } else {
      b.snapshot();
    }
    b.queue.push_back(j);
    b.model_copy(j.d);
    const uint64_t addr = write ? j.d.dst_addr : j.d.src_addr;
    const uint64_t stride = write ? j.d.dst_stride : j.d.src_stride;
    b.mem.fault_lo = addr + b.rnd.below(j.d.rows) * stride + b.rnd.below(j.d.row_bytes);
    b.mem.fault_hi = b.mem.fault_lo + b.rnd.range(1, 200);
    b.mem.fault_resp = b.rnd.percent(50) ? 2 : 3;
    Expect e = {};
    e.any_count = true;
    e.status =
        (write ? SHIRA_STATUS_WRITE_SLVERR : SHIRA_STATUS_READ_SLVERR) + b.mem.fault_resp - 2;
    if (!first_fault(addr, stride, j.d.rows, j.d.row_bytes, b.mem.fault_lo, b.mem.fault_hi,
                     &e.where))
      b.tap.fail("no burst is faulty");
    if (write && j.d.src_space == 0) { // the source must not be hit as well
      uint64_t x;
      if (first_fault(j.d.src_addr, j.d.src_stride, j.d.rows, j.d.row_bytes, b.mem.fault_lo,
                      b.mem.fault_hi, &x)) {
        b.queue.clear();
        b.mem.fault_hi = b.mem.fault_lo = 0;
        continue;
      }
    }
    if (!write && j.d.dst_space == 0) {
      uint64_t x;
      if (first_fault(j.d.dst_addr, j.d.dst_stride, j.d.rows, j.d.row_bytes, b.mem.fault_lo,
                      b.mem.fault_hi, &x)) {
        b.queue.clear();
        b.mem.fault_hi = b.mem.fault_lo = 0;
        continue;
      }
    }
    (write ? writes : reads)++;
    const uint64_t deadline = b.cycle + 100000;
    while (b.results.size() < 1u + ahead && b.cycle < deadline)
      b.step();
    if (b.results.size() < 1u + ahead)
      return b.tap.fail("an AXI error hangs");
    if (ahead && b.results[0].status != SHIRA_STATUS_OK)
      b.tap.fail("the command before ended with %u", b.results[0].status);
    b.compare_result(b.results.back(), e);
    b.halt_and_recover(1u + ahead);
    compare_torn(b);
  }
  printf("# %d read errors, %d write errors\n", reads, writes);
}

static void test_halt(Bench &b) {
  int cut = 0;
  for (int round = 0; round < 200 && b.tap.why.empty(); round++) {
    b.random_timing();
    b.snapshot();
    b.results.clear();
    const size_t n = b.rnd.range(1, 4);
    std::vector<Job> jobs;
    for (size_t i = 0; i < n; i++) {
      Job j = b.random_job();
      while (Bench::overlaps(j.d) || (i > 0 && j.d.dst_space == 0))
        j = b.random_job();
      jobs.push_back(j);
      b.queue.push_back(j);
    }
    for (uint64_t k = b.rnd.below(400); k > 0; k--)
      b.step();
    const size_t taken = n - b.queue.size();
    const size_t whole = b.results.size();
    b.queue.clear();
    b.halt = true;
    if (!b.run(taken))
      return;
    b.halt = false;
    b.step();
    for (size_t i = whole; i < b.results.size(); i++) {
      const unsigned s = b.results[i].status;
      cut += s == SHIRA_STATUS_CANCELLED;
      if (s != SHIRA_STATUS_CANCELLED && s != SHIRA_STATUS_OK)
        b.tap.fail("status %u after a halt", s);
    }
    if (b.top.idle_o != 1 || b.results.size() != taken)
      b.tap.fail("not idle after a halt");
    // and it works again
    b.snapshot();
    b.results.clear();
    Job j = b.random_job();
    while (Bench::overlaps(j.d))
      j = b.random_job();
    b.queue.push_back(j);
    b.model_copy(j.d);
    if (!b.run(1))
      return;
    b.compare_result(b.results[0], j.e);
    b.compare_all();
  }
  printf("# %d commands cut\n", cut);
  if (cut < 20)
    b.tap.fail("only %d commands were cut", cut);
}

// Cycles from the first beat to the last of one big move with a fast memory.
static double beats_per_cycle(Bench &b, unsigned src, unsigned dst, unsigned row_beats, bool apart,
                              double bytes_per_cycle) {
  Job j = {};
  const uint64_t beats = std::min(Bench::size_of(src), Bench::size_of(dst)) / kBeat / 2;
  j.d.src_space = uint8_t(src), j.d.dst_space = uint8_t(dst);
  j.d.traffic = SHIRA_TRAFFIC_WEIGHT;
  j.d.row_bytes = row_beats * kBeat;
  j.d.rows = uint32_t(beats / row_beats);
  j.d.src_addr = Bench::base_of(src), j.d.dst_addr = Bench::base_of(dst);
  if (src == dst)
    j.d.dst_addr += Bench::size_of(dst) / 2;
  j.d.src_stride = j.d.dst_stride = j.d.row_bytes;
  if (apart) {
    j.d.rows /= 2;
    j.d.src_stride = 2 * j.d.row_bytes;
  }
  j.d.win_lo = 0, j.d.win_hi = ~0ull;
  b.mem.t = MemoryTiming{};
  b.mem.t.latency = kBeat == 32 ? 120 : 12;
  b.mem.t.outstanding = kOutstanding;
  b.mem.t.bytes_per_cycle = bytes_per_cycle;
  b.sram_stall = 0;
  b.results.clear();
  b.queue.push_back(j);
  if (!b.run(1))
    return 0;
  const Result &r = b.results[0];
  return double(r.count - 1) / (r.last_work - r.first_work);
}

static void test_rate(Bench &b) {
  struct {
    const char *name;
    unsigned src, dst, row;
    bool apart;
    double least, bytes;
  } cases[] = {{"memory to SRAM", 0, 1, 16, false, 0.99, 1e9},
               {"memory to SRAM, 17 of 32 bytes a cycle", 0, 1, 16, false, 0.99 * 17 / 32,
                17.0 / 32 * kBeat},
               {"SRAM to memory", 1, 0, 16, false, 0.99, 1e9},
               {"SRAM to SRAM", 1, 1, 16, false, 0.99, 1e9},
               {"memory to memory", 0, 0, 16, false, 0.98, 1e9},
               {"SRAM to SRAM, rows of one beat", 1, 1, 1, true, 0.99, 1e9},
               {"SRAM to memory, joined rows of one beat", 1, 0, 1, false, 0.99, 1e9}};
  for (auto &c : cases) {
    const double rate = beats_per_cycle(b, c.src, c.dst, c.row, c.apart, c.bytes);
    printf("# %s: %.3f beats a cycle\n", c.name, rate);
    if (rate < c.least)
      b.tap.fail("%s: %.3f beats a cycle, %.3f wanted", c.name, rate, c.least);
  }
}

// Loads that follow each other: the next one's latency hides behind the data of the one before.
static void test_gap(Bench &b) {
  b.mem.t = MemoryTiming{};
  b.mem.t.latency = kBeat == 32 ? 120 : 12;
  b.mem.t.outstanding = kOutstanding;
  b.sram_stall = 0;
  b.results.clear();
  const unsigned n = 20, rows = 4;
  for (unsigned i = 0; i < n; i++) {
    Job j = {};
    j.d.src_space = 0, j.d.dst_space = uint8_t(1 + i % 2);
    j.d.rows = rows, j.d.row_bytes = kBurst * 2;
    j.d.src_addr = Mem::base + 4096 * i, j.d.src_stride = j.d.dst_stride = kBurst * 2;
    j.d.win_hi = ~0ull;
    b.queue.push_back(j);
  }
  if (!b.run(n))
    return;
  const uint32_t beats = rows * 2 * kBurst / kBeat;
  const uint32_t span = b.results[n - 1].last_work - b.results[0].first_work + 1;
  const double gap = double(span - n * beats) / (n - 1);
  printf("# %.1f cycles lost between two loads of %u beats at a latency of %u\n", gap, beats,
         b.mem.t.latency);
  if (gap > (kBeat == 32 ? 8 : 12))
    b.tap.fail("%.1f cycles lost between loads", gap);
}

int main(int argc, char **argv) {
  Verilated::commandArgs(argc, argv);
  Bench b(seed_from_environment());
  const struct {
    const char *name;
    void (*run)(Bench &);
  } tests[] = {{"random moves equal the model", test_random},
               {"traffic by class", test_traffic},
               {"bad descriptors move nothing", test_bad},
               {"AXI errors", test_axi_errors},
               {"halt at any time, then work again", test_halt},
               {"random moves after all that", test_random},
               {"throughput", test_rate},
               {"commands follow each other", test_gap}};
  for (auto &t : tests) {
    t.run(b);
    b.tap.end(t.name);
  }
  return b.tap.finish();
}
