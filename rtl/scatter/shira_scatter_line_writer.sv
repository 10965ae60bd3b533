// Writes lines to memory: aligned runs of StreamAlign bytes, each as one burst with byte masks.
//
// Does:         takes whole lines, requests a burst each and sends its beats, all of them, with the line's
//               mask as strobes; gives each response its line's tag; keeps the first error.
// Never does:   leaves a line that it took unwritten, also after an error.
// Latency:      four cycles to the request. Throughput: a beat a cycle.
// Backpressure: line_ready_o is low while the beats of a line go to the queue, or four lines wait.
module shira_scatter_line_writer #(
  parameter int unsigned BeatBytes   = 32,
  parameter int unsigned Outstanding = 16,
  parameter int unsigned StreamAlign = 32,   // bytes of a line
  parameter int unsigned TagW        = 1,    // bits of a tag
  localparam int unsigned LineW      = 64 - $clog2(StreamAlign)
) (
  input  logic                     clk_i,
  input  logic                     rst_ni,          // synchronous, active low
  input  logic                     clear_i,         // forget the error
  // lines
  input  logic                     line_valid_i,
  output logic                     line_ready_o,
  input  logic [        LineW-1:0] line_addr_i,     // address / StreamAlign
  input  logic [  StreamAlign-1:0] line_mask_i,     // bytes that are written
  input  logic [StreamAlign*8-1:0] line_data_i,
  input  logic [         TagW-1:0] line_tag_i,
  // memory write client
  output logic                     wr_req_valid_o,
  input  logic                     wr_req_ready_i,
  output logic [             63:0] wr_req_addr_o,
  output logic [              7:0] wr_req_len_o,
  output logic                     wr_data_valid_o,
  input  logic                     wr_data_ready_i,
  output logic [  BeatBytes*8-1:0] wr_data_o,
  output logic [    BeatBytes-1:0] wr_strb_o,
  output logic                     wr_last_o,
  input  logic                     wr_rsp_valid_i,
  input  logic [              1:0] wr_rsp_err_i,
  // state
  output logic                     busy_o,          // a line was taken and not answered
  output logic                     moved_o,         // a beat left
  output logic [         TagW-1:0] rsp_tag_o,       // of the line that is answered in this cycle
  output logic                     fail_valid_o,    // a burst failed; the first one is kept
  output logic                     fail_decerr_o,
  output logic [             63:0] fail_addr_o
);

  localparam int unsigned ByteW  = $clog2(StreamAlign);
  localparam int unsigned Beats  = StreamAlign / BeatBytes;
  localparam int unsigned IndexW = (Beats > 1) ? $clog2(Beats) : 1;
  localparam int unsigned Depth  = (Beats == 1) ? 8 : 4 * Beats;  // of the beats' queue
  localparam int unsigned CountW = $clog2(Depth) + 1;

  logic                     take;
  logic                     out_valid_q;  // beats of a line go to their queue
  logic [  StreamAlign-1:0] out_mask_q;
  logic [StreamAlign*8-1:0] out_data_q;
  logic                     out_next;
  logic                     out_last;
  logic                     addr_room;
  logic                     addr_valid;
  logic [        LineW-1:0] addr;
  logic [         TagW-1:0] tag;
  logic                     piece_ready;
  logic                     beat_room;
  logic                     beat_valid;
  logic                     beat_ready;
  logic [  BeatBytes*8-1:0] beat_data;
  logic [    BeatBytes-1:0] beat_strb;
  logic                     drained;
  logic                     answered;
  logic [         TagW-1:0] fail_tag;

  assign out_next     = out_valid_q && beat_room;
  assign line_ready_o = addr_room && (!out_valid_q || (out_next && out_last));
  assign take         = line_valid_i && line_ready_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) out_valid_q <= 1'b0;
    else if (take) out_valid_q <= 1'b1;
    else if (out_next && out_last) out_valid_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      out_mask_q <= line_mask_i;
      out_data_q <= line_data_i;
    end else if (out_next) begin
      out_mask_q <= out_mask_q >> BeatBytes;
      out_data_q <= out_data_q >> (BeatBytes * 8);
    end
  end

  if (Beats == 1) begin : g_out_beat
    assign out_last = 1'b1;
  end else begin : g_out_beats
    logic [IndexW-1:0] index_q;

    assign out_last = index_q == '1;
    always_ff @(posedge clk_i) begin
      if (!rst_ni) index_q <= '0;
      else if (out_next) index_q <= index_q + IndexW'(1);
    end
  end

  shira_fifo #(
    .Width(TagW + LineW),
    .Depth(4)
  ) u_addresses (
    .clk_i,
    .rst_ni,
    .clear_i     (1'b0),
    .push_valid_i(take),
    .push_ready_o(addr_room),
    .push_data_i ({line_tag_i, line_addr_i}),
    .pop_valid_o (addr_valid),
    .pop_ready_i (piece_ready),
    .pop_data_o  ({tag, addr}),
    /* verilator lint_off PINCONNECTEMPTY */  // empty or not is all that is asked
    .count_o     ()
    /* verilator lint_on PINCONNECTEMPTY */
  );

  shira_fifo #(
    .Width(BeatBytes * 9),
    .Depth(Depth)
  ) u_beats (
    .clk_i,
    .rst_ni,
    .clear_i     (1'b0),
    .push_valid_i(out_valid_q),
    .push_ready_o(beat_room),
    .push_data_i ({out_mask_q[BeatBytes-1:0], out_data_q[BeatBytes*8-1:0]}),
    .pop_valid_o (beat_valid),
    .pop_ready_i (beat_ready),
    .pop_data_o  ({beat_strb, beat_data}),
    /* verilator lint_off PINCONNECTEMPTY */  // the writer counts for itself
    .count_o     ()
    /* verilator lint_on PINCONNECTEMPTY */
  );

  shira_burst_writer #(
    .BeatBytes  (BeatBytes),
    .Outstanding(Outstanding),
    .CountW     (CountW),
    .TagW       (TagW)
  ) u_writer (
    .clk_i,
    .rst_ni,
    .clear_i,
    .piece_valid_i(addr_valid),
    .piece_ready_o(piece_ready),
    .piece_addr_i ({addr, ByteW'(0)}),
    .piece_beats_i(9'(Beats)),
    .piece_tag_i  (tag),
    .fifo_push_i  (out_next),
    .fifo_other_i (1'b0),
    .fifo_clear_i (1'b0),
    .fifo_valid_i (beat_valid),
    .fifo_ready_o (beat_ready),
    .fifo_data_i  (beat_data),
    .fifo_strb_i  (beat_strb),
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
    .drained_o    (drained),
    .answered_o   (answered),
    .moved_o,
    .rsp_tag_o,
    .fail_valid_o,
    .fail_tag_o   (fail_tag),
    .fail_decerr_o,
    .fail_addr_o
  );

  assign busy_o = out_valid_q || addr_valid || !answered;

  logic unused;
  assign unused = &{1'b0, drained, fail_tag};

`ifdef SHIRA_ASSERT
  AssertLineHolds :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    line_valid_i && !line_ready_o |=> line_valid_i && $stable(line_addr_i) && $stable(line_mask_i));
  AssertBeatsOfLines :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    wr_req_valid_o |-> wr_req_len_o == 8'(Beats - 1) && wr_req_addr_o[ByteW-1:0] == '0);
  AssertIdleEmpty :
  assert property (@(posedge clk_i) disable iff (!rst_ni) !busy_o |-> !beat_valid && drained);
`endif

endmodule
