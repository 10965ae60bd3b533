// Read side of the AXI master: several clients share AR and R.
//
// Does:         takes requests round robin, keeps one in the AR register, routes each response beat by
//               RID to its client in the cycle in which it comes. ARID is the client's index, so a
//               client's responses come in order while those of different clients may overtake.
// Never does:   holds R back (clients reserve space before they request); has more than Outstanding
//               bursts in flight, the one in the AR register included.
// Latency:      request to AR one cycle; R to client none.
// Throughput:   a request a cycle, a beat a cycle.
// Backpressure: rd_req_ready_o is low while AR is held or Outstanding bursts are in flight.
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
  output logic [    Clients-1:0] rd_req_ready_o,   // it was taken -> client
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
  output logic [            3:0] m_axi_aruser_o,   // traffic class, for whoever measures memory
  input  logic                   m_axi_rvalid_i,
  output logic                   m_axi_rready_o,
  input  logic [            3:0] m_axi_rid_i,
  input  logic [BeatBytes*8-1:0] m_axi_rdata_i,
  input  logic [            1:0] m_axi_rresp_i,
  input  logic                   m_axi_rlast_i,
  // to the counters and the watchdog
  output logic [           15:0] ev_rd_bursts_o,   // memory bursts touched by the request taken now
  output logic                   moved_o,          // AR or R handshake in this cycle
  output logic                   idle_o            // nothing in flight
);

  localparam int unsigned IdW    = (Clients > 1) ? $clog2(Clients) : 1;
  localparam int unsigned CountW = $clog2(Outstanding + 1);
  localparam int unsigned AlignW = $clog2(StreamAlign);

  if (Clients < 1 || Clients > 16) begin : gen_bad_clients
    $error("Clients must be 1 to 16");
  end
  if (BeatBytes < 8 || BeatBytes > 128 || (BeatBytes & (BeatBytes - 1)) != 0) begin : gen_bad_beat
    $error("BeatBytes must be a power of two from 8 to 128");
  end
  if (Outstanding < 1) begin : gen_bad_outstanding
    $error("Outstanding must be at least 1");
  end

  logic              ar_valid_q;
  logic [       3:0] ar_id_q;
  logic [      63:0] ar_addr_q;
  logic [       7:0] ar_len_q;
  logic [       3:0] ar_class_q;
  logic [CountW-1:0] count_q;  // bursts in flight
  logic [   IdW-1:0] grant;
  logic              take;     // a request moves into the AR register
  logic              ended;    // a burst's last beat comes
  logic [      63:0] addr;
  logic [       7:0] len;

  shira_axi_arbiter #(
    .Clients(Clients)
  ) u_arbiter (
    .clk_i,
    .rst_ni,
    .req_i  (rd_req_valid_i),
    .taken_i(take),
    .grant_o(grant)
  );

  assign take  = rd_req_valid_i != '0 && (!ar_valid_q || m_axi_arready_i) &&
                 count_q != CountW'(Outstanding);
  assign ended = m_axi_rvalid_i && m_axi_rlast_i;

  // The chosen request and the memory bursts that it touches.
  always_comb begin
    rd_req_ready_o = '0;
    addr           = '0;
    len            = '0;
    ev_rd_bursts_o = '0;
    if (take) begin
      rd_req_ready_o[grant] = 1'b1;
      addr = rd_req_addr_i[32'(grant)*64+:64];
      len = rd_req_len_i[32'(grant)*8+:8];
      ev_rd_bursts_o = 16'((32'(addr[AlignW-1:0]) + (32'(len) + 32'd1) * 32'(BeatBytes) +
                            32'(StreamAlign) - 32'd1) >> AlignW);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      ar_valid_q <= 1'b0;
      count_q    <= '0;
    end else begin
      if (take) ar_valid_q <= 1'b1;
      else if (m_axi_arready_i) ar_valid_q <= 1'b0;
      if (take && !ended) count_q <= count_q + CountW'(1);
      if (ended && !take) count_q <= count_q - CountW'(1);
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      ar_id_q    <= 4'(grant);
      ar_addr_q  <= addr;
      ar_len_q   <= len;
      ar_class_q <= rd_req_class_i[32'(grant)*4+:4];
    end
  end

  assign m_axi_arvalid_o = ar_valid_q;
  assign m_axi_arid_o    = ar_id_q;
  assign m_axi_araddr_o  = ar_addr_q;
  assign m_axi_arlen_o   = ar_len_q;
  assign m_axi_arsize_o  = 3'($clog2(BeatBytes));
  assign m_axi_arburst_o = 2'b01;  // INCR
  assign m_axi_aruser_o  = ar_class_q;
  assign m_axi_rready_o  = 1'b1;

  always_comb begin
    rd_rsp_valid_o = '0;
    if (m_axi_rvalid_i) begin
      for (int unsigned i = 0; i < Clients; i++) rd_rsp_valid_o[i] = m_axi_rid_i == 4'(i);
    end
  end
  assign rd_rsp_data_o = m_axi_rdata_i;
  assign rd_rsp_last_o = m_axi_rlast_i;
  assign rd_rsp_err_o  = m_axi_rresp_i;

  assign moved_o = (ar_valid_q && m_axi_arready_i) || m_axi_rvalid_i;
  assign idle_o  = count_q == '0;

`ifdef SHIRA_ASSERT
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    m_axi_arvalid_o && !m_axi_arready_i |=>
    m_axi_arvalid_o && $stable(m_axi_araddr_o) && $stable(m_axi_arlen_o) &&
    $stable(m_axi_arid_o) && $stable(m_axi_aruser_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni) ended |-> count_q != '0);
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    take |-> 32'(addr[11:0]) + (32'(len) + 32'd1) * 32'(BeatBytes) <= 32'd4096);
`endif

`ifdef SHIRA_COVER
  `SHIRA_COVER(stall_rd_req, (rd_req_valid_i & ~rd_req_ready_o) != '0)
  `SHIRA_COVER(stall_ar, m_axi_arvalid_o && !m_axi_arready_i)
`endif

endmodule
