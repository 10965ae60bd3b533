// The bench around shira_scatter_memory: a cycle, random commands, and what must come of them.
#include "tests/block/scatter_memory/harness.h"

#include <algorithm>

// ---- Memory ---------------------------------------------------------------------------------

unsigned LateMemory::resp(uint64_t addr, bool write) const {
  if (fault_resp != 0 && addr == fault && write == fault_write)
    return fault_resp;
  return addr >= kBase && addr - kBase < kBytes ? 0 : 3;
}

bool LateMemory::stalled() {
  return t.stall_percent != 0 && rnd->percent(t.stall_percent);
}

void LateMemory::drive(uint64_t cycle) {
  credit = std::min(credit + t.bytes_per_cycle, 4.0 * kBeat);
  rd_ready = reads.size() < t.outstanding && !stalled();
  wr_ready = writes.size() + answers.size() < t.outstanding && !stalled();
  rsp_valid = !reads.empty() && cycle >= reads.front().due && credit >= kBeat && !stalled();
  rsp_last = false;
  rsp_err = 0;
  if (rsp_valid) {
    const Open &o = reads.front();
    memcpy(rsp_data, o.data + o.at, kBeat);
    rsp_last = o.at + kBeat == kLine;
    rsp_err = resp(o.addr, false);
    credit -= kBeat;
  }
  data_ready = credit >= kBeat && !stalled();
  b_valid = !answers.empty() && cycle >= answers.front().due && !stalled();
  b_err = 0;
  if (b_valid) {
    const Open &o = answers.front();
    b_err = resp(o.addr, true);
    for (unsigned i = 0; i < kLine && b_err == 0; i++)
      if (o.strb[i])
        bytes[o.addr - kBase + i] = o.data[i];
  }
}

void LateMemory::clock(uint64_t cycle, const Vshira_scatter_memory &top) {
  const uint64_t due = cycle + t.latency + (t.jitter ? rnd->below(t.jitter + 1) : 0);
  if (rsp_valid && (reads.front().at += kBeat) == kLine)
    reads.pop_front();
  if (b_valid)
    answers.pop_front();
  if (top.rd_req_valid_o && rd_ready) {
    Open o = {top.rd_req_addr_o, due, 0, {}, {}};
    if (top.rd_req_len_o != kLine / kBeat - 1 || o.addr % kLine != 0)
      tap->fail("read of %u beats at %llx", top.rd_req_len_o + 1, (unsigned long long)o.addr);
    if (o.addr >= kBase && o.addr - kBase < kBytes)
      memcpy(o.data, &bytes[o.addr - kBase], kLine);
    reads.push_back(o);
    read_lines.push_back(o.addr);
  }
  if (top.wr_req_valid_o && wr_ready) {
    writes.push_back({top.wr_req_addr_o, 0, 0, {}, {}});
    if (top.wr_req_len_o != kLine / kBeat - 1 || top.wr_req_addr_o % kLine != 0)
      tap->fail("write of %u beats at %llx", top.wr_req_len_o + 1,
                (unsigned long long)top.wr_req_addr_o);
    written_lines.push_back(top.wr_req_addr_o);
  }
  if (!top.wr_data_valid_o || !data_ready)
    return;
  if (writes.empty())
    return tap->fail("write data without a request");
  credit -= kBeat;
  Open &o = writes.front();
  memcpy(o.data + o.at, &top.wr_data_o, kBeat);
  for (unsigned i = 0; i < kBeat; i++)
    o.strb[o.at + i] = top.wr_strb_o >> i & 1;
  o.at += kBeat;
  if (top.wr_last_o != (o.at == kLine))
    tap->fail("last beat of a write at %llx is wrong", (unsigned long long)o.addr);
  if (o.at == kLine) {
    o.due = due;
    strobes.push_back(0);
    for (unsigned i = 0; i < kLine; i++)
      strobes.back() |= uint64_t(o.strb[i]) << i;
    answers.push_back(o);
    writes.pop_front();
  }
}

// ---- A cycle --------------------------------------------------------------------------------

