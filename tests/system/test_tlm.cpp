// The accelerator in a virtual platform: equal to the plain run at a quantum of one cycle, right at
// all; with memory of somebody else; errors and resets; its register socket; and our memory used by
// somebody else. One TAP line a case.
#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "sim/tlm/accelerator.h"
#include "sim/tlm/example/host.h"
#include "sim/tlm/memory.h"
#include "sim/tlm/example/platform.h"
#include "tests/system/tlm_memory.h"
#include "tests/system/tlm_prober.h"

using shira::Accelerator;
using shira::Host;
using shira::PlatformOptions;

static unsigned tests, failures;

static void tap(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void tap(bool good, const char *format, ...) {
  failures += !good;
  std::printf("%sok %u - ", good ? "" : "not ", ++tests);
  va_list args;
  va_start(args, format);
  std::vprintf(format, args);
  va_end(args);
  std::printf("\n");
}

static PlatformOptions load(const char *path) {
  PlatformOptions o = {};
  shira_error error = {};
  if (shira_machine_load(path, &o.machine, &error) != 0) {
    std::printf("Bail out! %s\n", error.text);
    std::exit(99);
  }
  shira::choose_work(&o);
  const char *seed = std::getenv("SEED");
  o.seed = seed != nullptr ? std::strtoull(seed, nullptr, 0) : 1;
  return o;
}

// ---- With our memory --------------------------------------------------------------------------

static void test_quanta(PlatformOptions o, unsigned stall) {
  shira_work_result golden, plain, r;
  o.stall_percent = stall;
  int ret = shira::run_apart(&golden, [&](auto *out) { return run_plain("golden", o, out); });
  ret = ret ? ret : shira::run_apart(&plain, [&](auto *out) { return run_plain("rtl", o, out); });
  tap(ret == 0 && plain.hash == golden.hash, "%s without SystemC, %u %% stalls", o.machine.name,
      stall);
  for (unsigned quantum : {1u, 2u, 7u, shira::kDefaultQuantum, 100u, 1000u}) {
    ret = shira::run_apart(&r, [&](auto *out) { return run_platform(o, quantum, out); });
    tap(ret == 0 && r.hash == golden.hash, "%s, quantum %u: results, %llu cycles %s",
        o.machine.name, quantum, static_cast<unsigned long long>(r.cycles), r.error.text);
    if (quantum == 1)
      tap(shira::equal(r, plain), "%s, quantum 1: cycles, counters and memory of the plain run",
          o.machine.name);
    if (quantum == 1000)
      tap(!shira::equal(r, plain), "%s, quantum 1000: the comparison sees a difference",
          o.machine.name);
  }
}

// Processor time, in turns; the median of the ratios.
static void test_overhead(const PlatformOptions &o) {
  std::vector<double> ratio;
  shira_work_result plain, r;
  for (unsigned i = 0; i < 5; i++) {
    int ret = shira::run_apart(&plain, [&](auto *out) { return run_plain("rtl", o, out); });
    ret = ret ? ret : shira::run_apart(&r, [&](auto *out) {
      return run_platform(o, shira::kDefaultQuantum, out);
    });
    ratio.push_back(ret == 0 ? r.seconds / plain.seconds : 99);
  }
  std::sort(ratio.begin(), ratio.end());
  tap(ratio[2] <= 1.30, "%s, quantum %u: processor time over the plain run's, at most 1.30: %.2f",
      o.machine.name, shira::kDefaultQuantum, ratio[2]);
}

// ---- With somebody else's memory --------------------------------------------------------------

struct Bench {
  Host *host;
  Accelerator *accelerator;
  ForeignMemory *memory;
};
using Program = std::function<int(const Bench &, shira_driver *, shira_work_result *)>;

// Runs `program` with the driver on an accelerator before a foreign memory, in a process of its
// own. Fails also where a rule of the base protocol is broken.
static int run_foreign(const PlatformOptions &o, Manner manner, unsigned quantum,
                       shira_work_result *result, const Program &program) {
  return shira::run_apart(result, [&](shira_work_result *out) {
    *out = {};
    sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_INFO,
                                            sc_core::SC_DO_NOTHING);
    tlm::tlm_global_quantum::instance().set(shira::time_of(quantum * shira::period_of(o.machine)));
    std::string library;
    Accelerator accelerator("accelerator", shira::device_options(o, &library));
    ForeignMemory memory("memory", manner);
    Bench bench = {nullptr, &accelerator, &memory};
    int ret = -EIO;
    Host host("host", o.machine,
              {[&](size_t bytes, shira_mem_kind, shira_mem *mem) { return memory.map(bytes, mem); },
               [](shira_mem *mem) {
                 *mem = {};
                 return 0;
               },
               [&](uint64_t, shira_device_info *info) { accelerator.describe(info); }},
              [&](shira_device *dev) {
                shira_driver *driver;
                ret = shira_attach(dev, &o.machine, nullptr, &driver, &out->error);
                if (ret == 0)
                  ret = program(bench, driver, out);
                shira_close(driver);
              });
    bench.host = &host;
    sc_core::sc_signal<bool> irq("irq"), reset("reset");
    host.registers.bind(accelerator.registers);
    accelerator.memory.bind(memory.socket);
    accelerator.irq.bind(irq);
    host.irq.bind(irq);
    host.reset.bind(reset);
    accelerator.reset.bind(reset);
    sc_core::sc_start();
    if (ret == 0 && !memory.broken.empty())
      ret = shira_fail(&out->error, EPROTO, "%s", memory.broken.c_str());
    return ret;
  });
}

