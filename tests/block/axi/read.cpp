// The read side's clients and the memory that answers them, and what must come back.
#include "tests/block/axi/bench.h"

void ReadBench::drive(const Stalls &s) {
  top->rd_req_valid_i = 0;
  for (unsigned c = 0; c < kRd; c++) {
    if (!valid[c])
      valid[c] = !wanted[c].empty() && rnd(100) >= s.client;
    if (!valid[c])
      continue;
    top->rd_req_valid_i |= 1u << c;
    put64(top->rd_req_addr_i.data(), c, wanted[c].front().addr);
    top->rd_req_len_i = put(top->rd_req_len_i, c, 8, wanted[c].front().len);
    top->rd_req_class_i = put(top->rd_req_class_i, c, 4, class_of(wanted[c].front().addr));
  }
  top->arready_i = rnd(100) >= s.ar;
  // one beat of any id that has an answer due; ids may interleave
  top->rvalid_i = 0;
  unsigned first = rnd(16);
  for (unsigned k = 0; k < 16 && !top->rvalid_i; k++) {
    unsigned id = (first + k) % 16;
    if (memory[id].empty() || memory[id].front().ready > cycles || rnd(100) < s.r)
      continue;
    Burst &b = memory[id].front();
    uint64_t addr = b.addr + b.beat * kBeat;
    top->rvalid_i = 1;
    top->rid_i = id;
    top->rdata_i = word_of(addr);
    top->rresp_i = resp_of(addr);
    top->rlast_i = b.beat == b.len;
  }
}

void ReadBench::sample(unsigned latency) {
  cycles++;
  for (unsigned c = 0; c < kRd; c++) {
    if (!(top->rd_req_valid_i & top->rd_req_ready_o & 1u << c))
      continue;
    Burst b = wanted[c].front();
    wanted[c].pop_front();
    valid[c] = false;
    open[c].push_back(b);
    taken[c]++;
    bursts += bursts_of(b.addr, b.len + 1);
    in_flight++;
    if (in_flight > most)
      most = in_flight;
  }
  if (top->arvalid_o && top->arready_i) {
    unsigned id = top->arid_o;
    expect(id < kRd, "ARID %u is no client", id);
    expect(top->arsize_o == 3 && top->arburst_o == 1, "ARSIZE or ARBURST");
    expect(top->arprot_o == 2 && top->arcache_o == 2, "ARPROT or ARCACHE");
    expect(top->aruser_o == class_of(top->araddr_o), "ARUSER");
    Burst b = {top->araddr_o, top->arlen_o, 0, cycles + latency + rnd(latency + 1)};
    memory[id].push_back(b);
  }
  expect(top->rready_o, "RREADY is low");
  expect(top->rd_moved_o == ((top->arvalid_o && top->arready_i) || top->rvalid_i), "read moved");
  check_response();
  came = top->rvalid_i;
  id = top->rid_i;
  if (!came)
    return;
  Burst &b = memory[id].front();
  beats++;
  if (b.beat++ == b.len) {
    memory[id].pop_front();
    in_flight--;
  }
}

// The beat of the cycle before is the client's now.
void ReadBench::check_response() {
  const unsigned c = id, want = came ? 1u << id : 0;
  expect(top->rd_rsp_valid_o == want, "response to clients %x, wanted %x", top->rd_rsp_valid_o,
         want);
  if (!came)
    return;
  expect(!open[c].empty(), "client %u has no open burst", c);
  if (open[c].empty())
    return;
  Burst &b = open[c].front();
  uint64_t addr = b.addr + b.beat * kBeat;
  expect(top->rd_rsp_data_o == word_of(addr), "client %u: data of %llx", c,
         (unsigned long long)addr);
  expect(top->rd_rsp_err_o == resp_of(addr), "client %u: response", c);
  expect(top->rd_rsp_last_o == (b.beat == b.len), "client %u: last", c);
  if (b.beat++ == b.len)
    open[c].pop_front();
}

bool ReadBench::done() const {
  for (unsigned c = 0; c < kRd; c++)
    if (!wanted[c].empty() || !open[c].empty())
      return false;
  return true;
}
