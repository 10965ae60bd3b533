#include "host/experiment/workers.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct worker {
  pid_t pid; // 0: none
  uint32_t task;
  int file; // memory in which it leaves how it ended, and its text
};

// What a worker leaves before its text.
struct header {
  int rc;
  struct shira_error error;
};

struct workers {
  unsigned jobs, running;
  workers_task task;
  workers_done done;
  void *arg;
  bool stopped;   // by SIGINT or SIGTERM
  sigset_t was;   // signals that were blocked before
  sigset_t waits; // SIGCHLD, SIGINT, SIGTERM: blocked, and taken where this process waits
  struct worker worker[];
};

struct workers *workers_open(unsigned jobs, workers_task task, workers_done done, void *arg) {
  const long processors = sysconf(_SC_NPROCESSORS_ONLN);
  if (!jobs)
    jobs = processors > 0 ? (unsigned)processors : 1;
  struct workers *w = calloc(1, sizeof(*w) + jobs * sizeof(w->worker[0]));
  if (!w)
    return NULL;
  w->jobs = jobs;
  w->task = task;
  w->done = done;
  w->arg = arg;
  sigemptyset(&w->waits);
  sigaddset(&w->waits, SIGCHLD);
  sigaddset(&w->waits, SIGINT);
  sigaddset(&w->waits, SIGTERM);
  sigprocmask(SIG_BLOCK, &w->waits, &w->was);
  return w;
}

// Takes a signal that has come, or waits for one.
static void take_signal(struct workers *w, bool wait) {
  const struct timespec at_once = {0, 0};
  const int signal = wait ? sigwaitinfo(&w->waits, NULL) : sigtimedwait(&w->waits, NULL, &at_once);
  w->stopped = w->stopped || signal == SIGINT || signal == SIGTERM;
}

int workers_stopped(const struct workers *w) {
  return w->stopped;
}

static void tell(struct workers *w, uint32_t task, int rc, const char *sentence) {
  struct workers_outcome o = {.task = task, .rc = rc};
  shira_fail(&o.error, -rc, "%s", sentence);
  w->done(w->arg, &o);
}

// ---- In the worker ----------------------------------------------------------------------------

static _Noreturn void work(const struct workers *w, uint32_t task, int file, pid_t parent) {
  struct header h = {0};
  signal(SIGINT, SIG_IGN); // the parent ends its workers itself
  sigprocmask(SIG_SETMASK, &w->was, NULL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent)
    _exit(1);
  FILE *out = fdopen(file, "w");
  bool lost = !out || fseek(out, sizeof(h), SEEK_SET);
  if (!lost)
    h.rc = w->task(w->arg, task, out, &h.error);
  lost = lost || ferror(out) || fflush(out) || pwrite(file, &h, sizeof(h), 0) != (ssize_t)sizeof(h);
  _exit(lost);
}

// ---- In the process that starts them ----------------------------------------------------------

static int read_all(int file, char *to, size_t size, off_t at) {
  while (size) {
    const ssize_t n = pread(file, to, size, at);
    if (n <= 0)
      return -EIO;
    to += n;
    size -= (size_t)n;
    at += n;
  }
  return 0;
}

static void take(struct workers *w, struct worker *k, int status) {
  struct workers_outcome o = {.task = k->task};
  struct header h;
  const off_t end = lseek(k->file, 0, SEEK_END);
  if (WIFSIGNALED(status)) {
    o.rc = shira_fail(&o.error, w->stopped ? EINTR : EIO, "its process was ended by signal %d (%s)",
                      WTERMSIG(status), strsignal(WTERMSIG(status)));
  } else if (WEXITSTATUS(status) || end < (off_t)sizeof(h) ||
             read_all(k->file, (char *)&h, sizeof(h), 0)) {
    o.rc = shira_fail(&o.error, EIO, "its process left no result");
  } else {
    o.rc = h.rc;
    o.error = h.error;
    o.size = (size_t)end - sizeof(h);
    o.text = malloc(o.size + 1);
    if (!o.text || read_all(k->file, o.text, o.size, sizeof(h)))
      o.rc = shira_fail(&o.error, ENOMEM, "out of memory");
    else
      o.text[o.size] = 0;
  }
  close(k->file);
  k->pid = 0;
  w->running--;
  w->done(w->arg, &o);
  free(o.text);
}

static void stop_all(struct workers *w) {
  for (unsigned i = 0; i < w->jobs; i++)
    if (w->worker[i].pid)
      kill(w->worker[i].pid, SIGKILL);
}

// Waits until one of them ends, and takes what it left.
static void wait_one(struct workers *w) {
  for (;;) {
    if (w->stopped)
      stop_all(w);
    for (unsigned i = 0; i < w->jobs; i++) {
      int status;
      struct worker *k = &w->worker[i];
      if (k->pid && waitpid(k->pid, &status, WNOHANG) == k->pid) {
        take(w, k, status);
        return;
      }
    }
    take_signal(w, true);
  }
}

void workers_wait_free(struct workers *w) {
  while (w->running == w->jobs)
    wait_one(w);
}

void workers_wait_all(struct workers *w) {
  while (w->running)
    wait_one(w);
}

void workers_start(struct workers *w, uint32_t task) {
  workers_wait_free(w);
  take_signal(w, false);
  if (w->stopped) {
    tell(w, task, -EINTR, "the run was ended by a signal");
    return;
  }
  struct worker *k = w->worker;
  while (k->pid)
    k++;
  const pid_t self = getpid();
  k->task = task;
  k->file = memfd_create("result", MFD_CLOEXEC);
  fflush(NULL); // or the worker would write it again
  k->pid = k->file < 0 ? -1 : fork();
  if (k->pid == 0)
    work(w, task, k->file, self);
  if (k->pid > 0) {
    w->running++;
    return;
  }
  struct shira_error err;
  const int rc = shira_fail(&err, errno, "no worker process: %s", strerror(errno));
  if (k->file >= 0)
    close(k->file);
  k->pid = 0;
  tell(w, task, rc, err.text);
}

void workers_close(struct workers *w) {
  if (!w)
    return;
  if (w->running) {
    stop_all(w);
    workers_wait_all(w);
  }
  sigprocmask(SIG_SETMASK, &w->was, NULL);
  free(w);
}
