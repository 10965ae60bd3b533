#include "host/base/whole.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

// Whether it reads ".NAME.PID-N.part".
static bool is_part(const char *name) {
  unsigned long pid, n;
  int end = 0;
  const char *dot = strrchr(name, '.');
  if (*name != '.' || !dot)
    return false;
  while (dot > name && *--dot != '.')
    ;
  return dot > name && sscanf(dot, ".%lu-%lu.part%n", &pid, &n, &end) == 2 && !dot[end];
}

static int cannot_write(const char *path, int err, struct shira_error *error) {
  return shira_fail(error, err, "cannot write '%s': %s", path, strerror(err));
}

// Splits w->path; opens its folder.
static int open_folder(struct shira_whole *w, struct shira_error *error) {
  char folder[PATH_MAX];
  const char *slash = strrchr(w->path, '/');
  const char *name = slash ? slash + 1 : w->path;
  if (!*name)
    return cannot_write(w->path, EISDIR, error);
  if ((size_t)snprintf(w->name, sizeof(w->name), "%s", name) >= sizeof(w->name))
    return cannot_write(w->path, ENAMETOOLONG, error);
  snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - w->path + 1) : 1,
           slash ? w->path : ".");
  w->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return w->folder < 0 ? cannot_write(w->path, errno, error) : 0;
}

// Makes and locks a temporary file of a new name, and returns its descriptor or -errno. A sweep may
// take the file between open and flock, as its writer seems to be dead: then another is made.
static int open_part(struct shira_whole *w) {
  for (unsigned n = 0;; n++) {
    if ((size_t)snprintf(w->part, sizeof(w->part), ".%s.%ld-%u.part", w->name, (long)getpid(), n) >=
        sizeof(w->part))
      return -ENAMETOOLONG;
    int fd = openat(w->folder, w->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 && errno == EEXIST)
      continue;
    if (fd < 0)
      return -errno;
    struct stat st;
    int err = flock(fd, LOCK_EX) || fstat(fd, &st) ? errno : 0;
    if (!err && st.st_nlink)
      return fd;
    close(fd);
    if (err) {
      unlinkat(w->folder, w->part, 0);
      return -err;
    }
  }
}

// Behind `out`: a FILE of its own would forget the errno of a write that fails, and drop its bytes.
static ssize_t write_part(void *cookie, const char *data, size_t size) {
  struct shira_whole *w = cookie;
  size_t done = 0;
  while (!w->failed && done < size) {
    ssize_t n = write(w->fd, data + done, size - done);
    if (n > 0)
      done += (size_t)n;
    else if (n == 0 || errno != EINTR)
      w->failed = n ? errno : EIO;
  }
  return (ssize_t)done;
}

int shira_whole_begin(struct shira_whole *w, const char *path, struct shira_error *error) {
  memset(w, 0, sizeof(*w));
  if ((size_t)snprintf(w->path, sizeof(w->path), "%s", path) >= sizeof(w->path))
    return shira_fail(error, ENAMETOOLONG, "cannot write '%.256s...': %s", path,
                      strerror(ENAMETOOLONG));
  int rc = open_folder(w, error);
  if (rc)
    return rc;
  struct stat st;
  int err = 0;
  // A rename would replace a device file or pipe, not write to it.
  if (!fstatat(w->folder, w->name, &st, 0) && !S_ISREG(st.st_mode)) {
    rc = shira_fail(error, EEXIST, "cannot write '%s': it is there and is no regular file", path);
    goto close_folder;
  }
  w->fd = open_part(w);
  if (w->fd < 0) {
    rc = cannot_write(path, -w->fd, error);
    goto close_folder;
  }
  w->out = fopencookie(w, "w", (cookie_io_functions_t){.write = write_part});
  if (w->out)
    return 0;
  err = errno;
  unlinkat(w->folder, w->part, 0);
  close(w->fd);
  rc = cannot_write(path, err, error);
close_folder:
  close(w->folder);
  return rc;
}

// Some file systems cannot sync a folder, and say so.
static int sync_folder(int fd) {
  return fsync(fd) && errno != EINVAL && errno != ENOTSUP ? errno : 0;
}

