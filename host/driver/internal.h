// Inside of the driver: the handle, and what its files ask of each other.
#ifndef SHIRA_DRIVER_INTERNAL_H
#define SHIRA_DRIVER_INTERNAL_H

#include "shira/driver.h"

// What the driver remembers of descriptor `seq`, in slot seq mod entries.
struct slot {
  struct shira_completion completion; // checked copy, once `done`
  uint8_t opcode;                     // as submitted
  bool irq;                           // it was asked to raise the interrupt
  bool done;
  bool cancelled; // shira_cancel was asked to
};

// Why no request is taken any more. Everything but ALIVE needs a reset, or recovery if HALTED.
enum health {
  HEALTH_ALIVE,
  HEALTH_HALTED, // a descriptor failed; the device waits for an acknowledgement
  HEALTH_BROKEN, // the device said something that cannot be true
  HEALTH_DEAD,   // the device does not answer
};

// Counters are free-running and wrap at 2^32: oldest <= reaped <= tail in ring arithmetic.
struct shira_driver {
  // touched by every submit and completion
  uint32_t entries, log2_entries;
  uint32_t tail;   // descriptors submitted
  uint32_t reaped; // completion records taken
  uint32_t oldest; // all descriptors before this one have ended
  struct slot *slots;
  struct shira_mem ring, completions;
  uint32_t signals[SHIRA_SEMAPHORES];  // submitted since reset or acknowledgement
  uint32_t cancel_first, cancel_count; // what the device was told last; count 0: nothing
  enum health health;
  bool polling, unchecked, opened;
  uint32_t irq_slice, watchdog;
  uint32_t counters; // enum shira_counter_set of the device
  // the first descriptor that failed by itself, while health is HALTED
  bool failed;
  struct shira_completion failure;

  struct shira_device *dev;
  const struct shira_device_ops *ops;
  struct shira_driver_stats stats;
  struct shira_error error;
};

// A program whose semaphore values are being rebased.
struct program {
  uint32_t base[SHIRA_SEMAPHORES]; // running counts at its first descriptor
};

// A bounded wait: cycles of the device and, for each step in which they stood still, what that step
// is charged instead, so that every wait ends.
struct deadline {
  uint64_t limit, start, frozen;
  uint64_t checked; // elapsed cycles at the last look at the device's state
  uint64_t halted;  // elapsed cycles when the device was first seen halted and not drained; 0: not
};

// driver.c: registers. read_reg and write_reg turn backend errors into a sentence and a health.
int read_reg(struct shira_driver *drv, uint32_t offset, uint32_t *value);
int write_reg(struct shira_driver *drv, uint32_t offset, uint32_t value);
int read_reg64(struct shira_driver *drv, uint32_t offset_lo, uint64_t *value);
int device_error(struct shira_driver *drv, int rc, const char *action);
uint64_t device_cycles(struct shira_driver *drv);

// queue.c
struct slot *slot_of(const struct shira_driver *drv, uint32_t seq);
// 0, or the error that stands in the way of new requests (`halted` too) or of any register access.
int check_answers(struct shira_driver *drv);
int check_usable(struct shira_driver *drv);
int check_program(struct shira_driver *drv, const union shira_descriptor *descs, unsigned n);
void program_begin(const struct shira_driver *drv, struct program *program);
uint32_t ring_space(const struct shira_driver *drv);
// Puts descs[0 .. n) into the ring, space given, and rings the doorbell. irq_every: also ask for an
// interrupt at each so many descriptors, 0 = not.
int enqueue(struct shira_driver *drv, struct program *program, const union shira_descriptor *descs,
            unsigned n, unsigned irq_every);
// Takes all new completion records; *asked (may be NULL) says whether one asked for an interrupt.
// Returns how many, or -EPROTO.
int reap(struct shira_driver *drv, bool *asked);

// status.c: sentence and errno of a descriptor that failed.
int status_error(struct shira_driver *drv, const struct shira_completion *c);

// wait.c
void deadline_start(struct shira_driver *drv, struct deadline *d, uint64_t limit);
uint64_t deadline_left(struct shira_driver *drv, const struct deadline *d);
// After a step that began at cycle `before` and that costs `charge` cycles if time stood still.
void deadline_step(struct shira_driver *drv, struct deadline *d, uint64_t before, uint64_t charge);
// Lets the device work until something may have changed, then takes what is new.
int wait_progress(struct shira_driver *drv, struct deadline *d);

// dump.c: a short state of queue and engines, for the sentence of a timeout. 0, or why the device
// cannot be asked.
int queue_text(struct shira_driver *drv, char *buf, size_t size);

#endif
