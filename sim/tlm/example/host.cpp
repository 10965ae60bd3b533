#include "sim/tlm/example/host.h"

#include <cerrno>
#include <utility>

namespace shira {

Host *host_of(shira_device *dev) {
  return reinterpret_cast<Host::Device *>(dev)->host;
}

namespace {

const shira_device_ops host_ops = {
    SHIRA_DEVICE_ABI,
    "tlm",
    [](const shira_device_options *, shira_device **, shira_error *) { return -ENODEV; },
    [](shira_device *) {},
    [](shira_device *dev, uint32_t offset, uint32_t *value) {
      *value = UINT32_MAX;
      return host_of(dev)->access(offset, false, value);
    },
    [](shira_device *dev, uint32_t offset, uint32_t value) {
      return host_of(dev)->access(offset, true, &value);
    },
    [](shira_device *dev, size_t bytes, shira_mem_kind kind, shira_mem *mem) {
      return host_of(dev)->memory().map(bytes, kind, mem);
    },
    [](shira_device *dev, shira_mem *mem) { return host_of(dev)->memory().unmap(mem); },
    [](shira_device *dev, uint64_t cycles) { return host_of(dev)->wait_irq(cycles); },
    [](shira_device *dev, uint64_t cycles) { return host_of(dev)->advance(cycles); },
    [](shira_device *dev) { return host_of(dev)->pulse_reset(); },
    [](shira_device *, unsigned) {
      return -ENOTSUP;
    }, // memory is behind a socket, as are registers
    [](shira_device *dev, shira_device_info *info) { host_of(dev)->describe(info); },
    [](shira_device *, double *mb_s) {
      *mb_s = 0;
      return -ENOTSUP;
    },
};

} // namespace

Host::Host(sc_core::sc_module_name name, const shira_machine &machine, HostMemory memory,
           std::function<void(shira_device *)> program)
    : sc_module(name), registers("registers"), irq("irq"), reset("reset"),
      period_(period_of(machine)), memory_(std::move(memory)),
      program_(std::move(program)), device_{{&host_ops}, this} {
  SC_HAS_PROCESS(Host);
  SC_THREAD(run);
  set_stack_size(8 << 20); // the driver's programs run on it
}

void Host::run() {
  keeper_.reset();
  program_(&device_.base);
  keeper_.sync();
  sc_core::sc_stop();
}

int Host::access(uint32_t offset, bool write, uint32_t *value) {
  if (offset % 4 != 0 || offset >= SHIRA_PAGE_BYTES)
    return -EINVAL;
  uint32_t data = *value;
  tlm::tlm_generic_payload trans;
  trans.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  trans.set_address(offset);
  trans.set_data_ptr(reinterpret_cast<unsigned char *>(&data));
  trans.set_data_length(sizeof data);
  trans.set_streaming_width(sizeof data);
  sc_core::sc_time delay = keeper_.get_local_time();
  registers->b_transport(trans, delay);
  keeper_.set(delay);
  if (keeper_.need_sync())
    keeper_.sync();
  if (trans.get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE)
    return -ENXIO;
  if (!trans.is_response_ok())
    return -EIO;
  *value = data;
  return 0;
}

int Host::wait_irq(uint64_t cycles) {
  keeper_.sync();
  const uint64_t most = INT64_MAX / period_ / 2;
  if (!irq.read())
    wait(time_of((cycles < most ? cycles : most) * period_), irq.posedge_event());
  keeper_.reset();
  return irq.read() ? 0 : -ETIMEDOUT;
}

int Host::advance(uint64_t cycles) {
  keeper_.inc(time_of(cycles * period_));
  keeper_.sync();
  return 0;
}

// The device resets before its next cycle.
int Host::pulse_reset() {
  keeper_.sync();
  reset.write(true);
  wait(sc_core::SC_ZERO_TIME);
  reset.write(false);
  wait(sc_core::SC_ZERO_TIME);
  return 0;
}

void Host::describe(shira_device_info *info) {
  *info = {};
  memory_.describe(cycle(), info);
  info->cycles = cycle();
}

} // namespace shira
