// Writes the results of a GEMM: INT8 into the activation SRAM, deltas onto words of the weight SRAM.
//
// Does:         keeps results until they are written. For `wadd` it reads the word that a delta is added to,
//               takes the delta when the word comes, adds and saturates each byte, and keeps the sum until it
//               is written.
// Never does:   refuses a result that was given a place (take_i while room_o); writes a part of a word of
//               weights; holds a word that it has asked for: the place of its sum is free before.
// Latency:      int8: written from the cycle after result_valid_i; wadd: WeightLatency + 4 cycles after it.
// Throughput:   a result a cycle.
// Backpressure: room_o; refused reads and writes hold what stands behind them.
module shira_gemm_results #(
  parameter int unsigned ArrayN        = 4,
  parameter int unsigned ArrayK        = 4,
  parameter int unsigned ActWord       = 8,  // bytes that the activation SRAM takes
  parameter int unsigned WeightLatency = 1   // of the weight SRAM, cycles
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,          // synchronous, active low
  // descriptor
  input  logic                       start_i,         // one starts; no result is in here
  input  shira_regs_pkg::desc_gemm_t desc_i,          // with start_i
  input  logic                       wadd_i,          // its results are deltas for weights
  // results <- shira_gemm_requant
  output logic                       room_o,          // there is a place for another result
  input  logic                       take_i,          // it is given away
  input  logic                       result_valid_i,  // the result that has it comes
  input  logic [       ArrayN*9-1:0] result_i,
  // weight SRAM: words
  output logic                       wt_word_rd_valid_o,
  input  logic                       wt_word_rd_ready_i,
  output logic [               31:0] wt_word_rd_addr_o,
  input  logic [       ArrayK*8-1:0] wt_word_rd_data_i,
  output logic                       wt_word_wr_valid_o,
  input  logic                       wt_word_wr_ready_i,
  output logic [               31:0] wt_word_wr_addr_o,
  output logic [       ArrayK*8-1:0] wt_word_wr_data_o,
  // activation SRAM
  output logic                       act_wr_valid_o,
  input  logic                       act_wr_ready_i,
  output logic [               31:0] act_wr_addr_o,
  output logic [      ActWord*8-1:0] act_wr_data_o,
  output logic [        ActWord-1:0] act_wr_strb_o,
  output logic                       written_o,       // a result was written in this cycle
  output logic                       empty_o          // no result in here or on its way
);

  // Places: a result is on its way for ParamLatency + 5 cycles and a delta waits WeightLatency + 1 for its
  // word; a word's sum has its place WeightLatency + 4.
  localparam int unsigned Results = 16, Words = 8;

  if (WeightLatency < 1 || WeightLatency > 3) begin : g_bad
    $error("%m: WeightLatency must be 1 to 3");
  end

  logic                       result_free, word_read, word_written;
  logic [$clog2(Results):0]   taken_q;   // places that are given away
  logic [$clog2(Results):0]   stored;    // results that are here
  logic [$clog2(Results):0]   asked_q;   // of them, those whose word was asked for
  logic [$clog2(Words):0]     words_q;   // words that were asked for and not written
  logic                       result_valid, result_push_ready;
  logic [       ArrayN*9-1:0] result;

  assign room_o    = taken_q != ($clog2(Results) + 1)'(Results);
  assign empty_o   = taken_q == '0 && words_q == '0;
  assign word_read = wt_word_rd_valid_o && wt_word_rd_ready_i;
  assign word_written = wt_word_wr_valid_o && wt_word_wr_ready_i;
  assign written_o = word_written || (act_wr_valid_o && act_wr_ready_i);

  shira_fifo #(
    .Width(ArrayN * 9),
    .Depth(Results)
  ) i_results (
    .clk_i,
    .rst_ni,
    .clear_i     (1'b0),
    .push_valid_i(result_valid_i),
    .push_ready_o(result_push_ready),
    .push_data_i (result_i),
    .pop_valid_o (result_valid),
    .pop_ready_i (result_free),
    .pop_data_o  (result),
    .count_o     (stored)
  );

  // ---- words: asked for, added to, written ----

  localparam int unsigned Answer = WeightLatency - 1, Merge = WeightLatency, Keep = WeightLatency + 1;
  logic [     Keep:0] read_q;  // bit c: a word was asked for c + 1 cycles ago
  logic [ArrayK*8-1:0] word_q, sum_q;
  logic               sum_push_ready;
  logic [$clog2(Words):0] unused_sums;

  assign wt_word_rd_valid_o = wadd_i && stored != asked_q && words_q != ($clog2(Words) + 1)'(Words);
  assign result_free        = wadd_i ? read_q[Merge] : act_wr_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      read_q  <= '0;
      taken_q <= '0;
      asked_q <= '0;
      words_q <= '0;
    end else begin
      read_q <= {read_q[Keep-1:0], word_read};
      if (take_i != (result_valid && result_free))
        taken_q <= take_i ? taken_q + 1'b1 : taken_q - 1'b1;
      if (word_read != read_q[Merge]) asked_q <= word_read ? asked_q + 1'b1 : asked_q - 1'b1;
      if (word_read != word_written) words_q <= word_read ? words_q + 1'b1 : words_q - 1'b1;
    end
    if (read_q[Answer]) word_q <= wt_word_rd_data_i;
  end

  for (genvar c = 0; c < ArrayN; c++) begin : g_merge
    always_ff @(posedge clk_i) begin
      if (read_q[Merge]) begin : merge
        logic [9:0] wide;
        wide = 10'($signed(result[9*c+:9])) + 10'($signed(word_q[8*c+:8]));
        if (wide[9:7] == '0 || wide[9:7] == '1) sum_q[8*c+:8] <= wide[7:0];
        else sum_q[8*c+:8] <= {wide[9], {7{!wide[9]}}};
      end
    end
  end

  shira_fifo #(
    .Width(ArrayK * 8),
    .Depth(Words)
  ) i_sums (
    .clk_i,
    .rst_ni,
    .clear_i     (1'b0),
    .push_valid_i(read_q[Keep]),
    .push_ready_o(sum_push_ready),
    .push_data_i (sum_q),
    .pop_valid_o (wt_word_wr_valid_o),
    .pop_ready_i (wt_word_wr_ready_i),
    .pop_data_o  (wt_word_wr_data_o),
    .count_o     (unused_sums)
  );

  // ---- addresses ----

  logic [31:0] out_addr;

  shira_gemm_out_address #(
    .ArrayN(ArrayN),
    .ArrayK(ArrayK)
  ) i_source (
    .clk_i,
    .start_i,
    .wadd_i         (1'b1),
    .base_i         (desc_i.src_addr),
    .tokens_i       (desc_i.tokens),
    .stride_i       ('0),
    .image_k_tiles_i(desc_i.image_k_tiles),
    .next_i         (word_read),
    .addr_o         (wt_word_rd_addr_o)
  );

  shira_gemm_out_address #(
    .ArrayN(ArrayN),
    .ArrayK(ArrayK)
  ) i_out (
    .clk_i,
    .start_i,
    .wadd_i         (desc_i.out == shira_regs_pkg::GemmOutWadd),
    .base_i         (desc_i.out_addr),
    .tokens_i       (desc_i.tokens),
    .stride_i       (desc_i.out_stride),
    .image_k_tiles_i(desc_i.image_k_tiles),
    .next_i         (written_o),
    .addr_o         (out_addr)
  );

  // ---- INT8: bytes of a word of the activation SRAM ----

  logic [ArrayN*8-1:0] bytes;

  for (genvar c = 0; c < ArrayN; c++) begin : g_byte
    assign bytes[8*c+:8] = act_wr_valid_o ? result[9*c+:8] : 8'd0;
  end

  assign wt_word_wr_addr_o = out_addr;
  assign act_wr_valid_o    = result_valid && !wadd_i;
  assign act_wr_addr_o     = out_addr & ~32'(ActWord - 1);
  assign act_wr_data_o     = {(ActWord / ArrayN) {bytes}};

  if (ActWord == ArrayN) begin : g_strb_whole
    assign act_wr_strb_o = '1;
  end else begin : g_strb_part
    localparam int unsigned SelW = $clog2(ActWord) - $clog2(ArrayN);
    for (genvar p = 0; p < ActWord / ArrayN; p++) begin : g_strb
      assign act_wr_strb_o[p*ArrayN+:ArrayN] = {ArrayN{out_addr[$clog2(ArrayN)+:SelW] == SelW'(p)}};
    end
  end

  // Fields that others use.
  logic unused;
  assign unused = &{1'b0, desc_i, unused_sums, result_push_ready, sum_push_ready};

`ifdef SHIRA_ASSERT
  take_has_a_place: assert property (@(posedge clk_i) disable iff (!rst_ni) !(take_i && !room_o));
  result_has_a_place: assert property (@(posedge clk_i) disable iff (!rst_ni)
    !(result_valid_i && !result_push_ready));
  sum_has_a_place: assert property (@(posedge clk_i) disable iff (!rst_ni)
    !(read_q[Keep] && !sum_push_ready));
  word_has_its_delta: assert property (@(posedge clk_i) disable iff (!rst_ni)
    read_q[Merge] |-> result_valid && asked_q != '0);
  places_conserve: assert property (@(posedge clk_i) disable iff (!rst_ni)
    stored <= taken_q && asked_q <= stored);
  word_read_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    wt_word_rd_valid_o && !wt_word_rd_ready_i |=> wt_word_rd_valid_o && $stable(wt_word_rd_addr_o));
  word_write_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    wt_word_wr_valid_o && !wt_word_wr_ready_i |=>
    wt_word_wr_valid_o && $stable({wt_word_wr_addr_o, wt_word_wr_data_o}));
  act_write_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    act_wr_valid_o && !act_wr_ready_i |=>
    act_wr_valid_o && $stable({act_wr_addr_o, act_wr_data_o, act_wr_strb_o}));
  start_when_empty: assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> empty_o);
`endif

endmodule
