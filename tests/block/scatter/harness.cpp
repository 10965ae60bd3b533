// The bench around shira_scatter: a cycle, random streams, and what must come of them.
#include "tests/block/scatter/harness.h"

// Bits [at, at + n) of a port of any width, n <= 32.
static uint32_t bits(const void *port, unsigned at, unsigned n) {
  uint64_t v = 0;
  memcpy(&v, (const uint8_t *)port + at / 8, (at % 8 + n + 7) / 8);
  return uint32_t(v >> at % 8 & ((uint64_t(1) << n) - 1));
}

// The address of client 0.
static uint64_t bits64(const void *port) {
  uint64_t v;
  memcpy(&v, port, 8);
  return v;
}

Bench::Bench(uint64_t seed) : weights(kWeights), model(kWeights) {
  rnd.engine.seed(seed);
  mem.rnd = &rnd;
  mem.tap = &tap;
  mem.burst_bytes = kBurst;
  mem.bytes.resize(kMemory);
  streams.resize(kMemory);
  top.rst_ni = 0;
  top.halt_i = 0;
  for (int i = 0; i < 3; i++)
    step();
  top.rst_ni = 1;
  for (uint32_t i = 0; i < kWeights; i++)
    weights[i] = uint8_t(i * 77 + i / 256);
  model = weights;
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
  top.bank_ready_i = top.bank_rd_ready_i = (1u << kBanks) - 1;
  for (unsigned b = 0; b < kBanks && bank_stall; b++) {
    if (rnd.percent(bank_stall))
      top.bank_ready_i &= ~(1u << b);
    if (rnd.percent(bank_stall))
      top.bank_rd_ready_i &= ~(1u << b);
  }
  for (unsigned b = 0; b < kBanks; b++)
    if (reads[kLatency - 1].banks >> b & 1)
      memcpy((uint8_t *)&top.bank_rd_data_i + b * kWord, reads[kLatency - 1].word[b], kWord);
    else
      memset((uint8_t *)&top.bank_rd_data_i + b * kWord, 0xa5, kWord);
  top.done_ready_i = bank_stall == 0 || rnd.percent(60);
  top.cmd_valid_i = !queue.empty() && !halt;
  if (top.cmd_valid_i)
    memcpy(&top.cmd_desc_i, &queue.front().d, 128);
}

void Bench::step() {
  top.clk_i = 0;
  drive();
  top.eval();
  if (top.rst_ni)
    observe();
  mem.clock_read(cycle, top.rst_ni && top.rd_req_valid_o, bits64(&top.rd_req_addr_o),
                 uint8_t(top.rd_req_len_o));
  mem.clock_write(cycle, top.rst_ni && top.wr_req_valid_o, bits64(&top.wr_req_addr_o),
                  uint8_t(top.wr_req_len_o), top.rst_ni && top.wr_data_valid_o, &top.wr_data_o,
                  top.wr_last_o & 1, &top.wr_strb_o);
  top.clk_i = 1;
  top.eval();
  cycle++;
}

void Bench::observe() {
  if ((top.rd_req_valid_o | top.wr_req_valid_o | top.wr_data_valid_o) & 2)
    tap.fail("an access to weights in memory"); // whose clients are bit 1
  const unsigned changed = made[1];
  made[1] = made[0];
  made[0] = 0;
  std::copy_backward(reads, reads + kLatency - 1, reads + kLatency);
  reads[0].banks = 0;
  for (unsigned b = 0; b < kBanks; b++)
    made[0] += observe_bank(b);
  if (changed != top.ev_updates_o)
    tap.fail("%u bytes written, %u updates counted", changed, top.ev_updates_o);
  updates += top.ev_updates_o;
  bank_stalls += top.ev_bank_stall_o;
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
  if (top.done_valid_o && !mem.writes.empty())
    tap.fail("a result before the writes");
  if (top.idle_o && !(mem.writes.empty() && mem.answers.empty()))
    tap.fail("idle before the write responses");
}

