// Tests of the registers, and the accesses over AXI-Lite that all tests use.
#include "tests/block/axi/bench.h"
#include "host/include/shira/regs.h"

// Ticks until B or R is there. Nothing takes it meanwhile.
static void await(const CData &valid, const char *what) {
  for (unsigned i = 0; i < 300; i++) {
    top->eval();
    if (valid)
      return;
    tick();
  }
  expect(false, "no %s", what);
}

bool axil_write(unsigned addr, uint32_t data, unsigned strb) {
  top->axil_awaddr_i = addr;
  top->axil_wdata_i = data;
  top->axil_wstrb_i = strb;
  top->axil_bready_i = 0;
  const unsigned lead = rnd(3); // AW or W may come first
  bool aw = false, w = false;   // taken
  for (unsigned i = 0; i < 20 && !(aw && w); i++) {
    top->axil_awvalid_i = !aw && (lead != 1 || i >= 2);
    top->axil_wvalid_i = !w && (lead != 2 || i >= 2);
    top->eval();
    aw = aw || (top->axil_awvalid_i && top->axil_awready_o);
    w = w || (top->axil_wvalid_i && top->axil_wready_o);
    tick();
  }
  expect(aw && w, "write of %03x was not taken", addr);
  top->axil_awvalid_i = top->axil_wvalid_i = 0;
  await(top->axil_bvalid_o, "B");
  for (unsigned i = rnd(3); i > 0; i--) {
    tick();
    top->eval();
    expect(top->axil_bvalid_o, "B fell");
  }
  top->axil_bready_i = 1;
  top->eval();
  unsigned resp = top->axil_bresp_o;
  tick();
  top->eval();
  expect(!top->axil_bvalid_o, "B twice");
  expect(resp == 0 || resp == 2, "BRESP %u", resp);
  return resp == 0;
}

bool axil_read(unsigned addr, uint32_t *data) {
  top->axil_araddr_i = addr;
  top->axil_arvalid_i = 1;
  top->axil_rready_i = 0;
  top->eval();
  expect(top->axil_arready_o, "read of %03x was not taken", addr);
  tick();
  top->axil_arvalid_i = 0;
  await(top->axil_rvalid_o, "R");
  for (unsigned i = rnd(3); i > 0; i--)
    tick();
  top->axil_rready_i = 1;
  top->eval();
  expect(top->axil_rvalid_o, "R fell");
  unsigned resp = top->axil_rresp_o;
  *data = top->axil_rdata_o;
  tick();
  expect(resp == 0 || resp == 2, "RRESP %u", resp);
  return resp == 0;
}

uint32_t get(unsigned addr) {
  uint32_t data = 0;
  expect(axil_read(addr, &data), "SLVERR on %03x", addr);
  return data;
}

void snapshot() {
  expect(axil_write(SHIRA_REG_COUNTER_SNAPSHOT, 1), "snapshot");
}

uint64_t counter(unsigned index) {
  uint64_t low = get(SHIRA_COUNTER_OFFSET + 8 * index);
  return low | (uint64_t)get(SHIRA_COUNTER_OFFSET + 8 * index + 4) << 32;
}

// What the registers read as after a reset, with what the bench drives as the command unit.
static const struct {
  unsigned addr;
  uint32_t value;
} after_reset[] = {
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
    {SHIRA_REG_CAP_FORMATS, 1u << SHIRA_STREAM_FORMAT_GAP8 | 1u << SHIRA_STREAM_FORMAT_COO32},
    {SHIRA_REG_CAP_LANES, 8},
    {SHIRA_REG_CAP_STREAM_ALIGN, 32},
    {SHIRA_REG_CAP_BLOCK_UPDATES, 512},
    {SHIRA_REG_CAP_BLOCK_GAPS, 2048},
    {SHIRA_REG_CAP_BEAT_BYTES, 8},
    {SHIRA_REG_CAP_COUNTERS, SHIRA_COUNTER_SET_FULL},
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
    {SHIRA_REG_CANCEL_FIRST, 0},
    {SHIRA_REG_CANCEL_COUNT, 0},
    {SHIRA_REG_COUNTER_SNAPSHOT, 0},
};

void test_reset_values() {
  reset();
  top->status_i = 5;
  top->ring_head_i = 42;
  for (const auto &r : after_reset)
    expect(get(r.addr) == r.value, "register %03x reads %08x", r.addr, get(r.addr));
  top->cycle_i = 0xfffffffeull;
  expect(get(SHIRA_REG_CYCLE_LO) == 0xfffffffe, "cycle_lo");
  top->cycle_i = 0x100000001ull;
  expect(get(SHIRA_REG_CYCLE_HI) == 0, "cycle_hi was not latched");
  expect(get(SHIRA_REG_CYCLE_LO) == 1 && get(SHIRA_REG_CYCLE_HI) == 1, "cycle");
  report("registers: values after reset, and of the command unit");
}

