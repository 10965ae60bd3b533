// Somebody else's initiator before our memory: blocking, debug and DMI accesses, and a flood of
// non-blocking ones that takes all the time the base protocol allows.
#ifndef TEST_TLM_PROBER_H
#define TEST_TLM_PROBER_H

#include <cstring>
#include <memory>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

#include "shira/device.h"

class Prober : public sc_core::sc_module, public tlm::tlm_mm_interface {
public:
  tlm_utils::simple_initiator_socket<Prober> socket;
  shira_mem at = {};
  unsigned burst = 0, requests = 0;
  // Out
  int failed = -1; // where; 0: nowhere
  sc_core::sc_time blocking, flood;
  unsigned held = 0; // requests that got no END_REQ at once

  explicit Prober(sc_core::sc_module_name name) : sc_module(name), socket("socket") {
    socket.register_nb_transport_bw(this, &Prober::nb_transport_bw);
    SC_HAS_PROCESS(Prober);
    SC_THREAD(run);
  }

private:
  struct Request : tlm::tlm_generic_payload {
    explicit Request(tlm::tlm_mm_interface *mm, unsigned bytes)
        : tlm_generic_payload(mm), data(bytes) {
    }
    std::vector<unsigned char> data;
  };

  void free(tlm::tlm_generic_payload *) override {
    freed_++;
  }

  Request *make(tlm::tlm_command command, uint64_t address, unsigned bytes) {
    all_.push_back(std::make_unique<Request>(this, bytes));
    Request *r = all_.back().get();
    r->set_command(command);
    r->set_address(address);
    r->set_data_ptr(r->data.data());
    r->set_data_length(bytes);
    r->set_streaming_width(bytes);
    return r;
  }

  tlm::tlm_response_status b(tlm::tlm_command command, uint64_t address, unsigned bytes,
                             unsigned char fill, Request **out = nullptr) {
    Request *r = make(command, address, bytes);
    std::memset(r->data.data(), fill, bytes);
    r->acquire();
    sc_core::sc_time delay;
    socket->b_transport(*r, delay);
    wait(delay);
    if (out != nullptr)
      *out = r;
    return r->get_response_status();
  }

  bool simple() {
    const auto read = tlm::TLM_READ_COMMAND, write = tlm::TLM_WRITE_COMMAND;
    Request *r;
    const sc_core::sc_time began = sc_core::sc_time_stamp();
    if (b(write, at.addr + burst, burst, 0xa5) != tlm::TLM_OK_RESPONSE ||
        b(read, at.addr + burst, burst, 0, &r) != tlm::TLM_OK_RESPONSE || r->data[3] != 0xa5)
      return false;
    blocking = sc_core::sc_time_stamp() - began;
    if (b(read, at.addr + burst / 2, burst, 0) != tlm::TLM_BURST_ERROR_RESPONSE ||
        b(read, at.addr + at.bytes, burst, 0) != tlm::TLM_ADDRESS_ERROR_RESPONSE)
      return false;
    r = make(read, at.addr + SHIRA_PAGE_BYTES - 8, 16);
    static_cast<unsigned char *>(at.host)[SHIRA_PAGE_BYTES + 7] = 0x77;
    if (socket->transport_dbg(*r) != 16 || r->data[15] != 0x77)
      return false;
    r = make(read, at.addr + at.bytes - 8, 16);
    if (socket->transport_dbg(*r) != 8)
      return false;
    tlm::tlm_dmi dmi;
    return socket->get_direct_mem_ptr(*r, dmi) && dmi.get_start_address() == at.addr &&
           dmi.get_end_address() == at.addr + at.bytes - 1 && dmi.get_dmi_ptr() == at.host;
  }

  // Reads of all there is, as fast as END_REQ allows; END_RESP comes a while after BEGIN_RESP.
  bool flooded() {
    for (size_t i = 0; i < at.bytes; i++)
      static_cast<unsigned char *>(at.host)[i] = static_cast<unsigned char>(i / burst);
    freed_ = 0;
    std::vector<Request *> sent;
    const sc_core::sc_time began = sc_core::sc_time_stamp();
    for (unsigned i = 0; i < requests; i++) {
      Request *r = make(tlm::TLM_READ_COMMAND, at.addr + i * burst, burst);
      r->acquire();
      sent.push_back(r);
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_core::sc_time delay;
      requesting_ = r;
      const tlm::tlm_sync_enum sync = socket->nb_transport_fw(*r, phase, delay);
      if (sync == tlm::TLM_UPDATED && phase == tlm::END_REQ)
        requesting_ = nullptr;
      else if (sync != tlm::TLM_ACCEPTED)
        return false;
      held += requesting_ != nullptr;
      while (requesting_ != nullptr)
        wait(changed_);
    }
    while (answered_ != requests || responding_ != nullptr)
      wait(changed_);
    flood = sc_core::sc_time_stamp() - began;
    wait(sc_core::sc_time(1, sc_core::SC_US));
    for (unsigned i = 0; i < requests; i++)
      if (!sent[i]->is_response_ok() || sent[i]->data[0] != static_cast<unsigned char>(i))
        return false;
    return good_ && freed_ == requests;
  }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &t, tlm::tlm_phase &phase,
                                     sc_core::sc_time &delay) {
    if (phase == tlm::END_REQ || (phase == tlm::BEGIN_RESP && &t == requesting_)) {
      good_ = good_ && &t == requesting_;
      requesting_ = nullptr;
    }
    if (phase == tlm::BEGIN_RESP) {
      good_ = good_ && responding_ == nullptr; // no BEGIN_RESP before END_RESP
      responding_ = &t;
      end_.notify(delay + sc_core::sc_time(1, sc_core::SC_NS));
    }
    changed_.notify();
    return tlm::TLM_ACCEPTED;
  }

  void end_response() {
    tlm::tlm_phase phase = tlm::END_RESP;
    sc_core::sc_time delay;
    tlm::tlm_generic_payload *t = responding_;
    responding_ = nullptr;
    answered_++;
    good_ = good_ && socket->nb_transport_fw(*t, phase, delay) == tlm::TLM_COMPLETED;
    t->release();
    changed_.notify();
  }

  void run() {
    sc_core::sc_spawn_options options;
    options.spawn_method();
    options.dont_initialize();
    options.set_sensitivity(&end_);
    sc_core::sc_spawn([this] { end_response(); }, "end_response", &options);
    failed = !simple() ? 1 : !flooded() ? 2 : 0;
  }

  std::vector<std::unique_ptr<Request>> all_;
  tlm::tlm_generic_payload *requesting_ = nullptr, *responding_ = nullptr;
  sc_core::sc_event changed_, end_;
  unsigned answered_ = 0, freed_ = 0;
  bool good_ = true;
};

#endif
