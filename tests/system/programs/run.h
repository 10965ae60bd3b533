// A run of a program: what the files of it share.
#ifndef TEST_PROGRAM_RUN_H
#define TEST_PROGRAM_RUN_H

#include "tests/system/programs/program.h"

enum { GOLDEN, TESTED, DEVICES };

#define FILLS (SPACES - 1u)

struct run {
  const struct program *p;
  struct result *r;
  struct world *w;
  struct shira_machine hw;
  struct shira_device *dev[DEVICES];
  struct shira_mem ring[DEVICES], records[DEVICES], back[DEVICES], data[BUFFERS][DEVICES];
  struct maker maker;
  struct rng rng; // of the host's doings
  enum plant plant;
  uint32_t entries, tail, reaped;
  uint32_t last_ended;
  uint32_t seen;                       // golden completions noted
  unsigned first;                      // item of sequence number `base`
  uint32_t base;                       //
  bool halted;                         // by an error that is not acknowledged
  struct shira_completion error;       // BESIDE: the first since the last acknowledgement
  unsigned doorbells;                  //
  uint32_t cancel_first, cancel_count; // what the host cancelled last
  bool tracking;                       // descriptors are the program's
};

// Notes the first thing that is wrong. Returns false.
bool complain(struct run *n, const char *format, ...) __attribute__((format(printf, 2, 3)));

// ---- devices.c --------------------------------------------------------------------------------

bool device_ok(struct run *n, int rc, const char *what);
bool write_both(struct run *n, uint32_t offset, uint32_t value);
bool write_one(struct run *n, unsigned i, uint32_t offset, uint32_t value);
uint32_t read_one(struct run *n, unsigned i, uint32_t offset);
// Where the buffers will be; then opens both devices and maps the memory.
void place_world(struct run *n);
bool open_both(struct run *n, const char *backend);
bool map_world(struct run *n);
bool start_both(struct run *n);
// A byte of the data in memory.
uint8_t *data_byte(const struct run *n, unsigned i, uint32_t at);

// ---- run.c ------------------------------------------------------------------------------------

// The item of a sequence number, NULL where it is none of the program's.
struct item *item_of(struct run *n, uint32_t seq);
// Completion number `count` of a device.
bool read_record(struct run *n, unsigned i, uint32_t count, struct shira_completion *c);
// What was noted of the golden model's completion equals that of the device.
bool compare_record(struct run *n, struct item *item, uint32_t seq);
bool compare_irq(struct run *n);

// ---- beside.c ---------------------------------------------------------------------------------

// What settle() does where engines ran beside one that may have failed.
bool settle_beside(struct run *n);
// Resets both devices while the tested one works.
bool reset_in_flight(struct run *n);

#endif
