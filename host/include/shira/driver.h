// The driver library: programs of descriptors in, completions out, on any device backend.
//
// Rules that hold for every function here:
//
// - Thread: a handle, and what hangs on it, is used by one thread at a time; the caller locks where
//   that is not given. Two handles are independent. No function starts a thread or uses signals.
// - Blocks: only where a function has a deadline parameter, and never past it. Deadlines are device
//   cycles from the call. On a backend without time (golden) a deadline bounds the number of looks.
//   A register access may block for SHIRA_REGISTER_DEADLINE cycles (shira/device.h).
// - Errors: 0 or a count, or -errno, and a sentence in shira_driver_error(). The status of a
//   descriptor is never returned raw: shira_status_errno() maps it. Any function that touches
//   registers may return
//     -ENODEV     the device does not answer; only shira_reset and shira_recover still try
//     -EPROTO     the device wrote a completion that cannot be true; shira_reset is the way out
//     -EIO        the device refused a register access, lost completion records, or does not drain
//     -ETIME      a simulated device ran its max_cycles; nothing runs any more
//   "Device not touched" says that no register access and no write to ring memory happened.
// - Requests that were submitted are cancelled by shira_cancel; shira_reset drops all of them.
// - Order: descriptors of one engine run in order; engines run side by side and are ordered by
//   semaphores alone. A switch that must wait for a pass in flight says so with a wait.
#ifndef SHIRA_DRIVER_H
#define SHIRA_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "shira/config.h"
#include "shira/error.h"
#include "shira/wire.h"
#include "shira/device.h"

