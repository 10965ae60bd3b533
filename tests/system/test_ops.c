// SCATTER's operations through the driver, against the golden model: random programs of SET, ADD,
// SUB and SWAP on streams of many kinds, some of them used again by the same program. Results,
// weights, streams in memory and counters must be equal. One TAP line a case.
// usage: test_ops [DEVICE]     environment: as test_random; CASES (200)
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/bed.h"

#define STREAMS 4u
#define PROGRAM 6u
#define MOST 200u // updates of a stream

struct side {
  struct bed bed;
  struct shira_run_result run;
  uint64_t counters[SHIRA_COUNTER_COUNT];
};

static const unsigned counted[] = {SHIRA_COUNTER_UPDATES,
                                   SHIRA_COUNTER_DESCRIPTORS,
                                   SHIRA_COUNTER_READ_BYTES_INDEX,
                                   SHIRA_COUNTER_READ_BYTES_VALUE,
                                   SHIRA_COUNTER_READ_BYTES_UNDO,
                                   SHIRA_COUNTER_WRITTEN_BYTES_UNDO,
                                   SHIRA_COUNTER_WRITTEN_BYTES_WEIGHT};

// Encodes a random stream at `at` of the stream buffers of both; returns its descriptor but for the
// address.
static union shira_descriptor make(struct side *s, uint32_t at, uint32_t room) {
  const struct shira_stream_rules rules = shira_stream_rules_of(&s[0].bed.hw);
  const uint32_t base = bed_below(s[0].bed.hw.weight_bytes / 8) * 4, kind = bed_below(3);
  const uint32_t most = kind == 0 ? 600 : kind == 1 ? 1 : 12;
  uint32_t pos[MOST], n = 1 + bed_below(MOST), p = 0;
  uint8_t value[MOST];
  struct shira_stream e;
  struct shira_error err = {""};
  for (;; n = 1 + n / 2) {
    for (uint32_t i = 0; i < n; i++) {
      pos[i] = p = (i ? p + 1 : 0) + bed_below(most);
      value[i] = (uint8_t)bed_random();
    }
    if (shira_stream_encode(&rules, pos, value, n, &e, &err)) {
      fprintf(stderr, "test_ops: %s\n", err.text);
      exit(1);
    }
    if (e.bytes <= room && base + p < s[0].bed.hw.weight_bytes)
      break;
    shira_stream_free(&e);
  }
  for (int i = 0; i < 2; i++)
    memcpy((uint8_t *)s[i].bed.stream.host + at, e.data, e.bytes);
  union shira_descriptor d = bed_scatter(at, e.bytes, e.updates, base, base, base + p + 1);
  if (bed_below(4) == 0)
    d.scatter.win_hi -= bed_below(p + 1); // ends with an error, in the middle
  shira_stream_free(&e);
  return d;
}

static void run(struct side *s, const union shira_descriptor *d, unsigned n) {
  union shira_descriptor own[PROGRAM];
  memcpy(own, d, n * sizeof(*d));
  for (unsigned i = 0; i < n; i++)
    own[i].scatter.stream_addr += s->bed.stream.addr;
  expect(&s->bed, shira_counters_clear(s->bed.drv) == 0, "counters cannot be cleared");
  const int rc = shira_run(s->bed.drv, own, n, BED_DEADLINE, &s->run);
  expect(&s->bed, rc == 0 || rc == shira_status_errno(s->run.status),
         "the program does not end: %s", shira_driver_error(s->bed.drv));
  expect(&s->bed, shira_counters(s->bed.drv, s->counters) == 0, "counters cannot be read");
}

