// A YAML file as a tree that remembers its lines. Refuses what configuration does not need and
// what can be used against a reader: anchors, aliases, tags, several documents, deep nesting,
// huge files, keys twice.
#ifndef SHIRA_CONFIG_TREE_H
#define SHIRA_CONFIG_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "shira/error.h"

#define CFG_MAX_DEPTH 8     // collections inside each other
#define CFG_MAX_ENTRIES 256 // entries of one collection

enum cfg_kind { CFG_SCALAR, CFG_MAP, CFG_LIST };

struct cfg_node {
  enum cfg_kind kind;
  bool plain;       // scalar without quotes
  unsigned line;    // where it starts; of an entry of a map: where its key is
  uint32_t n;       // entries of a collection
  uint32_t index;   // place in the collection around it
  const char *key;  // in a map, else NULL
  const char *text; // of a scalar, without NUL inside
  struct cfg_node *parent, *first, *last, *next;
  struct cfg_node *chain; // all nodes of a file
};

struct cfg_file {
  const char *path;          // as given
  struct shira_error *error; // may be NULL
  struct cfg_node *root;     // a map
  struct cfg_node *chain;
};

// Reads the file at `path`; both pointers are kept until cfg_close. 0 or -errno with a sentence;
// nothing to close after an error.
int cfg_open(struct cfg_file *f, const char *path, struct shira_error *error);
void cfg_close(struct cfg_file *f);

// Sets the error to `file:line: key: sentence`, with the line and path of `node`; returns -EINVAL.
// Control characters, which only a hostile file has, are told as \xNN.
int cfg_fail(const struct cfg_file *f, const struct cfg_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// The same for a place that has no node: `path` is that of the key.
int cfg_fail_at(const struct cfg_file *f, unsigned line, const char *path, const char *text);

// Puts `file:line: key: ` before the sentence in *error, unless it has a place already.
void cfg_blame(const char *file, unsigned line, const char *key, struct shira_error *error);

// The entry `path` ("array.n") below a map, or NULL.
const struct cfg_node *cfg_find(const struct cfg_node *map, const char *path);

// Makes a relative path in `text`, which is the value of `node`, one from the directory of the
// file. `text` has `size` bytes. -EINVAL where it is too long.
int cfg_beside(const struct cfg_file *f, const struct cfg_node *node, char *text, unsigned size);

// Makes the value of `node`, which is in `text` of `size` bytes, the path of a file that can be
// read. A value with a '/', or one that ends in ".yaml", is a path from the directory of the file.
// Another is a name, for `<folder>/<name>.yaml`, in the first place that has it of: `root`, if not
// NULL; $SHIRA_SHARE; the current folder; the tree whose configs/x/ the file is in; what is
// installed. -EINVAL with a sentence that lists the places.
int cfg_named(const struct cfg_file *f, const struct cfg_node *node, const char *root,
              const char *folder, char *text, unsigned size);

// Writes the path of a node ("workloads[1].square") to buf, cut to fit; "" for the root.
void cfg_path(const struct cfg_node *node, char *buf, unsigned size);

#endif
