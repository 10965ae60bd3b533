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

  // What is known of a fetched descriptor beside its bytes.
  typedef struct packed {
    logic [31:0] seq;
    logic [1:0]  err;            // AXI resp of its fetch
    logic [63:0] err_where;      // address of the first burst that failed
    logic        reserved;       // a byte that must be 0 is not
    logic [6:0]  reserved_byte;  // the first such byte
  } fetched_t;

  // How a descriptor that no queue took ends.
  typedef struct packed {
    logic [31:0] seq;
    logic [63:0] t_queued;  // cycle, 0 if it was never fetched
    logic [7:0]  opcode;    // 0 if it was never fetched
    logic        irq;
    logic [7:0]  status;    // shira_regs_pkg::status_e
    logic [63:0] where;
  } refusal_t;

  // A completion record without its phase.
  typedef struct packed {
    logic        irq;  // raise the completion interrupt
    logic [31:0] seq;
    logic [7:0]  status;
    logic [7:0]  opcode;
    logic [7:0]  engine;
    logic [63:0] where;
    logic [63:0] t_queued;
    logic [63:0] t_start;
    logic [31:0] first_data_delta;
    logic [31:0] first_work_delta;
    logic [31:0] last_work_delta;
    logic [31:0] end_delta;
    logic [31:0] count;
    logic [31:0] starved;
    logic [31:0] stalled;
  } record_t;

  // Widths of the structures, for memories of them (Yosys does not read $bits of a type of a package).
  /* verilator lint_off UNUSEDPARAM */  // a module uses the part that it needs
  localparam int unsigned InfoBits = 53;
  /* verilator lint_on UNUSEDPARAM */

endpackage
