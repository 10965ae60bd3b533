// The accelerator's memory bus (sim/port.h) as TLM-2.0 transactions of the base protocol: each
// memory burst is one, non-blocking, with the device's local time as its delay.
//
// Responses come in any order, at BEGIN_RESP or sooner. TLM_ADDRESS_ERROR_RESPONSE becomes DECERR,
// every other error SLVERR. A reset of the device forgets what is in flight, but not in memory:
// writes that were sent happen.
#ifndef SHIRA_TLM_PORT_H
#define SHIRA_TLM_PORT_H

#include <memory>
#include <queue>
#include <tlm>
#include <vector>

#include "sim/port.h"
#include "sim/tlm/clock.h"
#include "sim/tlm/refusable.h"
#include "sim/tlm/traffic.h"

namespace shira {

class Port : public shira_port, private tlm::tlm_mm_interface {
public:
  // Bursts of at most `bytes`. `clock` and `socket` must outlive it.
  Port(Clock &clock, tlm::tlm_initiator_socket<> &socket, unsigned bytes);

  // The backward path of the socket.
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload &trans, tlm::tlm_phase &phase,
                                     sc_core::sc_time &delay);

  bool push(const shira_burst &burst, uint32_t tag);
  bool pop(uint32_t *tag);
  shira_port_answer commit(uint32_t tag) const {
    return answer_[tag];
  }
  void clear();
  Clock &clock() {
    return clock_;
  }

private:
  struct Request : tlm::tlm_generic_payload {
    explicit Request(Port *port, unsigned bytes);
    std::vector<uint8_t> data, enables; // its own, as it may outlive what the device remembers
    Refusable *refusable;
    Traffic *traffic;
    uint8_t *to; // reads: where the data goes
    uint32_t tag;
    bool forgotten; // by a reset of the device
  };
  struct Ready {
    uint64_t cycle; // by the end of which it is there
    uint64_t order;
    Request *request;
    bool operator<(const Ready &o) const {
      return cycle != o.cycle ? cycle > o.cycle : order > o.order;
    }
  };

  Request *take();
  void fill(Request *r, const shira_burst &burst, uint32_t tag);
  void free(tlm::tlm_generic_payload *trans) override;
  void arrived(Request *r, Ticks when);

  Clock &clock_;
  tlm::tlm_initiator_socket<> &socket_;
  const unsigned bytes_;
  std::vector<std::unique_ptr<Request>> all_;
  std::vector<Request *> unused_;
  Request *request_ = nullptr; // sent, END_REQ has not come
  Request *refused_ = nullptr; // the last one, to be sent again
  Ticks free_at_ = 0;          // no request before this, as END_REQ said
  std::priority_queue<Ready> ready_;
  uint64_t order_ = 0;
  std::vector<shira_port_answer> answer_; // [tag], of those that were popped
};

} // namespace shira

#endif
