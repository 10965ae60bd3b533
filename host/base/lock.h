// A folder for one process at a time: a lock that goes with the process, and says whose it is.
#ifndef SHIRA_BASE_LOCK_H
#define SHIRA_BASE_LOCK_H

#include "shira/error.h"

#ifdef __cplusplus
extern "C" {
#endif

// A flock on ".lock" in a folder. The file stays when the lock is given back, empty.
struct shira_lock {
  int fd; // -1: it holds none
};

#define SHIRA_LOCK_NONE                                                                            \
  { -1 }

// Takes the lock of `folder`, which is there, for this process alone, without waiting. The file
// then says who has it: process, host, when it was taken, and `command`, one line. Give it back
// with shira_lock_release; a process that ends in any way gives it back too. Processes forked after
// this hold it as well, until they call shira_lock_leave or end. Errors, with a sentence, *lock
// holding none: -EBUSY another process has it, and which; -errno of the file.
int shira_lock_take(struct shira_lock *lock, const char *folder, const char *command,
                    struct shira_error *error);

// Takes the lock of `folder` together with others that share it, without waiting. The file is not
// written. Errors: as shira_lock_take; -EBUSY a process has it alone.
int shira_lock_share(struct shira_lock *lock, const char *folder, struct shira_error *error);

// Turns a shared lock into one of this process alone, or back (not `alone`), without waiting.
// -EBUSY, with a sentence naming `folder`: others share it; it is then shared as before.
int shira_lock_alone(struct shira_lock *lock, int alone, const char *folder,
                     struct shira_error *error);

// Gives the lock back, for all processes that hold it by inheritance too.
void shira_lock_release(struct shira_lock *lock);

// In a process that was forked: no longer holds its parent's lock, which the parent keeps.
void shira_lock_leave(struct shira_lock *lock);

#ifdef __cplusplus
}
#endif

#endif
