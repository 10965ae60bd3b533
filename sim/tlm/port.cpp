#include "sim/tlm/port.h"

#include <cerrno>
#include <cstring>

namespace shira {

namespace {

Port *self(shira_port *p) {
  return static_cast<Port *>(p);
}

const shira_port_ops tlm_ops = {
    // reaches: memory says it with its response
    [](shira_port *, uint64_t, uint64_t) { return true; },
    [](shira_port *p, const shira_burst *b, uint32_t tag) { return self(p)->push(*b, tag); },
    [](shira_port *p) { self(p)->clock().tick(); },
    [](shira_port *p, uint32_t *tag) { return self(p)->pop(tag); },
    [](shira_port *p, uint32_t tag) { return self(p)->commit(tag); },
    [](shira_port *p) { self(p)->clear(); },
    // settle: memory is whoever's is behind the socket
    [](shira_port *, unsigned) { return -ENOTSUP; },
    [](shira_port *) {},
    [](shira_port *) -> const shira_dram_stats * { return nullptr; },
};

} // namespace

Port::Request::Request(Port *port, unsigned bytes)
    : tlm_generic_payload(port), data(bytes), enables(bytes), refusable(new Refusable),
      traffic(new Traffic) {
  set_extension(refusable); // freed with the payload, as the next
  set_extension(traffic);
  set_data_ptr(data.data());
}

Port::Port(Clock &clock, tlm::tlm_initiator_socket<> &socket, unsigned bytes)
    : shira_port{&tlm_ops}, clock_(clock), socket_(socket), bytes_(bytes) {
}

Port::Request *Port::take() {
  if (unused_.empty()) {
    all_.push_back(std::make_unique<Request>(this, bytes_));
    unused_.push_back(all_.back().get());
  }
  Request *r = unused_.back();
  unused_.pop_back();
  r->acquire();
  return r;
}

void Port::free(tlm::tlm_generic_payload *trans) {
  unused_.push_back(static_cast<Request *>(trans));
}

void Port::fill(Request *r, const shira_burst &b, uint32_t tag) {
  r->set_address(b.addr);
  r->set_data_length(b.bytes);
  r->set_streaming_width(b.bytes);
  r->set_command(b.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  r->set_byte_enable_ptr(nullptr);
  r->set_byte_enable_length(0);
  r->set_dmi_allowed(false);
  r->traffic->value = b.traffic;
  r->tag = tag;
  r->to = b.data;
  r->forgotten = false;
  if (!b.write)
    return;
  std::memcpy(r->data.data(), b.data, b.bytes);
  if (std::memchr(b.strobe, 0, b.bytes) == nullptr)
    return;
  for (uint32_t i = 0; i < b.bytes; i++)
    r->enables[i] = b.strobe[i] != 0 ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED;
  r->set_byte_enable_ptr(r->enables.data());
  r->set_byte_enable_length(b.bytes);
}

bool Port::push(const shira_burst &burst, uint32_t tag) {
  if (request_ != nullptr || clock_.request() < free_at_)
    return false;
  Request *r = refused_ != nullptr ? refused_ : take();
  if (r != refused_ || r->tag != tag || r->forgotten)
    fill(r, burst, tag);
  refused_ = nullptr;
  r->refusable->refused = false;
  r->set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  request_ = r;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay = until(clock_.request());
  const tlm::tlm_sync_enum sync = socket_->nb_transport_fw(*r, phase, delay);
  if (sync == tlm::TLM_ACCEPTED)
    return true; // END_REQ comes, or has come
  if (sync == tlm::TLM_COMPLETED && r->refusable->refused) {
    request_ = nullptr;
    refused_ = r;
    return false;
  }
  request_ = nullptr;
  free_at_ = now() + delay.value();
  if (sync == tlm::TLM_COMPLETED) {
    arrived(r, free_at_);
  } else if (phase == tlm::BEGIN_RESP) {
    arrived(r, free_at_);
    phase = tlm::END_RESP;
    socket_->nb_transport_fw(*r, phase, delay);
  }
  return true;
}

tlm::tlm_sync_enum Port::nb_transport_bw(tlm::tlm_generic_payload &trans, tlm::tlm_phase &phase,
                                         sc_core::sc_time &delay) {
  Request *r = static_cast<Request *>(&trans);
  const bool response = phase == tlm::BEGIN_RESP;
  if (!response && phase != tlm::END_REQ)
    return tlm::TLM_ACCEPTED; // a phase that is not of the base protocol
  if (r == request_) {
    request_ = nullptr;
    free_at_ = now() + delay.value();
  }
  if (!response)
    return tlm::TLM_ACCEPTED;
  arrived(r, now() + delay.value());
  return tlm::TLM_COMPLETED;
}

void Port::arrived(Request *r, Ticks when) {
  ready_.push({(when + clock_.period() - 1) / clock_.period(), order_++, r});
}

bool Port::pop(uint32_t *tag) {
  while (!ready_.empty() && ready_.top().cycle <= clock_.cycle()) {
    Request *r = ready_.top().request;
    ready_.pop();
    const bool forgotten = r->forgotten;
    if (!forgotten) {
      *tag = r->tag;
      if (answer_.size() <= r->tag)
        answer_.resize(r->tag + 1);
      answer_[r->tag] = r->is_response_ok() ? SHIRA_PORT_OKAY
                        : r->get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE
                            ? SHIRA_PORT_DECERR
                            : SHIRA_PORT_SLVERR;
      if (r->is_read())
        std::memcpy(r->to, r->data.data(), r->get_data_length());
    }
    r->release();
    if (!forgotten)
      return true;
  }
  return false;
}

void Port::clear() {
  for (auto &r : all_)
    r->forgotten = true; // fill() clears it in those that are not in flight
}

} // namespace shira
