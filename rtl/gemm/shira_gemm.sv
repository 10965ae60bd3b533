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
// Latency:      the first reads ten cycles after a command was taken. With L the greatest latency of weights,
//               activations and accumulators and P that of parameters, the sums of a step are written
//               L + 4 cycles after its reads, INT8 results P + 5 cycles later, and words of wadd another
//               WeightLatency + 3 later.
// Throughput:   a step a cycle. Between two queued descriptors ten cycles without a step; after INT8 results
//               L + P + 10, after wadd WeightLatency + 3 more.
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

  // ---- commands ----

  logic                       start, run, finish, cut;
  shira_regs_pkg::desc_gemm_t desc;
  logic                       step_valid, begin_step, refused;
  logic                       places_empty, results_empty;
  logic                       mul, last_left, written;
  logic                       to_acc_q, to_act_q, to_wt_q;
  logic                       held;  // an SRAM refuses what the engine asks behind the begin of steps

  shira_gemm_control #(
    .ArrayN     (ArrayN),
    .ArrayK     (ArrayK),
    .WeightBytes(WeightBytes),
    .ActBytes   (ActBytes),
    .AccBytes   (AccBytes),
    .ParamBytes (ParamBytes)
  ) i_control (
    .clk_i,
    .rst_ni,
    .cycle_i,
    .halt_i,
    .idle_o,
    .cmd_valid_i,
    .cmd_ready_o,
    .cmd_desc_i,
    .done_valid_o,
    .done_ready_i,
    .done_o,
    .state_o,
    .start_o     (start),
    .desc_o      (desc),
    .run_o       (run),
    .finish_o    (finish),
    .cut_o       (cut),
    .step_valid_i(step_valid),
    .empty_i     (places_empty && results_empty),
    .work_i      (mul),
    .count_i     (to_acc_q ? last_left : written),
    .stalled_i   (refused || (held && !begin_step))
  );

  // What the stages need of the running descriptor.
  logic        uniform_q, seed_zero_q, seed_scaled_q, shared_q, one_token_q, few_tokens_q;
  logic [29:0] out_scale_q;

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
      few_tokens_q  <= desc.tokens <= 32'(shira_gemm_pkg::Places);
      out_scale_q   <= desc.out_scale[29:0];
    end
  end

  // ---- steps: their addresses, their reads ----

  logic [31:0] x_addr, acc_addr;
  logic        new_tile, first, last;
  logic        tile_accept, x_accept, acc_accept;
  logic        places_full;
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
  logic                       add;

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

  for (genvar r = 0; r < ArrayN; r++) begin : g_row
    shira_gemm_dot #(
      .ArrayK(ArrayK)
    ) i_dot (
      .clk_i,
      .w_i  (tile[r*ArrayK*8+:ArrayK*8]),
      .x_i  (x),
      .mul_i(mul),
      .add_i(add),
      .dot_o(dot[r*32+:32])
    );
  end
  assign ev_macs_o = mul ? 32'(ArrayN * ArrayK) : 32'd0;

  // ---- sums ----

  logic sums_valid, sums_ready, sums_param;
  logic step_left;  // a step is done with
  logic [ArrayN*32-1:0] sums;

  shira_gemm_accumulate #(
    .ArrayN    (ArrayN),
    .AccLatency(AccLatency),
    .Align     (Align)
  ) i_accumulate (
    .clk_i,
    .rst_ni,
    .start_i      (start),
    .tokens_i     (desc.tokens),
    .one_token_i  (one_token_q),
    .scale_i      (desc.seed_scale[29:0]),
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

  logic room, take, result_valid;
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

  assign held = (acc_wr_valid_o && !acc_wr_ready_i) || (par_rd_valid_o && !par_rd_ready_i) ||
      (wt_word_rd_valid_o && !wt_word_rd_ready_i) || (wt_word_wr_valid_o && !wt_word_wr_ready_i) ||
      (act_wr_valid_o && !act_wr_ready_i);

  // Bits that nobody needs.
  logic unused;
  assign unused = &{1'b0, step_left, run, finish, cut, desc};

`ifdef SHIRA_ASSERT
  logic [63:0] begun_q, left_q, all_q;  // steps of the descriptor
  logic [63:0] macs_q;
  always_ff @(posedge clk_i) begin
    if (start) begin
      begun_q <= '0;
      macs_q  <= '0;
      left_q  <= '0;
      all_q   <= 64'(desc.tokens) * 64'(desc.n_tiles) * 64'(desc.k_tiles);
    end else begin
      begun_q <= begun_q + 64'(begin_step);
      macs_q  <= macs_q + 64'(ev_macs_o);
      left_q  <= left_q + 64'(step_left);
    end
  end
  all_steps_begin: assert property (@(posedge clk_i) disable iff (!rst_ni)
    finish && !cut |-> begun_q == all_q);
  macs_of_each_step: assert property (@(posedge clk_i) disable iff (!rst_ni)
    finish |-> macs_q == begun_q * ArrayN * ArrayK);
  each_step_leaves_once: assert property (@(posedge clk_i) disable iff (!rst_ni)
    finish |-> left_q == begun_q);
  one_way_out: assert property (@(posedge clk_i) disable iff (!rst_ni)
    run |-> $onehot({to_acc_q, to_act_q, to_wt_q}));
`endif

`ifdef SHIRA_COVER
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
