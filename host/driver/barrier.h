// Memory barriers between host and device, one name per use.
#ifndef SHIRA_DRIVER_BARRIER_H
#define SHIRA_DRIVER_BARRIER_H

#include <stdatomic.h>

// Before the doorbell: every descriptor is in memory before the device learns that it is there.
static inline void barrier_before_doorbell(void) {
  atomic_thread_fence(memory_order_release);
}

// After the phase word said "new": no other field of the record is read before the phase was.
static inline void barrier_after_phase(void) {
  atomic_thread_fence(memory_order_acquire);
}

#endif
