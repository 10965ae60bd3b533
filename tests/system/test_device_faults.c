// A device, and a memory behind it, that fail: AXI errors on every path, memory that never answers,
// interrupts that get lost, a device that never answers, a simulation that may run no longer. Each
// gives one clear error within its deadline, changes nothing outside the windows, and is recovered.
//
// test_device_faults [DEVICE]; see bed.h.
#include "tests/system/bed.h"

#define FIRST 4u         // sequence number of the bad program: four descriptors fill the SRAMs
#define COPY_FROM 0x800u // offset in the stream buffer
#define OUT_AT 1024u
#define UPDATES 64u

// ---- Paths to memory ------------------------------------------------------------------------

enum path { COPY_READ, COPY_WRITE, SCATTER_READ, SWAP_WRITE, FETCH, COMPLETION, PATHS };

static const char *const paths[PATHS] = {"COPY's read",  "COPY's write",     "SCATTER's read",
                                         "SWAP's write", "descriptor fetch", "completion write"};

static bool writes(enum path p) {
  return p == COPY_WRITE || p == SWAP_WRITE || p == COMPLETION;
}

// Of SWAP the values are those that are there, so that it leaves all as it is.
static uint32_t make_stream(struct bed *b, bool swap) {
  const struct shira_stream_rules rules = shira_stream_rules_of(&b->hw);
  uint32_t pos[UPDATES];
  uint8_t value[UPDATES];
  for (unsigned i = 0; i < UPDATES; i++) {
    pos[i] = 5 * i;
    value[i] = (uint8_t)(b->image_host[pos[i]] ^ (swap ? 0 : 0xff));
  }
  struct shira_stream s;
  if (shira_stream_encode(&rules, pos, value, UPDATES, &s, NULL) || s.bytes > COPY_FROM)
    exit(99);
  memcpy(b->stream_host, s.data, s.bytes);
  const uint32_t bytes = s.bytes;
  shira_stream_free(&s);
  bed_refresh_memory(b);
  return bytes;
}

// Offset of the stream's last block.
static uint32_t last_block(struct bed *b, uint32_t bytes) {
  const uint32_t align = b->hw.memory_burst_bytes;
  uint32_t at = 0, last = 0;
  while (at < bytes) {
    struct shira_block_header h;
    memcpy(&h, b->stream_host + at, sizeof(h));
    last = at;
    at += (uint32_t)(sizeof(h) + h.gap_bytes + align - 1) / align * align +
          (h.updates + align - 1) / align * align;
  }
  return last;
}

// The descriptor that takes the path, what it may change, and the burst that is hit: not the first.
static union shira_descriptor descriptor(struct bed *b, enum path p, struct window *w,
                                         uint64_t *hit) {
  const uint32_t bytes = make_stream(b, p == SWAP_WRITE);
  union shira_descriptor d;
  switch (p) {
  case COPY_READ:
    *w = (struct window){SHIRA_SPACE_WEIGHT, 0x1000, 0x1000 + 256, 0};
    *hit = b->stream.addr + COPY_FROM + 128;
    return bed_copy(SHIRA_SPACE_MEMORY, b->stream.addr + COPY_FROM, SHIRA_SPACE_WEIGHT, 0x1000, 1,
                    256);
  case SCATTER_READ:
    *w = (struct window){SHIRA_SPACE_WEIGHT, 0, 5 * UPDATES, 0};
    *hit = b->stream.addr + 64;
    return bed_scatter(b->stream.addr, bytes, UPDATES, 0, 0, 5 * UPDATES);
  case SWAP_WRITE: // the last write of all: the checksum of the last block
    *w = (struct window){SHIRA_SPACE_WEIGHT, 0, 5 * UPDATES, 0};
    *hit = b->stream.addr + last_block(b, bytes);
    d = bed_scatter(b->stream.addr, bytes, UPDATES, 0, 0, 5 * UPDATES);
    d.scatter.op = SHIRA_SCATTER_OP_SWAP;
    return d;
  default:
    *w = (struct window){SHIRA_SPACE_MEMORY, b->out.addr + OUT_AT, b->out.addr + OUT_AT + 256, 0};
    *hit = p == COPY_WRITE ? b->out.addr + OUT_AT + 128
           : p == FETCH    ? b->ring + (FIRST + BAD_INDEX) % BED_RING * SHIRA_DESCRIPTOR_BYTES
                           : b->completions + FIRST % BED_RING * SHIRA_COMPLETION_BYTES;
    return bed_copy(SHIRA_SPACE_WEIGHT, 0, SHIRA_SPACE_MEMORY, b->out.addr + OUT_AT, 1, 256);
  }
}

