// Walks through the steps of a GEMM: output tiles, in each the input tiles, in each the tokens.
//
// Does:         gives one step at a time: the addresses that it reads and where it stands. A step is one
//               weight tile times one token's activations.
// Never does:   checks anything; the descriptor was checked.
// Latency:      the first step in the cycle after start_i.
// Throughput:   a step a cycle.
// Backpressure: the step stays until next_i.
module shira_gemm_steps #(
  parameter int unsigned ArrayN = 4,
  parameter int unsigned ArrayK = 4
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,
  input  logic                       start_i,     // begin desc_i
  input  shira_regs_pkg::desc_gemm_t desc_i,
  input  logic                       stop_i,      // give no more steps
  input  logic                       next_i,      // the step was taken
  output logic                       valid_o,     // there is a step
  output logic [               31:0] tile_addr_o, // weight SRAM: its tile
  output logic [               31:0] x_addr_o,    // activation SRAM: its activations
  output logic [               31:0] acc_addr_o,  // accumulator SRAM: its sums
  output logic                       new_tile_o,  // first token of its tile
  output logic                       first_o,     // first input tile of its sums
  output logic                       last_o       // last input tile of its sums
);

  localparam logic [31:0] TileBytes = 32'(ArrayN * ArrayK);
  localparam logic [31:0] AccWord   = 32'(4 * ArrayN);

  // The descriptor's part that is needed again and again.
  logic [31:0] tokens_q;      // less one
  logic [31:0] k_tiles_q;     // less one
  logic [31:0] x_base_q;
  logic [31:0] x_stride_q;
  logic [31:0] acc_stride_q;

  logic        valid_q;
  logic        new_tile_q;
  logic        first_q;
  logic [31:0] m_q;           // tokens left after this one
  logic [31:0] j_q;           // input tiles left
  logic [31:0] i_q;           // output tiles left
  logic [31:0] tile_addr_q;
  logic [31:0] x_addr_q;
  logic [31:0] x_column_q;    // activations of token 0 for this input tile
  logic [31:0] acc_addr_q;
  logic [31:0] acc_row_q;     // sums of token 0 for this output tile

  logic last_m, last_j;
  assign last_m = m_q == '0;
  assign last_j = j_q == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || stop_i) begin
      valid_q <= 1'b0;
    end else if (start_i) begin
      valid_q <= 1'b1;
    end else if (next_i && last_m && last_j && i_q == '0) begin
      valid_q <= 1'b0;
    end

    if (start_i) begin
      tokens_q     <= desc_i.tokens - 32'd1;
      k_tiles_q    <= desc_i.k_tiles - 32'd1;
      x_base_q     <= desc_i.x_addr;
      x_stride_q   <= desc_i.x_stride;
      acc_stride_q <= desc_i.acc_stride;
      new_tile_q   <= 1'b1;
      first_q      <= 1'b1;
      m_q          <= desc_i.tokens - 32'd1;
      j_q          <= desc_i.k_tiles - 32'd1;
      i_q          <= desc_i.n_tiles - 32'd1;
      tile_addr_q  <= desc_i.w_addr;
      x_addr_q     <= desc_i.x_addr;
      x_column_q   <= desc_i.x_addr;
      acc_addr_q   <= desc_i.acc_addr;
      acc_row_q    <= desc_i.acc_addr;
    end else if (next_i) begin
      new_tile_q <= last_m;
      if (!last_m) begin
        m_q        <= m_q - 32'd1;
        x_addr_q   <= x_addr_q + x_stride_q;
        acc_addr_q <= acc_addr_q + AccWord;
      end else begin
        m_q         <= tokens_q;
        tile_addr_q <= tile_addr_q + TileBytes;
        first_q     <= last_j;
        if (!last_j) begin
          j_q        <= j_q - 32'd1;
          x_addr_q   <= x_column_q + 32'(ArrayK);
          x_column_q <= x_column_q + 32'(ArrayK);
          acc_addr_q <= acc_row_q;
        end else begin
          j_q        <= k_tiles_q;
          i_q        <= i_q - 32'd1;
          x_addr_q   <= x_base_q;
          x_column_q <= x_base_q;
          acc_addr_q <= acc_row_q + acc_stride_q;
          acc_row_q  <= acc_row_q + acc_stride_q;
        end
      end
    end
  end

  assign valid_o     = valid_q;
  assign tile_addr_o = tile_addr_q;
  assign x_addr_o    = x_addr_q;
  assign acc_addr_o  = acc_addr_q;
  assign new_tile_o  = new_tile_q;
  assign first_o     = first_q;
  assign last_o      = last_j;

  // Fields that others use.
  logic unused;
  assign unused = &{1'b0, desc_i};

`ifdef SHIRA_ASSERT
  step_stays: assert property (@(posedge clk_i) disable iff (!rst_ni)
    valid_o && !next_i && !stop_i |=>
    valid_o && $stable({tile_addr_o, x_addr_o, acc_addr_o, new_tile_o, first_o, last_o}));
  start_when_over: assert property (@(posedge clk_i) disable iff (!rst_ni) start_i |-> !valid_o);
`endif

endmodule
