// Takes GEMM's commands, has them checked, starts each when the one before is over, and says how it ended.
//
// Does:         checks a command while the last results of the one before leave; starts it in the cycle in
//               which that one is over; keeps the answer until it is taken. Says the engine's state for the
//               counters.
// Never does:   takes a command while the running one has steps to begin; starts one that has an error.
// Latency:      start_o nine cycles after a command was taken; its first step is there in the next cycle.
// Throughput:   one command at a time.
// Backpressure: cmd_ready_o; done_ready_i holds the next start.
// Halt:         a command that has not started ends as cancelled, and so does one that has steps left.
module shira_gemm_control #(
  parameter int unsigned ArrayN      = 4,
  parameter int unsigned ArrayK      = 4,
  parameter int unsigned WeightBytes = 65536,
  parameter int unsigned ActBytes    = 16384,
  parameter int unsigned AccBytes    = 4096,
  parameter int unsigned ParamBytes  = 4096
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,        // synchronous, active low
  input  logic [               63:0] cycle_i,       // cycle counter
  input  logic                       halt_i,        // end early <- command unit
  output logic                       idle_o,        // no command -> command unit
  // command <- command unit
  input  logic                       cmd_valid_i,
  output logic                       cmd_ready_o,
  input  logic [             1023:0] cmd_desc_i,
  output logic                       done_valid_o,
  input  logic                       done_ready_i,
  output shira_pkg::result_t         done_o,
  output shira_pkg::engine_state_e   state_o,       // of this cycle -> perf
  // the engine
  output logic                       start_o,       // desc_o starts
  output shira_regs_pkg::desc_gemm_t desc_o,        // with start_o
  output logic                       run_o,         // one is being worked on
  output logic                       finish_o,      // it is over
  output logic                       cut_o,         // it was halted before its last step
  input  logic                       step_valid_i,  // it has a step to begin
  input  logic                       empty_i,       // no step and no result in the engine
  input  logic                       work_i,        // the array works in this cycle
  input  logic                       count_i,       // a result vector was written
  input  logic                       stalled_i      // an SRAM holds the engine
);

  // ---- command: checked while the one before it drains ----

  logic                       check_busy, check_done, check_take;
  logic [                7:0] check_status;
  logic [               63:0] check_where;

  logic                       run_q;       // a descriptor is being worked on
  logic                       cut_q;       // it was halted before its last step
  logic                       start;       // the checked descriptor starts
  logic                       finish;      // the running one is over
  logic                       refuse;      // the checked one ends without work
  logic                       done_free;

  assign cmd_ready_o = !check_busy && !halt_i && (!run_q || !step_valid_i);
  assign done_free   = !done_valid_o || done_ready_i;
  assign finish      = run_q && !step_valid_i && empty_i && done_free;
  assign refuse      = check_done && !run_q && done_free &&
      (halt_i || check_status != shira_regs_pkg::StatusOk);
  assign start       = check_done && (!run_q || finish) && !halt_i &&
      check_status == shira_regs_pkg::StatusOk;
  assign check_take  = start || refuse;
  assign idle_o      = !check_busy && !run_q && !done_valid_o;

  assign start_o     = start;
  assign run_o       = run_q;
  assign finish_o    = finish;
  assign cut_o       = cut_q;

  shira_gemm_check #(
    .ArrayN     (ArrayN),
    .ArrayK     (ArrayK),
    .WeightBytes(WeightBytes),
    .ActBytes   (ActBytes),
    .AccBytes   (AccBytes),
    .ParamBytes (ParamBytes)
  ) i_check (
    .clk_i,
    .rst_ni,
    .start_i (cmd_valid_i && cmd_ready_o),
    .desc_i  (cmd_desc_i),
    .take_i  (check_take),
    .busy_o  (check_busy),
    .done_o  (check_done),
    .desc_o,
    .status_o(check_status),
    .where_o (check_where)
  );

  // ---- end of a descriptor ----

  logic [31:0] count_q, first_work_q, last_work_q;
  logic        worked_q;  // first_work_q holds
  logic        done_valid_q;
  shira_pkg::result_t done_q;

  assign done_valid_o = done_valid_q;
  assign done_o       = done_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      run_q        <= 1'b0;
      cut_q        <= 1'b0;
      done_valid_q <= 1'b0;
    end else begin
      if (done_ready_i) done_valid_q <= 1'b0;
      if (start) run_q <= 1'b1;
      else if (finish) run_q <= 1'b0;
      if (start) cut_q <= 1'b0;
      else if (run_q && step_valid_i && halt_i) cut_q <= 1'b1;
      if (finish || refuse) done_valid_q <= 1'b1;
    end
    if (start) begin
      count_q      <= '0;
      first_work_q <= '0;
      last_work_q  <= '0;
      worked_q     <= 1'b0;
    end else begin
      if (count_i) count_q <= count_q + 32'd1;
      if (work_i) begin
        worked_q    <= 1'b1;
        last_work_q <= cycle_i[31:0];
        if (!worked_q) first_work_q <= cycle_i[31:0];
      end
    end
    if (finish) begin
      done_q.status     <= cut_q ? shira_regs_pkg::StatusCancelled : shira_regs_pkg::StatusOk;
      done_q.where      <= '0;
      done_q.count      <= count_q;
      done_q.first_data <= '0;
      done_q.first_work <= first_work_q;
      done_q.last_work  <= last_work_q;
    end else if (refuse) begin
      done_q.status <= shira_regs_pkg::StatusCancelled;
      done_q.where  <= '0;
      if (check_status != shira_regs_pkg::StatusOk) begin
        done_q.status <= check_status;
        done_q.where  <= check_where;
      end
      done_q.count      <= '0;
      done_q.first_data <= '0;
      done_q.first_work <= '0;
      done_q.last_work  <= '0;
    end
  end

  // ---- state of this cycle ----

  always_comb begin
    state_o = shira_pkg::StateBusy;
    if (idle_o) state_o = shira_pkg::StateIdle;
    else if (stalled_i || (!step_valid_i && empty_i && done_valid_q && !done_ready_i)) begin
      state_o = shira_pkg::StateStalled;
    end
  end

  // The rest of the cycle counter.
  logic unused;
  assign unused = &{1'b0, cycle_i[63:32]};

`ifdef SHIRA_ASSERT
  done_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    done_valid_o && !done_ready_i |=> done_valid_o && $stable(done_o));
  start_after_finish: assert property (@(posedge clk_i) disable iff (!rst_ni)
    start_o && run_q |-> finish);
`endif

`ifdef SHIRA_COVER
  `SHIRA_COVER(state_idle, state_o == shira_pkg::StateIdle)
  `SHIRA_COVER(state_busy, state_o == shira_pkg::StateBusy)
  `SHIRA_COVER(state_stalled, state_o == shira_pkg::StateStalled)
  `SHIRA_COVER(error_bad_field, done_valid_o && done_o.status == shira_regs_pkg::StatusBadField)
  `SHIRA_COVER(error_bad_align, done_valid_o && done_o.status == shira_regs_pkg::StatusBadAlign)
  `SHIRA_COVER(error_bad_range, done_valid_o && done_o.status == shira_regs_pkg::StatusBadRange)
  `SHIRA_COVER(error_window, done_valid_o && done_o.status == shira_regs_pkg::StatusWindow)
  `SHIRA_COVER(error_cancelled, done_valid_o && done_o.status == shira_regs_pkg::StatusCancelled)
`endif

endmodule
