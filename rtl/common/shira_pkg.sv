// Types that the units of the accelerator share. What the host sees is in shira_regs_pkg.
package shira_pkg;

  // State of an engine in one cycle, for the counters; exactly one holds.
  typedef enum logic [2:0] {
    StateIdle    = 3'd0,  // nothing to do
    StateBusy    = 3'd1,  // work went forward
    StateStarved = 3'd2,  // has a command, waits for data from memory
    StateStalled = 3'd3,  // held by a port, a bank, a full queue or the write channel
    StateWaiting = 3'd4   // a descriptor waits for a semaphore (set by the command unit)
  } engine_state_e;

  // How a command ended. Cycles are the low 32 bits of the cycle counter, 0 = did not happen.
  typedef struct packed {
    logic [7:0]  status;      // shira_regs_pkg::status_e
    logic [63:0] where;       // see the status
    logic [31:0] count;       // see struct completion
    logic [31:0] first_data;  // cycle of the first data from memory
    logic [31:0] first_work;  // cycle of the first update, product or beat
    logic [31:0] last_work;   // cycle of the last one
  } result_t;

  // Bytes that one engine moved over the memory bus in this cycle.
  typedef struct packed {
    logic       rd_valid;
    logic [3:0] rd_class;  // shira_regs_pkg::traffic_e
    logic [7:0] rd_bytes;
    logic       wr_valid;
    logic [3:0] wr_class;
    logic [7:0] wr_bytes;
  } traffic_t;

  // Accesses to one SRAM in this cycle: up to 256 banks, each with a read and a write done, or turned away.
  typedef struct packed {
    logic [9:0] reads;      // words read
    logic [9:0] writes;     // words written
    logic [9:0] conflicts;  // requests turned away
  } sram_events_t;

  // Widths of the structures, for ports that carry one for each of several engines (Yosys does not
  // read $bits of a type of a package).
  /* verilator lint_off UNUSEDPARAM */  // a module uses the part that it needs
  localparam int unsigned ResultBits  = 200;
  localparam int unsigned TrafficBits = 26;
  /* verilator lint_on UNUSEDPARAM */

endpackage
