#include "host/adapter/file.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

int shira_file_create(struct shira_file *file, const char *path, struct shira_error *error) {
  memset(file, 0, sizeof *file);
  if ((size_t)snprintf(file->path, sizeof file->path, "%s", path) >= sizeof file->path ||
      (size_t)snprintf(file->part, sizeof file->part, "%s.part", path) >= sizeof file->part)
    return shira_fail(error, ENAMETOOLONG, "cannot create '%.256s...': name too long", path);
  file->stream = fopen(file->part, "wbe");
  if (!file->stream)
    return shira_fail(error, errno, "cannot create '%s': %s", file->part, strerror(errno));
  return 0;
}

void shira_file_write(struct shira_file *file, const void *bytes, size_t n) {
  if (n && !ferror(file->stream))
    fwrite(bytes, 1, n, file->stream); // the stream remembers an error
}

int shira_file_commit(struct shira_file *file, struct shira_error *error) {
  errno = 0;
  bool failed = ferror(file->stream);
  failed |= fclose(file->stream) != 0;
  file->stream = NULL;
  if (!failed && rename(file->part, file->path) == 0)
    return 0;
  int err = errno ? errno : EIO;
  remove(file->part);
  return shira_fail(error, err, "cannot write '%s': %s", file->path, strerror(err));
}
