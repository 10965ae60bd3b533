// shirasim keys: the reference page of configuration files, and the ends of what each key may be.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/cli/cli.h"
#include "host/machine/tables.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define CELL 400

static const struct {
  const struct cfg_table *table;
  const char *title, *text;
} pages[] = {
    {&cfg_machine, "Machines",
     "All keys must be there, but those of `dram`, which go together and then without\n"
     "`memory.peak_mb_s`."},
    {&cfg_standard, "DRAM standards",
     "Times are of one channel, written as `18 ns`, `4 ck` (clocks) or `18 ns, 4 ck`, the longer "
     "of\n"
     "both."},
    {&cfg_experiment, "Experiments", ""},
    {&cfg_workload, "Workloads of an experiment",
     "Either `square`, or `model` with `blocks` and perhaps `first`."},
    {&cfg_shira, "`adapters.shira` of an experiment",
     "Either `a` and `b`, or `density` and `masks`."},
    {&cfg_lora, "`adapters.lora` of an experiment", "Either `a` and `b`, or `rank`."},
    {&cfg_model, "Models", ""},
    {&cfg_linear, "Linear layers of a model", ""},
};

// A number of bytes as a person writes it: "8 MiB".
static void write_bytes(uint64_t v, char *buf, size_t size) {
  static const char *const units[] = {"", " KiB", " MiB", " GiB"};
  unsigned u = 0;
  for (; v && v % 1024 == 0 && u < 3; u++)
    v /= 1024;
  snprintf(buf, size, "%" PRIu64 "%s", v, units[u]);
}

static void write_range(const struct cfg_key *k, char *buf, size_t size) {
  char least[32], most[32];
  switch (k->type) {
  case CFG_U32:
  case CFG_U64:
    snprintf(least, sizeof least, "%" PRIu64, k->min);
    snprintf(most, sizeof most, "%" PRIu64, k->max);
    if (k->flags & CFG_BYTES) {
      write_bytes(k->min, least, sizeof least);
      write_bytes(k->max, most, sizeof most);
    }
    snprintf(buf, size, "%s to %s%s", least, most, k->flags & CFG_POW2 ? ", a power of two" : "");
    return;
  case CFG_REAL:
    snprintf(buf, size, "%g to %g", k->real_min, k->real_max);
    return;
  case CFG_TIMING:
    snprintf(buf, size, "up to %u clocks", CFG_MOST_CLOCKS);
    return;
  case CFG_NAME:
    snprintf(buf, size, "a name");
    return;
  case CFG_TEXT:
    snprintf(buf, size, "a text");
    return;
  default:
    cfg_describe(k, buf, size);
  }
}

static const char *unit_of(const struct cfg_key *k) {
  if (k->flags & CFG_BYTES)
    return "bytes";
  return k->type == CFG_TIMING ? "ns, ck" : k->unit ? k->unit : "";
}

enum { COLUMNS = 5 };

static void write_row(const struct cfg_key *k, char cell[COLUMNS][CELL]) {
  snprintf(cell[0], CELL, "`%s`%s", k->path, k->flags & CFG_OPTIONAL ? " *" : "");
  snprintf(cell[1], CELL, "%s", unit_of(k));
  write_range(k, cell[2], CELL);
  snprintf(cell[3], CELL, "%s", k->meaning);
  snprintf(cell[4], CELL, "%s", k->moves);
}

static void print_row(char cell[COLUMNS][CELL], const size_t *width) {
  for (unsigned c = 0; c < COLUMNS; c++)
    printf("| %-*s ", c + 1 < COLUMNS ? (int)width[c] : 0, cell[c]);
  puts("|");
}

#define WIDEST 76 // that others are padded to

// A table whose columns, but the last, are as wide as their widest cell.
static void print_table(const struct cfg_table *t) {
  char cell[COLUMNS][CELL] = {"key", "unit", "range", "what it is", "what of a report it moves"};
  size_t width[COLUMNS];
  for (unsigned c = 0; c < COLUMNS; c++)
    width[c] = strlen(cell[c]);
  char row[COLUMNS][CELL];
  for (unsigned i = 0; i < t->n; i++) {
    write_row(&t->keys[i], row);
    for (unsigned c = 0; c < COLUMNS; c++)
      if (strlen(row[c]) > width[c] && strlen(row[c]) <= WIDEST)
        width[c] = strlen(row[c]);
  }
  print_row(cell, width);
  puts("|---|---|---|---|---|");
  for (unsigned i = 0; i < t->n; i++) {
    write_row(&t->keys[i], row);
    print_row(row, width);
  }
}

static void print_page(void) {
  puts(
      "# Keys of configuration files\n\n"
      "Made by `make gen` from the tables that the files are read by (`shirasim keys`). A key with "
      "*\n"
      "may be left out. Rules between keys are told by the message of a file that breaks one.\n"
      "\n"
      "Sizes in bytes may be written with KiB, MiB or GiB. A machine, a model and a DRAM standard\n"
      "are given by a path, relative to the file that names it, or by a name without `/` and\n"
      "`.yaml`, which is looked for as `configs/hw/NAME.yaml`, `models/NAME.yaml` or\n"
      "`configs/dram/NAME.yaml` in `$SHIRA_SHARE`, in the current folder, in the tree that the\n"
      "file is part of, and in the folder that `make install` filled.");
  for (size_t i = 0; i < COUNT(pages); i++) {
    printf("\n## %s: %s\n\n", pages[i].title, pages[i].table->where);
    if (pages[i].text[0])
      printf("%s\n\n", pages[i].text);
    print_table(pages[i].table);
  }
}

// Both ends of a key, or all its choices, a line each: kind, key, value.
static void print_ends(const char *kind, const struct cfg_key *k) {
  switch (k->type) {
  case CFG_U32:
  case CFG_U64:
    printf("%s\t%s\t%" PRIu64 "\n%s\t%s\t%" PRIu64 "\n", kind, k->path, k->min, kind, k->path,
           k->max);
    return;
  case CFG_REAL:
    printf("%s\t%s\t%g\n%s\t%s\t%g\n", kind, k->path, k->real_min, kind, k->path, k->real_max);
    return;
  case CFG_TIMING:
    printf("%s\t%s\t0 ck\n%s\t%s\t%u ck\n", kind, k->path, kind, k->path, CFG_MOST_CLOCKS - 1);
    return;
  case CFG_BOOL:
    printf("%s\t%s\tfalse\n%s\t%s\ttrue\n", kind, k->path, kind, k->path);
    return;
  case CFG_CHOICE:
    for (unsigned i = 0; k->choices[i]; i++)
      printf("%s\t%s\t%s\n", kind, k->path, k->choices[i]);
    return;
  default:
    return;
  }
}

int cli_keys(int argc, char **argv) {
  if (argc == 1) {
    print_page();
    return EXIT_OK;
  }
  if (argc != 2 || strcmp(argv[1], "--ends"))
    return cli_usage(argc, argv, "[--ends]");
  for (size_t i = 0; i < COUNT(pages); i++)
    for (unsigned k = 0; k < pages[i].table->n; k++)
      print_ends(pages[i].table->kind, &pages[i].table->keys[k]);
  return EXIT_OK;
}
