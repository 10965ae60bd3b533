// The accumulate stage: adds the array's sums to what the step starts from.
//
// Does:         takes the start from the accumulator SRAM's answer, from that answer kept aside while
//               the stage was held, or from the last result where it is of the same accumulators; scales
//               it where the seed asks so.
// Never does:   stalls; who drives it says when a result is final.
// Latency:      sum_o is combinational, last_o is sum_o registered at step_i.
// Throughput:   a step a cycle.
module shira_gemm_acc #(
  parameter int unsigned ArrayN = 4
) (
  input  logic                 clk_i,
  input  logic                 active_i,      // the stage has a step
  input  logic                 zero_i,        // starts from zero
  input  logic                 scaled_i,      // starts from the accumulators scaled by scale_i
  input  logic                 forward_i,     // the last result is of the same accumulators
  input  logic                 kept_i,        // the answer was kept aside
  input  logic                 save_i,        // keep the answer aside
  input  logic                 step_i,        // the step is done
  input  logic [         31:0] scale_i,
  input  logic [ArrayN*32-1:0] dot_i,         // from the array
  input  logic [ArrayN*32-1:0] acc_rd_data_i, // from the accumulator SRAM
  output logic [ArrayN*32-1:0] sum_o,         // to the accumulator SRAM
  output logic [ArrayN*32-1:0] last_o         // last result
);

  logic [ArrayN*32-1:0] kept_q;
  logic [ArrayN*32-1:0] last_q;
  logic [ArrayN*32-1:0] old;
  logic                 scale;

  assign scale = active_i && scaled_i;

  always_comb begin
    old = '0;
    if (active_i && !zero_i) begin
      if (forward_i) old = last_q;
      else if (kept_i) old = kept_q;
      else old = acc_rd_data_i;
    end
  end

  for (genvar c = 0; c < ArrayN; c++) begin : g_channel
    logic [31:0] scaled;

    shira_requant i_seed (
      .active_i(scale),
      .acc_i   (old[32*c+:32]),
      .bias_i  (32'd0),
      .scale_i,
      .lo_i    (32'h8000_0000),
      .hi_i    (32'h7fff_ffff),
      .res_o   (scaled)
    );
    assign sum_o[32*c+:32] = dot_i[32*c+:32] + (scale ? scaled : old[32*c+:32]);
  end

  always_ff @(posedge clk_i) begin
    if (save_i) kept_q <= acc_rd_data_i;
    if (step_i) last_q <= sum_o;
  end
  assign last_o = last_q;

endmodule
