// SCATTER into weights in memory, on `tiny`: random programs of commands with every operation into
// memory and into the weight SRAM, with bad streams, narrow windows, images that leave memory, AXI
// errors and stalls. Each must do to memory and SRAM, and say in its completions and counters, what
// the golden model does and says. One TAP line a program.
//
// test_scatter_memory [DEVICE]; environment as in bed.h, and CASES (300).
#include "tests/system/bed.h"

#define COMMANDS 5u
#define MOST 120u // updates of a command

// A program and what is to go wrong with it.
struct plan {
  union shira_descriptor d[COMMANDS];
  unsigned n;
  bool faulty;
  struct shira_fault fault;
};

struct place {
  uint64_t out, stream; // addresses of the buffers, the same on every device
};

// What a device did.
struct deed {
  struct shira_completion c[COMMANDS];
  struct shira_run_result r;
  uint64_t counters[SHIRA_COUNTER_COUNT];
  uint8_t out[OUT_BYTES], stream[STREAM_BYTES], weights[65536];
};

static bool percent(unsigned p) {
  return bed_below(100) < p;
}

// Ascending positions below `room`, of one of a few kinds.
static unsigned random_positions(uint32_t room, uint32_t *pos) {
  const unsigned kind = bed_below(4), most = 1 + bed_below(MOST);
  unsigned n = 0;
  uint32_t at = bed_below(percent(50) ? 40 : room);
  while (n < most && at < room) {
    pos[n++] = at;
    at += 1 + (kind == 0   ? bed_below(100)
               : kind == 1 ? 0
               : kind == 2 ? percent(8) * bed_below(600)
                           : bed_below(20));
  }
  return n;
}

// Puts a stream at `at` of the stream buffer; returns its bytes.
static uint32_t put_stream(struct bed *b, uint32_t at, const uint32_t *pos, const uint8_t *value,
                           unsigned n) {
  const struct shira_stream_rules rules = shira_stream_rules_of(&b->hw);
  struct shira_stream s;
  if (shira_stream_encode(&rules, pos, value, n, &s, NULL) || at + s.bytes > GOOD_STREAM)
    exit(99);
  memcpy(b->stream_host + at, s.data, s.bytes);
  const uint32_t bytes = s.bytes;
  shira_stream_free(&s);
  return bytes;
}

// A random one. *some: position of one of its updates.
static uint32_t random_stream(struct bed *b, uint32_t at, uint32_t room, uint32_t *updates,
                              uint32_t *some) {
  uint32_t pos[MOST];
  uint8_t value[MOST];
  const unsigned n = random_positions(room, pos);
  for (unsigned i = 0; i < n; i++)
    value[i] = (uint8_t)bed_random();
  *updates = n;
  *some = pos[bed_below(n)];
  return put_stream(b, at, pos, value, n);
}

// A command that writes the stream of the next one, which is `bytes` at `next` and is not there
// yet.
static union shira_descriptor deliver(struct bed *b, struct place p, uint32_t at, uint32_t next,
                                      uint32_t bytes) {
  uint32_t pos[MOST];
  for (unsigned i = 0; i < bytes; i++)
    pos[i] = i;
  const uint32_t own = put_stream(b, at, pos, b->stream_host + next, bytes);
  memset(b->stream_host + next, 0, bytes);
  union shira_descriptor d = bed_scatter(p.stream + at, own, bytes, 0, 0, UINT64_MAX);
  d.scatter.space = SHIRA_SPACE_MEMORY;
  d.scatter.mem_base = p.stream + next;
  return d;
}

// One command: most write memory. `at`: where its stream is.
static union shira_descriptor random_command(struct bed *b, struct place p, uint32_t at,
                                             uint32_t *bytes, uint32_t *some) {
  const uint32_t align = b->hw.memory_burst_bytes;
  uint32_t updates, first = bed_below(OUT_BYTES / align) * align;
  const bool memory = percent(85), leaves = percent(5);
  const uint32_t room = memory && !leaves ? OUT_BYTES - first : OUT_BYTES;
  *bytes = random_stream(b, at, room, &updates, some);
  union shira_descriptor d =
      bed_scatter(p.stream + at, *bytes, updates, first, 0, b->hw.weight_bytes);
  d.scatter.op = (uint8_t)bed_below(4);
  if (percent(30))
    d.scatter.traffic = SHIRA_TRAFFIC_UNDO;
  if (!memory)
    return d;
  d.scatter.space = SHIRA_SPACE_MEMORY;
  d.scatter.base = (uint32_t)bed_random(); // means nothing here
  d.scatter.mem_base = p.out + first;
  d.scatter.win_lo = percent(50) ? 0 : d.scatter.mem_base;
  d.scatter.win_hi = percent(50) ? UINT64_MAX : p.out + 2 * OUT_BYTES;
  return d;
}

