// The memory of a machine file (sim/dram, and the host's behind its link) as a TLM-2.0 target.
//
//   socket  target socket, device addresses. A transaction is at most memory.burst_bytes, within an
//           aligned block of that size; else TLM_BURST_ERROR_RESPONSE. Non-blocking: base protocol,
//           and the extensions of sim/tlm/refusable.h and sim/tlm/traffic.h. Blocking calls, DMI
//           and debug access work too.
//
// Time: a request counts from its annotated time, rounded down to a device cycle. Memory works off
// what it got at the end of each global quantum, and announces what will be done before the end of
// the next one ahead of its time, where the model knows it (its latency behind the DRAM's last
// command). So, with a quantum up to that, responses are as exact as with one cycle. It costs
// nothing while no request is in flight: refreshes and the like are caught up with.
//
// A read is sampled when it is accepted. A write is visible when its response is sent, and with it
// those that were accepted before.
//
// Memory is what map() gave out; an access elsewhere gets TLM_ADDRESS_ERROR_RESPONSE.
#ifndef SHIRA_TLM_MEMORY_H
#define SHIRA_TLM_MEMORY_H

#include <deque>
#include <queue>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

#include "sim/dram/dram.h"
#include "sim/memory.h"
#include "sim/tlm/clock.h"

namespace shira {

class Memory : public sc_core::sc_module {
public:
  tlm_utils::simple_target_socket<Memory> socket;

  // What does not work is reported by SC_REPORT_ERROR.
  Memory(sc_core::sc_module_name name, const shira_machine &machine);
  ~Memory() override;

  // As in shira/device.h.
  int map(size_t bytes, shira_mem_kind kind, shira_mem *mem) {
    return shira_memory_map(&memory_, bytes, kind, mem);
  }
  int unmap(shira_mem *mem);
  // What it did in the device cycles before `cycle`.
  const struct shira_dram_stats &stats(uint64_t cycle);

private:
  struct Slot {
    tlm::tlm_generic_payload *trans; // until its response is sent
    bool named;                      // it is in answers_, or was
    bool done;                       // the model has let go of it
    bool written;
  };
  struct Answer {
    uint64_t cycle; // before which it is there
    uint64_t order;
    uint32_t tag;
    bool operator<(const Answer &o) const {
      return cycle != o.cycle ? cycle > o.cycle : order > o.order;
    }
  };

  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload &trans, tlm::tlm_phase &phase,
                                     sc_core::sc_time &delay);
  unsigned transport_dbg(tlm::tlm_generic_payload &trans);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload &trans, tlm::tlm_dmi &dmi);
  tlm::tlm_sync_enum begin(tlm::tlm_generic_payload &trans, tlm::tlm_phase &phase);
  bool accept(tlm::tlm_generic_payload &trans);
  void catch_up(uint64_t cycle);
  void name(uint32_t tag, uint64_t cycle);
  void write_up_to(uint32_t tag);
  void write(tlm::tlm_generic_payload &trans);
  bool answer(const Answer &a);
  void schedule();
  void work();

  const shira_machine machine_;
  const Ticks period_;
  shira_memory memory_ = {};
  shira_dram *dram_ = nullptr;
  uint64_t cycle_ = 0; // ticks of the model
  std::vector<Slot> slot_;
  std::vector<uint32_t> unused_;
  std::deque<uint32_t> writes_; // in the order of acceptance, those that are not visible yet
  std::priority_queue<Answer> answers_;
  uint64_t order_ = 0;
  tlm::tlm_generic_payload *waiting_ = nullptr;    // the model was full; END_REQ is to come
  bool end_request_ = false;                       // it was taken meanwhile
  tlm::tlm_generic_payload *responding_ = nullptr; // END_RESP is to come
  bool scheduled_ = false;
  sc_core::sc_event wake_;
};

} // namespace shira

#endif
