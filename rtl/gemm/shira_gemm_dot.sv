// The array: ArrayN dot products, ArrayK long, INT8 x INT8 -> INT32.
//
// Does:         keeps the weight tile and the token's activations in registers, and a tile and
//               activations that arrived while the array was held. mul_i registers the products' sums
//               of the tile and the activations that were loaded before.
// Never does:   stalls; who drives it knows when a load may overwrite what is held.
// Latency:      load at one edge, sums in dot_o after the edge at which mul_i is high.
// Throughput:   a load and a multiplication a cycle.
module shira_gemm_dot #(
  parameter int unsigned ArrayN = 4,
  parameter int unsigned ArrayK = 4
) (
  input  logic                         clk_i,
  input  logic [ArrayN*ArrayK*8-1:0]   tile_i,       // from the weight SRAM, row r at bits r*ArrayK*8
  input  logic [ArrayK*8-1:0]          x_i,          // from the activation SRAM
  input  logic                         save_tile_i,  // keep tile_i aside
  input  logic                         save_x_i,     // keep x_i aside
  input  logic                         load_tile_i,  // take the next tile
  input  logic                         load_x_i,     // take the next activations
  input  logic                         kept_i,       // take what was kept aside
  input  logic                         mul_i,        // multiply what was loaded
  output logic [ArrayN*32-1:0]         dot_o         // sum of row r at bits r*32
);

  localparam int unsigned RowWords = ArrayK / 4;  // groups of four weights in a row
  localparam int unsigned Words    = ArrayN * RowWords;

  if (ArrayK % 4 != 0) begin : g_bad
    $error("%m: ArrayK must be a multiple of 4");
  end

  logic [ArrayN*ArrayK*8-1:0] tile_kept_q;
  logic [       ArrayK*8-1:0] x_kept_q;
  logic [               31:0] w_q[Words];
  logic [               31:0] x_q[RowWords];

  function automatic logic [31:0] dot4(input logic [31:0] w, input logic [31:0] x);
    dot4 = 32'($signed(w[7:0])) * 32'($signed(x[7:0])) +
        32'($signed(w[15:8])) * 32'($signed(x[15:8])) +
        32'($signed(w[23:16])) * 32'($signed(x[23:16])) +
        32'($signed(w[31:24])) * 32'($signed(x[31:24]));
  endfunction

  always_ff @(posedge clk_i) begin
    if (save_tile_i) tile_kept_q <= tile_i;
    if (save_x_i) x_kept_q <= x_i;
  end

  for (genvar g = 0; g < Words; g++) begin : g_load_w
    always_ff @(posedge clk_i) begin
      if (load_tile_i) w_q[g] <= kept_i ? tile_kept_q[32*g+:32] : tile_i[32*g+:32];
    end
  end

  for (genvar g = 0; g < RowWords; g++) begin : g_load_x
    always_ff @(posedge clk_i) begin
      if (load_x_i) x_q[g] <= kept_i ? x_kept_q[32*g+:32] : x_i[32*g+:32];
    end
  end

  for (genvar r = 0; r < ArrayN; r++) begin : g_row
    always_ff @(posedge clk_i) begin
      if (mul_i) begin : mul
        logic [31:0] sum;
        sum = '0;
        for (int unsigned g = 0; g < RowWords; g++) sum = sum + dot4(w_q[r*RowWords+g], x_q[g]);
        dot_o[32*r+:32] <= sum;
      end
    end
  end

endmodule
