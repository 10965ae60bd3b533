// shira_gemm_dot: the product of an INT8 weight and an INT8 activation is right for all 65,536
// pairs, against a sum of shifted copies, in a quarter of them at a time; it is that of the values
// loaded last, from the input or from what was kept aside, one cycle after mul_i, and stays until
// the next.
// Small here: a row of four in which the other three pairs are 0; the last place by one quarter.
//
// rtl: rtl/gemm/shira_gemm_dot.sv
// proof: induction 4 Place=0 High=0
// proof: induction 4 Place=0 High=1
// proof: induction 4 Place=0 High=2
// proof: induction 4 Place=0 High=3
// proof: induction 4 Place=3 High=1
// cover: product 6
// cover: kept 8
// mutant: weights are unsigned
// sed: s/\$signed\(w\[31:24\]\)/w[31:24]/
// mutant: what was kept aside is not taken
// sed: s/kept_i \? x_kept_q\[32\*g\+:32\] : //
module formal_multiplier #(
  parameter int unsigned Place = 0,  // of the pair in the row
  parameter int unsigned High  = 0   // the activation's two high bits
) (
  input logic       clk_i,
  input logic [7:0] w_i,
  input logic [5:0] x_low_i,
  input logic       save_tile_i,
  input logic       save_x_i,
  input logic       load_tile_i,
  input logic       load_x_i,
  input logic       kept_i,
  input logic       mul_i
);

  logic [31:0] dot;
  logic [ 7:0] x_i;
  assign x_i = {2'(High), x_low_i};

  shira_gemm_dot #(
    .ArrayN(1),
    .ArrayK(4)
  ) u (
    .clk_i,
    .tile_i(32'(w_i) << (8 * Place)),
    .x_i   (32'(x_i) << (8 * Place)),
    .save_tile_i,
    .save_x_i,
    .load_tile_i,
    .load_x_i,
    .kept_i,
    .mul_i,
    .dot_o (dot)
  );

  // The pair that is loaded, what is kept aside, and their product; `known` once all were given.
  logic [ 7:0] w_q, x_q, w_kept_q, x_kept_q;
  logic [15:0] product, product_q;
  logic [ 4:0] known_q = '0;

  always_comb begin
    product = '0;
    for (int unsigned i = 0; i < 7; i++)
      if (x_q[i]) product = product + ({{8{w_q[7]}}, w_q} << i);
    if (x_q[7]) product = product - ({{8{w_q[7]}}, w_q} << 7);
  end

  always @(posedge clk_i) begin
    if (save_tile_i) w_kept_q <= w_i;
    if (save_x_i) x_kept_q <= x_i;
    if (load_tile_i) w_q <= kept_i ? w_kept_q : w_i;
    if (load_x_i) x_q <= kept_i ? x_kept_q : x_i;
    if (mul_i) product_q <= product;
    known_q[0] <= known_q[0] || save_tile_i;
    known_q[1] <= known_q[1] || save_x_i;
    if (load_tile_i) known_q[2] <= !kept_i || known_q[0];
    if (load_x_i) known_q[3] <= !kept_i || known_q[1];
    if (mul_i) known_q[4] <= known_q[2] && known_q[3];
  end

  // For the induction: the registers hold the model's pair.
  (* hierconn *) wire [31:0] \u.tile_kept_q ;
  (* hierconn *) wire [31:0] \u.x_kept_q ;
  (* hierconn *) wire [31:0] \u.w_q[0] ;
  (* hierconn *) wire [31:0] \u.x_q[0] ;

  always @(posedge clk_i) begin
    if (known_q[0]) assert (\u.tile_kept_q == 32'(w_kept_q) << (8 * Place));
    if (known_q[1]) assert (\u.x_kept_q == 32'(x_kept_q) << (8 * Place));
    if (known_q[2]) assert (\u.w_q[0] == 32'(w_q) << (8 * Place));
    if (known_q[3]) assert (\u.x_q[0] == 32'(x_q) << (8 * Place));
    if (known_q[4]) assert (dot == {{16{product_q[15]}}, product_q});
  end

  (* keep *) wire cover_product = known_q[4] && product_q[15] && product_q[7:0] != '0;
  (* keep *) wire cover_kept = known_q[4] && known_q[1:0] == '1 && load_x_i && kept_i;

endmodule
