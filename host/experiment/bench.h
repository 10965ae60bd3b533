// One workload on its devices: the one that is measured and the golden model beside it, which runs
// the same programs. Every program runs on both, and what they leave in memory must be equal.
#ifndef SHIRA_EXPERIMENT_BENCH_H
#define SHIRA_EXPERIMENT_BENCH_H

#include "host/experiment/station.h"
#include "host/experiment/truth.h"
#include "host/experiment/workload.h"

enum { SEAT_DEVICE, SEAT_GOLDEN, SEATS };

// Buffers of one device.
struct seat {
  struct station station;
  struct shira_mem before; // of the blocks before the workload's first, never touched
  struct shira_mem images, params;
  struct shira_mem home; // streamed: the weights that passes read, else none
  struct shira_mem back; // resident: the weight SRAM's, read back
  struct shira_mem x[SHIRA_MAX_TOKENS], y[SHIRA_MAX_TOKENS];
  // of the pair that is loaded, in memory of the kind `kept`
  enum shira_mem_kind kept;
  struct shira_mem streams; // adapters in the host's memory: the active overlay's, in the device's
  struct shira_mem full[ADAPTERS]; // ready-made images (reload)
  struct shira_mem unfused[ADAPTERS], fused[ADAPTERS];
  struct shira_mem minus[ADAPTERS];
  struct shira_mem apply[ADAPTERS], undo[ADAPTERS], delta[ADAPTERS], transition;
  struct shira_mem segments[ADAPTERS];        // streams of all chunks
  struct shira_stream_ref *overlay[ADAPTERS]; // by chunk, into segments; owned
};

struct bench {
  const struct workload *w;
  const struct shira_run_options *options;
  uint32_t seats; // 1 where the golden model itself is the device
  struct seat seat[SEATS];
  const struct packed *pair[ADAPTERS]; // loaded
  struct shira_stream_set transition;  // from A to B, of a SHiRA pair; owned
  double merge_s;                      // wall time in which the host merged it
};

// Stream `i` of a set, which lies at device address `addr`.
struct shira_stream_ref bench_stream(const struct shira_stream_set *set, uint32_t i, uint64_t addr);

// Builds a program for one seat; arg is the caller's.
typedef int (*bench_plan)(const struct bench *b, const struct seat *s, const void *arg,
                          struct shira_program *p);

// Opens the devices, uploads images, parameters and inputs, and loads the base weights.
int bench_open(struct bench *b, const struct workload *w, const struct shira_machine *hw,
               const struct shira_run_options *options, struct shira_error *err);
void bench_close(struct bench *b);

// Fresh base weights where they live.
int bench_base(struct bench *b, struct shira_error *err);

// Uploads a pair of packed adapters in one form, to where they are kept, in place of the one
// before.
int bench_load_pair(struct bench *b, const struct packed pair[ADAPTERS], enum shira_kept kept,
                    enum packed_form form, struct shira_error *err);

// Builds the program for one seat. Free it with shira_program_free.
int bench_plan_for(const struct bench *b, uint32_t seat, bench_plan plan, const void *arg,
                   const char *what, struct shira_program *p, struct shira_error *err);

// Runs on the golden model what the device has run. *same tells whether completions and traffic
// agree; it is left alone where there is no golden model beside the device.
int bench_follow(struct bench *b, bench_plan plan, const void *arg, const char *what,
                 const struct outcome *device, bool *same, struct shira_error *err);

// Runs the program that `plan` builds on every seat. *out is the measured device's; *same tells
// whether completions and traffic agree (may be NULL).
int bench_run(struct bench *b, bench_plan plan, const void *arg, const char *what,
              struct outcome *out, bool *same, struct shira_error *err);

// The weights that are there: the weight SRAM read back, or where they live in memory. *blob is the
// measured device's memory; *same whether the golden model's weights and streams are equal.
int bench_read_weights(struct bench *b, const uint8_t **blob, bool *same, struct shira_error *err);

#endif