// Sets bits [at, at + n) of a port.
static void put(void *port, unsigned at, unsigned n, uint64_t value) {
  uint8_t *p = (uint8_t *)port;
  for (unsigned i = 0; i < n; i++) {
    const unsigned b = at + i;
    p[b / 8] = uint8_t((p[b / 8] & ~(1u << b % 8)) | (value >> i & 1) << b % 8);
  }
}

Bench::Bench(uint64_t seed) {
  rnd.engine.seed(seed);
  mem.rnd = &rnd;
  mem.tap = &tap;
  mem.bytes.resize(kBytes);
  for (auto &x : mem.bytes)
    x = uint8_t(rnd.engine());
  top.rst_ni = 0;
  for (int i = 0; i < 3; i++)
    step();
  top.rst_ni = 1;
}

static void drive_bundle(Bench &b) {
  Vshira_scatter_memory &top = b.top;
  b.offered = !b.bundles.empty() && (b.offered || !b.rnd.percent(b.in_stall));
  top.in_valid_i = b.offered;
  if (!b.offered)
    return;
  const Bundle &u = b.bundles.front();
  top.in_count_i = u.count;
  for (unsigned k = 0; k < kLanes; k++) {
    put(&top.in_offset_i, k * kOffsetBits, kOffsetBits, u.u[k].offset);
    put(&top.in_value_i, k * 8, 8, u.u[k].value);
  }
  put(&top.in_mark_i, 72, 1, u.last);
  put(&top.in_mark_i, 64, 8, u.last ? b.command.status : 0);
  put(&top.in_mark_i, 0, 64, u.last ? b.command.where : 0);
}

static void observe(Bench &b) {
  Vshira_scatter_memory &top = b.top;
  b.rd_req.clock(b.tap, "read request", top.rd_req_valid_o, top.rd_req_ready_i, top.rd_req_addr_o);
  b.wr_req.clock(b.tap, "write request", top.wr_req_valid_o, top.wr_req_ready_i, top.wr_req_addr_o);
  b.wr_data.clock(b.tap, "write data", top.wr_data_valid_o, top.wr_data_ready_i, top.wr_data_o,
                  top.wr_strb_o, top.wr_last_o);
  b.got.count += top.updates_o;
  b.starved += top.starved_o;
  if (top.old_valid_o && top.old_ready_i)
    for (unsigned k = 0; k < top.old_count_o; k++)
      b.got.old.push_back(((const uint8_t *)&top.old_data_o)[k]);
  if (top.old_valid_o && (top.old_count_o == 0 || top.old_count_o > kLanes))
    b.tap.fail("%u old values", top.old_count_o);
  const uint32_t t = top.traffic_o; // shira_pkg::traffic_t
  if (t >> 25 & 1)
    b.read_bytes += t >> 13 & 255;
  if (t >> 12 & 1)
    b.written_bytes += t & 255;
  if ((t >> 21 & 15) != SHIRA_TRAFFIC_WEIGHT || (t >> 8 & 15) != SHIRA_TRAFFIC_WEIGHT)
    b.tap.fail("traffic of another class");
  if (top.in_valid_i && top.in_ready_o) {
    b.bundles.pop_front();
    b.offered = false;
  }
  if (top.end_valid_o && top.end_ready_i && !b.clear) {
    b.got.status = top.end_status_o;
    b.got.where = top.end_where_o;
    b.ended = true;
    if (top.busy_o || !b.mem.reads.empty() || !b.mem.writes.empty() || !b.mem.answers.empty())
      b.tap.fail("an end while something is on its way");
  }
}

void Bench::step() {
  top.clk_i = 0;
  mem.drive(cycle);
  top.clear_i = clear;
  drive_bundle(*this);
  top.op_i = uint8_t(command.op);
  put(&top.memory_i, 192, 1, 1); // shira_scatter_pkg::memory_t
  put(&top.memory_i, 128, 64, command.base);
  put(&top.memory_i, 64, 64, command.lo);
  put(&top.memory_i, 0, 64, command.hi);
  top.old_ready_i = !rnd.percent(out_stall);
  top.end_ready_i = !rnd.percent(out_stall);
  top.rd_req_ready_i = mem.rd_ready;
  top.rd_rsp_valid_i = mem.rsp_valid;
  top.rd_rsp_last_i = mem.rsp_last;
  top.rd_rsp_err_i = mem.rsp_err;
  memcpy(&top.rd_rsp_data_i, mem.rsp_data, kBeat);
  top.wr_req_ready_i = mem.wr_ready;
  top.wr_data_ready_i = mem.data_ready;
  top.wr_rsp_valid_i = mem.b_valid;
  top.wr_rsp_err_i = mem.b_err;
  top.eval();
  if (top.rst_ni) {
    observe(*this);
    mem.clock(cycle, top);
  }
  top.clk_i = 1;
  top.eval();
  cycle++;
}

