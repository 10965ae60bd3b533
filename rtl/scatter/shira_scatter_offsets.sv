// Fifth stage of SCATTER: from positions to byte offsets in the image.
//
// Does:         layout tile: nothing, a position is an offset. Layout row: element (r, c) of a position,
//               r = position >> row_log2, is at (((r / n) * k_tiles + c / k) * n + r mod n) * k + c mod k;
//               each command brings its row_log2 and k_tiles. Count, values and mark go along.
// Never does:   drops, adds or reorders a bundle; loses a bit: an offset is as wide as it can be.
// Latency:      tile: none; row: two cycles. Throughput: a bundle a cycle.
// Backpressure: out_ready_i stalls both steps.
module shira_scatter_offsets #(
  parameter int unsigned RowLayout = 0,
  parameter int unsigned Lanes     = 8,
  parameter int unsigned ArrayN    = 16,
  parameter int unsigned ArrayK    = 16,
  parameter int unsigned OffsetW   = 34,  // bits of an offset; row: 50
  localparam int unsigned CountW   = $clog2(Lanes + 1)
) (
  input  logic                         clk_i,
  input  logic                         rst_ni,       // synchronous, active low
  input  logic                         clear_i,      // drop everything
  // geometry of a command <- fetch
  input  logic                         cmd_valid_i,
  output logic                         cmd_ready_o,
  input  shira_scatter_pkg::geometry_t cmd_geometry_i,
  // bundles <- shira_scatter_bundles; a command ends with mark.last
  input  logic                         in_valid_i,
  output logic                         in_ready_o,
  input  logic [           CountW-1:0] in_count_i,
  input  logic [         Lanes*34-1:0] in_pos_i,
  input  logic [          Lanes*8-1:0] in_value_i,
  input  shira_scatter_pkg::mark_t     in_mark_i,
  // bundles -> banks
  output logic                         out_valid_o,
  input  logic                         out_ready_i,
  output logic [           CountW-1:0] out_count_o,
  output logic [    Lanes*OffsetW-1:0] out_offset_o,
  output logic [          Lanes*8-1:0] out_value_o,
  output shira_scatter_pkg::mark_t     out_mark_o
);

  localparam int unsigned NLog = $clog2(ArrayN);
  localparam int unsigned KLog = $clog2(ArrayK);

  if (ArrayN < 2 || ArrayN != 1 << NLog || ArrayK < 2 || ArrayK != 1 << KLog) begin : g_bad_array
    $error("%m: ArrayN and ArrayK must be powers of two, 2 or more");
  end
  if (OffsetW != ((RowLayout != 0) ? 50 : 34)) begin : g_bad_offset
    $error("%m: OffsetW must be 50 with RowLayout and 34 without");
  end

  if (RowLayout == 0) begin : g_tile
    assign cmd_ready_o  = 1'b1;
    assign in_ready_o   = out_ready_i;
    assign out_valid_o  = in_valid_i;
    assign out_count_o  = in_count_i;
    assign out_offset_o = in_pos_i;
    assign out_value_o  = in_value_i;
    assign out_mark_o   = in_mark_i;

    logic unused;
    assign unused = &{1'b0, clk_i, rst_ni, clear_i, cmd_valid_i, cmd_geometry_i};
  end else begin : g_row
    logic                     geometry_valid;
    logic [              4:0] row_log2;  // of the bundle that is offered
    logic [             15:0] k_tiles;
    logic                     step1;
    logic                     step2;
    logic                     s2_ready;
    logic                     s1_valid_q;
    logic [       CountW-1:0] s1_count_q;
    logic [      Lanes*8-1:0] s1_value_q;
    shira_scatter_pkg::mark_t s1_mark_q;
    logic [             15:0] s1_k_tiles_q;

    /* verilator lint_off PINCONNECTEMPTY */  // how full it is does not matter here
    shira_fifo #(
      .Width($bits(cmd_geometry_i)),
      .Depth(2)
    ) u_commands (
      .clk_i,
      .rst_ni,
      .clear_i,
      .push_valid_i(cmd_valid_i),
      .push_ready_o(cmd_ready_o),
      .push_data_i (cmd_geometry_i),
      .pop_valid_o (geometry_valid),
      .pop_ready_i (step1 && in_mark_i.last),
      .pop_data_o  ({row_log2, k_tiles}),
      .count_o     ()
    );
    /* verilator lint_on PINCONNECTEMPTY */

    assign s2_ready   = !out_valid_o || out_ready_i;
    assign in_ready_o = geometry_valid && (!s1_valid_q || s2_ready);
    assign step1      = in_valid_i && in_ready_o;
    assign step2      = s1_valid_q && s2_ready;

    always_ff @(posedge clk_i) begin
      if (!rst_ni || clear_i) begin
        s1_valid_q  <= 1'b0;
        out_valid_o <= 1'b0;
      end else begin
        s1_valid_q  <= step1 || (s1_valid_q && !s2_ready);
        out_valid_o <= step2 || (out_valid_o && !out_ready_i);
      end
    end

    always_ff @(posedge clk_i) begin
      if (step1) begin
        s1_count_q   <= in_count_i;
        s1_value_q   <= in_value_i;
        s1_mark_q    <= in_mark_i;
        s1_k_tiles_q <= k_tiles;
      end
      if (step2) begin
        out_count_o <= s1_count_q;
        out_value_o <= s1_value_q;
        out_mark_o  <= s1_mark_q;
      end
    end

    // A position is less than 2^33 and row_log2 at least 2.
    for (genvar l = 0; l < Lanes; l++) begin : g_lane
      logic [33:0] pos;
      logic [31:0] r_q;
      logic [30:0] c_q;
      logic [47:0] tile;

      assign pos  = in_pos_i[l*34+:34];
      assign tile = (48'(r_q) >> NLog) * 48'(s1_k_tiles_q) + (48'(c_q) >> KLog);

      always_ff @(posedge clk_i) begin
        if (step1) begin
          r_q <= 32'(pos >> row_log2);
          c_q <= pos[30:0] & ~(31'h7fffffff << row_log2);
        end
        if (step2)
          out_offset_o[l*OffsetW+:OffsetW] <= OffsetW'({tile, r_q[NLog-1:0], c_q[KLog-1:0]});
      end
    end

`ifdef SHIRA_ASSERT
    out_stable: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
      out_valid_o && !out_ready_i |=>
      out_valid_o && $stable(out_offset_o) && $stable(out_count_o));
    geometry_first: assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
      in_valid_i |-> geometry_valid);
`endif
  end

endmodule
