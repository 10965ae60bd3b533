// Lanes of requantisation: (value * mult + round) >>> shift, saturated to Bits bits with a sign.
//
// Does:         mult = scale[23:0] unsigned, shift = scale[29:24], round = 1 << (shift - 1), no round where
//               shift is 0. The product of 33 and 24 bits and the round fit 64, so nothing overflows.
// Never does:   stalls; computes while out_i is low (the results are then 0).
// Latency:      one cycle from mul_i to the results, which are combinational from registers.
// Throughput:   a value a lane and cycle.
// Backpressure: none.
module shira_requant #(
  parameter int unsigned Lanes = 1,
  parameter int unsigned Bits  = 32  // of a result: 2 to 32
) (
  input  logic                  clk_i,
  input  logic                  mul_i,    // multiply
  input  logic [  Lanes*33-1:0] value_i,  // signed
  input  logic [  Lanes*30-1:0] scale_i,  // multiplier and shift
  input  logic                  out_i,    // the results of the last mul_i are wanted
  output logic [Lanes*Bits-1:0] result_o  // signed
);

  for (genvar c = 0; c < Lanes; c++) begin : g_lane
    logic signed [63:0] product_q;  // with the round
    logic        [ 5:0] shift_q;

    always_ff @(posedge clk_i) begin
      if (mul_i) begin : multiply
        logic [ 5:0] shift;
        logic [63:0] round;
        shift = scale_i[30*c+24+:6];
        round = (64'd1 << shift) >> 1;
        product_q <= 64'($signed(value_i[33*c+:33])) * $signed({40'd0, scale_i[30*c+:24]}) +
            $signed(round);
        shift_q   <= shift;
      end
    end

    always_comb begin : saturate
      logic signed [63:0] shifted;
      logic signed [63:0] high;  // bits above the result's, and its sign: all alike where it fits
      shifted = '0;
      high    = '0;
      result_o[Bits*c+:Bits] = '0;
      if (out_i) begin
        shifted = product_q >>> shift_q;
        high    = shifted >>> (Bits - 1);
        if (high == '0 || high == '1) result_o[Bits*c+:Bits] = shifted[Bits-1:0];
        else result_o[Bits*c+:Bits] = {high[63], {(Bits - 1) {!high[63]}}};
      end
    end
  end

endmodule
