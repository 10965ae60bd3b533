// A device to do bad things to, for the system tests: a driver on `tiny`, memories full of known
// bytes, ways to see whether any of them changed, and a good program that shows the device works.
//
// Environment: SHIRA_DEVICE (rtl), SHIRA_RTL_DIR (build/rtl), SHIRA_RTL_LIBRARY (a file name in
// there), SEED (of the contents and the stalls), STALL (percent of cycles; default: see
// bed_stalls), BAIL (stop at the first failure).
#ifndef TEST_BED_H
#define TEST_BED_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shira/driver.h"
#include "shira/pack.h"

#define BED_RING 16u
#define BED_WATCHDOG 3000u
#define BED_DEADLINE 1000000u // cycles that a program of these tests never needs
#define BED_RECOVER 50000u    // cycles within which a device has drained
#define BED_SPACES 5u
#define OUT_BYTES 8192u
#define STREAM_BYTES 8192u

// Where the updates of the good program and of the streams go, in the weight SRAM.
#define GOOD_BASE 0xf000u
#define GOOD_STREAM (STREAM_BYTES - 256u) // offset of its stream in the stream buffer

// A part of a space that a descriptor may change.
struct window {
  unsigned space;
  uint64_t lo, hi;
  uint32_t scratch; // first bytes of the accumulators, which GEMM may use where they are not its
                    // output
};

struct bed {
  const char *backend;
  unsigned stall;
  struct shira_machine hw;
  struct shira_driver *drv;
  struct shira_mem image;  // what the SRAMs start with, space after space
  struct shira_mem back;   // what they hold, read back
  struct shira_mem stream; // streams; the good program's is at GOOD_STREAM
  struct shira_mem out;    // where COPY writes
  uint64_t ring, completions;
  uint32_t good_bytes;                          // of the good program's stream
  uint32_t offset[BED_SPACES + 1];              // of each space in image and back
  uint8_t *image_host, *stream_host, *out_host; // what memory must hold
  uint8_t *sram;                                // what the SRAMs must hold, like image
  char why[768];                                // first thing that went wrong, "" = nothing
};

static const char *bed_machine = "configs/hw/tiny.yaml"; // tests may choose another before bed_open
static uint64_t bed_state = 1;

