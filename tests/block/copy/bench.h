// What the benches of COPY and SCATTER share: random numbers, TAP, and a model of the memory behind
// the read and write clients, with latency, a peak of bytes a cycle, stalls and planted errors.
#ifndef TESTS_BLOCK_COPY_BENCH_H
#define TESTS_BLOCK_COPY_BENCH_H

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <vector>

// The only source of chance; seeded from SEED.
struct Random {
  std::mt19937_64 engine;
  uint64_t below(uint64_t n) {
    return n == 0 ? 0 : engine() % n;
  }
  uint64_t range(uint64_t lo, uint64_t hi) {
    return lo + below(hi - lo + 1);
  }
  bool percent(unsigned p) {
    return below(100) < p;
  }
};

// Test Anything Protocol: one line a test, the plan at the end.
struct Tap {
  int count = 0, failed = 0;
  std::string why;
  // Notes the first thing that is wrong with the test that runs.
  void fail(const char *format, ...) __attribute__((format(printf, 2, 3))) {
    if (!why.empty())
      return;
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    why = text;
  }
  void end(const char *name) {
    count++;
    if (!why.empty()) {
      failed++;
      printf("# %s\nnot ok %d - %s\n", why.c_str(), count, name);
    } else {
      printf("ok %d - %s\n", count, name);
    }
    fflush(stdout);
    why.clear();
  }
  int finish() {
    printf("1..%d\n", count);
    return failed != 0;
  }
};

// What the memory does to its clients.
struct MemoryTiming {
  unsigned latency = 10;        // cycles from an accepted request to its first beat
  unsigned jitter = 0;          // more of it, random
  unsigned stall_percent = 0;   // chance that a ready or a beat is held back in a cycle
  double bytes_per_cycle = 1e9; // peak, reads and writes together
  unsigned outstanding = 16;    // bursts in flight, reads and writes apart
};

struct Burst {
  uint64_t addr;
  unsigned beats, at;
  uint64_t due;
};