static void compare_runs(struct side *s, const struct shira_completion *rtl,
                         const struct shira_completion *golden, unsigned n) {
  struct bed *b = &s[0].bed;
  for (unsigned i = 0; i < n; i++)
    expect(b,
           rtl[i].status == golden[i].status && rtl[i].where == golden[i].where &&
               rtl[i].count == golden[i].count,
           "descriptor %u: %s, where 0x%llx, %u updates instead of %s, 0x%llx, %u", i,
           shira_status_name(rtl[i].status), (unsigned long long)rtl[i].where, rtl[i].count,
           shira_status_name(golden[i].status), (unsigned long long)golden[i].where,
           golden[i].count);
  // What is read behind an error is not defined.
  for (unsigned i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
    const unsigned c = counted[i];
    const bool defined = s[1].run.status == SHIRA_STATUS_OK || c == SHIRA_COUNTER_UPDATES ||
                         c == SHIRA_COUNTER_WRITTEN_BYTES_UNDO;
    expect(b, !defined || s[0].counters[c] == s[1].counters[c], "counter %u: %llu instead of %llu",
           c, (unsigned long long)s[0].counters[c], (unsigned long long)s[1].counters[c]);
  }
}

static void compare_memories(struct side *s) {
  struct bed *b = &s[0].bed;
  const uint8_t *is = b->stream.host, *want = s[1].bed.stream.host;
  for (uint32_t i = 0; i < STREAM_BYTES; i++)
    if (!expect(b, is[i] == want[i], "stream byte 0x%x is %02x instead of %02x", i, is[i], want[i]))
      break;
  for (int i = 0; i < 2; i++)
    if (!bed_move_srams(&s[i].bed, false))
      return;
  is = (uint8_t *)b->back.host + b->offset[SHIRA_SPACE_WEIGHT];
  want = (uint8_t *)s[1].bed.back.host + b->offset[SHIRA_SPACE_WEIGHT];
  for (uint32_t i = 0; i < b->hw.weight_bytes; i++)
    if (!expect(b, is[i] == want[i], "weight 0x%x is %02x instead of %02x", i, is[i], want[i]))
      return;
}

static void run_case(struct side *s) {
  union shira_descriptor streams[STREAMS], d[PROGRAM];
  struct shira_completion done[2][PROGRAM];
  const uint32_t room = STREAM_BYTES / STREAMS;
  const unsigned n = 1 + bed_below(PROGRAM);
  for (uint32_t i = 0; i < STREAMS; i++)
    streams[i] = make(s, i * room, room);
  for (unsigned i = 0; i < n; i++) {
    d[i] = streams[bed_below(STREAMS)];
    d[i].scatter.op = (uint8_t)bed_below(SHIRA_SCATTER_OP_SWAP + 1);
    d[i].scatter.traffic = bed_below(2) ? SHIRA_TRAFFIC_VALUE : SHIRA_TRAFFIC_UNDO;
  }
  for (int i = 0; i < 2; i++) {
    s[i].run = (struct shira_run_result){.completions = done[i]};
    run(&s[i], d, n);
  }
  struct bed *b = &s[0].bed;
  expect(b, s[1].bed.why[0] == '\0', "golden model: %s", s[1].bed.why);
  compare_runs(s, done[0], done[1], n);
  for (int i = 0; i < 2; i++)
    if (s[i].run.status != SHIRA_STATUS_OK)
      expect(b, shira_recover(s[i].bed.drv, BED_RECOVER) == 0, "no recovery of %s",
             s[i].bed.backend);
  compare_memories(s);
}

int main(int argc, char **argv) {
  const char *device = argc > 1 ? argv[1] : getenv("SHIRA_DEVICE"), *cases = getenv("CASES");
  const unsigned n = cases ? (unsigned)atoi(cases) : 200;
  printf("# seed %llu\n", (unsigned long long)bed_seed());
  for (unsigned stall = 0; stall <= 30; stall += 30) {
    struct side s[2];
    bed_open(&s[0].bed, device ? device : "rtl", stall, NULL);
    bed_open(&s[1].bed, "golden", 0, NULL);
    for (int i = 0; i < 2; i++)
      bed_move_srams(&s[i].bed, true);
    bed_state = bed_seed() * 2 + (stall != 0);
    for (unsigned i = 0; i < n / 2; i++) {
      char name[64];
      s[0].bed.why[0] = s[1].bed.why[0] = '\0';
      run_case(s);
      snprintf(name, sizeof(name), "program %u on both devices", i + 1);
      tap(&s[0].bed, name);
      if (tap_failures)
        break;
    }
    for (int i = 0; i < 2; i++)
      bed_close(&s[i].bed);
  }
  return tap_end();
}