// shira_pkg::traffic_t: rd_valid 25, rd_class 24:21, rd_bytes 20:13, wr_valid 12, class 11:8,
// bytes.
void Bench::count_traffic() {
  const uint32_t t = top.traffic_o;
  if (t >> 25 & 1)
    traffic[t >> 21 & 15] += t >> 13 & 255;
  if (t >> 12 & 1)
    written[t >> 8 & 15] += t & 255;
  if (top.rd_req_valid_o & top.rd_req_ready_i & 1)
    asked[top.rd_req_class_o & 15] += ((top.rd_req_len_o & 255) + 1u) * kBeat;
  if (top.wr_req_valid_o & top.wr_req_ready_i & 1)
    asked_wr[top.wr_req_class_o & 15] += ((top.wr_req_len_o & 255) + 1u) * kBeat;
}

unsigned Bench::observe_bank(unsigned b) {
  const bool valid = top.bank_valid_o >> b & 1, ready = top.bank_ready_i >> b & 1;
  const bool rd_valid = top.bank_rd_valid_o >> b & 1, rd_ready = top.bank_rd_ready_i >> b & 1;
  uint32_t row = 0, mask = 0, rd_row = 0;
  if (rd_valid)
    rd_row = bits(&top.bank_rd_row_o, b * kRowBits, kRowBits);
  bank_rd[b].clock(tap, "bank read", rd_valid, rd_ready, rd_row);
  if (rd_valid && rd_ready) { // before this cycle's write
    memcpy(reads[0].word[b], &weights[(uint64_t(rd_row) * kBanks + b) * kWord], kWord);
    reads[0].banks |= 1u << b;
  }
  if (valid) {
    row = bits(&top.bank_row_o, b * kRowBits, kRowBits);
    mask = bits(&top.bank_mask_o, b * kWord, kWord);
  }
  bank[b].clock(tap, "bank write", valid, ready, row, mask);
  if (!valid || !ready)
    return 0;
  if (mask == 0)
    tap.fail("bank %u: empty write", b);
  if (!kMerge && __builtin_popcount(mask) != 1)
    tap.fail("bank %u: %d bytes in one write", b, __builtin_popcount(mask));
  writes++;
  for (unsigned i = 0; i < kWord; i++)
    if (mask >> i & 1)
      weights[(uint64_t(row) * kBanks + b) * kWord + i] =
          uint8_t(bits(&top.bank_data_o, (b * kWord + i) * 8, 8));
  return unsigned(__builtin_popcount(mask));
}

