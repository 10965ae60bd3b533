#include "sim/tlm/accelerator.h"

#include <cstring>

namespace shira {

Accelerator::Accelerator(sc_core::sc_module_name name, const shira_device_options &options)
    : sc_module(name), registers("registers"), memory("memory"), irq("irq"), reset("reset"),
      clock_(period_of(*options.machine)),
      port_(clock_, memory, options.machine->memory_burst_bytes) {
  registers.register_b_transport(this, &Accelerator::b_transport);
  memory.register_nb_transport_bw(this, &Accelerator::memory_answers);
  shira_device_options own = options;
  own.port = &port_;
  shira_error error = {};
  if (shira_device_open("rtl", &own, &device_, &error) != 0)
    SC_REPORT_ERROR("shira", error.text);
  clock_.begin(); // the cycles of the reset have gone by

  SC_HAS_PROCESS(Accelerator);
  SC_THREAD(run);
  set_stack_size(1 << 20);
  SC_METHOD(drive_irq);
  sensitive << level_changed_;
}

Accelerator::~Accelerator() {
  if (device_ != nullptr)
    device_->ops->close(device_);
}

void Accelerator::end_of_elaboration() {
  if (reset.size() == 0)
    return;
  sc_core::sc_spawn_options options;
  options.spawn_method();
  options.dont_initialize();
  options.set_sensitivity(&reset->posedge_event());
  sc_core::sc_spawn([this] { reset_wanted_ = true; }, "see_reset", &options);
}

tlm::tlm_sync_enum Accelerator::memory_answers(tlm::tlm_generic_payload &trans,
                                               tlm::tlm_phase &phase, sc_core::sc_time &delay) {
  return port_.nb_transport_bw(trans, phase, delay);
}

// One process at a time runs the device; others wait.
void Accelerator::claim() {
  while (busy_)
    wait(free_);
  busy_ = true;
}

void Accelerator::release() {
  busy_ = false;
  free_.notify();
}

// Runs until `cycle`, or until the interrupt rises. 0 or what shira/device.h says; -ETIMEDOUT is 0.
int Accelerator::run_to(uint64_t cycle) {
  const shira_device_ops *ops = device_->ops;
  if (reset_wanted_) {
    reset_wanted_ = false;
    const int ret = ops->reset(device_);
    if (ret != 0)
      return ret;
  }
  if (clock_.cycle() >= cycle)
    return 0;
  if (level_)
    return ops->advance(device_, cycle - clock_.cycle());
  const int ret = ops->wait_irq(device_, cycle - clock_.cycle());
  return ret == -ETIMEDOUT ? 0 : ret;
}

// Makes irq what the device says it is. Where it changes, SystemC comes to the same time first, and
// the change is visible afterwards.
void Accelerator::show_irq() {
  const bool level = device_->ops->wait_irq(device_, 0) == 0;
  if (level == level_)
    return;
  clock_.sync();
  level_ = level;
  level_changed_.notify();
  wait(sc_core::SC_ZERO_TIME);
}

// Lets time go by while nobody accesses registers.
void Accelerator::run() {
  while (!failed_) {
    if (busy_) {
      wait(free_);
    } else if (now() < clock_.request()) {
      wait(until(clock_.request())); // who accesses registers at the start of the cycle goes first
    } else {
      claim();
      const int ret = run_to(clock_.sync_at());
      if (ret == 0)
        show_irq();
      failed_ = failed_ || ret != 0;
      release();
    }
  }
  shira_device_info info;
  describe(&info);
  const std::string what = "the device stopped in cycle " + std::to_string(info.cycles);
  SC_REPORT_WARNING("shira", what.c_str());
}

// The register access of `trans` at the start of `cycle`, or later where the device is ahead.
tlm::tlm_response_status Accelerator::access(tlm::tlm_generic_payload &trans, uint64_t cycle) {
  const shira_device_ops *ops = device_->ops;
  int ret = 0;
  while (ret == 0 && (reset_wanted_ || clock_.cycle() < cycle)) {
    ret = run_to(cycle);
    if (ret == 0)
      show_irq();
  }
  if (ret == 0) {
    uint32_t value = 0;
    const uint32_t offset = static_cast<uint32_t>(trans.get_address());
    if (trans.is_write()) {
      std::memcpy(&value, trans.get_data_ptr(), sizeof value);
      ret = ops->write32(device_, offset, value);
    } else {
      ret = ops->read32(device_, offset, &value);
      std::memcpy(trans.get_data_ptr(), &value, sizeof value);
    }
    show_irq();
  }
  if (ret == 0)
    return tlm::TLM_OK_RESPONSE;
  if (ret == -ENXIO || ret == -EINVAL)
    return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  failed_ = failed_ || ret == -ETIME || ret == -EIO;
  return tlm::TLM_GENERIC_ERROR_RESPONSE;
}

void Accelerator::b_transport(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay) {
  trans.set_dmi_allowed(false);
  if (trans.get_command() == tlm::TLM_IGNORE_COMMAND) {
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
  } else if (trans.get_address() >= SHIRA_PAGE_BYTES) {
    trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  } else if (trans.get_data_length() != 4 || trans.get_streaming_width() < 4) {
    trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
  } else if (trans.get_byte_enable_ptr() != nullptr) {
    trans.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  } else {
    const Ticks when = now() + delay.value();
    claim();
    trans.set_response_status(failed_
                                  ? tlm::TLM_GENERIC_ERROR_RESPONSE
                                  : access(trans, (when + clock_.period() - 1) / clock_.period()));
    release();
    delay = until(clock_.start());
  }
}

} // namespace shira
