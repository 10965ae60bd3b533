// Somebody else's memory: a TLM-2.0 target that knows nothing of this project, in four manners.
#ifndef TEST_TLM_MEMORY_H
#define TEST_TLM_MEMORY_H

#include <cerrno>
#include <cstring>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

#include "shira/device.h"

enum class Manner {
  kBlocking,  // b_transport, which its socket makes of non-blocking calls
  kAtOnce,    // TLM_COMPLETED
  kEarly,     // TLM_UPDATED with BEGIN_RESP
  kFourPhase, // END_REQ and BEGIN_RESP by the backward path, responses in random order
};

class ForeignMemory : public sc_core::sc_module {
public:
  tlm_utils::simple_target_socket<ForeignMemory> socket;
  std::string broken;   // the first rule of the base protocol that its initiator broke
  uint64_t fail_at = 0; // accesses to this byte get `status`
  tlm::tlm_response_status status = tlm::TLM_GENERIC_ERROR_RESPONSE;
  unsigned accesses = 0;

  ForeignMemory(sc_core::sc_module_name name, Manner manner)
      : sc_module(name), socket("socket"), manner_(manner), peq_(this, &ForeignMemory::event),
        bytes_(8 << 20) {
    if (manner == Manner::kBlocking)
      socket.register_b_transport(this, &ForeignMemory::b_transport);
    else
      socket.register_nb_transport_fw(this, &ForeignMemory::nb_transport_fw);
  }

  int map(size_t bytes, shira_mem *mem) {
    const size_t size = (bytes + SHIRA_PAGE_BYTES - 1) / SHIRA_PAGE_BYTES * SHIRA_PAGE_BYTES;
    if (used_ + size > bytes_.size())
      return -ENOMEM;
    *mem = {bytes_.data() + used_, SHIRA_MEMORY_BASE + used_, bytes};
    used_ += size;
    return 0;
  }

private:
  void rule(bool kept, const char *what) {
    if (!kept && broken.empty())
      broken = what;
  }

  void access(tlm::tlm_generic_payload &t) {
    const uint64_t at = t.get_address() - SHIRA_MEMORY_BASE, n = t.get_data_length();
    accesses++;
    rule(t.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE, "the status is not INCOMPLETE");
    rule(t.get_streaming_width() == n && n != 0, "streaming");
    if (fail_at >= t.get_address() && fail_at < t.get_address() + n) {
      t.set_response_status(status);
      return;
    }
    if (at + n > bytes_.size()) {
      t.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    for (uint64_t i = 0; i < n; i++) {
      const unsigned char *e = t.get_byte_enable_ptr();
      if (t.is_read())
        t.get_data_ptr()[i] = bytes_[at + i];
      else if (e == nullptr || e[i % t.get_byte_enable_length()] == TLM_BYTE_ENABLED)
        bytes_[at + i] = t.get_data_ptr()[i];
    }
    t.set_response_status(tlm::TLM_OK_RESPONSE);
  }

  void b_transport(tlm::tlm_generic_payload &t, sc_core::sc_time &delay) {
    access(t);
    delay += sc_core::sc_time(50, sc_core::SC_NS);
  }

  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &t, tlm::tlm_phase &phase,
                                     sc_core::sc_time &delay) {
    if (phase == tlm::END_RESP) {
      rule(manner_ == Manner::kEarly && &t == responding_, "END_RESP without BEGIN_RESP");
      responding_ = nullptr;
      return tlm::TLM_COMPLETED;
    }
    rule(phase == tlm::BEGIN_REQ, "a phase that is not of the base protocol");
    rule(requesting_ == nullptr, "BEGIN_REQ before END_REQ");
    rule(responding_ == nullptr, "no END_RESP");
    const sc_core::sc_time when = sc_core::sc_time_stamp() + delay;
    rule(when >= last_, "BEGIN_REQ before the one before");
    last_ = when;
    if (manner_ == Manner::kFourPhase) {
      requesting_ = &t;
      t.acquire();
      peq_.notify(t, phase, delay);
      return tlm::TLM_ACCEPTED;
    }
    access(t);
    delay += sc_core::sc_time(20, sc_core::SC_NS);
    if (manner_ == Manner::kAtOnce)
      return tlm::TLM_COMPLETED;
    responding_ = &t;
    phase = tlm::BEGIN_RESP;
    return tlm::TLM_UPDATED;
  }

  void event(tlm::tlm_generic_payload &t, const tlm::tlm_phase &phase) {
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    tlm::tlm_phase p = phase;
    if (phase == tlm::BEGIN_REQ) {
      random_ = random_ * 1103515245 + 12345;
      access(t);
      p = tlm::BEGIN_RESP;
      peq_.notify(t, p, sc_core::sc_time(2 + (random_ >> 16) % 150, sc_core::SC_NS));
      requesting_ = nullptr;
      p = tlm::END_REQ;
      rule(socket->nb_transport_bw(t, p, delay) == tlm::TLM_ACCEPTED, "END_REQ not accepted");
      return;
    }
    rule(socket->nb_transport_bw(t, p, delay) == tlm::TLM_COMPLETED, "BEGIN_RESP not completed");
    t.release();
  }

  const Manner manner_;
  tlm_utils::peq_with_cb_and_phase<ForeignMemory> peq_;
  std::vector<uint8_t> bytes_;
  size_t used_ = 0;
  uint32_t random_ = 1;
  tlm::tlm_generic_payload *requesting_ = nullptr, *responding_ = nullptr;
  sc_core::sc_time last_;
};

#endif
