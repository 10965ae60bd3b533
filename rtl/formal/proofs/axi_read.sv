// shira_axi_read: a response goes to the client of its RID and to nobody else, in the next cycle, as it
// was; R is never held back. It says that it is idle only when no burst is in flight and no response on
// its way. What is on AR is proof axi_requests.
// Assumed: clients hold aligned bursts inside a page; the slave ends no burst that it did not accept.
//
// rtl: rtl/common/shira_fifo.sv rtl/axi/shira_axi_arbiter.sv rtl/axi/shira_axi_requests.sv
// rtl: rtl/axi/shira_axi_read.sv
// proof: induction 4
// cover: response 12
// cover: idle 12
// mutant: a response goes to every client
// file: rtl/axi/shira_axi_read.sv
// sed: s/rsp_valid_q\[i\] <= m_axi_rid_i == 4'\(i\);/rsp_valid_q[i] <= 1'b1;/
// mutant: it is idle before the last response is with its client
// file: rtl/axi/shira_axi_read.sv
// sed: s/requests_idle && rsp_valid_q == '0;/requests_idle;/
// mutant: every beat ends a burst
// file: rtl/axi/shira_axi_read.sv
// sed: s/m_axi_rvalid_i && m_axi_rlast_i\),/m_axi_rvalid_i),/
module formal_axi_read (
  input logic         clk_i,
  input logic         rst_ni,
  input logic [  2:0] rd_req_valid_i,
  input logic [191:0] rd_req_addr_i,
  input logic         m_axi_arready_i,
  input logic         m_axi_rvalid_i,
  input logic [  3:0] m_axi_rid_i,
  input logic [ 63:0] m_axi_rdata_i,
  input logic [  1:0] m_axi_rresp_i,
  input logic         m_axi_rlast_i
);

  localparam int unsigned Clients = 3, Outstanding = 3;

  logic [Clients-1:0] ready, rsp;
  logic [       63:0] data;
  logic [        1:0] err;
  logic               last, arvalid, rready, moved, idle;

  shira_axi_read #(
    .BeatBytes  (8),
    .Clients    (Clients),
    .Outstanding(Outstanding),
    .StreamAlign(8)
  ) u (
    .clk_i,
    .rst_ni,
    .rd_req_valid_i,
    .rd_req_ready_o (ready),
    .rd_req_addr_i,
    .rd_req_len_i   ('0),
    .rd_req_class_i ('0),
    .rd_rsp_valid_o (rsp),
    .rd_rsp_data_o  (data),
    .rd_rsp_last_o  (last),
    .rd_rsp_err_o   (err),
    .m_axi_arvalid_o(arvalid),
    .m_axi_arready_i,
    .m_axi_rvalid_i,
    .m_axi_rready_o (rready),
    .m_axi_rid_i,
    .m_axi_rdata_i,
    .m_axi_rresp_i,
    .m_axi_rlast_i,
    .moved_o        (moved),
    .idle_o         (idle)
  );

  logic [ 7:0] open_q;   // bursts taken that have not ended
  logic        came_q;
  logic [70:0] r_q;
  logic        worked_q;
  logic        ran_q = 1'b0;
  wire         taken = (ready & rd_req_valid_i) != '0;
  wire         ended = m_axi_rvalid_i && m_axi_rlast_i;

  always @(posedge clk_i) begin
    ran_q    <= 1'b1;
    came_q   <= rst_ni && m_axi_rvalid_i;
    r_q      <= {m_axi_rid_i, m_axi_rlast_i, m_axi_rresp_i, m_axi_rdata_i};
    open_q   <= rst_ni ? open_q + 8'(taken) - 8'(ended) : '0;
    worked_q <= rst_ni && (worked_q || came_q);
  end

  (* hierconn *) wire [$clog2(Outstanding+1)-1:0] \u.u_requests.count_q ;

  (* keep *) wire cover_response = ran_q && rsp[Clients-1] && last && err == 2'd2;
  (* keep *) wire cover_idle = ran_q && worked_q && idle;

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    else begin
      if (m_axi_rvalid_i) assume (open_q != '0 && 32'(m_axi_rid_i) < Clients);
      assert (rready && open_q <= 8'(Outstanding) && 8'(\u.u_requests.count_q ) == open_q);
      assert (moved == ((arvalid && m_axi_arready_i) || m_axi_rvalid_i));
      if (idle) assert (open_q == '0 && !came_q);
      for (int unsigned i = 0; i < Clients; i++) assert (rsp[i] == (came_q && 32'(r_q[70:67]) == i));
      if (rsp != '0) assert ({last, err, data} == r_q[66:0]);
      assert (open_q + 8'(ready != '0) <= 8'(Outstanding));
    end
  end

endmodule
