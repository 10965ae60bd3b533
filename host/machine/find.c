// Where files are looked for that are named and not given by a path.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/machine/tree.h"
#include "shira/config.h"

// What `make install` fills; the Makefile knows its prefix.
#ifndef SHIRA_SHARE
#define SHIRA_SHARE "/usr/local/share/shirasim"
#endif

#define PATH_BYTES 512
enum { MOST_ROOTS = 5 };

// The folders that may hold configs/ and models/, the first that counts first.
struct roots {
  unsigned n;
  char path[MOST_ROOTS][PATH_BYTES];
};

static void add_root(struct roots *r, const char *path) {
  const int n = snprintf(r->path[r->n], PATH_BYTES, "%s", path);
  if (n > 0 && n < PATH_BYTES)
    r->n++;
}

// The tree of a file in <tree>/configs/<folder>: "" where it has none, or where that is the current
// folder.
static void tree_of(const char *file, char *tree) {
  char path[PATH_BYTES];
  static const char configs[] = "/configs";
  snprintf(path, sizeof path, "%s", file);
  tree[0] = '\0';
  for (int up = 0; up < 2; up++) {
    char *slash = strrchr(path, '/');
    if (!slash)
      return;
    *slash = '\0';
  }
  const size_t length = strlen(path), last = sizeof configs - 1;
  if (length > last && !strcmp(path + length - last, configs))
    snprintf(tree, PATH_BYTES, "%.*s", (int)(length - last), path);
}

// `file`: the one that names another, NULL for a name of a command line.
static void list_roots(const char *file, const char *root, struct roots *r) {
  const char *share = getenv("SHIRA_SHARE");
  char tree[PATH_BYTES];
  r->n = 0;
  if (root)
    add_root(r, root);
  if (share && share[0])
    add_root(r, share);
  add_root(r, ".");
  tree_of(file ? file : "", tree);
  if (tree[0])
    add_root(r, tree);
  add_root(r, SHIRA_SHARE);
}

// Copies the path of a file in a root to `text`, without "./" before it; false where it cannot be
// read.
static bool path_in(const char *root, const char *folder, const char *name, char *text,
                    unsigned size) {
  char path[2 * PATH_BYTES];
  const bool here = !strcmp(root, ".");
  const int n = snprintf(path, sizeof path, "%s%s%s/%s.yaml", here ? "" : root, here ? "" : "/",
                         folder, name);
  if (n < 0 || (unsigned)n >= size || access(path, R_OK))
    return false;
  memcpy(text, path, (size_t)n + 1);
  return true;
}

static bool is_path(const char *text) {
  const size_t length = strlen(text);
  return strchr(text, '/') || (length > 5 && !strcmp(text + length - 5, ".yaml"));
}

// Replaces the name in `text` by the path of the file. -ENOENT with a sentence that lists the
// places.
static int find(const struct roots *roots, const char *folder, char *text, unsigned size,
                struct shira_error *error) {
  char name[PATH_BYTES], places[PATH_BYTES] = "";
  snprintf(name, sizeof name, "%s", text);
  for (unsigned i = 0; i < roots->n; i++) {
    const size_t at = strlen(places);
    if (path_in(roots->path[i], folder, name, text, size))
      return 0;
    snprintf(places + at, sizeof places - at, "%s'%.160s'", i ? ", " : "", roots->path[i]);
  }
  return shira_fail(error, ENOENT, "there is no %s/%.60s.yaml in any of %s", folder, name, places);
}

int cfg_named(const struct cfg_file *f, const struct cfg_node *node, const char *root,
              const char *folder, char *text, unsigned size) {
  struct roots roots;
  struct shira_error error;
  if (is_path(text)) {
    int rc = cfg_beside(f, node, text, size);
    if (!rc && access(text, R_OK))
      rc = cfg_fail(f, node, "cannot open '%s': %s", text, strerror(errno));
    return rc;
  }
  list_roots(f->path, root, &roots);
  return find(&roots, folder, text, size, &error) ? cfg_fail(f, node, "%s", error.text) : 0;
}

int shira_config_find(const char *folder, const char *given, char path[SHIRA_PATH_BYTES],
                      struct shira_error *error) {
  struct roots roots;
  if (strlen(given) >= SHIRA_PATH_BYTES)
    return shira_fail(error, ENAMETOOLONG, "'%.60s...' is too long a path", given);
  memcpy(path, given, strlen(given) + 1);
  if (is_path(given))
    return 0;
  list_roots(NULL, NULL, &roots);
  return find(&roots, folder, path, SHIRA_PATH_BYTES, error);
}
