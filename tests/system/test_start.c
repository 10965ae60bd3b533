// Where a timing starts, and what a reset keeps: after reset and settle a program takes the same
// cycles, counters and statistics of memory, whatever ran before; SRAMs keep their contents over a
// reset; and a device survives a fork.
//
// Environment: see bed.h. test_start [DEVICE]
#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/port.h"
#include "tests/system/bed.h"

#define HISTORIES 20u
#define PROGRAMS 3u
#define LONGEST 8u // descriptors of a program
#define HOST_BYTES 4096u

static uint64_t device_cycles(struct bed *b) {
  return bed_cycles(b);
}

static const struct shira_device_ops *ops_of(struct bed *b, struct shira_device **dev) {
  *dev = shira_driver_device(b->drv);
  return (*dev)->ops;
}

// ---- Programs -------------------------------------------------------------------------------

// Copies that hop over rows of the DRAM and leave parts of bursts as they are, against others.
static unsigned copies(struct bed *b, union shira_descriptor *d) {
  const uint32_t from = b->offset[SHIRA_SPACE_WEIGHT], beat = b->hw.axi_data_bits / 8;
  for (unsigned i = 0; i < 4; i++) {
    union shira_descriptor *load = &d[2 * i], *store = &d[2 * i + 1];
    *load = bed_copy(SHIRA_SPACE_MEMORY, b->image.addr + from + 8192 * i, SHIRA_SPACE_WEIGHT,
                     4096 * i, 16, 256);
    load->copy.src_stride = 512;
    *store = bed_copy(SHIRA_SPACE_MEMORY, b->stream.addr, SHIRA_SPACE_MEMORY,
                      b->out.addr + 2048 * i + beat, 6, 5 * beat);
    store->copy.dst_stride = 9 * beat;
    store->copy.win_hi = b->out.addr + OUT_BYTES;
  }
  return 8;
}

// Over the host's link and from the device's memory, in turn.
static unsigned from_host(const struct shira_mem *host, struct bed *b, union shira_descriptor *d) {
  for (unsigned i = 0; i < 4; i++)
    d[i] = bed_copy(SHIRA_SPACE_MEMORY, i % 2 ? b->image.addr + 1024 * i : host->addr + 512 * i,
                    SHIRA_SPACE_ACTIVATION, 1024 * i, 1, 1024);
  return 4;
}

static unsigned program(struct bed *b, const struct shira_mem *host, unsigned p,
                        union shira_descriptor *d) {
  if (p == 0) {
    bed_good_program(b, d);
    return 4;
  }
  return p == 1 ? copies(b, d) : from_host(host, b, d);
}

// ---- What a program takes -------------------------------------------------------------------

struct figures {
  uint64_t cycles;  // from doorbell to completion
  uint64_t elapsed; // of the device, from settling to its end
  uint64_t counters[SHIRA_COUNTER_COUNT];
  struct shira_dram_stats memory;
};

// Resets, settles, runs the program and says what it took.
static void take(struct bed *b, const struct shira_mem *host, unsigned eighth, unsigned p,
                 struct figures *f) {
  union shira_descriptor d[LONGEST];
  struct shira_run_result r = {0};
  struct shira_device_info before, after;
  struct shira_device *dev;
  const struct shira_device_ops *ops = ops_of(b, &dev);
  memset(f, 0, sizeof(*f));
  int rc = shira_reset(b->drv);
  expect(b, rc == 0, "no reset: %s", shira_driver_error(b->drv));
  const uint64_t began = device_cycles(b);
  rc = ops->settle(dev, eighth);
  expect(b, rc == 0 && device_cycles(b) == began, "settle gave %d after %llu cycles", rc,
         (unsigned long long)(device_cycles(b) - began));
  ops->describe(dev, &before);
  const unsigned n = program(b, host, p, d);
  rc = shira_counters_clear(b->drv);
  if (rc == 0)
    rc = shira_run(b->drv, d, n, BED_DEADLINE, &r);
  if (rc == 0)
    rc = shira_counters(b->drv, f->counters);
  expect(b, rc == 0, "program %u gave %d: %s", p, rc, shira_driver_error(b->drv));
  ops->describe(dev, &after);
  f->cycles = r.cycles;
  f->elapsed = after.cycles - before.cycles;
  shira_dram_stats_since(&after.memory, &before.memory, &f->memory);
}

