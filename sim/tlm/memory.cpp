#include "sim/tlm/memory.h"

#include <algorithm>
#include <cstring>

#include "sim/tlm/refusable.h"
#include "sim/tlm/traffic.h"

namespace shira {

Memory::Memory(sc_core::sc_module_name name, const shira_machine &machine)
    : sc_module(name), socket("socket"), machine_(machine), period_(period_of(machine)) {
  socket.register_nb_transport_fw(this, &Memory::nb_transport_fw);
  socket.register_transport_dbg(this, &Memory::transport_dbg);
  socket.register_get_direct_mem_ptr(this, &Memory::get_direct_mem_ptr);
  shira_error error = {};
  if (shira_memory_open(&memory_, machine.memory_bytes, machine.host_bytes, &error) != 0 ||
      shira_dram_both_open(&machine_, nullptr, &dram_, &error) != 0)
    SC_REPORT_ERROR("shira", error.text);
  SC_HAS_PROCESS(Memory);
  SC_METHOD(work);
  sensitive << wake_;
  dont_initialize();
}

Memory::~Memory() {
  shira_dram_close(dram_);
  shira_memory_close(&memory_);
}

int Memory::unmap(shira_mem *mem) {
  const shira_mem old = *mem;
  const int ret = shira_memory_unmap(&memory_, mem);
  if (ret == 0)
    socket->invalidate_direct_mem_ptr(old.addr, old.addr + old.bytes - 1);
  return ret;
}

const struct shira_dram_stats &Memory::stats(uint64_t cycle) {
  catch_up(cycle);
  return *shira_dram_stats(dram_);
}

tlm::tlm_sync_enum Memory::nb_transport_fw(tlm::tlm_generic_payload &trans, tlm::tlm_phase &phase,
                                           sc_core::sc_time &delay) {
  if (phase == tlm::END_RESP && &trans == responding_) {
    responding_ = nullptr;
    wake_.cancel();
    wake_.notify(delay);
    scheduled_ = true;
    return tlm::TLM_COMPLETED;
  }
  if (phase != tlm::BEGIN_REQ)
    return tlm::TLM_ACCEPTED;
  catch_up((now() + delay.value()) / period_);
  return begin(trans, phase);
}

// Takes a request, or says what is wrong with it.
tlm::tlm_sync_enum Memory::begin(tlm::tlm_generic_payload &trans, tlm::tlm_phase &phase) {
  const uint64_t addr = trans.get_address(), burst = machine_.memory_burst_bytes;
  const unsigned bytes = trans.get_data_length(), enables = trans.get_byte_enable_length();
  trans.set_dmi_allowed(true);
  tlm::tlm_response_status bad = tlm::TLM_OK_RESPONSE;
  if (bytes == 0 || addr % burst + bytes > burst || trans.get_streaming_width() < bytes)
    bad = tlm::TLM_BURST_ERROR_RESPONSE;
  else if (trans.get_byte_enable_ptr() != nullptr && (trans.is_read() || enables != bytes))
    bad = tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  else if (shira_memory_at(&memory_, addr, bytes) == nullptr)
    bad = tlm::TLM_ADDRESS_ERROR_RESPONSE;
  trans.set_response_status(bad);
  if (bad != tlm::TLM_OK_RESPONSE || trans.get_command() == tlm::TLM_IGNORE_COMMAND)
    return tlm::TLM_COMPLETED;
  if (accept(trans)) {
    schedule();
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }
  Refusable *refusable = trans.get_extension<Refusable>();
  if (refusable != nullptr) {
    refusable->refused = true;
    trans.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    return tlm::TLM_COMPLETED;
  }
  trans.acquire();
  waiting_ = &trans;
  schedule();
  return tlm::TLM_ACCEPTED;
}

// Hands a request to the model. false: full.
bool Memory::accept(tlm::tlm_generic_payload &trans) {
  const uint64_t addr = trans.get_address();
  const unsigned bytes = trans.get_data_length();
  const Traffic *traffic = trans.get_extension<Traffic>();
  const bool whole = bytes == machine_.memory_burst_bytes && trans.get_byte_enable_ptr() == nullptr;
  if (unused_.empty()) {
    unused_.push_back(static_cast<uint32_t>(slot_.size()));
    slot_.push_back({});
  }
  const uint32_t tag = unused_.back();
  if (!shira_dram_push(dram_, addr & ~static_cast<uint64_t>(machine_.memory_burst_bytes - 1),
                       trans.is_read() ? SHIRA_DRAM_READ
                       : whole         ? SHIRA_DRAM_WRITE
                                       : SHIRA_DRAM_MASKED_WRITE,
                       traffic != nullptr ? traffic->value : unsigned{SHIRA_DRAM_UNCLASSED}, tag))
    return false;
  unused_.pop_back();
  trans.acquire();
  slot_[tag] = {&trans, false, false, false};
  if (trans.is_write())
    writes_.push_back(tag);
  else
    std::memcpy(trans.get_data_ptr(), shira_memory_at(&memory_, addr, bytes), bytes);
  return true;
}

// The response of a request is due before `cycle`.
void Memory::name(uint32_t tag, uint64_t cycle) {
  if (!slot_[tag].named)
    answers_.push({cycle, order_++, tag});
  slot_[tag].named = true;
}

// Simulates the cycles before `cycle`.
void Memory::catch_up(uint64_t cycle) {
  for (; cycle_ < cycle; cycle_++) {
    if (waiting_ != nullptr && !end_request_)
      end_request_ = accept(*waiting_);
    shira_dram_tick(dram_);
    uint32_t tag;
    while (shira_dram_pop(dram_, &tag)) {
      name(tag, cycle_ + 1);
      slot_[tag].done = true;
      if (slot_[tag].trans == nullptr)
        unused_.push_back(tag);
    }
  }
}

void Memory::write(tlm::tlm_generic_payload &trans) {
  uint8_t *at = shira_memory_at(&memory_, trans.get_address(), trans.get_data_length());
  const uint8_t *data = trans.get_data_ptr(), *enables = trans.get_byte_enable_ptr();
  if (at == nullptr) { // it was unmapped meanwhile
    trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  } else if (enables == nullptr) {
    std::memcpy(at, data, trans.get_data_length());
  } else {
    for (unsigned i = 0; i < trans.get_data_length(); i++)
      if (enables[i] != TLM_BYTE_DISABLED)
        at[i] = data[i];
  }
}

// Makes a write visible, and those before it: nobody sees the end of a record before its start.
void Memory::write_up_to(uint32_t tag) {
  while (!slot_[tag].written) {
    Slot &s = slot_[writes_.front()];
    writes_.pop_front();
    write(*s.trans);
    s.written = true;
  }
}

// Sends a response. false: the initiator is not ready for the next one.
bool Memory::answer(const Answer &a) {
  Slot &s = slot_[a.tag];
  tlm::tlm_generic_payload *trans = s.trans;
  if (trans->is_write())
    write_up_to(a.tag);
  s.trans = nullptr;
  if (s.done)
    unused_.push_back(a.tag);
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time delay = until(a.cycle * period_);
  const bool over = socket->nb_transport_bw(*trans, phase, delay) != tlm::TLM_ACCEPTED;
  if (!over)
    responding_ = trans;
  trans->release();
  return over;
}

unsigned Memory::transport_dbg(tlm::tlm_generic_payload &trans) {
  unsigned done = 0;
  while (done < trans.get_data_length()) {
    const uint64_t addr = trans.get_address() + done;
    const unsigned left = static_cast<unsigned>(SHIRA_PAGE_BYTES - addr % SHIRA_PAGE_BYTES);
    const unsigned bytes = std::min(left, trans.get_data_length() - done);
    uint8_t *at = shira_memory_at(&memory_, addr, bytes);
    if (at == nullptr)
      break;
    if (trans.is_read())
      std::memcpy(trans.get_data_ptr() + done, at, bytes);
    else if (trans.is_write())
      std::memcpy(at, trans.get_data_ptr() + done, bytes);
    done += bytes;
  }
  return done;
}

// Grants the mapping that the address lies in.
bool Memory::get_direct_mem_ptr(tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi) {
  const uint64_t addr = trans.get_address(), page = addr - addr % SHIRA_PAGE_BYTES;
  uint64_t first = page, end = page;
  dmi.set_start_address(page);
  dmi.set_end_address(page + SHIRA_PAGE_BYTES - 1);
  while (shira_memory_at(&memory_, end, 1) != nullptr)
    end += SHIRA_PAGE_BYTES;
  if (end == page) // none is there
    return false;
  while (shira_memory_at(&memory_, first - 1, 1) != nullptr)
    first -= SHIRA_PAGE_BYTES;
  dmi.set_start_address(first);
  dmi.set_end_address(end - 1);
  dmi.set_dmi_ptr(shira_memory_at(&memory_, first, 1));
  dmi.set_read_latency(time_of(period_ * machine_.memory_latency));
  dmi.set_write_latency(time_of(period_ * machine_.memory_latency));
  dmi.allow_read_write();
  return true;
}

// Wakes up half a cycle before the end of the quantum.
void Memory::schedule() {
  if (scheduled_)
    return;
  const Ticks q = quantum_of(period_), half = period_ / 2;
  scheduled_ = true;
  wake_.notify(until(((now() + half) / q + 1) * q - half));
}

void Memory::work() {
  const Ticks half = period_ / 2, q = quantum_of(period_);
  scheduled_ = false;
  catch_up((now() + half) / period_);
  uint32_t tag;
  uint64_t ahead;
  while (shira_dram_certain(dram_, &tag, &ahead))
    name(tag, cycle_ + ahead);
  if (end_request_) {
    tlm::tlm_generic_payload *trans = waiting_;
    waiting_ = nullptr;
    end_request_ = false;
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_bw(*trans, phase, delay);
    trans->release();
  }
  // What the next wake-up would be too late for.
  const uint64_t last = (now() + half + q - 1) / period_;
  while (responding_ == nullptr && !answers_.empty() && answers_.top().cycle <= last) {
    const Answer a = answers_.top();
    answers_.pop();
    if (!answer(a))
      break;
  }
  if (waiting_ != nullptr || dram_->in_flight != 0 || !answers_.empty())
    schedule();
}

} // namespace shira
