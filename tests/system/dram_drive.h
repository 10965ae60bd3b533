// Streams of requests to the DRAM of a machine, without the device: for keys whose effect the four
// bursts of `tiny` hardly show.
#ifndef TEST_DRAM_DRIVE_H
#define TEST_DRAM_DRIVE_H

#include "sim/dram/dram.h"
#include "tests/system/bed.h"

enum drive_stream {
  DRIVE_SEQUENCE,    // reads, one after the other
  DRIVE_RANDOM,      // reads anywhere
  DRIVE_ONE_BANK,    // reads a row apart, so that without a hash all are of one bank
  DRIVE_MIXED,       // a read and a write in turn, each in its own sequence
  DRIVE_RANDOM_BOTH, // a read and a write in turn, anywhere
  DRIVE_MASKED,      // masked writes, of all banks in turn
  DRIVE_ONE_AGAINST, // reads of one row, now and then one of another row of its bank
  DRIVE_PAUSES,      // reads of one bank, each of another row and long after the one before
};

#define DRIVE_BURSTS 20000u
#define DRIVE_PAUSE 100u // cycles

struct drive_result {
  uint64_t cycles, longest, refreshes, turnarounds;
};

static inline uint64_t drive_burst(const struct shira_machine *m, enum drive_stream stream,
                                   uint64_t i, enum shira_dram_kind *kind) {
  const struct shira_dram_standard *s = &m->dram.standard;
  const uint64_t all = m->memory_bytes / m->memory_burst_bytes;
  const uint64_t columns = s->page_bytes / m->memory_burst_bytes;
  const uint64_t banks = s->banks * s->bank_groups;
  const uint64_t row = columns * banks * m->dram.channels * m->dram.ranks;
  *kind = SHIRA_DRAM_READ;
  switch (stream) {
  case DRIVE_SEQUENCE:
    return i % all;
  case DRIVE_RANDOM_BOTH:
    *kind = i % 2 ? SHIRA_DRAM_WRITE : SHIRA_DRAM_READ;
    return i * UINT64_C(0x9e3779b97f4a7c15) % all;
  case DRIVE_RANDOM:
    return i * UINT64_C(0x9e3779b97f4a7c15) % all;
  case DRIVE_ONE_BANK:
  case DRIVE_PAUSES:
    return i * row % all;
  case DRIVE_MIXED:
    *kind = i % 2 ? SHIRA_DRAM_WRITE : SHIRA_DRAM_READ;
    return i / 2 + (i % 2 ? all / 2 + columns * 4 : 0);
  case DRIVE_MASKED:
    *kind = SHIRA_DRAM_MASKED_WRITE;
    return (i % banks * columns + i / banks % columns + i / (banks * columns) * row) % all;
  default:
    return i % 200 == 199 ? row : i % columns;
  }
}

static inline struct drive_result drive(struct bed *b, enum drive_stream stream) {
  struct drive_result r = {0};
  struct shira_error error;
  struct shira_dram *d;
  if (!expect(b, shira_dram_open(&b->hw, NULL, &d, &error) == 0, "%s", error.text))
    return r;
  enum shira_dram_kind kind;
  for (uint64_t pushed = 0, done = 0, last = 0; done < DRIVE_BURSTS; r.cycles++) {
    for (; pushed < DRIVE_BURSTS; pushed++) {
      if (stream == DRIVE_PAUSES && (pushed != done || r.cycles < last + DRIVE_PAUSE))
        break;
      const uint64_t burst = drive_burst(&b->hw, stream, pushed, &kind);
      if (!shira_dram_push(d, SHIRA_MEMORY_BASE + burst * b->hw.memory_burst_bytes, kind,
                           SHIRA_DRAM_UNCLASSED, 0))
        break;
    }
    shira_dram_tick(d);
    for (uint32_t tag; shira_dram_pop(d, &tag); last = r.cycles)
      done++;
  }
  r.longest = shira_dram_stats(d)->longest;
  r.refreshes = shira_dram_stats(d)->refreshes;
  r.turnarounds = shira_dram_stats(d)->turnarounds;
  shira_dram_close(d);
  return r;
}

static inline uint64_t drive_cycles(struct bed *b, unsigned stream) {
  return drive(b, stream).cycles;
}

static inline uint64_t drive_refreshes(struct bed *b, unsigned stream) {
  return drive(b, stream).refreshes;
}

static inline uint64_t drive_turnarounds(struct bed *b, unsigned stream) {
  return drive(b, stream).turnarounds;
}

static inline uint64_t drive_longest(struct bed *b, unsigned stream) {
  return drive(b, stream).longest;
}

#endif
