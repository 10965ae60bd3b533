// Reads lines of memory for SCATTER: aligned runs of StreamAlign bytes, each as one burst.
//
// Does:         requests the lines that it is asked for, in order and many ahead, and offers each with its
//               response. In row order, where a line may come again within a command, a read waits while
//               an open line has the same hash: one that is between its own read and the end of its write.
// Never does:   drops a line that was requested: after stop_i those are still offered and must be taken.
// Latency:      two cycles to the request; a line is offered two cycles after its last beat.
// Throughput:   a line a cycle, Lines in flight.
// Backpressure: ask_ready_o, rd_req_ready_i; lines that were read and not taken.
module shira_scatter_line_reader #(
  parameter int unsigned BeatBytes   = 32,
  parameter int unsigned Outstanding = 16,
  parameter int unsigned StreamAlign = 32,   // bytes of a line, BeatBytes or more
  parameter int unsigned RowLayout   = 0,    // 1: a line may come again within a command
  localparam int unsigned LineW      = 64 - $clog2(StreamAlign)
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,          // synchronous, active low
  input  logic                     stop_i,          // request nothing more
  // lines to read
  input  logic                     ask_valid_i,
  output logic                     ask_ready_o,
  input  logic [        LineW-1:0] ask_line_i,      // address / StreamAlign
  input  logic                     answer_i,        // the write of the oldest line was answered
  // lines that were read, in order
  output logic                     line_valid_o,
  input  logic                     line_ready_i,
  output logic [              1:0] line_err_o,      // AXI resp of the first beat that failed
  output logic [StreamAlign*8-1:0] line_data_o,
  output logic                     busy_o,          // a line waits, is requested or is offered
  // memory read client
  output logic                     rd_req_valid_o,
  input  logic                     rd_req_ready_i,
  output logic [             63:0] rd_req_addr_o,
  output logic [              7:0] rd_req_len_o,
  input  logic                     rd_rsp_valid_i,
  input  logic [  BeatBytes*8-1:0] rd_rsp_data_i,
  input  logic                     rd_rsp_last_i,
  input  logic [              1:0] rd_rsp_err_i
);

  localparam int unsigned ByteW    = $clog2(StreamAlign);
  localparam int unsigned LineBits = StreamAlign * 8;
  localparam int unsigned Beats    = StreamAlign / BeatBytes;
  // Lines that are requested or wait to be changed: as many as the AXI side has in flight, and those
  // that are on their way through the buffers.
  localparam int unsigned Lines    = 2 << $clog2(Outstanding);
  localparam int unsigned LinesW   = $clog2(Lines) + 1;
  localparam int unsigned HashW    = (RowLayout != 0) ? 8 : 1;

  logic [   HashW-1:0] ask_hash;   // of the line that comes
  logic                next_valid;
  logic [   LineW-1:0] next_line;
  logic [   HashW-1:0] next_hash;
  logic                next_take;  // becomes a request
  logic                next_wait;  // an open line may be the same one
  logic                req_valid_q;
  logic [   LineW-1:0] req_line_q;
  logic [  LinesW-1:0] lines_q;    // requested and not taken
  logic                taken;
  logic                line_room;

  shira_fifo #(
    .Width(LineW + HashW),
    .Depth(2)
  ) u_asked (
    .clk_i,
    .rst_ni,
    .clear_i     (stop_i),
    .push_valid_i(ask_valid_i),
    .push_ready_o(ask_ready_o),
    .push_data_i ({ask_hash, ask_line_i}),
    .pop_valid_o (next_valid),
    .pop_ready_i (next_take),
    .pop_data_o  ({next_hash, next_line}),
    /* verilator lint_off PINCONNECTEMPTY */  // empty or not is all that is asked
    .count_o     ()
    /* verilator lint_on PINCONNECTEMPTY */
  );

  assign taken     = line_valid_o && line_ready_i;
  assign next_take = next_valid && !stop_i && !next_wait && (!req_valid_q || rd_req_ready_i) &&
                     lines_q != LinesW'(Lines);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      req_valid_q <= 1'b0;
      lines_q     <= '0;
    end else begin
      if (next_take) req_valid_q <= 1'b1;
      else if (rd_req_ready_i) req_valid_q <= 1'b0;
      if (next_take && !taken) lines_q <= lines_q + LinesW'(1);
      if (taken && !next_take) lines_q <= lines_q - LinesW'(1);
    end
  end

  always_ff @(posedge clk_i) begin
    if (next_take) req_line_q <= next_line;
  end

  assign rd_req_valid_o = req_valid_q;
  assign rd_req_addr_o  = {req_line_q, ByteW'(0)};
  assign rd_req_len_o   = 8'(Beats - 1);
  assign busy_o         = next_valid || lines_q != '0;

  // ---- Responses ----
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
    .pop_valid_o (line_valid_o),
    .pop_ready_i (line_ready_i),
    .pop_data_o  ({line_err_o, line_data_o}),
    /* verilator lint_off PINCONNECTEMPTY */  // counted from the request on
    .count_o     ()
    /* verilator lint_on PINCONNECTEMPTY */
  );

  // ---- Row order: hashes of the open lines ----
  if (RowLayout != 0) begin : g_again
    logic [2**HashW-1:0] open_q;
    logic [   HashW-1:0] answered;  // of the line whose write is answered
    logic                known;
    logic                room;

    always_comb begin
      ask_hash = '0;
      if (ask_valid_i) begin
        for (int unsigned i = 0; i < LineW; i += HashW)
          ask_hash = ask_hash ^ HashW'(ask_line_i >> i);
      end
    end
    assign next_wait = open_q[next_hash] || !room;

    shira_ram_fifo #(
      .Width(HashW),
      .Depth(4 * Lines)
    ) u_open (
      .clk_i,
      .rst_ni,
      .clear_i     (stop_i),
      .push_valid_i(next_take),
      .push_ready_o(room),
      .push_data_i (next_hash),
      .pop_valid_o (known),
      .pop_ready_i (answer_i),
      .pop_data_o  (answered),
      /* verilator lint_off PINCONNECTEMPTY */  // not needed
      .count_o     ()
      /* verilator lint_on PINCONNECTEMPTY */
    );

    always_ff @(posedge clk_i) begin
      if (!rst_ni || stop_i) begin
        open_q <= '0;
      end else begin
        if (answer_i && known) open_q[answered] <= 1'b0;
        if (next_take) open_q[next_hash] <= 1'b1;
      end
    end
  end else begin : g_once
    logic unused;
    assign ask_hash  = '0;
    assign next_wait = 1'b0;
    assign unused    = &{1'b0, next_hash, answer_i};
  end

`ifdef SHIRA_ASSERT
  AssertRequestStable :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    rd_req_valid_o && !rd_req_ready_i |=> rd_req_valid_o && $stable(rd_req_addr_o));
  AssertLineRoom :
  assert property (@(posedge clk_i) disable iff (!rst_ni) rd_rsp_valid_i && rd_rsp_last_i |-> line_room);
  AssertAsked :
  assert property (@(posedge clk_i) disable iff (!rst_ni) rd_rsp_valid_i |-> lines_q != '0);
  AssertLines :
  assert property (@(posedge clk_i) disable iff (!rst_ni) lines_q <= LinesW'(Lines));
  AssertOfferHolds :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    line_valid_o && !line_ready_i |=> line_valid_o && $stable(line_data_o) && $stable(line_err_o));
`else
  logic unused_room;
  assign unused_room = line_room;
`endif

endmodule
