// Requantisation: (value * mult + round) >>> shift, saturated to Bits bits with a sign.
//
// Does:         mult = scale[23:0] unsigned, shift = scale[29:24], round = 1 << (shift - 1), no round where
//               shift is 0. The product of at most 33 and 24 bits and the round fit 64, so nothing
//               overflows. With narrow_i it saturates to one bit less. The scale stays until the next load_i:
//               a register of its own, since one for all channels would drive them all.
// Never does:   stalls; changes its result while out_i is low.
// Latency:      three cycles: load_i at one edge, mul_i at a later one, out_i at the next, then the result.
// Throughput:   a value a cycle.
// Backpressure: none.
module shira_requant #(
  parameter int unsigned ValueW = 33,  // bits of a value: 32 or 33
  parameter int unsigned Bits   = 32   // of a result: 3 to 32
) (
  input  logic              clk_i,
  input  logic              load_i,    // take the scale
  input  logic [      29:0] scale_i,   // multiplier and shift
  input  logic              mul_i,     // multiply, by the scale that was taken before
  input  logic [ValueW-1:0] value_i,   // signed
  input  logic              out_i,     // result of the mul_i of the cycle before
  input  logic              narrow_i,  // with out_i: of Bits - 1 bits
  output logic [  Bits-1:0] result_o   // signed
);

  logic        [29:0] scale_q;
  logic signed [63:0] product_q;  // with the round
  logic        [ 5:0] shift_q;

  always_ff @(posedge clk_i) begin
    if (load_i) scale_q <= scale_i;
    if (mul_i) begin : multiply
      logic [ 5:0] shift;
      logic [63:0] round;
      shift     = scale_q[29:24];
      round     = (64'd1 << shift) >> 1;
      product_q <= 64'($signed(value_i)) * $signed({40'd0, scale_q[23:0]}) + $signed(round);
      shift_q   <= shift;
    end
    if (out_i) begin : saturate
      logic signed [63:0] shifted;
      logic               minus;
      logic               over;  // a bit above the result's is not the sign
      // A bit that no later step can move into the result is looked at and forgotten: so the steps get narrower.
      minus   = product_q[63];
      shifted = product_q;
      over    = 1'b0;
      for (int unsigned k = 32; k > 0; k = k / 2) begin
        if ((shift_q & 6'(k)) != '0) shifted = shifted >>> k;
        else over = over || (((shifted ^ {64{minus}}) >> (Bits - 1 + k)) & ((64'd1 << k) - 64'd1)) != '0;
      end
      over = over || shifted[Bits-1] != minus || (narrow_i && shifted[Bits-2] != minus);
      if (!over) result_o <= shifted[Bits-1:0];
      else if (narrow_i) result_o <= {{2{minus}}, {(Bits - 2) {!minus}}};
      else result_o <= {minus, {(Bits - 1) {!minus}}};
    end
  end

endmodule
