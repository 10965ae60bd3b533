// shira_gemm_dot: the product of an INT8 weight and an INT8 activation is right for all 65,536
// pairs, against a sum of shifted copies, in a quarter of them at a time; it is that of the values
// at the last mul_i before the last add_i, and stays until the next.
// Small here: a row of four in which the other three pairs are 0; the last place by one quarter.
//
// rtl: rtl/gemm/shira_gemm_dot.sv
// proof: induction 4 Place=0 High=0
// proof: induction 4 Place=0 High=1
// proof: induction 4 Place=0 High=2
// proof: induction 4 Place=0 High=3
// proof: induction 4 Place=3 High=1
// cover: product 5
// mutant: weights are unsigned
// sed: s/\$signed\(w\[31:24\]\)/w[31:24]/
// mutant: sums of four have a bit less
// sed: s/FourW = 18;/FourW = 14;/
// mutant: it adds what it multiplies in the same cycle
// sed: s/if \(mul_i\) four_q/if (mul_i || add_i) four_q/
module formal_multiplier #(
  parameter int unsigned Place = 0,  // of the pair in the row
  parameter int unsigned High  = 0   // the activation's two high bits
) (
  input logic       clk_i,
  input logic [7:0] w_i,
  input logic [5:0] x_low_i,
  input logic       mul_i,
  input logic       add_i
);

  logic [31:0] dot;
  logic [ 7:0] x_i;
  assign x_i = {2'(High), x_low_i};

  shira_gemm_dot #(
    .ArrayK(4)
  ) u (
    .clk_i,
    .w_i  (32'(w_i) << (8 * Place)),
    .x_i  (32'(x_i) << (8 * Place)),
    .mul_i,
    .add_i,
    .dot_o(dot)
  );

  // The product of the last pair, and the one that was added; `known` once there were any.
  logic [15:0] product, product_q, added_q;
  logic [ 1:0] known_q = '0;

  always_comb begin
    product = '0;
    for (int unsigned i = 0; i < 7; i++)
      if (x_i[i]) product = product + ({{8{w_i[7]}}, w_i} << i);
    if (x_i[7]) product = product - ({{8{w_i[7]}}, w_i} << 7);
  end

  always @(posedge clk_i) begin
    if (mul_i) product_q <= product;
    if (add_i) added_q <= product_q;
    if (mul_i) known_q[0] <= 1'b1;
    if (add_i) known_q[1] <= known_q[0];
  end

  // For the induction: the register holds the model's product.
  (* hierconn *) wire [17:0] \u.four_q[0] ;

  (* keep *) wire cover_product = known_q[1] && dot != '0;

  always @(posedge clk_i) begin
    if (known_q[0]) assert (\u.four_q[0] == {{2{product_q[15]}}, product_q});
    if (known_q[1]) assert (dot == {{16{added_q[15]}}, added_q});
  end

endmodule
