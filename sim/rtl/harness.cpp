// The RTL backend: the Verilated shira_sim, its clock, and the device operations on it. The memory
// behind its AXI port is axi_mem.c.
//
// One evaluation a cycle, of the rising edge: nothing depends on the falling one. Parts of the
// device that say that they do not need an edge get none, which saves looking at them. With waves,
// with assertions, and where the inside of the model is not known, the falling edge is evaluated
// too.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>

#include "Vshira_sim.h"
#include "Vshira_sim___024root.h"
#include "shira/device.h"
#include "sim/dram/dram.h"
#include "sim/rtl/axi_mem.h"
#include "sim/rtl/coverage.h"
#include "verilated.h"
#ifdef SHIRA_TRACE
#include "verilated_fst_c.h"
#endif

#ifdef SHIRA_EDGE
// The parts of the model's eval().
void Vshira_sim___024root___eval_ico(Vshira_sim___024root *);
void Vshira_sim___024root___eval_triggers__act(Vshira_sim___024root *);
void Vshira_sim___024root___eval_nba(Vshira_sim___024root *);
#endif

extern "C" const shira_device_ops shira_rtl_backend __attribute__((visibility("default")));

namespace {

constexpr unsigned kResetCycles = 16;

enum Fire : unsigned {
  kAr = 1 << 0,
  kAw = 1 << 1,
  kW = 1 << 2,
  kR = 1 << 3,
  kB = 1 << 4,
  kLiteAr = 1 << 5,
  kLiteAw = 1 << 6,
  kLiteW = 1 << 7,
  kLiteR = 1 << 8,
  kLiteB = 1 << 9,
};
constexpr unsigned kAxi = kAr | kAw | kW | kR | kB;

// Bits of run_o.
enum Run : unsigned {
  kRunCommand = 1 << 0,
  kRunAxi = 1 << 1,
  kRunCopy = 1 << 2,
  kRunScatter = 1 << 3,
  kRunGemm = 1 << 4,
  kRunAll = 31,
};
// With assertions all clocks run, so that tests can compare the two.
#ifdef SHIRA_ASSERT
constexpr bool kGate = false;
#else
constexpr bool kGate = true;
#endif

struct Rtl {
  shira_device base; // first
  shira_machine machine;
  std::unique_ptr<VerilatedContext> context;
  std::unique_ptr<Vshira_sim> top;
#ifdef SHIRA_TRACE
  std::unique_ptr<VerilatedFstC> waves;
  char waves_path[4096];
  uint64_t waves_from, waves_to;
  bool waves_on;
#endif
  shira_memory memory;
  shira_fault_state fault;
  shira_port *own;  // its own memory; null: somebody else's
  shira_port *port; // where memory is
  FILE *dram_trace;
  axi_mem *axi;
  uint64_t cycles, max_cycles;
  bool lite;          // the AXI4-Lite port is driven
  bool fresh;         // an input has changed
  axi_inputs axi_in;  // what the memory port is driven with
  bool irq_line, irq; // the line, and what wait_irq sees of it
  bool broken;
};

// The device that is evaluated now, for the messages of the model.
thread_local Rtl *current;

Rtl *self(shira_device *dev) {
  return reinterpret_cast<Rtl *>(dev);
}

#ifdef SHIRA_TRACE
constexpr bool kTrace = true;

// Time of half cycle `half` (0: just after the rising edge) in ps.
uint64_t wave_time(const Rtl *d, unsigned half) {
  return (2 * d->cycles + half) * 500000 / d->machine.clock_mhz;
}

void dump(Rtl *d, unsigned half) {
  if (!d->waves_on) {
    if (half != 0 || d->waves_path[0] == 0 || d->cycles < d->waves_from)
      return;
    d->waves->open(d->waves_path);
    d->waves_on = true;
  }
  if (d->waves_to != 0 && d->cycles >= d->waves_to) {
    if (d->waves_path[0] != 0)
      d->waves->close();
    d->waves_path[0] = 0;
    return;
  }
  d->waves->dump(wave_time(d, half));
}
#else
constexpr bool kTrace = false;
[[maybe_unused]] void dump(Rtl *, unsigned) {
}
#endif

axi_request request(uint64_t addr, unsigned len, unsigned misc) {
  return {addr,
          len + 1,
          static_cast<uint8_t>(misc >> 5 & 15),
          static_cast<uint8_t>(misc >> 2 & 7),
          static_cast<uint8_t>(misc & 3),
          static_cast<uint8_t>(misc >> 9 & 15),
          static_cast<uint8_t>(misc >> 13 & 7),
          static_cast<uint8_t>(misc >> 16)};
}

// Drives the memory port for the next edge.
inline void drive(Rtl *d, const axi_inputs &in) {
  Vshira_sim *top = d->top.get();
  const axi_inputs &old = d->axi_in;
  d->fresh = d->fresh || in.rvalid || old.rvalid || in.bvalid || old.bvalid ||
             in.arready != old.arready || in.awready != old.awready || in.wready != old.wready;
  d->axi_in = in;
  top->m_axi_arready_i = in.arready;
  top->m_axi_awready_i = in.awready;
  top->m_axi_wready_i = in.wready;
  top->m_axi_rvalid_i = in.rvalid;
  if (in.rvalid) {
    std::memcpy(&top->m_axi_rdata_i, in.rdata, sizeof top->m_axi_rdata_i);
    top->m_axi_rid_i = in.rid;
    top->m_axi_rresp_i = in.rresp;
    top->m_axi_rlast_i = in.rlast;
  }
  top->m_axi_bvalid_i = in.bvalid;
  top->m_axi_bid_i = in.bid;
  top->m_axi_bresp_i = in.bresp;
}

// What the last edge handed over on the memory port.
bool step_memory(Rtl *d, unsigned fire, axi_inputs *next) {
  if ((fire & kAxi) == 0)
    return axi_mem_quiet_step(d->axi, next);
  const Vshira_sim *top = d->top.get();
  axi_edge edge{};
  edge.ar = fire & kAr;
  edge.aw = fire & kAw;
  edge.w = fire & kW;
  edge.r = fire & kR;
  edge.b = fire & kB;
  if (edge.ar)
    edge.ar_req = request(top->ar_addr_o, top->ar_len_o, top->ar_misc_o);
  if (edge.aw)
    edge.aw_req = request(top->aw_addr_o, top->aw_len_o, top->aw_misc_o);
  edge.wdata = reinterpret_cast<const uint8_t *>(&top->w_data_o);
  edge.wstrb = reinterpret_cast<const uint8_t *>(&top->w_strb_o);
  edge.wlast = top->w_last_o;
  return axi_mem_step(d->axi, &edge, next);
}

// All clocks low.
inline void lower_clocks(Rtl *d) {
  Vshira_sim *top = d->top.get();
  top->clk_i = top->clk_command_i = top->clk_axi_i = 0;
  top->clk_copy_i = top->clk_scatter_i = top->clk_gemm_i = 0;
}

// The clocks of the parts that need the edge high. What run_o says of the command unit was settled
// before the AXI4-Lite port was driven.
inline void raise_clocks(Rtl *d) {
  Vshira_sim *top = d->top.get();
  const unsigned run = kGate ? top->run_o | (d->lite ? kRunCommand : 0u) : kRunAll;
  top->clk_i = 1;
  top->clk_command_i = (run & kRunCommand) != 0;
  top->clk_axi_i = (run & kRunAxi) != 0;
  top->clk_copy_i = (run & kRunCopy) != 0;
  top->clk_scatter_i = (run & kRunScatter) != 0;
  top->clk_gemm_i = (run & kRunGemm) != 0;
}

// Rising edge, and what follows from it.
#ifdef SHIRA_EDGE
// eval() without the looks for what never happens here: changed inputs where none has changed,
// clocks that logic makes, and a second edge. A clock has risen if it is high and was low at the
// last look.
inline void clock_edge(Rtl *d) {
  Vshira_sim___024root *root = d->top->rootp;
  if (d->fresh || d->lite) {
    root->__VicoTriggered.at(0) = true;
    Vshira_sim___024root___eval_ico(root);
  }
  root->__Vtrigrprev__TOP__clk_i = root->__Vtrigrprev__TOP__clk_command_i = 0;
  root->__Vtrigrprev__TOP__clk_axi_i = root->__Vtrigrprev__TOP__clk_copy_i = 0;
  root->__Vtrigrprev__TOP__clk_scatter_i = root->__Vtrigrprev__TOP__clk_gemm_i = 0;
  raise_clocks(d);
  Vshira_sim___024root___eval_triggers__act(root);
  root->__VnbaTriggered.clear();
  root->__VnbaTriggered.set(root->__VactTriggered);
  Vshira_sim___024root___eval_nba(root);
}
#else
inline void clock_edge(Rtl *d) {
  lower_clocks(d);
  d->top->eval();
  if (kTrace && d->cycles != 0) {
    d->cycles--;
    dump(d, 1);
    d->cycles++;
  }
  raise_clocks(d);
  d->top->eval();
  if (kTrace)
    dump(d, 0);
}
#endif

// One clock cycle.
inline void cycle(Rtl *d) {
  Vshira_sim *top = d->top.get();
  clock_edge(d);
  d->fresh = false;
  d->cycles++;
  axi_inputs next;
  if (!step_memory(d, top->fire_o, &next))
    d->broken = true;
  drive(d, next);
  const bool line = top->irq_o;
  if (line != d->irq_line) {
    d->irq = shira_fault_irq(&d->fault, d->irq_line, line);
    d->irq_line = line;
  }
}

// Runs until `cycles` went by (0), the interrupt line is seen high (1, only if `until_irq`), or
// -ETIME, -EIO.
int run(Rtl *d, uint64_t cycles, bool until_irq) {
  if (d->broken)
    return -EIO;
  if (d->max_cycles != 0 && d->cycles >= d->max_cycles)
    return -ETIME;
  if (until_irq && d->irq)
    return 1;
  const uint64_t left = d->max_cycles != 0 ? d->max_cycles - d->cycles : UINT64_MAX;
  const uint64_t n = cycles < left ? cycles : left;
  current = d;
  for (uint64_t i = 0; i < n; i++) {
    cycle(d);
    if (d->broken)
      return -EIO;
    if (until_irq && d->irq)
      return 1;
  }
  return n < cycles ? -ETIME : 0;
}

// Runs until all handshakes of `want` happened. Valids rise, and readies come and go, with the
// random gaps that stalls ask for.
int run_lite(Rtl *d, unsigned want) {
  Vshira_sim *top = d->top.get();
  d->lite = true;
  for (unsigned i = 0; i < SHIRA_REGISTER_DEADLINE && want != 0; i++) {
    const unsigned go = want & ~(axi_mem_gaps(d->axi) << 5);
    top->s_axil_arvalid_i |= (go & kLiteAr) != 0;
    top->s_axil_awvalid_i |= (go & kLiteAw) != 0;
    top->s_axil_wvalid_i |= (go & kLiteW) != 0;
    top->s_axil_rready_i = (go & kLiteR) != 0;
    top->s_axil_bready_i = (go & kLiteB) != 0;
    const int ret = run(d, 1, false);
    if (ret != 0) {
      d->lite = false;
      return ret;
    }
    const unsigned fire = top->fire_o;
    want &= ~fire;
    if (fire & kLiteAr)
      top->s_axil_arvalid_i = 0;
    if (fire & kLiteAw)
      top->s_axil_awvalid_i = 0;
    if (fire & kLiteW)
      top->s_axil_wvalid_i = 0;
  }
  top->s_axil_rready_i = top->s_axil_bready_i = 0;
  d->lite = false;
  d->fresh = true;
  return want != 0 ? -ETIMEDOUT : 0;
}

// What both register operations start with: 0 to go on.
int check_register(Rtl *d, uint32_t offset) {
  if (offset % 4 != 0 || offset >= SHIRA_PAGE_BYTES)
    return -EINVAL;
  if (!shira_fault_register(&d->fault))
    return 0;
  const int ret = run(d, SHIRA_REGISTER_DEADLINE, false);
  return ret != 0 ? ret : -ETIMEDOUT;
}

int rtl_read32(shira_device *dev, uint32_t offset, uint32_t *value) {
  Rtl *d = self(dev);
  *value = UINT32_MAX;
  int ret = check_register(d, offset);
  if (ret != 0)
    return ret;
  Vshira_sim *top = d->top.get();
  top->s_axil_araddr_i = offset;
  ret = run_lite(d, kLiteAr | kLiteR);
  if (ret != 0)
    return ret;
  if (top->axil_rresp_o != 0)
    return -ENXIO;
  *value = top->axil_rdata_o;
  return 0;
}

int rtl_write32(shira_device *dev, uint32_t offset, uint32_t value) {
  Rtl *d = self(dev);
  int ret = check_register(d, offset);
  if (ret != 0)
    return ret;
  Vshira_sim *top = d->top.get();
  top->s_axil_awaddr_i = offset;
  top->s_axil_wdata_i = value;
  top->s_axil_wstrb_i = 15;
  ret = run_lite(d, kLiteAw | kLiteW | kLiteB);
  if (ret != 0)
    return ret;
  return top->axil_bresp_o != 0 ? -ENXIO : 0;
}

int rtl_map(shira_device *dev, size_t bytes, shira_mem_kind kind, shira_mem *mem) {
  return shira_memory_map(&self(dev)->memory, bytes, kind, mem);
}

int rtl_unmap(shira_device *dev, shira_mem *mem) {
  return shira_memory_unmap(&self(dev)->memory, mem);
}

int rtl_wait_irq(shira_device *dev, uint64_t cycles) {
  const int ret = run(self(dev), cycles, true);
  return ret == 1 ? 0 : ret == 0 ? -ETIMEDOUT : ret;
}

int rtl_advance(shira_device *dev, uint64_t cycles) {
  return run(self(dev), cycles, false);
}

int rtl_reset(shira_device *dev) {
  Rtl *d = self(dev);
  Vshira_sim *top = d->top.get();
  top->s_axil_arvalid_i = top->s_axil_awvalid_i = top->s_axil_wvalid_i = 0;
  top->s_axil_rready_i = top->s_axil_bready_i = 0;
  shira_fault_reset(&d->fault);
  drive(d, axi_inputs{});
  axi_mem_clear(d->axi);
  top->rst_ni = 0;
  d->fresh = true;
  int ret = 0;
  // The first edges may still see requests of before.
  for (unsigned i = 0; i < kResetCycles && ret == 0; i++)
    ret = run(d, 1, false);
  top->rst_ni = 1;
  d->fresh = true;
  if (ret == 0)
    ret = run(d, 1, false);
  return ret;
}

int rtl_settle(shira_device *dev, unsigned eighth) {
  return eighth > 7 ? -EINVAL : axi_mem_settle(self(dev)->axi, eighth);
}

int rtl_sequential(shira_device *dev, double *mb_s) {
  Rtl *d = self(dev);
  *mb_s = 0;
  return d->own == nullptr ? -ENOTSUP : shira_dram_sequential(&d->machine, mb_s, nullptr);
}

void rtl_describe(shira_device *dev, shira_device_info *info) {
  const Rtl *d = self(dev);
  std::memset(info, 0, sizeof *info);
  std::snprintf(info->backend, sizeof info->backend, "rtl");
  std::snprintf(info->machine, sizeof info->machine, "%s", d->machine.name);
  info->clock_mhz = d->machine.clock_mhz;
  info->build = SHIRA_RTL_BUILD;
  info->simulated = true;
  info->timed = true;
  info->cycles = d->cycles;
  info->refresh_cycles = d->own == nullptr ? 0 : shira_dram_refresh_cycles(&d->machine);
  const struct shira_dram_stats *memory = d->port->ops->stats(d->port);
  if (memory != nullptr)
    info->memory = *memory;
}

void rtl_close(shira_device *dev) {
  if (dev == nullptr)
    return;
  Rtl *d = self(dev);
  current = d;
#ifdef SHIRA_TRACE
  if (d->waves_on && d->waves_path[0] != 0)
    d->waves->close();
#endif
  if (d->top) {
    d->top->final();
    shira_coverage_write(d->context.get());
  }
  axi_mem_close(d->axi);
  if (d->own != nullptr)
    d->own->ops->close(d->own);
  if (d->dram_trace != nullptr)
    std::fclose(d->dram_trace);
  shira_memory_close(&d->memory);
  current = nullptr;
  delete d;
}

int open_waves(Rtl *d, const shira_device_options *o, shira_error *error) {
#ifdef SHIRA_TRACE
  if (o->waves == nullptr)
    return 0;
  if (std::snprintf(d->waves_path, sizeof d->waves_path, "%s", o->waves) >=
      static_cast<int>(sizeof d->waves_path))
    return shira_fail(error, EINVAL, "path of the waves is too long");
  FILE *f = std::fopen(o->waves, "wb"); // the writer itself reports nothing
  if (f == nullptr) {
    const int err = errno;
    d->waves_path[0] = 0;
    return shira_fail(error, err, "cannot open '%s': %s", o->waves, std::strerror(err));
  }
  std::fclose(f);
  d->waves_from = o->waves_from;
  d->waves_to = o->waves_to;
  d->waves = std::make_unique<VerilatedFstC>();
  d->waves->set_time_unit("1ps");
  d->waves->set_time_resolution("1ps");
  d->top->trace(d->waves.get(), 99);
  return 0;
#else
  (void)d;
  return o->waves == nullptr ? 0
                             : shira_fail(error, EINVAL, "this library was built without waves");
#endif
}

// Its own memory, where the options have no other.
int open_memory(Rtl *d, const shira_device_options *o, shira_error *error) {
  d->port = o->port;
  if (d->port != nullptr)
    return 0;
  const shira_machine *m = o->machine;
  int ret = shira_memory_open(&d->memory, m->memory_bytes, m->host_bytes, error);
  if (ret == 0 && o->dram_trace != nullptr &&
      (d->dram_trace = std::fopen(o->dram_trace, "w")) == nullptr)
    ret = shira_fail(error, errno, "cannot open '%s': %s", o->dram_trace, std::strerror(errno));
  if (ret == 0)
    ret = shira_local_port_open(m, &d->memory, axi_mem_tags(m), d->dram_trace, &d->own, error);
  d->port = d->own;
  return ret;
}

// The Verilated model. It throws where it gets no memory.
int make_model(Rtl *d, uint64_t seed, shira_error *error) {
  current = d;
  try {
    d->context = std::make_unique<VerilatedContext>();
    d->context->threads(1); // else it starts a pool of threads, which no fork survives
    d->context->randReset(2);
    d->context->randSeed(static_cast<int>((seed & 0x3fffffff) + 1));
    d->context->traceEverOn(kTrace);
    d->top = std::make_unique<Vshira_sim>(d->context.get());
  } catch (const std::exception &e) {
    return shira_fail(error, ENOMEM, "cannot make the RTL model: %s", e.what());
  }
  return 0;
}

int rtl_open(const shira_device_options *o, shira_device **dev, shira_error *error) {
  *dev = nullptr;
  const shira_machine *m = o->machine;
  if (m->axi_data_bits / 8 != sizeof Vshira_sim::m_axi_rdata_i || m->clock_mhz == 0)
    return shira_fail(error, EPROTO, "the RTL library was built for another machine than '%s'",
                      m->name);
  auto *d = new Rtl{};
  d->base.ops = &shira_rtl_backend;
  d->machine = *m;
  d->fault.fault = o->fault;
  d->max_cycles = o->max_cycles;
  int ret = open_memory(d, o, error);
  if (ret == 0)
    ret = axi_mem_open(m, d->port, &d->fault, o->seed, o->stall_percent, &d->axi, error);
  if (ret == 0)
    ret = make_model(d, o->seed, error);
  if (ret == 0)
    ret = open_waves(d, o, error);
  if (ret == 0) {
    lower_clocks(d);
    d->top->rst_ni = 0;
    d->top->eval();
    ret = rtl_reset(&d->base);
    if (ret == -ETIME)
      shira_fail(error, ETIME,
                 "device 'rtl' stopped after %llu cycles, the most it was allowed, in reset",
                 static_cast<unsigned long long>(d->cycles));
    else if (ret != 0)
      shira_fail(error, -ret, "the RTL did not come out of reset");
  }
  if (ret != 0) {
    rtl_close(&d->base);
    return ret;
  }
  *dev = &d->base;
  return 0;
}

} // namespace

const shira_device_ops shira_rtl_backend = {
    SHIRA_DEVICE_ABI, "rtl",      rtl_open,     rtl_close,      rtl_read32,
    rtl_write32,      rtl_map,    rtl_unmap,    rtl_wait_irq,   rtl_advance,
    rtl_reset,        rtl_settle, rtl_describe, rtl_sequential,
};

// What the model calls on $finish, a failed assertion or an internal error: the device is broken,
// the process goes on.
static void broken(const char *file, int line, const char *scope, const char *what) {
  std::fprintf(stderr, "%s:%d: %s%s%s (cycle %llu)\n", file, line, scope, scope[0] != 0 ? ": " : "",
               what, static_cast<unsigned long long>(current != nullptr ? current->cycles : 0));
  if (current != nullptr)
    current->broken = true;
}

void vl_finish(const char *file, int line, const char *scope) VL_MT_UNSAFE {
  broken(file, line, scope, "$finish");
}

void vl_stop(const char *file, int line, const char *scope) VL_MT_UNSAFE {
  broken(file, line, scope, "stopped: an assertion failed");
}

void vl_fatal(const char *file, int line, const char *scope, const char *what) VL_MT_UNSAFE {
  broken(file, line, scope, what);
}