static void test_foreign(const PlatformOptions &o) {
  static const char *const names[] = {"blocking", "completes at once", "early response",
                                      "four phases"};
  shira_work_result golden, r;
  shira::run_apart(&golden, [&](auto *out) { return run_plain("golden", o, out); });
  for (unsigned m = 0; m < 4; m++)
    for (unsigned quantum : {1u, shira::kDefaultQuantum}) {
      const int ret =
          run_foreign(o, static_cast<Manner>(m), quantum, &r,
                      [&](const Bench &, shira_driver *driver, shira_work_result *out) {
                        return shira_work_run(driver, &o.machine, o.side, o.tokens, out);
                      });
      tap(ret == 0 && r.hash == golden.hash,
          "memory that is %s, quantum %u: results, %llu cycles %s", names[m], quantum,
          static_cast<unsigned long long>(r.cycles), r.error.text);
    }
}

// ---- Errors and resets ------------------------------------------------------------------------

static int copy(shira_driver *driver, uint64_t from, uint64_t to, uint32_t bytes) {
  shira_descriptor d = {};
  d.copy.opcode = SHIRA_OPCODE_COPY;
  d.copy.rows = 1;
  d.copy.src_space = d.copy.dst_space = SHIRA_SPACE_MEMORY;
  d.copy.src_addr = from;
  d.copy.dst_addr = to;
  d.copy.row_bytes = d.copy.src_stride = d.copy.dst_stride = bytes;
  d.copy.win_lo = to;
  d.copy.win_hi = to + bytes;
  shira_run_result r = {};
  return shira_run(driver, &d, 1, 1000000, &r);
}

// A copy that fails as it must, recovery, a reset, and a copy that works after each.
static int provoke(const Bench &b, shira_driver *driver, tlm::tlm_response_status status,
                   bool write, int expected) {
  shira_mem from, to;
  if (shira_alloc(driver, 4096, &from) != 0 || shira_alloc(driver, 4096, &to) != 0)
    return -ENOMEM;
  for (unsigned i = 0; i < 4096; i++)
    static_cast<uint8_t *>(from.host)[i] = static_cast<uint8_t>(i * 7 + 1);
  b.memory->status = status;
  b.memory->fail_at = (write ? to.addr : from.addr) + 1000;
  if (copy(driver, from.addr, to.addr, 4096) != expected)
    return -1;
  b.memory->fail_at = 0;
  if (shira_recover(driver, 100000) != 0 || copy(driver, from.addr, to.addr, 4096) != 0 ||
      std::memcmp(from.host, to.host, 4096) != 0)
    return -2;
  std::memset(to.host, 0, 4096);
  if (shira_reset(driver) != 0 || copy(driver, from.addr, to.addr, 4096) != 0)
    return -3;
  return std::memcmp(from.host, to.host, 4096) != 0 ? -4 : 0;
}

