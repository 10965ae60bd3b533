// Walks over a 2-D region in memory or SRAM and cuts it into pieces.
//
// Does:         after load_i offers the pieces of the region in order, row after row. A piece is one
//               beat (single_i), or the part of a row up to the next multiple of BurstBytes.
// Never does:   joins two rows in a piece; checks addresses, which wrap at 2^64.
// Latency:      first piece in the cycle after load_i. Throughput: a piece a cycle.
// Backpressure: a piece stays until next_i.
module shira_walk #(
  parameter int unsigned BeatBytes  = 32,  // bytes of a beat, a power of two
  parameter int unsigned BurstBytes = 512  // longest piece, a power of two, at most 256 beats
) (
  input  logic        clk_i,
  input  logic        rst_ni,       // synchronous, active low
  input  logic        clear_i,      // forget the region
  input  logic        load_i,       // start a new region; the one before must have ended
  input  logic        single_i,     // pieces of one beat
  input  logic [63:0] addr_i,       // first byte, multiple of BeatBytes
  input  logic [31:0] stride_i,     // bytes from a row to the next, multiple of BeatBytes
  input  logic [31:0] row_beats_i,  // beats a row, >= 1
  input  logic [31:0] rows_i,       // rows, >= 1
  output logic        valid_o,      // a piece is offered
  output logic [63:0] addr_o,       // its first byte
  output logic [ 8:0] beats_o,      // its length
  output logic        last_o,       // it is the region's last
  input  logic        next_i        // the piece is taken
);

  localparam int unsigned BeatW      = $clog2(BeatBytes);
  localparam int unsigned BurstBeats = BurstBytes / BeatBytes;
  localparam int unsigned IndexW     = (BurstBeats > 1) ? $clog2(BurstBeats) : 1;

  if (BurstBeats < 1 || BurstBeats > 256 || (BurstBeats & (BurstBeats - 1)) != 0) begin : g_bad_burst
    $error("%m: BurstBytes must be a power of two of 1 to 256 beats");
  end

  logic        valid_q;
  logic        single_q;
  logic [63:0] addr_q;       // of the piece
  logic [63:0] row_addr_q;   // of the row
  logic [31:0] stride_q;
  logic [31:0] row_beats_q;
  logic [31:0] row_left_q;   // beats of this row from the piece on
  logic [31:0] rows_left_q;  // rows after this one
  logic [ 8:0] to_edge;      // beats to the next multiple of BurstBytes
  logic        row_end;
  logic [63:0] row_next;

  if (BurstBeats == 1) begin : g_edge_one
    assign to_edge = 9'd1;
  end else begin : g_edge
    assign to_edge = 9'(BurstBeats) - 9'(addr_q[BeatW+:IndexW]);
  end

  always_comb begin
    beats_o = to_edge;
    if (row_left_q < 32'(to_edge)) beats_o = row_left_q[8:0];
    if (single_q) beats_o = 9'd1;
  end

  assign row_end  = row_left_q == 32'(beats_o);
  assign row_next = row_addr_q + 64'(stride_q);
  assign valid_o  = valid_q;
  assign addr_o   = addr_q;
  assign last_o   = row_end && rows_left_q == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) valid_q <= 1'b0;
    else if (load_i) valid_q <= 1'b1;
    else if (next_i && last_o) valid_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      single_q    <= single_i;
      addr_q      <= addr_i;
      row_addr_q  <= addr_i;
      stride_q    <= stride_i;
      row_beats_q <= row_beats_i;
      row_left_q  <= row_beats_i;
      rows_left_q <= rows_i - 32'd1;
    end else if (next_i) begin
      if (row_end) begin
        addr_q      <= row_next;
        row_addr_q  <= row_next;
        row_left_q  <= row_beats_q;
        rows_left_q <= rows_left_q - 32'd1;
      end else begin
        addr_q     <= addr_q + (64'(beats_o) << BeatW);
        row_left_q <= row_left_q - 32'(beats_o);
      end
    end
  end

endmodule
