// Command unit: takes descriptors from the ring, hands them to the engines, writes completions.
//
// Does:         fetches ahead (shira_command_fetch), checks headers and sends each descriptor to its
//               engine's queue (shira_command_dispatch, shira_command_queue), starts it when its
//               semaphores are there (shira_command_semaphores), ends it (shira_command_retire), writes its
//               record (shira_command_complete), and keeps errors, halt and watchdog
//               (shira_command_control). NOPs are executed here. A descriptor that the host cancels before
//               an engine has begun it keeps its turn and its waits, is not executed, and signals.
// Never does:   reorders the descriptors of an engine; waits for a completion record before a signal
//               counts, unless four records already wait for the write channel.
// Latency:      ring_tail_i to rd_req two cycles; last beat of a descriptor to cmd_valid_o four; done to
//               wr_req three; done to a cmd_valid_o that waits for its signal three.
// Throughput:   a descriptor every 128 / BeatBytes + 1 cycles; one every two cycles to an engine; a record
//               every 64 / BeatBytes + 2 cycles.
// Vectors by engine are {gemm, scatter, copy}.
module shira_command #(
  parameter int unsigned BeatBytes  = 32,   // 8 to 64
  parameter int unsigned BurstBytes = 512,  // 64 or more
  parameter int unsigned QueueDepth = 4     // descriptors that wait for an engine, a power of two, 2 or more
) (
  input  logic                               clk_i,                // may stand still while !busy_o
  input  logic                               clk_free_i,           // the same, never stands still
  input  logic                               rst_ni,               // synchronous, active low
  output logic                               busy_o,               // the next edge changes something here
  // configuration <- shira_axil_regs
  input  logic                               enable_i,             // fetch descriptors
  input  logic                               ack_i,                // pulse: acknowledge the error
  input  logic                               doorbell_i,           // ring_tail is written in this cycle
  input  logic [                       63:0] ring_base_i,
  input  logic [                        4:0] ring_log2_i,
  input  logic [                       31:0] ring_tail_i,
  input  logic [                       63:0] completion_base_i,
  input  logic [                       31:0] watchdog_i,
  input  logic [                       31:0] cancel_first_i,       // first descriptor that is cancelled
  input  logic [                       31:0] cancel_count_i,       // how many
  output logic                               cancel_clear_o,       // pulse: none
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
  input  shira_pkg::result_t                 copy_done_i,
  input  shira_pkg::result_t                 scatter_done_i,
  input  shira_pkg::result_t                 gemm_done_i,
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
  logic         buffered;
  logic         fetch_moves;
  logic [1023:0] desc;
  shira_command_pkg::fetched_t fetched;

  assign cancel_clear_o = clear;

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
    .buffered_o       (buffered),
    .moves_o          (fetch_moves),
    .unfetched_valid_o(unfetched_valid),
    .unfetched_ready_i(unfetched_ready),
    .desc_valid_o     (desc_valid),
    .desc_ready_i     (desc_ready),
    .desc_o           (desc),
    .desc_fetched_o   (fetched),
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
  logic         refusal_valid;
  logic         refusal_ready;
  logic         retire_idle;
  shira_command_pkg::info_t    info;  // of the descriptor that is dispatched
  shira_command_pkg::refusal_t refusal;

  shira_command_dispatch u_dispatch (
    .halt_i           (halt_o),
    .quiet_i          (empty == '1 && retire_idle),
    .cycle_i          (cycle_o),
    .desc_valid_i     (desc_valid),
    .desc_ready_o     (desc_ready),
    .header_i         (desc[39:0]),
    .fetched_i        (fetched),
    .unfetched_valid_i(unfetched_valid),
    .unfetched_ready_o(unfetched_ready),
    .push_valid_o     (push_valid),
    .push_ready_i     (push_ready),
    .push_info_o      (info),
    .blocked_o        (blocked),
    .end_valid_o      (refusal_valid),
    .end_ready_i      (refusal_ready),
    .end_o            (refusal)
  );

  // ------------------------------------------------------------------ queues
  logic [  3:0] flying;
  logic [  3:0] cancelled;
  logic [  3:0] dropped;
  logic         failing;           // a descriptor ended with an error, or is about to
  logic [  3:0] ended;
  logic         queues_move;          // a queue counts this cycle, or its head moves
  logic         nop_valid;         // a NOP starts
  logic         signal;
  logic [  3:0] signal_sem;
  shira_command_pkg::ticket_t command_ticket;
  logic [ 31:0] command_oldest;
  shira_command_pkg::ticket_t copy_ticket;
  logic [ 31:0] copy_oldest;
  logic [ 31:0] copy_starved;
  logic [ 31:0] copy_stalled;
  shira_command_pkg::ticket_t scatter_ticket;
  logic [ 31:0] scatter_oldest;
  logic [ 31:0] scatter_starved;
  logic [ 31:0] scatter_stalled;
  shira_command_pkg::ticket_t gemm_ticket;
  logic [ 31:0] gemm_oldest;
  logic [ 31:0] gemm_starved;
  logic [ 31:0] gemm_stalled;

  shira_command_queues #(
    .QueueDepth(QueueDepth)
  ) u_queues (
    .clk_i,
    .rst_ni,
    .cycle_i          (cycle_o),
    .halt_i           (halt_o),
    .stop_i           (failing),
    .clear_i          (clear),
    .cancel_first_i,
    .cancel_count_i,
    .push_valid_i     (push_valid),
    .push_ready_o     (push_ready),
    .push_desc_i      (desc),
    .push_info_i      (info),
    .signal_i         (signal),
    .signal_sem_i     (signal_sem),
    .nop_valid_o      (nop_valid),
    .cmd_valid_o,
    .cmd_ready_i,
    .copy_cmd_desc_o,
    .scatter_cmd_desc_o,
    .gemm_cmd_desc_o,
    .state_i,
    .flying_o         (flying),
    .cancelled_o      (cancelled),
    .dropped_o        (dropped),
    .end_i            (ended),
    .moves_o          (queues_move),
    .command_ticket_o  (command_ticket),
    .copy_ticket_o     (copy_ticket),
    .scatter_ticket_o  (scatter_ticket),
    .gemm_ticket_o     (gemm_ticket),
    .command_oldest_o  (command_oldest),
    .copy_oldest_o     (copy_oldest),
    .scatter_oldest_o  (scatter_oldest),
    .gemm_oldest_o     (gemm_oldest),
    .copy_starved_o    (copy_starved),
    .scatter_starved_o (scatter_starved),
    .gemm_starved_o    (gemm_starved),
    .copy_stalled_o    (copy_stalled),
    .scatter_stalled_o (scatter_stalled),
    .gemm_stalled_o    (gemm_stalled),
    .waiting_o,
    .empty_o          (empty)
  );

  // ----------------------------------------------------------------- endings
  logic        victim;
  logic        record_valid;
  logic        record_ready;
  shira_command_pkg::record_t record;
  logic        retire_failed;
  logic        complete_failed;
  logic [ 7:0] complete_status;
  logic [63:0] complete_where;
  logic        complete_idle;
  logic [31:0] complete_oldest;

  shira_command_retire u_retire (
    .clk_i,
    .rst_ni,
    .cycle_i          (cycle_o[31:0]),
    .flying_i         (flying),
    .cancelled_i      (cancelled),
    .dropped_i        (dropped),
    .command_ticket_i (command_ticket),
    .copy_ticket_i    (copy_ticket),
    .scatter_ticket_i (scatter_ticket),
    .gemm_ticket_i    (gemm_ticket),
    .copy_starved_i   (copy_starved),
    .scatter_starved_i(scatter_starved),
    .gemm_starved_i   (gemm_starved),
    .copy_stalled_i   (copy_stalled),
    .scatter_stalled_i(scatter_stalled),
    .gemm_stalled_i   (gemm_stalled),
    .end_o            (ended),
    .done_valid_i,
    .done_ready_o,
    .copy_done_i,
    .scatter_done_i,
    .gemm_done_i,
    .refusal_valid_i  (refusal_valid),
    .refusal_ready_o  (refusal_ready),
    .refusal_i        (refusal),
    .victim_i         (victim),
    .victim_seq_i     (error_seq_o),
    .victim_where_i   (error_where_o),
    .signal_o         (signal),
    .signal_sem_o     (signal_sem),
    .record_valid_o   (record_valid),
    .record_ready_i   (record_ready),
    .record_o         (record),
    .ok_o             (ev_descriptor_o),
    .failed_o         (retire_failed),
    .failing_o        (failing),
    .idle_o           (retire_idle)
  );

  shira_command_complete #(
    .BeatBytes(BeatBytes)
  ) u_complete (
    .clk_i,
    .rst_ni,
    .cycle_i          (cycle_o),
    .completion_base_i,
    .ring_log2_i,
    .record_valid_i   (record_valid),
    .record_ready_o   (record_ready),
    .record_i         (record),
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
    .count_o          (completion_count_o),
    .cycle_o          (completion_cycle_o),
    .irq_o            (irq_set_o[0]),
    .failed_o         (complete_failed),
    .failed_status_o  (complete_status),
    .failed_where_o   (complete_where),
    .idle_o           (complete_idle),
    .oldest_seq_o     (complete_oldest)
  );

  // ----------------------------------------------------------------- control
  logic        moved;       // this unit went forward
  logic        rest;
  logic        still;       // nothing moved in the cycle before
  logic        expired;
  logic [31:0] oldest_seq;  // of the oldest descriptor, while nothing moves

  assign moved = (rd_req_valid_o && rd_req_ready_i) || rd_rsp_valid_i ||
                 (wr_req_valid_o && wr_req_ready_i) || (wr_data_valid_o && wr_data_ready_i) ||
                 (push_valid & push_ready) != '0 || nop_valid ||
                 (cmd_valid_o & cmd_ready_i) != '0 || (record_valid && record_ready);

  shira_command_control u_control (
    .clk_i,
    .rst_ni,
    .enable_i,
    .ack_i,
    .doorbell_i,
    .status_o,
    .error_status_o,
    .error_seq_o,
    .error_where_o,
    .error_count_o,
    .irq_error_o      (irq_set_o[1]),
    .doorbell_cycle_o,
    .cycle_i          (cycle_o),
    .rest_o           (rest),
    .expired_i        (expired),
    .oldest_seq_i     (oldest_seq),
    .halt_o,
    .engine_idle_i    (idle_i),
    .engine_state_i   (state_i),
    .engine_held_i    (done_valid_i & ~done_ready_o),
    .axi_moved_i,
    .axi_idle_i,
    .clear_o          (clear),
    .moved_i          (moved),
    .queue_empty_i    (empty),
    .fetch_idle_i     (fetch_idle),
    .fetch_pending_i  (fetch_pending),
    .tail_bad_i       (tail_bad),
    .ring_next_i      (fetched.seq),
    .buffered_i       (buffered),
    .retire_idle_i    (retire_idle),
    .complete_idle_i  (complete_idle),
    .complete_oldest_i(complete_oldest),
    .retire_failed_i  (retire_failed),
    .retire_status_i  (record.status),
    .retire_seq_i     (record.seq),
    .retire_where_i   (record.where),
    .complete_failed_i(complete_failed),
    .complete_status_i(complete_status),
    .complete_where_i (complete_where),
    .victim_o         (victim)
  );

  shira_command_watchdog u_watchdog (
    .clk_i     (clk_free_i),
    .rst_ni,
    .rest_i    (rest),
    .halted_i  (halt_o),
    .watchdog_i,
    .cycle_o,
    .still_o   (still),
    .expired_o (expired)
  );

  shira_command_oldest u_oldest (
    .clk_i            (clk_free_i),
    .still_i          (still),
    .queue_empty_i    (empty),
    .command_oldest_i (command_oldest),
    .copy_oldest_i    (copy_oldest),
    .scatter_oldest_i (scatter_oldest),
    .gemm_oldest_i    (gemm_oldest),
    .ring_next_i      (fetched.seq),
    .fetching_i       (buffered || !fetch_idle),
    .complete_idle_i  (complete_idle),
    .complete_oldest_i(complete_oldest),
    .seq_o            (oldest_seq)
  );

  // What is under way here, and the cycles that the queues count.
  assign busy_o = moved || fetch_moves || !fetch_idle || !complete_idle || !retire_idle ||
                  ended != '0 || (refusal_valid && refusal_ready) || tail_bad || expired || queues_move;

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

