// Says where each result vector of a GEMM goes, and for `wadd` which word it is added to.
//
// Does:         walks through output tiles and in each the tokens, the order in which results leave.
// Never does:   checks anything; the descriptor was checked.
// Latency:      the first address in the cycle after start_i. Throughput: one a cycle.
// Backpressure: the address stays until next_i.
module shira_gemm_place #(
  parameter int unsigned ArrayN = 4,
  parameter int unsigned ArrayK = 4
) (
  input  logic                       clk_i,
  input  logic                       start_i,     // begin desc_i
  input  shira_regs_pkg::desc_gemm_t desc_i,
  input  logic                       next_i,      // the address was used
  output logic [               31:0] out_addr_o,  // int8: activation SRAM; wadd: weight SRAM
  output logic [               31:0] src_addr_o   // wadd: weight SRAM
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
  logic [31:0] src_q;     // from the image that is written to the image that is added to

  logic [31:0] tile_step;
  logic        last_m;
  logic        last_of_group;

  assign tile_step     = wadd_q ? 32'd1 << TileW : 32'd1 << NW;
  assign last_m        = m_q == tokens_q;
  assign last_of_group = m_q[NW-1:0] == '1;

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      wadd_q   <= desc_i.out == shira_regs_pkg::GemmOutWadd;
      tokens_q <= desc_i.tokens - 32'd1;
      m_q      <= '0;
      addr_q   <= desc_i.out_addr;
      base_q   <= desc_i.out_addr;
      group_q  <= desc_i.out_addr;
      step_q   <= (desc_i.out == shira_regs_pkg::GemmOutWadd) ? desc_i.image_k_tiles << TileW
                                                               : desc_i.out_stride;
      src_q    <= desc_i.src_addr - desc_i.out_addr;
    end else if (next_i) begin
      m_q <= m_q + 32'd1;
      if (last_m) begin
        m_q     <= '0;
        addr_q  <= base_q + tile_step;
        base_q  <= base_q + tile_step;
        group_q <= base_q + tile_step;
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

  assign out_addr_o = addr_q;
  assign src_addr_o = addr_q + src_q;

  // Fields that others use.
  logic unused;
  assign unused = &{1'b0, desc_i};

endmodule
