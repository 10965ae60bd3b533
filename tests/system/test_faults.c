// Bad descriptors, at the device: each must end with exactly the status and place that
// rtl/regs/shira_regs.yaml gives it, change nothing outside its window, cancel what comes after it,
// and leave a device that recovers and works. The driver hands them over unchecked.
// test_faults [DEVICE]; see bed.h.
#include <stddef.h>

#include "tests/system/bed.h"

// ---- Good descriptors, to spoil -------------------------------------------------------------

enum kind { NOP, COPY_IN, COPY_OUT, SCATTER, INT8, WADD, ACC };

#define COPY_AT 0x1000u    // weight SRAM, where COPY_IN writes
#define OUT_AT 1024u       // output buffer, where COPY_OUT writes
#define SCATTER_AT 0x2000u // weight SRAM, where streams go
#define WADD_AT 0x4000u    // weight SRAM, image that wadd writes
#define INT8_AT 0x1000u    // activation SRAM, where int8 writes
#define UPDATES 40u        // of the stream, in blocks of 16

static uint32_t stream_bytes;

// Position of update i: ascending, some gaps long.
static uint32_t position(unsigned i) {
  return 7 * i + (i >= 10 ? 300 : 0) + (i >= 30 ? 200 : 0);
}

static void make_stream(struct bed *b) {
  const struct shira_stream_rules rules = shira_stream_rules_of(&b->hw);
  uint32_t pos[UPDATES];
  uint8_t value[UPDATES];
  for (unsigned i = 0; i < UPDATES; i++) {
    pos[i] = position(i);
    value[i] = (uint8_t)(b->image_host[SCATTER_AT + pos[i]] ^ (i + 1)); // another than there is
  }
  struct shira_stream s;
  if (shira_stream_encode(&rules, pos, value, UPDATES, &s, NULL) || s.bytes > GOOD_STREAM)
    exit(99);
  memcpy(b->stream_host, s.data, s.bytes);
  stream_bytes = s.bytes;
  shira_stream_free(&s);
  bed_refresh_memory(b);
}

static union shira_descriptor gemm(const struct bed *b, unsigned out) {
  const uint32_t n = b->hw.array_n, k = b->hw.array_k;
  union shira_descriptor d = {.gemm = {.opcode = SHIRA_OPCODE_GEMM, .out = (uint8_t)out}};
  d.gemm.tokens = 5;
  d.gemm.n_tiles = 2;
  d.gemm.k_tiles = 2;
  d.gemm.x_stride = 2 * k;
  d.gemm.acc_stride = 5 * 4 * n;
  if (out == SHIRA_GEMM_OUT_ACC) {
    d.gemm.win_hi = 2 * 5 * 4 * n;
  } else if (out == SHIRA_GEMM_OUT_INT8) {
    d.gemm.out_addr = INT8_AT;
    d.gemm.out_stride = 2 * n;
    d.gemm.win_lo = INT8_AT;
    d.gemm.win_hi = INT8_AT + 5 * 2 * n;
  } else { // tokens 0 to 4 are rows of the image, output tiles its columns
    d.gemm.out_addr = d.gemm.src_addr = WADD_AT;
    d.gemm.image_k_tiles = 2;
    d.gemm.out_scale = 10u << 24 | 77;
    d.gemm.win_lo = WADD_AT;
    d.gemm.win_hi = WADD_AT + 4 * n * k;
  }
  return d;
}

static union shira_descriptor good(const struct bed *b, enum kind kind) {
  union shira_descriptor d = {.header = {.opcode = SHIRA_OPCODE_NOP}};
  switch (kind) {
  case NOP:
    return d;
  case COPY_IN:
    d = bed_copy(SHIRA_SPACE_MEMORY, b->image.addr + 512, SHIRA_SPACE_WEIGHT, COPY_AT, 2, 128);
    d.copy.dst_stride = 256;
    d.copy.win_hi = COPY_AT + 256 + 128;
    return d;
  case COPY_OUT:
    return bed_copy(SHIRA_SPACE_WEIGHT, 0, SHIRA_SPACE_MEMORY, b->out.addr + OUT_AT, 4, 64);
  case SCATTER:
    return bed_scatter(b->stream.addr, stream_bytes, UPDATES, SCATTER_AT, SCATTER_AT,
                       SCATTER_AT + position(UPDATES - 1) + 1);
  case INT8:
    return gemm(b, SHIRA_GEMM_OUT_INT8);
  case WADD:
    return gemm(b, SHIRA_GEMM_OUT_WADD);
  default:
    return gemm(b, SHIRA_GEMM_OUT_ACC);
  }
}

