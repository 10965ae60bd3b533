// State of the device: error registers, halt and acknowledge, what the watchdog looks at.
//
// Does:         keeps the first error until it is acknowledged and halts the device with it; counts all
//               errors; says when the device is idle, and when it has drained after an error. Raises
//               no_progress when the watchdog has seen something under way and neither an AXI handshake,
//               nor a busy engine, nor the command unit move anything for too long; it then names the
//               oldest descriptor that has not ended (shira_command_oldest) as the victim. Raises bad_field (where = offset of
//               ring_tail) for a tail further ahead than the ring is long.
// Never does:   needs memory: the error registers and the interrupt work when memory is dead.
// Latency:      an error halts in the next cycle.
// Vectors by engine are {gemm, scatter, copy, command} where they have four parts and {gemm, scatter,
// copy} where they have three.
module shira_command_control (
  input  logic                      clk_i,
  input  logic                      rst_ni,                 // synchronous, active low
  // shira_axil_regs
  input  logic                      enable_i,
  input  logic                      ack_i,                  // pulse
  input  logic                      doorbell_i,             // ring_tail is written in this cycle
  output logic [               2:0] status_o,               // {draining, halted, idle}
  output logic [               7:0] error_status_o,         // of the first error, until acknowledged
  output logic [              31:0] error_seq_o,
  output logic [              63:0] error_where_o,
  output logic [              31:0] error_count_o,
  output logic                      irq_error_o,            // pulse: the device halts
  output logic [              63:0] doorbell_cycle_o,
  // shira_command_watchdog
  input  logic [              63:0] cycle_i,
  output logic                      rest_o,                 // something moves, or there is nothing to do
  input  logic                      expired_i,              // nothing moved for too long
  input  logic [              31:0] oldest_seq_i,           // of the oldest descriptor then
  // engines
  output logic                      halt_o,
  input  logic [               2:0] engine_idle_i,
  input  logic [               8:0] engine_state_i,         // shira_pkg::engine_state_e of each
  input  logic [               2:0] engine_held_i,          // its done is not taken
  // AXI master
  input  logic                      axi_moved_i,
  input  logic                      axi_idle_i,
  // inside the command unit
  output logic                      clear_o,                // pulse: the error is acknowledged
  input  logic                      moved_i,                // something went forward
  input  logic [               3:0] queue_empty_i,          // nothing queued or in flight
  input  logic                      fetch_idle_i,
  input  logic                      fetch_pending_i,
  input  logic                      tail_bad_i,
  input  logic [              31:0] ring_next_i,            // next descriptor to leave fetch
  input  logic                      buffered_i,             // it is there
  input  logic                      retire_idle_i,          // no ending is under way
  input  logic                      complete_idle_i,
  input  logic [              31:0] complete_oldest_i,      // sequence number of the oldest record there
  input  logic                      retire_failed_i,        // a descriptor ended with an error
  input  logic [               7:0] retire_status_i,
  input  logic [              31:0] retire_seq_i,
  input  logic [              63:0] retire_where_i,
  input  logic                      complete_failed_i,      // a record could not be written
  input  logic [               7:0] complete_status_i,
  input  logic [              63:0] complete_where_i,
  output logic                      victim_o                // the watchdog stopped descriptor error_seq_o
);

  logic [63:0] doorbell_cycle_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) doorbell_cycle_q <= '0;
    else if (doorbell_i) doorbell_cycle_q <= cycle_i;
  end

  assign doorbell_cycle_o = doorbell_cycle_q;

  // --------------------------------------------------------------- activity
  logic       halted_q;
  logic [3:0] active;    // the engine has something to do
  logic       busy;      // an engine works; one that only waits for its record to be taken does not
  logic       empty;     // nothing fetched is left and AXI is idle

  assign active = ~queue_empty_i |
                  {~engine_idle_i[2] | (engine_state_i[8:6] != 3'(shira_pkg::StateIdle)),
                   ~engine_idle_i[1] | (engine_state_i[5:3] != 3'(shira_pkg::StateIdle)),
                   ~engine_idle_i[0] | (engine_state_i[2:0] != 3'(shira_pkg::StateIdle)),
                   ~fetch_idle_i | buffered_i | ~retire_idle_i | ~complete_idle_i};
  assign busy = (engine_state_i[2:0] == 3'(shira_pkg::StateBusy) && !engine_held_i[0]) ||
                (engine_state_i[5:3] == 3'(shira_pkg::StateBusy) && !engine_held_i[1]) ||
                (engine_state_i[8:6] == 3'(shira_pkg::StateBusy) && !engine_held_i[2]);
  assign empty       = active == '0 && axi_idle_i;
  assign status_o[0] = empty && !(fetch_pending_i && (enable_i || halted_q));
  assign status_o[1] = halted_q;
  assign status_o[2] = halted_q && !(empty && !fetch_pending_i);
  assign clear_o     = ack_i && halted_q && !status_o[2];
  assign halt_o      = halted_q;

  assign rest_o      = active == '0 || busy || moved_i || axi_moved_i;

  // ----------------------------------------------------------------- errors
  logic [ 7:0] error_status_q;
  logic [31:0] error_seq_q;
  logic [63:0] error_where_q;
  logic [31:0] error_count_q;
  logic        tail_error;
  logic        raise;           // an error halts the device
  logic        counted;         // a descriptor's error that was not counted before

  assign tail_error = tail_bad_i && !halted_q;
  assign raise = !halted_q && (retire_failed_i || complete_failed_i || tail_error || expired_i);
  // What the watchdog stopped was counted when the watchdog raised the error.
  assign counted = retire_failed_i && retire_status_i != shira_regs_pkg::StatusNoProgress;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_o) begin
      halted_q       <= 1'b0;
      error_status_q <= '0;
      error_seq_q    <= '0;
      error_where_q  <= '0;
    end else if (raise) begin
      halted_q <= 1'b1;
      if (retire_failed_i) begin
        error_status_q <= retire_status_i;
        error_seq_q    <= retire_seq_i;
        error_where_q  <= retire_where_i;
      end else if (complete_failed_i) begin
        error_status_q <= complete_status_i;
        error_seq_q    <= complete_oldest_i;
        error_where_q  <= complete_where_i;
      end else if (tail_error) begin
        error_status_q <= shira_regs_pkg::StatusBadField;
        error_seq_q    <= ring_next_i;
        error_where_q  <= 64'(shira_regs_pkg::RegRingTail);
      end else begin
        error_status_q <= shira_regs_pkg::StatusNoProgress;
        error_seq_q    <= oldest_seq_i;
        error_where_q  <= 64'(active);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) error_count_q <= '0;
    else if (raise || counted || complete_failed_i) begin
      error_count_q <= error_count_q + 32'(counted) + 32'(complete_failed_i) +
                       32'(tail_error || expired_i);
    end
  end

  assign error_status_o = error_status_q;
  assign error_seq_o    = error_seq_q;
  assign error_where_o  = error_where_q;
  assign error_count_o  = error_count_q;
  assign irq_error_o    = raise;
  assign victim_o       = error_status_q == shira_regs_pkg::StatusNoProgress;

`ifdef SHIRA_ASSERT
  halted_with_an_error: assert property (@(posedge clk_i) disable iff (!rst_ni)
    halt_o == (error_status_o != '0));
  draining_is_halted: assert property (@(posedge clk_i) disable iff (!rst_ni)
    status_o[2] |-> status_o[1]);
  first_error_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    halt_o && !clear_o |=> $stable(error_status_o) && $stable(error_seq_o) && $stable(error_where_o));
  ack_of_drained: assert property (@(posedge clk_i) disable iff (!rst_ni)
    clear_o |-> queue_empty_i == '1 && complete_idle_i);
`endif

`ifdef SHIRA_COVER
  `SHIRA_COVER(error_no_progress, raise && expired_i)
  `SHIRA_COVER(error_tail, raise && tail_error)
  `SHIRA_COVER(state_idle, status_o[0])
  `SHIRA_COVER(state_halted, status_o[1] && !status_o[2])
  `SHIRA_COVER(state_draining, status_o[2])
`endif

endmodule
