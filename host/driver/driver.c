// Opening, register access, memory, reset: see shira/driver.h.
#include "host/driver/internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DTYPE_INT8_BIT 0u
#define GAPS_PER_UPDATE 4u // cap_block_gaps / cap_block_updates in every machine

// ---- Registers ------------------------------------------------------------------------------

int device_error(struct shira_driver *drv, int rc, const char *action) {
  struct shira_device_info info = {0};
  drv->ops->describe(drv->dev, &info);
  switch (rc) {
  case -ETIMEDOUT:
    drv->health = HEALTH_DEAD;
    return shira_fail(&drv->error, ENODEV,
                      "device '%s' does not answer: no reply to %s within %u cycles", info.backend,
                      action, SHIRA_REGISTER_DEADLINE);
  case -ETIME:
    return shira_fail(&drv->error, ETIME,
                      "device '%s' stopped after %llu cycles, the most it was allowed, in %s",
                      info.backend, (unsigned long long)info.cycles, action);
  default:
    drv->health = HEALTH_BROKEN;
    return shira_fail(&drv->error, EIO, "device '%s' failed in %s: %s", info.backend, action,
                      strerror(-rc));
  }
}

int read_reg(struct shira_driver *drv, uint32_t offset, uint32_t *value) {
  int rc = drv->ops->read32(drv->dev, offset, value);
  if (!rc)
    return 0;
  char action[40];
  snprintf(action, sizeof(action), "a read of register 0x%03x", offset);
  return device_error(drv, rc, action);
}

int write_reg(struct shira_driver *drv, uint32_t offset, uint32_t value) {
  int rc = drv->ops->write32(drv->dev, offset, value);
  if (!rc)
    return 0;
  char action[40];
  snprintf(action, sizeof(action), "a write of register 0x%03x", offset);
  return device_error(drv, rc, action);
}

// Low word first: reading cycle_lo latches cycle_hi.
int read_reg64(struct shira_driver *drv, uint32_t offset_lo, uint64_t *value) {
  uint32_t lo = 0, hi = 0;
  int rc = read_reg(drv, offset_lo, &lo);
  if (!rc)
    rc = read_reg(drv, offset_lo + 4, &hi);
  *value = (uint64_t)hi << 32 | lo;
  return rc;
}

uint64_t device_cycles(struct shira_driver *drv) {
  struct shira_device_info info = {0};
  drv->ops->describe(drv->dev, &info);
  return info.cycles;
}

// ---- Checks at open -------------------------------------------------------------------------

static int check_identity(struct shira_driver *drv) {
  uint32_t id, version, dtypes, formats;
  int rc = read_reg(drv, SHIRA_REG_ID, &id);
  if (rc)
    return rc;
  if (id != SHIRA_DEVICE_ID)
    return shira_fail(&drv->error, ENODEV, "not a shira device: its id is 0x%08x, not 0x%08x", id,
                      (unsigned)SHIRA_DEVICE_ID);
  if ((rc = read_reg(drv, SHIRA_REG_VERSION, &version)))
    return rc;
  if (version >> 16 != SHIRA_INTERFACE_VERSION >> 16)
    return shira_fail(&drv->error, EPROTO,
                      "the device has interface version %u.%u, this driver speaks %u.x",
                      version >> 16, version & 0xffffu, (unsigned)SHIRA_INTERFACE_VERSION >> 16);
  if ((rc = read_reg(drv, SHIRA_REG_CAP_DTYPES, &dtypes)) ||
      (rc = read_reg(drv, SHIRA_REG_CAP_FORMATS, &formats)))
    return rc;
  if ((rc = read_reg(drv, SHIRA_REG_CAP_COUNTERS, &drv->counters)))
    return rc;
  if (!(dtypes >> DTYPE_INT8_BIT & 1u) || !(formats >> SHIRA_STREAM_FORMAT_GAP8 & 1u) ||
      !(formats >> SHIRA_STREAM_FORMAT_COO32 & 1u))
    return shira_fail(&drv->error, EPROTO,
                      "the device has data types 0x%x, stream formats 0x%x; needed are INT8, gap8 "
                      "and coo32",
                      dtypes, formats);
  return 0;
}

