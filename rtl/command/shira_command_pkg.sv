// Types inside the command unit.
package shira_command_pkg;

  // What is kept of a descriptor from its queue to its completion record.
  typedef struct packed {
    logic [31:0] seq;         // index of the descriptor in the ring, free-running
    logic [63:0] t_queued;    // cycle
    logic [63:0] t_start;     // cycle, 0 = never started
    logic [7:0]  opcode;      // 0 if it was never fetched
    logic        irq;         // raise the completion interrupt
    logic [3:0]  signal_sem;  // 0 = none
  } ticket_t;

  // What a queue needs of a descriptor's header, checked by dispatch.
  typedef struct packed {
    logic [31:0] seq;
    logic [7:0]  opcode;
    logic        irq;
    logic [3:0]  signal_sem;
    logic [3:0]  wait1_sem;
    logic [3:0]  wait0_sem;
  } info_t;

endpackage
