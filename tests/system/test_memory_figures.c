// System against theory, on edge16: SCATTER into the image of a 2048 x 2048 matrix in memory, 1 %
// of the weights at random. Each figure stands beside its bound, the stream and the lines that are
// touched at the memory's peak, and beside what the bursts in flight allow: a line is one burst,
// and axi.outstanding of them are on their way in each direction for the memory's latency.
//
// test_memory_figures [DEVICE]; environment: SHIRA_RTL_DIR (build/rtl), SEED.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shira/driver.h"
#include "shira/pack.h"

#define SIDE 2048u
#define IMAGE (SIDE * SIDE)
#define DEADLINE 10000000u
#define PATH_CYCLES 2u // of a burst on its way, beside the latency of the memory

static unsigned tests, failures;
static uint64_t state;

// splitmix64
static uint64_t next(void) {
  uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

static void figure(bool good, const char *what, double value) {
  failures += !good;
  printf("%sok %u - %s: %.3f\n", good ? "" : "not ", ++tests, what, value);
}

struct work {
  struct shira_machine hw;
  struct shira_driver *drv;
  struct shira_mem image, stream;
  struct shira_stream s;
  uint32_t lines; // that are touched
};

static void die(const char *what) {
  printf("Bail out! %s\n", what);
  exit(99);
}

static void open_device(struct work *w, const char *backend) {
  struct shira_error err = {""};
  if (shira_machine_load("configs/hw/edge16.yaml", &w->hw, &err))
    die(err.text);
  const struct shira_device_options o = {.machine = &w->hw};
  if (shira_open(backend, &o, &w->hw, &w->drv, &err))
    die(err.text);
}

// One in a hundred weights, in order.
static void make_stream(struct work *w) {
  static uint32_t pos[IMAGE / 50];
  static uint8_t value[IMAGE / 50];
  const struct shira_stream_rules rules = shira_stream_rules_of(&w->hw);
  uint32_t n = 0;
  for (uint32_t p = 0; p < IMAGE && n < IMAGE / 50; p++)
    if (next() % 100 == 0) {
      pos[n] = p;
      value[n] = (uint8_t)next();
      w->lines += n == 0 || pos[n - 1] / w->hw.memory_burst_bytes != p / w->hw.memory_burst_bytes;
      n++;
    }
  if (shira_stream_encode(&rules, pos, value, n, &w->s, NULL) ||
      shira_alloc(w->drv, w->s.bytes, &w->stream) || shira_alloc(w->drv, IMAGE, &w->image))
    die("no memory");
  memcpy(w->stream.host, w->s.data, w->s.bytes);
}

static void measure(struct work *w, const char *name, unsigned op) {
  union shira_descriptor d = {.scatter = {.opcode = SHIRA_OPCODE_SCATTER, .op = (uint8_t)op}};
  d.scatter.format = SHIRA_STREAM_FORMAT_GAP8;
  d.scatter.traffic = SHIRA_TRAFFIC_VALUE;
  d.scatter.space = SHIRA_SPACE_MEMORY;
  d.scatter.stream_addr = w->stream.addr;
  d.scatter.stream_bytes = w->s.bytes;
  d.scatter.updates = w->s.updates;
  d.scatter.mem_base = d.scatter.win_lo = w->image.addr;
  d.scatter.win_hi = w->image.addr + IMAGE;
  struct shira_run_result r = {0};
  uint64_t c[SHIRA_COUNTER_COUNT];
  shira_counters_clear(w->drv);
  if (shira_run(w->drv, &d, 1, DEADLINE, &r))
    die(shira_driver_error(w->drv));
  if (shira_counters(w->drv, c))
    die(shira_driver_error(w->drv));
  const struct shira_machine *m = &w->hw;
  const bool reads = op != SHIRA_SCATTER_OP_SET;
  const double line = m->memory_burst_bytes, lines = w->lines;
  // What SWAP writes back is its values and a beat a block.
  const double undo = (double)c[SHIRA_COUNTER_WRITTEN_BYTES_UNDO];
  const double bytes = w->s.bytes + lines * line * (1 + reads) + undo;
  const double bound = bytes * m->clock_mhz / m->memory_peak_mb_s;
  const double flight = lines * (m->memory_latency + PATH_CYCLES) / m->axi_outstanding;
  const double cycles = (double)r.cycles, least = bound > flight ? bound : flight;
  char what[160];
  snprintf(what, sizeof(what), "%s, lines of %.0f bytes written a cycle", name, line);
  figure(c[SHIRA_COUNTER_WRITTEN_BYTES_WEIGHT] == lines * line &&
             c[SHIRA_COUNTER_READ_BYTES_WEIGHT] == reads * lines * line,
         what, lines / cycles);
  snprintf(what, sizeof(what), "%s, %% of the bound of %.0f bytes at the peak (at most 100)", name,
           bytes);
  figure(cycles >= bound, what, 100 * bound / cycles);
  snprintf(what, sizeof(what), "%s, %% of what %u bursts in flight allow (at least 93)", name,
           m->axi_outstanding);
  figure(least / cycles >= 0.93 && least / cycles <= 1, what, 100 * least / cycles);
}

int main(int argc, char **argv) {
  const char *seed = getenv("SEED");
  struct work w;
  memset(&w, 0, sizeof(w));
  state = seed ? strtoull(seed, NULL, 0) : 1;
  open_device(&w, argc > 1 ? argv[1] : NULL);
  make_stream(&w);
  printf("# %u updates in %u of %u lines, a stream of %u bytes\n", w.s.updates, w.lines,
         IMAGE / w.hw.memory_burst_bytes, w.s.bytes);
  measure(&w, "SET", SHIRA_SCATTER_OP_SET);
  measure(&w, "ADD", SHIRA_SCATTER_OP_ADD);
  measure(&w, "SWAP", SHIRA_SCATTER_OP_SWAP);
  printf("1..%u\n", tests);
  shira_stream_free(&w.s);
  shira_close(w.drv);
  return failures ? 1 : 0;
}
