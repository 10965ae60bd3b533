// What is behind the accelerator's memory bus: memory bursts with their data go in, and come out
// when they are done. The bus (sim/rtl/axi_mem.h) knows no memory, a port knows no AXI.
//
// One cycle is: any number of push, then tick, then pop until nothing is left. Bursts may be done
// in any order. Single-threaded, never blocks.
#ifndef SHIRA_SIM_PORT_H
#define SHIRA_SIM_PORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "shira/config.h"
#include "shira/error.h"

#ifdef __cplusplus
extern "C" {
#endif

struct shira_dram_stats;
struct shira_memory;

// A memory burst, or a part of one: [addr, addr + bytes) crosses no multiple of the machine's
// memory_burst_bytes.
struct shira_burst {
  uint64_t addr;
  uint32_t bytes;
  bool write;
  uint8_t traffic;       // enum shira_traffic
  uint8_t *data;         // [bytes], stays in place until the burst is done; reads are put there
  const uint8_t *strobe; // writes: [bytes], 0 where the byte is left as it is, else 1
};

// How a burst ended, as AXI codes it.
enum shira_port_answer {
  SHIRA_PORT_OKAY = 0,
  SHIRA_PORT_SLVERR = 2, // the memory failed
  SHIRA_PORT_DECERR = 3, // there was no memory after all
};

struct shira_port;

struct shira_port_ops {
  // Whether there is memory at all of [addr, addr + bytes), which lies in one page. Where there is
  // none, no burst is handed over. A port that learns it later says true.
  bool (*reaches)(struct shira_port *p, uint64_t addr, uint64_t bytes);
  // Hands over a burst (copied; its data and strobes are not). false: full, try again in the next
  // cycle.
  bool (*push)(struct shira_port *p, const struct shira_burst *burst, uint32_t tag);
  // Ends the cycle.
  void (*tick)(struct shira_port *p);
  // Takes a burst that is done by now: its data may be used (read) or its response sent (write) in
  // the cycle that follows. false: none.
  bool (*pop)(struct shira_port *p, uint32_t *tag);
  // Ends a burst that was popped: whoever looks sees a write from now on. The bus does it in the
  // order of addresses within an AXI burst, so that nobody sees the end of a record before its
  // start. A memory of someone else may have shown the write earlier.
  enum shira_port_answer (*commit)(struct shira_port *p, uint32_t tag);
  // Forgets all bursts in flight: their data and strobes are not touched any more. Writes among
  // them do not happen, as far as the memory can still be told. Time goes on.
  void (*clear)(struct shira_port *p);
  // Puts the memory into the state that it is in after open, its next refreshes due as they would
  // be `eighth` eighths (0 to 7) of a refresh interval after it; no time goes by. Errors: -EBUSY a
  // burst is in flight, -ENOTSUP the memory is somebody else's and knows no such state.
  int (*settle)(struct shira_port *p, unsigned eighth);
  void (*close)(struct shira_port *p);
  // What the memory did since it was opened; NULL: the port does not know.
  const struct shira_dram_stats *(*stats)(struct shira_port *p);
};

struct shira_port {
  const struct shira_port_ops *ops;
};

// The simulator's own memory: data in `memory`, which must outlive it, and the time of machine `m`.
// A read is sampled when it is handed over, a write reaches memory when it is committed. Tags are
// below `tags`; `trace` is as for shira_dram_open. Errors: -EINVAL the memory's parameters make no
// sense, -ENOMEM.
int shira_local_port_open(const struct shira_machine *m, struct shira_memory *memory, uint32_t tags,
                          FILE *trace, struct shira_port **port, struct shira_error *error);

#ifdef __cplusplus
}
#endif

#endif
