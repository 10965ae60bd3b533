// The memory behind AXI and the host's side of the rings.
#include "tests/block/command/bench.h"
#include <cstdarg>
#include <cstdio>
#include <cstring>

static std::string why;
static unsigned n_tests, n_failed;

void expect(bool good, const char *format, ...) {
  if (good || !why.empty())
    return;
  char text[256];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  why = text;
}

void report(const char *name) {
  n_tests++;
  if (why.empty()) {
    printf("ok %u - %s\n", n_tests, name);
  } else {
    n_failed++;
    printf("not ok %u - %s\n# %s\n", n_tests, name, why.c_str());
  }
  fflush(stdout);
  why.clear();
}

unsigned failures() {
  return n_failed;
}

Desc make(unsigned opcode, unsigned work) {
  Desc d;
  memset(&d, 0, sizeof d);
  d.opcode = (uint8_t)opcode;
  d.work = opcode == SHIRA_OPCODE_NOP ? 0 : work; // of a NOP all bytes from 16 on are reserved
  return d;
}

Bench::Bench() : top(new Vcommand_tb_top) {
}

Bench::~Bench() {
  top->final();
  delete top;
}

void Bench::forget() {
  doorbell_cycle = first_ar_cycle = last_r_cycle = first_aw_cycle = 0;
  first_cmd_cycle = first_done_cycle = first_b_cycle = first_irq_cycle = 0;
  ar_count = b_count = most_writes = 0;
}

uint64_t Bench::burst_of(uint64_t addr) const {
  for (size_t i = fetched.size(); i-- > 0;)
    if (addr - fetched[i].addr < fetched[i].beats * kBeat)
      return fetched[i].addr;
  return 0;
}

void Bench::reset() {
  stall_ar = stall_r = stall_aw = stall_w = stall_b = stall_engine = 0;
  read_latency = write_latency = 10;
  mute_read = mute_write = false;
  read_fault.clear();
  write_fault.clear();
  reads.clear();
  fetched.clear();
  aw.clear();
  answers.clear();
  w.clear();
  w_last.clear();
  posted.clear();
  records.clear();
  record_of.clear();
  tail = rung = reaped = next_fetch = next_part = issued = 0;
  forget();
  ring_base = ((uint64_t)rng() << 20 | rng()) & ~0xfffull;
  completion_base = ring_base + 0x4000000;
  ring.assign(128u << log2, 0);
  completions.assign(64u << log2, 0);
  top->axil_awvalid_i = top->axil_wvalid_i = top->axil_arvalid_i = 0;
  top->arready_i = top->awready_i = top->wready_i = top->rvalid_i = top->bvalid_i = 0;
  top->stall_i = 0;
  top->rst_ni = 0;
  for (unsigned i = 0; i < 3; i++) {
    top->clk_i = 0;
    top->eval();
    top->clk_i = 1;
    top->eval();
  }
  top->rst_ni = 1;
  top->clk_i = 0;
  top->eval();
  write(SHIRA_REG_RING_BASE_LO, (uint32_t)ring_base);
  write(SHIRA_REG_RING_BASE_HI, (uint32_t)(ring_base >> 32));
  write(SHIRA_REG_COMPLETION_BASE_LO, (uint32_t)completion_base);
  write(SHIRA_REG_COMPLETION_BASE_HI, (uint32_t)(completion_base >> 32));
  write(SHIRA_REG_RING_LOG2, log2);
  write(SHIRA_REG_IRQ_ENABLE, 3);
  write(SHIRA_REG_CTRL, SHIRA_REG_CTRL_ENABLE_MASK);
}

void Bench::random_stalls() {
  static const unsigned level[] = {0, 0, 20, 60, 90};
  unsigned *p[] = {&stall_ar, &stall_r, &stall_aw, &stall_w, &stall_b, &stall_engine};
  for (unsigned *x : p)
    *x = level[rnd(5)];
  read_latency = rnd(3) * 40;
  write_latency = rnd(3) * 40;
}

