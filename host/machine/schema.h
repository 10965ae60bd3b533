// Tables that say what a configuration file holds, and the one reader for all of them.
#ifndef SHIRA_MACHINE_SCHEMA_H
#define SHIRA_MACHINE_SCHEMA_H

#include <stddef.h>
#include <stdint.h>

#include "host/machine/tree.h"

enum cfg_type {
  CFG_U32,    // -> uint32_t, min to max
  CFG_U64,    // -> uint64_t, min to max
  CFG_TIMING, // -> struct shira_timing: "18 ns", "4 ck" or "18 ns, 4 ck"
  CFG_REAL,   // -> double, real_min to real_max
  CFG_BOOL,   // -> bool
  CFG_NAME,   // -> char[max]: letters, digits, '.', '_', '-'
  CFG_TEXT,   // -> char[max]: any text of one line
  CFG_CHOICE, // -> uint32_t: index into choices
  CFG_NODE,   // -> const struct cfg_node *: read by the caller, valid until cfg_close
};

enum {
  CFG_POW2 = 1,     // U32, U64: a power of two
  CFG_BYTES = 2,    // U32, U64: "8 MiB" means 8388608
  CFG_OPTIONAL = 4, // may be left out: the target keeps what it has
};

struct cfg_key {
  const char *path; // "array.n"; all but the last word are mappings
  enum cfg_type type;
  unsigned flags;
  size_t offset; // of the target in the structure
  uint64_t min, max;
  double real_min, real_max;
  const char *const *choices; // ends with NULL
  const char *allowed;        // NODE: what it may be, in words
  // For configs/keys.md and for messages.
  const char *unit;    // of a number, NULL: a count
  const char *meaning; // what it is
  const char *moves;   // which figures of a report it moves
};

// All keys of one kind of file, or of one mapping in it.
struct cfg_table {
  const char *kind;  // "machine"
  const char *where; // "configs/hw/*.yaml", or the mapping
  const struct cfg_key *keys;
  unsigned n;
};

#define CFG_MAX_KEYS 64 // of one table

// What a key may be, in words, cut to fit: "a whole number from 1 to 10000 MHz".
void cfg_describe(const struct cfg_key *key, char *buf, size_t size);

// Reads a map by a table into the structure at `out`. Unknown, missing, ill-typed and out-of-range
// keys fail with `file:line: key: what is wrong; allowed: what is`.
int cfg_read(const struct cfg_file *f, const struct cfg_node *map, const struct cfg_key *keys,
             unsigned n_keys, void *out);

// Checks that a file has all keys of the table whose paths start with `prefix`, optional or not.
int cfg_complete(const struct cfg_file *f, const struct cfg_key *keys, unsigned n_keys,
                 const char *prefix);

// Reads one value, with the same checks, to `out` itself (the key's offset is not used).
int cfg_value(const struct cfg_file *f, const struct cfg_node *node, const struct cfg_key *key,
              void *out);

// Checks that a node is a list of 1 to `max` items.
int cfg_list(const struct cfg_file *f, const struct cfg_node *node, uint32_t max);

#endif
