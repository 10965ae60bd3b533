// The device interface: twelve operations between the driver and whatever plays the accelerator.
//
// Backends: "rtl" (the Verilated RTL), "golden" (executes descriptors, knows no time). The driver
// never learns which one it has. Rules that hold for every operation:
//
// - Thread: a device is used by one thread at a time; two devices are independent of each other.
// - Blocks: simulated backends compute inside the call and return when it is done. No call waits
//   without an end: what takes device time has a deadline in device cycles.
// - Errors: 0 or -errno, listed at each operation. The operations that take device time (read32,
//   write32, wait_irq, advance, reset) may also return
//     -ETIME  the device has run options.max_cycles cycles; it runs no further, ever
//     -EIO    the simulated hardware broke a rule of its own (a failed assertion, an AXI
//             protocol error); the message went to stderr; the device is of no further use
// - Registers: every access is 32 bits wide, aligned, at an offset of shira/regs.h.
#ifndef SHIRA_DEVICE_H
#define SHIRA_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shira/config.h"
#include "shira/dram_stats.h"
#include "shira/error.h"

#ifdef __cplusplus
extern "C" {
#endif

// Layout version of everything in this header; a backend library of another version is refused.
#define SHIRA_DEVICE_ABI 5u

// Device address of the first byte of memory on simulated backends.
#define SHIRA_MEMORY_BASE UINT64_C(0x80000000)

// Granule and alignment of DMA memory, bytes.
#define SHIRA_PAGE_BYTES 4096u

// Cycles that a register access may take before it fails with -ETIMEDOUT.
#define SHIRA_REGISTER_DEADLINE 10000u

struct shira_device;
struct shira_port;

// Where memory lies: the device's own, or the host's, behind the host link.
enum shira_mem_kind { SHIRA_MEM_LOCAL, SHIRA_MEM_HOST };

// A piece of memory that both sides see. The device's owner (the driver) owns it until unmap or
// close. The host reads and writes `host` directly; the device uses `addr`.
struct shira_mem {
  void *host;    // first byte, page aligned
  uint64_t addr; // device address of the first byte, page aligned
  size_t bytes;  // as asked; the mapping itself is rounded up to SHIRA_PAGE_BYTES
};

// What may be made to go wrong. A fault counts its events and strikes at event number `skip`
// (from 0). Events are:
//   *_SLVERR, *_DECERR, MUTE_MEMORY  AXI bursts (reads, writes or both) that touch a byte of
//                                    [addr, addr + bytes); bytes = 0 means all of memory
//   LOST_IRQ                         rises of the interrupt line
//   DEAD                             register accesses
// SLVERR and DECERR answer that one burst with the error (a write of it does not reach memory).
// LOST_IRQ hides that one interrupt from wait_irq, until the line falls. MUTE_MEMORY accepts from
// then on every AXI request and answers none. DEAD answers no register access from then on. All of
// them end at the next reset after they struck; a fault that did not strike yet stays armed.
enum shira_fault_kind {
  SHIRA_FAULT_NONE,
  SHIRA_FAULT_READ_SLVERR,
  SHIRA_FAULT_READ_DECERR,
  SHIRA_FAULT_WRITE_SLVERR,
  SHIRA_FAULT_WRITE_DECERR,
  SHIRA_FAULT_LOST_IRQ,
  SHIRA_FAULT_MUTE_MEMORY,
  SHIRA_FAULT_DEAD,
};

struct shira_fault {
  enum shira_fault_kind kind;
  uint64_t addr;  // device address
  uint64_t bytes; // 0: all of memory
  unsigned skip;  // events that pass before it strikes
};

// How to open a device. Zeroed except for `machine` is a good default. The pointers are only read
// during open; `*machine` is copied.
struct shira_device_options {
  const struct shira_machine *machine; // never NULL
  const char *rtl_library;             // "rtl": path of libshira_rtl.so of this machine
  uint64_t seed;                       // of the random stalls
  unsigned stall_percent;              // chance of a gap per AXI channel and cycle, 0 to 90
  uint64_t max_cycles;                 // most cycles the device may run, 0 = no limit
  const char *waves;                   // FST file to write, NULL = none ("rtl" only)
  uint64_t waves_from, waves_to;       // cycles [from, to) that are written; to = 0: to the end
  const char *dram_trace;              // file of the DRAM's commands, NULL = none ("rtl" only)
  struct shira_fault fault;
  // What is behind the device's memory bus in place of its own memory (sim/port.h), NULL = that
  // ("rtl" only). It stays the caller's and must outlive the device, which has no memory to map.
  struct shira_port *port;
};

// What a device says of itself.
struct shira_device_info {
  char backend[16];   // "rtl", "golden"
  char machine[64];   // name in the machine file
  uint32_t clock_mhz; // of the machine
  uint32_t build;     // shira_machine_rtl_hash() of the machine that the device was built for
  bool simulated;     // cycles mean device time, advance() moves it
  bool timed;         // cycle registers and time stamps mean something
  uint64_t cycles;    // cycles run since open, resets included
  // Device cycles of one refresh interval (tREFI), rounded; 0 where memory is not refreshed or has
  // no time.
  uint32_t refresh_cycles;
  struct shira_dram_stats memory; // of the device's own memory since open; zeros where not timed
};

struct shira_device_ops {
  uint32_t abi;     // SHIRA_DEVICE_ABI
  const char *name; // backend

  // Opens a device, out of reset, with no memory mapped. On success *dev is set and belongs to the
  // caller until close. Errors: -EINVAL an option makes no sense, -ENOMEM, -ENOENT/-EACCES/... a
  // file could not be opened; each with a sentence in *error (which may be NULL). Does not block.
  int (*open)(const struct shira_device_options *options, struct shira_device **dev,
              struct shira_error *error);

  // Ends the device, writes what is left of the waves, frees all mapped memory. NULL is allowed.
  void (*close)(struct shira_device *dev);

  // Reads the register at byte `offset` into *value. On an error *value is ~0. Blocks for at most
  // SHIRA_REGISTER_DEADLINE device cycles.
  // Errors: -EINVAL offset not a multiple of 4 or not below 4096 (device not touched),
  // -ETIMEDOUT no answer, -ENXIO the device has no such register.
  int (*read32)(struct shira_device *dev, uint32_t offset, uint32_t *value);

  // Writes `value` into the register at byte `offset`; returns after the device answered. Blocks
  // and fails as read32 does; after -ETIMEDOUT the write may or may not have happened.
  int (*write32)(struct shira_device *dev, uint32_t offset, uint32_t value);

  // Allocates `bytes` (>= 1) of zeroed memory of that kind, which the device can reach. The result
  // is page aligned, on both sides; an unmapped page lies between two mappings, so that a device
  // that runs past its end gets DECERR. Takes no device time. Errors: -EINVAL bytes is 0, -ENOMEM
  // the machine's memory of that kind is full.
  int (*map)(struct shira_device *dev, size_t bytes, enum shira_mem_kind kind,
             struct shira_mem *mem);

  // Gives memory of map() back and clears *mem. Accesses of the device to it answer DECERR from
  // now on. Takes no device time. Errors: -EINVAL not a mapping of this device.
  int (*unmap)(struct shira_device *dev, struct shira_mem *mem);

  // Lets the device run until its interrupt line is high (0, at once if it is high already), or
  // until `cycles` device cycles went by (-ETIMEDOUT). The line is a level: it stays high until
  // the driver clears irq_status.
  int (*wait_irq)(struct shira_device *dev, uint64_t cycles);

  // Lets the device run `cycles` cycles, interrupts or not. On real hardware time goes by itself
  // and this does nothing.
  int (*advance)(struct shira_device *dev, uint64_t cycles);

  // Resets the device: registers, engines and requests in flight are lost. Mapped memory stays, and
  // contents of memory and SRAMs stay where nothing was in flight; what was in flight may have
  // written any part of what it was to write. Takes some device cycles.
  int (*reset)(struct shira_device *dev);

  // Puts the memory behind the device into one defined state, so that a program whose timing starts
  // from here takes the same cycles each time, whatever ran before: no burst in flight, all rows
  // closed and all timings satisfied, the controller, the fixed rates and the host link as after
  // open, the next refresh of each rank due as it would be `eighth` eighths (0 to 7) of a refresh
  // interval after open, the memory's clock in the same step with the device's, the random stalls
  // from their seed again. That is set, not waited for: no device time goes by. The counts of
  // `memory` in describe() go on, but for `longest`, which starts anew. That engines are idle and
  // the rings empty, as after a reset, is the caller's business. A backend without time does
  // nothing. Errors: -EINVAL eighth is above 7; -EBUSY the device has a burst in flight; -ENOTSUP
  // the memory is not the device's own (options.port, hardware) and cannot be told. Nothing has
  // changed then.
  int (*settle)(struct shira_device *dev, unsigned eighth);

  // Fills *info. Never fails, takes no device time.
  void (*describe)(struct shira_device *dev, struct shira_device_info *info);

  // Sets *mb_s to the rate, in 10^6 bytes a second, at which the device's memory gives bursts that
  // lie one after another, refresh included: what an architect may hope for, where the peak is what
  // the pins can do. Found on the model of the memory (may take a second of processor time), by a
  // backend without time the peak of the machine file. Takes no device time and changes nothing.
  // Errors, with *mb_s 0: -ENOTSUP nobody here knows the memory; -ENOMEM; -EIO the model does not
  // answer.
  int (*sequential)(struct shira_device *dev, double *mb_s);
};

// The part of a device that every backend shares; backends put it first in their own structure.
struct shira_device {
  const struct shira_device_ops *ops;
};

// Backends that are linked in.
extern const struct shira_device_ops shira_golden_backend;

// Opens a device of backend `backend`: "golden", or "rtl", whose library options->rtl_library is
// loaded (with waves asked for, its sibling whose name ends in "_trace.so"). A library once loaded
// stays loaded. Checks what all backends need: a machine, stall_percent, a library of this ABI that
// was built for this machine. On success *dev is set; close it with (*dev)->ops->close(*dev).
// Errors, each with one sentence in *error: -ENODEV no such backend, -EINVAL an option makes no
// sense, -ENOENT the library is missing or cannot be loaded, -EPROTO the library is of another
// version or was built for another machine, and what the backend's open returns.
int shira_device_open(const char *backend, const struct shira_device_options *options,
                      struct shira_device **dev, struct shira_error *error);

#ifdef __cplusplus
}
#endif

#endif