void Bench::drive() {
  top->arready_i = !mute_read && rnd(100) >= stall_ar;
  top->awready_i = !mute_write && rnd(100) >= stall_aw;
  top->wready_i = !mute_write && rnd(100) >= stall_w;
  top->stall_i = 0;
  for (unsigned e = 0; e < 3; e++)
    if (rnd(100) < stall_engine)
      top->stall_i |= (CData)(1u << e);
  uint64_t now = top->cycle_o;
  top->rvalid_i = 0;
  if (!reads.empty() && !mute_read && reads.front().ready <= now && rnd(100) >= stall_r) {
    Burst &b = reads.front();
    uint64_t addr = b.addr + b.beat * kBeat, offset = addr - ring_base;
    uint8_t data[kBeat] = {};
    if (offset + kBeat <= ring.size())
      memcpy(data, ring.data() + offset, kBeat);
    memcpy(&top->rdata_i, data, kBeat);
    top->rresp_i = (CData)(read_fault.count(addr) ? read_fault[addr] : 0);
    top->rlast_i = b.beat + 1 == b.beats;
    top->rid_i = 0;
    top->rvalid_i = 1;
  }
  top->bvalid_i = 0;
  if (!answers.empty() && !mute_write && answers.front().ready <= now && rnd(100) >= stall_b) {
    uint64_t addr = answers.front().addr;
    top->bvalid_i = 1;
    top->bid_i = 0;
    top->bresp_i = (CData)(write_fault.count(addr) ? write_fault[addr] : 0);
  }
}

// A fetch must go on where the last one ended, stay before the tail, in a page and in BurstBytes.
void Bench::see_ar() {
  uint32_t entries = 1u << log2;
  uint64_t want = ring_base + 128ull * (next_fetch % entries) + next_part;
  unsigned bytes = (top->arlen_o + 1u) * kBeat;
  expect(top->araddr_o == want, "AR at %llx, wanted %llx", (unsigned long long)top->araddr_o,
         (unsigned long long)want);
  expect(bytes <= kBurst, "AR of %u bytes", bytes);
  expect((top->araddr_o & 4095) + bytes <= 4096, "AR across 4 KiB");
  expect(top->arburst_o == 1 && (1u << top->arsize_o) == kBeat, "ARSIZE or ARBURST");
  next_part += bytes;
  next_fetch += next_part / 128;
  next_part %= 128;
  uint32_t past = next_fetch + (next_part != 0);
  expect((int32_t)(past - rung) <= 0, "fetched past the tail: %u, tail %u", past, rung);
  fetched.push_back(Burst{top->araddr_o, 0, bytes / kBeat, 0});
  reads.push_back(Burst{top->araddr_o, top->cycle_o + 1 + read_latency, bytes / kBeat, 0});
}

// W data reach memory when their AW is known.
void Bench::land() {
  while (!aw.empty() && !w.empty()) {
    Burst &b = aw.front();
    uint64_t offset = b.addr + b.beat * kBeat - completion_base;
    expect(offset + kBeat <= completions.size(), "write at %llx", (unsigned long long)b.addr);
    if (offset + kBeat <= completions.size() && !write_fault.count(b.addr))
      memcpy(completions.data() + offset, w.front().data(), kBeat);
    expect(w_last.front() == (b.beat + 1 == b.beats), "WLAST");
    w.pop_front();
    w_last.pop_front();
    if (++b.beat == b.beats) {
      b.ready = top->cycle_o + 1 + write_latency;
      answers.push_back(b);
      aw.pop_front();
    }
  }
}

void Bench::sample() {
  uint64_t now = top->cycle_o;
  if (top->arvalid_o && !first_ar_cycle)
    first_ar_cycle = now;
  if (top->awvalid_o && !first_aw_cycle)
    first_aw_cycle = now;
  if (top->cmd_valid_o && !first_cmd_cycle)
    first_cmd_cycle = now;
  if (top->done_valid_o && !first_done_cycle)
    first_done_cycle = now;
  if (top->irq_o && !first_irq_cycle)
    first_irq_cycle = now;
  if (top->arvalid_o && top->arready_i) {
    ar_count++;
    see_ar();
  }
  if (top->rvalid_i) {
    Burst &b = reads.front();
    if (top->rlast_i)
      last_r_cycle = now;
    if (++b.beat == b.beats)
      reads.pop_front();
  }
  if (top->awvalid_o && top->awready_i) {
    uint64_t want = completion_base + 64ull * (issued++ % (1u << log2));
    expect(top->awaddr_o == want, "AW at %llx, wanted %llx", (unsigned long long)top->awaddr_o,
           (unsigned long long)want);
    expect(top->awlen_o + 1u == 64 / kBeat, "AWLEN %u", top->awlen_o);
    aw.push_back(Burst{top->awaddr_o, 0, top->awlen_o + 1u, 0});
  }
  if (top->wvalid_o && top->wready_i) {
    std::vector<uint8_t> data(kBeat);
    memcpy(data.data(), &top->wdata_o, kBeat);
    w.push_back(data);
    w_last.push_back(top->wlast_o);
    expect(top->wstrb_o == (kBeat == 8 ? 0xffu : 0xffffffffu), "WSTRB");
  }
  land();
  if (aw.size() + answers.size() > most_writes)
    most_writes = (unsigned)(aw.size() + answers.size());
  if (top->bvalid_i) {
    if (!first_b_cycle)
      first_b_cycle = now;
    b_count++;
    answers.pop_front();
  }
}

