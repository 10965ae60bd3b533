// shira_axi_write: AW and W stay with a stable payload until they are accepted; each burst that a
// client hands over appears on AW once, as it was; W carries the data of the oldest burst that
// lacks some, with as many beats as that burst's AWLEN says; never more than Outstanding bursts
// are in flight, the one on AW included; no burst crosses 4 KiB; a response goes to the client of
// its BID and to nobody else.
// Assumed: clients ask for aligned bursts inside a page, offer data until it is taken, and mark
// the last beat of each of their bursts; the slave answers no burst whose AW or last W it did not
// accept.
// Bounded here: bursts of up to four beats.
//
// rtl: rtl/common/shira_fifo.sv rtl/axi/shira_axi_arbiter.sv rtl/axi/shira_axi_write.sv
// proof: induction 4 Outstanding=3
// proof: induction 4 Outstanding=4
// cover: full 12
// cover: held 8
// cover: long 12
// cover: response 8
// mutant: the limit is not looked at
// file: rtl/axi/shira_axi_write.sv
// sed: s/count_q != CountW'\(Outstanding\);/1'b1;/
// mutant: the next burst's client is asked for data after one beat
// file: rtl/axi/shira_axi_write.sv
// sed: s/m_axi_wready_i && m_axi_wlast_o;/m_axi_wready_i;/
// mutant: AW is overwritten before it was accepted
// file: rtl/axi/shira_axi_write.sv
// sed: s/\(!aw_valid_q \|\| m_axi_awready_i\)/1'b1/
module formal_axi_write #(
  parameter int unsigned Outstanding = 3,
  parameter int unsigned BeatBytes   = 8
) (
  input logic                     clk_i,
  input logic                     rst_ni,
  input logic [              1:0] wr_req_valid_i,
  input logic [            127:0] wr_req_addr_i,
  input logic [              3:0] len_i,           // two bits of each client's length
  input logic [              7:0] wr_req_class_i,
  input logic [              1:0] wr_data_valid_i,
  input logic [BeatBytes*8*2-1:0] wr_data_i,
  input logic [  BeatBytes*2-1:0] wr_strb_i,
  input logic [              1:0] wr_last_i,
  input logic                     m_axi_awready_i,
  input logic                     m_axi_wready_i,
  input logic                     m_axi_bvalid_i,
  input logic [              3:0] m_axi_bid_i,
  input logic [              1:0] m_axi_bresp_i
);

  logic [            1:0] ready, data_ready, rsp;
  logic                   awvalid, wvalid, wlast, bready, idle;
  logic [            3:0] awid;
  logic [           63:0] awaddr;
  logic [            7:0] awlen;
  logic [            3:0] awuser;
  logic [BeatBytes*8-1:0] wdata;
  logic [  BeatBytes-1:0] wstrb;

  shira_axi_write #(
    .BeatBytes  (BeatBytes),
    .Clients    (2),
    .Outstanding(Outstanding),
    .StreamAlign(BeatBytes)
  ) u (
    .clk_i,
    .rst_ni,
    .wr_req_valid_i,
    .wr_req_ready_o (ready),
    .wr_req_addr_i,
    .wr_req_len_i   ({6'd0, len_i[3:2], 6'd0, len_i[1:0]}),
    .wr_req_class_i,
    .wr_data_valid_i,
    .wr_data_ready_o(data_ready),
    .wr_data_i,
    .wr_strb_i,
    .wr_last_i,
    .wr_rsp_valid_o (rsp),
    .m_axi_awvalid_o(awvalid),
    .m_axi_awready_i,
    .m_axi_awid_o   (awid),
    .m_axi_awaddr_o (awaddr),
    .m_axi_awlen_o  (awlen),
    .m_axi_awuser_o (awuser),
    .m_axi_wvalid_o (wvalid),
    .m_axi_wready_i,
    .m_axi_wdata_o  (wdata),
    .m_axi_wstrb_o  (wstrb),
    .m_axi_wlast_o  (wlast),
    .m_axi_bvalid_i,
    .m_axi_bready_o (bready),
    .m_axi_bid_i,
    .m_axi_bresp_i,
    .idle_o         (idle)
  );

  // Bursts whose data are not complete, the oldest at 0: client and length.
  logic [Outstanding*3-1:0] bursts_q;
  logic [              7:0] lacking_q;      // how many
  logic [              1:0] beats_q;        // beats of the oldest that were taken
  logic [              7:0] accepted_q;     // bursts whose AW was accepted, without a response
  logic [              7:0] in_flight;
  logic                     w_taken, w_ended;
  // What AW and W must show next.
  logic                     aw_due_q, w_due_q;
  logic [              3:0] id_q;
  logic [             63:0] addr_q;
  logic [              1:0] len_q;
  logic [              3:0] class_q;
  logic [BeatBytes*9:0]     w_q;
  logic [              1:0] held_q;         // a client's beat was not taken
  logic                     ran_q = 1'b0;

  logic       oldest;       // client
  logic [1:0] oldest_len;
  assign {oldest, oldest_len} = bursts_q[2:0];

  assign w_taken   = wvalid && m_axi_wready_i;
  assign w_ended   = w_taken && beats_q == oldest_len;
  assign in_flight = accepted_q + 8'(awvalid);

  always @(posedge clk_i) begin
    ran_q <= 1'b1;
    if (!rst_ni) begin
      lacking_q  <= '0;
      beats_q    <= '0;
      accepted_q <= '0;
      aw_due_q   <= 1'b0;
      w_due_q    <= 1'b0;
      held_q     <= '0;
    end else begin
      lacking_q  <= lacking_q + 8'(ready != '0) - 8'(w_ended);
      accepted_q <= accepted_q + 8'(awvalid && m_axi_awready_i) - 8'(m_axi_bvalid_i);
      aw_due_q   <= ready != '0 || (awvalid && !m_axi_awready_i);
      w_due_q    <= wvalid && !m_axi_wready_i;
      held_q     <= wr_data_valid_i & ~data_ready;
      w_q        <= {wlast, wstrb, wdata};
      if (w_taken) beats_q <= w_ended ? '0 : beats_q + 2'd1;
      if (w_ended) bursts_q <= bursts_q >> 3;
      for (int unsigned i = 0; i < 2; i++) begin
        if (ready[i]) begin
          id_q    <= 4'(i);
          addr_q  <= wr_req_addr_i[i*64+:64];
          len_q   <= len_i[i*2+:2];
          class_q <= wr_req_class_i[i*4+:4];
          bursts_q[(lacking_q-8'(w_ended))*3+:3] <= {1'(i), len_i[i*2+:2]};
        end
      end
    end
  end

  logic [BeatBytes*9*2-1:0] w_data_q;       // what the clients offered
  logic [              1:0] w_last_q;
  always @(posedge clk_i) begin
    w_data_q <= {wr_strb_i, wr_data_i};
    w_last_q <= wr_last_i;
  end

  // For the induction: the order FIFO holds the model's clients.
  (* hierconn *) wire [$clog2(Outstanding+1)-1:0] \u.count_q ;
  (* hierconn *) wire [2:0] \u.u_order.count_q ;
  (* hierconn *) wire [1:0] \u.u_order.rd_ptr_q ;
  (* hierconn *) wire [1:0] \u.u_order.wr_ptr_q ;
  (* hierconn *) wire \u.u_order.mem_q[0] ;
  (* hierconn *) wire \u.u_order.mem_q[1] ;
  (* hierconn *) wire \u.u_order.mem_q[2] ;
  (* hierconn *) wire \u.u_order.mem_q[3] ;
  wire [3:0] order = {\u.u_order.mem_q[3] , \u.u_order.mem_q[2] ,
                      \u.u_order.mem_q[1] , \u.u_order.mem_q[0] };

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    for (int unsigned i = 0; i < 2; i++) begin
      assume (wr_req_addr_i[i*64+:3] == '0);
      assume (13'(wr_req_addr_i[i*64+:12]) + (13'(len_i[i*2+:2]) + 13'd1) * 13'd8 <= 13'd4096);
    end
    if (ran_q) begin
      for (int unsigned i = 0; i < 2; i++) begin
        if (held_q[i]) begin
          assume (wr_data_valid_i[i] && wr_last_i[i] == w_last_q[i]);
          assume (wr_data_i[i*BeatBytes*8+:BeatBytes*8] == w_data_q[i*BeatBytes*8+:BeatBytes*8]);
          assume (wr_strb_i[i*BeatBytes+:BeatBytes] ==
                  w_data_q[BeatBytes*16+i*BeatBytes+:BeatBytes]);
        end
      end
      if (lacking_q != '0) assume (wr_last_i[oldest] == (beats_q == oldest_len));
      // A response needs a burst with all of AW and W accepted.
      if (m_axi_bvalid_i) assume (accepted_q != '0 && in_flight != lacking_q);

      // requests
      assert ((ready & ~wr_req_valid_i) == '0 && ready != '1);
      assert (ready == '0 || !awvalid || m_axi_awready_i);
      // AW
      assert (awvalid == aw_due_q);
      if (awvalid) begin
        assert (awid == id_q && awaddr == addr_q && awlen == 8'(len_q) && awuser == class_q);
        assert (13'(awaddr[11:0]) + (13'(awlen) + 13'd1) * 13'd8 <= 13'd4096);
      end
      // W
      assert (wvalid == (lacking_q != '0 && wr_data_valid_i[oldest]));
      if (w_due_q) assert (wvalid && {wlast, wstrb, wdata} == w_q);
      if (wvalid) begin
        assert (wdata == wr_data_i[oldest*BeatBytes*8+:BeatBytes*8]);
        assert (wstrb == wr_strb_i[oldest*BeatBytes+:BeatBytes]);
        assert (wlast == (beats_q == oldest_len));
      end
      for (int unsigned i = 0; i < 2; i++)
        assert (data_ready[i] == (w_taken && 32'(oldest) == i));
      // in flight
      assert (accepted_q <= 8'(Outstanding) && in_flight <= 8'(Outstanding));
      assert (lacking_q <= in_flight);
      assert (8'(\u.count_q ) == in_flight && 8'(\u.u_order.count_q ) == lacking_q);
      assert (\u.u_order.wr_ptr_q == \u.u_order.rd_ptr_q + lacking_q[1:0]);
      assert (lacking_q == '0 || beats_q <= oldest_len);
      assert (lacking_q != '0 || beats_q == '0);
      assert (idle == (in_flight == '0));
      for (int unsigned i = 0; i < Outstanding; i++) begin
        if (8'(i) < lacking_q)
          assert (order[2'(\u.u_order.rd_ptr_q +2'(i))] == bursts_q[i*3+2]);
      end
      // B
      assert (bready);
      for (int unsigned i = 0; i < 2; i++)
        assert (rsp[i] == (m_axi_bvalid_i && 32'(m_axi_bid_i) == i));
    end
  end

  (* keep *) wire cover_full = ran_q && in_flight == 8'(Outstanding) && wr_req_valid_i != '0;
  (* keep *) wire cover_held = ran_q && w_due_q;
  (* keep *) wire cover_long = ran_q && w_ended && oldest_len != '0;
  (* keep *) wire cover_response = ran_q && rsp != '0;

endmodule
