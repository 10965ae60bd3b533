// The accelerator as a SystemC module, for virtual platforms: the Verilated RTL behind TLM-2.0
// sockets.
//
// Bind all of:
//   registers  target socket, 4 KiB from address 0, 32-bit accesses of shira/regs.h. b_transport
//              with temporal decoupling: the device runs until the caller's local time, and the
//              delay that comes back says when the access was over. Non-blocking calls work too.
//   memory     initiator socket: everything the device reads and writes by itself, by nb_transport
//              in the base protocol. A transaction is at most memory.burst_bytes of the machine
//              file, within an aligned block of that size, at device addresses (there is no
//              offset). Whatever is behind must answer; how, and when, is its business.
//   irq        high until the driver clears irq_status
//   reset      may stay unbound; a rising edge resets the device
//
// Time: the device does not run by SystemC's clock but in a loop of its own, at most for the global
// quantum (tlm_global_quantum; none is one cycle), then it waits for the others. With a quantum of
// one cycle it is in step, and with sim/tlm/memory.h behind it runs exactly as without SystemC.
// With a longer one a response may come later than it would, by up to a quantum, unless memory
// announces it ahead, as sim/tlm/memory.h does. Interrupts are exact with any quantum.
//
// Bus width: data is an array of bytes in the order of addresses, so that sockets of any width
// would do; they are of the default.
#ifndef SHIRA_TLM_ACCELERATOR_H
#define SHIRA_TLM_ACCELERATOR_H

#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

#include "shira/device.h"
#include "sim/tlm/clock.h"
#include "sim/tlm/port.h"

namespace shira {

class Accelerator : public sc_core::sc_module {
public:
  tlm_utils::simple_target_socket<Accelerator> registers;
  tlm_utils::simple_initiator_socket<Accelerator> memory;
  sc_core::sc_out<bool> irq;
  sc_core::sc_port<sc_core::sc_signal_in_if<bool>, 1, sc_core::SC_ZERO_OR_MORE_BOUND> reset;

  // Opens device "rtl" with these options (`port` is not looked at). What does not work is reported
  // by SC_REPORT_ERROR.
  Accelerator(sc_core::sc_module_name name, const shira_device_options &options);
  ~Accelerator() override;

  // As shira/device.h; cycles may be up to a quantum ahead of SystemC's time. The memory's
  // statistics are not known here.
  void describe(shira_device_info *info) const {
    device_->ops->describe(device_, info);
  }

private:
  void run();
  void drive_irq() {
    irq.write(level_);
  }
  void b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
  tlm::tlm_sync_enum memory_answers(tlm::tlm_generic_payload &trans, tlm::tlm_phase &phase,
                                    sc_core::sc_time &delay);
  void end_of_elaboration() override;

  void claim();
  void release();
  int run_to(uint64_t cycle);
  void show_irq();
  tlm::tlm_response_status access(tlm::tlm_generic_payload &trans, uint64_t cycle);

  Clock clock_;
  Port port_;
  shira_device *device_ = nullptr;
  bool busy_ = false; // a process runs the device, or waits in the middle of a run
  sc_core::sc_event free_;
  bool reset_wanted_ = false;
  bool failed_ = false;
  bool level_ = false; // of irq
  sc_core::sc_event level_changed_;
};

} // namespace shira

#endif
