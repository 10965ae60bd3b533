// GEMM engine: tiled INT8 matrix product from on-chip SRAM to on-chip SRAM; see desc_gemm.
//
// Does:         one step a cycle: a whole weight tile times one token's activations. Order: output tiles,
//               in each the input tiles, in each the tokens, so that with one token a new tile is read
//               every cycle. A tile is read once and stays for all tokens.
//               The accumulators hold the sums afterwards however results leave. With up to eight tokens
//               the sums stay in the engine between input tiles: the accumulator SRAM is read only for a
//               seed and written only at the end.
// Never does:   writes anything before all checks passed, or outside the descriptor's window; reads
//               memory; checks that regions which it reads and writes are apart (only a weight word that
//               is added to itself may be both).
// Latency:      the first reads eleven cycles after a command was taken. With L the greatest latency of
//               weights, activations and accumulators and P that of parameters, the sums of a step are
//               written L + 4 cycles after its reads, int8 results P + 4 cycles later, and those of wadd
//               the latency of the weights + 3 cycles after that.
// Throughput:   a step a cycle. Between two queued descriptors 11 + L cycles without a step, or
//               L + P + 9 where INT8 results leave, if that is more.
// Backpressure: a refused read holds the steps that have not begun, a refused write those that have no
//               place in a queue; nothing is lost. Where seeds may be sums of an earlier output tile (the
//               output tiles' accumulators lie on each other) each output tile waits until the one before
//               is written.
// Halt:         no more steps; those begun are finished; then the command ends as cancelled.
//
// A step runs: shira_gemm_steps (its addresses), shira_gemm_issue (its reads), shira_gemm_dot,
// shira_gemm_accumulate (its sums), and where results leave shira_gemm_requant and shira_gemm_results.
module shira_gemm #(
  parameter int unsigned ArrayN      = 4,      // dot products
  parameter int unsigned ArrayK      = 4,      // their length
  parameter int unsigned WeightBytes = 65536,
  parameter int unsigned ActBytes    = 16384,
  parameter int unsigned AccBytes    = 4096,
  parameter int unsigned ParamBytes  = 4096,
  parameter int unsigned BeatBytes   = 8,
  parameter int unsigned WeightLatency = 1,    // cycles from an accepted read to its data: 1 to 3
  parameter int unsigned ActLatency    = 1,
  parameter int unsigned AccLatency    = 1,
  parameter int unsigned ParamLatency  = 1,
  localparam int unsigned MaxNK      = (ArrayN > ArrayK) ? ArrayN : ArrayK,
  localparam int unsigned ActWord    = (BeatBytes > MaxNK) ? BeatBytes : MaxNK,
  localparam int unsigned ParWord    = (BeatBytes > 8 * ArrayN) ? BeatBytes : 8 * ArrayN
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,              // synchronous, active low
  input  logic [                   63:0] cycle_i,             // cycle counter
  input  logic                           halt_i,              // end early <- command unit
  output logic                           idle_o,              // no command -> command unit
  // command <- command unit
  input  logic                           cmd_valid_i,
  output logic                           cmd_ready_o,
  input  logic [                 1023:0] cmd_desc_i,
  output logic                           done_valid_o,
  input  logic                           done_ready_i,
  output shira_pkg::result_t             done_o,
  output shira_pkg::engine_state_e       state_o,             // of this cycle -> perf
  output logic [                   31:0] ev_macs_o,           // multiply-accumulates of this cycle -> perf
  // weight SRAM: tile
  output logic                           wt_tile_valid_o,
  input  logic                           wt_tile_ready_i,
  output logic [                   31:0] wt_tile_addr_o,
  input  logic [  ArrayN*ArrayK*8-1:0]   wt_tile_data_i,
  // weight SRAM: words
  output logic                           wt_word_rd_valid_o,
  input  logic                           wt_word_rd_ready_i,
  output logic [                   31:0] wt_word_rd_addr_o,
  input  logic [           ArrayK*8-1:0] wt_word_rd_data_i,
  output logic                           wt_word_wr_valid_o,
  input  logic                           wt_word_wr_ready_i,
  output logic [                   31:0] wt_word_wr_addr_o,
  output logic [           ArrayK*8-1:0] wt_word_wr_data_o,
  // activation SRAM
  output logic                           act_rd_valid_o,
  input  logic                           act_rd_ready_i,
  output logic [                   31:0] act_rd_addr_o,
  input  logic [          ActWord*8-1:0] act_rd_data_i,
  output logic                           act_wr_valid_o,
  input  logic                           act_wr_ready_i,
  output logic [                   31:0] act_wr_addr_o,
  output logic [          ActWord*8-1:0] act_wr_data_o,
  output logic [            ActWord-1:0] act_wr_strb_o,
  // accumulator SRAM
  output logic                           acc_rd_valid_o,
  input  logic                           acc_rd_ready_i,
  output logic [                   31:0] acc_rd_addr_o,
  input  logic [          ArrayN*32-1:0] acc_rd_data_i,
  output logic                           acc_wr_valid_o,
  input  logic                           acc_wr_ready_i,
  output logic [                   31:0] acc_wr_addr_o,
  output logic [          ArrayN*32-1:0] acc_wr_data_o,
  output logic [           ArrayN*4-1:0] acc_wr_strb_o,
  // parameter SRAM
  output logic                           par_rd_valid_o,
  input  logic                           par_rd_ready_i,
  output logic [                   31:0] par_rd_addr_o,
  input  logic [          ParWord*8-1:0] par_rd_data_i
);

  localparam int unsigned AlignWA = (WeightLatency > ActLatency) ? WeightLatency : ActLatency;
  localparam int unsigned Align   = (AlignWA > AccLatency) ? AlignWA : AccLatency;

  if (ArrayN != ArrayK || (ArrayN & (ArrayN - 1)) != 0 || ArrayN < 4) begin : g_bad
    $error("%m: ArrayN and ArrayK must be the same power of two >= 4");
  end

  // ---- command: checked while the one before it drains ----

  logic                       check_busy, check_done, check_take;
  shira_regs_pkg::desc_gemm_t desc;
  logic [                7:0] check_status;
  logic [               63:0] check_where;

  logic                       run_q;       // a descriptor is being worked on
  logic                       cut_q;       // it was halted before its last step
  logic                       start;       // the checked descriptor starts
  logic                       finish;      // the running one is over
  logic                       refuse;      // the checked one ends without work
  logic                       step_valid;  // there is a step to begin
  logic                       empty;       // no step and no result in the engine
  logic                       done_free;

  assign cmd_ready_o = !check_busy && !halt_i && (!run_q || !step_valid);
  assign done_free   = !done_valid_o || done_ready_i;
  assign finish      = run_q && !step_valid && empty && done_free;
  assign refuse      = check_done && !run_q && done_free &&
      (halt_i || check_status != shira_regs_pkg::StatusOk);
  assign start       = check_done && (!run_q || finish) && !halt_i &&
      check_status == shira_regs_pkg::StatusOk;
  assign check_take  = start || refuse;
  assign idle_o      = !check_busy && !run_q && !done_valid_o;

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
    .desc_o  (desc),
    .status_o(check_status),
    .where_o (check_where)
  );

  // What the stages need of the running descriptor.
  logic        to_acc_q, to_act_q, to_wt_q;
  logic        uniform_q, seed_zero_q, seed_scaled_q, shared_q, one_token_q, few_tokens_q;
  logic [29:0] out_scale_q, seed_scale_q;

  always_ff @(posedge clk_i) begin
    if (start) begin
      to_acc_q      <= desc.out == shira_regs_pkg::GemmOutAcc;
      to_act_q      <= desc.out == shira_regs_pkg::GemmOutInt8;
      to_wt_q       <= desc.out == shira_regs_pkg::GemmOutWadd;
      uniform_q     <= desc.uniform != '0 || desc.out == shira_regs_pkg::GemmOutWadd;
      seed_zero_q   <= desc.seed == shira_regs_pkg::GemmSeedZero;
      seed_scaled_q <= desc.seed == shira_regs_pkg::GemmSeedScaled;
      shared_q      <= desc.seed != shira_regs_pkg::GemmSeedZero &&
          desc.tokens > desc.acc_stride >> ($clog2(ArrayN) + 2);
      one_token_q   <= desc.tokens == 32'd1;
      few_tokens_q  <= desc.tokens <= 32'd8;
      out_scale_q   <= desc.out_scale[29:0];
      seed_scale_q  <= desc.seed_scale[29:0];
    end
  end

  // ---- steps: their addresses, their reads ----

  logic [31:0] x_addr, acc_addr;
  logic        begin_step;  // one begins
  logic        new_tile, first, last;
  logic        tile_accept, x_accept, acc_accept, refused;
  logic        places_full, places_empty;
  shira_gemm_pkg::sums_from_e from;

  shira_gemm_steps #(
    .ArrayN(ArrayN),
    .ArrayK(ArrayK)
  ) i_steps (
    .clk_i,
    .rst_ni,
    .start_i    (start),
    .desc_i     (desc),
    .stop_i     (halt_i),
    .next_i     (begin_step),
    .valid_o    (step_valid),
    .tile_addr_o(wt_tile_addr_o),
    .x_addr_o   (x_addr),
    .acc_addr_o (acc_addr),
    .new_tile_o (new_tile),
    .first_o    (first),
    .last_o     (last)
  );

  shira_gemm_issue i_issue (
    .clk_i,
    .rst_ni,
    .halt_i,
    .seed_zero_i  (seed_zero_q),
    .seed_scaled_i(seed_scaled_q),
    .few_tokens_i (few_tokens_q),
    .shared_i     (shared_q),
    .step_valid_i (step_valid),
    .new_tile_i   (new_tile),
    .first_i      (first),
    .full_i       (places_full),
    .empty_i      (places_empty),
    .wt_tile_valid_o,
    .wt_tile_ready_i,
    .act_rd_valid_o,
    .act_rd_ready_i,
    .acc_rd_valid_o,
    .acc_rd_ready_i,
    .tile_accept_o(tile_accept),
    .x_accept_o   (x_accept),
    .acc_accept_o (acc_accept),
    .begin_o      (begin_step),
    .from_o       (from),
    .refused_o    (refused)
  );

  assign act_rd_addr_o = x_addr & ~32'(ActWord - 1);
  assign acc_rd_addr_o = acc_addr;

  // ---- tile and activations, the array ----

  logic [ArrayN*ArrayK*8-1:0] tile;
  logic [       ArrayK*8-1:0] x_data, x;
  logic [      ArrayN*32-1:0] dot;
  logic                       mul, add;

  if (ActWord == ArrayK) begin : g_x_whole
    assign x_data = act_rd_data_i;
  end else begin : g_x_part
    localparam int unsigned SelW = $clog2(ActWord) - $clog2(ArrayK);
    logic [ActLatency*SelW-1:0] sel_q;  // part of the word, of the reads of the last cycles
    always_ff @(posedge clk_i) begin
      sel_q <= (ActLatency * SelW)'({sel_q, x_addr[$clog2(ArrayK)+:SelW]});
    end
    assign x_data = act_rd_data_i[32'(sel_q[(ActLatency-1)*SelW+:SelW])*ArrayK*8+:ArrayK*8];
  end

  shira_gemm_operand #(
    .Width  (ArrayN * ArrayK * 8),
    .Latency(WeightLatency),
    .Align  (Align)
  ) i_tile (
    .clk_i,
    .rst_ni,
    .accept_i(tile_accept),
    .begin_i (begin_step && new_tile),
    .data_i  (wt_tile_data_i),
    .data_o  (tile)
  );

  shira_gemm_operand #(
    .Width  (ArrayK * 8),
    .Latency(ActLatency),
    .Align  (Align)
  ) i_x (
    .clk_i,
    .rst_ni,
    .accept_i(x_accept),
    .begin_i (begin_step),
    .data_i  (x_data),
    .data_o  (x)
  );

  shira_gemm_dot #(
    .ArrayN(ArrayN),
    .ArrayK(ArrayK)
  ) i_dot (
    .clk_i,
    .tile_i(tile),
    .x_i   (x),
    .mul_i (mul),
    .add_i (add),
    .dot_o (dot)
  );
  assign ev_macs_o = mul ? 32'(ArrayN * ArrayK) : 32'd0;

  // ---- sums ----

  logic sums_valid, sums_ready, sums_param;
  logic step_left;  // a step is done with
  logic last_left;  // sums of a last input tile are written and handed on
  logic [ArrayN*32-1:0] sums;

  shira_gemm_accumulate #(
    .ArrayN    (ArrayN),
    .AccLatency(AccLatency),
    .Align     (Align)
  ) i_accumulate (
    .clk_i,
    .rst_ni,
    .start_i      (start),
    .tokens_i     (desc.tokens[2:0]),
    .one_token_i  (one_token_q),
    .scale_i      (seed_scale_q),
    .begin_i      (begin_step),
    .from_i       (from),
    .addr_i       (acc_addr),
    .write_i      (last || !few_tokens_q),
    .last_i       (last),
    .leave_i      (last && !to_acc_q),
    .param_i      (last && new_tile && to_act_q && !uniform_q),
    .full_o       (places_full),
    .empty_o      (places_empty),
    .step_left_o  (step_left),
    .last_left_o  (last_left),
    .mul_o        (mul),
    .add_o        (add),
    .dot_i        (dot),
    .acc_accept_i (acc_accept),
    .acc_rd_data_i,
    .acc_wr_valid_o,
    .acc_wr_ready_i,
    .acc_wr_addr_o,
    .sums_o       (sums),
    .leave_valid_o(sums_valid),
    .leave_ready_i(sums_ready),
    .leave_param_o(sums_param)
  );

  assign acc_wr_data_o = sums;
  assign acc_wr_strb_o = '1;

  // ---- results ----

  logic room, take, result_valid, written, results_empty;
  logic [ArrayN*9-1:0] result;

  shira_gemm_requant #(
    .ArrayN      (ArrayN),
    .ParWord     (ParWord),
    .ParamLatency(ParamLatency)
  ) i_requant (
    .clk_i,
    .rst_ni,
    .start_i       (start),
    .param_addr_i  (desc.param_addr),
    .wadd_i        (to_wt_q),
    .uniform_i     (uniform_q),
    .scale_i       (out_scale_q),
    .sums_valid_i  (sums_valid),
    .sums_ready_o  (sums_ready),
    .sums_param_i  (sums_param),
    .sums_i        (sums),
    .par_rd_valid_o,
    .par_rd_ready_i,
    .par_rd_addr_o,
    .par_rd_data_i,
    .room_i        (room),
    .take_o        (take),
    .result_valid_o(result_valid),
    .result_o      (result)
  );

  shira_gemm_results #(
    .ArrayN       (ArrayN),
    .ArrayK       (ArrayK),
    .ActWord      (ActWord),
    .WeightLatency(WeightLatency)
  ) i_results (
    .clk_i,
    .rst_ni,
    .start_i       (start),
    .desc_i        (desc),
    .wadd_i        (to_wt_q),
    .room_o        (room),
    .take_i        (take),
    .result_valid_i(result_valid),
    .result_i      (result),
    .wt_word_rd_valid_o,
    .wt_word_rd_ready_i,
    .wt_word_rd_addr_o,
    .wt_word_rd_data_i,
    .wt_word_wr_valid_o,
    .wt_word_wr_ready_i,
    .wt_word_wr_addr_o,
    .wt_word_wr_data_o,
    .act_wr_valid_o,
    .act_wr_ready_i,
    .act_wr_addr_o,
    .act_wr_data_o,
    .act_wr_strb_o,
    .written_o     (written),
    .empty_o       (results_empty)
  );

  assign empty = places_empty && results_empty;

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
      else if (run_q && step_valid && halt_i) cut_q <= 1'b1;
      if (finish || refuse) done_valid_q <= 1'b1;
    end
    if (start) begin
      count_q      <= '0;
      first_work_q <= '0;
      last_work_q  <= '0;
      worked_q     <= 1'b0;
    end else begin
      if (to_acc_q ? last_left : written) count_q <= count_q + 32'd1;
      if (mul) begin
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

  logic held;  // an SRAM refuses what the engine asks behind the begin of steps
  assign held = (acc_wr_valid_o && !acc_wr_ready_i) || (par_rd_valid_o && !par_rd_ready_i) ||
      (wt_word_rd_valid_o && !wt_word_rd_ready_i) || (wt_word_wr_valid_o && !wt_word_wr_ready_i) ||
      (act_wr_valid_o && !act_wr_ready_i);

  always_comb begin
    state_o = shira_pkg::StateBusy;
    if (idle_o) state_o = shira_pkg::StateIdle;
    else if (refused || (held && !begin_step) ||
             (!step_valid && empty && done_valid_q && !done_ready_i)) begin
      state_o = shira_pkg::StateStalled;
    end
  end

  // Bits that nobody needs.
  logic unused;
  assign unused = &{1'b0, step_left, cycle_i[63:32], desc};

`ifdef SHIRA_ASSERT
  logic [63:0] begun_q, left_q, all_q;  // steps of the descriptor
  logic [63:0] macs_q;
  always_ff @(posedge clk_i) begin
    if (start) begin
      begun_q      <= '0;
      macs_q  <= '0;
      left_q       <= '0;
      all_q        <= 64'(desc.tokens) * 64'(desc.n_tiles) * 64'(desc.k_tiles);
    end else begin
      begun_q      <= begun_q + 64'(begin_step);
      macs_q  <= macs_q + 64'(ev_macs_o);
      left_q       <= left_q + 64'(step_left);
    end
  end
  all_steps_begin: assert property (@(posedge clk_i) disable iff (!rst_ni)
    finish && !cut_q |-> begun_q == all_q);
  macs_of_each_step: assert property (@(posedge clk_i) disable iff (!rst_ni)
    finish |-> macs_q == begun_q * ArrayN * ArrayK);
  each_step_leaves_once: assert property (@(posedge clk_i) disable iff (!rst_ni)
    finish |-> left_q == begun_q);
  one_way_out: assert property (@(posedge clk_i) disable iff (!rst_ni)
    run_q |-> $onehot({to_acc_q, to_act_q, to_wt_q}));
  done_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    done_valid_o && !done_ready_i |=> done_valid_o && $stable(done_o));
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
  `SHIRA_COVER(stall_cmd, cmd_valid_i && !cmd_ready_o)
  `SHIRA_COVER(stall_done, done_valid_o && !done_ready_i)
  `SHIRA_COVER(stall_wt_tile, wt_tile_valid_o && !wt_tile_ready_i)
  `SHIRA_COVER(stall_wt_word_rd, wt_word_rd_valid_o && !wt_word_rd_ready_i)
  `SHIRA_COVER(stall_wt_word_wr, wt_word_wr_valid_o && !wt_word_wr_ready_i)
  `SHIRA_COVER(stall_act_rd, act_rd_valid_o && !act_rd_ready_i)
  `SHIRA_COVER(stall_act_wr, act_wr_valid_o && !act_wr_ready_i)
  `SHIRA_COVER(stall_acc_rd, acc_rd_valid_o && !acc_rd_ready_i)
  `SHIRA_COVER(stall_acc_wr, acc_wr_valid_o && !acc_wr_ready_i)
  `SHIRA_COVER(stall_par_rd, par_rd_valid_o && !par_rd_ready_i)
`endif

endmodule