bool Bench::run(size_t n) {
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

void Bench::halt_and_recover(size_t wanted) {
  for (uint64_t n = rnd.below(20); n > 0; n--)
    step();
  queue.clear();
  halt = true;
  run(wanted);
  halt = false;
  step();
  mem.fault_hi = mem.fault_lo = 0;
}

void Bench::random_timing() {
  mem.t = MemoryTiming{};
  mem.t.latency = unsigned(rnd.range(1, 40));
  mem.t.jitter = rnd.percent(50) ? unsigned(rnd.range(0, 60)) : 0;
  mem.t.stall_percent = rnd.percent(60) ? unsigned(rnd.range(0, 60)) : 0;
  mem.t.bytes_per_cycle = rnd.percent(50) ? kBeat * double(rnd.range(2, 10)) / 10 : 1e9;
  mem.t.outstanding = kOutstanding;
  bank_stall = rnd.percent(60) ? unsigned(rnd.range(0, 70)) : 0;
}

shira_desc_scatter Bench::random_desc(uint32_t base, uint32_t room) {
  shira_desc_scatter d = {};
  d.opcode = SHIRA_OPCODE_SCATTER;
  d.op = uint8_t(one_op < 4 ? one_op : rnd.below(4));
  d.format = uint8_t(random_format());
  d.traffic = rnd.percent(50) ? SHIRA_TRAFFIC_VALUE : SHIRA_TRAFFIC_UNDO;
  d.space = SHIRA_SPACE_WEIGHT;
  d.base = base;
  d.win_lo = 0;
  d.win_hi = kWeights;
  const uint32_t tiles = room / (kLimits.n * kLimits.k) + 1;
  d.k_tiles = kRow ? uint32_t(rnd.range(1, std::min(tiles, 64u))) : uint32_t(rnd.engine());
  d.row_log2 = kRow ? uint8_t(log2_of(2 * d.k_tiles * kWord - 1)) : uint8_t(rnd.engine());
  return d;
}

std::vector<Update> Bench::random_updates(const shira_desc_scatter &d, uint32_t room, size_t most) {
  // In rows, columns behind the image's last lie in the next row of tiles, where they meet others:
  // a few of them are taken, but not by what reads, which must not meet a byte twice.
  const uint32_t tile_row = d.k_tiles * kLimits.n * kLimits.k;
  const uint64_t span =
      kRow ? std::min<uint64_t>((room / tile_row + 1) * uint64_t(kLimits.n) << d.row_log2, 1u << 31)
           : room;
  std::vector<Update> u;
  const unsigned kind = unsigned(rnd.below(4));
  const size_t n = rnd.range(1, most);
  uint64_t at = rnd.below(300);
  for (size_t i = 0; i < n && at < span; i++) {
    const uint64_t column = kRow ? at & ((uint64_t(1) << d.row_log2) - 1) : 0;
    if (image_offset(kLimits, d, at) < room &&
        (d.op == SHIRA_SCATTER_OP_SET || column < uint64_t(d.k_tiles) * kLimits.k))
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

Job Bench::make_job(const std::vector<Block> &blocks, const shira_desc_scatter &d) {
  Job j = {d, {}, {}};
  j.d.updates = 0;
  for (auto &b : blocks) {
    lay_out(kLimits, b, j.stream);
    j.d.updates += b.updates;
  }
  j.d.stream_bytes = uint32_t(j.stream.size());
  return j;
}

Job Bench::random_job(size_t most) {
  const uint32_t room = uint32_t(rnd.range(1, rnd.percent(50) ? 4096 : kWeights));
  const uint32_t base = uint32_t(rnd.below((kWeights - room) / kWord + 1) * kWord);
  const shira_desc_scatter d = random_desc(base, room);
  const std::vector<Update> u = random_updates(d, room, rnd.percent(70) ? most / 8 + 1 : most);
  Job j = make_job(cut(kLimits, u, rnd, rnd.percent(50), d.format), d);
  if (rnd.percent(30)) {
    j.d.win_lo = base;
    j.d.win_hi = uint64_t(base) + room;
  }
  return j;
}

void Bench::submit(Job &j) {
  if (place + j.stream.size() + 64 > kMemory)
    place = 0;
  place += rnd.below(3) * kLimits.align;
  j.d.stream_addr = Mem::base + place;
  memcpy(&mem.bytes[place], j.stream.data(), j.stream.size());
  memcpy(&streams[place], j.stream.data(), j.stream.size());
  place += align_up(j.stream.size(), kLimits.align);
  queue.push_back(j);
}

Verdict Bench::expect(const Job &j, uint64_t bad, unsigned bad_status) {
  return model_stream(kLimits, j.d, &streams[j.d.stream_addr - Mem::base], model, bad, bad_status);
}

void Bench::compare(const Result &r, const Verdict &e) {
  if (r.status != e.status || r.where != e.where || r.count != e.count)
    tap.fail("status %u where %llx count %u instead of %u, %llx, %u", r.status,
             (unsigned long long)r.where, r.count, e.status, (unsigned long long)e.where, e.count);
  if ((r.count != 0) != (r.first_work != 0) || r.last_work < r.first_work ||
      (r.count != 0 && (r.first_data == 0 || r.first_data >= r.first_work)))
    tap.fail("first data %u, work from %u to %u, count %u", r.first_data, r.first_work, r.last_work,
             r.count);
}

void Bench::compare_weights() {
  const struct {
    const char *name;
    const std::vector<uint8_t> &is, &want;
  } pairs[] = {{"weight", weights, model}, {"stream byte", mem.bytes, streams}};
  for (auto &p : pairs) {
    if (p.is == p.want)
      continue;
    size_t i = 0;
    while (p.is[i] == p.want[i])
      i++;
    tap.fail("%s %zx is %02x instead of %02x", p.name, i, p.is[i], p.want[i]);
  }
}

void Bench::run_bad(Job &j, uint64_t bad, unsigned bad_status) {
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
  run_submitted(e, behind);
}

void Bench::run_submitted(std::vector<Verdict> &e, bool behind) {
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
}