int shira_whole_end(struct shira_whole *w, struct shira_error *error) {
  bool lost = ferror(w->out);
  lost |= fclose(w->out) != 0;
  int err = w->failed ? w->failed : lost ? EIO : 0;
  if (!err && (fsync(w->fd) || renameat(w->folder, w->part, w->folder, w->name)))
    err = errno;
  if (err)
    unlinkat(w->folder, w->part, 0);
  // The lock went on until the file had its name: without it, a sweep would take it.
  if (close(w->fd) && !err)
    err = errno;
  if (!err)
    err = sync_folder(w->folder);
  close(w->folder);
  return err ? cannot_write(w->path, err, error) : 0;
}

void shira_whole_drop(struct shira_whole *w) {
  unlinkat(w->folder, w->part, 0);
  fclose(w->out);
  close(w->fd);
  close(w->folder);
}

int shira_whole_write(const char *path, const void *data, size_t size, struct shira_error *error) {
  struct shira_whole w;
  int rc = shira_whole_begin(&w, path, error);
  if (rc)
    return rc;
  fwrite(data, 1, size, w.out); // an error is remembered
  return shira_whole_end(&w, error);
}

// Locks the file `fd`. 1 done, 0 another process has it, -errno.
static int lock_part(int fd) {
  if (!flock(fd, LOCK_EX | LOCK_NB))
    return 1;
  return errno == EWOULDBLOCK ? 0 : -errno;
}

// Removes a temporary file whose writer has died. 1 it had, 0 it lives or the file is gone, -errno.
static int sweep_one(int folder, const char *name, int dry_run, uint64_t *bytes) {
  struct stat opened, named;
  int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return errno == ENOENT || errno == ELOOP ? 0 : -errno;
  int rc = fstat(fd, &opened) ? -errno : S_ISREG(opened.st_mode) ? lock_part(fd) : 0;
  // Between open and lock its writer may have given the file its final name, and begun another.
  if (rc == 1 && (fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) ||
                  named.st_ino != opened.st_ino || named.st_dev != opened.st_dev))
    rc = 0;
  if (rc == 1 && !dry_run && unlinkat(folder, name, 0))
    rc = -errno;
  if (rc == 1)
    *bytes += (uint64_t)opened.st_size;
  close(fd);
  return rc;
}

int shira_whole_sweep(const char *folder, int dry_run, uint64_t *count, uint64_t *bytes,
                      struct shira_error *error) {
  DIR *dir = opendir(folder);
  if (!dir)
    return errno == ENOENT
               ? 0
               : shira_fail(error, errno, "cannot open '%s': %s", folder, strerror(errno));
  int rc = 0;
  for (struct dirent *e; !rc && (e = readdir(dir));) {
    uint64_t n = 0;
    if (!is_part(e->d_name))
      continue;
    int gone = sweep_one(dirfd(dir), e->d_name, dry_run, &n);
    if (gone < 0)
      rc =
          shira_fail(error, -gone, "cannot remove '%s/%s': %s", folder, e->d_name, strerror(-gone));
    else if (gone && count)
      ++*count;
    if (bytes)
      *bytes += n;
  }
  closedir(dir);
  return rc;
}

int shira_make_folder(const char *path, struct shira_error *error) {
  char part[PATH_MAX];
  struct stat st;
  if ((size_t)snprintf(part, sizeof(part), "%s", path) >= sizeof(part))
    return shira_fail(error, ENAMETOOLONG, "cannot make folder '%.256s...': %s", path,
                      strerror(ENAMETOOLONG));
  for (char *p = part + (*part == '/');; p++) {
    if (*p && *p != '/')
      continue;
    char was = *p;
    *p = 0;
    int err = mkdir(part, 0777) && errno != EEXIST ? errno : 0;
    if (!err && !was && !stat(part, &st) && !S_ISDIR(st.st_mode))
      err = ENOTDIR;
    if (err)
      return shira_fail(error, err, "cannot make folder '%s': %s", part, strerror(err));
    *p = was;
    if (!was)
      return 0;
  }
}
