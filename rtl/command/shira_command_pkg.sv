// Types inside the command unit.
package shira_command_pkg;

  // What is kept of a descriptor from its queue to its completion record.
  typedef struct packed {
    logic [31:0] seq;         // index of the descriptor in the ring, free-running
    logic [7:0]  opcode;      // 0 if it was never fetched
    logic        irq;         // raise the completion interrupt
    logic [3:0]  signal_sem;  // 0 = none
    logic [63:0] t_queued;    // cycle
    logic [63:0] t_start;     // cycle, 0 = never started
  } ticket_t;

  // An error, for the error registers.
  typedef struct packed {
    logic [7:0]  status;  // shira_regs_pkg::status_e
    logic [31:0] seq;     // descriptor
    logic [63:0] where;   // see the status
  } error_t;

endpackage
