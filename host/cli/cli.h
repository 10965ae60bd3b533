// The `shirasim` command: one function a subcommand.
#ifndef SHIRA_CLI_H
#define SHIRA_CLI_H

#include <argp.h>
#include <stdint.h>

#include "shira/error.h"

// Exit codes, as --help and README.md tell.
enum {
  EXIT_OK = 0,
  EXIT_WRONG = 1,         // a result differs from a reference or is below its bound
  EXIT_INPUT = 2,         // usage, a file or an option is wrong
  EXIT_DEVICE = 3,        // the device failed or did not answer
  EXIT_OUTPUT = 4,        // a file or standard output cannot be written
  EXIT_INTERRUPTED = 130, // by SIGINT or SIGTERM, as shells say it
};

// argv[0] is the whole command, "shirasim run", so that messages name it.
int cli_run(int argc, char **argv);
int cli_machines(int argc, char **argv);
int cli_machine(int argc, char **argv);
int cli_adapter(int argc, char **argv);
int cli_store(int argc, char **argv);
int cli_keys(int argc, char **argv);
int cli_report(int argc, char **argv);
int cli_dram(int argc, char **argv);

// Prints the sentence on stderr and returns the exit code.
int cli_fail(int code, const struct shira_error *err);

// Says how a command without options is used, and returns the exit code: on stdout and all is well
// where `--help` asks for it, else on stderr.
int cli_usage(int argc, char **argv, const char *text);

// The whole number from `min` to `max` that an option has; anything else ends the program with a
// sentence that names the option.
uint64_t cli_number(const char *text, uint64_t min, uint64_t max, const char *option,
                    struct argp_state *state);

#endif
