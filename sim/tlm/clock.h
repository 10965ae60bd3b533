// The device's clock in SystemC time, and how far the device has run ahead of it.
//
// Cycle c lasts from c to c + 1 periods. In it registers and interrupts change at its start, the
// device's requests leave after a quarter, memory works at the half, and what memory has done by
// then is there at the end.
#ifndef SHIRA_TLM_CLOCK_H
#define SHIRA_TLM_CLOCK_H

#include <cstdint>
#include <systemc>
#include <tlm>
#include <tlm_utils/tlm_quantumkeeper.h>

#include "shira/config.h"

namespace shira {

// Values of sc_time, in units of the time resolution.
using Ticks = uint64_t;

inline Ticks now() {
  return sc_core::sc_time_stamp().value();
}

inline sc_core::sc_time time_of(Ticks t) {
  return sc_core::sc_time::from_value(t);
}

// From now until `t`, none where that is past.
inline sc_core::sc_time until(Ticks t) {
  const Ticks from = now();
  return time_of(t > from ? t - from : 0);
}

// A cycle of the machine's clock, a multiple of four units of time.
inline Ticks period_of(const shira_machine &machine) {
  const Ticks quarter = sc_core::sc_time(0.25 / machine.clock_mhz, sc_core::SC_US).value();
  if (quarter == 0)
    SC_REPORT_ERROR("shira", "the time resolution is coarser than a quarter of a device cycle");
  return 4 * quarter;
}

// The global quantum, at least a cycle.
inline Ticks quantum_of(Ticks period) {
  const Ticks q = tlm::tlm_global_quantum::instance().get().value();
  return q > period ? q : period;
}

// Counts the device's cycles; after the last one of a quantum it waits until SystemC is there too.
class Clock {
public:
  explicit Clock(Ticks period) : period_(period) {
  }

  Ticks period() const {
    return period_;
  }
  uint64_t cycle() const {
    return cycle_;
  }
  // The start of the cycle that is next to run.
  Ticks start() const {
    return cycle_ * period_;
  }
  // When requests of that cycle leave.
  Ticks request() const {
    return start() + period_ / 4;
  }
  // Cycle up to which the device may run before the others catch up.
  uint64_t sync_at() {
    if (sync_at_ <= cycle_)
      plan();
    return sync_at_;
  }
  // Ends a cycle. May wait.
  void tick() {
    if (++cycle_ >= sync_at_)
      sync();
  }
  // Waits until SystemC is where the device is.
  void sync() {
    keeper_.set(until(start()));
    if (keeper_.get_local_time() != sc_core::SC_ZERO_TIME)
      keeper_.sync();
    plan();
  }
  // From here on cycles are simulated; until then they are only counted.
  void begin() {
    sync_at_ = 0;
  }

private:
  void plan() {
    const Ticks q = quantum_of(period_);
    const Ticks next = (start() / q + 1) * q;
    sync_at_ = (next + period_ - 1) / period_;
  }

  const Ticks period_;
  uint64_t cycle_ = 0;
  uint64_t sync_at_ = UINT64_MAX;
  tlm_utils::tlm_quantumkeeper keeper_;
};

} // namespace shira

#endif
