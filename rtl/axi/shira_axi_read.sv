// Read side of the AXI master: several clients share AR and R.
//
// Does:         hands the clients' requests to AR, and routes each response beat by RID to its client.
//               ARID is the client's index, so a client's responses come in order while those of
//               different clients may overtake.
// Never does:   holds R back (clients reserve space before they request); has more than Outstanding
//               bursts in flight, those that wait for AR included.
// Latency:      request to AR two cycles; R to client one.
// Throughput:   a request a cycle, a beat a cycle.
// Backpressure: rd_req_ready_o is low while two requests wait for AR or Outstanding bursts are in flight.
module shira_axi_read #(
  parameter int unsigned BeatBytes   = 32,  // bytes of an AXI beat
  parameter int unsigned Clients     = 3,   // 1 to 16
  parameter int unsigned Outstanding = 16,  // most bursts in flight, all clients together
  parameter int unsigned StreamAlign = 32   // bytes of a memory burst, for the event
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,           // synchronous, active low
  // clients
  input  logic [    Clients-1:0] rd_req_valid_i,   // a burst is wanted <- client
  output logic [    Clients-1:0] rd_req_ready_o,   // it is taken if it is valid -> client
  input  logic [ Clients*64-1:0] rd_req_addr_i,    // first byte, multiple of BeatBytes
  input  logic [  Clients*8-1:0] rd_req_len_i,     // beats - 1
  input  logic [  Clients*4-1:0] rd_req_class_i,   // shira_regs_pkg::traffic_e
  output logic [    Clients-1:0] rd_rsp_valid_o,   // a beat for this client
  output logic [BeatBytes*8-1:0] rd_rsp_data_o,    // shared by all clients
  output logic                   rd_rsp_last_o,
  output logic [            1:0] rd_rsp_err_o,     // AXI resp
  // AXI master
  output logic                   m_axi_arvalid_o,
  input  logic                   m_axi_arready_i,
  output logic [            3:0] m_axi_arid_o,
  output logic [           63:0] m_axi_araddr_o,
  output logic [            7:0] m_axi_arlen_o,
  output logic [            2:0] m_axi_arsize_o,
  output logic [            1:0] m_axi_arburst_o,
  output logic [            2:0] m_axi_arprot_o,
  output logic [            3:0] m_axi_arcache_o,
  output logic [            3:0] m_axi_aruser_o,   // traffic class, for whoever measures memory
  input  logic                   m_axi_rvalid_i,
  output logic                   m_axi_rready_o,
  input  logic [            3:0] m_axi_rid_i,
  input  logic [BeatBytes*8-1:0] m_axi_rdata_i,
  input  logic [            1:0] m_axi_rresp_i,
  input  logic                   m_axi_rlast_i,
  // to the counters and the watchdog
  output logic [           15:0] ev_rd_bursts_o,   // memory bursts touched by the request on AR now
  output logic                   moved_o,          // AR or R handshake in this cycle
  output logic                   idle_o            // nothing in flight
);

  logic                   requests_idle;
  logic [    Clients-1:0] rsp_valid_q;
  logic [BeatBytes*8-1:0] rsp_data_q;
  logic                   rsp_last_q;
  logic [            1:0] rsp_err_q;

  /* verilator lint_off PINCONNECTEMPTY */  // nothing follows the order of the requests
  shira_axi_requests #(
    .BeatBytes  (BeatBytes),
    .Clients    (Clients),
    .Outstanding(Outstanding),
    .StreamAlign(StreamAlign)
  ) u_requests (
    .clk_i,
    .rst_ni,
    .hold_i     (1'b0),
    .req_valid_i(rd_req_valid_i),
    .req_ready_o(rd_req_ready_o),
    .req_addr_i (rd_req_addr_i),
    .req_len_i  (rd_req_len_i),
    .req_class_i(rd_req_class_i),
    .taken_o    (),
    .ax_valid_o (m_axi_arvalid_o),
    .ax_ready_i (m_axi_arready_i),
    .ax_id_o    (m_axi_arid_o),
    .ax_addr_o  (m_axi_araddr_o),
    .ax_len_o   (m_axi_arlen_o),
    .ax_size_o  (m_axi_arsize_o),
    .ax_burst_o (m_axi_arburst_o),
    .ax_prot_o  (m_axi_arprot_o),
    .ax_cache_o (m_axi_arcache_o),
    .ax_user_o  (m_axi_aruser_o),
    .ended_i    (m_axi_rvalid_i && m_axi_rlast_i),
    .ev_bursts_o(ev_rd_bursts_o),
    .idle_o     (requests_idle)
  );
  /* verilator lint_on PINCONNECTEMPTY */

  assign m_axi_rready_o = 1'b1;

  always_ff @(posedge clk_i) begin
    rsp_valid_q <= '0;
    if (rst_ni && m_axi_rvalid_i) begin
      for (int unsigned i = 0; i < Clients; i++) rsp_valid_q[i] <= m_axi_rid_i == 4'(i);
    end
  end

  always_ff @(posedge clk_i) begin
    if (m_axi_rvalid_i) begin
      rsp_data_q <= m_axi_rdata_i;
      rsp_last_q <= m_axi_rlast_i;
      rsp_err_q  <= m_axi_rresp_i;
    end
  end

  assign rd_rsp_valid_o = rsp_valid_q;
  assign rd_rsp_data_o  = rsp_data_q;
  assign rd_rsp_last_o  = rsp_last_q;
  assign rd_rsp_err_o   = rsp_err_q;

  assign moved_o = (m_axi_arvalid_o && m_axi_arready_i) || m_axi_rvalid_i;
  assign idle_o  = requests_idle && rsp_valid_q == '0;

`ifdef SHIRA_ASSERT
  AssertOneClient :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    (rd_rsp_valid_o & (rd_rsp_valid_o - 1'b1)) == '0);
  AssertKnownClient :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    m_axi_rvalid_i |-> 32'(m_axi_rid_i) < 32'(Clients));
`endif

`ifdef SHIRA_COVER
  `SHIRA_COVER(stall_rd_req, (rd_req_valid_i & ~rd_req_ready_o) != '0)
  `SHIRA_COVER(stall_ar, m_axi_arvalid_o && !m_axi_arready_i)
`endif

endmodule
