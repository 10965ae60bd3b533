// An ignorable extension of requests: the traffic class of their bytes, for the statistics of
// whoever is behind the socket. Memory counts a request without it as unclassed.
#ifndef SHIRA_TLM_TRAFFIC_H
#define SHIRA_TLM_TRAFFIC_H

#include <tlm>

#include "shira/regs.h"

namespace shira {

struct Traffic : tlm::tlm_extension<Traffic> {
  unsigned value = SHIRA_TRAFFIC_COUNT; // enum shira_traffic

  tlm_extension_base *clone() const override {
    return new Traffic(*this);
  }
  void copy_from(const tlm_extension_base &other) override {
    value = static_cast<const Traffic &>(other).value;
  }
};

} // namespace shira

#endif