static int check_machine(struct shira_driver *drv, const struct shira_machine *m) {
  const struct {
    uint32_t offset;
    const char *name;
    uint32_t expected;
  } caps[] = {
      {SHIRA_REG_CAP_ARRAY_N, "array n", m->array_n},
      {SHIRA_REG_CAP_ARRAY_K, "array k", m->array_k},
      {SHIRA_REG_CAP_BANKS, "weight banks", m->weight_banks},
      {SHIRA_REG_CAP_LAYOUT, "layout", m->layout},
      {SHIRA_REG_CAP_WEIGHT_BYTES, "weight SRAM bytes", m->weight_bytes},
      {SHIRA_REG_CAP_ACTIVATION_BYTES, "activation SRAM bytes", m->activation_bytes},
      {SHIRA_REG_CAP_ACCUMULATOR_BYTES, "accumulator SRAM bytes", m->accumulator_bytes},
      {SHIRA_REG_CAP_PARAMETER_BYTES, "parameter SRAM bytes", m->parameter_bytes},
      {SHIRA_REG_CAP_LANES, "scatter lanes", m->scatter_lanes},
      {SHIRA_REG_CAP_STREAM_ALIGN, "stream alignment", m->memory_burst_bytes},
      {SHIRA_REG_CAP_BLOCK_UPDATES, "updates a block", m->scatter_block_updates},
      {SHIRA_REG_CAP_BLOCK_GAPS, "gaps a block", GAPS_PER_UPDATE * m->scatter_block_updates},
      {SHIRA_REG_CAP_BEAT_BYTES, "bytes a beat", m->axi_data_bits / 8},
      {SHIRA_REG_CAP_COUNTERS, "set of counters", m->counters},
      {SHIRA_REG_BUILD, "hash of the parameters", shira_machine_rtl_hash(m)},
  };
  for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
    uint32_t value;
    int rc = read_reg(drv, caps[i].offset, &value);
    if (rc)
      return rc;
    if (value != caps[i].expected)
      return shira_fail(&drv->error, EPROTO,
                        "the device is not machine '%s': its %s is %u (0x%x), the machine's %u "
                        "(0x%x)",
                        m->name, caps[i].name, value, value, caps[i].expected, caps[i].expected);
  }
  return 0;
}

// ---- Rings ----------------------------------------------------------------------------------

static int map_ring(struct shira_driver *drv, size_t bytes, const char *what,
                    struct shira_mem *mem) {
  int rc = drv->ops->map(drv->dev, bytes, SHIRA_MEM_LOCAL, mem);
  if (rc)
    return shira_fail(&drv->error, -rc,
                      "cannot allocate %zu bytes of device memory for the %s ring: %s", bytes, what,
                      strerror(-rc));
  if (mem->addr % SHIRA_PAGE_BYTES)
    return shira_fail(&drv->error, EINVAL, "the %s ring is at 0x%llx, not 4 KiB aligned", what,
                      (unsigned long long)mem->addr);
  return 0;
}

// Programs a device that just left reset: empty rings, interrupts as chosen, enabled last.
static int start_device(struct shira_driver *drv) {
  drv->tail = drv->reaped = drv->oldest = 0;
  drv->cancel_count = 0;
  memset(drv->signals, 0, sizeof(drv->signals));
  memset(drv->slots, 0, drv->entries * sizeof(*drv->slots));
  memset(drv->ring.host, 0, drv->ring.bytes);
  memset(drv->completions.host, 0, drv->completions.bytes);
  drv->failed = false;
  drv->health = HEALTH_ALIVE;
  const uint32_t irqs =
      drv->polling ? 0 : SHIRA_REG_IRQ_STATUS_COMPLETION_MASK | SHIRA_REG_IRQ_STATUS_ERROR_MASK;
  const struct {
    uint32_t offset, value;
  } writes[] = {
      {SHIRA_REG_RING_BASE_LO, (uint32_t)drv->ring.addr},
      {SHIRA_REG_RING_BASE_HI, (uint32_t)(drv->ring.addr >> 32)},
      {SHIRA_REG_COMPLETION_BASE_LO, (uint32_t)drv->completions.addr},
      {SHIRA_REG_COMPLETION_BASE_HI, (uint32_t)(drv->completions.addr >> 32)},
      {SHIRA_REG_RING_LOG2, drv->log2_entries},
      {SHIRA_REG_IRQ_ENABLE, irqs},
  };
  int rc;
  for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++)
    if ((rc = write_reg(drv, writes[i].offset, writes[i].value)))
      return rc;
  if (drv->watchdog && (rc = write_reg(drv, SHIRA_REG_WATCHDOG, drv->watchdog)))
    return rc;
  return write_reg(drv, SHIRA_REG_CTRL, SHIRA_REG_CTRL_ENABLE_MASK);
}

// ---- Open and close -------------------------------------------------------------------------

static int take_options(struct shira_driver *drv, const struct shira_driver_options *o) {
  static const struct shira_driver_options defaults;
  if (!o)
    o = &defaults;
  drv->entries = o->ring_entries ? o->ring_entries : SHIRA_RING_ENTRIES;
  if (drv->entries < 2 || drv->entries > SHIRA_RING_ENTRIES_MAX ||
      (drv->entries & (drv->entries - 1)))
    return shira_fail(&drv->error, EINVAL,
                      "ring of %u entries: a power of two from 2 to %u is allowed", drv->entries,
                      SHIRA_RING_ENTRIES_MAX);
  while (1u << drv->log2_entries < drv->entries)
    drv->log2_entries++;
  drv->polling = o->polling;
  drv->unchecked = o->unchecked;
  drv->watchdog = o->watchdog;
  drv->irq_slice = o->irq_slice ? o->irq_slice : SHIRA_IRQ_SLICE_CYCLES;
  return 0;
}

