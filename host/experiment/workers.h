// Worker processes: copies of this one that do one task each and hand back text.
//
// A worker is forked, so that it starts from all that this process has prepared and changes none of
// it. It ends with this process, however that ends. Single-threaded.
#ifndef SHIRA_EXPERIMENT_WORKERS_H
#define SHIRA_EXPERIMENT_WORKERS_H

#include <stdint.h>
#include <stdio.h>

#include "shira/error.h"

// How a task ended.
struct workers_outcome {
  uint32_t task;
  int rc;                   // of the task, or -errno where the worker was lost
  struct shira_error error; // where rc is not 0
  char *text;               // what it has written, NUL-terminated; valid during the call
  size_t size;
};

struct workers;

// Does task `task` in a worker: writes what it has to say to `out`, returns 0 or -errno with a
// sentence.
typedef int (*workers_task)(void *arg, uint32_t task, FILE *out, struct shira_error *err);
// Takes the outcome of a task, in the process that started it.
typedef void (*workers_done)(void *arg, const struct workers_outcome *outcome);

// At most `jobs` workers at a time (0: one a processor). SIGINT and SIGTERM end them, from here to
// workers_close. Returns NULL without memory.
struct workers *workers_open(unsigned jobs, workers_task task, workers_done done, void *arg);

// Waits until a worker may be started.
void workers_wait_free(struct workers *w);
// Starts a task, when there is room. After a signal it ends with -EINTR at once.
void workers_start(struct workers *w, uint32_t task);
// Waits for all.
void workers_wait_all(struct workers *w);
// Whether a signal has ended the work.
int workers_stopped(const struct workers *w);

// Ends what still runs.
void workers_close(struct workers *w);

#endif
