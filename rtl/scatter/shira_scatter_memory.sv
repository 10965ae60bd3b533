// Last stage of SCATTER for weights in memory: combines updates that follow one another in a line, an
// aligned run of StreamAlign bytes, into one write with byte masks.
//
// Does:         SET writes a line without reading it; ADD, SUB and SWAP read it first, many lines ahead,
//               in order. A line is written when an update of another one follows or the command ends.
//               SWAP gives what was replaced, in the order of the updates. After an error of a read or a
//               write nothing new is started; a command ends when all its writes were answered. Of
//               several errors the one of the earliest update is reported; a line's updates are not made
//               where its read fails.
// Never does:   writes outside the window; reads a line that waits to be written: in row order, where a
//               line may come again, a read waits while an open line has the same hash.
// Latency:      six cycles to a write's request, and the memory's latency where lines are read.
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
  // bundles <- place
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
  output logic [               15:0] updates_o,       // updates made in this cycle
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
  localparam int unsigned Beats    = StreamAlign / BeatBytes;
  localparam int unsigned SegW     = 1 + LineW + CountW + Lanes * (ByteW + 8);
  // Lines that are requested or wait to be changed: as many as the AXI side has in flight, and those
  // that are on their way through the buffers. Segments of as many full lines.
  localparam int unsigned Lines    = 2 << $clog2(Outstanding);
  localparam int unsigned LinesW   = $clog2(Lines) + 1;
  localparam int unsigned SegDepth = Lines << $clog2((StreamAlign + Lanes - 1) / Lanes);

  if (StreamAlign < BeatBytes || (StreamAlign & (StreamAlign - 1)) != 0) begin : g_bad_line
    $error("%m: StreamAlign must be a power of two of at least a beat");
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

  assign new_ready = new_room && (set || !new_start || ask_room);

  logic                       seg_valid;
  logic                       seg_start;
  logic [          LineW-1:0] seg_line;
  logic [         CountW-1:0] seg_count;
  logic [    Lanes*ByteW-1:0] seg_byte;
  logic [        Lanes*8-1:0] seg_value;
  logic [$clog2(SegDepth):0]  seg_level;
  logic                       merge;      // its updates are made

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
    .pop_ready_i (merge),
    .pop_data_o  ({seg_start, seg_line, seg_count, seg_byte, seg_value}),
    .count_o     (seg_level)
  );

  // ---- Reads ----
  // A line that is asked for stays in the segments until it is there, so that what it follows is
  // written in the meantime: a read that waits for that write does not wait for ever.
  logic              ask_valid;
  logic [ LineW-1:0] ask_line;
  logic              ask_take;     // becomes a request
  logic              ask_wait;     // an open line may be the same one
  logic              req_valid_q;
  logic [ LineW-1:0] req_line_q;
  logic [LinesW-1:0] lines_q;      // requested, and not taken out of the lines that were read
  logic              line_valid;
  logic              line_pop;
  logic [LineBits-1:0] line_data;
  logic [       1:0] line_err;     // AXI resp
  logic              line_room;

  shira_fifo #(
    .Width(LineW),
    .Depth(2)
  ) u_asked (
    .clk_i,
    .rst_ni,
    .clear_i     (stop),
    .push_valid_i(new_valid && new_ready && new_start && !set),
    .push_ready_o(ask_room),
    .push_data_i (new_line),
    .pop_valid_o (ask_valid),
    .pop_ready_i (ask_take),
    .pop_data_o  (ask_line),
    /* verilator lint_off PINCONNECTEMPTY */  // empty or not is all that is asked
    .count_o     ()
    /* verilator lint_on PINCONNECTEMPTY */
  );

  assign ask_take = ask_valid && !stop && !ask_wait && (!req_valid_q || rd_req_ready_i) &&
                    lines_q != LinesW'(Lines);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      req_valid_q <= 1'b0;
      lines_q     <= '0;
    end else begin
      if (ask_take) req_valid_q <= 1'b1;
      else if (rd_req_ready_i) req_valid_q <= 1'b0;
      if (ask_take && !line_pop) lines_q <= lines_q + LinesW'(1);
      if (line_pop && !ask_take) lines_q <= lines_q - LinesW'(1);
    end
  end

  always_ff @(posedge clk_i) begin
    if (ask_take) req_line_q <= ask_line;
  end

  assign rd_req_valid_o = req_valid_q;
  assign rd_req_addr_o  = {req_line_q, ByteW'(0)};
  assign rd_req_len_o   = 8'(Beats - 1);

  logic [LineBits-1:0] rsp_line;
  logic [         1:0] rsp_err;   // of the first beat that failed

  if (Beats == 1) begin : g_rsp_beat
    assign rsp_line = rd_rsp_data_i;
    assign rsp_err  = rd_rsp_err_i;
  end else begin : g_rsp_beats
    logic [LineBits-BeatBytes*8-1:0] rsp_q;
    logic [                     1:0] err_q;

    assign rsp_line = {rd_rsp_data_i, rsp_q};
    assign rsp_err  = err_q[1] ? err_q : rd_rsp_err_i;
    always_ff @(posedge clk_i) begin
      if (rd_rsp_valid_i) rsp_q <= rsp_line[LineBits-1:BeatBytes*8];
      if (!rst_ni || (rd_rsp_valid_i && rd_rsp_last_i)) err_q <= '0;
      else if (rd_rsp_valid_i) err_q <= rsp_err;
    end
  end

  shira_ram_fifo #(
    .Width(LineBits + 2),
    .Depth(Lines)
  ) u_lines (
    .clk_i,
    .rst_ni,
    .clear_i     (1'b0),
    .push_valid_i(rd_rsp_valid_i && rd_rsp_last_i),
    .push_ready_o(line_room),
    .push_data_i ({rsp_err, rsp_line}),
    .pop_valid_o (line_valid),
    .pop_ready_i (line_pop),
    .pop_data_o  ({line_err, line_data}),
    /* verilator lint_off PINCONNECTEMPTY */  // counted from the request on
    .count_o     ()
    /* verilator lint_on PINCONNECTEMPTY */
  );

  // ---- The line that is being changed ----
  logic                   cur_valid_q;
  logic [      LineW-1:0] cur_line_q;
  logic [StreamAlign-1:0] cur_mask_q;
  logic [   LineBits-1:0] cur_data_q;
  logic                   close;       // it goes to be written
  logic                   close_ready;
  logic                   lead;        // the segment's line and, where it is read, its bytes are there
  logic                   line_bad;
  logic                   due;         // the segment could be merged
  logic [   LineBits-1:0] was;         // bytes before the segment

  assign line_bad  = seg_valid && seg_start && !set && line_valid && line_err[1] && !stop;
  assign lead      = !seg_start || ((set || (line_valid && !line_err[1])) &&
                                    (!cur_valid_q || close_ready));
  assign due       = seg_valid && !stop && lead;
  assign merge     = due && (old_ready_i || !old_valid_o);
  assign close     = cur_valid_q && (stop || (seg_valid && seg_start) || (ends && seg_level == '0));
  assign line_pop  = line_valid && (stop || (merge && seg_start && !set));
  assign was       = (seg_start && !set) ? line_data : cur_data_q;
  assign updates_o = merge ? 16'(seg_count) : '0;

  assign old_valid_o = due && op_i == 2'(shira_regs_pkg::ScatterOpSwap);
  assign old_count_o = seg_count;

  logic [StreamAlign-1:0] mask;  // of the line with the segment
  logic [   LineBits-1:0] data;

  always_comb begin
    logic [ByteW-1:0] at;
    logic [      7:0] old;
    logic [      7:0] value;
    at         = '0;
    old        = '0;
    value      = '0;
    old_data_o = '0;
    mask       = seg_start ? '0 : cur_mask_q;
    data       = was;
    if (due) begin
      for (int unsigned k = 0; k < Lanes; k++) begin
        if (CountW'(k) < seg_count) begin
          at    = seg_byte[k*ByteW+:ByteW];
          old   = was[{at, 3'd0}+:8];
          value = seg_value[k*8+:8];
          if (op_i == 2'(shira_regs_pkg::ScatterOpAdd)) value = old + value;
          if (op_i == 2'(shira_regs_pkg::ScatterOpSub)) value = old - value;
          old_data_o[k*8+:8]  = old;
          mask[at]            = 1'b1;
          data[{at, 3'd0}+:8] = value;
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) cur_valid_q <= 1'b0;
    else if (merge) cur_valid_q <= 1'b1;
    else if (close && close_ready) cur_valid_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (merge) begin
      cur_mask_q <= mask;
      cur_data_q <= data;
      if (seg_start) cur_line_q <= seg_line;
    end
  end

  // ---- Writes ----
  logic        lines_busy;
  logic        lines_moved;
  logic        wr_fail;
  logic        wr_fail_decerr;
  logic [63:0] wr_fail_addr;

  shira_scatter_lines #(
    .BeatBytes  (BeatBytes),
    .Outstanding(Outstanding),
    .StreamAlign(StreamAlign)
  ) u_writes (
    .clk_i,
    .rst_ni,
    .clear_i      (clear_i || end_done),
    .line_valid_i (close),
    .line_ready_o (close_ready),
    .line_addr_i  (cur_line_q),
    .line_mask_i  (cur_mask_q),
    .line_data_i  (cur_data_q),
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
    .busy_o       (lines_busy),
    .moved_o      (lines_moved),
    .fail_valid_o (wr_fail),
    .fail_decerr_o(wr_fail_decerr),
    .fail_addr_o  (wr_fail_addr)
  );

  // ---- Row order: hashes of the lines between the request of their read and the end of their write ----
  if (RowLayout != 0) begin : g_again
    localparam int unsigned HashW = 8;

    logic [2**HashW-1:0] open_q;
    logic [   HashW-1:0] hash;     // of the line that is asked for
    logic [   HashW-1:0] answered; // of the line whose write is answered
    logic                known;
    logic                room;

    always_comb begin
      hash = '0;
      if (ask_valid) begin
        for (int unsigned i = 0; i < LineW; i += HashW) hash = hash ^ HashW'(ask_line >> i);
      end
    end
    assign ask_wait = open_q[hash] || !room;

    shira_fifo #(
      .Width(HashW),
      .Depth(4 * Lines)
    ) u_open (
      .clk_i,
      .rst_ni,
      .clear_i     (stop),
      .push_valid_i(ask_take),
      .push_ready_o(room),
      .push_data_i (hash),
      .pop_valid_o (known),
      .pop_ready_i (wr_rsp_valid_i),
      .pop_data_o  (answered),
      /* verilator lint_off PINCONNECTEMPTY */  // not needed
      .count_o     ()
      /* verilator lint_on PINCONNECTEMPTY */
    );

    always_ff @(posedge clk_i) begin
      if (!rst_ni || stop) begin
        open_q <= '0;
      end else begin
        if (wr_rsp_valid_i && known) open_q[answered] <= 1'b0;
        if (ask_take) open_q[hash] <= 1'b1;
      end
    end
  end else begin : g_once
    assign ask_wait = 1'b0;
  end

  // ---- Errors and the end ----
  logic        rd_fail_q;
  logic        rd_fail_decerr_q;
  logic [63:0] rd_fail_addr_q;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i || end_done) rd_fail_q <= 1'b0;
    else if (line_bad) rd_fail_q <= 1'b1;
    if (line_bad) begin
      rd_fail_decerr_q <= line_err[0];
      rd_fail_addr_q   <= {seg_line, ByteW'(0)};
    end
  end

  assign fail   = rd_fail_q || wr_fail;
  assign busy_o = seg_level != '0 || ask_valid || lines_q != '0 || cur_valid_q || lines_busy;

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

  assign moved_o   = (new_valid && new_ready) || merge || lines_moved;
  assign starved_o = seg_valid && seg_start && !set && !line_valid;

  always_comb begin
    traffic_o          = '0;
    traffic_o.rd_class = 4'(shira_regs_pkg::TrafficWeight);
    traffic_o.wr_class = 4'(shira_regs_pkg::TrafficWeight);
    traffic_o.rd_valid = rd_rsp_valid_i && !rd_rsp_err_i[1];
    traffic_o.rd_bytes = 8'(BeatBytes);
    traffic_o.wr_valid = lines_moved;
    traffic_o.wr_bytes = 8'(BeatBytes);
  end

  logic unused;
  assign unused = &{1'b0, line_room};

`ifdef SHIRA_ASSERT
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    rd_req_valid_o && !rd_req_ready_i |=> rd_req_valid_o && $stable(rd_req_addr_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    rd_rsp_valid_i && rd_rsp_last_i |-> line_room);
  assert property (@(posedge clk_i) disable iff (!rst_ni) lines_q <= LinesW'(Lines));
  assert property (@(posedge clk_i) disable iff (!rst_ni || stop)
    old_valid_o && !old_ready_i |=> stop || (old_valid_o && $stable(old_data_o) && $stable(old_count_o)));
`endif

endmodule
