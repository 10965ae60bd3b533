// The queues of the four engines and the semaphores that their heads wait for.
//
// Does:         keeps descriptors per engine in order and starts each when its waits are met; see
//               shira_command_queue and shira_command_semaphores. The command queue holds NOPs.
// Latency:      two cycles from push to cmd_valid_o; a signal to cmd_valid_o two cycles.
// Vectors are {gemm, scatter, copy, command} where they have four parts and {gemm, scatter, copy} where
// they have three.
module shira_command_queues #(
  parameter int unsigned QueueDepth = 4  // descriptors that wait for an engine, a power of two, 2 or more
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,              // synchronous, active low
  input  logic [               63:0] cycle_i,
  input  logic                       halt_i,              // an error happened
  input  logic                       stop_i,              // it happens: start nothing
  input  logic                       clear_i,             // it was acknowledged
  input  logic [               31:0] cancel_first_i,      // the host cancels from this descriptor on
  input  logic [               31:0] cancel_count_i,      // so many
  // descriptors <- shira_command_dispatch
  input  logic [                3:0] push_valid_i,
  output logic [                3:0] push_ready_o,
  input  logic [             1023:0] push_desc_i,
  input  shira_command_pkg::info_t   push_info_i,         // of its header
  // signals <- shira_command_retire
  input  logic                       signal_i,
  input  logic [                3:0] signal_sem_i,
  // engines
  output logic                       nop_valid_o,         // a NOP starts
  output logic [                2:0] cmd_valid_o,
  input  logic [                2:0] cmd_ready_i,
  output logic [             1023:0] copy_cmd_desc_o,
  output logic [             1023:0] scatter_cmd_desc_o,
  output logic [             1023:0] gemm_cmd_desc_o,
  input  logic [                8:0] state_i,             // shira_pkg::engine_state_e of each
  // endings -> shira_command_retire
  output logic [                3:0] flying_o,            // a command is in flight, or a cancelled one
  output logic [                3:0] cancelled_o,         // it was cancelled
  output logic [                3:0] dropped_o,           // by the host
  input  logic [                3:0] end_i,               // it ended
  output logic                       moves_o,          // the next edge changes something here
  output shira_command_pkg::ticket_t command_ticket_o,    // of the oldest in flight
  output shira_command_pkg::ticket_t copy_ticket_o,
  output shira_command_pkg::ticket_t scatter_ticket_o,
  output shira_command_pkg::ticket_t gemm_ticket_o,
  output logic [               31:0] command_oldest_o,    // sequence number of the oldest, where not empty
  output logic [               31:0] copy_oldest_o,
  output logic [               31:0] scatter_oldest_o,
  output logic [               31:0] gemm_oldest_o,
  output logic [               31:0] copy_starved_o,      // cycles of the oldest in flight
  output logic [               31:0] scatter_starved_o,
  output logic [               31:0] gemm_starved_o,
  output logic [               31:0] copy_stalled_o,
  output logic [               31:0] scatter_stalled_o,
  output logic [               31:0] gemm_stalled_o,
  // state
  output logic [                3:0] waiting_o,           // nothing in flight, the head waits
  output logic [                3:0] empty_o              // nothing queued, nothing in flight
);

  logic [ 3:0] counting;
  logic        signalled_q;  // there was a signal in the cycle before
  logic [ 3:0] head_valid;
  logic [ 3:0] head_leaves;
  logic [31:0] wait_sem;
  logic [ 3:0] met;
  logic [ 3:0] unmet;
  logic [63:0] command_value;
  logic [63:0] copy_value;
  logic [63:0] scatter_value;
  logic [63:0] gemm_value;

  // A cycle counts as starved or stalled, a head goes, or its waits are not known yet, or anew.
  assign moves_o = counting != '0 || head_leaves != '0 || signal_i || signalled_q ||
                      (head_valid & ~(met | unmet)) != '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) signalled_q <= 1'b0;
    else signalled_q <= signal_i;
  end

  // A NOP is taken at once and is done when it is in flight. Nobody needs its descriptor, and it is
  // never starved or stalled.
  /* verilator lint_off PINCONNECTEMPTY */
  shira_command_queue #(
    .QueueDepth(QueueDepth),
    .DescBits  (8)
  ) u_command_queue (
    .clk_i,
    .rst_ni,
    .cycle_i,
    .halt_i,
    .stop_i,
    .cancel_first_i,
    .cancel_count_i,
    .push_valid_i (push_valid_i[0]),
    .push_ready_o (push_ready_o[0]),
    .push_desc_i  (push_desc_i[7:0]),
    .push_info_i,
    .push_value_i (push_desc_i[127:64]),
    .head_valid_o (head_valid[0]),
    .head_leaves_o(head_leaves[0]),
    .wait_sem_o   (wait_sem[7:0]),
    .wait_value_o (command_value),
    .met_i        (met[0]),
    .unmet_i      (unmet[0]),
    .cmd_valid_o  (nop_valid_o),
    .cmd_ready_i  (1'b1),
    .cmd_desc_o   (),
    .state_i      (3'(shira_pkg::StateIdle)),
    .flying_o     (flying_o[0]),
    .cancelled_o  (cancelled_o[0]),
    .dropped_o    (dropped_o[0]),
    .ticket_o     (command_ticket_o),
    .starved_o    (),
    .stalled_o    (),
    .end_i        (end_i[0]),
    .counting_o   (counting[0]),
    .waiting_o    (waiting_o[0]),
    .empty_o      (empty_o[0]),
    .oldest_seq_o (command_oldest_o)
  );
  /* verilator lint_on PINCONNECTEMPTY */

  shira_command_queue #(
    .QueueDepth(QueueDepth)
  ) u_copy_queue (
    .clk_i,
    .rst_ni,
    .cycle_i,
    .halt_i,
    .stop_i,
    .cancel_first_i,
    .cancel_count_i,
    .push_valid_i (push_valid_i[1]),
    .push_ready_o (push_ready_o[1]),
    .push_desc_i  (push_desc_i),
    .push_info_i,
    .push_value_i (push_desc_i[127:64]),
    .head_valid_o (head_valid[1]),
    .head_leaves_o(head_leaves[1]),
    .wait_sem_o   (wait_sem[15:8]),
    .wait_value_o (copy_value),
    .met_i        (met[1]),
    .unmet_i      (unmet[1]),
    .cmd_valid_o  (cmd_valid_o[0]),
    .cmd_ready_i  (cmd_ready_i[0]),
    .cmd_desc_o   (copy_cmd_desc_o),
    .state_i      (state_i[2:0]),
    .flying_o     (flying_o[1]),
    .cancelled_o  (cancelled_o[1]),
    .dropped_o    (dropped_o[1]),
    .ticket_o     (copy_ticket_o),
    .starved_o    (copy_starved_o),
    .stalled_o    (copy_stalled_o),
    .end_i        (end_i[1]),
    .counting_o   (counting[1]),
    .waiting_o    (waiting_o[1]),
    .empty_o      (empty_o[1]),
    .oldest_seq_o (copy_oldest_o)
  );

  shira_command_queue #(
    .QueueDepth(QueueDepth)
  ) u_scatter_queue (
    .clk_i,
    .rst_ni,
    .cycle_i,
    .halt_i,
    .stop_i,
    .cancel_first_i,
    .cancel_count_i,
    .push_valid_i (push_valid_i[2]),
    .push_ready_o (push_ready_o[2]),
    .push_desc_i  (push_desc_i),
    .push_info_i,
    .push_value_i (push_desc_i[127:64]),
    .head_valid_o (head_valid[2]),
    .head_leaves_o(head_leaves[2]),
    .wait_sem_o   (wait_sem[23:16]),
    .wait_value_o (scatter_value),
    .met_i        (met[2]),
    .unmet_i      (unmet[2]),
    .cmd_valid_o  (cmd_valid_o[1]),
    .cmd_ready_i  (cmd_ready_i[1]),
    .cmd_desc_o   (scatter_cmd_desc_o),
    .state_i      (state_i[5:3]),
    .flying_o     (flying_o[2]),
    .cancelled_o  (cancelled_o[2]),
    .dropped_o    (dropped_o[2]),
    .ticket_o     (scatter_ticket_o),
    .starved_o    (scatter_starved_o),
    .stalled_o    (scatter_stalled_o),
    .end_i        (end_i[2]),
    .counting_o   (counting[2]),
    .waiting_o    (waiting_o[2]),
    .empty_o      (empty_o[2]),
    .oldest_seq_o (scatter_oldest_o)
  );

  shira_command_queue #(
    .QueueDepth(QueueDepth)
  ) u_gemm_queue (
    .clk_i,
    .rst_ni,
    .cycle_i,
    .halt_i,
    .stop_i,
    .cancel_first_i,
    .cancel_count_i,
    .push_valid_i (push_valid_i[3]),
    .push_ready_o (push_ready_o[3]),
    .push_desc_i  (push_desc_i),
    .push_info_i,
    .push_value_i (push_desc_i[127:64]),
    .head_valid_o (head_valid[3]),
    .head_leaves_o(head_leaves[3]),
    .wait_sem_o   (wait_sem[31:24]),
    .wait_value_o (gemm_value),
    .met_i        (met[3]),
    .unmet_i      (unmet[3]),
    .cmd_valid_o  (cmd_valid_o[2]),
    .cmd_ready_i  (cmd_ready_i[2]),
    .cmd_desc_o   (gemm_cmd_desc_o),
    .state_i      (state_i[8:6]),
    .flying_o     (flying_o[3]),
    .cancelled_o  (cancelled_o[3]),
    .dropped_o    (dropped_o[3]),
    .ticket_o     (gemm_ticket_o),
    .starved_o    (gemm_starved_o),
    .stalled_o    (gemm_stalled_o),
    .end_i        (end_i[3]),
    .counting_o   (counting[3]),
    .waiting_o    (waiting_o[3]),
    .empty_o      (empty_o[3]),
    .oldest_seq_o (gemm_oldest_o)
  );

  shira_command_semaphores u_semaphores (
    .clk_i,
    .rst_ni,
    .clear_i,
    .signal_i,
    .signal_sem_i,
    .head_valid_i   (head_valid),
    .head_leaves_i  (head_leaves),
    .wait_sem_i     (wait_sem),
    .command_value_i(command_value),
    .copy_value_i   (copy_value),
    .scatter_value_i(scatter_value),
    .gemm_value_i   (gemm_value),
    .met_o          (met),
    .unmet_o        (unmet)
  );

endmodule