// A device whose burst at `hit` fails so. Memory lies where it lay when the addresses were found.
static union shira_descriptor open_with(struct bed *b, const char *backend, unsigned stall,
                                        enum shira_fault_kind kind, enum path p, struct window *w,
                                        uint64_t *hit) {
  bed_open(b, backend, stall, NULL);
  (void)descriptor(b, p, w, hit);
  const struct shira_fault fault = {.kind = kind, .addr = *hit, .bytes = 1};
  bed_close(b);
  bed_open(b, backend, stall, &fault);
  bed_move_srams(b, true);
  return descriptor(b, p, w, hit);
}

// ---- SLVERR and DECERR ----------------------------------------------------------------------

static const struct {
  enum shira_fault_kind kind;
  bool write;
  unsigned status;
} errors[] = {
    {SHIRA_FAULT_READ_SLVERR, false, SHIRA_STATUS_READ_SLVERR},
    {SHIRA_FAULT_READ_DECERR, false, SHIRA_STATUS_READ_DECERR},
    {SHIRA_FAULT_WRITE_SLVERR, true, SHIRA_STATUS_WRITE_SLVERR},
    {SHIRA_FAULT_WRITE_DECERR, true, SHIRA_STATUS_WRITE_DECERR},
};

// A completion record that cannot be written: the driver learns it from the device's registers.
// Which record number stays empty is the device's choice.
static void lose_completion(struct bed *b, unsigned status, uint64_t hit) {
  union shira_descriptor d[4];
  uint32_t first;
  char where[40];
  bed_good_program(b, d);
  int rc = shira_submit(b->drv, d, 4, &first);
  expect(b, rc == 0 && first == FIRST, "not submitted: %s", shira_driver_error(b->drv));
  rc = shira_wait(b->drv, first, BED_DEADLINE, NULL);
  snprintf(where, sizeof(where), "%s at 0x%llx", shira_status_name(status),
           (unsigned long long)hit);
  const char *text = shira_driver_error(b->drv);
  expect(b, rc == -EIO && strstr(text, "never came") && strstr(text, where), "gave %d: %s", rc,
         text);
  expect(b, shira_submit(b->drv, d, 1, NULL) == -EPROTO, "a broken device takes descriptors");
  rc = shira_recover(b->drv, BED_RECOVER);
  expect(b, rc == 1, "recovery gave %d: %s", rc, shira_driver_error(b->drv));
  const struct window w = {SHIRA_SPACE_MEMORY, b->out.addr, b->out.addr + 4 * b->hw.array_n, 0};
  bed_check_memory(b, &w);
  bed_move_srams(b, true);
  bed_check_works(b);
}

static void test_error(const char *backend, unsigned stall, unsigned e, enum path p) {
  struct bed b;
  uint64_t hit;
  struct verdict v = {.status = errors[e].status};
  char name[80];
  const union shira_descriptor d = open_with(&b, backend, stall, errors[e].kind, p, &v.w, &hit);
  v.where = hit;
  if (p == COMPLETION)
    lose_completion(&b, errors[e].status, hit);
  else
    bed_run_bad(&b, &d, &v);
  snprintf(name, sizeof(name), "%s on a %s", shira_status_name(errors[e].status), paths[p]);
  tap(&b, name);
  bed_close(&b);
}

