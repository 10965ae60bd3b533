// The example: runs the same work without SystemC and on the platform with several quanta, and
// prints how they differ.
//
//   platform [MACHINE.yaml [RUNS]]
//
// RUNS: how often each is run for its processor time, of which the median counts; 3. Exits with 1
// where a result is wrong, or where a quantum of one cycle is not exactly the plain run; with 2
// where it cannot run.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <systemc>
#include <vector>

#include "sim/tlm/example/platform.h"

namespace {

using shira::PlatformOptions;

constexpr unsigned kQuanta[] = {1, 10, shira::kDefaultQuantum, 100, 1000, 10000};

uint64_t bytes(const shira_work_result &r) {
  uint64_t sum = 0;
  for (unsigned i = SHIRA_COUNTER_READ_BYTES_DESCRIPTOR; i <= SHIRA_COUNTER_WRITTEN_BYTES_CHECK;
       i++)
    sum += r.counters[i];
  return sum;
}

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

// One line of the table. `plain` is the run without SystemC, `seconds` what runs took.
void print(const char *name, const shira_work_result &r, const shira_work_result &plain,
           double ratio, const char *verdict) {
  const double error =
      100.0 * (static_cast<double>(r.cycles) / static_cast<double>(plain.cycles) - 1);
  std::printf("%9s %10llu %+8lld %+7.2f %% %9llu %9llu %10llu %8.2f  %s\n", name,
              static_cast<unsigned long long>(r.cycles),
              static_cast<long long>(r.cycles - plain.cycles), error,
              static_cast<unsigned long long>(r.change), static_cast<unsigned long long>(r.after),
              static_cast<unsigned long long>(bytes(r)), ratio, verdict);
}

int fail(const shira_work_result &r) {
  std::fprintf(stderr, "platform: %s\n", r.error.text[0] != 0 ? r.error.text : "it died");
  return 2;
}

int compare(const PlatformOptions &options, unsigned runs) {
  shira_work_result golden, plain, r;
  if (shira::run_apart(&golden,
                       [&](auto *out) { return shira::run_plain("golden", options, out); }))
    return fail(golden);
  std::printf(
      "%s, %u x %u, %u tokens; cycles of the whole work, and of its switch and the pass after\n"
      "  quantum     cycles    error            switch      pass      bytes     time  results\n",
      options.machine.name, options.side, options.side, options.tokens);
  std::vector<double> time_of[1 + std::size(kQuanta)];
  shira_work_result result[1 + std::size(kQuanta)];
  // Turn by turn, so that what else the machine does meets all of them.
  for (unsigned i = 0; i < runs; i++) {
    for (unsigned q = 0; q <= std::size(kQuanta); q++) {
      const int ret = shira::run_apart(&r, [&](auto *out) {
        return q == 0 ? shira::run_plain("rtl", options, out)
                      : shira::run_platform(options, kQuanta[q - 1], out);
      });
      if (ret != 0)
        return fail(r);
      time_of[q].push_back(r.seconds);
      result[q] = r;
    }
  }
  plain = result[0];
  bool good = true;
  for (unsigned q = 0; q <= std::size(kQuanta); q++) {
    const bool right = result[q].hash == golden.hash, equal = shira::equal(result[q], plain);
    std::vector<double> ratio;
    for (unsigned i = 0; i < runs; i++)
      ratio.push_back(time_of[q][i] / time_of[0][i]);
    const std::string name = q == 0 ? "plain" : std::to_string(kQuanta[q - 1]);
    print(name.c_str(), result[q], plain, median(ratio),
          !right   ? "WRONG"
          : q == 0 ? "right"
          : equal  ? "right, all equal"
                   : "right");
    good = good && right && (equal || kQuanta[q - 1] != 1);
  }
  if (!good)
    std::printf("WRONG: a result differs, or a quantum of one cycle is not the plain run\n");
  return good ? 0 : 1;
}

} // namespace

int sc_main(int argc, char **argv) {
  PlatformOptions options = {};
  shira_error error = {};
  if (shira_machine_load(argc > 1 ? argv[1] : "configs/hw/edge16.yaml", &options.machine, &error) !=
      0) {
    std::fprintf(stderr, "platform: %s\n", error.text);
    return 2;
  }
  shira::choose_work(&options);
  const int runs = argc > 2 ? std::atoi(argv[2]) : 3;
  return compare(options, runs > 0 ? static_cast<unsigned>(runs) : 1);
}

int main(int argc, char **argv) {
  setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", 0);
  return sc_core::sc_elab_and_sim(argc, argv);
}
