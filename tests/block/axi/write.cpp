// The write side's clients and the memory that takes their data, and what must land there.
#include "tests/block/axi/bench.h"

void WriteBench::want(unsigned c, Burst b) {
  wanted[c].push_back(b);
  for (unsigned i = 0; i <= b.len; i++) {
    Beat beat = {word_of(rng()), (uint8_t)(rnd(4) ? 0xff : rng())};
    data[c].push_back(beat);
  }
}

void WriteBench::drive(const Stalls &s) {
  top->wr_req_valid_i = 0;
  top->wr_data_valid_i = 0;
  top->wr_last_i = 0;
  for (unsigned c = 0; c < kWr; c++) {
    if (!valid[c])
      valid[c] = !wanted[c].empty() && rnd(100) >= s.client;
    if (valid[c]) {
      top->wr_req_valid_i |= 1u << c;
      put64(top->wr_req_addr_i.data(), c, wanted[c].front().addr);
      top->wr_req_len_i = put(top->wr_req_len_i, c, 8, wanted[c].front().len);
      top->wr_req_class_i = put(top->wr_req_class_i, c, 4, class_of(wanted[c].front().addr));
    }
    if (!data_valid[c])
      data_valid[c] = !sending[c].empty() && rnd(100) >= s.data;
    if (data_valid[c]) {
      top->wr_data_valid_i |= 1u << c;
      put64(top->wr_data_i.data(), c, data[c].front().data);
      top->wr_strb_i = (top->wr_strb_i & ~(0xffu << (8 * c))) | data[c].front().strb << (8 * c);
      if (sending[c].front().beat == sending[c].front().len)
        top->wr_last_i |= 1u << c;
    }
  }
  top->awready_i = rnd(100) >= s.aw;
  top->wready_i = rnd(100) >= s.w;
  top->bvalid_i = 0;
  if (!answers.empty() && rnd(100) >= s.b) {
    // the oldest of a random client: order holds within an id only
    size_t pick = 0;
    unsigned id = rnd(kWr);
    for (size_t i = 0; i < answers.size(); i++)
      if (answers[i].first == id) {
        pick = i;
        break;
      }
    for (size_t i = 0; i < pick; i++)
      if (answers[i].first == answers[pick].first)
        pick = i;
    if (answers[pick].second.ready <= cycles) {
      std::swap(answers[pick], answers.front());
      if (pick > 1) { // keep the order of the rest
        auto moved = answers[pick];
        answers.erase(answers.begin() + (long)pick);
        answers.insert(answers.begin() + 1, moved);
      }
      top->bvalid_i = 1;
      top->bid_i = answers.front().first;
      top->bresp_i = resp_of(answers.front().second.addr);
    }
  }
}

void WriteBench::land(unsigned latency) {
  while (!aw.empty() && !w.empty()) {
    Burst &b = aw.front().second;
    for (unsigned i = 0; i < kBeat; i++)
      if (w.front().strb >> i & 1)
        memory[b.addr + b.beat * kBeat + i] = (uint8_t)(w.front().data >> (8 * i));
    expect(lasts.front() == (b.beat == b.len), "WLAST at beat %u of %u", b.beat, b.len + 1);
    w.pop_front();
    lasts.pop_front();
    if (b.beat++ == b.len) {
      b.ready = cycles + latency + rnd(latency + 1);
      answers.push_back(aw.front());
      aw.pop_front();
    }
  }
}

void WriteBench::sample(unsigned latency) {
  cycles++;
  bool w_moved = top->wvalid_o && top->wready_i, aw_moved = top->awvalid_o && top->awready_i;
  expect(top->wr_moved_o == (w_moved || aw_moved || top->bvalid_i), "write moved");
  for (unsigned c = 0; c < kWr; c++) {
    if (top->wr_data_valid_i & top->wr_data_ready_o & 1u << c) {
      Burst &b = sending[c].front();
      for (unsigned i = 0; i < kBeat; i++)
        if (data[c].front().strb >> i & 1)
          model[b.addr + b.beat * kBeat + i] = (uint8_t)(data[c].front().data >> (8 * i));
      data[c].pop_front();
      data_valid[c] = false;
      if (b.beat++ == b.len)
        sending[c].pop_front();
    }
  }
  for (unsigned c = 0; c < kWr; c++) {
    if (top->wr_req_valid_i & top->wr_req_ready_o & 1u << c) {
      Burst b = wanted[c].front();
      wanted[c].pop_front();
      valid[c] = false;
      sending[c].push_back(b);
      open[c].push_back(b);
      taken[c]++;
      bursts += bursts_of(b.addr, b.len + 1);
      if (++in_flight > most)
        most = in_flight;
    }
  }
  if (w_moved) {
    Beat beat = {top->wdata_o, (uint8_t)top->wstrb_o};
    w.push_back(beat);
    lasts.push_back(top->wlast_o);
    beats++;
  }
  if (aw_moved) {
    expect(top->awsize_o == 3 && top->awburst_o == 1, "AWSIZE or AWBURST");
    expect(top->awprot_o == 2 && top->awcache_o == 2, "AWPROT or AWCACHE");
    expect(top->awuser_o == class_of(top->awaddr_o), "AWUSER");
    aw.push_back({top->awid_o, Burst{top->awaddr_o, top->awlen_o, 0, 0}});
  }
  land(latency);
  w_before_aw += !w.empty();
  expect(top->bready_o, "BREADY is low");
  check_response();
  came = top->bvalid_i;
  if (!came)
    return;
  id = answers.front().first;
  addr = answers.front().second.addr;
  answers.pop_front();
  in_flight--;
}

// The response of the cycle before is the client's now.
void WriteBench::check_response() {
  expect(top->wr_rsp_valid_o == (came ? 1u << id : 0), "B routed");
  if (!came)
    return;
  expect(!open[id].empty(), "B of client %u without a burst", id);
  if (open[id].empty())
    return;
  expect(open[id].front().addr == addr, "B order of client %u", id);
  expect(top->wr_rsp_err_o == resp_of(addr), "B response");
  open[id].pop_front();
}

bool WriteBench::done() const {
  for (unsigned c = 0; c < kWr; c++)
    if (!wanted[c].empty() || !open[c].empty())
      return false;
  return true;
}
