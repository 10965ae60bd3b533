#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/cli/cli.h"

static const struct {
  const char *name;
  int (*run)(int argc, char **argv);
  const char *help;
} commands[] = {
    {"run", cli_run, "run EXPERIMENT            measure, check, write a report"},
    {"machines", cli_machines, "machines EXPERIMENT       print the machine file that it uses"},
    {"machine", cli_machine, "machine hash|flags FILE   what the RTL of a machine is built from"},
    {"adapter", cli_adapter, "adapter make|inspect ...  PEFT adapters: make them, look inside"},
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void usage(FILE *f) {
  fprintf(f, "usage: shirasim COMMAND ...\n\n");
  for (size_t i = 0; i < N_COMMANDS; i++)
    fprintf(f, "  %s\n", commands[i].help);
  fprintf(f,
          "\n`shirasim COMMAND --help` tells more. Exit codes: 0 ok, 1 a result is wrong or below "
          "its\nbound, 2 wrong usage or input, 3 the device failed.\n");
}

int cli_fail(int rc, const struct shira_error *err) {
  fprintf(stderr, "shirasim: %s\n", err->text);
  switch (-rc) {
  case EBADMSG:
  case ERANGE:
    return EXIT_WRONG;
  case ETIMEDOUT:
  case ETIME:
  case EIO:
  case ENODEV:
  case EPROTO:
  case EREMOTEIO:
  case EDEADLK:
    return EXIT_DEVICE;
  default:
    return EXIT_INPUT;
  }
}

int main(int argc, char **argv) {
  if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help"))) {
    usage(stdout);
    return EXIT_OK;
  }
  for (size_t i = 0; argc > 1 && i < N_COMMANDS; i++)
    if (!strcmp(argv[1], commands[i].name))
      return commands[i].run(argc - 1, argv + 1);
  if (argc > 1)
    fprintf(stderr, "shirasim: unknown command '%s'\n", argv[1]);
  usage(stderr);
  return EXIT_INPUT;
}