`ifdef SHIRA_COVER
  `SHIRA_COVER(state_idle, command_state_o == 3'(shira_pkg::StateIdle))
  `SHIRA_COVER(state_busy, command_state_o == 3'(shira_pkg::StateBusy))
  `SHIRA_COVER(state_starved, command_state_o == 3'(shira_pkg::StateStarved))
  `SHIRA_COVER(state_stalled, command_state_o == 3'(shira_pkg::StateStalled))
  `SHIRA_COVER(state_waiting, command_state_o == 3'(shira_pkg::StateWaiting))
  `SHIRA_COVER(error_bad_opcode, refusal_valid && refusal_ready && refusal.status == shira_regs_pkg::StatusBadOpcode)
  `SHIRA_COVER(error_bad_field, refusal_valid && refusal_ready && refusal.status == shira_regs_pkg::StatusBadField)
  `SHIRA_COVER(error_read_slverr, refusal_valid && refusal_ready && refusal.status == shira_regs_pkg::StatusReadSlverr)
  `SHIRA_COVER(error_read_decerr, refusal_valid && refusal_ready && refusal.status == shira_regs_pkg::StatusReadDecerr)
  `SHIRA_COVER(error_cancelled, refusal_valid && refusal_ready && refusal.status == shira_regs_pkg::StatusCancelled)
  `SHIRA_COVER(stall_cmd_copy, cmd_valid_o[0] && !cmd_ready_i[0])
  `SHIRA_COVER(stall_cmd_scatter, cmd_valid_o[1] && !cmd_ready_i[1])
  `SHIRA_COVER(stall_cmd_gemm, cmd_valid_o[2] && !cmd_ready_i[2])
  `SHIRA_COVER(stall_done_copy, done_valid_i[0] && !done_ready_o[0])
  `SHIRA_COVER(stall_done_scatter, done_valid_i[1] && !done_ready_o[1])
  `SHIRA_COVER(stall_done_gemm, done_valid_i[2] && !done_ready_o[2])
  `SHIRA_COVER(stall_push_command, push_valid[0] && !push_ready[0])
  `SHIRA_COVER(stall_push_copy, push_valid[1] && !push_ready[1])
  `SHIRA_COVER(stall_push_scatter, push_valid[2] && !push_ready[2])
  `SHIRA_COVER(stall_push_gemm, push_valid[3] && !push_ready[3])
  `SHIRA_COVER(stall_record, record_valid && !record_ready)
  `SHIRA_COVER(stall_rd_req, rd_req_valid_o && !rd_req_ready_i)
  `SHIRA_COVER(stall_wr_req, wr_req_valid_o && !wr_req_ready_i)
  `SHIRA_COVER(stall_wr_data, wr_data_valid_o && !wr_data_ready_i)
`endif

endmodule
