// The store: the results of points, each a file of its own under the hash of all that it depends
// on, and a manifest of each run that says which results it used.
//
//   DIR/ab/ab01..ef.json  a result: an object with "schema" STORE_SCHEMA, "id", "result", ...
//   DIR/runs/NAME.json    a manifest: an object with "results": [{"id": ..., "hash": ...}, ...],
//   and
//                         "workloads" of which each may have a "hash" too
//   DIR/.lock             shared by all that use the store, taken alone by store_gc
//
// Files are written whole (host/base/whole.h). Any number of processes may use a store at once:
// what two of them write under one hash is the same, and the last one stays.
#ifndef SHIRA_EXPERIMENT_STORE_H
#define SHIRA_EXPERIMENT_STORE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "host/base/lock.h"
#include "shira/error.h"
#include "shira/hash.h"

// Of results and manifests. A result of another schema is as if it was not there.
#define STORE_SCHEMA 2

struct store {
  char path[PATH_MAX];
  struct shira_lock lock;
  bool told; // on stderr, of a result that cannot be used
};

// Opens the store in the folder `path`, which is made if `create`. Close it with store_close, also
// after an error. Processes forked after this hold the store open too, until they end. Errors, with
// a sentence: -ENOENT it is not there; -EBUSY results are being removed; -errno of the folder.
int store_open(const char *path, bool create, struct store *store, struct shira_error *error);
void store_close(struct store *store);

// Reads a result. *text has a NUL behind its *size bytes and is freed by the caller. Errors:
// -ENOENT, without a sentence: there is none, or what is there is no JSON object of STORE_SCHEMA,
// which is said on stderr the first time; -errno it cannot be read; -ENOMEM.
int store_get(struct store *store, const struct shira_hash *hash, char **text, size_t *size,
              struct shira_error *error);

// Writes a result. Blocks on the disk. Errors: those of shira_whole_write.
int store_put(struct store *store, const struct shira_hash *hash, const char *text, size_t size,
              struct shira_error *error);

// Writes the manifest of a run. `name` is that of a file: no '/', no '.' in front. Results that are
// named here stay when others are removed: write it before the results. Errors: -EINVAL such a
// name; those of shira_whole_write.
int store_run_put(struct store *store, const char *name, const char *text, size_t size,
                  struct shira_error *error);

struct store_entry {
  struct shira_hash hash;
  size_t size; // of the text, bytes
  time_t written;
  const char *text; // NUL behind it; during the call only
};

// Calls `each` for every result, by hash, until it returns anything but 0, which is then returned.
// Errors: -errno, with a sentence. What is no result in the sense of store_get is left out.
int store_list(struct store *store, int (*each)(void *arg, const struct store_entry *entry),
               void *arg, struct shira_error *error);

struct store_gc {
  uint64_t results, result_bytes; // that no manifest names
  uint64_t parts, part_bytes;     // temporary files of writers that have died
  uint64_t kept, kept_bytes;      // results that a manifest names
};

// Removes the results that no manifest names, readable or not, and what writers that have died left
// behind; a `dry_run` only counts. Errors, with a sentence: -EBUSY another process uses the store;
// -EINVAL a file in runs/ is no manifest, so that what it names is not known (nothing is removed);
// -errno of a file.
int store_gc(struct store *store, bool dry_run, struct store_gc *out, struct shira_error *error);

#endif
