// One lane of requantisation: clamp(((acc + bias) * mult + round) >>> shift, lo, hi).
//
// Does:       mult = scale_i[23:0] unsigned, shift = scale_i[29:24], round = 1 << (shift - 1), no round
//             where shift is 0. acc + bias keeps 33 bits and the product 57, so nothing overflows.
// Never does: looks at scale_i[31:30]; computes while active_i is low (the result is then 0).
// Latency:    combinational.
module shira_requant (
  input  logic        active_i,  // the result is wanted
  input  logic [31:0] acc_i,     // signed
  input  logic [31:0] bias_i,    // signed
  input  logic [31:0] scale_i,   // multiplier and shift
  input  logic [31:0] lo_i,      // least result, signed
  input  logic [31:0] hi_i,      // greatest result, signed
  output logic [31:0] res_o      // signed
);

  logic signed [32:0] sum;
  logic signed [63:0] prod;
  logic signed [63:0] res;
  logic        [ 5:0] shift;

  always_comb begin
    sum   = '0;
    prod  = '0;
    res   = '0;
    shift = '0;
    res_o = '0;
    if (active_i) begin
      shift = scale_i[29:24];
      sum   = 33'($signed(acc_i)) + 33'($signed(bias_i));
      prod  = 64'(sum) * $signed({40'd0, scale_i[23:0]});
      if (shift != '0) prod = prod + (64'sd1 <<< (shift - 6'd1));
      res = prod >>> shift;
      if (res < 64'($signed(lo_i))) res_o = lo_i;
      else if (res > 64'($signed(hi_i))) res_o = hi_i;
      else res_o = res[31:0];
    end
  end

  logic unused;
  assign unused = &{1'b0, scale_i[31:30]};

endmodule