#ifdef __cplusplus
extern "C" {
#endif

// Counters of an engine, one after the other; the last one is idle.
#define SHIRA_ENGINE_STATES (SHIRA_COUNTER_COPY_BUSY - SHIRA_COUNTER_COMMAND_BUSY)

// What shira_counters says of a counter that the device does not have (cap_counters).
#define SHIRA_COUNTER_NONE UINT64_MAX

struct shira_driver;

// ---- Opening --------------------------------------------------------------------------------

#define SHIRA_RING_ENTRIES 256u       // default
#define SHIRA_RING_ENTRIES_MAX 65536u // what ring_log2 can say
#define SHIRA_IRQ_SLICE_CYCLES 65536u // default

// How the driver works; zeroed means all defaults.
struct shira_driver_options {
  uint32_t ring_entries; // of both rings, power of two, 2 to SHIRA_RING_ENTRIES_MAX; 0: default
  bool polling;          // look at the completion ring instead of waiting for interrupts
  bool unchecked;        // hand descriptors over as they are, rebased only: to test the device
  uint32_t watchdog;     // cycles without movement before no_progress; 0: the device's reset value
  uint32_t irq_slice;    // cycles without interrupt before a look at the ring; 0: default
};

// Opens device backend `backend` (NULL: environment SHIRA_DEVICE, else "rtl") and attaches to it,
// with default driver options. Where device->rtl_library is NULL, the library is looked for at
// <dir>/<rtl hash of the machine, 8 hex digits>/libshira_rtl.so, <dir> being the environment's
// SHIRA_RTL_DIR, else "build/rtl".
//
// Checks the device's id, interface version and, against `expect` (NULL: not), every capability.
// On success *drv is set; end it with shira_close. On failure *drv is NULL, `error` (may be NULL)
// has one sentence, and nothing is left open. Blocks for some dozen register accesses.
// Errors: -EINVAL an argument makes no sense (device not touched); -ENODEV no such backend, or the
// device does not answer or is no shira device; -EPROTO another interface version or capabilities
// other than the machine's; -ENOMEM; and what the backend's open returns.
int shira_open(const char *backend, const struct shira_device_options *device,
               const struct shira_machine *expect, struct shira_driver **drv,
               struct shira_error *error);

// As shira_open, with driver options (NULL: defaults).
int shira_open_with(const char *backend, const struct shira_device_options *device,
                    const struct shira_machine *expect, const struct shira_driver_options *options,
                    struct shira_driver **drv, struct shira_error *error);

// Takes over an open device, as shira_open_with does after opening one. `dev` belongs to the driver
// from the call on: it is closed by shira_close, and also when this fails. The device is expected
// as it is after reset.
int shira_attach(struct shira_device *dev, const struct shira_machine *expect,
                 const struct shira_driver_options *options, struct shira_driver **drv,
                 struct shira_error *error);

// Stops the device, frees all DMA memory and closes it. NULL is allowed. What is in flight is lost;
// does not wait for it.
void shira_close(struct shira_driver *drv);

// Why the last call on `drv` that failed did; "" before the first. Valid until the next call.
const char *shira_driver_error(const struct shira_driver *drv);

// The device under the driver, to describe or advance it. It stays the driver's. Writing registers
// through it breaks the driver's picture of the device.
struct shira_device *shira_driver_device(struct shira_driver *drv);

// ---- Memory ---------------------------------------------------------------------------------

// Allocates `bytes` >= 1 of zeroed, page aligned DMA memory. The buffer belongs to the caller until
// shira_free or shira_close. While a descriptor that names it is in flight the device may read and
// write it at any time: the host keeps its hands off. No registers touched, no device time.
// Errors: -EINVAL bytes is 0, -ENOMEM.
int shira_alloc(struct shira_driver *drv, size_t bytes, struct shira_mem *mem);

// The same in the host's memory, which the device reaches over the host link.
int shira_alloc_host(struct shira_driver *drv, size_t bytes, struct shira_mem *mem);

// Gives a buffer back and clears *mem; a cleared one is allowed. No descriptor in flight may name
// it (the device would get DECERR). Errors: -EINVAL not a buffer of this device.
int shira_free(struct shira_driver *drv, struct shira_mem *mem);

// ---- Submitting and waiting -----------------------------------------------------------------

// Puts `n` descriptors into the ring and rings the doorbell once. Does not block. `descs` is
// copied.
//
// A call is one program: semaphore values count its own signals, from 0 at descs[0]; the driver
// rebases them to the device's running counts. So wait value 0 means "all signals that were
// submitted before this call", and v >= 1 the v-th signal of the call.
//
// In interrupt mode the driver sets the irq flag on the last descriptor of each engine in the call,
// beside those that the caller set; a waiter for another descriptor may wake that much later.
// *first_seq (may be NULL) is the sequence number of descs[0]; they go up by one, modulo 2^32.
//
// Errors, the device not touched and nothing queued in all of them:
//   -EINVAL     n is 0, or a descriptor has an unknown opcode, unknown flags, a reserved byte that
//   is
//               not 0 (the sentence names it), a semaphore out of range, or a wait for more signals
//               than come before it (not checked if `unchecked`)
//   -EMSGSIZE   n is more than the ring has entries: use shira_run
//   -EAGAIN     the ring has not n free entries: wait for something in flight first
//   -ESHUTDOWN  the device halted on an error: shira_recover first
int shira_submit(struct shira_driver *drv, const union shira_descriptor *descs, unsigned n,
                 uint32_t *first_seq);

// Waits until descriptor `seq` has ended and copies its checked completion to *out (may be NULL).
// Blocks for at most `deadline` cycles; 0 looks once. May be called again for the same descriptor
// as long as fewer than ring_entries descriptors were submitted after it. Returns 0 if it ended
// well, else shira_status_errno() of its status, with *out filled. In all other cases *out is
// zeroed:
//   -ETIMEDOUT  the deadline passed; the descriptor is still in flight. The sentence has the queue
//               and the engines' counters; shira_dump has all of it
//   -EINVAL     `seq` was not submitted (device not touched)
//   -ENOENT     `seq` is so old that its completion is no longer kept (device not touched)
int shira_wait(struct shira_driver *drv, uint32_t seq, uint64_t deadline,
               struct shira_completion *out);

// Cancels the `n` descriptors from `seq` on, as far as no engine has begun them. One that has been
// begun goes on. Any other keeps its turn and its waits, is then not executed, gives its signal, so
// that what waits for it goes on, and ends with status cancelled and t_start = 0: shira_wait then
// returns -ECANCELED. Its completion tells which it was. Who cancels a part of a program cancels
// what needs its results too. Does not block; the descriptors behind them, and the handle, go on.
//
// Errors:
//   -EINVAL     n is 0, or one of them was not submitted (device not touched)
//   -EALREADY   all of them have ended (device not touched)
//   -EBUSY      some of those that an earlier call cancelled have not ended (device not touched)
//   -ESHUTDOWN  the device halted on an error (device not touched)
int shira_cancel(struct shira_driver *drv, uint32_t seq, unsigned n);

// What shira_run measured.
struct shira_run_result {
  // In: room for one completion per descriptor, or NULL. Stays the caller's.
  struct shira_completion *completions;
  // Out. completions[0 .. ended) are valid, in the program's order; the rest is zeroed.
  uint32_t submitted;        // descriptors given to the device; fewer than n after an error
  uint32_t ended;            // of those, how many have a completion; fewer only after -ETIMEDOUT
  uint32_t first_seq;        // sequence number of descs[0]
  uint32_t doorbells;        // doorbell writes
  uint64_t doorbell_cycle;   // cycle of the first doorbell; 0 on a backend without time
  uint64_t completion_cycle; // cycle in which the last completion record was written
  uint64_t cycles;           // from the one to the other: the latency of D7
  enum shira_status status;  // of the first descriptor that failed by itself; OK: none
  uint32_t error_index;      // its index in descs
  uint32_t error_seq;        // its sequence number
  uint64_t error_where;      // see enum shira_status
};

// Runs a program of any length >= 1, as one program in the sense of shira_submit: submits it piece
// by piece, keeps the ring as full as it can, waits for all of it. A program that fits the ring is
// one doorbell; the latency of a longer one includes the host's refills. Blocks for at most
// `deadline` cycles in all. Nothing else may be in flight.
// Returns 0, or shira_status_errno() of the first error (everything that was submitted has then
// ended, the device is halted: shira_recover), or -ETIMEDOUT (descriptors are still in flight),
// -EBUSY (something is in flight), -EINVAL, -ESHUTDOWN as in shira_submit (device not touched).
int shira_run(struct shira_driver *drv, const union shira_descriptor *descs, unsigned n,
              uint64_t deadline, struct shira_run_result *result);

// ---- When things go wrong -------------------------------------------------------------------

// errno (negative) of a device status, 0 for OK; -EPROTO for a status that does not exist.
//   -ENOSYS bad_opcode    -EINVAL bad_field, bad_align    -ERANGE bad_range     -EACCES window
//   -EBADMSG stream_crc   -EILSEQ stream_order            -EMSGSIZE stream_length
//   -ENOEXEC stream_format                -EREMOTEIO read_slverr, write_slverr
//   -EFAULT read_decerr, write_decerr     -EDEADLK no_progress                  -ECANCELED
//   cancelled
int shira_status_errno(unsigned status);

// The same status as a sentence, without final stop. Never NULL.
const char *shira_status_text(unsigned status);

// After an error or a timeout: waits, for at most `deadline` cycles, until everything in flight has
// ended or was cancelled and the device has drained, then acknowledges the error. Semaphores start
// from 0 again, memory keeps its contents, completions can still be collected by shira_wait. A
// handle without trouble and with nothing in flight is left as it is. If the device does not get
// there, or what it says afterwards does not fit, it is reset as by shira_reset.
// Returns 0: recovered, SRAM contents as the cancelled descriptors left them; 1: a reset was
// needed, SRAM contents as a reset of the device leaves them (shira/device.h); or -errno as
// shira_reset.
int shira_recover(struct shira_driver *drv, uint64_t deadline);

// Resets device and rings, whatever state they are in. All descriptors in flight are lost, sequence
// numbers and semaphores start from 0, old sequence numbers are void. DMA buffers and SRAMs keep
// their contents, but for what descriptors in flight were to write. Errors: those of shira_open;
// the handle is then of use only for another try or shira_close.
int shira_reset(struct shira_driver *drv);

// ---- Looking inside -------------------------------------------------------------------------

// Reads all counters (enum shira_counter; see registers.md for units), all as they stand in one
// cycle of the call, also while the device works; SHIRA_COUNTER_NONE where it has none. Does not
// block.
int shira_counters(struct shira_driver *drv, uint64_t out[SHIRA_COUNTER_COUNT]);

// Zeroes all counters of the device. Does not block.
int shira_counters_clear(struct shira_driver *drv);

// What the driver itself counted since open.
struct shira_driver_stats {
  uint64_t doorbells;       // doorbell writes
  uint64_t interrupts;      // waits that an interrupt ended
  uint64_t lost_interrupts; // completions that asked for an interrupt that never came
  uint64_t recoveries;      // errors acknowledged
  uint64_t resets;          // since open, not counting the one before it
};

void shira_driver_stats(const struct shira_driver *drv, struct shira_driver_stats *stats);

// Prints everything there is to know: registers, rings, descriptors in flight, counters. For
// people; the format may change. Changes nothing but the snapshot of the counters, works on a
// device that does not answer.
void shira_dump(struct shira_driver *drv, FILE *out);

#ifdef __cplusplus
}
#endif

#endif