// The next read is asked for while R of the one before is held.
void test_reads_in_a_row() {
  reset();
  const unsigned reads = 300, registers = sizeof after_reset / sizeof *after_reset;
  std::deque<unsigned> open; // taken, not answered
  unsigned asked = 0, answered = 0, held = 0, which = 0;
  for (unsigned i = 0; i < 20 * reads && answered < reads; i++) {
    if (!top->axil_arvalid_i && asked < reads && rnd(3)) {
      which = rnd(registers);
      top->axil_araddr_i = after_reset[which].addr;
      top->axil_arvalid_i = 1;
    }
    top->axil_rready_i = rnd(2);
    top->eval();
    const bool taken = top->axil_arvalid_i && top->axil_arready_o;
    expect(!top->axil_rvalid_o || !open.empty(), "R without a read");
    held += top->axil_arvalid_i && !taken;
    if (top->axil_rvalid_o && top->axil_rready_i && !open.empty()) {
      expect(top->axil_rdata_o == after_reset[open.front()].value && top->axil_rresp_o == 0,
             "register %03x reads %08x", after_reset[open.front()].addr, top->axil_rdata_o);
      open.pop_front();
      answered++;
    }
    if (taken) {
      open.push_back(which);
      asked++;
    }
    tick();
    if (taken)
      top->axil_arvalid_i = 0;
  }
  expect(answered == reads && held > reads / 10, "%u answers, held %u times", answered, held);
  quiet();
  report("registers: reads in a row, held and answered in order");
}

static bool readable(unsigned addr) {
  if (addr % 4)
    return false;
  if (addr >= SHIRA_COUNTER_OFFSET)
    return addr < SHIRA_COUNTER_OFFSET + 8 * SHIRA_COUNTER_COUNT;
  return addr <= 0x008 || (addr >= 0x010 && addr <= 0x04c) || (addr >= 0x100 && addr <= 0x168);
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
  case SHIRA_REG_CANCEL_FIRST:
  case SHIRA_REG_CANCEL_COUNT:
  case SHIRA_REG_COUNTER_SNAPSHOT:
    return true;
  default:
    return false;
  }
}

void test_map() {
  reset();
  for (unsigned addr = 0; addr < 4096; addr++) {
    uint32_t data;
    expect(axil_read(addr, &data) == readable(addr), "read of %03x", addr);
    if (addr != SHIRA_REG_CTRL)
      expect(axil_write(addr, 0) == writable(addr), "write of %03x", addr);
  }
  report("registers: every other address answers SLVERR, read and written");
}

void test_writes() {
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

  // pulses come in the one cycle of the write
  unsigned doorbells = 0, acks = 0;
  const auto access = [&](unsigned addr, uint32_t data) {
    top->axil_awaddr_i = addr;
    top->axil_wdata_i = data;
    top->axil_wstrb_i = 15;
    top->axil_awvalid_i = top->axil_wvalid_i = 1;
    top->axil_bready_i = 1;
    for (unsigned i = 0; i < 5; i++) {
      top->eval();
      doorbells += top->doorbell_o;
      acks += top->ack_o;
      tick();
      top->axil_awvalid_i = top->axil_wvalid_i = 0;
    }
  };
  access(SHIRA_REG_RING_TAIL, 7);
  expect(doorbells == 1 && acks == 0 && top->ring_tail_o == 7, "doorbell");
  access(SHIRA_REG_CTRL, 3);
  expect(doorbells == 1 && acks == 1, "ack");
  quiet();
  top->eval();
  expect(top->enable_o && !top->ack_o && get(SHIRA_REG_CTRL) == 1, "enable stays, ack does not");

  axil_write(SHIRA_REG_CANCEL_FIRST, 0xfffffff0);
  axil_write(SHIRA_REG_CANCEL_COUNT, 0x20);
  expect(top->cancel_first_o == 0xfffffff0 && top->cancel_count_o == 0x20, "cancel");
  expect(get(SHIRA_REG_CANCEL_COUNT) == 0x20, "cancel_count");
  top->cancel_clear_i = 1;
  tick();
  top->cancel_clear_i = 0;
  top->eval();
  expect(top->cancel_count_o == 0 && get(SHIRA_REG_CANCEL_FIRST) == 0xfffffff0, "cancel is over");
  report("registers: writes, strobes, limits and pulses");
}

void test_irq() {
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
  top->eval();
  expect(top->axil_awready_o && top->axil_wready_o, "the write was not taken");
  tick();
  top->axil_awvalid_i = top->axil_wvalid_i = 0;
  top->irq_set_i = 3; // comes in the very cycle in which it is cleared
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
