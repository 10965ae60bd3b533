// Lanes of requantisation: (value * mult + round) >>> shift, saturated to Bits bits with a sign.
//
// Does:         mult = scale[23:0] unsigned, shift = scale[29:24], round = 1 << (shift - 1), no round where
//               shift is 0. The product of at most 33 and 24 bits and the round fit 64, so nothing
//               overflows. With narrow_i it saturates to one bit less.
// Never does:   stalls; changes its results while out_i is low.
// Latency:      two cycles: mul_i at one edge, out_i at the next, then the results.
// Throughput:   a value a lane and cycle.
// Backpressure: none.
module shira_requant #(
  parameter int unsigned Lanes  = 1,
  parameter int unsigned ValueW = 33,  // bits of a value: 32 or 33
  parameter int unsigned Scales = 1,   // 1: one for all lanes; else Lanes
  parameter int unsigned Bits   = 32   // of a result: 3 to 32
) (
  input  logic                    clk_i,
  input  logic                    mul_i,    // multiply
  input  logic [Lanes*ValueW-1:0] value_i,  // signed
  input  logic [   Scales*30-1:0] scale_i,  // multiplier and shift
  input  logic                    out_i,    // results of the mul_i of the cycle before
  input  logic                    narrow_i, // with out_i: of Bits - 1 bits
  output logic [  Lanes*Bits-1:0] result_o  // signed
);

  for (genvar c = 0; c < Lanes; c++) begin : g_lane
    localparam int unsigned S = (Scales == 1) ? 0 : c;
    logic signed [63:0] product_q;  // with the round
    logic        [ 5:0] shift_q;

    always_ff @(posedge clk_i) begin
      if (mul_i) begin : multiply
        logic [ 5:0] shift;
        logic [63:0] round;
        shift = scale_i[30*S+24+:6];
        round = (64'd1 << shift) >> 1;
        product_q <= 64'($signed(value_i[ValueW*c+:ValueW])) * $signed({40'd0, scale_i[30*S+:24]}) +
            $signed(round);
        shift_q   <= shift;
      end
      if (out_i) begin : saturate
        logic signed [63:0] shifted;
        logic signed [63:0] high;  // bits above the result's, and its sign: all alike where it fits
        shifted = product_q >>> shift_q;
        high    = shifted >>> (Bits - 1);
        if (narrow_i) high = shifted >>> (Bits - 2);
        if (high == '0 || high == '1) result_o[Bits*c+:Bits] <= shifted[Bits-1:0];
        else if (narrow_i) result_o[Bits*c+:Bits] <= {{2{high[63]}}, {(Bits - 2) {!high[63]}}};
        else result_o[Bits*c+:Bits] <= {high[63], {(Bits - 1) {!high[63]}}};
      end
    end
  end

endmodule