static void test_errors(const PlatformOptions &o) {
  static const struct {
    const char *name;
    tlm::tlm_response_status status;
    bool write;
    int expected;
  } cases[] = {
      {"generic error, read: SLVERR", tlm::TLM_GENERIC_ERROR_RESPONSE, false, -EREMOTEIO},
      {"generic error, write: SLVERR", tlm::TLM_GENERIC_ERROR_RESPONSE, true, -EREMOTEIO},
      {"address error, read: DECERR", tlm::TLM_ADDRESS_ERROR_RESPONSE, false, -EFAULT},
      {"address error, write: DECERR", tlm::TLM_ADDRESS_ERROR_RESPONSE, true, -EFAULT},
  };
  shira_work_result r;
  for (const auto &c : cases)
    for (Manner m : {Manner::kBlocking, Manner::kFourPhase}) {
      const int ret = run_foreign(
          o, m, shira::kDefaultQuantum, &r,
          [&](const Bench &b, shira_driver *driver, shira_work_result *out) {
            const int at = provoke(b, driver, c.status, c.write, c.expected);
            return at == 0 ? 0
                           : shira_fail(&out->error, EIO, "%d: %s", at, shira_driver_error(driver));
          });
      tap(ret == 0, "%s, recovery, reset %s", c.name, r.error.text);
    }
}

// A reset with requests in flight, whose answers come later.
static int reset_in_flight(const Bench &b, shira_driver *driver) {
  shira_mem from, to;
  if (shira_alloc(driver, 4096, &from) != 0 || shira_alloc(driver, 4096, &to) != 0)
    return -1;
  shira_descriptor d = {};
  d.copy.opcode = SHIRA_OPCODE_COPY;
  d.copy.rows = 1;
  d.copy.src_space = SHIRA_SPACE_MEMORY;
  d.copy.dst_space = SHIRA_SPACE_WEIGHT;
  d.copy.src_addr = from.addr;
  d.copy.row_bytes = d.copy.src_stride = d.copy.dst_stride = 4096;
  d.copy.win_hi = 4096;
  const unsigned before = b.memory->accesses;
  shira_device *dev = shira_driver_device(driver);
  if (shira_submit(driver, &d, 1, nullptr) != 0 || dev->ops->advance(dev, 400) != 0)
    return -2;
  if (b.memory->accesses == before || shira_wait(driver, 0, 0, nullptr) != -ETIMEDOUT)
    return -3; // nothing is in flight
  std::memset(from.host, 0x5a, 4096);
  if (shira_reset(driver) != 0 || copy(driver, from.addr, to.addr, 4096) != 0)
    return -4;
  return std::memcmp(from.host, to.host, 4096) != 0 ? -5 : 0;
}

// ---- The register socket ----------------------------------------------------------------------

static tlm::tlm_response_status transport(Host &host, tlm::tlm_command command, uint64_t address,
                                          uint32_t *data, unsigned length,
                                          sc_core::sc_time *delay) {
  tlm::tlm_generic_payload t;
  unsigned char both[8] = {};
  std::memcpy(both, data, sizeof *data);
  t.set_command(command);
  t.set_address(address);
  t.set_data_ptr(both);
  t.set_data_length(length);
  t.set_streaming_width(length);
  host.registers->b_transport(t, *delay);
  std::memcpy(data, both, sizeof *data);
  return t.get_response_status();
}

static int registers(const Bench &b, shira::Ticks period, bool decoupled) {
  uint32_t v = 0, lo1 = 0, lo2 = 0;
  sc_core::sc_time delay;
  Host &h = *b.host;
  const auto read = tlm::TLM_READ_COMMAND, write = tlm::TLM_WRITE_COMMAND;
  if (transport(h, read, SHIRA_REG_ID, &v, 4, &delay) != tlm::TLM_OK_RESPONSE ||
      v != SHIRA_DEVICE_ID)
    return -1;
  if (transport(h, read, SHIRA_PAGE_BYTES, &v, 4, &delay) != tlm::TLM_ADDRESS_ERROR_RESPONSE ||
      transport(h, read, 2, &v, 4, &delay) != tlm::TLM_ADDRESS_ERROR_RESPONSE ||
      transport(h, write, SHIRA_PAGE_BYTES - 4, &v, 4, &delay) != tlm::TLM_ADDRESS_ERROR_RESPONSE ||
      transport(h, read, 0, &v, 8, &delay) != tlm::TLM_BURST_ERROR_RESPONSE)
    return -2;
  // The device runs up to the caller's time: its cycle register says so.
  wait(sc_core::sc_time(1, sc_core::SC_US));
  delay = sc_core::SC_ZERO_TIME;
  transport(h, read, SHIRA_REG_CYCLE_LO, &lo1, 4, &delay);
  const sc_core::sc_time first = sc_core::sc_time_stamp() + delay, began = sc_core::sc_time_stamp();
  delay += sc_core::sc_time(5, sc_core::SC_NS);
  transport(h, read, SHIRA_REG_CYCLE_LO, &lo2, 4, &delay);
  const shira::Ticks gap = (sc_core::sc_time_stamp() + delay - first).value();
  if (lo2 - lo1 < 6 || (lo2 - lo1) * period != gap)
    return -3;
  if (decoupled != (began == sc_core::sc_time_stamp() && delay > sc_core::SC_ZERO_TIME))
    return -4;
  return 0;
}

