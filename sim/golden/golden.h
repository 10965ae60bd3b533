// The golden device: executes descriptors as shira_regs.yaml says, with no time. Private.
//
// device.c (operations, registers) calls ring.h, that engines.h, all of them what is here; nobody
// calls back.
//
// Where the interface leaves a choice, this is what it does:
// - Checks run in this order, and the first that fails is reported: opcode; semaphores; flags;
//   reserved bytes by ascending offset (all with engine = command, which finds them); then of the
//   opcode's own fields all bad_field, all bad_align, all bad_range, each by ascending offset.
//   Fields that a mode does not use are not checked.
// - COPY and GEMM check their window after their fields and before anything else: where it is left,
//   nothing is done. `where` is COPY's first byte outside, row after row, and of GEMM the first one
//   of the span from the lowest to the highest byte that it writes.
// - Memory is checked as the work comes to it. What came before is done.
// - Bursts of COPY and SCATTER end with their row or stream and at multiples of axi_burst_bytes,
//   which divides 4 KiB; rows without a gap between them are one row. `where` of a memory error is
//   the start of such a burst. A descriptor is one burst of 128 bytes, a completion one of 64.
// - A block of a stream is checked in this order: header inside the stream (stream_length), header
//   fields (stream_format), block inside the stream and updates within the descriptor's number
//   (stream_length), CRC, first >= cursor (stream_order), gaps (stream_format; a block's first gap
//   must be 0; positions of coo32 must start with `first` and increase), then its updates one by
//   one (window). The checked fields of SCATTER's row layout are used on machines with that layout
//   only.
// - SCATTER into memory reads and writes bursts of cap_stream_align bytes; consecutive updates in
//   one share it, also over the end of a block. Those before an error are written.
// - SWAP writes a block back when its last update is done, in bursts like the stream's, then its
//   crc as one beat of which four bytes are written. A block with an error is not written back.
// - GEMM leaves the accumulator SRAM alone unless out = acc.
// - Execution is in ring order, so a wait that does not hold when its descriptor comes ends it with
//   no_progress, where = the mask of its engine alone. With watchdog = 0 the device stays busy.
// - What is in the ring is executed at once where that is enabled, so that only what comes later
// can
//   be cancelled by the host.
// - Doorbells that ring while the device is halted complete as cancelled.
// - A completion that cannot be written halts the device without being counted.
#ifndef SHIRA_SIM_GOLDEN_H
#define SHIRA_SIM_GOLDEN_H

#include "shira/wire.h"
#include "shira/device.h"
#include "sim/memory.h"

#define GOLDEN_SPACES 5

struct golden {
  struct shira_device base; // first
  struct shira_machine m;
  struct shira_memory mem;
  struct shira_fault_state fault;
  uint64_t cycles, max_cycles; // time that the host let go by
  uint8_t *sram[GOLDEN_SPACES];
  uint32_t sram_bytes[GOLDEN_SPACES]; // 0 for memory
  int8_t *rows;                       // scratch of GEMM, weight_bytes long
  uint32_t sem[SHIRA_SEMAPHORES];
  uint64_t counters[SHIRA_COUNTER_COUNT]; // those that mean something without time
  uint64_t snapshot[SHIRA_COUNTER_COUNT]; // what is read of them

  bool enable, halted, draining, stuck;
  uint8_t error_status;
  uint32_t error_seq, error_count;
  uint64_t error_where;
  uint32_t irq_status, irq_enable;
  bool irq_line, irq_seen; // the line, and what wait_irq sees of it
  uint64_t ring_base, completion_base;
  uint32_t ring_log2, ring_tail, ring_head, completion_count, watchdog;
  uint32_t cancel_first, cancel_count;
};

// How a descriptor ended.
struct outcome {
  uint8_t status; // enum shira_status
  bool mute;      // memory did not answer: it never ends
  uint64_t where;
  uint32_t count;
};

static inline struct outcome failed(uint8_t status, uint64_t where) {
  return (struct outcome){.status = status, .where = where};
}

// Length of the next burst at `addr` when `bytes` are left.
static inline uint32_t golden_burst(const struct golden *g, uint64_t addr, uint64_t bytes) {
  const uint64_t most = g->m.axi_burst_bytes - addr % g->m.axi_burst_bytes;
  return (uint32_t)(bytes < most ? bytes : most);
}

// The burst [addr, addr + bytes) in memory, for reading or writing, or NULL with status and where
// (or mute) set in *o. Counts the bytes as class `traffic`.
uint8_t *golden_access(struct golden *g, bool write, uint64_t addr, uint32_t bytes,
                       unsigned traffic, struct outcome *o);

// First byte of [addr, addr + bytes) outside [lo, hi), or UINT64_MAX.
static inline uint64_t golden_outside(uint64_t addr, uint64_t bytes, uint64_t lo, uint64_t hi) {
  if (addr < lo || addr >= hi)
    return addr;
  return hi - addr < bytes ? hi : UINT64_MAX;
}

// true if `rows` runs of `bytes`, `stride` apart, starting at `addr`, fit into `size` bytes.
static inline bool golden_fits(uint64_t addr, uint64_t rows, uint64_t stride, uint64_t bytes,
                               uint64_t size) {
  const unsigned __int128 end = (unsigned __int128)(rows - 1) * stride + bytes + addr;
  return end <= size;
}

// One row of a table of field checks: the first whose `bad` holds gives the outcome.
struct check {
  bool bad;
  uint8_t status;
  uint8_t where; // byte offset of the field
};

static inline bool golden_checks(const struct check *c, size_t n, struct outcome *o) {
  for (size_t i = 0; i < n; i++)
    if (c[i].bad) {
      *o = failed(c[i].status, c[i].where);
      return false;
    }
  return true;
}

#endif
