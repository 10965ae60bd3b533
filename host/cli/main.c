#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/cli/cli.h"
#include "shira/version.h"

static const struct {
  const char *name;
  int (*run)(int argc, char **argv);
  const char *help;
} commands[] = {
    {"run", cli_run, "run EXPERIMENT            measure, check, write a report"},
    {"machines", cli_machines, "machines EXPERIMENT       print the machine file that it uses"},
    {"machine", cli_machine,
     "machine hash|flags FILE   what the RTL of a machine is built from\n"
     "  machine keys              the keys of a machine file\n"
     "  machine processes         nodes of manufacture: name, FO4 in ps, its source"},
    {"keys", cli_keys, "keys                      the keys of all configuration files, explained"},
    {"report", cli_report, "report REPORT             make its files again, compare two"},
    {"adapter", cli_adapter, "adapter make|inspect ...  PEFT adapters: make them, look inside"},
    {"dram", cli_dram,
     "dram TRACE --machine M    what a machine's memory does with requests of a file"},
    {"store", cli_store,
     "store list|gc             results that are kept: list them, remove the unused"},
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *f) {
  fprintf(f, "usage: shirasim COMMAND ...\n\n");
  for (size_t i = 0; i < N_COMMANDS; i++)
    fprintf(f, "  %s\n", commands[i].help);
  fprintf(f,
          "\n`shirasim COMMAND --help` tells more, `shirasim --version` the version. Exit codes: 0 "
          "ok,\n"
          "1 a result is wrong or below its bound, 2 wrong usage or input, 3 the device failed,\n"
          "4 output cannot be written, 130 ended by a signal.\n");
}

int cli_fail(int code, const struct shira_error *err) {
  fprintf(stderr, "shirasim: %s\n", err->text);
  return code;
}

int cli_usage(int argc, char **argv, const char *text) {
  bool asked = argc == 2 && !strcmp(argv[1], "--help");
  fprintf(asked ? stdout : stderr, "usage: %s %s\n", argv[0], text);
  return asked ? EXIT_OK : EXIT_INPUT;
}

uint64_t cli_number(const char *text, uint64_t min, uint64_t max, const char *option,
                    struct argp_state *state) {
  char *end;
  errno = 0;
  unsigned long long v = strtoull(text, &end, 10);
  if (errno || *end || *text < '0' || *text > '9' || v < min || v > max)
    argp_error(state, "%s: '%s' is not a whole number from %" PRIu64 " to %" PRIu64, option, text,
               min, max);
  return v;
}

// A stream that the caller has closed is opened on what cannot be used, so that no file that is
// opened later takes its number and gets what is printed to it.
static void fill_streams(void) {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
      open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY); // the lowest number is `fd`
}

// At the end of the program, however it ends (argp's help ends it too): makes sure that what was
// printed has arrived.
static void close_output(int code, void *arg) {
  (void)arg;
  bool lost = ferror(stdout);
  errno = 0;
  if (!(fclose(stdout) || lost))
    return;
  fprintf(stderr, "shirasim: cannot write to standard output: %s\n", strerror(errno ? errno : EIO));
  _exit(code ? code : EXIT_OUTPUT);
}

static int run(size_t command, int argc, char **argv) {
  char name[64];
  snprintf(name, sizeof(name), "shirasim %s", commands[command].name);
  argv[0] = name;
  argp_err_exit_status = EXIT_INPUT;
  return commands[command].run(argc, argv);
}

int main(int argc, char **argv) {
  fill_streams();
  if (on_exit(close_output, NULL))
    abort();
  signal(SIGXFSZ, SIG_IGN); // a file that may not grow is an error like any other
  if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help"))) {
    usage(stdout);
    return EXIT_OK;
  }
  if (argc > 1 && !strcmp(argv[1], "--version")) {
    puts("shirasim " SHIRA_VERSION);
    return EXIT_OK;
  }
  for (size_t i = 0; argc > 1 && i < N_COMMANDS; i++)
    if (!strcmp(argv[1], commands[i].name))
      return run(i, argc - 1, argv + 1);
  if (argc > 1)
    fprintf(stderr, "shirasim: unknown command '%s'\n", argv[1]);
  usage(stderr);
  return EXIT_INPUT;
}