// Takes the records whose phase says that they are new.
void Bench::reap() {
  for (;;) {
    uint32_t entries = 1u << log2;
    shira_completion c;
    memcpy(&c, completions.data() + 64ull * (reaped % entries), 64);
    if ((c.phase & 1) != !(reaped >> log2 & 1))
      return;
    reaped++;
    expect((c.phase & ~1u) == 0, "phase %x", c.phase);
    expect(c.seq < posted.size(), "record of descriptor %u, which does not exist", c.seq);
    if (c.seq < posted.size()) {
      expect(record_of[c.seq] < 0, "two records of descriptor %u", c.seq);
      record_of[c.seq] = (int)records.size();
    }
    records.push_back(Record{c, top->cycle_o});
  }
}

void Bench::tick(unsigned n) {
  while (n--) {
    drive();
    top->eval();
    sample();
    top->clk_i = 1;
    top->eval();
    top->clk_i = 0;
    top->eval();
    reap();
  }
}

uint32_t Bench::read(unsigned addr) {
  top->axil_araddr_i = (SData)addr;
  top->axil_arvalid_i = 1;
  tick(); // the slave is free: the access before was answered
  top->axil_arvalid_i = 0;
  for (unsigned i = 0; i < 300 && !top->axil_rvalid_o; i++)
    tick();
  expect(top->axil_rvalid_o && top->axil_rresp_o == 0, "read of register %03x", addr);
  uint32_t value = top->axil_rdata_o;
  tick();
  return value;
}

void Bench::write(unsigned addr, uint32_t value) {
  top->axil_awaddr_i = (SData)addr;
  top->axil_wdata_i = value;
  top->axil_awvalid_i = top->axil_wvalid_i = 1;
  if (addr == SHIRA_REG_RING_TAIL) {
    doorbell_cycle = top->cycle_o + 1; // it is written in the cycle after AW and W
    rung = value;
  }
  tick();
  top->axil_awvalid_i = top->axil_wvalid_i = 0;
  tick();
  expect(top->axil_bvalid_o && top->axil_bresp_o == 0, "write of register %03x", addr);
  tick();
}

void Bench::write_twice(unsigned addr, uint32_t first, uint32_t second) {
  unsigned taken = 0, answered = 0;
  top->axil_awaddr_i = (SData)addr;
  top->axil_wdata_i = first;
  top->axil_awvalid_i = top->axil_wvalid_i = 1;
  for (unsigned i = 0; i < 20; i++) {
    const bool aw = top->axil_awvalid_i && top->axil_awready_o;
    expect(aw == (top->axil_wvalid_i && top->axil_wready_o), "AW and W are taken apart");
    tick();
    answered += top->axil_bvalid_o && top->axil_bresp_o == 0;
    taken += aw;
    top->axil_wdata_i = second;
    top->axil_awvalid_i = top->axil_wvalid_i = taken < 2;
  }
  expect(taken == 2 && answered == 2, "of two writes %u were taken, %u answered", taken, answered);
}

uint64_t Bench::read64(unsigned addr) {
  uint64_t low = read(addr);
  return low | (uint64_t)read(addr + 4) << 32;
}

uint64_t Bench::counter(unsigned index) {
  write(SHIRA_REG_COUNTER_SNAPSHOT, 1);
  return read64(SHIRA_COUNTER_OFFSET + 8 * index);
}

unsigned Bench::space() const {
  return (1u << log2) - (tail - reaped);
}

uint32_t Bench::post(const Desc &desc) {
  memcpy(ring.data() + 128ull * (tail % (1u << log2)), &desc, 128);
  posted.push_back(desc);
  record_of.push_back(-1);
  return tail++;
}

void Bench::rewrite(uint32_t from) {
  for (uint32_t s = from; s < tail; s++)
    memcpy(ring.data() + 128ull * (s % (1u << log2)), &posted[s], 128);
}

void Bench::doorbell() {
  write(SHIRA_REG_RING_TAIL, tail);
}

bool Bench::wait_records(uint32_t seq, unsigned cycles) {
  for (unsigned i = 0; i < cycles; i++) {
    if (reaped >= seq)
      return true;
    tick();
  }
  return reaped >= seq;
}

bool Bench::wait_status(uint32_t mask, uint32_t value, unsigned cycles) {
  for (unsigned i = 0; i < cycles; i += 2)
    if ((read(SHIRA_REG_STATUS) & mask) == value)
      return true;
  return false;
}

void Bench::ack() {
  write(SHIRA_REG_CTRL, SHIRA_REG_CTRL_ENABLE_MASK | SHIRA_REG_CTRL_ACK_MASK);
  next_fetch = rung;
  next_part = 0;
}
