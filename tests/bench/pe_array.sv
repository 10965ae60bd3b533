// The yardstick of simulation speed: a bare 16 x 16 INT8 array, one module instance per PE, no SRAM, no
// control, no accumulators behind it. Weights stay in the PEs; sums move down through a register in each PE.
//
// Systolic = 1: activations move right through a register in each PE (they enter skewed, as usual).
// Systolic = 0: activations reach all PEs of a row at once, which saves those registers.
module pe_array #(
  parameter int unsigned ArrayN   = 16,   // columns: sums
  parameter int unsigned ArrayK   = 16,   // rows: activations
  parameter int unsigned Systolic = 1
) (
  input  logic                       clk_i,
  input  logic                       load_i,  // take all weights
  input  logic [ArrayN*ArrayK*8-1:0] w_i,     // weight of row k, column n at bits (n*ArrayK+k)*8
  input  logic [       ArrayK*8-1:0] x_i,
  output logic [      ArrayN*32-1:0] sum_o
);

  logic [ArrayK*8-1:0] x_q;

  always_ff @(posedge clk_i) x_q <= x_i;

  for (genvar k = 0; k < ArrayK; k++) begin : g_row
    for (genvar n = 0; n < ArrayN; n++) begin : g_column
      logic [ 7:0] x_in;
      logic [ 7:0] x_out;  // the last column's goes nowhere
      logic [31:0] sum_in, sum_out;

      if (n == 0) begin : g_left
        assign x_in = x_q[8*k+:8];
      end else begin : g_inner
        assign x_in = g_row[k].g_column[n-1].x_out;
      end
      if (k == 0) begin : g_top
        assign sum_in = '0;
      end else begin : g_below
        assign sum_in = g_row[k-1].g_column[n].sum_out;
      end

      pe #(
        .Systolic(Systolic)
      ) i_pe (
        .clk_i,
        .load_i,
        .w_i  (w_i[(n*ArrayK+k)*8+:8]),
        .x_i  (x_in),
        .x_o  (x_out),
        .sum_i(sum_in),
        .sum_o(sum_out)
      );

      if (n == ArrayN - 1) begin : g_right
        logic unused;
        assign unused = &{1'b0, x_out};
      end
      if (k == ArrayK - 1) begin : g_bottom
        assign sum_o[32*n+:32] = sum_out;
      end
    end
  end

endmodule
