// Bench of the command unit: memory behind AXI, the host's side of the rings, TAP output.
#ifndef COMMAND_BENCH_H
#define COMMAND_BENCH_H

#include "Vcommand_tb_top.h"
#include "host/include/shira/wire.h"
#include <cstdint>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

// Descriptor for the pretending engines; see command_tb_engine.sv for the bytes from 16 on.
struct Desc {
  uint8_t opcode, flags, wait0_sem, wait1_sem, signal_sem, rsvd5[3];
  uint32_t wait0_value, wait1_value;
  uint8_t status, how, rsvd18[2];
  uint32_t work;
  uint64_t where;
  uint32_t count;
  uint8_t rsvd36[92];
};
static_assert(sizeof(Desc) == SHIRA_DESCRIPTOR_BYTES, "Desc");
enum { HOW_HANGS = 1, HOW_BUSY = 2, HOW_DEAF = 4 };

struct Record {
  shira_completion c;
  uint64_t seen; // cycle in which its data reached memory
};

class Bench {
public:
  static const unsigned kBeat = sizeof(Vcommand_tb_top::rdata_i);
  static const unsigned kBurst = kBeat == 8 ? 64 : 512; // as the two `files` say

  Vcommand_tb_top *top;
  std::mt19937 rng;
  // memory: chances of a stall in percent, latency in cycles, faults
  unsigned stall_ar = 0, stall_r = 0, stall_aw = 0, stall_w = 0, stall_b = 0, stall_engine = 0;
  unsigned read_latency = 10, write_latency = 10;
  bool mute_read = false, mute_write = false;
  std::map<uint64_t, unsigned> read_fault;  // AXI resp of a beat's address
  std::map<uint64_t, unsigned> write_fault; // AXI resp of a burst's address
  // rings
  uint64_t ring_base = 0, completion_base = 0;
  unsigned log2 = 4;
  uint32_t tail = 0;        // posted
  uint32_t rung = 0;        // last doorbell
  uint32_t reaped = 0;      // records seen
  std::vector<Desc> posted; // by sequence number
  std::vector<Record> records;
  std::vector<int> record_of; // by sequence number, -1 = none yet
  // what was seen
  uint64_t doorbell_cycle = 0, first_ar_cycle = 0, last_r_cycle = 0, first_aw_cycle = 0;
  uint64_t first_cmd_cycle = 0, first_done_cycle = 0, first_b_cycle = 0, first_irq_cycle = 0;
  unsigned ar_count = 0, b_count = 0, most_writes = 0;
  uint32_t next_fetch = 0; // the descriptor that the next AR must start with
  unsigned next_part = 0;  // bytes of it already requested
  uint32_t issued = 0;     // records for which an AW was seen

  Bench();
  ~Bench();
  unsigned rnd(unsigned n) {
    return (unsigned)(rng() % n);
  }
  void reset();                 // device, memory, rings; enables the device
  void tick(unsigned n = 1);    // cycles
  uint32_t read(unsigned addr); // register
  void write(unsigned addr, uint32_t value);
  // Two writes, the second offered in the cycle after the first was taken.
  void write_twice(unsigned addr, uint32_t first, uint32_t second);
  uint64_t read64(unsigned addr);
  uint64_t counter(unsigned index);
  unsigned space() const;          // descriptors that may be posted
  uint32_t post(const Desc &desc); // returns its sequence number; rings no bell
  void rewrite(uint32_t from);     // copies posted[] from there on into the ring again
  void doorbell();
  void random_stalls();
  bool wait_records(uint32_t seq, unsigned cycles); // all up to and without seq have a record
  bool wait_status(uint32_t mask, uint32_t value, unsigned cycles);
  void ack();
  void forget();                          // clears what was seen
  uint64_t burst_of(uint64_t addr) const; // address of the last read burst that held this byte

private:
  struct Burst {
    uint64_t addr, ready;
    unsigned beats, beat;
  };
  std::vector<uint8_t> ring, completions;
  std::deque<Burst> reads, aw, answers;
  std::vector<Burst> fetched; // all bursts read
  std::deque<std::vector<uint8_t>> w;
  std::deque<bool> w_last;
  void drive();
  void sample();
  void see_ar();
  void land();
  void reap();
};

void expect(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));
void report(const char *name);
unsigned failures();

Desc make(unsigned opcode, unsigned work = 0);

#endif