// splitmix64
static inline uint64_t bed_random(void) {
  uint64_t z = bed_state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

static inline uint32_t bed_below(uint32_t n) {
  return n ? (uint32_t)(bed_random() >> 33) % n : 0;
}

static inline uint64_t bed_seed(void) {
  const char *seed = getenv("SEED");
  return seed ? strtoull(seed, NULL, 0) : 1;
}

// Runs all tests of a program on the backend: with STALL percent of stalls, else without any and
// then with 30.
static inline void bed_stalls(void (*test_all)(const char *backend, unsigned stall),
                              const char *backend) {
  const char *stall = getenv("STALL");
  test_all(backend, stall ? (unsigned)strtoul(stall, NULL, 10) : 0);
  if (!stall)
    test_all(backend, 30);
}

// ---- TAP ------------------------------------------------------------------------------------

static unsigned tap_tests, tap_failures;

static inline void bed_repair(struct bed *b);
static inline uint64_t bed_cycles(struct bed *b);

// Prints the line of a test, with the cycle in which it ended; after one that failed, a device that
// is still there starts afresh.
static inline void tap(struct bed *b, const char *name) {
  bool good = b->why[0] == '\0';
  tap_failures += !good;
  printf("%sok %u - %s%s, cycle %llu%s%s\n", good ? "" : "not ", ++tap_tests, name,
         b->stall ? ", with stalls" : "", (unsigned long long)bed_cycles(b), good ? "" : ": ",
         b->why);
  fflush(stdout);
  if (!good && getenv("BAIL"))
    exit(1);
  if (!good)
    bed_repair(b);
}

static inline int tap_end(void) {
  printf("1..%u\n", tap_tests);
  return tap_failures ? 1 : 0;
}

// Notes the first thing that is not as it must be.
static inline bool expect(struct bed *b, bool good, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static inline bool expect(struct bed *b, bool good, const char *format, ...) {
  if (good || b->why[0])
    return good;
  va_list args;
  va_start(args, format);
  if (vsnprintf(b->why, sizeof(b->why), format, args) < 0)
    strcpy(b->why, "?");
  va_end(args);
  return false;
}

// ---- Descriptors ----------------------------------------------------------------------------

static inline union shira_descriptor bed_copy(unsigned from, uint64_t src, unsigned to,
                                              uint64_t dst, uint32_t rows, uint32_t bytes) {
  union shira_descriptor d = {.copy = {.opcode = SHIRA_OPCODE_COPY, .rows = rows}};
  d.copy.src_space = (uint8_t)from;
  d.copy.src_addr = src;
  d.copy.dst_space = (uint8_t)to;
  d.copy.dst_addr = dst;
  d.copy.traffic = SHIRA_TRAFFIC_CHECK;
  d.copy.row_bytes = d.copy.src_stride = d.copy.dst_stride = bytes;
  d.copy.win_lo = dst;
  d.copy.win_hi = dst + (uint64_t)rows * bytes;
  return d;
}

static inline union shira_descriptor bed_scatter(uint64_t addr, uint32_t bytes, uint32_t updates,
                                                 uint32_t base, uint64_t lo, uint64_t hi) {
  union shira_descriptor d = {.scatter = {.opcode = SHIRA_OPCODE_SCATTER, .updates = updates}};
  d.scatter.op = SHIRA_SCATTER_OP_SET;
  d.scatter.format = SHIRA_STREAM_FORMAT_GAP8;
  d.scatter.traffic = SHIRA_TRAFFIC_VALUE;
  d.scatter.stream_addr = addr;
  d.scatter.space = SHIRA_SPACE_WEIGHT;
  d.scatter.stream_bytes = bytes;
  d.scatter.base = base;
  d.scatter.win_lo = lo;
  d.scatter.win_hi = hi;
  return d;
}

static inline void bed_wait_for(union shira_descriptor *d, uint8_t sem, uint32_t value) {
  d->header.wait0_sem = sem;
  d->header.wait0_value = value;
}

// ---- Opening --------------------------------------------------------------------------------

static inline uint64_t bed_register64(struct bed *b, uint32_t offset) {
  struct shira_device *dev = shira_driver_device(b->drv);
  uint32_t lo = 0, hi = 0;
  int rc = dev->ops->read32(dev, offset, &lo);
  if (!rc)
    rc = dev->ops->read32(dev, offset + 4, &hi);
  expect(b, rc == 0, "register 0x%x cannot be read: %d", offset, rc);
  return (uint64_t)hi << 32 | lo;
}

static inline uint32_t bed_register(struct bed *b, uint32_t offset) {
  struct shira_device *dev = shira_driver_device(b->drv);
  uint32_t v = 0;
  int rc = dev->ops->read32(dev, offset, &v);
  expect(b, rc == 0, "register 0x%x cannot be read: %d", offset, rc);
  return v;
}

static inline uint64_t bed_cycles(struct bed *b) {
  struct shira_device_info info;
  if (!b->drv)
    return 0;
  struct shira_device *dev = shira_driver_device(b->drv);
  dev->ops->describe(dev, &info);
  return info.cycles;
}

static inline bool bed_timed(struct bed *b) {
  struct shira_device_info info;
  struct shira_device *dev = shira_driver_device(b->drv);
  dev->ops->describe(dev, &info);
  return info.timed;
}

// Sizes and contents of memory, the same for each seed.
static inline void bed_contents(struct bed *b) {
  const uint32_t sizes[BED_SPACES] = {0, b->hw.weight_bytes, b->hw.activation_bytes,
                                      b->hw.accumulator_bytes, b->hw.parameter_bytes};
  for (unsigned s = 0; s < BED_SPACES; s++)
    b->offset[s + 1] = b->offset[s] + sizes[s];
  const uint32_t total = b->offset[BED_SPACES];
  b->image_host = malloc(total);
  b->sram = malloc(total);
  b->stream_host = calloc(1, STREAM_BYTES);
  b->out_host = malloc(OUT_BYTES);
  if (!b->image_host || !b->sram || !b->stream_host || !b->out_host)
    exit(99);
  bed_state = bed_seed();
  for (uint32_t i = 0; i < total; i++)
    b->image_host[i] = (uint8_t)bed_random();
  for (uint32_t i = 0; i < OUT_BYTES; i++)
    b->out_host[i] = (uint8_t)bed_random();
  memcpy(b->sram, b->image_host, total);
  // The good program's stream: every third byte of a tile.
  const struct shira_stream_rules rules = shira_stream_rules_of(&b->hw);
  const uint32_t pos[5] = {0, 3, 6, 9, 12};
  const uint8_t value[5] = {17, 42, 99, 3, 250};
  struct shira_stream s;
  if (shira_stream_encode(&rules, pos, value, 5, &s, NULL))
    exit(99);
  memcpy(b->stream_host + GOOD_STREAM, s.data, s.bytes);
  b->good_bytes = s.bytes;
  shira_stream_free(&s);
}

// Path of the machine's RTL.
static inline void bed_library(const struct bed *b, char *path, size_t size) {
  const char *root = getenv("SHIRA_RTL_DIR"), *name = getenv("SHIRA_RTL_LIBRARY");
  snprintf(path, size, "%s/%08x/%s", root ? root : "build/rtl", shira_machine_rtl_hash(&b->hw),
           name ? name : "libshira_rtl.so");
}

// Opens the device with `fault` planted. Memory lies at the same addresses each time. Returns what
// shira_open does; b->drv is NULL where it failed.
static inline int bed_try(struct bed *b, const struct shira_fault *fault, uint64_t max_cycles,
                          struct shira_error *err) {
  static char library[1024];
  bed_library(b, library, sizeof(library));
  struct shira_device_options dev = {.machine = &b->hw,
                                     .rtl_library = library,
                                     .seed = bed_seed(),
                                     .stall_percent = b->stall,
                                     .max_cycles = max_cycles};
  if (fault)
    dev.fault = *fault;
  const struct shira_driver_options drv = {
      .ring_entries = BED_RING, .unchecked = true, .watchdog = BED_WATCHDOG, .irq_slice = 8192};
  return shira_open_with(b->backend, &dev, &b->hw, &drv, &b->drv, err);
}

// Writes the expected contents into memory.
static inline void bed_refresh_memory(struct bed *b) {
  memcpy(b->image.host, b->image_host, b->offset[BED_SPACES]);
  memcpy(b->stream.host, b->stream_host, STREAM_BYTES);
  memcpy(b->out.host, b->out_host, OUT_BYTES);
}

static inline void bed_map(struct bed *b) {
  if (shira_alloc(b->drv, b->offset[BED_SPACES], &b->image) ||
      shira_alloc(b->drv, b->offset[BED_SPACES], &b->back) ||
      shira_alloc(b->drv, STREAM_BYTES, &b->stream) || shira_alloc(b->drv, OUT_BYTES, &b->out)) {
    fprintf(stderr, "%s\n", shira_driver_error(b->drv));
    exit(99);
  }
  bed_refresh_memory(b);
}

// Moves all SRAMs: `load` from image, else to back.
static inline bool bed_move_srams(struct bed *b, bool load) {
  union shira_descriptor d[BED_SPACES - 1];
  for (unsigned s = 1; s < BED_SPACES; s++) {
    const uint32_t bytes = b->offset[s + 1] - b->offset[s];
    d[s - 1] = load ? bed_copy(SHIRA_SPACE_MEMORY, b->image.addr + b->offset[s], s, 0, 1, bytes)
                    : bed_copy(s, 0, SHIRA_SPACE_MEMORY, b->back.addr + b->offset[s], 1, bytes);
  }
  struct shira_run_result r = {0};
  int rc = shira_run(b->drv, d, BED_SPACES - 1, BED_DEADLINE, &r);
  if (load && rc == 0)
    memcpy(b->sram, b->image_host, b->offset[BED_SPACES]);
  return expect(b, rc == 0, "SRAMs cannot be %s: %s", load ? "filled" : "read",
                shira_driver_error(b->drv));
}

// Loads the machine and makes the contents; no device yet.
static inline void bed_init(struct bed *b, const char *backend, unsigned stall) {
  memset(b, 0, sizeof(*b));
  b->backend = backend;
  b->stall = stall;
  struct shira_error err = {""};
  if (shira_machine_load(bed_machine, &b->hw, &err)) {
    fprintf(stderr, "%s\n", err.text);
    exit(99);
  }
  bed_contents(b);
}

static inline void bed_repair(struct bed *b) {
  if (!b->drv || !b->out.host || shira_reset(b->drv))
    return;
  bed_refresh_memory(b);
  bed_move_srams(b, true);
  b->why[0] = '\0';
}

// Opens for work: memory mapped and filled, addresses of the rings known, SRAMs not filled.
static inline void bed_open(struct bed *b, const char *backend, unsigned stall,
                            const struct shira_fault *fault) {
  struct shira_error err = {""};
  bed_init(b, backend, stall);
  if (bed_try(b, fault, 0, &err)) {
    printf("Bail out! %s\n", err.text);
    exit(99);
  }
  b->ring = bed_register64(b, SHIRA_REG_RING_BASE_LO);
  b->completions = bed_register64(b, SHIRA_REG_COMPLETION_BASE_LO);
  bed_map(b);
}

static inline void bed_close(struct bed *b) {
  shira_close(b->drv);
  free(b->image_host);
  free(b->stream_host);
  free(b->out_host);
  free(b->sram);
  memset(b, 0, sizeof(*b));
}

// ---- What changed ---------------------------------------------------------------------------

// Compares `bytes` of a space from `first` on with what they must be, leaving out the window.
static inline void bed_compare(struct bed *b, const char *what, unsigned space, uint64_t first,
                               const uint8_t *got, const uint8_t *want, uint32_t bytes,
                               const struct window *w) {
  if (memcmp(got, want, bytes) == 0)
    return;
  for (uint32_t i = 0; i < bytes; i++) {
    bool inside = w && w->space == space && first + i >= w->lo && first + i < w->hi;
    inside |= w && w->scratch && space == SHIRA_SPACE_ACCUMULATOR && i < w->scratch;
    if (got[i] != want[i] && !inside) {
      expect(b, false, "%s changed outside the window at 0x%llx: %02x, was %02x", what,
             (unsigned long long)(first + i), got[i], want[i]);
      return;
    }
  }
}

// Memory holds what it must outside the window. Puts right what changed inside.
static inline void bed_check_memory(struct bed *b, const struct window *w) {
  bed_compare(b, "the image buffer", SHIRA_SPACE_MEMORY, b->image.addr, b->image.host,
              b->image_host, b->offset[BED_SPACES], w);
  bed_compare(b, "the stream buffer", SHIRA_SPACE_MEMORY, b->stream.addr, b->stream.host,
              b->stream_host, STREAM_BYTES, w);
  bed_compare(b, "the output buffer", SHIRA_SPACE_MEMORY, b->out.addr, b->out.host, b->out_host,
              OUT_BYTES, w);
  bed_refresh_memory(b);
}

// What was read of the SRAMs is what they must hold outside the window. Fills them again where
// anything changed.
static inline void bed_compare_srams(struct bed *b, const struct window *w) {
  static const char *const names[BED_SPACES] = {"memory", "the weight SRAM", "the activation SRAM",
                                                "the accumulator SRAM", "the parameter SRAM"};
  const uint8_t *got = b->back.host;
  for (unsigned s = 1; s < BED_SPACES; s++)
    bed_compare(b, names[s], s, 0, got + b->offset[s], b->sram + b->offset[s],
                b->offset[s + 1] - b->offset[s], w);
  if (memcmp(got, b->sram, b->offset[BED_SPACES]) != 0)
    bed_move_srams(b, true);
}

static inline void bed_check_srams(struct bed *b, const struct window *w) {
  if (bed_move_srams(b, false))
    bed_compare_srams(b, w);
}

// ---- A good program -------------------------------------------------------------------------

// COPY, SCATTER, GEMM, COPY, each waiting for the one before: loads a tile, changes five of its
// weights, multiplies it with the first activations and writes the accumulators to memory.
static inline void bed_good_program(struct bed *b, union shira_descriptor d[4]) {
  const uint32_t n = b->hw.array_n, tile = n * b->hw.array_k;
  d[0] = bed_copy(SHIRA_SPACE_MEMORY, b->image.addr, SHIRA_SPACE_WEIGHT, GOOD_BASE, 1, tile);
  d[1] = bed_scatter(b->stream.addr + GOOD_STREAM, b->good_bytes, 5, GOOD_BASE, GOOD_BASE,
                     GOOD_BASE + tile);
  d[2] = (union shira_descriptor){.gemm = {.opcode = SHIRA_OPCODE_GEMM, .tokens = 1}};
  d[2].gemm.out = SHIRA_GEMM_OUT_ACC;
  d[2].gemm.n_tiles = d[2].gemm.k_tiles = 1;
  d[2].gemm.w_addr = GOOD_BASE;
  d[2].gemm.win_hi = 4 * n;
  d[3] = bed_copy(SHIRA_SPACE_ACCUMULATOR, 0, SHIRA_SPACE_MEMORY, b->out.addr, 1, 4 * n);
  for (unsigned i = 0; i < 4; i++)
    d[i].header.signal_sem = 1;
  for (unsigned i = 1; i < 4; i++)
    bed_wait_for(&d[i], 1, i);
}

// What it must leave, worked out from the contents alone.
static inline void bed_good_result(struct bed *b, int32_t *acc) {
  const uint32_t n = b->hw.array_n, k = b->hw.array_k;
  static const uint8_t value[5] = {17, 42, 99, 3, 250};
  uint8_t *w = b->sram + b->offset[SHIRA_SPACE_WEIGHT] + GOOD_BASE;
  const uint8_t *x = b->sram + b->offset[SHIRA_SPACE_ACTIVATION];
  memcpy(w, b->image_host, n * k);
  for (unsigned i = 0; i < 5; i++)
    w[3 * i] = value[i];
  for (uint32_t r = 0; r < n; r++) {
    acc[r] = 0;
    for (uint32_t c = 0; c < k; c++)
      acc[r] += (int8_t)w[r * k + c] * (int8_t)x[c];
  }
  memcpy(b->sram + b->offset[SHIRA_SPACE_ACCUMULATOR], acc, 4 * n);
}

// Runs it and checks the result; nothing else in memory may have changed.
static inline void bed_check_works(struct bed *b) {
  union shira_descriptor d[4];
  struct shira_run_result r = {0};
  int32_t acc[64];
  bed_good_program(b, d);
  int rc = shira_run(b->drv, d, 4, BED_DEADLINE, &r);
  if (!expect(b, rc == 0, "a good program fails afterwards: %s", shira_driver_error(b->drv)))
    return;
  bed_good_result(b, acc);
  expect(b, memcmp(b->out.host, acc, 4 * b->hw.array_n) == 0,
         "a good program gives wrong results afterwards");
  const struct window w = {SHIRA_SPACE_MEMORY, b->out.addr, b->out.addr + 4 * b->hw.array_n, 0};
  bed_check_memory(b, &w);
}

// ---- A bad program --------------------------------------------------------------------------

// What a bad descriptor must give.
struct verdict {
  unsigned status;
  uint64_t where;
  bool where_mask; // `where` must have at least these bits, and no others than engines' bits
  bool counts;     // `count` is checked
  uint32_t count;  // updates that were made
  struct window w; // what may change; empty: nothing
};

// The bad descriptor between one that is good and four that must be cancelled, each of which would
// leave its mark: they wait for a signal that only the bad one gives.
enum { BAD_INDEX = 1, BAD_PROGRAM = 6 };

static inline void bed_bad_program(struct bed *b, const union shira_descriptor *bad,
                                   union shira_descriptor d[BAD_PROGRAM]) {
  d[0] = (union shira_descriptor){.header = {.opcode = SHIRA_OPCODE_NOP}};
  d[BAD_INDEX] = *bad;
  if (d[BAD_INDEX].header.signal_sem == 0)
    d[BAD_INDEX].header.signal_sem = 1;
  d[2] = bed_copy(SHIRA_SPACE_MEMORY, b->image.addr, SHIRA_SPACE_MEMORY, b->out.addr, 1, 512);
  d[3] = bed_scatter(b->stream.addr + GOOD_STREAM, b->good_bytes, 5, 0x100, 0, UINT64_MAX);
  d[4] = (union shira_descriptor){.gemm = {.opcode = SHIRA_OPCODE_GEMM, .tokens = 1}};
  d[4].gemm.out = SHIRA_GEMM_OUT_ACC;
  d[4].gemm.n_tiles = d[4].gemm.k_tiles = 1;
  d[4].gemm.win_hi = UINT64_MAX;
  d[5] = (union shira_descriptor){.header = {.opcode = SHIRA_OPCODE_NOP}};
  for (unsigned i = 2; i < BAD_PROGRAM; i++)
    bed_wait_for(&d[i], 1, 1);
}

static inline void bed_check_error(struct bed *b, uint32_t seq, const struct verdict *v, int rc,
                                   const struct shira_completion *c) {
  const char *text = shira_driver_error(b->drv);
  char named[40];
  snprintf(named, sizeof(named), "descriptor %u (", seq);
  expect(b, rc == shira_status_errno(v->status) && c->status == v->status,
         "status %s (%d), expected %s: %s", shira_status_name(c->status), rc,
         shira_status_name(v->status), text);
  const bool place =
      v->where_mask ? (c->where & v->where) == v->where && c->where < 16 : c->where == v->where;
  expect(b, place, "where 0x%llx, expected 0x%llx", (unsigned long long)c->where,
         (unsigned long long)v->where);
  expect(b, !v->counts || c->count == v->count, "%u updates made, expected %u", c->count, v->count);
  expect(b, c->seq == seq && strstr(text, named) && strstr(text, shira_status_name(v->status)),
         "the text does not say which descriptor failed how: %s", text);
  expect(b,
         bed_register(b, SHIRA_REG_ERROR_STATUS) == v->status &&
             bed_register(b, SHIRA_REG_ERROR_SEQ) == seq &&
             bed_register64(b, SHIRA_REG_ERROR_WHERE_LO) == c->where,
         "the error registers do not hold the error");
}

// Runs the bad descriptor, checks everything that must hold, and leaves the device in order.
static inline void bed_run_bad(struct bed *b, const union shira_descriptor *bad,
                               const struct verdict *v) {
  union shira_descriptor d[BAD_PROGRAM];
  struct shira_completion c;
  uint32_t first = 0;
  b->why[0] = '\0';
  bed_bad_program(b, bad, d);
  const uint32_t errors = bed_register(b, SHIRA_REG_ERROR_COUNT);
  int rc = shira_submit(b->drv, d, BAD_PROGRAM, &first);
  if (!expect(b, rc == 0, "not submitted: %s", shira_driver_error(b->drv)))
    return;
  rc = shira_wait(b->drv, first + BAD_INDEX, BED_DEADLINE, &c);
  bed_check_error(b, first + BAD_INDEX, v, rc, &c);
  rc = shira_wait(b->drv, first, BED_DEADLINE, &c);
  expect(b, rc == 0, "the descriptor before it failed: %s", shira_driver_error(b->drv));
  for (unsigned i = 2; i < BAD_PROGRAM; i++) {
    rc = shira_wait(b->drv, first + i, BED_DEADLINE, &c);
    expect(b, rc == -ECANCELED && c.status == SHIRA_STATUS_CANCELLED,
           "descriptor %u after it ended with %s (%d)", i, shira_status_name(c.status), rc);
  }
  expect(b, shira_submit(b->drv, d, 1, NULL) == -ESHUTDOWN, "a halted device takes descriptors");
  rc = shira_recover(b->drv, BED_RECOVER);
  expect(b, rc == 0, "recovery gave %d: %s", rc, shira_driver_error(b->drv));
  expect(b, bed_register(b, SHIRA_REG_ERROR_COUNT) == errors + (rc == 0), "errors are not counted");
  bed_check_memory(b, &v->w);
  if (rc == 0)
    bed_check_srams(b, &v->w);
  else if (rc == 1)
    bed_move_srams(b, true);
  bed_check_works(b);
}

#endif
