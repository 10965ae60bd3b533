// Write side of the AXI master: several clients share AW, W and B.
//
// Does:         hands the clients' requests to AW and notes their order; sends W data client by client in
//               that order; routes each response by BID to its client.
// Never does:   interleaves the data of two bursts; waits for AWREADY before it offers W (a slave may
//               see W before AW); holds B back; has more than Outstanding bursts in flight.
// Latency:      request to AW two cycles; data are taken two cycles after their request and are on W in
//               the next; B to client one.
// Throughput:   a request a cycle, a beat a cycle.
// Backpressure: wr_req_ready_o is low while two requests wait for AW, Outstanding bursts are in flight or
//               OrderDepth bursts lack data; wr_data_ready_o is high only for the client whose burst is
//               next, and low while two beats wait for W. No ready depends on a valid of its cycle.
module shira_axi_write #(
  parameter int unsigned BeatBytes   = 32,  // bytes of an AXI beat
  parameter int unsigned Clients     = 2,   // 1 to 16
  parameter int unsigned Outstanding = 16,  // most bursts in flight, all clients together
  parameter int unsigned StreamAlign = 32,  // bytes of a memory burst, for the event
  parameter int unsigned OrderDepth  = 16   // bursts that may wait for their data, a power of two, 4 or more
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,           // synchronous, active low
  // clients
  input  logic [            Clients-1:0] wr_req_valid_i,   // a burst is wanted <- client
  output logic [            Clients-1:0] wr_req_ready_o,   // it is taken if it is valid -> client
  input  logic [         Clients*64-1:0] wr_req_addr_i,    // first byte, multiple of BeatBytes
  input  logic [          Clients*8-1:0] wr_req_len_i,     // beats - 1
  input  logic [          Clients*4-1:0] wr_req_class_i,   // shira_regs_pkg::traffic_e
  input  logic [            Clients-1:0] wr_data_valid_i,  // a beat of the client's oldest open request
  output logic [            Clients-1:0] wr_data_ready_o,  // it is taken if it is valid
  input  logic [Clients*BeatBytes*8-1:0] wr_data_i,
  input  logic [  Clients*BeatBytes-1:0] wr_strb_i,        // bytes that are written
  input  logic [            Clients-1:0] wr_last_i,        // last beat of the burst
  output logic [            Clients-1:0] wr_rsp_valid_o,   // the oldest burst of this client ended
  output logic [                    1:0] wr_rsp_err_o,     // AXI resp, shared
  // AXI master
  output logic                           m_axi_awvalid_o,
  input  logic                           m_axi_awready_i,
  output logic [                    3:0] m_axi_awid_o,
  output logic [                   63:0] m_axi_awaddr_o,
  output logic [                    7:0] m_axi_awlen_o,
  output logic [                    2:0] m_axi_awsize_o,
  output logic [                    1:0] m_axi_awburst_o,
  output logic [                    2:0] m_axi_awprot_o,
  output logic [                    3:0] m_axi_awcache_o,
  output logic [                    3:0] m_axi_awuser_o,   // traffic class, for whoever measures memory
  output logic                           m_axi_wvalid_o,
  input  logic                           m_axi_wready_i,
  output logic [        BeatBytes*8-1:0] m_axi_wdata_o,
  output logic [          BeatBytes-1:0] m_axi_wstrb_o,
  output logic                           m_axi_wlast_o,
  input  logic                           m_axi_bvalid_i,
  output logic                           m_axi_bready_o,
  input  logic [                    3:0] m_axi_bid_i,
  input  logic [                    1:0] m_axi_bresp_i,
  // to the counters and the watchdog
  output logic [                   15:0] ev_wr_bursts_o,   // memory bursts touched by the request on AW now
  output logic                           moved_o,          // AW, W or B handshake in this cycle
  output logic                           idle_o            // nothing in flight
);

  localparam int unsigned OrderW = $clog2(OrderDepth) + 1;

  if (OrderDepth < 4) begin : gen_bad_order
    $error("OrderDepth must be 4 or more");
  end

  logic               requests_idle;
  logic [Clients-1:0] taken;        // whose request is taken
  logic [ OrderW-1:0] order_count;
  logic               order_full;   // or nearly: two more may come
  logic               order_push;
  logic               order_ready;
  logic               order_valid;
  logic [Clients-1:0] order_next;   // client of the burst behind the one whose data are due
  logic               order_pop;
  logic [Clients-1:0] owner_q;      // client whose data are due, none or one
  logic               w_room;
  logic               w_push;
  logic               w_last;
  logic               w_done;       // the last beat of a burst was taken

  shira_axi_requests #(
    .BeatBytes  (BeatBytes),
    .Clients    (Clients),
    .Outstanding(Outstanding),
    .StreamAlign(StreamAlign)
  ) u_requests (
    .clk_i,
    .rst_ni,
    .hold_i     (order_full),
    .req_valid_i(wr_req_valid_i),
    .req_ready_o(wr_req_ready_o),
    .req_addr_i (wr_req_addr_i),
    .req_len_i  (wr_req_len_i),
    .req_class_i(wr_req_class_i),
    .taken_o    (taken),
    .ax_valid_o (m_axi_awvalid_o),
    .ax_ready_i (m_axi_awready_i),
    .ax_id_o    (m_axi_awid_o),
    .ax_addr_o  (m_axi_awaddr_o),
    .ax_len_o   (m_axi_awlen_o),
    .ax_size_o  (m_axi_awsize_o),
    .ax_burst_o (m_axi_awburst_o),
    .ax_prot_o  (m_axi_awprot_o),
    .ax_cache_o (m_axi_awcache_o),
    .ax_user_o  (m_axi_awuser_o),
    .ended_i    (m_axi_bvalid_i),
    .ev_bursts_o(ev_wr_bursts_o),
    .idle_o     (requests_idle)
  );

  assign order_push = taken != '0;
  assign order_full = order_count > OrderW'(OrderDepth - 3);

  // ---- W: the data of the client whose burst is due ----
  shira_fifo #(
    .Width(Clients),
    .Depth(OrderDepth)
  ) u_order (
    .clk_i,
    .rst_ni,
    .clear_i     (1'b0),
    .push_valid_i(order_push),
    .push_ready_o(order_ready),
    .push_data_i (taken),
    .pop_valid_o (order_valid),
    .pop_ready_i (order_pop),
    .pop_data_o  (order_next),
    .count_o     (order_count)
  );

  assign order_pop = owner_q == '0 || w_done;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) owner_q <= '0;
    else if (order_pop) owner_q <= order_valid ? order_next : '0;
  end

  logic [BeatBytes*8-1:0] w_data;
  logic [  BeatBytes-1:0] w_strb;

  assign wr_data_ready_o = w_room ? owner_q : '0;
  assign w_push          = (owner_q & wr_data_valid_i) != '0;
  assign w_last          = (owner_q & wr_last_i) != '0;
  assign w_done          = w_push && w_room && w_last;

  always_comb begin
    w_data = '0;
    w_strb = '0;
    if (w_push) begin
      for (int unsigned i = 0; i < Clients; i++) begin
        if (owner_q[i]) begin
          w_data = w_data | wr_data_i[i*BeatBytes*8+:BeatBytes*8];
          w_strb = w_strb | wr_strb_i[i*BeatBytes+:BeatBytes];
        end
      end
    end
  end

  shira_fifo #(
    .Width(BeatBytes * 9 + 1),
    .Depth(2)
  ) u_beats (
    .clk_i,
    .rst_ni,
    .clear_i     (1'b0),
    .push_valid_i(w_push),
    .push_ready_o(w_room),
    .push_data_i ({w_last, w_strb, w_data}),
    .pop_valid_o (m_axi_wvalid_o),
    .pop_ready_i (m_axi_wready_i),
    .pop_data_o  ({m_axi_wlast_o, m_axi_wstrb_o, m_axi_wdata_o}),
    /* verilator lint_off PINCONNECTEMPTY */  // full or not is all that is asked
    .count_o     ()
    /* verilator lint_on PINCONNECTEMPTY */
  );

  // ---- B ----
  logic [Clients-1:0] rsp_valid_q;
  logic [        1:0] rsp_err_q;

  assign m_axi_bready_o = 1'b1;

  always_ff @(posedge clk_i) begin
    rsp_valid_q <= '0;
    rsp_err_q   <= m_axi_bresp_i;
    if (rst_ni && m_axi_bvalid_i) begin
      for (int unsigned i = 0; i < Clients; i++) rsp_valid_q[i] <= m_axi_bid_i == 4'(i);
    end
  end

  assign wr_rsp_valid_o = rsp_valid_q;
  assign wr_rsp_err_o   = rsp_err_q;

  assign moved_o = (m_axi_awvalid_o && m_axi_awready_i) || (m_axi_wvalid_o && m_axi_wready_i) ||
                   m_axi_bvalid_i;
  assign idle_o  = requests_idle && rsp_valid_q == '0;

`ifdef SHIRA_ASSERT
  AssertOrderRoom :
  assert property (@(posedge clk_i) disable iff (!rst_ni) taken != '0 |-> order_ready);
  AssertOneOwner :
  assert property (@(posedge clk_i) disable iff (!rst_ni) (owner_q & (owner_q - 1'b1)) == '0);
  AssertWStable :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    m_axi_wvalid_o && !m_axi_wready_i |=>
    m_axi_wvalid_o && $stable(m_axi_wdata_o) && $stable(m_axi_wstrb_o) && $stable(m_axi_wlast_o));
  AssertOneClient :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    (wr_rsp_valid_o & (wr_rsp_valid_o - 1'b1)) == '0);
  AssertKnownClient :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    m_axi_bvalid_i |-> 32'(m_axi_bid_i) < 32'(Clients));
  AssertIdleEmpty :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    idle_o |-> !m_axi_wvalid_o && owner_q == '0 && !order_valid);
`else
  logic unused;
  assign unused = &{1'b0, order_ready};
`endif

`ifdef SHIRA_COVER
  `SHIRA_COVER(stall_wr_req, (wr_req_valid_i & ~wr_req_ready_o) != '0)
  `SHIRA_COVER(stall_wr_data, (wr_data_valid_i & ~wr_data_ready_o) != '0)
  `SHIRA_COVER(stall_aw, m_axi_awvalid_o && !m_axi_awready_i)
  `SHIRA_COVER(stall_w, m_axi_wvalid_o && !m_axi_wready_i)
`endif

endmodule
