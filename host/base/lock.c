#include "host/base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum { LOOKS = 6, LOOK_NS = 20000000 }; // how often, and how far apart, an owner's line is read

// Opens the file of a folder's lock. -errno with a sentence, nothing open.
static int open_file(struct shira_lock *lock, const char *folder, int how,
                     struct shira_error *error) {
  char path[PATH_MAX];
  lock->fd = -1;
  if ((size_t)snprintf(path, sizeof(path), "%s/.lock", folder) >= sizeof(path))
    return shira_fail(error, ENAMETOOLONG, "cannot lock '%.256s...': %s", folder,
                      strerror(ENAMETOOLONG));
  lock->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock->fd < 0 && how == LOCK_SH && (errno == EROFS || errno == EACCES))
    lock->fd = open(path, O_RDONLY | O_CLOEXEC); // who only reads
  return lock->fd < 0 ? shira_fail(error, errno, "cannot lock '%s': %s", folder, strerror(errno))
                      : 0;
}

// Reads the line in which the owner of a lock says who it is: empty if it shares the lock, has not
// written yet or is about to leave.
static void read_owner(int fd, char owner[static 320]) {
  ssize_t n = pread(fd, owner, 319, 0);
  owner[n > 0 ? n : 0] = 0;
  owner[strcspn(owner, "\n")] = 0;
}

static int busy(const char *owner, const char *folder, struct shira_error *error) {
  return shira_fail(error, EBUSY, "'%s' is in use by %s", folder,
                    *owner ? owner : "another process");
}

// Locks the open file by `how` of flock. An owner without a name is looked at again, as it may be
// just coming or going.
static int lock_file(int fd, int how, const char *folder, struct shira_error *error) {
  char owner[320];
  for (int look = 0; flock(fd, how | LOCK_NB); look++) {
    if (errno != EWOULDBLOCK)
      return shira_fail(error, errno, "cannot lock '%s': %s", folder, strerror(errno));
    read_owner(fd, owner);
    if (*owner || look == LOOKS)
      return busy(owner, folder, error);
    nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
  }
  return 0;
}

static int give_up(struct shira_lock *lock, int rc) {
  if (lock->fd >= 0)
    close(lock->fd);
  lock->fd = -1;
  return rc;
}

static int open_lock(struct shira_lock *lock, const char *folder, int how,
                     struct shira_error *error) {
  int rc = open_file(lock, folder, how, error);
  if (!rc)
    rc = lock_file(lock->fd, how, folder, error);
  return rc ? give_up(lock, rc) : 0;
}

int shira_lock_take(struct shira_lock *lock, const char *folder, const char *command,
                    struct shira_error *error) {
  int rc = open_lock(lock, folder, LOCK_EX, error);
  if (rc)
    return rc;
  char host[HOST_NAME_MAX + 1] = "", began[32], line[320];
  time_t now = time(NULL);
  struct tm tm;
  gethostname(host, sizeof(host) - 1);
  strftime(began, sizeof(began), "%Y-%m-%d %H:%M:%S", localtime_r(&now, &tm));
  int length = snprintf(line, sizeof(line), "process %ld on %s since %s: %s", (long)getpid(), host,
                        began, command);
  size_t size = length < (int)sizeof(line) ? (size_t)length : sizeof(line) - 1;
  line[size++] = '\n'; // in place of the NUL
  errno = 0;
  if (!ftruncate(lock->fd, 0) && pwrite(lock->fd, line, size, 0) == (ssize_t)size)
    return 0;
  rc = shira_fail(error, errno ? errno : ENOSPC, "cannot write '%s/.lock': %s", folder,
                  strerror(errno ? errno : ENOSPC));
  return give_up(lock, rc);
}

int shira_lock_share(struct shira_lock *lock, const char *folder, struct shira_error *error) {
  return open_lock(lock, folder, LOCK_SH, error);
}

int shira_lock_alone(struct shira_lock *lock, int alone, const char *folder,
                     struct shira_error *error) {
  if (!flock(lock->fd, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB))
    return 0;
  int err = errno;
  // flock gives the old lock back before it tries the new one (flock(2)).
  if (err == EWOULDBLOCK && !flock(lock->fd, LOCK_SH | LOCK_NB)) {
    char owner[320];
    read_owner(lock->fd, owner);
    return busy(owner, folder, error);
  }
  return shira_fail(error, err == EWOULDBLOCK ? EBUSY : err, "cannot lock '%s': %s", folder,
                    strerror(err));
}

void shira_lock_release(struct shira_lock *lock) {
  if (lock->fd < 0)
    return;
  // Emptied first: the next owner must not be taken for this one.
  int kept = ftruncate(lock->fd, 0); // then the line tells who had it last, which does no harm
  (void)kept;
  flock(lock->fd, LOCK_UN);
  give_up(lock, 0);
}

void shira_lock_leave(struct shira_lock *lock) {
  give_up(lock, 0);
}