// ---- Commands -------------------------------------------------------------------------------

void Bench::random_timing() {
  mem.t = MemoryTiming{};
  mem.t.latency = unsigned(rnd.range(1, 60));
  mem.t.jitter = rnd.percent(50) ? unsigned(rnd.range(0, 60)) : 0;
  mem.t.stall_percent = rnd.percent(60) ? unsigned(rnd.range(0, 60)) : 0;
  mem.t.bytes_per_cycle = rnd.percent(50) ? kBeat * double(rnd.range(2, 10)) / 10 : 1e9;
  mem.t.outstanding = unsigned(rnd.range(1, kOutstanding));
  in_stall = rnd.percent(60) ? unsigned(rnd.range(0, 90)) : 0;
  out_stall = rnd.percent(60) ? unsigned(rnd.range(0, 70)) : 0;
}

// Positions ascend; in row order their offsets hop over the image, and where rows are longer than
// the image they hit bytes again.
static std::vector<Update> random_updates(Random &r, uint64_t room) {
  std::vector<Update> u;
  const unsigned kind = unsigned(r.below(4));
  const unsigned row_log2 = unsigned(r.range(2, 7)), k_tiles = unsigned(r.range(1, 32));
  const unsigned n = 4, k = 4;
  const size_t most = r.range(1, r.percent(20) ? 1500 : 200);
  for (uint64_t p = r.below(300), i = 0; i < most; i++) {
    const uint64_t row = p >> row_log2, c = p & ((1u << row_log2) - 1);
    const uint64_t at = kRow ? ((row / n * k_tiles + c / k) * n + row % n) * k + c % k : p;
    if (at >= room)
      break;
    u.push_back({at, uint8_t(r.engine())});
    p += 1 + (kind == 0   ? r.below(200)
              : kind == 1 ? 0
              : kind == 2 ? r.percent(8) * r.below(500)
                          : r.below(kRow ? 12 : 60));
  }
  return u;
}

Command Bench::random_command() {
  Command c;
  c.op = unsigned(rnd.below(4));
  c.base = kBase + rnd.below(kBytes / kLine) * kLine;
  const uint64_t room = kBase + kBytes - c.base;
  c.updates = random_updates(rnd, room);
  c.lo = rnd.percent(50) ? 0 : c.base;
  c.hi = rnd.percent(50) ? ~0ull : c.base + room;
  if (rnd.percent(20)) { // a narrow window
    c.lo = c.base + rnd.below(c.updates.empty() ? 1 : c.updates[0].offset + 2);
    c.hi = c.updates.empty() ? c.base : c.base + c.updates[rnd.below(c.updates.size())].offset;
  }
  if (rnd.percent(20)) {
    c.status = unsigned(rnd.range(6, 9));
    c.where = rnd.engine();
  }
  return c;
}

void Bench::start(const Command &c) {
  command = c;
  bundles.clear();
  offered = ended = false;
  got = Outcome{};
  read_bytes = written_bytes = starved = 0;
  mem.read_lines.clear();
  mem.written_lines.clear();
  mem.strobes.clear();
  for (size_t i = 0; i < c.updates.size() || bundles.empty() || !bundles.back().last;) {
    Bundle b = {};
    const size_t most = in_stall == 0 ? kLanes : rnd.below(kLanes + 1);
    for (; i < c.updates.size() && b.count < most; i++)
      b.u[b.count++] = c.updates[i];
    for (unsigned k = b.count; k < kLanes; k++)
      b.u[k] = {rnd.engine(), uint8_t(rnd.engine())};
    b.last = i == c.updates.size() && (in_stall == 0 || rnd.percent(50));
    bundles.push_back(b);
  }
}