static void compare(struct bed *b, const struct figures *f, const struct figures *first,
                    const char *what) {
  expect(b, f->cycles == first->cycles, "%s: %llu cycles, at first %llu", what,
         (unsigned long long)f->cycles, (unsigned long long)first->cycles);
  expect(b, f->elapsed == first->elapsed, "%s: the device ran %llu cycles, at first %llu", what,
         (unsigned long long)f->elapsed, (unsigned long long)first->elapsed);
  for (unsigned i = 0; i < SHIRA_COUNTER_COUNT; i++)
    expect(b, f->counters[i] == first->counters[i], "%s: counter %s is %llu, at first %llu", what,
           shira_counter_name(i), (unsigned long long)f->counters[i],
           (unsigned long long)first->counters[i]);
  expect(b, memcmp(&f->memory, &first->memory, sizeof(f->memory)) == 0,
         "%s: memory did something else than at first", what);
}

// ---- What was before ------------------------------------------------------------------------

// A bad descriptor, and perhaps what follows from it.
static void halt(struct bed *b) {
  union shira_descriptor d = bed_copy(SHIRA_SPACE_MEMORY, 0, SHIRA_SPACE_WEIGHT, 0, 1, 64);
  struct shira_run_result r = {0};
  (void)shira_run(b->drv, &d, 1, BED_DEADLINE, &r);
  if (bed_below(2))
    (void)shira_recover(b->drv, BED_RECOVER);
}

// Programs, whole or stopped in the middle by the reset that follows, errors, and time.
static void history(struct bed *b, const struct shira_mem *host) {
  union shira_descriptor d[LONGEST];
  struct shira_run_result r = {0};
  struct shira_device *dev;
  const struct shira_device_ops *ops = ops_of(b, &dev);
  for (unsigned i = bed_below(4); i > 0; i--) {
    const unsigned n = program(b, host, bed_below(PROGRAMS), d);
    (void)shira_run(b->drv, d, n, BED_DEADLINE, &r);
    ops->advance(dev, bed_below(3) ? bed_below(2000) : bed_below(8));
  }
  if (bed_below(5) == 0) {
    halt(b);
  } else if (bed_below(3)) {
    const unsigned n = program(b, host, bed_below(PROGRAMS), d);
    if (shira_submit(b->drv, d, n, NULL) == 0)
      ops->advance(dev, bed_below(1500));
  }
}

static void test_same(const char *backend, const char *machine, unsigned stall) {
  static struct figures first[8][PROGRAMS], f;
  struct bed b;
  struct shira_mem host;
  char name[128], what[64];
  bed_machine = machine;
  bed_open(&b, backend, stall, NULL);
  expect(&b, shira_alloc_host(b.drv, HOST_BYTES, &host) == 0, "no memory of the host");
  for (unsigned i = 0; i < 8 * PROGRAMS; i++)
    take(&b, &host, i / PROGRAMS, i % PROGRAMS, &first[i / PROGRAMS][i % PROGRAMS]);
  for (unsigned h = 0; h < HISTORIES; h++)
    for (unsigned e = 0; e < 8 && !b.why[0]; e++) {
      const unsigned p = (h + e) % PROGRAMS;
      history(&b, &host);
      take(&b, &host, e, p, &f);
      snprintf(what, sizeof(what), "history %u, eighth %u, program %u", h, e, p);
      compare(&b, &f, &first[e][p], what);
    }
  unsigned differ = 0;
  for (unsigned e = 1; e < 8; e++)
    for (unsigned p = 0; p < PROGRAMS; p++)
      differ += first[e][p].cycles != first[0][p].cycles;
  const bool refreshed = b.hw.has_dram && bed_timed(&b);
  expect(&b, (differ != 0) == refreshed, "%u of %u figures differ by the eighth", differ,
         7 * PROGRAMS);
  snprintf(name, sizeof(name), "%s: a program takes the same after %u histories", b.hw.name,
           HISTORIES);
  tap(&b, name);
  bed_close(&b);
}

// ---- Settling at a bad time -----------------------------------------------------------------

