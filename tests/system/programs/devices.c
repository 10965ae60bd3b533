// The two devices of a run: registers, and memory that both see at the same addresses.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/programs/run.h"

bool complain(struct run *n, const char *format, ...) {
  if (n->r->why[0])
    return false;
  va_list args;
  va_start(args, format);
  if (vsnprintf(n->r->why, sizeof(n->r->why), format, args) < 0)
    strcpy(n->r->why, "?");
  va_end(args);
  return false;
}

// ---- Devices ----------------------------------------------------------------------------------

bool device_ok(struct run *n, int rc, const char *what) {
  return rc == 0 || complain(n, "%s gives %d: %s", what, rc, strerror(-rc));
}

bool write_both(struct run *n, uint32_t offset, uint32_t value) {
  for (unsigned i = 0; i < DEVICES; i++)
    if (!device_ok(n, n->dev[i]->ops->write32(n->dev[i], offset, value), "a register write"))
      return false;
  return true;
}

bool write_one(struct run *n, unsigned i, uint32_t offset, uint32_t value) {
  return device_ok(n, n->dev[i]->ops->write32(n->dev[i], offset, value), "a register write");
}

uint32_t read_one(struct run *n, unsigned i, uint32_t offset) {
  uint32_t v = 0;
  device_ok(n, n->dev[i]->ops->read32(n->dev[i], offset, &v), "a register read");
  return v;
}

static bool map_both(struct run *n, size_t bytes, bool host, struct shira_mem mem[DEVICES]) {
  const enum shira_mem_kind kind = host ? SHIRA_MEM_HOST : SHIRA_MEM_LOCAL;
  for (unsigned i = 0; i < DEVICES; i++)
    if (!device_ok(n, n->dev[i]->ops->map(n->dev[i], bytes, kind, &mem[i]), "map"))
      return false;
  return mem[0].addr == mem[1].addr || complain(n, "memory is mapped at different addresses");
}

// Sequence number that item `index` will have, as far as nothing was dropped in between.
static uint32_t seq_of(const struct program *p, unsigned index) {
  uint32_t seq = FILLS;
  for (unsigned i = 0; i < index; i++)
    seq += !p->dropped[i];
  return seq;
}

bool open_both(struct run *n, const char *backend) {
  static char library[1024];
  const char *const names[DEVICES] = {"golden", backend};
  const char *root = getenv("SHIRA_RTL_DIR"), *name = getenv("SHIRA_RTL_LIBRARY");
  snprintf(library, sizeof(library), "%s/%08x/%s", root ? root : "build/rtl",
           shira_machine_rtl_hash(&n->hw), name ? name : "libshira_rtl_assert.so");
  struct shira_device_options o = {.machine = &n->hw,
                                   .rtl_library = library,
                                   .seed = n->p->seed + n->p->number,
                                   .stall_percent = n->p->stall};
  const uint64_t ring = SHIRA_MEMORY_BASE;
  if (n->p->fault_at == FAULT_TRAP)
    o.fault =
        (struct shira_fault){n->p->kind, world_addr(n->w, DATA_TRAP), TRAP_BYTES, n->p->fault_skip};
  if (n->p->fault_at == FAULT_FETCH) {
    const uint32_t seq = seq_of(n->p, n->p->fault_index);
    o.fault = (struct shira_fault){n->p->kind, ring + seq % n->entries * SHIRA_DESCRIPTOR_BYTES,
                                   n->hw.axi_burst_bytes, seq / n->entries};
    if (o.fault.bytes > SHIRA_DESCRIPTOR_BYTES)
      o.fault.bytes = SHIRA_DESCRIPTOR_BYTES;
  }
  for (unsigned i = 0; i < DEVICES; i++) {
    struct shira_error err = {""};
    if (shira_device_open(names[i], &o, &n->dev[i], &err))
      return complain(n, "cannot open: %s", err.text);
  }
  return true;
}

// Pages of the ring, the records and the read-back come before the buffers, each with an unmapped
// page behind; a page is left out where the host's memory begins.
void place_world(struct run *n) {
  const uint64_t page = SHIRA_PAGE_BYTES;
  const uint64_t back = (n->w->bytes - DATA_BYTES + page - 1) / page * page;
  uint64_t next[2] = {SHIRA_MEMORY_BASE + 5 * page + back,
                      SHIRA_MEMORY_BASE + n->hw.memory_bytes + page};
  n->w->keep_lo = SHIRA_MEMORY_BASE;
  n->w->keep_hi = SHIRA_MEMORY_BASE + 4 * page + back;
  for (unsigned i = 0; i < BUFFERS; i++) {
    const uint64_t bytes = buffer_first[i + 1] - buffer_first[i];
    uint64_t *at = &next[n->p->host[i]];
    n->w->buffer[i] = *at;
    *at += (bytes + page - 1) / page * page + page;
  }
}

uint8_t *data_byte(const struct run *n, unsigned i, uint32_t at) {
  const unsigned b = at >= DATA_STREAMS;
  return (uint8_t *)n->data[b][i].host + (at - buffer_first[b]);
}

static bool map_buffer(struct run *n, unsigned b) {
  const uint32_t first = buffer_first[b], bytes = buffer_first[b + 1] - first;
  if (!map_both(n, bytes, n->p->host[b], n->data[b]))
    return false;
  for (unsigned i = 0; i < DEVICES; i++)
    memcpy(n->data[b][i].host, n->w->start + first, bytes);
  return n->data[b][0].addr == n->w->buffer[b] || complain(n, "memory is not where it is expected");
}

bool map_world(struct run *n) {
  if (!map_both(n, n->entries * (size_t)SHIRA_DESCRIPTOR_BYTES, false, n->ring) ||
      !map_both(n, n->entries * (size_t)SHIRA_COMPLETION_BYTES, false, n->records) ||
      !map_both(n, n->w->bytes - DATA_BYTES, false, n->back))
    return false;
  if (n->ring[0].addr != n->w->keep_lo)
    return complain(n, "the ring is not where it is expected");
  for (unsigned b = 0; b < BUFFERS; b++)
    if (!map_buffer(n, b))
      return false;
  return true;
}

bool start_both(struct run *n) {
  return write_both(n, SHIRA_REG_RING_BASE_LO, (uint32_t)n->ring[0].addr) &&
         write_both(n, SHIRA_REG_RING_BASE_HI, (uint32_t)(n->ring[0].addr >> 32)) &&
         write_both(n, SHIRA_REG_COMPLETION_BASE_LO, (uint32_t)n->records[0].addr) &&
         write_both(n, SHIRA_REG_COMPLETION_BASE_HI, (uint32_t)(n->records[0].addr >> 32)) &&
         write_both(n, SHIRA_REG_RING_LOG2, n->p->ring_log2) &&
         write_both(n, SHIRA_REG_WATCHDOG, n->p->watchdog) &&
         write_both(n, SHIRA_REG_IRQ_ENABLE, n->p->irqs) &&
         write_both(n, SHIRA_REG_CTRL, SHIRA_REG_CTRL_ENABLE_MASK);
}
