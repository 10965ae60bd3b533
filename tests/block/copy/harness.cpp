// The bench around shira_copy: a cycle, random commands, and what must come of them.
#include "tests/block/copy/harness.h"

Bench::Bench(uint64_t seed) {
  rnd.engine.seed(seed);
  mem.rnd = &rnd;
  mem.tap = &tap;
  mem.burst_bytes = kBurst;
  mem.bytes.resize(kMemory);
  for (unsigned s = 1; s < 5; s++)
    space[s].now.resize(kSram[s]);
  for (unsigned i = 0; i < kReadLatency; i++)
    sram_reads.emplace_back(kBeat, 0xdd);
  top.rst_ni = 0;
  top.halt_i = 0;
  for (int i = 0; i < 3; i++)
    step();
  top.rst_ni = 1;
  fill();
}

void Bench::fill() {
  for (auto &b : mem.bytes)
    b = uint8_t(rnd.engine());
  for (unsigned s = 1; s < 5; s++)
    for (auto &b : space[s].now)
      b = uint8_t(rnd.engine());
  snapshot();
}

void Bench::snapshot() {
  for (unsigned s = 0; s < 5; s++)
    space[s].model = space[s].old = live(s);
}

void Bench::drive() {
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
  memcpy(&top.sram_rd_data_i, sram_reads.front().data(), kBeat);
  sram_reads.pop_front();
  top.cmd_valid_i = !queue.empty() && !halt && (offered || sram_stall == 0 || rnd.percent(60));
  if (top.cmd_valid_i)
    memcpy(&top.cmd_desc_i, &queue.front().d, 128);
}

void Bench::step() {
  top.clk_i = 0;
  drive();
  top.eval();
  if (top.rst_ni)
    observe();
  else
    sram_reads.emplace_back(kBeat, 0xdd);
  mem.clock_read(cycle, top.rst_ni && top.rd_req_valid_o, top.rd_req_addr_o, top.rd_req_len_o);
  mem.clock_write(cycle, top.rst_ni && top.wr_req_valid_o, top.wr_req_addr_o, top.wr_req_len_o,
                  top.rst_ni && top.wr_data_valid_o, &top.wr_data_o, top.wr_last_o, &top.wr_strb_o);
  top.clk_i = 1;
  top.eval();
  cycle++;
}

void Bench::observe() {
  sram_reads.emplace_back(kBeat, 0xdd); // where nothing was read
  if (top.sram_rd_valid_o && top.sram_rd_ready_i) {
    const unsigned s = top.sram_rd_space_o;
    if (s < 1 || s > 4 || top.sram_rd_addr_o + kBeat > kSram[s])
      return tap.fail("SRAM read outside");
    memcpy(sram_reads.back().data(), &space[s].now[top.sram_rd_addr_o], kBeat);
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
  offered = top.cmd_valid_i && !top.cmd_ready_o;
  if (top.cmd_valid_i && top.cmd_ready_o)
    queue.pop_front();
  if (top.done_valid_o && top.done_ready_i)
    results.push_back(Result((const uint32_t *)&top.done_o));
}

// shira_pkg::traffic_t: rd_valid 25, rd_class 24:21, rd_bytes 20:13, wr_valid 12, class 11:8,
// bytes.
void Bench::count_traffic() {
  const uint32_t t = top.traffic_o;
  if (t >> 25 & 1)
    traffic_rd[t >> 21 & 15] += t >> 13 & 255;
  if (t >> 12 & 1)
    traffic_wr[t >> 8 & 15] += t & 255;
  if (top.rd_req_valid_o && top.rd_req_ready_i)
    asked_rd[top.rd_req_class_o] += (top.rd_req_len_o + 1u) * kBeat;
  if (top.wr_req_valid_o && top.wr_req_ready_i)
    asked_wr[top.wr_req_class_o] += (top.wr_req_len_o + 1u) * kBeat;
}

void Bench::forget_traffic() {
  for (uint64_t *counts : {traffic_rd, traffic_wr, asked_rd, asked_wr})
    memset(counts, 0, sizeof traffic_rd);
}

bool Bench::run(size_t n) {
  const uint64_t deadline = cycle + 400000;
  while (results.size() < n || !top.idle_o || !mem.idle()) {
    step();
    if (cycle > deadline)
      return tap.fail("no end: %zu of %zu results", results.size(), n), false;
  }
  for (int i = 0; i < 3; i++)
    step();
  for (unsigned c = 0; c < 16; c++)
    if (asked_rd[c] != traffic_rd[c] || asked_wr[c] != traffic_wr[c])
      tap.fail("class %u of requests: not what was moved", c);
  return true;
}

void Bench::halt_and_recover(size_t results_wanted) {
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

void Bench::random_timing() {
  mem.t = MemoryTiming{};
  mem.t.latency = unsigned(rnd.range(1, 40));
  mem.t.jitter = rnd.percent(50) ? unsigned(rnd.range(0, 60)) : 0;
  mem.t.stall_percent = rnd.percent(70) ? unsigned(rnd.range(0, 60)) : 0;
  mem.t.bytes_per_cycle = rnd.percent(50) ? kBeat * double(rnd.range(2, 10)) / 10 : 1e9;
  mem.t.outstanding = kOutstanding;
  sram_stall = rnd.percent(70) ? unsigned(rnd.range(0, 60)) : 0;
}

void Bench::random_side(unsigned s, uint64_t rows, uint64_t row_bytes, uint64_t *addr,
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

Job Bench::random_job(uint64_t most_beats) {
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

bool Bench::overlaps(const shira_desc_copy &d) {
  if (d.src_space != d.dst_space)
    return false;
  const uint64_t src_end = d.src_addr + uint64_t(d.rows - 1) * d.src_stride + d.row_bytes;
  const uint64_t dst_end = d.dst_addr + uint64_t(d.rows - 1) * d.dst_stride + d.row_bytes;
  return d.src_addr < dst_end && d.dst_addr < src_end;
}

void Bench::model_copy(const shira_desc_copy &d) {
  for (uint64_t r = 0; r < d.rows; r++) {
    const uint64_t src = d.src_addr - base_of(d.src_space) + r * d.src_stride;
    const uint64_t dst = d.dst_addr - base_of(d.dst_space) + r * d.dst_stride;
    memmove(&space[d.dst_space].model[dst], &space[d.src_space].model[src], d.row_bytes);
  }
}

void Bench::compare_all() {
  for (unsigned s = 0; s < 5; s++)
    if (live(s) != space[s].model) {
      size_t i = 0;
      while (live(s)[i] == space[s].model[i])
        i++;
      tap.fail("space %u differs at %zx: %02x instead of %02x", s, i, live(s)[i],
               space[s].model[i]);
    }
}

void Bench::compare_result(const Result &r, const Expect &e) {
  if (r.status != e.status)
    tap.fail("status %u instead of %u (where %llx)", r.status, e.status,
             (unsigned long long)r.where);
  if (!e.any_where && r.where != e.where)
    tap.fail("status %u: where %llx instead of %llx", r.status, (unsigned long long)r.where,
             (unsigned long long)e.where);
  if (!e.any_count && r.count != e.count)
    tap.fail("count %u instead of %u", r.count, e.count);
}
