// AXI4 memory slave of the harness: takes the handshakes of one clock edge, moves data between the
// bus and the port of memory, and gives the inputs for the next edge.
//
// - Every AXI burst is cut at multiples of memory_burst_bytes into memory bursts, which go to the
//   port: for each memory in order, its reads and writes in turn where both wait.
// - Whoever does not wait for the response of a write sees old data.
// - Reads come back in order per ID, a beat a cycle; without stalls the oldest first and whole.
//   With stalls, ready and valid have random gaps and IDs overtake each other and interleave.
// - An access outside mapped memory answers DECERR on every beat and changes nothing.
// - The master's rules (INCR, full beats, 4 KiB, longest burst, WLAST, AxPROT and AxCACHE of
//   normal memory that is answered when the data are there) are checked; a breach sets
//   `broken` after a message on stderr.
#ifndef SHIRA_SIM_AXI_MEM_H
#define SHIRA_SIM_AXI_MEM_H

#include "sim/memory.h"
#include "sim/port.h"

#ifdef __cplusplus
extern "C" {
#endif

struct axi_request {
  uint64_t addr;
  uint32_t beats;
  uint8_t id, size, burst;
  uint8_t traffic; // AxUSER: enum shira_traffic
  uint8_t prot, cache;
};

// Handshakes of the last edge; payloads are read only where theirs happened.
struct axi_edge {
  bool ar, aw, w, r, b;
  struct axi_request ar_req, aw_req;
  const uint8_t *wdata; // beat
  const uint8_t *wstrb; // bit i of the field: byte i of the beat is written
  bool wlast;
};

// Inputs of the next edge. rdata points to one beat and is only set when rvalid is.
struct axi_inputs {
  bool arready, awready, wready, rvalid, bvalid;
  bool rlast;
  uint8_t rid, rresp, bid, bresp;
  const uint8_t *rdata;
};

struct axi_mem;

// Tags of the bursts that a slave for machine `m` hands to its port are below this.
uint32_t axi_mem_tags(const struct shira_machine *m);

// A slave for machine `m` before `port`, with random gaps where stall_percent > 0. `port` and
// `fault` must outlive it. Errors: -EINVAL, -ENOMEM.
int axi_mem_open(const struct shira_machine *m, struct shira_port *port,
                 struct shira_fault_state *fault, uint64_t seed, unsigned stall_percent,
                 struct axi_mem **mem, struct shira_error *error);
void axi_mem_close(struct axi_mem *mem);

// Forgets everything in flight, the port's too, as a reset does. Writes that were not answered are
// lost.
void axi_mem_clear(struct axi_mem *mem);

// Everything as after open: whose turn it is, the random gaps (the same seed), and the port's
// memory by its `settle`. Errors: -EBUSY a burst is in flight, and what the port's settle returns;
// nothing has changed then.
int axi_mem_settle(struct axi_mem *mem, unsigned eighth);

// One clock cycle. Returns false once the master broke the protocol.
bool axi_mem_step(struct axi_mem *mem, const struct axi_edge *edge, struct axi_inputs *next);

// One clock cycle in which nothing happened on the bus.
bool axi_mem_quiet_step(struct axi_mem *mem, struct axi_inputs *next);

// Five random bits, each set with the chance of a stall: where another channel shall have a gap.
unsigned axi_mem_gaps(struct axi_mem *mem);

#ifdef __cplusplus
}
#endif

#endif
