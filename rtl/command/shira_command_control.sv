// State of the device: error registers, halt and acknowledge, watchdog, cycle counter.
//
// Does:         keeps the first error until it is acknowledged and halts the device with it; counts all
//               errors; says when the device is idle, and when it has drained after an error. Raises
//               no_progress when something is under way and neither an AXI handshake, nor a busy engine,
//               nor the command unit moves anything for watchdog_i cycles; it then names the oldest
//               descriptor that has not ended as the victim. Raises bad_field (where = offset of
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
  input  logic [              31:0] watchdog_i,             // cycles, 0 = off
  output logic [               2:0] status_o,               // {draining, halted, idle}
  output shira_command_pkg::error_t error_o,                // the first, until acknowledged
  output logic [              31:0] error_count_o,
  output logic                      irq_error_o,            // pulse: the device halts
  output logic [              63:0] cycle_o,
  output logic [              63:0] doorbell_cycle_o,
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
  input  logic [             127:0] queue_oldest_i,         // sequence number of the oldest there
  input  logic                      fetch_idle_i,
  input  logic                      fetch_pending_i,
  input  logic                      tail_bad_i,
  input  logic [              31:0] ring_next_i,            // next descriptor to leave fetch
  input  logic                      desc_valid_i,           // it is there
  input  logic                      complete_idle_i,
  input  logic [              31:0] complete_oldest_i,      // sequence number of the oldest record there
  input  logic                      retire_failed_i,        // a descriptor ended with an error
  input  shira_command_pkg::error_t retire_error_i,
  input  logic                      complete_failed_i,      // a record could not be written
  input  shira_command_pkg::error_t complete_error_i,
  output logic                      victim_o,               // the watchdog stopped a descriptor
  output logic [              31:0] victim_seq_o,
  output logic [              63:0] victim_where_o
);

  // ----------------------------------------------------------------- cycles
  logic [63:0] cycle_q;
  logic [63:0] doorbell_cycle_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      cycle_q          <= '0;
      doorbell_cycle_q <= '0;
    end else begin
      cycle_q <= cycle_q + 64'd1;
      if (doorbell_i) doorbell_cycle_q <= cycle_q;
    end
  end

  assign cycle_o          = cycle_q;
  assign doorbell_cycle_o = doorbell_cycle_q;

  // --------------------------------------------------------------- activity
  logic       halted_q;
  logic [3:0] active;    // the engine has something to do
  logic       busy;      // an engine works; one that only waits for its record to be taken does not
  logic       empty;     // nothing fetched is left and AXI is idle

  always_comb begin
    active[0] = !queue_empty_i[0] || !fetch_idle_i || desc_valid_i || !complete_idle_i;
    busy      = 1'b0;
    for (int unsigned e = 0; e < 3; e++) begin
      active[e+1] = !queue_empty_i[e+1] || !engine_idle_i[e] ||
                    engine_state_i[e*3+:3] != 3'(shira_pkg::StateIdle);
      if (engine_state_i[e*3+:3] == 3'(shira_pkg::StateBusy) && !engine_held_i[e]) busy = 1'b1;
    end
  end

  assign empty       = active == '0 && axi_idle_i;
  assign status_o[0] = empty && !(fetch_pending_i && (enable_i || halted_q));
  assign status_o[1] = halted_q;
  assign status_o[2] = halted_q && !(empty && !fetch_pending_i);
  assign clear_o     = ack_i && halted_q && !status_o[2];
  assign halt_o      = halted_q;

  // --------------------------------------------------------------- watchdog
  logic [31:0] still_q;  // cycles in which nothing moved
  logic        expired;

  assign expired = still_q >= watchdog_i && watchdog_i != '0 && !halted_q && still_q != '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) still_q <= '0;
    else if (active == '0 || busy || moved_i || axi_moved_i || halted_q || expired) still_q <= '0;
    else still_q <= still_q + 32'd1;
  end

  // The oldest descriptor that has not ended: ages count back from the next one to leave fetch.
  logic [31:0] victim_seq;
  logic [31:0] age;

  always_comb begin
    victim_seq = '0;
    age        = '0;
    if (expired) begin
      victim_seq = (desc_valid_i || !fetch_idle_i || complete_idle_i) ? ring_next_i :
                                                                        complete_oldest_i;
      for (int unsigned e = 0; e < 4; e++) begin
        if (!queue_empty_i[e] && ring_next_i - queue_oldest_i[e*32+:32] > age) begin
          age        = ring_next_i - queue_oldest_i[e*32+:32];
          victim_seq = queue_oldest_i[e*32+:32];
        end
      end
    end
  end

  // ----------------------------------------------------------------- errors
  shira_command_pkg::error_t error_q;
  shira_command_pkg::error_t error;
  logic                      raise;       // an error halts the device
  logic                      tail_error;
  logic [ 1:0]               errors;      // that happen in this cycle
  logic [31:0]               error_count_q;

  assign tail_error = tail_bad_i && !halted_q;
  assign raise = !halted_q && (retire_failed_i || complete_failed_i || tail_error || expired);

  always_comb begin
    error = '0;
    if (raise) begin
      if (retire_failed_i) begin
        error = retire_error_i;
      end else if (complete_failed_i) begin
        error = complete_error_i;
      end else if (tail_error) begin
        error.status = shira_regs_pkg::StatusBadField;
        error.seq    = ring_next_i;
        error.where  = 64'(shira_regs_pkg::RegRingTail);
      end else begin
        error.status = shira_regs_pkg::StatusNoProgress;
        error.seq    = victim_seq;
        error.where  = 64'(active);
      end
    end
  end

  // What the watchdog stopped was counted when the watchdog raised the error.
  always_comb begin
    errors = '0;
    if (retire_failed_i && retire_error_i.status != shira_regs_pkg::StatusNoProgress) errors = 2'd1;
    if (complete_failed_i) errors = errors + 2'd1;
    if (tail_error || expired) errors = errors + 2'd1;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      halted_q      <= 1'b0;
      error_q       <= '0;
      error_count_q <= '0;
    end else begin
      if (raise) begin
        halted_q <= 1'b1;
        error_q  <= error;
      end else if (clear_o) begin
        halted_q <= 1'b0;
        error_q  <= '0;
      end
      if (errors != '0) error_count_q <= error_count_q + 32'(errors);
    end
  end

  assign error_o        = error_q;
  assign error_count_o  = error_count_q;
  assign irq_error_o    = raise;
  assign victim_o       = halted_q && error_q.status == shira_regs_pkg::StatusNoProgress;
  assign victim_seq_o   = error_q.seq;
  assign victim_where_o = error_q.where;

endmodule