int shira_attach(struct shira_device *dev, const struct shira_machine *expect,
                 const struct shira_driver_options *options, struct shira_driver **out,
                 struct shira_error *error) {
  *out = NULL;
  struct shira_driver *drv = calloc(1, sizeof(*drv));
  if (!drv) {
    dev->ops->close(dev);
    return shira_fail(error, ENOMEM, "no memory for a driver handle");
  }
  drv->dev = dev;
  drv->ops = dev->ops;
  int rc = take_options(drv, options);
  if (rc)
    goto fail;
  if ((rc = check_identity(drv)) || (expect && (rc = check_machine(drv, expect))))
    goto fail;
  drv->slots = calloc(drv->entries, sizeof(*drv->slots));
  if (!drv->slots) {
    rc = shira_fail(&drv->error, ENOMEM, "no memory for a ring of %u entries", drv->entries);
    goto fail;
  }
  if ((rc = map_ring(drv, (size_t)drv->entries * SHIRA_DESCRIPTOR_BYTES, "descriptor",
                     &drv->ring)) ||
      (rc = map_ring(drv, (size_t)drv->entries * SHIRA_COMPLETION_BYTES, "completion",
                     &drv->completions)) ||
      (rc = start_device(drv)))
    goto fail;
  drv->opened = true;
  *out = drv;
  return 0;
fail:
  if (error)
    *error = drv->error;
  shira_close(drv);
  return rc;
}

int shira_open_with(const char *backend, const struct shira_device_options *device,
                    const struct shira_machine *expect, const struct shira_driver_options *options,
                    struct shira_driver **drv, struct shira_error *error) {
  if (!drv)
    return shira_fail(error, EINVAL, "shira_open: nowhere to put the driver handle");
  *drv = NULL;
  if (!device || !device->machine)
    return shira_fail(error, EINVAL, "shira_open: device options with a machine are needed");
  if (!backend)
    backend = getenv("SHIRA_DEVICE");
  if (!backend || !*backend)
    backend = "rtl";
  struct shira_device_options o = *device;
  char library[4096];
  if (!o.rtl_library) {
    const char *dir = getenv("SHIRA_RTL_DIR");
    int len = snprintf(library, sizeof(library), "%s/%08x/libshira_rtl.so",
                       dir && *dir ? dir : "build/rtl", shira_machine_rtl_hash(o.machine));
    if (len < 0 || (size_t)len >= sizeof(library))
      return shira_fail(error, EINVAL, "SHIRA_RTL_DIR is too long");
    o.rtl_library = library;
  }
  struct shira_device *dev = NULL;
  int rc = shira_device_open(backend, &o, &dev, error);
  return rc ? rc : shira_attach(dev, expect, options, drv, error);
}

int shira_open(const char *backend, const struct shira_device_options *device,
               const struct shira_machine *expect, struct shira_driver **drv,
               struct shira_error *error) {
  return shira_open_with(backend, device, expect, NULL, drv, error);
}

void shira_close(struct shira_driver *drv) {
  if (!drv)
    return;
  // Nobody can be told of an error here; a device that does not answer is not asked again.
  if (drv->opened && drv->health != HEALTH_DEAD)
    (void)drv->ops->write32(drv->dev, SHIRA_REG_CTRL, 0);
  drv->ops->close(drv->dev); // frees the rings too
  free(drv->slots);
  free(drv);
}

int shira_reset(struct shira_driver *drv) {
  drv->stats.resets++;
  int rc = drv->ops->reset(drv->dev);
  if (rc)
    return device_error(drv, rc, "a reset");
  if ((rc = check_identity(drv)) || (rc = start_device(drv)))
    return rc;
  return 0;
}

// ---- Memory and the rest --------------------------------------------------------------------

static int alloc(struct shira_driver *drv, size_t bytes, enum shira_mem_kind kind,
                 struct shira_mem *mem) {
  memset(mem, 0, sizeof(*mem));
  int rc = drv->ops->map(drv->dev, bytes, kind, mem);
  if (rc)
    return shira_fail(&drv->error, -rc, "cannot allocate %zu bytes of %s memory: %s", bytes,
                      kind == SHIRA_MEM_HOST ? "host" : "device", strerror(-rc));
  return 0;
}

int shira_alloc(struct shira_driver *drv, size_t bytes, struct shira_mem *mem) {
  return alloc(drv, bytes, SHIRA_MEM_LOCAL, mem);
}

int shira_alloc_host(struct shira_driver *drv, size_t bytes, struct shira_mem *mem) {
  return alloc(drv, bytes, SHIRA_MEM_HOST, mem);
}

int shira_free(struct shira_driver *drv, struct shira_mem *mem) {
  if (!mem->host)
    return 0;
  int rc = drv->ops->unmap(drv->dev, mem);
  if (rc)
    return shira_fail(&drv->error, -rc, "cannot free device memory at 0x%llx: %s",
                      (unsigned long long)mem->addr, strerror(-rc));
  return 0;
}

const char *shira_driver_error(const struct shira_driver *drv) {
  return drv->error.text;
}

struct shira_device *shira_driver_device(struct shira_driver *drv) {
  return drv->dev;
}

void shira_driver_stats(const struct shira_driver *drv, struct shira_driver_stats *stats) {
  *stats = drv->stats;
}