static void test_refused(const char *backend, unsigned stall) {
  struct bed b;
  struct shira_device *dev;
  union shira_descriptor d[LONGEST];
  bed_machine = "configs/hw/tiny-dram.yaml";
  bed_open(&b, backend, stall, NULL);
  const struct shira_device_ops *ops = ops_of(&b, &dev);
  expect(&b, ops->settle(dev, 8) == -EINVAL, "an eighth of 8 is taken");
  expect(&b, ops->settle(dev, 7) == 0, "an eighth of 7 is not taken");
  const unsigned n = copies(&b, d);
  expect(&b, shira_submit(b.drv, d, n, NULL) == 0, "%s", shira_driver_error(b.drv));
  unsigned busy = 0;
  for (unsigned i = 0; i < 300; i++) {
    const int rc = ops->settle(dev, 0);
    expect(&b, rc == 0 || rc == -EBUSY, "settle gave %d", rc);
    busy += rc == -EBUSY;
    ops->advance(dev, 3);
  }
  expect(&b, bed_timed(&b) ? busy > 50 : busy == 0, "busy in %u of 300 looks", busy);
  const int rc = shira_wait(b.drv, n - 1, BED_DEADLINE, NULL);
  expect(&b, rc == 0, "the program gave %d afterwards: %s", rc, shira_driver_error(b.drv));
  bed_refresh_memory(&b);
  bed_move_srams(&b, true);
  bed_check_works(&b);
  tap(&b, "settle while the device works, and with bad arguments");
  bed_close(&b);
}

static void test_memory_told(const char *backend) {
  struct bed b;
  struct shira_device *dev;
  struct shira_device_info info;
  double mb_s = -1;
  bed_machine = "configs/hw/edge16.yaml";
  bed_open(&b, backend, 0, NULL);
  const struct shira_device_ops *ops = ops_of(&b, &dev);
  const uint64_t began = device_cycles(&b);
  const int rc = ops->sequential(dev, &mb_s);
  const double peak = b.hw.memory_peak_mb_s;
  expect(&b, rc == 0 && mb_s <= peak && mb_s >= 0.85 * peak && (mb_s < peak) == bed_timed(&b),
         "in sequence memory gives %.0f MB/s of %.0f (%d)", mb_s, peak, rc);
  ops->describe(dev, &info);
  expect(&b, info.refresh_cycles == (bed_timed(&b) ? 3904 : 0), "refreshed each %u cycles",
         info.refresh_cycles); // LPDDR4X: 3904 ns
  expect(&b, device_cycles(&b) == began, "time went by");
  tap(&b, "what the device says of its memory");
  bed_close(&b);
}

// Memory of somebody else, which is nowhere.
static bool port_no(struct shira_port *p, uint64_t addr, uint64_t bytes) {
  (void)p, (void)addr, (void)bytes;
  return false;
}

static bool port_full(struct shira_port *p, const struct shira_burst *burst, uint32_t tag) {
  (void)p, (void)burst, (void)tag;
  return false;
}

static void port_nothing(struct shira_port *p) {
  (void)p;
}

static bool port_none(struct shira_port *p, uint32_t *tag) {
  (void)p, (void)tag;
  return false;
}

static const struct shira_dram_stats *port_unknown(struct shira_port *p) {
  (void)p;
  return NULL;
}

static int port_settle(struct shira_port *p, unsigned eighth) {
  (void)p;
  return eighth == 3 ? 0 : -ENOTSUP;
}

// A device before it asks its owner to settle it, and says nothing of it itself.
static void test_foreign(const char *backend) {
  static const struct shira_port_ops ops = {
      .reaches = port_no,
      .push = port_full,
      .tick = port_nothing,
      .pop = port_none,
      .clear = port_nothing,
      .settle = port_settle,
      .close = port_nothing,
      .stats = port_unknown,
  };
  struct shira_port port = {&ops};
  struct bed b;
  struct shira_device *dev;
  struct shira_device_info info;
  double mb_s = -1;
  char library[1024];
  bed_machine = "configs/hw/tiny-dram.yaml";
  bed_init(&b, backend, 0);
  bed_library(&b, library, sizeof(library));
  const struct shira_device_options o = {.machine = &b.hw, .rtl_library = library, .port = &port};
  struct shira_error e = {""};
  if (expect(&b, shira_device_open(backend, &o, &dev, &e) == 0, "%s", e.text)) {
    expect(&b, dev->ops->settle(dev, 3) == 0 && dev->ops->settle(dev, 4) == -ENOTSUP,
           "the port was not asked to settle");
    expect(&b, dev->ops->sequential(dev, &mb_s) == -ENOTSUP && mb_s == 0,
           "it knows the rate of what is not its own");
    dev->ops->describe(dev, &info);
    expect(&b, info.refresh_cycles == 0, "it knows the refresh of what is not its own");
    dev->ops->close(dev);
  }
  tap(&b, "memory of somebody else");
  bed_close(&b);
}

