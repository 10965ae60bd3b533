// shirasim machine
#include <stdio.h>
#include <string.h>

#include "host/cli/cli.h"
#include "shira/config.h"

int cli_machine(int argc, char **argv) {
  if (argc == 2 && !strcmp(argv[1], "keys")) {
    for (unsigned i = 0; shira_machine_key(i); i++)
      puts(shira_machine_key(i));
    return EXIT_OK;
  }
  if (argc == 2 && !strcmp(argv[1], "processes")) {
    const struct shira_process *p;
    for (uint32_t i = 0; (p = shira_process(i)); i++)
      if (p->fo4_ps > 0)
        printf("%s %.1f %s\n", p->name, p->fo4_ps, p->source);
    return EXIT_OK;
  }
  if (argc != 3 || (strcmp(argv[1], "hash") && strcmp(argv[1], "flags")))
    return cli_usage(argc, argv, "hash|flags FILE|NAME, keys or processes");
  struct shira_machine m;
  struct shira_error err;
  char path[SHIRA_PATH_BYTES];
  if (shira_config_find("configs/hw", argv[2], path, &err) || shira_machine_load(path, &m, &err))
    return cli_fail(EXIT_INPUT, &err);
  if (!strcmp(argv[1], "hash")) {
    printf("%08x\n", shira_machine_rtl_hash(&m));
    return EXIT_OK;
  }
  char flags[1024];
  if (shira_machine_rtl_flags(&m, flags, sizeof(flags)) < 0)
    return EXIT_INPUT;
  puts(flags);
  return EXIT_OK;
}
