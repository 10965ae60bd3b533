// check STANDARD.yaml TRACE: does a command trace keep to its DRAM's standard? Prints
// `N commands, N violations`, the first 20 of them before. Exit 1: violations, 2: cannot be read.
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/dram/check.h"

int main(int argc, char **argv) {
  struct shira_dram_standard standard;
  struct shira_error error = {""};
  uint64_t commands, violations;
  char why[320];
  if (argc != 3) {
    fprintf(stderr, "usage: check STANDARD.yaml TRACE\n");
    return 2;
  }
  if (shira_dram_standard_load(argv[1], &standard, &error)) {
    fprintf(stderr, "%s\n", error.text);
    return 2;
  }
  FILE *trace = fopen(argv[2], "r");
  if (!trace) {
    fprintf(stderr, "cannot open '%s': %s\n", argv[2], strerror(errno));
    return 2;
  }
  const int rc =
      dram_check_trace(&standard, trace, stdout, 20, &commands, &violations, why, sizeof why);
  fclose(trace);
  if (rc) {
    fprintf(stderr, "%s: %s\n", argv[2], why);
    return 2;
  }
  printf("%" PRIu64 " commands, %" PRIu64 " violations\n", commands, violations);
  return violations ? 1 : 0;
}