// Everything that the good descriptor may change.
static struct window window_of(const struct bed *b, enum kind kind) {
  const union shira_descriptor d = good(b, kind);
  switch (kind) {
  case NOP:
    return (struct window){0};
  case COPY_IN:
  case COPY_OUT:
    return (struct window){d.copy.dst_space, d.copy.win_lo, d.copy.win_hi, 0};
  case SCATTER:
    return (struct window){SHIRA_SPACE_WEIGHT, d.scatter.win_lo, d.scatter.win_hi, 0};
  default:
    return (struct window){kind == INT8   ? SHIRA_SPACE_ACTIVATION
                           : kind == WADD ? SHIRA_SPACE_WEIGHT
                                          : SHIRA_SPACE_ACCUMULATOR,
                           d.gemm.win_lo, d.gemm.win_hi,
                           kind == ACC ? 0 : d.gemm.n_tiles * d.gemm.acc_stride};
  }
}

// ---- Fields ---------------------------------------------------------------------------------

#define OPCODE SHIRA_STATUS_BAD_OPCODE
#define BAD SHIRA_STATUS_BAD_FIELD
#define ALIGN SHIRA_STATUS_BAD_ALIGN
#define RANGE SHIRA_STATUS_BAD_RANGE

struct field_case {
  enum kind kind;
  size_t offset, bytes;
  bool add; // the value is added to the good one
  uint64_t value;
  unsigned status;
  const char *name;
};

