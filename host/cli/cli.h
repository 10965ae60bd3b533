// The `shirasim` command: one function a subcommand.
#ifndef SHIRA_CLI_H
#define SHIRA_CLI_H

#include "shira/error.h"

// Exit codes, as --help and README.md tell.
enum {
  EXIT_OK = 0,
  EXIT_WRONG = 1,  // a result differs from a reference or is below its bound
  EXIT_INPUT = 2,  // usage, a file or an option is wrong
  EXIT_DEVICE = 3, // the device failed or did not answer
};

int cli_run(int argc, char **argv);
int cli_machines(int argc, char **argv);
int cli_machine(int argc, char **argv);
int cli_adapter(int argc, char **argv);

// Prints the sentence on stderr and returns the exit code of -errno `rc`.
int cli_fail(int rc, const struct shira_error *err);

#endif
