// Walks through the addresses of a GEMM's results, in the order in which they leave: output tiles, in each
// the tokens.
//
// Does:         gives one address at a time. int8: token m, output tile i is at base + m * stride + i * n in
//               the activation SRAM; wadd: word (m / n * image_k_tiles + i) * n + m mod n from base in the
//               weight SRAM.
// Never does:   checks anything; the descriptor was checked.
// Latency:      the first address in the cycle after start_i.
// Throughput:   an address a cycle.
// Backpressure: the address stays until next_i.
module shira_gemm_out_address #(
  parameter int unsigned ArrayN = 4,
  parameter int unsigned ArrayK = 4
) (
  input  logic        clk_i,
  input  logic        start_i,          // begin a descriptor
  input  logic        wadd_i,           // with start_i: its results are words of weights
  input  logic [31:0] base_i,           // with start_i: address of the first result
  input  logic [31:0] tokens_i,         // with start_i: M
  input  logic [31:0] stride_i,         // with start_i: int8: bytes from token to token
  input  logic [31:0] image_k_tiles_i,  // with start_i: wadd: tiles in a row of the image
  input  logic        next_i,           // the address was used
  output logic [31:0] addr_o
);

  localparam int unsigned NW    = $clog2(ArrayN);
  localparam int unsigned TileW = NW + $clog2(ArrayK);

  logic        wadd_q;
  logic [31:0] tokens_q;  // less one
  logic [31:0] m_q;       // token
  logic [31:0] addr_q;
  logic [31:0] base_q;    // token 0 of this output tile
  logic [31:0] group_q;   // wadd: first token of this row of tiles
  logic [31:0] step_q;    // int8: from token to token; wadd: from a row of tiles to the next

  logic [31:0] tile_base;  // token 0 of the next output tile
  logic        last_m;
  logic        last_of_group;

  assign tile_base     = base_q + (wadd_q ? 32'd1 << TileW : 32'd1 << NW);
  assign last_m        = m_q == tokens_q;
  assign last_of_group = m_q[NW-1:0] == '1;
  assign addr_o        = addr_q;

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      wadd_q   <= wadd_i;
      tokens_q <= tokens_i - 32'd1;
      m_q      <= '0;
      addr_q   <= base_i;
      base_q   <= base_i;
      group_q  <= base_i;
      step_q   <= wadd_i ? image_k_tiles_i << TileW : stride_i;
    end else if (next_i) begin
      m_q <= m_q + 32'd1;
      if (last_m) begin
        m_q     <= '0;
        addr_q  <= tile_base;
        base_q  <= tile_base;
        group_q <= tile_base;
      end else if (!wadd_q) begin
        addr_q <= addr_q + step_q;
      end else if (last_of_group) begin
        addr_q  <= group_q + step_q;
        group_q <= group_q + step_q;
      end else begin
        addr_q <= addr_q + 32'(ArrayK);
      end
    end
  end

endmodule
