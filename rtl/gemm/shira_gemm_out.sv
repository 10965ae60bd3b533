// The last two stages: requantises a result vector, and for `wadd` adds it to a word of weights.
//
// Does:         stage one scales each channel by its parameter record or by the uniform scale; stage two
//               gives the bytes to write. A delta for weights is clamped to -256..255 first, which is
//               exact because the sum saturates to INT8.
// Never does:   stalls; who drives it moves the stages.
// Latency:      one cycle from scale_i to bytes_o, which is combinational from the source word.
// Throughput:   a vector a cycle.
module shira_gemm_out #(
  parameter int unsigned ArrayN = 4,
  parameter int unsigned ArrayK = 4
) (
  input  logic                 clk_i,
  input  logic                 wadd_i,       // the results are deltas for weights
  input  logic                 uniform_i,    // one scale and no bias for all channels
  input  logic [         31:0] scale_i,      // that scale
  // parameters of the output tile, from the parameter SRAM
  input  logic [ArrayN*64-1:0] par_rd_data_i,
  input  logic                 par_save_i,   // keep them aside
  input  logic                 par_load_i,   // they are the next results'
  input  logic                 par_kept_i,   // they were kept aside
  // stage one
  input  logic                 active_i,     // there is a result vector
  input  logic [ArrayN*32-1:0] res_i,        // its sums
  input  logic                 requant_i,    // it goes to stage two
  // stage two
  input  logic                 merge_i,      // a word of weights is wanted
  input  logic                 word_kept_i,  // the source word was kept aside
  input  logic                 word_save_i,  // keep it aside
  input  logic [ArrayK*8-1:0]  word_i,       // source word, from the weight SRAM
  output logic [ArrayN*8-1:0]  bytes_o       // to the activation SRAM or the weight SRAM
);

  logic [ArrayN*64-1:0] par_q;
  logic [ArrayN*64-1:0] par_kept_q;
  logic [ ArrayK*8-1:0] word_kept_q;
  logic [ ArrayK*8-1:0] word;
  logic [ArrayN*16-1:0] lane_q;  // scaled results
  logic [         31:0] lo, hi;

  assign lo   = wadd_i ? -32'sd256 : -32'sd128;
  assign hi   = wadd_i ? 32'sd255 : 32'sd127;
  assign word = word_kept_i ? word_kept_q : word_i;

  always_ff @(posedge clk_i) begin
    if (par_save_i) par_kept_q <= par_rd_data_i;
    if (par_load_i) par_q <= par_kept_i ? par_kept_q : par_rd_data_i;
    if (word_save_i) word_kept_q <= word_i;
  end

  for (genvar c = 0; c < ArrayN; c++) begin : g_channel
    logic [31:0] res;
    logic [ 9:0] sum;

    shira_requant i_requant (
      .active_i,
      .acc_i  (res_i[32*c+:32]),
      .bias_i (uniform_i ? 32'd0 : par_q[64*c+:32]),
      .scale_i(uniform_i ? scale_i : par_q[64*c+32+:32]),
      .lo_i   (lo),
      .hi_i   (hi),
      .res_o  (res)
    );

    always_ff @(posedge clk_i) begin
      if (requant_i) lane_q[16*c+:16] <= res[15:0];
    end

    always_comb begin
      sum             = '0;
      bytes_o[8*c+:8] = lane_q[16*c+:8];
      if (merge_i) begin
        sum = lane_q[16*c+:10] + 10'($signed(word[8*c+:8]));
        if (sum[9:7] == '0 || sum[9:7] == '1) bytes_o[8*c+:8] = sum[7:0];
        else bytes_o[8*c+:8] = sum[9] ? 8'h80 : 8'h7f;
      end
    end

    logic unused;
    assign unused = &{1'b0, res[31:16], lane_q[16*c+10+:6]};
  end

endmodule