// ---- What a reset keeps ---------------------------------------------------------------------

static void test_reset_keeps(const char *backend, unsigned stall) {
  struct bed b;
  struct shira_device *dev;
  bed_machine = "configs/hw/tiny.yaml";
  bed_open(&b, backend, stall, NULL);
  const struct shira_device_ops *ops = ops_of(&b, &dev);
  bed_move_srams(&b, true);
  expect(&b, shira_reset(b.drv) == 0, "no reset: %s", shira_driver_error(b.drv));
  bed_check_srams(&b, NULL);
  for (unsigned i = 0; i < 20 && !b.why[0]; i++) { // in the middle of a copy
    union shira_descriptor d =
        bed_copy(SHIRA_SPACE_MEMORY, b.image.addr + 64, SHIRA_SPACE_WEIGHT, 4096, 16, 256);
    expect(&b, shira_submit(b.drv, &d, 1, NULL) == 0 && ops->advance(dev, 100 + 90 * i) == 0,
           "not submitted: %s", shira_driver_error(b.drv));
    expect(&b, shira_reset(b.drv) == 0, "no reset: %s", shira_driver_error(b.drv));
    bed_check_memory(&b, NULL);
    const struct window w = {SHIRA_SPACE_WEIGHT, 4096, 8192, 0};
    bed_check_srams(&b, &w);
  }
  bed_check_works(&b);
  tap(&b, "a reset keeps what was not in flight");
  bed_close(&b);
}

// ---- Fork -----------------------------------------------------------------------------------

static unsigned threads(void) {
  DIR *dir = opendir("/proc/self/task");
  unsigned n = 0;
  for (struct dirent *e; dir && (e = readdir(dir)) != NULL;)
    n += e->d_name[0] != '.';
  if (dir)
    closedir(dir);
  return n;
}

// A child works on its copy of an open device and ends, or closes it first; then the parent goes
// on.
static void test_fork(const char *backend) {
  enum { ROUNDS = 10, PATIENCE = 60 };
  struct bed b;
  bed_machine = "configs/hw/tiny.yaml";
  const unsigned before = threads();
  bed_open(&b, backend, 0, NULL);
  expect(&b, threads() == before, "the device started %u threads", threads() - before);
  for (unsigned i = 0; i < ROUNDS && !b.why[0]; i++) {
    bed_move_srams(&b, true);
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
      alarm(PATIENCE);
      bed_check_works(&b);
      const bool bad = b.why[0] != '\0';
      if (i % 2)
        shira_close(b.drv);
      _exit(bad);
    }
    int status = -1;
    waitpid(child, &status, 0);
    expect(&b, child > 0 && status == 0, "round %u: the child ended with 0x%x", i, status);
    bed_check_works(&b);
  }
  alarm(PATIENCE);
  tap(&b, "a device survives a fork");
  bed_close(&b);
  alarm(0);
}

int main(int argc, char **argv) {
  const char *device = getenv("SHIRA_DEVICE");
  const char *backend = argc > 1 ? argv[1] : device ? device : "rtl";
  printf("# seed %llu\n", (unsigned long long)bed_seed());
  for (unsigned stall = 0; stall <= 20; stall += 20) {
    test_same(backend, "configs/hw/tiny-dram.yaml", stall);
    test_same(backend, "configs/hw/tiny.yaml", stall);
    test_same(backend, "configs/hw/edge16.yaml", stall);
    test_refused(backend, stall);
    test_reset_keeps(backend, stall);
  }
  test_memory_told(backend);
  if (strcmp(backend, "golden") != 0)
    test_foreign(backend);
  test_reset_keeps("golden", 0);
  test_refused("golden", 0);
  test_memory_told("golden");
  test_fork(backend);
  return tap_end();
}
