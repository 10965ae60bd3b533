// System against theory, on edge16: how near its bound a switch of a resident 2048 x 2048 by SET,
// ADD and SWAP of one stream comes, 1 % of the weights at random. The bound is the larger of
// updates / lanes and the bytes read and written at the memory's peak. One TAP line a figure.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shira/pack.h"
#include "shira/shira.h"

#define SIDE 2048u
#define DEADLINE 1000000u

static unsigned tests, failures;

static void die(const char *what, const char *why) {
  printf("Bail out! %s: %s\n", what, why);
  exit(1);
}

static struct shira_stream make(const struct shira_machine *hw) {
  const uint32_t total = SIDE * SIDE;
  uint32_t n = 0, *pos = malloc(total / 50 * sizeof(*pos));
  uint8_t *value = malloc(total / 50);
  struct shira_stream s;
  struct shira_stream_rules rules = shira_stream_rules_of(hw);
  struct shira_error err = {""};
  if (!pos || !value)
    die("stream", "out of memory");
  uint64_t x = 88172645463325252u;
  for (uint32_t p = 0; p < total && n < total / 50; p++) {
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    if (x % 100 == 0)
      value[n] = (uint8_t)(x >> 32), pos[n++] = p;
  }
  if (shira_stream_encode(&rules, pos, value, n, &s, &err))
    die("stream", err.text);
  free(pos);
  free(value);
  return s;
}

// Cycles from the doorbell to the completion, as the driver sees them.
static void figure(struct shira_driver *drv, const struct shira_machine *hw,
                   const struct shira_stream *s, unsigned op, const char *name, double least) {
  struct shira_mem mem;
  struct shira_run_result r = {0};
  uint64_t counters[SHIRA_COUNTER_COUNT];
  if (shira_alloc(drv, s->bytes, &mem))
    die(name, shira_driver_error(drv));
  memcpy(mem.host, s->data, s->bytes);
  union shira_descriptor d = {.scatter = {.opcode = SHIRA_OPCODE_SCATTER,
                                          .op = (uint8_t)op,
                                          .format = SHIRA_STREAM_FORMAT_GAP8,
                                          .traffic = SHIRA_TRAFFIC_VALUE,
                                          .updates = s->updates,
                                          .stream_addr = mem.addr,
                                          .space = SHIRA_SPACE_WEIGHT,
                                          .stream_bytes = s->bytes,
                                          .win_hi = SIDE * SIDE}};
  if (shira_counters_clear(drv) || shira_run(drv, &d, 1, DEADLINE, &r) ||
      shira_counters(drv, counters))
    die(name, shira_driver_error(drv));
  const double moved = (double)s->bytes + (double)counters[SHIRA_COUNTER_WRITTEN_BYTES_UNDO];
  const double memory = moved * hw->clock_mhz / (double)hw->memory_peak_mb_s;
  const double lanes = (double)s->updates / hw->scatter_lanes;
  const double e = 100 * (memory > lanes ? memory : lanes) / (double)r.cycles;
  const bool good = e >= least && e <= 100;
  failures += !good;
  printf("%sok %u - %s, 1 %% at random: %llu cycles, %.2f updates a cycle, %% of bound (at least "
         "%.0f): %.2f\n",
         good ? "" : "not ", ++tests, name, (unsigned long long)r.cycles,
         (double)s->updates / (double)r.cycles, least, e);
  if (shira_free(drv, &mem))
    die(name, shira_driver_error(drv));
}

int main(void) {
  struct shira_machine hw;
  struct shira_error err = {""};
  struct shira_driver *drv;
  struct shira_device_options o = {.machine = &hw};
  if (shira_machine_load("configs/hw/edge16.yaml", &hw, &err) ||
      shira_open("rtl", &o, &hw, &drv, &err))
    die("edge16", err.text);
  struct shira_stream s = make(&hw);
  figure(drv, &hw, &s, SHIRA_SCATTER_OP_SET, "SET", 90);
  figure(drv, &hw, &s, SHIRA_SCATTER_OP_ADD, "ADD", 90);
  figure(drv, &hw, &s, SHIRA_SCATTER_OP_SWAP, "SWAP", 85);
  printf("1..%u\n", tests);
  shira_stream_free(&s);
  shira_close(drv);
  return failures ? 1 : 0;
}
