// Write side of the AXI master: several clients share AW, W and B.
//
// Does:         takes requests round robin into the AW register and notes their order; sends W data
//               client by client in that order; routes each response by BID to its client.
// Never does:   interleaves the data of two bursts; waits for AWREADY before it offers W (a slave may
//               see W before AW); holds B back; has more than Outstanding bursts in flight.
// Latency:      request to AW one cycle, request to W one cycle; data to W none; B to client none.
// Throughput:   a request a cycle, a beat a cycle.
// Backpressure: wr_req_ready_o is low while AW is held or Outstanding bursts are in flight;
//               wr_data_ready_o is high only for the client whose burst is next.
module shira_axi_write #(
  parameter int unsigned BeatBytes   = 32,  // bytes of an AXI beat
  parameter int unsigned Clients     = 2,   // 1 to 16
  parameter int unsigned Outstanding = 16,  // most bursts in flight, all clients together
  parameter int unsigned StreamAlign = 32   // bytes of a memory burst, for the event
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,           // synchronous, active low
  // clients
  input  logic [            Clients-1:0] wr_req_valid_i,   // a burst is wanted <- client
  output logic [            Clients-1:0] wr_req_ready_o,   // it was taken -> client
  input  logic [         Clients*64-1:0] wr_req_addr_i,    // first byte, multiple of BeatBytes
  input  logic [          Clients*8-1:0] wr_req_len_i,     // beats - 1
  input  logic [          Clients*4-1:0] wr_req_class_i,   // shira_regs_pkg::traffic_e
  input  logic [            Clients-1:0] wr_data_valid_i,  // a beat of the client's oldest open request
  output logic [            Clients-1:0] wr_data_ready_o,
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
  output logic [                   15:0] ev_wr_bursts_o,   // memory bursts touched by the request taken now
  output logic                           moved_o,          // AW, W or B handshake in this cycle
  output logic                           idle_o            // nothing in flight
);

  localparam int unsigned IdW    = (Clients > 1) ? $clog2(Clients) : 1;
  localparam int unsigned CountW = $clog2(Outstanding + 1);
  localparam int unsigned AlignW = $clog2(StreamAlign);
  localparam int unsigned Depth  = 1 << $clog2(Outstanding);  // of the order FIFO

  if (Clients < 1 || Clients > 16) begin : gen_bad_clients
    $error("Clients must be 1 to 16");
  end
  if (BeatBytes < 8 || BeatBytes > 128 || (BeatBytes & (BeatBytes - 1)) != 0) begin : gen_bad_beat
    $error("BeatBytes must be a power of two from 8 to 128");
  end
  if (Outstanding < 1) begin : gen_bad_outstanding
    $error("Outstanding must be at least 1");
  end

  logic              aw_valid_q;
  logic [       3:0] aw_id_q;
  logic [      63:0] aw_addr_q;
  logic [       7:0] aw_len_q;
  logic [       3:0] aw_class_q;
  logic [CountW-1:0] count_q;      // bursts in flight
  logic [   IdW-1:0] grant;
  logic              take;         // a request moves into the AW register
  logic [      63:0] addr;
  logic [       7:0] len;
  logic              order_ready;
  logic              order_valid;  // a burst's data are due
  logic [   IdW-1:0] owner;        // client whose data are due
  logic              w_done;       // the last beat of a burst leaves

  shira_axi_arbiter #(
    .Clients(Clients)
  ) u_arbiter (
    .clk_i,
    .rst_ni,
    .req_i  (wr_req_valid_i),
    .taken_i(take),
    .grant_o(grant)
  );

  shira_fifo #(
    .Width(IdW),
    .Depth(Depth)
  ) u_order (
    .clk_i,
    .rst_ni,
    .clear_i     (1'b0),
    .push_valid_i(take),
    .push_ready_o(order_ready),
    .push_data_i (grant),
    .pop_valid_o (order_valid),
    .pop_ready_i (w_done),
    .pop_data_o  (owner),
    /* verilator lint_off PINCONNECTEMPTY */  // the bursts in flight are counted here anyway
    .count_o     ()
    /* verilator lint_on PINCONNECTEMPTY */
  );

  assign take = wr_req_valid_i != '0 && (!aw_valid_q || m_axi_awready_i) && order_ready &&
                count_q != CountW'(Outstanding);

  // The chosen request and the memory bursts that it touches.
  always_comb begin
    wr_req_ready_o = '0;
    addr           = '0;
    len            = '0;
    ev_wr_bursts_o = '0;
    if (take) begin
      wr_req_ready_o[grant] = 1'b1;
      addr = wr_req_addr_i[32'(grant)*64+:64];
      len = wr_req_len_i[32'(grant)*8+:8];
      ev_wr_bursts_o = 16'((32'(addr[AlignW-1:0]) + (32'(len) + 32'd1) * 32'(BeatBytes) +
                            32'(StreamAlign) - 32'd1) >> AlignW);
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      aw_valid_q <= 1'b0;
      count_q    <= '0;
    end else begin
      if (take) aw_valid_q <= 1'b1;
      else if (m_axi_awready_i) aw_valid_q <= 1'b0;
      if (take && !m_axi_bvalid_i) count_q <= count_q + CountW'(1);
      if (m_axi_bvalid_i && !take) count_q <= count_q - CountW'(1);
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      aw_id_q    <= 4'(grant);
      aw_addr_q  <= addr;
      aw_len_q   <= len;
      aw_class_q <= wr_req_class_i[32'(grant)*4+:4];
    end
  end

  assign m_axi_awvalid_o = aw_valid_q;
  assign m_axi_awid_o    = aw_id_q;
  assign m_axi_awaddr_o  = aw_addr_q;
  assign m_axi_awlen_o   = aw_len_q;
  assign m_axi_awsize_o  = 3'($clog2(BeatBytes));
  assign m_axi_awburst_o = 2'b01;  // INCR
  assign m_axi_awuser_o  = aw_class_q;
  assign m_axi_bready_o  = 1'b1;

  // W: the data of the client whose burst is due.
  always_comb begin
    wr_data_ready_o = '0;
    m_axi_wvalid_o  = 1'b0;
    m_axi_wlast_o   = 1'b0;
    m_axi_wstrb_o   = '0;
    m_axi_wdata_o   = '0;
    if (order_valid && wr_data_valid_i[owner]) begin
      wr_data_ready_o[owner] = m_axi_wready_i;
      m_axi_wvalid_o = 1'b1;
      m_axi_wlast_o  = wr_last_i[owner];
      m_axi_wstrb_o  = wr_strb_i[32'(owner)*BeatBytes+:BeatBytes];
      m_axi_wdata_o  = wr_data_i[32'(owner)*BeatBytes*8+:BeatBytes*8];
    end
  end
  assign w_done = m_axi_wvalid_o && m_axi_wready_i && m_axi_wlast_o;

  always_comb begin
    wr_rsp_valid_o = '0;
    if (m_axi_bvalid_i) begin
      for (int unsigned i = 0; i < Clients; i++) wr_rsp_valid_o[i] = m_axi_bid_i == 4'(i);
    end
  end
  assign wr_rsp_err_o = m_axi_bresp_i;

  assign moved_o = (aw_valid_q && m_axi_awready_i) || (m_axi_wvalid_o && m_axi_wready_i) ||
                   m_axi_bvalid_i;
  assign idle_o  = count_q == '0;

`ifdef SHIRA_ASSERT
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    m_axi_awvalid_o && !m_axi_awready_i |=>
    m_axi_awvalid_o && $stable(m_axi_awaddr_o) && $stable(m_axi_awlen_o) &&
    $stable(m_axi_awid_o) && $stable(m_axi_awuser_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    m_axi_wvalid_o && !m_axi_wready_i |=>
    m_axi_wvalid_o && $stable(m_axi_wdata_o) && $stable(m_axi_wstrb_o) && $stable(m_axi_wlast_o));
  assert property (@(posedge clk_i) disable iff (!rst_ni) m_axi_bvalid_i |-> count_q != '0);
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    take |-> 32'(addr[11:0]) + (32'(len) + 32'd1) * 32'(BeatBytes) <= 32'd4096);
`endif

`ifdef SHIRA_COVER
  `SHIRA_COVER(stall_wr_req, (wr_req_valid_i & ~wr_req_ready_o) != '0)
  `SHIRA_COVER(stall_wr_data, (wr_data_valid_i & ~wr_data_ready_o) != '0)
  `SHIRA_COVER(stall_aw, m_axi_awvalid_o && !m_axi_awready_i)
  `SHIRA_COVER(stall_w, m_axi_wvalid_o && !m_axi_wready_i)
`endif

endmodule
