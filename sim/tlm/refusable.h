// An ignorable extension of requests: the initiator takes no for an answer.
//
// In the base protocol a target that is full keeps the request and ends it later. The accelerator
// would rather choose again, between reads and writes, in each cycle, as it does without TLM. A
// target that knows this extension sets `refused` and returns TLM_COMPLETED with
// TLM_INCOMPLETE_RESPONSE: nothing has happened, the initiator may send it again. Others need not
// know it.
#ifndef SHIRA_TLM_REFUSABLE_H
#define SHIRA_TLM_REFUSABLE_H

#include <tlm>

namespace shira {

struct Refusable : tlm::tlm_extension<Refusable> {
  bool refused = false;

  tlm_extension_base *clone() const override {
    return new Refusable(*this);
  }
  void copy_from(const tlm_extension_base &other) override {
    refused = static_cast<const Refusable &>(other).refused;
  }
};

} // namespace shira

#endif
