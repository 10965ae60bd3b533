#include "sim/tlm/example/platform.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/tlm/accelerator.h"
#include "sim/tlm/example/host.h"
#include "sim/tlm/memory.h"

namespace shira {

void choose_work(PlatformOptions *options) {
  options->tokens = 16;
  options->side = 16;
  while (8 * options->side * options->side <= options->machine.weight_bytes)
    options->side *= 2;
}

shira_device_options device_options(const PlatformOptions &options, std::string *library) {
  const char *root = std::getenv("SHIRA_RTL_DIR");
  char hash[16];
  std::snprintf(hash, sizeof hash, "%08x", shira_machine_rtl_hash(&options.machine));
  *library = std::string(root != nullptr ? root : "build/rtl") + "/" + hash + "/libshira_rtl.so";
  shira_device_options device = {};
  device.machine = &options.machine;
  device.rtl_library = library->c_str();
  device.seed = options.seed;
  device.stall_percent = options.stall_percent;
  return device;
}

int run_plain(const char *backend, const PlatformOptions &options, shira_work_result *result) {
  *result = {};
  std::string library;
  const shira_device_options device = device_options(options, &library);
  shira_driver *driver;
  int ret = shira_open(backend, &device, &options.machine, &driver, &result->error);
  if (ret == 0)
    ret = shira_work_run(driver, &options.machine, options.side, options.tokens, result);
  shira_close(driver);
  return ret;
}

int run_platform(const PlatformOptions &options, unsigned quantum, shira_work_result *result) {
  const shira_machine &machine = options.machine;
  *result = {};
  sc_core::sc_report_handler::set_actions("/OSCI/SystemC", sc_core::SC_INFO,
                                          sc_core::SC_DO_NOTHING);
  tlm::tlm_global_quantum::instance().set(time_of(quantum * period_of(machine)));

  std::string library;
  Accelerator accelerator("accelerator", device_options(options, &library));
  Memory memory("memory", machine);
  int ret = -EIO;
  Host host("host", machine,
            {[&](size_t bytes, shira_mem_kind kind, shira_mem *mem) {
               return memory.map(bytes, kind, mem);
             },
             [&](shira_mem *mem) { return memory.unmap(mem); },
             [&](uint64_t cycle, shira_device_info *info) {
               accelerator.describe(info);
               info->memory = memory.stats(cycle);
             }},
            [&](shira_device *dev) {
              shira_driver *driver;
              ret = shira_attach(dev, &machine, nullptr, &driver, &result->error);
              if (ret == 0)
                ret = shira_work_run(driver, &machine, options.side, options.tokens, result);
              shira_close(driver);
            });
  sc_core::sc_signal<bool> irq("irq"), reset("reset");
  host.registers.bind(accelerator.registers);
  accelerator.memory.bind(memory.socket);
  accelerator.irq.bind(irq);
  host.irq.bind(irq);
  host.reset.bind(reset);
  accelerator.reset.bind(reset);
  sc_core::sc_start();
  return ret;
}

bool equal(const shira_work_result &a, const shira_work_result &b) {
  return a.cycles == b.cycles && a.load == b.load && a.before == b.before && a.change == b.change &&
         a.after == b.after && a.in_memory == b.in_memory && a.hash == b.hash &&
         std::memcmp(a.counters, b.counters, sizeof a.counters) == 0 &&
         std::memcmp(&a.memory, &b.memory, sizeof a.memory) == 0;
}

int run_apart(shira_work_result *result, const std::function<int(shira_work_result *)> &run) {
  struct Shared {
    int ret;
    shira_work_result result;
  };
  void *page =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED)
    return -errno;
  Shared *shared = static_cast<Shared *>(page);
  shared->ret = -EIO;
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    shared->ret = run(&shared->result);
    std::fflush(nullptr);
    _exit(0);
  }
  int ret = child < 0 ? -errno : 0;
  if (child > 0)
    waitpid(child, nullptr, 0);
  if (ret == 0)
    ret = shared->ret;
  *result = shared->result;
  munmap(page, sizeof *shared);
  return ret;
}

} // namespace shira
