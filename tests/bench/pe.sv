// One PE of pe_array: a weight that stays, a multiplication and an addition a cycle.
module pe #(
  parameter int unsigned Systolic = 1
) (
  input  logic        clk_i,
  input  logic        load_i,  // take w_i
  input  logic [ 7:0] w_i,
  input  logic [ 7:0] x_i,     // activation <- left
  output logic [ 7:0] x_o,     // activation -> right
  input  logic [31:0] sum_i,   // <- above
  output logic [31:0] sum_o    // -> below
);

  logic signed [ 7:0] w_q;
  logic        [31:0] sum_q;

  always_ff @(posedge clk_i) begin
    if (load_i) w_q <= w_i;
    sum_q <= sum_i + 32'(w_q) * 32'($signed(x_i));
  end
  assign sum_o = sum_q;

  if (Systolic != 0) begin : g_systolic
    logic [7:0] x_q;
    always_ff @(posedge clk_i) x_q <= x_i;
    assign x_o = x_q;
  end else begin : g_broadcast
    assign x_o = x_i;
  end

endmodule