#define ROW(kind, type, name, add, value, status)                                                  \
  {                                                                                                \
    kind, offsetof(struct shira_desc_##type, name), sizeof(((struct shira_desc_##type *)0)->name), \
        add, value, status, #kind " " #name " " #value                                             \
  }
#define SET(kind, type, name, value, status) ROW(kind, type, name, false, value, status)
#define ADD(kind, type, name, value, status) ROW(kind, type, name, true, value, status)

// A field with a value that it must not have. where = its offset, or the opcode.
static const struct field_case fields[] = {
    SET(NOP, header, opcode, 0, OPCODE),
    SET(NOP, header, opcode, 5, OPCODE),
    SET(COPY_IN, header, opcode, 255, OPCODE),
    SET(NOP, header, wait0_sem, 16, BAD),
    SET(INT8, header, wait0_sem, 128, BAD),
    SET(COPY_IN, header, wait1_sem, 255, BAD),
    SET(SCATTER, header, signal_sem, 16, BAD),

    SET(COPY_IN, copy, src_space, 5, BAD),
    SET(COPY_IN, copy, dst_space, 255, BAD),
    SET(COPY_OUT, copy, traffic, SHIRA_TRAFFIC_COUNT, BAD),
    SET(COPY_IN, copy, rows, 0, BAD),
    SET(COPY_OUT, copy, row_bytes, 0, BAD),
    ADD(COPY_IN, copy, src_addr, 4, ALIGN),
    ADD(COPY_IN, copy, dst_addr, 1, ALIGN),
    ADD(COPY_OUT, copy, dst_addr, 4, ALIGN),
    SET(COPY_IN, copy, row_bytes, 60, ALIGN),
    ADD(COPY_IN, copy, src_stride, 2, ALIGN),
    ADD(COPY_OUT, copy, dst_stride, 4, ALIGN),
    SET(COPY_IN, copy, dst_addr, 0x10000 - 0x100, RANGE), // the second row is outside
    SET(COPY_IN, copy, dst_addr, UINT64_C(0x100000000), RANGE),
    SET(COPY_IN, copy, dst_addr, UINT64_C(0xffffffffffffff80), RANGE),
    SET(COPY_IN, copy, dst_stride, 0xfffffff8u, RANGE),
    SET(COPY_IN, copy, row_bytes, 0xfffffff8u, RANGE),
    SET(COPY_IN, copy, rows, 0xffffffffu, RANGE),
    SET(COPY_OUT, copy, src_addr, 0x10000, RANGE),
    SET(COPY_OUT, copy, src_addr, 0x10000 - 0xf8, RANGE),
    SET(COPY_OUT, copy, src_stride, 0x80000000u, RANGE),

    SET(SCATTER, scatter, op, 4, BAD),
    SET(SCATTER, scatter, format, 0, BAD),
    SET(SCATTER, scatter, format, 3, BAD),
    SET(SCATTER, scatter, space, SHIRA_SPACE_ACTIVATION, BAD),
    SET(SCATTER, scatter, traffic, SHIRA_TRAFFIC_WEIGHT, BAD),
    SET(SCATTER, scatter, updates, 0, BAD),
    SET(SCATTER, scatter, stream_bytes, 0, BAD),
    ADD(SCATTER, scatter, stream_addr, 16, ALIGN),
    ADD(SCATTER, scatter, stream_bytes, 8, ALIGN),
    ADD(SCATTER, scatter, base, 1, ALIGN),
    SET(SCATTER, scatter, base, 0x10000, RANGE),
    SET(SCATTER, scatter, base, 0xfffffffcu, RANGE),
    SET(SCATTER, scatter, win_hi, 0x10001, RANGE),
    SET(SCATTER, scatter, win_hi, UINT64_C(0x100002400), RANGE),
    SET(SCATTER, scatter, win_hi, UINT64_MAX, RANGE),

    SET(ACC, gemm, out, 3, BAD),
    SET(ACC, gemm, seed, 3, BAD),
    SET(INT8, gemm, uniform, 2, BAD),
    SET(WADD, gemm, tokens, 0, BAD),
    SET(INT8, gemm, n_tiles, 0, BAD),
    SET(INT8, gemm, k_tiles, 0, BAD),
    SET(WADD, gemm, image_k_tiles, 0, BAD),
    SET(WADD, gemm, image_k_tiles, 1, BAD), // results would fall on each other
    ADD(INT8, gemm, w_addr, 4, ALIGN),
    ADD(INT8, gemm, x_addr, 1, ALIGN),
    ADD(INT8, gemm, x_stride, 2, ALIGN),
    ADD(ACC, gemm, acc_addr, 8, ALIGN),
    ADD(ACC, gemm, acc_stride, 4, ALIGN),
    ADD(INT8, gemm, param_addr, 8, ALIGN),
    ADD(INT8, gemm, out_addr, 1, ALIGN),
    ADD(WADD, gemm, out_addr, 4, ALIGN),
    ADD(INT8, gemm, out_stride, 1, ALIGN),
    ADD(WADD, gemm, src_addr, 4, ALIGN),
    SET(INT8, gemm, w_addr, 0x10000 - 48, RANGE), // of the four tiles one is outside
    SET(INT8, gemm, w_addr, 0xfffffff0u, RANGE),
    SET(ACC, gemm, n_tiles, 0x10000000u, RANGE),
    SET(INT8, gemm, x_addr, 0x4000 - 36, RANGE), // of 40 bytes four are outside
    SET(INT8, gemm, x_stride, 0xfffffffcu, RANGE),
    SET(ACC, gemm, acc_addr, 0x1000 - 144, RANGE),
    SET(ACC, gemm, acc_stride, 0xfffffff0u, RANGE),
    SET(INT8, gemm, param_addr, 0x1000 - 32, RANGE),
    SET(INT8, gemm, out_addr, 0x4000 - 36, RANGE),
    SET(INT8, gemm, out_stride, 0x80000000u, RANGE),
    SET(WADD, gemm, out_addr, 0x10000 - 48, RANGE),
    SET(WADD, gemm, src_addr, 0x10000 - 48, RANGE),
};

// Where a range that is left is blamed on another field than the one that was spoiled.
static unsigned blamed(const struct field_case *f) {
  if (f->status != RANGE || f->kind == SCATTER)
    return (unsigned)f->offset;
  switch (f->kind) {
  case COPY_IN:
    return offsetof(struct shira_desc_copy, dst_addr);
  case COPY_OUT:
    return offsetof(struct shira_desc_copy, src_addr);
  default:
    switch (f->offset) {
    case offsetof(struct shira_desc_gemm, n_tiles):
      return offsetof(struct shira_desc_gemm, w_addr);
    case offsetof(struct shira_desc_gemm, x_stride):
      return offsetof(struct shira_desc_gemm, x_addr);
    case offsetof(struct shira_desc_gemm, acc_stride):
      return offsetof(struct shira_desc_gemm, acc_addr);
    case offsetof(struct shira_desc_gemm, out_stride):
      return offsetof(struct shira_desc_gemm, out_addr);
    default:
      return (unsigned)f->offset;
    }
  }
}

static void test_field(struct bed *b, const struct field_case *f) {
  union shira_descriptor d = good(b, f->kind);
  // Without the refusal the whole space would be open.
  if (f->kind == COPY_IN || f->kind == COPY_OUT)
    d.copy.win_lo = 0, d.copy.win_hi = UINT64_MAX;
  else if (f->kind == SCATTER)
    d.scatter.win_lo = 0, d.scatter.win_hi = b->hw.weight_bytes;
  else if (f->kind != NOP)
    d.gemm.win_lo = 0, d.gemm.win_hi = UINT64_MAX;
  uint64_t value = 0;
  memcpy(&value, d.raw + f->offset, f->bytes);
  value = f->add ? value + f->value : f->value;
  memcpy(d.raw + f->offset, &value, f->bytes);
  const struct verdict v = {.status = f->status,
                            .where = f->status == OPCODE ? f->value : blamed(f)};
  bed_run_bad(b, &d, &v);
  tap(b, f->name);
}

// ---- Windows --------------------------------------------------------------------------------

enum edge { LO, HI };

// Windows that are too small: an edge moved by `by`. COPY and GEMM then do nothing; the first byte
// that does not fit is `where` bytes after the good window's start.
static const struct {
  enum kind kind;
  enum edge edge;
  int by;
  unsigned where;
} windows[] = {
    {COPY_IN, HI, -8, 0x178},    //
    {COPY_IN, HI, -1, 0x17f},    //
    {COPY_IN, HI, -0x80, 0x100}, // ends where the second row starts
    {COPY_IN, HI, -0xc0, 0x100}, // ends in the gap between the rows
    {COPY_IN, HI, -0x140, 0x40}, // ends in the first row
    {COPY_IN, HI, -0x180, 0},    // empty
    {COPY_IN, HI, -0x181, 0},    // ends before it starts
    {COPY_IN, LO, 8, 0},         //
    {COPY_IN, LO, 0x100, 0},     //
    {COPY_OUT, HI, -8, 248},     //
    {COPY_OUT, HI, -64, 192},    //
    {COPY_OUT, LO, 8, 0},        //
    {COPY_OUT, LO, 64, 0},       //
    {INT8, HI, -4, 36},          //
    {INT8, HI, -1, 39},          //
    {INT8, HI, -14, 26},         // in the midst of a vector
    {INT8, HI, -20, 20},         //
    {INT8, LO, 1, 0},            //
    {INT8, LO, 4, 0},            //
    {WADD, HI, -16, 48},         //
    {WADD, HI, -13, 51},         //
    {WADD, LO, 4, 0},            //
    {ACC, HI, -16, 144},         //
    {ACC, HI, -1, 159},          //
    {ACC, LO, 16, 0},            //
};

static const char *const kinds[] = {"NOP", "COPY_IN", "COPY_OUT", "SCATTER", "INT8", "WADD", "ACC"};

static void run_window(struct bed *b, enum kind kind, struct window w, uint64_t where,
                       uint32_t updates, const char *name) {
  union shira_descriptor d = good(b, kind);
  uint64_t *lo = kind == SCATTER    ? &d.scatter.win_lo
                 : kind <= COPY_OUT ? &d.copy.win_lo
                                    : &d.gemm.win_lo;
  uint64_t *hi = kind == SCATTER    ? &d.scatter.win_hi
                 : kind <= COPY_OUT ? &d.copy.win_hi
                                    : &d.gemm.win_hi;
  *lo = w.lo;
  *hi = w.hi;
  const struct verdict v = {.status = SHIRA_STATUS_WINDOW,
                            .where = where,
                            .counts = kind == SCATTER,
                            .count = updates,
                            .w = kind == SCATTER ? w : (struct window){0}};
  bed_run_bad(b, &d, &v);
  tap(b, name);
}

static void test_windows(struct bed *b) {
  char name[80];
  for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++) {
    struct window w = window_of(b, windows[i].kind);
    const uint64_t where = w.lo + windows[i].where;
    *(windows[i].edge == LO ? &w.lo : &w.hi) += (uint64_t)(int64_t)windows[i].by;
    snprintf(name, sizeof(name), "%s window %s %+d", kinds[windows[i].kind],
             windows[i].edge == LO ? "lo" : "hi", windows[i].by);
    run_window(b, windows[i].kind, w, where, 0, name);
  }
}