static void test_registers(const PlatformOptions &o) {
  shira_work_result r;
  for (unsigned quantum : {1u, 1000u}) {
    const int ret = run_foreign(o, Manner::kAtOnce, quantum, &r,
                                [&](const Bench &b, shira_driver *, shira_work_result *out) {
                                  const int at =
                                      registers(b, shira::period_of(o.machine), quantum != 1);
                                  return at == 0 ? 0 : shira_fail(&out->error, EIO, "at %d", at);
                                });
    tap(ret == 0, "register socket, quantum %u: %s %s", quantum,
        quantum == 1 ? "in step" : "decoupled", r.error.text);
  }
  const int ret = run_foreign(o, Manner::kFourPhase, 1, &r,
                              [&](const Bench &b, shira_driver *driver, shira_work_result *out) {
                                const int at = reset_in_flight(b, driver);
                                return at == 0 ? 0
                                               : shira_fail(&out->error, EIO, "at %d: %s", at,
                                                            shira_driver_error(driver));
                              });
  tap(ret == 0, "reset with requests in flight %s", r.error.text);
}

// ---- Our memory -------------------------------------------------------------------------------

static void test_memory(const PlatformOptions &o) {
  shira_work_result r;
  const int ret = shira::run_apart(&r, [&](shira_work_result *out) {
    tlm::tlm_global_quantum::instance().set(sc_core::SC_ZERO_TIME);
    shira::Memory memory("memory", o.machine);
    Prober prober("prober");
    prober.socket.bind(memory.socket);
    prober.burst = o.machine.memory_burst_bytes;
    prober.requests = 100;
    if (memory.map(2 * SHIRA_PAGE_BYTES, SHIRA_MEM_LOCAL, &prober.at) != 0)
      return -ENOMEM;
    sc_core::sc_start();
    const double ns = prober.flood.to_seconds() * 1e9,
                 blocking = prober.blocking.to_seconds() * 1e9;
    // A burst in as many cycles as the peak allows, and the latency of the last.
    const double period = 1000.0 / o.machine.clock_mhz;
    const double want = prober.requests * prober.burst * 1000.0 / o.machine.memory_peak_mb_s +
                        o.machine.memory_latency * period;
    if (prober.failed != 0 || prober.held == 0)
      return shira_fail(&out->error, EIO, "at %d, %u requests held", prober.failed, prober.held);
    if (ns < want - 10 * period || ns > want + 10 * period)
      return shira_fail(&out->error, EIO, "%.0f ns for all, expected %.0f", ns, want);
    if (blocking < 2 * o.machine.memory_latency * period ||
        blocking > 2 * (o.machine.memory_latency + 2) * period)
      return shira_fail(&out->error, EIO, "%.0f ns for two accesses", blocking);
    return 0;
  });
  tap(ret == 0, "our memory behind somebody else's initiator %s", r.error.text);
}

int sc_main(int, char **) {
  const PlatformOptions tiny = load("configs/hw/tiny.yaml"), edge = load("configs/hw/edge16.yaml");
  std::printf("# seed %llu\n", static_cast<unsigned long long>(tiny.seed));
  test_quanta(tiny, 0);
  test_quanta(tiny, 20);
  test_quanta(edge, 0);
  test_foreign(tiny);
  test_errors(tiny);
  test_registers(tiny);
  test_memory(tiny);
  test_overhead(edge);
  std::printf("1..%u\n", tests);
  return failures != 0;
}

int main(int argc, char **argv) {
  setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 0);
  return sc_core::sc_elab_and_sim(argc, argv);
}
