// Cuts bundles of updates of weights in memory into segments: runs of updates that lie in one line.
// A line is an aligned run of StreamAlign bytes.
//
// Does:         adds the image's address, checks each update against the window, and offers what of the
//               oldest bundle lies in one line, at ascending bytes, as a segment; says whether it opens
//               a line or goes on in that of the segment before, which may be of an earlier bundle.
// Never does:   offers an update outside the window, or a later one; lets an update of the next command
//               in before end_i.
// Latency:      two cycles. Throughput: a segment a cycle; a bundle a cycle where it is one segment.
// Backpressure: in_ready_o is low while the bundle has more segments, and at the end of a command.
module shira_scatter_split #(
  parameter int unsigned Lanes       = 8,
  parameter int unsigned OffsetW     = 34,   // bits of an offset, at most 63
  parameter int unsigned StreamAlign = 32,   // bytes of a line
  localparam int unsigned CountW     = $clog2(Lanes + 1),
  localparam int unsigned ByteW      = $clog2(StreamAlign),
  localparam int unsigned LineW      = 64 - ByteW
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,        // synchronous, active low
  input  logic                       stop_i,        // forget the command
  // bundles <- offsets
  input  logic                       in_valid_i,
  output logic                       in_ready_o,
  input  logic [         CountW-1:0] in_count_i,
  input  logic [  Lanes*OffsetW-1:0] in_offset_i,   // bytes from the image's first
  input  logic [        Lanes*8-1:0] in_value_i,
  input  shira_scatter_pkg::mark_t   in_mark_i,
  input  shira_scatter_pkg::memory_t memory_i,      // of the command
  // segments
  output logic                       seg_valid_o,
  input  logic                       seg_ready_i,
  output logic                       seg_start_o,   // opens a line
  output logic [          LineW-1:0] seg_line_o,    // address of it / StreamAlign
  output logic [         CountW-1:0] seg_count_o,   // updates, 1 or more
  output logic [    Lanes*ByteW-1:0] seg_byte_o,    // of the line; lane 0 is the oldest update
  output logic [        Lanes*8-1:0] seg_value_o,
  // end of a command
  output logic                       ends_o,        // all segments of the command were taken
  output logic [                7:0] end_status_o,
  output logic [               63:0] end_where_o,
  input  logic                       end_i          // go on with the next command
);

  logic                     valid_q;
  logic [       CountW-1:0] left_q;    // updates of the bundle that were not taken, from lane 0 on
  logic [     Lanes*64-1:0] addr_q;
  logic [      Lanes*8-1:0] value_q;
  logic [        Lanes-1:0] legal_q;   // in the window
  logic [        Lanes-1:0] joins_q;   // in the line of the lane before, at a later byte
  shira_scatter_pkg::mark_t mark_q;
  logic                     line_valid_q;
  logic [        LineW-1:0] line_q;    // of the segment before
  logic [       CountW-1:0] count;
  logic                     outside;   // the oldest update is
  logic                     push;
  logic                     free;      // nothing of the bundle is needed any more
  logic                     load;

  // ---- A bundle comes: its addresses ----
  logic                     next_valid_q;
  logic [       CountW-1:0] next_count_q;
  logic [     Lanes*64-1:0] next_addr_q;
  logic [      Lanes*8-1:0] next_value_q;
  shira_scatter_pkg::mark_t next_mark_q;
  logic                     last_q;    // the command's last bundle was taken
  logic                     take;

  assign in_ready_o = !stop_i && !last_q && (!next_valid_q || load);
  assign take       = in_valid_i && in_ready_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || stop_i || end_i) begin
      next_valid_q <= 1'b0;
      last_q       <= 1'b0;
    end else begin
      next_valid_q <= take || (next_valid_q && !load);
      if (take) last_q <= in_mark_i.last;
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      next_count_q <= in_count_i;
      next_value_q <= in_value_i;
      next_mark_q  <= in_mark_i;
      for (int unsigned k = 0; k < Lanes; k++)
        next_addr_q[k*64+:64] <= memory_i.base + 64'(in_offset_i[k*OffsetW+:OffsetW]);
    end
  end

  // ---- It is looked at: which of it is legal, and what lies together ----
  logic [Lanes-1:0] legal;
  logic [Lanes-1:0] joins;

  always_comb begin
    legal = '0;
    joins = '0;
    if (load) begin
      for (int unsigned k = 0; k < Lanes; k++)
        legal[k] = next_addr_q[k*64+:64] >= memory_i.lo && next_addr_q[k*64+:64] < memory_i.hi;
      for (int unsigned k = 1; k < Lanes; k++)
        joins[k] = next_addr_q[k*64+ByteW+:LineW] == next_addr_q[(k-1)*64+ByteW+:LineW] &&
                   next_addr_q[k*64+:ByteW] > next_addr_q[(k-1)*64+:ByteW];
    end
  end

  // ---- The oldest segment ----
  always_comb begin
    logic open;
    count = '0;
    open  = valid_q;
    if (valid_q) begin
      for (int unsigned k = 0; k < Lanes; k++) begin
        open = open && CountW'(k) < left_q && legal_q[k] && (k == 0 || joins_q[k]);
        if (open) count = CountW'(k + 1);
      end
    end
  end

  for (genvar k = 0; k < Lanes; k++) begin : g_lane
    assign seg_byte_o[k*ByteW+:ByteW] = addr_q[k*64+:ByteW];
  end
  assign seg_line_o  = addr_q[63:ByteW];
  assign seg_value_o = value_q;
  assign seg_count_o = count;
  assign seg_start_o = !line_valid_q || line_q != seg_line_o;
  assign seg_valid_o = count != '0 && !stop_i;
  assign push        = seg_valid_o && seg_ready_i;

  assign outside      = valid_q && left_q != '0 && !legal_q[0];
  assign ends_o       = outside || (valid_q && left_q == '0 && mark_q.last);
  assign end_status_o = outside ? shira_regs_pkg::StatusWindow : mark_q.status;
  assign end_where_o  = outside ? addr_q[63:0] : mark_q.where;

  assign free = !mark_q.last && (left_q == '0 || (push && count == left_q));
  assign load = next_valid_q && (!valid_q || free);

  always_ff @(posedge clk_i) begin
    if (!rst_ni || stop_i || end_i) begin
      valid_q      <= 1'b0;
      line_valid_q <= 1'b0;
    end else begin
      valid_q <= load || (valid_q && !free);
      if (push) line_valid_q <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (push) line_q <= seg_line_o;
    if (load) begin
      left_q  <= next_count_q;
      addr_q  <= next_addr_q;
      value_q <= next_value_q;
      legal_q <= legal;
      joins_q <= joins;
      mark_q  <= next_mark_q;
    end else if (push) begin
      left_q  <= left_q - count;
      addr_q  <= addr_q >> {count, 6'd0};
      value_q <= value_q >> {count, 3'd0};
      legal_q <= legal_q >> count;
      joins_q <= joins_q >> count;
    end
  end

  logic unused;
  assign unused = &{1'b0, memory_i.valid};

`ifdef SHIRA_ASSERT
  AssertSegmentStable :
  assert property (@(posedge clk_i) disable iff (!rst_ni || stop_i)
    seg_valid_o && !seg_ready_i |=>
    seg_valid_o && $stable(seg_line_o) && $stable(seg_count_o) && $stable(seg_value_o));
  AssertEndMeant :
  assert property (@(posedge clk_i) disable iff (!rst_ni) end_i && !stop_i |-> ends_o);
  AssertLegal :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    seg_valid_o |-> addr_q[63:0] >= memory_i.lo && addr_q[63:0] < memory_i.hi);
`endif

endmodule