bool Bench::run(uint64_t most) {
  const uint64_t begin = cycle;
  while (!ended && cycle - begin < most) {
    step();
    if (cycle - begin > 400000)
      return tap.fail("no end"), false;
  }
  got.read_lines = mem.read_lines;
  got.written_lines = mem.written_lines;
  got.strobes = mem.strobes;
  return true;
}

// ---- The model ------------------------------------------------------------------------------

Outcome Bench::expect(const Command &c, std::vector<uint8_t> &bytes, uint64_t most) {
  Outcome o;
  uint64_t line = ~0ull; // none open
  uint64_t made = 0;     // updates in lines that were written
  uint64_t changed = 0;  // bytes of the line
  std::vector<uint8_t> kept;
  auto end = [&](unsigned status, uint64_t where) { o.status = status, o.where = where; };
  auto close = [&]() {
    if (line == ~0ull)
      return true;
    const unsigned resp = mem.resp(line, true);
    o.written_lines.push_back(line);
    o.strobes.push_back(changed);
    if (resp != 0)
      end(SHIRA_STATUS_WRITE_SLVERR + resp - 2, line), o.count = made;
    else
      made = o.count, std::copy(kept.begin(), kept.end(), bytes.begin() + ptrdiff_t(line - kBase));
    line = ~0ull;
    return resp == 0;
  };
  for (const Update &u : c.updates) {
    if (o.count == most)
      break;
    const uint64_t at = c.base + u.offset, to = at / kLine * kLine;
    if (at < c.lo || at >= c.hi) {
      if (close())
        end(SHIRA_STATUS_WINDOW, at);
      return o;
    }
    if (line != to) {
      if (!close())
        return o;
      if (c.op != SHIRA_SCATTER_OP_SET) {
        o.read_lines.push_back(to);
        if (const unsigned resp = mem.resp(to, false))
          return end(SHIRA_STATUS_READ_SLVERR + resp - 2, to), o;
      }
      line = to;
      changed = 0;
      kept.assign(kLine, 0);
      for (unsigned i = 0; i < kLine && to - kBase < kBytes; i++)
        kept[i] = bytes[to - kBase + i];
    }
    uint8_t &x = kept[at % kLine];
    changed |= 1ull << at % kLine;
    if (c.op == SHIRA_SCATTER_OP_SWAP)
      o.old.push_back(x);
    x = c.op == SHIRA_SCATTER_OP_ADD   ? uint8_t(x + u.value)
        : c.op == SHIRA_SCATTER_OP_SUB ? uint8_t(x - u.value)
                                       : u.value;
    o.count++;
  }
  if (close())
    end(c.status, c.where);
  return o;
}

void Bench::compare(const Outcome &e, const std::vector<uint8_t> &bytes) {
  if (got.status != e.status || got.where != e.where || got.count != e.count)
    tap.fail("op %u: status %u where %llx count %llu instead of %u, %llx, %llu", command.op,
             got.status, (unsigned long long)got.where, (unsigned long long)got.count, e.status,
             (unsigned long long)e.where, (unsigned long long)e.count);
  if (got.old != e.old)
    tap.fail("old values differ: %zu of %zu", got.old.size(), e.old.size());
  if (got.written_lines != e.written_lines)
    tap.fail("%zu lines written instead of %zu", got.written_lines.size(), e.written_lines.size());
  if (got.strobes != e.strobes)
    tap.fail("op %u: strobes are not the bytes that were updated", command.op);
  // Lines behind one that could not be read may have been asked for.
  if (e.status == SHIRA_STATUS_OK && got.read_lines != e.read_lines)
    tap.fail("%zu lines read instead of %zu", got.read_lines.size(), e.read_lines.size());
  if (e.status == SHIRA_STATUS_OK && (read_bytes != kLine * e.read_lines.size() ||
                                      written_bytes != kLine * e.written_lines.size()))
    tap.fail("%llu bytes counted as read, %llu as written", (unsigned long long)read_bytes,
             (unsigned long long)written_bytes);
  for (size_t i = 0; i < kBytes; i++)
    if (mem.bytes[i] != bytes[i])
      return tap.fail("op %u: byte %zx is %02x instead of %02x", command.op, i, mem.bytes[i],
                      bytes[i]);
}