// The window ends at each update in turn, and starts behind the first one.
static void test_scatter_windows(struct bed *b) {
  char name[80];
  for (unsigned i = 0; i < UPDATES; i += i < 4 || i >= UPDATES - 2 ? 1 : 5) {
    struct window w = window_of(b, SCATTER);
    w.hi = SCATTER_AT + position(i);
    snprintf(name, sizeof(name), "SCATTER window ends before update %u", i);
    run_window(b, SCATTER, w, w.hi, i, name);
  }
  struct window w = window_of(b, SCATTER);
  w.lo++;
  run_window(b, SCATTER, w, SCATTER_AT, 0, "SCATTER window lo +1");
}

// Bits above an SRAM's address count.
static void test_high_windows(struct bed *b) {
  static const enum kind with[] = {COPY_IN, COPY_OUT, INT8, WADD, ACC};
  char name[80];
  for (size_t i = 0; i < sizeof(with) / sizeof(with[0]); i++) {
    struct window w = window_of(b, with[i]);
    const uint64_t where = w.lo;
    w.lo += UINT64_C(1) << 32;
    w.hi += UINT64_C(1) << 32;
    snprintf(name, sizeof(name), "%s window 4 GiB higher", kinds[with[i]]);
    run_window(b, with[i], w, where, 0, name);
  }
}

