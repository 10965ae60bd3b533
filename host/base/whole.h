// Files written whole: whoever reads a name finds all of the old content or all of the new.
#ifndef SHIRA_BASE_WHOLE_H
#define SHIRA_BASE_WHOLE_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "shira/error.h"

#ifdef __cplusplus
extern "C" {
#endif

// A file on its way to its name. Content is printed to `out`; the other members are private. It is
// collected in a temporary file beside the final one, ".NAME.PID-N.part", which the process keeps
// locked (flock), so that others can tell a file in the making from one whose writer has died. The
// struct stays where it is until the end.
struct shira_whole {
  FILE *out;
  int fd;     // of the temporary file
  int failed; // errno of the first write that failed, 0
  int folder; // descriptor of the folder
  char path[PATH_MAX];
  char name[NAME_MAX + 1], part[NAME_MAX + 1]; // within the folder
};

// Begins a file that will be `path`, in a folder that is there. End it with shira_whole_end or
// shira_whole_drop, by the process that began it. Errors, with a sentence, after which nothing is
// to be ended: -ENAMETOOLONG; -EEXIST something that is no regular file has that name; -errno of
// the folder or of the temporary file.
int shira_whole_begin(struct shira_whole *w, const char *path, struct shira_error *error);

// Gives the content its name, over a file or symbolic link that has it: written out, synced,
// renamed, the folder synced. Blocks on the disk. Errors, with a sentence: -errno of whatever
// failed since the beginning, writes to `out` included; then the temporary file is gone and what
// had the name is still there (only where the folder cannot be synced it is the new content).
int shira_whole_end(struct shira_whole *w, struct shira_error *error);

// Gives up: what had the name stays.
void shira_whole_drop(struct shira_whole *w);

// All of that for `size` bytes in memory. Errors: those of shira_whole_begin and shira_whole_end.
int shira_whole_write(const char *path, const void *data, size_t size, struct shira_error *error);

// Removes the temporary files in `folder` whose writers have died, and adds their number and bytes
// to *count and *bytes (either may be NULL). A `dry_run` only counts. A folder that is not there
// has none. Files in the making stay, of any process and machine. Errors: -errno, with a sentence.
int shira_whole_sweep(const char *folder, int dry_run, uint64_t *count, uint64_t *bytes,
                      struct shira_error *error);

// Makes a folder and those above it. Errors: -errno, with a sentence.
int shira_make_folder(const char *path, struct shira_error *error);

#ifdef __cplusplus
}
#endif

#endif