// Something that is wrong with the last command.
static void spoil(struct bed *b, struct place p, struct plan *plan, uint32_t at, uint32_t bytes,
                  uint32_t some) {
  static const enum shira_fault_kind kinds[] = {SHIRA_FAULT_READ_SLVERR, SHIRA_FAULT_READ_DECERR,
                                                SHIRA_FAULT_WRITE_SLVERR, SHIRA_FAULT_WRITE_DECERR};
  struct shira_desc_scatter *d = &plan->d[plan->n - 1].scatter;
  const uint64_t edge = (d->space == SHIRA_SPACE_MEMORY ? d->mem_base : d->base) + some;
  switch (bed_below(6)) {
  case 0:
    b->stream_host[at + bed_below(bytes)] ^= (uint8_t)(1u << bed_below(8));
    break;
  case 1:
    d->win_hi = edge + bed_below(2);
    break;
  case 2:
    d->win_lo = edge + bed_below(2);
    break;
  case 3:
    d->mem_base += 1 + bed_below(b->hw.memory_burst_bytes - 1);
    break;
  default:
    plan->faulty = true;
    plan->fault.kind = kinds[bed_below(4)];
    plan->fault.addr = percent(20)                      ? p.stream + at + bed_below(bytes)
                       : d->space == SHIRA_SPACE_MEMORY ? d->mem_base + bed_below(300)
                                                        : p.out + bed_below(OUT_BYTES);
    plan->fault.bytes = 1;
  }
}

static void make_plan(struct bed *b, struct place p, struct plan *plan) {
  uint32_t at = 0, bytes = 0, some = 0;
  memset(plan, 0, sizeof(*plan));
  plan->n = 1 + bed_below(COMMANDS);
  for (unsigned i = 0; i < plan->n; i++, at += bytes) {
    plan->d[i] = random_command(b, p, at, &bytes, &some);
    plan->d[i].header.signal_sem = 1;
    // Mostly side by side; SWAP's stream again, which undoes it.
    if (i > 0 && percent(20))
      bed_wait_for(&plan->d[i], 1, i);
    if (i > 0 && plan->d[i - 1].scatter.op == SHIRA_SCATTER_OP_SWAP && percent(50)) {
      plan->d[i] = plan->d[i - 1];
      bytes = 0;
    }
    if (i > 0 && bytes != 0 && bytes <= MOST && at + bytes + 512 < GOOD_STREAM && percent(60)) {
      plan->d[i - 1] = deliver(b, p, at + bytes, at, bytes);
      plan->d[i - 1].header.signal_sem = 1;
      plan->d[i].header.wait0_sem = 0; // the engine keeps the order by itself
      bytes += plan->d[i - 1].scatter.stream_bytes;
    }
    if (i + 1 == plan->n && percent(60)) {
      plan->n = i + 1;
      spoil(b, p, plan, at, bytes ? bytes : plan->d[i].scatter.stream_bytes, some);
    }
  }
}

// Runs the program on a fresh device, then reads everything back.
static void run(struct bed *b, const struct plan *plan, struct place p, struct deed *deed) {
  memset(deed, 0, sizeof(*deed));
  expect(b, b->out.addr == p.out && b->stream.addr == p.stream, "memory lies elsewhere");
  bed_move_srams(b, true);
  bed_refresh_memory(b);
  shira_counters_clear(b->drv);
  deed->r.completions = deed->c;
  shira_run(b->drv, plan->d, plan->n, BED_DEADLINE, &deed->r);
  expect(b, deed->r.ended == plan->n, "%u of %u descriptors ended: %s", deed->r.ended, plan->n,
         shira_driver_error(b->drv));
  shira_counters(b->drv, deed->counters);
  memcpy(deed->out, b->out.host, OUT_BYTES);
  memcpy(deed->stream, b->stream.host, STREAM_BYTES);
  const int rc = deed->r.status ? shira_recover(b->drv, BED_RECOVER) : 0;
  expect(b, rc == 0, "recovery gave %d: %s", rc, shira_driver_error(b->drv));
  bed_move_srams(b, false);
  memcpy(deed->weights, (uint8_t *)b->back.host + b->offset[SHIRA_SPACE_WEIGHT],
         sizeof(deed->weights));
  bed_refresh_memory(b);
  if (deed->r.status)
    bed_check_works(b);
}

