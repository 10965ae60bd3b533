#include "host/experiment/timing.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define EIGHTHS 8u
// What lasts less than this many refresh intervals gets a sample in each eighth of one, what lasts
// longer gets two.
#define SHORT_INTERVALS 32u
#define LONG_SAMPLES 2u

// What a sample gives; lies in memory that its process and this one share.
struct taken {
  int rc;
  struct shira_error error;
  double seconds; // wall time
  uint64_t cycles;
  struct shira_phases phases;
  uint64_t counters[SHIRA_COUNTER_COUNT];
  struct shira_dram_stats memory;
};

static void keep(struct taken *t, const struct outcome *run) {
  t->cycles = run->r.cycles;
  t->phases = run->phases;
  t->memory = run->memory;
  memcpy(t->counters, run->counters, sizeof(t->counters));
}

// Runs the program once, from the defined state.
static int sample(struct station *s, const struct shira_program *p, const char *what,
                  uint32_t eighth, struct outcome *run, struct shira_error *err) {
  memset(run, 0, sizeof(*run));
  int rc = station_settle(s, eighth, err);
  return rc ? rc : station_run(s, p, what, run, err);
}

static _Noreturn void sample_and_exit(struct station *s, const struct shira_program *p,
                                      const char *what, uint32_t eighth, struct taken *t) {
  struct outcome run;
  const double before = s->seconds;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  t->rc = sample(s, p, what, eighth, &run, &t->error);
  keep(t, &run);
  t->seconds = s->seconds - before;
  _exit(0);
}

// Takes a sample on a copy of the device.
static int sample_apart(struct station *s, const struct shira_program *p, const char *what,
                        uint32_t eighth, struct taken *t, struct shira_error *err) {
  int status;
  const pid_t pid = fork();
  if (pid == 0)
    sample_and_exit(s, p, what, eighth, t);
  if (pid < 0)
    return shira_fail(err, errno, "%s on %s: no process for a sample: %s", what, s->backend,
                      strerror(errno));
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR)
      return shira_fail(err, errno, "%s on %s: a sample is lost: %s", what, s->backend,
                        strerror(errno));
  if (!WIFEXITED(status) || WEXITSTATUS(status))
    return shira_fail(err, EIO, "%s on %s: the process of a sample ended by signal %d", what,
                      s->backend, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  s->seconds += t->seconds;
  s->cycles_apart += t->cycles;
  if (t->rc && err)
    *err = t->error;
  return t->rc;
}

static void choose_median(struct shira_measure *m, const struct taken *taken) {
  uint32_t order[SHIRA_MAX_SAMPLES], n = m->n_samples;
  for (uint32_t i = 0; i < n; i++) {
    uint32_t k = i;
    for (; k && taken[order[k - 1]].cycles > taken[i].cycles; k--)
      order[k] = order[k - 1];
    order[k] = i;
  }
  m->median = order[n / 2];
  const struct taken *t = &taken[m->median];
  m->phases = t->phases;
  m->memory = t->memory;
  memcpy(m->counters, t->counters, sizeof(m->counters));
}

// Which samples there are: all eighths of what is short, the first and the fifth of what is long,
// one where memory is not refreshed or the run wants no more. Told from the first.
static uint32_t samples_of(const struct station *s, uint32_t most, uint64_t cycles) {
  uint32_t n = s->refresh_cycles == 0                                   ? 1
               : cycles < SHORT_INTERVALS * (uint64_t)s->refresh_cycles ? EIGHTHS
                                                                        : LONG_SAMPLES;
  return most && most < n ? most : n;
}

// Takes the samples of a program that takes time; *run is the last one's.
static int take_samples(struct bench *b, const struct shira_program *p, const char *what,
                        struct taken *taken, struct shira_measure *m, struct outcome *run,
                        struct shira_error *err) {
  struct station *s = &b->seat[SEAT_DEVICE].station;
  const uint32_t most = b->options->samples;
  int rc = 0;
  m->n_samples = 1;
  if (most != 1 && s->refresh_cycles) {
    rc = sample_apart(s, p, what, 0, &taken[0], err);
    if (rc)
      return rc;
    m->n_samples = samples_of(s, most, taken[0].cycles);
  }
  const uint32_t n = m->n_samples;
  for (uint32_t i = 0; i < n; i++)
    m->sample[i].eighth = i * EIGHTHS / n;
  for (uint32_t i = 1; !rc && i + 1 < n; i++)
    rc = sample_apart(s, p, what, m->sample[i].eighth, &taken[i], err);
  if (!rc)
    rc = sample(s, p, what, m->sample[n - 1].eighth, run, err);
  keep(&taken[n - 1], run);
  for (uint32_t i = 0; i < n; i++)
    m->sample[i].cycles = taken[i].cycles;
  choose_median(m, taken);
  return rc;
}

int timing_take(struct bench *b, bench_plan plan, const void *arg, const char *what,
                struct shira_measure *m, bool *same, struct shira_error *err) {
  struct station *s = &b->seat[SEAT_DEVICE].station;
  const size_t bytes = SHIRA_MAX_SAMPLES * sizeof(struct taken);
  struct shira_program p;
  struct outcome run = {0};
  *same = true;
  int rc = bench_plan_for(b, SEAT_DEVICE, plan, arg, what, &p, err);
  if (rc)
    return rc;
  struct taken *taken =
      mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (taken == MAP_FAILED)
    rc = shira_fail(err, ENOMEM, "out of memory");
  else if (p.n == 0) // a pointer changes: one sample of no cycles
    m->n_samples = s->timed;
  else if (s->timed)
    rc = take_samples(b, &p, what, taken, m, &run, err);
  else
    rc = station_run(s, &p, what, &run, err);
  if (!rc && !s->timed) // what was moved is known without time
    memcpy(m->counters, run.counters, sizeof(m->counters));
  if (!rc)
    rc = bench_follow(b, plan, arg, what, &run, same, err);
  run_free(&run);
  shira_program_free(&p);
  if (taken != MAP_FAILED)
    munmap(taken, bytes);
  return rc;
}
