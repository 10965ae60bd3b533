// Command unit: takes descriptors from the ring, hands them to the engines, writes completions.
//
// Does:         fetches ahead (shira_command_fetch), checks headers and sends each descriptor to its
//               engine's queue (shira_command_dispatch, shira_command_queue), starts it when its
//               semaphores are there (shira_command_sems), ends it (shira_command_retire), writes its
//               record (shira_command_complete), and keeps errors, halt and watchdog
//               (shira_command_control). NOPs are executed here.
// Never does:   reorders the descriptors of an engine; waits for a completion record before a signal
//               counts, unless four records already wait for the write channel.
// Latency:      ring_tail written to rd_req one cycle; last beat of a descriptor to cmd_valid_o two
//               cycles; done to wr_req one cycle; done to a cmd_valid_o that waits for its signal one.
// Throughput:   a descriptor a cycle, from buffered ones; a record every 64 / BeatBytes + 1 cycles.
// Vectors by engine are {gemm, scatter, copy}.
module shira_command #(
  parameter int unsigned BeatBytes  = 32,   // 8 to 64
  parameter int unsigned BurstBytes = 512,  // 64 or more
  parameter int unsigned QueueDepth = 4     // descriptors that wait for an engine, a power of two, 2 or more
) (
  input  logic                               clk_i,
  input  logic                               rst_ni,               // synchronous, active low
  // configuration <- shira_axil_regs
  input  logic                               enable_i,             // fetch descriptors
  input  logic                               ack_i,                // pulse: acknowledge the error
  input  logic                               doorbell_i,           // ring_tail is written in this cycle
  input  logic [                       63:0] ring_base_i,
  input  logic [                        4:0] ring_log2_i,
  input  logic [                       31:0] ring_tail_i,
  input  logic [                       63:0] completion_base_i,
  input  logic [                       31:0] watchdog_i,
  // state -> shira_axil_regs
  output logic [                        2:0] status_o,             // {draining, halted, idle}
  output logic [                        7:0] error_status_o,
  output logic [                       31:0] error_seq_o,
  output logic [                       63:0] error_where_o,
  output logic [                       31:0] error_count_o,
  output logic [                        1:0] irq_set_o,            // pulses {error, completion}
  output logic [                       31:0] ring_head_o,
  output logic [                       31:0] completion_count_o,
  output logic [                       63:0] doorbell_cycle_o,
  output logic [                       63:0] completion_cycle_o,
  output logic [                       63:0] cycle_o,              // cycle counter -> everybody
  // engines
  output logic                               halt_o,               // an error happened: wind down
  input  logic [                        2:0] idle_i,
  input  logic [                        8:0] state_i,              // shira_pkg::engine_state_e of each
  output logic [                        2:0] cmd_valid_o,
  input  logic [                        2:0] cmd_ready_i,
  output logic [                     1023:0] copy_cmd_desc_o,
  output logic [                     1023:0] scatter_cmd_desc_o,
  output logic [                     1023:0] gemm_cmd_desc_o,
  input  logic [                        2:0] done_valid_i,
  output logic [                        2:0] done_ready_o,
  input  logic [3*shira_pkg::ResultBits-1:0] done_i,               // shira_pkg::result_t of each
  // memory read client
  output logic                               rd_req_valid_o,
  input  logic                               rd_req_ready_i,
  output logic [                       63:0] rd_req_addr_o,
  output logic [                        7:0] rd_req_len_o,
  input  logic                               rd_rsp_valid_i,
  input  logic [            BeatBytes*8-1:0] rd_rsp_data_i,
  input  logic                               rd_rsp_last_i,
  input  logic [                        1:0] rd_rsp_err_i,
  // memory write client
  output logic                               wr_req_valid_o,
  input  logic                               wr_req_ready_i,
  output logic [                       63:0] wr_req_addr_o,
  output logic [                        7:0] wr_req_len_o,
  output logic                               wr_data_valid_o,
  input  logic                               wr_data_ready_i,
  output logic [            BeatBytes*8-1:0] wr_data_o,
  output logic [              BeatBytes-1:0] wr_strb_o,
  output logic                               wr_last_o,
  input  logic                               wr_rsp_valid_i,
  input  logic [                        1:0] wr_rsp_err_i,
  // AXI master
  input  logic                               axi_moved_i,          // a handshake in this cycle, either side
  input  logic                               axi_idle_i,           // nothing in flight, both sides
  // shira_perf
  output logic [                        2:0] command_state_o,      // shira_pkg::engine_state_e of this unit
  output logic [                        3:0] waiting_o,            // {gemm, scatter, copy, command}
  output shira_pkg::traffic_t                traffic_o,
  output logic                               ev_descriptor_o       // a descriptor ended ok
);

  if (BurstBytes < 64) begin : gen_bad_burst
    $error("BurstBytes must be at least 64: a completion record is one burst");
  end

  logic         clear;             // the error is acknowledged
  logic         fetch_pending;
  logic         fetch_idle;
  logic         tail_bad;
  logic         unfetched_valid;
  logic         unfetched_ready;
  logic         desc_valid;
  logic         desc_ready;
  logic [1023:0] desc;
  logic [ 31:0] desc_seq;
  logic [  1:0] desc_err;
  logic [ 63:0] err_where;

  shira_command_fetch #(
    .BeatBytes (BeatBytes),
    .BurstBytes(BurstBytes)
  ) u_fetch (
    .clk_i,
    .rst_ni,
    .enable_i,
    .ring_base_i,
    .ring_log2_i,
    .ring_tail_i,
    .halt_i           (halt_o),
    .clear_i          (clear),
    .ring_head_o,
    .tail_bad_o       (tail_bad),
    .pending_o        (fetch_pending),
    .idle_o           (fetch_idle),
    .unfetched_valid_o(unfetched_valid),
    .unfetched_ready_i(unfetched_ready),
    .desc_valid_o     (desc_valid),
    .desc_ready_i     (desc_ready),
    .desc_o           (desc),
    .desc_seq_o       (desc_seq),
    .desc_err_o       (desc_err),
    .err_where_o      (err_where),
    .rd_req_valid_o,
    .rd_req_ready_i,
    .rd_req_addr_o,
    .rd_req_len_o,
    .rd_rsp_valid_i,
    .rd_rsp_data_i,
    .rd_rsp_last_i,
    .rd_rsp_err_i
  );

  // Vectors by queue are {gemm, scatter, copy, command}.
  logic [  3:0] push_valid;
  logic [  3:0] push_ready;
  logic         blocked;
  logic [  3:0] empty;
  logic         dispatch_valid;
  logic         dispatch_ready;
  shira_command_pkg::ticket_t dispatch_ticket;
  shira_pkg::result_t         dispatch_result;

  shira_command_dispatch u_dispatch (
    .halt_i           (halt_o),
    .quiet_i          (empty == '1),
    .cycle_i          (cycle_o),
    .desc_valid_i     (desc_valid),
    .desc_ready_o     (desc_ready),
    .opcode_i         (desc[0+:8]),
    .irq_i            (desc[8]),
    .wait0_sem_i      (desc[16+:8]),
    .wait1_sem_i      (desc[24+:8]),
    .signal_sem_i     (desc[32+:8]),
    .seq_i            (desc_seq),
    .err_i            (desc_err),
    .err_where_i      (err_where),
    .unfetched_valid_i(unfetched_valid),
    .unfetched_ready_o(unfetched_ready),
    .push_valid_o     (push_valid),
    .push_ready_i     (push_ready),
    .blocked_o        (blocked),
    .end_valid_o      (dispatch_valid),
    .end_ready_i      (dispatch_ready),
    .end_ticket_o     (dispatch_ticket),
    .end_result_o     (dispatch_result)
  );

  // ------------------------------------------------------------------ queues
  logic [  3:0] head_valid;
  logic [ 15:0] wait0_sem;
  logic [ 15:0] wait1_sem;
  logic [127:0] wait0_value;
  logic [127:0] wait1_value;
  logic [  3:0] met;
  logic [  3:0] flying;
  logic [  3:0] cancel;
  logic [  3:0] ended;
  logic [ 95:0] starved;  // {gemm, scatter, copy}
  logic [ 95:0] stalled;
  logic [127:0] oldest;
  logic         nop_valid;  // a NOP starts
  shira_command_pkg::ticket_t command_ticket;
  shira_command_pkg::ticket_t copy_ticket;
  shira_command_pkg::ticket_t scatter_ticket;
  shira_command_pkg::ticket_t gemm_ticket;

  // A NOP is taken at once and is done when it is in flight. Nobody needs its descriptor, and it is
  // never starved or stalled.
  /* verilator lint_off PINCONNECTEMPTY */
  shira_command_queue #(
    .QueueDepth(QueueDepth),
    .DescBits  (128)
  ) u_command_queue (
    .clk_i,
    .rst_ni,
    .cycle_i      (cycle_o),
    .halt_i       (halt_o),
    .push_valid_i (push_valid[0]),
    .push_ready_o (push_ready[0]),
    .push_desc_i  (desc[127:0]),
    .push_seq_i   (desc_seq),
    .head_valid_o (head_valid[0]),
    .wait0_sem_o  (wait0_sem[3:0]),
    .wait1_sem_o  (wait1_sem[3:0]),
    .wait0_value_o(wait0_value[31:0]),
    .wait1_value_o(wait1_value[31:0]),
    .met_i        (met[0]),
    .cmd_valid_o  (nop_valid),
    .cmd_ready_i  (1'b1),
    .cmd_desc_o   (),
    .state_i      (3'(shira_pkg::StateIdle)),
    .flying_o     (flying[0]),
    .cancel_o     (cancel[0]),
    .ticket_o     (command_ticket),
    .starved_o    (),
    .stalled_o    (),
    .end_i        (ended[0]),
    .waiting_o    (waiting_o[0]),
    .empty_o      (empty[0]),
    .oldest_seq_o (oldest[31:0])
  );
  /* verilator lint_on PINCONNECTEMPTY */

  shira_command_queue #(
    .QueueDepth(QueueDepth)
  ) u_copy_queue (
    .clk_i,
    .rst_ni,
    .cycle_i      (cycle_o),
    .halt_i       (halt_o),
    .push_valid_i (push_valid[1]),
    .push_ready_o (push_ready[1]),
    .push_desc_i  (desc),
    .push_seq_i   (desc_seq),
    .head_valid_o (head_valid[1]),
    .wait0_sem_o  (wait0_sem[7:4]),
    .wait1_sem_o  (wait1_sem[7:4]),
    .wait0_value_o(wait0_value[63:32]),
    .wait1_value_o(wait1_value[63:32]),
    .met_i        (met[1]),
    .cmd_valid_o  (cmd_valid_o[0]),
    .cmd_ready_i  (cmd_ready_i[0]),
    .cmd_desc_o   (copy_cmd_desc_o),
    .state_i      (state_i[2:0]),
    .flying_o     (flying[1]),
    .cancel_o     (cancel[1]),
    .ticket_o     (copy_ticket),
    .starved_o    (starved[31:0]),
    .stalled_o    (stalled[31:0]),
    .end_i        (ended[1]),
    .waiting_o    (waiting_o[1]),
    .empty_o      (empty[1]),
    .oldest_seq_o (oldest[63:32])
  );

  shira_command_queue #(
    .QueueDepth(QueueDepth)
  ) u_scatter_queue (
    .clk_i,
    .rst_ni,
    .cycle_i      (cycle_o),
    .halt_i       (halt_o),
    .push_valid_i (push_valid[2]),
    .push_ready_o (push_ready[2]),
    .push_desc_i  (desc),
    .push_seq_i   (desc_seq),
    .head_valid_o (head_valid[2]),
    .wait0_sem_o  (wait0_sem[11:8]),
    .wait1_sem_o  (wait1_sem[11:8]),
    .wait0_value_o(wait0_value[95:64]),
    .wait1_value_o(wait1_value[95:64]),
    .met_i        (met[2]),
    .cmd_valid_o  (cmd_valid_o[1]),
    .cmd_ready_i  (cmd_ready_i[1]),
    .cmd_desc_o   (scatter_cmd_desc_o),
    .state_i      (state_i[5:3]),
    .flying_o     (flying[2]),
    .cancel_o     (cancel[2]),
    .ticket_o     (scatter_ticket),
    .starved_o    (starved[63:32]),
    .stalled_o    (stalled[63:32]),
    .end_i        (ended[2]),
    .waiting_o    (waiting_o[2]),
    .empty_o      (empty[2]),
    .oldest_seq_o (oldest[95:64])
  );

  shira_command_queue #(
    .QueueDepth(QueueDepth)
  ) u_gemm_queue (
    .clk_i,
    .rst_ni,
    .cycle_i      (cycle_o),
    .halt_i       (halt_o),
    .push_valid_i (push_valid[3]),
    .push_ready_o (push_ready[3]),
    .push_desc_i  (desc),
    .push_seq_i   (desc_seq),
    .head_valid_o (head_valid[3]),
    .wait0_sem_o  (wait0_sem[15:12]),
    .wait1_sem_o  (wait1_sem[15:12]),
    .wait0_value_o(wait0_value[127:96]),
    .wait1_value_o(wait1_value[127:96]),
    .met_i        (met[3]),
    .cmd_valid_o  (cmd_valid_o[2]),
    .cmd_ready_i  (cmd_ready_i[2]),
    .cmd_desc_o   (gemm_cmd_desc_o),
    .state_i      (state_i[8:6]),
    .flying_o     (flying[3]),
    .cancel_o     (cancel[3]),
    .ticket_o     (gemm_ticket),
    .starved_o    (starved[95:64]),
    .stalled_o    (stalled[95:64]),
    .end_i        (ended[3]),
    .waiting_o    (waiting_o[3]),
    .empty_o      (empty[3]),
    .oldest_seq_o (oldest[127:96])
  );

  logic       signal;
  logic [3:0] signal_sem;

  shira_command_sems u_sems (
    .clk_i,
    .rst_ni,
    .clear_i      (clear),
    .signal_i     (signal),
    .signal_sem_i (signal_sem),
    .head_valid_i (head_valid),
    .wait0_sem_i  (wait0_sem),
    .wait1_sem_i  (wait1_sem),
    .wait0_value_i(wait0_value),
    .wait1_value_i(wait1_value),
    .met_o        (met)
  );

  // ----------------------------------------------------------------- endings
  logic        victim;
  logic [31:0] victim_seq;
  logic [63:0] victim_where;
  logic        record_valid;
  logic        record_ready;
  logic        record_irq;
  logic        retire_failed;
  logic        complete_failed;
  logic        complete_idle;
  logic [31:0] complete_oldest;
  shira_regs_pkg::completion_t record;
  shira_command_pkg::error_t   retire_error;
  shira_command_pkg::error_t   complete_error;

  shira_command_retire u_retire (
    .cycle_i          (cycle_o[31:0]),
    .flying_i         (flying),
    .cancel_i         (cancel),
    .command_ticket_i (command_ticket),
    .copy_ticket_i    (copy_ticket),
    .scatter_ticket_i (scatter_ticket),
    .gemm_ticket_i    (gemm_ticket),
    .starved_i        (starved),
    .stalled_i        (stalled),
    .end_o            (ended),
    .done_valid_i,
    .done_ready_o,
    .done_i,
    .dispatch_valid_i (dispatch_valid),
    .dispatch_ready_o (dispatch_ready),
    .dispatch_ticket_i(dispatch_ticket),
    .dispatch_result_i(dispatch_result),
    .victim_i         (victim),
    .victim_seq_i     (victim_seq),
    .victim_where_i   (victim_where),
    .signal_o         (signal),
    .signal_sem_o     (signal_sem),
    .record_valid_o   (record_valid),
    .record_ready_i   (record_ready),
    .record_o         (record),
    .record_irq_o     (record_irq),
    .ok_o             (ev_descriptor_o),
    .failed_o         (retire_failed),
    .error_o          (retire_error)
  );

  shira_command_complete #(
    .BeatBytes(BeatBytes)
  ) u_complete (
    .clk_i,
    .rst_ni,
    .cycle_i        (cycle_o),
    .completion_base_i,
    .ring_log2_i,
    .record_valid_i (record_valid),
    .record_ready_o (record_ready),
    .record_i       (record),
    .record_irq_i   (record_irq),
    .wr_req_valid_o,
    .wr_req_ready_i,
    .wr_req_addr_o,
    .wr_req_len_o,
    .wr_data_valid_o,
    .wr_data_ready_i,
    .wr_data_o,
    .wr_strb_o,
    .wr_last_o,
    .wr_rsp_valid_i,
    .wr_rsp_err_i,
    .count_o        (completion_count_o),
    .cycle_o        (completion_cycle_o),
    .irq_o          (irq_set_o[0]),
    .failed_o       (complete_failed),
    .error_o        (complete_error),
    .idle_o         (complete_idle),
    .oldest_seq_o   (complete_oldest)
  );

  // ----------------------------------------------------------------- control
  logic                      moved;  // this unit went forward
  shira_command_pkg::error_t error;

  assign moved = (rd_req_valid_o && rd_req_ready_i) || rd_rsp_valid_i ||
                 (wr_req_valid_o && wr_req_ready_i) || (wr_data_valid_o && wr_data_ready_i) ||
                 (push_valid & push_ready) != '0 || nop_valid || record_valid;

  shira_command_control u_control (
    .clk_i,
    .rst_ni,
    .enable_i,
    .ack_i,
    .doorbell_i,
    .watchdog_i,
    .status_o,
    .error_o          (error),
    .error_count_o,
    .irq_error_o      (irq_set_o[1]),
    .cycle_o,
    .doorbell_cycle_o,
    .halt_o,
    .engine_idle_i    (idle_i),
    .engine_state_i   (state_i),
    .engine_held_i    (done_valid_i & ~done_ready_o),
    .axi_moved_i,
    .axi_idle_i,
    .clear_o          (clear),
    .moved_i          (moved),
    .queue_empty_i    (empty),
    .queue_oldest_i   (oldest),
    .fetch_idle_i     (fetch_idle),
    .fetch_pending_i  (fetch_pending),
    .tail_bad_i       (tail_bad),
    .ring_next_i      (desc_seq),
    .desc_valid_i     (desc_valid),
    .complete_idle_i  (complete_idle),
    .complete_oldest_i(complete_oldest),
    .retire_failed_i  (retire_failed),
    .retire_error_i   (retire_error),
    .complete_failed_i(complete_failed),
    .complete_error_i (complete_error),
    .victim_o         (victim),
    .victim_seq_o     (victim_seq),
    .victim_where_o   (victim_where)
  );

  assign error_status_o = error.status;
  assign error_seq_o    = error.seq;
  assign error_where_o  = error.where;

  // ---------------------------------------------------------------- counters
  always_comb begin
    command_state_o = 3'(shira_pkg::StateIdle);
    if (moved) command_state_o = 3'(shira_pkg::StateBusy);
    else if (waiting_o[0]) command_state_o = 3'(shira_pkg::StateWaiting);
    else if (blocked || rd_req_valid_o || wr_req_valid_o || wr_data_valid_o) begin
      command_state_o = 3'(shira_pkg::StateStalled);
    end else if (!fetch_idle) command_state_o = 3'(shira_pkg::StateStarved);
    else if (!complete_idle) command_state_o = 3'(shira_pkg::StateStalled);
  end

  always_comb begin
    traffic_o          = '0;
    traffic_o.rd_valid = rd_rsp_valid_i;
    traffic_o.rd_class = 4'(shira_regs_pkg::TrafficDescriptor);
    traffic_o.rd_bytes = 8'(BeatBytes);
    traffic_o.wr_valid = wr_data_valid_o && wr_data_ready_i;
    traffic_o.wr_class = 4'(shira_regs_pkg::TrafficCompletion);
    traffic_o.wr_bytes = 8'(BeatBytes);
  end

endmodule
