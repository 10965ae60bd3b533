// Machines that differ from `tiny`, or another, in some keys, as files in the build folder,
// $B/machines (B: build). A test that runs RTL of them prints their paths with --machines, in one
// line, for `make test` to build it.
#ifndef TEST_VARIANT_H
#define TEST_VARIANT_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define VARIANT_BASE "configs/hw/tiny.yaml"
#define VARIANT_DRAM "configs/hw/tiny-dram.yaml"

struct variant_change {
  const char *key;   // "weight_sram.ports"
  const char *value; // NULL: the key is left out
};

// The path of a variant's file, absolute if B is.
static inline void variant_path(const char *name, char *path, size_t size) {
  const char *b = getenv("B");
  snprintf(path, size, "%s/machines/%s.yaml", b ? b : "build", name);
}

// The path that a file of the base names, as the variant's file has to.
static inline void variant_beside(FILE *out, const char *base, const char *value) {
  char path[600], whole[4096];
  if (!strchr(value, '/')) { // a name
    fprintf(out, "  standard: %.*s\n", (int)strcspn(value, " \n"), value);
    return;
  }
  snprintf(path, sizeof(path), "%.*s%.200s", (int)(strrchr(base, '/') + 1 - base), base, value);
  path[strcspn(path, " \n")] = '\0';
  fprintf(out, "  standard: %s\n", realpath(path, whole) ? whole : path);
}

// Writes a line of the base file, with its new value if it is that of a change, which is then done.
static inline void variant_line(FILE *out, const char *base, const char *line, char *section,
                                size_t size, const struct variant_change *c, unsigned n,
                                bool *done) {
  char key[128], leaf[64];
  const bool inner = line[0] == ' ';
  if (sscanf(line, " %63[a-z_]:", leaf) != 1) {
    fputs(line, out);
    return;
  }
  if (!inner)
    snprintf(section, size, "%s", leaf);
  snprintf(key, sizeof(key), "%s%s%s", inner ? section : "", inner ? "." : "", leaf);
  for (unsigned i = 0; i < n; i++)
    if (!strcmp(c[i].key, key)) {
      done[i] = true;
      if (c[i].value == NULL)
        return;
      if (!strcmp(leaf, "standard"))
        variant_beside(out, base, c[i].value);
      else
        fprintf(out, "%s%s: %s\n", inner ? "  " : "", leaf, c[i].value);
      return;
    }
  if (!strcmp(leaf, "standard")) {
    variant_beside(out, base, strchr(line, ':') + 2);
    return;
  }
  fputs(line, out);
}

// Writes the file of a variant. Returns 0, or -1 with a message on stderr, also where the base has
// no such key.
static inline int variant_write(const char *base, const char *name, const struct variant_change *c,
                                unsigned n) {
  char path[1024], line[512], section[64] = "";
  bool done[32] = {false};
  variant_path("", path, sizeof(path));
  *strrchr(path, '/') = '\0';
  if (mkdir(path, 0777) && errno != EEXIST)
    return perror(path), -1;
  variant_path(name, path, sizeof(path));
  FILE *in = fopen(base, "r"), *out = fopen(path, "w");
  if (!in || !out || n > 32)
    return perror(path), -1;
  while (fgets(line, sizeof(line), in))
    if (!strncmp(line, "name:", 5))
      fprintf(out, "name: %s\n", name);
    else
      variant_line(out, base, line, section, sizeof(section), c, n, done);
  if (fclose(in) | fclose(out))
    return perror(path), -1;
  for (unsigned i = 0; i < n; i++)
    if (!done[i])
      return fprintf(stderr, "%s has no key %s\n", base, c[i].key), -1;
  return 0;
}

#endif
