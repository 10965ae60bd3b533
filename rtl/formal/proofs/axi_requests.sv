// shira_axi_requests: each burst that a client hands over appears on the address channel once, as it was,
// in the order of taking, and stays until it is accepted; never more than Outstanding bursts are in flight,
// those that wait included; one request at most is taken in a cycle, and none in the cycle after hold_i;
// no burst crosses 4 KiB; size, type, PROT and CACHE are those of normal memory.
// Assumed: clients ask for aligned bursts inside a page and hold them; no burst ends that was not accepted.
//
// rtl: rtl/common/shira_fifo.sv rtl/axi/shira_axi_arbiter.sv rtl/axi/shira_axi_requests.sv
// proof: induction 4 Clients=3 Outstanding=1
// proof: induction 4 Clients=3 Outstanding=3
// proof: induction 4 Clients=3 Outstanding=4
// cover: full 12
// cover: row 12
// cover: held 8
// mutant: the limit is not looked at
// file: rtl/axi/shira_axi_requests.sv
// sed: s/count_q < CountW'\(Outstanding\) - CountW'\(pending\);/1'b1;/
// mutant: the one that is chosen is not counted
// file: rtl/axi/shira_axi_requests.sv
// sed: s/CountW'\(Outstanding\) - CountW'\(pending\);/CountW'(Outstanding);/
// mutant: a request is taken where two wait
// file: rtl/axi/shira_axi_requests.sv
// sed: s/\(leave \|\| waiting \+ 2'\(pending\) < 2'd2\)/1'b1/
// mutant: somebody is chosen while it must not be
// file: rtl/axi/shira_axi_requests.sv
// sed: s/ && !hold_i && / \&\& /
// mutant: a burst that ends is not counted off
// file: rtl/axi/shira_axi_requests.sv
// sed: s/if \(ended_i && !take\) count_q <= count_q - CountW'\(1\);//
module formal_axi_requests #(
  parameter int unsigned Clients     = 3,
  parameter int unsigned Outstanding = 3
) (
  input logic                  clk_i,
  input logic                  rst_ni,
  input logic                  hold_i,
  input logic [   Clients-1:0] req_valid_i,
  input logic [Clients*64-1:0] req_addr_i,
  input logic [ Clients*8-1:0] req_len_i,
  input logic [ Clients*4-1:0] req_class_i,
  input logic                  ax_ready_i,
  input logic                  ended_i
);

  logic [Clients-1:0] ready, taken;
  logic               ax_valid, idle;
  logic [        3:0] ax_id, ax_user, ax_cache;
  logic [       63:0] ax_addr;
  logic [        7:0] ax_len;
  logic [        2:0] ax_size, ax_prot;
  logic [        1:0] ax_burst;

  shira_axi_requests #(
    .BeatBytes  (8),
    .Clients    (Clients),
    .Outstanding(Outstanding),
    .StreamAlign(8)
  ) u (
    .clk_i,
    .rst_ni,
    .hold_i,
    .req_valid_i,
    .req_ready_o(ready),
    .req_addr_i,
    .req_len_i,
    .req_class_i,
    .taken_o    (taken),
    .ax_valid_o (ax_valid),
    .ax_ready_i,
    .ax_id_o    (ax_id),
    .ax_addr_o  (ax_addr),
    .ax_len_o   (ax_len),
    .ax_size_o  (ax_size),
    .ax_burst_o (ax_burst),
    .ax_prot_o  (ax_prot),
    .ax_cache_o (ax_cache),
    .ax_user_o  (ax_user),
    .ended_i,
    .idle_o     (idle)
  );

  // Bursts that were accepted and have not ended, and those that wait, the oldest in bits 79:0.
  logic [         7:0] accepted_q, in_flight;
  logic [       159:0] waiting_q;
  logic [         1:0] count_q;
  logic [        79:0] new_one;
  logic                hold_q;
  logic [ Clients-1:0] refused_q;
  logic [Clients*76-1:0] offer, offer_q;
  logic                first_q;  // a request of the first client was taken
  logic                ran_q = 1'b0;
  wire                 accept = ax_valid && ax_ready_i;

  assign in_flight = accepted_q + 8'(count_q);

  always_comb begin
    new_one = '0;
    for (int unsigned i = 0; i < Clients; i++) begin
      offer[i*76+:76] = {req_class_i[i*4+:4], req_len_i[i*8+:8], req_addr_i[i*64+:64]};
      if (taken[i]) new_one = {4'(i), offer[i*76+:76]};
    end
  end

  always @(posedge clk_i) begin
    ran_q     <= 1'b1;
    hold_q    <= hold_i || !rst_ni;
    offer_q   <= offer;
    refused_q <= rst_ni ? req_valid_i & ~taken : '0;
    if (!rst_ni) begin
      accepted_q <= '0;
      count_q    <= '0;
      first_q    <= 1'b0;
    end else begin
      if (taken[0]) first_q <= 1'b1;
      accepted_q <= accepted_q + 8'(accept) - 8'(ended_i);
      count_q    <= count_q + 2'(taken != '0) - 2'(accept);
      if (accept) waiting_q <= waiting_q >> 80;
      if (taken != '0) begin
        if (count_q == 2'(accept)) waiting_q[79:0] <= new_one;
        else waiting_q[159:80] <= new_one;
      end
    end
  end

  (* hierconn *) wire [$clog2(Outstanding+1)-1:0] \u.count_q ;
  (* hierconn *) wire [1:0] \u.u_waiting.count_q ;
  (* hierconn *) wire \u.u_waiting.rd_ptr_q ;
  (* hierconn *) wire \u.u_waiting.wr_ptr_q ;
  (* hierconn *) wire [79:0] \u.u_waiting.mem_q[0] ;
  (* hierconn *) wire [79:0] \u.u_waiting.mem_q[1] ;
  wire [79:0] oldest = \u.u_waiting.rd_ptr_q ? \u.u_waiting.mem_q[1] : \u.u_waiting.mem_q[0] ;
  wire [79:0] second = \u.u_waiting.rd_ptr_q ? \u.u_waiting.mem_q[0] : \u.u_waiting.mem_q[1] ;

  (* keep *) wire cover_full = ran_q && in_flight == 8'(Outstanding) && req_valid_i != '0;
  (* keep *) wire cover_row = ran_q && taken[Clients-1] && first_q;
  (* keep *) wire cover_held = ran_q && ax_valid && !ax_ready_i && refused_q != '0;

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    for (int unsigned i = 0; i < Clients; i++) begin
      assume (req_addr_i[i*64+:3] == '0);
      assume (13'(req_addr_i[i*64+:12]) + (13'(req_len_i[i*8+:8]) + 13'd1) * 13'd8 <= 13'd4096);
      if (ran_q && refused_q[i])
        assume (req_valid_i[i] && offer[i*76+:76] == offer_q[i*76+:76]);
    end
    if (ran_q) begin
      if (ended_i) assume (accepted_q != '0);
      // requests
      assert (taken == (ready & req_valid_i) && (ready & (ready - 1'b1)) == '0);
      assert (!hold_q || ready == '0);
      // the channel
      assert (ax_valid == (count_q != '0) && count_q <= 2'd2);
      if (ax_valid) begin
        assert ({ax_id, ax_user, ax_len, ax_addr} == waiting_q[79:0]);
        assert (13'(ax_addr[11:0]) + (13'(ax_len) + 13'd1) * 13'd8 <= 13'd4096);
      end
      assert (ax_size == 3'd3 && ax_burst == 2'b01 && ax_prot == 3'b010 && ax_cache == 4'b0010);
      // in flight
      assert (in_flight + 8'(ready != '0) <= 8'(Outstanding));
      assert (3'(count_q) + 3'(ready != '0) <= 3'd2);
      assert (8'(\u.count_q ) == in_flight && accepted_q <= 8'(Outstanding));
      assert (idle == (in_flight == '0 && ready == '0));
      // for the induction: the FIFO holds the model's requests
      assert (\u.u_waiting.count_q == count_q);
      assert (\u.u_waiting.wr_ptr_q == (\u.u_waiting.rd_ptr_q ^ count_q[0]));
      if (count_q != '0) assert (oldest == waiting_q[79:0]);
      if (count_q == 2'd2) assert (second == waiting_q[159:80]);
      for (int unsigned i = 0; i < 2; i++)
        if (2'(i) < count_q)
          assert (13'(waiting_q[i*80+:12]) + (13'(waiting_q[i*80+64+:8]) + 13'd1) * 13'd8 <= 13'd4096);
    end
  end

endmodule
