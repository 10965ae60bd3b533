// A dot product of ArrayK INT8 pairs in each cycle, in two stages: a row of the array.
//
// Does:         sums the products of the row's weights with the token's activations: four products each at
//               the first edge, the sums of four at the second.
// Never does:   stalls, or keeps its inputs: w_i and x_i stand while mul_i is high.
// Latency:      two cycles: mul_i at one edge, add_i at the next, then dot_o.
// Throughput:   a step a cycle.
// Backpressure: none.
module shira_gemm_dot #(
  parameter int unsigned ArrayK = 4
) (
  input  logic                clk_i,
  input  logic [ArrayK*8-1:0] w_i,    // weights of the row
  input  logic [ArrayK*8-1:0] x_i,    // activations of a token
  input  logic                mul_i,  // multiply them
  input  logic                add_i,  // add the products of the cycle before
  output logic [        31:0] dot_o
);

  localparam int unsigned Fours = ArrayK / 4;  // groups of four pairs

  if (ArrayK % 4 != 0) begin : g_bad
    $error("%m: ArrayK must be a multiple of 4");
  end

  localparam int unsigned FourW = 18;  // bits of a sum of four products
  logic signed [FourW-1:0] four_q[Fours];

  function automatic logic signed [FourW-1:0] dot4(input logic [31:0] w, input logic [31:0] x);
    dot4 = FourW'($signed(w[7:0])) * FourW'($signed(x[7:0])) +
        FourW'($signed(w[15:8])) * FourW'($signed(x[15:8])) +
        FourW'($signed(w[23:16])) * FourW'($signed(x[23:16])) +
        FourW'($signed(w[31:24])) * FourW'($signed(x[31:24]));
  endfunction

  for (genvar g = 0; g < Fours; g++) begin : g_four
    always_ff @(posedge clk_i) begin
      if (mul_i) four_q[g] <= dot4(w_i[32*g+:32], x_i[32*g+:32]);
    end
  end

  always_ff @(posedge clk_i) begin
    if (add_i) begin : add
      logic [31:0] sum;
      sum = '0;
      for (int unsigned g = 0; g < Fours; g++) sum = sum + 32'(four_q[g]);
      dot_o <= sum;
    end
  end

endmodule