// Updates that no SRAM has: the window ends with the SRAM, and stops them.
static void test_scatter_range(struct bed *b) {
  const struct window w = {SHIRA_SPACE_WEIGHT, b->hw.weight_bytes - 36, b->hw.weight_bytes, 0};
  union shira_descriptor d = good(b, SCATTER);
  d.scatter.base = b->hw.weight_bytes - 36; // six updates are within it, the next is at 42
  d.scatter.win_lo = w.lo;
  d.scatter.win_hi = w.hi;
  const struct verdict v = {.status = SHIRA_STATUS_WINDOW,
                            .where = d.scatter.base + position(6),
                            .counts = true,
                            .count = 6,
                            .w = w};
  bed_run_bad(b, &d, &v);
  tap(b, "SCATTER leaves the SRAM");
}

// ---- Memory that is not there ---------------------------------------------------------------

static void run_nowhere(struct bed *b, union shira_descriptor d, unsigned status, uint64_t where,
                        struct window w, const char *name) {
  const struct verdict v = {.status = status, .where = where, .w = w};
  bed_run_bad(b, &d, &v);
  tap(b, name);
}

static void test_nowhere(struct bed *b) {
  static const uint64_t places[] = {0, 0x1000, SHIRA_MEMORY_BASE - 128,
                                    UINT64_C(0x8000000000000000), UINT64_C(0xfffffffffffffe00)};
  char name[80];
  for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
    const uint64_t at = places[i];
    union shira_descriptor d = good(b, COPY_IN);
    d.copy.src_addr = at;
    snprintf(name, sizeof(name), "COPY_IN from 0x%llx", (unsigned long long)at);
    run_nowhere(b, d, SHIRA_STATUS_READ_DECERR, at, window_of(b, COPY_IN), name);
    d = good(b, COPY_OUT);
    d.copy.dst_addr = d.copy.win_lo = at;
    d.copy.win_hi = UINT64_MAX;
    snprintf(name, sizeof(name), "COPY_OUT to 0x%llx", (unsigned long long)at);
    run_nowhere(b, d, SHIRA_STATUS_WRITE_DECERR, at, (struct window){0}, name);
    d = good(b, SCATTER);
    d.scatter.stream_addr = at;
    snprintf(name, sizeof(name), "SCATTER from 0x%llx", (unsigned long long)at);
    run_nowhere(b, d, SHIRA_STATUS_READ_DECERR, at, (struct window){0}, name);
  }
  const uint64_t end = b->out.addr + OUT_BYTES; // an unmapped page follows
  union shira_descriptor d = good(b, COPY_IN);
  d.copy.src_addr = end - 64;
  run_nowhere(b, d, SHIRA_STATUS_READ_DECERR, end, window_of(b, COPY_IN),
              "COPY_IN runs off the end of memory");
  d = good(b, COPY_OUT);
  d.copy.dst_addr = d.copy.win_lo = end - 192;
  d.copy.win_hi = UINT64_MAX;
  run_nowhere(b, d, SHIRA_STATUS_WRITE_DECERR, end,
              (struct window){SHIRA_SPACE_MEMORY, end - 192, end, 0},
              "COPY_OUT runs off the end of memory");
  d = good(b, SCATTER);
  d.scatter.stream_addr = b->stream.addr + STREAM_BYTES - 64;
  memcpy((uint8_t *)b->stream.host + STREAM_BYTES - 64, b->stream.host, 64);
  memcpy(b->stream_host + STREAM_BYTES - 64, b->stream_host, 64);
  run_nowhere(b, d, SHIRA_STATUS_READ_DECERR, b->stream.addr + STREAM_BYTES, window_of(b, SCATTER),
              "SCATTER runs off the end of memory");
}

