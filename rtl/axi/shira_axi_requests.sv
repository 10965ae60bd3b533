// Requests of several clients for one address channel of the AXI master, AR or AW.
//
// Does:         chooses a client round robin a cycle before its request is taken, and keeps the requests
//               in the order in which they were taken until the channel accepts them. The channel's id
//               is the client's index.
// Never does:   has more than Outstanding bursts in flight, those that wait for the channel included;
//               takes a request while hold_i was high in the cycle before; crosses 4 KiB (clients ask
//               for bursts inside a page).
// Latency:      a request is taken in the cycle after it was made and is on the channel in the next.
// Throughput:   a request a cycle.
// Backpressure: req_ready_o is low while two requests wait for the channel or Outstanding bursts are in
//               flight. It does not depend on req_valid_i of the same cycle.
module shira_axi_requests #(
  parameter int unsigned BeatBytes   = 32,  // bytes of an AXI beat
  parameter int unsigned Clients     = 3,   // 1 to 16
  parameter int unsigned Outstanding = 16,  // most bursts in flight, all clients together
  parameter int unsigned StreamAlign = 32   // bytes of a memory burst, for the event
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,       // synchronous, active low
  input  logic                  hold_i,       // choose nobody
  // clients
  input  logic [   Clients-1:0] req_valid_i,  // a burst is wanted <- client
  output logic [   Clients-1:0] req_ready_o,  // it is taken if it is valid -> client; one at most
  input  logic [Clients*64-1:0] req_addr_i,   // first byte, multiple of BeatBytes
  input  logic [ Clients*8-1:0] req_len_i,    // beats - 1
  input  logic [ Clients*4-1:0] req_class_i,  // shira_regs_pkg::traffic_e
  output logic [   Clients-1:0] taken_o,      // whose request is taken in this cycle
  // address channel
  output logic                  ax_valid_o,
  input  logic                  ax_ready_i,
  output logic [           3:0] ax_id_o,
  output logic [          63:0] ax_addr_o,
  output logic [           7:0] ax_len_o,
  output logic [           2:0] ax_size_o,    // whole beats
  output logic [           1:0] ax_burst_o,   // INCR
  output logic [           2:0] ax_prot_o,    // unprivileged, non-secure, data
  output logic [           3:0] ax_cache_o,   // normal, not cacheable, not bufferable: what is answered is in memory
  output logic [           3:0] ax_user_o,    // traffic class, for whoever measures memory
  // bursts in flight
  input  logic                  ended_i,      // one ends in this cycle
  output logic [          15:0] ev_bursts_o,  // memory bursts of the request that the channel accepts now
  output logic                  idle_o        // none is in flight, nobody is chosen
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

  logic [Clients-1:0] chosen_q;  // whose request is taken, one at most
  logic [ CountW-1:0] count_q;   // bursts in flight
  logic [    IdW-1:0] choice;
  logic               choose;
  logic               pending;   // somebody is chosen
  logic               take;
  logic               leave;     // the channel accepts a request
  logic [        1:0] waiting;   // requests that wait for the channel
  logic [        3:0] id;
  logic [       63:0] addr;
  logic [        7:0] len;
  logic [        3:0] user;

  shira_axi_arbiter #(
    .Clients(Clients)
  ) u_arbiter (
    .clk_i,
    .rst_ni,
    .req_i  (req_valid_i),
    .taken_i(choose),
    .grant_o(choice)
  );

  // The request of the one that is chosen is counted as in flight until it is seen whether it comes.
  assign pending     = chosen_q != '0;
  assign leave       = ax_valid_o && ax_ready_i;
  assign choose      = req_valid_i != '0 && !hold_i && (leave || waiting + 2'(pending) < 2'd2) &&
                       count_q < CountW'(Outstanding) - CountW'(pending);
  assign req_ready_o = chosen_q;
  assign taken_o     = chosen_q & req_valid_i;
  assign take        = taken_o != '0;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      chosen_q <= '0;
      count_q  <= '0;
    end else begin
      chosen_q <= choose ? Clients'(1) << choice : '0;
      if (take && !ended_i) count_q <= count_q + CountW'(1);
      if (ended_i && !take) count_q <= count_q - CountW'(1);
    end
  end

  always_comb begin
    id   = '0;
    addr = '0;
    len  = '0;
    user = '0;
    if (take) begin
      for (int unsigned i = 0; i < Clients; i++) begin
        if (chosen_q[i]) begin
          id   = id | 4'(i);
          addr = addr | req_addr_i[i*64+:64];
          len  = len | req_len_i[i*8+:8];
          user = user | req_class_i[i*4+:4];
        end
      end
    end
  end

  logic room;

  shira_fifo #(
    .Width(80),
    .Depth(2)
  ) u_waiting (
    .clk_i,
    .rst_ni,
    .clear_i     (1'b0),
    .push_valid_i(take),
    .push_ready_o(room),
    .push_data_i ({id, user, len, addr}),
    .pop_valid_o (ax_valid_o),
    .pop_ready_i (ax_ready_i),
    .pop_data_o  ({ax_id_o, ax_user_o, ax_len_o, ax_addr_o}),
    .count_o     (waiting)
  );

  assign ax_size_o  = 3'($clog2(BeatBytes));
  assign ax_burst_o = 2'b01;
  assign ax_prot_o  = 3'b010;
  assign ax_cache_o = 4'b0010;
  assign idle_o     = count_q == '0 && !pending;

  always_comb begin
    ev_bursts_o = '0;
    if (leave)
      ev_bursts_o = 16'((32'(ax_addr_o[AlignW-1:0]) + (32'(ax_len_o) + 32'd1) * 32'(BeatBytes) +
                         32'(StreamAlign) - 32'd1) >> AlignW);
  end

`ifdef SHIRA_ASSERT
  AssertRoom :
  assert property (@(posedge clk_i) disable iff (!rst_ni) take |-> room);
  AssertOneChosen :
  assert property (@(posedge clk_i) disable iff (!rst_ni) (chosen_q & (chosen_q - 1'b1)) == '0);
  AssertInFlight :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    32'(count_q) + 32'(pending) <= 32'(Outstanding));
  AssertEndedWasOpen :
  assert property (@(posedge clk_i) disable iff (!rst_ni) ended_i |-> count_q != '0);
  AssertStable :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    ax_valid_o && !ax_ready_i |=>
    ax_valid_o && $stable({ax_id_o, ax_user_o, ax_len_o, ax_addr_o}));
  AssertPage :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    take |-> 32'(addr[11:0]) + (32'(len) + 32'd1) * 32'(BeatBytes) <= 32'd4096);
  AssertClientHolds :
  assert property (@(posedge clk_i) disable iff (!rst_ni)
    $past(rst_ni) |-> ($past(req_valid_i & ~taken_o) & ~req_valid_i) == '0);
`else
  logic unused;
  assign unused = &{1'b0, room};
`endif

endmodule
