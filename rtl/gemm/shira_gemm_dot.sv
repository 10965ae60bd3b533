// The array: ArrayN dot products of ArrayK INT8 pairs in each cycle, in two stages.
//
// Does:         sums the products of the tile's rows with the token's activations: four products each at
//               the first edge, the row's sums of four at the second.
// Never does:   stalls, or keeps its inputs: tile_i and x_i stand while mul_i is high.
// Latency:      two cycles: mul_i at one edge, add_i at the next, then dot_o.
// Throughput:   a step a cycle.
// Backpressure: none.
module shira_gemm_dot #(
  parameter int unsigned ArrayN = 4,
  parameter int unsigned ArrayK = 4
) (
  input  logic                         clk_i,
  input  logic [ArrayN*ArrayK*8-1:0]   tile_i,  // weights, row r at bits r*ArrayK*8
  input  logic [ArrayK*8-1:0]          x_i,     // activations of a token
  input  logic                         mul_i,   // multiply them
  input  logic                         add_i,   // add the products of the cycle before
  output logic [ArrayN*32-1:0]         dot_o    // sum of row r at bits r*32
);

  localparam int unsigned RowFours = ArrayK / 4;  // groups of four pairs in a row

  if (ArrayK % 4 != 0) begin : g_bad
    $error("%m: ArrayK must be a multiple of 4");
  end

  localparam int unsigned FourW = 18;  // bits of a sum of four products
  logic signed [FourW-1:0] four_q[ArrayN*RowFours];

  function automatic logic signed [FourW-1:0] dot4(input logic [31:0] w, input logic [31:0] x);
    dot4 = FourW'($signed(w[7:0])) * FourW'($signed(x[7:0])) +
        FourW'($signed(w[15:8])) * FourW'($signed(x[15:8])) +
        FourW'($signed(w[23:16])) * FourW'($signed(x[23:16])) +
        FourW'($signed(w[31:24])) * FourW'($signed(x[31:24]));
  endfunction

  for (genvar r = 0; r < ArrayN; r++) begin : g_row
    always_ff @(posedge clk_i) begin
      if (add_i) begin : add
        logic [31:0] sum;
        sum = '0;
        for (int unsigned g = 0; g < RowFours; g++) sum = sum + 32'(four_q[r*RowFours+g]);
        dot_o[32*r+:32] <= sum;
      end
    end
    for (genvar g = 0; g < RowFours; g++) begin : g_four
      always_ff @(posedge clk_i) begin
        if (mul_i) four_q[r*RowFours+g] <= dot4(tile_i[32*(r*RowFours+g)+:32], x_i[32*g+:32]);
      end
    end
  end

endmodule
