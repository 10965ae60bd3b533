// Round-robin choice of one requester.
//
// Does:         names the first requester after the one that was served last.
// Never does:   names a requester that does not ask. Changes its choice only when taken_i, or when a
//               requester that comes earlier in the order starts to ask.
// Latency:      none; the choice is combinational.
module shira_axi_arbiter #(
  parameter int unsigned Clients = 2,                                  // requesters, 1 to 16
  parameter int unsigned IdW     = (Clients > 1) ? $clog2(Clients) : 1 // width of an index
) (
  input  logic               clk_i,
  input  logic               rst_ni,   // synchronous, active low
  input  logic [Clients-1:0] req_i,    // who asks
  input  logic               taken_i,  // the choice is served in this cycle
  output logic [    IdW-1:0] grant_o   // index of the choice; 0 where nobody asks
);

  logic [IdW-1:0] last_q;  // served last

  always_comb begin
    grant_o = '0;
    if (req_i != '0) begin
      for (int unsigned i = Clients; i > 0; i--) begin
        if (req_i[i-1]) grant_o = IdW'(i - 1);
      end
      for (int unsigned i = Clients; i > 0; i--) begin
        if (req_i[i-1] && IdW'(i - 1) > last_q) grant_o = IdW'(i - 1);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) last_q <= '0;
    else if (taken_i) last_q <= grant_o;
  end

`ifdef SHIRA_ASSERT
  AssertAsks :
  assert property (@(posedge clk_i) disable iff (!rst_ni) req_i != '0 |-> req_i[grant_o]);
  AssertTakenAsks :
  assert property (@(posedge clk_i) disable iff (!rst_ni) taken_i |-> req_i != '0);
`endif

endmodule
