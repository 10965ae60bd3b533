// shira_axi_write: W carries the beats that the clients handed over, each once, as it was, burst after
// burst in the order in which the bursts were taken, and each stays until it is accepted; only the client
// whose burst is next hands beats over; a response goes to the client of its BID and to nobody else, in the
// next cycle. It says that it is idle only when no burst is in flight and no response on its way. What is
// on AW is proof axi_requests.
// Assumed: clients hold what they offer and mark the last beat of each of their bursts; the slave answers
// no burst whose AW or last W it did not accept.
// Bounded here: bursts of up to four beats, three in flight.
//
// rtl: rtl/common/shira_fifo.sv rtl/axi/shira_axi_arbiter.sv rtl/axi/shira_axi_requests.sv
// rtl: rtl/axi/shira_axi_write.sv
// proof: induction 4
// cover: turns 14
// cover: held 10
// cover: long 14
// cover: idle 14
// mutant: the next burst's client is asked for data after one beat
// file: rtl/axi/shira_axi_write.sv
// sed: s/w_push && w_room && w_last;/w_push \&\& w_room;/
// mutant: a beat is taken where two wait
// file: rtl/axi/shira_axi_write.sv
// sed: s/= w_room \? owner_q : '0;/= owner_q;/
// mutant: all bytes of a beat are written
// file: rtl/axi/shira_axi_write.sv
// sed: s/w_strb = w_strb \| wr_strb_i\[i\*BeatBytes\+:BeatBytes\];/w_strb = '1;/
// mutant: it is idle before the last response is with its client
// file: rtl/axi/shira_axi_write.sv
// sed: s/requests_idle && rsp_valid_q == '0;/requests_idle;/
// mutant: the order of the bursts is lost where the first has no data yet
// file: rtl/axi/shira_axi_write.sv
// sed: s/order_pop = owner_q == '0 \|\| w_done;/order_pop = 1'b1;/
module formal_axi_write (
  input logic         clk_i,
  input logic         rst_ni,
  input logic [  1:0] wr_req_valid_i,
  input logic [  3:0] len_i,           // two bits of each client's length
  input logic [  1:0] wr_data_valid_i,
  input logic [127:0] wr_data_i,
  input logic [ 15:0] wr_strb_i,
  input logic [  1:0] wr_last_i,
  input logic         m_axi_awready_i,
  input logic         m_axi_wready_i,
  input logic         m_axi_bvalid_i,
  input logic [  3:0] m_axi_bid_i,
  input logic [  1:0] m_axi_bresp_i
);

  localparam int unsigned Outstanding = 3;

  logic [ 1:0] ready, data_ready, rsp, err;
  logic        awvalid, wvalid, wlast, bready, moved, idle;
  logic [63:0] wdata;
  logic [ 7:0] wstrb;

  shira_axi_write #(
    .BeatBytes  (8),
    .Clients    (2),
    .Outstanding(Outstanding),
    .StreamAlign(8),
    .OrderDepth (4)
  ) u (
    .clk_i,
    .rst_ni,
    .wr_req_valid_i,
    .wr_req_ready_o (ready),
    .wr_req_addr_i  ('0),
    .wr_req_len_i   ({6'd0, len_i[3:2], 6'd0, len_i[1:0]}),
    .wr_req_class_i ('0),
    .wr_data_valid_i,
    .wr_data_ready_o(data_ready),
    .wr_data_i,
    .wr_strb_i,
    .wr_last_i,
    .wr_rsp_valid_o (rsp),
    .wr_rsp_err_o   (err),
    .m_axi_awvalid_o(awvalid),
    .m_axi_awready_i,
    .m_axi_wvalid_o (wvalid),
    .m_axi_wready_i,
    .m_axi_wdata_o  (wdata),
    .m_axi_wstrb_o  (wstrb),
    .m_axi_wlast_o  (wlast),
    .m_axi_bvalid_i,
    .m_axi_bready_o (bready),
    .m_axi_bid_i,
    .m_axi_bresp_i,
    .moved_o        (moved),
    .idle_o         (idle)
  );

  // Bursts that lack beats of their client, the oldest in bits 2:0: {client, length}.
  logic [  8:0] bursts_q;
  logic [  2:0] lacking_q;     // how many
  logic [  1:0] beats_q;       // beats of the oldest that were handed over
  logic [145:0] w_q;           // beats that wait for W, the oldest in bits 72:0
  logic [  1:0] w_count_q;
  logic [  2:0] open_q;        // bursts taken and not answered
  logic [  2:0] aw_q;          // bursts whose AW was accepted, not answered
  logic [  2:0] sent_q;        // bursts whose last beat W accepted, not answered
  logic         came_q;        // a response came in the cycle before
  logic [  5:0] b_q;
  logic [  1:0] refused_q;     // clients whose beat was offered and not taken
  logic [145:0] offer, offer_q;
  logic         worked_q;
  logic         turn_q;        // both clients had a burst
  logic         ran_q = 1'b0;

  wire [ 1:0] taken = ready & wr_req_valid_i;
  wire [ 1:0] given = data_ready & wr_data_valid_i;
  wire        oldest = bursts_q[2];
  wire [ 1:0] oldest_len = bursts_q[1:0];
  wire        complete = given != '0 && beats_q == oldest_len;
  wire        w_taken = wvalid && m_axi_wready_i;
  wire        aw_taken = awvalid && m_axi_awready_i;
  wire [72:0] new_beat = given[1] ? offer[145:73] : offer[72:0];

  always_comb
    for (int unsigned i = 0; i < 2; i++)
      offer[i*73+:73] = {wr_last_i[i], wr_strb_i[i*8+:8], wr_data_i[i*64+:64]};

  always @(posedge clk_i) begin
    ran_q     <= 1'b1;
    offer_q   <= offer;
    refused_q <= rst_ni ? wr_data_valid_i & ~data_ready : '0;
    came_q    <= rst_ni && m_axi_bvalid_i;
    b_q       <= {m_axi_bid_i, m_axi_bresp_i};
    if (!rst_ni) begin
      lacking_q <= '0;
      beats_q   <= '0;
      w_count_q <= '0;
      open_q    <= '0;
      aw_q      <= '0;
      sent_q    <= '0;
      worked_q  <= 1'b0;
      turn_q    <= 1'b0;
    end else begin
      lacking_q <= lacking_q + 3'(taken != '0) - 3'(complete);
      w_count_q <= w_count_q + 2'(given != '0) - 2'(w_taken);
      open_q    <= open_q + 3'(taken != '0) - 3'(m_axi_bvalid_i);
      aw_q      <= aw_q + 3'(aw_taken) - 3'(m_axi_bvalid_i);
      sent_q    <= sent_q + 3'(w_taken && wlast) - 3'(m_axi_bvalid_i);
      worked_q  <= worked_q || came_q;
      turn_q    <= turn_q || (taken != '0 && lacking_q != '0 && oldest != taken[1]);
      if (given != '0) beats_q <= complete ? '0 : beats_q + 2'd1;
      if (complete) bursts_q <= bursts_q >> 3;
      if (taken != '0)
        bursts_q[(lacking_q-3'(complete))*3+:3] <= {taken[1], taken[1] ? len_i[3:2] : len_i[1:0]};
      if (w_taken) w_q <= w_q >> 73;
      if (given != '0) begin
        if (w_count_q == 2'(w_taken)) w_q[72:0] <= new_beat;
        else w_q[145:73] <= new_beat;
      end
    end
  end

  // For the induction: order FIFO and owner hold the model's clients, the beat FIFO its beats.
  (* hierconn *) wire [1:0] \u.u_requests.count_q ;
  (* hierconn *) wire [1:0] \u.u_requests.chosen_q ;
  (* hierconn *) wire [1:0] \u.u_requests.waiting ;
  (* hierconn *) wire [1:0] \u.owner_q ;
  (* hierconn *) wire [2:0] \u.u_order.count_q ;
  (* hierconn *) wire [1:0] \u.u_order.rd_ptr_q ;
  (* hierconn *) wire [1:0] \u.u_order.wr_ptr_q ;
  (* hierconn *) wire [1:0] \u.u_order.mem_q[0] ;
  (* hierconn *) wire [1:0] \u.u_order.mem_q[1] ;
  (* hierconn *) wire [1:0] \u.u_order.mem_q[2] ;
  (* hierconn *) wire [1:0] \u.u_order.mem_q[3] ;
  (* hierconn *) wire [1:0] \u.u_beats.count_q ;
  (* hierconn *) wire \u.u_beats.rd_ptr_q ;
  (* hierconn *) wire \u.u_beats.wr_ptr_q ;
  (* hierconn *) wire [72:0] \u.u_beats.mem_q[0] ;
  (* hierconn *) wire [72:0] \u.u_beats.mem_q[1] ;
  wire [ 7:0] order = {\u.u_order.mem_q[3] , \u.u_order.mem_q[2] , \u.u_order.mem_q[1] , \u.u_order.mem_q[0] };
  wire [72:0] beat0 = \u.u_beats.rd_ptr_q ? \u.u_beats.mem_q[1] : \u.u_beats.mem_q[0] ;
  wire [72:0] beat1 = \u.u_beats.rd_ptr_q ? \u.u_beats.mem_q[0] : \u.u_beats.mem_q[1] ;
  wire        owned = \u.owner_q != '0;
  logic [1:0] at[3], client[3];
  always_comb
    for (int unsigned i = 0; i < 3; i++) begin
      at[i]     = \u.u_order.rd_ptr_q + 2'(i) - 2'(owned);
      client[i] = bursts_q[i*3+2] ? 2'd2 : 2'd1;
    end
  wire [2:0] lasts = 3'(w_count_q != '0 && w_q[72]) + 3'(w_count_q == 2'd2 && w_q[145]);

  (* keep *) wire cover_turns = ran_q && turn_q && lacking_q == '0 && w_taken;
  (* keep *) wire cover_held = ran_q && wvalid && !m_axi_wready_i && w_count_q == 2'd2 && refused_q != '0;
  (* keep *) wire cover_long = ran_q && complete && oldest_len == 2'd3;
  (* keep *) wire cover_idle = ran_q && worked_q && idle;

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    else begin
      for (int unsigned i = 0; i < 2; i++)
        if (refused_q[i]) assume (wr_data_valid_i[i] && offer[i*73+:73] == offer_q[i*73+:73]);
      if (lacking_q != '0) assume (wr_last_i[oldest] == (beats_q == oldest_len));
      if (m_axi_bvalid_i) assume (aw_q != '0 && sent_q != '0 && m_axi_bid_i < 4'd2);

      // beats
      assert (lacking_q != '0 || given == '0);
      assert (given == '0 || given == client[0]);
      assert (data_ready == '0 || (lacking_q != '0 && data_ready == client[0]));
      assert (wvalid == (w_count_q != '0) && w_count_q <= 2'd2);
      if (wvalid) assert ({wlast, wstrb, wdata} == w_q[72:0]);
      // responses
      assert (bready);
      for (int unsigned i = 0; i < 2; i++) assert (rsp[i] == (came_q && 32'(b_q[5:2]) == i));
      if (rsp != '0) assert (err == b_q[1:0]);
      // in flight
      assert (open_q <= 3'(Outstanding) && 3'(\u.u_requests.count_q ) == open_q);
      assert (open_q + 3'(\u.u_requests.chosen_q != '0) <= 3'(Outstanding) && \u.u_requests.chosen_q != 2'd3);
      assert (open_q == lacking_q + lasts + sent_q && open_q == aw_q + 3'(\u.u_requests.waiting ));
      assert (3'(\u.u_requests.waiting ) + 3'(\u.u_requests.chosen_q != '0) <= 3'd2);
      assert (sent_q <= open_q && aw_q <= open_q);
      if (idle) assert (open_q == '0 && !came_q && !wvalid);
      assert (moved == (aw_taken || w_taken || m_axi_bvalid_i));
      // the model's order and beats
      assert (\u.u_order.count_q <= 3'd3 && 3'(\u.u_order.count_q ) + 3'(owned) == lacking_q && lacking_q <= 3'd3);
      assert (\u.u_order.wr_ptr_q == \u.u_order.rd_ptr_q + \u.u_order.count_q [1:0]);
      if (owned) assert (\u.owner_q == client[0]);
      for (int unsigned i = 0; i < 3; i++)
        if (3'(i) < lacking_q && (i != 0 || !owned)) assert (order[2*at[i]+:2] == client[i]);
      assert (beats_q == '0 || (owned && beats_q <= oldest_len));
      // the newest beat is a last one, or its burst lacks some
      if (w_count_q == 2'd1) assert (w_q[72] == (beats_q == '0));
      if (w_count_q == 2'd2) assert (w_q[145] == (beats_q == '0));
      assert (\u.u_beats.count_q == w_count_q);
      assert (\u.u_beats.wr_ptr_q == (\u.u_beats.rd_ptr_q ^ w_count_q[0]));
      if (w_count_q != '0) assert (beat0 == w_q[72:0]);
      if (w_count_q == 2'd2) assert (beat1 == w_q[145:73]);
    end
  end

endmodule
