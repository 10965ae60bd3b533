#include "host/experiment/station.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

// A run that takes longer than this many cycles hangs: it is a thousand passes of 128 tokens
// through the weights that fill edge16, and half an hour of simulation.
#define RUN_DEADLINE (UINT64_C(1) << 32)
// Rings hold the longest program of the default experiment, so that a switch is one doorbell; of a
// small memory they take an eighth at most.
#define RING_ENTRIES 16384u
#define ENTRY_BYTES (sizeof(union shira_descriptor) + sizeof(struct shira_completion))

double seconds_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static uint32_t ring_entries(const struct shira_machine *hw) {
  uint32_t entries = RING_ENTRIES;
  while (entries * ENTRY_BYTES > hw->memory_bytes / 8)
    entries /= 2;
  return entries;
}

int station_open(struct station *s, const char *backend, const struct shira_machine *hw,
                 const struct shira_run_options *options, struct shira_error *err) {
  char library[1024];
  snprintf(library, sizeof(library), "%s/%08x/%s", options->rtl_root, shira_machine_rtl_hash(hw),
           options->rtl_library ? options->rtl_library : "libshira_rtl.so");
  struct shira_device_options dev = {
      .machine = hw,
      .rtl_library = library,
      .seed = options->seed,
      .stall_percent = options->stall_percent,
      .max_cycles = options->max_cycles,
      .waves = strcmp(backend, "golden") ? options->waves : NULL, // it knows no cycles
      .waves_from = options->waves_from,
      .waves_to = options->waves_to,
      .dram_trace = strcmp(backend, "golden") ? options->dram_trace : NULL,
  };
  struct shira_driver_options drv = {.ring_entries = ring_entries(hw)};
  memset(s, 0, sizeof(*s));
  s->backend = backend;
  int rc = shira_open_with(backend, &dev, hw, &drv, &s->drv, err);
  if (rc)
    return rc;
  struct shira_device_info info;
  struct shira_device *open = shira_driver_device(s->drv);
  open->ops->describe(open, &info);
  s->timed = info.timed;
  s->refresh_cycles = info.refresh_cycles;
  return 0;
}

uint64_t station_cycles(const struct station *s) {
  struct shira_device *device = shira_driver_device(s->drv);
  struct shira_device_info info;
  device->ops->describe(device, &info);
  return info.cycles;
}

int station_sequential(const struct station *s, double *mb_s, struct shira_error *err) {
  struct shira_device *device = shira_driver_device(s->drv);
  int rc = device->ops->sequential(device, mb_s);
  return rc ? shira_fail(err, -rc, "%s: its memory was not measured: %s", s->backend, strerror(-rc))
            : 0;
}

int station_settle(struct station *s, uint32_t eighth, struct shira_error *err) {
  struct shira_device *device = shira_driver_device(s->drv);
  int rc = shira_reset(s->drv);
  if (rc)
    return shira_fail(err, -rc, "%s: %s", s->backend, shira_driver_error(s->drv));
  rc = device->ops->settle(device, eighth);
  return rc ? shira_fail(err, -rc, "%s: its memory does not settle: %s", s->backend, strerror(-rc))
            : 0;
}

void station_close(struct station *s) {
  shira_close(s->drv);
  memset(s, 0, sizeof(*s));
}

int station_upload(struct station *s, const void *data, size_t bytes, enum shira_mem_kind kind,
                   struct shira_mem *mem, struct shira_error *err) {
  size_t size = bytes ? bytes : 1;
  int rc =
      kind == SHIRA_MEM_HOST ? shira_alloc_host(s->drv, size, mem) : shira_alloc(s->drv, size, mem);
  if (rc)
    return shira_fail(err, -rc, "%s: %s", s->backend, shira_driver_error(s->drv));
  if (data)
    memcpy(mem->host, data, bytes);
  return 0;
}

// Splits doorbell..last completion at the first start, first data, first and last work of any
// descriptor.
static void split_phases(const struct shira_run_result *r, struct shira_phases *ph) {
  uint64_t start = UINT64_MAX, data = UINT64_MAX, first = UINT64_MAX, last = 0;
  for (uint32_t i = 0; i < r->ended; i++) {
    const struct shira_completion *c = &r->completions[i];
    uint64_t t = c->t_start;
    start = t < start ? t : start;
    if (c->first_data_delta && t + c->first_data_delta < data)
      data = t + c->first_data_delta;
    if (c->first_work_delta && t + c->first_work_delta < first)
      first = t + c->first_work_delta;
    if (c->last_work_delta && t + c->last_work_delta > last)
      last = t + c->last_work_delta;
  }
  if (!r->cycles || first == UINT64_MAX)
    return;
  data = data > first ? first : data; // a program that needs no data from memory
  ph->fetch = start - r->doorbell_cycle;
  ph->stream = data - start;
  ph->decode = first - data;
  ph->work = last - first;
  ph->drain = r->completion_cycle - last;
}

// Counters run from their clearing to their reading, a little longer than the program, while every
// engine is idle: takes those cycles off, so that an engine's states sum to the program's cycles.
static bool trim_counters(uint64_t cycles, uint64_t *counters) {
  for (unsigned e = 0; e < SHIRA_ENGINE_COUNT; e++) {
    uint64_t *state = &counters[e * SHIRA_ENGINE_STATES], sum = 0;
    for (unsigned i = 0; i < SHIRA_ENGINE_STATES; i++)
      sum += state[i];
    uint64_t *idle = &state[SHIRA_ENGINE_STATES - 1];
    if (sum < cycles || *idle < sum - cycles)
      return false;
    *idle -= sum - cycles;
  }
  counters[SHIRA_COUNTER_CYCLES] = cycles;
  return true;
}

int station_run(struct station *s, const struct shira_program *p, const char *what,
                struct outcome *out, struct shira_error *err) {
  memset(out, 0, sizeof(*out));
  if (p->n == 0) // a switch that changes nothing takes no time
    return 0;
  struct shira_device *device = shira_driver_device(s->drv);
  struct shira_device_info before, after;
  device->ops->describe(device, &before);
  const double began = seconds_now();
  out->r.completions = calloc(p->n, sizeof(*out->r.completions));
  if (!out->r.completions)
    return shira_fail(err, ENOMEM, "out of memory");
  int rc = shira_counters_clear(s->drv);
  if (!rc)
    rc = shira_run(s->drv, p->d, p->n, RUN_DEADLINE, &out->r);
  if (!rc)
    rc = shira_counters(s->drv, out->counters);
  if (rc)
    rc = shira_fail(err, EIO, "%s on %s: %s", what, s->backend, shira_driver_error(s->drv));
  else if (s->timed && !trim_counters(out->r.cycles, out->counters))
    rc = shira_fail(err, EPROTO, "%s on %s: an engine's states do not sum to the cycles", what,
                    s->backend);
  else
    split_phases(&out->r, &out->phases);
  s->seconds += seconds_now() - began;
  device->ops->describe(device, &after);
  shira_dram_stats_since(&after.memory, &before.memory, &out->memory);
  return rc;
}

void run_free(struct outcome *run) {
  free(run->r.completions);
  run->r.completions = NULL;
}
