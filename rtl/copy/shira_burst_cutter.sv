// Cuts a 2-D region in memory or SRAM into pieces: bursts of memory, or single beats.
//
// Does:         after load_i offers the pieces of the region in order, row after row. A piece is one
//               beat (single_i), or the part of a row up to the next multiple of BurstBytes.
// Never does:   joins two rows in a piece; checks addresses, which wrap at 2^64.
// Latency:      first piece two cycles after load_i. Throughput: a piece a cycle.
// Backpressure: a piece stays until next_i.
module shira_burst_cutter #(
  parameter int unsigned BeatBytes  = 32,  // bytes of a beat, a power of two
  parameter int unsigned BurstBytes = 512  // longest piece, a power of two, at most 256 beats
) (
  input  logic        clk_i,
  input  logic        rst_ni,       // synchronous, active low
  input  logic        clear_i,      // forget the region; a load in the same cycle counts
  input  logic        load_i,       // start a new region; the one before must have ended
  input  logic        single_i,     // pieces of one beat
  input  logic [63:0] addr_i,       // first byte, multiple of BeatBytes
  input  logic [31:0] stride_i,     // bytes from a row to the next, multiple of BeatBytes
  input  logic [31:0] row_beats_i,  // beats a row, >= 1
  input  logic [31:0] rows_i,       // rows, >= 1
  output logic        busy_o,       // pieces of the region are left
  output logic        valid_o,      // a piece is offered
  output logic [63:0] addr_o,       // its first byte
  output logic [ 8:0] beats_o,      // its length
  input  logic        next_i        // the piece is taken
);

  localparam int unsigned BeatW      = $clog2(BeatBytes);
  localparam int unsigned BurstBeats = BurstBytes / BeatBytes;
  localparam int unsigned IndexW     = (BurstBeats > 1) ? $clog2(BurstBeats) : 1;

  if (BurstBeats < 1 || BurstBeats > 256 || (BurstBeats & (BurstBeats - 1)) != 0) begin : g_bad_burst
    $error("BurstBytes must be a power of two of 1 to 256 beats");
  end

  // ---- The region's rows ----
  logic        single_q;
  logic [31:0] stride_q;
  logic [31:0] row_beats_q;
  logic        more_rows_q;   // a row was not begun
  logic [31:0] rows_q;        // how many
  logic [63:0] row_addr_q;    // of the next one
  logic [ 8:0] to_edge;       // its beats up to the next multiple of BurstBytes
  logic [ 8:0] most;          // beats of its first piece at most
  logic        row_short;     // its first piece is all of it

  // ---- The piece ----
  logic        valid_q;
  logic [63:0] addr_q;
  logic [ 8:0] beats_q;
  logic        row_end_q;     // it is the row's last
  logic [31:0] left_q;        // beats of the row behind it
  logic [63:0] addr_next;     // of the piece behind it in the row
  logic [31:0] step;          // beats of that piece at most
  logic        begin_row;

  if (BurstBeats == 1) begin : g_edge_one
    assign to_edge   = 9'd1;
    assign addr_next = {addr_q[63:BeatW] + (64 - BeatW)'(1), BeatW'(0)};
  end else begin : g_edge
    assign to_edge   = 9'(BurstBeats) - 9'(row_addr_q[BeatW+:IndexW]);
    assign addr_next = {(addr_q[63:BeatW] | {{(64 - BeatW - IndexW) {1'b0}}, {IndexW{!single_q}}}) +
                        (64 - BeatW)'(1), BeatW'(0)};
  end

  assign most      = single_q ? 9'd1 : to_edge;
  assign row_short = row_beats_q <= 32'(most);
  assign step      = single_q ? 32'd1 : 32'(BurstBeats);
  assign begin_row = more_rows_q && (!valid_q || (next_i && row_end_q));

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      more_rows_q <= 1'b0;
      valid_q     <= 1'b0;
    end else if (clear_i || load_i) begin
      more_rows_q <= load_i;
      valid_q     <= 1'b0;
    end else begin
      if (begin_row) more_rows_q <= rows_q != 32'd1;
      valid_q <= begin_row || (valid_q && !(next_i && row_end_q));
    end
  end

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      single_q    <= single_i;
      stride_q    <= stride_i;
      row_beats_q <= row_beats_i;
      rows_q      <= rows_i;
      row_addr_q  <= addr_i;
    end else if (begin_row) begin
      rows_q     <= rows_q - 32'd1;
      row_addr_q <= row_addr_q + 64'(stride_q);
    end
    if (begin_row) begin
      addr_q    <= row_addr_q;
      beats_q   <= row_short ? row_beats_q[8:0] : most;
      row_end_q <= row_short;
      left_q    <= row_beats_q - 32'(most);
    end else if (next_i) begin
      addr_q    <= addr_next;
      beats_q   <= (left_q <= step) ? left_q[8:0] : step[8:0];
      row_end_q <= left_q <= step;
      left_q    <= left_q - step;
    end
  end

  assign busy_o  = valid_q || more_rows_q;
  assign valid_o = valid_q;
  assign addr_o  = addr_q;
  assign beats_o = beats_q;

`ifdef SHIRA_ASSERT
  AssertLoadFree :
  assert property (@(posedge clk_i) disable iff (!rst_ni) load_i |-> !busy_o || clear_i);
  AssertLoadSize :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    load_i |-> row_beats_i != '0 && rows_i != '0);
  AssertStable :
  assert property (@(posedge clk_i) disable iff (!rst_ni || clear_i)
    valid_o && !next_i |=> clear_i || (valid_o && $stable(addr_o) && $stable(beats_o)));
  AssertNextValid :
  assert property (@(posedge clk_i) disable iff (!rst_ni) next_i |-> valid_o);
  AssertInBurst :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    valid_o |-> beats_o != '0 &&
    (32'(addr_o[11:0]) & 32'(BurstBytes - 1)) + (32'(beats_o) << BeatW) <= 32'(BurstBytes));
`endif

endmodule