// ---- Memory that never answers --------------------------------------------------------------

static void test_mute(const char *backend, unsigned stall, enum path p) {
  struct bed b;
  struct window w;
  uint64_t hit;
  uint32_t first;
  char name[80], named[60];
  const union shira_descriptor bad =
      open_with(&b, backend, stall, SHIRA_FAULT_MUTE_MEMORY, p, &w, &hit);
  union shira_descriptor d[BAD_PROGRAM];
  bed_bad_program(&b, &bad, d);
  int rc = shira_submit(b.drv, d, BAD_PROGRAM, &first);
  expect(&b, rc == 0 && first == FIRST, "not submitted: %s", shira_driver_error(b.drv));
  const uint32_t seq = first + (p == COMPLETION ? 0 : BAD_INDEX);
  const uint64_t before = bed_cycles(&b);
  rc = shira_wait(b.drv, seq, 20000, NULL);
  const uint64_t took = bed_cycles(&b) - before;
  const char *text = shira_driver_error(b.drv);
  snprintf(named, sizeof(named), "timeout: descriptor %u (", seq);
  expect(&b, rc == -ETIMEDOUT && strstr(text, named), "gave %d: %s", rc, text);
  expect(&b, took < 25000, "a deadline of 20000 cycles took %llu", (unsigned long long)took);
  expect(&b, bed_register(&b, SHIRA_REG_ERROR_STATUS) == SHIRA_STATUS_NO_PROGRESS,
         "the watchdog did not bark");
  rc = shira_recover(b.drv, BED_RECOVER);
  expect(&b, rc == 1, "recovery gave %d: %s", rc, shira_driver_error(b.drv));
  bed_check_memory(&b, &w);
  bed_move_srams(&b, true);
  bed_check_works(&b);
  snprintf(name, sizeof(name), "memory never answers a %s", paths[p]);
  tap(&b, name);
  bed_close(&b);
}

// ---- Lost interrupts ------------------------------------------------------------------------

static void test_lost_interrupt(const char *backend, unsigned stall, unsigned skip) {
  struct bed b;
  const struct shira_fault fault = {.kind = SHIRA_FAULT_LOST_IRQ, .skip = skip};
  struct shira_driver_stats stats;
  char name[80];
  bed_open(&b, backend, stall, &fault);
  bed_move_srams(&b, true);
  for (unsigned i = 0; i < 8; i++)
    bed_check_works(&b);
  shira_driver_stats(b.drv, &stats);
  // Without time all is done at the doorbell, and nobody waits for an interrupt.
  expect(&b, stats.lost_interrupts == bed_timed(&b), "%llu interrupts lost",
         (unsigned long long)stats.lost_interrupts);
  expect(&b, stats.resets + stats.recoveries == 0, "a recovery was needed");
  snprintf(name, sizeof(name), "interrupt %u is lost", skip);
  tap(&b, name);
  bed_close(&b);
}

// ---- A device that never answers ------------------------------------------------------------

