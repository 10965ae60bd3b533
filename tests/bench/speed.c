// Simulated cycles a second of the whole accelerator at full work, on edge16: a long scatter stream
// and a large product. Prints one line each, the best of several runs:
// `NAME CYCLES SECONDS CYCLES_PER_SECOND BUSY_PERCENT`.
// usage: speed [--fixed] scatter|stream|gemm-decode|gemm-prefill ...
// --fixed: with a memory of a fixed rate, the peak of edge16's DRAM.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shira/pack.h"
#include "shira/shira.h"

#define SIDE 2048u
#define RUNS 5
#define DEADLINE UINT64_C(1000000000)

static void die(const char *what, const char *why) {
  fprintf(stderr, "speed: %s: %s\n", what, why);
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void run(struct shira_driver *drv, const char *name, const union shira_descriptor *d,
                unsigned n, enum shira_counter busy) {
  struct shira_run_result r = {0};
  uint64_t counters[SHIRA_COUNTER_COUNT];
  double s = 1e9;
  for (int i = 0; i < RUNS; i++) {
    if (shira_counters_clear(drv))
      die(name, shira_driver_error(drv));
    double began = now();
    if (shira_run(drv, d, n, DEADLINE, &r))
      die(name, shira_driver_error(drv));
    double took = now() - began;
    s = took < s ? took : s;
    if (shira_counters(drv, counters))
      die(name, shira_driver_error(drv));
  }
  printf("%s %llu %.3f %.0f %.1f\n", name, (unsigned long long)r.cycles, s, (double)r.cycles / s,
         100 * (double)counters[busy] / (double)r.cycles);
}

// Loads random bytes into an SRAM, so that products and stores toggle what real ones toggle.
static void load(struct shira_driver *drv, uint8_t space, uint32_t bytes) {
  struct shira_mem mem;
  if (shira_alloc(drv, bytes, &mem))
    die("memory", shira_driver_error(drv));
  shira_inputs(space, mem.host, bytes);
  union shira_descriptor d = {.copy = {.opcode = SHIRA_OPCODE_COPY,
                                       .dst_space = space,
                                       .traffic = SHIRA_TRAFFIC_CHECK,
                                       .rows = 1,
                                       .src_addr = mem.addr,
                                       .row_bytes = bytes,
                                       .src_stride = bytes,
                                       .dst_stride = bytes,
                                       .win_hi = bytes}};
  if (shira_run(drv, &d, 1, DEADLINE, &(struct shira_run_result){0}) || shira_free(drv, &mem))
    die("load", shira_driver_error(drv));
}

static void scatter(struct shira_driver *drv, const struct shira_machine *hw) {
  enum { REPEAT = 24 };
  uint32_t n = 0, total = SIDE * SIDE;
  uint32_t *pos = malloc(total / 50 * sizeof(*pos));
  uint8_t *value = malloc(total / 50);
  if (!pos || !value)
    die("scatter", "out of memory");
  uint64_t x = 88172645463325252u;
  for (uint32_t p = 0; p < total && n < total / 50; p++) {
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    if (x % 100 == 0)
      value[n] = (uint8_t)(x >> 32), pos[n++] = p;
  }
  struct shira_stream s;
  struct shira_stream_rules rules = shira_stream_rules_of(hw);
  struct shira_error err;
  if (shira_stream_encode(&rules, pos, value, n, &s, &err))
    die("scatter", err.text);
  struct shira_mem mem;
  if (shira_alloc(drv, s.bytes, &mem))
    die("scatter", shira_driver_error(drv));
  memcpy(mem.host, s.data, s.bytes);
  union shira_descriptor d[REPEAT];
  memset(d, 0, sizeof(d));
  for (int i = 0; i < REPEAT; i++)
    d[i].scatter = (struct shira_desc_scatter){.opcode = SHIRA_OPCODE_SCATTER,
                                               .format = SHIRA_STREAM_FORMAT_GAP8,
                                               .traffic = SHIRA_TRAFFIC_VALUE,
                                               .updates = s.updates,
                                               .stream_addr = mem.addr,
                                               .space = SHIRA_SPACE_WEIGHT,
                                               .stream_bytes = s.bytes,
                                               .win_hi = total};
  run(drv, "scatter", d, REPEAT, SHIRA_COUNTER_SCATTER_BUSY);
  shira_stream_free(&s);
  free(pos);
  free(value);
}

static void gemm(struct shira_driver *drv, const struct shira_machine *hw, const char *name,
                 uint32_t tokens, unsigned repeat) {
  load(drv, SHIRA_SPACE_WEIGHT, SIDE * SIDE);
  load(drv, SHIRA_SPACE_ACTIVATION, tokens * SIDE);
  load(drv, SHIRA_SPACE_PARAMETER, SIDE * SHIRA_PARAM_BYTES);
  union shira_descriptor d[64];
  memset(d, 0, sizeof(d));
  for (unsigned i = 0; i < repeat; i++)
    d[i].gemm = (struct shira_desc_gemm){.opcode = SHIRA_OPCODE_GEMM,
                                         .out = SHIRA_GEMM_OUT_INT8,
                                         .tokens = tokens,
                                         .n_tiles = SIDE / hw->array_n,
                                         .k_tiles = SIDE / hw->array_k,
                                         .x_stride = SIDE,
                                         .out_addr = tokens * SIDE,
                                         .out_stride = SIDE,
                                         .win_lo = tokens * SIDE,
                                         .win_hi = 2 * tokens * SIDE};
  run(drv, name, d, repeat, SHIRA_COUNTER_GEMM_BUSY);
}

// Weights from memory at its full rate.
static void stream(struct shira_driver *drv) {
  enum { REPEAT = 8 };
  const uint32_t bytes = SIDE * SIDE;
  struct shira_mem mem;
  if (shira_alloc(drv, bytes, &mem))
    die("stream", shira_driver_error(drv));
  union shira_descriptor d[REPEAT];
  memset(d, 0, sizeof(d));
  for (int i = 0; i < REPEAT; i++)
    d[i].copy = (struct shira_desc_copy){.opcode = SHIRA_OPCODE_COPY,
                                         .dst_space = SHIRA_SPACE_WEIGHT,
                                         .traffic = SHIRA_TRAFFIC_WEIGHT,
                                         .rows = 1,
                                         .src_addr = mem.addr,
                                         .row_bytes = bytes,
                                         .src_stride = bytes,
                                         .dst_stride = bytes,
                                         .win_hi = bytes};
  run(drv, "stream", d, REPEAT, SHIRA_COUNTER_COPY_BUSY);
}

int main(int argc, char **argv) {
  struct shira_machine hw;
  struct shira_error err;
  struct shira_driver *drv;
  struct shira_device_options o = {.machine = &hw};
  const bool fixed = argc > 1 && !strcmp(argv[1], "--fixed");
  if (shira_machine_load("configs/hw/edge16.yaml", &hw, &err))
    die("open", err.text);
  if (fixed) {
    hw.has_dram = false;
    hw.memory_latency = 100;
  }
  if (shira_open("rtl", &o, &hw, &drv, &err))
    die("open", err.text);
  for (int i = 1 + fixed; i < argc; i++) {
    if (!strcmp(argv[i], "scatter"))
      scatter(drv, &hw);
    else if (!strcmp(argv[i], "stream"))
      stream(drv);
    else if (!strcmp(argv[i], "gemm-decode"))
      gemm(drv, &hw, argv[i], 1, 64);
    else if (!strcmp(argv[i], "gemm-prefill"))
      gemm(drv, &hw, argv[i], 128, 1);
    else
      die(argv[i], "unknown benchmark");
  }
  shira_close(drv);
  return 0;
}
