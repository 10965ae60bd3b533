// Memory of a simulated device: a sparse range at SHIRA_MEMORY_BASE in which mappings are given out
// page by page. Pages that are not mapped cannot be touched from the host either. Also the faults
// that options may plant into it. Private to sim/.
#ifndef SHIRA_SIM_MEMORY_H
#define SHIRA_SIM_MEMORY_H

#include "shira/device.h"

#ifdef __cplusplus
extern "C" {
#endif

struct shira_memory {
  uint8_t *host;   // whole range
  uint8_t *mapped; // one byte a page: 1 = the device may use it
  uint64_t pages;
  uint64_t host_first;          // pages from here on are the host's
  struct shira_region *regions; // mappings, ascending
  size_t n_regions, cap_regions;
};

struct shira_region {
  uint64_t first, pages; // in pages from the start of the range
};

// Reserves `local` bytes and, behind them, `host` bytes (rounded up to pages), without using
// memory. Errors: -EINVAL, -ENOMEM.
int shira_memory_open(struct shira_memory *m, uint64_t local, uint64_t host,
                      struct shira_error *error);
void shira_memory_close(struct shira_memory *m);

// The device operations of these names.
int shira_memory_map(struct shira_memory *m, size_t bytes, enum shira_mem_kind kind,
                     struct shira_mem *mem);
int shira_memory_unmap(struct shira_memory *m, struct shira_mem *mem);

// Host pointer to device address `addr` if all of [addr, addr + bytes) lies in one mapped page,
// else NULL. `bytes` >= 1.
static inline uint8_t *shira_memory_at(const struct shira_memory *m, uint64_t addr,
                                       uint64_t bytes) {
  const uint64_t off = addr - SHIRA_MEMORY_BASE;
  const uint64_t page = off / SHIRA_PAGE_BYTES;
  if (page >= m->pages || !m->mapped[page] || off % SHIRA_PAGE_BYTES + bytes > SHIRA_PAGE_BYTES)
    return NULL;
  return m->host + off;
}

// A fault of the options with what became of it.
struct shira_fault_state {
  struct shira_fault fault;
  unsigned seen;   // events so far
  bool struck;     // it happened; it will not happen again
  bool mute, dead; // lasting effects, until reset
  bool hidden;     // the interrupt line is high but hidden
};

// An AXI burst of [addr, addr + bytes): what the fault does to it, SHIRA_FAULT_NONE in most cases.
// Call once for each burst.
static inline enum shira_fault_kind shira_fault_burst(struct shira_fault_state *f, bool write,
                                                      uint64_t addr, uint64_t bytes) {
  const enum shira_fault_kind kind = f->fault.kind;
  if (kind == SHIRA_FAULT_NONE || f->struck || kind == SHIRA_FAULT_LOST_IRQ ||
      kind == SHIRA_FAULT_DEAD)
    return SHIRA_FAULT_NONE;
  if (kind != SHIRA_FAULT_MUTE_MEMORY &&
      write != (kind == SHIRA_FAULT_WRITE_SLVERR || kind == SHIRA_FAULT_WRITE_DECERR))
    return SHIRA_FAULT_NONE;
  if (f->fault.bytes != 0 &&
      (addr >= f->fault.addr + f->fault.bytes || addr + bytes <= f->fault.addr))
    return SHIRA_FAULT_NONE;
  if (f->seen++ < f->fault.skip)
    return SHIRA_FAULT_NONE;
  f->struck = true;
  f->mute = kind == SHIRA_FAULT_MUTE_MEMORY;
  return kind;
}

// A register access: true if the device does not answer it.
static inline bool shira_fault_register(struct shira_fault_state *f) {
  if (f->fault.kind != SHIRA_FAULT_DEAD || (f->struck && !f->dead))
    return false;
  if (!f->struck && f->seen++ < f->fault.skip)
    return false;
  f->struck = f->dead = true;
  return true;
}

// The interrupt line as wait_irq sees it. Call whenever the line may have changed.
static inline bool shira_fault_irq(struct shira_fault_state *f, bool was, bool is) {
  if (f->fault.kind != SHIRA_FAULT_LOST_IRQ)
    return is;
  if (is && !was && !f->struck && f->seen++ >= f->fault.skip)
    f->struck = f->hidden = true;
  if (!is)
    f->hidden = false;
  return is && !f->hidden;
}

// A reset ends what struck.
static inline void shira_fault_reset(struct shira_fault_state *f) {
  f->mute = f->dead = f->hidden = false;
}

#ifdef __cplusplus
}
#endif

#endif
