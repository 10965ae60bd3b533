// Last stage of SCATTER for weights in memory: combines updates that follow one another in a line, an
// aligned run of StreamAlign bytes, into one write with byte masks.
//
// Does:         SET writes a line without reading it; ADD, SUB and SWAP read it first, many lines ahead,
//               in order. A line is written when an update of another one follows or the command ends.
//               SWAP gives what was replaced, in the order of the updates. After an error of a read or a
//               write nothing new is started; a command ends when all its writes were answered. Of
//               several errors the one of the earliest update is reported; a line's updates are not made
//               where its read fails. An update counts as made when the write of its line is answered
//               well; behind the first write that fails none counts, though some may be in memory.
// Never does:   writes outside the window; reads a line that waits to be written.
// Latency:      ten cycles to a write's request, and the memory's latency where lines are read.
// Throughput:   a line or Lanes updates a cycle; in the long run Outstanding lines each latency of the
//               memory, which is less for most machines.
// Backpressure: the write channel, old_ready_i, lines that were read and not yet changed.
module shira_scatter_memory #(
  parameter int unsigned BeatBytes   = 32,
  parameter int unsigned Outstanding = 16,
  parameter int unsigned StreamAlign = 32,   // bytes of a line, BeatBytes or more
  parameter int unsigned Lanes       = 8,
  parameter int unsigned OffsetW     = 34,   // bits of an offset
  parameter int unsigned RowLayout   = 0,    // 1: a line may come again within a command
  localparam int unsigned CountW     = $clog2(Lanes + 1)
) (
  input  logic                       clk_i,
  input  logic                       rst_ni,          // synchronous, active low
  input  logic                       clear_i,         // take nothing more; what was changed is written
  // bundles <- offsets
  input  logic                       in_valid_i,
  output logic                       in_ready_o,
  input  logic [         CountW-1:0] in_count_i,
  input  logic [  Lanes*OffsetW-1:0] in_offset_i,     // bytes from the image's first
  input  logic [        Lanes*8-1:0] in_value_i,
  input  shira_scatter_pkg::mark_t   in_mark_i,
  // of the command, until its end is taken
  input  logic [                1:0] op_i,            // shira_regs_pkg::scatter_op_e
  input  shira_scatter_pkg::memory_t memory_i,
  // old values, SWAP only -> write-back
  output logic                       old_valid_o,
  input  logic                       old_ready_i,
  output logic [         CountW-1:0] old_count_o,     // 1 or more
  output logic [        Lanes*8-1:0] old_data_o,      // lane 0 is the oldest
  // end of a command
  output logic                       end_valid_o,     // all its writes were answered
  input  logic                       end_ready_i,
  output logic [                7:0] end_status_o,
  output logic [               63:0] end_where_o,
  // state
  output logic                       busy_o,          // something is on its way from or to memory
  output logic                       moved_o,         // an update was taken or made, or a beat left
  output logic                       starved_o,       // the next line has not been read yet
  output logic [               15:0] updates_o,       // updates whose write is answered well in this cycle
  output shira_pkg::traffic_t        traffic_o,       // of the lines
  // memory read client
  output logic                       rd_req_valid_o,
  input  logic                       rd_req_ready_i,
  output logic [               63:0] rd_req_addr_o,
  output logic [                7:0] rd_req_len_o,
  input  logic                       rd_rsp_valid_i,
  input  logic [    BeatBytes*8-1:0] rd_rsp_data_i,
  input  logic                       rd_rsp_last_i,
  input  logic [                1:0] rd_rsp_err_i,
  // memory write client
  output logic                       wr_req_valid_o,
  input  logic                       wr_req_ready_i,
  output logic [               63:0] wr_req_addr_o,
  output logic [                7:0] wr_req_len_o,
  output logic                       wr_data_valid_o,
  input  logic                       wr_data_ready_i,
  output logic [    BeatBytes*8-1:0] wr_data_o,
  output logic [      BeatBytes-1:0] wr_strb_o,
  output logic                       wr_last_o,
  input  logic                       wr_rsp_valid_i,
  input  logic [                1:0] wr_rsp_err_i
);

  localparam int unsigned ByteW    = $clog2(StreamAlign);
  localparam int unsigned LineW    = 64 - ByteW;
  localparam int unsigned LineBits = StreamAlign * 8;
  localparam int unsigned SegW     = 1 + LineW + CountW + Lanes * (ByteW + 8);
  localparam int unsigned TotalW   = 16;  // more than the updates of a line, which are ArrayN a byte at most
  // Segments of as many full lines as may be read ahead.
  localparam int unsigned SegDepth = (2 << $clog2(Outstanding)) << $clog2((StreamAlign + Lanes - 1) / Lanes);

  if (StreamAlign < BeatBytes || (StreamAlign & (StreamAlign - 1)) != 0) begin : g_bad_line
    $error("StreamAlign must be a power of two of at least a beat");
  end

  logic set;
  logic fail;     // a read or a write failed
  logic stop;
  logic end_done;

  assign set      = op_i == 2'(shira_regs_pkg::ScatterOpSet);
  assign stop     = clear_i || fail;
  assign end_done = end_valid_o && end_ready_i;

  // ---- Segments ----
  logic                   new_valid;
  logic                   new_ready;
  logic                   new_start;
  logic [      LineW-1:0] new_line;
  logic [     CountW-1:0] new_count;
  logic [Lanes*ByteW-1:0] new_byte;
  logic [    Lanes*8-1:0] new_value;
  logic                   new_room;
  logic                   ask_room;
  logic                   ends;
  logic [            7:0] split_status;
  logic [           63:0] split_where;

  shira_scatter_split #(
    .Lanes      (Lanes),
    .OffsetW    (OffsetW),
    .StreamAlign(StreamAlign)
  ) u_split (
    .clk_i,
    .rst_ni,
    .stop_i      (stop),
    .in_valid_i,
    .in_ready_o,
    .in_count_i,
    .in_offset_i,
    .in_value_i,
    .in_mark_i,
    .memory_i,
    .seg_valid_o (new_valid),
    .seg_ready_i (new_ready),
    .seg_start_o (new_start),
    .seg_line_o  (new_line),
    .seg_count_o (new_count),
    .seg_byte_o  (new_byte),
    .seg_value_o (new_value),
    .ends_o      (ends),
    .end_status_o(split_status),
    .end_where_o (split_where),
    .end_i       (end_done)
  );

  assign new_ready = new_room && (set || ask_room);

  logic                       seg_valid;
  logic                       seg_ready;
  logic                       seg_start;
  logic [          LineW-1:0] seg_line;
  logic [         CountW-1:0] seg_count;
  logic [    Lanes*ByteW-1:0] seg_byte;
  logic [        Lanes*8-1:0] seg_value;
  logic [$clog2(SegDepth):0]  seg_level;

  shira_ram_fifo #(
    .Width(SegW),
    .Depth(SegDepth)
  ) u_segments (
    .clk_i,
    .rst_ni,
    .clear_i     (stop),
    .push_valid_i(new_valid && new_ready),
    .push_ready_o(new_room),
    .push_data_i ({new_start, new_line, new_count, new_byte, new_value}),
    .pop_valid_o (seg_valid),
    .pop_ready_i (seg_ready),
    .pop_data_o  ({seg_start, seg_line, seg_count, seg_byte, seg_value}),
    .count_o     (seg_level)
  );

  // ---- Reads ----
  // A line that is asked for has its segments kept until it is there, so that what it follows is
  // written in the meantime: a read that waits for that write does not wait for ever.
  logic                read_valid;
  logic                read_ready;
  logic [         1:0] read_err;
  logic [LineBits-1:0] read_data;
  logic                read_busy;

  shira_scatter_line_reader #(
    .BeatBytes  (BeatBytes),
    .Outstanding(Outstanding),
    .StreamAlign(StreamAlign),
    .RowLayout  (RowLayout)
  ) u_reader (
    .clk_i,
    .rst_ni,
    .stop_i      (stop),
    .ask_valid_i (new_valid && new_ready && new_start && !set),
    .ask_ready_o (ask_room),
    .ask_line_i  (new_line),
    .answer_i    (wr_rsp_valid_i),
    .line_valid_o(read_valid),
    .line_ready_i(read_ready),
    .line_err_o  (read_err),
    .line_data_o (read_data),
    .busy_o      (read_busy),
    .rd_req_valid_o,
    .rd_req_ready_i,
    .rd_req_addr_o,
    .rd_req_len_o,
    .rd_rsp_valid_i,
    .rd_rsp_data_i,
    .rd_rsp_last_i,
    .rd_rsp_err_i
  );

  // ---- Updates ----
  logic                   flush;      // no segment follows
  logic                   line_valid;
  logic                   line_ready;
  logic [      LineW-1:0] line_addr;
  logic [StreamAlign-1:0] line_mask;
  logic [   LineBits-1:0] line_data;
  logic [     TotalW-1:0] line_total;
  logic                   update_busy;
  logic                   update_moved;
  logic                   read_fail;
  logic                   read_decerr;
  logic [      LineW-1:0] read_fail_line;

  assign flush = ends && seg_level == '0;

  shira_scatter_line_update #(
    .StreamAlign(StreamAlign),
    .Lanes      (Lanes),
    .TotalW     (TotalW)
  ) u_update (
    .clk_i,
    .rst_ni,
    .stop_i       (stop),
    .clear_i      (!busy_o),
    .op_i,
    .seg_valid_i  (seg_valid),
    .seg_ready_o  (seg_ready),
    .seg_start_i  (seg_start),
    .seg_line_i   (seg_line),
    .seg_count_i  (seg_count),
    .seg_byte_i   (seg_byte),
    .seg_value_i  (seg_value),
    .flush_i      (flush),
    .read_valid_i (read_valid),
    .read_ready_o (read_ready),
    .read_err_i   (read_err),
    .read_data_i  (read_data),
    .line_valid_o (line_valid),
    .line_ready_i (line_ready),
    .line_addr_o  (line_addr),
    .line_mask_o  (line_mask),
    .line_data_o  (line_data),
    .line_total_o (line_total),
    .old_valid_o,
    .old_ready_i,
    .old_count_o,
    .old_data_o,
    .busy_o       (update_busy),
    .moved_o      (update_moved),
    .starved_o,
    .fail_o       (read_fail),
    .fail_decerr_o(read_decerr),
    .fail_line_o  (read_fail_line)
  );

  // ---- Writes ----
  logic              write_busy;
  logic              write_moved;
  logic [TotalW-1:0] answered;       // updates up to and with those of the line that is answered
  logic [TotalW-1:0] made_q;         // updates whose writes were answered
  logic              made;           // more of them are
  logic              torn_q;         // a write of this command failed: none behind it counts
  logic              wr_fail;
  logic              wr_fail_decerr;
  logic [      63:0] wr_fail_addr;

  shira_scatter_line_writer #(
    .BeatBytes  (BeatBytes),
    .Outstanding(Outstanding),
    .StreamAlign(StreamAlign),
    .TagW       (TotalW)
  ) u_writer (
    .clk_i,
    .rst_ni,
    .clear_i      (clear_i || end_done),
    .line_valid_i (line_valid),
    .line_ready_o (line_ready),
    .line_addr_i  (line_addr),
    .line_mask_i  (line_mask),
    .line_data_i  (line_data),
    .line_tag_i   (line_total),
    .wr_req_valid_o,
    .wr_req_ready_i,
    .wr_req_addr_o,
    .wr_req_len_o,
    .wr_data_valid_o,
    .wr_data_ready_i,
    .wr_data_o,
    .wr_strb_o,
    .wr_last_o,
    .wr_rsp_valid_i,
    .wr_rsp_err_i,
    .busy_o       (write_busy),
    .moved_o      (write_moved),
    .rsp_tag_o    (answered),
    .fail_valid_o (wr_fail),
    .fail_decerr_o(wr_fail_decerr),
    .fail_addr_o  (wr_fail_addr)
  );

  assign made      = wr_rsp_valid_i && !wr_rsp_err_i[1] && !torn_q;
  assign updates_o = made ? 16'(answered - made_q) : '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || !busy_o) begin
      made_q <= '0;
      torn_q <= 1'b0;
    end else begin
      if (made) made_q <= answered;
      if (wr_rsp_valid_i && wr_rsp_err_i[1]) torn_q <= 1'b1;
    end
  end

  // ---- Errors and the end ----
  logic        rd_fail_q;
  logic        rd_fail_decerr_q;
  logic [63:0] rd_fail_addr_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i || end_done) rd_fail_q <= 1'b0;
    else if (read_fail) rd_fail_q <= 1'b1;
    if (read_fail) begin
      rd_fail_decerr_q <= read_decerr;
      rd_fail_addr_q   <= {read_fail_line, ByteW'(0)};
    end
  end

  assign fail   = rd_fail_q || wr_fail;
  assign busy_o = seg_level != '0 || read_busy || update_busy || write_busy;

  assign end_valid_o = (ends || fail) && !busy_o;

  // What is written was before what is not: a write that fails is the earliest error, and a read that
  // fails comes before the end that the stream would have had.
  always_comb begin
    end_status_o = split_status;
    end_where_o  = split_where;
    if (wr_fail) begin
      end_status_o = wr_fail_decerr ? shira_regs_pkg::StatusWriteDecerr
                                    : shira_regs_pkg::StatusWriteSlverr;
      end_where_o  = wr_fail_addr;
    end else if (rd_fail_q) begin
      end_status_o = rd_fail_decerr_q ? shira_regs_pkg::StatusReadDecerr
                                      : shira_regs_pkg::StatusReadSlverr;
      end_where_o  = rd_fail_addr_q;
    end
  end

  assign moved_o = (new_valid && new_ready) || update_moved || write_moved;

  always_comb begin
    traffic_o          = '0;
    traffic_o.rd_class = 4'(shira_regs_pkg::TrafficWeight);
    traffic_o.wr_class = 4'(shira_regs_pkg::TrafficWeight);
    traffic_o.rd_valid = rd_rsp_valid_i && !rd_rsp_err_i[1];
    traffic_o.rd_bytes = 8'(BeatBytes);
    traffic_o.wr_valid = write_moved;
    traffic_o.wr_bytes = 8'(BeatBytes);
  end

`ifdef SHIRA_ASSERT
  AssertEndQuiet :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    end_valid_o |-> !rd_req_valid_o && !wr_req_valid_o && !wr_data_valid_o && !old_valid_o);
  AssertMadeForward :
  assert property (@(posedge clk_i) disable iff (!rst_ni) made |-> updates_o != '0);
  AssertMadeAll :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    end_valid_o && !fail |-> made_q == line_total);
`endif

endmodule
