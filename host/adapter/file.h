// Files that appear under their name only when they are whole.
#ifndef SHIRA_ADAPTER_FILE_H
#define SHIRA_ADAPTER_FILE_H

#include <limits.h>
#include <stddef.h>
#include <stdio.h>

#include "shira/error.h"

struct shira_file {
  FILE *stream;
  char path[PATH_MAX], part[PATH_MAX];
};

// Starts "<path>.part". Errors: -ENAMETOOLONG, the errno of fopen.
int shira_file_create(struct shira_file *file, const char *path, struct shira_error *error);

// Appends bytes; a failure is kept for shira_file_commit.
void shira_file_write(struct shira_file *file, const void *bytes, size_t n);

// Closes the file and gives it its name, over one that is there. On any failure since the start it
// removes the part instead and returns -errno. The file is closed in both cases.
int shira_file_commit(struct shira_file *file, struct shira_error *error);

#endif
