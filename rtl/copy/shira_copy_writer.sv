// Writes pieces of memory as bursts from a beat FIFO: the memory side of COPY's sink and of SCATTER's.
//
// Does:         requests a burst only when all its beats are in the FIFO, so that the write channel
//               never waits for a slow source; sends the beats in order; counts the open responses of
//               the two commands that may be in flight.
// Never does:   leaves a requested burst without its data, also when it is told to stop.
// Latency:      two cycles from a burst's last beat in the FIFO to its request's acceptance.
// Throughput:   a beat a cycle, also with bursts of one beat.
// Backpressure: wr_req_ready_i, wr_data_ready_i.
module shira_copy_writer #(
  parameter int unsigned BeatBytes   = 32,
  parameter int unsigned Outstanding = 16,
  parameter int unsigned CountW      = 9    // bits of the beat FIFO's count
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,           // synchronous, active low
  input  logic                   clear_i,          // forget the error
  // pieces of the region <- shira_walk
  input  logic                   piece_valid_i,    // low: start no more bursts
  output logic                   piece_ready_o,
  input  logic [           63:0] piece_addr_i,
  input  logic [            8:0] piece_beats_i,
  input  logic                   id_i,             // command of the pieces
  // beat FIFO
  input  logic                   fifo_valid_i,
  output logic                   fifo_ready_o,
  input  logic [BeatBytes*8-1:0] fifo_data_i,
  input  logic [  BeatBytes-1:0] fifo_strb_i,      // bytes that are written
  input  logic [     CountW-1:0] fifo_count_i,
  // memory write client
  output logic                   wr_req_valid_o,
  input  logic                   wr_req_ready_i,
  output logic [           63:0] wr_req_addr_o,
  output logic [            7:0] wr_req_len_o,
  output logic                   wr_data_valid_o,
  input  logic                   wr_data_ready_i,
  output logic [BeatBytes*8-1:0] wr_data_o,
  output logic [  BeatBytes-1:0] wr_strb_o,
  output logic                   wr_last_o,
  input  logic                   wr_rsp_valid_i,
  input  logic [            1:0] wr_rsp_err_i,
  // state
  output logic                   drained_o,        // every requested burst has its data
  output logic [            1:0] answered_o,       // bit i: no response of command i is open
  output logic                   moved_o,          // a beat left
  output logic                   fail_valid_o,     // a burst failed; the first one is kept
  output logic                   fail_id_o,
  output logic                   fail_decerr_o,
  output logic [           63:0] fail_addr_o
);

  localparam int unsigned Depth = 2 << $clog2(Outstanding);
  localparam int unsigned OpenW = $clog2(Depth) + 1;

  logic              req_valid_q;
  logic [      63:0] req_addr_q;
  logic [       7:0] req_len_q;
  logic              take;         // a piece becomes a request
  logic [CountW-1:0] owed_q;       // beats in the FIFO that belong to requested bursts
  logic              len_ready;
  logic              len_valid;
  logic [       7:0] len;          // of the burst whose data leave
  logic [       7:0] sent_q;       // beats of it that left
  logic [ OpenW-1:0] granted_q;    // bursts accepted whose data have not all left
  logic              granted;
  logic              burst_sent;
  logic              rsp_ready;
  logic              rsp_open;
  logic              rsp_id;
  logic [      63:0] rsp_addr;

  assign piece_ready_o = (!req_valid_q || wr_req_ready_i) && len_ready && rsp_ready &&
                         (fifo_count_i - owed_q) >= CountW'(piece_beats_i);
  assign take          = piece_valid_i && piece_ready_o;
  assign granted       = req_valid_q && wr_req_ready_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) req_valid_q <= 1'b0;
    else if (take) req_valid_q <= 1'b1;
    else if (wr_req_ready_i) req_valid_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      req_addr_q <= piece_addr_i;
      req_len_q  <= 8'(piece_beats_i - 9'd1);
    end
  end

  assign wr_req_valid_o = req_valid_q;
  assign wr_req_addr_o  = req_addr_q;
  assign wr_req_len_o   = req_len_q;

  // Lengths of the bursts whose data have not all left.
  shira_fifo #(
    .Width(8),
    .Depth(Depth)
  ) u_len (
    .clk_i,
    .rst_ni,
    .clear_i     (1'b0),
    .push_valid_i(take),
    .push_ready_o(len_ready),
    .push_data_i (8'(piece_beats_i - 9'd1)),
    .pop_valid_o (len_valid),
    .pop_ready_i (burst_sent),
    .pop_data_o  (len),
    /* verilator lint_off PINCONNECTEMPTY */  // not needed
    .count_o     ()
    /* verilator lint_on PINCONNECTEMPTY */
  );

  assign wr_data_valid_o = granted_q != '0 && len_valid && fifo_valid_i;
  assign wr_data_o       = fifo_data_i;
  assign wr_strb_o       = fifo_strb_i;
  assign wr_last_o       = sent_q == len;
  assign moved_o         = wr_data_valid_o && wr_data_ready_i;
  assign fifo_ready_o    = moved_o;
  assign burst_sent      = moved_o && wr_last_o;
  assign drained_o       = owed_q == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      owed_q    <= '0;
      sent_q    <= '0;
      granted_q <= '0;
    end else begin
      if (take || moved_o)
        owed_q <= owed_q + (take ? CountW'(piece_beats_i) : '0) - CountW'(moved_o);
      if (moved_o) sent_q <= wr_last_o ? '0 : sent_q + 8'd1;
      if (granted && !burst_sent) granted_q <= granted_q + OpenW'(1);
      if (burst_sent && !granted) granted_q <= granted_q - OpenW'(1);
    end
  end

  // Responses, in the order of the requests.
  shira_fifo #(
    .Width(65),
    .Depth(Depth)
  ) u_open (
    .clk_i,
    .rst_ni,
    .clear_i     (1'b0),
    .push_valid_i(take),
    .push_ready_o(rsp_ready),
    .push_data_i ({id_i, piece_addr_i}),
    .pop_valid_o (rsp_open),
    .pop_ready_i (wr_rsp_valid_i),
    .pop_data_o  ({rsp_id, rsp_addr}),
    /* verilator lint_off PINCONNECTEMPTY */  // counted per command here
    .count_o     ()
    /* verilator lint_on PINCONNECTEMPTY */
  );

  for (genvar i = 0; i < 2; i++) begin : g_open
    logic [OpenW-1:0] open_q;
    logic             more;
    logic             less;

    assign more          = take && id_i == 1'(i);
    assign less          = wr_rsp_valid_i && rsp_id == 1'(i);
    assign answered_o[i] = open_q == '0;

    always_ff @(posedge clk_i) begin
      if (!rst_ni) open_q <= '0;
      else if (more && !less) open_q <= open_q + OpenW'(1);
      else if (less && !more) open_q <= open_q - OpenW'(1);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) fail_valid_o <= 1'b0;
    else if (wr_rsp_valid_i && wr_rsp_err_i[1]) fail_valid_o <= 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (wr_rsp_valid_i && wr_rsp_err_i[1] && !fail_valid_o) begin
      fail_id_o     <= rsp_id;
      fail_decerr_o <= wr_rsp_err_i[0];
      fail_addr_o   <= rsp_addr;
    end
  end

  logic unused;
  assign unused = &{1'b0, rsp_open, wr_rsp_err_i[0]};

`ifdef SHIRA_ASSERT
  assert property (@(posedge clk_i) disable iff (!rst_ni) wr_rsp_valid_i |-> rsp_open);
  assert property (@(posedge clk_i) disable iff (!rst_ni) owed_q <= fifo_count_i);
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    wr_req_valid_o && !wr_req_ready_i |=>
    wr_req_valid_o && $stable(wr_req_addr_o) && $stable(wr_req_len_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    wr_data_valid_o && !wr_data_ready_i |=>
    wr_data_valid_o && $stable(wr_data_o) && $stable(wr_last_o));
`endif

endmodule
