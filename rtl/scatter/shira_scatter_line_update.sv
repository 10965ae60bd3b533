// Makes the updates of SCATTER in lines of memory: combines the segments of a line into one write with
// byte masks.
//
// Does:         puts a segment's values where their bytes lie, changes the bytes of the line (SET puts the
//               values there, ADD and SUB change what was read, SWAP puts them and gives what was there, in
//               the order of the updates), and offers the line to be written when a segment of another
//               one follows, no segment is left, or after stop_i.
// Never does:   changes a line that could not be read; loses a line that was changed, or what a SWAP
//               replaced in it, after stop_i.
// Latency:      two cycles to the line, three to the replaced bytes. Throughput: a segment a cycle.
// Backpressure: line_ready_i, old_ready_i, read_valid_i.
module shira_scatter_line_update #(
  parameter int unsigned StreamAlign = 32,   // bytes of a line
  parameter int unsigned Lanes       = 8,
  parameter int unsigned TotalW      = 16,   // bits of the count of updates, which wraps
  localparam int unsigned CountW     = $clog2(Lanes + 1),
  localparam int unsigned ByteW      = $clog2(StreamAlign),
  localparam int unsigned LineW      = 64 - ByteW
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,         // synchronous, active low
  input  logic                     stop_i,         // change nothing more
  input  logic                     clear_i,        // start the count again
  input  logic [              1:0] op_i,           // shira_regs_pkg::scatter_op_e
  // segments
  input  logic                     seg_valid_i,
  output logic                     seg_ready_o,
  input  logic                     seg_start_i,    // opens a line
  input  logic [        LineW-1:0] seg_line_i,     // address / StreamAlign
  input  logic [       CountW-1:0] seg_count_i,    // updates, 1 or more
  input  logic [  Lanes*ByteW-1:0] seg_byte_i,     // of the line; lane 0 is the oldest update
  input  logic [      Lanes*8-1:0] seg_value_i,
  input  logic                     flush_i,        // no segment follows those that were taken
  // lines that were read; one for each segment that opens a line, but for SET
  input  logic                     read_valid_i,
  output logic                     read_ready_o,
  input  logic [              1:0] read_err_i,     // AXI resp
  input  logic [StreamAlign*8-1:0] read_data_i,
  // changed lines
  output logic                     line_valid_o,
  input  logic                     line_ready_i,
  output logic [        LineW-1:0] line_addr_o,
  output logic [  StreamAlign-1:0] line_mask_o,    // bytes that were changed
  output logic [StreamAlign*8-1:0] line_data_o,
  output logic [       TotalW-1:0] line_total_o,   // updates up to and with this line's
  // old values, SWAP only
  output logic                     old_valid_o,
  input  logic                     old_ready_i,
  output logic [       CountW-1:0] old_count_o,    // 1 or more
  output logic [      Lanes*8-1:0] old_data_o,     // lane 0 is the oldest
  // state
  output logic                     busy_o,         // a segment, a line or old values are inside
  output logic                     moved_o,        // a segment's updates are made
  output logic                     starved_o,      // the next line has not been read yet
  output logic                     fail_o,         // the line of the next segment could not be read
  output logic                     fail_decerr_o,
  output logic [        LineW-1:0] fail_line_o
);

  localparam int unsigned LineBits = StreamAlign * 8;

  logic set;
  logic swap;
  logic add;
  logic sub;

  assign set  = op_i == 2'(shira_regs_pkg::ScatterOpSet);
  assign swap = op_i == 2'(shira_regs_pkg::ScatterOpSwap);
  assign add  = op_i == 2'(shira_regs_pkg::ScatterOpAdd);
  assign sub  = op_i == 2'(shira_regs_pkg::ScatterOpSub);

  // ---- A segment, its values at their bytes ----
  logic                   put_valid_q;
  logic                   put_start_q;
  logic [      LineW-1:0] put_line_q;
  logic [     CountW-1:0] put_count_q;
  logic [Lanes*ByteW-1:0] put_byte_q;
  logic [StreamAlign-1:0] put_mask_q;
  logic [   LineBits-1:0] put_data_q;
  logic                   take;
  logic                   merge;       // the segment's updates are made
  logic [StreamAlign-1:0] put_mask;
  logic [   LineBits-1:0] put_data;

  assign seg_ready_o = !put_valid_q || merge;
  assign take        = seg_valid_i && seg_ready_o && !stop_i;

  // Bytes of a segment differ, so each has one lane at most.
  always_comb begin
    logic [StreamAlign-1:0] hit;
    hit      = '0;
    put_mask = '0;
    put_data = '0;
    if (take) begin
      for (int unsigned k = 0; k < Lanes; k++) begin
        if (CountW'(k) < seg_count_i) begin
          hit      = StreamAlign'(1) << seg_byte_i[k*ByteW+:ByteW];
          put_mask = put_mask | hit;
          for (int unsigned b = 0; b < StreamAlign; b++)
            put_data[b*8+:8] = put_data[b*8+:8] | (seg_value_i[k*8+:8] & {8{hit[b]}});
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || stop_i) put_valid_q <= 1'b0;
    else if (seg_ready_o) put_valid_q <= seg_valid_i;
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      put_start_q <= seg_start_i;
      put_line_q  <= seg_line_i;
      put_count_q <= seg_count_i;
      put_byte_q  <= seg_byte_i;
      put_mask_q  <= put_mask;
      put_data_q  <= put_data;
    end
  end

  // ---- The line that is being changed ----
  logic                   line_valid_q;
  logic [      LineW-1:0] line_q;
  logic [StreamAlign-1:0] mask_q;
  logic [   LineBits-1:0] data_q;
  logic [     TotalW-1:0] total_q;      // updates made since clear_i
  logic                   old_free;
  logic                   lead;         // the segment's line and, where it is read, its bytes are there
  logic [   LineBits-1:0] was;          // bytes before the segment
  logic [   LineBits-1:0] data;

  assign old_free = !swap || !old_valid_o || old_ready_i;
  assign lead     = !put_start_q || ((set || (read_valid_i && !read_err_i[1])) &&
                                     (!line_valid_q || line_ready_i));
  assign merge    = put_valid_q && !stop_i && lead && old_free;
  assign was      = (put_start_q && !set) ? read_data_i : data_q;

  always_comb begin
    data = was;
    if (merge) begin
      for (int unsigned b = 0; b < StreamAlign; b++) begin
        if (put_mask_q[b]) begin
          data[b*8+:8] = put_data_q[b*8+:8];
          if (add) data[b*8+:8] = was[b*8+:8] + put_data_q[b*8+:8];
          if (sub) data[b*8+:8] = was[b*8+:8] - put_data_q[b*8+:8];
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) line_valid_q <= 1'b0;
    else if (merge) line_valid_q <= 1'b1;
    else if (line_valid_o && line_ready_i) line_valid_q <= 1'b0;
    if (!rst_ni || clear_i) total_q <= '0;
    else if (merge) total_q <= total_q + TotalW'(put_count_q);
  end

  always_ff @(posedge clk_i) begin
    if (merge) begin
      mask_q <= put_start_q ? put_mask_q : mask_q | put_mask_q;
      data_q <= data;
      if (put_start_q) line_q <= put_line_q;
    end
  end

  assign line_valid_o = line_valid_q && (stop_i || (put_valid_q ? put_start_q : flush_i));
  assign line_addr_o  = line_q;
  assign line_mask_o  = mask_q;
  assign line_data_o  = data_q;
  assign line_total_o = total_q;
  assign read_ready_o = stop_i || (merge && put_start_q && !set);

  // ---- What was there ----
  logic                   old_valid_q;
  logic [     CountW-1:0] old_count_q;
  logic [Lanes*ByteW-1:0] old_byte_q;
  logic [   LineBits-1:0] old_was_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) old_valid_q <= 1'b0;
    else if (merge && swap) old_valid_q <= 1'b1;
    else if (old_ready_i) old_valid_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (merge && swap) begin
      old_count_q <= put_count_q;
      old_byte_q  <= put_byte_q;
      old_was_q   <= was;
    end
  end

  assign old_valid_o = old_valid_q;
  assign old_count_o = old_count_q;

  always_comb begin
    old_data_o = '0;
    if (old_valid_q) begin
      for (int unsigned k = 0; k < Lanes; k++)
        old_data_o[k*8+:8] = old_was_q[{old_byte_q[k*ByteW+:ByteW], 3'd0}+:8];
    end
  end

  assign busy_o        = put_valid_q || line_valid_q || old_valid_q;
  assign moved_o       = merge;
  assign starved_o     = put_valid_q && put_start_q && !set && !read_valid_i;
  assign fail_o        = put_valid_q && put_start_q && !set && read_valid_i && read_err_i[1] && !stop_i;
  assign fail_decerr_o = read_err_i[0];
  assign fail_line_o   = put_line_q;

`ifdef SHIRA_ASSERT
  AssertSegmentSize :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    seg_valid_i |-> seg_count_i != '0 && seg_count_i <= CountW'(Lanes));
  AssertFirstOpens :
  assert property (@(posedge clk_i) disable iff (!rst_ni) merge |-> put_start_q || line_valid_q);
  AssertMaskThere :
  assert property (@(posedge clk_i) disable iff (!rst_ni) line_valid_o |-> line_mask_o != '0);
  AssertLineStable :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    line_valid_o && !line_ready_i |=>
    line_valid_o && $stable(line_addr_o) && $stable(line_mask_o) && $stable(line_data_o));
  AssertOldStable :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    old_valid_o && !old_ready_i |=> old_valid_o && $stable(old_data_o) && $stable(old_count_o));
`endif

endmodule
