// The requests of a DRAM channel: a queue of each direction, of whose oldest `size` the scheduler
// may choose, by bank. It knows no clock but that of a request.
//
// - A request enters the window in the order of its queue, but behind an older one to its burst
// where
//   one of the two writes.
// - ECC: a masked write is first a read; when its data is there it comes back to the window as a
// write,
//   ahead of the queue.
#ifndef SHIRA_SIM_DRAM_WINDOW_H
#define SHIRA_SIM_DRAM_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "shira/dram.h"
#include "shira/dram_stats.h"
#include "sim/dram/refresh.h"
#include "sim/dram/timing.h"

#define SHIRA_DRAM_BURST_BUCKETS 256u // of bursts that are held

struct shira_dram_request {
  struct shira_dram_place place;
  uint64_t burst, came, seq; // seq: in the order of push, from 1; 0: none
  uint64_t arrived;          // clock
  uint32_t tag;
  enum shira_dram_kind kind;
  uint8_t traffic;
  bool fetch;                       // ECC: the read of a masked write
  bool opened, closed;              // for it a row was opened, another one closed
  struct shira_dram_request *after; // goes first, as long as it has after_seq
  uint64_t after_seq;
  struct shira_dram_request *age_next, *age_prev, *bank_next, *bank_prev; // in the window
  struct shira_dram_request *next; // behind the window, or free
};

// The requests of one direction.
struct shira_dram_side {
  uint32_t held;                           // of the queue, wherever they are
  uint32_t seen;                           // in the window
  struct shira_dram_request *first, *last; // behind the window, oldest first
  struct shira_dram_request *oldest, *youngest;
  uint64_t banks; // that have requests in the window
  struct {
    struct shira_dram_request *head, *tail;
    struct shira_dram_request *hit; // the oldest to the open row
  } bank[SHIRA_DRAM_PLACES];
};

struct shira_dram_window {
  const struct shira_dram_timing *timing; // which rows are open
  uint32_t banks;                         // of a rank
  uint32_t queue, size;
  bool ecc;
  struct shira_dram_request *slots, *free;
  struct shira_dram_side side[2]; // reads, writes
  uint16_t bucket[SHIRA_DRAM_BURST_BUCKETS];
  uint64_t seq;
  // Requests of each bank in the window, and those between the read and the write of ECC; and a bit
  // where there are some.
  uint16_t waiting[SHIRA_DRAM_PLACES];
  uint64_t busy;
  // Requests of `fetch` that were read, by the clock at which their data is there.
  struct shira_dram_request *fetched, *fetched_last;
};

// A window without requests. false: no memory. `timing` is only read, and must live as long.
bool shira_dram_window_init(struct shira_dram_window *w, const struct shira_dram_setup *setup,
                            const struct shira_dram_timing *timing);
void shira_dram_window_free(struct shira_dram_window *w);

// Forgets all requests.
void shira_dram_window_clear(struct shira_dram_window *w);

// Takes a request in, as shira_dram_channel_push. false: its queue is full.
bool shira_dram_window_push(struct shira_dram_window *w, uint64_t burst,
                            const struct shira_dram_place *place, enum shira_dram_kind kind,
                            unsigned traffic, uint32_t tag, uint64_t came, uint64_t now);

// A row of a bank of all ranks was opened, or closed (row = SHIRA_DRAM_CLOSED).
void shira_dram_window_row(struct shira_dram_window *w, uint32_t bank, uint32_t row);

// `r` was read or written, with the end of its data at clock `end`: it is forgotten, or waits for
// that clock where it is to be fetched.
void shira_dram_window_served(struct shira_dram_window *w, struct shira_dram_request *r, bool write,
                              uint64_t end);

// Takes those back that were fetched by clock `now`. *wake: set back to that of the next one.
void shira_dram_window_return(struct shira_dram_window *w, uint64_t now, uint64_t *wake);

static inline uint32_t shira_dram_bank_of(const struct shira_dram_window *w,
                                          const struct shira_dram_place *p) {
  return p->rank * w->banks + p->bank;
}

#endif
