// shira_axi_read: AR stays with a stable payload until it is accepted; each burst that a client
// hands over appears on AR once, as it was; never more than Outstanding bursts are in flight, the
// one on AR included; no burst crosses 4 KiB; a response goes to the client of its RID and to
// nobody else.
// Assumed: clients ask for aligned bursts inside a page; the slave ends no burst that it did not
// accept.
//
// rtl: rtl/axi/shira_axi_arbiter.sv rtl/axi/shira_axi_read.sv
// proof: induction 4 Clients=3 Outstanding=1
// proof: induction 4 Clients=3 Outstanding=3
// proof: induction 4 Clients=3 Outstanding=4
// cover: full 12
// cover: response 8
// mutant: the limit is not looked at
// file: rtl/axi/shira_axi_read.sv
// sed: s/count_q != CountW'\(Outstanding\);/1'b1;/
// mutant: AR is overwritten before it was accepted
// file: rtl/axi/shira_axi_read.sv
// sed: s/\(!ar_valid_q \|\| m_axi_arready_i\)/1'b1/
// mutant: AR falls before it was accepted
// file: rtl/axi/shira_axi_read.sv
// sed: s/else if \(m_axi_arready_i\) ar_valid_q/else ar_valid_q/
module formal_axi_read #(
  parameter int unsigned Clients     = 3,
  parameter int unsigned Outstanding = 3,
  parameter int unsigned BeatBytes   = 8
) (
  input logic                   clk_i,
  input logic                   rst_ni,
  input logic [    Clients-1:0] rd_req_valid_i,
  input logic [ Clients*64-1:0] rd_req_addr_i,
  input logic [  Clients*8-1:0] rd_req_len_i,
  input logic [  Clients*4-1:0] rd_req_class_i,
  input logic                   m_axi_arready_i,
  input logic                   m_axi_rvalid_i,
  input logic [            3:0] m_axi_rid_i,
  input logic [BeatBytes*8-1:0] m_axi_rdata_i,
  input logic [            1:0] m_axi_rresp_i,
  input logic                   m_axi_rlast_i
);

  logic [Clients-1:0] ready, rsp;
  logic               arvalid, rready, idle;
  logic [        3:0] arid;
  logic [       63:0] araddr;
  logic [        7:0] arlen;
  logic [        3:0] aruser;

  shira_axi_read #(
    .BeatBytes  (BeatBytes),
    .Clients    (Clients),
    .Outstanding(Outstanding),
    .StreamAlign(BeatBytes)
  ) u (
    .clk_i,
    .rst_ni,
    .rd_req_valid_i,
    .rd_req_ready_o (ready),
    .rd_req_addr_i,
    .rd_req_len_i,
    .rd_req_class_i,
    .rd_rsp_valid_o (rsp),
    .m_axi_arvalid_o(arvalid),
    .m_axi_arready_i,
    .m_axi_arid_o   (arid),
    .m_axi_araddr_o (araddr),
    .m_axi_arlen_o  (arlen),
    .m_axi_aruser_o (aruser),
    .m_axi_rvalid_i,
    .m_axi_rready_o (rready),
    .m_axi_rid_i,
    .m_axi_rdata_i,
    .m_axi_rresp_i,
    .m_axi_rlast_i,
    .idle_o         (idle)
  );

  // Bursts that the slave accepted and has not ended, and what AR must show next.
  logic [ 7:0] accepted_q;
  logic        due_q;         // AR must be valid, with these
  logic [ 3:0] id_q;
  logic [63:0] addr_q;
  logic [ 7:0] len_q;
  logic [ 3:0] class_q;
  logic        ran_q = 1'b0;
  logic [ 7:0] in_flight;

  assign in_flight = accepted_q + 8'(arvalid);

  always @(posedge clk_i) begin
    ran_q <= 1'b1;
    if (!rst_ni) begin
      accepted_q <= '0;
      due_q      <= 1'b0;
    end else begin
      accepted_q <= accepted_q + 8'(arvalid && m_axi_arready_i) -
          8'(m_axi_rvalid_i && m_axi_rlast_i);
      due_q <= ready != '0 || (arvalid && !m_axi_arready_i);
      for (int unsigned i = 0; i < Clients; i++) begin
        if (ready[i]) begin
          id_q    <= 4'(i);
          addr_q  <= rd_req_addr_i[i*64+:64];
          len_q   <= rd_req_len_i[i*8+:8];
          class_q <= rd_req_class_i[i*4+:4];
        end
      end
    end
  end

  (* hierconn *) wire [$clog2(Outstanding+1)-1:0] \u.count_q ;

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    for (int unsigned i = 0; i < Clients; i++) begin
      assume (rd_req_addr_i[i*64+:3] == '0);
      assume (13'(rd_req_addr_i[i*64+:12]) + (13'(rd_req_len_i[i*8+:8]) + 13'd1) * 13'd8 <=
              13'd4096);
    end
    if (ran_q) begin
      if (m_axi_rvalid_i && m_axi_rlast_i) assume (accepted_q != '0);
      // requests
      assert ((ready & ~rd_req_valid_i) == '0 && (ready & (ready - 1'b1)) == '0);
      assert (ready == '0 || !arvalid || m_axi_arready_i);
      // AR
      assert (arvalid == due_q);
      if (arvalid) begin
        assert (arid == id_q && araddr == addr_q && arlen == len_q && aruser == class_q);
        assert (13'(araddr[11:0]) + (13'(arlen) + 13'd1) * 13'd8 <= 13'd4096);
      end
      // in flight
      assert (accepted_q <= 8'(Outstanding) && in_flight <= 8'(Outstanding));
      assert (8'(\u.count_q ) == in_flight);
      assert (idle == (in_flight == '0));
      // R
      assert (rready);
      for (int unsigned i = 0; i < Clients; i++)
        assert (rsp[i] == (m_axi_rvalid_i && 32'(m_axi_rid_i) == i));
    end
  end

  (* keep *) wire cover_full = ran_q && in_flight == 8'(Outstanding) && rd_req_valid_i != '0;
  (* keep *) wire cover_response = ran_q && rsp != '0 && m_axi_rlast_i;

endmodule
