// shira_requant at its full width: the result is the r with
//   r * 2^shift <= value * mult + round < (r + 1) * 2^shift,
//   round = 2^shift / 2, 0 where shift is 0
// in integers, moved into the range of Bits bits with a sign, or of one less; of the value at the
// last mul_i before the last out_i, and the scale at the last load_i before that. The product is written with the same `*` on both sides: that
// `*` multiplies is not proved here.
//
// rtl: rtl/gemm/shira_requant.sv
// proof: induction 2 Bits=32
// proof: induction 2 Bits=9
// cover: low 5
// cover: high 5
// cover: rounded 5
// cover: narrow 5
// mutant: it rounds at the wrong bit
// sed: s/\(64'd1 << shift\) >> 1/(64'd1 << shift) >> 2/
// mutant: it rounds towards zero
// sed: s/shifted = shifted >>> k/shifted = shifted \/ (64'sd1 <<< k)/
// mutant: it saturates without the sign
// sed: s/<= \{minus, \{\(Bits - 1\)/<= {1'b0, {(Bits - 1)/
module formal_requant #(
  parameter int unsigned Bits = 32
) (
  input logic        clk_i,
  input logic        load_i,
  input logic [29:0] scale_i,
  input logic        mul_i,
  input logic [32:0] value_i,
  input logic        out_i,
  input logic        narrow_i
);

  logic [Bits-1:0] result;

  shira_requant #(
    .ValueW(33),
    .Bits  (Bits)
  ) u (
    .clk_i,
    .load_i,
    .scale_i,
    .mul_i,
    .value_i,
    .out_i,
    .narrow_i,
    .result_o(result)
  );

  localparam int unsigned W = 100;  // holds every number below

  logic                loaded_q = 1'b0;  // a scale was given
  logic        [ 29:0] scale_q;          // the last one
  logic        [  1:0] known_q = '0;  // a value was given behind it, a result was
  logic signed [ 63:0] product_q, done_q;  // its product, and the result's
  logic        [  5:0] shift_q, done_shift_q;
  logic                narrow_q;
  logic signed [W-1:0] round, total, r, lo, hi;

  always @(posedge clk_i) begin
    if (load_i) begin
      loaded_q <= 1'b1;
      scale_q  <= scale_i;
    end
    if (mul_i) begin
      known_q[0] <= loaded_q;
      product_q  <= 64'($signed(value_i)) * $signed({40'd0, scale_q[23:0]});
      shift_q    <= scale_q[29:24];
    end
    if (out_i) begin
      known_q[1]   <= known_q[0];
      done_q       <= product_q;
      done_shift_q <= shift_q;
      narrow_q     <= narrow_i;
    end
  end

  function automatic logic signed [W-1:0] rounding(input logic [5:0] shift);
    rounding = '0;
    if (shift != '0) rounding = W'(1) << (shift - 6'd1);
  endfunction

  always_comb begin
    round = rounding(done_shift_q);
    total = W'(done_q) + round;
    r     = W'($signed(result));
    lo    = -(W'(1) <<< (narrow_q ? Bits - 2 : Bits - 1));
    hi    = (W'(1) <<< (narrow_q ? Bits - 2 : Bits - 1)) - W'(1);
  end

  // For the induction: what stands in the registers.
  (* hierconn *) wire [29:0] \u.scale_q ;
  (* hierconn *) wire [63:0] \u.product_q ;
  (* hierconn *) wire [5:0] \u.shift_q ;

  (* keep *) wire cover_low = known_q[1] && r == lo;
  (* keep *) wire cover_high = known_q[1] && r == hi;
  (* keep *) wire cover_narrow = known_q[1] && narrow_q && r == lo;
  (* keep *) wire cover_rounded = known_q[1] && r > W'(5) && r < hi && round != '0;

  always @(posedge clk_i) begin
    if (loaded_q) assert (\u.scale_q == scale_q);
    if (known_q[0])
      assert (W'($signed(\u.product_q )) == W'(product_q) + rounding(shift_q) &&
          \u.shift_q == shift_q);
    if (known_q[1]) begin
      assert (lo <= r && r <= hi);
      if (r > lo) assert ((r <<< done_shift_q) <= total);
      if (r < hi) assert (total < ((r + 1) <<< done_shift_q));
    end
  end

endmodule