static void compare_bytes(struct bed *b, const char *what, const uint8_t *got, const uint8_t *want,
                          uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; i++)
    if (!expect(b, got[i] == want[i], "%s at 0x%x is %02x instead of %02x", what, i, got[i],
                want[i]))
      return;
}

static void compare(struct bed *b, const struct plan *plan, const struct deed *got,
                    const struct deed *want) {
  static const unsigned counters[] = {
      SHIRA_COUNTER_READ_BYTES_WEIGHT,   SHIRA_COUNTER_READ_BYTES_INDEX,
      SHIRA_COUNTER_READ_BYTES_VALUE,    SHIRA_COUNTER_READ_BYTES_UNDO,
      SHIRA_COUNTER_WRITTEN_BYTES_UNDO,  SHIRA_COUNTER_WRITTEN_BYTES_WEIGHT,
      SHIRA_COUNTER_WRITTEN_BYTES_VALUE, SHIRA_COUNTER_UPDATES};
  bool torn = false; // a write failed: lines behind it may have been on their way
  for (unsigned i = 0; i < plan->n; i++) {
    const struct shira_completion *g = &got->c[i], *w = &want->c[i];
    const bool write =
        w->status == SHIRA_STATUS_WRITE_SLVERR || w->status == SHIRA_STATUS_WRITE_DECERR;
    // Where it is the stream that could not be written back, updates behind its block may be made.
    const bool stream = write && w->where >= plan->d[i].scatter.stream_addr &&
                        w->where < plan->d[i].scatter.stream_addr + plan->d[i].scatter.stream_bytes;
    torn |= write;
    expect(b, g->status == w->status && g->where == w->where,
           "command %u: %s at 0x%llx instead of %s at 0x%llx", i, shira_status_name(g->status),
           (unsigned long long)g->where, shira_status_name(w->status),
           (unsigned long long)w->where);
    expect(b, stream ? g->count >= w->count : g->count == w->count,
           "command %u: %u updates instead of %u", i, g->count, w->count);
  }
  if (torn)
    return;
  compare_bytes(b, "memory", got->out, want->out, OUT_BYTES);
  compare_bytes(b, "the stream", got->stream, want->stream, STREAM_BYTES);
  compare_bytes(b, "the weight SRAM", got->weights, want->weights, sizeof(got->weights));
  for (unsigned i = 0;
       want->r.status == SHIRA_STATUS_OK && i < sizeof(counters) / sizeof(counters[0]); i++)
    expect(b, got->counters[counters[i]] == want->counters[counters[i]],
           "counter %u is %llu instead of %llu", counters[i],
           (unsigned long long)got->counters[counters[i]],
           (unsigned long long)want->counters[counters[i]]);
}

static void test_case(const char *backend, uint64_t seed, struct place p) {
  static struct deed got, want;
  struct bed b, golden;
  struct plan plan;
  char name[100];
  bed_init(&golden, "golden", 0);
  bed_state = seed;
  make_plan(&golden, p, &plan);
  uint8_t streams[STREAM_BYTES];
  memcpy(streams, golden.stream_host, STREAM_BYTES);
  const unsigned stall = percent(50) ? bed_below(60) : 0;
  bed_close(&golden);

  bed_open(&golden, "golden", 0, plan.faulty ? &plan.fault : NULL);
  memcpy(golden.stream_host, streams, STREAM_BYTES);
  run(&golden, &plan, p, &want);
  bed_open(&b, backend, stall, plan.faulty ? &plan.fault : NULL);
  memcpy(b.stream_host, streams, STREAM_BYTES);
  run(&b, &plan, p, &got);
  expect(&b, golden.why[0] == '\0', "golden: %s", golden.why);
  compare(&b, &plan, &got, &want);
  snprintf(name, sizeof(name), "SEED=%llu, %u commands, %s", (unsigned long long)seed, plan.n,
           shira_status_name(want.r.status));
  tap(&b, name);
  bed_close(&b);
  bed_close(&golden);
}

int main(int argc, char **argv) {
  const char *cases = getenv("CASES");
  const unsigned n = cases ? (unsigned)atoi(cases) : 300;
  struct bed b;
  bed_open(&b, "golden", 0, NULL);
  const struct place p = {b.out.addr, b.stream.addr};
  bed_close(&b);
  for (unsigned i = 0; i < n; i++)
    test_case(argc > 1 ? argv[1] : NULL, bed_seed() + i, p);
  return tap_end();
}
