// The golden device's way to memory.
#include "sim/golden/golden.h"

uint8_t *golden_access(struct golden *g, bool write, uint64_t addr, uint32_t bytes,
                       unsigned traffic, struct outcome *o) {
  if (g->fault.mute) {
    o->mute = true;
    return NULL;
  }
  uint8_t status = SHIRA_STATUS_OK;
  switch (shira_fault_burst(&g->fault, write, addr, bytes)) {
  case SHIRA_FAULT_READ_SLVERR:
    status = SHIRA_STATUS_READ_SLVERR;
    break;
  case SHIRA_FAULT_READ_DECERR:
    status = SHIRA_STATUS_READ_DECERR;
    break;
  case SHIRA_FAULT_WRITE_SLVERR:
    status = SHIRA_STATUS_WRITE_SLVERR;
    break;
  case SHIRA_FAULT_WRITE_DECERR:
    status = SHIRA_STATUS_WRITE_DECERR;
    break;
  case SHIRA_FAULT_MUTE_MEMORY:
    o->mute = true;
    return NULL;
  default:
    break;
  }
  uint8_t *at = shira_memory_at(&g->mem, addr, bytes);
  if (status == SHIRA_STATUS_OK && at == NULL)
    status = write ? SHIRA_STATUS_WRITE_DECERR : SHIRA_STATUS_READ_DECERR;
  if (status != SHIRA_STATUS_OK) {
    o->status = status;
    o->where = addr;
    return NULL;
  }
  if (traffic < SHIRA_TRAFFIC_COUNT)
    g->counters[(write ? SHIRA_COUNTER_WRITTEN_BYTES_DESCRIPTOR
                       : SHIRA_COUNTER_READ_BYTES_DESCRIPTOR) +
                traffic] += bytes;
  return at;
}
