// GEMM engine: tiled INT8 matrix product from on-chip SRAM to on-chip SRAM; see desc_gemm.
//
// Does:         one step a cycle: a whole weight tile times one token's activations. Order: output tiles,
//               in each the input tiles, in each the tokens, so that with one token a new tile is read
//               every cycle. A tile is read once and stays for all tokens.
//               The accumulators hold the sums afterwards however results leave. With one token the sums
//               stay in the adder between input tiles: the accumulator SRAM is read only for a seed and
//               written only at the end.
// Never does:   writes anything before all checks passed, or outside the descriptor's window; reads
//               memory; checks that regions which it reads and writes are apart (only a weight word that
//               is added to itself may be both).
// Latency:      the first reads eight cycles after a command was taken; the last write three cycles after
//               the last step's reads (acc), or five (int8, wadd).
// Throughput:   a step a cycle; nine cycles without a step between two queued descriptors.
// Backpressure: a refused SRAM access holds its step and those behind it; nothing is lost.
// Halt:         no more steps; those begun are finished; then the command ends as cancelled.
//
// Stages: 0 reads of tile and activations; 1 their answers; 2 products, read of accumulators and
// parameters; 3 accumulate and write; 4 requantise, read of the word that is added to; 5 write.
// A stage asks an SRAM only when the stage behind it can take the answer, so that one register beside each
// answer is enough to keep it when the stage is then held.
module shira_gemm #(
  parameter int unsigned ArrayN      = 4,      // dot products
  parameter int unsigned ArrayK      = 4,      // their length
  parameter int unsigned WeightBytes = 65536,
  parameter int unsigned WeightLatency = 1,
  parameter int unsigned ActLatency = 1,
  parameter int unsigned AccLatency = 1,
  parameter int unsigned ParamLatency = 1,
  parameter int unsigned ActBytes    = 16384,
  parameter int unsigned AccBytes    = 4096,
  parameter int unsigned ParamBytes  = 4096,
  parameter int unsigned BeatBytes   = 8,
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

  if (WeightLatency != 1 || ActLatency != 1 || AccLatency != 1 || ParamLatency != 1) begin : g_bad_latency
    $error("%m: the SRAMs must have a latency of 1");
  end

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
  logic                       step_valid;  // there is a step to issue
  logic                       empty;       // no step in the pipeline
  logic                       done_free;

  assign cmd_ready_o = !check_busy && !halt_i && (!run_q || !step_valid);
  assign done_free   = !done_valid_o || done_ready_i;
  assign finish      = run_q && !step_valid && empty && done_free;
  assign refuse      = check_done && !run_q && done_free &&
      (halt_i || check_status != shira_regs_pkg::StatusOk);
  assign start       = check_done && !run_q && !halt_i && check_status == shira_regs_pkg::StatusOk;
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
  logic        uniform_q, seed_zero_q, seed_scaled_q, one_token_q;
  logic [31:0] out_scale_q, seed_scale_q;

  always_ff @(posedge clk_i) begin
    if (start) begin
      to_acc_q      <= desc.out == shira_regs_pkg::GemmOutAcc;
      to_act_q      <= desc.out == shira_regs_pkg::GemmOutInt8;
      to_wt_q       <= desc.out == shira_regs_pkg::GemmOutWadd;
      uniform_q     <= desc.uniform != '0 || desc.out == shira_regs_pkg::GemmOutWadd;
      seed_zero_q   <= desc.seed == shira_regs_pkg::GemmSeedZero;
      seed_scaled_q <= desc.seed == shira_regs_pkg::GemmSeedScaled;
      one_token_q   <= desc.tokens == 32'd1;
      out_scale_q   <= desc.out_scale;
      seed_scale_q  <= desc.seed_scale;
    end
  end

  // ---- stages: valid, goes to the next stage, can take a step ----

  logic issue;
  logic s1_valid_q, s2_valid_q, s3_valid_q, s4_valid_q, s5_valid_q;
  logic s1_go, s2_go, s3_go, s4_go, s5_go;
  logic s1_free, s2_free, s3_free, s4_free, s5_free;
  logic s3_leaves;  // the step of stage 3 goes on to stage 4

  assign s1_free = !s1_valid_q || s1_go;
  assign s2_free = !s2_valid_q || s2_go;
  assign s3_free = !s3_valid_q || s3_go;
  assign s4_free = !s4_valid_q || s4_go;
  assign s5_free = !s5_valid_q || s5_go;
  assign empty   = !(s1_valid_q || s2_valid_q || s3_valid_q || s4_valid_q || s5_valid_q);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      s1_valid_q <= 1'b0;
      s2_valid_q <= 1'b0;
      s3_valid_q <= 1'b0;
      s4_valid_q <= 1'b0;
      s5_valid_q <= 1'b0;
    end else begin
      if (s1_free) s1_valid_q <= issue;
      if (s2_free) s2_valid_q <= s1_go;
      if (s3_free) s3_valid_q <= s2_go;
      if (s4_free) s4_valid_q <= s3_go && s3_leaves;
      if (s5_free) s5_valid_q <= s4_go;
    end
  end

  // ---- stage 0: reads of tile and activations ----

  logic [31:0] tile_addr, x_addr, acc_addr;
  logic        new_tile, first, last;

  shira_gemm_issue #(
    .ArrayN(ArrayN),
    .ArrayK(ArrayK)
  ) i_issue (
    .clk_i,
    .rst_ni,
    .start_i    (start),
    .desc_i     (desc),
    .stop_i     (halt_i),
    .next_i     (issue),
    .valid_o    (step_valid),
    .tile_addr_o(tile_addr),
    .x_addr_o   (x_addr),
    .acc_addr_o (acc_addr),
    .new_tile_o (new_tile),
    .first_o    (first),
    .last_o     (last)
  );

  // Both or neither: a ready depends only on other requesters, never on these valids.
  logic want;
  assign want            = step_valid && s1_free && !halt_i;
  assign issue           = want && act_rd_ready_i && (!new_tile || wt_tile_ready_i);
  assign wt_tile_valid_o = want && new_tile && act_rd_ready_i;
  assign wt_tile_addr_o  = tile_addr;
  assign act_rd_valid_o  = want && (!new_tile || wt_tile_ready_i);
  assign act_rd_addr_o   = x_addr & ~32'(ActWord - 1);

  // ---- stage 1: their answers ----

  logic s1_fresh_q;  // the answers come in this cycle
  logic s1_kept_q;   // they were kept aside
  logic s1_new_q, s1_first_q, s1_last_q;
  logic [31:0] s1_acc_addr_q;
  logic [ArrayK*8-1:0] x_data;

  assign s1_go = s1_valid_q && s2_free;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      s1_fresh_q <= 1'b0;
      s1_kept_q  <= 1'b0;
    end else begin
      s1_fresh_q <= issue;
      if (s1_go) s1_kept_q <= 1'b0;
      else if (s1_fresh_q) s1_kept_q <= 1'b1;
    end
    if (issue) begin
      s1_new_q      <= new_tile;
      s1_first_q    <= first;
      s1_last_q     <= last;
      s1_acc_addr_q <= acc_addr;
    end
  end

  if (ActWord == ArrayK) begin : g_x_whole
    assign x_data = act_rd_data_i;
  end else begin : g_x_part
    localparam int unsigned SelW = $clog2(ActWord) - $clog2(ArrayK);
    logic [SelW-1:0] sel_q;
    always_ff @(posedge clk_i) begin
      if (issue) sel_q <= x_addr[$clog2(ArrayK)+:SelW];
    end
    assign x_data = act_rd_data_i[32'(sel_q)*ArrayK*8+:ArrayK*8];
  end

  // ---- stage 2: products; reads of accumulators and parameters ----

  logic s2_read_q;    // needs the accumulators
  logic s2_params_q;  // needs the parameters: first result of an output tile
  logic s2_first_q, s2_last_q;
  logic [31:0] s2_acc_addr_q;
  logic [31:0] par_addr_q;
  logic [ArrayN*32-1:0] dot;
  logic s2_want;

  always_ff @(posedge clk_i) begin
    if (s1_go) begin
      s2_read_q     <= s1_first_q ? !seed_zero_q : !one_token_q;
      s2_params_q   <= s1_new_q && s1_last_q && to_act_q && !uniform_q;
      s2_first_q    <= s1_first_q;
      s2_last_q     <= s1_last_q;
      s2_acc_addr_q <= s1_acc_addr_q;
    end
    if (start) par_addr_q <= desc.param_addr;
    else if (s2_go && s2_params_q) par_addr_q <= par_addr_q + 32'(8 * ArrayN);
  end

  assign s2_want        = s2_valid_q && s3_free;
  assign s2_go          = s2_want && (!s2_read_q || acc_rd_ready_i) &&
      (!s2_params_q || par_rd_ready_i);
  assign acc_rd_valid_o = s2_want && s2_read_q && (!s2_params_q || par_rd_ready_i);
  assign acc_rd_addr_o  = s2_acc_addr_q;
  assign par_rd_valid_o = s2_want && s2_params_q && (!s2_read_q || acc_rd_ready_i);
  assign par_rd_addr_o  = par_addr_q & ~32'(ParWord - 1);
  assign ev_macs_o      = s2_go ? 32'(ArrayN * ArrayK) : 32'd0;

  shira_gemm_dot #(
    .ArrayN(ArrayN),
    .ArrayK(ArrayK)
  ) i_dot (
    .clk_i,
    .tile_i     (wt_tile_data_i),
    .x_i        (x_data),
    .save_tile_i(s1_fresh_q && !s1_go && s1_new_q),
    .save_x_i   (s1_fresh_q && !s1_go),
    .load_tile_i(s1_go && s1_new_q),
    .load_x_i   (s1_go),
    .kept_i     (s1_kept_q),
    .mul_i      (s2_go),
    .dot_o      (dot)
  );

  // ---- stage 3: accumulate ----

  logic s3_fresh_q, s3_kept_q;
  logic s3_params_q, s3_first_q, s3_last_q;
  logic s3_write;    // the sums go to the accumulator SRAM
  logic s3_forward;  // the last result is of the same accumulators
  logic last_valid_q;
  logic [31:0] s3_acc_addr_q, last_addr_q;
  logic [ArrayN*32-1:0] sum, result;

  assign s3_leaves      = s3_last_q && !to_acc_q;
  assign s3_write       = s3_last_q || !one_token_q;
  assign s3_forward     = last_valid_q && last_addr_q == s3_acc_addr_q;
  assign s3_go          = s3_valid_q && s4_free && (!s3_write || acc_wr_ready_i);
  assign acc_wr_valid_o = s3_valid_q && s4_free && s3_write;
  assign acc_wr_addr_o  = s3_acc_addr_q;
  assign acc_wr_data_o  = sum;
  assign acc_wr_strb_o  = '1;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      s3_fresh_q   <= 1'b0;
      s3_kept_q    <= 1'b0;
      last_valid_q <= 1'b0;
    end else begin
      s3_fresh_q <= s2_go;
      if (s3_go) s3_kept_q <= 1'b0;
      else if (s3_fresh_q) s3_kept_q <= 1'b1;
      if (start) last_valid_q <= 1'b0;
      else if (s3_go) last_valid_q <= 1'b1;
    end
    if (s2_go) begin
      s3_params_q   <= s2_params_q;
      s3_first_q    <= s2_first_q;
      s3_last_q     <= s2_last_q;
      s3_acc_addr_q <= s2_acc_addr_q;
    end
    if (s3_go) last_addr_q <= s3_acc_addr_q;
  end

  shira_gemm_acc #(
    .ArrayN(ArrayN)
  ) i_acc (
    .clk_i,
    .active_i (s3_valid_q),
    .zero_i   (s3_first_q && seed_zero_q),
    .scaled_i (s3_first_q && seed_scaled_q),
    .forward_i(s3_forward),
    .kept_i   (s3_kept_q),
    .save_i   (s3_fresh_q && !s3_go),
    .step_i   (s3_go),
    .scale_i  (seed_scale_q),
    .dot_i    (dot),
    .acc_rd_data_i,
    .sum_o    (sum),
    .last_o   (result)
  );

  // ---- stage 4: requantise, read of the word that is added to; stage 5: write ----

  logic s5_fresh_q, s5_kept_q;
  logic [31:0] place_addr, s5_addr_q;
  logic [ArrayN*8-1:0] bytes;

  assign s4_go              = s4_valid_q && s5_free && (!to_wt_q || wt_word_rd_ready_i);
  assign wt_word_rd_valid_o = s4_valid_q && s5_free && to_wt_q;
  assign s5_go              = s5_valid_q && (to_wt_q ? wt_word_wr_ready_i : act_wr_ready_i);
  assign wt_word_wr_valid_o = s5_valid_q && to_wt_q;
  assign wt_word_wr_addr_o  = s5_addr_q;
  assign wt_word_wr_data_o  = bytes;
  assign act_wr_valid_o     = s5_valid_q && to_act_q;
  assign act_wr_addr_o      = s5_addr_q & ~32'(ActWord - 1);
  assign act_wr_data_o      = {(ActWord / ArrayN) {bytes}};

  if (ActWord == ArrayN) begin : g_strb_whole
    assign act_wr_strb_o = '1;
  end else begin : g_strb_part
    localparam int unsigned SelW = $clog2(ActWord) - $clog2(ArrayN);
    for (genvar p = 0; p < ActWord / ArrayN; p++) begin : g_strb
      assign act_wr_strb_o[p*ArrayN+:ArrayN] =
          {ArrayN{s5_addr_q[$clog2(ArrayN)+:SelW] == SelW'(p)}};
    end
  end

  shira_gemm_place #(
    .ArrayN(ArrayN),
    .ArrayK(ArrayK)
  ) i_place (
    .clk_i,
    .start_i   (start),
    .desc_i    (desc),
    .next_i    (s4_go),
    .out_addr_o(place_addr),
    .src_addr_o(wt_word_rd_addr_o)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      s5_fresh_q <= 1'b0;
      s5_kept_q  <= 1'b0;
    end else begin
      s5_fresh_q <= s4_go;
      if (s5_go) s5_kept_q <= 1'b0;
      else if (s5_fresh_q) s5_kept_q <= 1'b1;
    end
    if (s4_go) s5_addr_q <= place_addr;
  end

  shira_gemm_out #(
    .ArrayN(ArrayN),
    .ArrayK(ArrayK)
  ) i_out (
    .clk_i,
    .wadd_i       (to_wt_q),
    .uniform_i    (uniform_q),
    .scale_i      (out_scale_q),
    .par_rd_data_i(par_rd_data_i[ArrayN*64-1:0]),
    .par_save_i   (s3_fresh_q && !s3_go && s3_params_q),
    .par_load_i   (s3_go && s3_params_q),
    .par_kept_i   (s3_kept_q),
    .active_i     (s4_valid_q),
    .res_i        (result),
    .requant_i    (s4_go),
    .merge_i      (s5_valid_q && to_wt_q),
    .word_kept_i  (s5_kept_q),
    .word_save_i  (s5_fresh_q && !s5_go && to_wt_q),
    .word_i       (wt_word_rd_data_i),
    .bytes_o      (bytes)
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
      if (start) begin
        run_q <= 1'b1;
        cut_q <= 1'b0;
      end
      if (run_q && step_valid && halt_i) cut_q <= 1'b1;
      if (finish) run_q <= 1'b0;
      if (finish || refuse) done_valid_q <= 1'b1;
    end
    if (start) begin
      count_q      <= '0;
      first_work_q <= '0;
      last_work_q  <= '0;
      worked_q     <= 1'b0;
    end else begin
      if (to_acc_q ? (s3_go && s3_last_q) : s5_go) count_q <= count_q + 32'd1;
      if (s2_go) begin
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

  logic moves;
  assign moves = s1_go || s2_go || s3_go || s4_go || s5_go;

  always_comb begin
    state_o = shira_pkg::StateBusy;
    if (idle_o) state_o = shira_pkg::StateIdle;
    else if (step_valid ? !issue : !empty ? !moves : (done_valid_q && !done_ready_i)) begin
      state_o = shira_pkg::StateStalled;
    end
  end

  // Bits of the answers and counters that this configuration does not use.
  logic unused;
  assign unused = &{1'b0, par_rd_data_i, cycle_i[63:32], desc};

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