// ---- Semaphores -----------------------------------------------------------------------------

// A signal that nobody gives. where = the engines that were not idle.
static void test_no_progress(struct bed *b) {
  static const struct {
    enum kind kind;
    unsigned engine;
  } with[] = {{NOP, SHIRA_ENGINE_COMMAND},
              {COPY_IN, SHIRA_ENGINE_COPY},
              {SCATTER, SHIRA_ENGINE_SCATTER},
              {INT8, SHIRA_ENGINE_GEMM}};
  char name[80];
  for (size_t i = 0; i < 2 * sizeof(with) / sizeof(with[0]); i++) {
    union shira_descriptor d = good(b, with[i / 2].kind);
    if (i % 2)
      d.header.wait1_sem = 15, d.header.wait1_value = 1;
    else
      bed_wait_for(&d, 3, 5);
    const struct verdict v = {.status = SHIRA_STATUS_NO_PROGRESS,
                              .where = UINT64_C(1) << with[i / 2].engine,
                              .where_mask = true};
    const uint64_t before = bed_cycles(b);
    bed_run_bad(b, &d, &v);
    expect(b, bed_cycles(b) - before < 200000, "the watchdog took long");
    snprintf(name, sizeof(name), "%s waits for a signal that never comes, wait%zu",
             kinds[with[i / 2].kind], i % 2);
    tap(b, name);
  }
}

// ---- All ------------------------------------------------------------------------------------

// None of the good descriptors fails by itself: the errors are what was spoiled.
static void test_good(struct bed *b) {
  for (enum kind k = NOP; k <= ACC; k++) {
    const union shira_descriptor d = good(b, k);
    const struct window w = window_of(b, k);
    struct shira_run_result r = {0};
    b->why[0] = '\0';
    int rc = shira_run(b->drv, &d, 1, BED_DEADLINE, &r);
    expect(b, rc == 0, "%s", shira_driver_error(b->drv));
    bed_check_memory(b, &w);
    bed_check_srams(b, &w);
    bed_check_works(b);
    tap(b, kinds[k]);
  }
}

static void test_all(const char *backend, unsigned stall) {
  struct bed b;
  bed_open(&b, backend, stall, NULL);
  make_stream(&b);
  bed_move_srams(&b, true);
  test_good(&b);
  for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
    test_field(&b, &fields[i]);
  test_windows(&b);
  test_scatter_windows(&b);
  test_high_windows(&b);
  test_scatter_range(&b);
  test_nowhere(&b);
  test_no_progress(&b);
  struct shira_driver_stats stats;
  shira_driver_stats(b.drv, &stats);
  b.why[0] = '\0';
  expect(&b, stats.resets == 0, "%llu resets were needed", (unsigned long long)stats.resets);
  expect(&b, stats.lost_interrupts == 0, "%llu interrupts were lost",
         (unsigned long long)stats.lost_interrupts);
  tap(&b, "all without a reset and without a lost interrupt");
  bed_close(&b);
}

int main(int argc, char **argv) {
  bed_stalls(test_all, argc > 1 ? argv[1] : NULL);
  return tap_end();
}
