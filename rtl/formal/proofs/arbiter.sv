// shira_axi_arbiter: it names only who asks; as it names one index there is never more than one.
// Who keeps asking is passed over at most Clients - 1 times. The choice does not change while it
// is not taken and nobody else starts to ask.
// Assumed: taken_i only while somebody asks.
//
// rtl: rtl/axi/shira_axi_arbiter.sv
// proof: induction 4 Clients=1
// proof: induction 4 Clients=2
// proof: induction 4 Clients=3
// proof: induction 4 Clients=5
// cover: kept 6
// cover: last 12
// mutant: the first client always wins
// sed: s/else if \(taken_i\) last_q <= grant_o;//
// mutant: a client that does not ask is named
// sed: s/if \(req_i\[i-1\]\) grant_o/if (i == 1) grant_o/
module formal_arbiter #(
  parameter int unsigned Clients = 4
) (
  input logic               clk_i,
  input logic               rst_ni,
  input logic [Clients-1:0] req_i,
  input logic               taken_i
);

  localparam int unsigned IdW = (Clients > 1) ? $clog2(Clients) : 1;

  logic [IdW-1:0] grant;

  shira_axi_arbiter #(
    .Clients(Clients)
  ) u (
    .clk_i,
    .rst_ni,
    .req_i,
    .taken_i,
    .grant_o(grant)
  );

  logic [Clients*8-1:0] passed_q;      // of each client: others served while it asked
  logic [  Clients-1:0] req_q;
  logic [      IdW-1:0] grant_q;
  logic                 kept_q;        // the choice was not taken
  logic                 ran_q = 1'b0;

  always @(posedge clk_i) begin
    ran_q   <= 1'b1;
    req_q   <= req_i;
    grant_q <= grant;
    kept_q  <= rst_ni && !taken_i && req_i != '0;
    for (int unsigned i = 0; i < Clients; i++) begin
      if (!rst_ni || !req_i[i] || (taken_i && 32'(grant) == i)) passed_q[i*8+:8] <= '0;
      else if (taken_i) passed_q[i*8+:8] <= passed_q[i*8+:8] + 8'd1;
    end
  end

  // For the induction: as many as may still be served before a client, plus those that were.
  (* hierconn *) wire [IdW-1:0] \u.last_q ;
  wire [7:0] last = 8'(\u.last_q );

  always @(posedge clk_i) begin
    if (!ran_q) assume (!rst_ni);
    if (taken_i) assume (req_i != '0);
    if (ran_q) begin
      assert (last < 8'(Clients));
      if (req_i != '0) assert (32'(grant) < Clients && req_i[grant]);
      if (kept_q && req_i[grant_q] && (req_i & ~req_q) == '0) assert (grant == grant_q);
      for (int unsigned i = 0; i < Clients; i++) begin
        assert (passed_q[i*8+:8] < 8'(Clients));
        if (8'(i) > last) assert (passed_q[i*8+:8] + 8'(i) - last <= 8'(Clients));
        else assert (passed_q[i*8+:8] + 8'(i) <= last);
      end
    end
  end

  (* keep *) wire cover_kept = ran_q && kept_q && req_i[grant_q] && (req_i & ~req_q) == '0;
  (* keep *) wire cover_last = ran_q && passed_q[7:0] == 8'(Clients - 1);

endmodule