template <unsigned Beat> struct Memory {
  static constexpr uint64_t base = 0x80000000;
  std::vector<uint8_t> bytes;
  MemoryTiming t;
  Random *rnd;
  Tap *tap;
  unsigned burst_bytes;
  std::deque<Burst> reads, writes, answers;
  uint64_t fault_lo = 0, fault_hi = 0; // bursts that touch [lo, hi) fail
  unsigned fault_resp = 0;
  bool fault_beats = false; // of a read only the beats that touch [lo, hi), not the whole burst
  bool fault_reads = true;  // else only writes
  double credit = 0;
  bool write_next = false; // reads and writes that both want the peak take turns
  uint64_t beats_read = 0, beats_written = 0, requests = 0;
  // inputs of the unit in this cycle
  bool rd_ready, wr_ready, data_ready, rsp_valid, rsp_last, b_valid;
  unsigned rsp_err, b_err;
  uint8_t rsp_data[Beat];

  bool inside(uint64_t addr, uint64_t n) const {
    return addr >= base && addr - base + n <= bytes.size();
  }
  bool faulty(const Burst &b) const {
    return b.addr < fault_hi && b.addr + uint64_t(b.beats) * Beat > fault_lo;
  }
  bool idle() const {
    return reads.empty() && writes.empty() && answers.empty();
  }
  bool stalled() {
    return t.stall_percent != 0 && rnd->percent(t.stall_percent);
  }

  // Chooses this cycle's inputs. Never waits for a valid of the unit.
  void drive(uint64_t cycle) {
    credit = credit + t.bytes_per_cycle > 4 * Beat ? 4 * Beat : credit + t.bytes_per_cycle;
    rd_ready = reads.size() < t.outstanding && !stalled();
    wr_ready = writes.size() + answers.size() < t.outstanding && !stalled();
    const bool wanted = write_next && !writes.empty();
    rsp_valid = !reads.empty() && cycle >= reads.front().due && !stalled() &&
                credit >= (wanted ? 2 * Beat : Beat);
    rsp_last = false;
    rsp_err = 0;
    if (rsp_valid) {
      const Burst &b = reads.front();
      const uint64_t addr = b.addr + uint64_t(b.at) * Beat;
      memset(rsp_data, 0xee, Beat);
      if (inside(addr, Beat))
        memcpy(rsp_data, &bytes[addr - base], Beat);
      rsp_last = b.at + 1 == b.beats;
      rsp_err = fault_reads && faulty(fault_beats ? Burst{addr, 1, 0, 0} : b) ? fault_resp
                : inside(addr, Beat)                                          ? 0
                                                                              : 3;
      credit -= Beat;
      write_next = true;
    }
    data_ready = credit >= Beat && !stalled();
    b_valid = !answers.empty() && cycle >= answers.front().due && !stalled();
    b_err = 0;
    if (b_valid) {
      const Burst &b = answers.front();
      b_err = faulty(b) ? fault_resp : inside(b.addr, uint64_t(b.beats) * Beat) ? 0 : 3;
    }
  }

  void check_request(uint64_t addr, unsigned len) {
    const uint64_t n = uint64_t(len + 1) * Beat;
    requests++;
    if (n > burst_bytes)
      tap->fail("burst of %llu bytes", (unsigned long long)n);
    if ((addr & 4095) + n > 4096)
      tap->fail("burst at %llx crosses 4 KiB", (unsigned long long)addr);
    if (addr % Beat != 0)
      tap->fail("burst at %llx is not aligned", (unsigned long long)addr);
  }
  uint64_t due(uint64_t cycle) {
    return cycle + t.latency + (t.jitter ? rnd->below(t.jitter + 1) : 0);
  }

  // The clock edge: what the unit offered in this cycle.
  void clock_read(uint64_t cycle, bool req_valid, uint64_t addr, unsigned len) {
    if (rsp_valid) {
      beats_read++;
      if (++reads.front().at == reads.front().beats)
        reads.pop_front();
    }
    if (req_valid && rd_ready) {
      check_request(addr, len);
      reads.push_back({addr, len + 1, 0, due(cycle)});
    }
  }
  void clock_write(uint64_t cycle, bool req_valid, uint64_t addr, unsigned len, bool data_valid,
                   const void *data, bool last, const void *strb = nullptr) {
    if (b_valid)
      answers.pop_front();
    if (req_valid && wr_ready) {
      check_request(addr, len);
      writes.push_back({addr, len + 1, 0, 0});
    }
    if (!data_valid || !data_ready)
      return;
    if (writes.empty())
      return tap->fail("write data without a request");
    credit -= Beat;
    write_next = false;
    beats_written++;
    Burst &b = writes.front();
    const uint64_t at = b.addr + uint64_t(b.at) * Beat;
    for (unsigned i = 0; i < Beat && inside(at, Beat) && !faulty(b); i++)
      if (strb == nullptr || ((const uint8_t *)strb)[i / 8] >> i % 8 & 1)
        bytes[at - base + i] = ((const uint8_t *)data)[i];
    b.at++;
    if (last != (b.at == b.beats))
      tap->fail("last beat of a write at %llx is wrong", (unsigned long long)b.addr);
    if (b.at == b.beats) {
      answers.push_back({b.addr, b.beats, 0, due(cycle)});
      writes.pop_front();
    }
  }
};

// Watches that an offer stays as it is until it is accepted.
struct Steady {
  bool pending = false;
  std::vector<uint8_t> was;
  template <class... T>
  void clock(Tap &tap, const char *name, bool valid, bool ready, const T &...v) {
    std::vector<uint8_t> now;
    (now.insert(now.end(), (const uint8_t *)&v, (const uint8_t *)&v + sizeof v), ...);
    if (pending && (!valid || now != was))
      tap.fail("%s changed before it was accepted", name);
    pending = valid && !ready;
    was = now;
  }
  void forget() {
    pending = false;
  }
};

// shira_pkg::result_t, 200 bits, most significant field first.
struct Result {
  unsigned status;
  uint64_t where;
  uint32_t count, first_data, first_work, last_work;
  explicit Result(const uint32_t *w)
      : status(w[6] & 255), where(uint64_t(w[5]) << 32 | w[4]), count(w[3]), first_data(w[2]),
        first_work(w[1]), last_work(w[0]) {
  }
};

inline uint64_t seed_from_environment() {
  const char *text = getenv("SEED");
  const uint64_t seed = text ? strtoull(text, nullptr, 0) : 1;
  printf("# seed %llu\n", (unsigned long long)seed);
  return seed;
}

#endif
