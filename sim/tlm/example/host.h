// libshira as a TLM-2.0 initiator: a device of shira/device.h whose registers are behind a socket.
// A platform with a processor model has no use for this; there the driver runs on the processor.
#ifndef SHIRA_TLM_EXAMPLE_HOST_H
#define SHIRA_TLM_EXAMPLE_HOST_H

#include <functional>
#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/tlm_quantumkeeper.h>

#include "shira/device.h"
#include "sim/tlm/clock.h"

namespace shira {

// Where a host's DMA memory comes from, and what it knows of the device's; all as in
// shira/device.h.
struct HostMemory {
  std::function<int(size_t, shira_mem_kind, shira_mem *)> map;
  std::function<int(shira_mem *)> unmap;
  // Fills what the driver shall know, but for the cycles; `cycle` is the host's time.
  std::function<void(uint64_t cycle, shira_device_info *)> describe;
};

class Host : public sc_core::sc_module {
public:
  tlm_utils::simple_initiator_socket<Host> registers;
  sc_core::sc_in<bool> irq;
  sc_core::sc_out<bool> reset;

  // Runs `program` when the simulation starts, and ends the simulation after it. The device that
  // it gets is open; it closes it, as shira_attach does.
  Host(sc_core::sc_module_name name, const shira_machine &machine, HostMemory memory,
       std::function<void(shira_device *)> program);

  // The operations of the device.
  int access(uint32_t offset, bool write, uint32_t *value);
  int wait_irq(uint64_t cycles);
  int advance(uint64_t cycles);
  int pulse_reset();
  void describe(shira_device_info *info);
  HostMemory &memory() {
    return memory_;
  }

private:
  void run();
  uint64_t cycle() const {
    return keeper_.get_current_time().value() / period_;
  }

  struct Device {
    shira_device base; // first
    Host *host;
  };
  friend Host *host_of(shira_device *);

  const Ticks period_;
  HostMemory memory_;
  std::function<void(shira_device *)> program_;
  Device device_;
  tlm_utils::tlm_quantumkeeper keeper_;
};

} // namespace shira

#endif
