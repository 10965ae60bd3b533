// shira_requant, which has no state, at its full width: the result is the r with
//   r * 2^shift <= (acc + bias) * mult + round < (r + 1) * 2^shift,
//   round = 2^shift / 2, 0 where shift is 0
// in integers, moved up to lo and then down to hi; 0 while not active. The product is
// written with the same `*` on both sides: that `*` multiplies is not proved here.
// Assumed: lo <= hi, as whoever drives it gives them.
//
// rtl: rtl/gemm/shira_requant.sv
// proof: exhaustive
// cover: inside
// cover: low
// cover: high
// mutant: it rounds at the wrong bit
// sed: s/shift - 6'd1/shift - 6'd2/
// mutant: it rounds towards zero
// sed: s/res = prod >>> shift/res = prod \/ (64'sd1 <<< shift)/
// mutant: the lower limit is compared without its sign
// sed: s/res < 64'\(\$signed\(lo_i\)\)/res < 64'(lo_i)/
module formal_requant (
  input logic        active_i,
  input logic [31:0] acc_i,
  input logic [31:0] bias_i,
  input logic [31:0] scale_i,
  input logic [31:0] lo_i,
  input logic [31:0] hi_i
);

  logic [31:0] res;

  shira_requant u (
    .active_i,
    .acc_i,
    .bias_i,
    .scale_i,
    .lo_i,
    .hi_i,
    .res_o(res)
  );

  localparam int unsigned W = 100;  // holds every number below

  logic        [  5:0] shift;
  logic signed [ 32:0] sum;
  logic signed [ 63:0] prod;
  logic signed [W-1:0] total, r, lo, hi;

  always @* begin
    shift = scale_i[29:24];
    sum   = 33'($signed(acc_i)) + 33'($signed(bias_i));
    prod  = 64'(sum) * $signed({40'd0, scale_i[23:0]});
    total = W'(prod);
    if (shift != '0) total = total + (W'(1) << (shift - 6'd1));
    r  = W'($signed(res));
    lo = W'($signed(lo_i));
    hi = W'($signed(hi_i));
    assume (lo <= hi);
    if (!active_i) begin
      assert (res == '0);
    end else begin
      assert (lo <= r && r <= hi);
      if (r > lo) assert ((r <<< shift) <= total);
      if (r < hi) assert (total < ((r + 1) <<< shift));
    end
  end

  (* keep *) wire cover_inside = active_i && lo < r && r < hi && shift != '0;
  (* keep *) wire cover_low = active_i && r == lo && lo < hi;
  (* keep *) wire cover_high = active_i && r == hi && lo < hi;

endmodule
