// The parts of the example: a small complete virtual platform, and the same work without SystemC.
#ifndef SHIRA_TLM_EXAMPLE_PLATFORM_H
#define SHIRA_TLM_EXAMPLE_PLATFORM_H

#include <cstdint>
#include <functional>
#include <string>

#include "shira/config.h"
#include "sim/tlm/example/work.h"

namespace shira {

// Of the device's cycles. Short enough for a response that is announced by the end of one quantum
// to be there in time on edge16, whose memory takes 30 cycles and more after the last command; long
// enough for the kernel to cost little.
constexpr unsigned kDefaultQuantum = 32;

struct PlatformOptions {
  shira_machine machine;
  uint32_t side, tokens; // of the work
  uint64_t seed;         // of the stalls
  unsigned stall_percent;
};

// Sizes of the work that fit into the machine.
void choose_work(PlatformOptions *options);

// How to open the device. `library` must outlive the result.
shira_device_options device_options(const PlatformOptions &options, std::string *library);

// Runs the work on a device without SystemC. 0 or -errno, with a sentence in result->error.
int run_plain(const char *backend, const PlatformOptions &options, shira_work_result *result);

// Runs the work on the platform: host, accelerator, memory. Once in a process.
int run_platform(const PlatformOptions &options, unsigned quantum, shira_work_result *result);

// Whether cycles, traffic, what memory did and results are all the same.
bool equal(const shira_work_result &a, const shira_work_result &b);

// Calls `run` in a process of its own, as SystemC knows one simulation a process, and returns what
// it does; -EIO where the process dies.
int run_apart(shira_work_result *result, const std::function<int(shira_work_result *)> &run);

} // namespace shira

#endif
