// Turns pieces into read requests and gives each beat that comes back its piece's tag and address.
//
// Does:         takes a piece (one burst), requests it, and annotates the beats of the response in the
//               cycle in which they come.
// Never does:   keeps data or reserves space: whoever offers a piece has room for all its beats; drops
//               a request once it is offered to the AXI side.
// Latency:      piece to request one cycle, response to beat none. A response must not come in the cycle
//               in which its request is accepted.
// Throughput:   a request a cycle, a beat a cycle.
// Backpressure: piece_ready_o is low while a request waits or 2 * Outstanding bursts are open.
module shira_burst_reader #(
  parameter int unsigned BeatBytes   = 32,  // bytes of a beat
  parameter int unsigned Outstanding = 16,  // most bursts that the AXI side has in flight
  parameter int unsigned TagW        = 1    // bits of a tag
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,          // synchronous, active low
  // pieces
  input  logic                   piece_valid_i,
  output logic                   piece_ready_o,
  input  logic [           63:0] piece_addr_i,
  input  logic [            8:0] piece_beats_i,
  input  logic [       TagW-1:0] piece_tag_i,
  // memory read client
  output logic                   rd_req_valid_o,
  input  logic                   rd_req_ready_i,
  output logic [           63:0] rd_req_addr_o,
  output logic [            7:0] rd_req_len_o,
  output logic [       TagW-1:0] rd_req_tag_o,    // of its piece
  input  logic                   rd_rsp_valid_i,
  input  logic                   rd_rsp_last_i,
  // annotation of the response beat of this cycle
  output logic [       TagW-1:0] beat_tag_o,
  output logic [           63:0] beat_addr_o,     // of its burst
  output logic                   idle_o           // no request waits, no response is outstanding
);

  localparam int unsigned Depth = 2 << $clog2(Outstanding);

  if (BeatBytes < 8) begin : g_bad_beat
    $error("BeatBytes must be 8 or more");
  end

  logic                 req_valid_q;
  logic [         63:0] req_addr_q;
  logic [          7:0] req_len_q;
  logic [     TagW-1:0] req_tag_q;
  logic                 take;
  logic                 open_ready;
  logic                 open_valid;
  logic [$clog2(Depth):0] open_count;

  assign piece_ready_o = (!req_valid_q || rd_req_ready_i) && open_ready;
  assign take          = piece_valid_i && piece_ready_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) req_valid_q <= 1'b0;
    else if (take) req_valid_q <= 1'b1;
    else if (rd_req_ready_i) req_valid_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      req_addr_q <= piece_addr_i;
      req_len_q  <= 8'(piece_beats_i - 9'd1);
      req_tag_q  <= piece_tag_i;
    end
  end

  assign rd_req_valid_o = req_valid_q;
  assign rd_req_addr_o  = req_addr_q;
  assign rd_req_len_o   = req_len_q;
  assign rd_req_tag_o   = req_tag_q;

  // Bursts whose beats have not all come, oldest first.
  shira_ram_fifo #(
    .Width(TagW + 64),
    .Depth(Depth)
  ) u_open (
    .clk_i,
    .rst_ni,
    .clear_i     (1'b0),
    .push_valid_i(take),
    .push_ready_o(open_ready),
    .push_data_i ({piece_tag_i, piece_addr_i}),
    .pop_valid_o (open_valid),
    .pop_ready_i (rd_rsp_valid_i && rd_rsp_last_i),
    .pop_data_o  ({beat_tag_o, beat_addr_o}),
    .count_o     (open_count)
  );

  assign idle_o = open_count == '0;

`ifdef SHIRA_ASSERT
  AssertAsked :
  assert property (@(posedge clk_i) disable iff (!rst_ni) rd_rsp_valid_i |-> open_valid);
  AssertPieceSize :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    piece_valid_i |-> piece_beats_i != '0 && piece_beats_i <= 9'd256);
  AssertRequestStable :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    rd_req_valid_o && !rd_req_ready_i |=>
    rd_req_valid_o && $stable(rd_req_addr_o) && $stable(rd_req_len_o) && $stable(rd_req_tag_o));
`else
  logic unused;
  assign unused = &{1'b0, open_valid};
`endif

endmodule
