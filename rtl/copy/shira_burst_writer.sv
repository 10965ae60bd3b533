// Writes pieces of memory as bursts from a beat FIFO: the memory side of COPY's sink and of SCATTER's
// writers.
//
// Does:         requests a burst only when all its beats are in the FIFO, so that the write channel
//               never waits for a slow source; sends the beats in order; gives each response its
//               piece's tag.
// Never does:   leaves a requested burst without its data, also when it is told to stop.
// Latency:      a request two cycles after the last beat of its burst came into the FIFO; its first beat
//               two cycles after it was accepted.
// Throughput:   a beat a cycle, also with bursts of one beat.
// Backpressure: wr_req_ready_i, wr_data_ready_i.
module shira_burst_writer #(
  parameter int unsigned BeatBytes   = 32,
  parameter int unsigned Outstanding = 16,
  parameter int unsigned CountW      = 9,   // bits of a count of the FIFO's beats
  parameter int unsigned TagW        = 1    // bits of a tag
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,           // synchronous, active low
  input  logic                   clear_i,          // forget the error
  // pieces of the region
  input  logic                   piece_valid_i,    // low: start no more bursts
  output logic                   piece_ready_o,
  input  logic [           63:0] piece_addr_i,
  input  logic [            8:0] piece_beats_i,
  input  logic [       TagW-1:0] piece_tag_i,
  // beat FIFO
  input  logic                   fifo_push_i,      // a beat comes into it
  input  logic                   fifo_other_i,     // a beat of no requested burst leaves it another way
  input  logic                   fifo_clear_i,     // it is emptied; all requested bursts have their data
  input  logic                   fifo_valid_i,
  output logic                   fifo_ready_o,
  input  logic [BeatBytes*8-1:0] fifo_data_i,
  input  logic [  BeatBytes-1:0] fifo_strb_i,      // bytes that are written
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
  output logic                   answered_o,       // no response is open
  output logic                   moved_o,          // a beat left
  output logic [       TagW-1:0] rsp_tag_o,        // of the piece that is answered in this cycle
  output logic                   fail_valid_o,     // a burst failed; the first one is kept
  output logic [       TagW-1:0] fail_tag_o,
  output logic                   fail_decerr_o,
  output logic [           63:0] fail_addr_o
);

  localparam int unsigned Depth    = 2 << $clog2(Outstanding);
  localparam int unsigned LenDepth = 16;  // accepted bursts whose data have not all left

  logic                        req_valid_q;
  logic [                63:0] req_addr_q;
  logic [                 7:0] req_len_q;
  logic                        take;         // a piece becomes a request
  logic                        granted;      // the request is accepted
  logic [          CountW-1:0] free_q;       // beats in the FIFO that belong to no requested burst
  logic [          CountW-1:0] owed_q;       // beats that do
  logic                        len_ready;
  logic [$clog2(LenDepth):0]   len_count;
  logic                        len_valid;
  logic [                 7:0] len;          // beats - 1 of the next burst to send
  logic                        len_pop;
  logic                        send_q;       // a burst is sent
  logic [                 7:0] left_q;       // beats of it behind the next
  logic                        last_q;       // the next is its last
  logic                        rsp_ready;
  logic                        rsp_open;
  logic [   $clog2(Depth):0]   rsp_count;
  logic [                63:0] rsp_addr;

  assign piece_ready_o = (!req_valid_q || wr_req_ready_i) && rsp_ready &&
                         len_count < ($clog2(LenDepth) + 1)'(LenDepth - 1) &&
                         free_q >= CountW'(piece_beats_i);
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

  always_ff @(posedge clk_i) begin
    if (!rst_ni || fifo_clear_i) free_q <= '0;
    else if (take || fifo_push_i || fifo_other_i)
      free_q <= free_q + CountW'(fifo_push_i) - CountW'(fifo_other_i) -
                (take ? CountW'(piece_beats_i) : '0);
    if (!rst_ni) owed_q <= '0;
    else if (take || moved_o)
      owed_q <= owed_q + (take ? CountW'(piece_beats_i) : '0) - CountW'(moved_o);
  end

  // ---- Data ----
  shira_fifo #(
    .Width(8),
    .Depth(LenDepth)
  ) u_len (
    .clk_i,
    .rst_ni,
    .clear_i     (1'b0),
    .push_valid_i(granted),
    .push_ready_o(len_ready),
    .push_data_i (req_len_q),
    .pop_valid_o (len_valid),
    .pop_ready_i (len_pop),
    .pop_data_o  (len),
    .count_o     (len_count)
  );

  assign len_pop = !send_q || (moved_o && last_q);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) send_q <= 1'b0;
    else if (len_pop) send_q <= len_valid;
  end

  always_ff @(posedge clk_i) begin
    if (len_pop) begin
      left_q <= len;
      last_q <= len == '0;
    end else if (moved_o) begin
      left_q <= left_q - 8'd1;
      last_q <= left_q == 8'd1;
    end
  end

  assign wr_data_valid_o = send_q && fifo_valid_i;
  assign wr_data_o       = fifo_data_i;
  assign wr_strb_o       = fifo_strb_i;
  assign wr_last_o       = last_q;
  assign moved_o         = wr_data_valid_o && wr_data_ready_i;
  assign fifo_ready_o    = moved_o;
  assign drained_o       = owed_q == '0;

  // ---- Responses, in the order of the requests ----
  shira_ram_fifo #(
    .Width(TagW + 64),
    .Depth(Depth)
  ) u_open (
    .clk_i,
    .rst_ni,
    .clear_i     (1'b0),
    .push_valid_i(take),
    .push_ready_o(rsp_ready),
    .push_data_i ({piece_tag_i, piece_addr_i}),
    .pop_valid_o (rsp_open),
    .pop_ready_i (wr_rsp_valid_i),
    .pop_data_o  ({rsp_tag_o, rsp_addr}),
    .count_o     (rsp_count)
  );

  assign answered_o = rsp_count == '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni || clear_i) fail_valid_o <= 1'b0;
    else if (wr_rsp_valid_i && wr_rsp_err_i[1]) fail_valid_o <= 1'b1;
  end

  always_ff @(posedge clk_i) begin
    if (wr_rsp_valid_i && wr_rsp_err_i[1] && !fail_valid_o) begin
      fail_tag_o    <= rsp_tag_o;
      fail_decerr_o <= wr_rsp_err_i[0];
      fail_addr_o   <= rsp_addr;
    end
  end

  logic unused;
  assign unused = &{1'b0, rsp_open, len_ready, wr_rsp_err_i[0]};

`ifdef SHIRA_ASSERT
  AssertAsked :
  assert property (@(posedge clk_i) disable iff (!rst_ni) wr_rsp_valid_i |-> rsp_open);
  AssertLenRoom :
  assert property (@(posedge clk_i) disable iff (!rst_ni) granted |-> len_ready);
  AssertOwedThere :
  assert property (@(posedge clk_i) disable iff (!rst_ni) moved_o |-> owed_q != '0);
  AssertClearDrained :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    fifo_clear_i |-> owed_q == '0 && !req_valid_q && !send_q);
  AssertRequestStable :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    wr_req_valid_o && !wr_req_ready_i |=>
    wr_req_valid_o && $stable(wr_req_addr_o) && $stable(wr_req_len_o));
  AssertDataStable :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    wr_data_valid_o && !wr_data_ready_i |=>
    wr_data_valid_o && $stable(wr_data_o) && $stable(wr_strb_o) && $stable(wr_last_o));
`endif

endmodule