// Opens, works, and dies at register access `skip`. false: it lived through all of it.
static bool die(struct bed *b, unsigned skip) {
  const struct shira_fault fault = {.kind = SHIRA_FAULT_DEAD, .skip = skip};
  struct shira_error err = {""};
  union shira_descriptor d[4];
  struct shira_run_result r = {0};
  int rc = bed_try(b, &fault, 0, &err);
  if (rc) {
    expect(b, rc == -ENODEV && strstr(err.text, "does not answer"), "open gave %d: %s", rc,
           err.text);
    rc = bed_try(b, NULL, 0, &err);
    expect(b, rc == 0, "a second device does not open: %s", err.text);
    bed_map(b);
  } else {
    bed_map(b);
    bed_good_program(b, d);
    const uint64_t before = bed_cycles(b);
    rc = shira_run(b->drv, d, 4, BED_DEADLINE, &r);
    if (rc == 0)
      return false;
    const char *text = shira_driver_error(b->drv);
    expect(b, rc == -ENODEV && strstr(text, "does not answer"), "gave %d: %s", rc, text);
    expect(b, bed_cycles(b) - before < 60000, "it took long to find out");
    rc = shira_submit(b->drv, d, 1, NULL);
    expect(b, rc == -ENODEV, "a dead device takes descriptors: %d", rc);
    rc = shira_recover(b->drv, BED_RECOVER);
    expect(b, rc == 1, "recovery gave %d: %s", rc, shira_driver_error(b->drv));
    const struct window w = {SHIRA_SPACE_MEMORY, b->out.addr, b->out.addr + 4 * b->hw.array_n, 0};
    bed_check_memory(b, &w);
  }
  bed_move_srams(b, true);
  bed_check_works(b);
  return true;
}

static void test_dead(const char *backend, unsigned stall) {
  char name[80];
  bool died = true;
  unsigned skip;
  for (skip = 0; died && skip < 200; skip++) {
    struct bed b;
    bed_init(&b, backend, stall);
    died = die(&b, skip);
    snprintf(name, sizeof(name), "the device answers no register after %u accesses", skip);
    if (died)
      tap(&b, name);
    bed_close(&b);
  }
  struct bed b = {.stall = stall};
  expect(&b, !died && skip > 20, "it survived after %u accesses", skip);
  tap(&b, "a device that answers to the end is fine");
}

// ---- A simulation that may run no longer ----------------------------------------------------

static void test_max_cycles(const char *backend, unsigned stall, uint64_t most) {
  struct bed b;
  struct shira_error err = {""};
  union shira_descriptor d[4];
  struct shira_run_result r = {0};
  char name[80], named[80];
  bed_init(&b, backend, stall);
  snprintf(named, sizeof(named), "stopped after %llu cycles", (unsigned long long)most);
  int rc = bed_try(&b, NULL, most, &err);
  if (rc) {
    expect(&b, rc == -ETIME && strstr(err.text, named), "open gave %d: %s", rc, err.text);
  } else {
    bed_map(&b);
    bed_good_program(&b, d);
    for (unsigned i = 0; rc == 0 && i < 10000; i++)
      rc = shira_run(b.drv, d, 4, BED_DEADLINE, &r);
    const char *text = shira_driver_error(b.drv);
    expect(&b, rc == -ETIME && strstr(text, named), "gave %d: %s", rc, text);
    rc = shira_recover(b.drv, BED_RECOVER);
    expect(&b, rc == -ETIME, "recovery gave %d: %s", rc, text);
    expect(&b, bed_cycles(&b) == most, "%llu cycles ran", (unsigned long long)bed_cycles(&b));
  }
  snprintf(name, sizeof(name), "no more than %llu cycles", (unsigned long long)most);
  tap(&b, name);
  bed_close(&b);
}

static void test_all(const char *backend, unsigned stall) {
  for (enum path p = COPY_READ; p < PATHS; p++)
    for (unsigned e = 0; e < sizeof(errors) / sizeof(errors[0]); e++)
      if (errors[e].write == writes(p))
        test_error(backend, stall, e, p);
  for (enum path p = COPY_READ; p < PATHS; p++)
    test_mute(backend, stall, p);
  for (unsigned skip = 0; skip < 4; skip++)
    test_lost_interrupt(backend, stall, skip);
  test_dead(backend, stall);
  static const uint64_t most[] = {1, 40, 400, 1000, 3000};
  for (size_t i = 0; i < sizeof(most) / sizeof(most[0]); i++)
    test_max_cycles(backend, stall, most[i]);
}

int main(int argc, char **argv) {
  bed_stalls(test_all, argc > 1 ? argv[1] : NULL);
  return tap_end();
}
