// Writes what a Verilated model covered, where it was built to count that (`make coverage`).
#ifndef SHIRA_COVERAGE_H
#define SHIRA_COVERAGE_H

#include "verilated.h"
#if VM_COVERAGE
#include "verilated_cov.h"
#include <cstdlib>
#include <string>
#include <unistd.h>
#endif

// To a file of its own in the folder $SHIRA_COVERAGE; nowhere if that is not set. Only while the
// model lives, which keeps the counts.
inline void shira_coverage_write(VerilatedContext *context) {
#if VM_COVERAGE
  static unsigned written;
  const char *dir = std::getenv("SHIRA_COVERAGE");
  if (dir == nullptr)
    return;
  const std::string path =
      std::string(dir) + "/" + std::to_string(getpid()) + "-" + std::to_string(written++) + ".dat";
  context->coveragep()->write(path.c_str());
#else
  (void)context;
#endif
}

#endif
